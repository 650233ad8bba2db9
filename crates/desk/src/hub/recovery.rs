//! Going on from a hub that came back from a backup: its log is read anew, and what it lost is told once more.

use std::{
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use callsign_protocol::{
    entry::EntryError,
    keyring::{Keyring, KeyringError},
    signed::Envelope,
};

use crate::{
    DeskError,
    cases::{EntryRead, Event, EventBody},
    device::DeviceState,
    files::{PrivateError, private},
    hub::{HubClient, HubError},
    keys::{Keys, VaultError},
    store::{CACHE_FILE, Cache, forget_image},
};

/// Where the new cache lies until it is complete.
const DRAFT: &str = "recovering";
/// Held by a recovery that is at work.
const LOCK: &str = "recovering.lock";

/// What a recovery found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Parts of calls that the hub's log had lost, and that go into it again.
    pub calls: usize,
    /// Parts of answers that are posted again, or for the first time.
    pub answers: usize,
}

impl DeviceState {
    /// Gives the hub the keyring, the letters document and the notice that this device has seen, where its own are older.
    pub(crate) fn bring_documents(&self, client: &HubClient) -> Result<(), DeskError> {
        let has = match client.keyring() {
            Ok(theirs) => theirs.map(|theirs| self.serial_of(&theirs)).transpose()?.unwrap_or(0),
            // It lost the one that let this device in.
            Err(HubError::NotADevice) => 0,
            Err(other) => return Err(other.into()),
        };
        // Each is judged by the one before it, so the hub needs all that it lost, in order.
        for (serial, envelope) in self.cache.keyrings()?.into_iter().filter(|(serial, _)| *serial > has) {
            match client.put_keyring(&envelope) {
                Ok(()) => {}
                // The hub has it, or a newer one; but never an older one than the newest of ours.
                Err(HubError::Conflict) if serial < self.keys.keyring.serial => {}
                Err(HubError::Conflict) => {
                    let theirs = client.keyring()?.ok_or(KeyringError::Absent)?;
                    if self.serial_of(&theirs)? < serial {
                        return Err(DeskError::OthersFirst);
                    }
                }
                Err(other) => return Err(other.into()),
            }
        }
        let put_letters = HubClient::put_letters as fn(&HubClient, &[u8]) -> Result<(), HubError>;
        // The notice names the other one.
        for (name, put) in [("letters", put_letters), ("notice", HubClient::put_notice)] {
            if let Some((_, envelope)) = self.cache.document(name)? {
                match put(client, &envelope) {
                    // One that has ended meanwhile is followed by the next.
                    Ok(()) | Err(HubError::Conflict | HubError::Refused { .. }) => {}
                    Err(other) => return Err(other.into()),
                }
            }
        }
        Ok(())
    }

    fn serial_of(&self, keyring: &[u8]) -> Result<u64, DeskError> {
        let then = Envelope::kept_since(keyring).map_err(KeyringError::from)?;
        Ok(Keyring::verify(keyring, &self.keys.fingerprint, then)?.keyring.serial)
    }

    /// The same device with a cache beside the old one that knows nothing of the log, but holds all events of the old one
    /// that a log can be told again.
    pub(crate) fn begin_again(mut self, dir: &Path) -> Result<Self, DeskError> {
        let mut events = self.told()?;
        events.extend(self.cache.pending()?);
        let draft = draft(dir);
        prepare(&draft).map_err(|error| VaultError::of_io(&draft, &error))?;
        let mut cache = Cache::open(&draft, self.keys.vault.storage_key.clone())?;
        for name in ["borne out", "keyring", "letters", "notice"] {
            if let Some((serial, envelope)) = self.cache.document(name)? {
                cache.put_document(name, serial, &envelope)?;
            }
        }
        for (serial, envelope) in self.cache.keyrings()? {
            cache.put_keyring(serial, &envelope)?;
        }
        cache.take_let_in(&self.cache)?;
        for offered in self.cache.offered()? {
            cache.note_offered(&offered)?;
        }
        if let Some((generation, envelope)) = self.cache.restarting()? {
            cache.note_restarting(generation, &envelope)?;
        }
        cache.put_pending(&events, &mut self.rng)?;
        // What the old one holds must be in its own file: its journal goes when the new one takes its place.
        self.cache.empty_journal()?;
        let Self { keys: Keys { vault, file, program, .. }, rng, .. } = self;
        Self::load_as(program, vault, file, cache, rng)
    }

