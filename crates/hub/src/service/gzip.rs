//! Compresses once what is served many times. All of it is public, so that its length tells nothing.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};

/// The bytes compressed, where that makes them shorter. The header names no time and no file.
pub fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().filter(|compressed| compressed.len() < bytes.len())
}
