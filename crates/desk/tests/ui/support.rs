//! A hub, a desk and its pages in one process, with callers and browsers to try them.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
    response::IntoResponse as _,
};
use callsign_desk::{
    Ambient, Custody, Desk, FIRST_PERSON, InitOptions, JoinOptions, Purpose, Settings,
    cases::{Case, Role},
    keys::Cost,
    model_tracks,
    ui::{Ui, UiConfig},
};
use callsign_http::Proxies;
use callsign_hub::{CallPolicy, HubConfig, Page};
use callsign_protocol::{
    armour::armour,
    call::Message,
    caller_keys::CallerKeys,
    cell::Cell,
    encoding::{Bytes, Secret},
    exchange::{Ask, LAST_BLOCK, Request as Exchange},
    letter::{Letter, Validity},
    letters::Letters,
    notice::Notice,
    phrase::Phrase,
    stamp::Stamp,
    time::{Clock, Day, UnixSeconds},
};
use chacha20::ChaCha20Rng;
use rand_core::SeedableRng as _;
use tempfile::TempDir;
use tower::ServiceExt as _;

/// The port that the pages believe to be at.
pub const PORT: u16 = 8701;
pub const PASSPHRASE: &str = "correct horse";
pub const DESK_NAME: &str = "Harbour Desk";
pub const CHEAP: Cost = Cost { memory_kib: 64, passes: 1 };
const START: u64 = 1_800_000_000;

/// The system under test. The desk beats at the tests' word only.
pub struct World {
    pub ui: Arc<Ui>,
    pub desk: Arc<Desk>,
    dir: TempDir,
    pub hub: String,
    serving: Arc<Mutex<Router>>,
    time: Arc<AtomicU64>,
    /// Requests to follow that the hub has answered.
    follows: tokio::sync::watch::Receiver<u64>,
    /// Keys are slow to make from a phrase, on purpose.
    callers: Mutex<HashMap<u8, CallerKeys>>,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

/// A browser; its cookie is the only thing that it keeps.
#[derive(Clone, Default)]
pub struct Browser {
    cookie: Option<String>,
}

impl World {
    /// The case of a call sign.
    pub fn case(&self, call_sign: &str) -> Arc<Case> {
        self.desk.case(&self.desk.find(call_sign).unwrap()).unwrap()
    }

    /// A desk that its program has unlocked already.
    pub async fn start() -> Self {
        Self::start_beating(1_000_000).await
    }

    /// One at which all callers are invented.
    pub async fn to_practise_at() -> Self {
        Self::start_as(Purpose::Practice, 1_000_000).await
    }

    /// The same, with a beat every so many seconds.
    pub async fn start_beating(beat_s: u32) -> Self {
        Self::start_as(Purpose::Earnest, beat_s).await
    }

    async fn start_as(purpose: Purpose, beat_s: u32) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let time = Arc::new(AtomicU64::new(START));
        let serving = Arc::new(Mutex::new(Router::new()));
        let (hub, follows) = serve(Arc::clone(&serving)).await;
        let world = Self::open_hub(&dir.path().join("hub"), &time).await;
        *serving.lock().unwrap() = world.router();
        let code = world.enrolment_code().await.unwrap();
        let options = InitOptions {
            hub: hub.clone(),
            code: code.trim().to_owned(),
            identity: None,
            name: DESK_NAME.to_owned(),
            person: FIRST_PERSON.to_owned(),
            tracks: model_tracks(),
            content: vec![],
            settings: Settings { beat_s, ..Settings::default() },
            purpose,
        };
        let (data, ambient) = (dir.path().join("desk"), ambient(&time));
        let desk = aside(move || Desk::init(&data, PASSPHRASE, CHEAP, &options, ambient).unwrap()).await;
        let desk = Arc::new(desk);
        let ui = pages(dir.path().join("desk"), &time, Some(Arc::clone(&desk)));
        Self { ui, desk, dir, hub, serving, time, follows, callers: Mutex::default() }
    }

    /// The custodian takes the identity away.
    pub async fn detach_identity(&self) {
        let (desk, dir) = (Arc::clone(&self.desk), self.dir.path().to_owned());
        aside(move || {
            let (dir, file) = (dir.join("desk"), dir.join("identity"));
            let custody = Custody {
                dir: &dir,
                passphrase: PASSPHRASE,
                file: &file,
                file_passphrase: "elsewhere",
                cost: CHEAP,
            };
            desk.detach_identity(&custody, &mut rng()).unwrap();
        })
        .await;
    }

