//! Invitations of desks: one for each device at most, in memory, for fifteen minutes, and only where the device has opened it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use callsign_protocol::{
    encoding::Bytes,
    identity::DeskId,
    invitation::{INVITATION_S, Invitation, OPENING_LEN, Slot, commitment},
    keyring::DeviceId,
    time::UnixSeconds,
};

use super::{Desk, Service, ServiceError};
use crate::store::Store;

/// Those that stand.
#[derive(Debug, Default)]
pub struct Invitations(Mutex<HashMap<DeskId, Vec<Kept>>>);

/// One of them.
#[derive(Debug)]
struct Kept {
    slot: Slot,
    opened_by: DeviceId,
    opened: UnixSeconds,
    stage: Invitation,
}

impl Kept {
    /// A device that belongs to the desk no more invites nobody, and a clock that was set back makes none last longer.
    fn stands(&self, desk: &Desk, now: UnixSeconds) -> bool {
        let in_time = (self.opened.0..=self.opened.plus(INVITATION_S).0).contains(&now.0);
        in_time && is_of_keyring(desk, &self.opened_by)
    }
}

impl Invitations {
    fn lock(&self) -> MutexGuard<'_, HashMap<DeskId, Vec<Kept>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on those of a desk that stand.
    fn of<T>(&self, desk: &Desk, now: UnixSeconds, work: impl FnOnce(&mut Vec<Kept>) -> T) -> T {
        let mut all = self.lock();
        let kept = all.entry(desk.id.clone()).or_default();
        kept.retain(|one| one.stands(desk, now));
        let done = work(kept);
        if kept.is_empty() {
            all.remove(&desk.id);
        }
        done
    }

    /// Works on one.
    fn one<T>(
        &self,
        desk: &Desk,
        (slot, now): (&Slot, UnixSeconds),
        work: impl FnOnce(&mut Kept) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        self.of(desk, now, |kept| {
            let found = kept.iter_mut().find(|one| one.slot == *slot);
            found.map_or(Err(ServiceError::NotFound), work)
        })
    }
}

impl<S: Store> Service<S> {
    /// Opens an invitation for a device of the keyring. One that the device had open before ends with that.
    pub fn open_invitation(&self, desk: &Desk, device: DeviceId, slot: Slot) -> Result<(), ServiceError> {
        // The identity's session is none of a device, and lets nobody in.
        if !is_of_keyring(desk, &device) {
            return Err(ServiceError::SessionNeeded);
        }
        let now = self.now();
        self.invitations.of(desk, now, |kept| {
            match kept.iter().find(|one| one.slot == slot) {
                // Asked for again, where the answer was lost.
                Some(one) if one.opened_by == device && one.stage == Invitation::Open => return Ok(()),
                Some(_) => return Err(ServiceError::InvitationConflict),
                None => {}
            }
            // One for each device, so eight at most: nobody keeps the others from inviting.
            kept.retain(|one| one.opened_by != device);
            kept.push(Kept { slot, opened_by: device, opened: now, stage: Invitation::Open });
            Ok(())
        })
    }

    /// Ends an invitation of a device; one that has ended already is ended.
    pub fn end_invitation(&self, desk: &Desk, device: &DeviceId, slot: &Slot) {
        let now = self.now();
        self.invitations.of(desk, now, |kept| {
            kept.retain(|one| one.slot != *slot || one.opened_by != *device);
        });
    }

    /// How far an invitation has come, for whoever knows where it is.
    pub fn invitation(&self, desk: &Desk, slot: &Slot) -> Result<Invitation, ServiceError> {
        self.invitations.one(desk, (slot, self.now()), |one| Ok(one.stage.clone()))
    }

    /// What a device that joins commits to; the first one has the invitation.
    pub fn commit_to_invitation(
        &self,
        desk: &Desk,
        slot: &Slot,
        committed: &[u8],
    ) -> Result<(), ServiceError> {
        let committed = Bytes(committed.try_into().map_err(|_| ServiceError::Malformed)?);
        self.invitations.one(desk, (slot, self.now()), |one| match &one.stage {
            Invitation::Open => {
                one.stage = Invitation::Committed(committed);
                Ok(())
            }
            Invitation::Committed(kept)
            | Invitation::Answered { commitment: kept, .. }
            | Invitation::Shown { commitment: kept, .. }
                if *kept == committed =>
            {
                Ok(())
            }
            _ => Err(ServiceError::InvitationConflict),
        })
    }

    /// The random bytes of the device that invites, once somebody has committed.
    pub fn answer_invitation(
        &self,
        desk: &Desk,
        device: &DeviceId,
        (slot, drawn): (&Slot, &[u8]),
    ) -> Result<(), ServiceError> {
        let drawn = Bytes(drawn.try_into().map_err(|_| ServiceError::Malformed)?);
        self.invitations.one(desk, (slot, self.now()), |one| match &one.stage {
            _ if one.opened_by != *device => Err(ServiceError::NotFound),
            Invitation::Committed(commitment) => {
                one.stage = Invitation::Answered { commitment: *commitment, nonce: drawn };
                Ok(())
            }
            Invitation::Answered { nonce, .. } | Invitation::Shown { nonce, .. } if *nonce == drawn => Ok(()),
            _ => Err(ServiceError::InvitationConflict),
        })
    }

    /// What the device that joins has committed to, once it has the bytes of the one that invites.
    pub fn show_to_invitation(&self, desk: &Desk, slot: &Slot, shown: &[u8]) -> Result<(), ServiceError> {
        let shown: &[u8; OPENING_LEN] = shown.try_into().map_err(|_| ServiceError::Malformed)?;
        self.invitations.one(desk, (slot, self.now()), |one| match &one.stage {
            Invitation::Answered { commitment: kept, .. } | Invitation::Shown { commitment: kept, .. }
                if *kept != commitment(&desk.fingerprint, slot, shown) =>
            {
                Err(ServiceError::Forbidden)
            }
            Invitation::Answered { commitment, nonce } => {
                let (commitment, nonce) = (*commitment, *nonce);
                one.stage = Invitation::Shown { commitment, nonce, opening: Box::new(*shown) };
                Ok(())
            }
            Invitation::Shown { .. } => Ok(()),
            _ => Err(ServiceError::InvitationConflict),
        })
    }
}

fn is_of_keyring(desk: &Desk, device: &DeviceId) -> bool {
    desk.keyring.read().is_some_and(|keyring| keyring.body.keyring.device(device).is_some())
}
