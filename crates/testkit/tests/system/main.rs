//! Promises of the whole system, each tested at the surface that a person or a program uses.

mod answers;
mod away;
mod claims;
mod clocks;
mod conversation;
mod custody;
mod devices;
mod drafts;
mod dying;
mod erased;
mod extremes;
mod first_keyring;
mod first_keyring_attacked;
mod flood;
mod full_disk;
mod heads;
mod hostile;
mod insider;
mod interrupted;
mod key_life;
mod keyring_members;
mod let_in_attacked;
mod letter_keys;
mod letters;
mod notices;
mod planted;
mod raced;
mod removed;
mod renewal;
mod renewal_attacked;
mod restarted;
mod restored;
mod search;
mod shards;
mod snapshots;
mod spoiled;
mod taken_back;
mod turns_attacked;
mod two_desks;
mod wrapped;

/// A client that asks no proxy, whatever the environment names.
fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().proxy(None).build().new_agent()
}
