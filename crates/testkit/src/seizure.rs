//! Seizure: every byte that a hostile hub or a disk could have kept, and all that opens with the files of a desk and its
//! passphrase.
//!
//! Of a device's files nothing is known here but how keys are kept: whatever lies in any table or file of its directory is
//! taken, and each key that is found is tried on each piece of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use callsign_desk::{
    cases::{Event, EventBody},
    keys::{DEVICE_KEYS_FILE, DeviceKeyFile, VAULT_FILE, Vault},
};
use callsign_protocol::{
    XWingSecret, armour,
    cell::{Cell, Opened, Opener},
    derive::sha256,
    encoding::{Bytes, Secret},
    entry::{ENTRY_LEN, Entry},
    identity::{Fingerprint, PrivateKey},
    keyring::{DeskKeys, FormerAnswerKey, Keyring, device_id},
    letter::{Letter, LetterOpener},
    letter_key::PERIOD_DAYS,
    signed::{Envelope, Kind},
    snapshot::{CHUNK_LEN, CHUNKS_MAX, Chunk, ChunkList, ChunkSeal, Padding, SnapshotReader, Whole},
    time::Week,
};
use rusqlite::Connection;

use crate::{
    PASSPHRASE,
    image::texts_of_images,
    remains::{Remains, keys_in, open_with_any},
};

/// Chunks of snapshots by generation and attempt, and by index.
type Attempts = BTreeMap<(u32, [u8; 16]), BTreeMap<u32, Vec<u8>>>;

/// All that a hub was ever given, for a hub that forgets nothing, and all that ever lay on a device's disk, for a disk that
/// erases nothing.
#[derive(Clone, Debug, Default)]
pub struct Hoard {
    cells: BTreeSet<Vec<u8>>,
    entries: BTreeSet<Vec<u8>>,
    keyrings: BTreeSet<Vec<u8>>,
    notices: BTreeSet<Vec<u8>>,
    chunks: Attempts,
    letters: Vec<Letter>,
    /// What else lay in a device's files.
    sealed: BTreeSet<Vec<u8>>,
}

/// What was opened.
#[derive(Debug, Default)]
pub struct Loot {
    /// Texts of calls, out of cells and letters.
    pub cells: BTreeSet<String>,
    /// The events of the log, as JSON, snapshots put together and read, and texts that a device had sealed for itself.
    pub log: Vec<String>,
    /// What images of the search's index say.
    pub indexed: Vec<String>,
    /// Drop secrets, out of calls.
    pub drop_secrets: BTreeMap<Week, usize>,
}

