//! The words of the plan's document, with the model's own constants in them.

use super::{
    arrivals::{ANSWERING_S, DAY_S, KNOWN_CALLERS, LISTED_DAYS, OPENING_S, RETURN_DAYS},
    choice::{ANSWERED_PERCENT, ANSWERED_S, CALLERS, CALLERS_DAYS, FINISHED_PERCENT},
    figures::{DEVICE_HOURS_A_CALL, ENTRY, LOOKING_EXCHANGES, WRITING_EXCHANGES},
    posting::BEAT_S,
    report::{Limits, thousands},
    visits::{
        BLOCK, DOWN, DOWN_BITS, GAP_GROWTH, GAP_MAX_S, GAP_S, LATEST_EVERY, MOVE_AFTER_S, OPENING, PHRASE_S,
        ROUND_TRIP_S, UP, UP_BITS, VISIT_EXCHANGES, exchange_s,
    },
};

/// Title, how to run it, rule and assumptions.
pub fn head() -> String {
    format!("{}\n{}\n{}", intro(), rule(), assumptions())
}

fn intro() -> &'static str {
    "# Planning cadence and shards

How often should a desk post a drop, and into how many shards should it cut its lists? Each drop, answer or dummy, is read by every caller of its shard, so a
quick cadence costs bytes on slow lines, a slow one makes answers wait, and many shards leave each caller few others to hide among. This page is printed by a
simulation of desks of four sizes; sections are those of [protocol.md](protocol.md).

```
cargo xtask plan > docs/planning.md     simulates and prints this page
cargo xtask plan --check                fails where this page is not what the simulation prints
```

The seed is fixed and nothing depends on the machine, so the same sources print the same page."
}

fn rule() -> String {
    format!(
        "
## The rule

Of all periods that divide a day and all S that are powers of two, take those with which the emptiest shard has had {CALLERS} callers in {CALLERS_DAYS} days (or S is 1),
{ANSWERED_PERCENT}% of the answers are posted whole within {minutes} minutes, and {FINISHED_PERCENT}% of the paced walks over 14 days end within a visit; of these take the one with the
fewest blocks a shard and day, and where several have as few, the one that posts answers soonest.

P4 is read strictly: every visit reads all days, but most answers are read within two, and who leaves then hides among those to whom a person spoke in two days.
",
        minutes = ANSWERED_S / 60,
    )
}

fn assumptions() -> String {
    format!(
        "## What the simulation assumes

Nobody has measured a real desk yet. These are guesses, each to be replaced by a count that a desk can make without watching anybody.

- **Calls** come as a Poisson process whose rate follows the hours of the callers' day: 0.2 of the mean before dawn, 2.4 at 19 to 21 hours. {known:.0}% come from
  callers of the last week or so, the others from new ones. A call has 1, 2 or 3 messages (75, 20, 5%).
- **Operators** are there at all hours and never too few: a call is opened after {opening:.0} minutes, answered {answering:.0} minutes after that (means of exponential distributions), by
  1, 2 or 3 drops (60, 30, 10%). Each opened message is told of in a drop of its own unless one goes to that caller first. A drop tells of 8.
- **Posting** is that of section 10: tick `t` serves shard `t mod S`, with the longest-waiting part, else an \"opened\", else a dummy, at the first beat ({BEAT_S} s) after the tick
  begins. One device is always unlocked. Where the period is shorter than a beat, a beat carries the drops of all its ticks.
- **Returns**: 30% of the callers never come back to read, 50% once, 15% twice, 5% four times, each time after {days} days in the mean.
- **A return visit** is counted from the opening of the page until the caller's lists of the last 2, 8 or 14 days are read, blocks of {BLOCK} drops. Paced, one slot in {LATEST_EVERY} asks for today's last block.
  With one shard the walk is the caller's from the first slot; with several it comes there {moves:.0} to {twice:.0} s after the start, or when the phrase is there, where that is later (\"Look now\"): {phrase:.0} s, in the mean. Gaps are those of the default settings: {GAP_S:.0} s growing by {growth:.0}% a slot up to {GAP_MAX_S:.0} s, {VISIT_EXCHANGES} exchanges at most. Fast, the walk begins at once and has no gaps.
- **The line** (2G): {down:.0} kbit/s down, {up:.0} kbit/s up, {ROUND_TRIP_S} s for a round trip; an exchange is {sent} bytes up and {got} down with HTTP, so it takes {exchange:.1} s. The page, notice,
  content packs and letters document are {page} kB. Loss, TLS and Tor are left out; all make it slower.
- **Visits** that write take {WRITING_EXCHANGES} exchanges, and for each call one visit only looks, {LOOKING_EXCHANGES} exchanges. **Devices** are unlocked for {hours:.0} minutes for each call, 24 hours a day at least.
- Delays, callers and visits are of the days after the first 14. Callers are those with whom a person has spoken, counted in the emptiest shard, the median of the days.
",
        known = KNOWN_CALLERS * 100.0,
        opening = OPENING_S / 60.0,
        answering = ANSWERING_S / 60.0,
        days = RETURN_DAYS,
        phrase = PHRASE_S,
        moves = MOVE_AFTER_S,
        twice = 2.0 * MOVE_AFTER_S,
        growth = (GAP_GROWTH - 1.0) * 100.0,
        down = DOWN_BITS / 1_000.0,
        up = UP_BITS / 1_000.0,
        sent = thousands(UP),
        got = thousands(DOWN),
        exchange = exchange_s(),
        page = OPENING / 1_000,
        hours = DEVICE_HOURS_A_CALL * 60.0,
    )
}

