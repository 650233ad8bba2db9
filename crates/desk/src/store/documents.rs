//! Signed documents of the hub, and what this device has noted of keyrings and generations.

use callsign_protocol::{
    WrappingKey,
    derive::sha256,
    encoding::Bytes,
    keyring::{DeviceId, Keyring},
    time::Day,
};
use rusqlite::{OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::{Cache, CacheError, checklists::CHECKLISTS, templates::TEMPLATES};

/// The document that holds the devices of the newest keyring that the log has borne out.
const BORNE_OUT: &str = "borne out";

/// What certificates are noted under, with the generation and former devices of the keyring.
const OFFERED: &str = "offered ";

/// What requests are noted under that have let a device in, with SHA-256 of its id and its wrapping key.
const LET_IN: &str = "let in ";

/// Why this device does nothing for the desk.
const OUTSIDE: &str = "outside";

/// Whether colleagues are not to see what whoever works here is doing.
const SILENT: &str = "silent";
/// Documents that come again from nowhere.
const ITS_OWN: [&str; 3] = [CHECKLISTS, SILENT, TEMPLATES];

/// The keyring with which this device restarts the desk, under its generation in place of a serial.
const RESTARTING: &str = "restarting";

/// The certificate of a keyring that this device has given the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// That of the keyring.
    pub generation: u32,
    /// Who was left out of it: all others know its duty key.
    pub former: Vec<DeviceId>,
    /// The certificate's last day.
    pub until: Day,
}

/// What of a keyring is compared with the next one once the log was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BorneOut {
    /// Its number.
    pub serial: u64,
    /// Its generation.
    pub generation: u32,
    /// The version of the fold that it names.
    pub fold: u32,
    /// Its devices.
    pub devices: Vec<DeviceId>,
}

