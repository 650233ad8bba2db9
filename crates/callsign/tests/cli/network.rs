//! By which ways commands leave: every command, link and setting in a network of its own that writes down all that arrives.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    ffi::{OsStr, OsString},
    fs,
    net::Ipv4Addr,
    os::unix::ffi::OsStringExt as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

use crate::{
    recorder::{CONNECT, Event, HUB_PORT, Recorder, SOCKS},
    support::{BINARY, PASSPHRASE, Server, callsign},
};

const ROOM: &str = "CALLSIGN_TEST_NETWORK";
/// A network in which every address is this machine, and whose only resolver is the test's; only this process and its children see it.
const IN_A_NAMESPACE: &str = r#"
for file in resolv.conf nsswitch.conf hosts; do mount --bind "$1/$file" "/etc/$file" || exit 1; done
ip link set lo up && ip route add local default dev lo && exec "$2" --exact "$3" --nocapture
"#;
const ONION: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.onion";
const NAME: &str = "hub.example";
const NAMED: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 6);
const TOR: &str = "socks5h://127.0.0.1:9050";

/// What a hub's address is, for the rules of anonymity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Loopback,
    Onion,
    Name,
}

/// What a setting says about proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Nothing,
    Proxy,
    /// A proxy, and that the hub be reached without it.
    Excepted,
    Unclear,
}

struct Setting {
    variables: Vec<(&'static str, OsString)>,
    says: Said,
}

/// How a run is ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    ByItself,
    /// It would go on for long: once it is connected, all is seen.
    OnceItIsConnected,
}

/// What may happen.
#[derive(Debug)]
enum Way {
    /// Every event is one of these, and at least one comes.
    Only(BTreeSet<Event>),
    /// Nothing leaves, and the command fails with this code.
    Refused(&'static str),
}

/// Hubs, desks and the network between.
struct Room {
    dir: PathBuf,
    recorder: Recorder,
    fingerprints: BTreeMap<Kind, String>,
    _hubs: Vec<Server>,
}

#[test]
fn every_command_leaves_by_the_way_that_hides_it_or_not_at_all() {
    in_a_network_of_its_own("every_command_leaves_by_the_way_that_hides_it_or_not_at_all", |room| {
        let settings = [
            setting(Said::Nothing, &[]),
            setting(Said::Proxy, &[("ALL_PROXY", TOR)]),
            setting(Said::Unclear, &[("all_proxy", "socks5h://127.0.0.1:9050 ")]),
            setting(Said::Excepted, &[("ALL_PROXY", TOR), ("NO_PROXY", "*")]),
        ];
        for kind in [Kind::Loopback, Kind::Onion, Kind::Name] {
            for setting in &settings {
                for (ends, arguments) in room.commands(kind) {
                    room.check(kind, setting, ends, &arguments);
                }
            }
            for setting in &settings[1..3] {
                for (ends, arguments) in room.commands_of_a_desk(kind) {
                    room.check(kind, setting, ends, &arguments);
                }
            }
        }
    });
}

#[test]
fn every_way_to_write_a_proxy_or_an_address_is_understood_or_refused() {
    in_a_network_of_its_own("every_way_to_write_a_proxy_or_an_address_is_understood_or_refused", |room| {
        for setting in settings() {
            for (kind, host) in [
                (Kind::Loopback, "127.0.0.1"),
                (Kind::Loopback, "localhost"),
                (Kind::Loopback, "LOCALHOST."),
                (Kind::Loopback, "[::ffff:127.0.0.1]"),
                (Kind::Onion, ONION),
                (Kind::Onion, &format!("{}.", ONION.to_uppercase())),
                (Kind::Name, NAME),
                (Kind::Name, "Hub.Example."),
            ] {
                let link = format!("http://{host}:{HUB_PORT}");
                let notice = room.dir.join("notice");
                room.check(kind, &setting, Ends::ByItself, &letter(&link, &notice));
            }
        }
        // With each of the settings that let something through, what is no usable address lets nothing through.
        let named_elsewhere = format!("{ONION}@{NAME}");
        for said in [setting(Said::Nothing, &[]), setting(Said::Proxy, &[("ALL_PROXY", TOR)])] {
            for host in [
                "127.1",
                "0x7f.1",
                "0177.0.0.1",
                "2130706433",
                "0.0.0.0",
                "[::]",
                "hub.localhost",
                "user:x@hub.example",
                &named_elsewhere,
                "aaa%2eonion",
                "aaa\u{3002}onion",
                "aaa.on\u{ff49}on",
                "hub..example",
                "hub .example",
            ] {
                let before = room.recorder.traffic();
                let output =
                    room.run(&said, None, &letter(&format!("http://{host}:8700"), &room.dir.join("notice")));
                assert!(!output.status.success(), "{host}: {output:?}");
                assert_eq!((room.recorder.take(), room.recorder.traffic()), (vec![], before), "{host}");
            }
        }
    });
}

/// Every setting of the table.
fn settings() -> Vec<Setting> {
    let mut settings = vec![
        setting(Said::Nothing, &[]),
        setting(Said::Nothing, &[("ALL_PROXY", ""), ("NO_PROXY", "*")]),
        setting(Said::Excepted, &[("ALL_PROXY", TOR), ("no_proxy", "localhost, *.onion, .example")]),
        setting(Said::Unclear, &[("ALL_PROXY", TOR), ("all_proxy", "http://127.0.0.1:3128")]),
        setting(Said::Unclear, &[("ALL_PROXY", TOR), ("HTTP_PROXY", "http://127.0.0.1:3128")]),
        Setting {
            variables: vec![("ALL_PROXY", OsString::from_vec(b"socks5h://127.0.0.1:9050\xff".to_vec()))],
            says: Said::Unclear,
        },
    ];
    for name in
        ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "socks_proxy"]
    {
        settings.push(setting(Said::Proxy, &[(name, TOR)]));
        settings.push(setting(Said::Unclear, &[(name, "tor://127.0.0.1:9050")]));
    }
    for proxy in ["SOCKS5H://localhost:9050/", "http://127.0.0.1:3128"] {
        settings.push(setting(
            Said::Proxy,
            &[("ALL_PROXY", proxy), ("NO_PROXY", "localhost,127.0.0.1,::1,10.0.0.0/8")],
        ));
    }
    for proxy in [
        " socks5h://127.0.0.1:9050",
        "socks5h://127.0.0.1:9050\n",
        "\"socks5h://127.0.0.1:9050\"",
        "'socks5h://127.0.0.1:9050'",
        "socks5h:127.0.0.1:9050",
        "socks5h:/127.0.0.1:9050",
        "127.0.0.1:9050",
        "socks5://127.0.0.1:9050",
        "socks://127.0.0.1:9050",
        "socks4://127.0.0.1:9050",
        "socks4a://127.0.0.1:9050",
        "https://127.0.0.1:9050",
        "socks5h://127.0.0.1",
        "socks5h://127.0.0.1:99999",
        "socks5h://tor.example:9050",
        "socks5h://us er:x@127.0.0.1:9050",
        "socks5h://127.0.0.1:9050/x",
        " ",
        "direct",
        "none",
        "*",
    ] {
        settings.push(setting(Said::Unclear, &[("ALL_PROXY", proxy)]));
    }
    settings
}

