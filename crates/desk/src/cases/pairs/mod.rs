//! Two people act at once: for each ordered pair of types of events, in each stage of a case in which either would count alone, what becomes
//! of the second one is what docs/protocol.md says; and a state is the same however it came about.

mod kinds;
mod rules;
mod stages;

use std::collections::{BTreeMap, BTreeSet};

use callsign_protocol::{encoding::Bytes, keyring::DeviceId};
use serde_json::Value;

use self::{
    kinds::Kind,
    rules::{Rule, Who, rule},
    stages::{STAGES, Stage},
};
use super::{support::DAY, *};
use crate::DeskError;

/// One who acts: Kalyna and Yavir have every role.
const KALYNA: DeviceId = Bytes([0xa; 16]);
/// The other.
const YAVIR: DeviceId = Bytes([0x22; 16]);
/// An operator who has been there before both.
const OSYKA: DeviceId = Bytes([0x21; 16]);

/// An entry of a device that is no beat, so that the order of two says nothing of who was at work.
fn entry(cases: &Cases, author: DeviceId, event: &Event, n: u8) -> EntryRead {
    let at = cases.time().whole_minutes();
    let generation = match &event.body {
        EventBody::GenerationBegun(begun) => begun.generation,
        _ => cases.generation(),
    };
    let origin = Origin {
        author,
        at,
        day: at.day(),
        sequence: Some(u64::from(n)),
        generation,
        fold: FOLD_VERSION,
        program: FOLD_VERSION,
        has_identity: false,
    };
    let mut flushed = Event { id: Bytes([n; 16]), body: EventBody::Flushed(Flushed {}) };
    flushed.id.0[0] = 0xf1;
    EntryRead { origin, events: vec![flushed, event.clone()], unreadable: 0 }
}

/// Takes an act in; whether it counted, or was there before.
fn take(cases: &mut Cases, author: DeviceId, event: &Event, n: u8) -> Outcome {
    let was_there = cases.has_applied(&event.id);
    cases.take(&entry(cases, author, event, n)).unwrap();
    let void = cases.void().rfind(|void| void.id == event.id && void.sequence == u64::from(n));
    match void {
        Some(void) => Outcome::Void(void.refusal),
        None if was_there => Outcome::Repeated,
        None => Outcome::Applied,
    }
}

fn restored(cases: &Cases) -> Cases {
    let mut reader = StateReader::default();
    let written = cases.write_records(1, |record| reader.record(record, |_| Ok::<_, DeskError>(None)));
    written.unwrap();
    reader.finish().unwrap().1
}

/// All that a snapshot has of a state.
fn records(cases: &Cases) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    cases
        .write_records(1, |record| {
            records.push(record.to_vec());
            Ok::<_, DeskError>(())
        })
        .unwrap();
    records
}

/// A state apart from what the order of two acts that do not touch each other shows in: places in the order of the log, and which of both stands
/// first in a list of things that were said.
fn told(cases: &Cases) -> Vec<Value> {
    let json = |record: Vec<u8>| serde_json::from_slice::<Value>(&record[1..]).unwrap();
    let mut all: Vec<Value> = records(cases).into_iter().map(json).collect();
    all.retain(|record| record.get("applied").is_none());
    all.iter_mut().for_each(forget_order);
    all
}

fn forget_order(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for name in ["order", "applied", "void"] {
                members.remove(name);
            }
            for (name, member) in members {
                forget_order(member);
                let is_said = [
                    "items",
                    "notes",
                    "sheets",
                    "ticks",
                    "lines",
                    "asked",
                    "refused",
                    "follow_ups",
                    "lists_done",
                ];
                if let (Value::Array(list), true) = (&mut *member, is_said.contains(&name.as_str())) {
                    list.sort_by_key(Value::to_string);
                }
                if let (Value::Array(list), "untold") = (member, name.as_str()) {
                    for one in list.iter_mut() {
                        one[0] = Value::Null;
                    }
                    list.sort_by_key(Value::to_string);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(forget_order),
        _ => {}
    }
}

/// Without the audit, and who has set what is set: what is left says what stands.
fn standing(cases: &Cases) -> Vec<Value> {
    fn forget(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for name in ["set_by", "audit", "sheets"] {
                    members.remove(name);
                }
                members.values_mut().for_each(forget);
            }
            Value::Array(list) => list.iter_mut().for_each(forget),
            _ => {}
        }
    }
    let mut all = told(cases);
    all.retain(|record| record.get("audit").is_none());
    all.iter_mut().for_each(forget);
    all
}

/// A stage, with the acts that count in it for one of both who write.
struct Acts {
    stage: &'static Stage,
    state: Cases,
    by: BTreeMap<(Kind, DeviceId), Event>,
}

/// Two acts, and which of their authors has the case.
type Pair = (Kind, Kind, Who);

fn acts(stage: &'static Stage) -> Acts {
    let set = stage.set();
    let mut by = BTreeMap::new();
    for kind in Kind::ALL {
        for (author, other, n) in [(KALYNA, YAVIR, 1), (YAVIR, KALYNA, 2)] {
            let Some(event) = kind.event(&set, author, other, n) else { continue };
            let mut alone = set.cases.clone();
            if take(&mut alone, author, &event, 201) == Outcome::Applied {
                by.insert((*kind, author), event);
            }
        }
    }
    Acts { stage, state: set.cases, by }
}

impl Acts {
    /// Which of two authors has the case.
    fn who(&self, first: DeviceId, second: DeviceId) -> Who {
        let holder = self.state.all().find_map(|case| Some(case.unwrap().claim()?.device));
        match holder {
            Some(holder) if holder == first => Who::First,
            Some(holder) if holder == second => Who::Second,
            None if self.state.callers().any(|caller| self.state.arrived(&caller).is_some()) => {
                Who::Untouched
            }
            _ => Who::Neither,
        }
    }

