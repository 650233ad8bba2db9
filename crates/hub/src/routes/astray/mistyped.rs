//! Reads the address of a desk as people, mails and messengers write it.

use callsign_protocol::identity::{DeskId, Fingerprint};
use percent_encoding::percent_decode_str;

/// A link that was encoded by a program that took it for text, and again by the next one.
const DECODED_TIMES: usize = 2;
/// What names a page by itself elsewhere.
const INDEX: [&str; 4] = ["index", "index.html", "index.htm", "index.php"];

/// A path whose first part is a desk's id but for its form.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistyped {
    pub desk: DeskId,
    rest: Vec<String>,
    fragment: Option<String>,
}

impl Mistyped {
    /// Reads the path of a request.
    pub fn read(path: &str) -> Option<Self> {
        let mut text = path.to_owned();
        for _ in 0..DECODED_TIMES {
            text = percent_decode_str(&text).decode_utf8().ok()?.into_owned();
        }
        let (before, fragment) = match text.split_once('#') {
            Some((before, fragment)) => (before, Some(fragment.to_owned())),
            None => (&*text, None),
        };
        let before = before.split('?').next().unwrap_or_default();
        let mut parts = before.split(['/', '\\']).map(trim).filter(|part| !part.is_empty());
        let desk = DeskId::parse(&parts.next()?.to_ascii_lowercase())?;
        Some(Self { desk, rest: parts.map(str::to_owned).collect(), fragment })
    }

    /// The address that can only have been meant, without its leading slash.
    pub fn certain(&self) -> Option<String> {
        let Self { desk, rest, fragment } = self;
        let fragment = match (&**rest, fragment) {
            ([], None) => return Some(format!("{desk}/")),
            ([], Some(fragment)) => fragment,
            ([index], None) if INDEX.contains(&&*index.to_ascii_lowercase()) => {
                return Some(format!("{desk}/"));
            }
            ([index], Some(fragment)) if INDEX.contains(&&*index.to_ascii_lowercase()) => fragment,
            // The sign before it was lost.
            ([fingerprint], None) if Fingerprint::parse(fingerprint).is_ok() => fingerprint,
            _ => return None,
        };
        // Where it is damaged, the page must say so: without one it would take any desk.
        let fragment: String = fragment.chars().filter(char::is_ascii_alphanumeric).collect();
        (!fragment.is_empty()).then(|| format!("{desk}/#{fragment}"))
    }
}

/// Without the signs that stand around a link in a text.
fn trim(part: &str) -> &str {
    part.trim_matches(|c: char| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "abcdefghijklmn23";

    fn certain(path: &str) -> Option<String> {
        Mistyped::read(path).and_then(|read| read.certain())
    }

    #[test]
    fn what_can_only_mean_the_desk_leads_there() {
        let id = ID;
        let capitals = ID.to_uppercase();
        for path in [
            format!("/{id}"),
            format!("//{id}/"),
            format!("/{id}//"),
            format!("/{capitals}/"),
            format!("/{id}/index.html"),
            format!("/{id}/INDEX.HTM"),
            format!("/{id}."),
            format!("/{id}/%3E"),
            format!("/{id}/."),
            format!("/%C2%AB{id}%C2%BB,"),
            format!("/{id}%E2%80%8B"),
            format!("/{id}/%3Futm_source=x"),
            format!("/{id}%5C"),
        ] {
            assert_eq!(certain(&path), Some(format!("{id}/")), "{path}");
        }
        let hex = "0f".repeat(32);
        for path in [
            format!("/{id}/%23{hex}"),
            format!("/{id}%23{hex}"),
            format!("/{capitals}/%2523{hex}."),
            format!("/{id}/index.html%23{hex}"),
            format!("/{id}/{hex}"),
        ] {
            assert_eq!(certain(&path), Some(format!("{id}/#{hex}")), "{path}");
        }
    }

    #[test]
    fn a_damaged_fingerprint_is_never_left_out() {
        assert_eq!(certain(&format!("/{ID}/%230f0f%0d%0aX")), Some(format!("{ID}/#0f0fX")));
        assert_eq!(certain(&format!("/{ID}/%23%3E")), None);
        assert_eq!(certain(&format!("/{ID}/0f0f")), None);
    }

    #[test]
    fn what_may_mean_something_else_leads_nowhere() {
        for path in ["/", "//", "/abc", "/abcdefghijklmn21", "/%ff", "/%FF%23", "/favicon.ico"] {
            assert_eq!(Mistyped::read(path), None, "{path}");
        }
        for path in [format!("/{ID}/v1/exchange"), format!("/{ID}/other"), format!("/{ID}/index.html/x")] {
            assert_eq!(certain(&path), None, "{path}");
        }
    }
}
