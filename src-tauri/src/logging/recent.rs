use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use tracing_appender::non_blocking::NonBlocking;
use tracing_subscriber::fmt::MakeWriter;

/// Lines that are kept.
const LINES: usize = 50;
/// Longer ones are cut: 50 of them are to be read by a person.
const LINE_BYTES: usize = 2_000;

/// The last lines of the log, in memory: what a crash report ends with, on a full disk, too. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recent(Arc<Mutex<VecDeque<String>>>);

impl Recent {
    /// Oldest first. None, rather than waiting, while one is being written: whoever asks may be the one who writes.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.try_lock().map(|lines| lines.iter().cloned().collect()).unwrap_or_default()
    }

    fn note(&self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        let line = &line[..line.floor_char_boundary(LINE_BYTES)];
        // Poisoned by a panic within a push: then there is nothing to keep it for any more.
        let Ok(mut lines) = self.0.lock() else { return };
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(line.trim_end().to_owned());
    }
}

/// Writes each line into the file, where there is one, and keeps it.
#[derive(Clone, Debug)]
pub(super) struct Keeping {
    pub(super) recent: Recent,
    pub(super) file: Option<NonBlocking>,
}

impl<'a> MakeWriter<'a> for Keeping {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Write for Keeping {
    /// One line at a time, as `tracing` calls it.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.recent.note(line);
        match &mut self.file {
            Some(file) => file.write(line),
            None => Ok(line.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), NonBlocking::flush)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept_and_long_ones_cut() {
        let recent = Recent::default();
        let mut writer = Keeping { recent: recent.clone(), file: None };
        for n in 0..LINES + 7 {
            writer.write_all(format!("line {n}\n").as_bytes()).unwrap();
        }
        writer.write_all("é".repeat(LINE_BYTES).as_bytes()).unwrap();
        let lines = recent.lines();
        assert_eq!((lines.len(), lines[0].as_str()), (LINES, "line 8"));
        assert!(lines[LINES - 1].len() <= LINE_BYTES);
    }
}
