//! A hub that asks for stamps: every exchange of the visit carries what the hub asked for last, whatever is in its cell.

use std::cell::RefCell;

use callsign_caller::{
    hub_client::HubClient,
    visit::{SlotError, Visit, VisitError},
};
use callsign_protocol::{
    cell::Opened,
    exchange::{Outcome, Request},
    stamp::{Effort, Round, Stamp, Toll},
};
use chacha20::ChaCha20Rng;

use crate::{
    desk::{TestDesk, caller, clock, noon, rng},
    scripted_hub::{Reply, ScriptedHub},
    shapes::message,
};

fn toll(effort: u8, round: u16) -> Toll {
    Toll { effort: Effort(effort), round: Round(round) }
}

fn visit_at(client: &HubClient, sealing_seed: u64) -> Visit<'_, ChaCha20Rng> {
    let notice = client.fetch_notice(None, noon()).unwrap();
    Visit::new(client, notice, caller(0), clock(), rng(sealing_seed))
}

/// Effort and round of each exchange; every stamp holds for its cell.
fn efforts(hub: &ScriptedHub) -> Vec<(u8, u16)> {
    let desk = TestDesk::new().fingerprint();
    let effort = |request: &Request| {
        assert!(request.stamp.holds(&desk, &request.cell));
        (request.stamp.effort.0, request.stamp.round.0)
    };
    hub.exchanges().iter().map(effort).collect()
}

#[test]
fn real_cells_and_cover_carry_the_stamp_that_was_asked_for() {
    let (desk, busy) = (TestDesk::new(), toll(6, 900));
    let hub = ScriptedHub::start()
        .script(move |n, _| Reply::Asking(if n == 0 { Outcome::Unavailable } else { Outcome::Stored }, busy));
    let client = hub.client();
    let mut visit = visit_at(&client, 1);
    visit.write(&message("text")).unwrap();
    assert_eq!(visit.slot(), Err(SlotError::Unavailable));
    for _ in 0..4 {
        visit.slot().unwrap();
    }
    assert_eq!(efforts(&hub), [(0, 0), (6, 900), (6, 900), (6, 900), (6, 900)]);
    let is_cover = |cell| desk.open(cell, desk.notice().hash).unwrap() == Opened::Cover;
    assert_eq!(hub.cells().iter().map(is_cover).collect::<Vec<_>>(), [true, true, false, true, true]);
    let posts = hub.seen().into_iter().filter(|seen| seen.method == "POST");
    assert!(posts.map(|seen| seen.body.len()).all(|len| len == 4_192));
    let mut nonces: Vec<_> = hub.exchanges()[1..].iter().map(|request| request.stamp.nonce >> 32).collect();
    nonces.dedup();
    assert_eq!(nonces.len(), 4, "each search begins elsewhere");
}

#[test]
fn the_newest_answer_counts_and_none_changes_nothing() {
    let answers = [
        Reply::Asking(Outcome::Stored, toll(3, 1)),
        Reply::Asking(Outcome::Unavailable, toll(5, 2)),
        Reply::Silence,
        Reply::Cut(100),
        // Asks for effort 9, and is not believed: it is another list's answer.
        Reply::Lie(|header| (header.shard, header.toll) = (header.shard + 1, toll(9, 3))),
        Reply::Asking(Outcome::UnknownList, toll(2, 4)),
        Reply::Honest,
        Reply::Honest,
    ];
    let slots = answers.len();
    let hub = ScriptedHub::start().script(move |n, _| answers[n].clone());
    let client = hub.client();
    let mut visit = visit_at(&client, 1);
    for _ in 0..slots {
        visit.slot().unwrap_or_default();
    }
    assert_eq!(efforts(&hub), [(0, 0), (3, 1), (5, 2), (5, 2), (5, 2), (5, 2), (2, 4), (0, 0)]);
}

#[test]
fn no_more_is_done_than_the_greatest_effort() {
    let hub = ScriptedHub::start().script(|_, _| Reply::Asking(Outcome::Stored, toll(255, 1)));
    let client = hub.client();
    let mut visit = visit_at(&client, 1);
    visit.slot().unwrap();
    visit.slot().unwrap();
    assert_eq!(efforts(&hub), [(0, 0), (20, 1)]);
}

#[test]
fn what_was_asked_in_one_visit_is_not_known_in_the_next() {
    let hub = ScriptedHub::start().script(|_, _| Reply::Asking(Outcome::Stored, toll(4, 7)));
    let client = hub.client();
    for sealing_seed in [1, 2] {
        let mut visit = visit_at(&client, sealing_seed);
        visit.slot().unwrap();
        visit.slot().unwrap();
    }
    assert_eq!(efforts(&hub), [(0, 0), (4, 7), (0, 0), (4, 7)]);
    let stamps: Vec<Stamp> = hub.exchanges().into_iter().map(|request| request.stamp).collect();
    assert_ne!(stamps[1].nonce, stamps[3].nonce);
}

#[test]
fn a_busy_hub_is_asked_for_some_minutes_and_then_left() {
    let hub = ScriptedHub::start()
        .script(|n, _| Reply::Asking(Outcome::Unavailable, toll(1, u16::try_from(n).unwrap())));
    let client = hub.client();
    let mut visit = visit_at(&client, 1);
    visit.write(&message("text")).unwrap();
    let waits = RefCell::new(Vec::new());
    let result = visit.send_fast(&|wait| waits.borrow_mut().push(wait.as_secs()));
    let cause = SlotError::Unavailable;
    assert_eq!(result, Err(VisitError::NotStored { cause, parts: 1, stored: 0 }));
    assert_eq!(waits.into_inner(), [1, 2, 4, 8, 15, 30, 60]);
    assert_eq!(efforts(&hub).len(), 8);
}
