//! The operators' pages: rendered here, on loopback only, kept alive by one small script.
//!
//! `guard` stands before everything, `session` knows browsers, `overview` looks at the desk; then one page a file.
//! Addresses and titles of pages name no caller: browsers write both to disk.

mod addresses;
mod assets;
mod board;
mod board_list;
mod case;
mod conversation;
mod entrance;
mod events;
mod guard;
mod health;
mod layout;
mod overview;
mod refusal;
mod reply;
mod session;
mod site;
mod wording;

use std::{
    fmt, io,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use rand_core::CryptoRng;
use tokio::{net::TcpListener, sync::watch};

use crate::{Ambient, Desk, Running, Trouble, TroubleReport, vault::Cost};
use addresses::{Addresses, Places};
use session::{Sessions, Ticket};
use site::Site;

/// How long open pages may take to end once the program stops.
const GRACE: Duration = Duration::from_secs(2);
/// Bytes of a form at most: far more than an answer may have, so that one that is too long comes back with its text.
const FORM_MAX: usize = 32 << 20;

/// Clock and randomness for the desk that the first operator unlocks.
pub type MakeAmbient = Arc<dyn Fn() -> Ambient + Send + Sync>;

/// What the pages need to be told.
pub struct UiConfig {
    /// Where the vault is.
    pub data_dir: PathBuf,
    /// The listener's address on loopback; requests for another one are refused.
    pub address: SocketAddr,
    /// The machine's clock and randomness.
    pub ambient: MakeAmbient,
    /// What opening the vault should cost; one that costs less is raised when it is unlocked.
    pub cost: Cost,
    /// The desk, where the program has unlocked it already; [`Ui::new`] starts its work. Operators type the passphrase all the same.
    pub unlocked: Option<Arc<Desk>>,
    /// Hears of what keeps the desk from working.
    pub report: TroubleReport,
}

/// The operators' pages.
pub struct Ui {
    data_dir: PathBuf,
    site: Site,
    ambient: MakeAmbient,
    report: TroubleReport,
    cost: Cost,
    rng: Mutex<Box<dyn CryptoRng + Send>>,
    sessions: Mutex<Sessions>,
    working: Mutex<Option<Working>>,
    addresses: Mutex<Addresses>,
    places: Mutex<Places>,
    /// Wrong passphrases in a row. Held while one is checked: guesses queue up, and so does Argon2's memory.
    failures: tokio::sync::Mutex<u32>,
    locks: watch::Sender<u64>,
    closing: watch::Sender<bool>,
}

/// A desk and its two threads.
struct Working {
    desk: Arc<Desk>,
    running: Running,
}

impl Ui {
    /// Pages of the desk in `data_dir`. Starts the work of a desk that is unlocked already.
    pub fn new(config: UiConfig) -> Self {
        let UiConfig { data_dir, address, ambient, cost, unlocked, report } = config;
        let rng = Mutex::new(ambient().rng);
        let ui = Self {
            data_dir,
            site: Site::new(address),
            ambient,
            report,
            cost,
            rng,
            sessions: Mutex::default(),
            working: Mutex::new(None),
            addresses: Mutex::default(),
            places: Mutex::default(),
            failures: tokio::sync::Mutex::new(0),
            locks: watch::Sender::new(0),
            closing: watch::Sender::new(false),
        };
        if let Some(desk) = unlocked {
            ui.begin_work(desk);
        }
        ui
    }

    /// The path that lets one browser in, once. Each call makes a new one and voids the one before.
    pub fn one_time_path(&self) -> String {
        let code = self.draw();
        let path = format!("/enter?code={}", code.text());
        self.sessions().set_code(code);
        path
    }

    /// All pages.
    pub fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/", get(board::show_board))
            .route("/case/{address}", get(case::show_case))
            .route("/case/{address}/open", post(case::open_messages).get(case::back_to_case))
            .route("/case/{address}/reply", post(reply::send_reply).get(case::back_to_case))
            .route("/enter", get(entrance::enter))
            .route("/unlock", get(entrance::show_unlock).post(entrance::unlock))
            .route("/lock", post(entrance::lock))
            .route("/events", get(events::stream_events))
            .route(assets::SCRIPT_PATH, get(assets::script))
            .route(assets::STYLE_PATH, get(assets::style))
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

    fn begin_work(&self, desk: Arc<Desk>) {
        let running = desk.run(&self.report);
        *lock(&self.working) = Some(Working { desk, running });
    }

    fn desk(&self) -> Option<Arc<Desk>> {
        lock(&self.working).as_ref().map(|working| Arc::clone(&working.desk))
    }

    fn troubles(&self) -> Vec<Trouble> {
        lock(&self.working).as_ref().map(|working| working.running.troubles()).unwrap_or_default()
    }

    fn draw(&self) -> Ticket {
        Ticket::draw(&mut *lock(&self.rng))
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        lock(&self.sessions)
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        lock(&self.places)
    }

    fn addresses(&self) -> MutexGuard<'_, Addresses> {
        lock(&self.addresses)
    }
}

impl fmt::Debug for Ui {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ui").field("site", &self.site).finish_non_exhaustive()
    }
}

impl fmt::Debug for UiConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UiConfig").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Runs what waits for the disk, the hub or Argon2 where it holds up no page.
async fn aside<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> Result<R, Response> {
    let failed = |_| StatusCode::INTERNAL_SERVER_ERROR.into_response();
    tokio::task::spawn_blocking(work).await.map_err(failed)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere must not lock operators out; every change under these locks is whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
