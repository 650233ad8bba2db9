//! A desk that signs, for tests of those who must not know the desk's own crate: protocol, hub and caller.

use std::collections::BTreeMap;

use callsign_protocol::{
    VERSION,
    caller_keys::x25519_public,
    cell::{Cell, CellError, Opened, Opener},
    encoding::Secret,
    identity::{Fingerprint, PrivateKey},
    keyring::{EpochKey, Keyring},
    letter_key::{LetterKey, published_periods},
    letters::{Letters, LettersError, VerifiedLetters},
    notice::{LIFETIME_MAX_S, Notice, NoticeError, VerifiedNotice},
    plan::{Plan, PlanEntry},
    signed::{Certificate, Envelope, Kind, Putter, Signer},
    time::{Day, UnixSeconds},
    visit::Cover,
};
use chacha20::ChaCha20Rng;
use rand_core::SeedableRng as _;

/// All keys of a desk; desks of one number have the same ones.
#[derive(Clone, Debug)]
pub struct TestDesk {
    /// What callers know it by.
    pub identity: PrivateKey,
    /// Signs documents and finished days.
    pub duty: PrivateKey,
    /// Proves calls and seals drops.
    pub answer_key: Secret<32>,
    /// The first day of its duty key's certificate.
    pub certified: Day,
    /// The number of that certificate.
    pub certificate_number: u32,
    number: u64,
}

impl TestDesk {
    /// Desks of different numbers share no key.
    pub fn new(number: u64, certified: Day) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(number);
        Self {
            identity: PrivateKey::generate(&mut rng),
            duty: PrivateKey::generate(&mut rng),
            answer_key: Secret::random(&mut rng),
            certified,
            certificate_number: 1,
            number,
        }
    }

    /// What callers compare.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.identity.public())
    }

    /// The key of a day, the same whenever it is asked for.
    pub fn epoch_key(&self, day: Day) -> EpochKey {
        EpochKey::generate(day, &mut ChaCha20Rng::seed_from_u64(self.number << 32 | u64::from(day.0)))
    }

    /// The least that a notice says: one key, one shard, no tracks and no content. Tests change what they are about.
    pub fn notice(&self, issued: UnixSeconds) -> Notice {
        Notice {
            version: VERSION,
            oldest_client: VERSION,
            name: "Test desk".to_owned(),
            serial: 1,
            issued,
            expires: issued.plus(LIFETIME_MAX_S),
            inbox_keys: vec![self.epoch_key(issued.day()).public()],
            answer_key: x25519_public(&self.answer_key),
            former_answer_keys: Vec::new(),
            plan: Plan(vec![PlanEntry { from: Day(0), shards: 1, drop_period_s: 300 }]),
            days: 14,
            cover: Cover {
                gap_ms: 1,
                gap_max_ms: 1,
                gap_growth_percent: 0,
                visit_exchanges: 1,
                move_after_ms: 1,
            },
            languages: Vec::new(),
            tracks: Vec::new(),
            content: BTreeMap::new(),
            letters: None,
            channels: vec![],
            pages: vec![],
            practice: false,
            successor: None,
        }
    }

    /// The certificate of its duty key.
    pub fn certificate(&self) -> Certificate {
        let signer = Signer { number: self.certificate_number, duty_key: self.duty.public() };
        Certificate::issue(&self.identity, signer, self.certified)
    }

    /// The signed envelope of a keyring, put by the identity or by a device of it.
    ///
    /// # Panics
    ///
    /// Never: a keyring is always JSON.
    pub fn sign_keyring(&self, keyring: &Keyring, putter: Putter<'_>) -> Vec<u8> {
        let body = serde_json::to_vec(keyring).expect("a keyring is JSON");
        self.sign(Kind::Keyring, body).put_by(putter, keyring.serial).encode()
    }

    /// The signed envelope of a notice.
    ///
    /// # Panics
    ///
    /// Never: a notice is always JSON.
    pub fn sign_notice(&self, notice: &Notice) -> Vec<u8> {
        self.sign(Kind::Notice, serde_json::to_vec(notice).expect("a notice is JSON")).encode()
    }

    /// A letters document with the keys of a day, the same whenever it is asked for.
    pub fn letters(&self, serial: u64, today: Day) -> Letters {
        let mut rng = ChaCha20Rng::seed_from_u64(self.number << 33 | u64::from(today.0));
        let keys = published_periods(today).map(|period| LetterKey::generate(period, &mut rng).public());
        Letters { version: VERSION, serial, keys: keys.collect() }
    }

    /// The signed envelope of a letters document.
    ///
    /// # Panics
    ///
    /// For more keys than have room.
    pub fn sign_letters(&self, letters: &Letters) -> Vec<u8> {
        self.sign(Kind::Letters, letters.body().expect("its keys have room")).encode()
    }

    /// A letters document as it is held by who looks at it on the day of its certificate.
    pub fn verified_letters(&self, letters: &Letters) -> Result<VerifiedLetters, LettersError> {
        let now = self.certified.start();
        Letters::verify(&self.sign_letters(letters), Some(&self.fingerprint()), now)
    }

    /// A body of any kind with the duty key's signature; a keyring still lacks that of who puts it.
    pub fn sign(&self, kind: Kind, body: Vec<u8>) -> Envelope {
        Envelope::sign(kind, self.identity.public(), self.certificate(), &self.duty, body)
    }

    /// A notice as a caller holds it who knows the fingerprint and looks at it when it is issued.
    pub fn verified(&self, notice: &Notice) -> Result<VerifiedNotice, NoticeError> {
        Notice::verify(&self.sign_notice(notice), Some(&self.fingerprint()), notice.issued)
    }

    /// What a cell holds, sealed under a notice of one of these hashes.
    pub fn open(&self, cell: &Cell, notice_hashes: &[[u8; 32]]) -> Result<Opened, CellError> {
        let (epoch, key_id) = cell.key()?;
        let key = self.epoch_key(epoch);
        if key.key_id != key_id {
            return Err(CellError::Epoch);
        }
        cell.open(&Opener {
            fingerprint: &self.fingerprint(),
            seed: &key.seed,
            answer_key: &self.answer_key,
            former_answer_keys: &[],
            notice_hashes,
        })
    }
}
