//! The symbolic models in `formal/`: runs Verifpal and compares each query's result with `formal/expected.txt`.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use crate::root;

/// The version whose results are expected; another may search otherwise.
const VERSION: &str = "1.6.7";

/// What one model, whole or without one of its lines, must say.
struct Expected {
    model: String,
    without: Option<String>,
    queries: Vec<Query>,
}

/// One query with its results at one and at two sessions; `None` is not asked.
struct Query {
    text: String,
    holds: [Option<bool>; 2],
}

/// Runs every model; an error tells each result that differs.
pub fn run() -> Result<(), String> {
    find_tool()?;
    let folder = root().join("formal");
    let file = folder.join("expected.txt");
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let expected = parse(&text)?;
    every_model_is_expected(&folder, &expected)?;
    let mut differences = Vec::new();
    for one in &expected {
        compare(&folder, one, &mut differences)?;
    }
    if differences.is_empty() {
        eprintln!("==> all models say what formal/expected.txt says");
        return Ok(());
    }
    Err(format!("results differ from formal/expected.txt:\n{}", differences.join("\n")))
}

fn find_tool() -> Result<(), String> {
    let install = format!(
        "install it (about ten minutes): cargo install verifpal --version {VERSION} --ignore-rust-version"
    );
    let output = match Command::new("verifpal").arg("--version").output() {
        Ok(output) => output,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(format!("verifpal is not on the PATH; {install}"));
        }
        Err(error) => return Err(format!("verifpal: {error}")),
    };
    let said = String::from_utf8_lossy(&output.stdout);
    if said.split_whitespace().any(|word| word == VERSION) {
        Ok(())
    } else {
        Err(format!("verifpal on the PATH is \"{}\" and not {VERSION}; {install}", said.trim()))
    }
}

fn parse(text: &str) -> Result<Vec<Expected>, String> {
    let mut expected: Vec<Expected> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let wrong = || format!("formal/expected.txt, line {}: not understood", number + 1);
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if !line.starts_with(' ') {
            let (model, without) = match line.split_once(" without ") {
                Some((model, without)) => (model, Some(without.trim().to_owned())),
                None => (line, None),
            };
            expected.push(Expected { model: model.trim().to_owned(), without, queries: Vec::new() });
            continue;
        }
        let (one, rest) = line.trim().split_once(' ').ok_or_else(wrong)?;
        let (two, query) = rest.trim_start().split_once(' ').ok_or_else(wrong)?;
        let holds = [result(one).ok_or_else(wrong)?, result(two).ok_or_else(wrong)?];
        let query = Query { text: query.trim().to_owned(), holds };
        expected.last_mut().ok_or_else(wrong)?.queries.push(query);
    }
    Ok(expected)
}

#[expect(clippy::option_option, reason = "outside: whether it is a result; inside: whether it is asked")]
fn result(word: &str) -> Option<Option<bool>> {
    match word {
        "holds" => Some(Some(true)),
        "attack" => Some(Some(false)),
        "-" => Some(None),
        _ => None,
    }
}

fn every_model_is_expected(folder: &Path, expected: &[Expected]) -> Result<(), String> {
    let failed = |error: io::Error| format!("{}: {error}", folder.display());
    let mut there = BTreeSet::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|extension| extension == "vp") {
            there.insert(name);
        }
    }
    let named: BTreeSet<String> =
        expected.iter().filter(|one| one.without.is_none()).map(|one| one.model.clone()).collect();
    if there == named {
        return Ok(());
    }
    let odd: Vec<&str> = there.symmetric_difference(&named).map(String::as_str).collect();
    Err(format!("either in formal/ or in formal/expected.txt, not in both: {}", odd.join(", ")))
}

