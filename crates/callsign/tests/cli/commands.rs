//! All commands of the binary, as its help names them, and the example lines in texts.

use crate::support::callsign;

/// A command by its words, such as `["desk", "reply"]`, with what its help says.
pub struct Described {
    pub words: Vec<String>,
    pub help: String,
}

/// All commands, those that only lead to others too.
pub fn all() -> Vec<Described> {
    let mut found = Vec::new();
    let mut next = vec![Vec::new()];
    while let Some(words) = next.pop() {
        let help = help_of(&words, None);
        for below in below(&help) {
            next.push([words.clone(), vec![below]].concat());
        }
        found.push(Described { words, help });
    }
    found.sort_by(|one, other| one.words.cmp(&other.words));
    found
}

/// What a command's help says where a terminal has so many columns.
pub fn help_of(words: &[String], columns: Option<usize>) -> String {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut run = callsign(&words).arg("--help");
    if let Some(columns) = columns {
        run = run.env("COLUMNS", &columns.to_string());
    }
    let said = run.said();
    assert!(said.output.status.success(), "{words:?}: {said:?}");
    said.stdout()
}

impl Described {
    /// Whether it does something by itself: only few that lead to others do.
    pub fn is_leaf(&self) -> bool {
        below(&self.help).is_empty() || self.help.contains(" [OPTIONS]\n")
    }

    /// As a person types it, without arguments.
    pub fn typed(&self) -> String {
        format!("callsign {}", self.words.join(" "))
    }

    /// Its examples, as they are printed.
    pub fn examples(&self) -> Vec<String> {
        examples(&self.help)
    }
}

/// The lines below `Example:` or `Examples:` that a person would type.
pub fn examples(help: &str) -> Vec<String> {
    let after = help.lines().skip_while(|line| !matches!(*line, "Example:" | "Examples:"));
    let section = after.skip(1).take_while(|line| line.starts_with(' '));
    section
        .filter_map(|line| line.strip_prefix("  callsign "))
        .map(|rest| format!("callsign {rest}"))
        .collect()
}

/// Lines of a Markdown text's code blocks that a person would type.
pub fn typed_in(markdown: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut is_code = false;
    for line in markdown.lines().map(str::trim) {
        if line.starts_with("```") {
            is_code = !is_code;
        } else if is_code && !line.is_empty() {
            lines.push(line.to_owned());
        }
    }
    lines
}

fn below(help: &str) -> Vec<String> {
    let section =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = section.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}
