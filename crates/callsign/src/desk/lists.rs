//! Lists that people write as JSON for the desk's settings: read with errors that name line, entry and field.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use callsign_protocol::notice::{Channel, Page, Track};
use clap::builder::{OsStringValueParser, TypedValueParser};
use serde::de::DeserializeOwned;
use serde_json::{Value, error::Category};

use super::init::FILE_MAX;
use crate::{failure::Failure, input, output::label};

/// An entry of a list, as people are told of it.
pub trait Entry: DeserializeOwned {
    /// The code of what is wrong with a list.
    const CODE: &'static str;
    /// What the list is of.
    const WHAT: &'static str;
    /// How it is written.
    const FORM: &'static str;
    const FIELDS: &'static [Field];
}

/// A field of an entry.
pub struct Field {
    name: &'static str,
    kind: Kind,
    is_needed: bool,
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    /// Languages with a text each.
    Texts,
}

const fn needed(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, is_needed: true }
}

impl Entry for Track {
    const CODE: &'static str = "tracks";
    const WHAT: &'static str = "a list of tracks";
    const FORM: &'static str = r#"[{"id": …, "names": {"en": …}}]"#;
    const FIELDS: &'static [Field] = &[needed("id", Kind::Text), needed("names", Kind::Texts)];
}

impl Entry for Channel {
    const CODE: &'static str = "settings";
    const WHAT: &'static str = "a list of ways to reach the desk";
    const FORM: &'static str = r#"[{"text": …, "address": …}]"#;
    const FIELDS: &'static [Field] = &[
        Field { name: "id", kind: Kind::Text, is_needed: false },
        needed("text", Kind::Text),
        needed("address", Kind::Text),
    ];
}

impl Entry for Page {
    const CODE: &'static str = "settings";
    const WHAT: &'static str = "a list of page files";
    const FORM: &'static str = r#"[{"name": …, "sha256": …}]"#;
    const FIELDS: &'static [Field] = &[needed("name", Kind::Text), needed("sha256", Kind::Text)];
}

/// Takes the name of a file; who gives the list itself in its place is told so.
pub fn list_file() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().try_map(|typed: OsString| {
        if typed.to_string_lossy().trim_start().starts_with(['[', '{']) {
            Err("this is JSON, not a file: use - for standard input, or write it into a file and name that")
        } else {
            Ok(PathBuf::from(typed))
        }
    })
}

/// The list in a file, or on standard input for `-`.
pub fn read_list<T: Entry>(path: &Path) -> Result<Vec<T>, Failure> {
    let text = input::text(path, FILE_MAX)?;
    serde_json::from_str(&text).map_err(|error| {
        let (file, what, form) = (label(&path.to_string_lossy()), T::WHAT, T::FORM);
        let wrong = wrong_with::<T>(&text, &error);
        Failure::new(T::CODE, format!("the file {file} is not {what}: {wrong}; it wants {form}"))
    })
}

/// What is wrong with a text that is no list, and where.
fn wrong_with<T: Entry>(text: &str, error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Eof => format!("it ends in line {line} before the list does"),
        Category::Syntax | Category::Io => format!("in line {line}, column {column}, it is no JSON"),
        Category::Data => {
            let read = serde_json::from_str(text);
            let wrong = read.ok().and_then(|read| wrong_entry(&read, T::FIELDS));
            let wrong =
                wrong.unwrap_or_else(|| format!("column {column} has something else, or something twice"));
            format!("in line {line}, {wrong}")
        }
    }
}

/// The first entry that is not as it must be, and the field of it.
fn wrong_entry(list: &Value, fields: &[Field]) -> Option<String> {
    let Value::Array(entries) = list else { return Some(format!("there is {} and no list", kind_of(list))) };
    entries.iter().zip(1..).find_map(|(entry, number)| {
        let Value::Object(members) = entry else {
            return Some(format!("entry {number} is {} and no object", kind_of(entry)));
        };
        fields.iter().find_map(|field| {
            let name = field.name;
            match (members.get(name), field.kind) {
                (None | Some(Value::Null), _) if !field.is_needed => None,
                (None, _) => {
                    let others = members.keys().filter(|key| fields.iter().all(|field| field.name != **key));
                    let others: Vec<_> = others.map(|key| format!("\"{}\"", label(key))).collect();
                    let unknown = if others.is_empty() {
                        String::new()
                    } else {
                        format!(", and {} is none of its fields", others.join(", "))
                    };
                    Some(format!("entry {number} has no \"{name}\"{unknown}"))
                }
                (Some(Value::String(_)), Kind::Text) => None,
                (Some(Value::Object(texts)), Kind::Texts) => {
                    let wrong = texts.iter().find(|(_, text)| !text.is_string())?;
                    let (language, kind) = (label(wrong.0), kind_of(wrong.1));
                    Some(format!("\"{language}\" in \"{name}\" of entry {number} is {kind} and no text"))
                }
                (Some(other), kind) => {
                    let wanted = match kind {
                        Kind::Text => "no text",
                        Kind::Texts => "no object of languages",
                    };
                    Some(format!("\"{name}\" of entry {number} is {} and {wanted}", kind_of(other)))
                }
            }
        })
    })
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong<T: Entry>(text: &str) -> String {
        let error = serde_json::from_str::<Vec<T>>(text).err().expect("a list that is none");
        wrong_with::<T>(text, &error)
    }

    #[test]
    fn what_is_wrong_with_a_list_is_told_by_line_entry_and_field() {
        for (text, told) in [
            (
                "[\n{\"text\": \"a\",\n \"adress\": \"b\"}]",
                "in line 3, entry 1 has no \"address\", and \"adress\" is none of its fields",
            ),
            (
                "[{\"text\": \"a\", \"address\": \"b\"},\n{\"text\": 5, \"address\": \"b\"}]",
                "in line 2, \"text\" of entry 2 is a number and no text",
            ),
            ("{\"text\": \"a\"}", "in line 1, there is an object and no list"),
            ("[\n\"phone\"]", "in line 2, entry 1 is a text and no object"),
            ("[{\"text\": \"a\"", "it ends in line 1 before the list does"),
            ("[\n{text: 1}]", "in line 2, column 2, it is no JSON"),
            (
                "[{\"text\": \"a\", \"text\": \"b\", \"address\": \"c\"}]",
                "in line 1, column 21 has something else, or something twice",
            ),
        ] {
            assert_eq!(wrong::<Channel>(text), told, "{text}");
        }
        assert_eq!(
            wrong::<Track>("[{\"id\": \"a\", \"names\": {\"en\": 1}}]"),
            "in line 1, \"en\" in \"names\" of entry 1 is a number and no text"
        );
        assert_eq!(
            wrong::<Track>("[{\"id\": \"a\", \"names\": [\"b\"]}]"),
            "in line 1, \"names\" of entry 1 is a list and no object of languages"
        );
    }
}
