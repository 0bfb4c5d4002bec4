//! Several watches as one: what a single tray icon, and a single alarm, say of all of them. Pure.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use domain::Language;
use domain::view::{FeedState, ProfileState};

use crate::say::tray as say;
use crate::tray::{ALERTS, Counts, Known, feed_word};
use crate::{Alarm, Attention, Standing, TrayAlert, TrayIcon, TrayProfile, TrayView};

/// A profile, and what its watch says of itself. `None`: it has said nothing yet, or is not watched.
#[derive(Clone, Debug)]
pub struct Side<'a> {
    pub name: &'a str,
    pub state: &'a ProfileState,
    pub tray: Option<&'a TrayView>,
    pub standing: Option<&'a Standing>,
}

/// What the tray shows of all profiles, in this language. Of a single one it is what that one's watch says, word for word.
#[must_use]
pub fn tray(language: Language, sides: &[Side<'_>]) -> TrayView {
    if let [Side { tray: Some(only), .. }] = sides {
        return (*only).clone();
    }
    let state_line = state_line(language, sides);
    let mut alerts: Vec<TrayAlert> = sides
        .iter()
        .flat_map(|side| side.tray.into_iter().flat_map(|tray| &tray.alerts).map(|a| of(side, a)))
        .collect();
    // Each list is in order by itself; of two that are alike the first profile's stays the first.
    alerts.sort_by_key(|alert| (Reverse(alert.is_unseen()), Reverse(alert.severity)));
    alerts.truncate(ALERTS);
    let mut tooltip = state_line.clone();
    let profiles: Vec<_> = sides
        .iter()
        .map(|side| TrayProfile { name: side.name.to_owned(), line: line_of(language, side) })
        .collect();
    for profile in &profiles {
        tooltip.push('\n');
        tooltip.push_str(&profile.line);
    }
    for alert in &alerts {
        tooltip.push('\n');
        tooltip.push_str(&alert.text);
    }
    if let Some(reason) = standings(sides).find_map(|standing| standing.blocked.as_ref()) {
        tooltip.push('\n');
        tooltip.push_str(&say::unseen(language, reason));
    }
    let needed = |side: &Side<'_>| side.tray.is_some_and(|t| t.attention == Attention::Needed);
    let attention = if sides.iter().any(needed) { Attention::Needed } else { Attention::Normal };
    let title = "VaultWatch".to_owned();
    TrayView {
        language,
        icon: icon(sides),
        attention,
        title,
        state_line,
        tooltip,
        alerts,
        profiles,
    }
}

/// How the profile stands, as a line of a menu: `acme: Live · 200 vaults · 2 critical`.
#[must_use]
pub fn line_of(language: Language, side: &Side<'_>) -> String {
    let mut parts = vec![format!("{}: {}", side.name, word(language, side.state))];
    if let (Some(standing), ProfileState::Watched { feed }) = (side.standing, side.state) {
        let known = if *feed == FeedState::Live { Known::Now } else { Known::Before };
        parts.extend(counts(std::iter::once(standing)).words(language, known));
    } else if let Some(cause) = side.state.cause() {
        parts.push(cause.to_owned());
    }
    parts.join(" · ")
}

/// As [`ProfileState::word`] is the English one.
fn word(language: Language, state: &ProfileState) -> &'static str {
    match state {
        ProfileState::Watched { feed } => feed_word(language, feed),
        ProfileState::Paused => say::paused(language),
        ProfileState::Failed { .. } => say::not_watched(language),
        ProfileState::Left { .. } => say::not_started(language),
    }
}

/// What is to be heard of all of them.
#[must_use]
pub fn alarm(all: impl IntoIterator<Item = Alarm>) -> Alarm {
    all.into_iter().fold(Alarm::default(), |one, other| Alarm {
        sound: one.sound || other.sound,
        attention: one.attention || other.attention,
    })
}

/// The worst news wins. A profile that nobody wants watched is none.
fn icon(sides: &[Side<'_>]) -> TrayIcon {
    let critical: usize = standings(sides).map(|standing| standing.critical).sum();
    let wanted = |side: &&Side<'_>| {
        matches!(side.state, ProfileState::Watched { .. } | ProfileState::Failed { .. })
    };
    let degraded = |standing: &Standing| standing.stale > 0 || standing.blocked.is_some();
    if critical > 0 {
        TrayIcon::Critical { count: u32::try_from(critical).unwrap_or(u32::MAX) }
    } else if sides.iter().filter(wanted).any(|side| !side.state.is_live())
        || !sides.iter().any(|side| wanted(&side))
    {
        TrayIcon::Down
    } else if standings(sides).any(degraded) {
        TrayIcon::Degraded
    } else {
        TrayIcon::Live
    }
}

