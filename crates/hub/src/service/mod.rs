//! The hub's use cases, one a file. Nothing here names HTTP or SQL.

mod admission;
mod commit;
mod content;
mod damage;
mod desk;
mod documents;
mod enrolment;
mod exchange;
mod figures;
mod follow;
mod invitations;
mod listed;
mod lists;
mod monitor;
mod precedence;
mod retention;
mod retention_day;
mod room;
mod session;
mod snapshot;
mod tally;
mod trouble;
mod turns;

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    io,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use callsign_protocol::{
    identity::DeskId,
    os_error::cause_and_way_out,
    time::{Clock, Day, UnixSeconds},
};
use chacha20::{
    ChaCha20Rng,
    rand_core::{Rng as _, SeedableRng as _},
};
use thiserror::Error;
use tokio::sync::{Semaphore, watch};

use self::{
    admission::Admission, content::Packs, enrolment::EnrolmentCode, invitations::Invitations, lists::Lists,
    monitor::Monitor, room::Room, session::Tickets, tally::Tally, trouble::Trouble,
};
pub use self::{
    admission::Bounds,
    commit::CommitAnswer,
    damage::Damage,
    desk::{Desk, DeskError, StoredDocuments},
    exchange::ExchangeAnswer,
    follow::FollowRequest,
    monitor::{Condition, Machine},
    retention::{CELL_DAYS, DROP_DAYS},
};
use crate::store::{Store, StoreError};

/// Everything that the hub does, over any store.
pub struct Service<S> {
    store: Arc<S>,
    clock: Clock,
    rng: Mutex<ChaCha20Rng>,
    admission: Arc<Admission>,
    tickets: Tickets,
    desks: RwLock<HashMap<DeskId, Arc<Desk>>>,
    lists: Arc<Lists>,
    packs: Packs,
    invitations: Invitations,
    enrolment: tokio::sync::Mutex<EnrolmentCode>,
    document_check: Semaphore,
    trouble: Trouble,
    room: Room,
    monitor: Monitor,
    tally: Tally,
    damage: Mutex<Option<Damage>>,
    closing: watch::Sender<bool>,
}

/// Why a request was not done. What exactly was wrong with it is nobody's business but the sender's.
#[derive(Debug, Error)]
pub enum ServiceError {
    /// The desk has as many content packs here as are kept.
    #[error("the desk has as many content packs as are kept")]
    ContentFull,
    /// Another chunk of a snapshot lies at that address, or none can be put there any more.
    #[error("the snapshot's chunk is another one, or comes too late")]
    ChunkConflict,
    /// The content pack is not the one that its address names.
    #[error("the content pack has another hash than its address")]
    ContentHash,
    /// The commit's day is not one that may be posted to.
    #[error("the day may not be posted to")]
    DayRefused,
    /// A signed document does not verify, or breaks a rule.
    #[error("the document does not verify")]
    DocumentRefused,
    /// A code, a signature or a device that is not the right one.
    #[error("the proof does not hold")]
    Forbidden,
    /// The commit's entry is of another generation than the keyring.
    #[error("the generation is another one")]
    GenerationRefused,
    /// The invitation is at another stage, or somebody else has put something there.
    #[error("the invitation is at another stage")]
    InvitationConflict,
    /// The bytes are not what the protocol says.
    #[error("the request is malformed")]
    Malformed,
    /// No such desk, document or pack.
    #[error("there is nothing at this address")]
    NotFound,
    /// The disk is too full for what can wait.
    #[error("the disk is too full for a snapshot")]
    NoRoom,
    /// A document's serial is not one above the stored one.
    #[error("the serial is not one above the stored one")]
    SerialConflict,
    /// No session, or one that has ended.
    #[error("a session is needed")]
    SessionNeeded,
    /// The commit says of a snapshot that it is whole, and the chunks here are others.
    #[error("the snapshot's chunks are not those that the commit names")]
    SnapshotRefused,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A device that was refused again and again commits next.
    #[error("it is another device's turn")]
    OthersTurn,
    /// The device has changed so much in so short a time that the others would have no turn.
    #[error("the device has used its turns")]
    TooMuch,
    /// The commit posts to a shard that the notice does not have.
    #[error("no such shard")]
    UnknownShard,
}

