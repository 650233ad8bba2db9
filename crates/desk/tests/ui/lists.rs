//! Long lists: every case is reached, a page at a time.

use std::collections::BTreeSet;

use crate::support::{Answer, Form, World};

/// The cases of a page of the board, in order.
fn rows(page: &Answer) -> Vec<String> {
    let rows = page.body.split("<li data-key=\"").skip(1);
    rows.map(|row| row.split('"').next().unwrap().to_owned()).collect()
}

/// Where a link leads, by its words.
fn link(page: &Answer, words: &str) -> Option<String> {
    let before =
        page.body.split(&format!(">{words}</a>")).next().filter(|before| before.len() < page.body.len())?;
    let href = before.rsplit("href=\"").next().unwrap().split('"').next().unwrap();
    Some(href.replace("&amp;", "&"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_one_of_450_cases_that_wait_is_reached_from_the_board() {
    let world = World::start().await;
    world.letters(450).await;
    let operator = world.operator().await;
    let first = operator.visit(&world.ui, "/?level=3").await;
    assert!(first.body.contains("1 to 200 of 450") && link(&first, "Previous page").is_none());
    let second = operator.visit(&world.ui, &link(&first, "Next page").unwrap()).await;
    assert!(second.body.contains("201 to 400 of 450"));
    let third = operator.visit(&world.ui, &link(&second, "Next page").unwrap()).await;
    assert!(third.body.contains("401 to 450 of 450") && link(&third, "Next page").is_none());
    let all: BTreeSet<String> = [&first, &second, &third].into_iter().flat_map(rows).collect();
    assert_eq!(all.len(), 450);
    // And back again, by links as by keys.
    let back = operator.visit(&world.ui, &link(&third, "Previous page").unwrap()).await;
    assert_eq!(rows(&back), rows(&second));
    let top = operator.visit(&world.ui, &link(&back, "Previous page").unwrap()).await;
    assert_eq!(rows(&top), rows(&first));
    assert_eq!(link(&third, "To the top").as_deref(), Some("/?level=3"));

    // The place holds while the case that ended the page before is answered and leaves the list.
    let (at_end, at) = (rows(&first)[199].clone(), link(&first, "Next page").unwrap());
    let form = Form::of(&operator.visit(&world.ui, &at_end).await, &at_end);
    form.send(&world, &operator, "answered").await;
    let second = operator.visit(&world.ui, &at).await;
    assert!(second.body.contains("200 to 399 of 449"));
    assert_eq!(rows(&second)[..200], rows(&back)[..]);
    // The list of a track has pages of its own, and a place of before a new start is said to be lost.
    let track = operator.visit(&world.ui, "/?track=field").await;
    assert!(link(&track, "Next page").unwrap().starts_with("/?track=field&waiting="));
    let lost = operator.visit(&world.ui, "/?level=3&waiting=0123456789abcdef").await;
    assert!(lost.body.contains("the list begins at its top") && lost.body.contains("1 to 200 of 449"));
    for page in [&first, &second, &third, &track] {
        assert!(!page.body.contains("Only 200 of them"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_is_narrowed_to_a_language_and_to_news_and_its_headings_say_so() {
    let world = World::start().await;
    let (one, two) = (world.call(1, "a word of greeting", &[]).await, world.call(2, "another", &[]).await);
    let operator = world.operator().await;
    let board = operator.visit(&world.ui, "/").await;
    let path = board.case_path(&one);
    let shows =
        |page: &crate::support::Answer, sign: &str| page.body.contains(&format!("data-call-sign=\"{sign}\""));
    let news = operator.visit(&world.ui, "/?news=yes").await;
    assert!(shows(&news, &one) && shows(&news, &two), "nobody has looked at either");
    // A page that refreshes itself is nobody who looks.
    operator.fetch(&world.ui, &path).await;
    assert!(shows(&operator.visit(&world.ui, "/?news=yes").await, &one));
    operator.visit(&world.ui, &path).await;
    let news = operator.visit(&world.ui, "/?news=yes").await;
    assert!(!shows(&news, &one) && shows(&news, &two));
    assert!(news.body.contains("Waiting, news") && news.body.contains("id=\"clear\""), "{}", news.body);
    world.call(1, "and one thing more", &[]).await;
    assert!(shows(&operator.visit(&world.ui, "/?news=yes").await, &one), "something came since");
    let ukrainian = operator.visit(&world.ui, "/?language=uk&track=field").await;
    assert!(shows(&ukrainian, &one) && ukrainian.body.contains("Waiting, <bdi>Ukrainian</bdi>"));
    assert!(
        ukrainian.body.contains("href=\"/?track=field&amp;news=yes&amp;language=uk\"")
            || ukrainian.body.contains("language=uk&amp;news=yes"),
        "{}",
        ukrainian.body
    );
    let english = operator.visit(&world.ui, "/?language=en").await;
    assert!(
        !shows(&english, &one) && english.body.contains("Nobody waits, <bdi>English</bdi>"),
        "{}",
        english.body
    );
    assert!(!board.body.contains("id=\"clear\""));
}
