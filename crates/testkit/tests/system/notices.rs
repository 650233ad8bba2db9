//! What callers read comes from the desk's log alone: a hub that shows old or forged notices teaches the desk nothing, and people hear of it.

use callsign_desk::{Desk, NoticeFault, SettingsChange};
use callsign_protocol::{
    notice::{Channel, Notice},
    plan::{Plan, PlanEntry},
    time::Day,
};
use callsign_testkit::{Move, System, Tap};

use crate::{
    agent,
    custody::{detach, notice},
    insider::Insider,
    removed::{Known, other_device},
};

/// Seconds after which the hub is asked again.
const AGAIN_S: u64 = 601;

/// The hub refuses each notice for being too old, and shows this one.
fn shows(tap: &Tap, envelope: &[u8]) {
    let envelope = envelope.to_vec();
    tap.script(move |seen| match (&seen.method[..], &seen.path[..]) {
        ("PUT", "v1/notice") => Move::Refuse(409),
        ("GET", "v1/notice") => {
            let shown = envelope.clone();
            Move::Change(Box::new(move |bytes| *bytes = shown))
        }
        _ => Move::Pass,
    });
}

fn bytes_of(system: &System, desk: &Desk) -> Vec<u8> {
    let address = format!("{}/{}/v1/notice", system.hub_url(), desk.fingerprint().desk_id());
    agent().get(&address).call().unwrap().body_mut().read_to_vec().unwrap()
}

/// The next notice with a name, tracks, content and plan of somebody else's, as far ahead as this.
fn forged(now: &Notice, ahead: u64) -> Notice {
    Notice {
        serial: now.serial + ahead,
        name: "Forged".to_owned(),
        tracks: vec![],
        languages: vec!["ru".to_owned()],
        content: [("ru".to_owned(), "ab".repeat(32))].into(),
        plan: Plan(vec![PlanEntry { from: Day(0), shards: 4, drop_period_s: 9 }]),
        ..now.clone()
    }
}

/// What a notice says beside keys and times.
fn said(notice: &Notice) -> impl PartialEq + std::fmt::Debug + use<> {
    let Notice { name, tracks, languages, content, plan, cover, channels, .. } = notice.clone();
    (name, tracks, languages, content, plan, cover, channels)
}

fn refused(desk: &Desk) -> (Option<u64>, NoticeFault) {
    let refused = desk.health().refused_notice.expect("people are told");
    (refused.serial, refused.fault)
}

/// With an honest hub the desk goes on by itself, one serial above, and says of itself what it said before.
fn goes_on(system: &System, tap: &Tap, desk: &Desk, before: &Notice) {
    tap.honest();
    system.clock.advance(AGAIN_S);
    desk.sync().unwrap();
    let now = notice(system, desk).notice;
    assert_eq!((now.serial, desk.health().refused_notice), (before.serial + 1, None));
    assert_eq!(said(&now), said(before));
    assert_eq!(desk.name(), before.name);
}

#[test]
fn nothing_is_learnt_from_a_removed_devices_notice() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    drop(system.add_device("insider", &first));
    let insider = Known::to(&system, "insider");
    first.remove_device(&other_device(&first)).unwrap();
    let before = notice(&system, &first).notice;
    for ahead in [1, (1 << 53) - 1 - before.serial] {
        let forged = forged(&before, ahead);
        shows(&tap, &insider.sign_notice(&forged));
        system.clock.advance_days(1);
        first.sync().unwrap();
        system.beats(&first, 3);
        assert_eq!(refused(&first), (Some(forged.serial), NoticeFault::Signer));
        assert_eq!(first.name(), before.name);
    }
    goes_on(&system, &tap, &first, &before);
}

#[test]
fn a_duty_key_that_is_in_use_vouches_for_no_notice_that_the_log_does_not_name() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    detach(&system, &first);
    drop(system.add_device("insider", &first));
    let insider = Known::to(&system, "insider");
    // The custodian is away, so that the removed device knows the duty key.
    first.remove_device(&other_device(&first)).unwrap();
    let before = notice(&system, &first).notice;
    let forged = forged(&before, (1 << 53) - 1 - before.serial);
    shows(&tap, &insider.sign_notice(&forged));
    system.clock.advance_days(1);
    tap.take();
    for _ in 0..5 {
        first.sync().unwrap();
        system.beats(&first, 1);
    }
    assert_eq!(refused(&first), (Some(forged.serial), NoticeFault::Unsaid));
    let asked = tap.take().iter().filter(|seen| seen.method == "PUT" && seen.path == "v1/notice").count();
    assert_eq!(asked, 1, "the hub is not asked at each beat");
    goes_on(&system, &tap, &first, &before);
}

