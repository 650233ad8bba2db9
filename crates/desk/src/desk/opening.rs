//! Opening a call: its messages are shown to a person, and their caller is told so; where nothing can be written, they are shown all the same.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use callsign_protocol::{caller_keys::CallerId, encoding::Bytes};

use crate::{
    Desk, DeskError, PeopleError,
    cases::{Case, Event, Item},
    store::CacheError,
};

/// Messages that this device has shown and could not keep that it did, each with the reason.
pub(crate) type ShownUnkept = BTreeMap<Bytes<16>, Arc<CacheError>>;

/// Messages that were shown to a person, while nothing could be kept of that: the desk goes on to count them as not opened.
#[derive(Clone, Debug)]
pub struct Unkept {
    /// Their ids.
    pub messages: BTreeSet<Bytes<16>>,
    /// Why, in a sentence without its full stop, which names the place and the way out.
    pub why: Arc<CacheError>,
}

impl Desk {
    /// A person opens a call: its messages count as opened, and the caller will be told. Where the device's files cannot be
    /// written, the messages may be shown all the same: [`Desk::unkept`] tells that nobody will know.
    ///
    /// # Errors
    /// [`DeskError::NoSuchCall`]; [`DeskError::Cache`], [`DeskError::Unread`] where the case cannot be read.
    pub fn open_call(&self, caller: &CallerId) -> Result<Arc<Case>, DeskError> {
        let mut state = self.state();
        let unopened = state.case(caller)?.unopened();
        if !unopened.is_empty() {
            match state.queue(Event::opened(*caller, &unopened)) {
                Err(DeskError::Cache(error)) => {
                    let why = Arc::new(error);
                    state.shown_unkept.extend(unopened.into_iter().map(|id| (id, Arc::clone(&why))));
                }
                // Who learns looks on: a caller hears that somebody has read the call once a colleague has it.
                Err(DeskError::People(PeopleError::Mentor)) => return state.case(caller),
                queued => {
                    queued?;
                    state.shown_unkept.retain(|id, _| !unopened.contains(id));
                }
            }
            self.tell_change();
        }
        state.case(caller)
    }

    /// What of a case was shown here, while that could not be kept; none where all was.
    pub fn unkept(&self, case: &Case) -> Option<Unkept> {
        let state = self.state();
        let unopened = case.unopened();
        let why = unopened.iter().find_map(|id| state.shown_unkept.get(id))?.clone();
        let messages = unopened.into_iter().filter(|id| state.shown_unkept.contains_key(id)).collect();
        Some(Unkept { messages, why })
    }
}

impl Unkept {
    /// The case as the person sees it, to whom these messages were shown.
    pub fn as_shown(&self, case: &Case) -> Case {
        let mut shown = case.clone();
        for item in &mut shown.items {
            if let Item::Call(call) = item {
                call.opened |= self.messages.contains(&call.id);
            }
        }
        shown
    }
}
