//! What a device keeps beside its keys: entries of the log, the state that they go on from, what waits, and the hub's documents;
//! and, in memory, which words stand in which cases.

mod cache;
mod search;
mod shelf;
mod snapshots;
mod state;

pub use cache::{Before, CACHE_FILE, Cache, CacheError, Entries};
#[cfg(test)]
pub(crate) use search::word_by_word;
pub use search::{Indexed, Precision, START_MIN, SearchIndex, Term, Word, starts_of_forms, words};
pub(crate) use search::{Places, fold_onto, initials_of};
pub(crate) use shelf::CaseShelf;
pub use snapshots::Attempt;
pub(crate) use state::{Mark, SealedBody, StateRows, StorageKey, Writing};
