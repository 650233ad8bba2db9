//! Prometheus' text format, as far as a hub needs it.

use std::fmt::Write as _;

/// Before each name.
const PREFIX: &str = "callsign_hub_";

/// Labels of one sample: names and values, of which none comes from a request.
pub type Labels<'a> = &'a [(&'static str, &'a str)];

/// A text that grows by one metric after the other.
#[derive(Debug, Default)]
pub struct Figures(String);

impl Figures {
    /// A metric of one sample without labels; left out where nobody knows it.
    pub fn plain(&mut self, name: &str, help: &str, value: Option<u64>) {
        self.gauge(name, help, value.map(|value| (&[][..], value)));
    }

    /// A metric that goes up and down.
    pub fn gauge<'a>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (Labels<'a>, u64)>,
    ) {
        self.metric((name, "gauge", help), samples);
    }

    /// A metric that only goes up, until the hub is started anew.
    pub fn counter<'a>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (Labels<'a>, u64)>,
    ) {
        self.metric((name, "counter", help), samples);
    }

    /// The whole text.
    pub fn into_text(self) -> String {
        self.0
    }

    fn metric<'a>(
        &mut self,
        (name, kind, help): (&str, &str, &str),
        samples: impl IntoIterator<Item = (Labels<'a>, u64)>,
    ) {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return;
        }
        let text = &mut self.0;
        // Writing to a text never fails.
        let _ = writeln!(text, "# HELP {PREFIX}{name} {help}\n# TYPE {PREFIX}{name} {kind}");
        for (labels, value) in samples {
            let labels: Vec<_> = labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            let _ = writeln!(text, "{PREFIX}{name}{labels} {value}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_written_as_prometheus_reads_them() {
        let mut figures = Figures::default();
        figures.plain("desks", "Desks.", Some(2));
        figures.plain("unknown", "Left out.", None);
        figures.counter(
            "calls_total",
            "Calls.",
            [(&[("outcome", "stored")][..], 3), (&[("outcome", "version")], 0)],
        );
        let text = "# HELP callsign_hub_desks Desks.\n\
                    # TYPE callsign_hub_desks gauge\n\
                    callsign_hub_desks 2\n\
                    # HELP callsign_hub_calls_total Calls.\n\
                    # TYPE callsign_hub_calls_total counter\n\
                    callsign_hub_calls_total{outcome=\"stored\"} 3\n\
                    callsign_hub_calls_total{outcome=\"version\"} 0\n";
        assert_eq!(figures.into_text(), text);
    }
}
