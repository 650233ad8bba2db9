//! The other side of an invitation: a new device asks with the code that was read out to it.

use std::path::Path;

use callsign_protocol::{
    encoding::Bytes,
    identity::{Fingerprint, PrivateKey},
    invitation::{self, InviteCode, OPENING_LEN, Opening, Slot, commitment},
};

use crate::{
    Ambient, DeskError, InviteError, JoinOptions,
    hub::{HubClient, HubError, Step, asking_device},
    keys::Cost,
};

/// A device that has come with a code, and waits.
pub struct Joining {
    client: HubClient,
    fingerprint: Fingerprint,
    slot: Slot,
    opening: Opening,
    /// The desk's random bytes, once they are known: from then on no others count.
    nonce: Option<Bytes<32>>,
    has_shown: bool,
}

/// How far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joined {
    /// The other side has not answered yet.
    Waits,
    /// Both sides read these words out.
    CheckWords(String),
    /// The desk has let this device in.
    Admitted,
}

impl Joining {
    /// Makes the files of a new device in `dir`, or goes on with those of an attempt before, and asks with the code.
    ///
    /// # Errors
    /// [`InviteError::NoSuchCode`], [`InviteError::CodeUsed`]; those of [`crate::Desk::ask_to_join`].
    pub fn begin(
        dir: &Path,
        (passphrase, cost): (&str, Cost),
        join: &JoinOptions,
        code: &InviteCode,
        mut ambient: Ambient,
    ) -> Result<Self, DeskError> {
        let (vault, request) = asking_device(dir, (passphrase, cost), join, &mut ambient)?;
        let client = HubClient::new(&vault.hub, vault.fingerprint(), vault.device_key(), &ambient.proxies)?;
        let slot = code.slot(&join.fingerprint);
        // Fresh ones each time: those that a hub has seen once tell it the words to come.
        let opening = Opening::draw(request, &mut ambient.rng);
        let committed =
            client.commit_to_invitation(&slot, &commitment(&join.fingerprint, &slot, &opening.encode()));
        match committed.map_err(|error| DeskError::from(error).while_setting_up(dir))? {
            Step::Taken => {}
            Step::Conflict => return Err(InviteError::CodeUsed.into()),
            Step::Absent => return Err(InviteError::NoSuchCode.into()),
        }
        let fingerprint = join.fingerprint;
        Ok(Self { client, fingerprint, slot, opening, nonce: None, has_shown: false })
    }

    /// Whether an invitation stands under a code, and nobody has come with it; nothing is made, and no code is used up by that.
    ///
    /// # Errors
    /// [`InviteError::NoSuchCode`], [`InviteError::CodeUsed`]; the hub's.
    pub fn stands(join: &JoinOptions, code: &InviteCode, ambient: &mut Ambient) -> Result<(), DeskError> {
        let nobody = PrivateKey::generate(&mut ambient.rng);
        let client = HubClient::new(&join.hub, join.fingerprint, nobody, &ambient.proxies)?;
        let shown = client.invitation(&code.slot(&join.fingerprint));
        match shown.map_err(|error| DeskError::from(error).before_anything())? {
            None => Err(InviteError::NoSuchCode.into()),
            Some(invitation::Invitation::Open) => Ok(()),
            Some(_) => Err(InviteError::CodeUsed.into()),
        }
    }

    /// Asks the hub how far it has come, and does what is this side's next.
    ///
    /// # Errors
    /// The hub's, after which it goes on with the next call; an [`InviteError`] ends it.
    pub fn follow(&mut self) -> Result<Joined, DeskError> {
        use invitation::Invitation as At;
        let bytes: [u8; OPENING_LEN] = self.opening.encode();
        let Some(shown) = self.client.invitation(&self.slot)? else { return self.has_ended() };
        let (committed, nonce) = match &shown {
            At::Open => return Err(InviteError::Swapped.into()),
            At::Committed(commitment) => (commitment, None),
            At::Answered { commitment, nonce } | At::Shown { commitment, nonce, .. } => {
                (commitment, Some(*nonce))
            }
        };
        let own = commitment(&self.fingerprint, &self.slot, &bytes);
        let is_other = matches!(&shown, At::Shown { opening, .. } if **opening != bytes);
        if *committed != own || is_other || self.nonce.is_some_and(|known| nonce != Some(known)) {
            return Err(InviteError::Swapped.into());
        }
        let Some(nonce) = nonce else { return Ok(Joined::Waits) };
        self.nonce = Some(nonce);
        if !self.has_shown {
            match self.client.show_to_invitation(&self.slot, &bytes)? {
                Step::Taken => self.has_shown = true,
                Step::Conflict => return Err(InviteError::Swapped.into()),
                Step::Absent => return self.has_ended(),
            }
        }
        Ok(Joined::CheckWords(self.opening.check_words(&self.fingerprint, &self.slot, &nonce)))
    }

    /// Who is in the keyring has been let in, whatever else was told.
    fn has_ended(&self) -> Result<Joined, DeskError> {
        match self.client.keyring() {
            Ok(Some(_)) => Ok(Joined::Admitted),
            Ok(None) | Err(HubError::NotADevice | HubError::Refused { .. }) => {
                Err(InviteError::NotLetIn.into())
            }
            Err(other) => Err(other.into()),
        }
    }
}

impl std::fmt::Debug for Joining {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Joining")
    }
}
