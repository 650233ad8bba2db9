//! Simulation: a hub, devices and callers do what a seed draws, things go wrong, and what was promised is checked as it goes.
//!
//! One thread does one thing at a time, waits for its end, and all clocks and all randomness are its own: the same seed passes
//! the same bytes. The hub is a real one, on real files behind a real socket.
//!
//! **A failure is**: a call that its caller was told is stored, and that is not at the desk once and byte for byte; an answer in
//! the log that is not posted once, in order and whole, or not read; a second tick without a person; an erased call that comes
//! back; an alarm, or a list that contradicts its signature, for the hub is honest; a desk that callers see at a time to come; an address or a number used twice; a removed device that is served; an answer that was held or taken back and is posted all the same; two answers
//! of two people to one caller of whom neither knew of the other's; a device that was
//! ready and is left out; devices in step that show different things; and anything that does not work a few days after all is
//! well again.
//!
//! **No failure is**: an error while something is wrong, such as a program that is older than the desk's log, or a device's disk that is full; a call that nobody took before some clock had reached the fourth day
//! after it, for hub or desk may have destroyed it or its key; what a device had queued when its cache was lost or it was
//! removed; what was written or answered while an erasure of its case was on its way to the log; a desk whose
//! identity is with no device any more, once its certificate has ended.

mod acts;
mod audit;
mod books;
mod caller;
mod checks;
mod device;
mod ending;
mod hub;
pub mod op;
mod plant;
mod shrink;
mod skew;
mod world;

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng as _;

use self::world::World;
pub use self::{op::Op, plant::Plant, shrink::shrink};

/// Characters of what was found that are told.
const FOUND_MAX: usize = 400;

/// All that decides what a simulation does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Of all randomness of hub, devices and callers.
    pub seed: u64,
    /// Days that a generation of the desk's keys lasts.
    pub generation_days: u32,
    /// What happens.
    pub ops: Vec<Op>,
}

/// A promise that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which: the same sentence for the same fault.
    pub rule: String,
    /// What was found.
    pub found: String,
    /// Behind how many operations; all of them where it was found after things were well again.
    pub at: usize,
}

/// What a simulation that went well has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// Over every byte that passed between the hub and others.
    pub trace: [u8; 32],
    /// Days that went by.
    pub days: u64,
    /// Messages written.
    pub calls: usize,
    /// Answers written.
    pub answers: usize,
    /// How often a program said that it is too old for the desk.
    pub outdated: usize,
    /// How often a device said that its disk is full.
    pub full: usize,
    /// How often a person's roles, or a colleague's turn, did not allow something.
    pub refused: usize,
}

impl Scenario {
    /// Draws a scenario of so many operations.
    pub fn draw(seed: u64, count: usize) -> Self {
        let ops = op::draw(&mut ChaCha20Rng::seed_from_u64(seed), count);
        let generation_days = [1, 3, 7][usize::try_from(seed % 3).expect("below 3")];
        Self { seed, generation_days, ops }
    }

    /// Does it all.
    pub fn run(&self) -> Result<Report, Failure> {
        self.run_with(None)
    }

    /// The same on a hub that does something wrong.
    pub fn run_with(&self, plant: Option<Plant>) -> Result<Report, Failure> {
        let mut done = 0;
        let run = || {
            let mut world = World::begin(self.seed, self.generation_days, plant);
            for op in &self.ops {
                world.step(*op)?;
                done += 1;
            }
            world.end()
        };
        let ended = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default();
            Err(Failure::new("a program panicked", &text))
        });
        ended.map_err(|failure| Failure { at: done, ..failure })
    }
}

impl Failure {
    fn new(rule: &str, found: &dyn fmt::Debug) -> Self {
        let found = format!("{found:?}").chars().take(FOUND_MAX).collect();
        Self { rule: rule.to_owned(), found, at: 0 }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "behind operation {}: {}: {}", self.at, self.rule, self.found)
    }
}

/// As Rust, to be put among the reproductions.
impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Scenario {{ seed: {}, generation_days: {}, ops: vec![",
            self.seed, self.generation_days
        )?;
        for op in &self.ops {
            writeln!(f, "    {op:?},")?;
        }
        write!(f, "] }}")
    }
}
