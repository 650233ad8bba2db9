//! Two who want one case, in whatever order the log has them, and claims that lapse by beats alone.

use callsign_protocol::time::Day;
use proptest::prelude::*;

use super::*;
use crate::cases::{
    AnswerQueued, AnswerReleased, AnswerWithdrawn, DeviceAdmitted, EntryRead, Event, EventBody, FOLD_VERSION,
    Keeps, Outcome, PersonAdded,
    support::{DAY, whole_answer},
};

pub(in crate::cases) const KALYNA: DeviceId = Bytes([0xa; 16]);
pub(in crate::cases) const OSYKA: DeviceId = Bytes([0x21; 16]);
pub(in crate::cases) const YAVIR: DeviceId = Bytes([0x22; 16]);

/// A desk of three people with a device each: Kalyna has every role, Osyka is an operator, Yavir leads.
pub(in crate::cases) struct Desk {
    pub(in crate::cases) cases: Cases,
    pub(in crate::cases) caller: CallerId,
    next: u8,
    pub(in crate::cases) at: UnixSeconds,
}

impl Desk {
    pub(in crate::cases) fn new() -> Self {
        let mut cases = Cases::staffed();
        let caller = cases.and_a_case(1);
        let mut desk = Self { cases, caller, next: 100, at: DAY.start() };
        for (n, name, role, device) in
            [(1, "Osyka", Role::Operator, OSYKA), (2, "Yavir", Role::Leader, YAVIR)]
        {
            let (person, roles) = (Bytes([n; 16]), [role].into());
            let added = PersonAdded { person, name: name.to_owned(), roles, device: None };
            desk.counts(KALYNA, EventBody::PersonAdded(added));
            desk.counts(
                KALYNA,
                EventBody::DeviceAdmitted(DeviceAdmitted {
                    device,
                    person,
                    generation: 1,
                    answer_keys: vec![Bytes([9; 32])],
                }),
            );
        }
        desk
    }

    /// An entry of a device with these events, half a minute after the one before.
    pub(in crate::cases) fn entry(&mut self, author: DeviceId, bodies: Vec<EventBody>) -> Vec<Outcome> {
        self.at = self.at.plus(30);
        let events: Vec<_> = bodies
            .into_iter()
            .map(|body| {
                self.next += 1;
                Event { id: Bytes([self.next; 16]), body }
            })
            .collect();
        let origin = Origin {
            author,
            at: self.at.whole_minutes(),
            day: Day(self.at.day().0),
            sequence: Some(u64::from(self.next)),
            generation: 1,
            fold: FOLD_VERSION,
            program: FOLD_VERSION,
            has_identity: false,
        };
        self.cases.take(&EntryRead { origin, events: events.clone(), unreadable: 0 }).unwrap();
        let void =
            |event: &Event| self.cases.void().find(|void| void.id == event.id).map(|void| void.refusal);
        events.iter().map(|event| void(event).map_or(Outcome::Applied, Outcome::Void)).collect()
    }

    pub(in crate::cases) fn say(&mut self, author: DeviceId, body: EventBody) -> Outcome {
        self.entry(author, vec![body]).remove(0)
    }

    pub(in crate::cases) fn counts(&mut self, author: DeviceId, body: EventBody) {
        assert_eq!(self.say(author, body), Outcome::Applied);
    }

    pub(in crate::cases) fn beats(&mut self, device: DeviceId, beats: u32) {
        for _ in 0..beats {
            self.entry(device, vec![]);
        }
    }

    pub(in crate::cases) fn claim(&mut self, author: DeviceId) -> Outcome {
        let (caller, over) = (self.caller, self.cases.case(&self.caller).last_touch());
        self.say(author, EventBody::Claimed(Claimed { caller, over, reason: None }))
    }

    fn held_by(&self) -> Option<(EventId, DeviceId)> {
        self.cases.case(&self.caller).claim().map(|claim| (claim.id, claim.device))
    }

