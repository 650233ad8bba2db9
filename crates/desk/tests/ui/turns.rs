//! Whose turn it is to take a case, on the pages.

use std::sync::Arc;

use axum::http::StatusCode;

use crate::{
    support::{World, aside},
    team::{act, in_step},
};

#[tokio::test(flavor = "multi_thread")]
async fn who_is_alone_takes_the_most_urgent_call_at_once() {
    let world = World::start().await;
    let [first, second] = [world.call(1, "one", &[]).await, world.call(2, "two", &[]).await];
    let operator = world.operator().await;
    let of_second = operator.visit(&world.ui, "/").await.case_path(&second);
    act(&world, &operator, &format!("{of_second}/level"), &[("level", "1")]).await;
    let page = act(&world, &operator, "/next", &[]).await;
    assert!(page.body.contains(&second) && page.body.contains("You have taken this case"), "{}", page.body);
    // The one that is looked at is not the next one.
    let from = of_second.trim_start_matches("/case/");
    let page = act(&world, &operator, "/next", &[("from", from)]).await;
    assert!(page.body.contains(&first) && page.body.contains("You have taken this case"));
    // What is only asked for by its address takes nothing.
    let asked = operator.visit(&world.ui, "/next").await;
    assert_eq!((asked.status, asked.location()), (StatusCode::SEE_OTHER, "/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn among_others_a_call_is_offered_to_one_who_takes_it_or_sends_it_on() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    in_step(&world, &osyka).await;
    assert!(operator.visit(&world.ui, "/").await.body.contains("say that you are ready"));
    let page = act(&world, &operator, "/next", &[]).await;
    assert!(page.body.contains("You are next."), "{}", page.body);
    let other = Arc::clone(&osyka);
    aside(move || other.ready_among_others(None).unwrap()).await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    in_step(&world, &osyka).await;
    let page = operator.visit(&world.ui, "/").await;
    assert!(
        page.body.contains("is offered to you")
            && page.body.contains("Next<span class=\"wide\">: a call for you")
    );
    assert_eq!(osyka.turn().before, Some(Vec::new()), "the next one is theirs");
    let of_case = page.case_path(&sign);
    let page = act(&world, &operator, "/turn/pass", &[("case", of_case.trim_start_matches("/case/"))]).await;
    assert!(page.body.contains("You are next."));
    in_step(&world, &osyka).await;
    assert!(osyka.turn().offered.is_some());
    let page = operator.visit(&world.ui, "/").await;
    assert!(page.body.contains("offered to <bdi>Osyka</bdi>"), "{}", page.body);
    assert!(operator.visit(&world.ui, &of_case).await.body.contains("offered to <bdi>Osyka</bdi>"));
    // Once more, and not everybody is asked for ever.
    let again =
        operator.post(&world.ui, "/turn/pass", &[("case", of_case.trim_start_matches("/case/"))]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    let page = act(&world, &operator, "/turn/not-ready", &[]).await;
    assert!(!page.body.contains("You are next."));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_finished_is_ready_again_and_who_locks_is_not() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    in_step(&world, &osyka).await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    // Whoever asks twice takes at once.
    act(&world, &operator, "/next", &[]).await;
    let page = act(&world, &operator, "/next", &[]).await;
    assert!(page.body.contains(&sign) && page.body.contains("You have taken this case"), "{}", page.body);
    assert_eq!(world.desk.turn().before, None);
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let seen = operator.visit(&world.ui, &path).await.attribute("name=\"seen\" value=\"");
    act(&world, &operator, &format!("{path}/close"), &[("seen", &seen), ("why", "answered")]).await;
    assert_eq!(world.desk.turn().before, Some(Vec::new()));
    let locked = operator.post(&world.ui, "/lock", &[]).await;
    assert_eq!(locked.status, StatusCode::SEE_OTHER);
    assert_eq!(world.desk.turn().before, None);
}
