//! When exchanges are due in an open loop, and the thread that says so on time.

use std::time::Duration;

use clap::ValueEnum;
use rand_core::CryptoRng;
use tokio::{sync::mpsc, time::Instant};

use crate::ambient;

/// How exchanges are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Arrivals {
    /// At equal distances
    Even,
    /// By themselves, as from many callers who know nothing of each other
    Poisson,
}

impl Arrivals {
    /// Times from the start of the run, `rate` of them a second in the mean, for `length`.
    pub fn times(
        self,
        rate: f64,
        length: Duration,
        mut rng: impl CryptoRng,
    ) -> impl Iterator<Item = Duration> {
        let mut at = 0.0;
        let next = move || {
            let gap = match self {
                Self::Even => 1.0,
                Self::Poisson => -(1.0 - unit(&mut rng)).ln(),
            };
            at += gap / rate;
            Duration::try_from_secs_f64(at).ok()
        };
        std::iter::from_fn(next).take_while(move |at| *at < length)
    }
}

/// Tells of each time when it comes. Blocks its thread, whose sleep is finer than the milliseconds of an asynchronous timer.
pub fn tell(start: Instant, times: impl Iterator<Item = Duration>, due: &mpsc::UnboundedSender<Instant>) {
    for time in times {
        let at = start + time;
        ambient::wait(at.saturating_duration_since(Instant::now()));
        if due.send(at).is_err() {
            return;
        }
    }
}

/// 53 random bits as a fraction.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
fn unit(rng: &mut impl CryptoRng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(arrivals: Arrivals, rate: f64, seconds: u64) -> Vec<Duration> {
        arrivals.times(rate, Duration::from_secs(seconds), ambient::rng()).collect()
    }

    #[test]
    fn even_arrivals_keep_their_distance() {
        let times = times(Arrivals::Even, 4.0, 1);
        assert_eq!(times, [250, 500, 750].map(Duration::from_millis));
    }

    #[test]
    fn poisson_arrivals_keep_their_rate_and_their_spread() {
        let times = times(Arrivals::Poisson, 1_000.0, 100);
        // Six standard deviations of the count on each side: sqrt(100,000) is 316.
        assert!((98_000..102_000).contains(&times.len()), "{}", times.len());
        let gaps = times.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
        let long = gaps.filter(|gap| *gap > Duration::from_millis(1)).count();
        // exp(-1) of them.
        assert!((35_000..38_500).contains(&long), "{long}");
    }

    #[test]
    fn no_rate_is_no_arrival() {
        assert!(times(Arrivals::Even, 0.0, 1).is_empty());
    }
}
