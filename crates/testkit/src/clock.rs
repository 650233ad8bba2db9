//! A clock that moves only when a test says so, and one that goes with the machine's.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use callsign_protocol::time::{Clock, UnixSeconds};
use tokio::time::Instant;

/// Shared by all parts of a system under test; counts milliseconds, shows seconds.
#[derive(Clone, Debug)]
pub struct TestClock {
    ms: Arc<AtomicU64>,
    /// When it began to go by itself, if it does.
    goes_since: Option<Instant>,
}

impl TestClock {
    /// Stands at `start`.
    pub fn new(start: UnixSeconds) -> Self {
        Self { ms: Arc::new(AtomicU64::new(start.0 * 1_000)), goes_since: None }
    }

    /// Goes with the machine's, for what real processes take part in.
    #[expect(clippy::disallowed_methods, reason = "processes read the machine's clock")]
    pub fn of_the_machine() -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { ms: Arc::new(AtomicU64::new(milliseconds(now))), goes_since: Some(Instant::now()) }
    }

    /// The time that it shows.
    pub fn now(&self) -> UnixSeconds {
        UnixSeconds(self.now_ms() / 1_000)
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub fn now_ms(&self) -> u64 {
        let gone = self.goes_since.map_or(0, |since| milliseconds(since.elapsed()));
        self.ms.load(Ordering::SeqCst) + gone
    }

    /// Moves it.
    pub fn advance(&self, seconds: u64) {
        self.advance_ms(seconds * 1_000);
    }

    /// Moves it by milliseconds.
    pub fn advance_ms(&self, ms: u64) {
        self.ms.fetch_add(ms, Ordering::SeqCst);
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

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