/// `Live · 2 profiles · 300 vaults · 2 critical`, `1 of 2 live · …`.
fn state_line(language: Language, sides: &[Side<'_>]) -> String {
    let watched: Vec<_> = sides
        .iter()
        .map(|side| side.state)
        .filter(|state| matches!(state, ProfileState::Watched { .. } | ProfileState::Failed { .. }))
        .collect();
    let live = watched.iter().filter(|state| state.is_live()).count();
    let all = watched.len();
    let mut parts = Vec::new();
    let words: BTreeSet<_> = watched.iter().map(|state| word(language, state)).collect();
    match (watched.first(), words.len()) {
        (None, _) => return say::all_paused(language).to_owned(),
        (Some(first), 1) => {
            parts.push(word(language, first).to_owned());
            if matches!(first, ProfileState::Watched { feed: FeedState::Offline }) {
                // The word alone could mean the server, and sounds harmless.
                parts.push(say::no_network(language).to_owned());
            }
            if all > 1 {
                parts.push(say::profiles(language, &all.to_string()));
            }
        }
        _ => parts.push(say::live_of(language, &live.to_string(), &all.to_string())),
    }
    let known = if live == all { Known::Now } else { Known::Before };
    parts.extend(counts(standings(sides)).words(language, known));
    parts.join(" · ")
}

fn counts<'a>(standings: impl Iterator<Item = &'a Standing>) -> Counts {
    standings.fold(Counts::default(), |sum, one| Counts {
        vaults: sum.vaults + one.vaults,
        critical: sum.critical + one.critical,
        stale: sum.stale + one.stale,
    })
}

