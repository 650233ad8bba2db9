//! For tests: events that stand where they may.

use callsign_protocol::encoding::Secret;

use super::*;

/// The day on which tests begin.
pub(crate) const DAY: Day = Day(20_000);

impl Origin {
    /// Of what waits for the log, on a device that nobody else speaks of.
    pub(crate) fn of_test() -> Self {
        let (at, day) = (UnixSeconds(0), Day(u32::MAX));
        let (generation, fold, program) = (1, FOLD_VERSION, FOLD_VERSION);
        Self {
            author: Bytes([0xa; 16]),
            at,
            day,
            sequence: None,
            generation,
            fold,
            program,
            has_identity: false,
        }
    }
}

impl Cases {
    /// A desk at which one person has every role, and all the devices of tests.
    pub(crate) fn staffed() -> Self {
        let mut cases = Self::default();
        cases.staff(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(|n| Bytes([n; 16])));
        cases
    }

    /// Gives devices to the person who has every role, as if the log had begun so.
    pub(crate) fn staff(&mut self, devices: &[DeviceId]) {
        let (person, name, device) = (Bytes([0xfe; 16]), "Kalyna".to_owned(), Some(Origin::of_test().author));
        let founded = PersonAdded { person, name, roles: BTreeSet::new(), device };
        self.see(&Event { id: person, body: EventBody::PersonAdded(founded) });
        for device in devices {
            self.give_device(*device, person, self.generation());
        }
    }

    /// Takes a device from its person, as if the log had never said whose it is.
    pub(crate) fn unstaff(&mut self, device: &DeviceId) {
        self.take_device(device);
    }

    /// One case more, whose caller waits a little longer the larger `n` is.
    pub(crate) fn and_a_case(&mut self, n: u8) -> CallerId {
        let call = CallPart {
            caller: Bytes([n; 32]),
            shard_bits: 7,
            drop_secrets: vec![(DAY.week(), Secret([n; 32]))],
            id: Bytes([n; 16]),
            part: 1,
            parts: 1,
            track: String::new(),
            language: "en".to_owned(),
            text: "text".to_owned(),
            safe_times: None,
        };
        let caller = call.caller_id();
        self.see(&Event::message_received(Box::new(call), UnixSeconds(u64::from(n) * 600)));
        caller
    }

    /// The case of a caller who has one.
    pub(crate) fn case(&self, caller: &CallerId) -> Arc<Case> {
        self.get(caller).expect("every case is in memory").expect("the caller has a case")
    }

    /// Takes in an event by the author, in the generation and on the day that it is about.
    pub(crate) fn see(&mut self, event: &Event) -> Outcome {
        let mut origin = Origin { generation: self.generation(), ..Origin::of_test() };
        match &event.body {
            EventBody::GenerationBegun(begun) => origin.generation = begun.generation,
            EventBody::Listed(listed) => origin.day = listed.day,
            EventBody::WrappingKeyAnnounced(key) => {
                (origin.author, origin.generation) = (key.device, key.generation);
            }
            _ => {}
        }
        self.apply(&Act { origin: &origin, event }).expect("every case is in memory")
    }
}

/// An answer of one part, which nobody has to read first.
pub(crate) fn whole_answer(caller: CallerId, n: u8, text: &str, queued: UnixSeconds) -> AnswerQueued {
    let (answer, text) = (Bytes([n; 16]), text.to_owned());
    AnswerQueued { caller, answer, part: 1, parts: 1, text, queued, second_reader: false, seen: None }
}

/// How many kinds of events there are.
pub(crate) const KINDS: u8 = 36;

/// A staffed desk with one case.
pub(crate) fn a_case() -> (Cases, CallerId) {
    let mut cases = Cases::staffed();
    let caller = cases.and_a_case(1);
    (cases, caller)
}

