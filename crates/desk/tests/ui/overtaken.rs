//! An answer that was kept while the hub was away, and a message that has come meanwhile.

use crate::{
    support::{Form, World, aside, box_of},
    team::act,
};
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_beside_a_message_that_its_author_had_not_read_is_held_until_they_have() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    let hub = world.hub();
    world.lose_hub();
    let desk = Arc::clone(&world.desk);
    aside(move || desk.sync().unwrap_err()).await;
    let preview = form.look_over(&world, &operator, "come at six").await;
    form.send_from(&preview, &world, &operator, "come at six").await;
    world.serve(hub);
    // The hub is back, and with it a message that was written before it was lost.
    world.call(1, "they are here, do not answer", &[]).await;
    let desk = Arc::clone(&world.desk);
    aside(move || desk.flush().unwrap()).await;
    let page = operator.visit(&world.ui, &path).await;
    let answer = page.attribute("name=\"answer\" value=\"");
    assert!(
        page.body.contains("from-desk held") && page.body.contains("<button>Let it leave"),
        "{}",
        page.body
    );
    assert!(
        page.body.contains("wrote again before this answer came into")
            && !page.body.contains("posted</span>")
    );
    // Not beside what nobody has opened.
    if page.body.contains("not opened yet") {
        let page = act(&world, &operator, &format!("{path}/let-go"), &[("answer", &answer)]).await;
        assert!(page.body.contains("a message has come in that nobody has opened"), "{}", page.body);
        let desk = Arc::clone(&world.desk);
        aside(move || desk.open_call(&desk.find(&sign).unwrap()).map(drop).unwrap()).await;
    }
    let page = act(&world, &operator, &format!("{path}/let-go"), &[("answer", &answer)]).await;
    assert!(page.body.contains("The answer leaves with its turn") && !page.body.contains("from-desk held"));
    let page = act(&world, &operator, &format!("{path}/take-back"), &[("answer", &answer)]).await;
    assert!(page.body.contains("Taken back: nothing of it was posted"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_overtaken_is_changed_in_its_box() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    let preview = form.look_over(&world, &operator, "come at six").await;
    form.send_from(&preview, &world, &operator, "come at six").await;
    world.call(1, "not at six", &[]).await;
    let desk = Arc::clone(&world.desk);
    aside(move || desk.flush().unwrap()).await;
    let page = operator.visit(&world.ui, &path).await;
    assert!(page.body.contains("Take it back, to change it"), "{}", page.body);
    let answer = page.attribute("name=\"answer\" value=\"");
    let page = act(&world, &operator, &format!("{path}/take-back"), &[("answer", &answer)]).await;
    assert!(page.body.contains("Taken back: nothing of it was posted"));
    assert_eq!(box_of(&page), "come at six");
}
