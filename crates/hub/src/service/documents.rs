//! Putting notice and keyring: signature against the enrolled identity, serial one above the stored one.

use callsign_protocol::{signed::Kind, time::Day};

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
        self.put_document(desk, Kind::Notice, &document, today).await?;
        desk.notice.advance(document);
        Ok(())
    }

    /// Replaces the desk's keyring.
    pub async fn put_keyring(&self, desk: &Desk, envelope: Vec<u8>) -> Result<(), ServiceError> {
        let today = self.today();
        let document = Document::keyring(envelope, &desk.fingerprint, today)
            .map_err(|_| ServiceError::DocumentRefused)?;
        self.put_document(desk, Kind::Keyring, &document, today).await?;
        desk.keyring.advance(document);
        Ok(())
    }

    /// The day of the check is kept, so that a later start can repeat it.
    async fn put_document<T>(
        &self,
        desk: &Desk,
        kind: Kind,
        document: &Document<T>,
        checked: Day,
    ) -> Result<(), ServiceError> {
        let stored = StoredDocument { envelope: document.envelope.clone(), day: checked };
        let put = self.store.put_document(&desk.id, kind, document.serial, stored).await;
        match self.noted(put)? {
            Put::Stored => Ok(()),
            Put::Conflict => Err(ServiceError::SerialConflict),
        }
    }
}
