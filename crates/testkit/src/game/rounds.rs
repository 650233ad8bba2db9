//! Rounds that were played, as numbers, and the file that keeps them over several runs.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{Game, Play, learn::Features};

/// What a file begins with; the form's number stands last.
const FORM: &str = "rounds of a game, form 1";

/// Rounds as a table of numbers. A feature that a round lacks is 0 there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rounds {
    columns: BTreeMap<String, usize>,
    rows: Vec<Row>,
}

/// One round.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    /// By column; what is missing at the end is 0.
    values: Vec<f64>,
    /// Which of the two worlds it was.
    truth: bool,
}

impl Rounds {
    /// Takes one more.
    pub fn push(&mut self, features: Features, truth: bool) {
        let mut values = vec![0.0; self.columns.len()];
        for (name, value) in features {
            let next = self.columns.len();
            let column = *self.columns.entry(name).or_insert(next);
            if column == values.len() {
                values.push(0.0);
            }
            values[column] = value;
        }
        self.rows.push(Row { values, truth });
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The features' names in their order, and each round's values in the same.
    pub fn into_table(self) -> (Vec<String>, Vec<(Vec<f64>, bool)>) {
        let (names, order): (Vec<String>, Vec<usize>) = self.columns.into_iter().unzip();
        let row = |row: Row| {
            let value = |column: &usize| row.values.get(*column).copied().unwrap_or(0.0);
            (order.iter().map(value).collect(), row.truth)
        };
        (names, self.rows.into_iter().map(row).collect())
    }
}

/// A file with a game's rounds, one for each game, seed and plant. Only whole stages count; what was begun is played anew.
#[derive(Debug)]
pub struct Record {
    file: File,
    path: PathBuf,
    /// Columns and rounds that are in the file.
    columns: usize,
    rounds: usize,
}

impl Record {
    /// Opens the file of a game below `dir`, or begins it; the rounds that are in it. `build` names the program: rounds of
    /// another one may differ.
    ///
    /// # Errors
    /// A sentence: the file is another build's, in use, damaged, or cannot be read or written.
    pub fn open(dir: &Path, game: &Game, play: &Play, build: &str) -> Result<(Self, Rounds), String> {
        let plant = play.plant.map_or("none", |plant| plant.name());
        let name = match play.plant {
            None => format!("{}.{}.rounds", game.name, play.seed),
            Some(_) => format!("{}.{}.{plant}.rounds", game.name, play.seed),
        };
        let path = dir.join(name);
        let failed = |error: io::Error| format!("{}: {error}", path.display());
        if fs::metadata(dir).is_ok_and(|kind| !kind.is_dir()) || dir.ancestors().any(Path::is_file) {
            return Err(format!(
                "{}: a file stands where --keep wants a directory; name another",
                dir.display()
            ));
        }
        fs::create_dir_all(dir).map_err(failed)?;
        let file = OpenOptions::new().read(true).append(true).create(true).open(&path).map_err(failed)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                format!(
                    "{}: another program plays this game; wait for it, or give another --keep",
                    path.display()
                )
            }
            TryLockError::Error(error) => failed(error),
        })?;
        let head = format!("{FORM}\tgame {}\tseed {}\tplant {plant}\tbuild {build}\n", game.name, play.seed);
        let text = fs::read_to_string(&path).map_err(failed)?;
        // A head that was cut off says nothing yet.
        let (rounds, whole) = if head.starts_with(&text) && text.len() < head.len() {
            (Rounds::default(), 0)
        } else {
            let body = text.strip_prefix(&head).ok_or_else(|| {
                let path = path.display();
                format!("{path}: these rounds are of another build of the program; remove the file, or give another --keep")
            })?;
            let (rounds, len) = read(body).map_err(|line| {
                format!("{}: line {} is no round; remove the file", path.display(), line + 2)
            })?;
            (rounds, head.len() + len)
        };
        file.set_len(whole as u64).map_err(failed)?;
        let mut record =
            Self { file, path: path.clone(), columns: rounds.columns.len(), rounds: rounds.len() };
        if whole == 0 {
            record.file.write_all(head.as_bytes()).map_err(failed)?;
        }
        Ok((record, rounds))
    }

    /// Writes what is not in the file yet, as whole stages.
    ///
    /// # Errors
    /// A sentence: the file cannot be written.
    pub fn keep(&mut self, rounds: &Rounds) -> Result<(), String> {
        let mut text = String::new();
        let mut names: Vec<(&String, &usize)> =
            rounds.columns.iter().filter(|(_, column)| **column >= self.columns).collect();
        names.sort_by_key(|(_, column)| **column);
        for (name, _) in names {
            text.push_str("column\t");
            text.push_str(name);
            text.push('\n');
        }
        for row in &rounds.rows[self.rounds..] {
            text.push_str(if row.truth { "yes" } else { "no" });
            for value in &row.values {
                // The shortest text that is read back as the same number.
                let _ = write!(text, "\t{value}");
            }
            text.push('\n');
        }
        text.push_str("whole\n");
        let failed = |error| format!("{}: {error}", self.path.display());
        self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_data()).map_err(failed)?;
        (self.columns, self.rounds) = (rounds.columns.len(), rounds.len());
        Ok(())
    }
}

