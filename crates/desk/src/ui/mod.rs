//! The operators' pages: rendered here, on loopback only, kept alive by one small script.
//!
//! `shell` is what every page stands in: `guard` before everything, `session` for browsers, `overview` of the desk. Then one
//! page a file or directory; pages never import each other.
//! Addresses and titles of pages name no caller: browsers write both to disk.

mod board;
mod case;
mod claims;
mod entrance;
mod flags;
mod flood;
mod follow_ups;
mod handover;
mod help;
mod language;
mod people;
mod presence;
mod search;
mod second_reader;
mod shell;
mod turns;

use std::{io, sync::Arc, time::Duration};

use axum::{Router, extract::DefaultBodyLimit, http::StatusCode, middleware};
use tokio::net::TcpListener;

pub use shell::{
    MakeAmbient, Ui, UiConfig,
    wording::{moment, span, step_of_waiting},
};
use shell::{guard, layout, lock};

/// How long open pages may take to end once the program stops.
const GRACE: Duration = Duration::from_secs(2);
/// Bytes of a form at most: far more than an answer may have, so that one that is too long comes back with its text.
const FORM_MAX: usize = 32 << 20;

impl Ui {
    /// All pages.
    pub fn router(self: Arc<Self>) -> Router {
        Router::new()
            .merge(board::routes())
            .merge(case::routes())
            .merge(claims::routes())
            .merge(entrance::routes())
            .merge(flags::routes())
            .merge(flood::routes())
            .merge(follow_ups::routes())
            .merge(handover::routes())
            .merge(help::routes())
            .merge(language::routes())
            .merge(people::routes())
            .merge(presence::routes())
            .merge(search::routes())
            .merge(second_reader::routes())
            .merge(shell::routes())
            .merge(turns::routes())
            .fallback(layout::not_found)
            .method_not_allowed_fallback(async || StatusCode::METHOD_NOT_ALLOWED)
            .layer(DefaultBodyLimit::max(FORM_MAX))
            .layer(middleware::from_fn_with_state(Arc::clone(&self), guard::guard))
            .with_state(self)
    }

    /// Serves the pages until `shutdown` ends; refuses a listener that others than this computer reach.
    pub async fn serve(
        self: Arc<Self>,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), io::Error> {
        if !listener.local_addr()?.ip().is_loopback() {
            let sentence = "the desk's pages are for this computer alone: listen on 127.0.0.1 or [::1]";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, sentence));
        }
        let mut closing = self.closing.subscribe();
        let ui = Arc::clone(&self);
        let stop = async move {
            shutdown.await;
            ui.closing.send_replace(true);
        };
        let overdue = async {
            // An error means that the sender is gone, and with it all that could be waited for.
            let _ = closing.wait_for(|closing| *closing).await;
            tokio::time::sleep(GRACE).await;
        };
        let pages = axum::serve(listener, Arc::clone(&self).router()).with_graceful_shutdown(stop);
        let served = tokio::select! {
            served = pages.into_future() => served,
            () = overdue => Ok(()),
        };
        // The desk's work ends with its pages.
        lock(&self.working).take();
        served
    }
}
