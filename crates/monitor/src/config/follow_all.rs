//! The settings' file of an app that watches several profiles at once, followed while it runs.

use super::follow::{Broken, Since, said};
use super::looked::Looked;
use super::{
    ConfigError, ConfigText, Configured, ConfiguredProfile, FeedArgs, Pen, Places, Wanted,
    last_good, text,
};
use crate::Said;

/// What a start found: what counts, and what is wrong with the file if that is not, or not all, what it says.
#[derive(Debug)]
pub struct FoundAll {
    pub configured: Configured,
    pub broken: Option<Broken>,
}

/// What has become of an edit.
#[derive(Debug)]
pub enum News {
    /// It does not count; what the person is told of it.
    Broken(Said),
    /// It counts.
    Edit { configured: Box<Configured>, by: By },
}

/// Who wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Somebody, with an editor.
    Hand,
    /// The window, which says itself what it did.
    Window,
}

/// The file of a running app. Keeps a copy of what is in force for [`FeedArgs::resolve_all_or_last_good`].
#[derive(Debug)]
pub struct FollowAll {
    args: FeedArgs,
    places: Places,
    in_force: ConfigText,
    looked: Looked,
    pen: Pen,
    broken: Option<Said>,
}

impl FeedArgs {
    /// As [`resolve_all`](Self::resolve_all); where the file has a mistake, from the last copy that was good. Where there
    /// is none, what is wrong with one profile still keeps no other from being watched.
    ///
    /// # Errors
    /// Those of [`resolve_all`](Self::resolve_all), and what is wrong with the first profile where none can be watched.
    pub fn resolve_all_or_last_good(&self) -> Result<FoundAll, ConfigError> {
        let found = self.resolve_all();
        let Ok(places) = self.places() else { return whole(found?) };
        let text = text(&places.config).ok().flatten();
        let is_whole = found.as_ref().is_ok_and(|found| found.first_wrong().is_none());
        let is_lost = found.as_ref().is_ok_and(|found| self.is_lost(found, text.as_deref()));
        if is_whole && !is_lost {
            return whole(found?);
        }
        let broken = text.unwrap_or_default();
        let reason = match &found {
            Ok(found) => match found.first_wrong() {
                Some(error) => self.reason(&places, &broken, error),
                None => EMPTIED.to_owned(),
            },
            Err(error) => self.reason(&places, &broken, error),
        };
        let kept = last_good::recall(&places.data_dir, &broken);
        let kept = kept.and_then(|kept| self.resolve_all_text(&places, &kept.into()).ok());
        let told = |since| Some(Broken { text: broken.clone().into(), said: said(&reason, since) });
        match (kept.filter(|kept| kept.first_wrong().is_none()), found) {
            (Some(configured), _) => Ok(FoundAll { configured, broken: told(Since::Start) }),
            (None, Ok(configured)) if is_whole => whole(configured),
            (None, Ok(configured)) if configured.watches() => {
                Ok(FoundAll { configured, broken: told(Since::InPart) })
            }
            (None, Ok(mut configured)) => match take_wrong(&mut configured) {
                Some(error) => Err(error),
                None => whole(configured),
            },
            (None, Err(error)) => Err(error),
        }
    }

    /// Whether the file is there and says nothing: a power cut, or a full disk, leaves one behind so. The demo is no
    /// fall-back for what it held.
    fn is_lost(&self, found: &Configured, text: Option<&str>) -> bool {
        let is_demo = found.is_demo() && self.demo.is_none();
        is_demo && text.is_some_and(|text| text.trim().is_empty())
    }
}

const EMPTIED: &str = "the file is empty; remove it if that is what is wanted";

fn whole(configured: Configured) -> Result<FoundAll, ConfigError> {
    Ok(FoundAll { configured, broken: None })
}

/// What is wrong with the first profile that is.
fn take_wrong(configured: &mut Configured) -> Option<ConfigError> {
    let is_wrong = |profile: &ConfiguredProfile| matches!(profile.wanted, Wanted::Wrong(_));
    let at = configured.profiles.iter().position(is_wrong)?;
    match configured.profiles.swap_remove(at).wanted {
        Wanted::Wrong(error) => Some(error),
        _ => None,
    }
}

