//! Events that wait for a commit, sealed under this device's key.

use chacha20poly1305::{
    XNonce,
    aead::{Aead as _, Payload},
};
use rand_core::CryptoRng;
use rusqlite::params;
use zeroize::Zeroizing;

use super::{
    Cache, CacheError,
    cache::{Fault, NONCE_LEN},
    drafts::remove_drafts,
};
use crate::cases::{Event, EventId};

impl Cache {
    /// Keeps events until they are in the log, all of them or none.
    pub fn put_pending(&mut self, events: &[Event], rng: &mut impl CryptoRng) -> Result<(), CacheError> {
        self.put_pending_for(events, &[], rng)
    }

    /// The same in place of drafts, which go with it, in the journal as well.
    pub(crate) fn put_pending_for(
        &mut self,
        events: &[Event],
        drafts: &[i64],
        rng: &mut impl CryptoRng,
    ) -> Result<(), CacheError> {
        let sealed: Vec<_> = events.iter().map(|event| self.seal(event, rng)).collect::<Result<_, _>>()?;
        self.write(|connection| {
            let transaction = connection.unchecked_transaction()?;
            for (event, sealed) in events.iter().zip(sealed) {
                let sql = "-- put_pending\nINSERT OR IGNORE INTO pending (id, sealed) VALUES (?1, ?2)";
                transaction.execute(sql, params![event.id.0, sealed])?;
            }
            remove_drafts(&transaction, drafts)?;
            transaction.commit()?;
            if !drafts.is_empty() {
                self.journal_is_due.set(true);
            }
            Ok(())
        })
    }

    /// Events that are not yet in the log, oldest first.
    pub fn pending(&self) -> Result<Vec<Event>, CacheError> {
        // No limit (<https://sqlite.org/lang_select.html#limitoffset>).
        self.first_pending(-1)
    }

    /// So many of them at most.
    ///
    /// # Errors
    /// [`CacheError`]
    pub(crate) fn first_pending(&self, limit: i64) -> Result<Vec<Event>, CacheError> {
        self.read(|connection| {
            let sql = "-- pending\nSELECT place, id, sealed FROM pending ORDER BY place LIMIT ?1";
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map([limit], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 16]>(1)?, row.get::<_, Vec<u8>>(2)?))
            })?;
            rows.map(|row| {
                let (place, id, sealed) = row?;
                self.unseal(&id, &sealed)
                    .ok_or_else(|| Fault::Damaged(format!("what waits at place {place}")))
            })
            .collect()
        })
    }

    /// Forgets waiting events.
    pub fn remove_pending(&mut self, events: &[EventId]) -> Result<(), CacheError> {
        self.write(|connection| {
            let transaction = connection.unchecked_transaction()?;
            for id in events {
                transaction.execute("-- remove_pending\nDELETE FROM pending WHERE id = ?1", params![id.0])?;
            }
            Ok(transaction.commit()?)
        })
    }

    fn seal(&self, event: &Event, rng: &mut impl CryptoRng) -> Result<Vec<u8>, CacheError> {
        let json = Zeroizing::new(serde_json::to_vec(event).map_err(|_| self.damaged("an event"))?);
        let mut sealed = vec![0; NONCE_LEN];
        rng.fill_bytes(&mut sealed);
        let nonce = XNonce::try_from(sealed.as_slice()).map_err(|_| self.damaged("an event"))?;
        let payload = Payload { msg: &json, aad: &event.id.0 };
        sealed.extend(self.cipher().encrypt(&nonce, payload).map_err(|_| self.damaged("an event"))?);
        Ok(sealed)
    }

    fn unseal(&self, id: &[u8; 16], sealed: &[u8]) -> Option<Event> {
        serde_json::from_slice(&self.opened(id, sealed)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use callsign_protocol::{
        commit::Head,
        encoding::{Bytes, Secret},
        entry::{ENTRY_LEN, Entry},
    };
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;
    use crate::{
        cases::{EventBody, Ticked},
        store::{Before, Keep},
    };

    fn cache(dir: &Path) -> Cache {
        Cache::open(dir, Secret([1; 32])).unwrap()
    }

    #[test]
    fn pending_events_survive_a_restart_and_are_kept_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let event =
            |n: u8| Event { id: Bytes([n; 16]), body: EventBody::Ticked(Ticked { tick: u64::from(n) }) };
        for n in [2, 1, 2] {
            cache(dir.path()).put_pending(&[event(n)], &mut rng).unwrap();
        }
        let mut cache = cache(dir.path());
        assert_eq!(cache.pending().unwrap(), [event(2), event(1)]);
        let entry = Entry::from_bytes(&[1; ENTRY_LEN]).unwrap();
        cache
            .put_entry(
                &Head { sequence: 1, hash: entry.hash() },
                &entry,
                Keep::Whole(&[event(2).id]),
                Before::Whole,
            )
            .unwrap();
        assert_eq!(cache.pending().unwrap(), [event(1)]);
        let other_key = Cache::open(dir.path(), Secret([2; 32])).unwrap();
        assert!(matches!(other_key.pending(), Err(CacheError::Damaged { .. })));
    }
}
