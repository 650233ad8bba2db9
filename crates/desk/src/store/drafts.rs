//! Drafts of answers, one a case: each in a row of its own that names nobody, sealed under the generation's storage key, padded.
//!
//! They are read from the disk whenever one is asked for, so that a locked desk has none in memory and another process of the
//! device sees the same.

use std::fmt;

use callsign_protocol::{caller_keys::CallerId, encoding::Bytes, time::UnixSeconds};
use rand_core::CryptoRng;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Cache, CacheError, StorageKey, cache::Fault};

/// The least that a draft is padded to; from there on to powers of two. Almost all answers, with an older version, are shorter.
const ROW_MIN: usize = 16_384;

/// Names what was kept of a draft at one moment.
pub type DraftVersion = Bytes<16>;

/// What is being written to one caller.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptDraft {
    pub(crate) caller: CallerId,
    /// A message of the case that it was written in: a later case of the same caller has other ones.
    pub(crate) message: Bytes<16>,
    /// Another one after each change.
    pub version: DraftVersion,
    /// Its text; empty where only an older version is kept.
    pub text: String,
    /// Where in the text the writer was, in UTF-16 units.
    pub place: u32,
    /// Whether another person is to read it before it leaves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub second_reader: bool,
    /// When it was changed last.
    pub saved: UnixSeconds,
    /// What stood there before.
    pub older: Option<OlderDraft>,
}

/// What stood in a draft before, kept for a while.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OlderDraft {
    /// Its text.
    pub text: String,
    /// When it was put aside.
    pub since: UnixSeconds,
    /// Why.
    pub why: PutAside,
}

/// Why a text was put aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PutAside {
    /// A piece of it was taken out, or all of it.
    Changed,
    /// A person discarded it.
    Discarded,
    /// Another page of the same case had written it meanwhile.
    OtherPage,
    /// It was an answer that the log did not take, as of somebody whose roles a colleague had changed.
    NotTaken,
}

impl fmt::Debug for KeptDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeptDraft")
    }
}

impl fmt::Debug for OlderDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OlderDraft")
    }
}

impl Cache {
    /// All drafts that open with these keys, each with its row. What does not is left alone: another process may have gone on to
    /// a later generation.
    pub(crate) fn drafts(&self, keys: &[StorageKey]) -> Result<Vec<(i64, KeptDraft)>, CacheError> {
        self.read(|connection| Ok(rows(connection, keys)?.into_iter().filter_map(opened).collect()))
    }

    /// Keeps a draft in its row; in a new one where it has none yet.
    pub(crate) fn put_draft(
        &self,
        number: Option<i64>,
        draft: &KeptDraft,
        key: &StorageKey,
        rng: &mut impl CryptoRng,
    ) -> Result<(), CacheError> {
        // Drawn, so that no number says how many there ever were.
        let number = number.unwrap_or_else(|| (rng.next_u64() >> 1).cast_signed());
        let sealed = sealed(number, draft, key, rng)?;
        self.write(|connection| Ok(put(connection, number, key.generation, &sealed)?))
    }

    /// Forgets drafts, in the journal as well.
    pub(crate) fn remove_drafts(&self, numbers: &[i64]) -> Result<(), CacheError> {
        if numbers.is_empty() {
            return Ok(());
        }
        self.write(|connection| {
            let transaction = connection.unchecked_transaction()?;
            remove_drafts(&transaction, numbers)?;
            transaction.commit()?;
            self.journal_is_due.set(true);
            Ok(())
        })
    }

