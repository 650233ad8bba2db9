//! `day.json`: chains over the drops of lists, and signatures over finished ones.

use callsign_protocol::{
    digest::{Chain, ListDigest, Stage, drop_hash},
    drop::{DROP_LEN, Drop},
    encoding::Bytes,
    identity::PrivateKey,
    time::Minute,
};
use serde_json::{Value, json};

use super::{
    case::{Case, hex},
    fixture::{Desk, TODAY, rng},
};

/// The whole file.
pub fn file() -> Value {
    let desk = Desk::new();
    json!({
        "comment": "Section 8.2: a list's drops are 1,024 bytes of one value each. `chain` is h after each drop. A signature \
                    over a head, or over a day's list, as `stage` says, is read with `fingerprint` and the notice's `duty_key`.",
        "fingerprint": desk.fingerprint().to_string(),
        "duty_key": hex(&desk.duty.public().0),
        "chains": [chain(&[]), chain(&[1]), chain(&[1, 2, 3]), chain(&[3, 2, 1])],
        "cases": signatures(&desk),
    })
}

fn chain(drops: &[u8]) -> Value {
    let mut chain = Chain::EMPTY;
    let mut hashes = vec![hex(&chain.hash.0)];
    for drop in drops {
        chain = chain.with(&drop_hash(&Drop([*drop; DROP_LEN])));
        hashes.push(hex(&chain.hash.0));
    }
    json!({ "drops": drops, "chain": hashes })
}

fn signatures(desk: &Desk) -> Vec<Value> {
    let hashes = [1, 2, 3].map(|drop| drop_hash(&Drop([drop; DROP_LEN])));
    let minute = TODAY.start().plus(845 * 60).minute_of(TODAY);
    let digest = ListDigest { day: TODAY.minus(1), shard: 3, chain: Chain::of(&hashes), minute };
    let case_of = |stage: &str, name: &str, outcome, comment, shown: &ListDigest, bytes: &[u8]| -> Value {
        Case::new(name, outcome, comment)
            .with("stage", stage)
            .with("day", shown.day.0)
            .with("shard", shown.shard)
            .with("total", shown.chain.total)
            .with("h", hex(&shown.chain.hash.0))
            .with("minute", u16::from(shown.minute))
            .bytes(bytes)
            .into()
    };
    let case = |name: &str, outcome, comment, shown: &ListDigest, bytes: &[u8]| {
        case_of("day", name, outcome, comment, shown, bytes)
    };
    let signature = digest.sign(Stage::Day, &desk.fingerprint(), &desk.duty);
    let head = digest.sign(Stage::Head, &desk.fingerprint(), &desk.duty);
    let other = digest.sign(Stage::Day, &desk.fingerprint(), &PrivateKey::generate(&mut rng(95)));
    let label = desk.duty.sign("notice", &[&desk.fingerprint().0, b"another label"]);
    let empty = ListDigest { chain: Chain::EMPTY, minute: Minute::default(), ..digest };
    let later = ListDigest { minute: TODAY.start().plus(846 * 60).minute_of(TODAY), ..digest };
    let total = ListDigest { chain: Chain { total: 2, ..digest.chain }, ..digest };
    let hash = ListDigest { chain: Chain { hash: Bytes([1; 32]), ..digest.chain }, ..digest };
    vec![
        case("valid", "ok", "three drops", &digest, &signature.0),
        case(
            "empty",
            "ok",
            "an empty list has a signature too",
            &empty,
            &empty.sign(Stage::Day, &desk.fingerprint(), &desk.duty).0,
        ),
        case("other day", "signature", "of another day", &ListDigest { day: TODAY, ..digest }, &signature.0),
        case(
            "other shard",
            "signature",
            "of another shard",
            &ListDigest { shard: 2, ..digest },
            &signature.0,
        ),
        case("other total", "signature", "one drop less", &total, &signature.0),
        case("other drops", "signature", "another chain", &hash, &signature.0),
        case("other key", "signature", "not the notice's duty key", &digest, &other.0),
        case("other label", "signature", "the duty key's, over something else", &digest, &label),
        case("zeros", "signature", "no signature", &digest, &[0; 64]),
        case("other minute", "signature", "a minute later", &later, &signature.0),
        case("head as day", "signature", "a head is not the whole of a day", &digest, &head.0),
        case_of("head", "head", "ok", "the head of a list that may still grow", &digest, &head.0),
        case_of("head", "day as head", "signature", "a finished list has no head", &digest, &signature.0),
        case_of("head", "head, other minute", "signature", "a minute later", &later, &head.0),
        case_of("head", "head, other total", "signature", "one drop less", &total, &head.0),
        case_of(
            "head",
            "head of another day",
            "signature",
            "of another day",
            &ListDigest { day: TODAY, ..digest },
            &head.0,
        ),
        case_of(
            "head",
            "head of another shard",
            "signature",
            "of another shard",
            &ListDigest { shard: 2, ..digest },
            &head.0,
        ),
    ]
}
