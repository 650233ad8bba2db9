//! Closing a case: it waits no more, and a new message or a person opens it again.

use axum::http::StatusCode;

use crate::support::{Answer, Browser, Form, World};

async fn close(world: &World, operator: &Browser, path: &str, seen: &str, why: &str) -> Answer {
    operator.post(&world.ui, &format!("{path}/close"), &[("seen", seen), ("why", why)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_case_waits_no_more_until_it_is_reopened() {
    let world = World::start().await;
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let page = operator.visit(&world.ui, &path).await;
    let seen = page.attribute("name=\"seen\" value=\"");
    for why in ["", "bored"] {
        let refused = close(&world, &operator, &path, &seen, why).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("It is not closed: no reason is given"));
    }
    assert_eq!(close(&world, &operator, &path, &seen, "junk").await.location(), format!("{path}?look=1"));
    let page = operator.visit(&world.ui, &path).await;
    assert!(page.body.contains("Closed: junk") && page.body.contains("no, closed"));
    let board = operator.visit(&world.ui, "/").await;
    assert!(board.body.contains("Nobody waits") && board.body.contains("closed: junk"));
    let twice = close(&world, &operator, &path, &seen, "junk").await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    assert!(twice.body.contains("closed already"));

    assert_eq!(
        operator.post(&world.ui, &format!("{path}/reopen"), &[]).await.location(),
        format!("{path}?look=1")
    );
    assert!(!operator.visit(&world.ui, "/").await.body.contains("closed: "));
    let twice = operator.post(&world.ui, &format!("{path}/reopen"), &[]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_news_is_not_closed_and_news_reopen() {
    let world = World::start().await;
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let page = operator.visit(&world.ui, &path).await;
    let (seen, form) = (page.attribute("name=\"seen\" value=\""), Form::of(&page, &path));
    form.send(&world, &operator, "an answer").await;
    world.call(1, "one thing more", &[]).await;
    let late = close(&world, &operator, &path, &seen, "answered").await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("that was not read yet") && !late.body.contains("one thing more"));
    assert!(late.body.contains("Open it first."));
    let page = operator.visit(&world.ui, &path).await;
    assert_eq!(close(&world, &operator, &path, &seen, "answered").await.status, StatusCode::CONFLICT);
    let seen = page.attribute("name=\"seen\" value=\"");
    assert_eq!(close(&world, &operator, &path, &seen, "answered").await.location(), format!("{path}?look=1"));
    assert!(world.case(&call_sign).closed().is_some());
    world.call(1, "and another", &[]).await;
    let board = operator.visit(&world.ui, "/").await;
    assert!(board.body.contains("not opened") && !board.body.contains("closed: "));
}
