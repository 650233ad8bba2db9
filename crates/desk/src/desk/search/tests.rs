//! Searches of a desk that has never met a hub: what is known at once, what is counted, and what large desks cost.

use std::sync::Arc;

use callsign_http::Proxies;
use callsign_protocol::{
    call::CallPart,
    caller_keys::caller_id,
    encoding::{Bytes, Secret},
};
use tempfile::TempDir;

use super::*;
use crate::cases::{Event, EventBody, MessageReceived};
use crate::{NewAnswer, NewFollowUp};
use crate::{
    hub::HubClient,
    posting::commit::tests::{NOW, desk as device},
};

fn desk(dir: &TempDir) -> Desk {
    let state = device(dir);
    let (fingerprint, key) = (state.keys.vault.fingerprint(), state.keys.vault.device_key());
    let client = HubClient::new("http://127.0.0.1:9", fingerprint, key, &Proxies::none()).unwrap();
    Desk::new(state, client, Arc::new(|| NOW), crate::Timer::standing())
}

fn call(caller: u32, message: u32, language: Language, text: String) -> Event {
    let mut key = [7; 32];
    key[..4].copy_from_slice(&caller.to_be_bytes());
    let mut id = [9; 16];
    id[..4].copy_from_slice(&caller.to_be_bytes());
    id[4..8].copy_from_slice(&message.to_be_bytes());
    let part = CallPart {
        caller: Bytes(key),
        shard_bits: 0,
        drop_secrets: vec![(NOW.day().week(), Secret([8; 32]))],
        id: Bytes(id),
        part: 1,
        parts: 1,
        track: String::new(),
        language: language.tag().to_owned(),
        text,
        safe_times: None,
    };
    // Those of higher numbers wrote later.
    Event::message_received(Box::new(part), UnixSeconds(NOW.0 - 600 * 200 + 600 * u64::from(caller % 200)))
}

fn search_of<'a>(desk: &'a Desk, query: &'a SearchQuery) -> Search<'a> {
    let (seeker, seen) = (Seeker::new(&query.terms), BTreeSet::new());
    Search { desk, query, now: desk.now(), seeker, seen, found: Found::default() }
}

fn languages(desk: &Desk, query: &str) -> Vec<String> {
    desk.search(query).unwrap().hits.into_iter().map(|hit| hit.language).collect()
}

#[test]
fn what_waits_for_a_commit_is_found_and_what_changes_is_found_anew() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(&dir);
    assert_eq!(desk.search("повістка"), Ok(Found::default()));
    let first = call(1, 1, Language::Ukrainian, "Прийшла повістка".to_owned());
    let EventBody::MessageReceived(MessageReceived { call: part, .. }) = &first.body else {
        panic!("a call")
    };
    let caller = caller_id(&part.caller);
    let others = call(2, 1, Language::Russian, "Про повістку пишу вам".to_owned());
    desk.state().queue(vec![first, others]).unwrap();
    assert_eq!(languages(&desk, "повістка"), ["uk", "ru"], "as it was typed first, then the last to write");
    let later = call(1, 2, Language::English, "another word".to_owned());
    desk.state().queue(vec![later]).unwrap();
    assert_eq!(languages(&desk, "повістка word"), ["en"]);
    desk.erase(&caller).unwrap();
    for gone in ["another", "прийшла"] {
        assert_eq!(languages(&desk, gone), [] as [&str; 0]);
    }
    assert_eq!(languages(&desk, "повістка"), ["ru"]);
    let misspelt = desk.search("lang:ua пишу").unwrap_err();
    assert_eq!(misspelt.to_string(), "no case here has \"lang:ua\"; there are \"ru\"");
    assert_eq!(languages(&desk, "track:none since:2d").len(), 1);
}

#[test]
fn a_case_without_an_end_is_searched_at_its_end_and_cases_that_the_index_lacks_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(&dir);
    let long = |caller| {
        let text = |message: u32| match message {
            0 => "перше".to_owned(),
            19 => "останнє".to_owned(),
            _ => "довге слово ".repeat(5_000),
        };
        (0..20).map(move |message| call(caller, message, Language::Ukrainian, text(message)))
    };
    for event in (0..6).flat_map(long) {
        let mut state = desk.state();
        state.log.unindexed.extend(event.body.about());
        state.log.view.see(&event);
    }
    // Each is longer than a step, of which a search makes four by itself.
    let found = desk.search("останнє").unwrap();
    assert_eq!((found.hits.len(), found.unsearched), (4, 2));
    desk.prepare_search().unwrap();
    let found = desk.search("останнє").unwrap();
    assert_eq!((found.hits.len(), found.unsearched), (6, 0));
    assert_eq!(desk.search("перше").unwrap().hits.len(), 0);
}

