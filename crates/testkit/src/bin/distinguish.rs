//! `cargo xtask distinguish`: plays the games of unlinkability and fails where a distinguisher does better than chance.

use std::{
    hash::{DefaultHasher, Hasher as _},
    path::PathBuf,
    process::ExitCode,
};

use callsign_testkit::game::{
    ACCEPTED, GAMES, Game, OF_PROCESSES, Outcome, Plant, Play, Record, Standing, alarm_of_one,
    chance::visible,
};

const HELP: &str = "\
cargo xtask distinguish [--rounds N] [--seed N] [--game NAME] [--plant NAME] [--keep DIR] [--processes]
cargo xtask distinguish --list

Plays games in which a distinguisher with the hub's whole view guesses what it must not learn; see docs/unlinkability.md.
Real processes play in real time: those games are played where they are asked for, 400 rounds in 10 to 40 minutes each.
Exits with 1 where one is right more often than chance allows, with 2 where it was not asked properly, and with 3 where no leak was seen
and a game had too few rounds to see any.

  --rounds N     rounds of each game (10000; 400 against processes); games of a desk are played in every fourth of them
  --seed N       of everything that is drawn (1)
  --game NAME    this game alone
  --plant NAME   with a leak on purpose; of one game, the one that --list says is to see it
  --keep DIR     keeps the rounds in files of this directory, and goes on from those that are there: many rounds can be
                 played in several runs, two at once of different games; all games then end with a whole stage of rounds
  --processes    all games against real processes, and no other
  --list         the games and the plants, one a line, with the game that is to see each and what it does";

/// Nothing was seen, and nothing could have been.
const BLIND: u8 = 3;

/// Rounds of a game, where nobody says how many.
const ROUNDS: u32 = 10_000;
const ROUNDS_OF_PROCESSES: u32 = 400;

struct Asked {
    rounds: Option<u32>,
    seed: u64,
    game: Option<Game>,
    plant: Option<Plant>,
    keep: Option<PathBuf>,
    processes: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help") {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    }
    if arguments == ["--list"] {
        list();
        return ExitCode::SUCCESS;
    }
    match read(&arguments) {
        Ok(asked) => run(&asked).unwrap_or_else(|sentence| {
            eprintln!("{sentence}");
            ExitCode::from(2)
        }),
        Err(sentence) => {
            eprintln!("{sentence}; --help and --list say what there is");
            ExitCode::from(2)
        }
    }
}

fn run(asked: &Asked) -> Result<ExitCode, String> {
    println!("seed {}; chance is 50%, intervals are of 95%", asked.seed);
    println!(
        "{:<23} {:>6} {:>6}  {:>8}  {:<15} {:>7}  by",
        "game", "rounds", "guesses", "accuracy", "interval", "visible"
    );
    let (mut leaks, mut blind) = (0, Vec::new());
    let games: Vec<Game> = match asked.game {
        Some(game) => vec![game],
        None if asked.processes => OF_PROCESSES.to_vec(),
        None => GAMES.into_iter().chain(ACCEPTED).collect(),
    };
    for game in games {
        let is_slow = OF_PROCESSES.iter().any(|slow| slow.name == game.name);
        let rounds = asked.rounds.unwrap_or(if is_slow { ROUNDS_OF_PROCESSES } else { ROUNDS });
        let rounds = (rounds / game.share).max(1);
        let play = Play { rounds, seed: asked.seed, plant: asked.plant };
        let outcome = match &asked.keep {
            None => game.play(&play),
            Some(dir) => {
                let (mut record, before) = Record::open(dir, &game, &play, &build()?)?;
                game.play_on(&play, &mut record, before)?
            }
        };
        show(game, &outcome);
        // Guesses that would not do if all were right.
        if outcome.judgements.iter().all(|judgement| visible(judgement.score.of, alarm_of_one()) >= 1.0) {
            blind.push(game.name);
        }
        leaks += if game.standing == Standing::Promised { outcome.leaks().len() } else { 0 };
    }
    println!("visible: the accuracy that would be seen four times in five");
    let distinguishers = if leaks == 1 { "distinguisher" } else { "distinguishers" };
    if leaks > 0 {
        println!("{leaks} {distinguishers} did better than chance allows");
        return Ok(ExitCode::FAILURE);
    }
    if !blind.is_empty() {
        println!("too few rounds to see anything in {}: play more of them", blind.join(", "));
        return Ok(ExitCode::from(BLIND));
    }
    println!("no leak was seen");
    Ok(ExitCode::SUCCESS)
}

/// Names this program and the binary that it runs: another build plays other rounds.
fn build() -> Result<String, String> {
    let mut hasher = DefaultHasher::new();
    let own = std::env::current_exe().map_err(|error| format!("this program has no file: {error}"))?;
    for path in [Some(own), std::env::var_os("CALLSIGN_BIN").map(PathBuf::from)].into_iter().flatten() {
        let program = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        hasher.write(&program);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn show(game: Game, outcome: &Outcome) {
    for judgement in &outcome.judgements {
        let score = judgement.score;
        let (low, high) = score.interval();
        let is_leak = score.by_chance() < alarm_of_one();
        let verdict = match (is_leak, game.standing) {
            (false, _) => "",
            (true, Standing::Promised) => "  LEAK",
            (true, Standing::Accepted) => "  accepted",
        };
        println!(
            "{:<23} {:>6} {:>7}  {:>7.2}%  {:>5.2}% – {:>5.2}% {:>6.2}%  {}{verdict}",
            game.name,
            outcome.rounds,
            score.of,
            100.0 * score.accuracy(),
            100.0 * low,
            100.0 * high,
            100.0 * visible(score.of, alarm_of_one()),
            judgement.by,
        );
    }
}

fn read(arguments: &[String]) -> Result<Asked, String> {
    let mut asked = Asked { rounds: None, seed: 1, game: None, plant: None, keep: None, processes: false };
    let mut arguments = arguments.iter();
    while let Some(option) = arguments.next() {
        if option == "--processes" {
            asked.processes = true;
            continue;
        }
        let value = arguments.next().ok_or_else(|| format!("{option} is no option, or lacks its value"))?;
        let no_number = |_| format!("{option} wants a number, not {value}");
        match option.as_str() {
            "--rounds" => asked.rounds = Some(value.parse().map_err(no_number)?),
            "--seed" => asked.seed = value.parse().map_err(no_number)?,
            "--game" => {
                asked.game = Some(Game::named(value).ok_or_else(|| format!("there is no game {value}"))?);
            }
            "--plant" => {
                asked.plant = Some(Plant::named(value).ok_or_else(|| format!("there is no plant {value}"))?);
            }
            "--keep" => asked.keep = Some(PathBuf::from(value)),
            _ => return Err(format!("{option} is no option")),
        }
    }
    if asked.rounds == Some(0) {
        return Err("--rounds wants 1 at least, and some hundreds to see anything".to_owned());
    }
    if let (Some(game), Some(plant)) = (asked.game, asked.plant)
        && plant.seen_in().0 != game.name
    {
        let (plant, seen_in) = (plant.name(), plant.seen_in().0);
        return Err(format!("the plant {plant} is to be seen in the game {seen_in}, not in {}", game.name));
    }
    Ok(asked)
}

fn list() {
    for game in GAMES.iter().chain(&ACCEPTED).chain(&OF_PROCESSES) {
        let accepted = if game.standing == Standing::Accepted { " (accepted)" } else { "" };
        println!("game {}: {}{accepted}", game.name, game.question);
    }
    for (name, plant) in Plant::ALL {
        let (game, told) = plant.seen_in();
        println!("plant {name}, seen in {game}: {told}");
    }
}
