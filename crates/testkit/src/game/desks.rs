//! Games about the desk: what its commits say of the cells that it has taken.

use std::time::Duration;

use callsign_desk::{FollowTurn, NewAnswer, Settings};

use super::{
    features::{by_hand, number, of_requests},
    hostile,
    learn::Features,
    plant::Plant,
    stage::{CALLERS, SLOTS, Stage},
};
use crate::Seen;

/// Seconds between two beats, between two ticks, and until a cell is done with; a round is eight beats.
const BEAT_S: u64 = 60;
const TICK_S: u32 = 120;
const DELAY_S: u32 = 120;
const BEATS: u64 = 8;
/// Milliseconds before a beat leaves in which a desk makes it, as its program does.
const BEAT_LEAD_MS: u64 = 1_000;
/// Milliseconds of a step, on which a desk asks again.
const STEP_MS: u64 = 200;
/// A feature that is nothing while a desk waits with each commit for its time, whatever it did before.
const COMMITS_OFF_STEPS: &str = "milliseconds by which commits are off their steps";
/// Cells of a round that can be a call. They come within its first beat, each behind one that cannot.
const CELLS: u64 = 3;

/// What happens to a desk in a round, in milliseconds after its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Beat,
    /// Of the cell of this number.
    Cell(u64),
    /// An operator looks at what came, and answers.
    Operator,
}

/// Whether an operator acts in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Staffed {
    No,
    Yes,
}

/// A desk at the pace of a round.
pub fn busy(seed: u64) -> Stage {
    let settings = Settings {
        beat_s: u32::try_from(BEAT_S).unwrap_or(60),
        drop_period_s: TICK_S,
        inbox_delay_s: DELAY_S,
        ..Stage::settings(SLOTS)
    };
    let stage = Stage::set(seed, settings);
    stage.beat_for(1);
    stage.tap.take();
    stage
}

/// Was a call among the cells?
pub fn call_taken(stage: &mut Stage, truth: bool, plant: Option<Plant>) -> Features {
    round(stage, truth, Staffed::No, plant)
}

/// Was a call among the cells, which an operator has answered?
pub fn call_answered(stage: &mut Stage, truth: bool, plant: Option<Plant>) -> Features {
    round(stage, truth, Staffed::Yes, plant)
}

/// Was the one cell that the hub let through a call, where it also refuses and loses commits?
pub fn call_taken_at_hostile_hub(stage: &mut Stage, truth: bool, plant: Option<Plant>) -> Features {
    let (only, seed) = (stage.draw(CELLS), stage.fork());
    stage.tap.script(hostile::to_desk(seed, 2 * only + 1));
    round_with(stage, &Told { truth, at: only, staffed: Staffed::No, plant })
}

/// Was the one cell that the hub let through a call, answered while the hub refuses and loses commits?
pub fn call_answered_at_hostile_hub(stage: &mut Stage, truth: bool, plant: Option<Plant>) -> Features {
    let (only, seed) = (stage.draw(CELLS), stage.fork());
    stage.tap.script(hostile::to_desk(seed, 2 * only + 1));
    round_with(stage, &Told { truth, at: only, staffed: Staffed::Yes, plant })
}

/// What one round is.
#[derive(Clone, Copy, Debug)]
struct Told {
    /// Whether there is a call.
    truth: bool,
    /// Which cell it is.
    at: u64,
    staffed: Staffed,
    plant: Option<Plant>,
}

fn round(stage: &mut Stage, truth: bool, staffed: Staffed, plant: Option<Plant>) -> Features {
    let at = stage.draw(CELLS);
    round_with(stage, &Told { truth, at, staffed, plant })
}

