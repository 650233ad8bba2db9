//! `exchange.json`: requests and answers, what an answer says, and whether a caller believes it.

use callsign_protocol::{
    cell::{CELL_LEN, Cell},
    encoding::Bytes,
    exchange::{
        ANSWER_LEN, AnswerHeader, Ask, LAST_BLOCK, Outcome, REQUEST_HEADER_LEN, REQUEST_LEN, Request,
        last_block,
    },
    stamp::{Effort, Round, Stamp, Toll},
    time::{Day, Minute, UnixSeconds},
};
use serde_json::{Value, json};

use super::{
    case::{Case, hex},
    fixture::TODAY,
};

const FILL: u8 = 0x5a;

/// The whole file.
pub fn file() -> Value {
    let last_blocks = [0, 1, 32, 33, 64, 65, u32::MAX].map(|total| json!([total, last_block(total)]));
    json!({
        "comment": "Section 8: requests and answers. A body is `header` and then `fill` up to `length` bytes. `believed` \
                    says whether a caller who asked for `wanted` on `today` takes drops from the answer.",
        "fill": FILL,
        "last_block": last_blocks,
        "requests": requests(),
        "answers": answers(),
    })
}

fn ask_json(ask: Ask) -> Value {
    json!({ "day": ask.day, "shard": ask.shard, "from": ask.from })
}

fn requests() -> Vec<Value> {
    let latest = Ask { day: Day(0), shard: 0, from: LAST_BLOCK };
    let block = Ask { day: TODAY, shard: 0, from: 64 };
    let case = |name, outcome, comment, ask, flip: Option<(usize, u8)>, length: usize| {
        let mut header = request_header(ask, Stamp::NONE);
        if let Some((at, bits)) = flip {
            header[at] ^= bits;
        }
        let case = Case::new(name, outcome, comment).with("header", hex(&header)).with("length", length);
        Value::from(if outcome == "ok" {
            case.with("ask", ask_json(ask)).with("stamp", Value::Null)
        } else {
            case
        })
    };
    let mut cases = stamped(latest);
    cases.extend([
        case("latest", "ok", "today's last block", latest, None, REQUEST_LEN),
        case("block", "ok", "one block of a day", block, None, REQUEST_LEN),
        case("version 2", "version", "a later version", latest, Some((0, 3)), REQUEST_LEN),
        case("byte 1", "reserved", "a reserved byte is not zero", latest, Some((1, 1)), REQUEST_LEN),
        case("byte 3", "reserved", "a reserved byte is not zero", latest, Some((3, 0x80)), REQUEST_LEN),
        case("byte 17", "reserved", "a reserved byte is not zero", latest, Some((17, 1)), REQUEST_LEN),
        case("byte 19", "reserved", "a round without effort", latest, Some((19, 1)), REQUEST_LEN),
        case("byte 27", "reserved", "a nonce without effort", latest, Some((27, 1)), REQUEST_LEN),
        case("byte 28", "reserved", "a reserved byte is not zero", latest, Some((28, 1)), REQUEST_LEN),
        case("byte 95", "reserved", "a reserved byte is not zero", latest, Some((95, 1)), REQUEST_LEN),
        case("nothing", "truncated", "no body", latest, None, 0),
        case("cut", "truncated", "one byte short", latest, None, REQUEST_LEN - 1),
        case(
            "version 2, cut",
            "truncated",
            "the length is judged first",
            latest,
            Some((0, 3)),
            REQUEST_LEN - 1,
        ),
        case("version 0", "version", "no such version", latest, Some((0, 1)), REQUEST_LEN),
        case("longer", "trailing", "one byte too many", latest, None, REQUEST_LEN + 1),
    ]);
    cases
}

/// Requests with stamps, which are read whether they hold or not.
fn stamped(ask: Ask) -> Vec<Value> {
    let stamp = Stamp { effort: Effort(14), round: Round(0x1234), nonce: u64::MAX - 1 };
    let case = |name, comment, stamp| {
        let whole = Case::new(name, "ok", comment).with("length", REQUEST_LEN).with("ask", ask_json(ask));
        Value::from(whole.with("header", hex(&request_header(ask, stamp))).with("stamp", stamp_json(stamp)))
    };
    vec![
        case("stamp", "with a stamp", stamp),
        case("stamp, effort 255", "more effort than counts", Stamp { effort: Effort(255), ..stamp }),
        case("stamp of zeros", "round and nonce can be zero", Stamp { effort: Effort(1), ..Stamp::NONE }),
    ]
}

