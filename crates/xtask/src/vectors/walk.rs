//! `walk.json`: which block a visit asks for after which answers, and how long it waits.

use std::collections::BTreeMap;

use callsign_protocol::{
    exchange::{AnswerHeader, LAST_BLOCK, Outcome, last_block},
    stamp::Toll,
    time::Day,
    visit::{Cover, Walk, Windows},
};
use rand_core::Rng as _;
use serde_json::{Value, json};

use super::fixture::{Desk, Draws, TODAY, rng};

/// The lists that a hub has at one moment, by days before [`TODAY`], and how many asks they serve.
type Lists<'a> = (i64, &'a [(i64, u32)], usize);

/// The whole file.
pub fn file() -> Value {
    let walks = [
        walk("empty", "a window of two days, nothing listed", 2, &[(0, &[], 4)]),
        walk("one day", "today's last block, the earlier ones, then today again", 1, &[(0, &[(0, 70)], 5)]),
        walk("days", "block by block, day by day, newest first", 4, &[(0, &[(0, 70), (1, 33), (3, 5)], 9)]),
        walk("exact blocks", "64 drops are two blocks", 2, &[(0, &[(0, 64), (1, 32)], 5)]),
        walk(
            "grown",
            "blocks that were missed are fetched, the half-read one too",
            1,
            &[(0, &[(0, 70)], 4), (0, &[(0, 130)], 4)],
        ),
        walk("grown within the block", "nothing was missed", 1, &[(0, &[(0, 33)], 3), (0, &[(0, 60)], 2)]),
        walk(
            "midnight",
            "when the day turns, the end of yesterday is read",
            1,
            &[(0, &[(0, 40)], 3), (-1, &[(0, 100), (-1, 1)], 5)],
        ),
        walk("all days", "the longest window", 14, &[(0, &[(0, 1), (13, 65)], 18)]),
    ];
    json!({
        "comment": "Section 8.1: phase B. Each step is an ask and the answer's day, from and total; shards are those of \
                    `plan` for `shard_bits` on the hub's day. A gap is milliseconds before a slot, from `uniform` = \
                    floor(draw / 2^11) and e = -ln(1 - uniform / 2^53); a window is drawn from the first draw whose \
                    `uniform` is below the last whole multiple of the weights' sum.",
        "last_block": LAST_BLOCK,
        "plan": Desk::new().notice().plan,
        "walks": walks,
        "gaps": gaps(),
        "windows": windows(),
    })
}

fn walk(name: &str, comment: &str, window: u32, phases: &[Lists<'_>]) -> Value {
    let (mut walk, bits, plan) = (Walk::new(window), 0xabcd, Desk::new().notice().plan);
    let mut steps = Vec::new();
    for (today, lists, asks) in phases {
        let day = |before: i64| u32::try_from(i64::from(TODAY.0) - before).expect("a day");
        let totals: BTreeMap<u32, u32> = lists.iter().map(|(before, total)| (day(*before), *total)).collect();
        let hubs_day = day(*today);
        for _ in 0..*asks {
            let ask = walk.ask(|day| plan.shard(if day == Day(0) { Day(hubs_day) } else { day }, bits));
            let listed = if ask.day == Day(0) { hubs_day } else { ask.day.0 };
            let total = totals.get(&listed).copied().unwrap_or(0);
            let from = if ask.from == LAST_BLOCK { last_block(total) } else { ask.from };
            let answer = AnswerHeader {
                outcome: Outcome::Stored,
                day: Day(listed),
                shard: ask.shard,
                from,
                total,
                notice_serial: 1,
                signature: None,
                toll: Toll::NONE,
            };
            walk.took(&answer);
            steps.push(json!({
                "ask": { "day": ask.day, "shard": ask.shard, "from": ask.from },
                "answer": { "day": listed, "from": from, "total": total },
                "complete": walk.is_complete(),
            }));
        }
    }
    json!({ "name": name, "comment": comment, "window": window, "shard_bits": bits, "steps": steps })
}

fn gaps() -> Value {
    let cover = Desk::new().notice().cover;
    let mut rng = rng(90);
    let gap = |(slot, failures, draw): (u32, u32, u64)| {
        json!({
            "slot": slot,
            "failures": failures,
            "draw": format!("{draw:016x}"),
            "ms": cover.gap_ms(slot, failures, &mut Draws(vec![draw])),
            "return_after_ms": cover.return_after_ms(&mut Draws(vec![draw])),
        })
    };
    let half = 1 << 63;
    let fixed = [(0, 0, 0), (0, 0, half), (0, 0, u64::MAX), (10, 0, half), (40, 0, half), (400, 0, half)];
    let failed = [(0, 1, half), (0, 3, half), (0, 4, half), (20, 1, half), (0, 1_000, half)];
    let drawn: Vec<_> = (0..10).map(|slot| (slot * 3, 0, rng.next_u64())).collect();
    let gaps: Vec<Value> = fixed.into_iter().chain(failed).chain(drawn).map(gap).collect();
    json!({ "cover": cover_json(cover), "cases": gaps })
}

/// Windows that cover draws. Of the draws of a case all but the last lie beyond the last whole multiple of the sum.
fn windows() -> Vec<Value> {
    let mut rng = rng(91);
    let case = |(weights, days, draws): ([u32; 3], u32, Vec<u64>)| {
        let [today, week, all] = weights;
        let windows = Windows { today, week, all };
        let drawn = windows.draw(days, &mut Draws(draws.clone()));
        let draws: Vec<String> = draws.iter().map(|draw| format!("{draw:016x}")).collect();
        json!({ "weights": windows, "days": days, "draws": draws, "window": drawn })
    };
    let fixed = [
        ([0, 0, 0], 14, vec![]),
        ([1, 0, 0], 14, vec![u64::MAX]),
        ([5, 3, 2], 1, vec![0]),
        ([0, 1, 0], 5, vec![7 << 11]),
        // 2^53 is two more than a multiple of ten: the last two are drawn again.
        ([5, 3, 2], 14, vec![u64::MAX, 0]),
        ([5, 3, 2], 14, vec![u64::MAX, u64::MAX - (1 << 11), 8 << 11]),
        ([5, 3, 2], 14, vec![4 << 11]),
        ([5, 3, 2], 14, vec![5 << 11]),
        ([5, 3, 2], 14, vec![7 << 11]),
        ([5, 3, 2], 14, vec![9 << 11 | 0x7ff]),
        ([u32::MAX, u32::MAX, u32::MAX], 366, vec![u64::MAX, 5 << 11]),
    ];
    let drawn: Vec<_> = (0..10).map(|_| ([2, 5, 3], 14, vec![rng.next_u64()])).collect();
    fixed.into_iter().chain(drawn).map(case).collect()
}

fn cover_json(cover: Cover) -> Value {
    serde_json::to_value(cover).expect("JSON")
}
