//! What a desk's program shows of its cases, to be compared.

use std::collections::BTreeSet;

use callsign_desk::{
    Desk,
    cases::{Case, Item},
};

/// All that a program shows of all cases, a line for each, and what the desk says of itself: two that are in step show the same.
pub fn shown(desk: &Desk) -> Vec<String> {
    let show = |case: &Case| {
        let Case { caller, track, shard_bits, language, safe_times, .. } = case;
        let items: Vec<String> = case.items.iter().map(show_item).collect();
        let follow_ups = case.follow_ups();
        let claim = case.claim().map(|claim| format!("{claim:?}"));
        let transfer = (case.offer(), case.asked_for());
        let held = (claim, case.last_touch(), transfer, case.level(), case.level_set_by());
        format!("{caller} {track} {shard_bits} {language} {safe_times:?} {items:?} {follow_ups:?} {held:?}")
    };
    let mut all = of_all(desk, show);
    all.sort();
    let people = desk.people().into_iter();
    all.extend(people.map(|person| format!("{:?}", (person.id, person.name, person.roles, person.left))));
    all.push(format!("{:?}", desk.said_to_callers()));
    let turns = desk.with_cases(|cases| {
        let offered = cases.callers().filter_map(|caller| cases.offered_to(&caller).map(|to| (caller, to)));
        let sheets: Vec<_> = cases.sheets().cloned().collect();
        Ok(format!("{sheets:?} {:?} {:?}", cases.ready().collect::<Vec<_>>(), offered.collect::<Vec<_>>()))
    });
    all.push(turns.expect("files that can be read"));
    all
}

/// What people would miss if it were gone: a line for each message, each answer and each follow-up, without how far it has come.
pub fn shown_parts(desk: &Desk) -> BTreeSet<String> {
    let of = |case: &Case| {
        let caller = case.caller;
        let items = case.items.iter().map(move |item| match item {
            Item::Call(call) => format!("{caller} wrote {}: {}", call.id, call.text()),
            Item::Answer(answer) => format!("{caller} is answered {}: {}", answer.id, answer.text()),
        });
        let follow_ups =
            case.follow_ups().iter().map(|one| format!("{caller} on {:?}: {}", one.due, one.text));
        items.chain(follow_ups).collect::<Vec<_>>()
    };
    of_all(desk, of).into_iter().flatten().collect()
}

fn of_all<T>(desk: &Desk, of: impl Fn(&Case) -> T) -> Vec<T> {
    let all = desk.with_cases(|cases| cases.all().map(|case| case.map(|case| of(&case))).collect());
    all.expect("files that can be read")
}

fn show_item(item: &Item) -> String {
    match item {
        Item::Call(call) => format!("{call:?}"),
        // Without its place in the order of the log, which is counted anew from each snapshot.
        Item::Answer(answer) => {
            let parts = answer.parts.iter().map(|part| part.as_ref().map(|part| (&part.text, part.posted)));
            let (parts, by) = (parts.collect::<Vec<_>>(), answer.by);
            format!("{} {:?} {parts:?} {by} {:?}", answer.id, answer.queued, answer.kept_back)
        }
    }
}
