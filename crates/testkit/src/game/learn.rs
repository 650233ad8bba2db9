//! Distinguishers that learn: from rounds whose truth they are told, to guess at rounds that they have not seen.

use std::collections::BTreeMap;

use super::{chance::Score, rounds::Rounds};

/// What a distinguisher computes from one view; a name that starts with [`BY_HAND`] was thought of for the game.
pub type Features = BTreeMap<String, f64>;

/// Marks what was thought of for a game, as against what is merely counted.
pub const BY_HAND: &str = "hand: ";

/// One of `TRAINING_SHARE` rounds is for learning.
const TRAINING_SHARE: usize = 3;

/// Ranges of a feature's values at most, and rounds of the training in each at least where they are cut.
const RANGES_MAX: usize = 32;
const RANGE_ROUNDS: usize = 20;

/// How a distinguisher did on rounds that it had not learned from.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// What it looked at.
    pub by: String,
    /// How often it was right.
    pub score: Score,
}

/// A rule of one feature: a world is guessed where the value is above a threshold, or far from the mean.
struct Stump {
    column: usize,
    /// Guesses by the distance from this, where there is one.
    folded_at: Option<f64>,
    above: f64,
    guess_above: bool,
    training_right: usize,
}

/// A rule of one feature whose values tell by themselves, wherever they lie: for each value, or range of values, a world.
struct Table {
    column: usize,
    /// Where each range but the first begins.
    from: Vec<f64>,
    guesses: Vec<bool>,
    /// How unlikely it is by chance that the worlds differ so, in standard deviations.
    clearness: f64,
}

/// A rule of all features that seem to tell something: each weighed by how clearly, as if they were independent.
struct Weighed(Vec<Weight>);

struct Weight {
    column: usize,
    middle: f64,
    deviation: f64,
    /// Student's t of the two worlds' means.
    clearness: f64,
}

/// Four distinguishers learn from the first third and guess the rest: the best single feature that was thought of, the best of all
/// features, the one whose values are the clearest, and all of them together.
pub fn judge(rounds: Rounds) -> Vec<Judgement> {
    let (names, rows) = rounds.into_table();
    let (training, test) = rows.split_at(rows.len() / TRAINING_SHARE);
    let all: Vec<usize> = (0..names.len()).collect();
    let by_hand: Vec<usize> =
        all.iter().copied().filter(|column| names[*column].starts_with(BY_HAND)).collect();
    let mut judgements = Vec::new();
    for (columns, kind) in [(by_hand, "by hand"), (all, "one of all")] {
        let Some(stump) = Stump::learn(training, &columns) else { continue };
        let folded = if stump.folded_at.is_some() { ", far from usual" } else { "" };
        let by = format!("{kind} ({}{folded})", names[stump.column].trim_start_matches(BY_HAND));
        judgements.push(Judgement { by, score: score(test, |row| stump.guess(row)) });
    }
    if let Some(table) = Table::learn(training) {
        let by = format!("by values ({})", names[table.column].trim_start_matches(BY_HAND));
        judgements.push(Judgement { by, score: score(test, |row| table.guess(row)) });
    }
    let weighed = Weighed::learn(training);
    judgements
        .push(Judgement { by: "all together".to_owned(), score: score(test, |row| weighed.guess(row)) });
    judgements
}

fn score(test: &[(Vec<f64>, bool)], guess: impl Fn(&[f64]) -> bool) -> Score {
    let right = test.iter().filter(|(row, truth)| guess(row) == *truth).count();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Score { right: count(right), of: count(test.len()) }
}

impl Stump {
    fn learn(training: &[(Vec<f64>, bool)], columns: &[usize]) -> Option<Self> {
        let mut best: Option<Self> = None;
        for column in columns.iter().copied() {
            let mean = mean(training.iter().map(|(row, _)| row[column]));
            for folded_at in [None, Some(mean)] {
                let stump = Self::of_column(training, column, folded_at);
                if best.as_ref().is_none_or(|best| stump.training_right > best.training_right) {
                    best = Some(stump);
                }
            }
        }
        best
    }

