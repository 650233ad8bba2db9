//! What every act at a case ends with: it goes into the log at once or with a beat, and what became of it is said.

use callsign_desk::{
    ClaimError, Desk, DeskError, FlushReport,
    cases::{EventId, Refusal},
};
use serde_json::Value;

use crate::{
    failure::Failure,
    output::{self, Done, Lines, count},
};

/// An act that waits for the log, and what is said of it.
pub(super) struct Act<'a> {
    /// Its event.
    pub(super) event: EventId,
    /// What was done, as the beginning of a sentence: "river-stone-42 is yours".
    pub(super) done: &'a str,
    /// What programs are told of it, beside what became of it.
    pub(super) result: Value,
    /// Whether it is left to the beat of a serving desk.
    pub(super) queued: bool,
}

/// An act that was begun; where a colleague is known to have the case nothing was written, and that is told as what the log refuses.
///
/// # Errors
/// Those of the act.
pub(super) fn begun(act: Result<EventId, DeskError>) -> Result<EventId, Failure> {
    match act {
        Err(DeskError::Claim(ClaimError::Taken(holder))) => {
            let sentence = ClaimError::Taken(holder.clone());
            Err(Failure::void(Refusal::Claimed.code(), Some(holder), sentence))
        }
        other => Ok(other?),
    }
}

/// Has the log take an act, and prints what became of it.
///
/// # Errors
/// A failure with exit status 3 where the act has no effect, for somebody was faster or a role does not allow it, and `{"void":"reason"}` is
/// printed; one with exit status 4 where it is kept here and is not in the log yet, and `{"kept":true}` is printed.
pub(super) fn finish(desk: &Desk, act: Act<'_>) -> Result<(), Failure> {
    finish_naming(desk, act, || None)
}

/// The same; where the act has no effect, who has the case is said with it.
pub(super) fn finish_naming(
    desk: &Desk,
    act: Act<'_>,
    holder: impl Fn() -> Option<String>,
) -> Result<(), Failure> {
    let Act { event, done, mut result, queued } = act;
    let settled = settle(desk, queued);
    match desk.outcome(&event) {
        Err(DeskError::WithoutEffect(refusal)) => {
            let error = DeskError::WithoutEffect(refusal);
            Err(match holder() {
                Some(name) => {
                    let sentence = format!("{name} has this case; {error}");
                    Failure::void(refusal.code(), Some(name), sentence)
                }
                None => error.into(),
            })
        }
        Err(other) => Err(other.into()),
        Ok(true) => {
            let said = Lines::new().line(format!("{}.", as_sentence(done)));
            output::give(Done::Changed(done), &said, &result)
        }
        Ok(false) => {
            if let Some(outside) = desk.outside() {
                // Nothing takes it along, and no later beat does.
                let kept =
                    format!("{done}, as far as this device knows: that is kept here and does not leave");
                return Err(Failure::from(outside.error()).because(kept));
            }
            let why = settled.err().map(|failure| format!(" ({})", failure.message())).unwrap_or_default();
            if let Value::Object(members) = &mut result {
                members.insert("kept".to_owned(), true.into());
            }
            output::give(Done::Changed("the act is kept here"), &Lines::new(), &result)?;
            Err(Failure::kept(format!(
                "{done}, as far as this device knows; that is kept here and goes into the log with the next beat or `callsign desk sync`, \
                 where a colleague's act may stand before it{why}"
            )))
        }
    }
}

/// Ends a command: with a flush and its price, or by leaving all to the beat of the serving desk.
pub(super) fn settle(desk: &Desk, queued: bool) -> Result<FlushReport, Failure> {
    if queued {
        // No beat of a device that is outside takes it along.
        return desk
            .outside()
            .map_or_else(|| Ok(FlushReport::default()), |outside| Err(outside.error().into()));
    }
    let report = desk.flush()?;
    if report.commits > 0 {
        let requests = count(report.commits, "request");
        // Answers, parts of them, and that a person has opened what came.
        let messages = count(report.drops, "message");
        let price = format!(
            "Done at once, and the price is that it shows: {requests} with {messages} for callers went to the hub now and not at the desk's usual times, so \
             the hub can see that this desk has just taken, opened or answered something. With --queued it waits for the next usual time of \
             a desk that is served."
        );
        output::tell("price", &price);
    }
    Ok(report)
}

/// With a capital at its beginning, but for a call sign.
fn as_sentence(done: &str) -> String {
    let is_call_sign = done.split(' ').next().is_some_and(|word| word.contains('-'));
    let mut letters = done.chars();
    match letters.next() {
        Some(first) if !is_call_sign => first.to_uppercase().chain(letters).collect(),
        _ => done.to_owned(),
    }
}
