//! What was measured, as the tables and plots of `docs/performance.md`.

use std::fmt::Write as _;

use serde_json::Value;

use super::{
    measure::{CONNECTIONS, Figures, LOADS, Stored, number},
    plot::{Plot, Scale},
};

/// Between two lines of the document stands what is measured of a hub, or of a desk.
const MARKS: [&str; 2] = ["<!-- measured: cargo xtask performance --only ", "<!-- /measured -->"];

/// The document with what was measured of `part` in its place.
pub fn insert(document: &str, part: &str, measured: &str) -> Result<String, String> {
    let [begin, end] = MARKS;
    let begin = format!("{begin}{part} -->");
    let parts =
        document.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(end)?.1)));
    let (before, after) =
        parts.ok_or_else(|| format!("docs/performance.md has no place between {begin} and {end}"))?;
    Ok(format!("{before}{begin}\n{measured}\n{end}{after}"))
}

/// All sections.
pub fn measured(machine: &[String], figures: &Figures) -> String {
    let mut text = String::new();
    for fact in machine {
        let _ = writeln!(text, "- {fact}");
    }
    let _ = writeln!(text, "- {} seconds a run.", figures.seconds);
    connections(&mut text, figures);
    loads(&mut text, figures);
    stored(&mut text, &figures.stored);
    profiles(&mut text, figures);
    text.trim_end().to_owned()
}

/// File name and content of each plot.
pub fn plots(figures: &Figures) -> Vec<(&'static str, String)> {
    let over = |report: fn(&(u32, Value, Value)) -> &Value, key| {
        figures.connections.iter().map(|row| number(report(row), key)).collect()
    };
    let throughput = Plot {
        title: "Exchanges a second",
        across: "connections",
        points: CONNECTIONS.map(|count| count.to_string()).into(),
        scale: Scale::Linear,
        lines: vec![
            ("hub", over(|row| &row.2, "exchanges_per_s")),
            ("bare HTTP server", over(|row| &row.1, "http_per_s")),
            ("durable appends", over(|row| &row.1, "append_per_s")),
        ],
    };
    let times = |key| figures.loads.iter().map(|(_, report)| number(report, key)).collect();
    let latency = Plot {
        title: "Milliseconds from when an exchange is due to its answer",
        across: "load in percent of what the hub bears",
        points: LOADS.map(|percent| percent.to_string()).into(),
        scale: Scale::Logarithmic,
        lines: vec![("p50", times("p50_ms")), ("p99", times("p99_ms")), ("p99.9", times("p999_ms"))],
    };
    let rates = |report: fn(&Stored) -> &Value| {
        figures.stored.iter().map(|stored| number(report(stored), "exchanges_per_s")).collect()
    };
    let cost = Plot {
        title: "Exchanges a second against drops stored",
        across: "drops stored",
        points: figures.stored.iter().map(|stored| grouped(stored.drops)).collect(),
        scale: Scale::Linear,
        lines: vec![
            ("today's last block", rates(|stored| &stored.today)),
            ("what visits ask for", rates(|stored| &stored.visits)),
        ],
    };
    vec![("throughput.svg", throughput.svg()), ("latency.svg", latency.svg()), ("stored.svg", cost.svg())]
}

fn connections(text: &mut String, figures: &Figures) {
    text.push_str(
        "\n### Connections\n\n![Exchanges a second over connections](performance/throughput.svg)\n\n\
         | connections | exchanges/s | p50 | p99 | longest | errors | bare HTTP server | durable appends |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for (count, limits, load) in &figures.connections {
        let _ = writeln!(
            text,
            "| {count} | {} | {} | {} | {} | {} | {}/s | {}/s |",
            rate(load, "exchanges_per_s"),
            time(load, "p50_ms"),
            time(load, "p99_ms"),
            time(load, "max_ms"),
            number(load, "errors"),
            rate(limits, "http_per_s"),
            rate(limits, "append_per_s"),
        );
    }
}

