//! The caller's page as the binary hands it in: static files, some of them compressed beforehand.

use std::collections::HashMap;

use axum::http::HeaderValue;
use thiserror::Error;

use crate::coded::Coded;

/// The files of the caller's page.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// In any order, each path once.
    pub files: Vec<PageFile>,
}

/// One file of the page.
#[derive(Clone, Debug)]
pub struct PageFile {
    /// Below the desk's address; empty for the page itself.
    pub path: String,
    /// As in the header.
    pub content_type: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// The same file compressed, the coding's name first, for those who take it; the first that is taken is sent.
    pub compressed: Vec<(&'static str, Vec<u8>)>,
}

/// A page that cannot be served.
#[derive(Debug, Error)]
pub enum PageError {
    /// The content type cannot be sent.
    #[error(
        "the content type of page file {0:?} is not a header's value; build the page and this program anew"
    )]
    ContentType(String),
    /// Two files of one path, or one that the hub's own addresses hide.
    #[error("page file {0:?} has no address of its own; build the page and this program anew")]
    Path(String),
}

/// A page that was checked.
#[derive(Debug)]
pub struct ServedPage(HashMap<String, ServedFile>);

/// A file that was checked.
#[derive(Debug)]
pub struct ServedFile {
    /// The header's value.
    pub content_type: HeaderValue,
    /// The file.
    pub file: Coded,
}

impl ServedPage {
    /// Checks the files.
    pub fn new(page: Page) -> Result<Self, PageError> {
        let mut files = HashMap::new();
        for PageFile { path, content_type, bytes, compressed } in page.files {
            let Ok(content_type) = HeaderValue::try_from(content_type) else {
                return Err(PageError::ContentType(path));
            };
            if path.starts_with("v1/") || files.contains_key(&path) {
                return Err(PageError::Path(path));
            }
            let compressed = compressed.into_iter().map(|(coding, bytes)| (coding, bytes.into())).collect();
            let file = Coded { bytes: bytes.into(), compressed };
            files.insert(path, ServedFile { content_type, file });
        }
        Ok(Self(files))
    }

    /// The file at a path below the desk's address.
    pub fn file(&self, path: &str) -> Option<&ServedFile> {
        self.0.get(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, content_type: &str) -> PageFile {
        PageFile {
            path: path.to_owned(),
            content_type: content_type.to_owned(),
            bytes: vec![],
            compressed: vec![],
        }
    }

    #[test]
    fn files_that_could_not_be_served_are_refused_at_the_start() {
        let check = |files| ServedPage::new(Page { files });
        assert!(check(vec![file("", "text/html"), file("app.js", "text/javascript")]).is_ok());
        assert!(matches!(check(vec![file("", "text\n/html")]), Err(PageError::ContentType(_))));
        assert!(matches!(check(vec![file("v1/notice", "a/b")]), Err(PageError::Path(_))));
        assert!(matches!(check(vec![file("a", "a/b"), file("a", "a/b")]), Err(PageError::Path(_))));
    }
}
