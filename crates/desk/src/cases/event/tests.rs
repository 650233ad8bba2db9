//! Events that two devices make alike, the case that each continues, and the form in which all are written.

use std::{fs, path::Path};

use callsign_protocol::{
    call::CallPart,
    caller_keys::caller_id,
    drop::Place,
    encoding::Bytes,
    snapshot::{ChunkList, Whole},
    time::{Day, UnixSeconds},
};
use serde_json::Value;

use crate::cases::{
    AnswerQueued, DropPosted, Event, EventBody, EventId, Flushed, OPENED_MAX, Opened, Ticked,
};

fn part(part: u8) -> Box<CallPart> {
    Box::new(CallPart {
        caller: Bytes([1; 32]),
        shard_bits: 0,
        drop_secrets: Vec::new(),
        id: Bytes([2; 16]),
        part,
        parts: 2,
        track: String::new(),
        language: "en".into(),
        text: "text".into(),
        safe_times: None,
    })
}

#[test]
fn an_event_is_named_by_what_it_says_and_not_by_who_made_it() {
    let received = |n, at| Event::message_received(part(n), UnixSeconds(at)).id;
    assert_eq!(received(1, 600), received(1, 1_200));
    assert_ne!(received(1, 600), received(2, 600));
    let published = |hash: u8, serial| Event::notice_published([hash; 32], serial, vec![Day(1)]).id;
    assert_eq!(published(1, 1), published(1, 2));
    assert_ne!(published(1, 1), published(2, 1));
    let opened =
        |caller: u8, message: u8| Event::opened(Bytes([caller; 16]), &[Bytes([message; 16])]).remove(0).id;
    assert_eq!(opened(1, 1), opened(1, 1));
    assert_ne!(opened(1, 1), opened(2, 1));
    assert_ne!(opened(1, 1), opened(1, 2));
}

#[test]
fn many_messages_opened_are_several_events() {
    let count = u8::try_from(OPENED_MAX).unwrap() + 1;
    let messages: Vec<EventId> = (0..count).map(|n| Bytes([n; 16])).collect();
    let events = Event::opened(Bytes([9; 16]), &messages);
    let said: Vec<EventId> = events
        .iter()
        .flat_map(|event| match &event.body {
            EventBody::Opened(opened) => opened.messages.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!((events.len(), said), (2, messages));
    assert!(Event::opened(Bytes([9; 16]), &[]).is_empty());
}

#[test]
fn an_event_continues_the_case_of_its_caller_or_none() {
    let caller = caller_id(&Bytes([1; 32]));
    let (id, place) = (Bytes([3; 16]), Place { day: Day(1), slot: 0, index: 0 });
    let queued = EventBody::AnswerQueued(AnswerQueued {
        caller,
        answer: id,
        part: 1,
        parts: 1,
        text: "yes".into(),
        queued: UnixSeconds(60),
        second_reader: false,
        seen: None,
    });
    let posted = EventBody::DropPosted(DropPosted {
        caller,
        place,
        number: 1,
        answer: Some((id, 1)),
        opened: vec![id],
    });
    for body in [queued, posted, EventBody::Opened(Opened { caller, messages: vec![id] })] {
        assert_eq!(body.caller(), Some(&caller), "{body:?}");
        let json = serde_json::to_string(&Event { id, body: body.clone() }).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap().body, body);
    }
    // A call begins a case, so it continues none.
    let received = Event::message_received(part(1), UnixSeconds(600)).body;
    for body in
        [received, EventBody::Flushed(Flushed {}), EventBody::Ticked(Ticked { tick: 1 }), EventBody::Unknown]
    {
        assert_eq!(body.caller(), None, "{body:?}");
    }
}

#[test]
fn events_are_written_as_the_vectors_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/event.json");
    let file: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 53);
    for case in cases {
        let event: Event = serde_json::from_value(case["event"].clone()).unwrap();
        assert!(event.is_readable() && event.body != EventBody::Unknown, "{case}");
        assert_eq!(serde_json::to_value(&event).unwrap(), case["event"]);
        let made = match event.body.clone() {
            EventBody::AnswerQueued(queued) => Event::answer_queued(queued),
            EventBody::Escalated(escalated) => Event::escalated(escalated),
            EventBody::GenerationBegun(begun) => Event::generation_begun(begun.generation, begun.day),
            EventBody::MessageReceived(part) => {
                let tag = part.tag.expect("the vector has one");
                Event::message_received(part.call, part.received).tagged(tag)
            }
            EventBody::NoticePublished(of) => Event::notice_published(of.hash.0, of.serial, of.epochs),
            EventBody::NoteWritten(written) => Event::note_written(written),
            EventBody::Opened(opened) => Event::opened(opened.caller, &opened.messages).remove(0),
            EventBody::SnapshotWhole(of) => {
                let chunks = ChunkList { attempt: of.attempt, count: of.chunks, hash: of.hash };
                Event::whole(&Whole { chunks, state: of.state })
            }
            EventBody::WrappingKeyAnnounced(of) => Event::wrapping_key(of.device, of.generation, *of.key),
            _ => {
                assert!(case["id_of"].is_null(), "{case}");
                continue;
            }
        };
        assert_eq!(made, event);
    }
}

#[test]
fn a_type_of_a_later_version_is_read_as_one_that_nobody_knows() {
    let json = r#"{"id":"AAAAAAAAAAAAAAAAAAAAAA","type":"case_merged","with":[1,2]}"#;
    let event: Event = serde_json::from_str(json).unwrap();
    assert_eq!(event, Event { id: Bytes([0; 16]), body: EventBody::Unknown });
}
