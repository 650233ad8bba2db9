//! Inviting a device: a code that is said, a request that comes by the hub, and words without which nobody is admitted.

use std::sync::{MutexGuard, PoisonError};

use callsign_protocol::{
    device_request::DeviceRequest,
    encoding::Bytes,
    fold::fold,
    identity::Fingerprint,
    invitation::{self, INVITATION_S, InviteCode, OPENING_LEN, Opening, Slot, commitment},
    keyring::{DeviceId, device_id},
    time::UnixSeconds,
};
use thiserror::Error;

use super::Desk;
use crate::{
    DeskError, PeopleError,
    cases::{PersonId, Role},
    hub::Step,
};

/// An invitation that stands, as people follow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// What is read out to whoever sits at the new device.
    pub code: InviteCode,
    /// Whose device it will be.
    pub person: PersonId,
    /// When the hub forgets it.
    pub ends: UnixSeconds,
    /// What both sides read out, once the new device has asked.
    pub check_words: Option<String>,
    /// Why nothing can come of it any more.
    pub failed: Option<InviteError>,
}

/// Why nothing came of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InviteError {
    /// The hub has it no more.
    #[error(
        "the invitation has ended: its quarter of an hour is over, it was stopped, another one was made on the same device, or the hub was started again; nobody was admitted. Make \
         another invitation"
    )]
    Ended,
    /// To who joins: there is none under this code.
    #[error(
        "the hub knows no invitation with this code: it was mistyped, its quarter of an hour is over, or it was stopped; have it read out again, or \
         another one made"
    )]
    NoSuchCode,
    /// To who joins: another device has come with this code.
    #[error(
        "another device has come with this code already; have this invitation stopped and another one made. If that was none of yours, \
         somebody else knows the code"
    )]
    CodeUsed,
    /// To who joins: it has ended, and this device is not of the desk.
    #[error(
        "the invitation has ended, and this device was not admitted; ask whoever invited it, and for another code"
    )]
    NotLetIn,
    /// Nobody has come with the code yet.
    #[error("no device has asked with this code yet; it is typed at the new device first")]
    NothingAsked,
    /// The words that were given are others.
    #[error(
        "the check words are not those of this invitation; nobody was admitted. If there is no slip of the tongue, somebody stands between you \
         and the new device: stop the invitation"
    )]
    OtherWords,
    /// The hub shows something else than was agreed.
    #[error(
        "the hub shows something else in this invitation than was agreed: somebody stands between both sides, or the hub is broken; nobody was admitted. \
         Make another invitation, and where it happens again carry the request yourselves, with `callsign desk admit`"
    )]
    Swapped,
}

/// An invitation of this device.
pub(crate) struct Inviting {
    slot: Slot,
    shown: Invited,
    /// This device's random bytes, which are shown to one commitment alone.
    nonce: Bytes<32>,
    committed: Option<Bytes<32>>,
    request: Option<DeviceRequest>,
}

impl Desk {
    /// Opens an invitation for a device of a person. One that this device had open ends with that.
    ///
    /// # Errors
    /// [`PeopleError::Role`] for who is no custodian, [`DeskError::NoPostingSlot`], and the hub's.
    pub fn invite(&self, person: PersonId) -> Result<Invited, DeskError> {
        if !self.has_role(Role::Custodian) {
            return Err(PeopleError::Role.into());
        }
        // Nobody is to compare words in vain.
        self.state().free_slot()?;
        let (code, nonce) = {
            let mut state = self.state();
            (InviteCode::generate(&mut state.rng), Bytes::random(&mut state.rng))
        };
        let slot = code.slot(&self.fingerprint());
        self.client.open_invitation(&slot).map_err(|error| DeskError::from(error).before_anything())?;
        let ends = self.now().plus(INVITATION_S);
        let shown = Invited { code, person, ends, check_words: None, failed: None };
        *self.inviting() =
            Some(Box::new(Inviting { slot, shown: shown.clone(), nonce, committed: None, request: None }));
        self.tell_change();
        Ok(shown)
    }

    /// The invitation of this device, as far as it is known here.
    pub fn invited(&self) -> Option<Invited> {
        self.inviting().as_ref().map(|inviting| inviting.shown.clone())
    }

    /// Asks the hub how far the invitation has come, and does what is this side's next.
    ///
    /// # Errors
    /// The hub's, after which it goes on with the next call. What ends the invitation is in [`Invited::failed`].
    pub fn follow_invitation(&self) -> Result<Option<Invited>, DeskError> {
        let Ok(_turn) = self.asking.try_lock() else { return Ok(self.invited()) };
        let is_over = |ends: UnixSeconds| self.now() > ends;
        let over =
            self.inviting().as_ref().filter(|inviting| is_over(inviting.shown.ends)).map(|one| one.slot);
        if let Some(slot) = over {
            self.with_invitation(&slot, |inviting| *inviting.shown.failed.get_or_insert(InviteError::Ended));
        }
        let asks = {
            let inviting = self.inviting();
            let Some(now) = inviting.as_ref() else { return Ok(None) };
            // What the words are made of is settled: nothing that the hub shows after that counts.
            (now.shown.failed.is_none() && now.request.is_none()).then_some((now.slot, now.nonce))
        };
        let Some((slot, nonce)) = asks else { return Ok(self.invited()) };
        let shown = self.client.invitation(&slot)?;
        let answers = self.with_invitation(&slot, |inviting| inviting.takes(shown, &self.fingerprint()));
        if answers == Some(true) {
            let step = self.client.answer_invitation(&slot, &nonce)?;
            self.with_invitation(&slot, |inviting| match step {
                Step::Taken => {}
                Step::Conflict => inviting.shown.failed = Some(InviteError::Swapped),
                Step::Absent => inviting.shown.failed = Some(InviteError::Ended),
            });
        }
        Ok(self.invited())
    }

