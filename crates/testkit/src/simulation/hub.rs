//! The hub of a simulation: a real one on real files, behind a socket at which requests go wrong when they are told to.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{Method, Response, StatusCode, request::Parts},
};
use callsign_hub::{CallPolicy, Hub, HubConfig, Page};
use callsign_protocol::{derive::sha256, snapshot::CHUNKS_MIN, time::Clock};
use rusqlite::{Connection, OptionalExtension as _};
use tokio::{net::TcpListener, runtime::Runtime};
use tower_service::Service as _;

use super::{
    op::{Lost, On, Shown, What},
    plant::Plant,
};

/// More than any request or answer of the protocol.
const BODY_MAX: usize = 4 << 20;
/// The attempt that was frozen last.
const NEWEST: &str =
    "SELECT attempt FROM snapshots WHERE frozen IS NOT NULL AND done = 0 ORDER BY frozen DESC LIMIT 1";

/// What passed, for whoever keeps the books.
#[derive(Debug)]
pub(super) struct Passed {
    pub(super) method: String,
    /// Below the desk's address, without its query.
    pub(super) path: String,
    pub(super) body: Vec<u8>,
    pub(super) status: u16,
}

pub(super) struct SimulatedHub {
    runtime: Runtime,
    address: SocketAddr,
    dir: PathBuf,
    /// Starts so far: each has files and randomness of its own.
    starts: u8,
    clock: Clock,
    hub: Option<Hub>,
    door: Door,
    plant: Option<Plant>,
}

/// Where requests come in. All clones are one.
#[derive(Clone, Default)]
struct Door(Arc<Mutex<Behind>>);

#[derive(Default)]
struct Behind {
    hub: Option<Router>,
    faults: Vec<(On, What, u8)>,
    late: Vec<(Parts, Bytes)>,
    /// What is shown in place of so many chunks.
    shown: Option<(Shown, u8)>,
    /// The chunk that was read last.
    last_chunk: Option<Bytes>,
    passed: Vec<Passed>,
    death: Option<Death>,
    /// Over every byte that passed.
    trace: [u8; 32],
}

/// A device's program that dies at a request, and where its files are copied as they lie there then.
struct Death {
    files: PathBuf,
    copy: PathBuf,
    /// Requests before it; 0 when it is dead.
    left: u8,
}

