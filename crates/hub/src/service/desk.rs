//! A desk as it is served from memory: its identity, and its current notice, letters document and keyring.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use callsign_protocol::{
    identity::{DeskId, Fingerprint, PublicKey},
    keyring::{DeviceId, Keyring, KeyringError, VerifiedKeyring, device_id},
    letters::{Letters, LettersError, VerifiedLetters},
    notice::{Notice, NoticeError, VerifiedNotice},
    signed::{Envelope, Kind},
    time::Day,
};
use thiserror::Error;
use tokio::sync::Mutex;

use super::{precedence::Precedence, turns::Turns};
use crate::{
    coded::Coded,
    store::{Store, StoreError, StoredDocument},
};

/// Days since which the certificate of a keyring may have ended that a device brings again: the age of a backup that is taken back, and the
/// day by which clocks differ.
const CHAIN_DAYS: u32 = 8;

/// An enrolled desk.
#[derive(Debug)]
pub struct Desk {
    /// The first part of its addresses.
    pub id: DeskId,
    /// What its signatures are checked against.
    pub fingerprint: Fingerprint,
    /// Ed25519; it opens sessions as a device does, for it may have to learn where the keyring stands.
    pub identity: PublicKey,
    /// What callers need to know.
    pub notice: Current<VerifiedNotice>,
    /// What their letters are sealed to.
    pub letters: Current<VerifiedLetters>,
    /// Who may write.
    pub keyring: Current<VerifiedKeyring>,
    /// Held while a document is put: each is judged by the one before it.
    pub putting: Mutex<()>,
    /// Held while a commit is applied: what it signs is judged by the lists that it is the next to post to.
    pub committing: Arc<Mutex<()>>,
    /// Of putting keyrings.
    pub keyring_turns: Turns,
    /// Of committing.
    pub commit_turns: Turns,
    /// Who commits next.
    pub precedence: Precedence,
}

/// The newest verified document of one kind, if there is one.
#[derive(Debug)]
pub struct Current<T>(RwLock<Option<Arc<Document<T>>>>);

/// A verified document, as it came and as it reads.
#[derive(Debug)]
pub struct Document<T> {
    /// Its serial.
    pub serial: u64,
    /// The bytes to serve.
    pub envelope: Coded,
    /// The day on which they were checked.
    pub checked: Day,
    /// What they say.
    pub body: T,
}

/// What is stored of a desk's signed documents.
#[derive(Debug)]
pub struct StoredDocuments {
    /// Its notice.
    pub notice: Option<StoredDocument>,
    /// Its letters document.
    pub letters: Option<StoredDocument>,
    /// Its keyring.
    pub keyring: Option<StoredDocument>,
}

