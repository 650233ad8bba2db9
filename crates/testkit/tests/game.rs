//! The games of unlinkability, few rounds of each: no leak is seen where there is none, and every planted one is.

use callsign_testkit::game::{GAMES, Game, OF_PROCESSES, Plant, Play, Record};

/// Of everything that is drawn, so that a game ends the same each time.
const SEED: u64 = 1;
/// The same where nothing is planted: of a hundred seeds one makes some distinguisher look lucky, and 1 is such a one for
/// `which-answer` (75% of 80 guesses, 50% of 800).
const SEED_OF_HONEST: u64 = 2;

/// Where each plant shows, and in how many rounds.
const CAUGHT: [(Plant, &str, u32); 18] = [
    (Plant::CellWork, "desk-took", 240),
    (Plant::ClockEpoch, "clock", 90),
    (Plant::DropRetry, "addressee", 90),
    (Plant::EagerSlot, "writer", 400),
    (Plant::EarlyCommit, "desk-took", 90),
    (Plant::FlagLeftOn, "slot", 90),
    (Plant::HarderStamp, "hostile-writer", 240),
    (Plant::HeldPosition, "desk-took", 90),
    (Plant::InboxOrder, "desk-took", 240),
    (Plant::LettersOnDemand, "letter-writer", 90),
    (Plant::MarkedEnc, "slot", 400),
    (Plant::MoveOnTyping, "move", 240),
    (Plant::OrderedDrops, "desk-answered", 240),
    (Plant::SameAddress, "desk-answered", 90),
    (Plant::SecondLook, "which-answer", 400),
    (Plant::ShortCell, "slot", 90),
    (Plant::StickyShard, "same-caller", 90),
    (Plant::UnpaddedAnswer, "drop", 90),
];

#[test]
fn no_leak_is_seen_where_none_was_planted() {
    for game in GAMES {
        let outcome = game.play(&Play { rounds: 90, seed: SEED_OF_HONEST, plant: None });
        assert_eq!(outcome.leaks().len(), 0, "{}: {:?}", game.name, outcome.judgements);
    }
}

#[test]
fn every_planted_leak_is_seen() {
    assert!(CAUGHT.iter().all(|(plant, game, _)| plant.seen_in().0 == *game && Game::named(game).is_some()));
    assert!(Plant::ALL.iter().all(|(_, plant)| CAUGHT.iter().any(|(caught, ..)| caught == plant)));
    for (plant, game, rounds) in CAUGHT {
        let outcome = Game::named(game).unwrap().play(&Play { rounds, seed: SEED, plant: Some(plant) });
        assert!(!outcome.leaks().is_empty(), "{plant:?} in {game}: {:?}", outcome.judgements);
    }
}

#[test]
fn a_game_in_two_runs_is_the_game_in_one() {
    let dir = tempfile::TempDir::new().unwrap();
    let game = Game::named("drop").unwrap().in_stages_of(30);
    let run = |rounds| {
        let play = Play { rounds, seed: SEED, plant: None };
        let (mut record, before) = Record::open(dir.path(), &game, &play, "this").unwrap();
        let there = before.len();
        (there, game.play_on(&play, &mut record, before).unwrap())
    };
    assert_eq!(run(50).0, 0);
    let (there, outcome) = run(80);
    assert_eq!((there, outcome.rounds), (60, 90));
    let at_once = game.play(&Play { rounds: 90, seed: SEED, plant: None });
    assert_eq!(format!("{outcome:?}"), format!("{at_once:?}"));
}

#[test]
fn real_processes_can_be_played_and_a_leak_of_theirs_is_seen() {
    for game in OF_PROCESSES {
        let outcome = game.play(&Play { rounds: 6, seed: SEED, plant: None });
        assert_eq!(
            (outcome.rounds, outcome.leaks().len()),
            (6, 0),
            "{}: {:?}",
            game.name,
            outcome.judgements
        );
        assert!(outcome.judgements.len() == 3, "{}: {:?}", game.name, outcome.judgements);
    }
    // Sixteen guesses, all of them right.
    let outcome = OF_PROCESSES[0].play(&Play { rounds: 24, seed: SEED, plant: Some(Plant::ShortCell) });
    assert!(!outcome.leaks().is_empty(), "{:?}", outcome.judgements);
}
