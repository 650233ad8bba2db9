//! A hub in a process of its own, which a test can kill, slow down or lie to.
//!
//! The process is this test binary once more, told by its environment to serve instead of testing.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Arc,
        atomic::AtomicU64,
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread,
    time::Duration,
};

use callsign_hub::CallPolicy;
use callsign_protocol::time::{Day, UnixSeconds};
use tokio::{net::TcpListener, sync::oneshot};

use super::{PATIENCE, TestHub, config};

const DATA_DIR: &str = "CALLSIGN_TEST_HUB";
const TODAY: &str = "CALLSIGN_TEST_DAY";

/// How to start one.
pub struct ChildHub<'a> {
    /// Path of the test that calls [`serve_if_asked`] first of all.
    pub test: &'a str,
    pub data_dir: &'a Path,
    /// The day that it takes for today, 1,000 seconds after midnight.
    pub today: Day,
    /// More of its environment.
    pub environment: Vec<(&'a str, String)>,
}

/// A started process; it is killed when dropped.
pub struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    errors: PathBuf,
}

/// How a process ended that was asked to.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// As it should.
    Clean,
    /// It was killed, or ended by itself.
    Other,
}

impl ChildHub<'_> {
    /// Starts the process; nobody waits until it serves.
    pub fn spawn(&self) -> Process {
        let errors = self.data_dir.with_extension("errors");
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", self.test, "--nocapture"])
            .env(DATA_DIR, self.data_dir)
            .env(TODAY, self.today.0.to_string())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::options().create(true).append(true).open(&errors).unwrap())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Process { stdin: child.stdin.take(), child, lines, errors }
    }

    /// Starts the process and waits until it serves, or says why it does not.
    pub fn start(&self) -> Result<(Process, TestHub), String> {
        let process = self.spawn();
        let hub = process.serving(self.today)?;
        Ok((process, hub))
    }
}

impl Process {
    /// Waits until it serves, or says why it does not.
    pub fn serving(&self, today: Day) -> Result<TestHub, String> {
        loop {
            let Ok(line) = self.lines.recv_timeout(PATIENCE) else {
                return Err("the process ended, or said nothing".to_owned());
            };
            if let Some((_, refusal)) = line.split_once("hub refuses: ") {
                return Err(refusal.to_owned());
            }
            if let Some((_, rest)) = line.split_once("hub at ") {
                let (address, code) = rest.split_once(' ').unwrap();
                return Ok(TestHub::elsewhere(address.parse().unwrap(), code.to_owned(), start_of(today)));
            }
        }
    }

    /// Lets it run on for that long, or until it has said something.
    pub fn leave(&self, time: Duration) {
        let _ = self.lines.recv_timeout(time);
    }

    /// For commands that want its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it at once.
    pub fn kill(mut self) {
        self.end();
    }

    /// Asks it to stop and waits for that.
    pub fn stop(mut self) -> End {
        drop(self.stdin.take());
        // Its end of the pipe closes when it ends, whatever it still says until then.
        let silence = loop {
            if let Err(silence) = self.lines.recv_timeout(PATIENCE) {
                break silence;
            }
        };
        assert_eq!(silence, RecvTimeoutError::Disconnected, "the process ends when it is asked to");
        let ended = self.child.wait().ok();
        if ended.is_some_and(|status| status.success()) { End::Clean } else { End::Other }
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let said = fs::read_to_string(&self.errors).unwrap_or_default();
        if !thread::panicking() {
            assert!(!said.contains("panicked"), "{said}");
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// Where this process was started to be a hub: serves, and answers true when it has ended. It ends when its standard
/// input does, so also when the test that started it has ended.
pub fn serve_if_asked() -> bool {
    let Some(data_dir) = env::var_os(DATA_DIR) else { return false };
    let today = Day(env::var(TODAY).unwrap().parse().unwrap());
    let clock = Arc::new(AtomicU64::new(start_of(today).0));
    let config = config(Path::new(&data_dir), CallPolicy::Onion, &clock);
    let (stop, stopped) = oneshot::channel();
    thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        let _ = stop.send(());
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        match callsign_hub::open(config).await {
            Ok(hub) => {
                let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
                let code = hub.enrolment_code().await.unwrap_or_default();
                println!("hub at {} {code}", listener.local_addr().unwrap());
                hub.serve(listener, async { drop(stopped.await) }).await;
            }
            Err(error) => println!("hub refuses: {error}"),
        }
    });
    true
}

/// Compiles a library for `LD_PRELOAD` out of a source beside the tests.
pub fn compile(source: &str, dir: &Path) -> PathBuf {
    let library = dir.join(source).with_extension("so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hub").join(source);
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
        .arg(&library)
        .arg(source)
        .arg("-ldl")
        .status();
    assert!(compiled.is_ok_and(|status| status.success()), "a C compiler is needed: `apt-get install gcc`");
    library
}

pub fn start_of(today: Day) -> UnixSeconds {
    today.start().plus(1000)
}
