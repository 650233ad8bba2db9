//! The steps by which a device is shut out, each with whether it is done, and the seconds that they took.

use callsign_protocol::keyring::DeviceId;
use maud::{Markup, html};

use super::{short, shorts};
use crate::{
    Desk, DeskError, DutyKey, Removal, ShutOut,
    ui::shell::texts::{Texts, say, text},
};

/// The page; `known` where it was done from these pages.
pub(super) fn steps(
    texts: Texts,
    desk: &Desk,
    id: &DeviceId,
    known: Option<&ShutOut>,
) -> Result<Markup, DeskError> {
    let is_done = desk.removal(id) == Removal::Done;
    let generation = known.map_or_else(|| desk.generation() + u32::from(!is_done), |known| known.generation);
    let duty = desk.duty_key(generation, id)?;
    let until = desk.health().deceivable_until;
    let tells_callers = is_done && desk.tells_callers();
    let done = 1
        + 2 * usize::from(is_done)
        + usize::from(is_done && duty == DutyKey::Replaced)
        + usize::from(tells_callers);
    Ok(html! {
        div id="steps" data-live {
            h1 {
                @let device = html! { code { (short(id)) } };
                @if is_done { (say!(texts, "people-steps-done", device = device)) }
                @else { (say!(texts, "people-steps-not-done", device = device)) }
            }
            p class="said" role="status" {
                (say!(texts, "people-steps-count", number = done))
                @if let Some(known) = known.filter(|_| is_done) { " " (say!(texts, "people-steps-took", span = seconds(texts, known))) }
            }
            ol class="steps" {
                (step(texts, true, &say!(texts, "people-step-log")))
                (step(texts, is_done, &html! {
                    @if is_done { (say!(texts, "people-step-keyring")) } @else { (say!(texts, "people-step-keyring-open")) }
                }))
                (step(texts, is_done, &say!(texts, "people-step-keys")))
                (step(texts, is_done && duty == DutyKey::Replaced, &duty_key(texts, duty)))
                (step(texts, tells_callers, &html! {
                    @if tells_callers { (say!(texts, "people-step-notice")) } @else { (say!(texts, "people-step-notice-open")) }
                }))
            }
            @if let Some(known) = known {
                @if known.left_out.is_empty() { p { (say!(texts, "people-steps-alone")) } }
                @else {
                    p { (say!(texts, "people-steps-others", devices = shorts(&known.left_out))) }
                }
                @if known.had_identity {
                    p class="problem" { (say!(texts, "people-steps-identity")) }
                }
            }
            @if let Some(until) = until {
                p { (say!(texts, "people-steps-deceivable", day = texts.day(until))) }
            }
        }
        p { a href="/people" id="back-to-people" { (say!(texts, "people-steps-back")) } }
    })
}

fn step(texts: Texts, is_done: bool, what: &Markup) -> Markup {
    html! {
        li class=(if is_done { "done" } else { "open" }) {
            strong { @if is_done { (say!(texts, "people-step-done")) } @else { (say!(texts, "people-step-to-do")) } } " " span { (what) }
        }
    }
}

fn duty_key(texts: Texts, duty: DutyKey) -> Markup {
    html! {
        @match duty {
            DutyKey::Replaced => (say!(texts, "people-step-duty")),
            DutyKey::ByDevice => (say!(texts, "people-step-duty-device")),
            DutyKey::ByKeeper => (say!(texts, "people-step-duty-keeper")),
        }
    }
}

fn seconds(texts: Texts, known: &ShutOut) -> String {
    match known.took.as_secs() {
        0 => text!(texts, "people-under-a-second"),
        seconds => text!(texts, "people-seconds", number = seconds),
    }
}
