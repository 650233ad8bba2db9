//! What keeps the desk from working is shown until it is over, with its kind.

use futures_util::StreamExt as _;

use crate::support::{World, events};

#[tokio::test(flavor = "multi_thread")]
async fn a_beat_that_fails_is_shown_while_calls_are_taken_and_until_it_succeeds() {
    let world = World::start_beating(1).await;
    let operator = world.operator().await;
    let mut events = events(&world.ui, &operator).await;
    world.break_disk(true);
    let own_disk = "The desk cannot use its own files";
    while !operator.fetch(&world.ui, "/").await.body.contains(own_disk) {
        events.next().await.unwrap().unwrap();
    }
    // The follower succeeds meanwhile: its success says nothing of the beat.
    for _ in 0..2 {
        world.follow_ended().await;
        let page = operator.fetch(&world.ui, "/").await.body;
        assert!(page.contains(own_disk) && page.contains("make room on its disk"), "{page}");
        assert!(page.contains("data-kind=\"own-disk\"") && !page.contains("cut off from the hub"));
    }
    world.break_disk(false);
    while operator.fetch(&world.ui, "/").await.body.contains(own_disk) {
        events.next().await.unwrap().unwrap();
    }
    // Two faults at once are two.
    world.lose_hub();
    while operator.fetch(&world.ui, "/").await.body.matches("data-kind=\"hub-away\"").count() < 2 {
        events.next().await.unwrap().unwrap();
    }
}
