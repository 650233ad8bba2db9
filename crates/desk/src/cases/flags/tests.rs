//! Flags that stand until a day, of which the longer stays, and what they do to the order of those who wait.

use super::*;
use crate::cases::{
    EventBody, Outcome,
    claims::tests::{Desk, KALYNA, OSYKA},
    support::DAY,
};

fn flagged(desk: &Desk, flag: Flag, days: u32) -> EventBody {
    EventBody::Flagged(Flagged { caller: desk.caller, flag, until: DAY.plus(days) })
}

fn lifted(desk: &Desk, flag: Flag, days: u32) -> EventBody {
    EventBody::FlagLifted(FlagLifted { caller: desk.caller, flag, until: DAY.plus(days) })
}

fn flags(desk: &Desk) -> Vec<(Flag, u32)> {
    desk.cases.case(&desk.caller).flags().map(|(flag, until)| (flag, until.0 - DAY.0)).collect()
}

#[test]
fn of_two_flags_the_longer_stays_and_who_has_not_seen_it_lifts_nothing() {
    let mut desk = Desk::new();
    desk.counts(OSYKA, flagged(&desk, Flag::Coerced, 5));
    assert_eq!(desk.say(KALYNA, flagged(&desk, Flag::Coerced, 5)), Outcome::Void(Refusal::TooLate));
    assert_eq!(desk.say(KALYNA, flagged(&desk, Flag::Coerced, 4)), Outcome::Void(Refusal::TooLate));
    desk.counts(KALYNA, flagged(&desk, Flag::Coerced, 9));
    desk.counts(KALYNA, flagged(&desk, Flag::Junk, 1));
    assert_eq!(flags(&desk), [(Flag::Coerced, 9), (Flag::Junk, 1)]);
    assert_eq!(desk.say(OSYKA, lifted(&desk, Flag::Coerced, 5)), Outcome::Void(Refusal::TooLate));
    assert_eq!(desk.say(OSYKA, lifted(&desk, Flag::Abusive, 5)), Outcome::Void(Refusal::TooLate));
    desk.counts(OSYKA, lifted(&desk, Flag::Coerced, 9));
    assert_eq!(flags(&desk), [(Flag::Junk, 1)]);
}

#[test]
fn a_flag_ends_by_the_time_of_the_log_and_not_before() {
    let mut desk = Desk::new();
    desk.counts(KALYNA, flagged(&desk, Flag::Junk, 1));
    desk.counts(KALYNA, flagged(&desk, Flag::Abusive, 3));
    desk.at = DAY.plus(1).start().plus(86_000);
    desk.beats(KALYNA, 1);
    assert_eq!(flags(&desk), [(Flag::Abusive, 3), (Flag::Junk, 1)]);
    desk.at = DAY.plus(2).start();
    desk.beats(KALYNA, 1);
    assert_eq!(flags(&desk), [(Flag::Abusive, 3)]);
    desk.at = DAY.plus(4).start();
    desk.beats(KALYNA, 1);
    assert_eq!(flags(&desk), []);
}

#[test]
fn nobody_is_set_aside_for_good() {
    let mut desk = Desk::new();
    let too_long = flagged(&desk, Flag::Junk, FLAG_DAYS_MAX + 2);
    assert_eq!(desk.say(KALYNA, too_long), Outcome::Void(Refusal::Date));
    desk.counts(KALYNA, flagged(&desk, Flag::Junk, FLAG_DAYS_MAX + 1));
}

#[test]
fn junk_comes_behind_all_others_and_is_offered_last() {
    let mut desk = Desk::new();
    let other = desk.cases.and_a_case(2);
    let order = |desk: &Desk| desk.cases.waiting().map(|waiting| waiting.caller).collect::<Vec<_>>();
    assert_eq!(order(&desk), [desk.caller, other]);
    desk.counts(KALYNA, flagged(&desk, Flag::Abusive, 2));
    assert_eq!(order(&desk), [desk.caller, other]);
    desk.counts(KALYNA, flagged(&desk, Flag::Junk, 2));
    assert_eq!(order(&desk), [other, desk.caller]);
    assert!(desk.cases.waiting().last().unwrap().is_set_aside);
    desk.counts(KALYNA, lifted(&desk, Flag::Junk, 2));
    assert_eq!(order(&desk), [desk.caller, other]);
}
