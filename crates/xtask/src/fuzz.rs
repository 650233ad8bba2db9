//! `cargo xtask fuzz --seconds N [target]`: builds the targets of `crates/fuzz` for libFuzzer and searches each for that long.

use std::{
    collections::VecDeque,
    env::consts::{ARCH, OS},
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

use crate::{root, step::Step};

/// What cargo-fuzz passes to rustc, but for `--cfg fuzzing`: libraries must do here what they do for people.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Zsanitizer=address";
/// Seconds that one input may take.
const INPUT_MAX_S: u32 = 20;

/// One target as `callsign-fuzz-seeds` prints it.
struct Target {
    name: String,
    max_len: String,
}

/// Searches all targets, as many at a time as there are processors; an error names those where something did not hold.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let usage = || "fuzz takes --seconds N and perhaps the name of one target".to_owned();
    let (seconds, only) = match arguments {
        [flag, seconds] if flag == "--seconds" => (seconds, None),
        [flag, seconds, only] if flag == "--seconds" => (seconds, Some(only)),
        _ => return Err(usage()),
    };
    let seconds: u32 = seconds.parse().map_err(|_| usage())?;
    let folder = root().join("target/fuzz");
    let mut targets = write_seeds(&folder.join("seeds"))?;
    if let Some(only) = only {
        targets.retain(|target| target.name == *only);
        if targets.is_empty() {
            return Err(format!("there is no target {only}"));
        }
    }
    let program = build(&folder)?;
    eprintln!(
        "==> {} targets, {seconds} seconds each; logs and corpora in {}",
        targets.len(),
        folder.display()
    );
    let queue = Mutex::new(VecDeque::from(targets));
    let failed = Mutex::new(Vec::new());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(target) = next() {
                    match search(&program, &folder, &target, seconds) {
                        Ok(figures) => eprintln!("    {:<16}{figures}", target.name),
                        Err(sentence) => {
                            eprintln!("    {:<16}{sentence}", target.name);
                            failed.lock().unwrap_or_else(PoisonError::into_inner).push(target.name);
                        }
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    if failed.is_empty() { Ok(()) } else { Err(format!("something did not hold: {}", failed.join(", "))) }
}

fn write_seeds(folder: &Path) -> Result<Vec<Target>, String> {
    let _ = fs::remove_dir_all(folder);
    let folder = folder.display().to_string();
    let arguments =
        ["run", "--quiet", "--package", "callsign-fuzz", "--bin", "callsign-fuzz-seeds", "--", &folder];
    let printed = Step::cargo("seeds from the vectors", &arguments).output()?;
    let target = |line: &str| {
        let (name, max_len) = line.split_once(' ')?;
        Some(Target { name: name.to_owned(), max_len: max_len.to_owned() })
    };
    Ok(printed.lines().filter_map(target).collect())
}

/// The program that runs one target. Its own folder and triple keep these flags from build scripts and from other builds.
fn build(folder: &Path) -> Result<PathBuf, String> {
    if (ARCH, OS) != ("x86_64", "linux") {
        return Err(format!("fuzzing is set up for Linux on x86_64 only, not for {OS} on {ARCH}"));
    }
    let (triple, build) = ("x86_64-unknown-linux-gnu", folder.join("build"));
    let arguments = ["build", "--package", "callsign-fuzz", "--bin", "callsign-libfuzzer"];
    Step::cargo("the targets under libFuzzer", &arguments)
        .args(&["--features", "libfuzzer", "--profile", "fuzz", "--target", triple])
        .env("CARGO_TARGET_DIR", &build)
        .env("RUSTFLAGS", COVERAGE)
        // The address sanitizer is an unstable flag of a stable compiler.
        .env("RUSTC_BOOTSTRAP", "1")
        .run()?;
    Ok(build.join(triple).join("fuzz/callsign-libfuzzer"))
}

/// Executions and coverage, or what did not hold.
fn search(program: &Path, folder: &Path, target: &Target, seconds: u32) -> Result<String, String> {
    let own = |kind: &str| folder.join(kind).join(&target.name);
    for kind in ["corpus", "findings", "logs"] {
        fs::create_dir_all(own(kind)).map_err(|error| format!("{}: {error}", own(kind).display()))?;
    }
    let output = Command::new(program)
        .env("CALLSIGN_FUZZ_TARGET", &target.name)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={}", target.max_len))
        .arg(format!("-timeout={INPUT_MAX_S}"))
        .arg(format!("-artifact_prefix={}/", own("findings").display()))
        .args([own("corpus"), own("seeds")])
        .output()
        .map_err(|error| format!("cannot start {}: {error}", program.display()))?;
    let log = own("logs").join("last");
    fs::write(&log, &output.stderr).map_err(|error| format!("{}: {error}", log.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let panic = said.lines().find(|line| line.contains("panicked at") || line.contains("ERROR:"));
        return Err(format!("{}; the rest is in {}", panic.unwrap_or("ended early"), log.display()));
    }
    let done = said.lines().rev().find(|line| line.contains("DONE")).unwrap_or_default();
    Ok(done.replace('\t', " ").trim().to_owned())
}