    /// Seals all drafts under a generation's key that lie under keys of before, which are about to be destroyed. What opens with
    /// none of these keys is lost, and goes.
    pub(crate) fn reseal_drafts(
        &self,
        keys: &[StorageKey],
        key: &StorageKey,
        rng: &mut impl CryptoRng,
    ) -> Result<(), CacheError> {
        self.write(|connection| {
            let transaction =
                rusqlite::Transaction::new_unchecked(connection, rusqlite::TransactionBehavior::Immediate)?;
            let old: Vec<_> = rows(&transaction, keys)?
                .into_iter()
                .filter(|(_, generation, _)| *generation < key.generation)
                .collect();
            if old.is_empty() {
                return Ok(());
            }
            for (number, _, draft) in old {
                match draft {
                    Some(draft) => {
                        let sealed = sealed(number, &draft, key, rng).map_err(|_| Fault::Unsealed)?;
                        put(&transaction, number, key.generation, &sealed)?;
                    }
                    None => remove_drafts(&transaction, &[number])?,
                }
            }
            transaction.commit()?;
            self.journal_is_due.set(true);
            Ok(())
        })
    }

    /// All rows as they lie, for another cache of the same device.
    pub(crate) fn sealed_drafts(&self) -> Result<Vec<SealedDraft>, CacheError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare("-- sealed_drafts\nSELECT number, generation, sealed FROM drafts")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Takes such rows over.
    pub(crate) fn take_sealed_drafts(&self, drafts: &[SealedDraft]) -> Result<(), CacheError> {
        self.write(|connection| {
            let transaction = connection.unchecked_transaction()?;
            for (number, generation, sealed) in drafts {
                put(&transaction, *number, *generation, sealed)?;
            }
            Ok(transaction.commit()?)
        })
    }

    /// Whether any draft is kept, whatever it opens with.
    pub(crate) fn has_drafts(&self) -> Result<bool, CacheError> {
        self.read(|connection| {
            let sql = "-- has_drafts\nSELECT 1 FROM drafts LIMIT 1";
            Ok(connection.query_row(sql, [], |_| Ok(())).optional()?.is_some())
        })
    }
}

pub(super) fn remove_drafts(connection: &Connection, numbers: &[i64]) -> rusqlite::Result<()> {
    for number in numbers {
        connection.execute("-- remove_draft\nDELETE FROM drafts WHERE number = ?1", [number])?;
    }
    Ok(())
}

/// A row as it lies: its number, its generation and what is sealed.
pub(crate) type SealedDraft = (i64, u32, Vec<u8>);

/// A row with its generation, and the draft where it opens.
type Read = (i64, u32, Option<KeptDraft>);

fn rows(connection: &Connection, keys: &[StorageKey]) -> Result<Vec<Read>, Fault> {
    let mut statement =
        connection.prepare("-- drafts\nSELECT number, generation, sealed FROM drafts ORDER BY number")?;
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, u32>(1)?, row.get::<_, Vec<u8>>(2)?)))?;
    let open = |row: rusqlite::Result<(i64, u32, Vec<u8>)>| {
        let (number, generation, sealed) = row?;
        let key = keys.iter().find(|key| key.generation == generation);
        let json = key.and_then(|key| key.open(&key.about("draft", &number.to_be_bytes()), &sealed));
        Ok((number, generation, json.and_then(|json| serde_json::from_slice(&json).ok())))
    };
    rows.map(open).collect()
}

fn opened((number, _, draft): Read) -> Option<(i64, KeptDraft)> {
    Some((number, draft?))
}

fn put(connection: &Connection, number: i64, generation: u32, sealed: &[u8]) -> rusqlite::Result<()> {
    let sql = "-- put_draft\nINSERT OR REPLACE INTO drafts (number, generation, sealed) VALUES (?1, ?2, ?3)";
    connection.execute(sql, params![number, generation, sealed]).map(drop)
}

