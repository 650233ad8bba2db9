//! The game about one drop's bytes: an answer, or a dummy.

use callsign_desk::Settings;
use callsign_protocol::{
    drop::{AnswerPart, Drop, DropPayload, PER_DAY, Place, Sender},
    encoding::{Bytes, Secret},
};

use super::{
    features::of_drop,
    learn::Features,
    plant::Plant,
    stage::{CALLERS, Stage},
};
use crate::FIRST_DAY;

/// A stage of which only callers and randomness are used.
pub fn bare(seed: u64) -> Stage {
    Stage::set(seed, Settings::default())
}

/// Is the drop an answer?
pub fn answer_or_dummy(stage: &mut Stage, truth: bool, plant: Option<Plant>) -> Features {
    let mut rng = stage.fork();
    if !truth {
        return of_drop(&Drop::dummy(&mut rng).0);
    }
    let caller = usize::try_from(stage.draw(CALLERS as u64)).unwrap_or(0);
    let index = u8::try_from(stage.draw(u64::from(PER_DAY))).unwrap_or(0);
    let text = "m".repeat(usize::try_from(1 + stage.draw(400)).unwrap_or(1));
    let fingerprint = stage.desk.fingerprint();
    // A day of its own: else six callers' few addresses come again, and are learned by heart.
    let day = FIRST_DAY.plus(u32::try_from(stage.draw(1 << 20)).unwrap_or(0));
    let keys = stage.caller(caller);
    let place = Place { day, slot: 0, index };
    let payload = DropPayload {
        number: 1,
        answer: Some(AnswerPart { id: Bytes::random(&mut rng), part: 1, parts: 1, text: text.clone() }),
        opened: Vec::new(),
    };
    let sender = Sender {
        fingerprint: &fingerprint,
        answer_key: &Secret([3; 32]),
        caller: keys.public(),
        drop_secret: &keys.drop_secret(place.day.week()),
    };
    let mut drop = Drop::seal(&payload, &place, &sender, &mut rng).expect("a payload that fits").0.to_vec();
    if let Some(plant) = plant {
        plant.in_drop(&mut drop, text.len());
    }
    of_drop(&drop)
}
