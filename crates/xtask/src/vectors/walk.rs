//! `walk.json`: which block a slot asks for after which answers and moves, how long it waits, and when the first move comes.

use std::collections::BTreeMap;

use callsign_protocol::{
    exchange::{LAST_BLOCK, last_block},
    plan::draw_bits,
    time::Day,
    visit::Cover,
    walk::{Told, Walk},
};
use rand_core::Rng as _;
use serde_json::{Value, json};

use super::fixture::{Desk, Draws, TODAY, rng};

/// Bits of shard 2 of 4, and of shard 0.
const BITS: u16 = 0xabcd;
const OTHER_BITS: u16 = 0x2345;

/// What holds for so many slots of a walk.
#[derive(Clone, Copy)]
struct Stretch<'a> {
    slots: usize,
    /// Where the walk moves before them.
    moves_to: Option<u16>,
    /// The hub's day, in days before [`TODAY`].
    hubs_day: i64,
    /// By days before [`TODAY`] and shard, how many drops the hub lists.
    lists: &'a [(i64, u32, u32)],
    /// Days before [`TODAY`] from which on the hub knows no list.
    gone: i64,
}

const STRETCH: Stretch<'_> = Stretch { slots: 1, moves_to: None, hubs_day: 0, lists: &[], gone: 99 };

/// The whole file.
pub fn file() -> Value {
    json!({
        "comment": "Section 8.1. Each step is a slot, from 0: the bits that the walk moves to before it, where it does; the \
                    day of whose plan today's shard is; the ask; and the answer's day, from and total, or none where the \
                    hub knows no such list. `whole` is whether all has been read since the last move, `days_read` how many \
                    days of the first bits were read at the end. A gap is milliseconds before a slot, from `uniform` = \
                    floor(draw / 2^11) and e = -ln(1 - uniform / 2^53); the first move comes after \
                    (1 + uniform / 2^53) * move_after_ms; drawn bits are the first 16 of a draw.",
        "last_block": LAST_BLOCK,
        "plan": Desk::new().notice().plan,
        "walks": walks(),
        "gaps": gaps(),
    })
}

fn walks() -> Vec<Value> {
    let grows = [(0, 2, 70)];
    let grown = [(0, 2, 130)];
    vec![
        walk("empty", "two days, nothing listed", 2, &[Stretch { slots: 4, ..STRETCH }]),
        walk(
            "one day",
            "today's last block, the earlier ones, then today again",
            1,
            &[Stretch { slots: 5, lists: &grows, ..STRETCH }],
        ),
        walk(
            "days",
            "block by block, day by day, newest first; slots 0 and 8 ask for today's last block",
            4,
            &[Stretch { slots: 12, lists: &[(0, 2, 70), (1, 2, 33), (3, 2, 65)], ..STRETCH }],
        ),
        walk(
            "exact blocks",
            "64 drops are two blocks",
            2,
            &[Stretch { slots: 5, lists: &[(0, 2, 64), (1, 2, 32)], ..STRETCH }],
        ),
        walk(
            "grown",
            "blocks that grew are read again, the half-read one too",
            1,
            &[Stretch { slots: 4, lists: &grows, ..STRETCH }, Stretch { slots: 4, lists: &grown, ..STRETCH }],
        ),
        walk(
            "grown meanwhile",
            "slot 8 finds more of today, which goes first",
            14,
            &[Stretch { slots: 8, lists: &grows, ..STRETCH }, Stretch { slots: 5, lists: &grown, ..STRETCH }],
        ),
        walk(
            "grown within the block",
            "nothing else was missed",
            1,
            &[
                Stretch { slots: 3, lists: &[(0, 2, 33)], ..STRETCH },
                Stretch { slots: 2, lists: &[(0, 2, 60)], ..STRETCH },
            ],
        ),
        walk(
            "midnight",
            "when the day turns, the end of yesterday is read",
            1,
            &[
                Stretch { slots: 3, lists: &[(0, 2, 40)], ..STRETCH },
                Stretch { slots: 6, hubs_day: -1, lists: &[(0, 2, 100), (-1, 2, 1)], ..STRETCH },
            ],
        ),
        walk(
            "all days",
            "of which the oldest have one shard",
            14,
            &[Stretch { slots: 20, lists: &[(0, 2, 1), (13, 0, 65)], ..STRETCH }],
        ),
        walk(
            "moves",
            "what two shards have in common is read once, and what was read before is not read again",
            9,
            &[
                Stretch { slots: 14, lists: &[(0, 2, 33), (0, 0, 7), (7, 0, 70)], ..STRETCH },
                Stretch {
                    slots: 9,
                    moves_to: Some(OTHER_BITS),
                    lists: &[(0, 2, 33), (0, 0, 7), (7, 0, 70)],
                    ..STRETCH
                },
                Stretch {
                    slots: 3,
                    moves_to: Some(BITS),
                    lists: &[(0, 2, 65), (0, 0, 7), (7, 0, 70)],
                    ..STRETCH
                },
            ],
        ),
        walk(
            "moved away",
            "a walk that was not whole goes on where it was",
            3,
            &[
                Stretch { slots: 2, lists: &[(0, 2, 70)], ..STRETCH },
                Stretch { slots: 2, moves_to: Some(OTHER_BITS), lists: &[(0, 2, 70)], ..STRETCH },
                Stretch { slots: 4, moves_to: Some(BITS), lists: &[(0, 2, 70)], ..STRETCH },
            ],
        ),
        walk(
            "gone",
            "days that the hub does not know are left out",
            5,
            &[Stretch { slots: 7, gone: 2, lists: &[(0, 2, 3)], ..STRETCH }],
        ),
    ]
}

