//! The power goes at every write and sync: of what was not synced any part may be lost, torn in sectors, and nothing
//! that was acknowledged is.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::support::{
    child::serve_if_asked,
    faulty::{Fault, Faults, TODAY, step_of, work},
    ledger::Told,
};

/// Moments that are tried where not all are.
const SAMPLE: usize = 40;
/// At each moment, so many draws of what is lost.
const SEEDS: usize = 2;

#[test]
fn a_loss_of_power_loses_nothing_that_was_acknowledged() {
    if serve_if_asked() {
        return;
    }
    let faults = Faults::new("power_loss::a_loss_of_power_loses_nothing_that_was_acknowledged");
    cut_everywhere(&faults, "cut");
}

#[test]
fn a_disk_that_lies_about_syncs_is_found_out() {
    if serve_if_asked() {
        return;
    }
    let faults = Faults::new("power_loss::a_disk_that_lies_about_syncs_is_found_out");
    let found = catch_unwind(AssertUnwindSafe(|| cut_everywhere(&faults, "cut-lying")));
    assert!(found.is_err(), "what was acknowledged was lost, and nobody noticed");
}

#[test]
fn what_a_failed_sync_lost_was_not_acknowledged() {
    if serve_if_asked() {
        return;
    }
    let faults = Faults::new("power_loss::what_a_failed_sync_lost_was_not_acknowledged");
    run(&faults, &Fault::never("gate"));
    for call in 1..=faults.calls().len() {
        run(&faults, &Fault { kind: "gate", call, seed: call });
    }
}

fn cut_everywhere(faults: &Faults<'_>, kind: &'static str) {
    run(faults, &Fault::never(kind));
    let total = faults.calls().len();
    for call in (1..=total).step_by(step_of(total, SAMPLE)) {
        for seed in 0..SEEDS {
            run(faults, &Fault { kind, call, seed: seed + call });
        }
    }
}

/// Works until the power goes, in the middle or at the end; then compares.
fn run(faults: &Faults<'_>, fault: &Fault) {
    println!("{fault:?}");
    let mut ledger = faults.begin();
    let process = faults.spawn(fault, TODAY);
    if let Ok(hub) = process.serving(TODAY) {
        // After a failed sync the hub goes on; what it then says is stored must be so.
        let tries = if fault.kind == "gate" { 3 } else { 1 };
        let worked = work(&mut ledger, &hub, tries);
        assert!(worked != Err(Told::Refused), "{fault:?}");
        faults.cut_now();
        let _ = process.stop();
    }
    faults.audit(&mut ledger);
}
