use std::convert::Infallible;

use chacha20::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};

use super::*;

const DESK: Fingerprint = Fingerprint([1; 32]);
const ATTEMPT: AttemptId = Bytes([3; 16]);

fn seal() -> ChunkSeal {
    ChunkSeal::new(&DESK, &Secret([2; 32]), 7, ATTEMPT)
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(5)
}

/// A record that does not get smaller.
fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut bytes = vec![0; len];
    ChaCha20Rng::seed_from_u64(seed).fill_bytes(&mut bytes);
    bytes
}

fn write(records: &[Vec<u8>]) -> (Whole, Vec<Chunk>) {
    let (seal, mut chunks) = (seal(), Vec::new());
    let mut writer = SnapshotWriter::new(&seal, Padding::Filler, rng(), |index, chunk| {
        assert_eq!(index as usize, chunks.len());
        chunks.push(chunk);
        Ok::<(), Infallible>(())
    });
    for record in records {
        writer.record(record).unwrap();
    }
    let whole = writer.finish().unwrap();
    (whole, chunks)
}

fn read(seal: &ChunkSeal, whole: Whole, chunks: &[Chunk]) -> Result<Vec<Vec<u8>>, SnapshotError> {
    let mut reader = SnapshotReader::new(seal, Padding::Filler, whole)?;
    let mut records = Vec::new();
    for chunk in chunks {
        records.extend(reader.chunk(chunk)?.iter().map(|record| record.to_vec()));
    }
    reader.finish()?;
    Ok(records)
}

/// The list over other chunks, so that what is behind its check is reached.
fn listed(whole: Whole, chunks: &[Chunk]) -> Whole {
    let hashes: Vec<ChunkHash> = chunks.iter().map(Chunk::hash).collect();
    Whole { chunks: ChunkList::of(whole.chunks.attempt, &hashes), ..whole }
}

/// Two chunks of records, and filler.
fn two_chunks() -> (Vec<Vec<u8>>, Whole, Vec<Chunk>) {
    let records = vec![noise(50_000, 1), b"a case".to_vec(), noise(50_000, 2)];
    let (whole, chunks) = write(&records);
    (records, whole, chunks)
}

#[test]
fn what_is_written_is_read_at_each_size() {
    let (small, largest) = (vec![b"one".to_vec(); 3], vec![vec![7; RECORD_MAX], noise(RECORD_MAX, 3)]);
    // The records end at each place around the end of a chunk, so that the end mark is cut in each way.
    let overhead = 8 + deflated(&noise(65_400, 4)).len() - 65_400;
    let to_the_edge = (0..5).map(|before| vec![noise(PLAINTEXT_LEN - overhead - before, 4)]);
    let many = vec![noise(RECORD_MAX, 6); 9];
    for records in [vec![], small, largest, many].into_iter().chain(to_the_edge) {
        let (whole, chunks) = write(&records);
        let expected = if records.len() == 9 { 256 } else { 128 };
        assert_eq!((chunks.len(), whole.chunks.count), (expected as usize, expected));
        assert_eq!(listed(whole, &chunks), whole);
        assert_eq!(read(&seal(), whole, &chunks), Ok(records));
    }
}

#[test]
fn counts_are_powers_of_two_within_bounds() {
    let counts = [(0, 128), (1, 128), (128, 128), (129, 256), (2_049, 4_096), (4_096, 4_096)];
    for (filled, count) in counts {
        assert_eq!(padded_count(filled), Some(count));
    }
    assert_eq!((padded_count(4_097), padded_count(u32::MAX)), (None, None));
    let (_, whole, chunks) = two_chunks();
    for count in [0, 1, 127, 129, 8_192] {
        let odd = Whole { chunks: ChunkList { count, ..whole.chunks }, ..whole };
        assert_eq!(read(&seal(), odd, &chunks), Err(SnapshotError::Size), "{count}");
    }
}

#[test]
fn chunks_in_another_order_doubled_missing_or_foreign_are_refused() {
    let (_, whole, chunks) = two_chunks();
    let mut swapped = chunks.clone();
    swapped.swap(0, 1);
    assert_eq!(read(&seal(), listed(whole, &swapped), &swapped), Err(SnapshotError::Sealed));
    let mut doubled = chunks.clone();
    doubled[1] = doubled[0].clone();
    assert_eq!(read(&seal(), listed(whole, &doubled), &doubled), Err(SnapshotError::Sealed));
    for kept in [0, 1, 2, 127] {
        assert_eq!(read(&seal(), whole, &chunks[..kept]), Err(SnapshotError::Truncated), "{kept}");
    }
    let longer = [&chunks[..], &chunks[..1]].concat();
    assert_eq!(read(&seal(), whole, &longer), Err(SnapshotError::Chunks));
    let mut filler = chunks.clone();
    filler.swap(100, 101);
    assert_eq!(read(&seal(), whole, &filler), Err(SnapshotError::Chunks));
    let key = Secret([2; 32]);
    for seal in [
        ChunkSeal::new(&DESK, &key, 8, ATTEMPT),
        ChunkSeal::new(&Fingerprint([9; 32]), &key, 7, ATTEMPT),
        ChunkSeal::new(&DESK, &Secret([9; 32]), 7, ATTEMPT),
    ] {
        assert_eq!(read(&seal, whole, &chunks), Err(SnapshotError::Sealed));
    }
    let other = ChunkSeal::new(&DESK, &key, 7, Bytes([4; 16]));
    assert_eq!(read(&other, whole, &chunks), Err(SnapshotError::Chunks));
    let renamed = Whole { chunks: ChunkList { attempt: Bytes([4; 16]), ..whole.chunks }, ..whole };
    assert_eq!(read(&other, renamed, &chunks), Err(SnapshotError::Sealed));
    let state = Whole { state: Bytes([0; 32]), ..whole };
    assert_eq!(read(&seal(), state, &chunks), Err(SnapshotError::State));
}

