//! What becomes of the second of two acts that both count alone: the rules of section 9.1 of docs/protocol.md, as data. What is in no row
//! commutes: both count, and the state is the same in either order.

use super::{
    super::{
        Outcome,
        Refusal::{self, Case, Date, Generation, Role, TooLate},
    },
    kinds::Kind::{self, *},
};

/// What becomes of the second act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// It counts, and the state is the one that the other order makes.
    Commute,
    /// It counts, and the order of the log is part of the state.
    Counts,
    /// It counts, and leaves nothing of what the first one did.
    Decides,
    /// Of both one stays, whichever comes first: the other one is void, or leaves nothing.
    OneStays,
    /// It says the very same.
    Repeated,
    /// It has no effect.
    Void(Refusal),
}

impl Rule {
    /// Whether this may become of the second act.
    pub(super) fn is_met_by(self, outcome: Outcome) -> bool {
        match self {
            Self::Void(refusal) => outcome == Outcome::Void(refusal),
            Self::Repeated => outcome == Outcome::Repeated,
            Self::OneStays => matches!(outcome, Outcome::Applied | Outcome::Void(Refusal::TooLate)),
            Self::Commute | Self::Counts | Self::Decides => outcome == Outcome::Applied,
        }
    }
}

/// Which of both has the case in which they act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    /// In a row: all one.
    Any,
    /// Who acts first.
    First,
    /// Who acts second.
    Second,
    /// Nobody, or a colleague.
    Neither,
    /// Nobody, and nobody has turned to it.
    Untouched,
}

/// Acts first and second, who has the case, and the rule.
struct Row(&'static [Kind], &'static [Kind], Who, Rule);

use Rule::{Counts, Decides, OneStays, Repeated, Void};

/// Acts that continue a case: without it they are void.
const OF_A_CASE: &[Kind] = &[
    AnswerApproved,
    AnswerQueued,
    AnswerRefused,
    AnswerReleased,
    AnswerWithdrawn,
    CaseClosed,
    CaseErased,
    CaseReopened,
    ClaimReleased,
    Claimed,
    DropPosted,
    Escalated,
    FlagLifted,
    Flagged,
    FlaggedCoerced,
    FollowUpDone,
    FollowUpMoved,
    FollowUpSet,
    HeldWithdrawn,
    NoteStruck,
    NoteWritten,
    Opened,
    Passed,
    SafeWindowSet,
    StepDone,
    TransferAsked,
    TransferOffered,
    TransferRefused,
    TransferTaken,
    TransferWithdrawn,
    UrgencySet,
];

/// What devices write by themselves: whose person may what is no matter.
const OF_DEVICES: &[Kind] = &[
    DaysSigned,
    DropPosted,
    Escalated,
    Flushed,
    GenerationBegun,
    Listed,
    ListsTaken,
    MessageReceived,
    NoticePublished,
    SnapshotWhole,
    Ticked,
    WrappingKeyAnnounced,
];

/// What people write.
const OF_PEOPLE: &[Kind] = &[
    AnswerApproved,
    AnswerQueued,
    AnswerRefused,
    AnswerReleased,
    AnswerWithdrawn,
    CaseClosed,
    CaseErased,
    CaseReopened,
    ClaimReleased,
    Claimed,
    DeviceAdmitted,
    DeviceGiven,
    DeviceRemoved,
    FlagLifted,
    Flagged,
    FlaggedCoerced,
    FollowUpDone,
    FollowUpMoved,
    FollowUpSet,
    HandoverTaken,
    HeldWithdrawn,
    NotReady,
    NoteStruck,
    NoteWritten,
    Opened,
    OtherLeaves,
    OtherLosesRoles,
    OtherRemoved,
    Passed,
    PersonAdded,
    PersonLeft,
    Presence,
    Ready,
    RoleSet,
    SafeWindowSet,
    SettingsSet,
    ShiftEnded,
    Sifted,
    StepDone,
    SuccessorAnnounced,
    TransferAsked,
    TransferOffered,
    TransferRefused,
    TransferTaken,
    TransferWithdrawn,
    Unsifted,
    UrgencySet,
];

