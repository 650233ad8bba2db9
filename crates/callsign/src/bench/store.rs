//! `callsign bench store`: a hub's directory of any size, with a desk that nobody answers at.

use std::{collections::BTreeMap, path::PathBuf};

use callsign_hub::{HubError, StoreError, filling::Filling};
use callsign_protocol::{
    cell::{CELL_LEN, Cell},
    commit::{Commit, Head, Rest},
    drop::{DROP_LEN, Drop},
    encoding::Secret,
    entry::{Bundle, Entry, EntryHash, EntryHeader, Writer},
    identity::{Fingerprint, PrivateKey},
    keyring::{EpochKey, device_id},
    notice::{Notice, VerifiedNotice},
    plan::{Plan, PlanEntry, SHARDS_MAX},
    signed::{Certificate, Envelope, Kind, Signer},
    time::{Day, UnixSeconds},
    visit::Cover,
};
use clap::Args;
use rand_core::CryptoRng;
use serde_json::json;

use crate::{
    ambient,
    failure::{Failure, Voice},
    hub::not_started,
    numbers,
    output::{self, Done, Lines, label, note},
    server::runtime,
};

/// Drops, and cells, at most.
const COUNT_MAX: u64 = 100_000_000;
/// Days that drops are listed under, today included.
const DAYS: u32 = 14;
/// Drops of a shard's day with the cadence that a desk has by default, one in 300 seconds.
const DROPS_A_SHARD_DAY: u64 = 288;
/// Drops in a commit: many times those of a beat, for it is the lists that are measured, and each commit is a sync.
const DROPS_AT_ONCE: u64 = 8_192;
/// Cells that are appended together.
const CELLS_AT_ONCE: u64 = 4_096;

/// Make a hub's directory with so many drops and cells in it, to measure what they cost
///
/// The desk in it is made for the purpose, its keys are thrown away, and drops and cells are random bytes, written by the
/// hub's own store. Drops are spread over 14 days, and over shards so that each has a day as a desk's by default. The
/// notice is good for two days: make such a directory when it is needed.
#[derive(Args)]
#[command(after_help = "\
Example:
  callsign bench store --data /tmp/large --drops 1000000 --cells 100000
  callsign hub --data /tmp/large --listen 127.0.0.1:8700
  callsign bench load --hub http://127.0.0.1:8700")]
pub struct StoreArguments {
    /// Directory to make; it must not be there yet
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Drops that are listed
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = numbers::within(0..=COUNT_MAX, "drops"))]
    drops: u64,
    /// Cells that wait for the desk
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = numbers::within(0..=COUNT_MAX, "cells"))]
    cells: u64,
    /// One JSON object on standard output
    #[arg(long)]
    json: bool,
}

/// A desk for one use.
struct UnattendedDesk<R> {
    identity: PrivateKey,
    duty_key: PrivateKey,
    device_key: PrivateKey,
    rng: R,
}

impl StoreArguments {
    /// The voice that was asked for.
    pub fn voice(&self) -> Voice {
        Voice::of(self.json)
    }
}

/// Makes the directory.
pub fn run(arguments: &StoreArguments) -> Result<(), Failure> {
    let StoreArguments { data, drops, cells, .. } = arguments;
    if data.exists() {
        return Err(Failure::new(
            "data",
            format!("{} is there already; name a new directory", label(&data.to_string_lossy())),
        ));
    }
    note("Filling …");
    let mut desk = UnattendedDesk::new(ambient::rng());
    let shards = shards(*drops);
    let now = ambient::clock()();
    let runtime = runtime()?;
    let filled = runtime.block_on(async {
        let notice = desk.notice(now, shards);
        let filling = Filling::begin(data, desk.identity.public(), notice, now.day()).await?;
        desk.post(&filling, now.day(), *drops, shards).await?;
        desk.bring(&filling, now.day(), *cells).await?;
        Ok::<(), HubError>(())
    });
    filled.map_err(|error| not_started(&error, data))?;
    let id = Fingerprint::of(&desk.identity.public()).desk_id();
    let report = json!({ "desk": id.as_str(), "drops": drops, "cells": cells, "shards": shards });
    let sentence = format!(
        "{}: desk {id}, {drops} drops in {shards} shards, {cells} cells",
        label(&data.to_string_lossy())
    );
    output::give(Done::Changed("the hub's files were made"), &Lines::new().line(sentence), &report)
}

/// The notice of a desk that is made and forgotten, for servers that only look like a hub.
pub fn notice_of_a_new_desk() -> Result<VerifiedNotice, Failure> {
    let now = ambient::clock()();
    let envelope = UnattendedDesk::new(ambient::rng()).notice(now, 1);
    Notice::verify(&envelope, None, now).map_err(|error| Failure::new("bench", error))
}

/// A power of two with which no shard's day is longer than by default.
fn shards(drops: u64) -> u32 {
    let a_day = drops.div_ceil(u64::from(DAYS));
    let wanted = u32::try_from(a_day.div_ceil(DROPS_A_SHARD_DAY)).unwrap_or(SHARDS_MAX);
    wanted.max(1).next_power_of_two().min(SHARDS_MAX)
}

