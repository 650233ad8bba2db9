//! The log as a device knows it: as far as it was read, folded, and with what this device has to add.

mod alarm;
pub(crate) mod bundle;
pub(crate) mod fold;
mod showing;
pub(crate) mod snapshot;
pub(crate) mod state;
mod taking;

use std::collections::{BTreeMap, BTreeSet};

use callsign_protocol::{
    caller_keys::CallerId,
    commit::Head,
    keyring::DeviceId,
    time::{Day, UnixSeconds},
};

use crate::{DeskError, cases::Cases};
use fold::Fold;
use state::KeptState;

pub use alarm::Alarm;

/// Seconds by which the time of a fresh entry may pass this device's clock before it stops writing. A hub that keeps its own
/// date, and a device that means ill, can bring the time of the log two days ahead, and that must stop nobody.
const CLOCKS_DIFFER_S: u64 = 3 * 86_400;

/// The log in this process: what the hub has shown of it, and what people see.
pub(crate) struct Log {
    pub(crate) head: Head,
    /// Whether the hub has shown the head in this process.
    pub(crate) head_confirmed: bool,
    /// The log alone: what may be posted is decided by it.
    pub(crate) fold: Fold,
    /// The state of the log on this disk.
    pub(crate) kept: KeptState,
    /// The log and what waits for a commit: what people see.
    pub(crate) view: Cases,
    /// Whether the view shows what came into it before the log said so.
    view_is_ahead: bool,
    /// Cases that changed since they were put into the search's index. Whoever makes one adds what it does not know.
    pub(crate) unindexed: BTreeSet<CallerId>,
    pub(crate) alarm: Option<Alarm>,
    /// A device whose entry came fresh with a time that lies days past this device's clock: one of both clocks is wrong.
    pub(crate) ahead_of: Option<(DeviceId, UnixSeconds)>,
    /// Other devices whose entries came fresh with a time ahead of this device's clock, and by how many seconds the last did.
    pub(crate) clocks_ahead: BTreeMap<DeviceId, u64>,
    /// The day by this device's clock on which the newest entry of each other one came in, in this process.
    pub(crate) came_on: BTreeMap<DeviceId, Day>,
    /// The day on which the hub was last seen to have the state.
    pub(crate) checked_on: Option<Day>,
    /// The day on which the state was last seen to fit a snapshot.
    pub(crate) measured_on: Option<Day>,
}

impl Log {
    /// A log as it was read from this disk.
    pub(crate) fn of((fold, head, kept): (Fold, Head, KeptState)) -> Self {
        Self {
            head_confirmed: head == Head::EMPTY,
            head,
            view: fold.cases.clone(),
            fold,
            kept,
            view_is_ahead: false,
            unindexed: BTreeSet::new(),
            alarm: None,
            ahead_of: None,
            clocks_ahead: BTreeMap::new(),
            came_on: BTreeMap::new(),
            checked_on: None,
            measured_on: None,
        }
    }

    /// Notes all cases, before the view is taken from a log that was not known: those that are shown may be gone, and others
    /// may have come of which no event has told.
    pub(crate) fn all_changed(&mut self) {
        self.unindexed.extend(self.view.callers().chain(self.fold.cases.callers()));
    }

    /// Forgets that clocks differ, where this device's was set right or has caught up.
    pub(crate) fn compare_clocks(&mut self, now: UnixSeconds) {
        self.ahead_of = self.ahead_of.filter(|(_, at)| *at > now.plus(CLOCKS_DIFFER_S));
    }

    /// Stops all writing until a person has looked.
    pub(crate) fn raise<T>(&mut self, alarm: Alarm) -> Result<T, DeskError> {
        self.alarm = Some(alarm);
        Err(DeskError::Alarm(alarm))
    }
}
