//! A generation's state is saved in one piece beside beats: whatever stops it, whoever writes it, whatever the hub makes of it.

use callsign_caller::{hub_client::HubClient, visit::Visit};
use callsign_desk::{Desk, DeskError, cases::SnapshotError};
use callsign_http::{Link, Proxies};
use callsign_protocol::{
    call::Message,
    caller_keys::CallerKeys,
    encoding::{Bytes, Secret},
};
use callsign_testkit::{Move, Seen, System, Tap};
use rusqlite::Connection;

/// Chunks of the smallest snapshot.
const CHUNKS: usize = 128;

/// Which chunk is served for which.
type Served = fn(usize) -> usize;

/// So many callers write, each a few words.
fn write_calls(system: &System, desk: &Desk, count: u32) {
    let link = Link::parse(&system.hub_url()).unwrap();
    let client = HubClient::find(&link, Some(desk.fingerprint()), &Proxies::none()).unwrap();
    let notice = client.fetch_notice(client.pin(), system.clock.now()).unwrap();
    let mut rng = system.rng();
    for number in 0..count {
        let keys = CallerKeys::from_root(Secret::random(&mut rng));
        let message = Message {
            id: Bytes::random(&mut rng),
            track: "field".to_owned(),
            language: "uk".to_owned(),
            text: format!("call number {number}"),
            safe_times: None,
        };
        let mut visit = Visit::new(&client, notice.clone(), keys, system.clock.clock(), &mut rng);
        visit.write(&message).unwrap();
        visit.send_fast(&|_| {}).unwrap();
    }
    desk.sync().unwrap();
    desk.flush().unwrap();
}

fn cases(desk: &Desk) -> Vec<String> {
    let mut all = desk.with_cases(|cases| {
        cases
            .all()
            .map(|case| case.map(|case| format!("{:?} {:?}", case.id(), case.items)))
            .collect::<Result<Vec<_>, _>>()
    });
    let all = all.as_mut().unwrap();
    all.sort();
    all.clone()
}

/// Whether the keys of the generation before are destroyed on the device.
fn is_settled(desk: &Desk) -> bool {
    desk.devices().unwrap().iter().any(|device| device.is_own && device.is_ready)
}

fn is_chunk(seen: &Seen, generation: u32) -> bool {
    seen.path.starts_with(&format!("v1/snapshot/{generation}/"))
}

/// The next so many requests for chunks of a generation pass, and then none.
fn stop_behind(tap: &Tap, generation: u32, mut passing: usize) {
    tap.script(move |seen| match (is_chunk(seen, generation), passing) {
        (false, _) => Move::Pass,
        (true, 0) => Move::Refuse(503),
        (true, _) => {
            passing -= 1;
            Move::Pass
        }
    });
}

#[test]
fn a_thousand_cases_are_whole_within_three_beats_and_a_new_device_reads_them() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let other = system.add_device("other", &desk);
    let id = desk.devices().unwrap().iter().find(|device| !device.is_own).unwrap().id;
    drop(other);
    write_calls(&system, &desk, 1_000);
    let before = cases(&desk);
    assert_eq!(before.len(), 1_000);
    desk.remove_device(&id).unwrap();
    system.beats(&desk, 3);
    assert!(is_settled(&desk));
    let third = system.add_device("third", &desk);
    assert_eq!(cases(&third), before);
    assert_eq!(cases(&system.open_desk("desk")), before, "from its own disk");
    assert_eq!(cases(&system.open_desk("third")), before);
}