impl FollowAll {
    /// Of a start with these arguments.
    #[must_use]
    pub fn new(args: &FeedArgs, found: &FoundAll, pen: Pen) -> Self {
        let in_force = found.configured.text.clone();
        let broken = found.broken.as_ref();
        let seen = broken.map_or_else(|| in_force.clone(), |broken| broken.text.clone());
        let places = found.configured.places.clone();
        Self {
            args: args.clone(),
            looked: Looked::new(places.config.clone(), Ok(seen)),
            places,
            in_force,
            pen,
            broken: broken.map(|broken| broken.said.clone()),
        }
    }

    /// What is to be told of the file where it was wrong at the start.
    #[must_use]
    pub fn broken(&self) -> Option<Said> {
        self.broken.clone()
    }

    /// The arguments of the start, by which the file is read.
    #[must_use]
    pub fn args(&self) -> &FeedArgs {
        &self.args
    }

    /// Others from now on: a profile that they name is called otherwise.
    pub fn set_args(&mut self, args: FeedArgs) {
        self.args = args;
    }

    /// What has become of the next edit; never, when the runtime ends. Cancel safe.
    pub async fn next(&mut self) -> News {
        if !self.looked.changed().await {
            return std::future::pending().await;
        }
        self.judge()
    }

    fn judge(&mut self) -> News {
        let ours = self.pen.take_written();
        let text = match self.looked.seen() {
            Ok(text) => text.clone(),
            Err(reason) => return News::Broken(said(reason, Since::Edit)),
        };
        let by = if ours.as_ref() == Some(&text) { By::Window } else { By::Hand };
        match self.read(&text, by) {
            Ok(configured) => {
                self.in_force = text;
                News::Edit { configured: Box::new(configured), by }
            }
            Err(reason) => News::Broken(said(&reason, Since::Edit)),
        }
    }

    /// What a text says, or why it cannot count, in one line.
    fn read(&self, text: &ConfigText, by: By) -> Result<Configured, String> {
        let reason = |error: &ConfigError| self.args.reason(&self.places, text.as_str(), error);
        let found = self.args.resolve_all_text(&self.places, text);
        let found = found.map_err(|error| reason(&error))?;
        if let Some(error) = found.first_wrong() {
            return Err(reason(error));
        }
        // By hand nobody ends the whole watch while it runs: it would look like a watch that goes on.
        let had = self.args.resolve_all_text(&self.places, &self.in_force);
        let had_profiles = had.is_ok_and(|had| !had.is_demo());
        if by == By::Hand && found.is_demo() && self.args.demo.is_none() && had_profiles {
            return Err(match text.as_str().trim() {
                "" => EMPTIED.to_owned(),
                _ => "no profile is left in it; remove the last one in the window's settings"
                    .to_owned(),
            });
        }
        Ok(found)
    }

    /// The window wrote that, and it is in force.
    pub fn took(&mut self, text: ConfigText) {
        self.looked.holds(text.clone());
        self.in_force = text;
    }

