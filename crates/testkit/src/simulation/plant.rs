//! Faults of a hub that nobody may be spared, planted to show that a simulation finds them.

use rusqlite::Connection;

use super::hub::Passed;

/// What a hub does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// It says "stored" of a cell and forgets it.
    ForgottenCell,
    /// It takes a commit and lists one drop less.
    ForgottenDrop,
    /// It answers before its writes are durable: a kill takes them back.
    LostJournal,
}

impl Plant {
    pub(super) fn work(self, hub: &Connection, passed: &[Passed]) {
        let came = |path| passed.iter().any(|passed| passed.path == path && passed.status == 200);
        let forget = match self {
            Self::ForgottenCell if came("v1/exchange") => {
                "DELETE FROM cells WHERE position % 3 = 0 AND position = (SELECT max(position) FROM cells)"
            }
            Self::ForgottenDrop if came("v1/commit") => {
                "DELETE FROM drops WHERE position = 5 AND (SELECT max(position) FROM drops) > 5"
            }
            _ => return,
        };
        hub.execute_batch(forget).expect("the hub's tables");
    }
}
