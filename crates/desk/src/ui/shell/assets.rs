//! The script and the style sheet, embedded.

use axum::{http::header, response::IntoResponse};

/// Where the script is.
pub(in crate::ui) const SCRIPT_PATH: &str = "/desk.js";
/// Where the style sheet is.
pub(in crate::ui) const STYLE_PATH: &str = "/desk.css";

/// The script.
pub(in crate::ui) async fn script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("desk.js"))
}

/// The style sheet.
pub(in crate::ui) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("desk.css"))
}
