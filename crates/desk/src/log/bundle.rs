//! The events of one entry: what goes first, and what fits.

use std::collections::{HashMap, HashSet};

use callsign_protocol::{caller_keys::CallerId, entry::EVENTS_MAX};

use crate::cases::{Event, EventBody};

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
    /// Of these, for what waits for the log.
    pub(crate) room: usize,
}

impl Bundle {
    pub(crate) fn new() -> Self {
        Self { events: Vec::new(), json_len: 2, reserved: 0, room: PENDING_ROOM }
    }

    /// Room for these in a beat: what the desk says of itself is longer than a call, and all waits behind it.
    pub(crate) fn before(pending: &[Event]) -> Self {
        let settings = pending.iter().filter(|event| matches!(event.body, EventBody::SettingsSet(_)));
        let longest =
            settings.filter_map(|event| serde_json::to_vec(event).ok()).map(|json| json.len() + 1).max();
        Self { room: PENDING_ROOM.max(longest.unwrap_or(0)), ..Self::new() }
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

/// What begins a generation first. Notices next, for calls cannot be opened without them, wrapping keys, and that a snapshot
/// is whole. Then all of the callers to whom operators have turned, their own calls first, so that no answer stands behind a
/// flood; then calls. Of calls the one part that has waited longest goes first, so that each has its turn, and then the caller
/// of whom less waits: who sends a thousand calls is behind everybody else, and not before. A call that came in while an answer to its caller
/// waited goes before that answer, whose author has not seen it: the fold holds the answer then.
pub(crate) fn by_urgency(
    mut pending: Vec<Event>,
    is_attended: impl Fn(&CallerId) -> bool,
    is_operators: impl Fn(&EventBody) -> bool,
) -> Vec<Event> {
    let mut waiting: HashMap<CallerId, Waiting> = HashMap::new();
    for (at, event) in pending.iter().enumerate() {
        let (caller, is_of_operator) = match (&event.body, event.body.caller()) {
            (EventBody::MessageReceived(received), _) => (received.call.caller_id(), false),
            (_, Some(caller)) => (*caller, true),
            _ => continue,
        };
        let of = waiting.entry(caller).or_insert_with(|| Waiting {
            events: 0,
            first: at,
            is_attended: is_attended(&caller),
            judged: usize::MAX,
            is_erased: false,
        });
        of.events += 1;
        of.is_erased |= matches!(event.body, EventBody::CaseErased(_));
        if matches!(&event.body, EventBody::AnswerQueued(queued) if queued.seen.is_some()) {
            of.judged = of.judged.min(at);
        }
        of.is_attended |= is_of_operator;
    }
    // What is said of many at once holds up no answer; what was said of one of them afterwards stays behind it.
    let sifted: HashSet<CallerId> = pending.iter().flat_map(|event| of_many(&event.body)).copied().collect();
    let is_behind_sifting = |event: &Event| {
        let caller = event.body.caller().filter(|_| !matches!(event.body, EventBody::MessageReceived(_)));
        !of_many(&event.body).is_empty() || caller.is_some_and(|caller| sifted.contains(caller))
    };
    let is_attended_call = |event: &Event| match &event.body {
        EventBody::MessageReceived(received) => waiting[&received.call.caller_id()].is_attended,
        _ => true,
    };
    let oldest = pending.iter().find(|event| !is_attended_call(event)).map(|event| event.id);
    let places: HashMap<_, _> = pending.iter().zip(0..).map(|(event, at)| (event.id, at)).collect();
    pending.sort_by_cached_key(|event| {
        let caller = event.body.about();
        let of = caller.and_then(|caller| waiting.get(&caller));
        let within = of.map_or((0, 0), |of| of.within(event, places[&event.id]));
        let order = match (&event.body, of) {
            (EventBody::GenerationBegun { .. }, _) => (0, 0, 0),
            (EventBody::MessageReceived { .. }, _) if Some(event.id) == oldest => (3, 0, 0),
            // What somebody is doing has time, and is never in the way.
            (EventBody::Presence(_), _) => (4, 0, 0),
            // Who ends a shift has done before what they did.
            (EventBody::ShiftEnded(_), _) => (2, usize::MAX, 0),
            _ if is_behind_sifting(event) => (2, usize::MAX - 1, 0),
            (_, Some(of)) => (if of.is_attended { 2 } else { 3 }, of.events, of.first),
            // Nobody else's turn: it stands among what operators did where it was done.
            (body, None) if is_operators(body) => (2, 1, places[&event.id]),
            _ => (1, 0, 0),
        };
        (order, within)
    });
    pending
}

/// Whose cases an act on many is about; nobody's where it is none.
fn of_many(body: &EventBody) -> &[CallerId] {
    match body {
        EventBody::Sifted(sifted) => &sifted.callers,
        EventBody::Unsifted(unsifted) => &unsifted.callers,
        _ => &[],
    }
}

/// What of one caller waits for the log.
struct Waiting {
    events: usize,
    /// The place of the first.
    first: usize,
    /// Whether a person has turned to this caller.
    is_attended: bool,
    /// The place of the first answer that says what its author had seen.
    judged: usize,
    /// Whether the case is to be erased: a call behind that must not come before it.
    is_erased: bool,
}

impl Waiting {
    /// The place of an event among those of its caller.
    fn within(&self, event: &Event, at: usize) -> (usize, u8) {
        match event.body {
            EventBody::MessageReceived(_) if !self.is_erased => (at.min(self.judged), 0),
            _ => (at, 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{
        AnswerQueued, CaseErased, Cases, Claimed, DaysSigned, Listed, Ready, ShiftEnded, Ticked,
        support::whole_answer,
    };
    use callsign_protocol::{
        call::CallPart,
        commit::{DROPS_MAX, SIGNATURES_MAX},
        encoding::Bytes,
        time::{Day, UnixSeconds},
    };

    #[test]
    fn as_many_drops_as_a_commit_carries_can_always_be_listed() {
        let listed = |n: usize| Event {
            id: Bytes([255; 16]),
            body: EventBody::Listed(Listed { day: Day(u32::MAX), posted: vec![(255, Bytes([255; 32])); n] }),
        };
        let len = |n: usize| serde_json::to_vec(&listed(n)).unwrap().len() + 1;
        assert!(len(0) <= LISTED_LEN && (0..=DROPS_MAX).all(|n| len(n) <= LISTED_LEN + n * POSTED_LEN));
        let lists = vec![(Day(u32::MAX), 255); SIGNATURES_MAX];
        let signed = EventBody::DaysSigned(DaysSigned { duty_key: Bytes([255; 32]), lists });
        let ticked = EventBody::Ticked(Ticked { tick: u64::MAX });
        let mut bundle = Bundle::new();
        for body in [signed, ticked] {
            assert!(bundle.offer(Event { id: Bytes([255; 16]), body }));
        }
        bundle.reserved = PENDING_ROOM;
        assert!(bundle.offer(listed(DROPS_MAX)));
    }

    #[test]
    fn a_call_goes_before_the_answer_whose_author_has_not_seen_it_and_behind_an_erasure() {
        let mut cases = Cases::staffed();
        let caller = cases.and_a_case(1);
        let call = |message: u8| {
            let call = CallPart {
                caller: cases.case(&caller).caller,
                shard_bits: 7,
                drop_secrets: Vec::new(),
                id: Bytes([message; 16]),
                part: 1,
                parts: 1,
                track: String::new(),
                language: "en".to_owned(),
                text: "text".to_owned(),
                safe_times: None,
            };
            Event::message_received(Box::new(call), UnixSeconds(0))
        };
        let answer = |seen| {
            Event::answer_queued(AnswerQueued { seen, ..whole_answer(caller, 1, "text", UnixSeconds(0)) })
        };
        let erased = Event { id: Bytes([7; 16]), body: EventBody::CaseErased(CaseErased { caller }) };
        let sorted = |events: &[&Event]| {
            let sorted =
                by_urgency(events.iter().map(|event| (*event).clone()).collect(), |_| true, |_| true);
            sorted.iter().map(|event| event.id).collect::<Vec<_>>()
        };
        let (first, second, seen) = (call(2), call(3), answer(Some(Bytes([1; 16]))));
        assert_eq!(sorted(&[&first, &seen, &second]), [first.id, second.id, seen.id]);
        // What is told again was judged before, and stands where it stood.
        let told = answer(None);
        assert_eq!(sorted(&[&first, &told, &second]), [first.id, told.id, second.id]);
        assert_eq!(sorted(&[&seen, &erased, &second]), [seen.id, erased.id, second.id]);
    }

    #[test]
    fn what_operators_did_without_a_caller_goes_before_no_answer_that_was_there_first() {
        let mut cases = Cases::staffed();
        let caller = cases.and_a_case(1);
        let answer = Event::answer_queued(whole_answer(caller, 1, "text", UnixSeconds(0)));
        let of = |n: u8, body| Event { id: Bytes([n; 16]), body };
        let ready = of(2, EventBody::Ready(Ready { caller: None }));
        let ticked = of(3, EventBody::Ticked(Ticked { tick: 1 }));
        let is_operators = |body: &EventBody| cases.is_operators(body);
        let events = vec![answer.clone(), ready.clone(), ticked.clone()];
        let sorted = by_urgency(events, |_| true, is_operators);
        assert_eq!(sorted.iter().map(|event| event.id).collect::<Vec<_>>(), [ticked.id, answer.id, ready.id]);
    }

    #[test]
    fn what_a_person_did_stands_in_its_order_where_the_order_matters() {
        let caller = Bytes([1; 16]);
        let claimed = EventBody::Claimed(Claimed { caller, over: None, reason: None });
        let ready = EventBody::Ready(Ready { caller: Some(caller) });
        let ended = EventBody::ShiftEnded(ShiftEnded { note: None, left: vec![caller] });
        for done in [vec![claimed.clone(), ready.clone(), ended.clone()], vec![claimed, ended]] {
            let events =
                done.iter().zip(1..).map(|(body, n)| Event { id: Bytes([n; 16]), body: body.clone() });
            let sorted = by_urgency(events.collect(), |_| true, |_| true);
            assert_eq!(sorted.into_iter().map(|event| event.body).collect::<Vec<_>>(), done);
        }
    }
}
