//! What an answer had better not say, and what was left to be filled in: plain rules that a person can foresee. They point out and
//! never decide, but that a hole is no answer.

use std::sync::LazyLock;

use callsign_protocol::{derive::sha256_id, encoding::Bytes};
use regex::Regex;

/// Pieces of one kind that are named at most.
const FOUND_MAX: usize = 3;
/// Characters of what stands in brackets at most, with them.
const BRACKETS_MAX: usize = 202;

/// What a person looks at once more before an answer leaves; it stops nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caution {
    /// Most letters are of another script than the caller's language is written in.
    Script(Script),
    /// Letters that the caller's language does not have.
    Letters(String),
    /// Something that may tell who or where somebody is, as it was written.
    Telling(Telling, Vec<String>),
}

/// A script that letters are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// That of Ukrainian and Russian.
    Cyrillic,
    /// That of English.
    Latin,
}

/// What a piece of a text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// Numbers of a map.
    Coordinates,
    /// A link, an address of mail, or a name in a network.
    Link,
    /// Words that begin with capitals, or a father's name.
    Name,
    /// The number of a telephone.
    Phone,
    /// What a place is, and a name beside it.
    Place,
    /// What stands on a vehicle.
    Plate,
}

/// In each pattern the first group is what is named. The first four are those of the caller's page, `web/caller/src/warnings.ts`.
const PATTERNS: [(Telling, &str); 13] = [
    (Telling::Coordinates, r"(-?\d{1,3}[.,]\d{3,15}\s{0,3}[,;/ ]\s{0,3}-?\d{1,3}[.,]\d{3,15})"),
    (Telling::Coordinates, r"(\d{1,3}\s{0,3}°(?:\s{0,3}\d{1,2})?)"),
    (Telling::Coordinates, r"(?:^|[^\p{L}\p{N}])(\d{1,2}[C-X]\s?[A-Z]{2}\s?\d{2,5}\s?\d{2,5})"),
    (Telling::Link, r"([^\s@<>]{1,64}@[^\s@<>]{1,100}\.\p{L}{2,20})"),
    (Telling::Link, r"(?i)((?:https?://|www\.|t\.me/)\S{1,80})"),
    (Telling::Link, r"(?:^|[^\p{L}\p{N}])(@[A-Za-z][A-Za-z0-9_]{3,40})"),
    (
        Telling::Plate,
        r"(?:^|[^\p{L}\p{N}])([A-ZА-ЯІЇЄҐ]{1,3}[ -]?\d{3,4}[ -]?[A-ZА-ЯІЇЄҐ]{1,2}(?:[ -]?\d{2,3})?)(?:$|[^\p{L}\p{N}])",
    ),
    (Telling::Plate, r"(?:^|[^\p{L}\p{N}])(\d{4}[ -]?[A-ZА-ЯІЇЄҐ]{2}(?:[ -]?\d{1,2})?)(?:$|[^\p{L}\p{N}])"),
    (Telling::Phone, r"(\+?\d(?:[\s().–-]{0,2}\d){6,24})"),
    // "село Лісове", "вул. Садова", "near the village of Lisove".
    (
        Telling::Place,
        r"(?:^|[^\p{L}\p{N}])((?i:село|сел[іау]|селищ[еіа]|міст[оіа]|вулиц[яіюи]|вул\.|хутір|хутор|станці[яїю]|станци[яию]|деревн[яеию]|город[еа]?|посёл(?:ок|ке)|поселк?е?|улиц[аеуы]|ул\.|village(?: of)?|town(?: of)?|city(?: of)?|station)\s{1,3}\p{Lu}[\p{L}'’-]{1,30})",
    ),
    // "Київська область", "Shevchenko street".
    (
        Telling::Place,
        r"(\p{Lu}[\p{L}'’-]{1,30}\s{1,3}(?i:област[ьії]|район[іеу]?|обл\.|р-н|вулиц[яіюи]|улиц[аеуы]|street|road|district|region))(?:$|[^\p{L}\p{N}])",
    ),
    (
        Telling::Name,
        r"(?:^|[^\p{L}\p{N}])(\p{Lu}\p{Ll}{1,30}(?:-\p{Lu}\p{Ll}{1,30})?(?:[ \t]{1,3}\p{Lu}\p{Ll}{1,30}(?:-\p{Lu}\p{Ll}{1,30})?){1,4})",
    ),
    (Telling::Name, r"(?:^|[^\p{L}\p{N}])(\p{Lu}\p{Ll}{0,30}(?:ович|евич|івна|ївна|овна|евна))"),
];

