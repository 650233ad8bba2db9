//! Two people at one desk, by command.

use serde_json::Value;

use crate::support::{Hotline, Run, callsign};

/// A hotline with a second person's device.
pub struct Team {
    pub hotline: Hotline,
}

impl Team {
    pub fn start() -> Self {
        let team = Self { hotline: Hotline::start() };
        team.first(&["person", "add", "Osyka"]).json();
        let link = format!("{}/#{}", team.hotline.hub_url, team.hotline.fingerprint);
        let asked = team.second(&["join", "--hub", &link]).json();
        let (words, request) = (asked["check_words"].as_str().unwrap(), asked["request"].as_str().unwrap());
        team.first(&["admit", "--person", "Osyka", "--code", words, "-"]).input(request).json();
        team.second(&["sync"]).json();
        team
    }

    pub fn first(&self, command: &[&str]) -> Run {
        self.hotline.desk(command)
    }

    pub fn second(&self, command: &[&str]) -> Run {
        callsign(&[&["desk"], command, &["--json"]].concat()).arg("--data").arg(self.hotline.path("other"))
    }

    pub fn call(&self, text: &str) -> String {
        let sent = self.hotline.call(&["send", "-"]).input(text).json();
        self.first(&["sync"]).json();
        self.second(&["sync"]).json();
        let inbox = self.first(&["inbox"]).json();
        let calls = inbox.as_array().unwrap();
        // Two calls of one second differ in nothing but their signs.
        let call = calls.iter().find(|call| call["call_sign_of_caller"] == sent["call_sign"]);
        call.unwrap()["call_sign"].as_str().unwrap().to_owned()
    }

    pub fn row(&self, sign: &str) -> Value {
        let board = self.first(&["board"]).json();
        board.as_array().unwrap().iter().find(|row| row["call_sign"] == sign).unwrap().clone()
    }
}

/// What a command printed that must end with a status.
pub fn ends_with(run: Run, status: i32) -> Value {
    let said = run.said();
    assert_eq!(said.output.status.code(), Some(status), "{said:?}");
    serde_json::from_slice(&said.output.stdout).unwrap_or(Value::Null)
}
