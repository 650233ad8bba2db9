//! Drafts on the pages: what is written is in its own case's box again, whatever happens meanwhile; and when the desk locks itself.

use std::sync::Arc;

use axum::http::{StatusCode, header};
use callsign_desk::cases::{Note, Role};
use futures_util::StreamExt as _;

use crate::{
    support::{Answer, Browser, Form, PASSPHRASE, World, aside, box_of, events, send},
    team::{act, colleague, in_step},
};

/// A page of a case, and what it would send of a draft.
struct Page {
    path: String,
    base: String,
    shown: Answer,
}

impl Page {
    async fn of(world: &World, browser: &Browser, path: &str) -> Self {
        Self::from(path, browser.fetch(&world.ui, path).await)
    }

    fn from(path: &str, shown: Answer) -> Self {
        let base = shown.attribute("name=\"base\" value=\"");
        Self { path: path.to_owned(), base, shown }
    }

    fn text(&self) -> String {
        box_of(&self.shown)
    }

    fn says(&self, sentence: &str) -> bool {
        self.shown.body.contains(sentence)
    }

    /// The page goes on with a text.
    async fn keep(&self, world: &World, browser: &Browser, text: &str) -> Self {
        self.press("draft", world, browser, text).await
    }

    async fn press(&self, what: &str, world: &World, browser: &Browser, text: &str) -> Self {
        let fields = [("text", text), ("base", &*self.base), ("place", "3")];
        let path = format!("{}/{what}", self.path);
        Self::from(&self.path, browser.post(&world.ui, &path, &fields).await)
    }

    async fn send(&self, world: &World, browser: &Browser, text: &str) -> Answer {
        let form = Form::of(&self.shown, &self.path);
        let fields = [("text", text), ("base", &*self.base), ("once", &*form.once), ("shown", &*form.shown)];
        let preview =
            browser.post(&world.ui, &form.reply, &[&fields[..], &[("how", "preview")]].concat()).await;
        let Some(previewed) = preview.previewed() else { return preview };
        let base = preview.attribute("name=\"base\" value=\"");
        let fields = [&fields[..1], &fields[2..], &[("base", &*base), ("previewed", &*previewed)]].concat();
        browser.post(&world.ui, &form.reply, &fields).await
    }
}

