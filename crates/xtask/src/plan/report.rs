//! The document of the plan: tables from the simulation, between the words that explain them.

use std::fmt::Write as _;

use super::{
    choice::{self, Choice, DEFAULT, Fault, faults},
    figures::{Desk, Figures, Reading},
    posting::{BEAT_S, Cadence},
    text,
    visits::{DOWN, blocks_a_day},
};

/// Calls a day, and the days that are measured: fewer where each has more calls.
const SIZES: [(u32, u32); 4] = [(10, 336), (100, 56), (1_000, 14), (10_000, 1)];
/// Sizes in between are measured for so many days.
const BETWEEN_DAYS: u32 = 84;
/// Posting slots of the protocol.
const POSTING_SLOTS: f64 = 8.0;

/// Devices of the evening for one of the mean.
const EVENING: f64 = 2.0;

/// A desk with what the rule says of it.
struct Planned {
    desk: Desk,
    default: Figures,
    choice: Choice,
}

/// The limits of desks with one shard, in calls a day.
pub struct Limits {
    /// Up to which the default has no fault.
    pub default: u32,
    /// Up to which any cadence has none.
    pub one_shard: u32,
}

/// All of `docs/planning.md`.
pub fn document() -> String {
    let planned: Vec<Planned> = SIZES.iter().map(|(calls, days)| Planned::new(*calls, *days)).collect();
    let mut out = text::head();
    out += "\n## What the rule chooses\n\n";
    out += &chosen(&planned);
    out += &text::reading_the_tables();
    for planned in &planned {
        let _ = write!(out, "\n### {} calls a day\n\n", thousands(planned.desk.calls_a_day));
        out += &planned.table();
    }
    out += "\n## The whole desk, with the cadence chosen\n\n";
    out += &whole(&planned);
    out += &text::meaning(&limits(), &verdicts(&planned));
    out
}

impl Planned {
    fn new(calls_a_day: u32, days: u32) -> Self {
        let desk = Desk::new(calls_a_day, days);
        let (default, choice) = (desk.figures(DEFAULT), choice::choose(&desk));
        Self { desk, default, choice }
    }

    /// The default, what one shard can do, the cadences near the best, and the best.
    fn table(&self) -> String {
        let mut out = "| period, S | blocks a day | 2 days: paced; fast | 8 days | 14 days | answer: median, 95% | opened, 95% \
                       | dummies | callers in 2, 14 days | visits in 2 days | |\n|---|---|---|---|---|---|---|---|---|---|---|\n"
            .to_owned();
        let mut shown = vec![DEFAULT];
        out += &row(&self.default, "default");
        let (one, best) = (self.choice.one_shard.as_ref(), self.choice.best.as_ref());
        let chosen = best.map(|best| best.cadence);
        if let Some(one) = one.filter(|one| Some(one.cadence) != chosen && !shown.contains(&one.cadence)) {
            shown.push(one.cadence);
            out += &row(one, "best with one shard");
        }
        let near = chosen.map(choice::neighbours).unwrap_or_default();
        for cadence in near.into_iter().filter(|cadence| !shown.contains(cadence)) {
            out += &row(&self.desk.figures(cadence), "");
        }
        if let Some(best) = best {
            out += &row(best, "**chosen**");
        }
        out
    }
}

fn row(figures: &Figures, note: &str) -> String {
    let mut cells = vec![named(figures.cadence), blocks_a_day(figures.cadence).to_string()];
    cells.extend(figures.readings.iter().map(reading));
    let [median, late, opened] = figures.delays_s().map(duration);
    if figures.overloaded {
        cells.extend(["never caught up".to_owned(), "most never".to_owned()]);
    } else {
        cells.extend([format!("{median}, {late}"), opened]);
    }
    cells.push(format!("{:.0}%", figures.dummies_percent()));
    cells.push(figures.callers.map(thousands).join(", "));
    cells.push(rounded(figures.visits));
    let mut notes: Vec<&str> = vec![note];
    notes.extend(faults(figures).iter().map(|fault| sentence(*fault)));
    notes.retain(|note| !note.is_empty());
    cells.push(notes.join("; "));
    format!("| {} |\n", cells.join(" | "))
}

fn sentence(fault: Fault) -> &'static str {
    match fault {
        Fault::Callers => "too few callers",
        Fault::Answers => "answers late",
        Fault::Walk => "walk too long",
    }
}

fn reading(reading: &Reading) -> String {
    let whole = match reading.finished_percent {
        choice::FINISHED_PERCENT.. => String::new(),
        percent => format!(" ({percent}% whole)"),
    };
    let (paced, fast) = (minutes(reading.paced_s), minutes(reading.fast_s));
    format!("{}, {paced}{whole}; {}, {fast}", megabytes(reading.paced_bytes), megabytes(reading.fast_bytes))
}

/// One line a size: the default, one shard, and the best.
fn chosen(planned: &[Planned]) -> String {
    let mut out = "| calls a day | the default, 300 s | with one shard, as in version 1 | with shards | return over 14 days, paced \
                   | answer: median, 95% |\n|---|---|---|---|---|---|\n"
        .to_owned();
    for planned in planned {
        let name = |figures: &Option<Figures>| {
            figures.as_ref().map_or_else(|| "no cadence will do".to_owned(), |figures| named(figures.cadence))
        };
        let (one, best) = (name(&planned.choice.one_shard), name(&planned.choice.best));
        let (visit, delay) = planned.choice.best.as_ref().map_or_else(Default::default, |best| {
            let [median, late, _] = best.delays_s().map(duration);
            let all = best.readings[2];
            (format!("{}, {}", megabytes(all.paced_bytes), minutes(all.paced_s)), format!("{median}, {late}"))
        });
        let calls = thousands(planned.desk.calls_a_day);
        let _ = writeln!(out, "| {calls} | {} | {one} | {best} | {visit} | {delay} |", default_word(planned));
    }
    out
}

