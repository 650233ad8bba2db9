//! The index sealed on disk, so that a large desk need not make it anew at each unlocking. Its key is derived from the storage key of
//! a generation: once that is destroyed, nothing opens what was left of an erased case in a copy of the file.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read, Write},
    ops::Deref,
    path::{Path, PathBuf},
};

use callsign_protocol::{
    caller_keys::CallerId,
    derive::derive,
    encoding::{Bytes, Secret},
};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{AeadInOut as _, KeyInit as _},
};
use rusqlite::{Connection, serialize::Data};
use zeroize::Zeroizing;

use super::{Known, SearchIndex, pairs::Pairs};
use crate::{
    files::private::{self, PrivateError},
    store::{Cache, CacheError, StorageKey},
};

/// The file's name in the data directory.
pub(crate) const SEARCH_FILE: &str = "search";
/// The last byte is raised with each change of what stands here.
const MAGIC: &[u8; 16] = b"callsign search\x02";
/// Of the key, in `derive`.
const LABEL: &str = "search image";
/// The document that says which image is this cache's: its serial is the generation, its envelope the image's id.
const DOCUMENT: &str = "search";
/// Magic, generation and id.
const HEAD_LEN: usize = 16 + 4 + 16;
/// Bytes that are sealed in one piece.
const CHUNK_LEN: usize = 64 << 10;
const TAG_LEN: usize = 16;
const NONCE_LEN: usize = 24;
/// Bytes of a caller's row: its number, the caller, and how many bytes its pairs of words have, which follow all rows.
const ROW_LEN: usize = 8 + 16 + 4;
const ID_LEN: usize = 16;

/// What an image stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImagePlace {
    /// The last entry of the log whose cases are in it as they were then.
    pub(crate) sequence: u64,
    /// Cases that are in it as no entry up to there has left them: they must be put in anew.
    pub(crate) doubtful: Vec<CallerId>,
}

/// Where an image lies, and what it is sealed under.
#[derive(Debug)]
pub(crate) struct ImageFile {
    path: PathBuf,
    storage: StorageKey,
}

/// A copy of an index, which is sealed while the index itself goes on.
pub(crate) struct Image {
    /// The place and the callers.
    head: Zeroizing<Vec<u8>>,
    database: Box<dyn Deref<Target = [u8]>>,
}

/// What seals and opens the pieces of one file, each in its place and the last as the last.
struct Chunks {
    cipher: XChaCha20Poly1305,
    /// What is sealed with each: the head of the file, and which program wrote it, for another one may cut words otherwise.
    about: Vec<u8>,
    next: u64,
}

struct Sealing<'a> {
    chunks: Chunks,
    buffer: Zeroizing<Vec<u8>>,
    file: &'a mut File,
}

struct Opening {
    chunks: Chunks,
    buffer: Zeroizing<Vec<u8>>,
    /// Bytes of the buffer that were read.
    read: usize,
    /// Bytes of the file that are still sealed.
    sealed: u64,
    file: File,
}

impl SearchIndex {
    /// A copy of all of it; some hundred milliseconds for 100,000 cases, in which a search waits.
    ///
    /// # Errors
    /// No memory is left.
    pub(crate) fn image(&self, place: &ImagePlace) -> Result<Image, rusqlite::Error> {
        let database: Box<dyn Deref<Target = [u8]>> = match self.connection.serialize("main")? {
            Data::Owned(owned) => Box::new(Data::<'static>::Owned(owned)),
            // The database's own memory, where it came out of an image.
            shared @ Data::Shared(_) => Box::new(shared.to_vec()),
        };
        let callers = self.callers.len();
        let pairs: usize = self.callers.values().map(|known| known.pairs.as_bytes().len()).sum();
        let len = 32 + ID_LEN * place.doubtful.len() + ROW_LEN * callers + pairs;
        let mut head = Zeroizing::new(Vec::with_capacity(len));
        for number in [place.sequence, place.doubtful.len() as u64, callers as u64, database.len() as u64] {
            head.extend_from_slice(&number.to_be_bytes());
        }
        for caller in &place.doubtful {
            head.extend_from_slice(&caller.0);
        }
        for (row, known) in &self.callers {
            head.extend_from_slice(&row.to_be_bytes());
            head.extend_from_slice(&known.caller.0);
            // Of a text of a megabyte at most.
            head.extend_from_slice(
                &u32::try_from(known.pairs.as_bytes().len()).unwrap_or(u32::MAX).to_be_bytes(),
            );
        }
        self.callers.values().for_each(|known| head.extend_from_slice(known.pairs.as_bytes()));
        Ok(Image { head, database })
    }
}

#[cfg(test)]
impl Image {
    /// Whether a word is in any page, those that are free among them.
    pub(crate) fn holds(&self, word: &str) -> bool {
        self.database.windows(word.len()).any(|part| part == word.as_bytes())
    }
}

impl ImageFile {
    /// That of a data directory, under a generation's storage key.
    pub(crate) fn new(dir: &Path, storage: StorageKey) -> Self {
        Self { path: dir.join(SEARCH_FILE), storage }
    }

