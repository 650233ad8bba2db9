//! The duty key's certificate, renewed by itself: for three days where two devices at work have the identity, for fourteen where one has.

use std::collections::BTreeSet;

use callsign_desk::{Desk, DeskError, SettingsChange, SettingsError, keys::Vault, store::Cache};
use callsign_protocol::{
    commit::Commit,
    identity::PrivateKey,
    notice::{LIFETIME_MAX_S, Notice, NoticeError},
    signed::{Certificate, Envelope, SignedError},
    time::Day,
};
use callsign_testkit::{PASSPHRASE, System, Tap};

use crate::{
    custody::{self, CHEAP, detach},
    dying::{at_every_request, die},
    removed::{Known, works},
};

/// The certificate of the keyring that a device has seen last.
pub fn certificate(system: &System, name: &str) -> Certificate {
    let dir = system.desk_dir(name);
    let vault = Vault::open(&dir, PASSPHRASE).unwrap();
    let cache = Cache::open(&dir, vault.storage_key).unwrap();
    let (_, envelope) = cache.document("keyring").unwrap().unwrap();
    *Envelope::decode(&envelope).unwrap().certificate()
}

/// The day on which a certificate was made, and its last.
fn made(certificate: &Certificate) -> (Day, Day) {
    (certificate.made(), certificate.days.1)
}

fn identity(system: &System) -> PrivateKey {
    Vault::open(&system.desk_dir("first"), PASSPHRASE).unwrap().identity_key().unwrap()
}

/// Opens a device with the identity in its vault.
fn with_identity(system: &System, name: &str, identity: &PrivateKey) -> Desk {
    let keep = |vault: &mut Vault| vault.identity_seed = Some(identity.seed());
    Vault::change(&system.desk_dir(name), PASSPHRASE, CHEAP, &mut system.rng(), keep).unwrap();
    system.open_desk(name)
}

/// Two devices at work that have the identity.
pub fn two(system: &System) -> [Desk; 2] {
    let first = system.init_desk("first");
    drop(system.add_device("second", &first));
    let second = with_identity(system, "second", &identity(system));
    work(system, &[&first, &second]);
    [first, second]
}

/// Some hours of work.
pub fn work(system: &System, desks: &[&Desk]) {
    for desk in desks {
        desk.sync().unwrap();
        system.beats(desk, 4);
    }
    for desk in desks {
        desk.sync().unwrap();
    }
}

/// The next day, with these at work.
pub fn day(system: &System, desks: &[&Desk]) -> Day {
    system.clock.advance_days(1);
    work(system, desks);
    system.clock.now().day()
}

/// The days whose lists were signed as finished since this was last asked.
fn days_signed(tap: &Tap) -> BTreeSet<Day> {
    let commits = tap.take().into_iter().filter(|seen| seen.path == "v1/commit");
    commits
        .flat_map(|seen| Commit::decode(&seen.body).unwrap().rest.signed)
        .map(|signed| signed.day)
        .collect()
}

#[test]
fn two_devices_renew_the_certificate_each_day_and_nobody_notices() {
    let (system, tap) = System::start_tapped();
    let [first, second] = two(&system);
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "on the first day");
    let (mut before, mut generation) = (certificate(&system, "first"), first.generation());
    let mut renewed_within = 0;
    for n in 1..=21_u32 {
        days_signed(&tap);
        // In the midst of a visit.
        let desks = if n % 2 == 0 { [&first, &second] } else { [&second, &first] };
        let reading = caller
            .read_across(|| {
                day(&system, &desks);
            })
            .unwrap();
        assert_eq!((reading.contradicted, reading.withheld), (vec![], 0), "day {n}");
        assert!(reading.lists_current, "day {n}");
        let (today, now) = (system.clock.now().day(), certificate(&system, "first"));
        assert_eq!(certificate(&system, "second"), now);
        assert_eq!(made(&now), (today, today.plus(3)), "day {n}");
        assert!(now.signer.number > before.signer.number);
        if first.generation() == generation {
            renewed_within += 1;
            assert_eq!(now.signer.duty_key, before.signer.duty_key, "day {n}");
            // Yesterday's lists, and none of before once more.
            assert_eq!(days_signed(&tap), BTreeSet::from([today.minus(1)]), "day {n}");
        }
        (before, generation) = (now, first.generation());
    }
    assert!(renewed_within >= 17 && first.generation() > 2, "{renewed_within} {}", first.generation());
    works(&system, &second, &mut caller, "three weeks later");
    for desk in [&first, &second] {
        let health = desk.health();
        assert_eq!((health.alarm, health.refused_notice), (None, None));
        assert!(!health.certificate_is_due && health.deceivable_until.is_none());
        assert_eq!(desk.devices().unwrap().iter().filter(|device| device.has_identity).count(), 2);
    }
}

