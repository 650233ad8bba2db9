//! One target under libFuzzer: that which `CALLSIGN_FUZZ_TARGET` names.

#![no_main]

use std::sync::LazyLock;

use callsign_fuzz::{Target, prepare, targets};

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("CALLSIGN_FUZZ_TARGET").unwrap_or_default();
    targets()
        .into_iter()
        .find(|target| target.name == name)
        .unwrap_or_else(|| panic!("CALLSIGN_FUZZ_TARGET names no target: {name:?}"))
});

libfuzzer_sys::fuzz_target!(init: prepare(), |input: &[u8]| (TARGET.run)(input));
