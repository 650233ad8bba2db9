//! What the desk's signed notice tells of the desk, and of this machine's clock.

use callsign_protocol::{
    identity::Fingerprint,
    notice::{Notice, NoticeError, VerifiedNotice},
    signed::{Envelope, SignedError},
    time::UnixSeconds,
};

use super::{Checks, clocks};
use crate::calendar;

/// Seconds by which two clocks may differ before it is said.
const SKEW_MAX_S: u64 = 300;
/// Seconds of a notice's life below which the desk is late with the next one.
const LATE_S: u64 = 86_400;
const HOUR_S: u64 = 3_600;

/// Checks a notice. Where the clock is in doubt, nothing else is judged by it.
pub fn check(envelope: &[u8], pin: Option<&Fingerprint>, now: UnixSeconds, checks: &mut Checks) {
    // Signatures do not depend on today; days are compared below, where both clocks are named.
    let verified = Envelope::kept_since(envelope)
        .map_err(NoticeError::from)
        .and_then(|then| Notice::verify(envelope, pin, then));
    let verified = match verified {
        Ok(verified) => verified,
        Err(error) => return checks.bad("notice", error.to_string(), remedy(&error)),
    };
    // What the hub's own clock has told is nearer than what a notice tells.
    let is_doubted = checks.0.iter().any(|check| check.what == clocks::WHAT && !check.ok);
    if !is_doubted && check_clock(&verified, now, checks) {
        check_keys(&verified, envelope, now, checks);
    }
    match pin {
        Some(_) => checks.good("fingerprint", "the notice is the desk's"),
        None => checks.good("fingerprint", format!("not checked: {}", verified.fingerprint.words())),
    }
}

fn remedy(error: &NoticeError) -> &'static str {
    match error {
        NoticeError::ClientTooOld | NoticeError::Signed(SignedError::Version) => "get a newer program",
        NoticeError::Signed(SignedError::Fingerprint) => {
            "compare address and fingerprint with the leaflet, or ask the desk by another way"
        }
        _ => "what the hub shows is not what a desk signs: tell the desk, and try another of its addresses",
    }
}

/// Whether days and hours can be judged by this machine's clock: the hub tells its time to devices of the desk alone, and the desk's signed one is better anyway.
fn check_clock(verified: &VerifiedNotice, now: UnixSeconds, checks: &mut Checks) -> bool {
    let (issued, expires) = (verified.notice.issued, verified.notice.expires);
    let here = written(now);
    let (behind, past) = (issued.since(now), now.since(expires));
    if behind > SKEW_MAX_S {
        let behind = span(behind);
        let found = format!(
            "by this machine's clock it is {here}, which is {behind} before the desk signed its last notice"
        );
        let remedy = "set this machine's clock; where it is right, the clock of the desk's machine was ahead";
        checks.bad("clock", found, remedy);
        return false;
    }
    if past > 0 {
        let past = span(past);
        let found = format!(
            "by this machine's clock it is {here}, which is {past} after the desk's last notice ended"
        );
        let remedy = "compare this date and time with another clock, and set this machine's if it is ahead";
        checks.bad("clock", found, remedy);
        let found =
            format!("serial {}, ended {past} ago if this machine's clock is right", verified.notice.serial);
        checks.bad(
            "notice",
            found,
            "if the clock is right, start the desk: it renews its notice while it runs",
        );
        return false;
    }
    checks.good("clock", format!("{here}, after the desk's last notice and before its end"));
    true
}

fn check_keys(verified: &VerifiedNotice, envelope: &[u8], now: UnixSeconds, checks: &mut Checks) {
    let notice = &verified.notice;
    let left = notice.expires.since(now);
    let found = format!("serial {}, valid for {} more hours", notice.serial, left / HOUR_S);
    checks.judge(left >= LATE_S, "notice", found, "start the desk: it renews its notice every day");
    let last_key = notice.inbox_keys.iter().map(|key| key.epoch).max();
    let days = last_key.map_or(0, |last| last.0.saturating_sub(now.day().0));
    let found = format!("calls can be sealed for {days} more days");
    checks.judge(days >= 1, "inbox keys", found, "start the desk: it makes a key for each coming day");
    if let Ok(envelope) = Envelope::decode(envelope) {
        let days = envelope.certificate().days.1.0.saturating_sub(now.day().0);
        let found = format!("the duty key is certified for {days} more days");
        let remedy = "start the desk where its identity is, or have the custodian certify: `callsign desk identity certify`";
        checks.judge(days >= 2, "duty key", found, remedy);
    }
}

/// A date and a time of day, UTC.
pub(super) fn written(time: UnixSeconds) -> String {
    let minute = time.0 % 86_400 / 60;
    format!("{} {:02}:{:02} UTC", calendar::written(time.day()), minute / 60, minute % 60)
}

pub(super) fn span(seconds: u64) -> String {
    match seconds {
        ..7_200 => format!("{} minutes", seconds.div_ceil(60)),
        7_200..172_800 => format!("{} hours", seconds / HOUR_S),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::notice_of_a_new_desk;

    const DAY_S: u64 = 86_400;

    /// Which checks are bad with this machine's clock so, and what is to be done about each.
    fn bad(now: impl Fn(UnixSeconds) -> UnixSeconds) -> Vec<(&'static str, &'static str)> {
        let verified = notice_of_a_new_desk().unwrap();
        let mut checks = Checks::default();
        check_clock(&verified, now(verified.notice.issued), &mut checks);
        checks.0.iter().filter(|check| !check.ok).map(|check| (check.what, check.remedy)).collect()
    }

    #[test]
    fn a_wrong_clock_is_named_as_the_cause_and_nothing_else_is_judged_by_it() {
        for days in [1, 3, 40] {
            let behind = bad(|issued| UnixSeconds(issued.0 - days * DAY_S));
            assert!(matches!(behind[..], [("clock", remedy)] if remedy.contains("clock")), "{behind:?}");
        }
        for days in [3, 40] {
            let ahead = bad(|issued| issued.plus(days * DAY_S));
            assert!(matches!(ahead[..], [("clock", _), ("notice", _)]), "{ahead:?}");
            assert!(ahead.iter().all(|(_, remedy)| remedy.contains("clock")), "{ahead:?}");
        }
        assert_eq!(bad(|issued| issued), []);
        assert_eq!(bad(|issued| issued.plus(3_600)), []);
    }
}
