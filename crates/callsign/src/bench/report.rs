//! What `callsign bench load` has to say: for programs in JSON, for people in sentences.

use std::time::Duration;

use serde::Serialize;

use super::{
    profile::BusyHour,
    tally::{Quantiles, Tally, per_second},
};

/// What is printed. The first six are stable; more may follow.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Stored ones.
    exchanges_per_s: f64,
    p50_ms: Option<f64>,
    p99_ms: Option<f64>,
    /// All that were due and not stored, whatever the reason.
    errors: u64,
    bytes_in: u64,
    bytes_out: u64,
    p999_ms: Option<f64>,
    max_ms: Option<f64>,
    requests: u64,
    stored: u64,
    /// Of those, cells with a part of a call inside.
    calls: u64,
    /// Of the errors, those that the hub said in good form.
    refused: u64,
    /// Of the errors, those that were never sent.
    unsent: u64,
    /// Exchanges for which work was asked and done.
    stamped: u64,
    /// Drops in the longest list that was seen.
    listed: u32,
    connections: u32,
    /// From the first exchange to the last answer.
    seconds: f64,
    #[serde(flatten)]
    asked_for: AskedFor,
    #[serde(skip_serializing_if = "Option::is_none")]
    honest: Option<Honest>,
}

/// The part of a report that was known before.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct AskedFor {
    /// Exchanges a second that were due, in an open loop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Whose hour it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub busy_hour: Option<BusyHour>,
}

/// The honest callers beside a flood.
#[derive(Debug, Serialize)]
struct Honest {
    /// Calls that the hub stored.
    stored: u64,
    /// Calls that were given up.
    given_up: u64,
    /// Until stored.
    #[serde(flatten)]
    until_stored: Quantiles,
}

impl Report {
    /// Of a run over so many connections that took so long.
    pub fn new(tally: &Tally, connections: u32, time: Duration, asked_for: AskedFor) -> Self {
        let Quantiles { p50_ms, p99_ms, p999_ms, max_ms } = tally.quantiles();
        Self {
            exchanges_per_s: per_second(tally.stored, time),
            p50_ms,
            p99_ms,
            errors: tally.errors() + tally.unsent,
            bytes_in: tally.bytes_in,
            bytes_out: tally.bytes_out,
            p999_ms,
            max_ms,
            requests: tally.requests,
            stored: tally.stored,
            calls: tally.calls,
            refused: tally.refused,
            unsent: tally.unsent,
            stamped: tally.stamped,
            listed: tally.listed,
            connections,
            seconds: time.as_secs_f64(),
            asked_for,
            honest: None,
        }
    }

    /// With the honest callers that were beside it, whose times are those until the hub had stored their cell.
    #[must_use]
    pub fn beside(self, honest: &Tally) -> Self {
        let until_stored = honest.quantiles();
        Self { honest: Some(Honest { stored: honest.stored, given_up: honest.unsent, until_stored }), ..self }
    }

    /// For the eye.
    pub fn describe(&self) -> String {
        let mut lines = Vec::new();
        if let Some(hour) = self.asked_for.busy_hour {
            lines.push(format!(
            "{:.0} visits of {} exchanges in the busiest hour, run {:.0} times as fast: {:.1} exchanges/s are due",
            hour.visits, hour.exchanges_per_visit, hour.factor, hour.rate
        ));
        }
        lines.push(format!("{} exchanges/s stored", self.exchanges_per_s));
        lines.push(format!(
            "p50 {}, p99 {}, p99.9 {}, longest {}",
            shown(self.p50_ms),
            shown(self.p99_ms),
            shown(self.p999_ms),
            shown(self.max_ms)
        ));
        lines.push(format!(
            "{} sent, {} stored, {} errors, of which {} refused by the hub and {} never sent",
            self.requests, self.stored, self.errors, self.refused, self.unsent
        ));
        if let Some(honest) = &self.honest {
            lines.push(format!(
                "honest callers: {} calls stored, {} given up; until stored p50 {}, p99 {}, longest {}",
                honest.stored,
                honest.given_up,
                shown(honest.until_stored.p50_ms),
                shown(honest.until_stored.p99_ms),
                shown(honest.until_stored.max_ms)
            ));
        }
        lines.join("\n")
    }
}

fn shown(time: Option<f64>) -> String {
    time.map_or("-".to_owned(), |time| format!("{time:.2} ms"))
}
