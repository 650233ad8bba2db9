//! Requests and answers: one encoding for each meaning, and one size.

use std::path::PathBuf;

use callsign_protocol::{
    cell::Cell,
    exchange::{ANSWER_HEADER_LEN, ANSWER_LEN, Answer, Ask, REQUEST_HEADER_LEN, Request},
    stamp::{Effort, Round, Search, Stamp, Toll},
    time::Day,
};
use data_encoding::HEXLOWER;
use proptest::prelude::*;
use serde_json::Value;

use super::{DESK, changed, filled};

/// The answers of `vectors/exchange.json` that are read, refused ones left out.
fn answers() -> Vec<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors/exchange.json");
    let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let bodies = file["answers"].as_array().unwrap().iter().map(|case| {
        let mut body = HEXLOWER.decode(case["header"].as_str().unwrap().as_bytes()).unwrap();
        body.resize(case["length"].as_u64().unwrap().try_into().unwrap(), 9);
        body
    });
    bodies.filter(|body| Answer::decode(body).is_ok()).collect()
}

#[test]
fn the_header_of_an_answer_has_one_encoding() {
    let answers = answers();
    assert!(answers.len() > 10);
    for answer in answers {
        for at in 0..ANSWER_HEADER_LEN {
            for bit in 0..8 {
                let mut other = answer.clone();
                other[at] ^= 1 << bit;
                if let Ok(read) = Answer::decode(&other) {
                    assert_eq!(read.header.encode(), other[..ANSWER_HEADER_LEN]);
                }
            }
        }
        assert_eq!(Answer::decode(&answer).unwrap().header.encode(), answer[..ANSWER_HEADER_LEN]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_request_reads_back(place: (u32, u32, u32), work in (1..=u8::MAX, any::<u16>(), any::<u64>()), cell: u64) {
        let ask = Ask { day: Day(place.0), shard: place.1, from: place.2 };
        let stamp = Stamp { effort: Effort(work.0), round: Round(work.1), nonce: work.2 };
        let request = Request { ask, stamp, cell: Cell(Box::new(filled(cell))) };
        prop_assert_eq!(Request::decode(&request.encode()), Ok(request));
    }

    #[test]
    fn a_request_has_no_second_encoding(cell: u64, at: prop::sample::Index, with in 1..=u8::MAX, effort in 0..2u8) {
        let ask = Ask { day: Day(20_000), shard: 0, from: 7 };
        let toll = Toll { effort: Effort(effort), round: Round(0) };
        let cell = Cell(Box::new(filled(cell)));
        let stamp = Search::new(&DESK, &cell, toll, 0).advance(u32::MAX).unwrap();
        let valid = Request { ask, stamp, cell }.encode();
        let mut in_header = valid.clone();
        in_header[at.index(REQUEST_HEADER_LEN)] ^= with;
        for other in [in_header, changed(&valid, at, with)] {
            if let Ok(read) = Request::decode(&other) {
                prop_assert_eq!(read.encode(), other);
            }
        }
        prop_assert!(Request::decode(&valid[..at.index(valid.len())]).is_err());
        prop_assert!(Request::decode(&[valid.as_slice(), &[with]].concat()).is_err());
    }

    #[test]
    fn a_stamp_that_was_searched_for_holds(seed: u64, round: u16, first: u64, effort in 0..8u8) {
        let cell = Cell(Box::new(filled(seed)));
        let toll = Toll { effort: Effort(effort), round: Round(round) };
        let stamp = Search::new(&DESK, &cell, toll, first).advance(u32::MAX).unwrap();
        prop_assert_eq!(stamp.effort, toll.effort);
        prop_assert!(effort == 0 || stamp.round == toll.round);
        prop_assert!(stamp.holds(&DESK, &cell));
    }

    #[test]
    fn an_answer_has_one_size(seed: u64, len in 0..2 * ANSWER_LEN) {
        let bytes = filled::<{ 2 * ANSWER_LEN }>(seed);
        let mut answer = bytes[..len].to_vec();
        if let Some(version) = answer.first_mut() {
            *version = 1;
        }
        prop_assert!(len == ANSWER_LEN || Answer::decode(&answer).is_err());
    }
}
