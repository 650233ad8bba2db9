//! Whose a case is, how urgent it is, and answers that are held or taken back, on the pages.

use std::sync::Arc;

use axum::http::StatusCode;
use callsign_desk::{Desk, NewAnswer};

use crate::support::{Answer, Browser, Form, World, aside};

async fn act(world: &World, operator: &Browser, path: &str, form: &[(&str, &str)]) -> Answer {
    let done = operator.post(&world.ui, path, form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{path}: {}", done.body);
    operator.visit(&world.ui, done.location()).await
}

/// What a colleague does, which the hub has at once.
async fn colleague(desk: &Arc<Desk>, what: impl FnOnce(&Desk) + Send + 'static) {
    let desk = Arc::clone(desk);
    aside(move || {
        desk.sync().unwrap();
        what(&desk);
        desk.flush().unwrap();
    })
    .await;
}

async fn sync(world: &World) {
    let desk = Arc::clone(&world.desk);
    aside(move || desk.sync().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_taken_let_go_and_given_a_level() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let page = operator.visit(&world.ui, &path).await;
    assert!(page.body.contains("Take this case") && !page.body.contains("(you)"));
    let page = act(&world, &operator, &format!("{path}/claim"), &[]).await;
    assert!(page.body.contains("This case is yours") && page.body.contains("Custodian (you)"));
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
    sync(&world).await;
    let page = operator.visit(&world.ui, &path).await;
    assert!(page.body.contains("<strong>Osyka</strong> has this case"), "{}", page.body);
    assert!(!operator.visit(&world.ui, "/").await.body.contains("id=\"next\""), "it is hers");
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
    assert!(page.body.contains("from-desk held") && page.body.contains("Held: a colleague had this case"));
    let answer = page.attribute("name=\"answer\" value=\"");
    let page = act(&world, &operator, &format!("{path}/let-go"), &[("answer", &answer)]).await;
    assert!(page.body.contains("a colleague has this case") && page.body.contains("from-desk held"));
    let page = act(&world, &operator, &format!("{path}/take-back"), &[("answer", &answer)]).await;
    assert!(page.body.contains("Taken back: nothing of it was posted"), "{}", page.body);
    let page = act(&world, &operator, &format!("{path}/take-back"), &[("answer", &answer)]).await;
    assert!(page.body.contains("Nothing was taken back"));
    for wrong in ["", "x", "AAAAAAAAAAAAAAAAAAAAAA"] {
        let page = act(&world, &operator, &format!("{path}/let-go"), &[("answer", wrong)]).await;
        assert!(page.body.contains("no answer is held"), "{wrong}");
    }
    // A leader takes it over with a reason, which the page asks for.
    let reason = [("reason", "she went home")];
    let page = act(&world, &operator, &format!("{path}/claim"), &reason).await;
    assert!(page.body.contains("Custodian (you)"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_at_once_beside_a_claim_that_nobody_here_has_heard_of_is_said_to_be_held() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    // One waits here already when she takes the case.
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    let queued = form.send(&world, &operator, "the first answer").await;
    let page = operator.visit(&world.ui, queued.location()).await;
    assert!(page.body.contains("Queued"), "{}", page.body);
    let meant = sign.clone();
    colleague(&osyka, move |desk| {
        desk.claim(&desk.find(&meant).unwrap(), None).unwrap();
    })
    .await;
    let form = Form::of(&page, &path);
    let sent = form.send_now(&world, &operator, "the second answer").await;
    let page = operator.visit(&world.ui, sent.location()).await;
    let said = "The answer is kept and held: a colleague has this case.";
    assert!(page.body.contains(said) && !page.body.contains("Posted."), "{}", page.body);
    assert_eq!(page.body.matches("from-desk held").count(), 2, "{}", page.body);
}
