//! A caller against a scripted hub in the same process: what travels, what is believed, and what is refused.

mod address;
mod arrival;
mod desk;
mod lists;
mod mailbox;
mod scripted_hub;
mod shapes;
mod shards;
mod stamps;
mod trouble;
