//! Everybody at the desk and all devices, as the page shows them.

use maud::{Markup, html};

use super::{
    form::{self, Form, ROLES, Tried, role_told},
    invitation, short,
};
use crate::{
    Desk, DeskError, DeviceLine, PersonLine, Removal,
    cases::{Role, is_idle_trainee},
    escape::escape_text,
    ui::shell::texts::{Texts, say},
};

/// What is the same for all lines.
struct Looked<'a> {
    texts: Texts,
    desk: &'a Desk,
    devices: Vec<DeviceLine>,
    present: Vec<&'a PersonLine>,
    tried: Option<&'a Tried>,
    is_custodian: bool,
}

/// The page.
pub(super) fn list(
    texts: Texts,
    desk: &Desk,
    said: Option<&Markup>,
    tried: Option<&Tried>,
) -> Result<Markup, DeskError> {
    let people = desk.people();
    let (left, present): (Vec<_>, Vec<_>) = people.iter().partition(|person| person.left);
    let is_custodian = people.iter().any(|person| person.is_own && person.roles.contains(&Role::Custodian));
    let looked = Looked { texts, desk, devices: desk.devices()?, present, tried, is_custodian };
    let waiting = desk.people_acts_waiting()?;
    let of_somebody = |device: &DeviceLine| people.iter().any(|person| person.devices.contains(&device.id));
    let nobodys: Vec<_> = looked.devices.iter().filter(|device| !of_somebody(device)).collect();
    let still_read = left.iter().any(|person| !person.devices.is_empty());
    Ok(html! {
        h1 { (say!(texts, "people-title")) }
        @if let Some(tried) = tried { p class="problem" role="alert" { (tried.problem) } }
        @if let Some(said) = said { p class="said" role="status" { (said) } }
        @if waiting > 0 {
            p class="trouble" { (say!(texts, "people-waiting", number = waiting)) }
        }
        @if !is_custodian { (who_changes(texts, &people)) }
        // Not refreshed by the script: somebody may be typing in a form of it.
        ul id="people" class="people" {
            @for person in &looked.present { (looked.line(person)?) }
        }
        @if !nobodys.is_empty() {
            h2 { (say!(texts, "people-nobodys")) }
            p { (say!(texts, "people-nobodys-what")) }
            ul class="devices" { @for device in nobodys { (looked.device(device, None)?) } }
        }
        @if !left.is_empty() {
            details id="left" open[still_read] {
                summary class="link" { (say!(texts, "people-have-left", number = left.len())) }
                ul class="people" { @for person in &left { (looked.line(person)?) } }
            }
        }
        @if is_custodian {
            h2 { (say!(texts, "people-add")) }
            (form::add(texts, tried))
            @if desk.has_identity() { p id="kit" class="quiet" { (say!(texts, "people-kit", number = looked.devices.len())) } }
            (invitation::ask(texts, desk, &looked.present, Tried::of(tried, Form::Invite, "")))
        }
    })
}

/// Whom to ask, for who may change nothing here.
fn who_changes(texts: Texts, people: &[PersonLine]) -> Markup {
    let of = people.iter().filter(|person| !person.left && person.roles.contains(&Role::Custodian));
    let custodians: Vec<_> = of.map(|person| &person.name).collect();
    html! {
        p id="custodians" {
            @if people.iter().all(|person| !person.is_own) { (say!(texts, "people-not-known-whose")) " " }
            @if custodians.is_empty() { (say!(texts, "people-not-known-who")) }
            @else {
                @let names = html! {
                    @for (at, name) in custodians.iter().enumerate() {
                        @if at > 0 { ", " }
                        strong { bdi { (escape_text(name)) } }
                    }
                };
                (say!(texts, "people-ask-custodian", names = names))
            }
        }
    }
}

impl Looked<'_> {
    fn line(&self, person: &PersonLine) -> Result<Markup, DeskError> {
        let texts = self.texts;
        let may: Vec<_> = ROLES.into_iter().filter(|role| person.roles.contains(role)).collect();
        let devices = self.devices.iter().filter(|device| person.devices.contains(&device.id));
        let can_change = self.is_custodian && !person.left;
        Ok(html! {
            li data-key=(person.id.to_string()) {
                h2 {
                    bdi class={ "person" @if person.is_own { " self" } @if person.left { " away" } } { (escape_text(&person.name)) }
                    @if person.is_own { " " (say!(texts, "people-you")) }
                }
                p class="may" {
                    @if person.left { (say!(texts, "people-left")) }
                    @else if may.is_empty() { (say!(texts, "people-no-role")) }
                    @for role in may { span { (role_told(role, texts)) } }
                }
                @if is_idle_trainee(&person.roles) { p class="problem" { (say!(texts, "people-trainee-none")) } }
                @if person.devices.is_empty() { p class="quiet" { (say!(texts, "people-no-device")) } }
                @else {
                    @if person.left {
                        p class="problem" { (say!(texts, "people-still-read")) }
                    }
                    ul class="devices" { @for device in devices { (self.device(device, Some(person))?) } }
                }
                @if can_change {
                    div class="acts" { (form::roles(texts, person, self.tried)) (form::leave(texts, person, self.tried)) }
                }
            }
        })
    }

    fn device(&self, device: &DeviceLine, of: Option<&PersonLine>) -> Result<Markup, DeskError> {
        let texts = self.texts;
        let is_going = self.desk.removal(&device.id) == Removal::Said;
        let others: Vec<_> =
            self.present.iter().copied().filter(|to| of.is_none_or(|of| of.id != to.id)).collect();
        Ok(html! {
            li data-device=(device.id.to_string()) {
                p {
                    span class="unseen" { (say!(texts, "people-device-word")) " " } code { (short(&device.id)) } " "
                    @if device.is_own { span class="badge" { (say!(texts, "people-this-device")) } }
                    @if device.has_identity { span class="badge" { (say!(texts, "people-identity")) } }
                    @if is_going { span class="badge new" { (say!(texts, "people-going")) } }
                    @else if device.is_ready { span class="badge" { (say!(texts, "people-ready")) } }
                    @else { span class="badge new" { (say!(texts, "people-not-ready")) } }
                }
                @if self.is_custodian && !is_going {
                    div class="acts" {
                        @if device.is_own { p class="quiet" { (say!(texts, "people-not-this-one")) } }
                        @else { (form::shut_out(texts, self.desk, device, self.tried)?) }
                        (form::give(texts, device, &others, self.tried))
                    }
                }
            }
        })
    }
}
