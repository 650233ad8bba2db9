//! Checklists: read from files and kept as templates are, shown beside the cases of their track in the case's language, and ticked step by
//! step in the log. A version that another device has ticked is said, and never mixed with this device's.

use callsign_protocol::{caller_keys::CallerId, time::Day};
use thiserror::Error;

use super::content::{ContentFile, base, fits, head, is_tag};
use crate::{
    Desk, DeskError,
    cases::{Case, Cases, EventBody, EventId, LIST_KEYWORD_MAX, Revision, STEPS_MAX, StepDone, is_keyword},
    escape::label,
    store::Checklist,
};

/// Checklists at most.
pub const CHECKLISTS_MAX: usize = 100;
/// Characters of a title, and of a track's id.
const TITLE_MAX: usize = 120;
/// Characters of a step.
const STEP_MAX: usize = 300;

/// Why checklists are not taken, or a step is not ticked; nothing is changed then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChecklistError {
    /// What a file says is not whole.
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
        "there are more than 100 checklists; take some out, and import all of them again: nothing was changed"
    )]
    TooMany,
    /// No list of that keyword stands beside this case.
    #[error(
        "no checklist of that keyword stands beside this case on this device; look at the case with `callsign desk show`, and import the lists that your colleagues have"
    )]
    NoList,
    /// Several do, and none was named.
    #[error("several checklists stand beside this case; name one of them with --list: {0}")]
    WhichList(String),
    /// The list has no such step.
    #[error("that checklist has {0} steps; look at it again, and name one of them")]
    NoStep(usize),
    /// The list was imported anew meanwhile.
    #[error(
        "that checklist was changed on this device meanwhile, so nothing was done; look at what it says now"
    )]
    Changed,
}

/// What stands beside a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseLists {
    /// Lists of this device, with what was done.
    pub lists: Vec<CaseList>,
    /// What was done in versions that do not stand here.
    pub elsewhere: Vec<ElsewhereDone>,
}

/// A checklist beside a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseList {
    /// Its keyword.
    pub keyword: String,
    /// What it is for.
    pub title: String,
    /// Its language.
    pub language: String,
    /// Names what it says.
    pub revision: Revision,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

/// A step of a checklist beside a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which, from 1.
    pub number: u8,
    /// What is to be done.
    pub text: String,
    /// Who has done it; none where nobody has.
    pub done_by: Option<String>,
}

/// Steps that were ticked in a version of a list that this device does not show beside the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElsewhereDone {
    /// The keyword of the list.
    pub keyword: String,
    /// How many steps.
    pub steps: usize,
    /// Who ticked them.
    pub by: Vec<String>,
}

impl Desk {
    pub(super) fn keep_checklists(&self, checklists: &[Checklist]) -> Result<(), DeskError> {
        let mut state = self.state();
        let state = &mut *state;
        Ok(state.cache.put_checklists(checklists, &mut state.rng)?)
    }

    /// All checklists that this device keeps.
    ///
    /// # Errors
    /// [`DeskError::Cache`]
    pub fn checklists(&self) -> Result<Vec<Checklist>, DeskError> {
        Ok(self.state().cache.checklists()?)
    }

    /// The lists that stand beside a case, with what was done.
    ///
    /// # Errors
    /// [`DeskError::Cache`]
    pub fn lists_of(&self, case: &Case) -> Result<CaseLists, DeskError> {
        let mut offered = self.checklists()?;
        let today = self.now().day();
        offered.retain(|list| stands_beside(list, case, today));
        let state = self.state();
        Ok(CaseLists::of(&offered, case, &state.log.view))
    }

    /// Says that a step is done in a case, or not after all. Without a keyword it is of the one list beside the case; with the
    /// revision that somebody has seen, of no other.
    ///
    /// # Errors
    /// [`ChecklistError`]
    pub fn set_step(
        &self,
        caller: &CallerId,
        list: (Option<&str>, Option<&Revision>),
        step: u8,
        done: bool,
    ) -> Result<EventId, DeskError> {
        let (keyword, seen) = list;
        let lists = self.lists_of(&*self.case(caller)?)?.lists;
        let list = match (keyword, &lists[..]) {
            (None, [one]) => one,
            (None, [_, ..]) => {
                let names = lists.iter().map(|list| label(&list.keyword)).collect::<Vec<_>>().join(", ");
                return Err(ChecklistError::WhichList(names).into());
            }
            (keyword, lists) => {
                let is_it = |list: &&CaseList| keyword == Some(&*list.keyword);
                lists.iter().find(is_it).ok_or(ChecklistError::NoList)?
            }
        };
        if seen.is_some_and(|seen| *seen != list.revision) {
            return Err(ChecklistError::Changed.into());
        }
        if !(1..=list.steps.len()).contains(&usize::from(step)) {
            return Err(ChecklistError::NoStep(list.steps.len()).into());
        }
        let (list, revision) = (list.keyword.clone(), list.revision);
        self.act(|_| Ok(EventBody::StepDone(StepDone { caller: *caller, list, revision, step, done })))
    }
}

