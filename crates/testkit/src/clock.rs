//! A clock that moves only when a test says so.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use callsign_protocol::time::{Clock, UnixSeconds};

/// Shared by all parts of a system under test; counts milliseconds, shows seconds.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicU64>);

impl TestClock {
    /// Stands at `start`.
    pub fn new(start: UnixSeconds) -> Self {
        Self(Arc::new(AtomicU64::new(start.0 * 1_000)))
    }

    /// The time that it shows.
    pub fn now(&self) -> UnixSeconds {
        UnixSeconds(self.now_ms() / 1_000)
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub fn now_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Moves it.
    pub fn advance(&self, seconds: u64) {
        self.advance_ms(seconds * 1_000);
    }

    /// Moves it by milliseconds.
    pub fn advance_ms(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// Moves it by whole days.
    pub fn advance_days(&self, days: u64) {
        self.advance(days * 86_400);
    }

    /// As an argument for the parts of the system.
    pub fn clock(&self) -> Clock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}
