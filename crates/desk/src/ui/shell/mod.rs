//! What every page stands in: who may see it, its frame, its words, its addresses and its refusals. Knows no page.

pub(in crate::ui) mod acting;
pub(in crate::ui) mod addresses;
mod assets;
pub(in crate::ui) mod cautions;
pub(in crate::ui) mod date;
pub(in crate::ui) mod errors;
mod events;
pub(in crate::ui) mod forms;
pub(in crate::ui) mod guard;
mod health;
pub(in crate::ui) mod help;
pub(in crate::ui) mod layout;
pub(in crate::ui) mod looked;
pub(in crate::ui) mod looks;
pub(in crate::ui) mod operator;
pub(in crate::ui) mod overview;
pub(in crate::ui) mod presence;
mod refusal;
pub(in crate::ui) mod said;
pub(in crate::ui) mod session;
mod site;
pub(in crate::ui) mod text_area;
pub(in crate::ui) mod texts;
pub(in crate::ui) mod unsent;
pub(in crate::ui) mod wording;

use std::{
    collections::HashMap,
    fmt,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    Router,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::get,
};
use callsign_protocol::{caller_keys::CallerId, keyring::DeviceId};
use rand_core::CryptoRng;
use tokio::sync::watch;

use crate::{
    Ambient, Desk, Purpose, Running, ShutOut, Trouble, TroubleReport,
    cases::Doing,
    keys::{Cost, purpose_of},
};
use addresses::{Addresses, Places, Windows};
use looked::Looked;
use looks::Looks;
use presence::HasEnded;
use session::{Sessions, Ticket};
use site::Site;

/// Where the script, the style sheet, the icon and the events of open pages are.
pub(in crate::ui) fn routes() -> Router<Arc<Ui>> {
    Router::new()
        .route("/events", get(events::stream_events))
        .route(assets::SCRIPT_PATH, get(assets::script))
        .route(assets::STYLE_PATH, get(assets::style))
        .route(assets::ICON_PATH, get(assets::icon))
}

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
    /// The pages' script, `web/desk` as it is built.
    pub script: &'static str,
    /// The desk locks itself where no person does anything for so many minutes.
    pub lock_after_minutes: u8,
}

/// The operators' pages.
pub struct Ui {
    pub(in crate::ui) data_dir: PathBuf,
    /// What the desk is for, as its vault says.
    pub(in crate::ui) purpose: Purpose,
    pub(in crate::ui) site: Site,
    pub(in crate::ui) ambient: MakeAmbient,
    pub(in crate::ui) report: TroubleReport,
    pub(in crate::ui) cost: Cost,
    pub(in crate::ui) script: &'static str,
    pub(in crate::ui) lock_after_s: u64,
    pub(in crate::ui) rng: Mutex<Box<dyn CryptoRng + Send>>,
    pub(in crate::ui) sessions: Mutex<Sessions>,
    pub(in crate::ui) working: Mutex<Option<Working>>,
    pub(in crate::ui) addresses: Mutex<Addresses>,
    pub(in crate::ui) places: Mutex<Places>,
    pub(in crate::ui) windows: Mutex<Windows>,
    pub(in crate::ui) looks: Mutex<Looks>,
    pub(in crate::ui) looked: Mutex<Looked>,
    /// Devices that were shut out from these pages.
    pub(in crate::ui) shut_out: Mutex<HashMap<DeviceId, ShutOut>>,
    pub(in crate::ui) has_ended: HasEnded,
    /// Whether whoever works here has asked for the next case since they unlocked.
    takes_turns: AtomicBool,
    /// Wrong passphrases in a row. Held while one is checked: guesses queue up, and so does Argon2's memory.
    pub(in crate::ui) failures: tokio::sync::Mutex<u32>,
    pub(in crate::ui) locks: watch::Sender<u64>,
    pub(in crate::ui) closing: watch::Sender<bool>,
}

/// A desk and its two threads.
pub(in crate::ui) struct Working {
    pub(in crate::ui) desk: Arc<Desk>,
    pub(in crate::ui) running: Running,
}

