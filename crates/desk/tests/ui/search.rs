//! The search page: what is found and quoted, what is refused, and that looking opens nothing.

use axum::http::StatusCode;

use crate::support::{Answer, Browser, PASSPHRASE, World, aside};

/// Searches, and follows to where the result stands.
async fn search(world: &World, operator: &Browser, query: &str) -> Answer {
    let sent = operator.post(&world.ui, "/search", &[("query", query)]).await;
    assert_eq!(
        (sent.status, &sent.headers["location"]),
        (StatusCode::SEE_OTHER, &"/search".parse().unwrap())
    );
    operator.visit(&world.ui, "/search").await
}

/// Call signs of what was found, in order.
fn signs(page: &Answer) -> Vec<String> {
    let links = page.body.split("?look=1\"><bdi lang=\"en\">").skip(1);
    links.map(|link| link.split([' ', '<']).next().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_quotes_the_line_that_met_and_looking_opens_nothing() {
    let world = World::start().await;
    let operator = world.operator().await;
    let empty = operator.visit(&world.ui, "/search").await;
    assert!(empty.status.is_success() && empty.body.contains("id=\"query\"") && signs(&empty).is_empty());
    let asks = world.call(1, "Мене мобілізували.\nДе <b>повістка</b>?", &[]).await;
    let other = world.call(2, "Про інше", &[]).await;
    let page = search(&world, &operator, "повістки \"де\"").await;
    assert_eq!(signs(&page), [asks.as_str()]);
    let unopened = "It stands in a message that nobody has opened.";
    assert!(page.body.contains(unopened) && !page.body.contains("<mark>"), "{}", page.body);
    assert!(page.body.contains("value=\"повістки &quot;де&quot;\"") && page.body.contains("1 case<"));

    // From there to the case: nothing is opened until a person says so.
    let path = page.attribute("<li><a href=\"");
    let case = operator.visit(&world.ui, &path).await;
    assert!(case.body.contains("A new message") && !case.body.contains("повістка"));
    let unopened = |sign: &str| world.case(sign).unopened().len();
    assert_eq!((unopened(&asks), unopened(&other)), (1, 1));
    operator.visit(&world.ui, path.trim_end_matches("?look=1")).await;
    assert_eq!(unopened(&asks), 0);
    let page = search(&world, &operator, "повістки \"де\"").await;
    let quoted = "<mark>Де</mark> &lt;b&gt;<mark>повістка</mark>&lt;/b&gt;?";
    assert!(page.body.contains(quoted) && !page.body.contains("мобілізували"), "{}", page.body);

    // What comes in, what is answered and what is erased is known at once, in searches by call sign too.
    let (desk, caller) = (world.desk.clone(), world.desk.find(&asks).unwrap());
    aside(move || desk.answer(&callsign_desk::NewAnswer::new(&caller, "Не підписуйте нічого")).unwrap())
        .await;
    assert_eq!(signs(&search(&world, &operator, "підписую").await), [asks.as_str()]);
    assert_eq!(signs(&search(&world, &operator, &asks[..6]).await), [asks.as_str()]);
    assert_eq!(signs(&search(&world, &operator, "вечорами track:field waiting").await), [other.as_str()]);
    world.desk.erase(&caller).unwrap();
    for query in ["повістка", "підписую", &asks] {
        assert!(!signs(&search(&world, &operator, query).await).contains(&asks), "{query}");
    }
    assert_eq!(signs(&search(&world, &operator, "lang:uk").await), [other]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_searched_is_said_on_the_page_with_what_was_typed() {
    let world = World::start().await;
    let operator = world.operator().await;
    for (query, part, shown) in [
        ("\"\"", "There is nothing to search for", "&quot;&quot;"),
        ("<i>", "A word of fewer than three letters is too short", "&lt;i&gt;"),
        (
            "level:1 \"<i>\"",
            "This desk does not note what &quot;level:&quot; asks for",
            "level:1 &quot;&lt;i&gt;&quot;",
        ),
        ("text:слово", "There is no filter &quot;text:&quot;", "text:слово"),
        ("since:0d", "takes a number of hours, days or weeks from 1 on", "since:0d"),
        (" ", "There is nothing to search for in what was typed; type a word", ""),
    ] {
        let page = search(&world, &operator, query).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        assert!(page.body.contains(part) && !page.body.contains("<i>"), "{query}: {}", page.body);
        assert_eq!(
            page.attribute("id=\"query\" class=\"words-typed\" name=\"query\" type=\"text\" value=\""),
            shown
        );
    }
    assert!(!operator.visit(&world.ui, "/search").await.body.contains("nothing to search for"), "said once");
    let long = search(&world, &operator, &"я".repeat(10_000)).await;
    assert!(long.body.contains("1000 characters at most"));
    let tight = long.attribute("id=\"query\" class=\"words-typed\" name=\"query\" type=\"text\" value=\"");
    assert_eq!(tight.chars().count(), 1_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_cases_are_shown_and_said_to_be_the_first() {
    let world = World::start().await;
    world.letters(60).await;
    let operator = world.operator().await;
    let page = search(&world, &operator, "letters").await;
    assert_eq!(signs(&page).len(), 50);
    assert!(page.body.contains("The first 50 cases"));
    let track = search(&world, &operator, "track:field").await;
    assert_eq!(signs(&track).len(), 50);
    let none = search(&world, &operator, "track:nowhere").await;
    assert!(
        none.body.contains("No case here has &quot;track:nowhere&quot;; there are those that name none, &quot;called-up&quot;, &quot;field&quot;"),
        "{}",
        none.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_finds_the_search_again_until_the_desk_is_locked() {
    let world = World::start().await;
    let sign = world.call(1, "зозулинець", &[]).await;
    let (operator, other) = (world.operator().await, world.operator().await);
    let found = search(&world, &operator, "зозулинець").await;
    let case = operator.visit(&world.ui, &found.attribute("<li><a href=\"")).await;
    assert!(case.status.is_success());
    let back = operator.visit(&world.ui, "/search").await;
    assert!(back.body.contains("value=\"зозулинець\"") && signs(&back) == [sign.as_str()]);
    // What it finds is looked up anew, and another browser knows nothing of it.
    world.desk.erase(&world.desk.find(&sign).unwrap()).unwrap();
    assert!(signs(&operator.visit(&world.ui, "/search").await).is_empty());
    assert!(!other.visit(&world.ui, "/search").await.body.contains("зозулинець"));
    let cleared = search(&world, &operator, " ").await;
    assert!(cleared.status.is_success() && cleared.body.contains("type=\"text\" value=\"\""));
    search(&world, &operator, "зозулинець").await;
    other.post(&world.ui, "/lock", &[]).await;
    operator.post(&world.ui, "/unlock", &[("passphrase", PASSPHRASE)]).await;
    let anew = operator.visit(&world.ui, "/search").await;
    assert!(anew.status.is_success() && !anew.body.contains("зозулинець"), "{}", anew.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_icon_is_one_that_the_pages_own_rules_let_through() {
    let world = World::start().await;
    let page = world.operator().await.visit(&world.ui, "/search").await;
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains("img-src 'self'"));
    let path = page.attribute("<link rel=\"icon\" href=\"");
    let icon = Browser::default().fetch(&world.ui, &path).await;
    assert_eq!(
        (icon.status, &icon.headers["content-type"]),
        (StatusCode::OK, &"image/svg+xml".parse().unwrap())
    );
}
