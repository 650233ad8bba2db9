//! What stops all writing: a hub that contradicts itself, or what this device has seen.

use callsign_protocol::keyring::DeviceId;

/// The hub's word contradicts what this device has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Alarm {
    /// The log has two histories.
    #[error("the hub shows another history of the desk's log than before")]
    Fork,
    /// An entry's signature fails, or its device is unknown.
    #[error("the hub shows an entry of the log that no device of this desk has signed")]
    Forged,
    /// A keyring that changes what none may change, and the device that has put it.
    #[error(
        "the device {0} has put a keyring that changes what none may change, and the hub shows it: ask whose device that is, by another way than the desk"
    )]
    KeyringChanged(DeviceId),
    /// A keyring that no device of the desk has put.
    #[error(
        "the hub shows a keyring that none of this desk's devices has put, or one signed with a key that was replaced"
    )]
    KeyringForged,
    /// Devices have come into the keyring, or gone, of which the log says nothing.
    #[error(
        "the hub shows a keyring with a device that nobody of this desk has let in, or without one that nobody has shut out"
    )]
    KeyringUnsaid,
    /// An older keyring than one seen.
    #[error("the hub shows an older keyring than before")]
    KeyringWentBack,
    /// The identity has put a keyring over all that went before.
    #[error(
        "the desk's identity has restarted the desk at another device: where nobody of yours did so, the identity is in other hands"
    )]
    Restarted,
    /// Entries are gone.
    #[error("the hub's log is shorter than before")]
    LogWentBack,
}
