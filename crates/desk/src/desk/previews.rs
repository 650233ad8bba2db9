//! Looking an answer over before it is sent: what the caller will see, when it leaves, and what a person looks at once more.

use crate::{
    Desk, DeskError, NewAnswer,
    cases::{AnswerQueued, Event},
    desk::cautions::{Caution, cautions},
    posting::wait::Wait,
};

/// An answer before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preview {
    /// It was taken already, by an earlier try.
    Known,
    /// It can be sent.
    Ready(LookedOver),
}

/// What is known of an answer that can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookedOver {
    /// Drops that it takes.
    pub parts: u64,
    /// When it leaves.
    pub leaves: Leaves,
    /// What to look at once more.
    pub cautions: Vec<Caution>,
}

/// When an answer leaves that is sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// A colleague has the case: once they let it leave. Their pseudonym.
    Held(String),
    /// This device does nothing for the desk.
    Outside,
    /// Once another person has read it.
    ToBeRead,
    /// With its turn, as far as it is known.
    InTurn(Wait),
    /// Nobody can say.
    Unknown,
}

impl Desk {
    /// Looks an answer over, by the rules by which it is taken, and takes nothing.
    ///
    /// # Errors
    /// Those of [`Desk::answer`].
    pub fn preview(&self, new: &NewAnswer<'_>) -> Result<Preview, DeskError> {
        let now = self.now();
        let is_outside = self.outside().is_some();
        let mut state = self.state();
        let checked = state.check_answer(new, now)?;
        if checked.is_known {
            return Ok(Preview::Known);
        }
        let case = checked.case;
        let (caller, text) = (*new.caller, String::new());
        let answer = AnswerQueued {
            caller,
            answer: state.random_id(),
            part: 1,
            parts: 1,
            text,
            queued: now,
            second_reader: new.second_reader,
            seen: None,
        };
        state.allows(&[Event::answer_queued(answer)])?;
        let parts = checked.texts.len() as u64;
        let is_trainee = state.log.view.is_trainee(&state.keys.author);
        let leaves = if !is_trainee && state.log.view.is_anothers(&case, &state.keys.author) {
            Leaves::Held(state.holder(&case).map(|holder| holder.name).unwrap_or_default())
        } else if is_outside {
            Leaves::Outside
        } else if new.is_read_over(&case, is_trainee) {
            Leaves::ToBeRead
        } else {
            state.wait_for(&case, parts, now)?.map_or(Leaves::Unknown, Leaves::InTurn)
        };
        Ok(Preview::Ready(LookedOver { parts, leaves, cautions: cautions(new.text, &case.language) }))
    }
}
