//! `cell.json`: cells that the desk opens, cover, and messages in parts; the refused ones are in `cell_refused`.

use callsign_protocol::{
    call::{CallPart, Message, MessageError},
    caller_keys::{CallerKeys, Proven, x25519_public},
    cell::{Cell, Opened, Opener},
    encoding::Bytes,
    keyring::EpochKey,
    notice::VerifiedNotice,
    time::Day,
};
use rand_core::{CryptoRng, Rng as _};
use serde_json::{Value, json};

use super::{
    case::{Case, b64, hex},
    cell_refused,
    fixture::{self, Desk, TODAY, rng},
    seal::{self, Bound},
};

/// Bytes of a cell's plaintext.
pub const PLAINTEXT_LEN: usize = 2_953;

/// The whole file.
pub fn file() -> Value {
    let desk = Desk::new();
    let notice = desk.verified();
    let mut rng = rng(40);
    let mut cases = vec![part(&notice), cover(&notice)];
    cases.extend(at_the_limits(&desk, &notice, &mut rng));
    cases.extend(cell_refused::cases(&desk, &notice, &mut rng));
    json!({
        "comment": "Section 6: cells. A case is opened with the key that it names among `epochs`, under each of \
                    `notice_hashes` (its own where it has them). `encapsulation` is what X-Wing drew.",
        "fingerprint": desk.fingerprint().to_string(),
        "epochs": desk.describe_epochs(),
        "notice_hashes": [hex(&[1; 32]), hex(&notice.hash)],
        "notice_hash": hex(&notice.hash),
        "answer_key": hex(&desk.answer_key.0),
        "answer_public_key": hex(&notice.notice.answer_key.0),
        "caller": fixture::caller().describe(),
        "cases": cases,
        "messages": messages(&desk, &notice, &mut rng),
        "cuts": cuts(),
    })
}

fn message(text: &str, safe_times: Option<&str>) -> Message {
    Message {
        id: Bytes(*b"sixteen bytes id"),
        track: "field".into(),
        language: "uk".into(),
        text: text.into(),
        safe_times: safe_times.map(Into::into),
    }
}

/// A cell as a caller makes it, with everything that went into it.
fn part(notice: &VerifiedNotice) -> Value {
    let written = message("Мене викликали 🙏\n«повістка» \"\\\u{1}\u{7f}", Some("вечори"));
    let parts = written.parts().expect("one part");
    let mut encapsulation = [0; 64];
    rng(41).fill_bytes(&mut encapsulation);
    let cell =
        Cell::seal_part(&parts[0], &fixture::caller().keys, notice, TODAY, &mut rng(41)).expect("it seals");
    Case::new("part", "call", "the one part of a message")
        .bytes(&*cell.0)
        .with("encapsulation", hex(&encapsulation))
        .with("track", written.track)
        .with("language", written.language)
        .with("safe_times", written.safe_times)
        .with("text", written.text)
        .with("id", hex(&written.id.0))
        .with("payload_b64", b64(&payload(&cell, notice)))
        .into()
}

fn cover(notice: &VerifiedNotice) -> Value {
    let mut encapsulation = [0; 64];
    rng(42).fill_bytes(&mut encapsulation);
    let cell = Cell::seal_cover(notice, TODAY, &mut rng(42)).expect("it seals");
    Case::new("cover", "cover", "nothing inside")
        .bytes(&*cell.0)
        .with("encapsulation", hex(&encapsulation))
        .with("payload_b64", "")
        .into()
}

/// `mac || JSON` of a cell just sealed: proof and JSON are made once more from what the desk reads.
fn payload(cell: &Cell, notice: &VerifiedNotice) -> Vec<u8> {
    let desk = Desk::new();
    let opener = Opener {
        fingerprint: &notice.fingerprint,
        seed: &desk.epochs[0].seed,
        answer_key: &desk.answer_key,
        former_answer_keys: &[],
        notice_hashes: &[notice.hash],
    };
    let Ok(Opened::Call(call)) = cell.open(&opener) else { unreachable!("sealed to this desk") };
    proven(&serde_json::to_value(&*call).expect("JSON"), &serde_json::to_vec(&*call).expect("JSON"), TODAY)
}

/// `mac || JSON`, with the proof of the caller of all vectors.
pub fn proven(call: &Value, json: &[u8], epoch: Day) -> Vec<u8> {
    proven_by(&fixture::caller().keys, call, json, epoch)
}

/// `mac || JSON` with anybody's proof; a missing or broken member counts as zeros.
pub fn proven_by(keys: &CallerKeys, call: &Value, json: &[u8], epoch: Day) -> Vec<u8> {
    let id = call["id"].as_str().and_then(Bytes::from_base64url).unwrap_or(Bytes([0; 16]));
    let part = call["part"].as_u64().and_then(|part| u8::try_from(part).ok()).unwrap_or(0);
    let answer_key = x25519_public(&Desk::new().answer_key);
    let proven = Proven { message_id: &id, part, json, epoch };
    let mac = keys.prove(&answer_key, &proven).expect("the desk's key is no point of small order");
    [mac.as_slice(), json].concat()
}

/// The members of an ordinary part, to be changed.
pub fn members() -> Value {
    let keys = &fixture::caller().keys;
    let week = TODAY.week();
    let call = CallPart {
        caller: *keys.public(),
        shard_bits: keys.shard_bits(),
        drop_secrets: (0..3).map(|n| (week.plus(n), keys.drop_secret(week.plus(n)))).collect(),
        id: Bytes([5; 16]),
        part: 1,
        parts: 1,
        track: "field".into(),
        language: "en".into(),
        text: "text".into(),
        safe_times: None,
    };
    serde_json::to_value(call).expect("JSON")
}

