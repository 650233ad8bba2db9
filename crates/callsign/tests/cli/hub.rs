//! A hub as whoever runs it meets it: its configuration file, TLS, health and figures.

use std::{
    fs,
    net::TcpStream,
    os::unix::{fs::PermissionsExt as _, net::UnixDatagram, process::ExitStatusExt as _},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;
use ureq::{
    Agent,
    tls::{Certificate, RootCerts, TlsConfig},
};

use crate::support::{BINARY, Run, Server, agent, callsign, hub};

/// Writes a configuration file below a directory.
fn configuration(dir: &TempDir, text: &str) -> PathBuf {
    let file = dir.path().join("hub.toml");
    fs::write(&file, text).unwrap();
    file
}

fn configured(file: &Path) -> Run {
    callsign(&["hub", "--json", "--config"]).arg(file)
}

/// Certificate and key for 127.0.0.1 in two files, and a client that trusts that certificate alone.
fn certify(dir: &TempDir) -> Agent {
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().self_signed(&key).unwrap();
    fs::write(dir.path().join("certificate.pem"), certificate.pem()).unwrap();
    let file = dir.path().join("key.pem");
    fs::write(&file, key.serialize_pem()).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let root = Certificate::from_pem(certificate.pem().as_bytes()).unwrap();
    let tls = TlsConfig::builder().root_certs(RootCerts::Specific(Arc::new(vec![root]))).build();
    agent().tls_config(tls).build().into()
}

/// A hub with a door with TLS, and that door's address.
fn hub_with_tls(dir: &TempDir) -> (Server, String) {
    let hub = callsign(&["hub", "--json", "--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0"])
        .env("CALLSIGN_LOG", "info")
        .arg("--data")
        .arg(dir.path().join("hub"))
        .arg("--tls-certificate")
        .arg(dir.path().join("certificate.pem"))
        .arg("--tls-key")
        .arg(dir.path().join("key.pem"))
        .serve();
    let address = format!("https://{}/", hub.ready["tls_listening"].as_str().unwrap());
    (hub, address)
}

fn is_served(agent: &Agent, address: &str) -> bool {
    let Ok(mut response) = agent.get(address).call() else { return false };
    response.body_mut().read_to_string().unwrap() == "This hub has no desk yet.\n"
}

#[test]
fn a_configuration_file_is_followed_and_flags_go_before_it() {
    let dir = TempDir::new().unwrap();
    let (data, other) = (dir.path().join("data"), dir.path().join("other"));
    let text = format!("data = {data:?}\nlisten = \"127.0.0.1:0\"\nmetrics = \"127.0.0.1:0\"\n");
    let file = configuration(&dir, &text);
    let hub = configured(&file).serve();
    assert!(data.join("hub.sqlite").exists());
    assert!(hub.ready["metrics"].is_string() && hub.ready["enrolment_code"].is_string());
    let _other = configured(&file).arg("--data").arg(&other).serve();
    assert!(other.join("hub.sqlite").exists());
}

#[test]
fn a_mistake_in_the_configuration_is_named_with_its_line() {
    let dir = TempDir::new().unwrap();
    for (text, words) in [
        ("data = \"x\"\nlsiten = \"127.0.0.1:0\"\n", vec!["line 2", "lsiten"]),
        ("data = \"x\"\n\nlisten = 8700\n", vec!["line 3"]),
        ("data = \"x\"\ncalls = \"everywhere\"\n", vec!["line 2", "onion", "anywhere"]),
        ("data = \"x\"\ndata = \"y\"\n", vec!["line 2", "data"]),
        ("listen = \"127.0.0.1:0\"\n", vec!["data"]),
    ] {
        let (code, sentence) = configured(&configuration(&dir, text)).failure();
        assert_eq!(code, "config", "{sentence}");
        for word in words {
            assert!(sentence.contains(word), "{word}: {sentence}");
        }
    }
    let (code, sentence) = configured(&dir.path().join("missing.toml")).failure();
    assert!(code == "config" && sentence.contains("missing.toml"), "{sentence}");
}

#[test]
fn options_that_do_not_fit_are_refused_before_anything_is_made() {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("hub");
    let refused = |options: &[&str]| {
        let failure =
            callsign(&["hub", "--json", "--listen", "127.0.0.1:0"]).args(options).arg("--data").arg(&data);
        failure.failure()
    };
    for address in ["0.0.0.0:0", "192.0.2.1:8710", "[::]:0"] {
        let (code, sentence) = refused(&["--metrics", address]);
        assert!(code == "metrics" && sentence.contains("loopback"), "{sentence}");
    }
    let (code, sentence) = refused(&["--tls-listen", "127.0.0.1:0"]);
    assert!(code == "tls" && sentence.contains("tls-certificate"), "{sentence}");
    certify(&dir);
    let key = dir.path().join("key.pem").display().to_string();
    let (code, sentence) =
        refused(&["--tls-listen", "127.0.0.1:0", "--tls-certificate", &key, "--tls-key", &key]);
    assert!(code == "tls" && sentence.contains("BEGIN CERTIFICATE"), "{sentence}");
    assert!(!data.exists());
}

#[test]
fn a_key_that_every_user_can_read_is_warned_of() {
    let dir = TempDir::new().unwrap();
    certify(&dir);
    fs::set_permissions(dir.path().join("key.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    let (mut hub, _) = hub_with_tls(&dir);
    assert!(hub.says("tls-key").contains("chmod o="));
}

#[test]
fn both_doors_lead_to_one_hub() {
    let dir = TempDir::new().unwrap();
    let client = certify(&dir);
    let (hub, address) = hub_with_tls(&dir);
    let plain = format!("http://{}/", hub.ready["listening"].as_str().unwrap());
    assert!(is_served(&client, &address) && is_served(&client, &plain));
    // Neither speaks the other's language.
    assert!(!is_served(&client, &plain.replace("http:", "https:")));
    assert!(!is_served(&client, &address.replace("https:", "http:")));
}

#[test]
fn a_new_certificate_is_taken_at_sighup_and_open_connections_go_on() {
    let dir = TempDir::new().unwrap();
    let before = certify(&dir);
    let (mut hub, address) = hub_with_tls(&dir);
    assert!(is_served(&before, &address));
    let after = certify(&dir);
    hub.signal("HUP");
    hub.says("was read again");
    assert!(is_served(&after, &address));
    // This client does not trust the new certificate, so it is still on the connection that it had.
    assert!(is_served(&before, &address));
    let fresh: Agent = before.config().clone().into();
    assert!(!is_served(&fresh, &address));
}

#[test]
fn a_bad_certificate_leaves_the_former_one_in_use() {
    let dir = TempDir::new().unwrap();
    let before = certify(&dir);
    let (mut hub, address) = hub_with_tls(&dir);
    fs::write(dir.path().join("certificate.pem"), "half a renewal").unwrap();
    hub.signal("HUP");
    assert!(hub.says("stays in use").contains("holds no certificate"));
    assert!(is_served(&before, &address));
    let after = certify(&dir);
    hub.signal("HUP");
    hub.says("was read again");
    assert!(is_served(&after, &address));
}

#[test]
fn peers_that_never_shake_hands_hold_nobody_up() {
    let dir = TempDir::new().unwrap();
    let client = certify(&dir);
    let (hub, address) = hub_with_tls(&dir);
    let door = hub.ready["tls_listening"].as_str().unwrap();
    let _silent: Vec<_> = (0..50).map(|_| TcpStream::connect(door).unwrap()).collect();
    assert!(is_served(&client, &address));
    assert!(hub.terminate().status.success());
}

#[test]
fn the_service_manager_is_told_when_the_hub_is_ready() {
    let dir = TempDir::new().unwrap();
    let notifications = dir.path().join("notify");
    let socket = UnixDatagram::bind(&notifications).unwrap();
    let _hub = callsign(&["hub", "--json", "--listen", "127.0.0.1:0", "--data"])
        .arg(dir.path().join("hub"))
        .env("NOTIFY_SOCKET", &notifications.display().to_string())
        .serve();
    let mut told = [0; 64];
    let len = socket.recv(&mut told).unwrap();
    assert_eq!(told[..len].trim_ascii(), b"READY=1");
}

#[test]
fn sighup_does_not_stop_a_hub_without_tls() {
    let dir = TempDir::new().unwrap();
    let hub = hub(dir.path(), "127.0.0.1:0");
    hub.signal("HUP");
    let address = format!("http://{}/", hub.ready["listening"].as_str().unwrap());
    assert!(is_served(&agent().build().into(), &address));
    assert!(hub.terminate().status.success());
}

#[test]
fn health_and_figures_have_a_listener_of_their_own() {
    let dir = TempDir::new().unwrap();
    let hub = callsign(&["hub", "--json", "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--data"])
        .arg(dir.path())
        .serve();
    let agent: Agent = agent().http_status_as_error(false).build().into();
    let get = |door: &str, path: &str| {
        let address = format!("http://{}{path}", hub.ready[door].as_str().unwrap());
        let mut response = agent.get(address).call().unwrap();
        (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
    };
    let (status, text) = get("metrics", "/health");
    let health: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, health["status"].as_str(), health["store"].as_str()), (200, Some("ok"), Some("ok")));
    // The first figures are made when the hub has started, which may be a moment after it is ready.
    let figures = std::iter::repeat_with(|| get("metrics", "/metrics").1).find(|text| !text.is_empty());
    assert!(figures.unwrap().contains("\ncallsign_hub_store_works 1\n"));
    for path in ["/health", "/metrics"] {
        assert_eq!(get("listening", path).0, 404, "{path} is not for callers");
    }
    assert_eq!(get("metrics", "/").0, 404);
}

#[test]
fn a_hub_that_dies_leaves_no_core_file() {
    let dir = TempDir::new().unwrap();
    let command = "ulimit -c unlimited; exec \"$0\" hub --json --listen 127.0.0.1:0 --data hub";
    let mut shell = Command::new("sh");
    shell.args(["-c", command, BINARY]).current_dir(dir.path()).env_clear();
    let hub = Server::start(shell);
    hub.signal("ABRT");
    let status = hub.ended();
    assert_eq!((status.signal(), status.core_dumped()), (Some(6), false));
}
