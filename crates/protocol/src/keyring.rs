//! The keyring: a desk's devices, and the desk's keys for them.

mod wrap;

use std::{collections::BTreeSet, ops::RangeInclusive};

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    VERSION, WrappingKey, XWingSecret,
    derive::sha256_id,
    encoding::{Bytes, Secret, base64url},
    hpke_suite::xwing_public,
    identity::{self, Fingerprint, PublicKey},
    json::{self, JsonError},
    letter_key::LetterKey,
    notice::InboxKey,
    signed::{Certificate, Envelope, Kind, Put, SignedError, Signer, Verified},
    time::{Day, UnixSeconds},
};

pub use wrap::{WrapContext, seal_keys};

/// `SHA-256(signing_key)[..16]`.
pub type DeviceId = Bytes<16>;

/// Former devices in a keyring, at most: those of 32 generations that began before one of them had a whole snapshot.
pub const FORMER_MAX: usize = 256;

/// The body of a keyring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyring {
    /// Version of the protocol.
    pub version: u8,
    /// Grows by one with each keyring.
    pub serial: u64,
    /// The generation of answer, log and wrapping keys; from 1.
    pub generation: u32,
    /// The day on which the generation began.
    pub begun: Day,
    /// The version of the fold in force in the generation, from 1.
    pub fold: u32,
    /// [`DeskKeys`], sealed under a key that is wrapped to each device.
    #[serde(with = "base64url")]
    pub keys: Vec<u8>,
    /// Every device that may write.
    pub devices: Vec<Device>,
    /// Devices that may write no more, whose entries of the generation before may still be read.
    pub former: Vec<FormerDevice>,
    /// The device that puts it; none where the identity does, the first or in a restart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<DeviceId>,
}

/// A device that was removed when this generation began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerDevice {
    /// As in its entries.
    pub id: DeviceId,
    /// Ed25519.
    pub signing_key: PublicKey,
}

/// A keyring whose chain, days, version and putter's signature were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedKeyring {
    /// Its content.
    pub keyring: Keyring,
    /// The duty key that signed it.
    pub signer: Signer,
}

/// What is read before anything else of a body.
#[derive(Deserialize)]
struct Preface {
    version: u8,
}

/// One device of a desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Names the device in entries and sessions.
    pub id: DeviceId,
    /// Ed25519; signs entries and sessions.
    pub signing_key: PublicKey,
    /// X-Wing; the key of the desk's keys is wrapped to it.
    pub wrapping_key: WrappingKey,
    /// 0 to 7; keeps the addresses of two devices' drops apart.
    pub posting_slot: u8,
    /// The key of the desk's keys, sealed to `wrapping_key`.
    #[serde(with = "base64url")]
    pub wrapped: Vec<u8>,
}

/// The keys that all devices of a desk share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskKeys {
    /// Seed of the Ed25519 key that signs notices and keyrings.
    pub duty_key: Secret<32>,
    /// The identity's certificate for it, the newest.
    pub certificate: Bytes<{ Certificate::LEN }>,
    /// The generation in which that key was made.
    pub duty_generation: u32,
    /// The last day of any certificate so far, this key's or one before: what was certified stays so for callers.
    pub certified_until: Day,
    /// The last day of any certificate of a key that a device knows which is the desk's no more; 0 where there was none.
    pub exposed_until: Day,
    /// X25519; authenticates answers.
    pub answer_key: Secret<32>,
    /// Answer keys of generations before, newest first.
    pub former_answer_keys: Vec<FormerAnswerKey>,
    /// XChaCha20-Poly1305; seals the log.
    pub log_key: Secret<32>,
    /// The keys that open calls, oldest first.
    pub epochs: Vec<EpochKey>,
    /// The keys that open letters, oldest first.
    pub letters: Vec<LetterKey>,
}

/// The private key of one epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochKey {
    /// The day it is for.
    pub epoch: Day,
    /// Names the key among those of its day.
    pub key_id: u16,
    /// X-Wing's seed.
    pub seed: XWingSecret,
    /// Whether a newer key took its day over: it opens calls and is published no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub superseded: bool,
}

/// An answer key of a generation that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerAnswerKey {
    /// X25519, public.
    pub public: Bytes<32>,
    /// The last day under which answers were sealed with it.
    pub last_day: Day,
    /// Checks the proofs of calls sealed under an older notice; destroyed when no notice that names it can be in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret<32>>,
    /// Whether a device that was removed knows it, and so could make proofs with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exposed: bool,
}

