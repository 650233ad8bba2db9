//! What a device keeps beside its keys: entries of the log, what waits for it, and the hub's documents.

mod cache;

pub use cache::{CACHE_FILE, Cache, CacheError};
