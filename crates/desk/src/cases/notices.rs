//! Notices as the log tells them: which were published, and which identity was announced to come.

use callsign_protocol::{
    derive::sha256_id, encoding::Bytes, notice::INBOX_KEY_DAYS, successor::Successor, time::Day,
};
use serde::{Deserialize, Serialize};

use super::{
    Cases, Event, EventBody,
    act::{Act, EventKind, Refusal, ToldAgain, Writer},
    people::CUSTODIANS,
};

/// Epochs in one notice at most: those of its days.
const EPOCHS_MAX: usize = 16;

/// Hashes of notices that are remembered for one epoch, the newest: each is tried for each cell that none before it opens.
const HASHES_MAX: usize = 256;

/// A notice was published; cells sealed under it can be opened from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticePublished {
    /// SHA-256 of its body.
    pub hash: Bytes<32>,
    /// Its serial.
    pub serial: u64,
    /// The epochs whose keys it carries.
    pub epochs: Vec<Day>,
}

/// The custodian has said which identity comes after the desk's; of two, the one that stands later in the log counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuccessorAnnounced {
    /// As the notice will say it.
    pub successor: Successor,
}

impl EventKind for NoticePublished {
    fn noun(&self) -> &'static str {
        "a notice"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Device
    }

    fn told_again(&self) -> ToldAgain {
        ToldAgain::ByAnybody
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        if self.epochs.len() > EPOCHS_MAX {
            return Err(Refusal::Numbers);
        }
        // Its keys are those of the days to come.
        self.epochs.iter().try_for_each(|epoch| act.origin.bounds_day(epoch.minus(INBOX_KEY_DAYS), state))
    }

    fn apply(&self, _: &Act<'_>, state: &mut Cases) {
        state.is_published = true;
        for epoch in &self.epochs {
            let hashes = state.notice_hashes.entry(*epoch).or_default();
            if hashes.len() >= HASHES_MAX {
                hashes.remove(0);
            }
            hashes.push(self.hash);
        }
    }
}

impl EventKind for SuccessorAnnounced {
    fn noun(&self) -> &'static str {
        "the announcement of an identity"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(CUSTODIANS)
    }

    /// That the desk's identity has signed it is seen by those who use it: the log does not know that identity.
    fn authorize(&self, _: &Act<'_>, _: &Cases) -> Result<(), Refusal> {
        Ok(())
    }

    fn apply(&self, _: &Act<'_>, state: &mut Cases) {
        state.successor = Some(self.successor);
    }
}

impl Event {
    /// The event of a notice published.
    pub fn notice_published(hash: [u8; 32], serial: u64, epochs: Vec<Day>) -> Self {
        let id = sha256_id(&[b"notice", &hash]);
        Self { id, body: EventBody::NoticePublished(NoticePublished { hash: Bytes(hash), serial, epochs }) }
    }
}

impl Cases {
    /// Hashes of all notices that carried the key of an epoch, newest first.
    pub fn notice_hashes(&self, epoch: Day) -> Vec<[u8; 32]> {
        self.notice_hashes
            .get(&epoch)
            .map_or_else(Vec::new, |hashes| hashes.iter().rev().map(|hash| hash.0).collect())
    }

    /// The successor that was announced last. Whoever uses it verifies it.
    pub fn successor(&self) -> Option<&Successor> {
        self.successor.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::support::DAY;

    #[test]
    fn of_the_notices_of_an_epoch_the_newest_are_remembered_however_many_there_are() {
        let mut cases = Cases::staffed();
        let hash = |n: u16| {
            let mut hash = [0; 32];
            hash[..2].copy_from_slice(&n.to_be_bytes());
            hash
        };
        for n in 0..300 {
            cases.see(&Event::notice_published(hash(n), n.into(), vec![DAY]));
        }
        let hashes = cases.notice_hashes(DAY);
        assert_eq!((hashes.len(), hashes.first(), hashes.last()), (256, Some(&hash(299)), Some(&hash(44))));
    }
}