#[test]
fn a_serial_that_goes_back_and_one_that_stays_are_refused() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let old = (bytes_of(&system, &first), notice(&system, &first).notice);
    let change = SettingsChange { name: Some("Renamed".to_owned()), ..SettingsChange::default() };
    first.change_settings(&change).unwrap();
    let before = notice(&system, &first).notice;
    assert_eq!((before.name.as_str(), before.serial), ("Renamed", old.1.serial + 1));
    for (shown, expected) in [
        (old.0, (Some(old.1.serial), NoticeFault::Back)),
        (bytes_of(&system, &first), (Some(before.serial), NoticeFault::NoLater)),
        (b"no notice".to_vec(), (None, NoticeFault::Unreadable)),
    ] {
        shows(&tap, &shown);
        system.clock.advance_days(1);
        first.sync().unwrap();
        assert_eq!(refused(&first), expected);
        assert_eq!(first.name(), "Renamed");
    }
    goes_on(&system, &tap, &first, &before);
}

#[test]
fn a_device_that_lost_its_files_takes_no_notice_whose_time_is_over_and_goes_on_from_the_log() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let identity = detach(&system, &first);
    system.beats(&first, 2);
    let before = notice(&system, &first).notice;
    drop(first);
    system.lose_cache("first");
    // Past the 35 days of the certificate.
    system.clock.advance_days(40);
    let first = system.open_desk("first");
    assert!(first.sync().is_err(), "nothing can be published");
    assert_eq!(refused(&first), (Some(before.serial), NoticeFault::Ended));
    assert_eq!(first.name(), before.name);
    tap.take();
    first.certify(&identity).unwrap();
    let now = notice(&system, &first).notice;
    assert_eq!((now.serial, first.health().refused_notice), (before.serial + 1, None));
    assert_eq!((now.name, now.tracks, now.content), (before.name, before.tracks, before.content));
}

#[test]
fn what_two_devices_change_at_once_stands_and_who_joins_reads_it_in_the_log() {
    let system = System::start();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    let phone = Channel { id: None, text: "By phone".to_owned(), address: "+380 44 123 45 67".to_owned() };
    let rename = SettingsChange { name: Some("Renamed".to_owned()), ..SettingsChange::default() };
    let channels = SettingsChange { channels: Some(vec![phone.clone()]), ..SettingsChange::default() };
    // The second has not seen what the first does.
    first.change_settings(&rename).unwrap();
    second.change_settings(&channels).unwrap();
    first.sync().unwrap();
    let now = notice(&system, &first).notice;
    assert_eq!((now.name.as_str(), now.channels.as_slice()), ("Renamed", &[phone.clone()][..]));
    assert_eq!((first.name(), second.name()), ("Renamed".to_owned(), "Renamed".to_owned()));
    assert_eq!(first.said_to_callers(), second.said_to_callers());
    let joined = system.add_device("joined", &first);
    joined.sync().unwrap();
    assert_eq!(joined.said_to_callers(), first.said_to_callers());
    // It goes through generations, which destroy the entries that said it.
    for _ in 0..9 {
        system.clock.advance_days(1);
        for desk in [&first, &second, &joined] {
            desk.sync().unwrap();
            system.beats(desk, 4);
        }
    }
    assert!(joined.generation() > 1);
    drop(joined);
    system.lose_cache("joined");
    let joined = system.open_desk("joined");
    joined.sync().unwrap();
    assert_eq!(joined.said_to_callers().channels, Some(vec![phone]));
}

#[test]
fn a_notice_is_put_by_devices_of_the_desk_alone() {
    let system = System::start();
    let first = system.init_desk("first");
    detach(&system, &first);
    drop(system.add_device("insider", &first));
    let (known, of_insider) = (Known::to(&system, "insider"), Insider::new(&system, "insider"));
    first.remove_device(&other_device(&first)).unwrap();
    let before = notice(&system, &first);
    // It knows the duty key in use, and has a session of before.
    assert_eq!(of_insider.put_notice(&known.sign_notice(&forged(&before.notice, 1))), 401);
    assert_eq!(notice(&system, &first), before);
}