#[test]
fn what_stands_behind_many_cases_with_the_same_words_in_another_order_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(&dir);
    let text = |caller| if caller == 0 { "не хочу туди" } else { "хочу не туди" };
    // The first wrote before all others, more than the index names at first.
    let calls = (0..=250).filter(|caller| caller % 200 != 0 || *caller == 0);
    let calls = calls.map(|caller| call(caller, 1, Language::Ukrainian, text(caller).to_owned()));
    desk.state().queue(calls.collect()).unwrap();
    let found = desk.search("\"не хочу\"").unwrap();
    assert_eq!((found.hits.len(), found.more), (1, false));
    let found = desk.search("хочу").unwrap();
    assert_eq!((found.hits.len(), found.more), (HITS_MAX, true));
}

#[test]
fn of_cases_with_the_same_words_in_another_order_few_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(&dir);
    let text = |caller| {
        if caller == 0 { "я не хочу туди" } else { "хочу туди, а не сюди" }
    };
    let calls = (0..=250).filter(|caller| caller % 200 != 0 || *caller == 0);
    let calls = calls.map(|caller| call(caller, 1, Language::Ukrainian, text(caller).to_owned()));
    desk.state().queue(calls.collect()).unwrap();
    desk.prepare_search().unwrap();
    let query = SearchQuery::parse("\"не хочу\"").unwrap();
    let mut search = search_of(&desk, &query);
    search.run().unwrap();
    assert_eq!(search.found.hits.len(), 1);
    let all = 250 * text(1).len();
    assert!(search.seeker.read() < all / 10, "{} of {all} bytes", search.seeker.read());
}

#[test]
fn filters_by_what_waits_and_what_is_due_name_those_who_wrote_last_first() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(&dir);
    let [first, second, third] = [1, 2, 3].map(|caller| {
        let event = call(caller, 1, Language::ALL[caller as usize - 1], "слово".to_owned());
        let EventBody::MessageReceived(MessageReceived { call: part, .. }) = &event.body else {
            panic!("a call")
        };
        let id = caller_id(&part.caller);
        desk.state().queue(vec![event]).unwrap();
        id
    });
    let today = NOW.day();
    for (caller, due) in [(first, today), (second, today.plus(1)), (third, today), (third, today.plus(2))] {
        let new = NewFollowUp {
            caller: &caller,
            due,
            hour: Some(23),
            text: "call",
            outside_why: None,
            moves: None,
        };
        desk.set_follow_up(&new).unwrap();
    }
    let callers =
        |query: &str| desk.search(query).unwrap().hits.into_iter().map(|hit| hit.caller).collect::<Vec<_>>();
    assert_eq!(callers("due"), [third, first]);
    assert_eq!(callers("waiting"), [third, second, first]);
    for query in ["due слово", "waiting due since:2w"] {
        assert_eq!(callers(query), [third, first], "{query}");
    }
    assert_eq!(callers(&format!("due lang:{}", Language::ALL[1].tag())), []);
    desk.erase(&third).unwrap();
    assert_eq!(callers("due"), [first]);
}

