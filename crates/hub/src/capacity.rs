//! How many connections the hub holds at a time.

use rlimit::Resource;

/// Connections at most, whatever the limit of files: idle they take some 50 MB, each with a header almost whole 100
/// (`docs/decisions/0007-admission.md`).
const CONNECTIONS_MAX: usize = 4096;
/// Open files for all else: the store, the listener, and connections that were closed a moment ago.
const OTHER_FILES: usize = 192;
/// Where the limit cannot be read: the usual one.
const FILES_USUAL: u64 = 1024;

/// The number of connections, `wanted` at most; raises the process's soft limit of open files to its hard one.
pub fn connections(wanted: Option<usize>) -> usize {
    let files = rlimit::increase_nofile_limit(u64::MAX)
        .or_else(|_| rlimit::getrlimit(Resource::NOFILE).map(|(soft, _)| soft))
        .unwrap_or(FILES_USUAL);
    let connections = within(files, wanted.unwrap_or(CONNECTIONS_MAX));
    if wanted.is_some_and(|wanted| wanted > connections) {
        tracing::warn!(connections, files, "the limit of open files allows fewer connections than wanted");
    }
    connections
}

fn within(files: u64, wanted: usize) -> usize {
    let files = usize::try_from(files).unwrap_or(usize::MAX);
    // A limit that leaves nothing is wrong; half of it is then the better guess.
    wanted.clamp(1, files.saturating_sub(OTHER_FILES).max(files / 2).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_stay_within_the_limit_of_files() {
        assert_eq!(within(u64::MAX, CONNECTIONS_MAX), 4096);
        assert_eq!(within(1024, CONNECTIONS_MAX), 832);
        assert_eq!(within(1024, 100), 100);
        assert_eq!(within(200, CONNECTIONS_MAX), 100);
        assert_eq!((within(0, CONNECTIONS_MAX), within(1024, 0)), (1, 1));
    }
}
