//! The board: who waits, for how long, on which track; then who has been answered.

mod filter;
mod flood;
mod list;

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Router,
    extract::{Query, State},
    http::StatusCode,
    response::Response,
    routing::get,
};
use callsign_protocol::{notice::Track, time::UnixSeconds};
use maud::{Markup, html};

use crate::{
    Desk, DeskError, Presence,
    cases::{Cases, Doing, Waiting},
    escape::escape_text,
    ui::shell::{
        Ui,
        addresses::Place,
        aside,
        layout::{page, respond},
        lock,
        operator::Operator,
        overview::{Names, Overview, case_path},
        texts::{Texts, say, text},
    },
};
use filter::{Filter, base};
use flood::{FIRST_ROWS, Flood};
use list::{List, ListPage, Look};

/// Where this page is.
pub(super) fn routes() -> Router<Arc<Ui>> {
    Router::new().route("/", get(show_board))
}

/// Everything that the board shows.
struct Board {
    tracks: Vec<TrackCount>,
    waiting: ListPage,
    answered: ListPage,
    flood: Flood,
    /// Cases of whoever looks.
    mine: usize,
    /// Cases that colleagues offer to them.
    for_me: usize,
    /// The languages of all cases.
    languages: BTreeSet<String>,
    /// The case that is offered to them: its path and its names.
    offered: Option<(String, Names)>,
}

/// One track at a glance.
struct TrackCount {
    id: String,
    name: String,
    cases: usize,
    waiting: usize,
    since: Option<UnixSeconds>,
}

/// Shows the board.
async fn show_board(State(ui): State<Arc<Ui>>, operator: Operator, Query(filter): Query<Filter>) -> Response {
    let texts = operator.texts;
    let rendered = aside(move || {
        let overview = Overview::take(&ui, &operator, None)?;
        let board = Board::take(&ui, &operator.desk, &overview, &filter)?;
        let main = board.render(&overview, &filter, &operator.desk.presence());
        Ok(page(&text!(texts, "board-title"), &overview, &main))
    });
    respond(texts, StatusCode::OK, rendered.await).await
}

impl Board {
    fn take(ui: &Ui, desk: &Desk, overview: &Overview, filter: &Filter) -> Result<Self, DeskError> {
        let (tracks, today, me) = (desk.tracks(), overview.now.day(), overview.who.me());
        let (texts, offered) = (overview.texts, overview.turn.offered);
        desk.with_cases(|cases| {
            let chosen = filter.track.as_deref();
            let is_on_track = |place: &Place| {
                let is_it =
                    |id| cases.track_of(&place.caller).is_some_and(|track| shelf(&tracks, track) == id);
                chosen.is_none_or(is_it)
            };
            let for_me = me.map(|me| cases.offered_for(&me)).transpose()?.unwrap_or_default();
            let is_mine = |place: &Place| {
                let is_held = me.is_some() && cases.holder_of(&place.caller) == me;
                is_held || for_me.contains(&place.caller)
            };
            let is_of = |place: &Place, language: &str| {
                cases.glance(&place.caller).is_some_and(|glance| base(glance.language) == language)
            };
            let mut looked = lock(&ui.looked);
            looked.forget_erased(cases);
            let is_shown = |place: &Place| {
                is_on_track(place)
                    && (filter.mine.is_none() || is_mine(place))
                    && (filter.aside.is_none() || cases.is_aside(&place.caller))
                    && filter.language.as_ref().is_none_or(|language| is_of(place, language))
                    && (filter.news.is_none() || looked.has_news(cases, &place.caller))
            };
            let (level, flood) = (filter.level(), Flood::of(cases));
            let is_of_level =
                |waiting: &Waiting| level.is_none_or(|level| level == waiting.level && !waiting.is_set_aside);
            let waiting = cases.waiting().filter(is_of_level).map(Place::waiting).filter(is_shown);
            // In a flood the levels lead to all the others.
            let most = if flood.is_on() && filter.is_of_all() && filter.waiting.is_none() {
                FIRST_ROWS
            } else {
                usize::MAX
            };
            let waiting: Vec<Place> = waiting.take(most).collect();
            let answered = cases.answered().filter(|_| level.is_none()).map(Place::answered);
            let answered: Vec<Place> = answered.filter(is_shown).collect();
            let look = Look { ui, texts, tracks: &tracks, cases, today, me };
            let list = |list: &[Place], behind| ListPage::of(&look, list, behind);
            Ok(Self {
                waiting: list(&waiting, filter.waiting.as_deref())?,
                answered: list(&answered, filter.answered.as_deref())?,
                flood,
                tracks: count_tracks(texts, &tracks, cases),
                mine: me.map_or(0, |me| cases.claimed_by(&me).count()),
                for_me: for_me.len(),
                languages: cases
                    .callers()
                    .filter_map(|caller| Some(base(cases.glance(&caller)?.language)))
                    .collect(),
                offered: offered
                    .map(|caller| cases.get(&caller))
                    .transpose()?
                    .flatten()
                    .map(|case| (case_path(ui, &case.id()), Names::of(cases, &case))),
            })
        })
    }