    /// Keeps a copy of what is in force for a start that finds a broken file.
    pub async fn keep_copy(&self) {
        let (folder, text) = (self.places.data_dir.clone(), self.in_force.clone());
        let keep = move || last_good::keep(&folder, text.as_str());
        if let Ok(Err(error)) = tokio::task::spawn_blocking(keep).await {
            tracing::warn!(%error, "no copy of the settings is kept for the next start");
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Language;

    use super::*;

    const TWO: &str = "[profiles.acme]\nurl = \"wss://a.example\"\n[profiles.globex]\nurl = \"wss://g.example\"\n";

    /// The message.
    fn english(said: &Said) -> &str {
        said.message(Language::English)
    }

    fn desk(config: &str) -> (tempfile::TempDir, FeedArgs) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        let args = FeedArgs { data_dir: Some(folder.path().to_owned()), ..FeedArgs::default() };
        (folder, args)
    }

    fn watched(configured: &Configured) -> Vec<&str> {
        let watched = configured.profiles.iter().filter(|profile| profile.resolved().is_some());
        watched.map(ConfiguredProfile::name).collect()
    }

    #[test]
    fn one_bad_profile_is_told_and_the_others_are_watched() {
        let bad = TWO.replace("wss://a", "wss:// a");
        let (folder, args) = desk(&bad);
        let found = args.resolve_all_or_last_good().unwrap();
        assert_eq!(watched(&found.configured), ["globex"]);
        let broken = found.broken.unwrap();
        let message = english(&broken.said);
        assert!(message.starts_with("line 2") && message.contains("not watched"), "{message}");
        // With a copy of what was in force, both are.
        last_good::keep(folder.path(), TWO).unwrap();
        let found = args.resolve_all_or_last_good().unwrap();
        assert_eq!(watched(&found.configured), ["acme", "globex"]);
        assert!(english(&found.broken.unwrap().said).contains("The last settings"));
    }

    #[test]
    fn where_none_can_be_watched_the_start_says_why() {
        let (_folder, args) = desk("[profiles.acme]\nurl = \"nonsense\"\n");
        let error = args.resolve_all_or_last_good().unwrap_err();
        assert!(matches!(error, ConfigError::Connection { .. }), "{error}");
        let (_folder, args) = desk("[profiles.acme\n");
        assert!(matches!(args.resolve_all_or_last_good(), Err(ConfigError::Invalid { .. })));
        let (_folder, args) = desk(&TWO.replace("url", "paused = true\nurl"));
        let found = args.resolve_all_or_last_good().unwrap();
        assert!(watched(&found.configured).is_empty() && found.broken.is_none(), "as wished");
    }

    #[test]
    fn an_emptied_file_is_no_wish_for_the_demo() {
        let (folder, args) = desk("\n");
        assert!(args.resolve_all_or_last_good().unwrap().configured.is_demo());
        last_good::keep(folder.path(), TWO).unwrap();
        let found = args.resolve_all_or_last_good().unwrap();
        assert_eq!(watched(&found.configured).len(), 2);
        assert!(english(&found.broken.unwrap().said).starts_with("the file is empty"));
        std::fs::remove_file(folder.path().join("config.toml")).unwrap();
        assert!(args.resolve_all_or_last_good().unwrap().configured.is_demo(), "it was removed");
    }

    async fn follow(folder: &tempfile::TempDir, args: &FeedArgs, text: &str) -> (FollowAll, News) {
        let found = args.resolve_all_or_last_good().unwrap();
        let mut follow = FollowAll::new(args, &found, Pen::default());
        std::fs::write(folder.path().join("config.toml"), text).unwrap();
        let news = tokio::time::timeout(std::time::Duration::from_secs(60), follow.next()).await;
        (follow, news.unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn an_edit_is_taken_or_refused_as_a_whole() {
        let (folder, args) = desk(TWO);
        let one = "[profiles.acme]\nurl = \"wss://a.example\"\n";
        let (_, news) = follow(&folder, &args, one).await;
        let News::Edit { configured, by } = news else { panic!("{news:?}") };
        assert_eq!((watched(&configured), by), (vec!["acme"], By::Hand));

        std::fs::write(folder.path().join("config.toml"), TWO).unwrap();
        let (_, news) = follow(&folder, &args, &TWO.replace("wss://g", "wss:// g")).await;
        let News::Broken(said) = news else { panic!("{news:?}") };
        let message = english(&said);
        assert!(message.starts_with("line 4"), "{message}");

        std::fs::write(folder.path().join("config.toml"), TWO).unwrap();
        let (_, news) = follow(&folder, &args, "[alerts]\ndigestHour = 8\n").await;
        let News::Broken(said) = news else { panic!("{news:?}") };
        let message = english(&said);
        assert!(message.starts_with("no profile is left"), "{message}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_window_wrote_is_nobodys_edit() {
        let (folder, args) = desk(TWO);
        let found = args.resolve_all_or_last_good().unwrap();
        let pen = Pen::default();
        let mut follow = FollowAll::new(&args, &found, pen.clone());
        let text = format!("{TWO}[alerts]\ndigestHour = 8\n");
        std::fs::write(folder.path().join("config.toml"), &text).unwrap();
        pen.wrote(text.clone().into());
        let News::Edit { by, .. } = follow.next().await else { panic!("it is valid") };
        assert_eq!(by, By::Window);
        let ours = format!("{text}# Ours.\n");
        std::fs::write(folder.path().join("config.toml"), &ours).unwrap();
        follow.took(ours.into());
        let more = tokio::time::timeout(std::time::Duration::from_secs(5), follow.next()).await;
        assert!(more.is_err(), "it is known already: {more:?}");
    }
}
