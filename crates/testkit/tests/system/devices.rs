//! Devices come and go: one that was removed neither reads nor forges anything later.

use callsign_caller::hub_client::HubClient;
use callsign_desk::{DeskError, HubError, NewAnswer, Outside, cases::Call};
use callsign_http::{Link, Proxies};
use callsign_protocol::{
    call::Message,
    cell::Cell,
    encoding::Bytes,
    exchange::{Ask, LAST_BLOCK, Request},
    keyring::device_id,
    stamp::Stamp,
    time::Day,
};
use callsign_testkit::{Hoard, Move, System};

#[test]
fn a_second_device_joins_works_and_is_removed() {
    let system = System::start();
    let first = system.init_desk("first");
    let mut caller = system.caller(&first);
    caller.write("call").unwrap();
    first.sync().unwrap();
    system.beats(&first, 2);

    let request = system.ask_to_join("second", &first);
    assert!(matches!(system.try_open_desk("second"), Err(DeskError::NotAdmitted)));
    first.admit(&request).unwrap();
    assert!(matches!(first.admit(&request), Err(DeskError::DeviceKnown)));
    let second = system.open_desk("second");
    second.sync().unwrap();
    system.beats(&second, 2);
    second.answer(&NewAnswer::new(&caller.id(), "from the second")).unwrap();
    system.beats(&second, 4);
    assert_eq!(caller.read().unwrap().answers[0].text, "from the second");
    first.sync().unwrap();
    system.beats(&first, 2);
    assert!(first.devices().unwrap().iter().all(|device| device.is_ready));

    // Removed, it is told nothing and may write nothing; the others work on.
    let id = first.devices().unwrap().iter().find(|device| !device.is_own).unwrap().id;
    first.remove_device(&id).unwrap();
    assert!(second.sync().is_err());
    assert!(second.beat().is_err());
    assert_eq!(first.generation(), 2);
    system.beats(&first, 10);
    caller.write("after the removal").unwrap();
    first.sync().unwrap();
    assert_eq!(first.open_call(&caller.id()).unwrap().calls().count(), 2);
    first.answer(&NewAnswer::new(&caller.id(), "from the first")).unwrap();
    system.beats(&first, 4);
    let reading = caller.read().unwrap();
    assert_eq!(reading.answers.last().unwrap().text, "from the first");
}

#[test]
fn a_request_lets_a_device_in_once_and_a_new_one_brings_it_back() {
    let system = System::start();
    let first = system.init_desk("first");
    let request = system.ask_to_join("second", &first);
    first.admit(&request).unwrap();
    let second = system.open_desk("second");
    second.sync().unwrap();
    system.beats(&second, 2);
    let id = device_id(&request.signing_key);
    first.remove_device(&id).unwrap();
    let again = first.admit(&request);
    assert!(matches!(again, Err(DeskError::UsedRequest)), "{again:?}");
    assert_eq!(first.devices().unwrap().len(), 1, "and nothing stands in the log of it");
    assert!(first.health().unfinished.is_empty());
    // Also when the keyrings that named it are gone.
    let other = system.ask_to_join("third", &first);
    first.admit(&other).unwrap();
    first.remove_device(&device_id(&other.signing_key)).unwrap();
    for used in [&request, &other] {
        assert!(matches!(first.admit(used), Err(DeskError::UsedRequest)));
    }

    // In the same directory, with what was in it lost: another request of the same device.
    drop(second);
    system.lose_cache("second");
    let anew = system.ask_to_join("second", &first);
    assert_eq!((device_id(&anew.signing_key), anew.wrapping_key == request.wrapping_key), (id, false));
    first.admit(&anew).unwrap();
    system.open_desk("second").sync().unwrap();
}

