//! Too many open files: connections wait, and those that are there are served.

use std::{net::TcpStream, process::Command, thread};

use callsign_protocol::exchange::Outcome;

use crate::support::{
    child::{ChildHub, End, serve_if_asked},
    request,
    test_desk::FIRST_DAY,
};

#[test]
fn a_hub_without_free_files_serves_again_when_there_are_some() {
    if serve_if_asked() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let data_dir = dir.path().join("hub");
    let test = "open_files::a_hub_without_free_files_serves_again_when_there_are_some";
    let child = ChildHub { test, data_dir: &data_dir, today: FIRST_DAY, environment: vec![] };
    let (process, hub) = child.start().unwrap();
    let desk = hub.enrol_desk();
    let limited = Command::new("prlimit").args(["--nofile=64", "--pid", &process.id().to_string()]).status();
    assert!(limited.is_ok_and(|status| status.success()), "this test needs prlimit: install util-linux");
    let idle: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(hub.address).unwrap()).collect();
    thread::scope(|scope| {
        let caller = scope.spawn(|| hub.exchange(&desk, &request(1)).header.outcome);
        drop(idle);
        assert_eq!(caller.join().unwrap(), Outcome::Stored);
    });
    assert_eq!(process.stop(), End::Clean);
}