/// The first row that has both, and the stage, counts.
const ROWS: &[Row] = &[
    // Two devices that make the same event make it once.
    Row(&[MessageReceived], &[MessageReceived], Who::Any, Repeated),
    Row(&[Escalated], &[Escalated], Who::Any, Repeated),
    Row(&[Opened], &[Opened], Who::Any, Repeated),
    Row(&[NoticePublished], &[NoticePublished], Who::Any, Repeated),
    Row(&[GenerationBegun], &[GenerationBegun], Who::Any, Repeated),
    // Who is shut out, has left or has no role writes nothing more that counts; of two who do that to each other the first stays.
    Row(&[OtherRemoved], OF_PEOPLE, Who::Any, Void(TooLate)),
    Row(&[OtherLeaves, OtherLosesRoles], OF_PEOPLE, Who::Any, Void(Role)),
    Row(OF_PEOPLE, &[OtherRemoved, OtherLeaves, OtherLosesRoles], Who::Any, Counts),
    Row(OF_DEVICES, &[OtherRemoved, OtherLeaves, OtherLosesRoles], Who::Any, Counts),
    Row(&[OtherRemoved, OtherLeaves, OtherLosesRoles], OF_DEVICES, Who::Any, Counts),
    // Who admits names the generation that they saw.
    Row(&[GenerationBegun], &[DeviceAdmitted], Who::Any, Void(Generation)),
    Row(&[GenerationBegun], Kind::ALL, Who::Any, Counts),
    Row(Kind::ALL, &[GenerationBegun], Who::Any, Counts),
    // An erasure takes what came before, and what comes behind it has no case.
    Row(&[CaseErased], OF_A_CASE, Who::Any, Void(Case)),
    Row(&[CaseErased], &[Sifted], Who::Any, Void(Case)),
    Row(&[CaseErased], &[Unsifted], Who::Any, Void(TooLate)),
    Row(&[CaseErased], &[MessageReceived], Who::Any, Counts),
    // Places are used whatever becomes of the case.
    Row(&[DropPosted], &[CaseErased], Who::Any, Counts),
    // Who passes a case on, or takes or offers it, has done so, whatever becomes of that.
    Row(&[Passed, Claimed, TransferTaken, Sifted, Unsifted], &[CaseErased], Who::Any, Counts),
    Row(OF_A_CASE, &[CaseErased], Who::Any, Decides),
    Row(&[MessageReceived], &[CaseErased], Who::Any, Decides),
    // The first who takes a case has it: the second has seen another touch. An answer of whoever has the case is one, too.
    Row(&[Claimed, TransferTaken, AnswerReleased], &[Claimed, TransferTaken], Who::Any, Void(TooLate)),
    Row(&[AnswerQueued], &[Claimed, TransferTaken], Who::First, Void(TooLate)),
    // What ends a claim, or makes it another's, leaves nothing of it to let go, to offer or to answer.
    Row(
        &[Claimed, TransferTaken, ClaimReleased, CaseClosed],
        &[ClaimReleased, TransferOffered, TransferWithdrawn, TransferRefused],
        Who::Any,
        Void(TooLate),
    ),
    Row(&[ClaimReleased, CaseClosed], &[TransferTaken, TransferAsked], Who::Any, Void(TooLate)),
    Row(
        &[ShiftEnded],
        &[ClaimReleased, TransferOffered, TransferWithdrawn, TransferRefused, TransferTaken, TransferAsked],
        Who::First,
        Void(TooLate),
    ),
    // Only who has a case lets a held answer go, and takes back what a colleague wrote.
    Row(
        &[Claimed, TransferTaken, ClaimReleased],
        &[AnswerReleased, AnswerWithdrawn, HeldWithdrawn],
        Who::Second,
        Void(Claimed_),
    ),
    // Nobody closes a case that a colleague has at work.
    Row(&[Claimed, TransferTaken], &[CaseClosed], Who::Any, Void(Claimed_)),
    // Who has not the case that somebody has or had is held back; who has it is not.
    Row(&[Claimed, TransferTaken, ClaimReleased, CaseClosed, ShiftEnded], &[AnswerQueued], Who::Any, Counts),
    Row(&[AnswerQueued], &[Claimed, TransferTaken, ClaimReleased, CaseClosed, ShiftEnded], Who::Any, Counts),
    // Each person asks once; what was asked and offered ends with the claim.
    Row(&[TransferAsked], &[Claimed, TransferTaken, ClaimReleased, CaseClosed, ShiftEnded], Who::Any, Counts),
    Row(&[Claimed, TransferTaken], &[TransferAsked], Who::Any, Counts),
    // A new offer takes the place of the old one, and what is withdrawn is answered no more. An answer ends nothing for others.
    Row(&[TransferOffered, TransferWithdrawn], &[TransferTaken, TransferRefused], Who::Any, Void(TooLate)),
    Row(&[TransferRefused], &[TransferTaken, TransferOffered, TransferWithdrawn], Who::Any, Counts),
    Row(&[TransferTaken], &[TransferOffered, TransferWithdrawn], Who::Any, Void(TooLate)),
    // What of two who end a case's claim, the later finds ended, and what is done before counts.
    Row(
        &[ClaimReleased, TransferOffered, TransferWithdrawn, TransferRefused],
        &[Claimed, ClaimReleased, CaseClosed, TransferTaken, ShiftEnded],
        Who::Any,
        Counts,
    ),
    Row(&[CaseClosed, ShiftEnded], &[Claimed], Who::Any, Counts),
    Row(&[Claimed, TransferTaken], &[ShiftEnded], Who::Any, Counts),
    // A case is closed, and opened again, once; a message that the closer has not seen keeps it open, and opens it.
    Row(&[CaseClosed], &[CaseClosed], Who::Any, Void(TooLate)),
    Row(&[CaseReopened], &[CaseReopened], Who::Any, Void(TooLate)),
    Row(&[MessageReceived], &[CaseClosed, CaseReopened], Who::Any, Void(TooLate)),
    Row(&[CaseClosed, CaseReopened], &[MessageReceived], Who::Any, Counts),
    // The first reader decides; nobody reads what was taken back, and what leaves no more, or has left, is not taken back.
    Row(
        &[AnswerApproved, AnswerRefused, AnswerWithdrawn],
        &[AnswerApproved, AnswerRefused],
        Who::Any,
        Void(TooLate),
    ),
    Row(&[AnswerWithdrawn, DropPosted], &[AnswerWithdrawn], Who::Any, Void(TooLate)),
    Row(&[AnswerApproved, AnswerRefused], &[AnswerWithdrawn], Who::Any, Counts),
    Row(&[AnswerWithdrawn], &[DropPosted], Who::Any, Counts),
    Row(&[HeldWithdrawn], &[AnswerReleased, HeldWithdrawn], Who::Any, Void(TooLate)),
    Row(&[AnswerReleased], &[AnswerReleased], Who::Any, Void(TooLate)),
    Row(&[AnswerReleased], &[HeldWithdrawn], Who::Any, Counts),
    // What is flagged as coerced behind an answer needs no second reader for it.
    Row(&[FlaggedCoerced], &[AnswerQueued], Who::Any, Counts),
    Row(&[AnswerQueued], &[FlaggedCoerced], Who::Any, Counts),
    // A flag stands for the longest that anybody said; who lifts it has seen for how long.
    Row(&[Flagged], &[Flagged, FlagLifted], Who::Any, Void(TooLate)),
    Row(&[FlaggedCoerced], &[FlaggedCoerced], Who::Any, Void(TooLate)),
    Row(&[FlagLifted], &[FlagLifted], Who::Any, Void(TooLate)),
    Row(&[FlagLifted], &[Flagged], Who::Any, Counts),
    // Whatever a colleague does to a case first counts before an act on many, and so does a new message.
    Row(
        &[
            AnswerQueued,
            Flagged,
            FlaggedCoerced,
            FollowUpSet,
            MessageReceived,
            NoteWritten,
            Opened,
            SafeWindowSet,
            Sifted,
            UrgencySet,
        ],
        &[Sifted],
        Who::Any,
        Void(TooLate),
    ),
    Row(&[Claimed], &[Sifted], Who::Any, Void(Claimed_)),
    Row(
        &[Sifted],
        &[
            AnswerQueued,
            Claimed,
            Flagged,
            FlaggedCoerced,
            FollowUpSet,
            MessageReceived,
            NoteWritten,
            Opened,
            SafeWindowSet,
            UrgencySet,
        ],
        Who::Any,
        Counts,
    ),
    Row(&[Unsifted], &[Unsifted], Who::Any, Void(TooLate)),
    // What waits for nobody any more, or is set aside, takes no step.
    Row(&[AnswerQueued], &[Escalated], Who::Untouched, Rule::Commute),
    Row(&[Claimed, Sifted, AnswerQueued, AnswerApproved, CaseClosed], &[Escalated], Who::Any, Void(TooLate)),
    Row(&[SafeWindowSet], &[Escalated], Who::Any, Void(Date)),
    Row(&[Escalated], &[Claimed, Sifted, SafeWindowSet], Who::Any, Counts),
    // The window that the author saw.
    Row(&[SafeWindowSet], &[SafeWindowSet], Who::Any, Void(TooLate)),
    // Of two levels the more urgent stays, of two moves of a follow-up the earlier date.
    Row(&[UrgencySet], &[UrgencySet], Who::Any, OneStays),
    Row(&[FollowUpMoved], &[FollowUpMoved], Who::Any, OneStays),
    // Of two about one step, or one setting, the later counts.
    Row(&[StepDone], &[StepDone], Who::Any, Decides),
    Row(&[SettingsSet], &[SettingsSet], Who::Any, Decides),
    Row(&[SuccessorAnnounced], &[SuccessorAnnounced], Who::Any, Decides),
    // What is done is moved no more, and done once.
    Row(&[FollowUpDone], &[FollowUpDone, FollowUpMoved], Who::Any, Void(TooLate)),
    Row(&[FollowUpMoved], &[FollowUpDone], Who::Any, Counts),
    Row(&[NoteStruck], &[NoteStruck], Who::Any, Void(TooLate)),
    // Turns go by the order of the log; a case that is taken, or waits no more, is passed on by nobody.
    Row(&[Ready], &[Ready], Who::Any, Counts),
    Row(&[Claimed, AnswerQueued, CaseClosed], &[Passed], Who::Any, Void(TooLate)),
    Row(&[Passed], &[Claimed, AnswerQueued, CaseClosed], Who::Any, Counts),
    Row(&[Passed], &[Ready], Who::Any, Counts),
    Row(&[Ready], &[Passed], Who::Any, Counts),
    Row(&[HandoverTaken], &[HandoverTaken], Who::Any, Void(TooLate)),
    Row(&[PersonLeft], &[TransferOffered], Who::Any, Void(TooLate)),
    // People and devices: the first of two who speak of one counts.
    Row(&[PersonAdded], &[PersonAdded], Who::Any, Void(TooLate)),
    Row(&[PersonLeft], &[PersonLeft, RoleSet, DeviceGiven, DeviceAdmitted], Who::Any, Void(TooLate)),
    Row(&[RoleSet], &[RoleSet], Who::Any, Void(TooLate)),
    Row(&[RoleSet, DeviceGiven, DeviceAdmitted], &[PersonLeft], Who::Any, Counts),
    Row(&[DeviceAdmitted], &[DeviceAdmitted], Who::Any, Void(TooLate)),
    Row(&[DeviceRemoved], &[DeviceGiven], Who::Any, Void(TooLate)),
    Row(&[DeviceGiven], &[DeviceRemoved], Who::Any, Counts),
    Row(&[DeviceRemoved], &[DeviceRemoved], Who::Any, Counts),
    // Lists grow in the order of the log; what a restarted desk takes from a hub it takes before it posts.
    Row(&[Listed], &[Listed], Who::Any, Counts),
    Row(&[Listed], &[ListsTaken], Who::Any, Void(TooLate)),
    Row(&[ListsTaken], &[Listed], Who::Any, Counts),
];

