//! Keyrings taken from the hub, judged by what this device knew when it asked.

use callsign_protocol::{
    WrappingKey,
    keyring::{DeviceId, Keyring, KeyringError, VerifiedKeyring},
    signed::{BODY_MAX, Envelope, SignedError, Signer, TOLERANCE_DAYS},
    time::{Day, UnixSeconds},
};

use crate::{
    DeskError,
    cases::KeyringBefore,
    desk::Outside,
    device::DeviceState,
    hub::inbox::Inbox,
    keys::{Keys, WrongKeyring, following::CLOCKS_DAYS, open_wrapped},
    log::{Alarm, Log, state::Reader},
    posting::Posting,
    store::BorneOut,
};

/// The name of the note of a keyring that said what it may not.
const WRONG_KEYRING: &str = "wrong keyring";

/// Where a device stood when it asked the hub: what the answer is compared with, for other threads go on meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    pub(crate) cells_after: u64,
    pub(crate) log_after: u64,
    /// Whether it knew the desk's state.
    pub(crate) is_known: bool,
    pub(crate) head: u64,
    keyring: u64,
}

impl Standing {
    /// Whether this keyring was known when the hub was asked.
    pub(crate) fn knew(&self, keyring: u64) -> bool {
        self.keyring >= keyring
    }

    /// Whether no later keyring than this one was known then.
    pub(crate) fn knew_at_most(&self, keyring: u64) -> bool {
        self.keyring <= keyring
    }
}

impl DeviceState {
    /// Where this device stands, before it asks the hub.
    pub(crate) fn standing(&self) -> Result<Standing, DeskError> {
        let kept = self.cache.document("keyring")?.map_or(0, |(serial, _)| serial);
        let is_known = self.log.fold.is_known();
        Ok(Standing {
            is_known,
            // Cells wait at the hub until the state is known with which they are opened.
            cells_after: if is_known { self.inbox.taken.to() } else { i64::MAX.cast_unsigned() },
            // The entry seen last is asked for again until the hub has shown in this process that it still has it.
            log_after: self.log.head.sequence.saturating_sub(u64::from(!self.log.head_confirmed)),
            head: self.log.head.sequence,
            keyring: kept.max(self.keys.keyring.serial),
        })
    }

    /// Takes in the hub's keyring; one that is older than what was known when it was asked for raises the alarm.
    pub(crate) fn take_keyring(
        &mut self,
        envelope: &[u8],
        asked: &Standing,
        now: UnixSeconds,
    ) -> Result<(), DeskError> {
        let verified = self.verify_keyring(envelope, now)?;
        let days = now.day().minus(CLOCKS_DAYS)..=now.day().plus(CLOCKS_DAYS);
        let judged = self.keys.verified().may_become(&verified, &days);
        let VerifiedKeyring { keyring, signer } = verified;
        if keyring.serial < asked.keyring {
            return self.raise(Alarm::KeyringWentBack);
        }
        if self.is_unproven() {
            return self.begin_anew_with(&keyring, envelope);
        }
        if keyring.serial <= self.keys.keyring.serial {
            // Another thread was faster.
            return Ok(());
        }
        if keyring.is_restart() {
            // Who has made it goes on from it; all others hear of it, and join anew where that was meant.
            let is_own = self.cache.restarting()?.is_some_and(|(_, own)| own == envelope);
            return if is_own {
                self.adopt((keyring, signer), envelope, now.day())
            } else {
                self.raise(Alarm::Restarted)
            };
        }
        match (judged, keyring.by) {
            (Ok(()), _) => self.adopt((keyring, signer), envelope, now.day()),
            (Err(KeyringError::Order), _) => self.raise(Alarm::KeyringWentBack),
            (Err(KeyringError::Changed), Some(by)) => self.raise(Alarm::KeyringChanged(by)),
            (Err(_), _) => self.raise(Alarm::KeyringForged),
        }
    }

    /// Checks a keyring by today's date. Where the identity is at hand, its certificate may have ended: nobody else can mend that.
    fn verify_keyring(&self, envelope: &[u8], now: UnixSeconds) -> Result<VerifiedKeyring, KeyringError> {
        let at = |now| Keyring::verify(envelope, &self.keys.fingerprint, now);
        let ended = Envelope::decode(envelope)?.certificate().days.1;
        match at(now) {
            Err(KeyringError::Signed(SignedError::CertificateDays))
                if self.keys.can_certify() && ended < now.day() =>
            {
                at(Envelope::kept_since(envelope)?)
            }
            judged => judged,
        }
    }

