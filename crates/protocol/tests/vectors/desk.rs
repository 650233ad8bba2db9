//! Keyring, log, commits and sessions: the vectors of what devices and hub say to each other.

use std::collections::HashMap;

use callsign_protocol::{
    commit::{Commit, Head},
    device_request::Purpose,
    encoding::{Bytes, Secret},
    enrol::EnrolRequest,
    entry::Entry,
    follow::Follow,
    invitation::{CodeError, Invitation, InviteCode, Opening, commitment},
    keyring::{Device, Keyring},
    session::SessionRequest,
    signed::{Certificate, Envelope},
    snapshot::{CHUNK_LEN, Chunk, ChunkList, ChunkSeal, Padding, SnapshotError, SnapshotReader, Whole},
    time::{Day, UnixSeconds},
    xwing_public,
};

use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use crate::read::{b64, cases, expect, file, fingerprint, hex, list, number, text};

#[test]
fn keyrings() {
    let variants = [
        ("version", "Signed(Version"),
        ("kind", "Signed(Kind"),
        ("json", "Json("),
        ("rule", "Rule"),
        ("put", "Put"),
        ("truncated", "Signed(Layout(Truncated"),
        ("trailing", "Signed(Layout(TrailingBytes"),
        ("certificate signature", "Signed(CertificateSignature"),
        ("body signature", "Signed(BodySignature"),
        ("wrapped keys", "Json("),
        ("wrapped", "Wrapped"),
    ];
    let file = file("keyring.json");
    let desk = fingerprint(&file["fingerprint"]);
    let secrets: HashMap<Bytes<16>, Secret<32>> = list(&file["devices"])
        .iter()
        .map(|device| (Bytes(hex(&device["id"])), Secret(hex(&device["seed"]))))
        .collect();
    for (case, bytes) in cases(&file) {
        let unwrapped =
            Keyring::verify(&bytes, &desk, UnixSeconds(number(&file["now"]))).and_then(|verified| {
                let keyring = verified.keyring;
                let unwrap = |device: &Device| keyring.unwrap_keys(&device.id, &secrets[&device.id], &desk);
                let keys = keyring.devices.iter().map(unwrap).collect::<Result<Vec<_>, _>>()?;
                Ok((keyring, keys))
            });
        let Some((keyring, keys)) = expect(&case, unwrapped, &variants) else { continue };
        assert_eq!(Envelope::decode(&bytes).unwrap().encode(), bytes);
        assert_eq!(keyring.serial, number::<u64>(&case["serial"]));
        assert_eq!(keyring.generation, number::<u32>(&case["generation"]));
        for (device, keys) in keyring.devices.iter().zip(&keys) {
            assert_eq!(device.wrapping_key, xwing_public(&secrets[&device.id]));
            assert_eq!(serde_json::to_value(keys).unwrap(), file["keys"]);
            assert!(Certificate::decode(&keys.certificate.0).unwrap().encode() == keys.certificate.0);
        }
    }
}

#[test]
fn entries() {
    let variants = [
        ("truncated", "Layout(Truncated"),
        ("trailing", "Layout(TrailingBytes"),
        ("version", "Version"),
        ("signature", "Signature("),
        ("sealed", "Sealed"),
        ("padding", "Layout(NotZero"),
        ("length", "Layout(Truncated"),
        ("json", "Json"),
    ];
    let file = file("entry.json");
    let desk = fingerprint(&file["fingerprint"]);
    let (signing_key, log_key) = (Bytes(hex(&file["signing_key"])), Secret(hex(&file["log_key"])));
    for (case, bytes) in cases(&file) {
        let read = Entry::from_bytes(&bytes).and_then(|entry| {
            entry.verify(&desk, &signing_key)?;
            let bundle = entry.open(&desk, &log_key)?;
            Ok((entry, bundle))
        });
        let Some((entry, bundle)) = expect(&case, read, &variants) else { continue };
        let header = entry.header();
        assert_eq!(header.generation, number::<u32>(&case["generation"]));
        assert_eq!((header.device, header.prev), (Bytes(hex(&case["device"])), Bytes(hex(&case["prev"]))));
        assert_eq!(entry.rest_hash(), hex::<32>(&case["rest_hash"]));
        assert_eq!(entry.hash(), Bytes(hex(&case["hash"])));
        assert_eq!(entry.as_bytes().as_slice(), bytes);
        assert_eq!(header.day, Day(number(&case["day"])));
        assert_eq!((bundle.at.0, bundle.fold), (number(&case["at"]), number(&case["fold"])));
        assert_eq!(Some(bundle.identity), case["identity"].as_bool());
        let events: Vec<Value> =
            bundle.events.iter().map(|event| serde_json::from_str(event.get()).unwrap()).collect();
        assert_eq!(&events, list(&case["events"]));
    }
}

