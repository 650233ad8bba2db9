//! What lies in a device's files, whatever its tables are called, and what of it opens with keys that were found.

use std::{
    collections::{BTreeSet, HashSet},
    fs,
    path::Path,
};

use callsign_protocol::{signed::Envelope, snapshot::CHUNK_LEN};
use chacha20::{
    XChaCha20,
    cipher::{KeyIvInit as _, StreamCipher as _, StreamCipherSeek as _},
};
use data_encoding::BASE64URL_NOPAD;
use rusqlite::{Connection, types::ValueRef};
use serde::Serialize;

const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";
const NONCE_LEN: usize = 24;
const TAG_LEN: usize = 16;
/// The first block of a key's stream makes the tag.
const FIRST_BLOCK: u64 = 64;
/// Bytes that are looked at first: what is not text by then is none.
const LOOK: usize = 64;
/// Bytes that are looked for in files, and every how manieth such piece of a value: a page of a database breaks some.
const PIECE_LEN: usize = 32;
const PIECES_APART: usize = 16;
/// A key of 32 bytes in base64url.
const KEY_TEXT_LEN: usize = 43;

/// All values in the files of a directory.
#[derive(Debug)]
pub struct Remains {
    /// A row of a table each, or a file that is no database.
    pub(crate) rows: Vec<Row>,
}

/// Values that lie together.
#[derive(Debug, Default)]
pub(crate) struct Row {
    /// Blobs and texts.
    pub(crate) values: Vec<Vec<u8>>,
    numbers: Vec<i64>,
    is_of_table: bool,
}

impl Remains {
    /// What lies below a directory now, journals included; files of the names in `but` are left out.
    pub fn of(dir: &Path, but: &[&str]) -> Self {
        let mut rows = Vec::new();
        for path in files_below(dir) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if but.contains(&name.as_str()) {
                continue;
            }
            let bytes = fs::read(&path).expect("a file");
            if bytes.starts_with(SQLITE_MAGIC) {
                rows.extend(rows_of(&path));
            } else if !bytes.is_empty() {
                rows.push(Row { values: vec![bytes], ..Row::default() });
            }
        }
        Self { rows }
    }

    /// Values of tables of which a piece still lies in some file below a directory, wherever in it: in a row, in a page that is
    /// free, in a journal. Short ones are not looked for, nor are signed documents, which repeat what the ones before said.
    pub fn left_in(&self, dir: &Path) -> Vec<String> {
        let mut left = Vec::new();
        for path in files_below(dir) {
            let bytes = fs::read(&path).expect("a file");
            let pieces: HashSet<&[u8]> = bytes.windows(PIECE_LEN).collect();
            let rows = self.rows.iter().filter(|row| row.is_of_table);
            let values = rows.flat_map(|row| &row.values).filter(|value| Envelope::decode(value).is_err());
            let is_left = |value: &&Vec<u8>| {
                let inner = value.get(NONCE_LEN..).unwrap_or_default();
                let looked_for =
                    inner.chunks_exact(PIECE_LEN).step_by(PIECES_APART).filter(|piece| is_random(piece));
                looked_for.into_iter().any(|piece| pieces.contains(piece))
            };
            left.extend(
                values.filter(is_left).map(|value| format!("{}: {} bytes", path.display(), value.len())),
            );
        }
        left
    }

    /// How many values there are, which keeps a test honest.
    pub fn len(&self) -> usize {
        self.rows.iter().map(|row| row.values.len()).sum()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Row {
    /// A chunk with its attempt and index, where this is one.
    pub(crate) fn chunk(&self) -> Option<([u8; 16], u32, Vec<u8>)> {
        let chunk = self.values.iter().find(|value| value.len() == CHUNK_LEN)?.clone();
        let attempt = self.values.iter().find_map(|value| value.as_slice().try_into().ok())?;
        let index = self.numbers.last().and_then(|number| u32::try_from(*number).ok())?;
        Some((attempt, index, chunk))
    }
}

/// Every key that stands in something, by its JSON.
pub(crate) fn keys_in(keys: &impl Serialize) -> Vec<[u8; 32]> {
    keys_of_text(&serde_json::to_string(keys).expect("keys are JSON"))
}

/// Every text that opens with one of the keys, or with a key that stands in a text that did. Whether what is sealed was bound to
/// something is not asked: the stream is taken off, and what is text then is what was sealed.
pub(crate) fn open_with_any(keys: Vec<[u8; 32]>, sealed: &BTreeSet<Vec<u8>>) -> Vec<String> {
    let (mut texts, mut tried) = (Vec::new(), BTreeSet::new());
    let mut left = keys;
    while let Some(key) = left.pop() {
        if !tried.insert(key) {
            continue;
        }
        for text in sealed.iter().flat_map(|sealed| open(&key, sealed)) {
            left.extend(keys_of_text(&text));
            texts.push(text);
        }
    }
    texts
}

/// With the nonce in front, as most is sealed, or with one of zeros, as a key can be used that seals one thing alone.
fn open(key: &[u8; 32], sealed: &[u8]) -> Vec<String> {
    let with_nonce = sealed.split_first_chunk::<NONCE_LEN>();
    let ways = [with_nonce, Some((&[0; NONCE_LEN], sealed))];
    let opened = ways.into_iter().flatten().filter_map(|(nonce, sealed)| {
        let text = sealed.get(..sealed.len().checked_sub(TAG_LEN)?).filter(|text| !text.is_empty())?;
        let plain = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            let mut stream = XChaCha20::new(key.into(), nonce.into());
            stream.seek(FIRST_BLOCK);
            stream.apply_keystream(&mut bytes);
            bytes
        };
        let beginning = plain(&text[..text.len().min(LOOK)]);
        // A character may be cut at its end.
        let is_text =
            std::str::from_utf8(&beginning).map_or_else(|error| error.error_len().is_none(), |_| true);
        is_text.then(|| String::from_utf8_lossy(&plain(text)).into_owned())
    });
    opened.collect()
}

