//! Whether this device still works for the desk, as far as it knows: one sentence for it, wherever it is said.

use callsign_protocol::time::Day;

use super::Desk;
use crate::{DeskError, device::DeviceState, hub::HubError};

/// Why this device does nothing for the desk, while what is here can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// The duty key's certificate has ended on this day, and nobody here renews it.
    CertificateEnded(Day),
    /// The hub opens no session for it.
    CutOff,
    /// A request let it in whose key it does not have any more.
    OldRequest,
    /// The log says that another device has shut it out.
    Removed,
}

impl Outside {
    /// The error of what cannot be done for that reason; its text is the one sentence.
    pub fn error(self) -> DeskError {
        match self {
            Self::CertificateEnded(day) => DeskError::CertificateEnded(day),
            Self::CutOff => HubError::NotADevice.into(),
            Self::OldRequest => DeskError::OldRequest,
            Self::Removed => DeskError::ShutOut,
        }
    }

    /// Stable text for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::CertificateEnded(_) => "certificate-ended",
            Self::CutOff => "cut-off",
            Self::OldRequest => "old-request",
            Self::Removed => "removed",
        }
    }

    /// What of it is noted on this disk: the hub is not asked each time that something is read here.
    pub(crate) fn noted(self) -> Option<&'static [u8]> {
        match self {
            Self::CutOff => Some(b"cut off"),
            Self::OldRequest => Some(b"old request"),
            // Keyring and log say it.
            Self::CertificateEnded(_) | Self::Removed => None,
        }
    }

    /// Reads [`Outside::noted`].
    pub(crate) fn of_note(noted: &[u8]) -> Option<Self> {
        [Self::CutOff, Self::OldRequest].into_iter().find(|outside| outside.noted() == Some(noted))
    }
}

impl Desk {
    /// Why this device does nothing for the desk; none where it works, as far as it knows without asking anybody.
    pub fn outside(&self) -> Option<Outside> {
        let (state, today) = (self.state(), self.now().day());
        let is_removed = || state.unfinished().iter().any(|one| one.is_own);
        state
            .outside
            .or_else(|| is_removed().then_some(Outside::Removed))
            .or_else(|| state.certificate_has_ended(today).map(Outside::CertificateEnded))
    }

    /// Takes note of whether the hub opens this device a session.
    pub(super) fn note_session<T>(&self, answer: &Result<T, HubError>) {
        let mut state = self.state();
        match answer {
            Ok(_) if state.outside == Some(Outside::CutOff) => state.note_outside(None),
            Err(HubError::NotADevice) => state.note_outside(Some(Outside::CutOff)),
            _ => {}
        }
    }
}

impl DeviceState {
    /// Keeps why this device is outside, for who only reads here later. Where that fails it is not known after this process.
    pub(crate) fn note_outside(&mut self, outside: Option<Outside>) {
        if self.outside == outside {
            return;
        }
        self.outside = outside;
        if let Err(error) = self.cache.note_outside(outside.and_then(Outside::noted)) {
            tracing::warn!(%error, "it is not kept whether this device belongs to the desk");
        }
    }

    /// The last day of a certificate that has ended, where no device of this disk renews it.
    pub(crate) fn certificate_has_ended(&self, today: Day) -> Option<Day> {
        let ends = self.certificate_ends();
        (ends < today && self.keys.vault.identity_seed.is_none()).then_some(ends)
    }
}
