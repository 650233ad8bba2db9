//! The pages of follow-ups: set, moved, done; shown where people look; nothing that was written is lost.

use axum::http::StatusCode;
use callsign_desk::cases::SafeWindow;
use callsign_protocol::time::{Day, UnixSeconds};

use crate::support::{Answer, Browser, PASSPHRASE, World};

/// A day from the desk's today on, as forms write it.
fn day(world: &World, ahead: u32) -> String {
    let day: Day = world.desk.now().day().plus(ahead);
    let UnixSeconds(at) = day.start();
    let date = time::OffsetDateTime::from_unix_timestamp(i64::try_from(at).unwrap()).unwrap().date();
    date.format(time::macros::format_description!("[year]-[month]-[day]")).unwrap()
}

async fn set(world: &World, operator: &Browser, path: &str, fields: [&str; 4]) -> Answer {
    let [due, hour, text, moves] = fields;
    let fields = [("due", due), ("hour", hour), ("text", text), ("moves", moves)];
    operator.post(&world.ui, &format!("{path}/follow-ups"), &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follow_up_is_set_shown_moved_and_done() {
    let world = World::start().await;
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let due = format!("{path}/follow-ups");
    assert!(operator.visit(&world.ui, &due).await.body.contains("None is set."));
    let (today, later) = (day(&world, 0), day(&world, 9));
    let text = "ask <b>how</b> it went\u{202e}";
    assert_eq!(set(&world, &operator, &path, [&later, "16", text, ""]).await.location(), due);
    let page = operator.visit(&world.ui, &due).await;
    assert!(page.body.contains("ask &lt;b&gt;how&lt;/b&gt; it went") && !page.body.contains(">ask <b>"));
    assert!(page.body.contains(", 16:00 UTC") && page.body.contains("in 9 days"));

    // It stands with the call and in the list of all, and what is due is counted on every page.
    assert!(operator.visit(&world.ui, &path).await.body.contains("it went"));
    let moves = page.attribute("name=\"moves\" value=\"");
    assert_eq!(
        set(&world, &operator, &path, [&today, "", "call again", &moves]).await.status,
        StatusCode::SEE_OTHER
    );
    let list = operator.visit(&world.ui, "/follow-ups").await;
    assert!(
        list.body.contains(&call_sign)
            && list.body.contains("call again")
            && list.body.contains("moved from")
    );
    assert!(!list.body.contains("it went") && list.body.contains("class=\"badge new\">due<"));
    assert!(operator.visit(&world.ui, "/").await.body.contains("Due <strong>1</strong>"));

    // A move of what another tab has moved already says so, and keeps what was written.
    let late = set(&world, &operator, &path, [&later, "7", "too late", &moves]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.body.contains("not there any more") && late.body.contains("value=\"too late\""));

    let id = operator.visit(&world.ui, &due).await.attribute("name=\"follow_up\" value=\"");
    for _ in 0..2 {
        // Two tabs: the second finds it done.
        let ended = operator.post(&world.ui, &format!("{due}/done"), &[("follow_up", &id)]).await;
        assert_eq!(ended.location(), due);
    }
    assert!(operator.visit(&world.ui, "/follow-ups").await.body.contains("Nothing is to be done"));
    assert!(!operator.visit(&world.ui, "/").await.body.contains("Due <strong>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_and_what_was_written_comes_back() {
    let world = World::start().await;
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let later = day(&world, 9);
    for (due, hour, says) in [
        ("", "", "no day is named"),
        ("soon", "", "no day is named"),
        ("2001-01-01", "", "is over"),
        ("2999-01-01", "", "more than a year"),
        (later.as_str(), "24", "from 0 to 23"),
        (&later, "noon", "from 0 to 23"),
    ] {
        let refused = set(&world, &operator, &path, [due, hour, "my \"words\"", ""]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{due} {hour}");
        assert!(
            refused.body.contains(says) && refused.body.contains("value=\"my &quot;words&quot;\""),
            "{says}"
        );
    }
    let many = [later.as_str(), "", "again", ""];
    for _ in 0..16 {
        assert_eq!(set(&world, &operator, &path, many).await.status, StatusCode::SEE_OTHER);
    }
    assert!(set(&world, &operator, &path, many).await.body.contains("16 follow-ups already"));

    operator.post(&world.ui, "/lock", &[]).await;
    let kept = set(&world, &operator, &path, [&later, "7", "while it was locked", ""]).await;
    assert_eq!(kept.status, StatusCode::FORBIDDEN);
    assert!(
        kept.body.contains("while it was locked")
            && kept.body.contains("Send again")
            && !kept.body.contains(&call_sign)
    );
    operator.post(&world.ui, "/unlock", &[("passphrase", PASSPHRASE)]).await;
    let caller = world.desk.find(&call_sign).unwrap();
    world.desk.erase(&caller).unwrap();
    assert_eq!(operator.visit(&world.ui, &format!("{path}/follow-ups")).await.status, StatusCode::NOT_FOUND);
    let gone = set(&world, &operator, &path, [&later, "", "to somebody who is gone", ""]).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(gone.body.contains("to somebody who is gone"));
    assert!(operator.visit(&world.ui, "/follow-ups").await.body.contains("Nothing is to be done"));
}

#[tokio::test(flavor = "multi_thread")]
async fn follow_ups_lie_in_the_callers_safe_hours_or_say_why_not() {
    let world = World::start().await;
    let call_sign = world.call(1, "a word of greeting", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let due = format!("{path}/follow-ups");
    assert!(!operator.visit(&world.ui, &due).await.body.contains("name=\"at\""), "nobody knows any hours");
    let caller = world.desk.find(&call_sign).unwrap();
    let window = SafeWindow::parse("20:00", "22:00", "+03:00").unwrap();
    world.desk.set_safe_window(&caller, Some(window)).unwrap();
    let page = operator.visit(&world.ui, &due).await;
    assert_eq!(page.body.matches("name=\"at\"").count(), 3, "{}", page.body);
    assert!(page.body.contains("Safe to look: <bdi>20:00-22:00 +03:00</bdi>"), "{}", page.body);
    // One press sets it for the first of them.
    let at = page.attribute("name=\"at\" value=\"");
    assert!(at.ends_with(" 17") || at.ends_with(" 18"), "{at}");
    let fields = [("at", &*at), ("text", "ask how it went")];
    assert_eq!(operator.post(&world.ui, &due, &fields).await.location(), due);
    // Another hour is asked about, and what was typed stays.
    let later = day(&world, 9);
    let asked = set(&world, &operator, &path, [&later, "3", "my words", ""]).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asked.body.contains("03:00 UTC is outside of the hours"), "{}", asked.body);
    assert!(asked.body.contains("name=\"why\"") && asked.body.contains("value=\"my words\""));
    let why = [("due", &*later), ("hour", "3"), ("text", "my words"), ("why", "he <asked> for it")];
    assert_eq!(operator.post(&world.ui, &due, &why).await.location(), due);
    let page = operator.visit(&world.ui, &due).await;
    assert!(page.body.contains("outside of the safe hours: he &lt;asked&gt; for it"), "{}", page.body);
    // A day without an hour, and an hour of the window, ask nothing; what was said of no need is not kept.
    for hour in ["", "18"] {
        assert_eq!(set(&world, &operator, &path, [&later, hour, "again", ""]).await.location(), due);
    }
    assert_eq!(world.case(&call_sign).follow_ups().iter().filter(|one| one.why.is_some()).count(), 1);
    // A move shows the former day with its hour.
    let moves = world.case(&call_sign).follow_ups()[0].set_by.to_string();
    assert_eq!(
        set(&world, &operator, &path, [&later, "18", "ask how it went", &moves]).await.location(),
        due
    );
    let page = operator.visit(&world.ui, &due).await;
    assert!(page.body.contains("moved from") && page.body.contains(":00 UTC</span>"), "{}", page.body);
}
