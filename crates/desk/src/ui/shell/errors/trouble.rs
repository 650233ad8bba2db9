//! What keeps the desk from working, what had no effect, and what can be done about it.

use maud::{Markup, html};

use super::{Texts, Told, apart, detail, told};
use crate::{
    Activity, LittleRoom, Trouble, TroubleKind, Unfinished, WithoutEffect, cases, escape::label,
    ui::shell::overview::operators_name,
};

impl Texts {
    /// What a trouble means for the people at the desk.
    pub(in crate::ui) fn effect(self, trouble: &Trouble) -> Markup {
        self.part(
            || trouble.effect().to_owned(),
            || match trouble.activity {
                Activity::Beat if trouble.kind == TroubleKind::Clock => told!("errors-effect-beat-clock"),
                Activity::Beat => told!("errors-effect-beat"),
                Activity::Follow => told!("errors-effect-follow"),
                Activity::State => told!("errors-effect-state"),
            },
        )
    }

    /// What to do about a trouble.
    pub(in crate::ui) fn remedy(self, kind: TroubleKind) -> Markup {
        self.part(
            || kind.remedy().to_owned(),
            || match kind {
                TroubleKind::Alarm => told!("errors-remedy-alarm"),
                TroubleKind::Away => told!("errors-remedy-away"),
                TroubleKind::CatchingUp => told!("errors-remedy-catching-up"),
                TroubleKind::Certificate => told!("errors-remedy-certificate"),
                TroubleKind::Clock | TroubleKind::ClockFar => told!("errors-remedy-clock"),
                TroubleKind::Clocks => told!("errors-remedy-clocks"),
                TroubleKind::Other => told!("errors-remedy-other"),
                TroubleKind::Outdated => told!("errors-remedy-outdated"),
                TroubleKind::Outside => told!("errors-remedy-outside"),
                TroubleKind::OwnDisk => told!("errors-remedy-own-disk"),
                TroubleKind::Refused => told!("errors-remedy-refused"),
            },
        )
    }

    /// That the disk fills up, and what to do.
    pub(in crate::ui) fn little_room(self, little: &LittleRoom) -> Markup {
        let mib = |bytes: u64| bytes >> 20;
        let what = self.part(
            || little.told(),
            || told!("errors-little-room", free = mib(little.free), wanted = mib(little.wanted)),
        );
        let way_out = self.part(|| little.way_out().to_owned(), || told!("errors-little-room-way"));
        html! { strong { (what) } " " (way_out) }
    }

    /// What was begun and not carried out, and the way out.
    pub(in crate::ui) fn unfinished(self, begun: &Unfinished) -> [Markup; 2] {
        let device = || begun.device.to_string();
        let what = self.part(
            || begun.told(),
            || match (begun.is_removal, begun.is_own) {
                (true, true) => told!("errors-unfinished-own"),
                (true, false) => told!("errors-unfinished-removal", device = device()),
                (false, _) => told!("errors-unfinished-admission", device = device()),
            },
        );
        let way_out = self.part(
            || begun.way_out().to_owned(),
            || match (begun.is_removal, begun.is_own) {
                (true, true) => told!("errors-unfinished-own-way"),
                (true, false) => told!("errors-unfinished-removal-way"),
                (false, _) => told!("errors-unfinished-admission-way"),
            },
        );
        [what, way_out]
    }

    /// What had no effect, why, and the way out.
    pub(in crate::ui) fn without_effect(self, line: &WithoutEffect) -> Markup {
        let what = self.part(
            || line.told(),
            || {
                let (what, why) = (self.act(line), self.refusal(line.refusal));
                if line.is_own {
                    told!("errors-void-own", what = what, why = why)
                } else {
                    let device = apart(line.device());
                    match &line.person {
                        Some(person) => {
                            told!(
                                "errors-void-other",
                                person = apart(label(person)),
                                device = device,
                                what = what,
                                why = why
                            )
                        }
                        None => told!("errors-void-nobodys", device = device, what = what, why = why),
                    }
                }
            },
        );
        let way_out = self.part(|| line.way_out().to_owned(), || void_way(line));
        html! { strong { (what) } " " (way_out) }
    }

