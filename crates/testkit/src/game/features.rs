//! What can be counted and measured in a view, whatever the game: requests, exchanges, cells, commits, drops.

use callsign_protocol::{
    cell::CELL_LEN,
    drop::DROP_LEN,
    entry::ENTRY_LEN,
    exchange::{LAST_BLOCK, REQUEST_HEADER_LEN},
};
use curve25519_dalek::montgomery::MontgomeryPoint;

use super::learn::{BY_HAND, Features};
use crate::Seen;

/// Requests of a view that are looked at one by one, from its beginning.
const ONE_BY_ONE: usize = 40;
/// Where the X25519 half of a cell's encapsulation lies: behind version, epoch, key id and ML-KEM's half.
const CELL_POINT: usize = 7 + 1_088;
const POINT_LEN: usize = 32;
const MS_A_DAY: u64 = 86_400_000;

/// Everything that the requests of one visit, or of one desk for a while, show.
pub fn of_requests(seen: &[Seen]) -> Features {
    let mut features = Features::new();
    all_requests(seen, &mut features);
    let exchanges: Vec<&Seen> = seen.iter().filter(|seen| seen.path == "v1/exchange").collect();
    if !exchanges.is_empty() {
        of_exchanges(&exchanges, &mut features);
    }
    let commits: Vec<&Seen> = seen.iter().filter(|seen| seen.path == "v1/commit").collect();
    if !commits.is_empty() {
        of_commits(&commits, &mut features);
    }
    features
}

/// Everything that the bytes of one drop show.
pub fn of_drop(drop: &[u8]) -> Features {
    let mut features = Features::new();
    add(&mut features, "length", len(drop));
    of_bytes("address", drop.get(..16).unwrap_or_default(), &mut features);
    of_point("enc", drop.get(16..48).unwrap_or_default(), &mut features);
    of_bytes("ciphertext", drop.get(48..).unwrap_or_default(), &mut features);
    features
}

/// What two visits have in common beyond what any two have.
pub fn of_two_visits(first: &[Seen], second: &[Seen]) -> Features {
    let exchanges = |seen: &[Seen]| -> Vec<Seen> {
        seen.iter().filter(|seen| seen.path == "v1/exchange").cloned().collect()
    };
    let (first, second) = (exchanges(first), exchanges(second));
    let mut features = Features::new();
    let differs = |a: &[u8], b: &[u8]| f64::from(u8::from(a != b));
    let (mut differ, mut gaps, mut bytes, mut header_text) = (0.0, 0.0, 0.0, 0.0);
    for (at, (one, other)) in first.iter().zip(&second).enumerate() {
        let head = |seen: &Seen| {
            seen.body.get(..REQUEST_HEADER_LEN.min(seen.body.len())).unwrap_or_default().to_vec()
        };
        add(&mut features, &format!("headers differ in slot {at}"), differs(&head(one), &head(other)));
        differ += differs(&head(one), &head(other));
        header_text += f64::from(u8::from(one.headers != other.headers));
        bytes += one.body.iter().zip(&other.body).skip(REQUEST_HEADER_LEN).map(same).sum::<f64>();
        if at > 0 {
            let gap = |seen: &[Seen]| number(seen[at].at_ms - seen[at - 1].at_ms);
            gaps += (gap(&first) - gap(&second)).abs();
        }
    }
    let mut words: Vec<&[u8]> = Vec::new();
    for seen in &first {
        words.extend(seen.body.get(REQUEST_HEADER_LEN + 7..).unwrap_or_default().chunks_exact(8));
    }
    words.sort_unstable();
    let again = second
        .iter()
        .flat_map(|seen| seen.body.get(REQUEST_HEADER_LEN + 7..).unwrap_or_default().chunks_exact(8));
    let again = again.filter(|word| words.binary_search(word).is_ok()).count();
    let field = |seen: &Seen, at: usize| seen.body.get(at..at + 4).map_or(0.0, number_be);
    let last = |seen: &[Seen], at| seen.last().map_or(0.0, |seen| field(seen, at));
    let time = |seen: &[Seen]| seen.first().map_or(0.0, |seen| number(seen.at_ms % MS_A_DAY));
    for (name, value) in [
        ("same words of cells", number(again as u64)),
        ("same bytes of cells", bytes),
        ("header fields differ", differ),
        ("HTTP headers differ", header_text),
        ("gaps differ by", gaps),
        ("times of day differ by", (time(&first) - time(&second)).abs()),
        ("last shards differ by", (last(&first, 8) - last(&second, 8)).abs()),
        (
            "first shards differ by",
            first.first().zip(second.first()).map_or(0.0, |(a, b)| (field(a, 8) - field(b, 8)).abs()),
        ),
        ("lengths differ by", (number(first.len() as u64) - number(second.len() as u64)).abs()),
    ] {
        add(&mut features, &format!("{BY_HAND}{name}"), value);
    }
    features
}

