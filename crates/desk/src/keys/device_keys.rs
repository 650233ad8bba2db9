//! The device's keys that turn over: one small file beside the vault, sealed under the vault's storage key.
//!
//! The vault itself is written once, for nobody gives the passphrase each week; what must be destroyed in time is kept here.

use std::{
    fs,
    path::{Path, PathBuf},
};

use callsign_protocol::{
    WrappingKey, XWingSecret, encoding::Secret, keyring::FormerAnswerKey, xwing_generate, xwing_public,
};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead as _, KeyInit as _, Payload},
};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{files::private, keys::VaultError};

/// The file's name in the data directory.
pub const DEVICE_KEYS_FILE: &str = "device-keys";
const MAGIC: &[u8; 21] = b"callsign device keys\x01";
const NONCE_LEN: usize = 24;

/// The private keys of one device that live for a generation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceKeys {
    /// X-Wing seeds by the generation whose keyring is wrapped to them; 0 is a device that asks to be admitted.
    pub wrapping: Vec<(u32, XWingSecret)>,
    /// Log keys of generations that have ended, until the snapshot that follows them is whole.
    pub former_log: Vec<(u32, Secret<32>)>,
    /// Storage keys, which the state on this disk is sealed under, by the generation with which each of them dies.
    #[serde(default)]
    pub storage: Vec<(u32, Secret<32>)>,
    /// Whether this device has asked to be let in, and nothing has shown yet that the keys which it was given are the desk's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_newcomer: bool,
    /// The former answer keys of the desk as the first keyring of a generation should have said them, with that generation: the keys of the one before,
    /// by which that was seen, are gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub put_right: Option<(u32, Vec<FormerAnswerKey>)>,
}

impl DeviceKeys {
    /// Whether a request of this device is still to be answered, as far as the file says.
    pub fn has_request(&self) -> bool {
        self.wrapping.iter().any(|(of, _)| *of == 0)
    }

    /// Destroys the wrapping keys of generations before `generation`, whose keyring is wrapped to `in_use`. Where that is the key
    /// of a request, it is of this generation now, in the place of one that was announced for it before the device was left out.
    pub fn forget_wrapping_before(&mut self, generation: u32, in_use: &WrappingKey) {
        let asked = self.wrapping.iter().find(|(of, seed)| *of == 0 && xwing_public(seed) == *in_use);
        if let Some((_, seed)) = asked.cloned() {
            self.wrapping.retain(|(of, _)| *of != generation);
            self.wrapping.push((generation, seed));
        }
        self.wrapping.retain(|(of, _)| *of >= generation);
    }
}

/// Where the keys lie, and what they are sealed under. Several processes may share one file.
#[derive(Clone, Debug)]
pub struct DeviceKeyFile {
    dir: PathBuf,
    storage_key: Secret<32>,
}

impl DeviceKeyFile {
    /// The file in a desk's directory.
    pub fn new(dir: &Path, storage_key: Secret<32>) -> Self {
        Self { dir: dir.to_owned(), storage_key }
    }

