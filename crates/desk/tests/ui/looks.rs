//! How the pages look and are worked: chosen by a form, kept by the program, for operators alone.

use axum::http::StatusCode;

use crate::support::{Browser, World};

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
