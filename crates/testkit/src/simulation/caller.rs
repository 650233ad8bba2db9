//! A caller of a simulation: visits slot by slot, and tells the books what the hub has said.

use callsign_caller::{hub_client::HubClient, mailbox::Reading, visit::Visit};
use callsign_http::{Link, Proxies};
use callsign_protocol::{
    armour::armour,
    call::Message,
    caller_keys::CallerKeys,
    encoding::{Bytes, Secret},
    identity::Fingerprint,
    letter::{Letter, VALID_DAYS_MAX, Validity},
    letters::NamedLetters,
    notice::VerifiedNotice,
    time::{Clock, Day},
};
use chacha20::ChaCha20Rng;

use super::op::Under;

/// Slots of a visit that neither writes nor reads.
const COVER_SLOTS: u8 = 3;

pub(super) struct Caller {
    pub(super) keys: CallerKeys,
    client: HubClient,
    clock: Clock,
    rng: ChaCha20Rng,
    /// Of the visit before.
    kept: Option<VerifiedNotice>,
    /// The keys for letters that the newest visit brought; none where it brought none that go with its notice.
    kept_keys: Option<NamedLetters>,
    /// With its number in the books.
    pub(super) newest: Option<(usize, Message)>,
}

/// What a visit that wrote has brought.
#[derive(Debug)]
pub(super) struct Sent {
    /// Parts that the hub said are stored, from the first.
    pub(super) told: usize,
    /// The earliest of the days on which some key may be destroyed that opens the call.
    pub(super) of: Day,
}

impl Caller {
    pub(super) fn new(hub: &str, desk: Fingerprint, clock: Clock, mut rng: ChaCha20Rng) -> Self {
        let keys = CallerKeys::from_root(Secret::random(&mut rng));
        let client =
            HubClient::find(&Link::parse(hub).expect("a hub's address"), Some(desk), &Proxies::none());
        Self { keys, client: client.expect("a desk"), clock, rng, kept: None, kept_keys: None, newest: None }
    }

    /// A new message, not sent yet.
    pub(super) fn compose(&mut self, text: String) -> Message {
        let (track, language) = ("field".to_owned(), "uk".to_owned());
        Message { id: Bytes::random(&mut self.rng), track, language, text, safe_times: None }
    }

    /// Sends a message in so many slots at most; nothing where there is no notice.
    pub(super) fn send(&mut self, message: &Message, under: Under, slots: u8) -> Option<Sent> {
        let notice = self.notice(under)?;
        let mut of = notice.notice.issued.day();
        let mut visit =
            Visit::new(&self.client, notice, self.keys.clone(), self.clock.clone(), &mut self.rng);
        visit.write(message).expect("a message within the limits");
        // The first carries cover.
        for _ in 0..=slots {
            if visit.is_all_stored() {
                break;
            }
            // Whatever comes of it: the next one tries again.
            let _ = visit.slot();
            of = of.min(visit.epoch());
        }
        self.kept = Some(visit.notice().clone());
        Some(Sent { told: visit.stored(), of })
    }

    /// Visits for nothing in particular.
    pub(super) fn visit(&mut self) {
        let Some(notice) = self.notice(Under::Current) else { return };
        let mut visit =
            Visit::new(&self.client, notice, self.keys.clone(), self.clock.clone(), &mut self.rng);
        for _ in 0..COVER_SLOTS {
            // Whatever comes of it: nobody waits for anything.
            let _ = visit.slot();
        }
    }

    /// Reads all listed days; nothing where that could not be done to the end.
    pub(super) fn read(&mut self) -> Option<Reading> {
        let notice = self.notice(Under::Current)?;
        let mut visit =
            Visit::new(&self.client, notice, self.keys.clone(), self.clock.clone(), &mut self.rng);
        visit.read_fast(&|_| {}).ok()?;
        Some(visit.reading())
    }

    /// Whether the newest visit has brought keys for letters that go with its notice.
    pub(super) fn can_write_letters(&self) -> bool {
        self.kept_keys.is_some()
    }

    /// A letter with the keys in hand, in text armour; nothing where there are none.
    pub(super) fn letter(&mut self, message: &Message) -> Option<String> {
        self.notice(Under::Kept)?;
        let keys = self.kept_keys.clone()?;
        let written = (self.clock)().day();
        let validity = Validity { written, expires: written.plus(VALID_DAYS_MAX) };
        let parts = message.letter_parts().expect("a message within the limits");
        let seal = |part| Letter::seal_part(part, &self.keys, &keys, validity, &mut self.rng).ok();
        let letters: Option<Vec<Letter>> = parts.iter().map(seal).collect();
        letters.map(|letters| letters.iter().map(armour).collect())
    }

    fn notice(&mut self, under: Under) -> Option<VerifiedNotice> {
        if under == Under::Current || self.kept.is_none() {
            let arrival = self.client.arrive((self.clock)()).ok()?;
            self.kept_keys = arrival.letters.ok().map(|fetched| fetched.letters);
            self.kept = Some(arrival.notice);
        }
        self.kept.clone()
    }
}
