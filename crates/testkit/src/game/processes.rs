//! Games against real processes: `callsign call` and `callsign desk serve` as people run them, in real time, at a hub that is tapped.

use std::{
    env, fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use callsign_desk::{NewAnswer, Settings};
use callsign_protocol::{call::PARTS_MAX, visit::Cover};
use serde_json::Value;

use super::{
    desks,
    learn::Features,
    plant::Plant,
    stage::{SLOTS, Stage, text_of},
    visits,
};
use crate::{PASSPHRASE, Seen};

/// Seconds between two beats of the desk, which its fastest is.
const BEAT_S: u32 = 1;
/// Milliseconds that a desk is watched in a round, from before a cell comes, and milliseconds in which it comes.
const WATCHED_MS: u64 = 4_200;
const ARRIVES_MS: u64 = 1_000;
/// What the binary is named by; that beside this program otherwise.
const BINARY: &str = "CALLSIGN_BIN";
/// The passphrase of the desk's vault, for the binary.
const PASSPHRASE_OF_DESK: &str = "CALLSIGN_PASSPHRASE";

/// What a stage of processes has beside the hub and the desk's keys.
#[derive(Debug)]
pub struct Processes {
    binary: PathBuf,
    link: String,
    phrase_file: PathBuf,
    serving: Option<Child>,
}

impl Drop for Processes {
    fn drop(&mut self) {
        if let Some(mut desk) = self.serving.take() {
            let _ = desk.kill();
            let _ = desk.wait();
        }
    }
}

impl Processes {
    /// What a caller's program has said. That its visit ended before all was read is its business; the hub sees the requests alone.
    fn run(&self, arguments: &[&str], input: &str) -> Value {
        let mut command = Command::new(&self.binary);
        command.args(arguments).args(["--hub", &self.link, "--json"]).env_clear();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary, which `cargo build --package callsign` makes");
        // What does not read closes its input early.
        let _ = std::io::Write::write_all(&mut child.stdin.take().expect("an input"), input.as_bytes());
        let said = child.wait_with_output().expect("an end");
        serde_json::from_slice(&said.stdout)
            .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {said:?}"))
    }

    fn visit(&self) {
        let visited = self.run(&["call", "visit", "--slots", &SLOTS.to_string()], "");
        assert_eq!(visited["visited"], true, "{visited}");
    }
}

/// A desk whose visits are short, and a caller with a phrase and an answer.
pub fn callers(seed: u64) -> Stage {
    let mut stage = Stage::set_in_real_time(seed, settings());
    let processes = stage.processes();
    let sent = processes.run(&["call", "send", "--track", "field", "-"], "a call");
    let phrase = sent["phrase"].as_str().expect("a phrase");
    fs::write(&processes.phrase_file, phrase).expect("a file");
    stage.desk.sync().expect("a hub");
    let waiting = stage.desk.with_cases(|cases| Ok(cases.waiting().map(|waiting| waiting.caller).next()));
    let caller = waiting.expect("a cache").expect("who has called");
    stage.desk.answer(&NewAnswer::new(&caller, "an answer")).expect("a caller who wrote");
    stage.desk.flush().expect("a hub");
    stage.tap.take();
    stage
}

/// A desk at work.
pub fn serving(seed: u64) -> Stage {
    let mut stage = Stage::set_in_real_time(seed, settings());
    let dir = stage.system.desk_dir("desk");
    let processes = stage.processes();
    let mut command = Command::new(&processes.binary);
    command.args(["desk", "serve", "--listen", "127.0.0.1:0", "--data"]).arg(dir);
    command.env_clear().env(PASSPHRASE_OF_DESK, PASSPHRASE);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    processes.serving = Some(command.spawn().expect("the binary"));
    // Until it beats.
    while !stage.tap.take().iter().any(|seen| seen.path == "v1/commit") {
        stage.system.pass(Duration::from_millis(100));
    }
    stage
}

/// Does the process write, as much as fits?
pub fn writer(stage: &mut Stage, truth: bool, plant: Option<Plant>) -> Features {
    let parts = u32::from(PARTS_MAX);
    let slots = SLOTS.to_string();
    let processes = stage.processes();
    if truth {
        processes
            .run(&["call", "send", "--cover", "--slots", &slots, "--track", "field", "-"], &text_of(parts));
    } else {
        processes.run(&["call", "visit", "--slots", &slots], "");
    }
    let mut seen = stage.tap.take();
    if let Some(plant) = plant {
        plant.in_cells(&mut seen, if truth { parts } else { 0 });
    }
    visits::of_visit(stage, &seen)
}

/// Does the process read an answer?
pub fn reader(stage: &mut Stage, truth: bool, _: Option<Plant>) -> Features {
    let slots = SLOTS.to_string();
    let processes = stage.processes();
    if truth {
        let file = processes.phrase_file.display().to_string();
        let read = processes.run(&["call", "read", "--cover", "--slots", &slots, "--phrase-file", &file], "");
        assert_eq!(read["answers"].as_array().map(Vec::len), Some(1), "{read}");
    } else {
        processes.visit();
    }
    let seen = stage.tap.take();
    visits::of_visit(stage, &seen)
}

/// Has the desk that is at work taken a call?
pub fn call_taken(stage: &mut Stage, truth: bool, plant: Option<Plant>) -> Features {
    stage.tap.take();
    let comes_after = stage.draw(ARRIVES_MS);
    stage.system.pass(Duration::from_millis(comes_after));
    let at = stage.system.clock.now_ms();
    let keys = stage.stranger();
    stage.bring_cell_of(keys, truth);
    stage.system.pass(Duration::from_millis(WATCHED_MS - comes_after));
    let mut seen: Vec<Seen> = stage.tap.take();
    seen.retain(desks::is_of_desk);
    // One that waits at the hub is answered behind others that came later.
    seen.sort_by_key(|seen| seen.at_ms);
    if let Some(plant) = plant.filter(|_| truth) {
        plant.in_commits(&mut seen, at);
        plant.in_follows(&mut seen, at);
    }
    desks::of_desk(&seen)
}

impl Stage {
    /// What its processes need; made when it is first asked for.
    fn processes(&mut self) -> &mut Processes {
        if self.processes.is_none() {
            let fingerprint = self.desk.fingerprint();
            self.processes = Some(Processes {
                binary: binary(),
                link: format!("{}/{}/#{}", self.system.hub_url(), fingerprint.desk_id(), fingerprint),
                phrase_file: self.system.desk_dir("phrase"),
                serving: None,
            });
        }
        self.processes.as_mut().expect("made above")
    }
}

fn settings() -> Settings {
    let cover = Cover {
        gap_ms: 60,
        gap_max_ms: 180,
        gap_growth_percent: 3,
        visit_exchanges: SLOTS,
        move_after_ms: 300,
    };
    Settings { beat_s: BEAT_S, drop_period_s: BEAT_S, inbox_delay_s: 2, cover, ..Settings::default() }
}

fn binary() -> PathBuf {
    let beside = || {
        let own = env::current_exe().expect("a program");
        let built =
            own.ancestors().find(|dir| dir.join("callsign").is_file()).expect("a binary that was built");
        built.join("callsign")
    };
    env::var_os(BINARY).map_or_else(beside, PathBuf::from)
}
