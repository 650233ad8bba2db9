//! Events that two devices make alike, the case that each continues, and the sessions in which devices send them.

use callsign_protocol::{
    call::CallPart,
    caller_keys::caller_id,
    drop::Place,
    encoding::{Bytes, Secret},
    event::{Event, EventBody, EventId, OPENED_MAX},
    identity::{Fingerprint, PrivateKey},
    keyring::device_id,
    session::SessionRequest,
    time::{Day, UnixSeconds},
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
            EventBody::Opened { messages, .. } => messages.clone(),
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
    let queued = EventBody::AnswerQueued {
        caller,
        answer: id,
        part: 1,
        parts: 1,
        text: "yes".into(),
        queued: UnixSeconds(60),
    };
    let posted = EventBody::DropPosted { caller, place, number: 1, answer: Some((id, 1)), opened: vec![id] };
    for body in [queued, posted, EventBody::Opened { caller, messages: vec![id] }] {
        assert_eq!(body.caller(), Some(&caller), "{body:?}");
        let json = serde_json::to_string(&Event { id, body: body.clone() }).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap().body, body);
    }
    // A call begins a case, so it continues none.
    let received = Event::message_received(part(1), UnixSeconds(600)).body;
    for body in [received, EventBody::Flushed, EventBody::Ticked { tick: 1 }, EventBody::Unknown] {
        assert_eq!(body.caller(), None, "{body:?}");
    }
}

#[test]
fn a_challenge_is_signed_for_one_desk_by_one_device() {
    let key = PrivateKey::from_seed(&Secret([5; 32]));
    let (desk, other) = (Fingerprint([1; 32]), Fingerprint([2; 32]));
    let request = SessionRequest::sign(Bytes([7; 56]), &desk, &key);
    assert_eq!((request.device, request.challenge), (device_id(&key.public()), Bytes([7; 56])));
    assert_eq!(SessionRequest::decode(&request.encode()), Ok(request.clone()));
    assert!(request.verify(&desk, &key.public()).is_ok());
    let mut moved = request.clone();
    moved.challenge = Bytes([8; 56]);
    assert!(moved.verify(&desk, &key.public()).is_err());
    assert!(request.verify(&other, &key.public()).is_err());
    assert!(request.verify(&desk, &PrivateKey::from_seed(&Secret([6; 32])).public()).is_err());
}
