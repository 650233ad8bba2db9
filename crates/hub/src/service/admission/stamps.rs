//! Which stamps count: those that hold for a round of the last minutes, each once.

use std::sync::{Mutex, MutexGuard, PoisonError};

use callsign_protocol::{
    cell::Cell,
    identity::Fingerprint,
    stamp::{Challenge, Effort, Round, Stamp},
};
use chacha20::{ChaCha20Rng, rand_core::Rng as _};

use super::asked::LEAST;

/// A round lasts ten minutes, or until as many stamps were seen as it is meant for.
const ROUND_TICKS: u32 = 600;
/// Eight bits of sixteen are set for each stamp: of the stamps of a current round one in 1,700 is taken for a seen one at
/// worst. The round before takes as many again; of its last stamps it is one in 40.
const BITS_A_STAMP: usize = 16;

/// The current round and the one before.
#[derive(Debug)]
pub struct Stamps {
    rounds: Mutex<Rounds>,
    desired_max: usize,
}

#[derive(Debug)]
struct Rounds {
    current: Seen,
    former: Seen,
    ticks: u32,
    rng: ChaCha20Rng,
}

/// The challenges that were met in a round, as a Bloom filter: it forgets none, and its size is fixed.
#[derive(Debug)]
struct Seen {
    round: Round,
    count: usize,
    /// Empty until there is something to remember.
    bits: Vec<u64>,
}

impl Stamps {
    /// A round ends when `desired_max` stamps were seen, at least 4.
    pub fn new(desired_max: usize, mut rng: ChaCha20Rng) -> Self {
        let former = Seen::new(draw_round(&mut rng, &[]));
        let current = Seen::new(draw_round(&mut rng, &[former.round]));
        Self { rounds: Mutex::new(Rounds { current, former, ticks: 0, rng }), desired_max }
    }

    /// The round to which new stamps are bound.
    pub fn round(&self) -> Round {
        self.lock().current.round
    }

    /// What the stamp counts for: its effort, up to the highest; 0 where it claims what is not so, or was seen before.
    pub fn effort(&self, desk: &Fingerprint, stamp: &Stamp, cell: &Cell) -> Effort {
        // The cheapest check first; the hash of a cell is made without holding the others up.
        if stamp.effort < LEAST || self.lock().seen(stamp.round).is_none() {
            return Effort(0);
        }
        let challenge = Challenge::new(desk, stamp.round, cell);
        if challenge.is_met(stamp) && self.is_new(stamp.round, &challenge) {
            stamp.effort.capped()
        } else {
            Effort(0)
        }
    }

    /// A second has gone by.
    pub fn tick(&self) {
        let mut rounds = self.lock();
        rounds.ticks += 1;
        if rounds.ticks >= ROUND_TICKS {
            rounds.turn();
        }
    }

    fn is_new(&self, round: Round, challenge: &Challenge) -> bool {
        let mut rounds = self.lock();
        let is_new = rounds.seen(round).is_some_and(|seen| seen.remember(challenge, self.desired_max));
        if rounds.current.count >= self.desired_max {
            rounds.turn();
        }
        is_new
    }

    fn lock(&self) -> MutexGuard<'_, Rounds> {
        self.rounds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rounds {
    fn seen(&mut self, round: Round) -> Option<&mut Seen> {
        [&mut self.current, &mut self.former].into_iter().find(|seen| seen.round == round)
    }

    fn turn(&mut self) {
        let next = Seen::new(draw_round(&mut self.rng, &[self.current.round, self.former.round]));
        self.former = std::mem::replace(&mut self.current, next);
        self.ticks = 0;
    }
}

impl Seen {
    fn new(round: Round) -> Self {
        Self { round, count: 0, bits: Vec::new() }
    }

