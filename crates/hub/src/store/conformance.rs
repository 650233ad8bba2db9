//! What every backend promises; each runs this suite.

use std::ops::RangeInclusive;

use callsign_protocol::{
    VERSION,
    cell::{CELL_LEN, Cell},
    commit::{Commit, Head, Rest},
    drop::{DROP_LEN, Drop},
    encoding::Bytes,
    entry::{ENTRY_LEN, Entry, EntryHash},
    follow::Follow,
    identity::{DeskId, Fingerprint, PublicKey},
    signed::Kind,
    snapshot::{CHUNK_LEN, Chunk, ChunkList},
    time::{Day, Minute},
};

use super::{
    CONTENTS_MAX, ChunkAddress, Committed, DropRange, FollowQuery, Order, Put, PutChunk, PutContent,
    Signatures, Store, StoredDocument, StoredSignature, UNFINISHED_MAX,
};

const TODAY: Day = Day(20_000);
const NOW: RangeInclusive<Day> = Day(19_999)..=Day(20_001);
const NOTHING: Follow =
    Follow { inbox_done: 0, inbox_last: 0, head: 0, keyring: 0, cells: Vec::new(), entries: Vec::new() };
const EVERYTHING: FollowQuery =
    FollowQuery { cells_after: 0, entries_after: 0, cells_max: 256, entries_max: 128 };

/// Runs every case on a store of its own; what comes with the store lives as long as the store does.
pub async fn check<S: Store, G>(fresh: impl Fn() -> (S, G)) {
    desks_are_enrolled_once(&fresh).await;
    documents_go_up_by_one(&fresh).await;
    content_is_kept_by_hash(&fresh).await;
    content_is_bounded_and_forgotten_when_it_is_not_named(&fresh).await;
    chunks_are_kept_as_they_came(&fresh).await;
    a_snapshot_is_frozen_with_exactly_its_chunks(&fresh).await;
    the_two_newest_snapshots_are_kept(&fresh).await;
    attempts_that_are_never_finished_make_room(&fresh).await;
    positions_are_never_reused(&fresh).await;
    a_commit_is_applied_once(&fresh).await;
    a_refused_commit_changes_nothing(&fresh).await;
    days_are_never_posted_backwards(&fresh).await;
    the_inbox_position_only_advances(&fresh).await;
    drops_are_read_by_range(&fresh).await;
    finished_lists_have_their_newest_signature(&fresh).await;
    heads_are_those_of_the_lists_as_they_are(&fresh).await;
    what_is_new_comes_in_order_and_in_portions(&fresh).await;
    whole_days_are_forgotten(&fresh).await;
    what_is_kept_is_counted_by_day(&fresh).await;
    a_probe_changes_nothing(&fresh).await;
    more_than_a_piece_is_forgotten(&fresh).await;
    what_is_sound_is_found_sound(&fresh).await;
    changes_are_seen(&fresh).await;
    unknown_desks_are_errors(&fresh).await;
}

pub fn identity(number: u8) -> PublicKey {
    Bytes([number; 32])
}

pub fn desk_id(number: u8) -> DeskId {
    Fingerprint::of(&identity(number)).desk_id()
}

pub fn cell(number: u8) -> Cell {
    Cell(Box::new([number; CELL_LEN]))
}

fn dropped(number: u8) -> Drop {
    Drop([number; DROP_LEN])
}

fn document(number: u8) -> StoredDocument {
    StoredDocument { envelope: vec![number; 300], day: TODAY, generation: None }
}

/// An entry that follows `prev`, without a valid signature: the store does not look at it.
fn entry(number: u8, prev: EntryHash) -> Entry {
    entry_on(TODAY, number, prev)
}

fn entry_on(day: Day, number: u8, prev: EntryHash) -> Entry {
    let mut bytes = [number; ENTRY_LEN];
    bytes[0] = VERSION;
    bytes[21..53].copy_from_slice(&prev.0);
    bytes[53..57].copy_from_slice(&day.0.to_be_bytes());
    Entry::from_bytes(&bytes).unwrap()
}

fn first_entry() -> Entry {
    entry(1, Head::EMPTY.hash)
}

