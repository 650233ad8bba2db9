//! Scenarios that a seed draws, and those that once failed. `cargo xtask simulate` runs many more.

mod reproductions;

use callsign_testkit::simulation::{
    Op, Plant, Scenario,
    op::{On, Under, What},
    shrink,
};

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

/// Each kind of request is met, and chunks that are written and read back among them.
#[test]
fn a_device_that_dies_at_any_request_of_a_generations_end_loses_nothing() {
    for request in [1, 2, 3, 4, 5, 6, 8, 40, 130, 150, 250] {
        let ops = vec![
            Op::Join { device: 1, by: 0 },
            Op::Write { caller: 0, parts: 3, leave_after: 9, notice: Under::Current },
            Op::Pass { hours: 6 },
            Op::Answer { device: 0, caller: 0, parts: 2 },
            Op::Leave { device: 0 },
            Op::Leave { device: 1 },
            Op::Pass { hours: 30 },
            Op::Kill { device: 0, request },
            Op::Kill { device: 1, request },
        ];
        let scenario = Scenario { seed: request.into(), generation_days: 1, ops };
        if let Err(failure) = scenario.run() {
            panic!("{failure}\n{scenario}");
        }
    }
}

/// Three weeks of a desk with the identity on two devices of three.
#[test]
fn two_devices_with_the_identity_keep_the_desk_certified_whoever_is_away() {
    let (leave, back) = (|device| Op::Leave { device }, |device| Op::Return { device });
    let pass = |hours| Op::Pass { hours };
    let fault = |what| Op::Fault { on: On::Keyring, what, times: 2 };
    let middles = [
        vec![leave(0), pass(80), pass(80), back(0), leave(1), pass(80), back(1)],
        vec![leave(0), leave(1), pass(80), back(1), pass(24), back(0)],
        vec![leave(0), leave(1), leave(2), pass(80), back(1), pass(24), back(2), back(0)],
        vec![fault(What::Lose), pass(24), fault(What::Late), pass(24), Op::Kill { device: 1, request: 2 }],
        vec![fault(What::Refuse), Op::HubKill, pass(30), Op::LoseCache { device: 1 }, pass(24)],
        vec![Op::Remove { device: 2, by: 1 }, pass(24), Op::Identity { device: 1, is_there: false }],
    ];
    for (seed, middle) in (1..).zip(middles) {
        let begin = [
            Op::Join { device: 1, by: 0 },
            Op::Join { device: 2, by: 0 },
            Op::Identity { device: 1, is_there: true },
            Op::Write { caller: 0, parts: 1, leave_after: 9, notice: Under::Current },
            pass(80),
            pass(80),
        ];
        let end =
            [pass(80), Op::Write { caller: 1, parts: 2, leave_after: 9, notice: Under::Kept }, pass(80)];
        let ops = [&begin[..], &middle, &end].concat();
        let scenario = Scenario { seed, generation_days: 1 + 6 * u32::from(seed % 2 == 1), ops };
        if let Err(failure) = scenario.run() {
            panic!("{failure}\n{scenario}");
        }
    }
}

#[test]
fn a_program_that_is_older_than_the_log_says_so_writes_nothing_and_loses_nothing() {
    let write = |caller| Op::Write { caller, parts: 1, leave_after: 9, notice: Under::Current };
    let begin = [
        Op::Join { device: 1, by: 0 },
        write(0),
        Op::Pass { hours: 6 },
        Op::Answer { device: 1, caller: 0, parts: 2 },
        Op::Program { device: 0, versions: 1 },
        Op::Program { device: 1, versions: 1 },
        Op::Pass { hours: 80 },
    ];
    // With the version in force: one that goes back, alone or with the other; one that begins with it; and each with its cache lost.
    let back = |device| Op::Program { device, versions: 0 };
    let middles = [
        vec![back(1)],
        vec![back(0), back(1)],
        vec![back(1), Op::LoseCache { device: 1 }],
        vec![Op::Join { device: 2, by: 0 }],
        vec![Op::Join { device: 2, by: 0 }, back(1), Op::LoseCache { device: 2 }],
    ];
    for (seed, middle) in (1..).zip(middles) {
        let act = |device| {
            [Op::Open { device, caller: 1 }, Op::Answer { device, caller: 1, parts: 1 }, Op::Flush { device }]
        };
        let then = [write(1), Op::Pass { hours: 6 }].into_iter().chain([0, 1, 2].into_iter().flat_map(act));
        let then = then.chain([
            Op::Pass { hours: 30 },
            Op::Program { device: 2, versions: 1 },
            Op::Pass { hours: 12 },
        ]);
        let ops: Vec<Op> = begin.into_iter().chain(middle).chain(then).collect();
        let scenario = Scenario { seed, generation_days: 1, ops };
        match scenario.run() {
            Ok(report) => assert!(report.outdated > 0, "no program was too old\n{scenario}"),
            Err(failure) => panic!("{failure}\n{scenario}"),
        }
    }
}

#[test]
fn a_device_whose_disk_is_full_says_so_and_loses_nothing_that_it_has_said_is_kept() {
    let act = |device, caller| {
        [
            Op::Open { device, caller },
            Op::Answer { device, caller, parts: 2 },
            Op::Flush { device },
            Op::Erase { device, caller: (caller + 1) % 3 },
        ]
    };
    let write = |caller| Op::Write { caller, parts: 3, leave_after: 9, notice: Under::Current };
    let mut full = 0;
    for (seed, pages) in (1..).zip([0, 1, 3, 8]) {
        let begin = [Op::Join { device: 1, by: 0 }, write(0), write(1), write(2), Op::Pass { hours: 6 }];
        let filled = [0, 1].map(|device| Op::DiskFull { device, pages });
        // Through the end of a generation, with room for one device, and then for both.
        let then = [write(0), Op::Pass { hours: 30 }, Op::DiskFree { device: 0 }, Op::Pass { hours: 30 }];
        let ops = begin.into_iter().chain(filled).chain((0..3).flat_map(|caller| act(caller % 2, caller)));
        let ops =
            ops.chain(then).chain(act(1, 0)).chain([Op::DiskFree { device: 1 }, Op::Pass { hours: 12 }]);
        let scenario = Scenario { seed, generation_days: 1, ops: ops.collect() };
        match scenario.run() {
            Ok(report) => full += report.full,
            Err(failure) => panic!("{failure}\n{scenario}"),
        }
    }
    assert!(full > 4, "{full}");
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
    assert_eq!(rule, "a list contradicts its signature");
    assert!(short.ops.len() <= 3, "{short}");
}

#[test]
fn writes_that_were_said_to_be_durable_and_are_not_are_found() {
    let (short, _) = found(Plant::LostJournal);
    assert!(short.ops.len() <= 5, "{short}");
}
