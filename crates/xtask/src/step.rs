//! One command of a task, announced before it runs.

use std::{
    ffi::OsStr,
    os::unix::process::CommandExt as _,
    process::{Command, Stdio},
};

use crate::root;

/// A command with the sentence that announces it.
pub struct Step {
    what: String,
    command: Command,
}

impl Step {
    /// A program at the root of the workspace.
    pub fn new(what: &str, program: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.current_dir(root()).args(arguments);
        Self { what: what.to_owned(), command }
    }

    /// The cargo that runs this task.
    pub fn cargo(what: &str, arguments: &[&str]) -> Self {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        Self::new(what, &cargo, arguments)
    }

    /// npm for all pages; `--workspace` names one.
    pub fn npm(what: &str, arguments: &[&str]) -> Self {
        let mut step = Self::new(what, "npm", arguments);
        step.command.current_dir(root().join("web"));
        step
    }

    /// More arguments.
    pub fn args(mut self, arguments: &[impl AsRef<OsStr>]) -> Self {
        self.command.args(arguments);
        self
    }

    /// A variable of the environment.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Leaves standard output to whoever comes after, such as `callsign demo --json`.
    pub fn aside(mut self) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a tool of development, not the product")]
        self.command.stdout(std::io::stderr());
        self
    }

    /// Runs it; an error names what failed.
    pub fn run(mut self) -> Result<(), String> {
        eprintln!("==> {}", self.what);
        let status = self.command.status().map_err(|error| self.cannot_start(&error))?;
        if status.success() { Ok(()) } else { Err(format!("{} failed ({status})", self.what)) }
    }

    /// Runs it and gives what it printed.
    pub fn output(mut self) -> Result<String, String> {
        eprintln!("==> {}", self.what);
        let output =
            self.command.stderr(Stdio::inherit()).output().map_err(|error| self.cannot_start(&error))?;
        if !output.status.success() {
            return Err(format!("{} failed ({})", self.what, output.status));
        }
        String::from_utf8(output.stdout).map_err(|_| format!("{} printed bytes that are no text", self.what))
    }

    /// Replaces this process with it.
    pub fn become_it(mut self) -> Result<(), String> {
        let error = self.command.exec();
        Err(self.cannot_start(&error))
    }

    fn cannot_start(&self, error: &std::io::Error) -> String {
        format!("{}: cannot start {}: {error}", self.what, self.command.get_program().display())
    }
}
