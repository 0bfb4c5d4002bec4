//! Everything that the app is to watch at once, and what it is not.

use std::time::Duration;

use channels::{Settings, SoundConfig};
use domain::view::{Colour, Mode, NotifyScope};

use crate::encryption::EncryptionConfig;

use super::{
    ConfigError, ConfigFile, ConfigText, FeedArgs, FeedChoice, HideAmounts, Places, Read, Resolved,
    environment_token, no_stray_encryption, parse, rules, text,
};

/// All profiles, and what is the same for all of them.
#[derive(Debug)]
pub struct Configured {
    /// In the order of the file; where there is none, the demo alone.
    pub profiles: Vec<ConfiguredProfile>,
    pub places: Places,
    /// What all this was read from.
    pub text: ConfigText,
    pub hide_amounts: HideAmounts,
    pub sound: SoundConfig,
    /// Who is called, whichever of them is watched. The demo calls nobody.
    pub channels: Settings,
    /// A gap in watching of this length is told of by the alerts themselves.
    pub away_after: Duration,
}

/// A profile as configured.
#[derive(Debug)]
pub struct ConfiguredProfile {
    pub mode: Mode,
    pub colour: Colour,
    pub notify: NotifyScope,
    /// The preferred address, without credentials and query.
    pub endpoint: String,
    pub wanted: Wanted,
    pub encryption: Option<EncryptionConfig>,
    /// Whose log it reads, where that is said.
    pub tenant: Option<String>,
    pub written: Written,
}

/// What of a profile stands in the file, and so can be said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Nothing: the demo, or an address of the command line.
    Nowhere,
    InFile,
    /// All of it but the token, which is in the keychain.
    WithTokenInKeychain,
}

/// Whether it is to be watched.
#[derive(Debug)]
pub enum Wanted {
    Watched(Box<Resolved>),
    /// `paused = true`.
    Paused,
    /// It cannot be, as it is written.
    Wrong(ConfigError),
    /// The program was started for something else: by this flag.
    Left(String),
}

impl ConfiguredProfile {
    #[must_use]
    pub fn name(&self) -> &str {
        self.mode.name()
    }

    #[must_use]
    pub fn resolved(&self) -> Option<&Resolved> {
        match &self.wanted {
            Wanted::Watched(resolved) => Some(resolved),
            Wanted::Paused | Wanted::Wrong(_) | Wanted::Left(_) => None,
        }
    }

    #[must_use]
    pub fn is_paused(&self) -> bool {
        matches!(self.wanted, Wanted::Paused)
    }
}

impl Configured {
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&ConfiguredProfile> {
        self.profiles.iter().find(|profile| profile.name() == name)
    }

    /// The first profile that cannot be watched as it is written.
    #[must_use]
    pub fn first_wrong(&self) -> Option<&ConfigError> {
        self.profiles.iter().find_map(|profile| match &profile.wanted {
            Wanted::Wrong(error) => Some(error),
            _ => None,
        })
    }

    /// Whether anything is to be watched.
    #[must_use]
    pub fn watches(&self) -> bool {
        self.profiles.iter().any(|profile| profile.resolved().is_some())
    }

    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.profiles.iter().any(|profile| profile.mode == Mode::Demo)
    }
}

impl FeedArgs {
    /// Finds out what is to be watched side by side: all profiles that are not paused, or what the arguments name alone.
    /// `VAULTWATCH_TOKEN` counts where one is watched: what is meant for one server is not told to another.
    ///
    /// # Errors
    /// Those of [`resolve`](Self::resolve) but for what is wrong with the address of a profile, or its name: that is
    /// [`Wanted::Wrong`], and keeps no other from being watched.
    pub fn resolve_all(&self) -> Result<Configured, ConfigError> {
        let places = self.places()?;
        let text = text(&places.config)?.unwrap_or_default();
        self.resolve_all_text(&places, &text.into())
    }

