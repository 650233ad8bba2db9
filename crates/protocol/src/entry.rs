//! Entries of the desk log: sealed bundles of events, chained and signed by the device that wrote them.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead as _, KeyInit as _, Payload},
};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use thiserror::Error;

use crate::{
    VERSION,
    derive::sha256,
    encoding::{Bytes, Secret},
    identity::{self, BadSignature, Fingerprint, PrivateKey, PublicKey},
    json,
    keyring::DeviceId,
    layout::{LayoutError, Reader, pad, unpad},
    time::{Day, UnixSeconds},
};

/// Bytes of a bundle.
pub const BUNDLE_LEN: usize = 8_192;
/// Bytes of an entry.
pub const ENTRY_LEN: usize = SIGNED_LEN + 64;
const HEADER_LEN: usize = 57;
const SEALED_AT: usize = HEADER_LEN + 32;
const SIGNED_LEN: usize = SEALED_AT + BUNDLE_LEN;
const NONCE_LEN: usize = 24;
const PLAINTEXT_LEN: usize = BUNDLE_LEN - NONCE_LEN - 16;
/// Bytes of what a bundle says beside its events, at most.
const ENVELOPE_MAX: usize = 80;
/// Bytes of the JSON of a bundle's events at most.
pub const EVENTS_MAX: usize = PLAINTEXT_LEN - 2 - ENVELOPE_MAX;

/// SHA-256 of an entry; zeros stand before the first.
pub type EntryHash = Bytes<32>;

/// An entry as it travels.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry(Box<[u8; ENTRY_LEN]>);

/// What an entry says of itself outside the seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryHeader {
    /// The generation of the log key.
    pub generation: u32,
    /// The device that wrote it.
    pub device: DeviceId,
    /// Hash of the entry before.
    pub prev: EntryHash,
    /// The day of its commit: that under which the drops are listed. The hub bounds it.
    pub day: Day,
}

/// What an entry says inside the seal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bundle {
    /// When it was written, by its device's clock, in whole minutes. The hub sees none of it.
    pub at: UnixSeconds,
    /// The newest version of the fold that the writer's program knows.
    pub fold: u32,
    /// Whether the writer's device has the desk's identity, and so can renew the duty key's certificate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub identity: bool,
    /// The events, as they came: what one of them means is the desk's matter.
    pub events: Vec<Box<RawValue>>,
}

/// The keys with which a device writes entries.
#[derive(Clone, Copy, Debug)]
pub struct Writer<'a> {
    /// The desk.
    pub fingerprint: &'a Fingerprint,
    /// Seals bundles.
    pub log_key: &'a Secret<32>,
    /// Signs entries.
    pub signing_key: &'a PrivateKey,
}

/// Why an entry is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EntryError {
    /// The device's signature fails.
    #[error(transparent)]
    Signature(#[from] BadSignature),
    /// Not the JSON of a bundle, or of a time that is no whole minute.
    #[error("the bundle is not readable")]
    Json,
    /// Not the size of an entry.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The bundle does not open.
    #[error("the bundle does not open")]
    Sealed,
    /// More events than a bundle holds.
    #[error("the events do not fit a bundle")]
    TooLarge,
    /// A version that this program does not know.
    #[error("unknown version")]
    Version,
}

impl Entry {
    /// Seals and signs a bundle; `rest_hash` binds what travels with the entry in its commit.
    pub fn write(
        header: &EntryHeader,
        rest_hash: &[u8; 32],
        bundle: &Bundle,
        writer: &Writer<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, EntryError> {
        let json = zeroize::Zeroizing::new(serde_json::to_vec(bundle).map_err(|_| EntryError::Json)?);
        if json.len() > PLAINTEXT_LEN - 2 {
            return Err(EntryError::TooLarge);
        }
        let mut bytes = Box::new([0; ENTRY_LEN]);
        bytes[0] = VERSION;
        bytes[1..5].copy_from_slice(&header.generation.to_be_bytes());
        bytes[5..21].copy_from_slice(&header.device.0);
        bytes[21..53].copy_from_slice(&header.prev.0);
        bytes[53..HEADER_LEN].copy_from_slice(&header.day.0.to_be_bytes());
        bytes[HEADER_LEN..SEALED_AT].copy_from_slice(rest_hash);
        rng.fill_bytes(&mut bytes[SEALED_AT..SEALED_AT + NONCE_LEN]);
        let aad = aad(writer.fingerprint, &bytes[..HEADER_LEN]);
        let plaintext = pad::<PLAINTEXT_LEN>(&json);
        let payload = Payload { msg: &*plaintext, aad: &aad };
        let nonce =
            XNonce::try_from(&bytes[SEALED_AT..SEALED_AT + NONCE_LEN]).map_err(|_| EntryError::Sealed)?;
        let sealed = cipher(writer.log_key).encrypt(&nonce, payload).map_err(|_| EntryError::Sealed)?;
        bytes[SEALED_AT + NONCE_LEN..SIGNED_LEN].copy_from_slice(&sealed);
        let signature = writer.signing_key.sign("entry", &[&writer.fingerprint.0, &bytes[..SIGNED_LEN]]);
        bytes[SIGNED_LEN..].copy_from_slice(&signature);
        Ok(Self(bytes))
    }

    /// Reads an entry's bytes; size and version alone are checked.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EntryError> {
        let mut reader = Reader::new(bytes);
        let array: [u8; ENTRY_LEN] = reader.array()?;
        reader.finish()?;
        if array[0] != VERSION {
            return Err(EntryError::Version);
        }
        Ok(Self(Box::new(array)))
    }

