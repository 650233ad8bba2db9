//! The vectors in `vectors/`: every outcome exactly as published, and every layout encoded back to its bytes.

#[path = "vectors/desk.rs"]
mod desk;
#[path = "vectors/letter.rs"]
mod letter;
#[path = "vectors/read.rs"]
mod read;

use callsign_protocol::{
    call::{Message, MessageError},
    call_sign::{CallSign, CallSignQuery},
    caller_keys::x25519_public,
    cell::{CELL_LEN, Cell, Opened, Opener},
    derive::derive,
    digest::{Chain, ListDigest, Stage, drop_hash},
    drop::{DROP_LEN, Drop, PER_DAY, POSTING_SLOTS, Place, answer_parts},
    encoding::{Bytes, Secret},
    exchange::{ANSWER_HEADER_LEN, Answer, Ask, Outcome, Request, last_block},
    identity::Fingerprint,
    notice::Notice,
    phrase::Phrase,
    plan::{Plan, draw_bits},
    signed::Envelope,
    stamp::{Challenge, Effort, Round, Search, Stamp, Toll},
    time::{Day, UnixSeconds, Week},
    visit::Cover,
    walk::{Told, Walk},
    words::Language,
    xwing_public,
};
use data_encoding::HEXLOWER;
use serde_json::Value;

use read::{Draws, b64, cases, expect, file, fingerprint, hex, list, number, person, text};

#[test]
fn phrases() {
    let file = file("phrase.json");
    for case in list(&file["folding"]) {
        let read = Phrase::parse(text(&case["typed"]));
        let Some(phrase) = expect(case, read, &[("empty", "EmptyPhrase")]) else { continue };
        assert_eq!(phrase.expose(), text(&case["folded"]), "{case}");
        assert_eq!(HEXLOWER.encode(phrase.expose().as_bytes()), text(&case["folded_utf8"]));
    }
    for generated in list(&file["generated"]) {
        let random: [u8; 14] = hex(&generated["random"]);
        let language = Language::of_tag(text(&generated["language"]));
        let phrase = Phrase::generate(&mut Draws(random.to_vec()), language);
        assert_eq!(phrase.expose(), text(&generated["phrase"]));
        assert_eq!(phrase.language(), language);
    }
    for caller in list(&file["callers"]) {
        let desk = fingerprint(&caller["fingerprint"]);
        let keys = Phrase::parse(text(&caller["folded"])).unwrap().caller_keys(&desk);
        let root = hex(&caller["root"]);
        assert_eq!(keys.secret(), &Secret(derive(&root, "caller key", b"")));
        assert_eq!(keys.secret(), &Secret(hex(&caller["caller_sk"])));
        assert_eq!(keys.public(), &Bytes(hex(&caller["caller_pk"])));
        assert_eq!(keys.id(), Bytes(hex(&caller["caller_id"])));
        assert_eq!(keys.shard_bits(), number::<u16>(&caller["shard_bits"]));
        for secret in list(&caller["drop_secrets"]) {
            let week = Week(number(&secret["week"]));
            assert_eq!(keys.drop_secret(week), Secret(hex(&secret["secret"])));
        }
        for language in Language::ALL {
            let spoken = text(&caller["call_sign"][language.tag()]);
            assert_eq!(keys.call_sign().spoken(language), spoken);
            assert!(CallSignQuery::parse(spoken).unwrap().matches(&keys.id()));
        }
        assert_eq!(CallSign::marked(&keys.id(), Language::English), text(&caller["marked"]));
    }
    let readings = &file["call_sign_readings"];
    let id = Bytes(hex(&readings["caller_id"]));
    for reading in list(&readings["readings"]) {
        let outcome = match CallSignQuery::parse(text(&reading["typed"])) {
            Ok(query) if query.matches(&id) => "matches",
            Ok(_) => "another",
            Err(_) => "refused",
        };
        assert_eq!(outcome, text(&reading["outcome"]), "{reading}");
    }
}

#[test]
fn fingerprints() {
    let file = file("fingerprint.json");
    for desk in list(&file["desks"]) {
        let made = Fingerprint::of(&Bytes(hex(&desk["identity"])));
        assert_eq!(made.to_string(), text(&desk["fingerprint"]));
        assert_eq!(made.words(), text(&desk["words"]));
        assert_eq!(made.desk_id().as_str(), text(&desk["desk_id"]));
    }
    let first = fingerprint(&file["desks"][0]["fingerprint"]);
    for case in list(&file["readings"]) {
        let read = Fingerprint::parse(text(&case["typed"]));
        if let Some(read) = expect(case, read, &[("refused", "NotAFingerprint")]) {
            assert_eq!(read, first);
        }
    }
}

