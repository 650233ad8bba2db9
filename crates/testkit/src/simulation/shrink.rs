//! Shrinking: from a list of operations that fails to a short one that fails in the same way (delta debugging, Zeller 1999).

use super::{Failure, Op, Plant, Scenario};

/// Lists that are tried at most: each takes a fraction of a second.
const TRIES: usize = 400;

/// The shortest list that was found to fail by the same rule.
pub fn shrink(scenario: &Scenario, failure: &Failure, plant: Option<Plant>) -> (Scenario, Failure) {
    let mut best = (scenario.clone(), failure.clone());
    let mut tries = 0;
    let mut attempt = |best: &mut (Scenario, Failure), ops: Vec<Op>| {
        tries += 1;
        let shorter = Scenario { ops, ..best.0.clone() };
        match shorter.run_with(plant) {
            Err(same) if same.rule == failure.rule => {
                *best = (shorter, same);
                (true, tries < TRIES)
            }
            _ => (false, tries < TRIES),
        }
    };
    // What stands behind the failure has nothing to do with it, where it came before the end.
    let to = failure.at.saturating_add(1).min(scenario.ops.len());
    attempt(&mut best, scenario.ops[..to].to_vec());
    let mut length = best.0.ops.len().div_ceil(2);
    while length > 0 {
        let mut at = 0;
        while at < best.0.ops.len() {
            let mut ops = best.0.ops.clone();
            ops.drain(at..(at + length).min(ops.len()));
            let (is_shorter, may_go_on) = attempt(&mut best, ops);
            if !may_go_on {
                return best;
            }
            at += if is_shorter { 0 } else { length };
        }
        length /= 2;
    }
    best
}
