//! Who may do what, in whatever order people say so.

use super::*;
use crate::cases::{DeviceAdmitted, DeviceRemoved, EntryRead, Event, Origin, Outcome, support::DAY};

const FOUNDER: DeviceId = Bytes([1; 16]);
const OTHER: DeviceId = Bytes([2; 16]);

fn person(n: u8) -> PersonId {
    Bytes([n; 16])
}

/// A log in which events come one by one, each with its number as its id.
struct Log {
    cases: Cases,
    next: u8,
    /// Counts what is said of many people.
    order: u16,
}

impl Log {
    fn new() -> Self {
        Self { cases: Cases::default(), next: 0, order: 0 }
    }

    fn founded() -> Self {
        let mut log = Self::new();
        assert_eq!(log.say(FOUNDER, added(1, "Kalyna", &[], Some(FOUNDER))), Outcome::Applied);
        log
    }

    fn say(&mut self, author: DeviceId, body: EventBody) -> Outcome {
        self.next += 1;
        let generation = self.cases.generation();
        let origin = Origin { author, generation, sequence: Some(u64::from(self.next)), ..Origin::of_test() };
        let event = Event { id: Bytes([self.next; 16]), body };
        self.cases.apply(&Act { origin: &origin, event: &event }).expect("every case is in memory")
    }

    /// A second person with a device.
    fn with_other(roles: &[Role]) -> Self {
        let mut log = Self::founded();
        log.say(FOUNDER, added(2, "Osyka", roles, None));
        let admitted = EventBody::DeviceAdmitted(DeviceAdmitted {
            device: OTHER,
            person: person(2),
            generation: 1,
            answer_keys: vec![Bytes([9; 32])],
        });
        assert_eq!(log.say(FOUNDER, admitted), Outcome::Applied);
        log.writes(OTHER);
        log
    }

    /// An entry without events.
    fn writes(&mut self, author: DeviceId) {
        self.next += 1;
        let generation = self.cases.generation();
        let origin = Origin { author, generation, sequence: Some(u64::from(self.next)), ..Origin::of_test() };
        self.cases.take(&EntryRead::empty(origin)).expect("every case is in memory");
    }

    fn set_by(&self, n: u8) -> EventId {
        self.cases.person(&person(n)).expect("there").set_by
    }
}

fn added(n: u8, name: &str, roles: &[Role], device: Option<DeviceId>) -> EventBody {
    let roles = roles.iter().copied().collect();
    EventBody::PersonAdded(PersonAdded { person: person(n), name: name.to_owned(), roles, device })
}

fn set(n: u8, roles: &[Role], was: EventId) -> EventBody {
    EventBody::RoleSet(RoleSet { person: person(n), roles: roles.iter().copied().collect(), was })
}

#[test]
fn the_first_person_has_every_role_and_nobody_founds_a_desk_for_another_device() {
    let mut log = Log::new();
    assert_eq!(log.say(FOUNDER, added(1, "Kalyna", &[], Some(OTHER))), Outcome::Void(Refusal::Author));
    assert_eq!(log.say(FOUNDER, added(1, "Kalyna", &[], None)), Outcome::Void(Refusal::Author));
    assert_eq!(log.say(FOUNDER, added(1, "Kalyna", &[], Some(FOUNDER))), Outcome::Applied);
    assert_eq!(log.cases.person_of(&FOUNDER), Some(person(1)));
    assert!(ALL_ROLES.iter().all(|role| log.cases.has_role(&FOUNDER, *role)));
    // The second founder is nobody.
    assert_eq!(log.say(OTHER, added(2, "Osyka", &[], Some(OTHER))), Outcome::Void(Refusal::Role));
    assert_eq!(
        log.say(FOUNDER, added(2, "Osyka", &[], Some(OTHER))),
        Outcome::Void(Refusal::Author),
        "a device comes by its admission"
    );
}