/// Puts features under a name of their own.
pub fn prefixed(prefix: &str, features: Features) -> Features {
    let name = |name: String| match name.strip_prefix(BY_HAND) {
        Some(rest) => format!("{BY_HAND}{prefix} {rest}"),
        None => format!("{prefix} {name}"),
    };
    features.into_iter().map(|(old, value)| (name(old), value)).collect()
}

/// What a game adds by hand.
pub fn by_hand(features: &mut Features, name: &str, value: f64) {
    add(features, &format!("{BY_HAND}{name}"), value);
}

/// A count or a time as a number to compute with.
#[expect(clippy::cast_precision_loss, reason = "counts, sizes and spans of time are below 2^53")]
pub fn number(count: u64) -> f64 {
    count as f64
}

fn all_requests(seen: &[Seen], features: &mut Features) {
    let begin = seen.first().map_or(0, |seen| seen.at_ms);
    let mut before = begin;
    let mut follow_base = None;
    for (at, seen) in seen.iter().enumerate() {
        let headers: usize = seen.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        let counted = [
            (format!("requests {}", kind(seen)), 1.0),
            ("bytes up".to_owned(), len(&seen.body)),
            ("bytes down".to_owned(), len(&seen.answer)),
            ("header bytes".to_owned(), number(headers as u64)),
        ];
        for (name, value) in counted {
            *features.entry(name).or_default() += value;
        }
        if at < ONE_BY_ONE {
            add(features, &format!("gap before request {at}"), number(seen.at_ms - before));
            add(features, &format!("bytes up in request {at}"), len(&seen.body));
            add(features, &format!("bytes down in request {at}"), len(&seen.answer));
            add(
                features,
                &format!("kind of request {at}"),
                f64::from(kind(seen).bytes().map(u32::from).sum::<u32>()),
            );
        }
        if let Some(query) = seen.path.strip_prefix("v1/follow?") {
            // Positions only grow: what tells is how far, not from where.
            let sum: u64 =
                query.split('&').filter_map(|pair| pair.split_once('=')?.1.parse::<u64>().ok()).sum();
            let base = *follow_base.get_or_insert(sum);
            add(features, &format!("follow at request {at}"), number(sum) - number(base));
        }
        before = seen.at_ms;
    }
    add(features, "requests", number(seen.len() as u64));
    by_hand(features, "how long", number(before - begin));
}

