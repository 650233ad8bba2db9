//! The envelope of notice, keyring and letters document: a body, the duty key that signed it, and the identity that certified that key.

use thiserror::Error;

use crate::{
    VERSION,
    derive::sha256,
    encoding::Bytes,
    identity::{self, Fingerprint, PrivateKey, PublicKey},
    layout::{LayoutError, Reader},
    time::{Day, UnixSeconds},
};

/// Bytes of a body at most.
pub const BODY_MAX: usize = 262_144;
/// Bytes before the body.
const HEADER_LEN: usize = 146;
/// Bytes of an envelope beside its body, but for a keyring's.
pub const SIGNED_AROUND: usize = HEADER_LEN + 64;
/// Bytes of an envelope at most, that of a keyring.
pub const ENVELOPE_MAX: usize = HEADER_LEN + BODY_MAX + 2 * 64;
/// Days behind its own for which a certificate is good, at most.
pub const CERTIFICATE_DAYS: u32 = 35;
/// Days by which a certificate begins before its own: clocks that are up to two days apart, each one off, take it at once.
const BEGUN_BEFORE_DAYS: u32 = 1;
/// Days that a certificate may span.
const SPAN_MAX: u32 = BEGUN_BEFORE_DAYS + CERTIFICATE_DAYS;
/// Days by which a reader's clock may be off.
pub const TOLERANCE_DAYS: u32 = 1;

/// What a signed document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The desk's public notice.
    Notice,
    /// The devices and their wrapped keys.
    Keyring,
    /// The keys that letters are sealed to.
    Letters,
}

/// A duty key and the number of its certificate, which grows with each certificate of a desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signer {
    /// Of its certificate.
    pub number: u32,
    /// Ed25519.
    pub duty_key: PublicKey,
}

/// The duty key, certified by the identity for some days; 108 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The certified key, and the certificate's number.
    pub signer: Signer,
    /// First and last day of its life. The first is the one before it was made.
    pub days: (Day, Day),
    signature: [u8; 64],
}

/// A decoded envelope; nothing in it may be used before [`Envelope::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    kind: Kind,
    identity: PublicKey,
    certificate: Certificate,
    body: Vec<u8>,
    signature: [u8; 64],
    /// Of who puts it, behind all else of a keyring.
    put: Option<[u8; 64]>,
}

/// Who puts a keyring, and signs for that.
#[derive(Clone, Copy, Debug)]
pub enum Putter<'a> {
    /// A device of the keyring before.
    Device(&'a PrivateKey),
    /// The identity, the first keyring or in a restart.
    Identity(&'a PrivateKey),
}

/// A body whose whole chain has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The desk that signed it.
    pub fingerprint: Fingerprint,
    /// The certificate of the duty key that signed it.
    pub certificate: Certificate,
    /// The bytes as they were signed.
    pub body: Vec<u8>,
    /// Of a keyring, what who puts it has to have signed.
    pub(crate) put: Option<Put>,
}

/// The signature of who puts a keyring, which only its body tells how to check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Put {
    /// SHA-256 of all bytes before the signature.
    pub(crate) hash: [u8; 32],
    pub(crate) signature: [u8; 64],
}

/// Why a signed document is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SignedError {
    /// The duty key's signature over the body fails.
    #[error("the body's signature does not verify")]
    BodySignature,
    /// The certificate is not of this day.
    #[error("the duty key's certificate is not valid today")]
    CertificateDays,
    /// The identity's signature over the certificate fails.
    #[error("the certificate's signature does not verify")]
    CertificateSignature,
    /// Another desk's document.
    #[error("the fingerprint is another one")]
    Fingerprint,
    /// A document of one kind where another was expected, or no known kind.
    #[error("another kind of document")]
    Kind,
    /// The bytes do not have the layout.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A body over [`BODY_MAX`].
    #[error("the document is too large")]
    TooLarge,
    /// A version that this program does not know.
    #[error("unknown version")]
    Version,
}

