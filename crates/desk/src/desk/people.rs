//! People of the desk: pseudonyms, what each may do, and whose each device is.

use std::collections::{BTreeMap, BTreeSet};

use callsign_protocol::{encoding::Bytes, keyring::DeviceId};
use thiserror::Error;

use crate::{
    Desk, DeskError,
    cases::{
        DeviceGiven, EventBody, EventId, Full, PEOPLE_EVER_MAX, PEOPLE_MAX, PSEUDONYM_MAX, Person,
        PersonAdded, PersonId, PersonLeft, Refusal, Role, RoleSet, is_idle_trainee, is_pseudonym,
    },
};

/// The pseudonym of a desk's first person, where none was given.
pub const FIRST_PERSON: &str = "Custodian";

/// A person as a page or a command shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonLine {
    /// What names them in the log.
    pub id: PersonId,
    /// A pseudonym.
    pub name: String,
    /// What they may do; nothing where they have left.
    pub roles: BTreeSet<Role>,
    /// The event that said so.
    pub set_by: EventId,
    /// Whether they have left.
    pub left: bool,
    /// Whether this device is theirs.
    pub is_own: bool,
    /// Their devices that are the desk's.
    pub devices: Vec<DeviceId>,
}

/// Who looks and how everybody is called, as it was at one moment: a page that asks once shows nothing that does not fit together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    me: Option<PersonId>,
    roles: BTreeSet<Role>,
    names: BTreeMap<PersonId, String>,
}

/// Why nothing became of an act about people, or of one that a person's roles do not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PeopleError {
    /// The desk would have nobody to let people in and out.
    #[error(
        "the desk would be left without a custodian whose device has been at work, and nobody could let anybody in or out; make somebody else a custodian, and have their device come first"
    )]
    LastCustodian,
    /// A trainee would work in a case that nobody has who may answer.
    #[error(
        "you are a trainee, who works in cases that a colleague has, and no colleague has this one; ask one to take it, and try again then"
    )]
    Mentor,
    /// Another person has it, or one that looks like it.
    #[error("somebody at the desk has this pseudonym, or one that looks like it; choose another")]
    NameTaken,
    /// Somebody who has left had it, or one that looks like it.
    #[error(
        "somebody who has left the desk had this pseudonym, or one that looks like it, and what they did stands under it; choose another"
    )]
    NameOfLeft,
    /// The log does not say whose this device is.
    #[error(
        "the desk does not know yet whose device this is; a custodian says so by admitting it, so run `callsign desk sync` in a while and try again"
    )]
    Nobody,
    /// There is no such person.
    #[error("nobody at the desk has this pseudonym; `callsign desk people` lists all")]
    NoSuchPerson,
    /// No pseudonym.
    #[error(
        "that cannot be a pseudonym: it has 1 to {PSEUDONYM_MAX} characters on one line, all of which can be seen; choose another, and never a real name"
    )]
    Pseudonym,
    /// The person's roles do not allow it.
    #[error(
        "your roles at this desk do not allow that; `callsign desk people` shows them, and a custodian changes them"
    )]
    Role,
    /// Somebody has set the roles since they were shown.
    #[error("somebody has set these roles since you looked at them; look again, and set them then")]
    SetSince,
    /// Somebody has left who is to have something.
    #[error("this person has left the desk; add them under another pseudonym")]
    Left,
    /// A trainee would be an operator or leader as well, and so would be none.
    #[error("a trainee is no operator and no leader; choose one of trainee, operator, leader")]
    TraineeBeside,
    /// As many as can be at a desk.
    #[error(
        "{PEOPLE_MAX} people are at the desk, and no more can be; say of those who work there no more that they have left, with `callsign desk person leave`"
    )]
    TooMany,
    /// As many as a desk remembers.
    #[error(
        "{PEOPLE_EVER_MAX} people have been at the desk, and it remembers no more; a new desk takes its place with `callsign desk identity succeed`"
    )]
    TooManyEver,
}

