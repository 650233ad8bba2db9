//! What of a case met: the line in which most of the words stand, cut around them. As everywhere, what nobody has opened is
//! announced, not shown.

use std::{collections::BTreeSet, ops::Range};

use crate::{
    cases::{Case, Item},
    store::{Term, Word, words},
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
pub(super) struct Said {
    speaker: Speaker,
    /// Whether it is a message that nobody has opened.
    is_unopened: bool,
    text: String,
}

/// How a case meets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Meeting {
    /// The line in which most meets, of what may be shown.
    pub(super) line: Option<Line>,
    /// Whether something meets only where nobody has opened the message.
    pub(super) is_unopened: bool,
}

/// A place in a text where something met.
struct Met {
    at: Range<usize>,
    term: usize,
}

/// All that is searched of a case, oldest first; of one that is very long, its end.
pub(super) fn said(case: &Case) -> Vec<Said> {
    let safe_times = case.safe_times.iter().map(|text| Said {
        speaker: Speaker::SafeTimes,
        is_unopened: false,
        text: text.clone(),
    });
    let mut all: Vec<Said> = Vec::new();
    let mut bytes = 0;
    for item in case.items.iter().rev() {
        if bytes > CASE_MAX {
            break;
        }
        let said = match item {
            Item::Call(call) => {
                Said { speaker: Speaker::Caller, is_unopened: call.is_unopened(), text: call.text() }
            }
            Item::Answer(answer) => Said { speaker: Speaker::Desk, is_unopened: false, text: answer.text() },
        };
        bytes += said.text.len();
        all.push(said);
    }
    all.extend(safe_times);
    all.reverse();
    all
}

/// The same as one text.
pub(super) fn searched(case: &Case) -> String {
    said(case).into_iter().map(|said| said.text + "\n").collect()
}

/// Bytes of these texts.
pub(super) fn len(texts: &[Said]) -> usize {
    texts.iter().map(|said| said.text.len()).sum()
}

/// How the terms meet, the newest of several lines in which as many do; none where one of the terms meets nowhere.
pub(super) fn meet(texts: &[Said], terms: &[Term]) -> Option<Meeting> {
    let (mut unopened, mut shown) = (BTreeSet::new(), BTreeSet::new());
    let mut best: Option<(usize, Line)> = None;
    for said in texts.iter().rev() {
        let words = words(&said.text);
        let met = meetings(&words, terms);
        let seen = if said.is_unopened { &mut unopened } else { &mut shown };
        seen.extend(met.iter().map(|met| met.term));
        if said.is_unopened {
            continue;
        }
        for (range, met) in by_line(&said.text, met) {
            let terms_met = met.iter().map(|met| met.term).collect::<BTreeSet<_>>().len();
            if best.as_ref().is_none_or(|(most, _)| terms_met > *most) {
                let at: Vec<Range<usize>> = met.into_iter().map(|met| met.at).collect();
                let line = cut(said, range, &at, &words);
                best = Some((terms_met, line));
            }
        }
    }
    let met = |term: usize| shown.contains(&term) || unopened.contains(&term);
    (0..terms.len())
        .all(met)
        .then(|| Meeting { line: best.map(|(_, line)| line), is_unopened: shown.len() < terms.len() })
}

/// The beginning of the newest message that a person has opened.
pub(super) fn newest(texts: &[Said]) -> Meeting {
    let opened = |said: &&Said| said.speaker == Speaker::Caller && !said.is_unopened;
    let line = texts.iter().rev().find(opened).map(|said| {
        let start = said.text.len() - said.text.trim_start().len();
        let end = said.text[start..].find('\n').map_or(said.text.len(), |end| start + end);
        cut(said, start..end, &[], &words(&said.text))
    });
    Meeting { line, is_unopened: false }
}

