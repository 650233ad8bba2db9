//! The desk's cadence: which drop each tick carries, and how long answers and "opened" wait for theirs.

use std::collections::{HashMap, VecDeque};

use super::arrivals::{Act, DAY_S, Event, LISTED_DAYS, Life, index};

/// Seconds between two commits of a device, as in the desk's default settings.
pub const BEAT_S: u32 = 30;
/// Days before the measured ones in which the queues fill.
const WARM_UP_DAYS: u32 = 1;
/// Messages that one drop can say were opened.
const OPENED_MAX: usize = 8;

/// What a desk publishes of its posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// Seconds between two drops of the desk.
    pub period_s: u32,
    /// A power of two.
    pub shards: u32,
}

/// What came of the answers of the measured days.
#[derive(Clone, Debug, Default)]
pub struct Posted {
    /// Seconds from queued to the last part posted, sorted.
    pub answers_s: Vec<u32>,
    /// Seconds from opened to told, sorted.
    pub opened_s: Vec<u32>,
    /// Drops of the measured days, and the dummies among them.
    pub drops: u32,
    pub dummies: u32,
}

/// What waits in one shard.
#[derive(Debug, Default)]
struct Shard {
    events: VecDeque<Event>,
    answers: VecDeque<Waiting>,
    /// When messages were opened of which their sender has not been told, by caller.
    untold: HashMap<u32, VecDeque<u32>>,
    /// Callers in the order in which their messages were opened; those told meanwhile are passed over.
    to_tell: VecDeque<u32>,
}

/// An answer with parts that are not posted.
#[derive(Debug)]
struct Waiting {
    caller: u32,
    queued: u32,
    parts: u32,
}

impl Cadence {
    /// Drops of the desk in a day.
    pub fn drops_a_day(self) -> f64 {
        f64::from(DAY_S) / f64::from(self.period_s)
    }

    /// Drops of `shard` that belong to ticks from `from` to before `to`.
    pub fn drops_between(self, shard: u32, from: u32, to: u32) -> u32 {
        // Ticks before a time, and those of the shard among them.
        let before = |time: u32| (time.div_ceil(self.period_s) + self.shards - 1 - shard) / self.shards;
        before(to).saturating_sub(before(from))
    }

    /// When the drop of a tick is posted: with the first beat from the tick's begin on.
    fn posted_at(self, tick: u32) -> u32 {
        (tick * self.period_s).next_multiple_of(BEAT_S)
    }
}

impl Shard {
    /// Takes in what was opened and queued up to `now`.
    fn advance(&mut self, now: u32) {
        while let Some(event) = self.events.pop_front_if(|event| event.at <= now) {
            match event.act {
                Act::Opened => {
                    self.untold.entry(event.caller).or_default().push_back(event.at);
                    self.to_tell.push_back(event.caller);
                }
                Act::Answer { parts } => {
                    self.answers.push_back(Waiting { caller: event.caller, queued: event.at, parts });
                }
            }
        }
    }

    /// Fills the drop of one tick: the longest-waiting part with what can be told beside it, else "opened",
    /// else a dummy.
    fn post(&mut self, now: u32, posted: &mut Posted) {
        posted.drops += u32::from(measured(now));
        if let Some(answer) = self.answers.front_mut() {
            let caller = answer.caller;
            answer.parts -= 1;
            if answer.parts == 0 {
                note(&mut posted.answers_s, answer.queued, now);
                self.answers.pop_front();
            }
            self.tell(caller, now, posted);
            return;
        }
        while let Some(caller) = self.to_tell.pop_front() {
            if self.tell(caller, now, posted) > 0 {
                return;
            }
        }
        posted.dummies += u32::from(measured(now));
    }

    /// Tells a caller of as many opened messages as a drop holds; of how many.
    fn tell(&mut self, caller: u32, now: u32, posted: &mut Posted) -> usize {
        let Some(untold) = self.untold.get_mut(&caller) else { return 0 };
        let told = untold.len().min(OPENED_MAX);
        for opened in untold.drain(..told) {
            note(&mut posted.opened_s, opened, now);
        }
        told
    }

    /// What never got its drop waited at least until the end.
    fn end(self, now: u32, posted: &mut Posted) {
        for answer in self.answers {
            note(&mut posted.answers_s, answer.queued, now);
        }
        for opened in self.untold.into_values().flatten() {
            note(&mut posted.opened_s, opened, now);
        }
    }
}

impl Posted {
    /// Runs a desk's days through its cadence.
    pub fn new(life: &Life, cadence: Cadence) -> Self {
        let mut shards: Vec<Shard> = (0..cadence.shards).map(|_| Shard::default()).collect();
        let begin = (LISTED_DAYS - WARM_UP_DAYS) * DAY_S;
        for event in life.events.iter().filter(|event| event.at >= begin) {
            shards[index(life.shard(event.caller, cadence.shards))].events.push_back(*event);
        }
        let mut posted = Self::default();
        let end = life.days * DAY_S;
        for tick in begin / cadence.period_s..end / cadence.period_s {
            let shard = &mut shards[index(tick % cadence.shards)];
            let now = cadence.posted_at(tick);
            shard.advance(now);
            shard.post(now, &mut posted);
        }
        for mut shard in shards {
            shard.advance(end);
            shard.end(end, &mut posted);
        }
        posted.answers_s.sort_unstable();
        posted.opened_s.sort_unstable();
        posted
    }
}

