//! The frame of all pages.

use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use maud::{DOCTYPE, Markup, html};

use super::{
    assets, health,
    help::{HELP_PATH, sheet},
    overview::Overview,
    wording,
};
use crate::{DeskError, Turn};

/// A page for who has unlocked nothing: it tells nothing of the desk.
pub(in crate::ui) fn plain_page(title: &str, main: &Markup) -> Markup {
    document(title, &html! { main id="main" class="plain" { (main) } })
}

/// A page of the unlocked desk.
pub(in crate::ui) fn page(title: &str, overview: &Overview, main: &Markup) -> Markup {
    framed(title, overview, main, &sheet(overview))
}

/// The page that shows what the sheet does, and so has none.
pub(in crate::ui) fn page_of_help(title: &str, overview: &Overview, main: &Markup) -> Markup {
    framed(title, overview, main, &html! {})
}

fn framed(title: &str, overview: &Overview, main: &Markup, over: &Markup) -> Markup {
    let counted = match overview.waiting {
        0 => title.to_owned(),
        waiting => format!("({waiting}) {title}"),
    };
    document(
        &counted,
        &html! {
            a class="skip" href="#main" { "Skip to the page" }
            (header(overview))
            noscript {
                p class="trouble" { strong { "Scripts are off in this browser. " }
                    "Keys do nothing, Esc does not lock, and new calls show only when you reload the page." }
            }
            (health::strip(overview))
            main id="main" tabindex="-1" { (main) }
            p id="announce" class="unseen" role="status" aria-live="polite" {}
            (over)
        },
    )
}

/// A page, or why it cannot be made.
pub(in crate::ui) type Rendered = Result<Markup, DeskError>;

/// Answers with a page: the one that was made, that there is none of this caller, or why it cannot be made.
pub(in crate::ui) async fn respond(status: StatusCode, shown: Result<Rendered, Response>) -> Response {
    match shown {
        Ok(Ok(shown)) => (status, shown).into_response(),
        Ok(Err(DeskError::NoSuchCall)) => not_found().await,
        Ok(Err(error)) => {
            let main = html! {
                h1 { "Failed" }
                p class="problem" role="alert" { "This page cannot be shown: " (wording::told(&error.to_string())) "." }
                p { a href="/" { "Back to the board" } }
            };
            (StatusCode::INTERNAL_SERVER_ERROR, plain_page("Failed", &main)).into_response()
        }
        Err(failed) => failed,
    }
}

/// An address that leads nowhere.
pub(in crate::ui) async fn not_found() -> Response {
    let page = plain_page(
        "Not found",
        &html! {
            h1 { "There is nothing at this address" }
            p { "Addresses of cases change each time the desk program starts." }
            p { a href="/" { "Back to the board" } }
        },
    );
    (StatusCode::NOT_FOUND, page).into_response()
}

fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        // Translation by the browser would send callers' words to its maker.
        html lang="en" translate="no" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="google" content="notranslate";
                title { (title) " · Callsign desk" }
                // Without this browsers ask for one by another name.
                link rel="icon" href=(assets::ICON_PATH) type="image/svg+xml";
                link rel="stylesheet" href=(assets::STYLE_PATH);
                script src=(assets::SCRIPT_PATH) defer {}
            }
            body { (body) }
        }
    }
}

fn header(overview: &Overview) -> Markup {
    html! {
        header class="top" {
            a class="home" href="/" dir="auto" { (overview.name) }
            nav aria-label="Desk" {
                a href="/" id="to-board" { "Board" }
                a href="/search" id="to-search" { "Search" }
                a href="/follow-ups" id="to-follow-ups" {
                    span id="due-count" data-live {
                        "Due" @if overview.due > 0 { " " strong { (overview.due) } } span class="unseen" { " follow-ups" }
                    }
                }
                a href="/people" id="to-people" { "People" }
                span id="next-place" data-live data-waiting=(overview.waiting) data-messages=(overview.messages) {
                    @if overview.may_take() { (next(overview)) }
                    @else if let Some(next) = &overview.next {
                        a href=(next) id="next" { "Next" span class="wide" { ": most urgent" } }
                    } @else {
                        span class="quiet" { "Nobody else waits" }
                    }
                }
            }
            a href=(HELP_PATH) id="to-help" { "Help" span class="wide" { " (?)" } }
            form method="post" action="/lock" id="lock-form" {
                button id="lock" type="submit" { "Lock" span class="wide" { " (Esc twice)" } }
            }
        }
    }
}

/// The next case for who takes calls: theirs by one key, or their place among those who are ready.
fn next(overview: &Overview) -> Markup {
    let Turn { offered, before, is_among_others, .. } = &overview.turn;
    let waits = overview.next.is_some();
    html! {
        @if waits || *is_among_others {
            form method="post" action="/next" class="next" {
                input type="hidden" name="from" value=[overview.at.as_deref().and_then(|path| path.strip_prefix("/case/"))];
                button id="next" class=[offered.is_some().then_some("main")] {
                    "Next" span class="wide" {
                        @if offered.is_some() { ": a call for you" }
                        @else if let Some(before) = before {
                            @if before.is_empty() { ": you are next" } @else { ": " (before.len()) " before you" }
                        }
                        @else if waits { ": the most urgent" }
                        @else { ": say that you are ready" }
                    }
                }
            }
        } @else {
            span class="quiet" { "Nobody else waits" }
        }
    }
}
