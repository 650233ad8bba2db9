//! Templates of answers: read from files, checked as a whole, kept sealed on this device, offered in a case's language.

use callsign_protocol::time::Day;
use thiserror::Error;

use super::{
    cautions::brackets,
    content::{ContentFile, base, fits, head, is_tag},
};
use crate::{
    Desk, DeskError,
    escape::{is_deceptive, label},
    store::Template,
};

/// Templates at most.
pub const TEMPLATES_MAX: usize = 200;
/// Characters of a keyword, and of who has read a text over.
const KEYWORD_MAX: usize = 40;
/// Characters of a title.
const TITLE_MAX: usize = 120;
/// Bytes of a text: more is no answer.
const TEXT_MAX: usize = 10_080;

/// Why templates are not taken; nothing is changed then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// What a file says before its text is not whole.
    #[error("{}: {}; mend it, and import all of them again: nothing was changed", label(.file), .what)]
    File {
        /// Its name.
        file: String,
        /// What is wrong.
        what: &'static str,
    },
    /// Two files have one keyword in one language.
    #[error(
        "{} and {} have the same keyword in the same language; give one of them another, and import all of them again: nothing was changed",
        label(.0), label(.1)
    )]
    Twice(String, String),
    /// More than a desk keeps.
    #[error(
        "there are more than 200 templates; take some out, and import all of them again: nothing was changed"
    )]
    TooMany,
}

impl Desk {
    pub(super) fn keep_templates(&self, templates: &[Template]) -> Result<(), DeskError> {
        let mut state = self.state();
        let state = &mut *state;
        Ok(state.cache.put_templates(templates, &mut state.rng)?)
    }

    /// All templates that this device keeps.
    ///
    /// # Errors
    /// [`DeskError::Cache`]
    pub fn templates(&self) -> Result<Vec<Template>, DeskError> {
        Ok(self.state().cache.templates()?)
    }

    /// Those that are offered for a case in this language today.
    ///
    /// # Errors
    /// [`DeskError::Cache`]
    pub fn templates_for(&self, language: &str) -> Result<Vec<Template>, DeskError> {
        let today = self.now().day();
        let mut offered = self.templates()?;
        offered.retain(|one| base(&one.language) == base(language) && one.is_offered(today));
        Ok(offered)
    }
}

/// Whether one of these templates has brackets that say just this.
pub(super) fn is_brought(templates: &[Template], piece: &str) -> bool {
    templates.iter().any(|one| brackets(&one.text).any(|hole| hole == piece))
}

impl Template {
    /// Whether its last day is not over.
    pub fn is_offered(&self, today: Day) -> bool {
        self.until.is_none_or(|until| today <= until)
    }
}

/// Reads the templates of these files, all of them or none.
pub(super) fn read_all(
    files: &[ContentFile],
    day_of: &impl Fn(&str) -> Option<Day>,
) -> Result<Vec<Template>, TemplateError> {
    if files.len() > TEMPLATES_MAX {
        return Err(TemplateError::TooMany);
    }
    let mut read: Vec<(&str, Template)> = Vec::new();
    for file in files {
        let template = read_one(&file.text, day_of)
            .map_err(|what| TemplateError::File { file: file.name.clone(), what })?;
        let is_same = |other: &Template| {
            other.keyword.to_lowercase() == template.keyword.to_lowercase()
                && base(&other.language) == base(&template.language)
        };
        if let Some((other, _)) = read.iter().find(|(_, other)| is_same(other)) {
            return Err(TemplateError::Twice((*other).to_owned(), file.name.clone()));
        }
        read.push((&file.name, template));
    }
    let mut templates: Vec<_> = read.into_iter().map(|(_, template)| template).collect();
    templates.sort_by(|one, other| (&one.keyword, &one.language).cmp(&(&other.keyword, &other.language)));
    Ok(templates)
}

