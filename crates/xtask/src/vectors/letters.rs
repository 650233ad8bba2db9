//! `letters.json`: letters documents that a notice names, and each way in which one is refused.

use callsign_protocol::{
    VERSION,
    encoding::Bytes,
    identity::PrivateKey,
    letter_key::{LetterKey, published_periods},
    letters::{LETTERS_LEN, Letters},
    notice::Notice,
    signed::{Certificate, Envelope, Kind, Signer},
    time::Day,
};
use serde_json::{Value, json};

use super::{
    case::{Case, b64, hex},
    fixture::{Desk, TODAY, now, rng},
    notice::small,
};

/// The whole file.
pub fn file() -> Value {
    let desk = Desk::new();
    let letters = document(&desk);
    let cases = [accepted(&desk, &letters), broken(&desk), signed_wrongly(&desk, &letters), bodies(&desk)];
    json!({
        "comment": "Section 5.6: letters documents, read under the notice of the case, or that of the file, at its time.",
        "now": now().0,
        "notice_b64": b64(&naming(&desk, &desk.envelope(Kind::Letters, body(&letters)))),
        "fingerprint": desk.fingerprint().to_string(),
        "cases": cases.concat(),
    })
}

/// The four keys of today.
fn document(desk: &Desk) -> Letters {
    let mut rng = rng(95);
    let mut keys: Vec<_> = desk.letters[1..].iter().map(LetterKey::public).collect();
    let later = published_periods(TODAY).skip(keys.len());
    keys.extend(later.map(|period| LetterKey::generate(period, &mut rng).public()));
    Letters { version: VERSION, serial: 3, keys }
}

fn body(letters: &Letters) -> Vec<u8> {
    letters.body().expect("its keys have room")
}

/// A notice that names the body in an envelope.
fn naming(desk: &Desk, envelope: &[u8]) -> Vec<u8> {
    let hash = callsign_protocol::derive::sha256(&[&envelope[146..envelope.len() - 64]]);
    let notice = Notice { letters: Some(Bytes(hash)), ..small(desk) };
    desk.envelope(Kind::Notice, serde_json::to_vec(&notice).expect("a notice is JSON"))
}

/// A case with a document, and the notice that names it.
fn named(desk: &Desk, case: Case, envelope: &[u8]) -> Case {
    case.bytes(envelope).with("notice_b64", b64(&naming(desk, envelope)))
}

fn accepted(desk: &Desk, letters: &Letters) -> Vec<Value> {
    let valid = desk.envelope(Kind::Letters, body(letters));
    let keys = letters.keys.iter().map(|key| json!([key.period, key.key_id, hex(&key.proof_key.0)]));
    let case = Case::new("valid", "ok", "four keys, as every day has them")
        .bytes(&valid)
        .with("serial", letters.serial)
        .with("keys", keys.collect::<Value>());
    let others = [
        ("no key", "a document without keys has the same size", Letters { keys: vec![], ..letters.clone() }),
        ("last serial", "a serial at its last value", Letters { serial: (1 << 53) - 1, ..letters.clone() }),
    ];
    let others = others.map(|(name, comment, letters)| {
        let envelope = desk.envelope(Kind::Letters, body(&letters));
        named(desk, Case::new(name, "ok", comment), &envelope).into()
    });
    let unknown = {
        let mut json = serde_json::to_value(letters).expect("it is JSON");
        json["of_a_later_version"] = json!({ "is": ["ignored"] });
        let case = Case::new("unknown member", "ok", "a member of a later version is ignored");
        named(desk, case, &desk.envelope(Kind::Letters, padded(json.to_string().into_bytes()))).into()
    };
    let renewed = signed_by(desk, letters, 6, &desk.duty, TODAY.minus(1));
    let renewed =
        Case::new("certified again", "ok", "the notice's duty key, certified again").bytes(&renewed);
    let mut cases = vec![case.into(), unknown, renewed.into()];
    cases.extend(others);
    cases
}

fn padded(mut json: Vec<u8>) -> Vec<u8> {
    json.resize(LETTERS_LEN - 210, b' ');
    json
}

