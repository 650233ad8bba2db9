//! A clock that may be wrong.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use callsign_protocol::time::{Clock, Day, UnixSeconds};

use crate::TestClock;

/// The true time, and so many seconds more or less.
#[derive(Clone, Debug)]
pub(super) struct Skewed {
    truth: TestClock,
    ahead_s: Arc<AtomicI64>,
}

impl Skewed {
    pub(super) fn right(truth: &TestClock) -> Self {
        Self { truth: truth.clone(), ahead_s: Arc::default() }
    }

    /// From now on it shows so much more than the true time.
    pub(super) fn set(&self, minutes: i32) {
        self.ahead_s.store(i64::from(minutes) * 60, Ordering::SeqCst);
    }

    pub(super) fn now(&self) -> UnixSeconds {
        UnixSeconds(self.truth.now().0.saturating_add_signed(self.ahead_s.load(Ordering::SeqCst)))
    }

    pub(super) fn today(&self) -> Day {
        self.now().day()
    }

    /// As an argument for the parts of the system.
    pub(super) fn clock(&self) -> Clock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}
