//! Answers that are sent again: none is lost, none is sent twice, none passes a message that was not shown.

use std::sync::Arc;

use axum::http::StatusCode;
use callsign_desk::cases::Item;

use crate::support::{Form, PASSPHRASE, World, aside};

fn answers(world: &World, call_sign: &str) -> Vec<String> {
    let case = world.case(call_sign);
    let answers = case.items.iter().filter_map(|item| match item {
        Item::Answer(answer) => Some(answer.text()),
        Item::Call(_) => None,
    });
    answers.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_sent_again_and_again_answers_once() {
    let world = World::start().await;
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    // A double click, two tabs with one form, and a reload of what a form had answered.
    let (first, second) =
        tokio::join!(form.send(&world, &operator, "my answer"), form.send(&world, &operator, "my answer"));
    let mut said = [first.location().to_owned(), second.location().to_owned()];
    said.sort();
    assert_eq!(said, [format!("{path}?said=known"), format!("{path}?said=queued")]);
    let again = form.send(&world, &operator, "my answer").await;
    assert!(operator.visit(&world.ui, again.location()).await.body.contains("was taken already"));
    assert_eq!(answers(&world, &call_sign), ["my answer"]);
    // Other words from a form whose answer was lost on its way back are another answer, and only where a person says so.
    let other = form.send(&world, &operator, "better words").await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert!(other.body.contains(">\nbetter words</textarea>"));
    let next = Form::of(&other, &path);
    assert_ne!(next.once, form.once);
    assert_eq!(next.send(&world, &operator, "better words").await.location(), format!("{path}?said=queued"));
    assert_eq!(answers(&world, &call_sign), ["my answer", "better words"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_met_a_locked_desk_comes_back_with_its_text_and_answers_once() {
    let world = World::start().await;
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    operator.post(&world.ui, "/lock", &[]).await;
    let kept = form.send(&world, &operator, "half a <page>\r\nof words").await;
    assert_eq!(kept.status, StatusCode::FORBIDDEN);
    assert!(
        kept.body.contains("the desk is locked") && kept.body.contains(&format!("action=\"{path}/reply\""))
    );
    assert!(kept.body.contains(">\nhalf a &lt;page&gt;\nof words</textarea>"));
    assert!(!kept.body.contains(&call_sign) && !kept.body.contains("a word of greeting"));
    let form = Form::of(&kept, &path);
    operator.post(&world.ui, "/unlock", &[("passphrase", PASSPHRASE)]).await;
    for said in ["queued", "known"] {
        let sent = form.send(&world, &operator, "half a <page>\r\nof words").await;
        assert_eq!(sent.location(), format!("{path}?said={said}"));
    }
    assert_eq!(answers(&world, &call_sign), ["half a <page>\nof words"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_before_a_new_start_of_the_program_is_recognised() {
    let mut world = World::start().await;
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    assert!(form.send(&world, &operator, "my answer").await.location().ends_with("said=queued"));
    world.ui = world.fresh_pages();
    let lost = form.send(&world, &operator, "my answer").await;
    assert_eq!(lost.status, StatusCode::FORBIDDEN);
    assert!(lost.body.contains("may have been taken") && !lost.body.contains("Nothing was sent"));
    assert!(lost.body.contains("started anew") && lost.body.contains(">\nmy answer</textarea>"));
    let operator = world.operator().await;
    let gone = form.send(&world, &operator, "my answer").await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(gone.body.contains("Do not send this again") && gone.body.contains(&call_sign), "{}", gone.body);
    assert!(gone.body.contains(">\nmy answer</textarea>"));
    // Of one that never came nobody can say that it was taken, nor that nothing was.
    let once = "0".repeat(form.once.len());
    let fresh = Form { once, reply: form.reply.clone(), shown: form.shown.clone() };
    let unknown = fresh.send(&world, &operator, "another answer").await;
    assert!(
        unknown.body.contains("read the") && !unknown.body.contains("Nothing was sent"),
        "{}",
        unknown.body
    );
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let again = Form { reply: format!("{path}/reply"), ..form };
    assert_eq!(again.send(&world, &operator, "my answer").await.location(), format!("{path}?said=known"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_met_a_full_disk_keeps_its_text_and_answers_once() {
    let world = World::start().await;
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    world.break_disk(true);
    let failed = form.send(&world, &operator, "my answer").await;
    assert_eq!(failed.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(failed.body.contains("Nothing was sent") && failed.body.contains(">\nmy answer</textarea>"));
    world.break_disk(false);
    let retry = Form::of(&failed, &path);
    assert_eq!(retry.once, form.once, "it is the same answer still");
    for (form, said) in [(&retry, "queued"), (&form, "known")] {
        assert_eq!(form.send(&world, &operator, "my answer").await.location(), format!("{path}?said={said}"));
    }
    assert_eq!(answers(&world, &call_sign), ["my answer"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_did_not_show_a_message_cannot_answer_past_it_whoever_opened_it() {
    let world = World::start().await;
    let call_sign = world.call(1, "the call at nine", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let before = Form::of(&operator.visit(&world.ui, &path).await, &path);
    world.call(1, "the call at ten", &[]).await;
    let refused = before.send(&world, &operator, "to the first").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("a new message has come in") && !refused.body.contains("the call at ten"));
    let unread = Form::of(&refused, &path);
    assert_eq!(unread.send(&world, &operator, "to the first").await.status, StatusCode::CONFLICT);
    // Another tab opens it: this one has shown it to nobody, and shows it now, below it the draft.
    operator.visit(&world.ui, &path).await;
    let shown = unread.send(&world, &operator, "to the first").await;
    assert_eq!(shown.status, StatusCode::CONFLICT);
    assert!(shown.body.contains("the call at ten") && shown.body.contains(">\nto the first</textarea>"));
    let after = Form::of(&shown, &path);
    assert!(after.send(&world, &operator, "to the first").await.location().ends_with("said=queued"));
    // A reload of the refused form, or a way back to it, does not answer again.
    for form in [&before, &unread, &after] {
        assert!(form.send(&world, &operator, "to the first").await.location().ends_with("said=known"));
    }
    assert_eq!(answers(&world, &call_sign), ["to the first"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_can_never_leave_is_shown_as_none() {
    let world = World::start().await;
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    form.send(&world, &operator, "too late").await;
    let board = operator.visit(&world.ui, "/").await.body;
    assert!(board.contains("answer not posted yet") && board.contains("Nobody else waits"), "{board}");
    world.pass_away_from(&operator, 30 * 86_400).await;
    let board = operator.visit(&world.ui, "/").await.body;
    assert!(board.contains("an answer never left") && board.contains("most urgent"), "{board}");
    let case = operator.visit(&world.ui, &path).await.body;
    assert!(case.contains("never left: the caller") && !case.contains("waits for its turn"), "{case}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_its_key_or_what_it_showed_sends_nothing_and_loses_nothing() {
    let world = World::start().await;
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let whole = Form::of(&operator.visit(&world.ui, &path).await, &path);
    for (once, shown) in [("", &*whole.shown), ("zz", &whole.shown), (&whole.once, ""), (&whole.once, "zz")] {
        let form = Form { reply: whole.reply.clone(), once: once.to_owned(), shown: shown.to_owned() };
        let refused = form.send(&world, &operator, "my answer").await;
        assert!(refused.status.is_client_error(), "{}", refused.status);
        assert!(refused.body.contains(">\nmy answer</textarea>"));
        assert_eq!(answers(&world, &call_sign), [""; 0]);
        let next = Form::of(&refused, &path);
        assert_ne!((next.once.as_str(), next.shown.as_str()), (once, shown));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_case_cannot_be_read_each_page_says_why_and_no_text_is_lost() {
    let world = World::start().await;
    world.desk.keep_state_every(1);
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    let desk = Arc::clone(&world.desk);
    // The call, and that it was opened, lie in the log and in a row.
    aside(move || (0..2).for_each(|_| desk.beat().unwrap())).await;
    world.cache().execute_batch("DROP TABLE bodies").unwrap();
    for page in ["/", &path, &format!("{path}/follow-ups")] {
        let shown = operator.visit(&world.ui, page).await;
        assert_eq!(shown.status, StatusCode::INTERNAL_SERVER_ERROR, "{page}");
        assert!(
            shown.body.contains("This page cannot be shown: ") && shown.body.contains("is damaged"),
            "{page}"
        );
    }
    let kept = form.send(&world, &operator, "my answer").await;
    assert_eq!(kept.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(kept.body.contains(">\nmy answer</textarea>") && !kept.body.contains("no case"), "{}", kept.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_words_within_the_hour_are_sent_only_where_a_person_says_so_twice() {
    let world = World::start().await;
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    assert!(form.send(&world, &operator, "my answer").await.location().ends_with("said=queued"));
    // Pasted into a new page, as after a new start of the program.
    let pasted = Form::of(&operator.visit(&world.ui, &path).await, &path);
    let refused = pasted.send(&world, &operator, "my answer").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("within the hour") && refused.body.contains(">\nmy answer</textarea>"));
    assert_eq!(answers(&world, &call_sign), ["my answer"]);
    let form = Form::of(&refused, &path);
    let again = refused.attribute("name=\"again\" value=\"");
    let fields = [("text", "my answer"), ("once", &*form.once), ("shown", &*form.shown), ("again", &again)];
    let preview = operator.post(&world.ui, &form.reply, &[&fields[..], &[("how", "preview")]].concat()).await;
    let previewed = preview.previewed().unwrap();
    let fields = [&fields[..], &[("previewed", &*previewed)]].concat();
    let sent = operator.post(&world.ui, &form.reply, &fields).await;
    assert_eq!(sent.location(), format!("{path}?said=queued"));
    // An hour later the same words are nothing special.
    world.pass_away_from(&operator, 2 * 3_600).await;
    let later = Form::of(&operator.visit(&world.ui, &path).await, &path);
    assert!(later.send(&world, &operator, "my answer").await.location().ends_with("said=queued"));
    assert_eq!(answers(&world, &call_sign).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_shown_where_it_cannot_be_kept_that_it_was_opened() {
    let world = World::start().await;
    let call_sign = world.call(1, "the call at nine", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    operator.visit(&world.ui, &path).await;
    world.call(1, "the call at ten", &[]).await;
    world.break_disk(true);
    for shown in [
        operator.post(&world.ui, &format!("{path}/open"), &[("text", "half a sentence")]).await,
        // The script fetches the page again, and what was read stays.
        operator.fetch(&world.ui, &path).await,
    ] {
        for part in ["the call at ten", "What you open is not kept", "cache.sqlite", "open again"] {
            assert!(shown.body.contains(part), "{part}: {}", shown.body);
        }
        assert!(!shown.body.contains("not opened yet"), "{}", shown.body);
    }
    let board = operator.fetch(&world.ui, "/").await.body;
    assert!(board.contains("1 not opened"), "the desk counts it still: {board}");
    let form = Form::of(&operator.fetch(&world.ui, &path).await, &path);
    let refused = form.send(&world, &operator, "my answer").await;
    assert_eq!(refused.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(refused.body.contains("Nothing was sent: ") && refused.body.contains("the call at ten"));
    world.break_disk(false);
    let mended = operator.post(&world.ui, &format!("{path}/open"), &[]).await.body;
    assert!(mended.contains("the call at ten") && !mended.contains("What you open is not kept"), "{mended}");
    assert!(world.case(&call_sign).unopened().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_was_shut_out_promises_of_no_answer_that_it_leaves() {
    let world = World::start().await;
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    world.shut_out().await;
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    for sent in [
        form.send(&world, &operator, "my answer").await,
        form.send(&world, &operator, "my answer").await,
        Form::of(&operator.visit(&world.ui, &path).await, &path)
            .send_now(&world, &operator, "one more")
            .await,
    ] {
        if world.desk.me().is_none() {
            // It has read of its removal in the log, too: nothing is kept that would count for nothing, and the text comes back.
            assert_eq!(sent.status, StatusCode::CONFLICT);
            assert!(
                sent.body.contains("Nothing was sent") && sent.body.contains("my answer</textarea>"),
                "{}",
                sent.body
            );
            return;
        }
        assert_eq!(sent.location(), format!("{path}?said=outside"));
        let page = operator.fetch(&world.ui, sent.location()).await.body;
        assert!(
            page.contains("does not leave") && page.contains("answered from a device that works"),
            "{page}"
        );
    }
    assert_eq!(answers(&world, &call_sign), ["my answer", "one more"]);
}