impl SimulatedHub {
    pub(super) fn start(dir: &Path, clock: Clock, plant: Option<Plant>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let door = Door::default();
        let router = Router::new().fallback(pass).with_state(door.clone());
        let address = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on loopback");
            let address = listener.local_addr().expect("an address");
            tokio::spawn(async move { axum::serve(listener, router).await });
            address
        });
        let dir = dir.to_owned();
        let mut hub = Self { runtime, address, dir, starts: 0, clock, hub: None, door, plant };
        hub.open();
        hub
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn files(&self) -> PathBuf {
        self.dir.join(format!("hub-{}", self.starts))
    }

    /// Stops in good order and starts again on the same files.
    pub(super) fn restart(&mut self) {
        let before = self.files();
        self.close();
        self.starts += 1;
        fs::rename(before, self.files()).expect("the hub's files");
        self.open();
    }

    /// Starts again with the files as they lay there while it was at work.
    pub(super) fn kill(&mut self) {
        let before = self.files();
        self.starts += 1;
        let after = self.files();
        copy_files(&before, &after);
        if self.plant == Some(Plant::LostJournal) {
            // Where it was just emptied there is none.
            let _ = fs::remove_file(after.join("hub.sqlite-wal"));
        }
        self.close();
        fs::remove_dir_all(before).expect("the hub's files");
        self.open();
    }

    /// Erases what is past its days, as a hub does by itself when a day begins.
    pub(super) fn forget_expired(&self) {
        if let Some(hub) = &self.hub {
            self.runtime.block_on(hub.forget_expired());
        }
    }

    /// Lets every write of the hub fail, as a full disk does.
    pub(super) fn fill_disk(&self) {
        let database = self.database();
        for table in names(&database, "table") {
            for change in ["INSERT", "UPDATE", "DELETE"] {
                let trigger = format!(
                    "CREATE TRIGGER IF NOT EXISTS full_{table}_{change} BEFORE {change} ON {table}
                     BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
                );
                database.execute_batch(&trigger).expect("a trigger");
            }
        }
    }

    pub(super) fn free_disk(&self) {
        let database = self.database();
        for trigger in names(&database, "trigger") {
            database.execute_batch(&format!("DROP TRIGGER {trigger}")).expect("a trigger");
        }
    }

    pub(super) fn spoil(&self, on: On, what: What, times: u8) {
        self.door.lock().faults.push((on, what, times));
    }

    /// Lets the program that asks die at that request, and copies its files as they lie there.
    pub(super) fn kill_at(&self, request: u8, files: &Path, copy: &Path) {
        let (files, copy) = (files.to_owned(), copy.to_owned());
        self.door.lock().death = Some(Death { files, copy, left: request.max(1) });
    }

    /// Whether it has died; from now on all requests pass again.
    pub(super) fn has_died(&self) -> bool {
        self.door.lock().death.take().is_some_and(|death| death.left == 0)
    }

    /// Shows something else in place of the next chunks.
    pub(super) fn show(&self, shown: Shown, times: u8) {
        self.door.lock().shown = Some((shown, times));
    }

    /// Loses chunks of the newest snapshot; nothing where the disk is full, for it then changes nothing.
    pub(super) fn lose_chunks(&self, lost: Lost) {
        let change = match lost {
            Lost::All => "DELETE FROM snapshot_chunks WHERE true",
            Lost::FirstSpoilt => {
                "UPDATE snapshot_chunks SET chunk = zeroblob(length(chunk)) WHERE position = 0"
            }
            Lost::Last => {
                "DELETE FROM snapshot_chunks WHERE position = (SELECT max(position) FROM snapshot_chunks)"
            }
        };
        let database = self.database();
        if names(&database, "trigger").is_empty() {
            database.execute_batch(&format!("{change} AND attempt = ({NEWEST})")).expect("the hub's tables");
        }
    }

    /// Whether the newest snapshot, where there is one, has lost chunks.
    pub(super) fn has_lost_chunks(&self) -> bool {
        let sql = format!(
            "SELECT count(*) FILTER (WHERE chunk != zeroblob(length(chunk))) < ?1 FROM snapshots
             LEFT JOIN snapshot_chunks USING (desk, generation, attempt)
             WHERE attempt = ({NEWEST}) GROUP BY attempt"
        );
        let lost = self.database().query_row(&sql, [CHUNKS_MIN], |row| row.get(0)).optional();
        lost.expect("the hub's tables").unwrap_or(false)
    }

    /// From now on nothing goes wrong.
    pub(super) fn heal(&self) {
        self.door.lock().faults.clear();
        self.door.lock().shown = None;
        self.free_disk();
    }

    /// Applies what was sent late, and hands over what has passed since this was last asked.
    pub(super) fn settle(&self) -> Vec<Passed> {
        let late = std::mem::take(&mut self.door.lock().late);
        for (parts, body) in late {
            self.runtime.block_on(self.door.apply(&parts, &body));
        }
        let passed = std::mem::take(&mut self.door.lock().passed);
        if let Some(plant) = self.plant {
            plant.work(&self.database(), &passed);
        }
        passed
    }

    /// The hash of every byte that has passed.
    pub(super) fn trace(&self) -> [u8; 32] {
        self.door.lock().trace
    }

    fn database(&self) -> Connection {
        Connection::open(self.files().join("hub.sqlite")).expect("the hub's database")
    }

    fn open(&mut self) {
        let config = HubConfig {
            data_dir: self.files(),
            // The door stands between the hub and the connection that the other policy looks at.
            calls: CallPolicy::Anywhere,
            page: Page::default(),
            clock: self.clock.clone(),
            seed: [self.starts; 32],
        };
        let hub = self.runtime.block_on(callsign_hub::open(config)).expect("a hub");
        self.door.lock().hub = Some(hub.router());
        self.hub = Some(hub);
    }

    fn close(&mut self) {
        self.door.lock().hub = None;
        self.hub = None;
    }
}