#[test]
fn commits() {
    let variants = [
        ("truncated", "Layout(Truncated"),
        ("trailing", "Layout(TrailingBytes"),
        ("too many drops", "TooManyDrops"),
        ("too many signatures", "TooManySignatures"),
        ("too many heads", "TooManyHeads"),
        ("minute", "Layout(OutOfRange"),
        ("rest hash", "RestHash"),
        ("version", "Entry(Version"),
        ("snapshot", "Snapshot"),
    ];
    for (case, bytes) in cases(&file("commit.json")) {
        let Some(commit) = expect(&case, Commit::decode(&bytes), &variants) else { continue };
        assert_eq!(commit.encode(), bytes);
        assert_eq!(commit.entry.hash(), Bytes(hex(&case["id"])));
        assert_eq!(commit.rest.inbox_done, number::<u64>(&case["inbox_done"]));
        assert_eq!(commit.day(), Day(number(&case["day"])));
        let shards: Vec<u32> = commit.rest.drops.iter().map(|(shard, _)| *shard).collect();
        assert_eq!(shards, list(&case["shards"]).iter().map(number).collect::<Vec<u32>>());
        let signed: Vec<_> = commit.rest.signed.iter().map(|list| (list.day.0, list.shard)).collect();
        let expected = list(&case["signed"]).iter().map(|pair| (number(&pair[0]), number(&pair[1])));
        assert_eq!(signed, expected.collect::<Vec<_>>());
        let whole = commit.rest.whole.map(|whole| {
            json!([HEXLOWER.encode(&whole.attempt.0), whole.count, HEXLOWER.encode(&whole.hash.0)])
        });
        assert_eq!(json!(whole), case["whole"]);
        let head = Head { sequence: 1, hash: commit.entry.hash() };
        assert_eq!(head.encode(), hex(&case["answer_when_first"]));
        assert_eq!(Head::decode(&head.encode()), Ok(head));
    }
}

#[test]
fn snapshots() {
    let variants = [
        ("size", "Size"),
        ("sealed", "Sealed"),
        ("chunks", "Chunks"),
        ("state", "State"),
        ("truncated", "Truncated"),
        ("deflated", "Deflated"),
        ("not zero", "Layout(NotZero"),
    ];
    let file = file("snapshot.json");
    let (desk, log_key) = (fingerprint(&file["fingerprint"]), Secret(hex(&file["log_key"])));
    for (case, bytes) in cases(&file) {
        let attempt = Bytes(hex(&case["attempt"]));
        let generation = case["generation"].as_u64().map_or(7, |_| number(&case["generation"]));
        let seal = ChunkSeal::new(&desk, &log_key, generation, attempt);
        let chunks = ChunkList { attempt, count: number(&case["count"]), hash: Bytes(hex(&case["hash"])) };
        let whole = Whole { chunks, state: Bytes(hex(&case["state"])) };
        let order: Vec<usize> = list(&case["order"]).iter().map(number).collect();
        let read = || {
            let mut reader = SnapshotReader::new(&seal, Padding::Filler, whole)?;
            let mut lengths = Vec::new();
            for index in 0..number(&case["given"]) {
                let filler = vec![u8::try_from(index % 256).unwrap(); CHUNK_LEN];
                let chunk = order.get(index).map_or(&filler[..], |at| &bytes[at * CHUNK_LEN..][..CHUNK_LEN]);
                let records = reader.chunk(&Chunk::from_bytes(chunk)?)?;
                lengths.extend(records.iter().map(|record| record.len()));
            }
            reader.finish()?;
            Ok::<_, SnapshotError>(lengths)
        };
        let Some(lengths) = expect(&case, read(), &variants) else { continue };
        assert_eq!(json!(lengths), case["lengths"]);
    }
}

