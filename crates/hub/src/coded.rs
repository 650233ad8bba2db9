//! Bytes that are served many times, with their compressed forms. All of them are public, so that their length tells nothing.

use std::io::Write as _;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};

/// A file or document as it is served; answers share it.
#[derive(Clone, Debug)]
pub struct Coded {
    /// As it is.
    pub bytes: Bytes,
    /// The name of a coding and the file in it; the first that is taken is sent.
    pub compressed: Vec<(&'static str, Bytes)>,
}

impl Coded {
    /// Served as it is alone.
    pub fn plain(bytes: Vec<u8>) -> Self {
        Self { bytes: bytes.into(), compressed: Vec::new() }
    }

    /// Served compressed as well, where that is shorter.
    pub fn gzipped(bytes: Vec<u8>) -> Self {
        let compressed = gzip(&bytes).map(|gzip| ("gzip", gzip.into()));
        Self { bytes: bytes.into(), compressed: compressed.into_iter().collect() }
    }
}

/// Its header names no time and no file.
fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().filter(|compressed| compressed.len() < bytes.len())
}