#[test]
fn json() {
    for (case, bytes) in cases(&file("json.json")) {
        expect(&case, callsign_protocol::json::read::<Value>(&bytes), &[("json", "Error(")]);
    }
}

#[test]
fn notices() {
    let variants = [
        ("truncated", "Signed(Layout(Truncated"),
        ("trailing", "Signed(Layout(TrailingBytes"),
        ("version", "Signed(Version"),
        ("kind", "Signed(Kind"),
        ("fingerprint", "Signed(Fingerprint"),
        ("certificate signature", "Signed(CertificateSignature"),
        ("certificate days", "Signed(CertificateDays"),
        ("body signature", "Signed(BodySignature"),
        ("too large", "Signed(TooLarge"),
        ("json", "Json("),
        ("rule", "Rule"),
        ("plan length", "Plan(Length"),
        ("plan order", "Plan(Order"),
        ("plan shards", "Plan(Shards"),
        ("plan period", "Plan(Period"),
        ("plan covers", "Plan(Uncovered"),
        ("successor signature", "Successor"),
        ("expired", "Expired"),
        ("client too old", "ClientTooOld"),
    ];
    for (case, bytes) in cases(&file("notice.json")) {
        let pin = (!case["pin"].is_null()).then(|| fingerprint(&case["pin"]));
        let read = Notice::verify(&bytes, pin.as_ref(), UnixSeconds(number(&case["now"])));
        let Some(read) = expect(&case, read, &variants) else { continue };
        assert_eq!(Envelope::decode(&bytes).unwrap().encode(), bytes);
        if !case["notice_hash"].is_null() {
            assert_eq!(read.fingerprint, fingerprint(&case["fingerprint"]));
            assert_eq!(read.hash, hex(&case["notice_hash"]));
            assert_eq!(read.notice.serial, number::<u64>(&case["serial"]));
        }
        for expected in case["shard_for"].as_array().into_iter().flatten() {
            let shard = read.notice.plan.shard(Day(number(&expected[0])), number(&expected[1]));
            assert_eq!(shard, number::<u32>(&expected[2]));
        }
        for expected in case["inbox_key_for"].as_array().into_iter().flatten() {
            let key = read.inbox_key(Day(number(&expected["day"])));
            assert_eq!(
                (key.epoch, key.key_id),
                (Day(number(&expected["epoch"])), number(&expected["key_id"]))
            );
        }
    }
}

/// Opens a cell as the desk of `cell.json` does.
fn open_cell(file: &Value, hashes: &Value, bytes: &[u8]) -> Result<Opened, String> {
    let cell = Cell::from_bytes(bytes).map_err(|error| format!("{error:?}"))?;
    let (epoch, key_id) = cell.key().map_err(|error| format!("{error:?}"))?;
    let wanted =
        |key: &&Value| number::<u32>(&key["epoch"]) == epoch.0 && number::<u16>(&key["key_id"]) == key_id;
    let key = list(&file["epochs"]).iter().find(wanted).ok_or("no key")?;
    let seed = Secret(hex(&key["seed"]));
    assert_eq!(xwing_public(&seed).0.as_slice(), b64(&key["public_key_b64"]));
    let hashes: Vec<[u8; 32]> = list(hashes).iter().map(hex).collect();
    let opener = Opener {
        fingerprint: &fingerprint(&file["fingerprint"]),
        seed: &seed,
        answer_key: &Secret(hex(&file["answer_key"])),
        former_answer_keys: &[],
        notice_hashes: &hashes,
    };
    cell.open(&opener).map_err(|error| format!("{error:?}"))
}