    /// The generation with which the image dies.
    pub(crate) fn generation(&self) -> u32 {
        self.storage.generation
    }

    /// Seals an image and puts it in the place of the one before; no two images have one id.
    pub(crate) fn write(&self, id: &Bytes<ID_LEN>, image: &Image) -> Result<(), PrivateError> {
        let head = self.head(id);
        private::replace_with(&self.path, |file| {
            file.write_all(&head)?;
            let buffer = Zeroizing::new(Vec::with_capacity(CHUNK_LEN + TAG_LEN));
            let mut sealing = Sealing { chunks: self.chunks(&head), buffer, file };
            sealing.write(&image.head)?;
            sealing.write(&image.database)?;
            sealing.seal(true)
        })
    }

    /// Opens the image of this id; none where there is none, or none that this program can use.
    pub(crate) fn read(&self, id: &Bytes<ID_LEN>) -> Option<(SearchIndex, ImagePlace)> {
        // A pipe would be waited for.
        fs::metadata(&self.path).ok().filter(fs::Metadata::is_file)?;
        let mut file = File::open(&self.path).ok()?;
        let sealed = file.metadata().ok()?.len().checked_sub(HEAD_LEN as u64)?;
        let mut head = [0; HEAD_LEN];
        file.read_exact(&mut head).ok()?;
        if head != self.head(id) {
            return None;
        }
        let buffer = Zeroizing::new(Vec::with_capacity(CHUNK_LEN + TAG_LEN));
        let mut opening = Opening { chunks: self.chunks(&head), buffer, read: 0, sealed, file };
        let mut numbers = [[0; 8]; 4];
        opening.read_exact(numbers.as_flattened_mut()).ok()?;
        let [sequence, doubtful, callers, database] = numbers.map(u64::from_be_bytes);
        let place = ImagePlace { sequence, doubtful: opening.records(doubtful)?.map(Bytes).collect() };
        let callers = opening.callers(callers)?;
        let rows: BTreeMap<CallerId, i64> = callers.iter().map(|(row, known)| (known.caller, *row)).collect();
        let database = usize::try_from(database).ok().filter(|_| database <= sealed)?;
        let mut connection = Connection::open_in_memory().ok()?;
        // Not to be read alone: it grows with what is put into it.
        connection.deserialize_read_exact("main", &mut opening, database, false).ok()?;
        let pragmas = "PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON; PRAGMA journal_mode = MEMORY;";
        connection.execute_batch(pragmas).ok()?;
        let count = "SELECT count(*) FROM words_docsize";
        let count: usize = connection.query_row(count, [], |row| row.get(0)).ok()?;
        let is_whole = opening.is_at_end() && (count, count) == (callers.len(), rows.len());
        is_whole.then(|| (SearchIndex::of(connection, callers, rows), place))
    }

    fn head(&self, id: &Bytes<ID_LEN>) -> [u8; HEAD_LEN] {
        let mut head = [0; HEAD_LEN];
        let parts: [&[u8]; 3] = [MAGIC, &self.storage.generation.to_be_bytes(), &id.0];
        for (to, byte) in head.iter_mut().zip(parts.into_iter().flatten()) {
            *to = *byte;
        }
        head
    }

