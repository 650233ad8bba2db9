//! What a hostile hub does to learn something: it refuses, loses, cuts, lies and withholds, without knowing what for.

use callsign_protocol::{
    drop::{Address, DROP_LEN},
    exchange::ANSWER_HEADER_LEN,
    follow::Follow,
    time::Day,
};
use chacha20::ChaCha20Rng;
use rand_core::Rng as _;

use crate::{Move, Seen};

/// What is asked of stamps: no effort that would keep a game waiting.
const EFFORT: u8 = 4;
const ROUND: u8 = 7;

/// Refuses, cuts, asks for stamps, and lies about outcome, day, total, position and serial, in most of the exchanges.
pub fn to_visitors(mut rng: ChaCha20Rng) -> impl FnMut(&Seen) -> Move + Send {
    move |seen| {
        if seen.path != "v1/exchange" {
            return Move::Pass;
        }
        match rng.next_u32() % 20 {
            0 | 1 => change(|answer| answer[1] = 1),
            2 => change(|answer| answer[1] = 3),
            3 => change(|answer| answer.truncate(100)),
            4 => change(|answer| answer[7] ^= 4),
            5 => change(|answer| answer[18] = 3),
            6 => change(|answer| answer[14] ^= 1),
            7 => change(|answer| answer[26] = 1),
            8 => Move::Refuse(503),
            9 => Move::Lose,
            10..=13 => change(|answer| (answer[92], answer[95]) = (EFFORT, ROUND)),
            _ => Move::Pass,
        }
    }
}

/// Lists so many bytes that nobody sealed under an address of `day`, in each block of that day.
pub fn to_addressee(
    mut rng: ChaCha20Rng,
    day: Day,
    address: Address,
    drops: usize,
) -> impl FnMut(&Seen) -> Move + Send {
    move |seen| {
        if seen.path != "v1/exchange" || seen.body[4..8] != day.0.to_be_bytes() {
            return Move::Pass;
        }
        let mut forged = vec![0; drops * DROP_LEN];
        rng.fill_bytes(&mut forged);
        for drop in forged.chunks_mut(DROP_LEN) {
            drop[..address.0.len()].copy_from_slice(&address.0);
        }
        change(move |answer| {
            answer[ANSWER_HEADER_LEN..ANSWER_HEADER_LEN + forged.len()].copy_from_slice(&forged);
        })
    }
}

/// Shows a notice that was once good to the first who asks, and today's to those after them.
pub fn shows_old_notice(mut old: Option<Vec<u8>>) -> impl FnMut(&Seen) -> Move + Send {
    move |seen| match old.take_if(|_| seen.path == "v1/notice" && seen.method == "GET") {
        Some(old) => change(move |answer| *answer = old),
        None => Move::Pass,
    }
}

/// Withholds all of the round's cells but one, and for some beats refuses commits or loses their answers.
pub fn to_desk(mut rng: ChaCha20Rng, only: u64) -> impl FnMut(&Seen) -> Move + Send {
    let (first, last) = (rng.next_u32() % 3, 2 + rng.next_u32() % 5);
    let how = rng.next_u32() % 3;
    let base = std::sync::Arc::new(std::sync::OnceLock::new());
    let mut commits = 0;
    let mut commit_at = 0;
    move |seen| {
        if seen.path.starts_with("v1/follow") {
            let base = std::sync::Arc::clone(&base);
            return change(move |answer| {
                withhold(answer, |position| position == base.get_or_init(|| position) + only);
            });
        }
        if seen.path != "v1/commit" {
            return Move::Pass;
        }
        // A commit that is tried again at once is one commit.
        commits += u32::from(seen.at_ms != commit_at);
        commit_at = seen.at_ms;
        match how {
            _ if !(first..=last).contains(&(commits - 1)) => Move::Pass,
            0 => Move::Refuse(409),
            1 => Move::Refuse(500),
            _ => Move::Lose,
        }
    }
}

fn change(how: impl FnOnce(&mut Vec<u8>) + Send + 'static) -> Move {
    Move::Change(Box::new(how))
}

fn withhold(answer: &mut Vec<u8>, shown: impl Fn(u64) -> bool) {
    if let Ok(mut follow) = Follow::decode(answer) {
        follow.cells.retain(|(position, _)| shown(*position));
        *answer = follow.encode();
    }
}
