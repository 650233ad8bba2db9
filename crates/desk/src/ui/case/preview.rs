//! Looking an answer over before it is sent: to whom, what they will see, when it leaves, what to look at once more. The script lays it
//! over the case; without it this is a page of its own.

use axum::http::StatusCode;
use callsign_protocol::{caller_keys::CallerId, derive::sha256_id, encoding::Bytes};
use maud::{Markup, html};

use super::{
    drafts, presence,
    refusal::Refusal,
    reply::{Draft, new_answer},
};
use crate::{
    AtCase, Caution, Desk, DeskError, Leaves, LookedOver, Preview, Script, TroubleKind, Wait,
    escape::{escape_text, label},
    ui::shell::{
        Ui,
        cautions::telling,
        layout::page,
        operator::Operator,
        overview::{Names, Overview, case_path, find_case},
        text_area::text_area_content,
        texts::{Texts, say, text},
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

/// Names what a preview showed: the text, the form it came from, how far the conversation had come, and whether a colleague reads it first.
pub(super) fn shown_as(draft: &Draft) -> Bytes<16> {
    let lengths = [draft.once.len(), draft.shown.len()].map(|length| (length as u64).to_be_bytes());
    sha256_id(&[
        b"previewed",
        &lengths[0],
        draft.once.as_bytes(),
        &lengths[1],
        draft.shown.as_bytes(),
        &[u8::from(draft.wants_a_reader())],
        draft.text.as_bytes(),
    ])
}

/// Looks an answer over. What is written is kept as the draft that it goes on from, where no other page has written meanwhile.
pub(super) fn look_over(
    ui: &Ui,
    operator: &Operator,
    caller: &CallerId,
    draft: &Draft,
    why: Why,
) -> Result<Looked, Refusal> {
    let (desk, texts) = (&operator.desk, operator.texts);
    let new = new_answer(caller, draft)?;
    let over = match desk.preview(&new) {
        Ok(Preview::Known) => return Ok(Looked::Known),
        Ok(Preview::Ready(over)) => over,
        Err(DeskError::NoSuchCall) => return Err(Refusal::NoSuchCase),
        Err(error) => return Err(Refusal::Error(error)),
    };
    let (base, draft_told) = kept_as(operator, caller, draft);
    let draft = Draft { base, ..draft.clone() };
    let path = case_path(ui, caller);
    let shown = || -> Result<Markup, DeskError> {
        let (case, names) = find_case(desk, caller)?;
        let overview = Overview::take(ui, operator, Some(caller))?;
        let told = draft_told.as_ref();
        let sheet = sheet(&Sheet {
            texts,
            over: &over,
            names: &names,
            language: &case.language,
            draft: &draft,
            path: &path,
            why,
            told,
            others: &desk.others_at(caller),
            is_away: overview.troubles.iter().any(|trouble| trouble.kind == TroubleKind::Away),
        });
        Ok(page(&text!(texts, "preview-title"), &overview, &alone(&sheet, &draft, &path)))
    };
    let status = if why == Why::Asked { StatusCode::OK } else { StatusCode::CONFLICT };
    shown().map(|page| Looked::Over(status, page)).map_err(Refusal::Error)
}

/// What stands in the preview.
struct Sheet<'a> {
    texts: Texts,
    over: &'a LookedOver,
    names: &'a Names,
    language: &'a str,
    draft: &'a Draft,
    path: &'a str,
    why: Why,
    /// That the draft is not kept.
    told: Option<&'a Markup>,
    /// Colleagues who are at the case.
    others: &'a [AtCase],
    /// Whether the hub does not answer.
    is_away: bool,
}

/// The version that the text is kept as; with a sentence where it is not kept.
fn kept_as(operator: &Operator, caller: &CallerId, draft: &Draft) -> (String, Option<Markup>) {
    let desk: &Desk = &operator.desk;
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
        Err(error) => (draft.base.clone(), Some(drafts::not_kept(operator.texts, &error))),
    }
}

