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
    Desk, Found, HITS_MAX, Hit, Line, QUERY_MAX, SearchError, Speaker,
    escape::escape,
    ui::shell::{
        Ui, aside,
        layout::{Rendered, page, respond},
        operator::{Operator, session_cookie},
        overview::{Overview, callers_name, case_path, operators_name},
        session::Searched,
        texts::{Texts, say, text},
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
    let texts = operator.texts;
    let rendered = aside(move || {
        let typed = searched.as_ref().map_or("", |searched| searched.0.as_str());
        let found = searched.as_ref().map(|searched| operator.desk.search(&searched.0));
        render(&ui, &operator, typed, found.as_ref())
    });
    respond(texts, StatusCode::OK, rendered.await).await
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

fn render(ui: &Ui, operator: &Operator, typed: &str, found: Option<&Result<Found, SearchError>>) -> Rendered {
    let (desk, texts) = (&operator.desk, operator.texts);
    let overview = Overview::take(ui, operator, None)?;
    let main = html! {
        section id="search" aria-labelledby="search-heading" {
            h1 id="search-heading" { label for="query" { (say!(texts, "search-title")) } }
            (search_box(typed, texts))
            div id="results" {
                @match found {
                    None => {},
                    Some(Ok(found)) => (results(ui, desk, found, texts)),
                    Some(Err(error)) => p class="problem" role="alert" { (texts.error_sentence(error)) },
                }
            }
            (hints(texts))
        }
    };
    Ok(page(&text!(texts, "search-title"), &overview, &main))
}

fn search_box(typed: &str, texts: Texts) -> Markup {
    // What is far too long comes back cut: a browser takes long over it.
    let typed: String = typed.chars().take(QUERY_MAX).collect();
    html! {
        form method="post" action="/search" id="search-form" role="search" {
            input id="query" class="words-typed" name="query" type="text" value=(typed) autofocus autocomplete="off"
                autocapitalize="none" autocorrect="off" spellcheck="false" dir="auto" enterkeyhint="search"
                aria-describedby="search-hints";
            button class="main" type="submit" { (say!(texts, "search-title")) }
        }
    }
}

fn hints(texts: Texts) -> Markup {
    html! {
        dl id="search-hints" class="hints" {
            div { dt { "повістка брат" } dd { (say!(texts, "search-hint-words")) } }
            div { dt { "\"не хочу здаватися\"" } dd { (say!(texts, "search-hint-exact")) } }
            div { dt { "river-st" } dd { (say!(texts, "search-hint-call-sign")) } }
            div { dt { "track:witness lang:uk since:7d waiting due" } dd { (say!(texts, "search-hint-filters")) } }
        }
        p class="quiet" { (say!(texts, "search-what")) }
    }
}

fn results(ui: &Ui, desk: &Desk, found: &Found, texts: Texts) -> Markup {
    let tracks = desk.tracks();
    html! {
        p id="found" class="count" role="status" tabindex="-1" {
            @if found.more { (say!(texts, "search-more", number = HITS_MAX)) }
            @else if found.hits.is_empty() { (say!(texts, "search-nothing")) }
            @else { (say!(texts, "search-found", number = found.hits.len())) }
        }
        @if found.unsearched > 0 {
            p class="trouble" {
                (say!(texts, "search-unsearched", number = found.unsearched))
            }
        }
        ol class="cases hits" {
            @for hit in &found.hits {
                li {
                    // A look: going there opens nothing.
                    a href=(format!("{}?look=1", case_path(ui, &hit.caller))) {
                        (operators_name(&hit.call_sign)) " " (callers_name(hit.callers_name.as_ref()))
                    }
                    span class="about" {
                        bdi class="track" { (texts.track(&tracks, &hit.track)) } " · "
                        bdi class="language" { (texts.language(&hit.language)) }
                    }
                    span class="wait" { @if hit.is_waiting { strong { (say!(texts, "search-waits")) } } @else if hit.is_closed { (say!(texts, "search-closed")) } @else { (say!(texts, "search-answered")) } }
                    @if let Some(line) = &hit.line { (quote(line, hit, texts)) }
                    @if hit.is_unopened {
                        span class="unopened-line" {
                            span class="badge new" { (say!(texts, "search-new")) } " "
                            @if hit.line.is_some() { (say!(texts, "search-unopened-more")) } @else { (say!(texts, "search-unopened")) }
                        }
                    }
                }
            }
        }
    }
}

fn quote(line: &Line, hit: &Hit, texts: Texts) -> Markup {
    let (who, language) = match line.speaker {
        Speaker::Caller => (say!(texts, "search-caller"), Some(hit.language.as_str())),
        Speaker::SafeTimes => (say!(texts, "search-safe-times"), Some(hit.language.as_str())),
        Speaker::Desk => (say!(texts, "search-desk"), None),
        Speaker::Note => (say!(texts, "search-note"), None),
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