/// The refusal, beside the kind of that name.
#[expect(non_upper_case_globals, reason = "it is the refusal's name")]
const Claimed_: Refusal = Refusal::Claimed;

/// The rule of two acts.
pub(super) fn rule(first: Kind, second: Kind, who: Who) -> Rule {
    let other_way = match who {
        Who::First => Who::Second,
        Who::Second => Who::First,
        who => who,
    };
    let of = |first, second, who| {
        let is_it = |Row(firsts, seconds, of, _): &&Row| {
            firsts.contains(&first) && seconds.contains(&second) && (*of == Who::Any || *of == who)
        };
        ROWS.iter().find(is_it).map(|Row(.., rule)| *rule)
    };
    match (of(first, second, who), of(second, first, other_way)) {
        (Some(rule), _) => rule,
        // What the other order does not let both do is no state that both orders make.
        (None, Some(Void(_) | Decides | Counts)) => Counts,
        (None, _) => Rule::Commute,
    }
}

/// Acts that two people never both write at one time, since no stage lets both count: each with the reason.
const NEVER: &[(&[Kind], &[Kind], &str)] = &[
    (OF_HOLDERS, OF_HOLDERS, "one person has a case"),
    (&[CaseClosed], OF_HOLDERS, "nobody closes a case that a colleague has at work"),
    (&[Passed], &[Passed], "a case is offered to one person"),
    (&[ListsTaken], &[ListsTaken], "one device has restarted the desk"),
    (&[CaseReopened], &[CaseClosed, Escalated, Passed, Sifted], "a closed case waits for nothing"),
    (
        &[Escalated, Passed],
        &[
            AnswerReleased,
            AnswerWithdrawn,
            ClaimReleased,
            HeldWithdrawn,
            TransferAsked,
            TransferOffered,
            TransferRefused,
            TransferTaken,
            TransferWithdrawn,
        ],
        "somebody is at work on the case; of claims that have lapsed signs of life decide, which is looked at beside claims",
    ),
    (&[Escalated], &[Unsifted], "what is set aside takes no step"),
    (&[Sifted], OF_TOUCHED, "nobody has turned to a case that is sifted"),
    (
        &[ListsTaken],
        &[CaseReopened, Escalated, Passed, Sifted],
        "the same as beside any other event of a device",
    ),
];

/// What only whoever has a case writes of it.
const OF_HOLDERS: &[Kind] = &[AnswerReleased, AnswerWithdrawn, TransferOffered, TransferWithdrawn];

/// What is about something that somebody did in a case before.
const OF_TOUCHED: &[Kind] = &[
    AnswerApproved,
    AnswerRefused,
    AnswerReleased,
    AnswerWithdrawn,
    CaseClosed,
    CaseReopened,
    ClaimReleased,
    FlagLifted,
    FollowUpDone,
    FollowUpMoved,
    HandoverTaken,
    HeldWithdrawn,
    NoteStruck,
    Passed,
    TransferAsked,
    TransferOffered,
    TransferRefused,
    TransferTaken,
    TransferWithdrawn,
    Unsifted,
];

/// Whether no stage lets both count.
pub(super) fn never_meet(first: Kind, second: Kind) -> bool {
    let is_it = |one: &Kind, other: &Kind| {
        NEVER.iter().any(|(firsts, seconds, _)| firsts.contains(one) && seconds.contains(other))
    };
    is_it(&first, &second) || is_it(&second, &first)
}
