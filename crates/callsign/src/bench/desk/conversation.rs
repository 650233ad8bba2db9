//! The events of an invented desk, in the order in which they would have come: many conversations at a time, new ones
//! beginning where others end.

use std::collections::VecDeque;

use callsign_desk::{
    cases::{
        AnswerQueued, CaseClosed, Claimed, ClosedWhy, DropPosted, Event, EventBody, FollowUpSet, Level,
        NoteKind, NoteWritten, UrgencySet,
    },
    model_tracks,
};
use callsign_protocol::{
    call::CallPart,
    caller_keys::{CallerId, CallerPublicKey, x25519_public},
    drop::{ANSWER_TEXT_MAX, OPENED_MAX, Place},
    encoding::{Bytes, Secret},
    time::{Clock, UnixSeconds},
    words::Language,
};

use super::{
    draw::{Draw, id, named},
    text::{language, text},
};

/// Conversations that go on at the same time.
const AT_ONCE: usize = 64;
/// Calls a day, so that a desk of many cases is an old one.
const CASES_A_DAY: u64 = 100;
/// Of the cases one in so many waits for an answer, and no more than this number.
const WAITING_ONE_IN: u32 = 20;
const WAITING_MAX: u32 = 200;
/// One case in so many has a follow-up, if it has events enough.
const FOLLOW_UP_ONE_IN: u32 = 16;
/// Weeks whose drop secrets a call brings.
const WEEKS: u32 = 3;
/// Days for which the last tenth of the cases has gone on.
pub const LATEST_DAYS: u32 = 9;
const DAY_S: u64 = 86_400;
const HOUR_S: u64 = 3_600;

/// How large a desk is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Its cases.
    pub cases: u32,
    /// Events in its log about them; each case has one at least.
    pub events: u32,
}

/// One event after the other.
pub struct Conversations {
    size: Size,
    end: UnixSeconds,
    clock: Clock,
    draw: Draw,
    /// Cases that have begun.
    begun: u32,
    open: Vec<Conversation>,
}

/// What happens next in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Call,
    Open,
    Claim,
    /// A note, or a level.
    Work,
    Answer,
    Post,
    Close,
    FollowUp,
}

/// Steps of a round.
const ROUND_LEN: u32 = 7;
/// How a team answers a call.
const ROUND: [Step; ROUND_LEN as usize] =
    [Step::Call, Step::Open, Step::Claim, Step::Work, Step::Answer, Step::Post, Step::Close];

struct Conversation {
    number: u64,
    key: CallerPublicKey,
    caller: CallerId,
    language: Language,
    at: UnixSeconds,
    steps: VecDeque<Step>,
    /// Events so far.
    made: u64,
    /// Messages that nobody has opened, and those of whose opening the caller was not told.
    unopened: Vec<Bytes<16>>,
    untold: Vec<Bytes<16>>,
    newest: Bytes<16>,
    /// The newest claim, or answer of who has the case.
    touch: Option<Bytes<16>>,
    level: Option<Bytes<16>>,
    answer: Option<Bytes<16>>,
    drops: u32,
}

impl Conversations {
    /// Those of a desk of this size until `end`. By then `clock` has come there; no event is of a time that it has yet to show.
    pub fn new(size: Size, end: UnixSeconds, clock: Clock) -> Self {
        Self { size, end, clock, draw: Draw::new(1), begun: 0, open: Vec::new() }
    }

    fn begin(&mut self) -> Conversation {
        let number = self.begun;
        self.begun += 1;
        let secret = Secret(named("caller", &[number.into()]));
        let key = x25519_public(&secret);
        Conversation {
            number: number.into(),
            key,
            caller: callsign_protocol::caller_keys::caller_id(&key),
            language: language(&mut self.draw),
            at: self.begins_at(number),
            steps: steps(
                self.size.events_of(number),
                self.size.waits(number),
                number.is_multiple_of(FOLLOW_UP_ONE_IN),
            ),
            made: 0,
            unopened: Vec::new(),
            untold: Vec::new(),
            newest: Bytes([0; 16]),
            touch: None,
            level: None,
            answer: None,
            drops: 0,
        }
    }

    /// Nine tenths of the cases before the last days, spread evenly, the others within them.
    fn begins_at(&self, number: u32) -> UnixSeconds {
        let (number, cases) = (u64::from(number), u64::from(self.size.cases));
        let latest = u64::from(LATEST_DAYS) * DAY_S;
        let before = (cases / CASES_A_DAY).max(u64::from(LATEST_DAYS)) * DAY_S;
        let ago = if number * 10 < cases * 9 {
            latest + before - before * number * 10 / (cases * 9)
        } else {
            latest - latest * (number * 10 - cases * 9) / cases
        };
        UnixSeconds(self.end.0.saturating_sub(ago))
    }
}

