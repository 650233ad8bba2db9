//! Runs `vectors/independent/check.py` with a Python that has the package it needs, made under `target/` where there is none.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{debian, root, step::Step, target};

/// ML-KEM came with this one.
const PACKAGE: &str = "cryptography>=48";
const HAS_PACKAGE: &str = "import cryptography as c, sys; sys.exit(int(c.__version__.split('.')[0]) < 48)";
const PACKAGES: [&str; 2] = ["python3", "python3-venv"];

/// Checks the vectors with none of the project's code.
pub fn check() -> Result<(), String> {
    let python = python()?.display().to_string();
    Step::new("the vectors, independently", &python, &["vectors/independent/check.py"]).run()
}

/// The system's Python where it will do, otherwise that of an environment which is made once.
fn python() -> Result<PathBuf, String> {
    let system = PathBuf::from("python3");
    if succeeds(&system, &["-c", HAS_PACKAGE]) {
        return Ok(system);
    }
    let environment = target().join("vectors-python");
    let python = environment.join("bin/python");
    if !succeeds(&python, &["-c", HAS_PACKAGE]) {
        make(&system, &environment)?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE];
        Step::new("Python's cryptography", &python.display().to_string(), &pip).run().map_err(|error| {
            format!("{error}; the vectors' independent check needs {PACKAGE} from PyPI, once")
        })?;
    }
    Ok(python)
}

fn make(system: &Path, environment: &Path) -> Result<(), String> {
    if !succeeds(system, &["-c", "import venv, ensurepip"]) {
        debian::install(&PACKAGES)?;
    }
    if !succeeds(system, &["-c", "import venv, ensurepip"]) {
        return Err(format!(
            "the vectors' independent check needs Python 3 with venv; install it with: {}",
            debian::command(&PACKAGES)
        ));
    }
    let path = environment.display().to_string();
    Step::new("an environment for Python", &system.display().to_string(), &["-m", "venv", "--clear", &path])
        .run()
}

fn succeeds(program: &Path, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command
        .current_dir(root())
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