static TELLING: LazyLock<Vec<(Telling, Regex)>> = LazyLock::new(|| {
    let compiled = |(kind, pattern): (Telling, &str)| Some((kind, Regex::new(pattern).ok()?));
    PATTERNS.into_iter().filter_map(compiled).collect()
});

static DATE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\d{1,4}(?:\.\d{1,2}\.|-\d{1,2}-|/\d{1,2}/| \d{1,2} )\d{2,4}$").ok());

/// What an answer to a caller of this language is looked at once more for.
pub fn cautions(text: &str, language: &str) -> Vec<Caution> {
    let tag = language.split('-').next().unwrap_or("").to_ascii_lowercase();
    of_language(text, &tag).into_iter().chain(telling(text)).collect()
}

/// What in a text may tell who or where somebody is.
pub fn telling(text: &str) -> Vec<Caution> {
    let mut found = Vec::new();
    for (kind, pattern) in TELLING.iter() {
        let pieces = pattern.captures_iter(text).filter_map(|met| met.get(1));
        for piece in pieces.map(|piece| piece.as_str().trim()) {
            if !(*kind == Telling::Phone && is_date(piece)) {
                add(&mut found, *kind, piece);
            }
        }
    }
    found
}

/// The first place of a text that is still to be filled in: brackets with an ellipsis in them, or brackets that a template brought.
pub fn hole(text: &str, is_brought: impl Fn(&str) -> bool) -> Option<&str> {
    brackets(text).find(|piece| has_ellipsis(piece) || is_brought(piece))
}

/// Everything of one line that stands in brackets, with them.
pub(super) fn brackets(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('[').filter_map(|(begin, _)| {
        let piece = &text[begin..=begin + text[begin..].find(']')?];
        let is_one = !piece[1..].contains(['[', '\n']) && piece.chars().count() <= BRACKETS_MAX;
        is_one.then_some(piece)
    })
}

/// Names everything of a text that stands in square brackets, for a person who means just that.
pub fn meant_brackets(text: &str) -> Bytes<16> {
    let pieces: Vec<&[u8]> = brackets(text).map(str::as_bytes).collect();
    sha256_id(&[&[&b"brackets"[..]], &pieces[..]].concat())
}

fn has_ellipsis(piece: &str) -> bool {
    piece.contains('…') || piece.contains("...")
}

fn of_language(text: &str, tag: &str) -> Option<Caution> {
    let written = script_of(tag)?;
    let is_cyrillic = |letter: char| matches!(letter, '\u{400}'..='\u{52f}');
    let is_latin = |letter: char| letter.is_ascii_alphabetic() || matches!(letter, '\u{c0}'..='\u{24f}');
    let (cyrillic, latin) =
        (text.chars().filter(|it| is_cyrillic(*it)).count(), text.chars().filter(|it| is_latin(*it)).count());
    match written {
        Script::Cyrillic if latin > cyrillic => return Some(Caution::Script(Script::Latin)),
        Script::Latin if cyrillic > latin => return Some(Caution::Script(Script::Cyrillic)),
        _ => {}
    }
    let others = match tag {
        "uk" => "ыэёъ",
        "ru" => "іїєґ",
        _ => return None,
    };
    let lower = text.to_lowercase();
    let met: Vec<String> =
        others.chars().filter(|letter| lower.contains(*letter)).map(|it| it.to_string()).collect();
    (!met.is_empty()).then(|| Caution::Letters(met.join(" ")))
}

/// The script of a language; none of one of which nothing is said here.
fn script_of(tag: &str) -> Option<Script> {
    match tag {
        "be" | "bg" | "kk" | "ru" | "uk" => Some(Script::Cyrillic),
        "cs" | "de" | "en" | "es" | "fr" | "lt" | "lv" | "pl" | "ro" => Some(Script::Latin),
        _ => None,
    }
}

fn is_date(piece: &str) -> bool {
    DATE.as_ref().is_some_and(|date| date.is_match(piece))
}

