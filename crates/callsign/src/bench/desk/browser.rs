//! A browser of an operator, as far as it matters to the desk's pages: one cookie, and requests as a person makes them.

use std::{net::SocketAddr, time::Duration};

use callsign_http::{Client, Habits, Link, Proxies, Request, RequestError, Response};

use crate::failure::Failure;

/// A page that takes longer is none.
const PATIENCE: Duration = Duration::from_mins(2);
/// Bytes of a page at most.
const PAGE_MAX: usize = 64 << 20;
/// What the address of a case follows on the board.
const CASE_MARK: &str = "data-key=\"/case/";

/// One that was let in and has given the passphrase. Its copies are other windows of it.
#[derive(Clone, Debug)]
pub struct Browser {
    client: Client,
    origin: String,
    cookie: String,
}

impl Browser {
    /// Goes to the one-time path, and unlocks.
    pub fn unlock(address: SocketAddr, one_time_path: &str, passphrase: &str) -> Result<Self, Failure> {
        let origin = format!("http://{address}");
        let link = Link::parse(&origin).map_err(|error| Failure::new("bench", error))?;
        let habits = Habits { step: PATIENCE, whole: PATIENCE, idle_connections: 8 };
        let client = Client::new(&link.address, &Proxies::none(), habits)
            .map_err(|error| Failure::new("bench", error))?;
        let mut browser = Self { client, origin, cookie: String::new() };
        let mut answer = browser.get(one_time_path)?;
        let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next());
        cookie.unwrap_or_default().clone_into(&mut browser.cookie);
        answer.read(PAGE_MAX).map_err(no_page)?;
        let form = format!("passphrase={passphrase}");
        let headers = [
            ("cookie", browser.cookie.as_str()),
            ("origin", &browser.origin),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let body = Some(form.as_bytes());
        let request =
            Request { method: "POST", path: "/unlock", headers: &headers, body, answer_within: None };
        let mut answer = browser.client.send(request).map_err(no_page)?;
        answer.read(PAGE_MAX).map_err(no_page)?;
        if answer.status() == 303 { Ok(browser) } else { Err(not_that_page("/unlock", answer.status())) }
    }

    /// The page at a path, whole.
    pub fn visit(&self, path: &str) -> Result<String, Failure> {
        let mut answer = self.get(path)?;
        let page = answer.read(PAGE_MAX).map_err(no_page)?;
        if answer.status() != 200 {
            return Err(not_that_page(path, answer.status()));
        }
        Ok(String::from_utf8_lossy(&page).into_owned())
    }

    fn get(&self, path: &str) -> Result<Response, Failure> {
        let headers = [
            ("cookie", self.cookie.as_str()),
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        let request = Request { method: "GET", path, headers: &headers, body: None, answer_within: None };
        self.client.send(request).map_err(no_page)
    }
}

/// The paths of the cases on the page of a board.
pub fn cases_on(board: &str) -> Result<Vec<String>, Failure> {
    if !board.contains("id=\"board\"") {
        return Err(Failure::new("bench", "the desk shows no board; report this"));
    }
    let keys = board.split(CASE_MARK).skip(1).filter_map(|rest| rest.split('"').next());
    Ok(keys.map(|key| format!("/case/{key}")).collect())
}

fn no_page(error: RequestError) -> Failure {
    Failure::new(
        "bench",
        format!("the desk's pages do not answer: {error}; end other programs and try again"),
    )
}

fn not_that_page(path: &str, status: u16) -> Failure {
    let kind = path.split('/').nth(1).unwrap_or_default();
    Failure::new("bench", format!("the desk's page /{kind} answers with status {status}; report this"))
}
