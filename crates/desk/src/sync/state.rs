//! What a device holds in memory: keys, both folds of the log, and what waits to be committed.

use callsign_protocol::{
    commit::Head,
    encoding::Bytes,
    entry::{Entry, EntryError, EntryHash},
    event::{Event, EventBody, EventId},
    identity::Fingerprint,
    keyring::{DeskKeys, Device, Keyring, KeyringError, WrapContext, device_id},
    notice::{Notice, NoticeError, VerifiedNotice},
    signed::Envelope,
    time::{Day, UnixSeconds},
};
use rand_core::CryptoRng;

use super::{
    Alarm,
    beat::{Bundle, Offered},
    inbox::Inbox,
};
use crate::{
    DeskError,
    cases::Cases,
    vault::{Cache, Vault},
};

/// Days after its own for which an epoch's key is kept.
pub(super) const GRACE_DAYS: u32 = 3;

/// Where a device stood when it asked the hub: what the answer is compared with, for other threads go on meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    pub(crate) cells_after: u64,
    pub(crate) log_after: u64,
    pub(super) head: u64,
    keyring: u64,
}

/// A device's memory. All methods are quick or touch the local cache only; none waits for the hub.
pub(crate) struct State {
    pub(crate) vault: Vault,
    pub(super) fingerprint: Fingerprint,
    pub(super) cache: Cache,
    pub(super) rng: Box<dyn CryptoRng + Send>,
    pub(super) keyring: Keyring,
    pub(super) keys: DeskKeys,
    pub(crate) notice: Option<VerifiedNotice>,
    pub(super) head: Head,
    /// Whether the hub has shown the head in this process.
    pub(super) head_confirmed: bool,
    /// The log alone: what may be posted is decided by it.
    pub(super) log: Cases,
    /// The log and what waits for a commit: what people see.
    pub(crate) view: Cases,
    pub(super) inbox: Inbox,
    /// The entry composed last, and the inbox position seen by then.
    pub(super) composed: Option<(EntryHash, u64)>,
    /// The drop of the tick that was tried last.
    pub(super) offered: Option<Offered>,
    pub(crate) alarm: Option<Alarm>,
    /// Cells that did not open since this process began.
    pub(crate) dropped_cells: u64,
}

impl State {
    /// Reads the cache of a desk that has been set up.
    pub(crate) fn load(
        vault: Vault,
        mut cache: Cache,
        rng: Box<dyn CryptoRng + Send>,
    ) -> Result<Self, DeskError> {
        let fingerprint = vault.fingerprint();
        let (_, envelope) = cache.document("keyring")?.ok_or(KeyringError::Absent)?;
        // Both may have run out while this device was away; they were in order when they were kept.
        let then = |envelope: &[u8]| Envelope::kept_since(envelope);
        let keyring = Keyring::verify(&envelope, &fingerprint, then(&envelope).map_err(KeyringError::from)?)?;
        let keys = unwrap_keys(&vault, &fingerprint, &keyring)?;
        let notice = match cache.document("notice")? {
            Some((_, envelope)) => {
                let then = then(&envelope).map_err(NoticeError::from)?;
                Some(Notice::verify(&envelope, Some(&fingerprint), then)?)
            }
            None => None,
        };
        let (entries, head) = cache.log()?;
        let mut log = Cases::default();
        for (_, entry) in &entries {
            for event in entry.open(&fingerprint, &keys.log_key)? {
                log.apply(&event);
            }
        }
        let mut view = log.clone();
        for event in &cache.pending()? {
            view.apply(event);
        }
        Ok(Self {
            vault,
            fingerprint,
            cache,
            rng,
            keyring,
            keys,
            notice,
            head_confirmed: head == Head::EMPTY,
            head,
            log,
            view,
            inbox: Inbox::default(),
            composed: None,
            offered: None,
            alarm: None,
            dropped_cells: 0,
        })
    }

    /// Keeps events until they are in the log, all or none, and shows them at once.
    pub(crate) fn queue(&mut self, mut events: Vec<Event>) -> Result<(), DeskError> {
        events.retain(|event| !self.log.has_applied(&event.id));
        if events.iter().any(|event| !Bundle::new().offer(event.clone())) {
            // One that fits no bundle would hold back all behind it for ever.
            return Err(EntryError::TooLarge.into());
        }
        self.cache.put_pending(&events, &mut self.rng)?;
        for event in &events {
            self.view.apply(event);
        }
        Ok(())
    }

    /// Whether an event of this id is in the log.
    pub(crate) fn is_in_log(&self, id: &EventId) -> bool {
        self.log.has_applied(id)
    }

    /// An event with a random id.
    pub(crate) fn event(&mut self, body: EventBody) -> Event {
        Event { id: Bytes::random(&mut self.rng), body }
    }

    /// Sixteen random bytes.
    pub(crate) fn random_id(&mut self) -> Bytes<16> {
        Bytes::random(&mut self.rng)
    }