    /// False where it was seen, or where no more can be remembered.
    fn remember(&mut self, challenge: &Challenge, desired_max: usize) -> bool {
        if self.count >= 2 * desired_max {
            return false;
        }
        self.bits.resize(desired_max * BITS_A_STAMP / 64, 0);
        let mut is_new = false;
        // One hash is as good as eight. Whoever chooses cells by their hashes fills the filter twice as fast at best.
        for place in challenge.0.as_chunks().0 {
            let place = u32::from_be_bytes(*place) as usize % (self.bits.len() * 64);
            let (word, bit) = (&mut self.bits[place / 64], 1 << (place % 64));
            is_new |= *word & bit == 0;
            *word |= bit;
        }
        self.count += usize::from(is_new);
        is_new
    }
}

fn draw_round(rng: &mut ChaCha20Rng, taken: &[Round]) -> Round {
    loop {
        let mut bytes = [0; 2];
        rng.fill_bytes(&mut bytes);
        let round = Round(u16::from_be_bytes(bytes));
        if !taken.contains(&round) {
            return round;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use callsign_protocol::{
        cell::CELL_LEN,
        stamp::{Search, Toll},
    };
    use chacha20::rand_core::SeedableRng as _;

    use super::*;

    const DESK: Fingerprint = Fingerprint([7; 32]);
    const DESIRED_MAX: usize = 64;

    fn stamps() -> Stamps {
        Stamps::new(DESIRED_MAX, ChaCha20Rng::from_seed([1; 32]))
    }

    fn cell(number: usize) -> Cell {
        let mut bytes = [0; CELL_LEN];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        Cell(Box::new(bytes))
    }

    fn stamp(round: Round, effort: u8, cell: &Cell) -> Stamp {
        let toll = Toll { effort: Effort(effort), round };
        Search::new(&DESK, cell, toll, 0).advance(u32::MAX).unwrap()
    }

    fn ticks(stamps: &Stamps, count: u32) {
        for _ in 0..count {
            stamps.tick();
        }
    }

    #[test]
    fn a_stamp_counts_once_and_for_what_it_holds() {
        let stamps = stamps();
        let made = stamp(stamps.round(), 8, &cell(1));
        let count = |stamp: &Stamp, of: usize| stamps.effort(&DESK, stamp, &cell(of)).0;
        assert_eq!(count(&Stamp { effort: Effort(200), ..made }, 1), 0, "it claims more than was done");
        assert_eq!(count(&Stamp { effort: Effort(7), ..made }, 1), 0, "less than the least");
        assert_eq!(count(&Stamp::NONE, 1), 0);
        assert_eq!(count(&made, 2), 0, "it is another cell's");
        assert_eq!(count(&made, 1), 8);
        assert_eq!(count(&made, 1), 0, "it comes again");
        let again =
            Search::new(&DESK, &cell(1), Toll { effort: Effort(8), round: made.round }, made.nonce + 1);
        assert_eq!(count(&{ again }.advance(u32::MAX).unwrap(), 1), 0, "another nonce for the same cell");
    }

    #[test]
    fn no_more_than_the_highest_effort_counts() {
        let stamps = stamps();
        let (round, cell) = (stamps.round(), cell(1));
        let challenge = Challenge::new(&DESK, round, &cell);
        let claims = |nonce| Stamp { effort: Effort(21), round, nonce };
        let nonce = (0..u64::MAX).find(|nonce| challenge.is_met(&claims(*nonce))).unwrap();
        assert_eq!(stamps.effort(&DESK, &claims(nonce), &cell), Effort::MAX);
    }

    #[test]
    fn a_round_is_good_until_the_end_of_the_next() {
        let stamps = stamps();
        let first = stamps.round();
        let old = stamp(first, 8, &cell(1));
        ticks(&stamps, ROUND_TICKS - 1);
        assert_eq!(stamps.round(), first);
        ticks(&stamps, 1);
        assert_ne!(stamps.round(), first);
        ticks(&stamps, ROUND_TICKS - 1);
        assert_eq!(stamps.effort(&DESK, &old, &cell(1)), Effort(8));
        assert_eq!(stamps.effort(&DESK, &old, &cell(1)), Effort(0), "the former round remembers too");
        let late = stamp(first, 8, &cell(2));
        ticks(&stamps, 1);
        assert_eq!(stamps.effort(&DESK, &late, &cell(2)), Effort(0));
    }

    #[test]
    fn memory_is_bounded_and_a_full_round_ends_early() {
        let stamps = stamps();
        let first = stamps.round();
        let mut counted = 0;
        let mut rounds = BTreeSet::new();
        for number in 0..10 * DESIRED_MAX {
            let round = stamps.round();
            rounds.insert(round.0);
            counted += u32::from(stamps.effort(&DESK, &stamp(round, 8, &cell(number)), &cell(number)).0 > 0);
            let state = stamps.lock();
            assert!(state.current.count < DESIRED_MAX && state.former.count <= DESIRED_MAX);
            assert!(state.current.bits.len() * 64 <= DESIRED_MAX * BITS_A_STAMP);
        }
        assert!(counted > 630, "hardly one is taken for another: {counted}");
        assert!(rounds.len() >= 9 && rounds.contains(&first.0));
        // What is bound to the round before is taken too, up to as many again.
        let former = stamps.lock().former.round;
        let taken = (1000..1000 + 10 * DESIRED_MAX)
            .filter(|number| {
                let cell = cell(*number);
                stamps.effort(&DESK, &stamp(former, 8, &cell), &cell) > Effort(0)
            })
            .count();
        assert!((DESIRED_MAX / 2..=DESIRED_MAX).contains(&taken), "{taken}");
    }
}