impl Desk {
    /// All people, those at the desk first, by pseudonym.
    pub fn people(&self) -> Vec<PersonLine> {
        let state = self.state();
        let (cases, own) = (&state.log.view, state.keys.author);
        let known = state.keys.keyring.devices.iter().map(|device| device.id);
        let devices: Vec<_> = known.map(|device| (device, cases.person_of(&device))).collect();
        let me = cases.person_of(&own);
        let line = |(id, person): (&PersonId, &Person)| PersonLine {
            id: *id,
            name: person.name.clone(),
            roles: person.roles.clone(),
            set_by: person.set_by,
            left: person.left,
            is_own: me == Some(*id),
            devices: devices.iter().filter(|(_, of)| *of == Some(*id)).map(|(device, _)| *device).collect(),
        };
        let mut lines: Vec<_> = cases.people().map(line).collect();
        lines.sort_by(|a, b| (a.left, &a.name).cmp(&(b.left, &b.name)));
        lines
    }

    /// Who works at this device; none where the log does not say.
    pub fn me(&self) -> Option<PersonId> {
        let state = self.state();
        state.log.view.person_of(&state.keys.author)
    }

    /// Who works at this device, with what they may do and everybody's pseudonym.
    pub fn who(&self) -> Who {
        let state = self.state();
        let cases = &state.log.view;
        let me = cases.person_of(&state.keys.author);
        let roles = me.and_then(|me| cases.person(&me)).map(|person| person.roles.clone());
        let names = cases.people().map(|(id, person)| (*id, person.name.clone())).collect();
        Who { me, roles: roles.unwrap_or_default(), names }
    }

    /// Whether whoever works at this device has a role.
    pub fn has_role(&self, role: Role) -> bool {
        let state = self.state();
        state.log.view.has_role(&state.keys.author, role)
    }

    /// A person's pseudonym; none where there is no such person.
    pub fn pseudonym(&self, person: &PersonId) -> Option<String> {
        self.state().log.view.person(person).map(|person| person.name.clone())
    }

    /// Whoever of those at the desk has a pseudonym.
    ///
    /// # Errors
    /// [`PeopleError::NoSuchPerson`]
    pub fn person_named(&self, name: &str) -> Result<PersonLine, DeskError> {
        let of_name = |person: &PersonLine| !person.left && person.name == name.trim();
        Ok(self.people().into_iter().find(of_name).ok_or(PeopleError::NoSuchPerson)?)
    }

    /// Adds a person, and waits until the log says so.
    pub fn add_person(&self, name: &str, roles: BTreeSet<Role>) -> Result<PersonId, DeskError> {
        let name = checked_pseudonym(name)?;
        check_roles(&roles)?;
        self.sync_first()?;
        let person: PersonId = {
            let mut state = self.state();
            match state.log.view.person_called(&name) {
                Some(other) if other.left => return Err(PeopleError::NameOfLeft.into()),
                Some(_) => return Err(PeopleError::NameTaken.into()),
                None => {}
            }
            match state.log.view.has_room_for_a_person() {
                Err(Full::Now) => return Err(PeopleError::TooMany.into()),
                Err(Full::Ever) => return Err(PeopleError::TooManyEver.into()),
                Ok(()) => {}
            }
            Bytes::random(&mut state.rng)
        };
        self.say_of_people(EventBody::PersonAdded(PersonAdded { person, name, roles, device: None }))?;
        Ok(person)
    }

    /// Sets all that a person may do, and waits until the log says so. Whoever was shown what `shown` had set undoes nothing that came
    /// since.
    pub fn set_roles(
        &self,
        person: &PersonId,
        roles: BTreeSet<Role>,
        shown: Option<&EventId>,
    ) -> Result<(), DeskError> {
        check_roles(&roles)?;
        self.sync_first()?;
        let was = self.present(person)?.set_by;
        if shown.is_some_and(|shown| *shown != was) {
            return Err(PeopleError::SetSince.into());
        }
        self.say_of_people(EventBody::RoleSet(RoleSet { person: *person, roles, was }))
    }

