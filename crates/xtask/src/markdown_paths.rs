//! Files that Markdown names are there: targets of links, and paths between backticks.

use std::{
    collections::BTreeSet,
    fs,
    path::{Component, Path, PathBuf},
};

use crate::{root, step::Step};

/// What the name of a file of this repository ends with.
const ENDINGS: [&str; 12] =
    ["c", "json", "md", "mjs", "py", "rs", "service", "svg", "toml", "torrc", "ts", "txt"];

/// Fails with all names of files that are gone.
pub fn check() -> Result<(), String> {
    let list = Step::new("paths in Markdown", "git", &["ls-files"]).output()?;
    let files: BTreeSet<&Path> = list.lines().map(Path::new).collect();
    let mut gone = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "md")) {
        let text =
            fs::read_to_string(root().join(file)).map_err(|error| format!("{}: {error}", file.display()))?;
        let dir = file.parent().unwrap_or(Path::new(""));
        for name in names(&text, "](", ")").filter(|name| is_link_to_a_file(name)) {
            let target = name.split('#').next().unwrap_or_default();
            let target = normal(&dir.join(target));
            if !files.iter().any(|known| known.starts_with(&target)) {
                gone.push(format!("{}: {name}", file.display()));
            }
        }
        for name in names(&text, "`", "`").filter(|name| is_path(name)) {
            // Where it is clear, a path leaves out what it begins with.
            if !files.iter().any(|known| known.ends_with(name)) {
                gone.push(format!("{}: {name}", file.display()));
            }
        }
    }
    if gone.is_empty() {
        Ok(())
    } else {
        Err(format!("Markdown names files that are gone: {}", gone.join(", ")))
    }
}

/// What stands between an opening and a closing mark on one line.
fn names<'a>(text: &'a str, opens: &'a str, closes: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines().flat_map(move |line| {
        let mut rest = line;
        std::iter::from_fn(move || {
            let (_, after) = rest.split_once(opens)?;
            let (name, after) = after.split_once(closes)?;
            rest = after;
            Some(name)
        })
    })
}

fn is_link_to_a_file(target: &str) -> bool {
    !target.contains("://") && !target.starts_with('#')
}

/// Whether this can only be a path of the repository.
fn is_path(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    name.contains('/')
        && !name.starts_with(['/', '.'])
        && name.chars().all(is_plain)
        && ENDINGS.contains(&ending)
}

fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(normal.pop()),
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_what_only_looks_like_one() {
        let text = "`a/b.rs` and `c d/e.rs`, [f](../g.md#h) `v1/notice` `/etc/x.toml`\n`one`";
        let paths: Vec<_> = names(text, "`", "`").filter(|name| is_path(name)).collect();
        assert_eq!(paths, ["a/b.rs"]);
        let links: Vec<_> = names(text, "](", ")").filter(|name| is_link_to_a_file(name)).collect();
        assert_eq!(links, ["../g.md#h"]);
        assert_eq!(normal(Path::new("docs/decisions/../g.md")), Path::new("docs/g.md"));
    }
}
