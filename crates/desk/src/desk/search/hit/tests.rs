//! That what meets is found wherever it stands, that the quick way finds what the slow one does, and what of it is shown.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::store::{Word, starts_of_forms, word_by_word, words};

fn said(text: &str, is_unopened: bool) -> Said<'_> {
    Said { speaker: Speaker::Caller, is_unopened, text: text.into() }
}

/// Of texts oldest first.
fn meet(texts: &[Said<'_>], terms: &[Term]) -> Option<Meeting> {
    Seeker::new(terms).meet(texts.iter().rev().cloned())
}

fn line(texts: &[&str], terms: &[Term]) -> Option<String> {
    let texts: Vec<Said<'_>> = texts.iter().map(|text| said(text, false)).collect();
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
    assert_eq!(newest(texts.iter().rev().cloned()).line.unwrap().text, "стара повістка");
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

/// Every word of every text folded, and every line of it cut: what the quick way must find.
fn meet_slowly(texts: &[Said<'_>], terms: &[Term]) -> Option<Meeting> {
    let (mut unopened, mut shown) = (BTreeSet::new(), BTreeSet::new());
    let mut best: Option<(usize, Line)> = None;
    for said in texts.iter().rev() {
        let words = word_by_word::slowly(&said.text);
        let met = meetings_slowly(&words, terms);
        let seen = if said.is_unopened { &mut unopened } else { &mut shown };
        seen.extend(met.iter().map(|met| met.term));
        if said.is_unopened {
            continue;
        }
        for (range, met) in by_line(&said.text, met) {
            let terms_met = met.iter().map(|met| met.term).collect::<BTreeSet<_>>().len();
            if best.as_ref().is_none_or(|(most, _)| terms_met > *most) {
                let at: Vec<Range<usize>> = met.into_iter().map(|met| met.at).collect();
                best = Some((terms_met, cut_slowly(said, range, &at, &words)));
            }
        }
    }
    let met = |term: usize| shown.contains(&term) || unopened.contains(&term);
    let line = best.map(|(_, line)| line);
    (0..terms.len()).all(met).then_some(Meeting { line, is_unopened: shown.len() < terms.len() })
}

fn meetings_slowly(words: &[Word], terms: &[Term]) -> Vec<Met> {
    let met = |at: usize, term: &Term| match term {
        Term::Forms { starts, .. } => {
            let is_form = starts.iter().any(|start| words[at].folded.starts_with(start));
            is_form.then(|| words[at].at.clone())
        }
        Term::Exact(exact) => {
            let here = words.get(at..at + exact.len())?;
            let is_here = here.iter().zip(exact).all(|(word, exact)| word.folded == *exact);
            is_here.then(|| words[at].at.start..here[here.len() - 1].at.end)
        }
    };
    let at =
        |at: usize| terms.iter().enumerate().filter_map(move |(number, term)| Some((met(at, term)?, number)));
    (0..words.len()).flat_map(at).map(|(at, term)| Met { at, term }).collect()
}

fn cut_slowly(said: &Said<'_>, line: Range<usize>, met: &[Range<usize>], words: &[Word]) -> Line {
    let text = &*said.text;
    let first = met.first().map_or(line.start, |first| first.start);
    let earliest = back(text, line.start..first, BEFORE_MAX);
    let starts = words.iter().map(|word| word.at.start);
    let start = if earliest == line.start {
        earliest
    } else {
        starts.filter(|at| (earliest..=first).contains(at)).min().unwrap_or(first)
    };
    let latest = text[start..line.end].char_indices().nth(LINE_MAX).map_or(line.end, |(at, _)| start + at);
    let ends = words.iter().map(|word| word.at.end);
    let end = if latest == line.end {
        latest
    } else {
        ends.filter(|at| (first + 1..=latest).contains(at)).max().unwrap_or(latest)
    };
    ellipsed(said, &line, start..end, met)
}

/// Texts of few different words, so that most terms stand somewhere, and some of them long.
fn texts() -> impl Strategy<Value = Vec<(String, bool)>> {
    let piece = prop_oneof![
        6 => prop::sample::select(vec![
            "не", "хочу", "хочеш", "НЕ", "xочу", "хо\u{306}чу", "повістка", "пов\u{301}істку", "river", "rivers", "42",
            "слово", "cлoво", "об\u{2bc}єкт", "ｒｉｖｅｒ", "ª", "ﬁre", "е\u{308}", "ещё",
        ]).prop_map(str::to_owned),
        3 => prop::sample::select(vec![" ", "\n", ", ", "\r\n", "", "\u{301}", "\u{200b}", " - "]).prop_map(str::to_owned),
        1 => word_by_word::texts(),
    ];
    let spaced =
        (piece, any::<bool>()).prop_map(|(piece, is_spaced)| if is_spaced { piece + " " } else { piece });
    let text = (prop::collection::vec(spaced, 0..40), 1..4_usize);
    let text = text.prop_map(|(pieces, times)| pieces.concat().repeat(times));
    prop::collection::vec((text, any::<bool>()), 0..5)
}

proptest! {
    #[test]
    fn what_meets_is_what_meets_where_every_word_is_folded(texts in texts(), terms in prop::collection::vec(
        prop_oneof![
            prop::sample::select(vec!["хочу", "повістка", "rivers", "слово", "обєкт", "служити", "fire"]).prop_map(forms),
            prop::sample::select(vec!["не", "не хочу", "не не", "42", "river ещё", "хочу", "еще", "слово не хочу"])
                .prop_map(|words| exact(&words.replace('ё', "е"))),
            word_by_word::texts().prop_filter_map("a word", |text| {
                let words: Vec<_> = words(&text).into_iter().map(|word| word.folded).take(2).collect();
                (!words.is_empty()).then_some(Term::Exact(words))
            }),
        ], 1..4)
    ) {
        let texts: Vec<Said<'_>> = texts.iter().map(|(text, is_unopened)| said(text, *is_unopened)).collect();
        prop_assert_eq!(meet(&texts, &terms), meet_slowly(&texts, &terms));
    }
}
