//! What became of an answer that has not left, as the board and the inbox say it.

use std::collections::BTreeSet;

use callsign_desk::cases::{Case, Item, Keeps};
use callsign_protocol::{caller_keys::CallerId, time::Day};

/// Why the newest answer of a case has not left, or not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// A colleague had the case when it came into the log.
    Held,
    /// It is on this device alone.
    KeptHere,
    /// A message stands before it in the log that its author had not read.
    Overtaken,
    /// It can never leave: the caller's mailbox has lapsed.
    Lost,
    /// It waits for its turn.
    NotPosted,
    /// Its second reader said no.
    Refused,
    /// It waits for a second reader.
    ToBeRead,
}

impl Unsent {
    /// Of a case; `kept` are the callers with an answer on this device alone.
    pub fn of(case: &Case, kept: &BTreeSet<CallerId>, today: Day) -> Option<Self> {
        let newest = case.items.iter().rev().find_map(|item| match item {
            Item::Answer(answer) if answer.kept_back != Keeps::TakenBack => Some(answer),
            _ => None,
        })?;
        match newest.kept_back {
            Keeps::Held => Some(Self::Held),
            Keeps::Overtaken => Some(Self::Overtaken),
            _ if newest.is_posted() => None,
            _ if case.is_lost(newest, today) => Some(Self::Lost),
            _ if newest.waits_for_a_reader() => Some(Self::ToBeRead),
            _ if !newest.leaves() => Some(Self::Refused),
            _ if kept.contains(&case.id()) => Some(Self::KeptHere),
            _ => Some(Self::NotPosted),
        }
    }

    /// For programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Held | Self::Overtaken => "held",
            Self::KeptHere => "not_in_log",
            Self::Lost => "never_left",
            Self::NotPosted => "not_posted",
            Self::Refused => "refused",
            Self::ToBeRead => "to_be_read",
        }
    }

    /// For people, behind what the line says before.
    pub fn told(self) -> &'static str {
        match self {
            Self::Held => "   an answer is held",
            Self::KeptHere => "   an answer is on this device alone",
            Self::Overtaken => "   an answer is held: the caller wrote before it was in the log",
            Self::Lost => "   an answer never left",
            Self::NotPosted => "   answer not posted yet",
            Self::Refused => "   an answer was refused by its second reader",
            Self::ToBeRead => "   an answer waits for a second reader",
        }
    }
}
