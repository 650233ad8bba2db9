//! Who learns beside a colleague: nothing of what they wrote is lost, and nothing leaves unread.

use std::sync::Arc;

use callsign_desk::cases::Role;

use crate::{
    support::{Form, World, aside, box_of},
    team::{act, colleague, in_step, sync},
};

/// Whoever works at the pages is a trainee from now on.
async fn learns(world: &World) {
    let desk = Arc::clone(&world.desk);
    aside(move || {
        let me = desk.me().unwrap();
        desk.set_roles(&me, [Role::Custodian, Role::Trainee].into(), None).unwrap();
    })
    .await;
}

/// A trainee answers in a colleague's case, and the colleague closes it before the next beat. Its draft
/// went as it was taken, and nobody else has the words.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_trainee_wrote_is_not_gone_where_the_colleague_lets_the_case_go_first() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    learns(&world).await;
    let meant = sign.clone();
    colleague(&osyka, move |desk| {
        let caller = desk.find(&meant).unwrap();
        desk.open_call(&caller).unwrap();
        desk.claim(&caller, None).unwrap();
    })
    .await;
    sync(&world.desk).await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let page = operator.visit(&world.ui, &path).await;
    let done = Form::of(&page, &path).send(&world, &operator, "careful words of mine").await;
    assert!(done.location().contains("said="), "{}", done.body);
    // Before the next beat of the trainee's device.
    let meant = sign.clone();
    colleague(&osyka, move |desk| {
        let caller = desk.find(&meant).unwrap();
        desk.release(&caller).unwrap();
    })
    .await;
    in_step(&world, &osyka).await;
    let page = operator.visit(&world.ui, &path).await;
    assert!(page.body.contains("careful words of mine") && page.body.contains("Waits for a second reader"));
    // Nobody has the case now, and the next one waits until somebody has.
    let form = Form::of(&page, &path);
    let refused = form.send(&world, &operator, "and more of them").await;
    assert!(refused.body.contains("you are a trainee"), "{}", refused.body);
    assert_eq!(box_of(&refused), "and more of them");
}

/// The same of a note, as where somebody types it while the line is down.
#[tokio::test(flavor = "multi_thread")]
async fn a_trainees_note_is_not_gone_where_the_colleague_lets_the_case_go_first() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    learns(&world).await;
    let meant = sign.clone();
    colleague(&osyka, move |desk| {
        let caller = desk.find(&meant).unwrap();
        desk.open_call(&caller).unwrap();
        desk.claim(&caller, None).unwrap();
    })
    .await;
    sync(&world.desk).await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    operator.visit(&world.ui, &path).await;
    let once = "0123456789abcdef0123456789abcdef";
    act(&world, &operator, &format!("{path}/notes"), &[("text", "what I have understood"), ("once", once)])
        .await;
    let meant = sign.clone();
    colleague(&osyka, move |desk| {
        let caller = desk.find(&meant).unwrap();
        desk.release(&caller).unwrap();
    })
    .await;
    in_step(&world, &osyka).await;
    let page = operator.visit(&world.ui, &path).await;
    assert!(page.body.contains("what I have understood"), "the note is nowhere");
}