    /// Shows what another process has put into the shared cache.
    pub(super) fn refresh_pending(&mut self) -> Result<Vec<Event>, DeskError> {
        let pending = self.cache.pending()?;
        for event in &pending {
            self.view.apply(event);
        }
        Ok(pending)
    }

    /// Takes in the next entry of the log; one that contradicts what was seen raises the alarm.
    pub(crate) fn take_entry(&mut self, sequence: u64, entry: &Entry) -> Result<(), DeskError> {
        let hash = entry.hash();
        if sequence <= self.head.sequence {
            let same = sequence < self.head.sequence || hash == self.head.hash;
            return if same { Ok(()) } else { self.raise(Alarm::Fork) };
        }
        let header = entry.header();
        if sequence != self.head.sequence + 1 || header.prev != self.head.hash {
            return self.raise(Alarm::Fork);
        }
        let Some(device) = self.keyring.device(&header.device) else { return self.raise(Alarm::Forged) };
        if entry.verify(&self.fingerprint, &device.signing_key).is_err() {
            return self.raise(Alarm::Forged);
        }
        let events = entry.open(&self.fingerprint, &self.keys.log_key)?;
        let head = Head { sequence, hash };
        let ids: Vec<_> = events.iter().map(|event| event.id).collect();
        // On disk first: what memory has passed over is never asked for again.
        self.cache.put_entry(&head, entry, &ids)?;
        self.head = head;
        if let Some((_, seen_to)) = self.composed.take_if(|(composed, _)| *composed == hash) {
            self.inbox.committed(seen_to);
        }
        for event in &events {
            self.log.apply(event);
            self.view.apply(event);
        }
        Ok(())
    }

    /// Where this device stands, before it asks the hub.
    pub(crate) fn standing(&self) -> Result<Standing, DeskError> {
        let kept = self.cache.document("keyring")?.map_or(0, |(serial, _)| serial);
        Ok(Standing {
            cells_after: self.inbox.seen_to(),
            // The entry seen last is asked for again until the hub has shown in this process that it still has it.
            log_after: self.head.sequence.saturating_sub(u64::from(!self.head_confirmed)),
            head: self.head.sequence,
            keyring: kept.max(self.keyring.serial),
        })
    }

    /// Takes in the hub's keyring; one that is older than what was known when it was asked for raises the alarm.
    pub(crate) fn take_keyring(
        &mut self,
        envelope: &[u8],
        asked: &Standing,
        now: UnixSeconds,
    ) -> Result<(), DeskError> {
        let keyring = Keyring::verify(envelope, &self.fingerprint, now)?;
        if keyring.serial < asked.keyring {
            return self.raise(Alarm::KeyringWentBack);
        }
        if keyring.serial <= self.keyring.serial {
            // Another thread was faster.
            return Ok(());
        }
        self.keys = unwrap_keys(&self.vault, &self.fingerprint, &keyring)?;
        self.cache.put_document("keyring", keyring.serial, envelope)?;
        self.keyring = keyring;
        Ok(())
    }

    /// Takes in the hub's notice. It may have expired while no desk was at work: the next one builds on it.
    pub(crate) fn take_notice(&mut self, envelope: &[u8]) -> Result<(), DeskError> {
        let then = Envelope::kept_since(envelope).map_err(NoticeError::from)?;
        let verified = Notice::verify(envelope, Some(&self.fingerprint), then)?;
        self.cache.put_document("notice", verified.notice.serial, envelope)?;
        self.notice = Some(verified);
        Ok(())
    }

    /// This device in the keyring.
    pub(super) fn device(&self) -> Result<&Device, DeskError> {
        own_device(&self.vault, &self.keyring).map_err(DeskError::from)
    }

    /// Destroys what no period keeps any longer.
    pub(crate) fn forget(&mut self, today: Day) {
        let days = self.notice.as_ref().map_or(14, |notice| notice.notice.days);
        for cases in [&mut self.log, &mut self.view] {
            cases.forget_before(today.minus(days), today.minus(GRACE_DAYS));
        }
    }

    /// Stops all writing until a person has looked.
    pub(super) fn raise<T>(&mut self, alarm: Alarm) -> Result<T, DeskError> {
        self.alarm = Some(alarm);
        Err(DeskError::Alarm(alarm))
    }
}

fn own_device<'a>(vault: &Vault, keyring: &'a Keyring) -> Result<&'a Device, KeyringError> {
    keyring.device(&device_id(&vault.device_key().public())).ok_or(KeyringError::Absent)
}

fn unwrap_keys(
    vault: &Vault,
    fingerprint: &Fingerprint,
    keyring: &Keyring,
) -> Result<DeskKeys, KeyringError> {
    let context = WrapContext { fingerprint, generation: keyring.generation };
    own_device(vault, keyring)?.unwrap_keys(&vault.wrapping_key, context)
}
