use clap::Parser;
use domain::view::Destination;
use monitor::config::FeedArgs;

use crate::tray::{Snooze, TrayRequest};

/// Watch credit vaults from the system tray, and be woken before one is liquidated.
///
/// Without arguments all profiles of the configuration file are watched, but for those that are paused; where there is none,
/// a built-in demo market.
#[derive(Clone, Debug, Parser)]
#[command(name = "vaultwatch", version, max_term_width = 100)]
#[command(
    after_help = "Only one VaultWatch runs at a time: a second start shows the window of the first, or does there what it is asked."
)]
pub(crate) struct Arguments {
    /// Start in the tray, without a window
    #[arg(long)]
    pub(crate) hidden: bool,
    #[command(flatten)]
    pub(crate) errands: Errands,
    /// Show this page: vaultwatch://vault/ETH-001, vaultwatch://alert/17, vaultwatch://alerts?profile=acme
    #[arg(value_name = "LINK")]
    pub(crate) link: Option<String>,
    #[command(flatten)]
    pub(crate) feed: FeedArgs,
}

/// What can be asked of the VaultWatch that runs, one at a time. An app launcher offers them, too.
#[derive(Clone, Debug, clap::Args)]
#[group(multiple = false)]
pub(crate) struct Errands {
    /// End the VaultWatch that runs
    #[arg(long, conflicts_with = "link")]
    quit: bool,
    /// Send a critical alert that is none, to see and hear whether it gets through
    #[arg(long, conflicts_with = "link")]
    test_critical: bool,
    /// Put all alerts off for an hour; what gets worse comes through
    #[arg(long, conflicts_with = "link")]
    snooze_all: bool,
}

impl Errands {
    /// Whether there is nothing to do where none runs.
    pub(crate) fn want_a_running_one(&self) -> bool {
        self.quit || self.snooze_all
    }
}

/// How every link of ours begins, in small letters.
const LINK: &str = "vaultwatch:";

impl Arguments {
    /// What a first start is to do besides watching, once that has begun. The window it shows by itself.
    pub(crate) fn wish(&self) -> Option<TrayRequest> {
        match self.errands.test_critical {
            true => Some(TrayRequest::TestCritical),
            false => self.link.as_deref().map(follow),
        }
    }

    /// What the start with the session is told, so that it watches the same. An address is not handed on: there may be a
    /// token in it.
    pub(crate) fn again(feed: &FeedArgs) -> Vec<String> {
        let profile = feed.profile.iter().flat_map(|name| ["--profile".to_owned(), name.clone()]);
        let folder = feed.data_dir.as_deref().and_then(|path| std::path::absolute(path).ok());
        let folder = folder.and_then(|path| path.into_os_string().into_string().ok());
        profile.chain(folder.into_iter().flat_map(|path| ["--data-dir".to_owned(), path])).collect()
    }

    /// What a later start with these words wants of the one that runs; `None`: nothing. They may come from another
    /// version, so nothing is looked at but what is known here.
    pub(crate) fn wish_of(words: &[String]) -> Option<TrayRequest> {
        // The first is the program.
        let words = words.get(1..).unwrap_or_default();
        let has = |flag: &str| words.iter().any(|word| word == flag);
        let is_link = |word: &&String| {
            word.get(..LINK.len()).is_some_and(|start| start.eq_ignore_ascii_case(LINK))
        };
        // A link before all others: whoever wrote it decides about nothing but the page.
        if let Some(link) = words.iter().find(is_link) {
            Some(follow(link))
        } else if has("--quit") {
            Some(TrayRequest::Quit)
        } else if has("--test-critical") {
            Some(TrayRequest::TestCritical)
        } else if has("--snooze-all") {
            Some(TrayRequest::SnoozeAll(Snooze::Hour))
        } else if has("--hidden") {
            None
        } else {
            Some(TrayRequest::Open)
        }
    }
}

