//! The operators' pages, asked as browsers ask them: who gets in, what is shown, what is opened, what is sent.

#[path = "ui/answering.rs"]
mod answering;
#[path = "ui/checklists.rs"]
mod checklists;
#[path = "ui/claims.rs"]
mod claims;
#[path = "ui/closing.rs"]
mod closing;
#[path = "ui/drafts.rs"]
mod drafts;
#[path = "ui/escalation.rs"]
mod escalation;
#[path = "ui/flags.rs"]
mod flags;
#[path = "ui/flood.rs"]
mod flood;
#[path = "ui/follow_ups.rs"]
mod follow_ups;
#[path = "ui/handover.rs"]
mod handover;
#[path = "ui/invitations.rs"]
mod invitations;
#[path = "ui/lists.rs"]
mod lists;
#[path = "ui/looks.rs"]
mod looks;
#[path = "ui/notes.rs"]
mod notes;
#[path = "ui/opening.rs"]
mod opening;
#[path = "ui/overtaken.rs"]
mod overtaken;
#[path = "ui/people.rs"]
mod people;
#[path = "ui/presence.rs"]
mod presence;
#[path = "ui/refusals.rs"]
mod refusals;
#[path = "ui/replies.rs"]
mod replies;
#[path = "ui/search.rs"]
mod search;
#[path = "ui/second_reader.rs"]
mod second_reader;
#[path = "ui/support.rs"]
mod support;
#[path = "ui/team.rs"]
mod team;
#[path = "ui/trainees.rs"]
mod trainees;
#[path = "ui/transfer.rs"]
mod transfer;
#[path = "ui/troubles.rs"]
mod troubles;
#[path = "ui/turns.rs"]
mod turns;

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use futures_util::StreamExt as _;
use support::{Browser, DESK_NAME, Form, PASSPHRASE, World, aside, send};
use tower::ServiceExt as _;

