//! Scenarios that a seed draws, and those that once failed. `cargo xtask simulate` runs many more.

mod reproductions;

use callsign_testkit::simulation::{Plant, Scenario, shrink};

/// Scenarios in every run of the tests.
const SEEDS: std::ops::Range<u64> = 1..13;
const OPS: usize = 60;

#[test]
fn what_was_promised_holds_whatever_goes_wrong() {
    for seed in SEEDS {
        let scenario = Scenario::draw(seed, OPS);
        if let Err(failure) = scenario.run() {
            let (short, failure) = shrink(&scenario, &failure, None);
            panic!("seed {seed}: {failure}\n{short}");
        }
    }
}

#[test]
fn the_same_seed_passes_the_same_bytes() {
    let traces = [7, 7, 8].map(|seed| Scenario::draw(seed, OPS).run().unwrap().trace);
    assert_eq!(traces[0], traces[1]);
    assert_ne!(traces[0], traces[2]);
}

/// Finds a planted fault with one of the first seeds, and shrinks what it found.
fn found(plant: Plant) -> (Scenario, String) {
    let fails = |seed| {
        let scenario = Scenario::draw(seed, 20);
        let failure = scenario.run_with(Some(plant)).err()?;
        Some(shrink(&scenario, &failure, Some(plant)))
    };
    let (short, failure) = (1..60).find_map(fails).expect("it is found");
    assert_eq!(short.run(), short.run(), "the same each time");
    assert!(short.run().is_ok(), "it is the plant's fault");
    (short, failure.rule)
}

#[test]
fn a_forgotten_cell_is_found_and_shrunk_to_a_handful_of_operations() {
    let (short, rule) = found(Plant::ForgottenCell);
    assert_eq!(rule, "a stored call is not at the desk");
    assert!(short.ops.len() <= 3, "{short}");
}

#[test]
fn a_forgotten_drop_is_found_and_shrunk_to_a_handful_of_operations() {
    let (short, rule) = found(Plant::ForgottenDrop);
    assert_eq!(rule, "a finished list is not confirmed");
    assert!(short.ops.len() <= 3, "{short}");
}

#[test]
fn writes_that_were_said_to_be_durable_and_are_not_are_found() {
    let (short, _) = found(Plant::LostJournal);
    assert!(short.ops.len() <= 5, "{short}");
}
