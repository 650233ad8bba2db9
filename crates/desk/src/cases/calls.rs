//! Calls: a part of one comes in, and a person opens what is whole.

use callsign_protocol::{
    call::{CallPart, PARTS_MAX},
    caller_keys::CallerId,
    derive::sha256_id,
    encoding::Bytes,
    time::UnixSeconds,
};
use serde::{Deserialize, Serialize};

use super::{
    Cases, Event, EventBody, EventId, Tag,
    act::{Act, EventKind, Refusal, ToldAgain, Writer},
    conversation::{Call, Case, Item},
    people::ALL_ROLES,
};

/// Messages in one event of opening at most, so that it fits a bundle whatever a caller does.
pub const OPENED_MAX: usize = 64;

/// A part of a call came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageReceived {
    /// Its content.
    pub call: Box<CallPart>,
    /// When it was taken, rounded down to ten minutes: waiting times need no more.
    pub received: UnixSeconds,
    /// Whether its proof was made for a key that a removed device knows: it may not be the caller's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubted: bool,
    /// What names the case in the audit, where it had nothing that its author knew of: random. Of two the first in the log counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<Tag>,
}

/// A person has opened messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// Whose.
    pub caller: CallerId,
    /// Which; [`OPENED_MAX`] at most.
    pub messages: Vec<Bytes<16>>,
}

impl EventKind for MessageReceived {
    fn noun(&self) -> &'static str {
        "a call"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Device
    }

    fn told_again(&self) -> ToldAgain {
        ToldAgain::ByAnybody
    }

    fn authorize(&self, _: &Act<'_>, _: &Cases) -> Result<(), Refusal> {
        let is_part = (1..=self.call.parts.min(PARTS_MAX)).contains(&self.call.part);
        if is_part { Ok(()) } else { Err(Refusal::Numbers) }
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let received = act.origin.not_after(self.received, state);
        let (order, beats) = (state.order, state.beats.total());
        state.begin(&self.call);
        state.with(&self.call.caller_id(), |case| {
            case.message_received(&self.call, received, self.doubted, (order, beats));
            case.tag = case.tag.or(self.tag);
        });
    }
}

impl EventKind for Opened {
    fn noun(&self) -> &'static str {
        "an opening"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Learner(ALL_ROLES)
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    fn authorize(&self, _: &Act<'_>, _: &Cases) -> Result<(), Refusal> {
        if self.messages.len() <= OPENED_MAX { Ok(()) } else { Err(Refusal::Numbers) }
    }

    fn apply(&self, _: &Act<'_>, state: &mut Cases) {
        let order = state.order;
        state.with(&self.caller, |case| case.opened(&self.messages, order));
    }
}

impl Event {
    /// The event of a part received: its id is made from the message, so two devices make the same one.
    pub fn message_received(call: Box<CallPart>, received: UnixSeconds) -> Self {
        Self::of_part(MessageReceived { call, received, doubted: false, tag: None })
    }

    /// The same, of a part whose proof a removed device could have made.
    pub fn doubted_message(call: Box<CallPart>, received: UnixSeconds) -> Self {
        Self::of_part(MessageReceived { call, received, doubted: true, tag: None })
    }

    fn of_part(received: MessageReceived) -> Self {
        let call = &received.call;
        let id = sha256_id(&[b"message", &call.caller_id().0, &call.id.0, &[call.part]]);
        Self { id, body: EventBody::MessageReceived(received) }
    }

    /// The same, told once more behind an erasure whose author did not know it. The case that it begins has another tag: nothing leads
    /// from it to the one that was erased.
    #[must_use]
    pub fn behind_erasure(&self, erasure: &EventId, tag: Tag) -> Self {
        let id = sha256_id(&[b"behind erasure", &erasure.0, &self.id.0]);
        Self { id, body: self.body.clone() }.tagged(tag)
    }

    /// The same of a part of a call with what names its case in the audit; any other event as it is.
    #[must_use]
    pub fn tagged(mut self, tag: Tag) -> Self {
        if let EventBody::MessageReceived(received) = &mut self.body {
            received.tag = Some(tag);
        }
        self
    }

    /// The events of messages opened, [`OPENED_MAX`] in each: opening them again makes the same ones.
    pub fn opened(caller: CallerId, messages: &[Bytes<16>]) -> Vec<Self> {
        let event = |messages: &[Bytes<16>]| {
            let ids: Vec<u8> = messages.iter().flat_map(|id| id.0).collect();
            let id = sha256_id(&[b"opened", &caller.0, &ids]);
            Self { id, body: EventBody::Opened(Opened { caller, messages: messages.to_vec() }) }
        };
        messages.chunks(OPENED_MAX).map(event).collect()
    }
}

impl Case {
    fn message_received(
        &mut self,
        part: &CallPart,
        received: UnixSeconds,
        doubted: bool,
        (order, beats): (u64, u64),
    ) {
        // A week's secret once received is never overwritten: whoever learned a phrase later cannot redirect answers.
        // Of a doubted call nothing is taken but its text: answers might never be found, or be looked for at a bad time.
        if !doubted {
            if self.drop_secrets.is_empty() {
                // A doubted call may have begun the case.
                self.shard_bits = part.shard_bits;
            }
            for (week, secret) in &part.drop_secrets {
                self.drop_secrets.entry(*week).or_insert_with(|| secret.clone());
            }
            if !part.track.is_empty() {
                self.track.clone_from(&part.track);
            }
            self.language.clone_from(&part.language);
            if part.safe_times.is_some() {
                self.safe_times.clone_from(&part.safe_times);
            }
        }
        let of = |item: &Item| matches!(item, Item::Call(call) if call.id == part.id);
        let at = self.place_of(of, || {
            let parts = vec![None; usize::from(part.parts.min(PARTS_MAX))];
            Item::Call(Call { id: part.id, parts, received, opened: false, beats, doubted })
        });
        if let Item::Call(call) = &mut self.items[at]
            && let Some(slot) = usize::from(part.part).checked_sub(1).and_then(|at| call.parts.get_mut(at))
        {
            if slot.is_none() {
                // Whatever a caller says is to be looked at.
                self.closed = None;
            }
            slot.get_or_insert_with(|| part.text.clone());
            call.doubted |= doubted;
            // Of parts that come out of order the first one gives the time.
            call.received = call.received.min(received);
        }
        if self.opened_ahead.remove(&part.id) {
            self.opened(&[part.id], order);
        }
    }

    fn opened(&mut self, messages: &[Bytes<16>], order: u64) {
        for id in messages {
            let is_it = |item: &&mut Item| matches!(item, Item::Call(call) if call.id == *id);
            match self.items.iter_mut().find(is_it) {
                Some(Item::Call(call)) if !call.opened => {
                    call.opened = true;
                    self.untold.push((order, call.id));
                }
                Some(_) => {}
                None => {
                    self.opened_ahead.insert(*id);
                }
            }
        }
    }
}
