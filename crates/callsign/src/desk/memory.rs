//! How much memory a passphrase may cost on this machine.

use std::{fs, path::Path};

use callsign_desk::keys::Cost;

use crate::output;

/// What this machine bears now.
pub fn cost() -> Cost {
    free_kib().map_or(Cost::FULL, Cost::within)
}

/// The same for a file that is made; less than the most is said.
pub fn cost_of_new() -> Cost {
    let cost = cost();
    if cost < Cost::FULL {
        let (mib, full) = (cost.memory_kib >> 10, Cost::FULL.memory_kib >> 10);
        output::warn(
            "memory",
            &format!(
                "this machine has little free memory: each guess at the passphrase costs {mib} MiB instead of {full}. \
                 The vault takes more by itself when it is opened with more free"
            ),
        );
    }
    cost
}

/// KiB that are free to this process; nothing where the system does not say.
fn free_kib() -> Option<u64> {
    let of_machine = available(&fs::read_to_string("/proc/meminfo").ok()?)?;
    Some(of_group().map_or(of_machine, |of_group| of_group.min(of_machine)))
}

/// KiB that the control group of this process has left, where one limits it.
fn of_group() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let group = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let dir = Path::new("/sys/fs/cgroup").join(group);
    let read = |name: &str| fs::read_to_string(dir.join(name)).ok()?.trim().parse::<u64>().ok();
    Some(read("memory.max")?.saturating_sub(read("memory.current")?) >> 10)
}

fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_figure_is_read() {
        let meminfo = "MemTotal:       24683000 kB\nMemFree:  1 kB\nMemAvailable:   23626752 kB\n";
        assert_eq!(available(meminfo), Some(23_626_752));
        assert_eq!(available("MemTotal: 1 kB"), None);
    }
}
