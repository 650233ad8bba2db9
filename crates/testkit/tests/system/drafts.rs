//! What somebody is writing is theirs: nothing that another device says changes a stored draft, and no lock or start does.

use callsign_desk::{
    Desk, NewAnswer, NewDraft, NewFollowUp, NewNote, Telltale,
    cases::{ClosedWhy, Doing, Flag, Level, Role, SafeWindow, TransferTo},
};
use callsign_protocol::caller_keys::CallerId;
use callsign_testkit::System;

const TEXT: &str = "Ми вас чуємо. Залишайтеся";

/// What a colleague does at the case, one after the other, and what it is called.
type Act = (&'static str, fn(&Desk, &CallerId));

const ACTS: &[Act] = &[
    ("a claim", |desk, id| desk.claim(id, None).map(|_| ()).unwrap()),
    ("presence", |desk, id| desk.say_presence(Doing::Writing, Some(id)).unwrap()),
    ("a level", |desk, id| desk.set_level(id, Level::FIRST).map(|_| ()).unwrap()),
    ("a note", |desk, id| {
        desk.keep_note(&NewNote { telling: Telltale::Keep, ..NewNote::new(id, "a note") }).unwrap();
    }),
    ("an answer", |desk, id| desk.answer(&NewAnswer::new(id, "from a colleague")).map(|_| ()).unwrap()),
    ("a flag", |desk, id| desk.flag(id, Flag::Coerced, 3).map(|_| ()).unwrap()),
    ("safe hours", |desk, id| desk.set_safe_window(id, SafeWindow::new(600, 720, 0)).map(|_| ()).unwrap()),
    ("a follow-up", |desk, id| {
        let (due, hour, text, moves) = (desk.now().day().plus(2), None, "look again", None);
        desk.set_follow_up(&NewFollowUp { caller: id, due, hour, text, moves, outside_why: None }).unwrap();
    }),
    ("an offer", |desk, id| desk.offer_case(id, TransferTo::Anyone, Some("home")).map(|_| ()).unwrap()),
    ("the end of a claim", |desk, id| desk.release(id).map(|_| ()).unwrap()),
    ("a close", |desk, id| desk.close(id, None, ClosedWhy::ALL[0]).map(|_| ()).unwrap()),
    ("a reopening", |desk, id| desk.reopen(id).map(|_| ()).unwrap()),
    ("the end of a shift", |desk, _| desk.end_shift(Some("It is written.")).map(|_| ()).unwrap()),
];

#[test]
fn nothing_that_another_device_says_changes_a_stored_draft() {
    let system = System::start();
    let first = system.init_desk("first");
    let mut caller = system.caller(&first);
    caller.write("call").unwrap();
    first.sync().unwrap();
    let osyka = first.add_person("Osyka", [Role::Operator, Role::Leader].into()).unwrap();
    first.admit_for(&system.ask_to_join("second", &first), osyka).unwrap();
    let second = system.open_desk("second");
    second.sync().unwrap();
    let id = caller.id();
    for desk in [&first, &second] {
        desk.open_call(&id).unwrap();
        system.beats(desk, 2);
        desk.sync().unwrap();
    }
    first.sync().unwrap();
    first
        .save_draft(&NewDraft { caller: &id, text: TEXT, place: 9, second_reader: true, base: None })
        .unwrap();
    let kept = |desk: &Desk| format!("{:?}", desk.draft(&id).unwrap());
    let draft = |desk: &Desk| {
        let draft = desk.draft(&id).unwrap().unwrap();
        (draft.text.clone(), draft.place, draft.second_reader, draft.saved, draft.version)
    };
    let before = (draft(&first), kept(&first));
    for (what, act) in ACTS {
        act(&second, &id);
        second.flush().unwrap();
        first.sync().unwrap();
        system.beats(&first, 1);
        assert_eq!((draft(&first), kept(&first)), before, "{what}");
    }
    // Nor does a new message of the caller, whichever device takes it.
    caller.write("more").unwrap();
    second.sync().unwrap();
    second.flush().unwrap();
    first.sync().unwrap();
    assert_eq!((draft(&first), kept(&first)), before, "a message");
    // Nor a program that starts anew.
    drop(first);
    let first = system.open_desk("first");
    first.sync().unwrap();
    assert_eq!(draft(&first), before.0, "a new start");
    assert!(second.draft(&id).unwrap().is_none(), "it is on one device alone");
}
