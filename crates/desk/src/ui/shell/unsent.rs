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

/// A form whose text is to come back.
pub(in crate::ui) struct Kept<'a> {
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
    let main = html! {
        h1 { (why.title()) }
        p class="problem" { (why.sentence()) }
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
    (why.status(), plain_page(why.title(), &main)).into_response()
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
            Self::Locked => "Locked: not sent",
            Self::Stranger => "Not sent: this browser has not been let in",
            Self::Gone => "Not sent: there is no such case",
            Self::Failed => "The desk program failed",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Locked => {
                "Nothing was sent: the desk is locked. Unlock it in another tab, then send again from here."
            }
            Self::Stranger => {
                "Nothing was sent: the desk program was started anew and does not know this browser. \
                 Copy what you have written, then open the new link that it printed."
            }
            Self::Gone => {
                "Nothing was sent: the case was erased, or the desk program was started anew and it has another address now. \
                 Copy what you have written, then look for the call on the board."
            }
            Self::Failed => {
                "It is not known whether this was taken. Send it again: what was taken is not taken twice."
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