/// The rounds up to the end of the last whole stage, and how many bytes they take; or the line, from 0, that is none.
fn read(body: &str) -> Result<(Rounds, usize), usize> {
    let whole = body.rfind("whole\n").map_or(0, |at| at + "whole\n".len());
    let mut rounds = Rounds::default();
    for (number, line) in body[..whole].lines().enumerate() {
        let mut fields = line.split('\t');
        match (fields.next(), fields.clone().next()) {
            (Some("whole"), None) => {}
            (Some("column"), Some(name)) => {
                let next = rounds.columns.len();
                if rounds.columns.insert(name.to_owned(), next).is_some() {
                    return Err(number);
                }
            }
            (Some(truth @ ("yes" | "no")), _) => {
                let values = fields.map(str::parse).collect::<Result<Vec<f64>, _>>().map_err(|_| number)?;
                if values.len() > rounds.columns.len() {
                    return Err(number);
                }
                rounds.rows.push(Row { values, truth: truth == "yes" });
            }
            _ => return Err(number),
        }
    }
    Ok((rounds, whole))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    const PLAY: Play = Play { rounds: 3, seed: 7, plant: None };

    fn features(of: &[(&str, f64)]) -> Features {
        of.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    }

    fn game() -> Game {
        Game::named("slot").unwrap()
    }

    fn some() -> Rounds {
        let mut rounds = Rounds::default();
        rounds.push(features(&[("b", 0.1 + 0.2), ("c", -3.0)]), true);
        rounds.push(features(&[("a", f64::MIN_POSITIVE), ("c", 1e300)]), false);
        rounds
    }

    #[test]
    fn a_feature_that_a_round_lacks_is_0_there() {
        let (names, rows) = some().into_table();
        assert_eq!(names, ["a", "b", "c"]);
        let expected = [(vec![0.0, 0.1 + 0.2, -3.0], true), (vec![f64::MIN_POSITIVE, 0.0, 1e300], false)];
        assert_eq!(rows, expected);
    }

    #[test]
    fn whole_stages_are_there_in_the_next_run_to_the_last_bit_and_what_was_cut_off_is_not() {
        let dir = TempDir::new().unwrap();
        let (mut record, mut rounds) = Record::open(dir.path(), &game(), &PLAY, "one").unwrap();
        assert!(rounds.is_empty());
        for row in [0, 1] {
            rounds.push(features(&[("b", 0.1 + f64::from(row))]), row == 1);
        }
        record.keep(&rounds).unwrap();
        rounds.push(features(&[("z", 1.0 / 3.0)]), true);
        record.keep(&rounds).unwrap();
        drop(record);
        let path = dir.path().join("slot.7.rounds");
        let whole = fs::read(&path).unwrap();
        let before_last =
            whole[..whole.len() - 1].windows(6).rposition(|part| part == b"whole\n").unwrap() + 6;
        for len in 0..=whole.len() {
            fs::write(&path, &whole[..len]).unwrap();
            let (_, found) = Record::open(dir.path(), &game(), &PLAY, "one").unwrap();
            let expected = if len == whole.len() {
                3
            } else if len >= before_last {
                2
            } else {
                0
            };
            assert_eq!(found.len(), expected, "{len} bytes");
            if expected == 3 {
                assert_eq!(found, rounds);
            }
        }
    }

    #[test]
    fn rounds_of_another_build_or_plant_are_not_taken() {
        let dir = TempDir::new().unwrap();
        let (mut record, _) = Record::open(dir.path(), &game(), &PLAY, "one").unwrap();
        record.keep(&some()).unwrap();
        let open = |play: &Play, build: &str| {
            Record::open(dir.path(), &game(), play, build).map(|(_, rounds)| rounds)
        };
        assert!(open(&PLAY, "one").unwrap_err().contains("another program plays"));
        drop(record);
        assert_eq!(open(&PLAY, "one").unwrap(), some());
        assert!(open(&PLAY, "two").unwrap_err().contains("another build"));
        let plant = super::super::Plant::named("marked-enc");
        assert!(open(&Play { plant, ..PLAY }, "one").unwrap().is_empty());
        assert!(open(&Play { seed: 8, ..PLAY }, "one").unwrap().is_empty());
        let path = dir.path().join("slot.7.rounds");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("yes\t", "yes\tx")).unwrap();
        assert!(open(&PLAY, "one").unwrap_err().contains("line 5 is no round"));
    }
}