const PAGES: [&str; 51] = [
    "/?level=3",
    "/flood",
    "/flood/span",
    "/flood/undo",
    "/flood/0123456789abcdef",
    "/flood/0123456789abcdef/preview",
    "/flood/0123456789abcdef/do",
    "/handover",
    "/handover/end",
    "/handover/take",
    "/next",
    "/turn/not-ready",
    "/turn/pass",
    "/",
    "/?track=field",
    "/case/0123456789abcdef",
    "/case/0123456789abcdef/open",
    "/case/0123456789abcdef/draft",
    "/case/0123456789abcdef/draft/discard",
    "/case/0123456789abcdef/draft/older",
    "/case/0123456789abcdef/draft/give",
    "/case/0123456789abcdef/template",
    "/enter?code=00",
    "/unlock",
    "/events",
    "/search",
    "/follow-ups",
    "/help",
    "/people",
    "/people/invite",
    "/people/invite/admit",
    "/people/invite/stop",
    "/people/shut-out/AAAAAAAAAAAAAAAAAAAAAA",
    "/language",
    "/looks",
    "/presence",
    "/case/0123456789abcdef/follow-ups",
    "/case/0123456789abcdef/notes",
    "/case/0123456789abcdef/notes/strike",
    "/case/0123456789abcdef/step",
    "/case/0123456789abcdef/close",
    "/case/0123456789abcdef/reopen",
    "/case/0123456789abcdef/transfer",
    "/case/0123456789abcdef/transfer/accept",
    "/case/0123456789abcdef/transfer/refuse",
    "/case/0123456789abcdef/transfer/withdraw",
    "/case/0123456789abcdef/transfer/ask",
    "/desk.js",
    "/desk.css",
    "/icon.svg",
    "/nowhere",
];
const FORMS: [&str; 49] = [
    "/flood/span",
    "/flood/undo",
    "/flood/0123456789abcdef/preview",
    "/flood/0123456789abcdef/do",
    "/flood/0123456789abcdef/next",
    "/people/invite",
    "/people/invite/admit",
    "/people/invite/stop",
    "/handover/end",
    "/handover/take",
    "/next",
    "/turn/not-ready",
    "/turn/pass",
    "/language",
    "/search",
    "/looks",
    "/presence",
    "/unlock",
    "/lock",
    "/here",
    "/case/0123456789abcdef/open",
    "/case/0123456789abcdef/reply",
    "/case/0123456789abcdef/draft",
    "/case/0123456789abcdef/draft/discard",
    "/case/0123456789abcdef/draft/older",
    "/case/0123456789abcdef/draft/give",
    "/case/0123456789abcdef/template",
    "/case/0123456789abcdef/follow-ups",
    "/case/0123456789abcdef/follow-ups/done",
    "/case/0123456789abcdef/claim",
    "/case/0123456789abcdef/release",
    "/case/0123456789abcdef/level",
    "/case/0123456789abcdef/take-back",
    "/case/0123456789abcdef/let-go",
    "/case/0123456789abcdef/notes",
    "/case/0123456789abcdef/notes/strike",
    "/case/0123456789abcdef/step",
    "/case/0123456789abcdef/close",
    "/case/0123456789abcdef/reopen",
    "/case/0123456789abcdef/transfer",
    "/case/0123456789abcdef/transfer/accept",
    "/case/0123456789abcdef/transfer/refuse",
    "/case/0123456789abcdef/transfer/withdraw",
    "/case/0123456789abcdef/transfer/ask",
    "/people/add",
    "/people/roles",
    "/people/leave",
    "/people/give",
    "/people/shut-out",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_one_time_link_lets_one_browser_in_once() {
    let world = World::start().await;
    let link = world.ui.one_time_path();
    assert!(link.len() >= "/enter?code=".len() + 32, "128 bits at least");
    let mut browser = Browser::default();
    let entered = browser.open_link(&world.ui, &link).await;
    assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, "/unlock"));
    let cookie = entered.headers[header::SET_COOKIE].to_str().unwrap();
    for attribute in ["; HttpOnly", "; SameSite=Strict", "; Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    // The same browser goes on; another one is told how to get a link.
    assert_eq!(browser.open_link(&world.ui, &link).await.location(), "/");
    let second = Browser::default().open_link(&world.ui, &link).await;
    assert_eq!(second.status, StatusCode::FORBIDDEN);
    assert!(second.body.contains("callsign desk serve"));
    assert!(!second.headers.contains_key(header::SET_COOKIE));
    // A newer link voids the one before.
    let (old, new) = (world.ui.one_time_path(), world.ui.one_time_path());
    assert_eq!(Browser::default().open_link(&world.ui, &old).await.status, StatusCode::FORBIDDEN);
    assert_eq!(Browser::default().open_link(&world.ui, &new).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_hosts_and_origins_are_refused_everywhere() {
    let world = World::start().await;
    let operator = world.operator().await;
    for path in PAGES {
        let mut request = operator.request("GET", path).body(Body::empty()).unwrap();
        request.headers_mut().insert(header::HOST, "rebound.example:8701".parse().unwrap());
        assert_eq!(send(&world.ui, request).await.status, StatusCode::MISDIRECTED_REQUEST, "{path}");
    }
    for path in FORMS {
        for origin in [None, Some("null"), Some("http://127.0.0.1:8700"), Some("http://evil.example")] {
            let mut request = operator.request("POST", path).body(Body::from("passphrase=x")).unwrap();
            if let Some(origin) = origin {
                request.headers_mut().insert(header::ORIGIN, origin.parse().unwrap());
            }
            assert_eq!(send(&world.ui, request).await.status, StatusCode::FORBIDDEN, "{path} {origin:?}");
        }
    }
    assert_eq!(
        operator.visit(&world.ui, "/").await.status,
        StatusCode::OK,
        "the refused lock has not locked"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_strict_headers() {
    let world = World::start().await;
    let stranger = Browser::default();
    let gets = PAGES.map(|path| (Method::GET, path));
    let posts = FORMS.map(|path| (Method::POST, path));
    let odd = [(Method::DELETE, "/"), (Method::POST, "/desk.js"), (Method::OPTIONS, "/nowhere")];
    for (method, path) in gets.into_iter().chain(posts).chain(odd) {
        let request = stranger
            .request(method.as_str(), path)
            .header(header::ORIGIN, "http://127.0.0.1:8701")
            .body(Body::empty())
            .unwrap();
        let answer = send(&world.ui, request).await;
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert_eq!(
            policy,
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
             frame-ancestors 'none'; base-uri 'none'",
            "{method} {path}"
        );
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store", "{method} {path}");
        assert_eq!(answer.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(answer.headers["cross-origin-opener-policy"], "same-origin");
        assert_eq!(answer.headers["cross-origin-resource-policy"], "same-origin");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_sign_is_shown_as_operators_and_as_the_caller_say_it() {
    let world = World::start().await;
    let english = world.call(1, "hello", &[]).await;
    let case = world.case(&english);
    let ukrainian = world.desk.with_cases(|cases| Ok(cases.callers_name(&case).unwrap().0)).unwrap();
    assert!(!ukrainian.is_ascii());
    let operator = world.operator().await;
    let board = operator.visit(&world.ui, "/").await;
    let case = operator.visit(&world.ui, &board.case_path(&english)).await;
    for page in [board, case] {
        assert!(page.body.contains(&english));
        assert!(page.body.contains(&format!("lang=\"uk\">{ukrainian}</bdi>")));
    }
    let found = |sign: &str| world.desk.find(sign).unwrap();
    assert_eq!(found(&ukrainian.to_uppercase()), found(&english));
}

#[tokio::test(flavor = "multi_thread")]
async fn locked_pages_show_nothing() {
    let world = World::start().await;
    let call_sign = world.call(1, "planted words", &[]).await;
    let operator = world.operator().await;
    let board = operator.visit(&world.ui, "/").await;
    let case = board.case_path(&call_sign);
    let mut locked = Browser::default();
    locked.enter(&world.ui).await;
    for browser in [Browser::default(), locked] {
        for path in PAGES.into_iter().chain([case.as_str()]) {
            let answer = browser.visit(&world.ui, path).await;
            for secret in [call_sign.as_str(), "planted words", DESK_NAME, "field", "waiting\""] {
                let public = path.starts_with("/desk.") && secret != call_sign;
                assert!(public || !answer.body.contains(secret), "{path} shows {secret}");
            }
        }
        let reply = format!("{case}/reply");
        let sent = browser.post(&world.ui, &reply, &[("text", "x"), ("once", "1")]).await;
        assert!(sent.status == StatusCode::FORBIDDEN || sent.location() == "/unlock");
    }
    let answers = world.case(&call_sign).items.len();
    assert_eq!(answers, 1, "nothing was answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_passphrase_unlocks_and_a_wrong_one_is_told_calmly() {
    let world = World::start().await;
    // Once with a desk that works already, once with one that the passphrase sets to work.
    for ui in [world.ui.clone(), world.fresh_pages()] {
        let mut browser = Browser::default();
        browser.enter(&ui).await;
        assert_eq!(browser.visit(&ui, "/").await.location(), "/unlock");
        let wrong = browser.post(&ui, "/unlock", &[("passphrase", "<wrong>")]).await;
        assert_eq!(wrong.status, StatusCode::FORBIDDEN);
        assert!(wrong.body.contains("class=\"problem\"") && wrong.body.contains("nothing is lost"));
        assert!(!wrong.body.contains("wrong&gt;"), "what was typed does not come back");
        assert_eq!(browser.visit(&ui, "/").await.location(), "/unlock");
        let right = browser.post(&ui, "/unlock", &[("passphrase", PASSPHRASE)]).await;
        assert_eq!((right.status, right.location()), (StatusCode::SEE_OTHER, "/"));
        let board = browser.visit(&ui, "/").await;
        assert!(board.body.contains("No calls yet. This page shows new ones by itself."));
        assert!(board.body.contains(DESK_NAME) && board.body.contains(&world.desk.fingerprint().words()));
        let stranger = Browser::default().post(&ui, "/unlock", &[("passphrase", PASSPHRASE)]).await;
        assert_eq!(stranger.status, StatusCode::FORBIDDEN, "the passphrase alone lets no browser in");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn locking_takes_the_desk_from_every_browser_at_once() {
    let world = World::start().await;
    let (first, second) = (world.operator().await, world.operator().await);
    let request = second.request("GET", "/events").body(Body::empty()).unwrap();
    let response = world.ui.clone().router().oneshot(request).await.unwrap();
    let mut events = response.into_body().into_data_stream();
    assert_eq!(events.next().await.unwrap().unwrap(), "event: changed\ndata: -\n\n");
    assert_eq!(first.post(&world.ui, "/lock", &[]).await.location(), "/unlock");
    for browser in [&first, &second] {
        assert_eq!(browser.visit(&world.ui, "/").await.location(), "/unlock");
    }
    let rest: Vec<_> = events.map(Result::unwrap).collect().await;
    assert_eq!(rest.concat(), b"event: locked\ndata: -\n\n", "and the stream ends");
    let again = first.post(&world.ui, "/unlock", &[("passphrase", PASSPHRASE)]).await;
    assert_eq!(again.location(), "/");
    assert_eq!(second.visit(&world.ui, "/").await.location(), "/unlock", "each browser for itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_shows_who_waits_longest_first() {
    let world = World::start().await;
    let first = world.call(1, "one", &[]).await;
    world.pass(2_400);
    let second = world.call(2, "two", &[]).await;
    let operator = world.operator().await;
    let board = operator.visit(&world.ui, "/").await;
    let [at_first, at_second] =
        [&first, &second].map(|sign| board.body.find(&format!("\"{sign}\"")).unwrap());
    assert!(at_first < at_second);
    assert!(board.body.contains("<title>(2) Board"));
    assert!(board.body.contains("waits <strong>40 min</strong>"));
    assert!(board.body.contains("waits <strong>under 10 min</strong>"));
    assert!(board.body.contains("<strong>2 waiting</strong> of 2") && board.body.contains("longest 40 min"));
    assert_eq!(board.body.matches("not opened").count(), 2);
    let other_track = operator.visit(&world.ui, "/?track=relative").await;
    assert!(!other_track.body.contains(&first) && other_track.body.contains("Nobody waits"));
    assert!(!board.case_path(&first).contains(&first), "an address names nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_visit_opens_a_call_and_nothing_else_does() {
    let world = World::start().await;
    let call_sign = world.call(1, "are you real?", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let unopened = || world.case(&call_sign).unopened().len();
    let prefetch =
        operator.request("GET", &path).header("sec-purpose", "prefetch").body(Body::empty()).unwrap();
    for answer in [operator.fetch(&world.ui, &path).await, send(&world.ui, prefetch).await] {
        assert!(answer.body.contains("id=\"open\"") && !answer.body.contains("are you real?"));
    }
    assert_eq!(unopened(), 1);
    let read = operator.visit(&world.ui, &path).await;
    assert!(read.body.contains("are you real?") && !read.body.contains("id=\"open\""));
    assert!(read.body.contains("вечорами") && read.body.contains("Ukrainian"));
    assert_eq!(unopened(), 0);
    // What comes in while the case is open waits to be opened, and the draft comes back with it.
    world.call(1, "hello?", &[]).await;
    assert!(!operator.fetch(&world.ui, &path).await.body.contains("hello?"));
    assert_eq!(unopened(), 1);
    let opened = operator.post(&world.ui, &format!("{path}/open"), &[("text", "\nhalf <written>")]).await;
    assert!(opened.body.contains("hello?"));
    assert!(opened.body.contains(">\n\nhalf &lt;written&gt;</textarea>"));
    assert_eq!(unopened(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callers_text_is_text() {
    let world = World::start().await;
    let text = "<img src=x onerror=alert(1)>\r\n\"'&amp; https://example.org 🙂\u{1b}[2J\u{202e}.";
    let call_sign = world.call(1, text, &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let case = operator.visit(&world.ui, &path).await;
    assert!(!case.body.contains("<img") && !case.body.contains("href=\"https"));
    let shown = "<div class=\"text\" dir=\"auto\" lang=\"uk\">&lt;img src=x onerror=alert(1)&gt;\n&quot;'&amp;amp; https://example.org 🙂\\u{1b}[2J\\u{202e}.</div>";
    assert!(case.body.contains(shown));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_not_arrived_is_said() {
    let world = World::start().await;
    let call_sign = world.call(1, &"слово ".repeat(600), &[1]).await;
    let operator = world.operator().await;
    let board = operator.visit(&world.ui, "/").await;
    assert!(board.body.contains(">incomplete<"));
    let case = operator.visit(&world.ui, &board.case_path(&call_sign)).await;
    assert!(case.body.contains("has not arrived") && case.body.contains("part 2 of "));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_waits_for_the_cadence_or_leaves_at_once() {
    let world = World::start().await;
    let call_sign = world.call(1, "hello", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    let queued = form.send(&world, &operator, "line one\r\nline two").await;
    assert_eq!(queued.location(), format!("{path}?said=queued"));
    // A double click sends the same form twice.
    let again = form.send(&world, &operator, "line one\r\nline two").await;
    assert_eq!(again.location(), format!("{path}?said=known"));
    let case = operator.visit(&world.ui, queued.location()).await;
    assert_eq!(case.body.matches("class=\"from-desk\"").count(), 1);
    assert!(case.body.contains(">line one\nline two</div>"), "as it was typed");
    assert!(case.body.contains("waits for its turn in the cadence") && case.body.contains("Queued."));
    // With nothing written, "Send now" sends what waits.
    let sent = Form::of(&case, &path).send_now(&world, &operator, "").await;
    assert_eq!(sent.location(), format!("{path}?said=posted"));
    let case = operator.visit(&world.ui, sent.location()).await;
    assert!(case.body.contains(">posted<") && !case.body.contains("waits for its turn"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_taken_keeps_its_text() {
    let world = World::start().await;
    let call_sign = world.call(1, "hello", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    let long = "я".repeat(6_000);
    let refused = form.send(&world, &operator, &long).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("the answer is too long") && refused.body.contains(&long));
    let empty = form.send(&world, &operator, " \n").await;
    assert!(empty.body.contains("the answer is empty"));
    // Nobody answers past what they have not read.
    world.call(1, "wait, one more thing", &[]).await;
    let refused = form.send(&world, &operator, "my answer").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused.body.contains("a new message has come in")
            && refused.body.contains(">\nmy answer</textarea>")
    );
    assert!(!refused.body.contains("wait, one more thing"));
    // A refused form may be sent again.
    operator.post(&world.ui, &format!("{path}/open"), &[]).await;
    let now_shown = Form::of(&operator.visit(&world.ui, &path).await, &path).shown;
    let form = Form { shown: now_shown, ..Form::of(&refused, &path) };
    let taken = form.send(&world, &operator, "my answer").await;
    assert_eq!(taken.location(), format!("{path}?said=queued"));
    // The hub is away: what was to leave at once is kept.
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    world.lose_hub();
    let kept = form.send_now(&world, &operator, "urgent").await;
    assert_eq!(kept.location(), format!("{path}?said=away"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lapsed_caller_has_no_answer_form() {
    let world = World::start().await;
    let call_sign = world.call(1, "hello", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    world.pass_away_from(&operator, 40 * 86_400).await;
    let case = operator.visit(&world.ui, &path).await;
    assert!(case.body.contains("cannot be answered now") && !case.body.contains("id=\"send\""));
    assert!(case.body.contains("the notice has expired"));
    let sent = form.send(&world, &operator, "x").await;
    assert_eq!(sent.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_custodians_certificate_is_said_from_ten_days_before() {
    let world = World::start().await;
    world.detach_identity().await;
    let operator = world.operator().await;
    let quiet = operator.visit(&world.ui, "/").await.body;
    assert!(quiet.contains("The duty key is certified until ") && !quiet.contains("desk identity certify"));
    world.pass_away_from(&operator, 24 * 86_400).await;
    assert!(!operator.visit(&world.ui, "/").await.body.contains("desk identity certify"));
    world.pass_away_from(&operator, 86_400).await;
    let due = operator.visit(&world.ui, "/").await.body;
    assert!(due.contains("certificate ends on ") && due.contains("desk identity certify"));
    world.pass_away_from(&operator, 11 * 86_400).await;
    assert!(operator.visit(&world.ui, "/").await.body.contains("certificate has ended"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_is_away_or_lies_is_said_on_every_page() {
    let world = World::start().await;
    let copy = world.keep_copy();
    let call_sign = world.call(1, "hello", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let request = operator.request("GET", "/events").body(Body::empty()).unwrap();
    let mut events = world.ui.clone().router().oneshot(request).await.unwrap().into_body().into_data_stream();
    let desk = world.desk.clone();
    aside(move || desk.flush().unwrap()).await;
    world.lose_hub();
    while !operator.fetch(&world.ui, &path).await.body.contains("cut off from the hub") {
        events.next().await.unwrap().unwrap();
    }
    operator.visit(&world.ui, &path).await;
    world.restore(&copy).await;
    let desk = world.desk.clone();
    assert!(aside(move || desk.sync()).await.is_err());
    for page in ["/", path.as_str()] {
        let shown = operator.fetch(&world.ui, page).await.body;
        assert!(shown.contains("class=\"alarm\" role=\"alert\"") && shown.contains("do not trust the hub"));
        assert!(shown.contains("than before."), "the desk's own sentence is there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_are_for_this_computer_and_end_when_told() {
    let world = World::start().await;
    let open_to_all = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    assert!(world.ui.clone().serve(open_to_all, std::future::pending()).await.is_err());
    let operator = world.operator().await;
    let request = operator.request("GET", "/events").body(Body::empty()).unwrap();
    let events = world.ui.clone().router().oneshot(request).await.unwrap().into_body().into_data_stream();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    world.ui.clone().serve(listener, std::future::ready(())).await.unwrap();
    assert!(events.count().await <= 1, "open streams end with the program");
}
