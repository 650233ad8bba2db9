//! The demonstration's other processes: this program again, each with arguments of its own.

use std::{ffi::OsStr, process::Stdio, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::{failure::Failure, output::warn};

/// How long a part may take to stop before it is stopped by force.
const STOPS_WITHIN: Duration = Duration::from_secs(20);

/// A process that serves. It ends with its standard input, so it never outlives the demonstration, however that ends.
pub struct Part {
    name: String,
    child: Child,
    /// Taken from the child, for waiting for one closes its own.
    input: ChildStdin,
    /// Kept open, so that a line that is written later finds a reader.
    _output: BufReader<ChildStdout>,
    /// What it said of itself when it was ready.
    pub ready: Value,
}

impl Part {
    /// Starts this program with arguments, and waits until it says that it is ready. Its errors go where this process's go.
    pub async fn start(name: &str, arguments: &[&OsStr], passphrase: Option<&str>) -> Result<Self, Failure> {
        let program = std::env::current_exe().map_err(|error| not_started(name, &error))?;
        let mut command = Command::new(program);
        command.args(arguments).arg("--stop-with-input").stdin(Stdio::piped()).stdout(Stdio::piped());
        // A Ctrl-C is for the demonstration, which stops its parts in their order.
        command.process_group(0).kill_on_drop(true);
        if let Some(passphrase) = passphrase {
            command.env("CALLSIGN_PASSPHRASE", passphrase);
        }
        let mut child = command.spawn().map_err(|error| not_started(name, &error))?;
        let gone =
            || Failure::new("demo", format!("{name} ended before it was ready; what it said stands above"));
        let input = child.stdin.take().ok_or_else(gone)?;
        let mut output = BufReader::new(child.stdout.take().ok_or_else(gone)?);
        let mut line = String::new();
        output.read_line(&mut line).await.map_err(|error| not_started(name, &error))?;
        let ready = serde_json::from_str(&line).map_err(|_| gone())?;
        Ok(Self { name: name.to_owned(), child, input, _output: output, ready })
    }

    /// A text of what it said of itself.
    pub fn said(&self, member: &str) -> Result<&str, Failure> {
        let sentence = || format!("{} says no {member} by a fault of this program; report it", self.name);
        self.ready[member].as_str().ok_or_else(|| Failure::new("demo", sentence()))
    }

    /// Asks it to stop, and waits until it has.
    pub async fn stop(mut self) {
        drop(self.input);
        if tokio::time::timeout(STOPS_WITHIN, self.child.wait()).await.is_err() {
            warn(
                "stopped-by-force",
                &format!("{} did not stop by itself, so it was stopped by force", self.name),
            );
            // It is gone either way.
            let _ = self.child.kill().await;
        }
    }
}

/// Waits until one of the parts ends, which none should: the failure that says which.
pub async fn first_to_end(parts: &mut [Part]) -> Failure {
    let waiting = parts.iter_mut().map(|part| {
        Box::pin(async {
            // How it ended stands in what it said.
            let _ = part.child.wait().await;
            part.name.clone()
        })
    });
    let (name, ..) = futures_util::future::select_all(waiting).await;
    Failure::new(
        "demo",
        format!("{name} ended by itself, so the demonstration was stopped; what it said stands above"),
    )
}

fn not_started(name: &str, error: &std::io::Error) -> Failure {
    Failure::of_system(format!("{name} cannot be started"), error, "end other programs and try again")
}