    /// Has a person leave, and waits until the log says so. Their devices stay until they are removed, and write nothing that counts.
    pub fn person_leaves(&self, person: &PersonId) -> Result<(), DeskError> {
        self.sync_first()?;
        self.present(person)?;
        self.say_of_people(EventBody::PersonLeft(PersonLeft { person: *person }))
    }

    /// Gives a device of the desk to another person, and waits until the log says so.
    pub fn give_device(&self, device: &DeviceId, person: &PersonId) -> Result<(), DeskError> {
        self.sync_first()?;
        if !self.devices()?.iter().any(|known| known.id == *device) {
            return Err(DeskError::NoSuchDevice);
        }
        self.present(person)?;
        self.say_of_people(EventBody::DeviceGiven(DeviceGiven { device: *device, person: *person }))
    }

    /// Has the log know its first person, whose device this is, where it knows nobody.
    pub(crate) fn found(&self, name: &str) -> Result<(), DeskError> {
        if self.state().log.fold.cases.people().next().is_some() {
            return Ok(());
        }
        let name = checked_pseudonym(name)?;
        let event = {
            let mut state = self.state();
            let (person, device) = (Bytes::random(&mut state.rng), Some(state.keys.author));
            state.event(EventBody::PersonAdded(PersonAdded { person, name, roles: BTreeSet::new(), device }))
        };
        match self.put_in_log(&event) {
            // One of before an interruption waited, and came first.
            Err(DeskError::WithoutEffect(Refusal::Author)) => Ok(()),
            put => put,
        }
    }

    fn say_of_people(&self, body: EventBody) -> Result<(), DeskError> {
        let event = {
            let mut state = self.state();
            let event = state.event(body);
            state.would_count(&event)?;
            event
        };
        // A colleague may have been faster all the same.
        match self.put_in_log(&event) {
            Err(DeskError::WithoutEffect(Refusal::Custodian)) => Err(PeopleError::LastCustodian.into()),
            Err(DeskError::WithoutEffect(Refusal::Role)) => Err(PeopleError::Role.into()),
            said => said.map_err(DeskError::with_it_kept),
        }
    }

    fn present(&self, person: &PersonId) -> Result<PersonLine, PeopleError> {
        let line = self.people().into_iter().find(|line| line.id == *person);
        let line = line.ok_or(PeopleError::NoSuchPerson)?;
        if line.left { Err(PeopleError::Left) } else { Ok(line) }
    }
}

impl Who {
    /// Who works at this device; none where the log does not say.
    pub fn me(&self) -> Option<PersonId> {
        self.me
    }

    /// Whether they have a role.
    pub fn has_role(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether they answer calls alone.
    pub fn may_answer(&self) -> bool {
        [Role::Leader, Role::Operator].iter().any(|role| self.has_role(*role))
    }

    /// Whether they learn to answer, and do not do so alone.
    pub fn is_trainee(&self) -> bool {
        self.has_role(Role::Trainee) && !self.may_answer()
    }

    /// A person's pseudonym; empty where there is no such person.
    pub fn name(&self, person: &PersonId) -> &str {
        self.names.get(person).map_or("", |name| name)
    }
}

/// Whether nobody who means a trainee makes an operator.
fn check_roles(roles: &BTreeSet<Role>) -> Result<(), PeopleError> {
    if is_idle_trainee(roles) { Err(PeopleError::TraineeBeside) } else { Ok(()) }
}

/// A pseudonym as it is kept.
pub(crate) fn checked_pseudonym(name: &str) -> Result<String, PeopleError> {
    let name = name.trim();
    if is_pseudonym(name) { Ok(name.to_owned()) } else { Err(PeopleError::Pseudonym) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_can_be_seen_and_stands_on_one_line() {
        assert_eq!(checked_pseudonym(" Явір "), Ok("Явір".to_owned()));
        for wrong in ["", " ", "a\nb", "\u{200b}", "a\u{202e}b", &"x".repeat(PSEUDONYM_MAX + 1)] {
            assert_eq!(checked_pseudonym(wrong), Err(PeopleError::Pseudonym), "{wrong:?}");
        }
    }
}
