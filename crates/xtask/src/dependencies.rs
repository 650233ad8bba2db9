//! What others wrote and this is made of: its licences, and what is there in two versions.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde_json::Value;

use crate::{licence, metadata, root};

/// Crates that are there in several versions, and why that is so. One that is no longer so is to be taken out.
const DUPLICATES: [(&str, &str); 5] = [
    ("bit-vec", "tests alone: proptest and rcgen do not agree"),
    ("embedded-io", "options of postcard that are off: neither is built"),
    ("getrandom", "ring, which TLS is made with, has the older one"),
    ("rand_core", "imbl, whose sets draw nothing, has the older one"),
    ("syn", "compilers of macros alone: half of them have moved on"),
];

/// Fails with all licences that are not allowed, and with duplicates that are new or gone.
pub fn check() -> Result<(), String> {
    let packages = metadata::all()?;
    let mut wrong = Vec::new();
    for package in &packages {
        let name = package["name"].as_str().unwrap_or_default();
        judge(name, package["license"].as_str(), &mut wrong);
    }
    for (name, licence) in pages()? {
        judge(&name, licence.as_deref(), &mut wrong);
    }
    wrong.extend(duplicates(&packages));
    if wrong.is_empty() { Ok(()) } else { Err(format!("dependencies: {}", wrong.join("; "))) }
}

fn judge(name: &str, licence: Option<&str>, wrong: &mut Vec<String>) {
    match licence {
        Some(licence) if licence::is_allowed(licence) => {}
        Some(licence) => wrong.push(format!(
            "{name} is under {licence}: do without it, or allow its licence in crates/xtask/src/licence.rs"
        )),
        None => wrong.push(format!("{name} names no licence: do without it")),
    }
}

/// What the built pages hold, with its licences; tools of development go nowhere.
fn pages() -> Result<Vec<(String, Option<String>)>, String> {
    let path = root().join("web/package-lock.json");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lock: Value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let packages = lock["packages"].as_object().ok_or("web/package-lock.json lists no packages")?;
    let carried = packages.iter().filter(|(_, package)| package["dev"] != true && package["link"] != true);
    Ok(carried
        .map(|(path, package)| (format!("web/{path}"), package["license"].as_str().map(str::to_owned)))
        .collect())
}

fn duplicates(packages: &[Value]) -> Vec<String> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        let [name, version] = ["name", "version"].map(|field| package[field].as_str().unwrap_or_default());
        versions.entry(name).or_default().insert(version);
    }
    versions.retain(|_, versions| versions.len() > 1);
    let is_known = |name: &str| DUPLICATES.iter().any(|(known, _)| *known == name);
    let new = versions.iter().filter(|(name, _)| !is_known(name)).map(|(name, versions)| {
        let versions: Vec<&str> = versions.iter().copied().collect();
        format!(
            "{name} is there as {}: bring them together, or say in crates/xtask/src/dependencies.rs why not",
            versions.join(" and ")
        )
    });
    let gone = DUPLICATES.iter().filter(|(name, _)| !versions.contains_key(name)).map(|(name, _)| {
        format!("{name} is there once: take it out of the list in crates/xtask/src/dependencies.rs")
    });
    new.chain(gone).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn duplicates_are_told_where_they_are_new_and_where_they_are_gone() {
        let twice = |name: &str| {
            [json!({ "name": name, "version": "1.0.0" }), json!({ "name": name, "version": "2.0.0" })]
        };
        let known: Vec<Value> = DUPLICATES.iter().flat_map(|(name, _)| twice(name)).collect();
        assert_eq!(duplicates(&known), Vec::<String>::new());
        let more = [known.clone(), twice("another").to_vec()].concat();
        assert!(
            matches!(&duplicates(&more)[..], [new] if new.starts_with("another is there as 1.0.0 and 2.0.0"))
        );
        assert!(matches!(&duplicates(&known[2..])[..], [gone] if gone.starts_with("bit-vec is there once")));
    }

    #[test]
    fn what_names_no_licence_or_one_that_is_not_allowed_is_told() {
        let mut wrong = Vec::new();
        judge("fine", Some("MIT"), &mut wrong);
        judge("silent", None, &mut wrong);
        judge("strict", Some("AGPL-3.0-only"), &mut wrong);
        assert!(
            matches!(&wrong[..], [silent, strict] if silent.starts_with("silent ") && strict.starts_with("strict "))
        );
    }
}
