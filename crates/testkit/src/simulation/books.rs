//! What must be so: what each caller was told, and what people at the desk did.

use std::collections::BTreeSet;

use callsign_desk::cases::{Case, Item};
use callsign_protocol::{encoding::Bytes, time::Day};

/// Days, its own included, for which the hub keeps a cell and the desk its key.
const CELL_DAYS: u32 = 4;

#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) calls: Vec<Call>,
    pub(super) answers: Vec<Answer>,
    /// What a device has queued and what may be lost with its cache.
    unsure: Vec<(usize, Act)>,
    /// How many of those there were before what is done now.
    before: usize,
}

/// A message of a caller.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) caller: usize,
    pub(super) id: Bytes<16>,
    pub(super) parts: Vec<Part>,
    /// The earliest day of those whose end destroys cells or keys.
    of: Day,
    pub(super) taken: Taken,
    pub(super) opened: Sure,
    pub(super) erased: Sure,
}

#[derive(Debug)]
pub(super) struct Part {
    pub(super) text: String,
    /// The caller was told that it is stored.
    pub(super) is_told: bool,
    /// It was seen in the log.
    pub(super) is_logged: bool,
}

/// Whether a call that is not in the log should be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// Nobody has looked yet.
    NotYet,
    /// A device took all that there was and wrote to the log since.
    HadChance,
    /// Some clock has reached the day on which it goes.
    Expired,
}

/// Whether something was done that takes a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sure {
    No,
    Maybe,
    Yes,
}

/// A person of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// They have every role.
    First,
    /// An operator.
    Second,
}

/// Who works at a place.
pub(super) fn who(place: usize) -> Who {
    if place == 1 { Who::Second } else { Who::First }
}

/// What is noted of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// Its author was told that it is held.
    Held,
    /// Somebody tried to let it go.
    MayLeave,
    /// Somebody tried to take it back.
    MayBeTakenBack,
    /// A device in step with the log has shown it as taken back.
    TakenBack,
}

/// An answer of the desk.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) by: Who,
    /// The answers before it that its author was shown.
    pub(super) seen: Vec<usize>,
    /// What was noted of it since.
    pub(super) notes: BTreeSet<Fate>,
    pub(super) caller: usize,
    pub(super) text: String,
    /// It is in the log, behind a call that was not erased since.
    pub(super) is_sure: bool,
    pub(super) may_be_erased: bool,
}

#[derive(Clone, Debug)]
enum Act {
    Answered(usize),
    Erased(usize, Vec<usize>),
    Opened(Vec<usize>),
}

impl Books {
    /// A message that is about to be sent or carried; its number.
    pub(super) fn wrote(&mut self, caller: usize, id: Bytes<16>, parts: Vec<String>, of: Day) -> usize {
        let parts = parts.into_iter().map(|text| Part { text, is_told: false, is_logged: false }).collect();
        let erased = if self.is_being_erased(caller) { Sure::Maybe } else { Sure::No };
        let (taken, opened) = (Taken::NotYet, Sure::No);
        self.calls.push(Call { caller, id, parts, of, taken, opened, erased });
        self.calls.len() - 1
    }

    /// The hub has said "stored" of the first parts of a message.
    pub(super) fn told(&mut self, call: usize, parts: usize, of: Day) {
        let being_erased = self.is_being_erased(self.calls[call].caller);
        let call = &mut self.calls[call];
        // What is sent again behind an erasure may come again.
        call.erased = call.erased.min(Sure::Maybe);
        if being_erased {
            call.erased = Sure::Maybe;
        }
        for part in call.parts[..parts].iter_mut().filter(|part| !part.is_told) {
            part.is_told = true;
            call.taken = Taken::NotYet;
        }
        call.of = call.of.min(of);
    }

    /// Some clock has reached a day: what nobody took may be gone.
    pub(super) fn day_has_come(&mut self, day: Day) {
        for call in self.calls.iter_mut().filter(|call| !call.is_logged() && call.of.plus(CELL_DAYS) <= day) {
            if call.taken == Taken::NotYet {
                call.taken = Taken::Expired;
            }
        }
    }

    /// A device has taken all that there was, and written to the log behind it.
    pub(super) fn all_had_a_chance(&mut self) {
        for call in self.calls.iter_mut().filter(|call| call.taken == Taken::NotYet) {
            call.taken = Taken::HadChance;
        }
    }

    pub(super) fn answered(&mut self, (device, by): (usize, Who), caller: usize, text: String, case: &Case) {
        let opened = self.numbers(&case.unopened());
        // An erasure of which this device has not heard takes the answer with it.
        let overlaps =
            case.calls().any(|call| self.number(&call.id).is_some_and(|n| self.calls[n].erased > Sure::No));
        let may_be_erased = overlaps || self.is_being_erased(caller);
        let shown = |answer: &Answer| {
            case.items.iter().any(|item| match item {
                Item::Answer(shown) => !shown.text().is_empty() && answer.text.starts_with(&shown.text()),
                Item::Call(_) => false,
            })
        };
        let seen = (0..self.answers.len()).filter(|at| shown(&self.answers[*at])).collect();
        let notes = BTreeSet::new();
        self.answers.push(Answer { by, seen, notes, caller, text, is_sure: false, may_be_erased });
        self.unsure.push((device, Act::Answered(self.answers.len() - 1)));
        self.opened(device, opened);
    }

