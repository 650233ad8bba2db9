//! Cells that are opened while the desk goes on: what changes meanwhile counts, and nothing is lost or taken twice.

use callsign_protocol::{
    call::Message,
    caller_keys::{CallerId, CallerKeys},
    encoding::Bytes,
    notice::VerifiedNotice,
};
use chacha20::ChaCha20Rng;
use rand_core::SeedableRng as _;
use tempfile::TempDir;

use super::*;
use crate::{
    cases::CaseErased,
    hub::inbox::Taken,
    posting::commit::tests::{NOW, desk},
};

fn caller(n: u8) -> CallerKeys {
    CallerKeys::from_root(Secret([n; 32]))
}

/// A cell of a caller of its own; of none, cover.
fn cell(state: &DeviceState, n: Option<u8>) -> Cell {
    let (notice, rng) = (state.keys.notice.as_ref().unwrap(), &mut ChaCha20Rng::seed_from_u64(9));
    let Some(n) = n else { return Cell::seal_cover(notice, NOW.day(), rng).unwrap() };
    let message = Message {
        id: Bytes([n; 16]),
        track: String::new(),
        language: "en".to_owned(),
        text: "a call".to_owned(),
        safe_times: None,
    };
    let part = message.parts().unwrap().remove(0);
    Cell::seal_part(&part, &caller(n), notice, NOW.day(), rng).unwrap()
}

/// An answer with calls of callers 1 and 2, and cover and garbage between them.
fn answer(state: &DeviceState) -> Follow {
    let garbage = Cell::from_bytes(&[1; 4_096]).unwrap();
    let cells = [cell(state, Some(1)), cell(state, None), garbage, cell(state, Some(2))];
    Follow {
        inbox_done: 0,
        inbox_last: 14,
        head: 0,
        keyring: 1,
        cells: (11..).zip(cells).collect(),
        entries: Vec::new(),
    }
}

/// A desk that has taken ten cells, with what the hub answers then, and the keys for that.
fn asked(dir: &TempDir) -> (DeviceState, Follow, Standing, CellKeys) {
    let mut state = desk(dir);
    let VerifiedNotice { notice, hash, .. } = state.keys.notice.as_ref().unwrap();
    let epochs = notice.inbox_keys.iter().map(|key| key.epoch).collect();
    let published = Event::notice_published(*hash, notice.serial, epochs);
    for cases in [&mut state.log.fold.cases, &mut state.log.view] {
        cases.see(&published);
    }
    state.keep_taken(&[], &[], Taken::default().and(10, NOW, 86_400)).unwrap();
    let (follow, asked) = (answer(&state), state.standing().unwrap());
    let keys = state.take(&follow, &asked, NOW).unwrap().expect("cells to open");
    (state, follow, asked, keys)
}

fn is_there(state: &DeviceState, n: u8) -> bool {
    state.log.view.has(&caller_id(n))
}

fn caller_id(n: u8) -> CallerId {
    caller(n).id()
}

#[test]
fn what_was_opened_is_taken_once() {
    let dir = TempDir::new().unwrap();
    let (mut state, follow, asked, keys) = asked(&dir);
    assert_eq!(
        (state.inbox.taken.to(), is_there(&state, 1)),
        (10, false),
        "nothing is taken before it is opened"
    );
    let opened = keys.open(&follow, &asked, NOW);
    for _ in 0..2 {
        assert!(state.take_opened(&follow, &asked, &opened, NOW).unwrap().is_none());
        assert_eq!((state.inbox.taken.to(), state.inbox.dropped_cells), (14, 1));
        assert!(is_there(&state, 1) && is_there(&state, 2));
        assert_eq!(state.cache.pending().unwrap().len(), 2);
    }
}