async fn case(world: &World, operator: &Browser, caller: u8) -> (String, String) {
    let call_sign = world.call(caller, "a word of greeting", &[]).await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    operator.visit(&world.ui, &path).await;
    (call_sign, path)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_in_its_own_cases_box_behind_a_new_start_and_in_no_other() {
    let mut world = World::start().await;
    let operator = world.operator().await;
    let (first, path) = case(&world, &operator, 1).await;
    let (second, other) = case(&world, &operator, 2).await;
    let kept =
        Page::of(&world, &operator, &path).await.keep(&world, &operator, "half a <word>\r\nof it").await;
    assert_eq!((kept.shown.status, kept.text().as_str()), (StatusCode::OK, "half a &lt;word&gt;\nof it"));
    assert!(
        kept.says("Kept on this device as a draft, sealed: what stood in the box at ")
            && kept.says("data-place=\"3\"")
    );
    Page::of(&world, &operator, &other).await.keep(&world, &operator, "to the other").await;
    // The caller writes again, and the program is started anew.
    world.call(1, "are you there?", &[]).await;
    world.ui = world.fresh_pages();
    let operator = world.operator().await;
    for (call_sign, text) in [(&first, "half a &lt;word&gt;\nof it"), (&second, "to the other")] {
        let path = operator.visit(&world.ui, "/").await.case_path(call_sign);
        assert_eq!(Page::of(&world, &operator, &path).await.text(), text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_taken_ends_its_draft_and_one_that_is_refused_does_not() {
    let world = World::start().await;
    let operator = world.operator().await;
    let (call_sign, path) = case(&world, &operator, 1).await;
    let page = Page::of(&world, &operator, &path).await.keep(&world, &operator, "my ans").await;
    world.call(1, "one more thing", &[]).await;
    let refused = page.send(&world, &operator, "my answer").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(Page::of(&world, &operator, &path).await.text(), "my ans");
    let read = operator.visit(&world.ui, &path).await;
    let page = Page::from(&path, read);
    // A second page of the case, which has seen the same draft.
    let behind = Page::of(&world, &operator, &path).await;
    assert!(page.send(&world, &operator, "my answer").await.location().ends_with("said=queued"));
    let empty = Page::of(&world, &operator, &path).await;
    assert_eq!((empty.text().as_str(), empty.base.as_str()), ("", ""));
    assert!(!empty.says("Kept on this device"));
    // What it keeps now in vain, for these words were sent, and what it goes on to write.
    let sent = behind.keep(&world, &operator, "my answer").await;
    assert!(sent.says("were sent by another page") && sent.text().is_empty(), "{}", sent.shown.body);
    assert_eq!(behind.keep(&world, &operator, "and more").await.text(), "and more");
    assert_eq!(world.case(&call_sign).items.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_pages_that_write_at_once_are_told_and_both_texts_are_kept() {
    let world = World::start().await;
    let operator = world.operator().await;
    let (call_sign, path) = case(&world, &operator, 1).await;
    let (one, other) = (Page::of(&world, &operator, &path).await, Page::of(&world, &operator, &path).await);
    let one = one.keep(&world, &operator, "the one").await;
    // What the other shows, once it is fetched again.
    assert_eq!(Page::of(&world, &operator, &path).await.text(), "the one");
    let both = other.keep(&world, &operator, "the other").await;
    assert!(both.says("had written something else meanwhile") && both.text() == "the other");
    assert!(both.says("<div class=\"text\" dir=\"auto\">the one</div>"), "{}", both.shown.body);
    let back = both.press("draft/older", &world, &operator, "the other").await;
    assert_eq!(back.text(), "the one");
    assert!(back.says("<div class=\"text\" dir=\"auto\">the other</div>"));
    // An answer that one page sends leaves what the other has written since.
    one.send(&world, &operator, "sent").await;
    assert_eq!(Page::of(&world, &operator, &path).await.text(), "the one");
    world.pass(3_601);
    let left = world.desk.draft(&world.desk.find(&call_sign).unwrap()).unwrap().unwrap();
    assert!(left.text == "the one" && left.older.is_none(), "an hour is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_was_discarded_can_be_taken_back_for_ten_minutes() {
    let world = World::start().await;
    let operator = world.operator().await;
    let (_, path) = case(&world, &operator, 1).await;
    let page = Page::of(&world, &operator, &path).await.keep(&world, &operator, "a thou").await;
    let gone = page.press("draft/discard", &world, &operator, "a thought").await;
    assert!(gone.text().is_empty() && gone.says("Discarded; it can be taken back"), "{}", gone.shown.body);
    world.pass(540);
    let back = gone.press("draft/older", &world, &operator, "").await;
    assert_eq!(back.text(), "a thought");
    let gone = back.press("draft/discard", &world, &operator, "a thought").await;
    world.pass(540);
    operator.visit(&world.ui, "/").await;
    world.pass(61);
    let late = gone.press("draft/older", &world, &operator, "").await;
    assert_eq!(late.shown.status, StatusCode::CONFLICT);
    assert!(late.says("nothing is left of it") && late.text().is_empty(), "{}", late.shown.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_is_erased_takes_its_draft_and_the_callers_next_case_has_none() {
    let world = World::start().await;
    let operator = world.operator().await;
    let (call_sign, path) = case(&world, &operator, 1).await;
    let page = Page::of(&world, &operator, &path).await.keep(&world, &operator, "half a word").await;
    let desk = Arc::clone(&world.desk);
    let caller = desk.find(&call_sign).unwrap();
    aside(move || desk.erase(&caller).unwrap()).await;
    let fields = [("text", "half a word more"), ("base", &*page.base)];
    let gone = operator.post(&world.ui, &format!("{path}/draft"), &fields).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(gone.body.contains("half a word more") && gone.body.contains("the case was erased"));
    world.call(1, "it is me again", &[]).await;
    let anew = Page::of(&world, &operator, &path).await;
    assert_eq!((anew.text().as_str(), anew.base.as_str()), ("", ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_is_told_of_and_the_text_stays_in_the_box() {
    let world = World::start().await;
    let operator = world.operator().await;
    let (_, path) = case(&world, &operator, 1).await;
    let page = Page::of(&world, &operator, &path).await;
    world.desk.leave_room(Some(0)).unwrap();
    let long = "слово ".repeat(8_000);
    let full = page.keep(&world, &operator, &long).await;
    assert_eq!(full.shown.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(full.says("This draft is not kept: ") && full.says("Your text is still in the box"));
    assert_eq!(full.text(), long);
    world.desk.leave_room(None).unwrap();
    let kept = full.keep(&world, &operator, &long).await;
    assert!(kept.shown.status == StatusCode::OK && !kept.says("This draft is not kept"));
    // What no answer can be is no draft either, and comes back all the same.
    let endless = "x".repeat(300_000);
    let refused = kept.keep(&world, &operator, &endless).await;
    assert_eq!(refused.shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("far longer than an answer can be") && refused.text() == endless);
}

#[tokio::test(flavor = "multi_thread")]
async fn locking_keeps_what_stood_in_the_box_and_unlocking_leads_back_to_it() {
    let world = World::start().await;
    let operator = world.operator().await;
    let (_, path) = case(&world, &operator, 1).await;
    let address = path.strip_prefix("/case/").unwrap();
    let fields = [("case", address), ("text", "half a word"), ("base", ""), ("place", "4")];
    let locked = operator.post(&world.ui, "/lock", &fields).await;
    assert_eq!(locked.location(), "/unlock");
    // Nobody who is locked out keeps anything, or locks with a text.
    for path in [format!("{path}/draft"), "/lock".to_owned()] {
        let answer = operator.post(&world.ui, &path, &[("case", address), ("text", "another")]).await;
        assert!(answer.status == StatusCode::FORBIDDEN || answer.location() == "/unlock");
    }
    assert_eq!(world.desk.drafted().unwrap().len(), 1);
    let from = format!("http://127.0.0.1:8701{path}?said=queued");
    let request = operator.request("GET", "/unlock").header(header::REFERER, from);
    let unlock = send(&world.ui, request.body(axum::body::Body::empty()).unwrap()).await;
    let back = unlock.attribute("name=\"back\" value=\"");
    assert_eq!(back, path);
    let wrong = operator.post(&world.ui, "/unlock", &[("passphrase", "no"), ("back", &back)]).await;
    assert_eq!(wrong.attribute("name=\"back\" value=\""), path, "also behind a wrong passphrase");
    let right = operator.post(&world.ui, "/unlock", &[("passphrase", PASSPHRASE), ("back", &back)]).await;
    assert_eq!(right.location(), path);
    let page = Page::of(&world, &operator, &path).await;
    assert!(page.text() == "half a word" && page.says("data-place=\"4\""), "{}", page.shown.body);
    for page in ["/search", "/follow-ups", "/people", "/help"] {
        let fields = [("passphrase", PASSPHRASE), ("back", page)];
        assert_eq!(operator.post(&world.ui, "/unlock", &fields).await.location(), page);
    }
    // Nothing leads to anywhere else.
    for elsewhere in ["//evil.example/", "http://evil.example/", "/case/0000000000000000", "/lock", ""] {
        let fields = [("passphrase", PASSPHRASE), ("back", elsewhere)];
        assert_eq!(operator.post(&world.ui, "/unlock", &fields).await.location(), "/", "{elsewhere}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_where_no_person_does_anything_locks_itself_in_all_tabs() {
    let world = World::start().await;
    let (operator, other) = (world.operator().await, world.operator().await);
    let (_, path) = case(&world, &operator, 1).await;
    let mut listening = events(&world.ui, &other).await;
    listening.next().await.unwrap().unwrap();
    // A person who goes somewhere, writes, or only reads.
    for act in 0..3 {
        world.pass(599);
        match act {
            0 => drop(operator.visit(&world.ui, "/").await),
            1 => drop(operator.post(&world.ui, &format!("{path}/draft"), &[("text", "half a word")]).await),
            _ => assert_eq!(operator.post(&world.ui, "/here", &[]).await.status, StatusCode::NO_CONTENT),
        }
    }
    world.pass(599);
    // Pages that keep themselves up to date are no person.
    assert_eq!(operator.fetch(&world.ui, &path).await.status, StatusCode::OK);
    world.pass(1);
    assert_eq!(operator.fetch(&world.ui, &path).await.location(), "/unlock");
    let told: Vec<_> = listening.map(Result::unwrap).collect().await;
    assert!(told.concat().ends_with(b"event: locked\ndata: -\n\n"));
    assert_eq!(other.visit(&world.ui, "/").await.location(), "/unlock");
    // What was written is kept, and who asks for a page gets to it.
    assert_eq!(operator.visit(&world.ui, &path).await.location(), "/unlock");
    let unlock = operator.visit(&world.ui, "/unlock").await;
    let back = unlock.attribute("name=\"back\" value=\"");
    let fields = [("passphrase", PASSPHRASE), ("back", &*back)];
    assert_eq!(operator.post(&world.ui, "/unlock", &fields).await.location(), path);
    assert_eq!(Page::of(&world, &operator, &path).await.text(), "half a word");
}

#[tokio::test(flavor = "multi_thread")]
async fn open_pages_hear_of_the_lock_without_asking_for_anything() {
    let world = World::start().await;
    let operator = world.operator().await;
    let mut listening = events(&world.ui, &operator).await;
    listening.next().await.unwrap().unwrap();
    world.pass(600);
    let told: Vec<_> = listening.map(Result::unwrap).collect().await;
    assert!(told.concat().ends_with(b"event: locked\ndata: -\n\n"), "the stream itself looks");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_given_by_a_press_alone_as_a_note_that_says_what_it_is_and_is_sent_to_nobody() {
    let world = World::start().await;
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    operator.visit(&world.ui, &path).await;
    let send = async |what: &str, text: &str, seen: &str| {
        let fields = [("text", text), ("base", ""), ("all_the_same", seen)];
        operator.post(&world.ui, &format!("{path}/{what}"), &fields).await
    };
    send("draft", "Come at once.", "").await;
    assert!(world.case(&call_sign).notes().is_empty(), "what is kept leaves nowhere");
    let given = send("draft/give", "Come at once, <b>now</b>.", "").await;
    assert_eq!(given.status, StatusCode::OK);
    assert!(given.body.contains("as a note for colleagues"), "{}", given.body);
    assert!(given.body.contains("a draft of an answer, sent to nobody"));
    assert!(box_of(&given).contains("Come at once"), "the draft stays");
    send("draft/give", "Come at once, <b>now</b>.", "").await;
    let case = world.case(&call_sign);
    assert_eq!(
        (case.notes().len(), case.notes()[0].text(), case.items.len()),
        (1, "Come at once, <b>now</b>.".to_owned(), 1)
    );
    // Longer than a note, and it is given whole.
    let long = "ї".repeat(4_500);
    let given = send("draft/give", &long, "").await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.body);
    let notes: String = world.case(&call_sign).notes().iter().skip(1).map(Note::text).collect();
    assert_eq!(notes, long);
    let told = send("draft/give", "ask Ivan Lisovy", "").await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told.body.contains("Give it all the same") && box_of(&told) == "ask Ivan Lisovy");
    let before = world.case(&call_sign).notes().len();
    let seen = told.attribute("name=\"all_the_same\" value=\"");
    assert_eq!(send("draft/give", "ask Ivan Lisovy", &seen).await.status, StatusCode::OK);
    assert_eq!(world.case(&call_sign).notes().len(), before + 1);
    let nothing = send("draft/give", "", "").await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nothing.body.contains("no draft of an answer"), "{}", nothing.body);
}

/// Whatever keeps an answer, or nothing does: who takes it back writes on.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_taken_back_is_in_its_box_again_where_nothing_else_stands_there() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    form.send(&world, &operator, "come at six").await;
    let page = operator.visit(&world.ui, &path).await;
    assert_eq!(box_of(&page), "");
    let answer = page.attribute("name=\"answer\" value=\"");
    let page = act(&world, &operator, &format!("{path}/take-back"), &[("answer", &answer)]).await;
    assert_eq!(box_of(&page), "come at six");
    // What is being written stays.
    Form::of(&page, &path).send(&world, &operator, "come at six").await;
    let draft = [("text", "and one word more"), ("base", ""), ("place", "3")];
    operator.post(&world.ui, &format!("{path}/draft"), &draft).await;
    let page = operator.visit(&world.ui, &path).await;
    let answer = page.body.rsplit("name=\"answer\" value=\"").next().unwrap().split('"').next().unwrap();
    let page = act(&world, &operator, &format!("{path}/take-back"), &[("answer", answer)]).await;
    assert!(page.body.contains("is taken back: nothing of it was posted"), "{}", page.body);
    assert_eq!(box_of(&page), "and one word more");
}

/// A custodian changes what somebody may do, while an answer of theirs is on its way into the log.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_the_log_does_not_take_is_given_back_as_a_draft() {
    for beside in ["", "and one word more"] {
        let world = World::start().await;
        let osyka = world.colleague("Osyka").await;
        let sign = world.call(1, "a word of greeting", &[]).await;
        let operator = world.operator().await;
        let (desk, other) = (Arc::clone(&world.desk), osyka.me().unwrap());
        aside(move || desk.set_roles(&other, [Role::Custodian, Role::Operator].into(), None).unwrap()).await;
        in_step(&world, &osyka).await;
        let path = operator.visit(&world.ui, "/").await.case_path(&sign);
        let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
        form.send(&world, &operator, "careful words of mine").await;
        if !beside.is_empty() {
            let draft = [("text", beside), ("base", ""), ("place", "3")];
            operator.post(&world.ui, &format!("{path}/draft"), &draft).await;
        }
        let me = world.desk.me().unwrap();
        colleague(&osyka, move |desk| {
            desk.set_roles(&me, [Role::Custodian].into(), None).unwrap();
        })
        .await;
        in_step(&world, &osyka).await;
        assert_eq!(world.case(&sign).answers().count(), 0, "it has no effect");
        let page = operator.visit(&world.ui, &path).await;
        if beside.is_empty() {
            assert_eq!(box_of(&page), "careful words of mine");
        } else {
            assert_eq!(box_of(&page), beside);
            assert!(page.body.contains("log did not take") && page.body.contains("careful words of mine"));
        }
    }
}
