//! `event.json`: one event of each type as section 9.1 writes it, and how its id is made.

use callsign_protocol::{
    derive::sha256_id,
    encoding::Bytes,
    identity::PrivateKey,
    keyring::{DeviceId, device_id},
    successor::Successor,
};
use serde_json::{Value, json};

use super::{
    case::{b64, hex},
    fixture::{Desk, TODAY, now, rng},
};

/// An event, and the parts from which its id is made; none of one whose id is random.
type Made = (Value, Option<Vec<Vec<u8>>>);

fn events(desk: &Desk) -> Vec<Made> {
    let id = |n: u8| Bytes([n; 16]);
    let caller = id(2);
    let (message, part) = (id(3), 1);
    let key = [1; 32];
    let of_caller = callsign_protocol::caller_keys::caller_id(&Bytes(key));
    let call = json!({
        "caller": Bytes(key), "shard_bits": 7, "drop_secrets": [[TODAY.week(), Bytes([4; 32])]], "id": message,
        "part": part, "parts": 2, "track": "field", "language": "uk", "text": "Так, «можна»",
    });
    let [ending, next] = [33, 34].map(|seed| PrivateKey::generate(&mut rng(seed)));
    let successor = Successor::announce(&ending, next.public(), TODAY.plus(30));
    let device = device_id(&desk.duty.public());
    let made = |parts: &[&[u8]]| Some(parts.iter().map(|part| part.to_vec()).collect());
    let first = vec![
        (
            json!({ "type": "notice_published", "hash": Bytes([6; 32]), "serial": 7, "epochs": [TODAY, TODAY.plus(1)] }),
            made(&[b"notice", &[6; 32]]),
        ),
        (
            json!({
                "type": "answer_queued", "caller": caller, "answer": id(5), "part": 1, "parts": 1,
                "text": "Так, «можна»", "queued": now().whole_minutes(), "seen": id(15),
            }),
            made(&[b"answer part", &id(5).0, &[1]]),
        ),
        (
            json!({ "type": "escalated", "caller": caller, "message": id(3), "step": 2 }),
            made(&[b"escalated", &caller.0, &id(3).0, &[2]]),
        ),
        (
            json!({ "type": "opened", "caller": caller, "messages": [id(3), id(4)] }),
            made(&[b"opened", &caller.0, &id(3).0, &id(4).0]),
        ),
        (json!({ "type": "flushed" }), None),
        (json!({ "type": "ticked", "tick": now() }), None),
        (
            json!({ "type": "listed", "day": TODAY, "posted": [[0, Bytes([10; 32])], [3, Bytes([11; 32])]] }),
            None,
        ),
        (json!({ "type": "lists_taken", "lists": [[TODAY, 0, 9, Bytes([12; 32])]] }), None),
        (
            json!({
                "type": "days_signed", "duty_key": Bytes([13; 32]),
                "lists": [[TODAY.minus(1), 0], [TODAY.minus(1), 1]],
            }),
            None,
        ),
        (
            json!({
                "type": "drop_posted", "caller": caller, "place": { "day": TODAY, "slot": 3, "index": 31 },
                "number": 9, "answer": [id(5), 1], "opened": [id(3)],
            }),
            None,
        ),
    ];
    let others = vec![
        (
            json!({
                "type": "settings_set", "name": "Лінія", "tracks": [{ "id": "field", "names": { "en": "In the field" } }],
                "languages": ["en"], "content": { "en": "ab".repeat(32) },
                "plan": [{ "from": TODAY.minus(15), "shards": 1, "drop_period_s": 300 }],
                "cover": {
                    "gap_ms": 4_000, "gap_max_ms": 12_000, "gap_growth_percent": 3, "visit_exchanges": 150,
                    "move_after_ms": 120_000,
                },
                "channels": [{ "id": "phone", "text": "By phone", "address": "+380 44 123 45 67" }],
                "pages": [{ "name": "index.html", "sha256": "cd".repeat(32) }],
                "certificate_days": 14, "audit_days": 120, "waiting_minutes": [45, 60, 90],
            }),
            None,
        ),
        (json!({ "type": "successor_announced", "successor": successor }), None),
        (
            json!({ "type": "generation_begun", "generation": 3, "day": TODAY }),
            made(&[b"generation", &3_u32.to_be_bytes()]),
        ),
        (
            json!({ "type": "wrapping_key", "device": device, "generation": 4, "key": b64(&[1; 1_216]) }),
            made(&[b"wrapping key", &device.0, &4_u32.to_be_bytes()]),
        ),
        (
            json!({
                "type": "whole", "attempt": id(0xa7), "chunks": 128, "hash": Bytes([0xc4; 32]),
                "state": Bytes([0x57; 32]),
            }),
            made(&[b"whole", &id(0xa7).0]),
        ),
        (
            json!({ "type": "message_received", "call": call, "received": now().0 / 600 * 600, "tag": Bytes([7; 6]) }),
            made(&[b"message", &of_caller.0, &message.0, &[part]]),
        ),
    ];
    [first, of_people(device), others].concat()
}