fn walk(name: &str, comment: &str, days: u32, stretches: &[Stretch<'_>]) -> Value {
    let (mut walk, plan) = (Walk::new(days, BITS), Desk::new().notice().plan);
    let mut steps = Vec::new();
    for stretch in stretches {
        let day = |before: i64| Day(u32::try_from(i64::from(TODAY.0) - before).expect("a day"));
        let lists = stretch.lists.iter().map(|(before, shard, total)| ((day(*before), *shard), *total));
        let totals: BTreeMap<(Day, u32), u32> = lists.collect();
        let today = day(stretch.hubs_day);
        for n in 0..stretch.slots {
            let mut step = json!({ "today": today });
            if let Some(bits) = stretch.moves_to.filter(|_| n == 0) {
                walk.move_to(bits);
                step["move"] = json!(bits);
            }
            let ask = walk.ask(u32::try_from(steps.len()).expect("a slot"), &plan, today);
            step["ask"] = json!({ "day": ask.day, "shard": ask.shard, "from": ask.from });
            let listed = if ask.day == Day(0) { today } else { ask.day };
            if listed <= day(stretch.gone) {
                walk.pass_over(&plan, &ask);
            } else {
                let total = totals.get(&(listed, ask.shard)).copied().unwrap_or(0);
                let from = if ask.from == LAST_BLOCK { last_block(total) } else { ask.from };
                step["answer"] = json!({ "day": listed, "from": from, "total": total });
                walk.took(&plan, &ask, &Told { day: listed, from, total });
            }
            step["whole"] = json!(walk.is_whole());
            steps.push(step);
        }
    }
    let days_read = walk.days_read(&plan, BITS);
    json!({
        "name": name, "comment": comment, "days": days, "shard_bits": BITS, "steps": steps, "days_read": days_read
    })
}

fn gaps() -> Value {
    let cover = Desk::new().notice().cover;
    let mut rng = rng(90);
    let gap = |(slot, failures, draw): (u32, u32, u64)| {
        let drawn = || Draws(vec![draw]);
        json!({
            "slot": slot,
            "failures": failures,
            "draw": format!("{draw:016x}"),
            "ms": cover.gap_ms(slot, failures, &mut drawn()),
            "move_after_ms": cover.move_after_ms(&mut drawn()),
            "shard_bits": draw_bits(&mut drawn()),
        })
    };
    let half = 1 << 63;
    let fixed = [(0, 0, 0), (0, 0, half), (0, 0, u64::MAX), (10, 0, half), (40, 0, half), (400, 0, half)];
    let failed = [(0, 1, half), (0, 3, half), (0, 4, half), (20, 1, half), (0, 1_000, half)];
    let drawn: Vec<_> = (0..10).map(|slot| (slot * 3, 0, rng.next_u64())).collect();
    let gaps: Vec<Value> = fixed.into_iter().chain(failed).chain(drawn).map(gap).collect();
    json!({ "cover": cover_json(cover), "cases": gaps })
}

fn cover_json(cover: Cover) -> Value {
    serde_json::to_value(cover).expect("JSON")
}