impl Hoard {
    /// Takes all that the hub holds now. A hub is looked at often enough that nothing escapes.
    pub fn take(&mut self, hub_dir: &Path) {
        let database = Connection::open(hub_dir.join("hub.sqlite")).expect("the hub's database");
        let column = |sql: &str, into: &mut BTreeSet<Vec<u8>>| {
            let mut statement = database.prepare(sql).expect("a table of the hub");
            let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).expect("rows");
            into.extend(rows.map(|row| row.expect("a blob")));
        };
        column("SELECT cell FROM cells", &mut self.cells);
        column("SELECT entry FROM entries", &mut self.entries);
        column("SELECT envelope FROM documents WHERE kind = 'keyring'", &mut self.keyrings);
        column("SELECT envelope FROM documents WHERE kind = 'notice'", &mut self.notices);
        take_chunks(
            &database,
            "SELECT generation, attempt, position, chunk FROM snapshot_chunks",
            &mut self.chunks,
        );
    }

    /// Takes letters in text armour, for a carrier that keeps them.
    pub fn take_letters(&mut self, text: &str) {
        self.letters.extend(armour::read(text.as_bytes()).into_iter().flatten());
    }

    /// Takes all that lies in a device's files now, its keys apart: those are what is left when they are seized. What waits for
    /// the log is sealed under a key that stays, so a disk that keeps such a row keeps its text.
    pub fn take_device(&mut self, desk_dir: &Path) {
        for row in Remains::of(desk_dir, &[DEVICE_KEYS_FILE, VAULT_FILE]).rows {
            if let Some((attempt, index, chunk)) = row.chunk() {
                self.chunks.entry((0, attempt)).or_default().insert(index, chunk);
            }
            for value in row.values {
                match value.len() {
                    ENTRY_LEN => drop(self.entries.insert(value)),
                    CHUNK_LEN => {}
                    _ if Envelope::decode(&value).is_ok() => drop(self.keyrings.insert(value)),
                    _ => drop(self.sealed.insert(value)),
                }
            }
        }
    }

    /// Opens all that opens with a desk's files and its passphrase, what lies in the files themselves included.
    pub fn open_with(&self, desk_dir: &Path) -> Loot {
        let mut all = self.clone();
        all.take_device(desk_dir);
        all.open_all(desk_dir)
    }

    fn open_all(&self, desk_dir: &Path) -> Loot {
        let vault = Vault::open(desk_dir, PASSPHRASE).expect("the passphrase was seized too");
        let fingerprint = vault.fingerprint();
        let own = DeviceKeyFile::new(desk_dir, vault.storage_key.clone()).load().expect("the device's keys");
        let seeds: Vec<&XWingSecret> = own.wrapping.iter().map(|(_, seed)| seed).collect();
        let keys: Vec<DeskKeys> = self
            .keyrings
            .iter()
            .flat_map(|envelope| desk_keys(envelope, &fingerprint, &vault.device_key(), &seeds))
            .collect();
        let mut loot = Loot::default();
        self.open_cells(&fingerprint, &keys, &mut loot);
        self.open_letters(&fingerprint, &keys, &mut loot);
        let mut log_keys: Vec<&Secret<32>> = keys.iter().map(|keys| &keys.log_key).collect();
        log_keys.extend(own.former_log.iter().map(|(_, key)| key));
        let entries: Vec<Entry> =
            self.entries.iter().filter_map(|bytes| Entry::from_bytes(bytes).ok()).collect();
        let bundles = entries
            .iter()
            .filter_map(|entry| log_keys.iter().find_map(|key| entry.open(&fingerprint, key).ok()));
        let written = bundles.flat_map(|bundle| bundle.events);
        let events: Vec<Event> =
            written.map(|event| serde_json::from_str(event.get()).expect("an event")).collect();
        loot.read(&events);
        for ((generation, attempt), chunks) in &self.chunks {
            // On a device's disk they do not say their generation.
            let generations = if *generation == 0 { 1..64 } else { *generation..*generation + 1 };
            for (generation, key) in generations.flat_map(|of| log_keys.iter().map(move |key| (of, key))) {
                loot.open_snapshot(&ChunkSeal::new(&fingerprint, key, generation, Bytes(*attempt)), chunks);
            }
        }
        let mut all_keys = keys_in(&own);
        all_keys.extend(keys.iter().flat_map(keys_in));
        all_keys.extend([vault.storage_key.0, vault.signing_key.0]);
        loot.indexed = texts_of_images(&all_keys, &self.sealed);
        loot.log.extend(open_with_any(all_keys, &self.sealed));
        loot
    }

    fn open_cells(&self, fingerprint: &Fingerprint, keys: &[DeskKeys], loot: &mut Loot) {
        let notice_hashes: Vec<[u8; 32]> = self.notices.iter().filter_map(|bytes| body_hash(bytes)).collect();
        for cell in self.cells.iter().filter_map(|bytes| Cell::from_bytes(bytes).ok()) {
            let Ok(named) = cell.key() else { continue };
            for keys in keys {
                let Some(epoch) = keys.epochs.iter().find(|key| (key.epoch, key.key_id) == named) else {
                    continue;
                };
                let former: &[FormerAnswerKey] = &keys.former_answer_keys;
                let with = Opener {
                    fingerprint,
                    seed: &epoch.seed,
                    answer_key: &keys.answer_key,
                    former_answer_keys: former,
                    notice_hashes: &notice_hashes,
                };
                if let Ok(Opened::Call(call) | Opened::Doubted(call)) = cell.open(&with) {
                    loot.cells.insert(call.text);
                }
            }
        }
    }

    fn open_letters(&self, fingerprint: &Fingerprint, keys: &[DeskKeys], loot: &mut Loot) {
        for (letter, keys) in
            self.letters.iter().flat_map(|letter| keys.iter().map(move |keys| (letter, keys)))
        {
            // Who has the keys does not mind the expiry: on some day it is good.
            let Ok((period, _)) = letter.key() else { continue };
            let with = LetterOpener { fingerprint, keys: &keys.letters, today: period.minus(PERIOD_DAYS) };
            if let Ok(opened) = letter.open(&with) {
                loot.cells.insert(opened.call.text);
            }
        }
    }
}

