//! Every refusal is a page of the desk's own, with a way back.

use axum::{
    body::Body,
    http::{StatusCode, header},
};

use crate::support::{Form, PORT, World, send};

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_asked_for_the_answer_is_a_page_with_a_way_back() {
    let world = World::start().await;
    let operator = world.operator().await;
    let origin = format!("http://127.0.0.1:{PORT}");
    let form = "application/x-www-form-urlencoded";
    let case = "/case/0123456789abcdef";
    let asked = [
        ("GET", "/?track=a&track=b", "", ""),
        ("GET", "/?waiting=1&waiting=2", "", ""),
        ("GET", "/case/%ff", "", ""),
        ("GET", "/case/%ff/reply", "", ""),
        ("GET", "/case/0123456789abcdef?said=nonsense", "", ""),
        ("GET", "/case//", "", ""),
        ("GET", "/enter?code=1&code=2", "", ""),
        ("GET", "/unlock/", "", ""),
        ("GET", "/lock", "", ""),
        ("GET", "/favicon.ico", "", ""),
        ("DELETE", "/", "", ""),
        ("PUT", case, form, "a=b"),
        ("OPTIONS", "/", "", ""),
        ("POST", "/", form, ""),
        ("POST", "/desk.css", form, ""),
        ("POST", "/unlock", form, "word=x"),
        ("POST", "/unlock", "application/json", "{}"),
        ("POST", "/unlock", "", "passphrase=x"),
        ("POST", "/case/%ff/reply", form, "text=x"),
        ("POST", "/case/0123456789abcdef/reply", form, "text=x"),
        ("POST", "/case/0123456789abcdef/reply", form, "text=x&text=y"),
        ("POST", "/case/0123456789abcdef/reply", form, "how=later"),
        ("POST", "/case/0123456789abcdef/reply", "multipart/form-data; boundary=x", "--x--"),
        ("POST", "/case/0123456789abcdef/open", "text/plain", "x"),
    ];
    for (method, path, content_type, body) in asked {
        let mut request = operator.request(method, path).header(header::ORIGIN, &origin);
        if !content_type.is_empty() {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        let answer = send(&world.ui, request.body(Body::from(body)).unwrap()).await;
        let (status, page) = (answer.status, &answer.body);
        assert!(status.is_client_error(), "{method} {path} {body}: {status}");
        let content_type = answer.headers[header::CONTENT_TYPE].to_str().unwrap();
        assert!(content_type.starts_with("text/html"), "{method} {path} {body}: {content_type}");
        assert!(page.contains("<h1>") && page.contains("href=\"/\""), "{method} {path} {body}: {page}");
        for word in ["deserialize", "extension", "Invalid UTF-8", "axum"] {
            assert!(!page.contains(word), "{method} {path} {body} shows the framework: {page}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_name_and_other_pages_are_refused_by_a_page_that_leads_to_the_right_one() {
    let world = World::start().await;
    let operator = world.operator().await;
    let mut request = operator.request("GET", "/").body(Body::empty()).unwrap();
    request.headers_mut().insert(header::HOST, "rebound.example".parse().unwrap());
    let answer = send(&world.ui, request).await;
    assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST);
    assert!(answer.body.contains(&format!("href=\"http://127.0.0.1:{PORT}/\"")), "{}", answer.body);
    let request = operator.request("POST", "/lock").header(header::ORIGIN, "http://evil.example");
    let answer = send(&world.ui, request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("did not come from the desk"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_of_megabytes_is_called_too_long_and_comes_back() {
    let world = World::start().await;
    let call_sign = world.call(1, "hello", &[]).await;
    let operator = world.operator().await;
    let path = operator.visit(&world.ui, "/").await.case_path(&call_sign);
    let long = "х".repeat(1_500_000);
    let form = Form::of(&operator.visit(&world.ui, &path).await, &path);
    let answer = form.send(&world, &operator, &long).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("the answer is too long") && answer.body.contains(&long));
    assert!(!answer.body.contains("started anew"));
    let request = operator
        .request("POST", &format!("{path}/reply"))
        .header(header::ORIGIN, format!("http://127.0.0.1:{PORT}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = send(&world.ui, request.body(Body::from(vec![b'x'; 33 << 20])).unwrap()).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.body.contains("far longer than any answer") && answer.body.contains("href=\"/\""));
}
