//! Nothing is missing in what the pages say: both languages have the same keys, the code names each of them with what it needs,
//! and the numbers of Ukrainian have their forms.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Variant, VariantKey},
    parser,
};

use super::*;

/// Files of which the code of pages names nothing: the script of the pages says those sentences, and has its own test.
const OF_THE_SCRIPT: &[&str] = &["script"];

/// A message: its words with `$` for each number, what it is filled with, and by which forms it chooses.
struct Message {
    text: String,
    places: BTreeSet<String>,
    choices: Vec<Choice>,
}

struct Choice {
    by: String,
    forms: Vec<String>,
}

type Messages = BTreeMap<String, Message>;

fn sources(texts: Texts) -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().map(move |file| match texts {
        Texts::English => (file.noun, file.english),
        Texts::Ukrainian => (file.noun, file.ukrainian),
    })
}

fn messages(texts: Texts) -> Messages {
    let mut messages = Messages::new();
    for (noun, source) in sources(texts) {
        let read = parser::parse(source)
            .unwrap_or_else(|(_, wrong)| panic!("{}/{noun}.ftl: {wrong:?}", texts.tag()));
        for entry in &read.body {
            let message = match entry {
                Entry::Message(message) => message,
                Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => continue,
                Entry::Term(_) | Entry::Junk { .. } => panic!("{}/{noun}.ftl: {entry:?}", texts.tag()),
            };
            let key = message.id.name.to_owned();
            assert!(key.starts_with(&format!("{noun}-")), "{key} stands in {noun}.ftl");
            assert!(message.attributes.is_empty(), "{key} has attributes");
            let mut found = Message { text: String::new(), places: BTreeSet::new(), choices: Vec::new() };
            found.read(message.value.as_ref().unwrap());
            assert!(!found.text.trim().is_empty(), "{key} is empty");
            assert!(messages.insert(key.clone(), found).is_none(), "{key} is there twice");
        }
    }
    messages
}

impl Message {
    fn read(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => self.text.push_str(value),
                PatternElement::Placeable { expression } => self.read_expression(expression),
            }
        }
    }

    fn read_expression(&mut self, expression: &Expression<&str>) {
        match expression {
            Expression::Inline(InlineExpression::VariableReference { id }) => {
                self.places.insert(id.name.to_owned());
            }
            Expression::Inline(InlineExpression::StringLiteral { value }) => self.text.push_str(value),
            Expression::Select { selector: InlineExpression::VariableReference { id }, variants } => {
                self.places.insert(id.name.to_owned());
                let forms = variants.iter().map(form).collect();
                self.choices.push(Choice { by: id.name.to_owned(), forms });
                for variant in variants {
                    assert!(marks_are_even(&variant.value), "a mark ends in another form");
                    self.read(&variant.value);
                }
            }
            other => panic!("only places and choices by a number: {other:?}"),
        }
    }
}

fn form(variant: &Variant<&str>) -> String {
    match variant.key {
        VariantKey::Identifier { name } => name.to_owned(),
        VariantKey::NumberLiteral { value } => value.to_owned(),
    }
}

/// Whether each mark that begins something ends it, too.
fn has_pairs(text: &str) -> bool {
    ["**", "`"].iter().all(|mark| text.matches(mark).count().is_multiple_of(2))
}

fn marks_are_even(pattern: &Pattern<&str>) -> bool {
    let texts = pattern.elements.iter().filter_map(|element| match element {
        PatternElement::TextElement { value } => Some(*value),
        PatternElement::Placeable { .. } => None,
    });
    let whole: String = texts.collect();
    has_pairs(&whole)
}

#[test]
fn both_languages_say_the_same_with_the_same() {
    let [english, mut ukrainian] = Texts::ALL.map(messages);
    ukrainian.retain(|key, _| !key.starts_with("errors-"));
    let keys = |messages: &Messages| messages.keys().cloned().collect::<BTreeSet<_>>();
    let (one, other) = (keys(&english), keys(&ukrainian));
    assert_eq!(one.symmetric_difference(&other).collect::<Vec<_>>(), Vec::<&String>::new());
    for (key, message) in &english {
        assert_eq!(message.places, ukrainian[key].places, "{key}");
        let codes = |message: &Message| message.text.matches('`').count();
        assert_eq!(codes(message), codes(&ukrainian[key]), "{key} names as many commands");
    }
}

