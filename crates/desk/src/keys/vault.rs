//! Keys at rest: one file, sealed under a passphrase with Argon2id (RFC 9106) and XChaCha20-Poly1305.

use std::{
    fs,
    path::{Path, PathBuf},
};

use callsign_protocol::{
    device_request::Purpose,
    encoding::Secret,
    identity::{Fingerprint, PrivateKey, PublicKey},
    notice::Track,
};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use super::{
    DEVICE_KEYS_FILE,
    sealed::{self, Cost, Unsealed},
};
use crate::{
    Settings,
    files::{DiskError, PrivateError, private},
};

/// The file's name in the data directory.
pub const VAULT_FILE: &str = "vault";
const LOCK_FILE: &str = "vault.lock";

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
    /// What the desk is for, as the first bytes of the file say.
    #[serde(skip)]
    pub purpose: Purpose,
}

/// Why the file of keys is not used.
#[derive(Debug, Error)]
pub enum VaultError {
    /// A vault is there already.
    #[error("{} holds a desk already; name another directory, or see its link with `callsign doctor --data`", .0.display())]
    Exists(PathBuf),
    /// A file or directory cannot be used, or does not keep secrets.
    #[error(transparent)]
    Private(#[from] PrivateError),
    /// Not this program's file, or cut short.
    #[error(
        "{} is not a vault of this version of the program, or is damaged; put a copy of it in its place, or begin anew in \
         another directory: another device of the desk can admit this machine again", .0.display()
    )]
    Malformed(PathBuf),
    /// There is no vault.
    #[error("there is no desk in {}; create one with `callsign desk init`", .0.display())]
    Missing(PathBuf),
    /// The passphrase does not open it.
    #[error(
        "the passphrase does not open the vault in {}; check the keyboard layout and Caps Lock, and try again: nothing is lost",
        .0.display()
    )]
    Passphrase(PathBuf),
    /// A set-up that was cut off was begun with another passphrase.
    #[error(
        "a desk was begun in {place} and is not set up yet, and the passphrase is not the one that it was begun with; give \
         that one to go on, or remove {place} to begin anew", place = .0.display()
    )]
    UnfinishedPassphrase(PathBuf),
    /// A set-up that was cut off was begun otherwise.
    #[error(
        "a desk was begun in {place} with {what} and is not set up yet; give the same again to go on, or remove {place} to \
         begin anew", place = .dir.display()
    )]
    UnfinishedOther {
        /// The desk's directory.
        dir: PathBuf,
        /// What is not the same.
        what: String,
    },
    /// A file is there already.
    #[error("{} is there already; name a file that is not, or, to go on after an attempt that failed, give its passphrase", .0.display())]
    RecoveryExists(PathBuf),
    /// Not a file with an identity.
    #[error("{} holds no identity that this version of the program can read, or is damaged; name another copy of it", .0.display())]
    RecoveryMalformed(PathBuf),
    /// Its passphrase does not open it.
    #[error("the passphrase does not open the identity in {}; check the keyboard layout and Caps Lock, and try again: nothing is lost", .0.display())]
    RecoveryPassphrase(PathBuf),
}

impl VaultError {
    /// What the system said of a file or directory.
    pub(crate) fn of_io(path: &Path, error: &std::io::Error) -> Self {
        PrivateError::from(DiskError::of_io(path, error)).into()
    }
}

/// What the desk of `dir` is for; in earnest where there is none. The vault's first bytes say it, so it is known before anybody unlocks, and no
/// passphrase opens one as the other.
pub fn purpose_of(dir: &Path) -> Purpose {
    read(dir).ok().and_then(|sealed| purpose_of_sealed(&sealed)).unwrap_or_default()
}

/// By the first bytes of a vault; nothing where they are none's.
fn purpose_of_sealed(sealed: &[u8]) -> Option<Purpose> {
    [Purpose::Earnest, Purpose::Practice].into_iter().find(|purpose| sealed.starts_with(magic(*purpose)))
}

