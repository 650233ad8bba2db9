//! Notices taken from the hub: judged, and used only to see whether the hub's newest is the desk's, and which serial comes next.

use callsign_protocol::{
    notice::{Notice, NoticeError, VerifiedNotice},
    signed::{Envelope, SignedError},
    time::UnixSeconds,
};

use crate::{DeskError, device::DeviceState};

/// Serials by which a notice of the hub may be ahead of all that are known here: nobody lets that many be published, and so many
/// such leaps there are none that a hub's word could use up the numbers.
const SERIALS_AHEAD_MAX: u64 = 1 << 28;
/// Seconds after which the hub is asked again where it had no notice of the desk.
const ASK_AGAIN_S: u64 = 600;

/// A notice that the hub has shown, and that the desk does not take for its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedNotice {
    /// What it says to be; none where it does not read at all, or there is none.
    pub serial: Option<u64>,
    /// Why.
    pub fault: NoticeFault,
}

/// Why a notice of the hub is not taken for the desk's newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeFault {
    /// It is older than one that this device has seen.
    Back,
    /// Its certificate or itself has ended.
    Ended,
    /// Its serial is one that no desk comes to.
    Far,
    /// It is the newest that this device knows, or there is none at all, though the hub refused the next one as too old.
    NoLater,
    /// A duty key has signed it that was replaced.
    Signer,
    /// It is none of the desk's, or damaged.
    Unreadable,
    /// The desk's log does not name it.
    Unsaid,
}

impl NoticeFault {
    /// A word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Back => "back",
            Self::Ended => "ended",
            Self::Far => "far",
            Self::NoLater => "no_later",
            Self::Signer => "signer",
            Self::Unreadable => "unreadable",
            Self::Unsaid => "unsaid",
        }
    }

    /// What is wrong with it, behind "the hub shows callers a notice".
    fn wrong(self) -> &'static str {
        match self {
            Self::Back => "that is older than one which this device has seen",
            Self::Ended => "whose time is over",
            Self::Far => "with a number that no desk comes to",
            Self::NoLater => "that is the newest known here, and refuses the one that comes next as too old",
            Self::Signer => {
                "that is signed with a key which the desk has replaced, as a removed device would"
            }
            Self::Unreadable => "that is none of this desk's, or is damaged",
            Self::Unsaid => "that the desk's log does not name",
        }
    }
}

impl RefusedNotice {
    /// What the hub shows, and why the desk does not take it: a sentence.
    pub fn told(&self) -> String {
        let number = self.serial.map_or_else(String::new, |serial| format!(" (number {serial})"));
        format!("The hub has a notice{number} {}. Nothing was taken from it.", self.fault.wrong())
    }

    /// What people can do about it.
    pub fn way_out(&self) -> &'static str {
        match self.fault {
            NoticeFault::Back | NoticeFault::NoLater => {
                "Ask whoever keeps the hub whether it came back from a backup; then `callsign desk recover` gives it the newest one. \
                 Otherwise do not trust the hub, and tell callers another way to reach you."
            }
            NoticeFault::Ended => {
                "It is replaced by itself as soon as the hub takes the next one. See that this computer's date is right."
            }
            NoticeFault::Far | NoticeFault::Signer | NoticeFault::Unreadable | NoticeFault::Unsaid => {
                "Callers may see it instead of yours. Ask whoever keeps the hub, by another way than the hub; where it stays so, the \
                 hub is not to be trusted."
            }
        }
    }
}

impl DeviceState {
    /// Keeps a notice that this device has made and the hub has taken.
    pub(crate) fn keep_notice(&mut self, envelope: &[u8]) -> Result<(), DeskError> {
        let then = Envelope::kept_since(envelope).map_err(NoticeError::from)?;
        let verified = Notice::verify(envelope, Some(&self.keys.fingerprint), then)?;
        self.hold(verified, envelope)
    }

