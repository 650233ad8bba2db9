//! People of the desk: who they are, what each may do, whose each device is, and a custodian's forms for all of that.

mod form;
mod invitation;
mod list;
mod steps;

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{Redirect, Response},
    routing::{get, post},
};
use callsign_protocol::{encoding::Bytes, keyring::DeviceId};
use maud::{Markup, html};
use serde::Deserialize;

use super::shell::{
    Ui, aside,
    forms::{Came, answer},
    layout::{Rendered, not_found, page, respond},
    lock,
    operator::Operator,
    overview::Overview,
    texts::{Texts, say, text},
};
use crate::{
    Desk, DeskError, PeopleError, PersonLine, Removal,
    cases::{PersonId, Role},
};
use form::{Draft, Form as Which, Tried};

/// Characters of a device's id that are shown.
const SHORT_ID_LEN: usize = 8;

/// Where these pages are.
pub(super) fn routes() -> Router<Arc<Ui>> {
    Router::new()
        .route("/people", get(show))
        .route("/people/add", post(add).get(back))
        .route("/people/roles", post(roles).get(back))
        .route("/people/leave", post(leave).get(back))
        .route("/people/give", post(give).get(back))
        .route("/people/invite", post(invite).get(show_invitation))
        .route("/people/invite/admit", post(admit).get(back_to_invitation))
        .route("/people/invite/stop", post(stop).get(back_to_invitation))
        .route("/people/shut-out", post(shut_out).get(back))
        .route("/people/shut-out/{device}", get(show_steps))
}

/// What the page says of what was just done there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Said {
    Added,
    Admitted,
    Given,
    Left,
    Roles,
    Stopped,
}

#[derive(Default, Deserialize)]
struct Shown {
    said: Option<String>,
}

impl Said {
    /// Each with its code in an address.
    const ALL: [(Self, &str); 6] = [
        (Self::Added, "added"),
        (Self::Admitted, "admitted"),
        (Self::Given, "given"),
        (Self::Left, "left"),
        (Self::Roles, "roles"),
        (Self::Stopped, "stopped"),
    ];

    fn path(self) -> String {
        let code = Self::ALL.iter().find(|(said, _)| *said == self).map_or("", |(_, code)| code);
        format!("/people?said={code}")
    }

    fn sentence(self, texts: Texts) -> Markup {
        match self {
            Self::Added => say!(texts, "people-said-added"),
            Self::Admitted => say!(texts, "people-said-admitted"),
            Self::Given => say!(texts, "people-said-given"),
            Self::Left => say!(texts, "people-said-left"),
            Self::Roles => say!(texts, "people-said-roles"),
            Self::Stopped => say!(texts, "people-said-stopped"),
        }
    }
}

/// Shows everybody.
async fn show(State(ui): State<Arc<Ui>>, operator: Operator, Query(shown): Query<Shown>) -> Response {
    let texts = operator.texts;
    let code = shown.said.unwrap_or_default();
    let said = Said::ALL.into_iter().find(|(_, known)| *known == code).map(|(said, _)| said.sentence(texts));
    let shown = aside(move || render(&ui, &operator, said.as_ref(), None));
    respond(texts, StatusCode::OK, shown.await).await
}

/// Shows how far the shutting out of a device has come.
async fn show_steps(State(ui): State<Arc<Ui>>, operator: Operator, Path(device): Path<String>) -> Response {
    let texts = operator.texts;
    let Some(id) = Bytes::from_base64url(&device) else { return not_found(texts).await };
    if operator.desk.removal(&id) == Removal::Unsaid {
        return not_found(texts).await;
    }
    let shown = aside(move || {
        let overview = Overview::take(&ui, &operator, None)?;
        let known = lock(&ui.shut_out).get(&id).cloned();
        let main = steps::steps(texts, &operator.desk, &id, known.as_ref())?;
        Ok(page(&text!(texts, "people-steps-title"), &overview, &main))
    });
    respond(texts, StatusCode::OK, shown.await).await
}

/// Shows how far the invitation has come.
async fn show_invitation(State(ui): State<Arc<Ui>>, operator: Operator) -> Response {
    let texts = operator.texts;
    let shown = aside(move || {
        // Where the hub is away, the page says so above, and shows what is known.
        drop(operator.desk.follow_invitation());
        render_invitation(&ui, &operator, None)
    });
    respond(texts, StatusCode::OK, shown.await).await
}