fn sealed(
    number: i64,
    draft: &KeptDraft,
    key: &StorageKey,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, CacheError> {
    let mut json = Zeroizing::new(serde_json::to_vec(draft).map_err(|_| CacheError::Unsealed)?);
    let padded = json.len().next_power_of_two().max(ROW_MIN);
    // Blanks behind a value are part of no value.
    json.resize(padded, b' ');
    key.seal(&key.about("draft", &number.to_be_bytes()), &json, rng).map_err(|_| CacheError::Unsealed)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use callsign_protocol::encoding::Secret;
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng as _;

    use super::*;

    fn cache(dir: &Path) -> Cache {
        Cache::open(dir, Secret([1; 32])).unwrap()
    }

    fn key(generation: u32) -> StorageKey {
        StorageKey { generation, key: Secret([u8::try_from(generation).unwrap(); 32]) }
    }

    fn draft(caller: u8, text: &str) -> KeptDraft {
        KeptDraft {
            caller: Bytes([caller; 16]),
            message: Bytes([9; 16]),
            version: Bytes([caller; 16]),
            text: text.to_owned(),
            place: 3,
            second_reader: false,
            saved: UnixSeconds(7),
            older: None,
        }
    }

    fn sizes(cache: &Cache) -> Vec<usize> {
        cache
            .read(|connection| {
                let mut statement = connection.prepare("SELECT length(sealed) FROM drafts")?;
                let sizes = statement.query_map([], |row| row.get(0))?;
                Ok(sizes.collect::<Result<_, _>>()?)
            })
            .unwrap()
    }

    #[test]
    fn a_draft_is_there_again_in_one_row_and_its_size_says_little() {
        let dir = tempfile::tempdir().unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        cache(dir.path()).put_draft(None, &draft(1, "так"), &key(1), &mut rng).unwrap();
        let (number, kept) = cache(dir.path()).drafts(&[key(1)]).unwrap().pop().unwrap();
        assert_eq!(kept, draft(1, "так"));
        let long = draft(1, &"слово ".repeat(1_000));
        cache(dir.path()).put_draft(Some(number), &long, &key(1), &mut rng).unwrap();
        cache(dir.path()).put_draft(None, &draft(2, ""), &key(1), &mut rng).unwrap();
        let sizes = sizes(&cache(dir.path()));
        assert_eq!(sizes, [sizes[0]; 2], "{} bytes", sizes[0]);
        assert!(!format!("{long:?}").contains("слово"));
    }

    #[test]
    fn a_draft_goes_over_to_the_next_generations_key_and_opens_with_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let cache = cache(dir.path());
        cache.put_draft(None, &draft(1, "one"), &key(1), &mut rng).unwrap();
        cache.put_draft(None, &draft(2, "two"), &key(2), &mut rng).unwrap();
        assert_eq!(cache.drafts(&[key(2)]).unwrap().len(), 1, "the other one is left alone");
        cache.reseal_drafts(&[key(1), key(2)], &key(2), &mut rng).unwrap();
        let mut kept: Vec<_> = cache.drafts(&[key(2)]).unwrap().into_iter().map(|(_, it)| it.text).collect();
        kept.sort();
        assert_eq!(kept, ["one", "two"]);
        // What no key opens is lost, and does not stay.
        cache.reseal_drafts(&[], &key(3), &mut rng).unwrap();
        assert!(!cache.has_drafts().unwrap());
    }

    #[test]
    fn nothing_of_a_draft_that_was_forgotten_is_left_in_file_or_journal() {
        let dir = tempfile::tempdir().unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let cache = cache(dir.path());
        cache.put_draft(None, &draft(1, "one"), &key(1), &mut rng).unwrap();
        let (number, sealed): (i64, Vec<u8>) = cache
            .read(|connection| {
                let sql = "SELECT number, sealed FROM drafts";
                Ok(connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
            })
            .unwrap();
        let piece = &sealed[100..164];
        let holds = || {
            ["cache.sqlite", "cache.sqlite-wal"].iter().any(|name| {
                let bytes = std::fs::read(dir.path().join(name)).unwrap();
                bytes.windows(piece.len()).any(|part| part == piece)
            })
        };
        assert!(holds());
        cache.remove_drafts(&[number]).unwrap();
        cache.empty_journal().unwrap();
        assert!(!holds());
    }
}
