//! What an image of the search's index says, opened with keys that were found.

use std::{collections::BTreeSet, fs};

use callsign_protocol::derive::derive;
use chacha20::{
    XChaCha20,
    cipher::{KeyIvInit as _, StreamCipher as _, StreamCipherSeek as _},
};
use rusqlite::Connection;

const MAGIC: &[u8] = b"callsign search";
const HEAD_LEN: usize = 36;
const CHUNK_LEN: usize = 64 << 10;
const TAG_LEN: usize = 16;
const NONCE_LEN: usize = 24;
/// The first block of a key's stream makes the tag.
const FIRST_BLOCK: u64 = 64;
const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";

/// Of each image that opens with one of the keys: all words that it knows, and then all of its bytes, in whose free pages there might
/// be others.
pub(crate) fn texts_of_images(keys: &[[u8; 32]], sealed: &BTreeSet<Vec<u8>>) -> Vec<String> {
    let images = sealed.iter().filter(|bytes| bytes.starts_with(MAGIC));
    images.flat_map(|image| keys.iter().filter_map(|key| text_of(key, image))).collect()
}

/// Whether it was changed is not asked: the stream is taken off.
fn text_of(key: &[u8; 32], image: &[u8]) -> Option<String> {
    let (head, sealed) = image.split_at_checked(HEAD_LEN)?;
    let key: [u8; 32] = derive(key, "search image", head);
    let chunks: Vec<_> = sealed.chunks(CHUNK_LEN + TAG_LEN).collect();
    let mut opened = Vec::new();
    for (index, chunk) in chunks.iter().enumerate() {
        let mut nonce = [0; NONCE_LEN];
        nonce[0] = u8::from(index + 1 == chunks.len());
        nonce[NONCE_LEN - 8..].copy_from_slice(&(index as u64).to_be_bytes());
        let mut bytes = chunk.get(..chunk.len().checked_sub(TAG_LEN)?)?.to_vec();
        let mut stream = XChaCha20::new(&key.into(), &nonce.into());
        stream.seek(FIRST_BLOCK);
        stream.apply_keystream(&mut bytes);
        opened.extend(bytes);
    }
    let at = opened.windows(SQLITE_MAGIC.len()).position(|part| part == SQLITE_MAGIC)?;
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("index");
    fs::write(&path, &opened[at..]).expect("a file");
    let database = Connection::open(path).expect("a database");
    database
        .execute_batch("CREATE VIRTUAL TABLE temp.known USING fts5vocab(main, words, row)")
        .expect("an index of words");
    let mut statement = database.prepare("SELECT term FROM temp.known").expect("an index of words");
    let words = statement.query_map([], |row| row.get::<_, String>(0)).expect("words");
    let words: Vec<String> = words.map(|word| word.expect("a word")).collect();
    Some(format!("{} {}", words.join(" "), String::from_utf8_lossy(&opened)))
}
