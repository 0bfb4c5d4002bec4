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

    fn status(self, field: &str) -> Result<u64> {
        let path = format!("/proc/{}/status", self.0);
        let status = fs::read_to_string(&path).with_context(|| path.clone())?;
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let kib = line.and_then(first_number).with_context(|| format!("{path} has no {field}"))?;
        Ok(kib * 1_024)
    }
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
    }
}
