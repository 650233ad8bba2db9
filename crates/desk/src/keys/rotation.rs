//! Turning keys over: a new epoch key each day, old ones destroyed after the grace, the duty key's certificate renewed.

use callsign_protocol::{
    identity::{PrivateKey, PublicKey},
    keyring::{DeskKeys, DeviceIdentity, EpochKey, Keyring},
    letter_key::last_day,
    notice::{FORMER_ANSWER_KEYS_MAX, INBOX_KEY_DAYS},
    signed::{Envelope, Kind, Putter, TOLERANCE_DAYS},
    time::{Day, UnixSeconds},
};

use crate::{
    DeskError,
    cases::LISTED_DAYS,
    device::{DeviceState, GRACE_DAYS},
    keys::{
        certificate::read_certificate,
        following::{Horizon, Published, bound},
        numbers::next_serial,
    },
    store::Offered,
};

impl DeviceState {
    /// The next keyring, where today needs one: a new generation, missing epochs, keys past their time, an ageing certificate.
    pub(crate) fn next_keyring(&mut self, now: UnixSeconds) -> Result<Option<Vec<u8>>, DeskError> {
        let today = now.day();
        // A removal that was interrupted goes on at whatever device is next.
        if self.generation_is_over(today) || !self.are_to_go().is_empty() {
            return self.next_generation(now).map(Some);
        }
        let mut keys = self.keys_to_go_on_with()?;
        self.renew_epochs(&mut keys, today);
        self.renew_letters(&mut keys, today);
        self.renew_certificate(&mut keys, today)?;
        if keys == self.keys.desk && !self.keys.is_wrong {
            return Ok(None);
        }
        let devices = self.identities();
        self.wrap_and_sign(self.keys.keyring.clone(), &devices, &keys).map(Some)
    }

    /// Makes the epochs that are missing from today on, and destroys keys that are past their time.
    pub(crate) fn renew_epochs(&mut self, keys: &mut DeskKeys, today: Day) {
        // A key that callers still seal to is kept whatever this machine's clock says, for as long as the log goes on in time.
        let published = self.published_in_time();
        keys.epochs
            .retain(|key| key.epoch.plus(GRACE_DAYS) >= today || published.epochs.contains(&key.epoch));
        bound(keys, &Horizon::of(today, published));
        for day in (0..INBOX_KEY_DAYS).map(|n| today.plus(n)) {
            if !keys.epochs.iter().any(|key| key.epoch == day && !key.superseded) {
                keys.epochs.push(EpochKey::generate(day, &mut self.rng));
            }
        }
        keys.former_answer_keys.retain(|key| key.last_day.plus(LISTED_DAYS) >= today);
        keys.former_answer_keys.truncate(FORMER_ANSWER_KEYS_MAX);
        for key in &mut keys.former_answer_keys {
            if key.last_day.plus(GRACE_DAYS) < today {
                key.secret = None;
            }
        }
    }

    /// What callers may still seal to. By the time of the log too, a day behind its end nobody does so with a notice: a hub that takes no other
    /// keeps no key alive.
    pub(crate) fn published_in_time(&self) -> Published {
        let now = self.log.fold.cases.time().day();
        let is_over = |ends: Day| ends.plus(TOLERANCE_DAYS + GRACE_DAYS) < now;
        let mut published = self.keys.published();
        if self.keys.notice.as_ref().is_some_and(|held| is_over(held.notice.expires.day())) {
            published.epochs.clear();
        }
        published.periods.retain(|period| last_day(*period) >= now);
        published
    }

    /// Wraps the keys to every device and signs the keyring, with the serial that is next.
    pub(crate) fn wrap_and_sign(
        &mut self,
        keyring: Keyring,
        devices: &[DeviceIdentity],
        keys: &DeskKeys,
    ) -> Result<Vec<u8>, DeskError> {
        let (serial, by) = (next_serial(self.keys.keyring.serial, "keyrings")?, Some(self.keys.author));
        let next = Keyring { serial, by, ..keyring };
        let next = next.wrapped_to(devices, keys, &self.keys.fingerprint, &mut self.rng)?;
        // Before the hub has it, which may say that it does not store it, and keep it.
        self.cache.note_offered(&Offered {
            generation: next.generation,
            former: next.former.iter().map(|device| device.id).collect(),
            until: read_certificate(keys)?.days.1,
        })?;
        sign_keyring(&next, keys, Putter::Device(&self.keys.vault.device_key()), self.keys.vault.identity)
    }
}

/// Signs a keyring with the duty key that is in it, and as who puts it.
pub(crate) fn sign_keyring(
    keyring: &Keyring,
    keys: &DeskKeys,
    putter: Putter<'_>,
    identity: PublicKey,
) -> Result<Vec<u8>, DeskError> {
    let body = serde_json::to_vec(keyring).map_err(callsign_protocol::keyring::KeyringError::from)?;
    let duty_key = PrivateKey::from_seed(&keys.duty_key);
    let certificate = read_certificate(keys)?;
    let envelope = Envelope::sign(Kind::Keyring, identity, certificate, &duty_key, body);
    Ok(envelope.put_by(putter, keyring.serial).encode())
}