#[test]
fn devices() {
    let variants = [
        ("truncated", "Layout(Truncated"),
        ("trailing", "Layout(TrailingBytes"),
        ("version", "Version"),
        ("too many", "TooMany"),
        ("entry version", "Entry(Version"),
    ];
    for (case, bytes) in cases(&file("follow.json")) {
        let Some(follow) = expect(&case, Follow::decode(&bytes), &variants) else { continue };
        assert_eq!(follow.encode(), bytes);
        assert_eq!((follow.inbox_done, follow.head), (number(&case["inbox_done"]), number(&case["head"])));
        assert_eq!(follow.inbox_last, number::<u64>(&case["inbox_last"]));
        assert_eq!(follow.keyring, number::<u64>(&case["keyring"]));
        let cells: Vec<u64> = follow.cells.iter().map(|(position, _)| *position).collect();
        let entries: Vec<u64> = follow.entries.iter().map(|(sequence, _)| *sequence).collect();
        assert_eq!(cells, list(&case["cells"]).iter().map(number).collect::<Vec<u64>>());
        assert_eq!(entries, list(&case["entries"]).iter().map(number).collect::<Vec<u64>>());
    }
    let session = file("session.json");
    let key = Bytes(hex(&session["signing_key"]));
    for (case, bytes) in cases(&session) {
        let variants =
            [("truncated", "\"Truncated"), ("trailing", "\"TrailingBytes"), ("signature", "\"BadSignature")];
        let read = SessionRequest::decode(&bytes).map_err(|error| format!("{error:?}")).and_then(|request| {
            let verified = request.verify(&fingerprint(&session["fingerprint"]), &key);
            verified.map(|()| request).map_err(|error| format!("{error:?}"))
        });
        let Some(request) = expect(&case, read, &variants) else { continue };
        assert_eq!(request.encode().as_slice(), bytes);
        assert_eq!(
            (request.device, request.challenge),
            (Bytes(hex(&case["device"])), Bytes(hex(&case["challenge"])))
        );
    }
    invitations();
    let enrol = file("enrol.json");
    for (case, bytes) in cases(&enrol) {
        let variants =
            [("truncated", "Layout(Truncated"), ("trailing", "Layout(TrailingBytes"), ("version", "Version")];
        let Some(request) = expect(&case, EnrolRequest::decode(&bytes), &variants) else { continue };
        assert_eq!(request.encode().as_slice(), bytes);
        assert_eq!(request.proves(text(&case["code"])), text(&case["outcome"]) == "ok", "{}", case["name"]);
    }
}

fn invitations() {
    let file = file("invitation.json");
    let (desk, nonce) = (fingerprint(&file["fingerprint"]), Bytes(hex(&file["nonce"])));
    let code = InviteCode::parse(text(&file["code"])).unwrap();
    let slot = Bytes(hex(&file["slot"]));
    assert_eq!(code.slot(&desk), slot);
    for case in list(&file["codes"]) {
        let outcome = match InviteCode::parse(text(&case["typed"])) {
            Ok(read) => {
                assert_eq!(read, code);
                "ok"
            }
            Err(CodeError::Length(_)) => "length",
            Err(CodeError::Symbol(_)) => "symbol",
        };
        assert_eq!(outcome, text(&case["outcome"]), "{case}");
    }
    let variants = [
        ("truncated", "Layout(Truncated"),
        ("trailing", "Layout(TrailingBytes"),
        ("range", "Layout(OutOfRange"),
        ("version", "Version"),
    ];
    for (case, bytes) in cases(&file) {
        let Some(opening) = expect(&case, Opening::decode(&bytes), &variants) else { continue };
        assert_eq!(opening.encode().as_slice(), bytes);
        let is_signed = opening.request.verify(&desk).is_ok();
        assert_eq!(is_signed, text(&case["outcome"]) == "ok", "{}", case["name"]);
        if is_signed {
            assert_eq!(opening.request.purpose == Purpose::Practice, case["practice"].as_bool().unwrap());
            assert_eq!(opening.request.signing_key, Bytes(hex(&case["signing_key"])));
            assert_eq!(opening.request.check_words(), text(&case["request_words"]));
            assert_eq!(commitment(&desk, &slot, &opening.encode()), Bytes(hex(&case["commitment"])));
            assert_eq!(opening.check_words(&desk, &slot, &nonce), text(&case["check_words"]));
        }
    }
    for case in list(&file["stages"]) {
        let bytes = b64(&case["bytes_b64"]);
        let mut named = case.clone();
        named["name"] = json!(bytes.len().to_string());
        let Some(invitation) = expect(&named, Invitation::decode(&bytes), &variants) else { continue };
        assert_eq!(invitation.encode(), bytes);
        assert_eq!(u64::from(bytes[1]), case["stage"].as_u64().unwrap());
    }
}
