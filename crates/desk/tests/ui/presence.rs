//! Who does what now: said by pages as people go about, seen by colleagues, and nobody's where they want that.

use axum::{body::Body, http::header};
use callsign_desk::cases::Doing;

use crate::{
    support::{Browser, Form, PASSPHRASE, PORT, World, send},
    team::{act, colleague, in_step},
};

/// What the second person's desk shows of the first.
fn seen(osyka: &callsign_desk::Desk) -> (Option<Doing>, bool) {
    let all = osyka.presence();
    let one = all.iter().find(|one| !one.is_own && one.name != "Osyka").unwrap();
    (one.doing, one.is_there)
}

/// A page says that a person moves on it.
async fn moves(world: &World, browser: &Browser, at: &str) {
    let request = browser
        .request("POST", "/here")
        .header(header::ORIGIN, format!("http://127.0.0.1:{PORT}"))
        .header(header::REFERER, format!("http://127.0.0.1:{PORT}{at}"));
    send(&world.ui, request.body(Body::empty()).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_is_seen_where_they_read_and_write_and_the_box_warns_of_who_writes() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    in_step(&world, &osyka).await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let page = operator.visit(&world.ui, &path).await;
    assert!(!page.body.contains("class=\"others\""));
    let caller = osyka.find(&sign).unwrap();
    colleague(&osyka, move |desk| desk.say_presence(Doing::Reading, Some(&caller)).unwrap()).await;
    // A flush carries nothing of it.
    world.desk.sync().unwrap_or_default();
    assert!(!operator.visit(&world.ui, &path).await.body.contains("is reading this case"));
    in_step(&world, &osyka).await;
    let page = operator.visit(&world.ui, &path).await;
    assert!(page.body.contains("<bdi>Osyka</bdi></span> is reading this case"), "{}", page.body);
    assert!(!page.body.contains("Ask them before you write another"));
    let at = world.desk.others_at_cases();
    assert_eq!(
        at.into_values().flatten().map(|one| (one.name, one.doing)).collect::<Vec<_>>(),
        [("Osyka".to_owned(), Doing::Reading)]
    );
    let board = operator.visit(&world.ui, "/").await;
    assert!(board.body.contains("<bdi>Osyka</bdi> reads</span>"), "{}", board.body);
    colleague(&osyka, move |desk| desk.say_presence(Doing::Writing, Some(&caller)).unwrap()).await;
    in_step(&world, &osyka).await;
    let page = operator.visit(&world.ui, &path).await;
    assert!(page.body.contains("<bdi>Osyka</bdi></span> is writing an answer here"), "{}", page.body);
    assert!(page.body.contains("Ask them before you write another"));
    let preview = Form::of(&page, &path).look_over(&world, &operator, "Come at once.").await;
    assert!(preview.body.contains("is writing an answer to this caller, too"), "{}", preview.body);
    // Away, they are at no case.
    colleague(&osyka, |desk| desk.say_presence(Doing::Away, None).unwrap()).await;
    in_step(&world, &osyka).await;
    let page = operator.visit(&world.ui, &path).await;
    assert!(!page.body.contains("class=\"others\""));
    assert!(operator.visit(&world.ui, "/").await.body.contains("class=\"person away\"><bdi>Osyka</bdi>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_say_what_a_person_does_and_a_script_that_refreshes_says_nothing() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    in_step(&world, &osyka).await;
    assert_eq!(seen(&osyka), (Some(Doing::Here), true));
    operator.fetch(&world.ui, &path).await;
    in_step(&world, &osyka).await;
    assert_eq!(seen(&osyka).0, Some(Doing::Here), "nobody went there");
    let page = operator.visit(&world.ui, &path).await;
    in_step(&world, &osyka).await;
    let caller = osyka.find(&sign).unwrap();
    assert_eq!((seen(&osyka).0, osyka.others_at(&caller).len()), (Some(Doing::Reading), 1));
    operator.post(&world.ui, &format!("{path}/draft"), &[("text", "Co")]).await;
    moves(&world, &operator, &path).await;
    in_step(&world, &osyka).await;
    assert_eq!(seen(&osyka).0, Some(Doing::Writing), "who moves at the case goes on writing");
    moves(&world, &operator, "/search").await;
    in_step(&world, &osyka).await;
    assert_eq!(seen(&osyka).0, Some(Doing::Here));
    // What a page sends behind itself comes from nobody who is there.
    operator.post(&world.ui, &format!("{path}/draft?behind=yes"), &[("text", "Come")]).await;
    in_step(&world, &osyka).await;
    assert_eq!(seen(&osyka).0, Some(Doing::Here));
    Form::of(&page, &path).send(&world, &operator, "Come at once.").await;
    in_step(&world, &osyka).await;
    assert_eq!(seen(&osyka).0, Some(Doing::Reading), "it is sent");
    operator.post(&world.ui, "/lock", &[]).await;
    in_step(&world, &osyka).await;
    assert_eq!(seen(&osyka), (Some(Doing::Away), false));
    operator.post(&world.ui, "/unlock", &[("passphrase", PASSPHRASE)]).await;
    operator.visit(&world.ui, "/").await;
    in_step(&world, &osyka).await;
    assert_eq!(seen(&osyka), (Some(Doing::Here), true));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_ends_their_shift_is_away_until_they_do_something() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    operator.visit(&world.ui, "/").await;
    act(&world, &operator, "/handover/end", &[]).await;
    moves(&world, &operator, "/handover").await;
    in_step(&world, &osyka).await;
    assert_eq!(seen(&osyka), (Some(Doing::Away), false));
    operator.visit(&world.ui, "/").await;
    in_step(&world, &osyka).await;
    assert_eq!(seen(&osyka), (Some(Doing::Here), true));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_it_is_seen_by_beats_alone() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    operator.visit(&world.ui, &path).await;
    in_step(&world, &osyka).await;
    assert_eq!(seen(&osyka).0, Some(Doing::Reading));
    let help = act(&world, &operator, "/presence", &[("shown", "no")]).await;
    assert!(help.body.contains("Colleagues see only whether anything comes from this computer."));
    operator.visit(&world.ui, &path).await;
    operator.post(&world.ui, &format!("{path}/draft"), &[("text", "Co")]).await;
    in_step(&world, &osyka).await;
    let caller = osyka.find(&sign).unwrap();
    assert_eq!((seen(&osyka), osyka.others_at(&caller).len()), ((Some(Doing::Here), true), 0));
    operator.post(&world.ui, "/lock", &[]).await;
    in_step(&world, &osyka).await;
    assert_eq!(seen(&osyka), (Some(Doing::Here), true), "the lock says nothing of it either");
    // Another start of the program holds to it.
    let fresh = world.fresh_pages();
    let mut again = Browser::default();
    again.enter(&fresh).await;
    again.post(&fresh, "/unlock", &[("passphrase", PASSPHRASE)]).await;
    assert!(again.visit(&fresh, "/help").await.body.contains("Show it again"));
    again.post(&fresh, "/presence", &[("shown", "yes")]).await;
    assert!(again.visit(&fresh, "/help").await.body.contains("Show it no more"));
}
