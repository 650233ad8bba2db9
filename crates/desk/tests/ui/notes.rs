//! Notes among colleagues: kept, struck, found, and never where a caller reads.

use axum::http::StatusCode;

use crate::support::{Answer, Browser, Form, PASSPHRASE, World, aside};

async fn keep(world: &World, operator: &Browser, path: &str, text: &str, once: &str) -> Answer {
    operator.post(&world.ui, &format!("{path}/notes"), &[("text", text), ("once", once)]).await
}

/// What makes a note of a page's form count once.
fn once(page: &Answer) -> String {
    let (_, form) = page.body.split_once("id=\"note-form\"").unwrap();
    let (_, rest) = form.split_once("name=\"once\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_is_kept_once_beside_the_conversation_and_struck() {
    let world = World::start().await;
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let page = operator.visit(&world.ui, &path).await;
    assert!(page.body.contains("No notes. Colleagues see"));
    let key = once(&page);
    for _ in 0..2 {
        // A form that was sent twice is one note.
        let text = "ask <b>Osyka</b>\r\nfirst\u{202e}";
        assert_eq!(keep(&world, &operator, &path, text, &key).await.location(), format!("{path}?look=1"));
    }
    let page = operator.visit(&world.ui, &path).await;
    assert!(page.body.contains("ask &lt;b&gt;Osyka&lt;/b&gt;\nfirst") && !page.body.contains("<b>Osyka"));
    assert_eq!(page.body.matches("class=\"note\" data-key").count(), 1);
    assert!(page.body.contains("Colleagues only") && page.body.contains("not in the log yet"));
    let (conversation, _) = page.body.split_once("id=\"case-notes\"").unwrap();
    assert!(!conversation.contains("Osyka"), "it is no part of the conversation");
    assert_eq!(world.case(&call_sign).items.len(), 1);
    let other = keep(&world, &operator, &path, "another", &key).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert!(
        other.body.contains("another note was kept from this form")
            && other.body.contains("another</textarea>")
    );
    assert_ne!(once(&other), key);
    let desk = world.desk.clone();
    aside(move || desk.flush().unwrap()).await;
    assert!(!operator.visit(&world.ui, &path).await.body.contains("not in the log yet"));

    let id = operator.visit(&world.ui, &path).await.attribute("name=\"note\" value=\"");
    for _ in 0..2 {
        // Two tabs: the second finds it struck.
        let struck = operator.post(&world.ui, &format!("{path}/notes/strike"), &[("note", &id)]).await;
        assert_eq!(struck.location(), format!("{path}?look=1"));
    }
    let page = operator.visit(&world.ui, &path).await;
    assert!(page.body.contains("class=\"note struck\"") && page.body.contains("Struck by Custodian."));
    assert!(!page.body.contains("Osyka"));
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_box_takes_what_stands_in_the_other() {
    let world = World::start().await;
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let page = operator.visit(&world.ui, &path).await;
    // Each form's fields reach its own place alone, whatever else is sent with them.
    let form = Form::of(&page, &path);
    form.send(&world, &operator, "an answer").await;
    keep(&world, &operator, &path, "a note", &once(&page)).await;
    let case = world.case(&call_sign);
    assert_eq!((case.items.len(), case.notes().len(), case.notes()[0].text().as_str()), (2, 1, "a note"));
    let page = operator.visit(&world.ui, &path).await;
    let form = Form::of(&page, &path);
    let refused = form.send(&world, &operator, &"x".repeat(20_000)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let (_, notes) = refused.body.split_once("id=\"note-form\"").unwrap();
    assert!(!notes.contains("xxxx") && !notes.split("</form>").next().unwrap().contains("class=\"problem\""));
    let refused = keep(&world, &operator, &path, &"y".repeat(6_001), &once(&page)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("too long") && refused.body.contains("<details id=\"note-box\" open"));
    let (reply, notes) = refused.body.split_once("id=\"case-notes\"").unwrap();
    assert!(!reply.contains("yyyy") && notes.contains("yyyy"));
    assert_eq!(world.case(&call_sign).notes().len(), 1);
    assert!(keep(&world, &operator, &path, " \u{200b}\n", "").await.body.contains("the note is empty"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_did_not_reach_its_case_comes_back() {
    let world = World::start().await;
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let key = once(&operator.visit(&world.ui, &path).await);
    operator.post(&world.ui, "/lock", &[]).await;
    let kept = keep(&world, &operator, &path, "while it was locked", &key).await;
    assert_eq!(kept.status, StatusCode::FORBIDDEN);
    assert!(
        kept.body.contains("while it was locked")
            && kept.body.contains("Send again")
            && kept.body.contains(&key)
    );
    assert!(!kept.body.contains(&call_sign));
    operator.post(&world.ui, "/unlock", &[("passphrase", PASSPHRASE)]).await;
    let caller = world.desk.find(&call_sign).unwrap();
    world.desk.erase(&caller).unwrap();
    let gone = keep(&world, &operator, &path, "to a case that is gone", &key).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(gone.body.contains("to a case that is gone") && gone.body.contains("was not kept"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_is_found_and_shown_as_one() {
    let world = World::start().await;
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let key = once(&operator.visit(&world.ui, &path).await);
    keep(&world, &operator, &path, "the lighthouse keeper knows", &key).await;
    operator.post(&world.ui, "/search", &[("query", "lighthouse")]).await;
    let found = operator.visit(&world.ui, "/search").await;
    assert!(found.body.contains(&call_sign) && found.body.contains("Note, colleagues only"));
    let id = operator.visit(&world.ui, &path).await.attribute("name=\"note\" value=\"");
    operator.post(&world.ui, &format!("{path}/notes/strike"), &[("note", &id)]).await;
    assert!(operator.visit(&world.ui, "/search").await.body.contains("Nothing here meets this"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_may_tell_who_somebody_is_is_kept_by_a_second_act_on_this_very_text() {
    let world = World::start().await;
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let key = once(&operator.visit(&world.ui, &path).await);
    let notes = || world.case(&call_sign).notes().len();
    let told = keep(&world, &operator, &path, "call +380 67 123 45 67 <at once>", &key).await;
    assert_eq!((told.status, notes()), (StatusCode::UNPROCESSABLE_ENTITY, 0));
    assert!(told.body.contains("+380 67 123 45 67</bdi>"), "{}", told.body);
    assert!(told.body.contains("&lt;at once&gt;</textarea>") && told.body.contains("Keep it all the same"));
    let seen = told.attribute("name=\"all_the_same\" value=\"");
    let send = async |text: &str| {
        let fields = [("text", text), ("once", &*key), ("all_the_same", &*seen)];
        operator.post(&world.ui, &format!("{path}/notes"), &fields).await
    };
    // Another text was not seen.
    let other = send("call +380 67 765 43 21").await;
    assert_eq!((other.status, notes()), (StatusCode::UNPROCESSABLE_ENTITY, 0));
    let kept = send("call +380 67 123 45 67 <at once>").await;
    assert_eq!((kept.status, notes()), (StatusCode::SEE_OTHER, 1));
    for text in ["look at 48.4647, 35.0462", "ask Ivan Lisovy"] {
        let told = keep(&world, &operator, &path, text, &once(&operator.visit(&world.ui, &path).await)).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "{text}");
    }
}
