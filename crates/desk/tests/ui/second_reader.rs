//! Answers that a colleague reads before they leave, flags and safe hours, on the pages; and a desk to practise at.

use std::sync::Arc;

use callsign_desk::{
    NewAnswer,
    cases::{Flag, Item, Role},
};

use crate::{
    support::{Answer, Browser, Form, World, aside},
    team::{act, colleague, in_step, sync},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_colleagues_answer_is_read_over_and_let_go_where_it_stands() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    for text in ["one that is refused", "one that leaves"] {
        let meant = sign.clone();
        colleague(&osyka, move |desk| {
            let caller = desk.find(&meant).unwrap();
            desk.open_call(&caller).unwrap();
            desk.answer(&NewAnswer { second_reader: true, ..NewAnswer::new(&caller, text) }).unwrap();
        })
        .await;
    }
    sync(&world.desk).await;
    assert!(operator.visit(&world.ui, "/").await.body.contains("an answer to read over"));
    let page = operator.visit(&world.ui, &path).await;
    assert_eq!(page.body.matches("Waits for a second reader").count(), 2, "{}", page.body);
    let digests: Vec<String> = page
        .body
        .split("/approve\"")
        .skip(1)
        .map(|form| {
            form.split("name=\"digest\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
        })
        .collect();
    let refused = format!("{path}/refuse");
    let page = act(&world, &operator, &refused, &[("digest", &digests[0]), ("text", "")]).await;
    assert!(page.body.contains("in one line of 300 characters"), "{}", page.body);
    let page =
        act(&world, &operator, &refused, &[("digest", &digests[0]), ("text", "It <b>promises</b>.")]).await;
    assert!(page.body.contains("Not to leave like this, says") && page.body.contains("It &lt;b&gt;promises"));
    let page = act(&world, &operator, &format!("{path}/approve"), &[("digest", "AAAA")]).await;
    assert!(page.body.contains("Read it again"), "{}", page.body);
    let page = act(&world, &operator, &format!("{path}/approve"), &[("digest", &digests[1])]).await;
    assert!(
        page.body.contains("The answer leaves with its turn") && page.body.contains("waits for its turn")
    );
    let page = act(&world, &operator, &format!("{path}/approve"), &[("digest", &digests[1])]).await;
    assert!(page.body.contains("no answer waits for a second reader"), "{}", page.body);
    in_step(&world, &osyka).await;
    let caller = osyka.find(&sign).unwrap();
    let leaves: Vec<bool> = osyka
        .case(&caller)
        .unwrap()
        .items
        .iter()
        .filter_map(|item| if let Item::Answer(answer) = item { Some(answer.leaves()) } else { None })
        .collect();
    assert_eq!(leaves, [false, true]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_box_asks_for_a_reader_and_the_preview_keeps_that() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    world.colleague("Osyka").await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let page = operator.visit(&world.ui, &path).await;
    assert!(page.body.contains("id=\"second-reader\""));
    let form = Form::of(&page, &path);
    let fields =
        [("once", &*form.once), ("shown", &*form.shown), ("text", "careful words"), ("second_reader", "yes")];
    let how = |how| [&fields[..], &[("how", how)]].concat();
    let preview = operator.post(&world.ui, &form.reply, &how("preview")).await;
    assert!(preview.body.contains("once a colleague has read it as its second reader"), "{}", preview.body);
    assert!(preview.body.contains("name=\"second_reader\" value=\"yes\""));
    let previewed = preview.previewed().unwrap();
    let sent = [how("queue"), vec![("previewed", &*previewed)]].concat();
    let page = act(&world, &operator, &form.reply, &sent).await;
    assert!(page.body.contains("Waits for a second reader"), "{}", page.body);
    // Nobody reads their own.
    assert!(!page.body.contains("/approve\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wish_for_a_reader_is_kept_with_the_draft_and_no_preview_without_it_sends_it() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let page = operator.visit(&world.ui, &path).await;
    let is_ticked = |page: &Answer| page.body.contains("id=\"second-reader\" checked");
    assert!(!is_ticked(&page));
    let draft = [("text", "careful words"), ("second_reader", "yes"), ("base", "")];
    operator.post(&world.ui, &format!("{path}/draft"), &draft).await;
    assert!(is_ticked(&operator.visit(&world.ui, &path).await));
    // Unticked in another tab after the preview: what is sent is not what was shown.
    let form = Form::of(&page, &path);
    let fields = |how, reader: &'static str| {
        let own = [("once", &*form.once), ("shown", &*form.shown), ("text", "careful words")];
        [&own[..], &[("second_reader", reader), ("how", how)]].concat()
    };
    let preview = operator.post(&world.ui, &form.reply, &fields("preview", "yes")).await;
    let previewed = preview.previewed().unwrap();
    let without = [fields("queue", ""), vec![("previewed", &*previewed)]].concat();
    let refused = operator.post(&world.ui, &form.reply, &without).await;
    assert_eq!(refused.status.as_u16(), 409, "{}", refused.body);
    // From the page that is locked, too.
    let locked =
        [("case", path.trim_start_matches("/case/")), ("text", "other words"), ("second_reader", "yes")];
    operator.post(&world.ui, "/lock", &locked).await;
    let again = world.operator().await;
    let page = again.visit(&world.ui, &path).await;
    assert!(is_ticked(&page) && page.body.contains("other words"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_flagged_for_a_while_and_nobody_overlooks_that_its_caller_may_be_under_duress() {
    let world = World::start().await;
    let sign = world.call(1, "they let me write", &[]).await;
    let other = world.call(2, "another word", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let page = act(&world, &operator, &format!("{path}/flag"), &[("flag", "coerced")]).await;
    assert!(
        page.body.contains("The case is flagged") && page.body.contains("This caller may be under duress")
    );
    assert!(
        page.body.contains("for this caller may be under duress")
            && !page.body.contains("id=\"second-reader\"")
    );
    let board = operator.visit(&world.ui, "/").await;
    assert!(board.body.contains("under duress"));
    let page = act(&world, &operator, &format!("{path}/flag"), &[("flag", "coerced")]).await;
    assert!(page.body.contains("has that flag already"), "{}", page.body);
    act(&world, &operator, &format!("{path}/flag"), &[("flag", Flag::Junk.code())]).await;
    let board = operator.visit(&world.ui, "/").await.body;
    assert!(board.find(&other).unwrap() < board.find(&sign).unwrap(), "junk comes last");
    let until = operator.visit(&world.ui, &path).await.attribute("name=\"until\" value=\"");
    let lift = [("flag", "coerced"), ("until", &*until)];
    let page = act(&world, &operator, &format!("{path}/lift"), &lift).await;
    assert!(
        page.body.contains("The flag is lifted") && !page.body.contains("This caller may be under duress")
    );
    let page = act(&world, &operator, &format!("{path}/lift"), &[("flag", "coerced")]).await;
    assert!(page.body.contains("no such flag any more"));
    let wrong = operator.post(&world.ui, &format!("{path}/flag"), &[("flag", "nonsense")]).await;
    assert_eq!(wrong.status.as_u16(), 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn safe_hours_stand_beside_the_callers_words_with_their_zone() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let set = format!("{path}/safe-hours");
    let hours = |from, to, zone| [("from", from), ("to", to), ("zone", zone)];
    let page = act(&world, &operator, &set, &hours("22:30", "01:00", "+03:00")).await;
    assert!(
        page.body.contains("22:30-01:00 +03:00") && page.body.contains("value=\"22:30\""),
        "{}",
        page.body
    );
    for (from, to, zone) in
        [("20:00", "20:00", "+03:00"), ("20:00", "", "+03:00"), ("20:00", "21:00", "Kyiv")]
    {
        let page = act(&world, &operator, &set, &hours(from, to, zone)).await;
        assert!(
            page.body.contains("give two times of the day") && page.body.contains("22:30-01:00"),
            "{from} {to} {zone}"
        );
    }
    let was =
        operator.visit(&world.ui, &path).await.attribute("id=\"safe-was\" name=\"was\" data-shown value=\"");
    let page = act(&world, &operator, &set, &[("from", ""), ("to", ""), ("zone", ""), ("was", &*was)]).await;
    assert!(page.body.contains("The hours are kept") && !page.body.contains("22:30-01:00"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_to_practise_at_says_so_on_every_page_and_before_it_is_unlocked() {
    for (world, says) in [(World::start().await, false), (World::to_practise_at().await, true)] {
        let mut stranger = Browser::default();
        stranger.enter(&world.ui).await;
        let way_in = stranger.visit(&world.ui, "/").await;
        let locked = stranger.visit(&world.ui, way_in.location()).await;
        assert!(locked.body.contains("id=\"passphrase\""), "{}", locked.body);
        assert_eq!(locked.body.contains("A desk to practise at."), says, "{}", locked.body);
        assert_eq!(locked.body.contains("<title>Practice · "), says, "{}", locked.body);
        let operator = world.operator().await;
        for page in ["/", "/search", "/people", "/help", "/follow-ups"] {
            let shown = operator.visit(&world.ui, page).await;
            assert_eq!(shown.body.contains("A desk to practise at."), says, "{page}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trainee_writes_in_a_case_that_a_colleague_has_and_a_colleague_reads_it_before_it_leaves() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    let desk = Arc::clone(&world.desk);
    aside(move || {
        let me = desk.me().unwrap();
        desk.set_roles(&me, [Role::Custodian, Role::Trainee].into(), None).unwrap();
    })
    .await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let page = operator.visit(&world.ui, &path).await;
    assert!(page.body.contains("You write in it once a colleague has it"), "{}", page.body);
    assert!(!page.body.contains("id=\"claim\"") && !page.body.contains("id=\"levels\""));
    let page = act(&world, &operator, &format!("{path}/level"), &[("level", "1")]).await;
    assert!(page.body.contains("no colleague has this case"), "{}", page.body);
    let meant = sign.clone();
    colleague(&osyka, move |desk| {
        let caller = desk.find(&meant).unwrap();
        desk.open_call(&caller).unwrap();
        desk.claim(&caller, None).unwrap();
    })
    .await;
    sync(&world.desk).await;
    let page = operator.visit(&world.ui, &path).await;
    assert!(page.body.contains("A colleague reads your answer before it leaves"), "{}", page.body);
    assert!(page.body.contains("for you are a trainee") && !page.body.contains("id=\"second-reader\""));
    assert!(!page.body.contains("is held until they let it leave"));
    let form = Form::of(&page, &path);
    let fields = [("once", &*form.once), ("shown", &*form.shown), ("text", "careful words")];
    let how = |how| [&fields[..], &[("how", how)]].concat();
    let preview = operator.post(&world.ui, &form.reply, &how("preview")).await;
    assert!(preview.body.contains("once a colleague has read it as its second reader"), "{}", preview.body);
    let previewed = preview.previewed().unwrap();
    let sent = [how("queue"), vec![("previewed", &*previewed)]].concat();
    let page = act(&world, &operator, &form.reply, &sent).await;
    assert!(page.body.contains("Waits for a second reader"), "{}", page.body);
    in_step(&world, &osyka).await;
    let caller = osyka.find(&sign).unwrap();
    let answer = osyka.case(&caller).unwrap().items.iter().find_map(|item| {
        if let Item::Answer(answer) = item { Some((answer.id, answer.digest())) } else { None }
    });
    let (id, digest) = answer.unwrap();
    let leaves = |desk: &callsign_desk::Desk| {
        let case = desk.case(&caller).unwrap();
        case.answer(&id).unwrap().leaves()
    };
    assert!(!leaves(&osyka));
    colleague(&osyka, move |desk| {
        desk.approve(&caller, &digest).unwrap();
    })
    .await;
    assert!(leaves(&osyka));
}

/// "Send now" posts what may leave, and says nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn of_an_answer_that_waits_for_its_reader_nobody_says_that_it_was_posted() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    let fields =
        [("once", &*form.once), ("shown", &*form.shown), ("text", "come at six"), ("second_reader", "yes")];
    let preview = operator.post(&world.ui, &form.reply, &[&fields[..], &[("how", "preview")]].concat()).await;
    let previewed = preview.previewed().unwrap();
    let sent = [&fields[..], &[("how", "now"), ("previewed", &*previewed)]].concat();
    let done = operator.post(&world.ui, &form.reply, &sent).await;
    let page = operator.visit(&world.ui, done.location()).await;
    assert!(page.body.contains("leaves once a colleague has read it. Nothing of it has left yet."));
    assert!(!page.body.contains("Posted. The caller"), "{}", page.body);
}