fn setting(says: Said, variables: &[(&'static str, &str)]) -> Setting {
    Setting { variables: variables.iter().map(|(name, value)| (*name, value.into())).collect(), says }
}

fn letter(link: &str, notice: &Path) -> Vec<OsString> {
    words(&["letter", "--json", "--link", link, "--save-notice"], &[notice])
}

fn words(words: &[&str], paths: &[&Path]) -> Vec<OsString> {
    let paths = paths.iter().map(|path| path.as_os_str().to_owned());
    words.iter().map(OsString::from).chain(paths).collect()
}

impl Kind {
    fn host(self) -> &'static str {
        match self {
            Self::Loopback => "127.0.0.1",
            Self::Onion => ONION,
            Self::Name => NAME,
        }
    }

    fn link(self) -> String {
        format!("http://{}:{HUB_PORT}", self.host())
    }

    /// The rules, written down a second time.
    fn way(self, setting: &Setting) -> Way {
        let only = |events: &[Event]| Way::Only(events.iter().cloned().collect());
        match (self, setting.says) {
            (Self::Loopback, _) => only(&[Event::Connection((Ipv4Addr::LOCALHOST, HUB_PORT).into())]),
            (_, Said::Unclear) | (Self::Name, Said::Excepted) => Way::Refused("proxy"),
            (_, Said::Proxy) => {
                let is_connect = setting.variables.iter().any(|(_, value)| value == "http://127.0.0.1:3128");
                let proxy = if is_connect { CONNECT } else { SOCKS };
                only(&[Event::Connection(proxy), Event::Proxied(format!("{}:{HUB_PORT}", self.host()))])
            }
            (Self::Onion, Said::Nothing | Said::Excepted) => Way::Refused("onion-needs-proxy"),
            (Self::Name, Said::Nothing) => {
                only(&[Event::Lookup(NAME.to_owned()), Event::Connection((NAMED, HUB_PORT).into())])
            }
        }
    }
}

impl Room {
    fn open(dir: &Path) -> Self {
        let mut hubs = Vec::new();
        let mut listening = BTreeMap::new();
        let mut codes = BTreeMap::new();
        for (kind, hosts) in [
            (Kind::Loopback, vec!["127.0.0.1".to_owned()]),
            (Kind::Onion, vec![ONION.to_owned()]),
            (Kind::Name, vec![NAME.to_owned(), NAMED.to_string()]),
        ] {
            let data = dir.join(format!("hub-{kind:?}"));
            let arguments = ["hub", "--json", "--calls", "anywhere", "--listen", "127.0.0.1:0", "--data"];
            let hub = callsign(&arguments).arg(data).serve();
            let address = hub.ready["listening"].as_str().unwrap().parse().unwrap();
            listening.extend(hosts.into_iter().map(|host| (host, address)));
            codes.insert(kind, hub.ready["enrolment_code"].as_str().unwrap().to_owned());
            hubs.push(hub);
        }
        let recorder = Recorder::start(listening, [(NAME.to_owned(), NAMED)].into());
        let mut room = Self { dir: dir.to_owned(), recorder, fingerprints: BTreeMap::new(), _hubs: hubs };
        for (kind, code) in codes {
            let says = if kind == Kind::Onion { Said::Proxy } else { Said::Nothing };
            let setting = setting(says, if kind == Kind::Onion { &[("ALL_PROXY", TOR)] } else { &[] });
            let link = kind.link();
            let init =
                ["desk", "init", "--json", "--name", "A desk", "--hub", &link, "--code", &code, "--data"];
            let made = room.check(kind, &setting, Ends::ByItself, &words(&init, &[&room.desk(kind)]));
            let made: Value = serde_json::from_slice(&made.stdout).unwrap();
            room.fingerprints.insert(kind, made["fingerprint"].as_str().unwrap().to_owned());
        }
        fs::write(room.dir.join("phrase"), "ten words that nobody else has thought of before").unwrap();
        room
    }

    fn desk(&self, kind: Kind) -> PathBuf {
        self.dir.join(format!("desk-{kind:?}"))
    }

    /// Commands that are told where the hub is.
    fn commands(&self, kind: Kind) -> Vec<(Ends, Vec<OsString>)> {
        let (link, fingerprint) = (&*kind.link(), &*self.fingerprints[&kind]);
        let (phrase, fresh) = (self.dir.join("phrase"), self.dir.join("fresh"));
        // What an earlier run has left would be refused for another reason.
        let _ = fs::remove_dir_all(&fresh);
        let load = ["--connections", "1", "--seconds", "1", "--exchanges", "1", "--pool", "1"];
        let by_itself = [
            words(&["call", "send", "--json", "--text", "x", "--hub", link], &[]),
            words(&["call", "read", "--json", "--hub", link, "--phrase-file"], &[&phrase]),
            letter(link, &self.dir.join("notice")),
            words(&["doctor", "--json", "--hub", link], &[]),
            words(&[&["bench", "load", "--json", "--hub", link][..], &load].concat(), &[]),
            words(
                &[
                    "desk",
                    "init",
                    "--json",
                    "--name",
                    "x",
                    "--code",
                    "AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                    "--hub",
                    link,
                    "--data",
                ],
                &[&fresh],
            ),
            words(
                &["desk", "join", "--json", "--hub", link, "--fingerprint", fingerprint, "--data"],
                &[&self.dir.join("joining")],
            ),
        ];
        let visit = words(&["call", "visit", "--json", "--hub", link], &[]);
        let by_itself = by_itself.into_iter().map(|arguments| (Ends::ByItself, arguments));
        by_itself.chain([(Ends::OnceItIsConnected, visit)]).collect()
    }

    /// Commands that know it from the desk's directory.
    fn commands_of_a_desk(&self, kind: Kind) -> Vec<(Ends, Vec<OsString>)> {
        let desk = self.desk(kind);
        let device = "0000000000000000";
        let of_desk = |arguments: &[&str]| words(&[arguments, &["--json", "--data"]].concat(), &[&desk]);
        vec![
            (Ends::ByItself, of_desk(&["doctor"])),
            (Ends::ByItself, of_desk(&["desk", "sync"])),
            (Ends::ByItself, of_desk(&["desk", "recover", "--yes"])),
            (Ends::ByItself, of_desk(&["desk", "show", "--call-sign", "river-stone-42"])),
            (Ends::ByItself, of_desk(&["desk", "remove", "--yes", device])),
            (Ends::OnceItIsConnected, of_desk(&["desk", "serve", "--listen", "127.0.0.1:0"])),
        ]
    }

    /// Runs a command and compares all that left with what may.
    fn check(&self, kind: Kind, setting: &Setting, ends: Ends, arguments: &[OsString]) -> Output {
        // Left by runs that went well.
        for dir in ["fresh", "joining"] {
            let _ = fs::remove_dir_all(self.dir.join(dir));
        }
        let is_load = arguments[0] == "bench";
        let way = match kind.way(setting) {
            // Its connections are its own and know no proxy.
            Way::Only(_) if is_load && kind != Kind::Loopback && setting.says == Said::Proxy => {
                Way::Refused("proxy")
            }
            way => way,
        };
        let before = self.recorder.traffic();
        let awaited = match &way {
            Way::Only(allowed) if ends == Ends::OnceItIsConnected => Some(allowed),
            _ => None,
        };
        let output = self.run(setting, awaited, arguments);
        let seen = self.recorder.take();
        let about = format!("{arguments:?} with {:?}: {seen:?}, {output:?}", setting.variables);
        match way {
            Way::Only(allowed) => {
                assert!(!seen.is_empty() && seen.iter().all(|event| allowed.contains(event)), "{about}");
                // Nobody else was even tried. Of a command that was killed some may be on its way.
                let seen = seen.iter().filter(|event| matches!(event, Event::Connection(_))).count() as u64;
                let begun = self.recorder.traffic().connections - before.connections;
                assert!(ends == Ends::OnceItIsConnected || begun == seen, "{begun} connections: {about}");
            }
            Way::Refused(code) => {
                assert_eq!((seen, self.recorder.traffic()), (vec![], before), "{about}");
                let last = String::from_utf8_lossy(&output.stderr);
                let error: Value = serde_json::from_str(last.lines().last().unwrap_or_default()).unwrap();
                let code = if arguments[0] == "doctor" { "doctor" } else { code };
                assert_eq!(error["error"]["code"], code, "{about}");
            }
        }
        output
    }

    /// To its end, or until all that is awaited came.
    fn run(&self, setting: &Setting, awaited: Option<&BTreeSet<Event>>, arguments: &[OsString]) -> Output {
        let mut command = Command::new(BINARY);
        command.args(arguments).env_clear().env("CALLSIGN_PASSPHRASE", PASSPHRASE);
        command.envs(setting.variables.iter().map(|(name, value)| (OsStr::new(*name), value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        if let Some(awaited) = awaited {
            self.recorder.wait_for(awaited);
            child.kill().unwrap();
        }
        child.wait_with_output().unwrap()
    }
}

/// Runs a test again where it has a network of its own.
fn in_a_network_of_its_own(name: &str, test: impl Fn(&Room)) {
    if let Some(dir) = env::var_os(ROOM) {
        return test(&Room::open(Path::new(&dir)));
    }
    let allowed = Command::new("unshare").args(["-Urnm", "ip", "link", "set", "lo", "up"]).status();
    assert!(
        allowed.as_ref().is_ok_and(std::process::ExitStatus::success),
        "this test makes a network and needs `unshare -Urnm ip link set lo up` to work: install util-linux and iproute2, and \
         allow user namespaces with `sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000`"
    );
    let dir = tempfile::tempdir().unwrap();
    for (file, text) in [
        ("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"),
        ("nsswitch.conf", "hosts: files dns\n"),
        // Without localhost: who asks for it is seen.
        ("hosts", "\n"),
    ] {
        fs::write(dir.path().join(file), text).unwrap();
    }
    let output = Command::new("unshare")
        .args(["-Urnm", "sh", "-c", IN_A_NAMESPACE, "sh"])
        .args([dir.path().as_os_str(), env::current_exe().unwrap().as_os_str()])
        .arg(format!("network::{name}"))
        .env(ROOM, dir.path())
        .output()
        .unwrap();
    let (said, failed) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    // A name that fits no test would pass as well.
    assert!(output.status.success() && said.contains("1 passed"), "{said}{failed}");
}
