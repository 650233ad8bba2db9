//! Those who mean harm, or bring garbage.

use callsign_caller::hub_client::HubClient;
use callsign_desk::{Alarm, DeskError, NewAnswer};
use callsign_http::{Link, Proxies};
use callsign_protocol::{
    call::Message,
    cell::{CELL_LEN, Cell},
    encoding::Bytes,
    exchange::{Ask, LAST_BLOCK, Outcome, Request},
    follow::Follow,
    stamp::Stamp,
    time::Day,
};
use callsign_testkit::{Move, System};
use rand_core::Rng as _;

use crate::agent;

#[test]
fn garbage_in_the_inbox_is_counted_and_delays_nobody() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let url = format!("{}/{}/v1/exchange", system.hub_url(), desk.fingerprint().desk_id());
    let mut rng = system.rng();
    let today = system.clock.now().day();
    for n in 0..20u32 {
        let mut bytes = Box::new([0; CELL_LEN]);
        rng.fill_bytes(&mut *bytes);
        // Some of it even names a key that exists.
        if n % 2 == 0 {
            bytes[0] = 1;
            bytes[1..5].copy_from_slice(&today.0.to_be_bytes());
        }
        let ask = Ask { day: Day(0), shard: 0, from: LAST_BLOCK };
        let body = Request { ask, stamp: Stamp::NONE, cell: Cell(bytes) }.encode();
        agent().post(&url).send(&body[..]).unwrap();
    }
    let mut caller = system.caller(&desk);
    caller.write("a call behind garbage").unwrap();
    desk.sync().unwrap();
    assert_eq!(desk.health().dropped_cells, 20);
    assert!(desk.open_call(&caller.id()).is_ok());
}

#[test]
fn a_cell_that_is_replayed_is_one_message() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let caller = system.caller(&desk);
    let link = Link::parse(&system.hub_url()).unwrap();
    let client = HubClient::find(&link, Some(desk.fingerprint()), &Proxies::none()).unwrap();
    let now = system.clock.now();
    let notice = client.fetch_notice(client.pin(), now).unwrap();
    let message = Message {
        id: Bytes([7; 16]),
        track: String::new(),
        language: "en".to_owned(),
        text: "once".to_owned(),
        safe_times: None,
    };
    let part = message.parts().unwrap().remove(0);
    let cell = Cell::seal_part(&part, caller.keys(), &notice, now.day(), &mut system.rng()).unwrap();
    let ask = Ask { day: Day(0), shard: 0, from: LAST_BLOCK };
    let request = Request { ask, stamp: Stamp::NONE, cell };
    for _ in 0..3 {
        assert_eq!(client.exchange(&request).unwrap().header.outcome, Outcome::Stored);
    }
    desk.sync().unwrap();
    desk.flush().unwrap();
    assert_eq!(desk.open_call(&caller.id()).unwrap().items.len(), 1);
    assert_eq!(desk.health().dropped_cells, 0);
}

#[test]
fn a_desk_that_beats_while_it_follows_through_garbage_raises_no_alarm() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let url = format!("{}/{}/v1/exchange", system.hub_url(), desk.fingerprint().desk_id());
    let mut body = vec![0; 4_192];
    system.rng().fill_bytes(&mut body[96..]);
    body[0] = 1;
    body[12..16].fill(0xff);
    std::thread::scope(|scope| {
        let following = scope.spawn(|| (0..60).try_for_each(|_| desk.follow(0).map(|_| ())));
        for _ in 0..60 {
            agent().post(&url).send(&body[..]).unwrap();
            desk.beat().unwrap();
        }
        following.join().unwrap().unwrap();
    });
    assert_eq!(desk.health().alarm, None);
}

#[test]
fn a_caller_with_hundreds_of_messages_holds_nothing_back() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    let ids: Vec<_> = (0..330).map(|n| caller.write(&n.to_string()).unwrap()).collect();
    desk.sync().unwrap();
    desk.flush().unwrap();
    desk.open_call(&caller.id()).unwrap();
    desk.answer(&NewAnswer::new(&caller.id(), "answer")).unwrap();
    desk.flush().unwrap();
    let reading = caller.read().unwrap();
    assert_eq!(reading.answers[0].text, "answer");
    // Eight in a drop, sixteen drops for nothing else and one with the answer: the others are told tomorrow.
    assert_eq!(reading.opened.len(), 17 * 8);
    assert!(reading.opened.iter().all(|id| ids.contains(id)));
}

