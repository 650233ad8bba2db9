//! The hub's clock beside this machine's, and which of both is behind what the desk's log says.

use callsign_desk::Clocks;
use callsign_protocol::time::UnixSeconds;

use super::{
    Checks,
    notice::{span, written},
};

/// What the check is called.
pub const WHAT: &str = "hub clock";
/// Seconds by which both may be apart: as much as a hub lets a device be ahead where it posts.
const APART_S: u64 = 900;

/// Compares them.
pub fn check(Clocks { hub, own, log }: Clocks, checks: &mut Checks) {
    let apart = hub.since(own).max(own.since(hub));
    if apart <= APART_S {
        let found = format!("{}, less than {} from this machine's", written(hub), span(APART_S));
        return checks.good(WHAT, found);
    }
    let is_behind = |clock: UnixSeconds| log.since(clock) > APART_S;
    let (which, remedy) = match (is_behind(hub), is_behind(own)) {
        (true, false) => (
            "the desk's log has an entry of later than that, so the hub's is behind",
            "have whoever keeps the hub set its clock; until then the hub may take no answers, and callers be shown none",
        ),
        (false, true) => (
            "the desk's log has an entry of later than that, so this machine's is behind",
            "set this machine's clock; until then calls and answers may not leave it",
        ),
        _ => (
            "nothing here says which of them is wrong",
            "compare both with a third clock: set this machine's, or have whoever keeps the hub set the hub's; until then answers may not leave, \
             and where this machine's is ahead, callers read a time to come for when the desk was last at work",
        ),
    };
    let (hub, own, apart) = (written(hub), written(own), span(apart));
    let found = format!(
        "by this machine's clock it is {own}, by the hub's {hub}, {apart} apart; the newest entry of the log is of {}: {which}",
        written(log)
    );
    checks.bad(WHAT, found, remedy);
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: UnixSeconds = UnixSeconds(20_000 * 86_400);
    const HOUR_S: i64 = 3_600;

    /// Whether it is well, and what is found, with hub and machine so many hours behind the newest entry of the log.
    fn found(hub: i64, own: i64) -> (bool, String) {
        let at = |hours: i64| UnixSeconds(LOG.0.saturating_add_signed(hours * HOUR_S));
        let mut checks = Checks::default();
        check(Clocks { hub: at(hub), own: at(own), log: LOG }, &mut checks);
        let check = checks.0.remove(0);
        (check.ok, check.found)
    }

    #[test]
    fn a_clock_that_is_behind_the_log_is_the_wrong_one() {
        assert!(found(1, 1).0 && found(0, 0).0);
        for (hub, own, which) in [
            (-26, 0, "so the hub's is behind"),
            (0, -24, "so this machine's is behind"),
            (0, 50, "which of them"),
            (1, 4, "which of them"),
            (-30, -40, "which of them"),
        ] {
            let (ok, found) = found(hub, own);
            assert!(!ok && found.contains(which), "{hub} {own}: {found}");
        }
    }
}
