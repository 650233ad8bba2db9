//! Between desk and hub: setting up, taking cells and entries, letters that came by another way and the keys for them, and hubs that came back.

pub(crate) mod cells;
mod client;
pub(crate) mod documents;
pub(crate) mod follow;
pub(crate) mod inbox;
mod invitation;
mod letter_keys;
pub(crate) mod letters;
mod notice;
mod recovery;
pub(crate) mod setup;

pub(crate) use client::HubClient;
pub use client::HubError;
pub(crate) use invitation::Step;
pub use letter_keys::{LettersFault, RefusedLetters};
pub use letters::{Receipt, Refusal};
pub use notice::{NoticeFault, RefusedNotice};
pub use recovery::Recovered;
pub(crate) use recovery::{forget_killed, give_up, recovery_lock, take_over};
pub(crate) use setup::{
    ask_to_join, asking_device, has_begun, is_set_up, keep_hubs_keyring, keep_keyring, knows_desk, set_up,
};
