//! A hub that comes back from a backup: what the desk knows goes back, and what is lost is what was said to be.

use std::collections::BTreeSet;

use callsign_desk::{
    Alarm, Answered, Desk, DeskError, NewAnswer, NewDraft,
    cases::{Case, Flag, Item},
};
use callsign_testkit::{FIRST_DAY, Hoard, Move, System};

use crate::custody::detach;

const DAY_S: u64 = 86_400;

/// Addresses of all drops that the hub's files list.
fn addresses(system: &System) -> BTreeSet<Vec<u8>> {
    let database = rusqlite::Connection::open(system.hub_dir().join("hub.sqlite")).unwrap();
    let mut drops = database.prepare("SELECT body FROM drops").unwrap();
    let bodies = drops.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    bodies.map(|body| body.unwrap()[..16].to_vec()).collect()
}

/// Every case with its calls and answers, what was opened, and what was posted of it.
fn cases(desk: &Desk) -> String {
    let item = |item: &Item| match item {
        Item::Call(call) => format!("{} {}", call.text(), call.opened),
        Item::Answer(answer) => format!("{} {}", answer.text(), answer.is_posted()),
    };
    let line = |case: &Case| format!("{:?} {:?}", case.id(), case.items.iter().map(item).collect::<Vec<_>>());
    desk.with_cases(|cases| {
        let lines: BTreeSet<_> =
            cases.all().map(|case| case.map(|case| line(&case))).collect::<Result<_, _>>()?;
        Ok(lines.into_iter().collect::<Vec<_>>().join("\n"))
    })
    .unwrap()
}

#[test]
fn what_a_desk_has_taken_survives_the_hubs_files() {
    let mut system = System::start();
    let desk = system.init_desk("desk");
    let (mut early, mut opened, mut answered, mut untaken) =
        (system.caller(&desk), system.caller(&desk), system.caller(&desk), system.caller(&desk));
    early.write("before the backup").unwrap();
    desk.sync().unwrap();
    desk.answer(&NewAnswer::new(&early.id(), "answered before")).unwrap();
    desk.flush().unwrap();
    system.back_up_hub("backup").unwrap();

    let opened_message = opened.write("opened after").unwrap();
    answered.write("answered after").unwrap();
    desk.sync().unwrap();
    desk.open_call(&opened.id()).unwrap();
    desk.answer(&NewAnswer::new(&answered.id(), "an answer that the hub loses")).unwrap();
    desk.answer(&NewAnswer::new(&early.id(), "a second one")).unwrap();
    desk.flush().unwrap();
    assert_eq!(answered.read().unwrap().answers.len(), 1);
    // Written down, and not yet posted when the hub is lost.
    desk.answer(&NewAnswer::new(&opened.id(), "still waiting")).unwrap();
    desk.save_draft(&NewDraft {
        caller: &answered.id(),
        text: "half a word",
        place: 0,
        second_reader: false,
        base: None,
    })
    .unwrap();
    let lost_message = untaken.write("nobody took this").unwrap();
    let (posted, known) = (addresses(&system), cases(&desk));

    let restored = system.restore_hub("backup").unwrap();
    assert!(restored.aside.unwrap().exists());
    assert_eq!(answered.read().unwrap().answers, [], "the hub has lost it");
    let kept = addresses(&system);
    assert!(matches!(desk.sync(), Err(DeskError::Alarm(Alarm::LogWentBack))));
    drop(desk);
    let recovered = system.recover_desk("desk").unwrap();
    assert_eq!((recovered.calls, recovered.answers), (2, 3));

    let desk = system.open_desk("desk");
    desk.sync().unwrap();
    desk.flush().unwrap();
    assert_eq!(desk.draft(&answered.id()).unwrap().unwrap().text, "half a word");
    let text = |reading: callsign_caller::mailbox::Reading| {
        reading.answers.into_iter().map(|answer| answer.text).collect::<Vec<_>>()
    };
    assert_eq!(text(answered.read().unwrap()), ["an answer that the hub loses"]);
    assert_eq!(text(early.read().unwrap()), ["answered before", "a second one"]);
    let reading = opened.read().unwrap();
    assert_eq!(reading.opened, [opened_message]);
    assert_eq!(text(reading), ["still waiting"]);
    // Nobody has told the caller otherwise, and nobody ever will.
    assert!(!untaken.read().unwrap().opened.contains(&lost_message));
    assert!(desk.find(&untaken.call_sign().to_string()).is_err());
    untaken.write("once more").unwrap();
    desk.sync().unwrap();
    desk.find(&untaken.call_sign().to_string()).unwrap();

    assert_eq!(known.lines().count() + 1, cases(&desk).lines().count());
    // A second drop at an address would show which of all drops were real.
    let lost: BTreeSet<_> = posted.difference(&kept).cloned().collect();
    assert!(!lost.is_empty() && lost.is_disjoint(&addresses(&system)));
}