/// Of those that are watched.
fn standings<'a>(sides: &'a [Side<'a>]) -> impl Iterator<Item = &'a Standing> {
    sides.iter().filter_map(|side| match side.state {
        ProfileState::Watched { .. } => side.standing,
        _ => None,
    })
}

fn of(side: &Side<'_>, alert: &TrayAlert) -> TrayAlert {
    TrayAlert {
        profile: Some(side.name.to_owned()),
        text: format!("{}: {}", side.name, alert.text),
        ..alert.clone()
    }
}

#[cfg(test)]
mod tests {
    use domain::Level;
    use domain::view::{NotificationId, NotificationState, Target};

    use super::*;

    /// In English.
    fn tray(sides: &[Side<'_>]) -> TrayView {
        super::tray(Language::English, sides)
    }

    const LIVE: ProfileState = ProfileState::Watched { feed: FeedState::Live };

    fn standing(vaults: usize, critical: usize) -> Standing {
        Standing {
            feed: FeedState::Live,
            vaults,
            critical,
            stale: 0,
            unread: 0,
            worst: None,
            blocked: None,
        }
    }

    fn view(alerts: Vec<TrayAlert>) -> TrayView {
        let unseen = alerts.first().is_some_and(TrayAlert::is_unseen);
        TrayView {
            language: Language::English,
            icon: TrayIcon::Live,
            attention: if unseen { Attention::Needed } else { Attention::Normal },
            title: "VaultWatch".to_owned(),
            state_line: "of one".to_owned(),
            tooltip: "of one".to_owned(),
            alerts,
            profiles: Vec::new(),
        }
    }

    fn alert(id: i64, severity: Level, state: NotificationState) -> TrayAlert {
        let text = format!("V-{id}");
        let id = NotificationId(id);
        TrayAlert { profile: None, id, text, target: Target::Alerts, state, severity }
    }

    fn side<'a>(
        name: &'a str,
        state: &'a ProfileState,
        said: Option<(&'a TrayView, &'a Standing)>,
    ) -> Side<'a> {
        let (tray, standing) = said.unzip();
        Side { name, state, tray, standing }
    }

    #[test]
    fn one_profile_is_told_as_ever() {
        let (said, stands) = (view(Vec::new()), standing(3, 0));
        assert_eq!(tray(&[side("acme", &LIVE, Some((&said, &stands)))]), said);
    }

    #[test]
    fn the_worst_of_all_is_shown_and_what_there_is_is_added() {
        let quiet = view(Vec::new());
        let (few, many) = (standing(3, 0), standing(200, 2));
        let both = tray(&[
            side("acme", &LIVE, Some((&quiet, &few))),
            side("globex", &LIVE, Some((&quiet, &many))),
        ]);
        assert_eq!(both.icon, TrayIcon::Critical { count: 2 });
        let lines: Vec<_> = both.profiles.iter().map(|one| one.line.as_str()).collect();
        assert_eq!(lines, ["acme: Live · 3 vaults", "globex: Live · 200 vaults · 2 critical"]);
        assert_eq!(both.state_line, "Live · 2 profiles · 203 vaults · 2 critical");
        assert_eq!(
            both.tooltip,
            "Live · 2 profiles · 203 vaults · 2 critical\nacme: Live · 3 vaults\nglobex: Live · 200 vaults · 2 critical"
        );
        let down = ProfileState::Watched { feed: FeedState::Connecting { attempt: 3 } };
        let one_down = tray(&[
            side("acme", &LIVE, Some((&quiet, &few))),
            side("globex", &down, Some((&quiet, &many))),
        ]);
        assert_eq!(one_down.state_line, "1 of 2 live · 203 vaults · 2 critical when last seen");
        let calm = standing(200, 0);
        let one_down = tray(&[
            side("acme", &LIVE, Some((&quiet, &few))),
            side("globex", &down, Some((&quiet, &calm))),
        ]);
        assert_eq!(one_down.icon, TrayIcon::Down, "half a watch is none");
        let stale = Standing { stale: 1, ..standing(3, 0) };
        let degraded = tray(&[
            side("acme", &LIVE, Some((&quiet, &stale))),
            side("globex", &LIVE, Some((&quiet, &calm))),
        ]);
        assert_eq!(degraded.icon, TrayIcon::Degraded);
        let offline = ProfileState::Watched { feed: FeedState::Offline };
        let offline = tray(&[
            side("acme", &offline, Some((&quiet, &few))),
            side("globex", &offline, Some((&quiet, &calm))),
        ]);
        assert_eq!(
            offline.state_line,
            "Offline · no network, nothing is guarded · 2 profiles · 203 vaults"
        );
    }

    #[test]
    fn what_is_paused_is_told_and_counts_for_nothing() {
        let (quiet, few) = (view(Vec::new()), standing(3, 0));
        let paused = ProfileState::Paused;
        let both =
            tray(&[side("acme", &LIVE, Some((&quiet, &few))), side("staging", &paused, None)]);
        assert_eq!((both.icon, both.state_line.as_str()), (TrayIcon::Live, "Live · 3 vaults"));
        assert!(both.tooltip.ends_with("\nstaging: Paused"), "{}", both.tooltip);
        let none = tray(&[side("acme", &paused, None), side("staging", &paused, None)]);
        assert_eq!(none.icon, TrayIcon::Down);
        assert!(none.state_line.contains("all profiles are paused"));
        let failed = ProfileState::Failed { cause: "the disk is full".to_owned() };
        let half =
            tray(&[side("acme", &LIVE, Some((&quiet, &few))), side("globex", &failed, None)]);
        assert_eq!(
            (half.icon, half.state_line.as_str()),
            (TrayIcon::Down, "1 of 2 live · 3 vaults")
        );
        assert!(half.tooltip.contains("globex: Not watched · the disk is full"));
    }

    #[test]
    fn a_german_reads_german() {
        let (quiet, few) = (view(Vec::new()), standing(1, 1));
        let failed = ProfileState::Failed { cause: "the disk is full".to_owned() };
        let down = ProfileState::Watched { feed: FeedState::Connecting { attempt: 3 } };
        let paused = ProfileState::Paused;
        let said = super::tray(
            Language::German,
            &[
                side("acme", &LIVE, Some((&quiet, &few))),
                side("globex", &failed, None),
                side("initech", &down, Some((&quiet, &few))),
                side("staging", &paused, None),
            ],
        );
        assert_eq!(said.language, Language::German);
        assert_eq!(said.state_line, "1 von 3 live · 2 Vaults · 2 zuletzt kritisch");
        let lines: Vec<_> = said.profiles.iter().map(|one| one.line.as_str()).collect();
        let expected = [
            "acme: Live · 1 Vault · 1 kritisch",
            "globex: Nicht überwacht · the disk is full",
            "initech: Verbindet · 1 Vault · 1 zuletzt kritisch",
            "staging: Pausiert",
        ];
        assert_eq!(lines, expected);
        let none = super::tray(
            Language::German,
            &[side("acme", &paused, None), side("staging", &paused, None)],
        );
        assert_eq!(none.state_line, "Nichts wird überwacht: Alle Profile sind pausiert");
        for state in [LIVE, down, paused, failed, ProfileState::Left { cause: String::new() }] {
            assert_eq!(word(Language::English, &state), state.word());
        }
    }

    #[test]
    fn the_next_alerts_of_all_are_listed_by_name_the_worst_first() {
        use NotificationState::{Acknowledged, Firing};
        let acme =
            view(vec![alert(1, Level::High, Firing), alert(2, Level::Critical, Acknowledged)]);
        let globex = view(vec![
            alert(1, Level::Critical, Firing),
            alert(3, Level::High, Firing),
            alert(4, Level::High, Acknowledged),
        ]);
        let stands = standing(9, 2);
        let both = tray(&[
            side("acme", &LIVE, Some((&acme, &stands))),
            side("globex", &LIVE, Some((&globex, &stands))),
        ]);
        let listed: Vec<_> = both.alerts.iter().map(|alert| alert.text.as_str()).collect();
        assert_eq!(listed, ["globex: V-1", "acme: V-1", "globex: V-3"]);
        assert_eq!(both.alerts[0].profile.as_deref(), Some("globex"));
        assert_eq!(both.attention, Attention::Needed);
    }

    #[test]
    fn it_sounds_when_any_of_them_is_to_be_heard() {
        let quiet = Alarm::default();
        let attention = Alarm { attention: true, ..quiet };
        let sound = Alarm { sound: true, attention: true };
        assert_eq!(alarm([]), quiet);
        assert_eq!(alarm([quiet, attention]), attention);
        assert_eq!(alarm([sound, quiet]), sound);
    }
}
