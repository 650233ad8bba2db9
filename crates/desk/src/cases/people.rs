//! People as the log tells them: pseudonyms, roles, and whose a device is. What no role allows has no effect.

use std::collections::{BTreeMap, BTreeSet};

use callsign_protocol::{
    caller_keys::CallerId,
    encoding::Bytes,
    fold::fold,
    invisible::{is_blank, is_invisible},
    keyring::DeviceId,
};
use serde::{Deserialize, Serialize};

use super::{
    Cases, EventBody, EventId,
    act::{Act, EventKind, Refusal, ToldAgain, Writer},
};

/// Names a person of the desk, 16 bytes; nothing of it says who that is.
pub type PersonId = Bytes<16>;

/// Characters (Unicode scalar values) of a pseudonym at most.
pub const PSEUDONYM_MAX: usize = 40;
/// People at the desk at one time, at most.
pub const PEOPLE_MAX: usize = 128;
/// People that a desk remembers, those who have left among them: a hundred a year for ten years.
pub const PEOPLE_EVER_MAX: usize = 1_024;
/// Devices of which it is remembered whose they are. A desk has eight at a time.
const DEVICES_MAX: usize = 64;

/// What a person may do at the desk. A person may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Lets people and devices in and out, sets roles, and what callers read of the desk.
    Custodian,
    /// An operator who may also take a case from a colleague.
    Leader,
    /// Reads calls and answers them.
    Operator,
    /// Learns to, in cases that a colleague has; a second person reads each answer before it leaves.
    Trainee,
}

impl Role {
    /// Its name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Custodian => "custodian",
            Self::Leader => "leader",
            Self::Operator => "operator",
            Self::Trainee => "trainee",
        }
    }
}

/// Whoever may read calls and answer them.
pub(super) const OPERATORS: &[Role] = &[Role::Leader, Role::Operator];
/// Whoever reads calls and answers them, alone or not.
pub(super) const LEARNERS: &[Role] = &[Role::Leader, Role::Operator, Role::Trainee];
/// Whoever looks after the desk itself.
pub(super) const CUSTODIANS: &[Role] = &[Role::Custodian];
/// Whoever has learned what the desk does; who founds one is all of it.
pub(super) const ALL_ROLES: &[Role] = &[Role::Custodian, Role::Leader, Role::Operator];
/// Everybody who has a role.
pub(super) const EVERYBODY: &[Role] = &[Role::Custodian, Role::Leader, Role::Operator, Role::Trainee];

/// A person comes to the desk. The first in a log has every role, for nobody else is there to give one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonAdded {
    /// Who.
    pub person: PersonId,
    /// A pseudonym: 1 to 40 characters that can be seen.
    pub name: String,
    /// What they may do; without one they may do nothing.
    pub roles: BTreeSet<Role>,
    /// A device that is theirs already. Of the first person alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
}

/// A person has left the desk: their devices write nothing that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonLeft {
    /// Who.
    pub person: PersonId,
}

/// A person may do this from now on, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSet {
    /// Who.
    pub person: PersonId,
    /// All that they may do.
    pub roles: BTreeSet<Role>,
    /// The event that said what its author saw.
    pub was: EventId,
}

/// A device is a person's from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceGiven {
    /// Which.
    pub device: DeviceId,
    /// Whose.
    pub person: PersonId,
}

/// A person of the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// A pseudonym.
    pub name: String,
    /// What they may do; nothing where they have left.
    pub roles: BTreeSet<Role>,
    /// The event that said so.
    pub set_by: EventId,
    /// Whether they have left.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left: bool,
}

impl Person {
    /// Whether they read calls and answer them, alone.
    pub fn may_answer(&self) -> bool {
        self.roles.iter().any(|role| OPERATORS.contains(role))
    }
}

/// Why nobody can be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// As many are at the desk as can be.
    Now,
    /// As many have been there as it remembers.
    Ever,
}

/// All people, and whose each device is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct People {
    persons: BTreeMap<PersonId, Person>,
    /// With the generation in which it was let in last.
    devices: BTreeMap<DeviceId, (PersonId, u32)>,
}