/// Why a service cannot begin.
#[derive(Debug, Error)]
pub enum StartError {
    /// What the store holds of a desk is damaged.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The file of the enrolment code cannot be read or written.
    #[error("{0:?}, the file of the enrolment code, cannot be used: {cause}", cause = cause_and_way_out(.1))]
    EnrolmentCode(PathBuf, io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where a service gets what is not in its store.
pub struct Surroundings {
    /// The time.
    pub clock: Clock,
    /// The seed of all randomness.
    pub seed: [u8; 32],
    /// A directory on the store's disk, where the enrolment code is kept until a desk has used it.
    pub data_dir: PathBuf,
    /// How many there may be of what strangers can have.
    pub bounds: Bounds,
}

impl<S: Store> Service<S> {
    /// Loads what is served from memory.
    pub async fn start(store: S, surroundings: Surroundings) -> Result<Self, StartError> {
        let mut rng = ChaCha20Rng::from_seed(surroundings.seed);
        let desks = desk::load_all(&store).await?;
        let file = surroundings.data_dir.join("enrolment-code");
        let enrolment = EnrolmentCode::open(file.clone(), desks.is_empty(), &mut rng)
            .map_err(|error| StartError::EnrolmentCode(file, error))?;
        let lists = Lists::new(ChaCha20Rng::from_rng(&mut rng));
        let service = Self {
            store: Arc::new(store),
            clock: surroundings.clock,
            admission: Admission::new(surroundings.bounds, ChaCha20Rng::from_rng(&mut rng)),
            tickets: Tickets::new(&mut rng),
            rng: Mutex::new(rng),
            desks: RwLock::new(desks),
            lists: Arc::new(lists),
            packs: Packs::default(),
            invitations: Invitations::default(),
            enrolment: tokio::sync::Mutex::new(enrolment),
            document_check: Semaphore::new(1),
            trouble: Trouble::default(),
            room: Room::new(surroundings.data_dir),
            monitor: Monitor::default(),
            tally: Tally::default(),
            damage: Mutex::new(None),
            closing: watch::Sender::new(false),
        };
        service.look_for_room().await;
        Ok(service)
    }

    /// The desk of that id, if it is enrolled.
    pub fn desk(&self, id: &DeskId) -> Result<Arc<Desk>, ServiceError> {
        let desks = self.desks.read().unwrap_or_else(PoisonError::into_inner);
        desks.get(id).cloned().ok_or(ServiceError::NotFound)
    }

    /// The only desk there is.
    pub fn only_desk(&self) -> Option<Arc<Desk>> {
        let desks = self.desks.read().unwrap_or_else(PoisonError::into_inner);
        let mut all = desks.values();
        all.next().filter(|_| all.next().is_none()).cloned()
    }

    /// Lets the effort that is asked of callers follow the load; never ends.
    pub async fn keep_admission(&self) {
        self.admission.keep_time().await;
    }

    /// All enrolled desks.
    fn all_desks(&self) -> Vec<Arc<Desk>> {
        self.desks.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Ends all waiting of `follow`, now and from now on.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    fn now(&self) -> UnixSeconds {
        (self.clock)()
    }

    fn today(&self) -> Day {
        self.now().day()
    }

    /// A generator of its own for one use, so that nobody waits while another fills kilobytes.
    fn rng(&self) -> ChaCha20Rng {
        let mut seed = [0; 32];
        self.rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut seed);
        ChaCha20Rng::from_seed(seed)
    }

    /// Passes on what the store answered, and has a failure logged.
    fn noted<T>(&self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        answer.inspect_err(|error| {
            self.trouble.note(error, self.today());
            self.note_damage(error);
        })
    }
}