    /// As [`resolve_all`](Self::resolve_all), as if the file held this text.
    pub(crate) fn resolve_all_text(
        &self,
        places: &Places,
        text: &ConfigText,
    ) -> Result<Configured, ConfigError> {
        let file = parse(text.as_str(), &places.config)?;
        let read = Read { file: &file, places, text };
        no_stray_encryption(&file, &places.config)?;
        // What is the same for all is wrong for all.
        let common = read.resolved(self.demo_choice())?;
        let profiles = match self.narrowed() {
            Some(flag) => self.chosen_among(&read, &flag)?,
            None if file.profiles.is_empty() => vec![demo(common.clone())],
            None => self.all_of(&read)?,
        };
        let called = profiles.iter().find_map(ConfiguredProfile::resolved);
        let channels = match called {
            Some(resolved) => resolved.channels.clone(),
            None => super::channels::of_text(text.as_str(), &places.config)?,
        };
        Ok(Configured {
            profiles,
            channels,
            places: places.clone(),
            text: text.clone(),
            hide_amounts: common.hide_amounts,
            sound: common.channels.sound,
            away_after: common.policy.away_after,
        })
    }

    /// What the arguments ask for instead of everything, as it was said; `None`: nothing.
    fn narrowed(&self) -> Option<String> {
        match (&self.demo, &self.profile) {
            (Some(_), _) => Some("--demo".to_owned()),
            (None, Some(profile)) => Some(format!("--profile {profile}")),
            (None, None) => (!self.url.is_empty()).then(|| "--url".to_owned()),
        }
    }

    fn chosen_among(
        &self,
        read: &Read<'_>,
        flag: &str,
    ) -> Result<Vec<ConfiguredProfile>, ConfigError> {
        let feed = self.choose(read.file, &read.places.config, environment_token())?;
        let mut chosen = Some(watched(read.resolved(feed)?, read.file));
        let mut all = Vec::new();
        for (place, name) in in_order(read.text.as_str(), read.file).enumerate() {
            all.push(match chosen.take_if(|chosen| chosen.name() == name) {
                Some(chosen) => chosen,
                None => {
                    let cause = format!("VaultWatch was started with {flag}");
                    of_file(read.file, (place, &name), Wanted::Left(cause))
                }
            });
        }
        // One that no file has.
        all.splice(0..0, chosen);
        Ok(all)
    }

    fn all_of(&self, read: &Read<'_>) -> Result<Vec<ConfiguredProfile>, ConfigError> {
        let paused = |name: &String| read.file.profiles.get(name).is_some_and(|e| e.own.paused);
        let names: Vec<_> = in_order(read.text.as_str(), read.file).collect();
        let alone = names.iter().filter(|name| !paused(name)).count() == 1;
        let token = environment_token();
        if token.is_some() && !alone {
            tracing::warn!("VAULTWATCH_TOKEN is not used: it does not say for which profile it is");
        }
        let token = token.filter(|_| alone);
        let mut all = Vec::new();
        for (place, name) in names.into_iter().enumerate() {
            let Some(entry) = read.file.profiles.get(&name) else { continue };
            let feed = self.profile_choice(&name, entry, read.file, token.clone());
            all.push(match feed {
                _ if entry.own.paused => of_file(read.file, (place, &name), Wanted::Paused),
                Ok(feed) => watched(read.resolved(feed)?, read.file),
                Err(error) => of_file(read.file, (place, &name), Wanted::Wrong(error)),
            });
        }
        Ok(all)
    }
}

fn demo(resolved: Resolved) -> ConfiguredProfile {
    ConfiguredProfile {
        mode: Mode::Demo,
        colour: resolved.colour,
        notify: resolved.notify,
        endpoint: String::new(),
        wanted: Wanted::Watched(Box::new(resolved)),
        encryption: None,
        tenant: None,
        written: Written::Nowhere,
    }
}

