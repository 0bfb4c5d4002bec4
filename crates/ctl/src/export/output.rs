use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use tempfile::NamedTempFile;

/// Where an export goes. A file appears under its name when all of it is there, or not at all.
pub(super) enum Output {
    Terminal(BufWriter<StdoutLock<'static>>),
    File { unfinished: BufWriter<NamedTempFile>, path: PathBuf, force: bool },
}

impl Output {
    pub(super) fn open(path: Option<&Path>, force: bool) -> anyhow::Result<Self> {
        let Some(path) = path else {
            return Ok(Self::Terminal(BufWriter::new(io::stdout().lock())));
        };
        if !force && path.exists() {
            bail!("{} exists; --force replaces it", path.display());
        }
        if path.is_dir() {
            bail!("{} is a folder", path.display());
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        // Only for its owner, whose debts it tells.
        let unfinished = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))
            .with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(Self::File { unfinished: BufWriter::new(unfinished), path: path.to_owned(), force })
    }

    /// What was written is there.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::Terminal(mut out) => {
                out.flush().map_err(|error| failed(error, "standard output"))
            }
            Self::File { unfinished, path, force } => {
                let told = path.display().to_string();
                let file = unfinished.into_inner().map_err(|e| failed(e.into_error(), &told))?;
                file.as_file().sync_all().map_err(|error| failed(error, &told))?;
                let placed = match force {
                    true => file.persist(&path),
                    false => file.persist_noclobber(&path),
                };
                placed.map(drop).map_err(|error| failed(error.error, &told))
            }
        }
    }

    pub(super) fn write(&mut self, text: &str) -> anyhow::Result<()> {
        match self {
            Self::Terminal(out) => {
                out.write_all(text.as_bytes()).map_err(|error| failed(error, "standard output"))
            }
            Self::File { unfinished, path, .. } => {
                let written = unfinished.write_all(text.as_bytes());
                written.map_err(|error| failed(error, &path.display().to_string()))
            }
        }
    }
}

fn failed(error: io::Error, to: &str) -> anyhow::Error {
    let why = match error.kind() {
        io::ErrorKind::StorageFull => format!("the disk is full; nothing was written to {to}"),
        io::ErrorKind::AlreadyExists => format!("{to} exists by now; --force replaces it"),
        _ => format!("{to} cannot be written"),
    };
    anyhow::Error::new(error).context(why)
}