    /// The threshold that tells most training rounds right.
    fn of_column(training: &[(Vec<f64>, bool)], column: usize, folded_at: Option<f64>) -> Self {
        let mut stump =
            Self { column, folded_at, above: f64::INFINITY, guess_above: true, training_right: 0 };
        let mut values: Vec<(f64, bool)> =
            training.iter().map(|(row, truth)| (stump.value(row), *truth)).collect();
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total = values.len();
        let trues = values.iter().filter(|(_, truth)| *truth).count();
        let mut trues_below = 0;
        for (below, (value, _)) in values.iter().enumerate() {
            let previous = below.checked_sub(1).map(|at| values[at].0);
            if previous != Some(*value) {
                // Right where everything from here on is guessed true, and everything before it false.
                let right = (trues - trues_below) + (below - trues_below);
                for (guess_above, right) in [(true, right), (false, total - right)] {
                    if right > stump.training_right {
                        let above = previous.map_or(f64::NEG_INFINITY, |previous| previous.midpoint(*value));
                        stump = Self { above, guess_above, training_right: right, ..stump };
                    }
                }
            }
            trues_below += usize::from(values[below].1);
        }
        stump
    }

    fn value(&self, row: &[f64]) -> f64 {
        self.folded_at.map_or(row[self.column], |centre| (row[self.column] - centre).abs())
    }

    fn guess(&self, row: &[f64]) -> bool {
        (self.value(row) > self.above) == self.guess_above
    }
}

impl Table {
    /// The feature that is the clearest; none where none has two ranges.
    fn learn(training: &[(Vec<f64>, bool)]) -> Option<Self> {
        let columns = training.first().map_or(0, |(row, _)| row.len());
        let tables = (0..columns).filter_map(|column| Self::of_column(training, column));
        tables.max_by(|a, b| a.clearness.total_cmp(&b.clearness))
    }

    fn of_column(training: &[(Vec<f64>, bool)], column: usize) -> Option<Self> {
        let mut values: Vec<f64> = training.iter().map(|(row, _)| row[column]).collect();
        values.sort_by(f64::total_cmp);
        // Every value has a range of its own where they are few; else ranges are of as many rounds each.
        let ranges = (values.len() / RANGE_ROUNDS).clamp(2, RANGES_MAX);
        let mut from: Vec<f64> = values.clone();
        from.dedup();
        if from.len() > ranges {
            let step = values.len().div_ceil(ranges);
            from = values.into_iter().step_by(step).collect();
            from.dedup();
        }
        from.remove(0);
        let mut table = Self { column, from, guesses: Vec::new(), clearness: 0.0 };
        let mut counts = vec![[0.0; 2]; table.from.len() + 1];
        for (row, truth) in training {
            counts[table.range(row)][usize::from(*truth)] += 1.0;
        }
        table.guesses = counts.iter().map(|[no, yes]| yes > no).collect();
        table.clearness = clearness(&counts)?;
        Some(table)
    }

    fn range(&self, row: &[f64]) -> usize {
        self.from.partition_point(|from| *from <= row[self.column])
    }

    fn guess(&self, row: &[f64]) -> bool {
        self.guesses[self.range(row)]
    }
}

/// Pearson's chi-squared of ranges with enough rounds, as standard deviations of a normal distribution (Wilson and Hilferty 1931).
fn clearness(counts: &[[f64; 2]]) -> Option<f64> {
    const ENOUGH: f64 = 10.0;
    let total = |world: usize| counts.iter().map(|range| range[world]).sum::<f64>();
    let share = [total(0), total(1)].map(|of| of / (total(0) + total(1)));
    let enough: Vec<_> = counts.iter().filter(|[no, yes]| no + yes >= ENOUGH).collect();
    let squares = enough.iter().flat_map(|range| {
        let all = range[0] + range[1];
        [0, 1].map(|world| (range[world] - all * share[world]).powi(2) / (all * share[world]))
    });
    let (squares, freedom) = (squares.sum::<f64>(), number_of(enough.len().checked_sub(1)?));
    let spread = 2.0 / (9.0 * freedom);
    let deviations = ((squares / freedom).cbrt() - (1.0 - spread)) / spread.sqrt();
    deviations.is_finite().then_some(deviations)
}

