//! `invitation.json`: codes that are said, requests of devices, commitments, check words, and what a hub shows of an invitation.

use callsign_protocol::{
    device_request::{DeviceRequest, Purpose},
    encoding::{Bytes, Secret},
    identity::PrivateKey,
    invitation::{Invitation, InviteCode, Opening, commitment},
    xwing_public,
};
use serde_json::{Value, json};

use super::{
    case::{Case, b64, hex},
    fixture::Desk,
};

const CODE: &str = "7K4M-WXYZ";

/// The whole of `invitation.json`.
pub fn file() -> Value {
    let desk = Desk::new().fingerprint();
    let slot = InviteCode::parse(CODE).expect("a code").slot(&desk);
    let nonce = Bytes([0x5a; 32]);
    let key = PrivateKey::from_seed(&Secret([21; 32]));
    let opening = |purpose| {
        let request = DeviceRequest::sign(&desk, &key, xwing_public(&Secret([22; 32])), purpose);
        Opening { request, nonce: Bytes([0xa5; 32]) }
    };
    let valid = |name, purpose, comment| {
        let opening = opening(purpose);
        Case::new(name, "ok", comment)
            .bytes(&opening.encode())
            .with("practice", purpose == Purpose::Practice)
            .with("signing_key", hex(&key.public().0))
            .with("request_words", opening.request.check_words())
            .with("commitment", hex(&commitment(&desk, &slot, &opening.encode()).0))
            .with("check_words", opening.check_words(&desk, &slot, &nonce))
    };
    let change = |name, outcome, comment| Case::new(name, outcome, comment).of("earnest");
    let cases = [
        valid("earnest", Purpose::Earnest, "a device of a desk that people call in earnest"),
        valid("practice", Purpose::Practice, "one of a desk whose callers are invented"),
        change("version 2", "version", "a later version").xor(0, &[3]),
        change("no purpose", "range", "a purpose that there is not").xor(1, &[2]),
        change("other purpose", "signature", "the purpose is signed").xor(1, &[1]),
        change("signing key flipped", "signature", "another device").xor(2, &[1]),
        change("wrapping key flipped", "signature", "another key").xor(40, &[1]),
        change("signature flipped", "signature", "one bit").xor(1_313, &[1]),
        change("nothing", "truncated", "no bytes").keep(0),
        change("cut", "truncated", "one byte short").keep(1_345),
        change("longer", "trailing", "one byte too many").append(&[0]),
    ];
    let whole = Box::new(opening(Purpose::Earnest).encode());
    let committed = commitment(&desk, &slot, &whole);
    let stages = [
        Invitation::Open,
        Invitation::Committed(committed),
        Invitation::Answered { commitment: committed, nonce },
        Invitation::Shown { commitment: committed, nonce, opening: whole },
    ];
    let read = |stage: usize, invitation: &Invitation| json!({ "outcome": "ok", "stage": stage, "bytes_b64": b64(&invitation.encode()) });
    let mut shown: Vec<Value> = stages.iter().enumerate().map(|(stage, one)| read(stage, one)).collect();
    let refused = |outcome: &str, bytes: &[u8]| json!({ "outcome": outcome, "bytes_b64": b64(bytes) });
    let open = Invitation::Open.encode();
    let last = stages[3].encode();
    shown.extend([
        refused("truncated", &[]),
        refused("version", &[2, 0]),
        refused("range", &[1, 4]),
        refused("trailing", &[open.as_slice(), &[0]].concat()),
        refused("truncated", &stages[1].encode()[..33]),
        refused("truncated", &last[..last.len() - 1]),
        refused("trailing", &[last.as_slice(), &[0]].concat()),
    ]);
    let typed = |typed: &str, outcome: &str| json!({ "typed": typed, "outcome": outcome });
    json!({
        "comment": "Section 5.7: what both sides of an invitation compute, and what the hub shows of it. `nonce` is the desk's.",
        "fingerprint": desk.to_string(),
        "code": CODE,
        "slot": hex(&slot.0),
        "nonce": hex(&nonce.0),
        "codes": [
            typed(CODE, "ok"),
            typed(" 7k4m wxyz\n", "ok"),
            typed("7к4м.wхуz", "ok"),
            typed("", "length"),
            typed("7K4M-WXY", "length"),
            typed("7K4M-WXYZ-2", "length"),
            typed("7K4M-WXY0", "symbol"),
            typed("7K4M-WXYS", "symbol"),
            typed("7K4M-WXYЖ", "symbol"),
        ],
        "cases": cases.map(Value::from),
        "stages": shown,
    })
}
