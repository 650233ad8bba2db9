//! `callsign desk step`: what of a checklist is done in a case.

use callsign_desk::{CaseLists, cases::STEPS_MAX};
use clap::Args;
use serde_json::{Value, json};

use super::{
    acting::{Act, finish},
    calls::taking_new_calls,
    claims::Case,
    open,
};
use crate::{
    failure::Failure,
    numbers,
    output::{self, Done, Lines, count, escape, label},
};

/// Arguments of `desk step`.
#[derive(Args)]
pub struct StepArguments {
    #[command(flatten)]
    pub(super) case: Case,
    /// Which step, as `callsign desk show` numbers them; without one the lists are shown
    #[arg(value_name = "STEP", value_parser = numbers::within(1..=STEPS_MAX, "steps"))]
    step: Option<u8>,
    /// The keyword of the list, where several stand beside the case
    #[arg(long, value_name = "KEYWORD")]
    list: Option<String>,
    /// It is not done after all
    #[arg(long)]
    undo: bool,
}

/// Says that a step of a checklist is done in a case, or not after all.
pub fn step(arguments: &StepArguments) -> Result<(), Failure> {
    let Case { common, call_sign, queued } = &arguments.case;
    let desk = open(&common.data)?;
    let caller = taking_new_calls(&desk, || desk.find(call_sign))?;
    let (name, done) = (desk.call_sign(&caller), !arguments.undo);
    let beside = desk.lists_of(&*desk.case(&caller)?)?;
    let Some(step) = arguments.step else { return show_lists(&name, &beside) };
    let lists = beside.lists;
    let only = lists.first().filter(|_| lists.len() == 1).map(|list| list.keyword.as_str());
    let list = arguments.list.as_deref().or(only);
    let event = desk.set_step(&caller, (list, None), step, done)?;
    let said = if done { "is done" } else { "is not done" };
    let told = format!("step {step} of the checklist {} {said} for {name}", label(list.unwrap_or("")));
    let result = json!({ "call_sign": name, "list": list, "step": step, "done": done });
    finish(&desk, Act { event, done: &told, result, queued: *queued })
}

/// The steps beside a case, with what says which of them is done.
fn show_lists(name: &str, beside: &CaseLists) -> Result<(), Failure> {
    let mut shown = lines(beside, Lines::new());
    if beside.lists.is_empty() {
        shown.push(format!(
            "No checklist stands beside {name}: none of this device is for its track and its language. `callsign desk content list --checklists` shows all."
        ));
    } else {
        shown.push(format!("A step is done by its number: callsign desk step --call-sign {name} NUMBER"));
    }
    let (lists, elsewhere) = as_json(beside);
    output::give(
        Done::Read,
        &shown,
        &json!({ "call_sign": name, "checklists": lists, "other_checklists": elsewhere }),
    )
}

/// The lists beside a case, and what was done of versions that do not stand here.
pub(super) fn as_json(lists: &CaseLists) -> (Value, Value) {
    let shown = lists.lists.iter().map(|list| {
        let steps = list
            .steps
            .iter()
            .map(|step| json!({ "step": step.number, "text": step.text, "done_by": step.done_by }));
        json!({
            "list": list.keyword, "title": list.title, "language": list.language, "revision": list.revision,
            "steps": steps.collect::<Vec<_>>(),
        })
    });
    let elsewhere =
        lists.elsewhere.iter().map(|of| json!({ "list": of.keyword, "steps": of.steps, "by": of.by }));
    (shown.collect(), elsewhere.collect())
}

/// The same for people.
pub(super) fn lines(lists: &CaseLists, mut lines: Lines) -> Lines {
    for list in &lists.lists {
        let (done, all) = (list.done(), list.steps.len());
        lines.push(format!("Checklist {}: {} ({done} of {all})", label(&list.keyword), label(&list.title)));
        for step in &list.steps {
            let by = step.done_by.as_ref().map(|by| format!("   {}", label(by))).unwrap_or_default();
            let mark = if step.done_by.is_some() { "x" } else { " " };
            lines.push(format!("  [{mark}] {:>2}  {}{by}", step.number, escape(&step.text)));
        }
    }
    for of in &lists.elsewhere {
        let by = of.by.iter().map(|name| label(name)).collect::<Vec<_>>().join(", ");
        lines.push(format!(
            "{} of another version of the checklist {}, by {by}: it does not stand here; import the same files on all devices.",
            count(of.steps, "step"),
            label(&of.keyword)
        ));
    }
    lines
}
