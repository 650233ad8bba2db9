//! Search: one box, and the cases with the line that met. What is typed stands in no address, and nothing is opened by it; the
//! last search is in memory until the desk is locked, so that it stands here again when a person comes back from a case.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{Redirect, Response},
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::{
    Desk, Found, HITS_MAX, Hit, Line, QUERY_MAX, SearchError, Speaker, as_sentence,
    escape::escape,
    ui::shell::{
        Ui, aside,
        layout::{Rendered, page, respond},
        operator::{Operator, session_cookie},
        overview::{Overview, callers_name, case_path},
        session::Searched,
        wording,
    },
};

/// Where this page is.
pub(super) fn routes() -> Router<Arc<Ui>> {
    Router::new().route("/search", get(show_box).post(search))
}

/// What is typed.
#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    query: String,
}

/// Shows the box, with what was searched for last and what that finds now.
async fn show_box(State(ui): State<Arc<Ui>>, operator: Operator, headers: HeaderMap) -> Response {
    let cookie = session_cookie(&headers, ui.site.port());
    let searched = cookie.and_then(|cookie| ui.sessions().last_search(cookie));
    if let (Some(cookie), Some("")) = (cookie, searched.as_ref().map(|searched| searched.0.as_str())) {
        // Said once; who comes back to the page has searched for nothing.
        ui.sessions().note_search(cookie, None);
    }
    let rendered = aside(move || {
        let typed = searched.as_ref().map_or("", |searched| searched.0.as_str());
        let found = searched.as_ref().map(|searched| operator.desk.search(&searched.0));
        render(&ui, &operator.desk, typed, found.as_ref())
    });
    respond(StatusCode::OK, rendered.await).await
}

/// Takes a search, and leads to where its result stands: the page of a form that was sent could not be gone back to.
async fn search(
    State(ui): State<Arc<Ui>>,
    _operator: Operator,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Redirect {
    // What is far too long is kept as one that is too long, and no longer.
    let query: String = match typed.query.trim() {
        "" => String::new(),
        _ => typed.query.chars().take(QUERY_MAX + 1).collect(),
    };
    if let Some(cookie) = session_cookie(&headers, ui.site.port()) {
        // One without anything to search for is kept as well: the page says what to type.
        ui.sessions().note_search(cookie, Some(Searched(Zeroizing::new(query))));
    }
    Redirect::to("/search")
}

fn render(ui: &Ui, desk: &Desk, typed: &str, found: Option<&Result<Found, SearchError>>) -> Rendered {
    let overview = Overview::take(ui, desk, None)?;
    let main = html! {
        section id="search" aria-labelledby="search-heading" {
            h1 id="search-heading" { label for="query" { "Search" } }
            (search_box(typed))
            div id="results" {
                @match found {
                    None => {},
                    Some(Ok(found)) => (results(ui, desk, found)),
                    Some(Err(error)) => p class="problem" role="alert" { (wording::told(&as_sentence(&error.to_string()))) },
                }
            }
            (hints())
        }
    };
    Ok(page("Search", &overview, &main))
}

fn search_box(typed: &str) -> Markup {
    // What is far too long comes back cut: a browser takes long over it.
    let typed: String = typed.chars().take(QUERY_MAX).collect();
    html! {
        form method="post" action="/search" id="search-form" role="search" {
            input id="query" class="words-typed" name="query" type="text" value=(typed) autofocus autocomplete="off"
                autocapitalize="none" autocorrect="off" spellcheck="false" dir="auto" enterkeyhint="search"
                aria-describedby="search-hints";
            button class="main" type="submit" { "Search" }
        }
    }
}

fn hints() -> Markup {
    html! {
        dl id="search-hints" class="hints" {
            div { dt { "повістка брат" } dd { "all these words, in their forms" } }
            div { dt { "\"не хочу здаватися\"" } dd { "exactly these words" } }
            div { dt { "river-st" } dd { "a call sign, in any of its languages; its first letters do" } }
            div { dt { "track:witness lang:uk since:7d waiting due" } dd { "filters, among the words; also track:none, since:12h. With due, a follow-up is set for today or before" } }
        }
        p class="quiet" { "What callers and the desk wrote is searched, notes among colleagues, and what callers said of safe times; texts of follow-ups are not. Searching opens nothing and tells nobody. The last search stands here until the desk is locked, and is on no disk." }
    }
}

fn results(ui: &Ui, desk: &Desk, found: &Found) -> Markup {
    let tracks = desk.tracks();
    let number = found.hits.len() as u64;
    html! {
        p id="found" class="count" role="status" tabindex="-1" {
            @if found.more { "The first " (HITS_MAX) " cases; there may be more. Add a word or a filter." }
            @else if found.hits.is_empty() { "Nothing here meets this. All of it must meet in one case." }
            @else { (wording::count(number, "case", "cases")) }
        }
        @if found.unsearched > 0 {
            p class="trouble" {
                "The search is still being prepared: " (wording::count(found.unsearched as u64, "case is", "cases are"))
                " not found by words yet. Search again in some seconds."
            }
        }
        ol class="cases hits" {
            @for hit in &found.hits {
                li {
                    // A look: going there opens nothing.
                    a href=(format!("{}?look=1", case_path(ui, &hit.caller))) {
                        (hit.call_sign) " " (callers_name(hit.callers_name.as_ref()))
                    }
                    span class="about" {
                        bdi class="track" { (wording::track_name(&tracks, &hit.track)) } " · "
                        bdi class="language" { (wording::language(&hit.language)) }
                    }
                    span class="wait" { @if hit.is_waiting { strong { "waits" } } @else if hit.is_closed { "closed" } @else { "answered" } }
                    @if let Some(line) = &hit.line { (quote(line, hit)) }
                    @if hit.is_unopened {
                        span class="unopened-line" {
                            span class="badge new" { "new" } " "
                            @if hit.line.is_some() { "Other words stand" } @else { "It stands" }
                            " in a message that nobody has opened."
                        }
                    }
                }
            }
        }
    }
}

fn quote(line: &Line, hit: &Hit) -> Markup {
    let (who, language) = match line.speaker {
        Speaker::Caller => ("Caller", Some(hit.language.as_str())),
        Speaker::SafeTimes => ("Safe to look", Some(hit.language.as_str())),
        Speaker::Desk => ("Desk", None),
        Speaker::Note => ("Note, colleagues only", None),
    };
    let mut at = 0;
    let pieces = line.met.iter().map(|met| {
        let piece = (&line.text[at..met.start], &line.text[met.clone()]);
        at = met.end;
        piece
    });
    let pieces: Vec<_> = pieces.collect();
    html! {
        span class="line" {
            span class="badge" { (who) } " "
            bdi lang=[language.filter(|tag| !tag.is_empty())] {
                @for (before, met) in pieces { (escape(before)) mark { (escape(met)) } }
                (escape(&line.text[at..]))
            }
        }
    }
}