#[test]
fn cells() {
    let variants = [
        ("truncated", "\"Truncated"),
        ("trailing", "\"TrailingBytes"),
        ("version", "\"Version"),
        ("no key", "\"no key"),
        ("sealed", "\"Sealed"),
        ("padding", "\"Layout(NotZero"),
        ("length", "\"Layout(Truncated"),
        ("json", "\"Json"),
        ("kind", "\"Kind"),
        ("proof", "\"Proof"),
    ];
    let file = file("cell.json");
    let caller = person(&file["caller"], &fingerprint(&file["fingerprint"]));
    assert_eq!(x25519_public(&Secret(hex(&file["answer_key"]))).0, hex(&file["answer_public_key"]));
    for (case, bytes) in cases(&file) {
        let hashes =
            if case["notice_hashes"].is_null() { &file["notice_hashes"] } else { &case["notice_hashes"] };
        match expect(&case, open_cell(&file, hashes, &bytes), &variants) {
            Some(Opened::Cover) => assert_eq!(text(&case["outcome"]), "cover"),
            Some(Opened::Call(call) | Opened::Doubted(call)) => {
                assert_eq!(text(&case["outcome"]), "call");
                assert_eq!((&call.caller, call.text.as_str()), (caller.public(), text(&case["text"])));
                if !case["payload_b64"].is_null() {
                    assert_eq!(serde_json::to_vec(&call).unwrap(), b64(&case["payload_b64"])[32..]);
                }
            }
            None => {}
        }
    }
    for message in list(&file["messages"]) {
        let written =
            text(&message["text"]).repeat(message["times"].as_u64().map_or(1, |n| n.try_into().unwrap()));
        let mut arrived = String::new();
        for (n, cell) in message["cells_b64"].as_array().into_iter().flatten().enumerate() {
            let opened = open_cell(&file, &file["notice_hashes"], &b64(cell)).unwrap();
            let Opened::Call(call) = opened else { panic!("cover") };
            assert_eq!(
                (usize::from(call.part), call.parts),
                (n + 1, number(&message["cells_b64"].as_array().unwrap().len().into()))
            );
            arrived += &call.text;
        }
        if text(&message["outcome"]) == "too long" {
            let (track, language) = (String::new(), String::new());
            let message = Message { id: Bytes([0; 16]), track, language, text: written, safe_times: None };
            assert!(matches!(message.part_texts(), Err(MessageError::TooLong { .. })));
        } else {
            assert_eq!(arrived, written);
        }
    }
}

/// A text of a vector, repeated as it says, and the characters of each part.
fn cut(case: &Value) -> (String, Vec<usize>) {
    let characters = case["characters"].as_array().into_iter().flatten().map(number).collect();
    (text(&case["text"]).repeat(number(&case["times"])), characters)
}

fn lengths(parts: &[&str]) -> Vec<usize> {
    parts.iter().map(|part| part.chars().count()).collect()
}

#[test]
fn cuts() {
    for case in list(&file("cell.json")["cuts"]) {
        let (whole, characters) = cut(case);
        let (track, language) = (String::new(), String::new());
        let message = Message { id: Bytes([0; 16]), track, language, text: whole.clone(), safe_times: None };
        let variants = [("empty", "Empty"), ("too long", "TooLong")];
        let Some(parts) = expect(case, message.part_texts(), &variants) else { continue };
        assert_eq!(lengths(&parts), characters, "{}", case["name"]);
        assert_eq!(parts.concat(), whole);
    }
    for case in list(&file("drop.json")["cuts"]) {
        let (whole, characters) = cut(case);
        assert_eq!(lengths(&answer_parts(&whole).unwrap()), characters, "{}", case["name"]);
    }
}

