//! Writing, reading and merely visiting have one shape on the wire (P2, P3).

use std::cell::RefCell;

use callsign_caller::{
    paced::{self, Goal, Plan},
    visit::{SlotError, Visit, VisitError},
};
use callsign_protocol::{
    call::Message,
    caller_keys::CallerKeys,
    cell::Opened,
    encoding::Bytes,
    exchange::{Ask, Outcome, REQUEST_HEADER_LEN},
    stamp::{Effort, Round, Toll},
};

use crate::{
    desk::{TODAY, TestDesk, answer, caller, clock, dummies, noon, place, rng},
    scripted_hub::{Reply, ScriptedHub, Seen},
};

/// A message that takes several cells.
pub fn message(text: &str) -> Message {
    Message {
        id: Bytes([8; 16]),
        track: "witness".to_owned(),
        language: "uk".to_owned(),
        text: text.to_owned(),
        safe_times: Some("after eight".to_owned()),
    }
}

/// What shows of one visit.
#[derive(Debug, PartialEq, Eq)]
struct Shape {
    waits_ms: Vec<u128>,
    requests: Vec<RequestShape>,
}

/// What shows of a request: all of it but the cell, of which only the length does.
#[derive(Debug, PartialEq, Eq)]
struct RequestShape {
    method: String,
    path: String,
    headers: Vec<String>,
    /// The first 20 bytes of an exchange: what it asks for, and the effort and round of its stamp. The nonce is drawn.
    ask: Vec<u8>,
    body_len: usize,
}

impl From<Seen> for RequestShape {
    fn from(Seen { method, path, headers, body }: Seen) -> Self {
        assert!(body.iter().take(REQUEST_HEADER_LEN).skip(28).all(|byte| *byte == 0));
        Self { method, path, headers, ask: body.iter().take(20).copied().collect(), body_len: body.len() }
    }
}

struct Visitor {
    goal: Goal,
    keys: CallerKeys,
    writes: Option<Message>,
    /// Sealing differs from visitor to visitor, pacing is the same.
    sealing_seed: u64,
}

fn visitors() -> [Visitor; 3] {
    let text = "Мене викликають. 😀 ".repeat(200);
    [
        Visitor { goal: Goal::Stored, keys: caller(0), writes: Some(message(&text)), sealing_seed: 1 },
        Visitor { goal: Goal::Read, keys: caller(0), writes: None, sealing_seed: 2 },
        Visitor { goal: Goal::Visited, keys: caller(1), writes: None, sealing_seed: 3 },
    ]
}

/// Lists of three days with an answer for caller 0 in each.
fn hub() -> ScriptedHub {
    let (desk, me) = (TestDesk::new(), caller(0));
    let mut hub = ScriptedHub::start();
    for (ago, total) in [(0, 40), (1, 65), (3, 10)] {
        let day = TODAY.minus(ago);
        let mut drops = dummies(total);
        drops[5] = desk.seal(&me, place(day, 0), &answer(9 - ago, 9, 1, 1, "answer"));
        hub = hub.list(day, drops);
    }
    hub
}

fn visit(
    hub: &ScriptedHub,
    visitor: &Visitor,
    slots: u32,
    seed: u64,
) -> (Shape, Result<(), VisitError>, u32) {
    let client = hub.client();
    let notice = client.arrive(noon()).unwrap().notice;
    let sealing = rng(visitor.sealing_seed);
    let mut visit = Visit::new(&client, notice, visitor.keys.clone(), clock(), sealing);
    if let Some(message) = &visitor.writes {
        visit.write(message).unwrap();
    }
    let waits_ms = RefCell::new(Vec::new());
    let plan = Plan { goal: visitor.goal, slots: Some(slots) };
    let mut longer = 0;
    let wait = |duration: std::time::Duration| waits_ms.borrow_mut().push(duration.as_millis());
    let result = paced::run(&mut visit, &plan, &mut rng(seed), &wait, &mut || longer += 1);
    let requests = hub.seen().into_iter().map(RequestShape::from).collect();
    (Shape { waits_ms: waits_ms.into_inner(), requests }, result, longer)
}

#[test]
fn a_call_a_pick_up_and_a_mere_visit_look_alike() {
    for seed in [1, 2, 3] {
        let shapes = visitors().map(|visitor| {
            let (shape, result, longer) = visit(&hub(), &visitor, 40, seed);
            assert!(result.is_ok(), "{result:?}");
            assert_eq!(longer, 0);
            shape
        });
        let ends = ["/", "/v1/notice", "/v1/letters"];
        assert!(shapes[0].requests.iter().zip(ends).all(|(seen, end)| seen.path.ends_with(end)));
        assert_eq!(shapes[0].requests.len(), 43);
        assert_eq!(shapes[0].waits_ms.len(), 40);
        assert!(shapes[0].requests[3..].iter().all(|seen| seen.headers == shapes[0].requests[3].headers));
        assert!(shapes[0].requests[3..].iter().all(|seen| seen.body_len == 4_192));
        assert_eq!(shapes[0], shapes[1]);
        assert_eq!(shapes[1], shapes[2]);
    }
}

