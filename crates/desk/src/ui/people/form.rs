//! The forms of people: what they send, and how they look with what was typed.

use std::collections::BTreeSet;

use maud::{Markup, html};
use serde::Deserialize;

use super::{Refused, short, shorts};
use crate::{
    Desk, DeskError, DeviceLine, DutyKey, PersonLine,
    cases::{PSEUDONYM_MAX, Role},
    escape::escape_text,
    ui::shell::texts::{Texts, say},
};

/// All roles, in the order in which people learn of them.
pub(super) const ROLES: [Role; 4] = [Role::Trainee, Role::Operator, Role::Leader, Role::Custodian];

/// What a role is called and what it may do.
pub(super) fn role_told(role: Role, texts: Texts) -> Markup {
    let (name, may) = match role {
        Role::Trainee => (say!(texts, "people-trainee"), say!(texts, "people-trainee-may")),
        Role::Operator => (say!(texts, "people-operator"), say!(texts, "people-operator-may")),
        Role::Leader => (say!(texts, "people-leader"), say!(texts, "people-leader-may")),
        Role::Custodian => (say!(texts, "people-custodian"), say!(texts, "people-custodian-may")),
    };
    html! { strong { (name) } " " span class="quiet" { (may) } }
}

/// A role's name in the form.
fn role_field(role: Role) -> &'static str {
    match role {
        Role::Trainee => "trainee",
        Role::Operator => "operator",
        Role::Leader => "leader",
        Role::Custodian => "custodian",
    }
}

/// Which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Add,
    Admit,
    Give,
    Invite,
    Leave,
    Roles,
    ShutOut,
    Stop,
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
    /// The check words that the page showed.
    pub(super) words: String,
    /// The box that confirms.
    pub(super) sure: String,
    trainee: String,
    operator: String,
    leader: String,
    custodian: String,
}

/// A form of which nothing came, or not all.
pub(super) struct Tried {
    pub(super) form: Form,
    pub(super) draft: Draft,
    pub(super) problem: Markup,
}

impl Draft {
    /// The roles that are ticked.
    fn roles(&self) -> BTreeSet<Role> {
        let ticked = |role: &Role| match role {
            Role::Trainee => !self.trainee.is_empty(),
            Role::Operator => !self.operator.is_empty(),
            Role::Leader => !self.leader.is_empty(),
            Role::Custodian => !self.custodian.is_empty(),
        };
        ROLES.into_iter().filter(ticked).collect()
    }

    /// The same, one at least.
    pub(super) fn some_roles(&self) -> Result<BTreeSet<Role>, Refused> {
        let roles = self.roles();
        if roles.is_empty() { Err(Refused::NoRole) } else { Ok(roles) }
    }
}

impl Tried {
    /// What was typed into a form about a person or a device, by their ids.
    pub(super) fn of<'a>(tried: Option<&'a Self>, form: Form, subject: &str) -> Option<&'a Draft> {
        let is_it = |tried: &&Self| {
            let of = if matches!(form, Form::Give | Form::ShutOut) {
                &tried.draft.device
            } else {
                &tried.draft.person
            };
            tried.form == form && (matches!(form, Form::Add | Form::Invite) || of == subject)
        };
        tried.filter(is_it).map(|tried| &tried.draft)
    }
}

/// One more person.
pub(super) fn add(texts: Texts, tried: Option<&Tried>) -> Markup {
    let typed = Tried::of(tried, Form::Add, "");
    let roles = typed.map_or_else(|| BTreeSet::from([Role::Operator]), Draft::roles);
    html! {
        form method="post" action="/people/add" id="add" class="person-form" {
            label for="name" { (say!(texts, "people-pseudonym")) }
            p class="quiet" id="name-hint" { (say!(texts, "people-pseudonym-hint")) }
            input id="name" name="name" type="text" class="field" required maxlength=(PSEUDONYM_MAX) autocomplete="off" spellcheck="false"
                dir="auto" aria-describedby="name-hint" value=[typed.map(|typed| &typed.name)];
            (boxes(texts, &roles))
            button type="submit" class="main" { (say!(texts, "people-add-button")) }
        }
    }
}

/// What a person may do, anew.
pub(super) fn roles(texts: Texts, person: &PersonLine, tried: Option<&Tried>) -> Markup {
    let id = person.id.to_string();
    let typed = Tried::of(tried, Form::Roles, &id);
    html! {
        details class="more" id=(format!("roles-{id}")) open[typed.is_some()] {
            summary { (say!(texts, "people-set-roles")) span class="unseen" { ": " bdi { (escape_text(&person.name)) } } }
            form method="post" action="/people/roles" class="person-form" {
                input type="hidden" name="person" value=(id);
                input type="hidden" name="was" value=(person.set_by.to_string());
                (boxes(texts, &typed.map_or_else(|| person.roles.clone(), Draft::roles)))
                button type="submit" class="main" { (say!(texts, "people-set-roles-button")) }
            }
        }
    }
}