    /// Why an act has no effect, in a part of a sentence.
    pub(super) fn refusal(self, why: cases::Refusal) -> Markup {
        self.part(|| why.sentence().to_owned(), || refusal(why))
    }

    /// What was written, whose case it was about, and how often.
    fn act(self, line: &WithoutEffect) -> Markup {
        let case = match (&line.call_sign, line.refusal) {
            (Some(name), _) => Some(told!("errors-void-for", name = operators_name(name))),
            (None, cases::Refusal::Case) => Some(told!("errors-void-erased")),
            (None, _) => None,
        };
        let noun = act_named(&line.noun).map(|told| self.fill(told).markup());
        html! {
            (noun.unwrap_or_else(|| detail(&line.noun)))
            @if let Some(case) = case { ", " (self.fill(case).markup()) }
            @if line.count > 1 { ", " (self.fill(told!("errors-void-times", number = line.count)).markup()) }
        }
    }
}

fn void_way(line: &WithoutEffect) -> Told {
    use cases::Refusal;
    match (line.is_own, line.refusal) {
        (false, Refusal::Role | Refusal::Mentor) => told!("errors-void-way-roles-of-other"),
        (false, _) => told!("errors-void-way-other"),
        (true, Refusal::Case) => told!("errors-void-way-case"),
        (true, Refusal::Claimed) => told!("errors-void-way-claimed"),
        (true, Refusal::Custodian) => told!("errors-void-way-custodian"),
        (true, Refusal::Role) => told!("errors-void-way-role"),
        (true, Refusal::TooLate) => told!("errors-void-way-too-late"),
        (true, _) => told!("errors-void-way-own"),
    }
}

fn refusal(refusal: cases::Refusal) -> Told {
    use cases::Refusal;
    match refusal {
        Refusal::Author => told!("errors-refusal-author"),
        Refusal::Case => told!("errors-refusal-case"),
        Refusal::Claimed => told!("errors-refusal-claimed"),
        Refusal::Custodian => told!("errors-refusal-custodian"),
        Refusal::Date => told!("errors-refusal-date"),
        Refusal::Generation => told!("errors-refusal-generation"),
        Refusal::Mentor => told!("errors-refusal-mentor"),
        Refusal::Numbers => told!("errors-refusal-numbers"),
        Refusal::Plan => told!("errors-refusal-plan"),
        Refusal::Reader => told!("errors-refusal-reader"),
        Refusal::Role => told!("errors-refusal-role"),
        Refusal::TooLate => told!("errors-refusal-too-late"),
        Refusal::Type => told!("errors-refusal-type"),
        Refusal::Unreadable => told!("errors-refusal-unreadable"),
        Refusal::Urgent => told!("errors-refusal-urgent"),
    }
}

