//! A hotline with all that texts speak of, at which their lines are run as a reader types them.

use std::{
    cmp::Reverse,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
};

use tempfile::TempDir;

use crate::support::{self, BINARY, PASSPHRASE, Server, address_of_ones_own};

/// What is typed where nothing else is asked for: a yes, or a text.
const TYPED: &str = "yes\n";

/// A hub with a desk, a caller's files, and a place for whatever the lines make.
pub struct Stage {
    dir: TempDir,
    /// The hub's, for as long as the stage is there.
    address: SocketAddr,
    hub: Option<Server>,
    /// What stands for the words of texts; longer words come first.
    words: Vec<(String, String)>,
}

/// How a line is run that is not run as it stands.
struct Setting {
    /// Beginnings of such lines.
    line: &'static str,
    /// What a reader has done before.
    before: &'static [&'static str],
    hub: Hub,
    typed: Typed,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Hub {
    Serving,
    Stopped,
    /// Serving, with no desk yet.
    New,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Typed {
    Piped,
    AtATerminal,
    /// With the other side of an invitation at the same time.
    Meeting,
}

const CLAIM: &str = "callsign desk claim --data ~/desk --call-sign river-stone-42";
const KIT: &str = "callsign desk kit --data ~/desk /media/stick/kit.txt";
const RECOVER_ANEW: &str = "callsign desk recover-kit --data NEW /media/stick/kit.txt --hub";
const MEETING_JOIN: &str = "callsign desk join --data ~/desk --hub 'LINK FROM THE LEAFLET' --code -";
const DETACH: &str = "callsign desk identity detach --data ~/desk /media/stick/identity";
const JOIN_ANEW: &str = "callsign desk join --data NEW --hub 'LINK FROM THE LEAFLET'";
const RESTART: &str = "callsign desk identity restart --data NEW /media/stick/identity";
const SUCCEED: &str = "callsign desk identity succeed --data ~/desk /media/stick/identity --new /media/stick/next --from YYYY-MM-DD";
const BACK_UP: &str = "callsign hub backup --data /var/lib/callsign /mnt/backup/hub-monday";

/// The longest beginning that fits holds.
const SHOW: &str = "callsign desk show --data ~/desk --call-sign river-stone-42";
const CLOSE: &str = "callsign desk close --data ~/desk --call-sign river-stone-42";

/// A colleague has written an answer that somebody else reads first.
const TO_READ: &[&str] = &[
    "callsign desk person give --data ~/desk DEVICE Osyka",
    "callsign desk sync --data ~/second-desk",
    "callsign desk reply --data ~/second-desk --call-sign river-stone-42 --second-reader --text careful",
    "callsign desk sync --data ~/desk",
];
/// Somebody has called to whom nobody has turned yet.
const UNOPENED: &[&str] =
    &["callsign call send --hub 'LINK FROM THE LEAFLET' -", "callsign desk sync --data ~/desk"];
/// They were set aside.
const SIFTED: &[&str] =
    &[UNOPENED[0], UNOPENED[1], "callsign desk flood --data ~/desk --from YYYY-MM-DDTHH:MM --junk --yes"];
const OFFER: &str = "callsign desk transfer --data ~/desk --call-sign river-stone-42 --to anyone";
/// A colleague has the case, and offers it.
const OFFERED: &[&str] = &[
    "callsign desk person give --data ~/desk DEVICE Osyka",
    "callsign desk sync --data ~/second-desk",
    "callsign desk claim --data ~/second-desk --call-sign river-stone-42",
    "callsign desk transfer --data ~/second-desk --call-sign river-stone-42 --to anyone",
    "callsign desk sync --data ~/desk",
];

const SETTINGS: [Setting; 45] = [
    Setting::new("callsign", &[], Hub::Serving),
    Setting::new("callsign bench store", &[], Hub::Stopped),
    Setting::new("callsign hub --data", &[], Hub::Stopped),
    Setting::new("callsign hub --config", &[], Hub::Stopped),
    Setting::new(
        "callsign hub --data /tmp/large",
        &["callsign bench store --data /tmp/large --drops 1000 --cells 100"],
        Hub::Stopped,
    ),
    Setting::new("callsign hub restore", &[BACK_UP, "rm -r /var/lib/callsign"], Hub::Stopped),
    Setting::new("callsign hub restore --data /var/lib/callsign --replace", &[BACK_UP], Hub::Stopped),
    Setting {
        typed: Typed::AtATerminal,
        ..Setting::new("callsign desk admit --data ~/desk request.txt", &[], Hub::Serving)
    },
    Setting {
        typed: Typed::AtATerminal,
        ..Setting::new("callsign desk admit --data ~/desk --person", &[], Hub::Serving)
    },
    Setting::new("callsign desk approve", TO_READ, Hub::Serving),
    Setting::new(
        "callsign desk flag --data ~/desk --call-sign river-stone-42 coerced --lift",
        &["callsign desk flag --data ~/desk --call-sign river-stone-42 coerced"],
        Hub::Serving,
    ),
    Setting::new("callsign desk step", &["callsign desk content import --data ~/desk content"], Hub::Serving),
    Setting::new("callsign desk flood --data ~/desk --from", UNOPENED, Hub::Serving),
    Setting::new("callsign desk flood --data ~/desk --undo", SIFTED, Hub::Serving),
    Setting::new("callsign desk release", &[CLAIM], Hub::Serving),
    Setting::new(
        "callsign desk release --data ~/desk --call-sign river-stone-42 --held",
        &[
            "callsign desk person give --data ~/desk DEVICE Osyka",
            CLAIM,
            "callsign desk sync --data ~/second-desk",
            "callsign desk reply --data ~/second-desk --call-sign river-stone-42 --text held",
            "callsign desk sync --data ~/desk",
            // Nobody lets an answer go beside a message that nobody has opened.
            SHOW,
        ],
        Hub::Serving,
    ),
    Setting::new(
        "callsign desk take-back",
        &["callsign desk reply --data ~/desk --call-sign river-stone-42 --queued --text hasty"],
        Hub::Serving,
    ),
    Setting::new("callsign desk close", &[SHOW], Hub::Serving),
    Setting::new(
        "callsign desk close --data ~/desk --call-sign river-stone-42 --reopen",
        &[SHOW, CLOSE],
        Hub::Serving,
    ),
    Setting::new(
        "callsign desk handover --data ~/desk --take",
        &[
            "callsign desk person give --data ~/desk DEVICE Osyka",
            "callsign desk sync --data ~/second-desk",
            "callsign desk handover --data ~/second-desk --end",
            "callsign desk sync --data ~/desk",
        ],
        Hub::Serving,
    ),
    Setting::new("callsign desk identity attach", &[DETACH], Hub::Serving),
    Setting::new("callsign desk identity certify", &[DETACH], Hub::Serving),
    Setting::new("callsign desk identity restart", &[DETACH], Hub::Serving),
    Setting::new("callsign desk identity restart --data NEW", &[DETACH, JOIN_ANEW], Hub::Serving),
    Setting::new("callsign desk serve --data NEW", &[DETACH, JOIN_ANEW, RESTART], Hub::Serving),
    Setting::new("callsign desk settings --data NEW", &[DETACH, JOIN_ANEW, RESTART], Hub::Serving),
    Setting::new("callsign desk identity succeed", &[DETACH], Hub::Serving),
    Setting::new("callsign desk init", &["rm -r ~/desk"], Hub::New),
    Setting::new("callsign desk init --data ~/next-desk", &[DETACH, SUCCEED], Hub::New),
    Setting::new("callsign desk join", &["rm -r ~/desk"], Hub::Serving),
    Setting { typed: Typed::Meeting, ..Setting::new(MEETING_JOIN, &["rm -r ~/desk"], Hub::Serving) },
    Setting { typed: Typed::Meeting, ..Setting::new("callsign desk invite", &[], Hub::Serving) },
    Setting::new("callsign desk recover-kit", &[KIT], Hub::Serving),
    Setting::new(RECOVER_ANEW, &[KIT], Hub::New),
    Setting::new("callsign desk recover-kit --data NEW KIT --hub", &[KIT], Hub::New),
    Setting::new("callsign desk person give", &[], Hub::Serving),
    Setting::new("callsign desk person leave", &[], Hub::Serving),
    Setting::new("callsign desk person roles", &[], Hub::Serving),
    Setting::new("callsign desk transfer", &[CLAIM], Hub::Serving),
    Setting::new(
        "callsign desk transfer --data ~/desk --call-sign river-stone-42 --withdraw",
        &[CLAIM, OFFER],
        Hub::Serving,
    ),
    Setting::new(
        "callsign desk transfer --data ~/desk --call-sign river-stone-42 --accept",
        OFFERED,
        Hub::Serving,
    ),
    Setting::new(
        "callsign desk transfer --data ~/desk --call-sign river-stone-42 --refuse",
        OFFERED,
        Hub::Serving,
    ),
    Setting::new(
        "callsign desk transfer --data ~/desk --call-sign river-stone-42 --ask",
        OFFERED,
        Hub::Serving,
    ),
    Setting::new("callsign letter --link", &["rm notice.bin"], Hub::Serving),
    Setting::new("callsign letter --fingerprint", &["rm letter.txt"], Hub::Serving),
];

/// What the lines of a text find at their beginning.
pub struct Seed {
    stage: Stage,
    kept: TempDir,
}

impl Seed {
    /// A desk with a call and a second device, a third that asks to join, and a caller's files.
    pub fn new() -> Self {
        let mut stage = Stage::empty();
        stage.start_hub();
        let printed = stage
            .run("callsign desk init --data ~/desk --hub http://ADDRESS --code - --name 'Line of the North'");
        stage.learn_the_desk(&printed);
        stage.run("callsign letter --link 'LINK FROM THE LEAFLET' --save-notice notice.bin");
        stage.run("callsign letter --fingerprint FINGERPRINT --notice notice.bin - >letter.txt");
        stage.run("callsign letter --fingerprint FINGERPRINT --notice notice.bin - >mail.txt");
        stage.call();
        stage.run("callsign desk sync --data ~/desk");
        stage.run("callsign desk person add --data ~/desk Osyka");
        stage.learn_a_follow_up();
        stage.learn_a_note();
        for device in ["~/second-desk", "~/third-desk"] {
            stage.ask_to_join(device);
            if device == "~/second-desk" {
                stage.run(
                    "callsign desk admit --data ~/desk --code 'WORD WORD WORD WORD WORD WORD' request.txt",
                );
            }
        }
        stage.run("callsign desk sync --data ~/desk");
        stage.learn_the_other_device();
        stage.hub = None;
        let kept = TempDir::new().unwrap();
        copy(stage.dir.path(), kept.path());
        Self { stage, kept }
    }

    /// Runs a line with everything as it was at the beginning.
    pub fn run_anew(&mut self, line: &str) {
        let fits = |setting: &&Setting| line.starts_with(setting.line);
        let setting =
            SETTINGS.iter().filter(fits).max_by_key(|setting| setting.line.len()).expect("a command");
        let stage = &mut self.stage;
        stage.hub = None;
        fs::remove_dir_all(stage.dir.path()).unwrap();
        copy(self.kept.path(), stage.dir.path());
        stage.start_hub();
        for (number, before) in setting.before.iter().enumerate() {
            // Whoever removes the hub's files has stopped it.
            if before.starts_with("rm ") || (number == 0 && setting.hub == Hub::Stopped) {
                stage.hub = None;
            }
            stage.run(before);
        }
        stage.hub = None;
        match setting.hub {
            Hub::Stopped => {}
            Hub::Serving => stage.start_hub(),
            Hub::New => {
                fs::remove_dir_all(stage.path("hub")).unwrap();
                stage.start_hub();
            }
        }
        match setting.typed {
            Typed::Piped => stage.run(line),
            Typed::AtATerminal => stage.run_at_a_terminal(line),
            Typed::Meeting => stage.run_meeting(line),
        };
    }
}

impl Setting {
    const fn new(line: &'static str, before: &'static [&'static str], hub: Hub) -> Self {
        Self { line, before, hub, typed: Typed::Piped }
    }
}

/// A script that prints what `desk flood` says of a member.
fn said_of_a_flood(member: &str) -> String {
    format!("$(callsign desk flood --json --data ~/desk | sed 's/.*\"{member}\":\"\\([^\"]*\\)\".*/\\1/')")
}

impl Stage {
    /// Places for files, and nothing that runs.
    pub fn empty() -> Self {
        let dir = TempDir::new().unwrap();
        for place in ["home", "stick", "backup", "etc", "bin"] {
            fs::create_dir(dir.path().join(place)).unwrap();
        }
        let templates = dir.path().join("home/content/templates");
        fs::create_dir_all(&templates).unwrap();
        let when = "---\nkeyword: when\ntitle: When to come back\nlanguage: uk\n---\nПрийдіть [день].\n";
        fs::write(templates.join("when.md"), when).unwrap();
        let lists = dir.path().join("home/content/checklists");
        fs::create_dir_all(&lists).unwrap();
        let first =
            "---\nkeyword: first\ntitle: The first call\nlanguage: en\n---\n- Ask whether they are alone.\n";
        fs::write(lists.join("first.md"), first).unwrap();
        std::os::unix::fs::symlink(BINARY, dir.path().join("bin/callsign")).unwrap();
        let address = address_of_ones_own();
        let path = |name: &str| dir.path().join(name).display().to_string();
        let words = [
            ("http://127.0.0.1:8700", format!("http://{address}")),
            ("http://ADDRESS.onion", format!("http://{address}")),
            ("http://ADDRESS", format!("http://{address}")),
            ("127.0.0.1:8700", address.to_string()),
            ("/var/lib/callsign", path("hub")),
            ("/mnt/backup", path("backup")),
            ("/media/stick", path("stick")),
            ("/etc/callsign", path("etc")),
            ("/tmp/large", path("large")),
            ("callsign bench store --data DIR", format!("callsign bench store --data {}", path("full"))),
            ("BACKUP", path("backup/hub")),
            ("PHRASE", path("home/phrase.txt")),
            ("NOTICE", path("home/saved.bin")),
            ("IDENTITY", path("stick/identity")),
            (" KIT", format!(" {}", path("stick/kit.txt"))),
            ("NEXT", path("stick/next")),
            ("YYYY-MM-DDTHH:MM", said_of_a_flood("from")),
            ("--undo ACT", format!("--undo {}", said_of_a_flood("act"))),
            ("YYYY-MM-DD", "$(date --utc --date '60 days' +%F)".to_owned()),
            ("--data DIR", "--data ~/desk".to_owned()),
            ("--rate 5000", "--rate 50".to_owned()),
            ("--drops 1000000", "--drops 1000".to_owned()),
            ("--cells 100000", "--cells 100".to_owned()),
        ];
        let mut words = words.map(|(word, value)| (word.to_owned(), value));
        words.sort_by_key(|(word, _)| Reverse(word.len()));
        let stage = Self { dir, address, hub: None, words: words.to_vec() };
        let options = stage.filled_in(include_str!("../../../../packaging/callsign-hub.toml"));
        fs::write(stage.path("etc/hub.toml"), options).unwrap();
        stage
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn start_hub(&mut self) {
        self.hub = Some(support::hub(&self.path("hub"), &self.address.to_string()));
    }

    pub fn stop_hub(&mut self) {
        self.hub = None;
    }

    /// From now on a word of texts has this value.
    pub fn teach(&mut self, word: &str, value: &str) {
        self.words.retain(|(known, _)| known != word);
        self.words.push((word.to_owned(), value.to_owned()));
        self.words.sort_by_key(|(word, _)| Reverse(word.len()));
    }

    /// From now on texts speak of the desk whose link is in what `desk init` printed.
    pub fn learn_the_desk(&mut self, printed: &str) {
        let is_link = |word: &&str| word.starts_with("http://") && word.contains('#');
        let link = printed.split_whitespace().find(is_link).unwrap_or_else(|| panic!("no link: {printed}"));
        self.teach("FINGERPRINT", link.split_once('#').unwrap().1);
        self.teach("LINK FROM THE LEAFLET", link);
    }

    /// A caller writes, keeps the phrase, and is the one of whom texts speak.
    pub fn call(&mut self) {
        let sent = self.json("callsign call send --json --hub 'LINK FROM THE LEAFLET' -");
        fs::write(self.path("home/phrase.txt"), sent["phrase"].as_str().unwrap()).unwrap();
        fs::write(self.path("home/answer.txt"), "An answer that was written before.\n").unwrap();
        let channels = r#"[{"text": "By phone", "address": "+380 44 123 45 67"}]"#;
        fs::write(self.path("home/channels.json"), channels).unwrap();
        self.teach("river-stone-42", sent["call_sign"].as_str().unwrap());
    }

    /// One more device asks to join, as a leaflet's reader on a machine of its own.
    pub fn ask_to_join(&mut self, device: &str) {
        let asked =
            self.json(&format!("callsign desk join --json --data {device} --hub 'LINK FROM THE LEAFLET'"));
        fs::write(self.path("home/request.txt"), asked["request"].as_str().unwrap()).unwrap();
        self.teach("WORD WORD WORD WORD WORD WORD", asked["check_words"].as_str().unwrap());
    }

    /// A colleague has written an answer that somebody else reads first.
    pub fn have_an_answer_to_read(&self) {
        for line in &TO_READ[1..] {
            self.run(line);
        }
    }

    /// From now on texts speak of a follow-up of the caller's.
    fn learn_a_follow_up(&mut self) {
        let line = "callsign desk follow-up --json --data ~/desk --call-sign river-stone-42 --due YYYY-MM-DD --text call";
        let set = self.json(line);
        self.teach("FOLLOW-UP", set["follow_up"].as_str().unwrap());
    }

    /// From now on texts speak of a note on the caller's case.
    fn learn_a_note(&mut self) {
        let line = "callsign desk note --json --data ~/desk --call-sign river-stone-42 --text call";
        let kept = self.json(line);
        self.teach("--strike NOTE", &format!("--strike {}", kept["note"].as_str().unwrap()));
    }

    /// From now on texts speak of the desk's other device.
    pub fn learn_the_other_device(&mut self) {
        let known = self.json("callsign desk devices --json --data ~/desk");
        let other =
            known["devices"].as_array().unwrap().iter().find(|device| device["own"] == false).unwrap();
        self.teach("DEVICE", other["id"].as_str().unwrap());
    }

    /// Runs a line that must succeed, as typed; a server is stopped again when it has said that it serves. What it printed.
    pub fn run(&self, line: &str) -> String {
        if is_server(line) {
            let server = self.serve(line);
            let ended = server.terminate();
            assert!(ended.status.success(), "{line}: {ended:?}");
            return String::new();
        }
        self.succeed(line, self.shell(&self.filled_in(line)))
    }

    /// Starts a server; waits until it has said that it serves.
    pub fn serve(&self, line: &str) -> Server {
        let command = self.shell(&format!("exec {}", self.filled_in(line)));
        Server::start_when(command, |said| said.contains("http://") || said.starts_with('{'))
    }

    /// Runs a line that asks a person.
    pub fn run_at_a_terminal(&self, line: &str) -> String {
        // Nothing is typed before the question: it would answer nothing.
        let steps = serde_json::json!([["Type yes", self.typed(line)]]).to_string();
        let mut command = self.shell("exec python3 -c \"$ASK\" \"$STEPS\" /bin/sh -c \"$LINE\"");
        command.env("ASK", include_str!("ask.py")).env("STEPS", steps).env("LINE", self.filled_in(line));
        let ran: serde_json::Value = serde_json::from_str(&self.succeed(line, command)).unwrap();
        assert_eq!(ran["code"], 0, "{line}\n{ran}");
        ran["seen"].as_str().unwrap().to_owned()
    }

    /// Runs one side of an invitation, with the other beside it: the code goes one way, and the words that are read out the other.
    pub fn run_meeting(&self, line: &str) -> String {
        let is_invite = line.starts_with("callsign desk invite");
        let (invite, join) = if is_invite {
            (line, "callsign desk join --data ~/invited --hub 'LINK FROM THE LEAFLET' --code -")
        } else {
            ("callsign desk invite --data ~/second-desk", line)
        };
        let start = |line: &str| {
            let mut command = self.shell(&format!("exec {}", self.filled_in(line)));
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap()
        };
        let mut invites = start(invite);
        let (code, of_invites) = said(&mut invites, "Code: ");
        let mut joins = start(join);
        writeln!(joins.stdin.as_mut().unwrap(), "{code}").unwrap();
        let (words, of_joins) = said(&mut joins, "Check words: ");
        writeln!(invites.stdin.as_mut().unwrap(), "{words}").unwrap();
        let rest = |mut stdout: BufReader<ChildStdout>| {
            let mut text = String::new();
            stdout.read_to_string(&mut text).unwrap();
            text
        };
        let texts = [rest(of_invites), rest(of_joins)];
        for (line, mut child) in [(invite, invites), (join, joins)] {
            assert!(child.wait().unwrap().success(), "{line}: {texts:?}");
        }
        texts.concat()
    }

    fn json(&self, line: &str) -> serde_json::Value {
        let said = self.run(line);
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{line}: {error}: {said}"))
    }

    fn shell(&self, script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]).current_dir(self.path("home")).env_clear();
        command.env("HOME", self.path("home"));
        command.env("PATH", format!("{}:/usr/bin:/bin", self.path("bin").display()));
        for (name, value) in PASSPHRASES {
            command.env(name, value);
        }
        command
    }

    /// A new hub asks for its code; all others are content with what is typed.
    fn typed(&self, line: &str) -> String {
        let code = self.path("hub/enrolment-code");
        let asks_for_code = line.contains("--code - ") || line.ends_with("--code -");
        match asks_for_code {
            true if line.starts_with("callsign desk recover-kit") => {
                TYPED.to_owned() + &fs::read_to_string(code).unwrap()
            }
            true => fs::read_to_string(code).unwrap(),
            false => TYPED.to_owned(),
        }
    }

    fn succeed(&self, line: &str, mut command: Command) -> String {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // What asks for nothing may have ended before.
        let _ = child.stdin.take().unwrap().write_all(self.typed(line).as_bytes());
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        assert!(status.success(), "{line}\n{}\n{status}\n{stdout}\n{stderr}", self.filled_in(line));
        stdout.into_owned()
    }

    /// A text with this stage's words, no fixed ports, and nothing that takes long.
    fn filled_in(&self, text: &str) -> String {
        let mut text =
            self.words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(word, value));
        // A comment of the shell's would take what follows.
        if text.starts_with("callsign ") {
            text = text.split(" #").next().unwrap_or_default().trim_end().to_owned();
        }
        for (line, flag, value) in OPTIONS {
            if text.starts_with(line) {
                text = with_option(&text, flag, value);
            }
        }
        if text.starts_with("callsign hub --data") {
            text = with_option(&text, "--listen", &self.address.to_string());
        }
        if text.contains(" --cover") {
            text = text.replace(" --cover", " --cover --slots 1");
        }
        text
    }
}

