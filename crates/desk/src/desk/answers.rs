//! Taking an answer: once, whatever is repeated, and only by a person who was shown what the caller wrote.

use std::{collections::BTreeSet, fmt, sync::Arc};

use callsign_protocol::{
    caller_keys::CallerId, derive::sha256_id, drop::answer_parts, encoding::Bytes, time::UnixSeconds,
};

use crate::{
    Desk, DeskError,
    cases::{
        Answer, AnswerQueued, AnswerText, Case, Claimed, Event, EventBody, Flag, Heard, Item, Keeps, Reach,
    },
    desk::{
        cautions::{brackets, hole, meant_brackets},
        templates::is_brought,
    },
    device::DeviceState,
    store::DraftVersion,
};

/// An answer as a person gives it.
#[derive(Clone, Copy, Debug)]
pub struct NewAnswer<'a> {
    /// To whom.
    pub caller: &'a CallerId,
    /// Its text; at most 16 parts.
    pub text: &'a str,
    /// What tells a repetition from a second answer; none where this can be no repetition.
    pub key: Option<AnswerKey>,
    /// What the person was shown before.
    pub shown: Shown,
    /// What becomes of words that the caller was answered with just now.
    pub same_words: SameWords,
    /// Whether another person reads it before it leaves.
    pub second_reader: bool,
    /// Names what of the text stands in square brackets and is meant so, as [`meant_brackets`] does; none where nobody has said that.
    pub brackets: Option<Bytes<16>>,
    /// The draft that it was written as, which goes when it is taken; one of the very same words goes too.
    pub draft: Option<DraftVersion>,
}

/// What becomes of an answer of which the very words were taken for its caller within an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameWords {
    /// It is another answer.
    #[default]
    Take,
    /// It is refused: the person may not know of the first.
    Refuse,
}

/// Seconds within which the same words to the same caller are a surprise.
const SAME_WORDS_S: u64 = 3_600;

/// Names an answer to one caller, 16 bytes: what is given again under the same key is the same answer, after any failure
/// and any restart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AnswerKey(Bytes<16>);

/// What of a conversation the person who answers was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Exactly this, on one page.
    This(Heard),
    /// What a person of the desk has opened. A case in which nobody has opened anything can be answered too:
    /// who names it knows that they have not read it, and its messages stay unopened.
    WhatWasOpened,
}

/// What became of an answer that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// A colleague has the case: it is kept, and leaves once they let it go.
    Held,
    /// Another person reads it first, and it leaves once they have.
    ToBeRead,
    /// It waits for the cadence or a flush.
    Queued,
    /// It is here already, by an earlier try; nothing was done.
    Known,
}

impl<'a> NewAnswer<'a> {
    /// An answer that can be no repetition, by a person who was shown what was opened.
    pub fn new(caller: &'a CallerId, text: &'a str) -> Self {
        Self {
            caller,
            text,
            key: None,
            shown: Shown::WhatWasOpened,
            same_words: SameWords::Take,
            second_reader: false,
            brackets: None,
            draft: None,
        }
    }

    /// Whether another person reads it before it leaves: its author wants that or is a trainee, or the caller may be under duress.
    pub(super) fn is_read_over(&self, case: &Case, is_trainee: bool) -> bool {
        self.second_reader || is_trainee || case.has_flag(Flag::Coerced)
    }
}

impl AnswerKey {
    /// The key that a text stands for: what an operator or a form calls the answer.
    pub fn of(text: &str) -> Self {
        Self(sha256_id(&[b"answer key", text.as_bytes()]))
    }

    /// The id of the answer to a caller: two devices make the same one.
    fn answer_id(self, caller: &CallerId) -> Bytes<16> {
        sha256_id(&[b"answer", &caller.0, &self.0.0])
    }
}

