//! The letters document: put before the notice that names it, whatever is interrupted, and of no use to who shows another.

use callsign_caller::arrival::NoLetters;
use callsign_desk::{Desk, LettersFault};
use callsign_protocol::{
    letter_key::LetterKey,
    letters::{LETTERS_LEN, Letters, VerifiedLetters},
    time::Day,
};
use callsign_testkit::{Caller, FIRST_DAY, Move, System, Tap};

use crate::{
    agent,
    custody::{detach, notice},
    insider::Insider,
    removed::{Known, other_device},
};

fn shown(system: &System, desk: &Desk) -> Vec<u8> {
    let address = format!("{}/{}/v1/letters", system.hub_url(), desk.fingerprint().desk_id());
    agent().get(&address).call().unwrap().body_mut().read_to_vec().unwrap()
}

pub fn document(system: &System, desk: &Desk) -> VerifiedLetters {
    Letters::verify(&shown(system, desk), Some(&desk.fingerprint()), system.clock.now()).unwrap()
}

/// The hub's notice names the hub's letters document, which has four keys and can be written to.
fn are_offered(system: &System, desk: &Desk, caller: &mut Caller) {
    let (notice, letters) = (notice(system, desk), document(system, desk));
    assert_eq!(letters.signer, notice.signer);
    let keys = letters.named_by(&notice).unwrap();
    assert_eq!(keys.keys().len(), 4);
    let carried = caller.letter(&caller.letter_keys().unwrap(), "a letter", 30).unwrap();
    assert_eq!(desk.receive(&carried).unwrap().taken, 1);
    assert_eq!(desk.health().refused_letters, None);
}

fn day(system: &System, desk: &Desk) {
    system.clock.advance_days(1);
    desk.sync().unwrap();
    system.beats(desk, 6);
}

/// What was put of the desk's documents since this was last asked, and went well.
fn put(tap: &Tap) -> Vec<String> {
    let put = tap.take().into_iter().filter(|seen| seen.method == "PUT" && seen.status < 300);
    let documents = ["v1/keyring", "v1/letters", "v1/notice"];
    put.map(|seen| seen.path).filter(|path| documents.contains(&path.as_str())).collect()
}

#[test]
fn letter_keys_go_out_before_the_notice_that_names_them_and_again_with_each_new_signer() {
    let (system, tap) = System::start_tapped();
    let desk = system.init_desk("first");
    assert_eq!(put(&tap), ["v1/keyring", "v1/letters", "v1/notice"]);
    let mut caller = system.caller(&desk);
    are_offered(&system, &desk, &mut caller);
    let mut generations = 0;
    for _ in 0..40 {
        let (before, generation) = (document(&system, &desk), desk.generation());
        tap.take();
        day(&system, &desk);
        let (after, put) = (document(&system, &desk), put(&tap));
        generations += u32::from(desk.generation() > generation);
        let signer = notice(&system, &desk).signer;
        let is_other = after.signer != before.signer || after.letters.keys != before.letters.keys;
        let letters: Vec<_> = put.iter().enumerate().filter(|(_, path)| *path == "v1/letters").collect();
        assert_eq!((letters.len(), after.signer), (usize::from(is_other), signer), "{put:?}");
        assert!(letters.iter().all(|(at, _)| put[at + 1] == "v1/notice"), "{put:?}");
        are_offered(&system, &desk, &mut caller);
    }
    assert!(generations >= 4);
}