    /// Admits the device that has asked, where the words that were read out are its own: without them there is no way in.
    ///
    /// # Errors
    /// [`InviteError::NothingAsked`], [`InviteError::OtherWords`], [`InviteError::Ended`]; those of [`Desk::admit_for`].
    pub fn admit_invited(&self, words: &str) -> Result<DeviceId, DeskError> {
        let (request, person, slot) = {
            let inviting = self.inviting();
            let inviting = inviting.as_ref().ok_or(InviteError::Ended)?;
            if let Some(failed) = inviting.shown.failed {
                return Err(failed.into());
            }
            let (Some(request), Some(own)) = (&inviting.request, &inviting.shown.check_words) else {
                return Err(InviteError::NothingAsked.into());
            };
            if fold(words) != *own {
                return Err(InviteError::OtherWords.into());
            }
            if self.now() > inviting.shown.ends {
                return Err(InviteError::Ended.into());
            }
            (request.clone(), inviting.shown.person, inviting.slot)
        };
        self.admit_for(&request, person)?;
        self.end(&slot);
        Ok(device_id(&request.signing_key))
    }

    /// Ends the invitation of this device; nobody comes in by it.
    pub fn end_invitation(&self) {
        let slot = self.inviting().as_ref().map(|inviting| inviting.slot);
        if let Some(slot) = slot {
            self.end(&slot);
        }
    }

    fn end(&self, slot: &Slot) {
        {
            let mut inviting = self.inviting();
            if inviting.as_ref().is_some_and(|inviting| inviting.slot == *slot) {
                *inviting = None;
            }
        }
        self.tell_change();
        // Where the hub does not hear it, it forgets within the quarter of an hour; nothing here admits by it any more.
        drop(self.client.end_invitation(slot));
    }

    fn inviting(&self) -> MutexGuard<'_, Option<Box<Inviting>>> {
        self.invitation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on the invitation where it is still the one, and tells pages where it has become another.
    fn with_invitation<T>(&self, slot: &Slot, work: impl FnOnce(&mut Inviting) -> T) -> Option<T> {
        let (done, has_changed) = {
            let mut inviting = self.inviting();
            let inviting = inviting.as_mut().filter(|inviting| inviting.slot == *slot)?;
            let before = inviting.shown.clone();
            let done = work(inviting);
            (done, before != inviting.shown)
        };
        if has_changed {
            self.tell_change();
        }
        Some(done)
    }
}

impl Inviting {
    /// Takes in what the hub shows; whether this side's random bytes are to be given.
    fn takes(&mut self, shown: Option<invitation::Invitation>, desk: &Fingerprint) -> bool {
        use invitation::Invitation as At;
        let (committed, nonce, opening) = match shown {
            None => {
                self.shown.failed = Some(InviteError::Ended);
                return false;
            }
            Some(At::Open) if self.committed.is_none() => return false,
            Some(At::Open) => {
                self.shown.failed = Some(InviteError::Swapped);
                return false;
            }
            Some(At::Committed(commitment)) => (commitment, None, None),
            Some(At::Answered { commitment, nonce }) => (commitment, Some(nonce), None),
            Some(At::Shown { commitment, nonce, opening }) => (commitment, Some(nonce), Some(opening)),
        };
        // Whoever sees the random bytes has committed before, once: everything hangs on that.
        if *self.committed.get_or_insert(committed) != committed
            || nonce.is_some_and(|nonce| nonce != self.nonce)
        {
            self.shown.failed = Some(InviteError::Swapped);
            return false;
        }
        if let Some(opening) = opening {
            match self.opened(&opening, desk) {
                Ok((words, request)) => {
                    self.shown.check_words = Some(words);
                    self.request = Some(request);
                }
                Err(error) => self.shown.failed = Some(error),
            }
        }
        nonce.is_none()
    }

    fn opened(
        &self,
        bytes: &[u8; OPENING_LEN],
        desk: &Fingerprint,
    ) -> Result<(String, DeviceRequest), InviteError> {
        if self.committed != Some(commitment(desk, &self.slot, bytes)) {
            return Err(InviteError::Swapped);
        }
        let opening = Opening::decode(bytes).map_err(|_| InviteError::Swapped)?;
        opening.request.verify(desk).map_err(|_| InviteError::Swapped)?;
        Ok((opening.check_words(desk, &self.slot, &self.nonce), opening.request))
    }
}
