//! `notice.json`: envelopes of notices, the chain of signatures, and each way in which one is refused.

use callsign_protocol::{
    identity::{Fingerprint, PrivateKey},
    notice::Notice,
    plan::{Plan, PlanEntry},
    signed::{Certificate, Envelope, Kind, Putter},
    time::{Day, UnixSeconds},
    visit::Cover,
};
use serde_json::{Value, json};

use super::{
    case::{Case, hex},
    fixture::{Desk, TODAY, now, rng},
    notice_bodies,
};

/// The whole file.
pub fn file() -> Value {
    let desk = Desk::new();
    let cases = [accepted(&desk), broken(&desk), signed_wrongly(&desk), notice_bodies::cases(&desk)].concat();
    json!({
        "comment": "Section 5: envelope and notice. A case has bytes, or the bytes of another case, changed. \
                    `pin` is the fingerprint that the reader expects, or null; `now` is its clock.",
        "cases": cases,
    })
}

/// A case that is read with the desk's fingerprint at the fixed time.
pub fn read(case: Case, desk: &Desk) -> Case {
    read_at(case, Some(desk.fingerprint()), now())
}

/// A case that is read with this fingerprint at this time.
pub fn read_at(case: Case, pin: Option<Fingerprint>, at: UnixSeconds) -> Case {
    case.with("pin", pin.map(|pin| pin.to_string())).with("now", at.0)
}

/// Its notice with one key, for many cases.
pub fn small(desk: &Desk) -> Notice {
    let notice = desk.notice();
    Notice { inbox_keys: notice.inbox_keys[..1].to_vec(), ..notice }
}

fn sign(desk: &Desk, notice: &Notice) -> Vec<u8> {
    desk.envelope(Kind::Notice, serde_json::to_vec(notice).expect("a notice is JSON"))
}

/// Shards of some callers on the days around each change of the plan.
fn shards(notice: &Notice) -> Value {
    let days =
        [TODAY.minus(20), TODAY.minus(7), TODAY.minus(6), TODAY.plus(6), TODAY.plus(7), TODAY.plus(400)];
    let bits = [0u16, 0x3fff, 0x4000, 0x7fff, 0x8000, 0xc0de, 0xffff];
    let pairs = days.into_iter().flat_map(|day| bits.map(|bits| (day, bits)));
    pairs.map(|(day, bits)| json!([day, bits, notice.plan.shard(day, bits)])).collect()
}

fn accepted(desk: &Desk) -> Vec<Value> {
    let verified = desk.verified();
    let days = [TODAY.minus(30), TODAY, TODAY.plus(1), TODAY.plus(2), TODAY.plus(400)];
    let keys = days.map(|day| {
        let key = verified.inbox_key(day);
        json!({ "day": day, "epoch": key.epoch, "key_id": key.key_id })
    });
    let valid = Case::new("valid", "ok", "the notice of all vectors")
        .bytes(&sign(desk, &desk.notice()))
        .with("fingerprint", desk.fingerprint().to_string())
        .with("notice_hash", hex(&verified.hash))
        .with("serial", desk.notice().serial)
        .with("inbox_key_for", json!(keys))
        .with("shard_for", shards(&verified.notice));
    let first = desk.certificate().days.0;
    let end = desk.notice().expires.plus(86_400);
    let again = |name, comment| Case::new(name, "ok", comment).of("valid");
    let unknown = {
        let mut body = serde_json::to_value(small(desk)).expect("a notice is JSON");
        body["of_a_later_version"] = json!({ "is": ["ignored"] });
        desk.envelope(Kind::Notice, body.to_string().into_bytes())
    };
    let at_the_limits = {
        let mut notice = small(desk);
        (notice.days, notice.expires) = (366, notice.issued.plus(172_800));
        notice.plan = Plan(vec![PlanEntry { from: Day(0), shards: 256, drop_period_s: 86_400 }]);
        (notice.serial, notice.oldest_client) = ((1 << 53) - 1, 0);
        notice.cover = Cover {
            gap_ms: 600_000,
            gap_max_ms: 600_000,
            gap_growth_percent: 25,
            visit_exchanges: 2_000,
            move_after_ms: 86_400_000,
        };
        sign(desk, &notice)
    };
    let tie = {
        let mut notice = desk.notice();
        // The days before and after, and the day after once more under another key id.
        (notice.inbox_keys[0].epoch, notice.inbox_keys[1].epoch) = (TODAY.plus(1), TODAY.minus(1));
        notice.inbox_keys[2].epoch = TODAY.plus(1);
        let near = &notice.inbox_keys[0];
        let keys = json!([{ "day": TODAY, "epoch": near.epoch, "key_id": near.key_id }]);
        read(Case::new("tie", "ok", "of keys as near the first is taken"), desk)
            .bytes(&sign(desk, &notice))
            .with("inbox_key_for", keys)
    };
    vec![
        read(valid, desk).into(),
        read(Case::new("at the limits", "ok", "members at their last value"), desk)
            .bytes(&at_the_limits)
            .into(),
        tie.into(),
        read_at(again("no pin", "without a pin the fingerprint is reported only"), None, now()).into(),
        read_at(
            again("a day early", "the certificate's first day less one, by a clock that is behind"),
            Some(desk.fingerprint()),
            first.minus(1).start(),
        )
        .into(),
        read_at(again("a day late", "the last second of tolerance"), Some(desk.fingerprint()), end).into(),
        read(Case::new("unknown member", "ok", "a member of a later version is ignored"), desk)
            .bytes(&unknown)
            .into(),
    ]
}

