//! What a hub can be told, by flags and by a configuration file: one list for both, so that they cannot differ.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use callsign_hub::{CallPolicy, TlsFiles};
use clap::{Args, ValueEnum};
use serde::Deserialize;

use crate::{failure::Failure, input, output::label};

/// Bytes of a configuration file, at most.
const CONFIG_MAX: u64 = 1 << 16;

/// Where a hub listens if nobody says otherwise.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8700);

/// Flags of `callsign hub`, and keys of its configuration file by the same names.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct HubOptions {
    /// Directory of the hub's files; created where it is missing
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Address to listen on, without TLS; port 0 takes a free one [default: 127.0.0.1:8700]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// Where calls are taken: only at an onion address, or anywhere. Loopback is always served [default: onion]
    #[arg(long, value_enum)]
    pub calls: Option<Calls>,
    /// One more address to listen on, with TLS, for names that are no onions
    #[arg(long, value_name = "ADDR")]
    pub tls_listen: Option<SocketAddr>,
    /// Certificate for it in PEM, the hub's own first, then those that lead to a known authority
    #[arg(long, value_name = "FILE")]
    pub tls_certificate: Option<PathBuf>,
    /// Private key of that certificate in PEM
    #[arg(long, value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Loopback address for /health and /metrics [default: none]
    #[arg(long, value_name = "ADDR")]
    pub metrics: Option<SocketAddr>,
}

/// Where calls are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Calls {
    /// Only where the Host is an .onion name
    Onion,
    /// Everywhere
    Anywhere,
}

/// Options that fit together, with what nobody said filled in.
#[derive(Debug, PartialEq, Eq)]
pub struct HubSettings {
    pub data: PathBuf,
    pub listen: SocketAddr,
    pub calls: CallPolicy,
    pub tls: Option<TlsSettings>,
    pub metrics: Option<SocketAddr>,
}

/// The door with TLS.
#[derive(Debug, PartialEq, Eq)]
pub struct TlsSettings {
    pub listen: SocketAddr,
    pub files: TlsFiles,
}

impl HubOptions {
    /// The options in a file.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let text = input::text(path, CONFIG_MAX).map_err(|error| Failure::new("config", error))?;
        Self::parse(&text).map_err(|wrong| {
            let file = label(&path.to_string_lossy());
            Failure::new("config", format!("the configuration file {file}, {wrong}"))
        })
    }

    /// Reads TOML; an error names the line, the key, and what it may be.
    fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| wrong_line(text, &error))
    }

    /// These where they say something, otherwise those.
    pub fn or(self, other: Self) -> Self {
        Self {
            data: self.data.or(other.data),
            listen: self.listen.or(other.listen),
            calls: self.calls.or(other.calls),
            tls_listen: self.tls_listen.or(other.tls_listen),
            tls_certificate: self.tls_certificate.or(other.tls_certificate),
            tls_key: self.tls_key.or(other.tls_key),
            metrics: self.metrics.or(other.metrics),
        }
    }

    /// Checks that the options fit together.
    pub fn settle(self) -> Result<HubSettings, Failure> {
        let data = self.data.ok_or_else(|| {
            Failure::new("config", "the data directory is not named: set data in the file, or --data")
        })?;
        let tls = match (self.tls_listen, self.tls_certificate, self.tls_key) {
            (None, None, None) => None,
            (Some(listen), Some(certificate), Some(key)) => {
                Some(TlsSettings { listen, files: TlsFiles { certificate, key } })
            }
            _ => {
                let sentence = "TLS needs tls-listen, tls-certificate and tls-key, all three";
                return Err(Failure::new("tls", sentence));
            }
        };
        if let Some(address) = self.metrics.filter(|address| !address.ip().to_canonical().is_loopback()) {
            let sentence = format!(
                "health and metrics are for this machine alone: {address} is no loopback address; take 127.0.0.1"
            );
            return Err(Failure::new("metrics", sentence));
        }
        let calls = match self.calls {
            None | Some(Calls::Onion) => CallPolicy::Onion,
            Some(Calls::Anywhere) => CallPolicy::Anywhere,
        };
        Ok(HubSettings { data, listen: self.listen.unwrap_or(LISTEN), calls, tls, metrics: self.metrics })
    }
}

/// Every key, and what it wants.
const KEYS: [(&str, &str); 7] = [
    ("data", "a directory in quotes, such as \"/var/lib/callsign\""),
    ("listen", ADDRESS_WANTED),
    ("calls", "\"onion\" or \"anywhere\""),
    ("tls-listen", ADDRESS_WANTED),
    ("tls-certificate", "the name of a file in quotes"),
    ("tls-key", "the name of a file in quotes"),
    ("metrics", ADDRESS_WANTED),
];
const ADDRESS_WANTED: &str = "an IP address and a port in quotes, such as \"127.0.0.1:8700\"";