#[test]
fn a_device_that_is_stopped_at_any_chunk_goes_on_where_it_was() {
    let (system, tap) = System::start_tapped();
    let mut desk = system.init_desk("desk");
    write_calls(&system, &desk, 3);
    let before = cases(&desk);
    for (at, passing) in [0, 1, 40, CHUNKS - 1, CHUNKS, 200, 2 * CHUNKS - 1].into_iter().enumerate() {
        system.clock.advance_days(8);
        let generation = u32::try_from(at).unwrap() + 2;
        stop_behind(&tap, generation, passing);
        for _ in 0..4 {
            system.clock.advance(2);
            // What the hub refuses is told, and beats go on all the same.
            let _ = desk.keep_state();
            desk.beat().unwrap();
        }
        assert_eq!(desk.generation(), generation);
        assert!(!is_settled(&desk), "{passing}");
        drop(desk);
        tap.honest();
        tap.take();
        desk = system.open_desk("desk");
        desk.sync().unwrap();
        system.beats(&desk, 3);
        assert!(is_settled(&desk), "{passing}");
        let seen = tap.take();
        let puts = seen.iter().filter(|seen| seen.method == "PUT" && is_chunk(seen, generation)).count();
        assert_eq!(puts, CHUNKS - passing.min(CHUNKS) / 16 * 16, "{passing}");
        assert_eq!(cases(&desk), before);
    }
    drop(desk);
    system.lose_cache("desk");
    let desk = system.open_desk("desk");
    desk.sync().unwrap();
    assert_eq!(cases(&desk), before, "from the hub alone");
}

#[test]
fn a_cache_lost_before_the_new_generation_is_saved_comes_back_from_the_one_before() {
    let (system, tap) = System::start_tapped();
    let mut desk = system.init_desk("desk");
    write_calls(&system, &desk, 3);
    system.clock.advance_days(8);
    desk.sync().unwrap();
    system.beats(&desk, 3);
    assert!(is_settled(&desk) && desk.generation() == 2);
    // Its keyring alone is at the hub, or entries too.
    for (generation, beats) in [(3, 0), (4, 3)] {
        // In the log behind the newest state.
        write_calls(&system, &desk, 2);
        let before = cases(&desk);
        stop_behind(&tap, generation, 0);
        system.clock.advance_days(8);
        desk.sync().unwrap();
        for _ in 0..beats {
            system.clock.advance(2);
            let _ = desk.keep_state();
            desk.beat().unwrap();
        }
        assert!(desk.generation() == generation && !is_settled(&desk));
        drop(desk);
        system.lose_cache("desk");
        for _ in 0..2 {
            let again = system.open_desk("desk");
            again.sync().unwrap();
            assert_eq!(cases(&again), before, "in generation {generation}");
        }
        tap.honest();
        desk = system.open_desk("desk");
        desk.sync().unwrap();
        system.beats(&desk, 3);
        assert!(is_settled(&desk) && cases(&desk) == before, "in generation {generation}");
    }
    let joined = system.add_device("joined", &desk);
    assert_eq!(cases(&joined), cases(&desk));
    assert_eq!(desk.health().alarm, None);
}

#[test]
fn beats_have_one_size_whatever_becomes_of_the_state() {
    let (system, tap) = System::start_tapped();
    let desk = system.init_desk("desk");
    write_calls(&system, &desk, 3);
    system.clock.advance_days(8);
    system.beats(&desk, 2);
    stop_behind(&tap, 2, 60);
    tap.take();
    for _ in 0..4 {
        system.clock.advance(30);
        let _ = desk.keep_state();
        desk.beat().unwrap();
    }
    let seen = tap.take();
    let commits = seen.iter().filter(|seen| seen.path == "v1/commit");
    let sizes: std::collections::BTreeSet<_> = commits.map(|seen| seen.body.len()).collect();
    assert!(sizes.len() <= 2, "with the drop of a tick, or without: {sizes:?}");
}

#[test]
fn another_device_writes_the_state_where_the_first_is_slow_and_both_settle() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    write_calls(&system, &first, 3);
    system.beats(&first, 2);
    second.sync().unwrap();
    system.beats(&second, 2);
    first.sync().unwrap();
    system.clock.advance_days(8);
    stop_behind(&tap, 2, 50);
    for _ in 0..3 {
        system.clock.advance(2);
        let _ = first.keep_state();
        first.beat().unwrap();
    }
    assert_eq!(first.generation(), 2);
    tap.honest();
    while second.follow(0).unwrap().more {}
    second.keep_state().unwrap();
    assert!(!is_settled(&second), "the first may be at it");
    for _ in 0..20 {
        system.clock.advance(2);
        second.beat().unwrap();
    }
    system.beats(&second, 3);
    assert!(is_settled(&second));
    first.sync().unwrap();
    system.beats(&first, 3);
    assert!(is_settled(&first), "it has given its own attempt up");
    second.sync().unwrap();
    assert_eq!(cases(&first), cases(&second));
    let third = system.add_device("third", &first);
    assert_eq!(cases(&third), cases(&first));
}

