//! Documents that this process has not loaded yet: another one, or a request that was given up, has stored them.

use callsign_protocol::signed::Kind;

use super::*;
use crate::store::{Order, Put, StoredDocument};

#[tokio::test]
async fn a_keyring_is_judged_by_what_the_store_has_however_old_the_one_in_memory_is() {
    let mut fixture = fixture().await;
    let (late, mut removed) = (fixture.signer.keyring(2), fixture.signer.clone());
    let by_removed = removed.keyring(3);
    let newest = fixture.signer.next_generation(2);
    let day = fixture.service.today();
    let stored = StoredDocument { envelope: newest.clone(), day, generation: Some(2) };
    let put =
        fixture.service.store.put_document(&fixture.desk.id, Kind::Keyring, Order::Next, 2, stored).await;
    assert_eq!(put.unwrap(), Put::Stored);
    assert_eq!(fixture.desk.keyring.read().unwrap().serial, 1, "this process has not seen it");
    let refused = fixture.service.put_keyring(&fixture.desk, late).await;
    assert!(matches!(refused, Err(ServiceError::SerialConflict)), "{refused:?}");
    assert_eq!(*fixture.desk.keyring.read().unwrap().envelope.bytes, *newest);
    let refused = fixture.service.put_keyring(&fixture.desk, by_removed).await;
    assert!(matches!(refused, Err(ServiceError::DocumentRefused)), "{refused:?}");
    let device = fixture.signer.device();
    let next = fixture.signer.keyring_with(3, 2, vec![device]);
    fixture.service.put_keyring(&fixture.desk, next).await.unwrap();
    assert_eq!(fixture.desk.keyring.read().unwrap().serial, 3);
}

#[tokio::test]
async fn a_keyring_whose_certificate_ended_as_long_ago_as_a_backup_may_be_old_is_taken_and_no_other() {
    for (days, is_taken) in [(35, true), (36 + 7, true), (36 + 8, false)] {
        let mut fixture = fixture().await;
        let (next, device) = (fixture.signer.keyring(2), fixture.signer.device());
        let restart = fixture.signer.restart(3, 2, vec![device]);
        fixture.clock.fetch_add(days * 86_400, Ordering::Relaxed);
        let put = fixture.service.put_keyring(&fixture.desk, next).await;
        assert_eq!(put.is_ok(), is_taken, "{days}: {put:?}");
        let put = fixture.service.put_keyring(&fixture.desk, restart).await;
        assert_eq!(put.is_ok(), days == 35, "{days}: {put:?}");
    }
}
