//! The desk's keys in a keyring: sealed once, under a key that is wrapped to each device, so that all of them find the same.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead as _, KeyInit as _},
};
use rand_core::CryptoRng;

use super::{DeskKeys, Device, DeviceId, DeviceIdentity, Keyring, KeyringError, device_id};
use crate::{
    XWingSecret,
    derive::derive,
    encoding::Secret,
    hpke_suite::{xwing_open, xwing_seal},
    identity::Fingerprint,
    json,
};

/// Bytes before the ciphertext, by which the key is the one that it was sealed under.
const TAG_LEN: usize = 32;

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

    /// The cipher under a key that seals once, and the bytes that name the key: the cipher alone opens one text under several keys.
    fn cipher(&self, key: &Secret<32>) -> (XChaCha20Poly1305, [u8; TAG_LEN]) {
        let context = [self.fingerprint.0.as_slice(), &self.generation.to_be_bytes()].concat();
        let sealing = zeroize::Zeroizing::new(derive::<32>(&key.0, "keyring keys", &context));
        (XChaCha20Poly1305::new((&*sealing).into()), derive(&key.0, "keyring key", &context))
    }
}

impl Keyring {
    /// The same with the desk's keys sealed once, and their key wrapped to each of these devices.
    ///
    /// # Errors
    /// Where a `wrapping_key` is not an X-Wing key.
    pub fn wrapped_to(
        self,
        devices: &[DeviceIdentity],
        keys: &DeskKeys,
        fingerprint: &Fingerprint,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, KeyringError> {
        let (bind, key) = (WrapContext { fingerprint, generation: self.generation }, Secret::random(rng));
        let json = zeroize::Zeroizing::new(serde_json::to_vec(keys)?);
        let devices: Result<_, _> =
            devices.iter().map(|device| Device::wrap(device, &key, bind, rng)).collect();
        Ok(Self { keys: seal_keys(&json, &key, bind)?, devices: devices?, ..self })
    }

    /// The desk's keys as a device finds them.
    ///
    /// # Errors
    /// [`KeyringError::Absent`], [`KeyringError::Wrapped`]; [`KeyringError::Json`] where they are no such keys.
    pub fn unwrap_keys(
        &self,
        device: &DeviceId,
        secret: &XWingSecret,
        fingerprint: &Fingerprint,
    ) -> Result<DeskKeys, KeyringError> {
        let bind = WrapContext { fingerprint, generation: self.generation };
        let key = self.device(device).ok_or(KeyringError::Absent)?.unwrap_key(secret, bind)?;
        let (cipher, tag) = bind.cipher(&key);
        let sealed = self.keys.strip_prefix(&tag).ok_or(KeyringError::Wrapped)?;
        let json = cipher.decrypt(&XNonce::default(), sealed).map_err(|_| KeyringError::Wrapped)?;
        Ok(json::read(&zeroize::Zeroizing::new(json))?)
    }
}

/// The JSON of the desk's keys, sealed under a key that seals nothing else.
///
/// # Errors
/// [`KeyringError::Wrapped`] where it is too long for any cipher.
pub fn seal_keys(json: &[u8], key: &Secret<32>, bind: WrapContext<'_>) -> Result<Vec<u8>, KeyringError> {
    let (cipher, tag) = bind.cipher(key);
    // A nonce of zeros: the key is drawn for this.
    let sealed = cipher.encrypt(&XNonce::default(), json).map_err(|_| KeyringError::Wrapped)?;
    Ok([tag.as_slice(), &sealed].concat())
}

impl Device {
    /// Wraps the key of the desk's keys to a device.
    ///
    /// # Errors
    /// Where `wrapping_key` is not an X-Wing key.
    pub fn wrap(
        identity: &DeviceIdentity,
        key: &Secret<32>,
        bind: WrapContext<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, KeyringError> {
        let DeviceIdentity { signing_key, wrapping_key, posting_slot } = identity.clone();
        let id = device_id(&signing_key);
        let wrapped =
            xwing_seal(&wrapping_key, &bind.info(), &id.0, &key.0, rng).map_err(|_| KeyringError::Wrapped)?;
        Ok(Self { id, signing_key, wrapping_key, posting_slot, wrapped })
    }

    /// Opens what [`Device::wrap`] sealed.
    fn unwrap_key(&self, secret: &XWingSecret, bind: WrapContext<'_>) -> Result<Secret<32>, KeyringError> {
        let key = xwing_open(secret, &bind.info(), &self.id.0, &self.wrapped);
        let key = zeroize::Zeroizing::new(key.map_err(|_| KeyringError::Wrapped)?);
        key.as_slice().try_into().map(Secret).map_err(|_| KeyringError::Wrapped)
    }
}
