//! Writing an answer: the form, what it refuses, and the two ways in which an answer leaves once it was looked over.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use callsign_protocol::{
    caller_keys::CallerId,
    drop::{ANSWER_PARTS_MAX, ANSWER_TEXT_MAX},
    encoding::Bytes,
    invisible::is_blank,
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Asked, drafts, presence,
    preview::{Looked, Why, look_over, shown_as},
    refusal::Refusal,
    render, second_reader, templates,
};
use crate::{
    AnswerKey, Answered, AtCase, Desk, DeskError, NewAnswer, SameWords, Shown as WhatWasShown, TroubleKind,
    Who,
    cases::{Answer, Case, Heard, Item, Keeps, Reach},
    meant_brackets,
    store::{KeptDraft, Template},
    ui::shell::{
        Ui, aside,
        forms::{Came, NotReached, answer_text, as_typed, digits, reach},
        operator::{Closed, Operator},
        overview::{StaysHere, case_path},
        said::Said,
        session::Ticket,
        text_area::text_area_content,
        texts::{Texts, say},
        unsent::{Kept, Unsent, What, unsent},
    },
};

/// What the form sends.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Draft {
    #[serde(default)]
    pub(super) text: String,
    /// The version of the draft that the box began with or was kept as last.
    #[serde(default)]
    pub(super) base: String,
    /// Where in the text the writer is.
    #[serde(default)]
    pub(super) place: String,
    /// Drawn for each answer that is begun, and kept by its form until the answer is taken: a repetition has the same.
    #[serde(default)]
    pub(super) once: String,
    /// What of the caller's messages the page showed.
    #[serde(default)]
    pub(super) shown: String,
    #[serde(default)]
    pub(super) how: How,
    /// The keyword of a template that is to be put in.
    #[serde(default)]
    pub(super) template: String,
    /// Set by the form that said that the same words were taken just now.
    #[serde(default)]
    pub(super) again: String,
    /// Names the brackets that the writer means.
    #[serde(default)]
    pub(super) brackets: String,
    /// Whether a colleague reads it before it leaves.
    #[serde(default)]
    pub(super) second_reader: String,
    /// Names the draft whose telling parts were shown, where it is to be given all the same.
    #[serde(default)]
    pub(super) all_the_same: String,
    /// What the preview showed that it was sent from.
    #[serde(default)]
    pub(super) previewed: String,
}

/// What is to become of an answer.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum How {
    /// It leaves at once, which the hub can see.
    Now,
    /// It is looked over first.
    Preview,
    /// It leaves with the cadence.
    #[default]
    Queue,
}

/// What is shown of an answer that is being written.
pub(super) struct Shown<'a> {
    pub(super) asked: &'a Asked,
    /// What is said of what was just done.
    pub(super) said: Option<Said>,
    /// The newest answer of whoever looks.
    pub(super) newest: Option<Bytes<16>>,
    /// Why nobody else hears of it for now.
    pub(super) stays_here: Option<StaysHere>,
    /// What stands in the box.
    pub(super) draft: Draft,
    /// What this device keeps.
    pub(super) kept: Option<KeptDraft>,
    /// Those that are offered in the case's language.
    pub(super) templates: Vec<Template>,
    /// Colleagues who are at the case.
    pub(super) others: Vec<AtCase>,
}

/// What became of an answer.
enum Done {
    Said(Said),
    /// It has to be looked over first.
    Preview(StatusCode, Markup),
}

/// Takes an answer; where it cannot, the page comes back with the text.
pub(super) async fn send_reply(
    State(ui): State<Arc<Ui>>,
    texts: Texts,
    operator: Result<Operator, Closed>,
    Path(address): Path<String>,
    Form(draft): Form<Draft>,
) -> Response {
    let draft = draft.with_line_feeds();
    let (caller, operator) = match reach(&ui, operator, &address) {
        Ok(reached) => reached,
        Err(not_reached) => return draft.unsent_from(texts, &ui, not_reached, &address).await,
    };
    let kept = draft.clone();
    let came = aside(move || match take(&ui, &operator, &caller, &draft) {
        Ok(Done::Said(said)) => {
            ui.has_finished(&operator.desk, &caller);
            Came::To(format!("{}?said={}", case_path(&ui, &caller), said.code()))
        }
        Ok(Done::Preview(status, page)) => Came::Shown(status, Ok(page)),
        Err(refusal) => {
            let problem = Some(refusal.sentence(texts));
            let again = matches!(refusal, Refusal::Error(DeskError::SameWords));
            let brackets = matches!(refusal, Refusal::Error(DeskError::Brackets(_)))
                .then(|| meant_brackets(&draft.text));
            let asked =
                Asked { problem, again, brackets, ..Asked::with(caller, refusal.draft_for_next_try(draft)) };
            Came::Shown(refusal.status(), render(&ui, &operator, &asked))
        }
    });
    answer_text(came.await, |why| kept.unsent(texts, why, &address))
}

