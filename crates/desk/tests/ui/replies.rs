//! Looking an answer over: nothing is sent that no preview has shown, and no text is lost on the way there and back.

use std::sync::Arc;

use axum::http::StatusCode;
use callsign_desk::{ContentFile, ContentFiles, cases::Item};
use callsign_protocol::time::Day;

use crate::support::{Browser, Form, World, aside, box_of};

async fn case(world: &World, operator: &Browser) -> (String, String, Form) {
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    (call_sign, path, form)
}

fn answers(world: &World, call_sign: &str) -> usize {
    world.case(call_sign).items.iter().filter(|item| matches!(item, Item::Answer(_))).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_says_to_whom_in_which_language_in_how_many_parts_and_when() {
    let world = World::start().await;
    let operator = world.operator().await;
    let (call_sign, path, form) = case(&world, &operator).await;
    let case = world.case(&call_sign);
    let callers = world.desk.with_cases(|cases| Ok(cases.callers_name(&case).unwrap().0)).unwrap();
    let text = "Ви можете <спитати>\r\nнічого не вирішуючи";
    let preview = form.look_over(&world, &operator, text).await;
    assert_eq!(preview.status, StatusCode::OK);
    for part in [
        format!("To <bdi lang=\"en\">{call_sign}</bdi>"),
        format!("lang=\"uk\">{callers}</bdi>"),
        "This case is in <bdi>Ukrainian</bdi>".to_owned(),
        ">Ви можете &lt;спитати&gt;\nнічого не вирішуючи</div>".to_owned(),
        ">\nВи можете &lt;спитати&gt;\nнічого не вирішуючи</textarea>".to_owned(),
        "1 part. Leaves within about 5 minutes: one part of all that waits in this list leaves every 5 minutes."
            .to_owned(),
        "The price: the hub can see".to_owned(),
    ] {
        assert!(preview.body.contains(&part), "{part}: {}", preview.body);
    }
    assert!(!preview.body.contains("before it") && !preview.body.contains("Look at this once more"));
    assert_eq!(answers(&world, &call_sign), 0, "nothing was sent");
    // What stands in the way of nothing: the text is kept until it is sent, and the box has it again.
    assert_eq!(
        box_of(&operator.fetch(&world.ui, &path).await),
        "Ви можете &lt;спитати&gt;\nнічого не вирішуючи"
    );
    let sent = form.send_from(&preview, &world, &operator, text).await;
    assert_eq!(sent.location(), format!("{path}?said=queued"));
    // The next one waits for the first, part by part.
    let form = Form::of(&operator.fetch(&world.ui, &path).await, &path);
    let long = form.look_over(&world, &operator, &"слово ".repeat(100)).await.body;
    assert!(
        long.contains("2 parts. Leaves within about 15 minutes") && long.contains(", and 1 is before it."),
        "{long}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_preview_has_shown_is_shown_and_not_sent() {
    let world = World::start().await;
    let operator = world.operator().await;
    let (call_sign, path, form) = case(&world, &operator).await;
    let preview = form.look_over(&world, &operator, "as it was").await;
    // Another text than was shown, another form, and none that was looked over at all.
    let shown = form.send_from(&preview, &world, &operator, "as it is").await;
    assert_eq!(shown.status, StatusCode::CONFLICT);
    assert!(shown.body.contains("Nothing was sent yet") && shown.body.contains(">as it is</div>"));
    let other = Form::of(&operator.fetch(&world.ui, &path).await, &path);
    assert_eq!(other.send_from(&preview, &world, &operator, "as it was").await.status, StatusCode::CONFLICT);
    for how in ["queue", "now"] {
        let fields = [("text", "straight"), ("once", &*form.once), ("shown", &*form.shown), ("how", how)];
        let answer = operator.post(&world.ui, &form.reply, &fields).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{how}");
    }
    assert_eq!(answers(&world, &call_sign), 0);
    let sent = form.send_from(&shown, &world, &operator, "as it is").await;
    assert_eq!(sent.location(), format!("{path}?said=queued"));
    // What was taken is known, also to a preview of it.
    let again = form.look_over(&world, &operator, "as it is").await;
    assert_eq!(again.location(), format!("{path}?said=known"));
    assert_eq!(answers(&world, &call_sign), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_came_behind_the_preview_refuses_the_answer_and_keeps_the_text() {
    let world = World::start().await;
    let operator = world.operator().await;
    let (call_sign, path, form) = case(&world, &operator).await;
    let preview = form.look_over(&world, &operator, "my answer").await;
    world.call(1, "wait, one more thing", &[]).await;
    let refused = form.send_from(&preview, &world, &operator, "my answer").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("a new message has come in") && box_of(&refused) == "my answer");
    assert_eq!(answers(&world, &call_sign), 0);
    // Somebody has opened it meanwhile, and this preview did not show it.
    let read = Form::of(&operator.visit(&world.ui, &path).await, &path);
    let late = Form { once: form.once.clone(), ..read };
    let anew = late.send_from(&preview, &world, &operator, "my answer").await;
    assert!(anew.body.contains("Nothing was sent yet"), "{}", anew.body);
    assert!(late.send_from(&anew, &world, &operator, "my answer").await.location().ends_with("said=queued"));
}

#[tokio::test(flavor = "multi_thread")]
async fn warnings_stop_nothing_and_a_hole_stops_it() {
    let world = World::start().await;
    let operator = world.operator().await;
    let (call_sign, path, form) = case(&world, &operator).await;
    let text = "вы go to 48.4647, 35.0462 or write to https://example.org/<x> and село Лісове";
    let preview = form.look_over(&world, &operator, text).await;
    for part in [
        "Look at this once more",
        "coordinates: <bdi>48.4647, 35.0462</bdi>",
        "a link or an address: <bdi>https://example.org/&lt;x&gt;</bdi>",
        "the name of a place: <bdi>село Лісове</bdi>",
        "Most of it is in Latin letters, and this case is in Ukrainian",
    ] {
        assert!(preview.body.contains(part), "{part}: {}", preview.body);
    }
    let holed = form.look_over(&world, &operator, "прийдіть […<b>] о шостій").await;
    assert_eq!(holed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(holed.body.contains("still to be filled in: […&lt;b&gt;]"), "{}", holed.body);
    assert_eq!(box_of(&holed), "прийдіть […&lt;b&gt;] о шостій");
    assert_eq!(answers(&world, &call_sign), 0);
    let sent = form.send_from(&preview, &world, &operator, text).await;
    assert_eq!(sent.location(), format!("{path}?said=queued"));
}

#[tokio::test(flavor = "multi_thread")]
async fn brackets_that_were_typed_by_hand_stop_an_answer_until_the_writer_means_just_them() {
    let world = World::start().await;
    let operator = world.operator().await;
    let (call_sign, path, form) = case(&world, &operator).await;
    let text = "come on [<day>] at six";
    let stopped = form.look_over(&world, &operator, text).await;
    assert_eq!(stopped.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(stopped.body.contains("still to be filled in: <bdi>[&lt;day&gt;]</bdi>"), "{}", stopped.body);
    assert_eq!(box_of(&stopped), "come on [&lt;day&gt;] at six");
    let meant = stopped.attribute("name=\"brackets\" value=\"");
    let look_over = async |text: &str| {
        let fields = [
            ("once", &*form.once),
            ("shown", &*form.shown),
            ("text", text),
            ("how", "preview"),
            ("brackets", &*meant),
        ];
        operator.post(&world.ui, &form.reply, &fields).await
    };
    // What was said of these brackets was said of no others, and of no place with dots.
    for other in ["come on [<day>] at [hour]", "come on [hour]", "come on […] at six"] {
        assert_eq!(look_over(other).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{other}");
    }
    let preview = look_over(text).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.body);
    assert_eq!(preview.attribute("name=\"brackets\" value=\""), meant);
    assert_eq!(answers(&world, &call_sign), 0);
    let fields = [
        ("once", &*form.once),
        ("shown", &*form.shown),
        ("text", text),
        ("how", "queue"),
        ("brackets", &*meant),
        ("previewed", &*preview.previewed().unwrap()),
    ];
    let sent = operator.post(&world.ui, &form.reply, &fields).await;
    assert_eq!(sent.location(), format!("{path}?said=queued"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_promised_of_an_answer_to_a_case_that_a_colleague_has() {
    let world = World::start().await;
    let operator = world.operator().await;
    let (call_sign, _, form) = case(&world, &operator).await;
    let colleague = world.colleague("Калина").await;
    aside(move || {
        colleague.sync().unwrap();
        let caller = colleague.find(&call_sign).unwrap();
        colleague.claim(&caller, None).unwrap();
        colleague.flush().unwrap();
    })
    .await;
    let desk = Arc::clone(&world.desk);
    aside(move || desk.sync().unwrap()).await;
    let preview = form.look_over(&world, &operator, "my answer").await.body;
    assert!(preview.contains("Калина</span> has this case: the answer is held"), "{preview}");
    assert!(!preview.contains("Leaves within"));
}

#[tokio::test(flavor = "multi_thread")]
async fn going_back_from_a_preview_without_scripts_leads_to_the_same_text() {
    let world = World::start().await;
    let operator = world.operator().await;
    let (_, path, form) = case(&world, &operator).await;
    let preview = form.look_over(&world, &operator, "half an answer").await;
    assert_eq!(
        preview.attribute("id=\"back-to-text\" type=\"submit\" formaction=\""),
        format!("{path}/draft")
    );
    let base = preview.attribute("name=\"base\" value=\"");
    assert!(!base.is_empty(), "it is kept");
    let fields = [("text", "half an answer"), ("base", &*base), ("once", &*form.once)];
    let back = operator.post(&world.ui, &format!("{path}/draft"), &fields).await;
    assert_eq!((back.status, box_of(&back).as_str()), (StatusCode::OK, "half an answer"));
    // Where it cannot be kept, the preview says so and has the text all the same.
    let form = Form::of(&back, &path);
    world.desk.leave_room(Some(0)).unwrap();
    let long = "слово ".repeat(900);
    let base = back.attribute("name=\"base\" value=\"");
    let fields = [("text", &*long), ("base", &*base), ("once", &*form.once), ("shown", &*form.shown)];
    let unkept = operator.post(&world.ui, &form.reply, &[&fields[..], &[("how", "preview")]].concat()).await;
    assert!(
        unkept.body.contains("This draft is not kept: ") && unkept.previewed().is_some(),
        "{}",
        unkept.body
    );
    world.desk.leave_room(None).unwrap();
}

fn template(keyword: &str, language: &str, more: &str, text: &str) -> ContentFile {
    let text = format!("---\nkeyword: {keyword}\ntitle: A title\nlanguage: {language}\n{more}---\n{text}\n");
    ContentFile { name: format!("{keyword}.md"), text }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_in_the_cases_language_is_put_into_the_box_and_its_holes_stop_the_answer() {
    let world = World::start().await;
    let operator = world.operator().await;
    let (_, path, form) = case(&world, &operator).await;
    assert!(!operator.fetch(&world.ui, &path).await.body.contains("template-box"), "there is none yet");
    let files = [
        template("when", "uk", "", "Прийдіть [<день>]"),
        template("over", "uk", "until: long ago\n", "past its date"),
        template("english", "en", "", "another language"),
    ];
    let files = ContentFiles { templates: Some(files.to_vec()), checklists: None };
    world.desk.import_content(&files, |_| Some(Day(1))).unwrap();
    let page = operator.fetch(&world.ui, &path).await.body;
    assert!(page.contains("data-text=\"Прийдіть [&lt;день&gt;]\" lang=\"uk\">when: A title<"), "{page}");
    assert!(!page.contains("past its date") && !page.contains("another language"));
    let put_in = async |keyword: &str, text: &str| {
        let fields = [("text", text), ("template", keyword), ("once", &form.once), ("shown", &form.shown)];
        operator.post(&world.ui, &format!("{path}/template"), &fields).await
    };
    assert_eq!(box_of(&put_in("when", "").await), "Прийдіть [&lt;день&gt;]");
    let put = put_in("when", "Так.").await;
    assert_eq!((put.status, &*box_of(&put)), (StatusCode::OK, "Так.\nПрийдіть [&lt;день&gt;]"));
    for keyword in ["over", "english", ""] {
        let refused = put_in(keyword, "my words").await;
        assert_eq!((refused.status, &*box_of(&refused)), (StatusCode::UNPROCESSABLE_ENTITY, "my words"));
    }
    let holed = form.look_over(&world, &operator, "Так.\nПрийдіть [<день>]").await;
    assert_eq!(holed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(holed.body.contains("still to be filled in: [&lt;день&gt;]"), "{}", holed.body);
}