#[test]
fn what_a_hub_makes_of_the_chunks_is_refused_and_nothing_is_written_on_it() {
    let (system, tap) = System::start_tapped();
    let desk = system.init_desk("desk");
    write_calls(&system, &desk, 3);
    system.clock.advance_days(8);
    system.beats(&desk, 4);
    assert!(is_settled(&desk) && desk.generation() == 2);
    let hub = Connection::open(system.hub_dir().join("hub.sqlite")).unwrap();
    let mut statement = hub.prepare("SELECT chunk FROM snapshot_chunks ORDER BY position").unwrap();
    let chunks: Vec<Vec<u8>> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(chunks.len(), CHUNKS);
    desk.admit(&system.ask_to_join("new", &desk)).unwrap();
    let new = system.open_desk("new");
    let hostile: [Served; 4] = [
        |index| (index + 1) % CHUNKS,
        |_| 0,
        |index| if index == 100 { 101 } else { index },
        |index| if index == CHUNKS - 1 { CHUNKS - 2 } else { index },
    ];
    for served in hostile {
        let chunks = chunks.clone();
        tap.script(move |seen| {
            if !is_chunk(seen, 2) {
                return Move::Pass;
            }
            let index: usize = seen.path.rsplit('/').next().unwrap().parse().unwrap();
            let other = chunks[served(index)].clone();
            Move::Change(Box::new(move |answer| *answer = other))
        });
        assert!(matches!(new.sync(), Err(DeskError::Snapshot(SnapshotError::Altered(_)))));
        assert!(matches!(new.beat(), Err(DeskError::CatchingUp)));
    }
    tap.script(|seen| {
        let shorter = |answer: &mut Vec<u8>| answer.truncate(65_535);
        if is_chunk(seen, 2) { Move::Change(Box::new(shorter)) } else { Move::Pass }
    });
    assert!(matches!(new.sync(), Err(DeskError::Snapshot(SnapshotError::Altered(_)))));
    tap.script(|seen| if seen.path.ends_with("/77") { Move::Refuse(404) } else { Move::Pass });
    assert!(new.sync().is_err());
    assert!(cases(&new).is_empty());
    tap.honest();
    new.sync().unwrap();
    assert_eq!(cases(&new), cases(&desk));
}

#[test]
fn a_state_that_the_hub_has_lost_or_spoilt_is_saved_anew() {
    let mut system = System::start();
    let desk = system.init_desk("desk");
    write_calls(&system, &desk, 3);
    system.clock.advance_days(8);
    system.beats(&desk, 4);
    assert!(is_settled(&desk));
    let faults = [
        "DELETE FROM snapshot_chunks WHERE position = 0",
        "DELETE FROM snapshot_chunks WHERE position = 127",
        "UPDATE snapshot_chunks SET chunk = zeroblob(65536) WHERE position = 0",
    ];
    for (at, fault) in faults.into_iter().enumerate() {
        system.stop_hub();
        let hub = Connection::open(system.hub_dir().join("hub.sqlite")).unwrap();
        assert!(hub.execute(fault, []).unwrap() > 0);
        drop(hub);
        system.start_hub();
        let name = format!("new {at}");
        desk.admit(&system.ask_to_join(&name, &desk)).unwrap();
        let new = system.open_desk(&name);
        assert!(matches!(new.sync(), Err(DeskError::Snapshot(SnapshotError::Missing))), "{fault}");
        system.clock.advance_days(1);
        desk.sync().unwrap();
        system.beats(&desk, 2);
        new.sync().unwrap();
        assert_eq!(cases(&new), cases(&desk), "{fault}");
    }
}

