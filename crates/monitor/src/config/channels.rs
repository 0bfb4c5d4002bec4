//! `[channels]`: who is called when nobody looks.

use std::path::Path;

use channels::{ChannelsEntry, Reading, Settings};
use serde::Deserialize;

use super::{ConfigError, FeedArgs};

/// The part of the file that is read here; what is unknown beside it is found by who reads the whole.
#[derive(Default, Deserialize)]
pub(super) struct File {
    #[serde(default)]
    pub(super) channels: ChannelsEntry,
}

/// As configured in the file that these arguments mean, for whoever wants to try it.
///
/// # Errors
/// As [`FeedArgs::resolve`], of which it needs less.
pub fn of(args: &FeedArgs) -> Result<Settings, ConfigError> {
    let path = args.places()?.config;
    of_text(&super::text(&path)?.unwrap_or_default(), &path)
}

pub(super) fn of_text(text: &str, path: &Path) -> Result<Settings, ConfigError> {
    let file: File = toml::from_str(text)
        .map_err(|e| ConfigError::Invalid { path: path.to_owned(), source: Box::new(e) })?;
    let settings = file.channels.settings(&Reading { text, path });
    settings.map_err(|source| ConfigError::Channels { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Resolved;

    const ACME: &str = "[profiles.acme]\nurl = \"wss://feed.example\"\n";

    fn resolve(config: &str, args: FeedArgs) -> Result<Resolved, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        FeedArgs { data_dir: Some(folder.path().to_owned()), ..args }.resolve()
    }

    #[test]
    fn a_profile_has_channels_and_the_demo_calls_nobody() {
        let config = format!(
            "{ACME}[channels.ntfy]\nurl = \"https://ntfy.sh/desk\"\n[channels.dead_man]\nurl = \"https://a.example/\"\n"
        );
        let acme = || FeedArgs { profile: Some("acme".into()), ..FeedArgs::default() };
        let resolved = resolve(&config, acme()).unwrap();
        assert_eq!(resolved.channels.kinds(), [channels::Kind::Ntfy]);
        assert!(resolved.channels.dead_man.is_some());
        let demo = FeedArgs { demo: Some(None), ..FeedArgs::default() };
        assert!(resolve(&config, demo).unwrap().channels.is_empty());
        let wrong = resolve(&config.replace("https://ntfy", "http://ntfy"), acme()).unwrap_err();
        let text = wrong.to_string();
        assert!(matches!(wrong, ConfigError::Channels { .. }), "{text}");
        assert!(text.contains("line 4") && text.contains("ntfy.url"), "{text}");
    }
}
