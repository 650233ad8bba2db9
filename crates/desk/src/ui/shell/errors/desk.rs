//! Why the desk did not do what was asked.

use callsign_protocol::drop::{ANSWER_PARTS_MAX, ANSWER_TEXT_MAX, AnswerError};

use super::{Said, Texts, Told, apart, detail, told};
use crate::{DeskError, InviteError, Purpose, escape::label};

impl Said for DeskError {
    fn told(&self, texts: Texts) -> Told {
        match self {
            Self::Alarm(alarm) => told!("errors-alarm", what = texts.error(alarm)),
            Self::Ambiguous(names) => told!("errors-ambiguous", names = apart(names.join(", "))),
            Self::Answer(error) => error.told(texts),
            Self::AnswerKeyUsed => told!("errors-answer-key-used"),
            Self::Busy => told!("errors-busy"),
            Self::Cache(error) => error.told(texts),
            Self::CallSign(_) => told!("errors-call-sign"),
            Self::CatchingUp => told!("errors-catching-up"),
            Self::CertificateEnded(day) => told!("errors-certificate-ended", day = texts.day(*day)),
            Self::Claim(error) => error.told(texts),
            Self::ClockDiffers(device) => told!("errors-clock-differs", device = device.to_string()),
            Self::Closing(error) => error.told(texts),
            Self::Content(error) => told!("errors-content", error = detail(error)),
            Self::CutOff { dir, cause } => {
                told!("errors-cut-off", cause = texts.error(&**cause), path = apart(dir.display()))
            }
            Self::NothingDone(cause) => told!("errors-nothing-done", cause = texts.error(&**cause)),
            Self::KeptHere(cause) => told!("errors-kept-here", cause = texts.error(&**cause)),
            Self::DeviceKnown => told!("errors-device-known"),
            Self::Draft(error) => error.told(texts),
            Self::Drop(error) => told!("errors-drop", error = detail(error)),
            Self::DropsWait => told!("errors-drops-wait"),
            Self::Flood(error) => error.told(texts),
            Self::FollowUp(error) => error.told(texts),
            Self::Handover(error) => error.told(texts),
            Self::Brackets(piece) => told!("errors-brackets", what = apart(label(piece))),
            Self::Hole(hole) => told!("errors-hole", what = apart(label(hole))),
            Self::Hub(error) => error.told(texts),
            Self::Invite(error) => error.told(texts),
            Self::Keyring(error) => told!("errors-keyring", error = detail(error)),
            Self::Kit(error) => told!("errors-kit", error = detail(error)),
            Self::Lapsed => told!("errors-lapsed"),
            Self::LeftOut(path) => told!("errors-left-out", path = apart(path.display())),
            Self::Letters(error) => told!("errors-letters", error = detail(error)),
            Self::Log(error) => told!("errors-log", error = detail(error)),
            Self::LogKeyGone => told!("errors-log-key-gone"),
            Self::NoIdentity => told!("errors-no-identity"),
            Self::NoNotice => told!("errors-no-notice"),
            Self::NoPostingSlot => told!("errors-no-posting-slot"),
            Self::NoSuchCall => told!("errors-no-such-call"),
            Self::NoSuchDevice => told!("errors-no-such-device"),
            Self::NotADeviceRequest => told!("errors-not-a-device-request"),
            Self::NotAdmitted => told!("errors-not-admitted"),
            Self::NotShown => told!("errors-not-shown"),
            Self::NotYet(day) => told!("errors-not-yet", day = texts.day(*day)),
            Self::Note(error) => error.told(texts),
            Self::Notice(error) => told!("errors-notice", error = detail(error)),
            Self::NumbersEnd(_) => told!("errors-numbers-end"),
            Self::OldRequest => told!("errors-old-request"),
            Self::OtherPurpose(Purpose::Earnest) => told!("errors-other-purpose-earnest"),
            Self::OtherPurpose(Purpose::Practice) => told!("errors-other-purpose-practice"),
            Self::OtherIdentity => told!("errors-other-identity"),
            Self::OthersFirst => told!("errors-others-first"),
            Self::Outdated => told!("errors-outdated"),
            Self::People(error) => error.told(texts),
            Self::Refused(refusal) => told!("errors-refused", why = texts.refusal(*refusal)),
            Self::SameWords => told!("errors-same-words"),
            Self::SamePassphrase => told!("errors-same-passphrase"),
            Self::Served { dir, by } => {
                told!("errors-served", path = apart(dir.display()), by = by)
            }
            Self::Settings(error) => error.told(texts),
            Self::ShutOut => told!("errors-shut-out"),
            Self::Snapshot(error) => error.told(texts),
            Self::Template(error) => error.told(texts),
            Self::Audit(error) => error.told(texts),
            Self::Checklist(error) => error.told(texts),
            Self::Transfer(error) => error.told(texts),
            Self::Flag(error) => error.told(texts),
            Self::Reader(error) => error.told(texts),
            Self::Turn(error) => error.told(texts),
            Self::Unfinished(path) => told!("errors-unfinished", path = apart(path.display())),
            Self::Unproven => told!("errors-unproven"),
            Self::Unread(error) => error.told(texts),
            Self::AdmissionUnsaid => told!("errors-admission-unsaid"),
            Self::UsedRequest => told!("errors-used-request"),
            Self::WrongFirstKeys { put, said } => {
                told!("errors-wrong-first-keys", put = put.to_string(), said = said.to_string())
            }
            Self::AdmittedOtherwise(by) => told!("errors-admitted-otherwise", device = by.to_string()),
            Self::Vault(error) => error.told(texts),
            Self::WithoutEffect(refusal) => told!("errors-without-effect", why = texts.refusal(*refusal)),
        }
    }
}

impl Said for InviteError {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::Ended => told!("errors-invite-ended"),
            Self::NoSuchCode => told!("errors-invite-no-such-code"),
            Self::CodeUsed => told!("errors-invite-code-used"),
            Self::NotLetIn => told!("errors-invite-not-let-in"),
            Self::NothingAsked => told!("errors-invite-nothing-asked"),
            Self::OtherWords => told!("errors-invite-other-words"),
            Self::Swapped => told!("errors-invite-swapped"),
        }
    }
}

impl Said for AnswerError {
    fn told(&self, _: Texts) -> Told {
        match self {
            Self::Empty => told!("errors-answer-empty"),
            Self::TooLong { parts } => {
                told!(
                    "errors-answer-too-long",
                    parts = *parts,
                    bytes = ANSWER_TEXT_MAX,
                    max = ANSWER_PARTS_MAX
                )
            }
        }
    }
}
