//! Cells that the desk drops: flipped, sealed for something else, not canonical, out of limits, or without the caller's proof.

use callsign_protocol::{derive::derive, derive::sha256, encoding::Bytes, notice::VerifiedNotice};
use rand_core::CryptoRng;
use serde_json::{Value, json};

use super::{
    case::{Case, hex},
    cell::{PLAINTEXT_LEN, members, proven, proven_by, sealed, with_member},
    fixture::{self, Desk, TODAY},
    seal,
};

/// All of them.
pub fn cases(desk: &Desk, notice: &VerifiedNotice, rng: &mut impl CryptoRng) -> Vec<Value> {
    let mut cases = changed(notice);
    cases.extend(paddings(desk, notice, rng));
    cases.extend(limits(desk, notice, rng));
    cases.extend(json(desk, notice, rng));
    cases.extend(proofs(desk, notice, rng));
    cases.extend(kinds(desk, notice, &mut fixture::rng(43)));
    cases
}

/// The first cell of the file with some of its bytes changed, or opened under another notice.
fn changed(notice: &VerifiedNotice) -> Vec<Value> {
    let change = |name, outcome, comment| Case::new(name, outcome, comment).of("part");
    let other = change("other notice", "sealed", "sealed under a notice that the desk never published");
    let mut hash = notice.hash;
    hash[31] ^= 1;
    let other = other.with("notice_hashes", json!([hex(&hash)]));
    let cases = [
        change("cut", "truncated", "one byte short").keep(4_095),
        change("longer", "trailing", "one byte too many").append(&[0]),
        change("version 2", "version", "a later version").xor(0, &[3]),
        change("other epoch", "no key", "a day for which the desk has no key").xor(1, &[1]),
        change("other key id", "no key", "a key id that the desk does not have").xor(5, &[1]),
        change("first byte of enc", "sealed", "one bit").xor(7, &[1]),
        change("last byte of enc", "sealed", "the bit that X25519 ignores and X-Wing does not")
            .xor(1126, &[0x80]),
        change("first byte of ct", "sealed", "one bit").xor(1127, &[1]),
        change("last byte of ct", "sealed", "one bit of the tag").xor(4095, &[0x80]),
        other,
        change("no notice", "sealed", "a desk that has published nothing").with("notice_hashes", json!([])),
    ];
    cases.into_iter().map(Value::from).collect()
}

fn paddings(desk: &Desk, notice: &VerifiedNotice, rng: &mut impl CryptoRng) -> Vec<Value> {
    let call = members();
    let payload = proven(&call, call.to_string().as_bytes(), TODAY);
    let good = seal::padded(payload.len(), &payload, PLAINTEXT_LEN);
    let with = |at: usize| {
        let mut plaintext = good.clone();
        plaintext[at] = 1;
        plaintext
    };
    let mut cover = vec![0; PLAINTEXT_LEN];
    cover[2] = 1;
    [
        ("byte after the payload", "padding", "the first byte of the padding is not zero", {
            with(2 + payload.len())
        }),
        ("last byte", "padding", "the last byte is not zero", with(PLAINTEXT_LEN - 1)),
        ("padded cover", "padding", "cover with a byte that is not zero", cover),
        ("no room", "length", "a payload of 2,952 bytes has no room", {
            seal::padded(PLAINTEXT_LEN - 1, &payload, PLAINTEXT_LEN)
        }),
        ("no proof", "length", "a payload shorter than a proof", seal::padded(31, &[0; 31], PLAINTEXT_LEN)),
        ("short plaintext", "padding", "the plaintext is not two bytes and a payload", {
            let mut plaintext = good.clone();
            plaintext[1] = plaintext[1].wrapping_sub(1);
            plaintext
        }),
    ]
    .map(|(name, outcome, comment, plaintext)| {
        Case::new(name, outcome, comment)
            .bytes(&sealed(&plaintext, &desk.epochs[0], &notice.hash, rng))
            .into()
    })
    .to_vec()
}

