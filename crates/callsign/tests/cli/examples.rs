//! Every command has examples in its help, and each does what it is for: run at a desk, as printed.

use crate::{
    commands::{self, examples, help_of},
    stage::Seed,
};

#[test]
fn every_command_of_the_desk_has_examples_and_each_of_them_runs() {
    run_examples(|words| words[0] == "desk");
}

#[test]
fn every_measurement_has_examples_and_each_of_them_runs() {
    run_examples(|words| words[0] == "bench");
}

#[test]
fn every_other_command_has_examples_and_each_of_them_runs() {
    run_examples(|words| !["bench", "desk"].contains(&words[0].as_str()));
}

#[test]
fn no_command_is_without_an_example() {
    for command in commands::all().iter().filter(|command| command.is_leaf()) {
        assert!(!command.examples().is_empty(), "{} has no example in its help", command.typed());
    }
}

fn run_examples(is_meant: impl Fn(&[String]) -> bool) {
    let mut seed = Seed::new();
    for command in commands::all().iter().filter(|command| command.is_leaf() && is_meant(&command.words)) {
        let examples = command.examples();
        let name = command.typed();
        assert!(examples.iter().any(|line| line.starts_with(&name)), "{name} has no example in its help");
        for line in examples {
            println!("{line}");
            seed.run_anew(&line);
        }
    }
}

#[test]
fn an_example_is_one_line_however_narrow_the_terminal() {
    for command in commands::all() {
        for columns in [20, 80, 200] {
            let help = help_of(&command.words, Some(columns));
            assert_eq!(examples(&help), command.examples(), "{} at {columns}", command.typed());
            assert!(!help.contains('\u{a0}'), "a space that no shell knows");
        }
        let narrow = help_of(&command.words, Some(60));
        let is_example =
            |line: &str| command.examples().iter().any(|example| line.contains(example.as_str()));
        let long: Vec<_> =
            narrow.lines().filter(|line| line.chars().count() > 60 && !is_example(line)).collect();
        assert!(
            long.iter().all(|line| line.trim().split(' ').count() == 1 || line.starts_with("Usage")),
            "{long:?}"
        );
    }
}
