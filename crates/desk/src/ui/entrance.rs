//! The way in and out: the one-time link, the passphrase, the lock.

use std::{path::Path, sync::Arc, time::Duration};

use axum::{
    Form, Router,
    extract::{Query, State, rejection::FormRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use callsign_protocol::{caller_keys::CallerId, encoding::Bytes, time::UnixSeconds};
use maud::{Markup, html};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::{
    Desk, DeskError, DraftSaved, NewDraft,
    keys::{Vault, VaultError},
    ui::shell::{
        Ui, aside,
        forms::as_typed,
        help::HELP_PATH,
        layout::entrance_page,
        operator::{Closed, Operator, cookie_name, session_cookie, stranger_page},
        presence::{HERE_PATH, LOCK_PATH},
        session::Standing,
        texts::{Languages, Texts, say, text},
    },
};

/// Wrong passphrases that cost no wait: everybody mistypes.
const FREE_TRIES: u32 = 2;
/// The longest wait before a passphrase is checked, as a power of two in seconds.
const WAIT_POWER_MAX: u32 = 4;

/// Where these pages are.
pub(super) fn routes() -> Router<Arc<Ui>> {
    Router::new()
        .route("/enter", get(enter))
        .route("/unlock", get(show_unlock).post(unlock))
        .route(LOCK_PATH, post(lock))
        .route(HERE_PATH, post(note_presence))
}

/// What the one-time link carries.
#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    code: String,
}

/// What is typed to unlock.
#[derive(Deserialize)]
struct Unlocking {
    passphrase: String,
    /// The page that was left when the desk was locked.
    #[serde(default)]
    back: String,
}

/// What stood in the box of a page from which the desk is locked; nothing from other pages.
#[derive(Default, Deserialize)]
struct Locking {
    /// The address of its case.
    #[serde(default)]
    case: String,
    #[serde(default)]
    text: String,
    /// The version of the draft that was kept as last.
    #[serde(default)]
    base: String,
    /// Where in the text the writer is.
    #[serde(default)]
    place: String,
    /// Whether a colleague is to read it before it leaves; empty where not.
    #[serde(default)]
    second_reader: String,
}

/// Lets a browser in. The answer is a redirect, so that the code stays neither in the address bar nor in the history.
async fn enter(
    State(ui): State<Arc<Ui>>,
    texts: Texts,
    headers: HeaderMap,
    Query(entry): Query<Entry>,
) -> Response {
    let ticket = ui.draw();
    let cookie =
        format!("{}={}; HttpOnly; SameSite=Strict; Path=/", cookie_name(ui.site.port()), ticket.text());
    let mut sessions = ui.sessions();
    if sessions.standing(session_cookie(&headers, ui.site.port())) != Standing::Stranger {
        return Redirect::to("/").into_response();
    }
    if sessions.enter(&entry.code, ticket) {
        return ([(header::SET_COOKIE, cookie)], Redirect::to("/unlock")).into_response();
    }
    stranger_page(texts)
}

/// Asks for the passphrase.
async fn show_unlock(State(ui): State<Arc<Ui>>, texts: Texts, headers: HeaderMap) -> Response {
    let cookie = session_cookie(&headers, ui.site.port());
    let standing = ui.sessions().standing(cookie);
    match standing {
        Standing::Stranger => stranger_page(texts),
        Standing::Locked => {
            let wanted = cookie.and_then(|cookie| ui.sessions().take_wanted(cookie));
            let left = headers.get(header::REFERER).and_then(|from| ui.site.path(from.to_str().ok()?));
            let back = wanted.as_deref().or(left).unwrap_or("/");
            unlock_page(&ui, texts, None, &way_back(&ui, back)).into_response()
        }
        Standing::Unlocked => Redirect::to("/").into_response(),
    }
}

/// Where unlocking leads: to a page of the desk that a person was at or asked for, else to the board.
fn way_back(ui: &Ui, address: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    if ["/search", "/follow-ups", "/people", HELP_PATH].contains(&path) {
        return path.to_owned();
    }
    let case = path.strip_prefix("/case/").unwrap_or_default();
    let (case, page) = case.split_once('/').unwrap_or((case, ""));
    // Who only looked does not open anything by coming back.
    let page = match page {
        "follow-ups" => "/follow-ups",
        _ if query.split('&').any(|field| field.starts_with("look")) => "?look=1",
        _ => "",
    };
    let is_known = ui.addresses().caller(case).is_some();
    if is_known { format!("/case/{case}{page}") } else { "/".to_owned() }
}

/// Checks the passphrase, and sets the desk to work where it does not work yet.
async fn unlock(
    State(ui): State<Arc<Ui>>,
    texts: Texts,
    headers: HeaderMap,
    Form(typed): Form<Unlocking>,
) -> Response {
    let passphrase = Zeroizing::new(typed.passphrase);
    let cookie = session_cookie(&headers, ui.site.port());
    let (Some(cookie), true) = (cookie, ui.sessions().standing(cookie) != Standing::Stranger) else {
        return stranger_page(texts);
    };
    let mut failures = ui.failures.lock().await;
    tokio::time::sleep(wait_before(*failures)).await;
    // Counted first: a browser that hangs up in the middle has tried all the same.
    *failures += 1;
    let worker = Arc::clone(&ui);
    match aside(move || check(&worker, &passphrase)).await {
        Ok(Ok(())) => {
            *failures = 0;
            let now = ui.desk().map_or(UnixSeconds(0), |desk| desk.now());
            ui.sessions().unlock(cookie, now);
            Redirect::to(&way_back(&ui, &typed.back)).into_response()
        }
        Ok(Err(error)) => {
            (StatusCode::FORBIDDEN, unlock_page(&ui, texts, Some(&error), &way_back(&ui, &typed.back)))
                .into_response()
        }
        Err(failed) => failed,
    }
}

/// Takes the desk away from every browser at once; then what stood in the box is kept, by who was still let in when they sent it.
async fn lock(
    State(ui): State<Arc<Ui>>,
    operator: Result<Operator, Closed>,
    locking: Result<Form<Locking>, FormRejection>,
) -> Redirect {
    ui.lock_all();
    if let (Ok(operator), Ok(Form(locking))) = (operator, locking) {
        let caller = ui.addresses().caller(&locking.case);
        let kept = aside(move || caller.map(|caller| locking.keep(&operator.desk, &caller))).await;
        if let Ok(Some(Err(error))) = kept {
            tracing::warn!(%error, "a draft is not kept");
        }
    }
    Redirect::to("/unlock")
}

impl Locking {
    fn keep(&self, desk: &Desk, caller: &CallerId) -> Result<DraftSaved, DeskError> {
        let text = as_typed(&self.text);
        let (place, base) = (self.place.parse().unwrap_or(0), Bytes::from_base64url(&self.base));
        let second_reader = !self.second_reader.is_empty();
        desk.save_draft(&NewDraft { caller, text: &text, place, second_reader, base })
    }
}

/// A person is at a page that they only read.
async fn note_presence(_: Operator) -> StatusCode {
    StatusCode::NO_CONTENT
}

fn unlock_page(ui: &Ui, texts: Texts, error: Option<&DeskError>, back: &str) -> Markup {
    entrance_page(
        ui,
        texts,
        &text!(texts, "entrance-locked"),
        &html! {
            h1 { (say!(texts, "entrance-locked")) }
            form method="post" action="/unlock" class="unlock" {
                input type="hidden" name="back" value=(back);
                label for="passphrase" { (say!(texts, "entrance-passphrase")) }
                // No password field: a browser would offer to keep what is typed.
                input id="passphrase" class="masked" name="passphrase" type="text" required autofocus autocomplete="off"
                    autocapitalize="none" autocorrect="off" spellcheck="false" aria-describedby="unlock-hint"
                    aria-invalid=[error.map(|_| "true")];
                div id="problems" role="alert" {
                    @if let Some(error) = error { p class="problem" { (sentence(texts, error)) } }
                }
                button id="unlock" class="main" type="submit" { (say!(texts, "entrance-unlock")) }
                p id="unlock-hint" class="quiet" { (say!(texts, "entrance-hint")) }
            }
            (Languages { texts, back }.render())
        },
    )
}

fn sentence(texts: Texts, error: &DeskError) -> Markup {
    match error {
        DeskError::Vault(VaultError::Passphrase(_)) => say!(texts, "entrance-wrong"),
        other => say!(texts, "entrance-does-not-open", error = texts.error(other)),
    }
}

fn check(ui: &Ui, passphrase: &str) -> Result<(), DeskError> {
    if ui.desk().is_some() {
        return check_vault(&ui.data_dir, passphrase);
    }
    let desk = Desk::open(&ui.data_dir, passphrase, (ui.ambient)())?;
    // Where it fails, the next unlocking tries it again.
    drop(Vault::raise_cost(&ui.data_dir, passphrase, ui.cost, &mut (ui.ambient)().rng));
    ui.begin_work(Arc::new(desk));
    Ok(())
}

fn check_vault(dir: &Path, passphrase: &str) -> Result<(), DeskError> {
    Ok(Vault::open(dir, passphrase).map(|_| ())?)
}

fn wait_before(failures: u32) -> Duration {
    match failures.checked_sub(FREE_TRIES) {
        None => Duration::ZERO,
        Some(over) => Duration::from_secs(1 << over.min(WAIT_POWER_MAX)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_gets_slower_and_mistyping_does_not() {
        let waits: Vec<u64> = (0..9).map(|failures| wait_before(failures).as_secs()).collect();
        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 16, 16, 16]);
    }
}