/// Changes that break the size, the layout or a signature.
fn broken(desk: &Desk) -> Vec<Value> {
    let change = |name, outcome, comment| Case::new(name, outcome, comment).of("valid");
    let short = desk.envelope(Kind::Letters, b"{\"version\":1,\"serial\":3,\"keys\":[]}".to_vec());
    [
        change("no byte", "size", "an answer without a body").keep(0),
        change("cut", "size", "the signature lacks its last byte").keep(LETTERS_LEN - 1),
        change("longer", "size", "one byte too many").append(&[0]),
        change("version 2, cut", "size", "the size is judged before the version").xor(0, &[3]).keep(9),
        named(desk, Case::new("without padding", "size", "signed, and shorter than others"), &short),
        change("version 2", "version", "a later version").xor(0, &[3]),
        change("another length", "truncated", "a body that says to be longer").xor(145, &[0x40]),
        change("shorter length", "trailing", "a body that says to be shorter").xor(145, &[2]),
        change("kind 1", "kind", "a notice of that size").xor(1, &[2]),
        change("identity flipped", "fingerprint", "another identity").xor(2, &[1]),
        change("number flipped", "certificate signature", "a number that nobody certified").xor(69, &[1]),
        change("body flipped", "body signature", "one bit of the body").xor(150, &[1]),
        change("padding flipped", "body signature", "another blank behind the body").xor(8_127, &[0x29]),
        change("signature flipped", "body signature", "its last bit").xor(LETTERS_LEN - 1, &[1]),
    ]
    .into_iter()
    .map(Value::from)
    .collect()
}

fn signed_by(desk: &Desk, letters: &Letters, number: u32, duty: &PrivateKey, first: Day) -> Vec<u8> {
    let signer = Signer { number, duty_key: duty.public() };
    let certificate = Certificate::issue(&desk.identity, signer, first);
    Envelope::sign(Kind::Letters, desk.identity.public(), certificate, duty, body(letters)).encode()
}

/// Documents of the desk that are not those of the notice in hand.
fn signed_wrongly(desk: &Desk, letters: &Letters) -> Vec<Value> {
    let signed_by =
        |number: u32, duty: &PrivateKey, first: Day| signed_by(desk, letters, number, duty, first);
    let other = PrivateKey::generate(&mut rng(96));
    let older = desk.envelope(Kind::Letters, body(&Letters { serial: 2, ..letters.clone() }));
    let fewer = desk.envelope(Kind::Letters, body(&Letters { keys: vec![], ..letters.clone() }));
    let yesterday = TODAY.minus(1);
    let silent = desk.envelope(Kind::Notice, serde_json::to_vec(&small(desk)).expect("a notice is JSON"));
    let label = {
        let mut envelope = desk.envelope(Kind::Notice, body(letters));
        envelope[1] = 3;
        envelope
    };
    let refused = |name, outcome, comment, bytes: &[u8]| Case::new(name, outcome, comment).bytes(bytes);
    [
        refused("older", "not named", "one of before, with the same keys", &older),
        refused("other keys", "not named", "one with this serial and no keys", &fewer),
        Case::new("none named", "not named", "a notice that names none")
            .of("valid")
            .with("notice_b64", b64(&silent)),
        refused(
            "replaced key",
            "signer",
            "signed with a duty key that was replaced",
            &signed_by(4, &other, yesterday),
        ),
        refused(
            "later key",
            "signer",
            "signed with the duty key after the notice's",
            &signed_by(6, &other, yesterday),
        ),
        refused(
            "same number",
            "signer",
            "another duty key with the notice's number",
            &signed_by(5, &other, yesterday),
        ),
        refused(
            "ended",
            "certificate days",
            "a certificate that has ended",
            &signed_by(5, &desk.duty, TODAY.minus(37)),
        ),
        refused("signed as a notice", "body signature", "with the label of a notice", &label),
    ]
    .map(Value::from)
    .to_vec()
}

/// Bodies that are signed, named and not in order.
fn bodies(desk: &Desk) -> Vec<Value> {
    let key = json!({
        "period": TODAY, "key_id": 1,
        "public_key": b64(&desk.epochs[0].public().public_key.0), "proof_key": b64(&[1; 32]),
    });
    let changed = |member: &str, value: Value| {
        let mut key = key.clone();
        key[member] = value;
        json!({ "version": 1, "serial": 3, "keys": [key] })
    };
    let five = json!([[], [], [], [], []]);
    [
        ("version 0 in it", "version", "no such version", json!({ "version": 0 })),
        (
            "version 2 in it",
            "version",
            "judged before the other members",
            json!({ "version": 2, "keys": five }),
        ),
        ("no serial", "json", "a member that is missing", json!({ "version": 1, "keys": [] })),
        ("no keys", "json", "likewise", json!({ "version": 1, "serial": 3 })),
        (
            "serial of 2^53",
            "json",
            "no such number",
            json!({ "version": 1, "serial": 1_u64 << 53, "keys": [] }),
        ),
        ("period of 2^32", "json", "not a u32", changed("period", json!(1_u64 << 32))),
        ("key id of 2^16", "json", "not a u16", changed("key_id", json!(1 << 16))),
        ("short key", "json", "1,215 bytes", changed("public_key", json!(b64(&[1; 1_215])))),
        ("long proof key", "json", "33 bytes", changed("proof_key", json!(b64(&[1; 33])))),
    ]
    .map(|(name, outcome, comment, json)| {
        let envelope = desk.envelope(Kind::Letters, padded(json.to_string().into_bytes()));
        named(desk, Case::new(name, outcome, comment), &envelope).into()
    })
    .to_vec()
}
