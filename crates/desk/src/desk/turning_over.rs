//! Turning over what is good for a time: keys and the notice, each published once the log is ready for it.

use std::time::Duration;

use callsign_protocol::{
    keyring::{Keyring, KeyringError},
    signed::SignedError,
};

use super::Desk;
use crate::{
    DeskError,
    hub::{HubError, LettersFault},
    keys::notice::PreparedNotice,
    posting::Pace,
};

/// Notices made at most where another device was faster: what that one says may be of keys that are gone, so the next follows at once.
const NOTICE_TRIES: usize = 2;
/// Steps of forgetting in a beat, at most: some 90,000 cases in three hours.
const FORGET_STEPS: usize = 8;
/// Between two of them: who waits for the lock gets it.
const FORGET_PAUSE: Duration = Duration::from_millis(2);
/// Letters documents made at most, likewise.
const LETTERS_TRIES: usize = 2;

impl Desk {
    /// Turns keys and notice over where today needs it, and forgets what no period keeps, whatever a hub makes of the first.
    pub(crate) fn rotate(&self) -> Result<(), DeskError> {
        self.state().knows_fold()?;
        let turned = self.turn_over();
        let is_in_step = self.state().log.fold.is_known() && self.state().is_borne_out();
        let forgot = if is_in_step { self.forget_some() } else { Ok(()) };
        turned.and(forgot)
    }

    fn turn_over(&self) -> Result<(), DeskError> {
        if !self.state().is_borne_out() {
            // The log is still to come.
            return Ok(());
        }
        if self.state().next_keyring(self.now())?.is_some() {
            self.shows_its_day()?;
            match self.replace_keyring(|desk| desk.state().next_keyring(desk.now())) {
                // Others are faster all the time: the next beat sees what is left to do.
                Err(DeskError::Busy) => {}
                put => put?,
            }
        }
        self.state().settle_generation()?;
        self.go_on_from_restart()?;
        self.plan_on_from_here()?;
        for _ in 0..NOTICE_TRIES {
            // Before the notice that names them, and whatever becomes of that: who was interrupted between goes on here.
            self.publish_letters()?;
            if self.state().notice_was_refused(self.now()) {
                break;
            }
            let Some(next) = self.state().next_notice(self.now())? else { break };
            self.publish(&next)?;
        }
        Ok(())
    }

    /// Destroys what no period keeps, in steps between which pages have their turn; what is left is for the next beat.
    fn forget_some(&self) -> Result<(), DeskError> {
        self.forget_drafts();
        for _ in 0..FORGET_STEPS {
            if !self.state().forget(self.now().day())? {
                break;
            }
            (self.timer.wait)(FORGET_PAUSE);
        }
        Ok(())
    }

    /// Puts a beat of today into the log where that has none yet, before keys are turned over for today: the hub refuses one of a
    /// day that has not come, and a clock that is wrong would destroy keys that are needed. It carries no drops, for the key that
    /// they are sealed under may be about to change. Whether it did.
    pub(crate) fn shows_its_day(&self) -> Result<bool, DeskError> {
        let is_shown = {
            let state = self.state();
            state.log.fold.cases.time().day() >= self.now().day() || state.may_write().is_err()
        };
        if !is_shown {
            self.commit(Pace::BeatWithoutDrops)?;
        }
        Ok(!is_shown)
    }

    /// Puts the letters document where the hub has none of the keys in use. Where that fails, for whatever the hub says of it, people
    /// are told and the notice goes out without: calls do not wait for letters.
    pub(super) fn publish_letters(&self) -> Result<(), DeskError> {
        match self.try_to_publish_letters() {
            Err(DeskError::Hub(error)) => {
                tracing::warn!(%error, "the letter keys are not published");
                self.state().refuse_letters(None, LettersFault::Refused);
                Ok(())
            }
            tried => tried,
        }
    }

    fn try_to_publish_letters(&self) -> Result<(), DeskError> {
        if self.state().lacks_letters() {
            let theirs = self.client.letters()?;
            self.state().judge_letters(theirs.as_deref(), self.now())?;
        }
        for _ in 0..LETTERS_TRIES {
            let Some(next) = self.state().next_letters(self.now())? else { break };
            match self.client.put_letters(&next) {
                Ok(()) => return self.state().keep_letters(&next),
                Err(HubError::Conflict) => {}
                Err(other) => return Err(other.into()),
            }
            let tried = self.state().keys.letters_serial;
            let theirs = self.client.letters()?;
            let mut state = self.state();
            state.judge_letters(theirs.as_deref(), self.now())?;
            if state.keys.letters_serial == tried {
                // Nothing that came after.
                if state.keys.refused_letters.is_none() {
                    state.refuse_letters(None, LettersFault::NoLater);
                }
                break;
            }
        }
        Ok(())
    }

    /// Publishes a notice once its hash is in the log: a call sealed under it can then be opened by every device.
    pub(super) fn publish(&self, prepared: &PreparedNotice) -> Result<(), DeskError> {
        self.put_in_log(&prepared.event)?;
        match self.client.put_notice(&prepared.envelope) {
            Ok(()) => self.state().keep_notice(&prepared.envelope),
            Err(HubError::Conflict) => {
                let theirs = self.client.notice()?;
                // What another device has published was in its log before.
                self.follow_all()?;
                self.state().judge_later_notice(theirs.as_deref(), self.now())
            }
            // The identity has certified another key, with a keyring that this device has not seen yet.
            Err(refused @ HubError::Refused { .. }) => {
                let signed_under = self.state().keys.keyring.serial;
                self.fetch_keyring()?;
                if self.state().keys.keyring.serial > signed_under { Ok(()) } else { Err(refused.into()) }
            }
            Err(other) => Err(other.into()),
        }
    }

    /// Publishes a keyring and works under it.
    pub(crate) fn put_keyring(&self, envelope: &[u8]) -> Result<(), DeskError> {
        let asked = self.state().standing()?;
        if !self.state().is_borne_out() {
            return Err(DeskError::CatchingUp);
        }
        // What no device would take must not be at the hub: one whose certificate has ended stops all until it is renewed.
        if let Err(error) = Keyring::verify(envelope, &self.fingerprint(), self.now()) {
            let ended = self.state().certificate_has_ended(self.now().day());
            return Err(ended.map_or_else(|| error.into(), DeskError::CertificateEnded));
        }
        self.client.put_keyring(envelope)?;
        let mut state = self.state();
        state.take_keyring(envelope, &asked, self.now())?;
        state.bear_out_own(envelope)
    }

    /// Looks whether another device has renewed the certificate, where the one that is known here has ended.
    pub(crate) fn finds_renewal(&self) -> Result<bool, DeskError> {
        let known = self.state().keys.keyring.serial;
        match self.fetch_keyring() {
            // Nobody has.
            Err(DeskError::Keyring(KeyringError::Signed(SignedError::CertificateDays))) => {}
            fetched => fetched?,
        }
        Ok(self.state().keys.keyring.serial > known)
    }

    pub(crate) fn fetch_keyring(&self) -> Result<(), DeskError> {
        let asked = self.state().standing()?;
        match self.client.keyring()? {
            Some(envelope) => self.state().take_keyring(&envelope, &asked, self.now())?,
            None => return Err(DeskError::Busy),
        }
        // What bears it out.
        self.follow_all()
    }
}
