//! Checklists, all in one document that is sealed as templates are.

use callsign_protocol::{derive::sha256_id, time::Day};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

use super::{Cache, CacheError};
use crate::cases::Revision;

/// The document's name, and what it is sealed for.
pub(super) const CHECKLISTS: &str = "checklists";

/// What is to be done in a case of a track, step by step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checklist {
    /// By what it is found: unique in its language and track.
    pub keyword: String,
    /// What it is for.
    pub title: String,
    /// Its language (BCP 47).
    pub language: String,
    /// The track of the cases beside which it stands; none where that is all of them.
    pub track: Option<String>,
    /// Who has read it over.
    pub reviewer: Option<String>,
    /// The last day on which it stands there.
    pub until: Option<Day>,
    /// What is to be done, in order.
    pub steps: Vec<String>,
}

impl Checklist {
    /// Names what it says. Two devices that have the same file have the same; who read it over and until when it stands changes nothing.
    pub fn revision(&self) -> Revision {
        let mut parts: Vec<&[u8]> = vec![b"checklist"];
        let track = self.track.as_deref().unwrap_or("");
        let said = [&*self.keyword, &*self.language, track].into_iter();
        let said: Vec<&str> = said.chain(self.steps.iter().map(String::as_str)).collect();
        let lengths: Vec<[u8; 8]> = said.iter().map(|one| (one.len() as u64).to_be_bytes()).collect();
        for (one, length) in said.iter().zip(&lengths) {
            parts.extend([&length[..], one.as_bytes()]);
        }
        sha256_id(&parts)
    }
}

impl Cache {
    /// Keeps these checklists in place of all that were kept.
    pub(crate) fn put_checklists(
        &self,
        checklists: &[Checklist],
        rng: &mut impl CryptoRng,
    ) -> Result<(), CacheError> {
        self.put_sealed(CHECKLISTS, &checklists, rng)
    }

    /// The checklists that are kept; none where nothing of them can be read.
    pub(crate) fn checklists(&self) -> Result<Vec<Checklist>, CacheError> {
        Ok(self.sealed(CHECKLISTS)?.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_what_a_list_says_and_nothing_else() {
        let list = Checklist {
            keyword: "surrender".to_owned(),
            title: "A title".to_owned(),
            language: "uk".to_owned(),
            track: Some("field".to_owned()),
            reviewer: None,
            until: None,
            steps: vec!["ask".to_owned(), "wait".to_owned()],
        };
        let same = Checklist {
            title: "Another".to_owned(),
            reviewer: Some("Osyka".to_owned()),
            until: Some(Day(9)),
            ..list.clone()
        };
        assert_eq!(same.revision(), list.revision());
        let of = |steps: &[&str]| Checklist {
            steps: steps.iter().map(|&step| step.to_owned()).collect(),
            ..list.clone()
        };
        for other in [
            of(&["askwait"]),
            of(&["ask", "wait", ""]),
            of(&["wait", "ask"]),
            Checklist { language: "ru".to_owned(), ..list.clone() },
            Checklist { track: None, ..list.clone() },
            Checklist { keyword: "x".to_owned(), ..list.clone() },
        ] {
            assert_ne!(other.revision(), list.revision(), "{other:?}");
        }
    }
}
