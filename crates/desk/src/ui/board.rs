//! The board: who waits, for how long, on which track; then who has been answered.

use std::{cmp::Reverse, sync::Arc};

use axum::{
    extract::{Query, State},
    response::{IntoResponse as _, Response},
};
use callsign_protocol::{notice::Track, time::UnixSeconds};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Ui, aside,
    layout::page,
    overview::{Names, Operator, Overview, case_path},
    wording,
};
use crate::{
    Desk,
    cases::{Case, Cases, Item},
};

/// Rows of one list at most: a page of more is slow to read for eyes and for screen readers.
const ROWS_MAX: usize = 200;

/// Which track to show.
#[derive(Deserialize)]
pub(super) struct Filter {
    track: Option<String>,
}

/// Everything that the board shows.
struct Board {
    tracks: Vec<TrackCount>,
    waiting: Vec<Row>,
    answered: Vec<Row>,
    /// How many there are on the chosen track, shown or not.
    waiting_total: usize,
    answered_total: usize,
}

/// One track at a glance.
struct TrackCount {
    id: String,
    name: String,
    cases: usize,
    waiting: usize,
    since: Option<UnixSeconds>,
}

/// One case at a glance.
struct Row {
    path: String,
    names: Names,
    track: String,
    language: String,
    messages: usize,
    incomplete: bool,
    unopened: usize,
    waiting_since: Option<UnixSeconds>,
    last_heard: Option<UnixSeconds>,
    answer_waits: bool,
}

/// Shows the board.
pub(super) async fn show_board(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
    Query(filter): Query<Filter>,
) -> Response {
    let rendered = aside(move || {
        let overview = Overview::take(&ui, &operator.desk, None);
        let board = Board::take(&ui, &operator.desk, filter.track.as_deref());
        page("Board", &overview, &board.render(&overview, filter.track.as_deref()))
    });
    match rendered.await {
        Ok(rendered) => rendered.into_response(),
        Err(failed) => failed,
    }
}

impl Board {
    fn take(ui: &Ui, desk: &Desk, chosen: Option<&str>) -> Self {
        let tracks = desk.tracks();
        desk.with_cases(|cases| {
            let all = cases.by_waiting();
            let on_track = |case: &&&Case| chosen.is_none_or(|id| shelf(&tracks, case) == id);
            let split = all.partition_point(|case| case.waiting_since().is_some());
            let waiting: Vec<&&Case> = all[..split].iter().filter(on_track).collect();
            let mut answered: Vec<&&Case> = all[split..].iter().filter(on_track).collect();
            answered.sort_by_key(|case| Reverse(case.last_heard()));
            let rows = |of: &[&&Case]| {
                of.iter().take(ROWS_MAX).map(|case| Row::of(ui, &tracks, cases, case)).collect()
            };
            Self {
                tracks: count_tracks(&tracks, &all),
                waiting: rows(&waiting),
                answered: rows(&answered),
                waiting_total: waiting.len(),
                answered_total: answered.len(),
            }
        })
    }

    fn render(&self, overview: &Overview, chosen: Option<&str>) -> Markup {
        let now = overview.now;
        html! {
            section id="board" aria-labelledby="board-heading" {
                h1 id="board-heading" { "Calls" }
                nav id="tracks" data-live aria-label="Tracks" { (self.track_list(now, chosen)) }
                div id="waiting-heading" data-live { (self.waiting_heading(chosen)) }
                ol id="waiting" class="cases" data-live data-keyed {
                    @for row in &self.waiting { (row.render(now)) }
                }
                div id="answered-heading" data-live {
                    @if self.answered_total > 0 {
                        h2 { "Answered " span class="number" { (self.answered_total) } }
                        (more(self.answered_total, "the last to write are shown"))
                    }
                }
                ol id="answered" class="cases" data-live data-keyed {
                    @for row in &self.answered { (row.render(now)) }
                }
            }
        }
    }

    fn track_list(&self, now: UnixSeconds, chosen: Option<&str>) -> Markup {
        let all = TrackCount {
            id: String::new(),
            name: "All tracks".to_owned(),
            cases: self.tracks.iter().map(|track| track.cases).sum(),
            waiting: self.tracks.iter().map(|track| track.waiting).sum(),
            since: self.tracks.iter().filter_map(|track| track.since).min(),
        };
        html! {
            ul class="tracks" {
                li { (all.render("/", now, chosen.is_none())) }
                @for track in &self.tracks {
                    li { (track.render(&format!("/?track={}", query_value(&track.id)), now, chosen == Some(&track.id))) }
                }
            }
        }
    }