/// Whether what happens at this time counts.
fn measured(at: u32) -> bool {
    at >= LISTED_DAYS * DAY_S
}

fn note(delays: &mut Vec<u32>, since: u32, now: u32) {
    if measured(since) {
        delays.push(now - since);
    }
}

/// The value below which so many percent of a sorted list lie; 0 of an empty one.
pub fn percentile<T: Copy + Default>(sorted: &[T], percent: usize) -> T {
    let at = sorted.len().saturating_sub(1) * percent / 100;
    sorted.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u32 = LISTED_DAYS * DAY_S;

    fn life(events: &[(u32, u32, Act)], shard_bits: &[u16]) -> Life {
        let events =
            events.iter().map(|(at, caller, act)| Event { at: START + at, caller: *caller, act: *act });
        Life {
            days: LISTED_DAYS + 1,
            events: events.collect(),
            returns: Vec::new(),
            shard_bits: shard_bits.to_vec(),
            calls: 0,
            messages: 0,
            answer_parts: 0,
        }
    }

    fn hourly(shards: u32) -> Cadence {
        Cadence { period_s: 3_600, shards }
    }

    #[test]
    fn parts_go_one_a_tick_and_what_was_queued_first_goes_first() {
        let events = [(10, 0, Act::Answer { parts: 2 }), (20, 1, Act::Answer { parts: 1 })];
        let posted = Posted::new(&life(&events, &[0, 0]), hourly(1));
        // The first ends with the second tick from its queueing, the second with the third.
        assert_eq!(posted.answers_s, [7_200 - 10, 10_800 - 20]);
        assert_eq!((posted.drops, posted.dummies), (24, 21));
    }

    #[test]
    fn opened_rides_along_with_an_answer_and_else_goes_alone_when_no_answer_waits() {
        let merged = [(10, 0, Act::Opened), (20, 0, Act::Opened), (30, 0, Act::Answer { parts: 1 })];
        let posted = Posted::new(&life(&merged, &[0]), hourly(1));
        assert_eq!((posted.opened_s.clone(), posted.dummies), (vec![3_580, 3_590], 23));
        let apart = [(10, 0, Act::Opened), (20, 1, Act::Answer { parts: 2 })];
        let posted = Posted::new(&life(&apart, &[0, 0]), hourly(1));
        assert_eq!((posted.opened_s.clone(), posted.dummies), (vec![3 * 3_600 - 10], 21));
    }

    #[test]
    fn a_drop_tells_of_eight_messages_and_the_rest_wait_for_another() {
        let mut events: Vec<_> = (1..10).map(|n| (n, 0, Act::Opened)).collect();
        events.push((10, 0, Act::Answer { parts: 1 }));
        let posted = Posted::new(&life(&events, &[0]), hourly(1));
        assert_eq!((posted.opened_s.len(), percentile(&posted.opened_s, 100)), (9, 7_200 - 9));
        assert_eq!(posted.dummies, 22);
    }

    #[test]
    fn a_shard_has_its_own_ticks_and_its_own_queue() {
        let events = [(10, 0, Act::Answer { parts: 1 }), (10, 1, Act::Answer { parts: 1 })];
        let posted = Posted::new(&life(&events, &[0, 0x8000]), hourly(2));
        // 14 days of 24 ticks: the next even tick is two hours on, the next odd one is one hour on.
        assert_eq!(posted.answers_s, [3_590, 7_190]);
    }

    #[test]
    fn what_is_never_posted_counts_as_waiting_until_the_end() {
        let events: Vec<_> = (1..31).map(|n| (n, 0, Act::Answer { parts: 1 })).collect();
        let posted = Posted::new(&life(&events, &[0]), hourly(1));
        assert_eq!(posted.answers_s.len(), 30);
        assert_eq!(posted.answers_s.iter().filter(|delay| **delay > 23 * 3_600 + 3_560).count(), 7);
    }

    #[test]
    fn a_drop_waits_for_the_beat_after_its_tick() {
        let cadence = Cadence { period_s: 100, shards: 1 };
        assert_eq!([0, 1, 2, 3].map(|tick| cadence.posted_at(tick)), [0, 120, 210, 300]);
        // Ticks shorter than a beat share one.
        let cadence = Cadence { period_s: 10, shards: 1 };
        assert_eq!([1, 2, 3, 4].map(|tick| cadence.posted_at(tick)), [30, 30, 30, 60]);
    }

    #[test]
    fn drops_of_a_shard_are_those_of_its_ticks() {
        for (period_s, shards) in [(300, 1), (225, 2), (50, 4), (7, 8)] {
            let cadence = Cadence { period_s, shards };
            for (from, to) in [(0, DAY_S), (DAY_S, 2 * DAY_S), (1_234, 99_999), (5, 5)] {
                for shard in 0..shards {
                    let ticks = (0..to).filter(|s| s % period_s == 0 && *s >= from);
                    let own = ticks.filter(|s| s / period_s % shards == shard).count();
                    let counted = index(cadence.drops_between(shard, from, to));
                    assert_eq!(counted, own, "{period_s} {shards} {shard} {from} {to}");
                }
            }
        }
    }

    #[test]
    fn percentiles_are_those_of_the_sorted_list() {
        let list: Vec<u32> = (0..=100).collect();
        assert_eq!([0, 50, 95, 100].map(|p| percentile(&list, p)), [0, 50, 95, 100]);
        assert_eq!(percentile::<u32>(&[], 50), 0);
    }
}
