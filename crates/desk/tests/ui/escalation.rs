//! A call that nobody takes: what the pages say of it, and that the desk's own beats bring it there.

use std::sync::Arc;

use callsign_desk::SettingsChange;

use crate::{
    support::{Browser, World, aside},
    team::act,
};

/// So many minutes of the desk's work.
async fn work(world: &World, minutes: u32) {
    for _ in 0..minutes {
        world.pass(60);
        let desk = Arc::clone(&world.desk);
        aside(move || desk.beat().unwrap()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_nobody_takes_is_marked_raised_and_told_to_leaders() {
    let world = World::start().await;
    let sign = world.call(1, "a first call", &[]).await;
    let other = world.call(2, "one that can wait", &[]).await;
    let caller = world.desk.find(&other).unwrap();
    world.desk.set_level(&caller, callsign_desk::cases::Level::LAST).unwrap();
    let row = |body: &str, sign: &str| {
        body.split("<li ").find(|row| row.contains(&format!("data-call-sign=\"{sign}\""))).unwrap().to_owned()
    };
    for (minutes, words, level) in [
        (50, None, 3),
        (21, Some("nobody has it after 60 minutes<"), 3),
        (30, Some("nobody has it after 90 minutes<"), 2),
        (30, Some("nobody has it after 120 minutes: tell a leader"), 1),
    ] {
        work(&world, minutes).await;
        let operator: Browser = world.operator().await;
        let board = operator.visit(&world.ui, "/").await;
        let first = row(&board.body, &sign);
        assert_eq!(first.contains("nobody has it"), words.is_some(), "{first}");
        assert!(words.is_none_or(|words| first.contains(words)), "{first}");
        assert!(first.contains(&format!("data-level=\"{level}\"")), "{first}");
        assert!(row(&board.body, &other).contains("data-level=\"4\""));
        let is_last = level == 1;
        // Both have waited for as long; the one that can wait keeps its level.
        assert_eq!(board.body.contains("2 calls have waited for 120 minutes"), is_last, "{}", board.body);
        let handover = operator.visit(&world.ui, "/handover").await;
        assert_eq!(handover.body.contains("they have waited too long: tell a leader"), is_last);
    }
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let page = operator.visit(&world.ui, &path).await;
    assert!(
        page.body.contains("id=\"step-of-waiting\"") && page.body.contains("tell a leader"),
        "{}",
        page.body
    );
    // Whoever takes it takes the words away, and what they say of its level stays.
    let page = act(&world, &operator, &format!("{path}/claim"), &[]).await;
    assert!(!page.body.contains("id=\"step-of-waiting\""));
    let page = act(&world, &operator, &format!("{path}/level"), &[("level", "2")]).await;
    assert!(page.body.contains("data-level=\"2\""), "{}", page.body);
    let board = operator.visit(&world.ui, "/").await;
    assert!(
        board.body.contains("1 call has waited for 120 minutes")
            && !row(&board.body, &sign).contains("nobody has it")
    );
    work(&world, 5).await;
    assert_eq!(world.case(&sign).level().number(), 2);
    // Nothing is said of it but by what people did: no machine's step was ever void.
    let desk = Arc::clone(&world.desk);
    assert_eq!(desk.with_cases(|cases| Ok(cases.void().count())).unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_say_the_minutes_that_the_desk_has_set() {
    let world = World::start().await;
    let sign = world.call(1, "a first call", &[]).await;
    let desk = Arc::clone(&world.desk);
    aside(move || {
        let change = SettingsChange { waiting_minutes: Some([15, 30, 45]), ..SettingsChange::default() };
        desk.change_settings(&change).unwrap();
    })
    .await;
    for (minutes, words) in [(26, "nobody has it after 15 minutes<"), (12, "nobody has it after 30 minutes<")]
    {
        work(&world, minutes).await;
        let operator: Browser = world.operator().await;
        let board = operator.visit(&world.ui, "/").await;
        assert!(board.body.contains(words), "{}", board.body);
    }
    work(&world, 20).await;
    let operator: Browser = world.operator().await;
    let board = operator.visit(&world.ui, "/").await;
    assert!(board.body.contains("1 call has waited for 45 minutes"), "{}", board.body);
    let path = board.case_path(&sign);
    assert!(operator.visit(&world.ui, &path).await.body.contains("after 45 minutes: tell a leader"));
}