/// Where the form of a case is sent.
fn action(address: &str) -> String {
    format!("/case/{}/reply", digits(address))
}

/// The form, and above it what became of the last try.
pub(super) fn form(ui: &Ui, operator: &Operator, case: &Case, path: &str, shown: &Shown<'_>) -> Markup {
    let texts = operator.texts;
    let (asked, draft) = (shown.asked, &shown.draft);
    let once = if draft.once.is_empty() { ui.draw().text() } else { draft.once.clone() };
    html! {
        form id="reply-form" method="post" action=(format!("{path}/reply"))
            data-part-bytes=(ANSWER_TEXT_MAX) data-parts-max=(ANSWER_PARTS_MAX) data-draft=(format!("{path}/draft")) {
            input type="hidden" name="once" value=(once);
            input type="hidden" name="base" value=(draft.base);
            input type="hidden" name="again" value=(if asked.again { "yes" } else { "" });
            // Changes with the conversation above, and never without it.
            div id="shown" data-live hidden { input type="hidden" name="shown" value=(case.shown()); }
            div id="problems" role="alert" {
                @if let Some(problem) = &asked.problem { p class="problem" { (problem) } }
                @if let Some(brackets) = asked.brackets {
                    p { label {
                        input type="checkbox" id="brackets" name="brackets" value=(brackets);
                        (say!(texts, "reply-brackets-meant"))
                    } }
                }
            }
            div id="said" role="status" {
                @if let Some(said) = shown.said {
                    p class="said" data-while=[said.is_true_while(shown.newest.as_ref())] {
                        (said.sentence(texts))
                        @match shown.stays_here.filter(|_| said.is_for_colleagues()) {
                            Some(StaysHere::ForNow) => { " " (say!(texts, "said-not-yet")) }
                            Some(StaysHere::ForGood) => { " " (say!(texts, "said-to-nobody")) }
                            None => {}
                        }
                    }
                }
            }
            @match case.reach(operator.desk.now().day()) {
                Reach::Now => (writing(texts, &operator.desk.who(), case, path, shown)),
                why => { (unreachable(texts, why)) (kept_text(texts, draft)) }
            }
            // What the script lays over the page before anything is sent.
            dialog id="preview-sheet" class="sheet" aria-labelledby="preview-heading" {}
        }
    }
}

/// Why a caller cannot be answered.
fn unreachable(texts: Texts, why: Reach) -> Markup {
    let sentence = match why {
        Reach::Now => return html! {},
        Reach::From(day) => say!(texts, "reply-from", day = texts.day(day)),
        Reach::Lapsed => say!(texts, "reply-lapsed"),
        Reach::Unproven => say!(texts, "reply-unproven"),
    };
    html! { p class="lapsed" { strong { (say!(texts, "reply-cannot")) } " " (sentence) } }
}

fn writing(texts: Texts, who: &Who, case: &Case, path: &str, shown: &Shown<'_>) -> Markup {
    html! {
        p class="folded" { (say!(texts, "reply-folded")) }
        h2 { label for="reply" { (say!(texts, "reply-title")) } }
        div id="others-writing" role="status" data-live { (presence::writing(texts, &shown.others)) }
        // Spelling aids of browsers may send what is typed to their makers.
        textarea id="reply" name="text" rows="7" spellcheck="false" autocomplete="off"
            data-place=(shown.draft.place) aria-describedby="reply-count reply-ways" { (text_area_content(&shown.draft.text)) }
        p id="reply-count" class="quiet" {
            (say!(texts, "reply-room", parts = ANSWER_PARTS_MAX, bytes = ANSWER_TEXT_MAX))
        }
        div id="draft-told" role="status" {
            @if let Some(told) = &shown.asked.draft_told { div class="problem" { (told) } }
        }
        (templates::offered(texts, &shown.templates, path))
        (drafts::state(texts, shown.kept.as_ref(), path))
        // The script keeps it by itself.
        noscript { p { button type="submit" id="keep" formaction=(format!("{path}/draft")) { (say!(texts, "reply-keep")) } } }
        (second_reader::choice(texts, case, who, shown.draft.wants_a_reader()))
        div class="ways" id="reply-ways" {
            div class="way" {
                button id="look-over" class="main" type="submit" name="how" value="preview" { (say!(texts, "reply-preview")) }
                p { (say!(texts, "reply-preview-what")) }
            }
            @if has_unposted(case) {
                div class="way" {
                    button id="send-rest" type="submit" name="how" value="now" { (say!(texts, "reply-send-rest")) }
                    p { (say!(texts, "reply-send-rest-what")) }
                }
            }
        }
    }
}

