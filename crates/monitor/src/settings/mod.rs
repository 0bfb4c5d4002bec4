//! What `config.toml` says besides rules and profiles, changed key by key from the window. The file is followed while the
//! watch runs: what is written here is in force a moment later, as any edit is, without being told as one.

mod keys;
mod ring;

use std::path::Path;
use std::sync::Arc;

use domain::view::{ConfigAnswer, ConfigChange, ConfigValue, ConfigView};
use keychain::{Keychain, KeychainError, SystemKeychain};
use realtime::Secret;
use thiserror::Error;
use tokio::sync::Mutex;
use toml::Table;

use self::keys::{KEYS, Kind};
use self::ring::Removed;
use crate::config::edit::setting::edit_setting;
use crate::config::{self, ConfigText, FeedArgs, Pen, Places};
use crate::feed_token::FeedToken;
use crate::rules::{in_full, revision_of};

/// Says in a profile that its token is in the keychain.
const TOKEN_KEYCHAIN: &str = "tokenKeychain";

/// Changes the settings of a running watch, one at a time.
#[derive(Debug)]
pub struct SettingsDesk {
    places: Places,
    pen: Pen,
    last: Mutex<Option<LastChange>>,
    keychain: Arc<dyn Keychain>,
    removed: Mutex<Option<Removed>>,
}

/// What can be taken back: the file as it was, as long as it is as it was left.
#[derive(Debug)]
struct LastChange {
    before: String,
    after: String,
}

/// Why a setting could not be changed. The file is as it was.
#[derive(Debug, Error)]
pub enum SettingsError {
    #[error("{0}")]
    Read(String),
    #[error("{path} cannot be written: {source}", path = path.display())]
    Write { path: std::path::PathBuf, source: std::io::Error },
    /// It is not valid, and must be corrected where it was written.
    #[error("{0}")]
    Invalid(String),
    #[error("there is no setting `{0}`")]
    Unknown(String),
    #[error("the last change cannot be taken back: the file was changed since")]
    Changed,
    #[error(transparent)]
    Keychain(#[from] KeychainError),
    /// There is no such key, or another one of its name.
    #[error("{0}")]
    Ring(String),
    #[error("VaultWatch is quitting")]
    Ended,
}

impl SettingsDesk {
    #[must_use]
    pub fn new(places: Places, pen: Pen) -> Self {
        let keychain = Arc::new(SystemKeychain);
        Self { places, pen, last: Mutex::default(), keychain, removed: Mutex::default() }
    }

    /// # Errors
    /// [`SettingsError::Read`]. A file with a mistake is none: then nothing can be changed, and the view says why.
    pub async fn view(&self) -> Result<ConfigView, SettingsError> {
        let last = self.last.lock().await;
        let text = self.read().await?;
        Ok(self.view_of(&text, last.as_ref()))
    }

    /// Makes one change.
    ///
    /// # Errors
    /// Any of [`SettingsError`] but [`Changed`](SettingsError::Changed).
    pub async fn change(&self, change: &ConfigChange) -> Result<ConfigAnswer, SettingsError> {
        let mut last = self.last.lock().await;
        let _pen = self.pen.hold().await;
        let before = self.read().await?;
        if revision_of(&before) != change.revision {
            return Ok(ConfigAnswer::Outdated(self.view_of(&before, last.as_ref())));
        }
        if let Err(reason) = self.check(&before) {
            return Err(SettingsError::Invalid(reason));
        }
        let unknown = || SettingsError::Unknown(change.key.clone());
        let kind = keys::kind(&change.key, &before).ok_or_else(unknown)?;
        let text = change.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let value = match text.map(|text| kind.read(text)).transpose() {
            Ok(value) => value,
            Err(reason) => return Ok(ConfigAnswer::Faulty(reason)),
        };
        let path: Vec<&str> = change.key.split('.').collect();
        let edited = edit_setting(&before, &path, value);
        let edited = edited.map_err(|error| SettingsError::Invalid(error.to_string()))?;
        let after = edited.ok_or_else(unknown)?;
        if let Err(reason) = self.check(&after) {
            return Ok(ConfigAnswer::Faulty(keys::shortened(&reason)));
        }
        self.write(&after).await?;
        let last = &*last.insert(LastChange { before, after });
        Ok(ConfigAnswer::Saved(self.view_of(&last.after, Some(last))))
    }