fn request_header(ask: Ask, stamp: Stamp) -> [u8; REQUEST_HEADER_LEN] {
    let bytes = Request { ask, stamp, cell: Cell(Box::new([FILL; CELL_LEN])) }.encode();
    *bytes.first_chunk().expect("a request begins with its header")
}

/// How `exchange.json` and `stamp.json` show a stamp.
pub fn stamp_json(Stamp { effort, round, nonce }: Stamp) -> Value {
    json!({ "effort": effort.0, "round": round.0, "nonce": hex(&nonce.to_be_bytes()) })
}

/// What was asked, the answer's header, and whether it is believed.
struct Told {
    wanted: Ask,
    header: AnswerHeader,
    believed: bool,
}

fn answers() -> Vec<Value> {
    let (stored, unavailable) = (Outcome::Stored, Outcome::Unavailable);
    let block = Ask { day: TODAY, shard: 0, from: 32 };
    let latest = Ask { day: Day(0), shard: 0, from: LAST_BLOCK };
    let answer = |outcome, total, believed| {
        let header = AnswerHeader {
            outcome,
            day: TODAY,
            shard: 0,
            from: 32,
            total,
            notice_serial: 7,
            minute: Minute::default(),
            signature: None,
            toll: Toll::NONE,
            chain: Bytes([0xc4; 32]),
        };
        Told { wanted: block, header, believed }
    };
    let with = |change: &dyn Fn(&mut AnswerHeader), believed| {
        let mut told = answer(stored, 40, believed);
        change(&mut told.header);
        told
    };
    let of_latest =
        |change: &dyn Fn(&mut AnswerHeader), believed| Told { wanted: latest, ..with(change, believed) };
    let none = |outcome: Outcome| {
        let mut told = answer(outcome, 0, false);
        told.header.from = 0;
        told
    };
    [
        ("stored", "as asked", with(&|_| (), true)),
        ("beyond the end", "a block that the list does not have, as asked", answer(stored, 20, true)),
        ("serial", "a notice serial of 64 bits", with(&|header| header.notice_serial = 1 << 40, true)),
        ("signed", "a finished list with the desk's signature", {
            with(&|header| header.signature = Some(Bytes([0x5e; 64])), true)
        }),
        ("signed in the last minute", "a list with a signature that names 23:59", {
            with(&|header| (header.minute, header.signature) = (last_minute(), Some(Bytes([0x5e; 64]))), true)
        }),
        ("latest", "today's last block", of_latest(&|_| (), true)),
        ("latest of none", "an empty list", of_latest(&|h| (h.from, h.total) = (0, 0), true)),
        ("not the last", "asked for the last block, and 65 drops have a later one", {
            of_latest(&|header| header.total = 65, false)
        }),
        ("clock 2 behind", "today, two days before the caller's", {
            of_latest(&|header| header.day = TODAY.minus(2), true)
        }),
        ("clock 2 ahead", "today, two days after the caller's", {
            of_latest(&|header| header.day = TODAY.plus(2), true)
        }),
        ("clock 3 behind", "over the tolerance", of_latest(&|header| header.day = TODAY.minus(3), false)),
        ("clock 3 ahead", "over the tolerance", of_latest(&|header| header.day = TODAY.plus(3), false)),
        ("day 0", "a list has a day", of_latest(&|header| header.day = Day(0), false)),
        ("other day", "not the day asked for", with(&|header| header.day = TODAY.minus(1), false)),
        ("other shard", "not the shard asked for", with(&|header| header.shard = 1, false)),
        ("other block", "not the block asked for", with(&|header| header.from = 0, false)),
        ("unavailable", "not stored, and read all the same", answer(unavailable, 40, true)),
        ("unavailable, unread", "not stored, and not read", none(unavailable)),
        ("busy", "not stored, and the hub asks for a stamp", {
            let mut told = none(unavailable);
            told.header.toll = Toll { effort: Effort(14), round: Round(0x1234) };
            told
        }),
        ("stored, busy", "stored, and the hub asks for the next one's stamp", {
            with(&|header| header.toll = Toll { effort: Effort(1), round: Round(0) }, true)
        }),
        ("effort 255", "more than a caller does", {
            with(&|header| header.toll = Toll { effort: Effort(255), round: Round(u16::MAX) }, true)
        }),
        ("unavailable, other day", "not the day asked for", {
            let mut told = answer(unavailable, 40, false);
            told.header.day = TODAY.minus(1);
            told
        }),
        ("version", "the hub does not serve this version", none(Outcome::Version)),
        ("unknown list", "no such day", none(Outcome::UnknownList)),
    ]
    .into_iter()
    .map(|(name, comment, told)| whole(name, comment, &told))
    .chain(unreadable(&answer(stored, 40, false)))
    .chain([later_minute(answer(stored, 40, false))])
    .collect()
}

