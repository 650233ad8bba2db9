//! The untrusted server of a hotline: it keeps ciphertext, and nothing of those who bring it.
//!
//! A request goes `routes` (one endpoint a file) -> `service` (use cases) -> `store` (a trait; `SQLite` behind it).
//! Only this file chooses the store.

// What people and programs see goes through crates/callsign/src/output.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod bare;
mod capacity;
mod coded;
mod doors;
mod error;
pub mod files;
pub mod filling;
mod page;
mod places;
mod routes;
mod server;
mod service;
mod store;
mod tls;

use std::{
    fmt, fs, io,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::Router;
use callsign_protocol::{os_error::cause_and_way_out, time::Clock};
use thiserror::Error;
use tokio::net::TcpListener;

pub use crate::{
    doors::Doors,
    page::{Page, PageError, PageFile},
    routes::CallPolicy,
    service::{Damage, DeskError, StartError},
    store::StoreError,
    tls::{Tls, TlsError, TlsFiles},
};
use crate::{
    page::ServedPage,
    places::Places,
    service::{Bounds, Machine, Service, Surroundings},
    store::sqlite::SqliteStore,
};

/// Monitors of one machine.
const MONITOR_CONNECTIONS_MAX: usize = 16;

/// What a hub needs to be told.
pub struct HubConfig {
    /// Its files; created with mode 0700.
    pub data_dir: PathBuf,
    /// Where it takes calls.
    pub calls: CallPolicy,
    /// The caller's page.
    pub page: Page,
    /// The time.
    pub clock: Clock,
    /// The seed of all its randomness, new at each start.
    pub seed: [u8; 32],
}

/// A hub, ready to serve.
pub struct Hub {
    service: Arc<Service<SqliteStore>>,
    router: Router,
    connections_max: Option<usize>,
}

/// Why a hub cannot start.
#[derive(Debug, Error)]
pub enum HubError {
    /// The data directory cannot be made private.
    #[error("the data directory {0:?} cannot be used: {cause}", cause = cause_and_way_out(.1))]
    DataDir(PathBuf, io::Error),
    /// The page cannot be served.
    #[error(transparent)]
    Page(#[from] PageError),
    /// What is stored cannot be served.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens the data directory and loads what is served from memory.
pub async fn open(config: HubConfig) -> Result<Hub, HubError> {
    let HubConfig { data_dir, calls, page, clock, seed } = config;
    make_private(&data_dir).map_err(|error| HubError::DataDir(data_dir.clone(), error))?;
    let page = Arc::new(ServedPage::new(page)?);
    let store = SqliteStore::open(&data_dir)?;
    let surroundings = Surroundings { clock, seed, data_dir, bounds: Bounds::default() };
    let service = Arc::new(Service::start(store, surroundings).await?);
    let router = routes::router(Arc::clone(&service), page, calls);
    Ok(Hub { service, router, connections_max: None })
}

impl Hub {
    /// The addresses of the hub, for a server of one's own. Retention runs in [`Hub::serve`] only.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Holds this many connections at most, where the limit of open files allows; without this as many as that allows, and
    /// 4,096 at most.
    #[must_use]
    pub fn with_connections_max(self, max: usize) -> Self {
        Self { connections_max: Some(max), ..self }
    }

    /// Erases what is past its days, for a server of one's own. A failure is logged, and the next call tries again.
    pub async fn forget_expired(&self) {
        // Noted where it happened.
        let _ = self.service.forget_now().await;
    }

    /// The code that a desk needs to enrol, while none has used it.
    pub async fn enrolment_code(&self) -> Option<String> {
        self.service.enrolment_code().await
    }

    /// The damage to the hub's files that is known of.
    pub fn damage(&self) -> Option<Damage> {
        self.service.damage()
    }

    /// Serves until `shutdown` ends; then long polls end at once and other requests have a few seconds.
    pub async fn serve(&self, doors: impl Into<Doors>, shutdown: impl Future<Output = ()>) {
        let doors = doors.into();
        let tls = doors.tls();
        let follow_certificate = async {
            match &tls {
                Some(tls) => tls.follow_files().await,
                None => std::future::pending().await,
            }
        };
        let closing = async {
            shutdown.await;
            self.service.close();
        };
        let places = Places::new(capacity::connections(self.connections_max));
        tokio::select! {
            () = server::serve(self.router(), doors, places, closing) => {}
            () = self.service.keep_retention() => {}
            () = self.service.keep_room() => {}
            () = self.service.keep_admission() => {}
            () = self.service.keep_checked() => {}
            () = follow_certificate => {}
        }
    }

    /// Serves health and metrics, for programs on this machine alone; never ends.
    pub async fn serve_monitor(&self, listener: TcpListener, tls: Option<Arc<Tls>>) {
        let machine = Arc::new(Machine { tls });
        let router = routes::monitor_router(Arc::clone(&self.service), Arc::clone(&machine));
        let places = Places::new(MONITOR_CONNECTIONS_MAX);
        tokio::select! {
            () = server::serve(router, listener.into(), places, std::future::pending()) => {}
            () = self.service.keep_monitor(&machine) => {}
        }
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").finish_non_exhaustive()
    }
}

impl fmt::Debug for HubConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubConfig").field("data_dir", &self.data_dir).finish_non_exhaustive()
    }
}

fn make_private(dir: &Path) -> io::Result<()> {
    if dir.exists() && !dir.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700))
}
