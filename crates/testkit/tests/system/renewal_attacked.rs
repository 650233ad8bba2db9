//! The duty key's certificate where a device lies, clocks are off by what is allowed, or a hub keeps what it should have stored.

use std::sync::{Arc, Mutex};

use callsign_desk::{Desk, SettingsChange};
use callsign_protocol::{
    identity::PrivateKey,
    signed::{Certificate, Envelope},
    time::{Day, UnixSeconds},
};
use callsign_testkit::{Move, System, Tap, TestClock};

use crate::{
    custody::detach,
    insider::Insider,
    letter_keys::document,
    removed::{Known, works},
    renewal::{day, two, work},
};

/// A desk with its identity away, which is certified for so many days, and devices that say that they have it.
fn claimed(system: &System, days: u32, liars: &[&str]) -> (Desk, PrivateKey) {
    let first = system.init_desk("first");
    let set = SettingsChange { certificate_days: Some(days), ..SettingsChange::default() };
    first.change_settings(&set).unwrap();
    let identity = detach(system, &first);
    for name in liars {
        let liar = system.add_device(name, &first);
        work(system, &[&first, &liar]);
        drop(liar);
        Insider::new(system, name).claim_identity();
    }
    first.sync().unwrap();
    (first, identity)
}

#[test]
fn a_device_that_lies_makes_a_custodians_certificate_no_longer_than_the_desk_has_chosen() {
    let system = System::start();
    let (first, identity) = claimed(&system, 7, &["insider"]);
    let today = system.clock.now().day();
    let ends = first.certify(&identity).unwrap();
    assert_eq!(ends, today.plus(7));
}

#[test]
fn devices_that_lie_leave_a_custodians_desk_a_fortnight() {
    let system = System::start();
    let (first, identity) = claimed(&system, 35, &["insider", "another"]);
    let today = system.clock.now().day();
    let ends = first.certify(&identity).unwrap();
    assert!(ends >= today.plus(14), "{}", ends.0 - today.0);
}

/// Keyrings that were put since this was last asked.
fn keyrings_put(tap: &Tap) -> usize {
    let is_put = |seen: &&callsign_testkit::Seen| {
        seen.method == "PUT" && seen.path == "v1/keyring" && seen.status < 300
    };
    tap.take().iter().filter(is_put).count()
}

#[test]
fn two_devices_whose_clocks_are_off_by_what_is_allowed_do_not_renew_in_turn() {
    for (ahead_h, behind_h) in [(13, 13), (23, 1), (23, 13), (13, 23), (1, 23)] {
        let (system, tap) = System::start_tapped();
        let [first, second] = two(&system);
        // Noon.
        let into_day = system.clock.now().0 % 86_400;
        system.clock.advance(86_400 - into_day + 43_200);
        work(&system, &[&first, &second]);
        drop((first, second));
        let now = system.clock.now().0;
        let ahead = TestClock::new(UnixSeconds(now + ahead_h * 3_600));
        let behind = TestClock::new(UnixSeconds(now - behind_h * 3_600));
        let [first, second] = [system.open_desk_at("first", &ahead), system.open_desk_at("second", &behind)];
        tap.take();
        for _ in 0..8 {
            for desk in [&first, &second] {
                let _ = desk.sync();
                let _ = desk.beat();
                for clock in [&ahead, &behind, &system.clock] {
                    clock.advance(2);
                }
            }
        }
        let put = keyrings_put(&tap);
        assert!(put <= 3, "{ahead_h} {behind_h}: {put}");
    }
}

/// The certificates of keyrings that the hub refuses to store from now on, and keeps for itself.
fn kept_back(tap: &Tap) -> Arc<Mutex<Vec<Certificate>>> {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&kept);
    tap.script(move |seen| {
        if seen.method == "PUT" && seen.path == "v1/keyring" {
            into.lock().unwrap().push(*Envelope::decode(&seen.body).unwrap().certificate());
            return Move::Refuse(503);
        }
        Move::Pass
    });
    kept
}

/// Lets a device try to renew, at a hub that keeps what it is given for itself; the last day of any certificate there.
fn keeps_back(tap: &Tap, desk: &Desk) -> Day {
    let kept = kept_back(tap);
    let _ = desk.sync().and_then(|()| desk.beat());
    tap.honest();
    let kept = kept.lock().unwrap();
    kept.iter().map(|one| one.days.1).max().expect("a certificate")
}