    /// Another device joins, and shuts this one out.
    pub async fn shut_out(&self) {
        let (desk, dir, hub, time) =
            (Arc::clone(&self.desk), self.dir.path().join("other"), self.hub.clone(), Arc::clone(&self.time));
        aside(move || {
            let join = JoinOptions { hub, fingerprint: desk.fingerprint(), settings: Settings::default() };
            let request = Desk::ask_to_join(&dir, PASSPHRASE, CHEAP, &join, ambient(&time)).unwrap();
            desk.admit(&request).unwrap();
            let other = Desk::open(&dir, PASSPHRASE, ambient(&time)).unwrap();
            other.sync().unwrap();
            let own = desk.devices().unwrap().into_iter().find(|device| device.is_own).unwrap().id;
            other.remove_device(&own).unwrap();
            assert!(desk.sync().is_err());
        })
        .await;
    }

    /// A colleague with a device of their own, who has read all that the desk has.
    pub async fn colleague(&self, name: &'static str) -> Arc<Desk> {
        let (desk, dir, hub, time) =
            (Arc::clone(&self.desk), self.dir.path().join(name), self.hub.clone(), Arc::clone(&self.time));
        aside(move || {
            let person = desk.add_person(name, [Role::Operator].into()).unwrap();
            let join = JoinOptions { hub, fingerprint: desk.fingerprint(), settings: Settings::default() };
            let request = Desk::ask_to_join(&dir, PASSPHRASE, CHEAP, &join, ambient(&time)).unwrap();
            desk.admit_for(&request, person).unwrap();
            let other = Desk::open(&dir, PASSPHRASE, ambient(&time)).unwrap();
            other.sync().unwrap();
            Arc::new(other)
        })
        .await
    }

    async fn open_hub(data_dir: &std::path::Path, time: &Arc<AtomicU64>) -> callsign_hub::Hub {
        let config = HubConfig {
            data_dir: data_dir.to_owned(),
            calls: CallPolicy::Anywhere,
            page: Page::default(),
            clock: clock(time),
            seed: [7; 32],
        };
        callsign_hub::open(config).await.unwrap()
    }

    /// New pages for the desk's data, as after a new start of the program: nothing is unlocked.
    pub fn fresh_pages(&self) -> Arc<Ui> {
        pages(self.dir.path().join("desk"), &self.time, None)
    }

    /// A colleague's pages.
    pub fn pages_of(&self, name: &str, desk: &Arc<Desk>) -> Arc<Ui> {
        pages(self.dir.path().join(name), &self.time, Some(Arc::clone(desk)))
    }

    /// A browser that was let in and has given the passphrase.
    pub async fn operator(&self) -> Browser {
        let mut browser = Browser::default();
        browser.enter(&self.ui).await;
        let answer = browser.post(&self.ui, "/unlock", &[("passphrase", PASSPHRASE)]).await;
        assert_eq!(answer.location(), "/");
        browser
    }

    /// A caller writes, and the desk takes the parts that arrive; `lost` ones do not.
    pub async fn call(&self, caller: u8, text: &str, lost: &[usize]) -> String {
        let keys = self.caller_keys(caller);
        let mut rng = rng();
        let message = Message {
            id: Bytes::random(&mut rng),
            track: "field".to_owned(),
            language: "uk".to_owned(),
            text: text.to_owned(),
            safe_times: Some("вечорами".to_owned()),
        };
        let base = format!("{}/{}/v1", self.hub, self.desk.fingerprint().desk_id());
        let (desk, now) = (Arc::clone(&self.desk), self.desk.now());
        let (call_sign, lost) = (keys.call_sign().to_string(), lost.to_vec());
        aside(move || {
            // Whatever proxy the environment names, this goes to loopback.
            let agent = ureq::Agent::config_builder().proxy(None).build().new_agent();
            let notice =
                agent.get(format!("{base}/notice")).call().unwrap().body_mut().read_to_vec().unwrap();
            let notice = Notice::verify(&notice, None, now).unwrap();
            for (at, part) in message.parts().unwrap().iter().enumerate() {
                if lost.contains(&at) {
                    continue;
                }
                let cell = Cell::seal_part(part, &keys, &notice, now.day(), &mut rng).unwrap();
                let ask = Ask { day: Day(0), shard: 0, from: LAST_BLOCK };
                let exchange = Exchange { ask, stamp: Stamp::NONE, cell };
                agent.post(format!("{base}/exchange")).send(&exchange.encode()[..]).unwrap();
            }
            desk.sync().unwrap();
        })
        .await;
        call_sign
    }

