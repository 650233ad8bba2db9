//! `phrase.json`: from what is typed to all that a caller owns.

use callsign_protocol::{
    call_sign::{CallSign, CallSignQuery},
    caller_keys::CallerId,
    fold::TWINS,
    phrase::Phrase,
    words::Language,
};
use rand_core::Rng as _;
use serde_json::{Value, json};

use super::{
    case::{Case, hex},
    fixture::{self, Desk, Person, TODAY, rng},
    seal,
};

/// What is typed, and why.
const TYPED: &[(&str, &str, &str)] = &[
    ("plain", "abandon ability able", "nothing to fold"),
    ("case and spaces", "  Abandon ability\tABLE\r\n", "case, tabs and line ends are forgiven"),
    ("punctuation", "abandon-ability_able.about,above;", "separators of all kinds"),
    ("dashes", "abandon\u{2010}ability\u{2014}able\u{2212}about\u{2015}", "dashes of all kinds"),
    ("spaces", "abandon\u{a0}ability\u{1680}able\u{2007}about\u{202f}above\u{3000}", "spaces of all kinds"),
    ("line separators", "abandon\u{2028}ability\u{2029}able\u{85}about\u{b}above\u{c}", "and line ends"),
    ("zero width", "aban\u{200b}don a\u{200c}bil\u{200d}ity ab\u{2060}le \u{feff}", "removed, not spaces"),
    ("soft hyphen", "aban\u{ad}don ability", "U+00AD is removed, not a dash"),
    ("greek question mark", "abandon\u{37e}ability", "U+037E is punctuation"),
    ("quads", "abandon\u{2000}ability\u{2001}able", "spaces that are others when composed"),
    ("kelvin", "\u{212a}ite", "U+212A becomes K in step 2"),
    ("i kratkoye composed", "\u{419}\u{43e}\u{434}", "Cyrillic й as one code point"),
    ("i kratkoye decomposed", "\u{418}\u{306}\u{43e}\u{434}", "and as two: the same bytes"),
    ("yi decomposed", "\u{406}\u{308}\u{436}\u{430}\u{43a}", "Ukrainian ї as two code points"),
    ("joined after removal", "e\u{200d}\u{301}te\u{301}", "step 2 composes what step 1 brought together"),
    ("dotted capital i", "\u{130}stanbul", "U+0130 becomes i and U+0307, and the mark is removed"),
    (
        "final sigma",
        "\u{39f}\u{394}\u{39f}\u{3a3} \u{3a3}\u{391}\u{3a3}",
        "Σ at a word's end is ς in some programs: all are σ",
    ),
    (
        "stress mark",
        "\u{437}\u{430}\u{301}\u{43c}\u{43e}\u{43a}",
        "a mark that no composed letter has is removed",
    ),
    ("stroke over a space", "able \u{335} about", "where a word was a mark alone, nothing stays"),
    ("yo", "\u{401}\u{436} \u{435}\u{308}\u{436}", "ё is е, however it is written"),
    ("ghe with upturn", "\u{490}\u{430}\u{43d}\u{43e}\u{43a}", "ґ is г"),
    (
        "apostrophes",
        "п'ять п\u{2019}ять п\u{2bc}ять п`ять п\u{b4}ять п\u{2032}ять п\u{ff07}ять",
        "apostrophes of all kinds are removed",
    ),
    (
        "quotes",
        "\u{2018}able\u{201b} \u{2bb}about\u{2bd} \u{2b9}",
        "and what looks like them, with what stands alone",
    ),
    (
        "latin in a cyrillic word",
        "\u{43f}ocy\u{434} \u{431}e\u{433}e\u{43c}o\u{442}",
        "twins become Cyrillic",
    ),
    (
        "latin capitals in a cyrillic word",
        "BI\u{41b}KA \u{413}HIB",
        "also those that are twins as capitals only",
    ),
    ("cyrillic in a latin word", "\u{430}bl\u{435} \u{410}\u{412}\u{41e}UT", "twins become Latin"),
    ("twins alone, latin", "copy COPY", "a word of twins alone is Latin"),
    (
        "twins alone, cyrillic",
        "\u{441}\u{43e}\u{440}\u{443} \u{421}\u{41e}\u{420}\u{423}",
        "in whichever script it is typed",
    ),
    ("twins alone, mixed", "c\u{43e}p\u{443}", "or in both"),
    (
        "all twins",
        "abcehikmoptxy \u{430}\u{432}\u{441}\u{435}\u{43d}\u{456}\u{43a}\u{43c}\u{43e}\u{440}\u{442}\u{445}\u{443}",
        "the whole table, both ways",
    ),
    ("both scripts for certain", "l\u{433}\u{430} \u{436}a\u{43e}z", "such a word is left as it is"),
    ("each word by itself", "able\u{433}a \u{430}ble \u{433}a", "its neighbours do not matter"),
    ("digits and twins", "\u{430}1 \u{433}a1", "a digit is of no script"),
    ("twin under an accent", "\u{433}\u{e9}a", "é is of no script here; it stays"),
    ("twin with a mark", "\u{433}x\u{306} y\u{306}\u{433}", "marks go before scripts are looked at"),
    ("sharp s", "STRASSE stra\u{df}e", "lower case is not case folding: ß stays"),
    (
        "marks of direction",
        "\u{200e}abandon\u{200f} \u{202a}ability\u{202c} \u{2067}able\u{2069} a\u{61c}bout",
        "removed: messengers put them around names",
    ),
    ("variation selectors", "aban\u{fe0f}don abil\u{e0100}ity \u{180b}able", "removed"),
    ("tags", "abandon\u{e0061}\u{e007f} ability", "removed"),
    (
        "fillers",
        "abandon\u{115f}\u{1160}\u{3164}\u{ffa0} abi\u{34f}lity ab\u{180e}le",
        "fillers, joiners of graphemes, U+180E: removed",
    ),
    ("braille blank", "abandon\u{2800}ability", "looks like a space and is one here"),
    (
        "quotation",
        "\u{201c}abandon\u{201d} \u{ab}ability\u{bb} \u{201e}able\u{201f} \u{300c}about\u{300d} \u{2039}above\u{203a}",
        "of all languages",
    ),
    ("ellipsis", "abandon ability\u{2026}", "U+2026 is punctuation"),
    (
        "punctuation of all scripts",
        "abandon! ability? (able) [about]: above/ absent\u{3002} absorb\u{60c} abstract\u{964} absurd\u{5be} abuse\u{1362}",
        "every P of Unicode is a space",
    ),
    (
        "symbols",
        "> abandon | ability + able = about ~ above \u{2192} absent \u{2116} absorb \u{2713}",
        "every S as well: marks of quoting, arrows, ticks",
    ),
    (
        "emoji",
        "\u{1f64f} abandon ability\u{1f468}\u{200d}\u{1f469}\u{1f3fd}able \u{2764}\u{fe0f}",
        "are spaces, whatever they are made of",
    ),
    ("controls", "abandon\u{1b}ability\u{7}able\u{0}", "are spaces"),
    (
        "not assigned",
        "abandon\u{378}ability \u{1c89}able\u{e000}",
        "neither in Unicode 14 nor private: spaces, also where a later Unicode has a letter",
    ),
    (
        "full width",
        "\u{ff21}\u{ff22}\u{ff2c}\u{ff25}\u{ff0d}\u{ff41}\u{ff42}\u{ff4f}\u{ff55}\u{ff54}\u{ff0e}",
        "NFKC",
    ),
    ("ligatures and styles", "\u{fb01}ve \u{1d41a}\u{1d41b}\u{1d425}\u{1d41e} \u{17f}ea", "NFKC"),
    ("half width hangul", "\u{ffa1}\u{ffc2}\u{ffa1}", "NFKC composes"),
    ("dotless i", "ab\u{131}l\u{131}ty", "what Turkish keyboards make of capital I"),
    (
        "double apostrophes",
        "п\"ять п\u{201d}ять п*ять п\u{2033}ять п\u{ff02}ять",
        "what is put for an apostrophe is one",
    ),
    (
        "latin letters with two dots",
        "\u{43a}o\u{ef}\u{433} \u{433}\u{eb} na\u{ef}ve",
        "become ї and е in a Cyrillic word alone",
    ),
    ("keycaps", "abandon 4\u{fe0f}\u{20e3}", "U+20E3 encloses, and is removed as a mark"),
    (
        "numbered list",
        "1. abandon 2. ability\n3) able\t4 about 05: above",
        "each word has its place before it: the places go",
    ),
    ("numbers that touch", "1abandon 2ability 3able", "likewise"),
    ("a number is missing", "1 abandon 3 ability", "no list: the numbers stay"),
    ("one number", "1 abandon", "no list"),
    ("a number for a word", "1 1 2 2", "no list: folding it twice would change it"),
    ("words not listed", "xyzzy Привіт 123", "words of any kind are taken"),
    ("one word", "zoo", "and any number of them"),
    ("empty", "", "no word at all"),
    ("nothing visible", " \u{feff}-\u{37e}\n_", "nothing is left after folding"),
];

