//! A custodian invites a device: code and check words on both sides, and what a hub that stands between can do.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, Bytes as Body8, to_bytes},
    http::{Method, Request, StatusCode},
    response::IntoResponse as _,
};
use callsign_desk::{Desk, DeskError, InviteError, JoinOptions, Joined, Joining, Purpose, Settings};
use callsign_protocol::{
    device_request::DeviceRequest,
    encoding::{Bytes, Secret},
    identity::{Fingerprint, PrivateKey},
    invitation::{Invitation, InviteCode, Opening, commitment},
};
use tower::ServiceExt as _;

use crate::{
    support::{Answer, Browser, CHEAP, PASSPHRASE, World, aside},
    team::act,
};

/// The code on the invitation's page.
fn code_of(page: &Answer) -> InviteCode {
    let code =
        page.body.split("<div class=\"code\"><code>").nth(1).unwrap_or_else(|| panic!("{}", page.body));
    InviteCode::parse(code.split('<').next().unwrap()).unwrap()
}

/// A new device asks with a code.
async fn joins(world: &World, dir: &str, code: &InviteCode) -> Result<Joining, DeskError> {
    let (dir, code, ambient) = (world.path(dir), code.clone(), world.ambient());
    let join = JoinOptions {
        hub: world.hub.clone(),
        fingerprint: world.desk.fingerprint(),
        settings: Settings::default(),
    };
    aside(move || Joining::begin(&dir, (PASSPHRASE, CHEAP), &join, &code, ambient)).await
}

async fn follows(mut joining: Joining) -> (Joining, Result<Joined, DeskError>) {
    aside(move || {
        let told = joining.follow();
        (joining, told)
    })
    .await
}

