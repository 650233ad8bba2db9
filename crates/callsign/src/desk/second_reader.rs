//! `callsign desk approve`: reads an answer that waits for a second reader, and lets it leave or not.

use callsign_desk::{Desk, cases::Answer};
use callsign_protocol::encoding::Bytes;
use clap::Args;
use serde_json::{Value, json};

use super::{
    acting::{Act, finish},
    calls::taking_new_calls,
    claims::Case,
    open, passphrases,
};
use crate::{
    failure::Failure,
    output::{self, Done, Lines, Voice, label},
};

/// Arguments of `desk approve`.
#[derive(Args)]
pub struct ApproveArguments {
    #[command(flatten)]
    pub(super) case: Case,
    /// The digest of the text that was read, as `callsign desk show --json` names it; without it the answer is shown, and you are asked
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    digest: Option<Bytes<32>>,
    /// Keep it from leaving, and tell its author why: one line
    #[arg(long, value_name = "LINE")]
    refuse: Option<String>,
}

/// Lets an answer leave that another person wrote, or keeps it.
pub fn approve(arguments: &ApproveArguments) -> Result<(), Failure> {
    let Case { common, call_sign, queued } = &arguments.case;
    let desk = open(&common.data)?;
    let caller = taking_new_calls(&desk, || desk.find(call_sign))?;
    let name = desk.call_sign(&caller);
    let digest = match arguments.digest {
        Some(digest) => digest,
        None => read(&desk, &name, &desk.to_read(&caller)?, arguments.refuse.is_some())?,
    };
    let (event, done) = match &arguments.refuse {
        None => (desk.approve(&caller, &digest)?, format!("the answer to {name} leaves with its turn")),
        Some(why) => {
            let event = desk.refuse_answer(&caller, &digest, Some(why))?;
            (event, format!("the answer to {name} does not leave, and its author is told why"))
        }
    };
    let result = json!({ "call_sign": name, "approved": arguments.refuse.is_none(), "digest": digest });
    finish(&desk, Act { event, done: &done, result, queued: *queued })
}

/// Shows an answer and asks; the digest of what was shown.
fn read(desk: &Desk, name: &str, answer: &Answer, refuses: bool) -> Result<Bytes<32>, Failure> {
    if Voice::current() == Voice::Json {
        let sentence =
            "a program names what it has read: give --digest as `callsign desk show --json` has it";
        return Err(Failure::usage(sentence));
    }
    let author = desk.pseudonym(&answer.by).map(|name| label(&name)).unwrap_or_default();
    let mut lines = Lines::new().line(format!("{author} answers {name}:"));
    lines.push_quote(&answer.text());
    output::give(Done::Read, &lines, &json!({}))?;
    if !refuses {
        passphrases::yes(
            "Type yes to let it leave: ",
            "nothing was said of it; give --refuse with a line for its author",
        )?;
    }
    Ok(answer.digest())
}

/// What a second reader said of an answer, for programs: null where none is needed.
pub(super) fn as_json(answer: &Answer) -> Value {
    match answer.reading() {
        Some(reading) => json!({ "agreed": reading.agreed, "text": reading.text }),
        None if answer.waits_for_a_reader() => json!({ "digest": answer.digest() }),
        None => Value::Null,
    }
}

fn digest(typed: &str) -> Result<Bytes<32>, &'static str> {
    Bytes::from_base64url(typed).ok_or("a digest is 43 letters, as `callsign desk show --json` prints it")
}
