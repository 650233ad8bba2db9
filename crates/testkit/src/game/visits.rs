//! Games about visits: who writes, who reads, and who came before.

use callsign_caller::paced::Goal;
use callsign_desk::NewAnswer;
use callsign_protocol::{
    call::PARTS_MAX,
    drop::Place,
    time::{Clock, Day, UnixSeconds},
};

use super::{
    features::{by_hand, number, of_requests, of_two_visits, prefixed},
    hostile,
    learn::Features,
    plant::{EPOCH, LETTERS, Plant},
    stage::{CALLERS, Guest, LONG_SLOTS, SLOTS, Stage},
};
use crate::{FIRST_DAY, Seen};

/// Days on whose lists callers 0 and 1 have their answers.
const ANSWERED_ON: [Day; 2] = [FIRST_DAY, Day(FIRST_DAY.0 + 1)];

const MS_A_DAY: u64 = 86_400_000;
/// Drops that a hostile hub lists under one address, in each block of a day.
const FORGED: usize = 8;
/// Hours by which a device's clock is wrong at most.
const HOURS_OFF: u64 = 22;

/// Empty lists.
pub fn bare(seed: u64) -> Stage {
    Stage::set(seed, Stage::settings(SLOTS))
}

/// Two shards for some days.
pub fn with_shards(seed: u64) -> Stage {
    let mut stage = bare(seed);
    stage.cut_lists();
    stage
}

/// Lists of three days; callers 0 and 1 have an answer each, on different days.
pub fn with_answers(seed: u64) -> Stage {
    answered(Stage::set(seed, Stage::settings(SLOTS)))
}

/// The same, with visits that are longer than anybody stays.
pub fn with_answers_and_time(seed: u64) -> Stage {
    answered(Stage::set(seed, Stage::settings(LONG_SLOTS)))
}

fn answered(mut stage: Stage) -> Stage {
    for caller in [0, 1] {
        stage.bring_cell(caller, true);
        stage.desk.sync().expect("a hub");
        stage.beat_for(1);
        let id = stage.caller(caller).id();
        stage.desk.answer(&NewAnswer::new(&id, "an answer")).expect("a caller who wrote");
        stage.beat_for(23);
    }
    // Five in the afternoon: enough of the third day for two blocks, and hours left for visits.
    stage.beat_for(8);
    stage.tap.take();
    stage
}

/// Does the first slot that can carry a part of a call carry one?
pub fn slot(stage: &mut Stage, truth: bool, plant: Option<Plant>) -> Features {
    write(stage, truth, plant, Guest { caller: 0, goal: Goal::Stored, parts: 1, slots: 2 })
}

/// Does the visitor write, and as much as fits?
pub fn writer(stage: &mut Stage, truth: bool, plant: Option<Plant>) -> Features {
    let parts = u32::from(PARTS_MAX);
    write(stage, truth, plant, Guest { caller: 0, goal: Goal::Stored, parts, slots: SLOTS })
}

/// Does the visitor write, at a hub that refuses, loses, cuts and lies?
pub fn writer_at_hostile_hub(stage: &mut Stage, truth: bool, plant: Option<Plant>) -> Features {
    let seed = stage.fork();
    stage.tap.script(hostile::to_visitors(seed));
    writer(stage, truth, plant)
}

/// Does the visitor come back for an answer?
pub fn reader(stage: &mut Stage, truth: bool, plant: Option<Plant>) -> Features {
    let (caller, goal) = if truth { (0, Goal::Read) } else { (2, Goal::Visited) };
    let mut seen = stage.visit(&Guest { caller, goal, parts: 0, slots: SLOTS });
    if let Some(plant) = plant.filter(|_| truth) {
        plant.in_reading(&mut seen, ANSWERED_ON[0].0);
    }
    of_visit(stage, &seen)
}

/// Does the visitor come back for an answer, at a hub that refuses, loses, cuts and lies?
pub fn reader_at_hostile_hub(stage: &mut Stage, truth: bool, plant: Option<Plant>) -> Features {
    let seed = stage.fork();
    stage.tap.script(hostile::to_visitors(seed));
    reader(stage, truth, plant)
}

/// Which of two answers does the visitor read?
pub fn which_answer(stage: &mut Stage, truth: bool, plant: Option<Plant>) -> Features {
    let caller = usize::from(truth);
    let mut seen = stage.visit(&Guest { caller, goal: Goal::Read, parts: 0, slots: SLOTS });
    if let Some(plant) = plant {
        plant.in_reading(&mut seen, ANSWERED_ON[caller].0);
    }
    of_visit(stage, &seen)
}

