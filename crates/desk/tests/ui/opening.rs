//! What opens a message: going to its case, and the button that says so. No form that leads back to the page does.

use crate::support::World;

/// Forms of a case's page, each with what it sends.
const FORMS: [(&str, &[(&str, &str)]); 24] = [
    ("level", &[("level", "2")]),
    ("claim", &[]),
    ("safe-hours", &[("from", "20:00"), ("to", "22:00"), ("zone", "+03:00")]),
    ("flag", &[("flag", "coerced"), ("days", "7")]),
    ("lift", &[("flag", "coerced")]),
    ("take-back", &[("answer", "")]),
    ("let-go", &[("answer", ""), ("shown", "")]),
    ("approve", &[("digest", "")]),
    ("refuse", &[("digest", ""), ("text", "no")]),
    ("notes", &[("text", "what I have understood"), ("once", "0123456789abcdef0123456789abcdef")]),
    ("notes", &[("text", ""), ("once", "")]),
    ("notes/strike", &[("note", "")]),
    ("step", &[("list", "x"), ("revision", ""), ("step", "1"), ("done", "yes")]),
    ("close", &[("why", "settled"), ("seen", "")]),
    ("reopen", &[]),
    ("transfer", &[("to", "anyone"), ("text", "she speaks of a bridge")]),
    ("transfer/withdraw", &[]),
    ("transfer/ask", &[("text", "")]),
    ("draft", &[("text", "half an answer"), ("base", ""), ("place", "3")]),
    ("draft/give", &[("text", "half an answer"), ("base", ""), ("place", "3")]),
    ("draft/discard", &[("text", "half an answer"), ("base", ""), ("place", "3")]),
    ("template", &[("text", ""), ("template", "none")]),
    ("reply", &[("text", "an answer"), ("once", "0"), ("shown", ""), ("how", "preview")]),
    ("release", &[]),
];

#[tokio::test(flavor = "multi_thread")]
async fn no_form_beside_a_conversation_opens_a_message_that_came_in_meanwhile() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    operator.visit(&world.ui, &path).await;
    world.call(1, "they are here", &[]).await;
    for (form, fields) in FORMS {
        let done = operator.post(&world.ui, &format!("{path}/{form}"), fields).await;
        let page = if done.status.is_redirection() {
            operator.visit(&world.ui, done.location()).await
        } else {
            done
        };
        assert!(page.status.is_success() || page.status.is_client_error(), "{form}: {}", page.status);
        assert!(!page.body.contains("they are here"), "{form} has shown it");
        assert_eq!(world.case(&sign).unopened().len(), 1, "{form} has opened it, and its caller is told so");
    }
    let page = operator.visit(&world.ui, &format!("{path}?said=level")).await;
    assert!(page.body.contains("id=\"open\""), "{}", page.body);
    let opened = operator.post(&world.ui, &format!("{path}/open"), &[]).await;
    assert!(opened.body.contains("they are here") && world.case(&sign).unopened().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_led_to_a_call_by_next_reads_it() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let taken = operator.post(&world.ui, "/next", &[]).await;
    let page = operator.visit(&world.ui, taken.location()).await;
    assert!(page.body.contains("a word of greeting"), "{}", page.body);
    assert!(world.case(&sign).unopened().is_empty());
}
