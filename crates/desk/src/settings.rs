//! What a desk is set up with: its name, tracks, content, and the pace of its beats and of its callers' visits.

use std::collections::BTreeMap;

use callsign_protocol::{
    identity::{Fingerprint, PrivateKey},
    notice::Track,
    visit::Cover,
};
use serde::{Deserialize, Serialize};

use crate::Purpose;

/// Everything that [`crate::Desk::init`] needs to know.
#[derive(Clone, Debug)]
pub struct InitOptions {
    /// Where the hub is, `http://…` or `https://…`.
    pub hub: String,
    /// The hub's enrolment code.
    pub code: String,
    /// The identity, where one was made before: the successor of another desk's. A new one otherwise.
    pub identity: Option<PrivateKey>,
    /// The desk's name as callers see it.
    pub name: String,
    /// The pseudonym of its first person, who has every role.
    pub person: String,
    /// What calls may be about.
    pub tracks: Vec<Track>,
    /// Content packs, in the order in which callers fetch them: language and the bytes of the pack.
    pub content: Vec<(String, Vec<u8>)>,
    /// Pace.
    pub settings: Settings,
    /// What the desk is for.
    pub purpose: Purpose,
}

/// Everything that [`crate::Desk::ask_to_join`] needs to know. What the desk is for, its notice says.
#[derive(Clone, Debug)]
pub struct JoinOptions {
    /// Where the hub is.
    pub hub: String,
    /// The desk.
    pub fingerprint: Fingerprint,
    /// Pace, until the desk's log says another.
    pub settings: Settings,
}

/// The pace of a desk. All of it is published or visible; none of it depends on what callers do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Seconds between two commits of a device.
    pub beat_s: u32,
    /// Seconds between two drops of the cadence.
    pub drop_period_s: u32,
    /// Seconds after it was taken for which the hub keeps a cell, whatever it is; up to a 24th more.
    pub inbox_delay_s: u32,
    /// Days after which the keys of a generation turn over, 1 to 7.
    pub generation_days: u32,
    /// How visits are paced.
    pub cover: Cover,
}

impl Default for Settings {
    /// For a desk of up to about eighty calls a day (docs/planning.md): a visit costs a caller 5.6 MB at most.
    fn default() -> Self {
        Self {
            beat_s: 30,
            drop_period_s: 300,
            inbox_delay_s: 86_400,
            generation_days: 7,
            cover: Cover {
                gap_ms: 4_000,
                gap_max_ms: 12_000,
                gap_growth_percent: 3,
                visit_exchanges: 150,
                move_after_ms: 120_000,
            },
        }
    }
}

impl Settings {
    /// Short beats and gaps, so that a conversation can be watched. For a demonstration or a test only.
    pub fn short() -> Self {
        Self {
            beat_s: 2,
            drop_period_s: 2,
            inbox_delay_s: 10,
            cover: Cover {
                gap_ms: 700,
                gap_max_ms: 3_000,
                gap_growth_percent: 2,
                visit_exchanges: 1_500,
                move_after_ms: 8_000,
            },
            ..Self::default()
        }
    }
}

/// The tracks of the model desk, where an operator names no others.
pub fn model_tracks() -> Vec<Track> {
    let track = |id: &str, en: &str, uk: &str, ru: &str| Track {
        id: id.to_owned(),
        names: BTreeMap::from(
            [("en", en), ("uk", uk), ("ru", ru)].map(|(l, name)| (l.to_owned(), name.to_owned())),
        ),
    };
    vec![
        track("field", "I am in the field", "Я на фронті", "Я на фронте"),
        track("called-up", "I am called up, at home", "Мене призвали, я вдома", "Меня призвали, я дома"),
        track("no-paper", "No draft paper yet", "Повістки ще немає", "Повестки ещё нет"),
        track("relative", "I am a relative", "Я родич або родичка", "Я родственник или родственница"),
        track("witness", "I am a witness", "Я свідок", "Я свидетель"),
    ]
}