    fn state(&self) -> Option<ClaimState> {
        self.cases.case(&self.caller).claim().map(|claim| self.cases.claim_state(claim))
    }

    pub(in crate::cases) fn answer(&mut self, author: DeviceId, n: u8) -> Keeps {
        let queued = whole_answer(self.caller, n, "text", self.at.whole_minutes());
        let answer = queued.answer;
        self.counts(author, EventBody::AnswerQueued(queued));
        self.cases.case(&self.caller).answer(&answer).unwrap().kept_back
    }

    fn is_next(&self, n: u8) -> bool {
        let next = self.cases.next_drop(DAY, 0, |_, _| true).unwrap();
        next.is_some_and(|planned| {
            format!("{:?}", planned.event()).contains(&format!("{:?}", Bytes([n; 16])))
        })
    }
}

#[test]
fn of_two_who_take_a_free_case_the_first_has_it() {
    let mut desk = Desk::new();
    let caller = desk.caller;
    let free = || EventBody::Claimed(Claimed { caller, over: None, reason: None });
    assert_eq!(desk.say(OSYKA, free()), Outcome::Applied);
    assert_eq!(desk.say(KALYNA, free()), Outcome::Void(Refusal::TooLate));
    assert_eq!(desk.held_by().unwrap().1, OSYKA);
    assert_eq!(desk.cases.claimed_by(&Bytes([1; 16])).collect::<Vec<_>>(), [caller]);
    assert_eq!(desk.cases.holder_of(&caller), Some(Bytes([1; 16])));
    // Who saw it may not take it either, while its holder is at work.
    assert_eq!(desk.claim(KALYNA), Outcome::Void(Refusal::Claimed));
    assert_eq!(desk.claim(OSYKA), Outcome::Applied, "once more");
}

#[test]
fn an_act_is_judged_before_it_is_written_and_changes_nothing() {
    let mut desk = Desk::new();
    let caller = desk.caller;
    desk.claim(OSYKA);
    let over = desk.cases.case(&caller).last_touch();
    let body = EventBody::Claimed(Claimed { caller, over, reason: None });
    let event = Event { id: Bytes([99; 16]), body };
    let mut judged = |author| {
        let origin = Origin { author, ..Origin::of_test() };
        desk.cases.would_count(&Act { origin: &origin, event: &event }).unwrap()
    };
    assert_eq!(judged(KALYNA), Err(Refusal::Claimed));
    assert_eq!(judged(OSYKA), Ok(()));
    assert_eq!((desk.cases.case(&caller).last_touch(), desk.cases.void().count()), (over, 0));
}

#[test]
fn the_holder_lets_it_go_or_a_leader_does_and_nobody_else() {
    let mut desk = Desk::new();
    let caller = desk.caller;
    desk.claim(OSYKA);
    let released = |claim| EventBody::ClaimReleased(ClaimReleased { caller, claim });
    let claim = desk.held_by().unwrap().0;
    assert_eq!(desk.say(OSYKA, released(Bytes([9; 16]))), Outcome::Void(Refusal::TooLate));
    assert_eq!(desk.say(OSYKA, released(claim)), Outcome::Applied);
    assert_eq!(desk.say(OSYKA, released(claim)), Outcome::Void(Refusal::TooLate));
    assert_eq!((desk.held_by(), desk.cases.holder_of(&caller)), (None, None));
    desk.claim(YAVIR);
    let claim = desk.held_by().unwrap().0;
    assert_eq!(desk.say(OSYKA, released(claim)), Outcome::Void(Refusal::Claimed));
    assert_eq!(desk.say(KALYNA, released(claim)), Outcome::Applied, "she leads, too");
}

