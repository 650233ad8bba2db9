//! Keys: at rest in the vault and beside it, turned over by day, month and generation, and a custodian's in a file of its own.

pub(crate) mod certificate;
mod device_keys;
pub(crate) mod following;
pub(crate) mod generation;
mod held;
mod identity_file;
mod kit;
pub(crate) mod notice;
pub(crate) mod numbers;
pub mod passphrase;
pub(crate) mod restart;
pub(crate) mod rotation;
mod sealed;
mod vault;

pub use device_keys::{DEVICE_KEYS_FILE, DeviceKeyFile, DeviceKeys};
pub use following::{KeysFault, WrongKeyring};
pub(crate) use held::{Keys, open_wrapped};
pub use identity_file::{is_identity_file, open_identity, save_identity};
pub use kit::{KIT_ROWS, Kit, KitError, WORDS as KIT_WORDS};
pub use sealed::Cost;
pub use vault::{VAULT_FILE, Vault, VaultError, purpose_of};