    /// The bytes as they travel.
    pub fn as_bytes(&self) -> &[u8; ENTRY_LEN] {
        &self.0
    }

    /// The fields outside the seal.
    ///
    /// # Panics
    /// Never: the fields lie inside an entry.
    pub fn header(&self) -> EntryHeader {
        let mut reader = Reader::new(&self.0[1..HEADER_LEN]);
        let mut read = || -> Result<EntryHeader, LayoutError> {
            Ok(EntryHeader {
                generation: reader.u32()?,
                device: Bytes(reader.array()?),
                prev: Bytes(reader.array()?),
                day: Day(reader.u32()?),
            })
        };
        read().expect("an entry is longer than its header")
    }

    /// SHA-256 of what travels with the entry in its commit.
    pub fn rest_hash(&self) -> &[u8] {
        &self.0[HEADER_LEN..SEALED_AT]
    }

    /// The id of its commit and the `prev` of the next entry.
    pub fn hash(&self) -> EntryHash {
        Bytes(sha256(&[&*self.0]))
    }

    /// Checks the signature of the device that it names.
    pub fn verify(&self, fingerprint: &Fingerprint, signing_key: &PublicKey) -> Result<(), EntryError> {
        let (signed, signature) = self.0.split_at(SIGNED_LEN);
        let signature = signature.try_into().map_err(|_| LayoutError::Truncated)?;
        Ok(identity::verify(signing_key, "entry", &[&fingerprint.0, signed], &signature)?)
    }

    /// What the bundle says.
    pub fn open(&self, fingerprint: &Fingerprint, log_key: &Secret<32>) -> Result<Bundle, EntryError> {
        let (nonce, sealed) = self.0[SEALED_AT..SIGNED_LEN].split_at(NONCE_LEN);
        let aad = aad(fingerprint, &self.0[..HEADER_LEN]);
        let nonce = XNonce::try_from(nonce).map_err(|_| EntryError::Sealed)?;
        let plaintext = cipher(log_key)
            .decrypt(&nonce, Payload { msg: sealed, aad: &aad })
            .map(zeroize::Zeroizing::new)
            .map_err(|_| EntryError::Sealed)?;
        let bundle: Bundle = json::read(unpad(&plaintext)?).map_err(|_| EntryError::Json)?;
        if bundle.at != bundle.at.whole_minutes() {
            return Err(EntryError::Json);
        }
        Ok(bundle)
    }
}

impl Bundle {
    /// A bundle of what can be written as JSON, by a device without the identity.
    ///
    /// # Errors
    /// [`EntryError::Json`] where an event cannot be written.
    pub fn of<E: Serialize>(at: UnixSeconds, fold: u32, events: &[E]) -> Result<Self, EntryError> {
        let json = |event| serde_json::value::to_raw_value(event).map_err(|_| EntryError::Json);
        let events = events.iter().map(json).collect::<Result<_, _>>()?;
        Ok(Self { at: at.whole_minutes(), fold, identity: false, events })
    }

    /// The same by a device that has the identity, or has it not.
    #[must_use]
    pub fn with_identity(self, identity: bool) -> Self {
        Self { identity, ..self }
    }
}

impl PartialEq for Bundle {
    fn eq(&self, other: &Self) -> bool {
        let texts =
            |bundle: &'_ Self| bundle.events.iter().map(|event| event.get().to_owned()).collect::<Vec<_>>();
        (self.at, self.fold, self.identity, texts(self))
            == (other.at, other.fold, other.identity, texts(other))
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Entry({})", self.hash())
    }
}

fn cipher(key: &Secret<32>) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&key.0.into())
}

fn aad(fingerprint: &Fingerprint, header: &[u8]) -> Vec<u8> {
    [b"callsign/v1 bundle".as_slice(), &fingerprint.0, header].concat()
}