#[test]
fn a_leader_takes_a_case_over_with_a_reason_and_an_operator_never() {
    let mut desk = Desk::new();
    let caller = desk.caller;
    desk.claim(KALYNA);
    let over = desk.cases.case(&caller).last_touch();
    let taken = |reason: &str| EventBody::Claimed(Claimed { caller, over, reason: Some(reason.to_owned()) });
    for blank in ["", " \u{200b}", &"x".repeat(REASON_MAX + 1)] {
        assert_eq!(desk.say(YAVIR, taken(blank)), Outcome::Void(Refusal::Numbers));
    }
    assert_eq!(desk.say(OSYKA, taken("I like it")), Outcome::Void(Refusal::Claimed));
    assert_eq!(desk.say(YAVIR, taken("Kalyna is ill")), Outcome::Applied);
}

#[test]
fn a_claim_lapses_by_the_beats_of_one_other_device_and_a_sign_of_life_begins_anew() {
    let mut desk = Desk::new();
    desk.claim(OSYKA);
    // The holder's own beats are no sign of life in this case, and do not let it lapse.
    for _ in 0..LAPSED_BEATS - 1 {
        desk.beats(KALYNA, 1);
        desk.beats(OSYKA, 1);
    }
    assert_eq!(desk.state(), Some(ClaimState::Live));
    desk.beats(KALYNA, 1);
    assert_eq!(desk.state(), Some(ClaimState::Lapsed));
    assert_eq!(desk.answer(OSYKA, 50), Keeps::Nothing);
    assert_eq!(desk.state(), Some(ClaimState::Live), "the holder wrote an answer");
    for _ in 0..LAPSED_BEATS {
        desk.beats(KALYNA, 1);
        desk.beats(OSYKA, 1);
    }
    assert_eq!(desk.claim(KALYNA), Outcome::Applied);
    assert_eq!(desk.claim(OSYKA), Outcome::Void(Refusal::Claimed));
}

#[test]
fn who_is_away_holds_nothing_and_two_devices_take_no_turns_in_being_away() {
    let mut desk = Desk::new();
    desk.claim(OSYKA);
    for _ in 0..ABSENT_BEATS / 2 {
        desk.beats(KALYNA, 1);
        desk.beats(YAVIR, 1);
    }
    assert_eq!(desk.state(), Some(ClaimState::Live), "no device alone made as many");
    desk.beats(KALYNA, ABSENT_BEATS / 2);
    assert_eq!(desk.state(), Some(ClaimState::Absent));
    desk.beats(OSYKA, 1);
    assert_eq!(desk.state(), Some(ClaimState::Live), "they are back, and nobody has taken it");
}

#[test]
fn no_flush_no_haste_and_no_clock_lets_a_claim_lapse() {
    let mut desk = Desk::new();
    desk.claim(OSYKA);
    for _ in 0..LAPSED_BEATS * 2 {
        desk.entry(KALYNA, vec![EventBody::Flushed(crate::cases::Flushed {})]);
    }
    assert_eq!(desk.state(), Some(ClaimState::Live));
    // Many entries in one minute are no beats.
    for _ in 0..LAPSED_BEATS * 2 {
        desk.at = DAY.start().plus(50_000);
        desk.beats(KALYNA, 1);
    }
    assert_eq!(desk.state(), Some(ClaimState::Live));
    // Nor are those of a clock that goes back.
    for n in 0..u64::from(LAPSED_BEATS) * 2 {
        desk.at = DAY.start().plus(49_000 - n * 60);
        desk.beats(KALYNA, 1);
    }
    assert_eq!(desk.state(), Some(ClaimState::Live));
}

/// What devices write: which one, after how many seconds, by a clock that is so many seconds off, and whether it is a flush or a sign of life.
type Written = (u8, u64, i64, u8);

fn written() -> impl Strategy<Value = Written> {
    // Clocks that are right, a day off either way, or jump about between two entries.
    let off = prop_oneof![Just(0), Just(86_400), Just(-86_400), -86_400..=86_400_i64];
    // A minute on, half of one, none.
    let after = prop_oneof![Just(30), Just(60), Just(0), 0..200_u64];
    (
        prop_oneof![8 => 0..2_u8, 1 => Just(2)],
        after,
        off,
        prop_oneof![6 => Just(0), 1 => Just(1), 1 => Just(2)],
    )
}

