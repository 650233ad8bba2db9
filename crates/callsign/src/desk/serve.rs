//! `callsign desk serve`: the operators' pages, with the desk's work behind them.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
};

use callsign_desk::{
    Desk, Serving, TroubleChange, TroubleReport,
    ui::{Ui, UiConfig},
};
use clap::Args;
use serde_json::json;

use super::{Common, desk_ambient, memory, must_exist, open_with, passphrases, tell_outside};
use crate::{
    failure::Failure,
    output::{self, Done, Lines, tell, warn},
    page,
    server::{bind, local_address, runtime},
    signals::StopArguments,
};

/// Ports that browsers open no page at, whatever listens there (the Fetch standard's bad ports).
#[rustfmt::skip]
const BAD_PORTS: [u16; 82] = [
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111,
    113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548,
    554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566,
    6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

/// Minutes without a person behind which the pages lock themselves.
pub const LOCK_AFTER_MINUTES: u8 = 10;

/// Arguments of `desk serve`.
#[derive(Args)]
pub struct ServeArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// Loopback address of the pages; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8701", value_parser = loopback_address)]
    listen: SocketAddr,
    /// Lock the pages where nobody has done anything for so many minutes, 1 to 120
    #[arg(long, value_name = "MINUTES", default_value_t = LOCK_AFTER_MINUTES, value_parser = clap::value_parser!(u8).range(1..=120))]
    lock_after: u8,
    #[command(flatten)]
    stop: StopArguments,
}

/// Serves until it is asked to stop.
pub fn run(arguments: &ServeArguments) -> Result<(), Failure> {
    let listen = arguments.listen;
    let data = &arguments.common.data;
    must_exist(data)?;
    let mut serving = Serving::begin(data)?;
    // With the passphrase in the environment the desk works from the start; its pages still ask for it.
    let given = passphrases::of_desk_for_programs()?;
    let desk = given
        .map(|passphrase| open_with(data, &passphrase).inspect(tell_outside).map(Arc::new))
        .transpose()?;
    runtime()?.block_on(async {
        let listener = bind(listen).await?;
        let address = local_address(&listener)?;
        serving.tell(&address.to_string());
        let stop = arguments.stop.asked();
        let ui = pages(data, address, desk, report(), arguments.lock_after);
        let link = format!("http://{address}{}", ui.one_time_path());
        let lines = Lines::new().line(format!("Open this link once, in this machine's browser: {link}"));
        let result = json!({ "listening": address.to_string(), "link": link });
        // Without its link nobody can open the pages.
        output::give(Done::Read, &lines, &result)?;
        ui.serve(listener, stop).await.map_err(|error| {
            Failure::of_system(
                "the desk's pages are served no longer",
                &error,
                "start `callsign desk serve` anew",
            )
        })
    })
}

/// The desk's pages for a listener on loopback.
pub fn pages(
    data: &Path,
    address: SocketAddr,
    desk: Option<Arc<Desk>>,
    report: TroubleReport,
    lock_after_minutes: u8,
) -> Arc<Ui> {
    Arc::new(Ui::new(UiConfig {
        data_dir: data.to_owned(),
        address,
        ambient: Arc::new(desk_ambient),
        cost: memory::cost(),
        unlocked: desk,
        report,
        script: page::DESK_SCRIPT,
        lock_after_minutes,
    }))
}

/// Says on standard error what keeps the desk from working, and when that is over.
pub fn report() -> TroubleReport {
    Arc::new(|change| match change {
        TroubleChange::Is(trouble) => {
            let sentence = format!("{} {} {}", trouble.effect(), trouble.reason(), trouble.remedy());
            warn(trouble.kind.code(), &sentence);
        }
        TroubleChange::Over(activity) => tell("over", activity.is_well()),
    })
}

/// The address that was meant, where this computer's browsers reach it and nobody else does; a sentence otherwise.
fn loopback_address(text: &str) -> Result<SocketAddr, String> {
    let local = text.strip_prefix("localhost:").and_then(|port| port.parse().ok());
    let given = match local {
        Some(port) => SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        None => text.parse::<SocketAddr>().map_err(|_| {
            format!("{text:?} is no address to listen on: write it with its port, as in 127.0.0.1:8701")
        })?,
    };
    // An IPv4 address inside an IPv6 one is the IPv4 one; a zone means nothing on loopback.
    let address = SocketAddr::new(given.ip().to_canonical(), given.port());
    if !address.ip().is_loopback() {
        return Err(format!(
            "the desk's pages are served on loopback only, and {text} is reached by other computers; \
             listen on 127.0.0.1 or [::1]"
        ));
    }
    if BAD_PORTS.contains(&address.port()) {
        return Err(format!("browsers open no page at port {}; take another one", address.port()));
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_browsers_of_this_computer_reach_is_served_and_all_else_is_refused_with_a_sentence() {
        for (text, address) in [
            ("127.0.0.1:8701", "127.0.0.1:8701"),
            ("127.0.0.2:0", "127.0.0.2:0"),
            ("127.0.0.1:80", "127.0.0.1:80"),
            ("127.0.0.1:443", "127.0.0.1:443"),
            ("[::1]:0", "[::1]:0"),
            ("localhost:0", "127.0.0.1:0"),
            ("[::ffff:127.0.0.1]:0", "127.0.0.1:0"),
            ("[::1%1]:0", "[::1]:0"),
        ] {
            assert_eq!(loopback_address(text), Ok(address.parse().unwrap()), "{text}");
        }
        for text in ["0.0.0.0:0", "[::]:0", "192.0.2.1:1234", "[::ffff:192.0.2.1]:0"] {
            assert!(loopback_address(text).unwrap_err().contains("loopback only"), "{text}");
        }
        for text in ["127.0.0.1", "8701", "localhost", "example.org:80", "", "127.0.0.1:99999"] {
            assert!(loopback_address(text).unwrap_err().contains("no address to listen on"), "{text}");
        }
        assert!(loopback_address("127.0.0.1:6000").unwrap_err().contains("no page at port 6000"));
    }
}