fn compare(folder: &Path, one: &Expected, differences: &mut Vec<String>) -> Result<(), String> {
    let title = match &one.without {
        None => one.model.clone(),
        Some(line) => format!("{} without {line}", one.model),
    };
    let path = folder.join(&one.model);
    let source = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let asked: Vec<&str> = one.queries.iter().map(|query| query.text.as_str()).collect();
    if queries(&source) != asked {
        return Err(format!("{title}: the queries of the model are not those of formal/expected.txt"));
    }
    let path = match &one.without {
        None => path,
        Some(line) => copy_without(&source, line).map_err(|error| format!("{title}: {error}"))?,
    };
    for (sessions, index) in [(1, 0), (2, 1)] {
        if one.queries.iter().all(|query| query.holds[index].is_none()) {
            continue;
        }
        eprintln!("==> {title}, sessions of each party: {sessions}");
        let said = verify(&path, sessions).map_err(|error| format!("{title}: {error}"))?;
        if said.len() != one.queries.len() {
            return Err(format!("{title}: {} results for {} queries", said.len(), one.queries.len()));
        }
        for (query, holds) in one.queries.iter().zip(said) {
            if query.holds[index].is_some_and(|expected| expected != holds) {
                let found = if holds { "no attack" } else { "an attack" };
                differences.push(format!("  {title}, sessions {sessions}: {found} on {}", query.text));
            }
        }
    }
    Ok(())
}

/// The lines of the model's last block.
fn queries(source: &str) -> Vec<&str> {
    let lines = source.lines().map(str::trim).skip_while(|line| *line != "queries[").skip(1);
    lines.take_while(|line| *line != "]").filter(|line| !line.is_empty() && !line.starts_with("//")).collect()
}

fn copy_without(source: &str, line: &str) -> Result<PathBuf, String> {
    let left: Vec<&str> = source.lines().filter(|candidate| candidate.trim() != line).collect();
    if left.len() + 1 != source.lines().count() {
        return Err("the line is not in the model exactly once".to_owned());
    }
    let folder = root().join("target/formal");
    let path = folder.join("without.vp");
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&path, left.join("\n") + "\n"))
        .map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

/// Whether each query holds, in the model's order.
fn verify(path: &Path, sessions: u8) -> Result<Vec<bool>, String> {
    let output = Command::new("verifpal")
        .args(["verify", "--result-code", "--quiet", "--color", "never", "--sessions"])
        .arg(sessions.to_string())
        .arg(path)
        .output()
        .map_err(|error| format!("verifpal: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(format!("verifpal failed: {}{said}", String::from_utf8_lossy(&output.stderr)));
    }
    // One letter for the kind and one digit for the result of each query: c0a1.
    let code = said.lines().last().unwrap_or_default().trim();
    let digits = code.chars().skip(1).step_by(2);
    digits
        .map(|digit| match digit {
            '0' => Ok(true),
            '1' => Ok(false),
            _ => Err(format!("result not understood: {code}")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expected_results_are_read() {
        let expected =
            parse("# x\n\na.vp\n  holds  attack  confidentiality? m\nb.vp without x = y?\n  - holds q\n");
        let expected = expected.unwrap();
        assert_eq!((expected[0].model.as_str(), &expected[0].without), ("a.vp", &None));
        assert_eq!(expected[0].queries[0].holds, [Some(true), Some(false)]);
        assert_eq!(expected[0].queries[0].text, "confidentiality? m");
        assert_eq!((expected[1].model.as_str(), expected[1].without.as_deref()), ("b.vp", Some("x = y?")));
        assert_eq!(expected[1].queries[0].holds, [None, Some(true)]);
        for wrong in ["  holds holds q\n", "a.vp\n  maybe holds q\n", "a.vp\n  holds\n"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_query_of_every_model_has_an_expected_result() {
        let folder = root().join("formal");
        let expected = parse(&fs::read_to_string(folder.join("expected.txt")).unwrap()).unwrap();
        every_model_is_expected(&folder, &expected).unwrap();
        for one in &expected {
            let source = fs::read_to_string(folder.join(&one.model)).unwrap();
            let asked: Vec<&str> = one.queries.iter().map(|query| query.text.as_str()).collect();
            assert_eq!(queries(&source), asked, "{}", one.model);
        }
    }
}
