//! Reads the files in `vectors/`: members by kind, cases with their bytes, outcomes as variants of errors.

use std::{collections::HashMap, convert::Infallible, fmt::Debug, path::PathBuf};

use callsign_protocol::{caller_keys::CallerKeys, encoding::Secret, identity::Fingerprint, phrase::Phrase};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use rand_core::{TryCryptoRng, TryRng};
use serde_json::Value;

pub fn file(name: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

pub fn number<N: TryFrom<u64, Error: Debug>>(value: &Value) -> N {
    value.as_u64().unwrap_or_else(|| panic!("no number: {value}")).try_into().unwrap()
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

pub fn hex<const N: usize>(value: &Value) -> [u8; N] {
    HEXLOWER.decode(text(value).as_bytes()).unwrap().try_into().unwrap()
}

pub fn b64(value: &Value) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text(value).as_bytes()).unwrap()
}

pub fn fingerprint(value: &Value) -> Fingerprint {
    Fingerprint::parse(text(value)).unwrap()
}

/// The cases of a file with their bytes; a changed case takes those of another before it.
pub fn cases(file: &Value) -> Vec<(Value, Vec<u8>)> {
    let mut known = HashMap::new();
    let mut cases = Vec::new();
    for case in list(&file["cases"]) {
        let mut bytes = match case["of"].as_str() {
            Some(name) => HashMap::get(&known, name).cloned().unwrap_or_else(|| panic!("{name}")),
            None => b64(&case["bytes_b64"]),
        };
        for change in case["xor"].as_array().into_iter().flatten() {
            let with = HEXLOWER.decode(text(&change[1]).as_bytes()).unwrap();
            let at: usize = number(&change[0]);
            bytes[at..at + with.len()].iter_mut().zip(&with).for_each(|(byte, bits)| *byte ^= bits);
        }
        if !case["keep"].is_null() {
            bytes.truncate(number(&case["keep"]));
        }
        if let Some(more) = case["append"].as_str() {
            bytes.extend(HEXLOWER.decode(more.as_bytes()).unwrap());
        }
        known.insert(text(&case["name"]).to_owned(), bytes.clone());
        cases.push((case.clone(), bytes));
    }
    cases
}

/// What was read, where the case says so; otherwise the error must be the variant that `variants` gives for its outcome.
pub fn expect<T: Debug, E: Debug>(
    case: &Value,
    result: Result<T, E>,
    variants: &[(&str, &str)],
) -> Option<T> {
    let (name, outcome) = (text(&case["name"]), text(&case["outcome"]));
    let Some((_, variant)) = variants.iter().find(|(known, _)| *known == outcome) else {
        return Some(result.unwrap_or_else(|error| panic!("{name}: {error:?}")));
    };
    let error = format!("{:?}", result.err().unwrap_or_else(|| panic!("{name}: not refused")));
    assert!(error.starts_with(variant), "{name}: {error}, not {variant}");
    None
}

pub fn person(value: &Value, desk: &Fingerprint) -> CallerKeys {
    let keys = Phrase::parse(text(&value["phrase"])).unwrap().caller_keys(desk);
    assert_eq!(keys.secret(), &Secret(hex(&value["caller_sk"])));
    keys
}

/// A generator that draws these bytes one after the other, over and over.
pub struct Draws(pub Vec<u8>);

impl TryRng for Draws {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes).map(|()| u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.iter_mut().zip(self.0.iter().cycle()).for_each(|(byte, drawn)| *byte = *drawn);
        let all = self.0.len();
        self.0.rotate_left(bytes.len() % all);
        Ok(())
    }
}

impl TryCryptoRng for Draws {}
