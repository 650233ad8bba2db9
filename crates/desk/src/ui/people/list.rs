//! Everybody at the desk and all devices, as the page shows them.

use maud::{Markup, html};

use super::{
    form::{self, ROLES, Tried, capital},
    short,
};
use crate::{
    Desk, DeskError, DeviceLine, PersonLine, Removal, cases::Role, escape::escape_text, ui::shell::wording,
};

/// What is the same for all lines.
struct Looked<'a> {
    desk: &'a Desk,
    devices: Vec<DeviceLine>,
    present: Vec<&'a PersonLine>,
    tried: Option<&'a Tried>,
    is_custodian: bool,
}

/// The page.
pub(super) fn list(desk: &Desk, said: Option<&str>, tried: Option<&Tried>) -> Result<Markup, DeskError> {
    let people = desk.people();
    let (left, present): (Vec<_>, Vec<_>) = people.iter().partition(|person| person.left);
    let is_custodian = people.iter().any(|person| person.is_own && person.roles.contains(&Role::Custodian));
    let looked = Looked { desk, devices: desk.devices()?, present, tried, is_custodian };
    let waiting = desk.people_acts_waiting()?;
    let of_somebody = |device: &DeviceLine| people.iter().any(|person| person.devices.contains(&device.id));
    let nobodys: Vec<_> = looked.devices.iter().filter(|device| !of_somebody(device)).collect();
    let still_read = left.iter().any(|person| !person.devices.is_empty());
    Ok(html! {
        h1 { "People" }
        @if let Some(tried) = tried { p class="problem" role="alert" { (wording::told(&tried.problem)) } }
        @if let Some(said) = said { p class="said" role="status" { (wording::told(said)) } }
        @if waiting > 0 {
            p class="trouble" { strong { (wording::count(waiting as u64, "act is", "acts are")) " kept here and not in the log yet. " }
                "The others hear of it once the hub has answered; it goes there by itself." }
        }
        @if !is_custodian { (who_changes(&people)) }
        // Not refreshed by the script: somebody may be typing in a form of it.
        ul id="people" class="people" {
            @for person in &looked.present { (looked.line(person)?) }
        }
        @if !nobodys.is_empty() {
            h2 { "Devices of nobody" }
            p { "What they write counts for nothing." }
            ul class="devices" { @for device in nobodys { (looked.device(device, None)?) } }
        }
        @if !left.is_empty() {
            details id="left" open[still_read] {
                summary class="link" { "Have left: " (left.len()) }
                ul class="people" { @for person in &left { (looked.line(person)?) } }
            }
        }
        @if is_custodian {
            h2 { "Add a person" }
            (form::add(tried))
        }
    })
}

/// Whom to ask, for who may change nothing here.
fn who_changes(people: &[PersonLine]) -> Markup {
    let of = people.iter().filter(|person| !person.left && person.roles.contains(&Role::Custodian));
    let custodians: Vec<_> = of.map(|person| &person.name).collect();
    html! {
        p id="custodians" {
            @if people.iter().all(|person| !person.is_own) { "The desk does not know yet whose this device is. " }
            @if custodians.is_empty() { "Who may change this is not known here yet." }
            @else {
                "To change anything here, or to shut out a lost device, ask a custodian: "
                @for (at, name) in custodians.iter().enumerate() {
                    @if at > 0 { ", " }
                    strong { bdi { (escape_text(name)) } }
                }
                "."
            }
        }
    }
}

impl Looked<'_> {
    fn line(&self, person: &PersonLine) -> Result<Markup, DeskError> {
        let may: Vec<_> = ROLES.iter().filter(|(role, ..)| person.roles.contains(role)).collect();
        let devices = self.devices.iter().filter(|device| person.devices.contains(&device.id));
        let can_change = self.is_custodian && !person.left;
        Ok(html! {
            li data-key=(person.id.to_string()) {
                h2 {
                    bdi class={ "person" @if person.is_own { " self" } @if person.left { " away" } } { (escape_text(&person.name)) }
                    @if person.is_own { " (you)" }
                }
                p class="may" {
                    @if person.left { "Has left." }
                    @else if may.is_empty() { "No role: may do nothing." }
                    @for (_, name, sentence) in may {
                        span { strong { (capital(name)) } " " span class="quiet" { (sentence) } }
                    }
                }
                @if person.devices.is_empty() { p class="quiet" { "No device." } }
                @else {
                    @if person.left {
                        p class="problem" { "Nothing that these devices write counts, but they still read all that comes in: shut them out." }
                    }
                    ul class="devices" { @for device in devices { (self.device(device, Some(person))?) } }
                }
                @if can_change {
                    div class="acts" { (form::roles(person, self.tried)) (form::leave(person, self.tried)) }
                }
            }
        })
    }

    fn device(&self, device: &DeviceLine, of: Option<&PersonLine>) -> Result<Markup, DeskError> {
        let is_going = self.desk.removal(&device.id) == Removal::Said;
        let others: Vec<_> =
            self.present.iter().copied().filter(|to| of.is_none_or(|of| of.id != to.id)).collect();
        Ok(html! {
            li data-device=(device.id.to_string()) {
                p {
                    span class="unseen" { "Device " } code { (short(&device.id)) } " "
                    @if device.is_own { span class="badge" { "this device" } }
                    @if device.has_identity { span class="badge" { "has the identity" } }
                    @if is_going { span class="badge new" { "is being shut out" } }
                    @else if device.is_ready { span class="badge" { "ready" } }
                    @else { span class="badge new" { "not ready for the next keys" } }
                }
                @if self.is_custodian && !is_going {
                    div class="acts" {
                        @if device.is_own { p class="quiet" { "To shut this one out, use another device of a custodian." } }
                        @else { (form::shut_out(self.desk, device, self.tried)?) }
                        (form::give(device, &others, self.tried))
                    }
                }
            }
        })
    }
}