    /// Reads the keys; none where there is no file.
    pub fn load(&self) -> Result<DeviceKeys, VaultError> {
        let path = self.path();
        let sealed = match fs::read(&path) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(DeviceKeys::default()),
            Err(error) => return Err(VaultError::of_io(&path, &error)),
        };
        self.unseal(&sealed).ok_or(VaultError::Malformed(path))
    }

    /// This device's wrapping key for a generation, made and on disk where there was none: before anyone hears of it, and
    /// never another, for a keyring that was wrapped to the first may have come through although its answer was lost.
    pub fn wrapping(&self, generation: u32, rng: &mut impl CryptoRng) -> Result<XWingSecret, VaultError> {
        let (mut own, _) = xwing_generate(rng);
        self.change(rng, |keys| match keys.wrapping.iter().find(|(of, _)| *of == generation) {
            Some((_, kept)) => own = kept.clone(),
            None => keys.wrapping.push((generation, own.clone())),
        })?;
        Ok(own)
    }

    /// The storage key of a generation, made and on disk where there was none.
    pub fn storage(&self, generation: u32, rng: &mut impl CryptoRng) -> Result<Secret<32>, VaultError> {
        let mut own = Secret::random(rng);
        self.change(rng, |keys| match keys.storage.iter().find(|(of, _)| *of == generation) {
            Some((_, kept)) => own = kept.clone(),
            None => keys.storage.push((generation, own.clone())),
        })?;
        Ok(own)
    }

    /// Changes the keys, one process at a time; the file is replaced whole.
    pub fn change(
        &self,
        rng: &mut impl CryptoRng,
        change: impl FnOnce(&mut DeviceKeys),
    ) -> Result<DeviceKeys, VaultError> {
        let path = self.path();
        let _lock = private::lock(&self.dir, "device-keys.lock")?;
        let before = self.load()?;
        let mut keys = before.clone();
        change(&mut keys);
        if keys != before {
            let sealed = self.seal(&keys, rng).ok_or_else(|| VaultError::Malformed(path.clone()))?;
            private::replace(&path, &sealed)?;
        }
        Ok(keys)
    }

    fn path(&self) -> PathBuf {
        self.dir.join(DEVICE_KEYS_FILE)
    }

    /// `magic 21 || nonce 24 || ciphertext`.
    fn seal(&self, keys: &DeviceKeys, rng: &mut impl CryptoRng) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        rng.fill_bytes(&mut nonce);
        let json = Zeroizing::new(serde_json::to_vec(keys).ok()?);
        let ct = self.cipher().encrypt(&XNonce::from(nonce), Payload { msg: &json, aad: MAGIC }).ok()?;
        Some([MAGIC.as_slice(), &nonce, &ct].concat())
    }

    fn unseal(&self, sealed: &[u8]) -> Option<DeviceKeys> {
        let (nonce, ct) = sealed.strip_prefix(MAGIC)?.split_first_chunk::<NONCE_LEN>()?;
        let payload = Payload { msg: ct, aad: MAGIC };
        let json = Zeroizing::new(self.cipher().decrypt(&XNonce::from(*nonce), payload).ok()?);
        serde_json::from_slice(&json).ok()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.storage_key.0.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    #[test]
    fn keys_come_back_and_what_was_dropped_is_in_the_file_no_more() {
        let dir = tempfile::tempdir().unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let file = DeviceKeyFile::new(dir.path(), Secret([1; 32]));
        assert_eq!(file.load().unwrap(), DeviceKeys::default());
        let both = vec![(1, Secret([2; 32])), (2, Secret([3; 32]))];
        file.change(&mut rng, |keys| keys.wrapping = both).unwrap();
        let kept = file.change(&mut rng, |keys| keys.wrapping.retain(|(g, _)| *g == 2)).unwrap();
        assert_eq!(file.load().unwrap(), kept);
        assert_eq!(kept.wrapping, [(2, Secret([3; 32]))]);
        let other = DeviceKeyFile::new(dir.path(), Secret([9; 32]));
        assert!(matches!(other.load(), Err(VaultError::Malformed(_))));
    }

    #[test]
    fn the_key_of_a_request_takes_the_place_of_one_that_was_announced_for_its_generation() {
        let seed = |n| Secret([n; 32]);
        let all = || DeviceKeys {
            wrapping: vec![(3, seed(1)), (4, seed(2)), (5, seed(3)), (0, seed(4))],
            ..DeviceKeys::default()
        };
        let mut let_in = all();
        let_in.forget_wrapping_before(4, &xwing_public(&seed(4)));
        assert_eq!(let_in.wrapping, [(5, seed(3)), (4, seed(4))]);
        // Who was never left out needs no request.
        let mut stays = all();
        stays.forget_wrapping_before(4, &xwing_public(&seed(2)));
        assert_eq!(stays.wrapping, [(4, seed(2)), (5, seed(3))]);
    }

    #[test]
    fn a_damaged_file_is_refused_and_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let file = DeviceKeyFile::new(dir.path(), Secret([1; 32]));
        file.change(&mut rng, |keys| keys.wrapping = vec![(1, Secret([2; 32]))]).unwrap();
        let path = dir.path().join(DEVICE_KEYS_FILE);
        let mut bytes = fs::read(&path).unwrap();
        bytes[60] ^= 1;
        fs::write(&path, &bytes).unwrap();
        assert!(file.load().is_err());
        assert!(file.change(&mut rng, |keys| keys.wrapping.clear()).is_err());
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}
