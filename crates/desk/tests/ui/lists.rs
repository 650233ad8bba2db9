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
    let first = operator.visit(&world.ui, "/").await;
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
    assert_eq!(link(&third, "To the top").as_deref(), Some("/"));

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
    let lost = operator.visit(&world.ui, "/?waiting=0123456789abcdef").await;
    assert!(lost.body.contains("the list begins at its top") && lost.body.contains("1 to 200 of 449"));
    for page in [&first, &second, &third, &track] {
        assert!(!page.body.contains("Only 200 of them"));
    }
}
