//! The one HTTP client: reads addresses and proxies, decides the route to a hub, and sends requests by that route alone.
//!
//! Caller, desk, doctor and bench all come through here, so the rules of anonymity lie in one place:
//! [`Route::to`]. No other crate names the HTTP library.

// What people and programs see goes through crates/callsign/src/output.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod address;
mod client;
mod link;
mod proxies;
mod proxy;
mod resolver;
mod route;
mod watch;

pub use address::{Address, AddressError, Host, Scheme};
pub use client::{Cause, Client, Habits, Request, RequestError, Response};
pub use link::{Link, LinkError, desk_in_location};
pub use proxies::Proxies;
pub use proxy::{Proxy, ProxyFault};
pub use route::{Route, RouteError};
pub use watch::Delivery;
