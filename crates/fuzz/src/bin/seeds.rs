//! Writes the seeds of every target into a folder of its own, and prints the targets' names with the longest input of each.

use std::{fs, io, path::PathBuf};

use callsign_fuzz::targets;

fn main() -> io::Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.ok_or_else(|| io::Error::other("name the folder that the seeds go to"))?;
    for target in targets() {
        let folder = folder.join(target.name);
        fs::create_dir_all(&folder)?;
        for (n, seed) in (target.seeds)().iter().enumerate() {
            fs::write(folder.join(format!("{n:03}")), seed)?;
        }
        println!("{} {}", target.name, target.max_len);
    }
    Ok(())
}
