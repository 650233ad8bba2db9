//! Unlinkability, measured: a distinguisher with the hub's whole view guesses a secret bit, round after round.
//!
//! In each round a coin chooses one of two worlds, real code plays it, and all that passed the hub is turned into numbers.
//! Distinguishers learn from the first third of the rounds and guess the others. A leak is seen where one of them is right
//! more often than chance allows. `docs/unlinkability.md` says which games there are and what stays outside of them.

pub mod chance;
mod desks;
mod drops;
mod features;
mod hostile;
pub mod learn;
mod plant;
mod processes;
mod rounds;
mod stage;
mod visits;

use std::convert::Infallible;

use chacha20::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};

use self::{
    learn::{Features, Judgement, judge},
    stage::Stage,
};
pub use plant::Plant;
pub use rounds::{Record, Rounds};

/// How probable a false alarm may be in one run of all games, whatever their number and that of the distinguishers.
pub const FALSE_ALARM: f64 = 0.01;
/// Distinguishers of a game at most.
const DISTINGUISHERS: f64 = 4.0;

/// One question about what a hub sees.
#[derive(Clone, Copy)]
pub struct Game {
    /// On the command line.
    pub name: &'static str,
    /// What is guessed.
    pub question: &'static str,
    /// Whether the protocol promises that it cannot be told.
    pub standing: Standing,
    /// It is played in one of so many of the rounds asked for, where a round takes long.
    pub share: u32,
    /// Rounds before everything is set up anew, so that files stay small.
    stage_rounds: u32,
    stage: fn(u64) -> Stage,
    play: fn(&mut Stage, bool, Option<Plant>) -> Features,
}

/// What it means when a game is won.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A promise is broken.
    Promised,
    /// It is known, and said in section 13 of the protocol; played to have a figure.
    Accepted,
}

/// What is asked of a game.
#[derive(Clone, Copy, Debug)]
pub struct Play {
    /// Rounds, those for learning included.
    pub rounds: u32,
    /// Of everything that is drawn.
    pub seed: u64,
    /// A leak on purpose.
    pub plant: Option<Plant>,
}

/// How a game ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Rounds played, those for learning included.
    pub rounds: usize,
    /// One for each distinguisher.
    pub judgements: Vec<Judgement>,
}

/// All games, in the order of the protocol: visits, then drops, then the desk.
pub const GAMES: [Game; 17] = [
    promised("slot", "does the second slot carry a part of a call?", visits::bare, visits::slot),
    promised("writer", "does the visitor write?", visits::bare, visits::writer),
    promised("letter-writer", "does the visitor write a letter?", visits::bare, visits::letter_writer),
    promised("reader", "does the visitor come back for an answer?", visits::with_answers, visits::reader),
    promised("which-answer", "which of two answers is read?", visits::with_answers, visits::which_answer),
    promised(
        "addressee",
        "do bytes listed under one address concern who reads at once?",
        visits::with_answers,
        visits::addressee,
    ),
    promised(
        "clock",
        "is the clock of the visitor's device some hours wrong?",
        visits::bare,
        visits::clock_off,
    ),
    promised("move", "with several shards, is a phrase typed?", visits::with_shards, visits::mover),
    Game {
        share: 4,
        stage_rounds: 200,
        ..promised("same-caller", "are two visits those of one caller?", visits::bare, visits::same_caller)
    },
    Game {
        share: 4,
        stage_rounds: 200,
        ..promised(
            "same-caller-old-notice",
            "are they, where the first was shown an older notice?",
            visits::bare,
            visits::same_caller_shown_old_notice,
        )
    },
    promised(
        "hostile-writer",
        "does the visitor write, at a hostile hub?",
        visits::bare,
        visits::writer_at_hostile_hub,
    ),
    promised(
        "hostile-reader",
        "does the visitor read, at a hostile hub?",
        visits::with_answers,
        visits::reader_at_hostile_hub,
    ),
    Game {
        stage_rounds: 100_000,
        ..promised("drop", "is a drop an answer or a dummy?", drops::bare, drops::answer_or_dummy)
    },
    desk("desk-took", "has the desk taken a call?", desks::call_taken),
    desk("desk-answered", "has it taken a call and answered?", desks::call_answered),
    desk("hostile-desk-took", "was the only cell shown a call?", desks::call_taken_at_hostile_hub),
    desk("hostile-desk-answered", "was it, and has it been answered?", desks::call_answered_at_hostile_hub),
];

/// Games that are won, and why that is known.
pub const ACCEPTED: [Game; 2] = [
    Game {
        standing: Standing::Accepted,
        ..promised(
            "unfinished-reader",
            "does a reader stay who has not read all?",
            visits::with_answers,
            visits::unfinished_reader,
        )
    },
    Game {
        standing: Standing::Accepted,
        share: 4,
        ..promised(
            "leaving-reader",
            "which of two answers is read by who leaves after it?",
            visits::with_answers_and_time,
            visits::leaver,
        )
    },
];

