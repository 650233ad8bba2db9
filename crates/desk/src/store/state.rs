//! The state in rows, as of a place of the log: a head and a body for each case, ids of events, days of the audit, and all that is left. Heads, ids,
//! days and the rest are sealed under the generation's storage key; a body under a key of its own, which stands in its head.

use callsign_protocol::{
    caller_keys::CallerId,
    encoding::{Bytes, Secret},
    time::Day,
};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead as _, AeadInOut as _, KeyInit as _, Payload},
};
use rand_core::CryptoRng;
use rusqlite::{Connection, OptionalExtension as _, params};
use zeroize::Zeroizing;

use super::{Cache, CacheError, cache::Fault};
use crate::cases::{AuditDay, Case, EventId, Head, Row};

const NONCE_LEN: usize = 24;
const TAG_LEN: usize = 16;
/// The least that a body is padded to; from there on to powers of two.
const BODY_MIN: usize = 1_024;
/// Bytes of an id.
const ID_LEN: usize = 16;

/// What names a state that was written: another one each time.
pub(crate) type Stamp = Bytes<16>;

/// Which state is here, and the generation whose storage key it is sealed under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) generation: u32,
    pub(crate) stamp: Stamp,
}

/// A generation's key of rows.
#[derive(Clone, Debug)]
pub(crate) struct StorageKey {
    pub(crate) generation: u32,
    pub(crate) key: Secret<32>,
}

/// A state as it is read.
#[derive(Debug)]
pub(crate) struct StateRows {
    /// All that is no case, no id and no line of the audit, in JSON.
    pub(crate) rest: Zeroizing<Vec<u8>>,
    pub(crate) applied: Vec<(u32, Vec<EventId>)>,
    pub(crate) audit: Vec<(Day, AuditDay)>,
    pub(crate) heads: Vec<(CallerId, Head, Row)>,
}

/// What is written of a state. Ids and heads are sealed one by one as they are written: of a large desk, all of them at once
/// would be more than the desk itself keeps in memory.
pub(crate) struct Writing<'a> {
    /// The state that it follows; none where there is none here.
    pub(crate) follows: Option<Mark>,
    pub(crate) rest: &'a [u8],
    /// Ids, all of them or those that are new.
    pub(crate) applied: Box<dyn Iterator<Item = (u32, Vec<EventId>)> + 'a>,
    /// Ids of generations before this one are forgotten.
    pub(crate) applied_from: u32,
    /// Lines of the audit, of all days or of those that are new.
    pub(crate) audit: Vec<(Day, &'a AuditDay)>,
    /// Lines of days before this one are forgotten.
    pub(crate) audit_from: Day,
    /// Heads, all of them or those that are new.
    pub(crate) heads: Box<dyn Iterator<Item = (CallerId, &'a Head, &'a Row)> + 'a>,
    /// Rows whose cases are no more.
    pub(crate) freed: &'a [i64],
    /// Bodies that are new.
    pub(crate) bodies: Vec<SealedBody>,
    /// Whether this is all of a state; otherwise what changed of the one that it follows.
    pub(crate) is_whole: bool,
}

/// A case sealed for its row.
#[derive(Debug)]
pub(crate) struct SealedBody {
    number: i64,
    sealed: Vec<u8>,
}

impl SealedBody {
    /// Seals a case under a fresh key.
    pub(crate) fn of(case: &Case, number: i64, rng: &mut impl CryptoRng) -> Result<(Self, Row), CacheError> {
        let row = Row { number, key: Secret::random(rng) };
        let json = Zeroizing::new(serde_json::to_vec(case).map_err(|_| CacheError::Unsealed)?);
        let padded = json.len().next_power_of_two().max(BODY_MIN);
        // Room for the tag, so that sealing copies nothing.
        let mut body = Zeroizing::new(Vec::with_capacity(padded + TAG_LEN));
        body.extend_from_slice(&json);
        body.resize(padded, b' ');
        body_cipher(&row)
            .encrypt_in_place(&BODY_NONCE.into(), &about_body(number), &mut *body)
            .map_err(|_| CacheError::Unsealed)?;
        Ok((Self { number, sealed: std::mem::take(&mut *body) }, row))
    }