fn number_of(count: usize) -> f64 {
    super::features::number(count as u64)
}

impl Weighed {
    fn learn(training: &[(Vec<f64>, bool)]) -> Self {
        let columns = training.first().map_or(0, |(row, _)| row.len());
        Self((0..columns).filter_map(|column| Weight::learn(training, column)).collect())
    }

    fn guess(&self, row: &[f64]) -> bool {
        let say = |weight: &Weight| {
            let deviations = (row[weight.column] - weight.middle) / weight.deviation;
            // Whatever is far out says no more than what is clearly out.
            weight.clearness * deviations.clamp(-3.0, 3.0)
        };
        self.0.iter().map(say).sum::<f64>() > 0.0
    }
}

impl Weight {
    /// None where the worlds' means differ by no more than by chance.
    fn learn(training: &[(Vec<f64>, bool)], column: usize) -> Option<Self> {
        const CLEAR: f64 = 2.0;
        let of = |world: bool| {
            training.iter().filter(move |(_, truth)| *truth == world).map(move |(row, _)| row[column])
        };
        let (no, yes) = (mean(of(false)), mean(of(true)));
        let squares = |world, centre: f64| of(world).map(move |value| (value - centre).powi(2));
        let variance = mean(squares(false, no).chain(squares(true, yes)));
        let size = |world| of(world).map(|_| 1.0).sum::<f64>();
        // What never varies within a world tells all where it differs between them.
        let deviation = variance.sqrt().max(1e-6);
        let clearness = (yes - no) / deviation / (1.0 / size(false) + 1.0 / size(true)).sqrt();
        (clearness.abs() > CLEAR).then(|| Self { column, middle: yes.midpoint(no), deviation, clearness })
    }
}

/// 0 for no values.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chacha20::ChaCha20Rng;
    use rand_core::{Rng as _, SeedableRng as _};

    fn rounds(count: usize, value: impl Fn(bool, f64) -> f64) -> Rounds {
        let mut rng = ChaCha20Rng::seed_from_u64(8);
        let mut uniform = move || f64::from(rng.next_u32()) / f64::from(u32::MAX);
        let mut rounds = Rounds::default();
        for _ in 0..count {
            let truth = uniform() < 0.5;
            let noise = (0..50).map(|n| (format!("noise {n}"), uniform()));
            let mut features: Features = noise.collect();
            features.insert(format!("{BY_HAND}told"), value(truth, uniform()));
            rounds.push(features, truth);
        }
        rounds
    }

    #[test]
    fn noise_teaches_nothing() {
        for judgement in judge(rounds(3_000, |_, noise| noise)) {
            assert!(judgement.score.by_chance() > 0.01, "{judgement:?}");
        }
    }

    #[test]
    fn a_shift_a_spread_and_a_certainty_are_learned() {
        let shift = |truth, noise| noise + if truth { 0.3 } else { 0.0 };
        let spread = |truth, noise: f64| (noise - 0.5) * if truth { 2.0 } else { 1.0 };
        let certain = |truth, _| if truth { 1.0 } else { 0.0 };
        let by_hand = |value: fn(bool, f64) -> f64| judge(rounds(900, value))[0].score.accuracy();
        assert!(by_hand(shift) > 0.6);
        assert!(by_hand(spread) > 0.7);
        assert!((by_hand(certain) - 1.0).abs() < 1e-9);
        assert!(judge(rounds(900, shift))[3].score.accuracy() > 0.55);
    }

    #[test]
    fn values_that_tell_in_one_round_of_eight_are_learned_among_others_that_do_not() {
        // As the times between two commits are: steps in both worlds, and in a few rounds some milliseconds more.
        let told = |truth, noise: f64| match (noise, truth) {
            (..0.45, _) => 200.0,
            (0.45..0.875, _) => 60_000.0,
            (_, true) => 265.0,
            (..0.94, false) => 225.0,
            (_, false) => 290.0,
        };
        let [.., by_values, _] = &judge(rounds(3_000, told))[..] else { panic!("four judgements") };
        assert_eq!(by_values.by, "by values (told)");
        assert!(by_values.score.accuracy() > 0.54, "{by_values:?}");
    }
}
