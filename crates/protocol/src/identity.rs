//! A desk's identity key, its fingerprint in three forms, and signatures with a label.

use std::fmt;

use data_encoding::{BASE32_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use rand_core::CryptoRng;
use thiserror::Error;

use crate::{
    derive::sha256,
    encoding::{Bytes, Secret},
    words::Language,
};

/// An Ed25519 public key (RFC 8032), 32 bytes.
pub type PublicKey = Bytes<32>;

/// An Ed25519 private key; signs under a label so that no signature serves two purposes.
#[derive(Clone)]
pub struct PrivateKey(SigningKey);

/// SHA-256 of the identity key: what a leaflet carries and what every client checks.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

/// The first part of every address at the hub: 16 characters of lower-case base32, made from the fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeskId(String);

/// Not a fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a fingerprint is 64 hexadecimal digits; copy it again, all of it")]
pub struct NotAFingerprint;

/// The signature is not by that key, or not over these bytes under this label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the signature does not verify")]
pub struct BadSignature;

impl PrivateKey {
    /// A new key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self::from_seed(&Secret::random(rng))
    }

    /// The key of a 32-byte seed.
    pub fn from_seed(seed: &Secret<32>) -> Self {
        Self(SigningKey::from_bytes(&seed.0))
    }

    /// The 32-byte seed.
    pub fn seed(&self) -> Secret<32> {
        Secret(self.0.to_bytes())
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        Bytes(self.0.verifying_key().to_bytes())
    }

    /// `Ed25519("callsign/v1 " || label || 0x00 || parts…)`, 64 bytes.
    pub fn sign(&self, label: &str, parts: &[&[u8]]) -> [u8; 64] {
        self.0.sign(&labelled(label, parts)).to_bytes()
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Checks what [`PrivateKey::sign`] made, by [`verify_bytes`].
pub fn verify(
    key: &PublicKey,
    label: &str,
    parts: &[&[u8]],
    signature: &[u8; 64],
) -> Result<(), BadSignature> {
    verify_bytes(key, &labelled(label, parts), signature)
}

/// Ed25519 (RFC 8032), strictly: key and R are canonical encodings of points of prime order, S is below the order, and
/// `S * B = R + k * A` holds without a cofactor. So no two verifiers that keep to it disagree.
pub fn verify_bytes(key: &PublicKey, message: &[u8], signature: &[u8; 64]) -> Result<(), BadSignature> {
    let verifying = VerifyingKey::from_bytes(&key.0).map_err(|_| BadSignature)?;
    let point = verifying.to_edwards();
    if point.compress().0 != key.0 || !point.is_torsion_free() {
        return Err(BadSignature);
    }
    // That neither point is of small order, that R is canonical and S below the order, is checked here. R is of prime
    // order then, for the equation makes it of base point and key.
    verifying.verify_strict(message, &Signature::from_bytes(signature)).map_err(|_| BadSignature)
}

fn labelled(label: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut message = Vec::with_capacity(64 + parts.iter().map(|part| part.len()).sum::<usize>());
    message.extend_from_slice(b"callsign/v1 ");
    message.extend_from_slice(label.as_bytes());
    message.push(0);
    for part in parts {
        message.extend_from_slice(part);
    }
    message
}

impl Fingerprint {
    /// The fingerprint of an identity key.
    pub fn of(identity: &PublicKey) -> Self {
        Self(sha256(&[&identity.0]))
    }

    /// Reads 64 hexadecimal digits; case does not matter, nor do spaces, tabs, ends of lines, colons and dashes.
    pub fn parse(text: &str) -> Result<Self, NotAFingerprint> {
        let digits: String =
            text.chars().filter(|c| !matches!(c, ' ' | '\t' | '\n' | '\r' | ':' | '-')).collect();
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).map_err(|_| NotAFingerprint)?;
        bytes.try_into().map(Self).map_err(|_| NotAFingerprint)
    }

    /// Twelve English words for the eye: the first 132 bits, 11 bits a word.
    pub fn words(&self) -> String {
        Language::English.spell(&self.0, 12).join(" ")
    }

    /// The desk's address at a hub.
    pub fn desk_id(&self) -> DeskId {
        DeskId(BASE32_NOPAD.encode(&self.0[..10]).to_ascii_lowercase())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl DeskId {
    /// Reads 16 characters of lower-case base32; nothing else is a desk's address.
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed =
            text.len() == 16 && text.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b));
        well_formed.then(|| Self(text.to_owned()))
    }

    /// The 16 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DeskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_serves_one_label_and_one_message() {
        let key = PrivateKey::from_seed(&Secret([1; 32]));
        let signature = key.sign("notice", &[b"ab", b"c"]);
        assert_eq!(verify(&key.public(), "notice", &[b"abc"], &signature), Ok(()));
        assert_eq!(verify(&key.public(), "keyring", &[b"abc"], &signature), Err(BadSignature));
        assert_eq!(verify(&key.public(), "notice", &[b"abd"], &signature), Err(BadSignature));
        let other = PrivateKey::from_seed(&Secret([2; 32])).public();
        assert_eq!(verify(&other, "notice", &[b"abc"], &signature), Err(BadSignature));
    }

    #[test]
    fn a_fingerprint_is_read_as_people_write_it() {
        let fingerprint = Fingerprint([0xab; 32]);
        let hex = fingerprint.to_string();
        assert_eq!(Fingerprint::parse(&hex), Ok(fingerprint));
        assert_eq!(Fingerprint::parse(&hex.to_uppercase()), Ok(fingerprint));
        let spaced = hex.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-: ");
        assert_eq!(Fingerprint::parse(&spaced), Ok(fingerprint));
        for bad in ["", "ab", &hex[..62], &format!("{hex}ab"), &hex.replace('a', "g")] {
            assert_eq!(Fingerprint::parse(bad), Err(NotAFingerprint), "{bad}");
        }
        assert_eq!(fingerprint.words().split(' ').count(), 12);
        assert_eq!(DeskId::parse(fingerprint.desk_id().as_str()), Some(fingerprint.desk_id()));
        assert_eq!(DeskId::parse("../../etc/passwd"), None);
    }
}
