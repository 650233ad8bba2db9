//! Snapshots: any stream of records, sealed into the first chunk as its writer would.

use callsign_protocol::{
    derive::derive,
    encoding::{Bytes, Secret},
    snapshot::{CHUNKS_MIN, Chunk, ChunkList, ChunkSeal, Padding, RECORD_MAX, SnapshotReader, Whole},
};
use flate2::{Compress, Compression, FlushCompress};

use crate::{Target, desk::DESK, seal};

/// Bytes of the stream in a chunk.
const PLAINTEXT: usize = 65_496;
const ATTEMPT: Bytes<16> = Bytes([1; 16]);

pub const TARGETS: &[Target] =
    &[Target { name: "snapshot", run: stream, seeds: streams, max_len: PLAINTEXT, replays: 1_000 }];

fn stream(start: &[u8]) {
    let Some(records) = read(start) else { return };
    assert!(records.iter().all(|record| (1..=RECORD_MAX).contains(&record.len())));
    let again = write(&records);
    // What was deflated better than here may not fit one chunk again.
    if again.len() <= PLAINTEXT {
        assert_eq!(read(&again), Some(records));
    }
}

/// The records that are whole with the first chunk.
fn read(start: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut plaintext = start.to_vec();
    plaintext.resize(PLAINTEXT, 0);
    let key = Secret(derive(&DESK.keys.log_key.0, "snapshot", &ATTEMPT.0));
    let bound = [&DESK.fingerprint.0[..], &1_u32.to_be_bytes(), &ATTEMPT.0, &[0; 4]].concat();
    let aad = [b"callsign/v1 snapshot", &bound[..]].concat();
    let ct = seal::xchacha(&key, [0; 24], &aad, &plaintext);
    let chunk = Chunk::from_bytes(&[&[0; 24], &ct[..]].concat()).expect("the size of a chunk");
    let chunks = ChunkList { attempt: ATTEMPT, count: CHUNKS_MIN, hash: Bytes([0; 32]) };
    let seal = ChunkSeal::new(&DESK.fingerprint, &DESK.keys.log_key, 1, ATTEMPT);
    let mut reader = SnapshotReader::new(&seal, Padding::Filler, Whole { chunks, state: Bytes([0; 32]) })
        .expect("the fewest chunks");
    let records = reader.chunk(&chunk).ok()?.iter().map(|record| record.to_vec()).collect();
    assert!(reader.finish().is_err(), "one chunk is no snapshot");
    Some(records)
}

/// Without an end mark: what is behind is zeros.
fn write(records: &[Vec<u8>]) -> Vec<u8> {
    let record = |record: &Vec<u8>| {
        let mut deflated = Vec::with_capacity(record.len() + 4_096);
        let mut compress = Compress::new(Compression::default(), false);
        compress.compress_vec(record, &mut deflated, FlushCompress::Finish).expect("memory to deflate into");
        let number = |number: usize| u32::try_from(number).expect("a small number").to_be_bytes();
        [&number(deflated.len())[..], &number(record.len()), &deflated].concat()
    };
    records.iter().flat_map(record).collect()
}

fn streams() -> Vec<Vec<u8>> {
    let (one, two) = (write(&[b"a case".to_vec()]), write(&[vec![b'x'; RECORD_MAX], vec![0]]));
    let longer_than_said = [&write(&[vec![0; 70_000]])[..4], &[0, 0, 0, 6], &one[8..]].concat();
    vec![vec![], one, two, vec![0, 0, 0, 0, 1], vec![0xff; 8], longer_than_said]
}