proptest! {
    /// However clocks are off, jump or stall, and whatever is flushed: a claim lapses by 40 beats that some one other device made since the
    /// holder's last sign of life, and its holder is absent by 10 since the last entry of theirs, never sooner.
    #[test]
    fn no_claim_lapses_before_its_beats_whatever_clocks_say(entries in prop::collection::vec(written(), 60..300)) {
        let mut desk = Desk::new();
        desk.claim(OSYKA);
        let (caller, mut now) = (desk.caller, desk.at.0 + 10 * 86_400);
        let (mut since_life, mut since_entry) = ([0_u32; 2], [0_u32; 2]);
        for (n, (who, after, off, what)) in (1_000..).zip(entries) {
            now += after;
            let author = [KALYNA, YAVIR, OSYKA][usize::from(who)];
            let at = UnixSeconds(now.saturating_add_signed(off)).whole_minutes();
            let life = EventBody::Presence(crate::cases::PresenceSaid { caller: Some(caller), doing: crate::cases::Doing::Reading });
            let body = match what {
                1 => Some(EventBody::Flushed(crate::cases::Flushed {})),
                2 if who == 2 => Some(life),
                _ => None,
            };
            let mut id = Bytes([0x77; 16]);
            id.0[..8].copy_from_slice(&u64::to_be_bytes(n));
            let events: Vec<_> = body.into_iter().map(|body| Event { id, body }).collect();
            match author {
                OSYKA => {
                    since_entry = [0; 2];
                    since_life = if what == 2 { [0; 2] } else { since_life };
                }
                _ if what == 1 => {}
                _ => {
                    since_entry[usize::from(who)] += 1;
                    since_life[usize::from(who)] += 1;
                }
            }
            let origin = Origin {
                author,
                at,
                day: UnixSeconds(now).day(),
                sequence: Some(n),
                generation: 1,
                fold: FOLD_VERSION,
                program: FOLD_VERSION,
                has_identity: false,
            };
            desk.cases.take(&EntryRead { origin, events, unreadable: 0 }).unwrap();
            let most = |of: [u32; 2]| of.into_iter().max().unwrap_or(0);
            match desk.state() {
                Some(ClaimState::Lapsed) => prop_assert!(most(since_life) >= LAPSED_BEATS, "{since_life:?}"),
                Some(ClaimState::Absent) => prop_assert!(most(since_entry) >= ABSENT_BEATS, "{since_entry:?}"),
                Some(ClaimState::Live) | None => {}
            }
        }
    }

    /// A device whose clock is a day off and runs evenly counts as any other: a claim lapses by its 40 beats, and by no fewer.
    #[test]
    fn beats_of_a_clock_that_is_off_and_runs_evenly_count(off in -86_400..=86_400_i64, minutes in 0..600_u64) {
        let mut desk = Desk::new();
        desk.claim(OSYKA);
        let begun = desk.at.0 + 10 * 86_400 + minutes * 60;
        for n in 1..=u64::from(LAPSED_BEATS) {
            // The holder is at work elsewhere.
            for (author, off) in [(OSYKA, 0), (YAVIR, off)] {
                let now = begun + n * 30;
                let at = UnixSeconds(now.saturating_add_signed(off)).whole_minutes();
                let day = UnixSeconds(now).day();
                let origin = Origin { author, at, day, sequence: Some(1_000 + n), ..Origin::of_test() };
                desk.cases.take(&EntryRead { origin, events: vec![], unreadable: 0 }).unwrap();
            }
            let is_lapsed = n >= u64::from(LAPSED_BEATS);
            prop_assert_eq!(desk.state(), Some(if is_lapsed { ClaimState::Lapsed } else { ClaimState::Live }));
        }
    }
}