fn of_exchanges(exchanges: &[&Seen], features: &mut Features) {
    let mut asks: Vec<&[u8]> = Vec::new();
    for (at, seen) in exchanges.iter().enumerate() {
        let field = |offset: usize| seen.body.get(offset..offset + 4).map_or(0.0, number_be);
        let today = number(seen.at_ms / MS_A_DAY);
        let day = field(4);
        let from = field(12);
        if at < ONE_BY_ONE {
            add(features, &format!("days back in slot {at}"), if day > 0.0 { today - day } else { -1.0 });
            add(features, &format!("shard in slot {at}"), field(8));
            let is_last = (from - f64::from(LAST_BLOCK)).abs() < 0.5;
            add(features, &format!("from in slot {at}"), if is_last { -1.0 } else { from });
        }
        for byte in 0..REQUEST_HEADER_LEN {
            let value = seen.body.get(byte).copied().map_or(0.0, f64::from);
            if !(4..16).contains(&byte) && (value > 0.0 || byte < 4) {
                *features.entry(format!("header byte {byte}")).or_default() += value;
            }
        }
        if at == 0 {
            of_cell("first cell", seen, features);
        }
        of_cell("cells", seen, features);
        asks.extend(seen.body.get(4..16));
    }
    let lengths = exchanges.iter().map(|seen| len(&seen.body));
    by_hand(features, "shortest exchange", lengths.fold(f64::INFINITY, f64::min));
    let reserved = |seen: &&&Seen| {
        let bytes = || seen.body.iter().take(REQUEST_HEADER_LEN);
        bytes().skip(17).take(1).chain(bytes().skip(28)).any(|byte| *byte != 0)
    };
    by_hand(features, "reserved bytes set", number(exchanges.iter().filter(reserved).count() as u64));
    let efforts = || exchanges.iter().map(|seen| seen.body.get(16).copied().unwrap_or(0));
    by_hand(
        features,
        "exchanges with a stamp",
        number(efforts().filter(|effort| *effort > 0).count() as u64),
    );
    by_hand(features, "greatest effort", f64::from(efforts().max().unwrap_or(0)));
    let twice = |at: &usize| asks[*at] == asks[at - 1] && asks[*at][..4] != [0; 4];
    by_hand(features, "blocks asked for twice", number((1..asks.len()).filter(twice).count() as u64));
}

fn of_cell(name: &str, seen: &Seen, features: &mut Features) {
    let cell = seen.body.get(REQUEST_HEADER_LEN..).unwrap_or_default();
    for byte in 0..7 {
        let value = cell.get(byte).copied().map_or(0.0, f64::from);
        *features.entry(format!("{name}, byte {byte}")).or_default() += value;
    }
    of_point(name, cell.get(CELL_POINT..CELL_POINT + POINT_LEN).unwrap_or_default(), features);
    for (at, chunk) in cell.chunks(CELL_LEN / 16).enumerate() {
        *features.entry(format!("{name}, sum of sixteenth {at}")).or_default() += sum(chunk);
    }
    of_bytes(name, cell.get(7..).unwrap_or_default(), features);
}

fn of_commits(commits: &[&Seen], features: &mut Features) {
    let begin = commits.first().map_or(0, |seen| seen.at_ms);
    let mut addresses: Vec<&[u8]> = Vec::new();
    let (mut beats, mut before, mut first_done, mut moves) = (0, begin, None, 0.0);
    let (mut shortest, mut longest) = (f64::INFINITY, 0.0_f64);
    let mut sent: Vec<&[u8]> = Vec::new();
    for seen in commits {
        // A commit that is sent again as it was says nothing new.
        if sent.contains(&seen.body.as_slice()) {
            continue;
        }
        sent.push(&seen.body);
        if seen.at_ms != before {
            let gap = number(seen.at_ms - before);
            (shortest, longest) = (shortest.min(gap), longest.max(gap));
            (before, beats) = (seen.at_ms, beats + 1);
        }
        let Some(Rest { done, log_done, drops, signed_len }) = rest_of(&seen.body) else {
            *features.entry(format!("{BY_HAND}commits that do not decode")).or_default() += 1.0;
            continue;
        };
        let moved = number(done) - number(*first_done.get_or_insert(done));
        if moved > 0.0 {
            features
                .entry(format!("{BY_HAND}inbox position first moves after"))
                .or_insert(number(seen.at_ms - begin));
            moves += 1.0;
        }
        add(features, &format!("inbox position moved by at beat {beats}"), moved);
        add(features, &format!("drops at beat {beats}"), number(drops.len() as u64));
        add(features, &format!("bytes of signatures at beat {beats}"), number(signed_len as u64));
        add(features, "log position", number(log_done));
        for drop in drops {
            addresses.push(&drop[..16]);
            for (name, value) in prefixed("drops", of_drop(drop)) {
                *features.entry(name).or_default() += value;
            }
        }
    }
    let ascents = addresses.windows(2).filter(|pair| pair[0] < pair[1]).count();
    by_hand(features, "commits", number(sent.len() as u64));
    by_hand(features, "drops", number(addresses.len() as u64));
    by_hand(features, "shortest time between commits", shortest);
    by_hand(features, "longest time between commits", longest);
    by_hand(features, "commits with the inbox position moved", moves);
    by_hand(features, "drops in ascending order", number(ascents as u64));
    addresses.sort_unstable();
    let twice = addresses.windows(2).filter(|pair| pair[0] == pair[1]).count();
    by_hand(features, "addresses used twice", number(twice as u64));
}

