//! Writing into the log: the beat, all at once, and an event that something waits for.

use std::time::Duration;

use callsign_protocol::error_code::ErrorCode;

use super::{Desk, pacing::after_refusals};
use crate::{
    DeskError,
    cases::{Event, EventId},
    hub::HubError,
    posting::Pace,
};

/// Commits tried before giving up where other devices keep writing.
const TRIES: u32 = 16;
/// Commits of one flush at most: 256 bundles are 2 MiB of events.
const FLUSH_MAX: usize = 256;

/// Commits at most that sign lists anew: of 256 shards, a fortnight's.
const SIGNING_MAX: usize = 56;

/// What a flush cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlushReport {
    /// Commits sent outside the beat.
    pub commits: usize,
    /// Drops posted outside the cadence.
    pub drops: usize,
}

impl Desk {
    /// The regular commit of a device; also turns over what is due.
    pub fn beat(&self) -> Result<(), DeskError> {
        self.rotate()?;
        self.commit(Pace::Beat).map(|_| ())
    }

    /// The same at a time that was fixed before, by the desk's [`Timer`](super::Timer): what goes before it is done by then, or the beat
    /// leaves whole steps of 200 ms later.
    ///
    /// # Errors
    /// Those of [`Desk::beat`].
    pub fn beat_on_time(&self, fixed: Duration) -> Result<(), DeskError> {
        self.rotate()?;
        self.commit_at(Pace::Beat, Some(fixed)).map(|_| ())
    }

    /// Beats until a duty key that was just published has signed all lists: callers who have it take no other signature, and
    /// would be told that a hub may withhold answers.
    pub(super) fn sign_anew(&self) -> Result<(), DeskError> {
        for _ in 0..SIGNING_MAX {
            match self.commit(Pace::Beat) {
                // Finished lists are signed all the same.
                Ok(_) | Err(DeskError::DropsWait) => {}
                Err(other) => return Err(other),
            }
            if !self.state().has_lists_to_sign(self.now().day()) {
                break;
            }
        }
        Ok(())
    }

    /// Commits all that waits, at once. The hub sees when that happens.
    pub fn flush(&self) -> Result<FlushReport, DeskError> {
        let mut report = FlushReport::default();
        while report.commits < FLUSH_MAX && self.state().has_something_to_flush(self.now())? {
            report.drops += self.commit(Pace::Flush)?;
            report.commits += 1;
        }
        Ok(report)
    }

    /// Whether an event stands in the log, and counts there.
    ///
    /// # Errors
    /// [`DeskError::WithoutEffect`] where it stands there in vain.
    pub fn outcome(&self, event: &EventId) -> Result<bool, DeskError> {
        self.state().is_in_log(event)
    }

    /// Returns once an event is in the log.
    ///
    /// # Errors
    /// [`DeskError::WithoutEffect`] where it stands there and counts for nothing.
    pub(crate) fn put_in_log(&self, event: &Event) -> Result<(), DeskError> {
        self.put_in_log_at(Pace::Beat, event)
    }

    /// The same with commits of that pace.
    pub(super) fn put_in_log_at(&self, pace: Pace, event: &Event) -> Result<(), DeskError> {
        self.state().queue(vec![event.clone()])?;
        for _ in 0..TRIES {
            if self.state().is_in_log(&event.id)? {
                return Ok(());
            }
            match self.commit(pace) {
                Ok(_) | Err(DeskError::DropsWait) => {}
                Err(other) => return Err(other),
            }
        }
        if self.state().is_in_log(&event.id)? { Ok(()) } else { Err(DeskError::Busy) }
    }

    /// One commit on top of the log, made anew as often as another device was faster; the number of its drops. Where the hub
    /// has another date and takes no drops for this one, what waits for the log goes without them: no call may wait for a
    /// clock.
    pub(super) fn commit(&self, pace: Pace) -> Result<usize, DeskError> {
        self.commit_at(pace, None)
    }

    /// The same, where the first attempt does not leave before a time.
    fn commit_at(&self, pace: Pace, mut fixed: Option<Duration>) -> Result<usize, DeskError> {
        let mut taken = pace;
        for refused in 1..=TRIES {
            let commit = self.state().reading(|state| state.compose(self.now(), taken))?;
            if let Some(fixed) = fixed.take() {
                self.timer.wait_until(fixed);
            }
            let drops = commit.rest.drops.len();
            let answer = match self.client.commit(&commit) {
                // The answer may have been lost: the same bytes again do no harm.
                Err(HubError::Away(..) | HubError::Lost(..)) => self.client.commit(&commit),
                other => other,
            };
            self.note_session(&answer);
            let next = self.timer.elapsed() + after_refusals(refused);
            match answer {
                Ok(head) => {
                    if head.hash == commit.entry.hash() {
                        self.state().take_entry(head.sequence, &commit.entry, self.now())?;
                        self.tell_change();
                    } else {
                        // Applied, and others have written since.
                        self.follow_all()?;
                    }
                    if drops > 0 {
                        self.state().posting.refused_day = None;
                    }
                    return if taken == pace { Ok(drops) } else { Err(DeskError::DropsWait) };
                }
                Err(HubError::Conflict) => self.follow_all()?,
                // Another device has begun a generation.
                Err(HubError::Refused { code: ErrorCode::Generation }) => self.fetch_keyring()?,
                Err(HubError::Refused { code: ErrorCode::DayRefused }) if drops > 0 => {
                    self.state().posting.refused_day = Some(commit.entry.header().day);
                    taken = Pace::BeatWithoutDrops;
                }
                // What was put has gone since; the next attempt is another.
                Err(HubError::Refused { code: ErrorCode::SnapshotRefused }) => {
                    self.state().give_up_attempt()?;
                }
                Err(other) => return Err(other.into()),
            }
            // What was done about it meanwhile shows no more than a beat's own work does.
            fixed = Some(next);
        }
        Err(DeskError::Busy)
    }
}
