//! The strip that says how the desk is: an alarm unmistakably, trouble plainly, the rest quietly.

use maud::{Markup, html};

use super::{overview::Overview, wording};
use crate::{DeskError, HubClock, Trouble, TroubleKind, as_sentence};

/// Below this the notice's end is said aloud; it is renewed long before while the hub answers.
const NOTICE_SHORT_S: u64 = 12 * 3_600;

/// The strip.
pub(in crate::ui) fn strip(overview: &Overview) -> Markup {
    html! {
        div id="health" data-live {
            @if let Some(alarm) = overview.health.alarm {
                section class="alarm" role="alert" aria-labelledby="alarm-heading" {
                    h2 id="alarm-heading" { "Stop: do not trust the hub" }
                    p { strong { "This device caught a contradiction: " (alarm.to_string()) "." } }
                    ul {
                        li { "Nothing is written to the hub any more. Answers that you send stay on this device." }
                        li { "Do not send callers there, and do not start another device of this desk." }
                        li { "Tell the custodian now, by another way. Compare with another device of the desk: "
                            "the hub may have been seized, restored from an old copy, or altered." }
                    }
                }
            } @else {
                @if let Some(clock) = overview.health.hub_clock { (clocks(clock)) }
                @for trouble in overview.troubles.iter().filter(|one| !(is_of_clock(one) && overview.health.hub_clock.is_some())) {
                    (failing(trouble))
                }
            }
            // By a clock that is wrong nobody can tell whether the notice has ended.
            @if !overview.clock_differs() { (notice(overview)) }
            (refused_notice(overview))
            (refused_letters(overview))
            (clocks_of_devices(overview))
            (without_effect(overview))
            (unfinished(overview))
            (late_calls(overview))
            (certificate(overview))
            (size(overview))
            (room(overview))
        }
    }
}

/// That the hub's clock is days from this computer's, before all that follows from it.
fn clocks(clock: HubClock) -> Markup {
    html! {
        section class="trouble" role="alert" aria-label="Trouble" data-kind=(TroubleKind::ClockFar.code()) {
            p { strong { "This computer's date is " (wording::day(clock.own)) ", and the hub's is " (wording::day(clock.hub)) ". " }
                "The hub takes nothing that this desk writes: answers wait on this device, and neither keys nor the notice turn over." }
            p { (TroubleKind::ClockFar.remedy()) " By the wrong clock nobody can tell how long callers have waited, or whether they can write." }
        }
    }
}

fn is_of_clock(trouble: &Trouble) -> bool {
    matches!(trouble.kind, TroubleKind::Clock | TroubleKind::ClockFar)
}

impl Overview {
    /// Whether the hub has another date, as far as is known.
    fn clock_differs(&self) -> bool {
        self.health.hub_clock.is_some() || self.troubles.iter().any(|one| one.kind == TroubleKind::ClockFar)
    }
}

/// One activity that fails: what it means, why, and what to do.
fn failing(trouble: &Trouble) -> Markup {
    let heading = match trouble.kind {
        TroubleKind::Alarm => "Stop: do not trust the hub. ",
        TroubleKind::Away => "The desk is cut off from the hub. ",
        TroubleKind::CatchingUp => "The desk's state is still coming from the hub. ",
        TroubleKind::Certificate => "The duty key's certificate has ended. ",
        TroubleKind::Clock | TroubleKind::ClockFar => "The hub has another date than this computer. ",
        TroubleKind::Clocks => "Another device of the desk has another date. ",
        TroubleKind::Outdated => "This program is too old for the desk. ",
        TroubleKind::OwnDisk => "The desk cannot use its own files. ",
        TroubleKind::Outside => "This device does not belong to the desk any more. ",
        TroubleKind::Refused => "The hub refuses what the desk asks. ",
        TroubleKind::Other => "The desk cannot go on. ",
    };
    html! {
        section class="trouble" role="status" aria-label="Trouble" data-kind=(trouble.kind.code()) {
            p { strong { (heading) } (trouble.effect()) }
            p { (wording::told(trouble.remedy())) }
            p class="detail" dir="auto" { (wording::told(&trouble.reason())) }
        }
    }
}

/// That callers may see another notice than the desk's, and which.
fn refused_notice(overview: &Overview) -> Markup {
    html! {
        @if let Some(refused) = overview.health.refused_notice {
            p class="trouble" role="status" data-kind="notice-refused" data-fault=(refused.fault.code()) {
                strong { (wording::told(&refused.told())) } " " (wording::told(refused.way_out())) }
        }
    }
}

/// That nobody can write letters, and why.
fn refused_letters(overview: &Overview) -> Markup {
    html! {
        @if let Some(refused) = overview.health.refused_letters {
            p class="trouble" role="status" data-kind="letter-keys-refused" data-fault=(refused.fault.code()) {
                strong { (wording::told(&refused.told())) } " " (wording::told(refused.way_out())) }
        }
    }
}