fn commit(entry: &Entry) -> Commit {
    Commit {
        entry: entry.clone(),
        rest: Rest {
            inbox_done: 0,
            log_done: 0,
            drops: Vec::new(),
            signed: Vec::new(),
            heads: Vec::new(),
            whole: None,
        },
    }
}

fn with_drop(entry: &Entry, number: u8) -> Commit {
    Commit { entry: entry.clone(), rest: Rest { drops: vec![(0, dropped(number))], ..commit(entry).rest } }
}

fn with_done(entry: &Entry, inbox_done: u64) -> Commit {
    Commit { entry: entry.clone(), rest: Rest { inbox_done, ..commit(entry).rest } }
}

fn applied(sequence: u64, entry: &Entry) -> Committed {
    Committed::Applied(Head { sequence, hash: entry.hash() })
}

async fn prepared<S: Store, G>(fresh: &impl Fn() -> (S, G)) -> (S, G) {
    let (store, kept) = fresh();
    store.add_desk(identity(1)).await.unwrap();
    (store, kept)
}

async fn desks_are_enrolled_once<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = fresh();
    assert_eq!(store.desks().await.unwrap(), []);
    store.add_desk(identity(1)).await.unwrap();
    store.append_cell(&desk_id(1), TODAY, cell(1)).await.unwrap();
    store.add_desk(identity(1)).await.unwrap();
    assert_eq!(store.desks().await.unwrap(), [identity(1)]);
    assert_eq!(store.append_cell(&desk_id(1), TODAY, cell(1)).await.unwrap(), 2);
}

async fn documents_go_up_by_one<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    let desk = desk_id(1);
    for kind in [Kind::Keyring, Kind::Notice, Kind::Letters] {
        assert_eq!(store.document(&desk, kind).await.unwrap(), None);
        for (serial, expected) in [
            (0, Put::Conflict),
            (2, Put::Conflict),
            (u64::MAX, Put::Conflict),
            (1, Put::Stored),
            (1, Put::Conflict),
            (3, Put::Conflict),
            (2, Put::Stored),
        ] {
            let put = store.put_document(
                &desk,
                kind,
                Order::Next,
                serial,
                document(u8::try_from(serial % 256).unwrap()),
            );
            assert_eq!(put.await.unwrap(), expected, "{kind:?} {serial}");
        }
        assert_eq!(store.document(&desk, kind).await.unwrap(), Some(document(2)));
    }
    let above = async |serial| {
        let document = document(u8::try_from(serial).unwrap());
        store.put_document(&desk, Kind::Keyring, Order::Above, serial, document).await.unwrap()
    };
    for (serial, expected) in [(2, Put::Conflict), (9, Put::Stored), (9, Put::Conflict), (5, Put::Conflict)] {
        assert_eq!(above(serial).await, expected, "{serial}");
    }
    assert_eq!(store.document(&desk, Kind::Keyring).await.unwrap(), Some(document(9)));
    let next = store.put_document(&desk, Kind::Keyring, Order::Next, 10, document(10)).await.unwrap();
    assert_eq!(next, Put::Stored);
}

async fn content_is_kept_by_hash<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    let desk = desk_id(1);
    assert_eq!(store.content(&desk, [1; 32]).await.unwrap(), None);
    for _ in 0..2 {
        let put = store.put_content(&desk, [1; 32], b"pack".to_vec(), TODAY).await.unwrap();
        assert_eq!(put, PutContent::Stored);
    }
    assert_eq!(store.content(&desk, [1; 32]).await.unwrap().as_deref(), Some(&b"pack"[..]));
    assert_eq!(store.content(&desk_id(2), [1; 32]).await.unwrap(), None);
}

