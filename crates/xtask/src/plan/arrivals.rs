//! The life of a desk from outside: when calls come, are opened and answered, and when callers come back.

use chacha20::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};

/// Seconds of a day.
pub const DAY_S: u32 = 86_400;
/// Days of lists that are kept, and that a walk reads.
pub const LISTED_DAYS: u32 = 14;
/// Weights of the hours of a day where callers are; their mean is 1.
const HOURS: [f64; 24] = [
    0.5, 0.3, 0.2, 0.2, 0.2, 0.3, 0.4, 0.6, 0.8, 0.9, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.1, 1.4, 2.0, 2.4, 2.4,
    2.0, 1.4, 0.9,
];
/// Hours by which callers' days begin before those of UTC.
const HOURS_AHEAD: u32 = 2;
/// The largest of the weights above.
const PEAK: f64 = 2.4;
/// Part of the calls that come from callers of the last days.
pub const KNOWN_CALLERS: f64 = 0.25;
/// Seconds, in the mean, until an operator opens a call.
pub const OPENING_S: f64 = 900.0;
/// Seconds, in the mean, from there until the answer is queued.
pub const ANSWERING_S: f64 = 1_200.0;
/// Seconds, in the mean, between two messages of a call.
const NEXT_MESSAGE_S: f64 = 600.0;
/// Seconds, in the mean, until a further message is opened in a call that is being looked at.
const NEXT_OPENING_S: f64 = 300.0;
/// Days, in the mean, from an answer to a return, and from a return to the next.
pub const RETURN_DAYS: f64 = 1.5;

/// Seeded draws that are the same on every machine: nothing but sums and comparisons of doubles.
#[derive(Debug)]
pub struct Draws(ChaCha8Rng);

/// What the desk does for a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// A person opens a message; its sender is to be told.
    Opened,
    /// An answer of so many drops is queued.
    Answer { parts: u32 },
}

/// One act and its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    pub at: u32,
    pub caller: u32,
    pub act: Act,
}

/// A caller comes back to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Return {
    pub at: u32,
    pub caller: u32,
}

/// All that happens in the simulated days.
#[derive(Debug)]
pub struct Life {
    /// Simulated days; the first [`LISTED_DAYS`] of them fill lists and are not measured.
    pub days: u32,
    /// In the order of time.
    pub events: Vec<Event>,
    pub returns: Vec<Return>,
    /// Of each caller.
    pub shard_bits: Vec<u16>,
    pub calls: u32,
    pub messages: u32,
    pub answer_parts: u32,
}

impl Draws {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// From 0 to below 1.
    pub fn uniform(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / 4_294_967_296.0
    }

    /// From 0 to below `end`.
    pub fn below(&mut self, end: u32) -> u32 {
        let scaled = (u64::from(self.0.next_u32()) * u64::from(end)) >> 32;
        u32::try_from(scaled).unwrap_or(0)
    }

    /// Exponential of mean 1, by von Neumann's method: a logarithm may differ from machine to machine.
    pub fn exponential(&mut self) -> f64 {
        let mut whole = 0.0;
        loop {
            let first = self.uniform();
            let (mut last, mut run) = (first, 1);
            loop {
                let next = self.uniform();
                if next >= last {
                    break;
                }
                (last, run) = (next, run + 1);
            }
            if run % 2 == 1 {
                return whole + first;
            }
            whole += 1.0;
        }
    }

    /// Whole seconds, exponential.
    fn seconds(&mut self, mean: f64) -> u32 {
        whole(self.exponential() * mean)
    }

    /// The index of the share that is drawn; the last where the shares do not add up to 1.
    fn share(&mut self, shares: &[f64]) -> usize {
        let mut at = self.uniform();
        let found = shares.iter().position(|share| {
            at -= share;
            at < 0.0
        });
        found.unwrap_or(shares.len() - 1)
    }
}

impl Life {
    /// Draws the days of a desk of so many calls a day.
    pub fn new(calls_a_day: u32, measured_days: u32, seed: u64) -> Self {
        let mut draws = Draws::new(seed);
        let days = LISTED_DAYS + measured_days;
        let (events, returns, shard_bits) = (Vec::new(), Vec::new(), Vec::new());
        let mut life = Self { days, events, returns, shard_bits, calls: 0, messages: 0, answer_parts: 0 };
        let candidate_gap = f64::from(DAY_S) / (f64::from(calls_a_day) * PEAK);
        let mut at = 0.0;
        loop {
            at += draws.exponential() * candidate_gap;
            let second = whole(at);
            if second >= days * DAY_S {
                break;
            }
            let hour = (second / 3_600 + HOURS_AHEAD) % 24;
            if draws.uniform() * PEAK < HOURS[usize::try_from(hour).unwrap_or(0)] {
                life.call(second, calls_a_day, &mut draws);
            }
        }
        life.events.retain(|event| event.at < days * DAY_S);
        life.returns.retain(|visit| visit.at < days * DAY_S);
        life.events.sort_by_key(|event| (event.at, event.caller));
        life
    }

