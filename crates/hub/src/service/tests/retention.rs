//! Whole days by the hub's clock.

use super::*;

#[tokio::test]
async fn cells_are_kept_as_long_as_the_key_that_opens_them_and_their_positions_never_reused() {
    let fixture = fixture().await;
    fixture.exchange(Day(0), LAST_BLOCK).await;
    fixture.set_day(FIRST_DAY.plus(3));
    fixture.service.forget_past(FIRST_DAY.plus(3)).await.unwrap();
    assert_eq!(fixture.positions_after(0).await, [1]);
    fixture.set_day(FIRST_DAY.plus(4));
    fixture.service.forget_past(FIRST_DAY.plus(4)).await.unwrap();
    assert_eq!(fixture.positions_after(0).await, [0; 0]);
    fixture.exchange(Day(0), LAST_BLOCK).await;
    assert_eq!(fixture.positions_after(0).await, [2]);
}

#[tokio::test]
async fn drops_are_listed_fourteen_days() {
    let mut fixture = fixture().await;
    fixture.post(Head::EMPTY.hash, FIRST_DAY, [1]).await;
    fixture.set_day(FIRST_DAY.plus(13));
    fixture.service.forget_past(FIRST_DAY.plus(13)).await.unwrap();
    let listed = fixture.exchange(FIRST_DAY, 0).await;
    assert_eq!((listed.header.outcome, listed.drops), (Outcome::Stored, vec![dropped(1)]));
    // Past its days a list is unknown, whether or not it was erased already.
    fixture.set_day(FIRST_DAY.plus(14));
    assert_eq!(fixture.exchange(FIRST_DAY, 0).await.header.outcome, Outcome::UnknownList);
    fixture.service.forget_past(FIRST_DAY.plus(14)).await.unwrap();
    fixture.set_day(FIRST_DAY.plus(13));
    assert_eq!(fixture.exchange(FIRST_DAY, 0).await.header.total, 0);
}

#[tokio::test]
async fn a_list_is_the_same_before_and_after_midnight() {
    let mut fixture = fixture().await;
    let head = fixture.post(Head::EMPTY.hash, FIRST_DAY, 0..40).await;
    let before = fixture.exchange(Day(0), LAST_BLOCK).await;
    fixture.set_day(FIRST_DAY.plus(1));
    let after = fixture.exchange(FIRST_DAY, LAST_BLOCK).await;
    assert_eq!((after.header, &after.drops), (before.header, &before.drops));
    assert_eq!(fixture.exchange(Day(0), LAST_BLOCK).await.header.day, FIRST_DAY.plus(1));
    assert_eq!(fixture.exchange(Day(0), LAST_BLOCK).await.header.total, 0);
    // A desk whose clock is behind still posts to the day before, until it has posted to the new one.
    let head = fixture.post(head, FIRST_DAY, [40]).await;
    assert_eq!(fixture.exchange(FIRST_DAY, 32).await.header.total, 41);
    fixture.post(head, FIRST_DAY.plus(1), [41]).await;
    assert_eq!(fixture.exchange(Day(0), LAST_BLOCK).await.drops, [dropped(41)]);
}

#[tokio::test]
async fn a_desk_that_was_away_for_days_is_served_after_a_restart() {
    let fixture = fixture().await;
    // Past the notice's end and its certificate's: callers refuse it, the hub still knows its desk.
    fixture.set_day(FIRST_DAY.plus(100));
    let Fixture { service, desk, signer, clock, dir } = fixture;
    let notice = desk.notice.read().unwrap().envelope.bytes.clone();
    drop(service);
    let store = SqliteStore::open(dir.path()).unwrap();
    let service = Service::start(store, surroundings(&dir, &clock)).await.unwrap();
    let desk = service.desk(&signer.id()).unwrap();
    assert_eq!(desk.notice.read().unwrap().envelope.bytes, notice);
    assert_eq!(service.enrolment_code().await, None);
    let challenge = service.challenge(&desk);
    service.open_session(&desk, &signer.session(challenge)).unwrap();
    let device = desk.keyring.read().unwrap().body.keyring.devices[0].id;
    assert!(service.put_notice(&desk, &device, signer.notice(2, service.now())).await.is_err());
}