impl CaseLists {
    fn of(offered: &[Checklist], case: &Case, cases: &Cases) -> Self {
        let name = |person| cases.person(person).map(|person| person.name.clone()).unwrap_or_default();
        let lists: Vec<CaseList> = offered
            .iter()
            .map(|list| {
                let revision = list.revision();
                let ticked = case.steps_done(&list.keyword, &revision);
                let done_by = |number| ticked.and_then(|ticked| ticked.steps.get(&number));
                let step = |(number, text): (u8, &String)| Step {
                    number,
                    text: text.clone(),
                    done_by: done_by(number).map(|tick| name(&tick.by)),
                };
                CaseList {
                    keyword: list.keyword.clone(),
                    title: list.title.clone(),
                    language: list.language.clone(),
                    revision,
                    steps: (1..).zip(&list.steps).map(step).collect(),
                }
            })
            .collect();
        let is_shown = |keyword: &str, revision: &Revision| {
            lists.iter().any(|list| list.keyword == keyword && list.revision == *revision)
        };
        let elsewhere = case.lists_done().iter().filter(|ticked| !is_shown(&ticked.list, &ticked.revision));
        let elsewhere = elsewhere.map(|ticked| {
            let mut by: Vec<String> = ticked.steps.values().map(|tick| name(&tick.by)).collect();
            by.sort();
            by.dedup();
            ElsewhereDone { keyword: ticked.list.clone(), steps: ticked.steps.len(), by }
        });
        let elsewhere = elsewhere.collect();
        Self { lists, elsewhere }
    }
}

impl CaseList {
    /// How many of its steps are done.
    pub fn done(&self) -> usize {
        self.steps.iter().filter(|step| step.done_by.is_some()).count()
    }
}

impl Checklist {
    /// Whether its last day is not over.
    pub fn is_offered(&self, today: Day) -> bool {
        self.until.is_none_or(|until| today <= until)
    }
}

fn stands_beside(list: &Checklist, case: &Case, today: Day) -> bool {
    list.is_offered(today)
        && base(&list.language) == base(&case.language)
        && list.track.as_ref().is_none_or(|track| *track == case.track)
}

/// Reads the checklists of these files, all of them or none.
pub(super) fn read_all(
    files: &[ContentFile],
    day_of: &impl Fn(&str) -> Option<Day>,
) -> Result<Vec<Checklist>, ChecklistError> {
    if files.len() > CHECKLISTS_MAX {
        return Err(ChecklistError::TooMany);
    }
    let mut read: Vec<(&str, Checklist)> = Vec::new();
    for file in files {
        let list = read_one(&file.text, day_of)
            .map_err(|what| ChecklistError::File { file: file.name.clone(), what })?;
        let is_same = |other: &Checklist| {
            other.keyword.to_lowercase() == list.keyword.to_lowercase()
                && base(&other.language) == base(&list.language)
        };
        if let Some((other, _)) = read.iter().find(|(_, other)| is_same(other)) {
            return Err(ChecklistError::Twice((*other).to_owned(), file.name.clone()));
        }
        read.push((&file.name, list));
    }
    let mut lists: Vec<_> = read.into_iter().map(|(_, list)| list).collect();
    lists.sort_by(|one, other| (&one.keyword, &one.language).cmp(&(&other.keyword, &other.language)));
    Ok(lists)
}