#[test]
fn a_certificate_that_a_hub_keeps_for_itself_counts_among_those_that_can_deceive() {
    let (system, tap) = System::start_tapped();
    let [first, second] = two(&system);
    let insider = system.add_device("insider", &first);
    // Until those of before the second device have ended.
    for _ in 0..16 {
        day(&system, &[&first, &second, &insider]);
    }
    day(&system, &[&second, &insider]);
    // The second finds itself alone on the next day.
    system.clock.advance_days(1);
    let known = Known::to(&system, "insider");
    let kept = keeps_back(&tap, &second);
    drop(second);
    let second = system.open_desk("second");
    work(&system, &[&first, &second]);
    work(&system, &[&first, &second]);
    first.remove_device(&known.device()).unwrap();
    work(&system, &[&second, &first, &second, &first]);
    for desk in [&first, &second] {
        let until = desk.health().deceivable_until.unwrap();
        assert_eq!(until, kept.plus(1));
    }
}

#[test]
fn who_removed_a_device_hears_of_a_certificate_that_another_one_had_lost() {
    let (system, tap) = System::start_tapped();
    let [first, second] = two(&system);
    let third = system.add_device("third", &first);
    let insider = system.add_device("insider", &first);
    for _ in 0..2 {
        day(&system, &[&first, &second, &third, &insider]);
    }
    day(&system, &[&first, &third, &insider]);
    system.clock.advance_days(1);
    let known = Known::to(&system, "insider");
    // For a fortnight, since the second is away.
    let kept = keeps_back(&tap, &first);
    third.remove_device(&known.device()).unwrap();
    assert!(third.health().deceivable_until.unwrap() < kept, "it cannot know");
    day(&system, &[&first, &third]);
    day(&system, &[&first, &third]);
    for desk in [&first, &third] {
        assert_eq!(desk.health().deceivable_until, Some(kept.plus(1)));
    }
}

#[test]
fn a_hub_that_stores_no_notice_keeps_a_desk_from_forgetting_nothing() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    work(&system, &[&first]);
    let written = system.clock.now().day();
    assert!(first.case(&caller.id()).unwrap().can_be_answered(written));
    tap.script(|seen| match (&seen.method[..], &seen.path[..]) {
        ("PUT", "v1/notice") => Move::Refuse(503),
        _ => Move::Pass,
    });
    system.clock.advance_days(40);
    for _ in 0..6 {
        system.clock.advance(2);
        let _ = first.sync();
        let _ = first.beat();
    }
    let case = first.case(&caller.id()).unwrap();
    assert!(!case.can_be_answered(written), "the secret of that week is gone");
}

#[test]
fn a_hub_that_answers_rubbish_for_letter_keys_keeps_no_notice_back() {
    let rubbish: [fn() -> Move; 6] = [
        || Move::Refuse(500),
        || Move::Refuse(404),
        || Move::Refuse(403),
        || Move::Change(Box::new(|bytes| *bytes = vec![b' '; 3 << 20])),
        || Move::Change(Box::new(Vec::clear)),
        || Move::Change(Box::new(|bytes| bytes.iter_mut().for_each(|byte| *byte ^= 0x55))),
    ];
    for (n, made) in rubbish.into_iter().enumerate() {
        let (system, tap) = System::start_tapped();
        let first = system.init_desk("first");
        let mut caller = system.caller(&first);
        work(&system, &[&first]);
        for refuses_puts in [false, true] {
            tap.script(move |seen| match (&seen.method[..], &seen.path[..]) {
                ("PUT", "v1/letters") if refuses_puts => Move::RefuseFor(409, "serial_conflict"),
                ("GET" | "PUT", "v1/letters") => made(),
                _ => Move::Pass,
            });
            for _ in 0..2 {
                let today = day(&system, &[&first]);
                assert_eq!(crate::custody::notice(&system, &first).notice.issued.day(), today, "{n}");
            }
            works(&system, &first, &mut caller, &format!("{n} {refuses_puts}"));
        }
        tap.honest();
        work(&system, &[&first]);
        assert_eq!(first.health().refused_letters, None, "{n}");
        let named = crate::custody::notice(&system, &first).notice.letters;
        assert_eq!(named.map(|hash| hash.0), Some(document(&system, &first).hash), "{n}");
    }
}

#[test]
fn a_hub_that_stores_no_notice_keeps_no_key_of_a_call_alive() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    work(&system, &[&first]);
    tap.script(|seen| match (&seen.method[..], &seen.path[..]) {
        ("PUT", "v1/notice") => Move::Refuse(503),
        _ => Move::Pass,
    });
    for _ in 0..30 {
        system.clock.advance_days(1);
        for _ in 0..3 {
            system.clock.advance(2);
            let _ = first.sync();
            let _ = first.beat();
            let _ = first.keep_state();
        }
    }
    let today = system.clock.now().day();
    let epochs = Known::to(&system, "first").keys.epochs;
    let ended: Vec<u32> =
        epochs.iter().filter(|key| key.epoch.plus(3) < today).map(|key| today.0 - key.epoch.0).collect();
    assert_eq!(ended, [0; 0], "days since the epochs of seeds that open calls");
}