impl Iterator for Conversations {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        while self.open.len() < AT_ONCE && self.begun < self.size.cases {
            let new = self.begin();
            self.open.push(new);
        }
        let at = usize::try_from(self.draw.below(self.open.len() as u64)).ok()?;
        let now = (self.clock)();
        let event = self.open.get_mut(at)?.next(now, &mut self.draw)?;
        if self.open[at].steps.is_empty() {
            self.open.swap_remove(at);
        }
        Some(event)
    }
}

impl Size {
    /// Events of one case. Of two neighbours one has as many more as the other has fewer than the mean.
    fn events_of(self, number: u32) -> u32 {
        let (mean, rest) = (self.events / self.cases, self.events % self.cases);
        let pair = number / 2;
        let is_paired = pair * 2 + 1 < self.cases;
        let differs = if is_paired {
            u32::try_from(Draw::new(pair.into()).below(u64::from(mean / 2 + 1))).unwrap_or(0)
        } else {
            0
        };
        let length = if number.is_multiple_of(2) { mean - differs } else { mean + differs };
        length + u32::from(number < rest)
    }

    /// The newest cases wait.
    fn waits(self, number: u32) -> bool {
        let waiting = (self.cases / WAITING_ONE_IN).clamp(1, WAITING_MAX);
        number >= self.cases - waiting
    }
}

/// Rounds, each from a call to the closing of the case. What is over are more calls: in the first round, or at the end where nobody
/// has turned to the caller yet.
fn steps(events: u32, waits: bool, has_follow_up: bool) -> VecDeque<Step> {
    let (mut rounds, mut over) = (events / ROUND_LEN, events % ROUND_LEN);
    if waits && rounds > 0 {
        (rounds, over) = (rounds - 1, over + ROUND_LEN);
    }
    let mut more: Vec<Step> = (0..over).map(|_| Step::Call).collect();
    if has_follow_up && more.len() > 1 {
        more.pop();
        more.push(Step::FollowUp);
    }
    let mut steps: VecDeque<Step> = (0..rounds).flat_map(|_| ROUND).collect();
    if waits || rounds > 0 {
        let at = if waits { steps.len() } else { 1 };
        let behind = steps.split_off(at);
        steps.extend(more);
        steps.extend(behind);
    } else {
        steps.extend(&ROUND[..over as usize]);
    }
    steps
}

impl Conversation {
    fn next(&mut self, now: UnixSeconds, draw: &mut Draw) -> Option<Event> {
        let step = self.steps.pop_front()?;
        self.made += 1;
        // Some hours go by between two turns.
        self.at = self.at.plus(draw.below(12 * HOUR_S)).min(now);
        Some(match step {
            Step::Call => self.call(draw),
            Step::Open => self.opened(),
            Step::Claim => self.claimed(),
            Step::Work => self.worked_on(draw),
            Step::Answer => self.answered(draw),
            Step::Post => self.posted(),
            Step::Close => self.closed(),
            Step::FollowUp => self.follow_up(now, draw),
        })
    }

    fn call(&mut self, draw: &mut Draw) -> Event {
        let message = id("message", &[self.number, self.made]);
        self.unopened.push(message);
        self.newest = message;
        let week = self.at.day().week();
        let secret = |ahead| {
            let week = week.plus(ahead);
            (week, Secret(named("drops", &[self.number, week.first_day().0.into()])))
        };
        let [high, low, ..] = self.key.0;
        let tracks = model_tracks();
        let track = draw.below(tracks.len() as u64 + 1);
        let track = usize::try_from(track).ok().and_then(|at| tracks.get(at));
        let part = CallPart {
            caller: self.key,
            shard_bits: u16::from_be_bytes([high, low]),
            drop_secrets: (0..WEEKS).map(secret).collect(),
            id: message,
            part: 1,
            parts: 1,
            track: track.map(|track| track.id.clone()).unwrap_or_default(),
            language: self.language.tag().to_owned(),
            text: text(self.language, 10 + draw.below(60), 1_500, draw),
            safe_times: self.number.is_multiple_of(3).then(|| text(self.language, 4, 200, draw)),
        };
        Event::message_received(Box::new(part), UnixSeconds(self.at.0 / 600 * 600))
    }

    fn opened(&mut self) -> Event {
        let messages = std::mem::take(&mut self.unopened);
        self.untold.extend(&messages);
        Event::opened(self.caller, &messages).into_iter().next().expect("a round has a call")
    }

    fn claimed(&mut self) -> Event {
        let body = EventBody::Claimed(Claimed { caller: self.caller, over: self.touch, reason: None });
        let event = self.event("claim", body);
        self.touch = Some(event.id);
        event
    }