    /// Takes the last change back, unless somebody has changed the file since.
    ///
    /// # Errors
    /// [`SettingsError::Changed`], and those of [`change`](Self::change).
    pub async fn undo(&self) -> Result<ConfigView, SettingsError> {
        let mut last = self.last.lock().await;
        let _pen = self.pen.hold().await;
        let text = self.read().await?;
        let change = last.take().filter(|change| change.after == text);
        let Some(change) = change else { return Err(SettingsError::Changed) };
        if let Err(error) = self.write(&change.before).await {
            *last = Some(change);
            return Err(error);
        }
        Ok(self.view_of(&change.before, None))
    }

    /// Keeps the access token of a profile in the keychain, in place of whatever the file says of one. A connection that
    /// stands keeps its own; the next one has this ([`MonitorHandle::ask_anew`](crate::MonitorHandle::ask_anew)).
    ///
    /// # Errors
    /// [`SettingsError::Keychain`], [`SettingsError::Unknown`] where the file has no such profile, and those of
    /// [`change`](Self::change).
    pub async fn keep_token(&self, profile: &str, token: &Secret) -> Result<(), SettingsError> {
        self.keep_token_in(&FeedToken::of(profile), profile, token).await
    }

    async fn keep_token_in(
        &self,
        keychain: &FeedToken,
        profile: &str,
        token: &Secret,
    ) -> Result<(), SettingsError> {
        let _pen = self.pen.hold().await;
        let mut text = self.read().await?;
        if let Err(reason) = self.check(&text) {
            return Err(SettingsError::Invalid(reason));
        }
        let before = text.clone();
        let others = ["token", "tokenEnv", "tokenCommand"].map(|key| (key, None));
        for (key, value) in others.into_iter().chain([(TOKEN_KEYCHAIN, Some(true.into()))]) {
            let edited = edit_setting(&text, &["profiles", profile, key], value);
            let edited = edited.map_err(|error| SettingsError::Invalid(error.to_string()))?;
            text = edited.ok_or_else(|| SettingsError::Unknown(format!("profiles.{profile}")))?;
        }
        // First the token: a file that names a keychain without one would connect without any.
        keychain.keep(token).await?;
        if text != before {
            self.write(&text).await?;
        }
        Ok(())
    }

    /// Why a text would not count, by the code that reads it at a start.
    fn check(&self, text: &str) -> Result<(), String> {
        let text = ConfigText::from(text.to_owned());
        let found = FeedArgs::default().resolve_all_text(&self.places, &text);
        let found = found.map_err(|error| in_full(&error))?;
        found.first_wrong().map_or(Ok(()), |error| Err(in_full(error)))
    }

    async fn read(&self) -> Result<String, SettingsError> {
        let path = self.places.config.clone();
        let read = tokio::task::spawn_blocking(move || config::text(&path));
        let text = read.await.map_err(|_| SettingsError::Ended)?;
        text.map(Option::unwrap_or_default).map_err(|error| SettingsError::Read(in_full(&error)))
    }

    async fn write(&self, text: &str) -> Result<(), SettingsError> {
        let (path, content) = (self.places.config.clone(), text.to_owned());
        // Before the follower can see it.
        self.pen.wrote(text.to_owned().into());
        let write = move || config::replace::replace(Path::new(&path), &content);
        let written = tokio::task::spawn_blocking(write).await.map_err(|_| SettingsError::Ended)?;
        let path = self.places.config.clone();
        written.map_err(|source| SettingsError::Write { path, source })
    }

    fn view_of(&self, text: &str, last: Option<&LastChange>) -> ConfigView {
        let table: Table = text.parse().unwrap_or_default();
        let value = |key: &str, kind: Kind, default: &str| ConfigValue {
            key: key.to_owned(),
            text: keys::find(&table, key).map(|value| kind.show(value)),
            default: default.to_owned(),
        };
        let fixed = KEYS.iter().map(|key| value(key.name, key.kind, key.default));
        let profiles = keys::profiles(&table);
        let addresses = profiles.iter().map(|key| value(key, Kind::Addresses, ""));
        ConfigView {
            values: fixed.chain(addresses).collect(),
            revision: revision_of(text),
            path: self.places.config.display().to_string(),
            locked: self.check(text).err(),
            undo: last.is_some_and(|last| last.after == text),
        }
    }
}

#[cfg(test)]
mod tests {
    use keychain::InMemory;