/// Whether bytes look as what is sealed does; zeros lie everywhere.
fn is_random(piece: &[u8]) -> bool {
    piece.iter().collect::<HashSet<_>>().len() > PIECE_LEN / 2
}

fn keys_of_text(text: &str) -> Vec<[u8; 32]> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    let of = |word: &str| BASE64URL_NOPAD.decode(word.as_bytes()).ok()?.try_into().ok();
    words.filter(|word| word.len() == KEY_TEXT_LEN).filter_map(of).collect()
}

/// The rows of a copy, for whoever opens a database may change it.
fn rows_of(path: &Path) -> Vec<Row> {
    let copy = tempfile::tempdir().expect("a temporary directory");
    let at = copy.path().join("copy");
    for ending in ["", "-wal"] {
        let from = format!("{}{ending}", path.display());
        if Path::new(&from).exists() {
            fs::copy(&from, copy.path().join(format!("copy{ending}"))).expect("a copy");
        }
    }
    let database = Connection::open(at).expect("a database");
    let mut statement =
        database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").expect("a schema");
    let names = statement.query_map([], |row| row.get::<_, String>(0)).expect("tables");
    names.flat_map(|name| rows_of_table(&database, &name.expect("a name"))).collect()
}

fn rows_of_table(database: &Connection, name: &str) -> Vec<Row> {
    let mut statement = database.prepare(&format!("SELECT * FROM \"{name}\"")).expect("a table");
    let columns = statement.column_count();
    let read = statement.query_map([], |row| {
        // The place in the inbox and rows for cells of nobody say nothing of anybody, and stay while no cell comes.
        let mut values = Row { is_of_table: !["taken", "cover"].contains(&name), ..Row::default() };
        for column in 0..columns {
            match row.get_ref(column)? {
                ValueRef::Blob(bytes) | ValueRef::Text(bytes) => values.values.push(bytes.to_vec()),
                ValueRef::Integer(number) => values.numbers.push(number),
                ValueRef::Null | ValueRef::Real(_) => {}
            }
        }
        Ok(values)
    });
    read.expect("rows").map(|row| row.expect("a row")).collect()
}

fn files_below(dir: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}
