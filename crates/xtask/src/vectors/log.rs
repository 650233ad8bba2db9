//! `entry.json` and `commit.json`: the desk's log as it is sealed, signed, chained and sent.

use callsign_protocol::{
    commit::{Commit, Head, Rest},
    digest::{SignedHead, SignedList},
    drop::Drop,
    encoding::{Bytes, Secret},
    entry::{Bundle, ENTRY_LEN, EVENTS_MAX, Entry, EntryHash, EntryHeader, Writer},
    keyring::device_id,
    snapshot::ChunkList,
};
use rand_core::CryptoRng;
use serde_json::{Value, json};

use super::{
    case::{Case, hex},
    fixture::{Desk, TODAY, now, rng},
    seal,
};

const PLAINTEXT_LEN: usize = 8_152;
/// Bytes of an entry before its signature.
const SIGNED_LEN: usize = 8_281;
/// The version of the fold that the writer's program knows.
const FOLD: u32 = 1;

/// The device that writes; its signing key is the desk's duty key, to need no other.
fn write(desk: &Desk, prev: EntryHash, rest: &Rest, events: &[Value], rng: &mut impl CryptoRng) -> Entry {
    write_bundle(desk, prev, rest, &Bundle::of(now(), FOLD, events).expect("JSON"), rng)
}

fn write_bundle(
    desk: &Desk,
    prev: EntryHash,
    rest: &Rest,
    bundle: &Bundle,
    rng: &mut impl CryptoRng,
) -> Entry {
    let header = EntryHeader { generation: 1, device: device_id(&desk.duty.public()), prev, day: TODAY };
    let writer = Writer { fingerprint: &desk.fingerprint(), log_key: &desk.log_key, signing_key: &desk.duty };
    Entry::write(&header, &rest.hash(), bundle, &writer, rng).expect("it fits")
}

fn rest(drops: Vec<(u32, Drop)>) -> Rest {
    Rest { inbox_done: 5, log_done: 4, drops, signed: vec![], heads: vec![], whole: None }
}

/// An entry around any plaintext, as the device would sign it.
fn around(desk: &Desk, plaintext: &[u8], log_key: &Secret<32>, rng: &mut impl CryptoRng) -> Vec<u8> {
    let nonce = Bytes::<24>::random(rng).0;
    let device = device_id(&desk.duty.public());
    let header = [&[1, 0, 0, 0, 1], device.0.as_slice(), &[0; 32], &TODAY.0.to_be_bytes()].concat();
    let aad = [b"callsign/v1 bundle".as_slice(), &desk.fingerprint().0, &header].concat();
    let sealed = seal::xchacha(log_key, nonce, &aad, plaintext);
    let signed = [header.as_slice(), &rest(vec![]).hash(), &nonce, &sealed].concat();
    let signature = desk.duty.sign("entry", &[&desk.fingerprint().0, &signed]);
    [signed.as_slice(), &signature].concat()
}

/// The first events of a list, as many as one bundle takes; `event.json` has all.
fn that_fit(events: Vec<Value>) -> Vec<Value> {
    let mut left = EVENTS_MAX;
    let fits = |event: &Value| {
        left = left.checked_sub(event.to_string().len() + 1)?;
        Some(())
    };
    let count = events.iter().map_while(fits).count();
    events.into_iter().take(count).collect()
}

/// The whole of `entry.json`.
pub fn entry_file() -> Value {
    let desk = Desk::new();
    let mut rng = rng(60);
    let events = that_fit(super::events::written(&desk));
    let first = write(&desk, Head::EMPTY.hash, &rest(vec![]), &events, &mut rng);
    let none = Bundle::of::<Value>(now(), FOLD, &[]).expect("JSON").with_identity(true);
    let second = write_bundle(&desk, first.hash(), &rest(vec![]), &none, &mut rng);
    let valid = |name, comment, entry: &Entry, (events, identity): (&[Value], bool)| {
        let header = entry.header();
        Case::new(name, "ok", comment)
            .bytes(entry.as_bytes())
            .with("generation", header.generation)
            .with("device", hex(&header.device.0))
            .with("prev", hex(&header.prev.0))
            .with("day", header.day.0)
            .with("rest_hash", hex(entry.rest_hash()))
            .with("hash", hex(&entry.hash().0))
            .with("at", now().whole_minutes().0)
            .with("fold", FOLD)
            .with("identity", identity)
            .with("events", events)
            .into()
    };
    let mut cases: Vec<Value> = vec![
        valid("first", "the first entry of a log", &first, (&events, false)),
        valid(
            "second",
            "its successor, without an event, by a device with the identity",
            &second,
            (&[], true),
        ),
    ];
    let strange = [
        json!({ "id": Bytes([1; 16]), "type": "of_a_later_version", "with": [1] }),
        json!({ "id": Bytes([1; 16]), "type": "ticked", "tick": "1" }),
        json!({ "type": "flushed" }),
        json!(["no event"]),
    ];
    let odd = write(&desk, Head::EMPTY.hash, &rest(vec![]), &strange, &mut rng);
    cases.push(valid(
        "strange events",
        "what is no event of a known type is kept, and void",
        &odd,
        (&strange, false),
    ));
    cases.extend(refused_entries(&desk, &mut rng));
    json!({
        "comment": "Section 9: entries. The reader has `fingerprint`, the device's `signing_key`, and `log_key`.",
        "fingerprint": desk.fingerprint().to_string(),
        "signing_key": hex(&desk.duty.public().0),
        "log_key": hex(&desk.log_key.0),
        "cases": cases,
    })
}