impl<R: CryptoRng> UnattendedDesk<R> {
    fn new(mut rng: R) -> Self {
        let [identity, duty_key, device_key] = std::array::from_fn(|_| PrivateKey::generate(&mut rng));
        Self { identity, duty_key, device_key, rng }
    }

    fn notice(&mut self, now: UnixSeconds, shards: u32) -> Vec<u8> {
        let inbox_keys =
            (0..3).map(|n| EpochKey::generate(now.day().plus(n), &mut self.rng).public()).collect();
        let notice = Notice {
            version: 1,
            oldest_client: 1,
            name: "Nobody answers here".to_owned(),
            serial: 1,
            issued: now,
            expires: now.plus(172_800),
            inbox_keys,
            answer_key: callsign_protocol::caller_keys::x25519_public(&self.secret()),
            former_answer_keys: vec![],
            plan: Plan(vec![PlanEntry { from: Day(0), shards, drop_period_s: (300 / shards).max(1) }]),
            days: DAYS,
            // That of a desk by default.
            cover: Cover {
                gap_ms: 4_000,
                gap_max_ms: 12_000,
                gap_growth_percent: 3,
                visit_exchanges: 150,
                move_after_ms: 120_000,
            },
            languages: vec![],
            tracks: vec![],
            content: BTreeMap::new(),
            letters: None,
            channels: vec![],
            pages: vec![],
            practice: false,
            successor: None,
        };
        let body = serde_json::to_vec(&notice).expect("a notice is JSON");
        let certificate = Certificate::issue(
            &self.identity,
            Signer { number: 1, duty_key: self.duty_key.public() },
            now.day(),
        );
        Envelope::sign(Kind::Notice, self.identity.public(), certificate, &self.duty_key, body).encode()
    }

    /// The oldest day first, as a hub wants it, and in each day the shards in turn.
    async fn post(
        &mut self,
        filling: &Filling,
        today: Day,
        drops: u64,
        shards: u32,
    ) -> Result<(), StoreError> {
        let mut prev = Head::EMPTY.hash;
        let mut posted = 0;
        for ago in (0..DAYS).rev() {
            let day = today.minus(ago);
            let until = drops * u64::from(DAYS - ago) / u64::from(DAYS);
            let mut turn = (0..shards).cycle();
            while posted < until {
                let count = (until - posted).min(DROPS_AT_ONCE);
                let drops =
                    (0..count).zip(turn.by_ref()).map(|(_, shard)| (shard, self.random_drop())).collect();
                let rest =
                    Rest { inbox_done: 0, log_done: 0, drops, signed: vec![], heads: vec![], whole: None };
                let commit = self.commit(prev, day, rest);
                prev = commit.entry.hash();
                filling.commit(commit).await?;
                posted += count;
            }
        }
        Ok(())
    }

    async fn bring(&mut self, filling: &Filling, today: Day, cells: u64) -> Result<(), StoreError> {
        let mut left = cells;
        while left > 0 {
            let count = left.min(CELLS_AT_ONCE);
            let cells = (0..count).map(|_| self.random_cell()).collect();
            filling.append_cells(today, cells).await?;
            left -= count;
        }
        Ok(())
    }

    fn commit(&mut self, prev: EntryHash, day: Day, rest: Rest) -> Commit {
        let fingerprint = Fingerprint::of(&self.identity.public());
        let header = EntryHeader { generation: 1, device: device_id(&self.device_key.public()), prev, day };
        let bundle = Bundle { at: day.start(), fold: 1, identity: false, events: vec![] };
        let log_key = self.secret();
        let writer = Writer { fingerprint: &fingerprint, log_key: &log_key, signing_key: &self.device_key };
        let entry = Entry::write(&header, &rest.hash(), &bundle, &writer, &mut self.rng)
            .expect("no event is too long");
        Commit { entry, rest }
    }

    fn random_drop(&mut self) -> Drop {
        let mut bytes = [0; DROP_LEN];
        self.rng.fill_bytes(&mut bytes);
        Drop(bytes)
    }

    fn random_cell(&mut self) -> Cell {
        let mut bytes = Box::new([0; CELL_LEN]);
        self.rng.fill_bytes(&mut *bytes);
        Cell(bytes)
    }

    fn secret(&mut self) -> Secret<32> {
        let mut bytes = [0; 32];
        self.rng.fill_bytes(&mut bytes);
        Secret(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_shard_has_a_longer_day_than_by_default_while_there_are_shards() {
        assert_eq!([0, 10, 4_032, 4_033, 10_000, 1_000_000, u64::MAX].map(shards), [1, 1, 1, 2, 4, 256, 256]);
    }

    #[test]
    fn the_notice_of_a_new_desk_verifies() {
        let notice = notice_of_a_new_desk().unwrap();
        assert_eq!(notice.notice.inbox_keys.len(), 3);
    }
}
