//! Scenarios that failed once, each shrunk, with what was wrong.

use callsign_testkit::simulation::{
    Op::{self, *},
    Scenario,
    op::{Lost, Shown, Under::*},
};

fn holds(seed: u64, generation_days: u32, ops: Vec<Op>) {
    let scenario = Scenario { seed, generation_days, ops };
    if let Err(failure) = scenario.run() {
        panic!("{failure}\n{scenario}");
    }
}

/// A generation ended as soon as its snapshot was whole, before the other device could say its wrapping key.
#[test]
fn a_device_at_work_is_not_left_out_because_a_snapshot_took_long() {
    holds(
        3,
        1,
        vec![
            Write { caller: 0, parts: 3, leave_after: 2, notice: Kept },
            Write { caller: 0, parts: 3, leave_after: 2, notice: Current },
            Write { caller: 2, parts: 3, leave_after: 1, notice: Current },
            Join { device: 2, by: 0 },
            Pass { hours: 80 },
            Write { caller: 0, parts: 3, leave_after: 9, notice: Current },
        ],
    );
}

/// The entries of a generation through which a program had slept seemed to be forged.
#[test]
fn a_program_that_slept_through_generations_raises_no_alarm() {
    holds(9, 1, vec![Sleep { device: 0 }]);
}

/// The same, where the hub had pruned what came first.
#[test]
fn a_program_that_slept_until_the_log_was_cut_raises_no_alarm() {
    holds(
        27,
        1,
        vec![
            Sleep { device: 0 },
            Pass { hours: 12 },
            Pass { hours: 30 },
            Letter { caller: 2, device: 0, times: 2 },
            Write { caller: 0, parts: 3, leave_after: 9, notice: Current },
            Pass { hours: 30 },
            HubDiskFull,
            Pass { hours: 30 },
        ],
    );
}

/// Numbers and places of drops began anew after an erasure: answers took each other's place with the caller.
#[test]
fn a_caller_whose_case_was_erased_reads_what_is_answered_later() {
    holds(
        11,
        7,
        vec![
            Join { device: 1, by: 0 },
            Letter { caller: 2, device: 0, times: 2 },
            Pass { hours: 15 },
            Open { device: 1, caller: 2 },
            Pass { hours: 15 },
            Erase { device: 0, caller: 2 },
        ],
    );
}

/// What waited on one device was shown before what another had written to the log by then.
#[test]
fn devices_in_step_show_calls_and_answers_in_one_order() {
    holds(
        17,
        7,
        vec![
            Write { caller: 2, parts: 1, leave_after: 9, notice: Current },
            Join { device: 2, by: 0 },
            Write { caller: 2, parts: 1, leave_after: 2, notice: Current },
            Answer { device: 2, caller: 2, parts: 4 },
        ],
    );
}

/// A program that woke put entries back into the cache that the other had destroyed, and the next start began with them.
#[test]
fn a_program_that_slept_brings_nothing_back() {
    holds(
        1_002,
        1,
        vec![
            Write { caller: 0, parts: 3, leave_after: 2, notice: Kept },
            Sleep { device: 0 },
            Write { caller: 2, parts: 1, leave_after: 2, notice: Kept },
            Pass { hours: 15 },
            Answer { device: 0, caller: 2, parts: 4 },
        ],
    );
}

/// The hub lost what the device had yet to read: the log said that it is ready, but its own cache was lost. The simulation was wrong.
#[test]
fn what_the_hub_loses_a_device_has_that_knows_the_state() {
    holds(
        4,
        3,
        vec![
            Pass { hours: 66 },
            LoseCache { device: 0 },
            Chunks { shown: Shown::Nothing, times: 130 },
            Pass { hours: 12 },
            LoseChunks { lost: Lost::FirstSpoilt },
        ],
    );
}

/// A device whose cache was lost before the state of a new generation was at the hub waited for it for ever.
#[test]
fn a_device_that_is_alone_reads_the_state_of_the_generation_before() {
    holds(
        312,
        1,
        vec![
            Pass { hours: 48 },
            Chunks { shown: Shown::Nothing, times: 130 },
            Pass { hours: 24 },
            LoseCache { device: 0 },
        ],
    );
}

/// A shift was ended at a device whose cache was lost just now, and which did not know yet whose it was. The simulation was wrong.
#[test]
fn a_device_that_reads_the_log_anew_does_not_know_yet_whose_it_is() {
    holds(
        54,
        1,
        vec![Join { device: 2, by: 0 }, LoseCache { device: 2 }, Handover { device: 2, takes: false }],
    );
}