/// Does the visitor write a letter, which is carried another way, in the middle of the visit?
pub fn letter_writer(stage: &mut Stage, truth: bool, plant: Option<Plant>) -> Features {
    let guest = Guest { caller: 0, goal: Goal::Visited, parts: 0, slots: SLOTS };
    let written_before = usize::try_from(1 + stage.draw(3)).ok().filter(|_| truth);
    let letter = written_before.map(|_| stage.letter());
    let mut seen = stage.visit_with_letter(&guest, letter);
    if let Some(plant) = plant {
        plant.in_letters(&mut seen, written_before);
    }
    of_visit(stage, &seen)
}

/// Is the visitor who reads at once the one under whose address a hub has listed bytes that do not open?
pub fn addressee(stage: &mut Stage, truth: bool, plant: Option<Plant>) -> Features {
    let day = ANSWERED_ON[0];
    let secret = stage.caller(0).drop_secret(day.week());
    let address = Place { day, slot: 0, index: 31 }.address(&secret);
    let seed = stage.fork();
    stage.tap.script(hostile::to_addressee(seed, day, address, FORGED));
    let mut seen = stage.read_at_once(if truth { 0 } else { 2 });
    if let Some(plant) = plant.filter(|_| truth) {
        plant.in_opening(&mut seen, day.0, FORGED as u64);
    }
    of_visit(stage, &seen)
}

/// Is the clock of the visitor's device some hours wrong?
pub fn clock_off(stage: &mut Stage, truth: bool, plant: Option<Plant>) -> Features {
    let hub = stage.system.clock.clock();
    let off_s = (HOURS_OFF / 2 + stage.draw(HOURS_OFF / 2 + 1)) * 3_600;
    let is_ahead = stage.draw(2) == 1;
    let own: Clock = std::sync::Arc::new(move || match (truth, is_ahead) {
        (false, _) => hub(),
        (true, true) => hub().plus(off_s),
        (true, false) => UnixSeconds(hub().0 - off_s),
    });
    let (keys, today) = (stage.caller(0).clone(), own().day());
    let guest = Guest { caller: 0, goal: Goal::Visited, parts: 0, slots: SLOTS };
    let mut seen = stage.visit_by(keys, &guest, own);
    if let Some(plant) = plant {
        plant.in_epochs(&mut seen, today.0);
    }
    of_visit(stage, &seen)
}

/// With several shards, does the visitor type a phrase?
///
/// Another one comes in each round: that a caller keeps to one shard is no secret.
pub fn mover(stage: &mut Stage, truth: bool, plant: Option<Plant>) -> Features {
    let goal = if truth { Goal::Read } else { Goal::Visited };
    let (keys, typed_before) = (stage.stranger(), 1 + stage.draw(3));
    let mut seen = stage.visit_of(keys, &Guest { caller: 0, goal, parts: 0, slots: SLOTS });
    if let Some(plant) = plant.filter(|_| truth) {
        plant.in_moving(&mut seen, usize::try_from(typed_before).unwrap_or(1));
    }
    of_visit(stage, &seen)
}

/// Which of two answers is read by who leaves half a minute to two minutes after it has shown?
pub fn leaver(stage: &mut Stage, truth: bool, _: Option<Plant>) -> Features {
    let caller = usize::from(truth);
    let mut seen = stage.visit(&Guest { caller, goal: Goal::Read, parts: 0, slots: LONG_SLOTS });
    let day = ANSWERED_ON[caller].0.to_be_bytes();
    let shown = seen.iter().filter(|seen| seen.body.get(4..8) == Some(&day)).map(|seen| seen.at_ms).max();
    let leaves_at = shown.unwrap_or(0) + 30_000 + stage.draw(90_000);
    seen.retain(|seen| seen.at_ms <= leaves_at);
    of_visit(stage, &seen)
}

/// Were two visits, a day or two apart, those of one caller?
pub fn same_caller(stage: &mut Stage, truth: bool, plant: Option<Plant>) -> Features {
    two_visits(stage, truth, plant, false)
}

/// Were they, where the first was shown the notice of the day before?
pub fn same_caller_shown_old_notice(stage: &mut Stage, truth: bool, plant: Option<Plant>) -> Features {
    two_visits(stage, truth, plant, true)
}

