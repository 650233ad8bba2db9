//! Dates that differ between hub, devices and callers: nothing is called stored that nobody finds, and nobody is shut out.

use callsign_desk::{Desk, DeskError, NewAnswer};
use callsign_protocol::time::{Day, UnixSeconds};
use callsign_testkit::{System, TestClock};

use crate::{
    removed::{Known, works},
    renewal::{certificate, two, work},
};

/// Seconds before midnight UTC at which the tests stand.
const BEFORE_MIDNIGHT_S: u64 = 3_600;

fn shortly_before_midnight(system: &System) {
    let into_day = system.clock.now().0 % 86_400;
    system.clock.advance(86_400 - into_day + 86_400 - BEFORE_MIDNIGHT_S);
}

#[test]
fn a_device_whose_clock_is_ahead_shuts_nobody_out_and_says_that_its_answers_wait() {
    let system = System::start();
    let desk = system.init_desk("desk");
    desk.sync().unwrap();
    let mut caller = system.caller(&desk);
    let joined = system.add_device("ahead", &desk);
    drop(joined);
    shortly_before_midnight(&system);
    desk.sync().unwrap();
    caller.write("a call").unwrap();
    desk.sync().unwrap();

    let ahead = TestClock::new(system.clock.now());
    ahead.advance(23 * 3_600);
    let second = system.open_desk_at("ahead", &ahead);
    assert!(second.keep_up().unwrap().drops_wait);
    second.answer(&NewAnswer::new(&caller.id(), "of tomorrow")).unwrap();
    assert!(matches!(second.flush(), Err(DeskError::DropsWait)));
    assert!(matches!(second.beat(), Ok(()) | Err(DeskError::DropsWait)));
    assert!(caller.read().unwrap().answers.is_empty());

    // The others go on with today, and post what the first could not.
    desk.sync().unwrap();
    desk.answer(&NewAnswer::new(&caller.id(), "of today")).unwrap();
    desk.flush().unwrap();
    let texts: Vec<_> = caller.read().unwrap().answers.into_iter().map(|answer| answer.text).collect();
    assert!(texts.contains(&"of today".to_owned()) && texts.contains(&"of tomorrow".to_owned()), "{texts:?}");
}

#[test]
fn an_answer_leaves_soon_after_midnight_however_often_it_was_refused_before() {
    let system = System::start();
    let desk = system.init_desk("desk");
    desk.sync().unwrap();
    let mut caller = system.caller(&desk);
    caller.write("a call").unwrap();
    desk.sync().unwrap();
    desk.open_call(&caller.id()).unwrap();
    desk.answer(&NewAnswer::new(&caller.id(), "of the evening")).unwrap();
    drop(desk);
    shortly_before_midnight(&system);
    let ahead = TestClock::new(system.clock.now());
    ahead.advance(4 * 3_600);
    let desk = system.open_desk_at("desk", &ahead);
    let period = u64::from(desk.shard_period_s());
    let beat = || {
        ahead.advance(period);
        system.clock.advance(period);
        desk.beat()
    };
    // What is offered in vain uses up places of the day to come.
    for _ in 0..=(BEFORE_MIDNIGHT_S / period) {
        let _ = beat();
    }
    for _ in 0..3 {
        beat().unwrap();
    }
    assert_eq!(caller.read().unwrap().answers.len(), 1);
}

#[test]
fn an_answer_that_can_never_leave_is_no_answer() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write("a call").unwrap();
    desk.sync().unwrap();
    desk.open_call(&caller.id()).unwrap();
    desk.answer(&NewAnswer::new(&caller.id(), "too late")).unwrap();
    let waits = |today: Day| desk.case(&caller.id()).unwrap().waiting_since(today).is_some();
    assert!(!waits(system.clock.now().day()), "it has its turn");
    system.clock.advance_days(30);
    assert!(waits(system.clock.now().day()), "its caller's mailbox has lapsed");
}

#[test]
fn a_joined_device_whose_clock_is_ahead_ends_no_generation_before_its_time() {
    for days in [2, 10, 60] {
        let system = System::start();
        let first = system.init_desk("first");
        drop(system.add_device("second", &first));
        let mut caller = system.caller(&first);
        caller.write("before").unwrap();
        first.sync().unwrap();
        system.beats(&first, 4);
        let ahead = TestClock::new(system.clock.now().plus(days * 86_400));
        let wrong = system.open_desk_at("second", &ahead);
        for _ in 0..4 {
            let _ = wrong.sync();
            let _ = wrong.beat();
            ahead.advance(2);
        }
        drop(wrong);
        let second = system.open_desk("second");
        let today = system.clock.now().day();
        for desk in [&second, &first] {
            desk.sync().unwrap();
            system.beats(desk, 6);
            assert!(desk.erased_for_good() <= today.plus(9), "{days}: {:?}", desk.erased_for_good());
        }
        assert_eq!(first.health().without_effect.len(), 0, "{days}");
        let third = system.add_device("third", &first);
        assert_eq!(callsign_testkit::shown(&third), callsign_testkit::shown(&first), "{days}");
    }
}

