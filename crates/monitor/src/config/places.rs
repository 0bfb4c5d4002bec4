//! Where things lie, before anything was read.

use std::fmt;
use std::path::PathBuf;

use directories::ProjectDirs;

use super::{ConfigError, FeedArgs};

/// The files and folders that these arguments mean. None of them need be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// `config.toml`.
    pub config: PathBuf,
    pub data_dir: PathBuf,
    pub log_dir: PathBuf,
    /// Who chose them.
    pub origin: PlacesOrigin,
}

/// Why these places and no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlacesOrigin {
    Argument,
    Environment,
    /// The platform's own: nobody said anything else.
    Platform,
}

const VARIABLE: &str = "VAULTWATCH_DATA_DIR";

impl fmt::Display for PlacesOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Argument => "--data-dir",
            Self::Environment => VARIABLE,
            Self::Platform => "the platform's configuration folder",
        })
    }
}

impl FeedArgs {
    /// # Errors
    /// [`ConfigError::NoHome`].
    pub fn places(&self) -> Result<Places, ConfigError> {
        let dirs = ProjectDirs::from("app", "vaultwatch", "vaultwatch");
        match (&self.data_dir, dirs) {
            (Some(folder), _) => {
                // The argument wins over the variable, and is not told apart from it otherwise.
                let from_variable = std::env::var_os(VARIABLE).is_some_and(|set| set == *folder);
                Ok(Places {
                    config: folder.join("config.toml"),
                    data_dir: folder.clone(),
                    log_dir: folder.join("logs"),
                    origin: if from_variable {
                        PlacesOrigin::Environment
                    } else {
                        PlacesOrigin::Argument
                    },
                })
            }
            (None, Some(dirs)) => Ok(Places {
                config: dirs.config_dir().join("config.toml"),
                data_dir: dirs.data_dir().to_owned(),
                log_dir: dirs.state_dir().unwrap_or(dirs.cache_dir()).join("logs"),
                origin: PlacesOrigin::Platform,
            }),
            (None, None) => Err(ConfigError::NoHome),
        }
    }
}
