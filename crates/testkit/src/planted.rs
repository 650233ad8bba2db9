//! Planted secrets: whatever a caller or an operator said must be nowhere in the files of a hub, in any encoding.

use std::{fs, path::Path};

/// A secret and the ways in which it could lie in a file.
#[derive(Debug)]
pub struct Planted {
    what: String,
    encodings: Vec<(&'static str, Vec<u8>)>,
}

impl Planted {
    /// A secret with a name for the report.
    pub fn new(what: &str, secret: &str) -> Self {
        let utf8 = secret.as_bytes().to_vec();
        let utf16_le: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let utf16_be: Vec<u8> = secret.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let hex = data_encoding::HEXLOWER.encode(&utf8);
        let mut encodings = vec![("UTF-8", utf8.clone()), ("UTF-16LE", utf16_le), ("UTF-16BE", utf16_be)];
        encodings.push(("hexadecimal", hex.clone().into_bytes()));
        encodings.push(("HEXADECIMAL", hex.to_uppercase().into_bytes()));
        encodings.push(("escaped JSON", escaped(secret)));
        encodings.extend(base64(&utf8).map(|text| ("base64", text)));
        Self { what: what.to_owned(), encodings }
    }

    /// Where the secret is in these bytes.
    pub fn find(&self, bytes: &[u8]) -> Vec<String> {
        self.encodings
            .iter()
            .filter(|(_, needle)| bytes.windows(needle.len()).any(|window| window == needle))
            .map(|(encoding, _)| format!("{} in {encoding}", self.what))
            .collect()
    }
}

/// Searches all files below a directory; what was found, and where. The number of bytes read keeps a test honest.
pub fn find_planted(dir: &Path, planted: &[Planted]) -> (Vec<String>, u64) {
    let (mut found, mut read) = (Vec::new(), 0);
    let mut dirs = vec![dir.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(&dir).expect("a directory").flatten() {
            let path = entry.path();
            if path.is_dir() {
                dirs.push(path);
                continue;
            }
            let bytes = fs::read(&path).expect("a file");
            read += bytes.len() as u64;
            for secret in planted {
                found.extend(
                    secret.find(&bytes).into_iter().map(|what| format!("{}: {what}", path.display())),
                );
            }
        }
    }
    (found, read)
}

fn escaped(secret: &str) -> Vec<u8> {
    secret.encode_utf16().flat_map(|unit| format!("\\\\u{unit:04x}").into_bytes()).collect()
}

/// The three alignments of base64 without their ends, in both alphabets.
fn base64(bytes: &[u8]) -> [Vec<u8>; 6] {
    const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let encode = |shift: usize, alphabet: &[u8; 64]| {
        let shifted: Vec<u8> = std::iter::repeat_n(0, shift).chain(bytes.iter().copied()).collect();
        let whole = shifted.chunks_exact(3).flat_map(|c| {
            let word = u32::from(c[0]) << 16 | u32::from(c[1]) << 8 | u32::from(c[2]);
            [18, 12, 6, 0].map(|bits| alphabet[(word >> bits & 63) as usize])
        });
        // The first characters depend on what stands before.
        whole.skip([0, 2, 3][shift]).collect()
    };
    [
        encode(0, STANDARD),
        encode(1, STANDARD),
        encode(2, STANDARD),
        encode(0, URL),
        encode(1, URL),
        encode(2, URL),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planted_leak_is_found_in_every_encoding() {
        let dir = tempfile::tempdir().unwrap();
        let secret = "Секрет на пероні 17";
        let planted = [Planted::new("text", secret)];
        let url = data_encoding::BASE64URL_NOPAD;
        let leaks: [Vec<u8>; 7] = [
            format!("x{secret}y").into_bytes(),
            secret.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            secret.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            data_encoding::HEXLOWER.encode(secret.as_bytes()).into_bytes(),
            url.encode(format!("{{\"text\":\"{secret}\"}}").as_bytes()).into_bytes(),
            data_encoding::BASE64.encode(format!("a{secret}").as_bytes()).into_bytes(),
            data_encoding::BASE64.encode(format!("ab{secret}").as_bytes()).into_bytes(),
        ];
        for (n, leak) in leaks.iter().enumerate() {
            let file = dir.path().join("deep/er").join(n.to_string());
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, leak).unwrap();
            assert!(!find_planted(dir.path(), &planted).0.is_empty(), "leak {n}");
            fs::remove_file(file).unwrap();
        }
        assert_eq!(find_planted(dir.path(), &planted), (vec![], 0));
    }
}
