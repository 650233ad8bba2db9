//! The caller's page.

use crate::support::TestHub;

#[test]
fn addresses_lead_to_the_only_desk() {
    let dir = tempfile::tempdir().unwrap();
    let hub = TestHub::start(dir.path());
    let response = hub.get("/").expect_status(200);
    assert_eq!(response.body, b"This hub has no desk yet.\n");
    drop(hub);
    let (hub, desk) = TestHub::with_desk(dir.path());
    let target = format!("{}/", desk.id());
    for path in ["/".to_owned(), format!("/{}", desk.id())] {
        let response = hub.get(&path).expect_status(307);
        assert_eq!(response.header("location"), Some(target.as_str()));
    }
    assert_eq!(hub.get(&format!("/{target}")).expect_status(200).body, b"<!doctype html>");
}

#[test]
fn the_page_is_served_compressed_to_those_who_take_it() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let script = format!("/{}/app.js", desk.id());
    let with = |value: &str| hub.send("GET", &script, &[("Accept-Encoding", value)], &[]);
    for (accepted, coding) in
        [("gzip", "gzip"), ("gzip, deflate, br", "br"), ("br;q=0, gzip", "gzip"), ("GZIP;q=0.5", "gzip")]
    {
        let response = with(accepted);
        let body: &[u8] = if coding == "br" { b"brotli" } else { b"compressed" };
        assert_eq!(response.body, body, "{accepted}");
        assert_eq!(response.header("content-encoding"), Some(coding));
    }
    for refused in ["", "deflate", "gzip;q=0", "xgzip"] {
        let response = with(refused);
        assert_eq!(response.body, b"script", "{refused}");
        assert_eq!(response.header("content-encoding"), None);
        assert_eq!(response.header("vary"), Some("accept-encoding"));
    }
    let page = format!("/{}/", desk.id());
    let response = hub.send("GET", &page, &[("Accept-Encoding", "gzip")], &[]);
    assert_eq!((response.header("vary"), response.header("content-encoding")), (None, None));
    let head = hub.send("HEAD", &script, &[], &[]).expect_status(200);
    assert_eq!((head.header("content-length"), head.body.len()), (Some("6"), 0));
}

#[test]
fn unknown_addresses_and_methods_are_errors_in_json() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let id = desk.id();
    for path in [
        format!("/{id}/other.js"),
        format!("/{id}/v1/"),
        format!("/{id}/v1/other"),
        format!("/{id}/v2/notice"),
        format!("/{id}/../../etc/passwd"),
        format!("/{id}/%ff"),
        "/aaaaaaaaaaaaaaaa".to_owned(),
        "/aaaaaaaaaaaaaaaa/".to_owned(),
        "/favicon.ico".to_owned(),
        "//".to_owned(),
    ] {
        let response = hub.get(&path);
        assert_eq!((response.status, response.code().as_str()), (404, "not_found"), "{path}");
    }
    for (method, name) in
        [("GET", "v1/exchange"), ("DELETE", "v1/notice"), ("POST", ""), ("OPTIONS", "v1/exchange")]
    {
        let response = hub.send(method, &format!("/{id}/{name}"), &[], &[]);
        assert_eq!((response.status, response.code().as_str()), (405, "method"), "{method} {name}");
    }
}

#[test]
fn the_page_runs_nothing_but_its_own_files() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    for path in ["", "app.js", "missing.js"] {
        let response = hub.get(&format!("/{}/{path}", desk.id()));
        let policy = response.header("content-security-policy").unwrap();
        for directive in
            ["default-src 'none'", "script-src 'self'", "base-uri 'none'", "trusted-types 'none'"]
        {
            assert!(policy.contains(directive), "{directive}");
        }
        assert!(response.header("permissions-policy").unwrap().contains("geolocation=()"));
        assert_eq!(response.header("cross-origin-opener-policy"), Some("same-origin"));
    }
}
