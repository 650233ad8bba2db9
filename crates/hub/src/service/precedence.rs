//! Which device commits next. Of two that commit at once the second is refused and tries again: one that is always refused, for others are faster,
//! has the log for itself for a moment, each in its turn.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use callsign_protocol::keyring::DeviceId;
use tokio::time::Instant;

/// Refusals in a row behind which a device is given precedence.
const REFUSALS: u32 = 4;
/// How long it has the log for itself at most: time to read the log, and to commit by a slow line.
const WINDOW: Duration = Duration::from_secs(5);
/// How long a device that made nothing of that is given none: who only holds up others does so for a twelfth of the time.
const IDLE: Duration = Duration::from_mins(1);

/// The devices of a desk that were refused, and those whose turn it is.
#[derive(Debug, Default)]
pub struct Precedence(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    /// Refusals in a row of each device.
    refused: HashMap<DeviceId, u32>,
    /// The first of them has the log for itself since then.
    first: VecDeque<DeviceId>,
    since: Option<Instant>,
    /// When devices let their turn go by.
    idle: HashMap<DeviceId, Instant>,
}

impl Precedence {
    /// Whether a device may commit now; where it is another one's turn, that is a refusal like another.
    pub fn allows(&self, device: &DeviceId, now: Instant) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.pass_on(now);
        let is_allowed = waiting.first.front().is_none_or(|first| first == device);
        if !is_allowed {
            waiting.refuse(device, now);
        }
        is_allowed
    }

    /// Another device was faster.
    pub fn refused(&self, device: &DeviceId, now: Instant) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).refuse(device, now);
    }

    /// It has committed.
    pub fn committed(&self, device: &DeviceId, now: Instant) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.refused.remove(device);
        if waiting.first.front() == Some(device) {
            waiting.next(now);
        }
    }
}

impl Waiting {
    fn refuse(&mut self, device: &DeviceId, now: Instant) {
        let count = self.refused.entry(*device).or_default();
        *count += 1;
        if *count < REFUSALS || self.first.contains(device) || self.idle.contains_key(device) {
            return;
        }
        self.first.push_back(*device);
        self.since.get_or_insert(now);
    }

    fn pass_on(&mut self, now: Instant) {
        self.idle.retain(|_, since| now.duration_since(*since) < IDLE);
        while self.since.is_some_and(|since| now.duration_since(since) >= WINDOW) {
            if let Some(device) = self.first.front().copied() {
                self.refused.remove(&device);
                self.idle.insert(device, now);
            }
            self.next(now);
        }
    }

    fn next(&mut self, now: Instant) {
        self.first.pop_front();
        self.since = (!self.first.is_empty()).then_some(now);
    }
}

#[cfg(test)]
mod tests {
    use callsign_protocol::encoding::Bytes;

    use super::*;

    const FAST: DeviceId = Bytes([1; 16]);
    const SLOW: DeviceId = Bytes([2; 16]);
    const THIRD: DeviceId = Bytes([3; 16]);

    fn refused(precedence: &Precedence, device: &DeviceId, now: Instant) {
        for _ in 0..REFUSALS {
            assert!(precedence.allows(device, now));
            precedence.refused(device, now);
        }
    }

    #[test]
    fn who_was_refused_again_and_again_commits_next() {
        let (precedence, now) = (Precedence::default(), Instant::now());
        refused(&precedence, &SLOW, now);
        assert!(!precedence.allows(&FAST, now), "it is the other's turn");
        assert!(precedence.allows(&SLOW, now));
        precedence.committed(&SLOW, now);
        assert!(precedence.allows(&FAST, now));
    }

    #[test]
    fn each_has_its_turn() {
        let (precedence, now) = (Precedence::default(), Instant::now());
        refused(&precedence, &SLOW, now);
        for device in [FAST, THIRD] {
            for _ in 0..REFUSALS {
                assert!(!precedence.allows(&device, now));
            }
        }
        precedence.committed(&SLOW, now);
        assert!(!precedence.allows(&SLOW, now) && !precedence.allows(&THIRD, now));
        assert!(precedence.allows(&FAST, now));
        precedence.committed(&FAST, now);
        assert!(precedence.allows(&THIRD, now));
    }

    #[test]
    fn who_lets_a_turn_go_by_has_none_for_a_minute() {
        let (precedence, now) = (Precedence::default(), Instant::now());
        refused(&precedence, &SLOW, now);
        let later = now + WINDOW;
        assert!(precedence.allows(&FAST, later));
        refused(&precedence, &SLOW, later);
        assert!(precedence.allows(&FAST, later));
        let much_later = later + IDLE;
        refused(&precedence, &SLOW, much_later);
        assert!(!precedence.allows(&FAST, much_later));
    }

    #[test]
    fn a_commit_ends_the_row_of_refusals() {
        let (precedence, now) = (Precedence::default(), Instant::now());
        for _ in 0..3 {
            for _ in 1..REFUSALS {
                precedence.refused(&SLOW, now);
            }
            precedence.committed(&SLOW, now);
        }
        assert!(precedence.allows(&FAST, now));
    }
}
