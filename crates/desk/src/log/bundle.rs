//! The events of one entry: what goes first, and what fits.

use std::collections::HashSet;

use callsign_protocol::{
    caller_keys::CallerId,
    entry::EVENTS_MAX,
    event::{Event, EventBody},
};

/// Bytes of the event that lists drops, without them, and of each of them at most.
pub(crate) const LISTED_LEN: usize = 128;
pub(crate) const POSTED_LEN: usize = 52;
/// Bytes kept in a beat for what waits for the log, so that drops hold no call back: the largest part of a call.
pub(crate) const PENDING_ROOM: usize = 3_200;

/// Events for one bundle, never more than fit.
pub(crate) struct Bundle {
    pub(crate) events: Vec<Event>,
    json_len: usize,
    /// Bytes kept for what must fit later.
    pub(crate) reserved: usize,
}

impl Bundle {
    pub(crate) fn new() -> Self {
        Self { events: Vec::new(), json_len: 2, reserved: 0 }
    }

    pub(crate) fn offer(&mut self, event: Event) -> bool {
        let len = serde_json::to_vec(&event).map_or(usize::MAX, |json| json.len() + 1);
        let fits = self.json_len.saturating_add(len).saturating_add(self.reserved) <= EVENTS_MAX;
        if fits {
            self.json_len += len;
            self.events.push(event);
        }
        fits
    }
}

/// What begins a generation first. Notices next, for calls cannot be opened without them, and wrapping keys; then what
/// operators did, so that a flood of calls holds no answer back; then one piece of a snapshot, so that it holds no key's
/// end back either; then calls; then the rest of the snapshot. What operators did about a caller stays behind that
/// caller's own calls.
pub(crate) fn by_urgency(mut pending: Vec<Event>) -> Vec<Event> {
    let calling: HashSet<CallerId> = pending
        .iter()
        .filter_map(|event| match &event.body {
            EventBody::MessageReceived { call, .. } => Some(call.caller_id()),
            _ => None,
        })
        .collect();
    let next_piece =
        pending.iter().find(|event| matches!(event.body, EventBody::Snapshot { .. })).map(|event| event.id);
    pending.sort_by_key(|event| match (&event.body, event.body.caller()) {
        (EventBody::GenerationBegun { .. }, _) => 0,
        (
            EventBody::NoticePublished { .. }
            | EventBody::SuccessorAnnounced { .. }
            | EventBody::WrappingKey { .. },
            _,
        ) => 1,
        (EventBody::Snapshot { .. }, _) if Some(event.id) == next_piece => 3,
        (EventBody::Snapshot { .. }, _) => 5,
        (_, Some(caller)) if !calling.contains(caller) => 2,
        _ => 4,
    });
    pending
}

#[cfg(test)]
mod tests {
    use super::*;
    use callsign_protocol::{
        commit::{DROPS_MAX, SIGNATURES_MAX},
        encoding::Bytes,
        time::Day,
    };

    #[test]
    fn as_many_drops_as_a_commit_carries_can_always_be_listed() {
        let listed = |n: usize| Event {
            id: Bytes([255; 16]),
            body: EventBody::Listed { day: Day(u32::MAX), posted: vec![(255, Bytes([255; 32])); n] },
        };
        let len = |n: usize| serde_json::to_vec(&listed(n)).unwrap().len() + 1;
        assert!(len(0) <= LISTED_LEN && (0..=DROPS_MAX).all(|n| len(n) <= LISTED_LEN + n * POSTED_LEN));
        let lists = vec![(Day(u32::MAX), 255); SIGNATURES_MAX];
        let signed = EventBody::DaysSigned { duty_key: Bytes([255; 32]), lists };
        let ticked = EventBody::Ticked { tick: u64::MAX };
        let mut bundle = Bundle::new();
        for body in [signed, ticked] {
            assert!(bundle.offer(Event { id: Bytes([255; 16]), body }));
        }
        bundle.reserved = PENDING_ROOM;
        assert!(bundle.offer(listed(DROPS_MAX)));
    }
}