    /// Works under a keyring from now on.
    pub(crate) fn adopt(
        &mut self,
        (keyring, signer): (Keyring, Signer),
        envelope: &[u8],
        today: Day,
    ) -> Result<(), DeskError> {
        let (keys, fault) = match self.keys.of_keyring(&keyring, envelope, today) {
            Err(error @ DeskError::OldRequest) => {
                self.note_outside(Some(Outside::OldRequest));
                return Err(error);
            }
            opened => opened?,
        };
        let (ended, ended_key) = (self.keys.keyring.generation, self.keys.desk.log_key.clone());
        let is_new_generation = keyring.generation > ended;
        let is_first = self.cache.document("keyring")?.is_none_or(|(kept, _)| kept < keyring.serial);
        if is_new_generation && is_first {
            let corrected = fault.map(|_| (keyring.generation, keys.former_answer_keys.clone()));
            self.keys.file.change(&mut self.rng, |own| {
                // The entries that its snapshot is made of are still to be read.
                own.former_log.push((ended, ended_key.clone()));
                own.put_right = corrected;
            })?;
        }
        if keyring.is_restart() {
            self.cache.note_borne_out(&keyring)?;
            self.keys.borne_out = keyring.serial;
            self.log.fold.cases.note_restart(keyring.generation);
        }
        self.cache.put_keyring(keyring.serial, envelope)?;
        let in_use = self.wrapped_to(&keyring)?;
        let own = self
            .keys
            .file
            .change(&mut self.rng, |own| own.forget_wrapping_before(keyring.generation, &in_use))?;
        self.keys.former_log = own.former_log;
        if is_new_generation && !self.keys.former_log.iter().any(|(of, _)| *of == ended) {
            // Another process has destroyed it: it stays in memory until this one is in step, and on no disk.
            self.keys.former_log.push((ended, ended_key));
        }
        // The keyrings that name its key are forgotten with their generation, and the request may turn up years later.
        for came in keyring.devices.iter().filter(|device| self.keys.keyring.device(&device.id).is_none()) {
            self.cache.note_let_in(&came.id, &came.wrapping_key)?;
        }
        if is_new_generation {
            self.forget_old_keyrings(keyring.generation)?;
            self.cache.forget_offered_before(keyring.begun.minus(TOLERANCE_DAYS))?;
        }
        if let (Some(by), Some(fault)) = (keyring.by, fault) {
            self.cache.put_document(WRONG_KEYRING, keyring.serial, &WrongKeyring { by, fault }.note())?;
        }
        (self.keys.keyring, self.keys.signer, self.keys.desk) = (keyring, signer, keys);
        self.keys.is_wrong = fault.is_some();
        self.note_outside(None);
        self.cache.empty_journal()?;
        Ok(())
    }

    /// The last keyring that said what it may not of the desk's keys, for as long as the device that has put it belongs to the desk.
    pub(crate) fn wrong_keyring(&self) -> Option<WrongKeyring> {
        let (_, note) = self.cache.document(WRONG_KEYRING).ok()??;
        WrongKeyring::of_note(&note).filter(|wrong| self.keys.keyring.device(&wrong.by).is_some())
    }

    /// Whether the keyring fills more than half of what a hub takes.
    pub(crate) fn keyring_is_large(&self) -> bool {
        let kept = self.cache.document("keyring").ok().flatten();
        kept.is_some_and(|(_, envelope)| envelope.len() > BODY_MAX / 2)
    }

    /// The key to which a keyring is wrapped for this device.
    fn wrapped_to(&self, keyring: &Keyring) -> Result<WrappingKey, KeyringError> {
        keyring.device(&self.keys.author).map(|own| own.wrapping_key).ok_or(KeyringError::Absent)
    }

    /// The key of the request that let this device in becomes the one of its generation, which dies with that: a request lets a
    /// device in once, and the next one that it makes has another key.
    pub(crate) fn use_up_request(&mut self) -> Result<(), DeskError> {
        if !self.keys.file.load()?.has_request() {
            return Ok(());
        }
        let generation = self.keys.keyring.generation;
        let in_use = self.wrapped_to(&self.keys.keyring)?;
        match self.keys.file.change(&mut self.rng, |own| own.forget_wrapping_before(generation, &in_use)) {
            // What can only be read lets nobody in.
            Err(_) if self.cache.read_only().is_some() => Ok(()),
            changed => Ok(changed.map(drop)?),
        }
    }

    /// Whether a request with this wrapping key has let a device in before, as far as this device has seen it.
    pub(crate) fn has_let_in(
        &self,
        device: &DeviceId,
        wrapping_key: &WrappingKey,
    ) -> Result<bool, DeskError> {
        let is_of_it = |keyring: Keyring| {
            keyring.device(device).is_some_and(|known| known.wrapping_key == *wrapping_key)
        };
        let kept = self.cache.keyrings()?;
        Ok(self.cache.has_let_in(device, wrapping_key)?
            || kept.iter().filter_map(|(_, envelope)| self.keys.opened(envelope)).any(is_of_it))
    }