impl fmt::Debug for AnswerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Desk {
    /// Queues an answer, which leaves with the cadence or with a flush. Under one lock: what is repeated is recognised,
    /// and an answer past a message that the person was not shown is refused.
    pub fn answer(&self, new: &NewAnswer<'_>) -> Result<Answered, DeskError> {
        let now = self.now();
        let mut state = self.state();
        let Checked { texts, case, id, is_known } = state.check_answer(new, now)?;
        let drafts = state.drafts_sent(&case, new.draft, new.text, now)?;
        if is_known {
            state.cache.remove_drafts(&drafts)?;
            return Ok(Answered::Known);
        }
        // Who answers what nobody has looked at has not opened it, and the caller is not told so.
        let opened = if case.was_looked_at() { case.unopened() } else { Vec::new() };
        let mut events = Event::opened(*new.caller, &opened);
        let is_trainee = state.log.view.is_trainee(&state.keys.author);
        let is_held = !is_trainee && state.log.view.is_anothers(&case, &state.keys.author);
        let is_read = new.is_read_over(&case, is_trainee);
        if !is_held && !is_trainee && !state.holder(&case).is_some_and(|holder| holder.is_own) {
            // Of two who answer at once the second then meets the first one's claim.
            let over = case.last_touch();
            let claimed = Claimed { caller: *new.caller, over, reason: None };
            events.push(state.event(EventBody::Claimed(claimed)));
        }
        let answer = id.unwrap_or_else(|| state.random_id());
        let parts = u8::try_from(texts.len()).unwrap_or(u8::MAX);
        let (queued, seen) = (now.whole_minutes(), Some(case.asked()));
        for (part, text) in (1..=parts).zip(texts) {
            let (caller, text) = (*new.caller, text.to_owned());
            events.push(Event::answer_queued(AnswerQueued {
                caller,
                answer,
                part,
                parts,
                text,
                queued,
                // Also where the case demands it: a log that a hub has lost a part of may have the answer without the flag.
                second_reader: is_read,
                seen,
            }));
        }
        if events.iter().any(|event| is_part_of_an_answer(event) && state.log.view.has_applied(&event.id)) {
            // Of a case that was erased since: the same answer does not come back into the next one.
            return Err(DeskError::AnswerKeyUsed);
        }
        state.queue_for(events, &drafts)?;
        drop(state);
        self.tell_change();
        Ok(match is_held {
            true => Answered::Held,
            false if is_read => Answered::ToBeRead,
            false => Answered::Queued,
        })
    }

    /// Whether the same words were taken for a caller within the hour.
    ///
    /// # Errors
    /// Those of [`Desk::case`].
    pub fn has_answered_with(&self, caller: &CallerId, text: &str) -> Result<bool, DeskError> {
        Ok(self.case(caller)?.was_answered_with(text, self.now()))
    }

    /// What keeps the newest answer of these words, by whoever works at this device: a colleague who had the case, or a message that stands
    /// before it in the log, may be known only once the hub has answered.
    ///
    /// # Errors
    /// Those of [`Desk::case`].
    pub fn keeps_answer(&self, caller: &CallerId, text: &str) -> Result<Keeps, DeskError> {
        let (case, me) = (self.case(caller)?, self.me());
        let newest = case.items.iter().rev().find_map(|item| match item {
            Item::Answer(answer) if Some(answer.by) == me && answer.text() == text => Some(answer.kept_back),
            _ => None,
        });
        Ok(newest.unwrap_or_default())
    }

    /// Callers with an answer that is on this device alone.
    ///
    /// # Errors
    /// [`DeskError::Cache`]
    pub fn answers_kept_here(&self) -> Result<BTreeSet<CallerId>, DeskError> {
        let state = self.state();
        let waiting = state.cache.pending()?.into_iter();
        let waiting = waiting.filter(|event| !state.log.fold.cases.has_applied(&event.id));
        let caller = |event: Event| match event.body {
            EventBody::AnswerQueued(answer) => Some(answer.caller),
            _ => None,
        };
        Ok(waiting.filter_map(caller).collect())
    }

    /// Answers to a caller that are on this device alone, at least in part.
    ///
    /// # Errors
    /// [`DeskError::Unread`]
    pub fn answers_not_in_log(&self, to: &CallerId) -> Result<BTreeSet<Bytes<16>>, DeskError> {
        let mut state = self.state();
        let (shown, logged) =
            state.reading(|state| Ok((state.log.view.get(to)?, state.log.fold.cases.get(to)?)))?;
        let is_in_log = |answer: &Answer| {
            let logged = logged.as_ref().and_then(|case| case.answer(&answer.id));
            logged.is_some_and(|logged| logged.is_whole() || !answer.is_whole())
        };
        let answers = shown.iter().flat_map(|case| case.answers());
        Ok(answers.filter(|answer| !is_in_log(answer)).map(|answer| answer.id).collect())
    }

