//! Numbers that look drawn and are the same in each run: measurements of one size are made of the same desk.

use callsign_protocol::{derive::sha256, encoding::Bytes};

/// A linear congruential generator. Nothing secret comes from it.
#[derive(Clone, Debug)]
pub struct Draw(u64);

impl Draw {
    /// The one of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`; 0 where that is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33).checked_rem(bound).unwrap_or(0)
    }

    /// One of these.
    ///
    /// # Panics
    /// Where there is none.
    pub fn one_of<T: Copy>(&mut self, these: &[T]) -> T {
        let at = usize::try_from(self.below(these.len() as u64)).unwrap_or(0);
        these[at]
    }
}

/// Bytes for what is counted, the same in each run.
pub fn named(what: &str, numbers: &[u64]) -> [u8; 32] {
    let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    sha256(&[what.as_bytes(), &numbers])
}

/// The first sixteen of them.
pub fn id(what: &str, numbers: &[u64]) -> Bytes<16> {
    let mut id = Bytes([0; 16]);
    id.0.copy_from_slice(&named(what, numbers)[..16]);
    id
}