fn loads(text: &mut String, figures: &Figures) {
    let _ = write!(
        text,
        "\n### Latency against load\n\n100% are the {} exchanges/s of 64 connections above.\n\n\
         ![Milliseconds against load](performance/latency.svg)\n\n\
         | load | due/s | stored/s | p50 | p99 | p99.9 | longest | errors |\n|---|---|---|---|---|---|---|---|\n",
        grouped(whole(figures.capacity)),
    );
    for (percent, load) in &figures.loads {
        let _ = writeln!(
            text,
            "| {percent}% | {} | {} | {} | {} | {} | {} | {} |",
            rate(load, "rate"),
            rate(load, "exchanges_per_s"),
            time(load, "p50_ms"),
            time(load, "p99_ms"),
            time(load, "p999_ms"),
            time(load, "max_ms"),
            number(load, "errors"),
        );
    }
}

fn stored(text: &mut String, stored: &[Stored]) {
    text.push_str(
        "\n### What is stored\n\n![Exchanges a second against drops stored](performance/stored.svg)\n\n\
         | drops; cells | on disk | start to first answer | memory at start, after, at most | today's block: exchanges/s, p99 | visits: exchanges/s, p99 |\n\
         |---|---|---|---|---|---|\n",
    );
    for row in stored {
        let [idle, after, most] = row.memory_mib;
        let _ = writeln!(
            text,
            "| {}; {} | {} MiB | {:.0} ms | {idle}, {after}, {most} MiB | {}, {} | {}, {} |",
            grouped(row.drops),
            grouped(row.cells),
            row.disk_mib,
            row.start_ms,
            rate(&row.today, "exchanges_per_s"),
            time(&row.today, "p99_ms"),
            rate(&row.visits, "exchanges_per_s"),
            time(&row.visits, "p99_ms"),
        );
    }
}

fn profiles(text: &mut String, figures: &Figures) {
    text.push_str(
        "\n### Profiles\n\n| profile | due/s | faster than life | stored/s | refused | p50 | p99 | errors |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for (name, load) in &figures.profiles {
        let (due, factor) = match &load["busy_hour"] {
            Value::Null => ("as many as it can".to_owned(), "-".to_owned()),
            hour => (rate(load, "rate"), format!("{:.0} times", number(hour, "factor"))),
        };
        let _ = writeln!(
            text,
            "| {name} | {due} | {factor} | {} | {} | {} | {} | {} |",
            rate(load, "exchanges_per_s"),
            number(load, "refused"),
            time(load, "p50_ms"),
            time(load, "p99_ms"),
            number(load, "errors"),
        );
    }
    for honest in figures.profiles.iter().map(|(_, load)| &load["honest"]).filter(|honest| !honest.is_null())
    {
        let _ = writeln!(
            text,
            "\nHonest callers beside the flood: {} calls stored, {} given up; until stored p50 {}, p99 {}, longest {}.",
            number(honest, "stored"),
            number(honest, "given_up"),
            time(honest, "p50_ms"),
            time(honest, "p99_ms"),
            time(honest, "max_ms"),
        );
    }
}

fn rate(report: &Value, key: &str) -> String {
    grouped(whole(number(report, key)))
}

fn time(report: &Value, key: &str) -> String {
    report[key].as_f64().map_or_else(|| "-".to_owned(), |time| format!("{time:.1} ms"))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rates are small and not negative"
)]
fn whole(number: f64) -> u64 {
    number.round() as u64
}

/// 1,000,000.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let grouped = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    grouped.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_measured_is_replaced() {
        let document = |hub, desk| {
            let [begin, end] = MARKS;
            format!("before\n{begin}hub -->\n{hub}\n{end}\nbetween\n{begin}desk -->\n{desk}\n{end}\nafter\n")
        };
        let written = insert(&document("old", "old"), "desk", "new").unwrap();
        assert_eq!(written, document("old", "new"));
        assert_eq!(insert(&written, "hub", "new").unwrap(), document("new", "new"));
        assert!(insert("no marks", "hub", "new").is_err());
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!([0, 999, 1_000, 1_000_000].map(grouped), ["0", "999", "1,000", "1,000,000"]);
    }
}
