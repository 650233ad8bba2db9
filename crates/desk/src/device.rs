//! What a device holds in memory: its keys, the log, what it is about to post, and where it stands in the inbox.

use callsign_protocol::{
    encoding::Bytes,
    time::{Day, UnixSeconds},
};
use rand_core::CryptoRng;

use crate::{
    DeskError,
    cases::{Event, EventBody, EventId, FOLD_VERSION, LISTED_DAYS, Origin},
    desk::{Outside, ShownUnkept},
    hub::inbox::Inbox,
    keys::{DeviceKeyFile, Keys, Vault},
    log::{Alarm, Log, state::Reader},
    posting::Posting,
    store::Cache,
};

/// Days after its own for which an epoch's key is kept.
pub(crate) const GRACE_DAYS: u32 = 3;

/// A device's memory. All methods are quick or touch the local cache only; none waits for the hub.
pub(crate) struct DeviceState {
    pub(crate) keys: Keys,
    pub(crate) log: Log,
    pub(crate) posting: Posting,
    pub(crate) inbox: Inbox,
    pub(crate) cache: Cache,
    pub(crate) rng: Box<dyn CryptoRng + Send>,
    /// Messages that were shown to a person while nothing could be kept of that.
    pub(crate) shown_unkept: ShownUnkept,
    /// Why it does nothing for the desk, where hub or keyring have said so.
    pub(crate) outside: Option<Outside>,
}

impl DeviceState {
    /// Reads the cache of a desk that has been set up.
    pub(crate) fn load(
        vault: Vault,
        key_file: DeviceKeyFile,
        cache: Cache,
        rng: Box<dyn CryptoRng + Send>,
    ) -> Result<Self, DeskError> {
        Self::load_as(FOLD_VERSION, vault, key_file, cache, rng)
    }

    /// The same by a program that knows this version of the fold.
    pub(crate) fn load_as(
        program: u32,
        vault: Vault,
        key_file: DeviceKeyFile,
        cache: Cache,
        rng: Box<dyn CryptoRng + Send>,
    ) -> Result<Self, DeskError> {
        let keys = Keys::load(vault, key_file, &cache, program)?;
        let log = Log::of(Reader { cache: &cache, keys: &keys }.read()?);
        let taken = cache.taken()?;
        let outside = cache.outside()?.as_deref().and_then(Outside::of_note);
        let mut state = Self {
            keys,
            log,
            posting: Posting::default(),
            inbox: Inbox { taken, ..Inbox::default() },
            cache,
            rng,
            shown_unkept: ShownUnkept::new(),
            outside,
        };
        state.use_up_request()?;
        state.keep_changes()?;
        state.reading(Self::show_anew)?;
        Ok(state)
    }

    /// Whether an event of this id is in the log, and counts there.
    ///
    /// # Errors
    /// [`DeskError::WithoutEffect`] where it stands there in vain.
    pub(crate) fn is_in_log(&self, id: &EventId) -> Result<bool, DeskError> {
        let cases = &self.log.fold.cases;
        match cases.void().rfind(|void| void.id == *id) {
            Some(void) if !cases.has_applied(id) => Err(DeskError::WithoutEffect(void.refusal)),
            _ => Ok(cases.has_applied(id)),
        }
    }

    /// An event with a random id.
    pub(crate) fn event(&mut self, body: EventBody) -> Event {
        Event { id: Bytes::random(&mut self.rng), body }
    }

    /// Sixteen random bytes.
    pub(crate) fn random_id(&mut self) -> Bytes<16> {
        Bytes::random(&mut self.rng)
    }

    /// The origin of acts of this device that wait for the log.
    pub(crate) fn waiting(&self) -> Origin {
        let (generation, fold) = (self.keys.keyring.generation, self.keys.keyring.fold);
        let (at, day) = (UnixSeconds(0), Day(0));
        Origin {
            author: self.keys.author,
            at,
            day,
            sequence: None,
            generation,
            fold,
            program: self.keys.program,
            has_identity: self.keys.vault.identity_seed.is_some(),
        }
    }

    /// Whether this program knows the version of the fold in force.
    pub(crate) fn knows_fold(&self) -> Result<(), DeskError> {
        if self.keys.keyring.fold > self.keys.program { Err(DeskError::Outdated) } else { Ok(()) }
    }

    /// Whether this device may write into the log.
    ///
    /// # Errors
    /// An alarm; [`DeskError::Outdated`], [`DeskError::ClockDiffers`]; [`DeskError::CatchingUp`] before the state is known.
    pub(crate) fn may_write(&self) -> Result<(), DeskError> {
        if let Some(alarm) = self.log.alarm {
            return Err(DeskError::Alarm(alarm));
        }
        self.knows_fold()?;
        // What waits here is of before the removal.
        if self.outside == Some(Outside::OldRequest) {
            return Err(DeskError::OldRequest);
        }
        if let Some((device, _)) = self.log.ahead_of {
            return Err(DeskError::ClockDiffers(device));
        }
        if self.log.fold.is_known() && self.is_borne_out() { Ok(()) } else { Err(DeskError::CatchingUp) }
    }

    /// Destroys some of what no period keeps any longer; whether more is left.
    pub(crate) fn forget(&mut self, today: Day) -> Result<bool, DeskError> {
        let is_left = self.reading(|state| {
            let mut is_left = false;
            for cases in [&mut state.log.fold.cases, &mut state.log.view] {
                is_left |= cases.forget_before(today.minus(LISTED_DAYS), today.minus(GRACE_DAYS))?;
            }
            Ok(is_left)
        })?;
        self.keep_changes()?;
        Ok(is_left)
    }

    /// Stops all writing until a person has looked.
    pub(crate) fn raise<T>(&mut self, alarm: Alarm) -> Result<T, DeskError> {
        self.log.raise(alarm)
    }
}
