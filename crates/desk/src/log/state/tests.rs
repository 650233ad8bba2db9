//! Whatever becomes of the rows, a desk shows what its log says, or says that it cannot.

use std::collections::BTreeSet;

use callsign_protocol::{caller_keys::CallerId, encoding::Bytes, time::Day};
use chacha20::ChaCha20Rng;
use rand_core::SeedableRng as _;
use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::{
    cases::{CaseErased, Event, EventBody, FOLD_VERSION, PersonAdded},
    posting::{
        Pace,
        commit::tests::{NOW, call_of, desk, received, take},
    },
    store::CACHE_FILE,
};

/// Commits all that waits.
fn commit(state: &mut DeviceState) {
    while !state.cache.pending().unwrap().is_empty() {
        let commit = state.compose(NOW, Pace::Beat).unwrap();
        take(state, &commit);
    }
}

/// A desk with some cases, whose state lies in rows but for the last entry.
fn filled(dir: &TempDir) -> DeviceState {
    let mut state = desk(dir);
    state.keep_every(2);
    for caller in 1..=9 {
        state.queue(vec![received(call_of(caller, NOW, caller, 1, 1), NOW)]).unwrap();
        commit(&mut state);
    }
    assert_eq!((state.log.fold.cases.in_memory(), state.log.kept.entries), (1, 1));
    state
}

/// All that a desk shows.
fn shown(state: &mut DeviceState) -> Result<Vec<String>, DeskError> {
    state.reading(|state| {
        Ok(state.log.view.all().map(|case| case.map(|case| format!("{case:?}"))).collect::<Result<_, _>>()?)
    })
}

/// What the audit says that people did.
fn audited(state: &DeviceState) -> Vec<String> {
    let all = state.log.fold.cases.audit(Day(0)..=Day(u32::MAX));
    all.map(|(day, line)| format!("{day:?} {line:?}")).collect()
}

/// Another program of the same device.
fn again(state: &DeviceState, dir: &TempDir) -> DeviceState {
    let Keys { vault, file, .. } = &state.keys;
    let cache = Cache::open(dir.path(), vault.storage_key.clone()).unwrap();
    let rng = Box::new(<chacha20::ChaCha20Rng as rand_core::SeedableRng>::seed_from_u64(77));
    let mut again = DeviceState::load(vault.clone(), file.clone(), cache, rng).unwrap();
    again.keys.notice.clone_from(&state.keys.notice);
    again.see_settings(NOW);
    again.keep_every(2);
    again
}

