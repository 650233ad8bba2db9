//! Promises of the whole system, each tested at the surface that a person or a program uses.

mod away;
mod conversation;
mod hostile;
mod planted;
mod shards;
mod two_desks;