impl Kind {
    fn number(self) -> u8 {
        match self {
            Self::Notice => 1,
            Self::Keyring => 2,
            Self::Letters => 3,
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        [Self::Notice, Self::Keyring, Self::Letters].into_iter().find(|kind| kind.number() == number)
    }

    fn label(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Keyring => "keyring",
            Self::Letters => "letters",
        }
    }
}

impl Signer {
    /// Whether what this one signs is taken where documents of `seen` were: a duty key that was replaced signs no more. One whose
    /// certificate was renewed is the same key, whichever of its certificates comes first.
    pub fn may_follow(&self, seen: &Self) -> bool {
        self.number > seen.number || self.duty_key == seen.duty_key
    }
}

impl Certificate {
    /// Bytes of an encoded certificate.
    pub const LEN: usize = 108;
    const FIELDS_LEN: usize = Self::LEN - 64;

    /// Certifies a duty key on `today` for [`CERTIFICATE_DAYS`].
    pub fn issue(identity: &PrivateKey, signer: Signer, today: Day) -> Self {
        Self::issue_for(CERTIFICATE_DAYS, identity, signer, today)
    }

    /// Certifies a duty key on `today` for `days`, 35 at most.
    pub fn issue_for(days: u32, identity: &PrivateKey, signer: Signer, today: Day) -> Self {
        let days = (today.minus(BEGUN_BEFORE_DAYS), today.plus(days.min(CERTIFICATE_DAYS)));
        let fields = Self { signer, days, signature: [0; 64] }.fields();
        let fingerprint = Fingerprint::of(&identity.public());
        Self { signer, days, signature: identity.sign("certificate", &[&fingerprint.0, &fields]) }
    }

    /// The day on which it was made, by the clock of who made it; unchecked.
    pub fn made(&self) -> Day {
        self.days.0.plus(BEGUN_BEFORE_DAYS)
    }

    /// `duty key 32 || number u32 || first day u32 || last day u32 || signature 64`.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..Self::FIELDS_LEN].copy_from_slice(&self.fields());
        bytes[Self::FIELDS_LEN..].copy_from_slice(&self.signature);
        bytes
    }

    /// Reads [`Certificate::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, LayoutError> {
        let mut reader = Reader::new(bytes);
        let certificate = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(certificate)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, LayoutError> {
        let duty_key = Bytes(reader.array()?);
        let signer = Signer { duty_key, number: reader.u32()? };
        let days = (Day(reader.u32()?), Day(reader.u32()?));
        Ok(Self { signer, days, signature: reader.array()? })
    }

    fn fields(&self) -> [u8; Self::FIELDS_LEN] {
        let mut fields = [0; Self::FIELDS_LEN];
        fields[..32].copy_from_slice(&self.signer.duty_key.0);
        fields[32..36].copy_from_slice(&self.signer.number.to_be_bytes());
        fields[36..40].copy_from_slice(&self.days.0.0.to_be_bytes());
        fields[40..].copy_from_slice(&self.days.1.0.to_be_bytes());
        fields
    }

    fn verify(&self, identity: &PublicKey, today: Day) -> Result<(), SignedError> {
        let fingerprint = Fingerprint::of(identity);
        identity::verify(identity, "certificate", &[&fingerprint.0, &self.fields()], &self.signature)
            .map_err(|_| SignedError::CertificateSignature)?;
        let (first, last) = self.days;
        let span_allowed = first <= last && last.0 - first.0 <= SPAN_MAX;
        let valid = first <= today.plus(TOLERANCE_DAYS) && today <= last.plus(TOLERANCE_DAYS);
        if span_allowed && valid { Ok(()) } else { Err(SignedError::CertificateDays) }
    }
}