fn round_with(stage: &mut Stage, told: &Told) -> Features {
    let mut happenings: Vec<(u64, Happening)> =
        (1..=BEATS).map(|n| (n * BEAT_S * 1_000, Happening::Beat)).collect();
    let mut arrivals: Vec<u64> = (0..CELLS).map(|_| stage.draw(BEAT_S * 1_000)).collect();
    arrivals.sort_unstable();
    happenings.extend((0..).zip(&arrivals).map(|(cell, at)| (*at, Happening::Cell(cell))));
    happenings.push(((1 + stage.draw(2)) * BEAT_S * 1_000 + stage.draw(BEAT_S * 1_000), Happening::Operator));
    happenings.sort_unstable();

    let caller = usize::try_from(stage.draw(CALLERS as u64)).unwrap_or(0);
    let begin = stage.system.clock.now_ms();
    let mut turn = FollowTurn::default();
    for (at, happening) in happenings {
        let starts = if happening == Happening::Beat { at - BEAT_LEAD_MS } else { at };
        stage.system.clock.advance_ms((begin + starts).saturating_sub(stage.system.clock.now_ms()));
        // Of what a hostile hub does, errors are the least.
        match happening {
            Happening::Beat => {
                drop(stage.desk.beat_on_time(Duration::from_millis(begin + at)));
                drop(stage.desk.keep_state());
            }
            Happening::Cell(cell) => {
                stage.bring_cell(caller, told.truth && cell == told.at);
                // Once for the cell, and once more when the desk asks again after what it had to do with it.
                for _ in 0..2 {
                    drop(stage.desk.follow_on_time(&mut turn, 0));
                }
            }
            Happening::Operator if told.truth && told.staffed == Staffed::Yes => {
                let id = stage.caller(caller).id();
                drop(stage.desk.answer(&NewAnswer::new(&id, "an answer")));
                stage.spend_work();
            }
            Happening::Operator => {}
        }
    }
    let mut seen = stage.tap.take();
    seen.retain(is_of_desk);
    if let Some(plant) = told.plant.filter(|_| told.truth) {
        let call_at_ms = begin + arrivals[usize::try_from(told.at).unwrap_or(0)];
        plant.in_commits(&mut seen, call_at_ms);
        plant.in_follows(&mut seen, call_at_ms);
    }
    settle(stage);
    of_desk(&seen)
}

/// Whether a request is a desk's and no caller's.
pub fn is_of_desk(seen: &Seen) -> bool {
    !matches!(seen.path.as_str(), "v1/exchange" | "v1/letters" | "v1/notice" if seen.method != "PUT")
}

/// What the requests of a desk show.
pub fn of_desk(seen: &[Seen]) -> Features {
    let mut features = of_requests(seen);
    let between = between_questions(seen);
    by_hand(&mut features, "time from each question to the next one", number(between.iter().sum()));
    by_hand(&mut features, "milliseconds by which questions are off their steps", off_steps(&between));
    by_hand(&mut features, COMMITS_OFF_STEPS, off_steps(&between_commits(seen)));
    features
}

fn off_steps(between: &[u64]) -> f64 {
    number(between.iter().map(|ms| ms % STEP_MS).sum())
}

/// Milliseconds between questions of what is new that come one behind the other.
fn between_questions(seen: &[Seen]) -> Vec<u64> {
    let is_question = |seen: &Seen| seen.path.starts_with("v1/follow");
    let pairs = seen.array_windows().filter(|[first, second]| is_question(first) && is_question(second));
    pairs.map(|[first, second]| second.at_ms - first.at_ms).collect()
}

/// Milliseconds from each commit to the next one.
fn between_commits(seen: &[Seen]) -> Vec<u64> {
    let commits: Vec<u64> =
        seen.iter().filter(|seen| seen.path == "v1/commit").map(|seen| seen.at_ms).collect();
    commits.array_windows().map(|[first, second]| second - first).collect()
}

/// What a round left waiting is done before the next.
fn settle(stage: &mut Stage) {
    stage.tap.honest();
    stage.desk.sync().expect("an honest hub");
    for _ in 0..4 {
        stage.system.clock.advance(BEAT_S);
        stage.desk.beat().expect("an honest hub");
        stage.desk.keep_state().expect("an honest hub");
    }
    stage.tap.take();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::learn::BY_HAND;

    #[test]
    fn commits_leave_on_steps_whatever_is_done_before_them_and_whatever_the_hub_refuses() {
        let mut stage = busy(1);
        let name = format!("{BY_HAND}{COMMITS_OFF_STEPS}");
        for round in 0..24 {
            let features = call_answered_at_hostile_hub(&mut stage, round % 2 == 0, None);
            assert_eq!(features.get(&name), Some(&0.0), "round {round}");
        }
    }
}
