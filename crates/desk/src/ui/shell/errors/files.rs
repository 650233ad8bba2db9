//! What is wrong with the files and the disk of this computer, and with a state that is saved.

use super::{Said, Texts, Told, apart, detail, told};
use crate::{
    DiskError, DiskFault, PrivateError,
    cases::{SnapshotError, Unread},
    keys::VaultError,
    store::CacheError,
};

impl Said for DiskError {
    fn told(&self, _: Texts) -> Told {
        let path = apart(self.path.display());
        match self.fault {
            DiskFault::Busy => told!("errors-disk-busy", path = path),
            DiskFault::Denied => told!("errors-disk-denied", path = path),
            DiskFault::Failing => told!("errors-disk-failing", path = path),
            DiskFault::Full => told!("errors-disk-full", path = path),
            DiskFault::IsDirectory => told!("errors-disk-is-directory", path = path),
            DiskFault::Loop => told!("errors-disk-loop", path = path),
            DiskFault::Missing => told!("errors-disk-missing", path = path),
            DiskFault::NotDirectory => told!("errors-disk-not-directory", path = path),
            DiskFault::Quota => told!("errors-disk-quota", path = path),
            DiskFault::ReadOnly => told!("errors-disk-read-only", path = path),
        }
    }
}

impl Said for PrivateError {
    fn told(&self, texts: Texts) -> Told {
        match self {
            Self::DanglingLink(path) => told!("errors-private-dangling-link", path = apart(path.display())),
            Self::Disk(error) => error.told(texts),
            Self::HardLink(path) => told!("errors-private-hard-link", path = apart(path.display())),
            Self::Link(path) => told!("errors-private-link", path = apart(path.display())),
            Self::NotOwn { path, owner } => {
                told!("errors-private-not-own", path = apart(path.display()), owner = owner.to_string())
            }
            Self::ParentOpen(path) => told!("errors-private-parent-open", path = apart(path.display())),
            Self::Shared(path) => told!("errors-private-shared", path = apart(path.display())),
        }
    }
}

impl Said for CacheError {
    fn told(&self, texts: Texts) -> Told {
        match self {
            Self::Damaged { path, place } => {
                told!("errors-cache-damaged", path = apart(path.display()), place = detail(place))
            }
            Self::Disk(error) => error.told(texts),
            Self::Private(error) => error.told(texts),
            Self::Emptied => told!("errors-cache-emptied"),
            Self::Unsealed => told!("errors-cache-unsealed"),
            Self::Version { path, found } => {
                told!("errors-cache-version", path = apart(path.display()), found = *found)
            }
        }
    }
}

impl Said for Unread {
    fn told(&self, texts: Texts) -> Told {
        match self {
            Self::Altered => told!("errors-unread-altered"),
            Self::Cache(error) => error.told(texts),
        }
    }
}

impl Said for SnapshotError {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::Altered(error) => told!("errors-snapshot-altered", error = detail(error)),
            Self::Incomplete => told!("errors-snapshot-incomplete"),
            Self::Json(_) => told!("errors-snapshot-json"),
            Self::Missing => told!("errors-snapshot-missing"),
            Self::TooLarge => told!("errors-snapshot-too-large"),
            Self::Version => told!("errors-snapshot-version"),
        }
    }
}

impl Said for VaultError {
    fn told(&self, texts: Texts) -> Told {
        match self {
            Self::Exists(path) => told!("errors-vault-exists", path = apart(path.display())),
            Self::Malformed(path) => told!("errors-vault-malformed", path = apart(path.display())),
            Self::Missing(path) => told!("errors-vault-missing", path = apart(path.display())),
            Self::Passphrase(path) => told!("errors-vault-passphrase", path = apart(path.display())),
            Self::Private(error) => error.told(texts),
            // Commands alone set a desk up and move its identity.
            Self::RecoveryExists(_)
            | Self::RecoveryMalformed(_)
            | Self::RecoveryPassphrase(_)
            | Self::UnfinishedOther { .. }
            | Self::UnfinishedPassphrase(_) => told!("errors-vault-set-up", error = detail(self)),
        }
    }
}
