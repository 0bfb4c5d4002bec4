//! What to watch: command line over environment over `config.toml`.

mod changes;
pub mod channels;
mod demo;
pub(crate) mod edit;
mod faults;
mod follow;
mod follow_all;
mod keys;
mod last_good;
mod looked;
mod nearest;
mod pen;
mod places;
mod plan;
mod position;
mod prepare;
mod profile;
mod profiles;
pub(crate) mod replace;
mod retention;
pub mod rules;
mod telling;
mod text;
mod version;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use alerts::rule::RuleBook;
use domain::view::{Colour, NotifyScope};
use serde::Deserialize;
use serde::de::IgnoredAny;
use thiserror::Error;

use crate::encryption::EncryptionConfig;
pub use demo::{DemoChoice, DemoOrigin};
pub use edit::profiles::{KeptToken, ProfileEdit, edit_profiles};
pub use faults::{ConfigFault, faults};
pub use follow::{Follow, Found};
pub use follow_all::{By, FollowAll, FoundAll, News};
pub use keys::line_of;
pub use pen::Pen;
pub use places::{Places, PlacesOrigin};
pub use plan::{Adjust, Step, plan};
pub use position::Position;
pub use prepare::{Prepared, prepare};
use profile::ProfileEntry;
pub use profiles::{Configured, ConfiguredProfile, Wanted, Written};
pub use retention::BadRetention;
use retention::{HistoryConfig, RetentionConfig};

pub use rules::MisplacedRule;
use telling::TellingConfig;
pub use telling::{BadTelling, HideAmounts, TellingFault};
pub use text::ConfigText;
pub use version::{BadVersion, VERSION, VersionFault};

/// The arguments that `vaultwatch` and `vaultwatchctl` share. Shown without the queries of addresses, where keys tend to
/// hide.
#[derive(Clone, Default, clap::Args)]
pub struct FeedArgs {
    /// Address of the feed, ws://… or wss://…; several are tried in order
    #[arg(long, env = "VAULTWATCH_WEBSOCKET_URL", value_delimiter = ',', value_name = "URL")]
    pub url: Vec<String>,
    /// Profile of the configuration file to watch
    #[arg(long, env = "VAULTWATCH_PROFILE", value_name = "NAME")]
    pub profile: Option<String>,
    /// Folder for notifications and settings, instead of the platform's own
    #[arg(long, env = "VAULTWATCH_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Watch a demo, even where profiles are configured: the built-in market (calm, stormy or crash), a scenario of your own
    /// (FILE.toml) or what `vaultwatchctl record` wrote
    #[arg(
        long,
        value_name = "SCENARIO|FILE",
        num_args = 0..=1,
        require_equals = true,
        conflicts_with_all = ["url", "profile"]
    )]
    pub demo: Option<Option<String>>,
    /// How many times as fast the demo's file is played, 1 to 1000 [default: 1]
    #[arg(
        long,
        value_name = "N",
        requires = "demo",
        value_parser = clap::value_parser!(u16).range(1..=1_000)
    )]
    pub demo_speed: Option<u16>,
}

impl fmt::Debug for FeedArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // By name, so that a new one does not compile until somebody has said how it is shown.
        let Self { url, profile, data_dir, demo, demo_speed } = self;
        let url: Vec<_> = url.iter().map(|url| realtime::Endpoint::shown(url)).collect();
        f.debug_struct("FeedArgs")
            .field("url", &url)
            .field("profile", profile)
            .field("data_dir", data_dir)
            .field("demo", demo)
            .field("demo_speed", demo_speed)
            .finish()
    }
}

/// What to watch and where to keep it.
#[derive(Clone, Debug)]
pub struct Resolved {
    pub feed: FeedChoice,
    /// What marks the profile among others.
    pub colour: Colour,
    /// Which of its alerts the operating system shows; it is in [`policy`](Self::policy), too.
    pub notify: NotifyScope,
    /// Whether the app leaves it out, unless it is started for it.
    pub paused: bool,
    pub data_dir: PathBuf,
    /// The database of this profile.
    pub store_path: PathBuf,
    pub log_dir: PathBuf,
    /// `plugins/`, beside `config.toml`.
    pub plugin_dir: PathBuf,
    /// Who is called when nobody looks. The demo calls nobody.
    pub channels: ::channels::Settings,
    /// Of this profile.
    pub rules: RuleBook,
    pub config_path: PathBuf,
    /// What all this was read from.
    pub text: ConfigText,
    /// How alerts are told.
    pub policy: alerts::Policy,
    /// When the operating system's notifications show no amounts.
    pub hide_amounts: HideAmounts,
    /// How long notifications and the alert log are kept.
    pub retention: store::Retention,
    /// How long figures over time are kept.
    pub history: store::HistoryRetention,
}

