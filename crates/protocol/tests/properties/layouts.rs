//! Layouts that are signed or plain: each reads back, has no second encoding, and shows what was changed where it is signed.

use callsign_protocol::{
    cell::Cell,
    commit::{Commit, Head, Rest},
    digest::{SignedHead, SignedList},
    drop::Drop,
    encoding::Bytes,
    enrol::EnrolRequest,
    entry::{Bundle, ENTRY_LEN, Entry, EntryHeader, Writer},
    follow::Follow,
    identity::{Fingerprint, PrivateKey},
    keyring::device_id,
    session::SessionRequest,
    signed::{Certificate, Envelope, Kind, Signer},
    snapshot::{CHUNKS_MAX, ChunkList},
    time::{Day, UnixSeconds},
};
use chacha20::ChaCha20Rng;
use proptest::prelude::*;
use rand_core::SeedableRng as _;

use super::{DESK, bytes, changed, filled, secret, signer};

fn envelope() -> impl Strategy<Value = (Vec<u8>, Fingerprint, Day)> {
    let body = prop::collection::vec(any::<u8>(), 0..300);
    (signer(), signer(), any::<[u32; 2]>(), 0..=35u32, body).prop_map(
        |(identity, duty, [number, first], days, body)| {
            let certificate = Certificate::issue_for(
                days,
                &identity,
                Signer { number, duty_key: duty.public() },
                Day(first),
            );
            let envelope = Envelope::sign(Kind::Notice, identity.public(), certificate, &duty, body);
            (envelope.encode(), Fingerprint::of(&identity.public()), Day(first))
        },
    )
}

fn rest() -> impl Strategy<Value = Rest> {
    let drops = prop::collection::vec((any::<u32>(), any::<u64>()), 0..5);
    let signed = prop::collection::vec((any::<u32>(), any::<u32>(), 0..1_440_u16, any::<u64>()), 0..5);
    let heads = prop::collection::vec((any::<u32>(), 0..1_440_u16, any::<u64>()), 0..5);
    let whole = prop::option::of((any::<[u8; 16]>(), 1..=CHUNKS_MAX, any::<u64>()));
    (any::<u64>(), any::<u64>(), drops, signed, heads, whole).prop_map(
        |(inbox_done, log_done, drops, signed, heads, whole)| Rest {
            inbox_done,
            log_done,
            drops: drops.into_iter().map(|(shard, seed)| (shard, Drop(filled(seed)))).collect(),
            signed: signed
                .into_iter()
                .map(|(day, shard, minute, seed)| SignedList {
                    day: Day(day),
                    shard,
                    minute: minute.try_into().unwrap(),
                    signature: Bytes(filled(seed)),
                })
                .collect(),
            heads: heads
                .into_iter()
                .map(|(shard, minute, seed)| SignedHead {
                    shard,
                    minute: minute.try_into().unwrap(),
                    signature: Bytes(filled(seed)),
                })
                .collect(),
            whole: whole.map(|(attempt, count, seed)| ChunkList {
                attempt: Bytes(attempt),
                count,
                hash: Bytes(filled(seed)),
            }),
        },
    )
}

fn commit() -> impl Strategy<Value = (Commit, PrivateKey)> {
    (signer(), secret(), any::<u32>(), bytes(), rest(), any::<u64>()).prop_map(
        |(key, log_key, generation, prev, rest, tick)| {
            let (device, day) = (device_id(&key.public()), Day(generation));
            let header = EntryHeader { generation, device, prev, day };
            let bundle = Bundle::of(UnixSeconds(tick >> 11), generation, &[tick >> 11]).unwrap();
            let writer = Writer { fingerprint: &DESK, log_key: &log_key, signing_key: &key };
            let mut rng = ChaCha20Rng::seed_from_u64(tick);
            let entry = Entry::write(&header, &rest.hash(), &bundle, &writer, &mut rng).unwrap();
            assert_eq!(entry.header(), header);
            assert_eq!(entry.open(&DESK, &log_key).unwrap(), bundle);
            (Commit { entry, rest }, key)
        },
    )
}

