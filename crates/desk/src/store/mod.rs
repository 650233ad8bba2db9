//! What a device keeps beside its keys: entries of the log, the state that they go on from, what waits, and the hub's documents;
//! and which words stand in which cases, in memory and in an image.

mod cache;
mod checklists;
mod documents;
mod drafts;
mod entries;
mod inbox;
mod pending;
mod search;
mod shelf;
mod snapshots;
mod state;
mod templates;

pub use cache::{CACHE_FILE, Cache, CacheError};
pub use checklists::Checklist;
pub use documents::{BorneOut, Offered};
pub use drafts::{DraftVersion, KeptDraft, OlderDraft, PutAside};
pub(crate) use entries::KeptEntry;
pub use entries::{Before, Entries, Keep};
#[cfg(test)]
pub(crate) use search::word_by_word;
pub(crate) use search::{
    Image, ImageFile, ImagePlace, Places, SEARCH_FILE, fold_onto, forget_image, initials_of,
};
pub use search::{Indexed, Precision, START_MIN, SearchIndex, Term, Word, starts_of_forms, words};
pub(crate) use shelf::CaseShelf;
pub use snapshots::Attempt;
pub(crate) use state::{Mark, SealedBody, StateRows, StorageKey, Writing};
pub use templates::Template;
