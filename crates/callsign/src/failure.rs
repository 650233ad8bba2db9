//! How commands fail and warn: one sentence that says what to do, and a stable code for other programs.

#[cfg(test)]
mod sentences;

use std::{fmt::Display, io};

use callsign_caller::{
    hub_client::{FetchError, FindError},
    visit::VisitError,
};
use callsign_desk::SearchError;
use callsign_http::RouteError;
use callsign_protocol::{os_error::cause, phrase::Phrase};
use serde::Serialize;

pub use crate::output::Voice;
use crate::{input::InputError, letter::LetterCliError, output::Done, writing::WritingError};

/// What is printed when a command fails.
#[derive(Debug, Serialize)]
pub struct Failure {
    code: &'static str,
    message: String,
    #[serde(flatten)]
    writer: Option<Writer>,
    /// Whether what was to be done is kept on this device for a later beat.
    #[serde(skip)]
    is_kept: bool,
    /// What programs find on standard output of an act that has no effect.
    #[serde(skip)]
    void: Option<Box<Void>>,
}

/// An act that has no effect, for programs.
#[derive(Debug, Serialize)]
struct Void {
    /// The reason, as docs/desk.md names it.
    void: &'static str,
    /// Who has the case, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_by: Option<String>,
}

/// Who wrote where sending failed: without the phrase nobody opens the answers to what is stored after all.
#[derive(Debug, Serialize)]
struct Writer {
    call_sign: String,
    phrase: String,
}

/// The code of a failure that is none: the other end of the pipe was closed.
const READER_GONE: &str = "reader-gone";
/// The code of arguments that are wrong by themselves.
const USAGE: &str = "usage";
/// The code of an act that stands in the log without effect, or was not written because it would.
const VOID: &str = "without-effect";
/// The code of a code that leads to no invitation.
const INVITATION: &str = "invitation";
/// The code of an act that waits for the log.
const KEPT: &str = "kept";

impl Failure {
    /// A failure with a stable code; the sentence names the cause, the place and the way out.
    pub fn new(code: &'static str, message: impl Display) -> Self {
        Self { code, message: message.to_string(), writer: None, is_kept: false, void: None }
    }

    /// Arguments that are wrong whatever stands in files, at the hub and on standard input.
    pub fn usage(message: impl Display) -> Self {
        Self::new(USAGE, message)
    }

    /// An act that has no effect, by the code of its reason, and who has the case where that is known.
    pub fn void(why: &'static str, claimed_by: Option<String>, message: impl Display) -> Self {
        Self { void: Some(Box::new(Void { void: why, claimed_by })), ..Self::new(VOID, message) }
    }

    /// What programs find on standard output, where a command that fails has a result all the same.
    pub fn result(&self) -> Option<&impl Serialize> {
        self.void.as_deref()
    }

    /// An act that is kept on this device and is not in the log yet.
    pub fn kept(message: impl Display) -> Self {
        Self::new(KEPT, message).of_what_is_kept()
    }

    /// The same failure, where what was to be done is kept on this device for a later beat.
    pub fn of_what_is_kept(self) -> Self {
        Self { is_kept: true, ..self }
    }

    /// The exit status of a command that fails so.
    pub fn exit_status(&self) -> u8 {
        match self.code {
            USAGE => 2,
            VOID => 3,
            _ if self.is_kept => 4,
            _ => 1,
        }
    }

    /// A result that could not be written to standard output.
    pub fn of_output(done: Done<'_>, error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe && !matches!(done, Done::Only(_)) {
            return Self::new(READER_GONE, "the reader of standard output has gone");
        }
        let cause = cause(error);
        Self::new(
            "output",
            match done {
                Done::Only(what) => format!(
                    "{what} is lost, for it could not be written to standard output: {cause}; \
                     send it somewhere else and make it again"
                ),
                Done::Read => format!(
                    "the result could not be written to standard output: {cause}; send it somewhere else and try again"
                ),
                Done::Repeatable(done) => format!(
                    "{done}; only this could not be written to standard output: {cause}. Give the same command again"
                ),
                Done::Changed(done) => format!(
                    "{done}; only this could not be written to standard output: {cause}. Do not repeat the command"
                ),
            },
        )
    }

    /// A stream that leads nowhere, and something that must not be lost; `nothing` says that nothing was done.
    pub fn of_nowhere(nothing: &str, stream: &str) -> Self {
        Self::new(
            "output",
            format!(
                "{nothing}, because {stream} leads nowhere and what it must show would be lost; \
                 send it to a terminal or a file and try again"
            ),
        )
    }

    /// Something that had to be seen and was not; `nothing` says that nothing was done.
    pub fn of_hidden(nothing: &str, stream: &str, error: &io::Error) -> Self {
        let cause = cause(error);
        Self::new(
            "output",
            format!(
                "{nothing}, because what you must see first could not be written to {stream}: {cause}; send it \
                 somewhere else and try again"
            ),
        )
    }

    /// What the operating system refused: "the runtime cannot be started", and what to do about it.
    pub fn of_system(refused: impl Display, error: &io::Error, way_out: &str) -> Self {
        Self::new("io", format!("{refused}: {}; {way_out}", cause(error)))
    }

    /// The same failure, with what had been done before it: "the answer is kept here".
    pub fn after(self, done: impl Display) -> Self {
        Self { message: format!("{done}, but then: {}", self.message), ..self }
    }

    /// The same failure, as the cause of what is said before it: "the answer is kept here and does not leave".
    pub fn because(self, said: impl Display) -> Self {
        Self { message: format!("{said}: {}", self.message), ..self }
    }

    /// The same failure in other words, for who meets it where its own lead astray.
    pub fn instead(self, message: impl Display) -> Self {
        Self { message: message.to_string(), ..self }
    }

    /// The same failure, with the address of the hub that it is about, where its sentence names none.
    pub fn at_hub(self, address: &impl Display) -> Self {
        match self.message.strip_prefix("the hub ").filter(|rest| !rest.starts_with("at ")) {
            Some(rest) => Self { message: format!("the hub at {address} {rest}"), ..self },
            None => self,
        }
    }

    /// The same failure, for programs with the call sign and phrase that the message was written under.
    pub fn of_writer(self, call_sign: &str, phrase: &Phrase) -> Self {
        let writer = Writer { call_sign: call_sign.to_owned(), phrase: phrase.expose().to_owned() };
        Self { writer: Some(writer), ..self }
    }

    /// Says it as a warning, where it keeps nothing from being done.
    pub fn warn(&self) {
        crate::output::warn(self.code, &self.message);
    }

    /// Whether a code that was typed leads to no invitation.
    pub fn is_of_invitation(&self) -> bool {
        self.code == INVITATION
    }

    /// The sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether all went well but for a reader that has had enough.
    pub fn is_reader_gone(&self) -> bool {
        self.code == READER_GONE
    }
}

