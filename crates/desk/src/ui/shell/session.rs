//! Browsers that were let in: the one-time code, their cookies, and which of them have unlocked the desk.

use std::{collections::VecDeque, fmt};

use callsign_protocol::{encoding::Secret, time::UnixSeconds};
use data_encoding::HEXLOWER;
use rand_core::CryptoRng;
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::Zeroizing;

/// Browsers let in at most; the one that was let in first goes.
const SESSIONS_MAX: usize = 32;

/// 32 random bytes; text is 64 hexadecimal digits.
#[derive(Clone)]
pub(in crate::ui) struct Ticket(Secret<32>);

/// All browsers that were let in. In memory only: a new start of the program begins with none.
#[derive(Debug, Default)]
pub(in crate::ui) struct Sessions {
    code: Option<Ticket>,
    known: VecDeque<Session>,
    /// When a person last did something, in any of them.
    last_act: UnixSeconds,
}

#[derive(Debug)]
struct Session {
    ticket: Ticket,
    unlocked: bool,
    /// What was searched for last, so that who goes back from a case finds it again.
    searched: Option<Searched>,
    /// Where a person wanted to go while the desk was locked.
    wanted: Option<String>,
}

/// What a person typed into the search: overwritten when it is dropped, and never printed.
#[derive(Clone)]
pub(in crate::ui) struct Searched(pub(in crate::ui) Zeroizing<String>);

impl fmt::Debug for Searched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What a cookie is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum Standing {
    /// Not let in.
    Stranger,
    /// Let in; the passphrase has not been given.
    Locked,
    /// May see calls.
    Unlocked,
}

impl Ticket {
    pub(in crate::ui) fn draw(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(Secret(bytes))
    }

    /// Whether a text is one that `text` could have made.
    pub(in crate::ui) fn is_one(text: &str) -> bool {
        HEXLOWER.decode(text.as_bytes()).is_ok_and(|bytes| bytes.len() == 32)
    }

    pub(in crate::ui) fn text(&self) -> String {
        HEXLOWER.encode(&self.0.0)
    }

