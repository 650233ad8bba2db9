//! What `callsign bench desk` has to say: for programs in JSON, for people in a table.

use serde::Serialize;

use super::{
    conversation::Size,
    stages::{Taken, Unlocked},
};
use crate::output::Lines;

/// Cells whose taking is told.
const CELLS: f64 = 10_000.0;

/// What is printed.
#[derive(Debug, Serialize)]
pub struct Report {
    cases: u32,
    events: u32,
    unlock_to_board_ms: f64,
    argon2_ms: f64,
    open_case_p99_ms: f64,
    search_p50_ms: f64,
    search_p99_ms: f64,
    search_ready_ms: f64,
    /// The index made anew, and its image written where the desk is a large one.
    search_built_s: f64,
    fold_events_per_s: f64,
    sync_10000_cells_s: f64,
    /// That were taken, to which the time before was scaled.
    cells: u64,
    taking_wait_p99_ms: f64,
    snapshot_s: f64,
    snapshot_bytes: u64,
    join_s: f64,
    page_p99_ms: f64,
    rss_mb: f64,
}

/// What was measured before the desk was unlocked.
#[derive(Clone, Copy, Debug)]
pub struct Once {
    pub fold_events_per_s: f64,
    /// Seconds and bytes.
    pub saved: (f64, u64),
    pub join_s: f64,
    pub search_built_s: f64,
}

impl Report {
    /// Of a desk of this size.
    pub fn new(size: Size, once: &Once, unlocked: &Unlocked, taken: &Taken) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        let scale = CELLS / taken.cells.max(1) as f64;
        Self {
            cases: size.cases,
            events: size.events,
            unlock_to_board_ms: thousandths(unlocked.board_ms),
            argon2_ms: thousandths(unlocked.argon2_ms),
            open_case_p99_ms: thousandths(unlocked.open_case_p99_ms),
            search_p50_ms: thousandths(unlocked.search_p50_ms),
            search_p99_ms: thousandths(unlocked.search_p99_ms),
            search_ready_ms: thousandths(unlocked.search_ready_ms),
            search_built_s: thousandths(once.search_built_s),
            fold_events_per_s: once.fold_events_per_s.round(),
            sync_10000_cells_s: thousandths(taken.seconds * scale),
            cells: taken.cells,
            taking_wait_p99_ms: thousandths(taken.wait_p99_ms),
            snapshot_s: thousandths(once.saved.0),
            snapshot_bytes: once.saved.1,
            join_s: thousandths(once.join_s),
            page_p99_ms: thousandths(unlocked.page_p99_ms),
            rss_mb: unlocked.rss_mb,
        }
    }

    /// For the eye.
    pub fn lines(&self) -> Lines {
        let head = format!("A desk of {} cases and {} events", self.cases, self.events);
        let scaled =
            if self.cells < 10_000 { format!(" (scaled from {})", self.cells) } else { String::new() };
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        let snapshot_mib = self.snapshot_bytes as f64 / f64::from(1 << 20);
        let rows = [
            ("unlocking, to the board", format!("{:.1} ms", self.unlock_to_board_ms)),
            ("Argon2, before that", format!("{:.0} ms", self.argon2_ms)),
            ("opening a case, p99", format!("{:.2} ms", self.open_case_p99_ms)),
            ("a search, p50", format!("{:.2} ms", self.search_p50_ms)),
            ("a search, p99", format!("{:.2} ms", self.search_p99_ms)),
            ("until the search is ready", format!("{:.0} ms", self.search_ready_ms)),
            ("making the search's index", format!("{:.2} s", self.search_built_s)),
            ("folding the log", format!("{:.0} events/s", self.fold_events_per_s)),
            ("taking 10,000 cells", format!("{:.2} s{scaled}", self.sync_10000_cells_s)),
            ("waiting meanwhile, p99", format!("{:.1} ms", self.taking_wait_p99_ms)),
            ("saving the state", format!("{:.2} s", self.snapshot_s)),
            ("the state at the hub", format!("{snapshot_mib:.0} MiB")),
            ("joining, to the board", format!("{:.2} s", self.join_s)),
            ("a page under load, p99", format!("{:.1} ms", self.page_p99_ms)),
            ("memory, unlocked", format!("{:.1} MiB", self.rss_mb)),
        ];
        let lines = rows.iter().map(|(what, figure)| format!("{what:<27} {figure}"));
        lines.fold(Lines::new().line(head), Lines::line)
    }
}

fn thousandths(figure: f64) -> f64 {
    (figure * 1_000.0).round() / 1_000.0
}
