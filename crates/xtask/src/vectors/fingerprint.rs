//! `fingerprint.json`: a desk's identity in its three written forms, and how the first is read.

use callsign_protocol::{encoding::Bytes, identity::Fingerprint};
use serde_json::{Value, json};

use super::{
    case::{Case, hex},
    fixture::Desk,
};

/// The whole file.
pub fn file() -> Value {
    let desk = Desk::new().identity.public();
    let desks = [desk, Bytes([0; 32]), Bytes([0xff; 32])].map(|identity| describe(&identity));
    json!({
        "comment": "Section 3: identity, fingerprint, words, desk id.",
        "desks": desks,
        "readings": readings(),
    })
}

fn describe(identity: &Bytes<32>) -> Value {
    let fingerprint = Fingerprint::of(identity);
    json!({
        "identity": hex(&identity.0),
        "fingerprint": fingerprint.to_string(),
        "words": fingerprint.words(),
        "desk_id": fingerprint.desk_id().as_str(),
    })
}

fn readings() -> Vec<Value> {
    let fingerprint = Desk::new().fingerprint();
    let hex = fingerprint.to_string();
    let in_fours = |between: &str| {
        let fours: Vec<_> = hex.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
        fours.join(between)
    };
    [
        ("plain", hex.clone(), "64 digits"),
        ("upper case", hex.to_uppercase(), "case is ignored"),
        ("in groups", in_fours(" "), "spaces are ignored"),
        ("with colons", in_fours(":"), "colons are ignored"),
        ("with dashes", format!(" -{}: ", in_fours(" - ")), "dashes are ignored, wherever they are"),
        ("in lines", in_fours("\r\n\t"), "tabs and ends of lines are ignored"),
        ("with no-break spaces", in_fours("\u{a0}"), "no other space is ignored"),
        ("with a byte order mark", format!("\u{feff}{hex}"), "nor anything invisible"),
        ("with dashes of print", in_fours("\u{2013}"), "nor any other dash"),
        ("empty", String::new(), "no digit"),
        ("short", hex[..62].to_owned(), "31 bytes"),
        ("odd", hex[..63].to_owned(), "31 bytes and a half"),
        ("long", format!("{hex}00"), "33 bytes"),
        ("not a digit", hex.replacen(|_| true, "g", 1), "g is no hexadecimal digit"),
        ("with commas", in_fours(","), "commas are not ignored"),
        ("words", fingerprint.words(), "the words are for the eye, not for reading"),
    ]
    .into_iter()
    .map(|(name, typed, comment)| {
        let outcome = if Fingerprint::parse(&typed).is_ok() { "ok" } else { "refused" };
        Case::new(name, outcome, comment).with("typed", typed).into()
    })
    .collect()
}