#[test]
fn a_hub_that_only_says_that_it_lost_the_state_has_it_saved_once_a_day() {
    let (system, tap) = System::start_tapped();
    let desk = system.init_desk("desk");
    write_calls(&system, &desk, 3);
    system.clock.advance_days(8);
    system.beats(&desk, 4);
    assert!(is_settled(&desk));
    for _ in 0..2 {
        system.clock.advance_days(1);
        // The check asks for three chunks or fewer; what reads an attempt back begins with the first, behind a put.
        let mut has_put = false;
        tap.script(move |seen| {
            has_put = (has_put || seen.method == "PUT") && !seen.path.ends_with("commit");
            let is_check = seen.method == "GET" && is_chunk(seen, 2) && !has_put;
            if is_check { Move::Refuse(404) } else { Move::Pass }
        });
        tap.take();
        system.beats(&desk, 10);
        let puts = tap.take().iter().filter(|seen| seen.method == "PUT" && is_chunk(seen, 2)).count();
        assert_eq!(puts, CHUNKS);
    }
}

#[test]
fn a_device_that_slept_and_stops_before_it_has_the_state_skips_nothing() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let other = system.add_device("other", &desk);
    write_calls(&system, &desk, 2);
    other.sync().unwrap();
    system.beats(&other, 1);
    desk.sync().unwrap();
    drop(other);
    // The other one never hears of these by the log: it is pruned before it wakes.
    write_calls(&system, &desk, 2);
    system.clock.advance_days(7);
    desk.sync().unwrap();
    system.beats(&desk, 4);
    assert!(is_settled(&desk) && desk.generation() == 2);
    system.clock.advance_days(1);
    desk.sync().unwrap();
    system.beats(&desk, 2);
    let before = cases(&desk);
    assert_eq!(before.len(), 4);
    // It takes the entries, and is stopped before it has read the state from the hub.
    let other = system.open_desk("other");
    while other.follow(0).unwrap().more {}
    drop(other);
    let other = system.open_desk("other");
    other.sync().unwrap();
    assert_eq!(cases(&other), before);
}

#[test]
fn a_damaged_case_that_nobody_looks_at_keeps_no_generation_from_ending() {
    let system = System::start();
    let desk = system.init_desk("desk");
    for _ in 0..4 {
        write_calls(&system, &desk, 2);
    }
    let before = cases(&desk);
    let damage = "UPDATE bodies SET sealed = zeroblob(length(sealed)) WHERE number = 1";
    let database = Connection::open(system.desk_dir("desk").join("cache.sqlite")).unwrap();
    assert_eq!(database.execute(damage, []).unwrap(), 1);
    system.clock.advance_days(8);
    desk.sync().unwrap();
    for _ in 0..6 {
        system.clock.advance(2);
        desk.beat().unwrap();
        let _ = desk.keep_state();
    }
    assert_eq!((desk.generation(), is_settled(&desk)), (2, true));
    assert_eq!(cases(&desk), before);
}

#[test]
fn a_device_that_is_stopped_when_its_snapshot_is_in_the_log_does_not_read_it_for_ever() {
    let (system, tap) = System::start_tapped();
    let desk = system.init_desk("desk");
    write_calls(&system, &desk, 3);
    system.clock.advance_days(8);
    desk.sync().unwrap();
    let database = Connection::open(system.desk_dir("desk").join("cache.sqlite")).unwrap();
    let attempts =
        || database.query_row("SELECT count(*) FROM attempts", [], |row| row.get::<_, u32>(0)).unwrap();
    while attempts() == 0 {
        system.beats(&desk, 1);
    }
    database.execute_batch("CREATE TEMP TABLE saved AS SELECT * FROM attempts").unwrap();
    system.beats(&desk, 3);
    assert_eq!((attempts(), is_settled(&desk)), (0, true));
    // The entry was put on the disk, and the attempt was not yet given up.
    database.execute_batch("INSERT INTO attempts SELECT * FROM saved").unwrap();
    drop(desk);
    let desk = system.open_desk("desk");
    desk.sync().unwrap();
    tap.take();
    system.beats(&desk, 3);
    let chunks = tap.take().iter().filter(|seen| is_chunk(seen, 2)).count();
    assert!(chunks <= 3, "{chunks} chunks were read anew");
    assert_eq!(attempts(), 0);
}
