//! `callsign desk people|person`: who works at a desk, under which pseudonym, and what each may do.

use std::collections::BTreeSet;

use callsign_desk::{
    Desk, PersonLine,
    cases::{PSEUDONYM_MAX, Role, is_pseudonym},
};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::{Common, devices, open, open_to_read};
use crate::{
    failure::Failure,
    output::{self, Done, Lines, label},
};

/// Arguments of `desk people`.
#[derive(Args)]
pub struct PeopleArguments {
    #[command(flatten)]
    pub(super) common: Common,
}

/// Add a person, set what one may do, have one leave, or give a device to one.
#[derive(Subcommand)]
pub enum PersonCommand {
    /// Add a person under a pseudonym; their devices come with `callsign desk invite --person`
    #[command(after_help = "\
Examples:
  callsign desk person add --data ~/desk Lypa
      An operator: reads calls and answers them.
  callsign desk person add --data ~/desk Yavir --roles leader,custodian")]
    Add(AddArguments),
    /// Set all that a person may do
    #[command(after_help = "\
Example:
  callsign desk person roles --data ~/desk Osyka operator,leader")]
    Roles(RolesArguments),
    /// Have a person leave: from then on nothing counts that their devices write. Remove those, too
    #[command(after_help = "\
Example:
  callsign desk person leave --data ~/desk Osyka")]
    Leave(LeaveArguments),
    /// Give a device to another person
    #[command(after_help = "\
Example:
  callsign desk person give --data ~/desk DEVICE Osyka
      DEVICE is the beginning of its id, as `callsign desk devices` shows it.")]
    Give(GiveArguments),
}

/// What a person may do, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RoleName {
    /// Lets people and devices in and out, sets roles, and what callers read of the desk
    Custodian,
    /// An operator who may also take a case from a colleague
    Leader,
    /// Reads calls and answers them
    Operator,
    /// Learns to, in cases that a colleague has; a second person reads each answer before it leaves
    Trainee,
}

/// Arguments of `desk person add`.
#[derive(Args)]
pub struct AddArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// A pseudonym that nobody has or had: 1 to 40 characters, and never a real name
    #[arg(value_name = "PSEUDONYM", value_parser = pseudonym)]
    name: String,
    /// What they may do, separated by commas: one of trainee, operator, leader, and custodian beside it or alone
    #[arg(long, value_delimiter = ',', default_value = "operator")]
    roles: Vec<RoleName>,
}

/// Arguments of `desk person roles`.
#[derive(Args)]
pub struct RolesArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// Whose
    #[arg(value_name = "PSEUDONYM")]
    name: String,
    /// All that they may do, separated by commas
    #[arg(value_name = "ROLES", value_delimiter = ',', required = true)]
    roles: Vec<RoleName>,
}

/// Arguments of `desk person leave`.
#[derive(Args)]
pub struct LeaveArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// Who
    #[arg(value_name = "PSEUDONYM")]
    name: String,
}

/// Arguments of `desk person give`.
#[derive(Args)]
pub struct GiveArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// The device, as `callsign desk devices` names it: eight characters of its id at least
    #[arg(value_name = "DEVICE", allow_hyphen_values = true)]
    device: String,
    /// To whom
    #[arg(value_name = "PSEUDONYM")]
    name: String,
}

impl PersonCommand {
    pub(super) fn common(&self) -> &Common {
        match self {
            Self::Add(AddArguments { common, .. })
            | Self::Roles(RolesArguments { common, .. })
            | Self::Leave(LeaveArguments { common, .. })
            | Self::Give(GiveArguments { common, .. }) => common,
        }
    }
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Custodian => Self::Custodian,
            RoleName::Leader => Self::Leader,
            RoleName::Operator => Self::Operator,
            RoleName::Trainee => Self::Trainee,
        }
    }
}

