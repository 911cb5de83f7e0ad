//! Programs and ports of the machine that tests run on.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The ports that are tried: below those that Linux gives to outgoing connections, so that none of these takes one while a server
/// is down.
const PORTS: std::ops::Range<u16> = 20_000..30_000;

/// Ports of 127.0.0.1 that nobody listens on, all different.
pub(crate) fn free_ports<const N: usize>() -> [u16; N] {
    let mut held = Vec::new();
    while held.len() < N {
        let (high, low) = Uuid::new_v4().as_u64_pair();
        let port = PORTS.start + ((high ^ low) % u64::from(PORTS.end - PORTS.start)) as u16;
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
            held.push((port, listener));
        }
    }
    std::array::from_fn(|at| held[at].0)
}

/// The folder that holds a program: the last of these that has it (in each, one component may be `*`), else one of `PATH`.
pub(crate) fn folder_of(program: &str, usual: &[&str]) -> Option<PathBuf> {
    let usual = usual.iter().flat_map(|pattern| folders(pattern)).rev();
    #[expect(clippy::disallowed_methods, reason = "tests have no settings")]
    let path = std::env::var("PATH").unwrap_or_default();
    let path = path.split(':').map(PathBuf::from);
    usual.chain(path).find(|folder| folder.join(program).is_file())
}

/// The folders that a pattern with at most one `*` stands for, ascending by the numbers in their names.
fn folders(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else { return vec![PathBuf::from(pattern)] };
    let (parent, start) = before.rsplit_once('/').unwrap_or((".", before));
    let mut found: Vec<PathBuf> = Path::new(parent)
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(start))
        .map(|entry| entry.path().join(after.trim_start_matches('/')))
        .collect();
    found.sort_by_key(|folder| numbers(folder));
    found
}

fn numbers(folder: &Path) -> Vec<u64> {
    folder
        .to_string_lossy()
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect()
}

/// The last lines of a file; empty when it cannot be read.
pub(crate) fn tail(file: &Path, lines: usize) -> String {
    let text =
        std::fs::read(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_ports_are_different_ones() {
        let [one, two, three] = free_ports();
        assert!(one != two && two != three && one != three);
    }

    #[test]
    fn of_several_versions_the_newest_is_found() {
        let folder = tempfile::TempDir::new().unwrap();
        for version in ["9", "15", "14"] {
            let bin = folder.path().join(version).join("bin");
            std::fs::create_dir_all(&bin).unwrap();
            std::fs::write(bin.join("serve"), "").unwrap();
        }
        let pattern = format!("{}/*/bin", folder.path().display());
        assert_eq!(folder_of("serve", &[&pattern]), Some(folder.path().join("15/bin")));
        assert_eq!(folder_of("no-such-program", &[&pattern]), None);
    }
}
