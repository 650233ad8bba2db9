//! Random names for addresses on this desk's pages, new at each start, so that a browser's history names no caller.

use std::{collections::HashMap, hash::Hash};

use callsign_protocol::{caller_keys::CallerId, time::UnixSeconds};
use data_encoding::HEXLOWER;
use rand_core::CryptoRng;

/// Names of cases.
pub(in crate::ui) type Addresses = Names<CallerId>;
/// Names of spans of arrival: an address tells nobody when somebody called.
pub(in crate::ui) type Windows = Names<Window>;
/// The first step of ten minutes of a span, and the last.
pub(in crate::ui) type Window = (UnixSeconds, UnixSeconds);
/// Names of places in lists of cases.
pub(in crate::ui) type Places = Names<Place>;

/// A place in a list of cases: behind a case as it stood when the list was shown, wherever that has gone since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::ui) struct Place {
    /// What the list is sorted by.
    pub(in crate::ui) rank: (u64, u64),
    /// Tells cases of one rank apart.
    pub(in crate::ui) caller: CallerId,
}

/// Both ways between things and their names.
pub(in crate::ui) struct Names<T> {
    of: HashMap<T, String>,
    named: HashMap<String, T>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self { of: HashMap::new(), named: HashMap::new() }
    }
}

impl<T: Copy + Eq + Hash> Names<T> {
    /// The name of a thing: 16 hexadecimal digits, always the same.
    pub(in crate::ui) fn name(&mut self, thing: &T, rng: &mut (impl CryptoRng + ?Sized)) -> &str {
        self.of.entry(*thing).or_insert_with(|| {
            let mut bytes = [0; 8];
            rng.fill_bytes(&mut bytes);
            let name = HEXLOWER.encode(&bytes);
            self.named.insert(name.clone(), *thing);
            name
        })
    }

    /// What a name was given to.
    pub(in crate::ui) fn named(&self, name: &str) -> Option<T> {
        self.named.get(name).copied()
    }
}

impl Addresses {
    /// The path of a caller's case.
    pub(in crate::ui) fn path(&mut self, caller: &CallerId, rng: &mut (impl CryptoRng + ?Sized)) -> String {
        format!("/case/{}", self.name(caller, rng))
    }

    /// Whose case is at an address.
    pub(in crate::ui) fn caller(&self, address: &str) -> Option<CallerId> {
        self.named(address)
    }
}
