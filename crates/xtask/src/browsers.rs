//! Finds the browsers that the tests drive; installs Debian's where it may, and never lets the tests be skipped.

use std::path::PathBuf;

use crate::debian;

/// One browser.
pub struct Browser {
    name: &'static str,
    /// The variable that names another one, and that the tests read.
    pub variable: &'static str,
    programs: [&'static str; 2],
    packages: &'static [&'static str],
}

/// The browser of most people.
pub const CHROMIUM: Browser = Browser {
    name: "Chromium",
    variable: "CHROMIUM",
    programs: ["chromium", "chromium-browser"],
    packages: &["chromium", "fonts-dejavu-core", "fonts-noto-color-emoji"],
};

/// The browser that Tor Browser is made from.
pub const FIREFOX: Browser = Browser {
    name: "Firefox",
    variable: "FIREFOX",
    programs: ["firefox-esr", "firefox"],
    packages: &["firefox-esr"],
};

impl Browser {
    /// The path of the program; an error says what to type.
    pub fn find(&self) -> Result<PathBuf, String> {
        if let Some(found) = self.on_path() {
            return Ok(found);
        }
        debian::install(self.packages)?;
        self.on_path().ok_or_else(|| {
            let Self { name, packages, .. } = self;
            format!("the browser tests need {name}; install it with: {}", debian::command(packages))
        })
    }

    fn on_path(&self) -> Option<PathBuf> {
        let named = std::env::var_os(self.variable).map(PathBuf::from);
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let usual = std::env::split_paths(&paths).flat_map(|dir| self.programs.map(|name| dir.join(name)));
        named.into_iter().chain(usual).find(|path| path.is_file())
    }
}
