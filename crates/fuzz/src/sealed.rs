//! Cells and drops: as bytes that somebody has changed, and as any payload that was sealed in due form.

use std::{collections::HashSet, sync::LazyLock};

use callsign_protocol::{
    VERSION, WrappingKey,
    call::{CallPart, LABEL_MAX, PARTS_MAX, SAFE_TIMES_MAX},
    caller_keys::Proven,
    cell::{CELL_LEN, Cell, CellError, Opened, Opener},
    derive::derive,
    drop::{ANSWER_PARTS_MAX, DROP_LEN, Drop, DropPayload, OPENED_MAX, Place, Sender},
};

use crate::{
    Target,
    desk::{DESK, rng},
    read::{cases, file},
    retold,
    seal::{self, Bound, Psk},
};

const CELL_PLAINTEXT: usize = 2_953;
const DROP_PLAINTEXT: usize = 960;
const PLACE: Place = Place { day: callsign_protocol::time::Day(20_780), slot: 3, index: 31 };

pub const TARGETS: &[Target] = &[
    Target { name: "cell", run: cell, seeds: cells, max_len: CELL_LEN + 1, replays: 500 },
    Target { name: "cell_payload", run: cell_payload, seeds: calls, max_len: 2_919, replays: 500 },
    Target {
        name: "cell_plaintext",
        run: cell_plaintext,
        seeds: paddings,
        max_len: CELL_PLAINTEXT,
        replays: 500,
    },
    Target { name: "drop", run: drop, seeds: drops, max_len: DROP_LEN + 1, replays: 1_000 },
    Target {
        name: "drop_plaintext",
        run: drop_plaintext,
        seeds: payloads,
        max_len: DROP_PLAINTEXT,
        replays: 1_000,
    },
];

fn cell(bytes: &[u8]) {
    static SEALED: LazyLock<HashSet<Vec<u8>>> = LazyLock::new(|| cells().into_iter().collect());
    let Ok(cell) = Cell::from_bytes(bytes) else {
        assert_ne!(bytes.len(), CELL_LEN);
        return;
    };
    assert_eq!(cell.0.as_slice(), bytes);
    assert_eq!(cell.key().is_ok(), bytes[0] == VERSION);
    if open_cell(&cell).is_ok() {
        assert!(SEALED.contains(bytes), "a cell that nobody sealed");
    }
}

/// Any JSON, with the proof that its own members ask for where it has them.
fn cell_payload(json: &[u8]) {
    let call = serde_json::from_slice::<CallPart>(json).ok();
    let proof = call.as_ref().map_or([0; 32], |call| prove(call, json));
    let payload = [proof.as_slice(), json].concat();
    let opened = open_cell(&seal_cell(&seal::padded(payload.len(), &payload, CELL_PLAINTEXT)));
    match (opened, call) {
        (Ok(Opened::Call(opened)), Some(call)) => {
            assert_eq!(*opened, call);
            assert_eq!(kind_of(json), None, "another kind is no call");
            limits_hold(&call);
            assert_eq!(call.caller, *DESK.caller.public());
            let json = retold::json(&call);
            let payload = [prove(&call, &json).as_slice(), &json].concat();
            if payload.len() <= CELL_PLAINTEXT - 2 {
                let again = open_cell(&seal_cell(&seal::padded(payload.len(), &payload, CELL_PLAINTEXT)));
                assert_eq!(again, Ok(Opened::Call(opened)));
            }
        }
        (Err(CellError::Json), _) => {}
        (Err(CellError::Kind), _) => assert!(kind_of(json).is_some(), "a text says no kind"),
        (Err(CellError::Proof), Some(call)) => assert_ne!(call.caller, *DESK.caller.public()),
        (outcome, call) => panic!("{outcome:?} of {call:?}"),
    }
}