    /// So many callers write letters, all at once.
    pub async fn letters(&self, count: u32) {
        let base = format!("{}/{}/v1", self.hub, self.desk.fingerprint().desk_id());
        let (desk, now) = (Arc::clone(&self.desk), self.desk.now());
        aside(move || {
            let fetch = |name: &str| {
                ureq::get(format!("{base}/{name}")).call().unwrap().body_mut().read_to_vec().unwrap()
            };
            let notice = Notice::verify(&fetch("notice"), None, now).unwrap();
            let letters = Letters::verify(&fetch("letters"), Some(&notice.fingerprint), now).unwrap();
            let letters = letters.named_by(&notice).unwrap();
            let validity = Validity { written: now.day(), expires: now.day().plus(30) };
            let mut rng = rng();
            let armoured = (0..count).map(|n| {
                let mut root = [1; 32];
                root[..4].copy_from_slice(&n.to_be_bytes());
                let message = Message {
                    id: Bytes::random(&mut rng),
                    track: "field".to_owned(),
                    language: "uk".to_owned(),
                    text: "a letter".to_owned(),
                    safe_times: None,
                };
                let part = &message.letter_parts().unwrap()[0];
                let keys = CallerKeys::from_root(Secret(root));
                armour(&Letter::seal_part(part, &keys, &letters, validity, &mut rng).unwrap())
            });
            let text = armoured.collect::<Vec<_>>().join("\n");
            assert_eq!(desk.receive(&text).unwrap().taken, count as usize);
        })
        .await;
    }

    /// A place for more files.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Clock and randomness for one more device.
    pub fn ambient(&self) -> Ambient {
        ambient(&self.time)
    }

    /// Where the desk's files lie.
    pub fn desk_dir(&self) -> PathBuf {
        self.dir.path().join("desk")
    }

