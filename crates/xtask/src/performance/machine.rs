//! On what was measured: processor, memory, kernel and file system, commit and day; nothing that names the machine.

use std::{fs, path::Path, process::Command};

/// What stands above the figures, one fact a line.
pub fn describe(dir: &Path) -> Result<Vec<String>, String> {
    let cpu = read("/proc/cpuinfo")?;
    let model = value(&cpu, "model name").unwrap_or_else(|| "unknown".to_owned());
    let cores = cpu.lines().filter(|line| line.starts_with("processor")).count();
    let memory = value(&read("/proc/meminfo")?, "MemTotal").unwrap_or_default();
    let kib: u64 = memory.split(' ').next().and_then(|kib| kib.parse().ok()).unwrap_or(0);
    let release = said("uname", &["-r"])?;
    let kernel = release.split('-').next().unwrap_or_default();
    let disk = said("df", &["--output=fstype", &dir.display().to_string()])?;
    let disk = disk.lines().last().unwrap_or("unknown");
    let commit = said("git", &["rev-parse", "--short=10", "HEAD"])?;
    let changed = if said("git", &["status", "--porcelain"])?.is_empty() { "" } else { ", with changes" };
    let day = said("date", &["--utc", "+%Y-%m-%d"])?;
    Ok(vec![
        format!("Commit {commit}{changed}, {day}."),
        format!(
            "{cores} cores ({model}), {} GiB of memory, Linux {kernel}, file system {disk}.",
            (kib + (1 << 19)) >> 20
        ),
    ])
}

/// Resident memory of a process in MiB: now, and the most so far.
pub fn memory_mib(process: u32) -> Result<(u64, u64), String> {
    let status = read(&format!("/proc/{process}/status"))?;
    let mib = |name| {
        let kib = value(&status, name).and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
        kib.map(|kib| kib >> 10).ok_or_else(|| format!("/proc/{process}/status has no {name}"))
    };
    Ok((mib("VmRSS")?, mib("VmHWM")?))
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))
}

/// What stands behind a name and a colon.
fn value(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim().to_owned())
}

fn said(program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(arguments).current_dir(crate::root()).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{program} failed ({})", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
