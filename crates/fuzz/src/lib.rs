//! Whatever reads bytes from outside, each with what must hold for any bytes: run by libFuzzer, or on changed vectors by `cargo test`.

mod desk;
mod exchange;
mod letter;
mod log;
#[path = "../../protocol/tests/vectors/read.rs"]
#[expect(dead_code, reason = "shared with the test of the vectors, which reads more")]
mod read;
mod retold;
#[path = "../../xtask/src/vectors/seal.rs"]
#[expect(dead_code, reason = "shared with what makes the vectors, which seals more")]
mod seal;
mod sealed;
mod search;
mod signed;
mod snapshot;
mod typed;

use std::sync::LazyLock;

/// One reader under test.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Names it on the command line and the folder of its corpus.
    pub name: &'static str,
    /// Panics where something does not hold that must hold for any bytes.
    pub run: fn(&[u8]),
    /// What a search begins with: the published vectors, valid and not.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Bytes of an input at most: a few more than what is read has.
    pub max_len: usize,
    /// Changed seeds that `cargo test` tries; fewer where each costs a key agreement.
    pub replays: u32,
}

/// Makes what targets share. A phrase costs seconds here, which are not to count as those of an input.
pub fn prepare() {
    LazyLock::force(&desk::DESK);
}

/// All of them.
pub fn targets() -> Vec<Target> {
    [
        signed::TARGETS,
        sealed::TARGETS,
        letter::TARGETS,
        log::TARGETS,
        snapshot::TARGETS,
        exchange::TARGETS,
        search::TARGETS,
        typed::TARGETS,
    ]
    .concat()
}