    fn after(&self, acts: &[(DeviceId, &Event)]) -> Cases {
        let mut state = self.state.clone();
        for (n, (author, event)) in (201..).zip(acts) {
            take(&mut state, *author, event, n);
        }
        state
    }

    /// What became of all pairs, as sentences of what is not as it should be. States are looked at where the pair is in `shown`.
    fn run(&self, shown: &BTreeSet<Pair>) -> Vec<String> {
        let mut wrong = Vec::new();
        for ((first, x), first_event) in &self.by {
            let after_first = self.after(&[(*x, first_event)]);
            for ((second, y), second_event) in self.by.iter().filter(|((_, y), _)| y != x) {
                let who = self.who(*x, *y);
                let expected = rule(*first, *second, who);
                let mut both = after_first.clone();
                let outcome = take(&mut both, *y, second_event, 202);
                let author = if *x == KALYNA { "Kalyna" } else { "Yavir" };
                let mut complain = |what: &str| {
                    wrong
                        .push(format!("{}: {first:?} of {author}, then {second:?}: {what}", self.stage.name));
                };
                if !expected.is_met_by(outcome) {
                    complain(&format!("{outcome:?}, where the rule is {expected:?}"));
                    continue;
                }
                let is_left = |case: &Case| {
                    case.claim().is_none() && (case.offer().is_some() || !case.asked_for().is_empty())
                };
                if both.all().any(|case| is_left(&case.unwrap())) {
                    complain("a case that nobody has is offered, or asked for");
                }
                if !shown.contains(&(*first, *second, who)) {
                    continue;
                }
                let in_turn = || self.after(&[(*y, second_event), (*x, first_event)]);
                let is_as_it_should = match expected {
                    Rule::Commute => told(&both) == told(&in_turn()),
                    Rule::OneStays => standing(&both) == standing(&in_turn()),
                    Rule::Decides => {
                        // Alone, but for an entry of the first one that says nothing.
                        let flushed = Event { id: Bytes([0xf2; 16]), body: EventBody::Flushed(Flushed {}) };
                        standing(&both) == standing(&self.after(&[(*x, &flushed), (*y, second_event)]))
                    }
                    Rule::Counts | Rule::Repeated | Rule::Void(_) => true,
                };
                if !is_as_it_should {
                    complain(&format!("the state is not that of {expected:?}"));
                }
                // The same from a snapshot between both, and from one behind both.
                let mut from_between = restored(&after_first);
                take(&mut from_between, *y, second_event, 202);
                let records_of_both = records(&both);
                if records(&from_between) != records_of_both || records(&restored(&both)) != records_of_both {
                    complain("another state from a snapshot");
                }
                // What is void stays so, and what counted is a repetition, for whoever goes on from either.
                let is_stable = |again: Outcome| match outcome {
                    Outcome::Void(_) => again == outcome,
                    // Its id is not remembered.
                    _ if *second == Kind::Presence => true,
                    _ => again == Outcome::Repeated,
                };
                for cases in [&mut both, &mut from_between] {
                    let again = take(cases, *y, second_event, 203);
                    if !is_stable(again) {
                        complain(&format!("{again:?} once more, and {outcome:?} before"));
                    }
                }
            }
        }
        wrong
    }
}

#[test]
fn what_becomes_of_two_acts_at_once_is_what_the_protocol_says() {
    let stages: Vec<Acts> = STAGES.iter().map(acts).collect();
    // Outcomes are looked at in each stage, states in the first one where two acts meet.
    let mut met = BTreeSet::<Pair>::new();
    let new = |acts: &Acts| {
        let authors = [(KALYNA, YAVIR), (YAVIR, KALYNA)];
        let of = |author| acts.by.keys().filter(move |(_, by)| *by == author).map(|(kind, _)| *kind);
        let all = authors.into_iter().flat_map(|(x, y)| {
            of(x).flat_map(move |first| of(y).map(move |second| (first, second, acts.who(x, y))))
        });
        all.filter(|pair| met.insert(*pair)).collect::<BTreeSet<_>>()
    };
    let shown: Vec<BTreeSet<Pair>> = stages.iter().map(new).collect();
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let running: Vec<_> =
            stages.iter().zip(&shown).map(|(acts, shown)| scope.spawn(|| acts.run(shown))).collect();
        running.into_iter().flat_map(|stage| stage.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    let met: BTreeSet<_> = met.into_iter().map(|(first, second, _)| (first, second)).collect();
    let pairs = Kind::ALL.iter().flat_map(|first| Kind::ALL.iter().map(move |second| (*first, *second)));
    let (never, others): (Vec<_>, Vec<_>) = pairs.partition(|pair| rules::never_meet(pair.0, pair.1));
    let missed: Vec<_> = others.iter().filter(|pair| !met.contains(pair)).collect();
    assert!(missed.is_empty(), "{} never met: {missed:?}", missed.len());
    let all_the_same: Vec<_> = never.iter().filter(|pair| met.contains(pair)).collect();
    assert!(all_the_same.is_empty(), "what never meets has met: {all_the_same:?}");
}

/// A type of events that comes later has a kind here, and with it its rules: by the compiler, and by what is written.
#[test]
fn each_type_of_events_is_among_the_pairs() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/event.json");
    let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let types = |event: &Event| serde_json::to_value(event).unwrap()["type"].as_str().unwrap().to_owned();
    let mut here = BTreeSet::new();
    for stage in STAGES {
        here.extend(acts(stage).by.values().map(types));
    }
    let told: BTreeSet<_> = file["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| case["event"]["type"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(told.difference(&here).collect::<Vec<_>>(), Vec::<&String>::new());
}