/// What people say of cases, of each other and of devices.
fn of_people(device: DeviceId) -> Vec<Made> {
    let id = |n: u8| Bytes([n; 16]);
    let (caller, message) = (id(2), id(3));
    let made = |parts: &[&[u8]]| Some(parts.iter().map(|part| part.to_vec()).collect());
    vec![
        (json!({ "type": "case_erased", "caller": caller }), None),
        (json!({ "type": "case_closed", "caller": caller, "seen": message, "why": "no_more_needed" }), None),
        (json!({ "type": "case_reopened", "caller": caller }), None),
        (
            json!({
                "type": "note_written", "caller": caller, "note": id(8), "part": 1, "parts": 1,
                "text": "спитати в Осики",
            }),
            made(&[b"note part", &id(8).0, &[1]]),
        ),
        (
            json!({ "type": "note_written", "caller": caller, "note": id(9), "part": 1, "parts": 1, "text": "Так", "kind": "draft" }),
            made(&[b"note part", &id(9).0, &[1]]),
        ),
        (json!({ "type": "note_struck", "caller": caller, "note": id(8) }), None),
        (json!({ "type": "answer_released", "caller": caller, "answer": id(5), "seen": id(15) }), None),
        (json!({ "type": "answer_withdrawn", "caller": caller, "answer": id(5) }), None),
        (json!({ "type": "claimed", "caller": caller, "over": id(3), "reason": "Калина захворіла" }), None),
        (json!({ "type": "claim_released", "caller": caller, "claim": id(3) }), None),
        (json!({ "type": "shift_ended", "note": "Він пише після восьмої.", "left": [caller] }), None),
        (json!({ "type": "handover_taken", "shift": id(3) }), None),
        (json!({ "type": "ready", "caller": caller }), None),
        (json!({ "type": "not_ready" }), None),
        (json!({ "type": "passed", "caller": caller }), None),
        (
            json!({ "type": "step_done", "caller": caller, "list": "surrender", "revision": id(11), "step": 2, "done": true }),
            None,
        ),
        (json!({ "type": "presence", "caller": caller, "doing": "writing" }), None),
        (
            json!({
                "type": "transfer_offered", "caller": caller, "claim": id(3), "to": { "person": id(7) },
                "text": "мушу йти",
            }),
            None,
        ),
        (
            json!({ "type": "transfer_answered", "caller": caller, "offer": id(9), "taken": true, "over": id(3) }),
            None,
        ),
        (json!({ "type": "transfer_withdrawn", "caller": caller, "offer": id(9) }), None),
        (json!({ "type": "transfer_asked", "caller": caller, "text": "я його знаю" }), None),
        (json!({ "type": "urgency_set", "caller": caller, "level": 1, "was": id(3) }), None),
        (json!({ "type": "flagged", "caller": caller, "flag": "coerced", "until": 20_100 }), None),
        (json!({ "type": "flag_lifted", "caller": caller, "flag": "coerced", "until": 20_100 }), None),
        (
            json!({
                "type": "sifted", "callers": [caller], "from": now().0 / 600 * 600, "to": now().0 / 600 * 600,
                "as": { "junk": 20_100 },
            }),
            None,
        ),
        (json!({ "type": "unsifted", "sifted": id(3), "callers": [caller] }), None),
        (
            json!({
                "type": "safe_window_set", "caller": caller, "window": { "from": 1200, "to": 30, "zone": 180 }, "was": id(3),
            }),
            None,
        ),
        (
            json!({ "type": "answer_approved", "caller": caller, "answer": id(5), "digest": Bytes([6; 32]) }),
            None,
        ),
        (
            json!({
                "type": "answer_refused", "caller": caller, "answer": id(5), "digest": Bytes([6; 32]),
                "text": "забагато обіцянок",
            }),
            None,
        ),
        (
            json!({ "type": "device_admitted", "device": device, "person": id(7), "generation": 3, "answer_keys": [b64(&[9; 32]), b64(&[8; 32])] }),
            None,
        ),
        (json!({ "type": "device_given", "device": device, "person": id(7) }), None),
        (
            json!({
                "type": "person_added", "person": id(7), "name": "Калина", "roles": ["custodian", "operator"],
                "device": device,
            }),
            None,
        ),
        (json!({ "type": "person_left", "person": id(7) }), None),
        (json!({ "type": "role_set", "person": id(7), "roles": ["leader", "operator"], "was": id(3) }), None),
        (json!({ "type": "device_removed", "device": device }), None),
        (
            json!({
                "type": "follow_up_set", "caller": caller, "due": TODAY.plus(3), "hour": 16,
                "text": "спитати, чи дійшов", "why": "так просить сам", "was": id(3),
            }),
            None,
        ),
        (json!({ "type": "follow_up_done", "caller": caller, "follow_up": id(3) }), None),
    ]
}

/// The events with their ids, small enough together for one bundle.
pub fn written(desk: &Desk) -> Vec<Value> {
    with_ids(desk).into_iter().map(|(event, _)| event).collect()
}

fn with_ids(desk: &Desk) -> Vec<Made> {
    let numbered = (1..).zip(events(desk));
    let with_id = |(number, (mut event, made)): (u8, Made)| {
        let parts = made.as_ref().map(|parts| parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
        event["id"] = json!(parts.map_or(Bytes([number; 16]), |parts| sha256_id(&parts)));
        (event, made)
    };
    numbered.map(with_id).collect()
}

/// The whole of `event.json`.
pub fn file() -> Value {
    let case = |(event, made): Made| {
        let of = made.map(|parts| parts.iter().map(|part| hex(part)).collect::<Vec<_>>());
        json!({ "name": event["type"], "event": event, "id_of": of })
    };
    json!({
        "comment": "Section 9.1: events as a device writes them, one of each type. The id is the first 16 bytes of the SHA-256 \
                    of the parts in `id_of`, one behind the other; null where it is random.",
        "cases": with_ids(&Desk::new()).into_iter().map(case).collect::<Vec<_>>(),
    })
}