#[derive(Clone, Debug)]
pub enum FeedChoice {
    /// No feed is configured anywhere, or the demo was asked for.
    Demo(DemoChoice),
    Profile {
        name: String,
        connection: Box<realtime::Options>,
        encryption: Option<EncryptionConfig>,
    },
}

/// Why it is not clear what to watch. The cause, with line and key or field, is its source.
#[derive(Debug, Error)]
pub enum ConfigError {
    #[error("no home folder is known; name one with --data-dir")]
    NoHome,
    #[error("{path} cannot be read", path = path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{path} is not valid", path = path.display())]
    Invalid { path: PathBuf, source: Box<toml::de::Error> },
    #[error("{path}, {source}", path = path.display())]
    Version { path: PathBuf, source: BadVersion },
    #[error("there is no profile `{name}` in {path}; it has: {known}", path = path.display())]
    UnknownProfile { name: String, path: PathBuf, known: String },
    #[error("{path} has several profiles ({known}); choose one with --profile", path = path.display())]
    SeveralProfiles { path: PathBuf, known: String },
    #[error(
        "`{name}` is no profile name: 1 to 64 of a-z, 0-9, `_` and `-`, and none of `demo`, `channels` and `feed-token`"
    )]
    BadProfileName { name: String },
    #[error("{path} has [encryption.{name}], but no profile of that name", path = path.display())]
    EncryptionOfNothing { name: String, path: PathBuf },
    #[error("{path}: {}", listed(faults), path = path.display())]
    Rules { path: PathBuf, faults: Vec<MisplacedRule> },
    #[error("{path} is not valid", path = path.display())]
    Retention { path: PathBuf, source: BadRetention },
    #[error("{path} is not valid", path = path.display())]
    Telling { path: PathBuf, source: BadTelling },
    #[error("{path}, [channels], {source}", path = path.display())]
    Channels { path: PathBuf, source: ::channels::EntryError },
    #[error("profile `{name}`")]
    Connection { name: String, source: realtime::InvalidOption },
}

/// `config.toml`. Unknown keys are refused with their line.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    /// See [`version`].
    #[serde(default, rename = "version")]
    _version: Option<IgnoredAny>,
    /// By name.
    #[serde(default)]
    profiles: BTreeMap<String, ProfileEntry>,
    /// By the profile's name.
    #[serde(default)]
    encryption: BTreeMap<String, EncryptionConfig>,
    /// See [`rules`].
    #[serde(default, rename = "labels")]
    _labels: Option<IgnoredAny>,
    #[serde(default, rename = "policy")]
    _policy: Option<IgnoredAny>,
    #[serde(default, rename = "rule")]
    _rule: Option<IgnoredAny>,
    /// See [`channels`].
    #[serde(default, rename = "channels")]
    _channels: Option<IgnoredAny>,
    #[serde(default)]
    alerts: TellingConfig,
    #[serde(default)]
    retention: RetentionConfig,
    #[serde(default)]
    history: HistoryConfig,
}

fn listed(faults: &[MisplacedRule]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  ")
}

impl FeedArgs {
    /// Finds out what is to be watched. The token is taken from `VAULTWATCH_TOKEN` where the profile has none.
    ///
    /// # Errors
    /// One variant of [`ConfigError`] for each way in which that is unclear.
    pub fn resolve(&self) -> Result<Resolved, ConfigError> {
        let places = self.places()?;
        let text = text(&places.config)?.unwrap_or_default();
        self.resolve_text(&places, text.into())
    }

    /// As [`resolve`](Self::resolve), as if the file held this text.
    ///
    /// # Errors
    /// Those of [`resolve`](Self::resolve).
    pub(crate) fn resolve_text(
        &self,
        places: &Places,
        text: ConfigText,
    ) -> Result<Resolved, ConfigError> {
        let file = parse(text.as_str(), &places.config)?;
        let feed = self.choose(&file, &places.config, environment_token())?;
        Read { file: &file, places, text: &text }.resolved(feed)
    }

