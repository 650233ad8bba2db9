//! Keys at rest: one file, sealed under a passphrase with Argon2id (RFC 9106) and XChaCha20-Poly1305.

mod cache;
mod device_keys;
mod recovery;
mod sealed;

use std::{
    fs,
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use callsign_protocol::{
    encoding::Secret,
    identity::{Fingerprint, PrivateKey, PublicKey},
    notice::Track,
};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

pub use cache::{CACHE_FILE, Cache, CacheError};
pub use device_keys::{DEVICE_KEYS_FILE, DeviceKeyFile, DeviceKeys};
pub use recovery::{open_identity, save_identity};
pub use sealed::Cost;
use sealed::Unsealed;

use crate::Settings;

/// The file's name in the data directory.
pub const VAULT_FILE: &str = "vault";
const MAGIC: &[u8] = b"callsign vault\x02";

/// What a device keeps for itself. The keys that devices share come with the keyring.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Vault {
    /// The desk's identity.
    pub identity: PublicKey,
    /// Seed of the desk's identity key, where it is not kept elsewhere.
    pub identity_seed: Option<Secret<32>>,
    /// Seed of the device's Ed25519 key.
    pub signing_key: Secret<32>,
    /// Seals what the device keeps beside the vault: its keys that turn over, and what waits in the cache.
    pub storage_key: Secret<32>,
    /// Where the hub is.
    pub hub: String,
    /// The desk's name as callers see it.
    pub name: String,
    /// What calls may be about.
    pub tracks: Vec<Track>,
    /// Pace.
    pub settings: Settings,
}

/// Why the file of keys is not used.
#[derive(Debug, Error)]
pub enum VaultError {
    /// A vault is there already.
    #[error("{} holds a desk already; name another directory", .0.display())]
    Exists(PathBuf),
    /// The file cannot be read or written.
    #[error("cannot use {}: {error}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        error: std::io::Error,
    },
    /// Not this program's file, or cut short.
    #[error("{} is not a vault of this version of the program, or is damaged", .0.display())]
    Malformed(PathBuf),
    /// There is no vault.
    #[error("there is no desk in {}; create one with `callsign desk init`", .0.display())]
    Missing(PathBuf),
    /// The passphrase does not open it.
    #[error("the passphrase does not open this vault")]
    Passphrase,
    /// A file is there already.
    #[error("{} is there already; name a file that is not", .0.display())]
    RecoveryExists(PathBuf),
    /// Not a file with an identity.
    #[error("{} holds no identity that this version of the program can read, or is damaged", .0.display())]
    RecoveryMalformed(PathBuf),
    /// Its passphrase does not open it.
    #[error("the passphrase does not open the identity in {}", .0.display())]
    RecoveryPassphrase(PathBuf),
}

impl Vault {
    /// The desk's fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.identity)
    }

    /// The desk's identity key, where it is not kept elsewhere.
    pub fn identity_key(&self) -> Option<PrivateKey> {
        self.identity_seed.as_ref().map(PrivateKey::from_seed)
    }

    /// The device's key.
    pub fn device_key(&self) -> PrivateKey {
        PrivateKey::from_seed(&self.signing_key)
    }

    /// Writes the vault into `dir`, which is made with mode 0700 where it is missing; one that is there is replaced whole.
    pub fn save(
        &self,
        dir: &Path,
        passphrase: &str,
        cost: Cost,
        rng: &mut impl CryptoRng,
    ) -> Result<(), VaultError> {
        let path = dir.join(VAULT_FILE);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|e| io(dir, e))?;
        let json = Zeroizing::new(serde_json::to_vec(self).map_err(|_| VaultError::Malformed(path.clone()))?);
        let sealed = sealed::seal(MAGIC, &json, passphrase, cost, rng)
            .ok_or_else(|| VaultError::Malformed(path.clone()))?;
        write_durably(dir, &path, &sealed).map_err(|e| io(&path, e))
    }

    /// Opens the vault of `dir`; takes as long as its Argon2id cost says.
    pub fn open(dir: &Path, passphrase: &str) -> Result<Self, VaultError> {
        let path = dir.join(VAULT_FILE);
        let sealed = match fs::read(&path) {
            Ok(sealed) => sealed,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err(VaultError::Missing(dir.to_owned()));
            }
            Err(e) => return Err(io(&path, e)),
        };
        let json = match sealed::unseal(MAGIC, &sealed, passphrase) {
            Ok(json) => json,
            Err(Unsealed::Malformed) => return Err(VaultError::Malformed(path)),
            Err(Unsealed::Passphrase) => return Err(VaultError::Passphrase),
        };
        serde_json::from_slice(&json).map_err(|_| VaultError::Malformed(path))
    }

    /// Removes a vault that was never enrolled, and its cache.
    pub(crate) fn discard(dir: &Path) -> Result<(), VaultError> {
        for name in [
            VAULT_FILE,
            DEVICE_KEYS_FILE,
            "device-keys.lock",
            "cache.sqlite",
            "cache.sqlite-wal",
            "cache.sqlite-shm",
        ] {
            match fs::remove_file(dir.join(name)) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    return Err(io(&dir.join(name), e));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn io(path: &Path, error: std::io::Error) -> VaultError {
    VaultError::Io { path: path.to_owned(), error }
}

/// A crash leaves the old file or the new one, never half of one.
fn write_durably(dir: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let half = path.with_extension("half");
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&half)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&half, path)?;
    fs::File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;
    use std::os::unix::fs::PermissionsExt as _;

    const CHEAP: Cost = Cost { memory_kib: 64, passes: 1 };

    fn vault() -> Vault {
        Vault {
            identity: PrivateKey::from_seed(&Secret([1; 32])).public(),
            identity_seed: Some(Secret([1; 32])),
            signing_key: Secret([2; 32]),
            storage_key: Secret([4; 32]),
            hub: "http://127.0.0.1:1".into(),
            name: "Desk".into(),
            tracks: vec![],
            settings: Settings::default(),
        }
    }

    #[test]
    fn a_vault_opens_with_its_passphrase_alone() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("desk");
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        vault().save(&data, "correct", CHEAP, &mut rng).unwrap();
        assert_eq!(Vault::open(&data, "correct").unwrap().identity, vault().identity);
        assert!(matches!(Vault::open(&data, "wrong"), Err(VaultError::Passphrase)));
        assert!(matches!(Vault::open(dir.path(), "x"), Err(VaultError::Missing(_))));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&data), mode(&data.join(VAULT_FILE))), (0o700, 0o600));
    }

    #[test]
    fn a_damaged_vault_is_refused_and_never_takes_all_memory() {
        let dir = tempfile::tempdir().unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        vault().save(dir.path(), "correct", CHEAP, &mut rng).unwrap();
        let path = dir.path().join(VAULT_FILE);
        let good = fs::read(&path).unwrap();
        for at in (0..good.len()).step_by(5) {
            let mut bad = good.clone();
            bad[at] ^= 0x80;
            fs::write(&path, &bad).unwrap();
            assert!(Vault::open(dir.path(), "correct").is_err(), "byte {at}");
            fs::write(&path, &good[..at]).unwrap();
            assert!(Vault::open(dir.path(), "correct").is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_vault_does_not_print_its_keys() {
        assert!(!format!("{:?}", vault()).contains("[1, 1"));
        assert!(format!("{:?}", vault()).contains("[redacted]"));
    }
}