impl EventKind for PersonAdded {
    fn noun(&self) -> &'static str {
        "the arrival of a person"
    }

    fn writer(&self, state: &Cases) -> Writer {
        if state.people.persons.is_empty() { Writer::Device } else { Writer::Person(CUSTODIANS) }
    }

    fn told_again(&self) -> ToldAgain {
        ToldAgain::ByAuthor
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let people = &state.people;
        let is_first = people.persons.is_empty();
        // Nobody can found a desk in another's name, and only who founds one brings a device.
        if self.device != is_first.then_some(act.origin.author) {
            return Err(Refusal::Author);
        }
        if !is_pseudonym(&self.name) {
            return Err(Refusal::Numbers);
        }
        // Another custodian may have filled the desk, or chosen the pseudonym.
        if people.has_room().is_err()
            || people.persons.contains_key(&self.person)
            || people.called(&self.name).next().is_some()
        {
            return Err(Refusal::TooLate);
        }
        Ok(())
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let roles = if state.people.persons.is_empty() { all_roles() } else { self.roles.clone() };
        let (name, set_by) = (self.name.clone(), act.event.id);
        state.people.persons.insert(self.person, Person { name, roles, set_by, left: false });
        if let Some(device) = self.device {
            state.people.give(device, self.person, act.origin.generation);
        }
    }
}

impl EventKind for PersonLeft {
    fn noun(&self) -> &'static str {
        "the leaving of a person"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(CUSTODIANS)
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        state.people.present(&self.person)?;
        state.keeps_custodian(act, |after| after.set_roles(&self.person, &BTreeSet::new()))
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        if let Some(person) = state.people.persons.get_mut(&self.person) {
            (person.left, person.set_by) = (true, act.event.id);
            person.roles.clear();
        }
    }
}

impl EventKind for RoleSet {
    fn noun(&self) -> &'static str {
        "a change of somebody's roles"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(CUSTODIANS)
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        let person = state.people.present(&self.person)?;
        if person.set_by != self.was {
            return Err(Refusal::TooLate);
        }
        state.keeps_custodian(act, |after| after.set_roles(&self.person, &self.roles))
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        if let Some(person) = state.people.persons.get_mut(&self.person) {
            (person.roles, person.set_by) = (self.roles.clone(), act.event.id);
        }
    }
}

impl EventKind for DeviceGiven {
    fn noun(&self) -> &'static str {
        "the giving of a device"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(CUSTODIANS)
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        state.people.present(&self.person)?;
        if !state.people.devices.contains_key(&self.device) {
            return Err(Refusal::TooLate);
        }
        state.keeps_custodian(act, |after| after.pass_on(&self.device, self.person))
    }

    fn apply(&self, _: &Act<'_>, state: &mut Cases) {
        state.people.pass_on(&self.device, self.person);
    }
}

impl People {
    /// Whoever has, or had, a pseudonym that people would take for this one: what somebody did who has left stands under it.
    fn called(&self, name: &str) -> impl Iterator<Item = (&PersonId, &Person)> {
        let folded = likeness(name);
        self.persons.iter().filter(move |(_, person)| likeness(&person.name) == folded)
    }

    fn has_room(&self) -> Result<(), Full> {
        if self.persons.len() >= PEOPLE_EVER_MAX {
            return Err(Full::Ever);
        }
        let at_the_desk = self.persons.values().filter(|person| !person.left);
        if at_the_desk.count() >= PEOPLE_MAX { Err(Full::Now) } else { Ok(()) }
    }

    fn present(&self, person: &PersonId) -> Result<&Person, Refusal> {
        self.persons.get(person).filter(|person| !person.left).ok_or(Refusal::TooLate)
    }

    fn give(&mut self, device: DeviceId, person: PersonId, generation: u32) {
        self.devices.insert(device, (person, generation));
    }

    /// Whether it is at work stays as it was.
    fn pass_on(&mut self, device: &DeviceId, person: PersonId) {
        if let Some(of) = self.devices.get_mut(device) {
            of.0 = person;
        }
    }

    fn set_roles(&mut self, person: &PersonId, roles: &BTreeSet<Role>) {
        if let Some(person) = self.persons.get_mut(person) {
            person.roles.clone_from(roles);
        }
    }

    fn roles(&self, device: &DeviceId) -> Option<&BTreeSet<Role>> {
        let (person, _) = self.devices.get(device)?;
        self.persons.get(person).map(|person| &person.roles)
    }
}

