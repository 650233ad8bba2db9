//! How commands fail and warn: one sentence that says what to do, and a stable code for other programs.

use std::fmt::Display;

use serde::Serialize;

/// What is printed when a command fails.
#[derive(Debug, Serialize)]
pub struct Failure {
    code: &'static str,
    message: String,
}

/// Whether a command speaks to people or to programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// Sentences.
    Human,
    /// JSON.
    Json,
}

impl Failure {
    /// A failure with a stable code.
    pub fn new(code: &'static str, message: impl Display) -> Self {
        Self { code, message: message.to_string() }
    }

    /// Prints the failure to standard error.
    pub fn print(&self, voice: Voice) {
        match voice {
            Voice::Human => eprintln!("callsign: {}", self.message),
            Voice::Json => eprintln!("{}", serde_json::json!({ "error": self })),
        }
    }
}

impl Voice {
    /// The voice that `--json` asks for.
    pub fn of(json: bool) -> Self {
        if json { Self::Json } else { Self::Human }
    }
}

/// A remark on standard error, for people.
pub fn note(voice: Voice, text: &str) {
    if voice == Voice::Human {
        eprintln!("{text}");
    }
}

/// A warning on standard error; one JSON object in one line for programs.
pub fn warn(voice: Voice, code: &str, message: &str) {
    match voice {
        Voice::Human => eprintln!("callsign: {message}"),
        Voice::Json => {
            let warning = serde_json::json!({ "warning": { "code": code, "message": message } });
            eprintln!("{warning}");
        }
    }
}

impl From<callsign_desk::DeskError> for Failure {
    fn from(error: callsign_desk::DeskError) -> Self {
        use callsign_desk::DeskError as E;
        let code = match &error {
            E::Alarm(_) => "alarm",
            E::Ambiguous(_) => "ambiguous-call-sign",
            E::Answer(_) => "answer-refused",
            E::CallSign(_) | E::NoSuchCall => "no-such-call",
            E::Hub(callsign_desk::HubError::Away(..)) => "hub-away",
            E::Hub(callsign_desk::HubError::NotADevice) | E::NotAdmitted => "not-a-device",
            E::Hub(_) => "hub-refuses",
            E::Lapsed => "mailbox-lapsed",
            E::LogKeyGone => "log-key-gone",
            E::NoIdentity | E::OtherIdentity => "identity",
            E::NoSuchDevice => "no-such-device",
            E::NotADeviceRequest => "request",
            E::Vault(_) => "vault",
            _ => "desk",
        };
        Self::new(code, error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new("io", error)
    }
}
