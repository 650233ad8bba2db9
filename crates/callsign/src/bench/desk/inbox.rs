//! Cells that wait for a desk, sealed and sent as callers do it: one call in eight, each of another caller.

use std::{sync::Arc, thread, time::Duration};

use callsign_http::Link;
use callsign_protocol::{
    call::Message,
    caller_keys::CallerKeys,
    cell::Cell,
    encoding::{Bytes, Secret},
    notice::VerifiedNotice,
    time::Day,
};

use super::{
    draw::Draw,
    text::{language, text},
};
use crate::{
    ambient,
    bench::{
        load::closed_loop,
        pool::{CALL_EVERY, Inside, Pool},
        sender::{Supply, Work},
        target::Target,
    },
    failure::Failure,
};

/// Threads that seal.
const SEALERS: u64 = 2;
/// Connections over which they are sent.
const CONNECTIONS: u32 = 16;
/// Longer than any hub takes.
const PATIENCE: Duration = Duration::from_hours(1);

/// Has so many cells wait at the hub of this link.
pub fn fill(link: &Link, count: u64) -> Result<(), Failure> {
    let target = Target::find(link)?;
    let today = ambient::clock()().day();
    let notice = &target.notice;
    let sealed: Result<Vec<_>, Failure> = thread::scope(|scope| {
        let shares: Vec<_> = (0..SEALERS)
            .map(|share| {
                scope.spawn(move || {
                    (0..count).filter(|n| n % SEALERS == share).map(|n| seal(n, notice, today)).collect()
                })
            })
            .collect();
        let mut cells = Vec::new();
        for share in shares {
            let share: Result<Vec<_>, Failure> =
                share.join().unwrap_or_else(|_| Err(Failure::new("bench", "sealing broke off; report it")));
            cells.extend(share?);
        }
        Ok(cells)
    });
    let supply = Arc::new(Supply::new(Arc::clone(&target.head), Pool::of(sealed?), Work::Done, count));
    let done = closed_loop(target, &supply, CONNECTIONS, PATIENCE)?;
    if done.tally.stored < count {
        let missing = count - done.tally.stored;
        return Err(Failure::new(
            "bench",
            format!("the hub did not store {missing} of {count} cells; try again"),
        ));
    }
    Ok(())
}

fn seal(number: u64, notice: &VerifiedNotice, today: Day) -> Result<(Cell, Inside), Failure> {
    let mut rng = ambient::rng();
    let unusable = |error| Failure::new("bench", format!("the notice's key cannot be sealed to: {error}"));
    // Both kinds in both shares.
    if !(number / SEALERS).is_multiple_of(CALL_EVERY as u64) {
        let cover = Cell::seal_cover(notice, today, &mut rng).map_err(unusable)?;
        return Ok((cover, Inside::Nothing));
    }
    let mut draw = Draw::new(number);
    let language = language(&mut draw);
    let message = Message {
        id: Bytes::random(&mut rng),
        track: String::new(),
        language: language.tag().to_owned(),
        text: text(language, 10 + draw.below(60), 1_500, &mut draw),
        safe_times: None,
    };
    let caller = CallerKeys::from_root(Secret::random(&mut rng));
    let parts = message.parts().map_err(|error| Failure::new("bench", error))?;
    let part = parts.first().ok_or_else(|| Failure::new("bench", "a call has no part; report it"))?;
    Ok((Cell::seal_part(part, &caller, notice, today, &mut rng).map_err(unusable)?, Inside::Call))
}
