//! `letter.json`: letters that the desk takes and refuses, and the text armour that they travel in.

use callsign_protocol::{
    armour::armour,
    call::Message,
    caller_keys::{CallerKeys, Proven},
    encoding::Bytes,
    letter::{Letter, Validity},
    letter_key::LetterKey,
    time::Day,
};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use rand_core::{CryptoRng, Rng as _};
use serde_json::{Value, json};

use super::{
    case::{Case, b64, hex},
    cell::{PLAINTEXT_LEN, members},
    fixture::{self, Desk, TODAY, rng},
    seal::{self, Bound},
};

/// The whole file.
pub fn file() -> Value {
    let desk = Desk::new();
    let mut rng = rng(90);
    let (written, first) = written(&desk);
    let mut cases = vec![written];
    cases.extend(changed());
    cases.extend(expiries(&desk, &mut rng));
    cases.extend(with_other_members(&desk, &mut rng));
    cases.extend(sealed_otherwise(&desk, &mut rng));
    json!({
        "comment": "Section 7.1: letters, opened on day `today` with the keys in `letters`. `encapsulation` is what X-Wing \
                    drew. A text of `armour` has these blocks, each the letter of a case or a fault.",
        "fingerprint": desk.fingerprint().to_string(),
        "today": TODAY,
        "letters": desk.letters.iter().map(describe).collect::<Vec<_>>(),
        "caller": fixture::caller().describe(),
        "cases": cases,
        "armour": armours(&first),
    })
}

fn describe(key: &LetterKey) -> Value {
    let public = key.public();
    json!({
        "period": key.period,
        "key_id": key.key_id,
        "seed": hex(&key.seed.0),
        "proof": hex(&key.proof.0),
        "public_key_b64": b64(&public.public_key.0),
        "proof_key": hex(&public.proof_key.0),
        "exposed": key.exposed,
    })
}

/// A letter as a caller makes it, with everything that went into it.
fn written(desk: &Desk) -> (Value, Letter) {
    let message = Message {
        id: Bytes(*b"sixteen bytes id"),
        track: "field".into(),
        language: "uk".into(),
        text: "Пишу без мережі 🙏\n\"\\".into(),
        safe_times: Some("вечори".into()),
    };
    let parts = message.letter_parts().expect("one part");
    let mut encapsulation = [0; 64];
    rng(91).fill_bytes(&mut encapsulation);
    let validity = Validity { written: TODAY, expires: TODAY.plus(30) };
    let caller = &fixture::caller().keys;
    let letter = Letter::seal_part(&parts[0], caller, &desk.named_letters(), validity, &mut rng(91))
        .expect("it seals");
    let case = Case::new("part", "call", "the one part of a message")
        .bytes(&*letter.0)
        .with("encapsulation", hex(&encapsulation))
        .with("text", message.text)
        .with("expires", validity.expires.0);
    (case.into(), letter)
}

/// The letter of a caller with some of its bytes changed.
fn changed() -> Vec<Value> {
    let change = |name, outcome, comment| Case::new(name, outcome, comment).of("part");
    vec![
        change("version 2", "version", "a later version").xor(0, &[3]).into(),
        change("another period", "no key", "a period without a key").xor(1, &[1]).into(),
        change("another key id", "no key", "a key id that nobody has").xor(5, &[0xff, 0xff]).into(),
        change("encapsulation flipped", "sealed", "one bit of enc").xor(7, &[1]).into(),
        change("ciphertext flipped", "sealed", "one bit of ct").xor(1_127, &[1]).into(),
        change("tag flipped", "sealed", "the last bit").xor(4_095, &[1]).into(),
        change("short", "truncated", "4,095 bytes").keep(4_095).into(),
        change("long", "trailing", "4,097 bytes").append(&[0]).into(),
    ]
}

/// On both sides of what the desk takes, and under a key that a removed device knows.
fn expiries(desk: &Desk, rng: &mut impl CryptoRng) -> Vec<Value> {
    let current = &desk.letters[1];
    [
        ("expires today", "call", "the last day", current, TODAY),
        ("expired", "expired", "the day after", current, TODAY.minus(1)),
        ("expires in 120 days", "call", "the farthest", current, TODAY.plus(120)),
        ("expires in 121 days", "too far ahead", "a day more", current, TODAY.plus(121)),
        ("doubted", "doubted", "sealed to a key that a removed device knows", &desk.letters[0], TODAY),
        ("next period", "call", "a key whose period has not begun", &desk.letters[2], TODAY.plus(60)),
    ]
    .map(|(name, outcome, comment, key, expires)| {
        let letter = with_members(desk, key, &letter_members(expires), rng);
        Case::new(name, outcome, comment)
            .bytes(&letter)
            .with("text", "text")
            .with("expires", expires.0)
            .into()
    })
    .to_vec()
}