#[test]
fn an_answer_beside_anothers_live_claim_is_held_until_its_holder_lets_it_go() {
    let mut desk = Desk::new();
    let caller = desk.caller;
    desk.claim(OSYKA);
    assert_eq!(desk.answer(KALYNA, 50), Keeps::Held);
    assert!(!desk.is_next(50));
    assert!(desk.cases.waits(&caller), "nobody has been answered");
    let released =
        |n| EventBody::AnswerReleased(AnswerReleased { caller, answer: Bytes([n; 16]), seen: None });
    assert_eq!(desk.say(KALYNA, released(50)), Outcome::Void(Refusal::Claimed));
    assert_eq!(desk.say(YAVIR, released(50)), Outcome::Void(Refusal::Claimed));
    assert_eq!(desk.say(OSYKA, released(51)), Outcome::Void(Refusal::TooLate));
    assert_eq!(desk.say(OSYKA, released(50)), Outcome::Applied);
    assert!(desk.is_next(50));
    assert_eq!(desk.say(OSYKA, released(50)), Outcome::Void(Refusal::TooLate));
    // Where nobody is at work on the case any more, its author does.
    assert_eq!(desk.answer(KALYNA, 52), Keeps::Held);
    desk.beats(KALYNA, ABSENT_BEATS);
    assert_eq!(desk.say(YAVIR, released(52)), Outcome::Void(Refusal::Claimed), "she did not write it");
    assert_eq!(desk.say(KALYNA, released(52)), Outcome::Applied);
}

#[test]
fn an_answer_is_taken_back_until_its_first_drop_and_never_after_it() {
    let mut desk = Desk::new();
    let caller = desk.caller;
    let withdrawn = |n| EventBody::AnswerWithdrawn(AnswerWithdrawn { caller, answer: Bytes([n; 16]) });
    assert_eq!(desk.answer(KALYNA, 50), Keeps::Nothing);
    assert!(desk.is_next(50));
    assert_eq!(
        desk.say(OSYKA, withdrawn(50)),
        Outcome::Void(Refusal::Claimed),
        "neither theirs nor their case"
    );
    assert_eq!(desk.say(KALYNA, withdrawn(50)), Outcome::Applied);
    assert!(!desk.is_next(50) && desk.cases.waits(&caller));
    assert_eq!(desk.say(KALYNA, withdrawn(50)), Outcome::Void(Refusal::TooLate));
    desk.claim(OSYKA);
    assert_eq!(desk.answer(OSYKA, 51), Keeps::Nothing);
    let planned = desk.cases.next_drop(DAY, 0, |_, _| true).unwrap().unwrap();
    desk.counts(KALYNA, planned.event());
    assert_eq!(desk.say(OSYKA, withdrawn(51)), Outcome::Void(Refusal::TooLate));
    desk.counts(OSYKA, Event::opened(caller, &[Bytes([1; 16])]).remove(0).body);
    assert!(!desk.cases.waits(&caller));
}

#[test]
fn an_erasure_takes_the_claim_along() {
    let mut desk = Desk::new();
    let caller = desk.caller;
    desk.claim(OSYKA);
    desk.counts(KALYNA, EventBody::CaseErased(crate::cases::CaseErased { caller }));
    assert_eq!((desk.cases.holder_of(&caller), desk.cases.claimed_by(&Bytes([1; 16])).count()), (None, 0));
}

/// What the program of whoever answers a case writes that it believes to be free, or to be theirs by this claim.
impl Desk {
    fn answer_over(&mut self, author: DeviceId, n: u8, over: Option<EventId>) -> (Outcome, Keeps) {
        let queued = whole_answer(self.caller, n, "text", self.at.whole_minutes());
        let answer = queued.answer;
        let claimed = EventBody::Claimed(Claimed { caller: self.caller, over, reason: None });
        let came = self.entry(author, vec![claimed, EventBody::AnswerQueued(queued)]);
        assert_eq!(came[1], Outcome::Applied);
        (came[0], self.cases.case(&self.caller).answer(&answer).unwrap().kept_back)
    }
}