/// Why a keyring is not used.
#[derive(Debug, Error)]
pub enum KeyringError {
    /// The device is not in it.
    #[error("this device is not in it")]
    Absent,
    /// It changes what stays the same within a generation, or begins one with a day or devices that do not follow.
    #[error("it changes what no keyring may change")]
    Changed,
    /// Not the JSON of section 5.3.
    #[error("its JSON is not readable")]
    Json(#[from] JsonError),
    /// Its serial, generation or version of the fold is not one that follows.
    #[error("its numbers do not follow those of the one that was seen")]
    Order,
    /// Put by a device that is not in the keyring before.
    #[error("it was put by a device that was none of the desk's")]
    Outsider,
    /// The signature of the device or identity that puts it fails.
    #[error("the signature of who has put it does not verify")]
    Put,
    /// Signed with a duty key that was replaced, or under a certificate that was renewed.
    #[error("it is signed with a key that was replaced")]
    Retired,
    /// An id is not the hash of its key, a posting slot is over 7, a slot or an id is taken twice, there are more former devices than may be, the
    /// generation is 0 or has no next one, or the device that puts it is not in it.
    #[error("it breaks a rule of the protocol")]
    Rule,
    /// The envelope does not verify.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// The wrapped keys do not open with this device's key.
    #[error("the wrapped keys do not open")]
    Wrapped,
}

impl Keyring {
    /// Decodes and verifies an envelope against the desk's fingerprint.
    pub fn verify(
        envelope: &[u8],
        pin: &Fingerprint,
        now: UnixSeconds,
    ) -> Result<VerifiedKeyring, KeyringError> {
        let envelope = Envelope::decode(envelope)?;
        let identity = envelope.identity();
        let verified = envelope.verify(Kind::Keyring, Some(pin), now)?;
        let keyring = Self::read(&verified)?;
        keyring.verify_put(&verified, &identity)?;
        Ok(VerifiedKeyring { keyring, signer: verified.certificate.signer })
    }

    /// Whether the identity puts it, over all that went before: a desk's first one, or a restart.
    pub fn is_restart(&self) -> bool {
        self.by.is_none()
    }

    fn verify_put(&self, verified: &Verified, identity: &PublicKey) -> Result<(), KeyringError> {
        let Verified { fingerprint, put: Some(Put { hash, signature }), .. } = verified else {
            return Err(KeyringError::Put);
        };
        let checked = if let Some(by) = &self.by {
            let device = self.device(by).ok_or(KeyringError::Rule)?;
            identity::verify(&device.signing_key, "put", &[&fingerprint.0, hash], signature)
        } else {
            let serial = self.serial.to_be_bytes();
            identity::verify(identity, "restart", &[&fingerprint.0, &serial, hash], signature)
        };
        checked.map_err(|_| KeyringError::Put)
    }

    /// The key that checks an entry of `generation` by the device `id`: former devices wrote before this generation.
    pub fn signing_key(&self, id: &DeviceId, generation: u32) -> Option<&PublicKey> {
        let former = || self.former.iter().find(|former| former.id == *id && generation < self.generation);
        let device = self.device(id).map(|device| &device.signing_key);
        device.or_else(|| former().map(|former| &former.signing_key))
    }

    fn read(verified: &Verified) -> Result<Self, KeyringError> {
        let Preface { version } = json::read(&verified.body)?;
        if version != VERSION {
            return Err(SignedError::Version.into());
        }
        let keyring: Self = json::read(&verified.body)?;
        // The last number has no next one.
        if matches!(keyring.generation, 0 | u32::MAX) || keyring.fold == 0 {
            return Err(KeyringError::Rule);
        }
        let mut slots = [false; 8];
        let mut ids = BTreeSet::new();
        for device in &keyring.devices {
            let slot = slots.get_mut(usize::from(device.posting_slot)).ok_or(KeyringError::Rule)?;
            let is_again = std::mem::replace(slot, true) || !ids.insert(device.id);
            if is_again || device.id != device_id(&device.signing_key) {
                return Err(KeyringError::Rule);
            }
        }
        let mut ids = BTreeSet::new();
        let is_former =
            |former: &FormerDevice| former.id == device_id(&former.signing_key) && ids.insert(former.id);
        if keyring.former.len() > FORMER_MAX || !keyring.former.iter().all(is_former) {
            return Err(KeyringError::Rule);
        }
        Ok(keyring)
    }