    /// Whether the log bears the keyring out. Nothing may be written under another one: whoever has put it may read along.
    pub(crate) fn is_borne_out(&self) -> bool {
        self.keys.borne_out >= self.keys.keyring.serial
    }

    /// Whether nothing has shown yet that the keyring which this device began with wraps the desk's keys.
    pub(crate) fn is_unproven(&self) -> bool {
        self.keys.borne_out == 0
    }

    /// Begins once more, with another keyring: what does not open under the keys of the one before may do so under its own.
    fn begin_anew_with(&mut self, keyring: &Keyring, envelope: &[u8]) -> Result<(), DeskError> {
        if !self.is_kept_keyring(envelope)? {
            open_wrapped(&self.keys.vault, &self.keys.file.load()?, keyring)?;
            self.cache.begin_with(keyring.serial, envelope)?;
        }
        self.load_anew()
    }

    /// Goes on from this disk, where another process of this device has begun once more.
    pub(crate) fn load_anew(&mut self) -> Result<(), DeskError> {
        let Keys { vault, file, program, .. } = &self.keys;
        self.keys = Keys::load(vault.clone(), file.clone(), &self.cache, *program)?;
        self.log = Log::of(Reader { cache: &self.cache, keys: &self.keys }.read()?);
        (self.posting, self.inbox) =
            (Posting::default(), Inbox { taken: self.cache.taken()?, ..Inbox::default() });
        self.show_anew()?;
        Ok(())
    }

    /// Sees whether the keys that this device began with are those which the device that let it in has said. One that was proven so before, and
    /// whose cache was lost, finds only whose it is: under another log key nothing of the log opens, and it is nobody's.
    fn prove_first(&mut self) -> Result<(), DeskError> {
        let cases = &self.log.fold.cases;
        match cases.answer_keys_said(&self.keys.author, self.keys.keyring.generation) {
            Some(said) if self.keys.are_said(said) => {}
            Some(_) => {
                let (author, generation) = (self.keys.author, self.keys.keyring.generation);
                let put = self.keys.keyring.by.unwrap_or(author);
                return Err(DeskError::WrongFirstKeys {
                    put,
                    said: cases.let_in_by(&author, generation).unwrap_or(put),
                });
            }
            None if self.keys.file.load()?.is_newcomer || cases.person_of(&self.keys.author).is_none() => {
                return Err(DeskError::AdmissionUnsaid);
            }
            None => {}
        }
        self.keys.file.change(&mut self.rng, |own| own.is_newcomer = false)?;
        Ok(())
    }

    /// Takes note of a keyring that this device has made and put on one that was borne out.
    pub(crate) fn bear_out_own(&mut self, envelope: &[u8]) -> Result<(), DeskError> {
        if self.is_kept_keyring(envelope)? {
            self.cache.note_borne_out(&self.keys.keyring)?;
            self.keys.borne_out = self.keys.keyring.serial;
        }
        Ok(())
    }

    /// Sees whether the log, which was read to its end behind the keyring, says of it what that does.
    pub(crate) fn bear_out_keyring(&mut self, today: Day) -> Result<(), DeskError> {
        if self.is_borne_out() {
            return Ok(());
        }
        if self.is_unproven() {
            // What another process has seen proven may have been another keyring.
            self.prove_first()?;
        }
        let keyring = &self.keys.keyring;
        // Another process of this device may be further.
        let known = self.cache.borne_out()?.filter(|known| known.serial < keyring.serial);
        let bears_out = |known: BorneOut| {
            let BorneOut { generation, fold, devices, .. } = &known;
            // Where the log is ahead of this device's clock, either may be wrong, and the later one bounds nothing.
            let began = self.log.fold.time_before(keyring.generation).map(|time| time.min(today));
            let before = KeyringBefore { generation: *generation, fold: *fold, devices, began };
            self.log.fold.cases.bears_out(keyring, &before)
        };
        if known.is_some_and(|known| !bears_out(known)) {
            return self.raise(Alarm::KeyringUnsaid);
        }
        self.cache.note_borne_out(keyring)?;
        self.keys.borne_out = keyring.serial;
        Ok(())
    }

    /// Keeps the keyrings of this generation and the one before alone: so far back can a hub go that lost the newest.
    fn forget_old_keyrings(&self, generation: u32) -> Result<(), DeskError> {
        let is_recent = |envelope: &[u8]| Some(self.keys.opened(envelope)?.generation + 1 >= generation);
        for (serial, envelope) in self.cache.keyrings()? {
            if is_recent(&envelope) != Some(true) {
                self.cache.forget_keyring(serial)?;
            }
        }
        Ok(())
    }

    /// Whether these are the bytes of the newest keyring that this device has seen.
    pub(crate) fn is_kept_keyring(&self, envelope: &[u8]) -> Result<bool, DeskError> {
        Ok(self.cache.document("keyring")?.is_some_and(|(_, kept)| kept == envelope))
    }
}