impl Door {
    fn lock(&self) -> MutexGuard<'_, Behind> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn apply(&self, parts: &Parts, body: &Bytes) -> Response<Bytes> {
        let hub = self.lock().hub.clone();
        let Some(mut hub) = hub else { return empty(503) };
        let request = Request::from_parts(parts.clone(), Body::from(body.clone()));
        // Always ready, and never an error.
        let Ok(answered) = hub.call(request).await;
        let (head, answer) = answered.into_parts();
        let answer = to_bytes(answer, BODY_MAX).await.expect("an answer of the protocol");
        let path = below_desk(parts.uri.path());
        let status = head.status.as_u16();
        let mut behind = self.lock();
        behind.trace = sha256(&[&behind.trace, path.as_bytes(), body, &status.to_be_bytes(), &answer]);
        let method = parts.method.to_string();
        behind.passed.push(Passed { method, path, body: body.to_vec(), status });
        Response::from_parts(head, answer)
    }

    /// What becomes of a chunk that is read.
    fn show(&self, chunk: Response<Bytes>) -> Response<Bytes> {
        if chunk.status() != StatusCode::OK {
            return chunk;
        }
        let mut behind = self.lock();
        let before = behind.last_chunk.replace(chunk.body().clone());
        let Some((shown, times)) = behind.shown else { return chunk };
        behind.shown = times.checked_sub(1).filter(|left| *left > 0).map(|left| (shown, left));
        match (shown, before) {
            (Shown::Nothing, _) => empty(404),
            (Shown::Other, Some(before)) => chunk.map(|_| before),
            (Shown::Other, None) => chunk,
        }
    }

    /// Whether who asks is dead, or dies now.
    fn is_dead(&self) -> bool {
        let behind = &mut self.lock();
        let Some(death) = &mut behind.death else { return false };
        if death.left == 1 {
            copy_files(&death.files, &death.copy);
        }
        death.left = death.left.saturating_sub(1);
        death.left == 0
    }

    fn fault(&self, on: On) -> Option<What> {
        let faults = &mut self.lock().faults;
        let at = faults.iter().position(|(of, ..)| *of == On::Any || *of == on)?;
        let (_, what, times) = &mut faults[at];
        let what = *what;
        *times = times.saturating_sub(1);
        if *times == 0 {
            faults.remove(at);
        }
        Some(what)
    }
}

async fn pass(State(door): State<Door>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_MAX).await.expect("a request of the protocol");
    if door.is_dead() {
        return empty(503).map(Body::from);
    }
    let on = kind(&below_desk(parts.uri.path()));
    let reads_chunk = on == On::Snapshot && parts.method == Method::GET;
    let answer = match door.fault(on) {
        None => door.apply(&parts, &body).await,
        Some(What::Refuse) => empty(503),
        Some(What::Late) => {
            door.lock().late.push((parts, body));
            empty(503)
        }
        Some(What::Lose) => {
            door.apply(&parts, &body).await;
            empty(503)
        }
        Some(What::Twice) => {
            door.apply(&parts, &body).await;
            door.apply(&parts, &body).await
        }
    };
    let answer = if reads_chunk { door.show(answer) } else { answer };
    answer.map(Body::from)
}

/// Copies files as a kill leaves them.
fn copy_files(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a directory");
    for file in fs::read_dir(from).expect("a program's files").map(|file| file.expect("a file")) {
        // The index of a journal is memory that processes share, and is made anew.
        if !file.file_name().to_string_lossy().ends_with("-shm") {
            fs::copy(file.path(), to.join(file.file_name())).expect("a copy");
        }
    }
}

fn kind(path: &str) -> On {
    match path {
        "v1/commit" => On::Commit,
        "v1/exchange" => On::Exchange,
        "v1/follow" => On::Follow,
        "v1/keyring" => On::Keyring,
        "v1/letters" => On::Letters,
        "v1/notice" => On::Notice,
        path if path.starts_with("v1/snapshot/") => On::Snapshot,
        _ => On::Any,
    }
}

fn below_desk(path: &str) -> String {
    path.trim_start_matches('/').split_once('/').map_or_else(String::new, |(_, path)| path.to_owned())
}

fn empty(status: u16) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = StatusCode::from_u16(status).expect("a status");
    answer
}

/// Tables, or the triggers that stand for a full disk.
fn names(database: &Connection, kind: &str) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_master WHERE type = ?1 AND name NOT LIKE 'sqlite_%'";
    let mut statement = database.prepare(sql).expect("a schema");
    let rows = statement.query_map([kind], |row| row.get(0)).expect("names");
    rows.map(|name| name.expect("a name")).collect()
}
