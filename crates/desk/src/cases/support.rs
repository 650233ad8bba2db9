//! For tests: events that stand where they may.

use super::*;

impl Origin {
    /// Of what waits for the log, on a device that nobody else speaks of.
    pub(crate) fn of_test() -> Self {
        let (at, day) = (UnixSeconds(0), Day(u32::MAX));
        let (generation, fold, program) = (1, FOLD_VERSION, FOLD_VERSION);
        Self { author: Bytes([0xa; 16]), at, day, sequence: None, generation, fold, program }
    }
}

impl Cases {
    /// Takes in an event by the author, in the generation and on the day that it is about.
    pub(crate) fn see(&mut self, event: &Event) -> Outcome {
        let mut origin = Origin { generation: self.generation(), ..Origin::of_test() };
        match &event.body {
            EventBody::GenerationBegun(begun) => origin.generation = begun.generation,
            EventBody::Listed(listed) => origin.day = listed.day,
            EventBody::WrappingKeyAnnounced(key) => {
                (origin.author, origin.generation) = (key.device, key.generation);
            }
            _ => {}
        }
        self.apply(&Act { origin: &origin, event })
    }
}
