//! The frame of all pages.

use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use maud::{DOCTYPE, Markup, html};

use super::{
    Ui, assets, health,
    help::{HELP_PATH, sheet},
    overview::Overview,
    texts::{Languages, Texts, say, text},
};
use crate::{DeskError, Purpose, Turn};

/// A page for who has unlocked nothing: it tells nothing of the desk.
pub(in crate::ui) fn plain_page(texts: Texts, title: &str, main: &Markup) -> Markup {
    document(texts, title, &html! { main id="main" class="plain" { (main) } })
}

/// The same for the way into a desk; of one to practise at it says so.
pub(in crate::ui) fn entrance_page(ui: &Ui, texts: Texts, title: &str, main: &Markup) -> Markup {
    let body = html! { (practice(ui.purpose, texts)) main id="main" class="plain" { (main) } };
    document(texts, &titled(ui.purpose, texts, title), &body)
}

/// What nobody may overlook at a desk whose callers are all invented.
fn practice(purpose: Purpose, texts: Texts) -> Markup {
    html! { @if purpose == Purpose::Practice { aside class="practice" { (say!(texts, "shell-practice")) } } }
}

fn titled(purpose: Purpose, texts: Texts, title: &str) -> String {
    match purpose {
        Purpose::Earnest => title.to_owned(),
        Purpose::Practice => text!(texts, "shell-practice-title", page = title),
    }
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
    let texts = overview.texts;
    let counted = match overview.waiting {
        0 => title.to_owned(),
        waiting => format!("({waiting}) {title}"),
    };
    document(
        texts,
        &titled(overview.purpose, texts, &counted),
        &html! {
            a class="skip" href="#main" { (say!(texts, "shell-skip")) }
            (practice(overview.purpose, texts))
            (header(overview))
            noscript {
                p class="trouble" { (say!(texts, "shell-no-scripts")) }
            }
            (health::strip(overview))
            main id="main" tabindex="-1" { (main) }
            footer class="foot" { (Languages { texts, back: "" }.render()) }
            p id="announce" class="unseen" role="status" aria-live="polite" {}
            (over)
        },
    )
}

/// A page, or why it cannot be made.
pub(in crate::ui) type Rendered = Result<Markup, DeskError>;

/// Answers with a page: the one that was made, that there is none of this caller, or why it cannot be made.
pub(in crate::ui) async fn respond(
    texts: Texts,
    status: StatusCode,
    shown: Result<Rendered, Response>,
) -> Response {
    match shown {
        Ok(Ok(shown)) => (status, shown).into_response(),
        Ok(Err(DeskError::NoSuchCall)) => not_found(texts).await,
        Ok(Err(error)) => {
            let main = html! {
                h1 { (say!(texts, "shell-failed")) }
                p class="problem" role="alert" { (say!(texts, "shell-cannot-be-shown", error = texts.error(&error))) }
                p { a href="/" { (say!(texts, "shell-back-to-board")) } }
            };
            let page = plain_page(texts, &text!(texts, "shell-failed"), &main);
            (StatusCode::INTERNAL_SERVER_ERROR, page).into_response()
        }
        Err(failed) => failed,
    }
}

/// An address that leads nowhere.
pub(in crate::ui) async fn not_found(texts: Texts) -> Response {
    let page = plain_page(
        texts,
        &text!(texts, "shell-not-found"),
        &html! {
            h1 { (say!(texts, "shell-nothing-here")) }
            p { (say!(texts, "shell-addresses-change")) }
            p { a href="/" { (say!(texts, "shell-back-to-board")) } }
        },
    );
    (StatusCode::NOT_FOUND, page).into_response()
}

fn document(texts: Texts, title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        // Translation by the browser would send callers' words to its maker.
        html lang=(texts.tag()) translate="no" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="google" content="notranslate";
                title { (text!(texts, "shell-title", page = title)) }
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
    let texts = overview.texts;
    html! {
        header class="top" {
            a class="home" href="/" dir="auto" { (overview.name) }
            nav aria-label=(text!(texts, "shell-nav")) {
                a href="/" id="to-board" { (say!(texts, "shell-board")) }
                a href="/search" id="to-search" { (say!(texts, "shell-search")) }
                a href="/follow-ups" id="to-follow-ups" {
                    span id="due-count" data-live {
                        (say!(texts, "shell-due")) @if overview.due > 0 { " " strong { (overview.due) } } span class="unseen" { " " (say!(texts, "shell-due-what")) }
                    }
                }
                a href="/people" id="to-people" { (say!(texts, "shell-people")) }
                span id="next-place" data-live data-waiting=(overview.waiting) data-messages=(overview.messages) {
                    @if overview.may_take() { (next(overview)) }
                    @else if let Some(next) = &overview.next {
                        a href=(next) id="next" { (say!(texts, "shell-next")) span class="wide" { ": " (say!(texts, "shell-next-look")) } }
                    } @else {
                        span class="quiet" { (say!(texts, "shell-nobody-else")) }
                    }
                }
            }
            a href=(HELP_PATH) id="to-help" { (say!(texts, "shell-help")) span class="wide" { " (?)" } }
            form method="post" action="/lock" id="lock-form" {
                button id="lock" type="submit" { (say!(texts, "shell-lock")) span class="wide" { " " (say!(texts, "shell-lock-keys")) } }
            }
        }
    }
}

/// The next case for who takes calls: theirs by one key, or their place among those who are ready.
fn next(overview: &Overview) -> Markup {
    let Turn { offered, before, is_among_others, .. } = &overview.turn;
    let (texts, waits) = (overview.texts, overview.next.is_some());
    html! {
        @if waits || *is_among_others {
            form method="post" action="/next" class="next" {
                input type="hidden" name="from" value=[overview.at.as_deref().and_then(|path| path.strip_prefix("/case/"))];
                button id="next" class=[offered.is_some().then_some("main")] {
                    (say!(texts, "shell-next")) span class="wide" {
                        ": "
                        @if offered.is_some() { (say!(texts, "shell-next-offered")) }
                        @else if let Some(before) = before {
                            @if before.is_empty() { (say!(texts, "shell-next-you")) }
                            @else { (say!(texts, "shell-next-before", number = before.len())) }
                        }
                        @else if waits { (say!(texts, "shell-next-most-urgent")) }
                        @else { (say!(texts, "shell-next-ready")) }
                    }
                }
            }
        } @else {
            span class="quiet" { (say!(texts, "shell-nobody-else")) }
        }
    }
}
