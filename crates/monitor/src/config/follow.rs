//! A configuration that is followed while its watch runs: what somebody changes in the file counts, what breaks it does
//! not.

use domain::view::Target;
use domain::{Language, Level};

use super::changes::Changes;
use super::looked::Looked;
use super::{
    ConfigError, ConfigText, FeedArgs, FeedChoice, Places, Resolved, faults, last_good, text,
};
use crate::say::settings as say;
use crate::{MonitorHandle, Notice, Said};

/// What a start found: what counts, and what is wrong with the file if that is not what it says.
#[derive(Debug)]
pub struct Found {
    pub resolved: Resolved,
    /// The file is broken, and the last good copy counts.
    pub broken: Option<Broken>,
}

/// A file that does not count.
#[derive(Clone, Debug)]
pub struct Broken {
    /// What it says.
    pub(super) text: ConfigText,
    pub(super) said: Said,
}

/// The file of a running watch.
#[derive(Debug)]
pub struct Follow {
    args: FeedArgs,
    places: Places,
    /// `None`: the demo.
    profile: Option<String>,
    in_force: ConfigText,
    looked: Looked,
    broken: Option<Said>,
    keeps_copy: Keeps,
}

/// Whether a copy of what is in force is kept for the next start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeps {
    Nothing,
    LastGood,
}

/// What has become of an edit.
#[derive(Debug)]
enum News {
    /// The window wrote it, and put it in force.
    Ours,
    /// It cannot count.
    Broken(Said),
    Valid {
        resolved: Box<Resolved>,
        changes: Changes,
    },
}

impl FeedArgs {
    /// As [`resolve`](Self::resolve); where the file is broken, from the last copy that was good.
    ///
    /// # Errors
    /// Those of [`resolve`](Self::resolve), where there is no such copy.
    pub fn resolve_or_last_good(&self) -> Result<Found, ConfigError> {
        let found = self.resolve();
        let Ok(places) = self.places() else {
            return found.map(|resolved| Found { resolved, broken: None });
        };
        let broken = text(&places.config).ok().flatten();
        if let (Ok(resolved), false) = (&found, self.lost(&found, broken.as_deref())) {
            return Ok(Found { resolved: resolved.clone(), broken: None });
        }
        let broken = broken.unwrap_or_default();
        let kept = last_good::recall(&places.data_dir, &broken);
        match (kept.map(|kept| self.resolve_text(&places, kept.into())), found) {
            (Some(Ok(resolved)), found) => {
                let reason = match found {
                    Ok(_) => "the file is empty; remove it if that is what is wanted".to_owned(),
                    Err(error) => self.reason(&places, &broken, &error),
                };
                let said = said(&reason, Since::Start);
                Ok(Found { resolved, broken: Some(Broken { text: broken.into(), said }) })
            }
            (_, found) => found.map(|resolved| Found { resolved, broken: None }),
        }
    }

    /// Whether the file is there and says nothing: a power cut, or a full disk, leaves one behind so. The demo is no
    /// fall-back for what it held.
    fn lost(&self, found: &Result<Resolved, ConfigError>, text: Option<&str>) -> bool {
        let is_demo =
            matches!(found, Ok(Resolved { feed: FeedChoice::Demo(_), .. }) if self.demo.is_none());
        is_demo && text.is_some_and(|text| text.trim().is_empty())
    }

    /// Why a text does not count, in one line and without quoting it.
    pub(super) fn reason(&self, places: &Places, text: &str, error: &ConfigError) -> String {
        let faults = faults(text, &places.config, self);
        match (&faults[..], error) {
            ([first], _) => first.to_string(),
            ([first, rest @ ..], _) => format!("{first} (and {} more)", rest.len()),
            ([], ConfigError::Unreadable { source, .. }) => source.to_string(),
            // The first line: what follows it may quote the file.
            ([], error) => error.to_string().lines().next().unwrap_or_default().to_owned(),
        }
    }
}

#[derive(Clone, Copy)]
pub(super) enum Since {
    Start,
    /// The rest of it counts.
    InPart,
    Edit,
}

pub(super) fn said(reason: &str, since: Since) -> Said {
    let stop = if reason.ends_with(['?', '.']) { "" } else { "." };
    let reason = format!("{reason}{stop}");
    Said::new(|language| {
        let counts = match since {
            Since::Start => say::counts_since_start(language),
            Since::InPart => say::counts_in_part(language),
            Since::Edit => say::counts_as_before(language),
        };
        (say::broken(language), say::broken_how(language, &reason, counts))
    })
}

