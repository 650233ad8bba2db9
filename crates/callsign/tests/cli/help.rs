//! Every command explains itself, and no example puts a secret among the arguments.

use crate::support::callsign;

const COMMANDS: [&[&str]; 34] = [
    &[],
    &["bench"],
    &["bench", "limits"],
    &["bench", "load"],
    &["bench", "store"],
    &["hub"],
    &["hub", "backup"],
    &["hub", "restore"],
    &["hub", "status"],
    &["desk"],
    &["desk", "init"],
    &["desk", "serve"],
    &["desk", "sync"],
    &["desk", "inbox"],
    &["desk", "show"],
    &["desk", "recover"],
    &["desk", "reply"],
    &["desk", "erase"],
    &["desk", "devices"],
    &["desk", "join"],
    &["desk", "admit"],
    &["desk", "remove"],
    &["desk", "identity"],
    &["desk", "identity", "detach"],
    &["desk", "identity", "attach"],
    &["desk", "identity", "certify"],
    &["desk", "identity", "succeed"],
    &["desk", "receive"],
    &["call"],
    &["call", "send"],
    &["call", "read"],
    &["call", "visit"],
    &["doctor"],
    &["letter"],
];

#[test]
fn every_command_has_help_and_keeps_secrets_out_of_its_examples() {
    for command in COMMANDS {
        let said = callsign(command).arg("--help").said();
        assert!(said.output.status.success(), "{command:?}");
        let help = said.stdout();
        assert!(help.contains("Usage: callsign"), "{help}");
        let examples = help.split("Examples:").nth(1).unwrap_or_default();
        for secret in ["--text ", "CALLSIGN_PASSPHRASE=", "--phrase "] {
            let shown = examples.contains(secret) && !examples.contains(&format!("{secret}-"));
            assert!(!shown, "{command:?} shows {secret}");
        }
    }
}

#[test]
fn a_usage_mistake_exits_with_two() {
    assert_eq!(callsign(&["desk", "reply"]).said().output.status.code(), Some(2));
}