#[test]
fn an_answer_of_somebody_who_was_offline_is_held_though_the_claim_has_lapsed_since() {
    let mut desk = Desk::new();
    assert_eq!(desk.answer_over(OSYKA, 1, None), (Outcome::Applied, Keeps::Nothing));
    desk.beats(YAVIR, LAPSED_BEATS);
    assert_ne!(desk.state(), Some(ClaimState::Live));
    // Kalyna wrote hers before she knew of Osyka's: the caller would have two.
    assert_eq!(desk.answer_over(KALYNA, 2, None), (Outcome::Void(Refusal::TooLate), Keeps::Held));
    assert!(!desk.is_next(2));
    // She sees that, and lets hers go.
    let (caller, answer) = (desk.caller, Bytes([2; 16]));
    desk.counts(KALYNA, EventBody::AnswerReleased(AnswerReleased { caller, answer, seen: None }));
    // Who sees the claim and takes the case answers at once.
    let over = desk.cases.case(&caller).last_touch();
    assert_eq!(desk.answer_over(YAVIR, 3, over), (Outcome::Applied, Keeps::Nothing));
}

#[test]
fn an_answer_of_somebody_who_was_offline_is_held_though_the_case_was_let_go_since() {
    let mut desk = Desk::new();
    let caller = desk.caller;
    assert_eq!(desk.answer_over(OSYKA, 1, None), (Outcome::Applied, Keeps::Nothing));
    let claim = desk.held_by().unwrap().0;
    desk.counts(OSYKA, EventBody::ClaimReleased(ClaimReleased { caller, claim }));
    assert_eq!(desk.answer_over(KALYNA, 2, None), (Outcome::Void(Refusal::TooLate), Keeps::Held));
    assert_eq!((desk.held_by(), desk.is_next(2)), (None, false));
    desk.counts(
        KALYNA,
        EventBody::AnswerReleased(AnswerReleased { caller, answer: Bytes([2; 16]), seen: None }),
    );
    let over = desk.cases.case(&caller).last_touch();
    assert_eq!(desk.answer_over(YAVIR, 3, over), (Outcome::Applied, Keeps::Nothing));
}

#[test]
fn a_leader_who_has_not_seen_the_holders_answer_takes_no_case_over_and_answers_nobody_twice() {
    let mut desk = Desk::new();
    let caller = desk.caller;
    desk.claim(OSYKA);
    let over = desk.cases.case(&caller).last_touch();
    assert_eq!(desk.answer(OSYKA, 1), Keeps::Nothing);
    let taken = |over| EventBody::Claimed(Claimed { caller, over, reason: Some("ill".to_owned()) });
    assert_eq!(desk.say(YAVIR, taken(over)), Outcome::Void(Refusal::TooLate));
    assert_eq!(desk.answer(YAVIR, 2), Keeps::Held);
    let over = desk.cases.case(&caller).last_touch();
    assert_eq!(desk.say(YAVIR, taken(over)), Outcome::Applied);
    assert_eq!(desk.answer(YAVIR, 3), Keeps::Nothing);
}

#[test]
fn nobody_puts_words_into_a_colleagues_answer() {
    let mut desk = Desk::new();
    let (caller, answer, queued) = (desk.caller, Bytes([1; 16]), desk.at.whole_minutes());
    let part = |part, text: &str| {
        EventBody::AnswerQueued(AnswerQueued {
            caller,
            answer,
            part,
            parts: 2,
            text: text.to_owned(),
            queued,
            second_reader: false,
            seen: None,
        })
    };
    desk.claim(OSYKA);
    desk.counts(OSYKA, part(1, "come "));
    assert_eq!(desk.say(KALYNA, part(2, "never")), Outcome::Void(Refusal::TooLate));
    desk.counts(OSYKA, part(2, "at once"));
    assert_eq!(desk.cases.case(&caller).answer(&answer).unwrap().text(), "come at once");
}