    fn choose(
        &self,
        file: &ConfigFile,
        path: &Path,
        token: Option<String>,
    ) -> Result<FeedChoice, ConfigError> {
        no_stray_encryption(file, path)?;
        let known = || file.profiles.keys().cloned().collect::<Vec<_>>().join(", ");
        let unwritten = ProfileEntry::default();
        let (name, entry) = if self.demo.is_some() {
            return Ok(self.demo_choice());
        } else if let Some(name) = &self.profile {
            // An address given beside a profile replaces the profile's, so a new profile needs no file.
            match (file.profiles.get(name), self.url.is_empty()) {
                (Some(entry), _) => (name.as_str(), entry),
                (None, false) => (name.as_str(), &unwritten),
                (None, true) => {
                    let (name, path) = (name.clone(), path.to_owned());
                    return Err(ConfigError::UnknownProfile { name, path, known: known() });
                }
            }
        } else if !self.url.is_empty() {
            ("default", &unwritten)
        } else {
            let mut profiles = file.profiles.iter();
            match (profiles.next(), profiles.next()) {
                (None, _) => return Ok(self.demo_choice()),
                (Some((name, entry)), None) => (name.as_str(), entry),
                (Some(_), Some(_)) => {
                    let path = path.to_owned();
                    return Err(ConfigError::SeveralProfiles { path, known: known() });
                }
            }
        };
        self.profile_choice(name, entry, file, token)
    }

    fn demo_choice(&self) -> FeedChoice {
        let named = self.demo.as_ref().and_then(Option::as_deref);
        FeedChoice::Demo(DemoChoice::of(named, self.demo_speed))
    }

    fn profile_choice(
        &self,
        name: &str,
        entry: &ProfileEntry,
        file: &ConfigFile,
        token: Option<String>,
    ) -> Result<FeedChoice, ConfigError> {
        check_name(name)?;
        // Refused here already, where the person who typed it is looking.
        let connection = entry
            .connection(name, token, &self.url)
            .map_err(|source| ConfigError::Connection { name: name.to_owned(), source })?;
        let encryption = file.encryption.get(name).cloned();
        Ok(FeedChoice::Profile {
            name: name.to_owned(),
            connection: Box::new(connection),
            encryption,
        })
    }
}

/// A file that was read, and where it was found.
#[derive(Clone, Copy)]
struct Read<'a> {
    file: &'a ConfigFile,
    places: &'a Places,
    text: &'a ConfigText,
}

impl Read<'_> {
    /// What it says of one profile, or of the demo.
    fn resolved(&self, feed: FeedChoice) -> Result<Resolved, ConfigError> {
        let Read { file, places, text } = *self;
        let Places { config: config_path, data_dir, log_dir, .. } = places.clone();
        let wrong = |source| ConfigError::Retention { path: config_path.clone(), source };
        let retention = file.retention.validate().map_err(wrong)?;
        let history = file.history.validate().map_err(wrong)?;
        let wrong = |source| ConfigError::Telling { path: config_path.clone(), source };
        let mut policy = file.alerts.validate().map_err(wrong)?;
        let profile = match &feed {
            FeedChoice::Demo(_) => "demo",
            FeedChoice::Profile { name, .. } => name,
        };
        let own = file.profiles.get(profile).map(|entry| entry.own).unwrap_or_default();
        policy.scope = own.notify;
        let place = profiles::in_order(text.as_str(), file).position(|name| name == profile);
        let store_path = data_dir.join("profiles").join(profile).join("vaultwatch.db");
        let plugin_dir = config_path.with_file_name("plugins");
        let rules = rules::of_text(text.as_str(), &config_path, profile)?;
        let mut channels = channels::of_text(text.as_str(), &config_path)?;
        if let FeedChoice::Demo(_) = feed {
            channels = ::channels::Settings { sound: channels.sound, ..Default::default() };
        }
        Ok(Resolved {
            feed,
            colour: own.colour.unwrap_or(Colour::at(place.unwrap_or_default())),
            notify: own.notify,
            paused: own.paused,
            data_dir,
            store_path,
            log_dir,
            plugin_dir,
            channels,
            rules,
            config_path,
            text: text.clone(),
            policy,
            hide_amounts: file.alerts.hide_amounts(),
            retention,
            history,
        })
    }
}