    /// Forgets what the hub's log has kept, once all of it was read; what is left waits for the next commits.
    pub(crate) fn finish_recovery(&mut self) -> Result<Recovered, DeskError> {
        if !self.log.fold.is_known() {
            return Err(DeskError::LogKeyGone);
        }
        let (kept, lost): (Vec<_>, Vec<_>) =
            self.cache.pending()?.into_iter().partition(|event| self.log.fold.cases.has_applied(&event.id));
        self.cache.remove_pending(&kept.iter().map(|event| event.id).collect::<Vec<_>>())?;
        self.cache.empty_journal()?;
        let count = |is: fn(&EventBody) -> bool| lost.iter().filter(|event| is(&event.body)).count();
        Ok(Recovered {
            calls: count(|body| matches!(body, EventBody::MessageReceived { .. })),
            answers: count(|body| matches!(body, EventBody::AnswerQueued { .. })),
        })
    }

    /// The events of all entries that are kept here, as a log can be told them again.
    fn told(&mut self) -> Result<Vec<Event>, DeskError> {
        let (entries, _) = self.cache.log(0)?;
        let mut told = Vec::new();
        for (sequence, entry) in entries {
            let generation = entry.header().generation;
            let key = self.keys.log_key(generation);
            let key = key.ok_or(EntryError::Sealed)?;
            let Ok(bundle) = entry.open(&self.keys.fingerprint, key) else { continue };
            let header = entry.header();
            let read = EntryRead::new(sequence, &header, self.keys.keyring.fold, Some(&bundle));
            let is_own = header.device == self.waiting().author;
            let cases = &self.log.fold.cases;
            for event in read.events.into_iter().filter_map(|event| event.told_again(is_own)) {
                told.push(event.judged(cases)?);
            }
        }
        Ok(told)
    }
}

/// The new cache in the place of the old one.
pub(crate) fn take_over(dir: &Path) -> Result<(), DeskError> {
    let (draft, cache) = (draft(dir), dir.join(CACHE_FILE));
    // It knows another log.
    forget_image(dir).map_err(VaultError::from)?;
    let swap = || {
        for end in ["-wal", "-shm"] {
            let mut journal = cache.clone().into_os_string();
            journal.push(end);
            match fs::remove_file(journal) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::rename(draft.join(CACHE_FILE), &cache)?;
        File::open(dir)?.sync_all()?;
        fs::remove_dir_all(&draft)
    };
    swap().map_err(|error| VaultError::of_io(&cache, &error).into())
}

/// Lets one recovery at a time work on a directory; none where another one does.
pub(crate) fn recovery_lock(dir: &Path) -> Result<Option<File>, PrivateError> {
    private::try_lock(dir, LOCK)
}

/// Takes away what a recovery that was killed has left; one that is at work holds its lock.
pub(crate) fn forget_killed(dir: &Path) {
    if draft(dir).exists()
        && let Ok(Some(_lock)) = recovery_lock(dir)
    {
        give_up(dir);
    }
}

/// Takes away what a recovery that failed has left: nothing would ever be erased there.
pub(crate) fn give_up(dir: &Path) {
    // Where that fails too, the next recovery begins with it.
    let _ = fs::remove_dir_all(draft(dir));
}

fn draft(dir: &Path) -> PathBuf {
    dir.join(DRAFT)
}

/// An empty directory; what an earlier attempt left is of no use.
fn prepare(draft: &Path) -> io::Result<()> {
    match fs::remove_dir_all(draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    DirBuilder::new().mode(0o700).create(draft)
}