/// Members just over their limits, each with a proof that holds.
fn limits(desk: &Desk, notice: &VerifiedNotice, rng: &mut impl CryptoRng) -> Vec<Value> {
    let secret = json!(Bytes([9; 32]));
    let week = TODAY.week().0;
    [
        ("part 0", "parts are counted from 1", "part", json!(0)),
        ("part 2 of 1", "a part beyond the last", "part", json!(2)),
        ("9 parts", "more than eight", "parts", json!(9)),
        ("0 parts", "none", "parts", json!(0)),
        ("track of 36", "36 bytes as JSON, two of them an escaped quote", "track", {
            json!("t".repeat(34) + "\"")
        }),
        ("language of 36", "36 bytes", "language", json!("l".repeat(36))),
        ("safe times of 301", "301 bytes as JSON", "safe_times", json!("s".repeat(299) + "\n")),
        ("secret of two weeks ago", "two days before the epoch is the week before", "drop_secrets", {
            json!([[week - 2, secret], [week, secret]])
        }),
        ("no secret", "no drop secret", "drop_secrets", json!([])),
        ("week twice", "one week's secret twice", "drop_secrets", json!([[week, secret], [week, secret]])),
        (
            "weeks not in order",
            "the later first",
            "drop_secrets",
            json!([[week + 1, secret], [week, secret]]),
        ),
        ("secret of three", "a list that is no pair", "drop_secrets", json!([[week, secret, 0]])),
        ("27 weeks ahead", "over half a year", "drop_secrets", json!([[week, secret], [week + 27, secret]])),
        ("28 weeks", "one more than 27", "drop_secrets", {
            (week - 1..=week + 26).map(|week| json!([week, secret])).collect()
        }),
        ("id of 15 bytes", "too short", "id", json!(Bytes([5; 15]))),
        ("shard bits of 17", "not a u16", "shard_bits", json!(65_536)),
        ("empty text", "nothing written", "text", json!("")),
        ("null safe times", "what is not said is left out", "safe_times", json!(null)),
        ("null beside", "a member of a later version that is null", "mood", json!(null)),
        ("fraction", "a part with a fraction", "part", json!(1.0)),
        ("text that is none", "a number for a text", "text", json!(1)),
    ]
    .map(|(name, comment, member, value)| {
        let cell = with_member(desk, &notice.hash, (member, value), rng);
        Case::new(name, "json", comment).bytes(&cell).into()
    })
    .to_vec()
}

