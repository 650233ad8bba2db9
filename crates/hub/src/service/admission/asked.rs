//! The effort that the hub asks: more while what it asks is not enough, less when it is more than enough.

use callsign_protocol::stamp::Effort;

/// The least that is asked, if anything is: what it costs a caller nobody notices. Less counts as nothing.
pub const LEAST: Effort = Effort(8);
/// Seconds in which less would have been enough before less is asked.
const CALM_TICKS: u32 = 10;

/// The asked effort, and what was seen since the last tick.
#[derive(Debug, Default)]
pub struct AskedEffort {
    effort: Effort,
    /// The highest effort that was turned out, or had to wait for a second.
    not_enough: Option<Effort>,
    served: bool,
    calm_ticks: u32,
}

impl AskedEffort {
    /// 0, or from [`LEAST`] to [`Effort::MAX`].
    pub fn effort(&self) -> Effort {
        self.effort
    }

    /// An exchange was let in.
    pub fn was_served(&mut self) {
        self.served = true;
    }

    /// An exchange of that effort was turned out, or waited long.
    pub fn was_not_enough(&mut self, effort: Effort) {
        self.not_enough = self.not_enough.max(Some(effort));
    }

    /// A second has gone by.
    pub fn tick(&mut self) {
        let enough = match self.not_enough.take() {
            None => Effort(0),
            Some(Effort(bits)) => Effort(bits.saturating_add(1)).clamp(LEAST, Effort::MAX),
        };
        // Where nobody is served, work helps nobody.
        let served = std::mem::take(&mut self.served);
        if enough > self.effort && served {
            // One step a second: a burst of stamps that were made beforehand does not move it far.
            self.effort = Effort(self.effort.0 + 1).max(LEAST);
        } else if enough < self.effort {
            self.calm_ticks += 1;
            if self.calm_ticks < CALM_TICKS {
                return;
            }
            self.effort = if self.effort == LEAST { Effort(0) } else { Effort(self.effort.0 - 1) };
        }
        self.calm_ticks = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(asked: &mut AskedEffort, count: u32, not_enough: Option<u8>) -> u8 {
        for _ in 0..count {
            asked.was_served();
            if let Some(bits) = not_enough {
                asked.was_not_enough(Effort(0));
                asked.was_not_enough(Effort(bits));
            }
            asked.tick();
        }
        asked.effort().0
    }

    #[test]
    fn nothing_is_asked_while_nobody_is_turned_out() {
        assert_eq!(ticks(&mut AskedEffort::default(), 1000, None), 0);
    }

    #[test]
    fn it_rises_to_one_above_what_was_not_enough_and_stays_there() {
        for (flood, asked_in_the_end) in [(0, 8), (7, 8), (8, 9), (12, 13), (19, 20), (20, 20), (255, 20)] {
            let mut asked = AskedEffort::default();
            assert_eq!(ticks(&mut asked, 1, Some(flood)), 8, "{flood}");
            assert_eq!(ticks(&mut asked, 100, Some(flood)), asked_in_the_end, "{flood}");
        }
    }

    #[test]
    fn it_falls_by_one_every_ten_calm_seconds_and_from_the_least_to_nothing() {
        let mut asked = AskedEffort::default();
        ticks(&mut asked, 100, Some(9));
        assert_eq!(ticks(&mut asked, 9, None), 10);
        assert_eq!(ticks(&mut asked, 1, Some(9)), 10, "what is enough and no more is not calm");
        assert_eq!(ticks(&mut asked, 9, None), 10);
        assert_eq!([1, 10, 10].map(|count| ticks(&mut asked, count, None)), [9, 8, 0]);
    }

    #[test]
    fn it_falls_to_what_is_enough_while_a_lesser_flood_goes_on() {
        let mut asked = AskedEffort::default();
        ticks(&mut asked, 100, Some(20));
        assert_eq!(ticks(&mut asked, 10, Some(11)), 19);
        assert_eq!(ticks(&mut asked, 1000, Some(11)), 12);
    }

    #[test]
    fn a_store_that_serves_nobody_asks_nobody_to_work() {
        let mut asked = AskedEffort::default();
        for _ in 0..100 {
            asked.was_not_enough(Effort(5));
            asked.tick();
        }
        assert_eq!(asked.effort(), Effort(0));
    }
}
