//! `cargo xtask performance`: measures hub and desk of the released program on this machine, and writes `docs/performance.md`.

mod desk;
mod hub;
mod machine;
mod measure;
mod plot;
mod report;

use std::fs;

use crate::{page, root, step::Step, target};

/// Seconds of each run where nothing else is said.
const SECONDS: u32 = 10;

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Hub,
    Desk,
}

/// Builds, measures, writes. The hub takes about fifty times `--seconds`, the desk half an hour.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let mut seconds = SECONDS;
    let mut parts = vec![Part::Hub, Part::Desk];
    for argument in arguments.chunks(2) {
        match argument {
            [name, given] if name == "--seconds" => {
                let given = given.parse().ok().filter(|seconds| *seconds > 0);
                seconds = given.ok_or_else(usage)?;
            }
            [name, part] if name == "--only" && part == "hub" => parts = vec![Part::Hub],
            [name, part] if name == "--only" && part == "desk" => parts = vec![Part::Desk],
            _ => return Err(usage()),
        }
    }
    page::build()?;
    Step::cargo("building callsign for release", &["build", "--release", "--package", "callsign"]).run()?;
    parts.into_iter().try_for_each(|part| part.write(seconds))
}

fn usage() -> String {
    "usage: cargo xtask performance [--seconds S] [--only hub|desk]".to_owned()
}

impl Part {
    fn write(self, seconds: u32) -> Result<(), String> {
        let binary = target().join("release/callsign");
        // On the disk that is measured, and not where temporary files lie in memory.
        let dir = target().join("performance");
        let failed = |what: &str, error: std::io::Error| format!("{what}: {error}");
        if dir.exists() {
            fs::remove_dir_all(&dir).map_err(|error| failed("target/performance", error))?;
        }
        fs::create_dir_all(&dir).map_err(|error| failed("target/performance", error))?;
        let machine = machine::describe(&dir)?;
        let (name, measured, drawn) = match self {
            Self::Hub => {
                let figures = measure::Bench { binary, dir: dir.clone(), seconds }.all()?;
                ("hub", report::measured(&machine, &figures), report::plots(&figures))
            }
            Self::Desk => {
                let reports = desk::Desks { binary, dir: dir.clone() }.all()?;
                ("desk", desk::measured(&machine, &reports), desk::plots(&reports))
            }
        };
        fs::remove_dir_all(&dir).map_err(|error| failed("target/performance", error))?;
        let plots = root().join("docs/performance");
        fs::create_dir_all(&plots).map_err(|error| failed("docs/performance", error))?;
        for (name, svg) in drawn {
            fs::write(plots.join(name), svg).map_err(|error| failed(name, error))?;
        }
        let document = root().join("docs/performance.md");
        let text = fs::read_to_string(&document).map_err(|error| failed("docs/performance.md", error))?;
        let text = report::insert(&text, name, &measured)?;
        fs::write(&document, text).map_err(|error| failed("docs/performance.md", error))
    }
}
