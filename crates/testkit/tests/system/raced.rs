//! A device that is to be removed, and is always faster than who removes it.

use callsign_testkit::System;

use crate::{
    agent,
    removed::{Known, seen, works},
};

/// Keyrings that one device may put in one go.
const IN_ONE_GO: usize = 16;
/// Seconds after which it may put one more.
const ONE_MORE_S: u64 = 20;

#[test]
fn an_insider_that_puts_keyrings_without_end_is_removed_between_two_of_them() {
    let system = System::start();
    let first = system.init_desk("first");
    drop(system.add_device("insider", &first));
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    // One that has just come has fewer.
    system.clock.advance(ONE_MORE_S * 16);
    let known = Known::to(&system, "insider");
    let address = format!("{}/{}/v1/keyring", system.hub_url(), first.fingerprint().desk_id());
    let mut next = seen(&system, "insider");
    let mut puts = || {
        let put = agent().put(&address).send(&known.keyring_after(&next, &system));
        next.serial += u64::from(put.is_ok());
        put
    };
    for n in 0..IN_ONE_GO {
        assert!(puts().is_ok(), "{n}");
    }
    let refused = puts();
    assert!(matches!(refused, Err(ureq::Error::StatusCode(503))), "{refused:?}");
    system.clock.advance(ONE_MORE_S);
    assert!(puts().is_ok());
    assert!(puts().is_err());
    // A colleague's turns are none of it.
    first.remove_device(&known.device()).unwrap();
    assert!(first.devices().unwrap().iter().all(|device| device.is_own));
    works(&system, &first, &mut caller, "afterwards");
}
