//! Bodies in `notice.json` that the duty key has signed and that no reader may use.

use callsign_protocol::{
    encoding::Bytes, identity::PrivateKey, signed::Kind, successor::Successor, time::Day,
};
use serde_json::{Value, json};

use super::{
    case::Case,
    fixture::{Desk, TODAY, rng},
    notice::{read, read_at, small},
};

/// All of them.
pub fn cases(desk: &Desk) -> Vec<Value> {
    let plans =
        plans().map(|(name, outcome, comment, plan)| (name, outcome, comment, with(desk, "plan", plan)));
    [unreadable(desk), out_of_range(desk), channels_and_pages(desk), signed(desk, plans), successors(desk)]
        .concat()
}

fn signed(
    desk: &Desk,
    cases: impl IntoIterator<Item = (&'static str, &'static str, &'static str, Vec<u8>)>,
) -> Vec<Value> {
    let case = |(name, outcome, comment, body)| {
        read(Case::new(name, outcome, comment), desk).bytes(&desk.envelope(Kind::Notice, body)).into()
    };
    cases.into_iter().map(case).collect()
}

fn good(desk: &Desk) -> Value {
    serde_json::to_value(small(desk)).expect("a notice is JSON")
}

fn with(desk: &Desk, member: &str, value: Value) -> Vec<u8> {
    let mut body = good(desk);
    body[member] = value;
    body.to_string().into_bytes()
}

/// Bodies of another version, or that are not the JSON of section 5.1.
fn unreadable(desk: &Desk) -> Vec<Value> {
    let good = good(desk);
    let with = |member: &str, value| with(desk, member, value);
    let mut without = good.clone();
    without.as_object_mut().expect("an object").remove("answer_key");
    let mut short_key = good.clone();
    short_key["inbox_keys"][0]["public_key"] = json!("AAAA");
    signed(
        desk,
        [
            ("body version 2", "version", "a body of a later version", with("version", json!(2))),
            ("oldest client 2", "client too old", "the desk no longer serves version 1", {
                with("oldest_client", json!(2))
            }),
            ("body version 0", "version", "no such version", with("version", json!(0))),
            ("later notice", "client too old", "whose other members are for later versions", {
                br#"{"version":1,"oldest_client":2,"inbox_keys":"elsewhere"}"#.to_vec()
            }),
            ("later body", "version", "whose members are for later versions", {
                br#"{"version":2,"oldest_client":2,"serial":"seven"}"#.to_vec()
            }),
            ("later and expired", "client too old", "the version is judged before the time", {
                let mut body = good.clone();
                (body["oldest_client"], body["expires"]) = (json!(2), json!(1));
                body.to_string().into_bytes()
            }),
            ("rule and expired", "rule", "the rules are judged before the time", {
                let mut body = good.clone();
                (body["days"], body["issued"], body["expires"]) = (json!(0), json!(1), json!(1));
                body.to_string().into_bytes()
            }),
            ("no number", "json", "oldest_client is a u8", with("oldest_client", json!(256))),
            ("given twice", "json", "a member twice", {
                good.to_string().replacen('{', "{\"serial\":7,", 1).into_bytes()
            }),
            ("given twice inside", "json", "a member of a map twice", {
                good.to_string().replacen("\"content\":{", "\"content\":{\"en\":\"\",", 1).into_bytes()
            }),
            ("null", "json", "a member that is null", with("name", json!(null))),
            ("null beside", "json", "a member of a later version that is null", with("mood", json!(null))),
            ("fraction", "json", "a number with a fraction", with("days", json!(14.0))),
            (
                "serial of 2^53",
                "json",
                "a number that not every language counts exactly",
                with("serial", json!(1u64 << 53)),
            ),
            ("gap of 33 bits", "json", "a pace is a u32", {
                let mut body = good.clone();
                body["cover"]["gap_ms"] = json!(1u64 << 32);
                body.to_string().into_bytes()
            }),
            ("empty body", "json", "no bytes", Vec::new()),
            ("not JSON", "json", "no JSON", b"notice".to_vec()),
            ("not an object", "json", "JSON, but a list", b"[1]".to_vec()),
            ("missing member", "json", "no answer key", without.to_string().into_bytes()),
            ("wrong type", "json", "a text for a number", with("serial", json!("7"))),
            ("negative", "json", "a number below zero", with("serial", json!(-1))),
            ("short inbox key", "json", "an inbox key of three bytes", short_key.to_string().into_bytes()),
            ("padded base64", "json", "base64url with padding", {
                with("answer_key", json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="))
            }),
            ("stray bits", "json", "base64url whose last character has bits beyond the bytes", {
                with("answer_key", json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB"))
            }),
        ],
    )
}

/// Members over or under their range.
fn out_of_range(desk: &Desk) -> Vec<Value> {
    let with = |member: &str, value| with(desk, member, value);
    let with_pace = |member: &str, value: u64| {
        let mut body = good(desk);
        body["cover"][member] = json!(value);
        body.to_string().into_bytes()
    };
    let expires = desk.notice().expires.0;
    signed(
        desk,
        [
            ("lives too long", "rule", "a second over 48 hours", with("expires", json!(expires + 1))),
            ("name of 121", "rule", "121 bytes as JSON, two of them an escaped quote", {
                with("name", json!("n".repeat(119) + "\""))
            }),
            ("no name", "rule", "empty", with("name", json!(""))),
            ("blank name", "rule", "nothing to be seen at its beginning", with("name", json!("\u{a0}desk"))),
            ("unseen name", "rule", "likewise", with("name", json!("\u{200b}desk"))),
            ("name that drives", "rule", "ESC", with("name", json!("desk\u{1b}[2J"))),
            ("name in two lines", "rule", "a line end", with("name", json!("desk\u{2028}desk"))),
            ("name that turns", "rule", "U+202E", with("name", json!("desk\u{202e}ksed"))),
            ("name of a track", "rule", "names of tracks keep the same rule", {
                with("tracks", json!([{ "id": "field", "names": { "en": "\u{1b}" } }]))
            }),
            ("no inbox key", "rule", "nothing to seal to", with("inbox_keys", json!([]))),
            (
                "expires first",
                "rule",
                "expires before it is issued",
                with("expires", json!(desk.notice().issued.0 - 1)),
            ),
            ("no days", "rule", "a desk lists a day at least", with("days", json!(0))),
            ("367 days", "rule", "a desk lists a year at most", with("days", json!(367))),
            ("former keys", "rule", "24 at most", {
                with("former_answer_keys", json!(vec![json!({ "key": Bytes([0; 32]), "last_day": 1 }); 25]))
            }),
            ("no exchange", "rule", "a visit has one at least", with_pace("visit_exchanges", 0)),
            ("2,001 exchanges", "rule", "2,000 at most", with_pace("visit_exchanges", 2_001)),
            ("long gap", "rule", "ten minutes at most", with_pace("gap_ms", 600_001)),
            ("long longest gap", "rule", "ten minutes at most", with_pace("gap_max_ms", 600_001)),
            ("steep growth", "rule", "25% at most", with_pace("gap_growth_percent", 26)),
            ("late move", "rule", "a day at most", with_pace("move_after_ms", 86_400_001)),
            ("empty language", "rule", "a language has a name", with("languages", json!([""]))),
            ("long language", "rule", "35 bytes at most, or no cell could name it", {
                with("languages", json!(["l".repeat(36)]))
            }),
            ("hidden in a language", "rule", "a character that nobody sees", {
                with("languages", json!(["en\u{200b}"]))
            }),
            ("blank in a track", "rule", "a blank that does not break", {
                with("tracks", json!([{ "id": "a\u{a0}b", "names": {} }]))
            }),
            ("long track", "rule", "35 bytes at most as JSON, or no cell could name it", {
                with("tracks", json!([{ "id": "t".repeat(34) + "\"", "names": {} }]))
            }),
            ("name of a pack", "rule", "63 digits", with("content", json!({ "en": "a".repeat(63) }))),
            (
                "name in upper case",
                "rule",
                "lower-case digits only",
                with("content", json!({ "en": "AB".repeat(32) })),
            ),
        ],
    )
}

/// Other ways to the desk and files of the page: as many and as long as they may be, and beyond.
fn channels_and_pages(desk: &Desk) -> Vec<Value> {
    let of = |member: &str, one: Value, count: usize| with(desk, member, json!(vec![one; count]));
    let channel = |text: &str, address: &str| json!({ "id": "phone", "text": text, "address": address });
    let (phone, hash) = (channel("By phone", "+380 44 123 45 67"), "ab".repeat(32));
    let page = |name: &str, sha256: &str| json!({ "name": name, "sha256": sha256 });
    let longest = json!({ "text": "t".repeat(200), "address": "a".repeat(300) });
    signed(
        desk,
        [
            ("channels", "ok", "16, with a text and an address of the greatest length, and no id", {
                of("channels", longest, 16)
            }),
            ("channel with an id", "ok", "which programs may know", of("channels", phone.clone(), 1)),
            ("pages", "ok", "16", of("pages", page("index.html", &hash), 16)),
            ("17 channels", "rule", "16 at most", of("channels", phone, 17)),
            ("17 pages", "rule", "16 at most", of("pages", page("index.html", &hash), 17)),
            ("long text", "rule", "201 bytes", of("channels", channel(&"t".repeat(201), "1"), 1)),
            ("long address", "rule", "301 bytes", of("channels", channel("By phone", &"1".repeat(301)), 1)),
            ("no text", "rule", "empty", of("channels", channel("", "1"), 1)),
            ("address that turns", "rule", "U+202E", of("channels", channel("By phone", "\u{202e}1"), 1)),
            (
                "channel without an address",
                "json",
                "a member is missing",
                of("channels", json!({ "text": "t" }), 1),
            ),
            ("id of a channel", "rule", "36 bytes", {
                of("channels", json!({ "id": "i".repeat(36), "text": "t", "address": "a" }), 1)
            }),
            ("id that is null", "json", "what is not there is left out", {
                of("channels", json!({ "id": null, "text": "t", "address": "a" }), 1)
            }),
            ("practice", "ok", "all callers are invented", with(desk, "practice", json!(true))),
            ("not for practice", "ok", "said, and not left out", with(desk, "practice", json!(false))),
            ("practice that is a number", "json", "no bool", with(desk, "practice", json!(1))),
            ("channels that are none", "json", "a text", with(desk, "channels", json!("By phone"))),
            ("hash of a page", "rule", "63 digits", of("pages", page("index.html", &hash[1..]), 1)),
            ("page without a name", "rule", "empty", of("pages", page("", &hash), 1)),
            ("page that is a text", "json", "no object", of("pages", json!("index.html"), 1)),
        ],
    )
}

/// Plans that no reader may use, the last of them for the day on which it begins.
fn plans() -> [(&'static str, &'static str, &'static str, Value); 9] {
    let entry = |from: Day, shards: u32, period: u32| json!({ "from": from, "shards": shards, "drop_period_s": period });
    let first = TODAY.minus(14);
    [
        ("no plan", "plan length", "no entry", json!([])),
        ("long plan", "plan length", "33 entries", {
            (0..33).map(|n| entry(TODAY.minus(40).plus(n), 1, 60)).collect()
        }),
        ("plan of one day twice", "plan order", "two entries begin on one day", {
            json!([entry(first, 1, 60), entry(first, 2, 60)])
        }),
        ("no shard", "plan shards", "a day has at least one list", json!([entry(first, 0, 60)])),
        ("three shards", "plan shards", "not a power of two", json!([entry(first, 3, 60)])),
        ("512 shards", "plan shards", "256 at most", json!([entry(first, 512, 1)])),
        ("no period", "plan period", "no time between two drops", json!([entry(first, 1, 0)])),
        ("long period", "plan period", "longer than a day", json!([entry(first, 1, 86_401)])),
        ("late plan", "plan covers", "the first day that is listed lies before it", {
            json!([entry(first.plus(1), 1, 60)])
        }),
    ]
}

/// Notices that name the identity to come.
fn successors(desk: &Desk) -> Vec<Value> {
    let (from, next, other) =
        (TODAY.plus(30), PrivateKey::generate(&mut rng(31)), PrivateKey::generate(&mut rng(32)));
    let valid = Successor::announce(&desk.identity, next.public(), from);
    let forged = Successor::announce(&other, next.public(), from);
    let with = |statement: Value| with(desk, "successor", statement);
    let written = |statement: Successor| serde_json::to_value(statement).expect("a statement is JSON");
    let altered = |member: &str, value: Value| {
        let mut statement = written(valid);
        statement[member] = value;
        with(statement)
    };
    let good = Value::from(
        read(Case::new("successor", "ok", "the identity names the one that comes after it"), desk)
            .bytes(&desk.envelope(Kind::Notice, with(written(valid))))
            .with("successor_fingerprint", valid.fingerprint().to_string())
            .with("successor_from", from.0),
    );
    let fault = "successor signature";
    let refused = [
        ("successor of another desk", fault, "a statement that another identity signed about itself", {
            with(written(forged))
        }),
        ("successor, signed by itself", fault, "the new identity cannot name itself", {
            with(written(Successor::announce(&next, next.public(), from)))
        }),
        ("successor, signed by the duty key", fault, "a duty key cannot name an identity", {
            with(written(Successor::announce(&desk.duty, next.public(), from)))
        }),
        (
            "successor on another day",
            fault,
            "not the day that was signed",
            altered("from", json!(from.0 + 1)),
        ),
        ("another successor", fault, "not the identity that was signed", {
            altered("identity", json!(other.public()))
        }),
        ("successor, no signature", fault, "64 zeros", altered("signature", json!(Bytes([0; 64])))),
        ("successor, short signature", "json", "63 bytes", altered("signature", json!(Bytes([0; 63])))),
        ("successor, no day", "json", "no number", altered("from", json!("tomorrow"))),
        ("successor, day beyond u32", "json", "no day", altered("from", json!(1_u64 << 32))),
        ("successor that is null", "json", "what is not there is left out", with(Value::Null)),
        ("successor and a rule", "rule", "ranges are judged before the statement", {
            let mut body = good_with(desk, written(forged));
            body["days"] = json!(0);
            body.to_string().into_bytes()
        }),
    ];
    let old = Case::new("successor and an old notice", fault, "the statement is judged before the time")
        .bytes(&desk.envelope(Kind::Notice, with(written(forged))));
    let old = Value::from(read_at(old, Some(desk.fingerprint()), desk.notice().expires.plus(86_401)));
    [vec![good], signed(desk, refused), vec![old]].concat()
}

fn good_with(desk: &Desk, successor: Value) -> Value {
    let mut body = good(desk);
    body["successor"] = successor;
    body
}
