//! The table of a hub's errors in docs/protocol.md, compared with the codes.

use std::collections::BTreeSet;

use callsign_protocol::error_code::ErrorCode;

#[test]
fn the_table_has_each_code_with_its_status() {
    let text = include_str!("../../../docs/protocol.md");
    let section = text.split("\n## ").find(|section| section.starts_with("16. Errors of the hub")).unwrap();
    let table: Vec<(String, u16)> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .map(|(code, rest)| (code.to_owned(), rest.split(' ').next().unwrap().parse().unwrap()))
        .collect();
    let codes: BTreeSet<(String, u16)> =
        ErrorCode::ALL.iter().map(|code| (code.to_string(), code.status().unwrap())).collect();
    assert_eq!(codes.len(), ErrorCode::ALL.len(), "a code stands for one thing");
    assert_eq!(table.len(), codes.len());
    assert_eq!(table.into_iter().collect::<BTreeSet<_>>(), codes);
}
