//! The graph of internal crates as decided: a new edge is a decision, written here and in docs/decisions.

use std::collections::BTreeSet;

use crate::root;

/// Who may depend on whom, tests left out.
const ALLOWED: [(&str, &[&str]); 8] = [
    ("callsign-protocol", &[]),
    ("callsign-hub", &["callsign-protocol"]),
    ("callsign-caller", &["callsign-protocol"]),
    ("callsign-desk", &["callsign-protocol"]),
    ("callsign", &["callsign-protocol", "callsign-hub", "callsign-caller", "callsign-desk"]),
    ("callsign-testkit", &["callsign-protocol", "callsign-hub", "callsign-caller", "callsign-desk"]),
    ("callsign-fuzz", &["callsign-protocol", "callsign-caller"]),
    ("xtask", &["callsign-protocol"]),
];

/// Compares the workspace with the decided graph.
pub fn check() -> Result<(), String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = std::process::Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version=1"])
        .current_dir(root())
        .output()
        .map_err(|error| format!("cargo metadata: {error}"))?;
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    let none = Vec::new();
    let packages = metadata["packages"].as_array().unwrap_or(&none);
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = ALLOWED.iter().find(|(crate_name, _)| *crate_name == name) else {
            return Err(format!("{name} is not in the decided graph of crates"));
        };
        let dependencies = package["dependencies"].as_array().unwrap_or(&none);
        let internal: BTreeSet<&str> = dependencies
            .iter()
            .filter(|dependency| dependency["kind"] != "dev" && !dependency["path"].is_null())
            .filter_map(|dependency| dependency["name"].as_str())
            .collect();
        if let Some(edge) = internal.iter().find(|edge| !allowed.contains(edge)) {
            return Err(format!("{name} -> {edge} is a new edge: decide it in docs/decisions first"));
        }
    }
    Ok(())
}