#[test]
fn whose_a_device_is_decides_what_it_may_write() {
    let mut log = Log::with_other(&[Role::Operator]);
    assert_eq!(log.say(OTHER, added(3, "Yavir", &[], None)), Outcome::Void(Refusal::Role));
    let given = |to| EventBody::DeviceGiven(DeviceGiven { device: OTHER, person: person(to) });
    assert_eq!(log.say(OTHER, given(1)), Outcome::Void(Refusal::Role));
    assert_eq!(log.say(FOUNDER, given(1)), Outcome::Applied);
    assert_eq!(log.say(OTHER, added(3, "Yavir", &[], None)), Outcome::Applied);
    let removed = EventBody::DeviceRemoved(DeviceRemoved { device: OTHER });
    assert_eq!(log.say(FOUNDER, removed), Outcome::Applied);
    assert_eq!(log.cases.person_of(&OTHER), None);
    assert_eq!(log.say(OTHER, added(4, "Lypa", &[], None)), Outcome::Void(Refusal::TooLate));
}

#[test]
fn of_two_who_set_roles_the_first_counts() {
    let mut log = Log::with_other(&[Role::Operator]);
    let was = log.set_by(2);
    assert_eq!(log.say(FOUNDER, set(2, &[Role::Leader], was)), Outcome::Applied);
    assert_eq!(log.say(FOUNDER, set(2, &[], was)), Outcome::Void(Refusal::TooLate));
    assert!(log.cases.has_role(&OTHER, Role::Leader) && !log.cases.has_role(&OTHER, Role::Operator));
}

#[test]
fn a_desk_always_has_a_custodian_with_a_device() {
    let mut log = Log::with_other(&[Role::Operator]);
    let (was, others) = (log.set_by(1), log.set_by(2));
    let left = |n| EventBody::PersonLeft(PersonLeft { person: person(n) });
    assert_eq!(log.say(FOUNDER, set(1, &[Role::Operator], was)), Outcome::Void(Refusal::Custodian));
    assert_eq!(log.say(FOUNDER, left(1)), Outcome::Void(Refusal::Custodian));
    let given = EventBody::DeviceGiven(DeviceGiven { device: FOUNDER, person: person(2) });
    assert_eq!(log.say(FOUNDER, given), Outcome::Void(Refusal::Custodian));
    // A custodian without a device is none.
    log.say(FOUNDER, added(3, "Yavir", &[Role::Custodian], None));
    assert_eq!(log.say(FOUNDER, left(1)), Outcome::Void(Refusal::Custodian));
    assert_eq!(log.say(FOUNDER, set(2, &[Role::Custodian], others)), Outcome::Applied);
    assert_eq!(log.say(FOUNDER, left(1)), Outcome::Applied);
    assert_eq!(log.say(FOUNDER, added(4, "Lypa", &[], None)), Outcome::Void(Refusal::Role));
    assert_eq!(log.say(OTHER, left(1)), Outcome::Void(Refusal::TooLate), "they have left already");
    assert_eq!(log.say(OTHER, left(2)), Outcome::Void(Refusal::Custodian));
}

#[test]
fn the_last_custodians_device_is_not_shut_out() {
    let mut log = Log::with_other(&[Role::Custodian]);
    let removed = |device| EventBody::DeviceRemoved(DeviceRemoved { device });
    assert_eq!(log.say(OTHER, removed(FOUNDER)), Outcome::Applied);
    assert_eq!(log.say(OTHER, removed(OTHER)), Outcome::Void(Refusal::Custodian));
}

#[test]
fn pseudonyms_are_one_line_that_can_be_seen_and_are_nobody_elses() {
    let mut log = Log::founded();
    for wrong in ["", " ", "\u{200b}", " Osyka", "a\nb", "a\u{202e}b", &"x".repeat(PSEUDONYM_MAX + 1)] {
        assert_eq!(
            log.say(FOUNDER, added(2, wrong, &[], None)),
            Outcome::Void(Refusal::Numbers),
            "{wrong:?}"
        );
    }
    assert_eq!(log.say(FOUNDER, added(2, "Kalyna", &[], None)), Outcome::Void(Refusal::TooLate));
    assert_eq!(log.say(FOUNDER, added(1, "Osyka", &[], None)), Outcome::Void(Refusal::TooLate));
    assert_eq!(log.say(FOUNDER, added(2, &"ї".repeat(PSEUDONYM_MAX), &[], None)), Outcome::Applied);
}