/// The whole file.
pub fn file() -> Value {
    let generated = [
        (21, Language::English),
        (22, Language::English),
        (21, Language::Ukrainian),
        (22, Language::Russian),
    ]
    .map(generate);
    let folding: Vec<Value> =
        TYPED.iter().map(|(name, typed, comment)| fold(name, typed, comment).into()).collect();
    json!({
        "comment": "Section 4: typed, folded, root, keys, call sign. Bytes are hexadecimal.",
        "folding": folding,
        "generated": generated,
        "callers": callers(),
        "call_sign_readings": readings(),
    })
}

fn fold(name: &str, typed: &str, comment: &str) -> Case {
    match Phrase::parse(typed) {
        Ok(phrase) => Case::new(name, "ok", comment)
            .with("folded", phrase.expose())
            .with("folded_utf8", hex(phrase.expose().as_bytes())),
        Err(_) => Case::new(name, "empty", comment),
    }
    .with("typed", typed)
}

fn generate((seed, language): (u64, Language)) -> Value {
    let mut bits = [0; 14];
    rng(seed).fill_bytes(&mut bits);
    let phrase = Phrase::generate(&mut rng(seed), language);
    json!({ "language": language.tag(), "random": hex(&bits), "phrase": phrase.expose() })
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
            "call_sign": spoken(keys.call_sign()),
            "marked": CallSign::marked(&keys.id(), Language::English),
        })
    };
    json!([describe(fixture::caller()), describe(fixture::other_caller()), describe(&odd)])
}

