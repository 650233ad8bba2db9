//! `json.json`: what every reader of JSON takes and refuses, whatever the document.

use callsign_protocol::json;
use serde_json::{Value, json};

use super::case::{Case, b64};

/// The whole file.
pub fn file() -> Value {
    let cases: Vec<Value> = TEXTS
        .iter()
        .map(|(name, text, comment)| case(name, text.as_bytes(), comment))
        .chain([
            case("depth 16", &nested(16), "as deep as it may be"),
            case("depth 17", &nested(17), "one deeper"),
            case("not UTF-8", b"{\"a\":\"\xff\"}", "a byte that is in no UTF-8"),
            case("surrogate in UTF-8", b"{\"a\":\"\xed\xa0\x80\"}", "a surrogate is no character"),
            case("byte order mark", b"\xef\xbb\xbf{}", "nothing stands before the JSON"),
        ])
        .collect();
    json!({
        "comment": "Section 2: JSON. Each case is the bytes of a document whose members nobody knows: `ok` says that only \
                    missing members could be wrong with it. Null is refused here; section 5.2 names the one exception.",
        "cases": cases,
    })
}

fn case(name: &str, bytes: &[u8], comment: &str) -> Value {
    let outcome = if json::read::<Value>(bytes).is_ok() { "ok" } else { "json" };
    Case::new(name, outcome, comment).with("bytes_b64", b64(bytes)).into()
}

/// An object with lists inside, so many in all.
fn nested(depth: usize) -> Vec<u8> {
    let inner = depth - 1;
    ["{\"a\":", &"[".repeat(inner), &"]".repeat(inner), "}"].concat().into_bytes()
}

const TEXTS: [(&str, &str, &str); 31] = [
    ("empty object", "{}", "nothing is wrong with it"),
    ("white space", " \t\r\n{ \"a\" : [ 1 , 2 ] } \n", "where JSON allows it"),
    ("escaped name", r#"{"\u0061":1}"#, "a name may be escaped"),
    ("twice", r#"{"a":1,"a":1}"#, "a member given twice, alike"),
    ("twice, escaped", r#"{"a":1,"\u0061":2}"#, "a member given twice, once escaped"),
    ("twice inside", r#"{"b":[{"a":1,"b":2,"a":3}]}"#, "a member given twice, deeper"),
    ("same name elsewhere", r#"{"a":{"a":1},"b":{"a":2}}"#, "one name in two objects"),
    ("name in a text", r#"{"a":"\"a\":1","b":"{\"a\":2}"}"#, "texts that look like members"),
    ("zero", r#"{"a":0}"#, "a number"),
    ("largest", r#"{"a":9007199254740991}"#, "2^53 - 1"),
    ("one more", r#"{"a":9007199254740992}"#, "2^53"),
    ("far more", r#"{"a":18446744073709551616}"#, "2^64"),
    ("many digits", r#"{"a":100000000000000000000000000000000000000000}"#, "beyond any integer"),
    ("minus one", r#"{"a":-1}"#, "no number has a sign"),
    ("minus zero", r#"{"a":-0}"#, "not even zero"),
    ("fraction", r#"{"a":1.5}"#, "no number has a fraction"),
    ("whole fraction", r#"{"a":1.0}"#, "not even one of zero"),
    ("exponent", r#"{"a":1e0}"#, "no number has an exponent"),
    ("leading zero", r#"{"a":01}"#, "no JSON"),
    ("null", r#"{"a":null}"#, "a member that says nothing is left out instead"),
    ("null in a list", r#"{"a":[null]}"#, "nor is it in lists"),
    ("lone surrogate", r#"{"a":"\ud800"}"#, "an escape that is no character"),
    ("lone low surrogate", r#"{"a":"\udc00 "}"#, "an escape that is no character"),
    ("surrogates the wrong way", r#"{"a":"\ude4f\ud83d"}"#, "no pair"),
    ("surrogate in a name", r#"{"\ud800":1}"#, "an escape that is no character"),
    ("pair", r#"{"a":"\ud83d\ude4f"}"#, "one character, escaped"),
    ("control character", "{\"a\":\"\u{1}\"}", "not escaped"),
    ("comma", r#"{"a":1,}"#, "no JSON"),
    ("two texts", "{}{}", "something after the JSON"),
    ("comment", "{}// comment", "no JSON"),
    ("cut", r#"{"a":"#, "no JSON"),
];
