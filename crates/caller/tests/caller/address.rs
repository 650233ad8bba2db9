//! Finding a desk: what is believed of an address, a fingerprint and a notice before anything is exchanged.

use callsign_caller::hub_client::{FetchError, FindError, HubClient, HubError};
use callsign_http::{Cause, Link, Proxies};
use callsign_protocol::{content::pack_name, identity::Fingerprint};

use crate::{
    desk::{TODAY, TestDesk, noon},
    scripted_hub::ScriptedHub,
};

fn find(address: &str, fingerprint: Option<Fingerprint>) -> Result<HubClient, FindError> {
    HubClient::find(&Link::parse(address).unwrap(), fingerprint, &Proxies::none())
}

#[test]
fn a_bare_address_leads_to_the_only_desk() {
    let (hub, desk) = (ScriptedHub::start(), TestDesk::new());
    let client = find(&hub.origin, Some(desk.fingerprint())).unwrap();
    assert_eq!(*client.desk_id(), desk.fingerprint().desk_id());
    let notice = client.fetch_notice(client.pin(), noon()).unwrap();
    assert_eq!(notice, desk.notice());
    // A redirect names a desk, never another host to go to.
    hub.leads_to(Some(&format!("http://elsewhere.example/{}/", desk.fingerprint().desk_id())));
    assert!(find(&hub.origin, None).unwrap().fetch_notice(None, noon()).is_ok());
    for location in [None, Some("/login")] {
        hub.leads_to(location);
        assert_eq!(find(&hub.origin, None).unwrap_err(), FindError::NoDesk);
    }
}

#[test]
fn a_links_fingerprint_is_the_pin() {
    let (hub, desk) = (ScriptedHub::start(), TestDesk::new());
    let fingerprint = desk.fingerprint();
    let link = format!("{}/{}/#{fingerprint}", hub.origin, fingerprint.desk_id());
    let client = find(&link, None).unwrap();
    assert_eq!(client.pin(), Some(&fingerprint));
    assert_eq!(hub.seen(), [], "a link that names the desk needs no question");
    assert_eq!(find(&link, Some(Fingerprint([0; 32]))).unwrap_err(), FindError::Conflict);
}

#[test]
fn a_wrong_fingerprint_makes_no_exchange() {
    let (hub, desk) = (ScriptedHub::start(), TestDesk::new());
    let wrong = Fingerprint([0x5a; 32]);
    let named = format!("{}/{}/", hub.origin, desk.fingerprint().desk_id());
    assert_eq!(find(&named, Some(wrong)).unwrap_err(), FindError::WrongDesk);
    assert_eq!(hub.seen(), []);
    assert_eq!(find(&hub.origin, Some(wrong)).unwrap_err(), FindError::WrongDesk);
    // Only the first 80 bits are in the desk's address; the notice is held against all of them.
    let mut near = desk.fingerprint();
    near.0[31] ^= 1;
    let client = find(&named, Some(near)).unwrap();
    assert!(matches!(client.fetch_notice(client.pin(), noon()), Err(FetchError::WrongFingerprint)));
    assert_eq!(hub.exchanges(), []);
}

#[test]
fn a_notice_of_another_desk_than_the_address_names_is_refused_without_a_pin() {
    let hub = ScriptedHub::start();
    hub.leads_to(Some("aaaaaaaaaaaaaaaa/"));
    let fetched = find(&hub.origin, None).unwrap().fetch_notice(None, noon());
    assert!(matches!(fetched, Err(FetchError::Hub(HubError::NoDesk))));
}

#[test]
fn each_bad_notice_has_its_own_error() {
    let (hub, desk) = (ScriptedHub::start(), TestDesk::new());
    let client = hub.client();
    let fetch = |envelope: Vec<u8>| {
        hub.publish(envelope, 5);
        client.fetch_notice(None, noon()).unwrap_err()
    };
    let past = TODAY.minus(3).start();
    let expired = desk.envelope(|notice| (notice.issued, notice.expires) = (past, past.plus(60)));
    assert!(matches!(fetch(expired), FetchError::Expired));
    assert!(matches!(fetch(desk.envelope(|notice| notice.oldest_client = 2)), FetchError::Outdated));
    let mut unknown_version = desk.envelope(|_| {});
    unknown_version[0] = 2;
    assert!(matches!(fetch(unknown_version), FetchError::Outdated));
    let mut tampered = desk.envelope(|_| {});
    tampered[200] ^= 1;
    assert!(matches!(fetch(tampered), FetchError::NotGenuine(_)));
    assert!(matches!(fetch(Vec::new()), FetchError::NotGenuine(_)));
    assert!(matches!(fetch(vec![1; 300_000]), FetchError::Hub(HubError::Garbled)));
}

#[test]
fn content_comes_in_the_order_of_languages_and_nothing_waits_for_a_missing_pack() {
    let desk = TestDesk::new();
    let pack = |language: &str| {
        format!(r#"{{"version":1,"language":"{language}","about":"","procedures":[]}}"#).into_bytes()
    };
    let names = ["uk", "en", "ru"].map(|language| pack_name(&pack(language)));
    let hub = ScriptedHub::start().pack(names[0].clone(), pack("uk")).pack(names[1].clone(), pack("ru"));
    let languages = ["uk", "en", "ru", "xx"];
    let envelope = desk.envelope(|notice| {
        notice.languages = languages.map(str::to_owned).to_vec();
        notice.content = languages.map(str::to_owned).into_iter().zip(names.iter().cloned()).collect();
    });
    hub.publish(envelope, 5);
    let client = hub.client();
    let packs = client.fetch_content(&client.fetch_notice(None, noon()).unwrap());
    assert_eq!(packs.iter().map(|pack| pack.language.as_str()).collect::<Vec<_>>(), ["uk"]);
    let asked: Vec<_> = hub.seen().into_iter().skip(2).map(|seen| seen.path).collect();
    let desk_id = client.desk_id();
    assert_eq!(asked, names.map(|name| format!("/{desk_id}/v1/content/{name}")));
}

#[test]
fn a_hub_that_is_not_there_is_away() {
    assert_eq!(find("http://127.0.0.1:1", None).unwrap_err(), FindError::Hub(HubError::Away(Cause::Refused)));
}
