//! What is done with a hub's files as a whole: kept elsewhere, brought back, looked at. None of it serves anyone.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use callsign_protocol::{
    identity::{DeskId, Fingerprint},
    os_error::cause_and_way_out,
    signed::Kind,
    time::Day,
};
use thiserror::Error;

pub use crate::store::sqlite::{Census, DropDay};
use crate::{
    make_private,
    service::{CELL_DAYS, DROP_DAYS, Damage, Desk, DeskError, StoredDocuments},
    store::{
        StoreError,
        sqlite::{Draft, Snapshot, Staged, kept_finding, note_backup},
    },
};

/// What a backup is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// The day on which it was made.
    pub day: Day,
    /// Bytes of the file.
    pub bytes: u64,
    /// Its desks.
    pub desks: Vec<DeskId>,
}

/// What a restore did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The day on which the backup was made.
    pub made_on: Day,
    /// Its desks.
    pub desks: Vec<DeskId>,
    /// Where the database is now that was there before.
    pub aside: Option<PathBuf>,
}

/// What is done with a database that is in the way of a restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and the restore is refused.
    Keep,
    /// It goes aside under a name of its own.
    MoveAside,
}

/// How a restore is to be made.
#[derive(Clone, Copy, Debug)]
pub struct RestoreOptions {
    /// What is done with the database that is there.
    pub existing: Existing,
    /// Backups of more days ago are refused.
    pub age_max_days: u32,
    /// By the machine's clock.
    pub today: Day,
}

/// How a hub's files are. Nothing in it is about one caller, and no time is finer than a day.
#[derive(Clone, Debug)]
pub struct Status {
    /// The version of the database's schema.
    pub schema: i64,
    /// Each desk.
    pub desks: Vec<DeskStatus>,
    /// Bytes of the database, of its journal, and of pages of the database that are free.
    pub bytes: Bytes,
    /// The day of the last backup.
    pub backup: Option<Day>,
    /// The day of the last restore.
    pub restore: Option<Day>,
    /// What the hub's last check found.
    pub damage: Option<Damage>,
}

/// How much room the files take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes {
    /// The database.
    pub database: u64,
    /// What was written last and is not in the database's own file yet.
    pub journal: u64,
    /// Pages that hold nothing and will be used again.
    pub free: u64,
}

/// How one desk's part is.
#[derive(Clone, Debug)]
pub struct DeskStatus {
    /// The desk.
    pub id: DeskId,
    /// Serial and last day of its notice.
    pub notice: Option<(u64, Day)>,
    /// Serial, generation and first day of the generation of its keyring.
    pub keyring: Option<(u64, u32, Day)>,
    /// What is kept.
    pub census: Census,
}

/// Why the files were left as they are.
#[derive(Debug, Error)]
pub enum FilesError {
    /// A document does not verify.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// A database would be lost.
    #[error("there is a database in this directory already; to keep it aside and restore, add --replace")]
    Exists,
    /// A file would be overwritten.
    #[error("{0:?} exists already and is not overwritten; choose another name")]
    FileExists(PathBuf),
    /// What is in the backup is not what was written.
    #[error("the backup {0:?} is damaged, and nothing was changed; take another one")]
    BackupDamaged(PathBuf),
    /// The backup is of a later version of this program.
    #[error(
        "a later version of this program made the backup {0:?}, and nothing was changed; restore with that version"
    )]
    BackupNewer(PathBuf),
    /// The file or directory cannot be used.
    #[error("{0:?} cannot be used: {cause}", cause = cause_and_way_out(.1))]
    Io(PathBuf, io::Error),
    /// The file is not what `callsign hub backup` makes.
    #[error(
        "{0:?} is no backup of a hub, and nothing was changed; name a file that `callsign hub backup` made"
    )]
    NoBackup(PathBuf),
    /// A directory where the backup's file is to be named.
    #[error(
        "{0:?} is a directory, and nothing was changed; name the file in it that `callsign hub backup` made"
    )]
    Directory(PathBuf),
    /// The backup is whole, and the hub's files do not say that it was made.
    #[error(
        "the backup {0:?} is written and verified; only its day could not be noted in the hub's files: {1}"
    )]
    NotNoted(PathBuf, StoreError),
    /// The backup is too old.
    #[error(
        "this backup was made {0} days ago, and desks may not be able to go on from it; to restore it all the same, add --max-age-days {0}"
    )]
    Old(u32),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Copies the files of a hub, which may be serving, into one new file, and verifies it.
pub fn back_up(data_dir: &Path, file: &Path, today: Day) -> Result<Backup, FilesError> {
    if file.try_exists().map_err(|error| FilesError::Io(file.to_owned(), error))? {
        return Err(FilesError::FileExists(file.to_owned()));
    }
    let draft = Draft::copy(data_dir, file, today)?;
    let desks = verified(&draft.snapshot()?)?;
    let bytes = draft.keep()?;
    note_backup(data_dir, today).map_err(|error| FilesError::NotNoted(file.to_owned(), error))?;
    Ok(Backup { day: today, bytes, desks })
}