async fn content_is_bounded_and_forgotten_when_it_is_not_named<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    let desk = desk_id(1);
    let put = async |hash: u8, day| store.put_content(&desk, [hash; 32], vec![hash], day).await.unwrap();
    for hash in 1..=u8::try_from(CONTENTS_MAX).unwrap() {
        assert_eq!(put(hash, TODAY).await, PutContent::Stored);
    }
    assert_eq!(put(200, TODAY).await, PutContent::Full);
    assert_eq!(put(1, TODAY).await, PutContent::Stored, "it is there already");
    let later = TODAY.plus(1);
    store.keep_contents(&desk, vec![[2; 32], [99; 32]], later, TODAY).await.unwrap();
    assert_eq!(
        store.content(&desk, [3; 32]).await.unwrap(),
        Some(vec![3]),
        "put on the first day that is kept"
    );
    assert_eq!(put(4, later).await, PutContent::Stored);
    store.keep_contents(&desk, vec![], later, later).await.unwrap();
    for (hash, kept) in [(2, Some(vec![2])), (4, Some(vec![4])), (3, None), (99, None)] {
        assert_eq!(store.content(&desk, [hash; 32]).await.unwrap(), kept, "{hash}");
    }
    assert_eq!(put(200, TODAY).await, PutContent::Stored);
}

/// All bytes of a chunk are its number, and so are those of an attempt's id.
fn chunk(number: u8) -> Chunk {
    Chunk::from_bytes(&vec![number; CHUNK_LEN]).unwrap()
}

/// Of the generation of [`entry`] 1.
fn address(attempt: u8, index: u32) -> ChunkAddress {
    ChunkAddress { generation: u32::from_be_bytes([1; 4]), attempt: Bytes([attempt; 16]), index }
}

fn listed(attempt: u8, chunks: &[u8]) -> ChunkList {
    let hashes: Vec<_> = chunks.iter().map(|number| chunk(*number).hash()).collect();
    ChunkList::of(Bytes([attempt; 16]), &hashes)
}

fn freezing(entry: &Entry, list: ChunkList) -> Commit {
    Commit { entry: entry.clone(), rest: Rest { whole: Some(list), ..commit(entry).rest } }
}

/// An entry of the generation of [`address`] that no other number makes.
fn next_entry(number: u8, prev: EntryHash) -> Entry {
    let mut bytes = *entry(number, prev).as_bytes();
    bytes[1..5].copy_from_slice(&[1; 4]);
    Entry::from_bytes(&bytes).unwrap()
}

async fn chunks_are_kept_as_they_came<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    let desk = desk_id(1);
    assert_eq!(store.chunk(&desk, address(1, 0)).await.unwrap(), None);
    let put = async |address, number| store.put_chunk(&desk, address, chunk(number)).await.unwrap();
    // In any order, with gaps.
    for index in [7, 0, 7] {
        assert_eq!(put(address(1, index), 9).await, PutChunk::Stored);
    }
    assert_eq!(put(address(1, 0), 8).await, PutChunk::Conflict);
    assert_eq!(put(address(2, 0), 8).await, PutChunk::Stored, "another attempt");
    let read = async |address| store.chunk(&desk, address).await.unwrap();
    assert_eq!(read(address(1, 0)).await, Some(chunk(9)));
    assert_eq!(read(address(2, 0)).await, Some(chunk(8)));
    assert_eq!(read(address(1, 1)).await, None);
    assert_eq!(read(ChunkAddress { generation: 2, ..address(1, 0) }).await, None);
    assert_eq!(store.chunk(&desk_id(2), address(1, 0)).await.unwrap(), None);
    store
        .put_document(
            &desk,
            Kind::Keyring,
            Order::Next,
            1,
            StoredDocument { generation: Some(5), ..document(1) },
        )
        .await
        .unwrap();
    assert_eq!(put(address(1, 1), 9).await, PutChunk::GenerationRefused);
    assert_eq!(put(ChunkAddress { generation: 5, ..address(1, 1) }, 9).await, PutChunk::Stored);
}