/// Members that a call has not, or not so.
fn with_other_members(desk: &Desk, rng: &mut impl CryptoRng) -> Vec<Value> {
    let week = TODAY.plus(30).week().0;
    let secrets = |weeks: &[u32]| weeks.iter().map(|week| json!([week, Bytes([9; 32])])).collect::<Value>();
    let first_to_last: Vec<u32> = (week - 26..=week).collect();
    let one_more: Vec<u32> = (week - 26..=week + 1).collect();
    [
        (
            "half a year back",
            "call",
            "27 secrets, the first of 26 weeks before the expiry's",
            "drop_secrets",
            { secrets(&first_to_last) },
        ),
        ("28 secrets", "json", "one more", "drop_secrets", secrets(&one_more)),
        ("half a year ahead", "call", "26 weeks after the expiry's", "drop_secrets", secrets(&[week + 26])),
        ("27 weeks ahead", "json", "one more", "drop_secrets", secrets(&[week + 27])),
        ("27 weeks back", "json", "likewise", "drop_secrets", secrets(&[week - 27])),
        ("empty text", "json", "as in a cell", "text", json!("")),
        ("expiry that is none", "json", "a text for a day", "expires", json!("20800")),
        ("expiry of 2^32", "json", "not a u32", "expires", json!(1_u64 << 32)),
        ("unknown kind", "kind", "a kind of a later version", "kind", json!("song")),
        ("kind that is no text", "json", "a number", "kind", json!(1)),
    ]
    .map(|(name, outcome, comment, member, value)| {
        let mut call = letter_members(TODAY.plus(30));
        call[member] = value;
        let letter = with_members(desk, &desk.letters[1], &call, rng);
        Case::new(name, outcome, comment).bytes(&letter).with("text", "text").into()
    })
    .to_vec()
}

/// Plaintexts, proofs and seals that are not those of a letter.
fn sealed_otherwise(desk: &Desk, rng: &mut impl CryptoRng) -> Vec<Value> {
    let key = &desk.letters[1];
    let caller = &fixture::caller().keys;
    let call = letter_members(TODAY.plus(30));
    let good = payload(caller, key, &call);
    let plaintext = |payload: &[u8]| seal::padded(payload.len(), payload, PLAINTEXT_LEN);
    let mut not_zero = plaintext(&good);
    not_zero[PLAINTEXT_LEN - 1] = 1;
    let as_cell = {
        let json = call.to_string();
        let proven =
            Proven { message_id: &Bytes([5; 16]), part: 1, json: json.as_bytes(), epoch: key.period };
        let mac = caller.prove(&key.public().proof_key, &proven).expect("a proof");
        plaintext(&[mac.as_slice(), json.as_bytes()].concat())
    };
    let other_period = LetterKey { period: key.period.plus(30), ..key.clone() };
    let other_proof = LetterKey { proof: desk.answer_key.clone(), ..key.clone() };
    let letter_info = info(&desk.fingerprint().0, key.period);
    let cases = [
        ("empty", "length", "there is no cover among letters", plaintext(&[])),
        ("last byte", "padding", "the last byte is not zero", not_zero),
        ("without expiry", "json", "the JSON of a cell", plaintext(&payload(caller, key, &members()))),
        ("proof of a cell", "proof", "the label of a cell's proof", as_cell),
        ("proof of another period", "proof", "made for the next one", {
            plaintext(&payload(caller, &other_period, &call))
        }),
        ("proof for the answer key", "proof", "which is no proof key", {
            plaintext(&payload(caller, &other_proof, &call))
        }),
        ("another caller's proof", "proof", "the key of one caller, the proof of another", {
            plaintext(&payload(&fixture::other_caller().keys, key, &call))
        }),
    ]
    .map(|(name, outcome, comment, plaintext)| {
        let letter = sealed(key, &letter_info, &plaintext, rng);
        Value::from(Case::new(name, outcome, comment).bytes(&letter))
    });
    let cell_info = [b"callsign/v1 cell".as_slice(), &letter_info[b"callsign/v1 letter".len()..]].concat();
    let seals = [
        ("another desk", "sealed for another fingerprint", info(&[7; 32], key.period)),
        ("sealed as a cell", "the label of a cell", cell_info),
    ]
    .map(|(name, comment, info)| {
        let letter = sealed(key, &info, &plaintext(&good), rng);
        Value::from(Case::new(name, "sealed", comment).bytes(&letter))
    });
    [cases.to_vec(), seals.to_vec()].concat()
}

fn letter_members(expires: Day) -> Value {
    let mut call = members();
    call["expires"] = json!(expires);
    call
}

fn with_members(desk: &Desk, key: &LetterKey, call: &Value, rng: &mut impl CryptoRng) -> Vec<u8> {
    let payload = payload(&fixture::caller().keys, key, call);
    let plaintext = seal::padded(payload.len(), &payload, PLAINTEXT_LEN);
    sealed(key, &info(&desk.fingerprint().0, key.period), &plaintext, rng)
}

/// `mac || JSON`.
fn payload(caller: &CallerKeys, key: &LetterKey, call: &Value) -> Vec<u8> {
    let json = call.to_string();
    let proven = Proven { message_id: &Bytes([5; 16]), part: 1, json: json.as_bytes(), epoch: key.period };
    let mac = caller.prove_letter(&key.public().proof_key, &proven).expect("a proof");
    [mac.as_slice(), json.as_bytes()].concat()
}