/// Options that a line gets in any case, or instead of its own.
const OPTIONS: [(&str, &str, &str); 10] = [
    ("callsign bench desk", "--cases", "12"),
    ("callsign bench desk", "--events", "100"),
    ("callsign demo", "--hub-port", "0"),
    ("callsign demo", "--desk-port", "0"),
    ("callsign demo --callers", "--callers", concat!(env!("CARGO_MANIFEST_DIR"), "/demo/callers")),
    ("callsign desk serve", "--listen", "127.0.0.1:0"),
    ("callsign bench load", "--seconds", "1"),
    ("callsign bench load", "--pool", "64"),
    ("callsign bench limits", "--seconds", "1"),
    ("callsign call visit", "--slots", "1"),
];

const PASSPHRASES: [(&str, &str); 4] = [
    ("CALLSIGN_PASSPHRASE", PASSPHRASE),
    ("CALLSIGN_NEW_PASSPHRASE", "trumpet fossil ribbon kettle walnut ferry"),
    ("CALLSIGN_IDENTITY_PASSPHRASE", "harbour violet sincere walnut orbit tundra"),
    // On its day the new identity is the identity.
    ("CALLSIGN_NEW_IDENTITY_PASSPHRASE", "harbour violet sincere walnut orbit tundra"),
];

/// The line with the value of an option instead of what it has there, or at its end.
fn with_option(line: &str, flag: &str, value: &str) -> String {
    let mut words: Vec<&str> = line.split(' ').collect();
    match words.iter().position(|word| *word == flag) {
        Some(at) => words[at + 1] = value,
        None => words.extend([flag, value]),
    }
    words.join(" ")
}

/// What a command says behind these words, and its output from there on.
fn said(child: &mut Child, before: &str) -> (String, BufReader<ChildStdout>) {
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    loop {
        line.clear();
        assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "it never said {before}");
        if let Some(value) = line.trim().strip_prefix(before) {
            return (value.to_owned(), stdout);
        }
    }
}

/// Whether a line serves until it is stopped.
fn is_server(line: &str) -> bool {
    let words = line
        .split(' ')
        .skip(1)
        .take_while(|word| !word.starts_with(['-', '#']))
        .filter(|word| !word.is_empty());
    ["hub", "demo", "desk serve"].contains(&words.collect::<Vec<_>>().join(" ").as_str())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(from).unwrap(), to).unwrap();
        } else if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
    // Whatever the umask.
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
}