#[test]
fn a_device_that_an_old_request_has_let_in_says_so_and_sends_nothing_that_waited() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let mut caller = system.caller(&first);
    caller.write("call").unwrap();
    let request = system.ask_to_join("second", &first);
    first.admit(&request).unwrap();
    let second = system.open_desk("second");
    second.sync().unwrap();
    system.beats(&second, 4);
    second.answer(&NewAnswer::new(&caller.id(), "of before the removal")).unwrap();
    let id = device_id(&request.signing_key);
    first.remove_device(&id).unwrap();
    // The one that removes it knows the request; a device that joins later has never seen it.
    let fourth = system.add_device("fourth", &first);
    fourth.admit(&request).unwrap();
    tap.take();
    for _ in 0..2 {
        for done in [second.sync(), second.beat(), second.flush().map(drop)] {
            assert!(matches!(done, Err(DeskError::OldRequest)), "{done:?}");
        }
        assert_eq!(second.outside(), Some(Outside::OldRequest));
    }
    drop(second);
    // A start changes nothing, and neither does one with the cache lost: then it may ask anew in the same directory.
    let second = system.open_desk("second");
    assert_eq!(second.outside(), Some(Outside::OldRequest));
    assert!(matches!(second.beat(), Err(DeskError::OldRequest)));
    let accepted = tap.take().into_iter().filter(|seen| seen.status < 300 && seen.path == "v1/commit");
    assert_eq!(accepted.count(), 0);
    drop(second);
    system.lose_cache("second");
    for _ in 0..2 {
        assert!(matches!(system.try_open_desk("second"), Err(DeskError::OldRequest)));
    }
    fourth.remove_device(&id).unwrap();
    fourth.admit(&system.ask_to_join("second", &fourth)).unwrap();
    let second = system.open_desk("second");
    second.sync().unwrap();
    assert_eq!(second.outside(), None);
    system.beats(&fourth, 6);
    assert_eq!(caller.read().unwrap().answers.len(), 0);
}

#[test]
fn a_device_that_the_hub_cuts_off_knows_it_without_asking_until_it_is_opened_a_session_again() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    assert_eq!(second.outside(), None);
    tap.script(|seen| if seen.path == "v1/session" { Move::RefuseFor(403, "forbidden") } else { Move::Pass });
    drop(second);
    let second = system.open_desk("second");
    assert!(matches!(second.sync(), Err(DeskError::Hub(HubError::NotADevice))));
    assert_eq!(second.outside(), Some(Outside::CutOff));
    drop(second);
    let second = system.open_desk("second");
    assert_eq!(second.outside(), Some(Outside::CutOff));
    tap.honest();
    second.sync().unwrap();
    assert_eq!((second.outside(), system.open_desk("second").outside()), (None, None));
}

#[test]
fn the_keys_of_a_removed_device_open_nothing_that_came_later() {
    let system = System::start();
    let first = system.init_desk("first");
    let mut caller = system.caller(&first);
    caller.write("before the removal").unwrap();
    let mut hoard = Hoard::default();
    hoard.take(&system.hub_dir());
    system.beats(&first, 2);
    let second = system.add_device("second", &first);
    system.beats(&second, 2);
    first.sync().unwrap();
    let id = second.devices().unwrap().iter().find(|device| device.is_own).unwrap().id;
    first.remove_device(&id).unwrap();
    caller.write("after the removal").unwrap();
    hoard.take(&system.hub_dir());
    first.sync().unwrap();
    first.answer(&NewAnswer::new(&caller.id(), "an answer after the removal")).unwrap();
    system.beats(&first, 6);
    hoard.take(&system.hub_dir());

    let stolen = hoard.open_with(&system.desk_dir("second"));
    assert!(stolen.holds("before the removal"));
    assert!(!stolen.holds("after the removal"));
    assert!(hoard.open_with(&system.desk_dir("first")).holds("an answer after the removal"));
    assert_eq!(caller.read().unwrap().answers[0].text, "an answer after the removal");
}

#[test]
fn a_device_that_says_nothing_for_a_generation_is_left_out_of_the_next() {
    let system = System::start();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    // It never beats: nobody knows whether it has destroyed what it should.
    drop(second);
    for _ in 0..8 {
        system.clock.advance(86_400);
        first.sync().unwrap();
        system.beats(&first, 4);
    }
    assert_eq!((first.generation(), first.devices().unwrap().len()), (2, 1));
    assert!(system.open_desk("second").sync().is_err());
}

#[test]
fn two_devices_live_through_generations_together() {
    let system = System::start();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    let mut caller = system.caller(&first);
    for day in 0..16u64 {
        system.clock.advance(86_400);
        caller.write(&format!("call {day}")).unwrap();
        for desk in [&first, &second] {
            desk.sync().unwrap();
            system.beats(desk, 4);
        }
    }
    assert_eq!((first.generation(), second.generation()), (3, 3));
    for desk in [&first, &second] {
        desk.sync().unwrap();
        assert_eq!(desk.open_call(&caller.id()).unwrap().calls().count(), 16);
        assert_eq!(desk.health().alarm, None);
    }
}

#[test]
fn a_device_that_missed_a_keyring_can_still_admit_and_remove() {
    let system = System::start();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    // Nothing tells the second that a third is there: it has not written yet.
    first.admit(&system.ask_to_join("third", &first)).unwrap();
    second.admit(&system.ask_to_join("fourth", &second)).unwrap();
    assert_eq!(second.devices().unwrap().len(), 4);
}