impl Follow {
    /// Of a start with these arguments.
    ///
    /// # Errors
    /// [`ConfigError::NoHome`].
    pub fn new(args: &FeedArgs, found: &Found) -> Result<Self, ConfigError> {
        let places = args.places()?;
        let profile = match &found.resolved.feed {
            FeedChoice::Demo(_) => None,
            FeedChoice::Profile { name, .. } => Some(name.clone()),
        };
        let in_force = found.resolved.text.clone();
        let broken = found.broken.clone();
        let seen = broken.as_ref().map_or_else(|| in_force.clone(), |broken| broken.text.clone());
        Ok(Self {
            args: args.clone(),
            looked: Looked::new(places.config.clone(), Ok(seen)),
            places,
            profile,
            in_force,
            broken: broken.map(|broken| broken.said),
            keeps_copy: Keeps::Nothing,
        })
    }

    /// Keeps a copy of what is in force for [`FeedArgs::resolve_or_last_good`], from now on.
    #[must_use]
    pub fn keeping_last_good(self) -> Self {
        Self { keeps_copy: Keeps::LastGood, ..self }
    }

    /// Follows the file for as long as the monitor runs. `changed` hears of other settings, most of which are in force by
    /// then: who is called is left to it. `told` hears what the monitor tells the person.
    pub async fn run(
        mut self,
        monitor: MonitorHandle,
        changed: impl Fn(Resolved) + Send + Sync,
        told: impl Fn(&Notice) + Send + Sync,
    ) {
        if monitor.settings_are(self.broken.clone()).await.is_none() {
            return;
        }
        if self.broken.is_none() {
            self.keep_copy().await;
        }
        while self.looked.changed().await {
            let news = self.judge(&monitor);
            if self.take(news, &monitor, &changed, &told).await.is_none() {
                return;
            }
        }
    }

    fn judge(&mut self, monitor: &MonitorHandle) -> News {
        if let Some(ours) = monitor.pen().take_written() {
            // In force, whether it was seen in the file or somebody has changed that since.
            self.in_force = ours;
            if self.looked.seen().as_ref() == Ok(&self.in_force) {
                return News::Ours;
            }
        }
        let text = match self.looked.seen() {
            Ok(text) => text,
            Err(reason) => return News::Broken(said(reason, Since::Edit)),
        };
        // What is watched stays: another profile would need another connection.
        let mut args = self.args.clone();
        match &self.profile {
            Some(profile) => args.profile = Some(profile.clone()),
            None => args.demo = Some(args.demo.flatten()),
        }
        match args.resolve_text(&self.places, text.clone()) {
            Ok(resolved) => {
                let (before, after) = (self.in_force.as_str(), text.as_str());
                let mut changes = Changes::between(before, after, self.profile.as_deref());
                if self.args.demo.is_some() {
                    // Whoever asked for the demo waits for nothing.
                    changes.later.retain(|key| key != "profiles");
                }
                News::Valid { resolved: Box::new(resolved), changes }
            }
            Err(error) => {
                let reason = args.reason(&self.places, text.as_str(), &error);
                News::Broken(said(&reason, Since::Edit))
            }
        }
    }

    /// `None`: the monitor has ended.
    async fn take(
        &mut self,
        news: News,
        monitor: &MonitorHandle,
        changed: &(impl Fn(Resolved) + Send + Sync),
        told: &(impl Fn(&Notice) + Send + Sync),
    ) -> Option<()> {
        let (resolved, changes) = match news {
            News::Broken(said) => {
                tracing::warn!(
                    reason = said.message(Language::English),
                    "config.toml was changed, and does not count"
                );
                return monitor.settings_are(Some(said)).await;
            }
            News::Ours => {
                self.keep_copy().await;
                return monitor.settings_are(None).await;
            }
            News::Valid { resolved, changes } => (*resolved, changes),
        };
        tracing::info!(?changes, "config.toml was changed");
        self.in_force = resolved.text.clone();
        monitor.settings_are(None).await?;
        if changes.telling {
            monitor.set_policy(resolved.policy.clone()).await?;
        }
        if changes.rules {
            monitor.set_rules(resolved.rules.clone()).await?;
        }
        if changes.retention {
            monitor.set_retention(resolved.retention).await?;
        }
        if let Some(said) = changes.words() {
            let severity = if changes.later.is_empty() { Level::Low } else { Level::Medium };
            let notice = Notice { severity, said, target: Target::Settings };
            told(&notice);
            monitor.notice(notice).await?;
            changed(resolved);
        }
        self.keep_copy().await;
        Some(())
    }

