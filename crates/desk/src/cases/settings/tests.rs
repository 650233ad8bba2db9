//! What the desk says of itself: ranges, plans that follow, and two devices at once.

use callsign_protocol::{encoding::Bytes, plan::PlanEntry};

use super::*;
use crate::cases::{EntryRead, Event, EventBody, FOLD_VERSION, RecordReader, StateReader, VoidAct};

const TODAY: Day = Day(20_000);

fn entry(from: Day, shards: u32) -> PlanEntry {
    PlanEntry { from, shards, drop_period_s: 300 }
}

fn named(name: &str) -> SettingsSet {
    SettingsSet { name: Some(name.to_owned()), ..SettingsSet::default() }
}

fn planned(entries: &[PlanEntry]) -> SettingsSet {
    SettingsSet { plan: Some(Plan(entries.to_vec())), ..SettingsSet::default() }
}

/// Takes in one event a commit of this day; why it is void, where it is.
fn take(cases: &mut Cases, day: Day, body: EventBody) -> Option<Refusal> {
    let sequence = 1 + cases.order + cases.void.len() as u64;
    let (at, generation, fold, program) = (day.start().plus(60), 1, FOLD_VERSION, FOLD_VERSION);
    let author = Bytes([1; 16]);
    let origin =
        Origin { author, at, day, sequence: Some(sequence), generation, fold, program, has_identity: false };
    let mut id = [0; 16];
    id[..8].copy_from_slice(&sequence.to_be_bytes());
    let void = cases.void.len();
    let events = vec![Event { id: Bytes(id), body }];
    cases.take(&EntryRead { origin, events, unreadable: 0 }).unwrap();
    cases.void.get(void).map(|void: &VoidAct| void.refusal)
}

fn set(cases: &mut Cases, day: Day, set: SettingsSet) -> Option<Refusal> {
    take(cases, day, EventBody::SettingsSet(Box::new(set)))
}

/// A desk that has published a notice under a plan of one shard.
fn desk() -> Cases {
    let mut cases = Cases::staffed();
    let first = SettingsSet { plan: planned(&[entry(TODAY.minus(16), 1)]).plan, ..named("Desk") };
    assert_eq!(set(&mut cases, TODAY, first), None);
    let published = Event::notice_published([1; 32], 1, vec![TODAY]);
    assert_eq!(take(&mut cases, TODAY, published.body), None);
    cases
}

#[test]
fn of_two_devices_at_once_neither_takes_back_what_the_other_has_changed() {
    let tracks = SettingsSet { tracks: Some(vec![]), ..SettingsSet::default() };
    for changes in [[named("Other"), tracks.clone()], [tracks, named("Other")]] {
        let mut cases = desk();
        for change in changes {
            assert_eq!(set(&mut cases, TODAY, change), None);
        }
        let settings = cases.settings();
        assert_eq!((settings.name.as_deref(), settings.tracks.as_deref()), (Some("Other"), Some(&[][..])));
        assert!(settings.plan.is_some(), "what nobody has changed stays");
    }
    // Of one thing the later act counts.
    let mut cases = desk();
    set(&mut cases, TODAY, named("A"));
    set(&mut cases, TODAY, named("B"));
    assert_eq!(cases.settings().name.as_deref(), Some("B"));
}

#[test]
fn a_plan_goes_on_a_week_ahead_one_entry_at_a_time_and_is_not_changed_again() {
    let one = entry(TODAY.minus(16), 1);
    let two = entry(TODAY.plus(7), 2);
    for (entries, expected) in [
        (vec![one], None),
        (vec![one, two], None),
        (vec![one, entry(TODAY.plus(8), 2)], None),
        (vec![one, entry(TODAY.plus(6), 2)], Some(Refusal::Plan)),
        (vec![one, entry(TODAY.plus(9), 2)], Some(Refusal::Date)),
        (vec![one, entry(Day(u32::MAX), 2)], Some(Refusal::Date)),
        (vec![one, two, entry(TODAY.plus(8), 4)], Some(Refusal::Numbers)),
        (vec![entry(TODAY.minus(16), 2)], Some(Refusal::Plan)),
        (vec![two], Some(Refusal::Numbers)),
        (vec![], Some(Refusal::Numbers)),
        (vec![one, entry(TODAY.plus(7), 3)], Some(Refusal::Numbers)),
    ] {
        let mut cases = desk();
        let was = cases.settings().clone();
        assert_eq!(set(&mut cases, TODAY, planned(&entries)), expected, "{entries:?}");
        if expected.is_some() {
            assert_eq!(*cases.settings(), was);
        }
    }
    let mut cases = desk();
    assert_eq!(set(&mut cases, TODAY, planned(&[one, two])), None);
    // Another device, which had not seen that.
    let other = entry(TODAY.plus(8), 4);
    assert_eq!(set(&mut cases, TODAY, planned(&[one, other])), Some(Refusal::Plan));
    assert_eq!(set(&mut cases, TODAY.plus(1), planned(&[one, two, entry(TODAY.plus(9), 4)])), {
        Some(Refusal::Plan)
    });
    // The first is left out once no listed day needs it, and not before.
    // A device whose clock is a day behind the hub's makes notices of a plan that came with tomorrow's date.
    assert_eq!(set(&mut cases, TODAY.plus(22), planned(&[two])), Some(Refusal::Numbers));
    assert_eq!(set(&mut cases, TODAY.plus(23), planned(&[two])), None);
}

