//! The one binary: hub, desk, caller and demonstration, each a thin command over its crate.

// What people and programs see goes through crates/callsign/src/output.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod ambient;
mod bench;
mod calendar;
mod call;
mod demo;
mod desk;
mod doctor;
mod failure;
mod help;
mod hub;
mod input;
mod letter;
mod new_file;
mod numbers;
mod output;
mod page;
mod server;
mod signals;
mod terminal;
mod writing;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{
    failure::Failure,
    output::{Done, Lines, Voice},
};

/// A self-hosted hotline for people who must not be known to have called.
#[derive(Parser)]
#[command(name = "callsign", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure how much a hub bears, how much this machine would, and what a desk costs.
    #[command(subcommand)]
    Bench(bench::BenchCommand),
    /// Call a desk, read its answers, or be one visitor among many.
    #[command(subcommand)]
    Call(call::CallCommand),
    /// Watch a whole hotline on this machine: a hub, a desk, and the caller's page.
    Demo(demo::DemoArguments),
    /// Set up a desk and work at it.
    #[command(subcommand)]
    Desk(desk::DeskCommand),
    /// Check what is set up here, and say what to do about what is wrong.
    Doctor(doctor::DoctorArguments),
    /// Serve a hub: the server that holds only ciphertext.
    Hub(hub::HubArguments),
    Letter(letter::LetterArgs),
}

fn main() -> ExitCode {
    // What is made is this user's alone.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    // What is in memory goes into no core file. Where the kernel refuses, all else works as well.
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    Voice::of(output::is_json_asked(std::env::args_os().skip(1))).set();
    output::tell_of_panics();
    output::start_log();
    let command = match help::try_parse::<Arguments>() {
        Ok(arguments) => arguments.command,
        Err(error) => return output::explain(&error),
    };
    command.voice().set();
    match command.run().map_err(with_its_result) {
        Err(failure) if !failure.is_reader_gone() => {
            output::fail(&failure);
            ExitCode::from(failure.exit_status())
        }
        _ => ExitCode::SUCCESS,
    }
}

/// Prints what programs are told of an act without effect; the failure, or that this could not be printed.
fn with_its_result(failure: Failure) -> Failure {
    let printed = failure.result().map(|result| output::give(Done::Read, &Lines::new(), result));
    printed.and_then(Result::err).unwrap_or(failure)
}

impl Command {
    fn voice(&self) -> Voice {
        match self {
            Self::Bench(command) => command.voice(),
            Self::Call(command) => command.voice(),
            Self::Demo(arguments) => arguments.voice(),
            Self::Desk(command) => command.voice(),
            Self::Doctor(arguments) => arguments.voice(),
            Self::Hub(arguments) => arguments.voice(),
            Self::Letter(arguments) => arguments.voice(),
        }
    }

    fn run(self) -> Result<(), Failure> {
        match self {
            Self::Bench(command) => bench::run(&command),
            Self::Call(command) => call::run(&command),
            Self::Demo(arguments) => demo::run(&arguments),
            Self::Desk(command) => desk::run(command),
            Self::Doctor(arguments) => doctor::run(&arguments),
            Self::Hub(arguments) => hub::run(arguments),
            Self::Letter(arguments) => letter::run(&arguments),
        }
    }
}