    fn waiting_heading(&self, chosen: Option<&str>) -> Markup {
        let none_at_all = self.tracks.iter().all(|track| track.cases == 0);
        html! {
            @if none_at_all {
                div class="empty" {
                    p { strong { "No calls yet. This page shows new ones by itself." } }
                    p { "Leave it open. The number of calls that wait stands in the title of this tab." }
                }
            } @else if self.waiting_total == 0 {
                div class="empty" {
                    p { strong { "Nobody waits" @if chosen.is_some() { " on this track" } "." }
                        " This page shows new calls by itself." }
                }
            } @else {
                h2 { "Waiting " span class="number" { (self.waiting_total) } }
                (more(self.waiting_total, "the longest-waiting are shown"))
            }
        }
    }
}

impl TrackCount {
    fn render(&self, href: &str, now: UnixSeconds, current: bool) -> Markup {
        html! {
            a href=(href) aria-current=[current.then_some("true")] {
                span class="track-name" dir="auto" { (self.name) }
                span class="track-count" {
                    @if self.waiting > 0 { strong { (self.waiting) " waiting" } " of " (self.cases) }
                    @else if self.cases > 0 { "none waiting of " (self.cases) }
                    @else { "no calls" }
                }
                @if let Some(since) = self.since {
                    span class="track-wait" { "longest " (wording::span(now.since(since))) }
                }
            }
        }
    }
}

impl Row {
    fn of(ui: &Ui, tracks: &[Track], cases: &Cases, case: &Case) -> Self {
        Self {
            path: case_path(ui, &case.id()),
            names: Names::of(cases, case),
            track: wording::track_name(tracks, &case.track),
            language: wording::language(&case.language),
            messages: case.calls().count(),
            incomplete: case.calls().any(|call| !call.is_complete()),
            unopened: case.unopened().len(),
            waiting_since: case.waiting_since(),
            last_heard: case.last_heard(),
            answer_waits: case
                .items
                .iter()
                .any(|item| matches!(item, Item::Answer(answer) if !answer.is_posted())),
        }
    }

    fn render(&self, now: UnixSeconds) -> Markup {
        let messages = u64::try_from(self.messages).unwrap_or(u64::MAX);
        let heard = self.last_heard.map_or(0, |at| now.since(at));
        html! {
            li data-key=(self.path) data-call-sign=(self.names.english) class=[(self.unopened > 0).then_some("unopened")] {
                a href=(self.path) { (self.names.english) " " (self.names.as_the_caller_says()) }
                span class="about" {
                    bdi class="track" { (self.track) } " · " bdi class="language" { (self.language) } " · "
                    span class="messages" { (wording::count(messages, "message", "messages")) }
                }
                span class="state" {
                    @match self.unopened {
                        0 => {},
                        1 if self.messages == 1 => span class="badge new" { "not opened" },
                        new => span class="badge new" { (new) " not opened" },
                    }
                    @if self.incomplete { span class="badge" { "incomplete" } }
                    @if self.answer_waits { span class="badge" { "answer not posted yet" } }
                }
                span class="wait" {
                    @match self.waiting_since {
                        Some(since) => { "waits " strong { (wording::span(now.since(since))) } },
                        None => { "wrote " (wording::span(heard)) " ago" },
                    }
                }
            }
        }
    }
}

/// A case's track as the board sorts: what this desk does not know goes to those without one.
fn shelf<'a>(tracks: &[Track], case: &'a Case) -> &'a str {
    if tracks.iter().any(|track| track.id == case.track) { &case.track } else { "" }
}

fn count_tracks(tracks: &[Track], cases: &[&Case]) -> Vec<TrackCount> {
    let count = |id: &str, name: String| {
        let on_track = || cases.iter().filter(|case| shelf(tracks, case) == id);
        TrackCount {
            id: id.to_owned(),
            name,
            cases: on_track().count(),
            waiting: on_track().filter(|case| case.waiting_since().is_some()).count(),
            since: on_track().filter_map(|case| case.waiting_since()).min(),
        }
    };
    let known = tracks.iter().map(|track| count(&track.id, wording::track_name(tracks, &track.id)));
    let other = count("", "No track".to_owned());
    let other = (other.cases > 0).then_some(other);
    known.chain(other).collect()
}

fn more(total: usize, which: &str) -> Markup {
    html! {
        @if total > ROWS_MAX { p class="quiet" { "Only " (ROWS_MAX) " of them: " (which) "." } }
    }
}

fn query_value(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_track_id_makes_an_address() {
        assert_eq!(query_value("called-up"), "called-up");
        assert_eq!(query_value("a&b=ї"), "a%26b%3D%D1%97");
    }
}
