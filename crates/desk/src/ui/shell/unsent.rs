//! The page for a text that did not reach its case: nothing that was written is lost on the way.

use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};

use super::{
    layout::plain_page,
    operator::Closed,
    overview::operators_name,
    text_area::text_area_content,
    texts::{Texts, say, text},
};

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
            Closed::Stranger(_) => Self::Stranger,
        }
    }
}

/// The page for a text that did not reach its case: it comes back to the browser that sent it, and to nobody else.
pub(in crate::ui) fn unsent(texts: Texts, why: Unsent, kept: &Kept<'_>) -> Response {
    let title = if kept.taken.is_some() { text!(texts, "unsent-taken-title") } else { why.title(texts) };
    let main = html! {
        h1 { (title) }
        @if let Some((name, path)) = kept.taken {
            p class="problem" {
                (say!(texts, "unsent-taken", name = operators_name(name)))
            }
            p { a href=(path) { (say!(texts, "unsent-to-conversation", name = operators_name(name))) } }
        } @else {
            p class="problem" { (why.sentence(kept.what, texts)) }
        }
        @if why.can_be_sent_again() {
            form method="post" action=(kept.action) class="unsent" {
                @for (name, value) in &kept.fields { input type="hidden" name=(name) value=(value); }
                (text_of(kept, texts))
                @if why == Unsent::Locked { p { a href="/unlock" target="_blank" rel="noopener" { (say!(texts, "unsent-unlock")) } } }
                button id="send" class="main" type="submit" { (say!(texts, "unsent-send-again")) }
            }
        } @else {
            (text_of(kept, texts))
            p { a href="/" { (say!(texts, "shell-back-to-board")) } }
        }
    };
    (why.status(), plain_page(texts, &title, &main)).into_response()
}

fn text_of(kept: &Kept<'_>, texts: Texts) -> Markup {
    html! {
        @if !kept.text.is_empty() {
            label for="kept" { (say!(texts, "shell-what-you-wrote")) }
            textarea id="kept" name="text" rows="10" spellcheck="false" autocomplete="off" { (text_area_content(kept.text)) }
        }
    }
}

impl Unsent {
    fn title(self, texts: Texts) -> String {
        match self {
            Self::Locked => text!(texts, "unsent-locked-title"),
            Self::Stranger => text!(texts, "unsent-stranger-title"),
            Self::Gone => text!(texts, "unsent-gone-title"),
            Self::Failed => text!(texts, "unsent-failed-title"),
        }
    }

    /// What is known, and what is not: an earlier try of the same form may have been taken, and its answer lost.
    fn sentence(self, what: What, texts: Texts) -> Markup {
        match (self, what) {
            (Self::Locked, What::Answer) => say!(texts, "unsent-locked-answer"),
            (Self::Locked, What::FollowUp) => say!(texts, "unsent-locked-follow-up"),
            (Self::Locked, What::Note) => say!(texts, "unsent-locked-note"),
            (Self::Stranger, What::Note) => say!(texts, "unsent-stranger-note"),
            (Self::Gone, What::Note) => say!(texts, "unsent-gone-note"),
            (Self::Failed, What::Note) => say!(texts, "unsent-failed-note"),
            (Self::Stranger, What::Answer) => say!(texts, "unsent-stranger-answer"),
            (Self::Stranger, What::FollowUp) => say!(texts, "unsent-stranger-follow-up"),
            (Self::Gone, What::Answer) => say!(texts, "unsent-gone-answer"),
            (Self::Gone, What::FollowUp) => say!(texts, "unsent-gone-follow-up"),
            (Self::Failed, What::Answer) => say!(texts, "unsent-failed-answer"),
            (Self::Failed, What::FollowUp) => say!(texts, "unsent-failed-follow-up"),
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
