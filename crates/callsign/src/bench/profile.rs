//! What an hour of a desk's callers is in exchanges a second, from the cadence that its notice publishes (section 8.1).

use callsign_protocol::visit::Cover;
use clap::ValueEnum;
use serde::Serialize;

/// The busiest hour has this many times the visits of the mean one: 19 to 21 hours in docs/planning.md.
const BUSIEST_HOUR: f64 = 2.4;
/// Visits a day of a desk with 100 calls a day: half of the 586 that docs/planning.md counts in two days.
const STEADY_VISITS_A_DAY: f64 = 293.0;
/// Visits a day when a whole country looks.
const MOBILISATION_VISITS_A_DAY: f64 = 100_000.0;
const HOUR_S: f64 = 3_600.0;

/// Whose load it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// The busiest hour of a desk with 100 calls a day, the whole of it in --seconds
    Steady,
    /// The busiest hour of a day with 100,000 visits, --seconds of it as they are
    Mobilisation,
    /// As much junk as it can, and four honest callers beside it
    Flood,
}

/// A busy hour, as it is run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BusyHour {
    /// Visits that begin in it.
    pub visits: f64,
    /// Exchanges of each: all that the notice allows, as if nobody left before.
    pub exchanges_per_visit: u32,
    /// How many times faster than in life it is run.
    pub factor: f64,
    /// Exchanges a second, so run.
    pub rate: f64,
}

impl Profile {
    /// The busy hour of the profile, for a run of so many seconds; a flood has none.
    pub fn busy_hour(self, cover: &Cover, seconds: u32) -> Option<BusyHour> {
        let (visits_a_day, factor) = match self {
            Self::Steady => (STEADY_VISITS_A_DAY, HOUR_S / f64::from(seconds)),
            Self::Mobilisation => (MOBILISATION_VISITS_A_DAY, 1.0),
            Self::Flood => return None,
        };
        let visits = visits_a_day / 24.0 * BUSIEST_HOUR;
        let exchanges_per_visit = cover.visit_exchanges;
        let rate = visits * f64::from(exchanges_per_visit) / HOUR_S * factor;
        Some(BusyHour { visits, exchanges_per_visit, factor, rate })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The default of a desk.
    const COVER: Cover = Cover {
        gap_ms: 4_000,
        gap_max_ms: 12_000,
        gap_growth_percent: 3,
        visit_exchanges: 150,
        move_after_ms: 120_000,
    };

    fn near(value: f64, wanted: f64) -> bool {
        (value - wanted).abs() < wanted * 1e-9
    }

    #[test]
    fn a_steady_hour_is_4_395_exchanges_however_long_it_is_run() {
        for seconds in [10, 360, 3_600] {
            let hour = Profile::Steady.busy_hour(&COVER, seconds).unwrap();
            assert!(near(hour.visits, 29.3), "{hour:?}");
            assert!(near(hour.rate * f64::from(seconds), 4_395.0), "{hour:?}");
        }
        assert!(near(Profile::Steady.busy_hour(&COVER, 10).unwrap().factor, 360.0));
    }

    #[test]
    fn a_mobilisation_is_run_as_it_is() {
        let hour = Profile::Mobilisation.busy_hour(&COVER, 10).unwrap();
        assert!(near(hour.visits, 10_000.0) && near(hour.factor, 1.0), "{hour:?}");
        assert!(near(hour.rate, 10_000.0 * 150.0 / 3_600.0), "{hour:?}");
    }

    #[test]
    fn a_flood_has_no_hour() {
        assert_eq!(Profile::Flood.busy_hour(&COVER, 10), None);
    }
}
