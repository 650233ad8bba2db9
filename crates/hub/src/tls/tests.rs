//! Handshakes with a client that remembers what it is given, and files that change.

use std::sync::Mutex;

use rcgen::{CertificateParams, KeyPair};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream as ClientStream,
    rustls::{
        ClientConfig, HandshakeKind, NamedGroup, RootCertStore,
        client::{ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue},
        pki_types::ServerName,
    },
};

use super::*;

/// A certificate of its own authority, with its key, in files.
fn write(dir: &Path) -> (TlsFiles, CertificateDer<'static>) {
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["hub.example".to_owned()]).unwrap().self_signed(&key).unwrap();
    let files = TlsFiles { certificate: dir.join("certificate.pem"), key: dir.join("key.pem") };
    fs::write(&files.certificate, certificate.pem()).unwrap();
    fs::write(&files.key, key.serialize_pem()).unwrap();
    (files, certificate.der().clone())
}

fn trusting(root: &CertificateDer<'static>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).unwrap();
    ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// One handshake, and a byte each way: tickets come with the first bytes after it.
async fn connect(tls: &Arc<Tls>, client: &Arc<ClientConfig>) -> io::Result<ClientStream<TcpStream>> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let tls = Arc::clone(tls);
    let served = tokio::spawn(async move {
        let mut stream = tls.accept(listener.accept().await.unwrap().0).await?;
        let byte = stream.read_u8().await.unwrap();
        stream.write_u8(byte).await.unwrap();
        stream.flush().await.unwrap();
        Some(())
    });
    let name = ServerName::try_from("hub.example").unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    let mut stream = TlsConnector::from(Arc::clone(client)).connect(name, stream).await?;
    stream.write_u8(7).await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap(), 7);
    served.await.unwrap().unwrap();
    Ok(stream)
}

/// Counts the tickets that a client is given.
#[derive(Debug, Default)]
struct Given(Mutex<Vec<Tls13ClientSessionValue>>);

impl ClientSessionStore for Given {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}
    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }
    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}
    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }
    fn remove_tls12_session(&self, _: &ServerName<'static>) {}
    fn insert_tls13_ticket(&self, _: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        self.0.lock().unwrap().push(ticket);
    }
    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.0.lock().unwrap().pop()
    }
}

#[tokio::test]
async fn no_visit_is_linked_to_another_by_resumption() {
    let dir = tempfile::tempdir().unwrap();
    let (files, root) = write(dir.path());
    let tls = Arc::new(Tls::load(files).unwrap());
    let given = Arc::new(Given::default());
    let mut client = trusting(&root);
    client.resumption = Resumption::store(Arc::<Given>::clone(&given));
    let client = Arc::new(client);
    for _ in 0..3 {
        let stream = connect(&tls, &client).await.unwrap();
        assert_eq!(stream.get_ref().1.handshake_kind(), Some(HandshakeKind::Full));
    }
    assert_eq!(given.0.lock().unwrap().len(), 0, "no ticket was given");
}

#[tokio::test]
async fn only_http_1_1_is_spoken() {
    let dir = tempfile::tempdir().unwrap();
    let (files, root) = write(dir.path());
    let tls = Arc::new(Tls::load(files).unwrap());
    let offering = |protocols: &[&[u8]]| {
        let mut client = trusting(&root);
        client.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Arc::new(client)
    };
    let stream = connect(&tls, &offering(&[b"h2", b"http/1.1"])).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    assert!(connect(&tls, &offering(&[b"h2"])).await.is_err());
}

#[test]
fn files_that_cannot_be_served_are_named() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (files, _) = write(dir.path());
    let (others, _) = write(other.path());
    let load = |certificate: &Path, key: &Path| {
        Tls::load(TlsFiles { certificate: certificate.to_owned(), key: key.to_owned() })
    };
    assert!(load(&files.certificate, &files.key).is_ok());
    let missing = dir.path().join("missing.pem");
    assert!(matches!(load(&missing, &files.key), Err(TlsError::File(path, _)) if path == missing));
    assert!(matches!(load(&files.key, &files.key), Err(TlsError::NoCertificate(_))));
    assert!(matches!(load(&files.certificate, &files.certificate), Err(TlsError::NoKey(_))));
    assert!(matches!(load(&files.certificate, &others.key), Err(TlsError::OtherKey { .. })));
    let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    fs::write(&others.certificate, damaged).unwrap();
    assert!(matches!(load(&others.certificate, &others.key), Err(TlsError::Damaged(..))));
}

#[tokio::test]
async fn a_new_certificate_is_taken_and_a_bad_one_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let (files, first) = write(dir.path());
    let tls = Arc::new(Tls::load(files.clone()).unwrap());
    let shows = async |root| connect(&tls, &Arc::new(trusting(root))).await.is_ok();
    let old_key = fs::read(&files.key).unwrap();
    let (_, second) = write(dir.path());
    let new_key = fs::read(&files.key).unwrap();
    // Half of a renewal: the certificate is new, the key is not.
    fs::write(&files.key, old_key).unwrap();
    assert!(matches!(tls.reload(), Err(TlsError::OtherKey { .. })));
    assert!(shows(&first).await && !shows(&second).await);
    fs::write(&files.key, new_key).unwrap();
    tls.reload().unwrap();
    assert!(shows(&second).await && !shows(&first).await);
}

#[test]
fn changed_files_are_judged_once() {
    let dir = tempfile::tempdir().unwrap();
    let (files, _) = write(dir.path());
    let tls = Tls::load(files.clone()).unwrap();
    assert!(!tls.look());
    let key = fs::read(&files.key).unwrap();
    for fault in [&b"half a renewal"[..], b"another fault"] {
        fs::write(&files.key, fault).unwrap();
        assert!(tls.look() && !tls.look());
    }
    fs::remove_file(&files.key).unwrap();
    assert!(tls.look() && !tls.look());
    fs::write(&files.key, key).unwrap();
    assert!(tls.look() && !tls.look());
    // What is written anew as it was is no change, whatever its time.
    fs::write(&files.certificate, fs::read(&files.certificate).unwrap()).unwrap();
    assert!(!tls.look());
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_never_comes_ends() {
    let dir = tempfile::tempdir().unwrap();
    let tls = Tls::load(write(dir.path()).0).unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let _silent = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    assert!(tls.accept(stream).await.is_none());
}

#[test]
fn the_day_on_which_a_certificate_ends_is_known() {
    let dir = tempfile::tempdir().unwrap();
    let (files, _) = write(dir.path());
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["hub.example".to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(2027, 3, 1);
    fs::write(&files.certificate, params.self_signed(&key).unwrap().pem()).unwrap();
    fs::write(&files.key, key.serialize_pem()).unwrap();
    assert_eq!(Tls::load(files).unwrap().expires(), UnixSeconds(1_803_859_201));
}

#[test]
fn a_key_that_every_user_can_read_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let (files, _) = write(dir.path());
    let tls = Tls::load(files.clone()).unwrap();
    for (mode, open) in [(0o600, false), (0o640, false), (0o644, true)] {
        fs::set_permissions(&files.key, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(tls.is_key_open(), open, "{mode:o}");
    }
}
