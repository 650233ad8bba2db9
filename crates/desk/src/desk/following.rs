//! What is new at the hub: asked for, and taken.

use std::time::Duration;

use callsign_protocol::{
    follow::{CELLS_MAX, ENTRIES_MAX, Follow},
    keyring::KeyringError,
    signed::SignedError,
};
use rand_core::Rng as _;

use super::pacing::STEP;
use crate::{Desk, DeskError, desk::Followed, hub::documents::Standing};

/// Steps, at most, between an answer that was not full and the next time the hub is asked.
const DRAWN_STEPS: u32 = 4;

impl Desk {
    /// Takes what is new, waiting up to `wait_s` seconds for it.
    pub fn follow(&self, wait_s: u64) -> Result<Followed, DeskError> {
        self.take(&self.ask(wait_s)?)
    }

    /// Asks the hub what is new, waiting up to `wait_s` seconds for it.
    pub(crate) fn ask(&self, wait_s: u64) -> Result<(Standing, Follow), DeskError> {
        let asked = self.state().standing()?;
        let follow = self.client.follow(asked.cells_after, asked.log_after, wait_s);
        self.compare_with_hub();
        Ok((asked, follow?))
    }

    /// Takes what the hub has answered.
    pub(crate) fn take(&self, (asked, follow): &(Standing, Follow)) -> Result<Followed, DeskError> {
        let lacks_key = self.state().lacks_key(follow);
        if lacks_key && let Some(envelope) = self.client.keyring()? {
            match self.state().take_keyring(&envelope, asked, self.now()) {
                // Ours, grown old while no desk was at work: the next rotation renews it.
                Err(DeskError::Keyring(KeyringError::Signed(SignedError::CertificateDays)))
                    if self.state().is_kept_keyring(&envelope)? => {}
                taken => taken?,
            }
        }
        self.state().reading(|state| state.take(follow, asked, self.now()))?;
        if !follow.cells.is_empty() || !follow.entries.is_empty() {
            self.tell_change();
        }
        let adopted = !asked.knew(self.state().keys.keyring.serial);
        if adopted && !self.state().is_borne_out() {
            // At once, for nothing is written before.
            let next = self.follow(0)?;
            return Ok(Followed { cells: follow.cells.len() + next.cells, ..next });
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
    pub(super) fn drawn_pause(&self) -> Duration {
        STEP * (1 + self.state().rng.next_u32() % DRAWN_STEPS)
    }
}
