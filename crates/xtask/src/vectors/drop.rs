//! `drop.json`: places and their addresses, drops that open, and each way in which one does not.

use callsign_protocol::{
    caller_keys::x25519_public,
    derive::derive,
    drop::{AnswerPart, Drop, DropPayload, Place, Sender, answer_parts},
    encoding::{Bytes, Secret},
};
use rand_core::CryptoRng;
use serde_json::{Value, json};

use super::{
    case::{Case, hex},
    fixture::{self, Desk, TODAY, rng},
    seal::{self, Psk},
};

const PLACE: Place = Place { day: TODAY, slot: 3, index: 31 };
const PLAINTEXT_LEN: usize = 960;

/// The whole file.
pub fn file() -> Value {
    let desk = Desk::new();
    let mut rng = rng(50);
    let mut cases = valid(&desk, &mut rng);
    cases.extend(changed());
    cases.extend(other_ends(&desk, &mut rng));
    cases.extend(malformed(&desk, &mut rng));
    json!({
        "comment": "Section 7: drops. A case is opened by `caller` (or `other_caller` where it says `by`) at its place.",
        "fingerprint": desk.fingerprint().to_string(),
        "answer_public_key": hex(&x25519_public(&desk.answer_key).0),
        "caller": fixture::caller().describe(),
        "other_caller": fixture::other_caller().describe(),
        "places": places(),
        "cases": cases,
        "cuts": cuts(),
    })
}

fn place_json(place: Place) -> Value {
    json!({ "day": place.day, "slot": place.slot, "index": place.index })
}

fn psk(place: Place) -> [u8; 32] {
    let secret = fixture::caller().keys.drop_secret(place.day.week());
    let context = [place.day.0.to_be_bytes().as_slice(), &[place.slot, place.index]].concat();
    derive(&secret.0, "psk", &context)
}

fn places() -> Value {
    let last_of_the_week = TODAY.week().last_day();
    let place = |day, slot, index| Place { day, slot, index };
    [
        place(TODAY, 0, 0),
        PLACE,
        place(TODAY, 7, 31),
        place(last_of_the_week, 0, 0),
        place(last_of_the_week.plus(1), 0, 0),
        place(TODAY.minus(1), 0, 0),
    ]
    .map(|place| {
        let secret = fixture::caller().keys.drop_secret(place.day.week());
        json!({
            "place": place_json(place),
            "week": place.day.week(),
            "drop_secret": hex(&secret.0),
            "address": hex(&place.address(&secret).0),
            "psk": hex(&psk(place)),
        })
    })
    .into_iter()
    .collect()
}

fn seal_payload(desk: &Desk, payload: &DropPayload, rng: &mut impl CryptoRng) -> Drop {
    let keys = &fixture::caller().keys;
    let sender = Sender {
        fingerprint: &desk.fingerprint(),
        answer_key: &desk.answer_key,
        caller: keys.public(),
        drop_secret: &keys.drop_secret(PLACE.day.week()),
    };
    Drop::seal(payload, &PLACE, &sender, rng).expect("it seals")
}

fn valid(desk: &Desk, rng: &mut impl CryptoRng) -> Vec<Value> {
    let answer =
        |part, parts, text: &str| Some(AnswerPart { id: Bytes([8; 16]), part, parts, text: text.to_owned() });
    let opened = |count| (0..count).map(|n| Bytes([n; 16])).collect();
    let first = DropPayload {
        number: 1, answer: answer(1, 1, "Ми прочитали. 🙏\n\"так\""), opened: vec![]
    };
    let last = DropPayload { number: u32::MAX, answer: answer(16, 16, &"я".repeat(311)), opened: opened(8) };
    let cases = [
        ("answer", "a part of an answer", first),
        (
            "opened",
            "messages that a person has opened",
            DropPayload { number: 2, answer: None, opened: opened(3) },
        ),
        ("neither", "a running number alone", DropPayload { number: 3, answer: None, opened: vec![] }),
        ("longest", "everything at its longest", last),
    ];
    let mut valid: Vec<Value> = cases
        .map(|(name, comment, payload)| {
            Case::new(name, "ok", comment)
                .with("place", place_json(PLACE))
                .bytes(&seal_payload(desk, &payload, rng).0)
                .with("payload", serde_json::to_value(payload).expect("JSON"))
                .into()
        })
        .to_vec();
    let unknown = json!({ "number": 4, "mood": "hopeful" });
    valid.push(
        Case::new("unknown member", "ok", "a member of a later version is ignored")
            .with("place", place_json(PLACE))
            .bytes(&around(desk, unknown.to_string().as_bytes(), rng))
            .with("payload", json!({ "number": 4 }))
            .into(),
    );
    valid
}

