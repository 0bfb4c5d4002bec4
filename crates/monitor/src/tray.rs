use std::cmp::Reverse;

use domain::units::Percent;
use domain::view::{FeedState, Mode, NotificationId, NotificationState, NotificationView, Target};
use domain::{Language, Level, VaultId};

use crate::say::tray as say;

/// What the tray shows: a pure model, compared before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrayView {
    /// Of its texts, and of the menu around them.
    pub language: Language,
    pub icon: TrayIcon,
    pub attention: Attention,
    /// `VaultWatch`, or `VaultWatch DEMO`.
    pub title: String,
    /// The disabled first line of the menu: `Live · 200 vaults · 2 critical`.
    pub state_line: String,
    pub tooltip: String,
    /// The next three to look at, the worst first.
    pub alerts: Vec<TrayAlert>,
    /// Where there are several: how each stands. A click leads to it.
    pub profiles: Vec<TrayProfile>,
}

/// A profile as a line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrayProfile {
    pub name: String,
    pub line: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrayIcon {
    Live,
    /// Some values are stale, or notifications are blocked.
    Degraded,
    /// No data arrive.
    Down,
    Critical {
        count: u32,
    },
}

/// How loud the item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attention {
    Normal,
    /// A critical alert is there that nobody has acknowledged.
    Needed,
}

/// An alert as a line of the menu; a click goes there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrayAlert {
    /// Whose it is, where there are several; `None`: there is one.
    pub profile: Option<String>,
    pub id: NotificationId,
    pub text: String,
    pub target: Target,
    pub(crate) state: NotificationState,
    pub(crate) severity: Level,
}

/// What the tray is made of.
#[derive(Clone, Debug)]
pub(crate) struct Circumstances<'a> {
    pub(crate) language: Language,
    pub(crate) mode: &'a Mode,
    pub(crate) feed: &'a FeedState,
    pub(crate) vaults: usize,
    pub(crate) critical: usize,
    pub(crate) stale: usize,
    pub(crate) blocked: Option<&'a str>,
    /// As [`worst_first`] gives them.
    pub(crate) alerts: Vec<TrayAlert>,
}

/// Lines of the menu for alerts.
pub(crate) const ALERTS: usize = 3;
/// Longest line of the menu, in characters.
const LINE: usize = 80;

