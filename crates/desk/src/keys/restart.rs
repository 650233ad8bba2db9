//! A restart: the identity puts a keyring over all that went before, with one device in it.

use callsign_protocol::{
    VERSION,
    drop::POSTING_SLOTS,
    encoding::{Bytes, Secret},
    identity::{Fingerprint, PrivateKey},
    json::NUMBER_MAX,
    keyring::{DeskKeys, Device, DeviceId, DeviceIdentity, EpochKey, FormerDevice, Keyring, VerifiedKeyring},
    letter_key::{LetterKey, published_periods},
    notice::{INBOX_KEY_DAYS, VerifiedNotice},
    signed::{CERTIFICATE_DAYS, Certificate, Putter, Signer},
    time::{Day, UnixSeconds},
    xwing_public,
};
use rand_core::CryptoRng;

use super::{
    DeviceKeyFile, Vault,
    certificate::{ALONE_DAYS, certify},
    numbers::{next_certificate, next_generation, next_serial},
    rotation::sign_keyring,
};
use crate::{DeskError, cases::FOLD_VERSION, device::DeviceState};

/// Serials by which a keyring of the hub may be ahead of the one that is known here; with so few such leaps, a hub's word never uses the numbers up.
const SERIALS_AHEAD_MAX: u64 = 1 << 28;
/// Generations, likewise.
const GENERATIONS_AHEAD_MAX: u32 = 1 << 16;

/// The highest numbers of a desk's documents that somebody has shown; all zero for a desk that begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Numbers {
    serial: u64,
    generation: u32,
    certificate: u32,
    /// The highest posting slot in the keyring.
    posting_slot: Option<u8>,
}

impl Numbers {
    /// Those of what the hub has.
    pub(crate) fn of(keyring: Option<&VerifiedKeyring>, notice: Option<&VerifiedNotice>) -> Self {
        let certificate = |signer: &Signer| signer.number;
        let signers = [keyring.map(|verified| &verified.signer), notice.map(|verified| &verified.signer)];
        Self {
            serial: keyring.map_or(0, |verified| verified.keyring.serial),
            generation: keyring.map_or(0, |verified| verified.keyring.generation),
            certificate: signers.into_iter().flatten().map(certificate).max().unwrap_or(0),
            posting_slot: keyring
                .and_then(|verified| verified.keyring.devices.iter().map(|device| device.posting_slot).max()),
        }
    }

    /// With those of what the hub has, as far as they count: whoever knows a duty key of any time signs any numbers but the certificate's.
    fn and(self, hubs: Self) -> Self {
        let Self { serial, generation, certificate, .. } = hubs.up_to(
            self.serial.saturating_add(SERIALS_AHEAD_MAX),
            self.generation.saturating_add(GENERATIONS_AHEAD_MAX),
        );
        Self {
            serial: self.serial.max(serial),
            generation: self.generation.max(generation),
            certificate: self.certificate.max(certificate),
            posting_slot: self.posting_slot,
        }
    }

    /// The same where nothing is known but what the hub has: half of all numbers are left then.
    fn from_nothing(hubs: Self) -> Self {
        hubs.up_to(NUMBER_MAX / 2, u32::MAX / 2)
    }

    fn up_to(self, serial_max: u64, generation_max: u32) -> Self {
        let Self { serial, generation, .. } = self;
        if serial <= serial_max && generation <= generation_max {
            return self;
        }
        tracing::warn!(
            serial,
            generation,
            "the hub shows a keyring with numbers that no desk comes to; they do not count"
        );
        Self { serial: 0, generation: 0, ..self }
    }

    /// Those of the restart that comes behind all of them.
    ///
    /// # Errors
    /// [`DeskError::NumbersEnd`]: a document with a number that no reader takes would be the desk's end.
    fn next(self) -> Result<Self, DeskError> {
        Ok(Self {
            serial: next_serial(self.serial, "keyrings")?,
            generation: next_generation(self.generation)?,
            certificate: next_certificate(self.certificate)?,
            posting_slot: self.posting_slot,
        })
    }
}

