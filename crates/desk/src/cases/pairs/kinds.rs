//! One event of each type, as somebody would write it who sees a stage; and of some types a second one, of which other rules hold.

use callsign_protocol::{
    drop::Place,
    identity::PrivateKey,
    snapshot::{ChunkList, Whole},
    successor::Successor,
};

use super::{
    stages::{HELD, LYPA, LYPAS, NEW, Set, TO_READ, new_message},
    *,
};
use crate::cases::support::whole_answer;

/// Makes the kinds, and a list of them.
macro_rules! kinds {
    ($($kind:ident,)*) => {
        /// What somebody writes: a type of events, and what it says where that matters.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Kind {
            $($kind,)*
        }

        impl Kind {
            pub(super) const ALL: &[Self] = &[$(Self::$kind,)*];
        }
    };
}

kinds! {
    AnswerApproved, AnswerQueued, AnswerRefused, AnswerReleased, AnswerWithdrawn, CaseClosed, CaseErased, CaseReopened, ClaimReleased,
    Claimed, DaysSigned, DeviceAdmitted, DeviceGiven, DeviceRemoved, DropPosted, Escalated, FlagLifted, Flagged, FlaggedCoerced, Flushed,
    FollowUpDone, FollowUpMoved, FollowUpSet, GenerationBegun, HandoverTaken, HeldWithdrawn, Listed, ListsTaken, MessageReceived, NotReady,
    NoteStruck, NoteWritten, NoticePublished, Opened, OtherLeaves, OtherLosesRoles, OtherRemoved, Passed, PersonAdded, PersonLeft,
    Presence, Ready, RoleSet, SafeWindowSet, SettingsSet, ShiftEnded, Sifted, SnapshotWhole, StepDone, SuccessorAnnounced, Ticked,
    TransferAsked, TransferOffered, TransferRefused, TransferTaken, TransferWithdrawn, Unsifted, UrgencySet, WrappingKeyAnnounced,
}

