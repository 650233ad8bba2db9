//! What every page of an unlocked desk shows: how many wait, who is next, how the desk is.

use callsign_protocol::{caller_keys::CallerId, time::UnixSeconds, words::Language};
use maud::{Markup, html};

use super::{Ui, lock};
use crate::{
    Desk, DueIn, Health, Trouble,
    cases::{Case, Cases, FollowUp},
};

/// The desk at one moment.
pub(in crate::ui) struct Overview {
    pub(in crate::ui) name: String,
    pub(in crate::ui) words: String,
    pub(in crate::ui) now: UnixSeconds,
    pub(in crate::ui) health: Health,
    pub(in crate::ui) troubles: Vec<Trouble>,
    /// Cases that wait for an answer.
    pub(in crate::ui) waiting: usize,
    /// Messages of all callers, for telling that there is a new one.
    pub(in crate::ui) messages: usize,
    /// Follow-ups whose day or hour has come.
    pub(in crate::ui) due: usize,
    /// The path of the case that has waited longest.
    pub(in crate::ui) next: Option<String>,
}

/// The call sign of a case, for operators and as the caller says it.
pub(in crate::ui) struct Names {
    pub(in crate::ui) english: String,
    callers: Option<(String, Language)>,
}

impl Overview {
    /// Looks at the desk; `except` is not offered as the next case.
    pub(in crate::ui) fn take(ui: &Ui, desk: &Desk, except: Option<&CallerId>) -> Self {
        let now = desk.now();
        let (waiting, messages, next, due) = desk.with_cases(|cases| {
            let is_due = |(_, one): &(&Case, &FollowUp)| DueIn::of(one, now) == DueIn::Now;
            let due = cases.due().take_while(is_due).count();
            let next = cases.waiting().map(|(.., id)| id).find(|id| Some(id) != except);
            (cases.waiting_count(), cases.message_count(), next, due)
        });
        Self {
            name: desk.name(),
            words: desk.fingerprint().words(),
            now,
            health: desk.health(),
            troubles: ui.troubles(),
            waiting,
            messages,
            due,
            next: next.map(|id| case_path(ui, &id)),
        }
    }
}

/// The path of a caller's case.
pub(in crate::ui) fn case_path(ui: &Ui, caller: &CallerId) -> String {
    ui.addresses().path(caller, &mut **lock(&ui.rng))
}

/// A case with the names that are spoken for it.
pub(in crate::ui) fn find_case(cases: &Cases, caller: &CallerId) -> Option<(Case, Names)> {
    cases.get(caller).map(|case| (case.clone(), Names::of(cases, case)))
}

impl Names {
    /// The names of a case.
    pub(in crate::ui) fn of(cases: &Cases, case: &Case) -> Self {
        Self { english: cases.name(case, Language::English), callers: cases.callers_name(case) }
    }

    /// The call sign as the caller says it; nothing where that is English.
    pub(in crate::ui) fn as_the_caller_says(&self) -> Markup {
        callers_name(self.callers.as_ref())
    }
}

/// A call sign as the caller says it; nothing where that is English.
pub(in crate::ui) fn callers_name(name: Option<&(String, Language)>) -> Markup {
    html! {
        @if let Some((name, language)) = name {
            bdi class="callers-name" lang=(language.tag()) { (name) }
        }
    }
}