/// Lists the people that are known here.
pub fn people(arguments: &PeopleArguments) -> Result<(), Failure> {
    let desk = open_to_read(&arguments.common.data)?;
    let people = desk.people();
    let mut lines = Lines::new();
    for person in &people {
        lines.push(line_of(person));
    }
    if people.is_empty() {
        lines.push("Nobody is known here yet. `callsign desk sync` takes what the desk's log says.");
    }
    output::give(Done::Read, &lines, &people.iter().map(as_json).collect::<Vec<_>>())
}

/// Changes who is at the desk.
pub fn person(command: &PersonCommand) -> Result<(), Failure> {
    let desk = open(&command.common().data)?;
    match command {
        PersonCommand::Add(AddArguments { name, roles, .. }) => {
            let id = desk.add_person(name, roles_of(roles))?;
            let (data, name) = (label(&command.common().data.to_string_lossy()), label(name));
            let hint = format!(
                "Next, with them at the new device: callsign desk invite --data {data} --person {name}. Where that has no line to the hub, `callsign desk admit` takes its request."
            );
            tell(&desk, |person| person.id == id, "belongs to the desk", Some(&hint))
        }
        PersonCommand::Roles(RolesArguments { name, roles, .. }) => {
            let id = desk.person_named(name)?.id;
            desk.set_roles(&id, roles_of(roles), None)?;
            tell(&desk, |person| person.id == id, "has other roles", None)
        }
        PersonCommand::Leave(LeaveArguments { name, .. }) => {
            let id = desk.person_named(name)?.id;
            desk.person_leaves(&id)?;
            let hint = "Their devices still read what comes: remove them, too, with `callsign desk remove`.";
            tell(&desk, |person| person.id == id, "has left the desk", Some(hint))
        }
        PersonCommand::Give(GiveArguments { device, name, .. }) => {
            let id = desk.person_named(name)?.id;
            let device = devices::named(&desk.devices()?, device)?;
            desk.give_device(&device, &id)?;
            tell(&desk, |person| person.id == id, "has the device", None)
        }
    }
}

/// A pseudonym as it is typed.
pub(super) fn pseudonym(typed: &str) -> Result<String, String> {
    let name = typed.trim();
    if is_pseudonym(name) {
        return Ok(name.to_owned());
    }
    Err(format!("a pseudonym has 1 to {PSEUDONYM_MAX} characters on one line, all of which can be seen"))
}

fn tell(
    desk: &Desk,
    is_it: impl Fn(&PersonLine) -> bool,
    what: &str,
    hint: Option<&str>,
) -> Result<(), Failure> {
    let Some(person) = desk.people().into_iter().find(is_it) else { return Ok(()) };
    let done = format!("{} {what}", label(&person.name));
    let mut lines = Lines::new().line(line_of(&person));
    if let Some(hint) = hint {
        lines.push(hint);
    }
    output::give(Done::Changed(&done), &lines, &as_json(&person))
}

fn roles_of(names: &[RoleName]) -> BTreeSet<Role> {
    names.iter().map(|name| Role::from(*name)).collect()
}

fn line_of(person: &PersonLine) -> String {
    let roles: Vec<_> = person.roles.iter().map(|role| role.name()).collect();
    let may = match (person.left, roles.is_empty()) {
        (true, _) => "has left".to_owned(),
        (false, true) => "no role".to_owned(),
        (false, false) => roles.join(", "),
    };
    let devices: Vec<_> = person.devices.iter().map(devices::short).collect();
    let has = if devices.is_empty() { "no device".to_owned() } else { devices.join(" ") };
    let own = if person.is_own { "   you" } else { "" };
    format!("{:<20} {may:<28} {has}{own}", label(&person.name))
}

fn as_json(person: &PersonLine) -> Value {
    json!({
        "person": person.id,
        "name": person.name,
        "roles": person.roles,
        "left": person.left,
        "own": person.is_own,
        "devices": person.devices,
    })
}
