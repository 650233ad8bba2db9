//! Times at which a desk at work asks the hub: fixed before the work begins that goes before a request, so that none shows what
//! that work was.

use std::{fmt, sync::Arc, time::Duration};

/// What takes longer than the time that was fixed leaves a whole number of these behind it.
pub(super) const STEP: Duration = Duration::from_millis(200);

/// Steps, at most, between an answer that refused something and the next try.
const REFUSED_STEPS_MAX: u32 = 5;

/// How long after an answer that refused something the next try leaves, behind so many that were refused: a hub that refuses for ever
/// is asked ever less often.
pub(super) fn after_refusals(refused: u32) -> Duration {
    STEP * refused.clamp(1, REFUSED_STEPS_MAX)
}

/// A clock that nobody sets, and waiting by it.
#[derive(Clone)]
pub struct Timer {
    /// The time since some moment before the program's first question.
    pub elapsed: Arc<dyn Fn() -> Duration + Send + Sync>,
    /// Returns after so long.
    pub wait: Arc<dyn Fn(Duration) + Send + Sync>,
}

impl Timer {
    /// One by which no time passes, for tests.
    pub fn standing() -> Self {
        Self { elapsed: Arc::new(|| Duration::ZERO), wait: Arc::new(|_| {}) }
    }

    pub(super) fn elapsed(&self) -> Duration {
        (self.elapsed)()
    }

    /// How long to wait for a request that was to leave at `fixed`.
    pub(super) fn until(&self, fixed: Duration) -> Duration {
        wait_for(fixed, self.elapsed())
    }

    /// Waits for it.
    pub(super) fn wait_until(&self, fixed: Duration) {
        (self.wait)(self.until(fixed));
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Timer")
    }
}

fn wait_for(fixed: Duration, now: Duration) -> Duration {
    let late = now.saturating_sub(fixed);
    if late.is_zero() {
        return fixed.saturating_sub(now);
    }
    let steps = late.as_nanos().div_ceil(STEP.as_nanos());
    STEP.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX)).saturating_sub(late)
}

/// The next of the times that lie `every` apart, from `first` on, that has not passed.
pub(super) fn next_of(first: Duration, every: Duration, now: Duration) -> Duration {
    let passed = now.saturating_sub(first).as_nanos().div_ceil(every.as_nanos().max(1));
    first + every.saturating_mul(u32::try_from(passed).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_request_leaves_when_it_was_to_or_whole_steps_later() {
        let worked = [0, 399, 400, 401, 599, 600, 1_001];
        let left = worked.map(|worked| ms(worked) + wait_for(ms(400), ms(worked)));
        assert_eq!(left, [400, 400, 400, 600, 600, 600, 1_200].map(ms));
    }

    #[test]
    fn beats_keep_their_times_however_long_one_takes() {
        let next = [5_000, 6_000, 35_000, 36_000, 100_000].map(|now| next_of(ms(5_000), ms(30_000), ms(now)));
        assert_eq!(next, [5_000, 35_000, 35_000, 65_000, 125_000].map(ms));
    }
}
