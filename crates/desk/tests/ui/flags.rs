//! Forms of flags and safe hours that a page of before sends: nothing is written over what a colleague has said since.

use callsign_desk::cases::{Flag, SafeWindow};

use crate::{
    support::World,
    team::{act, colleague, in_step, sync},
};

#[tokio::test(flavor = "multi_thread")]
async fn hours_that_a_colleague_has_set_since_the_page_was_shown_are_not_written_over() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    in_step(&world, &osyka).await;
    let shown = async || {
        operator.visit(&world.ui, &path).await.attribute("id=\"safe-was\" name=\"was\" data-shown value=\"")
    };
    for (before, theirs) in [("", "09:00"), ("before", "10:00")] {
        let was = shown().await;
        assert_eq!(was.is_empty(), before.is_empty(), "nobody had set any the first time");
        let meant = sign.clone();
        colleague(&osyka, move |desk| {
            let caller = desk.find(&meant).unwrap();
            desk.set_safe_window(&caller, SafeWindow::parse(theirs, "12:00", "+03:00")).unwrap();
        })
        .await;
        sync(&world.desk).await;
        let hours = [("from", "20:00"), ("to", "22:00"), ("zone", "+03:00"), ("was", &*was)];
        let page = act(&world, &operator, &format!("{path}/safe-hours"), &hours).await;
        assert!(page.body.contains("somebody was faster"), "{}", page.body);
        let told = world.case(&sign).safe_window().map(|window| window.told());
        assert_eq!(told, Some(format!("{theirs}-12:00 +03:00")), "a colleague's hours are written over");
    }
    // Who has seen theirs writes over them.
    let was = shown().await;
    let hours = [("from", "20:00"), ("to", "22:00"), ("zone", "+03:00"), ("was", &*was)];
    let page = act(&world, &operator, &format!("{path}/safe-hours"), &hours).await;
    assert!(page.body.contains("The hours are kept") && page.body.contains("20:00-22:00"), "{}", page.body);
    let wrong = [("from", "20:00"), ("to", "23:00"), ("zone", "+03:00"), ("was", "<b>")];
    let page = act(&world, &operator, &format!("{path}/safe-hours"), &wrong).await;
    assert!(page.body.contains("somebody was faster") && page.body.contains("20:00-22:00"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_that_a_colleague_has_set_for_longer_is_not_lifted_by_a_page_of_before() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    operator.visit(&world.ui, &path).await;
    let page = act(&world, &operator, &format!("{path}/flag"), &[("flag", "coerced")]).await;
    let until = page.attribute("name=\"until\" value=\"");
    in_step(&world, &osyka).await;
    let meant = sign.clone();
    colleague(&osyka, move |desk| {
        let caller = desk.find(&meant).unwrap();
        desk.flag(&caller, Flag::Coerced, 60).unwrap();
    })
    .await;
    sync(&world.desk).await;
    for until in [Some(&*until), None] {
        let fields: Vec<_> =
            [("flag", "coerced")].into_iter().chain(until.map(|until| ("until", until))).collect();
        let page = act(&world, &operator, &format!("{path}/lift"), &fields).await;
        assert!(page.body.contains("somebody was faster"), "{}", page.body);
        assert!(
            world.case(&sign).has_flag(Flag::Coerced),
            "what a colleague has said since is lifted unseen"
        );
    }
}
