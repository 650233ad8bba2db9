//! The page for a text that did not reach its case: nothing that was written is lost on the way.

use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};

use super::{layout::plain_page, operator::Closed, text_area::text_area_content};

/// Why a text that was sent did not reach its case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum Unsent {
    /// Another tab, or somebody at this computer, has locked the desk.
    Locked,
    /// The program was started anew: it knows neither the browser nor the address.
    Stranger,
    /// There is no such case at this address any more.
    Gone,
    /// The program failed.
    Failed,
}

/// What a form is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum What {
    /// Sent again, it is taken once.
    Answer,
    /// Sent again, it is set twice.
    FollowUp,
    /// Sent again, it is kept once.
    Note,
}

/// A form whose text is to come back.
pub(in crate::ui) struct Kept<'a> {
    /// What it is for.
    pub(in crate::ui) what: What,
    /// Whose answer an earlier try of this very form was taken as, and where their case is. Of operators' forms alone.
    pub(in crate::ui) taken: Option<(&'a str, &'a str)>,
    /// Where it is sent again.
    pub(in crate::ui) action: &'a str,
    /// Its other fields.
    pub(in crate::ui) fields: Vec<(&'static str, &'a str)>,
    /// What was written; its field is `text`.
    pub(in crate::ui) text: &'a str,
}

impl From<Closed> for Unsent {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Locked => Self::Locked,
            Closed::Stranger => Self::Stranger,
        }
    }
}

/// The page for a text that did not reach its case: it comes back to the browser that sent it, and to nobody else.
pub(in crate::ui) fn unsent(why: Unsent, kept: &Kept<'_>) -> Response {
    let (what, title) = (kept.what, if kept.taken.is_some() { "Taken already" } else { why.title() });
    let main = html! {
        h1 { (title) }
        @if let Some((name, path)) = kept.taken {
            p class="problem" {
                strong { "Do not send this again. " }
                "An answer was taken from this form before the desk program was started anew. It stands in the conversation with " (name) ", once."
            }
            p { a href=(path) { "To the conversation with " (name) } }
        } @else {
            p class="problem" { (why.sentence(what)) }
        }
        @if why.can_be_sent_again() {
            form method="post" action=(kept.action) class="unsent" {
                @for (name, value) in &kept.fields { input type="hidden" name=(name) value=(value); }
                (text_of(kept))
                @if why == Unsent::Locked { p { a href="/unlock" target="_blank" rel="noopener" { "Unlock in another tab" } } }
                button id="send" class="main" type="submit" { "Send again" }
            }
        } @else {
            (text_of(kept))
            p { a href="/" { "Back to the board" } }
        }
    };
    (why.status(), plain_page(title, &main)).into_response()
}

fn text_of(kept: &Kept<'_>) -> Markup {
    html! {
        @if !kept.text.is_empty() {
            label for="kept" { "What you have written" }
            textarea id="kept" name="text" rows="10" spellcheck="false" autocomplete="off" { (text_area_content(kept.text)) }
        }
    }
}

impl Unsent {
    fn title(self) -> &'static str {
        match self {
            Self::Locked => "Locked: not taken",
            Self::Stranger => "Not taken: this browser has not been let in",
            Self::Gone => "Not taken: there is no such case at this address",
            Self::Failed => "The desk program failed",
        }
    }

    /// What is known, and what is not: an earlier try of the same form may have been taken, and its answer lost.
    fn sentence(self, what: What) -> &'static str {
        match (self, what) {
            (Self::Locked, What::Answer) => {
                "This form was not taken: the desk is locked. Unlock it in another tab, then send again from here: \
                 what was taken from it before is not taken twice."
            }
            (Self::Locked, What::FollowUp) => {
                "This form was not taken: the desk is locked. Unlock it in another tab. If you have sent it before, look there first \
                 whether the follow-up is set; if not, send again from here."
            }
            (Self::Locked, What::Note) => {
                "This note was not kept: the desk is locked. Unlock it in another tab, then send again from here: what was kept \
                 from it before is not kept twice."
            }
            (Self::Stranger, What::Note) => {
                "This note was not kept: the desk program was started anew and does not know this browser. What you sent before \
                 that may have been kept: copy what you have written, open the new link that the program printed, and look at the \
                 notes of the call before you keep it again."
            }
            (Self::Gone, What::Note) => {
                "This note was not kept: the case was erased, or the desk program was started anew and it has another address \
                 now. Copy what you have written, look for the call on the board, and look at its notes before you keep it again."
            }
            (Self::Failed, What::Note) => {
                "It is not known whether this note was kept. Send it again: what was kept is not kept twice."
            }
            (Self::Stranger, What::Answer) => {
                "This form was not taken: the desk program was started anew and does not know this browser. What you sent \
                 before that may have been taken, and is posted then: copy what you have written, open the new link that the \
                 program printed, and look at the conversation before you send anything again."
            }
            (Self::Stranger, What::FollowUp) => {
                "This form was not taken: the desk program was started anew and does not know this browser. What you sent \
                 before that may have been taken: copy what you have written, open the new link that the program printed, and \
                 look at the follow-ups of the call before you set it again."
            }
            (Self::Gone, What::Answer) => {
                "This form was not taken: the case was erased, or the desk program was started anew and it has another address \
                 now. Of this form no answer is known here. Copy what you have written, look for the call on the board, and read the \
                 conversation before you send anything again."
            }
            (Self::Gone, What::FollowUp) => {
                "This form was not taken: the case was erased, or the desk program was started anew and it has another address \
                 now. What you sent before that may have been taken: copy what you have written, look for the call on the board, and \
                 look at its follow-ups before you set it again."
            }
            (Self::Failed, What::Answer) => {
                "It is not known whether this was taken. Send it again: what was taken is not taken twice."
            }
            (Self::Failed, What::FollowUp) => {
                "It is not known whether this was taken. Look at the follow-ups of the call first; where it is not among them, \
                 send it again."
            }
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Locked | Self::Stranger => StatusCode::FORBIDDEN,
            Self::Gone => StatusCode::NOT_FOUND,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn can_be_sent_again(self) -> bool {
        matches!(self, Self::Locked | Self::Failed)
    }
}
