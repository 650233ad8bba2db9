//! What of a case met: the line in which most of the words stand, cut around them. As everywhere, what nobody has opened is
//! announced, not shown.

use std::{borrow::Cow, ops::Range};

use super::TERMS_MAX;
use crate::{
    cases::{Case, Item},
    store::{Places, Term, fold_onto, initials_of},
};

/// Characters of a line, at most.
const LINE_MAX: usize = 160;
/// Characters of it before the first word that met, at most.
const BEFORE_MAX: usize = 50;
/// Bytes of a case that are searched, at most: the newest, of a caller who writes without an end.
const CASE_MAX: usize = 1 << 20;

/// Who says a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The caller, in a message that a person has opened or that is not whole.
    Caller,
    /// The caller, of when it is safe to look.
    SafeTimes,
    /// The desk.
    Desk,
    /// A person of the desk, in a note for colleagues.
    Note,
}

/// A line of a case, without anything of the lines around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Who says it.
    pub speaker: Speaker,
    /// 160 characters at most; an ellipsis stands where it was cut.
    pub text: String,
    /// Where in it the words stand that met, in bytes and in order.
    pub met: Vec<Range<usize>>,
}

/// One text of a case.
#[derive(Clone, Debug)]
pub(super) struct Said<'a> {
    speaker: Speaker,
    /// Whether it is a message that nobody has opened.
    is_unopened: bool,
    text: Cow<'a, str>,
}

/// How a case meets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Meeting {
    /// The line in which most meets, of what may be shown.
    pub(super) line: Option<Line>,
    /// Whether something meets only where nobody has opened the message.
    pub(super) is_unopened: bool,
}

/// Looks for terms in texts, most of whose words it need not fold: their first letter says that they are others.
#[derive(Debug)]
pub(super) struct Seeker<'a> {
    terms: &'a [Term],
    /// Letters that begin a word of the terms; sorted.
    initials: Vec<char>,
    /// The word that is looked at, and one behind it.
    word: String,
    next: String,
    /// Bytes of text that were read.
    read: usize,
}

/// A place in a text where something met.
struct Met {
    at: Range<usize>,
    term: usize,
}

/// Terms by their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Terms(u64);

// Each has a bit of its own.
const _: () = assert!(TERMS_MAX <= 64);

/// All that is searched of a case: the conversation, newest first, of one that is very long, its end; then notes, newest first; last
/// when it is safe to look.
pub(super) fn said(case: &Case) -> impl Iterator<Item = Said<'_>> {
    let mut bytes = 0;
    let items = case.items.iter().rev().map_while(move |item| {
        if bytes > CASE_MAX {
            return None;
        }
        let said = match item {
            Item::Call(call) => Said {
                speaker: Speaker::Caller,
                is_unopened: call.is_unopened(),
                text: joined(call.parts.iter().flatten().map(String::as_str)),
            },
            Item::Answer(answer) => Said {
                speaker: Speaker::Desk,
                is_unopened: false,
                text: joined(answer.parts.iter().flatten().map(|part| part.text.as_str())),
            },
        };
        bytes += said.text.len();
        Some(said)
    });
    let notes = case.notes().iter().rev().map(|note| Said {
        speaker: Speaker::Note,
        is_unopened: false,
        text: joined(note.parts.iter().flatten().map(String::as_str)),
    });
    items.chain(notes).chain(case.safe_times.iter().map(|text| Said {
        speaker: Speaker::SafeTimes,
        is_unopened: false,
        text: Cow::Borrowed(text),
    }))
}

/// The same as one text.
pub(super) fn searched(case: &Case) -> String {
    said(case).fold(String::new(), |all, said| all + &said.text + "\n")
}

/// Parts of a text; copied where there are several.
fn joined<'a>(parts: impl Iterator<Item = &'a str>) -> Cow<'a, str> {
    parts.fold(Cow::Borrowed(""), |text, part| text + part)
}

impl<'a> Seeker<'a> {
    /// Of these terms, as many as a search may have.
    pub(super) fn new(terms: &'a [Term]) -> Self {
        let begin = terms.iter().flat_map(|term| match term {
            Term::Forms { starts, .. } => &starts[..],
            Term::Exact(words) => words.get(..1).unwrap_or_default(),
        });
        let mut initials: Vec<char> =
            begin.filter_map(|word| word.chars().next()).flat_map(initials_of).collect();
        initials.sort_unstable();
        initials.dedup();
        Self { terms, initials, word: String::new(), next: String::new(), read: 0 }
    }

    /// Bytes of text that were read so far.
    pub(super) fn read(&self) -> usize {
        self.read
    }