    fn chunks(&self, head: &[u8; HEAD_LEN]) -> Chunks {
        // The id is in the head, so that no key seals two images.
        let key = Secret(derive(&self.storage.key.0, LABEL, head));
        let about = [head, env!("CARGO_PKG_VERSION").as_bytes(), rusqlite::version().as_bytes()].concat();
        Chunks { cipher: XChaCha20Poly1305::new(&key.0.into()), about, next: 0 }
    }
}

impl Chunks {
    /// The nonce of the next piece; the key seals nothing else.
    fn nonce(&mut self, is_last: bool) -> XNonce {
        let mut nonce = [0; NONCE_LEN];
        nonce[0] = u8::from(is_last);
        nonce[NONCE_LEN - 8..].copy_from_slice(&self.next.to_be_bytes());
        self.next += 1;
        XNonce::from(nonce)
    }
}

impl Sealing<'_> {
    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            // A piece that is full may be the last: it waits for what comes.
            if self.buffer.len() == CHUNK_LEN {
                self.seal(false)?;
            }
            let (some, rest) = bytes.split_at(bytes.len().min(CHUNK_LEN - self.buffer.len()));
            self.buffer.extend_from_slice(some);
            bytes = rest;
        }
        Ok(())
    }

    fn seal(&mut self, is_last: bool) -> io::Result<()> {
        let nonce = self.chunks.nonce(is_last);
        let sealed = self.chunks.cipher.encrypt_in_place(&nonce, &self.chunks.about, &mut *self.buffer);
        sealed.map_err(|_| io::ErrorKind::InvalidData)?;
        self.file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}

impl Opening {
    /// So many records of one length.
    fn records<const LEN: usize>(
        &mut self,
        count: u64,
    ) -> Option<impl Iterator<Item = [u8; LEN]> + use<LEN>> {
        let len = count.checked_mul(LEN as u64).filter(|len| self.has(*len))?;
        let mut bytes = vec![0; usize::try_from(len).ok()?];
        self.read_exact(&mut bytes).ok()?;
        Some((0..bytes.len() / LEN).filter_map(move |at| bytes[at * LEN..].first_chunk().copied()))
    }

    /// So many rows with their callers, and the pairs behind them.
    fn callers(&mut self, count: u64) -> Option<BTreeMap<i64, Known>> {
        let rows = self.records::<ROW_LEN>(count)?;
        let known = |row: [u8; ROW_LEN]| {
            let (number, row) = row.split_first_chunk()?;
            let (caller, len) = row.split_first_chunk()?;
            let len = u64::from(u32::from_be_bytes(*len.first_chunk()?));
            let mut pairs = vec![0; usize::try_from(len).ok().filter(|_| self.has(len))?].into_boxed_slice();
            self.read_exact(&mut pairs).ok()?;
            let known = Known { caller: Bytes(*caller), pairs: Pairs::from_bytes(pairs) };
            Some((i64::from_be_bytes(*number), known))
        };
        rows.map(known).collect()
    }

    /// Whether so many bytes may follow: who asks for memory asks for no more than the file has.
    fn has(&self, len: u64) -> bool {
        len <= self.sealed + self.buffer.len() as u64
    }

    fn is_at_end(&self) -> bool {
        self.sealed == 0 && self.read == self.buffer.len()
    }

    fn open(&mut self) -> io::Result<()> {
        let len = self.sealed.min((CHUNK_LEN + TAG_LEN) as u64);
        self.sealed -= len;
        self.buffer.clear();
        self.read = 0;
        (&mut self.file).take(len).read_to_end(&mut self.buffer)?;
        let nonce = self.chunks.nonce(self.sealed == 0);
        let opened = self.chunks.cipher.decrypt_in_place(&nonce, &self.chunks.about, &mut *self.buffer);
        opened.map_err(|_| io::ErrorKind::InvalidData.into())
    }
}