/// Changes that break the layout or a signature.
fn broken(desk: &Desk) -> Vec<Value> {
    let len = sign(desk, &desk.notice()).len();
    let change = |name, outcome, comment| read(Case::new(name, outcome, comment).of("valid"), desk);
    let mut cases: Vec<Value> = [
        change("no byte", "truncated", "an answer without a body").keep(0),
        change("header cut", "truncated", "ends before the body's length").keep(145),
        change("cut", "truncated", "the signature lacks its last byte").keep(len - 1),
        change("longer", "trailing", "one byte too many").append(&[0]),
        change("version 0", "version", "no such version").xor(0, &[1]),
        change("version 2", "version", "a later version").xor(0, &[3]),
        change("kind 0", "kind", "no such kind").xor(1, &[1]),
        change("kind 3", "kind", "a letters document").xor(1, &[2]),
        change("kind 4", "kind", "no such kind").xor(1, &[5]),
        change("identity flipped", "fingerprint", "another identity").xor(2, &[1]),
        change("duty key flipped", "certificate signature", "a duty key that nobody certified").xor(34, &[1]),
        change("number flipped", "certificate signature", "a number that nobody certified").xor(69, &[1]),
        change("day flipped", "certificate signature", "a last day that nobody certified").xor(77, &[1]),
        change("certificate flipped", "certificate signature", "its signature, first byte").xor(78, &[1]),
        change("s flipped", "certificate signature", "its signature, last byte").xor(141, &[0x80]),
        change("body flipped", "body signature", "one bit of the body").xor(150, &[1]),
        change("signature flipped", "body signature", "one bit of the signature").xor(len - 1, &[1]),
        change("too large", "too large", "a body that says to be over 262,144").xor(142, &[0x40]),
        change("kind 3, cut", "truncated", "the length is judged before the kind").xor(1, &[2]).keep(len - 1),
        change("version 2, cut", "version", "the version is judged before the length").xor(0, &[3]).keep(9),
        change("too large, cut", "too large", "a body's length is judged before its bytes")
            .xor(143, &[4])
            .keep(146),
    ]
    .into_iter()
    .map(Value::from)
    .collect();
    let at = |name, outcome, comment, pin, at| {
        Value::from(read_at(Case::new(name, outcome, comment).of("valid"), pin, at))
    };
    let pin = Some(desk.fingerprint());
    let (first, last) = desk.certificate().days;
    cases.extend([
        at("other pin", "fingerprint", "the reader expects another desk", Some(Fingerprint([7; 32])), now()),
        at("too early", "certificate days", "two days before its first", pin, first.minus(2).start()),
        at("too late", "certificate days", "two days after its last", pin, last.plus(2).start()),
        at("expired", "expired", "a second after the tolerance", pin, desk.notice().expires.plus(86_401)),
    ]);
    cases
}

/// Certificates and signatures that verify for something else.
fn signed_wrongly(desk: &Desk) -> Vec<Value> {
    let body = || serde_json::to_vec(&small(desk)).expect("a notice is JSON");
    let identity = desk.identity.public();
    let certified = |certifier: &PrivateKey, first: Day, last: Day| {
        let days = [first.0.to_be_bytes(), last.0.to_be_bytes()].concat();
        let fields = [desk.duty.public().0.as_slice(), &5_u32.to_be_bytes(), &days].concat();
        let signature = certifier.sign("certificate", &[&desk.fingerprint().0, &fields]);
        let certificate = Certificate::decode(&[fields.as_slice(), &signature].concat()).expect("108 bytes");
        Envelope::sign(Kind::Notice, identity, certificate, &desk.duty, body()).encode()
    };
    let keyring = || desk.keyring(body(), Putter::Identity(&desk.identity), 7);
    let other = PrivateKey::generate(&mut rng(30));
    let by_other = Envelope::sign(Kind::Notice, identity, desk.certificate(), &other, body()).encode();
    let label = {
        let mut keyring = keyring();
        keyring[1] = 1;
        keyring[..keyring.len() - 64].to_vec()
    };
    [
        ("span of 37 days", "certificate days", "longer than 36 days", {
            certified(&desk.identity, TODAY.minus(10), TODAY.plus(27))
        }),
        ("last before first", "certificate days", "today is within a day of both", {
            certified(&desk.identity, TODAY.plus(1), TODAY)
        }),
        ("certified by another", "certificate signature", "not the identity's signature", {
            certified(&other, TODAY, TODAY.plus(35))
        }),
        ("signed by another", "body signature", "not the duty key's signature", by_other),
        ("signed as a keyring", "body signature", "the duty key's signature, with the other label", label),
        ("a keyring", "kind", "a keyring where a notice is expected", keyring()),
    ]
    .map(|(name, outcome, comment, bytes)| read(Case::new(name, outcome, comment), desk).bytes(&bytes).into())
    .to_vec()
}
