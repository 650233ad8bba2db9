//! The end of a shift, and who takes over, on the pages.

use std::sync::Arc;

use axum::http::StatusCode;

use crate::{
    support::{Answer, World, aside},
    team::{act, in_step},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_is_ended_with_a_sheet_that_a_colleague_takes_over() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    in_step(&world, &osyka).await;
    let board = operator.visit(&world.ui, "/").await;
    assert!(
        board.body.contains("At the desk: ") && board.body.contains("<bdi>Osyka</bdi></span>"),
        "{}",
        board.body
    );
    let path = board.case_path(&sign);
    act(&world, &operator, &format!("{path}/claim"), &[]).await;
    let page = operator.visit(&world.ui, "/handover").await;
    assert!(page.body.contains("No shift was ended") && page.body.contains(&sign));
    let page = act(&world, &operator, "/handover/end", &[("note", "He writes <b>after</b> eight.")]).await;
    assert!(page.body.contains("kept here, not in the log yet") && page.body.contains("You have no call."));
    assert!(page.body.contains("He writes &lt;b&gt;after&lt;/b&gt; eight.") && page.body.contains(&sign));
    assert!(!page.body.contains("I have taken over"), "it is their own");
    in_step(&world, &osyka).await;
    let shift = osyka.with_cases(|cases| Ok(cases.sheets().next().unwrap().clone())).unwrap();
    assert_eq!((shift.left.len(), shift.taken_by), (1, None));
    let other = Arc::clone(&osyka);
    aside(move || other.take_over_shift(Some(&shift.id)).unwrap()).await;
    in_step(&world, &osyka).await;
    let page = operator.visit(&world.ui, "/handover").await;
    assert!(page.body.contains("Taken over by <bdi>Osyka</bdi>"), "{}", page.body);
    // Whoever was slower sees who has it.
    let again = shift_of(&page);
    let page = act(&world, &operator, "/handover/take", &[("shift", &again)]).await;
    assert!(page.body.contains("Taken over by"));
}

fn shift_of(page: &Answer) -> String {
    page.attribute("data-shift=\"")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_urgent_call_is_left_to_nobody_unless_a_word_says_what_becomes_of_it() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    act(&world, &operator, &format!("{path}/level"), &[("level", "1")]).await;
    let refused = operator.post(&world.ui, "/handover/end", &[("note", "")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("a call of level 1 waits and nobody else is at work"), "{}", refused.body);
    let long = "x".repeat(301);
    for wrong in ["\u{200b}", "two\nlines", &long] {
        let refused = operator.post(&world.ui, "/handover/end", &[("note", wrong)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
        assert!(refused.body.contains("Your shift is not ended"));
    }
    let page = act(&world, &operator, "/handover/end", &[("note", "Osyka is rung up.")]).await;
    assert!(page.body.contains("Osyka is rung up."));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_next_is_kept_as_a_note_and_stands_on_the_sheet() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    in_step(&world, &osyka).await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    act(&world, &operator, &format!("{path}/claim"), &[]).await;
    let next = path.replace("/case/", "next-");
    assert!(operator.visit(&world.ui, "/handover").await.body.contains(&format!("name=\"{next}\"")));
    let end = async |line: &str, seen: &str| {
        operator
            .post(&world.ui, "/handover/end", &[("note", "all quiet"), (&next, line), ("all_the_same", seen)])
            .await
    };
    let told = end("ring +380 67 123 45 67", "").await;
    assert_eq!((told.status, world.case(&sign).notes().len()), (StatusCode::UNPROCESSABLE_ENTITY, 0));
    assert!(
        told.body.contains("value=\"ring +380 67 123 45 67\"") && told.body.contains("value=\"all quiet\"")
    );
    let long = "x".repeat(301);
    let refused = end(&long, "").await;
    assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.body.contains("in one line"));
    assert!(world.case(&sign).claim().is_some(), "nothing is kept by halves");
    let elsewhere = [("next-0123456789abcdef", "of nobody")];
    let refused = operator.post(&world.ui, "/handover/end", &elsewhere).await;
    assert!(refused.body.contains("you do not have one of these cases"), "{}", refused.body);
    let seen = told.attribute("name=\"all_the_same\" value=\"");
    assert_eq!(end("ring +380 67 123 45 67", &seen).await.status, StatusCode::SEE_OTHER);
    let page = operator.visit(&world.ui, "/handover").await;
    assert!(
        page.body.contains("Next:") && page.body.contains("<bdi>ring +380 67 123 45 67</bdi>"),
        "{}",
        page.body
    );
    in_step(&world, &osyka).await;
    let caller = osyka.find(&sign).unwrap();
    let case = osyka.case(&caller).unwrap();
    let sheet = osyka.with_cases(|cases| Ok(cases.sheets().next().unwrap().clone())).unwrap();
    assert_eq!(case.next_by(&sheet.by).unwrap().text(), "ring +380 67 123 45 67");
    assert!(operator.visit(&world.ui, &path).await.body.contains("what is next"));
}
