//! What was said is nowhere in the files of the hub, nor in the files of the desk unless sealed.

use callsign_desk::{NewAnswer, NewDraft, NewNote, Telltale};
use callsign_testkit::{Planted, System, find_planted};

const CALL: &str = "зустріч біля старого млина о п'ятій";
const DRAFT: &str = "може, краще зачекати до завтра";
const ANSWER: &str = "залишайтеся там, де ви є, і чекайте на нас";

#[test]
fn nothing_that_was_said_lies_in_files_of_hub_or_desk() {
    let mut system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write(CALL).unwrap();
    desk.sync().unwrap();
    let (id, sign) = (caller.id(), caller.call_sign().to_string());
    desk.open_call(&id).unwrap();
    desk.save_draft(&NewDraft { caller: &id, text: DRAFT, place: 0, second_reader: false, base: None })
        .unwrap();
    desk.answer(&NewAnswer::new(&id, ANSWER)).unwrap();
    assert_eq!(desk.draft(&id).unwrap().unwrap().text, DRAFT, "other words were sent");
    // Once with the answer only in the desk's cache, once with all of it at the hub.
    let planted = [
        Planted::new("call", CALL),
        Planted::new("draft", DRAFT),
        Planted::new("answer", ANSWER),
        Planted::new("call sign", &sign),
        Planted::new("phrase", caller.phrase().expose()),
    ];
    for _ in 0..2 {
        for dir in [system.hub_dir(), system.desk_dir("desk")] {
            let (found, read) = find_planted(&dir, &planted);
            assert_eq!(found, Vec::<String>::new());
            assert!(read > 4_096, "{} was searched", dir.display());
        }
        desk.flush().unwrap();
    }
    assert_eq!(caller.read().unwrap().answers[0].text, ANSWER);
    system.stop_hub();
    assert_eq!(find_planted(&system.hub_dir(), &planted).0, Vec::<String>::new());
}

/// A note is for colleagues: for a day nothing of it is in what leaves the device, nor in what the caller opens.
#[test]
fn a_note_is_in_no_drop_and_in_nothing_that_leaves_the_device() {
    const NOTE: &str = "Осика знає його, він з дев'ятої бригади, не питати";
    let (system, tap) = System::start_tapped();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write(CALL).unwrap();
    desk.sync().unwrap();
    let id = caller.id();
    desk.open_call(&id).unwrap();
    tap.take();
    let kept = desk.keep_note(&NewNote { telling: Telltale::Keep, ..NewNote::new(&id, NOTE) }).unwrap();
    desk.flush().unwrap();
    // Alone, before an answer, beside one, and struck.
    let reading = caller.read().unwrap();
    assert!(reading.answers.is_empty(), "{:?}", reading.answers);
    desk.answer(&NewAnswer::new(&id, ANSWER)).unwrap();
    desk.keep_note(&NewNote { telling: Telltale::Keep, ..NewNote::new(&id, &NOTE.repeat(60)) }).unwrap();
    for hour in 0..24 {
        system.beats(&desk, 4);
        if hour == 12 {
            desk.strike_note(&id, &kept.note).unwrap();
        }
        system.clock.advance(3_600);
    }
    let planted = [Planted::new("note", NOTE), Planted::new("end of the note", "бригади, не питати")];
    let (mut found, mut bytes) = (Vec::new(), 0);
    for seen in tap.take() {
        bytes += seen.body.len();
        for secret in &planted {
            found.extend(secret.find(&seen.body));
            found.extend(secret.find(seen.path.as_bytes()));
        }
    }
    assert_eq!(found, Vec::<String>::new());
    assert!(bytes > 100_000, "a day was searched: {bytes}");
    // Every drop that the caller can open.
    let texts: Vec<String> = caller.read().unwrap().answers.into_iter().map(|answer| answer.text).collect();
    assert_eq!(texts, [ANSWER]);
    for dir in [system.hub_dir(), system.desk_dir("desk")] {
        assert_eq!(find_planted(&dir, &planted).0, Vec::<String>::new());
    }
}