fn magic(purpose: Purpose) -> &'static [u8] {
    match purpose {
        Purpose::Earnest => b"callsign vault\x02",
        Purpose::Practice => b"callsign practice vault\x02",
    }
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
        private::make_dir(dir)?;
        let _lock = private::lock(dir, LOCK_FILE)?;
        self.write(dir, passphrase, cost, rng)
    }

    /// Opens the vault of `dir`, and takes its files away from other users; takes as long as its Argon2id cost says.
    pub fn open(dir: &Path, passphrase: &str) -> Result<Self, VaultError> {
        let sealed = read(dir)?;
        private::tighten(dir)?;
        Self::unseal(dir, &sealed, passphrase)
    }

    /// Changes what the vault of `dir` holds, one process at a time. It costs no less to open than before, and `cost` at least.
    pub fn change(
        dir: &Path,
        passphrase: &str,
        cost: Cost,
        rng: &mut impl CryptoRng,
        change: impl FnOnce(&mut Self),
    ) -> Result<(), VaultError> {
        let _lock = private::lock(dir, LOCK_FILE)?;
        let sealed = read(dir)?;
        let mut vault = Self::unseal(dir, &sealed, passphrase)?;
        change(&mut vault);
        vault.write(dir, passphrase, at_least(cost, &sealed), rng)
    }

    /// Seals the vault of `dir` under another passphrase. Giving the same two again does no harm: where the new one opens the
    /// vault already, nothing is left to do. Programs that have the vault open go on working.
    pub fn change_passphrase(
        dir: &Path,
        (old, new): (&str, &str),
        cost: Cost,
        rng: &mut impl CryptoRng,
    ) -> Result<(), VaultError> {
        let _lock = private::lock(dir, LOCK_FILE)?;
        let sealed = read(dir)?;
        match Self::unseal(dir, &sealed, old) {
            Ok(vault) => vault.write(dir, new, at_least(cost, &sealed), rng),
            Err(wrong @ VaultError::Passphrase(_)) => {
                Self::unseal(dir, &sealed, new).map(|_| ()).map_err(|_| wrong)
            }
            Err(other) => Err(other),
        }
    }

    /// Seals the vault of `dir` anew where it was sealed at a lower cost than `cost`.
    pub fn raise_cost(
        dir: &Path,
        passphrase: &str,
        cost: Cost,
        rng: &mut impl CryptoRng,
    ) -> Result<(), VaultError> {
        let is_lower = cost_of(&read(dir)?).is_some_and(|of_file| of_file < cost);
        if is_lower { Self::change(dir, passphrase, cost, rng, |_| {}) } else { Ok(()) }
    }

    /// Removes a vault that was never enrolled, and its cache.
    pub(crate) fn discard(dir: &Path) -> Result<(), VaultError> {
        private::forget_halves(dir);
        // The vault last: until it is gone, the same command goes on with what is there.
        for name in [
            "cache.sqlite-wal",
            "cache.sqlite-shm",
            "cache.sqlite",
            DEVICE_KEYS_FILE,
            "device-keys.lock",
            LOCK_FILE,
            VAULT_FILE,
        ] {
            let path = dir.join(name);
            // Behind a link too: a key that nobody needs is left nowhere.
            let target = path.canonicalize().unwrap_or_else(|_| path.clone());
            for file in [&target, &path] {
                match fs::remove_file(file) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                        return Err(VaultError::of_io(file, &error));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn unseal(dir: &Path, sealed: &[u8], passphrase: &str) -> Result<Self, VaultError> {
        let malformed = || VaultError::Malformed(dir.join(VAULT_FILE));
        let purpose = purpose_of_sealed(sealed).ok_or_else(malformed)?;
        let json = sealed::unseal(magic(purpose), sealed, passphrase).map_err(|why| match why {
            Unsealed::Malformed => malformed(),
            Unsealed::Passphrase => VaultError::Passphrase(dir.to_owned()),
        })?;
        let vault: Self = serde_json::from_slice(&json).map_err(|_| malformed())?;
        Ok(Self { purpose, ..vault })
    }

    fn write(
        &self,
        dir: &Path,
        passphrase: &str,
        cost: Cost,
        rng: &mut impl CryptoRng,
    ) -> Result<(), VaultError> {
        let path = dir.join(VAULT_FILE);
        let json = Zeroizing::new(serde_json::to_vec(self).map_err(|_| VaultError::Malformed(path.clone()))?);
        let sealed = sealed::seal(magic(self.purpose), &json, passphrase, cost, rng)
            .ok_or_else(|| VaultError::Malformed(path.clone()))?;
        Ok(private::replace(&path, &sealed)?)
    }
}

fn read(dir: &Path) -> Result<Vec<u8>, VaultError> {
    let path = dir.join(VAULT_FILE);
    fs::read(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => VaultError::Missing(dir.to_owned()),
        _ => VaultError::of_io(&path, &error),
    })
}

/// A cost that lowers nothing.
fn at_least(cost: Cost, sealed: &[u8]) -> Cost {
    cost_of(sealed).map_or(cost, |of_file| of_file.max(cost))
}

fn cost_of(sealed: &[u8]) -> Option<Cost> {
    sealed::cost(magic(purpose_of_sealed(sealed)?), sealed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;
    use std::os::unix::fs::PermissionsExt as _;

    const CHEAP: Cost = Cost { memory_kib: 64, passes: 1 };
    const DEARER: Cost = Cost { memory_kib: 128, passes: 1 };

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
            purpose: Purpose::Earnest,
        }
    }

    #[test]
    fn what_a_desk_is_for_is_known_before_it_is_unlocked_and_cannot_be_changed_by_hand() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        assert_eq!(purpose_of(dir), Purpose::Earnest);
        let practice = Vault { purpose: Purpose::Practice, ..vault() };
        practice.save(dir, "correct", CHEAP, &mut rng).unwrap();
        assert_eq!(purpose_of(dir), Purpose::Practice);
        Vault::change_passphrase(dir, ("correct", "other"), CHEAP, &mut rng).unwrap();
        Vault::raise_cost(dir, "other", DEARER, &mut rng).unwrap();
        assert_eq!(Vault::open(dir, "other").unwrap().purpose, Purpose::Practice);
        // The magic is sealed in: one that is put in its place opens nothing.
        let path = dir.join(VAULT_FILE);
        let sealed = fs::read(&path).unwrap();
        let fields = sealed.strip_prefix(magic(Purpose::Practice)).unwrap();
        fs::write(&path, [magic(Purpose::Earnest), fields].concat()).unwrap();
        assert_eq!(purpose_of(dir), Purpose::Earnest);
        assert!(matches!(Vault::open(dir, "other"), Err(VaultError::Passphrase(_))));
    }

    #[test]
    fn a_vault_opens_with_its_passphrase_alone() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("desk");
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        vault().save(&data, "correct", CHEAP, &mut rng).unwrap();
        assert_eq!(Vault::open(&data, "correct").unwrap().identity, vault().identity);
        assert!(matches!(Vault::open(&data, "wrong"), Err(VaultError::Passphrase(_))));
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
    fn the_passphrase_changes_once_and_the_cost_is_never_lowered() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        vault().save(dir, "old", DEARER, &mut rng).unwrap();
        let cost = || cost_of(&fs::read(dir.join(VAULT_FILE)).unwrap()).unwrap();
        for _ in 0..2 {
            Vault::change_passphrase(dir, ("old", "new"), CHEAP, &mut rng).unwrap();
            assert!(matches!(Vault::open(dir, "old"), Err(VaultError::Passphrase(_))));
            assert_eq!(Vault::open(dir, "new").unwrap().storage_key, vault().storage_key);
        }
        let wrong = Vault::change_passphrase(dir, ("older", "newer"), CHEAP, &mut rng);
        assert!(matches!(wrong, Err(VaultError::Passphrase(_))));
        assert_eq!(cost(), DEARER);
        vault().save(dir, "new", CHEAP, &mut rng).unwrap();
        Vault::raise_cost(dir, "new", DEARER, &mut rng).unwrap();
        assert_eq!(cost(), DEARER);
        let raised = fs::read(dir.join(VAULT_FILE)).unwrap();
        Vault::raise_cost(dir, "new", DEARER, &mut rng).unwrap();
        assert_eq!(fs::read(dir.join(VAULT_FILE)).unwrap(), raised);
        assert!(!dir.join(".vault.half").exists());
    }

    #[test]
    fn a_vault_does_not_print_its_keys() {
        assert!(!format!("{:?}", vault()).contains("[1, 1"));
        assert!(format!("{:?}", vault()).contains("[redacted]"));
    }
}