/// That a person has left; asks for the pseudonym.
pub(super) fn leave(texts: Texts, person: &PersonLine, tried: Option<&Tried>) -> Markup {
    let id = person.id.to_string();
    let typed = Tried::of(tried, Form::Leave, &id);
    html! {
        details class="more" id=(format!("leave-{id}")) open[typed.is_some()] {
            summary { (say!(texts, "people-has-left")) span class="unseen" { ": " bdi { (escape_text(&person.name)) } } }
            form method="post" action="/people/leave" class="person-form" {
                input type="hidden" name="person" value=(id);
                p { (say!(texts, "people-leave-what")) }
                label {
                    (say!(texts, "people-leave-type", name = html! { strong { bdi { (escape_text(&person.name)) } } })) " "
                    input name="typed" type="text" class="field" required autocomplete="off" spellcheck="false" dir="auto"
                        value=[typed.map(|typed| &typed.typed)]; }
                button type="submit" class="grave" { (say!(texts, "people-leave-button")) }
            }
        }
    }
}

/// To whom a device goes.
pub(super) fn give(texts: Texts, device: &DeviceLine, to: &[&PersonLine], tried: Option<&Tried>) -> Markup {
    let id = device.id.to_string();
    let typed = Tried::of(tried, Form::Give, &id);
    html! {
        @if !to.is_empty() {
            details class="more" id=(format!("give-{id}")) open[typed.is_some()] {
                summary { (say!(texts, "people-give")) span class="unseen" { ": " (say!(texts, "people-device", device = html! { bdi { (short(&device.id)) } })) } }
                form method="post" action="/people/give" class="person-form" {
                    input type="hidden" name="device" value=(id);
                    label { (say!(texts, "people-give-who")) " "
                        select name="person" {
                            @for person in to {
                                @let of = person.id.to_string();
                                option value=(of) selected[typed.is_some_and(|typed| typed.person == of)] { (escape_text(&person.name)) }
                            }
                        } }
                    button type="submit" class="main" { (say!(texts, "people-give-button")) }
                }
            }
        }
    }
}

/// Lost or stolen: what follows, and one confirmation.
pub(super) fn shut_out(
    texts: Texts,
    desk: &Desk,
    device: &DeviceLine,
    tried: Option<&Tried>,
) -> Result<Markup, DeskError> {
    let (id, name) = (device.id.to_string(), short(&device.id));
    let typed = Tried::of(tried, Form::ShutOut, &id);
    let late = desk.left_out_with(&device.id)?;
    let duty = desk.duty_key(desk.generation() + 1, &device.id)?;
    Ok(html! {
        details class="more" id=(format!("shut-out-{id}")) open[typed.is_some()] {
            summary class="grave" { (say!(texts, "people-shut-out")) span class="unseen" { ": " (say!(texts, "people-device", device = html! { bdi { (name) } })) } }
            form method="post" action="/people/shut-out" class="person-form" {
                input type="hidden" name="device" value=(id);
                ul class="follows" {
                    li { (say!(texts, "people-shut-out-reads", device = html! { code { (name) } })) }
                    li { (say!(texts, "people-shut-out-forged")) }
                    @if late.is_empty() { li { (say!(texts, "people-shut-out-alone")) } }
                    @else {
                        li { (say!(texts, "people-shut-out-others", devices = shorts(&late))) }
                    }
                    li { (duty_before(texts, desk, duty)) }
                    @if device.has_identity {
                        li { (say!(texts, "people-shut-out-identity")) }
                    }
                }
                label { input type="checkbox" name="sure" value="on" required; " " (say!(texts, "people-shut-out-sure", device = html! { code { (name) } })) }
                button type="submit" class="grave" { (say!(texts, "people-shut-out-button")) }
            }
        }
    })
}

fn duty_before(texts: Texts, desk: &Desk, duty: DutyKey) -> Markup {
    html! {
        @match duty {
            _ if desk.has_identity() => (say!(texts, "people-duty-here")),
            DutyKey::Replaced | DutyKey::ByDevice => (say!(texts, "people-duty-device")),
            DutyKey::ByKeeper => (say!(texts, "people-duty-keeper")),
        }
    }
}

fn boxes(texts: Texts, ticked: &BTreeSet<Role>) -> Markup {
    html! {
        fieldset {
            legend { (say!(texts, "people-roles")) }
            p class="quiet" { (say!(texts, "people-roles-choose")) }
            @for role in ROLES {
                label class="role" { input type="checkbox" name=(role_field(role)) value="on" checked[ticked.contains(&role)];
                    span { (role_told(role, texts)) } }
            }
        }
    }
}