fn take(ui: &Ui, operator: &Operator, caller: &CallerId, draft: &Draft) -> Result<Done, Refusal> {
    let desk: &Desk = &operator.desk;
    let case = match desk.case(caller) {
        Ok(case) => case,
        Err(DeskError::NoSuchCall) => return Err(Refusal::NoSuchCase),
        Err(error) => return Err(Refusal::Error(error)),
    };
    let written = !is_blank(&draft.text);
    let sends_rest = draft.how == How::Now && has_unposted(&case);
    if !(written || sends_rest) {
        return Err(Refusal::Empty);
    }
    let is_looked_over = !written || draft.was_previewed();
    if draft.how == How::Preview || !is_looked_over {
        let why = if draft.how == How::Preview { Why::Asked } else { Why::NotYetShown };
        return Ok(match look_over(ui, operator, caller, draft, why)? {
            Looked::Known => Done::Said(waits_as(desk, Said::Known)),
            Looked::Over(status, page) => Done::Preview(status, page),
        });
    }
    let mut said = Said::Queued;
    if written {
        match desk.answer(&new_answer(caller, draft)?) {
            Ok(Answered::Queued) => {}
            Ok(Answered::ToBeRead) => said = Said::ToBeRead,
            Ok(Answered::Held) => return Ok(Done::Said(Said::Held)),
            Ok(Answered::Known) => said = Said::Known,
            Err(DeskError::NoSuchCall) => return Err(Refusal::NoSuchCase),
            Err(error) => return Err(Refusal::Error(error)),
        }
    }
    Ok(Done::Said(match draft.how {
        How::Now => flush(desk, caller, &case, &draft.text),
        How::Preview | How::Queue => waits_as(desk, said),
    }))
}

/// The answer that a form holds.
pub(super) fn new_answer<'a>(caller: &'a CallerId, draft: &'a Draft) -> Result<NewAnswer<'a>, Refusal> {
    // Without the form's own key a repetition could not be told from a second answer.
    if !Ticket::is_one(&draft.once) {
        return Err(Refusal::NoKey);
    }
    let key = Some(AnswerKey::of(&draft.once));
    let heard = Heard::parse(&draft.shown).ok_or(Refusal::Error(DeskError::NotShown))?;
    let shown = WhatWasShown::This(heard);
    let same_words = if draft.again.is_empty() { SameWords::Refuse } else { SameWords::Take };
    let written_as = Bytes::from_base64url(&draft.base);
    Ok(NewAnswer {
        caller,
        text: &draft.text,
        key,
        shown,
        same_words,
        second_reader: draft.wants_a_reader(),
        brackets: Bytes::from_base64url(&draft.brackets),
        draft: written_as,
    })
}

/// What is said of an answer that waits. What a device says that is outside is told to nobody.
fn waits_as(desk: &Desk, said: Said) -> Said {
    if desk.outside().is_some() { Said::Outside } else { said }
}

/// Sends at once all that waits, `before` being the case as it was when somebody wanted that.
fn flush(desk: &Desk, caller: &CallerId, before: &Case, text: &str) -> Said {
    // The answer is kept whatever happens here: a refusal with the text would have it sent twice.
    let flushed = desk.flush();
    // A colleague's claim may have come in with what the hub answered.
    let is_held = |sent: &Case| desk.case(caller).is_ok_and(|case| is_any_held(&case, sent));
    let keeps =
        if is_blank(text) { Keeps::Nothing } else { desk.keeps_answer(caller, text).unwrap_or_default() };
    if keeps == Keeps::Overtaken {
        return Said::Overtaken;
    }
    if keeps == Keeps::Held || is_held(before) {
        return Said::Held;
    }
    // Of what was sent before, or of this very text.
    let is_to_be_read = |case: &Case| {
        if is_blank(text) {
            case.answers().any(Answer::waits_for_a_reader)
        } else {
            desk.waits_for_a_reader(caller, text).unwrap_or(true)
        }
    };
    let (waits, to_be_read) = match desk.case(caller) {
        Ok(case) => (has_unposted(&case), is_to_be_read(&case)),
        Err(DeskError::NoSuchCall) => (false, false),
        // Nobody can say that it was posted.
        Err(_) => (true, false),
    };
    match flushed {
        Ok(_) if !waits && to_be_read => Said::ToBeRead,
        Ok(_) if !waits => Said::Posted,
        Ok(_) => Said::Kept,
        Err(_) if desk.health().hub_clock.is_some() => Said::Clock,
        Err(error) => match TroubleKind::of(&error) {
            TroubleKind::Away => Said::Away,
            TroubleKind::Outside => Said::Outside,
            TroubleKind::Clock | TroubleKind::ClockFar => Said::Clock,
            _ => Said::Stopped,
        },
    }
}

