//! What is kept of content packs, and what is known of damage.

use std::{fs::File, os::unix::fs::FileExt as _};

use callsign_protocol::content::pack_name;

use super::*;
use crate::store::StoreError;

const PACK: &[u8] = br#"{"version":1,"language":"en","about":"","procedures":[]}"#;

#[tokio::test]
async fn a_pack_that_no_notice_names_goes_after_five_days_from_memory_too() {
    let fixture = fixture().await;
    let (service, desk, name) = (&fixture.service, &fixture.desk, pack_name(PACK));
    service.put_content(desk, &name, PACK.to_vec()).await.unwrap();
    assert_eq!(service.content(desk, &name).await.unwrap().bytes, PACK);
    fixture.set_day(FIRST_DAY.plus(4));
    service.forget_past(service.today()).await.unwrap();
    assert_eq!(service.content(desk, &name).await.unwrap().bytes, PACK);
    fixture.set_day(FIRST_DAY.plus(5));
    service.forget_past(service.today()).await.unwrap();
    assert!(matches!(service.content(desk, &name).await, Err(ServiceError::NotFound)));
}

#[tokio::test]
async fn a_pack_that_the_notice_names_stays() {
    let mut fixture = fixture().await;
    let name = pack_name(PACK);
    fixture.service.put_content(&fixture.desk, &name, PACK.to_vec()).await.unwrap();
    fixture.signer.content.insert("en".to_owned(), name.clone());
    let notice = fixture.signer.notice(2, fixture.service.now());
    fixture.service.put_notice(&fixture.desk, &fixture.device(), notice).await.unwrap();
    for days in [1, 30] {
        fixture.set_day(FIRST_DAY.plus(days));
        fixture.service.forget_past(fixture.service.today()).await.unwrap();
        assert_eq!(fixture.service.content(&fixture.desk, &name).await.unwrap().bytes, PACK);
    }
}

#[tokio::test]
async fn damage_is_known_from_a_check_and_forgotten_when_it_is_mended() {
    let fixture = fixture().await;
    // Into the database's own file, where a disk breaks it.
    fixture.service.forget_past(fixture.service.today()).await.unwrap();
    fixture.service.check_files().await;
    assert_eq!(fixture.service.damage(), None);
    let path = fixture.dir.path().join("hub.sqlite");
    let root: u64 = rusqlite::Connection::open(&path)
        .unwrap()
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'contents'", [], |row| row.get(0))
        .unwrap();
    let file = File::options().read(true).write(true).open(&path).unwrap();
    let (mut whole, at) = ([0; 64], (root - 1) * 4_096);
    file.read_exact_at(&mut whole, at).unwrap();
    file.write_all_at(&[0xa5; 64], at).unwrap();
    fixture.service.check_files().await;
    let damage = fixture.service.damage().unwrap();
    assert_eq!(damage.found_on, FIRST_DAY);
    assert!(damage.what.starts_with("contents"), "{damage:?}");
    file.write_all_at(&whole, at).unwrap();
    fixture.service.check_files().await;
    assert_eq!(fixture.service.damage(), None);
}

#[tokio::test]
async fn damage_that_a_read_comes_upon_is_known_and_nothing_is_stored() {
    let fixture = fixture_over(|store| {
        Intercepted::new(store, |operation| async move {
            if operation == "append_cell" { Err(StoreError::damaged(operation, "page 7")) } else { Ok(()) }
        })
    })
    .await;
    assert_eq!(fixture.exchange(Day(0), LAST_BLOCK).await.header.outcome, Outcome::Unavailable);
    assert_eq!(fixture.service.damage().unwrap().what, "append_cell: page 7");
}
