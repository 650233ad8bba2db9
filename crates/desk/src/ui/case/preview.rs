//! Looking an answer over before it is sent: to whom, what they will see, when it leaves, what to look at once more. The script lays it
//! over the case; without it this is a page of its own.

use axum::http::StatusCode;
use callsign_protocol::{caller_keys::CallerId, derive::sha256_id, encoding::Bytes};
use maud::{Markup, html};

use super::{
    drafts,
    refusal::Refusal,
    reply::{Draft, new_answer},
};
use crate::{
    Caution, Desk, DeskError, Leaves, LookedOver, Preview, Script, Telling, Wait,
    escape::{escape_text, label},
    ui::shell::{
        Ui,
        layout::page,
        overview::{Names, Overview, case_path, find_case},
        text_area::text_area_content,
        wording,
    },
};

/// Why a preview is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// Somebody asked for it.
    Asked,
    /// Somebody wants to send what no preview has shown.
    NotYetShown,
}

/// What became of an answer that was to be looked over.
pub(super) enum Looked {
    /// It was taken already.
    Known,
    /// It stands on a page.
    Over(StatusCode, Markup),
}

/// Names what a preview showed: the text, the form it came from, and how far the conversation had come.
pub(super) fn shown_as(draft: &Draft) -> Bytes<16> {
    let lengths = [draft.once.len(), draft.shown.len()].map(|length| (length as u64).to_be_bytes());
    sha256_id(&[
        b"previewed",
        &lengths[0],
        draft.once.as_bytes(),
        &lengths[1],
        draft.shown.as_bytes(),
        draft.text.as_bytes(),
    ])
}

/// Looks an answer over. What is written is kept as the draft that it goes on from, where no other page has written meanwhile.
pub(super) fn look_over(
    ui: &Ui,
    desk: &Desk,
    caller: &CallerId,
    draft: &Draft,
    why: Why,
) -> Result<Looked, Refusal> {
    let new = new_answer(caller, draft)?;
    let over = match desk.preview(&new) {
        Ok(Preview::Known) => return Ok(Looked::Known),
        Ok(Preview::Ready(over)) => over,
        Err(DeskError::NoSuchCall) => return Err(Refusal::NoSuchCase),
        Err(error) => return Err(Refusal::Error(error)),
    };
    let (base, draft_told) = kept_as(desk, caller, draft);
    let draft = Draft { base, ..draft.clone() };
    let path = case_path(ui, caller);
    let shown = || -> Result<Markup, DeskError> {
        let (case, names) = find_case(desk, caller)?;
        let overview = Overview::take(ui, desk, Some(caller))?;
        let told = draft_told.as_deref();
        let sheet = sheet(&Sheet {
            over: &over,
            names: &names,
            language: &case.language,
            draft: &draft,
            path: &path,
            why,
            told,
        });
        Ok(page("Preview", &overview, &alone(&sheet, &draft, &path)))
    };
    let status = if why == Why::Asked { StatusCode::OK } else { StatusCode::CONFLICT };
    shown().map(|page| Looked::Over(status, page)).map_err(Refusal::Error)
}

/// What stands in the preview.
struct Sheet<'a> {
    over: &'a LookedOver,
    names: &'a Names,
    language: &'a str,
    draft: &'a Draft,
    path: &'a str,
    why: Why,
    /// That the draft is not kept.
    told: Option<&'a str>,
}

/// The version that the text is kept as; with a sentence where it is not kept.
fn kept_as(desk: &Desk, caller: &CallerId, draft: &Draft) -> (String, Option<String>) {
    let versions = || Ok(desk.draft(caller)?.map_or_else(String::new, |kept| kept.version.to_string()));
    let kept = versions().and_then(|version| {
        if version != draft.base {
            // Another page goes on with a text of its own: this one stays in the form.
            return Ok(draft.base.clone());
        }
        drafts::save(desk, caller, draft)?;
        versions()
    });
    match kept {
        Ok(base) => (base, None),
        Err(error) => (draft.base.clone(), Some(drafts::not_kept(&error))),
    }
}

/// A page that holds nothing else.
fn alone(sheet: &Markup, draft: &Draft, path: &str) -> Markup {
    html! {
        form id="preview-form" method="post" action=(format!("{path}/reply")) {
            input type="hidden" name="once" value=(draft.once);
            input type="hidden" name="base" value=(draft.base);
            input type="hidden" name="again" value=(draft.again);
            input type="hidden" name="shown" value=(draft.shown);
            input type="hidden" name="place" value=(draft.place);
            textarea name="text" hidden { (text_area_content(&draft.text)) }
            (sheet)
        }
    }
}