    fn render(&self, overview: &Overview, filter: &Filter, present: &[Presence]) -> Markup {
        let (now, texts, chosen) = (overview.now, overview.texts, filter.track.as_deref());
        let mine = filter.mine.as_deref();
        let (waiting, answered) = (filter.waiting.as_deref(), filter.answered.as_deref());
        let at = |waiting: Option<&str>, answered: Option<&str>| {
            filter.address(&[("track", chosen), ("mine", mine), ("waiting", waiting), ("answered", answered)])
        };
        let waiting_at = |behind: Option<&str>| at(behind, answered);
        let answered_at = |behind: Option<&str>| at(waiting, behind);
        html! {
            section id="board" aria-labelledby="board-heading" {
                h1 id="board-heading" { (say!(texts, "board-calls")) }
                p id="presence" data-live { (presence(present, texts)) }
                div id="turn" data-live { (self.turn(overview)) }
                nav id="filters" data-live aria-label=(text!(texts, "board-filters")) { (filter.render(texts, &self.languages)) }
                nav id="tracks" data-live aria-label=(text!(texts, "board-tracks")) { (self.track_list(overview, filter)) }
                div id="flood" data-live { (self.flood.render(now, texts)) }
                div id="waiting-heading" data-live { (self.waiting_heading(filter, overview)) }
                ol id="waiting" class="cases" data-live data-keyed { (self.waiting.render_rows(now, texts)) }
                div id="waiting-pages" data-live { (self.waiting.render_pages(List::Waiting, texts, waiting_at)) }
                div id="answered-heading" data-live {
                    @if self.answered.total > 0 {
                        h2 { (say!(texts, "board-answered")) (filter.named(texts)) " " span class="number" { (self.answered.total) } }
                    }
                }
                ol id="answered" class="cases" data-live data-keyed { (self.answered.render_rows(now, texts)) }
                div id="answered-pages" data-live { (self.answered.render_pages(List::Answered, texts, answered_at)) }
            }
        }
    }