async fn a_snapshot_is_frozen_with_exactly_its_chunks<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    let desk = desk_id(1);
    let put = async |at, number| store.put_chunk(&desk, at, chunk(number)).await.unwrap();
    for (index, number) in [(0, 1), (1, 2), (2, 3)] {
        put(address(1, index), number).await;
    }
    put(address(2, 0), 1).await;
    let first = next_entry(1, Head::EMPTY.hash);
    let before = store.follow(&desk, EVERYTHING).await.unwrap();
    for list in [
        listed(1, &[1, 2]),
        listed(1, &[1, 2, 3, 4]),
        listed(1, &[2, 1, 3]),
        listed(1, &[1, 2, 4]),
        ChunkList { count: 2, ..listed(1, &[1, 2, 3]) },
        listed(3, &[]),
        listed(2, &[1, 2, 3]),
    ] {
        let refused = store.commit(&desk, freezing(&first, list), Signatures::default(), NOW).await.unwrap();
        assert_eq!(refused, Committed::SnapshotRefused, "{list:?}");
    }
    assert_eq!(store.follow(&desk, EVERYTHING).await.unwrap(), before);
    // Nothing was frozen on the way.
    put(address(1, 3), 4).await;
    let whole = freezing(&first, listed(1, &[1, 2, 3, 4]));
    for _ in 0..2 {
        assert_eq!(
            store.commit(&desk, whole.clone(), Signatures::default(), NOW).await.unwrap(),
            applied(1, &first)
        );
    }
    assert_eq!(put(address(1, 0), 1).await, PutChunk::Stored, "it is there already");
    assert_eq!(put(address(1, 0), 9).await, PutChunk::Conflict);
    assert_eq!(put(address(1, 4), 5).await, PutChunk::Conflict);
    assert_eq!(store.chunk(&desk, address(1, 3)).await.unwrap(), Some(chunk(4)));
    assert_eq!(store.chunk(&desk, address(2, 0)).await.unwrap(), None, "another attempt is done with");
    assert_eq!(put(address(2, 1), 1).await, PutChunk::Conflict, "it takes nothing while it goes");
    store.forget_done().await.unwrap();
    assert_eq!(store.chunk(&desk, address(1, 3)).await.unwrap(), Some(chunk(4)));
    // Of two devices that say it of one attempt the second is right as well.
    let second = next_entry(2, first.hash());
    let again = freezing(&second, listed(1, &[1, 2, 3, 4]));
    assert_eq!(store.commit(&desk, again, Signatures::default(), NOW).await.unwrap(), applied(2, &second));
}

async fn the_two_newest_snapshots_are_kept<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    let desk = desk_id(1);
    let mut prev = Head::EMPTY.hash;
    let kept = async || {
        let mut kept = Vec::new();
        for attempt in 1..=4 {
            if store.chunk(&desk, address(attempt, 0)).await.unwrap().is_some() {
                kept.push(attempt);
            }
        }
        kept
    };
    for (attempt, expected) in [(1, vec![1]), (2, vec![1, 2]), (3, vec![2, 3]), (4, vec![3, 4])] {
        store.put_chunk(&desk, address(attempt, 0), chunk(attempt)).await.unwrap();
        let entry = next_entry(attempt, prev);
        prev = entry.hash();
        let frozen = store
            .commit(&desk, freezing(&entry, listed(attempt, &[attempt])), Signatures::default(), NOW)
            .await
            .unwrap();
        assert_eq!(frozen, applied(attempt.into(), &entry));
        assert_eq!(kept().await, expected);
        store.forget_done().await.unwrap();
        assert_eq!(kept().await, expected);
    }
}

async fn attempts_that_are_never_finished_make_room<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    let desk = desk_id(1);
    let max = u8::try_from(UNFINISHED_MAX).unwrap();
    let put = async |attempt, index| store.put_chunk(&desk, address(attempt, index), chunk(1)).await.unwrap();
    for attempt in 1..=max {
        assert_eq!(put(attempt, 0).await, PutChunk::Stored);
    }
    // Who goes on is as old as before.
    assert_eq!(put(1, 1).await, PutChunk::Stored);
    assert_eq!(put(max + 1, 0).await, PutChunk::Stored);
    let is_there = async |attempt| store.chunk(&desk, address(attempt, 0)).await.unwrap().is_some();
    assert!(!is_there(1).await && is_there(2).await && is_there(max + 1).await);
    assert_eq!(put(1, 2).await, PutChunk::Conflict);
    // What has gone may begin anew.
    store.forget_done().await.unwrap();
    assert_eq!(put(1, 2).await, PutChunk::Stored);
    assert!(!is_there(2).await);
}

