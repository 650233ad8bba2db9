//! Where connections come in: plain, for onion services and loopback, and with TLS for other names.

use std::{io, net::SocketAddr, sync::Arc};

use tokio::net::{TcpListener, TcpStream};

use crate::tls::Tls;

/// The listeners of a hub.
#[derive(Debug)]
pub struct Doors {
    plain: TcpListener,
    tls: Option<(TcpListener, Arc<Tls>)>,
}

/// A connection as it came in.
#[derive(Debug)]
pub struct Arrival {
    /// Nothing was read from it yet.
    pub stream: TcpStream,
    /// Whom it leads to.
    pub peer: SocketAddr,
    /// With whom the handshake is made, where one is needed.
    pub tls: Option<Arc<Tls>>,
}

impl Doors {
    /// One more door, with TLS.
    #[must_use]
    pub fn with_tls(self, listener: TcpListener, tls: Arc<Tls>) -> Self {
        Self { tls: Some((listener, tls)), ..self }
    }

    /// The certificate that the door with TLS has.
    pub fn tls(&self) -> Option<Arc<Tls>> {
        self.tls.as_ref().map(|(_, tls)| Arc::clone(tls))
    }

    /// The next connection at any door.
    pub async fn accept(&self) -> io::Result<Arrival> {
        let Some((listener, tls)) = &self.tls else {
            let (stream, peer) = self.plain.accept().await?;
            return Ok(Arrival { stream, peer, tls: None });
        };
        tokio::select! {
            plain = self.plain.accept() => plain.map(|(stream, peer)| Arrival { stream, peer, tls: None }),
            encrypted = listener.accept() => {
                encrypted.map(|(stream, peer)| Arrival { stream, peer, tls: Some(Arc::clone(tls)) })
            }
        }
    }
}

impl From<TcpListener> for Doors {
    fn from(plain: TcpListener) -> Self {
        Self { plain, tls: None }
    }
}