/// What is wrong with a line of the file, as the rest of a sentence.
fn wrong_line(text: &str, error: &toml::de::Error) -> String {
    let before = text.get(..error.span().map_or(0, |span| span.start)).unwrap_or(text);
    let index = before.matches('\n').count();
    let line = text.lines().nth(index).unwrap_or_default();
    let (number, key) = (index + 1, line.split('=').next().unwrap_or_default().trim().trim_matches('"'));
    match KEYS.iter().find(|(known, _)| *known == key) {
        Some(_) if error.message().contains("duplicate") => {
            format!("line {number}: {key} stands there a second time; leave one of them")
        }
        Some((_, wanted)) => format!("line {number}: {key} wants {wanted}"),
        None => {
            let keys = KEYS.map(|(known, _)| known).join(", ");
            format!(
                "line {number}: {} is no key that is known; write KEY = \"VALUE\" with one of: {keys}",
                label(key)
            )
        }
    }
}

impl HubSettings {
    /// Whether others than programs on this machine reach the door without TLS.
    pub fn is_plain_door_open(&self) -> bool {
        !self.listen.ip().to_canonical().is_loopback()
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::*;

    const SAMPLE: &str = include_str!("../../../../packaging/callsign-hub.toml");
    const UNIT: &str = include_str!("../../../../packaging/callsign-hub.service");

    /// The sample with every option that it only shows.
    fn everything() -> HubOptions {
        let uncommented = |line: &str| match line.strip_prefix('#') {
            Some(option) if !option.starts_with([' ', '#']) && option.contains(" = ") => option.to_owned(),
            _ => line.to_owned(),
        };
        let text: Vec<_> = SAMPLE.lines().map(uncommented).collect();
        HubOptions::parse(&text.join("\n")).unwrap()
    }

    #[test]
    fn the_sample_says_what_holds_without_it() {
        let data = Some(PathBuf::from("/var/lib/callsign"));
        let alone = HubOptions { data, ..HubOptions::default() };
        let sample = HubOptions::parse(SAMPLE).unwrap();
        assert_eq!(sample.settle().unwrap(), alone.settle().unwrap());
    }

    #[test]
    fn the_sample_shows_every_option() {
        // A field that is missing here does not compile; one that is missing in the sample does not match.
        let shown = matches!(
            everything(),
            HubOptions {
                data: Some(_),
                listen: Some(_),
                calls: Some(_),
                tls_listen: Some(_),
                tls_certificate: Some(_),
                tls_key: Some(_),
                metrics: Some(_),
            }
        );
        assert!(shown, "{:?}", everything());
        everything().settle().unwrap();
    }

    #[test]
    fn every_key_of_the_file_is_a_flag() {
        let command = crate::Arguments::command();
        let hub = command.find_subcommand("hub").unwrap();
        let flags: Vec<_> = hub.get_arguments().filter_map(clap::Arg::get_long).collect();
        for (key, _) in KEYS {
            assert!(flags.contains(&key), "{key}");
            assert!(SAMPLE.contains(&format!("{key} = ")), "{key}");
        }
    }

    #[test]
    fn a_wrong_line_is_named_with_what_it_may_be() {
        for (line, wanted) in [
            ("listen = 8700", "listen wants an IP address and a port"),
            ("listen = 127.0.0.1:8700", "listen wants an IP address and a port"),
            ("listen = \"localhost:8700\"", "listen wants an IP address and a port"),
            ("metrics = \"9090\"", "metrics wants an IP address and a port"),
            ("calls = \"nowhere\"", "calls wants \"onion\" or \"anywhere\""),
            ("calls = true", "calls wants \"onion\" or \"anywhere\""),
            ("data = [\"a\"]", "data wants a directory"),
            ("data = \"/var/lib", "data wants a directory"),
            ("tls-key = 1", "tls-key wants the name of a file"),
            ("tls-key =", "tls-key wants the name of a file"),
            ("lisen = \"127.0.0.1:1\"", "lisen is no key"),
            ("tls_key = \"a\"", "tls_key is no key"),
            ("[hub]", "[hub] is no key"),
            ("Dear diary", "Dear diary is no key"),
        ] {
            let said = HubOptions::parse(&format!("# a remark\n\n{line}\n")).unwrap_err();
            assert!(said.contains(wanted) && said.starts_with("line 3: "), "{line}: {said}");
        }
        let twice = HubOptions::parse("data = \"a\"\ndata = \"b\"\n").unwrap_err();
        assert!(twice.starts_with("line 2: data stands there a second time"), "{twice}");
    }

    #[test]
    fn a_plain_door_is_open_where_it_is_not_on_loopback() {
        for (address, open) in
            [("127.0.0.1:1", false), ("[::1]:1", false), ("0.0.0.0:1", true), ("[::]:1", true)]
        {
            let listen = Some(address.parse().unwrap());
            let settings = HubOptions { listen, ..everything() }.settle().unwrap();
            assert_eq!(settings.is_plain_door_open(), open, "{address}");
        }
    }

    #[test]
    fn a_flag_goes_before_the_file() {
        let flag = HubOptions { calls: Some(Calls::Anywhere), ..HubOptions::default() };
        let both = flag.or(everything());
        assert_eq!(both, HubOptions { calls: Some(Calls::Anywhere), ..everything() });
    }

    #[test]
    fn the_service_managers_command_is_one() {
        let command = UNIT.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
        let parsed = crate::Arguments::try_parse_from(command.split(' '));
        assert!(matches!(parsed.map(|parsed| parsed.command), Ok(crate::Command::Hub(_))), "{command}");
        let named = |text: &str| text.contains("/etc/callsign/hub.toml");
        assert!(named(command) && named(SAMPLE));
    }
}
