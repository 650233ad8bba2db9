//! The pace of a visit (section 8.1): gaps between slots, and when its walk moves for the first time. The same for all.

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

/// What 53 bits stay below.
const UNIFORM_END: u64 = 1 << 53;
/// The longest mean gap.
const GAP_MAX_MS: u32 = 600_000;
/// The steepest growth of gaps.
const GAP_GROWTH_MAX_PERCENT: u32 = 25;
/// The longest visit.
const VISIT_EXCHANGES_MAX: u32 = 2_000;
/// The longest time before which no walk moves, a day.
const MOVE_AFTER_MAX_MS: u32 = 86_400_000;

/// How visits are paced; published in the notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// Mean of the first gap, milliseconds.
    pub gap_ms: u32,
    /// The mean never grows over this, milliseconds.
    pub gap_max_ms: u32,
    /// Growth of the mean from slot to slot, percent.
    pub gap_growth_percent: u32,
    /// Exchanges of one visit at most.
    pub visit_exchanges: u32,
    /// The first move comes after this and before twice this, milliseconds.
    pub move_after_ms: u32,
}

impl Cover {
    /// Milliseconds before slot `slot` (from 0), drawn: `min(Exp(1), 3) * m(slot)`. After `failures` in a row the mean
    /// is that doubled as often where this is more, and never over `gap_max_ms`.
    pub fn gap_ms(&self, slot: u32, failures: u32, rng: &mut impl CryptoRng) -> u64 {
        let growth = 1.0 + f64::from(self.gap_growth_percent) / 100.0;
        let (first, most) = (f64::from(self.gap_ms), f64::from(self.gap_max_ms));
        let grown = first * growth.powf(f64::from(slot));
        let backed_off = if failures == 0 { 0.0 } else { first * f64::from(failures.min(32)).exp2() };
        round_ms(exponential(rng).min(3.0) * grown.max(backed_off).min(most))
    }

    /// Milliseconds after which the walk moves for the first time, drawn.
    pub fn move_after_ms(&self, rng: &mut impl CryptoRng) -> u64 {
        round_ms((1.0 + below_one(rng)) * f64::from(self.move_after_ms))
    }

    /// Whether the members are in their ranges: timers can wait for the longest gap, and no mean grows beyond a double.
    pub fn keeps_limits(&self) -> bool {
        self.gap_ms <= GAP_MAX_MS
            && self.gap_max_ms <= GAP_MAX_MS
            && self.gap_growth_percent <= GAP_GROWTH_MAX_PERCENT
            && (1..=VISIT_EXCHANGES_MAX).contains(&self.visit_exchanges)
            && self.move_after_ms <= MOVE_AFTER_MAX_MS
    }
}

/// A draw from the exponential distribution of mean 1.
fn exponential(rng: &mut impl CryptoRng) -> f64 {
    // Never 1, so the logarithm is finite.
    -(1.0 - below_one(rng)).ln()
}

/// The first 53 bits of a draw of 64, as many as a double holds, from 0 to below 1.
#[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
fn below_one(rng: &mut impl CryptoRng) -> f64 {
    (rng.next_u64() >> 11) as f64 / UNIFORM_END as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the casts saturate")]
fn round_ms(ms: f64) -> u64 {
    ms.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    const COVER: Cover = Cover {
        gap_ms: 1_000,
        gap_max_ms: 2_000,
        gap_growth_percent: 10,
        visit_exchanges: 9,
        move_after_ms: 60_000,
    };

    #[test]
    fn gaps_follow_the_published_distribution() {
        let mut rng = ChaCha20Rng::seed_from_u64(5);
        let mean = |slot, rng: &mut ChaCha20Rng| {
            (0..20_000).map(|_| COVER.gap_ms(slot, 0, rng)).sum::<u64>() / 20_000
        };
        // min(Exp(1), 3) has mean 1 - e^-3 = 0.950.
        assert!((930..970).contains(&mean(0, &mut rng)));
        assert!((1_022..1_068).contains(&mean(1, &mut rng)));
        assert!((1_860..1_940).contains(&mean(500, &mut rng)));
        assert!((0..10_000).all(|_| COVER.gap_ms(0, 0, &mut rng) <= 3_000));
    }

    #[test]
    fn the_first_move_comes_between_the_published_time_and_twice_that() {
        let mut rng = ChaCha20Rng::seed_from_u64(6);
        let times: Vec<u64> = (0..10_000).map(|_| COVER.move_after_ms(&mut rng)).collect();
        assert!(times.iter().all(|time| (60_000..=120_000).contains(time)));
        assert!((89_000..91_000).contains(&(times.iter().sum::<u64>() / 10_000)));
    }
}
