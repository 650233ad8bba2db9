//! The letters document: made of the keys in use, put at the hub before the notice that names it, and judged where the hub has another.

use callsign_protocol::{
    VERSION,
    encoding::Bytes,
    identity::PrivateKey,
    keyring::DeskKeys,
    letter_key::{LetterKey, LetterPublicKey, last_day, published_periods},
    letters::{Letters, LettersError, VerifiedLetters},
    signed::{Envelope, Kind},
    time::{Day, UnixSeconds},
};

use crate::{
    DeskError,
    device::DeviceState,
    keys::{
        certificate::read_certificate,
        following::{Horizon, bound},
        numbers::next_serial,
    },
};

/// Serials by which a letters document of the hub may be ahead of the one that it had: with so few such leaps, a hub's word
/// never uses the numbers up.
const SERIALS_AHEAD_MAX: u64 = 1 << 28;

/// What a hub has in place of the desk's letter keys; meanwhile its notice names none, and nobody writes letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedLetters {
    /// What it says to be; none where it does not read at all, or there is none.
    pub serial: Option<u64>,
    /// What is wrong.
    pub fault: LettersFault,
}

/// Why the desk's letter keys are not at the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LettersFault {
    /// Their serial is one that no desk comes to.
    Far,
    /// The hub refuses the next ones as too old, and shows none that are newer.
    NoLater,
    /// The hub does not take them, and says why.
    Refused,
    /// They are none of the desk's, or damaged.
    Unreadable,
}

impl LettersFault {
    /// A word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Far => "far",
            Self::NoLater => "no_later",
            Self::Refused => "refused",
            Self::Unreadable => "unreadable",
        }
    }

    /// What is wrong, behind "the hub".
    fn wrong(self) -> &'static str {
        match self {
            Self::Far => "shows letter keys with a number that no desk comes to",
            Self::NoLater => "refuses the desk's next letter keys as too old, and shows none that are newer",
            Self::Refused => "does not take the desk's letter keys",
            Self::Unreadable => "shows letter keys that are none of this desk's, or are damaged",
        }
    }
}

impl RefusedLetters {
    /// What the hub does, and what comes of it: a sentence each.
    pub fn told(&self) -> String {
        let number = self.serial.map_or_else(String::new, |serial| format!(" (number {serial})"));
        format!(
            "The hub {}{number}. Nobody can write new letters to the desk until it takes them.",
            self.fault.wrong()
        )
    }

    /// What people can do about it.
    pub fn way_out(&self) -> &'static str {
        match self.fault {
            LettersFault::NoLater => {
                "Ask whoever keeps the hub whether it came back from a backup; then `callsign desk recover` gives it the newest ones. \
                 Otherwise do not trust the hub."
            }
            LettersFault::Refused => {
                "See that hub and desk run the same version of the program, and that the dates of both are right. It is tried again with each beat."
            }
            LettersFault::Far | LettersFault::Unreadable => {
                "Ask whoever keeps the hub, by another way than the hub; where it stays so, the hub is not to be trusted."
            }
        }
    }
}

impl DeviceState {
    /// The next letters document, where the one in hand says something else than today's would, or the hub has another.
    pub(crate) fn next_letters(&self, now: UnixSeconds) -> Result<Option<Vec<u8>>, DeskError> {
        if self.letters_hash(now.day()).is_some() {
            return Ok(None);
        }
        let serial = next_serial(self.keys.letters_serial, "letter keys")?;
        let letters = Letters { version: VERSION, serial, keys: letter_keys(&self.keys.desk, now.day()) };
        let (certificate, duty_key) =
            (read_certificate(&self.keys.desk)?, PrivateKey::from_seed(&self.keys.desk.duty_key));
        let (identity, body) = (self.keys.vault.identity, letters.body()?);
        Ok(Some(Envelope::sign(Kind::Letters, identity, certificate, &duty_key, body).encode()))
    }

    /// By what a notice of today names the document in hand; none where the keys or the duty key in use are others, so that no
    /// notice names what a removed device knows.
    pub(crate) fn letters_hash(&self, today: Day) -> Option<Bytes<32>> {
        let held = self.keys.letters.as_ref()?;
        self.is_in_use(held, today).then_some(Bytes(held.hash))
    }