/// Both positions, the drops and the number of signatures behind a commit's entry. Whether they hash to what was signed is
/// the hub's business.
fn rest_of(commit: &[u8]) -> Option<Rest<'_>> {
    let (head, behind) = commit.get(ENTRY_LEN..)?.split_first_chunk::<18>()?;
    let number = |at: usize| head[at..at + 8].try_into().map(u64::from_be_bytes).ok();
    let count = usize::from(u16::from_be_bytes(head[16..].try_into().ok()?));
    let (drops, signed) = behind.split_at_checked(count * (4 + DROP_LEN))?;
    let drops = drops.chunks_exact(4 + DROP_LEN).map(|listed| &listed[4..]).collect();
    Some(Rest { done: number(0)?, log_done: number(8)?, drops, signed_len: signed.len() })
}

/// What travels behind a commit's entry.
struct Rest<'a> {
    done: u64,
    log_done: u64,
    drops: Vec<&'a [u8]>,
    signed_len: usize,
}

/// An X25519 key: 255 bits, and the abscissa of the curve or of its twist (RFC 7748).
fn of_point(name: &str, point: &[u8], features: &mut Features) {
    let (Some(first), Some(last)) = (point.first(), point.last()) else { return };
    for bit in 0..3 {
        *features.entry(format!("{name}, bit {bit}")).or_default() += f64::from(first >> bit & 1);
    }
    *features.entry(format!("{name}, bit 255")).or_default() += f64::from(last >> 7);
    if let Ok(bytes) = <[u8; 32]>::try_from(point) {
        let on_curve = MontgomeryPoint(bytes).to_edwards(0).is_some();
        *features.entry(format!("{BY_HAND}{name}, on the curve")).or_default() +=
            f64::from(u8::from(on_curve));
    }
}

/// Sum, ones, and how far from uniform the bytes are.
fn of_bytes(name: &str, bytes: &[u8], features: &mut Features) {
    let mut counts = [0u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let expected = len(bytes).max(1.0) / 256.0;
    let uneven = counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum::<f64>();
    let ones = bytes.iter().map(|byte| f64::from(byte.count_ones())).sum::<f64>();
    for (what, value) in [("sum", sum(bytes)), ("ones", ones), ("unevenness", uneven)] {
        *features.entry(format!("{name}, {what}")).or_default() += value;
    }
}

fn add(features: &mut Features, name: &str, value: f64) {
    features.insert(name.to_owned(), value);
}

/// A request's method and address without what changes from one to the next.
fn kind(seen: &Seen) -> String {
    let path = seen.path.split('?').next().unwrap_or_default();
    let path = if path.starts_with("v1/content/") { "v1/content" } else { path };
    format!("{} {path}, {}", seen.method, seen.status)
}

fn len(bytes: &[u8]) -> f64 {
    number(bytes.len() as u64)
}

fn sum(bytes: &[u8]) -> f64 {
    bytes.iter().copied().map(f64::from).sum()
}

fn same((a, b): (&u8, &u8)) -> f64 {
    f64::from(u8::from(a == b))
}

fn number_be(field: &[u8]) -> f64 {
    field.iter().fold(0.0, |number, byte| number * 256.0 + f64::from(*byte))
}
