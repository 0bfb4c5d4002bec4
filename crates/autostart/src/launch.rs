use std::path::{Path, PathBuf};

use thiserror::Error;

/// The app is in the tray at first, whatever else it is told.
const HIDDEN: &str = "--hidden";

/// What an entry starts: the app, hidden, with these arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    program: String,
    args: Vec<String>,
}

/// A word that an entry cannot hold: a program without its folder, a path that is no text, a control character.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{0:?} cannot be written into an entry for the start: it must be text, and a program a full path"
)]
pub struct UnwritableWord(String);

impl Launch {
    /// `program` by its full path; `args` without `--hidden`, which is always given.
    ///
    /// # Errors
    /// [`UnwritableWord`] with the first word that cannot be written.
    pub fn new(program: &Path, args: &[String]) -> Result<Self, UnwritableWord> {
        let unwritable = || UnwritableWord(program.to_string_lossy().into_owned());
        let text = program.to_str().filter(|_| program.is_absolute()).ok_or_else(unwritable)?;
        let mut launch = Self { program: text.to_owned(), args: vec![HIDDEN.to_owned()] };
        launch.args.extend(args.iter().filter(|arg| *arg != HIDDEN).cloned());
        let broken = launch.words().find(|word| word.chars().any(char::is_control));
        match broken.map(str::to_owned) {
            Some(word) => Err(UnwritableWord(word)),
            None => Ok(launch),
        }
    }

    /// As an entry has it: the program, then its arguments. `None`: there is not even a program.
    pub(crate) fn read(words: Vec<String>) -> Option<Self> {
        let mut words = words.into_iter();
        let program = words.next().filter(|program| !program.is_empty())?;
        Some(Self { program, args: words.collect() })
    }

    #[must_use]
    pub fn program(&self) -> PathBuf {
        PathBuf::from(&self.program)
    }

    pub(crate) fn program_text(&self) -> &str {
        &self.program
    }

    /// `--hidden` is one of them.
    #[must_use]
    pub fn args(&self) -> &[String] {
        &self.args
    }

    /// Program and arguments.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.program.as_str()).chain(self.args.iter().map(String::as_str))
    }
}

/// For people to read; not for a shell.
impl std::fmt::Display for Launch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words().collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A full path on every platform.
    fn program() -> PathBuf {
        std::env::temp_dir().join("vaultwatch")
    }

    #[test]
    fn it_is_hidden_once_and_named_in_full() {
        let args = ["--profile", "acme", "--hidden"].map(str::to_owned);
        let launch = Launch::new(&program(), &args).unwrap();
        assert_eq!(launch.args(), ["--hidden", "--profile", "acme"]);
        assert_eq!(launch.program(), program());
        assert!(launch.to_string().ends_with("vaultwatch --hidden --profile acme"));
        assert!(Launch::new(Path::new("vaultwatch"), &[]).is_err());
        let broken = ["a\nExecStartPre=/bin/evil".to_owned()];
        assert_eq!(Launch::new(&program(), &broken), Err(UnwritableWord(broken[0].clone())));
    }
}
