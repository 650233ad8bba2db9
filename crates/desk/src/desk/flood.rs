//! Acts on many cases at once to which nobody has turned, chosen by when they came: what a desk in a flood needs.

use std::collections::{BTreeMap, BTreeSet};

use callsign_protocol::{caller_keys::CallerId, time::UnixSeconds, words::Language};
use thiserror::Error;

use crate::{
    Desk, DeskError, FlagError,
    cases::{
        ARRIVED_MAX_S, EventBody, EventId, FLAG_DAYS_MAX, Level, SIFTED_MAX, Sifted, Sifting, Unsifted,
        Verdict,
    },
    device::DeviceState,
};

/// Cases that came in in one step of ten minutes and to which nobody has turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrivals {
    /// When the step begins.
    pub at: UnixSeconds,
    /// How many.
    pub calls: usize,
}

/// All to which nobody has turned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unopened {
    /// By when all that they wrote came in, the newest step first.
    pub steps: Vec<Arrivals>,
    /// Those who wrote in more than one step.
    pub spread: usize,
    /// Those that are on this device and not in the desk's log yet: they have their turn once they are.
    pub not_in_log: usize,
}

/// What a person says of many cases.
#[derive(Clone, Copy, Debug)]
pub struct Sift<'a> {
    /// Whose, as they were shown to the person.
    pub callers: &'a [CallerId],
    /// The step of ten minutes of the first message, and that of the last.
    pub window: (UnixSeconds, UnixSeconds),
    /// What.
    pub verdict: SiftAs,
}

/// As what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiftAs {
    /// Junk, for so many days, today counted.
    Junk {
        /// 1 to [`FLAG_DAYS_MAX`].
        days: u32,
    },
    /// As urgent as this.
    Level(Level),
}

/// An act on many cases, as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiftingLine {
    /// The act.
    pub sifting: Sifting,
    /// The pseudonym of its author.
    pub by: String,
    /// For how many cases it stands now.
    pub stands: usize,
    /// Whether it waits for the log.
    pub is_waiting: bool,
    /// Call signs of those for which it was void; those that were erased are not among them.
    pub void: Vec<String>,
}

/// Why nothing is said of many cases, or not taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FloodError {
    /// A colleague, or a new message, was faster.
    #[error(
        "{0} of these calls were opened, taken or flagged meanwhile, or have written again, so nothing was done; look at what is left, and do it once more"
    )]
    Changed(usize),
    /// None is named.
    #[error("no call is chosen; choose one at least")]
    Nothing,
    /// Too many.
    #[error("one act takes {SIFTED_MAX} calls at most; do these first, and the others in another one")]
    TooMany,
    /// Nothing stands by it.
    #[error(
        "nothing stands any more by that act: it was undone, its flags have ended or were lifted, or a person has said something else of each of its calls since; there is nothing left to undo"
    )]
    Undone,
    /// No span of arrival.
    #[error(
        "these are no two times of arrival, the first before the last and no more than a day apart; choose them again"
    )]
    Window,
}

impl Desk {
    /// Cases to which nobody has turned, by when they came.
    ///
    /// # Errors
    /// Those of [`Desk::with_cases`].
    pub fn unopened(&self) -> Result<Unopened, DeskError> {
        let in_log = self.known_untouched();
        self.with_cases(|cases| {
            let (mut steps, mut unopened) = (BTreeMap::<_, usize>::new(), Unopened::default());
            for (caller, first, last) in cases.untouched() {
                if !in_log.contains(&caller) {
                    unopened.not_in_log += 1;
                } else if first == last {
                    *steps.entry(first).or_default() += 1;
                } else {
                    unopened.spread += 1;
                }
            }
            unopened.steps = steps.into_iter().rev().map(|(at, calls)| Arrivals { at, calls }).collect();
            Ok(unopened)
        })
    }

    /// Cases to which nobody has turned and all of whose messages came in between two steps of ten minutes, the first to come first.
    ///
    /// # Errors
    /// [`FloodError::Window`]; those of [`Desk::with_cases`].
    pub fn arrived_within(&self, window: (UnixSeconds, UnixSeconds)) -> Result<Vec<CallerId>, DeskError> {
        if window.0 > window.1 || window.1.since(window.0) > ARRIVED_MAX_S {
            return Err(FloodError::Window.into());
        }
        let in_log = self.known_untouched();
        self.with_cases(|cases| {
            let is_within = |(caller, first, last): &(CallerId, UnixSeconds, UnixSeconds)| {
                window.0 <= *first && *last <= window.1 && in_log.contains(caller)
            };
            let mut arrived: Vec<_> =
                cases.untouched().filter(is_within).map(|(caller, first, _)| (first, caller)).collect();
            arrived.sort_unstable();
            Ok(arrived.into_iter().map(|(_, caller)| caller).collect())
        })
    }

