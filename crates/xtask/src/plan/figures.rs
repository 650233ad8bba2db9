//! What one cadence means for one desk: visits, delays, cover and storage, taken from its simulated days.

use super::{
    arrivals::{DAY_S, Draws, LISTED_DAYS, Life, index},
    choice::ANSWERED_PERCENT,
    posting::{BEAT_S, Cadence, Posted, percentile},
    visits::{Pace, VISIT_EXCHANGES, Visit, blocks_of_walk},
};

/// How far back a walk is looked at, in days.
pub const DAYS_BACK: [u32; 3] = [2, 8, LISTED_DAYS];
/// Visits of one look back and pace that are tried.
const TRIED: u32 = 200;
/// Hours that a device is unlocked for each call; somebody is there at all hours.
pub const DEVICE_HOURS_A_CALL: f64 = 0.2;
/// Exchanges of a visit that writes, and of one that only looks; there is one of each for a call.
pub const WRITING_EXCHANGES: u32 = 40;
pub const LOOKING_EXCHANGES: u32 = 15;
/// Bytes of a drop, a log entry and a cell at the hub.
const DROP: f64 = 1_024.0;
pub const ENTRY: f64 = 8_341.0;
const CELL: f64 = 4_096.0;
/// Bytes of events that one entry holds, and about what a message, a part of an answer and a posted drop
/// take of it.
const BUNDLE: f64 = 8_150.0;
const MESSAGE_EVENT: f64 = 1_300.0;
const ANSWER_EVENT: f64 = 900.0;
const POSTED_EVENT: f64 = 300.0;

/// A desk of one size.
#[derive(Debug)]
pub struct Desk {
    pub calls_a_day: u32,
    pub life: Life,
    /// Return visits of the measured days: time, caller.
    samples: Vec<(u32, u32)>,
}

/// The median visit until so many days were read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    pub paced_bytes: f64,
    pub paced_s: f64,
    pub fast_bytes: f64,
    pub fast_s: f64,
    /// Of the paced visits that read them within their exchanges.
    pub finished_percent: u32,
}

/// All figures of one cadence.
#[derive(Clone, Debug)]
pub struct Figures {
    pub cadence: Cadence,
    pub readings: [Reading; 3],
    pub posted: Posted,
    /// Callers of the emptiest shard in 2 and in 14 days.
    pub callers: [u32; 2],
    /// Visits a shard in 2 days.
    pub visits: f64,
    /// Exchanges of a day at the hub.
    pub exchanges: f64,
    /// Whether more parts of answers are queued than there are drops.
    pub overloaded: bool,
}

impl Desk {
    pub fn new(calls_a_day: u32, measured_days: u32) -> Self {
        let life = Life::new(calls_a_day, measured_days, u64::from(calls_a_day));
        let first = LISTED_DAYS * DAY_S;
        let samples = life.returns.iter().filter(|visit| visit.at >= first);
        let samples = samples.map(|visit| (visit.at, visit.caller)).collect();
        Self { calls_a_day, life, samples }
    }

    /// Whether more parts of answers are queued than there are drops.
    pub fn overloads(&self, cadence: Cadence) -> bool {
        cadence.drops_a_day() <= self.life.a_day(self.life.answer_parts)
    }

    /// Return visits a day.
    pub fn returns_a_day(&self) -> f64 {
        let count = u32::try_from(self.samples.len()).unwrap_or(u32::MAX);
        f64::from(count) / f64::from(self.life.days - LISTED_DAYS)
    }

    /// Hours that the desk's devices are unlocked in a day, all together.
    pub fn device_hours(&self) -> f64 {
        (f64::from(self.calls_a_day) * DEVICE_HOURS_A_CALL).max(24.0)
    }

    /// Bytes of the desk's log in a day.
    pub fn log_bytes(&self) -> f64 {
        self.device_hours() * 3_600.0 / f64::from(BEAT_S) * ENTRY
    }

    /// Share of the log's room that events take, in percent.
    pub fn log_used_percent(&self, cadence: Cadence) -> f64 {
        let messages = self.life.a_day(self.life.messages) * MESSAGE_EVENT;
        let answers = self.life.a_day(self.life.answer_parts) * ANSWER_EVENT;
        let posted = cadence.drops_a_day() * POSTED_EVENT;
        (messages + answers + posted) / (self.log_bytes() / ENTRY * BUNDLE) * 100.0
    }