impl Cache {
    /// The newest envelope of a signed document that this device has seen, with its serial.
    pub fn document(&self, name: &str) -> Result<Option<(u64, Vec<u8>)>, CacheError> {
        self.read(|connection| {
            let sql = "-- document\nSELECT serial, envelope FROM documents WHERE name = ?1";
            Ok(connection.query_row(sql, [name], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
        })
    }

    /// Keeps a keyring, as the newest and in the chain of those that followed each other.
    pub fn put_keyring(&self, serial: u64, envelope: &[u8]) -> Result<(), CacheError> {
        self.put_document(&chained(serial), serial, envelope)?;
        self.put_document("keyring", serial, envelope)
    }

    /// Forgets all that a device has read under its first keyring, and keeps another one as its first. What people have put into
    /// this device alone stays.
    pub fn begin_with(&self, serial: u64, keyring: &[u8]) -> Result<(), CacheError> {
        self.write(|connection| {
            let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
            let names =
                "-- tables\nSELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
            let tables: Vec<String> =
                transaction.prepare(names)?.query_map((), |row| row.get(0))?.collect::<Result<_, _>>()?;
            for table in tables.iter().filter(|table| *table != "documents") {
                transaction.execute(&format!("-- begin_with\nDELETE FROM {table}"), ())?;
            }
            let sql = "-- begin_with\nDELETE FROM documents WHERE name NOT IN (?1, ?2, ?3)";
            transaction.execute(sql, ITS_OWN)?;
            for name in [chained(serial), "keyring".to_owned()] {
                let sql = "-- begin_with\nINSERT INTO documents (name, serial, envelope) VALUES (?1, ?2, ?3)";
                transaction.execute(sql, params![name, serial, keyring])?;
            }
            Ok(transaction.commit()?)
        })
    }

    /// The keyrings that were taken, oldest first, as far back as they are kept.
    pub fn keyrings(&self) -> Result<Vec<(u64, Vec<u8>)>, CacheError> {
        self.read(|connection| {
            let sql = "-- keyrings\nSELECT serial, envelope FROM documents WHERE name LIKE 'keyring %' ORDER BY serial";
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Takes note that the log says of a keyring's devices what the keyring does; of the first that is seen nobody can say more.
    pub fn note_borne_out(&self, keyring: &Keyring) -> Result<(), CacheError> {
        let ids: Vec<u8> = keyring.devices.iter().flat_map(|device| device.id.0).collect();
        let noted = [&keyring.generation.to_be_bytes(), &keyring.fold.to_be_bytes(), ids.as_slice()].concat();
        self.put_document(BORNE_OUT, keyring.serial, &noted)
    }

    /// The newest keyring whose devices the log has borne out.
    pub fn borne_out(&self) -> Result<Option<BorneOut>, CacheError> {
        let read = |(serial, noted): (u64, Vec<u8>)| {
            let (generation, noted) = noted.split_first_chunk()?;
            let (fold, ids) = noted.split_first_chunk()?;
            let devices = ids.as_chunks::<16>().0.iter().copied().map(Bytes).collect();
            let (generation, fold) = (u32::from_be_bytes(*generation), u32::from_be_bytes(*fold));
            Some(BorneOut { serial, generation, fold, devices })
        };
        Ok(self.document(BORNE_OUT)?.and_then(read))
    }

    /// Takes note of why this device does nothing for the desk; none where it works.
    pub fn note_outside(&self, why: Option<&[u8]>) -> Result<(), CacheError> {
        self.write(|connection| {
            match why {
                Some(why) => connection.execute(
                    "-- note_outside\nINSERT OR REPLACE INTO documents (name, serial, envelope) VALUES (?1, 0, ?2)",
                    params![OUTSIDE, why],
                )?,
                None => connection
                    .execute("-- forget_outside\nDELETE FROM documents WHERE name = ?1", [OUTSIDE])?,
            };
            Ok(())
        })
    }

    /// Why this device does nothing for the desk, as it was noted last.
    pub fn outside(&self) -> Result<Option<Vec<u8>>, CacheError> {
        Ok(self.document(OUTSIDE)?.map(|(_, why)| why))
    }

    /// Takes note of whether colleagues are to see nothing of what whoever works here is doing.
    pub(crate) fn note_silent(&self, is_silent: bool) -> Result<(), CacheError> {
        if is_silent {
            return self.put_document(SILENT, 0, &[]);
        }
        self.write(|connection| {
            connection.execute("-- forget_silent\nDELETE FROM documents WHERE name = ?1", [SILENT])?;
            Ok(())
        })
    }

    /// Whether they are to see nothing of it.
    pub(crate) fn is_silent(&self) -> Result<bool, CacheError> {
        Ok(self.document(SILENT)?.is_some())
    }

    /// Takes note that this device restarts the desk with this keyring, before anybody else has it.
    pub fn note_restarting(&self, generation: u32, envelope: &[u8]) -> Result<(), CacheError> {
        self.write(|connection| {
            let sql = "-- note_restarting\nINSERT OR REPLACE INTO documents (name, serial, envelope) VALUES (?1, ?2, ?3)";
            connection.execute(sql, params![RESTARTING, generation, envelope])?;
            Ok(())
        })
    }

    /// The keyring with which this device restarts the desk, or has, with its generation.
    pub fn restarting(&self) -> Result<Option<(u32, Vec<u8>)>, CacheError> {
        let noted = self.document(RESTARTING)?;
        Ok(noted.and_then(|(generation, envelope)| Some((u32::try_from(generation).ok()?, envelope))))
    }

    /// The generation with which this device has restarted the desk, where that has come through and its state may be on this disk
    /// alone.
    pub fn restarted(&self) -> Result<Option<u32>, CacheError> {
        self.read(|connection| {
            let sql = "-- restarted\nSELECT serial FROM documents AS own WHERE name = ?1 AND EXISTS
                 (SELECT 1 FROM documents WHERE name LIKE 'keyring %' AND envelope = own.envelope)";
            Ok(connection.query_row(sql, [RESTARTING], |row| row.get(0)).optional()?)
        })
    }

    /// Forgets a restart, once the state of its generation is at the hub and on this disk: that is one as any other then.
    pub fn forget_restarted(&self) -> Result<(), CacheError> {
        self.write(|connection| {
            let sql = "-- forget_restarted\nDELETE FROM documents WHERE name = ?1";
            connection.execute(sql, [RESTARTING])?;
            Ok(())
        })
    }

    /// Takes note that a request has let a device in: its id, and the key that it asked with.
    pub fn note_let_in(&self, device: &DeviceId, asked_with: &WrappingKey) -> Result<(), CacheError> {
        self.put_document(&let_in(device, asked_with), 0, &[])
    }

    /// Whether that was noted.
    pub fn has_let_in(&self, device: &DeviceId, asked_with: &WrappingKey) -> Result<bool, CacheError> {
        Ok(self.document(&let_in(device, asked_with))?.is_some())
    }

    /// Takes over what another cache has noted of requests.
    pub fn take_let_in(&self, other: &Self) -> Result<(), CacheError> {
        let noted: Vec<String> = other.read(|connection| {
            let sql = "-- let_in\nSELECT name FROM documents WHERE name LIKE 'let in %'";
            let mut statement = connection.prepare(sql)?;
            Ok(statement.query_map((), |row| row.get(0))?.collect::<Result<_, _>>()?)
        })?;
        noted.iter().try_for_each(|name| self.put_document(name, 0, &[]))
    }

    /// Takes note of a keyring's certificate, before the hub is given that.
    pub fn note_offered(&self, offered: &Offered) -> Result<(), CacheError> {
        let mut former = offered.former.clone();
        former.sort_unstable();
        let ids = former.iter().flat_map(|id| id.0);
        let noted: Vec<u8> = offered.generation.to_be_bytes().into_iter().chain(ids).collect();
        let name = format!("{OFFERED}{}", data_encoding::HEXLOWER.encode(&noted));
        self.put_document(&name, u64::from(offered.until.0), &noted)
    }

    /// Of all keyrings that this device has given the hub, stored or not, the last day of any certificate.
    pub fn offered(&self) -> Result<Vec<Offered>, CacheError> {
        let noted: Vec<(u32, Vec<u8>)> = self.read(|connection| {
            let sql = "-- offered\nSELECT serial, envelope FROM documents WHERE name LIKE 'offered %'";
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        let read = |(until, noted): (u32, Vec<u8>)| {
            let (generation, ids) = noted.split_first_chunk()?;
            let former = ids.as_chunks::<16>().0.iter().copied().map(Bytes).collect();
            Some(Offered { generation: u32::from_be_bytes(*generation), former, until: Day(until) })
        };
        Ok(noted.into_iter().filter_map(read).collect())
    }

    /// Forgets certificates that ended before a day.
    pub fn forget_offered_before(&self, day: Day) -> Result<(), CacheError> {
        self.write(|connection| {
            let sql = "-- forget_offered\nDELETE FROM documents WHERE name LIKE 'offered %' AND serial < ?1";
            connection.execute(sql, [day.0])?;
            Ok(())
        })
    }

    /// Takes a keyring out of the chain.
    pub fn forget_keyring(&self, serial: u64) -> Result<(), CacheError> {
        self.write(|connection| {
            let sql = "-- forget_keyring\nDELETE FROM documents WHERE name = ?1";
            connection.execute(sql, [chained(serial)])?;
            Ok(())
        })
    }

    /// Keeps a signed document; an older one never replaces a newer one.
    pub fn put_document(&self, name: &str, serial: u64, envelope: &[u8]) -> Result<(), CacheError> {
        self.write(|connection| {
        connection.execute(
            "-- put_document\nINSERT INTO documents (name, serial, envelope) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET serial = ?2, envelope = ?3 WHERE excluded.serial > documents.serial",
            params![name, serial, envelope],
        )?;
        Ok(())
        })
    }
}

/// The name of the note that a request has let a device in.
fn let_in(device: &DeviceId, asked_with: &WrappingKey) -> String {
    format!("{LET_IN}{}", data_encoding::HEXLOWER.encode(&sha256(&[&device.0, &asked_with.0])))
}

/// The name of a keyring among those that followed each other.
fn chained(serial: u64) -> String {
    format!("keyring {serial}")
}
