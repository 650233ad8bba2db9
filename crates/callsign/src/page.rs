//! The caller's page and the script of the desk's pages, carried by the binary: the same bytes for every desk.

use callsign_hub::{Page, PageFile};

/// The script of the desk's pages.
pub const DESK_SCRIPT: &str = include_str!(concat!(env!("OUT_DIR"), "/desk.js"));

/// The files below a desk's address.
pub fn page() -> Page {
    macro_rules! file {
        ($path:literal, $name:literal, $content_type:literal) => {
            PageFile {
                path: $path.to_owned(),
                content_type: $content_type.to_owned(),
                bytes: include_bytes!(concat!(env!("OUT_DIR"), "/", $name)).to_vec(),
                compressed: vec![
                    ("br", include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".br")).to_vec()),
                    ("gzip", include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz")).to_vec()),
                ],
            }
        };
    }
    Page {
        files: vec![
            file!("", "index.html", "text/html; charset=utf-8"),
            file!("app.js", "app.js", "text/javascript; charset=utf-8"),
            file!("style.css", "style.css", "text/css; charset=utf-8"),
        ],
    }
}