/// The alerts for the menu: those that nobody has looked at before the others, critical before high, and the vault with
/// the least room first.
pub(crate) fn worst_first<'a>(
    language: Language,
    alerts: impl Iterator<Item = &'a NotificationView>,
    room: impl Fn(&VaultId) -> Option<Percent>,
) -> Vec<TrayAlert> {
    let mut ranked: Vec<_> = alerts
        .map(|view| {
            let unseen = view.state == NotificationState::Firing;
            let room = view.vault.as_ref().and_then(&room);
            // One without a figure is about more than a vault: the feed.
            ((Reverse(unseen), Reverse(view.severity), room, view.id), view)
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.truncate(ALERTS);
    ranked.into_iter().map(|(_, view)| TrayAlert::of(language, view)).collect()
}

impl TrayAlert {
    fn of(language: Language, view: &NotificationView) -> Self {
        let seen = match view.state {
            NotificationState::Acknowledged => Some(say::acknowledged(language)),
            NotificationState::Snoozed => Some(say::snoozed(language)),
            NotificationState::Firing | NotificationState::Resolved => None,
        };
        let mut text: String = view.title.chars().take(LINE).collect();
        if text.len() < view.title.len() {
            text.push('…');
        }
        if let Some(seen) = seen {
            text.push(' ');
            text.push_str(seen);
        }
        let target = view.action.as_ref().map_or(Target::Alerts, |action| action.target.clone());
        let (id, state, severity) = (view.id, view.state, view.severity);
        Self { profile: None, id, text, target, state, severity }
    }

    pub(crate) fn is_unseen(&self) -> bool {
        self.state == NotificationState::Firing
    }

    fn is_unseen_critical(&self) -> bool {
        self.is_unseen() && self.severity == Level::Critical
    }
}

impl TrayView {
    pub(crate) fn of(c: &Circumstances<'_>) -> Self {
        let live = matches!(c.feed, FeedState::Live);
        let icon = if c.critical > 0 {
            TrayIcon::Critical { count: u32::try_from(c.critical).unwrap_or(u32::MAX) }
        } else if !live {
            TrayIcon::Down
        } else if c.stale > 0 || c.blocked.is_some() {
            TrayIcon::Degraded
        } else {
            TrayIcon::Live
        };
        // The first is the worst that nobody has looked at.
        let attention = match c.alerts.first().is_some_and(TrayAlert::is_unseen_critical) {
            true => Attention::Needed,
            false => Attention::Normal,
        };
        let mut parts = vec![feed_word(c.language, c.feed).to_owned()];
        if *c.feed == FeedState::Offline {
            // The word alone could mean the server, and sounds harmless.
            parts.push(say::no_network(c.language).to_owned());
        }
        let (vaults, critical, stale) = (c.vaults, c.critical, c.stale);
        let known = if live { Known::Now } else { Known::Before };
        parts.extend(Counts { vaults, critical, stale }.words(c.language, known));
        let state_line = parts.join(" · ");
        let title = match c.mode {
            Mode::Demo => "VaultWatch DEMO".to_owned(),
            Mode::Profile(_) => "VaultWatch".to_owned(),
        };
        let mut tooltip = state_line.clone();
        for alert in &c.alerts {
            tooltip.push('\n');
            tooltip.push_str(&alert.text);
        }
        if let Some(reason) = c.blocked {
            tooltip.push('\n');
            tooltip.push_str(&say::unseen(c.language, reason));
        }
        let (alerts, profiles, language) = (c.alerts.clone(), Vec::new(), c.language);
        Self { language, icon, attention, title, state_line, tooltip, alerts, profiles }
    }
}

/// The word for how a feed stands, as [`FeedState::word`] is the English one.
pub(crate) fn feed_word(language: Language, feed: &FeedState) -> &'static str {
    match feed {
        FeedState::Waiting { .. } => say::waiting(language),
        FeedState::Connecting { .. } => say::connecting(language),
        FeedState::Live => say::live(language),
        FeedState::Retrying { .. } => say::retrying(language),
        FeedState::Offline => say::offline(language),
        FeedState::NotGuarded { .. } => say::not_guarded(language),
    }
}

/// Vaults of one watch, or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) vaults: usize,
    pub(crate) critical: usize,
    pub(crate) stale: usize,
}

/// Of when the counts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Now,
    /// All of it is stale.
    Before,
}