#[test]
fn where_one_falls_ill_the_other_certifies_for_a_fortnight_before_the_three_days_are_over() {
    let system = System::start();
    let [first, second] = two(&system);
    let mut caller = system.caller(&first);
    let today = day(&system, &[&first, &second]);
    assert_eq!(certificate(&system, "first").days.1, today.plus(3));
    // Nobody knows yet.
    let today = day(&system, &[&first]);
    assert_eq!(certificate(&system, "first").days.1, today.plus(3));
    let today = day(&system, &[&first]);
    let alone = certificate(&system, "first");
    assert_eq!(made(&alone), (today, today.plus(14)));
    let mut renewed = 0;
    for _ in 0..6 {
        day(&system, &[&first]);
        let now = certificate(&system, "first");
        assert_eq!(now.days.1, now.made().plus(14));
        renewed = now.signer.number - alone.signer.number;
    }
    assert_eq!(renewed, 1, "with a generation that ended");
    works(&system, &first, &mut caller, "alone");
    // Well again.
    let today = day(&system, &[&second, &first]);
    assert_eq!(made(&certificate(&system, "first")), (today, today.plus(3)));
    works(&system, &second, &mut caller, "together");
    // A week of illness of the one that is left stops nobody who works without the identity.
    let third = system.add_device("third", &first);
    day(&system, &[&first, &third]);
    day(&system, &[&first, &third]);
    for _ in 0..7 {
        day(&system, &[&third]);
        assert!(!third.health().certificate_is_due);
    }
    works(&system, &third, &mut caller, "while both are ill");
}

#[test]
fn a_device_that_gives_the_identity_away_renews_no_more_and_the_other_knows_at_once() {
    let system = System::start();
    let [first, second] = two(&system);
    let today = day(&system, &[&first, &second]);
    assert_eq!(certificate(&system, "second").days.1, today.plus(3));
    detach(&system, &first);
    // The one that is left certifies alone.
    work(&system, &[&second, &first]);
    assert_eq!(made(&certificate(&system, "first")), (today, today.plus(14)));
    let holders = |desk: &Desk| desk.devices().unwrap().iter().filter(|device| device.has_identity).count();
    assert_eq!((holders(&first), holders(&second)), (1, 1));
}

#[test]
fn after_a_long_weekend_of_both_the_first_who_comes_back_renews_what_has_ended() {
    let system = System::start();
    let [first, second] = two(&system);
    let third = system.add_device("third", &first);
    let mut caller = system.caller(&first);
    let friday = day(&system, &[&first, &second, &third]);
    let number = certificate(&system, "third").signer.number;
    // Who is left works on until Monday, and Tuesday by the day that clocks may be off; people are told from Sunday on.
    for n in 1..=4 {
        day(&system, &[&third]);
        assert_eq!(third.health().certificate_is_due, n >= 2, "day {n}");
        works(&system, &third, &mut caller, &format!("on day {n}"));
    }
    assert_eq!(made(&certificate(&system, "third")), (friday, friday.plus(3)));
    system.clock.advance_days(1);
    assert!(third.sync().is_err() && third.beat().is_err());
    // Both come at once, and have not seen the keyrings of the third.
    work(&system, &[&second, &first]);
    let today = system.clock.now().day();
    assert_eq!(custody::notice(&system, &second).notice.issued.day(), today, "callers can write at once");
    third.sync().unwrap();
    let now = certificate(&system, "third");
    assert_eq!(now.made(), today);
    assert!(now.signer.number > number);
    works(&system, &third, &mut caller, "on Wednesday");
    let today = day(&system, &[&first, &second, &third]);
    assert_eq!(made(&certificate(&system, "first")), (today, today.plus(3)));
    works(&system, &first, &mut caller, "on Thursday");
    for desk in [&first, &second, &third] {
        assert_eq!((desk.health().alarm, desk.health().certificate_is_due), (None, false));
    }
}