/// What everyone may see and nobody is promised to hide: a reader whose walk does not fit into the planned slots stays.
pub fn unfinished_reader(stage: &mut Stage, truth: bool, _: Option<Plant>) -> Features {
    let goal = if truth { Goal::Read } else { Goal::Visited };
    let seen = stage.visit(&Guest { caller: 0, goal, parts: 0, slots: SLOTS / 2 });
    of_visit(stage, &seen)
}

fn write(stage: &mut Stage, truth: bool, plant: Option<Plant>, writer: Guest) -> Features {
    let visitor = Guest { caller: 1, goal: Goal::Visited, parts: 0, slots: writer.slots };
    let guest = if truth { writer } else { visitor };
    let mut seen = stage.visit(&guest);
    if let Some(plant) = plant {
        plant.in_cells(&mut seen, guest.parts);
    }
    of_visit(stage, &seen)
}

fn two_visits(stage: &mut Stage, truth: bool, plant: Option<Plant>, is_hostile: bool) -> Features {
    let first = usize::try_from(stage.draw(CALLERS as u64)).unwrap_or(0);
    let other = 1 + usize::try_from(stage.draw(CALLERS as u64 - 1)).unwrap_or(0);
    let second = if truth { first } else { (first + other) % CALLERS };
    if is_hostile {
        let old = stage.notice();
        stage.system.clock.advance_days(1);
        stage.desk.sync().expect("a hub");
        stage.tap.script(hostile::shows_old_notice(old));
        stage.tap.take();
    }
    let visits = [first, second].map(|caller| {
        let parts = u32::try_from(stage.draw(3)).unwrap_or(0);
        let mut seen = stage.visit(&Guest { caller, goal: Goal::Stored, parts, slots: 4 });
        if let Some(plant) = plant {
            plant.in_shard(&mut seen, caller);
        }
        stage.tap.honest();
        let hours = 12 + stage.draw(24);
        stage.system.clock.advance(hours * 3_600);
        stage.desk.sync().expect("a hub");
        stage.tap.take();
        seen
    });
    let [first, second] = &visits;
    let mut features = of_two_visits(first, second);
    features.extend(prefixed("first", of_visit(stage, first)));
    features.extend(prefixed("second", of_visit(stage, second)));
    features
}

/// What any visit shows, and what one looks for who knows the published pace.
pub fn of_visit(stage: &Stage, seen: &[Seen]) -> Features {
    let mut features = of_requests(seen);
    let cover = stage.desk.settings().cover;
    let mut before = seen.first().map_or(0, |seen| seen.at_ms);
    let began = before;
    let (mut at_cap, mut sum) = (0.0, 0.0);
    let (mut shard, mut moved_after) = (None, None);
    let mut other_days = 0.0;
    for (slot, seen) in (0..).zip(seen.iter().filter(|seen| seen.path == "v1/exchange")) {
        let growth = 1.0 + f64::from(cover.gap_growth_percent) / 100.0;
        let mean = (f64::from(cover.gap_ms) * growth.powi(slot)).min(f64::from(cover.gap_max_ms));
        let gap = number(seen.at_ms - before) / mean;
        before = seen.at_ms;
        sum += gap;
        // The first slot carries no part.
        if (1..=i32::from(PARTS_MAX)).contains(&slot) {
            at_cap += f64::from(u8::from((gap - 3.0).abs() < 0.001));
        }
        let today = u32::try_from(seen.at_ms / MS_A_DAY).unwrap_or(u32::MAX);
        let names_other = seen.body.get(EPOCH) != Some(&today.to_be_bytes());
        other_days += f64::from(u8::from(names_other));
        if seen.body.get(4..8) == Some(&[0; 4]) {
            let asked = seen.body.get(8..12);
            let is_move = *shard.get_or_insert(asked) != asked;
            moved_after = moved_after.or(is_move.then_some(seen.at_ms - began));
        }
    }
    let mut letters = seen.iter().filter(|seen| seen.path == LETTERS);
    by_hand(&mut features, "letters documents fetched", number(letters.clone().count() as u64));
    let fetched_after = letters.next_back().map_or(-1.0, |seen| number(seen.at_ms.saturating_sub(began)));
    by_hand(&mut features, "the letters document is fetched after", fetched_after);
    by_hand(&mut features, "longest gaps there are, while a message would be sent", at_cap);
    by_hand(&mut features, "sum of gaps by their means", sum);
    by_hand(&mut features, "cells of another day than the hub's", other_days);
    let moved_after = moved_after.map_or(1.5, |ms| number(ms) / f64::from(cover.move_after_ms));
    by_hand(&mut features, "time of the first move by the published one", moved_after);
    features
}