#[test]
fn a_pseudonym_is_one_persons_for_ever_however_it_is_written() {
    let mut log = Log::with_other(&[Role::Operator]);
    log.say(FOUNDER, added(3, "Осика", &[], None));
    log.say(FOUNDER, added(4, "★", &[], None));
    let alike = ["Osyka", "osyka", "ОSYКА", "Osyka!", "осика", "★"];
    let come = |log: &mut Log| alike.map(|name| log.say(FOUNDER, added(9, name, &[], None)));
    assert_eq!(come(&mut log), [Outcome::Void(Refusal::TooLate); 6]);
    for n in 2..=4 {
        let left = EventBody::PersonLeft(PersonLeft { person: person(n) });
        assert_eq!(log.say(FOUNDER, left), Outcome::Applied);
    }
    assert_eq!(come(&mut log), [Outcome::Void(Refusal::TooLate); 6], "who has left keeps it");
    assert_eq!(log.say(FOUNDER, added(9, "Osyka 2", &[], None)), Outcome::Applied);
    assert_eq!(log.say(FOUNDER, added(10, "☆", &[], None)), Outcome::Applied);
}

/// One of many people, who have too many numbers for one byte.
impl Log {
    fn say_of_many(&mut self, n: u16, body: impl FnOnce(PersonId) -> EventBody) -> Outcome {
        self.order += 1;
        let id = |kind: u8, n: u16| {
            let [high, low] = n.to_be_bytes();
            Bytes([[kind, high, low].as_slice(), &[0; 13]].concat().try_into().unwrap())
        };
        let event = Event { id: id(8, self.order), body: body(id(9, n)) };
        let origin = Origin { author: FOUNDER, sequence: Some(1), ..Origin::of_test() };
        self.cases.apply(&Act { origin: &origin, event: &event }).expect("every case is in memory")
    }

    fn helper_comes(&mut self, n: u16) -> Outcome {
        let (name, roles) = (format!("Helper {n}"), BTreeSet::from([Role::Operator]));
        self.say_of_many(n, |person| {
            EventBody::PersonAdded(PersonAdded { person, name, roles, device: None })
        })
    }

    fn helper_leaves(&mut self, n: u16) -> Outcome {
        self.say_of_many(n, |person| EventBody::PersonLeft(PersonLeft { person }))
    }
}

#[test]
fn a_desk_is_full_of_those_who_are_there_and_of_many_more_who_have_been() {
    let mut log = Log::founded();
    let (most, ever) = (u16::try_from(PEOPLE_MAX).unwrap(), u16::try_from(PEOPLE_EVER_MAX).unwrap());
    // The founder is one of them.
    assert!((1..most).all(|n| log.helper_comes(n) == Outcome::Applied));
    assert_eq!(log.helper_comes(most), Outcome::Void(Refusal::TooLate));
    for n in most..ever {
        assert_eq!(log.helper_leaves(n + 1 - most), Outcome::Applied);
        assert_eq!(log.helper_comes(n), Outcome::Applied);
    }
    assert_eq!(log.helper_leaves(ever - 1), Outcome::Applied);
    assert_eq!(log.helper_comes(ever), Outcome::Void(Refusal::TooLate));
    assert_eq!(log.cases.has_room_for_a_person(), Err(Full::Ever));
}