    /// The median visit until the last `days` were read, over return visits at the hours at which callers return.
    pub fn reading(&self, cadence: Cadence, days: u32) -> Reading {
        let mut draws = Draws::new(u64::from(days));
        let (mut paced, mut fast, mut finished) = (Vec::new(), Vec::new(), 0);
        for (at, caller) in self.samples.iter().cycle().take(index(TRIED)) {
            let shard = self.life.shard(*caller, cadence.shards);
            let blocks = blocks_of_walk(cadence, shard, *at, days);
            fast.push(Visit::new(blocks, cadence.shards, Pace::Fast, &mut draws));
            let visit = Visit::new(blocks, cadence.shards, Pace::Paced, &mut draws);
            finished += u32::from(visit.finished);
            paced.push(visit);
        }
        Reading {
            paced_bytes: median(&paced, Visit::bytes),
            paced_s: median(&paced, |visit| visit.seconds),
            fast_bytes: median(&fast, Visit::bytes),
            fast_s: median(&fast, |visit| visit.seconds),
            finished_percent: finished * 100 / TRIED,
        }
    }

    /// Everything of one cadence.
    pub fn figures(&self, cadence: Cadence) -> Figures {
        let readings = DAYS_BACK.map(|days| self.reading(cadence, days));
        let callers = [2, LISTED_DAYS].map(|days| self.life.callers_in_emptiest(cadence.shards, days));
        let calls = self.life.a_day(self.life.calls);
        let visits = 2.0 * (2.0 * calls + self.returns_a_day()) / f64::from(cadence.shards);
        let exchanges = calls * f64::from(WRITING_EXCHANGES + LOOKING_EXCHANGES)
            + self.returns_a_day() * self.walk(cadence);
        let overloaded = self.overloads(cadence);
        let posted = Posted::new(&self.life, cadence);
        Figures { cadence, readings, posted, callers, visits, exchanges, overloaded }
    }

    /// Exchanges of a return visit in the mean.
    fn walk(&self, cadence: Cadence) -> f64 {
        let some = self.samples.iter().take(index(TRIED));
        let walks = some.map(|(at, caller)| {
            let shard = self.life.shard(*caller, cadence.shards);
            blocks_of_walk(cadence, shard, *at, LISTED_DAYS).min(VISIT_EXCHANGES)
        });
        let count = u32::try_from(self.samples.len()).unwrap_or(u32::MAX).clamp(1, TRIED);
        f64::from(walks.sum::<u32>()) / f64::from(count)
    }
}

impl Figures {
    /// Seconds: median and 95th percentile of answers, 95th of "opened".
    pub fn delays_s(&self) -> [u32; 3] {
        let (answers, opened) = (&self.posted.answers_s, &self.posted.opened_s);
        [percentile(answers, 50), percentile(answers, ANSWERED_PERCENT), percentile(opened, 95)]
    }

    /// Share of dummies, in percent.
    pub fn dummies_percent(&self) -> f64 {
        f64::from(self.posted.dummies) / f64::from(self.posted.drops.max(1)) * 100.0
    }

    /// Bytes that a day adds at the hub: drops, and cells before they are forgotten.
    pub fn hub_bytes(&self) -> [f64; 2] {
        [self.cadence.drops_a_day() * DROP, self.exchanges * CELL]
    }
}

fn median(visits: &[Visit], of: impl Fn(&Visit) -> f64) -> f64 {
    let mut values: Vec<f64> = visits.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    percentile(&values, 50)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_look_back_costs_more_and_fast_costs_less_than_paced() {
        let desk = Desk::new(20, 10);
        let cadence = Cadence { period_s: 900, shards: 1 };
        let [two, week, all] = DAYS_BACK.map(|days| desk.reading(cadence, days));
        assert!(two.fast_bytes < week.fast_bytes && week.fast_bytes < all.fast_bytes);
        assert!(all.fast_bytes < all.paced_bytes && all.fast_s < all.paced_s);
        assert_eq!(all.finished_percent, 100);
        let dense = desk.reading(Cadence { period_s: 30, shards: 1 }, 14);
        assert_eq!(dense.finished_percent, 0);
    }

    #[test]
    fn a_desk_is_attended_at_all_hours_and_by_more_devices_when_it_is_large() {
        assert!((Desk::new(10, 1).device_hours() - 24.0).abs() < 1e-9);
        let large = Desk::new(1_000, 1);
        assert!((large.device_hours() - 200.0).abs() < 1e-9);
        assert!((large.log_bytes() - 200.0 * 120.0 * 8_341.0).abs() < 1e-3);
    }
}