#[test]
fn the_claim_of_somebody_who_has_left_or_may_answer_no_more_keeps_nobody_out() {
    use crate::cases::{PersonLeft, RoleSet};
    for leaves in [true, false] {
        let mut desk = Desk::new();
        desk.claim(OSYKA);
        let (person, caller) = (Bytes([1; 16]), desk.caller);
        let was = desk.cases.person(&person).unwrap().set_by;
        desk.counts(
            KALYNA,
            if leaves {
                EventBody::PersonLeft(PersonLeft { person })
            } else {
                EventBody::RoleSet(RoleSet { person, roles: [Role::Custodian].into(), was })
            },
        );
        // The device goes on beating, as long as it is in the keyring.
        desk.beats(OSYKA, 3);
        assert_eq!(desk.state(), Some(ClaimState::Absent));
        assert_eq!(desk.claim(YAVIR), Outcome::Applied);
        assert_eq!(desk.cases.holder_of(&caller), Some(Bytes([2; 16])));
    }
}

/// Beats of a device as fast as the hub takes them, each dated half a minute past the one before; then the clock is as it was.
fn haste(desk: &mut Desk, device: DeviceId, beats: u32) {
    let at = desk.at;
    desk.beats(device, beats);
    desk.at = at;
}

#[test]
fn who_has_dated_beats_ahead_makes_no_others_until_that_time_has_come() {
    let mut desk = Desk::new();
    desk.claim(OSYKA);
    // Nobody can tell these from the beats of somebody who was alone for so long.
    haste(&mut desk, KALYNA, LAPSED_BEATS * 4);
    desk.beats(OSYKA, 1);
    assert_eq!(desk.state(), Some(ClaimState::Lapsed));
    desk.claim(OSYKA);
    for _ in 0..LAPSED_BEATS * 4 - 4 {
        desk.beats(KALYNA, 1);
        desk.at = UnixSeconds(desk.at.0 - 30);
        desk.beats(OSYKA, 1);
    }
    assert_eq!(desk.state(), Some(ClaimState::Live));
}

#[test]
fn who_was_alone_for_hours_still_sees_who_is_away() {
    let mut desk = Desk::new();
    desk.claim(OSYKA);
    desk.at = desk.at.plus(7_200);
    desk.beats(KALYNA, ABSENT_BEATS);
    assert_eq!(desk.state(), Some(ClaimState::Absent));
}

#[test]
fn who_has_not_seen_that_a_held_answer_leaves_answers_nobody_beside_it() {
    let mut desk = Desk::new();
    let caller = desk.caller;
    desk.claim(OSYKA);
    assert_eq!(desk.answer(KALYNA, 40), Keeps::Held);
    let seen = desk.cases.case(&caller).last_touch();
    // Nothing comes from Osyka any more, and Kalyna lets her own answer go.
    desk.beats(KALYNA, ABSENT_BEATS);
    desk.counts(
        KALYNA,
        EventBody::AnswerReleased(AnswerReleased { caller, answer: Bytes([40; 16]), seen: None }),
    );
    let blind = EventBody::Claimed(Claimed { caller, over: seen, reason: None });
    assert_eq!(desk.say(YAVIR, blind), Outcome::Void(Refusal::TooLate));
    assert_eq!(desk.answer(YAVIR, 41), Keeps::Held);
}

/// No beat of a clock that was ahead once counts again, and those of its right time do: claims lapse by them.
#[test]
fn a_claim_lapses_by_the_beats_of_a_device_whose_clock_was_a_day_ahead_once() {
    let mut desk = Desk::new();
    desk.claim(OSYKA);
    desk.at = desk.at.plus(86_400);
    desk.entry(KALYNA, vec![]);
    desk.at = UnixSeconds(desk.at.0 - 86_400);
    for _ in 0..LAPSED_BEATS * 2 {
        desk.entry(KALYNA, vec![]);
    }
    assert_ne!(
        desk.state(),
        Some(ClaimState::Live),
        "forty minutes of a colleague's work, and nothing came from the holder"
    );
}

