//! The one binary: hub, desk, caller and demonstration, each a thin command over its crate.

mod ambient;
mod bench;
mod calendar;
mod call;
mod demo;
mod desk;
mod doctor;
mod failure;
mod hub;
mod letter;
mod page;
mod signals;
mod writing;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A self-hosted hotline for people who must not be known to have called.
#[derive(Parser)]
#[command(name = "callsign", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure how much a hub bears, and how much this machine would.
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
    // What is in memory goes into no core file. Where the kernel refuses, all else works as well.
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::builder()
                .with_default_directive(tracing_subscriber::filter::LevelFilter::WARN.into())
                .with_env_var("CALLSIGN_LOG")
                .from_env_lossy(),
        )
        .init();
    let (voice, done) = match Arguments::parse().command {
        Command::Bench(command) => (command.voice(), bench::run(&command)),
        Command::Call(command) => (command.voice(), call::run(command)),
        Command::Demo(arguments) => (arguments.voice(), demo::run(&arguments)),
        Command::Desk(command) => (command.voice(), desk::run(command)),
        Command::Doctor(arguments) => (arguments.voice(), doctor::run(&arguments)),
        Command::Hub(arguments) => (arguments.voice(), hub::run(arguments)),
        Command::Letter(arguments) => (arguments.voice(), letter::run(&arguments)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print(voice);
            ExitCode::FAILURE
        }
    }
}
