//! Where the choice of a language is taken: for all browsers of this program, before the desk is unlocked as well.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Redirect, Response},
    routing::post,
};
use serde::Deserialize;

use super::shell::{
    Ui,
    looks::Looks,
    operator::{session_cookie, stranger_page},
    session::Standing,
    texts::{LANGUAGE_PATH, Texts},
};

/// Where the form is sent.
pub(super) fn routes() -> Router<Arc<Ui>> {
    Router::new().route(LANGUAGE_PATH, post(choose).get(back))
}

/// What a button of the form sends.
#[derive(Deserialize)]
struct Chosen {
    language: String,
    /// Where unlocking is to lead, of the page that asks for the passphrase.
    #[serde(default)]
    back: String,
}

/// Takes the choice of a browser that was let in, and leads back to the page where it was made.
async fn choose(
    State(ui): State<Arc<Ui>>,
    texts: Texts,
    headers: HeaderMap,
    Form(chosen): Form<Chosen>,
) -> Response {
    let cookie = session_cookie(&headers, ui.site.port());
    let (Some(cookie), true) = (cookie, ui.sessions().standing(cookie) != Standing::Stranger) else {
        return stranger_page(texts);
    };
    if !chosen.back.is_empty() {
        ui.sessions().note_wanted(cookie, &chosen.back);
    }
    if let Some(language) = Texts::of_tag(&chosen.language) {
        ui.set_looks(Looks { language: Some(language), ..ui.looks() });
    }
    let from = headers.get(header::REFERER).and_then(|from| ui.site.path(from.to_str().ok()?));
    // Two strokes would lead to another host.
    let path = from.filter(|path| !path.starts_with("//")).unwrap_or("/");
    if !path.starts_with("/case/") {
        return Redirect::to(path).into_response();
    }
    // Another language opens no message.
    let mark = if path.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{path}{mark}look=1")).into_response()
}

/// Reloading what the form answered leads to the board.
async fn back() -> Redirect {
    Redirect::to("/")
}