fn has_unposted(case: &Case) -> bool {
    unposted(case).next().is_some()
}

/// Answers that leave and have not left whole.
fn unposted(case: &Case) -> impl Iterator<Item = &Answer> {
    case.items.iter().filter_map(|item| match item {
        Item::Answer(answer) if answer.leaves() && !answer.is_posted() => Some(answer),
        _ => None,
    })
}

/// Whether an answer is held that was to leave.
fn is_any_held(now: &Case, before: &Case) -> bool {
    let is_held = |answer: &Answer| answer.kept_back == Keeps::Held;
    unposted(before).any(|answer| now.answer(&answer.id).is_some_and(is_held))
}

/// What was written to a caller who cannot be answered any more.
fn kept_text(texts: Texts, draft: &Draft) -> Markup {
    html! {
        @if !draft.text.is_empty() {
            h2 { label for="kept" { (say!(texts, "shell-what-you-wrote")) } }
            textarea id="kept" name="text" rows="7" spellcheck="false" autocomplete="off" {
                (text_area_content(&draft.text))
            }
        }
    }
}

impl Draft {
    /// What the box shows of the draft that is kept.
    pub(super) fn of(kept: Option<&KeptDraft>) -> Self {
        let Some(kept) = kept else { return Self::default() };
        let (base, place) = (kept.version.to_string(), kept.place.to_string());
        let second_reader = if kept.second_reader { "yes".to_owned() } else { String::new() };
        Self { text: kept.text.clone(), base, place, second_reader, ..Self::default() }
    }

    /// Whether a colleague is to read it before it leaves.
    pub(super) fn wants_a_reader(&self) -> bool {
        !self.second_reader.is_empty()
    }

    /// Whether a preview has shown just this.
    fn was_previewed(&self) -> bool {
        self.previewed == shown_as(self).to_string()
    }

    /// With its text as it was typed.
    pub(super) fn with_line_feeds(self) -> Self {
        Self { text: as_typed(&self.text), ..self }
    }

    /// The page where this did not reach its case.
    pub(super) fn unsent(&self, texts: Texts, why: Unsent, address: &str) -> Response {
        self.unsent_after(texts, why, address, None)
    }

    /// The same; where the operator is known, with what an earlier try of this very form has done.
    pub(super) async fn unsent_from(
        &self,
        texts: Texts,
        ui: &Arc<Ui>,
        not_reached: NotReached,
        address: &str,
    ) -> Response {
        let NotReached { why, operator } = not_reached;
        let Some(Operator { desk, .. }) = operator.filter(|_| Ticket::is_one(&self.once)) else {
            return self.unsent(texts, why, address);
        };
        let (ui, key) = (Arc::clone(ui), AnswerKey::of(&self.once));
        let taken = aside(move || {
            let caller = desk.answered_under(key)?;
            Some((desk.call_sign(&caller), case_path(&ui, &caller)))
        });
        match taken.await {
            Ok(taken) => {
                self.unsent_after(texts, why, address, taken.as_ref().map(|(name, path)| (&**name, &**path)))
            }
            Err(failed) => failed,
        }
    }

    fn unsent_after(
        &self,
        texts: Texts,
        why: Unsent,
        address: &str,
        taken: Option<(&str, &str)>,
    ) -> Response {
        let fields = vec![
            ("once", &*self.once),
            ("shown", &*self.shown),
            ("how", self.how_value()),
            ("again", &*self.again),
            ("second_reader", &*self.second_reader),
            ("brackets", &*self.brackets),
            ("base", &*self.base),
            ("previewed", &*self.previewed),
        ];
        let action = action(address);
        unsent(texts, why, &Kept { what: What::Answer, action: &action, fields, text: &self.text, taken })
    }

    /// The value of the button by which it was sent.
    fn how_value(&self) -> &'static str {
        match self.how {
            How::Now => "now",
            How::Preview => "preview",
            How::Queue => "queue",
        }
    }
}
