//! What a device that means ill writes into the members of a keyring that it puts while it still belongs to the desk.

use callsign_desk::Desk;
use callsign_protocol::keyring::Keyring;
use callsign_testkit::System;

use crate::{
    agent,
    custody::detach,
    removed::{Known, seen, works},
};

fn puts(system: &System, desk: &Desk, change: impl FnOnce(&mut Keyring)) -> Known {
    let (known, mut now) = (Known::to(system, "insider"), seen(system, "insider"));
    change(&mut now);
    let address = format!("{}/{}/v1/keyring", system.hub_url(), desk.fingerprint().desk_id());
    agent().put(&address).send(&known.keyring_after(&now, system)).unwrap();
    known
}

#[test]
fn an_insider_that_says_a_version_to_come_stops_neither_its_removal_nor_a_restart() {
    let system = System::start();
    let first = system.init_desk("first");
    let identity = detach(&system, &first);
    drop(system.add_device("insider", &first));
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    let known = puts(&system, &first, |now| now.fold = u32::MAX);
    let removed = first.remove_device(&known.device());
    drop(first);
    let restarted = system.restart_desk("first", &identity);
    let restarted = restarted.as_ref().map(Desk::generation);
    assert!(removed.is_ok() || restarted.is_ok(), "{removed:?}, {restarted:?}");
    works(&system, &system.open_desk("first"), &mut caller, "afterwards");
}