fn refused_entries(desk: &Desk, rng: &mut impl CryptoRng) -> Vec<Value> {
    let change = |name, outcome, comment| Case::new(name, outcome, comment).of("first");
    let mut cases: Vec<Value> = [
        change("nothing", "truncated", "no byte").keep(0),
        change("cut", "truncated", "one byte short").keep(ENTRY_LEN - 1),
        change("longer", "trailing", "one byte too many").append(&[0]),
        change("version 2", "version", "a later version").xor(0, &[3]),
        change("generation", "signature", "another generation").xor(4, &[3]),
        change("prev", "signature", "another place in the chain").xor(21, &[1]),
        change("day", "signature", "another day").xor(56, &[1]),
        change("rest hash", "signature", "other drops").xor(57, &[1]),
        change("bundle", "signature", "one bit of the bundle").xor(SIGNED_LEN - 1, &[1]),
        change("signature", "signature", "one bit of the signature").xor(SIGNED_LEN, &[1]),
    ]
    .into_iter()
    .map(Value::from)
    .collect();
    let empty = r#"{"at":60,"fold":1,"events":[]}"#;
    let mut padding = seal::padded(empty.len(), empty.as_bytes(), PLAINTEXT_LEN);
    padding[PLAINTEXT_LEN - 1] = 1;
    let json = |text: &str| seal::padded(text.len(), text.as_bytes(), PLAINTEXT_LEN);
    let other_key = Secret::random(rng);
    for (name, outcome, comment, plaintext, key) in [
        ("other log key", "sealed", "sealed under another key", json(empty), &other_key),
        ("padding", "padding", "the last byte is not zero", padding, &desk.log_key),
        (
            "no room",
            "length",
            "8,151 bytes have no room",
            { seal::padded(PLAINTEXT_LEN - 1, empty.as_bytes(), PLAINTEXT_LEN) },
            &desk.log_key,
        ),
        ("a list", "json", "events without the rest", json("[]"), &desk.log_key),
        ("empty", "json", "no JSON at all", json(""), &desk.log_key),
        ("no time", "json", "a bundle without its time", json(r#"{"fold":1,"events":[]}"#), &desk.log_key),
        ("seconds", "json", "no whole minute", json(r#"{"at":61,"fold":1,"events":[]}"#), &desk.log_key),
        (
            "identity as a number",
            "json",
            "neither true nor false",
            json(r#"{"at":60,"fold":1,"identity":1,"events":[]}"#),
            &desk.log_key,
        ),
        ("no fold", "json", "without a version", json(r#"{"at":60,"events":[]}"#), &desk.log_key),
        (
            "given twice",
            "json",
            "a member of an event twice",
            { json(r#"{"at":60,"fold":1,"events":[{"type":"flushed","type":"flushed"}]}"#) },
            &desk.log_key,
        ),
        (
            "null",
            "json",
            "a member of an event that is null",
            { json(r#"{"at":60,"fold":1,"events":[{"with":null}]}"#) },
            &desk.log_key,
        ),
    ] {
        cases.push(Case::new(name, outcome, comment).bytes(&around(desk, &plaintext, key, rng)).into());
    }
    cases
}

/// The whole of `commit.json`.
pub fn commit_file() -> Value {
    let desk = Desk::new();
    let mut rng = rng(61);
    let drops = rest(vec![(0, Drop::dummy(&mut rng)), (3, Drop::dummy(&mut rng))]);
    let mut cases: Vec<Value> = Vec::new();
    let (minute, bytes) = (TODAY.start().plus(845 * 60).minute_of(TODAY), Bytes([0x5e; 64]));
    let signature = |shard| SignedList { day: TODAY.minus(1), shard, minute, signature: bytes };
    let head = |shard| SignedHead { shard, minute, signature: bytes };
    let heads = Rest { heads: vec![head(0), head(3)], ..drops.clone() };
    let both = Rest { signed: vec![signature(0), signature(3)], ..drops.clone() };
    let chunks = ChunkList { attempt: Bytes([0xa7; 16]), count: 128, hash: Bytes([0xc4; 32]) };
    let frozen = Rest { whole: Some(chunks), ..rest(vec![]) };
    for (name, comment, rest) in [
        ("drops", "with two drops", drops),
        ("none", "a beat without a drop", rest(vec![])),
        ("signed", "with two drops, and two signatures of finished lists", both),
        ("heads", "with two drops, and the heads of the lists that they go to", heads),
        ("whole", "with a snapshot that is whole", frozen),
    ] {
        let entry = write(&desk, Head::EMPTY.hash, &rest, &that_fit(super::events::written(&desk)), &mut rng);
        let head = Head { sequence: 1, hash: entry.hash() };
        let case = Case::new(name, "ok", comment)
            .with("id", hex(&entry.hash().0))
            .with("inbox_done", rest.inbox_done)
            .with("log_done", rest.log_done)
            .with("day", TODAY.0)
            .with("shards", rest.drops.iter().map(|(shard, _)| *shard).collect::<Vec<_>>())
            .with(
                "signed",
                rest.signed
                    .iter()
                    .map(|list| json!([list.day, list.shard, u16::from(list.minute)]))
                    .collect::<Vec<_>>(),
            )
            .with(
                "heads",
                rest.heads.iter().map(|head| json!([head.shard, u16::from(head.minute)])).collect::<Vec<_>>(),
            )
            .with(
                "whole",
                rest.whole.map(|whole| json!([hex(&whole.attempt.0), whole.count, hex(&whole.hash.0)])),
            )
            .with("answer_when_first", hex(&head.encode()));
        cases.push(case.bytes(&Commit { entry, rest }.encode()).into());
    }
    let change = |name, outcome, comment| Case::new(name, outcome, comment).of("drops");
    let of_whole = |name, outcome, comment| Case::new(name, outcome, comment).of("whole");
    let whole_at = ENTRY_LEN + 22;
    let of_heads = |name, outcome, comment| Case::new(name, outcome, comment).of("heads");
    let heads_at = ENTRY_LEN + 20 + 2 * 1_028;
    let of_signed = |name, outcome, comment| Case::new(name, outcome, comment).of("signed");
    let rest_at = ENTRY_LEN;
    let signed_at = rest_at + 18 + 2 * 1_028;
    let signed_end = signed_at + 2 + 2 * 74;
    cases.extend(
        [
            change("nothing", "truncated", "no byte").keep(0),
            change("entry cut", "truncated", "ends in the entry").keep(rest_at - 1),
            change("entry alone", "truncated", "nothing behind the entry").keep(rest_at),
            change("drop cut", "truncated", "the last drop lacks a byte").keep(rest_at + 18 + 2 * 1_028 - 1),
            change("longer", "trailing", "one byte too many").append(&[0]),
            of_signed("signature cut", "truncated", "the last signature lacks a byte").keep(signed_end - 1),
            of_signed("1 signature of 2", "snapshot", "one more than it says").xor(signed_at + 1, &[3]),
            of_signed("66 signatures", "too many signatures", "64 at most").xor(signed_at + 1, &[64]),
            of_signed("signature", "rest hash", "one bit of a signature").xor(signed_end - 1, &[1]),
            of_signed("minute 1,441", "minute", "a day has 1,440 minutes, from 0")
                .xor(signed_at + 10, &[0x06, 0xec]),
            of_heads("head cut", "truncated", "the last head lacks a byte").keep(heads_at + 2 + 2 * 70 - 1),
            of_heads("66 heads", "too many heads", "64 at most").xor(heads_at + 1, &[64]),
            of_heads("3 heads of 2", "truncated", "one head less than it says").xor(heads_at + 1, &[1]),
            of_heads("head, minute 1,441", "minute", "a day has 1,440 minutes, from 0")
                .xor(heads_at + 6, &[0x06, 0xec]),
            of_heads("head", "rest hash", "one bit of a head").xor(heads_at + 2 + 69, &[1]),
            of_whole("2 snapshots", "snapshot", "one at most").xor(whole_at, &[3]),
            of_whole("snapshot cut", "truncated", "its hash lacks a byte").keep(whole_at + 52),
            of_whole("no chunk", "snapshot", "a snapshot without a chunk").xor(whole_at + 20, &[128]),
            of_whole("4,224 chunks", "snapshot", "4,096 at most").xor(whole_at + 19, &[0x10]),
            of_whole("chunks", "rest hash", "a number of chunks that was not signed")
                .xor(whole_at + 19, &[1]),
            of_whole("left out", "trailing", "a snapshot where none is said to be").xor(whole_at, &[1]),
            change("3 drops of 2", "truncated", "one drop less than it says").xor(rest_at + 17, &[1]),
            change("1 drop of 2", "minute", "one drop more than it says").xor(rest_at + 17, &[3]),
            change("66 drops", "too many drops", "64 at most").xor(rest_at + 17, &[64]),
            change("inbox", "rest hash", "an inbox position that was not signed").xor(rest_at + 7, &[1]),
            change("log", "rest hash", "a log position that was not signed").xor(rest_at + 15, &[1]),
            change("drop", "rest hash", "one bit of a drop").xor(rest_at + 18 + 4, &[1]),
            change("signed hash", "rest hash", "another hash in the entry").xor(57, &[1]),
            change("version 2", "version", "an entry of a later version").xor(0, &[3]),
        ]
        .map(Value::from),
    );
    json!({
        "comment": "Section 10: commits, as a hub reads them before it looks at its own state.",
        "cases": cases,
    })
}