    /// Sets many cases aside as junk until a day, or gives them a level, all of them or none as far as this device knows; what a colleague does
    /// to one of them before that stands in the log counts before it.
    ///
    /// # Errors
    /// [`FloodError`], [`FlagError::Days`]; [`crate::PeopleError::Role`].
    pub fn sift(&self, sift: &Sift<'_>) -> Result<EventId, DeskError> {
        let Sift { callers, window: (from, to), verdict } = *sift;
        let each: BTreeSet<_> = callers.iter().copied().collect();
        match each.len() {
            0 => return Err(FloodError::Nothing.into()),
            len if len > SIFTED_MAX => return Err(FloodError::TooMany.into()),
            _ => {}
        }
        let verdict = match verdict {
            SiftAs::Junk { days } if !(1..=FLAG_DAYS_MAX).contains(&days) => {
                return Err(FlagError::Days.into());
            }
            SiftAs::Junk { days } => Verdict::Junk(self.now().day().plus(days - 1)),
            SiftAs::Level(level) => Verdict::Level(level),
        };
        let body = EventBody::Sifted(Sifted { callers: each.iter().copied().collect(), from, to, verdict });
        self.act(|state| {
            // Who may not do it learns that, and not that something has changed.
            let event = state.event(body.clone());
            state.allows(&[event])?;
            let (log, view) = (&state.log.fold.cases, &state.log.view);
            let is_within = |first_last: Option<(UnixSeconds, UnixSeconds)>| {
                first_last.is_some_and(|(first, last)| from <= first && last <= to)
            };
            let is_left =
                |caller: &&CallerId| is_within(log.arrived(caller)) && is_within(view.arrived(caller));
            let gone = each.len() - each.iter().filter(is_left).count();
            if gone > 0 { Err(FloodError::Changed(gone).into()) } else { Ok(body) }
        })
    }

    /// Takes such an act back where it still stands: flags go, and so do levels. What a person has said of one of the cases since stays.
    ///
    /// # Errors
    /// [`FloodError::Undone`]; [`crate::PeopleError::Role`].
    pub fn unsift(&self, act: &EventId) -> Result<EventId, DeskError> {
        self.act(|state| {
            let mut callers = state.log.view.sifted().remove(act).unwrap_or_default();
            callers.truncate(SIFTED_MAX);
            if callers.is_empty() {
                return Err(FloodError::Undone.into());
            }
            Ok(EventBody::Unsifted(Unsifted { sifted: *act, callers }))
        })
    }

    /// Acts on many cases, the newest first.
    ///
    /// # Errors
    /// Those of [`Desk::with_cases`].
    pub fn siftings(&self) -> Result<Vec<SiftingLine>, DeskError> {
        let in_log: BTreeSet<_> = self.state().log.fold.cases.siftings().map(|one| one.id).collect();
        self.with_cases(|cases| {
            let sifted = cases.sifted();
            let line = |sifting: &Sifting| {
                let void = cases.void().filter(|void| void.id == sifting.id).filter_map(|void| void.caller);
                SiftingLine {
                    by: cases.person(&sifting.by).map(|person| person.name.clone()).unwrap_or_default(),
                    stands: sifted.get(&sifting.id).map_or(0, Vec::len),
                    is_waiting: !in_log.contains(&sifting.id),
                    void: void.map(|caller| cases.name(&caller, Language::English)).collect(),
                    sifting: sifting.clone(),
                }
            };
            Ok(cases.siftings().rev().map(line).collect())
        })
    }

    /// Whose cases the log has, to which nobody has turned: what it has not yet, no colleague knows, and nothing said of it would count.
    fn known_untouched(&self) -> BTreeSet<CallerId> {
        self.state().untouched_in_log()
    }
}

impl DeviceState {
    fn untouched_in_log(&self) -> BTreeSet<CallerId> {
        self.log.fold.cases.untouched().map(|(caller, ..)| caller).collect()
    }
}
