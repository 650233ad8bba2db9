//! What stands ready in files, templates and checklists: the form that both have, and taking them all at once.

use callsign_protocol::time::Day;

use super::{checklists, templates};
use crate::{
    Desk, DeskError,
    escape::is_deceptive,
    store::{Checklist, Template},
};

/// A file of a template or a checklist.
#[derive(Clone, Debug)]
pub struct ContentFile {
    /// How it is called.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// The files of a directory of content. What it has none of stays as it was.
#[derive(Clone, Debug, Default)]
pub struct ContentFiles {
    /// Templates, where there are any.
    pub templates: Option<Vec<ContentFile>>,
    /// Checklists, where there are any.
    pub checklists: Option<Vec<ContentFile>>,
}

/// What was taken; none of what there were no files of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Templates.
    pub templates: Option<Vec<Template>>,
    /// Checklists.
    pub checklists: Option<Vec<Checklist>>,
}

impl Desk {
    /// Keeps what is in these files in place of all that this device had of its kind; where one of them is wrong, nothing is changed.
    ///
    /// # Errors
    /// [`TemplateError`](crate::TemplateError), [`ChecklistError`](crate::ChecklistError); [`DeskError::Cache`].
    pub fn import_content(
        &self,
        files: &ContentFiles,
        day_of: impl Fn(&str) -> Option<Day>,
    ) -> Result<Imported, DeskError> {
        let templates = files.templates.as_ref().map(|files| templates::read_all(files, &day_of));
        let checklists = files.checklists.as_ref().map(|files| checklists::read_all(files, &day_of));
        let imported = Imported { templates: templates.transpose()?, checklists: checklists.transpose()? };
        if let Some(templates) = &imported.templates {
            self.keep_templates(templates)?;
        }
        if let Some(checklists) = &imported.checklists {
            self.keep_checklists(checklists)?;
        }
        self.tell_change();
        Ok(imported)
    }
}

/// The values of lines of `name: value` between two lines of three hyphens, by these names, and the text behind them.
///
/// # Errors
/// What is wrong, `unknown` of a line of another name.
pub(super) fn head<const N: usize>(
    file: &str,
    names: [&str; N],
    unknown: &'static str,
) -> Result<([Option<String>; N], String), &'static str> {
    let file = file.replace("\r\n", "\n");
    let (head, text) = file
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"))
        .ok_or("it does not begin with lines between two lines of ---")?;
    let mut values = [const { None }; N];
    for line in head.lines().filter(|line| !line.trim().is_empty()) {
        let (name, value) = line.split_once(':').ok_or("a line before the text is not name: value")?;
        let place = names.iter().position(|known| *known == name.trim()).ok_or(unknown)?;
        if values[place].replace(value.trim().to_owned()).is_some() {
            return Err("a line before the text stands there twice");
        }
    }
    Ok((values, text.to_owned()))
}

/// The language of a tag, without what is said of it further.
pub(super) fn base(language: &str) -> String {
    language.split('-').next().unwrap_or("").to_ascii_lowercase()
}

/// Whether a text has so many characters at most, all of which can be seen.
pub(super) fn fits(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.chars().count()) && !text.chars().any(is_deceptive)
}

/// Whether a text is a tag of a language, such as uk or pt-BR.
pub(super) fn is_tag(tag: &str) -> bool {
    let parts: Vec<_> = tag.split('-').collect();
    let is_part =
        |part: &&str| (1..=8).contains(&part.len()) && part.bytes().all(|it| it.is_ascii_alphanumeric());
    (2..=3).contains(&parts[0].len())
        && parts[0].bytes().all(|it| it.is_ascii_lowercase())
        && parts.iter().all(is_part)
}