/// A cell around any plaintext.
pub fn sealed(plaintext: &[u8], key: &EpochKey, notice_hash: &[u8; 32], rng: &mut impl CryptoRng) -> Vec<u8> {
    let epoch = key.epoch.0.to_be_bytes();
    let aad = [&[1], epoch.as_slice(), &key.key_id.to_be_bytes()].concat();
    let fingerprint = Desk::new().fingerprint();
    let info = [b"callsign/v1 cell".as_slice(), &fingerprint.0, &epoch, notice_hash].concat();
    let bound = Bound { info: &info, aad: &aad };
    [aad.as_slice(), &seal::to_xwing(&key.public().public_key, &bound, plaintext, rng)].concat()
}

/// A cell around an ordinary part with one member changed.
pub fn with_member(desk: &Desk, hash: &[u8; 32], change: (&str, Value), rng: &mut impl CryptoRng) -> Vec<u8> {
    let mut call = members();
    call[change.0] = change.1;
    let payload = proven(&call, call.to_string().as_bytes(), TODAY);
    let plaintext = seal::padded(payload.len(), &payload, PLAINTEXT_LEN);
    sealed(&plaintext, &desk.epochs[0], hash, rng)
}

/// Members at the last value that is allowed.
fn at_the_limits(desk: &Desk, notice: &VerifiedNotice, rng: &mut impl CryptoRng) -> Vec<Value> {
    let secret = json!(Bytes([9; 32]));
    let week = TODAY.week();
    let mut cases: Vec<Value> = [
        ("half a year ahead", "26 weeks are accepted", "drop_secrets", json!([[week.plus(26), secret]])),
        ("every week", "27 weeks, each once", "drop_secrets", {
            (0..=26).map(|n| json!([week.plus(n), secret])).collect()
        }),
        (
            "the week before",
            "the epoch is a Monday, so the desk may be in the week before",
            "drop_secrets",
            { json!([[week.0 - 1, secret], [week, secret]]) },
        ),
        ("longest track", "35 bytes as JSON, two of them an escaped quote", "track", {
            json!("t".repeat(33) + "\"")
        }),
        ("longest safe times", "300 bytes as JSON", "safe_times", json!("s".repeat(298) + "\n")),
        ("unknown member", "a member of a later version is ignored", "mood", json!("hopeful")),
    ]
    .map(|(name, comment, member, value)| {
        let cell = with_member(desk, &notice.hash, (member, value), rng);
        Case::new(name, "call", comment).bytes(&cell).with("text", "text").into()
    })
    .to_vec();
    let call = members();
    let payload = proven(&call, call.to_string().as_bytes(), TODAY.plus(1));
    let plaintext = seal::padded(payload.len(), &payload, PLAINTEXT_LEN);
    let tomorrow = sealed(&plaintext, &desk.epochs[1], &notice.hash, rng);
    cases.push(
        Case::new("tomorrow's key", "call", "another epoch").bytes(&tomorrow).with("text", "text").into(),
    );
    cases
}

/// How texts are cut: `text`, `times` times, gives parts of so many characters.
fn cuts() -> Value {
    let cut = |(name, text, times): (&str, &str, usize)| {
        let written = message(&text.repeat(times), None);
        let case = |outcome| {
            Case::new(name, outcome, "characters of each part").with("text", text).with("times", times)
        };
        match written.part_texts() {
            Ok(parts) => {
                let characters: Vec<usize> = parts.iter().map(|part| part.chars().count()).collect();
                Value::from(case("call").with("characters", characters))
            }
            Err(MessageError::Empty) => case("empty").into(),
            Err(_) => case("too long").into(),
        }
    };
    [
        ("empty", "", 1),
        ("one character", "x", 1),
        ("just one part", "x", 2_000),
        ("one more", "x", 2_001),
        ("eight parts", "x", 16_000),
        ("nine parts", "x", 16_001),
        ("two bytes", "щ", 2_100),
        ("three bytes", "文", 1_400),
        ("four bytes", "🙏", 1_100),
        ("escaped in two", "\"", 2_100),
        ("escaped in six", "\u{1f}\u{1}\u{1e}x", 175),
        ("not escaped", "\u{7f}\u{2028}/", 900),
        ("mixed", "a\"б\\文\t🙏\u{0}", 700),
    ]
    .map(cut)
    .into_iter()
    .collect()
}

/// Messages of several parts, and one too long for any cutting.
fn messages(desk: &Desk, notice: &VerifiedNotice, rng: &mut impl CryptoRng) -> Value {
    let mut cases = Vec::new();
    for (name, comment, text) in [
        ("emoji", "four bytes each, never cut in two", "🙏🇺🇦".repeat(400)),
        ("control characters", "six bytes each as JSON", "\u{1}\u{1f}\n\"\\".repeat(170)),
    ] {
        let mut cells = Vec::new();
        for part in message(&text, None).parts().expect("eight parts at most") {
            let sealed = Cell::seal_part(&part, &fixture::caller().keys, notice, desk.epochs[0].epoch, rng);
            cells.push(b64(&*sealed.expect("it seals").0));
        }
        cases.push(Case::new(name, "call", comment).with("text", text).with("cells_b64", cells));
    }
    let too_long = Case::new("too long", "too long", "`text`, `times` times, which no eight cells hold");
    cases.push(too_long.with("text", "щ").with("times", 12_000));
    cases.into()
}
