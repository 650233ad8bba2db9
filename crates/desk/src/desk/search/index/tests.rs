//! An index that is begun from an image finds what one that is made anew finds, whatever became of the image.

use std::{fs, path::PathBuf, sync::Arc};

use callsign_http::Proxies;
use callsign_protocol::call::CallPart;
use tempfile::TempDir;

use super::*;
use crate::{
    cases::Event,
    hub::HubClient,
    posting::{
        Pace,
        commit::tests::{NOW, call_of, desk as device, take},
    },
    store::{Cache, SEARCH_FILE},
};

fn of(state: DeviceState) -> Desk {
    let (fingerprint, key) = (state.keys.vault.fingerprint(), state.keys.vault.device_key());
    let client = HubClient::new("http://127.0.0.1:9", fingerprint, key, &Proxies::none()).unwrap();
    let desk = Desk::new(state, client, Arc::new(|| NOW), crate::Timer::standing());
    desk.keep_image_from(1);
    desk
}

/// A caller says a word, which waits for the log.
fn say(desk: &Desk, caller: u8, message: u8, word: &str) -> CallerId {
    let call = CallPart { text: word.to_owned(), ..call_of(caller, NOW, message, 1, 1) };
    let id = call.caller_id();
    desk.state().queue(vec![Event::message_received(Box::new(call), NOW)]).unwrap();
    id
}

fn commit(desk: &Desk) {
    let mut state = desk.state();
    while !state.cache.pending().unwrap().is_empty() {
        let commit = state.compose(NOW, Pace::Beat).unwrap();
        take(&mut state, &commit);
    }
}

/// Nine callers who say the same word and one of their own, in an image.
fn filled(dir: &TempDir) -> Desk {
    let desk = of(device(dir));
    for caller in 1..=9 {
        say(&desk, caller, caller, &format!("повістка слово{caller}"));
    }
    commit(&desk);
    desk.state().keep_whole().unwrap();
    desk.prepare_search().unwrap();
    assert!(image(dir).exists());
    desk
}

/// Another program of the same device.
fn again(desk: &Desk, dir: &TempDir) -> Desk {
    let state = desk.state();
    let (vault, key_file) = (state.keys.vault.clone(), state.keys.file.clone());
    let cache = Cache::open(dir.path(), vault.storage_key.clone()).unwrap();
    let rng = Box::new(<chacha20::ChaCha20Rng as rand_core::SeedableRng>::seed_from_u64(77));
    of(DeviceState::load(vault, key_file, cache, rng).unwrap())
}

fn image(dir: &TempDir) -> PathBuf {
    dir.path().join(SEARCH_FILE)
}

fn found(desk: &Desk, word: &str) -> usize {
    let found = desk.search(word).unwrap();
    assert_eq!(found.unsearched, 0);
    found.hits.len()
}

/// Whether a program that starts now takes the image; what it finds is right in any case.
fn takes_image(desk: &Desk, dir: &TempDir) -> bool {
    let takes = again(desk, dir).kept_index().unwrap().is_some();
    let again = again(desk, dir);
    assert_eq!((found(&again, "повістка"), found(&again, "слово3")), (9, 1));
    takes
}

#[test]
fn what_came_behind_an_image_is_found_and_what_was_erased_is_not() {
    let dir = TempDir::new().unwrap();
    let desk = filled(&dir);
    let before = fs::read(image(&dir)).unwrap();
    let erased = say(&desk, 2, 22, "ще");
    say(&desk, 3, 33, "трактор");
    desk.erase(&erased).unwrap();
    commit(&desk);
    let waiting = [say(&desk, 4, 44, "трактор"), say(&desk, 20, 20, "повістка")];
    let waits_to_be_erased = say(&desk, 5, 55, "пес");
    desk.erase(&waits_to_be_erased).unwrap();
    desk.prepare_search().unwrap();
    assert_eq!(fs::read(image(&dir)).unwrap(), before, "not after each change");

    let late = again(&desk, &dir);
    let index = late.kept_index().unwrap().expect("the image is taken");
    assert_eq!(index.len(), 9);
    let to_be_put_in = late.state().log.unindexed.clone();
    assert!(waiting.iter().chain([&erased, &waits_to_be_erased]).all(|caller| to_be_put_in.contains(caller)));
    assert_eq!(to_be_put_in.len(), 5, "and the one who spoke of a tractor first");
    let late = again(&desk, &dir);
    for (word, hits) in
        [("повістка", 8), ("трактор", 2), ("слово2", 0), ("слово5", 0), ("пес", 0), ("слово9", 1)]
    {
        assert_eq!(found(&late, word), hits, "{word}");
        assert_eq!(found(&desk, word), hits, "{word}");
    }
}

#[test]
fn an_image_is_written_again_behind_many_changes_and_holds_no_word_of_before() {
    let dir = TempDir::new().unwrap();
    let desk = filled(&dir);
    let before = fs::read(image(&dir)).unwrap();
    let erased = say(&desk, 2, 22, "зозулинець");
    commit(&desk);
    desk.prepare_search().unwrap();
    let place = ImagePlace { sequence: 1, doubtful: Vec::new() };
    // Words lie without the beginning that they share with those before them.
    let holds = |index: &SearchIndex| index.image(&place).unwrap().holds("озулинец");
    assert!(holds(desk.index().get().unwrap()));
    desk.erase(&erased).unwrap();
    desk.index().changes = CHANGES_MAX;
    desk.prepare_search().unwrap();
    assert_ne!(fs::read(image(&dir)).unwrap(), before);
    let late = again(&desk, &dir);
    let index = late.kept_index().unwrap().unwrap();
    assert_eq!((index.len(), index.knows(&erased)), (8, false));
    assert!(late.state().log.unindexed.contains(&erased), "that it was erased is in no log yet");
    assert!(!holds(&index));
}

