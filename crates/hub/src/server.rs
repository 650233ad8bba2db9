//! Accepts connections: bounded in number, in what each may send, in the time that a request may take, and in age.

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    doors::{Arrival, Doors},
    places::{PeersBody, Place, Places},
};

/// For the header of a request, and for what has come of a body but was not taken yet. Browsers send a tenth of it.
const BUFFER_MAX: usize = 16 * 1024;
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
pub async fn serve(router: Router, doors: Doors, places: Arc<Places>, shutdown: impl Future<Output = ()>) {
    let ending = watch::Sender::new(false);
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let (arrival, place) = tokio::select! {
            accepted = accept(&doors, &places) => accepted,
            () = &mut shutdown => break,
        };
        let place = Arc::new(place);
        let connection = serve_arrival(router.clone(), arrival, Arc::clone(&place), ending.subscribe());
        connections.spawn(while_kept(place, connection));
        while connections.try_join_next().is_some() {}
    }
    drop(doors);
    ending.send_replace(true);
    while connections.join_next().await.is_some() {}
}

async fn accept(doors: &Doors, places: &Arc<Places>) -> (Arrival, Place) {
    loop {
        match doors.accept().await {
            Ok(arrival) => {
                // The end of an answer must not wait for an acknowledgement; without this it is only slower.
                let _ = arrival.stream.set_nodelay(true);
                return (arrival, places.wait().await);
            }
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// The handshake, where there is one, is part of the connection: it holds its place, can lose it, and has its end.
async fn serve_arrival(router: Router, arrival: Arrival, place: Arc<Place>, ending: watch::Receiver<bool>) {
    let Arrival { stream, peer, tls } = arrival;
    match tls {
        None => serve_connection(router, stream, peer, place, ending).await,
        Some(tls) => {
            let mut closing = ending.clone();
            let stream = tokio::select! {
                stream = tls.accept(stream) => stream,
                _ = closing.wait_for(|ending| *ending) => None,
            };
            if let Some(stream) = stream {
                serve_connection(router, stream, peer, place, ending).await;
            }
        }
    }
}

/// Ends with the connection, or when its place is lost.
async fn while_kept(place: Arc<Place>, connection: impl Future<Output = ()>) {
    tokio::select! {
        biased;
        () = place.lost() => {}
        () = connection => {}
    }
}

async fn serve_connection(
    router: Router,
    stream: impl AsyncRead + AsyncWrite + Unpin,
    peer: SocketAddr,
    place: Arc<Place>,
    mut ending: watch::Receiver<bool>,
) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request: Request<Incoming>| {
        let place = Arc::clone(&place);
        let mut request = request.map(|body| Body::new(PeersBody::new(body, Arc::clone(&place))));
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = hyper::service::Service::call(&router, request);
        async move { answer.await.inspect(|_| place.end_work()) }
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .max_buf_size(BUFFER_MAX)
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

    use axum::{
        middleware::from_fn,
        routing::{get, post},
    };
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex},
        sync::{Semaphore, mpsc},
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
        // Places outlive the table that gave them.
        let place = Arc::new(Places::new(1).take().unwrap());
        let connection = serve_connection(router, far, peer, Arc::clone(&place), ended);
        (near, ending, tokio::spawn(while_kept(place, connection)))
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

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_nobody_reads_is_not_kept_for_ever() {
        let router = Router::new().route("/", get(async || vec![7; 32_896]));
        let (mut stream, _ending, connection) = connect_to(router);
        stream.write_all(b"GET / HTTP/1.1\r\nHost: lo\r\n\r\n").await.unwrap();
        connection.await.unwrap();
        assert!(read_all(&mut stream).await.len() <= 1024, "what the pipe held");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_the_hub_waits_for_makes_room_and_one_that_it_works_for_does_not() {
        let gate = Arc::new(Semaphore::new(0));
        let held = Arc::clone(&gate);
        let slow = async move || held.acquire().await.unwrap().forget();
        let router = Router::new().route("/slow", get(slow)).route("/long", get(async || vec![7; 32_896]));
        let places = Places::new(2);
        let (_ending, ended) = watch::channel(false);
        let [mut working, mut unread] = [(); 2].map(|()| {
            let (near, far) = duplex(1024);
            let peer = SocketAddr::from(([127, 0, 0, 1], 1));
            let place = Arc::new(places.take().unwrap());
            let connection = serve_connection(router.clone(), far, peer, Arc::clone(&place), ended.clone());
            tokio::spawn(while_kept(place, connection));
            near
        });
        working.write_all(b"GET /slow HTTP/1.1\r\nHost: lo\r\n\r\n").await.unwrap();
        unread.write_all(b"GET /long HTTP/1.1\r\nHost: lo\r\n\r\n").await.unwrap();
        sleep(Duration::from_millis(1)).await;
        let _newcomer = places.take().unwrap();
        assert!(read_all(&mut unread).await.len() <= 1024);
        gate.add_permits(1);
        let mut answer = [0; 15];
        working.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, *b"HTTP/1.1 200 OK");
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