/// The first drop of the file with some bytes changed, or looked at by somebody else.
fn changed() -> Vec<Value> {
    let change = |name, outcome, comment| Case::new(name, outcome, comment).of("answer");
    let here = |case: Case| Value::from(case.with("place", place_json(PLACE)));
    let elsewhere = Place { index: 30, ..PLACE };
    vec![
        here(change("cut", "truncated", "one byte short").keep(1_023)),
        here(change("longer", "trailing", "one byte too many").append(&[0])),
        here(change("first byte of enc", "sealed", "one bit").xor(16, &[1])),
        here(
            change("last byte of enc", "sealed", "the bit that X25519 ignores and HPKE does not")
                .xor(47, &[0x80]),
        ),
        here(change("first byte of ct", "sealed", "one bit").xor(48, &[1])),
        here(change("last byte of ct", "sealed", "one bit of the tag").xor(1_023, &[1])),
        here(
            change("other caller", "no address", "another caller has no such address")
                .with("by", "other_caller"),
        ),
        change("other place", "sealed", "opened with what belongs to the place before")
            .with("place", place_json(elsewhere))
            .into(),
    ]
}

/// Seals any plaintext at [`PLACE`].
fn sealed(
    from: &Secret<32>,
    to: &Bytes<32>,
    info: &[u8],
    plaintext: &[u8],
    rng: &mut impl CryptoRng,
) -> Vec<u8> {
    let address = PLACE.address(&fixture::caller().keys.drop_secret(PLACE.day.week()));
    let psk = Psk { key: psk(PLACE), id: &address.0 };
    [address.0.as_slice(), &seal::to_x25519((from, to), &psk, info, plaintext, rng)].concat()
}

fn info(fingerprint: &[u8; 32], day: u32) -> Vec<u8> {
    let address = PLACE.address(&fixture::caller().keys.drop_secret(PLACE.day.week()));
    [b"callsign/v1 drop".as_slice(), fingerprint, &day.to_be_bytes(), &address.0].concat()
}

fn around(desk: &Desk, json: &[u8], rng: &mut impl CryptoRng) -> Vec<u8> {
    let plaintext = seal::padded(json.len(), json, PLAINTEXT_LEN);
    let info = info(&desk.fingerprint().0, TODAY.0);
    sealed(&desk.answer_key, fixture::caller().keys.public(), &info, &plaintext, rng)
}

/// Drops at the right address that the right desk did not seal for this caller, this day, this desk.
fn other_ends(desk: &Desk, rng: &mut impl CryptoRng) -> Vec<Value> {
    let json = br#"{"number":1}"#;
    let plaintext = seal::padded(json.len(), json, PLAINTEXT_LEN);
    let right = info(&desk.fingerprint().0, TODAY.0);
    let caller = fixture::caller().keys.public();
    let other_caller = fixture::other_caller().keys.public();
    let other_key = Secret::random(rng);
    let mut moved = around(desk, json, rng);
    let elsewhere = Place { index: 30, ..PLACE };
    moved[..16].copy_from_slice(&elsewhere.address(&fixture::caller().keys.drop_secret(TODAY.week())).0);
    let other_desk = info(&[7; 32], TODAY.0);
    let other_day = info(&desk.fingerprint().0, TODAY.0 + 1);
    let place = place_json(PLACE);
    let case = |name, outcome, comment, bytes: &[u8]| Case::new(name, outcome, comment).bytes(bytes);
    let cases = [
        case("other sender", "sealed", "not the desk's answer key", &{
            sealed(&other_key, caller, &right, &plaintext, rng)
        }),
        case("other recipient", "sealed", "sealed to another caller's key", &{
            sealed(&desk.answer_key, other_caller, &right, &plaintext, rng)
        }),
        case("other desk", "sealed", "another fingerprint in info", &{
            sealed(&desk.answer_key, caller, &other_desk, &plaintext, rng)
        }),
        case("other day", "sealed", "another day in info", &{
            sealed(&desk.answer_key, caller, &other_day, &plaintext, rng)
        }),
        case("moved", "sealed", "the hub has put another of the caller's addresses before it", &moved)
            .with("place", place_json(elsewhere)),
        case(
            "dummy",
            "no address",
            "a drop for nobody: its address is none of the caller's",
            &Drop::dummy(rng).0,
        ),
    ];
    cases.map(|case| Value::from(case).with_place(&place)).to_vec()
}