fn spoken(sign: CallSign) -> Value {
    let [en, uk, ru] = Language::ALL.map(|language| sign.spoken(language));
    json!({ "en": en, "uk": uk, "ru": ru })
}

fn readings() -> Value {
    let id = fixture::caller().keys.id();
    let sign = CallSign::of(&id).to_string();
    let typed = [
        sign.clone(),
        sign.to_uppercase(),
        format!("  {}  ", sign.replace('-', " ")),
        CallSign::marked(&id, Language::English),
        CallSign::of(&id).spoken(Language::Ukrainian),
        CallSign::marked(&id, Language::Russian).to_uppercase(),
        format!("{}\u{2014}", CallSign::of(&id).spoken(Language::Russian).replace('-', "_")),
        twins_in_latin(&CallSign::of(&id).spoken(Language::Ukrainian)),
        mixed_languages(&id),
        sign.replace('-', "."),
        format!("\u{200e}\u{201c}{}\u{201d}\u{2026}", sign.replace('-', "\u{fe0f}\u{2011}")),
        full_width(&CallSign::marked(&id, Language::English)),
        format!("{sign}\u{1f64f}"),
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

/// A call sign in Cyrillic with Latin letters for all that have a twin.
fn twins_in_latin(sign: &str) -> String {
    sign.chars().map(|c| TWINS.iter().find(|twin| twin.1 == c).map_or(c, |twin| twin.0)).collect()
}

/// ASCII as Chinese and Japanese keyboards type it.
fn full_width(sign: &str) -> String {
    sign.bytes().filter_map(|b| char::from_u32(u32::from(b) + 0xfee0)).collect()
}

/// The first word in English, the second in Russian: no language has both.
fn mixed_languages(id: &CallerId) -> String {
    let [english, russian] = [Language::English, Language::Russian].map(|l| CallSign::of(id).spoken(l));
    let first = english.split('-').next().expect("a word");
    format!("{first}-{}", russian.split_once('-').expect("two dashes").1)
}
