//! What the palette lists: what fits a few letters, or what is wanted most.

use std::cmp::Reverse;
use std::rc::Rc;

use domain::fuzzy;
use domain::view::{ProfileView, VaultRow};

use super::command::{self, Command};
use crate::words::palette as say;

/// Lines that are shown.
pub(super) const LINES: usize = 12;
/// Of these, without a text: vaults, and profiles.
const VAULTS: usize = 4;
const PROFILES: usize = 3;

/// One line of the list.
#[derive(Clone, PartialEq)]
pub(super) enum Line {
    Vault(Rc<VaultRow>),
    Command(Command),
    /// Another profile than the one that is shown.
    Profile(Rc<ProfileView>),
}

/// The likeliest first. Without a text: the worst vaults, what is done most, and other profiles.
pub(super) fn lines(
    text: &str,
    vaults: &[Rc<VaultRow>],
    profiles: &[ProfileView],
    shown: Option<&str>,
) -> Vec<Line> {
    let others = || profiles.iter().filter(|one| Some(one.name.as_str()) != shown);
    if text.trim().is_empty() {
        let vaults = vaults.iter().take(VAULTS).cloned().map(Line::Vault);
        let others: Vec<_> = others().take(PROFILES).map(of_profile).collect();
        let rest = LINES - vaults.len() - others.len();
        let commands = command::all().map(Line::Command).take(rest);
        return vaults.chain(commands).chain(others).collect();
    }
    let vault = |row: &Rc<VaultRow>| {
        let name = row.name.as_deref().unwrap_or_default();
        let all = format!("{} {name} {}", row.id, row.tokens);
        Some((fuzzy::score(text, &all)?, Line::Vault(Rc::clone(row))))
    };
    let command = |command: Command| {
        let all = format!("{} {}", command.title, command.words);
        Some((fuzzy::score(text, &all)?, Line::Command(command)))
    };
    let profile = |one: &ProfileView| {
        let all = format!("{} {}", say::switch_to(&one.name), say::switch_to_words());
        Some((fuzzy::score(text, &all)?, of_profile(one)))
    };
    let mut found: Vec<_> = vaults.iter().filter_map(vault).collect();
    found.extend(command::all().filter_map(command));
    found.extend(others().filter_map(profile));
    found.sort_by_key(|(score, _)| Reverse(*score));
    found.into_iter().map(|(_, line)| line).take(LINES).collect()
}

fn of_profile(view: &ProfileView) -> Line {
    Line::Profile(Rc::new(view.clone()))
}

#[cfg(test)]
mod tests {
    use domain::view::{Colour, FeedState, Mode, NotifyScope, ProfileState};

    use super::*;
    use crate::live::fixture::row;
    use crate::words::{Language, speak};

    fn profile(name: &str) -> ProfileView {
        ProfileView {
            name: name.to_owned(),
            mode: Mode::Profile(name.to_owned()),
            colour: Colour::Teal,
            notify: NotifyScope::All,
            state: ProfileState::Watched { feed: FeedState::Live },
            endpoint: String::new(),
            vaults: 0,
            critical: 0,
            unread: 0,
            worst: None,
            headline: None,
            fixed: None,
        }
    }

    /// Of a window that shows `acme`.
    fn titles(text: &str, vaults: &[Rc<VaultRow>], profiles: &[ProfileView]) -> Vec<String> {
        let title = |line: &Line| match line {
            Line::Vault(row) => row.id.to_string(),
            Line::Command(command) => command.title.to_owned(),
            Line::Profile(view) => say::switch_to(&view.name),
        };
        lines(text, vaults, profiles, Some("acme")).iter().map(title).collect()
    }

    #[test]
    fn what_is_meant_is_on_top() {
        let vaults = [Rc::new(row("ETH-017").0), Rc::new(row("ARB-203").0)];
        let titles = |text: &str| titles(text, &vaults, &[]);
        assert_eq!(titles("arb")[0], "ARB-203");
        assert_eq!(titles("dark")[0], "Theme: dark");
        assert_eq!(titles("ack")[0], "Acknowledge all alerts");
        assert_eq!(titles("digest")[0], "Settings: alerts");
        assert!(titles("zzzz").is_empty());
        let nothing_typed = titles("");
        assert_eq!(nothing_typed[..2], ["ETH-017", "ARB-203"]);
        assert_eq!(nothing_typed.len(), LINES);
    }

    #[test]
    fn every_profile_but_the_one_that_is_shown_is_a_line() {
        let all: Vec<_> = ["acme", "globex", "initech"].into_iter().map(profile).collect();
        assert_eq!(titles("globex", &[], &all), ["Switch to profile globex"]);
        let others = ["Switch to profile globex", "Switch to profile initech"];
        assert_eq!(titles("switch profile", &[], &all)[..2], others);
        assert!(!titles("acme", &[], &all).contains(&"Switch to profile acme".to_owned()));
        let nothing_typed = titles("", &[], &all);
        assert_eq!(nothing_typed.len(), LINES);
        assert_eq!(nothing_typed[LINES - 2..], others);
        assert_eq!(titles("", &[], &all[..1]).len(), LINES, "one alone is no choice");
    }

    #[test]
    fn it_is_found_in_the_language_that_is_spoken() {
        speak(Language::German);
        assert_eq!(titles("dunkel", &[], &[])[0], "Farbschema: dunkel");
        assert_eq!(titles("wechseln", &[], &[profile("globex")])[0], "Zum Profil globex wechseln");
    }

    #[test]
    fn no_two_commands_have_one_name() {
        let mut names: Vec<_> = command::all().map(|command| command.name()).collect();
        let before = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), before);
    }
}