#[test]
fn an_answer_that_the_backup_knows_goes_to_no_address_that_was_used_after_it() {
    let mut system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write("before the backup").unwrap();
    desk.sync().unwrap();
    system.beats(&desk, 1);
    desk.answer(&NewAnswer::new(&caller.id(), "written before, posted after")).unwrap();
    // In the log, and not yet posted: the tick of this beat has passed.
    system.beats(&desk, 1);
    system.back_up_hub("backup").unwrap();
    assert_eq!(caller.read().unwrap().answers, []);
    let kept = addresses(&system);
    desk.flush().unwrap();
    assert_eq!(caller.read().unwrap().answers.len(), 1);
    let lost: BTreeSet<_> = addresses(&system).difference(&kept).cloned().collect();

    system.restore_hub("backup").unwrap();
    drop(desk);
    system.recover_desk("desk").unwrap();
    let desk = system.open_desk("desk");
    desk.sync().unwrap();
    desk.flush().unwrap();
    assert_eq!(caller.read().unwrap().answers[0].text, "written before, posted after");
    assert!(!lost.is_empty() && lost.is_disjoint(&addresses(&system)));
}

#[test]
fn an_answer_that_was_to_be_read_waits_for_that_though_the_flag_behind_it_is_lost() {
    let mut system = System::start();
    let desk = system.init_desk("desk");
    let other = system.add_device("other", &desk);
    let mut caller = system.caller(&desk);
    caller.write("they read what I write").unwrap();
    desk.sync().unwrap();
    system.back_up_hub("backup").unwrap();
    other.sync().unwrap();
    other.flag(&caller.id(), Flag::Coerced, 30).unwrap();
    other.flush().unwrap();
    desk.sync().unwrap();
    let answered = desk.answer(&NewAnswer::new(&caller.id(), "a careful answer")).unwrap();
    assert_eq!(answered, Answered::ToBeRead);
    desk.flush().unwrap();
    // Nobody tells the flag again: the device that set it is gone.
    drop((other, desk));
    system.restore_hub("backup").unwrap();
    system.recover_desk("desk").unwrap();
    let desk = system.open_desk("desk");
    desk.sync().unwrap();
    desk.flush().unwrap();
    let case = desk.case(&caller.id()).unwrap();
    assert!(!case.has_flag(Flag::Coerced));
    assert!(case.answers().next().unwrap().waits_for_a_reader());
    assert_eq!(caller.read().unwrap().answers, []);
}

#[test]
fn several_devices_go_on_one_after_the_other() {
    let mut system = System::start();
    let desk = system.init_desk("desk");
    let second = system.add_device("second", &desk);
    system.back_up_hub("backup").unwrap();
    let (mut one, mut other) = (system.caller(&desk), system.caller(&desk));
    one.write("taken by the first").unwrap();
    desk.sync().unwrap();
    desk.answer(&NewAnswer::new(&one.id(), "from the first")).unwrap();
    desk.flush().unwrap();
    other.write("taken by the second").unwrap();
    second.sync().unwrap();
    second.answer(&NewAnswer::new(&other.id(), "from the second")).unwrap();
    second.flush().unwrap();
    // The first has not seen this, so that it alone could not bring it back.
    system.restore_hub("backup").unwrap();
    drop((desk, second));

    system.recover_desk("desk").unwrap();
    let desk = system.open_desk("desk");
    desk.sync().unwrap();
    // So many that the hub's log is longer than what the second saw: to it this is another history.
    for _ in 0..12 {
        desk.beat().unwrap();
    }
    let second = system.open_desk("second");
    assert!(matches!(second.sync(), Err(DeskError::Alarm(Alarm::Fork))));
    drop(second);
    system.recover_desk("second").unwrap();
    let second = system.open_desk("second");
    second.sync().unwrap();
    second.flush().unwrap();
    desk.sync().unwrap();
    desk.flush().unwrap();
    second.sync().unwrap();
    assert_eq!(cases(&desk), cases(&second));
    assert_eq!(one.read().unwrap().answers[0].text, "from the first");
    assert_eq!(other.read().unwrap().answers[0].text, "from the second");
    assert_eq!((desk.health().alarm, second.health().alarm), (None, None));
}