fn last_minute() -> Minute {
    UnixSeconds(u64::MAX).minute_of(TODAY)
}

/// 24:00 is no minute.
fn later_minute(mut told: Told) -> Value {
    (told.header.minute, told.header.signature) = (last_minute(), Some(Bytes([0x5e; 64])));
    let mut header = told.header.encode();
    header[3] += 1;
    let case = body("minute 1,440", "minute", "a day has 1,440 minutes, from 0", &told);
    case.with("length", ANSWER_LEN).with("header", hex(&header)).into()
}

fn whole(name: &str, comment: &str, told: &Told) -> Value {
    let header = &told.header;
    let outcome = match header.outcome {
        Outcome::Stored => "stored",
        Outcome::Unavailable => "unavailable",
        Outcome::Version => "version",
        Outcome::UnknownList => "unknown list",
    };
    body(name, outcome, comment, told)
        .with("length", ANSWER_LEN)
        .with("header", hex(&header.encode()))
        .with("day", header.day.0)
        .with("shard", header.shard)
        .with("from", header.from)
        .with("total", header.total)
        .with("notice_serial", header.notice_serial)
        .with("minute", u16::from(header.minute))
        .with("chain", hex(&header.chain.0))
        .with("signature", header.signature.map(|signature| hex(&signature.0)))
        .with("toll", json!({ "effort": header.toll.effort.0, "round": header.toll.round.0 }))
        .with("drops", header.total.saturating_sub(header.from).min(32))
        .into()
}

fn body(name: &str, outcome: &str, comment: &str, told: &Told) -> Case {
    Case::new(name, outcome, comment)
        .with("wanted", ask_json(told.wanted))
        .with("today", TODAY.0)
        .with("believed", told.believed)
}

fn unreadable(told: &Told) -> [Value; 11] {
    let changed = |name, outcome, comment, at: usize, bits: u8, length: usize| {
        let mut header = told.header.encode();
        header[at] ^= bits;
        body(name, outcome, comment, told).with("length", length).with("header", hex(&header)).into()
    };
    [
        changed("version 2", "other version", "a hub of a later version", 0, 3, ANSWER_LEN),
        changed("outcome 4", "unknown outcome", "no such outcome", 1, 4, ANSWER_LEN),
        changed("version 0", "other version", "no such version", 0, 1, ANSWER_LEN),
        changed("version 2, cut", "truncated", "the length is judged first", 0, 3, ANSWER_LEN - 1),
        changed("byte 2", "reserved", "a minute without a signature", 2, 1, ANSWER_LEN),
        changed("byte 3", "reserved", "a minute without a signature", 3, 0x80, ANSWER_LEN),
        changed("byte 93", "reserved", "a reserved byte is not zero", 93, 1, ANSWER_LEN),
        changed("byte 95", "reserved", "a round without effort", 95, 1, ANSWER_LEN),
        changed("nothing", "truncated", "no body", 0, 0, 0),
        changed("cut", "truncated", "one byte short", 0, 0, ANSWER_LEN - 1),
        changed("longer", "trailing", "one byte too many", 0, 0, ANSWER_LEN + 1),
    ]
}
