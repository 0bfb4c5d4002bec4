use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::private;

/// A file grows to this many bytes: some 60,000 lines.
const FILE_BYTES: u64 = 10 * 1024 * 1024;
/// Files kept, the one being written among them: together at most 50 MB.
const FILES: u32 = 5;
const NAME: &str = "vaultwatch.log";

/// `vaultwatch.log`, and the older `vaultwatch.log.1` to `.4`. Rotated by size, not by day: a server that sends
/// nonsense fills a day's file as fast as it likes.
#[derive(Debug)]
pub(super) struct RotatingFile {
    folder: PathBuf,
    limit: u64,
    file: File,
    written: u64,
}

impl RotatingFile {
    /// Goes on with the file of the last start.
    ///
    /// # Errors
    /// When folder or file cannot be made or written.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        Self::with_limit(folder, FILE_BYTES)
    }

    fn with_limit(folder: &Path, limit: u64) -> io::Result<Self> {
        private::make_folder(folder)?;
        let (file, written) = append(&path(folder, 0))?;
        Ok(Self { folder: folder.to_owned(), limit, file, written })
    }

    fn rotate(&mut self) -> io::Result<()> {
        for number in (1..FILES).rev() {
            match fs::rename(path(&self.folder, number - 1), path(&self.folder, number)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        (self.file, self.written) = append(&path(&self.folder, 0))?;
        Ok(())
    }
}

impl Write for RotatingFile {
    /// One line at a time, as `tracing` calls it: a line is never cut in two.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.written > 0 && self.written + line.len() as u64 > self.limit {
            self.rotate()?;
        }
        let written = self.file.write(line)?;
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn path(folder: &Path, number: u32) -> PathBuf {
    match number {
        0 => folder.join(NAME),
        older => folder.join(format!("{NAME}.{older}")),
    }
}

fn append(path: &Path) -> io::Result<(File, u64)> {
    let file = private::options().create(true).append(true).open(path)?;
    let written = file.metadata()?.len();
    Ok((file, written))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_lines_move_on_and_the_oldest_go() {
        let folder = tempfile::tempdir().unwrap();
        let logs = folder.path().join("logs");
        let mut file = RotatingFile::with_limit(&logs, 10).unwrap();
        for line in 0..FILES + 2 {
            file.write_all(format!("line {line}\n").as_bytes()).unwrap();
        }
        let read = |number| fs::read_to_string(path(&logs, number));
        let newest = FILES + 1;
        for number in 0..FILES {
            assert_eq!(read(number).unwrap(), format!("line {}\n", newest - number));
        }
        assert!(read(FILES).is_err());
    }

    #[test]
    fn a_new_start_counts_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        for line in ["123456\n", "78\n", "9\n"] {
            let mut file = RotatingFile::with_limit(folder.path(), 10).unwrap();
            file.write_all(line.as_bytes()).unwrap();
        }
        assert_eq!(fs::read_to_string(path(folder.path(), 1)).unwrap(), "123456\n78\n");
        assert_eq!(fs::read_to_string(path(folder.path(), 0)).unwrap(), "9\n");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let logs = folder.path().join("logs");
        let _file = RotatingFile::open(&logs).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&logs), 0o700);
        assert_eq!(mode(&path(&logs, 0)), 0o600);
    }
}
