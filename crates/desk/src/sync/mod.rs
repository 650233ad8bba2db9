//! Between desk and hub: taking cells and entries, committing events and drops, turning keys over.

mod beat;
mod bundle;
mod cadence;
mod certificate;
mod follow;
mod generation;
mod hub_client;
mod inbox;
mod letters;
mod log;
mod plan;
mod recovery;
mod rotation;
mod setup;
mod state;

pub(crate) use beat::Pace;
pub(crate) use hub_client::HubClient;
pub use hub_client::HubError;
pub use letters::{Receipt, Refusal};
pub use recovery::Recovered;
pub(crate) use recovery::{give_up, take_over};
pub(crate) use setup::{ask_to_join, keep_hubs_keyring, set_up};
pub(crate) use state::State;

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
