//! `callsign desk transfer`: hands a case over to a colleague, takes or refuses one that is offered, and asks for one.

use callsign_desk::{Desk, DeskError, Handover, OfferAnswer, OfferState, cases::TransferTo};
use clap::{ArgGroup, Args};
use serde_json::{Value, json};

use super::{
    acting::{Act, begun, finish_naming},
    calls::taking_new_calls,
    claims::Case,
    open,
};
use crate::{
    failure::Failure,
    output::{escape, label},
};

/// Arguments of `desk transfer`.
#[derive(Args)]
#[command(group(ArgGroup::new("what").required(true).args(["to", "accept", "refuse", "withdraw", "ask"])))]
pub struct TransferArguments {
    #[command(flatten)]
    pub(super) case: Case,
    /// Offer it to somebody by their pseudonym, to any operator, to any leader, or to anyone
    #[arg(long, value_name = "NAME|operator|leader|anyone")]
    to: Option<String>,
    #[command(flatten)]
    answer: Answering,
    /// Offer it no more
    #[arg(long)]
    withdraw: bool,
    /// Ask whoever has it for it
    #[arg(long)]
    ask: bool,
    /// What you say with it: one line
    #[arg(long, value_name = "LINE", conflicts_with_all = ["accept", "withdraw"])]
    text: Option<String>,
}

/// What is said to an offer.
#[derive(Args)]
struct Answering {
    /// Take it, where it is offered to you
    #[arg(long)]
    accept: bool,
    /// Refuse it
    #[arg(long)]
    refuse: bool,
}

/// Offers a case, answers an offer, takes one back, or asks for a case.
pub fn transfer(arguments: &TransferArguments) -> Result<(), Failure> {
    let (Case { common, call_sign, queued }, text) = (&arguments.case, arguments.text.as_deref());
    let desk = open(&common.data)?;
    let caller = taking_new_calls(&desk, || desk.find(call_sign))?;
    let name = desk.call_sign(&caller);
    let (event, done, result) = if let Some(to) = &arguments.to {
        let event = begun(meant(&desk, to).and_then(|to| desk.offer_case(&caller, to, text)))?;
        let to = to.trim();
        let done = format!("{name} is offered to {}, and stays yours until it is taken", told(to));
        (event, done, json!({ "call_sign": name, "offered_to": to }))
    } else if arguments.withdraw {
        let event = begun(desk.withdraw_transfer(&caller))?;
        (event, format!("{name} is offered to nobody now"), json!({ "call_sign": name, "offered_to": null }))
    } else if arguments.ask {
        let event = begun(desk.ask_for_case(&caller, text))?;
        let holder = holder(&desk, call_sign);
        let whom = holder.as_deref().map_or_else(|| "whoever has it".to_owned(), label);
        (event, format!("{whom} is asked for {name}"), json!({ "call_sign": name, "asked": holder }))
    } else {
        let answer = if arguments.answer.accept { OfferAnswer::Taken } else { OfferAnswer::Refused };
        let event = begun(desk.answer_transfer(&caller, None, answer, text))?;
        let me = desk.me().and_then(|me| desk.pseudonym(&me));
        match answer {
            OfferAnswer::Taken => {
                (event, format!("{name} is yours"), json!({ "call_sign": name, "claimed_by": me }))
            }
            OfferAnswer::Refused => (
                event,
                format!("the offer of {name} is refused"),
                json!({ "call_sign": name, "refused": true }),
            ),
        }
    };
    // Whoever was faster is known once the log has told.
    let has_it = || holder(&desk, call_sign).map(|holder| label(&holder));
    finish_naming(&desk, Act { event, done: &done, result, queued: *queued }, has_it)
}

/// What is said of handing a case over, for programs; null where nothing is.
pub(super) fn as_json(handover: &Handover) -> Value {
    let said = |said: &[(String, Option<String>)]| -> Vec<Value> {
        said.iter().map(|(by, text)| json!({ "by": by, "text": text })).collect()
    };
    let offer = handover.offer.as_ref().map(|offer| {
        json!({
            "offered_to": offer.to, "text": offer.text, "at": offer.at, "state": state(offer.state),
            "for_me": offer.is_for_me, "refused": said(&offer.refused),
        })
    });
    if offer.is_none() && handover.asked.is_empty() {
        return Value::Null;
    }
    json!({ "offer": offer, "asked": said(&handover.asked) })
}

/// The same for people, a line for each.
pub(super) fn lines(handover: &Handover) -> Vec<String> {
    let mut lines = Vec::new();
    let with =
        |text: &Option<String>| text.as_ref().map_or_else(String::new, |text| format!(": {}", escape(text)));
    if let Some(offer) = &handover.offer {
        let stands = match offer.state {
            OfferState::Open => "",
            OfferState::Refused => " (refused)",
            OfferState::Ended => " (nobody took it in time)",
        };
        lines.push(format!("Offered to {}{stands}{}", told(&offer.to), with(&offer.text)));
        for (by, text) in &offer.refused {
            lines.push(format!("Refused by {}{}", label(by), with(text)));
        }
    }
    for (by, text) in &handover.asked {
        lines.push(format!("{} asks for it{}", label(by), with(text)));
    }
    lines
}

/// For whom an offer is meant that is typed so.
fn meant(desk: &Desk, to: &str) -> Result<TransferTo, DeskError> {
    Ok(match to.trim() {
        "operator" => TransferTo::Operator,
        "leader" => TransferTo::Leader,
        "anyone" => TransferTo::Anyone,
        name => TransferTo::Person(desk.person_named(name)?.id),
    })
}

/// The same in a sentence.
fn told(to: &str) -> String {
    match to {
        "operator" | "leader" => format!("any {to}"),
        name => label(name),
    }
}

fn holder(desk: &Desk, call_sign: &str) -> Option<String> {
    let case = desk.find(call_sign).and_then(|caller| desk.case(&caller)).ok()?;
    desk.holder(&case).map(|holder| holder.name)
}

fn state(state: OfferState) -> &'static str {
    match state {
        OfferState::Open => "open",
        OfferState::Refused => "refused",
        OfferState::Ended => "ended",
    }
}
