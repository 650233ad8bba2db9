//! What a device believes of the first keyring that it sees, which any other device may have wrapped.

use callsign_desk::{Desk, DeskError};
use callsign_protocol::{
    caller_keys::x25519_public,
    encoding::Secret,
    keyring::{DeskKeys, FormerAnswerKey},
    time::Day,
};
use callsign_testkit::{System, shown};

use crate::{
    agent,
    custody::detach,
    removed::{Known, seen, works},
};

/// A change of what the desk's keys are.
type Lie = fn(&mut DeskKeys);

const LIES: [(&str, Lie); 3] = [
    ("answer key", |keys| keys.answer_key = Secret([9; 32])),
    ("former answer key", |keys| {
        keys.former_answer_keys.push(FormerAnswerKey {
            public: x25519_public(&Secret([9; 32])),
            last_day: Day(u32::MAX),
            secret: None,
            exposed: false,
        });
    }),
    ("log key", |keys| keys.log_key = Secret([9; 32])),
];

/// A desk that lets a newcomer in, for whom an insider then wraps the keys once more, with a lie.
fn let_in_by_a_liar(lie: Lie) -> (System, Desk, Known) {
    let system = System::start();
    let first = system.init_desk("first");
    let insider = system.add_device("insider", &first);
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    first.admit(&system.ask_to_join("newcomer", &first)).unwrap();
    insider.sync().unwrap();
    drop(insider);
    let mut known = Known::to(&system, "insider");
    lie(&mut known.keys);
    let forged = known.keyring_after(&seen(&system, "first"), &system);
    let address = format!("{}/{}/v1/keyring", system.hub_url(), first.fingerprint().desk_id());
    agent().put(&address).send(&forged).unwrap();
    (system, first, known)
}

#[test]
fn a_newcomer_writes_nothing_under_keys_that_the_desk_does_not_have() {
    for (what, lie) in LIES {
        let (system, first, known) = let_in_by_a_liar(lie);
        let newcomer = system.open_desk("newcomer");
        let synced = newcomer.sync();
        if what != "log key" {
            // Under another log key nothing can be read, so that nothing is known.
            assert!(
                matches!(synced, Err(DeskError::WrongFirstKeys { put, .. }) if put == known.device()),
                "{what}: {synced:?}"
            );
        }
        assert!(newcomer.beat().is_err(), "{what}: it writes nothing");
        // A colleague finds it and puts it right; the newcomer goes on by itself, in the same process.
        first.sync().unwrap();
        assert_eq!(first.health().wrong_keyring.map(|wrong| wrong.by), Some(known.device()), "{what}");
        system.beats(&first, 2);
        newcomer.sync().unwrap();
        assert_eq!(shown(&newcomer), shown(&first), "{what}");
        let serial = newcomer_serial(&system);
        for _ in 0..3 {
            for desk in [&newcomer, &first] {
                desk.sync().unwrap();
                system.beats(desk, 2);
            }
        }
        assert_eq!(newcomer_serial(&system), serial, "{what}: neither finds the other's wrong");
        assert_eq!(newcomer.health().wrong_keyring, None, "{what}");
        // Once the liar is gone, what the newcomer answers with is the desk's.
        newcomer.remove_device(&known.device()).unwrap();
        first.sync().unwrap();
        let mut caller = system.caller(&first);
        works(&system, &newcomer, &mut caller, "afterwards");
    }
}

fn newcomer_serial(system: &System) -> u64 {
    seen(system, "newcomer").serial
}

#[test]
fn a_newcomer_that_stopped_under_wrong_keys_goes_on_when_it_is_started_again() {
    for (what, lie) in LIES {
        let (system, first, _) = let_in_by_a_liar(lie);
        let newcomer = system.open_desk("newcomer");
        let _ = newcomer.sync();
        drop(newcomer);
        first.sync().unwrap();
        system.beats(&first, 2);
        let newcomer = system.open_desk("newcomer");
        newcomer.sync().unwrap();
        system.beats(&newcomer, 2);
        first.sync().unwrap();
        assert_eq!(shown(&newcomer), shown(&first), "{what}");
        assert_eq!(first.devices().unwrap().len(), 3, "{what}");
    }
}

#[test]
fn a_newcomer_with_which_the_identity_has_restarted_the_desk_outlives_the_loss_of_its_cache() {
    let system = System::start();
    let first = system.init_desk("first");
    let identity = detach(&system, &first);
    system.ask_to_join("anew", &first);
    drop(first);
    drop(system.restart_desk("anew", &identity).unwrap());
    system.lose_cache("anew");
    let anew = system.open_desk("anew");
    anew.sync().unwrap();
    let mut caller = system.caller(&anew);
    works(&system, &anew, &mut caller, "afterwards");
}
