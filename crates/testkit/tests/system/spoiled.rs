//! A device of the desk that means ill spoils what the desk says of itself; the others go on, and set it right.

use callsign_desk::{
    DeskError, SettingsChange, SettingsError,
    cases::{Event, EventBody, SettingsSet},
};
use callsign_protocol::{
    encoding::Bytes,
    plan::{Plan, PlanEntry},
    visit::Cover,
};
use callsign_testkit::System;
use serde_json::Value;

use crate::{custody::notice, insider::Insider, removed::other_device};

/// The event that says so, with an id of this byte.
fn said(id: u8, set: SettingsSet) -> Vec<Value> {
    let event = Event { id: Bytes([id; 16]), body: EventBody::SettingsSet(Box::new(set)) };
    vec![serde_json::to_value(&event).unwrap()]
}

fn planned(plan: Plan) -> SettingsSet {
    SettingsSet { plan: Some(plan), ..SettingsSet::default() }
}

#[test]
fn a_plan_that_comes_with_tomorrows_date_leaves_no_listed_day_out_of_todays_notices() {
    let system = System::start();
    let desk = system.init_desk("desk");
    drop(system.add_device("insider", &desk));
    let mut plan = desk.said_to_callers().plan.unwrap();
    let second = PlanEntry { from: system.clock.now().day().plus(7), shards: 1, drop_period_s: 60 };
    plan.0.push(second);
    Insider::new(&system, "insider").commit(system.clock.now(), &said(1, planned(plan)));
    for _ in 0..20 {
        for name in [None, Some("insider")] {
            let other = name.map(|name| system.open_desk(name));
            other.as_ref().unwrap_or(&desk).sync().unwrap();
            system.beats(other.as_ref().unwrap_or(&desk), 2);
        }
        system.clock.advance_days(1);
    }
    // Today's notices need the first entry, those of tomorrow do not.
    let insider = Insider::new(&system, "insider");
    let tomorrow = system.clock.now().day().plus(1);
    let before = notice(&system, &desk).notice.serial;
    insider.commit_on(tomorrow, system.clock.now(), &said(2, planned(Plan(vec![second]))));
    desk.sync().unwrap();
    system.beats(&desk, 2);
    assert_eq!(notice(&system, &desk).notice.serial, before + 1);
}

#[test]
fn a_pace_that_keeps_callers_from_writing_and_answers_from_leaving_is_set_right() {
    let system = System::start();
    let desk = system.init_desk("desk");
    drop(system.add_device("insider", &desk));
    let usual = desk.said_to_callers();
    let (cover, mut plan) = (usual.cover.unwrap(), usual.plan.unwrap());
    let period = plan.0[0].drop_period_s;
    let slow = PlanEntry { from: system.clock.now().day().plus(7), shards: 1, drop_period_s: 86_400 };
    plan.0.push(slow);
    let cover_of_none = Cover { visit_exchanges: 1, gap_ms: 600_000, ..cover };
    let spoiled = SettingsSet { cover: Some(cover_of_none), ..planned(plan) };
    Insider::new(&system, "insider").commit(system.clock.now(), &said(1, spoiled));
    desk.remove_device(&other_device(&desk)).unwrap();
    assert_eq!(notice(&system, &desk).notice.cover, cover_of_none);

    let pace =
        SettingsChange { cover: Some(cover), drop_period_s: Some(period), ..SettingsChange::default() };
    // Visits at once; the plan once no change of it is ahead any more.
    let planned = desk.change_settings(&pace).unwrap_err();
    assert!(matches!(planned, DeskError::Settings(SettingsError::Planned(7))), "{planned:?}");
    desk.sync().unwrap();
    assert_eq!(notice(&system, &desk).notice.cover, cover);
    for _ in 0..7 {
        system.clock.advance_days(1);
        desk.sync().unwrap();
    }
    desk.change_settings(&pace).unwrap();
    let plan = notice(&system, &desk).notice.plan;
    assert_eq!(plan.0.last(), Some(&PlanEntry { from: slow.from.plus(7), shards: 1, drop_period_s: period }));
}
