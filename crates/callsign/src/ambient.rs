//! The only place that reads the machine's clock and its variables about proxies, and draws its randomness; all else gets them as
//! arguments.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use callsign_desk::Timer;
use callsign_http::Proxies;
use callsign_protocol::time::{Clock, UnixSeconds};
use rand_core::CryptoRng;

/// The machine's clock. A clock before 1970 counts as 1970.
#[expect(clippy::disallowed_methods, reason = "this is the named file")]
pub fn clock() -> Clock {
    Arc::new(|| UnixSeconds(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())))
}

/// The operating system's generator; panics where the machine has no randomness, for then nothing is safe.
#[expect(clippy::disallowed_types, reason = "this is the named file")]
pub fn rng() -> impl CryptoRng + Send + Clone + 'static {
    use getrandom::SysRng;
    rand_core::UnwrapErr(SysRng)
}

/// A seed for a program's own generator.
pub fn seed() -> [u8; 32] {
    use rand_core::Rng as _;
    let mut seed = [0; 32];
    rng().fill_bytes(&mut seed);
    seed
}

/// What the environment says about proxies.
pub fn proxies() -> Proxies {
    Proxies::from_variables(std::env::vars_os())
}

/// What a desk paces its requests by.
#[expect(clippy::disallowed_methods, reason = "this is the named file")]
pub fn timer() -> Timer {
    let begin = Instant::now();
    Timer { elapsed: Arc::new(move || begin.elapsed()), wait: Arc::new(wait) }
}

/// Blocks this thread; for command lines, never for tests.
#[expect(clippy::disallowed_methods, reason = "this is the named file")]
pub fn wait(duration: Duration) {
    std::thread::sleep(duration);
}