/// Games against real processes in real time. They are played on their own, for a round takes seconds.
pub const OF_PROCESSES: [Game; 3] = [
    of_processes("process-writer", "does the process write?", processes::callers, processes::writer),
    of_processes("process-reader", "does the process read an answer?", processes::callers, processes::reader),
    of_processes(
        "process-desk-took",
        "has the desk at work taken a call?",
        processes::serving,
        processes::call_taken,
    ),
];

/// How probable a false alarm may be for one distinguisher of one game, so that all together stay below [`FALSE_ALARM`]
/// (Bonferroni).
pub fn alarm_of_one() -> f64 {
    FALSE_ALARM / DISTINGUISHERS / features::number(GAMES.len() as u64)
}

impl Game {
    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        GAMES.into_iter().chain(ACCEPTED).chain(OF_PROCESSES).find(|game| game.name == name)
    }

    /// The same game with everything set up anew after so many rounds.
    #[must_use]
    pub fn in_stages_of(self, rounds: u32) -> Self {
        Self { stage_rounds: rounds.max(1), ..self }
    }

    /// Plays so many rounds. The same seed makes the same rounds.
    pub fn play(&self, play: &Play) -> Outcome {
        let Ok(played) = self.go_on(play, Rounds::default(), |_| Ok::<_, Infallible>(()));
        Outcome::of(played)
    }

    /// The same in whole stages, of which those in the record are not played again and each of the others is kept there.
    ///
    /// # Errors
    /// A sentence: the record cannot be written.
    pub fn play_on(&self, play: &Play, record: &mut Record, before: Rounds) -> Result<Outcome, String> {
        let play = Play { rounds: play.rounds.next_multiple_of(self.stage_rounds), ..*play };
        Ok(Outcome::of(self.go_on(&play, before, |rounds| record.keep(rounds))?))
    }

    /// Plays what is missing, and gives all rounds to `keep` behind each stage. Of the stages before, only the coins are drawn.
    fn go_on<E>(
        &self,
        play: &Play,
        before: Rounds,
        mut keep: impl FnMut(&Rounds) -> Result<(), E>,
    ) -> Result<Rounds, E> {
        // Games that differ in who visits alone would otherwise be one game.
        let seed = self
            .name
            .bytes()
            .fold(play.seed, |seed, byte| seed.wrapping_mul(257).wrapping_add(u64::from(byte)));
        let mut coins = ChaCha20Rng::seed_from_u64(seed);
        let mut played = before;
        let is_there = played.len();
        let rounds = play.rounds as usize;
        for from in (0..rounds).step_by(self.stage_rounds as usize) {
            let seed = coins.next_u64();
            let number = (rounds - from).min(self.stage_rounds as usize);
            let truths: Vec<bool> = (0..number).map(|_| coins.next_u32() & 1 == 1).collect();
            if from + number <= is_there {
                continue;
            }
            let mut stage = (self.stage)(seed);
            for truth in truths {
                played.push((self.play)(&mut stage, truth, play.plant), truth);
                stage.tap.honest();
            }
            // Its files go before the next one's come.
            drop(stage);
            keep(&played)?;
        }
        Ok(played)
    }
}

impl Outcome {
    fn of(played: Rounds) -> Self {
        Self { rounds: played.len(), judgements: judge(played) }
    }

    /// The distinguishers that did better than chance allows.
    pub fn leaks(&self) -> Vec<&Judgement> {
        self.judgements.iter().filter(|judgement| judgement.score.by_chance() < alarm_of_one()).collect()
    }
}

impl std::fmt::Debug for Game {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Game({})", self.name)
    }
}

const fn promised(
    name: &'static str,
    question: &'static str,
    stage: fn(u64) -> Stage,
    play: fn(&mut Stage, bool, Option<Plant>) -> Features,
) -> Game {
    Game { name, question, standing: Standing::Promised, share: 1, stage_rounds: 400, stage, play }
}

const fn of_processes(
    name: &'static str,
    question: &'static str,
    stage: fn(u64) -> Stage,
    play: fn(&mut Stage, bool, Option<Plant>) -> Features,
) -> Game {
    Game { stage_rounds: 50, ..promised(name, question, stage, play) }
}

const fn desk(
    name: &'static str,
    question: &'static str,
    play: fn(&mut Stage, bool, Option<Plant>) -> Features,
) -> Game {
    Game { share: 4, stage_rounds: 250, ..promised(name, question, desks::busy, play) }
}
