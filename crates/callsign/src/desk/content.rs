//! `callsign desk content`: texts that stand ready for answers, from files; each device keeps its own copy.

use std::{
    io,
    path::{Path, PathBuf},
};

use callsign_desk::{TEMPLATES_MAX, TemplateFile, store::Template};
use callsign_protocol::os_error::cause;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Common, open, open_to_read};
use crate::{
    calendar,
    failure::Failure,
    input,
    output::{self, Done, Lines, count, label},
};

/// Where templates lie in a directory of content.
const TEMPLATES_DIR: &str = "templates";
/// Bytes of a file of a template at most.
const FILE_MAX: u64 = 32_768;

/// Import the desk's templates of answers from files, or list those that this device keeps.
#[derive(Subcommand)]
pub enum ContentCommand {
    /// Keep the templates of DIR/templates/*.md on this device, in place of those before
    #[command(after_help = "\
A file begins with lines of keyword, title, language and, where wanted, reviewer and until (the last day, YYYY-MM-DD), between two lines
of ---; the text follows. A place to fill in stands in brackets: […] or [which day]. An answer in which one is left is not sent. Where one
file is wrong nothing is changed. Each device imports them by itself.

Example:
  callsign desk content import --data ~/desk content")]
    Import(ImportArguments),
    /// List the templates that this device keeps
    #[command(after_help = "\
Example:
  callsign desk content list --data ~/desk")]
    List(ListArguments),
}

/// Arguments of `desk content import`.
#[derive(Args)]
pub struct ImportArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// A directory with a directory `templates` in it
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// Arguments of `desk content list`.
#[derive(Args)]
pub struct ListArguments {
    #[command(flatten)]
    pub(super) common: Common,
}

impl ContentCommand {
    pub(super) fn common(&self) -> &Common {
        match self {
            Self::Import(ImportArguments { common, .. }) | Self::List(ListArguments { common }) => common,
        }
    }
}

/// Imports templates, or lists them.
pub fn content(command: &ContentCommand) -> Result<(), Failure> {
    match command {
        ContentCommand::Import(ImportArguments { common, dir }) => {
            let files = read_files(&dir.join(TEMPLATES_DIR))?;
            let desk = open(&common.data)?;
            let kept = desk.import_templates(&files, |date| calendar::parse(date).ok())?;
            let said =
                format!("{} kept on this device. Import them on each device.", count(kept.len(), "template"));
            let result = json!({ "imported": kept.len() });
            output::give(Done::Changed("the templates were imported"), &Lines::new().line(said), &result)
        }
        ContentCommand::List(ListArguments { common }) => {
            let desk = open_to_read(&common.data)?;
            let (templates, today) = (desk.templates()?, desk.now().day());
            let mut lines = Lines::new();
            if templates.is_empty() {
                lines.push(
                    "No templates are kept here. `callsign desk content import` takes them from files.",
                );
            }
            for one in &templates {
                let over = if one.is_offered(today) { "" } else { "   not offered any more" };
                lines.push(format!(
                    "{:<20} {:<5} {}{over}",
                    label(&one.keyword),
                    label(&one.language),
                    label(&one.title)
                ));
            }
            let rows: Vec<_> = templates.iter().map(|one| as_json(one, one.is_offered(today))).collect();
            output::give(Done::Read, &lines, &rows)
        }
    }
}

fn as_json(template: &Template, is_offered: bool) -> Value {
    json!({
        "keyword": template.keyword,
        "title": template.title,
        "language": template.language,
        "reviewer": template.reviewer,
        "until": template.until.map(calendar::written),
        "offered": is_offered,
        "text": template.text,
    })
}

/// The files of a directory that end in .md, by their names.
fn read_files(dir: &Path) -> Result<Vec<TemplateFile>, Failure> {
    let shown = label(&dir.to_string_lossy());
    let unreadable = |error: io::Error| {
        let cause = cause(&error);
        Failure::new(
            "template",
            format!("the directory {shown} cannot be read: {cause}; check its name and its permissions"),
        )
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // Other systems keep their remarks on a file in a hidden one beside it.
        if path.extension().is_some_and(|end| end == "md") && !name.starts_with('.') {
            paths.push((name, path));
        }
    }
    if paths.is_empty() {
        let sentence = format!("the directory {shown} has no template in it; it wants files that end in .md");
        return Err(Failure::new("template", sentence));
    }
    paths.sort();
    // One more than there may be is enough to be told so.
    paths.truncate(TEMPLATES_MAX + 1);
    let read =
        |(name, path): (String, PathBuf)| Ok(TemplateFile { name, text: input::text(&path, FILE_MAX)? });
    paths.into_iter().map(read).collect()
}
