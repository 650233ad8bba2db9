//! How the pages look and are worked: chosen by a form, kept by the program, for operators alone.

use axum::{
    body::Body,
    http::{StatusCode, header},
};

use crate::support::{Browser, World, send};

const AS_THE_COMPUTER: &str = ":root { color-scheme: light dark; }";
const DARK: &str = ":root { color-scheme: dark; }";

async fn style(world: &World, browser: &Browser) -> String {
    browser.visit(&world.ui, "/desk.css").await.body
}

#[tokio::test(flavor = "multi_thread")]
async fn colours_and_letters_are_chosen_by_a_form_and_hold_everywhere() {
    let world = World::start().await;
    let (operator, stranger) = (world.operator().await, Browser::default());
    assert!(style(&world, &stranger).await.starts_with(AS_THE_COMPUTER));
    let letters_on = "name=\"letters\" value=\"on\" checked";
    let help = operator.visit(&world.ui, "/help").await.body;
    assert!(help.contains("value=\"computer\" checked") && help.contains(letters_on));
    assert!(help.contains(&world.desk.fingerprint().words()));

    // A box that is not ticked is not sent.
    let chosen = operator.post(&world.ui, "/looks", &[("theme", "dark")]).await;
    assert_eq!((chosen.status, chosen.location()), (StatusCode::SEE_OTHER, "/help"));
    for browser in [&operator, &stranger] {
        assert!(style(&world, browser).await.starts_with(DARK));
    }
    for path in ["/", "/help", "/search"] {
        let page = operator.visit(&world.ui, path).await.body;
        assert!(page.contains("value=\"dark\" checked") && !page.contains(letters_on), "{path}");
        assert_eq!(page.matches("id=\"letters\"").count(), 1, "{path}");
    }
    assert_eq!(operator.visit(&world.ui, "/looks").await.location(), "/help");
    operator.post(&world.ui, "/looks", &[("theme", "computer"), ("letters", "on")]).await;
    assert!(style(&world, &operator).await.starts_with(AS_THE_COMPUTER));
    assert!(operator.visit(&world.ui, "/").await.body.contains(letters_on));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_chooses_and_nothing_unknown_is_chosen() {
    let world = World::start().await;
    let operator = world.operator().await;
    let mut locked = Browser::default();
    locked.enter(&world.ui).await;
    assert_eq!(locked.post(&world.ui, "/looks", &[("theme", "dark")]).await.location(), "/unlock");
    let stranger = Browser::default().post(&world.ui, "/looks", &[("theme", "dark")]).await;
    assert_eq!(stranger.status, StatusCode::FORBIDDEN);
    let unknown = operator.post(&world.ui, "/looks", &[("theme", "} body { display: none")]).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(style(&world, &operator).await.starts_with(AS_THE_COMPUTER));
}

/// A visit with what the browser prefers.
async fn visit_in(world: &World, browser: &Browser, path: &str, accepted: &str) -> String {
    let request = browser.request("GET", path).header(header::ACCEPT_LANGUAGE, accepted);
    send(&world.ui, request.body(Body::empty()).unwrap()).await.body
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_speak_what_the_browser_prefers_until_somebody_chooses() {
    let world = World::start().await;
    world.call(1, "hello", &[]).await;
    let operator = world.operator().await;
    let mut locked = Browser::default();
    locked.enter(&world.ui).await;
    let stranger = Browser::default();
    let languages = async |accepted: &str| {
        let board = visit_in(&world, &operator, "/", accepted).await;
        let unlock = visit_in(&world, &locked, "/unlock", accepted).await;
        let closed = visit_in(&world, &stranger, "/", accepted).await;
        [board, unlock, closed].map(|page| {
            let [english, ukrainian] =
                ["en", "uk"].map(|tag| page.contains(&format!("<html lang=\"{tag}\"")));
            assert!(english != ukrainian, "{page}");
            if ukrainian { "uk" } else { "en" }
        })
    };
    assert_eq!(languages("").await, ["en"; 3]);
    assert_eq!(languages("uk-UA,uk;q=0.9,en;q=0.8").await, ["uk"; 3]);
    let board = visit_in(&world, &operator, "/", "uk").await;
    assert!(board.contains("<title>(1) Дошка · Служба Callsign</title>") && board.contains("1 повідомлення"));
    assert!(!board.contains("Waiting") && board.contains("Я на фронті"));

    // A browser that was let in chooses, before the passphrase as well, and is led back to where it was.
    let choose = async |browser: &Browser, language: &str, from: &str| {
        let request = browser.request("POST", "/language").header(header::ORIGIN, "http://127.0.0.1:8701");
        let request = request.header(header::REFERER, format!("http://127.0.0.1:8701{from}"));
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        send(&world.ui, request.body(Body::from(format!("language={language}"))).unwrap()).await
    };
    assert_eq!(choose(&locked, "uk", "/unlock").await.location(), "/unlock");
    assert_eq!(languages("en").await, ["uk"; 3], "the choice holds in all browsers");
    let wrong = [("passphrase", "not this one")];
    assert!(locked.post(&world.ui, "/unlock", &wrong).await.body.contains("Перевірте розкладку клавіатури"));
    assert_eq!(choose(&operator, "en", "/search?x=1").await.location(), "/search?x=1");
    assert_eq!(languages("uk").await, ["en"; 3]);
    // What is swapped into a page comes in that page's language.
    let of_page = operator.request("GET", "/").header("callsign-language", "uk").body(Body::empty()).unwrap();
    assert!(send(&world.ui, of_page).await.body.contains("<html lang=\"uk\""));

    for (language, from) in [("ru", "/help"), ("", "//evil.example/"), ("<b>", "/help")] {
        let answer = choose(&operator, language, from).await;
        assert_eq!(answer.location(), if from.starts_with("//") { "/" } else { from });
    }
    assert_eq!(choose(&stranger, "uk", "/").await.status, StatusCode::FORBIDDEN);
    assert_eq!(languages("uk").await, ["en"; 3], "nothing of that was chosen");
    assert_eq!(operator.visit(&world.ui, "/language").await.location(), "/");
    // The choice of colours leaves it alone.
    operator.post(&world.ui, "/looks", &[("theme", "dark"), ("letters", "on")]).await;
    assert_eq!(languages("uk").await, ["en"; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_and_what_is_wrong_are_said_in_the_language_of_the_page() {
    let world = World::start_beating(300).await;
    let call_sign = world.call(1, "hello", &[]).await;
    let operator = world.operator().await;
    let case = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    operator.post(&world.ui, "/language", &[("language", "uk")]).await;
    let undated = operator.post(&world.ui, &format!("{case}/follow-ups"), &[("text", "x")]).await;
    assert!(
        undated.body.contains("Нічого не встановлено: дня не названо; дайте його як YYYY-MM-DD, за UTC.")
    );
    operator.post(&world.ui, "/search", &[("query", "track:<b>")]).await;
    let found = operator.visit(&world.ui, "/search").await.body;
    assert!(found.contains("Тут жодна справа не має «<bdi>track:&lt;b&gt;</bdi>»; є такі: <bdi>"), "{found}");
    world.lose_hub();
    let added = [("name", "Yavir"), ("operator", "on")];
    let added = operator.post(&world.ui, "/people/add", &added).await.body;
    let problem = added.split("class=\"problem\"").nth(1).unwrap().split("</p>").next().unwrap();
    assert!(problem.contains("сервер <bdi>http://"), "{problem}");
    assert!(problem.contains("відповідь не надійшла: там негаразди, код 502. Невідомо"), "{problem}");
}
