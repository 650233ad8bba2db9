//! Requests and answers: one encoding for each meaning, and one size.

use std::path::PathBuf;

use callsign_protocol::{
    cell::Cell,
    exchange::{ANSWER_LEN, Answer, Ask, HEADER_LEN, Request},
    time::Day,
};
use data_encoding::HEXLOWER;
use proptest::prelude::*;
use serde_json::Value;

use super::{changed, filled};

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
        for at in 0..HEADER_LEN {
            for bit in 0..8 {
                let mut other = answer.clone();
                other[at] ^= 1 << bit;
                if let Ok(read) = Answer::decode(&other) {
                    assert_eq!(read.header.encode(), other[..HEADER_LEN]);
                }
            }
        }
        assert_eq!(Answer::decode(&answer).unwrap().header.encode(), answer[..HEADER_LEN]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_request_reads_back(day: u32, shard: u32, from: u32, cell: u64) {
        let ask = Ask { day: Day(day), shard, from };
        let request = Request { ask, cell: Cell(Box::new(filled(cell))) };
        prop_assert_eq!(Request::decode(&request.encode()), Ok(request));
    }

    #[test]
    fn a_request_has_no_second_encoding(cell: u64, at: prop::sample::Index, with in 1..=u8::MAX) {
        let ask = Ask { day: Day(20_000), shard: 0, from: 7 };
        let valid = Request { ask, cell: Cell(Box::new(filled(cell))) }.encode();
        let other = changed(&valid, at, with);
        if let Ok(read) = Request::decode(&other) {
            prop_assert_eq!(read.encode(), other);
        }
        prop_assert!(Request::decode(&valid[..at.index(valid.len())]).is_err());
        prop_assert!(Request::decode(&[valid.as_slice(), &[with]].concat()).is_err());
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