#[test]
fn a_key_that_is_forgotten_meanwhile_opens_nothing() {
    let dir = TempDir::new().unwrap();
    let (mut state, follow, asked, keys) = asked(&dir);
    let opened = keys.open(&follow, &asked, NOW);
    state.keys.desk.epochs.clear();
    let keys = state.take_opened(&follow, &asked, &opened, NOW).unwrap().expect("they are opened anew");
    assert_eq!((state.inbox.taken.to(), is_there(&state, 1)), (10, false));
    let opened = keys.open(&follow, &asked, NOW);
    assert!(state.take_opened(&follow, &asked, &opened, NOW).unwrap().is_none());
    assert_eq!((state.inbox.taken.to(), state.inbox.dropped_cells), (14, 4));
    assert!(!is_there(&state, 1) && !is_there(&state, 2));
}

#[test]
fn a_generation_or_a_notice_that_begins_meanwhile_is_gone_by() {
    let dir = TempDir::new().unwrap();
    let (mut state, follow, asked, keys) = asked(&dir);
    let opened = keys.open(&follow, &asked, NOW);
    // Who was removed knows the key by which these calls were proven.
    let former = FormerAnswerKey {
        public: Bytes([0; 32]),
        last_day: NOW.day(),
        secret: Some(std::mem::replace(&mut state.keys.desk.answer_key, Secret([5; 32]))),
        exposed: true,
    };
    state.keys.desk.former_answer_keys.push(former);
    let keys = state.take_opened(&follow, &asked, &opened, NOW).unwrap().expect("they are opened anew");
    let opened = keys.open(&follow, &asked, NOW);
    assert!(state.take_opened(&follow, &asked, &opened, NOW).unwrap().is_none());
    let case = state.case(&caller_id(1)).unwrap();
    assert!(format!("{case:?}").contains("doubted: true"), "{case:?}");
}

#[test]
fn cells_that_another_process_takes_meanwhile_are_not_taken_twice() {
    let dir = TempDir::new().unwrap();
    let (mut state, follow, asked, keys) = asked(&dir);
    let opened = keys.open(&follow, &asked, NOW);
    let Came::Call(first) = &opened.came[0].1 else { panic!("a call") };
    let taken = Taken::default().and(13, NOW, 86_400);
    state.cache.put_taken(&[Some(first), None, None], &taken, &mut ChaCha20Rng::seed_from_u64(3)).unwrap();
    assert!(state.take_opened(&follow, &asked, &opened, NOW).unwrap().is_none());
    assert_eq!((state.inbox.taken.to(), state.inbox.dropped_cells), (14, 0));
    assert!(is_there(&state, 1) && is_there(&state, 2));
    assert_eq!(state.cache.pending().unwrap().len(), 2);
}

#[test]
fn a_device_that_begins_with_the_first_cell_meanwhile_passes_over_none() {
    let dir = TempDir::new().unwrap();
    let (mut state, follow, asked, keys) = asked(&dir);
    let opened = keys.open(&follow, &asked, NOW);
    state.keep_taken(&[], &[], Taken::default()).unwrap();
    assert!(state.take_opened(&follow, &asked, &opened, NOW).unwrap().is_none());
    assert_eq!((state.inbox.taken.to(), is_there(&state, 1)), (0, false));
}

#[test]
fn a_call_that_is_opened_while_its_case_is_erased_comes_behind_the_erasure() {
    let dir = TempDir::new().unwrap();
    let (mut state, follow, asked, keys) = asked(&dir);
    let opened = keys.open(&follow, &asked, NOW);
    let erased = state.event(EventBody::CaseErased(CaseErased { caller: caller_id(1) }));
    state.queue(vec![erased]).unwrap();
    assert!(state.take_opened(&follow, &asked, &opened, NOW).unwrap().is_none());
    assert!(is_there(&state, 1), "who erased the case had not seen it");
}

#[test]
fn a_device_that_may_not_write_any_more_takes_nothing() {
    let dir = TempDir::new().unwrap();
    let (mut state, follow, asked, keys) = asked(&dir);
    let opened = keys.open(&follow, &asked, NOW);
    assert!(state.raise::<()>(crate::log::Alarm::Fork).is_err());
    assert!(state.take_opened(&follow, &asked, &opened, NOW).unwrap().is_none());
    assert_eq!(state.inbox.taken.to(), 10);
}
