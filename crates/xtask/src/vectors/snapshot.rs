//! `snapshot.json`: a generation's state in chunks, as devices read it, and what they refuse.

use std::convert::Infallible;

use callsign_protocol::{
    derive::derive,
    encoding::{Bytes, Secret},
    snapshot::{
        AttemptId, CHUNK_LEN, CHUNKS_MIN, Chunk, ChunkList, ChunkSeal, Padding, SnapshotWriter, Whole,
    },
};
use flate2::{Compress, Compression, FlushCompress};
use rand_core::Rng as _;
use serde_json::{Value, json};

use super::{
    case::{Case, hex},
    fixture::{Desk, rng},
    seal,
};

const GENERATION: u32 = 7;
const ATTEMPT: AttemptId = Bytes([0xa7; 16]);
/// Bytes of the stream in a chunk.
const PLAINTEXT_LEN: usize = 65_496;

/// The whole of `snapshot.json`.
pub fn file() -> Value {
    let desk = Desk::new();
    let one = written(&desk, &[b"{\"case\":1}".to_vec(), "Так, «можна»".into()]);
    let mut noise = vec![0; 66_000];
    rng(71).fill_bytes(&mut noise);
    let two = written(&desk, &[b"{\"case\":1}".to_vec(), noise, vec![b' '; 1_048_576]]);
    let state = two.1;
    let mut cases: Vec<Value> = vec![
        valid("one chunk", "two records, and 127 chunks of filler", &one, &[10, 22]),
        valid("two chunks", "a record is cut by the end of the first chunk", &two, &[10, 66_000, 1_048_576]),
    ];
    let of = |name, outcome, comment| {
        let case = Case::new(name, outcome, comment).of("two chunks").with("order", [0, 1]);
        (case, [0_usize, 1].to_vec(), CHUNKS_MIN)
    };
    let ordered = |name, outcome, comment, order: &[usize], given| {
        (Case::new(name, outcome, comment).of("two chunks").with("order", order), order.to_vec(), given)
    };
    for (case, order, given) in [
        ordered("swapped", "sealed", "the first two chunks in another order", &[1, 0], CHUNKS_MIN),
        ordered("doubled", "sealed", "the first chunk twice", &[0, 0], CHUNKS_MIN),
        ordered("missing", "sealed", "filler where the second chunk belongs", &[0], CHUNKS_MIN),
        ordered("too many", "size", "129 chunks, which is no power of two", &[0, 1], CHUNKS_MIN + 1),
        ordered("larger", "size", "256 chunks of which two are filled: 128 would do", &[0, 1], 256),
        ordered("half", "size", "64 chunks", &[0, 1], 64),
    ] {
        let list = listed(&two.0, &order, given);
        cases.push(says(case, &Whole { chunks: list, state }).with("given", given).into());
    }
    let list = listed(&two.0, &[0, 1], CHUNKS_MIN);
    let whole = Whole { chunks: list, state };
    let other_list = ChunkList { hash: Bytes([1; 32]), ..list };
    let other_attempt = ChunkList { attempt: Bytes([1; 16]), ..list };
    for (case, whole) in [
        (of("other chunks", "chunks", "the log names other chunks").0, Whole { chunks: other_list, ..whole }),
        (
            of("other attempt", "sealed", "sealed in another attempt").0,
            Whole { chunks: other_attempt, ..whole },
        ),
        (
            of("other state", "state", "the log names other records").0,
            Whole { state: Bytes([1; 32]), ..whole },
        ),
        (
            of("other generation", "sealed", "sealed in another one").0.with("generation", GENERATION + 1),
            whole,
        ),
        (of("tampered", "sealed", "one bit of the second chunk").0.xor(2 * CHUNK_LEN - 1, &[1]), whole),
    ] {
        cases.push(says(case, &whole).with("given", CHUNKS_MIN).into());
    }
    let short = of("short", "truncated", "the last chunk of filler is not there").0;
    cases.push(says(short, &whole).with("given", CHUNKS_MIN - 1).into());
    cases.extend(refused_streams(&desk));
    json!({
        "comment": "Section 9.4: snapshots. The reader has `fingerprint` and `log_key`; `count`, `hash` and `state` are what the log says of the `attempt`. \
            Of the bytes each 65,536 are a chunk; `order` says which of them come in which order; then, up to `given` in all, come chunks of filler: at index i \
            65,536 times the byte i mod 256. `lengths` are those of the records.",
        "fingerprint": desk.fingerprint().to_string(),
        "log_key": hex(&desk.log_key.0),
        "cases": cases,
    })
}

