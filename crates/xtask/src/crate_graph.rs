//! The graph of internal crates as decided: a new edge is a decision, written here and in docs/decisions.

use std::collections::BTreeSet;

use crate::metadata;

/// Who may depend on whom, tests left out.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("callsign-protocol", &[]),
    ("callsign-hub", &["callsign-protocol"]),
    ("callsign-http", &["callsign-protocol"]),
    ("callsign-caller", &["callsign-protocol", "callsign-http"]),
    ("callsign-desk", &["callsign-protocol", "callsign-http"]),
    ("callsign", &["callsign-protocol", "callsign-http", "callsign-hub", "callsign-caller", "callsign-desk"]),
    (
        "callsign-testkit",
        &["callsign-protocol", "callsign-http", "callsign-hub", "callsign-caller", "callsign-desk"],
    ),
    ("callsign-testdesk", &["callsign-protocol"]),
    ("callsign-fuzz", &["callsign-protocol", "callsign-http", "callsign-desk"]),
    ("xtask", &["callsign-protocol"]),
];

/// The library of the one HTTP client: tests aside, nobody else may open connections with it.
const HTTP_LIBRARY: (&str, &str) = ("ureq", "callsign-http");

/// Compares the workspace with the decided graph.
pub fn check() -> Result<(), String> {
    let none = Vec::new();
    for package in &metadata::own()? {
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
        let (library, owner) = HTTP_LIBRARY;
        let is_used =
            |dependency: &serde_json::Value| dependency["name"] == library && dependency["kind"] != "dev";
        if name != owner && dependencies.iter().any(is_used) {
            return Err(format!(
                "{name} -> {library}: requests go through {owner}, where the rules of anonymity are"
            ));
        }
    }
    Ok(())
}
