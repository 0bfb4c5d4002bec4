use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use crate::TIMEOUT;
use crate::entry::{DeadManEntry, EntryError, NtfyEntry, Reading, WebhookEntry};
use crate::settings::{NtfySettings, Settings, WebhookSettings};

/// `[channels]` of an app's `config.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChannelsEntry {
    webhook: Option<WebhookEntry>,
    ntfy: Option<NtfyEntry>,
    dead_man: Option<DeadManEntry>,
    sound: SoundConfig,
    /// Trusted beside the system's certificate authorities.
    ca_file: Option<PathBuf>,
    /// For one call, in milliseconds.
    timeout: Option<Spanned<u64>>,
}

/// `[channels.sound]`: what is heard while a critical alert stays unacknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SoundConfig {
    /// Default yes.
    pub enabled: bool,
    /// A WAV file instead of the app's own tone.
    pub file: Option<PathBuf>,
}

impl Default for SoundConfig {
    fn default() -> Self {
        Self { enabled: true, file: None }
    }
}

impl ChannelsEntry {
    /// Checks every value, and reads the secrets that are named.
    ///
    /// # Errors
    /// [`EntryError::Io`] when a secret's file cannot be read, [`EntryError::Invalid`] with line and field for a value
    /// that makes no sense, and for a secret that stands in the file itself.
    pub fn settings(&self, reading: &Reading<'_>) -> Result<Settings, EntryError> {
        if let Some((secret, field)) =
            Reading::inline_secret(self.webhook.as_ref(), self.ntfy.as_ref())
        {
            let channel = field.split('.').next().unwrap_or_default();
            let reason = format!(
                "is not written into this file: `vaultwatchctl channels secret {channel}` keeps it in the keychain; or \
                 give `{end}_env` or `{end}_file`",
                end = field.split('.').next_back().unwrap_or_default()
            );
            return Err(reading.at(secret, field, reason));
        }
        let webhook =
            self.webhook.as_ref().map(|entry| reading.webhook_parts(entry)).transpose()?;
        let ntfy = self.ntfy.as_ref().map(|entry| reading.ntfy(entry)).transpose()?;
        let dead_man = self.dead_man.as_ref().map(|entry| reading.dead_man(entry)).transpose()?;
        let timeout = match &self.timeout {
            Some(time) if !(100..=120_000).contains(time.get_ref()) => {
                let reason = "must be 100 to 120000 (2 min) milliseconds";
                return Err(reading.at(time, "channels.timeout", reason));
            }
            time => time.as_ref().map_or(TIMEOUT, |time| Duration::from_millis(*time.get_ref())),
        };
        let sound = SoundConfig {
            file: self.sound.file.as_deref().map(|path| reading.beside(path)),
            ..self.sound.clone()
        };
        Ok(Settings {
            webhook: webhook.map(|(url, secret)| WebhookSettings { url, secret }),
            ntfy: ntfy.map(|ntfy| NtfySettings { ntfy }),
            dead_man,
            sound,
            authorities: self.ca_file.as_deref().map(|path| reading.beside(path)),
            timeout,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::Kind;

    fn settings(text: &str) -> Result<Settings, EntryError> {
        let entry: ChannelsEntry = toml::from_str(text).unwrap();
        entry.settings(&Reading { text, path: Path::new("/etc/vw/config.toml") })
    }

    fn wrong(text: &str) -> (usize, String) {
        match settings(text) {
            Err(EntryError::Invalid { line, field, .. }) => (line, field),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nothing_is_configured_by_default() {
        let settings = settings("").unwrap();
        assert_eq!(settings.kinds(), []);
        assert_eq!(settings, Settings::default());
        assert!(settings.sound.enabled);
    }

    #[test]
    fn paths_lie_beside_the_file() {
        let settings = settings(
            "ca_file = \"ca.pem\"\ntimeout = 500\n[sound]\nfile = \"horn.wav\"\n[webhook]\nurl = \"https://a.example/x\"\n\
             [ntfy]\nurl = \"https://ntfy.sh/desk\"\n[dead_man]\nurl = \"https://ping.example/1\"\nevery = 30000\n",
        )
        .unwrap();
        assert_eq!(settings.kinds(), [Kind::Webhook, Kind::Ntfy]);
        assert_eq!(settings.authorities.as_deref(), Some(Path::new("/etc/vw/ca.pem")));
        assert_eq!(settings.sound.file.as_deref(), Some(Path::new("/etc/vw/horn.wav")));
        assert_eq!(settings.timeout, Duration::from_millis(500));
        assert_eq!(settings.dead_man.unwrap().every, Duration::from_secs(30));
        assert_eq!(settings.webhook.unwrap().secret, None, "it is in the keychain");
    }

    #[test]
    fn a_secret_does_not_stand_in_the_file() {
        let hook = "[webhook]\nurl = \"https://a.example/\"\nsecret = \"0123456789abcdef\"\n";
        assert_eq!(wrong(hook), (3, "webhook.secret".into()));
        let error = settings(hook).unwrap_err().to_string();
        assert!(
            error.contains("channels secret webhook") && error.contains("secret_env"),
            "{error}"
        );
        assert!(!error.contains("0123456789abcdef"), "{error}");
        let ntfy = "[ntfy]\nurl = \"https://ntfy.sh/desk\"\ntoken = \"tk_1\"\n";
        assert_eq!(wrong(ntfy), (3, "ntfy.token".into()));
    }

    #[test]
    fn what_makes_no_sense_is_named_with_its_line() {
        assert_eq!(wrong("timeout = 1"), (1, "channels.timeout".into()));
        let dead_man = "[dead_man]\nurl = \"https://a.example/\"\nevery = 60\n";
        assert_eq!(wrong(dead_man), (3, "dead_man.every".into()));
        assert_eq!(wrong("[dead_man]\nurl = \"http://a.example/\""), (2, "dead_man.url".into()));
        assert_eq!(wrong("[webhook]\nurl = \"ftp://a.example/\""), (2, "webhook.url".into()));
        assert_eq!(wrong("[ntfy]\nurl = \"https://ntfy.sh/\""), (2, "ntfy.url".into()));
        let missing = settings("[webhook]\nurl = \"https://a/\"\nsecret_file = \"nowhere\"");
        assert!(matches!(missing, Err(EntryError::Io { .. })));
        let typo = toml::from_str::<ChannelsEntry>("[webhok]\nurl = \"https://a/\"\n");
        assert!(typo.unwrap_err().to_string().contains("webhok"));
    }
}
