//! The seeds of every target and some thousands of changed ones, the same each time: what `cargo xtask fuzz` searches for longer.

use std::panic::{AssertUnwindSafe, catch_unwind};

use callsign_fuzz::{Target, targets};
use chacha20::ChaCha20Rng;
use data_encoding::HEXLOWER;
use rand_core::{Rng as _, SeedableRng as _};

#[test]
fn every_target_holds_for_its_seeds_and_for_changed_ones() {
    let (targets, workers) = (targets(), 4);
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let own: Vec<Target> = targets.iter().skip(worker).step_by(workers).copied().collect();
            scope.spawn(move || own.iter().for_each(replay));
        }
    });
}

fn replay(target: &Target) {
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty(), "{} has no seeds", target.name);
    for seed in &seeds {
        hold(target, seed);
    }
    let mut draw = Draw(ChaCha20Rng::seed_from_u64(1));
    for _ in 0..target.replays {
        let mut input = draw.one_of(&seeds).clone();
        for _ in 0..=draw.below(3) {
            draw.change(&mut input, &seeds);
        }
        input.truncate(target.max_len);
        hold(target, &input);
    }
}

/// Names the target and the input where something does not hold.
fn hold(target: &Target, input: &[u8]) {
    let held = catch_unwind(AssertUnwindSafe(|| (target.run)(input))).is_ok();
    assert!(held, "{} does not hold for {}", target.name, HEXLOWER.encode(input));
}

/// The same changes each time.
struct Draw(ChaCha20Rng);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.0.next_u32()).unwrap_or_default() % end.max(1)
    }

    fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    fn byte(&mut self) -> u8 {
        let [byte, ..] = self.0.next_u32().to_be_bytes();
        *self.one_of(&[byte, 0, 0xff, b'0', b'"', b',', b' ', b'z'])
    }

    /// A bit, a byte, one byte more or less, a piece of another seed, a cut, or bytes behind.
    fn change(&mut self, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(input.len());
        let byte = self.byte();
        match self.below(7) {
            0 => {
                let bit = 1 << self.below(8);
                input.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= bit);
            }
            1 => input.iter_mut().skip(at).take(1).for_each(|old| *old = byte),
            2 => input.insert(at, byte),
            3 => drop((at < input.len()).then(|| input.remove(at))),
            4 => {
                let other = self.one_of(seeds);
                let from = self.below(other.len());
                let len = self.below(other.len() - from + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..from + len]);
            }
            5 => input.truncate(at),
            _ => {
                let len = self.below(64);
                input.extend(std::iter::repeat_n(byte, len));
            }
        }
    }
}