/// A link that is none still shows the window: somebody has clicked.
fn follow(link: &str) -> TrayRequest {
    match Destination::from_link(link) {
        Ok(destination) => TrayRequest::GoTo(destination),
        Err(error) => {
            tracing::warn!(%error, "a link leads nowhere");
            TrayRequest::Open
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use domain::VaultId;
    use domain::view::Target;

    use super::*;

    const VAULT: &str = "vaultwatch://vault/ETH-001";

    fn vault() -> TrayRequest {
        TrayRequest::GoTo(Target::Vault(VaultId::new("ETH-001").unwrap()).into())
    }

    #[test]
    fn the_command_line_holds_together() {
        Arguments::command().debug_assert();
        let parsed = Arguments::try_parse_from(["vaultwatch", "--hidden", "--url", "ws://[::1]:1"]);
        let parsed = parsed.unwrap();
        assert!(parsed.hidden);
        assert_eq!(parsed.feed.url, ["ws://[::1]:1"]);
        assert!(Arguments::try_parse_from(["vaultwatch", "--demo", "--url", "ws://a"]).is_err());
        for both in [["--quit", "--test-critical"], ["--quit", VAULT], ["--snooze-all", VAULT]] {
            assert!(Arguments::try_parse_from(["vaultwatch", both[0], both[1]]).is_err());
        }
    }

    #[test]
    fn a_later_start_shows_the_window_unless_it_is_hidden() {
        for (words, wish) in [
            (&["vaultwatch"][..], Some(TrayRequest::Open)),
            (&["vaultwatch", "--demo"], Some(TrayRequest::Open)),
            (&["vaultwatch", "--demo", "--hidden"], None),
            (&["--hidden"], Some(TrayRequest::Open)),
            (&[], Some(TrayRequest::Open)),
            (&["vaultwatch", "--of-a-later-version", "x"], Some(TrayRequest::Open)),
            (&["vaultwatch", "--quit"], Some(TrayRequest::Quit)),
            (&["vaultwatch", "--test-critical"], Some(TrayRequest::TestCritical)),
            (&["vaultwatch", "--snooze-all"], Some(TrayRequest::SnoozeAll(Snooze::Hour))),
            (&["vaultwatch", VAULT], Some(vault())),
            (&["vaultwatch", "--hidden", "--data-dir", "/x", VAULT], Some(vault())),
        ] {
            let words: Vec<_> = words.iter().map(ToString::to_string).collect();
            assert_eq!(Arguments::wish_of(&words), wish, "{words:?}");
        }
    }

    #[test]
    fn the_start_with_the_session_watches_the_same() {
        let words = ["vaultwatch", "--profile", "acme", "--data-dir", "/a b"];
        let again =
            |words: &[&str]| Arguments::again(&Arguments::try_parse_from(words).unwrap().feed);
        let url = ["vaultwatch", "--url", "wss://a.example/?token=x"];
        assert!(again(&url).is_empty());
        let again = again(&words);
        assert_eq!(again[..2], ["--profile", "acme"]);
        assert_eq!(again[2], "--data-dir");
        assert!(again[3].ends_with("a b"), "{again:?}");
    }

    #[test]
    fn a_link_does_nothing_but_show_a_page_or_the_window() {
        for link in [
            "vaultwatch://vault/%00",
            "vaultwatch://quit",
            "vaultwatch:--quit",
            "VAULTWATCH://vault/x --quit",
            "https://example.com/",
            "javascript:alert(1)",
            "file:///etc/passwd",
        ] {
            let words = ["vaultwatch", link].map(str::to_owned);
            assert_eq!(Arguments::wish_of(&words), Some(TrayRequest::Open), "{link}");
            let first = Arguments::try_parse_from(words).unwrap();
            assert_eq!(first.wish(), Some(TrayRequest::Open), "{link}");
        }
        let first = Arguments::try_parse_from(["vaultwatch", VAULT]).unwrap();
        assert_eq!(first.wish(), Some(vault()));
        let of_acme = "vaultwatch://alerts?profile=acme";
        let first = Arguments::try_parse_from(["vaultwatch", of_acme]).unwrap();
        let alerts = Destination::of("acme", Target::Alerts);
        assert_eq!(first.wish(), Some(TrayRequest::GoTo(alerts)));
        assert_eq!(Arguments::try_parse_from(["vaultwatch"]).unwrap().wish(), None);
        let test = Arguments::try_parse_from(["vaultwatch", "--test-critical"]).unwrap();
        assert_eq!(test.wish(), Some(TrayRequest::TestCritical));
    }

    /// What a person clicks in a menu is understood by a first start and by one that runs.
    #[test]
    fn every_command_of_the_desktop_file_does_something() {
        let desktop_file = include_str!("../../packaging/linux/vaultwatch.desktop.hbs");
        let commands = desktop_file.lines().filter_map(|line| line.strip_prefix("Exec={{exec}} "));
        let wishes: Vec<_> = commands
            .map(|rest| {
                let words = ["vaultwatch".to_owned(), rest.replace("%u", VAULT)];
                Arguments::try_parse_from(&words).unwrap();
                Arguments::wish_of(&words).unwrap()
            })
            .collect();
        let expected = [
            vault(),
            TrayRequest::GoTo(Target::Alerts.into()),
            TrayRequest::SnoozeAll(Snooze::Hour),
            TrayRequest::TestCritical,
            TrayRequest::Quit,
        ];
        assert_eq!(wishes, expected);
    }
}