impl Read for Opening {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.read == self.buffer.len() && self.sealed > 0 {
            self.open()?;
        }
        let some = &self.buffer[self.read..];
        let len = some.len().min(into.len());
        into[..len].copy_from_slice(&some[..len]);
        self.read += len;
        Ok(len)
    }
}

impl Cache {
    /// The image that goes with this cache, under a generation's storage key.
    pub(crate) fn image_file(&self, storage: StorageKey) -> ImageFile {
        ImageFile::new(self.dir(), storage)
    }

    /// The id of the image that was written for this cache in a generation.
    pub(crate) fn image_id(&self, generation: u32) -> Result<Option<Bytes<ID_LEN>>, CacheError> {
        let document = self.document(DOCUMENT)?.filter(|(of, _)| *of == u64::from(generation));
        Ok(document.and_then(|(_, id)| id.try_into().ok().map(Bytes)))
    }

    /// Takes note of the image that was just written. A cache that is lost, or put back from a copy, knows no image that was
    /// written since.
    pub(crate) fn put_image_id(&self, generation: u32, id: &Bytes<ID_LEN>) -> Result<(), CacheError> {
        self.write(|connection| {
            let sql =
                "-- put_image\nINSERT OR REPLACE INTO documents (name, serial, envelope) VALUES (?1, ?2, ?3)";
            connection.execute(sql, rusqlite::params![DOCUMENT, generation, id.0])?;
            Ok(())
        })
    }

    /// Removes an image of before a generation, or of nobody; its key is destroyed.
    pub(crate) fn forget_image_before(&self, generation: u32) -> Result<(), CacheError> {
        if self.document(DOCUMENT)?.is_some_and(|(of, _)| of >= u64::from(generation)) {
            return Ok(());
        }
        forget(self.dir())?;
        self.write(|connection| {
            connection.execute("-- forget_image\nDELETE FROM documents WHERE name = ?1", [DOCUMENT])?;
            Ok(())
        })
    }

    /// Lets one process at a time write an image; none where another one does.
    pub(crate) fn image_lock(&self) -> Result<Option<File>, CacheError> {
        Ok(private::try_lock(self.dir(), "search.lock")?)
    }
}

