//! Runs the binary: commands that end, and servers that are stopped when a test ends.

use std::{
    fmt::Debug,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{self, Child, Command, ExitStatus, Output, Stdio},
    sync::atomic::{AtomicU8, Ordering},
};

use serde_json::Value;
use tempfile::TempDir;

pub const PASSPHRASE: &str = "meadow ladder copper violin harbour quilt";
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

/// What mail programs, messengers and phones make of armour.
pub fn as_carried(armoured: &str) -> Vec<Vec<u8>> {
    let quoted =
        |prefix: &str| format!("{prefix}{}\n", armoured.trim_end().replace('\n', &format!("\n{prefix}")));
    let long_mail = format!("{}\n{armoured}", "A line of a long mail.\n".repeat(4_000));
    let in_windows_1251 = [b"\xcf\xf0\xe8\xe2\xb3\xf2,\r\n\r\n", armoured.as_bytes()].concat();
    let mut carried = vec![in_windows_1251];
    carried.extend(
        [
            quoted("> "),
            quoted("| "),
            quoted("> > "),
            armoured.replace("--", "\u{2014}"),
            armoured.replace("-----", "\u{2013}\u{2013}---"),
            armoured.replace(' ', "\u{a0}").replace('\n', "\r\n\r\n"),
            armoured.replace('\n', "\u{200b}\n\u{feff}"),
            armoured.replace("-----", "&#45;&#45;&#45;&#45;&#45;").replace('\n', "<br>\n"),
            long_mail,
        ]
        .map(String::into_bytes),
    );
    carried
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
        self.failure_with(1)
    }

    /// The same of one that must end with a status.
    pub fn failure_with(self, status: i32) -> (String, String) {
        let error = self.error_with(status);
        let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
        (text("code"), text("message"))
    }

    /// The error of a command that must fail.
    pub fn error(self) -> Value {
        self.error_with(1)
    }

    /// The sentence of a command whose arguments are wrong by themselves.
    pub fn misuse(self) -> String {
        let error = self.error_with(2);
        assert_eq!(error["code"], "usage", "{error}");
        error["message"].as_str().unwrap_or_default().to_owned()
    }

    fn error_with(self, status: i32) -> Value {
        let said = self.said();
        assert_eq!(said.output.status.code(), Some(status), "{said:?}");
        let last = said.stderr().lines().last().unwrap_or_default().to_owned();
        let mut line: Value = serde_json::from_str(&last).unwrap_or_else(|error| panic!("{error}: {said:?}"));
        line["error"].take()
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
    pub fn start(command: Command) -> Self {
        Self::start_when(command, |_| true)
    }

    /// Starts a command and waits for a line that says that it is ready, in JSON or otherwise.
    pub fn start_when(mut command: Command, is_ready: impl Fn(&str) -> bool) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Killed when this panics.
        let mut server = Self { child: command.spawn().unwrap(), ready: Value::Null };
        let mut stdout = BufReader::new(server.child.stdout.as_mut().unwrap());
        let mut line = String::new();
        while line.is_empty() || !is_ready(&line) {
            line.clear();
            if stdout.read_line(&mut line).unwrap() == 0 {
                let mut said = String::new();
                let _ = server.child.stderr.take().unwrap().read_to_string(&mut said);
                panic!("it ended before it was ready: {said}");
            }
        }
        server.ready = serde_json::from_str(&line).unwrap_or_default();
        server
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
    /// A hub on an address of its own, and a desk set up at it.
    pub fn start() -> Self {
        let dir = TempDir::new().unwrap();
        let hub = hub(&dir.path().join("hub"), &address_of_ones_own().to_string());
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

/// An address of loopback that no other test uses, with a port that is free there and stays so: nobody takes the port while
/// a hub is stopped, and nobody listens where nobody is meant to.
pub fn address_of_ones_own() -> SocketAddr {
    static LAST: AtomicU8 = AtomicU8::new(0);
    let [_, _, high, low] = process::id().to_be_bytes();
    let address = Ipv4Addr::new(127, high, low, LAST.fetch_add(1, Ordering::Relaxed));
    // The first of 127.0.0.0/8 is where all others are.
    let address =
        if high == 0 && low == 0 { Ipv4Addr::new(127, 255, 0, address.octets()[3]) } else { address };
    TcpListener::bind((address, 0)).unwrap().local_addr().unwrap()
}

/// A client that asks no proxy, whatever the environment of the tests names.
pub fn agent() -> ureq::config::ConfigBuilder<ureq::typestate::AgentScope> {
    ureq::Agent::config_builder().proxy(None)
}

pub fn hub(data: &Path, listen: &str) -> Server {
    callsign(&["hub", "--json", "--listen", listen, "--data"]).arg(data).serve()
}