    /// What whoever looks may do with their turn; nothing where they have none.
    fn turn(&self, overview: &Overview) -> Markup {
        let texts = overview.texts;
        let not_now = || {
            html! {
                form method="post" action="/turn/not-ready" { button id="not-ready" { (say!(texts, "board-not-now")) } }
            }
        };
        html! {
            @if let Some((path, names)) = &self.offered {
                section class="turn" aria-label=(text!(texts, "board-your-turn")) {
                    p {
                        @let case = html! { strong { (names.as_operators_say()) } " " (names.as_the_caller_says()) };
                        (say!(texts, "board-is-offered", case = case))
                    }
                    div class="acts" {
                        form method="post" action="/next" { button id="take-offered" class="main" { (say!(texts, "board-take-it")) } }
                        @if overview.turn.passes_left > 0 {
                            form method="post" action="/turn/pass" {
                                input type="hidden" name="case" value=(path.trim_start_matches("/case/"));
                                button id="pass" { (say!(texts, "board-not-this-one")) }
                            }
                        }
                        (not_now())
                    }
                    p class="quiet" {
                        (say!(texts, "board-goes-on")) " "
                        @match overview.turn.passes_left {
                            0 => (say!(texts, "board-no-passes")),
                            left => (say!(texts, "board-passes", number = left)),
                        }
                    }
                }
            } @else if let Some(before) = &overview.turn.before {
                section class="turn" aria-label=(text!(texts, "board-your-turn")) {
                    p {
                        @if before.is_empty() { (say!(texts, "board-you-are-next")) }
                        @else {
                            @let names = html! {
                                @for (at, name) in before.iter().enumerate() {
                                    @if at > 0 { ", " }
                                    bdi { (escape_text(name)) }
                                }
                            };
                            (say!(texts, "board-before-you", names = names))
                        }
                        " " (say!(texts, "board-heard-soon"))
                    }
                    div class="acts" { (not_now()) }
                    @if self.waiting.total > 0 { p class="quiet" { (say!(texts, "board-next-once-more")) } }
                }
            }
        }
    }

    fn track_list(&self, overview: &Overview, filter: &Filter) -> Markup {
        let (now, texts) = (overview.now, overview.texts);
        let (chosen, is_mine) = (filter.track.as_deref(), filter.mine.is_some());
        let all = TrackCount {
            id: String::new(),
            name: text!(texts, "board-all-tracks"),
            cases: self.tracks.iter().map(|track| track.cases).sum(),
            waiting: self.tracks.iter().map(|track| track.waiting).sum(),
            since: self.tracks.iter().filter_map(|track| track.since).min(),
        };
        html! {
            ul class="tracks" {
                li { (all.render("/", (now, texts), filter.is_of_all())) }
                li {
                    a href=(filter.address(&[("mine", Some("yes"))])) id="to-mine" aria-current=[is_mine.then_some("true")] {
                        span class="track-name" { (say!(texts, "board-mine")) }
                        span class="track-count" {
                            @if self.mine > 0 { strong { (say!(texts, "board-mine-cases", number = self.mine)) } }
                            @else if self.for_me == 0 { (say!(texts, "board-mine-none")) }
                            @if self.for_me > 0 {
                                @if self.mine > 0 { ", " }
                                strong { (say!(texts, "board-mine-offered", number = self.for_me)) }
                            }
                        }
                    }
                }
                @for track in &self.tracks {
                    li { (track.render(&filter.address(&[("track", Some(&track.id))]), (now, texts), chosen == Some(&track.id))) }
                }
            }
        }
    }

    fn waiting_heading(&self, filter: &Filter, overview: &Overview) -> Markup {
        let (texts, takes_calls) = (overview.texts, overview.takes_calls());
        let (is_of_track, is_mine) = (filter.track.is_some(), filter.mine.is_some());
        let none_at_all = self.tracks.iter().all(|track| track.cases == 0);
        html! {
            @if none_at_all {
                div class="empty" {
                    p { strong { (say!(texts, "board-no-calls")) @if takes_calls { " " (say!(texts, "board-shows-new-ones")) } } }
                    @if takes_calls {
                        p { (say!(texts, "board-leave-open")) }
                    }
                }
            } @else if self.waiting.total == 0 {
                div class="empty" {
                    p {
                        strong {
                            @if filter.language.is_some() || filter.news.is_some() { (say!(texts, "board-nobody-so")) (filter.named(texts)) }
                            @else if is_mine { (say!(texts, "board-nobody-of-yours")) }
                            @else if is_of_track { (say!(texts, "board-nobody-on-track")) }
                            @else if filter.level().is_some() { (say!(texts, "board-nobody-on-level")) }
                            @else if filter.aside.is_some() { (say!(texts, "board-nobody-aside")) }
                            @else { (say!(texts, "board-nobody")) }
                        }
                        @if takes_calls { " " (say!(texts, "board-shows-new-calls")) }
                    }
                }
            } @else {
                h2 {
                    @if is_mine { (say!(texts, "board-waiting-yours")) }
                    @else if filter.aside.is_some() { (say!(texts, "board-waiting-aside")) }
                    @else if let Some(level) = filter.level() { (say!(texts, "board-waiting-level", level = level.number())) }
                    @else if self.flood.is_on() && filter.is_of_all() { (say!(texts, "board-waiting-first")) }
                    @else { (say!(texts, "board-waiting")) }
                    (filter.named(texts)) " " span class="number" { (self.waiting.total) }
                }
            }
        }
    }
}

