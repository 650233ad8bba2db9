//! A caller of a test: a phrase, and the two things that callers do.

use callsign_caller::{
    arrival::NoLetters,
    hub_client::HubClient,
    mailbox::Reading,
    visit::{Visit, VisitError},
};
use callsign_http::{Link, Proxies};
use callsign_protocol::{
    armour::armour,
    call::Message,
    call_sign::CallSign,
    caller_keys::{CallerId, CallerKeys},
    cell::Part,
    encoding::Bytes,
    identity::Fingerprint,
    letter::{Letter, LetterError, Validity},
    letters::NamedLetters,
    notice::VerifiedNotice,
    phrase::Phrase,
    time::Clock,
    words::Language,
};
use chacha20::ChaCha20Rng;

/// Slots of a visit behind what happens in the midst of it: enough to see a new notice and today's last block under it.
const SLOTS_AFTER: usize = 12;

/// Someone with a phrase.
pub struct Caller {
    hub: String,
    fingerprint: Fingerprint,
    clock: Clock,
    rng: ChaCha20Rng,
    phrase: Phrase,
    keys: CallerKeys,
}

impl Caller {
    /// A new caller of the desk with this fingerprint.
    pub fn new(hub: String, fingerprint: Fingerprint, clock: Clock, mut rng: ChaCha20Rng) -> Self {
        let phrase = Phrase::generate(&mut rng, Language::English);
        let keys = phrase.caller_keys(&fingerprint);
        Self { hub, fingerprint, clock, rng, phrase, keys }
    }

    /// The phrase.
    pub fn phrase(&self) -> &Phrase {
        &self.phrase
    }

    /// The name to speak.
    pub fn call_sign(&self) -> CallSign {
        self.keys.call_sign()
    }

    /// The caller's identifier at the desk.
    pub fn id(&self) -> CallerId {
        self.keys.id()
    }

    /// The keys that come of the phrase.
    pub fn keys(&self) -> &CallerKeys {
        &self.keys
    }

    /// Writes, at once; the message's id.
    pub fn write(&mut self, text: &str) -> Result<Bytes<16>, VisitError> {
        let message = self.message(text);
        self.send(&message)
    }

    /// The same, and says when it is safe to look.
    pub fn write_with_times(&mut self, text: &str, safe_times: &str) -> Result<Bytes<16>, VisitError> {
        let message = Message { safe_times: Some(safe_times.to_owned()), ..self.message(text) };
        self.send(&message)
    }

    /// The notice that the hub serves now, to be kept.
    pub fn notice(&self) -> VerifiedNotice {
        let client = self.client();
        client.arrive((self.clock)()).expect("a notice").notice
    }

    /// The keys for letters that the hub serves now, to be kept.
    pub fn letter_keys(&self) -> Result<NamedLetters, NoLetters> {
        let arrival = self.client().arrive((self.clock)()).expect("a notice");
        arrival.letters.map(|fetched| fetched.letters)
    }

    /// Writes a letter with keys that may be old, in text armour; nothing goes to the hub.
    pub fn letter(
        &mut self,
        keys: &NamedLetters,
        text: &str,
        valid_days: u32,
    ) -> Result<String, LetterError> {
        let message = self.message(text);
        let written = (self.clock)().day();
        let validity = Validity { written, expires: written.plus(valid_days) };
        let parts = message.letter_parts().expect("a message within the limits");
        let seal = |part: &Part| Letter::seal_part(part, &self.keys, keys, validity, &mut self.rng);
        parts.iter().map(seal).map(|letter| letter.map(|letter| armour(&letter))).collect()
    }

    /// Reads all listed days, at once.
    pub fn read(&mut self) -> Result<Reading, VisitError> {
        let client = self.client();
        let mut visit = self.visit(&client);
        visit.read_fast(&|_| {})?;
        Ok(visit.reading())
    }

    /// The same in one visit in the midst of which something happens.
    pub fn read_across(&mut self, happens: impl FnOnce()) -> Result<Reading, VisitError> {
        let client = self.client();
        let mut visit = self.visit(&client);
        visit.read_fast(&|_| {})?;
        happens();
        for _ in 0..SLOTS_AFTER {
            visit.slot().map_err(VisitError::NotRead)?;
        }
        Ok(visit.reading())
    }

    fn send(&mut self, message: &Message) -> Result<Bytes<16>, VisitError> {
        let client = self.client();
        let mut visit = self.visit(&client);
        visit.write(message).expect("a message within the limits");
        visit.send_fast(&|_| {})?;
        Ok(message.id)
    }

    fn message(&mut self, text: &str) -> Message {
        Message {
            id: Bytes::random(&mut self.rng),
            track: "field".to_owned(),
            language: "uk".to_owned(),
            text: text.to_owned(),
            safe_times: None,
        }
    }

    fn client(&self) -> HubClient {
        let link = Link::parse(&self.hub).expect("a hub's address");
        HubClient::find(&link, Some(self.fingerprint), &Proxies::none()).expect("a desk")
    }

    fn visit<'a>(&mut self, client: &'a HubClient) -> Visit<'a, &mut ChaCha20Rng> {
        let notice = client.arrive((self.clock)()).expect("a notice").notice;
        Visit::new(client, notice, self.keys.clone(), self.clock.clone(), &mut self.rng)
    }
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Caller({})", self.call_sign())
    }
}
