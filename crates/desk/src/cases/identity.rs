//! Who has the desk's identity, as the log tells it: each entry says whether its author has, and so who can renew certificates.

use callsign_protocol::{keyring::DeviceId, time::Day};

use super::{Cases, Origin};

impl Cases {
    /// Takes note of what an entry says of its author.
    pub(super) fn note_identity(&mut self, origin: &Origin) {
        if origin.has_identity {
            self.identity_at.insert(origin.author, origin.day);
        } else {
            self.identity_at.remove(&origin.author);
        }
    }

    /// The day of the newest entry of a device that says there that it has the identity; none of one that has it not.
    pub fn identity_at(&self, device: &DeviceId) -> Option<Day> {
        self.identity_at.get(device).copied()
    }
}

#[cfg(test)]
mod tests {
    use callsign_protocol::encoding::Bytes;

    use super::*;
    use crate::cases::{EntryRead, Event, support::DAY};

    #[test]
    fn the_newest_entry_of_a_device_says_whether_it_has_the_identity() {
        let mut cases = Cases::staffed();
        let device = |n| Bytes([n; 16]);
        let mut say = |author, day: Day, has_identity, events: Vec<Event>| {
            let generation = if events.is_empty() { 1 } else { 4 };
            let (sequence, at) = (Some(1), day.start());
            let origin = Origin { author, at, day, sequence, generation, has_identity, ..Origin::of_test() };
            cases.take(&EntryRead { origin, events, unreadable: 0 }).unwrap();
            [1, 2].map(|n| cases.identity_at(&device(n)))
        };
        assert_eq!(say(device(1), DAY, true, vec![]), [Some(DAY), None]);
        assert_eq!(say(device(2), DAY, false, vec![]), [Some(DAY), None]);
        assert_eq!(say(device(2), DAY.plus(1), true, vec![]), [Some(DAY), Some(DAY.plus(1))]);
        assert_eq!(say(device(1), DAY.plus(1), false, vec![]), [None, Some(DAY.plus(1))]);
        // Who has written nothing for two generations is forgotten.
        let begun = vec![Event::generation_begun(4, DAY.plus(9))];
        assert_eq!(say(device(1), DAY.plus(9), true, begun), [Some(DAY.plus(9)), None]);
    }
}
