//! The operators' program: keeps the keys, takes calls from the hub, posts answers, shows cases on loopback pages.
//!
//! `vault` holds keys at rest, `cases` folds the log into what people work with, `sync` talks to the hub,
//! `ui` serves the pages. Start reading at [`Desk`].

// What people and programs see goes through crates/callsign/src/output.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod answer;
pub mod cases;
mod custody;
mod desk;
mod devices;
mod error;
pub mod escape;
pub mod passphrase;
mod recover;
mod serve;
mod settings;
mod sync;
mod trouble;
pub mod ui;
pub mod vault;

pub use answer::{AnswerKey, Answered, NewAnswer, Shown};
pub use custody::Custody;
pub use desk::{Ambient, Desk, FlushReport, Followed, Health};
pub use devices::DeviceLine;
pub use error::DeskError;
pub use serve::Running;
pub use settings::{InitOptions, JoinOptions, Settings, model_tracks};
pub use sync::{Alarm, HubError, Receipt, Recovered, Refusal};
pub use trouble::{Activity, Trouble, TroubleChange, TroubleKind, TroubleReport};