impl Loot {
    /// Whether a text was found anywhere.
    pub fn holds(&self, text: &str) -> bool {
        self.cells.contains(text) || self.log.iter().any(|json| json.contains(text))
    }

    fn read(&mut self, events: &[Event]) {
        for event in events {
            self.log.push(serde_json::to_string(event).expect("an event is JSON"));
            if let EventBody::MessageReceived(received) = &event.body {
                for (week, _) in &received.call.drop_secrets {
                    *self.drop_secrets.entry(*week).or_default() += 1;
                }
            }
        }
    }

    /// The records of as many chunks as open, from the first on.
    fn open_snapshot(&mut self, seal: &ChunkSeal, chunks: &BTreeMap<u32, Vec<u8>>) {
        let list = ChunkList { attempt: seal.attempt(), count: CHUNKS_MAX, hash: Bytes([0; 32]) };
        let whole = Whole { chunks: list, state: Bytes([0; 32]) };
        let mut reader = SnapshotReader::new(seal, Padding::Filler, whole).expect("the most chunks");
        for chunk in chunks.values() {
            let chunk = Chunk::from_bytes(chunk).expect("a chunk");
            let Ok(records) = reader.chunk(&chunk) else { return };
            for record in records {
                let (_, json) = record.split_first().expect("a record says whether it goes on");
                let state: serde_json::Value = serde_json::from_slice(json).unwrap_or_default();
                for secret in state["case"][1]["drop_secrets"].as_array().into_iter().flatten() {
                    let week = secret[0].as_u64().and_then(|week| u32::try_from(week).ok()).expect("a week");
                    *self.drop_secrets.entry(Week(week)).or_default() += 1;
                }
                self.log.push(String::from_utf8_lossy(json).into_owned());
            }
        }
    }
}

fn take_chunks(database: &Connection, sql: &str, into: &mut Attempts) {
    let mut statement = database.prepare(sql).expect("a table of chunks");
    let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?, row.get(3)?)));
    for row in rows.expect("rows") {
        let (attempt, index, chunk) = row.expect("a chunk");
        into.entry(attempt).or_default().insert(index, chunk);
    }
}

/// The desk's keys in a keyring; none where the envelope is another document's.
fn desk_keys(
    envelope: &[u8],
    fingerprint: &Fingerprint,
    device: &PrivateKey,
    seeds: &[&XWingSecret],
) -> Vec<DeskKeys> {
    let then = Envelope::kept_since(envelope).expect("an envelope that was kept");
    let Ok(verified) = Keyring::verify(envelope, fingerprint, then) else { return Vec::new() };
    let keyring = verified.keyring;
    let id = device_id(&device.public());
    seeds.iter().filter_map(|seed| keyring.unwrap_keys(&id, seed, fingerprint).ok()).collect()
}

fn body_hash(envelope: &[u8]) -> Option<[u8; 32]> {
    let then = Envelope::kept_since(envelope).ok()?;
    let verified = Envelope::decode(envelope).ok()?.verify(Kind::Notice, None, then).ok()?;
    Some(sha256(&[&verified.body]))
}
