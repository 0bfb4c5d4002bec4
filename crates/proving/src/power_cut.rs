//! Power cuts: a run is recorded, and replayed up to a moment with what was not synced dropped or torn.
//!
//! The file operations are those that `strace` tells. The model is harsher than most disks. Of what was written to a file since
//! its last sync each write, and each 512-byte sector of it, may or may not be there, in whatever combination; names in a
//! folder, made or removed since the folder was last synced, are there up to a random one in their order. What was synced is
//! there.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

const SECTOR: usize = 512;

/// What one run did to the files of a folder, and what it said on standard output.
#[derive(Debug)]
pub struct Recording {
    operations: Vec<Operation>,
}

/// Whether the disk does what a sync asks of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Honesty {
    Syncs,
    /// It only says so: a test that finds no fault with such a disk is blind.
    Lies,
}

/// Files are numbered as they are made, so that one made anew under an old name is another.
#[derive(Clone, Debug)]
enum Operation {
    Change(String, Change),
    Sync(String),
    Make(String),
    Remove(String),
    SyncFolder,
    Said(String),
}

#[derive(Clone, Debug)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Truncate(usize),
}

#[derive(Default)]
struct File {
    synced: Vec<u8>,
    unsynced: Vec<Change>,
}

impl Recording {
    /// Runs a program that works on files of a folder. `command` is given the words to begin with.
    ///
    /// # Panics
    /// `strace` is not installed, or the program failed.
    pub fn of(folder: &Path, command: impl FnOnce(&[&str]) -> Command) -> Self {
        let log = folder.join("strace.log");
        let calls =
            "trace=openat,open,pwrite64,write,ftruncate,fsync,fdatasync,unlink,unlinkat,rename";
        let log_word = log.to_str().unwrap();
        let wrapper = ["strace", "-f", "-y", "-xx", "-s", "1000000", "-o", log_word, "-e", calls];
        let output = command(&wrapper).output();
        let output = output.expect("strace must be installed (Debian: apt-get install strace)");
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        assert!(output.status.success(), "the recorded run failed: {:?}", output.status);
        Self::parse(&text, folder)
    }

    /// Reads a log of `strace -f -y -xx`; keeps what concerns files in `folder` and standard output.
    fn parse(log: &str, folder: &Path) -> Self {
        let mut operations = Vec::new();
        // By thread: what it was about to sync when another thread's call came between.
        let mut begun: BTreeMap<&str, Operation> = BTreeMap::new();
        for line in log.lines() {
            let Some((thread, call)) = line.split_once(' ') else { continue };
            let call = call.trim_start();
            if call.starts_with("<...") {
                // A sync counts when it is over.
                operations.extend(begun.remove(thread));
                continue;
            }
            let Some(operation) = operation(call, folder) else { continue };
            let is_sync = matches!(operation, Operation::Sync(_) | Operation::SyncFolder);
            if is_sync && call.ends_with("<unfinished ...>") {
                begun.insert(thread, operation);
            } else {
                operations.push(operation);
            }
        }
        Self { operations }
    }

    /// Operations.
    #[must_use]
    pub fn len(&self) -> usize {
        self.operations.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// Makes in `target` what the disk may hold when the power goes before operation `at`; returns the lines that had been
    /// said by then.
    ///
    /// # Panics
    /// There are not so many operations, or `target` cannot be written to.
    #[must_use]
    pub fn cut(&self, at: usize, honesty: Honesty, target: &Path) -> Vec<&str> {
        let mut said = Vec::new();
        let mut files: Vec<File> = Vec::new();
        // Which file a name means: for the running program, and for sure after a cut.
        let mut names: BTreeMap<&str, usize> = BTreeMap::new();
        let mut lasting = names.clone();
        let mut unsynced_names: Vec<(&str, Option<usize>)> = Vec::new();
        for operation in &self.operations[..at] {
            match operation {
                Operation::Make(name) if names.contains_key(name.as_str()) => {}
                Operation::Make(name) => {
                    files.push(File::default());
                    names.insert(name, files.len() - 1);
                    unsynced_names.push((name, Some(files.len() - 1)));
                }
                Operation::Remove(name) => {
                    names.remove(name.as_str());
                    unsynced_names.push((name, None));
                }
                Operation::Change(name, change) => {
                    files[names[name.as_str()]].unsynced.push(change.clone());
                }
                Operation::Said(lines) => said.extend(lines.lines()),
                _ if honesty == Honesty::Lies => {}
                Operation::Sync(name) => {
                    let file = &mut files[names[name.as_str()]];
                    for change in std::mem::take(&mut file.unsynced) {
                        change.apply(&mut file.synced);
                    }
                }
                Operation::SyncFolder => {
                    settle_names(&mut lasting, unsynced_names.drain(..));
                }
            }
        }
        let lucky = fastrand::usize(..=unsynced_names.len());
        settle_names(&mut lasting, unsynced_names.into_iter().take(lucky));
        for (name, number) in lasting {
            let file = &mut files[number];
            let mut bytes = file.synced.clone();
            for change in &file.unsynced {
                change.maybe(&mut bytes);
            }
            std::fs::write(target.join(name), bytes).unwrap();
        }
        said
    }
}

fn settle_names<'a>(
    lasting: &mut BTreeMap<&'a str, usize>,
    changes: impl Iterator<Item = (&'a str, Option<usize>)>,
) {
    for (name, file) in changes {
        match file {
            Some(file) => lasting.insert(name, file),
            None => lasting.remove(name),
        };
    }
}

impl Change {
    fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Self::Truncate(length) => file.resize(*length, 0),
            Self::Write { at, bytes } => put(file, *at, bytes),
        }
    }

    /// Wholly, in part, or not at all.
    fn maybe(&self, file: &mut Vec<u8>) {
        match (fastrand::u8(0..3), self) {
            (0, _) => {}
            (1, Self::Write { at, bytes }) => {
                for (i, sector) in bytes.chunks(SECTOR).enumerate() {
                    if fastrand::bool() {
                        put(file, at + i * SECTOR, sector);
                    }
                }
            }
            _ => self.apply(file),
        }
    }
}

