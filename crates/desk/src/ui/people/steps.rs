//! The steps by which a device is shut out, each with whether it is done, and the seconds that they took.

use callsign_protocol::keyring::DeviceId;
use maud::{Markup, html};

use super::{short, shorts};
use crate::{Desk, DeskError, DutyKey, Removal, ShutOut, ui::shell::wording};

/// The page; `known` where it was done from these pages.
pub(super) fn steps(desk: &Desk, id: &DeviceId, known: Option<&ShutOut>) -> Result<Markup, DeskError> {
    let is_done = desk.removal(id) == Removal::Done;
    let generation = known.map_or_else(|| desk.generation() + u32::from(!is_done), |known| known.generation);
    let duty = desk.duty_key(generation, id)?;
    let until = desk.health().deceivable_until;
    let done = 1 + 2 * usize::from(is_done) + usize::from(is_done && duty == DutyKey::Replaced);
    Ok(html! {
        div id="steps" data-live {
            h1 { "Device " code { (short(id)) } @if is_done { " is shut out" } @else { " is not shut out yet" } }
            p class="said" role="status" {
                strong { "Steps done: " (done) " of 4." }
                @if let Some(known) = known.filter(|_| is_done) { " From your click until the hub refused it: " (seconds(known)) "." }
            }
            ol class="steps" {
                (step(true, &html! { "The log says so: nothing that the device writes counts any more." }))
                (step(is_done, &html! {
                    @if is_done { "The new keyring is at the hub: the hub refuses the device." }
                    @else { "The new keyring is not at the hub yet, and the hub still answers the device. It goes there by itself with this device's next beat." }
                }))
                (step(is_done, &html! { "Answers and the log have new keys, which the device does not get." }))
                (step(is_done && duty == DutyKey::Replaced, &duty_key(duty)))
            }
            @if let Some(known) = known {
                @if known.left_out.is_empty() { p { "No other device was left out." } }
                @else {
                    p { strong { "Left out with it, because they were not ready: " (shorts(&known.left_out)) ". " }
                        "Where they are to work on, have them join anew, with " code { "callsign desk join" } " in a new directory." }
                }
                @if known.had_identity {
                    p class="problem" { "It had the desk's identity, and can be the desk for as long as callers know that one: the keeper of the "
                        "identity makes another with " code { "callsign desk identity succeed" } ", and tells callers." }
                }
            }
            @if let Some(until) = until {
                p { "Until the end of " (wording::day(until)) ", a device that was removed or left out can sign notices in the desk's name, "
                    "and a hub that helps it can show them to callers." }
            }
        }
        p { a href="/people" id="back-to-people" { "Back to the people" } }
    })
}

fn step(is_done: bool, what: &Markup) -> Markup {
    html! {
        li class=(if is_done { "done" } else { "open" }) {
            strong { @if is_done { "Done" } @else { "To do" } } " " span { (what) }
        }
    }
}

fn duty_key(duty: DutyKey) -> Markup {
    html! {
        @match duty {
            DutyKey::Replaced => "The duty key is certified anew: hub and devices refuse what is signed with the one that it knows.",
            DutyKey::ByDevice => {
                "It still knows the duty key in use. A device with the identity replaces that with its next beat."
            }
            DutyKey::ByKeeper => {
                "It still knows the duty key in use. Whoever keeps the identity has to certify a new one at once: "
                code { "callsign desk identity certify" }
            }
        }
    }
}

fn seconds(known: &ShutOut) -> String {
    match known.took.as_secs() {
        0 => "under a second".to_owned(),
        seconds => wording::count(seconds, "second", "seconds"),
    }
}
