//! `follow.json`, `session.json` and `enrol.json`: the small layouts between a device and its hub.

use callsign_protocol::{
    cell::Cell,
    commit::{Head, Rest},
    encoding::{Bytes, Secret},
    enrol::EnrolRequest,
    entry::{Bundle, ENTRY_LEN, Entry, EntryHeader, Writer},
    follow::Follow,
    identity::PrivateKey,
    keyring::device_id,
    session::SessionRequest,
};
use rand_core::Rng as _;
use serde_json::{Value, json};

use super::{
    case::{Case, hex},
    fixture::{Desk, TODAY, rng},
};

/// The whole of `follow.json`.
pub fn follow_file() -> Value {
    let desk = Desk::new();
    let mut rng = rng(80);
    let cell = Cell::seal_cover(&desk.verified(), TODAY, &mut rng).expect("it seals");
    let header = EntryHeader {
        generation: 1,
        device: device_id(&desk.duty.public()),
        prev: Head::EMPTY.hash,
        day: TODAY,
    };
    let writer = Writer { fingerprint: &desk.fingerprint(), log_key: &desk.log_key, signing_key: &desk.duty };
    let bundle = Bundle { at: TODAY.start(), fold: 1, identity: false, events: vec![] };
    let rest = Rest { inbox_done: 0, log_done: 0, drops: vec![], signed: vec![], heads: vec![], whole: None };
    let entry = Entry::write(&header, &rest.hash(), &bundle, &writer, &mut rng).expect("it fits");
    let follow = Follow {
        inbox_done: 41,
        inbox_last: 43,
        head: 9,
        keyring: 7,
        cells: vec![(42, cell)],
        entries: vec![(9, entry)],
    }
    .encode();
    let nothing =
        Follow { inbox_done: 0, inbox_last: 0, head: 0, keyring: 0, cells: vec![], entries: vec![] };
    let change = |name, outcome, comment| Case::new(name, outcome, comment).of("both");
    let cases = [
        Case::new("nothing", "ok", "an inbox and a log without anything")
            .bytes(&nothing.encode())
            .with("inbox_done", 0)
            .with("inbox_last", 0)
            .with("head", 0)
            .with("keyring", 0)
            .with("cells", json!([]))
            .with("entries", json!([])),
        Case::new("both", "ok", "a cell and an entry")
            .bytes(&follow)
            .with("inbox_done", 41)
            .with("inbox_last", 43)
            .with("head", 9)
            .with("keyring", 7)
            .with("cells", json!([42]))
            .with("entries", json!([9])),
        change("no byte", "truncated", "no body").keep(0),
        change("header cut", "truncated", "ends in the counts").keep(36),
        change("cut", "truncated", "the entry lacks a byte").keep(follow.len() - 1),
        change("longer", "trailing", "one byte too many").append(&[0]),
        change("version 2", "version", "a later version").xor(0, &[3]),
        change("257 cells", "too many", "256 at most").xor(33, &[1]),
        change("129 entries", "too many", "128 at most").xor(36, &[0x80]),
        change("entry of version 2", "entry version", "an entry of a later version")
            .xor(follow.len() - ENTRY_LEN, &[3]),
    ];
    json!({
        "comment": "Section 11: answers to `follow`. `cells` are positions, `entries` are sequences.",
        "cases": cases.map(Value::from),
    })
}

/// The whole of `session.json`.
pub fn session_file() -> Value {
    let desk = Desk::new();
    let mut rng = rng(81);
    let mut challenge = [0; 56];
    rng.fill_bytes(&mut challenge);
    let key = PrivateKey::generate(&mut rng);
    let request = SessionRequest::sign(Bytes(challenge), &desk.fingerprint(), &key);
    let change = |name, outcome, comment| Case::new(name, outcome, comment).of("valid");
    let wrong_label = {
        let signature = key.sign("entry", &[&desk.fingerprint().0, &challenge]);
        [request.device.0.as_slice(), &challenge, &signature].concat()
    };
    let cases = [
        Case::new("valid", "ok", "a challenge signed by the device")
            .bytes(&request.encode())
            .with("device", hex(&request.device.0))
            .with("challenge", hex(&challenge)),
        change("cut", "truncated", "one byte short").keep(135),
        change("longer", "trailing", "one byte too many").append(&[0]),
        change("challenge flipped", "signature", "another challenge").xor(16, &[1]),
        change("signature flipped", "signature", "one bit").xor(135, &[1]),
        Case::new("other label", "signature", "signed as an entry").bytes(&wrong_label),
    ];
    json!({
        "comment": "Section 11: a device's answer to a challenge, checked with its `signing_key`.",
        "fingerprint": desk.fingerprint().to_string(),
        "signing_key": hex(&key.public().0),
        "cases": cases.map(Value::from),
    })
}

/// The whole of `enrol.json`.
pub fn enrol_file() -> Value {
    let identity = PrivateKey::from_seed(&Secret([3; 32])).public();
    let code = "ABCD-2345-efgh";
    let request = EnrolRequest::new(identity, code).encode();
    let change = |name, outcome, comment| Case::new(name, outcome, comment).of("valid").with("code", code);
    let again =
        |name, outcome, code: &str, comment| Case::new(name, outcome, comment).of("valid").with("code", code);
    let cases = [
        Case::new("valid", "ok", "the code as it was printed").bytes(&request).with("code", code),
        again("as typed", "ok", " abcd 2345_EFGH\n", "letters and digits alone count, in any case"),
        again("other code", "mac", "ABCD-2345-efgi", "one letter differs"),
        again("no code", "mac", "", "nothing typed"),
        change("identity flipped", "mac", "a code serves one identity").xor(1, &[1]),
        change("mac flipped", "mac", "one bit").xor(64, &[1]),
        change("version 2", "version", "a later version").xor(0, &[3]),
        change("nothing", "truncated", "no body").keep(0),
        change("cut", "truncated", "one byte short").keep(64),
        change("longer", "trailing", "one byte too many").append(&[0]),
    ];
    json!({
        "comment": "Section 11: enrolment, checked by a hub that has printed `code`.",
        "identity": hex(&identity.0),
        "cases": cases.map(Value::from),
    })
}
