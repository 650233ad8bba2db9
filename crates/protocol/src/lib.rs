//! What caller, hub and desk must agree on, and nothing else: `docs/protocol.md` in Rust.
//!
//! This crate is pure. It does no I/O, reads no clock and draws no randomness: the current time and a
//! cryptographic generator are arguments. Decoders accept any bytes and answer with an error, never a panic.

// What people and programs see goes through crates/callsign/src/output.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod armour;
pub mod call;
pub mod call_sign;
pub mod caller_keys;
pub mod cell;
pub mod commit;
pub mod content;
pub mod derive;
pub mod device_request;
pub mod digest;
pub mod drop;
pub mod encoding;
pub mod enrol;
pub mod entry;
pub mod error_code;
pub mod exchange;
pub mod fold;
pub mod follow;
mod hpke_suite;
pub mod identity;
pub mod invisible;
pub mod invitation;
pub mod json;
pub mod keyring;
mod layout;
pub mod letter;
pub mod letter_key;
pub mod letters;
pub mod notice;
pub mod os_error;
pub mod phrase;
pub mod plan;
pub mod session;
pub mod signed;
pub mod snapshot;
pub mod stamp;
pub mod successor;
pub mod time;
pub mod typed_secret;
pub mod visit;
pub mod walk;
pub mod words;

pub use hpke_suite::{WrappingKey, XWingSecret, xwing_generate, xwing_public};

/// The version of the protocol that this crate speaks, as the first byte of every layout.
pub const VERSION: u8 = 1;