    /// Whether another one of this generation keeps what that has been begun with: in it devices come, and nothing else changes that can be seen.
    fn stays_in(&self, next: &Self) -> bool {
        let is_kept = |known: &Device| {
            next.device(&known.id).is_some_and(|device| {
                (device.posting_slot, &device.wrapping_key) == (known.posting_slot, &known.wrapping_key)
            })
        };
        (next.begun, next.fold, &next.former) == (self.begun, self.fold, &self.former)
            && self.devices.iter().all(is_kept)
    }

    /// Whether the next generation may begin on a day: it goes back behind one that is still to come alone, of a clock that was wrong.
    fn begins_on(&self, day: Day, days: &RangeInclusive<Day>) -> bool {
        let is_to_come = self.begun > *days.end();
        day == self.begun || (is_to_come && days.contains(&day)) || (self.begun..=*days.end()).contains(&day)
    }

    /// Whether the very next one, which begins a generation, has the devices of this one alone, and names as former all that are gone and no others
    /// than those of before.
    fn turns_over_to(&self, next: &Self) -> bool {
        let was_former = |id: &DeviceId| self.former.iter().any(|former| former.id == *id);
        let is_former = |id: &DeviceId| next.former.iter().any(|former| former.id == *id);
        let stays = |device: &Device| {
            self.device(&device.id).is_some_and(|known| known.posting_slot == device.posting_slot)
        };
        next.devices.iter().all(stays)
            && next.former.iter().all(|former| self.device(&former.id).is_some() || was_former(&former.id))
            && self.devices.iter().all(|known| next.device(&known.id).is_some() || is_former(&known.id))
    }

    /// The device of that id.
    pub fn device(&self, id: &DeviceId) -> Option<&Device> {
        self.devices.iter().find(|device| device.id == *id)
    }
}

impl VerifiedKeyring {
    /// Whether a newer keyring may take this one's place, where today is one of `days`. Of one that is not the very next, this says nothing of the
    /// devices that have come between: whoever has to know looks at what the log says of them.
    ///
    /// # Errors
    /// [`KeyringError::Order`], [`KeyringError::Retired`], [`KeyringError::Outsider`], [`KeyringError::Changed`].
    pub fn may_become(&self, next: &Self, days: &RangeInclusive<Day>) -> Result<(), KeyringError> {
        let (known, new) = (&self.keyring, &next.keyring);
        let steps =
            new.serial.checked_sub(known.serial).filter(|steps| *steps > 0).ok_or(KeyringError::Order)?;
        let Some(by) = &new.by else { return Ok(()) };
        // Of one key the older certificate too: the next number is counted from the keyring's.
        if !next.signer.may_follow(&self.signer) || next.signer.number < self.signer.number {
            return Err(KeyringError::Retired);
        }
        // Each keyring begins one generation at most, or a device could leave no number for the next.
        let begun = new.generation.checked_sub(known.generation).ok_or(KeyringError::Order)?;
        if u64::from(begun) > steps || new.fold < known.fold {
            return Err(KeyringError::Order);
        }
        if steps == 1 && known.device(by).is_none() {
            return Err(KeyringError::Outsider);
        }
        let follows = match begun {
            0 => known.stays_in(new),
            1 => known.begins_on(new.begun, days) && (steps > 1 || known.turns_over_to(new)),
            _ => true,
        };
        if follows { Ok(()) } else { Err(KeyringError::Changed) }
    }
}

/// A device's public keys and posting slot.
#[derive(Clone, Debug)]
pub struct DeviceIdentity {
    /// Ed25519.
    pub signing_key: PublicKey,
    /// X-Wing.
    pub wrapping_key: WrappingKey,
    /// 0 to 7.
    pub posting_slot: u8,
}

impl EpochKey {
    /// A new key for one day.
    pub fn generate(epoch: Day, rng: &mut impl CryptoRng) -> Self {
        let [high, low] = Bytes::<2>::random(rng).0;
        Self { epoch, key_id: u16::from_be_bytes([high, low]), seed: Secret::random(rng), superseded: false }
    }

    /// What the notice says of it.
    pub fn public(&self) -> InboxKey {
        InboxKey { epoch: self.epoch, key_id: self.key_id, public_key: xwing_public(&self.seed) }
    }
}

/// `SHA-256(signing_key)[..16]`.
pub fn device_id(signing_key: &PublicKey) -> DeviceId {
    sha256_id(&[&signing_key.0])
}