/// Errors that know their code.
macro_rules! coded {
    ($($error:ty),*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(error.code(), error)
            }
        })*
    };
}

coded!(FetchError, InputError, LetterCliError, SearchError, VisitError, WritingError);

impl From<FindError> for Failure {
    fn from(error: FindError) -> Self {
        match &error {
            FindError::Conflict => Self::usage(error),
            FindError::Route(RouteError::Proxy { name, .. }) if name == "--proxy" => Self::usage(error),
            _ => Self::new(error.code(), error),
        }
    }
}

impl From<callsign_desk::DeskError> for Failure {
    fn from(error: callsign_desk::DeskError) -> Self {
        use callsign_desk::{DeskError as E, PrivateError, keys::VaultError, store::CacheError};
        let code = match error.cause() {
            E::Alarm(_) => "alarm",
            E::Ambiguous(_) => "ambiguous-call-sign",
            E::Answer(_) => "answer-refused",
            E::AnswerKeyUsed => "answer-key-used",
            E::CallSign(_) | E::NoSuchCall => "no-such-call",
            E::Hub(callsign_desk::HubError::Away(..)) => "hub-away",
            E::Hub(callsign_desk::HubError::Address(_)) => "address",
            E::Hub(callsign_desk::HubError::Lost(..)) => "unknown-whether-done",
            E::Hub(callsign_desk::HubError::Route(error)) => error.code(),
            E::Hub(callsign_desk::HubError::NotADevice)
            | E::LeftOut(_)
            | E::NotAdmitted
            | E::OldRequest
            | E::ShutOut => "not-a-device",
            E::CertificateEnded(_) => "certificate",
            E::Hub(_) => "hub-refuses",
            E::Lapsed => "mailbox-lapsed",
            E::LogKeyGone => "log-key-gone",
            E::OthersFirst => "others-first",
            E::Kit(_) => "kit",
            E::NoIdentity | E::OtherIdentity => "identity",
            E::Brackets(_) | E::Hole(_) => "hole",
            E::NotShown => "new-message",
            E::NotYet(_) | E::Unproven => "not-reachable",
            E::NoSuchDevice => "no-such-device",
            E::NotADeviceRequest | E::OtherPurpose(_) | E::UsedRequest => "request",
            E::Invite(callsign_desk::InviteError::OtherWords) => "check-words",
            E::Invite(_) => INVITATION,
            E::SamePassphrase => "passphrase",
            E::AdmissionUnsaid | E::AdmittedOtherwise(_) | E::WrongFirstKeys { .. } => "wrong-keys",
            E::Served { .. } => "served",
            E::Unfinished(_) => "unfinished",
            E::Cache(CacheError::Disk(_)) | E::Vault(VaultError::Private(PrivateError::Disk(_))) => "disk",
            E::Vault(_) => "vault",
            E::Claim(_) => "claim",
            E::Flag(_) => "flag",
            E::Flood(_) => "flood",
            E::Reader(_) => "reader",
            E::Closing(_) => "closing",
            E::Handover(_) => "handover",
            E::Transfer(_) => "transfer",
            E::Note(_) => "note",
            E::Template(_) => "template",
            E::Audit(_) => "audit",
            E::Checklist(_) => "checklist",
            E::People(_) => "people",
            E::Turn(_) => "turn",
            E::Refused(refusal) | E::WithoutEffect(refusal) => {
                return Self::void(refusal.code(), None, &error);
            }
            _ => "desk",
        };
        let is_kept = matches!(error, E::KeptHere(_));
        Self { is_kept, ..Self::new(code, error) }
    }
}