fn json(desk: &Desk, notice: &VerifiedNotice, rng: &mut impl CryptoRng) -> Vec<Value> {
    let call = members();
    let mut without = call.clone();
    without.as_object_mut().expect("an object").remove("drop_secrets");
    let twice = format!("{call}{call}");
    let given_twice = call.to_string().replacen('{', "{\"text\":\"text\",", 1);
    let unknown_twice = call.to_string().replacen('{', "{\"mood\":1,\"mood\":1,", 1);
    let surrogate = call.to_string().replace("\"text\":\"text\"", r#""text":"\ud800""#);
    [
        ("missing member", "no drop secrets", without.to_string().into_bytes()),
        ("not an object", "a list", b"[]".to_vec()),
        ("nothing", "a proof of nothing", Vec::new()),
        ("given twice", "a member twice", given_twice.into_bytes()),
        ("unknown twice", "a member of a later version twice", unknown_twice.into_bytes()),
        ("lone surrogate", "a text that is none", surrogate.into_bytes()),
        ("two objects", "something after the JSON", twice.into_bytes()),
        ("not UTF-8", "JSON with a byte that is not UTF-8", {
            call.to_string().into_bytes().into_iter().map(|b| if b == b'x' { 0xff } else { b }).collect()
        }),
    ]
    .map(|(name, comment, json): (_, _, Vec<u8>)| {
        let payload = proven(&call, &json, TODAY);
        let plaintext = seal::padded(payload.len(), &payload, PLAINTEXT_LEN);
        let cell = sealed(&plaintext, &desk.epochs[0], &notice.hash, rng);
        Case::new(name, "json", comment).bytes(&cell).into()
    })
    .to_vec()
}

fn proofs(desk: &Desk, notice: &VerifiedNotice, rng: &mut impl CryptoRng) -> Vec<Value> {
    let call = members();
    let json = call.to_string().into_bytes();
    let mut second = call.clone();
    second["part"] = json!(2);
    let mut flipped = proven(&call, &json, TODAY);
    flipped[31] ^= 0x80;
    let other = &fixture::other_caller().keys;
    let mut cases = vec![
        ("another JSON", "a space behind the JSON that was proved", {
            let mut longer = proven(&call, &json, TODAY);
            longer.push(b' ');
            longer
        }),
        ("another caller's proof", "the key of one caller, the proof of another", {
            proven_by(other, &call, &json, TODAY)
        }),
        ("proof of another day", "made for the next epoch", proven(&call, &json, TODAY.plus(1))),
        ("proof of another part", "made for part 2", proven(&second, &json, TODAY)),
        ("proof flipped", "one bit", flipped),
    ];
    for (name, first) in [("small order, 0", 0), ("small order, 1", 1)] {
        let mut point = Bytes([0; 32]);
        point.0[0] = first;
        cases.push((name, "a caller key for which anybody can compute the mac", keyed_by_zero(&point)));
    }
    cases
        .into_iter()
        .map(|(name, comment, payload)| {
            let plaintext = seal::padded(payload.len(), &payload, PLAINTEXT_LEN);
            let cell = sealed(&plaintext, &desk.epochs[0], &notice.hash, rng);
            Case::new(name, "proof", comment).bytes(&cell).into()
        })
        .collect()
}

/// Payloads that say that they are no text: the kind is judged before all other members, and before the proof.
fn kinds(desk: &Desk, notice: &VerifiedNotice, rng: &mut impl CryptoRng) -> Vec<Value> {
    let with = |kind: Value| {
        let mut call = members();
        call["kind"] = kind;
        call
    };
    let alone = json!({ "kind": "read" });
    let mut unproved = proven(&alone, alone.to_string().as_bytes(), TODAY);
    unproved[0] ^= 1;
    let whole = |call: &Value| proven(call, call.to_string().as_bytes(), TODAY);
    [
        ("kind read", "kind", "a kind that has a name, and is not built yet", whole(&with(json!("read")))),
        ("kind decoy", "kind", "likewise", whole(&with(json!("decoy")))),
        ("kind withdraw", "kind", "likewise", whole(&with(json!("withdraw")))),
        ("kind media", "kind", "likewise", whole(&with(json!("media")))),
        ("unknown kind", "kind", "a kind of a later version", whole(&with(json!("song")))),
        ("kind text", "kind", "a text says no kind", whole(&with(json!("text")))),
        ("empty kind", "kind", "a text of no length", whole(&with(json!("")))),
        ("kind alone", "kind", "none of a text's members, and another proof", unproved),
        ("kind that is no text", "json", "a number", whole(&with(json!(1)))),
        ("null kind", "json", "what is not said is left out", whole(&with(json!(null)))),
    ]
    .map(|(name, outcome, comment, payload)| {
        let plaintext = seal::padded(payload.len(), &payload, PLAINTEXT_LEN);
        let cell = sealed(&plaintext, &desk.epochs[0], &notice.hash, rng);
        Case::new(name, outcome, comment).bytes(&cell).into()
    })
    .to_vec()
}

/// `mac || JSON` for a caller key of small order: X25519 with it gives zero.
fn keyed_by_zero(point: &Bytes<32>) -> Vec<u8> {
    let mut call = members();
    call["caller"] = json!(point);
    let json = call.to_string().into_bytes();
    let key = derive(&[0; 32], "caller proof", b"");
    let message = [[5; 16].as_slice(), &[1], &sha256(&[&json]), &TODAY.0.to_be_bytes()].concat();
    [seal::mac(&key, &message).as_slice(), &json].concat()
}
