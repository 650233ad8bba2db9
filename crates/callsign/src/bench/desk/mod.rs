//! `callsign bench desk`: what a desk of any size costs, from a passphrase to a snapshot.

mod browser;
mod child;
mod conversation;
mod draw;
mod inbox;
mod measure;
mod report;
mod stages;
mod stand;
mod text;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use clap::Args;
use tempfile::TempDir;
use tokio::runtime::Handle;

use self::{child::Child, conversation::Size, measure::Measuring, report::Report, stages::Stage};
use crate::{
    ambient,
    failure::{Failure, Voice},
    numbers,
    output::{self, Done, label},
    server::runtime,
    signals::asked_to_stop,
};

/// Cases, and events, at most.
const CASES_MAX: u32 = 200_000;
const EVENTS_MAX: u32 = 2_000_000;
/// Tries to remove the files of a run that was stopped: who writes them may be at it yet.
const REMOVALS: u32 = 50;
const BETWEEN_REMOVALS: Duration = Duration::from_millis(20);

/// Build a desk of so many cases against a hub of its own, and measure what it costs
///
/// Everything lies in a temporary directory and is removed at the end; TMPDIR says on which disk. The texts are invented
/// from the word lists of phrases, in Ukrainian, Russian and English, the same in each run. The events go to the hub in
/// entries of the real form, back to back instead of at beats, and through the desk's own fold; drops that they speak of
/// are not at the hub. Nine tenths of them come before the generation of keys that is measured, the others in it.
///
/// 3,000 cases take a minute, 100,000 a quarter of an hour and 3 GB of disk.
#[derive(Args)]
#[command(after_help = "\
Examples:
  callsign bench desk
  callsign bench desk --cases 10000 --events 100000 --json

What is measured:
  unlock_to_board_ms  from the right passphrase to the board in a browser, without Argon2
  argon2_ms           Argon2 alone, at what this machine bears
  open_case_p99_ms    a case is opened, what is unopened in it included: 500 drawn ones, and those that wait
  search_p50_ms, search_p99_ms
                      words in all forms, exact phrases, call signs, filters
  search_ready_ms     from the unlocking until the search knows all cases
  fold_events_per_s   unlocking before the generation had a snapshot: entries are read, opened and folded
  sync_10000_cells_s  cells are taken that wait at the hub, one call in eight, each of another caller; where there
                      were fewer cells than 10,000 (`cells`), their time is scaled
  taking_wait_p99_ms  somebody looks at the desk meanwhile, each 5 ms, and waits until it is free
  snapshot_s, snapshot_bytes
                      from the first entry of a generation until its state is at the hub, read back, and what went
                      before is destroyed; bytes at the hub, the filler included
  join_s              a device that was just let in reads all from the hub and shows its board
  page_p99_ms         board and cases in four browsers while cells come in, the desk follows, and beats each second
  rss_mb              memory of the unlocked desk once the search is ready, Argon2's given back")]
pub struct DeskArguments {
    /// Cases of the desk
    #[arg(long, value_name = "N", default_value_t = 3_000, value_parser = numbers::within(1..=CASES_MAX, "cases"))]
    cases: u32,
    /// Events about them in its log; one a case at least
    #[arg(long, value_name = "M", default_value_t = 30_000, value_parser = numbers::within(1..=EVENTS_MAX, "events"))]
    events: u32,
    /// One JSON object on standard output
    #[arg(long)]
    json: bool,
    /// A part that is measured in a process of its own, in the directory of the whole
    #[arg(long, hide = true, value_enum, requires = "at")]
    stage: Option<Stage>,
    #[arg(long, hide = true, value_name = "DIR")]
    at: Option<PathBuf>,
}

impl DeskArguments {
    /// The voice that was asked for.
    pub fn voice(&self) -> Voice {
        Voice::of(self.json)
    }

    fn size(&self) -> Result<Size, Failure> {
        let Self { cases, events, .. } = *self;
        if events < cases {
            let sentence = format!(
                "{events} events cannot make {cases} cases, for each begins with one; give --events {cases} or more"
            );
            return Err(Failure::usage(sentence));
        }
        Ok(Size { cases, events })
    }
}

/// Builds, measures, removes, reports; or measures one part where it was started for that.
pub fn run(arguments: &DeskArguments) -> Result<(), Failure> {
    if let (Some(stage), Some(at)) = (arguments.stage, &arguments.at) {
        return stage.run(at);
    }
    let report = measured(arguments.size()?)?;
    output::give(Done::Read, &report.lines(), &report)
}

/// What came of it, with all files removed, also where it was stopped on the way.
fn measured(size: Size) -> Result<Report, Failure> {
    let dir = tempfile::Builder::new().prefix("callsign-bench-").tempdir().map_err(|error| {
        Failure::of_system("no temporary directory can be made", &error, "set TMPDIR to another directory")
    })?;
    let (child, is_stopped) = (Arc::new(Child::default()), Arc::new(AtomicBool::new(false)));
    let runtime = runtime()?;
    let done = runtime.block_on(async {
        let stop = asked_to_stop();
        let (path, child, is_stopped) = (dir.path().to_owned(), Arc::clone(&child), Arc::clone(&is_stopped));
        let handle = Handle::current();
        let work = tokio::task::spawn_blocking(move || {
            Measuring { size, dir: path, runtime: handle, child, is_stopped }.run()
        });
        tokio::select! {
            done = work => done.unwrap_or_else(|_| Err(Failure::new("bench", "a fault of this program; report it"))),
            () = stop => Err(stopped()),
        }
    });
    is_stopped.store(true, Ordering::Relaxed);
    child.end();
    runtime.shutdown_background();
    remove(dir)?;
    done
}

/// Of a run that was asked to stop.
fn stopped() -> Failure {
    Failure::new(
        "stopped",
        "stopped before everything was measured; nothing is left behind, so start it anew",
    )
}

fn remove(dir: TempDir) -> Result<(), Failure> {
    let path = dir.path().to_owned();
    for _ in 0..REMOVALS {
        if std::fs::remove_dir_all(&path).is_ok() || !path.exists() {
            return Ok(());
        }
        ambient::wait(BETWEEN_REMOVALS);
    }
    dir.close().map_err(|error| {
        let place = label(&path.to_string_lossy());
        Failure::of_system(format!("{place} cannot be removed"), &error, "remove it yourself")
    })
}
