//! The whole system in one process, for tests: a hub on loopback, desks and callers, one clock that a test moves.

#![expect(clippy::missing_panics_doc, reason = "a test fails by panicking")]

mod caller;
mod clock;
pub mod game;
mod image;
mod planted;
mod remains;
mod seizure;
mod shown;
pub mod simulation;
mod tap;
mod work;

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
    time::Duration,
};

use callsign_desk::{
    Ambient, Desk, DeskError, FIRST_PERSON, InitOptions, JoinOptions, Purpose, Recovered, Settings, Timer,
    keys::Cost, model_tracks,
};
use callsign_http::Proxies;
use callsign_hub::{
    CallPolicy, HubConfig, Page,
    files::{Backup, Existing, FilesError, RestoreOptions, Restored, back_up, restore},
};
use callsign_protocol::{device_request::DeviceRequest, identity::PrivateKey, time::Day};
use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime::Runtime, sync::oneshot, task::JoinHandle};

pub use caller::Caller;
pub use clock::TestClock;
pub use planted::{Planted, find_planted};
pub use remains::Remains;
pub use seizure::{Hoard, Loot};
pub use shown::{shown, shown_parts};
pub use tap::{Move, Seen, Tap};
use work::Work;

/// A Sunday, so that weeks turn inside of tests that last some days.
pub const FIRST_DAY: Day = Day(20_412);
/// What it costs to open one of them.
const CHEAP: Cost = Cost { memory_kib: 64, passes: 1 };
/// The passphrase of every desk of a test.
pub const PASSPHRASE: &str = "a passphrase for tests";

/// A hub and the place for desks. Stops by itself when dropped.
#[derive(Debug)]
pub struct System {
    /// Moves for hub, desks and callers alike.
    pub clock: TestClock,
    dir: TempDir,
    runtime: Runtime,
    running: Option<RunningHub>,
    address: SocketAddr,
    seeds: AtomicU64,
    /// In front of the hub, where there is one.
    tap: Option<Tap>,
}

#[derive(Debug)]
struct RunningHub {
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

/// Has a desk write its state every few entries, and an image of any index, so that what tests look at was written and read.
fn keep_often(desk: &Desk) {
    desk.keep_state_every(4);
    desk.keep_image_from(1);
}

impl System {
    /// Starts a hub on a free port of loopback, at nine in the morning of [`FIRST_DAY`].
    pub fn start() -> Self {
        Self::start_behind(TestClock::new(FIRST_DAY.start().plus(9 * 3_600)), None)
    }

    /// As [`System::start`], with a tap that sees and changes all that passes between the hub and others. Retention does not run.
    pub fn start_tapped() -> (Self, Tap) {
        Self::start_tapped_by(TestClock::new(FIRST_DAY.start().plus(9 * 3_600)))
    }

    /// The same by another clock.
    pub fn start_tapped_by(clock: TestClock) -> (Self, Tap) {
        let tap = Tap::new(clock.clone());
        (Self::start_behind(clock, Some(tap.clone())), tap)
    }

    fn start_behind(clock: TestClock, tap: Option<Tap>) -> Self {
        let mut system = Self {
            clock,
            dir: TempDir::new().expect("a temporary directory"),
            runtime: Runtime::new().expect("a runtime"),
            running: None,
            address: address_of_ones_own(),
            seeds: AtomicU64::new(1),
            tap,
        };
        system.start_hub();
        system
    }

    /// Starts the hub again, on the same address and files.
    pub fn start_hub(&mut self) {
        let config = HubConfig {
            data_dir: self.hub_dir(),
            // The tap stands between the hub and the connection that this policy looks at.
            calls: if self.tap.is_some() { CallPolicy::Anywhere } else { CallPolicy::Onion },
            page: Page::default(),
            clock: self.clock.clock(),
            seed: [7; 32],
        };
        let address = self.address;
        let (listener, hub) = self.runtime.block_on(async {
            let listener = TcpListener::bind(address).await.expect("a port on loopback");
            (listener, callsign_hub::open(config).await.expect("a hub"))
        });
        self.address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let tap = self.tap.clone();
        let serving = self.runtime.spawn(async move {
            let stop = async {
                let _ = stopped.await;
            };
            match tap {
                None => hub.serve(listener, stop).await,
                Some(tap) => tap.serve(hub.router(), listener, stop).await,
            }
        });
        self.running = Some(RunningHub { stop, serving });
    }