impl Counts {
    /// `200 vaults`, `2 critical`, `1 stale`; what is none is left out, but vaults.
    pub(crate) fn words(self, language: Language, known: Known) -> Vec<String> {
        let mut parts = vec![say::vaults(language, self.vaults)];
        let critical = self.critical.to_string();
        match known {
            _ if self.critical == 0 => {}
            Known::Now => parts.push(say::critical(language, &critical)),
            Known::Before => parts.push(say::critical_when_last_seen(language, &critical)),
        }
        if known == Known::Now && self.stale > 0 {
            parts.push(say::stale(language, &self.stale.to_string()));
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use domain::view::Tone;
    use wire::UnixMillis;

    use super::*;

    fn calm() -> Circumstances<'static> {
        Circumstances {
            language: Language::English,
            mode: &Mode::Demo,
            feed: &FeedState::Live,
            vaults: 200,
            critical: 0,
            stale: 0,
            blocked: None,
            alerts: Vec::new(),
        }
    }

    fn alert(id: i64, severity: Level, state: NotificationState) -> NotificationView {
        NotificationView {
            id: NotificationId(id),
            tone: Tone::Error,
            title: format!("V-{id}: something"),
            message: String::new(),
            timestamp: UnixMillis(id),
            updated: UnixMillis(id),
            read: false,
            action: None,
            auto_dismiss: None,
            severity,
            vault: VaultId::new(&format!("V-{id}")).ok(),
            state,
            occurrences: 1,
            suppressed: 0,
            incident: None,
            acknowledged: None,
            snoozed_until: None,
            evidence: None,
            late: false,
            delivery: Default::default(),
        }
    }

    /// V-1 has most room.
    fn room(id: &VaultId) -> Option<Percent> {
        let number: i64 = id.as_str().strip_prefix("V-")?.parse().ok()?;
        Some(Percent((100 - number).into()))
    }

    #[test]
    fn the_worst_news_wins() {
        let of = |c: Circumstances<'_>| TrayView::of(&c);
        assert_eq!(of(calm()).icon, TrayIcon::Live);
        assert_eq!(of(calm()).title, "VaultWatch DEMO");
        assert_eq!(of(Circumstances { stale: 1, ..calm() }).icon, TrayIcon::Degraded);
        let blocked = of(Circumstances { blocked: Some("x"), ..calm() });
        assert_eq!(blocked.icon, TrayIcon::Degraded);
        assert!(blocked.tooltip.ends_with("\nNotifications may not be seen: x"));
        let down = Circumstances { feed: &FeedState::Offline, stale: 200, ..calm() };
        assert_eq!(of(down.clone()).icon, TrayIcon::Down);
        let critical = of(Circumstances { critical: 2, ..down });
        assert_eq!(critical.icon, TrayIcon::Critical { count: 2 });
        assert_eq!(
            critical.state_line,
            "Offline · no network, nothing is guarded · 200 vaults · 2 critical when last seen"
        );
        assert_eq!(critical.attention, Attention::Normal, "somebody has looked");
    }

    #[test]
    fn the_three_worst_are_listed_and_what_nobody_has_seen_before_the_rest() {
        use NotificationState::{Acknowledged, Firing, Snoozed};
        let all = [
            alert(1, Level::Critical, Firing),
            alert(2, Level::High, Firing),
            alert(3, Level::Critical, Firing),
            alert(4, Level::Critical, Acknowledged),
        ];
        let listed = worst_first(Language::English, all.iter(), room);
        let ids: Vec<_> = listed.iter().map(|alert| alert.id.0).collect();
        assert_eq!(ids, [3, 1, 2]);
        let view = TrayView::of(&Circumstances { alerts: listed, critical: 3, ..calm() });
        assert_eq!(view.attention, Attention::Needed);
        assert!(view.tooltip.contains("3 critical\nV-3: something\n"), "{}", view.tooltip);
        let seen = [alert(4, Level::Critical, Acknowledged), alert(5, Level::Critical, Snoozed)];
        let listed = worst_first(Language::English, seen.iter(), room);
        assert_eq!(listed[0].text, "V-5: something (snoozed)");
        assert_eq!(listed[1].text, "V-4: something (acknowledged)");
        let view = TrayView::of(&Circumstances { alerts: listed, critical: 2, ..calm() });
        assert_eq!(view.attention, Attention::Normal);
    }

    #[test]
    fn a_german_reads_german() {
        let german =
            |c: Circumstances<'_>| TrayView::of(&Circumstances { language: Language::German, ..c });
        assert_eq!(
            german(Circumstances { vaults: 1, stale: 1, ..calm() }).state_line,
            "Live · 1 Vault · 1 veraltet"
        );
        let feed = &FeedState::Offline;
        assert_eq!(
            german(Circumstances { feed, critical: 2, ..calm() }).state_line,
            "Offline · kein Netz, nichts wird überwacht · 200 Vaults · 2 zuletzt kritisch"
        );
        let seen = alert(1, Level::High, NotificationState::Acknowledged);
        let alerts = worst_first(Language::German, [&seen].into_iter(), room);
        assert_eq!(alerts[0].text, "V-1: something (quittiert)");
        let blocked = german(Circumstances { blocked: Some("x"), alerts, ..calm() });
        assert_eq!(blocked.language, Language::German);
        assert_eq!(
            blocked.tooltip,
            "Live · 200 Vaults\nV-1: something (quittiert)\nBenachrichtigungen werden womöglich nicht gesehen: x"
        );
    }

    #[test]
    fn the_english_words_are_those_of_whoever_reads_them_by_program() {
        let (cause, attempt, retry_at) = (String::new(), 1, UnixMillis(0));
        for feed in [
            FeedState::Waiting { cause: cause.clone() },
            FeedState::Connecting { attempt },
            FeedState::Live,
            FeedState::Retrying { attempt, retry_at, cause: cause.clone() },
            FeedState::Offline,
            FeedState::NotGuarded { cause, retry_at: None },
        ] {
            assert_eq!(feed_word(Language::English, &feed), feed.word());
        }
    }

    #[test]
    fn a_long_title_is_cut() {
        let long = NotificationView {
            title: "€".repeat(200),
            ..alert(1, Level::High, NotificationState::Firing)
        };
        let text = &worst_first(Language::English, [&long].into_iter(), room)[0].text;
        assert_eq!(text.chars().count(), LINE + 1);
    }
}