#[test]
fn what_waited_and_never_came_into_the_log_is_put_in_anew() {
    let dir = TempDir::new().unwrap();
    let desk = filled(&dir);
    let waits = say(&desk, 3, 33, "трактор");
    desk.index().changes = CHANGES_MAX;
    desk.prepare_search().unwrap();
    let waiting: Vec<_> = desk.state().cache.pending().unwrap().iter().map(|event| event.id).collect();
    desk.state().cache.remove_pending(&waiting).unwrap();
    let late = again(&desk, &dir);
    assert!(late.kept_index().unwrap().is_some());
    assert_eq!(late.state().log.unindexed.iter().copied().collect::<Vec<_>>(), [waits]);
    assert!(takes_image(&desk, &dir));
    assert_eq!(found(&again(&desk, &dir), "трактор"), 0);
}

#[test]
fn a_damaged_image_and_one_of_another_place_are_not_taken() {
    let dir = TempDir::new().unwrap();
    let desk = filled(&dir);
    assert!(takes_image(&desk, &dir));
    let whole = fs::read(image(&dir)).unwrap();
    for at in (0..whole.len()).step_by(whole.len() / 23) {
        let mut other = whole.clone();
        other[at] ^= 0x10;
        fs::write(image(&dir), other).unwrap();
        assert!(!takes_image(&desk, &dir), "{at}");
    }
    for other in [&[][..], &whole[..whole.len() / 2]] {
        fs::write(image(&dir), other).unwrap();
        assert!(!takes_image(&desk, &dir));
    }
    fs::remove_file(image(&dir)).unwrap();
    assert!(!takes_image(&desk, &dir));
    fs::write(image(&dir), &whole).unwrap();
    assert!(takes_image(&desk, &dir));

    // Ahead of the log.
    let sequence = desk.state().log.fold.newest();
    let write = |sequence| {
        let file = desk.state().image_file().unwrap().unwrap();
        let copy = desk.index().get().unwrap().image(&ImagePlace { sequence, doubtful: Vec::new() }).unwrap();
        file.write(&Bytes([7; 16]), &copy).unwrap();
        desk.state().cache.put_image_id(1, &Bytes([7; 16])).unwrap();
    };
    write(sequence + 1);
    assert!(!takes_image(&desk, &dir));
    write(sequence);
    assert!(takes_image(&desk, &dir));
    // Of a cache that knows nothing of it, of another one, or of another generation.
    let cache = |sql: &str| {
        let database = rusqlite::Connection::open(dir.path().join(crate::store::CACHE_FILE)).unwrap();
        assert_eq!(database.execute(sql, []).unwrap(), 1, "{sql}");
    };
    for sql in [
        "UPDATE documents SET envelope = zeroblob(16) WHERE name = 'search'",
        "UPDATE documents SET serial = 2 WHERE name = 'search'",
        "DELETE FROM documents WHERE name = 'search'",
    ] {
        write(sequence);
        assert!(takes_image(&desk, &dir));
        cache(sql);
        assert!(!takes_image(&desk, &dir), "{sql}");
    }
    write(sequence);
    // Its key is destroyed.
    let state = desk.state();
    let mut rng = <chacha20::ChaCha20Rng as rand_core::SeedableRng>::seed_from_u64(78);
    state.keys.file.change(&mut rng, |keys| keys.storage.clear()).unwrap();
    drop(state);
    assert!(!takes_image(&desk, &dir));
}

#[test]
fn what_keeps_an_image_from_being_written_keeps_nobody_from_searching() {
    let dir = TempDir::new().unwrap();
    let desk = filled(&dir);
    fs::remove_file(image(&dir)).unwrap();
    fs::create_dir(image(&dir)).unwrap();
    desk.index().changes = CHANGES_MAX;
    desk.prepare_search().unwrap();
    assert!(image(&dir).is_dir());
    assert!(!takes_image(&desk, &dir));
    fs::remove_dir(image(&dir)).unwrap();
    desk.prepare_search().unwrap();
    assert!(!image(&dir).exists(), "it is not tried again at once");
    let lock = desk.state().cache.image_lock().unwrap();
    desk.index().changes = CHANGES_MAX;
    desk.prepare_search().unwrap();
    assert!(!image(&dir).exists(), "another process writes one");
    drop(lock);
    desk.index().changes = CHANGES_MAX;
    desk.prepare_search().unwrap();
    assert!(takes_image(&desk, &dir));
    // Where nothing can be locked, too, it is not tried again each second.
    let lock = dir.path().join("search.lock");
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    desk.index().changes = CHANGES_MAX;
    desk.prepare_search().unwrap();
    assert!(!desk.image_is_due());
    fs::remove_dir(&lock).unwrap();
    // A smaller desk has none.
    fs::remove_file(image(&dir)).unwrap();
    desk.keep_image_from(10);
    desk.index().changes = CHANGES_MAX;
    desk.prepare_search().unwrap();
    assert!(!image(&dir).exists());
}