impl Envelope {
    /// Signs a body with the duty key that `certificate` names. A keyring is not whole before [`Envelope::put_by`].
    pub fn sign(
        kind: Kind,
        identity: PublicKey,
        certificate: Certificate,
        duty_key: &PrivateKey,
        body: Vec<u8>,
    ) -> Self {
        let fingerprint = Fingerprint::of(&identity);
        let signature = duty_key.sign(kind.label(), &[&fingerprint.0, &body]);
        let put = (kind == Kind::Keyring).then_some([0; 64]);
        Self { kind, identity, certificate, body, signature, put }
    }

    /// The keyring of this serial with the signature of who puts it.
    #[must_use]
    pub fn put_by(self, putter: Putter<'_>, serial: u64) -> Self {
        let (fingerprint, hash) = (Fingerprint::of(&self.identity), self.hash_before_put());
        let put = match putter {
            Putter::Device(key) => key.sign("put", &[&fingerprint.0, &hash]),
            Putter::Identity(key) => key.sign("restart", &[&fingerprint.0, &serial.to_be_bytes(), &hash]),
        };
        Self { put: Some(put), ..self }
    }

    /// The bytes of section 5.
    ///
    /// # Panics
    /// Where the body is 4 GiB or longer.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.encode_before_put();
        bytes.extend(self.put.into_iter().flatten());
        bytes
    }

    fn encode_before_put(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_LEN + self.body.len() + 2 * 64);
        bytes.extend_from_slice(&[VERSION, self.kind.number()]);
        bytes.extend_from_slice(&self.identity.0);
        bytes.extend_from_slice(&self.certificate.encode());
        bytes.extend_from_slice(&u32::try_from(self.body.len()).expect("a body is small").to_be_bytes());
        bytes.extend_from_slice(&self.body);
        bytes.extend_from_slice(&self.signature);
        bytes
    }

    fn hash_before_put(&self) -> [u8; 32] {
        sha256(&[&self.encode_before_put()])
    }

    /// Reads the bytes of section 5, checking the layout alone.
    pub fn decode(bytes: &[u8]) -> Result<Self, SignedError> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != VERSION {
            return Err(SignedError::Version);
        }
        let kind = reader.u8()?;
        let identity = Bytes(reader.array()?);
        let certificate = Certificate::read(&mut reader)?;
        let len = usize::try_from(reader.u32()?).map_err(|_| SignedError::TooLarge)?;
        if len > BODY_MAX {
            return Err(SignedError::TooLarge);
        }
        let body = reader.slice(len)?.to_vec();
        let signature = reader.array()?;
        let kind = Kind::from_number(kind);
        let put = if kind == Some(Kind::Keyring) { Some(reader.array()?) } else { None };
        reader.finish()?;
        let kind = kind.ok_or(SignedError::Kind)?;
        Ok(Self { kind, identity, certificate, body, signature, put })
    }

    /// The identity, unchecked.
    pub fn identity(&self) -> PublicKey {
        self.identity
    }

    /// The certificate, unchecked.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// A time at which a kept envelope was in order, for checking again what was checked before it was kept.
    pub fn kept_since(envelope: &[u8]) -> Result<UnixSeconds, SignedError> {
        Ok(Self::decode(envelope)?.certificate.days.0.start())
    }

    /// Checks the chain in the order of section 5. Without a `pin` the identity is only reported.
    pub fn verify(
        self,
        kind: Kind,
        pin: Option<&Fingerprint>,
        now: UnixSeconds,
    ) -> Result<Verified, SignedError> {
        if self.kind != kind {
            return Err(SignedError::Kind);
        }
        let fingerprint = Fingerprint::of(&self.identity);
        if pin.is_some_and(|pin| *pin != fingerprint) {
            return Err(SignedError::Fingerprint);
        }
        self.certificate.verify(&self.identity, now.day())?;
        let signer = &self.certificate.signer.duty_key;
        identity::verify(signer, kind.label(), &[&fingerprint.0, &self.body], &self.signature)
            .map_err(|_| SignedError::BodySignature)?;
        let put = self.put.map(|signature| Put { hash: self.hash_before_put(), signature });
        Ok(Verified { fingerprint, certificate: self.certificate, body: self.body, put })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::Secret;

    const NOW: UnixSeconds = UnixSeconds(100 * 86_400);

    fn signed() -> (Vec<u8>, Fingerprint) {
        let identity = PrivateKey::from_seed(&Secret([1; 32]));
        let duty = PrivateKey::from_seed(&Secret([2; 32]));
        let signer = Signer { number: 1, duty_key: duty.public() };
        let certificate = Certificate::issue(&identity, signer, Day(90));
        let envelope = Envelope::sign(Kind::Notice, identity.public(), certificate, &duty, b"body".to_vec());
        (envelope.encode(), Fingerprint::of(&identity.public()))
    }

    fn check(bytes: &[u8], pin: Option<&Fingerprint>, now: UnixSeconds) -> Result<Verified, SignedError> {
        Envelope::decode(bytes)?.verify(Kind::Notice, pin, now)
    }

    #[test]
    fn the_chain_holds_and_encodes_back() {
        let (bytes, fingerprint) = signed();
        let verified = check(&bytes, Some(&fingerprint), NOW).unwrap();
        assert_eq!((verified.fingerprint, verified.body.as_slice()), (fingerprint, b"body".as_slice()));
        assert_eq!(Envelope::decode(&bytes).unwrap().encode(), bytes);
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_refused() {
        let (bytes, fingerprint) = signed();
        for at in 0..bytes.len() {
            let mut tampered = bytes.clone();
            tampered[at] ^= 1;
            assert!(check(&tampered, Some(&fingerprint), NOW).is_err(), "byte {at}");
            assert!(check(&bytes[..at], Some(&fingerprint), NOW).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn each_fault_has_its_own_error() {
        let (bytes, fingerprint) = signed();
        let tamper = |at: usize| {
            let mut tampered = bytes.clone();
            tampered[at] ^= 0x40;
            check(&tampered, Some(&fingerprint), NOW).unwrap_err()
        };
        assert_eq!(tamper(0), SignedError::Version);
        assert_eq!(tamper(1), SignedError::Kind);
        assert_eq!(tamper(67), SignedError::CertificateSignature);
        assert_eq!(tamper(2), SignedError::Fingerprint);
        assert_eq!(tamper(40), SignedError::CertificateSignature);
        assert_eq!(tamper(142), SignedError::TooLarge);
        assert_eq!(tamper(147), SignedError::BodySignature);
        assert_eq!(check(&bytes, Some(&Fingerprint([0; 32])), NOW), Err(SignedError::Fingerprint));
        let other_kind = Envelope::decode(&bytes).unwrap().verify(Kind::Keyring, None, NOW);
        assert_eq!(other_kind, Err(SignedError::Kind));
        let longer = [bytes.as_slice(), &[0]].concat();
        assert_eq!(check(&longer, None, NOW), Err(SignedError::Layout(LayoutError::TrailingBytes)));
    }

    #[test]
    fn a_signer_follows_those_of_lower_numbers_and_its_own_key() {
        let signer = |number, key| Signer { number, duty_key: Bytes([key; 32]) };
        for (next, follows) in
            [((5, 1), true), ((6, 1), true), ((6, 2), true), ((4, 1), true), ((5, 2), false), ((4, 2), false)]
        {
            assert_eq!(signer(next.0, next.1).may_follow(&signer(5, 1)), follows, "{next:?}");
        }
    }

    #[test]
    fn a_certificate_has_days_with_one_of_tolerance() {
        let (bytes, _) = signed();
        for (day, valid) in [(87, false), (88, true), (126, true), (127, false)] {
            let result = check(&bytes, None, Day(day).start());
            assert_eq!(result.is_ok(), valid, "day {day}");
        }
    }
}