    /// Whether the hub is to be asked what it has: the notice in hand names another document than the one in hand, for another
    /// device has put that; or the hub had none of the desk's when it was asked last.
    pub(crate) fn lacks_letters(&self) -> bool {
        let named = self.keys.notice.as_ref().and_then(|notice| notice.notice.letters);
        let held = self.keys.letters.as_ref().map(|held| held.hash);
        self.keys.refused_letters.is_some() || named.is_some_and(|named| held != Some(named.0))
    }

    /// Keeps a document that this device has made and the hub has taken.
    pub(crate) fn keep_letters(&mut self, envelope: &[u8]) -> Result<(), DeskError> {
        let verified = self.read_letters(envelope)?;
        self.hold_letters(verified, envelope)
    }

    /// Judges what the hub has. What another device has made of the same keys becomes the document in hand; of any other of the
    /// desk's, whoever has signed it, the serial counts alone.
    pub(crate) fn judge_letters(
        &mut self,
        envelope: Option<&[u8]>,
        now: UnixSeconds,
    ) -> Result<(), DeskError> {
        let Some(envelope) = envelope else {
            (self.keys.letters, self.keys.letters_serial) = (None, 0);
            return Ok(());
        };
        let Ok(verified) = self.read_letters(envelope) else {
            self.refuse_letters(None, LettersFault::Unreadable);
            return Ok(());
        };
        let serial = verified.letters.serial;
        if serial > self.keys.letters_serial.saturating_add(SERIALS_AHEAD_MAX) {
            self.refuse_letters(Some(serial), LettersFault::Far);
            return Ok(());
        }
        if self.is_in_use(&verified, now.day()) {
            return self.hold_letters(verified, envelope);
        }
        // The one in hand is not there any more, if it ever was.
        self.keys.letters.take_if(|held| held.hash != verified.hash);
        self.keys.letters_serial = serial;
        Ok(())
    }

    /// Takes note of what people are told.
    pub(crate) fn refuse_letters(&mut self, serial: Option<u64>, fault: LettersFault) {
        self.keys.refused_letters = Some(RefusedLetters { serial, fault });
    }

    /// Makes the letter keys that are missing from today on, and destroys those that are past their time.
    pub(crate) fn renew_letters(&mut self, keys: &mut DeskKeys, today: Day) {
        // A key that callers still seal to is kept whatever this machine's clock says, and destroyed when the log's says so too.
        let published = self.published_in_time();
        let is_kept =
            |key: &LetterKey| last_day(key.period) >= today || published.periods.contains(&key.period);
        keys.letters.retain(is_kept);
        bound(keys, &Horizon::of(today, published));
        for period in published_periods(today) {
            if !keys.letters.iter().any(|key| key.period == period && !key.superseded) {
                keys.letters.push(LetterKey::generate(period, &mut self.rng));
            }
        }
    }

    fn is_in_use(&self, verified: &VerifiedLetters, today: Day) -> bool {
        verified.signer == self.keys.signer && verified.letters.keys == letter_keys(&self.keys.desk, today)
    }

    /// As of the day on which its certificate began: what counts is whether it is the desk's.
    fn read_letters(&self, envelope: &[u8]) -> Result<VerifiedLetters, LettersError> {
        let then = Envelope::kept_since(envelope)?;
        Letters::verify(envelope, Some(&self.keys.fingerprint), then)
    }

    fn hold_letters(&mut self, verified: VerifiedLetters, envelope: &[u8]) -> Result<(), DeskError> {
        let serial = verified.letters.serial;
        self.cache.put_document("letters", serial, envelope)?;
        (self.keys.letters_serial, self.keys.refused_letters) = (serial, None);
        self.keys.letters = Some(Box::new(verified));
        Ok(())
    }
}

/// What the letters document says of letter keys today.
fn letter_keys(keys: &DeskKeys, today: Day) -> Vec<LetterPublicKey> {
    let of = |period: Day| keys.letters.iter().find(move |key| key.period == period && !key.superseded);
    published_periods(today).filter_map(of).map(LetterKey::public).collect()
}
