//! What desks of several sizes cost: a run of `callsign bench desk` each, beside what was aimed at.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    measure::number,
    plot::{Plot, Scale},
    report::grouped,
};
use crate::step::Step;

/// Cases of the desks that are measured.
const CASES: [u32; 4] = [1_000, 3_000, 10_000, 100_000];
/// Events a case.
const EVENTS_A_CASE: u32 = 10;

/// What is measured, and where.
pub struct Desks {
    /// The released program.
    pub binary: PathBuf,
    /// For temporary files.
    pub dir: PathBuf,
}

/// A figure of each desk.
struct Figure {
    key: &'static str,
    name: &'static str,
    unit: &'static str,
    /// What the report's figure is divided by.
    divisor: f64,
    /// What it must not exceed, by the number of cases.
    aim: fn(u32) -> Option<f64>,
}

const FIGURES: [Figure; 14] = [
    Figure::of("unlock_to_board_ms", "unlocking, to the board", "ms", |_| Some(500.0)),
    Figure::of("argon2_ms", "Argon2, before that", "ms", |_| None),
    Figure::of("open_case_p99_ms", "opening a case, p99", "ms", |_| Some(5.0)),
    Figure::of("search_p50_ms", "a search, p50", "ms", |_| Some(1.0)),
    Figure::of("search_p99_ms", "a search, p99", "ms", |_| Some(50.0)),
    Figure::of("search_ready_ms", "until the search is ready", "ms", |_| Some(2_000.0)),
    Figure::of("search_built_s", "making the search's index", "s", |_| None),
    Figure::of("page_p99_ms", "a page under load, p99", "ms", |_| Some(50.0)),
    Figure::of("rss_mb", "memory, unlocked", "MiB", |cases| Some(if cases <= 3_000 { 60.0 } else { 300.0 })),
    Figure::of("sync_10000_cells_s", "taking 10,000 cells", "s", |_| Some(10.0)),
    Figure::of("snapshot_s", "saving the state", "s", |cases| {
        Some(match cases {
            0..=1_000 => 5.0,
            1_001..=10_000 => 30.0,
            _ => 300.0,
        })
    }),
    Figure { divisor: 1_048_576.0, ..Figure::of("snapshot_bytes", "the state at the hub", "MiB", |_| None) },
    Figure::of("join_s", "joining, to the board", "s", |cases| (cases <= 10_000).then_some(30.0)),
    Figure {
        divisor: 1_000.0,
        ..Figure::of("fold_events_per_s", "folding the log, thousand events", "a second", |_| None)
    },
];

impl Desks {
    /// The report of each, the smallest first.
    pub fn all(&self) -> Result<Vec<Value>, String> {
        CASES.iter().map(|cases| self.one(*cases)).collect()
    }

    fn one(&self, cases: u32) -> Result<Value, String> {
        fs::create_dir_all(&self.dir).map_err(|error| format!("{}: {error}", self.dir.display()))?;
        let what = format!("a desk of {cases} cases");
        let [cases, events] = [cases, cases * EVENTS_A_CASE].map(|count| count.to_string());
        let program = self.binary.display().to_string();
        let arguments = ["bench", "desk", "--json", "--cases", &cases, "--events", &events];
        // On the disk that is measured, and not where temporary files lie in memory.
        let said = Step::new(&what, &program, &arguments).env("TMPDIR", Path::new(&self.dir)).output()?;
        serde_json::from_str(&said).map_err(|error| format!("{what}: {error}"))
    }
}

/// The table.
pub fn measured(machine: &[String], reports: &[Value]) -> String {
    let mut text = String::new();
    for fact in machine {
        let _ = writeln!(text, "- {fact}");
    }
    text.push_str(
        "\n![Milliseconds and MiB against cases](performance/desk.svg)\n\n\
         ![Seconds against cases](performance/desk-seconds.svg)\n\n\
         In bold what misses its aim, which stands behind it.\n\n| cases; events |",
    );
    for report in reports {
        let _ = write!(text, " {}; {} |", count(report, "cases"), count(report, "events"));
    }
    let _ = writeln!(text, "\n|---|{}", "---|".repeat(reports.len()));
    for figure in FIGURES {
        let _ = write!(text, "| {}, {} |", figure.name, figure.unit);
        for report in reports {
            let _ = write!(text, " {} |", figure.shown(report));
        }
        text.push('\n');
    }
    text.trim_end().to_owned()
}

/// File name and content of each plot.
pub fn plots(reports: &[Value]) -> Vec<(&'static str, String)> {
    let plot = |title, lines: &[(&'static str, &'static str)]| {
        let values = |key: &str| reports.iter().map(|report| number(report, key)).collect();
        let plot = Plot {
            title,
            across: "cases",
            points: reports.iter().map(|report| count(report, "cases")).collect(),
            scale: Scale::Logarithmic,
            lines: lines.iter().map(|(name, key)| (*name, values(key))).collect(),
        };
        plot.svg()
    };
    let moments = [
        ("unlocking, ms", "unlock_to_board_ms"),
        ("page p99, ms", "page_p99_ms"),
        ("search p99, ms", "search_p99_ms"),
        ("memory, MiB", "rss_mb"),
    ];
    let waits = [
        ("saving the state", "snapshot_s"),
        ("joining", "join_s"),
        ("taking 10,000 cells", "sync_10000_cells_s"),
    ];
    vec![
        ("desk.svg", plot("Milliseconds and MiB against cases", &moments)),
        ("desk-seconds.svg", plot("Seconds against cases", &waits)),
    ]
}

impl Figure {
    const fn of(
        key: &'static str,
        name: &'static str,
        unit: &'static str,
        aim: fn(u32) -> Option<f64>,
    ) -> Self {
        Self { key, name, unit, divisor: 1.0, aim }
    }

    fn shown(&self, report: &Value) -> String {
        let figure = number(report, self.key) / self.divisor;
        let text = if figure < 100.0 { format!("{figure:.1}") } else { format!("{figure:.0}") };
        let cases = report["cases"].as_u64().and_then(|cases| u32::try_from(cases).ok()).unwrap_or(0);
        match (self.aim)(cases) {
            Some(aim) if figure > aim => format!("**{text}** ({aim})"),
            _ => text,
        }
    }
}

fn count(report: &Value, key: &str) -> String {
    grouped(report[key].as_u64().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_misses_its_aim_is_said_with_it() {
        let report = json!({ "cases": 3_000, "events": 30_000, "rss_mb": 61.0, "page_p99_ms": 50.0, "snapshot_bytes": 8 << 20 });
        let text = measured(&["A machine.".to_owned()], &[report]);
        assert!(text.starts_with("- A machine.\n"), "{text}");
        assert!(text.contains("| 3,000; 30,000 |"), "{text}");
        assert!(text.contains("| memory, unlocked, MiB | **61.0** (60) |"), "{text}");
        assert!(text.contains("| a page under load, p99, ms | 50.0 |"), "{text}");
        assert!(text.contains("| the state at the hub, MiB | 8.0 |"), "{text}");
    }
}
