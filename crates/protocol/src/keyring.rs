//! The keyring: a desk's devices, and for each the desk's keys wrapped to it.

use std::collections::BTreeSet;

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    VERSION, WrappingKey, XWingSecret,
    derive::sha256_id,
    encoding::{Bytes, Secret, base64url},
    hpke_suite::{xwing_open, xwing_public, xwing_seal},
    identity::{Fingerprint, PublicKey},
    json::{self, JsonError},
    letter_key::LetterKey,
    notice::InboxKey,
    signed::{Certificate, Envelope, Kind, SignedError, Verified},
    time::{Day, UnixSeconds},
};

/// `SHA-256(signing_key)[..16]`.
pub type DeviceId = Bytes<16>;

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
    /// Every device that may write.
    pub devices: Vec<Device>,
    /// Devices that may write no more, whose entries of the generation before may still be read.
    pub former: Vec<FormerDevice>,
    /// Duty keys that sign nothing any more although their certificates have not ended.
    pub retired: Vec<RetiredKey>,
}

/// A device that was removed when this generation began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerDevice {
    /// As in its entries.
    pub id: DeviceId,
    /// Ed25519.
    pub signing_key: PublicKey,
}

/// A duty key that was replaced before its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetiredKey {
    /// Ed25519.
    pub duty_key: PublicKey,
    /// The last day of its certificate: so long it must be remembered.
    pub last_day: Day,
}

/// A keyring whose chain, days and version were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedKeyring {
    /// Its content.
    pub keyring: Keyring,
    /// The duty key that signed it.
    pub signer: PublicKey,
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
    /// X-Wing; the desk's keys are wrapped to it.
    pub wrapping_key: WrappingKey,
    /// 0 to 7; keeps the addresses of two devices' drops apart.
    pub posting_slot: u8,
    /// [`DeskKeys`], sealed to `wrapping_key`.
    #[serde(with = "base64url")]
    pub wrapped: Vec<u8>,
}

/// The keys that all devices of a desk share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskKeys {
    /// Seed of the Ed25519 key that signs notices and keyrings.
    pub duty_key: Secret<32>,
    /// The identity's certificate for it.
    pub certificate: Bytes<{ Certificate::LEN }>,
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
    /// Not the JSON of section 5.3.
    #[error("its JSON is not readable")]
    Json(#[from] JsonError),
    /// Older than one that was seen.
    #[error("it is older than one that was seen")]
    Older,
    /// Signed with a duty key that was retired.
    #[error("it is signed with a retired key")]
    Retired,
    /// A device's id is not the hash of its key, a posting slot is over 7, a slot or an id is taken twice, the generation is 0 or has no next one.
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
        let verified = Envelope::decode(envelope)?.verify(Kind::Keyring, Some(pin), now)?;
        let signer = verified.certificate.duty_key;
        Ok(VerifiedKeyring { keyring: Self::read(&verified)?, signer })
    }

    /// Whether a newer keyring may take this one's place: not signed with a retired key, and of no older generation.
    ///
    /// # Errors
    /// [`KeyringError::Retired`] or [`KeyringError::Older`].
    pub fn may_become(&self, next: &Self, signer: &PublicKey) -> Result<(), KeyringError> {
        if self.has_retired(signer) {
            return Err(KeyringError::Retired);
        }
        let older = next.serial < self.serial || next.generation < self.generation || next.fold < self.fold;
        if older { Err(KeyringError::Older) } else { Ok(()) }
    }

    /// Whether a duty key signs no more.
    pub fn has_retired(&self, duty_key: &PublicKey) -> bool {
        self.retired.iter().any(|retired| retired.duty_key == *duty_key)
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
        Ok(keyring)
    }

    /// The device of that id.
    pub fn device(&self, id: &DeviceId) -> Option<&Device> {
        self.devices.iter().find(|device| device.id == *id)
    }
}

impl Device {
    /// Wraps the desk's keys to a device.
    ///
    /// # Errors
    /// Where `wrapping_key` is not an X-Wing key.
    pub fn wrap(
        identity: &DeviceIdentity,
        keys: &DeskKeys,
        bind: WrapContext<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, KeyringError> {
        let DeviceIdentity { signing_key, wrapping_key, posting_slot } = identity.clone();
        let id = device_id(&signing_key);
        let json = zeroize::Zeroizing::new(serde_json::to_vec(keys)?);
        let wrapped =
            xwing_seal(&wrapping_key, &bind.info(), &id.0, &json, rng).map_err(|_| KeyringError::Wrapped)?;
        Ok(Self { id, signing_key, wrapping_key, posting_slot, wrapped })
    }

    /// Opens what [`Device::wrap`] sealed.
    pub fn unwrap_keys(&self, secret: &XWingSecret, bind: WrapContext<'_>) -> Result<DeskKeys, KeyringError> {
        let json =
            xwing_open(secret, &bind.info(), &self.id.0, &self.wrapped).map_err(|_| KeyringError::Wrapped)?;
        Ok(json::read(&json)?)
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

/// What wrapped keys are bound to.
#[derive(Clone, Copy, Debug)]
pub struct WrapContext<'a> {
    /// The desk.
    pub fingerprint: &'a Fingerprint,
    /// The keyring's generation.
    pub generation: u32,
}

impl WrapContext<'_> {
    fn info(&self) -> Vec<u8> {
        [b"callsign/v1 keyring".as_slice(), &self.fingerprint.0, &self.generation.to_be_bytes()].concat()
    }
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