/// Any padded plaintext.
fn cell_plaintext(start: &[u8]) {
    let mut plaintext = start.to_vec();
    plaintext.resize(CELL_PLAINTEXT, 0);
    let opened = open_cell(&seal_cell(&plaintext));
    let is_cover = plaintext.iter().all(|byte| *byte == 0);
    assert_eq!(opened == Ok(Opened::Cover), is_cover);
    if let Ok(Opened::Call(call)) = opened {
        limits_hold(&call);
    }
}

fn drop(bytes: &[u8]) {
    static SEALED: LazyLock<HashSet<Vec<u8>>> = LazyLock::new(|| drops().into_iter().collect());
    let Ok(drop) = Drop::from_bytes(bytes) else {
        assert_ne!(bytes.len(), DROP_LEN);
        return;
    };
    assert_eq!((drop.0.as_slice(), drop.address().0.as_slice()), (bytes, &bytes[..16]));
    if open_drop(&drop).is_some() {
        // A drop is found by its address, which `open` does not compare again.
        let found = |sealed: &Vec<u8>| sealed.get(16..) == Some(&bytes[16..]);
        assert!(SEALED.iter().any(found), "a drop that nobody sealed");
    }
}

/// Any padded plaintext; without its length it is the payload.
fn drop_plaintext(start: &[u8]) {
    let mut plaintext = start.to_vec();
    plaintext.resize(DROP_PLAINTEXT, 0);
    let Some(payload) = open_drop(&seal_drop(&plaintext)) else { return };
    assert!(payload.opened.len() <= OPENED_MAX);
    if let Some(answer) = &payload.answer {
        assert!((1..=answer.parts).contains(&answer.part) && answer.parts <= ANSWER_PARTS_MAX);
    }
    let len = usize::from(u16::from_be_bytes([plaintext[0], plaintext[1]]));
    assert!(plaintext[2 + len..].iter().all(|byte| *byte == 0));
    if retold::json(&payload).len() <= DROP_PLAINTEXT - 2 {
        let sender = Sender {
            fingerprint: &DESK.fingerprint,
            answer_key: &DESK.keys.answer_key,
            caller: DESK.caller.public(),
            drop_secret: &DESK.caller.drop_secret(PLACE.day.week()),
        };
        let sealed = Drop::seal(&payload, &PLACE, &sender, &mut rng()).expect("it fits");
        assert_eq!(open_drop(&sealed), Some(payload));
    }
}

/// What a payload says that it is.
fn kind_of(json: &[u8]) -> Option<String> {
    Some(serde_json::from_slice::<serde_json::Value>(json).ok()?.get("kind")?.as_str()?.to_owned())
}

fn limits_hold(call: &CallPart) {
    let written = |text: &str| serde_json::to_string(text).expect("a text is JSON").len() - 2;
    assert!(call.part >= 1 && call.part <= call.parts && call.parts <= PARTS_MAX);
    assert!(written(&call.track) <= LABEL_MAX && written(&call.language) <= LABEL_MAX);
    assert!(call.safe_times.as_deref().map_or(0, written) <= SAFE_TIMES_MAX);
    let (first, last) = (DESK.today().minus(2).week(), DESK.today().week().plus(26));
    assert!(call.drop_secrets.iter().all(|(of, _)| (first..=last).contains(of)));
}

fn prove(call: &CallPart, json: &[u8]) -> [u8; 32] {
    let epoch = DESK.keys.epochs[0].epoch;
    let proven = Proven { message_id: &call.id, part: call.part, json, epoch };
    let answer_key = callsign_protocol::caller_keys::x25519_public(&DESK.keys.answer_key);
    DESK.caller.prove(&answer_key, &proven).expect("the desk's answer key")
}

fn open_cell(cell: &Cell) -> Result<Opened, CellError> {
    let (epoch, _) = cell.key()?;
    let key = DESK.keys.epochs.iter().find(|key| key.epoch == epoch).ok_or(CellError::Epoch)?;
    cell.open(&Opener {
        fingerprint: &DESK.fingerprint,
        seed: &key.seed,
        answer_key: &DESK.keys.answer_key,
        former_answer_keys: &DESK.keys.former_answer_keys,
        notice_hashes: &[DESK.notice_hash],
    })
}