impl TrackCount {
    fn render(&self, href: &str, (now, texts): (UnixSeconds, Texts), current: bool) -> Markup {
        html! {
            a href=(href) aria-current=[current.then_some("true")] {
                span class="track-name" dir="auto" { (self.name) }
                span class="track-count" {
                    @if self.waiting > 0 { (say!(texts, "board-track-waiting", waiting = self.waiting, cases = self.cases)) }
                    @else if self.cases > 0 { (say!(texts, "board-track-none-waiting", cases = self.cases)) }
                    @else { (say!(texts, "board-track-no-calls")) }
                }
                @if let Some(since) = self.since {
                    span class="track-wait" { (say!(texts, "board-track-longest", span = texts.span(now.since(since)))) }
                }
            }
        }
    }
}

/// Who is at work and who is away, and the way to the handover.
fn presence(all: &[Presence], texts: Texts) -> Markup {
    html! {
        (say!(texts, "board-at-the-desk")) " "
        @for one in all.iter().filter(|one| one.is_there) {
            span class="person" { bdi { (escape_text(&one.name)) } @if one.is_own { " " (say!(texts, "board-you")) } (doing(one.doing, texts)) } " "
        }
        @let away: Vec<_> = all.iter().filter(|one| !one.is_there).collect();
        @if !away.is_empty() {
            (say!(texts, "board-away")) " "
            @for one in &away { span class="person away" { bdi { (escape_text(&one.name)) } } " " }
        }
        a href="/handover" id="to-handover" { (say!(texts, "board-handover")) }
    }
}

/// What somebody says that they are doing; nothing where that is no more than being there.
fn doing(doing: Option<Doing>, texts: Texts) -> Markup {
    match doing {
        Some(Doing::Reading) => html! { " " (say!(texts, "presence-reads")) },
        Some(Doing::Writing) => html! { " " (say!(texts, "presence-writes")) },
        Some(Doing::Here | Doing::Away) | None => html! {},
    }
}

/// A case's track as the board sorts: what this desk does not know goes to those without one.
fn shelf<'a>(tracks: &[Track], track: &'a str) -> &'a str {
    if tracks.iter().any(|known| known.id == track) { track } else { "" }
}

fn count_tracks(texts: Texts, tracks: &[Track], cases: &Cases) -> Vec<TrackCount> {
    let count = |id: &str, name: String| {
        let mut count = TrackCount { id: id.to_owned(), name, cases: 0, waiting: 0, since: None };
        for of in cases.tracks().filter(|of| shelf(tracks, of.track) == id) {
            count.cases += of.cases;
            count.waiting += of.waiting;
            count.since = count.since.into_iter().chain(of.since).min();
        }
        count
    };
    let known = tracks.iter().map(|track| count(&track.id, texts.track(tracks, &track.id)));
    let other = count("", texts.track(tracks, ""));
    let other = (other.cases > 0).then_some(other);
    known.chain(other).collect()
}