#[test]
fn who_was_interrupted_between_keyring_letters_and_notice_goes_on_with_the_next_beat_at_any_device() {
    // Which document is the first that does not come through, how, and who goes on.
    for (path, lost) in
        [("v1/letters", false), ("v1/letters", true), ("v1/notice", false), ("v1/notice", true)]
    {
        for other_goes_on in [false, true] {
            let (system, tap) = System::start_tapped();
            let first = system.init_desk("first");
            let second = system.add_device("second", &first);
            for _ in 0..6 {
                day(&system, &first);
                second.sync().unwrap();
                system.beats(&second, 2);
            }
            let (mut caller, generation) = (system.caller(&first), first.generation());
            tap.script(move |seen| match (&seen.method[..], &seen.path[..]) {
                ("PUT", put) if put == path => {
                    if lost {
                        Move::Lose
                    } else {
                        Move::Refuse(503)
                    }
                }
                _ => Move::Pass,
            });
            // A generation ends.
            for _ in 0..2 {
                system.clock.advance_days(1);
                let _ = first.sync().and_then(|()| first.beat());
            }
            assert!(first.generation() > generation);
            // Whatever is there: what goes with the notice, or nothing.
            let keys = caller.letter_keys();
            assert!(keys.is_ok() == lost, "{path} {lost}: {keys:?}");
            tap.honest();
            let (goes_on, other) = if other_goes_on { (&second, &first) } else { (&first, &second) };
            goes_on.sync().unwrap();
            system.beats(goes_on, 2);
            are_offered(&system, goes_on, &mut caller);
            other.sync().unwrap();
            system.beats(other, 2);
            are_offered(&system, other, &mut caller);
        }
    }
}

#[test]
fn two_devices_at_once_agree_on_one_document() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    let mut caller = system.caller(&first);
    for n in 0..20 {
        tap.take();
        system.clock.advance_days(1);
        for _ in 0..3 {
            system.clock.advance(600);
            for desk in [&first, &second] {
                desk.sync().unwrap();
                desk.beat().unwrap();
            }
        }
        let letters = put(&tap).iter().filter(|path| *path == "v1/letters").count();
        assert!(letters <= 1, "day {n}: {letters} documents");
        are_offered(&system, &first, &mut caller);
    }
    assert!(first.generation() > 2);
}

#[test]
fn a_removed_devices_letters_document_is_refused_by_hub_and_callers_and_teaches_the_desk_nothing() {
    for is_custodian_away in [false, true] {
        let (system, tap) = System::start_tapped();
        let first = system.init_desk("first");
        if is_custodian_away {
            detach(&system, &first);
        }
        drop(system.add_device("insider", &first));
        let (removed, known) = (Insider::new(&system, "insider"), Known::to(&system, "insider"));
        first.remove_device(&other_device(&first)).unwrap();
        system.beats(&first, 3);
        let before = document(&system, &first).letters;
        let mut rng = system.rng();
        let keys = vec![LetterKey::generate(Day(FIRST_DAY.0 / 30 * 30), &mut rng).public()];
        let forge = |serial| known.sign_letters(&Letters { serial, keys: keys.clone(), ..before.clone() });
        let status = removed.put_letters(&forge(before.serial + 1));
        assert!([400, 401].contains(&status), "{status}");
        let mut caller = system.caller(&first);
        for serial in [before.serial, before.serial + 1, (1 << 53) - 1] {
            let forged = forge(serial);
            tap.script(move |seen| match (&seen.method[..], &seen.path[..]) {
                ("PUT", "v1/letters") => Move::Refuse(409),
                ("GET", "v1/letters") => {
                    let forged = forged.clone();
                    Move::Change(Box::new(move |bytes| *bytes = forged))
                }
                _ => Move::Pass,
            });
            let keys = caller.letter_keys();
            assert!(matches!(keys, Err(NoLetters::NotNamed | NoLetters::Nowhere)), "{serial}: {keys:?}");
            for _ in 0..8 {
                day(&system, &first);
            }
            // The keys in use came no more to the hub, so the notice names none, and calls go on.
            assert!(caller.letter_keys().is_err());
            caller.write("a call").unwrap();
            let is_told = first.health().refused_letters.is_some();
            assert!(is_told || is_custodian_away, "{serial}");
        }
        tap.honest();
        for _ in 0..2 {
            day(&system, &first);
        }
        are_offered(&system, &first, &mut caller);
    }
}

