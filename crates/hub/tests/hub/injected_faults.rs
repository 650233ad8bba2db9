//! Every call on the hub's files fails once, or from then on: what fails is not called done, and what was called done
//! is there after a restart.

use crate::support::{
    child::{End, serve_if_asked},
    faulty::{Fault, Faults, TODAY, step_of, work},
    ledger::Told,
};

/// Calls of each kind that are tried, besides those that open a file, where not all are.
const SAMPLE: usize = 16;

#[test]
fn a_call_that_fails_loses_nothing_that_was_acknowledged() {
    if serve_if_asked() {
        return;
    }
    let faults = Faults::new("injected_faults::a_call_that_fails_loses_nothing_that_was_acknowledged");
    for kind in ["eio", "enospc", "short", "eio-on", "enospc-on"] {
        run(&faults, &Fault::never(kind));
        let calls = faults.calls();
        let step = step_of(calls.len(), SAMPLE);
        for (call, name) in (1..).zip(&calls) {
            if call % step == 0 || name == "open" {
                run(&faults, &Fault { kind, call, seed: 0 });
            }
        }
    }
}

/// A day's work with one fault, a stop, and a start without: the last line that is printed says which fault it was.
fn run(faults: &Faults<'_>, fault: &Fault) {
    println!("{fault:?}");
    let mut ledger = faults.begin();
    let process = faults.spawn(fault, TODAY);
    if let Ok(hub) = process.serving(TODAY) {
        let is_lasting = fault.kind.ends_with("-on");
        let worked = work(&mut ledger, &hub, if is_lasting { 1 } else { 3 });
        assert!(worked == Ok(()) || (worked == Err(Told::Refused) && is_lasting), "{worked:?}");
        assert_eq!(process.stop(), End::Clean);
    }
    faults.audit(&mut ledger);
}