    /// Bytes of it.
    pub(crate) fn len(&self) -> usize {
        self.sealed.len()
    }
}

/// The key of a body seals it alone, and never another.
const BODY_NONCE: [u8; NONCE_LEN] = [0; NONCE_LEN];

fn body_cipher(row: &Row) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&row.key.0.into())
}

fn about_body(number: i64) -> Vec<u8> {
    [b"body".as_slice(), &number.to_be_bytes()].concat()
}

/// Opens a body; none where it is not what was sealed for this row.
pub(super) fn open_body(row: &Row, sealed: &[u8]) -> Option<Case> {
    let payload = Payload { msg: sealed, aad: &about_body(row.number) };
    let json = Zeroizing::new(body_cipher(row).decrypt(&BODY_NONCE.into(), payload).ok()?);
    serde_json::from_slice(&json).ok()
}

impl StorageKey {
    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.key.0.into())
    }

    /// What is sealed is bound to its generation, its kind and its place.
    pub(super) fn about(&self, kind: &str, place: &[u8]) -> Vec<u8> {
        [kind.as_bytes(), &self.generation.to_be_bytes(), place].concat()
    }

    pub(super) fn seal(&self, aad: &[u8], msg: &[u8], rng: &mut impl CryptoRng) -> Result<Vec<u8>, Fault> {
        let mut sealed = vec![0; NONCE_LEN];
        rng.fill_bytes(&mut sealed);
        let nonce = XNonce::try_from(sealed.as_slice()).map_err(|_| Fault::Unsealed)?;
        sealed.extend(self.cipher().encrypt(&nonce, Payload { msg, aad }).map_err(|_| Fault::Unsealed)?);
        Ok(sealed)
    }

    pub(super) fn open(&self, aad: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, msg) = sealed.split_first_chunk::<NONCE_LEN>()?;
        self.cipher().decrypt(&XNonce::from(*nonce), Payload { msg, aad }).ok().map(Zeroizing::new)
    }
}

impl Cache {
    /// Which state is here.
    pub(crate) fn state_mark(&self) -> Result<Option<Mark>, CacheError> {
        self.read(|connection| Ok(mark(connection)?))
    }