async fn positions_are_never_reused<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    let desk = desk_id(1);
    for expected in 1..=3 {
        assert_eq!(store.append_cell(&desk, TODAY, cell(1)).await.unwrap(), expected);
    }
    store.forget_before(TODAY.plus(1), TODAY).await.unwrap();
    assert_eq!(store.follow(&desk, EVERYTHING).await.unwrap().cells, []);
    assert_eq!(store.append_cell(&desk, TODAY, cell(1)).await.unwrap(), 4);
    store.commit(&desk, with_done(&first_entry(), 4), Signatures::default(), NOW).await.unwrap();
    assert_eq!(store.append_cell(&desk, TODAY, cell(1)).await.unwrap(), 5);
}

async fn a_commit_is_applied_once<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    let desk = desk_id(1);
    store.append_cell(&desk, TODAY, cell(1)).await.unwrap();
    let first = first_entry();
    let second = entry(2, first.hash());
    let mut full = with_drop(&first, 7);
    full.rest.inbox_done = 1;
    assert_eq!(
        store.commit(&desk, full.clone(), Signatures::default(), NOW).await.unwrap(),
        applied(1, &first)
    );
    assert_eq!(
        store.commit(&desk, commit(&second), Signatures::default(), NOW).await.unwrap(),
        applied(2, &second)
    );
    let before = store.follow(&desk, EVERYTHING).await.unwrap();
    // A repetition gets the first answer although the head, and even the day, have moved on.
    let later = TODAY.plus(5)..=TODAY.plus(7);
    assert_eq!(store.commit(&desk, full, Signatures::default(), later).await.unwrap(), applied(1, &first));
    assert_eq!(store.follow(&desk, EVERYTHING).await.unwrap(), before);
    assert_eq!(store.drops(&desk, TODAY, 0, 0, 32).await.unwrap().total, 1);
}

async fn a_refused_commit_changes_nothing<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    let desk = desk_id(1);
    store.append_cell(&desk, TODAY, cell(1)).await.unwrap();
    let before = store.follow(&desk, EVERYTHING).await.unwrap();
    let mut stray = with_drop(&entry(1, Bytes([9; 32])), 7);
    stray.rest.inbox_done = 1;
    assert_eq!(
        store.commit(&desk, stray, Signatures::default(), NOW).await.unwrap(),
        Committed::Conflict(Head::EMPTY)
    );
    for day in [TODAY.minus(2), TODAY.plus(2)] {
        let mut refused = with_drop(&entry_on(day, 1, Head::EMPTY.hash), 7);
        refused.rest.inbox_done = 1;
        assert_eq!(
            store.commit(&desk, refused, Signatures::default(), NOW).await.unwrap(),
            Committed::DayRefused
        );
    }
    assert_eq!(store.follow(&desk, EVERYTHING).await.unwrap(), before);
    assert_eq!(store.drops(&desk, TODAY, 0, 0, 32).await.unwrap(), DropRange::default());
}

async fn days_are_never_posted_backwards<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    let desk = desk_id(1);
    let first = entry_on(TODAY.plus(1), 1, Head::EMPTY.hash);
    let tomorrow = with_drop(&first, 1);
    assert_eq!(store.commit(&desk, tomorrow, Signatures::default(), NOW).await.unwrap(), applied(1, &first));
    let today = with_drop(&entry(2, first.hash()), 2);
    assert_eq!(store.commit(&desk, today, Signatures::default(), NOW).await.unwrap(), Committed::DayRefused);
}

async fn the_inbox_position_only_advances<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    let desk = desk_id(1);
    for number in 1..=3 {
        store.append_cell(&desk, TODAY, cell(number)).await.unwrap();
    }
    let mut prev = Head::EMPTY.hash;
    for (asked, done) in [(2, 2), (1, 2), (0, 2), (u64::MAX, 3)] {
        let next = entry(1, prev);
        prev = next.hash();
        store.commit(&desk, with_done(&next, asked), Signatures::default(), NOW).await.unwrap();
        assert_eq!(store.follow(&desk, EVERYTHING).await.unwrap().inbox_done, done, "asked for {asked}");
    }
    assert_eq!(store.append_cell(&desk, TODAY, cell(4)).await.unwrap(), 4);
    assert_eq!(store.follow(&desk, EVERYTHING).await.unwrap().cells, [(4, cell(4))]);
}