impl Ui {
    /// Pages of the desk in `data_dir`. Starts the work of a desk that is unlocked already.
    pub fn new(config: UiConfig) -> Self {
        let UiConfig { data_dir, address, ambient, cost, unlocked, report, script, lock_after_minutes } =
            config;
        let rng = Mutex::new(ambient().rng);
        let ui = Self {
            purpose: purpose_of(&data_dir),
            data_dir,
            site: Site::new(address),
            ambient,
            report,
            cost,
            script,
            lock_after_s: u64::from(lock_after_minutes) * 60,
            rng,
            sessions: Mutex::default(),
            working: Mutex::new(None),
            addresses: Mutex::default(),
            places: Mutex::default(),
            windows: Mutex::default(),
            looks: Mutex::default(),
            looked: Mutex::default(),
            shut_out: Mutex::default(),
            failures: tokio::sync::Mutex::new(0),
            has_ended: HasEnded::default(),
            takes_turns: AtomicBool::new(false),
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

    pub(in crate::ui) fn begin_work(&self, desk: Arc<Desk>) {
        let running = desk.run(&self.report);
        *lock(&self.working) = Some(Working { desk, running });
    }

    pub(in crate::ui) fn desk(&self) -> Option<Arc<Desk>> {
        lock(&self.working).as_ref().map(|working| Arc::clone(&working.desk))
    }

    /// Takes the desk away from every browser; the desk itself keeps its beat, which must not tell that someone left.
    pub(in crate::ui) fn lock_all(&self) {
        self.sessions().lock_all();
        self.locks.send_modify(|count| *count = count.wrapping_add(1));
        let takes_turns = self.takes_turns.swap(false, Ordering::Relaxed);
        if let Some(desk) = self.desk() {
            if takes_turns {
                // Where it is not kept the offer lapses by itself.
                drop(desk.not_ready());
            }
            // Likewise what stands of them lapses.
            drop(desk.say_presence(Doing::Away, None));
        }
    }

    /// Whoever works here has asked for the next case, or takes no turn any more.
    pub(in crate::ui) fn set_takes_turns(&self, takes: bool) {
        self.takes_turns.store(takes, Ordering::Relaxed);
    }

    /// Whoever has finished a case takes the next turn, where they take turns.
    pub(in crate::ui) fn has_finished(&self, desk: &Desk, caller: &CallerId) {
        // The page that is shown next may be fetched by its script, which is no visit.
        drop(desk.say_presence(Doing::Reading, Some(caller)));
        if self.takes_turns.load(Ordering::Relaxed) {
            // What was finished stands, whatever becomes of this.
            drop(desk.ready_among_others(Some(caller)));
        }
    }

    /// Locks where no person has done anything for long enough. Pages that keep themselves up to date are no person.
    pub(in crate::ui) fn lock_if_idle(&self) {
        let Some(desk) = self.desk() else { return };
        let has_idled = self.sessions().has_idled(desk.now(), self.lock_after_s);
        if has_idled {
            self.lock_all();
        }
    }

    pub(in crate::ui) fn troubles(&self) -> Vec<Trouble> {
        lock(&self.working).as_ref().map(|working| working.running.troubles()).unwrap_or_default()
    }

    pub(in crate::ui) fn draw(&self) -> Ticket {
        Ticket::draw(&mut *lock(&self.rng))
    }

    pub(in crate::ui) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        lock(&self.sessions)
    }

    pub(in crate::ui) fn places(&self) -> MutexGuard<'_, Places> {
        lock(&self.places)
    }

    pub(in crate::ui) fn windows(&self) -> MutexGuard<'_, Windows> {
        lock(&self.windows)
    }

    pub(in crate::ui) fn looks(&self) -> Looks {
        *lock(&self.looks)
    }

    pub(in crate::ui) fn set_looks(&self, looks: Looks) {
        *lock(&self.looks) = looks;
    }

    pub(in crate::ui) fn addresses(&self) -> MutexGuard<'_, Addresses> {
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
pub(in crate::ui) async fn aside<R: Send + 'static>(
    work: impl FnOnce() -> R + Send + 'static,
) -> Result<R, Response> {
    let failed = |_| StatusCode::INTERNAL_SERVER_ERROR.into_response();
    tokio::task::spawn_blocking(work).await.map_err(failed)
}

pub(in crate::ui) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere must not lock operators out; every change under these locks is whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