impl DeviceState {
    /// The keyring of a desk that goes on with this device alone, from the state that it knows.
    pub(crate) fn restarted(
        &mut self,
        now: UnixSeconds,
        identity: &PrivateKey,
        hubs: Numbers,
    ) -> Result<Vec<u8>, DeskError> {
        if !self.log.fold.is_known() {
            return Err(DeskError::CatchingUp);
        }
        let today = now.day();
        let seen = Numbers::of(Some(&self.keys.verified()), self.keys.notice.as_ref()).and(hubs);
        let Numbers { serial, generation, certificate, .. } = seen.next()?;
        let Device { id: own, signing_key, posting_slot, .. } = self.keys.device()?.clone();
        let wrapping_key = xwing_public(&self.keys.file.wrapping(generation, &mut self.rng)?);
        let others = self.keys.keyring.devices.iter().filter(|device| device.id != own);
        // Their entries of before are still to be read.
        let former = others.map(|device| FormerDevice { id: device.id, signing_key: device.signing_key });
        let mut former: Vec<_> = former.collect();
        if !self.log.fold.snapshot_is_whole() || self.log.fold.generation() < self.keys.keyring.generation {
            // One that went and came again is named once.
            let is_named = |id: &DeviceId| *id == own || self.keys.keyring.device(id).is_some();
            let before = self.keys.keyring.former.iter();
            former.extend(before.filter(|before| !is_named(&before.id)).cloned());
        }
        let mut keys = self.turned_over(today, (generation, &former), true)?;
        if self.is_unproven() {
            // Nothing has shown that any of them, the one in use among them, is the desk's.
            keys.former_answer_keys.clear();
        }
        (keys.duty_key, keys.duty_generation) = (PrivateKey::generate(&mut self.rng).seed(), generation);
        let days = self.keys.vault.alone_days().unwrap_or(self.custodians_days());
        certify(&mut keys, identity, certificate, (today, days));
        self.renew_epochs(&mut keys, today);
        self.renew_letters(&mut keys, today);
        let device = DeviceIdentity { signing_key, wrapping_key, posting_slot };
        let keyring = Keyring {
            serial,
            generation,
            begun: today,
            // One that a device has said and no program knows stops nobody.
            fold: self.keys.keyring.fold.min(self.keys.program),
            former,
            by: None,
            ..self.keys.keyring.clone()
        };
        let keyring = keyring.wrapped_to(&[device], &keys, &self.keys.fingerprint, &mut self.rng)?;
        sign_keyring(&keyring, &keys, Putter::Identity(identity), identity.public())
    }
}

impl Vault {
    /// Days for which the one device of a desk certifies a duty key, where it has the identity.
    fn alone_days(&self) -> Option<u32> {
        self.identity_seed.as_ref().map(|_| ALONE_DAYS)
    }
}

/// The keyring of a desk that begins with one device and all keys new: the first, or that of a desk that has lost all devices.
pub(crate) fn begun_keyring(
    vault: &Vault,
    key_file: &DeviceKeyFile,
    identity: &PrivateKey,
    seen: Numbers,
    (now, rng): (UnixSeconds, &mut impl CryptoRng),
) -> Result<Vec<u8>, DeskError> {
    let today = now.day();
    let Numbers { serial, generation, certificate, posting_slot } = Numbers::from_nothing(seen).next()?;
    // The devices that are lost may have posted today: an address follows from slot and place, and no address comes twice.
    let posting_slot = posting_slot.map_or(0, |highest| (highest + 1) % POSTING_SLOTS);
    let fingerprint = Fingerprint::of(&identity.public());
    // What was certified for devices that are lost, nobody here knows.
    let exposed_until = if seen == Numbers::default() { Day(0) } else { today.plus(CERTIFICATE_DAYS) };
    let mut keys = DeskKeys {
        duty_key: PrivateKey::generate(rng).seed(),
        certificate: Bytes([0; Certificate::LEN]),
        duty_generation: generation,
        certified_until: exposed_until,
        exposed_until,
        answer_key: Secret::random(rng),
        former_answer_keys: Vec::new(),
        log_key: Secret::random(rng),
        epochs: (0..INBOX_KEY_DAYS).map(|n| EpochKey::generate(today.plus(n), rng)).collect(),
        letters: published_periods(today).map(|period| LetterKey::generate(period, rng)).collect(),
    };
    certify(&mut keys, identity, certificate, (today, vault.alone_days().unwrap_or(CERTIFICATE_DAYS)));
    // A keyring that nobody can open would be the desk's end.
    let wrapping_key = xwing_public(&key_file.wrapping(generation, rng)?);
    let device = DeviceIdentity { signing_key: vault.device_key().public(), wrapping_key, posting_slot };
    let keyring = Keyring {
        version: VERSION,
        serial,
        generation,
        begun: today,
        fold: FOLD_VERSION,
        keys: Vec::new(),
        devices: Vec::new(),
        former: Vec::new(),
        by: None,
    };
    let keyring = keyring.wrapped_to(&[device], &keys, &fingerprint, rng)?;
    sign_keyring(&keyring, &keys, Putter::Identity(identity), identity.public())
}