/// Why a stored desk cannot be served.
#[derive(Debug, Error)]
pub enum DeskError {
    /// The stored keyring does not verify.
    #[error(
        "the stored keyring of desk {0} is damaged; copy the directory away and bring back a backup with `callsign hub restore --replace`"
    )]
    Keyring(DeskId, KeyringError),
    /// The stored letters document does not verify.
    #[error(
        "the stored letter keys of desk {0} are damaged; copy the directory away and bring back a backup with `callsign hub restore --replace`"
    )]
    Letters(DeskId, LettersError),
    /// The stored notice does not verify.
    #[error(
        "the stored notice of desk {0} is damaged; copy the directory away and bring back a backup with `callsign hub restore --replace`"
    )]
    Notice(DeskId, NoticeError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Desk {
    /// A desk that has published nothing yet.
    pub fn new(identity: &PublicKey) -> Self {
        let fingerprint = Fingerprint::of(identity);
        Self {
            id: fingerprint.desk_id(),
            fingerprint,
            identity: *identity,
            notice: Current::default(),
            letters: Current::default(),
            keyring: Current::default(),
            putting: Mutex::default(),
            committing: Arc::default(),
            keyring_turns: Turns::of_keyrings(),
            commit_turns: Turns::of_commits(),
            precedence: Precedence::default(),
        }
    }

    /// A desk with the documents that are stored of it, verified again as of the day on which they were put.
    pub fn load(
        identity: &PublicKey,
        StoredDocuments { notice, letters, keyring }: StoredDocuments,
    ) -> Result<Self, DeskError> {
        let desk = Self::new(identity);
        if let Some(stored) = notice {
            let document = Document::notice(stored.envelope, &desk.fingerprint, stored.day)
                .map_err(|error| DeskError::Notice(desk.id.clone(), error))?;
            desk.notice.advance(document);
        }
        if let Some(stored) = letters {
            let document = Document::letters(stored.envelope, &desk.fingerprint, stored.day)
                .map_err(|error| DeskError::Letters(desk.id.clone(), error))?;
            desk.letters.advance(document);
        }
        if let Some(stored) = keyring {
            let document = Document::keyring(stored.envelope, &desk.fingerprint, stored.day)
                .map_err(|error| DeskError::Keyring(desk.id.clone(), error))?;
            desk.keyring.advance(document);
        }
        Ok(desk)
    }

    /// The key that checks what a device signs, or the identity where that is the one.
    pub fn signing_key(&self, id: &DeviceId) -> Option<PublicKey> {
        if *id == device_id(&self.identity) {
            return Some(self.identity);
        }
        Some(self.keyring.read()?.body.keyring.device(id)?.signing_key)
    }

    /// Number of lists that a day is cut into by the plan; none without a notice.
    pub fn shards(&self, day: Day) -> u32 {
        self.notice.read().and_then(|notice| Some(notice.body.notice.plan.on(day)?.shards)).unwrap_or(0)
    }
}

impl<T> Current<T> {
    /// The document.
    pub fn read(&self) -> Option<Arc<Document<T>>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the document unless a newer one was faster.
    pub fn advance(&self, document: Document<T>) {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().is_none_or(|current| current.serial < document.serial) {
            *current = Some(Arc::new(document));
        }
    }
}

impl<T> Default for Current<T> {
    fn default() -> Self {
        Self(RwLock::new(None))
    }
}

impl Document<VerifiedNotice> {
    /// Checks a notice's chain as of a day.
    pub fn notice(envelope: Vec<u8>, desk: &Fingerprint, day: Day) -> Result<Self, NoticeError> {
        let body = Notice::verify(&envelope, Some(desk), day.start())?;
        Ok(Self { serial: body.notice.serial, envelope: Coded::gzipped(envelope), checked: day, body })
    }

    /// A day that two clocks have said: the desk's when it was made, and the hub's when it was put.
    pub fn confirmed_day(&self) -> Day {
        self.checked.min(self.body.notice.issued.day())
    }
}

impl Document<VerifiedLetters> {
    /// Checks a letters document's chain as of a day.
    pub fn letters(envelope: Vec<u8>, desk: &Fingerprint, day: Day) -> Result<Self, LettersError> {
        let body = Letters::verify(&envelope, Some(desk), day.start())?;
        Ok(Self { serial: body.letters.serial, envelope: Coded::plain(envelope), checked: day, body })
    }
}

impl Document<VerifiedKeyring> {
    /// Checks a keyring's chain as of a day.
    pub fn keyring(envelope: Vec<u8>, desk: &Fingerprint, day: Day) -> Result<Self, KeyringError> {
        let body = Keyring::verify(&envelope, desk, day.start())?;
        Ok(Self { serial: body.keyring.serial, envelope: Coded::plain(envelope), checked: day, body })
    }

    /// The same of one that a device brings to a hub which came back from a backup: its certificate may have ended since then.
    pub fn keyring_of_chain(envelope: Vec<u8>, desk: &Fingerprint, today: Day) -> Result<Self, KeyringError> {
        let ended = Envelope::decode(&envelope)?.certificate().days.1;
        let is_of_chain = ended < today && today <= ended.plus(CHAIN_DAYS);
        Self::keyring(envelope, desk, if is_of_chain { ended } else { today })
    }
}

/// All enrolled desks with their documents.
pub async fn load_all<S: Store>(store: &S) -> Result<HashMap<DeskId, Arc<Desk>>, DeskError> {
    let mut desks = HashMap::new();
    for identity in store.desks().await? {
        let id = Fingerprint::of(&identity).desk_id();
        let stored = StoredDocuments {
            notice: store.document(&id, Kind::Notice).await?,
            letters: store.document(&id, Kind::Letters).await?,
            keyring: store.document(&id, Kind::Keyring).await?,
        };
        desks.insert(id, Arc::new(Desk::load(&identity, stored)?));
    }
    Ok(desks)
}
