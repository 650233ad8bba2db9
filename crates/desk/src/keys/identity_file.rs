//! The identity in a file of its own, sealed as the vault is: what a custodian keeps away from the desk's machines.

use std::{fs, path::Path};

use callsign_protocol::{encoding::Secret, identity::PrivateKey};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    files::private,
    keys::{
        Cost, VaultError,
        sealed::{self, Unsealed},
    },
};

const MAGIC: &[u8] = b"callsign identity\x01";

#[derive(Serialize, Deserialize)]
struct Kept {
    identity_seed: Secret<32>,
}

/// Writes an identity to a file that is not there yet, and makes sure that it opens again before anyone relies on it. A file
/// that an earlier attempt has left, with the same identity under the same passphrase, is as good.
pub fn save_identity(
    path: &Path,
    identity: &PrivateKey,
    passphrase: &str,
    cost: Cost,
    rng: &mut impl CryptoRng,
) -> Result<(), VaultError> {
    if fs::symlink_metadata(path).is_ok() {
        let is_same = open_identity(path, passphrase).is_ok_and(|kept| kept.public() == identity.public());
        return if is_same { Ok(()) } else { Err(VaultError::RecoveryExists(path.to_owned())) };
    }
    let malformed = || VaultError::RecoveryMalformed(path.to_owned());
    let json = serde_json::to_vec(&Kept { identity_seed: identity.seed() }).map_err(|_| malformed())?;
    let sealed = sealed::seal(MAGIC, &Zeroizing::new(json), passphrase, cost, rng).ok_or_else(malformed)?;
    private::replace(path, &sealed)?;
    let kept = open_identity(path, passphrase)?;
    if kept.public() == identity.public() { Ok(()) } else { Err(malformed()) }
}

/// Whether a file is one of an identity, as far as that shows without its passphrase: nobody is asked for one in vain.
pub fn is_identity_file(path: &Path) -> Result<(), VaultError> {
    let sealed = fs::read(path).map_err(|error| VaultError::of_io(path, &error))?;
    if sealed.starts_with(MAGIC) { Ok(()) } else { Err(VaultError::RecoveryMalformed(path.to_owned())) }
}

/// Opens the identity in a file; takes as long as its Argon2id cost says.
pub fn open_identity(path: &Path, passphrase: &str) -> Result<PrivateKey, VaultError> {
    let sealed = fs::read(path).map_err(|error| VaultError::of_io(path, &error))?;
    let json = sealed::unseal(MAGIC, &sealed, passphrase).map_err(|why| match why {
        Unsealed::Malformed => VaultError::RecoveryMalformed(path.to_owned()),
        Unsealed::Passphrase => VaultError::RecoveryPassphrase(path.to_owned()),
    })?;
    let kept: Kept =
        serde_json::from_slice(&json).map_err(|_| VaultError::RecoveryMalformed(path.to_owned()))?;
    Ok(PrivateKey::from_seed(&kept.identity_seed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng as _;

    const CHEAP: Cost = Cost { memory_kib: 64, passes: 1 };

    #[test]
    fn an_identity_opens_with_its_passphrase_alone_and_overwrites_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("identity");
        let identity = PrivateKey::from_seed(&Secret([7; 32]));
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        save_identity(&path, &identity, "correct", CHEAP, &mut rng).unwrap();
        assert_eq!(open_identity(&path, "correct").unwrap().public(), identity.public());
        assert!(matches!(open_identity(&path, "wrong"), Err(VaultError::RecoveryPassphrase(_))));
        save_identity(&path, &identity, "correct", CHEAP, &mut rng).unwrap();
        let other = PrivateKey::from_seed(&Secret([8; 32]));
        for (identity, passphrase) in [(&identity, "another"), (&other, "correct")] {
            let over = save_identity(&path, identity, passphrase, CHEAP, &mut rng);
            assert!(matches!(over, Err(VaultError::RecoveryExists(_))));
        }
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&path, &bytes).unwrap();
        assert!(open_identity(&path, "correct").is_err());
        fs::write(&path, &bytes[..20]).unwrap();
        assert!(matches!(open_identity(&path, "correct"), Err(VaultError::RecoveryMalformed(_))));
    }
}