fn default_word(planned: &Planned) -> String {
    let found = faults(&planned.default);
    if found.is_empty() {
        return "will do".to_owned();
    }
    let load = if planned.default.overloaded { ", for ever" } else { "" };
    format!("wrong: {}{load}", found.into_iter().map(sentence).collect::<Vec<_>>().join(", "))
}

/// What the hub and the devices carry in a day.
fn whole(planned: &[Planned]) -> String {
    let mut out = "| calls a day | messages | drops | drops kept at the hub | log kept at the hub | log's room used \
                   | cells that pass | exchanges a second | sent by the hub | devices unlocked, mean | drops a beat |\n\
                   |---|---|---|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for planned in planned {
        let Some(best) = &planned.choice.best else { continue };
        let desk = &planned.desk;
        let [drops, cells] = best.hub_bytes();
        let row = [
            thousands(desk.calls_a_day),
            rounded(desk.life.a_day(desk.life.messages)),
            rounded(best.cadence.drops_a_day()),
            megabytes(drops),
            megabytes(desk.log_bytes()),
            format!("{:.0}%", desk.log_used_percent(best.cadence)),
            megabytes(cells),
            format!("{:.2}", best.exchanges / 86_400.0),
            megabytes(best.exchanges * f64::from(DOWN)),
            rounded(desk.device_hours() / 24.0),
            format!("{:.2}", f64::from(BEAT_S) / f64::from(best.cadence.period_s)),
        ];
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    out
}

/// One item a size: what the default of 300 seconds means for it.
fn verdicts(planned: &[Planned]) -> String {
    let mut out = String::new();
    for Planned { desk, default, choice } in planned {
        let Some(best) = &choice.best else { continue };
        let (now, then) = (default.readings[2], best.readings[2]);
        let bytes = format!(
            "a return over 14 days costs {} where {} would do",
            megabytes(now.paced_bytes),
            megabytes(then.paced_bytes)
        );
        let [_, late, _] = default.delays_s();
        let what = if default.overloaded {
            let (parts, drops) = (desk.life.a_day(desk.life.answer_parts), default.cadence.drops_a_day());
            format!(
                "the default is wrong: {} parts of answers a day meet {} drops",
                rounded(parts),
                rounded(drops)
            )
        } else if late > choice::ANSWERED_S {
            format!("the default is wrong: 5% of the answers wait {} and longer, and {bytes}", duration(late))
        } else {
            format!("the default keeps all conditions and is dear: {bytes}")
        };
        let mut notes = vec![what];
        if best.callers[0] < choice::CALLERS {
            notes.push(format!(
                "P4's {} callers are not there in 2 days ({}) whatever S is, only in 14 ({})",
                choice::CALLERS,
                best.callers[0],
                best.callers[1]
            ));
        }
        let devices = desk.device_hours() / 24.0;
        if devices * EVENING > POSTING_SLOTS {
            notes.push(format!(
                "{} devices are unlocked at a time in the mean, twice as many in the evening, and the protocol has {} posting slots",
                rounded(devices),
                rounded(POSTING_SLOTS)
            ));
        }
        let _ = writeln!(out, "- **{} calls a day**: {}.", thousands(desk.calls_a_day), notes.join("; "));
    }
    out
}

/// Looks for the sizes at which one shard stops doing, in steps of ten calls.
fn limits() -> Limits {
    let last = |will_do: &dyn Fn(&Desk) -> bool| {
        let sizes = (5..100).map(|tens| Desk::new(tens * 10, BETWEEN_DAYS));
        sizes.take_while(|desk| will_do(desk)).last().map_or(0, |desk| desk.calls_a_day)
    };
    Limits {
        default: last(&|desk| faults(&desk.figures(DEFAULT)).is_empty()),
        one_shard: last(&|desk| choice::with_shards(desk, 1).is_some()),
    }
}

fn named(cadence: Cadence) -> String {
    format!("{} s, {}", thousands(cadence.period_s), cadence.shards)
}

fn megabytes(bytes: f64) -> String {
    match bytes / 1e6 {
        mb if mb < 9.95 => format!("{mb:.1} MB"),
        mb if mb < 995.0 => format!("{mb:.0} MB"),
        mb => format!("{:.1} GB", mb / 1e3),
    }
}

fn minutes(seconds: f64) -> String {
    format!("{:.0} min", seconds / 60.0)
}

fn duration(seconds: u32) -> String {
    match seconds {
        0..7_200 => minutes(f64::from(seconds)),
        _ => format!("{:.1} h", f64::from(seconds) / 3_600.0),
    }
}

fn rounded(value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
    thousands(value.round() as u32)
}

/// With a comma before each group of three digits.
pub fn thousands(number: u32) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", thousands(number / 1_000), number % 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_for_people() {
        assert_eq!([999, 1_000, 86_400, 1_234_567].map(thousands), ["999", "1,000", "86,400", "1,234,567"]);
        assert_eq!([120_000.0, 24_020_000.0, 5_000_000_000.0].map(megabytes), ["0.1 MB", "24 MB", "5.0 GB"]);
        assert_eq!([61, 7_199, 7_200].map(duration), ["1 min", "120 min", "2.0 h"]);
    }
}
