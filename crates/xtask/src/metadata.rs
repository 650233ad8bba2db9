//! What cargo knows of the workspace and of what it depends on.

use serde_json::Value;

use crate::step::Step;

/// The packages of the workspace alone.
pub fn own() -> Result<Vec<Value>, String> {
    read(&["--no-deps"])
}

/// These and all that they are built and tested with on this machine; nothing of other operating systems.
pub fn all() -> Result<Vec<Value>, String> {
    let version = Step::new("this machine", "rustc", &["--version", "--verbose"]).output()?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host =
        host.ok_or("`rustc --version --verbose` names no host; see which rustc is found first in PATH")?;
    read(&["--locked", "--filter-platform", host])
}

fn read(arguments: &[&str]) -> Result<Vec<Value>, String> {
    let text = Step::cargo("packages", &["metadata", "--format-version=1"]).args(arguments).output()?;
    let mut metadata: Value =
        serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))?;
    match metadata["packages"].take() {
        Value::Array(packages) => Ok(packages),
        _ => Err("cargo metadata lists no packages".to_owned()),
    }
}