#[test]
fn every_text_is_whole() {
    for texts in Texts::ALL {
        for (key, message) in messages(texts) {
            let text = &message.text;
            assert!(has_pairs(text), "{key}: {text}");
            assert!(!text.contains(['\n', '\u{feff}']), "{key} stands on one line");
            assert!(text.chars().all(|letter| !('\u{e000}'..'\u{f900}').contains(&letter)), "{key}");
            assert!(
                texts != Texts::English || !text.chars().any(|it| ('\u{400}'..'\u{500}').contains(&it)),
                "{key}"
            );
        }
    }
}

#[test]
fn ukrainian_is_written_in_its_own_letters() {
    for (noun, source) in sources(Texts::Ukrainian) {
        let foreign: Vec<_> = source.chars().filter(|it| "ыэёъЫЭЁЪ".contains(*it)).collect();
        assert_eq!(foreign, Vec::<char>::new(), "{noun}.ftl");
        // Latin letters that look like Cyrillic ones are found by no search.
        for word in source.split(|it: char| !it.is_alphabetic()) {
            let is_cyrillic = |it: char| ('\u{400}'..'\u{500}').contains(&it);
            let mixed = word.contains(is_cyrillic) && word.contains(|it: char| it.is_ascii_alphabetic());
            assert!(!mixed, "{noun}.ftl: {word}");
        }
    }
}

/// A use of a sentence: where, by which macro, its key, and what it is filled with.
struct Use {
    at: String,
    name: &'static str,
    key: String,
    places: BTreeSet<String>,
}

const MACROS: [&str; 3] = ["say!(", "text!(", "told!("];

fn uses() -> Vec<Use> {
    let mut uses = Vec::new();
    look_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ui"), &mut uses);
    assert!(!uses.is_empty());
    uses
}

fn look_in(dir: &Path, uses: &mut Vec<Use>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            look_in(&path, uses);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("texts/tests.rs") {
            read_uses(&path.display().to_string(), &std::fs::read_to_string(&path).unwrap(), uses);
        }
    }
}

fn read_uses(at: &str, source: &str, uses: &mut Vec<Use>) {
    for name in MACROS {
        for (begin, _) in source.match_indices(name) {
            let is_another =
                source[..begin].ends_with(|it: char| it.is_alphanumeric() || it == '_' || it == '[');
            if is_another || source[..begin].ends_with("macro_rules! ") {
                continue;
            }
            let arguments = arguments(&source[begin + name.len()..]);
            let of = &arguments[usize::from(name != "told!(")..];
            let key = of[0].trim_matches('"');
            assert!(of[0].starts_with('"'), "{at}: {} is no key", of[0]);
            let places = of[1..].iter().map(|one| {
                let (place, _) = one.split_once(" = ").unwrap_or_else(|| panic!("{at}: {key}: {one}"));
                place.to_owned()
            });
            uses.push(Use { at: at.to_owned(), name, key: key.to_owned(), places: places.collect() });
        }
    }
}

/// The arguments of a macro, up to the bracket that ends it.
fn arguments(source: &str) -> Vec<String> {
    let (mut found, mut depth, mut is_quoted, mut is_escaped) = (vec![String::new()], 0_u32, false, false);
    for letter in source.chars() {
        if is_quoted {
            is_quoted = is_escaped || letter != '"';
            is_escaped = !is_escaped && letter == '\\';
        } else {
            match letter {
                '"' => is_quoted = true,
                '(' | '[' | '{' => depth += 1,
                ')' if depth == 0 => break,
                ')' | ']' | '}' => depth -= 1,
                ',' if depth == 0 => {
                    found.push(String::new());
                    continue;
                }
                _ => {}
            }
        }
        found.last_mut().unwrap().push(letter);
    }
    found.iter().map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
}

#[test]
fn the_code_says_what_is_there_with_all_that_it_needs_and_nothing_lies_about() {
    let messages = messages(Texts::Ukrainian);
    let uses = uses();
    for one in &uses {
        let Use { at, name, key, places } = one;
        let message = messages.get(key).unwrap_or_else(|| panic!("{at}: there is no text {key}"));
        assert_eq!(&message.places, places, "{at}: {key}");
        let has_marks = message.text.contains("**") || message.text.contains('`');
        assert!(*name != "text!(" || !has_marks, "{at}: {key} has marks and stands where none can be");
    }
    let named: BTreeSet<_> = uses.iter().map(|one| one.key.as_str()).collect();
    let of_the_script = |key: &str| OF_THE_SCRIPT.iter().any(|noun| key.starts_with(&format!("{noun}-")));
    let unused: Vec<_> =
        messages.keys().filter(|key| !named.contains(key.as_str()) && !of_the_script(key)).collect();
    assert_eq!(unused, Vec::<&String>::new(), "nobody says these");
}

