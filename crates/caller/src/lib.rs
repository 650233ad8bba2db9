//! A caller in Rust: finds a desk's hub, checks the desk's notice, writes, reads, or merely visits.
//!
//! The command line, tests and load use it. It blocks, keeps nothing on disk, and takes clock, randomness and waiting
//! as arguments. A program does this, in this order:
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let clock: callsign_protocol::time::Clock = std::sync::Arc::new(|| callsign_protocol::time::UnixSeconds(0));
//! # let phrase = callsign_protocol::phrase::Phrase::parse("abandon")?;
//! # let rng = rand_core::UnwrapErr(NoRandomness);
//! # #[derive(Clone)] struct NoRandomness;
//! # impl rand_core::TryRng for NoRandomness {
//! #     type Error = std::fmt::Error;
//! #     fn try_next_u32(&mut self) -> Result<u32, Self::Error> { Err(std::fmt::Error) }
//! #     fn try_next_u64(&mut self) -> Result<u64, Self::Error> { Err(std::fmt::Error) }
//! #     fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Self::Error> { Err(std::fmt::Error) }
//! # }
//! # impl rand_core::TryCryptoRng for NoRandomness {}
//! # let wait = |_| {};
//! use callsign_caller::{arrival::Arrival, hub_client::HubClient, visit::Visit};
//! use callsign_http::{Link, Proxies};
//!
//! let hub = HubClient::find(&Link::parse("http://127.0.0.1:8700")?, None, &Proxies::none())?;
//! let Arrival { notice, .. } = hub.arrive(clock())?;
//! let keys = phrase.caller_keys(&notice.fingerprint);
//! let mut visit = Visit::new(&hub, notice, keys, clock, rng);
//! visit.read_fast(&wait)?;
//! println!("{:?}", visit.reading());
//! # Ok(()) }
//! ```

// What people and programs see goes through crates/callsign/src/output.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod arrival;
pub mod hub_client;
pub mod lists;
pub mod mailbox;
pub mod paced;
pub mod visit;