fn place(value: &Value) -> Place {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn drops() {
    let variants = [
        ("truncated", "\"Truncated"),
        ("trailing", "\"TrailingBytes"),
        ("sealed", "\"Sealed"),
        ("no address", "\"Sealed"),
        ("padding", "\"Layout(NotZero"),
        ("length", "\"Layout(Truncated"),
        ("json", "\"Json"),
    ];
    let file = file("drop.json");
    let desk = fingerprint(&file["fingerprint"]);
    let people = ["caller", "other_caller"].map(|who| (who, person(&file[who], &desk)));
    let answer_key = Bytes(hex(&file["answer_public_key"]));
    for expected in list(&file["places"]) {
        let at = place(&expected["place"]);
        assert_eq!(at.day.week(), Week(number(&expected["week"])));
        let secret = people[0].1.drop_secret(at.day.week());
        assert_eq!(secret, Secret(hex(&expected["drop_secret"])));
        assert_eq!(at.address(&secret), Bytes(hex(&expected["address"])));
        let context = [at.day.0.to_be_bytes().as_slice(), &[at.slot, at.index]].concat();
        assert_eq!(derive(&secret.0, "psk", &context), hex::<32>(&expected["psk"]));
    }
    for (case, bytes) in cases(&file) {
        let by = case["by"].as_str().unwrap_or("caller");
        let (_, keys) = people.iter().find(|(who, _)| *who == by).unwrap();
        let at = place(&case["place"]);
        let read = Drop::from_bytes(&bytes).map_err(|error| format!("{error:?}"));
        let open = |drop: Drop| {
            assert_eq!(drop.0.as_slice(), bytes);
            drop.open(&at, keys, &desk, &answer_key).map_err(|error| format!("{error:?}"))
        };
        if let Some(payload) = expect(&case, read.and_then(open), &variants) {
            assert_eq!(serde_json::to_value(payload).unwrap(), case["payload"]);
        }
        if text(&case["outcome"]) == "no address" {
            let secret = keys.drop_secret(at.day.week());
            for (slot, index) in
                (0..POSTING_SLOTS).flat_map(|slot| (0..PER_DAY).map(move |index| (slot, index)))
            {
                assert!(Place { slot, index, ..at }.address(&secret).0 != bytes[..16]);
            }
        }
    }
}

/// `header` and then the file's filling, cut or grown to `length`.
fn body(file: &Value, case: &Value) -> Vec<u8> {
    let mut bytes = HEXLOWER.decode(text(&case["header"]).as_bytes()).unwrap();
    bytes.resize(number(&case["length"]), number(&file["fill"]));
    bytes
}

fn ask(value: &Value) -> Ask {
    Ask {
        day: Day(number(&value["day"])),
        shard: value["shard"].as_u64().map_or(0, |n| n.try_into().unwrap()),
        from: number(&value["from"]),
    }
}

#[test]
fn stamps() {
    let file = file("stamp.json");
    assert_eq!(Effort::MAX, Effort(number(&file["effort_max"])));
    let cell = |case: &Value| Cell(Box::new([number(&case["cell"]); CELL_LEN]));
    for case in list(&file["cases"]) {
        let (stamp, cell) = (stamp(&case["stamp"]), cell(case));
        let desk = Fingerprint(hex(&case["fingerprint"]));
        assert_eq!(Challenge::new(&desk, stamp.round, &cell), Challenge(hex(&case["challenge"])));
        assert_eq!(stamp.holds(&desk, &cell), case["outcome"] == "ok", "{}", case["name"]);
    }
    let desk = fingerprint(&file["fingerprint"]);
    for case in list(&file["searches"]) {
        let first = u64::from_be_bytes(hex(&case["first"]));
        let found = Search::new(&desk, &cell(case), toll(&case["asked"]), first).advance(u32::MAX);
        assert_eq!(found, Some(stamp(&case["stamp"])), "{}", case["name"]);
    }
}

fn toll(value: &Value) -> Toll {
    Toll { effort: Effort(number(&value["effort"])), round: Round(number(&value["round"])) }
}

fn stamp(value: &Value) -> Stamp {
    if value.is_null() {
        return Stamp::NONE;
    }
    let Toll { effort, round } = toll(value);
    Stamp { effort, round, nonce: u64::from_be_bytes(hex(&value["nonce"])) }
}

#[test]
fn exchanges() {
    let file = file("exchange.json");
    for pair in list(&file["last_block"]) {
        assert_eq!(last_block(number(&pair[0])), number::<u32>(&pair[1]));
    }
    let variants = [
        ("version", "Version"),
        ("reserved", "Layout(NotZero"),
        ("truncated", "Layout(Truncated"),
        ("trailing", "Layout(TrailingBytes"),
    ];
    for case in list(&file["requests"]) {
        let bytes = body(&file, case);
        let Some(request) = expect(case, Request::decode(&bytes), &variants) else { continue };
        assert_eq!(request.ask, ask(&case["ask"]));
        assert_eq!(request.stamp, stamp(&case["stamp"]));
        assert_eq!(request.cell.0.len(), CELL_LEN);
        assert_eq!(request.encode(), bytes);
    }
    let variants = [
        ("other version", "Version"),
        ("unknown outcome", "Outcome"),
        ("minute", "Layout(OutOfRange"),
        ("reserved", "Layout(NotZero"),
        ("truncated", "Layout(Truncated"),
        ("trailing", "Layout(TrailingBytes"),
    ];
    for case in list(&file["answers"]) {
        let bytes = body(&file, case);
        let Some(Answer { header, drops }) = expect(case, Answer::decode(&bytes), &variants) else {
            continue;
        };
        let outcome = match header.outcome {
            Outcome::Stored => "stored",
            Outcome::Unavailable => "unavailable",
            Outcome::Version => "version",
            Outcome::UnknownList => "unknown list",
        };
        assert_eq!(outcome, text(&case["outcome"]));
        assert_eq!(Ask { day: header.day, shard: header.shard, from: header.from }, ask(case));
        assert_eq!(header.total, number::<u32>(&case["total"]));
        assert_eq!(header.notice_serial, number::<u64>(&case["notice_serial"]));
        assert_eq!(header.signature, case["signature"].as_str().map(|_| Bytes(hex(&case["signature"]))));
        assert_eq!(header.toll, toll(&case["toll"]));
        assert_eq!(u16::from(header.minute), number::<u16>(&case["minute"]));
        assert_eq!(header.chain, Bytes(hex(&case["chain"])));
        assert_eq!(drops.len(), number::<usize>(&case["drops"]));
        assert_eq!(header.encode(), bytes[..ANSWER_HEADER_LEN]);
    }
}

#[test]
fn days() {
    let file = file("day.json");
    for case in list(&file["chains"]) {
        let drops = list(&case["drops"]).iter().map(|byte| Drop([number(byte); DROP_LEN]));
        let mut chain = Chain::EMPTY;
        let mut hashes = vec![chain.hash];
        for drop in drops {
            chain = chain.with(&drop_hash(&drop));
            hashes.push(chain.hash);
        }
        let expected: Vec<_> = list(&case["chain"]).iter().map(|hash| Bytes(hex(hash))).collect();
        assert_eq!(hashes, expected);
    }
    let duty_key = Bytes(hex(&file["duty_key"]));
    for (case, bytes) in cases(&file) {
        let chain = Chain { total: number(&case["total"]), hash: Bytes(hex(&case["h"])) };
        let minute = number::<u16>(&case["minute"]).try_into().unwrap();
        let digest =
            ListDigest { day: Day(number(&case["day"])), shard: number(&case["shard"]), chain, minute };
        let stage = if case["stage"] == "head" { Stage::Head } else { Stage::Day };
        let signature = Bytes(bytes.try_into().unwrap());
        let verified = digest.verify(stage, &fingerprint(&file["fingerprint"]), &duty_key, &signature);
        expect(&case, verified, &[("signature", "BadSignature")]);
    }
}

#[test]
fn walks_and_gaps() {
    let file = file("walk.json");
    let plan: Plan = serde_json::from_value(file["plan"].clone()).unwrap();
    for case in list(&file["walks"]) {
        let mut walk = Walk::new(number(&case["days"]), number(&case["shard_bits"]));
        for (slot, step) in (0..).zip(list(&case["steps"])) {
            if step.get("move").is_some() {
                walk.move_to(number(&step["move"]));
            }
            let asked = walk.ask(slot, &plan, Day(number(&step["today"])));
            assert_eq!(asked, ask(&step["ask"]), "{}, slot {slot}", case["name"]);
            if let Some(answer) = step.get("answer") {
                let Ask { day, from, .. } = ask(answer);
                walk.took(&plan, &asked, &Told { day, from, total: number(&answer["total"]) });
            } else {
                walk.pass_over(&plan, &asked);
            }
            assert_eq!(Some(walk.is_whole()), step["whole"].as_bool(), "{}, slot {slot}", case["name"]);
        }
        let read = walk.days_read(&plan, number(&case["shard_bits"]));
        assert_eq!(read, number::<u32>(&case["days_read"]), "{}", case["name"]);
    }
    let cover: Cover = serde_json::from_value(file["gaps"]["cover"].clone()).unwrap();
    for case in list(&file["gaps"]["cases"]) {
        let draws = || Draws(hex::<8>(&case["draw"]).into_iter().rev().collect());
        assert_eq!(
            cover.gap_ms(number(&case["slot"]), number(&case["failures"]), &mut draws()),
            number::<u64>(&case["ms"])
        );
        assert_eq!(cover.move_after_ms(&mut draws()), number::<u64>(&case["move_after_ms"]));
        assert_eq!(draw_bits(&mut draws()), number::<u16>(&case["shard_bits"]));
    }
}
