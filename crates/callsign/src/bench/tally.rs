//! What became of the exchanges of a run: counts, bytes, and how long answers took.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// Longer ones count as this long, in microseconds.
const LATENCY_MAX_US: u64 = 600_000_000;

/// Counts of one connection, or of all of them together.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Exchanges that were sent, or for which no connection could be had.
    pub requests: u64,
    /// Those that the hub says it stored.
    pub stored: u64,
    /// Of those, cells with a part of a call inside.
    pub calls: u64,
    /// Answered as the protocol says, and not stored.
    pub refused: u64,
    /// Exchanges for which work was asked and done.
    pub stamped: u64,
    /// Due in the time of the run, and never sent.
    pub unsent: u64,
    /// Bytes from the hub.
    pub bytes_in: u64,
    /// Bytes to the hub.
    pub bytes_out: u64,
    /// Drops in the longest list that was seen.
    pub listed: u32,
    latencies: Histogram<u64>,
}

/// Quantiles in milliseconds; none of no answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[expect(clippy::struct_field_names, reason = "the names are those of the JSON, which says the unit")]
pub struct Quantiles {
    /// Half took no longer.
    pub p50_ms: Option<f64>,
    /// 99 of 100 took no longer.
    pub p99_ms: Option<f64>,
    /// 999 of 1,000 took no longer.
    pub p999_ms: Option<f64>,
    /// The longest.
    pub max_ms: Option<f64>,
}

impl Tally {
    /// All that was not stored, whatever the reason.
    pub fn errors(&self) -> u64 {
        self.requests - self.stored
    }

    /// Takes note of a time that an answer took, or that was waited for none.
    pub fn took(&mut self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.latencies.saturating_record(micros.max(1));
    }

    /// Adds another one's counts.
    pub fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.stored += other.stored;
        self.calls += other.calls;
        self.refused += other.refused;
        self.stamped += other.stamped;
        self.unsent += other.unsent;
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
        self.listed = self.listed.max(other.listed);
        // Both have the same bounds, and values beyond them were never recorded.
        let _ = self.latencies.add(&other.latencies);
    }

    /// Of all times taken note of.
    pub fn quantiles(&self) -> Quantiles {
        if self.latencies.is_empty() {
            return Quantiles::default();
        }
        let at = |quantile| Some(milliseconds(self.latencies.value_at_quantile(quantile)));
        Quantiles {
            p50_ms: at(0.5),
            p99_ms: at(0.99),
            p999_ms: at(0.999),
            max_ms: Some(milliseconds(self.latencies.max())),
        }
    }
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            requests: 0,
            stored: 0,
            calls: 0,
            refused: 0,
            stamped: 0,
            unsent: 0,
            bytes_in: 0,
            bytes_out: 0,
            listed: 0,
            latencies: Histogram::new_with_bounds(1, LATENCY_MAX_US, 3).expect("the bounds are in order"),
        }
    }
}

/// Times a second, to a tenth.
#[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^53")]
pub fn per_second(count: u64, time: Duration) -> f64 {
    if time.is_zero() { 0.0 } else { (count as f64 / time.as_secs_f64() * 10.0).round() / 10.0 }
}

#[expect(clippy::cast_precision_loss, reason = "ten minutes in microseconds are far below 2^53")]
fn milliseconds(micros: u64) -> f64 {
    micros as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tallies_add_up_and_quantiles_are_of_all_of_them() {
        let tally = |stored, latency| {
            let mut tally = Tally { requests: stored + 1, stored, listed: 3, ..Tally::default() };
            (0..stored).for_each(|_| tally.took(latency));
            tally
        };
        let mut sum = tally(90, Duration::from_millis(1));
        sum.add(&tally(10, Duration::from_millis(100)));
        assert_eq!((sum.requests, sum.stored, sum.errors(), sum.listed), (102, 100, 2, 3));
        let quantiles = sum.quantiles();
        let near = |value: Option<f64>, wanted: f64| (value.unwrap() / wanted - 1.0).abs() < 0.002;
        assert!(
            near(quantiles.p50_ms, 1.0) && near(quantiles.p99_ms, 100.0) && near(quantiles.max_ms, 100.0)
        );
    }

    #[test]
    fn of_no_answer_there_are_no_quantiles() {
        assert_eq!(Tally::default().quantiles(), Quantiles::default());
    }

    #[test]
    fn the_longest_wait_is_counted_and_not_lost() {
        let mut tally = Tally::default();
        tally.took(Duration::MAX);
        assert!(tally.quantiles().max_ms.unwrap() >= 600_000.0);
    }

    #[test]
    fn rates_are_to_a_tenth() {
        assert_eq!(per_second(100, Duration::from_secs(3)).to_string(), "33.3");
        assert_eq!(per_second(5, Duration::ZERO).to_string(), "0");
    }
}
