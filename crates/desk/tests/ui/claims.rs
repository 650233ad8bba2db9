//! Whose a case is, how urgent it is, and answers that are held or taken back, on the pages.

use std::sync::Arc;

use axum::http::StatusCode;
use callsign_desk::{
    NewAnswer,
    cases::{Item, Level},
};

use crate::{
    support::{Form, World, aside},
    team::{act, colleague, in_step, let_go, sync},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_taken_let_go_and_given_a_level() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let page = operator.visit(&world.ui, &path).await;
    assert!(page.body.contains("Take this case") && !page.body.contains("(you)"));
    let page = act(&world, &operator, &format!("{path}/claim"), &[]).await;
    assert!(page.body.contains("You have taken this case") && page.body.contains("Custodian (you)"));
    assert!(operator.visit(&world.ui, "/").await.body.contains("<span class=\"person\">Custodian"));
    let other = world.call(2, "another word", &[]).await;
    let mine = operator.visit(&world.ui, "/?mine=yes").await;
    assert!(mine.body.contains(&sign) && !mine.body.contains(&other) && mine.body.contains("Waiting, yours"));
    let page = act(&world, &operator, &format!("{path}/level"), &[("level", "1")]).await;
    assert!(page.body.contains("The level is set") && page.body.contains("data-level=\"1\""));
    assert!(operator.visit(&world.ui, "/").await.body.contains("data-level=\"1\""));
    for wrong in ["0", "5", "x"] {
        let refused = operator.post(&world.ui, &format!("{path}/level"), &[("level", wrong)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let page = act(&world, &operator, &format!("{path}/release"), &[]).await;
    assert!(page.body.contains("Nobody has this case now") && page.body.contains("Take this case"));
    let page = act(&world, &operator, &format!("{path}/release"), &[]).await;
    assert!(page.body.contains("Nobody had this case"));
    // Of what was typed into an address nothing comes back.
    let forged = operator.visit(&world.ui, &format!("{path}?said=%3Cb%3E")).await;
    assert!(!forged.body.contains("<b>"), "{}", forged.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_a_colleagues_case_an_answer_is_held_and_taken_back() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let meant = sign.clone();
    colleague(&osyka, move |desk| {
        desk.claim(&desk.find(&meant).unwrap(), None).unwrap();
    })
    .await;
    sync(&world.desk).await;
    let page = operator.visit(&world.ui, &path).await;
    assert!(page.body.contains("<strong>Osyka</strong> has this case"), "{}", page.body);
    assert!(operator.visit(&world.ui, "/").await.body.contains(": say that you are ready"), "it is hers");
    let page = act(&world, &operator, &format!("{path}/claim"), &[]).await;
    assert!(page.body.contains("a colleague has this case"));
    let desk = Arc::clone(&world.desk);
    let meant = sign.clone();
    aside(move || {
        let caller = desk.find(&meant).unwrap();
        desk.open_call(&caller).unwrap();
        desk.answer(&NewAnswer::new(&caller, "an answer beside hers")).unwrap();
    })
    .await;
    let page = operator.visit(&world.ui, &path).await;
    assert!(page.body.contains("from-desk held") && page.body.contains("has this case. It leaves once they"));
    // What would be refused is not offered.
    assert!(page.body.contains("Take it back") && !page.body.contains("Let it leave"), "{}", page.body);
    let answer = page.attribute("name=\"answer\" value=\"");
    let page = let_go(&world, &operator, &path, &page).await;
    assert!(page.body.contains("a colleague has this case") && page.body.contains("from-desk held"));
    let meant = sign.clone();
    colleague(&osyka, move |desk| {
        desk.release(&desk.find(&meant).unwrap()).unwrap();
    })
    .await;
    sync(&world.desk).await;
    let page = operator.visit(&world.ui, &path).await;
    assert!(
        page.body.contains("Let it leave, or take it back") && page.body.contains("<button>Let it leave")
    );
    let page = act(&world, &operator, &format!("{path}/take-back"), &[("answer", &answer)]).await;
    assert!(page.body.contains("Taken back: nothing of it was posted"), "{}", page.body);
    let page = act(&world, &operator, &format!("{path}/take-back"), &[("answer", &answer)]).await;
    assert!(page.body.contains("Nothing was taken back: the answer was taken back already"));
    let shown = page.attribute("name=\"shown\" value=\"");
    for wrong in ["", "x", "AAAAAAAAAAAAAAAAAAAAAA"] {
        let fields = [("answer", wrong), ("shown", &*shown)];
        let page = act(&world, &operator, &format!("{path}/let-go"), &fields).await;
        assert!(page.body.contains("no answer is held"), "{wrong}");
    }
    // A leader takes it over with a reason, which the page asks for.
    let meant = sign.clone();
    colleague(&osyka, move |desk| {
        desk.claim(&desk.find(&meant).unwrap(), None).unwrap();
    })
    .await;
    sync(&world.desk).await;
    let reason = [("reason", "she went home")];
    let page = act(&world, &operator, &format!("{path}/claim"), &reason).await;
    assert!(page.body.contains("Custodian (you)"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_at_once_and_held_by_then_is_not_called_posted() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    let preview = form.look_over(&world, &operator, "an answer").await;
    let queued = form.send_from(&preview, &world, &operator, "an answer").await;
    assert!(operator.visit(&world.ui, queued.location()).await.body.contains("Queued"));
    // She takes the case before this device has told anybody of its own claim.
    let meant = sign.clone();
    colleague(&osyka, move |desk| {
        desk.claim(&desk.find(&meant).unwrap(), None).unwrap();
    })
    .await;
    let sent = form.send_now_from(&preview, &world, &operator, "an answer").await;
    let page = operator.visit(&world.ui, sent.location()).await;
    let said = "The answer is kept and held: a colleague has this case.";
    assert!(page.body.contains(said) && !page.body.contains("Posted."), "{}", page.body);
    assert_eq!(page.body.matches("from-desk held").count(), 1, "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_took_a_case_too_late_is_not_told_that_they_have_it() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let done = operator.post(&world.ui, &format!("{path}/claim"), &[]).await;
    let page = operator.visit(&world.ui, done.location()).await;
    assert!(page.body.contains("You have taken this case"), "as far as this device knows: {}", page.body);
    let meant = sign.clone();
    colleague(&osyka, move |desk| {
        desk.claim(&desk.find(&meant).unwrap(), None).unwrap();
    })
    .await;
    let desk = Arc::clone(&world.desk);
    aside(move || desk.flush().unwrap()).await;
    let page = operator.visit(&world.ui, done.location()).await;
    assert!(
        page.body.contains("somebody was faster") && !page.body.contains("You have taken"),
        "{}",
        page.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_has_not_shown_of_a_colleagues_answer_is_not_answered_over() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    let preview = form.look_over(&world, &operator, "an answer beside theirs").await;
    // A colleague claims, answers and lets go while the preview stands open.
    let meant = sign.clone();
    colleague(&osyka, move |desk| {
        let caller = desk.find(&meant).unwrap();
        desk.open_call(&caller).unwrap();
        desk.answer(&NewAnswer::new(&caller, "an answer")).unwrap();
        desk.release(&caller).unwrap();
    })
    .await;
    sync(&world.desk).await;
    let refused = form.send_from(&preview, &world, &operator, "an answer beside theirs").await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
    assert!(refused.body.contains("or a colleague's answer"), "{}", refused.body);
    assert!(refused.body.contains("an answer beside theirs"), "the text is still there");
    let answers = world.case(&sign).items.iter().filter(|item| matches!(item, Item::Answer(_))).count();
    assert_eq!(answers, 1);
    // Who has read it may answer all the same.
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    let preview = form.look_over(&world, &operator, "an answer beside theirs").await;
    assert_eq!(
        form.send_from(&preview, &world, &operator, "an answer beside theirs").await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_faster_is_told_on_the_board_and_at_that_case_alone() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let other = world.call(2, "another word", &[]).await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    let board = operator.visit(&world.ui, "/").await;
    let (path, elsewhere) = (board.case_path(&sign), board.case_path(&other));
    operator.visit(&world.ui, &path).await;
    // Neither knows of the other's claim; hers comes into the log first.
    let page = act(&world, &operator, &format!("{path}/claim"), &[]).await;
    assert!(page.body.contains("data-while=\"#release\"") && page.body.contains("id=\"release\""));
    colleague(&osyka, move |desk| {
        desk.claim(&desk.find(&sign).unwrap(), None).unwrap();
    })
    .await;
    in_step(&world, &osyka).await;
    let told = "had no effect: a claim";
    let page = operator.visit(&world.ui, &path).await.body;
    assert!(page.contains(told) && page.contains("<strong>Osyka</strong> has this case"), "{page}");
    assert!(!page.contains("id=\"release\""), "what is true while it stands there is true no more");
    assert!(operator.visit(&world.ui, "/").await.body.contains(told));
    let page = operator.visit(&world.ui, &elsewhere).await.body;
    assert!(!page.contains(told), "{page}");
}

/// Section 9.1: of two levels by people who saw the same the more urgent stays. What a page of before sends has seen what stood on that page.
#[tokio::test(flavor = "multi_thread")]
async fn a_level_of_a_page_of_before_stands_over_a_colleagues_only_where_it_is_more_urgent() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    in_step(&world, &osyka).await;
    let set = format!("{path}/level");
    // By colleagues twice, so that the fold alone would take what comes last.
    for (theirs, mine, stands) in [([3, 2], "4", 2), ([2, 1], "2", 1), ([4, 3], "2", 2)] {
        let was = operator
            .visit(&world.ui, &path)
            .await
            .attribute("/level\"><input type=\"hidden\" name=\"was\" value=\"");
        for level in theirs {
            let meant = sign.clone();
            colleague(&osyka, move |desk| {
                desk.set_level(&desk.find(&meant).unwrap(), Level::new(level).unwrap()).unwrap();
            })
            .await;
        }
        sync(&world.desk).await;
        let page = act(&world, &operator, &set, &[("level", mine), ("was", &*was)]).await;
        let is_kept = mine != stands.to_string();
        assert_eq!(page.body.contains("somebody was faster"), is_kept, "{mine}: {}", page.body);
        assert_eq!(world.case(&sign).level().number(), stands, "{theirs:?}, {mine}");
        in_step(&world, &osyka).await;
    }
    // Who has seen it sets any.
    let was = operator
        .visit(&world.ui, &path)
        .await
        .attribute("/level\"><input type=\"hidden\" name=\"was\" value=\"");
    let page = act(&world, &operator, &set, &[("level", "4"), ("was", &*was)]).await;
    assert!(page.body.contains("The level is set") && world.case(&sign).level() == Level::LAST);
}
