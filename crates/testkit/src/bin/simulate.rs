//! `cargo xtask simulate`: runs many scenarios, and shrinks those that fail to lists that can be kept as reproductions.

use std::process::ExitCode;

use callsign_testkit::simulation::{Scenario, shrink};

const HELP: &str = "\
cargo xtask simulate [--seeds N] [--seed S] [--ops N]

Simulates a hub, devices and callers, with faults, each seed another scenario of some weeks. A scenario that fails is shrunk and
printed as Rust, for crates/testkit/tests/simulation/reproductions.rs. Exits with 1 where one failed, and with 2 where it was
not asked properly.

  --seeds N   scenarios (100)
  --seed S    the first of them (1)
  --ops N     operations of each (80)";

struct Asked {
    seeds: u64,
    first: u64,
    ops: usize,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help") {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    }
    match read(&arguments) {
        Ok(asked) => run(&asked),
        Err(sentence) => {
            eprintln!("{sentence}; --help says what there is");
            ExitCode::from(2)
        }
    }
}

fn run(asked: &Asked) -> ExitCode {
    // What panics is reported as a failure of its scenario.
    std::panic::set_hook(Box::new(|_| {}));
    let (mut days, mut failed) = (0, 0);
    for seed in asked.first..asked.first + asked.seeds {
        let scenario = Scenario::draw(seed, asked.ops);
        match scenario.run() {
            Ok(report) => days += report.days,
            Err(failure) => {
                failed += 1;
                println!("seed {seed}: {failure}");
                let (short, failure) = shrink(&scenario, &failure, None);
                println!("{} operations are enough, {failure}\n{short}\n", short.ops.len());
            }
        }
    }
    println!("{} scenarios, {days} days went well, {failed} scenarios failed", asked.seeds);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read(arguments: &[String]) -> Result<Asked, String> {
    let mut asked = Asked { seeds: 100, first: 1, ops: 80 };
    let mut arguments = arguments.iter();
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{option} is no option, or lacks its value"))?;
        let no_number = |_| format!("{option} wants a number, not {value}");
        match option.as_str() {
            "--seeds" => asked.seeds = value.parse().map_err(no_number)?,
            "--seed" => asked.first = value.parse().map_err(no_number)?,
            "--ops" => asked.ops = value.parse().map_err(no_number)?,
            _ => return Err(format!("{option} is no option")),
        }
    }
    Ok(asked)
}