fn meetings(words: &[Word], terms: &[Term]) -> Vec<Met> {
    let mut all = Vec::new();
    for (at, word) in words.iter().enumerate() {
        for (number, term) in terms.iter().enumerate() {
            let met = match term {
                Term::Forms { starts, .. } => {
                    let is_form = starts.iter().any(|start| word.folded.starts_with(start));
                    is_form.then(|| word.at.clone())
                }
                Term::Exact(exact) => {
                    let here = words
                        .get(at..at + exact.len())
                        .filter(|here| here.iter().zip(exact).all(|(word, exact)| word.folded == *exact));
                    here.and_then(<[Word]>::last).map(|last| word.at.start..last.at.end)
                }
            };
            all.extend(met.map(|at| Met { at, term: number }));
        }
    }
    all
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
fn cut(said: &Said, line: Range<usize>, met: &[Range<usize>], words: &[Word]) -> Line {
    let text = said.text.as_str();
    let first = met.first().map_or(line.start, |first| first.start);
    let earliest = back(text, line.start..first, BEFORE_MAX);
    let start = if earliest == line.start {
        line.start
    } else {
        let words = words.iter().map(|word| word.at.start);
        words.filter(|at| (earliest..=first).contains(at)).min().unwrap_or(first)
    };
    let latest = text[start..line.end].char_indices().nth(LINE_MAX).map_or(line.end, |(at, _)| start + at);
    let end = if latest == line.end {
        line.end
    } else {
        let words = words.iter().map(|word| word.at.end);
        words.filter(|at| (first + 1..=latest).contains(at)).max().unwrap_or(latest)
    };
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
    let kept = text[start..end].trim_end_matches('\r');
    Line { speaker: said.speaker, text: format!("{before}{kept}{behind}").replace('\n', " "), met: joined }
}

/// So many characters back from the end of a range, or its start.
fn back(text: &str, range: Range<usize>, characters: usize) -> usize {
    let start = range.start;
    text[range].char_indices().rev().nth(characters.saturating_sub(1)).map_or(start, |(at, _)| start + at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::starts_of_forms;

    fn said(text: &str, is_unopened: bool) -> Said {
        Said { speaker: Speaker::Caller, is_unopened, text: text.to_owned() }
    }

    fn line(texts: &[&str], terms: &[Term]) -> Option<String> {
        let texts: Vec<Said> = texts.iter().map(|text| said(text, false)).collect();
        meet(&texts, terms).and_then(|meeting| meeting.line).map(|line| {
            let mut shown = line.text.clone();
            for met in line.met.iter().rev() {
                shown.insert(met.end, ']');
                shown.insert(met.start, '[');
            }
            shown
        })
    }

    fn forms(word: &str) -> Term {
        Term::Forms { word: word.to_owned(), starts: starts_of_forms(word) }
    }

    fn exact(words: &str) -> Term {
        Term::Exact(words.split(' ').map(str::to_owned).collect())
    }

    #[test]
    fn the_line_in_which_most_words_stand_is_shown() {
        let texts = ["Мені прийшла повістка.\r\nЩо робити?", "Брат теж має повістку,\nа я ні"];
        assert_eq!(line(&texts, &[forms("повістка")]).unwrap(), "Брат теж має [повістку],");
        let both = [forms("повістка"), forms("прийшли")];
        assert_eq!(line(&texts, &both).unwrap(), "Мені [прийшла] [повістка].");
        assert_eq!(line(&texts, &[forms("повістка"), forms("полон")]), None);
    }

    #[test]
    fn what_nobody_has_opened_is_found_and_not_quoted() {
        let texts = [said("стара повістка", false), said("нова повістка, брат у полоні", true)];
        let meeting =
            |terms: &[Term]| meet(&texts, terms).map(|it| (it.line.map(|line| line.text), it.is_unopened));
        let old = Some("стара повістка".to_owned());
        assert_eq!(meeting(&[forms("повістка")]), Some((old.clone(), false)));
        assert_eq!(meeting(&[forms("полоні")]), Some((None, true)));
        assert_eq!(meeting(&[forms("повістка"), forms("полоні")]), Some((old.clone(), true)));
        assert_eq!(meeting(&[exact("нова повістка"), forms("стара")]), Some((old, true)));
        assert_eq!(meeting(&[forms("додому")]), None);
        assert_eq!(newest(&texts).line.unwrap().text, "стара повістка");
    }

    #[test]
    fn exact_words_stand_in_their_order_in_one_text() {
        let texts = ["я не хочу, і не піду", "додому"];
        assert_eq!(line(&texts, &[exact("не піду")]).unwrap(), "я не хочу, і [не піду]");
        for other in ["піду не", "не пі", "піду додому", "не"] {
            assert_eq!(line(&texts, &[exact(other)]).is_some(), other == "не", "{other}");
        }
        assert_eq!(line(&["не\nпіду"], &[exact("не піду")]).unwrap(), "[не піду]");
    }

    #[test]
    fn a_long_line_is_cut_between_words_around_what_met() {
        let long = format!("{}потрібне слово{}", "інше ".repeat(900), " далі".repeat(900));
        let line = line(&[&long], &[forms("слово")]).unwrap();
        assert!(line.starts_with("…інше") && line.ends_with("далі…") && line.contains("[слово]"), "{line}");
        assert!(line.chars().count() <= LINE_MAX + 4, "{line}");
        for unbroken in ["я".repeat(9_000), format!("{}слово", ".".repeat(9_000))] {
            let first = words(&unbroken)[0].folded.clone();
            assert!(line_of(&unbroken, &first).chars().count() <= LINE_MAX + 4);
        }
    }

    fn line_of(text: &str, word: &str) -> String {
        line(&[text], &[forms(word)]).unwrap()
    }
}