/// Reloading what a form of the invitation answered leads back to it.
async fn back_to_invitation() -> Redirect {
    Redirect::to("/people/invite")
}

/// Reloading what a form answered leads back to the page.
async fn back() -> Redirect {
    Redirect::to("/people")
}

async fn add(State(ui): State<Arc<Ui>>, operator: Operator, Form(draft): Form<Draft>) -> Response {
    act(ui, operator, Which::Add, draft, |_, desk, draft| {
        desk.add_person(&draft.name, draft.some_roles()?)?;
        Ok(Said::Added.path())
    })
    .await
}

async fn roles(State(ui): State<Arc<Ui>>, operator: Operator, Form(draft): Form<Draft>) -> Response {
    act(ui, operator, Which::Roles, draft, |_, desk, draft| {
        let person = person_of(desk, draft)?;
        let shown = Bytes::from_base64url(&draft.was).ok_or(DeskError::from(PeopleError::SetSince))?;
        desk.set_roles(&person.id, draft.some_roles()?, Some(&shown))?;
        Ok(Said::Roles.path())
    })
    .await
}

async fn leave(State(ui): State<Arc<Ui>>, operator: Operator, Form(draft): Form<Draft>) -> Response {
    act(ui, operator, Which::Leave, draft, |_, desk, draft| {
        let person = person_of(desk, draft)?;
        if draft.typed.trim() != person.name {
            return Err(Refused::OtherName);
        }
        desk.person_leaves(&person.id)?;
        Ok(Said::Left.path())
    })
    .await
}

async fn give(State(ui): State<Arc<Ui>>, operator: Operator, Form(draft): Form<Draft>) -> Response {
    act(ui, operator, Which::Give, draft, |_, desk, draft| {
        desk.give_device(&device_of(draft)?, &person_of(desk, draft)?.id)?;
        Ok(Said::Given.path())
    })
    .await
}

async fn shut_out(State(ui): State<Arc<Ui>>, operator: Operator, Form(draft): Form<Draft>) -> Response {
    act(ui, operator, Which::ShutOut, draft, |ui, desk, draft| {
        let id = device_of(draft)?;
        let is_other = desk.devices()?.iter().any(|device| device.id == id && !device.is_own);
        if !is_other {
            // By somebody else, or by this very form sent twice.
            return if desk.removal(&id) == Removal::Done {
                Ok(steps_path(&id))
            } else {
                Err(DeskError::NoSuchDevice.into())
            };
        }
        if draft.sure.is_empty() {
            return Err(Refused::NotSure);
        }
        let done = desk.shut_out(&id)?;
        lock(&ui.shut_out).insert(id, done);
        Ok(steps_path(&id))
    })
    .await
}

async fn invite(State(ui): State<Arc<Ui>>, operator: Operator, Form(draft): Form<Draft>) -> Response {
    act(ui, operator, Which::Invite, draft, |_, desk, draft| {
        desk.invite(person_of(desk, draft)?.id)?;
        Ok("/people/invite".to_owned())
    })
    .await
}

async fn admit(State(ui): State<Arc<Ui>>, operator: Operator, Form(draft): Form<Draft>) -> Response {
    act(ui, operator, Which::Admit, draft, |_, desk, draft| {
        if draft.sure.is_empty() {
            return Err(Refused::NotCompared);
        }
        desk.admit_invited(&draft.words)?;
        Ok(Said::Admitted.path())
    })
    .await
}

async fn stop(State(ui): State<Arc<Ui>>, operator: Operator, Form(draft): Form<Draft>) -> Response {
    act(ui, operator, Which::Stop, draft, |_, desk, _| {
        desk.end_invitation();
        Ok(Said::Stopped.path())
    })
    .await
}

/// Why nothing came of a form, or not all.
enum Refused {
    /// No role was ticked.
    NoRole,
    /// The box was not ticked that says that words were compared.
    NotCompared,
    /// The box was not ticked by which a device is meant.
    NotSure,
    /// Another pseudonym was typed than that of who has left.
    OtherName,
    /// By the desk.
    By(Box<DeskError>),
}

impl From<DeskError> for Refused {
    fn from(error: DeskError) -> Self {
        Self::By(Box::new(error))
    }
}