fn sheet(sheet: &Sheet<'_>) -> Markup {
    let Sheet { over, names, language, draft, path, why, told } = sheet;
    html! {
        div id="preview" {
            h1 id="preview-heading" tabindex="-1" { "To " (names.english) " " (names.as_the_caller_says()) }
            @if *why == Why::NotYetShown {
                p class="problem" role="alert" { "Nothing was sent yet: look it over as it is now, then send." }
            }
            @if let Some(told) = told { p class="problem" role="alert" { (wording::told(told)) } }
            p class="quiet" { "This is what the caller will see. This case is in " bdi { (wording::language(language)) } "." }
            div class="text answer-shown" dir="auto" lang=(language) { (escape_text(&draft.text)) }
            @if !over.cautions.is_empty() {
                section class="cautions" aria-labelledby="cautions" {
                    h2 id="cautions" { "Look at this once more" }
                    ul { @for caution in &over.cautions { li { (caution_line(caution, language)) } } }
                }
            }
            p id="preview-leaves" {
                (wording::count(over.parts, "part", "parts")) ". " (leaves(&over.leaves, over.parts))
            }
            input type="hidden" name="previewed" value=(shown_as(draft));
            div class="acts" {
                button id="send" class="main" type="submit" name="how" value="queue" { "Send" }
                button id="back-to-text" type="submit" formaction=(format!("{path}/draft")) { "Back to the text" }
            }
            div class="way" {
                button id="send-now" type="submit" name="how" value="now" { "Send now" }
                p { "Sends this answer and all that waits, at once. The price: the hub can see that this desk "
                    "has just answered or opened something." }
            }
        }
    }
}

/// When it leaves, as far as it is known.
fn leaves(leaves: &Leaves, parts: u64) -> Markup {
    html! {
        @match leaves {
            Leaves::Held(name) => {
                @if name.is_empty() { "A colleague" } @else { span class="person" { (label(name)) } }
                " has this case: the answer is held, and leaves once they let it leave."
            }
            Leaves::Outside => { "It does not leave now: this device does nothing for the desk, and why stands at the top of the page." }
            Leaves::ToBeRead => { "It leaves once a colleague has read it as its second reader." }
            Leaves::InTurn(wait) => { (in_turn(*wait, parts)) }
            Leaves::Unknown => { "It takes its turn in the cadence." }
        }
    }
}

fn in_turn(wait: Wait, parts: u64) -> String {
    let before = match wait.ahead {
        0 => String::new(),
        1 => ", and 1 is before it".to_owned(),
        ahead => format!(", and {} are before it", wording::grouped(ahead)),
    };
    format!(
        "Leaves within about {}: one part of all that waits in this list leaves every {}{before}.",
        wording::within(wait.seconds(parts)),
        wording::every(wait.every_s),
    )
}

fn caution_line(caution: &Caution, language: &str) -> Markup {
    let language = wording::language(language);
    html! {
        @match caution {
            Caution::Script(Script::Cyrillic) => { "Most of it is in Cyrillic letters, and this case is in " (language) "." }
            Caution::Script(Script::Latin) => { "Most of it is in Latin letters, and this case is in " (language) "." }
            Caution::Letters(letters) => { "It has letters that " (language) " does not have: " bdi { (letters) } }
            Caution::Telling(kind, found) => {
                (telling(*kind)) ": "
                @for (at, piece) in found.iter().enumerate() {
                    @if at > 0 { ", " }
                    bdi { (label(piece)) }
                }
            }
        }
    }
}

fn telling(kind: Telling) -> &'static str {
    match kind {
        Telling::Coordinates => "These look like coordinates",
        Telling::Link => "This looks like a link or an address",
        Telling::Name => "This looks like somebody's name",
        Telling::Phone => "This looks like a telephone number",
        Telling::Place => "This looks like the name of a place",
        Telling::Plate => "This looks like a plate",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_of_one_text_one_form_and_one_moment_of_the_conversation() {
        let draft = |once: &str, shown: &str, text: &str| {
            shown_as(&Draft { once: once.into(), shown: shown.into(), text: text.into(), ..Draft::default() })
        };
        let one = draft("a", "b", "c");
        assert_eq!(one, draft("a", "b", "c"));
        for other in [draft("x", "b", "c"), draft("a", "x", "c"), draft("a", "b", "x"), draft("ab", "", "c")]
        {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn when_it_leaves_is_said_as_far_as_it_is_known() {
        let wait = |ahead, every_s| in_turn(Wait { ahead, every_s }, 2);
        assert_eq!(
            wait(0, 300),
            "Leaves within about 10 minutes: one part of all that waits in this list leaves every 5 minutes."
        );
        assert!(wait(1, 300).ends_with("every 5 minutes, and 1 is before it."));
        assert!(
            wait(1_000, 300).contains("about 84 hours:") && wait(1_000, 300).contains("1,000 are before it")
        );
    }
}
