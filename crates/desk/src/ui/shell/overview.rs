//! What every page of an unlocked desk shows: how many wait, who is next, how the desk is.

use std::sync::Arc;

use callsign_protocol::{
    caller_keys::CallerId,
    time::{Day, UnixSeconds},
    words::Language,
};
use maud::{Markup, html};

use super::{Ui, lock, looks::Looks, operator::Operator, texts::Texts};
use crate::{
    Activity, Desk, DeskError, DueIn, Health, Purpose, Trouble, Turn, Who,
    cases::{Case, Cases},
};

/// The desk at one moment.
pub(in crate::ui) struct Overview {
    pub(in crate::ui) name: String,
    /// Whether people call in earnest.
    pub(in crate::ui) purpose: Purpose,
    pub(in crate::ui) words: String,
    pub(in crate::ui) now: UnixSeconds,
    pub(in crate::ui) health: Health,
    pub(in crate::ui) troubles: Vec<Trouble>,
    /// Cases that wait for an answer.
    pub(in crate::ui) waiting: usize,
    /// Messages of all callers, for telling that there is a new one.
    pub(in crate::ui) messages: u64,
    /// Follow-ups whose day or hour has come.
    pub(in crate::ui) due: usize,
    /// The path of the most urgent case that waits and that no colleague has.
    pub(in crate::ui) next: Option<String>,
    pub(in crate::ui) looks: Looks,
    /// What the page speaks.
    pub(in crate::ui) texts: Texts,
    /// Whether colleagues see what whoever looks is doing.
    pub(in crate::ui) shows_presence: bool,
    /// Whose turn it is, for whoever looks.
    pub(in crate::ui) turn: Turn,
    /// Whether this device does nothing for the desk.
    pub(in crate::ui) is_outside: bool,
    /// Whose case is looked at.
    pub(in crate::ui) caller: Option<CallerId>,
    /// The path of the case that is looked at.
    pub(in crate::ui) at: Option<String>,
    /// Who looks, and how the others are called.
    pub(in crate::ui) who: Who,
}

/// Why what is done at this device is known to nobody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum StaysHere {
    /// Its beats do not reach the hub; they will.
    ForNow,
    /// It does nothing for the desk.
    ForGood,
}

/// The call sign of a case, for operators and as the caller says it.
pub(in crate::ui) struct Names {
    pub(in crate::ui) english: String,
    callers: Option<(String, Language)>,
}

impl Overview {
    /// Looks at the desk; `except` is not offered as the next case.
    ///
    /// # Errors
    /// Those of [`Desk::with_cases`].
    pub(in crate::ui) fn take(
        ui: &Ui,
        operator: &Operator,
        except: Option<&CallerId>,
    ) -> Result<Self, DeskError> {
        let (desk, texts) = (&operator.desk, operator.texts);
        let (now, who, turn) = (desk.now(), desk.who(), desk.turn());
        let (waiting, messages, next, due) = desk.with_cases(|cases| {
            let is_due = |(at, _): &((Day, u8), CallerId)| DueIn::at(*at, now) == DueIn::Now;
            let due = cases.due_at().take_while(is_due).count();
            // What a colleague has is theirs.
            let is_free = |id: &CallerId| cases.holder_of(id).is_none_or(|holder| Some(holder) == who.me());
            let mut waiting = cases.waiting().map(|waiting| waiting.caller);
            let next = waiting.find(|id| Some(id) != except && is_free(id));
            Ok((cases.waiting_count(), cases.message_count(), next, due))
        })?;
        Ok(Self {
            name: desk.name(),
            purpose: ui.purpose,
            words: desk.fingerprint().words(),
            now,
            health: desk.health(),
            troubles: ui.troubles(),
            waiting,
            messages,
            due,
            next: next.map(|id| case_path(ui, &id)),
            is_outside: desk.outside().is_some(),
            caller: except.copied(),
            at: except.map(|id| case_path(ui, id)),
            shows_presence: desk.shows_presence()?,
            turn,
            looks: ui.looks(),
            texts,
            who,
        })
    }
}

impl Overview {
    /// Whether whoever looks takes calls.
    pub(in crate::ui) fn may_take(&self) -> bool {
        self.who.may_answer()
    }

    /// Why what is done here reaches no colleague for now; none where it leaves with a beat.
    pub(in crate::ui) fn stays_here(&self) -> Option<StaysHere> {
        if self.is_outside {
            return Some(StaysHere::ForGood);
        }
        let is_cut_off = self.health.alarm.is_some()
            || self.troubles.iter().any(|trouble| trouble.activity == Activity::Beat);
        is_cut_off.then_some(StaysHere::ForNow)
    }

    /// Whether new calls come in by themselves, as far as is known.
    pub(in crate::ui) fn takes_calls(&self) -> bool {
        self.health.alarm.is_none()
            && self.troubles.iter().all(|trouble| trouble.activity != Activity::Follow)
    }
}

/// The path of a caller's case.
pub(in crate::ui) fn case_path(ui: &Ui, caller: &CallerId) -> String {
    ui.addresses().path(caller, &mut **lock(&ui.rng))
}

/// The same where a form leads back to it: what came in meanwhile is opened by the button that says so alone.
pub(in crate::ui) fn led_back(ui: &Ui, caller: &CallerId) -> String {
    format!("{}?look=1", case_path(ui, caller))
}

/// A case with the names that are spoken for it.
///
/// # Errors
/// [`DeskError::NoSuchCall`]; those of [`Desk::with_cases`].
pub(in crate::ui) fn find_case(desk: &Desk, caller: &CallerId) -> Result<(Arc<Case>, Names), DeskError> {
    let found = desk.with_cases(|cases| {
        let named = |case: Arc<Case>| (Names::of(cases, &case), case);
        Ok(cases.get(caller)?.map(named))
    })?;
    found.map(|(names, case)| (case, names)).ok_or(DeskError::NoSuchCall)
}

impl Names {
    /// The names of a case.
    pub(in crate::ui) fn of(cases: &Cases, case: &Case) -> Self {
        Self { english: cases.name(&case.id(), Language::English), callers: cases.callers_name(case) }
    }

    /// The call sign as operators say it, in English whatever the page speaks.
    pub(in crate::ui) fn as_operators_say(&self) -> Markup {
        operators_name(&self.english)
    }

    /// The call sign as the caller says it; nothing where that is English.
    pub(in crate::ui) fn as_the_caller_says(&self) -> Markup {
        callers_name(self.callers.as_ref())
    }
}

/// A call sign as operators say it.
pub(in crate::ui) fn operators_name(name: &str) -> Markup {
    html! { bdi lang=(Language::English.tag()) { (name) } }
}

/// A call sign as the caller says it; nothing where that is English.
pub(in crate::ui) fn callers_name(name: Option<&(String, Language)>) -> Markup {
    html! {
        @if let Some((name, language)) = name {
            bdi class="callers-name" lang=(language.tag()) { (name) }
        }
    }
}