/// Does what a form asks for and leads to what came of it; where nothing did, the page comes back with what was typed.
async fn act(
    ui: Arc<Ui>,
    operator: Operator,
    form: Which,
    draft: Draft,
    what: impl FnOnce(&Ui, &Desk, &Draft) -> Result<String, Refused> + Send + 'static,
) -> Response {
    let texts = operator.texts;
    let came = aside(move || {
        let desk = &operator.desk;
        let waited = desk.people_acts_waiting().unwrap_or(0);
        // The log would say no more than that, and keep for ever that somebody tried.
        let may = if desk.has_role(Role::Custodian) {
            Ok(())
        } else {
            Err(DeskError::from(PeopleError::Role).into())
        };
        match may.and_then(|()| what(&ui, desk, &draft)) {
            Ok(path) => Came::To(path),
            Err(refused) => {
                let is_kept = desk.people_acts_waiting().is_ok_and(|waits| waits > waited);
                let (status, problem) = told(&operator, &draft, &refused, is_kept);
                Came::Shown(
                    status,
                    match form {
                        Which::Admit | Which::Stop => render_invitation(&ui, &operator, Some(&problem)),
                        _ => render(&ui, &operator, None, Some(&Tried { form, draft, problem })),
                    },
                )
            }
        }
    });
    answer(texts, came.await).await
}

/// What the page says of a form that was refused: whether something of it was begun, and why not all was done.
fn told(operator: &Operator, draft: &Draft, refused: &Refused, is_kept: bool) -> (StatusCode, Markup) {
    let texts = operator.texts;
    let by_the_page = |sentence| (StatusCode::UNPROCESSABLE_ENTITY, sentence);
    let error = match refused {
        Refused::NoRole => return by_the_page(say!(texts, "people-refused-no-role")),
        Refused::NotCompared => return by_the_page(say!(texts, "people-refused-not-compared")),
        Refused::NotSure => return by_the_page(say!(texts, "people-refused-not-sure")),
        Refused::OtherName => return by_the_page(say!(texts, "people-refused-other-name")),
        Refused::By(error) => &**error,
    };
    let is_persons = matches!(
        error,
        DeskError::Invite(_)
            | DeskError::OtherPurpose(_)
            | DeskError::People(_)
            | DeskError::NoSuchDevice
            | DeskError::Refused(_)
            | DeskError::WithoutEffect(_)
    );
    let status =
        if is_persons { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::INTERNAL_SERVER_ERROR };
    let begun = operator.desk.health().unfinished;
    let begun = begun.iter().find(|one| one.is_removal && one.device.to_string() == draft.device);
    let problem = match begun {
        Some(begun) => {
            let [what, way_out] = texts.unfinished(begun);
            html! { (what) " " (way_out) " " (texts.error_sentence(error)) }
        }
        None if is_kept => say!(texts, "people-refused-kept", error = texts.error(error)),
        None => say!(texts, "people-refused", error = texts.error(error)),
    };
    (status, problem)
}

fn render(ui: &Ui, operator: &Operator, said: Option<&Markup>, tried: Option<&Tried>) -> Rendered {
    let texts = operator.texts;
    let overview = Overview::take(ui, operator, None)?;
    let main = list::list(texts, &operator.desk, said, tried)?;
    Ok(page(&text!(texts, "people-title"), &overview, &main))
}

fn render_invitation(ui: &Ui, operator: &Operator, problem: Option<&Markup>) -> Rendered {
    let texts = operator.texts;
    let overview = Overview::take(ui, operator, None)?;
    let main = invitation::page(texts, &operator.desk, operator.desk.invited().as_ref(), problem);
    Ok(page(&text!(texts, "people-invite-title"), &overview, &main))
}

fn person_of(desk: &Desk, draft: &Draft) -> Result<PersonLine, DeskError> {
    let id: Option<PersonId> = Bytes::from_base64url(&draft.person);
    let found = desk.people().into_iter().find(|line| Some(line.id) == id);
    Ok(found.ok_or(PeopleError::NoSuchPerson)?)
}

fn device_of(draft: &Draft) -> Result<DeviceId, DeskError> {
    Bytes::from_base64url(&draft.device).ok_or(DeskError::NoSuchDevice)
}

fn steps_path(id: &DeviceId) -> String {
    format!("/people/shut-out/{id}")
}

/// A device's id as people say it.
fn short(id: &DeviceId) -> String {
    id.to_string().chars().take(SHORT_ID_LEN).collect()
}

fn shorts(ids: &[DeviceId]) -> String {
    ids.iter().map(short).collect::<Vec<_>>().join(", ")
}