    /// Whose answer was taken under this key; none where none was that the log still knows of.
    pub fn answered_under(&self, key: AnswerKey) -> Option<CallerId> {
        // A copy, for every case is asked and nobody is to wait for that.
        let cases = self.state().log.view.clone();
        let is_known =
            |caller: &CallerId| cases.has_applied(&AnswerQueued::event_id(&key.answer_id(caller), 1));
        cases.callers().find(is_known)
    }
}

/// An answer that can be taken, or was.
pub(super) struct Checked<'a> {
    /// Its parts.
    pub(super) texts: Vec<&'a str>,
    pub(super) case: Arc<Case>,
    /// What it will be known by; none where it can be no repetition.
    id: Option<Bytes<16>>,
    /// Whether it was taken by an earlier try.
    pub(super) is_known: bool,
}

impl DeviceState {
    /// Whether an answer can be taken: what is repeated is recognised, and what a person was not shown is not passed over.
    pub(super) fn check_answer<'a>(
        &mut self,
        new: &NewAnswer<'a>,
        now: UnixSeconds,
    ) -> Result<Checked<'a>, DeskError> {
        let texts = answer_parts(new.text)?;
        // Another process with the same files may have taken a call, or this very answer.
        self.refresh_pending()?;
        let case = self.case(new.caller)?;
        let id = new.key.map(|key| key.answer_id(new.caller));
        if let Some(known) = id.and_then(|id| case.answer(&id)) {
            if !known.says(&texts) {
                return Err(DeskError::AnswerKeyUsed);
            }
            return Ok(Checked { texts, case, id, is_known: true });
        }
        if !new.shown.covers(&case) {
            return Err(DeskError::NotShown);
        }
        let templates = self.cache.templates()?;
        if let Some(hole) = hole(new.text, |piece| is_brought(&templates, piece)) {
            return Err(DeskError::Hole(hole.to_owned()));
        }
        if let Some(piece) = brackets(new.text).next()
            && new.brackets != Some(meant_brackets(new.text))
        {
            return Err(DeskError::Brackets(piece.to_owned()));
        }
        if new.same_words == SameWords::Refuse && case.was_answered_with(new.text, now) {
            return Err(DeskError::SameWords);
        }
        match case.reach(now.day()) {
            Reach::Now => Ok(Checked { texts, case, id, is_known: false }),
            Reach::From(day) => Err(DeskError::NotYet(day)),
            Reach::Lapsed => Err(DeskError::Lapsed),
            Reach::Unproven => Err(DeskError::Unproven),
        }
    }
}

impl Shown {
    pub(super) fn covers(self, case: &Case) -> bool {
        match self {
            Self::This(heard) => heard == case.heard(),
            Self::WhatWasOpened => case.unopened().is_empty() || !case.was_looked_at(),
        }
    }
}

impl Case {
    /// Whether an answer of just these words was taken shortly before `now`.
    pub(super) fn was_answered_with(&self, text: &str, now: UnixSeconds) -> bool {
        self.items.iter().any(|item| match item {
            Item::Answer(answer) => {
                let is_recent = now.since(answer.queued) <= SAME_WORDS_S;
                is_recent && answer.kept_back != Keeps::TakenBack && answer.text() == text
            }
            Item::Call(_) => false,
        })
    }

    /// Whether a person has opened a message.
    fn was_looked_at(&self) -> bool {
        self.calls().any(|call| call.opened)
    }
}

impl Answer {
    /// Whether these are its parts, as far as they are known.
    fn says(&self, texts: &[&str]) -> bool {
        let same = |(known, text): (&Option<AnswerText>, &&str)| {
            known.as_ref().is_none_or(|part| part.text == **text)
        };
        self.parts.len() == texts.len() && self.parts.iter().zip(texts).all(same)
    }
}

fn is_part_of_an_answer(event: &Event) -> bool {
    matches!(event.body, EventBody::AnswerQueued { .. })
}
