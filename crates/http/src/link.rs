//! Links as people get them: a hub's address, or the caller's link that also names the desk and its fingerprint.

use callsign_protocol::identity::{DeskId, Fingerprint};
use thiserror::Error;

use crate::address::{Address, AddressError};

/// A hub's address, perhaps with a desk and its fingerprint: `http(s)://host[:port][/{desk id}/][#fingerprint]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where the hub is.
    pub address: Address,
    /// The desk that the path names.
    pub desk: Option<DeskId>,
    /// The fingerprint behind `#`; it never travels.
    pub fingerprint: Option<Fingerprint>,
}

/// Why a text is not an address of a hub or of a desk there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LinkError {
    /// Scheme, host or port.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// A blank or the end of a line, and no fingerprint that shows what was meant.
    #[error(
        "there is a blank or the end of a line inside the address; copy the whole link again, in one line"
    )]
    Blank,
    /// What stands behind `#` is no fingerprint.
    #[error("what stands behind # is not a fingerprint of 64 hexadecimal digits; copy the whole link again")]
    Fingerprint,
    /// Something else than a desk's identifier behind the host.
    #[error(
        "behind the host only a desk's identifier of 16 characters may follow; copy the whole link again"
    )]
    Path,
}

impl Link {
    /// Reads a link as people copy it. What mail programs and messengers put around it or break in it does not matter,
    /// as long as it is certain what is meant.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
        let bare = visible.trim_start_matches(opens).trim_end_matches(closes);
        let (scheme, rest) = bare.split_once("://").ok_or(AddressError::Scheme)?;
        let (before, fragment) = split_fragment(rest);
        let (authority, path) = before.split_once('/').unwrap_or((before, ""));
        let address = Address::read(scheme, authority)?;
        let fingerprint = Some(fragment).filter(|fragment| !fragment.is_empty());
        let fingerprint = fingerprint.map(Fingerprint::parse).transpose();
        let fingerprint = fingerprint.map_err(|_| LinkError::Fingerprint)?;
        let joined: String = path.chars().filter(|c| !c.is_whitespace()).collect();
        let desk = desk_in_path(&joined)?;
        // A link that was broken into lines is whole again where desk and fingerprint fit each other.
        let is_whole = desk.is_some() && desk == fingerprint.map(|fingerprint| fingerprint.desk_id());
        if before.contains(char::is_whitespace) && !is_whole {
            return Err(LinkError::Blank);
        }
        Ok(Self { address, desk, fingerprint })
    }
}

/// The desk that a redirect of `/` names: its last part, whatever stands before.
pub fn desk_in_location(location: &str) -> Option<DeskId> {
    let path = location.split(['?', '#']).next()?;
    path.split('/').rfind(|piece| !piece.is_empty()).and_then(DeskId::parse)
}

/// At the sign itself, or where a messenger has escaped it or a keyboard has widened it.
fn split_fragment(rest: &str) -> (&str, &str) {
    let signs = ["#", "\u{ff03}", "%23"];
    signs.iter().find_map(|sign| rest.split_once(sign)).unwrap_or((rest, ""))
}

fn desk_in_path(path: &str) -> Result<Option<DeskId>, LinkError> {
    let path = path.strip_suffix("index.html").unwrap_or(path);
    match path.strip_suffix('/').unwrap_or(path) {
        "" if path.is_empty() => Ok(None),
        name => DeskId::parse(&name.to_ascii_lowercase()).map(Some).ok_or(LinkError::Path),
    }
}

/// What shows nowhere and comes along when a link is copied.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

fn opens(c: char) -> bool {
    c.is_whitespace() || "<([{\"'`\u{ab}\u{201c}\u{201d}\u{201e}\u{2018}\u{201a}".contains(c)
}

