use clap::Parser;
use monitor::config::FeedArgs;

/// Watch credit vaults from the system tray, and be woken before one is liquidated.
///
/// Without arguments the profile of the configuration file is watched; where there is none, a built-in demo market.
#[derive(Clone, Debug, Parser)]
#[command(name = "vaultwatch", version, max_term_width = 100)]
#[command(
    after_help = "Only one VaultWatch runs at a time: a second start shows the window of the first."
)]
pub(crate) struct Arguments {
    /// Start in the tray, without a window
    #[arg(long)]
    pub(crate) hidden: bool,
    #[command(flatten)]
    pub(crate) feed: FeedArgs,
}

impl Arguments {
    /// Whether a second start with these words wants to see the window. It may come from an older version, so
    /// nothing but the flag is looked at.
    pub(crate) fn ask_for_window(words: &[String]) -> bool {
        !words.iter().skip(1).any(|word| word == "--hidden")
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Arguments::command().debug_assert();
        let parsed = Arguments::try_parse_from(["vaultwatch", "--hidden", "--url", "ws://[::1]:1"]);
        let parsed = parsed.unwrap();
        assert!(parsed.hidden);
        assert_eq!(parsed.feed.url, ["ws://[::1]:1"]);
        assert!(Arguments::try_parse_from(["vaultwatch", "--demo", "--url", "ws://a"]).is_err());
    }

    #[test]
    fn a_second_start_shows_the_window_unless_it_is_hidden() {
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(Arguments::ask_for_window(&words(&["vaultwatch", "--demo"])));
        assert!(!Arguments::ask_for_window(&words(&["vaultwatch", "--demo", "--hidden"])));
        assert!(Arguments::ask_for_window(&words(&["--hidden"])), "the first is the program");
    }
}
