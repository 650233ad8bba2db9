//! People of the desk: who they are, what each may do, whose each device is, and a custodian's forms for all of that.

mod form;
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
use serde::Deserialize;

use super::shell::{
    Ui, aside,
    forms::{Came, answer},
    layout::{Rendered, not_found, page, respond},
    lock,
    operator::Operator,
    overview::Overview,
};
use crate::{
    Desk, DeskError, PeopleError, PersonLine, Removal, as_sentence,
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
        .route("/people/shut-out", post(shut_out).get(back))
        .route("/people/shut-out/{device}", get(show_steps))
}

/// What the page says of what was just done there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Said {
    Added,
    Given,
    Left,
    Roles,
}

#[derive(Default, Deserialize)]
struct Shown {
    said: Option<String>,
}

impl Said {
    /// Each with its code in an address.
    const ALL: [(Self, &str); 4] =
        [(Self::Added, "added"), (Self::Given, "given"), (Self::Left, "left"), (Self::Roles, "roles")];

    fn path(self) -> String {
        let code = Self::ALL.iter().find(|(said, _)| *said == self).map_or("", |(_, code)| code);
        format!("/people?said={code}")
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Added => {
                "They belong to the desk now. To let their device in, run `callsign desk join` on it, then `callsign desk admit --person` here."
            }
            Self::Given => "The device belongs to another person now.",
            Self::Left => {
                "They have left, and nothing that their devices write counts any more. Those devices still read what comes in: shut them out below."
            }
            Self::Roles => "Their roles are set. The others see that within a minute.",
        }
    }
}

/// Shows everybody.
async fn show(State(ui): State<Arc<Ui>>, operator: Operator, Query(shown): Query<Shown>) -> Response {
    let code = shown.said.unwrap_or_default();
    let said = Said::ALL.into_iter().find(|(_, known)| *known == code).map(|(said, _)| said.sentence());
    let shown = aside(move || render(&ui, &operator.desk, said, None));
    respond(StatusCode::OK, shown.await).await
}

/// Shows how far the shutting out of a device has come.
async fn show_steps(State(ui): State<Arc<Ui>>, operator: Operator, Path(device): Path<String>) -> Response {
    let Some(id) = Bytes::from_base64url(&device) else { return not_found().await };
    if operator.desk.removal(&id) == Removal::Unsaid {
        return not_found().await;
    }
    let shown = aside(move || {
        let overview = Overview::take(&ui, &operator.desk, None)?;
        let known = lock(&ui.shut_out).get(&id).cloned();
        Ok(page("Shutting out a device", &overview, &steps::steps(&operator.desk, &id, known.as_ref())?))
    });
    respond(StatusCode::OK, shown.await).await
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
            return Err(Refused::Told("what you typed is not their pseudonym; type it as it stands there"));
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
            return Err(Refused::Told("tick the box that says that you mean this device"));
        }
        let done = desk.shut_out(&id)?;
        lock(&ui.shut_out).insert(id, done);
        Ok(steps_path(&id))
    })
    .await
}

/// Why nothing came of a form, or not all.
enum Refused {
    /// By the page itself, a sentence.
    Told(&'static str),
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
                let (status, problem) = told(desk, &draft, &refused, is_kept);
                Came::Shown(status, render(&ui, desk, None, Some(&Tried { form, draft, problem })))
            }
        }
    });
    answer(came.await).await
}

/// What the page says of a form that was refused: whether something of it was begun, and why not all was done.
fn told(desk: &Desk, draft: &Draft, refused: &Refused, is_kept: bool) -> (StatusCode, String) {
    let error = match refused {
        Refused::Told(why) => return (StatusCode::UNPROCESSABLE_ENTITY, format!("Nothing was done: {why}.")),
        Refused::By(error) => error,
    };
    let is_persons = matches!(
        **error,
        DeskError::People(_) | DeskError::NoSuchDevice | DeskError::Refused(_) | DeskError::WithoutEffect(_)
    );
    let status =
        if is_persons { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::INTERNAL_SERVER_ERROR };
    let begun = desk.health().unfinished;
    let begun = begun.iter().find(|one| one.is_removal && one.device.to_string() == draft.device);
    let problem = match begun {
        Some(begun) => format!("{} {} {}", begun.told(), begun.way_out(), as_sentence(&error.to_string())),
        None if is_kept => format!(
            "It is kept on this computer and not in the log yet: {error}. It goes there by itself once the hub answers; you need not do it again."
        ),
        None => format!("Nothing was done: {error}."),
    };
    (status, problem)
}

fn render(ui: &Ui, desk: &Desk, said: Option<&str>, tried: Option<&Tried>) -> Rendered {
    let overview = Overview::take(ui, desk, None)?;
    Ok(page("People", &overview, &list::list(desk, said, tried)?))
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
