//! Letters: text that carriers have changed, bytes that somebody has changed, and any payload that was sealed in due form.

use std::{collections::HashSet, sync::LazyLock};

use callsign_protocol::{
    VERSION, WrappingKey,
    armour::{self, armour},
    call::CallPart,
    caller_keys::{Proven, x25519_public},
    letter::{LETTER_LEN, Letter, LetterError, LetterOpener, OpenedLetter},
    letter_key::LetterKey,
};
use serde_json::Value;

use crate::{
    Target,
    desk::{DESK, rng},
    read::{cases, file, list},
    seal::{self, Bound},
};

const PLAINTEXT_LEN: usize = 2_953;
/// JSON at most, beside the proof.
const JSON_MAX: usize = PLAINTEXT_LEN - 2 - 32;

pub const TARGETS: &[Target] = &[
    Target { name: "armour", run: armoured, seeds: armours, max_len: 12_000, replays: 5_000 },
    Target { name: "letter", run: letter, seeds: letters, max_len: LETTER_LEN + 1, replays: 500 },
    Target { name: "letter_payload", run: payload, seeds: payloads, max_len: JSON_MAX, replays: 500 },
];

fn armoured(carried: &[u8]) {
    for letter in armour::read(carried).into_iter().flatten() {
        let block = armour(&letter);
        let quoted = block.replace('\n', "\r\n> ").replace("--", "\u{2014}");
        assert_eq!(armour::read(quoted.as_bytes()), [Ok(letter)]);
    }
}

fn letter(bytes: &[u8]) {
    static SEALED: LazyLock<HashSet<Vec<u8>>> = LazyLock::new(|| letters().into_iter().collect());
    let Ok(letter) = Letter::from_bytes(bytes) else {
        assert_ne!(bytes.len(), LETTER_LEN);
        return;
    };
    assert_eq!(letter.0.as_slice(), bytes);
    assert_eq!(letter.key().is_ok(), bytes[0] == VERSION);
    if open(&letter).is_ok() {
        assert!(SEALED.contains(bytes), "a letter that nobody sealed");
    }
}

/// Any JSON, with the proof that its own members ask for where it has them.
fn payload(json: &[u8]) {
    let json = &json[..json.len().min(JSON_MAX)];
    let call = serde_json::from_slice::<CallPart>(json).ok();
    let mac = call.as_ref().and_then(|call| {
        let proven = Proven { message_id: &call.id, part: call.part, json, epoch: key().period };
        DESK.caller.prove_letter(&x25519_public(&key().proof), &proven)
    });
    let payload = [mac.unwrap_or([0; 32]).as_slice(), json].concat();
    let opened = open(&seal_letter(&seal::padded(payload.len(), &payload, PLAINTEXT_LEN)));
    let Ok(OpenedLetter { call: taken, doubted }) = opened else { return };
    assert!(!doubted, "no removed device knows this key");
    assert_eq!(Some(*taken), call, "what is taken is what was proved");
    let read = serde_json::from_slice::<Value>(json).expect("it was read");
    assert!(read.get("kind").is_none(), "another kind is no call");
    let expires = read["expires"].as_u64();
    let today = u64::from(DESK.today().0);
    assert!(expires.is_some_and(|expires| (today..=today + 120).contains(&expires)));
}

/// The key that is published for the vectors' day.
fn key() -> &'static LetterKey {
    DESK.keys.letters.iter().find(|key| !key.superseded).expect("the desk takes letters")
}

fn open(letter: &Letter) -> Result<OpenedLetter, LetterError> {
    letter.open(&LetterOpener {
        fingerprint: &DESK.fingerprint,
        keys: &DESK.keys.letters,
        today: DESK.today(),
    })
}

fn seal_letter(plaintext: &[u8]) -> Letter {
    static PUBLIC: LazyLock<WrappingKey> = LazyLock::new(|| key().public().public_key);
    let period = key().period.0.to_be_bytes();
    let aad = [&[VERSION], period.as_slice(), &key().key_id.to_be_bytes()].concat();
    let info = [b"callsign/v1 letter".as_slice(), &DESK.fingerprint.0, &period].concat();
    let sealed = seal::to_xwing(&PUBLIC, &Bound { info: &info, aad: &aad }, plaintext, &mut rng());
    Letter::from_bytes(&[aad, sealed].concat()).expect("a plaintext of the right size")
}

fn armours() -> Vec<Vec<u8>> {
    let file = file("letter.json");
    let texts = list(&file["armour"]).iter().filter_map(|case| case["text"].as_str());
    texts.map(|text| text.as_bytes().to_vec()).collect()
}

fn letters() -> Vec<Vec<u8>> {
    cases(&file("letter.json")).into_iter().map(|(_, bytes)| bytes).collect()
}

/// The calls of all letters that open, with expiries on both sides of what is taken.
fn payloads() -> Vec<Vec<u8>> {
    let calls = letters().into_iter().filter_map(|bytes| open(&Letter::from_bytes(&bytes).ok()?).ok());
    let with_expiry = |opened: OpenedLetter| {
        let mut json = serde_json::to_value(&*opened.call).expect("a call is JSON");
        [-1, 0, 120, 121].map(|days| {
            json["expires"] = (i64::from(DESK.today().0) + days).into();
            json.to_string().into_bytes()
        })
    };
    calls.flat_map(with_expiry).collect()
}