/// The same of who is there, by which a call of level 1 is left to somebody.
#[test]
fn who_has_gone_is_not_there_for_a_device_whose_clock_was_a_day_ahead_once() {
    let mut desk = Desk::new();
    desk.beats(OSYKA, 1);
    desk.at = desk.at.plus(86_400);
    desk.entry(KALYNA, vec![]);
    desk.at = UnixSeconds(desk.at.0 - 86_400);
    for _ in 0..ABSENT_BEATS * 4 {
        desk.entry(KALYNA, vec![]);
    }
    assert!(!desk.cases.is_among_others(&KALYNA), "nothing came from Osyka for twenty minutes");
}

/// What beats counted that a device dated so: minutes since midnight.
fn counted(minutes: impl IntoIterator<Item = u64>) -> u32 {
    let mut beats = Beats::default();
    for minute in minutes {
        let at = DAY.start().plus(minute * 60);
        beats.note(&Origin { author: KALYNA, at, day: DAY, ..Origin::of_test() }, false);
    }
    beats.counts().get(&KALYNA).copied().unwrap_or(0)
}

#[test]
fn a_clock_that_goes_back_and_on_counts_no_minute_more_than_twice() {
    // Two minutes in turns, and in pairs.
    assert_eq!(counted((0..1_000).map(|n| 10 + n % 2)), 2);
    assert_eq!(counted((0..1_000).map(|n| 10 + n / 2 % 2)), 4);
    // The same hour again and again, from its beginning.
    assert_eq!(counted((0..6_000).map(|n| 100 + n / 2 % 60)), 120);
    // And each time from a minute before.
    assert_eq!(counted((0..50).flat_map(|n| (100 - n..=160).flat_map(|minute| [minute; 2]))), 122);
    // Ahead for an hour, back, and on: that hour is not counted again once it comes.
    let ahead = (1_440..1_500).flat_map(|minute| [minute; 2]);
    let right = (0..1_600).flat_map(|minute| [minute; 2]);
    assert_eq!(counted([0, 0].into_iter().chain(ahead).chain(right)), 2 * 1_600);
    // Ahead with its first beat, and so with nothing before.
    assert_eq!(counted([1_440, 0, 1, 1, 2, 2]), 5);
    // Ahead often, each time farther: spans that are kept no more count for less, never for more.
    let jumps = (1..40).flat_map(|n| [1_000 * n, 2 * n, 2 * n + 1]);
    assert!(counted(jumps) <= 3 * 40);
}

proptest! {
    /// However a device dates its beats: no minute counts more than two, and none counts that is not written.
    #[test]
    fn no_dates_make_a_device_beat_faster_than_its_minutes(minutes in prop::collection::vec(0..30_u64, 1..400)) {
        let different = minutes.iter().collect::<std::collections::BTreeSet<_>>().len();
        let entries = minutes.len();
        let counts = usize::try_from(counted(minutes)).unwrap();
        prop_assert!(counts <= 2 * different && counts <= entries);
    }

    /// A clock that was ahead once, by whatever and for however long, counts again within two beats of being set right.
    #[test]
    fn a_clock_that_is_set_right_counts_on(before in 1..200_u64, by in 300..10_000_u64, long in 1..100_u64, after in 1..90_u64) {
        let even = |from: u64, minutes: u64| (from..from + minutes).flat_map(|minute| [minute; 2]);
        let all = even(0, before).chain(even(before + by, long)).chain(even(before + long, after));
        let counts = u64::from(counted(all));
        prop_assert!(counts >= 2 * (before + long + after) - 2 && counts <= 2 * (before + long + after), "{counts}");
    }
}