/// A hub must not learn by refusing: whatever it answers, the next request is the same for a real cell and for cover, its
/// stamp too.
#[test]
fn a_hub_that_refuses_learns_nothing_from_what_comes_next() {
    let busy = |n: usize| Toll { effort: Effort(3), round: Round(u16::try_from(n).unwrap()) };
    let refuse = move |n: usize, ask: Ask| match n % 7 {
        0 => Reply::Asking(Outcome::Stored, busy(n)),
        1 => Reply::Asking(Outcome::Unavailable, busy(n)),
        2 => Reply::Status(503),
        3 => Reply::Outcome(Outcome::UnknownList),
        4 => Reply::Cut(100),
        5 if ask.from == u32::MAX => Reply::Lie(|header| header.from ^= 32),
        6 => Reply::Silence,
        _ => Reply::Honest,
    };
    for seed in [4, 5] {
        let shapes = visitors().map(|visitor| {
            let hub = hub().script(move |n, request| refuse(n, request.ask));
            // As many slots as there are: a reader who misses a block would go on longer, and say so.
            visit(&hub, &visitor, 60, seed).0
        });
        assert!(shapes[0].requests.len() > 62);
        assert!(shapes[0].requests.iter().filter(|seen| seen.ask.get(16) == Some(&3)).count() > 20);
        assert_eq!(shapes[0], shapes[1]);
        assert_eq!(shapes[1], shapes[2]);
    }
}

#[test]
fn headers_name_no_program_and_no_version() {
    let hub = hub();
    let (_, result, _) = visit(&hub, &visitors()[0], 10, 1);
    assert!(result.is_ok());
    let headers = |method: &str| {
        let seen = hub.seen().into_iter().find(|seen| seen.method == method).unwrap();
        let mut headers =
            seen.headers.join("\n").to_lowercase().lines().map(str::to_owned).collect::<Vec<_>>();
        headers.sort();
        headers
    };
    assert_eq!(headers("GET"), ["accept: */*", "host: -"]);
    let posted = ["accept: */*", "content-length: 4192", "content-type: application/octet-stream", "host: -"];
    assert_eq!(headers("POST"), posted);
}

#[test]
fn what_was_written_goes_in_order_while_the_walk_goes_on() {
    let (hub, desk) = (hub(), TestDesk::new());
    let writer = &visitors()[0];
    let (_, result, _) = visit(&hub, writer, 40, 1);
    assert!(result.is_ok());
    let opened: Vec<_> =
        hub.cells().iter().map(|cell| desk.open(cell, desk.notice().hash).unwrap()).collect();
    let text: String = opened
        .iter()
        .map(|opened| match opened {
            Opened::Call(part) | Opened::Doubted(part) => part.text.as_str(),
            Opened::Cover => "",
        })
        .collect();
    assert_eq!(text, writer.writes.as_ref().unwrap().text);
    assert!(opened.iter().skip(10).all(|opened| *opened == Opened::Cover));
    let asks: Vec<_> = hub.exchanges().iter().map(|request| request.ask.from).collect();
    assert!(asks.starts_with(&[u32::MAX, 0, u32::MAX]), "{asks:?}");
}

#[test]
fn a_visit_goes_on_only_while_its_goal_is_missed_and_says_so() {
    let [writer, reader, visitor] = visitors();
    let unavailable = |until: usize| {
        hub().script(move |n, _| if n < until { Reply::Outcome(Outcome::Unavailable) } else { Reply::Honest })
    };
    let (shape, result, longer) = visit(&unavailable(12), &writer, 10, 1);
    assert!(result.is_ok());
    assert_eq!((longer, shape.waits_ms.len()), (1, 12 + writer.writes.unwrap().parts().unwrap().len()));
    let (shape, result, longer) = visit(&unavailable(12), &visitor, 10, 1);
    assert!(result.is_ok());
    assert_eq!((longer, shape.waits_ms.len()), (0, 10));
    // The notice's 60 slots are the end.
    let (shape, result, longer) = visit(&hub().script(|_, _| Reply::Status(500)), &reader, 10, 1);
    assert!(matches!(result, Err(VisitError::NotRead(SlotError::Hub(_)))), "{result:?}");
    assert_eq!((longer, shape.waits_ms.len()), (1, 60));
}
