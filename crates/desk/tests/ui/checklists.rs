//! Checklists beside a case: the lists of its track and language, pressed step by step, and versions that are said and not mixed.

use std::sync::Arc;

use axum::http::StatusCode;
use callsign_desk::{ContentFile, ContentFiles, Desk};
use callsign_protocol::{encoding::Bytes, time::Day};

use crate::{
    support::{Answer, World},
    team::{act, colleague, in_step},
};

fn import(desk: &Arc<Desk>, lists: &[(&str, &str, &str)]) {
    let file = |(keyword, more, steps): &(&str, &str, &str)| ContentFile {
        name: format!("{keyword}.md"),
        text: format!("---\nkeyword: {keyword}\ntitle: <{keyword}>\n{more}---\n{steps}\n"),
    };
    let files = ContentFiles { templates: None, checklists: Some(lists.iter().map(file).collect()) };
    desk.import_content(&files, |_| Some(Day(1))).unwrap();
}

/// What the form of a step sends, the other way round than it stands.
async fn press(
    world: &World,
    operator: &crate::support::Browser,
    page: &Answer,
    path: &str,
    step: &str,
) -> Answer {
    let is_done = pressed(page).get(step.parse::<usize>().unwrap() - 1) == Some(&true);
    let (list, revision) =
        (page.attribute("name=\"list\" value=\""), page.attribute("name=\"revision\" value=\""));
    let done = if is_done { "" } else { "yes" };
    let form = [("list", &*list), ("revision", &*revision), ("step", step), ("done", done)];
    act(world, operator, &format!("{path}/step"), &form).await
}

/// Which steps are done.
fn pressed(page: &Answer) -> Vec<bool> {
    let steps = page.body.split("class=\"check\" aria-pressed=\"").skip(1);
    steps.map(|step| step.starts_with("true")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_the_track_and_language_stands_beside_the_case_and_its_steps_are_pressed() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    assert!(!operator.visit(&world.ui, &path).await.body.contains("Checklist</h2>"), "there is none yet");
    let lists = [
        ("here", "language: uk\ntrack: field\n", "- ask <who>\n- wait"),
        ("home", "language: uk\ntrack: home\n", "- of another track"),
        ("english", "language: en\n", "- of another language"),
        ("over", "language: uk\nuntil: long ago\n", "- past its date"),
    ];
    import(&world.desk, &lists);
    import(&osyka, &lists);
    let page = operator.visit(&world.ui, &path).await;
    assert!(page.body.contains("&lt;here&gt;") && page.body.contains("ask &lt;who&gt;"), "{}", page.body);
    for other in ["another track", "another language", "past its date"] {
        assert!(!page.body.contains(other), "{other}");
    }
    let page = press(&world, &operator, &page, &path, "2").await;
    assert_eq!(pressed(&page), [false, true]);
    assert!(page.body.contains("1 of 2"), "{}", page.body);
    in_step(&world, &osyka).await;
    let caller = osyka.find(&sign).unwrap();
    let seen = osyka.lists_of(&osyka.case(&caller).unwrap()).unwrap();
    assert_eq!((seen.lists[0].done(), seen.elsewhere.len()), (1, 0));
    colleague(&osyka, move |desk| {
        desk.set_step(&caller, (None, None), 1, true).unwrap();
    })
    .await;
    in_step(&world, &osyka).await;
    let page = operator.visit(&world.ui, &path).await;
    assert_eq!(pressed(&page), [true, true]);
    assert!(page.body.contains("<bdi>Osyka</bdi>"), "{}", page.body);
    let page = press(&world, &operator, &page, &path, "1").await;
    assert_eq!(pressed(&page), [false, true]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_is_said_and_not_mixed_and_a_list_that_changed_takes_nothing() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    import(&world.desk, &[("first", "language: uk\n", "- ask\n- wait")]);
    import(&osyka, &[("first", "language: uk\n", "- wait\n- ask")]);
    in_step(&world, &osyka).await;
    let caller = osyka.find(&sign).unwrap();
    colleague(&osyka, move |desk| {
        desk.set_step(&caller, (None, None), 1, true).unwrap();
    })
    .await;
    in_step(&world, &osyka).await;
    let page = operator.visit(&world.ui, &path).await;
    assert_eq!(pressed(&page), [false, false]);
    assert!(page.body.contains("1 step of another version of the list"), "{}", page.body);
    import(&world.desk, &[("first", "language: uk\n", "- ask\n- wait\n- write")]);
    let (list, revision) =
        (page.attribute("name=\"list\" value=\""), page.attribute("name=\"revision\" value=\""));
    let other = Bytes([7; 16]).to_string();
    for (list, revision, step) in
        [(&*list, &*revision, "1"), (&*list, "", "1"), (&*list, &*other, "1"), ("nothing", &*revision, "1")]
    {
        let form = [("list", list), ("revision", revision), ("step", step), ("done", "yes")];
        let refused = operator.post(&world.ui, &format!("{path}/step"), &form).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{list} {revision} {step}");
        assert!(refused.body.contains("Nothing was ticked: "), "{}", refused.body);
    }
    let page = operator.visit(&world.ui, &path).await;
    assert_eq!(pressed(&page), [false; 3]);
    let revision = page.attribute("name=\"revision\" value=\"");
    for step in ["0", "4", "one"] {
        let form = [("list", &*list), ("revision", &*revision), ("step", step), ("done", "yes")];
        let refused = operator.post(&world.ui, &format!("{path}/step"), &form).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{step}");
    }
}
