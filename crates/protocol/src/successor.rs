//! The successor statement: a desk's identity says which identity comes after it, and from which day.

use serde::{Deserialize, Serialize};

use crate::{
    encoding::Bytes,
    identity::{self, BadSignature, Fingerprint, PrivateKey, PublicKey},
    time::Day,
};

const LABEL: &str = "successor";

/// That a desk will have another identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Successor {
    /// The identity to come.
    pub identity: PublicKey,
    /// The first day on which it speaks for the desk.
    pub from: Day,
    /// `signed("successor", fingerprint || identity || u32 from)` by the identity that ends.
    signature: Bytes<64>,
}

impl Successor {
    /// The statement of the desk whose identity is `old`.
    pub fn announce(old: &PrivateKey, identity: PublicKey, from: Day) -> Self {
        let fingerprint = Fingerprint::of(&old.public());
        let parts: [&[u8]; 3] = [&fingerprint.0, &identity.0, &from.0.to_be_bytes()];
        Self { identity, from, signature: Bytes(old.sign(LABEL, &parts)) }
    }

    /// Whether the desk whose identity is `old` says so.
    pub fn verify(&self, old: &PublicKey) -> Result<(), BadSignature> {
        let fingerprint = Fingerprint::of(old);
        let parts: [&[u8]; 3] = [&fingerprint.0, &self.identity.0, &self.from.0.to_be_bytes()];
        identity::verify(old, LABEL, &parts, &self.signature.0)
    }

    /// The fingerprint to come.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::Secret;

    #[test]
    fn a_statement_is_of_one_desk_one_identity_and_one_day() {
        let [old, new, other] = [1, 2, 3].map(|seed| PrivateKey::from_seed(&Secret([seed; 32])));
        let statement = Successor::announce(&old, new.public(), Day(100));
        assert_eq!(statement.verify(&old.public()), Ok(()));
        assert_eq!(statement.verify(&other.public()), Err(BadSignature));
        assert_eq!(Successor { from: Day(101), ..statement }.verify(&old.public()), Err(BadSignature));
        let elsewhere = Successor { identity: other.public(), ..statement };
        assert_eq!(elsewhere.verify(&old.public()), Err(BadSignature));
        assert_eq!(statement.fingerprint(), Fingerprint::of(&new.public()));
    }
}
