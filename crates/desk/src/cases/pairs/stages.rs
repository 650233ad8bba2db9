//! Stages in which two acts meet: what was said of a case before.

use callsign_protocol::{call::CallPart, encoding::Secret};

use super::*;
use crate::cases::support::whole_answer;

/// What was said before, and what it is called.
pub(super) struct Stage {
    pub(super) name: &'static str,
    make: fn(&mut Set),
}

/// A desk as it stands before two act at once.
pub(super) struct Set {
    pub(super) cases: Cases,
    pub(super) caller: CallerId,
    next: u8,
}

/// An answer of Osyka's that waits for a second reader.
pub(super) const TO_READ: Bytes<16> = Bytes([0xe1; 16]);
/// One that is held.
pub(super) const HELD: Bytes<16> = Bytes([0xe2; 16]);
/// The message that comes in.
pub(super) const NEW: Bytes<16> = Bytes([0xe9; 16]);
/// One that waits behind the answer to the first.
const WAITING: Bytes<16> = Bytes([0xe8; 16]);
/// Somebody at the desk who does nothing here, and their device.
pub(super) const LYPA: PersonId = Bytes([0xd3; 16]);
pub(super) const LYPAS: DeviceId = Bytes([0x23; 16]);

/// All stages.
pub(super) const STAGES: &[Stage] = &[
    Stage { name: "open", make: Set::opened },
    Stage { name: "untouched", make: |_| {} },
    Stage { name: "sifted", make: Set::sifted },
    Stage { name: "Osyka's", make: |set| set.sifted_and_held_by(OSYKA) },
    Stage { name: "Kalyna's", make: |set| set.sifted_and_held_by(KALYNA) },
    Stage { name: "Yavir's", make: |set| set.sifted_and_held_by(YAVIR) },
    Stage { name: "closed", make: Set::closed },
    Stage { name: "closed, Osyka's", make: |set| set.closed_and_held_by(OSYKA) },
    Stage { name: "closed, Kalyna's", make: |set| set.closed_and_held_by(KALYNA) },
    Stage { name: "closed, Yavir's", make: |set| set.closed_and_held_by(YAVIR) },
    Stage { name: "Kalyna's turn", make: |set| set.turn_of(KALYNA) },
    Stage { name: "Yavir's turn", make: |set| set.turn_of(YAVIR) },
    Stage { name: "has waited untouched", make: Set::waited },
    Stage { name: "has waited", make: |set| set.waited_and_offered() },
    Stage { name: "restarted by Kalyna", make: |set| set.restarted(KALYNA, YAVIR) },
    Stage { name: "restarted by Yavir", make: |set| set.restarted(YAVIR, KALYNA) },
    Stage { name: "restarted by Kalyna, Osyka's", make: |set| set.restarted(KALYNA, OSYKA) },
    Stage { name: "restarted by Yavir, Osyka's", make: |set| set.restarted(YAVIR, OSYKA) },
];

impl Stage {
    pub(super) fn set(&self) -> Set {
        let first = message(1, DAY.start()).tagged(Bytes([3; 6]));
        let caller = first.body.about().unwrap();
        let mut set = Set { cases: Cases::staffed(), caller, next: 0 };
        set.beat(KALYNA, DAY.start());
        set.cases.see(&first);
        for (person, name, device, roles) in [
            (Bytes([0xd1; 16]), "Osyka", OSYKA, [Role::Operator].into()),
            (
                Bytes([0xd2; 16]),
                "Yavir",
                YAVIR,
                BTreeSet::from([Role::Custodian, Role::Leader, Role::Operator]),
            ),
            (LYPA, "Lypa", LYPAS, [Role::Operator].into()),
        ] {
            set.say(
                KALYNA,
                EventBody::PersonAdded(PersonAdded { person, name: name.to_owned(), roles, device: None }),
            );
            let (generation, answer_keys) = (1, vec![Bytes([9; 32])]);
            set.say(
                KALYNA,
                EventBody::DeviceAdmitted(DeviceAdmitted { device, person, generation, answer_keys }),
            );
        }
        (self.make)(&mut set);
        set
    }
}

impl Set {
    pub(super) fn case(&self) -> std::sync::Arc<Case> {
        self.cases.case(&self.caller)
    }

    fn say(&mut self, author: DeviceId, body: EventBody) -> EventId {
        self.next += 1;
        let event = Event { id: Bytes([self.next; 16]), body };
        let outcome = take(&mut self.cases, author, &event, self.next);
        assert_eq!(outcome, Outcome::Applied, "{event:?}");
        event.id
    }

    fn beat(&mut self, author: DeviceId, at: UnixSeconds) {
        let nothing = Event { id: Bytes([0xfd; 16]), body: EventBody::NotReady(NotReady {}) };
        let mut entry = entry(&self.cases, author, &nothing, 1);
        (entry.origin.at, entry.origin.day) = (at, at.day());
        entry.events.clear();
        self.cases.take(&entry).unwrap();
    }

    /// The first message, which is not opened.
    pub(super) fn message(&self) -> Bytes<16> {
        self.case().calls().next().unwrap().id
    }