#[test]
fn arguments_are_read_as_the_compiler_reads_them() {
    let read = |source: &str| arguments(source);
    assert_eq!(
        read(r#"texts, "a-b", one = f(1, "),"), two = x) rest"#),
        ["texts", "\"a-b\"", "one = f(1, \"),\")", "two = x"]
    );
    assert_eq!(read(r#"self, "k" ,)"#), ["self", "\"k\""]);
}

/// By which form Ukrainian counts these, for whole numbers (Unicode CLDR).
const FORMS: [(u64, &str); 8] =
    [(0, "many"), (1, "one"), (2, "few"), (5, "many"), (11, "many"), (21, "one"), (22, "few"), (25, "many")];

fn said(texts: Texts, key: &str, message: &Message, numbers: &BTreeMap<&str, u64>) -> String {
    let bundle = if texts == Texts::English { &*ENGLISH } else { &*UKRAINIAN };
    let mut args = FluentArgs::new();
    for place in &message.places {
        match numbers.get(place.as_str()) {
            Some(number) => args.set(place.clone(), *number),
            None => args.set(place.clone(), "…"),
        }
    }
    let mut wrong = Vec::new();
    let pattern = bundle.get_message(key).unwrap().value().unwrap();
    let said = bundle.format_pattern(pattern, Some(&args), &mut wrong).into_owned();
    assert!(wrong.is_empty(), "{key}: {wrong:?}");
    said
}

#[test]
fn each_choice_has_all_forms_of_its_language_and_counts_by_them() {
    for texts in Texts::ALL {
        let forms: &[&str] =
            if texts == Texts::English { &["one", "other"] } else { &["one", "few", "many", "other"] };
        for (key, message) in messages(texts) {
            for Choice { by, forms: there } in &message.choices {
                let by_number: Vec<_> = there.iter().filter(|form| form.parse::<u64>().is_ok()).collect();
                let by_form: Vec<_> = there.iter().filter(|form| form.parse::<u64>().is_err()).collect();
                // A choice between numbers alone, such as that of a month, counts nothing.
                if by_form == ["other"] {
                    continue;
                }
                assert_eq!(by_form, forms, "{key}, {}", texts.tag());
                if texts == Texts::English {
                    continue;
                }
                let all =
                    |number: u64| message.choices.iter().map(|choice| (choice.by.as_str(), number)).collect();
                let said = |number: u64| {
                    let said = said(texts, &key, &message, &all(number));
                    said.replace(&texts.grouped(number), "#")
                };
                let numbers =
                    FORMS.iter().filter(|(number, _)| !by_number.iter().any(|by| **by == number.to_string()));
                for form in ["one", "few", "many"] {
                    let of = numbers.clone().filter(|(_, of)| *of == form);
                    let all: BTreeSet<_> = of.map(|(number, _)| said(*number)).collect();
                    assert_eq!(all.len(), 1, "{key} by {by}: {all:?}");
                }
                // A noun such as "повідомлення" has one form for some of them, and none for all.
                let all: BTreeSet<_> = [21, 22, 25].map(said).into();
                assert!(all.len() > 1, "{key} by {by}: {all:?}");
            }
        }
    }
}

#[test]
fn every_message_can_be_said() {
    for texts in Texts::ALL {
        for (key, message) in messages(texts) {
            let numbers = message.choices.iter().map(|choice| (choice.by.as_str(), 3)).collect();
            assert!(!said(texts, &key, &message, &numbers).is_empty());
        }
    }
}

#[test]
fn what_is_missing_is_said_in_english_and_never_nothing() {
    let told = |key, parts| Told { key, parts };
    // Of a place that nobody fills the sentence cannot be made in either language.
    assert_eq!(Texts::Ukrainian.fill(told("wording-days", Vec::new())).plain(), "wording-days");
    assert_eq!(Texts::Ukrainian.fill(told("nowhere", Vec::new())).plain(), "nowhere");
    let days = |texts: Texts, number: u64| text!(texts, "wording-days", number = number);
    let said = FORMS.map(|(number, _)| days(Texts::Ukrainian, number));
    assert_eq!(said, ["0 днів", "1 день", "2 дні", "5 днів", "11 днів", "21 день", "22 дні", "25 днів"]);
    assert_eq!([1, 2].map(|number| days(Texts::English, number)), ["1 day", "2 days"]);
    assert_eq!(days(Texts::Ukrainian, 10_021), "10\u{a0}021 день");
    assert_eq!(days(Texts::English, 10_021), "10,021 days");
}