/// Whose clock is ahead: it stops nobody, and somebody should set it right.
fn clocks_of_devices(overview: &Overview) -> Markup {
    html! {
        @for (device, by_s) in &overview.health.clocks_ahead {
            p class="trouble" role="status" data-kind="clock-ahead" {
                strong { "The clock of the device " (device) " is " (wording::span(*by_s)) " ahead of this computer's. " }
                "One of both is wrong. Answers go on by this computer's clock, and nothing waits for the other. "
                "Compare both with a clock that is right, and set the wrong one." }
        }
    }
}

fn without_effect(overview: &Overview) -> Markup {
    html! {
        @for line in &overview.health.without_effect {
            // That a colleague was faster is no trouble.
            p class=(if line.is_collision() { "quiet" } else { "trouble" }) role="status" {
                strong { (wording::told(&line.told())) } " " (wording::told(line.way_out()))
            }
        }
    }
}

/// A removal or an admission that was interrupted.
fn unfinished(overview: &Overview) -> Markup {
    html! {
        @for one in &overview.health.unfinished {
            p class="trouble" role="status" { strong { (wording::told(&one.told())) } " " (wording::told(one.way_out())) }
        }
    }
}

/// What only this device has: the hub forgets the cells that it came in.
fn late_calls(overview: &Overview) -> Markup {
    html! {
        @if overview.health.late_calls > 0 {
            p class="trouble" role="status" {
                strong { (wording::count(overview.health.late_calls, "part of a call waits", "parts of calls wait"))
                    " on this device alone for half the time that the hub keeps them, and would be lost with it. " }
                "They go to the others with the beats; what an operator sends at once takes them along, and the hub sees that." }
        }
    }
}

fn certificate(overview: &Overview) -> Markup {
    let ends = overview.health.certificate_ends;
    html! {
        @if overview.health.certificate_is_due {
            p class="trouble" role="status" {
                @if ends < overview.now.day() {
                    strong { "The duty key's certificate has ended, and callers will soon be unable to write. " }
                    (wording::told(&as_sentence(&DeskError::CertificateEnded(ends).to_string())))
                } @else {
                    strong { "The duty key's certificate ends on " (wording::day(ends)) ". " }
                    "A device with the identity must be at work, or the custodian renew it, with " code { "callsign desk identity certify" } "."
                } }
        }
    }
}

fn size(overview: &Overview) -> Markup {
    html! {
        @if overview.health.state_is_large {
            p class="trouble" role="status" {
                strong { "The desk's state fills more than half of what can be saved. " }
                "Erase cases that are closed: where it does not fit any more, old keys are kept, and what is erased stays readable." }
        }
    }
}

/// That this computer's disk fills up, while there is time to make room.
fn room(overview: &Overview) -> Markup {
    html! {
        @if let Some(little) = overview.health.little_room {
            p class="trouble" role="status" data-kind="little-room" { strong { (wording::told(&little.told())) } " " (wording::told(little.way_out())) }
        }
    }
}

fn notice(overview: &Overview) -> Markup {
    let left = overview.health.notice_expires.map(|expires| expires.since(overview.now));
    html! {
        @match left {
            None => p class="trouble" role="status" {
                "No valid notice is known. Callers can write only once the desk has published one, which it does by itself when the hub answers." },
            Some(0) => p class="trouble" role="status" {
                strong { "By this computer's clock the notice has expired: where the clock is right, callers cannot write. " }
                "It is renewed by itself as soon as the hub answers." },
            Some(left) if left < NOTICE_SHORT_S => p class="trouble" role="status" {
                strong { "The notice ends in " (wording::span(left)) ". " }
                "Callers cannot write after that. It is renewed by itself as soon as the hub answers." },
            Some(_) => {},
        }
    }
}

/// What is worth knowing and needs nobody: for the panel about the desk.
pub(in crate::ui) fn quiet_lines(overview: &Overview) -> Markup {
    let notice = overview.health.notice_expires.map(|expires| expires.since(overview.now));
    html! {
        @if let Some(left) = notice.filter(|left| *left > 0) {
            p { "The notice is good for " (wording::span(left)) " and is renewed by itself." }
        }
        p { "The duty key is certified until " (wording::day(overview.health.certificate_ends)) "." }
        @if let Some(until) = overview.health.deceivable_until {
            p { "Until the end of " (wording::day(until)) ", a device that was removed or left out can, with a hub that helps it, show callers false notices." }
        }
        @if overview.health.crowded_out > 0 {
            p { (wording::count(overview.health.crowded_out, "part of a call was", "parts of calls were"))
                " not kept since this program began: their callers had sent as much as is kept before a person opens any of it." }
        }
        @if overview.health.dropped_cells > 0 {
            p { (wording::count(overview.health.dropped_cells, "cell", "cells"))
                " could not be opened since this program started, and nothing waits for them. "
                "Anybody can send garbage; many at once are worth telling the custodian." }
        }
    }
}
