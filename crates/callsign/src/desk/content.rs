//! `callsign desk content`: texts that stand ready for answers, and checklists, from files; each device keeps its own copy.

use std::{
    io,
    path::{Path, PathBuf},
};

use callsign_desk::{
    CHECKLISTS_MAX, ContentFile, ContentFiles, TEMPLATES_MAX,
    store::{Checklist, Template},
};
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
/// Where checklists do.
const CHECKLISTS_DIR: &str = "checklists";
/// Bytes of a file at most.
const FILE_MAX: u64 = 32_768;

/// Import the desk's templates of answers and its checklists from files, or list those that this device keeps.
#[derive(Subcommand)]
pub enum ContentCommand {
    /// Keep the templates of DIR/templates/*.md and the checklists of DIR/checklists/*.md on this device, in place of those before
    #[command(after_help = "\
A template begins with lines of keyword, title, language and, where wanted, reviewer and until (the last day, YYYY-MM-DD), between two lines
of ---; the text follows. A place to fill in stands in brackets: […] or [which day]. An answer in which one is left is not sent. A
checklist begins likewise, with a line of track besides where it is for one; each line behind that is a step, `- ` and what is to be done.
Where one file is wrong nothing is changed; where one of both directories is missing, what it would have had stays as it is. Each device
imports them by itself.

Example:
  callsign desk content import --data ~/desk content")]
    Import(ImportArguments),
    /// List the templates that this device keeps, or its checklists
    #[command(after_help = "\
Examples:
  callsign desk content list --data ~/desk
  callsign desk content list --data ~/desk --checklists")]
    List(ListArguments),
}

/// Arguments of `desk content import`.
#[derive(Args)]
pub struct ImportArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// A directory with a directory `templates` in it, or `checklists`, or both
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// Arguments of `desk content list`.
#[derive(Args)]
pub struct ListArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// The checklists in place of the templates
    #[arg(long)]
    checklists: bool,
}

impl ContentCommand {
    pub(super) fn common(&self) -> &Common {
        match self {
            Self::Import(ImportArguments { common, .. }) | Self::List(ListArguments { common, .. }) => common,
        }
    }
}

/// Imports templates, or lists them.
pub fn content(command: &ContentCommand) -> Result<(), Failure> {
    match command {
        ContentCommand::Import(ImportArguments { common, dir }) => {
            let files = ContentFiles {
                templates: read_files(dir, TEMPLATES_DIR, TEMPLATES_MAX)?,
                checklists: read_files(dir, CHECKLISTS_DIR, CHECKLISTS_MAX)?,
            };
            if files.templates.is_none() && files.checklists.is_none() {
                let shown = label(&dir.to_string_lossy());
                let sentence = format!(
                    "the directory {shown} has no template and no checklist; it wants a directory {TEMPLATES_DIR} or {CHECKLISTS_DIR}, with files that end in .md"
                );
                return Err(Failure::new("content", sentence));
            }
            let desk = open(&common.data)?;
            let kept = desk.import_content(&files, |date| calendar::parse(date).ok())?;
            let counts = [
                kept.templates.as_ref().map(|kept| count(kept.len(), "template")),
                kept.checklists.as_ref().map(|kept| count(kept.len(), "checklist")),
            ];
            let counts = counts.into_iter().flatten().collect::<Vec<_>>().join(" and ");
            let said = format!("{counts} kept on this device. Import them on each device.");
            let result = json!({
                "imported": kept.templates.map(|kept| kept.len()),
                "checklists": kept.checklists.map(|kept| kept.len()),
            });
            output::give(Done::Changed("the content was imported"), &Lines::new().line(said), &result)
        }
        ContentCommand::List(ListArguments { common, checklists: true }) => {
            let desk = open_to_read(&common.data)?;
            let (lists, today) = (desk.checklists()?, desk.now().day());
            let mut lines = Lines::new();
            if lists.is_empty() {
                lines.push(
                    "No checklists are kept here. `callsign desk content import` takes them from files.",
                );
            }
            for one in &lists {
                let over = if one.is_offered(today) { "" } else { "   not offered any more" };
                let (keyword, language, title) =
                    (label(&one.keyword), label(&one.language), label(&one.title));
                let steps = count(one.steps.len(), "step");
                lines.push(format!("{keyword:<20} {language:<5} {title}, {steps}{over}"));
            }
            let rows: Vec<_> = lists.iter().map(|one| list_as_json(one, one.is_offered(today))).collect();
            output::give(Done::Read, &lines, &rows)
        }
        ContentCommand::List(ListArguments { common, checklists: false }) => {
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

fn list_as_json(list: &Checklist, is_offered: bool) -> Value {
    json!({
        "keyword": list.keyword,
        "title": list.title,
        "language": list.language,
        "track": list.track,
        "reviewer": list.reviewer,
        "until": list.until.map(calendar::written),
        "offered": is_offered,
        "revision": list.revision(),
        "steps": list.steps,
    })
}

/// The files of a directory of content that end in .md, by their names, one more than there may be at most; none where there is no such
/// directory.
fn read_files(dir: &Path, name: &str, max: usize) -> Result<Option<Vec<ContentFile>>, Failure> {
    let dir = dir.join(name);
    let shown = label(&dir.to_string_lossy());
    let unreadable = |error: io::Error| {
        let cause = cause(&error);
        Failure::new(
            "content",
            format!("the directory {shown} cannot be read: {cause}; check its name and its permissions"),
        )
    };
    let mut paths = Vec::new();
    let entries = match std::fs::read_dir(&dir) {
        // Where the directory around it is not there either, the same is said of both.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        entries => entries.map_err(unreadable)?,
    };
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // Other systems keep their remarks on a file in a hidden one beside it.
        if path.extension().is_some_and(|end| end == "md") && !name.starts_with('.') {
            paths.push((name, path));
        }
    }
    // As one that is not there: what was imported before stays, and lists beside it are taken.
    if paths.is_empty() {
        return Ok(None);
    }
    paths.sort();
    // One more than there may be is enough to be told so.
    paths.truncate(max + 1);
    let read =
        |(name, path): (String, PathBuf)| Ok(ContentFile { name, text: input::text(&path, FILE_MAX)? });
    paths.into_iter().map(read).collect::<Result<Vec<_>, _>>().map(Some)
}
