//! Waiting for the other side of an invitation: for how long, and what is said while the hub does not answer.

use callsign_desk::{DeskError, HubError, InviteError, ui::moment as moment_of};
use callsign_protocol::time::UnixSeconds;

use crate::{failure::Failure, output::label};

/// What is to be said while one waits.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// The hub does not answer: why, until when it is asked, and how to end it.
    Away(String),
    /// It does again.
    Back,
}

/// One side's patience.
pub(super) struct Waiting {
    ends: UnixSeconds,
    is_away: bool,
}

impl Waiting {
    pub(super) fn until(ends: UnixSeconds) -> Self {
        Self { ends, is_away: false }
    }

    /// When it is over, for people: "21:14 UTC".
    pub(super) fn told_end(&self) -> String {
        let told = moment_of(self.ends);
        told.rsplit_once(", ").map_or(told.clone(), |(_, time)| time.to_owned())
    }

    /// What came of one try, and what is to be said of it now; each outage of the hub is told once, with its end.
    ///
    /// # Errors
    /// What cannot pass; that nobody came in the time; the hub's, where it is away as the time ends.
    pub(super) fn met<T>(
        &mut self,
        tried: Result<T, DeskError>,
        now: UnixSeconds,
    ) -> Result<(Option<T>, Option<Told>), Failure> {
        let is_over = now > self.ends;
        match tried {
            Ok(_) if is_over => Err(DeskError::from(InviteError::Ended).into()),
            Ok(came) => {
                let is_back = std::mem::take(&mut self.is_away);
                Ok((Some(came), is_back.then_some(Told::Back)))
            }
            Err(error) if is_over && may_pass(&error) => Err(Failure::from(error).because(
                "the time of this invitation is over, and nobody was admitted as far as is known here",
            )),
            Err(error) if may_pass(&error) => {
                let is_new = !std::mem::replace(&mut self.is_away, true);
                let told = || {
                    let (error, end) = (label(&error.to_string()), self.told_end());
                    Told::Away(format!(
                        "nothing comes from the hub now: {error}; it is asked on until {end}, and Ctrl-C ends it"
                    ))
                };
                Ok((None, is_new.then(told)))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether asking once more can help: the hub is away, or has something else to do.
fn may_pass(error: &DeskError) -> bool {
    match error {
        DeskError::Hub(HubError::Away(..) | HubError::Lost(..)) => true,
        DeskError::Hub(HubError::Refused { code }) => code.status().is_some_and(|status| status >= 500),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn away() -> Result<(), DeskError> {
        Err(HubError::Away("http://127.0.0.1:1".to_owned(), callsign_http::Cause::Refused).into())
    }

    #[test]
    fn an_outage_is_told_once_with_its_end_and_the_wait_has_one() {
        let mut waiting = Waiting::until(UnixSeconds(1_000));
        let mut told = |tried, now| waiting.met(tried, UnixSeconds(now)).map(|(_, told)| told);
        let Some(Told::Away(first)) = told(away(), 1).unwrap() else { panic!("it is told") };
        assert!(first.contains("nothing answers") && first.contains("until 00:16 UTC"), "{first}");
        assert_eq!(told(away(), 2).unwrap(), None);
        assert_eq!(told(Ok(()), 3).unwrap(), Some(Told::Back));
        assert_eq!(told(Ok(()), 4).unwrap(), None);
        assert!(told(away(), 1_001).unwrap_err().message().contains("the time of this invitation is over"));
        assert!(told(Ok(()), 1_001).unwrap_err().message().contains("another one"));
        assert!(told(Err(InviteError::Swapped.into()), 5).unwrap_err().message().contains("stands between"));
    }
}