impl Cases {
    /// All people of the desk, those who have left among them.
    pub fn people(&self) -> impl Iterator<Item = (&PersonId, &Person)> {
        self.people.persons.iter()
    }

    /// A person of the desk.
    pub fn person(&self, person: &PersonId) -> Option<&Person> {
        self.people.persons.get(person)
    }

    /// Whoever has a pseudonym, or one that looks like it, or had it and has left.
    pub fn person_called(&self, name: &str) -> Option<&Person> {
        self.people.called(name).map(|(_, person)| person).next()
    }

    /// Whether one more person may come.
    ///
    /// # Errors
    /// Why not.
    pub fn has_room_for_a_person(&self) -> Result<(), Full> {
        self.people.has_room()
    }

    /// Whose a device is; none of one that nobody has given to a person.
    pub fn person_of(&self, device: &DeviceId) -> Option<PersonId> {
        self.people.devices.get(device).map(|(person, _)| *person)
    }

    /// Whether a device's person has a role.
    pub fn has_role(&self, device: &DeviceId, role: Role) -> bool {
        self.people.roles(device).is_some_and(|roles| roles.contains(&role))
    }

    /// Whether what a device writes now would count, by its person's roles.
    ///
    /// # Errors
    /// [`Refusal::Mentor`], [`Refusal::Role`], [`Refusal::TooLate`] of a device that was shut out, [`Refusal::Type`]
    pub fn allows(&self, device: &DeviceId, body: &EventBody) -> Result<(), Refusal> {
        let kind = body.kind().ok_or(Refusal::Type)?;
        let held = self.people.roles(device);
        let has = |roles: &[Role]| held.is_some_and(|held| roles.iter().any(|role| held.contains(role)));
        let is_allowed = match kind.writer(self) {
            Writer::Device => true,
            Writer::Person(roles) => has(roles),
            Writer::LearnerAnywhere(roles) => has(roles) || has(&[Role::Trainee]),
            Writer::Learner(roles) => {
                let has_mentor = || kind.caller().is_some_and(|caller| self.has_mentor(device, caller));
                if !has(roles) && has(&[Role::Trainee]) && !has_mentor() {
                    return Err(Refusal::Mentor);
                }
                has(roles) || has(&[Role::Trainee])
            }
        };
        match is_allowed {
            true => Ok(()),
            // Somebody was faster, which is no fault of its own.
            false if self.is_shut_out(device) => Err(Refusal::TooLate),
            false => Err(Refusal::Role),
        }
    }

    /// Whether a device's person learns to answer, and does not do so alone.
    pub fn is_trainee(&self, device: &DeviceId) -> bool {
        let held = self.people.roles(device);
        held.is_some_and(|held| held.contains(&Role::Trainee) && !is_idle_trainee(held))
    }

    /// Whether a trainee at a device is about to write in a case that no colleague has: it would count, and they are not to work alone.
    pub(crate) fn lacks_mentor(&self, device: &DeviceId, body: &EventBody) -> bool {
        let kind = body.kind().filter(|kind| matches!(kind.writer(self), Writer::LearnerAnywhere(_)));
        let caller = kind.and_then(|kind| kind.caller());
        self.is_trainee(device) && caller.is_some_and(|caller| !self.has_mentor(device, caller))
    }

    /// Whether somebody else who may answer has a case.
    pub fn has_mentor(&self, device: &DeviceId, caller: &CallerId) -> bool {
        let holder = self.holder_of(caller).filter(|holder| self.person_of(device) != Some(*holder));
        let person = holder.and_then(|holder| self.person(&holder));
        person.is_some_and(Person::may_answer)
    }

    /// That a device can be a person's from its admission on.
    pub(super) fn may_be_given(
        &self,
        act: &Act<'_>,
        device: &DeviceId,
        person: &PersonId,
    ) -> Result<(), Refusal> {
        self.people.present(person)?;
        if self.people.devices.len() >= DEVICES_MAX && !self.people.devices.contains_key(device) {
            return Err(Refusal::Numbers);
        }
        self.keeps_custodian(act, |after| after.give(*device, *person, act.origin.generation))
    }

    /// That somebody is left who lets people and devices in and out.
    pub(super) fn keeps_custodian_without(&self, act: &Act<'_>, device: &DeviceId) -> Result<(), Refusal> {
        self.keeps_custodian(act, |after| after.devices.retain(|of, _| of != device))
    }