#[test]
fn keyring_and_notice_of_days_after_the_backup_come_back() {
    let mut system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    system.back_up_hub("backup").unwrap();
    for _ in 0..4 {
        system.clock.advance(DAY_S);
        desk.sync().unwrap();
        desk.beat().unwrap();
    }
    caller.write("in the last days").unwrap();
    desk.sync().unwrap();
    desk.flush().unwrap();
    let serial = caller.notice().notice.serial;
    system.restore_hub("backup").unwrap();
    drop(desk);
    system.recover_desk("desk").unwrap();
    assert_eq!(caller.notice().notice.serial, serial);
    let desk = system.open_desk("desk");
    desk.sync().unwrap();
    desk.answer(&NewAnswer::new(&caller.id(), "answer")).unwrap();
    desk.flush().unwrap();
    assert_eq!(caller.read().unwrap().answers[0].text, "answer");
    for _ in 0..10 {
        system.clock.advance(DAY_S);
        desk.sync().unwrap();
        system.beats(&desk, 10);
    }
    assert!(desk.generation() > 1, "and keys go on turning over");
}

#[test]
fn a_backup_from_before_the_keys_turned_over_is_refused_and_the_cases_stay_readable() {
    let mut system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write("a call").unwrap();
    desk.sync().unwrap();
    desk.flush().unwrap();
    system.clock.advance(6 * DAY_S);
    desk.sync().unwrap();
    system.beats(&desk, 5);
    system.back_up_hub("backup").unwrap();
    for _ in 0..3 {
        system.clock.advance(DAY_S);
        desk.sync().unwrap();
        system.beats(&desk, 10);
    }
    assert_eq!(desk.generation(), 2);
    let known = cases(&desk);
    system.restore_hub("backup").unwrap();
    drop(desk);
    assert!(matches!(system.recover_desk("desk"), Err(DeskError::LogKeyGone)));
    assert_eq!(cases(&system.open_desk("desk")), known, "nothing was changed");
}

#[test]
fn a_recovery_where_nothing_was_lost_changes_nothing() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write("a call").unwrap();
    desk.sync().unwrap();
    desk.answer(&NewAnswer::new(&caller.id(), "answer")).unwrap();
    desk.flush().unwrap();
    let known = cases(&desk);
    drop(desk);
    assert_eq!(system.recover_desk("desk").unwrap(), callsign_desk::Recovered::default());
    let desk = system.open_desk("desk");
    desk.sync().unwrap();
    assert_eq!(cases(&desk), known);
    assert_eq!(desk.flush().unwrap().drops, 0, "nothing is posted twice");
}

#[test]
fn a_backup_that_is_too_old_is_refused_and_the_files_stay() {
    let mut system = System::start();
    let desk = system.init_desk("desk");
    system.back_up_hub("backup").unwrap();
    system.clock.advance(8 * DAY_S);
    assert_eq!(system.clock.now().day(), FIRST_DAY.plus(8));
    let refused = system.restore_hub("backup").unwrap_err();
    assert!(matches!(refused, callsign_hub::files::FilesError::Old(8)), "{refused:?}");
    desk.sync().unwrap();
}

#[test]
fn a_case_that_was_erased_behind_the_backup_stays_erased_whoever_goes_on_first() {
    for erased_by_first in [true, false] {
        let mut system = System::start();
        let first = system.init_desk("first");
        let second = system.add_device("second", &first);
        let (mut erased, mut kept) = (system.caller(&first), system.caller(&first));
        erased.write("to be erased").unwrap();
        kept.write("to be kept").unwrap();
        first.sync().unwrap();
        first.flush().unwrap();
        second.sync().unwrap();
        system.back_up_hub("backup").unwrap();
        let (by, other) = if erased_by_first { (&first, &second) } else { (&second, &first) };
        by.erase(&erased.id()).unwrap();
        by.flush().unwrap();
        other.sync().unwrap();
        for desk in [&first, &second] {
            assert!(matches!(desk.case(&erased.id()), Err(DeskError::NoSuchCall)));
        }
        system.restore_hub("backup").unwrap();
        drop((first, second));
        // The device that erased it may be gone for good: the other one has seen it.
        system.recover_desk("first").unwrap();
        let first = system.open_desk("first");
        first.sync().unwrap();
        first.flush().unwrap();
        let joined = system.add_device("joined", &first);
        for desk in [&first, &joined] {
            let texts = cases(desk);
            assert!(texts.contains("to be kept") && !texts.contains("to be erased"), "{texts}");
        }
        system.recover_desk("second").unwrap();
        let second = system.open_desk("second");
        second.sync().unwrap();
        second.flush().unwrap();
        first.sync().unwrap();
        // The calls that it was made of lie in the hub's inbox again, and are taken for what they are: those that were erased.
        system.beats(&first, 4);
        assert_eq!(cases(&first), cases(&second));
        assert!(!cases(&first).contains("to be erased"), "{}", cases(&first));
        for _ in 0..9 {
            system.clock.advance(DAY_S);
            for desk in [&first, &second, &joined] {
                desk.sync().unwrap();
                system.beats(desk, 4);
            }
        }
        assert!(first.generation() > 1 && !cases(&first).contains("to be erased"));
        // What its caller writes from now on is a new case.
        erased.write("a new call").unwrap();
        first.sync().unwrap();
        assert!(cases(&first).contains("a new call"));
    }
}

