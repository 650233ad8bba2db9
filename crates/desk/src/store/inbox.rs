//! What was taken of the hub's inbox: the cells' events and the position in one write, which is the same whatever the cells are.

use callsign_protocol::encoding::Bytes;
use chacha20poly1305::aead::{Aead as _, Payload};
use rand_core::CryptoRng;
use rusqlite::{OptionalExtension as _, params};
use zeroize::Zeroizing;

use super::{
    Cache, CacheError,
    cache::{Fault, NONCE_LEN},
};
use crate::{cases::Event, hub::inbox::Taken};

/// Bytes to which what came of a cell is padded: more than any part of a call takes.
const CELL_ROW_LEN: usize = 8_192;
/// Bytes to which the position is padded.
const TAKEN_LEN: usize = 1_024;
const ABOUT: &[u8] = b"inbox";

impl Cache {
    /// What was taken.
    pub(crate) fn taken(&self) -> Result<Taken, CacheError> {
        self.read(|connection| {
            let sql = "-- taken\nSELECT sealed FROM taken";
            let sealed = connection.query_row(sql, [], |row| row.get::<_, Vec<u8>>(0)).optional()?;
            let Some(sealed) = sealed else { return Ok(Taken::default()) };
            let opened = self.opened(ABOUT, &sealed);
            let read = opened.and_then(|json| serde_json::from_slice(&json).ok());
            read.ok_or_else(|| Fault::Damaged("the place in the inbox".to_owned()))
        })
    }

    /// Keeps what came of each of some cells, all of it or none, and that they were taken. A cell of which nothing came is
    /// written as one of a call is, and overwritten by the next ones: the hub, which sees when it is asked again, could tell them
    /// apart by the work otherwise.
    pub(crate) fn put_taken(
        &mut self,
        of_cells: &[Option<&Event>],
        taken: &Taken,
        rng: &mut impl CryptoRng,
    ) -> Result<(), CacheError> {
        let mut rows = Vec::with_capacity(of_cells.len());
        for event in of_cells {
            let (id, json) = match event {
                Some(event) => (event.id, serde_json::to_vec(event).map_err(|_| CacheError::Unsealed)?),
                None => (Bytes::random(rng), Vec::new()),
            };
            let sealed = self.seal_padded(&id.0, json, CELL_ROW_LEN, rng)?;
            rows.push((event.is_some(), id, sealed));
        }
        let json = serde_json::to_vec(taken).map_err(|_| CacheError::Unsealed)?;
        let sealed = self.seal_padded(ABOUT, json, TAKEN_LEN, rng)?;
        self.write(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let pending = "-- put_pending\nINSERT OR IGNORE INTO pending (id, sealed) VALUES (?1, ?2)";
            let cover = "-- put_cover\nINSERT INTO cover (id, sealed) VALUES (?1, ?2)";
            transaction.execute("-- forget_cover\nDELETE FROM cover", [])?;
            for (is_call, id, sealed) in rows {
                transaction.execute(if is_call { pending } else { cover }, params![id.0, sealed])?;
            }
            let sql = "-- put_taken\nINSERT OR REPLACE INTO taken (one, sealed) VALUES (1, ?1)";
            transaction.execute(sql, params![sealed])?;
            Ok(transaction.commit()?)
        })
    }

    fn seal_padded(
        &self,
        about: &[u8],
        json: Vec<u8>,
        len: usize,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, CacheError> {
        let mut json = Zeroizing::new(json);
        let padded = json.len().max(len);
        // Blanks behind a value are part of no value.
        json.resize(padded, b' ');
        let mut sealed = vec![0; NONCE_LEN];
        rng.fill_bytes(&mut sealed);
        let nonce = sealed.as_slice().try_into().map_err(|_| CacheError::Unsealed)?;
        let payload = Payload { msg: &json, aad: about };
        sealed.extend(self.cipher().encrypt(&nonce, payload).map_err(|_| CacheError::Unsealed)?);
        Ok(sealed)
    }
}

#[cfg(test)]
mod tests {
    use callsign_protocol::{encoding::Secret, time::UnixSeconds};
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng as _;
    use tempfile::TempDir;

    use super::*;
    use crate::posting::commit::tests::{NOW, call_of, received};

    const DAY_S: u32 = 86_400;

    fn rng() -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(3)
    }

    fn open(dir: &TempDir) -> Cache {
        Cache::open(dir.path(), Secret([1; 32])).unwrap()
    }

    /// Rows that lie here, and their bytes.
    fn weight(cache: &Cache) -> (u64, u64) {
        let sql = "SELECT count(*), sum(length(id) + length(sealed)) FROM (SELECT id, sealed FROM cover UNION ALL SELECT id, sealed
            FROM pending UNION ALL SELECT '', sealed FROM taken)";
        cache
            .read(|connection| Ok(connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?))
            .unwrap()
    }

    #[test]
    fn cells_weigh_the_same_whatever_they_are() {
        let taken = |calls: u8| {
            let dir = TempDir::new().unwrap();
            let mut cache = open(&dir);
            let call = |n| Some(received(call_of(n, NOW, 1, 1, 1), NOW));
            let mut of_cells: Vec<_> = (0..calls).map(call).collect();
            of_cells.resize(4, None);
            let of_cells: Vec<_> = of_cells.iter().map(Option::as_ref).collect();
            cache.put_taken(&of_cells, &Taken::default().and(9, NOW, DAY_S), &mut rng()).unwrap();
            weight(&cache)
        };
        let expected = taken(0);
        assert!((1..=4).all(|calls| taken(calls) == expected), "{expected:?}");
    }

    #[test]
    fn what_was_taken_is_there_again_and_cover_goes_with_the_next_write() {
        let dir = TempDir::new().unwrap();
        let call = received(call_of(1, NOW, 1, 1, 1), NOW);
        let taken = Taken::default().and(7, NOW, DAY_S);
        open(&dir).put_taken(&[None, Some(&call), None], &taken, &mut rng()).unwrap();
        let mut cache = open(&dir);
        assert_eq!((cache.pending().unwrap(), cache.taken().unwrap()), (vec![call], taken.clone()));
        let one = weight(&cache).0;
        cache.put_taken(&[None], &taken.and(8, UnixSeconds(NOW.0 + 1), DAY_S), &mut rng()).unwrap();
        assert_eq!(weight(&cache).0, one - 1);
    }
}