    /// The author of an answer was told that it is held.
    pub(super) fn was_held(&mut self, text: &str) {
        let is_it = |answer: &&mut Answer| answer.text == text;
        for answer in self.answers.iter_mut().filter(is_it) {
            answer.notes.insert(Fate::Held);
        }
    }

    /// Somebody tries to do this to an answer to a caller.
    pub(super) fn somebody_tries(&mut self, caller: usize, what: Fate) {
        let is_it = |answer: &&mut Answer| answer.caller == caller;
        for answer in self.answers.iter_mut().filter(is_it) {
            answer.notes.insert(what);
        }
    }

    pub(super) fn opened_case(&mut self, device: usize, unopened: &[Bytes<16>]) {
        let opened = self.numbers(unopened);
        self.opened(device, opened);
    }

    pub(super) fn erased(&mut self, device: usize, caller: usize, case: &Case) {
        // Of one that was not whole, other parts may come later.
        let whole = case.calls().filter(|call| call.is_complete());
        let seen = whole.filter_map(|call| self.number(&call.id)).collect();
        self.may_be_erased(caller);
        self.unsure.push((device, Act::Erased(caller, seen)));
    }

    /// All that a device had queued is in the log.
    pub(super) fn all_sure(&mut self, device: usize) {
        for (_, act) in self.unsure.extract_if(.., |(of, _)| *of == device).collect::<Vec<_>>() {
            match act {
                Act::Answered(answer) => self.answers[answer].is_sure = true,
                Act::Erased(caller, seen) => {
                    self.may_be_erased(caller);
                    for call in seen {
                        self.calls[call].erased = Sure::Yes;
                    }
                }
                Act::Opened(calls) => calls.into_iter().for_each(|call| self.calls[call].opened = Sure::Yes),
            }
        }
    }

    /// Something is done from now on.
    pub(super) fn begin(&mut self) {
        self.before = self.unsure.len();
    }

    /// A device has said of what is done now that it could not be kept.
    pub(super) fn not_kept(&mut self, device: usize) {
        let since = self.before.min(self.unsure.len());
        for (_, act) in self.unsure.extract_if(since.., |(of, _)| *of == device).collect::<Vec<_>>() {
            if let Act::Erased(caller, _) = act {
                self.may_be_erased(caller);
            }
        }
    }

    /// What a device had queued may be lost, or may have gone out.
    pub(super) fn never_sure(&mut self, device: usize) {
        let is_waiting = |call: &&mut Call| !call.is_logged() && call.taken == Taken::HadChance;
        self.calls.iter_mut().filter(is_waiting).for_each(|call| call.taken = Taken::NotYet);
        for (_, act) in self.unsure.extract_if(.., |(of, _)| *of == device).collect::<Vec<_>>() {
            if let Act::Erased(caller, _) = act {
                self.may_be_erased(caller);
            }
        }
    }

    pub(super) fn wrote_answer(&self, caller: usize, text: &str) -> bool {
        self.answers.iter().any(|answer| answer.caller == caller && answer.text == text)
    }

    /// Messages of which it is in the log that a person opened them, and whose case was not erased.
    pub(super) fn surely_opened(&self, caller: usize) -> impl Iterator<Item = &Bytes<16>> {
        let is_sure = |call: &&Call| call.opened == Sure::Yes && call.erased == Sure::No;
        self.calls.iter().filter(move |call| call.caller == caller).filter(is_sure).map(|call| &call.id)
    }

    /// Whether some call was lost by rule: then cells that do not open are no fault.
    pub(super) fn has_expired(&self) -> bool {
        self.calls.iter().any(|call| call.taken == Taken::Expired)
    }

    pub(super) fn number(&self, id: &Bytes<16>) -> Option<usize> {
        self.calls.iter().position(|call| call.id == *id)
    }

    fn opened(&mut self, device: usize, calls: Vec<usize>) {
        for call in &calls {
            self.calls[*call].opened = self.calls[*call].opened.max(Sure::Maybe);
        }
        self.unsure.push((device, Act::Opened(calls)));
    }

    fn may_be_erased(&mut self, caller: usize) {
        for call in self.calls.iter_mut().filter(|call| call.caller == caller) {
            call.erased = call.erased.max(Sure::Maybe);
        }
        for answer in self.answers.iter_mut().filter(|answer| answer.caller == caller) {
            answer.may_be_erased = true;
        }
    }

    fn is_being_erased(&self, caller: usize) -> bool {
        self.unsure.iter().any(|(_, act)| matches!(act, Act::Erased(of, _) if *of == caller))
    }

    fn numbers(&self, ids: &[Bytes<16>]) -> Vec<usize> {
        ids.iter().filter_map(|id| self.number(id)).collect()
    }
}

impl Call {
    fn is_logged(&self) -> bool {
        self.parts.iter().all(|part| part.is_logged)
    }
}