/// No bracket: it may be the end of a host.
fn closes(c: char) -> bool {
    c.is_whitespace() || ">)}\"'`.,;!\u{bb}\u{201c}\u{201d}\u{2019}\u{2018}\u{2026}".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "abababababababababababababababababababababababababababababababab";

    #[test]
    fn links_are_read_as_people_copy_them() {
        let fingerprint = Fingerprint::parse(HEX).unwrap();
        let desk = fingerprint.desk_id();
        let shout = desk.to_string().to_uppercase();
        let address = Address::read("http", "127.0.0.1:8700").unwrap();
        let bare = Link { address, desk: None, fingerprint: None };
        let named = Link { desk: Some(desk.clone()), ..bare.clone() };
        let whole = Link { fingerprint: Some(fingerprint), ..named.clone() };
        let (first, last) = HEX.split_at(20);
        for (text, link) in [
            ("http://127.0.0.1:8700".to_owned(), &bare),
            (" HTTP://127.0.0.1:8700/\n".to_owned(), &bare),
            ("http://127.0.0.1:8700/#".to_owned(), &bare),
            ("http://127.0.0.1:8700/index.html".to_owned(), &bare),
            ("http://127.0.0.1:8700.".to_owned(), &bare),
            (format!("http://127.0.0.1:8700/{desk}"), &named),
            (format!("http://127.0.0.1:8700/{desk}/"), &named),
            (format!("http://127.0.0.1:8700/{shout}/index.html"), &named),
            (format!("http://127.0.0.1:8700/{desk}/#{HEX}"), &whole),
            (format!("http://127.0.0.1:8700/{desk}#{}", HEX.to_uppercase()), &whole),
            (format!("http://127.0.0.1:8700/{desk}/%23{HEX}"), &whole),
            (format!("http://127.0.0.1:8700/{desk}/\u{ff03}{HEX}"), &whole),
            (format!("<http://127.0.0.1:8700/{desk}/index.html#{HEX}>."), &whole),
            (format!("\u{201c}http://127.0.0.1:8700/{desk}/#{HEX}\u{201d},"), &whole),
            (format!("\u{feff}http://127.0.0.1:8700/\u{200b}{desk}/#{HEX}\u{200e}"), &whole),
            (format!("http://127.0.0.1:8700/{desk}/\r\n#{HEX}"), &whole),
            (format!("http://127.0.0.1:8700/{desk}/#{first}\n  {last}"), &whole),
            (format!("http://127.0.0.1:8700/\n{}\n{}/#{HEX}", &shout[..5], &shout[5..]), &whole),
        ] {
            assert_eq!(Link::parse(&text).as_ref(), Ok(link), "{text}");
        }
        assert_eq!(Link::parse("https://[::1]").unwrap().address.to_string(), "https://[::1]");
    }

    #[test]
    fn what_is_no_link_has_its_own_error() {
        let other = format!("http://host/\naaaaaaaaaaaaaaaa/#{HEX}");
        for (text, error) in [
            ("", LinkError::Address(AddressError::Scheme)),
            ("127.0.0.1:8700", LinkError::Address(AddressError::Scheme)),
            ("http:/host", LinkError::Address(AddressError::Scheme)),
            ("ftp://host", LinkError::Address(AddressError::Scheme)),
            ("file:///etc/passwd", LinkError::Address(AddressError::Scheme)),
            ("http://", LinkError::Address(AddressError::Host)),
            ("http://:8700", LinkError::Address(AddressError::Host)),
            ("http://host:", LinkError::Address(AddressError::Port)),
            ("http://user:secret@host", LinkError::Address(AddressError::Credentials)),
            ("http://ho st", LinkError::Address(AddressError::Host)),
            ("http://host?x", LinkError::Address(AddressError::Host)),
            ("http://host/desk", LinkError::Path),
            ("http://host//", LinkError::Path),
            ("http://host/aaaaaaaaaaaaaaaa/v1", LinkError::Path),
            ("http://host/aaaaaaaaaaaaaaaa?x=y", LinkError::Path),
            ("http://host/aaaaaaaa aaaaaaaa", LinkError::Blank),
            ("http://host/aaaaaaaaaaaaaaaa/ and more", LinkError::Path),
            (&other, LinkError::Blank),
            ("http://host/#abc", LinkError::Fingerprint),
            ("http://host/%2523abc", LinkError::Path),
        ] {
            assert_eq!(Link::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_redirect_names_a_desk_or_nothing() {
        let desk = DeskId::parse("abcdefghijklmnop").unwrap();
        for location in ["abcdefghijklmnop/", "/abcdefghijklmnop", "http://other/abcdefghijklmnop/?a#b"] {
            assert_eq!(desk_in_location(location).as_ref(), Some(&desk), "{location}");
        }
        for location in ["", "/", "login/", "../../x"] {
            assert_eq!(desk_in_location(location), None, "{location}");
        }
    }
}
