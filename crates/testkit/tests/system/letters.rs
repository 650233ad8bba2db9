//! Letters: written with an old notice and no network, carried by anybody, taken by any device, answered online.

use callsign_desk::{
    Desk, NewAnswer, Refusal,
    cases::{Call, Item},
};
use callsign_protocol::{letter::LetterError, letters::NamedLetters};
use callsign_testkit::{Hoard, System};

const DAY_S: u64 = 86_400;

/// Days of a desk at work.
fn days(system: &System, desk: &Desk, count: usize) {
    for _ in 0..count {
        system.clock.advance(DAY_S);
        desk.sync().unwrap();
        system.beats(desk, 6);
    }
}

fn texts(desk: &Desk, caller: &callsign_testkit::Caller) -> Vec<String> {
    desk.case(&caller.id()).unwrap().calls().map(Call::text).collect()
}

#[test]
fn a_letter_of_weeks_ago_is_answered_online() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    let keys = caller.letter_keys().unwrap();
    // Generations have turned over when the letter is written, and again when it arrives.
    days(&system, &desk, 9);
    let long = "Пишу без мережі. ".repeat(100);
    let letter = caller.letter(&keys, &long, 30).unwrap();
    days(&system, &desk, 20);
    assert!(desk.generation() >= 4);

    let receipt = desk.receive(letter.replace('\n', "\r\n> ")).unwrap();
    assert_eq!((receipt.taken, receipt.known, receipt.refused.len()), (5, 0, 0));
    assert_eq!(texts(&desk, &caller), [long]);
    desk.open_call(&caller.id()).unwrap();
    desk.answer(&NewAnswer::new(&caller.id(), "an answer to a letter")).unwrap();
    system.beats(&desk, 5);
    let reading = caller.read().unwrap();
    assert_eq!(reading.answers[0].text, "an answer to a letter");
    assert_eq!(reading.opened.len(), 1);

    // The caller goes on as with any other call.
    caller.write("and online").unwrap();
    desk.sync().unwrap();
    assert_eq!(texts(&desk, &caller)[1], "and online");
}

#[test]
fn a_letter_taken_twice_and_by_two_devices_is_one_message() {
    let system = System::start();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    let mut caller = system.caller(&first);
    let keys = caller.letter_keys().unwrap();
    let letter = caller.letter(&keys, "once", 60).unwrap();
    let two = format!("{letter}{letter}");
    let receipt = first.receive(&two).unwrap();
    assert_eq!((receipt.taken, receipt.known), (1, 1));
    // The second does not know yet what the first has taken.
    assert_eq!(second.receive(&letter).unwrap().taken, 1);
    for _ in 0..2 {
        system.beats(&first, 1);
        second.sync().unwrap();
        system.beats(&second, 1);
        first.sync().unwrap();
    }
    for desk in [&first, &second] {
        assert_eq!(texts(desk, &caller), ["once"]);
        assert_eq!(desk.receive(&letter).unwrap().known, 1);
    }
    // Also when the log has long forgotten the event's id.
    for _ in 0..4 {
        days(&system, &second, 6);
        days(&system, &first, 1);
    }
    assert!(first.generation() >= 4);
    assert_eq!(first.receive(&letter).unwrap().known, 1);
    assert_eq!(texts(&first, &caller), ["once"]);
}

#[test]
fn each_letter_of_a_text_is_judged_by_itself() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    let keys = caller.letter_keys().unwrap();
    let expired = caller.letter(&keys, "too late", 1).unwrap();
    let elsewhere = {
        let other_system = System::start();
        other_system.reseed(1_000);
        let other = other_system.init_desk("other");
        let mut stranger = other_system.caller(&other);
        let keys = stranger.letter_keys().unwrap();
        stranger.letter(&keys, "for another desk", 30).unwrap()
    };
    system.clock.advance(2 * DAY_S);
    desk.sync().unwrap();
    let good = caller.letter(&keys, "good", 30).unwrap();
    let cut = &good[..good.len() / 2];
    let text = format!("{expired}{elsewhere}{good}{cut}");
    let receipt = desk.receive(&text).unwrap();
    assert_eq!((receipt.taken, receipt.known), (1, 0));
    let numbers: Vec<usize> = receipt.refused.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [1, 2, 4]);
    assert_eq!(receipt.refused[0].1, Refusal::Letter(LetterError::Expired));
    assert!(matches!(receipt.refused[1].1, Refusal::Letter(LetterError::Key | LetterError::Sealed)));
    assert!(matches!(receipt.refused[2].1, Refusal::Armour(_)));
    assert_eq!(texts(&desk, &caller), ["good"]);
}

#[test]
fn what_was_sealed_to_a_removed_devices_keys_is_doubted() {
    let system = System::start();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    system.beats(&second, 2);
    let mut caller = system.caller(&first);
    let before = caller.letter_keys().unwrap();
    first.sync().unwrap();
    let id = first.devices().unwrap().iter().find(|device| !device.is_own).unwrap().id;
    first.remove_device(&id).unwrap();
    system.beats(&first, 6);
    first.sync().unwrap();
    let after = caller.letter_keys().unwrap();
    let keys = |letters: &NamedLetters| letters.keys().iter().map(|key| key.proof_key).collect::<Vec<_>>();
    assert!(keys(&after).iter().all(|key| !keys(&before).contains(key)), "all are new");
    assert_eq!(keys(&after).len(), 4);

    let old = caller.letter(&before, "under an old notice", 30).unwrap();
    let new = caller.letter(&after, "under the new one", 30).unwrap();
    assert_eq!(first.receive(format!("{new}{old}")).unwrap().taken, 2);
    let case = first.case(&caller.id()).unwrap();
    let doubted: Vec<bool> =
        case.items.iter().map(|item| matches!(item, Item::Call(call) if call.doubted)).collect();
    assert_eq!(doubted, [false, true]);
}

#[test]
fn a_letter_opens_for_nobody_once_its_key_is_destroyed() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    let keys = caller.letter_keys().unwrap();
    let letter = caller.letter(&keys, "kept by its carrier", 30).unwrap();
    let mut hoard = Hoard::default();
    hoard.take(&system.hub_dir());
    hoard.take_letters(&letter);
    // The attack is a real one while the key lives, also when nobody has taken the letter.
    assert!(hoard.open_with(&system.desk_dir("desk")).holds("kept by its carrier"));
    for _ in 0..61 {
        system.clock.advance(DAY_S);
        desk.sync().unwrap();
        system.beats(&desk, 6);
        hoard.take(&system.hub_dir());
    }
    assert!(!hoard.open_with(&system.desk_dir("desk")).holds("kept by its carrier"));
    let receipt = desk.receive(&letter).unwrap();
    assert_eq!(receipt.refused, [(1, Refusal::Letter(LetterError::Key))]);
}