/// Removes the image, where there is one, and what a killed program left of one.
pub(crate) fn forget(dir: &Path) -> Result<(), PrivateError> {
    let path = dir.join(SEARCH_FILE);
    private::forget_half(dir, SEARCH_FILE);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(private::disk(&path)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{holds, tidied},
        *,
    };
    use crate::store::{Indexed, Precision, Term};
    use callsign_protocol::time::UnixSeconds;

    const ID: Bytes<ID_LEN> = Bytes([9; ID_LEN]);

    fn file(dir: &tempfile::TempDir, generation: u32) -> ImageFile {
        ImageFile::new(dir.path(), StorageKey { generation, key: Secret([5; 32]) })
    }

    fn case(caller: u32, text: &str) -> Indexed {
        let mut id = [0; 16];
        id[12..].copy_from_slice(&caller.to_be_bytes());
        let heard = UnixSeconds(600 * u64::from(caller));
        Indexed { caller: Bytes(id), heard, text: Some(text.to_owned()) }
    }

    fn found(index: &SearchIndex, word: &str) -> Vec<u8> {
        let found = index.find(&[Term::Exact(vec![word.to_owned()])], Precision::Typed, 9).unwrap();
        found.iter().map(|caller| caller.0[15]).collect()
    }

    fn written(file: &ImageFile) -> ImagePlace {
        let mut index = SearchIndex::new().unwrap();
        index.put(&[case(1, "моя повістка"), case(2, "зозулинець"), case(3, "повістка не моя")]).unwrap();
        index.put(&[Indexed { text: None, ..case(2, "") }]).unwrap();
        tidied(&mut index);
        let place = ImagePlace { sequence: 7, doubtful: vec![case(3, "").caller] };
        file.write(&ID, &index.image(&place).unwrap()).unwrap();
        place
    }

    #[test]
    fn an_index_goes_on_from_its_image_and_grows() {
        let dir = tempfile::tempdir().unwrap();
        let file = file(&dir, 4);
        let place = written(&file);
        let (mut index, stands) = file.read(&ID).unwrap();
        assert_eq!((found(&index, "повістка"), index.len(), stands), (vec![3, 1], 2, place.clone()));
        assert!(!holds(&index, "озулинец"));
        let exact = Term::Exact(["моя", "повістка"].map(str::to_owned).into());
        assert_eq!(index.find(&[exact], Precision::Typed, 9).unwrap(), [case(1, "").caller]);
        index.put(&[case(1, "інше"), case(9, "повістка")]).unwrap();
        let text = |n: u32| (0..40).map(|at| format!("слово{n}по{at}")).collect::<Vec<_>>().join(" ");
        for n in 10..2_010 {
            index.put(&[case(n, &text(n))]).unwrap();
        }
        index.untidy();
        tidied(&mut index);
        let is_as_put = |index: &SearchIndex| {
            assert_eq!((found(index, "повістка"), found(index, "інше")), (vec![9, 3], vec![1]));
            assert_eq!(found(index, "слово2009по39"), [2_009_u32.to_be_bytes()[3]]);
        };
        is_as_put(&index);
        let pages = index.image(&place).unwrap();
        assert!(pages.database.len() > 10 * CHUNK_LEN, "of many pieces");
        file.write(&ID, &pages).unwrap();
        drop(index);
        is_as_put(&file.read(&ID).unwrap().0);
    }

    #[test]
    fn what_is_no_image_of_this_id_and_generation_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let other_key = ImageFile::new(dir.path(), StorageKey { generation: 4, key: Secret([6; 32]) });
        let (file, later) = (file(&dir, 4), file(&dir, 5));
        assert!(file.read(&ID).is_none());
        written(&file);
        assert!(other_key.read(&ID).is_none() && later.read(&ID).is_none());
        assert!(file.read(&Bytes([8; ID_LEN])).is_none());
        let whole = fs::read(&file.path).unwrap();
        for at in (0..whole.len()).step_by(whole.len() / 97).chain([whole.len() - 1]) {
            let mut other = whole.clone();
            other[at] ^= 1;
            fs::write(&file.path, &other).unwrap();
            assert!(file.read(&ID).is_none(), "{at}");
            fs::write(&file.path, &whole[..at]).unwrap();
            assert!(file.read(&ID).is_none(), "{at}");
        }
        // Without its end, with another end, with more than its end.
        let chunk = CHUNK_LEN + TAG_LEN;
        assert!(whole.len() < HEAD_LEN + chunk, "of one piece");
        for other in [[&whole[..], &[0]].concat(), [&whole[..], &whole[HEAD_LEN..]].concat()] {
            fs::write(&file.path, &other).unwrap();
            assert!(file.read(&ID).is_none());
        }
        fs::write(&file.path, &whole).unwrap();
        assert!(file.read(&ID).is_some());
        forget(dir.path()).unwrap();
        assert!(file.read(&ID).is_none());
        forget(dir.path()).unwrap();
    }

    #[test]
    fn pieces_are_read_in_their_order_and_none_is_missing() {
        let dir = tempfile::tempdir().unwrap();
        let file = file(&dir, 1);
        let place = ImagePlace { sequence: 7, doubtful: vec![Bytes([3; 16]); 3 * CHUNK_LEN / ID_LEN] };
        let index = SearchIndex::new().unwrap();
        file.write(&ID, &index.image(&place).unwrap()).unwrap();
        assert_eq!(file.read(&ID).unwrap().1, place);
        let whole = fs::read(&file.path).unwrap();
        let (head, sealed) = whole.split_at(HEAD_LEN);
        let mut pieces: Vec<&[u8]> = sealed.chunks(CHUNK_LEN + TAG_LEN).collect();
        fs::write(&file.path, [head, &pieces[..2].concat()].concat()).unwrap();
        assert!(file.read(&ID).is_none());
        pieces.swap(1, 2);
        fs::write(&file.path, [head, &pieces.concat()].concat()).unwrap();
        assert!(file.read(&ID).is_none());
    }
}