fn seal_cell(plaintext: &[u8]) -> Cell {
    static PUBLIC: LazyLock<WrappingKey> = LazyLock::new(|| DESK.keys.epochs[0].public().public_key);
    let key = &DESK.keys.epochs[0];
    let epoch = key.epoch.0.to_be_bytes();
    let aad = [&[VERSION], epoch.as_slice(), &key.key_id.to_be_bytes()].concat();
    let info = [b"callsign/v1 cell".as_slice(), &DESK.fingerprint.0, &epoch, &DESK.notice_hash].concat();
    let sealed = seal::to_xwing(&PUBLIC, &Bound { info: &info, aad: &aad }, plaintext, &mut rng());
    Cell::from_bytes(&[aad, sealed].concat()).expect("a plaintext of the right size")
}

fn open_drop(drop: &Drop) -> Option<DropPayload> {
    let answer_key = callsign_protocol::caller_keys::x25519_public(&DESK.keys.answer_key);
    drop.open(&PLACE, &DESK.caller, &DESK.fingerprint, &answer_key).ok()
}

fn seal_drop(plaintext: &[u8]) -> Drop {
    let secret = DESK.caller.drop_secret(PLACE.day.week());
    let address = PLACE.address(&secret);
    let day = PLACE.day.0.to_be_bytes();
    let context = [day.as_slice(), &[PLACE.slot, PLACE.index]].concat();
    let psk = Psk { key: derive(&secret.0, "psk", &context), id: &address.0 };
    let info = [b"callsign/v1 drop".as_slice(), &DESK.fingerprint.0, &day, &address.0].concat();
    let ends = (&DESK.keys.answer_key, DESK.caller.public());
    let sealed = seal::to_x25519(ends, &psk, &info, plaintext, &mut rng());
    Drop::from_bytes(&[address.0.as_slice(), &sealed].concat()).expect("a plaintext of the right size")
}

fn of_cases(name: &str) -> Vec<Vec<u8>> {
    cases(&file(name)).into_iter().map(|(_, bytes)| bytes).collect()
}

fn cells() -> Vec<Vec<u8>> {
    of_cases("cell.json")
}

fn drops() -> Vec<Vec<u8>> {
    of_cases("drop.json")
}

fn calls() -> Vec<Vec<u8>> {
    let opened = |bytes: Vec<u8>| match open_cell(&Cell::from_bytes(&bytes).ok()?) {
        Ok(Opened::Call(call)) => Some(retold::json(&call)),
        _ => None,
    };
    let calls: Vec<Vec<u8>> = cells().into_iter().filter_map(opened).collect();
    let of_kind = |json: &Vec<u8>| {
        let kinds = [r#"{"kind":"read","#, r#"{"kind":"","#, r#"{"kind":1,"#];
        kinds.map(|kind| [kind.as_bytes(), &json[1..]].concat())
    };
    let of_kinds: Vec<Vec<u8>> = calls.iter().take(2).flat_map(of_kind).collect();
    [calls, of_kinds].concat()
}

fn paddings() -> Vec<Vec<u8>> {
    let with_length = |json: Vec<u8>| {
        let payload =
            [prove(&serde_json::from_slice(&json).expect("a call"), &json).as_slice(), &json].concat();
        seal::padded(payload.len(), &payload, payload.len() + 2)
    };
    calls().into_iter().map(with_length).chain([vec![0, 0], vec![0, 31], vec![11, 136]]).collect()
}

fn payloads() -> Vec<Vec<u8>> {
    let file = file("drop.json");
    let json =
        |(case, _): (serde_json::Value, _)| (!case["payload"].is_null()).then(|| case["payload"].to_string());
    let padded = |json: String| seal::padded(json.len(), json.as_bytes(), json.len() + 2);
    cases(&file).into_iter().filter_map(json).map(padded).collect()
}
