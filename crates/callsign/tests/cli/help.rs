//! Every command explains itself, and no example puts a secret among the arguments.

use crate::{commands, support::callsign};

#[test]
fn every_command_has_help_and_keeps_secrets_out_of_its_examples() {
    for command in commands::all() {
        let help = &command.help;
        assert!(help.contains("Usage: callsign"), "{help}");
        let examples = help.split("Example").nth(1).unwrap_or_default();
        for secret in ["--text ", "CALLSIGN_PASSPHRASE=", "--phrase "] {
            let shown = examples.contains(secret) && !examples.contains(&format!("{secret}-"));
            assert!(!shown, "{} shows {secret}", command.typed());
        }
    }
}

#[test]
fn a_usage_mistake_exits_with_two() {
    assert_eq!(callsign(&["desk", "reply"]).said().output.status.code(), Some(2));
}
