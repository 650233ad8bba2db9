//! What a person has said about proxies, by `--proxy` or by variables of the environment.

use std::ffi::{OsStr, OsString};

use callsign_protocol::fold::{TWINS, fold};

use crate::{
    address::Host,
    proxy::{Proxy, ProxyFault},
    route::RouteError,
};

/// The variables that name a proxy, in any case. There is no order among them: all that are set must say the same.
const NAMES: [&str; 5] = ["all_proxy", "https_proxy", "http_proxy", "socks_proxy", "socks5_proxy"];
/// Variables of other programs, in any case: for what is not HTTP.
const OF_OTHERS: [&str; 3] = ["ftp_proxy", "gopher_proxy", "rsync_proxy"];
/// Beginnings of variables that belong to one program alone.
const OF_ONE_PROGRAM: [&str; 2] = ["npm_config_", "pip_"];
/// Small letters that look alike, in capitals at least: Latin, Greek.
const GREEK_TWINS: [(char, char); 5] = [('a', 'α'), ('o', 'ο'), ('p', 'ρ'), ('x', 'χ'), ('y', 'υ')];
/// The variable that names hosts to be reached without one.
const EXCEPTIONS: &str = "no_proxy";

/// What is said about proxies; not read before a route is decided.
#[derive(Clone, Default)]
pub struct Proxies {
    flag: Option<OsString>,
    /// Names and values of variables.
    variables: Vec<(String, OsString)>,
    /// The name of a variable that was meant to name a proxy, and does not.
    misspelt: Option<String>,
}

impl Proxies {
    /// Nothing is said.
    pub fn none() -> Self {
        Self::default()
    }

    /// What is said by the variables of an environment.
    pub fn from_variables(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        // A name that is not text may still be meant as one of these.
        let named = variables.into_iter().map(|(name, value)| (name.to_string_lossy().into_owned(), value));
        let (mut variables, others): (Vec<_>, Vec<_>) = named.partition(|(name, _)| speaks_of_proxies(name));
        variables.sort();
        let set = others.into_iter().filter(|(_, value)| !value.is_empty());
        let misspelt = set.filter(|(name, value)| is_misspelt(name, value)).map(|(name, _)| name).min();
        Self { flag: None, variables, misspelt }
    }

    /// The same with the value of `--proxy`, which takes the place of all variables that name a proxy.
    #[must_use]
    pub fn or_flag(self, flag: Option<&OsStr>) -> Self {
        Self { flag: flag.map(OsStr::to_owned), ..self }
    }

    /// Whether the value of `--proxy` is understood, where there is one.
    pub(crate) fn judge_flag(&self) -> Result<(), RouteError> {
        self.flag.as_deref().map_or(Ok(()), |flag| read("--proxy", flag).map(drop))
    }

    /// The one proxy that is named; an empty variable names none, and one with a misspelt name is refused.
    pub(crate) fn proxy(&self) -> Result<Option<Proxy>, RouteError> {
        if let Some(flag) = &self.flag {
            return read("--proxy", flag).map(Some);
        }
        if let Some(name) = &self.misspelt {
            return Err(RouteError::Misspelt(name.clone()));
        }
        let mut found: Option<(&str, Proxy)> = None;
        for (name, value) in
            self.variables.iter().filter(|(name, value)| !is_exception(name) && !value.is_empty())
        {
            let proxy = read(name, value)?;
            match &found {
                Some((other, known)) if *known != proxy => {
                    return Err(RouteError::Conflict((*other).to_owned(), name.clone()));
                }
                _ => found = Some((name, proxy)),
            }
        }
        Ok(found.map(|(_, proxy)| proxy))
    }

    /// The variable that asks for `host` to be reached without a proxy. Read generously: all that comes of it is a refusal.
    pub(crate) fn exception_for(&self, host: &Host) -> Option<&str> {
        let host = host.to_string();
        let named = self.variables.iter().filter(|(name, _)| is_exception(name));
        let mut meant = named.filter(|(_, value)| {
            let value = value.to_string_lossy().to_lowercase();
            value.split([',', ';', ' ', '\t', '\n', '|']).any(|entry| covers(entry, &host))
        });
        meant.next().map(|(name, _)| name.as_str())
    }
}

/// Without values: a proxy may have a password.
impl std::fmt::Debug for Proxies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.variables.iter().map(|(name, _)| name.as_str());
        f.debug_list().entries(self.flag.iter().map(|_| "--proxy").chain(names)).finish()
    }
}

fn read(name: &str, value: &OsStr) -> Result<Proxy, RouteError> {
    let text = value.to_str().ok_or(ProxyFault::NotText);
    text.and_then(Proxy::parse).map_err(|fault| RouteError::Proxy { name: name.to_owned(), fault })
}

fn speaks_of_proxies(name: &str) -> bool {
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known)) || is_exception(name)
}

/// Whether a variable that is not read here was meant to name a proxy: its name speaks of proxies to people, or its value is
/// the address of one.
fn is_misspelt(name: &str, value: &OsStr) -> bool {
    let lower = name.to_lowercase();
    if OF_OTHERS.contains(&&*lower) || OF_ONE_PROGRAM.iter().any(|of| lower.starts_with(of)) {
        return false;
    }
    let words = fold(name).replace('0', "o").chars().map(latin_twin).collect::<String>();
    let letters: String = words.chars().filter(char::is_ascii_alphanumeric).collect();
    let is_near = NAMES.iter().any(|known| strsim::osa_distance(&letters, &known.replace('_', "")) <= 1);
    let is_slip = words.split(' ').any(|word| strsim::osa_distance(word, "proxy") <= 1);
    let speaks = ["proxy", "proxi", "socks"].iter().any(|word| letters.contains(word));
    let value = value.to_string_lossy().to_lowercase();
    let is_address = value.trim_start_matches(|c: char| !c.is_alphanumeric()).starts_with("socks")
        && value.contains("://");
    is_near || is_slip || speaks || is_address
}

