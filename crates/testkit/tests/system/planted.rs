//! What was said is nowhere in the files of the hub, nor in the files of the desk unless sealed.

use callsign_desk::{NewAnswer, NewDraft};
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
    desk.save_draft(&NewDraft { caller: &id, text: DRAFT, place: 0, base: None }).unwrap();
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
