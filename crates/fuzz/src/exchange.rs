//! The exchange: requests as a hub reads them, answers as a caller reads them, and the walk that answers lead.

use callsign_protocol::{
    exchange::{
        ANSWER_LEN, Answer, AnswerHeader, BLOCK, HEADER_LEN, LAST_BLOCK, Outcome, REQUEST_LEN, Request,
    },
    identity::Fingerprint,
    stamp::{Effort, Toll},
    time::Day,
    visit::Walk,
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
    assert_eq!(answer.header.encode().as_slice(), &bytes[..HEADER_LEN]);
    let drops: Vec<u8> = answer.drops.iter().flat_map(|drop| drop.0).collect();
    assert_eq!(drops, bytes[HEADER_LEN..HEADER_LEN + drops.len()]);
    assert_eq!(
        u64::try_from(answer.drops.len()).ok(),
        Some(u64::from(total.saturating_sub(from).min(BLOCK)))
    );
}

/// A hub that says anything of its lists: each pass goes back and back, so that it ends.
fn walk(bytes: &[u8]) {
    let Some((window, answers)) = bytes.split_first() else { return };
    let mut walk = Walk::new(u32::from(*window));
    for step in answers.chunks_exact(STEP) {
        let asked = walk.ask(|_| 0);
        let u32_at = |at: usize| u32::from_be_bytes([step[at], step[at + 1], step[at + 2], step[at + 3]]);
        let day = Day(20_000 + u32::from(step[0]));
        let header = AnswerHeader {
            outcome: Outcome::Stored,
            day,
            shard: 0,
            from: u32_at(1),
            total: u32_at(5),
            notice_serial: 0,
            signature: None,
            toll: Toll::NONE,
        };
        walk.took(&header);
        let next = walk.ask(|_| 0);
        let begins_a_pass = next.day == Day(0);
        if begins_a_pass {
            assert_eq!(next.from, LAST_BLOCK);
            assert!(walk.is_complete());
        } else if asked.day == Day(0) {
            assert!((next.day, next.from) < (day, header.from.max(1)), "{header:?} then {next:?}");
        } else {
            assert!((next.day, next.from) < (asked.day, asked.from), "{asked:?} then {next:?}");
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
        let mut bytes = vec![number(&walk["window"])];
        for step in list(&walk["steps"]) {
            let answer = &step["answer"];
            bytes.extend_from_slice(&number::<u32>(&answer["day"]).to_be_bytes()[3..]);
            bytes.extend_from_slice(&number::<u32>(&answer["from"]).to_be_bytes());
            bytes.extend_from_slice(&number::<u32>(&answer["total"]).to_be_bytes());
        }
        bytes
    };
    list(&file("walk.json")["walks"]).iter().map(seed).collect()
}
