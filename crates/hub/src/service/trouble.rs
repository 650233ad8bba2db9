//! Logs that the store fails, once a day for each operation: a line for each failed exchange would be a list of
//! the times at which callers wrote.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use callsign_protocol::time::Day;

use crate::store::StoreError;

/// The day on which each operation's failure was logged last.
#[derive(Debug, Default)]
pub struct Trouble(Mutex<BTreeMap<&'static str, Day>>);

impl Trouble {
    /// Takes note of a failure; tells whether it was logged.
    pub fn note(&self, error: &StoreError, today: Day) -> bool {
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if logged.insert(error.operation(), today) == Some(today) {
            return false;
        }
        tracing::error!(%error, "the store fails; more failures of this kind are not logged today");
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_logged_once_a_day() {
        let trouble = Trouble::default();
        let append = StoreError::GivenUp { operation: "append_cell" };
        let read = StoreError::GivenUp { operation: "drops" };
        assert!(trouble.note(&append, Day(1)));
        assert!(trouble.note(&read, Day(1)));
        assert!(!trouble.note(&append, Day(1)));
        assert!(trouble.note(&append, Day(2)));
    }
}
