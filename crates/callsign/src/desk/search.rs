//! `callsign desk search`: finds cases by their words, by call sign and by what they are.

use callsign_desk::{HITS_MAX, Hit, QUERY_MAX, Speaker};
use clap::Args;
use serde_json::json;

use super::{Common, open_to_read};
use crate::{
    failure::Failure,
    input::{self, InputError},
    output::{self, Done, Lines, count, label},
};

/// Bytes of a search that are read, at most; one that is too long is told so by the desk.
const INPUT_MAX: u64 = 64 * QUERY_MAX as u64;

/// Arguments of `desk search`.
#[derive(Args)]
pub struct SearchArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// What to search for; - reads it from standard input, nothing asks for it. Others on this computer can see arguments
    #[arg(value_name = "QUERY")]
    query: Option<String>,
}

/// Finds cases.
pub fn search(arguments: &SearchArguments) -> Result<(), Failure> {
    let desk = open_to_read(&arguments.common.data)?;
    let query = match arguments.query.as_deref() {
        Some("-") => read_query()?,
        Some(query) => query.to_owned(),
        None => input::line("Search for: ")?,
    };
    desk.prepare_search()?;
    let found = desk.search(&query)?;
    if found.more {
        let sentence =
            format!("only {HITS_MAX} cases are shown at most, and there may be more; add a word or a filter");
        output::tell("more", &sentence);
    }
    let rows: Vec<_> = found.hits.iter().map(row).collect();
    output::give(Done::Read, &lines(&found.hits), &rows)
}

fn read_query() -> Result<String, InputError> {
    let bytes = match input::standard(INPUT_MAX) {
        // The desk refuses it as every search for nothing.
        Err(InputError::Empty { .. }) => Vec::new(),
        read => read?,
    };
    String::from_utf8(bytes).map_err(|_| InputError::NotUtf8 { place: "standard input".to_owned() })
}

fn row(hit: &Hit) -> serde_json::Value {
    let mut row = json!({
        "call_sign": hit.call_sign,
        "line": hit.line.as_ref().map_or("", |line| &line.text),
        "track": hit.track,
        "language": hit.language,
    });
    // Said of notes alone: to what is known of a hit nothing is added.
    if hit.line.as_ref().is_some_and(|line| line.speaker == Speaker::Note) {
        row["in_note"] = true.into();
    }
    row
}

fn lines(hits: &[Hit]) -> Lines {
    let mut lines = Lines::new();
    if hits.is_empty() {
        lines
            .push("Nothing that is known here meets this. `callsign desk sync` takes what waits at the hub.");
        return lines;
    }
    for Hit { call_sign, callers_name, track, language, is_waiting, is_closed, line, is_unopened, .. } in hits
    {
        let waits = match (is_waiting, is_closed) {
            (true, _) => "waits",
            (_, true) => "closed",
            _ => "answered",
        };
        let (track, language) = (label(track), label(language));
        let callers = callers_name.as_ref().map_or("", |(name, _)| name);
        lines.push(format!("{call_sign:<28} {track:<10} {language:<3} {waits:<9} {callers}"));
        if let Some(line) = line {
            if line.speaker == Speaker::Note {
                lines.push("  in a note among colleagues:");
            }
            lines.push_quote(&line.text);
        }
        if *is_unopened {
            lines.push("  in a message that nobody has opened");
        }
    }
    lines.push(format!("{} found.", count(hits.len(), "case")));
    lines
}