/// Puts a backup in the place of a hub's database, with what is past its days erased.
pub fn restore(data_dir: &Path, file: &Path, options: RestoreOptions) -> Result<Restored, FilesError> {
    // Devices and pipes have no end, or none that comes.
    let kind = fs::metadata(file).map_err(|error| FilesError::Io(file.to_owned(), error))?;
    if kind.is_dir() {
        return Err(FilesError::Directory(file.to_owned()));
    }
    if !kind.is_file() {
        return Err(FilesError::NoBackup(file.to_owned()));
    }
    make_private(data_dir).map_err(|error| FilesError::Io(data_dir.to_owned(), error))?;
    let staged = Staged::copy(data_dir, file).map_err(|error| of_backup(error.into(), file))?;
    match prepare(&staged, options) {
        Err(error) => {
            staged.give_up();
            Err(of_backup(error, file))
        }
        Ok((made_on, desks)) => {
            let aside = staged.put_in_place(options.today)?;
            Ok(Restored { made_on, desks, aside })
        }
    }
}

/// Looks at the files of a hub, which may be serving.
pub fn status(data_dir: &Path) -> Result<Status, FilesError> {
    let snapshot = Snapshot::of_hub(data_dir)?;
    let mut desks = Vec::new();
    for desk in load(&snapshot)? {
        let (notice, keyring) = (desk.notice.read(), desk.keyring.read());
        desks.push(DeskStatus {
            notice: notice.map(|notice| (notice.serial, notice.body.notice.expires.day())),
            keyring: keyring
                .map(|keyring| (keyring.serial, keyring.body.keyring.generation, keyring.body.keyring.begun)),
            census: snapshot.census(&desk.id)?,
            id: desk.id,
        });
    }
    let size = |name: &str| fs::metadata(data_dir.join(name)).map_or(0, |metadata| metadata.len());
    Ok(Status {
        schema: snapshot.schema(),
        desks,
        bytes: Bytes {
            database: size("hub.sqlite"),
            journal: size("hub.sqlite-wal"),
            free: snapshot.free_bytes()?,
        },
        backup: snapshot.mark("backup")?,
        restore: snapshot.mark("restore")?,
        damage: kept_finding(data_dir).map(|(found_on, what)| Damage { found_on, what }),
    })
}

/// An error of what was looked at, where that is a backup and not the hub's files.
fn of_backup(error: FilesError, file: &Path) -> FilesError {
    let file = file.to_owned();
    match error {
        FilesError::Desk(DeskError::Keyring(..) | DeskError::Letters(..) | DeskError::Notice(..))
        | FilesError::Store(StoreError::Damaged { .. }) => FilesError::BackupDamaged(file),
        FilesError::Store(StoreError::Foreign) => FilesError::NoBackup(file),
        FilesError::Store(StoreError::UnknownSchema { .. }) => FilesError::BackupNewer(file),
        other => other,
    }
}

fn prepare(staged: &Staged, options: RestoreOptions) -> Result<(Day, Vec<DeskId>), FilesError> {
    let RestoreOptions { existing, age_max_days, today } = options;
    if existing == Existing::Keep && staged.finds_another()? {
        return Err(FilesError::Exists);
    }
    let (made_on, desks) = {
        let snapshot = staged.snapshot()?;
        let desks = verified(&snapshot)?;
        (snapshot.mark("backup")?.ok_or(StoreError::Foreign)?, desks)
    };
    let age = today.0.saturating_sub(made_on.0);
    if age > age_max_days {
        return Err(FilesError::Old(age));
    }
    staged.bring_up_to_date(today, today.minus(CELL_DAYS - 1), today.minus(DROP_DAYS - 1))?;
    Ok((made_on, desks))
}

/// The desks of a database whose every page, row and signature was looked at.
fn verified(snapshot: &Snapshot) -> Result<Vec<DeskId>, FilesError> {
    snapshot.check()?;
    Ok(load(snapshot)?.into_iter().map(|desk| desk.id).collect())
}

fn load(snapshot: &Snapshot) -> Result<Vec<Desk>, FilesError> {
    let load = |identity| {
        let id = Fingerprint::of(identity).desk_id();
        let stored = StoredDocuments {
            notice: snapshot.document(&id, Kind::Notice)?,
            letters: snapshot.document(&id, Kind::Letters)?,
            keyring: snapshot.document(&id, Kind::Keyring)?,
        };
        Ok(Desk::load(identity, stored)?)
    };
    snapshot.desks()?.iter().map(load).collect()
}