fn environment_token() -> Option<String> {
    std::env::var("VAULTWATCH_TOKEN").ok().filter(|token| !token.is_empty())
}

/// Somebody believes that what they misspelt is encrypted.
fn no_stray_encryption(file: &ConfigFile, path: &Path) -> Result<(), ConfigError> {
    match file.encryption.keys().find(|name| !file.profiles.contains_key(*name)) {
        Some(name) => {
            Err(ConfigError::EncryptionOfNothing { name: name.clone(), path: path.to_owned() })
        }
        None => Ok(()),
    }
}

fn parse(text: &str, path: &Path) -> Result<ConfigFile, ConfigError> {
    version::check(text)
        .map_err(|source| ConfigError::Version { path: path.to_owned(), source })?;
    toml::from_str(text)
        .map_err(|e| ConfigError::Invalid { path: path.to_owned(), source: Box::new(e) })
}

/// A text that is no configuration.
#[derive(Debug, Error)]
pub(crate) enum Malformed {
    #[error(transparent)]
    Version(#[from] BadVersion),
    #[error(transparent)]
    Toml(#[from] toml::de::Error),
}

/// Whether a text would be a configuration, its rules aside.
pub(crate) fn parses(text: &str) -> Result<(), Malformed> {
    version::check(text)?;
    Ok(toml::from_str::<ConfigFile>(text).map(drop)?)
}

/// `None`: there is no such file.
pub(crate) fn text(path: &Path) -> Result<Option<String>, ConfigError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ConfigError::Unreadable { path: path.to_owned(), source }),
    }
}

/// # Errors
/// [`ConfigError::BadProfileName`].
fn check_name(name: &str) -> Result<(), ConfigError> {
    let taken = matches!(name, "demo" | "channels") || name == crate::feed_token::SHELF;
    match valid_name(name) && !taken {
        true => Ok(()),
        false => Err(ConfigError::BadProfileName { name: name.to_owned() }),
    }
}