fn rows(dir: &TempDir, table: &str) -> usize {
    let database = Connection::open(dir.path().join(CACHE_FILE)).unwrap();
    database.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[test]
fn rows_and_entries_say_the_same() {
    let dir = TempDir::new().unwrap();
    let mut state = filled(&dir);
    let expected = shown(&mut state).unwrap();
    assert_eq!(expected.len(), 9);
    let mut of_rows = again(&state, &dir);
    assert_eq!((of_rows.log.fold.cases.in_memory(), of_rows.log.fold.newest()), (1, state.log.fold.newest()));
    assert_eq!(shown(&mut of_rows).unwrap(), expected);
    state.cache.forget_state().unwrap();
    let mut of_entries = again(&state, &dir);
    assert_eq!(of_entries.log.fold.cases.in_memory(), 9, "each from its entry");
    assert_eq!(shown(&mut of_entries).unwrap(), expected);
}

#[test]
fn a_state_that_is_made_anew_has_counted_the_beats_without_events() {
    let dir = TempDir::new().unwrap();
    let mut state = filled(&dir);
    // The tick has its drop: what comes behind it says nothing but that somebody is at work.
    for minute in 1..=5 {
        let commit = state.compose(NOW.plus(60 * minute), Pace::Beat).unwrap();
        take(&mut state, &commit);
    }
    let fold = |state: &DeviceState| serde_json::to_value(&state.log.fold.cases).unwrap();
    let expected = fold(&state);
    assert_eq!(fold(&again(&state, &dir)), expected);
    state.keep_whole().unwrap();
    assert_eq!(fold(&again(&state, &dir)), expected);
    state.cache.forget_state().unwrap();
    assert_eq!(fold(&again(&state, &dir)), expected);
}

#[test]
fn what_is_damaged_or_swapped_is_made_anew_and_never_shown_as_another_case() {
    let harm = [
        "UPDATE bodies SET sealed = (SELECT sealed FROM bodies WHERE number = 2) WHERE number = 3",
        "UPDATE bodies SET sealed = zeroblob(length(sealed)) WHERE number = 4",
        "UPDATE bodies SET sealed = x'00' WHERE number = 4",
        "UPDATE bodies SET number = -number",
        "DELETE FROM bodies WHERE number = 5",
        "UPDATE heads SET sealed = (SELECT sealed FROM heads WHERE number = 2) WHERE number = 3",
        "UPDATE heads SET sealed = zeroblob(200) WHERE number = 4",
        "UPDATE heads SET number = number + 100",
        "DELETE FROM heads WHERE number = 5",
        "DELETE FROM ids WHERE place = 1",
        "UPDATE ids SET generation = 7 WHERE place = 1",
        "UPDATE ids SET sealed = x'', count = 0 WHERE place = 1",
        "UPDATE state SET sealed = zeroblob(300)",
        "UPDATE state SET stamp = zeroblob(16)",
        "UPDATE state SET stamp = x'00'",
        "UPDATE state SET generation = 2",
        "UPDATE state SET generation = -1",
        "UPDATE state SET heads = -1",
        "DELETE FROM state",
    ];
    for sql in harm {
        let dir = TempDir::new().unwrap();
        let mut state = filled(&dir);
        let expected = shown(&mut state).unwrap();
        // One that has looked at nothing yet when it happens, and one that comes behind it.
        let mut before = again(&state, &dir);
        let done = Connection::open(dir.path().join(CACHE_FILE)).unwrap().execute(sql, []).unwrap();
        assert!(done > 0, "{sql} changes something");
        let mut behind = again(&state, &dir);
        assert_eq!(shown(&mut behind).unwrap(), expected, "{sql}");
        assert_eq!(shown(&mut before).unwrap(), expected, "{sql}");
        // And it goes on from there.
        before.queue(vec![received(call_of(20, NOW, 1, 1, 1), NOW)]).unwrap();
        commit(&mut before);
        assert_eq!(shown(&mut before).unwrap().len(), 10, "{sql}");
    }
}

#[test]
fn days_of_the_audit_are_read_from_rows_and_made_anew_where_one_is_damaged() {
    let load = |state: &DeviceState, dir: &TempDir| {
        let Keys { vault, file, .. } = &state.keys;
        let cache = Cache::open(dir.path(), vault.storage_key.clone()).unwrap();
        DeviceState::load(vault.clone(), file.clone(), cache, Box::new(ChaCha20Rng::seed_from_u64(78)))
            .unwrap()
    };
    for harm in [
        None,
        Some("DELETE FROM audit"),
        Some("UPDATE audit SET sealed = zeroblob(100)"),
        Some("UPDATE audit SET day = day + 1"),
        Some("UPDATE state SET days = 0"),
    ] {
        let dir = TempDir::new().unwrap();
        let mut state = desk(&dir);
        // As the log has it, which says itself who is there.
        (state.log.fold.cases, state.log.view) = Default::default();
        let (person, name) = (Bytes([9; 16]), "Kalyna".to_owned());
        let founded = PersonAdded { person, name, roles: BTreeSet::new(), device: Some(state.keys.author) };
        state.queue(vec![Event { id: person, body: EventBody::PersonAdded(founded) }]).unwrap();
        commit(&mut state);
        state.keep_every(2);
        for caller in 1..=7 {
            let call = call_of(caller, NOW, caller, 1, 1);
            let opened = Event::opened(call.caller_id(), &[call.id]);
            state.queue([vec![received(call, NOW)], opened].concat()).unwrap();
            commit(&mut state);
        }
        let expected = audited(&state);
        assert!(expected.len() == 7 && rows(&dir, "audit") == 1, "{expected:?}");
        if let Some(sql) = harm {
            let done = Connection::open(dir.path().join(CACHE_FILE)).unwrap().execute(sql, []).unwrap();
            assert!(done > 0, "{sql} changes something");
        }
        let behind = load(&state, &dir);
        assert_eq!(
            (audited(&behind), behind.log.kept.mark.is_some()),
            (expected, harm.is_none()),
            "{harm:?}"
        );
    }
}

#[test]
fn rows_of_another_version_are_made_anew() {
    let dir = TempDir::new().unwrap();
    let mut state = filled(&dir);
    let expected = shown(&mut state).unwrap();
    let key = state.keys.file.storage(1, &mut state.rng).unwrap();
    let written = Written { version: VERSION + 1, log: &state.log.fold };
    let rest = serde_json::to_vec(&written).unwrap();
    let writing = Writing {
        follows: state.log.kept.mark,
        rest: &rest,
        applied: Box::new(std::iter::empty()),
        applied_from: 0,
        audit: Vec::new(),
        audit_from: Day(0),
        heads: Box::new(std::iter::empty()),
        freed: &[],
        bodies: Vec::new(),
        is_whole: false,
    };
    let written = state.cache.write_state(writing, &StorageKey { generation: 1, key }, &mut state.rng);
    assert!(written.unwrap().is_some());
    let mut behind = again(&state, &dir);
    assert_eq!((behind.log.kept.mark, shown(&mut behind).unwrap()), (None, expected));
}

#[test]
fn an_update_goes_on_from_the_rows_of_before_and_an_older_program_leaves_them() {
    let dir = TempDir::new().unwrap();
    let mut state = filled(&dir);
    let expected = shown(&mut state).unwrap();
    let mark = state.log.kept.mark;
    let load = |program| {
        let Keys { vault, file, .. } = &state.keys;
        let cache = Cache::open(dir.path(), vault.storage_key.clone()).unwrap();
        let rng = Box::new(ChaCha20Rng::seed_from_u64(5));
        DeviceState::load_as(program, vault.clone(), file.clone(), cache, rng)
    };
    let mut updated = load(FOLD_VERSION + 1).unwrap();
    assert_eq!((updated.log.kept.mark, shown(&mut updated).unwrap()), (mark, expected.clone()));
    // In force is still the version of before.
    let mut back = load(FOLD_VERSION).unwrap();
    assert_eq!((back.log.kept.mark, shown(&mut back).unwrap()), (mark, expected.clone()));
    assert!(matches!(load(FOLD_VERSION - 1), Err(DeskError::Outdated)));
    let mut again = load(FOLD_VERSION).unwrap();
    assert_eq!((again.log.kept.mark, shown(&mut again).unwrap()), (mark, expected));
}

#[test]
fn two_programs_of_a_device_go_on_from_each_others_rows() {
    let dir = TempDir::new().unwrap();
    let mut first = filled(&dir);
    let mut second = again(&first, &dir);
    for n in 0..8_u8 {
        let (writer, reader) = if n % 3 == 0 { (&mut first, &mut second) } else { (&mut second, &mut first) };
        // A known caller writes on, and a new one begins.
        for caller in [1 + n % 4, 30 + n] {
            writer.queue(vec![received(call_of(caller, NOW, 100 + n, 1, 1), NOW)]).unwrap();
        }
        let commit = writer.compose(NOW, Pace::Beat).unwrap();
        take(writer, &commit);
        // The other one hears of it from the hub, whatever its rows are by then.
        let sequence = reader.log.head.sequence.max(writer.log.head.sequence);
        reader.take_entry(sequence, &commit.entry, NOW).unwrap();
        reader.reading(DeviceState::show_anew).unwrap();
        assert_eq!(shown(reader).unwrap(), shown(writer).unwrap(), "{n}");
    }
    assert_eq!(shown(&mut again(&first, &dir)).unwrap(), shown(&mut second).unwrap());
}

#[test]
fn a_key_of_rows_that_another_program_has_just_made_is_found() {
    let dir = TempDir::new().unwrap();
    let mut state = filled(&dir);
    let own = state.keys.file.load().unwrap();
    // Another program goes on to the next generation's key, and destroys this one's.
    let mark = state.log.kept.mark;
    let rows = state
        .cache
        .read_state(&StorageKey { generation: 1, key: own.storage[0].1.clone() })
        .unwrap()
        .unwrap()
        .1;
    let next = state.keys.file.storage(2, &mut state.rng).unwrap();
    state.keys.file.change(&mut state.rng, |keys| keys.storage.retain(|(of, _)| *of == 2)).unwrap();
    let writing = Writing {
        follows: mark,
        rest: &rows.rest,
        applied: Box::new(rows.applied.into_iter()),
        applied_from: 0,
        audit: rows.audit.iter().map(|(day, lines)| (*day, lines)).collect(),
        audit_from: Day(0),
        heads: Box::new(rows.heads.iter().map(|(caller, head, row)| (*caller, head, row))),
        freed: &[],
        bodies: Vec::new(),
        is_whole: true,
    };
    let written = state.cache.write_state(writing, &StorageKey { generation: 2, key: next }, &mut state.rng);
    let written = written.unwrap();
    let reader = Reader { cache: &state.cache, keys: &state.keys };
    let (log, _, kept) = reader.read().unwrap();
    assert!(kept.mark == written && state.cache.state_mark().unwrap() == written, "nothing was forgotten");
    assert_eq!(log.cases.count(), 9);
}

#[test]
fn what_is_erased_leaves_its_row_at_once_and_its_key_with_the_generation() {
    let dir = TempDir::new().unwrap();
    let mut state = filled(&dir);
    let caller: CallerId = call_of(3, NOW, 3, 1, 1).caller_id();
    let row = state.log.fold.cases.heads().find(|(of, ..)| **of == caller).unwrap().2.unwrap().clone();
    let sealed = || -> Vec<Vec<u8>> {
        let database = Connection::open(dir.path().join(CACHE_FILE)).unwrap();
        let mut statement = database.prepare("SELECT sealed FROM bodies").unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let before = sealed();
    let event = Event { id: Bytes([0xee; 16]), body: EventBody::CaseErased(CaseErased { caller }) };
    state.queue(vec![event]).unwrap();
    commit(&mut state);
    state.keep_whole().unwrap();
    assert_eq!((rows(&dir, "heads"), rows(&dir, "bodies")), (8, 8));
    let after = sealed();
    let gone: Vec<_> = before.iter().filter(|of| !after.contains(of)).collect();
    assert_eq!(gone.len(), 1);
    let journal = std::fs::read(dir.path().join(format!("{CACHE_FILE}-wal"))).unwrap_or_default();
    let file = std::fs::read(dir.path().join(CACHE_FILE)).unwrap();
    for bytes in [&file, &journal] {
        assert!(!bytes.windows(64).any(|window| window == &gone[0][..64]), "its row is overwritten");
    }
    assert!(!state.log.view.has(&caller) && state.log.fold.cases.heads().all(|(.., of)| of != Some(&row)));
}

#[test]
fn a_state_that_is_gone_while_it_is_restored_leaves_the_log_unknown() {
    let dir = TempDir::new().unwrap();
    let mut state = filled(&dir);
    let (cases, sequence) = (state.log.fold.cases.clone(), state.log.fold.newest());
    state.queue(vec![received(call_of(1, NOW, 90, 1, 1), NOW)]).unwrap();
    let commit = state.compose(NOW, Pace::Beat).unwrap();
    let bundle = commit.entry.open(&state.keys.fingerprint, &state.keys.desk.log_key).unwrap();
    let read = EntryRead::new(sequence + 1, &commit.entry.header(), FOLD_VERSION, Some(&bundle));
    let begun = (1, None);
    let behind = Some(vec![(sequence + 1, read)]);
    let mut log = Fold { generation: 1, newest: sequence + 1, begun, behind, ..Fold::default() };
    // Another process has written a whole state, and swept away rows that nothing led to.
    Connection::open(dir.path().join(CACHE_FILE)).unwrap().execute("DELETE FROM bodies", []).unwrap();
    let mut cases = cases;
    cases.use_shelf(state.cache.shelf().unwrap());
    assert!(matches!(log.restore(sequence, cases), Err(DeskError::Unread(Unread::Altered))));
    assert!(!log.is_known(), "it would go on without the entries behind");
}

#[test]
fn a_state_that_came_in_is_shown_though_it_cannot_be_kept() {
    let dir = TempDir::new().unwrap();
    let mut state = filled(&dir);
    let (cases, sequence, expected) =
        (state.log.fold.cases.clone(), state.log.fold.newest(), shown(&mut state).unwrap());
    // A device that has nothing but the beginning of the generation, and no room for rows.
    let (behind, begun) = (Some(Vec::new()), (1, None));
    state.log.fold = Fold { generation: 1, newest: sequence, begun, behind, ..Fold::default() };
    state.log.view = Cases::staffed();
    Connection::open(dir.path().join(CACHE_FILE)).unwrap().execute("DROP TABLE ids", []).unwrap();
    assert!(matches!(state.restore(sequence, cases), Err(DeskError::Cache(_))));
    assert!(state.log.fold.is_known());
    assert_eq!(shown(&mut state).unwrap(), expected, "what comes in next would be shown behind nothing");
}

#[test]
fn what_is_erased_leaves_memory_with_its_row() {
    let dir = TempDir::new().unwrap();
    let mut state = filled(&dir);
    let caller: CallerId = call_of(3, NOW, 3, 1, 1).caller_id();
    let looked_at = std::sync::Arc::downgrade(&state.case(&caller).unwrap());
    assert!(looked_at.upgrade().is_some(), "it stays for who looks again");
    let event = Event { id: Bytes([0xee; 16]), body: EventBody::CaseErased(CaseErased { caller }) };
    state.queue(vec![event]).unwrap();
    commit(&mut state);
    state.keep_whole().unwrap();
    assert!(looked_at.upgrade().is_none());
}

#[test]
fn who_goes_through_all_cases_fills_no_memory() {
    let dir = TempDir::new().unwrap();
    let mut state = filled(&dir);
    let caller = call_of(3, NOW, 3, 1, 1).caller_id();
    let looked_at = std::sync::Arc::downgrade(&state.case(&caller).unwrap());
    let passed: Vec<_> = state.log.view.all().map(|case| std::sync::Arc::downgrade(&case.unwrap())).collect();
    let stay = passed.iter().filter(|case| case.upgrade().is_some()).count();
    assert_eq!((passed.len(), stay), (9, state.log.fold.cases.in_memory()), "but those that lie in no row");
    assert!(looked_at.upgrade().is_some());
}

#[test]
fn a_key_file_that_cannot_be_written_stops_no_entry() {
    let dir = TempDir::new().unwrap();
    let mut state = desk(&dir);
    state.keep_every(1);
    // As on a disk that has no room for one more file.
    let lock = dir.path().join("device-keys.lock");
    std::fs::remove_file(&lock).unwrap();
    std::fs::create_dir(&lock).unwrap();
    state.queue(vec![received(call_of(1, NOW, 1, 1, 1), NOW)]).unwrap();
    let commit = state.compose(NOW, Pace::Beat).unwrap();
    state.take_entry(1, &commit.entry, NOW).unwrap();
    assert_eq!(shown(&mut state).unwrap().len(), 1);
}

#[test]
fn what_people_see_and_the_log_are_one_where_nothing_waits() {
    let dir = TempDir::new().unwrap();
    let mut state = desk(&dir);
    state.queue(vec![received(call_of(1, NOW, 1, 1, 1), NOW)]).unwrap();
    let case = |cases: &Cases| cases.all().next().unwrap().unwrap();
    commit(&mut state);
    assert!(Arc::ptr_eq(&case(&state.log.view), &case(&state.log.fold.cases)));
}
