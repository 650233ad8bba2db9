//! How far from chance a count of right guesses is: exact binomial tails and Wilson's interval.

/// Right guesses among independent ones, of which chance gets half right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    /// Right guesses.
    pub right: u32,
    /// All guesses.
    pub of: u32,
}

impl Score {
    /// The share of right guesses.
    pub fn accuracy(self) -> f64 {
        f64::from(self.right) / f64::from(self.of.max(1))
    }

    /// Wilson's interval of the accuracy, 95% of it on both sides together (Wilson 1927).
    pub fn interval(self) -> (f64, f64) {
        const Z: f64 = 1.959_964;
        let (n, p) = (f64::from(self.of.max(1)), self.accuracy());
        let centre = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        (centre - half, centre + half)
    }

    /// How probable as many right guesses or more are by chance.
    pub fn by_chance(self) -> f64 {
        let n = f64::from(self.of);
        let mut log_choose = 0.0;
        let mut sum = 0.0;
        // From all right downwards: the terms grow, so that small ones are not lost.
        for wrong in 0..=self.of.saturating_sub(self.right) {
            sum += (log_choose - n * std::f64::consts::LN_2).exp();
            log_choose += ((n - f64::from(wrong)) / (f64::from(wrong) + 1.0)).ln();
        }
        sum.min(1.0)
    }
}

/// The accuracy that a distinguisher needs to be seen four times in five, where chance may pass for a leak with
/// probability `alarm`.
pub fn visible(of: u32, alarm: f64) -> f64 {
    let seen = |right: u32| Score { right, of }.by_chance() < alarm;
    let (mut low, mut high) = (of / 2, of);
    while low < high {
        let middle = low.midpoint(high);
        if seen(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    // 0.842 is the normal quantile of four fifths.
    (f64::from(high) + 0.842 * f64::from(of).sqrt() / 2.0) / f64::from(of.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_those_of_the_binomial_distribution() {
        let tail = |right, of| Score { right, of }.by_chance();
        assert!((tail(3, 4) - 5.0 / 16.0).abs() < 1e-12);
        assert!((tail(0, 4) - 1.0).abs() < 1e-12);
        assert!((tail(4, 4) - 1.0 / 16.0).abs() < 1e-12);
        // Two standard deviations of 10,000 throws.
        assert!((0.022..0.024).contains(&tail(5_100, 10_000)));
    }

    #[test]
    fn the_interval_holds_the_accuracy_and_narrows() {
        let (low, high) = Score { right: 5_200, of: 10_000 }.interval();
        assert!((0.5101..0.5104).contains(&low) && (0.5297..0.5299).contains(&high));
    }

    #[test]
    fn more_guesses_show_smaller_leaks() {
        assert!((0.51..0.52).contains(&visible(20_000, 0.001)));
        assert!(visible(500, 0.001) > 0.57);
    }
}
