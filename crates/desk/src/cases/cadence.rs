//! The cadence as the log tells it: ticks that were served, and commits outside of it.

use callsign_protocol::time::UnixSeconds;
use serde::{Deserialize, Serialize};

use super::{
    Cases,
    act::{Act, EventKind, Refusal, ToldAgain, Writer},
};

/// Ticks that are remembered: those of several devices, of which one may be wrong.
const TICKS_MAX: usize = 64;

/// An operator had this commit posted at once, outside the cadence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flushed {}

/// The drops of the cadence's ticks up to one were posted, in the same commit as this event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticked {
    /// The Unix second in which the last one that was served began.
    pub tick: u64,
}

impl EventKind for Flushed {
    fn noun(&self) -> &'static str {
        "a commit at once"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Device
    }

    fn told_again(&self) -> ToldAgain {
        ToldAgain::Never
    }

    fn authorize(&self, _: &Act<'_>, _: &Cases) -> Result<(), Refusal> {
        Ok(())
    }

    fn apply(&self, _: &Act<'_>, _: &mut Cases) {}
}

impl EventKind for Ticked {
    fn noun(&self) -> &'static str {
        "a tick"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Device
    }

    fn told_again(&self) -> ToldAgain {
        ToldAgain::Never
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        act.origin.bounds_day(UnixSeconds(self.tick).day(), state)
    }

    fn apply(&self, _: &Act<'_>, state: &mut Cases) {
        state.ticks.push_back(self.tick);
        let surplus = state.ticks.len().saturating_sub(TICKS_MAX);
        state.ticks.drain(..surplus);
    }
}

impl Cases {
    /// The last tick of the cadence, until `latest`, that any device has posted for: the second in which it began.
    pub fn last_tick(&self, latest: UnixSeconds) -> Option<u64> {
        self.ticks.iter().copied().filter(|tick| *tick <= latest.0).max()
    }
}