    /// Reads all of the state but the bodies.
    ///
    /// # Errors
    /// [`CacheError::Damaged`] where a row does not open, or is missing.
    pub(crate) fn read_state(&self, key: &StorageKey) -> Result<Option<(Mark, StateRows)>, CacheError> {
        self.read(|connection| {
            // One transaction: another process may be writing.
            let transaction = connection.unchecked_transaction()?;
            let damaged = || Fault::Damaged("the desk's state".to_owned());
            let Some(mark) = mark(&transaction)? else { return Ok(None) };
            if mark.generation != key.generation {
                return Err(damaged());
            }
            let sql = "-- rest\nSELECT heads, ids, days, sealed FROM state";
            let (heads_len, ids_len, days_len, sealed) = transaction.query_row(sql, [], |row| {
                let len = |at| row.get::<_, usize>(at);
                Ok((len(0)?, len(1)?, len(2)?, row.get::<_, Vec<u8>>(3)?))
            })?;
            let rest = key.open(&key.about("rest", &mark.stamp.0), &sealed).ok_or_else(damaged)?;
            let mut applied = Vec::new();
            let mut statement = transaction.prepare("-- ids\nSELECT generation, sealed FROM ids")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (generation, sealed) = (row.get::<_, u32>(0)?, row.get_ref(1)?);
                let sealed = sealed.as_blob().map_err(|_| damaged())?;
                let ids =
                    key.open(&key.about("ids", &generation.to_be_bytes()), sealed).ok_or_else(damaged)?;
                let (ids, []) = ids.as_chunks::<ID_LEN>() else { return Err(damaged()) };
                applied.push((generation, ids.iter().map(|id| Bytes(*id)).collect::<Vec<_>>()));
            }
            let mut audit = Vec::new();
            let mut statement = transaction.prepare("-- audit\nSELECT day, sealed FROM audit")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (day, sealed) = (row.get::<_, u32>(0)?, row.get_ref(1)?);
                let sealed = sealed.as_blob().map_err(|_| damaged())?;
                let lines = key.open(&key.about("audit", &day.to_be_bytes()), sealed).ok_or_else(damaged)?;
                audit.push((Day(day), postcard::from_bytes(&lines).map_err(|_| damaged())?));
            }
            let mut heads = Vec::with_capacity(heads_len.min(1 << 20));
            let mut statement = transaction.prepare("-- heads\nSELECT number, sealed FROM heads")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (number, sealed) = (row.get::<_, i64>(0)?, row.get_ref(1)?);
                let sealed = sealed.as_blob().map_err(|_| damaged())?;
                let opened =
                    key.open(&key.about("head", &number.to_be_bytes()), sealed).ok_or_else(damaged)?;
                let (caller, body, head) = postcard::from_bytes(&opened).map_err(|_| damaged())?;
                heads.push((caller, head, Row { number, key: body }));
            }
            let ids: usize = applied.iter().map(|(_, ids)| ids.len()).sum();
            if (heads.len(), ids, audit.len()) != (heads_len, ids_len, days_len) {
                return Err(damaged());
            }
            Ok(Some((mark, StateRows { rest, applied, audit, heads })))
        })
    }

    /// The first number of a row behind all to which something leads.
    pub(crate) fn next_row(&self) -> Result<i64, CacheError> {
        self.read(|connection| {
            let sql = "-- next_row\nSELECT coalesce(max(number), 0) FROM heads";
            Ok(connection.query_row(sql, [], |row| row.get::<_, i64>(0))?.saturating_add(1))
        })
    }

    /// Puts bodies into rows that nothing leads to yet.
    pub(crate) fn put_bodies(&self, bodies: &[SealedBody]) -> Result<(), CacheError> {
        self.write(|connection| {
            let transaction = connection.unchecked_transaction()?;
            put_bodies(&transaction, bodies)?;
            Ok(transaction.commit()?)
        })
    }

    /// Writes a state, all of it at once; the mark of what is here then, or none where it does not follow what is here: another
    /// process was faster, and nothing was written.
    pub(crate) fn write_state(
        &self,
        writing: Writing<'_>,
        key: &StorageKey,
        rng: &mut impl CryptoRng,
    ) -> Result<Option<Mark>, CacheError> {
        let stamp = Bytes::random(rng);
        self.write(|connection| {
            let transaction =
                rusqlite::Transaction::new_unchecked(connection, rusqlite::TransactionBehavior::Immediate)?;
            if mark(&transaction)? != writing.follows {
                return Ok(None);
            }
            if writing.is_whole {
                transaction.execute_batch(
                    "-- forget_state\nDELETE FROM heads; DELETE FROM ids; DELETE FROM audit;",
                )?;
            }
            for number in writing.freed {
                transaction.execute("-- free_head\nDELETE FROM heads WHERE number = ?1", [number])?;
                transaction.execute("-- free_body\nDELETE FROM bodies WHERE number = ?1", [number])?;
            }
            {
                let sql = "-- put_head\nINSERT OR REPLACE INTO heads (number, sealed) VALUES (?1, ?2)";
                let mut statement = transaction.prepare(sql)?;
                for (caller, head, row) in writing.heads {
                    // No JSON: a hundred thousand of them are read at each unlocking.
                    let plain =
                        postcard::to_allocvec(&(caller, &row.key, head)).map_err(|_| Fault::Unsealed)?;
                    let about = key.about("head", &row.number.to_be_bytes());
                    let sealed = key.seal(&about, &Zeroizing::new(plain), rng)?;
                    statement.execute(params![row.number, sealed])?;
                }
            }
            put_bodies(&transaction, &writing.bodies)?;
            if writing.is_whole {
                // Of states that were never whole, too.
                let sql =
                    "-- forget_strays\nDELETE FROM bodies WHERE number NOT IN (SELECT number FROM heads)";
                transaction.execute(sql, [])?;
            }
            transaction
                .execute("-- forget_ids\nDELETE FROM ids WHERE generation < ?1", [writing.applied_from])?;
            for (generation, ids) in writing.applied.filter(|(_, ids)| !ids.is_empty()) {
                let bytes: Vec<u8> = ids.iter().flat_map(|id| id.0).collect();
                let sealed = key.seal(&key.about("ids", &generation.to_be_bytes()), &bytes, rng)?;
                let sql = "-- put_ids\nINSERT INTO ids (generation, count, sealed) VALUES (?1, ?2, ?3)";
                transaction.execute(sql, params![generation, ids.len(), sealed])?;
            }
            transaction
                .execute("-- forget_audit\nDELETE FROM audit WHERE day < ?1", [writing.audit_from.0])?;
            for (day, lines) in writing.audit {
                let plain = Zeroizing::new(postcard::to_allocvec(lines).map_err(|_| Fault::Unsealed)?);
                let sealed = key.seal(&key.about("audit", &day.0.to_be_bytes()), &plain, rng)?;
                let sql = "-- put_audit\nINSERT OR REPLACE INTO audit (day, sealed) VALUES (?1, ?2)";
                transaction.execute(sql, params![day.0, sealed])?;
            }
            let rest = key.seal(&key.about("rest", &stamp.0), writing.rest, rng)?;
            transaction.execute(
                "-- put_state\nINSERT OR REPLACE INTO state (one, generation, stamp, heads, ids, days, sealed)
                 VALUES (1, ?1, ?2, (SELECT count(*) FROM heads), (SELECT coalesce(sum(count), 0) FROM ids),
                 (SELECT count(*) FROM audit), ?3)",
                params![key.generation, stamp.0, rest],
            )?;
            transaction.commit()?;
            if writing.is_whole {
                self.journal_is_due.set(true);
            }
            Ok(Some(Mark { generation: key.generation, stamp }))
        })
    }

    /// Forgets the state: it is made anew from the log and from what the hub keeps.
    pub(crate) fn forget_state(&self) -> Result<(), CacheError> {
        self.write(|connection| {
            // Rolled back where it fails: a transaction left open would keep everything else from being written.
            let transaction = connection.unchecked_transaction()?;
            let sql =
                "-- forget_state\nDELETE FROM state; DELETE FROM heads; DELETE FROM bodies; DELETE FROM ids; DELETE FROM audit;";
            transaction.execute_batch(sql)?;
            transaction.commit()?;
            self.journal_is_due.set(true);
            Ok(())
        })
    }
}

/// None of a state that nothing could have written, which counts as none.
fn mark(connection: &Connection) -> rusqlite::Result<Option<Mark>> {
    let sql = "-- mark\nSELECT generation, stamp FROM state";
    let mark = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?));
    let found = connection.query_row(sql, [], mark).optional()?;
    Ok(found.and_then(|(generation, stamp)| {
        Some(Mark { generation: generation.try_into().ok()?, stamp: Bytes(stamp.try_into().ok()?) })
    }))
}

fn put_bodies(connection: &Connection, bodies: &[SealedBody]) -> rusqlite::Result<()> {
    let sql = "-- put_body\nINSERT OR REPLACE INTO bodies (number, sealed) VALUES (?1, ?2)";
    let mut statement = connection.prepare(sql)?;
    for SealedBody { number, sealed } in bodies {
        statement.execute(params![number, sealed])?;
    }
    Ok(())
}
