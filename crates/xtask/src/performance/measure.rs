//! The runs: each is a command of the program that is measured, and a hub of its own where that matters.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::hub::Hub;
use crate::step::Step;

/// Connections of the runs over connections; the one in the middle is that of all others.
pub const CONNECTIONS: [u32; 5] = [1, 4, 16, 64, 256];
/// Connections of all other runs.
const USUAL: u32 = 64;
/// Connections of runs at a given rate: no exchange that is due waits for one.
const ENOUGH: u32 = 256;
/// Drops that are stored, and cells that wait, in the runs over what is stored.
pub const STORED: [(u64, u64); 3] = [(10, 0), (10_000, 1_000), (1_000_000, 100_000)];
/// Load in percent of what the hub bears.
pub const LOADS: [u32; 9] = [10, 20, 30, 40, 50, 60, 70, 80, 90];

/// What measures, and where.
pub struct Bench {
    /// The released program.
    pub binary: PathBuf,
    /// For the hubs' files.
    pub dir: PathBuf,
    /// Of each run.
    pub seconds: u32,
}

/// All that was measured: reports of `callsign bench`, and what lies around them.
pub struct Figures {
    /// Of each run.
    pub seconds: u32,
    /// Connections, limits, load.
    pub connections: Vec<(u32, Value, Value)>,
    /// Exchanges a second that the hub bears, the measure of loads.
    pub capacity: f64,
    /// Percent of the capacity, load.
    pub loads: Vec<(u32, Value)>,
    /// For each of [`STORED`].
    pub stored: Vec<Stored>,
    /// Name of the profile, load.
    pub profiles: Vec<(&'static str, Value)>,
}

/// What a hub costs that has so much in it.
pub struct Stored {
    /// Drops that are listed.
    pub drops: u64,
    /// Cells that wait.
    pub cells: u64,
    /// Size of its files, MiB.
    pub disk_mib: u64,
    /// From the start of the process to the first answer, milliseconds.
    pub start_ms: f64,
    /// Resident memory, MiB: when it has started, after the runs, at most.
    pub memory_mib: [u64; 3],
    /// Load that asks for today's last block.
    pub today: Value,
    /// Load that asks for what visits ask for.
    pub visits: Value,
}

impl Bench {
    /// Everything, one after the other.
    pub fn all(&self) -> Result<Figures, String> {
        let small = self.fill("small", 10, 0)?;
        let hub = Hub::start(&self.binary, &small)?;
        let mut connections = Vec::new();
        for count in CONNECTIONS {
            connections.push((count, self.limits(count)?, self.load(&hub, count, &[])?));
        }
        let capacity = connections.iter().find(|(count, ..)| *count == USUAL);
        let capacity = capacity.map_or(0.0, |(_, _, load)| number(load, "exchanges_per_s"));
        let mut loads = Vec::new();
        for percent in LOADS {
            let rate = (capacity * f64::from(percent) / 100.0).max(1.0).to_string();
            loads.push((percent, self.load(&hub, ENOUGH, &["--rate", &rate])?));
        }
        let mut profiles = Vec::new();
        for profile in ["steady", "mobilisation", "flood"] {
            profiles.push((profile, self.load(&hub, USUAL, &["--profile", profile])?));
        }
        drop(hub);
        let stored =
            STORED.iter().map(|(drops, cells)| self.stored(*drops, *cells)).collect::<Result<_, _>>()?;
        Ok(Figures { seconds: self.seconds, connections, capacity, loads, stored, profiles })
    }

    fn stored(&self, drops: u64, cells: u64) -> Result<Stored, String> {
        let data = self.fill(&format!("stored-{drops}"), drops, cells)?;
        let disk_mib = size(&data)? >> 20;
        let hub = Hub::start(&self.binary, &data)?;
        let (idle, _) = hub.memory_mib()?;
        let first = self.bench(
            "the first exchange",
            &["load", "--connections", "1", "--exchanges", "1", "--pool", "1", "--hub", &hub.url],
        )?;
        let start_ms = hub.start.as_secs_f64() * 1_000.0 + number(&first, "max_ms");
        let today = self.load(&hub, USUAL, &[])?;
        let visits = self.load(&hub, USUAL, &["--lists", "visits"])?;
        let (now, most) = hub.memory_mib()?;
        drop(hub);
        fs::remove_dir_all(&data).map_err(|error| format!("{}: {error}", data.display()))?;
        Ok(Stored { drops, cells, disk_mib, start_ms, memory_mib: [idle, now, most], today, visits })
    }

    fn fill(&self, name: &str, drops: u64, cells: u64) -> Result<PathBuf, String> {
        let data = self.dir.join(name);
        let path = data.display().to_string();
        let [drops, cells] = [drops, cells].map(|count| count.to_string());
        let what = format!("filling a hub with {drops} drops and {cells} cells");
        self.bench(&what, &["store", "--drops", &drops, "--cells", &cells, "--data", &path])?;
        Ok(data)
    }

    fn limits(&self, connections: u32) -> Result<Value, String> {
        let [connections, seconds] = [connections, self.seconds].map(|count| count.to_string());
        let dir = self.dir.display().to_string();
        let what = format!("limits with {connections} connections");
        self.bench(&what, &["limits", "--connections", &connections, "--seconds", &seconds, "--data", &dir])
    }

    fn load(&self, hub: &Hub, connections: u32, more: &[&str]) -> Result<Value, String> {
        let [connections, seconds] = [connections, self.seconds].map(|count| count.to_string());
        let what = format!("load with {connections} connections {}", more.join(" "));
        let usual = ["load", "--connections", &connections, "--seconds", &seconds, "--hub", &hub.url];
        self.bench(&what, &[&usual, more].concat())
    }

    fn bench(&self, what: &str, arguments: &[&str]) -> Result<Value, String> {
        let program = self.binary.display().to_string();
        let said = Step::new(what, &program, &["bench"]).args(arguments).args(&["--json"]).output()?;
        serde_json::from_str(&said).map_err(|error| format!("{what}: {error}"))
    }
}

/// A figure of a report, 0 where there is none.
pub fn number(report: &Value, key: &str) -> f64 {
    report[key].as_f64().unwrap_or(0.0)
}

fn size(dir: &Path) -> Result<u64, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", dir.display());
    let mut sum = 0;
    for entry in fs::read_dir(dir).map_err(failed)? {
        sum += entry.and_then(|entry| entry.metadata()).map_err(failed)?.len();
    }
    Ok(sum)
}