    /// A desk without a custodian who has a device to act with could never let anybody in or out again.
    fn keeps_custodian(&self, act: &Act<'_>, change: impl FnOnce(&mut People)) -> Result<(), Refusal> {
        let mut after = self.people.clone();
        change(&mut after);
        // One that was let in and has never written may not come before it is left out.
        let has_come = |device: &DeviceId, let_in: u32| {
            let_in >= self.generation()
                && self.programs.get(device).is_some_and(|(wrote_in, _)| *wrote_in >= let_in)
        };
        let acts = |device: &DeviceId, let_in: u32| {
            *device == act.origin.author || has_come(device, let_in) || self.is_taken_along(device)
        };
        let is_custodian =
            |device: &DeviceId| after.roles(device).is_some_and(|of| of.contains(&Role::Custodian));
        let is_left =
            after.devices.iter().any(|(device, (_, let_in))| acts(device, *let_in) && is_custodian(device));
        if is_left { Ok(()) } else { Err(Refusal::Custodian) }
    }

    /// Gives a device that is let in to its person.
    pub(super) fn give_device(&mut self, device: DeviceId, person: PersonId, generation: u32) {
        self.people.give(device, person, generation);
    }

    /// A device that was shut out is nobody's: what it writes from there on has no effect.
    pub(super) fn take_device(&mut self, device: &DeviceId) {
        self.people.devices.remove(device);
    }

    /// Who has restarted the desk with its identity is a custodian, whatever somebody had made of the roles before.
    pub(super) fn reinstate(&mut self, device: DeviceId, set_by: EventId) {
        let people = &mut self.people;
        if people.persons.is_empty() {
            return;
        }
        let generation = self.generations.last_key_value().map_or(1, |(generation, _)| *generation);
        let known = people.devices.get(&device).map(|(person, _)| *person);
        // A person who has left comes back under the pseudonym that was theirs, where it is nobody else's.
        let person = known.unwrap_or(device);
        let name = people.persons.get(&person).map(|person| person.name.clone());
        let is_free = |name: &String| people.called(name).all(|(other, _)| *other == person);
        let id = device.to_string();
        let made = (4..=id.len()).filter_map(|len| Some(format!("Custodian {}", id.get(..len)?)));
        let name = name.into_iter().chain(made).find(is_free).unwrap_or(id);
        let nobody = Person { name: String::new(), roles: BTreeSet::new(), set_by, left: false };
        let of = people.persons.entry(person).or_insert(nobody);
        of.roles.extend(ALL_ROLES);
        (of.left, of.set_by, of.name) = (false, set_by, name);
        // No other device is in its keyring, and each that comes back is let in anew.
        people.devices.clear();
        people.give(device, person, generation);
    }

    /// Forgets whose devices were that have written nothing in this generation and the one before: they were left out.
    pub(super) fn forget_devices(&mut self) {
        let now = self.generation();
        let programs = &self.programs;
        let is_here = |device: &DeviceId, generation: &u32| {
            generation.saturating_add(1) >= now || programs.contains_key(device)
        };
        self.people.devices.retain(|device, (_, generation)| is_here(device, generation));
    }
}

/// Whether roles say that a person is a trainee, and others of them that they are none: an operator or leader is not read over.
pub fn is_idle_trainee(roles: &BTreeSet<Role>) -> bool {
    roles.contains(&Role::Trainee) && OPERATORS.iter().any(|role| roles.contains(role))
}

/// Whether a text can be a pseudonym: it can be seen, and stands on one line.
pub fn is_pseudonym(name: &str) -> bool {
    let is_plain = !name.chars().any(|c| c.is_control() || is_invisible(c));
    is_plain && !is_blank(name) && name.trim() == name && name.chars().count() <= PSEUDONYM_MAX
}

/// What two pseudonyms have in common that people would take for each other: the same letters, large or small, in whatever script
/// they are typed; where there are none, all of it.
fn likeness(name: &str) -> String {
    let folded = fold(name);
    if folded.is_empty() { name.to_owned() } else { folded }
}

fn all_roles() -> BTreeSet<Role> {
    ALL_ROLES.iter().copied().collect()
}

#[cfg(test)]
mod tests;