#[test]
fn an_older_document_and_one_that_is_damaged_or_missing_are_not_written_to() {
    let (system, tap) = System::start_tapped();
    let desk = system.init_desk("first");
    let caller = system.caller(&desk);
    let older = shown(&system, &desk);
    for _ in 0..9 {
        day(&system, &desk);
    }
    assert_ne!(shown(&system, &desk), older);
    let show = |bytes: Vec<u8>| {
        tap.script(move |seen| {
            let shown = bytes.clone();
            match &seen.path[..] {
                "v1/letters" => Move::Change(Box::new(move |bytes| *bytes = shown)),
                _ => Move::Pass,
            }
        });
        caller.letter_keys().map(|_| ()).unwrap_err()
    };
    let newest = shown(&system, &desk);
    assert!(matches!(show(older), NoLetters::NotNamed));
    let flipped = { newest.iter().enumerate().map(|(at, byte)| byte ^ u8::from(at == 4_000)).collect() };
    assert!(matches!(show(flipped), NoLetters::NotGenuine(_)));
    assert!(matches!(show(newest[..LETTERS_LEN - 1].to_vec()), NoLetters::NotGenuine(_)));
    tap.script(|seen| if seen.path == "v1/letters" { Move::Refuse(503) } else { Move::Pass });
    assert!(matches!(caller.letter_keys(), Err(NoLetters::Hub(_))));
    tap.honest();
    assert!(caller.letter_keys().is_ok());
}

#[test]
fn a_hub_that_takes_no_letters_document_stops_no_call_and_people_are_told() {
    let (system, tap) = System::start_tapped();
    let desk = system.init_desk("first");
    let mut caller = system.caller(&desk);
    tap.script(|seen| match (&seen.method[..], &seen.path[..]) {
        ("PUT", "v1/letters") => Move::RefuseFor(400, "document_refused"),
        _ => Move::Pass,
    });
    for _ in 0..9 {
        day(&system, &desk);
    }
    let told = desk.health().refused_letters.expect("people are told");
    assert_eq!(told.fault, LettersFault::Refused);
    assert!(matches!(caller.letter_keys(), Err(NoLetters::Nowhere)));
    assert_eq!(notice(&system, &desk).notice.issued.day(), system.clock.now().day());
    caller.write("a call").unwrap();
    tap.honest();
    day(&system, &desk);
    are_offered(&system, &desk, &mut caller);
}

#[test]
fn a_custodians_new_certificate_takes_the_letter_keys_along() {
    let system = System::start();
    let desk = system.init_desk("first");
    let identity = detach(&system, &desk);
    let mut caller = system.caller(&desk);
    for _ in 0..25 {
        day(&system, &desk);
    }
    let before = document(&system, &desk);
    desk.certify(&identity).unwrap();
    let after = document(&system, &desk);
    assert!(after.signer.number > before.signer.number);
    assert_eq!(after.letters.keys, before.letters.keys);
    are_offered(&system, &desk, &mut caller);
    // Under the certificate of before the letters document would have ended by then.
    for _ in 0..25 {
        day(&system, &desk);
    }
    are_offered(&system, &desk, &mut caller);
}

#[test]
fn a_hub_from_a_backup_a_lost_cache_and_a_restart_come_back_to_one_document() {
    let mut system = System::start();
    let desk = system.init_desk("first");
    let mut caller = system.caller(&desk);
    system.back_up_hub("backup").unwrap();
    for _ in 0..5 {
        day(&system, &desk);
    }
    let (newest, named) = (shown(&system, &desk), notice(&system, &desk).notice.serial);
    system.restore_hub("backup").unwrap();
    drop(desk);
    system.recover_desk("first").unwrap();
    let desk = system.open_desk("first");
    assert_eq!((shown(&system, &desk), notice(&system, &desk).notice.serial), (newest, named));
    desk.sync().unwrap();
    are_offered(&system, &desk, &mut caller);
    drop(desk);
    system.lose_cache("first");
    let desk = system.open_desk("first");
    day(&system, &desk);
    are_offered(&system, &desk, &mut caller);
    let identity = detach(&system, &desk);
    drop(desk);
    let desk = system.restart_desk("first", &identity).unwrap();
    day(&system, &desk);
    are_offered(&system, &desk, &mut caller);
}
