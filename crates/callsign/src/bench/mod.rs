//! `callsign bench`: how much a hub bears, how much the machine would, hubs of any size to try it on, and what a desk costs.

mod arrivals;
mod connection;
mod desk;
mod limits;
mod load;
mod pool;
mod profile;
mod raw_append;
mod report;
mod sender;
mod store;
mod tally;
mod target;
mod visitor;

#[cfg(test)]
pub use store::notice_of_a_new_desk;

use clap::Subcommand;

use crate::failure::{Failure, Voice};

/// What is measured or made.
#[derive(Subcommand)]
pub enum BenchCommand {
    Desk(desk::DeskArguments),
    Limits(limits::LimitsArguments),
    Load(load::LoadArguments),
    Store(store::StoreArguments),
}

impl BenchCommand {
    /// Whom the command talks to.
    pub fn voice(&self) -> Voice {
        match self {
            Self::Desk(arguments) => arguments.voice(),
            Self::Limits(arguments) => arguments.voice(),
            Self::Load(arguments) => arguments.voice(),
            Self::Store(arguments) => arguments.voice(),
        }
    }
}

/// Does what the command line asks.
pub fn run(command: &BenchCommand) -> Result<(), Failure> {
    match command {
        BenchCommand::Desk(arguments) => desk::run(arguments),
        BenchCommand::Limits(arguments) => limits::run(arguments),
        BenchCommand::Load(arguments) => load::run(arguments),
        BenchCommand::Store(arguments) => store::run(arguments),
    }
}
