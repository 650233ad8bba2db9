//! Asking at the terminal for what nobody may see. Its echo is on again however the asking ends, by a signal too.

use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Read as _, Write as _},
    sync::{Mutex, MutexGuard, Once, PoisonError},
};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP},
    iterator::Signals,
    low_level::emulate_default_handler,
};
use zeroize::Zeroizing;

use crate::output::escape;

/// Signals that end or stop a program that is asking.
const ENDING: [i32; 5] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP];
/// Bytes of a line that a terminal gives at once, at most.
const LINE_MAX: usize = 4_096;

/// The terminal that hides what is typed, while it does.
static HIDING: Mutex<Option<Hiding>> = Mutex::new(None);
static WATCHING: Once = Once::new();

/// The terminal of this process, wherever its standard streams go.
#[derive(Debug)]
pub struct Terminal(File);

struct Hiding {
    terminal: File,
    shown: Termios,
    hidden: Termios,
}

/// Shows again what is typed when it is dropped.
struct Guard;

impl Terminal {
    /// The terminal; an error where the process has none.
    pub fn open() -> io::Result<Self> {
        OpenOptions::new().read(true).write(true).open("/dev/tty").map(Self)
    }

    /// Prints lines of our own.
    pub fn show(&mut self, lines: &[&str]) -> io::Result<()> {
        let mut text = lines.iter().map(|line| escape(line)).collect::<Vec<_>>().join("\n");
        text.push('\n');
        self.0.write_all(text.as_bytes())
    }

    /// Asks for one line that is not shown; nothing where the input ends instead.
    pub fn ask_hidden(&mut self, question: &str) -> io::Result<Option<Zeroizing<String>>> {
        WATCHING.call_once(watch_signals);
        let _guard = hide(&self.0)?;
        self.0.write_all(question.as_bytes())?;
        let mut line = Zeroizing::new(vec![0; LINE_MAX]);
        let mut len = 0;
        while len < LINE_MAX && line.get(len.wrapping_sub(1)) != Some(&b'\n') {
            match self.0.read(&mut line[len..]) {
                Ok(0) if len == 0 => return Ok(None),
                Ok(0) => break,
                Ok(read) => len += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let text = std::str::from_utf8(&line[..len]).map_err(|_| ErrorKind::InvalidData)?;
        Ok(Some(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned())))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(hiding) = hiding().take() {
            hiding.set(&hiding.shown);
        }
    }
}

impl Hiding {
    fn set(&self, modes: &Termios) {
        // Where the terminal is gone, nothing is left to set.
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, modes);
    }
}

fn hide(terminal: &File) -> io::Result<Guard> {
    let shown = tcgetattr(terminal)?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    // Lines are edited by the terminal, Ctrl-C is a signal, and the end of a line is seen.
    hidden.local_modes.insert(LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG);
    let now_hiding = Hiding { terminal: terminal.try_clone()?, shown, hidden };
    let mut hiding = hiding();
    tcsetattr(terminal, OptionalActions::Now, &now_hiding.hidden)?;
    *hiding = Some(now_hiding);
    Ok(Guard)
}

/// Has signals show again what is typed before they do what they always do; after a stop it is hidden once more.
fn watch_signals() {
    let Ok(mut signals) = Signals::new(ENDING) else { return };
    std::thread::spawn(move || {
        for signal in signals.forever() {
            let hiding = hiding();
            if let Some(hiding) = hiding.as_ref() {
                hiding.set(&hiding.shown);
            }
            // Ends the process, unless the signal stops it for a while.
            let _ = emulate_default_handler(signal);
            if let Some(hiding) = hiding.as_ref() {
                hiding.set(&hiding.hidden);
            }
        }
    });
}

fn hiding() -> MutexGuard<'static, Option<Hiding>> {
    HIDING.lock().unwrap_or_else(PoisonError::into_inner)
}