fn watched(resolved: Resolved, file: &ConfigFile) -> ConfiguredProfile {
    let (name, connection, encryption) = match &resolved.feed {
        FeedChoice::Demo(_) => return demo(resolved),
        FeedChoice::Profile { name, connection, encryption } => (name, connection, encryption),
    };
    let first = connection.endpoints.first().map(String::as_str).unwrap_or_default();
    let endpoint = realtime::Endpoint::shown(first);
    ConfiguredProfile {
        mode: Mode::Profile(name.clone()),
        encryption: encryption.clone(),
        tenant: connection.tenant.clone(),
        written: written(file, name),
        colour: resolved.colour,
        notify: resolved.notify,
        endpoint,
        wanted: Wanted::Watched(Box::new(resolved)),
    }
}

/// One that is not watched.
fn of_file(file: &ConfigFile, (place, name): (usize, &str), wanted: Wanted) -> ConfiguredProfile {
    let entry = file.profiles.get(name).cloned().unwrap_or_default();
    let endpoint = match entry.has_address() {
        true => realtime::Endpoint::shown(entry.address()),
        false => String::new(),
    };
    ConfiguredProfile {
        mode: Mode::Profile(name.to_owned()),
        colour: entry.own.colour.unwrap_or(Colour::at(place)),
        notify: entry.own.notify,
        endpoint,
        wanted,
        encryption: file.encryption.get(name).cloned(),
        tenant: entry.tenant().map(str::to_owned),
        written: written(file, name),
    }
}

fn written(file: &ConfigFile, name: &str) -> Written {
    match file.profiles.get(name) {
        None => Written::Nowhere,
        Some(entry) if entry.own.token_keychain => Written::WithTokenInKeychain,
        Some(_) => Written::InFile,
    }
}

