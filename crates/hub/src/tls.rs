//! TLS for names that are no onions: one certificate, read from its files at the start and again when they change.

#[cfg(test)]
mod tests;

use std::{
    fmt, fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use callsign_protocol::{os_error::cause_and_way_out, time::UnixSeconds};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::ring::default_provider,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
        server::NoServerSessionStorage,
        version::TLS13,
    },
    server::TlsStream,
};
use x509_cert::{Certificate, der::Decode as _};

/// How often the files are read again. They are small, and what is in them is surer than when they were changed.
const LOOK_PERIOD: Duration = Duration::from_mins(1);
/// Bytes of certificates or a key, at most; they have a few thousand.
const FILE_MAX: u64 = 1 << 20;
/// For a whole handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);

/// Where certificate and key lie, in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The hub's own certificate first, then those that lead to a known authority.
    pub certificate: PathBuf,
    /// The private key of the first certificate.
    pub key: PathBuf,
}

/// What a hub shows and proves in a handshake, as the files last had it.
pub struct Tls {
    files: TlsFiles,
    current: RwLock<Loaded>,
    /// Of the files as they were judged last, good or bad; nothing where they could not be read.
    judged: RwLock<Option<[u8; 32]>>,
}

/// Why certificate and key cannot be served.
#[derive(Debug, Error)]
pub enum TlsError {
    /// Certificate or key is none that a server can use.
    #[error(
        "certificate and key in {0:?} and {1:?} are of a kind that cannot be served; take an X.509 certificate of version 3 \
         with a key for ECDSA, RSA or Ed25519"
    )]
    Kind(PathBuf, PathBuf),
    /// What lies between the lines of a PEM block is no certificate.
    #[error("the certificate in {0:?} is damaged; get it from its authority again")]
    Damaged(PathBuf),
    /// A file cannot be read.
    #[error("the TLS file {0:?} cannot be read: {cause}", cause = cause_and_way_out(.1))]
    File(PathBuf, io::Error),
    /// The file holds no certificate.
    #[error(
        "{0:?} holds no certificate that can be read; name a file in PEM, with BEGIN CERTIFICATE, and the hub's own first"
    )]
    NoCertificate(PathBuf),
    /// The file holds no key that can be used.
    #[error(
        "{0:?} holds no private key that can be read; name a file in PEM, with BEGIN PRIVATE KEY, and without a passphrase"
    )]
    NoKey(PathBuf),
    /// Certificate and key do not belong together.
    #[error(
        "the key in {key:?} is not that of the first certificate in {certificate:?}; name the key that the certificate was made for"
    )]
    OtherKey {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
}

struct Loaded {
    config: Arc<ServerConfig>,
    expires: UnixSeconds,
}

/// The bytes of both files, of one moment.
struct Pem {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Tls {
    /// Reads the files.
    pub fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let pem = Pem::read(&files)?;
        let current = RwLock::new(pem.parse(&files)?);
        Ok(Self { files, current, judged: RwLock::new(Some(pem.digest())) })
    }

    /// The first second at which the certificate is not valid any more.
    pub fn expires(&self) -> UnixSeconds {
        self.current.read().unwrap_or_else(PoisonError::into_inner).expires
    }

    /// Whether every user of the machine may read the key.
    pub fn is_key_open(&self) -> bool {
        let mode = fs::metadata(&self.files.key).map(|file| file.permissions().mode());
        mode.is_ok_and(|mode| mode & 0o007 != 0)
    }

    /// Reads the files again. New handshakes get what is in them; connections that are open go on as they are.
    /// Where the files cannot be served, what was served before still is.
    pub fn reload(&self) -> Result<(), TlsError> {
        let pem = Pem::read(&self.files);
        *self.judged.write().unwrap_or_else(PoisonError::into_inner) = pem.as_ref().ok().map(Pem::digest);
        let loaded = pem?.parse(&self.files)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = loaded;
        Ok(())
    }

    /// Reads the files again and logs what became of it.
    pub fn reload_and_tell(&self) {
        match self.reload() {
            Ok(()) => tracing::info!("the TLS certificate was read again"),
            Err(error) => tracing::error!(%error, "the TLS certificate of before stays in use"),
        }
    }

    /// Looks each minute whether the files have changed. Never ends.
    pub async fn follow_files(&self) {
        let mut period = tokio::time::interval(LOOK_PERIOD);
        loop {
            period.tick().await;
            self.look();
        }
    }

    /// Reads the files again where they have changed since they were judged, so that a fault is told once; tells whether
    /// they have.
    fn look(&self) -> bool {
        let found = Pem::read(&self.files).ok().map(|pem| pem.digest());
        let has_changed = *self.judged.read().unwrap_or_else(PoisonError::into_inner) != found;
        if has_changed {
            self.reload_and_tell();
        }
        has_changed
    }

    /// The handshake; nothing where it fails, which is the peer's business and not logged.
    pub async fn accept(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        let config = Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).config);
        timeout(HANDSHAKE_TIMEOUT, TlsAcceptor::from(config).accept(stream)).await.ok()?.ok()
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("files", &self.files).finish_non_exhaustive()
    }
}

impl Pem {
    fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        let read = |path: &Path| read(path).map_err(|error| TlsError::File(path.to_owned(), error));
        Ok(Self { certificate: read(&files.certificate)?, key: read(&files.key)? })
    }

    fn digest(&self) -> [u8; 32] {
        let both = Sha256::new().chain_update(Sha256::digest(&self.certificate)).chain_update(&self.key);
        both.finalize().into()
    }

    fn parse(&self, files: &TlsFiles) -> Result<Loaded, TlsError> {
        let no_certificate = || TlsError::NoCertificate(files.certificate.clone());
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<_, _>>()
            .map_err(|_| no_certificate())?;
        let own = chain.first().ok_or_else(no_certificate)?;
        let own = Certificate::from_der(own).map_err(|_| TlsError::Damaged(files.certificate.clone()))?;
        let last = own.tbs_certificate().validity().not_after.to_unix_duration();
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| TlsError::NoKey(files.key.clone()))?;
        let config = server_config(chain, key).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                TlsError::OtherKey { certificate: files.certificate.clone(), key: files.key.clone() }
            }
            _ => TlsError::Kind(files.certificate.clone(), files.key.clone()),
        })?;
        Ok(Loaded { config: Arc::new(config), expires: UnixSeconds(last.as_secs()).plus(1) })
    }
}

/// A file within a bound; devices and pipes have no end, or none that comes.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(path)?;
    if metadata.is_file() && metadata.len() > FILE_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    if !metadata.is_file() && !metadata.is_dir() {
        return Err(io::ErrorKind::NotSeekable.into());
    }
    fs::read(path)
}

/// TLS 1.3 without resumption: a ticket is a name that the hub would give a visitor and read at the next visit, and
/// that whoever watches the line could read too (RFC 8446, appendix C.4).
fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(config)
}