#[test]
fn who_restarts_the_desk_by_its_identity_is_a_custodian_whatever_was_made_of_the_roles() {
    let mut log = Log::with_other(&[Role::Custodian]);
    let was = log.set_by(1);
    log.say(OTHER, set(1, &[], was));
    assert_eq!(log.say(FOUNDER, added(3, "Yavir", &[], None)), Outcome::Void(Refusal::Role));
    log.cases.note_restart(2);
    let begun = Event::generation_begun(2, DAY);
    let origin = Origin { author: FOUNDER, generation: 2, ..Origin::of_test() };
    log.cases.apply(&Act { origin: &origin, event: &begun }).unwrap();
    assert!(ALL_ROLES.iter().all(|role| log.cases.has_role(&FOUNDER, *role)));
    assert_eq!(log.say(FOUNDER, added(3, "Yavir", &[], None)), Outcome::Applied);
    // A device that was nobody's gets a person.
    let mut log = Log::founded();
    log.cases.note_restart(2);
    let origin = Origin { author: OTHER, ..origin };
    log.cases.apply(&Act { origin: &origin, event: &begun }).unwrap();
    assert!(log.cases.has_role(&OTHER, Role::Custodian) && log.cases.person_of(&OTHER).is_some());
}

#[test]
fn devices_that_were_left_out_are_forgotten_and_the_others_are_not() {
    let mut log = Log::with_other(&[Role::Operator]);
    let mut begin = |generation, author| {
        let begun = Event::generation_begun(generation, DAY.plus(generation * 7));
        let origin = Origin { author, generation, day: DAY.plus(generation * 7), ..Origin::of_test() };
        log.cases.take(&super::super::EntryRead { origin, events: vec![begun], unreadable: 0 }).unwrap();
        [FOUNDER, OTHER].map(|device| log.cases.person_of(&device).is_some())
    };
    assert_eq!(begin(2, FOUNDER), [true, true]);
    assert_eq!(begin(3, FOUNDER), [true, false]);
    assert_eq!(begin(4, FOUNDER), [true, false]);
}

#[test]
fn the_last_custodians_device_is_not_admitted_to_somebody_else() {
    let mut log = Log::with_other(&[Role::Operator]);
    let admitted = |device, n| {
        EventBody::DeviceAdmitted(DeviceAdmitted {
            device,
            person: person(n),
            generation: 1,
            answer_keys: vec![Bytes([9; 32])],
        })
    };
    assert_eq!(log.say(FOUNDER, admitted(FOUNDER, 2)), Outcome::Void(Refusal::Custodian));
    assert!(log.cases.has_role(&FOUNDER, Role::Custodian));
    assert_eq!(log.say(FOUNDER, admitted(OTHER, 1)), Outcome::Void(Refusal::TooLate), "it was let in before");
    let given = EventBody::DeviceGiven(DeviceGiven { device: OTHER, person: person(1) });
    assert_eq!(log.say(FOUNDER, given), Outcome::Applied);
    assert_eq!(log.say(FOUNDER, admitted(FOUNDER, 2)), Outcome::Applied, "another device of theirs is left");
}

#[test]
fn a_device_that_the_keyring_has_left_out_is_no_custodians_to_act_with() {
    let mut log = Log::with_other(&[Role::Custodian]);
    // It wrote in the first generation, and said no key for the second.
    let origin = |author, generation| Origin {
        author,
        generation,
        at: DAY.plus(generation * 7).start(),
        day: DAY.plus(generation * 7),
        sequence: Some(u64::from(generation)),
        ..Origin::of_test()
    };
    let entry = |origin, events| crate::cases::EntryRead { origin, events, unreadable: 0 };
    log.cases.take(&entry(origin(OTHER, 1), vec![])).unwrap();
    log.cases.take(&entry(origin(FOUNDER, 2), vec![Event::generation_begun(2, DAY.plus(14))])).unwrap();
    let (was, left) = (log.set_by(1), EventBody::PersonLeft(PersonLeft { person: person(1) }));
    assert_eq!(log.say(FOUNDER, left.clone()), Outcome::Void(Refusal::Custodian));
    assert_eq!(log.say(FOUNDER, set(1, &[Role::Operator], was)), Outcome::Void(Refusal::Custodian));
    let given = EventBody::DeviceGiven(DeviceGiven { device: OTHER, person: person(2) });
    assert_eq!(log.say(FOUNDER, given), Outcome::Applied, "of a device that sleeps too");
    assert_eq!(
        log.say(FOUNDER, left.clone()),
        Outcome::Void(Refusal::Custodian),
        "which makes it no readier"
    );
    let admitted =
        DeviceAdmitted { device: OTHER, person: person(2), generation: 2, answer_keys: vec![Bytes([9; 32])] };
    assert_eq!(log.say(FOUNDER, EventBody::DeviceAdmitted(admitted)), Outcome::Applied);
    assert_eq!(
        log.say(FOUNDER, left.clone()),
        Outcome::Void(Refusal::Custodian),
        "it may come too late for the next generation"
    );
    log.writes(OTHER);
    assert_eq!(log.say(FOUNDER, left), Outcome::Applied);
}

