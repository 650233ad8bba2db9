//! One HTTP/1.1 connection, hand-sized: a request of known bytes up, an answer of stated length down.

use std::io;

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Bytes of an answer's head at most.
const HEAD_MAX: usize = 8 * 1_024;
/// Bytes of an answer's body at most; those of an exchange are 32,896.
const BODY_MAX: usize = 64 * 1_024;
/// Header lines of an answer at most.
const HEADERS_MAX: usize = 32;

/// A connection, with the bytes of the last answer.
#[derive(Debug)]
pub struct Connection<S> {
    stream: S,
    received: Vec<u8>,
}

/// An answer as it came.
#[derive(Debug, PartialEq, Eq)]
pub struct Reply<'a> {
    /// The status.
    pub status: u16,
    /// The whole body.
    pub body: &'a [u8],
    /// Bytes that came, the head included.
    pub bytes: usize,
    /// Whether the server closes behind it.
    pub closes: bool,
}

/// Why no answer came.
#[derive(Debug, Error)]
pub enum ConnectionError {
    /// The connection broke, or ended before the answer did.
    #[error("the connection broke")]
    Broken(#[from] io::Error),
    /// Not HTTP/1.1 with a stated length, or too long.
    #[error("what came back is not an answer of stated length")]
    Garbled,
}

/// What the head of an answer says.
struct Head {
    len: usize,
    status: u16,
    body_len: usize,
    closes: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Over a stream that is open.
    pub fn new(stream: S) -> Self {
        Self { stream, received: Vec::with_capacity(HEAD_MAX + BODY_MAX) }
    }

    /// Sends a whole request and waits for the whole answer. After an error the connection is of no more use.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Reply<'_>, ConnectionError> {
        self.stream.write_all(request).await?;
        self.received.clear();
        let head = loop {
            self.receive().await?;
            if let Some(head) = read_head(&self.received)? {
                break head;
            }
        };
        let bytes = head.len + head.body_len;
        while self.received.len() < bytes {
            self.receive().await?;
        }
        // Nothing was asked for that could follow.
        let body = self.received.get(head.len..).filter(|body| body.len() == head.body_len);
        let body = body.ok_or(ConnectionError::Garbled)?;
        Ok(Reply { status: head.status, body, bytes, closes: head.closes })
    }

    async fn receive(&mut self) -> Result<(), ConnectionError> {
        if self.stream.read_buf(&mut self.received).await? == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Ok(())
    }
}

/// The head, once it is there.
fn read_head(received: &[u8]) -> Result<Option<Head>, ConnectionError> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(len) = response.parse(received).map_err(|_| ConnectionError::Garbled)?
    else {
        return if received.len() < HEAD_MAX { Ok(None) } else { Err(ConnectionError::Garbled) };
    };
    let status = response.code.ok_or(ConnectionError::Garbled)?;
    let header = |name: &str| {
        let found = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        found.and_then(|header| std::str::from_utf8(header.value).ok())
    };
    let body_len = header("content-length").and_then(|length| length.parse().ok());
    let body_len = body_len.filter(|len| *len <= BODY_MAX).ok_or(ConnectionError::Garbled)?;
    let closes = header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
    Ok(Some(Head { len, status, body_len, closes }))
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    /// What comes of an answer that arrives in these pieces; then the server hangs up.
    async fn answered(pieces: &[&str]) -> Result<(u16, Vec<u8>, usize, bool), ConnectionError> {
        let (near, mut far) = duplex(1 << 16);
        let mut connection = Connection::new(near);
        let serve = async {
            let mut request = [0; 4];
            far.read_exact(&mut request).await.unwrap();
            assert_eq!(&request, b"ask!");
            for piece in pieces {
                far.write_all(piece.as_bytes()).await.unwrap();
                tokio::task::yield_now().await;
            }
            drop(far);
        };
        let (answer, ()) = tokio::join!(connection.ask(b"ask!"), serve);
        answer.map(|reply| (reply.status, reply.body.to_vec(), reply.bytes, reply.closes))
    }

    #[tokio::test]
    async fn an_answer_may_come_in_pieces() {
        let pieces = ["HTTP/1.1 20", "0 OK\r\nContent-", "Length: 5\r\n\r\nab", "cde"];
        assert_eq!(answered(&pieces).await.unwrap(), (200, b"abcde".to_vec(), 43, false));
        let closing = ["HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nConnection: close\r\n\r\n"];
        assert_eq!(answered(&closing).await.unwrap(), (503, vec![], 59, true));
    }

    #[tokio::test]
    async fn what_is_no_whole_answer_is_an_error() {
        let long = format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(HEAD_MAX));
        for garbled in [
            "SSH-2.0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 65537\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab",
            &long,
        ] {
            assert!(matches!(answered(&[garbled]).await, Err(ConnectionError::Garbled)), "{garbled}");
        }
        for short in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na"] {
            assert!(matches!(answered(&[short]).await, Err(ConnectionError::Broken(_))), "{short}");
        }
    }
}
