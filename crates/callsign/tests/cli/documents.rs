//! What README and the documents have people type works, in the order in which it stands there.

use std::fs;

use crate::{
    commands::{self, typed_in},
    stage::{Seed, Stage},
};

const README: &str = include_str!("../../../../README.md");
const OPERATIONS: &str = include_str!("../../../../docs/operations.md");

#[test]
fn the_readme_can_be_followed_from_its_beginning_to_its_end() {
    let mut stage = Stage::empty();
    for line in typed_in(README) {
        println!("{line}");
        let is = |beginning: &str| line.starts_with(beginning);
        if is("cargo ") {
            // Of these one runs this test, and the other what this test runs.
            continue;
        }
        assert!(is("callsign "), "README has people type what no test runs: {line}");
        if is("callsign hub restore") {
            stage.stop_hub();
        }
        if is("callsign desk join") {
            // This is on another machine.
            stage.ask_to_join("~/second-desk");
            continue;
        }
        if is("callsign desk invite") {
            stage.run_meeting(&line);
            // The rest speaks of one other device.
            stage.learn_the_other_device();
            stage.run("callsign desk remove --data ~/desk --yes DEVICE");
            continue;
        }
        if line.contains(" DEVICE") {
            stage.learn_the_other_device();
        }
        if is("callsign desk approve") {
            stage.have_an_answer_to_read();
        }
        let printed =
            if is("callsign desk admit") { stage.run_at_a_terminal(&line) } else { stage.run(&line) };
        if is("callsign hub --data") {
            stage.start_hub();
        }
        if is("callsign desk init") {
            stage.learn_the_desk(&printed);
            stage.call();
        }
        if is("callsign hub restore") {
            stage.start_hub();
            stage.run("callsign desk recover --data ~/desk");
        }
    }
}

#[test]
fn the_readme_names_every_command() {
    let typed = typed_in(README);
    for command in commands::all().iter().filter(|command| command.is_leaf()) {
        let name = command.typed();
        let is_it = |line: &String| {
            let words = line.replacen("cargo ", "callsign ", 1);
            words == name || words.starts_with(&format!("{name} "))
        };
        assert!(typed.iter().any(is_it), "README does not show {name}");
    }
}

#[test]
fn what_the_documents_have_people_type_works() {
    let mut seed = Seed::new();
    let typed = typed_in(OPERATIONS);
    let lines: Vec<_> = typed.iter().filter(|line| line.starts_with("callsign ")).collect();
    assert!(lines.len() >= 3, "{lines:?}");
    for line in lines {
        println!("{line}");
        seed.run_anew(line);
    }
}

#[test]
fn every_variable_that_is_read_is_told() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut read = std::collections::BTreeSet::new();
    for part in ["callsign", "caller", "desk", "hub"] {
        sources(format!("{root}/{part}/src").as_ref(), &mut |text| {
            let names = text.split('"').filter(|name| {
                name.len() > "CALLSIGN_".len()
                    && name.starts_with("CALLSIGN_")
                    && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
            });
            read.extend(names.map(str::to_owned));
        });
    }
    assert!(read.len() >= 4, "{read:?}");
    let commands = commands::all();
    for name in read {
        assert!(commands.iter().any(|command| command.help.contains(&name)), "no help tells of {name}");
    }
    for command in commands.iter().filter(|command| command.words.first().is_some_and(|word| word == "desk"))
    {
        assert!(command.help.contains("CALLSIGN_PASSPHRASE"), "{}", command.typed());
    }
}

fn sources(dir: &std::path::Path, read: &mut impl FnMut(String)) {
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, read);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            read(fs::read_to_string(path).unwrap());
        }
    }
}