async fn invites(world: &World, operator: &Browser, name: &str) -> Answer {
    let id = world.desk.person_named(name).unwrap().id.to_string();
    act(world, operator, "/people/invite", &[("person", &id)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_comes_with_a_code_and_is_admitted_by_the_words() {
    let world = World::start().await;
    let operator = world.operator().await;
    act(&world, &operator, "/people/add", &[("name", "Osyka"), ("operator", "on")]).await;
    let people = operator.visit(&world.ui, "/people").await;
    assert!(
        people.body.contains("selected>Osyka</option>"),
        "who has no device comes first: {}",
        people.body
    );
    assert!(
        people.body.contains("all cases are lost") && people.body.contains("callsign desk kit"),
        "{}",
        people.body
    );
    let page = invites(&world, &operator, "Osyka").await;
    assert!(page.body.contains("A device of <strong><bdi>Osyka</bdi></strong> is invited"), "{}", page.body);
    assert!(page.body.contains(&format!("#{}' --code -", world.desk.fingerprint())), "{}", page.body);
    let joining = joins(&world, "new", &code_of(&page)).await.unwrap();
    let (joining, told) = follows(joining).await;
    assert_eq!(told.unwrap(), Joined::Waits);
    // The page asks for itself; what it says next, the new device shows its words for.
    operator.fetch(&world.ui, "/people/invite").await;
    let (joining, told) = follows(joining).await;
    let Joined::CheckWords(words) = told.unwrap() else { panic!("it has the other side's bytes") };
    let page = operator.fetch(&world.ui, "/people/invite").await;
    let listed = format!("<li>{}</li>", words.replace(' ', "</li><li>"));
    assert!(page.body.contains(&listed), "{words}: {}", page.body);
    assert!(!page.body.contains("class=\"code\""), "the code has been used: {}", page.body);
    assert_eq!(page.attribute("name=\"words\" value=\""), words);
    // A click alone admits nobody, nor do other words.
    for (form, why) in [
        (&[("words", &*words)][..], "tick the box"),
        (
            &[("words", "abandon ability able about above absent"), ("sure", "on")],
            "the check words are not those",
        ),
        (&[("sure", "on")], "the check words are not those"),
    ] {
        let answer = operator.post(&world.ui, "/people/invite/admit", form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
        assert!(answer.body.contains(why) && answer.body.contains(&listed), "{why}: {}", answer.body);
    }
    assert_eq!(world.desk.devices().unwrap().len(), 1);
    let admit = [("words", &*words), ("sure", "on")];
    let page = act(&world, &operator, "/people/invite/admit", &admit).await;
    assert!(page.body.contains("The device belongs to the desk now"), "{}", page.body);
    let (_, told) = follows(joining).await;
    assert_eq!(told.unwrap(), Joined::Admitted);
    let osyka = world.desk.person_named("Osyka").unwrap();
    assert_eq!(osyka.devices.len(), 1);
    let (dir, ambient) = (world.path("new"), world.ambient());
    aside(move || Desk::open(&dir, PASSPHRASE, ambient).unwrap().sync().unwrap()).await;
    // The form once more, as by a page that is still open.
    let again = operator.post(&world.ui, "/people/invite/admit", &admit).await;
    assert!(again.body.contains("the invitation has ended"), "{}", again.body);
    let gone = operator.visit(&world.ui, "/people/invite").await;
    assert!(gone.body.contains("No invitation of this device stands"), "{}", gone.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_is_stopped_or_over_lets_nobody_in() {
    let world = World::start().await;
    let operator = world.operator().await;
    let page = invites(&world, &operator, "Custodian").await;
    let code = code_of(&page);
    let joining = joins(&world, "new", &code).await.unwrap();
    let another = joins(&world, "another", &code).await.unwrap_err();
    assert!(matches!(another, DeskError::Invite(InviteError::CodeUsed)), "{another}");
    let page = act(&world, &operator, "/people/invite/stop", &[]).await;
    assert!(page.body.contains("The invitation is ended"), "{}", page.body);
    let (_, told) = follows(joining).await;
    assert!(matches!(told, Err(DeskError::Invite(InviteError::NotLetIn))), "{told:?}");
    let late = joins(&world, "new", &code).await.unwrap_err();
    assert!(matches!(late, DeskError::Invite(InviteError::NoSuchCode)), "{late}");
    // A quarter of an hour, with the words on both sides already.
    let page = invites(&world, &operator, "Custodian").await;
    let joining = joins(&world, "new", &code_of(&page)).await.unwrap();
    operator.fetch(&world.ui, "/people/invite").await;
    let (_, told) = follows(joining).await;
    let Joined::CheckWords(words) = told.unwrap() else { panic!("it has the other side's bytes") };
    operator.fetch(&world.ui, "/people/invite").await;
    world.pass_away_from(&operator, 901).await;
    let answer =
        operator.post(&world.ui, "/people/invite/admit", &[("words", &*words), ("sure", "on")]).await;
    assert!(answer.body.contains("the invitation has ended"), "{}", answer.body);
    let page = operator.visit(&world.ui, "/people/invite").await;
    assert!(page.body.contains("the invitation has ended") && !page.body.contains(&words), "{}", page.body);
    assert_eq!(world.desk.devices().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_custodian_invites_nobody() {
    let world = World::start().await;
    let osyka = world.colleague("Osyka").await;
    let person = osyka.me().unwrap();
    let refused = aside(move || osyka.invite(person).unwrap_err()).await;
    assert!(matches!(refused, DeskError::People(callsign_desk::PeopleError::Role)), "{refused}");
}

/// What a hub does that stands between: it answers each side with another device's part.
struct Between {
    own: Opening,
    /// What the joining device has given it.
    theirs: Mutex<Vec<(String, Body8)>>,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_puts_its_own_device_in_the_place_of_another_has_other_words() {
    let world = World::start().await;
    let operator = world.operator().await;
    let fingerprint = world.desk.fingerprint();
    let device = PrivateKey::from_seed(&Secret([66; 32]));
    let request = DeviceRequest::sign(&fingerprint, &device, Bytes([1; 1_216]), Purpose::Earnest);
    let between =
        Arc::new(Between { own: Opening { request, nonce: Bytes([6; 32]) }, theirs: Mutex::default() });
    let hub = world.hub();
    let page = invites(&world, &operator, "Custodian").await;
    let code = code_of(&page);
    let slot = code.slot(&fingerprint);
    let seen = Arc::clone(&between);
    let honest = hub.clone();
    let joining_part = Router::new().fallback(async move |request: Request<Body>| {
        let path = request.uri().path().to_owned();
        let is_joiners =
            request.method() == Method::PUT && (path.ends_with("/commitment") || path.ends_with("/opening"));
        if !is_joiners {
            return honest.clone().oneshot(request).await.into_response();
        }
        // It takes the joining device's part for itself, and puts its own to the desk.
        let body = to_bytes(request.into_body(), 4_096).await.unwrap();
        seen.theirs.lock().unwrap().push((path.clone(), body));
        let opening = seen.own.encode();
        let own = if path.ends_with("/commitment") {
            commitment(&fingerprint, &slot, &opening).0.to_vec()
        } else {
            opening.to_vec()
        };
        let swapped = Request::builder().method(Method::PUT).uri(path).body(Body::from(own)).unwrap();
        honest.clone().oneshot(swapped).await.into_response()
    });
    world.serve(joining_part);
    let joining = joins(&world, "new", &code).await.unwrap();
    operator.fetch(&world.ui, "/people/invite").await;
    // The new device sees a commitment that is none of its own: it tells nothing of what it has committed to.
    let (_, told) = follows(joining).await;
    assert!(matches!(told, Err(DeskError::Invite(InviteError::Swapped))), "{told:?}");
    let theirs = between.theirs.lock().unwrap().clone();
    assert_eq!(theirs.len(), 1, "the commitment alone");

    // A cleverer hub shows each side what that side expects.
    world.serve(hub.clone());
    let page = invites(&world, &operator, "Custodian").await;
    let code = code_of(&page);
    let slot = code.slot(&fingerprint);
    let chosen = Bytes([9; 32]);
    let shown = Arc::new(Mutex::new(Invitation::Open));
    let to_new_device = Arc::clone(&shown);
    let clever = Router::new().fallback(async move |request: Request<Body>| {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        if !path.contains("/join/") {
            return StatusCode::NOT_FOUND.into_response();
        }
        let body = to_bytes(request.into_body(), 4_096).await.unwrap();
        let mut stage = to_new_device.lock().unwrap();
        if method == Method::PUT && path.ends_with("/commitment") {
            let commitment = Bytes(body.to_vec().try_into().unwrap());
            *stage = Invitation::Answered { commitment, nonce: chosen };
        }
        if method == Method::GET {
            stage.encode().into_response()
        } else {
            StatusCode::NO_CONTENT.into_response()
        }
    });
    let swap = |new: Router| world.serve(new);
    let notice_first = joins_files(&world, "clever").await;
    swap(clever);
    let joining = notice_first(code.clone()).await.unwrap();
    let (_, told) = follows(joining).await;
    let Joined::CheckWords(at_the_device) = told.unwrap() else { panic!("it was answered") };
    world.serve(hub.clone());
    // To the desk the hub is the device that joins, and it has to commit before it sees the desk's bytes.
    let send = async |part: &str, body: Vec<u8>| {
        let path = format!("/{}/v1/join/{}/{part}", fingerprint.desk_id(), hex(&slot.0));
        let request = Request::builder().method(Method::PUT).uri(path).body(Body::from(body)).unwrap();
        hub.clone().oneshot(request).await.unwrap().status()
    };
    let opening = between.own.encode();
    let committed = commitment(&fingerprint, &slot, &opening).0.to_vec();
    assert_eq!(send("commitment", committed).await, StatusCode::NO_CONTENT);
    operator.fetch(&world.ui, "/people/invite").await;
    assert_eq!(send("opening", opening.to_vec()).await, StatusCode::NO_CONTENT);
    let page = operator.fetch(&world.ui, "/people/invite").await;
    let at_the_desk = page.attribute("name=\"words\" value=\"");
    assert_ne!(at_the_desk, at_the_device, "the hub had one guess");
    let answer =
        operator.post(&world.ui, "/people/invite/admit", &[("words", &*at_the_device), ("sure", "on")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(world.desk.devices().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_changes_what_was_given_is_found_out() {
    let world = World::start().await;
    let operator = world.operator().await;
    let hub = world.hub();
    let other = Bytes([7; 32]);
    let opening = {
        let device = PrivateKey::from_seed(&Secret([66; 32]));
        let fingerprint = world.desk.fingerprint();
        let request = DeviceRequest::sign(&fingerprint, &device, Bytes([1; 1_216]), Purpose::Earnest);
        Box::new(Opening { request, nonce: Bytes([6; 32]) }.encode())
    };
    let committed = |commitment| Invitation::Committed(commitment);
    let shows = |stages: Vec<Invitation>| {
        let (hub, stages) = (hub.clone(), Arc::new(Mutex::new(stages.into_iter())));
        Router::new().fallback(async move |request: Request<Body>| {
            if request.method() == Method::GET && request.uri().path().contains("/v1/join/") {
                let next = stages.lock().unwrap().next();
                return next
                    .map_or(StatusCode::NOT_FOUND.into_response(), |stage| stage.encode().into_response());
            }
            if request.method() == Method::PUT && request.uri().path().ends_with("/nonce") {
                return StatusCode::NO_CONTENT.into_response();
            }
            hub.clone().oneshot(request).await.into_response()
        })
    };
    let first = Bytes([1; 32]);
    for stages in [
        // Another commitment once the desk's bytes are known; bytes that are none of the desk's; an opening that was never committed to.
        vec![committed(first), committed(other)],
        vec![committed(first), Invitation::Open],
        vec![committed(first), Invitation::Answered { commitment: first, nonce: other }],
        vec![Invitation::Shown { commitment: first, nonce: other, opening: opening.clone() }],
    ] {
        world.serve(hub.clone());
        invites(&world, &operator, "Custodian").await;
        world.serve(shows(stages.clone()));
        let mut page = operator.fetch(&world.ui, "/people/invite").await;
        for _ in 1..stages.len() {
            page = operator.fetch(&world.ui, "/people/invite").await;
        }
        assert!(page.body.contains("somebody stands between both sides"), "{stages:?}: {}", page.body);
        assert!(!page.body.contains("name=\"words\""), "{}", page.body);
        let admit = operator.post(&world.ui, "/people/invite/admit", &[("words", ""), ("sure", "on")]).await;
        assert_eq!(admit.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(world.desk.devices().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_another_desk_or_purpose_lets_nobody_in_with_the_right_words() {
    let world = World::start().await;
    let operator = world.operator().await;
    let fingerprint = world.desk.fingerprint();
    let device = PrivateKey::from_seed(&Secret([66; 32]));
    let request = |desk, purpose| DeviceRequest::sign(&desk, &device, Bytes([1; 1_216]), purpose);
    for (request, why) in [
        (request(Fingerprint([1; 32]), Purpose::Earnest), "somebody stands between both sides"),
        (request(fingerprint, Purpose::Practice), "this device was made to practise"),
    ] {
        let slot = code_of(&invites(&world, &operator, "Custodian").await).slot(&fingerprint);
        let opening = Opening { request, nonce: Bytes([6; 32]) }.encode();
        let committed = commitment(&fingerprint, &slot, &opening).0.to_vec();
        for (part, body) in [("commitment", committed), ("opening", opening.to_vec())] {
            let path = format!("/{}/v1/join/{}/{part}", fingerprint.desk_id(), hex(&slot.0));
            let put = Request::builder().method(Method::PUT).uri(path).body(Body::from(body)).unwrap();
            assert_eq!(world.hub().oneshot(put).await.unwrap().status(), StatusCode::NO_CONTENT, "{part}");
            operator.fetch(&world.ui, "/people/invite").await;
        }
        let words = world.desk.invited().unwrap().check_words.unwrap_or_default();
        let admit = [("words", &*words), ("sure", "on")];
        let answer = operator.post(&world.ui, "/people/invite/admit", &admit).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
        assert!(answer.body.contains(why), "{why}: {}", answer.body);
    }
    assert_eq!(world.desk.devices().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_device_of_a_desk_in_earnest_comes_to_one_for_practice_or_the_other_way_round() {
    for (world, other) in
        [(World::start().await, Purpose::Practice), (World::to_practise_at().await, Purpose::Earnest)]
    {
        let device = PrivateKey::from_seed(&Secret([66; 32]));
        let request = DeviceRequest::sign(&world.desk.fingerprint(), &device, Bytes([1; 1_216]), other);
        let desk = Arc::clone(&world.desk);
        let refused = aside(move || desk.admit(&request).unwrap_err()).await;
        assert!(matches!(refused, DeskError::OtherPurpose(purpose) if purpose == other), "{refused}");
        assert_eq!(world.desk.devices().unwrap().len(), 1);
    }
    // A device that joins learns from the desk's notice what it is for.
    let world = World::to_practise_at().await;
    let osyka = world.colleague("Osyka").await;
    let pages = world.pages_of("Osyka", &osyka);
    let mut browser = Browser::default();
    browser.enter(&pages).await;
    let page = browser.visit(&pages, "/unlock").await;
    assert!(page.body.contains("class=\"practice\""), "{}", page.body);
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// Makes a device's files while the hub is honest; it asks with a code later.
async fn joins_files(
    world: &World,
    dir: &'static str,
) -> impl FnOnce(InviteCode) -> std::pin::Pin<Box<dyn Future<Output = Result<Joining, DeskError>> + Send>> {
    let join = JoinOptions {
        hub: world.hub.clone(),
        fingerprint: world.desk.fingerprint(),
        settings: Settings::default(),
    };
    let (path, ambient, made) = (world.path(dir), world.ambient(), world.ambient());
    let files = (path.clone(), join.clone());
    aside(move || Desk::ask_to_join(&files.0, PASSPHRASE, CHEAP, &files.1, made).unwrap()).await;
    move |code| Box::pin(aside(move || Joining::begin(&path, (PASSPHRASE, CHEAP), &join, &code, ambient)))
}