#[test]
fn a_call_that_comes_before_a_new_device_knows_the_state_is_not_passed_over() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    let id = first.devices().unwrap().iter().find(|device| !device.is_own).unwrap().id;
    drop(second);
    let link = Link::parse(&system.hub_url()).unwrap();
    let client = HubClient::find(&link, Some(first.fingerprint()), &Proxies::none()).unwrap();
    let notice = client.fetch_notice(client.pin(), system.clock.now()).unwrap();
    let mut earlier = system.caller(&first);
    for _ in 0..10 {
        earlier.write(&"x".repeat(8_000)).unwrap();
    }
    first.sync().unwrap();
    first.flush().unwrap();
    // A generation begins in the log, and its snapshot does not come to the hub.
    tap.script(|seen| if seen.path.starts_with("v1/snapshot") { Move::Refuse(503) } else { Move::Pass });
    first.remove_device(&id).unwrap();
    first.admit(&system.ask_to_join("third", &first)).unwrap();
    let third = system.open_desk("third");
    third.sync().unwrap();
    assert!(matches!(third.beat(), Err(DeskError::CatchingUp)));
    // Its notice is of before: the log of this generation says nothing of it.
    let caller = system.caller(&first);
    let message = Message {
        id: Bytes([7; 16]),
        track: String::new(),
        language: "en".to_owned(),
        text: "a call".to_owned(),
        safe_times: None,
    };
    let part = message.parts().unwrap().remove(0);
    let today = system.clock.now().day();
    let cell = Cell::seal_part(&part, caller.keys(), &notice, today, &mut system.rng()).unwrap();
    let ask = Ask { day: Day(0), shard: 0, from: LAST_BLOCK };
    client.exchange(&Request { ask, stamp: Stamp::NONE, cell }).unwrap();
    third.sync().unwrap();
    tap.honest();
    system.beats(&first, 30);
    third.sync().unwrap();
    system.clock.advance(1_000);
    system.beats(&third, 3);
    assert!(third.open_call(&caller.id()).is_ok());
    first.sync().unwrap();
    assert!(first.open_call(&caller.id()).is_ok());
}

#[test]
fn another_process_that_is_a_generation_behind_destroys_no_key_that_is_needed() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let remove_another = |name| {
        drop(system.add_device(name, &first));
        let id = first.devices().unwrap().iter().find(|device| !device.is_own).unwrap().id;
        first.remove_device(&id).unwrap();
    };
    remove_another("second");
    let behind = system.open_desk("first");
    system.beats(&first, 3);
    remove_another("third");
    // It settles its own generation, and hears of no later one.
    tap.script(|_| Move::Refuse(503));
    behind.beat().unwrap_err();
    tap.honest();
    system.open_desk("first").beat().unwrap();
}

#[test]
fn a_call_that_comes_before_an_erasure_in_the_log_is_not_erased_unseen() {
    let system = System::start();
    let first = system.init_desk("first");
    let second = system.add_device("second", &first);
    let mut caller = system.caller(&first);
    caller.write("erased").unwrap();
    for desk in [&first, &second] {
        desk.sync().unwrap();
        desk.flush().unwrap();
    }
    first.sync().unwrap();
    first.erase(&caller.id()).unwrap();
    caller.write("never seen by who erased").unwrap();
    second.sync().unwrap();
    second.flush().unwrap();
    first.sync().unwrap();
    first.flush().unwrap();
    second.sync().unwrap();
    for desk in [&first, &second] {
        let case = desk.case(&caller.id()).expect("the second call");
        let texts: Vec<_> = case.calls().map(Call::text).collect();
        assert_eq!(texts, ["never seen by who erased"]);
    }
}

#[test]
fn a_device_that_went_and_came_again_goes_once_more_though_the_hub_takes_no_snapshot() {
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let request = system.ask_to_join("second", &first);
    first.admit(&request).unwrap();
    let id = device_id(&request.signing_key);
    // So the entries of before it went are still to be read, and keyrings name who wrote them.
    tap.script(|seen| match (&seen.method[..], &seen.path[..]) {
        ("PUT", path) if path.starts_with("v1/snapshot") => Move::Refuse(503),
        _ => Move::Pass,
    });
    for _ in 0..2 {
        // A request lets it in once.
        drop(system.open_desk("second"));
        first.remove_device(&id).unwrap();
        assert!(first.devices().unwrap().iter().all(|device| device.is_own));
        system.lose_cache("second");
        first.admit(&system.ask_to_join("second", &first)).unwrap();
        assert_eq!(first.devices().unwrap().len(), 2);
    }
    tap.honest();
    let second = system.open_desk("second");
    system.beats(&first, 4);
    second.sync().unwrap();
    system.beats(&second, 1);
}