    /// How the terms meet in texts, newest first: the newest of several lines in which as many do; none where one of the
    /// terms meets nowhere.
    pub(super) fn meet<'t>(&mut self, texts: impl Iterator<Item = Said<'t>>) -> Option<Meeting> {
        let (mut unopened, mut shown) = (Terms::default(), Terms::default());
        let mut best: Option<(u32, Line)> = None;
        for said in texts {
            let met = self.meetings(&said.text);
            let seen = if said.is_unopened { &mut unopened } else { &mut shown };
            seen.extend(&met);
            if said.is_unopened {
                continue;
            }
            for (range, met) in by_line(&said.text, met) {
                let mut terms = Terms::default();
                terms.extend(&met);
                if best.as_ref().is_none_or(|(most, _)| terms.count() > *most) {
                    let at: Vec<Range<usize>> = met.into_iter().map(|met| met.at).collect();
                    best = Some((terms.count(), cut(&said, range, &at)));
                }
            }
            if best.as_ref().is_some_and(|(most, _)| *most as usize == self.terms.len()) {
                // No older line can have more.
                break;
            }
        }
        let all = Terms(shown.0 | unopened.0);
        let line = best.map(|(_, line)| line);
        let is_whole = |terms: Terms| terms.count() as usize == self.terms.len();
        is_whole(all).then(|| Meeting { line, is_unopened: !is_whole(shown) })
    }

    fn meetings(&mut self, text: &str) -> Vec<Met> {
        self.read += text.len();
        let mut all = Vec::new();
        let mut places = Places::of(text);
        while let Some(place) = places.next() {
            if place.initial.is_some_and(|initial| !self.initials.contains(&initial)) {
                continue;
            }
            self.word.clear();
            fold_onto(&mut self.word, &text[place.at.clone()]);
            for (number, term) in self.terms.iter().enumerate() {
                let met = match term {
                    Term::Forms { starts, .. } => {
                        let is_form = starts.iter().any(|start| self.word.starts_with(start));
                        is_form.then(|| place.at.clone())
                    }
                    Term::Exact(exact) => {
                        let others = exact.split_first().filter(|(first, _)| self.word == **first);
                        let end = others
                            .and_then(|(_, others)| end_of(others, place.at.end, &places, &mut self.next));
                        end.map(|end| place.at.start..end)
                    }
                };
                all.extend(met.map(|at| Met { at, term: number }));
            }
        }
        all
    }
}

/// Where these words end if they are the next ones behind a word that ends at `end`.
fn end_of(words: &[String], end: usize, places: &Places<'_>, folded: &mut String) -> Option<usize> {
    let mut places = places.clone();
    words.iter().try_fold(end, |_, word| {
        let place = places.next()?;
        folded.clear();
        fold_onto(folded, places.word(&place));
        (folded == word).then_some(place.at.end)
    })
}

impl Terms {
    fn extend(&mut self, met: &[Met]) {
        self.0 = met.iter().fold(self.0, |terms, met| terms | 1 << met.term);
    }

    fn count(self) -> u32 {
        self.0.count_ones()
    }
}

/// The beginning of the newest message that a person has opened, of texts newest first.
pub(super) fn newest<'t>(mut texts: impl Iterator<Item = Said<'t>>) -> Meeting {
    let opened = |said: &Said<'_>| said.speaker == Speaker::Caller && !said.is_unopened;
    let line = texts.find(opened).map(|said| {
        let start = said.text.len() - said.text.trim_start().len();
        let end = said.text[start..].find('\n').map_or(said.text.len(), |end| start + end);
        cut(&said, start..end, &[])
    });
    Meeting { line, is_unopened: false }
}

/// What met, by the lines in which it begins.
fn by_line(text: &str, met: Vec<Met>) -> Vec<(Range<usize>, Vec<Met>)> {
    let mut lines: Vec<(Range<usize>, Vec<Met>)> = Vec::new();
    for one in met {
        match lines.last_mut() {
            Some((range, of_line)) if range.contains(&one.at.start) => of_line.push(one),
            _ => {
                let start = text[..one.at.start].rfind('\n').map_or(0, |before| before + 1);
                let end = text[one.at.end..].find('\n').map_or(text.len(), |end| one.at.end + end);
                lines.push((start..end, vec![one]));
            }
        }
    }
    lines
}

/// A line from a word before the first one that met, as far as it may be long.
fn cut(said: &Said<'_>, line: Range<usize>, met: &[Range<usize>]) -> Line {
    let text = &*said.text;
    let first = met.first().map_or(line.start, |first| first.start);
    let earliest = back(text, line.start..first, BEFORE_MAX);
    let places = Places::from(text, line.start);
    let start = if earliest == line.start {
        line.start
    } else {
        let mut starts = places.clone().map(|place| place.at.start).take_while(|at| *at <= first);
        starts.find(|at| *at >= earliest).unwrap_or(first)
    };
    let latest = text[start..line.end].char_indices().nth(LINE_MAX).map_or(line.end, |(at, _)| start + at);
    let end = if latest == line.end {
        line.end
    } else {
        let ends = places.map(|place| place.at.end).take_while(|at| *at <= latest);
        ends.filter(|at| first < *at).last().unwrap_or(latest)
    };
    ellipsed(said, &line, start..end, met)
}

/// What stands at a place of a line, and where in it the words stand that met.
fn ellipsed(said: &Said<'_>, line: &Range<usize>, at: Range<usize>, met: &[Range<usize>]) -> Line {
    let Range { start, end } = at;
    let before = if start == line.start { "" } else { "…" };
    let behind = if end == line.end { "" } else { "…" };
    let shifted = |at: usize| at.clamp(start, end) - start + before.len();
    let met = met.iter().map(|met| shifted(met.start)..shifted(met.end)).filter(|met| !met.is_empty());
    let mut joined: Vec<Range<usize>> = Vec::new();
    for met in met {
        match joined.last_mut() {
            Some(last) if met.start <= last.end => last.end = last.end.max(met.end),
            _ => joined.push(met),
        }
    }
    let kept = said.text[start..end].trim_end_matches('\r');
    Line { speaker: said.speaker, text: format!("{before}{kept}{behind}").replace('\n', " "), met: joined }
}

/// So many characters back from the end of a range, or its start.
fn back(text: &str, range: Range<usize>, characters: usize) -> usize {
    let start = range.start;
    text[range].char_indices().rev().nth(characters.saturating_sub(1)).map_or(start, |(at, _)| start + at)
}

#[cfg(test)]
mod tests;
