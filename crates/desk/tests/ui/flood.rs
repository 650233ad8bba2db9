//! A flood: levels in the place of a long list, and what is said of many calls at once, with its preview and its way back.

use std::sync::Arc;

use axum::http::StatusCode;
use callsign_desk::{
    Desk,
    cases::{Flag, Level},
};

use crate::{
    support::{Answer, Browser, World, aside},
    team::{act, colleague, in_step, sync},
};

/// The desk's log takes all that waits.
async fn into_the_log(desk: &Arc<Desk>) {
    let desk = Arc::clone(desk);
    aside(move || desk.flush().unwrap()).await;
}

/// Where the first span leads.
fn span(page: &Answer) -> String {
    page.attribute("<ul class=\"arrivals\"><li><a href=\"")
}

/// The boxes of a page, by their names.
fn boxes(page: &Answer) -> Vec<String> {
    let inputs = page.body.split("name=\"case-").skip(1);
    inputs.map(|rest| format!("case-{}", rest.split('"').next().unwrap())).collect()
}

/// The fields of a form that names these cases.
fn fields<'a>(cases: &'a [String], said: &'a str, days: &'a str) -> Vec<(&'a str, &'a str)> {
    let named = cases.iter().map(|case| (case.as_str(), "yes"));
    named.chain([("as", said), ("days", days)]).collect()
}

