//! The letters document: the keys that letters are sealed to, of one size whatever their number, and named by the notice.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    VERSION,
    derive::sha256,
    identity::Fingerprint,
    json::{self, JsonError},
    letter_key::{LetterPublicKey, last_period_under},
    notice::VerifiedNotice,
    signed::{Envelope, Kind, SIGNED_AROUND, SignedError, Signer},
    time::{Day, UnixSeconds},
};

/// Bytes of the document, envelope and all.
pub const LETTERS_LEN: usize = 8_192;
/// Bytes of its body: the JSON, and spaces behind it.
const BODY_LEN: usize = LETTERS_LEN - SIGNED_AROUND;

/// The body of a letters document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letters {
    /// Version of the protocol.
    pub version: u8,
    /// Only grows. A hub goes by it; a reader goes by the notice.
    pub serial: u64,
    /// The keys of the current period and of later ones, oldest first.
    pub keys: Vec<LetterPublicKey>,
}

/// A letters document whose chain, days and version were checked: it is the desk's, and may be an old one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedLetters {
    /// Its content.
    pub letters: Letters,
    /// The desk that signed it.
    pub fingerprint: Fingerprint,
    /// The duty key that signed it.
    pub signer: Signer,
    /// SHA-256 of the body, by which a notice names it.
    pub hash: [u8; 32],
}

/// The letters document that the notice in hand names. Nothing else is sealed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedLetters {
    pub(crate) keys: Vec<LetterPublicKey>,
    pub(crate) fingerprint: Fingerprint,
}

/// What is read before anything else of a body.
#[derive(Deserialize)]
struct Preface {
    version: u8,
}

/// Why a letters document is not used.
#[derive(Debug, Error)]
pub enum LettersError {
    /// Not the JSON of section 5.6.
    #[error("its JSON is not readable")]
    Json(#[from] JsonError),
    /// More or fewer bytes than every letters document has.
    #[error("it has another size than every such document")]
    Size,
    /// The envelope does not verify.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// Another duty key has signed it than the notice, or another desk.
    #[error("it is not signed by who signed the notice")]
    Signer,
    /// The notice names another one, or none.
    #[error("it is another one than the notice names")]
    Unnamed,
}

impl Letters {
    /// The bytes that are signed.
    ///
    /// # Errors
    /// [`LettersError::Size`] for more than [`crate::letter_key::LETTER_KEYS_MAX`] keys, which have no room.
    pub fn body(&self) -> Result<Vec<u8>, LettersError> {
        let mut body = serde_json::to_vec(self)?;
        if body.len() > BODY_LEN {
            return Err(LettersError::Size);
        }
        body.resize(BODY_LEN, b' ');
        Ok(body)
    }

    /// Decodes and verifies an envelope, against a pinned fingerprint where there is one. Whether it is the one that counts, the
    /// notice tells ([`VerifiedLetters::named_by`]).
    pub fn verify(
        envelope: &[u8],
        pin: Option<&Fingerprint>,
        now: UnixSeconds,
    ) -> Result<VerifiedLetters, LettersError> {
        if envelope.len() != LETTERS_LEN {
            return Err(LettersError::Size);
        }
        let verified = Envelope::decode(envelope)?.verify(Kind::Letters, pin, now)?;
        let Preface { version } = json::read(&verified.body)?;
        if version != VERSION {
            return Err(SignedError::Version.into());
        }
        let letters: Self = json::read(&verified.body)?;
        let (fingerprint, signer) = (verified.fingerprint, verified.certificate.signer);
        Ok(VerifiedLetters { letters, fingerprint, signer, hash: sha256(&[&verified.body]) })
    }
}

impl VerifiedLetters {
    /// The document for who writes letters, where it goes with the notice in hand.
    ///
    /// # Errors
    /// [`LettersError::Signer`], [`LettersError::Unnamed`].
    pub fn named_by(self, notice: &VerifiedNotice) -> Result<NamedLetters, LettersError> {
        // A certificate that is renewed changes neither the key nor what the notice names.
        if self.fingerprint != notice.fingerprint || self.signer.duty_key != notice.signer.duty_key {
            return Err(LettersError::Signer);
        }
        if notice.notice.letters.is_none_or(|named| named.0 != self.hash) {
            return Err(LettersError::Unnamed);
        }
        Ok(NamedLetters { keys: self.letters.keys, fingerprint: self.fingerprint })
    }
}

impl NamedLetters {
    /// What of a document that was kept, under a certificate that ends on this day, counts: without the keys that no desk names
    /// while that is valid. Whoever still has its duty key would otherwise name keys to write to for all time.
    #[must_use]
    pub fn kept_under(mut self, certificate_ends: Day) -> Self {
        self.keys.retain(|key| key.period <= last_period_under(certificate_ends));
        self
    }

    /// The keys that letters may be sealed to.
    pub fn keys(&self) -> &[LetterPublicKey] {
        &self.keys
    }
}