    /// One call with its messages, its answer and the returns of its caller.
    fn call(&mut self, at: u32, calls_a_day: u32, draws: &mut Draws) {
        let caller = self.caller(calls_a_day, draws);
        let messages = 1 + count(draws.share(&[0.75, 0.20, 0.05]));
        let parts = 1 + count(draws.share(&[0.60, 0.30, 0.10]));
        let (mut sent, mut opened) = (at, at + draws.seconds(OPENING_S));
        self.events.push(Event { at: opened, caller, act: Act::Opened });
        for _ in 1..messages {
            sent += draws.seconds(NEXT_MESSAGE_S);
            opened = opened.max(sent) + draws.seconds(NEXT_OPENING_S);
            self.events.push(Event { at: opened, caller, act: Act::Opened });
        }
        let queued = opened + draws.seconds(ANSWERING_S);
        self.events.push(Event { at: queued, caller, act: Act::Answer { parts } });
        let mut last_looked = queued;
        for _ in 0..[0, 1, 2, 4][draws.share(&[0.30, 0.50, 0.15, 0.05])] {
            let away = draws.seconds(RETURN_DAYS * f64::from(DAY_S));
            last_looked += away;
            self.returns.push(Return { at: last_looked, caller });
        }
        self.calls += 1;
        self.messages += messages;
        self.answer_parts += parts;
    }

    /// A new caller, or one of the last days.
    fn caller(&mut self, calls_a_day: u32, draws: &mut Draws) -> u32 {
        let known = count(self.shard_bits.len());
        if known > 0 && draws.uniform() < KNOWN_CALLERS {
            return known - 1 - draws.below(known.min(calls_a_day * LISTED_DAYS / 2));
        }
        let bits = draws.below(1 << 16);
        self.shard_bits.push(u16::try_from(bits).unwrap_or(0));
        known
    }

    /// Callers of the emptiest of so many shards to whom a person spoke in the `days` before the end of
    /// a day: the median of the measured days.
    pub fn callers_in_emptiest(&self, shards: u32, days: u32) -> u32 {
        let ends = LISTED_DAYS + 1..=self.days;
        // Four weeks are enough of a sample, and each day costs a pass over its events.
        let mut counts: Vec<u32> =
            ends.rev().take(28).map(|day| self.emptiest_on(day * DAY_S, shards, days)).collect();
        counts.sort_unstable();
        counts[counts.len() / 2]
    }

    fn emptiest_on(&self, end: u32, shards: u32, days: u32) -> u32 {
        let from = self.events.partition_point(|event| event.at < end - days * DAY_S);
        let to = self.events.partition_point(|event| event.at < end);
        let mut seen = vec![false; self.shard_bits.len()];
        let mut counts = vec![0; index(shards)];
        for event in &self.events[from..to] {
            let caller = index(event.caller);
            if !seen[caller] {
                seen[caller] = true;
                counts[index(self.shard(event.caller, shards))] += 1;
            }
        }
        counts.into_iter().min().unwrap_or(0)
    }

    /// The shard of a caller: the first bits of its shard bits.
    pub fn shard(&self, caller: u32, shards: u32) -> u32 {
        u32::from(self.shard_bits[index(caller)]) >> (16 - shards.ilog2())
    }

    /// A count over all simulated days as one of a single day.
    pub fn a_day(&self, count: u32) -> f64 {
        f64::from(count) / f64::from(self.days)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
fn whole(seconds: f64) -> u32 {
    seconds as u32
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// A number as an index.
pub fn index(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_means_that_they_are_named_for() {
        let mut draws = Draws::new(1);
        let rounds = 50_000;
        let exponential = (0..rounds).map(|_| draws.exponential()).collect::<Vec<_>>();
        let mean = exponential.iter().sum::<f64>() / f64::from(rounds);
        assert!((0.98..1.02).contains(&mean), "{mean}");
        let beyond_2 = exponential.iter().filter(|e| **e > 2.0).count();
        // e^-2 = 0.1353.
        assert!((6_500..7_030).contains(&beyond_2), "{beyond_2}");
        assert!((HOURS.iter().sum::<f64>() - 24.0).abs() < 1e-9);
        assert!(HOURS.iter().all(|weight| *weight <= PEAK));
    }

    #[test]
    fn a_desk_gets_about_the_calls_it_is_asked_for_and_the_same_each_time() {
        let life = Life::new(100, 60, 7);
        let calls = life.a_day(life.calls);
        assert!((95.0..105.0).contains(&calls), "{calls}");
        let messages = f64::from(life.messages) / f64::from(life.calls);
        assert!((1.25..1.35).contains(&messages), "{messages}");
        assert!(life.events.is_sorted_by_key(|event| event.at));
        assert_eq!(life.events, Life::new(100, 60, 7).events);
    }

    #[test]
    fn the_evening_has_more_calls_than_the_night() {
        let life = Life::new(1_000, 6, 3);
        let opened_in = |hour: u32| {
            let utc = (hour + 24 - HOURS_AHEAD) % 24;
            life.events.iter().filter(|e| e.act == Act::Opened && e.at / 3_600 % 24 == utc).count()
        };
        assert!(opened_in(20) > 6 * opened_in(4));
    }

    #[test]
    fn the_emptiest_shard_is_counted_in_callers_of_the_last_days() {
        let event = |at, caller| Event { at, caller, act: Act::Opened };
        let last = (LISTED_DAYS + 1) * DAY_S - 1;
        let life = Life {
            days: LISTED_DAYS + 1,
            events: vec![
                event(0, 3),
                event(last - 10, 0),
                event(last - 5, 0),
                event(last - 3, 1),
                event(last, 2),
            ],
            returns: Vec::new(),
            shard_bits: vec![0, 0x8000, 0xffff, 0x4000],
            calls: 0,
            messages: 0,
            answer_parts: 0,
        };
        assert_eq!(life.callers_in_emptiest(1, 2), 3);
        assert_eq!(life.callers_in_emptiest(2, 2), 1);
        assert_eq!(life.callers_in_emptiest(4, 2), 0);
        assert_eq!([life.shard(3, 2), life.shard(3, 4), life.shard(2, 4)], [0, 1, 3]);
    }
}
