//! Turns at the hub: what one device takes of another's, and how many it has by way of devices that it lets in itself.

use callsign_protocol::{
    commit::{Commit, Rest},
    follow::Follow,
    keyring::{Device, DeviceId, device_id},
};
use callsign_testkit::{PASSPHRASE, System};

use crate::{
    agent,
    insider::Insider,
    removed::{Known, seen, works},
};
use callsign_desk::keys::Vault;

/// Commits of one device in one go.
const COMMITS_IN_ONE_GO: usize = 4_096;
/// Keyrings of one device in one go.
const KEYRINGS_IN_ONE_GO: usize = 16;

/// A commit of a device once more, made from what every colleague reads: the entry, and what went with it.
fn told_again(insider: &Insider<'_>, of: &DeviceId) -> Commit {
    let path = format!("follow?cells_after={}&log_after=0&wait_s=0", i64::MAX);
    let follow = Follow::decode(&insider.request("GET", &path, &[])).unwrap();
    let theirs = follow.entries.into_iter().filter(|(_, entry)| entry.header().device == *of);
    for (_, entry) in theirs {
        for inbox_done in 0..300 {
            let rest =
                Rest { inbox_done, log_done: 0, drops: vec![], signed: vec![], heads: vec![], whole: None };
            if rest.hash() == entry.rest_hash() {
                return Commit { entry, rest };
            }
        }
    }
    panic!("no commit without drops");
}

#[test]
fn a_device_that_sends_a_colleagues_commit_again_takes_no_turn_of_theirs() {
    let system = System::start();
    let first = system.init_desk("first");
    drop(system.add_device("insider", &first));
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    // The first thing of a new day carries no drops.
    system.clock.advance_days(1);
    first.sync().unwrap();
    first.beat().unwrap();
    let insider = Insider::new(&system, "insider");
    let own = first.devices().unwrap().iter().find(|device| device.is_own).unwrap().id;
    let commit = told_again(&insider, &own).encode();
    for _ in 0..COMMITS_IN_ONE_GO {
        if insider.post("commit", &commit) != 200 {
            break;
        }
    }
    let known = Known::to(&system, "insider");
    let removed: Vec<_> = (0..5)
        .map(|_| {
            // One more turn comes with each second, and is taken with one more request.
            system.clock.advance(1);
            insider.post("commit", &commit);
            first.remove_device(&known.device())
        })
        .collect();
    assert!(removed.iter().any(Result::is_ok), "the insider is not removed: {removed:?}");
}

#[test]
fn a_device_has_no_more_keyrings_in_one_go_by_letting_in_devices_of_its_own() {
    let system = System::start();
    let first = system.init_desk("first");
    drop(system.add_device("insider", &first));
    let known = Known::to(&system, "insider");
    let address = format!("{}/{}/v1/keyring", system.hub_url(), first.fingerprint().desk_id());
    let puts = |known: &Known, now: &callsign_protocol::keyring::Keyring| {
        agent().put(&address).send(&known.keyring_after(now, &system)).is_ok()
    };
    let (mut now, mut by, mut count) = (seen(&system, "insider"), known, 0);
    for n in 0..6 {
        for _ in 0..KEYRINGS_IN_ONE_GO - 1 {
            if !puts(&by, &now) {
                break;
            }
            (now.serial, count) = (now.serial + 1, count + 1);
        }
        // The last turn lets a device of its own in, of which the log says nothing.
        let name = format!("puppet-{n}");
        let request = system.ask_to_join(&name, &first);
        let Some(posting_slot) = (0..8).find(|slot| now.devices.iter().all(|one| one.posting_slot != *slot))
        else {
            break;
        };
        let puppet = Device {
            id: device_id(&request.signing_key),
            signing_key: request.signing_key,
            wrapping_key: request.wrapping_key,
            posting_slot,
            wrapped: vec![],
        };
        let mut with = now.clone();
        with.devices.push(puppet);
        if !puts(&by, &with) {
            break;
        }
        (now, count) = (with, count + 1);
        now.serial += 1;
        let vault = Vault::open(&system.desk_dir(&name), PASSPHRASE).unwrap();
        by = Known { vault, keyring: now.clone(), keys: by.keys };
    }
    // Those that it lets in have theirs out of its own.
    assert!(count <= KEYRINGS_IN_ONE_GO, "{count} keyrings in one go, before anybody else had a turn");
}