    /// Two of three cases get a note, the others a level.
    fn worked_on(&mut self, draw: &mut Draw) -> Event {
        if draw.below(3) > 0 {
            let note = id("note", &[self.number, self.made]);
            let text = text(self.language, 10 + draw.below(30), 600, draw);
            let (part, parts, kind) = (1, 1, NoteKind::Note);
            return self.event(
                "note-part",
                EventBody::NoteWritten(NoteWritten { caller: self.caller, note, part, parts, text, kind }),
            );
        }
        let level = draw.one_of(&Level::ALL);
        let set = UrgencySet { caller: self.caller, level, was: self.level };
        let event = self.event("level", EventBody::UrgencySet(set));
        self.level = Some(event.id);
        event
    }

    fn closed(&self) -> Event {
        let body = CaseClosed { caller: self.caller, seen: self.newest, why: ClosedWhy::Answered };
        self.event("closed", EventBody::CaseClosed(body))
    }

    fn event(&self, what: &str, body: EventBody) -> Event {
        Event { id: id(what, &[self.number, self.made]), body }
    }

    fn answered(&mut self, draw: &mut Draw) -> Event {
        let answer = id("answer", &[self.number, self.made]);
        self.answer = Some(answer);
        let event = Event::answer_queued(AnswerQueued {
            caller: self.caller,
            answer,
            part: 1,
            parts: 1,
            text: text(self.language, 10 + draw.below(30), ANSWER_TEXT_MAX, draw),
            queued: self.at.whole_minutes(),
            second_reader: false,
            seen: None,
        });
        self.touch = Some(event.id);
        event
    }

    fn posted(&mut self) -> Event {
        let index = u8::try_from(self.drops % 32).unwrap_or(0);
        self.drops += 1;
        let told = self.untold.len().min(OPENED_MAX);
        let body = EventBody::DropPosted(DropPosted {
            caller: self.caller,
            place: Place { day: self.at.day(), slot: 0, index },
            number: self.drops,
            answer: self.answer.take().map(|answer| (answer, 1)),
            opened: self.untold.drain(..told).collect(),
        });
        self.event("posted", body)
    }

    fn follow_up(&self, now: UnixSeconds, draw: &mut Draw) -> Event {
        let days = u32::try_from(draw.below(30)).unwrap_or(0);
        let body = EventBody::FollowUpSet(FollowUpSet {
            caller: self.caller,
            due: now.day().plus(days),
            hour: None,
            text: text(self.language, 6, 200, draw),
            why: None,
            was: None,
        });
        self.event("follow-up", body)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::Arc};

    use callsign_desk::cases::{Act, Cases, FOLD_VERSION, Origin, Outcome, PersonAdded};
    use callsign_protocol::time::Day;

    use super::*;

    const NOW: UnixSeconds = UnixSeconds(20_000 * DAY_S + 12 * HOUR_S);

    fn folded(cases: u32, events: u32) -> Cases {
        let mut state = Cases::default();
        let (author, at, day) = (Bytes([1; 16]), NOW, NOW.day());
        let origin = Origin {
            author,
            at,
            day,
            sequence: None,
            generation: 1,
            fold: FOLD_VERSION,
            program: FOLD_VERSION,
            has_identity: false,
        };
        let (person, name, device) = (author, "Kalyna".to_owned(), Some(author));
        let founded = PersonAdded { person, name, roles: BTreeSet::new(), device };
        let founded = Event { id: Bytes([2; 16]), body: EventBody::PersonAdded(founded) };
        state.apply(&Act { origin: &origin, event: &founded }).unwrap();
        let mut count = 0;
        for event in Conversations::new(Size { cases, events }, NOW, Arc::new(|| NOW)) {
            count += 1;
            let outcome = state.apply(&Act { origin: &origin, event: &event });
            assert_eq!(outcome.unwrap(), Outcome::Applied, "{event:?}");
        }
        assert_eq!(count, events, "{cases} cases");
        state
    }

    fn waiting(state: &Cases) -> usize {
        state.waiting_count()
    }

    #[test]
    fn there_are_as_many_cases_and_events_as_were_asked_for_and_each_has_an_effect() {
        for (cases, events) in [(1, 1), (1, 50), (7, 7), (7, 20), (33, 1_000), (400, 4_003)] {
            let state = folded(cases, events);
            assert_eq!(state.count(), cases as usize);
            assert!(waiting(&state) > 0);
        }
        let state = folded(400, 4_003);
        assert_eq!(waiting(&state), 20, "one in twenty waits");
        assert!(state.due_count() > 0);
        for language in Language::ALL {
            assert!(state.languages().any(|tag| tag == language.tag()), "{language:?}");
        }
        let oldest = state.all().filter_map(|case| case.unwrap().last_heard()).min().unwrap();
        assert!(oldest.day() < Day(NOW.day().0 - LATEST_DAYS) && oldest.day().0 > NOW.day().0 - 30);
    }

    #[test]
    fn the_same_size_makes_the_same_desk() {
        let ids = || {
            let all = Conversations::new(Size { cases: 20, events: 120 }, NOW, Arc::new(|| NOW));
            all.map(|event| event.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(), ids());
    }
}
