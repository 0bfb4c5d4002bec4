//! What a process costs, as Linux tells it.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

/// Of one process.
#[derive(Clone, Copy, Debug)]
pub struct Process(u32);

impl Process {
    #[must_use]
    pub fn of(id: u32) -> Self {
        Self(id)
    }

    #[must_use]
    pub fn own() -> Self {
        Self(std::process::id())
    }

    /// Time its threads spent running, those that have ended left out. To the nanosecond, where clock ticks would tell a
    /// hundredth of a second.
    ///
    /// # Errors
    /// There is no such process, or no `/proc`.
    pub fn cpu(self) -> Result<Duration> {
        let folder = format!("/proc/{}/task", self.0);
        let mut nanoseconds = 0;
        for thread in fs::read_dir(&folder).with_context(|| folder.clone())? {
            // A thread may end while we look.
            let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
            nanoseconds += first_number(&text).context("schedstat has no figures")?;
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Resident memory in bytes, pages shared with other processes included.
    ///
    /// # Errors
    /// There is no such process, or no `/proc`.
    pub fn resident(self) -> Result<u64> {
        self.status("VmRSS:")
    }

    /// The most it ever was.
    ///
    /// # Errors
    /// There is no such process, or no `/proc`.
    pub fn peak_resident(self) -> Result<u64> {
        self.status("VmHWM:")
    }

    /// Of the resident memory, what it wrote itself: without the program's own text and libraries.
    ///
    /// # Errors
    /// There is no such process, or no `/proc`.
    pub fn anonymous(self) -> Result<u64> {
        self.status("RssAnon:")
    }

    /// Resident memory in bytes, each page shared with other processes by as many parts as there are of them.
    ///
    /// # Errors
    /// There is no such process, it is somebody else's, or no `/proc`.
    pub fn proportional(self) -> Result<u64> {
        self.rollup("Pss:")
    }

    /// What it wrote and nobody else has: what would be free again if it ended, apart from files.
    ///
    /// # Errors
    /// There is no such process, it is somebody else's, or no `/proc`.
    pub fn private_dirty(self) -> Result<u64> {
        self.rollup("Private_Dirty:")
    }

    /// Threads that there are now.
    ///
    /// # Errors
    /// There is no such process, or no `/proc`.
    pub fn threads(self) -> Result<u64> {
        let status = self.text("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("Threads:"));
        line.and_then(first_number).context("no number of threads")
    }

    /// Files, sockets and the like that it has open.
    ///
    /// # Errors
    /// There is no such process, it is somebody else's, or no `/proc`.
    pub fn handles(self) -> Result<u64> {
        let folder = format!("/proc/{}/fd", self.0);
        let entries = fs::read_dir(&folder).with_context(|| folder.clone())?;
        Ok(entries.count() as u64)
    }

    /// As the kernel cuts it: 15 bytes.
    ///
    /// # Errors
    /// There is no such process, or no `/proc`.
    pub fn name(self) -> Result<String> {
        Ok(self.text("comm")?.trim().to_owned())
    }

    /// It and all that descend from it.
    #[must_use]
    pub fn tree(self) -> Vec<Self> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let all: Vec<(u32, u32)> = pids.filter_map(|pid| Some((pid, parent(pid)?))).collect();
        let mut tree = vec![self];
        let mut next = 0;
        while let Some(Self(of)) = tree.get(next).copied() {
            tree.extend(all.iter().filter(|(_, parent)| *parent == of).map(|(pid, _)| Self(*pid)));
            next += 1;
        }
        tree
    }

    fn text(self, file: &str) -> Result<String> {
        let path = format!("/proc/{}/{file}", self.0);
        fs::read_to_string(&path).with_context(|| path.clone())
    }

    fn rollup(self, field: &str) -> Result<u64> {
        let text = self.text("smaps_rollup")?;
        let line = text.lines().find_map(|line| line.strip_prefix(field));
        Ok(line.and_then(first_number).with_context(|| format!("no {field}"))? * 1_024)
    }

    fn status(self, field: &str) -> Result<u64> {
        let path = format!("/proc/{}/status", self.0);
        let status = fs::read_to_string(&path).with_context(|| path.clone())?;
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let kib = line.and_then(first_number).with_context(|| format!("{path} has no {field}"))?;
        Ok(kib * 1_024)
    }
}

/// Of a process that runs; one that has ended and was not fetched has none.
fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses and may itself hold any character.
    let mut rest = stat.get(stat.rfind(')')? + 1..)?.split_whitespace();
    let state = rest.next()?;
    rest.next()?.parse().ok().filter(|_| state != "Z" && state != "X")
}

fn first_number(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn work_is_seen() {
        let before = Process::own().cpu().unwrap();
        let mut sum = 0_u64;
        while Process::own().cpu().unwrap() < before + Duration::from_millis(2) {
            sum = (0..10_000).fold(sum, |sum, n| std::hint::black_box(sum ^ n));
        }
        assert!(Process::own().resident().unwrap() > 100_000);
        assert!(Process::own().peak_resident().unwrap() >= Process::own().anonymous().unwrap());
        let (dirty, all) = (Process::own().private_dirty().unwrap(), Process::own().proportional());
        assert!(dirty > 10_000 && dirty <= all.unwrap());
        assert!(Process::own().threads().unwrap() >= 1 && Process::own().handles().unwrap() >= 3);
    }

    #[test]
    fn a_tree_is_a_process_and_what_it_has_started() {
        let mut command = std::process::Command::new("sleep");
        let mut child = command.arg("60").spawn().unwrap();
        let tree = Process::own().tree();
        assert_eq!(tree[0].0, std::process::id());
        assert!(tree.iter().any(|process| process.0 == child.id()), "{tree:?}");
        child.kill().unwrap();
        child.wait().unwrap();
        let tree = Process::own().tree();
        assert!(tree.iter().all(|process| process.0 != child.id()), "{tree:?}");
    }
}