fn aside_count(world: &World) -> (usize, usize) {
    world.desk.with_cases(|cases| Ok(cases.aside_counts())).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_of_more_than_200_shows_levels_and_leads_to_all() {
    let world = World::start().await;
    world.letters(200).await;
    let operator = world.operator().await;
    let board = operator.visit(&world.ui, "/").await;
    assert!(!board.body.contains("more than anybody can look at") && board.body.contains("data-key"));
    let sign = world.call(1, "a real one", &[]).await;
    let caller = world.desk.find(&sign).unwrap();
    let desk = Arc::clone(&world.desk);
    aside(move || desk.set_level(&caller, Level::FIRST).unwrap()).await;
    let board = operator.visit(&world.ui, "/").await;
    assert!(board.body.contains("<strong>201 calls wait</strong>"), "{}", board.body);
    assert!(board.body.contains("200 calls</a>") && board.body.contains("1 call</a>"));
    // The most urgent stand there by themselves, and first of them whom somebody has called urgent.
    assert_eq!(board.body.matches("<li data-key=").count(), 20);
    let first = board.body.split("data-call-sign=\"").nth(1).unwrap();
    assert!(first.starts_with(&sign), "{sign}");
    let of_level = operator.visit(&world.ui, "/?level=1").await;
    assert_eq!(of_level.body.matches("<li data-key=").count(), 1);
    let usual = operator.visit(&world.ui, "/?level=3").await;
    assert_eq!(usual.body.matches("<li data-key=").count(), 200);
    for wrong in ["/?level=9", "/?level=%00", "/?level="] {
        assert_eq!(operator.visit(&world.ui, wrong).await.status, StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_flagged_after_a_preview_and_the_flags_are_lifted_in_one_step() {
    let world = World::start().await;
    world.letters(12).await;
    let operator = world.operator().await;
    // What is not in the log yet is not chosen from.
    let page = operator.visit(&world.ui, "/flood").await;
    assert!(page.body.contains("12 more are on their way into the desk’s log"), "{}", page.body);
    into_the_log(&world.desk).await;
    let page = operator.visit(&world.ui, "/flood").await;
    assert!(page.body.contains(">12 calls</a>"), "{}", page.body);
    let path = span(&page);
    let chosen = operator.visit(&world.ui, &path).await;
    let all = boxes(&chosen);
    assert_eq!(
        (all.len(), chosen.body.matches("value=\"yes\" checked").count()),
        (12, 12),
        "{}",
        chosen.body
    );
    assert!(!chosen.body.contains("a letter"), "nothing of what callers wrote stands there");
    let preview = operator.post(&world.ui, &format!("{path}/preview"), &fields(&all[..9], "junk", "7")).await;
    assert_eq!(preview.status, StatusCode::OK);
    assert!(preview.body.contains("9 calls become junk until the end of"), "{}", preview.body);
    assert_eq!((boxes(&preview).len(), aside_count(&world)), (9, (0, 0)), "nothing is done yet");
    let done = act(&world, &operator, &format!("{path}/do"), &fields(&boxes(&preview), "junk", "7")).await;
    assert!(
        done.body.contains("flagged 9 calls as junk") && done.body.contains("not in the log yet"),
        "{}",
        done.body
    );
    assert_eq!(aside_count(&world), (9, 0), "as this device shows it; the log hears of it with a beat");
    assert!(done.body.contains("9 calls are flagged as junk"));
    let board = operator.visit(&world.ui, "/?aside=yes").await;
    assert_eq!(board.body.matches("<li data-key=").count(), 9);
    let flagged = board.body.split("<li data-key=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let case = operator.fetch(&world.ui, &flagged).await;
    assert!(case.body.contains("flagged with many others"), "{}", case.body);
    // While it waits, and afterwards too.
    for waits in [true, false] {
        if !waits {
            let (path, fields) = (format!("{path}/do"), fields(&all[..9], "junk", "7"));
            act(&world, &operator, &path, &fields).await;
            into_the_log(&world.desk).await;
        }
        let page = operator.visit(&world.ui, "/flood").await;
        assert_eq!(page.body.contains("not in the log yet"), waits, "{}", page.body);
        let act_of = page.attribute("data-act=\"");
        let undone = act(&world, &operator, "/flood/undo", &[("act", &act_of)]).await;
        assert!(undone.body.contains("It is taken back") && undone.body.contains("Nothing of it stands"));
        assert_eq!(aside_count(&world), (0, 0));
        let again = operator.post(&world.ui, "/flood/undo", &[("act", &act_of)]).await;
        assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.body);
        into_the_log(&world.desk).await;
        assert_eq!(aside_count(&world), (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_colleague_did_first_is_left_out_and_named() {
    let world = World::start().await;
    world.letters(6).await;
    into_the_log(&world.desk).await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    let path = span(&operator.visit(&world.ui, "/flood").await);
    let all = boxes(&operator.visit(&world.ui, &path).await);
    // One is opened of which this desk hears at once.
    colleague(&osyka, |desk| {
        let mut all: Vec<_> = desk.with_cases(|cases| Ok(cases.callers().collect())).unwrap();
        all.sort_unstable();
        desk.open_call(&all[0]).unwrap();
    })
    .await;
    sync(&world.desk).await;
    let preview = operator.post(&world.ui, &format!("{path}/preview"), &fields(&all, "junk", "30")).await;
    assert_eq!(preview.status, StatusCode::CONFLICT);
    assert!(preview.body.contains("1 of these calls were opened"), "{}", preview.body);
    let left = boxes(&preview);
    assert_eq!(left.len(), 5);
    // The hub has the second before it has this desk's act, and this desk hears of it afterwards.
    let other = Arc::clone(&osyka);
    aside(move || {
        other.sync().unwrap();
        let mut all: Vec<_> = other.with_cases(|cases| Ok(cases.callers().collect())).unwrap();
        all.sort_unstable();
        other.open_call(&all[1]).unwrap();
    })
    .await;
    act(&world, &operator, &format!("{path}/do"), &fields(&left, "junk", "30")).await;
    let other = Arc::clone(&osyka);
    aside(move || other.flush().unwrap()).await;
    in_step(&world, &osyka).await;
    assert_eq!(aside_count(&world), (4, 0));
    let page = operator.visit(&world.ui, "/flood").await;
    assert!(
        page.body.contains("flagged 4 calls as junk") && page.body.contains("Not so for 1"),
        "{}",
        page.body
    );
    let mut callers: Vec<_> = world.desk.with_cases(|cases| Ok(cases.callers().collect())).unwrap();
    callers.sort_unstable();
    assert!(page.body.contains(&world.desk.call_sign(&callers[1])), "it is named");
    assert!(
        page.body.contains("had no effect") && page.body.contains("the sifting of many calls"),
        "and told"
    );
    // The colleague takes it back.
    let undone = page.attribute("data-act=\"");
    let other = Arc::clone(&osyka);
    aside(move || other.unsift(&other.siftings().unwrap()[0].sifting.id).unwrap()).await;
    in_step(&world, &osyka).await;
    assert_eq!((aside_count(&world), undone.is_empty()), ((0, 0), false));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_again_shows_among_those_that_are_set_aside() {
    let world = World::start().await;
    world.letters(3).await;
    into_the_log(&world.desk).await;
    let operator = world.operator().await;
    let path = span(&operator.visit(&world.ui, "/flood").await);
    let all = boxes(&operator.visit(&world.ui, &path).await);
    act(&world, &operator, &format!("{path}/do"), &fields(&all, "junk", "30")).await;
    world.pass_away_from(&operator, 1_200).await;
    // The first of the same callers, once more.
    world.letters(1).await;
    let board = operator.visit(&world.ui, "/").await;
    assert!(
        board.body.contains("3 calls are flagged as junk")
            && board.body.contains("1 of them has written since")
    );
    let first = board.body.split("<li data-key=").nth(1).unwrap();
    assert!(first.contains("wrote since it was flagged as junk"), "{first}");
    assert_eq!(board.body.matches("wrote since it was flagged").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_span_is_gone_through_one_by_one() {
    let world = World::start().await;
    world.letters(3).await;
    into_the_log(&world.desk).await;
    let operator = world.operator().await;
    let path = span(&operator.visit(&world.ui, "/flood").await);
    let next = format!("{path}/next");
    let first = act(&world, &operator, &next, &[]).await;
    assert!(first.body.contains("a letter") && first.body.contains("id=\"junk-next\""), "{}", first.body);
    let case = first.attribute("name=\"case\" value=\"");
    let second = act(&world, &operator, &next, &[("case", &case), ("as", "junk")]).await;
    assert_eq!(aside_count(&world), (1, 0));
    let other = second.attribute("name=\"case\" value=\"");
    assert_ne!(case, other);
    let third = act(&world, &operator, &next, &[("case", &other), ("as", "leave")]).await;
    let last = third.attribute("name=\"case\" value=\"");
    let end = act(&world, &operator, &next, &[("case", &last), ("as", "leave")]).await;
    assert!(end.body.contains("all of it was gone through"), "{}", end.body);
    // By hand: no act on many has it.
    let flagged = world.desk.with_cases(|cases| {
        let aside = cases.callers().filter(|caller| cases.is_aside(caller));
        aside
            .map(|caller| Ok(cases.get(&caller)?.unwrap().is_set_aside_with_many()))
            .collect::<Result<Vec<_>, _>>()
    });
    assert_eq!(flagged.unwrap(), [false]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_in_the_forms_does_nothing_and_keeps_what_was_chosen() {
    let world = World::start().await;
    world.letters(2).await;
    world.pass(1_200);
    world.letters(4).await;
    into_the_log(&world.desk).await;
    let operator = world.operator().await;
    let page = operator.visit(&world.ui, "/flood").await;
    assert!(page.body.contains("2 callers wrote at several times"), "{}", page.body);
    let path = span(&page);
    let all = boxes(&operator.visit(&world.ui, &path).await);
    assert_eq!(all.len(), 2);
    let unknown = vec!["case-0123456789abcdef".to_owned()];
    for (cases, said, days, why) in [
        (&all[..0], "junk", "30", "no call is chosen"),
        (&all[..1], "junk", "0", "1 to 90 days"),
        (&all[..1], "junk", "many", "1 to 90 days"),
        (&all[..1], "5", "", "1 to 90 days"),
        (&unknown, "junk", "30", "1 of these calls"),
    ] {
        for what in ["preview", "do"] {
            let refused =
                operator.post(&world.ui, &format!("{path}/{what}"), &fields(cases, said, days)).await;
            assert!(
                refused.status.is_client_error() && refused.body.contains(why),
                "{why}: {}",
                refused.body
            );
        }
    }
    let kept = operator.post(&world.ui, &format!("{path}/preview"), &fields(&all[..1], "junk", "91")).await;
    assert_eq!(kept.body.matches("value=\"yes\" checked").count(), 1);
    assert!(kept.body.contains("value=\"91\""));
    assert_eq!(aside_count(&world), (0, 0));
    // A longer span has those, too, who wrote at several times; its ends may be given in either order.
    let steps: Vec<String> = page
        .body
        .split("<option value=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    assert!(!steps.is_empty());
    let wrong = operator.post(&world.ui, "/flood/span", &[("from", "x"), ("to", &steps[0])]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for unknown in ["/flood/0123456789abcdef", "/flood/x"] {
        assert_eq!(operator.visit(&world.ui, unknown).await.status, StatusCode::NOT_FOUND);
    }
    // By level, which leaves a person's own in place.
    let preview = operator.post(&world.ui, &format!("{path}/preview"), &fields(&all, "4", "30")).await;
    assert!(preview.body.contains("2 calls get level"), "{}", preview.body);
    let done = act(&world, &operator, &format!("{path}/do"), &fields(&all, "4", "30")).await;
    assert!(done.body.contains("gave 2 calls level") && done.body.contains("take these 2 levels back"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_a_flood_speak_ukrainian() {
    let world = World::start().await;
    world.letters(5).await;
    into_the_log(&world.desk).await;
    let operator: Browser = world.operator().await;
    operator.post(&world.ui, "/language", &[("language", "uk"), ("back", "/")]).await;
    let page = operator.visit(&world.ui, "/flood").await;
    assert!(page.body.contains(">5 звернень</a>"), "{}", page.body);
    let path = span(&page);
    let all = boxes(&operator.visit(&world.ui, &path).await);
    let preview = operator.post(&world.ui, &format!("{path}/preview"), &fields(&all[..2], "junk", "3")).await;
    assert!(preview.body.contains("2 звернення стануть сміттям"), "{}", preview.body);
    let none = operator.post(&world.ui, &format!("{path}/preview"), &fields(&[], "junk", "3")).await;
    assert!(none.body.contains("не вибрано жодного звернення"), "{}", none.body);
    assert!(
        world
            .desk
            .with_cases(|cases| Ok(cases
                .callers()
                .all(|caller| cases.glance(&caller).unwrap().flags != [Flag::Junk])))
            .unwrap()
    );
}