impl Kind {
    /// The event, by one of both who write; none where there is nothing in this stage that it could be about. What both would say alike is the
    /// same, so that they meet: of two levels and dates the first one's is the more urgent.
    #[expect(clippy::too_many_lines, reason = "a line for each kind of one list")]
    pub(super) fn event(self, set: &Set, author: DeviceId, other: DeviceId, n: u8) -> Option<Event> {
        let (caller, case, cases) = (set.caller, set.case(), &set.cases);
        let offer = || case.offer().map(|offer| offer.id);
        let digest = || case.answer(&TO_READ).map(Answer::digest);
        let set_by = |person: &PersonId| cases.person(person).map(|person| person.set_by);
        let others_person = cases.person_of(&other);
        let body = match self {
            Self::AnswerApproved => {
                EventBody::AnswerApproved(AnswerApproved { caller, answer: TO_READ, digest: digest()? })
            }
            Self::AnswerRefused => EventBody::AnswerRefused(AnswerRefused {
                caller,
                answer: TO_READ,
                digest: digest()?,
                text: None,
            }),
            Self::AnswerQueued => {
                return Some(Event::answer_queued(whole_answer(caller, 0xa0 + n, "text", DAY.start())));
            }
            Self::AnswerReleased => {
                EventBody::AnswerReleased(AnswerReleased { caller, answer: HELD, seen: None })
            }
            Self::AnswerWithdrawn => {
                // By its author or whoever has the case.
                let holder = case.claim().map(|claim| claim.device);
                (holder == Some(author)).then_some(())?;
                EventBody::AnswerWithdrawn(AnswerWithdrawn { caller, answer: TO_READ })
            }
            Self::HeldWithdrawn => EventBody::AnswerWithdrawn(AnswerWithdrawn { caller, answer: HELD }),
            Self::CaseClosed => {
                let seen = case.calls().last()?.id;
                EventBody::CaseClosed(CaseClosed { caller, seen, why: ClosedWhy::ALL[0] })
            }
            Self::CaseErased => EventBody::CaseErased(CaseErased { caller }),
            Self::CaseReopened => EventBody::CaseReopened(CaseReopened { caller }),
            Self::ClaimReleased => {
                EventBody::ClaimReleased(ClaimReleased { caller, claim: case.claim()?.id })
            }
            Self::Claimed => {
                let reason = case.claim().is_some().then(|| "it is mine".to_owned());
                EventBody::Claimed(Claimed { caller, over: case.last_touch(), reason })
            }
            Self::DaysSigned => {
                EventBody::DaysSigned(DaysSigned { duty_key: Bytes([8; 32]), lists: vec![(DAY.minus(1), 1)] })
            }
            Self::DeviceAdmitted => EventBody::DeviceAdmitted(DeviceAdmitted {
                device: Bytes([0x31; 16]),
                person: LYPA,
                generation: cases.generation(),
                answer_keys: vec![Bytes([9; 32])],
            }),
            Self::DeviceGiven => EventBody::DeviceGiven(DeviceGiven { device: LYPAS, person: LYPA }),
            Self::DeviceRemoved => EventBody::DeviceRemoved(DeviceRemoved { device: LYPAS }),
            Self::OtherRemoved => EventBody::DeviceRemoved(DeviceRemoved { device: other }),
            Self::OtherLeaves => EventBody::PersonLeft(PersonLeft { person: others_person? }),
            Self::OtherLosesRoles => {
                let person = others_person?;
                EventBody::RoleSet(RoleSet { person, roles: BTreeSet::new(), was: set_by(&person)? })
            }
            Self::DropPosted => EventBody::DropPosted(DropPosted {
                caller,
                place: Place { day: DAY, slot: n, index: 0 },
                number: 1,
                answer: case.answer(&TO_READ).map(|answer| (answer.id, 1)),
                opened: Vec::new(),
            }),
            Self::Escalated => {
                return Some(Event::escalated(Escalated {
                    caller,
                    message: case.first_waiting(Day(0))?.id,
                    step: 1,
                }));
            }
            Self::FlagLifted => {
                let until = case.flags().find(|(flag, _)| *flag == Flag::Abusive)?.1;
                EventBody::FlagLifted(FlagLifted { caller, flag: Flag::Abusive, until })
            }
            Self::Flagged => EventBody::Flagged(Flagged { caller, flag: Flag::Abusive, until: DAY.plus(6) }),
            Self::FlaggedCoerced => {
                EventBody::Flagged(Flagged { caller, flag: Flag::Coerced, until: DAY.plus(6) })
            }
            Self::Flushed => EventBody::Flushed(Flushed {}),
            Self::FollowUpDone => {
                EventBody::FollowUpDone(FollowUpDone { caller, follow_up: case.follow_ups().first()?.id })
            }
            Self::FollowUpMoved => {
                let (was, due) = (Some(case.follow_ups().first()?.set_by), DAY.plus(1 + u32::from(n)));
                EventBody::FollowUpSet(FollowUpSet {
                    caller,
                    due,
                    hour: None,
                    text: "do it".to_owned(),
                    was,
                    why: None,
                })
            }
            Self::FollowUpSet => {
                let due = DAY.plus(20 + u32::from(n));
                EventBody::FollowUpSet(FollowUpSet {
                    caller,
                    due,
                    hour: None,
                    text: "more".to_owned(),
                    was: None,
                    why: None,
                })
            }
            Self::GenerationBegun => return Some(Event::generation_begun(cases.generation() + 1, DAY)),
            Self::HandoverTaken => {
                EventBody::HandoverTaken(HandoverTaken { shift: cases.sheets().next_back()?.id })
            }
            Self::Listed => EventBody::Listed(Listed { day: DAY, posted: vec![(0, Bytes([n; 32]))] }),
            Self::ListsTaken => {
                EventBody::ListsTaken(ListsTaken { lists: vec![(DAY.minus(1), 0, 9, Bytes([7; 32]))] })
            }
            Self::MessageReceived => return Some(new_message()),
            Self::NotReady => EventBody::NotReady(NotReady {}),
            Self::NoteStruck => EventBody::NoteStruck(NoteStruck { caller, note: case.notes().first()?.id }),
            Self::NoteWritten => {
                let (note, text) = (Bytes([0xb0 + n; 16]), "mine".to_owned());
                return Some(Event::note_written(NoteWritten {
                    caller,
                    note,
                    part: 1,
                    parts: 1,
                    text,
                    kind: NoteKind::Note,
                }));
            }
            Self::NoticePublished => return Some(Event::notice_published([5; 32], 1, vec![DAY])),
            Self::Opened => {
                return Some(Event::opened(caller, &[set.message(), NEW]).remove(0));
            }
            Self::Passed => EventBody::Passed(Passed { caller }),
            Self::PersonAdded => EventBody::PersonAdded(PersonAdded {
                person: Bytes([0xc0 + n; 16]),
                name: "Verba".to_owned(),
                roles: [Role::Operator].into(),
                device: None,
            }),
            Self::PersonLeft => EventBody::PersonLeft(PersonLeft { person: LYPA }),
            Self::Presence => {
                EventBody::Presence(PresenceSaid { caller: Some(caller), doing: Doing::Reading })
            }
            Self::Ready => EventBody::Ready(Ready { caller: None }),
            Self::RoleSet => {
                let roles = [Role::Leader].into();
                EventBody::RoleSet(RoleSet { person: LYPA, roles, was: set_by(&LYPA)? })
            }
            Self::SafeWindowSet => {
                let window = SafeWindow::new(20 * 60, 22 * 60 + 30, 0);
                EventBody::SafeWindowSet(SafeWindowSet { caller, window, was: None })
            }
            Self::SettingsSet => EventBody::SettingsSet(Box::new(SettingsSet {
                name: Some(format!("Line {n}")),
                audit_days: Some(100 + u32::from(n)),
                ..SettingsSet::default()
            })),
            Self::ShiftEnded => EventBody::ShiftEnded(ShiftEnded {
                note: Some("It is written.".to_owned()),
                left: vec![caller],
            }),
            Self::Sifted => {
                let (from, to) = cases.arrived(&caller)?;
                EventBody::Sifted(Sifted {
                    callers: vec![caller],
                    from,
                    to,
                    verdict: Verdict::Junk(DAY.plus(8)),
                })
            }
            Self::Unsifted => {
                EventBody::Unsifted(Unsifted { sifted: cases.siftings().next()?.id, callers: vec![caller] })
            }
            Self::SnapshotWhole => {
                let chunks = ChunkList { attempt: Bytes([n; 16]), count: 128, hash: Bytes([3; 32]) };
                return Some(Event::whole(&Whole { chunks, state: Bytes([4; 32]) }));
            }
            Self::StepDone => {
                let (list, revision, done) = ("first".to_owned(), Bytes([6; 16]), n == 1);
                EventBody::StepDone(StepDone { caller, list, revision, step: 1, done })
            }
            Self::SuccessorAnnounced => {
                let [old, next] =
                    [1, 10 + n].map(|n| PrivateKey::from_seed(&callsign_protocol::encoding::Secret([n; 32])));
                let successor = Successor::announce(&old, next.public(), DAY.plus(30));
                EventBody::SuccessorAnnounced(SuccessorAnnounced { successor })
            }
            Self::Ticked => EventBody::Ticked(Ticked { tick: 100 + u64::from(n) }),
            Self::TransferAsked => EventBody::TransferAsked(TransferAsked { caller, text: None }),
            Self::TransferOffered => {
                let (claim, to) = (case.claim()?.id, TransferTo::Person(LYPA));
                EventBody::TransferOffered(TransferOffered { caller, claim, to, text: None })
            }
            Self::TransferRefused => EventBody::TransferAnswered(TransferAnswered {
                caller,
                offer: offer()?,
                taken: false,
                over: None,
                text: None,
            }),
            Self::TransferTaken => EventBody::TransferAnswered(TransferAnswered {
                caller,
                offer: offer()?,
                taken: true,
                over: case.last_touch(),
                text: None,
            }),
            Self::TransferWithdrawn => {
                EventBody::TransferWithdrawn(TransferWithdrawn { caller, offer: offer()? })
            }
            Self::UrgencySet => {
                let (level, was) = (Level::ALL[usize::from(n - 1)], case.level_set_by());
                EventBody::UrgencySet(UrgencySet { caller, level, was })
            }
            Self::WrappingKeyAnnounced => {
                return Some(Event::wrapping_key(author, cases.generation() + 1, Bytes([n; 1_216])));
            }
        };
        let place = u8::try_from(Self::ALL.iter().position(|kind| *kind == self)?).ok()?;
        let mut id = Bytes([n; 16]);
        id.0[0] = place;
        id.0[1] = 0xf7;
        Some(Event { id, body })
    }
}
