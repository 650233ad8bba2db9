//! The exchange: requests as a hub reads them, answers as a caller reads them, and the walk that answers lead.

use std::collections::HashMap;

use callsign_protocol::{
    exchange::{
        ANSWER_HEADER_LEN, ANSWER_LEN, Answer, AnswerHeader, BLOCK, LAST_BLOCK, REQUEST_LEN, Request,
    },
    identity::Fingerprint,
    plan::{Plan, PlanEntry},
    stamp::Effort,
    time::Day,
    walk::{Told, Walk},
};
use data_encoding::HEXLOWER;

use crate::{
    Target,
    read::{file, list, number, text},
};

/// Bytes of an input that stand for one answer of a walk: day, from and total.
const STEP: usize = 9;

pub const TARGETS: &[Target] = &[
    Target { name: "request", run: request, seeds: requests, max_len: REQUEST_LEN + 1, replays: 5_000 },
    Target { name: "answer", run: answer, seeds: answers, max_len: ANSWER_LEN + 1, replays: 500 },
    Target { name: "walk", run: walk, seeds: walks, max_len: 4_096, replays: 5_000 },
];

fn request(bytes: &[u8]) {
    if let Ok(request) = Request::decode(bytes) {
        assert_eq!(request.encode(), bytes);
        // A hub under load asks this of anything; nothing holds that claims more bits than a hash has left to chance.
        let holds = request.stamp.holds(&Fingerprint([0; 32]), &request.cell);
        assert!(holds || request.stamp.effort > Effort(0));
        assert!(!holds || request.stamp.effort < Effort(64));
    }
}

fn answer(bytes: &[u8]) {
    let Ok(answer) = Answer::decode(bytes) else { return };
    let AnswerHeader { from, total, .. } = answer.header;
    assert_eq!(bytes.len(), ANSWER_LEN);
    assert_eq!(answer.header.encode().as_slice(), &bytes[..ANSWER_HEADER_LEN]);
    let drops: Vec<u8> = answer.drops.iter().flat_map(|drop| drop.0).collect();
    assert_eq!(drops, bytes[ANSWER_HEADER_LEN..ANSWER_HEADER_LEN + drops.len()]);
    assert_eq!(
        u64::try_from(answer.drops.len()).ok(),
        Some(u64::from(total.saturating_sub(from).min(BLOCK)))
    );
}

/// A hub that says anything of its lists: the walk asks for what it has not read, and never twice for what it has.
fn walk(bytes: &[u8]) {
    let Some((days, answers)) = bytes.split_first() else { return };
    let plan = Plan(vec![PlanEntry { from: Day(0), shards: 2, drop_period_s: 1 }]);
    let mut walk = Walk::new(u32::from(*days), 0);
    let mut read = HashMap::new();
    for (slot, step) in (1..).zip(answers.chunks_exact(STEP)) {
        let u32_at = |at: usize| u32::from_be_bytes([step[at], step[at + 1], step[at + 2], step[at + 3]]);
        walk.move_to(u16::from(step[5] & 1) << 15);
        let ask = walk.ask(slot, &plan, Day(20_000));
        let (told, total) = (Day(20_000 + u32::from(step[0])), u32_at(5));
        let day = if ask.day == Day(0) { told } else { ask.day };
        let from = if ask.from == LAST_BLOCK { u32_at(1) } else { ask.from };
        if ask.from != LAST_BLOCK {
            let before = read.insert((day, ask.shard, from), total);
            assert!(before.is_none_or(|before| before < from.saturating_add(BLOCK)), "{ask:?} was read");
        }
        walk.took(&plan, &ask, &Told { day, from, total });
        assert!(walk.days_read(&plan, 0) <= u32::from(*days).max(1));
        let bits = u16::from(step[5] & 1) << 15;
        if walk.has_read(&plan, bits) {
            assert!(walk.is_whole());
            assert_eq!(walk.ask(slot, &plan, Day(20_000)).day, Day(0));
        }
    }
}

/// `header || fill…` as the file has it.
fn bodies(member: &str) -> Vec<Vec<u8>> {
    let file = file("exchange.json");
    let fill: u8 = number(&file["fill"]);
    let body = |case: &serde_json::Value| {
        let mut body = HEXLOWER.decode(text(&case["header"]).as_bytes()).expect("a header in hexadecimal");
        body.resize(number(&case["length"]), fill);
        body
    };
    list(&file[member]).iter().map(body).collect()
}

fn requests() -> Vec<Vec<u8>> {
    bodies("requests")
}

fn answers() -> Vec<Vec<u8>> {
    bodies("answers")
}

fn walks() -> Vec<Vec<u8>> {
    let seed = |walk: &serde_json::Value| {
        let mut bytes = vec![number(&walk["days"])];
        for answer in list(&walk["steps"]).iter().filter_map(|step| step.get("answer")) {
            bytes.extend_from_slice(&number::<u32>(&answer["day"]).to_be_bytes()[3..]);
            bytes.extend_from_slice(&number::<u32>(&answer["from"]).to_be_bytes());
            bytes.extend_from_slice(&number::<u32>(&answer["total"]).to_be_bytes());
        }
        bytes
    };
    list(&file("walk.json")["walks"]).iter().map(seed).collect()
}
