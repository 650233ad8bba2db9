//! What a person does in the pages, as their browser asks for it: said to colleagues by the desk's beats.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::http::{HeaderMap, Method, Uri, header};
use callsign_protocol::caller_keys::CallerId;

use super::{Ui, aside};
use crate::{
    Desk, DeskError,
    cases::{Doing, PresenceSaid},
};

/// Where a page says that a person moves on it.
pub(in crate::ui) const HERE_PATH: &str = "/here";
/// Where the desk is locked.
pub(in crate::ui) const LOCK_PATH: &str = "/lock";
/// What a page adds to an address where it sends something behind itself: whoever wrote it has gone elsewhere.
const BEHIND: &str = "behind=yes";
/// What of a case's page is the writing of an answer.
const WRITING: [&str; 4] = ["draft", "draft/older", "reply", "template"];

/// Whether whoever works here has ended their shift, and has done nothing since.
#[derive(Debug, Default)]
pub(in crate::ui) struct HasEnded(AtomicBool);

impl HasEnded {
    /// The page that says so is no sign that they are back.
    pub(in crate::ui) fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What a request tells of whoever sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// They do this, there.
    Does(PresenceSaid),
    /// They move on a page where they would do this; none where the browser does not say on which.
    Moves(Option<PresenceSaid>),
    Nothing,
}

/// Says what a person does by this request. What they do goes on where that cannot be kept.
pub(super) async fn note(ui: &Arc<Ui>, desk: &Arc<Desk>, request: (&Method, &Uri, &HeaderMap)) {
    let told = told(ui, request);
    let is_still = request.1.path() == "/handover" || request.1.path() == HERE_PATH;
    let has_ended = &ui.has_ended.0;
    if told == Told::Nothing || (has_ended.load(Ordering::Relaxed) && is_still) {
        return;
    }
    has_ended.store(false, Ordering::Relaxed);
    let desk = Arc::clone(desk);
    drop(aside(move || say(&desk, told)).await);
}

fn say(desk: &Desk, told: Told) -> Result<(), DeskError> {
    match told {
        Told::Does(said) => desk.say_presence(said.doing, said.caller.as_ref()),
        Told::Moves(at) => desk.renew_presence(at),
        Told::Nothing => Ok(()),
    }
}

fn told(ui: &Ui, (method, uri, headers): (&Method, &Uri, &HeaderMap)) -> Told {
    // Nothing may come before the lock, which says by itself that they are away.
    if uri.query() == Some(BEHIND) || uri.path() == LOCK_PATH {
        return Told::Nothing;
    }
    if uri.path() == HERE_PATH {
        let from = headers.get(header::REFERER).and_then(|from| ui.site.path(from.to_str().ok()?));
        return Told::Moves(from.map(|path| at(ui, path, &Method::GET)));
    }
    Told::Does(at(ui, uri.path(), method))
}

fn at(ui: &Ui, path: &str, method: &Method) -> PresenceSaid {
    let Some((caller, rest)) = case_of(ui, path) else {
        return PresenceSaid { caller: None, doing: Doing::Here };
    };
    let writes = method == Method::POST && WRITING.contains(&rest);
    PresenceSaid { caller: Some(caller), doing: if writes { Doing::Writing } else { Doing::Reading } }
}

/// Whose case a path leads to, and what of its page.
fn case_of<'a>(ui: &Ui, path: &'a str) -> Option<(CallerId, &'a str)> {
    let path = path.split('?').next().unwrap_or_default().strip_prefix("/case/")?;
    let (address, rest) = path.split_once('/').unwrap_or((path, ""));
    Some((ui.addresses().caller(address)?, rest))
}