async fn drops_are_read_by_range<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    let desk = desk_id(1);
    let first = first_entry();
    let mut many = commit(&first);
    many.rest.drops = (0..40).map(|number| (u32::from(number == 39), dropped(number))).collect();
    store.commit(&desk, many, Signatures::default(), NOW).await.unwrap();
    store.commit(&desk, with_drop(&entry(2, first.hash()), 99), Signatures::default(), NOW).await.unwrap();
    let range = |numbers: Vec<u8>, total| DropRange {
        total,
        drops: numbers.into_iter().map(dropped).collect(),
        signed: None,
    };
    let read = async |shard, from, limit| store.drops(&desk, TODAY, shard, from, limit).await.unwrap();
    assert_eq!(read(0, 0, 32).await, range((0..32).collect(), 40));
    assert_eq!(read(0, 36, 32).await, range(vec![36, 37, 38, 99], 40));
    assert_eq!(read(0, 40, 32).await, range(vec![], 40));
    assert_eq!(read(0, u32::MAX, 32).await, range(vec![], 40));
    assert_eq!(read(1, 0, 32).await, range(vec![39], 1));
    assert_eq!(read(2, 0, 32).await, range(vec![], 0));
    assert_eq!(store.drops(&desk, TODAY.plus(1), 0, 0, 32).await.unwrap(), DropRange::default());
    assert_eq!(store.drops(&desk_id(2), TODAY, 0, 0, 32).await.unwrap(), DropRange::default());
}

async fn heads_are_those_of_the_lists_as_they_are<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    let desk = desk_id(1);
    let signature = |number: u8| StoredSignature {
        duty_key: Bytes([9; 32]),
        minute: u16::from(number).try_into().unwrap(),
        signature: Bytes([number; 64]),
    };
    // The last is of a list that the commit does not post to: it may have been signed with a key before.
    let heads = |number| Signatures {
        heads: vec![(0, signature(number)), (1, signature(7))],
        ..Signatures::default()
    };
    let signed = async |day, shard| store.drops(&desk, day, shard, 0, 0).await.unwrap().signed;
    let yesterday = TODAY.minus(1);
    let first = entry_on(yesterday, 1, Head::EMPTY.hash);
    store.commit(&desk, with_drop(&first, 1), heads(1), NOW).await.unwrap();
    assert_eq!(
        (signed(yesterday, 0).await, signed(yesterday, 1).await),
        (Some(signature(1)), Some(signature(7)))
    );
    let second = entry_on(yesterday, 2, first.hash());
    store.commit(&desk, with_drop(&second, 2), heads(2), NOW).await.unwrap();
    assert_eq!(signed(yesterday, 0).await, Some(signature(2)));
    let stray = entry_on(yesterday, 3, first.hash());
    store.commit(&desk, with_drop(&stray, 3), heads(3), NOW).await.unwrap();
    assert_eq!(signed(yesterday, 0).await, Some(signature(2)), "a refused commit makes no head");
    let third = entry_on(yesterday, 3, second.hash());
    store.commit(&desk, with_drop(&third, 3), Signatures::default(), NOW).await.unwrap();
    assert_eq!(signed(yesterday, 0).await, None, "it is the head of a shorter list");
    let fourth = entry_on(yesterday, 4, third.hash());
    store.commit(&desk, with_drop(&fourth, 4), heads(4), NOW).await.unwrap();
    let fifth = entry(5, fourth.hash());
    store.commit(&desk, with_drop(&fifth, 5), heads(5), NOW).await.unwrap();
    assert_eq!(signed(yesterday, 0).await, Some(signature(4)), "until its day is signed");
    let sixth = entry(6, fifth.hash());
    let day = Signatures { days: vec![((yesterday, 0), signature(6))], ..Signatures::default() };
    store.commit(&desk, commit(&sixth), day, NOW).await.unwrap();
    assert_eq!(
        (signed(yesterday, 0).await, signed(TODAY, 0).await),
        (Some(signature(6)), Some(signature(5)))
    );
    let late = entry_on(yesterday, 7, sixth.hash());
    store.commit(&desk, commit(&late), heads(8), NOW).await.unwrap();
    assert_eq!(signed(yesterday, 0).await, Some(signature(6)), "its day is finished");
}

