//! What keeps a desk from working: the failure of each activity, kept until that activity succeeds again.

use std::sync::{Arc, Mutex, PoisonError};

use callsign_protocol::error_code::ErrorCode;

use crate::{DeskError, HubError};

/// What a desk at work does over and over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// Takes calls, and what other devices did, from the hub.
    Follow,
    /// Commits with the cadence, and turns keys over.
    Beat,
    /// Saves the state at the hub and here.
    State,
}

/// Where the fault lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// The hub contradicts what this device has seen.
    Alarm,
    /// The hub cannot be reached.
    Away,
    /// The state of the desk is still on its way.
    CatchingUp,
    /// The duty key's certificate has ended.
    Certificate,
    /// The dates of hub and desk: answers wait, and all else goes on.
    Clock,
    /// The same dates, days apart: the hub takes nothing.
    ClockFar,
    /// The dates of two devices.
    Clocks,
    /// This program is older than the desk's log.
    Outdated,
    /// The files on this machine.
    OwnDisk,
    /// This device does not belong to the desk any more.
    Outside,
    /// The hub answers, and does not do it.
    Refused,
    /// Something else, which the cause names.
    Other,
}

/// Why an activity fails, from its first failure until it succeeds.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// What fails.
    pub activity: Activity,
    /// Where the fault lies.
    pub kind: TroubleKind,
    /// A sentence without its full stop.
    pub cause: String,
    /// What it is, for who says it in another language.
    pub error: Arc<DeskError>,
}

/// A trouble that begins, changes or ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TroubleChange {
    /// It is so from now on.
    Is(Trouble),
    /// The activity succeeds again.
    Over(Activity),
}

/// Hears of each change of a desk's troubles.
pub type TroubleReport = Arc<dyn Fn(&TroubleChange) + Send + Sync>;

/// What is said in the same words is the same.
impl PartialEq for Trouble {
    fn eq(&self, other: &Self) -> bool {
        (self.activity, self.kind, &self.cause) == (other.activity, other.kind, &other.cause)
    }
}

impl Eq for Trouble {}

/// One slot for each activity: the success of one says nothing of the other.
#[derive(Debug, Default)]
pub(crate) struct Troubles {
    slots: Mutex<[Option<Trouble>; 3]>,
}

impl Troubles {
    /// Takes note of how an activity went; the change, where there is one.
    pub(crate) fn note(&self, activity: Activity, done: Result<(), DeskError>) -> Option<TroubleChange> {
        let now = done.err().map(|error| Trouble::of(activity, error));
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = &mut slots[activity as usize];
        if *slot == now {
            return None;
        }
        slot.clone_from(&now);
        Some(now.map_or(TroubleChange::Over(activity), TroubleChange::Is))
    }

    /// All that is wrong now.
    pub(crate) fn all(&self) -> Vec<Trouble> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).iter().flatten().cloned().collect()
    }
}

impl Trouble {
    fn of(activity: Activity, error: DeskError) -> Self {
        let (kind, cause) = (TroubleKind::of(&error), error.to_string());
        Self { activity, kind, cause, error: Arc::new(error) }
    }

    /// The cause as a sentence: it begins in upper case and ends with its full stop.
    pub fn reason(&self) -> String {
        as_sentence(&self.cause)
    }

    /// What it means for the people at the desk, in a sentence.
    pub fn effect(&self) -> &'static str {
        match self.activity {
            Activity::Beat if self.kind == TroubleKind::Clock => {
                "Answers wait on this device until both have the same date. Calls are taken, and keys turn over."
            }
            Activity::Follow => "New calls are not taken: they may be waiting at the hub.",
            Activity::Beat => {
                "Nothing leaves with the cadence: answers wait on this device, and keys do not turn over."
            }
            Activity::State => {
                "The desk's state is not saved: old keys stay on this device, and what is erased stays readable until it is."
            }
        }
    }

    /// What to do, in sentences.
    pub fn remedy(&self) -> &'static str {
        self.kind.remedy()
    }
}

impl Activity {
    /// What succeeds again, in a sentence.
    pub fn is_well(self) -> &'static str {
        match self {
            Self::Follow => "Calls are taken from the hub again.",
            Self::Beat => "The cadence goes on again.",
            Self::State => "The desk's state is saved again.",
        }
    }
}

/// What an error says as a sentence of its own: in upper case, where it begins with a word, and with a full stop.
pub fn as_sentence(error: &str) -> String {
    let mut letters = error.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).chain(['.']).collect()
}

