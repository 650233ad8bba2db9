//! What stops all writing: a hub that contradicts itself, or what this device has seen.

/// The hub's word contradicts what this device has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Alarm {
    /// The log has two histories.
    #[error("the hub shows another history of the desk's log than before")]
    Fork,
    /// An entry's signature fails, or its device is unknown.
    #[error("the hub shows an entry of the log that no device of this desk has signed")]
    Forged,
    /// A keyring that a removed device could have made.
    #[error("the hub shows a keyring that is signed with a key of a device that was removed")]
    KeyringForged,
    /// An older keyring than one seen.
    #[error("the hub shows an older keyring than before")]
    KeyringWentBack,
    /// Entries are gone.
    #[error("the hub's log is shorter than before")]
    LogWentBack,
}