/// Profile names become folders, and tenant names on the wire.
fn valid_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(args: &FeedArgs, config: Option<&str>) -> Result<FeedChoice, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        if let Some(config) = config {
            std::fs::write(&path, config).unwrap();
        }
        let text = text(&path)?.unwrap_or_default();
        args.choose(&parse(&text, &path)?, &path, None)
    }

    fn endpoints(choice: &FeedChoice) -> (&str, &[String]) {
        match choice {
            FeedChoice::Profile { name, connection, .. } => (name, &connection.endpoints),
            FeedChoice::Demo(_) => panic!("the demo"),
        }
    }

    const ACME: &str = "[profiles.acme]\nurl = \"wss://feed.example\"\n";

    #[test]
    fn the_demo_runs_only_where_nothing_is_configured() {
        let none = FeedArgs::default();
        assert!(matches!(choose(&none, None).unwrap(), FeedChoice::Demo(_)));
        let acme = choose(&none, Some(ACME)).unwrap();
        assert_eq!(endpoints(&acme), ("acme", &["wss://feed.example".to_owned()][..]));
        let demo = FeedArgs { demo: Some(None), ..FeedArgs::default() };
        assert!(matches!(choose(&demo, Some(ACME)).unwrap(), FeedChoice::Demo(_)));
        let broken = choose(&none, Some("[profiles.acme]\nurl = 5"));
        assert!(matches!(broken, Err(ConfigError::Invalid { .. })), "never the demo instead");
    }

    #[test]
    fn a_demo_is_named_and_played_faster() {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            feed: FeedArgs,
        }
        let parse = |arguments: &[&str]| {
            let arguments = std::iter::once("vaultwatch").chain(arguments.iter().copied());
            <Line as clap::Parser>::try_parse_from(arguments).map(|line| line.feed)
        };
        let chosen = |arguments: &[&str]| match choose(&parse(arguments).unwrap(), Some(ACME)) {
            Ok(FeedChoice::Demo(choice)) => (choice.name().map(str::to_owned), choice.speed),
            other => panic!("{other:?}"),
        };
        assert_eq!(chosen(&["--demo"]), (None, None));
        let file = Some("day.ndjson".to_owned());
        assert_eq!(chosen(&["--demo=day.ndjson", "--demo-speed=1000"]), (file, Some(1_000)));
        for nonsense in [
            &["--demo=day.ndjson", "--url=ws://[::1]:1"][..],
            &["--demo", "--demo-speed=0"],
            &["--demo", "--demo-speed=1001"],
            &["--demo-speed=2"],
        ] {
            assert!(parse(nonsense).is_err(), "{nonsense:?}");
        }
    }

    #[test]
    fn an_address_wins_over_the_file() {
        let args = FeedArgs { url: vec!["ws://127.0.0.1:1".into()], ..FeedArgs::default() };
        assert_eq!(endpoints(&choose(&args, Some(ACME)).unwrap()).0, "default");
        let args = FeedArgs { profile: Some("acme".into()), ..args };
        let acme = choose(&args, Some(ACME)).unwrap();
        assert_eq!(endpoints(&acme), ("acme", &["ws://127.0.0.1:1".to_owned()][..]));
    }

    #[test]
    fn no_secret_of_an_address_is_shown() {
        let url = ["wss://feed.example/ws?key=hush", "wss://me:hush@feed.example/", "hush"];
        let args = FeedArgs { url: url.map(String::from).into(), ..FeedArgs::default() };
        let chosen = choose(&FeedArgs { url: vec![url[0].into()], ..args.clone() }, Some(ACME));
        let refused = choose(&args, Some(ACME)).unwrap_err();
        let shown = format!("{args:?} {args:#?} {:?} {refused:?} {refused}", chosen.unwrap());
        assert!(!shown.contains("hush"), "{shown}");
        assert!(shown.contains("wss://feed.example/ws"), "{shown}");
    }

    #[test]
    fn encryption_belongs_to_a_profile_that_is_there() {
        let sealed = format!("{ACME}[encryption.acme]\nrequire = true\n");
        let FeedChoice::Profile { encryption, .. } =
            choose(&FeedArgs::default(), Some(&sealed)).unwrap()
        else {
            panic!("a profile")
        };
        assert_eq!(encryption, Some(EncryptionConfig { tenant: None, require: true }));
        let misspelt = sealed.replace("encryption.acme", "encryption.acne");
        let error = choose(&FeedArgs::default(), Some(&misspelt)).unwrap_err();
        assert!(matches!(error, ConfigError::EncryptionOfNothing { .. }), "{error}");
    }

    #[test]
    fn a_newer_file_is_refused_before_its_keys_are() {
        let newer = choose(&FeedArgs::default(), Some("version = 2\nfuture = true\n"));
        let ConfigError::Version { source, .. } = newer.unwrap_err() else { panic!("the version") };
        assert_eq!(source.fault, VersionFault::Newer(2));
        let same = format!("version = 1\n{ACME}");
        assert_eq!(endpoints(&choose(&FeedArgs::default(), Some(&same)).unwrap()).0, "acme");
    }

    #[test]
    fn what_is_unclear_is_an_error() {
        let named = |name: &str| FeedArgs { profile: Some(name.into()), ..FeedArgs::default() };
        assert!(matches!(choose(&named("x"), Some(ACME)), Err(ConfigError::UnknownProfile { .. })));
        let two = format!("{ACME}[profiles.b]\nurl = \"wss://b.example\"\n");
        let several = choose(&FeedArgs::default(), Some(&two));
        assert!(matches!(several, Err(ConfigError::SeveralProfiles { .. })));
        let bad = "[profiles.\"../x\"]\nurl = \"wss://b.example\"\n";
        let bad = choose(&named("../x"), Some(bad));
        assert!(matches!(bad, Err(ConfigError::BadProfileName { .. })));
        for taken in ["demo", "channels", "feed-token"] {
            let bad = format!("[profiles.{taken}]\nurl = \"wss://b.example\"\n");
            let bad = choose(&named(taken), Some(&bad));
            assert!(matches!(bad, Err(ConfigError::BadProfileName { .. })), "{taken}");
        }
        let typo = choose(&named("acme"), Some("[profiles.acme]\nurll = \"wss://x\"\n"));
        let ConfigError::Invalid { source, .. } = typo.unwrap_err() else { panic!("invalid") };
        let text = source.to_string();
        assert!(text.contains("urll") && text.contains("line 2"), "{text}");
        let plain = FeedArgs { url: vec!["ws://feed.example".into()], ..FeedArgs::default() };
        assert!(matches!(choose(&plain, None), Err(ConfigError::Connection { .. })));
    }
}