#[test]
fn a_custodian_certifies_a_device_again_that_has_not_seen_the_newest_keyring() {
    let system = System::start();
    let first = system.init_desk("first");
    let identity = detach(&system, &first);
    let second = system.add_device("second", &first);
    work(&system, &[&first, &second]);
    for _ in 0..34 {
        day(&system, &[&second]);
    }
    system.clock.advance_days(4);
    assert!(second.sync().is_err());
    // The custodian comes to the other one, which would be left out of a generation: it is of this one still where none began.
    let certified = second.certify(&identity);
    assert_eq!(certified.unwrap(), system.clock.now().day().plus(35));
    let mut caller = system.caller(&second);
    works(&system, &second, &mut caller, "after the gap");
}

#[test]
fn a_renewal_that_is_killed_at_any_request_is_made_once_by_whoever_goes_on() {
    at_every_request(|death| {
        let (system, tap) = System::start_tapped();
        let [first, second] = two(&system);
        let mut caller = system.caller(&first);
        let number = certificate(&system, "first").signer.number;
        system.clock.advance_days(1);
        let is_dead = die(&system, &tap, "first", death, || {
            let _ = first.sync().and_then(|()| first.beat());
            drop(first);
        });
        let first = system.open_desk("first");
        let desks = if death.at % 2 == 0 { [&first, &second] } else { [&second, &first] };
        work(&system, &desks);
        let (today, now) = (system.clock.now().day(), certificate(&system, "first"));
        assert_eq!((made(&now), now.signer.number), ((today, today.plus(3)), number + 1), "{death:?}");
        assert_eq!(certificate(&system, "second"), now);
        for desk in desks {
            let health = desk.health();
            assert_eq!((health.alarm, health.refused_notice), (None, None), "{death:?}");
        }
        works(&system, desks[1], &mut caller, "after the renewal");
        is_dead
    });
}

#[test]
fn a_hub_that_came_back_from_a_backup_gets_the_renewals_that_it_lost() {
    let mut system = System::start();
    let [first, second] = two(&system);
    let mut caller = system.caller(&first);
    day(&system, &[&first, &second]);
    system.back_up_hub("backup").unwrap();
    // As long as the log's key lives.
    for _ in 0..4 {
        day(&system, &[&first, &second]);
    }
    works(&system, &first, &mut caller, "behind the backup");
    second.sync().unwrap();
    let number = certificate(&system, "first").signer.number;
    drop((first, second));
    system.restore_hub("backup").unwrap();
    system.recover_desk("first").unwrap();
    system.recover_desk("second").unwrap();
    let [first, second] = ["first", "second"].map(|name| system.open_desk(name));
    assert_eq!(["first", "second"].map(|name| certificate(&system, name).signer.number), [number; 2]);
    work(&system, &[&first, &second]);
    // Whoever comes first hears of nobody else yet and certifies for longer; the other one hears of that at once.
    assert_eq!(certificate(&system, "second"), certificate(&system, "first"));
    let today = day(&system, &[&second, &first]);
    let now = certificate(&system, "first");
    assert_eq!(made(&now), (today, today.plus(3)));
    assert!(now.signer.number > number);
    works(&system, &second, &mut caller, "going on");
    assert_eq!((first.health().alarm, second.health().alarm), (None, None));
}

/// Notices of a day as somebody signs them who knows what `known` do: whether a caller takes one.
fn deceives(system: &System, desk: &Desk, known: &[Known], on: Day) -> bool {
    let notice = custody::notice(system, desk).notice;
    let issued = on.start();
    known.iter().any(|known| {
        let (serial, expires) = (notice.serial + 1_000, issued.plus(LIFETIME_MAX_S));
        let false_one = known.sign_notice(&Notice { serial, issued, expires, ..notice.clone() });
        match Notice::verify(&false_one, Some(&desk.fingerprint()), issued) {
            Ok(_) => true,
            Err(NoticeError::Signed(SignedError::CertificateDays)) => false,
            Err(other) => panic!("{other:?}"),
        }
    })
}

/// Shuts the insider out; the days on which callers can be shown a false notice with what it knew at any time. All are told so.
fn deceived_days(system: &System, desk: &Desk, others: &[&Desk], known: &[Known]) -> u32 {
    let today = system.clock.now().day();
    let insider = Known::to(system, "insider").device();
    desk.remove_device(&insider).unwrap();
    let until = desk.health().deceivable_until.unwrap();
    work(system, &[&[desk], others].concat());
    for device in [&[desk], others].concat() {
        assert_eq!(device.health().deceivable_until, Some(until));
    }
    assert!((0..=60).all(|n| deceives(system, desk, known, today.plus(n)) == (today.plus(n) <= until)));
    until.0 - today.0
}