    async fn keep_copy(&self) {
        if self.keeps_copy == Keeps::Nothing {
            return;
        }
        let (folder, text) = (self.places.data_dir.clone(), self.in_force.clone());
        let kept =
            tokio::task::spawn_blocking(move || last_good::keep(&folder, text.as_str())).await;
        if let Ok(Err(error)) = kept {
            tracing::warn!(%error, "no copy of the settings is kept for the next start");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: &str = "[profiles.acme]\nurl = \"wss://feed.example\"\ntoken = \"hush\"\n";

    fn desk(config: &str) -> (tempfile::TempDir, FeedArgs) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        let args = FeedArgs { data_dir: Some(folder.path().to_owned()), ..FeedArgs::default() };
        (folder, args)
    }

    fn english(broken: Option<Broken>) -> (String, String) {
        broken.unwrap().said.into_words(Language::English)
    }

    #[test]
    fn what_is_wrong_is_named_in_between_german_words() {
        let said = said("line 4: unknown key", Since::Edit);
        assert_eq!(
            said.title(Language::German),
            "config.toml gilt nicht: Sie enthält einen Fehler"
        );
        let message = said.message(Language::German);
        let expected = "line 4: unknown key. Was vorher galt, gilt weiter, und";
        assert!(message.starts_with(expected), "{message}");
    }

    #[test]
    fn a_start_with_a_broken_file_takes_the_last_good_one_and_says_why() {
        let (folder, args) = desk(&format!("{ACME}colours = 1\n"));
        assert!(args.resolve_or_last_good().is_err(), "nothing was ever good");
        last_good::keep(folder.path(), ACME).unwrap();
        let found = args.resolve_or_last_good().unwrap();
        let FeedChoice::Profile { name, connection, .. } = found.resolved.feed else {
            panic!("never the demo instead")
        };
        assert_eq!((name.as_str(), connection.endpoints.len()), ("acme", 1));
        assert!(connection.token.is_some(), "it still stands in the file");
        let (title, message) = english(found.broken);
        assert!(title.contains("config.toml"), "{title}");
        assert!(
            message.starts_with("line 4, column 1: profiles.acme.colours: unknown key"),
            "{message}"
        );
        assert!(!message.contains("hush"), "{message}");
    }

    #[test]
    fn an_emptied_file_is_no_wish_for_the_demo() {
        let (folder, args) = desk("\n");
        let demo = |found: &Found| matches!(found.resolved.feed, FeedChoice::Demo(_));
        assert!(demo(&args.resolve_or_last_good().unwrap()), "nothing was ever configured");
        last_good::keep(folder.path(), ACME).unwrap();
        let found = args.resolve_or_last_good().unwrap();
        assert!(!demo(&found) && english(found.broken).1.starts_with("the file is empty"));
        std::fs::remove_file(folder.path().join("config.toml")).unwrap();
        assert!(demo(&args.resolve_or_last_good().unwrap()), "it was removed");
    }

    #[test]
    fn what_the_arguments_lack_no_copy_makes_up_for() {
        let (folder, args) = desk(ACME);
        last_good::keep(folder.path(), ACME).unwrap();
        assert!(args.resolve_or_last_good().unwrap().broken.is_none());
        let other = FeedArgs { profile: Some("other".into()), ..args };
        let error = other.resolve_or_last_good().unwrap_err();
        assert!(matches!(error, ConfigError::UnknownProfile { .. }), "{error}");
    }

    #[test]
    fn a_newer_file_is_told_as_such_and_not_touched() {
        let newer = "version = 2\n[something.new]\n";
        let (folder, args) = desk(newer);
        last_good::keep(folder.path(), ACME).unwrap();
        let (_, message) = english(args.resolve_or_last_good().unwrap().broken);
        assert!(message.contains("newer VaultWatch"), "{message}");
        let file = std::fs::read_to_string(folder.path().join("config.toml")).unwrap();
        assert_eq!(file, newer);
    }
}
