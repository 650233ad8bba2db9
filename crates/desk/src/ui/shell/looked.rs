//! How far somebody has read each case in these pages: what came since is news. In memory alone; a new start of the program knows nothing.

use std::collections::HashMap;

use callsign_protocol::caller_keys::CallerId;

use crate::cases::Cases;

/// How many messages each case had when a person last looked at it.
#[derive(Debug, Default)]
pub(in crate::ui) struct Looked(HashMap<CallerId, u32>);

impl Looked {
    /// A person looks at a case.
    pub(in crate::ui) fn note(&mut self, cases: &Cases, caller: &CallerId) {
        if let Some(glance) = cases.glance(caller) {
            self.0.insert(*caller, glance.messages);
        }
    }

    /// Whether a case has a message that nobody has looked at here. One that nobody has looked at at all is news.
    pub(in crate::ui) fn has_news(&self, cases: &Cases, caller: &CallerId) -> bool {
        let messages = cases.glance(caller).map_or(0, |glance| glance.messages);
        self.0.get(caller).is_none_or(|looked| *looked < messages)
    }

    /// Forgets cases that are no more.
    pub(in crate::ui) fn forget_erased(&mut self, cases: &Cases) {
        self.0.retain(|caller, _| cases.has(caller));
    }
}
