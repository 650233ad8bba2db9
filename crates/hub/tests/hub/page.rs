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

/// What browsers say when somebody opens an address, new ones and old ones.
const NAVIGATIONS: [&[(&str, &str)]; 2] = [
    &[("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")],
    &[("Accept", "*/*"), ("Sec-Fetch-Dest", "document")],
];

#[test]
fn a_browser_is_led_to_the_desk_where_its_address_can_mean_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let id = desk.id();
    let capitals = id.to_string().to_uppercase();
    let hex = "0a".repeat(32);
    for (path, target) in [
        (format!("/{capitals}/"), format!("../{id}/")),
        (format!("/{capitals}"), format!("{id}/")),
        (format!("/{id}/index.html"), format!("../{id}/")),
        (format!("/{id}//"), format!("../../{id}/")),
        (format!("//{id}/"), format!("../../{id}/")),
        (format!("/{id}."), format!("{id}/")),
        (format!("/{id}/%3E?utm_source=x"), format!("../{id}/")),
        (format!("/{id}/%23{hex}"), format!("../{id}/#{hex}")),
        (format!("/{id}%23{hex}"), format!("{id}/#{hex}")),
    ] {
        for headers in NAVIGATIONS {
            for method in ["GET", "HEAD"] {
                let response = hub.send(method, &path, headers, &[]).expect_status(307);
                assert_eq!(response.header("location"), Some(&*target), "{path}");
            }
        }
        // Programs are told of no page.
        let response = hub.get(&path);
        assert_eq!((response.status, response.code().as_str()), (404, "not_found"), "{path}");
    }
}

#[test]
fn a_browser_that_is_led_astray_is_shown_the_way_out_and_the_way_on() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let id = desk.id();
    for (path, up, status) in [
        ("/aaaaaaaaaaaaaaaa/".to_owned(), "../", 404),
        ("/odd-name%3Cscript%3E".to_owned(), "", 404),
        (format!("/{id}/other/page"), "../../", 404),
        (format!("/{id}/%ff"), "../", 404),
        (format!("/{id}/v1/exchange"), "../../", 405),
        (format!("/{id}/v1/keyring"), "../../", 401),
    ] {
        for headers in NAVIGATIONS {
            let response = hub.send("GET", &path, headers, &[]).expect_status(status);
            assert_eq!(response.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
            let page = String::from_utf8(response.body).unwrap();
            for shown in [
                r#"<a id="leave" href="about:blank">"#.to_owned(),
                format!(r#"<a id="page" href="{up}{id}/">"#),
                format!(r#"src="{up}astray.js""#),
                format!(r#"href="{up}astray.css""#),
                "Leave now".to_owned(),
                "Вийти зараз".to_owned(),
                "Выйти сейчас".to_owned(),
            ] {
                assert!(page.contains(&shown), "{path}: {shown}");
            }
            // Nothing of the request comes back.
            assert!(!page.contains("odd-name"));
        }
        let others: [&[(&str, &str)]; 3] =
            [&[], &[("Accept", "*/*")], &[("Accept", "text/html"), ("Sec-Fetch-Dest", "empty")]];
        for headers in others {
            let response = hub.send("GET", &path, headers, &[]).expect_status(status);
            assert_eq!(response.header("content-type"), Some("application/json"), "{path}");
        }
    }
    for (path, of) in [("/astray.js", "about:blank"), ("/astray.css", "#leave")] {
        let response = hub.get(path).expect_status(200);
        assert!(String::from_utf8(response.body).unwrap().contains(of));
    }
}

#[test]
fn a_hub_without_a_desk_shows_browsers_the_way_out_alone() {
    let dir = tempfile::tempdir().unwrap();
    let hub = TestHub::start(dir.path());
    for headers in NAVIGATIONS {
        let page = hub.send("GET", "/", headers, &[]).expect_status(404).body;
        let page = String::from_utf8(page).unwrap();
        assert!(page.contains(r#"id="leave""#) && !page.contains(r#"id="page""#));
    }
}