#[test]
fn a_restart_leaves_nobody_a_device_but_who_did_it() {
    let mut log = Log::with_other(&[Role::Custodian]);
    let third = Bytes([3; 16]);
    log.say(
        OTHER,
        EventBody::DeviceAdmitted(DeviceAdmitted {
            device: third,
            person: person(2),
            generation: 1,
            answer_keys: vec![Bytes([9; 32])],
        }),
    );
    log.say(OTHER, added(9, &format!("Custodian {}", &third.to_string()[..4]), &[Role::Custodian], None));
    log.say(OTHER, EventBody::DeviceRemoved(DeviceRemoved { device: third }));
    log.cases.note_restart(2);
    let origin = Origin { author: third, generation: 2, ..Origin::of_test() };
    log.cases.apply(&Act { origin: &origin, event: &Event::generation_begun(2, DAY) }).unwrap();
    assert_eq!([FOUNDER, OTHER].map(|device| log.cases.person_of(&device)), [None, None]);
    let me = log.cases.person_of(&third).unwrap();
    let mine = &log.cases.person(&me).unwrap().name;
    assert_eq!(
        log.cases.people().filter(|(_, one)| one.name == *mine).count(),
        1,
        "nobody else is called so"
    );
    let left = EventBody::PersonLeft(PersonLeft { person: me });
    assert_eq!(log.say(third, left), Outcome::Void(Refusal::Custodian), "the others are in no keyring");
}

/// The roles that the protocol's table names for a type; none for what each device writes by itself.
fn told_roles(table: &str, of: &str) -> Option<Vec<Role>> {
    let name = format!("`{of}`");
    let rows = table.lines().filter(|line| line.starts_with('|'));
    let told = rows.filter_map(|row| row.trim_matches('|').split_once('|')).find(|(types, _)| {
        // What is another's at the beginning of a log, or of a plan, stands behind a semicolon.
        types.split(';').next().is_some_and(|types| types.contains(&name))
    });
    let (_, who) = told.unwrap_or_else(|| panic!("the protocol does not say who may write {of}"));
    let roles = [("operators", Role::Operator), ("leaders", Role::Leader), ("custodians", Role::Custodian)];
    let named: Vec<_> = roles.iter().filter(|(name, _)| who.contains(name)).map(|(_, role)| *role).collect();
    (!who.contains("each device")).then_some(named)
}

#[test]
fn each_type_is_written_by_whom_the_protocol_names_and_by_nobody_else() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("docs/protocol.md")).unwrap();
    let begin = text.find("| events | who may write them |").unwrap();
    let table = text[begin..].split("\n\n").next().unwrap();
    let vectors = std::fs::read(root.join("vectors/event.json")).unwrap();
    let vectors: serde_json::Value = serde_json::from_slice(&vectors).unwrap();
    for case in vectors["cases"].as_array().unwrap() {
        let event: Event = serde_json::from_value(case["event"].clone()).unwrap();
        let told = told_roles(table, case["event"]["type"].as_str().unwrap());
        for role in [None, Some(Role::Operator), Some(Role::Leader), Some(Role::Custodian)] {
            let log = Log::with_other(role.as_slice());
            let may = log.cases.allows(&OTHER, &event.body);
            let is_told = told.as_ref().is_none_or(|roles| role.is_some_and(|role| roles.contains(&role)));
            assert_eq!(may, if is_told { Ok(()) } else { Err(Refusal::Role) }, "{role:?}: {}", case["event"]);
        }
    }
}
