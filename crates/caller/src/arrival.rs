//! What everyone fetches before the first slot, in one order: the notice, its content packs, the letters document.

use callsign_protocol::{
    content::ContentPack,
    letters::{LETTERS_LEN, Letters, LettersError, NamedLetters},
    notice::VerifiedNotice,
    signed::SignedError,
    time::UnixSeconds,
};
use thiserror::Error;

use crate::hub_client::{FetchError, HubClient, HubError};

/// What a visit begins with.
#[derive(Debug)]
pub struct Arrival {
    /// The desk's notice.
    pub notice: VerifiedNotice,
    /// Its bytes as they were signed, for who keeps them.
    pub envelope: Vec<u8>,
    /// The content packs that came.
    pub packs: Vec<ContentPack>,
    /// The keys for letters with their bytes, or why nobody can write one now.
    pub letters: Result<FetchedLetters, NoLetters>,
}

/// The letters document that the notice names.
#[derive(Debug)]
pub struct FetchedLetters {
    /// The keys.
    pub letters: NamedLetters,
    /// Its bytes as they were signed, for who keeps them.
    pub envelope: Vec<u8>,
}

/// Why no letter can be written. Calls are not concerned.
#[derive(Debug, Error)]
pub enum NoLetters {
    /// The document did not come.
    #[error("the desk's keys for letters did not come, so no letter can be written: {0}")]
    Hub(#[from] HubError),
    /// What came is not signed by the desk, or is damaged.
    #[error(
        "what the hub shows as the desk's keys for letters is not signed by the desk, so no letter was written; try again later or by \
         another address"
    )]
    NotGenuine(#[source] LettersError),
    /// It is not the one that goes with the notice.
    #[error(
        "the hub's keys for letters are not those of the desk's newest notice, so no letter was written; they may just be changing, so \
         try again in some minutes, then by another address"
    )]
    NotNamed,
    /// The notice names none.
    #[error("the desk takes no new letters at the moment; try again in some hours, or call the desk")]
    Nowhere,
    /// This program is too old.
    #[error(
        "this program is too old for the desk's keys for letters, so no letter was written; get a newer one"
    )]
    Outdated,
}

impl HubClient {
    /// Fetches what everyone fetches, whether they write, read, write a letter or merely visit. Only the notice has to come.
    pub fn arrive(&self, now: UnixSeconds) -> Result<Arrival, FetchError> {
        let (notice, envelope) = self.fetch_notice_envelope(self.pin(), now)?;
        let packs = self.fetch_content(&notice);
        let letters = self.fetch_letters(&notice, now);
        Ok(Arrival { notice, envelope, packs, letters })
    }

    /// The letters document, once, also where the notice names none.
    fn fetch_letters(&self, notice: &VerifiedNotice, now: UnixSeconds) -> Result<FetchedLetters, NoLetters> {
        let fetched = self.fetch("v1/letters", LETTERS_LEN);
        if notice.notice.letters.is_none() {
            return Err(NoLetters::Nowhere);
        }
        let envelope = fetched?;
        let letters = read_letters(&envelope, notice, now)?;
        Ok(FetchedLetters { letters, envelope })
    }
}

/// The letters document that a notice names, at a time at which its certificate counts.
///
/// # Errors
/// [`NoLetters::NotGenuine`], [`NoLetters::NotNamed`], [`NoLetters::Nowhere`], [`NoLetters::Outdated`].
pub fn read_letters(
    envelope: &[u8],
    notice: &VerifiedNotice,
    now: UnixSeconds,
) -> Result<NamedLetters, NoLetters> {
    if notice.notice.letters.is_none() {
        return Err(NoLetters::Nowhere);
    }
    let verified = Letters::verify(envelope, Some(&notice.fingerprint), now)?;
    Ok(verified.named_by(notice)?)
}

impl NoLetters {
    /// Stable text for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Hub(error) => error.code(),
            Self::NotGenuine(_) => "letter-keys-not-genuine",
            Self::NotNamed => "letter-keys-not-named",
            Self::Nowhere => "no-letter-keys",
            Self::Outdated => "outdated",
        }
    }
}

impl From<LettersError> for NoLetters {
    fn from(error: LettersError) -> Self {
        match error {
            LettersError::Signed(SignedError::Version) => Self::Outdated,
            LettersError::Signer | LettersError::Unnamed => Self::NotNamed,
            other => Self::NotGenuine(other),
        }
    }
}