async fn finished_lists_have_their_newest_signature<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    let desk = desk_id(1);
    let signature = |number| StoredSignature {
        duty_key: Bytes([9; 32]),
        minute: Minute::default(),
        signature: Bytes([number; 64]),
    };
    let yesterday = TODAY.minus(1);
    let all = |number| Signatures {
        days: vec![((yesterday, 0), signature(number)), ((TODAY, 1), signature(number))],
        ..Signatures::default()
    };
    let signed = async |day, shard| store.drops(&desk, day, shard, 0, 0).await.unwrap().signed;
    let first = entry_on(yesterday, 1, Head::EMPTY.hash);
    store.commit(&desk, with_drop(&first, 1), all(1), NOW).await.unwrap();
    assert_eq!((signed(yesterday, 0).await, signed(TODAY, 1).await), (None, None), "both may still grow");
    let second = entry(2, first.hash());
    store.commit(&desk, with_drop(&second, 2), all(2), NOW).await.unwrap();
    assert_eq!((signed(yesterday, 0).await, signed(TODAY, 1).await), (Some(signature(2)), None));
    let third = entry(3, second.hash());
    store.commit(&desk, commit(&third), all(3), NOW).await.unwrap();
    assert_eq!(signed(yesterday, 0).await, Some(signature(3)));
    assert_eq!(signed(yesterday, 1).await, None);
    let stray = entry(4, first.hash());
    let refused = store.commit(&desk, commit(&stray), all(4), NOW).await.unwrap();
    assert!(matches!(refused, Committed::Conflict(_)));
    assert_eq!(signed(yesterday, 0).await, Some(signature(3)));
    store.forget_before(TODAY, TODAY).await.unwrap();
    assert_eq!(signed(yesterday, 0).await, None);
}

async fn what_is_new_comes_in_order_and_in_portions<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    let desk = desk_id(1);
    assert_eq!(store.follow(&desk, EVERYTHING).await.unwrap(), NOTHING);
    let first = first_entry();
    let second = entry(2, first.hash());
    let third = entry(3, second.hash());
    for (number, entry) in [(1, &first), (2, &second), (3, &third)] {
        store.append_cell(&desk, TODAY, cell(number)).await.unwrap();
        store.commit(&desk, commit(entry), Signatures::default(), NOW).await.unwrap();
    }
    let portion = FollowQuery { cells_after: 1, entries_after: 0, cells_max: 1, entries_max: 2 };
    let news = store.follow(&desk, portion).await.unwrap();
    assert_eq!(news.cells, [(2, cell(2))]);
    assert_eq!(news.entries, [(1, first), (2, second)]);
    assert_eq!((news.inbox_done, news.inbox_last, news.head), (0, 3, 3));
    let nothing = FollowQuery { cells_after: 3, entries_after: u64::MAX, ..EVERYTHING };
    let news = store.follow(&desk, nothing).await.unwrap();
    assert_eq!((news.cells, news.entries), (vec![], vec![]));
}

async fn whole_days_are_forgotten<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    let desk = desk_id(1);
    let first = entry_on(TODAY.minus(1), 1, Head::EMPTY.hash);
    for (number, day, entry) in [(1, TODAY.minus(1), &first), (2, TODAY, &entry(2, first.hash()))] {
        store.append_cell(&desk, day, cell(number)).await.unwrap();
        store.commit(&desk, with_drop(entry, number), Signatures::default(), NOW).await.unwrap();
    }
    store.forget_before(TODAY, TODAY).await.unwrap();
    let news = store.follow(&desk, EVERYTHING).await.unwrap();
    assert_eq!(news.cells, [(2, cell(2))]);
    assert_eq!(news.entries.len(), 2);
    assert_eq!(store.drops(&desk, TODAY.minus(1), 0, 0, 32).await.unwrap(), DropRange::default());
    assert_eq!(store.drops(&desk, TODAY, 0, 0, 32).await.unwrap().total, 1);
}

