//! Sessions of devices: a challenge from the hub, signed by the device, answered with a token.

use crate::{
    encoding::Bytes,
    identity::{self, BadSignature, Fingerprint, PrivateKey, PublicKey},
    keyring::{DeviceId, device_id},
    layout::{LayoutError, Reader},
};

/// `u64 expiry || nonce 16 || mac 32`, made and later recognised by the hub.
pub type Challenge = Bytes<56>;
/// Of the same size as a challenge; opaque to the device.
pub type Token = Bytes<56>;

/// Bytes of a session request.
pub const SESSION_LEN: usize = 16 + 56 + 64;
/// Seconds that a device has to sign a challenge.
pub const CHALLENGE_S: u64 = 120;
/// Seconds that a token is valid.
pub const SESSION_S: u64 = 900;

/// A device's answer to a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRequest {
    /// The device.
    pub device: DeviceId,
    /// The challenge, as it came.
    pub challenge: Challenge,
    signature: [u8; 64],
}

impl SessionRequest {
    /// Signs a challenge.
    pub fn sign(challenge: Challenge, fingerprint: &Fingerprint, key: &PrivateKey) -> Self {
        let signature = key.sign("session", &[&fingerprint.0, &challenge.0]);
        Self { device: device_id(&key.public()), challenge, signature }
    }

    /// `device id 16 || challenge 56 || signature 64`.
    pub fn encode(&self) -> [u8; SESSION_LEN] {
        let mut bytes = [0; SESSION_LEN];
        bytes[..16].copy_from_slice(&self.device.0);
        bytes[16..72].copy_from_slice(&self.challenge.0);
        bytes[72..].copy_from_slice(&self.signature);
        bytes
    }

    /// Reads [`SessionRequest::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, LayoutError> {
        let mut reader = Reader::new(bytes);
        let device = Bytes(reader.array()?);
        let challenge = Bytes(reader.array()?);
        let request = Self { device, challenge, signature: reader.array()? };
        reader.finish()?;
        Ok(request)
    }

    /// Checks the device's signature; whether the challenge is the hub's own, the hub checks.
    pub fn verify(&self, fingerprint: &Fingerprint, key: &PublicKey) -> Result<(), BadSignature> {
        identity::verify(key, "session", &[&fingerprint.0, &self.challenge.0], &self.signature)
    }
}
