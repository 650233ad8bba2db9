//! Everything that can go wrong at the desk, in sentences that say what to do.

use std::path::{Path, PathBuf};

use callsign_protocol::{
    call_sign::NotACallSign,
    content::ContentError,
    drop::{AnswerError, DropError},
    entry::EntryError,
    error_code::ErrorCode,
    keyring::{DeviceId, KeyringError},
    letters::LettersError,
    notice::NoticeError,
    time::Day,
};
use thiserror::Error;

use crate::{DraftError, Purpose, hub::HubError, keys::VaultError, store::CacheError};

/// Why the desk did not do what was asked.
#[derive(Debug, Error)]
pub enum DeskError {
    /// The log or the keyring is not the one that this device has seen.
    #[error(
        "{0}; nothing is written until a person has looked: compare with another device of the desk, and ask whoever keeps \
         the hub, by another way than the hub. Where it came back from a backup, `callsign desk recover` goes on from there; where nothing \
         else helps, the identity does: `callsign desk identity restart`"
    )]
    Alarm(crate::log::Alarm),
    /// The answer cannot be cut into drops.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// The local cache.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// Not a call sign.
    #[error(transparent)]
    CallSign(#[from] NotACallSign),
    /// Nobody has this call sign.
    #[error(
        "no call that is known here has this call sign; compare it letter by letter with `callsign desk inbox`, for one that is misheard or mistyped may look as good"
    )]
    NoSuchCall,
    /// Two callers share it.
    #[error("more than one caller has this call sign; name one of: {}", .0.join(", "))]
    Ambiguous(Vec<String>),
    /// The state is not known yet.
    #[error("this device does not know the desk's state yet; it comes from the hub, so try again in a while")]
    CatchingUp,
    /// Another device's entry, which came just now, is dated days ahead of this device's clock.
    #[error(
        "device {0} writes with a date days ahead of this computer's: one of both clocks is wrong, and this device writes \
         nothing meanwhile; set the clock that is wrong, or start this program again if it is the other device's"
    )]
    ClockDiffers(DeviceId),
    /// The desk uses a version of the log that this program does not know.
    #[error(
        "the desk's custodian has gone on to a newer version of the program; update this one, which writes nothing meanwhile"
    )]
    Outdated,
    /// The duty key's certificate has ended, and this device cannot renew it.
    #[error(
        "the certificate of the desk's duty key ended on {} by this computer's clock, so nothing of the desk is published or turned over; have the \
         custodian renew it with `callsign desk identity certify`, or start a device that has the identity", date(*.0)
    )]
    CertificateEnded(Day),
    /// The device is in the keyring already.
    #[error("this device belongs to the desk already; nothing is left to do")]
    DeviceKnown,
    /// What a device asked with was cut, changed, or meant for another desk.
    #[error(
        "this is no request of a device to join this desk, or it is damaged; have the device make it again"
    )]
    NotADeviceRequest,
    /// A device of a desk in earnest asks one to practise at, or the other way round.
    #[error(
        "{}; nobody was admitted. Have `callsign desk join` run again there, in a new directory, with the link of this desk", match .0 {
            Purpose::Practice => "this device was made to practise, and at this desk people call in earnest",
            Purpose::Earnest => "this device was made for a desk that people call in earnest, and this one is for practice",
        }
    )]
    OtherPurpose(Purpose),
    /// An invitation that came to nothing.
    #[error(transparent)]
    Invite(#[from] crate::InviteError),
    /// A recovery kit that is not used.
    #[error(transparent)]
    Kit(#[from] crate::keys::KitError),
    /// The identity is kept elsewhere.
    #[error(
        "this device does not have the desk's identity; it is in the custodian's file, or on the device that set the desk up"
    )]
    NoIdentity,
    /// The identity in a file is not this desk's.
    #[error(
        "the identity in this file is not the one of this desk; take the file that `identity detach` made"
    )]
    OtherIdentity,
    /// A number of the desk's documents has no next one.
    #[error(
        "the {0} of this desk have come to the highest number that there is, which only somebody who means ill can bring about: no document \
         can follow under this identity. Set the desk up anew in another directory with `callsign desk init`, and tell callers its fingerprint"
    )]
    NumbersEnd(&'static str),
    /// The hub has no notice of this desk.
    #[error("the hub has no notice of this desk; check address and fingerprint")]
    NoNotice,
    /// The desk has not let this device in, or has shut it out.
    #[error(
        "this device does not belong to the desk yet, or was removed; give its request to a device that does"
    )]
    NotAdmitted,
    /// The keyring wraps the desk's keys to a key of this device that it has destroyed.
    #[error(
        "this device was let in by an old request, whose key it has destroyed, so it cannot work for the desk and sends nothing; have it removed with \
         `callsign desk remove` and run `callsign desk join` again, in a new directory"
    )]
    OldRequest,
    /// The keys that a device was given when it was let in are not those which the device that let it in has said.
    #[error(
        "the device {put} has given this one other keys than the device {said} had said, so this one writes nothing; where the keys are wrong, it goes on by \
         itself once a colleague's desk has put them right, with its next beat. Tell the custodians both, by another way than the desk: one of the two devices \
         runs no honest program"
    )]
    WrongFirstKeys {
        /// Who has put the keyring.
        put: DeviceId,
        /// Who has said the admission.
        said: DeviceId,
    },
    /// Somebody has let the same device in otherwise.
    #[error(
        "the device {0} has said that it lets this one in, for another person or under other keys than the desk's, and nothing was put. Ask whoever has that          device, by another way than the desk. Where they know nothing of it, remove it with `callsign desk remove`, and admit this one then; otherwise have          the new device ask again, in a new directory"
    )]
    AdmittedOtherwise(DeviceId),
    /// The log was read to its end, and nothing in it lets this device in under the keys that it was given.
    #[error(
        "the desk's log does not say that this device was let in under the keys that it was given, so it writes nothing; try again in a minute. Where that \
         stays, have it removed with `callsign desk remove` and run `callsign desk join` again, in a new directory"
    )]
    AdmissionUnsaid,
    /// A request that has let a device in before, which was removed since.
    #[error(
        "this request has let its device in before, and that was removed since; a request lets a device in once. Nobody was admitted: have \
         `callsign desk join` run again there, in a new directory, and give the new request"
    )]
    UsedRequest,
    /// Eight devices are the limit.
    #[error("the desk has eight devices, which is the limit; remove one first")]
    NoPostingSlot,
    /// The log has shut this device out before it could let another in, or shut one out.
    #[error(
        "another device of the desk has shut this one out just now; nothing more can be done from here. Let the people there do it, or have whoever \
         keeps the identity bring the desk back with `callsign desk identity restart`"
    )]
    ShutOut,
    /// There is no such device, or it is this one.
    #[error(
        "the desk has no other device whose id begins so; give eight characters of one at least: `callsign desk devices` lists them"
    )]
    NoSuchDevice,
    /// The state cannot be written to the log, or read from it.
    #[error(transparent)]
    Snapshot(#[from] crate::cases::SnapshotError),
    /// The hub has another date, and took the commit without its drops.
    #[error(
        "the hub takes no answers for the date of this computer: its own is another, or a device of this desk has posted for \
         the next one already; check date and time of both: answers go out at midnight UTC at the latest where they are \
         right, and calls are taken meanwhile"
    )]
    DropsWait,
    /// A draft that is not kept.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// A follow-up that cannot be set.
    #[error(transparent)]
    FollowUp(#[from] crate::FollowUpError),
    /// The hub did not take it.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// A generation has begun since the backup, and this device has destroyed the key of the one before.
    #[error(
        "the hub's backup is from before this desk's last change of keys, and the key of that log is destroyed, as it must \
         be; nothing was changed here. Have the hub brought back from a younger backup, or read the cases here and set the desk \
         up anew in another directory with `callsign desk init --identity`"
    )]
    LogKeyGone,
    /// The hub lost keyrings that came one after the other, and this device has seen the last of them alone.
    #[error(
        "the hub has lost keyrings of this desk that this device never saw, so it cannot bring them back; nothing was changed. Run \
         `callsign desk recover` on the desk's other devices first, which have them, then here once more. Only where no other \
         device is left, or none of them can either, `callsign desk identity restart` goes on"
    )]
    OthersFirst,
    /// An answer of this key is here already, with other words.
    #[error(
        "another answer was taken already under this key, and it is kept; to send this one as well, give it a key of its own"
    )]
    AnswerKeyUsed,
    /// The same words to the same caller, just now.
    #[error(
        "these very words were taken as an answer to this caller within the hour, and stand in the conversation; look there \
         first, and give them again only where they are to be posted twice"
    )]
    SameWords,
    /// Something of the answer was left to be filled in.
    #[error(
        "a place in the answer is still to be filled in: {}; write what belongs there, or take the brackets out, then send it", crate::escape::label(.0)
    )]
    Hole(String),
    /// Something stands in square brackets, as what is still to be filled in does.
    #[error(
        "words in square brackets look like a place that is still to be filled in: {}; write what belongs there, or the words without brackets or in (round ones); where the caller is to read just that, say that you mean the brackets (`--brackets`), then send it", crate::escape::label(.0)
    )]
    Brackets(String),
    /// A message or a colleague's answer came in that was not shown to the person who answers.
    #[error(
        "a new message has come in that was not shown; `callsign desk show` shows it, then send the answer, or let it go, again"
    )]
    NotShown,
    /// The caller's clock was ahead.
    #[error("this caller can be answered from {} on: their clock was ahead when they wrote; answer then", date(*.0))]
    NotYet(Day),
    /// Nothing is proven to be the caller's.
    #[error(
        "this caller cannot be answered yet: what came in may be forged, by someone who had a removed device; \
         an answer finds them once they have written again"
    )]
    Unproven,
    /// The caller's weekly secrets have all expired.
    #[error("this caller's mailbox has lapsed: they can be answered again once they have written again")]
    Lapsed,
    /// A drop cannot be sealed: the caller's key is no X25519 key, or the texts of a part are too long.
    #[error("an answer cannot be sealed to this caller: {0}; nothing was sent, so try again")]
    Drop(#[from] DropError),
    /// A log entry is not readable.
    #[error(
        "an entry of the desk's log cannot be read: {0}; see that all devices of the desk run the same version of the program, and try again"
    )]
    Log(#[from] EntryError),
    /// The keyring is not usable.
    #[error(
        "the desk's keyring cannot be used: {0}; see that all devices of the desk run the same version of the program, and try again"
    )]
    Keyring(#[from] KeyringError),
    /// The letters document is not usable.
    #[error(
        "the desk's letter keys cannot be used: {0}; see that all devices of the desk run the same version of the program, and try again"
    )]
    Letters(#[from] LettersError),
    /// The notice is not usable.
    #[error(
        "the desk's notice cannot be used: {0}; check this computer's date, see that all devices of the desk run the same version of the program, and try again"
    )]
    Notice(#[from] NoticeError),
    /// A case that is not read.
    #[error(transparent)]
    Unread(#[from] crate::cases::Unread),
    /// Another program keeps writing; the log is in order.
    #[error("other devices of this desk are writing all the time; nothing was lost, try again")]
    Busy,
    /// A content pack is not readable.
    #[error("{0}; mend it, and give it again")]
    Content(#[from] ContentError),
    /// A set-up was cut off after it had begun.
    #[error(
        "{cause}. The desk in {} is begun: the same command with the same passphrase goes on from there. Where the address was wrong, remove that directory and begin anew", dir.display()
    )]
    CutOff {
        /// The desk's directory.
        dir: PathBuf,
        /// What went wrong.
        cause: Box<DeskError>,
    },
    /// Nothing was begun, for the hub was to tell first what is so.
    #[error("{0}; nothing was done: give it again once the hub answers")]
    NothingDone(Box<DeskError>),
    /// It was to be in the log at once, and waits on this device.
    #[error(
        "{0}; what was said is kept here and goes into the log with the next beat or `callsign desk sync`: do not give it again"
    )]
    KeptHere(Box<DeskError>),
    /// A set-up was begun here and never came to an end.
    #[error(
        "the desk in {} is not set up yet; give `callsign desk init` again as you gave it first, and it goes on from there",
        .0.display()
    )]
    Unfinished(PathBuf),
    /// A device with the identity that the desk has left out, and whose cache is lost.
    #[error(
        "the desk goes on without this device, and of what that knew of the desk only its keys are left in {}, the identity among them. \
         Move that into a file with `callsign desk identity detach`. Where another device is at work, ask to join anew with `callsign desk join` \
         in the same directory, have it admitted there with `callsign desk admit`, and bring the identity back with `callsign desk identity attach`; \
         where none is left, `callsign desk identity restart` goes on without any case", .0.display()
    )]
    LeftOut(PathBuf),
    /// Another program serves the desk's directory.
    #[error(
        "another program works on the desk in {} already{by}; use its pages, or stop it first and try again", dir.display()
    )]
    Served {
        /// The directory.
        dir: PathBuf,
        /// Its process and address as a parenthesis behind a space; empty where it has not told.
        by: String,
    },
    /// What is kept apart would open with what it is kept apart from.
    #[error(
        "the identity's file needs a passphrase of its own: with the desk's, who has this machine's passphrase opens the file \
         too; nothing was changed"
    )]
    SamePassphrase,
    /// What the desk cannot say of itself.
    #[error(transparent)]
    Settings(#[from] crate::SettingsError),
    /// Who has a case, and what that keeps anybody from.
    #[error(transparent)]
    Claim(#[from] crate::ClaimError),
    /// A case that is not closed or reopened.
    #[error(transparent)]
    Closing(#[from] crate::ClosingError),
    /// A flag that is not set or lifted.
    #[error(transparent)]
    Flag(#[from] crate::FlagError),
    /// Nothing is said of many cases, or not taken back.
    #[error(transparent)]
    Flood(#[from] crate::FloodError),
    /// An answer that nobody is the second reader of.
    #[error(transparent)]
    Reader(#[from] crate::ReaderError),
    /// A shift is not ended, or not taken over.
    #[error(transparent)]
    Handover(#[from] crate::HandoverError),
    /// A case is not offered, taken, or asked for.
    #[error(transparent)]
    Transfer(#[from] crate::TransferError),
    /// A case is not sent on.
    #[error(transparent)]
    Turn(#[from] crate::TurnError),
    /// The audit is not told.
    #[error(transparent)]
    Audit(#[from] crate::AuditError),
    /// Checklists that are not taken, or a step that is not ticked.
    #[error(transparent)]
    Checklist(#[from] crate::ChecklistError),
    /// Templates that are not taken.
    #[error(transparent)]
    Template(#[from] crate::TemplateError),
    /// A note that is not kept or struck.
    #[error(transparent)]
    Note(#[from] crate::NoteError),
    /// What people and their roles are, or may not be.
    #[error(transparent)]
    People(#[from] crate::PeopleError),
    /// What was asked for would count for nothing, and was not written.
    #[error("nothing was written, for it would have no effect: {}; look at what is there now, and try again", .0.sentence())]
    Refused(crate::cases::Refusal),
    /// What was written stands in the log, and counts for nothing.
    #[error("what was asked for stands in the log without effect: {}; see what the desk's pages say, and try again", .0.sentence())]
    WithoutEffect(crate::cases::Refusal),
    /// The file of keys.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// A day as YYYY-MM-DD, UTC.
fn date(day: Day) -> String {
    let at =
        i64::try_from(day.start().0).ok().and_then(|at| time::OffsetDateTime::from_unix_timestamp(at).ok());
    at.map_or_else(|| format!("day {}", day.0), |at| at.date().to_string())
}

impl DeskError {
    /// What is at the bottom of it, without what was done before.
    pub fn cause(&self) -> &Self {
        match self {
            Self::CutOff { cause, .. } | Self::NothingDone(cause) | Self::KeptHere(cause) => cause.cause(),
            other => other,
        }
    }

    /// Whether a hub has refused an enrolment, and nothing was made.
    pub fn is_of_enrolment_code(&self) -> bool {
        matches!(self, Self::Hub(HubError::Refused { code: ErrorCode::Forbidden }))
    }

    /// The same, where nothing was done yet: of a hub that does not answer that has to be said.
    #[must_use]
    pub fn before_anything(self) -> Self {
        if matches!(self, Self::Hub(HubError::Away(..))) {
            return Self::NothingDone(Box::new(self));
        }
        self
    }

    /// The same, where what was to be said waits on this device.
    pub(crate) fn with_it_kept(self) -> Self {
        if matches!(self, Self::Hub(HubError::Away(..) | HubError::Lost(..))) {
            return Self::KeptHere(Box::new(self));
        }
        self
    }

    /// The same, where a set-up of the desk in `dir` had begun.
    pub(crate) fn while_setting_up(self, dir: &Path) -> Self {
        match self {
            Self::Vault(VaultError::Exists(_)) | Self::CutOff { .. } => self,
            cause => Self::CutOff { dir: dir.to_owned(), cause: Box::new(cause) },
        }
    }
}
