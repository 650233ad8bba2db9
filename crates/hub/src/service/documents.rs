//! Putting notice, letters document and keyring: signature against the enrolled identity, serial one above the stored one.

use callsign_protocol::{
    keyring::{DeviceId, KeyringError},
    signed::{Kind, Signer},
};

use super::{
    Service, ServiceError,
    desk::{Current, Desk, Document},
};
use crate::store::{Order, Put, Store, StoreError, StoredDocument};

/// Days by which the clock of a device and the hub's may be apart.
const CLOCKS_DAYS: u32 = 1;

impl<S: Store> Service<S> {
    /// Replaces the desk's notice, by a device that belongs to the desk: one that was removed may know a duty key in use.
    pub async fn put_notice(
        &self,
        desk: &Desk,
        by: &DeviceId,
        envelope: Vec<u8>,
    ) -> Result<(), ServiceError> {
        let today = self.today();
        let fingerprint = desk.fingerprint;
        let document = self.checked(move || Document::notice(envelope, &fingerprint, today)).await?;
        let signer = document.body.signer;
        self.put_for_callers(desk, (by, signer), Kind::Notice, document, &desk.notice).await
    }

    /// Replaces the desk's letters document, as its notice is replaced.
    pub async fn put_letters(
        &self,
        desk: &Desk,
        by: &DeviceId,
        envelope: Vec<u8>,
    ) -> Result<(), ServiceError> {
        let today = self.today();
        let fingerprint = desk.fingerprint;
        let document = self.checked(move || Document::letters(envelope, &fingerprint, today)).await?;
        let signer = document.body.signer;
        self.put_for_callers(desk, (by, signer), Kind::Letters, document, &desk.letters).await
    }

    /// Replaces what callers read.
    async fn put_for_callers<T>(
        &self,
        desk: &Desk,
        (by, signer): (&DeviceId, Signer),
        kind: Kind,
        document: Document<T>,
        current: &Current<T>,
    ) -> Result<(), ServiceError> {
        let _alone = desk.putting.lock().await;
        self.read_newest(desk).await?;
        desk.may_put(by, &signer)?;
        self.put_document(desk, kind, Order::Next, &document, None).await?;
        current.advance(document);
        Ok(())
    }

    /// Replaces the desk's keyring.
    pub async fn put_keyring(&self, desk: &Desk, envelope: Vec<u8>) -> Result<(), ServiceError> {
        let today = self.today();
        let fingerprint = desk.fingerprint;
        let document =
            self.checked(move || Document::keyring_of_chain(envelope, &fingerprint, today)).await?;
        let next = &document.body;
        // Over all that went before speaks who has a certificate of today.
        if next.keyring.is_restart() && document.checked != today {
            return Err(ServiceError::DocumentRefused);
        }
        let order = if next.keyring.is_restart() { Order::Above } else { Order::Next };
        let _alone = desk.putting.lock().await;
        self.read_newest(desk).await?;
        let judged = match desk.keyring.read() {
            // One that comes late gets the conflict that tells its device to look again.
            Some(now) if order == Order::Next && now.serial.checked_add(1) != Some(document.serial) => Ok(()),
            Some(now) if document.serial <= now.serial => Ok(()),
            Some(now) => now.body.may_become(next, &(today.minus(CLOCKS_DAYS)..=today.plus(CLOCKS_DAYS))),
            // No device speaks for a desk before its identity has.
            None if order == Order::Next => Err(KeyringError::Outsider),
            None => Ok(()),
        };
        judged.map_err(|_| ServiceError::DocumentRefused)?;
        let generation = Some(next.keyring.generation);
        let by = next.keyring.by;
        if by.is_some_and(|by| !desk.keyring_turns.take(&by, self.now())) {
            return Err(ServiceError::TooMuch);
        }
        if let Err(refused) = self.put_document(desk, Kind::Keyring, order, &document, generation).await {
            if let Some(by) = by {
                desk.keyring_turns.give_back(&by);
            }
            return Err(refused);
        }
        let now = self.now();
        let before = desk.keyring.read();
        let is_new =
            |id: &DeviceId| before.as_ref().is_some_and(|before| before.body.keyring.device(id).is_none());
        for device in next.keyring.devices.iter().filter(|device| is_new(&device.id)) {
            desk.keyring_turns.begin(&device.id, by.as_ref(), now);
            desk.commit_turns.begin(&device.id, by.as_ref(), now);
        }
        desk.keyring.advance(document);
        Ok(())
    }