fn put(file: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if file.len() < at + bytes.len() {
        file.resize(at + bytes.len(), 0);
    }
    file[at..at + bytes.len()].copy_from_slice(bytes);
}

/// One call, if it concerns us and did not fail. Calls that another thread's interrupted are taken as begun: a write that
/// may have been done is one that may be there.
fn operation(call: &str, folder: &Path) -> Option<Operation> {
    let (name, rest) = call.split_once('(')?;
    if call.contains(") = -1 ") {
        return None;
    }
    // `3</folder/outbox.db-wal>`: what the descriptor means, by -y, in hexadecimal by -xx.
    let described = || {
        let (number, rest) = rest.split_once('<')?;
        let (path, rest) = rest.split_once('>')?;
        Some((number, unescape(path), rest))
    };
    let file = || {
        let (_, path, rest) = described()?;
        let path = String::from_utf8(path).ok()?;
        let name = name_within(&path, folder)?.to_owned();
        // The index of the log lies in memory and is made anew after a crash.
        (!name.ends_with("-shm") && !name.ends_with(".lock")).then_some((name, rest))
    };
    let quoted = |text: &str| Some(unescape(text.split('"').nth(1)?));
    match name {
        "write" if rest.starts_with("1<") => {
            let text = String::from_utf8(quoted(described()?.2)?).ok()?;
            Some(Operation::Said(text.trim_end().to_owned()))
        }
        "pwrite64" => {
            let (name, rest) = file()?;
            let bytes = quoted(rest)?;
            // `, "…", 4096, 8192) = 4096` or, unfinished, without the end.
            let numbers = rest.rsplit('"').next()?;
            let at = numbers.split([',', ')', ' ']).filter(|word| !word.is_empty()).nth(1)?;
            Some(Operation::Change(name, Change::Write { at: at.parse().ok()?, bytes }))
        }
        "ftruncate" => {
            let (name, rest) = file()?;
            let length = rest.split([',', ')', ' ']).find(|word| !word.is_empty())?;
            Some(Operation::Change(name, Change::Truncate(length.parse().ok()?)))
        }
        "fsync" | "fdatasync" => {
            let (name, _) = file()?;
            Some(if name.is_empty() { Operation::SyncFolder } else { Operation::Sync(name) })
        }
        "open" | "openat" if rest.contains("O_CREAT") => {
            let path = String::from_utf8(quoted(rest)?).ok()?;
            let name = name_within(&path, folder)?;
            let counts = !name.ends_with("-shm") && !name.ends_with(".lock");
            counts.then(|| Operation::Make(name.to_owned()))
        }
        "unlink" | "unlinkat" => {
            let path = String::from_utf8(quoted(rest)?).ok()?;
            let name = name_within(&path, folder)?;
            (!name.ends_with("-shm")).then(|| Operation::Remove(name.to_owned()))
        }
        _ => None,
    }
}

/// `\x41\x42`, and plain characters as they are.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4);
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'\\' && after.first() == Some(&b'x') && after.len() >= 3 {
            let digits = std::str::from_utf8(&after[1..3]).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            rest = &after[3..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    bytes
}

/// The name of a file within the recorded folder.
fn name_within<'a>(path: &'a str, folder: &Path) -> Option<&'a str> {
    Path::new(path).strip_prefix(folder).ok()?.to_str()
}