/// One of all events that people and callers can cause, by three numbers: a kind below [`KINDS`], a caller, and anything.
#[expect(clippy::too_many_lines, reason = "a line for each kind of one list")]
pub(crate) fn any_event(kind: u8, caller: u8, n: u8) -> Event {
    let call = CallPart {
        caller: Bytes([caller; 32]),
        shard_bits: 7,
        drop_secrets: vec![(DAY.week(), Secret([1; 32]))],
        id: Bytes([n; 16]),
        part: 1 + n % 2,
        parts: 2,
        track: ["", "field", "home"][usize::from(n % 3)].to_owned(),
        language: "en".to_owned(),
        text: "text".to_owned(),
        safe_times: None,
    };
    let id = call.caller_id();
    let of_kind = |kind: u8, n: u8| Bytes([n ^ kind.wrapping_shl(5) ^ kind; 16]);
    let named = |body| Event { id: of_kind(kind, n), body };
    match kind {
        0..3 => Event::message_received(Box::new(call), UnixSeconds(u64::from(n) * 600)),
        3 => Event::opened(id, &[Bytes([n; 16])]).remove(0),
        4 => Event::answer_queued(whole_answer(id, n, "text", UnixSeconds(60))),
        7 => named(EventBody::FollowUpDone(FollowUpDone { caller: id, follow_up: Bytes([n; 16]) })),
        8 => named(EventBody::Unknown),
        9 => named(EventBody::Claimed(Claimed { caller: id, over: None, reason: None })),
        10 => named(EventBody::ClaimReleased(ClaimReleased { caller: id, claim: of_kind(9, n) })),
        11 => {
            let level = Level::ALL[usize::from(n % 4)];
            named(EventBody::UrgencySet(UrgencySet { caller: id, level, was: None }))
        }
        12 => named(EventBody::AnswerWithdrawn(AnswerWithdrawn { caller: id, answer: Bytes([n; 16]) })),
        13 => {
            let (note, text) = (Bytes([n; 16]), "a note".to_owned());
            Event::note_written(NoteWritten {
                caller: id,
                note,
                part: 1 + n % 2,
                parts: 2,
                text,
                kind: NoteKind::Note,
            })
        }
        14 => named(EventBody::NoteStruck(NoteStruck { caller: id, note: Bytes([n; 16]) })),
        15 => {
            let why = ClosedWhy::ALL[usize::from(n % 4)];
            named(EventBody::CaseClosed(CaseClosed { caller: id, seen: Bytes([n; 16]), why }))
        }
        16 => named(EventBody::CaseReopened(CaseReopened { caller: id })),
        17 => named(EventBody::Ready(Ready { caller: n.is_multiple_of(2).then_some(id) })),
        18 => named(EventBody::NotReady(NotReady {})),
        19 => named(EventBody::Passed(Passed { caller: id })),
        20 => named(EventBody::ShiftEnded(ShiftEnded { note: None, left: vec![id] })),
        21 => named(EventBody::HandoverTaken(HandoverTaken { shift: of_kind(20, n) })),
        22 => {
            let (claim, to, text) = (of_kind(9, n), TransferTo::Anyone, Some("home".to_owned()));
            named(EventBody::TransferOffered(TransferOffered { caller: id, claim, to, text }))
        }
        23 => {
            let (offer, taken, over, text) = (of_kind(22, n), n.is_multiple_of(2), Some(of_kind(9, n)), None);
            named(EventBody::TransferAnswered(TransferAnswered { caller: id, offer, taken, over, text }))
        }
        24 => named(EventBody::TransferWithdrawn(TransferWithdrawn { caller: id, offer: of_kind(22, n) })),
        25 => named(EventBody::TransferAsked(TransferAsked { caller: id, text: None })),
        26 => {
            let (flag, until) = (Flag::ALL[usize::from(n % 3)], DAY.plus(u32::from(n % 8)));
            named(EventBody::Flagged(Flagged { caller: id, flag, until }))
        }
        27 => {
            let (flag, until) = (Flag::ALL[usize::from(n % 3)], DAY.plus(u32::from(n % 8)));
            named(EventBody::FlagLifted(FlagLifted { caller: id, flag, until }))
        }
        28 => {
            let window = SafeWindow::new(u16::from(n), 600, 180);
            named(EventBody::SafeWindowSet(SafeWindowSet { caller: id, window, was: None }))
        }
        29 => {
            let (answer, digest) = (Bytes([n; 16]), Bytes([n; 32]));
            named(EventBody::AnswerApproved(AnswerApproved { caller: id, answer, digest }))
        }
        30 => {
            let (answer, digest, text) = (Bytes([n; 16]), Bytes([n; 32]), None);
            named(EventBody::AnswerRefused(AnswerRefused { caller: id, answer, digest, text }))
        }
        31 => {
            let doing = [Doing::Away, Doing::Here, Doing::Reading, Doing::Writing][usize::from(n % 4)];
            let caller = (n % 4 > 1).then_some(id);
            named(EventBody::Presence(PresenceSaid { caller, doing }))
        }
        32 => {
            let (list, revision) = ("list".to_owned(), Bytes([n % 3; 16]));
            let (step, done) = (1 + n % 4, !n.is_multiple_of(5));
            named(EventBody::StepDone(StepDone { caller: id, list, revision, step, done }))
        }
        33 => {
            // Calls of these events come in at any of 256 steps.
            let verdict = match n % 2 {
                0 => Verdict::Junk(DAY.plus(u32::from(n % 8))),
                _ => Verdict::Level(Level::ALL[usize::from(n % 4)]),
            };
            let (callers, from, to) =
                (vec![id], UnixSeconds(0), UnixSeconds(u64::from(n) * 600).min(UnixSeconds(86_400)));
            named(EventBody::Sifted(Sifted { callers, from, to, verdict }))
        }
        34 => named(EventBody::Unsifted(Unsifted { sifted: of_kind(33, n), callers: vec![id] })),
        35 => {
            let message = Bytes([n; 16]);
            Event::escalated(Escalated { caller: id, message, step: 1 + n % 4 })
        }
        5 => {
            let (due, text) = (DAY.plus(u32::from(n)), "do it".to_owned());
            named(EventBody::FollowUpSet(FollowUpSet {
                caller: id,
                due,
                hour: None,
                text,
                why: None,
                was: None,
            }))
        }
        _ => named(EventBody::CaseErased(CaseErased { caller: id })),
    }
}