#[test]
fn what_may_pass_by_what_is_known_without_reading_is_what_passes() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(&dir);
    let mut callers = Vec::new();
    for caller in 1..=9 {
        let event = call(caller, 1, Language::ALL[caller as usize % 3], "слово".to_owned());
        callers.extend(event.body.about());
        desk.state().queue(vec![event]).unwrap();
    }
    for caller in &callers[..4] {
        desk.answer(&NewAnswer::new(caller, "відповідь")).unwrap();
    }
    let hits = |typed: &str| {
        let found = desk.search(typed).map_or_else(|_| Vec::new(), |found| found.hits);
        found.into_iter().map(|hit| hit.caller).collect::<Vec<_>>()
    };
    let mut passed = BTreeSet::new();
    for typed in [
        "waiting",
        "lang:uk",
        "lang:ru waiting",
        "track:none",
        "track:x",
        "since:33h",
        "since:34h waiting lang:en",
    ] {
        let query = SearchQuery::parse(typed).unwrap();
        let now = desk.now();
        let pass = |caller: &CallerId| {
            let passes = query.filters.pass(&desk.case(caller).unwrap(), now);
            let may_pass = desk.with_cases(|cases| Ok(query.filters.may_pass(cases, caller, now))).unwrap();
            assert_eq!(may_pass, passes, "{typed}");
            passes
        };
        let meant: BTreeSet<CallerId> = callers.iter().copied().filter(pass).collect();
        assert_eq!(hits(typed).into_iter().collect::<BTreeSet<_>>(), meant, "{typed}");
        passed.insert(meant.len());
    }
    assert!(passed.len() > 3, "{passed:?}");
    // What the index does not know yet is named all the same, and before the others.
    let late = call(100, 1, Language::Ukrainian, "нове".to_owned());
    desk.state().queue(vec![late.clone()]).unwrap();
    let query = SearchQuery::parse("waiting lang:uk").unwrap();
    let search = search_of(&desk, &query);
    assert_eq!(search.by_filters(1).unwrap(), [late.body.about().unwrap()]);
}

#[test]
#[ignore = "a measurement: run it by its name in a release build, with --nocapture"]
#[expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    reason = "figures to read, by the machine's clock"
)]
fn measure() {
    for cases in [10_000, 100_000] {
        let dir = tempfile::tempdir().unwrap();
        let desk = desk(&dir);
        let mut draw = 1_u64;
        let mut next = |below: u64| {
            draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (draw >> 33) % below
        };
        let mut bytes = 0;
        for caller in 0..cases {
            let language = Language::ALL[[0, 1, 1, 2, 2][next(5) as usize]];
            for message in 0..6 {
                let word = |next: &mut dyn FnMut(u64) -> u64| {
                    // Few words are frequent.
                    let (one, two) = (next(2_048), next(2_048));
                    let word = language.word((one * two / 2_048) as u16);
                    let ends = ["", "", "а", "у", "ами", "ого"];
                    format!(
                        "{word}{}",
                        ends[next(if language == Language::English { 2 } else { 6 }) as usize]
                    )
                };
                let text: Vec<String> = (0..40).map(|_| word(&mut next)).collect();
                let text = text.join(" ");
                bytes += text.len();
                let event = call(caller, message, language, text);
                let mut state = desk.state();
                state.log.view.see(&event);
            }
        }
        let callers: Vec<_> = desk.state().log.view.callers().collect();
        desk.state().log.unindexed.extend(callers);
        let before = resident();
        let from = std::time::Instant::now();
        desk.prepare_search().unwrap();
        let ready = from.elapsed();
        println!(
            "{cases} cases, {} MB: ready in {ready:?}, {} MB of memory",
            bytes >> 20,
            resident() - before
        );
        let (rare, common) = (Language::Russian.word(2_000), Language::Russian.word(3));
        let begun = Language::Ukrainian.word(700).chars().take(4).collect::<String>();
        let sign = &languages_and_signs(&desk)[..8];
        for query in [
            rare,
            common,
            &format!("{common} {rare}"),
            &format!("\"{common} {rare}\""),
            &format!("{} {}", Language::Russian.word(1), Language::Russian.word(9)),
            &begun,
            "при пос",
            sign,
            "lang:uk waiting since:1d",
            &format!("\"{} {}\"", Language::Russian.word(1), Language::English.word(9)),
        ] {
            let mut times: Vec<_> = (0..40)
                .map(|_| {
                    let from = std::time::Instant::now();
                    let found = desk.search(query).map_or(0, |found| found.hits.len());
                    (from.elapsed(), found)
                })
                .collect();
            times.sort();
            println!("  {query:?}: p50 {:?}, max {:?}, {} hits", times[20].0, times[39].0, times[0].1);
        }
        let caller = desk.state().log.view.callers().next().unwrap();
        let from = std::time::Instant::now();
        desk.state().log.unindexed.insert(caller);
        desk.prepare_search().unwrap();
        println!("  one case anew: {:?}", from.elapsed());
    }
}

fn languages_and_signs(desk: &Desk) -> String {
    desk.with_cases(|cases| Ok(cases.name(&cases.callers().next().unwrap(), Language::English))).unwrap()
}

/// Megabytes of this process that lie in memory.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    (pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4_096) >> 20
}