fn follow() -> impl Strategy<Value = Follow> {
    let cells = prop::collection::vec((any::<u64>(), any::<u64>()), 0..3);
    let entries = prop::collection::vec((any::<u64>(), any::<u64>()), 0..3);
    (any::<u64>(), any::<u64>(), any::<u64>(), any::<u64>(), cells, entries).prop_map(
        |(inbox_done, inbox_last, head, keyring, cells, entries)| {
            let entry = |seed| {
                let mut bytes = filled::<ENTRY_LEN>(seed);
                bytes[0] = 1;
                Entry::from_bytes(&bytes).unwrap()
            };
            Follow {
                inbox_done,
                inbox_last,
                head,
                keyring,
                cells: cells.into_iter().map(|(at, seed)| (at, Cell(Box::new(filled(seed))))).collect(),
                entries: entries.into_iter().map(|(at, seed)| (at, entry(seed))).collect(),
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn an_envelope_reads_back_and_nothing_near_it_is_accepted(
        (valid, pin, day) in envelope(), at: prop::sample::Index, with in 1..=u8::MAX,
    ) {
        let accepts = |bytes: &[u8]| {
            Envelope::decode(bytes).and_then(|read| read.verify(Kind::Notice, Some(&pin), day.start())).is_ok()
        };
        prop_assert!(accepts(&valid));
        prop_assert_eq!(Envelope::decode(&valid).unwrap().encode(), valid.clone());
        let certificate = Envelope::decode(&valid).unwrap().certificate().encode();
        prop_assert_eq!(Certificate::decode(&certificate).unwrap().encode(), certificate);
        prop_assert!(Certificate::decode(&certificate[..at.index(certificate.len())]).is_err());
        prop_assert!(!accepts(&changed(&valid, at, with)));
        prop_assert!(!accepts(&valid[..at.index(valid.len())]));
        prop_assert!(!accepts(&[valid.as_slice(), &[with]].concat()));
    }

    #[test]
    fn a_commit_reads_back_and_nothing_near_it_is_accepted(
        (commit, key) in commit(), at: prop::sample::Index, with in 1..=u8::MAX,
    ) {
        let accepts = |bytes: &[u8]| {
            Commit::decode(bytes).is_ok_and(|read| read.entry.verify(&DESK, &key.public()).is_ok())
        };
        let valid = commit.encode();
        prop_assert!(accepts(&valid));
        prop_assert_eq!(Commit::decode(&valid), Ok(commit.clone()));
        prop_assert!(!accepts(&changed(&valid, at, with)));
        prop_assert!(!accepts(&valid[..at.index(valid.len())]));
        prop_assert!(!accepts(&[valid.as_slice(), &[with]].concat()));
        let entry = changed(commit.entry.as_bytes(), at, with);
        let entry_accepted = Entry::from_bytes(&entry).is_ok_and(|read| read.verify(&DESK, &key.public()).is_ok());
        prop_assert!(!entry_accepted);
    }

    #[test]
    fn what_a_device_follows_reads_back_and_has_no_second_encoding(
        follow in follow(), at: prop::sample::Index, with in 1..=u8::MAX,
    ) {
        let valid = follow.encode();
        prop_assert_eq!(Follow::decode(&valid), Ok(follow));
        prop_assert!(Follow::decode(&valid[..at.index(valid.len())]).is_err());
        let other = changed(&valid, at, with);
        if let Ok(read) = Follow::decode(&other) {
            prop_assert_eq!(read.encode(), other);
        }
    }

    #[test]
    fn a_session_request_reads_back_and_nothing_near_it_is_accepted(
        key in signer(), challenge in bytes(), at: prop::sample::Index, with in 1..=u8::MAX,
    ) {
        let request = SessionRequest::sign(challenge, &DESK, &key);
        let accepts = |bytes: &[u8]| SessionRequest::decode(bytes).is_ok_and(|read| {
            // A hub looks the key up by the id, and takes only challenges of its own.
            read.device == device_id(&key.public())
                && read.challenge == challenge
                && read.verify(&DESK, &key.public()).is_ok()
        });
        let valid = request.encode();
        prop_assert_eq!(SessionRequest::decode(&valid), Ok(request));
        prop_assert!(accepts(&valid));
        prop_assert!(!accepts(&changed(&valid, at, with)));
        prop_assert!(!accepts(&valid[..at.index(valid.len())]));
    }

    #[test]
    fn an_enrolment_reads_back_and_nothing_near_it_is_accepted(
        identity in bytes(), code in "[A-Z2-7]{16}", at: prop::sample::Index, with in 1..=u8::MAX,
    ) {
        let request = EnrolRequest::new(identity, &code);
        let valid = request.encode();
        prop_assert_eq!(EnrolRequest::decode(&valid), Ok(request));
        let accepts = |bytes: &[u8]| EnrolRequest::decode(bytes).is_ok_and(|read| read.proves(&code));
        prop_assert!(accepts(&valid));
        prop_assert!(!accepts(&changed(&valid, at, with)));
        prop_assert!(!accepts(&valid[..at.index(valid.len())]));
    }

    #[test]
    fn a_head_reads_back(sequence: u64, hash in bytes(), at: prop::sample::Index) {
        let head = Head { sequence, hash };
        prop_assert_eq!(Head::decode(&head.encode()), Ok(head));
        prop_assert!(Head::decode(&head.encode()[..at.index(40)]).is_err());
    }
}
