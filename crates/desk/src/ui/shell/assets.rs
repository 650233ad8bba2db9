//! The script, which the program brings; the style sheet and the icon, embedded.

use std::sync::Arc;

use axum::{extract::State, http::header, response::IntoResponse};

use super::Ui;

/// Where the script is.
pub(in crate::ui) const SCRIPT_PATH: &str = "/desk.js";
/// Where the style sheet is.
pub(in crate::ui) const STYLE_PATH: &str = "/desk.css";

/// Where the icon is.
pub(in crate::ui) const ICON_PATH: &str = "/icon.svg";
/// A sheet with a line that is answered; the same on every desk, so a tab tells nothing of what is on it.
const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect x="1" y="2" width="14" height="10" rx="2" fill="#2b5c8a"/><path d="M4 12v3l4-3z" fill="#2b5c8a"/><path d="M4 6h8M4 9h5" stroke="#fff" stroke-width="1.5"/></svg>"##;

/// The script.
pub(in crate::ui) async fn script(State(ui): State<Arc<Ui>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], ui.script)
}

/// The style sheet.
pub(in crate::ui) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("desk.css"))
}

/// The icon.
pub(in crate::ui) async fn icon() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "image/svg+xml")], ICON)
}
