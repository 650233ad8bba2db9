//! Templates of answers, all in one document that is sealed under the device's own key: no generation's end destroys it.

use callsign_protocol::time::Day;
use chacha20poly1305::{
    XNonce,
    aead::{Aead as _, Payload},
};
use rand_core::CryptoRng;
use rusqlite::{OptionalExtension as _, params};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Cache, CacheError, cache::NONCE_LEN};

/// The document's name, and what it is sealed for.
pub(super) const TEMPLATES: &str = "templates";
/// What it is padded to: its size says little of how many there are.
const STEP: usize = 65_536;

/// A text that stands ready, with places to fill in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// By what it is found: unique in its language.
    pub keyword: String,
    /// What it is for.
    pub title: String,
    /// Its language (BCP 47).
    pub language: String,
    /// Who has read it over.
    pub reviewer: Option<String>,
    /// The last day on which it is offered.
    pub until: Option<Day>,
    /// What is put into an answer.
    pub text: String,
}

impl Cache {
    /// Keeps these templates in place of all that were kept.
    pub(crate) fn put_templates(
        &self,
        templates: &[Template],
        rng: &mut impl CryptoRng,
    ) -> Result<(), CacheError> {
        self.put_sealed(TEMPLATES, &templates, rng)
    }

    /// The templates that are kept; none where nothing of them can be read.
    pub(crate) fn templates(&self) -> Result<Vec<Template>, CacheError> {
        Ok(self.sealed(TEMPLATES)?.unwrap_or_default())
    }

    /// Keeps a document of this device under its own key, in place of the one before.
    pub(super) fn put_sealed(
        &self,
        name: &str,
        document: &impl Serialize,
        rng: &mut impl CryptoRng,
    ) -> Result<(), CacheError> {
        let mut json = serde_json::to_vec(document).map_err(|_| CacheError::Unsealed)?;
        let padded = json.len().next_multiple_of(STEP);
        // Blanks behind a value are part of no value.
        json.resize(padded, b' ');
        let mut nonce = [0; NONCE_LEN];
        rng.fill_bytes(&mut nonce);
        let payload = Payload { msg: &json, aad: name.as_bytes() };
        let nonce = XNonce::from(nonce);
        let mut sealed = nonce.to_vec();
        sealed.extend(self.cipher().encrypt(&nonce, payload).map_err(|_| CacheError::Unsealed)?);
        self.write(|connection| {
            let sql =
                "-- put_sealed\nINSERT OR REPLACE INTO documents (name, serial, envelope) VALUES (?1, 0, ?2)";
            connection.execute(sql, params![name, sealed])?;
            Ok(())
        })
    }

    /// A document of this device; none where there is none, or nothing of it can be read.
    pub(super) fn sealed<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, CacheError> {
        let sealed: Option<Vec<u8>> = self.read(|connection| {
            let sql = "-- sealed\nSELECT envelope FROM documents WHERE name = ?1";
            Ok(connection.query_row(sql, [name], |row| row.get(0)).optional()?)
        })?;
        let json = sealed.and_then(|sealed| self.opened(name.as_bytes(), &sealed));
        Ok(json.and_then(|json| serde_json::from_slice(&json).ok()))
    }
}

#[cfg(test)]
mod tests {
    use callsign_protocol::encoding::Secret;
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng as _;

    use super::*;

    #[test]
    fn templates_are_there_again_in_place_of_the_ones_before_and_nothing_of_them_lies_open() {
        let dir = tempfile::tempdir().unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let template = |keyword: &str| Template {
            keyword: keyword.to_owned(),
            title: "A title".to_owned(),
            language: "uk".to_owned(),
            reviewer: None,
            until: Some(Day(20_000)),
            text: "planted words".to_owned(),
        };
        let cache = Cache::open(dir.path(), Secret([1; 32])).unwrap();
        assert_eq!(cache.templates().unwrap(), []);
        for keyword in ["one", "two"] {
            cache.put_templates(&[template(keyword)], &mut rng).unwrap();
        }
        drop(cache);
        let again = Cache::open(dir.path(), Secret([1; 32])).unwrap();
        assert_eq!(again.templates().unwrap(), [template("two")]);
        for file in ["cache.sqlite", "cache.sqlite-wal"] {
            let bytes = std::fs::read(dir.path().join(file)).unwrap_or_default();
            assert!(!bytes.windows(13).any(|part| part == b"planted words"), "{file}");
        }
        let other = tempfile::tempdir().unwrap();
        let of_another = Cache::open(other.path(), Secret([2; 32])).unwrap();
        assert_eq!(of_another.templates().unwrap(), []);
    }
}
