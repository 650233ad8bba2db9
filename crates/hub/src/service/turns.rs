//! How often one device changes what the others of its desk judge theirs by. Of two that put at once the second is refused and tries again: one that
//! puts without end would leave the others no turn, and they could not remove it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use callsign_protocol::{keyring::DeviceId, time::UnixSeconds};

/// Turns of each device.
#[derive(Debug)]
pub struct Turns {
    /// So many at once.
    most: u64,
    /// So many of a device that has just come, out of those of the device that let it in: one that lets in others has no more by that.
    first: u64,
    /// Seconds after which there is one more.
    each_s: u64,
    used: Mutex<HashMap<DeviceId, Used>>,
}

/// Turns that a device has used and not regained.
#[derive(Clone, Copy, Debug)]
struct Used {
    turns: u64,
    since: UnixSeconds,
}

impl Turns {
    /// Of keyrings: more than people need in one go.
    pub fn of_keyrings() -> Self {
        Self::new(16, 4, 20)
    }

    /// Of commits: the acts of people, and the answers to a flood of calls, in one go.
    pub fn of_commits() -> Self {
        Self::new(4096, 64, 1)
    }

    fn new(most: u64, first: u64, each_s: u64) -> Self {
        Self { most, first, each_s, used: Mutex::default() }
    }

    /// A device has come to the desk. `by` let it in, where it was not the identity, and has half of its turns left at least.
    pub fn begin(&self, device: &DeviceId, by: Option<&DeviceId>, now: UnixSeconds) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let mut given = self.first;
        if let Some(by) = by {
            let theirs = used.entry(*by).or_insert(Used { turns: 0, since: now });
            theirs.regain(self.each_s, now);
            given = given.min((self.most - theirs.turns) / 2);
            theirs.turns += given;
        }
        used.insert(*device, Used { turns: self.most - given, since: now });
    }

    /// Takes a turn of a device of the desk, where it has one.
    pub fn take(&self, device: &DeviceId, now: UnixSeconds) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, used| {
            used.regain(self.each_s, now);
            used.turns > 0
        });
        let used = used.entry(*device).or_insert(Used { turns: 0, since: now });
        let has_turn = used.turns < self.most;
        used.turns += u64::from(has_turn);
        has_turn
    }

    /// Gives a turn back with which nothing was changed.
    pub fn give_back(&self, device: &DeviceId) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(used) = used.get_mut(device) {
            used.turns = used.turns.saturating_sub(1);
        }
    }
}

impl Used {
    /// A clock that was set back keeps nobody waiting for longer than from then on.
    fn regain(&mut self, each_s: u64, now: UnixSeconds) {
        if now < self.since {
            self.since = now;
        }
        let regained = now.since(self.since) / each_s;
        self.turns = self.turns.saturating_sub(regained);
        self.since = self.since.plus(regained * each_s);
    }
}

#[cfg(test)]
mod tests {
    use callsign_protocol::encoding::Bytes;

    use super::*;

    const ONE: DeviceId = Bytes([1; 16]);
    const OTHER: DeviceId = Bytes([2; 16]);
    const START: UnixSeconds = UnixSeconds(1_000_000);

    #[test]
    fn a_device_that_used_its_turns_gets_one_after_a_while_and_takes_none_of_others() {
        let turns = Turns::new(3, 1, 30);
        let after = |seconds| START.plus(seconds);
        for _ in 0..3 {
            assert!(turns.take(&ONE, START));
        }
        assert!(!turns.take(&ONE, after(29)));
        assert!(turns.take(&OTHER, after(29)));
        // What was refused cost nothing.
        assert!(turns.take(&ONE, after(30)));
        assert!(!turns.take(&ONE, after(59)));
        assert!(turns.take(&ONE, after(60)));
        // Never more than at the beginning, however long it waited.
        for _ in 0..3 {
            assert!(turns.take(&ONE, after(100_000)));
        }
        assert!(!turns.take(&ONE, after(100_000)));
    }

    #[test]
    fn a_clock_that_was_set_back_keeps_nobody_waiting_for_longer() {
        let turns = Turns::new(1, 1, 30);
        assert!(turns.take(&ONE, START.plus(1_000_000)));
        assert!(!turns.take(&ONE, START));
        assert!(turns.take(&ONE, START.plus(30)));
    }

    #[test]
    fn a_device_that_has_just_come_begins_with_few() {
        let turns = Turns::new(3, 1, 30);
        turns.begin(&ONE, None, START);
        assert!(turns.take(&ONE, START));
        assert!(!turns.take(&ONE, START.plus(29)));
        assert!(turns.take(&ONE, START.plus(30)));
    }

    #[test]
    fn a_device_that_lets_others_in_shares_its_turns_with_them() {
        let turns = Turns::new(5, 2, 30);
        let taken = |device| (0..9).filter(|_| turns.take(device, START)).count();
        turns.begin(&OTHER, Some(&ONE), START);
        assert_eq!((taken(&ONE), taken(&OTHER)), (3, 2));
        // One that has none left has none to give.
        turns.begin(&OTHER, Some(&ONE), START);
        assert_eq!(taken(&OTHER), 0);
        assert!(turns.take(&OTHER, START.plus(30)));
    }

    #[test]
    fn a_turn_with_which_nothing_was_done_is_given_back() {
        let turns = Turns::new(1, 1, 30);
        assert!(turns.take(&ONE, START));
        turns.give_back(&ONE);
        assert!(turns.take(&ONE, START));
        turns.give_back(&OTHER);
        assert!(!turns.take(&ONE, START));
    }
}