#[test]
fn a_device_whose_clock_is_too_far_behind_for_a_keyring_says_so_and_waits_for_nobody() {
    let system = System::start();
    let desks = two(&system);
    let insider = system.add_device("insider", &desks[0]);
    work(&system, &[&desks[0], &desks[1], &insider]);
    drop(insider);
    let ([first, second], _) = apart(&system, desks, 13, 40);
    first.sync().unwrap();
    first.remove_device(&Known::to(&system, "insider").device()).unwrap();
    for _ in 0..2 {
        let refused = second.sync();
        assert!(matches!(refused, Err(DeskError::Keyring(_))), "{refused:?}");
    }
    drop(second);
    let second = system.open_desk("second");
    second.sync().unwrap();
    assert_eq!(second.generation(), first.generation());
}

/// Two devices that have the identity, behind some work at noon by the hub's clock: one has a clock from then on that is ahead by some hours,
/// and one a clock that is behind.
fn apart(system: &System, desks: [Desk; 2], ahead_h: u64, behind_h: u64) -> ([Desk; 2], [TestClock; 2]) {
    let into_day = system.clock.now().0 % 86_400;
    system.clock.advance(86_400 - into_day + 43_200);
    work(system, &[&desks[0], &desks[1]]);
    drop(desks);
    let now = system.clock.now();
    let clocks = [now.plus(ahead_h * 3_600), UnixSeconds(now.0 - behind_h * 3_600)].map(TestClock::new);
    let desks = [system.open_desk_at("first", &clocks[0]), system.open_desk_at("second", &clocks[1])];
    (desks, clocks)
}

#[test]
fn a_device_whose_date_is_two_days_back_takes_the_certificate_of_the_day_at_once() {
    let system = System::start();
    let desks = two(&system);
    let insider = system.add_device("insider", &desks[0]);
    work(&system, &[&desks[0], &desks[1], &insider]);
    drop(insider);
    let ([first, second], [ahead, behind]) = apart(&system, desks, 13, 13);
    assert_eq!(ahead.now().day(), behind.now().day().plus(2));
    let mut caller = system.caller(&first);
    first.sync().unwrap();
    assert_eq!(certificate(&system, "first").made(), ahead.now().day());
    // A generation begins, which nobody can work in without its keyring.
    first.remove_device(&Known::to(&system, "insider").device()).unwrap();
    second.sync().unwrap();
    assert_eq!(second.generation(), first.generation());
    assert_eq!(certificate(&system, "second"), certificate(&system, "first"));
    caller.write("at noon").unwrap();
    second.sync().unwrap();
    second.open_call(&caller.id()).unwrap();
}

#[test]
fn devices_whose_dates_are_two_days_apart_renew_for_three_days_and_once_a_day() {
    for (ahead_h, behind_h) in [(13, 13), (20, 20)] {
        let system = System::start();
        let ([first, second], [ahead, behind]) = apart(&system, two(&system), ahead_h, behind_h);
        let mut seen = Vec::new();
        for hour in 0..72 {
            for desk in [&first, &second, &first] {
                desk.sync().unwrap_or_else(|error| panic!("{ahead_h} hour {hour}: {error}"));
                // Drops of a day that has not begun at the hub wait.
                assert!(matches!(desk.beat(), Ok(()) | Err(DeskError::DropsWait)), "{ahead_h} hour {hour}");
            }
            seen.push(certificate(&system, "first"));
            for clock in [&ahead, &behind, &system.clock] {
                clock.advance(3_600);
            }
        }
        seen.dedup();
        // One a day, beside that with which they began.
        assert!((4..=5).contains(&seen.len()), "{ahead_h}: {}", seen.len());
        for certificate in &seen[1..] {
            assert_eq!(certificate.days.1, certificate.made().plus(3), "{ahead_h}: {seen:?}");
        }
    }
}

#[test]
fn a_desk_beside_its_hub_goes_on_after_the_clock_of_both_was_a_month_ahead_for_a_while() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    works(&system, &desk, &mut caller, "before");
    let beats = |desk: &Desk| {
        for _ in 0..4 {
            system.clock.advance(2);
            // No drop leaves before that day comes (docs/faults.md); calls, keys and forgetting do not wait for it.
            assert!(matches!(desk.beat(), Ok(()) | Err(DeskError::DropsWait)));
            desk.keep_state().unwrap();
        }
    };
    system.clock.advance_days(30);
    desk.sync().unwrap();
    beats(&desk);
    system.clock.advance_ms(0_u64.wrapping_sub(30 * 86_400_000));
    drop(desk);
    let desk = system.open_desk("desk");
    let begun = desk.generation();
    for day in 0..20 {
        let text = format!("day {day} after the clock was set right");
        desk.sync().unwrap();
        caller.write(&text).unwrap();
        desk.sync().unwrap();
        let came = desk.open_call(&caller.id()).unwrap().calls().any(|call| *call.text() == text);
        assert!(came, "day {day}");
        beats(&desk);
        system.clock.advance_days(1);
    }
    assert!(desk.generation() > begun, "no generation ends, and what was erased 20 days ago still opens");
}