/// The Latin letter that a small one of another script looks like.
fn latin_twin(c: char) -> char {
    let twin = |(latin, other): &(char, char)| (*other == c).then_some(*latin);
    TWINS.iter().chain(&GREEK_TWINS).find_map(twin).unwrap_or(c)
}

fn is_exception(name: &str) -> bool {
    name.eq_ignore_ascii_case(EXCEPTIONS)
}

/// Whether an entry names the host, a domain above it, or everything; quotes, a port and dots around it do not matter.
fn covers(entry: &str, host: &str) -> bool {
    let entry = entry.trim_matches(['"', '\'']);
    let entry = entry.rsplit_once("://").map_or(entry, |(_, entry)| entry);
    if entry.trim_matches(['*', '.']).is_empty() {
        return entry.contains('*');
    }
    let without_port = match entry.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => entry,
    };
    [entry, without_port].iter().any(|entry| {
        let domain = entry.trim_start_matches(['*', '.']).trim_end_matches('.');
        let bare = host.trim_matches(['[', ']']);
        domain == host
            || domain == bare
            || host.strip_suffix(domain).is_some_and(|before| before.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOR: &str = "socks5h://127.0.0.1:9050";

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        Proxies::from_variables(variables.iter().map(|(name, value)| ((*name).into(), (*value).into())))
    }

    #[test]
    fn every_variable_that_names_a_proxy_counts_in_any_case() {
        for name in ["ALL_PROXY", "all_proxy", "All_Proxy", "HTTPS_PROXY", "http_proxy", "socks_proxy"] {
            let proxy = proxies(&[(name, TOR), ("PATH", "/bin")]).proxy();
            assert_eq!(proxy, Ok(Some(Proxy::parse(TOR).unwrap())), "{name}");
        }
        let of_others = [("ALL_PROXY", ""), ("ftp_proxy", "x"), ("npm_config_proxy", "x"), ("PROXY", "")];
        assert_eq!(proxies(&of_others).proxy(), Ok(None));
        let several = [("ALL_PROXY", TOR), ("all_proxy", ""), ("http_proxy", "socks5h://localhost:9050/")];
        assert_eq!(proxies(&several).proxy(), Ok(Some(Proxy::parse(TOR).unwrap())));
    }

    #[test]
    fn a_variable_that_was_meant_to_name_a_proxy_is_refused() {
        for name in [
            "ALLPROXY",
            "All-Proxy",
            "ALL_PROXI",
            "AL_PROXY",
            "ALL_PORXY",
            "HTTPSPROXY",
            "PROXY",
            "TOR_PROXY",
            "CALLSIGN_PROXY",
            "CALLSIGN_ALL_PROXY",
            "ALL_PROXY_URL",
            "TOR_SOCKS_PROXY",
            "SOCKS_SERVER",
            "ALLPROXIES",
            "\u{410}LL_PR\u{41e}XY",
            "\u{391}LL_PR\u{39f}XY",
            "\u{fffd}ALL_PROXY",
            "TOR_PORXY",
            "TOR_PR0XY",
            "SOCK5_SERVER",
            "\u{ff21}\u{ff2c}\u{ff2c}_\u{ff30}\u{ff32}\u{ff2f}\u{ff38}\u{ff39}",
            "ftp_proxy_all",
            "MY_TOR",
        ] {
            let found = proxies(&[(name, TOR)]);
            assert_eq!(found.proxy(), Err(RouteError::Misspelt(name.to_owned())));
            assert!(found.or_flag(Some(OsStr::new(TOR))).proxy().is_ok(), "{name}");
        }
    }

    #[test]
    fn variables_that_contradict_each_other_are_refused() {
        for other in ["all_proxy", "HTTP_PROXY", "https_proxy"] {
            let found = proxies(&[("ALL_PROXY", TOR), (other, "http://127.0.0.1:3128")]).proxy();
            assert!(matches!(found, Err(RouteError::Conflict(..))), "{other}: {found:?}");
            let found = proxies(&[("ALL_PROXY", TOR), (other, "tor://127.0.0.1:9050")]).proxy();
            assert!(matches!(found, Err(RouteError::Proxy { .. })), "{other}: {found:?}");
        }
    }

    #[test]
    fn the_flag_takes_the_place_of_all_variables() {
        let said = proxies(&[("ALL_PROXY", "nonsense")]).or_flag(Some(OsStr::new(TOR)));
        assert_eq!(said.proxy(), Ok(Some(Proxy::parse(TOR).unwrap())));
        let empty = proxies(&[("ALL_PROXY", TOR)]).or_flag(Some(OsStr::new("")));
        assert!(matches!(empty.proxy(), Err(RouteError::Proxy { .. })));
    }

    #[test]
    fn an_exception_covers_a_host_in_every_way_that_programs_write_it() {
        let covers = |value: &str, host: &str| {
            proxies(&[("no_proxy", value)]).exception_for(&Host::read(host).unwrap()).is_some()
        };
        for value in
            ["*", "onion", ".onion", "*.onion", "localhost, .ONION", "a b.onion:80", "\"*.onion\"", "onion."]
        {
            assert!(covers(value, "b.onion"), "{value}");
        }
        for value in ["", " , ", ".", "localhost,127.0.0.1", "a.onion", "nion", "10.0.0.0/8"] {
            assert!(!covers(value, "b.onion"), "{value}");
        }
        assert!(covers("2001:db8::1", "[2001:db8::1]") && covers("10.0.0.1", "10.0.0.1"));
    }
}
