//! A device of the desk that means ill spoils what the desk says of itself; the others go on, and set it right.

use callsign_desk::cases::{Event, EventBody, SettingsSet};
use callsign_protocol::{
    encoding::Bytes,
    plan::{Plan, PlanEntry},
};
use callsign_testkit::System;
use serde_json::Value;

use crate::{custody::notice, insider::Insider};

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
