//! A clock that is set ahead or back, for a moment or across midnight.

use std::time::Duration;

use tokio::time::Instant;

use super::*;

impl<S: Store> Fixture<S> {
    /// Has retention look once an hour, from hour 0 of a start on, and answers what it did not erase: cells and drops.
    async fn after_hours(&self, days_by_hour: impl Fn(u64) -> Day, hours: u64) -> (Vec<u64>, u32) {
        let start = Instant::now();
        let mut kept = self.service.begin_retention(start);
        for hour in 0..=hours {
            self.set_day(days_by_hour(hour));
            self.service.look_at_day(&mut kept, start + Duration::from_hours(hour)).await;
        }
        let drops = self.service.store.drops(&self.desk.id, FIRST_DAY, 0, 0, 1).await.unwrap();
        (self.positions_after(0).await, drops.total)
    }
}

#[tokio::test]
async fn a_clock_that_is_weeks_ahead_for_hours_erases_nothing() {
    let mut fixture = fixture().await;
    fixture.exchange(Day(0), LAST_BLOCK).await;
    fixture.post(Head::EMPTY.hash, FIRST_DAY, [1]).await;
    let hours_ahead = |hour| if hour % 10 < 5 { FIRST_DAY.plus(30) } else { FIRST_DAY };
    assert_eq!(fixture.after_hours(hours_ahead, 200).await, (vec![1], 1));
}

#[tokio::test]
async fn what_is_past_its_days_goes_although_no_desk_is_there() {
    let mut fixture = fixture().await;
    fixture.exchange(Day(0), LAST_BLOCK).await;
    fixture.post(Head::EMPTY.hash, FIRST_DAY, [1]).await;
    let weeks_later = |_| FIRST_DAY.plus(30);
    assert_eq!(fixture.after_hours(weeks_later, 4 * 6 - 1).await, (vec![1], 1));
    assert_eq!(fixture.after_hours(weeks_later, 4 * 6).await, (vec![], 1));
    assert_eq!(fixture.after_hours(weeks_later, 14 * 6).await, (vec![], 0));
}

#[tokio::test]
async fn what_is_past_its_days_goes_at_once_where_a_desk_says_so() {
    let mut fixture = fixture().await;
    fixture.exchange(Day(0), LAST_BLOCK).await;
    fixture.post(Head::EMPTY.hash, FIRST_DAY, [1]).await;
    fixture.set_day(FIRST_DAY.plus(14));
    let notice = fixture.signer.notice(2, fixture.service.now());
    fixture.service.put_notice(&fixture.desk, &fixture.device(), notice).await.unwrap();
    assert_eq!(fixture.after_hours(|_| FIRST_DAY.plus(14), 0).await, (vec![], 0));
}

#[tokio::test]
async fn a_cell_that_came_while_the_clock_was_behind_is_kept_like_any_other() {
    let fixture = fixture().await;
    fixture.set_day(FIRST_DAY.minus(10));
    assert_eq!(fixture.exchange(Day(0), LAST_BLOCK).await.header.outcome, Outcome::Stored);
    fixture.set_day(FIRST_DAY.plus(3));
    fixture.service.forget_past(FIRST_DAY.plus(3)).await.unwrap();
    assert_eq!(fixture.positions_after(0).await, [1]);
}

#[tokio::test]
async fn a_list_is_whole_when_midnight_comes_twice() {
    let mut fixture = fixture().await;
    let head = fixture.post(Head::EMPTY.hash, FIRST_DAY, [1]).await;
    assert_eq!(fixture.exchange(Day(0), LAST_BLOCK).await.drops, [dropped(1)]);
    // A desk whose clock is behind posts to the day before.
    fixture.set_day(FIRST_DAY.plus(1));
    let head = fixture.post(head, FIRST_DAY, [2]).await;
    fixture.set_day(FIRST_DAY);
    assert_eq!(fixture.exchange(Day(0), LAST_BLOCK).await.drops, [dropped(1), dropped(2)]);
    // And one whose clock is ahead to the day after.
    fixture.set_evening(FIRST_DAY);
    let head = fixture.post(head, FIRST_DAY.plus(1), [3]).await;
    fixture.set_day(FIRST_DAY.plus(2));
    fixture.post(head, FIRST_DAY.plus(1), [4]).await;
    fixture.set_day(FIRST_DAY.plus(1));
    assert_eq!(fixture.exchange(Day(0), LAST_BLOCK).await.drops, [dropped(3), dropped(4)]);
}

#[tokio::test]
async fn a_token_of_a_clock_that_was_ahead_is_none_when_it_is_right() {
    let fixture = fixture().await;
    let session = |day| {
        fixture.set_day(day);
        let challenge = fixture.service.challenge(&fixture.desk);
        (challenge, fixture.service.open_session(&fixture.desk, &fixture.signer.session(challenge)).unwrap())
    };
    let (ahead, early) = session(FIRST_DAY.plus(30));
    let (_, token) = session(FIRST_DAY);
    fixture.service.authorise(&fixture.desk, &token).unwrap();
    let refused = fixture.service.authorise(&fixture.desk, &early);
    assert!(matches!(refused, Err(ServiceError::SessionNeeded)), "{refused:?}");
    let refused = fixture.service.open_session(&fixture.desk, &fixture.signer.session(ahead));
    assert!(matches!(refused, Err(ServiceError::Forbidden)), "{refused:?}");
}