    fn opened(&mut self) {
        let caller = self.caller;
        let opened = Event::opened(caller, &[self.message()]).remove(0).body;
        self.say(OSYKA, opened);
        let text = "a note".to_owned();
        let (note, kind) = (Bytes([0xe3; 16]), NoteKind::Note);
        self.say(OSYKA, EventBody::NoteWritten(NoteWritten { caller, note, part: 1, parts: 1, text, kind }));
        let text = "do it".to_owned();
        self.say(
            OSYKA,
            EventBody::FollowUpSet(FollowUpSet {
                caller,
                due: DAY.plus(9),
                hour: None,
                text,
                was: None,
                why: None,
            }),
        );
        self.say(OSYKA, EventBody::Flagged(Flagged { caller, flag: Flag::Abusive, until: DAY.plus(3) }));
        let to_read = AnswerQueued {
            second_reader: true,
            answer: TO_READ,
            ..whole_answer(caller, 1, "text", DAY.start())
        };
        self.say(OSYKA, EventBody::AnswerQueued(to_read));
        self.say(
            OSYKA,
            EventBody::ShiftEnded(ShiftEnded { note: Some("Yours.".to_owned()), left: vec![caller] }),
        );
    }

    fn sifted(&mut self) {
        let (at, _) = self.cases.arrived(&self.caller).unwrap();
        let verdict = Verdict::Junk(DAY.plus(7));
        self.say(OSYKA, EventBody::Sifted(Sifted { callers: vec![self.caller], from: at, to: at, verdict }));
    }

    /// Somebody has taken the case and offers it; an answer of whoever else writes is held.
    fn held_by(&mut self, holder: DeviceId) {
        let (caller, over) = (self.caller, self.case().last_touch());
        let claim = self.say(holder, EventBody::Claimed(Claimed { caller, over, reason: None }));
        let other = if holder == YAVIR { KALYNA } else { YAVIR };
        let held = AnswerQueued { answer: HELD, ..whole_answer(caller, 2, "text", DAY.start()) };
        self.say(other, EventBody::AnswerQueued(held));
        let offered = TransferOffered { caller, claim, to: TransferTo::Anyone, text: None };
        self.say(holder, EventBody::TransferOffered(offered));
    }

    fn sifted_and_held_by(&mut self, holder: DeviceId) {
        self.sifted();
        self.opened();
        self.held_by(holder);
    }

    fn closed(&mut self) {
        self.sifted();
        self.opened();
        let (caller, seen) = (self.caller, self.message());
        self.say(OSYKA, EventBody::CaseClosed(CaseClosed { caller, seen, why: ClosedWhy::ALL[0] }));
    }

    fn closed_and_held_by(&mut self, holder: DeviceId) {
        self.closed();
        self.held_by(holder);
    }

    /// A second message waits that Osyka has opened.
    fn waiting(&mut self) {
        self.opened();
        let second = message(WAITING.0[0], self.cases.time());
        self.cases.see(&second);
        let opened = Event::opened(self.caller, &[WAITING]).remove(0).body;
        self.say(OSYKA, opened);
    }

    fn turn_of(&mut self, device: DeviceId) {
        if device == YAVIR {
            self.sifted();
        }
        self.waiting();
        self.say(device, EventBody::Ready(Ready { caller: None }));
    }

    /// An hour has passed, with beats of all who write, and nobody has done anything.
    fn waited(&mut self) {
        let from = self.cases.time();
        for minute in 1..=65 {
            for device in [KALYNA, YAVIR, OSYKA, KALYNA, YAVIR] {
                self.beat(device, from.plus(60 * minute));
            }
        }
    }

    /// The same of a case to which somebody has turned, which is offered to Kalyna then.
    fn waited_and_offered(&mut self) {
        self.waiting();
        self.waited();
        self.say(KALYNA, EventBody::Ready(Ready { caller: None }));
    }

    /// Who has restarted the desk has let the other in again, and Lypa, and posted nothing.
    fn restarted(&mut self, by: DeviceId, holder: DeviceId) {
        self.sifted_and_held_by(holder);
        let other = if by == KALYNA { YAVIR } else { KALYNA };
        let person = self.cases.person_of(&other).unwrap();
        self.cases.note_restart(2);
        let begun = Event::generation_begun(2, DAY);
        self.cases.take(&entry(&self.cases, by, &begun, 190)).unwrap();
        for (device, person) in [(other, person), (LYPAS, LYPA)] {
            let (generation, answer_keys) = (2, vec![Bytes([9; 32])]);
            self.say(
                by,
                EventBody::DeviceAdmitted(DeviceAdmitted { device, person, generation, answer_keys }),
            );
        }
    }
}

/// A message that has not come in yet.
pub(super) fn new_message() -> Event {
    message(NEW.0[0], DAY.start().plus(1_200)).tagged(Bytes([4; 6]))
}

/// A whole message of the caller.
fn message(n: u8, received: UnixSeconds) -> Event {
    let call = CallPart {
        caller: Bytes([1; 32]),
        shard_bits: 7,
        drop_secrets: vec![(DAY.week(), Secret([1; 32]))],
        id: Bytes([n; 16]),
        part: 1,
        parts: 1,
        track: String::new(),
        language: "en".to_owned(),
        text: "text".to_owned(),
        safe_times: None,
    };
    Event::message_received(Box::new(call), received)
}