/// What stands between the overview and the tables of each size.
pub fn reading_the_tables() -> String {
    format!(
        "
## The tables

\"Blocks a day\" is what one shard's full day costs a reader, in exchanges. Visits are medians: bytes and minutes paced, then fast. The last column says what is wrong: answers
late ({} minutes), too few callers ({CALLERS} in {CALLERS_DAYS} days), or a walk too long for a visit ({VISIT_EXCHANGES} exchanges). The rows around the chosen one have about half and
twice its period, and half and twice its shards.
",
        ANSWERED_S / 60
    )
}

/// What follows from the tables.
pub fn meaning(limits: &Limits, verdicts: &str) -> String {
    format!(
        "
## What it means for the default of 300 seconds

{verdicts}
The default, one shard and a drop each 300 seconds, keeps the rule's conditions up to about {default} calls a day; any cadence with one shard does so up to about {one}.
A larger desk needs shards, or longer visits, or later answers.

## What it means for the design

- **Bytes and delay hang on one figure**, the period of a shard (period times S): it sets the blocks of a day and how long an answer waits for its tick. Shards
  multiply what a desk can answer at the same price for each caller; a shorter period alone only makes all callers pay.
- **About half of all drops and more are dummies** with every cadence chosen. They are the price of the evening, when calls come at more than twice the mean, and of answers in
  several parts, which wait one shard period each. Shares near none mean hours of waiting.
- **A visit's {exchanges} exchanges bound the cadence**: {days} days must fit, with one slot in eight for today's last block and, with several shards, the slots before the first move, so a shard can have {blocks} blocks a day at most, whatever
  the desk's size. `visit_exchanges`, `days` and the shard period must be planned together.
- **One drop a beat is too few** above some hundreds of calls a day: no desk would post more than {most} drops a day with beats of {BEAT_S} s. Hence a beat carries one drop for
  each tick since the beat before (a commit has room for 64), the number fixed by the published cadence alone.
- **The log, not the drops, is what the hub keeps**: a device writes {device:.0} MB a day whatever happens, until generations prune it. All devices commit to one head, so many
  of them compete for it: devices unlocked, divided by {BEAT_S} s, is the commits a second. As one desk, 10,000 calls a day are beyond version 1.
- **S follows the emptiest shard**: a desk that loses calls must lower S soon, one that gains can wait. Section 10 does so, and keeps the period of a shard from 500 to 900 s, where
  the cadences chosen for several shards lie.
",
        default = limits.default,
        one = limits.one_shard,
        exchanges = VISIT_EXCHANGES,
        days = LISTED_DAYS,
        blocks = VISIT_EXCHANGES / LISTED_DAYS - 1,
        most = thousands(DAY_S / BEAT_S),
        device = f64::from(DAY_S / BEAT_S) * ENTRY / 1e6,
    )
}