    /// Judges what the hub has for a notice, all of the log being read that stood there when it was asked. One that is refused is
    /// told to people; of one that the log names, the serial counts in any case.
    pub(crate) fn judge_notice(&mut self, envelope: &[u8], now: UnixSeconds) -> Result<(), DeskError> {
        let Some((verified, is_in_time)) = self.read_notice(envelope, now) else {
            self.refuse(None, NoticeFault::Unreadable);
            return Ok(());
        };
        let serial = verified.notice.serial;
        let known = self.keys.notice_serial();
        let is_said = self.names_notice(&verified);
        let is_far = serial > known.saturating_add(SERIALS_AHEAD_MAX);
        if is_said && !is_far {
            self.keys.serial_seen = self.keys.serial_seen.max(serial);
        }
        let fault = if !verified.signer.may_follow(&self.keys.signer) {
            NoticeFault::Signer
        } else if !is_said {
            NoticeFault::Unsaid
        } else if is_far {
            NoticeFault::Far
        } else if serial < known {
            NoticeFault::Back
        } else if !is_in_time {
            NoticeFault::Ended
        } else {
            return self.hold(verified, envelope);
        };
        self.refuse(Some(serial), fault);
        Ok(())
    }

    /// The same, where the hub has refused this device's next notice as too old.
    pub(crate) fn judge_later_notice(
        &mut self,
        envelope: Option<&[u8]>,
        now: UnixSeconds,
    ) -> Result<(), DeskError> {
        let known = self.keys.notice_serial();
        let ours = self.keys.notice.as_ref().map(|notice| (notice.hash, notice.notice.serial));
        let theirs = envelope.and_then(|envelope| self.read_notice(envelope, now));
        match (envelope, theirs, ours) {
            (None, ..) => self.refuse(None, NoticeFault::NoLater),
            (_, Some((theirs, _)), Some((hash, serial))) if theirs.hash == hash => {
                self.refuse(Some(serial), NoticeFault::NoLater);
            }
            (Some(envelope), ..) => self.judge_notice(envelope, now)?,
        }
        if self.keys.notice_serial() > known {
            // Another device's, whose duty key was replaced since, or whose time is over: the next one takes its place at once.
            self.keys.refused = None;
        }
        self.keys.refused_at = self.keys.refused.map(|_| now);
        Ok(())
    }

    /// Counts on from the notice that the hub has, whoever has signed that: for a restart, which comes behind all that went before.
    /// Nothing else is taken from it.
    pub(crate) fn count_from(&mut self, envelope: &[u8], now: UnixSeconds) {
        let Some((verified, _)) = self.read_notice(envelope, now) else {
            return self.refuse(None, NoticeFault::Unreadable);
        };
        let serial = verified.notice.serial;
        if serial > self.keys.notice_serial().saturating_add(SERIALS_AHEAD_MAX) {
            return self.refuse(Some(serial), NoticeFault::Far);
        }
        self.keys.serial_seen = self.keys.serial_seen.max(serial);
    }

    /// Whether the hub has refused the next notice just now for one that is not the desk's, and is not to be asked again at once.
    pub(crate) fn notice_was_refused(&self, now: UnixSeconds) -> bool {
        self.keys.refused_at.is_some_and(|at| at <= now && now.since(at) < ASK_AGAIN_S)
    }

    /// A notice of this desk's chain, and whether it is in order at this time.
    fn read_notice(&self, envelope: &[u8], now: UnixSeconds) -> Option<(VerifiedNotice, bool)> {
        let verify = |at| Notice::verify(envelope, Some(&self.keys.fingerprint), at);
        match verify(now) {
            Ok(verified) => Some((verified, true)),
            Err(NoticeError::Expired | NoticeError::Signed(SignedError::CertificateDays)) => {
                let then = Envelope::kept_since(envelope).ok()?;
                Some((verify(then).ok()?, false))
            }
            Err(_) => None,
        }
    }

    fn names_notice(&self, verified: &VerifiedNotice) -> bool {
        let epochs = verified.notice.inbox_keys.iter().map(|key| key.epoch);
        epochs.into_iter().any(|epoch| self.log.fold.cases.notice_hashes(epoch).contains(&verified.hash))
    }

    fn hold(&mut self, verified: VerifiedNotice, envelope: &[u8]) -> Result<(), DeskError> {
        self.cache.put_document("notice", verified.notice.serial, envelope)?;
        self.keys.notice = Some(verified);
        (self.keys.prepared, self.keys.refused, self.keys.refused_at) = (None, None, None);
        Ok(())
    }

    fn refuse(&mut self, serial: Option<u64>, fault: NoticeFault) {
        self.keys.refused = Some(RefusedNotice { serial, fault });
    }
}
