//! An answer that was kept while the hub was away, and a message that has come meanwhile.

use std::sync::Arc;

use callsign_desk::{DeskError, Shown, cases::Item};

use crate::{
    support::{Browser, Form, World, aside, box_of},
    team::{act, colleague, in_step, let_go, sync},
};

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
        let page = let_go(&world, &operator, &path, &page).await;
        assert!(page.body.contains("a message that nobody has opened"), "{}", page.body);
        let desk = Arc::clone(&world.desk);
        aside(move || desk.open_call(&desk.find(&sign).unwrap()).map(drop).unwrap()).await;
    }
    let page = operator.visit(&world.ui, &path).await;
    let page = let_go(&world, &operator, &path, &page).await;
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

/// Whether a message or a colleague's case keeps an answer, as this desk knows it.
fn held(world: &World, sign: &str) -> bool {
    world.case(sign).items.iter().any(|item| matches!(item, Item::Answer(answer) if answer.is_held()))
}

/// An answer that a message came before, and the page of its case.
async fn overtaken(world: &World, operator: &Browser, wish: &[(&str, &str)]) -> (String, String) {
    let sign = world.call(1, "a word of greeting", &[]).await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    let fields = [("once", &*form.once), ("shown", &*form.shown), ("text", "come at six")];
    let fields = [&fields[..], wish].concat();
    let preview = operator.post(&world.ui, &form.reply, &[&fields[..], &[("how", "preview")]].concat()).await;
    let previewed = preview.previewed().unwrap();
    let sent = [&fields[..], &[("how", "queue"), ("previewed", &*previewed)]].concat();
    assert!(operator.post(&world.ui, &form.reply, &sent).await.location().contains("said="));
    world.call(1, "not at six", &[]).await;
    let desk = Arc::clone(&world.desk);
    aside(move || desk.flush().unwrap()).await;
    (sign, path)
}

/// desk.md: "A message stands before your answer that you had not read … Read it; then let the answer leave as it is". The page of before does not show the
/// newest message, which a colleague has opened.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_not_let_go_by_a_page_that_does_not_show_the_newest_message() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    let (sign, path) = overtaken(&world, &operator, &[]).await;
    let page = operator.visit(&world.ui, &path).await;
    // Behind the page a message comes, which a colleague opens.
    world.call(1, "they are here, do not answer", &[]).await;
    in_step(&world, &osyka).await;
    let meant = sign.clone();
    colleague(&osyka, move |desk| {
        let caller = desk.find(&meant).unwrap();
        desk.open_call(&caller).unwrap();
    })
    .await;
    sync(&world.desk).await;
    assert!(world.case(&sign).unopened().is_empty() && held(&world, &sign));
    let done = let_go(&world, &operator, &path, &page).await;
    assert!(held(&world, &sign), "it leaves beside a message that was not on the page");
    assert!(done.body.contains("something has come in that the page had not shown"), "{}", done.body);
    // The page that leads back to it shows the message, and lets the answer go.
    let_go(&world, &operator, &path, &done).await;
    assert!(!held(&world, &sign));
}

/// The fold: "Nobody lets it go beside a message that they have not seen". An answer that is held for a colleague had the case, and a message that came since and
/// that nobody has opened.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_held_is_not_let_go_beside_a_message_that_nobody_has_opened() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    let meant = sign.clone();
    colleague(&osyka, move |desk| {
        let caller = desk.find(&meant).unwrap();
        desk.open_call(&caller).unwrap();
        desk.claim(&caller, None).unwrap();
    })
    .await;
    sync(&world.desk).await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    let done = form.send(&world, &operator, "come at six").await;
    assert!(done.location().contains("said="), "{}", done.body);
    in_step(&world, &osyka).await;
    assert!(held(&world, &sign), "a colleague has the case");
    world.call(1, "they are here, do not answer", &[]).await;
    in_step(&world, &osyka).await;
    let other = Arc::clone(&osyka);
    let caller = world.desk.find(&sign).unwrap();
    aside(move || {
        assert!(!other.case(&caller).unwrap().unopened().is_empty());
        let released = other.release_answer(&caller, None, Shown::WhatWasOpened);
        assert!(matches!(released, Err(DeskError::NotShown)), "{released:?}");
        other.open_call(&caller).unwrap();
        other.release_answer(&caller, None, Shown::WhatWasOpened).unwrap();
    })
    .await;
}

/// desk.md: "the wish is kept with your draft". What was to be read by a colleague is so as well where it is taken back and changed.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_taken_back_to_change_it_keeps_the_wish_for_a_second_reader() {
    let world = World::start().await;
    let operator = world.operator().await;
    let (sign, path) = overtaken(&world, &operator, &[("second_reader", "yes")]).await;
    let page = operator.visit(&world.ui, &path).await;
    assert!(page.body.contains("Take it back, to change it"), "{}", page.body);
    let answer = page.attribute("name=\"answer\" value=\"");
    let page = act(&world, &operator, &format!("{path}/take-back"), &[("answer", &answer)]).await;
    assert_eq!(box_of(&page), "come at six");
    let draft = world.desk.draft(&world.desk.find(&sign).unwrap()).unwrap().unwrap();
    assert!(draft.second_reader, "the text is in the box again, and a colleague is to read it no more");
}

/// desk.md: "press Take it back, to change it: its text is in the box again". Something that was discarded within ten minutes is no text in the box.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_taken_back_is_in_the_box_where_another_draft_was_discarded() {
    let world = World::start().await;
    let operator = world.operator().await;
    let (_, path) = overtaken(&world, &operator, &[]).await;
    let draft = [("text", "and one word more"), ("base", ""), ("place", "3")];
    operator.post(&world.ui, &format!("{path}/draft"), &draft).await;
    operator.post(&world.ui, &format!("{path}/draft/discard"), &draft).await;
    let page = operator.visit(&world.ui, &path).await;
    assert_eq!(box_of(&page), "");
    let answer = page.attribute("name=\"answer\" value=\"");
    let page = act(&world, &operator, &format!("{path}/take-back"), &[("answer", &answer)]).await;
    assert_eq!(
        box_of(&page),
        "come at six",
        "it is taken back, and its text is not in the box, which was empty"
    );
    assert!(page.body.contains("and one word more"), "what was discarded can be taken back all the same");
}