/// Lines of `name: value` as a template has them, then a line for each step that begins with a hyphen.
fn read_one(file: &str, day_of: &impl Fn(&str) -> Option<Day>) -> Result<Checklist, &'static str> {
    let ([keyword, title, language, track, reviewer, until], text) = head(
        file,
        ["keyword", "title", "language", "track", "reviewer", "until"],
        "a line before the steps is none of keyword, title, language, track, reviewer and until",
    )?;
    let steps = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let step = line.strip_prefix("- ").map(str::trim).filter(|step| fits(step, STEP_MAX));
            let what =
                "a line behind the second --- is no step: a hyphen, a blank, and 1 to 300 visible characters";
            step.map(str::to_owned).ok_or(what)
        })
        .collect::<Result<Vec<_>, _>>()?;
    if !(1..=usize::from(STEPS_MAX)).contains(&steps.len()) {
        return Err("it has no step, or more than 32");
    }
    let is_visible = |text: &Option<String>, max| text.as_ref().is_none_or(|text| fits(text, max));
    if !is_visible(&track, TITLE_MAX) {
        return Err("its track is not the id of one, in 1 to 120 visible characters");
    }
    if !is_visible(&reviewer, LIST_KEYWORD_MAX) {
        return Err("its reviewer is not 1 to 40 visible characters");
    }
    Ok(Checklist {
        keyword: keyword
            .filter(|it| fits(it, LIST_KEYWORD_MAX) && is_keyword(it))
            .ok_or("its keyword is missing or not 1 to 40 visible characters")?,
        title: title
            .filter(|it| fits(it, TITLE_MAX))
            .ok_or("its title is missing or not 1 to 120 visible characters")?,
        language: language
            .filter(|it| is_tag(it))
            .ok_or("its language is missing or no tag such as uk or en")?,
        track,
        reviewer,
        until: until.map(|date| day_of(&date).ok_or("its date is no day as YYYY-MM-DD")).transpose()?,
        steps,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "---\nkeyword: surrender\ntitle: Who wants to give up\nlanguage: uk\ntrack: field\nreviewer: Осика\nuntil: 2027-01-31\n---\n\n- Спитати, чи він сам.\n- Сказати про знак.\n";

    fn read(text: &str) -> Result<Checklist, &'static str> {
        read_one(text, &|date: &str| (date == "2027-01-31").then_some(Day(100)))
    }

    #[test]
    fn a_file_is_lines_of_names_and_steps() {
        let whole = read(WHOLE).unwrap();
        assert_eq!(
            (&*whole.keyword, whole.track.as_deref(), whole.until),
            ("surrender", Some("field"), Some(Day(100)))
        );
        assert_eq!(whole.steps, ["Спитати, чи він сам.", "Сказати про знак."]);
        assert_eq!(read(&WHOLE.replace('\n', "\r\n")), Ok(whole.clone()));
        assert!(whole.is_offered(Day(100)) && !whole.is_offered(Day(101)));
        assert_eq!(read("---\nkeyword: a\ntitle: b\nlanguage: en\n---\n- c").unwrap().track, None);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let many = "- x\n".repeat(usize::from(STEPS_MAX) + 1);
        let long = format!("- {}\n", "x".repeat(STEP_MAX + 1));
        for (from, to) in [
            ("---\nkeyword", "keyword"),
            ("keyword: surrender\n", ""),
            ("keyword: surrender", "keyword: a\u{202e}b"),
            ("track: field", "track:"),
            ("track: field", "tracks: field"),
            ("language: uk", "language: Ukrainian language"),
            ("2027-01-31", "tomorrow"),
            ("- Спитати", "Спитати"),
            ("- Спитати, чи він сам.\n- Сказати про знак.\n", ""),
            ("- Спитати, чи він сам.\n", &many),
            ("- Спитати, чи він сам.\n", &long),
            ("Спитати", "Спи\u{200b}тати"),
        ] {
            let changed = WHOLE.replace(from, to);
            assert_ne!(changed, WHOLE, "{from}");
            assert!(read(&changed).is_err(), "{changed}");
        }
    }

    #[test]
    fn a_keyword_is_there_once_in_a_language() {
        let file = |name: &str, text: &str| ContentFile { name: name.to_owned(), text: text.to_owned() };
        let day_of = |_: &str| Some(Day(100));
        let other = WHOLE.replace("surrender", "Surrender").replace("track: field", "track: home");
        let all = |other: &str| read_all(&[file("a.md", WHOLE), file("b.md", other)], &day_of);
        assert_eq!(all(&other), Err(ChecklistError::Twice("a.md".to_owned(), "b.md".to_owned())));
        assert_eq!(all(&other.replace("language: uk", "language: ru")).unwrap().len(), 2);
        let many = vec![file("a.md", WHOLE); CHECKLISTS_MAX + 1];
        assert_eq!(read_all(&many, &day_of), Err(ChecklistError::TooMany));
    }
}