#[test]
fn a_flood_of_calls_holds_no_answer_back() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let mut waiting = system.caller(&desk);
    waiting.write("please").unwrap();
    desk.sync().unwrap();
    desk.flush().unwrap();
    let mut flooder = system.caller(&desk);
    for _ in 0..20 {
        flooder.write(&"x".repeat(8_000)).unwrap();
    }
    desk.sync().unwrap();
    desk.answer(&NewAnswer::new(&waiting.id(), "answer")).unwrap();
    for _ in 0..2 {
        system.clock.advance(2);
        desk.beat().unwrap();
    }
    assert_eq!(waiting.read().unwrap().answers[0].text, "answer");
}

#[test]
fn a_log_that_goes_back_stops_all_writing() {
    let mut system = System::start();
    let desk = system.init_desk("desk");
    system.stop_hub();
    let (hub, earlier) = (system.hub_dir(), system.desk_dir("earlier-hub"));
    copy(&hub, &earlier);
    system.start_hub();
    desk.sync().unwrap();
    for _ in 0..3 {
        desk.beat().unwrap();
    }
    system.stop_hub();
    std::fs::remove_dir_all(&hub).unwrap();
    copy(&earlier, &hub);
    system.start_hub();
    assert!(matches!(desk.sync(), Err(DeskError::Alarm(Alarm::LogWentBack))));
    assert!(matches!(desk.beat(), Err(DeskError::Alarm(Alarm::LogWentBack))));
    // A fresh process of the same device notices as well.
    let again = system.open_desk("desk");
    assert!(matches!(again.sync(), Err(DeskError::Alarm(Alarm::LogWentBack))));
}

#[test]
fn a_wrong_code_enrols_nobody_and_leaves_nothing_behind() {
    let system = System::start();
    let code = system.hub_dir().join("enrolment-code");
    let right = std::fs::read(&code).unwrap();
    std::fs::write(&code, "AAAA-AAAA").unwrap();
    let refused = system.try_init_desk("desk", callsign_desk::Settings::short());
    assert!(matches!(refused, Err(DeskError::Hub(_))), "{refused:?}");
    assert!(!system.desk_dir("desk").join("vault").exists());
    std::fs::write(&code, right).unwrap();
    system.init_desk("desk");
    assert!(!code.exists(), "a used code is gone");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn a_false_place_in_the_inbox_does_not_outlive_the_lie() {
    let (system, tap) = System::start_tapped();
    let desk = system.init_desk("desk");
    let mut caller = system.caller(&desk);
    caller.write("before the lie").unwrap();
    desk.sync().unwrap();
    tap.script(|seen| {
        if !seen.path.starts_with("v1/follow") {
            return Move::Pass;
        }
        Move::Change(Box::new(|bytes| {
            let mut told = Follow::decode(bytes).unwrap();
            (told.inbox_done, told.inbox_last) = (1 << 60, 1 << 61);
            told.cells.push((1 << 61, Cell(Box::new([7; CELL_LEN]))));
            *bytes = told.encode();
        }))
    });
    desk.follow(0).unwrap();
    tap.honest();
    caller.write("after the lie").unwrap();
    desk.sync().unwrap();
    desk.sync().unwrap();
    let texts: Vec<_> =
        desk.open_call(&caller.id()).unwrap().calls().map(|call| call.text().clone()).collect();
    assert_eq!(texts, ["before the lie", "after the lie"]);
    // In another process too, and a day later nothing is done with that was not taken.
    system.clock.advance_days(1);
    drop(desk);
    let desk = system.open_desk("desk");
    caller.write("a day later").unwrap();
    desk.sync().unwrap();
    system.beats(&desk, 4);
    assert_eq!(desk.open_call(&caller.id()).unwrap().calls().count(), 3);
    assert!(desk.follow(0).is_ok());
}