impl TroubleKind {
    /// Where the fault of an error lies.
    pub fn of(error: &DeskError) -> Self {
        match error.cause() {
            DeskError::Alarm(_) => Self::Alarm,
            DeskError::Hub(HubError::Away(..) | HubError::Lost(..)) => Self::Away,
            DeskError::Hub(HubError::Refused { code: ErrorCode::DayRefused }) => Self::ClockFar,
            DeskError::Hub(HubError::NotADevice)
            | DeskError::LeftOut(_)
            | DeskError::NotAdmitted
            | DeskError::OldRequest
            | DeskError::ShutOut => Self::Outside,
            DeskError::Hub(HubError::Refused { .. }) => Self::Refused,
            DeskError::CertificateEnded(_) => Self::Certificate,
            DeskError::CatchingUp => Self::CatchingUp,
            DeskError::ClockDiffers(_) => Self::Clocks,
            DeskError::DropsWait => Self::Clock,
            DeskError::Outdated => Self::Outdated,
            DeskError::Cache(_) | DeskError::Vault(_) => Self::OwnDisk,
            _ => Self::Other,
        }
    }

    /// What to do, in sentences.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Alarm => "Tell the custodian now, by another way than the hub.",
            Self::Away => {
                "The desk keeps trying by itself. If it lasts, look whether the hub and the way to it (Tor, the network) work."
            }
            Self::CatchingUp => "The desk goes on by itself once it is whole.",
            Self::Clock | Self::ClockFar => {
                "Set this computer's clock; where it is right, have the hub's set."
            }
            Self::Clocks => {
                "Set the clock that is wrong. Where it is the other device's, start this program again once it was set right."
            }
            Self::Outdated => {
                "Stop this program, install the newer one, and start it: it goes on where this one stopped."
            }
            Self::OwnDisk => {
                // The cause names what to do about it.
                "The fault is on this machine. The desk keeps trying by itself."
            }
            Self::Certificate => "The desk goes on by itself once it is renewed.",
            Self::Outside => "What is here can still be read.",
            Self::Refused => {
                "The hub answers and refuses: ask whoever keeps the hub, and whoever keeps the desk's devices. \
                 The desk keeps trying by itself."
            }
            Self::Other => "Run `callsign doctor` on this machine. The desk keeps trying by itself.",
        }
    }

    /// Stable text for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Alarm => "alarm",
            Self::Away => "hub-away",
            Self::CatchingUp => "catching-up",
            Self::Certificate => "certificate",
            Self::Clock | Self::ClockFar => "clock",
            Self::Clocks => "clocks",
            Self::Outdated => "outdated",
            Self::OwnDisk => "own-disk",
            Self::Outside => "not-a-device",
            Self::Refused => "hub-refuses",
            Self::Other => "desk",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_activity_that_succeeds_ends_its_own_trouble_alone() {
        let troubles = Troubles::default();
        let fails = || Err(DeskError::Busy);
        let beat = |done| troubles.note(Activity::Beat, done);
        assert!(matches!(beat(fails()), Some(TroubleChange::Is(_))));
        assert_eq!(beat(fails()), None, "the same is told once");
        assert_eq!(troubles.note(Activity::Follow, Ok(())), None);
        assert_eq!(troubles.all().len(), 1);
        assert!(troubles.note(Activity::Follow, fails()).is_some());
        assert_eq!(beat(Ok(())), Some(TroubleChange::Over(Activity::Beat)));
        let left = troubles.all();
        assert_eq!((left.len(), left[0].activity), (1, Activity::Follow));
    }

    #[test]
    fn a_cause_becomes_a_sentence() {
        assert_eq!(as_sentence("the hub refuses: it is away"), "The hub refuses: it is away.");
        assert_eq!(as_sentence("інший годинник"), "Інший годинник.");
        assert_eq!(as_sentence("/data is full"), "/data is full.");
    }

    #[test]
    fn faults_of_the_own_disk_of_the_hub_and_of_the_way_are_told_apart() {
        let kind = |error: DeskError| Trouble::of(Activity::Beat, error).kind;
        let away = HubError::Away("http://127.0.0.1:1".to_owned(), callsign_http::Cause::Refused);
        let refused = HubError::Refused { code: ErrorCode::Unavailable };
        let disk = crate::store::CacheError::Damaged { path: "cache".into(), place: "a row".to_owned() };
        assert_eq!(kind(away.into()), TroubleKind::Away);
        assert_eq!(kind(refused.into()), TroubleKind::Refused);
        let of_days = HubError::Refused { code: ErrorCode::DayRefused };
        assert_eq!(kind(of_days.into()), TroubleKind::ClockFar);
        assert_eq!(kind(HubError::NotADevice.into()), TroubleKind::Outside);
        assert_eq!(
            kind(DeskError::CertificateEnded(callsign_protocol::time::Day(1))),
            TroubleKind::Certificate
        );
        assert_eq!(kind(disk.into()), TroubleKind::OwnDisk);
        assert_eq!(kind(DeskError::CatchingUp), TroubleKind::CatchingUp);
        assert_eq!(kind(DeskError::Alarm(crate::Alarm::Fork)), TroubleKind::Alarm);
    }
}
