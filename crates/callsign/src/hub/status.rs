//! `callsign hub status`: how much a hub keeps, and what is damaged. Nothing in it is finer than a day.

use std::path::PathBuf;

use callsign_hub::files::{DeskStatus, Status, status};
use callsign_protocol::{snapshot::CHUNK_LEN, time::Day};
use clap::Args;
use serde_json::{Value, json};

use super::refused;
use crate::{
    calendar,
    failure::{Failure, Voice},
    output::{self, Done, Lines, count},
};

/// Arguments of `callsign hub status`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  callsign hub status --data /var/lib/callsign
  callsign hub status --data /var/lib/callsign --json")]
pub struct StatusArguments {
    /// Directory of the hub's files
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl StatusArguments {
    /// The voice that was asked for.
    pub fn voice(&self) -> Voice {
        Voice::of(self.json)
    }
}

/// Prints the status.
pub fn run(arguments: &StatusArguments, today: Day) -> Result<(), Failure> {
    let status = status(&arguments.data).map_err(|error| refused(&error, &arguments.data))?;
    output::give(Done::Read, &lines_of(&status, today), &as_json(&status, today))
}

fn lines_of(status: &Status, today: Day) -> Lines {
    let mut lines = Lines::new()
        .line(format!("schema {}", status.schema))
        .line(format!(
            "files: database {} ({} of it free), journal {}",
            mib(status.bytes.database),
            mib(status.bytes.free),
            mib(status.bytes.journal)
        ))
        .line(format!("last backup: {}", status.backup.map_or("none".to_owned(), calendar::written)));
    if let Some(day) = status.restore {
        lines.push(format!("restored: {}", calendar::written(day)));
    }
    match &status.damage {
        None => lines.push("damage: none known"),
        Some(damage) => {
            lines.push(format!("DAMAGE found on {}: {}", calendar::written(damage.found_on), damage.what));
            lines.push(
                "Stop the hub, copy its directory away, and bring back a backup: callsign hub restore --replace"
            );
        }
    }
    for desk in &status.desks {
        push_desk(&mut lines, desk, today);
    }
    lines
}

fn mib(bytes: u64) -> String {
    format!("{}.{} MiB", bytes >> 20, ((bytes & 0xf_ffff) * 10) >> 20)
}

fn push_desk(lines: &mut Lines, desk: &DeskStatus, today: Day) {
    let DeskStatus { id, notice, keyring, census } = desk;
    lines.push(format!("desk {}", id.as_str()));
    match notice {
        None => lines.push("  no notice: callers cannot write"),
        Some((serial, last)) if *last < today => {
            lines.push(format!("  notice {serial}: has ended; a device of the desk must come to work"));
        }
        Some((serial, last)) => {
            lines.push(format!("  notice {serial}: {} left", count(last.0 - today.0, "day")));
        }
    }
    if let Some((serial, generation, begun)) = keyring {
        lines.push(format!(
            "  keyring {serial}, generation {generation}: {} old",
            count(today.0.saturating_sub(begun.0), "day")
        ));
    }
    let waiting: u64 = census.waiting.values().sum();
    let oldest = census.waiting.keys().next().map(|day| today.0.saturating_sub(day.0));
    lines.push(format!(
        "  cells that wait: {waiting}{}",
        oldest.map_or(String::new(), |days| format!(", the oldest for {}", count(days, "day")))
    ));
    for (day, cells) in &census.waiting {
        lines.push(format!("    {}  {cells}", calendar::written(*day)));
    }
    lines.push("  drops:");
    for (day, drops) in &census.drops {
        let total: u64 = drops.shards.values().sum();
        lines.push(format!(
            "    {}  {total} in {}",
            calendar::written(*day),
            count(drops.shards.len(), "shard")
        ));
    }
    lines.push(format!(
        "  entries {}, signatures {}, content packs {}, snapshots {}",
        census.entries,
        census.signatures,
        census.packs,
        mib(census.chunks * CHUNK_LEN as u64)
    ));
}

fn as_json(status: &Status, today: Day) -> Value {
    let damage = status
        .damage
        .as_ref()
        .map(|damage| json!({ "found_on": calendar::written(damage.found_on), "what": damage.what }));
    json!({
        "schema": status.schema,
        "bytes": {
            "database": status.bytes.database,
            "journal": status.bytes.journal,
            "free": status.bytes.free,
        },
        "backup": status.backup.map(calendar::written),
        "restore": status.restore.map(calendar::written),
        "damage": damage,
        "desks": status.desks.iter().map(|desk| desk_json(desk, today)).collect::<Vec<_>>(),
    })
}

fn desk_json(desk: &DeskStatus, today: Day) -> Value {
    let DeskStatus { id, notice, keyring, census } = desk;
    let by_day = |day: &Day| calendar::written(*day);
    json!({
        "desk": id.as_str(),
        "notice": notice.map(|(serial, last)| {
            json!({ "serial": serial, "days_left": i64::from(last.0) - i64::from(today.0) })
        }),
        "keyring": keyring.map(|(serial, generation, begun)| {
            json!({ "serial": serial, "generation": generation, "age_days": today.0.saturating_sub(begun.0) })
        }),
        "waiting": census.waiting.iter().map(|(day, count)| {
            json!({ "day": by_day(day), "cells": count })
        }).collect::<Vec<_>>(),
        "oldest_waiting_days": census.waiting.keys().next().map(|day| today.0.saturating_sub(day.0)),
        "drops": census.drops.iter().map(|(day, drops)| {
            json!({ "day": by_day(day), "shards": drops.shards })
        }).collect::<Vec<_>>(),
        "entries": census.entries,
        "signatures": census.signatures,
        "packs": census.packs,
        "snapshot_bytes": census.chunks * CHUNK_LEN as u64,
    })
}