/// An act by what the fold calls it; none of one that is not known here.
fn act_named(noun: &str) -> Option<Told> {
    Some(match noun {
        "a call" => told!("errors-act-a-call"),
        "a case that is sent on" => told!("errors-act-a-case-that-is-sent-on"),
        "a change of somebody's roles" => told!("errors-act-a-change-of-somebodys-roles"),
        "a change of what the desk says of itself" => {
            told!("errors-act-a-change-of-what-the-desk-says-of-itself")
        }
        "a claim" => told!("errors-act-a-claim"),
        "a commit at once" => told!("errors-act-a-commit-at-once"),
        "a drop" => told!("errors-act-a-drop"),
        "a flag" => told!("errors-act-a-flag"),
        "a follow-up" => told!("errors-act-a-follow-up"),
        "a level" => told!("errors-act-a-level"),
        "a list of drops" => told!("errors-act-a-list-of-drops"),
        "a note" => told!("errors-act-a-note"),
        "a notice" => told!("errors-act-a-notice"),
        "a question for a case" => told!("errors-act-a-question-for-a-case"),
        "a saved state" => told!("errors-act-a-saved-state"),
        "a second reader's no" => told!("errors-act-a-second-readers-no"),
        "a second reader's yes" => told!("errors-act-a-second-readers-yes"),
        "a signature of lists" => told!("errors-act-a-signature-of-lists"),
        "a step of a checklist" => told!("errors-act-a-step-of-a-checklist"),
        "a tick" => told!("errors-act-a-tick"),
        "a wrapping key" => told!("errors-act-a-wrapping-key"),
        "an answer" => told!("errors-act-an-answer"),
        "an answer to the offer of a case" => told!("errors-act-an-answer-to-the-offer-of-a-case"),
        "an erasure" => told!("errors-act-an-erasure"),
        "an offer of a case" => told!("errors-act-an-offer-of-a-case"),
        "an opening" => told!("errors-act-an-opening"),
        "lists of drops of before a restart" => told!("errors-act-lists-of-drops-of-before-a-restart"),
        "safe hours" => told!("errors-act-safe-hours"),
        "that somebody is not ready" => told!("errors-act-that-somebody-is-not-ready"),
        "that somebody is ready" => told!("errors-act-that-somebody-is-ready"),
        "that somebody took over a shift" => told!("errors-act-that-somebody-took-over-a-shift"),
        "the admission of a device" => told!("errors-act-the-admission-of-a-device"),
        "the announcement of an identity" => told!("errors-act-the-announcement-of-an-identity"),
        "the arrival of a person" => told!("errors-act-the-arrival-of-a-person"),
        "the beginning of a generation" => told!("errors-act-the-beginning-of-a-generation"),
        "the closing of a case" => told!("errors-act-the-closing-of-a-case"),
        "the end of a claim" => told!("errors-act-the-end-of-a-claim"),
        "the end of a follow-up" => told!("errors-act-the-end-of-a-follow-up"),
        "the end of a shift" => told!("errors-act-the-end-of-a-shift"),
        "the end of an offer of a case" => told!("errors-act-the-end-of-an-offer-of-a-case"),
        "the giving of a device" => told!("errors-act-the-giving-of-a-device"),
        "the leaving of a person" => told!("errors-act-the-leaving-of-a-person"),
        "the release of an answer" => told!("errors-act-the-release-of-an-answer"),
        "the removal of a device" => told!("errors-act-the-removal-of-a-device"),
        "a step of waiting" => told!("errors-act-a-step-of-waiting"),
        "the sifting of many calls" => told!("errors-act-the-sifting-of-many-calls"),
        "the undoing of a sifting" => told!("errors-act-the-undoing-of-a-sifting"),
        "the lifting of a flag" => told!("errors-act-the-lifting-of-a-flag"),
        "the reopening of a case" => told!("errors-act-the-reopening-of-a-case"),
        "the striking of a note" => told!("errors-act-the-striking-of-a-note"),
        "the taking back of an answer" => told!("errors-act-the-taking-back-of-an-answer"),
        "what somebody is doing" => told!("errors-act-what-somebody-is-doing"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_act_of_the_fold_has_a_name_here() {
        let mut nouns = 0;
        for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cases")).unwrap() {
            let path = entry.unwrap().path();
            let source = if path.is_file() { std::fs::read_to_string(path).unwrap() } else { String::new() };
            for (at, name) in source.match_indices("fn noun(&self) -> &'static str {") {
                let Some(noun) = source[at + name.len()..].trim_start().strip_prefix('"') else { continue };
                let noun = noun.split('"').next().unwrap();
                assert!(act_named(noun).is_some(), "{noun}");
                nouns += 1;
            }
        }
        assert!(nouns > 30, "{nouns} were found");
    }
}