async fn what_is_kept_is_counted_by_day<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    let empty = store.holdings().await.unwrap();
    assert_eq!((&empty.cells, &empty.drops), (&vec![], &vec![]));
    assert!(empty.size_bytes > 0);
    let yesterday = TODAY.minus(1);
    for (day, number) in [(yesterday, 1), (TODAY, 2), (TODAY, 3)] {
        store.append_cell(&desk_id(1), day, cell(number)).await.unwrap();
    }
    store
        .commit(
            &desk_id(1),
            with_drop(&entry_on(yesterday, 1, Head::EMPTY.hash), 1),
            Signatures::default(),
            NOW,
        )
        .await
        .unwrap();
    let held = store.holdings().await.unwrap();
    assert_eq!(held.cells, [(yesterday, 1), (TODAY, 2)]);
    assert_eq!(held.drops, [(yesterday, 1)]);
}

async fn a_probe_changes_nothing<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    store.append_cell(&desk_id(1), TODAY, cell(1)).await.unwrap();
    let before = store.holdings().await.unwrap();
    store.probe().await.unwrap();
    assert_eq!(store.holdings().await.unwrap(), before);
    assert_eq!(store.append_cell(&desk_id(1), TODAY, cell(2)).await.unwrap(), 2);
}

async fn more_than_a_piece_is_forgotten<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    const MANY: usize = 300;
    let (store, _kept) = prepared(fresh).await;
    let desk = desk_id(1);
    for at in 0..MANY {
        // One clock step back, and one far ahead: neither holds back what is past its days.
        let day = if at == 1 { TODAY.plus(9) } else { TODAY.minus(u32::from(at % 7 != 0)) };
        store.append_cell(&desk, day, cell(1)).await.unwrap();
    }
    let positions = async |after| {
        let query = FollowQuery { cells_after: after, entries_after: 0, cells_max: 2 * MANY, entries_max: 1 };
        let news = store.follow(&desk, query).await.unwrap();
        news.cells.iter().map(|(position, _)| *position).collect::<Vec<_>>()
    };
    store.forget_before(TODAY, TODAY).await.unwrap();
    let kept: Vec<u64> = (0..MANY).filter(|at| at % 7 == 0 || *at == 1).map(|at| at as u64 + 1).collect();
    assert_eq!(positions(0).await, kept);
    for _ in 0..MANY {
        store.append_cell(&desk, TODAY, cell(2)).await.unwrap();
    }
    // Done with at once, whether or not all rows are gone yet; and not one more after they are.
    store.commit(&desk, with_done(&first_entry(), 590), Signatures::default(), NOW).await.unwrap();
    let left: Vec<u64> = (591..=600).collect();
    assert_eq!(positions(0).await, left);
    store.forget_done().await.unwrap();
    assert_eq!(positions(0).await, left);
}

async fn what_is_sound_is_found_sound<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    store.append_cell(&desk_id(1), TODAY, cell(1)).await.unwrap();
    assert_eq!(store.check(TODAY).await.unwrap(), None);
}

async fn changes_are_seen<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    let mut changes = store.changes();
    changes.borrow_and_update();
    store.append_cell(&desk_id(1), TODAY, cell(1)).await.unwrap();
    assert!(changes.has_changed().unwrap());
    changes.borrow_and_update();
    store.commit(&desk_id(1), commit(&first_entry()), Signatures::default(), NOW).await.unwrap();
    assert!(changes.has_changed().unwrap());
}

async fn unknown_desks_are_errors<S: Store, G>(fresh: &impl Fn() -> (S, G)) {
    let (store, _kept) = prepared(fresh).await;
    let nobody = desk_id(2);
    assert!(store.append_cell(&nobody, TODAY, cell(1)).await.is_err());
    assert!(store.commit(&nobody, commit(&first_entry()), Signatures::default(), NOW).await.is_err());
    assert!(store.put_document(&nobody, Kind::Notice, Order::Next, 1, document(1)).await.is_err());
    assert!(store.put_content(&nobody, [1; 32], vec![], TODAY).await.is_err());
    assert!(store.put_chunk(&nobody, address(1, 0), chunk(1)).await.is_err());
    assert!(store.follow(&nobody, EVERYTHING).await.is_err());
}
