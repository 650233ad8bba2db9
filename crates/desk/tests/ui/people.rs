//! Who is at the desk, and a custodian's forms: people, roles, devices, and one that is lost.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use callsign_desk::{Desk, DeskError, HubError, PersonLine, cases::Role};
use callsign_protocol::keyring::DeviceId;

use crate::{
    support::{Browser, Form, PASSPHRASE, World, aside},
    team::{act, sync},
};

/// What a form sends.
type Fields<'a> = &'a [(&'a str, &'a str)];

fn own(desk: &Desk) -> DeviceId {
    desk.devices().unwrap().into_iter().find(|device| device.is_own).unwrap().id
}

fn person(world: &World, name: &str) -> PersonLine {
    world.desk.people().into_iter().find(|person| person.name == name).unwrap()
}

/// Sends a form of which nothing comes; the page that says so.
async fn refused(world: &World, operator: &Browser, path: &str, form: &[(&str, &str)]) -> String {
    let answer = operator.post(&world.ui, path, form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {}", answer.body);
    assert!(answer.body.contains("role=\"alert\">Nothing was done: "), "{}", answer.body);
    answer.body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_added_given_roles_and_leaves() {
    let world = World::start().await;
    let operator = world.operator().await;
    let page = operator.visit(&world.ui, "/people").await;
    assert!(
        page.body.contains("Custodian</bdi> (you)") && page.body.contains("this device"),
        "{}",
        page.body
    );
    assert!(page.body.contains("Never a real name") && page.body.contains("id=\"to-people\""));
    let add = [("name", " <b>Osyka</b> "), ("operator", "on")];
    let page = act(&world, &operator, "/people/add", &add).await;
    assert!(page.body.contains("They belong to the desk now"), "{}", page.body);
    assert!(page.body.contains("&lt;b&gt;Osyka") && !page.body.contains("<b>"), "{}", page.body);
    let osyka = person(&world, "<b>Osyka</b>");
    let (id, was) = (osyka.id.to_string(), osyka.set_by.to_string());
    let roles = [("person", &*id), ("was", &was), ("leader", "on"), ("operator", "on")];
    let page = act(&world, &operator, "/people/roles", &roles).await;
    assert!(page.body.contains("Their roles are set"));
    assert_eq!(person(&world, "<b>Osyka</b>").roles, [Role::Leader, Role::Operator].into());
    let body = refused(&world, &operator, "/people/roles", &roles).await;
    assert!(body.contains("somebody has set these roles since"), "{body}");
    let body = refused(&world, &operator, "/people/leave", &[("person", &id), ("typed", "Osy<i>ka")]).await;
    assert!(body.contains("not their pseudonym") && body.contains("value=\"Osy&lt;i&gt;ka\""), "{body}");
    let leave = [("person", &*id), ("typed", "<b>Osyka</b> ")];
    let page = act(&world, &operator, "/people/leave", &leave).await;
    assert!(page.body.contains("They have left") && page.body.contains("Have left: 1"), "{}", page.body);
    assert!(person(&world, "<b>Osyka</b>").left);
    let body = refused(&world, &operator, "/people/leave", &leave).await;
    assert!(body.contains("has left the desk"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_comes_back_with_what_was_typed() {
    let world = World::start().await;
    let operator = world.operator().await;
    let me = person(&world, "Custodian");
    let (id, was) = (me.id.to_string(), me.set_by.to_string());
    let cases: [(&str, Fields, &str); 11] = [
        ("/people/add", &[("name", "Yavir"), ("operator", "on"), ("trainee", "on")], "choose one of trainee"),
        (
            "/people/roles",
            &[("person", &id), ("was", &was), ("custodian", "on"), ("leader", "on"), ("trainee", "on")],
            "choose one of trainee",
        ),
        ("/people/add", &[("name", "custodian"), ("leader", "on")], "looks like it"),
        ("/people/add", &[("name", "  "), ("leader", "on")], "cannot be a pseudonym"),
        ("/people/add", &[("name", "Yavir")], "tick one role"),
        ("/people/roles", &[("person", &id), ("was", &was), ("operator", "on")], "without a custodian"),
        ("/people/roles", &[("person", "x"), ("operator", "on")], "nobody at the desk has this"),
        ("/people/leave", &[("person", &id), ("typed", "Custodian")], "without a custodian"),
        ("/people/give", &[("device", "x"), ("person", &id)], "device"),
        ("/people/shut-out", &[("device", "x"), ("sure", "on")], "device"),
        ("/people/add", &[], "tick one role"),
    ];
    for (path, form, why) in cases {
        let body = refused(&world, &operator, path, form).await;
        assert!(body.contains(why), "{path} {form:?}: {body}");
    }
    let body = refused(&world, &operator, "/people/add", &[("name", "\"<i>")]).await;
    assert!(body.contains("value=\"&quot;&lt;i&gt;\"") && !body.contains("<i>"), "{body}");
    let body = refused(&world, &operator, "/people/add", &[("name", "custodian"), ("leader", "on")]).await;
    let form = body.split("id=\"add\"").nth(1).unwrap();
    assert!(form.contains("value=\"custodian\""), "{form}");
    assert!(
        form.contains("name=\"leader\" value=\"on\" checked")
            && form.contains("name=\"operator\" value=\"on\">")
    );
    let own = own(&world.desk).to_string();
    refused(&world, &operator, "/people/shut-out", &[("device", &own), ("sure", "on")]).await;
    assert_eq!(world.desk.people(), [me]);
    assert_eq!(world.desk.health().without_effect, [], "nothing of it was written");
    for path in ["/people/add", "/people/roles", "/people/leave", "/people/give", "/people/shut-out"] {
        let back = operator.visit(&world.ui, path).await;
        assert_eq!((back.status, back.location()), (StatusCode::SEE_OTHER, "/people"), "{path}");
    }
    let forged = operator.visit(&world.ui, "/people?said=%3Cb%3E").await;
    assert!(forged.status == StatusCode::OK && !forged.body.contains("<b>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_custodian_sees_all_and_changes_nothing() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    let hers = world.pages_of("Osyka", &osyka);
    let mut browser = Browser::default();
    browser.enter(&hers).await;
    browser.post(&hers, "/unlock", &[("passphrase", PASSPHRASE)]).await;
    let page = browser.visit(&hers, "/people").await;
    assert!(
        page.body.contains("Osyka</bdi> (you)") && page.body.contains("ask a custodian: "),
        "{}",
        page.body
    );
    assert!(page.body.contains("<strong><bdi>Custodian</bdi></strong>"), "{}", page.body);
    assert!(page.body.contains(&own(&world.desk).to_string()[..8]));
    assert!(!page.body.contains("action=\"/people"), "{}", page.body);
    let (first, person) = (own(&world.desk).to_string(), person(&world, "Osyka"));
    let (id, was) = (person.id.to_string(), person.set_by.to_string());
    let forms: [(&str, Fields); 5] = [
        ("/people/add", &[("name", "Yavir"), ("operator", "on")]),
        ("/people/roles", &[("person", &id), ("was", &was), ("custodian", "on")]),
        ("/people/leave", &[("person", &id), ("typed", "Osyka")]),
        ("/people/give", &[("device", &first), ("person", &id)]),
        ("/people/shut-out", &[("device", &first), ("sure", "on")]),
    ];
    for (path, form) in forms {
        let answer = browser.post(&hers, path, form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {}", answer.body);
        assert!(answer.body.contains("your roles at this desk do not allow that"), "{path}");
    }
    sync(&world.desk).await;
    assert_eq!((world.desk.people().len(), world.desk.devices().unwrap().len()), (2, 2));
    assert_eq!(osyka.people_acts_waiting().unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_undoes_unseen_what_a_colleague_has_set() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    world.colleague("Yavir").await;
    let operator = world.operator().await;
    let (id, was) = (person(&world, "Yavir").id, person(&world, "Yavir").set_by.to_string());
    let (desk, first) = (Arc::clone(&osyka), Arc::clone(&world.desk));
    aside(move || {
        let osyka = first.person_named("Osyka").unwrap().id;
        first.set_roles(&osyka, [Role::Custodian].into(), None).unwrap();
        desk.set_roles(&id, [Role::Leader].into(), None).unwrap();
    })
    .await;
    // This device has heard nothing of it when the form is sent.
    let id = id.to_string();
    let form = [("person", &*id), ("was", &was), ("operator", "on"), ("custodian", "on")];
    let body = refused(&world, &operator, "/people/roles", &form).await;
    assert!(body.contains("somebody has set these roles since"), "{body}");
    assert_eq!(person(&world, "Yavir").roles, [Role::Leader].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_roles_allow_no_work_on_calls_reads_and_changes_nothing() {
    let world = World::start().await;
    let sign = world.call(1, "a word of greeting", &[]).await;
    let osyka = world.colleague("Osyka").await;
    let (first, hers) = (Arc::clone(&world.desk), Arc::clone(&osyka));
    aside(move || {
        let osyka = first.person_named("Osyka").unwrap().id;
        first.set_roles(&osyka, [Role::Custodian].into(), None).unwrap();
        hers.sync().unwrap();
    })
    .await;
    let hers = world.pages_of("Osyka", &osyka);
    let mut browser = Browser::default();
    browser.enter(&hers).await;
    browser.post(&hers, "/unlock", &[("passphrase", PASSPHRASE)]).await;
    let path = browser.visit(&hers, "/").await.case_path(&sign);
    let page = browser.visit(&hers, &path).await;
    assert!(page.body.contains("Your roles let you read this case"), "{}", page.body);
    let form = Form::of(&page, &path);
    let seen = page.attribute("name=\"seen\" value=\"");
    let forms: [(&str, Fields); 6] = [
        ("claim", &[]),
        ("level", &[("level", "1")]),
        ("reply", &[("text", "an answer"), ("once", &form.once), ("shown", &form.shown)]),
        ("notes", &[("text", "a note")]),
        ("close", &[("seen", &seen), ("why", "junk")]),
        ("follow-ups", &[("due", "2027-02-01"), ("text", "ask")]),
    ];
    let stands = || format!("{:?}", osyka.case(&osyka.find(&sign).unwrap()).unwrap());
    let before = stands();
    for (what, form) in forms {
        let done = browser.post(&hers, &format!("{path}/{what}"), form).await;
        let shown = if done.status == StatusCode::SEE_OTHER {
            browser.visit(&hers, done.location()).await
        } else {
            done
        };
        assert!(shown.body.contains("your roles at this desk do not allow"), "{what}: {}", shown.body);
        assert_eq!(stands(), before, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_given_to_another_person() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    let page = operator.visit(&world.ui, "/people").await;
    assert!(
        page.body.contains("Give to another") && page.body.contains("not ready for the next keys"),
        "{}",
        page.body
    );
    let (device, to) = (own(&osyka).to_string(), person(&world, "Custodian").id.to_string());
    let page = act(&world, &operator, "/people/give", &[("device", &device), ("person", &to)]).await;
    assert!(page.body.contains("The device belongs to another person now"));
    assert_eq!(person(&world, "Custodian").devices.len(), 2);
    assert!(page.body.contains("No device."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_lost_is_shut_out_and_the_hub_refuses_it() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    let yavir = world.colleague("Yavir").await;
    let operator = world.operator().await;
    let (id, other) = (own(&osyka).to_string(), own(&yavir).to_string());
    let form = operator.visit(&world.ui, "/people").await.body;
    let form = form.split(&format!("id=\"shut-out-{id}\"")).nth(1).unwrap().split("</form>").next().unwrap();
    for follows in [
        "for good",
        "may be forged",
        "replaces the duty key at once",
        &format!("not ready: {}.", &other[..8]),
    ] {
        assert!(form.contains(follows), "{follows}: {form}");
    }
    let body = refused(&world, &operator, "/people/shut-out", &[("device", &id)]).await;
    assert!(body.contains("tick the box") && body.contains(&format!("id=\"shut-out-{id}\" open")), "{body}");
    let steps = format!("/people/shut-out/{id}");
    assert_eq!(operator.visit(&world.ui, &steps).await.status, StatusCode::NOT_FOUND, "nothing was begun");
    let page = act(&world, &operator, "/people/shut-out", &[("device", &id), ("sure", "on")]).await;
    for said in ["Steps done: 5 of 5", "under a second", "the hub refuses the device", "certified anew"] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    assert!(page.body.contains(&format!("not ready: {}.", &other[..8])), "{}", page.body);
    for shut_out in [osyka, yavir] {
        let refused = aside(move || shut_out.sync()).await;
        assert!(matches!(refused, Err(DeskError::Hub(HubError::NotADevice))), "{refused:?}");
    }
    // The same form again, and a reload, lead to what was done.
    let again = operator.post(&world.ui, "/people/shut-out", &[("device", &id), ("sure", "on")]).await;
    assert_eq!(again.location(), steps);
    assert!(!operator.visit(&world.ui, "/people").await.body.contains(&id[..8]));
    assert_eq!(operator.visit(&world.ui, "/people/shut-out/x").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_identity_the_page_says_what_its_keeper_has_to_do() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    world.detach_identity().await;
    let operator = world.operator().await;
    let id = own(&osyka).to_string();
    let page = operator.visit(&world.ui, "/people").await;
    assert!(page.body.contains("whoever keeps the identity has to certify"), "{}", page.body);
    let page = act(&world, &operator, "/people/shut-out", &[("device", &id), ("sure", "on")]).await;
    assert!(page.body.contains("Steps done: 4 of 5"), "{}", page.body);
    assert!(page.body.contains("<li class=\"open\"><strong>To do") && page.body.contains("identity certify"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_hub_is_away_the_page_says_what_was_begun() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    let operator = world.operator().await;
    let id = own(&osyka).to_string();
    let (add, lost) = ([("name", "Yavir"), ("operator", "on")], [("device", &*id), ("sure", "on")]);
    let hub = world.hub();
    world.lose_hub();
    for (path, form) in [("/people/add", &add[..]), ("/people/shut-out", &lost[..])] {
        let answer = operator.post(&world.ui, path, form).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(answer.body.contains("Nothing was done: "), "{path}: {}", answer.body);
    }
    assert!(world.desk.people().iter().all(|person| person.name != "Yavir"));
    // It hears questions and takes no entry.
    world.lose_part(&hub, Method::POST, "/commit");
    let answer = operator.post(&world.ui, "/people/add", &add).await;
    assert!(answer.body.contains("It is kept on this computer and not in the log yet: "), "{}", answer.body);
    assert!(answer.body.contains("1 act is kept here"), "{}", answer.body);
    // It takes entries and no keyring.
    world.lose_part(&hub, Method::PUT, "/keyring");
    let answer = operator.post(&world.ui, "/people/shut-out", &lost).await;
    assert!(
        answer.body.contains("was begun, and is not carried out yet. It goes on by itself"),
        "{}",
        answer.body
    );
    assert!(answer.body.contains("is being shut out"), "{}", answer.body);
    let steps = operator.visit(&world.ui, &format!("/people/shut-out/{id}")).await;
    assert!(
        steps.body.contains("Steps done: 1 of 5") && steps.body.contains("still answers the device"),
        "{}",
        steps.body
    );
    assert_eq!(world.desk.people_acts_waiting().unwrap(), 0, "what was kept went with it");
    world.serve(hub);
    let desk = Arc::clone(&world.desk);
    aside(move || desk.beat().unwrap()).await;
    let steps = operator.visit(&world.ui, &format!("/people/shut-out/{id}")).await;
    assert!(steps.body.contains("Steps done: 5 of 5"), "{}", steps.body);
}