#[test]
fn a_byte_that_is_changed_anywhere_is_noticed() {
    let (_, whole, chunks) = two_chunks();
    for (chunk, at) in [(0, 0), (0, 23), (0, 24), (1, CHUNK_LEN - 1), (2, 0), (127, 9)] {
        let mut changed = chunks.clone();
        changed[chunk].0[at] ^= 1;
        let expected = if chunk < 2 { SnapshotError::Sealed } else { SnapshotError::Chunks };
        assert_eq!(read(&seal(), whole, &changed), Err(expected), "{chunk} {at}");
    }
    assert_eq!(Chunk::from_bytes(&vec![0; CHUNK_LEN - 1]), Err(LayoutError::Truncated));
    assert_eq!(Chunk::from_bytes(&vec![0; CHUNK_LEN + 1]), Err(LayoutError::TrailingBytes));
    assert_eq!(Chunk::from_bytes(chunks[0].as_bytes()).as_ref(), Ok(&chunks[0]));
}

/// Any stream, sealed as its writer would, with 128 chunks.
fn sealed_stream(stream: &[u8]) -> Result<Vec<Vec<u8>>, SnapshotError> {
    let (seal, mut rng) = (seal(), rng());
    let mut stream = stream.to_vec();
    stream.resize(stream.len().next_multiple_of(PLAINTEXT_LEN), 0);
    let plaintexts = (0..).zip(stream.chunks(PLAINTEXT_LEN));
    let mut chunks: Vec<Chunk> =
        plaintexts.map(|(index, plaintext)| seal.seal(index, plaintext, &mut rng).unwrap()).collect();
    chunks.resize_with(128, || Chunk::random(&mut rng));
    let whole = Whole {
        chunks: ChunkList { attempt: ATTEMPT, count: 0, hash: Bytes([0; 32]) },
        state: Bytes([0; 32]),
    };
    read(&seal, listed(whole, &chunks), &chunks)
}

fn deflated(plain: &[u8]) -> Vec<u8> {
    let mut deflated = Vec::with_capacity(plain.len() + 100);
    let mut compress = flate2::Compress::new(flate2::Compression::default(), false);
    compress.compress_vec(plain, &mut deflated, flate2::FlushCompress::Finish).unwrap();
    deflated
}

fn head(deflated: usize, length: usize) -> Vec<u8> {
    [deflated, length].map(|number| u32::try_from(number).unwrap().to_be_bytes()).concat()
}

#[test]
fn records_that_break_a_rule_are_refused() {
    let record = deflated(b"a case");
    let of = |len: usize, length: usize, body: &[u8]| [&head(len, length)[..], body].concat();
    // Of the right form but for the state's hash, to see that the rest of these is read at all.
    assert_eq!(sealed_stream(&of(record.len(), 6, &record)), Err(SnapshotError::State));
    let bomb = deflated(&vec![0; RECORD_MAX + 1]);
    for stream in [
        of(record.len(), 5, &record),
        of(record.len(), 7, &record),
        of(record.len(), 0, &record),
        of(record.len() - 1, 6, &record),
        of(record.len() + 1, 6, &record),
        of(bomb.len(), RECORD_MAX + 1, &bomb),
        of(bomb.len(), RECORD_MAX, &bomb),
        of(bomb.len(), 6, &bomb),
        of(DEFLATED_MAX + 1, 6, &record),
        of(u32::MAX as usize, u32::MAX as usize, &record),
        of(5, 6, &[0xff; 5]),
    ] {
        assert_eq!(sealed_stream(&stream), Err(SnapshotError::Deflated));
    }
    let behind_the_end = [&of(record.len(), 6, &record)[..], &[0, 0, 0, 0, 1]].concat();
    assert_eq!(sealed_stream(&behind_the_end), Err(SnapshotError::Layout(LayoutError::NotZero)));
    // What is announced does not come before filler does.
    assert_eq!(sealed_stream(&of(70_000, 6, &record)), Err(SnapshotError::Sealed));
}

#[test]
fn what_is_too_large_is_not_written() {
    let seal = seal();
    let mut count = 0_u32;
    let mut writer = SnapshotWriter::new(&seal, Padding::Filler, rng(), |_, _| {
        count += 1;
        Ok::<(), Infallible>(())
    });
    for refused in [vec![], vec![0; RECORD_MAX + 1]] {
        assert_eq!(writer.record(&refused), Err(WriteError::Record));
    }
    let record = noise(RECORD_MAX, 1);
    let refused = (0..256).find_map(|_| writer.record(&record).err());
    assert_eq!(refused, Some(WriteError::TooLarge));
    drop(writer);
    assert_eq!(count, CHUNKS_MAX);
    let mut failing = SnapshotWriter::new(&seal, Padding::Filler, rng(), |_, _| Err("full"));
    assert_eq!(failing.record(&record), Err(WriteError::Sink("full")));
}

#[test]
fn records_are_deflated_each_by_itself() {
    let text: Vec<u8> = noise(2_000, 8).iter().map(|byte| b'a' + byte % 26).collect();
    let len_of = |records: &[Vec<u8>]| {
        let (_, chunks) = write(records);
        let plaintext = seal().open(0, &chunks[0]).unwrap();
        PLAINTEXT_LEN - plaintext.iter().rev().take_while(|byte| **byte == 0).count()
    };
    let one = len_of(std::slice::from_ref(&text));
    // A second one of the same text is as long as the first: nothing of it shows in the length.
    assert_eq!(len_of(&[text.clone(), text.clone()]), 2 * one);
    assert!(one < 2_000, "it is deflated");
}
