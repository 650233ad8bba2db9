//! Where a device stands in the hub's inbox: what it has seen, and what is done with after the fixed delay.

use std::collections::VecDeque;

use callsign_protocol::time::UnixSeconds;

use crate::cases::EventId;

/// Cells seen by this process and not yet done with. Lives in memory alone: times of cells are written nowhere.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    seen_to: u64,
    /// Seen before a commit of this device was made that is in the log now.
    committed_to: u64,
    done_to: u64,
    /// Cells that did not open since this process began.
    pub(crate) dropped_cells: u64,
    /// Parts of calls that were not kept since this process began, because their callers had sent as much as is kept of one.
    pub(crate) crowded_out: u64,
    waiting: VecDeque<Seen>,
}

#[derive(Debug)]
struct Seen {
    position: u64,
    at: UnixSeconds,
    /// The event that must be in the log first; none for cover and for what did not open.
    event: Option<EventId>,
}

impl Inbox {
    /// The position up to which cells were seen.
    pub(crate) fn seen_to(&self) -> u64 {
        self.seen_to
    }

    /// Takes note of a cell.
    pub(crate) fn saw(&mut self, position: u64, at: UnixSeconds, event: Option<EventId>) {
        self.seen_to = self.seen_to.max(position);
        self.waiting.push_back(Seen { position, at, event });
    }

    /// Takes note that a commit is in the log that was made when cells up to this position had been seen.
    pub(crate) fn committed(&mut self, seen_to: u64) {
        self.committed_to = self.committed_to.max(seen_to);
    }

    /// Moves and tells the position up to which cells are done with: seen `delay_s` ago, and before a commit that is in
    /// the log. Cover waits for that too: a hub that lets one cell through and refuses commits would tell it from a call.
    pub(crate) fn done_to(
        &mut self,
        now: UnixSeconds,
        delay_s: u32,
        in_log: impl Fn(&EventId) -> bool,
    ) -> u64 {
        while let Some(first) = self.waiting.front() {
            let due = now.since(first.at) >= u64::from(delay_s) && first.position <= self.committed_to;
            if !due || first.event.as_ref().is_some_and(|event| !in_log(event)) {
                break;
            }
            self.done_to = self.done_to.max(first.position);
            self.waiting.pop_front();
        }
        self.done_to
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use callsign_protocol::encoding::Bytes;

    #[test]
    fn the_position_moves_by_the_delay_and_never_past_a_call_that_is_not_in_the_log() {
        let mut inbox = Inbox::default();
        let call = Bytes([1; 16]);
        inbox.saw(1, UnixSeconds(100), None);
        inbox.saw(2, UnixSeconds(101), Some(call));
        inbox.saw(3, UnixSeconds(102), None);
        inbox.committed(3);
        let logged = |inbox: &mut Inbox, now| inbox.done_to(UnixSeconds(now), 10, |id| *id == call);
        assert_eq!(logged(&mut inbox, 109), 0);
        assert_eq!(inbox.done_to(UnixSeconds(500), 10, |_| false), 1);
        assert_eq!(logged(&mut inbox, 111), 2);
        assert_eq!(logged(&mut inbox, 112), 3);
        assert_eq!((inbox.seen_to(), logged(&mut inbox, 900)), (3, 3));
    }

    #[test]
    fn cover_waits_for_a_commit_as_a_call_does() {
        let mut inbox = Inbox::default();
        inbox.saw(1, UnixSeconds(100), None);
        inbox.saw(2, UnixSeconds(100), None);
        assert_eq!(inbox.done_to(UnixSeconds(900), 10, |_| true), 0);
        inbox.committed(1);
        assert_eq!(inbox.done_to(UnixSeconds(900), 10, |_| true), 1);
    }
}
