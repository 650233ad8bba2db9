//! The forms of people: what they send, and how they look with what was typed.

use std::collections::BTreeSet;

use maud::{Markup, html};
use serde::Deserialize;

use super::{Refused, short, shorts};
use crate::{
    Desk, DeskError, DeviceLine, DutyKey, PersonLine,
    cases::{PSEUDONYM_MAX, Role},
    escape::escape_text,
};

/// What each role may do, for people.
pub(super) const ROLES: [(Role, &str, &str); 3] = [
    (Role::Operator, "operator", "Reads calls and answers them."),
    (Role::Leader, "leader", "An operator who may also take a case from a colleague, and says why."),
    (
        Role::Custodian,
        "custodian",
        "Lets people and devices in and out, sets roles, and says what callers read of the desk.",
    ),
];

/// Which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Add,
    Give,
    Leave,
    Roles,
    ShutOut,
}

/// What the forms send; each has some of it.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) person: String,
    pub(super) device: String,
    /// The event that had set the roles that the form shows.
    pub(super) was: String,
    /// The pseudonym, typed by whoever means it.
    pub(super) typed: String,
    /// The box that confirms.
    pub(super) sure: String,
    operator: String,
    leader: String,
    custodian: String,
}

/// A form of which nothing came, or not all.
pub(super) struct Tried {
    pub(super) form: Form,
    pub(super) draft: Draft,
    pub(super) problem: String,
}

impl Draft {
    /// The roles that are ticked.
    fn roles(&self) -> BTreeSet<Role> {
        let ticked = |(role, ..): &(Role, &str, &str)| match role {
            Role::Operator => !self.operator.is_empty(),
            Role::Leader => !self.leader.is_empty(),
            Role::Custodian => !self.custodian.is_empty(),
        };
        ROLES.iter().filter(|of| ticked(of)).map(|(role, ..)| *role).collect()
    }

    /// The same, one at least.
    pub(super) fn some_roles(&self) -> Result<BTreeSet<Role>, Refused> {
        let roles = self.roles();
        if roles.is_empty() {
            Err(Refused::Told("tick one role at least; without any they could do nothing"))
        } else {
            Ok(roles)
        }
    }
}

impl Tried {
    /// What was typed into a form about a person or a device, by their ids.
    fn of<'a>(tried: Option<&'a Self>, form: Form, subject: &str) -> Option<&'a Draft> {
        let is_it = |tried: &&Self| {
            let of = if matches!(form, Form::Give | Form::ShutOut) {
                &tried.draft.device
            } else {
                &tried.draft.person
            };
            tried.form == form && (form == Form::Add || of == subject)
        };
        tried.filter(is_it).map(|tried| &tried.draft)
    }
}

/// One more person.
pub(super) fn add(tried: Option<&Tried>) -> Markup {
    let typed = Tried::of(tried, Form::Add, "");
    let roles = typed.map_or_else(|| BTreeSet::from([Role::Operator]), Draft::roles);
    html! {
        form method="post" action="/people/add" id="add" class="person-form" {
            label for="name" { "Pseudonym" }
            p class="quiet" id="name-hint" { "Never a real name: all devices of the desk keep it, for good." }
            input id="name" name="name" type="text" class="field" required maxlength=(PSEUDONYM_MAX) autocomplete="off" spellcheck="false"
                dir="auto" aria-describedby="name-hint" value=[typed.map(|typed| &typed.name)];
            (boxes(&roles))
            button type="submit" class="main" { "Add this person" }
        }
    }
}

/// What a person may do, anew.
pub(super) fn roles(person: &PersonLine, tried: Option<&Tried>) -> Markup {
    let id = person.id.to_string();
    let typed = Tried::of(tried, Form::Roles, &id);
    html! {
        details class="more" id=(format!("roles-{id}")) open[typed.is_some()] {
            summary { "Set roles" span class="unseen" { " of " (escape_text(&person.name)) } }
            form method="post" action="/people/roles" class="person-form" {
                input type="hidden" name="person" value=(id);
                input type="hidden" name="was" value=(person.set_by.to_string());
                (boxes(&typed.map_or_else(|| person.roles.clone(), Draft::roles)))
                button type="submit" class="main" { "Set these roles" }
            }
        }
    }
}

