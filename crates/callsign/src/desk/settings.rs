//! `callsign desk settings`: what the desk says of itself to callers, for how long a custodian certifies, when calls step up, and changing all that.

use std::path::PathBuf;

use callsign_desk::{
    Desk, Settings, SettingsChange,
    cases::{AUDIT_DAYS_RANGE, CUSTODIANS_DAYS, LADDER_RANGE, is_ladder},
};
use clap::Args;
use serde_json::json;

use super::{
    Common,
    init::{desk_name, read_content, read_tracks},
    lists::{list_file, read_list},
    open, tell_outside,
};
use crate::{
    calendar,
    failure::Failure,
    numbers::within,
    output::{self, Done, Lines, count, label},
};

/// Arguments of `desk settings`.
#[derive(Args)]
pub struct SettingsArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// Another name, as callers see it: 1 to 120 bytes
    #[arg(long, value_parser = desk_name)]
    name: Option<String>,
    /// Other tracks: a JSON array of {"id", "names": {"en": …}}; - reads it from standard input
    #[arg(long, value_name = "FILE", value_parser = list_file())]
    tracks: Option<PathBuf>,
    /// Other content packs, in place of all that are there: a directory with one en.json, uk.json … for each language
    #[arg(long, value_name = "DIR")]
    content: Option<PathBuf>,
    /// Other ways to reach the desk: a JSON array of {"text", "address"}, [] for none; - reads it from standard input
    #[arg(long, value_name = "FILE", value_parser = list_file())]
    channels: Option<PathBuf>,
    /// The files of the caller's page: a JSON array of {"name", "sha256"}, [] for none; - reads it from standard input
    #[arg(long, value_name = "FILE", value_parser = list_file())]
    pages: Option<PathBuf>,
    /// Days for which a custodian certifies the duty key, 7 to 35: so often the custodian has to come, and for so long a removed
    /// device can, with a hub that helps it, show callers false notices. Where a device has the identity it is 14 days, with two 3
    #[arg(long, value_name = "N", value_parser = within(CUSTODIANS_DAYS, "days"))]
    certificate_days: Option<u32>,
    /// Days for which it is kept who did what in which hour, 30 to 366: whoever seizes a device with its passphrase reads that, too
    #[arg(long, value_name = "N", value_parser = within(AUDIT_DAYS_RANGE, "days"))]
    audit_days: Option<u32>,
    /// Minutes of waiting behind which a call that nobody has is marked, comes one level up, and comes to level 1: three numbers, each more
    /// than the one before, 5 to 2880; 60,90,120 where none were said
    #[arg(long, value_name = "N,N,N", value_parser = ladder)]
    waiting_minutes: Option<[u16; 3]>,
    /// Visits and answers paced as those of a new desk; answers from a week on
    #[arg(long)]
    usual_pace: bool,
}

/// Shows what callers read of the desk; changes it first, where something is given.
pub fn settings(arguments: &SettingsArguments) -> Result<(), Failure> {
    let SettingsArguments {
        common,
        name,
        tracks,
        content,
        channels,
        pages,
        certificate_days,
        audit_days,
        waiting_minutes,
        usual_pace,
    } = arguments;
    let pace = usual_pace.then(Settings::default);
    let change = SettingsChange {
        name: name.clone(),
        tracks: tracks.as_deref().map(read_tracks).transpose()?,
        content: content.as_deref().map(read_content).transpose()?,
        cover: pace.map(|pace| pace.cover),
        drop_period_s: pace.map(|pace| pace.drop_period_s),
        channels: channels.as_deref().map(read_list).transpose()?,
        pages: pages.as_deref().map(read_list).transpose()?,
        certificate_days: *certificate_days,
        audit_days: *audit_days,
        waiting_minutes: *waiting_minutes,
    };
    let desk = open(&common.data)?;
    let done = if change == SettingsChange::default() {
        tell_outside(&desk);
        Done::Read
    } else {
        desk.change_settings(&change)?;
        Done::Changed("it is so from now on")
    };
    let (lines, result) = shown(&desk);
    output::give(done, &lines, &result)
}

/// Three numbers of minutes, each more than the one before.
fn ladder(typed: &str) -> Result<[u16; 3], String> {
    let minutes: Option<Vec<u16>> = typed.split(',').map(|step| step.trim().parse().ok()).collect();
    let minutes = minutes.and_then(|minutes| <[u16; 3]>::try_from(minutes).ok());
    minutes.filter(is_ladder).ok_or_else(|| {
        let (least, most) = (LADDER_RANGE.start(), LADDER_RANGE.end());
        format!(
            "three numbers of minutes, such as 60,90,120: each more than the one before, {least} to {most}"
        )
    })
}

fn shown(desk: &Desk) -> (Lines, serde_json::Value) {
    let said = desk.said_to_callers();
    let (name, tracks) = (desk.name(), desk.tracks());
    let content = said.content.unwrap_or_default();
    let (channels, pages) = (said.channels.unwrap_or_default(), said.pages.unwrap_or_default());
    let mut lines = Lines::new().line(format!("Name:     {}", label(&name)));
    for track in &tracks {
        let names: Vec<&str> = track.names.values().map(String::as_str).collect();
        lines.push(format!("Track:    {}: {}", label(&track.id), label(&names.join(" · "))));
    }
    for language in said.languages.unwrap_or_default() {
        let hash = content.get(&language).map_or("no pack", String::as_str);
        lines.push(format!("Content:  {}: {hash}", label(&language)));
    }
    for channel in &channels {
        lines.push(format!("Channel:  {}: {}", label(&channel.text), label(&channel.address)));
    }
    for page in &pages {
        lines.push(format!("Page:     {}: {}", label(&page.name), page.sha256));
    }
    if let Some(cover) = said.cover {
        let (exchanges, gap, gap_max) = (cover.visit_exchanges, cover.gap_ms, cover.gap_max_ms);
        lines.push(format!(
            "Visits:   {exchanges} exchanges, gaps of {gap} ms up to {gap_max} ms in the mean"
        ));
    }
    for entry in said.plan.iter().flat_map(|plan| &plan.0) {
        let (day, lists, period) = (calendar::written(entry.from), entry.shards, entry.drop_period_s);
        lines.push(format!("Answers:  from {day} one each {period} s, in {} a day", count(lists, "list")));
    }
    let days = desk.custodians_days();
    lines.push(format!(
        "Identity: with a custodian the duty key is certified for {days} days, on one device for 14, on two for 3; for so long a removed device can show false notices"
    ));
    let audited = desk.audit_days();
    lines.push(format!("Audit:    kept for {audited} days (`callsign desk audit`)"));
    let [marked, up, first] = desk.waiting_minutes();
    lines.push(format!(
        "Waiting:  a call that nobody has is marked after {marked} minutes, comes one level up after {up}, and to level 1 after {first}"
    ));
    let result = json!({
        "audit_days": audited, "waiting_minutes": [marked, up, first],
        "certificate_days": days, "name": name, "tracks": tracks, "content": content, "channels": channels, "pages": pages,
        "cover": said.cover, "plan": said.plan,
    });
    (lines, result)
}