#[test]
fn what_a_killed_recovery_left_keeps_no_erased_text() {
    let (system, tap) = System::start_tapped();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write("зозулинець").unwrap();
    desk.sync().unwrap();
    desk.flush().unwrap();
    drop(desk);
    // As it lies when the program is killed while the log is read anew.
    let (draft, killed) = (system.desk_dir("desk").join("recovering"), system.desk_dir("killed"));
    let (from, to) = (draft.clone(), killed.clone());
    tap.script(move |_| {
        if from.exists() && !to.exists() {
            std::fs::create_dir(&to).unwrap();
            for file in std::fs::read_dir(&from).unwrap().map(Result::unwrap) {
                std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
            }
        }
        if to.exists() { Move::Refuse(503) } else { Move::Pass }
    });
    assert!(system.recover_desk("desk").is_err());
    tap.honest();
    std::fs::rename(&killed, &draft).unwrap();

    let desk = system.open_desk("desk");
    desk.sync().unwrap();
    desk.erase(&caller.id()).unwrap();
    desk.flush().unwrap();
    system.clock.advance(8 * DAY_S);
    desk.sync().unwrap();
    system.beats(&desk, 6);
    assert_eq!(desk.generation(), 2);
    assert!(!Hoard::default().open_with(&system.desk_dir("desk")).holds("зозулинець"));
    assert!(!draft.exists());
}

#[test]
fn a_hub_gets_the_keyrings_that_it_lost_although_a_certificate_of_theirs_has_ended() {
    let mut system = System::start();
    let first = system.init_desk("first");
    // Its certificate is good for 35 days.
    let identity = detach(&system, &first);
    let mut caller = system.caller(&first);
    let day = |days: u64, desk: &Desk| {
        system.clock.advance_days(days);
        desk.sync().unwrap();
        system.beats(desk, 6);
    };
    first.certify(&identity).unwrap();
    day(33, &first);
    day(1, &first);
    system.back_up_hub("backup").unwrap();
    let serial = |first: &Desk| (first.generation(), first.health().certificate_ends);
    let before = serial(&first);
    day(1, &first);
    first.certify(&identity).unwrap();
    assert_ne!(serial(&first), before);
    day(3, &first);
    caller.write("behind the backup").unwrap();
    first.sync().unwrap();
    first.flush().unwrap();
    drop(first);
    system.restore_hub("backup").unwrap();
    assert_eq!(system.recover_desk("first").unwrap().calls, 1);
    let first = system.open_desk("first");
    first.sync().unwrap();
    system.beats(&first, 2);
    first.answer(&NewAnswer::new(&caller.id(), "answer")).unwrap();
    system.beats(&first, 6);
    assert_eq!(caller.read().unwrap().answers[0].text, "answer");
    assert_eq!(first.health().alarm, None);
}

#[test]
fn a_device_that_missed_keyrings_which_the_hub_lost_sends_people_to_the_others_first() {
    let mut system = System::start();
    let first = system.init_desk("first");
    let identity = detach(&system, &first);
    let second = system.add_device("second", &first);
    system.back_up_hub("backup").unwrap();
    for _ in 0..2 {
        second.certify(&identity).unwrap();
    }
    // It asks for the newest alone.
    first.sync().unwrap();
    system.restore_hub("backup").unwrap();
    drop((first, second));
    let refused = system.recover_desk("first").unwrap_err();
    assert!(matches!(refused, DeskError::OthersFirst), "{refused:?}");
    assert!(refused.to_string().contains("on the desk's other devices first"), "{refused}");
    for name in ["second", "first"] {
        system.recover_desk(name).unwrap();
        system.open_desk(name).sync().unwrap();
    }
}
