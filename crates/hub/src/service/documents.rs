//! Putting notice and keyring: signature against the enrolled identity, serial one above the stored one.

use std::sync::Arc;

use callsign_protocol::{keyring::Keyring, signed::Kind};

use super::{
    Service, ServiceError,
    desk::{Desk, Document},
};
use crate::store::{Put, Store, StoreError, StoredDocument};

impl<S: Store> Service<S> {
    /// Replaces the desk's notice.
    pub async fn put_notice(&self, desk: &Desk, envelope: Vec<u8>) -> Result<(), ServiceError> {
        let today = self.today();
        let fingerprint = desk.fingerprint;
        let document = self.checked(move || Document::notice(envelope, &fingerprint, today)).await?;
        // A duty key that a removed device knows signs nothing more.
        if desk.keyring.read().is_some_and(|keyring| keyring.body.has_retired(&document.signer)) {
            return Err(ServiceError::DocumentRefused);
        }
        self.put_document(desk, Kind::Notice, &document, None).await?;
        desk.notice.advance(document);
        Ok(())
    }

    /// Replaces the desk's keyring.
    pub async fn put_keyring(&self, desk: &Desk, envelope: Vec<u8>) -> Result<(), ServiceError> {
        let today = self.today();
        let fingerprint = desk.fingerprint;
        let document = self.checked(move || Document::keyring(envelope, &fingerprint, today)).await?;
        let is_refused = |current: Arc<Document<Keyring>>| {
            // One that comes late gets the conflict that tells its device to look again.
            let is_next = document.serial == current.serial.saturating_add(1);
            is_next && current.body.may_become(&document.body, &document.signer).is_err()
        };
        if desk.keyring.read().is_some_and(is_refused) {
            return Err(ServiceError::DocumentRefused);
        }
        self.put_document(desk, Kind::Keyring, &document, Some(document.body.generation)).await?;
        desk.keyring.advance(document);
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
        document: &Document<T>,
        generation: Option<u32>,
    ) -> Result<(), ServiceError> {
        let stored =
            StoredDocument { envelope: document.envelope.bytes.to_vec(), day: document.checked, generation };
        let put = self.store.put_document(&desk.id, kind, document.serial, stored).await;
        match self.noted(put)? {
            Put::Stored => Ok(()),
            Put::Conflict => Err(ServiceError::SerialConflict),
        }
    }
}
