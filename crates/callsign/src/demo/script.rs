//! Invented callers, one file in TOML each: what they write, and what they reply to answers.

use std::{
    fs,
    path::{Path, PathBuf},
};

use callsign_protocol::{call::Message, encoding::Bytes};
use serde::Deserialize;

use crate::{failure::Failure, input, output::label};

/// Bytes of a file at most.
const FILE_MAX: u64 = 64 << 10;
/// Files of a directory at most: each caller is a thread.
const CALLERS_MAX: usize = 40;
/// Texts of a caller at most.
const TEXTS_MAX: usize = 32;
/// Seconds that a caller lets pass before a text at most.
const AFTER_MAX_S: u32 = 4 * 3_600;
/// How a file of callers ends.
const EXTENSION: &str = "toml";

/// A caller who is invented.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// The file's name without its ending: the same caller in each run.
    #[serde(skip)]
    pub name: String,
    /// BCP 47.
    pub language: String,
    /// A track of the desk; none where it is left out.
    #[serde(default)]
    pub track: String,
    /// In the caller's words.
    #[serde(default)]
    pub safe_times: Option<String>,
    /// What is written whether anybody answers or not; one at least.
    pub messages: Vec<Text>,
    /// What is written in return for answers, each once.
    #[serde(default)]
    pub replies: Vec<Reply>,
}

/// A text, and when it is written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Seconds after the beginning, or after the text before it.
    pub after_s: u32,
    /// What is written.
    pub text: String,
}

/// A text for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// An answer with one of these words is replied to, in whatever case; any answer where none is named.
    #[serde(default)]
    pub to: Vec<String>,
    /// Seconds after the answer was read.
    pub after_s: u32,
    /// What is written.
    pub text: String,
}

/// The callers that come with the program.
pub fn own() -> Result<Vec<Script>, Failure> {
    macro_rules! files {
        ($($name:literal),* $(,)?) => {
            [$(($name, include_str!(concat!("../../demo/callers/", $name, ".toml")))),*]
        };
    }
    files![
        "a-phone-for-ten-minutes",
        "called-up",
        "he-has-not-rung",
        "how-it-would-go",
        "not-for-you",
        "papers-of-a-student",
        "sister-of-a-soldier",
        "tired",
        "who-saw-it",
    ]
    .into_iter()
    .map(|(name, text)| parse(name, text, name))
    .collect()
}

/// The callers of a directory: each of its files that ends with `.toml`, by name.
pub fn of_directory(dir: &Path) -> Result<Vec<Script>, Failure> {
    let place = label(&dir.to_string_lossy());
    let unreadable = |error: std::io::Error| {
        let refused = format!("the callers in {place} cannot be read");
        Failure::of_system(refused, &error, "name a directory with a file in TOML for each caller")
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let path: PathBuf = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == EXTENSION) {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() || files.len() > CALLERS_MAX {
        let found = files.len();
        let sentence = format!(
            "{place} has {found} files that end with .{EXTENSION}, and 1 to {CALLERS_MAX} callers can be had; name another directory"
        );
        return Err(Failure::new("callers", sentence));
    }
    files.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Result<Script, Failure> {
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    parse(&name, &input::text(path, FILE_MAX)?, &path.to_string_lossy())
}

/// A caller as a file describes one.
fn parse(name: &str, text: &str, place: &str) -> Result<Script, Failure> {
    let wrong = |why: &dyn std::fmt::Display| {
        Failure::new("callers", format!("{} is no caller: {why}; mend it as docs/desk.md says", label(place)))
    };
    let script: Script = toml::from_str(text).map_err(|error| wrong(&error.to_string().trim_end()))?;
    let script = Script { name: name.to_owned(), ..script };
    script.check().map_err(|why| wrong(&why))?;
    Ok(script)
}

impl Script {
    /// Why nobody can write so.
    fn check(&self) -> Result<(), String> {
        if self.messages.is_empty() {
            return Err("it writes no message".to_owned());
        }
        let messages = self.messages.iter().map(|text| (text.after_s, &text.text));
        let texts: Vec<_> =
            messages.chain(self.replies.iter().map(|text| (text.after_s, &text.text))).collect();
        if texts.len() > TEXTS_MAX {
            return Err(format!("it has {} texts, and {TEXTS_MAX} is the limit", texts.len()));
        }
        for (after_s, text) in texts {
            if after_s > AFTER_MAX_S {
                return Err(format!("it waits for {after_s} seconds, and {AFTER_MAX_S} is the limit"));
            }
            self.message(text, Bytes([0; 16])).parts().map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// A text as it is sent.
    pub fn message(&self, text: &str, id: Bytes<16>) -> Message {
        Message {
            id,
            track: self.track.clone(),
            language: self.language.clone(),
            text: text.to_owned(),
            safe_times: self.safe_times.clone(),
        }
    }

    /// Which reply an answer gets, of those that `is_left` says are left: the first for one of its words, otherwise the first for any.
    pub fn reply_to(&self, answer: &str, is_left: impl Fn(usize) -> bool) -> Option<usize> {
        let answer = answer.to_lowercase();
        let left = || self.replies.iter().enumerate().filter(|(at, _)| is_left(*at));
        let says = |reply: &Reply| reply.to.iter().any(|word| answer.contains(&word.to_lowercase()));
        let meant = left().find(|(_, reply)| says(reply));
        meant.or_else(|| left().find(|(_, reply)| reply.to.is_empty())).map(|(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLER: &str = r#"
language = "en"
track = "field"
[[messages]]
after_s = 1
text = "May I ask?"
[[replies]]
after_s = 2
text = "Thank you."
[[replies]]
to = ["when", "Коли"]
after_s = 3
text = "In the evening."
"#;

    #[test]
    fn the_programs_own_callers_can_all_write_about_tracks_that_there_are() {
        let own = own().unwrap();
        assert!(own.iter().any(|script| script.language == "uk"));
        for script in own {
            let has_track = callsign_desk::model_tracks().iter().any(|track| track.id == script.track);
            assert!(has_track || script.track.is_empty(), "{}", script.name);
        }
    }

    #[test]
    fn a_reply_for_a_word_goes_before_one_for_any_answer_and_each_is_said_once() {
        let script = parse("caller", CALLER, "caller.toml").unwrap();
        assert_eq!(script.reply_to("КОЛИ саме?", |_| true), Some(1));
        assert_eq!(script.reply_to("When?", |at| at != 1), Some(0));
        assert_eq!(script.reply_to("We are here.", |_| true), Some(0));
        assert_eq!(script.reply_to("We are here.", |at| at != 0), None);
    }

    #[test]
    fn what_nobody_can_write_is_refused_with_the_place() {
        for (bad, why) in [
            (CALLER.replace("[[messages]]", "[[message]]"), "unknown field"),
            (CALLER.replace("May I ask?", " "), "the message is empty"),
            (CALLER.replace("after_s = 1", "after_s = 14401"), "14400 is the limit"),
            (CALLER.replace("after_s = 1", "after_s = -1"), "invalid value"),
            (CALLER.replace("May I ask?", &"x".repeat(20_000)), "the message is too long"),
            (CALLER.replace("field", &"x".repeat(40)), "too long"),
            ("language = \"en\"\nmessages = []".to_owned(), "writes no message"),
            (String::new(), "missing field"),
        ] {
            let failure = parse("caller", &bad, "dir/caller.toml").unwrap_err();
            assert!(failure.message().contains(why), "{}", failure.message());
            assert!(failure.message().contains("dir/caller.toml"), "{}", failure.message());
        }
    }
}