/// Names a piece under its kind, unless a piece that holds it is named already under whatever kind.
fn add(found: &mut Vec<Caution>, kind: Telling, piece: &str) {
    let holds = |caution: &Caution| match caution {
        Caution::Telling(_, pieces) => pieces.iter().any(|known| known.contains(piece)),
        _ => false,
    };
    if piece.is_empty() || found.iter().any(holds) {
        return;
    }
    let of_kind = found.iter_mut().find_map(|caution| match caution {
        Caution::Telling(known, pieces) if *known == kind => Some(pieces),
        _ => None,
    });
    match of_kind {
        Some(pieces) if pieces.len() >= FOUND_MAX => {}
        Some(pieces) => pieces.push(piece.to_owned()),
        None => found.push(Caution::Telling(kind, vec![piece.to_owned()])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn telling(text: &str) -> Vec<(Telling, String)> {
        let of = |caution| match caution {
            Caution::Telling(kind, pieces) => Some((kind, pieces.join("|"))),
            _ => None,
        };
        cautions(text, "").into_iter().filter_map(of).collect()
    }

    #[test]
    fn every_pattern_is_one() {
        assert_eq!(TELLING.len(), PATTERNS.len());
        assert!(DATE.is_some());
    }

    #[test]
    fn what_tells_who_or_where_somebody_is_is_named_as_it_was_written() {
        for (text, kind, found) in [
            ("ось 48.4647, 35.0462 там", Telling::Coordinates, "48.4647, 35.0462"),
            ("at 48° 27 north", Telling::Coordinates, "48° 27"),
            ("grid 37U DQ 12345 67890", Telling::Coordinates, "37U DQ 12345 67890"),
            ("пишіть на a.b@example.org", Telling::Link, "a.b@example.org"),
            ("see https://example.org/x?y now", Telling::Link, "https://example.org/x?y"),
            ("t.me/some_channel", Telling::Link, "t.me/some_channel"),
            ("ask @somebody there", Telling::Link, "@somebody"),
            ("авто АА 1234 ВС стоїть", Telling::Plate, "АА 1234 ВС"),
            ("a car А123ВС77", Telling::Plate, "А123ВС77"),
            ("+38 (067) 123-45-67", Telling::Phone, "+38 (067) 123-45-67"),
            ("call 0671234567", Telling::Phone, "0671234567"),
            ("ідіть у село Лісове вночі", Telling::Place, "село Лісове"),
            ("на вул. Садова", Telling::Place, "вул. Садова"),
            ("это город Лесной", Telling::Place, "город Лесной"),
            ("near the village of Lisove", Telling::Place, "village of Lisove"),
            ("Лісова область", Telling::Place, "Лісова область"),
            ("it is in Linden street", Telling::Place, "Linden street"),
            ("спитайте Івана Лісового", Telling::Name, "Івана Лісового"),
            ("це Петрович сказав", Telling::Name, "Петрович"),
        ] {
            assert_eq!(telling(text), [(kind, found.to_owned())], "{text}");
        }
    }

    #[test]
    fn what_an_answer_says_every_day_is_pointed_out_to_nobody() {
        for text in [
            "You can ask anything without deciding anything. Nobody here knows who you are.",
            "Ви можете спитати, нічого не вирішуючи. Прийдіть до 12.11.2026, о 18:00.",
            "Мы ответим до пятницы, 2026-11-30. Нужно 3 документа и 1 500 гривен.",
            "Go to the town, then to the station. In the city you are safer.",
            "Номер 12345. Стаття 407.",
        ] {
            assert_eq!(cautions(text, ""), [], "{text}");
        }
    }

    #[test]
    fn few_pieces_of_a_kind_are_named_and_none_twice() {
        let text = "0671234501 0671234501, 0671234502; 0671234503; 0671234504";
        let found = telling(text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].1.split('|').count() <= FOUND_MAX, "{found:?}");
    }

    #[test]
    fn another_script_or_letters_of_another_language_are_said() {
        let of = |text, tag| cautions(text, tag).into_iter().next();
        assert_eq!(of("you can ask", "uk-UA"), Some(Caution::Script(Script::Latin)));
        assert_eq!(of("можна спитати", "en"), Some(Caution::Script(Script::Cyrillic)));
        assert_eq!(of("вы это знаете", "uk"), Some(Caution::Letters("ы э".to_owned())));
        assert_eq!(of("ви Її знаєте", "ru"), Some(Caution::Letters("ї є".to_owned())));
        // Words that both have, a name in the other script among many of this one, and what nothing is known of.
        for (text, tag) in [
            ("так", "uk"),
            ("так", "ru"),
            ("напишіть у signal завтра", "uk"),
            ("12:30", "uk"),
            ("you", "ar"),
            ("you", ""),
        ] {
            assert_eq!(of(text, tag), None, "{text} {tag}");
        }
    }

    #[test]
    fn a_hole_has_an_ellipsis_or_was_brought_by_a_template() {
        let brought = |piece: &str| piece == "[день]";
        for (text, found) in [
            ("приходьте […] о шостій", Some("[…]")),
            ("come [...]", Some("[...]")),
            ("come [on which day…]", Some("[on which day…]")),
            ("у [день], [час]", Some("[день]")),
            ("[[…]", Some("[…]")),
            ("у [час]", None),
            ("[]", None),
            ("[one\n…]", None),
            ("so … and (…)", None),
        ] {
            assert_eq!(hole(text, brought), found, "{text}");
        }
    }
}
