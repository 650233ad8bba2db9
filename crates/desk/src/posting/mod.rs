//! What leaves for the hub, and when: commits, the drops of the cadence, and the published plan.

pub(crate) mod cadence;
pub(crate) mod commit;
pub(crate) mod plan;
pub(crate) mod wait;

use std::collections::BTreeSet;

use callsign_protocol::{caller_keys::CallerId, entry::EntryHash, time::Day};

use cadence::Offered;

pub(crate) use commit::Pace;

/// What this process has tried to post and does not know of yet.
#[derive(Default)]
pub(crate) struct Posting {
    /// The entry composed last.
    pub(crate) composed: Option<EntryHash>,
    /// The drops of the tick that was tried last.
    pub(crate) offered: Vec<Offered>,
    /// The day for which the hub took no drops: dummies alone try it again, for what was offered in vain has used up a place.
    pub(crate) refused_day: Option<Day>,
    /// Callers of whose drops a recovery has yet to tell the log: until then a second drop could go to an address.
    pub(crate) unsettled: BTreeSet<CallerId>,
    /// Parts of calls that wait for the log since half the time for which the hub keeps their cells.
    pub(crate) late_calls: u64,
}