#[test]
fn before_the_first_notice_a_plan_is_replaced_as_a_whole() {
    let mut cases = Cases::staffed();
    for shards in [1, 2] {
        let plan = [entry(TODAY.minus(16), shards)];
        assert_eq!(set(&mut cases, TODAY, planned(&plan)), None);
        assert_eq!(cases.settings().plan, Some(Plan(plan.to_vec())));
    }
    assert_eq!(set(&mut cases, TODAY, planned(&[entry(TODAY, 1)])), Some(Refusal::Numbers));
}

#[test]
fn what_no_notice_may_say_is_void() {
    let channel = |id: Option<&str>, text: &str, address: &str| Channel {
        id: id.map(str::to_owned),
        text: text.to_owned(),
        address: address.to_owned(),
    };
    let page = |name: &str, sha256: &str| Page { name: name.to_owned(), sha256: sha256.to_owned() };
    let nothing = SettingsSet::default;
    let channels = |channels: Vec<Channel>| SettingsSet { channels: Some(channels), ..nothing() };
    let pages = |pages: Vec<Page>| SettingsSet { pages: Some(pages), ..nothing() };
    let ladder = |minutes| SettingsSet { waiting_minutes: Some(minutes), ..nothing() };
    let certified = |days| SettingsSet { certificate_days: Some(days), ..nothing() };
    let good = channel(Some("phone"), "By phone", "+380 44 123 45 67");
    let hash = "ab".repeat(32);
    for kept in [
        channels(vec![good.clone(); 16]),
        channels(vec![]),
        pages(vec![page("index.html", &hash); 16]),
        certified(7),
        certified(35),
        ladder([5, 6, 2_880]),
    ] {
        assert_eq!(set(&mut desk(), TODAY, kept), None);
    }
    let slow = Cover { gap_ms: 600_001, ..crate::Settings::default().cover };
    for broken in [
        ladder([4, 60, 90]),
        ladder([60, 60, 90]),
        ladder([90, 60, 120]),
        ladder([60, 90, 2_881]),
        named(""),
        named("two\nlines"),
        SettingsSet { languages: Some(vec![String::new()]), ..nothing() },
        SettingsSet { content: Some(BTreeMap::from([("en".to_owned(), "AB".repeat(32))])), ..nothing() },
        SettingsSet { tracks: Some(vec![Track { id: "t".repeat(36), names: BTreeMap::new() }]), ..nothing() },
        SettingsSet { cover: Some(slow), ..nothing() },
        certified(6),
        certified(36),
        channels(vec![good.clone(); 17]),
        channels(vec![channel(Some(""), "By phone", "1")]),
        channels(vec![channel(None, &"t".repeat(201), "1")]),
        channels(vec![channel(None, "By phone", &"1".repeat(301))]),
        channels(vec![channel(None, "By phone", "\u{202e}1")]),
        pages(vec![page("index.html", &hash); 17]),
        pages(vec![page("index.html", "ab")]),
        // Each member in its range, and too much for one bundle.
        channels(vec![channel(None, &"t".repeat(200), &"1".repeat(300)); 16]),
    ] {
        let mut cases = desk();
        let was = cases.settings().clone();
        assert_eq!(set(&mut cases, TODAY, broken.clone()), Some(Refusal::Numbers), "{broken:?}");
        assert_eq!(*cases.settings(), was);
    }
}

#[test]
fn a_snapshot_carries_it_and_its_author_alone_tells_it_again() {
    let mut cases = desk();
    let page = Page { name: "index.html".to_owned(), sha256: "ab".repeat(32) };
    assert_eq!(
        set(&mut cases, TODAY, SettingsSet { pages: Some(vec![page]), ..SettingsSet::default() }),
        None
    );
    let (mut checked, mut read) = (RecordReader::default(), StateReader::default());
    cases
        .write_records(7, |record| {
            checked.check(record)?;
            read.record(record, |_| Ok::<_, crate::DeskError>(None))
        })
        .unwrap();
    let (_, mut restored) = read.finish().unwrap();
    assert_eq!(restored.settings(), cases.settings());
    // That a notice was published is kept too, or the next plan could be any.
    let any = planned(&[entry(TODAY.minus(16), 2)]);
    assert_eq!(set(&mut restored, TODAY, any.clone()), Some(Refusal::Plan));
    let event = Event { id: Bytes([1; 16]), body: EventBody::SettingsSet(Box::new(any)) };
    assert_eq!(event.clone().told_again(true), Some(event.clone()));
    assert_eq!(event.told_again(false), None);
}
