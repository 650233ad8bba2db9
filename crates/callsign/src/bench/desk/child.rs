//! The process in which a part is measured, so that its memory is that of this part alone.

use std::{
    io::Read as _,
    path::Path,
    process::{Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
};

use clap::ValueEnum as _;
use serde::de::DeserializeOwned;

use super::stages::Stage;
use crate::failure::Failure;

/// One process at a time, which ends with the measurement.
#[derive(Debug, Default)]
pub struct Child(Mutex<Option<std::process::Child>>);

impl Child {
    /// What a stage has measured in a process of this same program.
    pub fn measure<T: DeserializeOwned>(&self, stage: Stage, at: &Path) -> Result<T, Failure> {
        let broken = |what: &str, error| Failure::of_system(what, &error, "end other programs and try again");
        let program =
            std::env::current_exe().map_err(|error| broken("this program does not find itself", error))?;
        let name = stage.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        let child = Command::new(program)
            .args(["bench", "desk", "--json", "--stage", &name, "--at"])
            .arg(at)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.map_err(|error| broken("a second process cannot be started", error))?;
        let stdout = child.stdout.take();
        *self.child() = Some(child);
        let mut said = String::new();
        if let Some(mut stdout) = stdout {
            stdout
                .read_to_string(&mut said)
                .map_err(|error| broken("a second process is not heard", error))?;
        }
        let ended = self.child().take().map(|mut child| child.wait());
        if !ended.is_some_and(|ended| ended.is_ok_and(|status| status.success())) {
            let sentence =
                format!("the part {name} of the measurement failed; its own error stands above; try again");
            return Err(Failure::new("bench", sentence));
        }
        serde_json::from_str(&said).map_err(|_| {
            Failure::new("bench", format!("the part {name} of the measurement said nothing; report it"))
        })
    }

    /// Ends it, where there is one.
    pub fn end(&self) {
        if let Some(child) = &mut *self.child() {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    fn child(&self) -> MutexGuard<'_, Option<std::process::Child>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
