//! `cargo xtask vectors`: writes `vectors/*.json` from fixed seeds and a fixed clock, or checks that they are up to date.

mod case;
mod cell;
mod cell_refused;
mod day;
mod device;
mod drop;
mod events;
mod exchange;
mod fingerprint;
mod fixture;
mod invitation;
mod json;
mod keyring;
mod letter;
mod letters;
mod log;
mod notice;
mod notice_bodies;
mod phrase;
mod seal;
mod snapshot;
mod stamp;
mod walk;

use std::fs;

use serde_json::Value;

use crate::root;

/// Makes a whole file.
type Make = fn() -> Value;

/// One file a concept, each made from its own seed.
const FILES: [(&str, Make); 21] = [
    ("phrase", phrase::file),
    ("fingerprint", fingerprint::file),
    ("json", json::file),
    ("notice", notice::file),
    ("keyring", keyring::file),
    ("cell", cell::file),
    ("drop", drop::file),
    ("letters", letters::file),
    ("letter", letter::file),
    ("exchange", exchange::file),
    ("stamp", stamp::file),
    ("event", events::file),
    ("entry", log::entry_file),
    ("commit", log::commit_file),
    ("snapshot", snapshot::file),
    ("follow", device::follow_file),
    ("session", device::session_file),
    ("enrol", device::enrol_file),
    ("invitation", invitation::file),
    ("day", day::file),
    ("walk", walk::file),
];

/// Writes the files, or with `--check` compares them with what would be written.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let check = match arguments {
        [] => false,
        [only] if only == "--check" => true,
        _ => return Err("vectors takes no argument but --check".to_owned()),
    };
    let folder = root().join("vectors");
    for (name, make) in FILES {
        let path = folder.join(format!("{name}.json"));
        let text = format!("{:#}\n", make());
        if !check {
            fs::write(&path, text).map_err(|error| format!("vectors/{name}.json: {error}"))?;
        } else if fs::read_to_string(&path).ok() != Some(text) {
            return Err(format!("vectors/{name}.json is not what `cargo xtask vectors` writes"));
        }
    }
    eprintln!("==> {} files of vectors {}", FILES.len(), if check { "are up to date" } else { "written" });
    Ok(())
}