/// A page that holds nothing else.
fn alone(sheet: &Markup, draft: &Draft, path: &str) -> Markup {
    html! {
        form id="preview-form" method="post" action=(format!("{path}/reply")) {
            input type="hidden" name="once" value=(draft.once);
            input type="hidden" name="base" value=(draft.base);
            input type="hidden" name="again" value=(draft.again);
            input type="hidden" name="second_reader" value=(draft.second_reader);
            input type="hidden" name="shown" value=(draft.shown);
            input type="hidden" name="place" value=(draft.place);
            textarea name="text" hidden { (text_area_content(&draft.text)) }
            (sheet)
        }
    }
}

fn sheet(sheet: &Sheet<'_>) -> Markup {
    let Sheet { texts, over, names, language, draft, path, why, told, others, is_away } = sheet;
    html! {
        div id="preview" {
            h1 id="preview-heading" tabindex="-1" {
                @let name = html! { (names.as_operators_say()) " " (names.as_the_caller_says()) };
                (say!(texts, "preview-to", name = name))
            }
            @if *why == Why::NotYetShown {
                p class="problem" role="alert" { (say!(texts, "preview-not-yet-shown")) }
            }
            @if let Some(told) = told { p class="problem" role="alert" { (told) } }
            (presence::writing_too(*texts, others))
            p class="quiet" {
                (say!(texts, "preview-what", language = html! { bdi { (texts.language(language)) } }))
            }
            div class="text answer-shown" dir="auto" lang=(language) { (escape_text(&draft.text)) }
            @if !over.cautions.is_empty() {
                section class="cautions" aria-labelledby="cautions" {
                    h2 id="cautions" { (say!(texts, "preview-cautions")) }
                    ul { @for caution in &over.cautions { li { (caution_line(*texts, caution, language)) } } }
                }
            }
            p id="preview-leaves" {
                (say!(texts, "preview-parts", number = over.parts)) " " (leaves(*texts, &over.leaves, over.parts))
            }
            @if *is_away { p class="problem" id="preview-away" { (say!(texts, "preview-away")) } }
            input type="hidden" name="brackets" value=(draft.brackets);
            input type="hidden" name="previewed" value=(shown_as(draft));
            div class="acts" {
                button id="send" class="main" type="submit" name="how" value="queue" { (say!(texts, "preview-send")) }
                button id="back-to-text" type="submit" formaction=(format!("{path}/draft")) { (say!(texts, "preview-back")) }
            }
            div class="way" {
                button id="send-now" type="submit" name="how" value="now" { (say!(texts, "preview-send-now")) }
                p { (say!(texts, "preview-send-now-what")) }
            }
        }
    }
}

/// When it leaves, as far as it is known.
fn leaves(texts: Texts, leaves: &Leaves, parts: u64) -> Markup {
    html! {
        @match leaves {
            Leaves::Held(name) => {
                @if name.is_empty() { (say!(texts, "preview-held-by-somebody")) }
                @else { (say!(texts, "preview-held", name = html! { span class="person" { (label(name)) } })) }
            }
            Leaves::Outside => { (say!(texts, "preview-outside")) }
            Leaves::ToBeRead => { (say!(texts, "preview-to-be-read")) }
            Leaves::InTurn(wait) => { (in_turn(texts, *wait, parts)) }
            Leaves::Unknown => { (say!(texts, "preview-in-turn")) }
        }
    }
}

fn in_turn(texts: Texts, wait: Wait, parts: u64) -> String {
    let (within, every) = (texts.within(wait.seconds(parts)), texts.every(wait.every_s));
    match wait.ahead {
        0 => text!(texts, "preview-leaves", within = within, every = every),
        ahead => text!(texts, "preview-leaves-behind", within = within, every = every, number = ahead),
    }
}

fn caution_line(texts: Texts, caution: &Caution, language: &str) -> Markup {
    let language = texts.language(language);
    html! {
        @match caution {
            Caution::Script(Script::Cyrillic) => { (say!(texts, "preview-cyrillic", language = language)) }
            Caution::Script(Script::Latin) => { (say!(texts, "preview-latin", language = language)) }
            Caution::Letters(letters) => {
                (say!(texts, "preview-letters", language = language, letters = html! { bdi { (letters) } }))
            }
            Caution::Telling(kind, found) => (telling(texts, *kind, found)),
        }
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
        let wait = |ahead, every_s| in_turn(Texts::English, Wait { ahead, every_s }, 2);
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
