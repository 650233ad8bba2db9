//! A caller of a test: a phrase, and the two things that callers do.

use callsign_caller::{
    hub_client::HubClient,
    link::Link,
    mailbox::Reading,
    visit::{Visit, VisitError},
};
use callsign_protocol::{
    call::Message,
    call_sign::CallSign,
    caller_keys::{CallerId, CallerKeys},
    encoding::Bytes,
    identity::Fingerprint,
    phrase::Phrase,
    time::Clock,
    words::Language,
};
use chacha20::ChaCha20Rng;

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
        let message = Message {
            id: Bytes::random(&mut self.rng),
            track: "field".to_owned(),
            language: "uk".to_owned(),
            text: text.to_owned(),
            safe_times: None,
        };
        let client = self.client();
        let mut visit = self.visit(&client);
        visit.write(&message).expect("a message within the limits");
        visit.send_fast(&|_| {})?;
        Ok(message.id)
    }

    /// Reads all listed days, at once.
    pub fn read(&mut self) -> Result<Reading, VisitError> {
        let client = self.client();
        let mut visit = self.visit(&client);
        visit.read_fast(14, &|_| {})?;
        Ok(visit.reading())
    }

    fn client(&self) -> HubClient {
        let link = Link::parse(&self.hub).expect("a hub's address");
        HubClient::find(&link, Some(self.fingerprint)).expect("a desk")
    }

    fn visit<'a>(&mut self, client: &'a HubClient) -> Visit<'a, &mut ChaCha20Rng> {
        let notice = client.fetch_notice(client.pin(), (self.clock)()).expect("a notice");
        Visit::new(client, notice, self.keys.clone(), self.clock.clone(), &mut self.rng)
    }
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Caller({})", self.call_sign())
    }
}