/// The names of the profiles as they stand in the file, from its beginning.
pub(super) fn in_order(text: &str, file: &ConfigFile) -> impl Iterator<Item = String> + use<> {
    let tree = toml::de::DeTable::parse(text).ok();
    let mut names: Vec<_> = file
        .profiles
        .keys()
        .map(|name| {
            let path = ["profiles".to_owned(), name.clone()];
            let at = tree.as_ref().map(|tree| rules::start(tree.get_ref(), &path));
            (at.unwrap_or_default(), name.clone())
        })
        .collect();
    names.sort();
    names.into_iter().map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "[profiles.globex]\nurl = \"wss://g.example/ws?key=hush\"\nnotify = \"none\"\n\
                       [profiles.acme]\nurl = \"wss://a.example\"\ncolour = \"brown\"\n";

    fn configured(args: &FeedArgs, config: &str) -> Result<Configured, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        FeedArgs { data_dir: Some(folder.path().to_owned()), ..args.clone() }.resolve_all()
    }

    /// `acme watched`, `globex paused`.
    fn states(args: &FeedArgs, config: &str) -> Vec<String> {
        let all = configured(args, config).unwrap().profiles;
        let word = |profile: &ConfiguredProfile| match &profile.wanted {
            Wanted::Watched(_) => "watched".to_owned(),
            Wanted::Paused => "paused".to_owned(),
            Wanted::Wrong(_) => "wrong".to_owned(),
            Wanted::Left(why) => format!("left by {why}"),
        };
        all.iter().map(|profile| format!("{} {}", profile.name(), word(profile))).collect()
    }

    #[test]
    fn all_that_are_not_paused_are_watched_each_with_its_own() {
        let all = configured(&FeedArgs::default(), TWO).unwrap();
        let [globex, acme] = &all.profiles[..] else { panic!("{all:?}") };
        assert_eq!((globex.name(), acme.name()), ("globex", "acme"), "as they stand in the file");
        assert_eq!((globex.colour, acme.colour), (Colour::Teal, Colour::Brown));
        assert_eq!(globex.endpoint, "wss://g.example/ws", "without its query");
        let (g, a) = (globex.resolved().unwrap(), acme.resolved().unwrap());
        assert_eq!((g.policy.scope, a.policy.scope), (NotifyScope::None, NotifyScope::All));
        assert!(g.store_path.ends_with("profiles/globex/vaultwatch.db"));
        assert!(a.store_path.ends_with("profiles/acme/vaultwatch.db"));
        let paused = TWO.replace("colour", "paused = true\ncolour");
        let args = FeedArgs::default();
        assert_eq!(states(&args, &paused), ["globex watched", "acme paused"]);
        let both = paused.replace("notify", "paused = true\nnotify");
        assert_eq!(states(&args, &both), ["globex paused", "acme paused"], "no demo instead");
        assert_eq!(states(&args, ""), ["demo watched"]);
        // The command line watches one of them.
        let one = args.resolve_text(&all.places, TWO.to_owned().into());
        assert!(matches!(one, Err(ConfigError::SeveralProfiles { .. })));
    }

    #[test]
    fn who_is_called_is_known_whatever_is_paused_and_the_demo_calls_nobody() {
        let ntfy = "[channels.ntfy]\nurl = \"https://ntfy.sh/desk\"\n";
        let paused = "[profiles.acme]\nurl = \"wss://a.example\"\npaused = true\n";
        let called = |args: &FeedArgs, config: String| {
            configured(args, &config).map(|configured| configured.channels.kinds())
        };
        let all = FeedArgs::default();
        assert_eq!(called(&all, format!("{TWO}{ntfy}")).unwrap(), [channels::Kind::Ntfy]);
        assert_eq!(called(&all, format!("{paused}{ntfy}")).unwrap(), [channels::Kind::Ntfy]);
        assert!(called(&all, paused.to_owned()).unwrap().is_empty());
        let demo = FeedArgs { demo: Some(None), ..FeedArgs::default() };
        assert!(called(&demo, format!("{TWO}{ntfy}")).unwrap().is_empty());
        let wrong = format!("{paused}{}", ntfy.replace("https", "gopher"));
        assert!(matches!(called(&all, wrong), Err(ConfigError::Channels { .. })));
    }

    #[test]
    fn what_is_wrong_with_one_keeps_no_other_from_being_watched() {
        let wrong = TWO.replace("wss://a.example", "htp://a.example");
        let args = FeedArgs::default();
        assert_eq!(states(&args, &wrong), ["globex watched", "acme wrong"]);
        let named = wrong.replace("profiles.acme", "profiles.\"Acme Ltd\"");
        assert_eq!(states(&args, &named), ["globex watched", "Acme Ltd wrong"]);
        let all = format!("{wrong}[alerts]\ndigestHour = 99\n");
        assert!(matches!(configured(&args, &all), Err(ConfigError::Telling { .. })));
    }

    #[test]
    fn a_flag_narrows_it_down_to_one() {
        let of = |args: FeedArgs| states(&args, TWO);
        let acme = FeedArgs { profile: Some("acme".into()), ..FeedArgs::default() };
        assert_eq!(
            of(acme.clone()),
            ["globex left by VaultWatch was started with --profile acme", "acme watched"]
        );
        let paused = TWO.replace("colour", "paused = true\ncolour");
        assert_eq!(states(&acme, &paused)[1], "acme watched", "somebody has just asked for it");
        let url = FeedArgs { url: vec!["ws://127.0.0.1:1".into()], ..FeedArgs::default() };
        assert_eq!(of(url)[0], "default watched");
        let demo = FeedArgs { demo: Some(None), ..FeedArgs::default() };
        assert_eq!(
            of(demo),
            [
                "demo watched",
                "globex left by VaultWatch was started with --demo",
                "acme left by VaultWatch was started with --demo"
            ]
        );
        let unknown = FeedArgs { profile: Some("x".into()), ..FeedArgs::default() };
        assert!(matches!(configured(&unknown, TWO), Err(ConfigError::UnknownProfile { .. })));
    }
}
