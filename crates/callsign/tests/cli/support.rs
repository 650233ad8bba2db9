//! Runs the binary: commands that end, and servers that are stopped when a test ends.

use std::{
    fmt::Debug,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

pub const PASSPHRASE: &str = "a passphrase for tests";
pub const BINARY: &str = env!("CARGO_BIN_EXE_callsign");

/// A command of the binary.
pub struct Run {
    command: Command,
    input: Vec<u8>,
}

/// What a command said.
pub struct Said {
    pub output: Output,
}

/// A server of the binary, stopped when dropped.
pub struct Server {
    child: Child,
    /// The line of JSON that it printed when it was ready.
    pub ready: Value,
}

/// A hub with a desk, and room for files.
pub struct Hotline {
    pub dir: TempDir,
    pub hub: Option<Server>,
    pub hub_url: String,
    pub fingerprint: String,
}

pub fn callsign(arguments: &[&str]) -> Run {
    let mut command = Command::new(BINARY);
    command.args(arguments).env_clear().env("CALLSIGN_PASSPHRASE", PASSPHRASE);
    Run { command, input: Vec::new() }
}

impl Run {
    pub fn arg(mut self, argument: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn without_passphrase(mut self) -> Self {
        self.command.env_remove("CALLSIGN_PASSPHRASE");
        self
    }

    pub fn input(mut self, input: impl AsRef<[u8]>) -> Self {
        self.input = input.as_ref().to_vec();
        self
    }

    pub fn said(mut self) -> Said {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        // A command that refuses before it reads closes its input early.
        let _ = child.stdin.take().unwrap().write_all(&self.input);
        Said { output: child.wait_with_output().unwrap() }
    }

    /// The JSON of a command that must succeed.
    pub fn json(self) -> Value {
        let said = self.said();
        assert!(said.output.status.success(), "{said:?}");
        serde_json::from_slice(&said.output.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"))
    }

    /// The stable code and the sentence of a command that must fail.
    pub fn failure(self) -> (String, String) {
        let said = self.said();
        assert_eq!(said.output.status.code(), Some(1), "{said:?}");
        let last = said.stderr().lines().last().unwrap_or_default().to_owned();
        let error: Value = serde_json::from_str(&last).unwrap_or_else(|error| panic!("{error}: {said:?}"));
        let text = |name: &str| error["error"][name].as_str().unwrap_or_default().to_owned();
        (text("code"), text("message"))
    }

    /// A server; waits for the line that it prints when it is ready.
    pub fn serve(self) -> Server {
        Server::start(self.command)
    }
}

impl Said {
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }
}

impl Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\n{}\n{}", self.output.status, self.stdout(), self.stderr())
    }
}

impl Server {
    /// Starts a command and waits for the line that it prints when it is ready.
    pub fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let Ok(ready) = serde_json::from_str(&line) else {
            let _ = child.kill();
            panic!("not ready: {line} {:?}", child.wait_with_output());
        };
        Self { child, ready }
    }

    /// A signal by its name.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    /// Waits for a line on standard error that contains a text.
    pub fn says(&mut self, text: &str) -> String {
        let mut stderr = BufReader::with_capacity(1, self.child.stderr.as_mut().unwrap());
        let mut line = String::new();
        while !line.contains(text) {
            line.clear();
            assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "never said: {text}");
        }
        line
    }

    /// How it ended.
    pub fn ended(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// SIGKILL, as from a machine that runs out of memory.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, as from a service manager; all that it wrote to standard error.
    pub fn terminate(mut self) -> Output {
        self.signal("TERM");
        let stderr = self.child.stderr.take();
        let status = self.child.wait().unwrap();
        let mut text = Vec::new();
        if let Some(mut stderr) = stderr {
            std::io::Read::read_to_end(&mut stderr, &mut text).unwrap();
        }
        Output { status, stdout: Vec::new(), stderr: text }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Hotline {
    /// A hub on a free port, and a desk set up at it.
    pub fn start() -> Self {
        let dir = TempDir::new().unwrap();
        let hub = hub(&dir.path().join("hub"), "127.0.0.1:0");
        let hub_url = format!("http://{}", hub.ready["listening"].as_str().unwrap());
        let desk = dir.path().join("desk");
        let initialised =
            callsign(&["desk", "init", "--json", "--name", "Test desk", "--code", "-", "--hub", &hub_url])
                .arg("--data")
                .arg(&desk)
                .input(hub.ready["enrolment_code"].as_str().unwrap())
                .json();
        let fingerprint = initialised["fingerprint"].as_str().unwrap().to_owned();
        Self { dir, hub: Some(hub), hub_url, fingerprint }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A desk command with JSON.
    pub fn desk(&self, command: &[&str]) -> Run {
        callsign(&["desk"]).args(command).arg("--json").arg("--data").arg(self.path("desk"))
    }

    /// A call command with JSON and the right fingerprint.
    pub fn call(&self, command: &[&str]) -> Run {
        let (name, rest) = command.split_first().unwrap();
        callsign(&["call", name, "--json", "--hub", &self.hub_url, "--fingerprint", &self.fingerprint])
            .args(rest)
    }

    /// Starts the hub again on the same address.
    pub fn restart_hub(&mut self) {
        let address = self.hub_url.trim_start_matches("http://").to_owned();
        self.hub = Some(hub(&self.path("hub"), &address));
    }
}

impl Run {
    pub fn args(mut self, arguments: &[&str]) -> Self {
        self.command.args(arguments);
        self
    }
}

pub fn hub(data: &Path, listen: &str) -> Server {
    callsign(&["hub", "--json", "--listen", listen, "--data"]).arg(data).serve()
}
