//! Accepts connections: bounded in number, in the time that a request may take to arrive, and in age.

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::doors::{Arrival, Doors};

/// Connections at a time, within the usual limit of 1,024 open files; more wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 512;
/// For the header of a request, and for an idle connection.
const HEADER_TIMEOUT: Duration = Duration::from_mins(1);
/// After this a connection is closed at the next pause, so that nobody holds a place for ever.
const CONNECTION_AGE_MAX: Duration = Duration::from_mins(10);
/// For the last request of a connection that is too old: a slow line gets as long as for any other.
const LAST_REQUEST_TIMEOUT: Duration = Duration::from_mins(3);
/// For requests that are under way when the hub is to end.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
/// After an error of the listener, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `shutdown` ends, then gives requests under way a few seconds.
pub async fn serve(router: Router, doors: Doors, shutdown: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let ending = watch::Sender::new(false);
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let (arrival, place) = tokio::select! {
            accepted = accept(&doors, &places) => accepted,
            () = &mut shutdown => break,
        };
        let (router, ending) = (router.clone(), ending.subscribe());
        connections.spawn(async move {
            serve_arrival(router, arrival, ending).await;
            drop(place);
        });
        while connections.try_join_next().is_some() {}
    }
    drop(doors);
    ending.send_replace(true);
    while connections.join_next().await.is_some() {}
}

async fn accept(doors: &Doors, places: &Arc<Semaphore>) -> (Arrival, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match doors.accept().await {
            Ok(arrival) => {
                // The end of an answer must not wait for an acknowledgement; without this it is only slower.
                let _ = arrival.stream.set_nodelay(true);
                return (arrival, place);
            }
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// The handshake, where there is one, is part of the connection: it holds its place and has its end.
async fn serve_arrival(router: Router, arrival: Arrival, ending: watch::Receiver<bool>) {
    let Arrival { stream, peer, tls } = arrival;
    match tls {
        None => serve_connection(router, stream, peer, ending).await,
        Some(tls) => {
            let mut closing = ending.clone();
            let stream = tokio::select! {
                stream = tls.accept(stream) => stream,
                _ = closing.wait_for(|ending| *ending) => None,
            };
            if let Some(stream) = stream {
                serve_connection(router, stream, peer, ending).await;
            }
        }
    }
}

async fn serve_connection(
    router: Router,
    stream: impl AsyncRead + AsyncWrite + Unpin,
    peer: SocketAddr,
    mut ending: watch::Receiver<bool>,
) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        hyper::service::Service::call(&router, request)
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            // The clock of a hidden machine is a mark of it.
            .auto_date_header(false)
            .serve_connection(TokioIo::new(stream), service)
    );
    // How a connection fails is its peer's business, and says when a caller was here: it is not logged.
    let drain = tokio::select! {
        _ = connection.as_mut() => return,
        _ = ending.wait_for(|ending| *ending) => DRAIN_TIMEOUT,
        () = sleep(CONNECTION_AGE_MAX) => LAST_REQUEST_TIMEOUT,
    };
    connection.as_mut().graceful_shutdown();
    let _ = timeout(drain, connection).await;
}

#[cfg(test)]
mod tests {
    //! Time stands still in these tests and jumps to the next timeout whenever everything waits.

    use axum::{middleware::from_fn, routing::post};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex},
        sync::mpsc,
        task::JoinHandle,
    };

    use super::*;
    use crate::routes::{BoundedBody, finish};

    async fn echo(BoundedBody(body): BoundedBody<4>) -> axum::body::Bytes {
        body
    }

    fn connect() -> (DuplexStream, watch::Sender<bool>) {
        let (near, ending, _) = connect_to(Router::new().route("/", post(echo)));
        (near, ending)
    }

    fn connect_to(router: Router) -> (DuplexStream, watch::Sender<bool>, JoinHandle<()>) {
        let (near, far) = duplex(1024);
        let (ending, ended) = watch::channel(false);
        let peer = SocketAddr::from(([127, 0, 0, 1], 1));
        (near, ending, tokio::spawn(serve_connection(router, far, peer, ended)))
    }

    async fn read_all(stream: &mut DuplexStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test(start_paused = true)]
    async fn a_header_that_never_ends_is_cut_off() {
        let (mut stream, _ending) = connect();
        stream.write_all(b"POST / HTTP/1.1\r\nHost: lo").await.unwrap();
        assert_eq!(read_all(&mut stream).await, "");
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_is_closed() {
        let (mut stream, _ending) = connect();
        assert_eq!(read_all(&mut stream).await, "");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_answered_with_an_error() {
        let (mut stream, _ending) = connect();
        stream.write_all(b"POST / HTTP/1.1\r\nHost: lo\r\nContent-Length: 4\r\n\r\nab").await.unwrap();
        let answer = read_all(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_ending_hub_finishes_the_request_that_is_under_way() {
        let (mut stream, ending) = connect();
        stream.write_all(b"POST / HTTP/1.1\r\nHost: lo\r\nContent-Length: 4\r\n\r\nab").await.unwrap();
        // The handler has begun when the bytes were taken from the pipe.
        tokio::time::sleep(Duration::from_millis(1)).await;
        ending.send_replace(true);
        stream.write_all(b"cd").await.unwrap();
        let answer = read_all(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("abcd"), "{answer}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_last_request_of_an_old_connection_is_finished() {
        let (mut stream, _ending) = connect();
        let head = b"POST / HTTP/1.1\r\nHost: lo\r\nContent-Length: 4\r\n\r\n";
        let mut requests = 0;
        // Requests of half a minute each, until the hub closes behind one that it has answered whole.
        loop {
            if stream.write_all(head).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_secs(30)).await;
            stream.write_all(b"abcd").await.unwrap();
            let mut answer = vec![0; 512];
            let len = stream.read(&mut answer).await.unwrap();
            let answer = String::from_utf8_lossy(&answer[..len]).into_owned();
            assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("abcd"), "{requests}: {answer}");
            requests += 1;
        }
        assert_eq!(requests, CONNECTION_AGE_MAX.as_secs() / 30);
    }

    #[tokio::test]
    async fn a_handler_that_has_begun_ends_even_if_the_sender_hangs_up() {
        let (begun, mut began) = mpsc::unbounded_channel();
        let (ended, mut end) = mpsc::unbounded_channel();
        let gate = Arc::new(Semaphore::new(0));
        let held = Arc::clone(&gate);
        let handler = async move || {
            begun.send(()).unwrap();
            held.acquire().await.unwrap().forget();
            ended.send(()).unwrap();
        };
        let (mut stream, _ending, connection) =
            connect_to(Router::new().route("/", post(handler)).layer(from_fn(finish)));
        stream.write_all(b"POST / HTTP/1.1\r\nHost: lo\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        began.recv().await.unwrap();
        drop(stream);
        connection.await.unwrap();
        gate.add_permits(1);
        end.recv().await.expect("the handler went on");
    }
}
