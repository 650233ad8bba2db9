//! Cases' addresses on this desk's pages: random, and new at each start, so that a browser's history names no caller.

use std::collections::HashMap;

use callsign_protocol::caller_keys::CallerId;
use data_encoding::HEXLOWER;
use rand_core::CryptoRng;

/// Both ways between callers and their addresses.
#[derive(Default)]
pub(super) struct Addresses {
    of: HashMap<CallerId, String>,
    callers: HashMap<String, CallerId>,
}

impl Addresses {
    /// The path of a caller's case.
    pub(super) fn path(&mut self, caller: &CallerId, rng: &mut (impl CryptoRng + ?Sized)) -> String {
        let address = self.of.entry(*caller).or_insert_with(|| {
            let mut bytes = [0; 8];
            rng.fill_bytes(&mut bytes);
            let address = HEXLOWER.encode(&bytes);
            self.callers.insert(address.clone(), *caller);
            address
        });
        format!("/case/{address}")
    }

    /// Whose case is at an address.
    pub(super) fn caller(&self, address: &str) -> Option<CallerId> {
        self.callers.get(address).copied()
    }
}
