//! What the tests of the ways by which commands leave need: `ip`, with which they make a network of their own.

use std::process::Command;

use crate::debian;

const PACKAGES: [&str; 1] = ["iproute2"];

/// Installs it where that may be done, and fails where it is not there: the tests are never skipped.
pub fn check() -> Result<(), String> {
    if !is_there() {
        debian::install(&PACKAGES)?;
    }
    let missing =
        || format!("the tests of the network need `ip`; install it with: {}", debian::command(&PACKAGES));
    is_there().then_some(()).ok_or_else(missing)
}

fn is_there() -> bool {
    Command::new("ip").arg("-V").output().is_ok()
}
