//! The board in a flood: how many wait on each level, the way to those that nobody has opened, and how many are set aside.

use callsign_protocol::time::UnixSeconds;
use maud::{Markup, html};

use crate::{
    cases::{Cases, Level},
    ui::shell::texts::{Texts, say, text},
};

/// Rows that the board shows beside the levels: the most urgent.
pub(super) const FIRST_ROWS: usize = 20;

/// What of many calls the board shows.
pub(super) struct Flood {
    /// Of each level how many wait and since when the first of them; none where the desk is in no flood. Those that are set aside are not
    /// among them.
    levels: Option<Vec<(Level, usize, UnixSeconds)>>,
    waiting: usize,
    /// How many have taken the last step of waiting.
    at_last_step: usize,
    /// Minutes behind which a call takes that.
    last_step_min: u16,
    /// How many are set aside as junk, and of how many of them the caller wrote since.
    aside: (usize, usize),
}

impl Flood {
    pub(super) fn of(cases: &Cases) -> Self {
        let aside = cases.aside_counts();
        let waiting = cases.waiting_count().saturating_sub(cases.waiting_aside_count());
        let at_last_step = cases.last_step_count();
        let [.., last_step_min] = cases.ladder();
        let levels = cases.is_flooded().then(|| levels(cases));
        Self { levels, waiting, at_last_step, last_step_min, aside }
    }

    /// Whether the board shows levels in the place of a long list.
    pub(super) fn is_on(&self) -> bool {
        self.levels.is_some()
    }

    pub(super) fn render(&self, now: UnixSeconds, texts: Texts) -> Markup {
        let (aside, news) = self.aside;
        html! {
            @if self.at_last_step > 0 {
                p class="problem" id="at-last-step" { (say!(texts, "board-last-step", number = self.at_last_step, minutes = self.last_step_min)) }
            }
            @if let Some(levels) = &self.levels {
                section class="turn flood" aria-label=(text!(texts, "board-flood")) {
                    p { (say!(texts, "board-flood-what", number = self.waiting)) }
                    ul class="levels" {
                        @for (level, count, since) in levels {
                            li {
                                a href=(format!("/?level={}", level.number())) {
                                    (texts.level(*level)) " " (say!(texts, "board-flood-level", number = *count))
                                }
                                ", " (say!(texts, "board-track-longest", span = texts.span(now.since(*since))))
                            }
                        }
                    }
                    div class="acts" { a href="/flood" id="to-flood" { (say!(texts, "board-flood-go")) } }
                }
            }
            @if aside > 0 {
                p class="quiet" id="set-aside" {
                    a href="/?aside=yes" { (say!(texts, "flood-aside", number = aside)) }
                    @if news > 0 { ". " strong { (say!(texts, "flood-news", number = news)) } }
                    ". " a href="/flood" { (say!(texts, "flood-siftings")) }
                }
            }
        }
    }
}

fn levels(cases: &Cases) -> Vec<(Level, usize, UnixSeconds)> {
    let mut levels: Vec<(Level, usize, UnixSeconds)> = Vec::new();
    for waiting in cases.waiting().take_while(|waiting| !waiting.is_set_aside) {
        match levels.last_mut().filter(|(level, ..)| *level == waiting.level) {
            Some((_, count, _)) => *count += 1,
            // In their order, so the first of a level waits longest.
            None => levels.push((waiting.level, 1, waiting.since)),
        }
    }
    levels
}