    /// The cache of the desk, as another program would open it.
    pub fn cache(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.desk_dir().join("cache.sqlite")).unwrap()
    }

    /// Returns once the desk has taken in one more answer to its following.
    pub async fn follow_ended(&self) {
        let mut follows = self.follows.clone();
        let seen = *follows.borrow();
        // The one that is answered next may still be on its way to the desk when the count moves; the one after is asked
        // for behind it.
        follows.wait_for(|count| *count >= seen + 2).await.unwrap();
    }

    /// Breaks the desk's own files, or mends them.
    pub fn break_disk(&self, is_broken: bool) {
        let (from, to) = if is_broken { ("pending", "broken") } else { ("broken", "pending") };
        self.cache().execute_batch(&format!("ALTER TABLE {from} RENAME TO {to}")).unwrap();
    }

    fn caller_keys(&self, caller: u8) -> CallerKeys {
        let phrase = Phrase::parse(&format!("caller {caller}")).unwrap();
        let make = || phrase.caller_keys(&self.desk.fingerprint());
        self.callers.lock().unwrap().entry(caller).or_insert_with(make).clone()
    }

    /// From now on the hub answers nothing but errors.
    pub fn lose_hub(&self) {
        self.serve(Router::new().fallback(async || StatusCode::BAD_GATEWAY));
    }

    /// What answers.
    pub fn hub(&self) -> Router {
        self.serving.lock().unwrap().clone()
    }

    /// From now on the hub answers, but for one kind of request.
    pub fn lose_part(&self, hub: &Router, method: Method, end: &'static str) {
        let hub = hub.clone();
        self.serve(Router::new().fallback(async move |request: Request<Body>| {
            if request.method() == method && request.uri().path().ends_with(end) {
                return StatusCode::BAD_GATEWAY.into_response();
            }
            hub.oneshot(request).await.into_response()
        }));
    }

    /// From now on this answers.
    pub fn serve(&self, hub: Router) {
        *self.serving.lock().unwrap() = hub;
    }

    /// Copies what the hub has.
    pub fn keep_copy(&self) -> PathBuf {
        let (from, to) = (self.dir.path().join("hub"), self.dir.path().join("copy"));
        std::fs::create_dir(&to).unwrap();
        for entry in
            std::fs::read_dir(&from).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file())
        {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
        to
    }

    /// From now on the hub serves what it had when the copy was made.
    pub async fn restore(&self, copy: &std::path::Path) {
        let hub = Self::open_hub(copy, &self.time).await;
        *self.serving.lock().unwrap() = hub.router();
    }

    /// From now on the hub's clock is so far behind this computer's; it goes on where the answer is set.
    pub async fn set_hub_back(&self, seconds: u64) -> Arc<AtomicU64> {
        let time = Arc::new(AtomicU64::new(self.time.load(Ordering::Relaxed) - seconds));
        let hub = Self::open_hub(&self.keep_copy(), &time).await;
        *self.serving.lock().unwrap() = hub.router();
        time
    }

    /// So long nobody is here; then somebody unlocks the pages, which have locked themselves meanwhile.
    pub async fn pass_away_from(&self, browser: &Browser, seconds: u64) {
        self.pass(seconds);
        let answer = browser.post(&self.ui, "/unlock", &[("passphrase", PASSPHRASE)]).await;
        assert_eq!(answer.location(), "/");
    }

    pub fn pass(&self, seconds: u64) {
        self.time.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Browser {
    /// Opens a new one-time link.
    pub async fn enter(&mut self, ui: &Arc<Ui>) -> Answer {
        let path = ui.one_time_path();
        self.open_link(ui, &path).await
    }

    pub async fn open_link(&mut self, ui: &Arc<Ui>, path: &str) -> Answer {
        let answer = self.visit(ui, path).await;
        if let Some(cookie) = answer.headers.get(header::SET_COOKIE) {
            self.cookie = cookie.to_str().unwrap().split(';').next().map(str::to_owned);
        }
        answer
    }

    /// A person goes to a page.
    pub async fn visit(&self, ui: &Arc<Ui>, path: &str) -> Answer {
        let request = self
            .request("GET", path)
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document");
        send(ui, request.body(Body::empty()).unwrap()).await
    }

    /// A script fetches a page.
    pub async fn fetch(&self, ui: &Arc<Ui>, path: &str) -> Answer {
        let request = self
            .request("GET", path)
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "cors");
        send(ui, request.body(Body::empty()).unwrap()).await
    }

    /// A form is sent from the desk's own pages.
    pub async fn post(&self, ui: &Arc<Ui>, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self
            .request("POST", path)
            .header(header::ORIGIN, format!("http://127.0.0.1:{PORT}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        send(ui, request.body(Body::from(encode(fields))).unwrap()).await
    }

    pub fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let request =
            Request::builder().method(method).uri(path).header(header::HOST, format!("127.0.0.1:{PORT}"));
        match &self.cookie {
            Some(cookie) => request.header(header::COOKIE, format!("other=1; {cookie}")),
            None => request,
        }
    }
}

impl Answer {
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    /// The value of the first attribute that starts like this.
    pub fn attribute(&self, start: &str) -> String {
        let from =
            self.body.find(start).unwrap_or_else(|| panic!("no {start} in {}", self.body)) + start.len();
        self.body[from..].split('"').next().unwrap().to_owned()
    }

    /// What a preview names that it has shown; none of another page.
    pub fn previewed(&self) -> Option<String> {
        let start = "name=\"previewed\" value=\"";
        let is_preview = self.body.contains("id=\"preview-form\"");
        is_preview.then(|| self.attribute(start))
    }

    /// The path of a case on the board.
    pub fn case_path(&self, call_sign: &str) -> String {
        let row =
            self.body.split("<li ").find(|row| row.contains(&format!("data-call-sign=\"{call_sign}\"")));
        let row = row.unwrap_or_else(|| panic!("{call_sign} is not on the board"));
        row.split("data-key=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }
}

pub async fn send(ui: &Arc<Ui>, request: Request<Body>) -> Answer {
    let response = Arc::clone(ui).router().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let body = String::from_utf8(bytes.to_vec()).unwrap();
    Answer { status: parts.status, headers: parts.headers, body }
}

/// The events that pages listen to.
pub async fn events(ui: &Arc<Ui>, browser: &Browser) -> axum::body::BodyDataStream {
    let request = browser.request("GET", "/events").body(Body::empty()).unwrap();
    ui.clone().router().oneshot(request).await.unwrap().into_body().into_data_stream()
}

pub async fn aside<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// A server whose inside can be swapped while its address stays.
async fn serve(serving: Arc<Mutex<Router>>) -> (String, tokio::sync::watch::Receiver<u64>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (follows, counted) = tokio::sync::watch::channel(0);
    let outer = Router::new().fallback(async move |request: Request<Body>| {
        let inner = serving.lock().unwrap().clone();
        let is_follow = request.uri().path().ends_with("/follow");
        let answer = inner.oneshot(request).await.into_response();
        follows.send_modify(|count| *count += u64::from(is_follow));
        answer
    });
    tokio::spawn(async move { axum::serve(listener, outer).await.unwrap() });
    (address, counted)
}

fn pages(data_dir: PathBuf, time: &Arc<AtomicU64>, unlocked: Option<Arc<Desk>>) -> Arc<Ui> {
    let time = Arc::clone(time);
    Arc::new(Ui::new(UiConfig {
        data_dir,
        address: ([127, 0, 0, 1], PORT).into(),
        ambient: Arc::new(move || ambient(&time)),
        cost: CHEAP,
        unlocked,
        report: Arc::new(|_| {}),
        script: "",
        lock_after_minutes: 10,
    }))
}

fn ambient(time: &Arc<AtomicU64>) -> Ambient {
    Ambient {
        clock: clock(time),
        timer: callsign_desk::Timer::standing(),
        rng: Box::new(rng()),
        proxies: Proxies::none(),
    }
}

fn clock(time: &Arc<AtomicU64>) -> Clock {
    let time = Arc::clone(time);
    Arc::new(move || UnixSeconds(time.load(Ordering::Relaxed)))
}

/// Another generator each time.
fn rng() -> ChaCha20Rng {
    static SEED: AtomicU8 = AtomicU8::new(0);
    ChaCha20Rng::from_seed([SEED.fetch_add(1, Ordering::Relaxed); 32])
}

fn encode(fields: &[(&str, &str)]) -> String {
    let percent =
        |text: &str| text.bytes().fold(String::new(), |encoded, byte| encoded + &format!("%{byte:02X}"));
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect();
    pairs.join("&")
}

/// What stands in the box of a case's page.
pub fn box_of(page: &Answer) -> String {
    let from = page.body.split("<textarea id=\"reply\"").nth(1).expect("a box");
    let inside = from.split_once('>').unwrap().1.split("</textarea>").next().unwrap();
    inside.strip_prefix('\n').unwrap().to_owned()
}

/// What a form of a case's page would send.
pub struct Form {
    pub reply: String,
    pub once: String,
    pub shown: String,
}

impl Form {
    pub fn of(page: &Answer, path: &str) -> Self {
        let hidden = |name: &str| page.attribute(&format!("name=\"{name}\" value=\""));
        Self { reply: format!("{path}/reply"), once: hidden("once"), shown: hidden("shown") }
    }

    pub async fn send(&self, world: &World, browser: &Browser, text: &str) -> Answer {
        self.send_by("queue", world, browser, text).await
    }

    /// The same by the button that sends all at once.
    pub async fn send_now(&self, world: &World, browser: &Browser, text: &str) -> Answer {
        self.send_by("now", world, browser, text).await
    }

    /// The preview that comes first.
    pub async fn look_over(&self, world: &World, browser: &Browser, text: &str) -> Answer {
        self.post(world, browser, &[("text", text), ("how", "preview")]).await
    }

    /// What is sent from a preview, which names what it showed.
    pub async fn send_from(&self, preview: &Answer, world: &World, browser: &Browser, text: &str) -> Answer {
        let fields = [("text", text), ("how", "queue"), ("previewed", &*preview.previewed().unwrap())];
        self.post(world, browser, &fields).await
    }

    /// The same by the button that sends all at once.
    pub async fn send_now_from(
        &self,
        preview: &Answer,
        world: &World,
        browser: &Browser,
        text: &str,
    ) -> Answer {
        let fields = [("text", text), ("how", "now"), ("previewed", &*preview.previewed().unwrap())];
        self.post(world, browser, &fields).await
    }

    /// As a person sends it: what no preview can be shown of is answered as the preview was.
    async fn send_by(&self, how: &str, world: &World, browser: &Browser, text: &str) -> Answer {
        let previewed = if text.is_empty() {
            String::new()
        } else {
            let preview = self.look_over(world, browser, text).await;
            let Some(previewed) = preview.previewed() else { return preview };
            previewed
        };
        self.post(world, browser, &[("text", text), ("how", how), ("previewed", &previewed)]).await
    }

    async fn post(&self, world: &World, browser: &Browser, fields: &[(&str, &str)]) -> Answer {
        let own = [("once", &*self.once), ("shown", &*self.shown)];
        browser.post(&world.ui, &self.reply, &[&own, fields].concat()).await
    }
}