/// The chunks that are filled, and the hash of the state.
fn written(desk: &Desk, records: &[Vec<u8>]) -> (Vec<Chunk>, Bytes<32>) {
    let seal = ChunkSeal::new(&desk.fingerprint(), &desk.log_key, GENERATION, ATTEMPT);
    let mut chunks = Vec::new();
    let mut writer = SnapshotWriter::new(&seal, Padding::Filler, rng(70), |_, chunk| {
        chunks.push(chunk);
        Ok::<(), Infallible>(())
    });
    for record in records {
        writer.record(record).expect("a record");
    }
    let whole = writer.finish().expect("a small state");
    chunks.truncate(1 + usize::from(records.len() > 2));
    (chunks, whole.state)
}

fn valid(name: &str, comment: &str, (chunks, state): &(Vec<Chunk>, Bytes<32>), lengths: &[u32]) -> Value {
    let order: Vec<usize> = (0..chunks.len()).collect();
    let list = listed(chunks, &order, CHUNKS_MIN);
    let bytes: Vec<u8> = chunks.iter().flat_map(|chunk| *chunk.as_bytes()).collect();
    says(Case::new(name, "ok", comment).with("order", order), &Whole { chunks: list, state: *state })
        .with("given", CHUNKS_MIN)
        .with("lengths", lengths)
        .bytes(&bytes)
        .into()
}

/// What the log would say of the chunks that are given.
fn listed(chunks: &[Chunk], order: &[usize], given: u32) -> ChunkList {
    let filler =
        |index: u32| Chunk::from_bytes(&vec![index.to_be_bytes()[3]; CHUNK_LEN]).expect("a chunk").hash();
    let filled = order.iter().map(|at| chunks[*at].hash());
    let behind = u32::try_from(order.len()).expect("few chunks");
    let hashes: Vec<_> = filled.chain((behind..given).map(filler)).collect();
    ChunkList::of(ATTEMPT, &hashes)
}

fn says(case: Case, whole: &Whole) -> Case {
    case.with("attempt", hex(&whole.chunks.attempt.0))
        .with("count", whole.chunks.count)
        .with("hash", hex(&whole.chunks.hash.0))
        .with("state", hex(&whole.state.0))
}

/// Streams that no writer makes, sealed in due form.
fn refused_streams(desk: &Desk) -> Vec<Value> {
    let small = deflated(b"a case");
    let bomb = deflated(&vec![0; 1_048_577]);
    let number = |number: usize| u32::try_from(number).expect("a small number").to_be_bytes();
    let record = |length: usize, body: &[u8]| [&number(body.len())[..], &number(length), body].concat();
    let behind = [&record(6, &small)[..], &[0, 0, 0, 0, 1]].concat();
    [
        ("bomb", "deflated", "a record of 1,048,577 bytes", record(1_048_577, &bomb)),
        ("hidden bomb", "deflated", "a record that is longer than it says", record(6, &bomb)),
        ("behind the end", "not zero", "a byte behind the end mark that is not zero", behind),
    ]
    .map(|(name, outcome, comment, stream)| {
        let chunk = sealed(&desk.log_key, desk, &stream);
        let list = listed(std::slice::from_ref(&chunk), &[0], CHUNKS_MIN);
        says(
            Case::new(name, outcome, comment).with("order", [0]),
            &Whole { chunks: list, state: Bytes([0; 32]) },
        )
        .with("given", CHUNKS_MIN)
        .bytes(chunk.as_bytes())
        .into()
    })
    .to_vec()
}

fn sealed(log_key: &Secret<32>, desk: &Desk, stream: &[u8]) -> Chunk {
    let key = Secret(derive(&log_key.0, "snapshot", &ATTEMPT.0));
    let bound = [&desk.fingerprint().0[..], &GENERATION.to_be_bytes(), &ATTEMPT.0, &[0; 4]].concat();
    let aad = [b"callsign/v1 snapshot", &bound[..]].concat();
    let mut plaintext = stream.to_vec();
    plaintext.resize(PLAINTEXT_LEN, 0);
    let nonce = [9; 24];
    let ct = seal::xchacha(&key, nonce, &aad, &plaintext);
    Chunk::from_bytes(&[&nonce[..], &ct].concat()).expect("a chunk")
}

fn deflated(plain: &[u8]) -> Vec<u8> {
    let mut deflated = Vec::with_capacity(plain.len() + 64);
    let mut compress = Compress::new(Compression::default(), false);
    compress.compress_vec(plain, &mut deflated, FlushCompress::Finish).expect("memory to deflate into");
    deflated
}
