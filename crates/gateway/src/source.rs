use std::path::Path;

use thiserror::Error;

use crate::recording::{Recording, RecordingError};
use crate::{DemoOptions, Performance, Repeat, Replay, Scenario, Script, ScriptError, Speed};

/// Where a gateway's messages come from, those its clients publish apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// From nowhere else: a plain relay between clients.
    Relay,
    /// From the simulated market.
    Demo(DemoOptions),
    /// From a recording.
    Replay(Replay),
    /// From a scenario's file.
    Script(Performance),
}

/// Not the name of anything that can be played.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SourceError {
    /// Neither a built-in scenario nor a file.
    #[error(
        "there is neither a built-in scenario `{0}` (choose calm, stormy or crash) nor a file of that name"
    )]
    Unknown(String),
    /// A file that ends in `.toml`, and is no scenario.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// Any other file, and no recording.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// A speed for what is made up as it goes.
    #[error(
        "a speed is for a scenario's file or a recording: the built-in demo goes at its own pace"
    )]
    Speed,
}

impl Source {
    /// What a demo may be called: a built-in scenario, a scenario's file (`.toml`), or a recording. A file is played at its
    /// own speed unless another is given, and begins anew at its end: a demo has none.
    ///
    /// # Errors
    /// [`SourceError`] when there is nothing of that name, a file that is none of ours, or a speed for a built-in scenario.
    pub fn named(name: &str, speed: Option<Speed>) -> Result<Self, SourceError> {
        if let Ok(scenario) = name.parse::<Scenario>() {
            return Self::built(scenario, speed);
        }
        let path = Path::new(name);
        // A misspelt name should not be looked for as a file.
        if !path.is_file() {
            return Err(SourceError::Unknown(name.into()));
        }
        Self::file(path, None, speed.unwrap_or_default(), Repeat::Forever)
    }

    /// As [`Source::named`], or what is played where nothing is named.
    ///
    /// # Errors
    /// The same.
    pub fn demo(name: Option<&str>, speed: Option<Speed>) -> Result<Self, SourceError> {
        match name {
            Some(name) => Self::named(name, speed),
            None => Self::built(Scenario::default(), speed),
        }
    }

    fn built(scenario: Scenario, speed: Option<Speed>) -> Result<Self, SourceError> {
        match speed {
            None => Ok(Self::Demo(DemoOptions { scenario, ..DemoOptions::default() })),
            Some(_) => Err(SourceError::Speed),
        }
    }

    /// What of it cannot be played, line by line. The rest is.
    pub fn complaints(&self) -> impl Iterator<Item = String> {
        let recording = match self {
            Self::Replay(replay) => Some(&replay.recording),
            Self::Relay | Self::Demo(_) | Self::Script(_) => None,
        };
        recording.into_iter().flat_map(Recording::complaints)
    }

    /// A scenario's file, if it ends in `.toml`, or else a recording, for which a seed means nothing.
    ///
    /// # Errors
    /// [`SourceError::Script`] and [`SourceError::Recording`].
    pub fn file(
        path: &Path,
        seed: Option<u64>,
        speed: Speed,
        repeat: Repeat,
    ) -> Result<Self, SourceError> {
        if is_script(path) {
            let script = Script::open(path)?;
            return Ok(Self::Script(Performance { script, seed, speed, repeat }));
        }
        let recording = Recording::open(path)?;
        Ok(Self::Replay(Replay { recording, speed, repeat }))
    }
}

/// Whether a file is a scenario by its name.
fn is_script(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

impl From<DemoOptions> for Source {
    fn from(options: DemoOptions) -> Self {
        Self::Demo(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demo_is_a_name_or_a_file() {
        let scenario = Scenario::Crash;
        let crash = Source::Demo(DemoOptions { scenario, ..DemoOptions::default() });
        assert_eq!(Source::named("crash", None).unwrap(), crash);
        assert_eq!(Source::demo(None, None).unwrap(), Source::Demo(DemoOptions::default()));
        let twice = Speed::new(2).ok();
        assert!(matches!(Source::named("crash", twice), Err(SourceError::Speed)));
        assert!(matches!(Source::demo(None, twice), Err(SourceError::Speed)));
        let unknown = Source::named("sunny", None);
        assert!(matches!(unknown, Err(SourceError::Unknown(name)) if name == "sunny"));
        let folder = tempfile::tempdir().unwrap();
        let named = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            Source::named(path.to_str().unwrap(), twice)
        };
        let Source::Script(own) = named("own.toml", "population = 3\n").unwrap() else {
            panic!("a scenario")
        };
        assert_eq!((own.repeat, Some(own.speed)), (Repeat::Forever, twice));
        assert!(matches!(named("bad.toml", "popularity = 3\n"), Err(SourceError::Script(_))));
        assert!(matches!(named("bad.ndjson", "{}\n"), Err(SourceError::Recording(_))));
    }
}
