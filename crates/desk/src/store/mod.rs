//! What a device keeps beside its keys: entries of the log, the state that they go on from, what waits, and the hub's documents.

mod cache;
mod snapshots;

pub use cache::{CACHE_FILE, Cache, CacheError};
pub use snapshots::{Kept, KeptSnapshot};