    fn is(&self, text: &str) -> Choice {
        self.text().as_bytes().ct_eq(text.as_bytes())
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Sessions {
    /// The code that lets the next browser in; the one before is void.
    pub(in crate::ui) fn set_code(&mut self, code: Ticket) {
        self.code = Some(code);
    }

    /// Lets a browser in with the code, which is used up by that.
    pub(in crate::ui) fn enter(&mut self, code: &str, ticket: Ticket) -> bool {
        if !self.code.as_ref().is_some_and(|known| known.is(code).into()) {
            return false;
        }
        self.code = None;
        if self.known.len() == SESSIONS_MAX {
            self.known.pop_front();
        }
        self.known.push_back(Session { ticket, unlocked: false, searched: None, wanted: None });
        true
    }

    pub(in crate::ui) fn standing(&self, cookie: Option<&str>) -> Standing {
        match cookie.and_then(|cookie| self.find(cookie)) {
            None => Standing::Stranger,
            Some(at) if self.known[at].unlocked => Standing::Unlocked,
            Some(_) => Standing::Locked,
        }
    }

    pub(in crate::ui) fn unlock(&mut self, cookie: &str, now: UnixSeconds) {
        if let Some(at) = self.find(cookie) {
            self.known[at].unlocked = true;
            self.last_act = now;
        }
    }

    /// Notes that a person did something.
    pub(in crate::ui) fn note_act(&mut self, now: UnixSeconds) {
        self.last_act = now;
    }

    /// Whether the desk is open somewhere and nobody has done anything for so many seconds. By the clock of the day, for that
    /// one goes on while a computer sleeps.
    pub(in crate::ui) fn has_idled(&mut self, now: UnixSeconds, after_s: u64) -> bool {
        // A clock that was set back must not keep the desk open for longer.
        self.last_act = self.last_act.min(now);
        self.known.iter().any(|session| session.unlocked) && now.since(self.last_act) >= after_s
    }

    /// Notes where a person wanted to go while the desk was locked.
    pub(in crate::ui) fn note_wanted(&mut self, cookie: &str, path: &str) {
        if let Some(at) = self.find(cookie) {
            self.known[at].wanted = Some(path.to_owned());
        }
    }

    /// Where they wanted to go, once.
    pub(in crate::ui) fn take_wanted(&mut self, cookie: &str) -> Option<String> {
        self.find(cookie).and_then(|at| self.known[at].wanted.take())
    }

    /// Keeps what was searched for last in this browser, until the desk is locked.
    pub(in crate::ui) fn note_search(&mut self, cookie: &str, searched: Option<Searched>) {
        if let Some(session) = self.find(cookie).map(|at| &mut self.known[at]).filter(|it| it.unlocked) {
            session.searched = searched;
        }
    }

    /// What was searched for last in this browser.
    pub(in crate::ui) fn last_search(&self, cookie: &str) -> Option<Searched> {
        self.find(cookie).and_then(|at| self.known[at].searched.clone())
    }

    /// Takes the desk away from every browser, and forgets what was searched for.
    pub(in crate::ui) fn lock_all(&mut self) {
        for session in &mut self.known {
            session.unlocked = false;
            session.searched = None;
        }
    }

    /// Compares with every ticket, so that the time taken tells nothing of any.
    fn find(&self, cookie: &str) -> Option<usize> {
        let mut found = None;
        for (at, session) in self.known.iter().enumerate() {
            if session.ticket.is(cookie).into() {
                found = Some(at);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(n: u8) -> Ticket {
        Ticket(Secret([n; 32]))
    }

    #[test]
    fn a_code_lets_one_browser_in() {
        let mut sessions = Sessions::default();
        assert!(!sessions.enter("", ticket(2)));
        sessions.set_code(ticket(1));
        assert!(!sessions.enter(&ticket(3).text(), ticket(2)));
        assert!(sessions.enter(&ticket(1).text(), ticket(2)));
        assert!(!sessions.enter(&ticket(1).text(), ticket(4)));
        assert_eq!(sessions.standing(Some(&ticket(2).text())), Standing::Locked);
        assert_eq!(sessions.standing(Some(&ticket(4).text())), Standing::Stranger);
        assert_eq!(sessions.standing(None), Standing::Stranger);
    }

    #[test]
    fn locking_takes_the_desk_from_every_browser() {
        let mut sessions = Sessions::default();
        for n in 0..2 {
            sessions.set_code(ticket(1));
            assert!(sessions.enter(&ticket(1).text(), ticket(10 + n)));
            sessions.unlock(&ticket(10 + n).text(), UnixSeconds(0));
            assert_eq!(sessions.standing(Some(&ticket(10 + n).text())), Standing::Unlocked);
        }
        sessions.lock_all();
        for n in 0..2 {
            assert_eq!(sessions.standing(Some(&ticket(10 + n).text())), Standing::Locked);
        }
    }

    #[test]
    fn a_search_is_its_own_browsers_and_is_forgotten_when_the_desk_is_locked() {
        let mut sessions = Sessions::default();
        for n in 0..2 {
            sessions.set_code(ticket(1));
            assert!(sessions.enter(&ticket(1).text(), ticket(10 + n)));
        }
        let (first, second) = (ticket(10).text(), ticket(11).text());
        let searched = Searched(Zeroizing::new("слово".to_owned()));
        let typed =
            |sessions: &Sessions, cookie: &str| sessions.last_search(cookie).map(|it| it.0.to_string());
        sessions.note_search(&first, Some(searched.clone()));
        assert_eq!(typed(&sessions, &first), None, "it has been locked meanwhile");
        sessions.unlock(&first, UnixSeconds(0));
        sessions.note_search(&first, Some(searched));
        assert_eq!(typed(&sessions, &first).unwrap(), "слово");
        assert_eq!(typed(&sessions, &second), None);
        assert!(!format!("{sessions:?}").contains("слово"));
        sessions.lock_all();
        sessions.unlock(&first, UnixSeconds(0));
        assert_eq!(typed(&sessions, &first), None);
    }

    #[test]
    fn a_desk_idles_behind_the_last_act_and_a_clock_that_is_set_back_does_not_keep_it_open() {
        let mut sessions = Sessions::default();
        let at = |minutes: u64| UnixSeconds(1_800_000_000 + 60 * minutes);
        sessions.set_code(ticket(1));
        assert!(sessions.enter(&ticket(1).text(), ticket(2)));
        assert!(!sessions.has_idled(at(90), 600), "nothing is open");
        sessions.unlock(&ticket(2).text(), at(90));
        assert!(!sessions.has_idled(at(99), 600));
        sessions.note_act(at(99));
        assert!(!sessions.has_idled(at(108), 600));
        assert!(sessions.has_idled(at(109), 600));
        assert!(!sessions.has_idled(at(30), 600));
        assert!(sessions.has_idled(at(40), 600), "from the hour that it was set back to");
        sessions.lock_all();
        assert!(!sessions.has_idled(at(400), 600));
    }

    #[test]
    fn a_ticket_does_not_print_itself() {
        assert_eq!(format!("{:?}", ticket(7)), "[redacted]");
    }
}
