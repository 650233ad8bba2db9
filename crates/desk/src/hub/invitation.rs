//! A device's requests about an invitation, on either side.

use callsign_http::Cause;
use callsign_protocol::{
    encoding::Bytes,
    error_code::ErrorCode,
    invitation::{INVITATION_MAX, Invitation, OPENING_LEN, Slot},
};
use data_encoding::HEXLOWER;

use super::{HubClient, HubError, client::TIMEOUT};

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The hub has it.
    Taken,
    /// Something else lies there.
    Conflict,
    /// There is no such invitation, or no more.
    Absent,
}

impl HubClient {
    /// Opens an invitation; one that this device had open ends with that.
    pub(crate) fn open_invitation(&self, slot: &Slot) -> Result<(), HubError> {
        self.expect_empty(self.in_session("PUT", &path(slot, ""), &[], TIMEOUT)?)
    }

    /// Ends an invitation of this device.
    pub(crate) fn end_invitation(&self, slot: &Slot) -> Result<(), HubError> {
        self.expect_empty(self.in_session("DELETE", &path(slot, ""), &[], TIMEOUT)?)
    }

    /// How far an invitation has come; none where there is none.
    pub(crate) fn invitation(&self, slot: &Slot) -> Result<Option<Invitation>, HubError> {
        let shown = self.send("GET", &path(slot, ""), None, &[], TIMEOUT)?;
        let Some(bytes) = self.expect_document(shown, INVITATION_MAX)? else { return Ok(None) };
        Invitation::decode(&bytes).map(Some).map_err(|_| self.away(Cause::Garbled))
    }

    /// Commits this device, which joins.
    pub(crate) fn commit_to_invitation(&self, slot: &Slot, commitment: &Bytes<32>) -> Result<Step, HubError> {
        let path = path(slot, "/commitment");
        self.step(|client| client.send("PUT", &path, None, &commitment.0, TIMEOUT))
    }

    /// Gives the random bytes of this device, which invites.
    pub(crate) fn answer_invitation(&self, slot: &Slot, nonce: &Bytes<32>) -> Result<Step, HubError> {
        let path = path(slot, "/nonce");
        self.step(|client| client.in_session("PUT", &path, &nonce.0, TIMEOUT))
    }

    /// Shows what this device has committed to.
    pub(crate) fn show_to_invitation(
        &self,
        slot: &Slot,
        opening: &[u8; OPENING_LEN],
    ) -> Result<Step, HubError> {
        let path = path(slot, "/opening");
        self.step(|client| client.send("PUT", &path, None, opening, TIMEOUT))
    }

    fn step(
        &self,
        send: impl FnOnce(&Self) -> Result<callsign_http::Response, HubError>,
    ) -> Result<Step, HubError> {
        let mut response = send(self)?;
        if (200..300).contains(&response.status()) {
            return Ok(Step::Taken);
        }
        match self.refusal(&mut response) {
            HubError::Refused { code: ErrorCode::NotFound } => Ok(Step::Absent),
            HubError::Refused { code: ErrorCode::InvitationConflict | ErrorCode::Forbidden } => {
                Ok(Step::Conflict)
            }
            other => Err(other),
        }
    }
}

fn path(slot: &Slot, part: &str) -> String {
    format!("join/{}{part}", HEXLOWER.encode(&slot.0))
}