/// That a person has left; asks for the pseudonym.
pub(super) fn leave(person: &PersonLine, tried: Option<&Tried>) -> Markup {
    let id = person.id.to_string();
    let typed = Tried::of(tried, Form::Leave, &id);
    html! {
        details class="more" id=(format!("leave-{id}")) open[typed.is_some()] {
            summary { "Has left" span class="unseen" { ": " (escape_text(&person.name)) } }
            form method="post" action="/people/leave" class="person-form" {
                input type="hidden" name="person" value=(id);
                p { "From then on nothing that their devices write counts, for good; whoever comes back gets another pseudonym. "
                    "Their devices still read what comes in until they are shut out." }
                label { "Type " strong { bdi { (escape_text(&person.name)) } } " to say that you mean it "
                    input name="typed" type="text" class="field" required autocomplete="off" spellcheck="false" dir="auto"
                        value=[typed.map(|typed| &typed.typed)]; }
                button type="submit" class="grave" { "They have left" }
            }
        }
    }
}

/// To whom a device goes.
pub(super) fn give(device: &DeviceLine, to: &[&PersonLine], tried: Option<&Tried>) -> Markup {
    let id = device.id.to_string();
    let typed = Tried::of(tried, Form::Give, &id);
    html! {
        @if !to.is_empty() {
            details class="more" id=(format!("give-{id}")) open[typed.is_some()] {
                summary { "Give to another" span class="unseen" { ": device " (short(&device.id)) } }
                form method="post" action="/people/give" class="person-form" {
                    input type="hidden" name="device" value=(id);
                    label { "Who works at it from now on "
                        select name="person" {
                            @for person in to {
                                @let of = person.id.to_string();
                                option value=(of) selected[typed.is_some_and(|typed| typed.person == of)] { (escape_text(&person.name)) }
                            }
                        } }
                    button type="submit" class="main" { "Give it to them" }
                }
            }
        }
    }
}

/// Lost or stolen: what follows, and one confirmation.
pub(super) fn shut_out(desk: &Desk, device: &DeviceLine, tried: Option<&Tried>) -> Result<Markup, DeskError> {
    let (id, name) = (device.id.to_string(), short(&device.id));
    let typed = Tried::of(tried, Form::ShutOut, &id);
    let late = desk.left_out_with(&device.id)?;
    let duty = desk.duty_key(desk.generation() + 1, &device.id)?;
    Ok(html! {
        details class="more" id=(format!("shut-out-{id}")) open[typed.is_some()] {
            summary class="grave" { "Lost or stolen: shut it out" span class="unseen" { ": device " (name) } }
            form method="post" action="/people/shut-out" class="person-form" {
                input type="hidden" name="device" value=(id);
                ul class="follows" {
                    li { "Device " code { (name) } " reads and writes nothing that comes later, for good: to come back it has to join anew. "
                        "What it has read already it keeps." }
                    li { "Calls of the next three days that are proven for a key that it knows are marked as “may be forged”, those of "
                        "honest callers too: make sure of their senders." }
                    @if late.is_empty() { li { "No other device is left out with it." } }
                    @else {
                        li { strong { "Left out with it, because they are not ready: " (shorts(&late)) ". " }
                            "They have to join anew. To keep them, have the desk program run here and there until this page calls them ready." }
                    }
                    li { (duty_before(desk, duty)) }
                    @if device.has_identity {
                        li { strong { "It has the desk's identity" } ", and can be the desk for as long as callers know that one: the keeper "
                            "of the identity makes another with " code { "callsign desk identity succeed" } ", and tells callers." }
                    }
                }
                label { input type="checkbox" name="sure" value="on" required; " I mean device " code { (name) } }
                button type="submit" class="grave" { "Shut it out now" }
            }
        }
    })
}

fn duty_before(desk: &Desk, duty: DutyKey) -> Markup {
    html! {
        @match duty {
            _ if desk.has_identity() => "This device has the identity and replaces the duty key at once.",
            DutyKey::Replaced | DutyKey::ByDevice => "Another device with the identity replaces the duty key with its next beat.",
            DutyKey::ByKeeper => {
                "It still knows the duty key in use: whoever keeps the identity has to certify a new one at once, with "
                code { "callsign desk identity certify" } "."
            }
        }
    }
}

fn boxes(ticked: &BTreeSet<Role>) -> Markup {
    html! {
        fieldset {
            legend { "What they may do" }
            @for (role, name, may) in ROLES {
                label class="role" { input type="checkbox" name=(name) value="on" checked[ticked.contains(&role)];
                    span { strong { (capital(name)) } " " span class="quiet" { (may) } } }
            }
        }
    }
}

/// A word as a line begins with it.
pub(super) fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
