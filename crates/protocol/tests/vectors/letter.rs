//! Letters and their armour: the vectors of what comes to a desk by another way than the hub.

use std::collections::HashMap;

use callsign_protocol::{
    armour::{self, armour},
    caller_keys::x25519_public,
    encoding::{Bytes, Secret},
    letter::{Letter, LetterOpener, OpenedLetter},
    letter_key::LetterKey,
    letters::Letters,
    notice::Notice,
    time::{Day, UnixSeconds},
};
use serde_json::Value;

use crate::read::{b64, cases, expect, file, fingerprint, hex, list, number, person, text};

fn letter_key(value: &Value) -> LetterKey {
    let key = LetterKey {
        period: Day(number(&value["period"])),
        key_id: number(&value["key_id"]),
        seed: Secret(hex(&value["seed"])),
        proof: Secret(hex(&value["proof"])),
        superseded: false,
        exposed: value["exposed"] == true,
    };
    assert_eq!(key.public().public_key.0.as_slice(), b64(&value["public_key_b64"]));
    assert_eq!(x25519_public(&key.proof), Bytes(hex(&value["proof_key"])));
    key
}

#[test]
fn letters() {
    let variants = [
        ("truncated", "\"Truncated"),
        ("trailing", "\"TrailingBytes"),
        ("version", "\"Version"),
        ("no key", "\"Key"),
        ("sealed", "\"Sealed"),
        ("padding", "\"Layout(NotZero"),
        ("length", "\"Layout(Truncated"),
        ("json", "\"Json"),
        ("kind", "\"Kind"),
        ("proof", "\"Proof"),
        ("expired", "\"Expired"),
        ("too far ahead", "\"TooFarAhead"),
    ];
    let file = file("letter.json");
    let desk = fingerprint(&file["fingerprint"]);
    let caller = person(&file["caller"], &desk);
    let keys: Vec<LetterKey> = list(&file["letters"]).iter().map(letter_key).collect();
    let with = LetterOpener { fingerprint: &desk, keys: &keys, today: Day(number(&file["today"])) };
    for (case, bytes) in cases(&file) {
        let letter = Letter::from_bytes(&bytes).map_err(|error| format!("{error:?}"));
        let opened = letter.and_then(|letter| letter.open(&with).map_err(|error| format!("{error:?}")));
        let Some(OpenedLetter { call, doubted }) = expect(&case, opened, &variants) else { continue };
        assert_eq!(text(&case["outcome"]), if doubted { "doubted" } else { "call" }, "{case}");
        assert_eq!((&call.caller, call.text.as_str()), (caller.public(), text(&case["text"])));
    }
}

/// The bytes of a text, whichever member has them.
fn carried(case: &Value) -> Vec<u8> {
    match &case["text"] {
        Value::String(text) => text.clone().into_bytes(),
        _ => b64(&case["bytes_b64"]),
    }
}

#[test]
fn armoured_letters() {
    let file = file("letter.json");
    let letters: HashMap<String, Vec<u8>> =
        cases(&file).into_iter().map(|(case, bytes)| (text(&case["name"]).to_owned(), bytes)).collect();
    for (at, case) in list(&file["armour"]).iter().enumerate() {
        let blocks = armour::read(&carried(case));
        let expected = list(&case["blocks"]);
        assert_eq!(blocks.len(), expected.len(), "{}", case["name"]);
        for (block, expected) in blocks.iter().zip(expected) {
            match block {
                Ok(letter) => assert_eq!(letter.0.as_slice(), letters[text(expected)], "{}", case["name"]),
                Err(error) => {
                    let named = format!("{error:?}").to_lowercase();
                    assert!(named.starts_with(text(expected)), "{}: {named}", case["name"]);
                }
            }
        }
        if at == 0 {
            assert_eq!(blocks[0].as_ref().map(armour).as_deref(), Ok(text(&case["text"])));
        }
    }
}

#[test]
fn letters_documents() {
    let variants = [
        ("size", "Size"),
        ("truncated", "Signed(Layout(Truncated"),
        ("trailing", "Signed(Layout(TrailingBytes"),
        ("version", "Signed(Version"),
        ("kind", "Signed(Kind"),
        ("fingerprint", "Signed(Fingerprint"),
        ("certificate signature", "Signed(CertificateSignature"),
        ("certificate days", "Signed(CertificateDays"),
        ("body signature", "Signed(BodySignature"),
        ("json", "Json("),
        ("signer", "Signer"),
        ("not named", "Unnamed"),
    ];
    let file = file("letters.json");
    let (desk, now) = (fingerprint(&file["fingerprint"]), UnixSeconds(number(&file["now"])));
    for (case, bytes) in cases(&file) {
        let notice = if case["notice_b64"].is_null() { &file["notice_b64"] } else { &case["notice_b64"] };
        let notice = Notice::verify(&b64(notice), Some(&desk), now).unwrap();
        let read = Letters::verify(&bytes, Some(&desk), now);
        let serial = read.as_ref().map(|read| read.letters.serial).ok();
        let read = read.and_then(|read| read.named_by(&notice));
        let Some(letters) = expect(&case, read, &variants) else { continue };
        if case["keys"].is_null() {
            continue;
        }
        assert_eq!(serial, Some(number(&case["serial"])));
        for (key, expected) in letters.keys().iter().zip(list(&case["keys"])) {
            assert_eq!((key.period, key.key_id), (Day(number(&expected[0])), number(&expected[1])));
            assert_eq!(key.proof_key.0, hex(&expected[2]));
        }
        assert_eq!(letters.keys().len(), list(&case["keys"]).len());
    }
}