    /// Returns after so long by the machine's clock, for what real processes take part in.
    pub fn pass(&self, time: Duration) {
        self.runtime.block_on(async { tokio::time::sleep(time).await });
    }

    /// Stops the hub; its files stay.
    pub fn stop_hub(&mut self) {
        if let Some(RunningHub { stop, serving }) = self.running.take() {
            let _ = stop.send(());
            let _ = self.runtime.block_on(serving);
        }
    }

    /// The hub's address.
    pub fn hub_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The hub's files.
    pub fn hub_dir(&self) -> PathBuf {
        self.dir.path().join("hub")
    }

    /// A desk's files.
    pub fn desk_dir(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Sets up the hub's desk in the directory `name`.
    pub fn init_desk(&self, name: &str) -> Desk {
        self.try_init_desk(name, Settings::short()).expect("a desk")
    }

    /// Sets up the hub's desk with a pace of its own.
    pub fn try_init_desk(&self, name: &str, settings: Settings) -> Result<Desk, DeskError> {
        let code = std::fs::read_to_string(self.hub_dir().join("enrolment-code")).unwrap_or_default();
        let options = InitOptions {
            hub: self.hub_url(),
            code,
            identity: None,
            name: "Test desk".to_owned(),
            person: FIRST_PERSON.to_owned(),
            tracks: model_tracks(),
            content: vec![("en".to_owned(), SAMPLE_PACK.to_vec())],
            settings,
            purpose: Purpose::Earnest,
        };
        Desk::init(&self.desk_dir(name), PASSPHRASE, CHEAP, &options, self.ambient()).inspect(keep_often)
    }

    /// Opens the desk in the directory `name`, as another process would.
    pub fn open_desk(&self, name: &str) -> Desk {
        self.try_open_desk(name).expect("a desk")
    }

    /// Opens the desk in the directory `name` with a timer by this clock, which goes on by what the desk's work on its disk takes
    /// (`work.rs`).
    pub fn open_desk_that_works(&self, name: &str) -> (Desk, Timer) {
        let work = Work::of(&self.desk_dir(name).join("cache.sqlite"));
        self.open_desk_with(name, move || work.take_ms())
    }

    /// The same where work takes no time, and waiting does.
    pub fn open_desk_that_waits(&self, name: &str) -> Desk {
        self.open_desk_with(name, || 0).0
    }

    fn open_desk_with(&self, name: &str, work_ms: impl Fn() -> u64 + Send + Sync + 'static) -> (Desk, Timer) {
        let clock = self.clock.clone();
        let elapsed = move || {
            clock.advance_ms(work_ms());
            Duration::from_millis(clock.now_ms())
        };
        let clock = self.clock.clone();
        let wait =
            move |pause: Duration| clock.advance_ms(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX));
        let timer = Timer { elapsed: Arc::new(elapsed), wait: Arc::new(wait) };
        let ambient = Ambient { timer: timer.clone(), ..self.ambient() };
        let desk = Desk::open(&self.desk_dir(name), PASSPHRASE, ambient).inspect(keep_often);
        (desk.expect("a desk"), timer)
    }

    /// Opens the desk in the directory `name`, where that may fail.
    pub fn try_open_desk(&self, name: &str) -> Result<Desk, DeskError> {
        Desk::open(&self.desk_dir(name), PASSPHRASE, self.ambient()).inspect(keep_often)
    }

    /// Makes one more device of a desk in the directory `name`; what it asks with.
    pub fn ask_to_join(&self, name: &str, desk: &Desk) -> DeviceRequest {
        let join =
            JoinOptions { hub: self.hub_url(), fingerprint: desk.fingerprint(), settings: Settings::short() };
        Desk::ask_to_join(&self.desk_dir(name), PASSPHRASE, CHEAP, &join, self.ambient()).expect("a request")
    }

