//! Work stamps (section 8.3): what a hub under load asks of an exchange, and how a caller does it.

use crate::{cell::Cell, derive::sha256, identity::Fingerprint};

/// Zero bits with which the hash of a stamp begins at least; each more doubles the work. 0 asks for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Effort(pub u8);

/// Some minutes of a hub under load. The number is drawn, so that nobody can work ahead of it or read the hub's age in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Round(pub u16);

/// What a hub asks of the next exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Toll {
    /// The effort; 0 in quiet times.
    pub effort: Effort,
    /// What the stamp is bound to; 0 where no effort is asked.
    pub round: Round,
}

/// What a caller has done for one exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// The effort that it claims.
    pub effort: Effort,
    /// The round that it is bound to.
    pub round: Round,
    /// What was searched for.
    pub nonce: u64,
}

/// `SHA-256("callsign/v1 stamp" || 0x00 || fingerprint || u16 round || cell)`: no work is good for two cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Challenge(pub [u8; 32]);

/// The search for one stamp, which goes on where it stopped, so that a caller can do other things meanwhile.
#[derive(Clone, Debug)]
pub struct Search {
    challenge: Challenge,
    next: Stamp,
}

impl Effort {
    /// The most that a caller does and that a hub counts: nobody buys a place before all who do what they can.
    pub const MAX: Self = Self(20);

    /// This effort, or the most that counts.
    #[must_use]
    pub fn capped(self) -> Self {
        self.min(Self::MAX)
    }
}

impl Toll {
    /// Of quiet times: nothing is asked.
    pub const NONE: Self = Self { effort: Effort(0), round: Round(0) };
}

impl Stamp {
    /// No stamp, as it is sent in quiet times.
    pub const NONE: Self = Self { effort: Effort(0), round: Round(0), nonce: 0 };

    /// Whether the work that it claims was done for this cell at this desk's address. No stamp holds too: it claims none.
    pub fn holds(&self, fingerprint: &Fingerprint, cell: &Cell) -> bool {
        Challenge::new(fingerprint, self.round, cell).is_met(self)
    }
}

impl Challenge {
    /// What the stamp of this cell must meet in this round.
    pub fn new(fingerprint: &Fingerprint, round: Round, cell: &Cell) -> Self {
        let bound_to = [b"callsign/v1 stamp\0".as_slice(), &fingerprint.0, &round.0.to_be_bytes(), &*cell.0];
        Self(sha256(&bound_to))
    }

    /// Whether the work that the stamp claims was done.
    pub fn is_met(&self, stamp: &Stamp) -> bool {
        leading_zeros(&sha256(&[&self.0, &stamp.nonce.to_be_bytes()])) >= u32::from(stamp.effort.0)
    }
}

impl Search {
    /// A search from `first` on, which the caller draws: two who begin at one nonce would be seen to.
    pub fn new(fingerprint: &Fingerprint, cell: &Cell, toll: Toll, first: u64) -> Self {
        let challenge = Challenge::new(fingerprint, toll.round, cell);
        let next = Stamp { effort: toll.effort.capped(), round: toll.round, nonce: first };
        Self { challenge, next }
    }

    /// The stamp, if one of the next `tries` nonces makes it: `2^effort` are needed in the mean, one hash each.
    pub fn advance(&mut self, tries: u32) -> Option<Stamp> {
        if self.next.effort == Effort(0) {
            return Some(Stamp::NONE);
        }
        for _ in 0..tries {
            let stamp = self.next;
            self.next.nonce = stamp.nonce.wrapping_add(1);
            if self.challenge.is_met(&stamp) {
                return Some(stamp);
            }
        }
        None
    }
}

fn leading_zeros(hash: &[u8; 32]) -> u32 {
    let zero_bytes = hash.iter().take_while(|byte| **byte == 0).count();
    let bits = hash.get(zero_bytes).map_or(0, |byte| byte.leading_zeros());
    u32::try_from(zero_bytes).unwrap_or(32) * 8 + bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::CELL_LEN;

    const DESK: Fingerprint = Fingerprint([7; 32]);

    fn cell() -> Cell {
        Cell(Box::new([9; CELL_LEN]))
    }

    fn stamp_of(effort: u8) -> Stamp {
        let toll = Toll { effort: Effort(effort), round: Round(5) };
        Search::new(&DESK, &cell(), toll, u64::MAX - 3).advance(u32::MAX).unwrap()
    }

    #[test]
    fn a_stamp_holds_for_its_cell_round_and_desk_alone() {
        let stamp = stamp_of(12);
        assert!(stamp.holds(&DESK, &cell()));
        assert!(!Stamp { round: Round(6), ..stamp }.holds(&DESK, &cell()));
        assert!(!Stamp { nonce: stamp.nonce ^ 1, ..stamp }.holds(&DESK, &cell()));
        assert!(!stamp.holds(&Fingerprint([8; 32]), &cell()));
        let mut other = cell();
        other.0[CELL_LEN - 1] ^= 1;
        assert!(!stamp.holds(&DESK, &other));
    }

    #[test]
    fn a_stamp_holds_up_to_the_zero_bits_of_its_hash() {
        let stamp = stamp_of(9);
        let Challenge(challenge) = Challenge::new(&DESK, stamp.round, &cell());
        let bits = leading_zeros(&sha256(&[&challenge, &stamp.nonce.to_be_bytes()]));
        for effort in 0..=u8::MAX {
            let claimed = Stamp { effort: Effort(effort), ..stamp };
            assert_eq!(claimed.holds(&DESK, &cell()), u32::from(effort) <= bits);
        }
    }

    #[test]
    fn zero_bits_are_counted_over_bytes() {
        let with = |at: usize, byte: u8| {
            let mut hash = [0; 32];
            hash[at..].fill(0xff);
            hash[at] = byte;
            leading_zeros(&hash)
        };
        assert_eq!(
            [with(0, 0x80), with(0, 0x01), with(1, 0x80), with(2, 0x10), with(31, 1)],
            [0, 7, 8, 19, 255]
        );
        assert_eq!(leading_zeros(&[0; 32]), 256);
    }

    #[test]
    fn a_search_goes_on_where_it_stopped() {
        let toll = Toll { effort: Effort(9), round: Round(5) };
        let mut search = Search::new(&DESK, &cell(), toll, u64::MAX - 3);
        let found = std::iter::repeat_with(|| search.advance(3)).flatten().next();
        assert_eq!(found, Some(stamp_of(9)));
        assert_eq!(Search::new(&DESK, &cell(), toll, u64::MAX - 3).advance(0), None);
    }

    #[test]
    fn no_more_is_done_than_counts_and_nothing_where_nothing_is_asked() {
        let search =
            |effort| Search::new(&DESK, &cell(), Toll { effort: Effort(effort), round: Round(5) }, 3);
        assert_eq!([search(20), search(21), search(255)].map(|search| search.next.effort.0), [20, 20, 20]);
        assert_eq!(search(0).advance(0), Some(Stamp::NONE));
        assert!(Stamp::NONE.holds(&DESK, &cell()));
    }
}