fn info(fingerprint: &[u8; 32], period: Day) -> Vec<u8> {
    [b"callsign/v1 letter".as_slice(), fingerprint, &period.0.to_be_bytes()].concat()
}

fn sealed(key: &LetterKey, info: &[u8], plaintext: &[u8], rng: &mut impl CryptoRng) -> Vec<u8> {
    let aad = [&[1], key.period.0.to_be_bytes().as_slice(), &key.key_id.to_be_bytes()].concat();
    let bound = Bound { info, aad: &aad };
    [aad.as_slice(), &seal::to_xwing(&key.public().public_key, &bound, plaintext, rng)].concat()
}

/// One letter in the texts that carriers make of it, and in texts that are none.
fn armours(letter: &Letter) -> Value {
    let block = armour(letter);
    let quoted: String = block.lines().flat_map(|line| ["> > ", line, "\r\n"]).collect();
    let (first_line, second_line) = (block.lines().nth(1), block.lines().nth(2));
    let (first_line, second_line) = (first_line.expect("a line"), second_line.expect("a line"));
    let unended = block.replace("-----END CALLSIGN LETTER-----\n", "");
    let last = block.lines().nth(86).expect("the last line of 86");
    let beyond = block.replace(last, &last.replace(&last[last.len() - 1..], "/"));
    [
        ("as it is written", block.clone(), vec!["part"]),
        ("line ends of mail", block.replace('\n', "\r\n"), vec!["part"]),
        ("quoted twice", quoted, vec!["part"]),
        ("in one line", block.replace('\n', " "), vec!["part"]),
        ("among other text", format!("Dear desk,\n\n{block}\n-- \nyours"), vec!["part"]),
        ("two", format!("{block}{block}"), vec!["part", "part"]),
        ("line lost", block.replacen(&format!("{first_line}\n"), "", 1), vec!["length"]),
        ("line doubled", block.replacen(second_line, &second_line.repeat(2), 1), vec!["length"]),
        ("padding", block.replacen(last, &format!("{last}=="), 1), vec!["part"]),
        ("bits beyond the last byte", beyond, vec!["characters"]),
        ("one that does not end, one that does", format!("{unended}{block}"), vec!["unended", "part"]),
        ("lower case", block.replace("BEGIN CALLSIGN", "begin callsign"), vec!["part"]),
        ("em dashes", block.replace("--", "\u{2014}"), vec!["part"]),
        ("quoted by bars", block.lines().flat_map(|line| ["| ", line, "\n"]).collect(), vec!["part"]),
        (
            "quoted with initials",
            block.lines().flat_map(|line| ["OK>> ", line, "\n"]).collect(),
            vec!["part"],
        ),
        (
            "marks that nobody sees",
            block.replace('A', "\u{200b}A\u{2060}").replace('\n', "\u{a0}\n"),
            vec!["part"],
        ),
        (
            "entities",
            block.replace('+', "&#43;").replace('/', "&amp;#x2F;").replace('\n', "<br>\n&gt;&nbsp;"),
            vec!["part"],
        ),
        (
            "soft line ends",
            block.replace('A', "A=\r\n").replace('+', "=2B").replace("--", "=E2=80=94"),
            vec!["part"],
        ),
        (
            "between two messages",
            block.replacen(first_line, &format!("{first_line}\nOlena, [21:10]"), 1),
            vec!["part"],
        ),
        ("another kind", block.replace("LETTER", "DEVICE REQUEST"), vec![]),
        ("prose", "Copy it from BEGIN CALLSIGN LETTER to END CALLSIGN LETTER.".to_owned(), vec![]),
        ("empty", String::new(), vec![]),
    ]
    .map(|(name, text, blocks)| json!({ "name": name, "text": text, "blocks": blocks }))
    .into_iter()
    .chain(in_other_encodings(&block))
    .collect()
}

/// Bytes that are no UTF-8.
fn in_other_encodings(block: &str) -> Vec<Value> {
    let wide = |unit: fn(u16) -> [u8; 2]| block.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let greeting = b"\xcf\xf0\xe8\xe2\xe5\xf2!\r\n".as_slice();
    [
        ("UTF-16, little end first", wide(u16::to_le_bytes)),
        ("UTF-16 with a mark, big end first", [b"\xfe\xff".as_slice(), &wide(u16::to_be_bytes)].concat()),
        ("a greeting in windows-1251", [greeting, block.as_bytes()].concat()),
        ("dashes in windows-1251", [greeting, &dashed(block)].concat()),
        ("a part of a mail in base64", {
            let body = BASE64.encode(&[greeting, block.as_bytes()].concat());
            let lines: Vec<&[u8]> = body.as_bytes().chunks(76).collect();
            lines.join(b"\r\n".as_slice())
        }),
    ]
    .map(|(name, bytes)| json!({ "name": name, "bytes_b64": BASE64URL_NOPAD.encode(&bytes), "blocks": ["part"] }))
    .to_vec()
}

/// Every dash as the byte 0x97.
fn dashed(block: &str) -> Vec<u8> {
    block.bytes().map(|byte| if byte == b'-' { 0x97 } else { byte }).collect()
}