    /// One more device of a desk, admitted by `desk` and in step with it.
    pub fn add_device(&self, name: &str, desk: &Desk) -> Desk {
        desk.admit(&self.ask_to_join(name, desk)).expect("admitted");
        let device = self.open_desk(name);
        device.sync().expect("in step");
        device
    }

    /// Has the device in the directory `name` go on from a hub that came back from a backup.
    pub fn recover_desk(&self, name: &str) -> Result<Recovered, DeskError> {
        Desk::recover(&self.desk_dir(name), PASSPHRASE, self.ambient())
    }

    /// Has the identity go on with the device in the directory `name` alone.
    pub fn restart_desk(&self, name: &str, identity: &PrivateKey) -> Result<Desk, DeskError> {
        Desk::restart(&self.desk_dir(name), PASSPHRASE, identity, self.ambient()).inspect(keep_often)
    }

    /// Copies the hub's files into one file, whether it runs or not.
    pub fn back_up_hub(&self, name: &str) -> Result<Backup, FilesError> {
        back_up(&self.hub_dir(), &self.dir.path().join(name), self.clock.now().day())
    }

    /// Stops the hub, puts a backup in the place of its files, and starts it again.
    pub fn restore_hub(&mut self, name: &str) -> Result<Restored, FilesError> {
        self.stop_hub();
        let today = self.clock.now().day();
        let options = RestoreOptions { existing: Existing::MoveAside, age_max_days: 7, today };
        let restored = restore(&self.hub_dir(), &self.dir.path().join(name), options);
        self.start_hub();
        restored
    }

    /// Opens the desk in the directory `name` on a machine whose clock is wrong.
    pub fn open_desk_at(&self, name: &str, clock: &TestClock) -> Desk {
        let ambient = Ambient {
            clock: clock.clock(),
            timer: Timer::standing(),
            rng: Box::new(self.rng()),
            proxies: Proxies::none(),
        };
        Desk::open(&self.desk_dir(name), PASSPHRASE, ambient).inspect(keep_often).expect("a desk")
    }

    /// Loses a desk's cache, as with a broken disk; its vault stays.
    pub fn lose_cache(&self, name: &str) {
        for file in ["cache.sqlite", "cache.sqlite-wal", "cache.sqlite-shm"] {
            let _ = std::fs::remove_file(self.desk_dir(name).join(file));
        }
    }

    /// Lets a desk beat so many times, two seconds apart; beside that it keeps its state.
    pub fn beats(&self, desk: &Desk, count: usize) {
        for _ in 0..count {
            self.clock.advance(2);
            desk.beat().expect("a beat");
            desk.keep_state().expect("a state that is kept");
        }
    }

    /// Someone with a phrase of their own.
    pub fn caller(&self, desk: &Desk) -> Caller {
        Caller::new(self.hub_url(), desk.fingerprint(), self.clock.clock(), self.rng())
    }

    /// A generator of its own, the same in each run.
    pub fn rng(&self) -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(self.seeds.fetch_add(1, Ordering::Relaxed))
    }

    /// Generators that are asked for from now on come from this seed.
    pub fn reseed(&self, seed: u64) {
        self.seeds.store(seed, Ordering::Relaxed);
    }

    fn ambient(&self) -> Ambient {
        Ambient {
            clock: self.clock.clock(),
            timer: Timer::standing(),
            rng: Box::new(self.rng()),
            proxies: Proxies::none(),
        }
    }
}

/// An address of loopback that no other system uses, so that nobody takes the port while its hub is stopped.
fn address_of_ones_own() -> SocketAddr {
    static LAST: AtomicU8 = AtomicU8::new(0);
    let [_, _, high, low] = std::process::id().to_be_bytes();
    // Where the first of these is 0, the last is not.
    let last = LAST.fetch_add(1, Ordering::Relaxed) | u8::from(high == 0 && low == 0);
    SocketAddr::from(([127, high, low, last], 0))
}

impl Drop for System {
    fn drop(&mut self) {
        self.stop_hub();
    }
}

const SAMPLE_PACK: &[u8] = br#"{"version":1,"language":"en","about":"A test","procedures":[]}"#;
