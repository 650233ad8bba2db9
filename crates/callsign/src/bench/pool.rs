//! Cells sealed before a run, so that sealing costs nothing while times are taken.

use std::sync::atomic::{AtomicUsize, Ordering};

use callsign_protocol::{
    call::Message,
    cell::{CELL_LEN, Cell},
    encoding::Bytes,
    notice::VerifiedNotice,
    phrase::Phrase,
    time::Day,
    words::Language,
};
use rand_core::CryptoRng;

use crate::failure::Failure;

/// Every so many cells one is a part of a call; the others are cover. The hub cannot tell, and must not be faster for either.
pub const CALL_EVERY: usize = 8;

/// Cells that are sent one after the other, from the beginning again after the last.
#[derive(Debug)]
pub struct Pool {
    cells: Vec<(Cell, Inside)>,
    next: AtomicUsize,
}

/// What is in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside {
    /// A call of one part.
    Call,
    /// Cover, or bytes that nobody can open.
    Nothing,
}

impl Pool {
    /// Small calls of one caller among cover, each sealed for the notice as a caller's program does.
    pub fn sealed(
        count: usize,
        notice: &VerifiedNotice,
        today: Day,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Failure> {
        let caller = Phrase::generate(rng, Language::English).caller_keys(&notice.fingerprint);
        let unusable =
            |error| Failure::new("unusable-key", format!("the notice's key cannot be sealed to: {error}"));
        let mut cells = Vec::with_capacity(count);
        for number in 0..count {
            if number % CALL_EVERY == 0 {
                let message = small_call(number, rng);
                let parts = message.parts().map_err(|error| Failure::new("bench", error))?;
                for part in &parts {
                    let cell = Cell::seal_part(part, &caller, notice, today, rng).map_err(unusable)?;
                    cells.push((cell, Inside::Call));
                }
            } else {
                cells.push((Cell::seal_cover(notice, today, rng).map_err(unusable)?, Inside::Nothing));
            }
        }
        Ok(Self::of(cells))
    }

    /// Cells that are sealed already.
    pub fn of(cells: Vec<(Cell, Inside)>) -> Self {
        Self { cells, next: AtomicUsize::new(0) }
    }

    /// Cells of random bytes.
    pub fn junk(count: usize, rng: &mut impl CryptoRng) -> Self {
        let mut cell = || {
            let mut bytes = Box::new([0; CELL_LEN]);
            rng.fill_bytes(&mut *bytes);
            (Cell(bytes), Inside::Nothing)
        };
        Self::of((0..count).map(|_| cell()).collect())
    }

    /// The next cell. No two are alike, for a hub may refuse one that came before: from the second round on the end of each,
    /// which no hub can read, is another, and nobody can open it.
    pub fn next(&self) -> (Cell, Inside) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (cell, inside) = &self.cells[number % self.cells.len()];
        let (mut cell, round) = (cell.clone(), number / self.cells.len());
        if round == 0 {
            return (cell, *inside);
        }
        if let Some(end) = cell.0.last_chunk_mut::<8>() {
            *end = (round as u64 ^ u64::from_be_bytes(*end)).to_be_bytes();
        }
        (cell, Inside::Nothing)
    }
}

/// A call that fits into one cell.
fn small_call(number: usize, rng: &mut impl CryptoRng) -> Message {
    let mut id = Bytes([0; 16]);
    rng.fill_bytes(&mut id.0);
    let text = format!("Call {number} of a measurement.");
    Message { id, track: String::new(), language: "en".to_owned(), text, safe_times: None }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::{ambient, bench::store::notice_of_a_new_desk};

    #[test]
    fn no_two_cells_are_alike_and_one_in_eight_is_a_call_in_the_first_round() {
        let notice = notice_of_a_new_desk().unwrap();
        let today = ambient::clock()().day();
        let pool = Pool::sealed(16, &notice, today, &mut ambient::rng()).unwrap();
        let cells: Vec<_> = (0..64).map(|_| pool.next()).collect();
        let different: HashSet<_> = cells.iter().map(|(cell, _)| cell.0.clone()).collect();
        assert_eq!(different.len(), 64);
        let calls: Vec<_> = (0..64).filter(|at| cells[*at].1 == Inside::Call).collect();
        assert_eq!(calls, [0, 8]);
    }
}
