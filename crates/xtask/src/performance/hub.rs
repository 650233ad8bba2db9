//! A hub in a process of its own, on a free port of loopback, for as long as it is measured.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::machine;

/// A running hub; it is stopped when dropped.
pub struct Hub {
    child: Child,
    /// Where it listens.
    pub url: String,
    /// From the start of the process until it said that it listens.
    pub start: Duration,
}

impl Hub {
    /// Starts the program with a directory that `callsign bench store` has made.
    #[expect(clippy::disallowed_methods, reason = "how long a hub takes to start is measured here")]
    pub fn start(binary: &Path, data: &Path) -> Result<Self, String> {
        let began = Instant::now();
        let child = Command::new(binary)
            .args(["hub", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.map_err(|error| format!("{}: {error}", binary.display()))?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.as_mut() {
            BufReader::new(stdout).read_line(&mut line).map_err(|error| format!("the hub: {error}"))?;
        }
        let start = began.elapsed();
        let hub = |url| Self { child, url, start };
        let ready: Value = serde_json::from_str(&line).unwrap_or_default();
        let Some(address) = ready["listening"].as_str() else {
            drop(hub(String::new()));
            return Err("the hub did not start".to_owned());
        };
        Ok(hub(format!("http://{address}")))
    }

    /// Resident memory in MiB: now, and the most so far.
    pub fn memory_mib(&self) -> Result<(u64, u64), String> {
        machine::memory_mib(self.child.id())
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        // It was started for this alone, and what it stores is thrown away.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
