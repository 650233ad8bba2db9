//! JSON by the rules of section 2: what keeps them reads as it is, what breaks one is refused wherever it lies.

use callsign_protocol::json::{self, DEPTH_MAX, NUMBER_MAX};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Any value that keeps the rules, five deep at most.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (0..=NUMBER_MAX).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// What no document may hold, as text.
fn broken() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        (NUMBER_MAX + 1..).prop_map(|number| number.to_string()),
        (1..=u64::MAX).prop_map(|number| format!("-{number}")),
        any::<u32>().prop_map(|number| format!("{number}.0")),
        (any::<u32>(), 0..9u8).prop_map(|(number, power)| format!("{number}e{power}")),
        Just("-0".to_owned()),
        Just(r#""\ud800""#.to_owned()),
        Just(r#"{"\ud800":1}"#.to_owned()),
        "[a-z]{0,3}".prop_map(|name| format!("{{\"{name}\":1,\"{name}\":1}}")),
        "[a-z]".prop_map(|name| {
            let escaped = u32::from(name.chars().next().unwrap_or('a'));
            format!("{{\"{name}\":1,\"\\u{escaped:04x}\":2}}")
        }),
    ]
}

/// `inner` inside `depth` lists and objects.
fn nested(inner: &str, depth: usize) -> String {
    (0..depth).fold(inner.to_owned(), |text, at| {
        if at % 2 == 0 { format!("[{text}]") } else { format!("{{\"a\":{text}}}") }
    })
}

proptest! {
    #[test]
    fn what_keeps_the_rules_reads_as_it_is(value in value()) {
        let plain = serde_json::to_vec(&value).unwrap();
        let spaced = serde_json::to_vec_pretty(&value).unwrap();
        prop_assert_eq!(json::read::<Value>(&plain).unwrap(), value.clone());
        prop_assert_eq!(json::read::<Value>(&spaced).unwrap(), value);
    }

    #[test]
    fn what_breaks_a_rule_is_refused_at_any_depth(broken in broken(), beside in value(), depth in 0..12usize) {
        let alone = nested(&broken, depth);
        prop_assert!(json::read::<Value>(alone.as_bytes()).is_err(), "{}", alone);
        let beside = nested(&format!("[{beside},{broken}]"), depth.min(8));
        prop_assert!(json::read::<Value>(beside.as_bytes()).is_err(), "{}", beside);
    }

    #[test]
    fn depth_ends_where_the_text_says(depth in 1..40usize) {
        let text = nested("1", depth);
        prop_assert_eq!(json::read::<Value>(text.as_bytes()).is_ok(), depth <= DEPTH_MAX as usize);
    }

    #[test]
    fn every_cut_of_an_object_is_refused(value in value(), at: prop::sample::Index) {
        let text = serde_json::to_vec(&json!({ "a": value })).unwrap();
        prop_assert!(json::read::<Value>(&text[..at.index(text.len())]).is_err());
    }
}