    /// Brings to memory what the store has: a document whose request was given up may be stored and not served yet, and the next
    /// one is judged by it.
    async fn read_newest(&self, desk: &Desk) -> Result<(), ServiceError> {
        if let Some(stored) = self.noted(self.store.document(&desk.id, Kind::Notice).await)?
            && desk.notice.read().is_none_or(|now| *now.envelope.bytes != *stored.envelope)
        {
            let notice = Document::notice(stored.envelope, &desk.fingerprint, stored.day);
            desk.notice.advance(notice.map_err(|_| ServiceError::DocumentRefused)?);
        }
        if let Some(stored) = self.noted(self.store.document(&desk.id, Kind::Letters).await)?
            && desk.letters.read().is_none_or(|now| *now.envelope.bytes != *stored.envelope)
        {
            let letters = Document::letters(stored.envelope, &desk.fingerprint, stored.day);
            desk.letters.advance(letters.map_err(|_| ServiceError::DocumentRefused)?);
        }
        if let Some(stored) = self.noted(self.store.document(&desk.id, Kind::Keyring).await)?
            && desk.keyring.read().is_none_or(|now| *now.envelope.bytes != *stored.envelope)
        {
            let keyring = Document::keyring(stored.envelope, &desk.fingerprint, stored.day);
            desk.keyring.advance(keyring.map_err(|_| ServiceError::DocumentRefused)?);
        }
        Ok(())
    }

    /// Checks a document, one at a time and away from the threads that serve exchanges: anyone may send one, and it takes
    /// some milliseconds to find that it is none.
    async fn checked<T: Send + 'static, E: Send + 'static>(
        &self,
        check: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let given_up = || StoreError::GivenUp { operation: "check_document" };
        let _one = self.document_check.acquire().await.map_err(|_| given_up())?;
        let checked = tokio::task::spawn_blocking(check).await.map_err(|_| given_up())?;
        checked.map_err(|_| ServiceError::DocumentRefused)
    }

    /// The day of the check is kept, so that a later start can repeat it.
    async fn put_document<T>(
        &self,
        desk: &Desk,
        kind: Kind,
        order: Order,
        document: &Document<T>,
        generation: Option<u32>,
    ) -> Result<(), ServiceError> {
        let stored =
            StoredDocument { envelope: document.envelope.bytes.to_vec(), day: document.checked, generation };
        let put = self.store.put_document(&desk.id, kind, order, document.serial, stored).await;
        match self.noted(put)? {
            Put::Stored => Ok(()),
            Put::Conflict => Err(ServiceError::SerialConflict),
        }
    }
}

impl Desk {
    /// Whether a device may replace what callers read with what this duty key has signed: the device belongs to the desk, and a
    /// duty key that was replaced, which a removed device knows, signs nothing more.
    fn may_put(&self, by: &DeviceId, signer: &Signer) -> Result<(), ServiceError> {
        if self.keyring.read().is_none_or(|now| now.body.keyring.device(by).is_none()) {
            return Err(ServiceError::SessionNeeded);
        }
        let seen = [
            self.keyring.read().map(|now| now.body.signer),
            self.notice.read().map(|now| now.body.signer),
            self.letters.read().map(|now| now.body.signer),
        ];
        if seen.iter().flatten().any(|seen| !signer.may_follow(seen)) {
            return Err(ServiceError::DocumentRefused);
        }
        Ok(())
    }
}