    use super::*;

    const FILE: &str = "# Ours.\n[profiles.acme]\nurl = \"wss://a.example\"\n\n[alerts]\nsoundAfter = 60000 # a minute\n";

    pub(super) fn desk(text: &str) -> (tempfile::TempDir, SettingsDesk) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), text).unwrap();
        let args = FeedArgs { data_dir: Some(folder.path().to_owned()), ..FeedArgs::default() };
        let desk = SettingsDesk::new(args.places().unwrap(), Pen::default());
        (folder, desk)
    }

    async fn change(desk: &SettingsDesk, key: &str, text: Option<&str>) -> ConfigAnswer {
        let revision = desk.view().await.unwrap().revision;
        let (key, text) = (key.to_owned(), text.map(str::to_owned));
        desk.change(&ConfigChange { revision, key, text }).await.unwrap()
    }

    async fn saved(desk: &SettingsDesk, key: &str, text: Option<&str>) -> ConfigView {
        match change(desk, key, text).await {
            ConfigAnswer::Saved(view) => view,
            other => panic!("{key} = {text:?}: {other:?}"),
        }
    }

    #[tokio::test]
    async fn one_key_is_changed_and_the_rest_of_the_file_stays() {
        let (folder, desk) = desk(FILE);
        let file = || std::fs::read_to_string(folder.path().join("config.toml")).unwrap();
        let view = desk.view().await.unwrap();
        assert_eq!(view.get("alerts.soundAfter").unwrap().text.as_deref(), Some("1m"));
        assert_eq!(view.get("alerts.callOutAfter").unwrap().in_force(), "4m");
        let view = saved(&desk, "alerts.soundAfter", Some("90s")).await;
        assert_eq!(view.get("alerts.soundAfter").unwrap().in_force(), "90s");
        assert_eq!(file(), FILE.replace("60000", "90000"), "with its comment");
        saved(&desk, "retention.read", Some("2d")).await;
        assert!(file().ends_with("\n\n[retention]\nread = 172800000\n"), "{}", file());
        saved(&desk, "retention.read", None).await;
        saved(&desk, "alerts.soundAfter", Some(" ")).await;
        assert!(!file().contains("soundAfter") && file().contains("[alerts]"), "{}", file());
        saved(&desk, "profiles.acme.url", Some("wss://b.example, wss://c.example")).await;
        assert!(file().contains("url = [\"wss://b.example\", \"wss://c.example\"]"), "{}", file());
        assert!(file().starts_with("# Ours.\n[profiles.acme]\n"), "{}", file());
    }

    #[tokio::test]
    async fn every_default_is_what_counts_without_it() {
        let none = FeedArgs::default();
        let places = none.places().unwrap();
        let resolve = |text: &str| {
            let found = none.resolve_all_text(&places, &text.to_owned().into()).unwrap();
            found.profiles[0].resolved().unwrap().clone()
        };
        let (folder, desk) = desk("");
        for key in KEYS.iter().filter(|key| !key.default.is_empty()) {
            saved(&desk, key.name, Some(key.default)).await;
        }
        let said = resolve(&std::fs::read_to_string(folder.path().join("config.toml")).unwrap());
        let unsaid = resolve("");
        assert_eq!(said.policy, unsaid.policy);
        assert_eq!(said.retention, unsaid.retention);
        assert_eq!(said.history, unsaid.history);
        assert_eq!(said.hide_amounts, unsaid.hide_amounts);
        for value in desk.view().await.unwrap().values {
            assert!(
                value.text.is_none() || value.text.as_deref() == Some(&value.default),
                "{value:?}"
            );
        }
    }

    #[tokio::test]
    async fn what_makes_no_sense_is_refused_with_the_reason_and_nothing_is_written() {
        let (folder, desk) = desk(FILE);
        for (key, text, reason) in [
            (
                "alerts.soundAfter",
                "soon",
                "is no time; write a whole number with ms, s, m, h or d, as in 90s",
            ),
            ("alerts.repeatCriticalAfter", "1d", "must be from 1m to 2h"),
            ("alerts.digestHour", "24", "must be an hour from 0 to 23"),
            ("alerts.digestHour", "early", "is no whole number"),
            ("alerts.quietHours", "late", "is no pair of times; write it as in 23:00 to 07:00"),
            (
                "alerts.quietHours",
                "25:00 to 07:00",
                "is no time of day: `25:00`; write it as in \"23:00\"",
            ),
            (
                "alerts.timeZone",
                "Berlin",
                "is no time zone: `Berlin`; write it as in \"Europe/Berlin\"",
            ),
            ("retention.log", "1h", "must be from 1d to 3650d"),
            ("history.megabytes", "1", "must be from 16 to 1048576 megabytes"),
        ] {
            assert_eq!(
                change(&desk, key, Some(text)).await,
                ConfigAnswer::Faulty(reason.to_owned()),
                "{key}"
            );
        }
        let ConfigAnswer::Faulty(reason) =
            change(&desk, "profiles.acme.url", Some("http://a")).await
        else {
            panic!("no WebSocket")
        };
        assert!(reason.contains("ws"), "{reason}");
        assert_eq!(std::fs::read_to_string(folder.path().join("config.toml")).unwrap(), FILE);
        let change = |key: &str| ConfigChange {
            revision: revision_of(FILE),
            key: key.to_owned(),
            text: Some("1".to_owned()),
        };
        for key in
            ["alerts.nothing", "profiles.acme.token", "profiles.nobody.url", "rule.name", "x"]
        {
            let error = desk.change(&change(key)).await.unwrap_err();
            assert!(matches!(error, SettingsError::Unknown(_)), "{key}: {error}");
        }
    }

    #[tokio::test]
    async fn a_change_can_be_taken_back_unless_somebody_else_was_there() {
        let (folder, desk) = desk(FILE);
        let path = folder.path().join("config.toml");
        assert!(matches!(desk.undo().await, Err(SettingsError::Changed)));
        assert!(saved(&desk, "alerts.hideAmounts", Some("locked")).await.undo);
        assert!(!desk.undo().await.unwrap().undo);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), FILE);
        saved(&desk, "alerts.quietHours", Some("22:00–06:30")).await;
        let by_hand = std::fs::read_to_string(&path).unwrap() + "# mine\n";
        std::fs::write(&path, &by_hand).unwrap();
        assert!(matches!(desk.undo().await, Err(SettingsError::Changed)));
        let old = ConfigChange {
            revision: revision_of(FILE),
            key: "alerts.hideAmounts".to_owned(),
            text: None,
        };
        let ConfigAnswer::Outdated(view) = desk.change(&old).await.unwrap() else {
            panic!("the file is another one")
        };
        assert_eq!(view.get("alerts.quietHours").unwrap().in_force(), "22:00 to 06:30");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), by_hand);
    }

    #[tokio::test]
    async fn a_token_goes_into_the_keychain_and_out_of_the_file() {
        let file = FILE.replace("\n\n[alerts]", "\ntoken = \"old\" # Ada's\n\n[alerts]");
        let (folder, desk) = desk(&file);
        let keychain = FeedToken::in_keychain(Arc::new(InMemory::default()), "acme");
        let keep = |token: &str| {
            let token = Secret::new(token);
            let (desk, keychain) = (&desk, &keychain);
            async move { desk.keep_token_in(keychain, "acme", &token).await }
        };
        keep("hush").await.unwrap();
        assert_eq!(keychain.find().await.unwrap().unwrap().expose(), "hush");
        let written = std::fs::read_to_string(folder.path().join("config.toml")).unwrap();
        let expected = FILE.replace("\n\n[alerts]", "\ntokenKeychain = true\n\n[alerts]");
        assert_eq!(written, expected);
        keep("hush-2").await.unwrap();
        assert_eq!(keychain.find().await.unwrap().unwrap().expose(), "hush-2");
        let nobody = desk.keep_token_in(&keychain, "nobody", &Secret::new("x")).await.unwrap_err();
        assert!(matches!(nobody, SettingsError::Unknown(_)), "{nobody}");
    }

    #[tokio::test]
    async fn a_file_with_a_mistake_is_corrected_where_it_was_made() {
        let (_folder, desk) = desk("[alerts]\nsoundAftr = 5\n");
        let view = desk.view().await.unwrap();
        assert!(view.locked.is_some_and(|why| why.contains("soundAftr")));
        let change =
            ConfigChange { revision: view.revision, key: "retention.read".into(), text: None };
        assert!(matches!(desk.change(&change).await, Err(SettingsError::Invalid(_))));
    }
}
