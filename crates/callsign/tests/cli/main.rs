//! The command line as people and programs use it: real processes, real files, loopback only.

mod bench;
mod commands;
mod conversation;
mod demo;
mod desk_pages;
mod devices;
mod doctor;
mod documents;
mod durability;
mod examples;
mod help;
mod hub;
mod hub_disks;
mod hub_files;
mod letters;
mod lost_answers;
mod network;
mod output;
mod passphrases;
mod private_files;
mod recorder;
mod refusals;
mod stage;
mod support;
mod two_desks;
mod unsaid;
