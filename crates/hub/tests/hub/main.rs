//! The hub from outside: every address over real HTTP on loopback, bad input, floods, full disks and real syncs.

mod commit;
mod directory;
mod documents;
mod durability;
mod enrol;
mod exchange;
mod floods;
mod follow;
mod full_disk;
mod headers;
mod injected_faults;
mod invitations;
mod kill_rounds;
mod lifecycle;
mod open_files;
mod page;
mod power_loss;
mod session;
mod snapshot;
mod support;
