//! The script, which the program brings; the style sheet and the icon, embedded.

use std::sync::Arc;

use axum::{extract::State, http::header, response::IntoResponse};

use super::Ui;

/// Where the script is.
pub(in crate::ui) const SCRIPT_PATH: &str = "/desk.js";
/// Where the style sheet is.
pub(in crate::ui) const STYLE_PATH: &str = "/desk.css";

/// The parts of the style sheet, in their order.
const STYLE: [&str; 4] = [
    include_str!("style/tokens.css"),
    include_str!("style/base.css"),
    include_str!("style/parts.css"),
    include_str!("style/pages.css"),
];

/// Where the icon is.
pub(in crate::ui) const ICON_PATH: &str = "/icon.svg";
/// A sheet with a line that is answered; the same on every desk, so a tab tells nothing of what is on it.
const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect x="1" y="2" width="14" height="10" rx="2" fill="#2b5c8a"/><path d="M4 12v3l4-3z" fill="#2b5c8a"/><path d="M4 6h8M4 9h5" stroke="#fff" stroke-width="1.5"/></svg>"##;

/// The script.
pub(in crate::ui) async fn script(State(ui): State<Arc<Ui>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], ui.script)
}

/// The style sheet: the theme that was chosen, then what is the same for all. So pages that know nothing of the desk follow it, too.
pub(in crate::ui) async fn style(State(ui): State<Arc<Ui>>) -> impl IntoResponse {
    let sheet = [&[ui.looks().theme.rule()], &STYLE[..]].concat().concat();
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], sheet)
}

/// The icon.
pub(in crate::ui) async fn icon() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "image/svg+xml")], ICON)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::STYLE;

    /// Each ink, and the papers that it stands on.
    const TEXTS: [(&str, &[&str]); 11] = [
        ("ink", &["ground", "surface", "answer", "note", "colleague-paper", "news-paper", "danger-paper"]),
        ("quiet", &["ground", "surface", "answer", "note", "news-paper"]),
        ("accent", &["ground", "surface", "answer", "news-paper"]),
        ("on-accent", &["accent"]),
        ("note-ink", &["note"]),
        ("colleague", &["colleague-paper"]),
        ("news", &["ground", "surface", "answer", "news-paper"]),
        ("danger", &["ground", "surface", "danger-paper"]),
        ("on-alarm", &["alarm-paper"]),
        ("on-practice", &["practice"]),
        ("surface", &["news", "danger"]),
    ];
    /// Each line by which something is found, and the papers around it.
    const EDGES: [(&str, &[&str]); 2] =
        [("edge", &["ground", "surface", "answer", "note"]), ("note-edge", &["ground", "surface", "note"])];

    /// The colours of the style sheet by their names, each light and dark.
    fn colours() -> HashMap<&'static str, [&'static str; 2]> {
        let lines = STYLE[0].lines().filter_map(|line| line.trim().strip_prefix("--")?.split_once(": "));
        let colours = lines.filter_map(|(name, value)| {
            let value = value.trim_end_matches(';');
            let both = value.strip_prefix("light-dark(").and_then(|rest| rest.strip_suffix(')'));
            let (light, dark) = both.map_or(Some((value, value)), |both| both.split_once(", "))?;
            (light.starts_with('#') && dark.starts_with('#')).then_some((name, [light, dark]))
        });
        colours.collect()
    }

    /// Relative luminance, as WCAG defines it.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_text_can_be_read_on_its_papers_in_both_themes() {
        let colours = colours();
        for (least, pairs) in [(7.0, &TEXTS[..]), (3.0, &EDGES)] {
            for (ink, papers) in pairs {
                for paper in *papers {
                    for (theme, at) in [("light", 0), ("dark", 1)] {
                        let ratio = contrast(colours[ink][at], colours[paper][at]);
                        assert!(ratio >= least, "{ink} on {paper}, {theme}: {ratio:.2}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_colour_is_one_of_the_table() {
        let table = STYLE[0];
        for name in STYLE.iter().flat_map(|part| part.split("var(--").skip(1)) {
            let name = &name[..name.find(')').unwrap()];
            assert!(
                table.contains(&format!("  --{name}: ")) || name == "tooth",
                "--{name} is not in the table"
            );
        }
        for (part, text) in STYLE.iter().enumerate().skip(1) {
            let plain = text.lines().find(|line| line.contains(": #"));
            assert_eq!(plain, None, "part {part} has a colour of its own");
        }
    }
}
