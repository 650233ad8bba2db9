//! The strip that says how the desk is: an alarm unmistakably, trouble plainly, the rest quietly.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{
    overview::Overview,
    texts::{Texts, say, text},
};
use crate::{DeskError, HubClock, Trouble, TroubleKind, WithoutEffect};

/// Below this the notice's end is said aloud; it is renewed long before while the hub answers.
const NOTICE_SHORT_S: u64 = 12 * 3_600;

/// The strip.
pub(in crate::ui) fn strip(overview: &Overview) -> Markup {
    let texts = overview.texts;
    html! {
        div id="health" data-live {
            @if let Some(alarm) = overview.health.alarm {
                section class="alarm" role="alert" aria-labelledby="alarm-heading" {
                    h2 id="alarm-heading" { (say!(texts, "health-alarm-heading")) }
                    p { strong { (say!(texts, "health-alarm", what = texts.error(&alarm))) } }
                    ul {
                        li { (say!(texts, "health-alarm-nothing-written")) }
                        li { (say!(texts, "health-alarm-no-callers")) }
                        li { (say!(texts, "health-alarm-tell")) }
                    }
                }
            } @else {
                @if let Some(clock) = overview.health.hub_clock { (clocks(clock, texts)) }
                @for kind in overview.kinds_of_trouble() { (failing(kind, overview)) }
            }
            // By a clock that is wrong nobody can tell whether the notice has ended.
            @if !overview.clock_differs() { (notice(overview)) }
            (refused_notice(overview))
            (refused_letters(overview))
            (wrong_keyring(overview))
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
fn clocks(clock: HubClock, texts: Texts) -> Markup {
    html! {
        section class="trouble" role="alert" aria-label=(text!(texts, "health-trouble")) data-kind=(TroubleKind::ClockFar.code()) {
            p { (say!(texts, "health-clocks", own = texts.day(clock.own), hub = texts.day(clock.hub))) }
            p { (texts.remedy(TroubleKind::ClockFar)) " " (say!(texts, "health-clocks-nobody-can-tell")) }
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

impl Overview {
    /// Whether an act without effect is worth a word on this page: on that of a case, who was faster elsewhere is not.
    fn concerns(&self, line: &WithoutEffect) -> bool {
        !line.is_collision() || self.caller.is_none() || line.caller.is_none() || line.caller == self.caller
    }
}

impl Overview {
    /// What is wrong, each kind once.
    fn kinds_of_trouble(&self) -> Vec<TroubleKind> {
        let mut kinds = Vec::new();
        for trouble in &self.troubles {
            let is_told = is_of_clock(trouble) && self.health.hub_clock.is_some();
            if !is_told && !kinds.contains(&trouble.kind) {
                kinds.push(trouble.kind);
            }
        }
        kinds
    }
}

/// Activities that fail alike: what it means for each, what to do, and why.
fn failing(kind: TroubleKind, overview: &Overview) -> Markup {
    let texts = overview.texts;
    let heading = match kind {
        TroubleKind::Alarm => say!(texts, "health-alarm-kind"),
        TroubleKind::Away => say!(texts, "health-away"),
        TroubleKind::CatchingUp => say!(texts, "health-catching-up"),
        TroubleKind::Certificate => say!(texts, "health-certificate"),
        TroubleKind::Clock | TroubleKind::ClockFar => say!(texts, "health-clock"),
        TroubleKind::Clocks => say!(texts, "health-clock-of-device"),
        TroubleKind::Outdated => say!(texts, "health-outdated"),
        TroubleKind::OwnDisk => say!(texts, "health-own-disk"),
        TroubleKind::Outside => say!(texts, "health-outside"),
        TroubleKind::Refused => say!(texts, "health-refused"),
        TroubleKind::Other => say!(texts, "health-other"),
    };
    let alike = || overview.troubles.iter().filter(move |trouble| trouble.kind == kind);
    let causes: BTreeMap<_, _> = alike().map(|trouble| (&trouble.cause, &trouble.error)).collect();
    html! {
        section class="trouble" role="status" aria-label=(text!(texts, "health-trouble")) data-kind=(kind.code()) {
            p { strong { (heading) } @for trouble in alike() { " " (texts.effect(trouble)) } }
            p { (texts.remedy(kind)) }
            @for (_, error) in causes { p class="detail" dir="auto" { (texts.error_sentence(&**error)) } }
        }
    }
}

/// That callers may see another notice than the desk's, and which.
fn refused_notice(overview: &Overview) -> Markup {
    html! {
        @if let Some(refused) = overview.health.refused_notice {
            p class="trouble" role="status" data-kind="notice-refused" data-fault=(refused.fault.code()) {
                (overview.texts.refused_notice(&refused)) }
        }
    }
}

/// That nobody can write letters, and why.
fn refused_letters(overview: &Overview) -> Markup {
    html! {
        @if let Some(refused) = overview.health.refused_letters {
            p class="trouble" role="status" data-kind="letter-keys-refused" data-fault=(refused.fault.code()) {
                (overview.texts.refused_letters(&refused)) }
        }
    }
}

/// That a device of the desk has given the others keys which are not the desk's, and which device.
fn wrong_keyring(overview: &Overview) -> Markup {
    html! {
        @if let Some(wrong) = overview.health.wrong_keyring {
            p class="trouble" role="alert" data-kind="keyring-wrong" data-fault=(wrong.fault.code()) {
                (overview.texts.wrong_keyring(&wrong)) }
        }
    }
}

/// Whose clock is ahead: it stops nobody, and somebody should set it right.
fn clocks_of_devices(overview: &Overview) -> Markup {
    let texts = overview.texts;
    html! {
        @for (device, by_s) in &overview.health.clocks_ahead {
            p class="trouble" role="status" data-kind="clock-ahead" {
                (say!(texts, "health-clock-ahead", device = device, span = texts.span(*by_s))) }
        }
    }
}

fn without_effect(overview: &Overview) -> Markup {
    html! {
        @for line in overview.health.without_effect.iter().filter(|line| overview.concerns(line)) {
            // That a colleague was faster is no trouble.
            p class=(if line.is_collision() { "quiet" } else { "trouble" }) role="status" {
                (overview.texts.without_effect(line))
            }
        }
    }
}

/// A removal or an admission that was interrupted.
fn unfinished(overview: &Overview) -> Markup {
    html! {
        @for one in &overview.health.unfinished {
            p class="trouble" role="status" {
                @let [what, way_out] = overview.texts.unfinished(one);
                strong { (what) } " " (way_out)
            }
        }
    }
}

/// What only this device has: the hub forgets the cells that it came in.
fn late_calls(overview: &Overview) -> Markup {
    let texts = overview.texts;
    html! {
        @if overview.health.late_calls > 0 {
            p class="trouble" role="status" {
                (say!(texts, "health-late-calls", number = overview.health.late_calls)) }
        }
    }
}

fn certificate(overview: &Overview) -> Markup {
    let (texts, ends) = (overview.texts, overview.health.certificate_ends);
    html! {
        @if overview.health.certificate_is_due {
            p class="trouble" role="status" {
                @if ends < overview.now.day() {
                    (say!(texts, "health-certificate-ended")) " " (texts.error_sentence(&DeskError::CertificateEnded(ends)))
                } @else {
                    (say!(texts, "health-certificate-ends", day = texts.day(ends)))
                } }
        }
    }
}

fn size(overview: &Overview) -> Markup {
    html! {
        @if overview.health.state_is_large {
            p class="trouble" role="status" {
                (say!(overview.texts, "health-large")) }
        }
        @if overview.health.keyring_is_large {
            p class="trouble" role="status" data-kind="keyring-large" {
                (say!(overview.texts, "health-keyring-large")) }
        }
    }
}

/// That this computer's disk fills up, while there is time to make room.
fn room(overview: &Overview) -> Markup {
    html! {
        @if let Some(little) = overview.health.little_room {
            p class="trouble" role="status" data-kind="little-room" { (overview.texts.little_room(&little)) }
        }
    }
}

fn notice(overview: &Overview) -> Markup {
    let texts = overview.texts;
    let left = overview.health.notice_expires.map(|expires| expires.since(overview.now));
    html! {
        @match left {
            None => p class="trouble" role="status" {
                (say!(texts, "health-no-notice")) },
            Some(0) => p class="trouble" role="status" {
                (say!(texts, "health-notice-expired")) },
            Some(left) if left < NOTICE_SHORT_S => p class="trouble" role="status" {
                (say!(texts, "health-notice-ends", span = texts.span(left))) },
            Some(_) => {},
        }
    }
}

/// What is worth knowing and needs nobody: for the panel about the desk.
pub(in crate::ui) fn quiet_lines(overview: &Overview) -> Markup {
    let texts = overview.texts;
    let notice = overview.health.notice_expires.map(|expires| expires.since(overview.now));
    html! {
        @if let Some(left) = notice.filter(|left| *left > 0) {
            p { (say!(texts, "health-notice-good", span = texts.span(left))) }
        }
        p { (say!(texts, "health-certified", day = texts.day(overview.health.certificate_ends))) }
        @if let Some(until) = overview.health.deceivable_until {
            p { (say!(texts, "health-deceivable", day = texts.day(until))) }
        }
        @if overview.health.crowded_out > 0 {
            p { (say!(texts, "health-crowded-out", number = overview.health.crowded_out)) }
        }
        @if overview.health.dropped_cells > 0 {
            p { (say!(texts, "health-dropped", number = overview.health.dropped_cells)) }
        }
    }
}
