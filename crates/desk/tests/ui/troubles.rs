//! What keeps the desk from working is shown until it is over, with its kind.

use std::sync::atomic::Ordering;

use axum::body::BodyDataStream;
use callsign_protocol::signed::BODY_MAX;
use futures_util::StreamExt as _;

use crate::{
    support::{Browser, Form, World, aside, events},
    team::act,
};

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
        assert!(page.contains(own_disk) && page.contains("The fault is on this machine."), "{page}");
        assert!(page.contains("data-kind=\"own-disk\"") && !page.contains("cut off from the hub"));
    }
    world.break_disk(false);
    while operator.fetch(&world.ui, "/").await.body.contains(own_disk) {
        events.next().await.unwrap().unwrap();
    }
    // Two faults at once are two.
    world.lose_hub();
    let page = until_cut_off(&world, &operator, &mut events).await;
    // One fault of two activities is told once.
    assert_eq!(page.matches("data-kind=\"hub-away\"").count(), 1, "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_is_told_of_before_it_is_full() {
    let world = World::start().await;
    let operator = world.operator().await;
    let shown = async || operator.fetch(&world.ui, "/").await.body.contains("data-kind=\"little-room\"");
    assert!(!shown().await);
    // As long as the desk's files are many times what any disk has left.
    let path = world.desk_dir().join("search");
    std::fs::File::create(&path).unwrap().set_len(1 << 42).unwrap();
    let page = operator.fetch(&world.ui, "/").await.body;
    assert!(shown().await && page.contains("Make room on it while calls still come in"), "{page}");
    std::fs::remove_file(&path).unwrap();
    assert!(!shown().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_fill_the_keyring_are_told_of_in_the_language_of_the_page() {
    let world = World::start().await;
    let operator = world.operator().await;
    let shown = async || {
        let page = operator.fetch(&world.ui, "/").await.body;
        page.split_once("data-kind=\"keyring-large\">")
            .map(|(_, rest)| rest.split("</p>").next().unwrap().to_owned())
    };
    assert_eq!(shown().await, None);
    let large = i64::try_from(BODY_MAX / 2 + 1).unwrap();
    let sql = "UPDATE documents SET envelope = zeroblob(?1) WHERE name = 'keyring'";
    assert_eq!(world.cache().execute(sql, [large]).unwrap(), 1);
    let english = shown().await.unwrap();
    assert!(
        english.starts_with("<strong>The desk's keys fill more than half of what the hub takes.</strong>"),
        "{english}"
    );
    operator.post(&world.ui, "/language", &[("language", "uk"), ("back", "/")]).await;
    let told = shown().await.unwrap();
    assert!(told.starts_with("<strong>Ключі служби займають понад половину"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_days_from_the_hubs_is_named_first_and_no_notice_is_said_to_have_expired() {
    const DAYS_S: u64 = 30 * 86_400;
    let world = World::start().await;
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    world.pass_away_from(&operator, 2 * 86_400).await;
    let hubs_time = world.set_hub_back(2 * 86_400).await;
    let follow = || {
        let desk = std::sync::Arc::clone(&world.desk);
        aside(move || desk.follow(0).map(drop))
    };
    follow().await.unwrap();
    let page = operator.fetch(&world.ui, "/").await.body;
    let first = "id=\"health\" data-live><section class=\"trouble\" role=\"alert\" aria-label=\"Trouble\" data-kind=\"clock\">\
                 <p><strong>This computer's date is ";
    assert!(page.contains(first), "{page}");
    assert!(page.contains("Set this computer's clock") && !page.contains("notice has expired"), "{page}");
    let sent = form.send_now(&world, &operator, "my answer").await;
    assert_eq!(sent.location(), format!("{path}?said=clock"));
    let said = operator.fetch(&world.ui, sent.location()).await.body;
    assert!(said.contains("the hub has another date than this computer"), "{said}");
    // Once it is set right, the next answer of the hub ends it.
    hubs_time.fetch_add(2 * 86_400, Ordering::Relaxed);
    follow().await.unwrap();
    let page = operator.fetch(&world.ui, "/").await.body;
    assert!(!page.contains("This computer's date is "), "{page}");
    // A notice that has expired by a clock that is right is said to have.
    world.pass_away_from(&operator, DAYS_S).await;
    hubs_time.fetch_add(DAYS_S, Ordering::Relaxed);
    assert!(operator.fetch(&world.ui, "/").await.body.contains("the notice has expired"));
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_wait_on_this_device_alone_for_half_the_time_of_their_cells_are_a_trouble() {
    let world = World::start().await;
    world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let beat = || {
        let desk = std::sync::Arc::clone(&world.desk);
        aside(move || desk.beat())
    };
    let alone = "1 part of a call waits on this device alone";
    world.lose_hub();
    world.pass_away_from(&operator, u64::from(world.desk.settings().inbox_delay_s) / 2 - 1_200).await;
    assert!(beat().await.is_err());
    assert!(!operator.fetch(&world.ui, "/").await.body.contains(alone), "not yet");
    world.pass_away_from(&operator, 1_200).await;
    assert!(beat().await.is_err());
    let page = operator.fetch(&world.ui, "/").await.body;
    let shown = format!("<p class=\"trouble\" role=\"status\"><strong>{alone}");
    assert!(page.contains(&shown), "{page}");
    assert_eq!(world.desk.late_calls().unwrap(), 1, "as `callsign doctor` counts them");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_while_the_desk_is_cut_off_is_said_to_be_kept_on_this_computer() {
    let world = World::start_beating(1).await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    let mut events = events(&world.ui, &operator).await;
    world.lose_hub();
    until_cut_off(&world, &operator, &mut events).await;
    let page = act(&world, &operator, &format!("{path}/claim"), &[]).await;
    assert!(
        page.body.contains("You have taken this case") && page.body.contains("Not yet:"),
        "{}",
        page.body
    );
    let sent = form.send(&world, &operator, "my answer").await;
    let page = operator.fetch(&world.ui, sent.location()).await.body;
    assert!(page.contains("Queued.") && page.contains("Not yet:"), "{page}");
    assert!(page.contains("kept on this computer:") && !page.contains("waits for its turn"), "{page}");
}

/// The board, once it says that neither calls come in nor answers leave.
async fn until_cut_off(world: &World, operator: &Browser, events: &mut BodyDataStream) -> String {
    loop {
        let page = operator.fetch(&world.ui, "/").await.body;
        if page.contains("New calls are not taken") && page.contains("Nothing leaves with the cadence") {
            return page;
        }
        events.next().await.unwrap().unwrap();
    }
}