/// Lines of `name: value` between two lines of three hyphens, then the text.
fn read_one(file: &str, day_of: &impl Fn(&str) -> Option<Day>) -> Result<Template, &'static str> {
    let ([keyword, title, language, reviewer, until], text) = head(
        file,
        ["keyword", "title", "language", "reviewer", "until"],
        "a line before the text is none of keyword, title, language, reviewer and until",
    )?;
    let template = Template {
        keyword: keyword
            .filter(|it| fits(it, KEYWORD_MAX))
            .ok_or("its keyword is missing or not 1 to 40 visible characters")?,
        title: title
            .filter(|it| fits(it, TITLE_MAX))
            .ok_or("its title is missing or not 1 to 120 visible characters")?,
        language: language
            .filter(|it| is_tag(it))
            .ok_or("its language is missing or no tag such as uk or en")?,
        reviewer,
        until: until.map(|date| day_of(&date).ok_or("its date is no day as YYYY-MM-DD")).transpose()?,
        text: text.trim().to_owned(),
    };
    if template.reviewer.as_ref().is_some_and(|it| !fits(it, KEYWORD_MAX)) {
        return Err("its reviewer is not 1 to 40 visible characters");
    }
    if template.text.is_empty() || template.text.len() > TEXT_MAX {
        return Err("its text is empty, or longer than an answer");
    }
    if template.text.chars().any(|letter| letter != '\n' && is_deceptive(letter)) {
        return Err("its text has characters that are not seen, or that change the order of others");
    }
    Ok(template)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "---\nkeyword: call back\ntitle: When to come back\nlanguage: uk\nreviewer: Осика\nuntil: 2027-01-31\n---\n\nПрийдіть [день], о […].\n";

    fn day_of(date: &str) -> Option<Day> {
        (date == "2027-01-31").then_some(Day(100))
    }

    fn read(text: &str) -> Result<Template, &'static str> {
        read_one(text, &day_of)
    }

    fn file(name: &str, text: String) -> ContentFile {
        ContentFile { name: name.to_owned(), text }
    }

    #[test]
    fn a_file_is_lines_of_names_and_a_text() {
        let whole = read(WHOLE).unwrap();
        assert_eq!(
            (&*whole.keyword, &*whole.title, &*whole.language),
            ("call back", "When to come back", "uk")
        );
        assert_eq!((whole.reviewer.as_deref(), whole.until), (Some("Осика"), Some(Day(100))));
        assert_eq!(whole.text, "Прийдіть [день], о […].");
        assert_eq!(read(&WHOLE.replace('\n', "\r\n")), Ok(whole.clone()));
        assert!(whole.is_offered(Day(100)) && !whole.is_offered(Day(101)));
        let short = read("---\nkeyword: a\ntitle: b\nlanguage: en\n---\nc").unwrap();
        assert!(short.reviewer.is_none() && short.is_offered(Day(u32::MAX)));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (from, to) in [
            ("---\nkeyword", "keyword"),
            ("keyword: call back\n", ""),
            ("keyword: call back", "keyword: "),
            ("keyword: call back", "keyword: a\u{202e}b"),
            ("title: When", "heading: When"),
            ("title: When", "title: x\ntitle: When"),
            ("language: uk", "language: Ukrainian language"),
            ("2027-01-31", "tomorrow"),
            ("reviewer: Осика", "reviewer:"),
            ("reviewer: Осика", "reviewer"),
            ("Прийдіть [день], о […].", " "),
            ("Прийдіть", "При\u{200b}йдіть"),
        ] {
            let changed = WHOLE.replace(from, to);
            assert_ne!(changed, WHOLE, "{from}");
            assert!(read(&changed).is_err(), "{changed}");
        }
        assert!(read(&WHOLE.replace("Прийдіть", &"я".repeat(5_041))).is_err());
    }

    #[test]
    fn a_keyword_is_there_once_in_a_language() {
        let other = WHOLE.replace("call back", "Call Back");
        let all = |other: &str| {
            read_all(&[file("a.md", WHOLE.to_owned()), file("b.md", other.to_owned())], &day_of)
        };
        assert_eq!(all(&other), Err(TemplateError::Twice("a.md".to_owned(), "b.md".to_owned())));
        assert_eq!(all(&other.replace("language: uk", "language: ru")).unwrap().len(), 2);
        let many = vec![file("a.md", WHOLE.to_owned()); TEMPLATES_MAX + 1];
        assert_eq!(read_all(&many, &day_of), Err(TemplateError::TooMany));
    }
}
