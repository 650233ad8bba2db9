//! `phrase.json`: from what is typed to all that a caller owns.

use callsign_protocol::{
    call_sign::{CallSign, CallSignQuery},
    phrase::Phrase,
};
use rand_core::Rng as _;
use serde_json::{Value, json};

use super::{
    case::{Case, hex},
    fixture::{self, Desk, Person, TODAY, rng},
    seal,
};

/// What is typed, and why.
const TYPED: [(&str, &str, &str); 22] = [
    ("plain", "abandon ability able", "nothing to fold"),
    ("case and spaces", "  Abandon ability\tABLE\r\n", "case, tabs and line ends are forgiven"),
    ("punctuation", "abandon-ability_able.about,above;", "separators of all kinds"),
    ("dashes", "abandon\u{2010}ability\u{2014}able\u{2212}about\u{2015}", "dashes of all kinds"),
    ("spaces", "abandon\u{a0}ability\u{1680}able\u{2007}about\u{202f}above\u{3000}", "spaces of all kinds"),
    ("line separators", "abandon\u{2028}ability\u{2029}able\u{85}about\u{b}above\u{c}", "and line ends"),
    ("zero width", "aban\u{200b}don a\u{200c}bil\u{200d}ity ab\u{2060}le \u{feff}", "removed, not spaces"),
    ("soft hyphen", "aban\u{ad}don ability", "U+00AD is removed, not a dash"),
    ("greek question mark", "abandon\u{37e}ability", "U+037E becomes a semicolon in step 1, so a space"),
    ("quads", "abandon\u{2000}ability\u{2001}able", "NFC makes other spaces of them, which are spaces too"),
    ("kelvin", "\u{212a}ite", "U+212A becomes K in step 1"),
    ("i kratkoye composed", "\u{419}\u{43e}\u{434}", "Cyrillic й as one code point"),
    ("i kratkoye decomposed", "\u{418}\u{306}\u{43e}\u{434}", "and as two: the same bytes"),
    ("yi decomposed", "\u{406}\u{308}\u{436}\u{430}\u{43a}", "Ukrainian ї as two code points"),
    ("joined after removal", "e\u{200d}\u{301}te\u{301}", "step 4 composes what step 2 brought together"),
    ("dotted capital i", "\u{130}stanbul", "U+0130 becomes i and U+0307, which have no composed form"),
    ("final sigma", "\u{39f}\u{394}\u{39f}\u{3a3} \u{3a3}\u{391}\u{3a3}", "Σ at a word's end becomes ς"),
    ("sharp s", "STRASSE stra\u{df}e", "lower case is not case folding: ß stays"),
    ("words not listed", "xyzzy Привіт 123", "words of any kind are taken"),
    ("one word", "zoo", "and any number of them"),
    ("empty", "", "no word at all"),
    ("nothing visible", " \u{feff}-\u{37e}\n_", "nothing is left after folding"),
];

/// The whole file.
pub fn file() -> Value {
    let generated = [21, 22].map(generate);
    json!({
        "comment": "Section 4: typed, folded, root, keys, call sign. Bytes are hexadecimal.",
        "folding": TYPED.map(|(name, typed, comment)| Value::from(folding(name, typed, comment))),
        "generated": generated,
        "callers": callers(),
        "call_sign_readings": readings(),
    })
}

fn folding(name: &str, typed: &str, comment: &str) -> Case {
    match Phrase::parse(typed) {
        Ok(phrase) => Case::new(name, "ok", comment)
            .with("folded", phrase.expose())
            .with("folded_utf8", hex(phrase.expose().as_bytes())),
        Err(_) => Case::new(name, "empty", comment),
    }
    .with("typed", typed)
}

fn generate(seed: u64) -> Value {
    let mut bits = [0; 14];
    rng(seed).fill_bytes(&mut bits);
    let phrase = Phrase::generate(&mut rng(seed));
    json!({ "random": hex(&bits), "phrase": phrase.expose() })
}

fn callers() -> Value {
    let fingerprint = Desk::new().fingerprint();
    let odd = Phrase::parse("\u{418}\u{306}од, МОРЕ!").expect("words");
    let odd = Person { keys: odd.caller_keys(&fingerprint), phrase: odd };
    let describe = |person: &Person| {
        let keys = &person.keys;
        let week = TODAY.week();
        let secrets = [0, 1, 2]
            .map(|n| json!({ "week": week.plus(n), "secret": hex(&keys.drop_secret(week.plus(n)).0) }));
        json!({
            "folded": person.phrase.expose(),
            "fingerprint": fingerprint.to_string(),
            "root": hex(&seal::root(person.phrase.expose(), &fingerprint)),
            "caller_sk": hex(&keys.secret().0),
            "caller_pk": hex(&keys.public().0),
            "caller_id": hex(&keys.id().0),
            "shard_bits": keys.shard_bits(),
            "drop_secrets": secrets,
            "call_sign": keys.call_sign().as_str(),
            "marked": CallSign::marked(&keys.id()),
        })
    };
    json!([describe(fixture::caller()), describe(fixture::other_caller()), describe(&odd)])
}

fn readings() -> Value {
    let id = fixture::caller().keys.id();
    let sign = CallSign::of(&id).to_string();
    let typed = [
        sign.clone(),
        sign.to_uppercase(),
        format!("  {}  ", sign.replace('-', " ")),
        CallSign::marked(&id),
        format!("{sign}/00000000"),
        CallSign::of(&fixture::other_caller().keys.id()).to_string(),
        sign.rsplit_once('-').expect("two dashes").0.to_owned(),
        format!("{sign}0"),
        format!("xyzzy-{}", sign.split_once('-').expect("two dashes").1),
        String::new(),
    ];
    let reading = |typed: &String| match CallSignQuery::parse(typed) {
        Ok(query) if query.matches(&id) => "matches",
        Ok(_) => "another",
        Err(_) => "refused",
    };
    let readings: Vec<Value> =
        typed.iter().map(|typed| json!({ "typed": typed, "outcome": reading(typed) })).collect();
    json!({ "caller_id": hex(&id.0), "readings": readings })
}
