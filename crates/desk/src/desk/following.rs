//! What is new at the hub: asked for, and taken.

use std::time::Duration;

use callsign_protocol::{
    follow::{CELLS_MAX, ENTRIES_MAX, Follow},
    keyring::KeyringError,
    signed::SignedError,
};
use rand_core::Rng as _;

use super::pacing::{STEP, Timer};
use crate::{Desk, DeskError, desk::Followed, hub::documents::Standing};

/// Steps, at most, between an answer that was not full and the next time the hub is asked.
const DRAWN_STEPS: u32 = 4;
/// Before the hub is asked again after it did not answer.
pub(super) const RETRY: Duration = Duration::from_secs(2);

/// When the hub is asked next, whatever was to be done with its last answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct FollowTurn {
    next: Duration,
}

impl FollowTurn {
    /// How long it is until then.
    pub(super) fn wait(&self, timer: &Timer) -> Duration {
        timer.until(self.next)
    }
}

impl Desk {
    /// Takes what is new when it is time to ask for it, as a desk at work does; waits up to `wait_s` seconds for something new.
    ///
    /// # Errors
    /// Those of [`Desk::follow`]; the next turn is two seconds later then.
    pub fn follow_on_time(&self, turn: &mut FollowTurn, wait_s: u64) -> Result<Followed, DeskError> {
        let pause = self.drawn_pause();
        self.timer.wait_until(turn.next);
        let asked = self.ask(wait_s);
        let answered = self.timer.elapsed();
        let done = asked.and_then(|asked| self.take(&asked));
        turn.next = answered
            + match &done {
                Ok(followed) if followed.more => STEP,
                Ok(_) => pause,
                Err(_) => RETRY,
            };
        done
    }

    /// Takes what is new, waiting up to `wait_s` seconds for it.
    pub fn follow(&self, wait_s: u64) -> Result<Followed, DeskError> {
        self.take(&self.ask(wait_s)?)
    }

    /// Asks the hub what is new, waiting up to `wait_s` seconds for it.
    pub(crate) fn ask(&self, wait_s: u64) -> Result<(Standing, Follow), DeskError> {
        let asked = self.state().standing()?;
        let follow = self.client.follow(asked.cells_after, asked.log_after, wait_s);
        self.note_session(&follow);
        self.compare_with_hub();
        Ok((asked, follow?))
    }

    /// Takes another keyring in place of the first one for as long as nothing shows that this is the desk's: a colleague may have put right what
    /// another device has wrapped. Whether it did.
    fn renews_first_keyring(&self, (asked, follow): (&Standing, &Follow)) -> Result<bool, DeskError> {
        let serial = self.state().keys.keyring.serial;
        if !self.state().is_unproven() || follow.keyring <= serial {
            return Ok(false);
        }
        let Some(envelope) = self.client.keyring()? else { return Ok(false) };
        let mut state = self.state();
        state.take_keyring(&envelope, asked, self.now())?;
        Ok(state.keys.keyring.serial > serial)
    }

    /// Takes what the hub has answered.
    pub(crate) fn take(&self, (asked, follow): &(Standing, Follow)) -> Result<Followed, DeskError> {
        if self.renews_first_keyring((asked, follow))? {
            // Nothing was read under it yet.
            return Ok(Followed { cells: 0, more: true });
        }
        let (lacks_key, is_behind) = {
            let state = self.state();
            (state.lacks_key(follow), follow.keyring > state.keys.keyring.serial)
        };
        if (lacks_key || is_behind)
            && let Some(envelope) = self.client.keyring()?
        {
            // Whoever held the lock over the arms would wait for itself.
            let taken = self.state().take_keyring(&envelope, asked, self.now());
            match taken {
                // Ours, grown old while no desk was at work: the next rotation renews it. Or one that is of another day by this device's clock,
                // and that nothing needs yet.
                Err(DeskError::Keyring(KeyringError::Signed(SignedError::CertificateDays)))
                    if !lacks_key || self.state().is_kept_keyring(&envelope)? => {}
                taken => taken?,
            }
        }
        let now = self.now();
        let mut to_open = self.state().reading(|state| state.take(follow, asked, now))?;
        // Once more only where a keyring or a notice came meanwhile.
        while let Some(keys) = to_open {
            let opened = keys.open(follow, asked, now);
            to_open = self.state().reading(|state| state.take_opened(follow, asked, &opened, now))?;
        }
        if !follow.cells.is_empty() || !follow.entries.is_empty() {
            self.tell_change();
        }
        if !follow.entries.is_empty() {
            // A case may have been erased elsewhere.
            self.forget_drafts();
        }
        let adopted = !asked.knew(self.state().keys.keyring.serial);
        if adopted && !self.state().is_borne_out() {
            // Nothing is written before.
            return Ok(Followed { cells: follow.cells.len(), more: true });
        }
        // Cells are asked for once the state is known.
        let came_to_know = !asked.is_known && self.state().standing()?.is_known;
        let is_full = follow.cells.len() == CELLS_MAX || follow.entries.len() == ENTRIES_MAX;
        Ok(Followed { cells: follow.cells.len(), more: is_full || came_to_know })
    }

    /// Takes all that waits, at the pace of a desk at work.
    pub(crate) fn follow_all(&self) -> Result<(), DeskError> {
        loop {
            let asked = self.ask(0)?;
            let answered = self.timer.elapsed();
            if !self.take(&asked)?.more {
                return Ok(());
            }
            self.timer.wait_until(answered + STEP);
        }
    }

    /// How long after an answer that was not full the hub is asked again; drawn before it comes.
    fn drawn_pause(&self) -> Duration {
        STEP * (1 + self.state().rng.next_u32() % DRAWN_STEPS)
    }
}