/// Fills in the place where a case has none.
trait WithPlace {
    fn with_place(self, place: &Value) -> Self;
}

impl WithPlace for Value {
    fn with_place(mut self, place: &Value) -> Self {
        if self["place"].is_null() {
            self["place"] = place.clone();
        }
        self
    }
}

/// What the right desk sealed for the right caller, and is still not a drop.
fn malformed(desk: &Desk, rng: &mut impl CryptoRng) -> Vec<Value> {
    let json = br#"{"number":1}"#;
    let info = info(&desk.fingerprint().0, TODAY.0);
    let mut padding = seal::padded(json.len(), json, PLAINTEXT_LEN);
    padding[PLAINTEXT_LEN - 1] = 1;
    let mut cases = Vec::new();
    for (name, outcome, comment, plaintext) in [
        ("padding", "padding", "the last byte is not zero", padding),
        ("no room", "length", "959 bytes have no room", seal::padded(959, json, PLAINTEXT_LEN)),
        ("empty", "json", "no JSON at all", vec![0; PLAINTEXT_LEN]),
    ] {
        let bytes = sealed(&desk.answer_key, fixture::caller().keys.public(), &info, &plaintext, rng);
        cases.push(Case::new(name, outcome, comment).bytes(&bytes));
    }
    let id = json!(Bytes([8; 16]));
    let answer = |part: u8, parts: u8| json!({ "id": id, "part": part, "parts": parts, "text": "x" });
    for (name, comment, json) in [
        ("not JSON", "text", json!("number")),
        ("no number", "a missing member", json!({ "opened": [id] })),
        ("number 0", "drops are counted from 1", json!({ "number": 0 })),
        ("number of 33 bits", "a number is a u32", json!({ "number": 1u64 << 32 })),
        ("null answer", "what is not there is left out", json!({ "number": 1, "answer": null })),
        ("null opened", "what is not there is left out", json!({ "number": 1, "opened": null })),
        (
            "empty text",
            "an answer says something",
            json!({ "number": 1, "answer": {
            "id": id, "part": 1, "parts": 1, "text": ""
        } }),
        ),
        ("number below zero", "a negative number", json!({ "number": -1 })),
        ("part 0", "parts are counted from 1", json!({ "number": 1, "answer": answer(0, 1) })),
        ("part 3 of 2", "a part beyond the last", json!({ "number": 1, "answer": answer(3, 2) })),
        ("17 parts", "more than sixteen", json!({ "number": 1, "answer": answer(1, 17) })),
        ("9 opened", "more than eight", json!({ "number": 1, "opened": vec![id.clone(); 9] })),
        ("short id", "an id of 15 bytes", json!({ "number": 1, "opened": [Bytes([8; 15])] })),
        ("stray bits", "bits beyond the bytes", json!({ "number": 1, "opened": ["AAAAAAAAAAAAAAAAAAAAAB"] })),
    ] {
        let bytes = around(desk, json.to_string().as_bytes(), rng);
        cases.push(Case::new(name, "json", comment).bytes(&bytes));
    }
    for (name, comment, text) in [
        ("given twice", "a member twice", r#"{"number":1,"number":1}"#),
        ("whole fraction", "a number with a fraction", r#"{"number":1.0}"#),
        ("exponent", "a number with an exponent", r#"{"number":1e0}"#),
    ] {
        cases.push(Case::new(name, "json", comment).bytes(&around(desk, text.as_bytes(), rng)));
    }
    cases.into_iter().map(|case| case.with("place", place_json(PLACE)).into()).collect()
}

/// How answers are cut: `text`, `times` times, gives parts of so many characters.
fn cuts() -> Value {
    [("one part", "x", 630), ("two parts", "x", 631), ("sixteen", "x", 10_080), ("mixed", "a\"б文\t🙏", 300)]
        .map(|(name, text, times)| {
            let whole = text.repeat(times);
            let parts = answer_parts(&whole).expect("sixteen parts at most");
            let characters: Vec<usize> = parts.iter().map(|part| part.chars().count()).collect();
            let case = Case::new(name, "ok", "characters of each part");
            Value::from(case.with("text", text).with("times", times).with("characters", characters))
        })
        .into_iter()
        .collect()
}
