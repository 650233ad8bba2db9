//! Letter keys: what letters are sealed to and proved for; a pair for each 30 days, published long ahead.

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

use crate::{
    WrappingKey, XWingSecret,
    caller_keys::x25519_public,
    encoding::{Bytes, Secret},
    hpke_suite::xwing_public,
    time::Day,
};

/// Days of a period; each begins on a day that is a multiple of this.
pub const PERIOD_DAYS: u32 = 30;
/// Letter keys are published for the current period and for those that begin within this many days.
pub const PUBLISHED_DAYS: u32 = 90;
/// Days after its period for which a key is kept, for letters on their way.
const GRACE_DAYS: u32 = 30;
/// Letter keys in a letters document at most: as many periods are published on any day.
pub const LETTER_KEYS_MAX: usize = 4;

/// The private keys of one period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterKey {
    /// The first of its 30 days.
    pub period: Day,
    /// Names the key among those of its period.
    pub key_id: u16,
    /// X-Wing's seed: opens letters.
    pub seed: XWingSecret,
    /// X25519: checks their proofs. The answer key cannot, for it is destroyed while letters are still on their way.
    pub proof: Secret<32>,
    /// Whether a newer key took its period over: it opens letters and is published no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub superseded: bool,
    /// Whether a device that was removed knows it, and so could write letters in a caller's name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exposed: bool,
}

/// What a letters document says of a letter key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterPublicKey {
    /// The first of its 30 days.
    pub period: Day,
    /// Names the key among those of its period.
    pub key_id: u16,
    /// X-Wing, 1,216 bytes.
    pub public_key: WrappingKey,
    /// X25519.
    pub proof_key: Bytes<32>,
}

impl LetterKey {
    /// New keys for one period.
    pub fn generate(period: Day, rng: &mut impl CryptoRng) -> Self {
        let [high, low] = Bytes::<2>::random(rng).0;
        Self {
            period,
            key_id: u16::from_be_bytes([high, low]),
            seed: Secret::random(rng),
            proof: Secret::random(rng),
            superseded: false,
            exposed: false,
        }
    }

    /// What the letters document says of it.
    pub fn public(&self) -> LetterPublicKey {
        LetterPublicKey {
            period: self.period,
            key_id: self.key_id,
            public_key: xwing_public(&self.seed),
            proof_key: x25519_public(&self.proof),
        }
    }
}

/// The first days of the periods whose keys are published on `today`.
pub fn published_periods(today: Day) -> impl Iterator<Item = Day> {
    let current = Day(today.0 / PERIOD_DAYS * PERIOD_DAYS);
    let last = today.plus(PUBLISHED_DAYS);
    (0..).map(move |n| current.plus(n * PERIOD_DAYS)).take_while(move |period| *period <= last)
}

/// The last period whose key a letters document can name that was signed while its certificate, which ends on `ends`, was valid by a clock
/// that was a day behind.
pub fn last_period_under(ends: Day) -> Day {
    ends.plus(1 + PUBLISHED_DAYS)
}

/// The last day on which the keys of a period are kept.
pub fn last_day(period: Day) -> Day {
    period.plus(PERIOD_DAYS + GRACE_DAYS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_has_a_key_that_opens_for_90_days_to_come() {
        for today in (20_400..20_470).map(Day) {
            let periods: Vec<Day> = published_periods(today).collect();
            assert_eq!(periods.len(), LETTER_KEYS_MAX);
            assert!(periods[0] <= today && today < periods[0].plus(PERIOD_DAYS));
            assert!(last_day(periods[0]) >= today.plus(30));
            assert!(last_day(periods[3]) >= today.plus(90));
        }
    }
}
