//! Putting notice and keyring: signature against the enrolled identity, serial one above the stored one.

use std::sync::Arc;

use callsign_protocol::{keyring::Keyring, signed::Kind};

use super::{
    Service, ServiceError,
    desk::{Desk, Document},
};
use crate::store::{Put, Store, StoredDocument};

impl<S: Store> Service<S> {
    /// Replaces the desk's notice.
    pub async fn put_notice(&self, desk: &Desk, envelope: Vec<u8>) -> Result<(), ServiceError> {
        let today = self.today();
        let document = Document::notice(envelope, &desk.fingerprint, today)
            .map_err(|_| ServiceError::DocumentRefused)?;
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
        let document = Document::keyring(envelope, &desk.fingerprint, today)
            .map_err(|_| ServiceError::DocumentRefused)?;
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

    /// The day of the check is kept, so that a later start can repeat it.
    async fn put_document<T>(
        &self,
        desk: &Desk,
        kind: Kind,
        document: &Document<T>,
        generation: Option<u32>,
    ) -> Result<(), ServiceError> {
        let stored =
            StoredDocument { envelope: document.envelope.clone(), day: document.checked, generation };
        let put = self.store.put_document(&desk.id, kind, document.serial, stored).await;
        match self.noted(put)? {
            Put::Stored => Ok(()),
            Put::Conflict => Err(ServiceError::SerialConflict),
        }
    }
}