#[test]
fn a_removed_device_deceives_callers_for_three_days_where_two_devices_have_the_identity() {
    let system = System::start();
    let [first, second] = two(&system);
    let insider = system.add_device("insider", &first);
    let mut known = vec![Known::to(&system, "insider")];
    // Until the certificates of before the second device have ended.
    for _ in 0..15 {
        day(&system, &[&first, &second, &insider]);
        known.push(Known::to(&system, "insider"));
    }
    // And the day by which clocks may be off.
    assert_eq!(deceived_days(&system, &first, &[&second], &known), 3 + 1);
    let key = certificate(&system, "first").signer.duty_key;
    assert_ne!(key, known.last().unwrap().duty_key());
    // By itself it ends.
    for _ in 0..5 {
        day(&system, &[&first, &second]);
    }
    assert_eq!((first.health().deceivable_until, second.health().deceivable_until), (None, None));
}

#[test]
fn a_device_without_the_identity_removes_another_and_one_that_has_it_replaces_the_key_by_itself() {
    let system = System::start();
    let [first, second] = two(&system);
    let third = system.add_device("third", &first);
    let insider = system.add_device("insider", &first);
    let mut known = vec![];
    for _ in 0..15 {
        day(&system, &[&first, &second, &third, &insider]);
        known.push(Known::to(&system, "insider"));
    }
    let before = certificate(&system, "third");
    let id = known[0].device();
    third.remove_device(&id).unwrap();
    assert_eq!(certificate(&system, "third").signer, before.signer, "it cannot certify");
    let until = third.health().deceivable_until.unwrap();
    assert_eq!(until, system.clock.now().day().plus(3 + 1));
    work(&system, &[&second, &first, &third]);
    let now = certificate(&system, "third");
    assert_ne!(now.signer.duty_key, before.signer.duty_key);
    for _ in 0..3 {
        day(&system, &[&first, &second, &third]);
    }
    assert_eq!(certificate(&system, "third").signer.duty_key, now.signer.duty_key);
    assert_eq!(third.health().deceivable_until, Some(until), "no renewal gives it more");
    assert!(!deceives(&system, &third, &known, until.plus(1)));
    assert!(deceives(&system, &third, &known, until));
}

#[test]
fn a_removed_device_deceives_callers_for_a_fortnight_where_one_device_has_the_identity() {
    let system = System::start();
    let first = system.init_desk("first");
    drop(system.add_device("insider", &first));
    let known = [Known::to(&system, "insider")];
    assert_eq!(deceived_days(&system, &first, &[], &known), 14 + 1);
}

#[test]
fn with_a_custodian_it_is_as_many_days_as_the_desk_has_chosen() {
    let system = System::start();
    let first = system.init_desk("first");
    let set = |days| SettingsChange { certificate_days: Some(days), ..SettingsChange::default() };
    for days in [0, 6, 36, u32::MAX] {
        let refused = first.change_settings(&set(days));
        assert!(
            matches!(refused, Err(DeskError::Settings(SettingsError::CertificateDays(of))) if of == days)
        );
    }
    assert_eq!(first.custodians_days(), 35);
    first.change_settings(&set(20)).unwrap();
    let identity = detach(&system, &first);
    let today = system.clock.now().day();
    assert_eq!(first.health().certificate_ends, today.plus(20));
    drop(system.add_device("insider", &first));
    let mut known = vec![Known::to(&system, "insider")];
    day(&system, &[&first]);
    first.certify(&identity).unwrap();
    let insider = system.open_desk("insider");
    insider.sync().unwrap();
    system.beats(&insider, 2);
    known.push(Known::to(&system, "insider"));
    assert_eq!(deceived_days(&system, &first, &[], &known), 20 + 1);
    first.change_settings(&set(7)).unwrap();
    assert_eq!(first.certify(&identity).unwrap(), system.clock.now().day().plus(7));
    // It is asked for two days before.
    for n in 1..=5 {
        assert!(!first.health().certificate_is_due, "day {n}");
        day(&system, &[&first]);
    }
    assert!(first.health().certificate_is_due);
}
