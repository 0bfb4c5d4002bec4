use std::time::Duration;

use domain::Language;
use domain::view::{Destination, Mode, Target};
use jiff::Zoned;
use monitor::{Attention, TrayIcon, TrayView};

use crate::say::tray as say;

/// Lines for alerts, empty ones hidden: trays change the items they have rather than make new ones.
pub(super) const ALERTS: usize = 3;

/// Until when all alerts are put off. What gets worse comes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Snooze {
    QuarterHour,
    Hour,
    /// The next morning.
    UntilTomorrow,
}

/// When somebody who sleeps wants to hear of it again.
const MORNING: i8 = 7;

impl Snooze {
    pub(super) const ALL: [Self; 3] = [Self::QuarterHour, Self::Hour, Self::UntilTomorrow];

    pub(super) fn label(self, language: Language) -> &'static str {
        match self {
            Self::QuarterHour => say::quarter_hour(language),
            Self::Hour => say::hour(language),
            Self::UntilTomorrow => say::until_tomorrow(language),
        }
    }

    /// How long from now. Mornings are local ones.
    pub(crate) fn from(self, now: &Zoned) -> Duration {
        match self {
            Self::QuarterHour => Duration::from_secs(15 * 60),
            Self::Hour => Duration::from_secs(3_600),
            Self::UntilTomorrow => {
                let morning = now.tomorrow().and_then(|day| {
                    day.with().hour(MORNING).minute(0).second(0).subsec_nanosecond(0).build()
                });
                let left = morning.map(|morning| now.duration_until(&morning).unsigned_abs());
                // There is no tomorrow at the end of the calendar.
                left.unwrap_or(Duration::from_secs(12 * 3_600))
            }
        }
    }
}

/// Which of the project's tray icons is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Picture {
    Live,
    Degraded,
    Down,
    Critical { count: u32 },
}

/// The item as a tray shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// Of the menu around what is said here.
    pub(super) language: Language,
    pub(super) picture: Picture,
    pub(super) attention: Attention,
    pub(super) title: String,
    /// A line of the menu that cannot be clicked.
    pub(super) state_line: String,
    pub(super) tooltip: String,
    /// What to look at next, and where a click leads; [`ALERTS`] at the most.
    pub(super) alerts: Vec<(String, Destination)>,
    /// How each profile stands, and where a click leads; none where there is but one.
    pub(super) profiles: Vec<(String, Destination)>,
}

impl Item {
    /// Before the monitor has said anything.
    pub(super) fn starting(language: Language, mode: &Mode) -> Self {
        let state_line = say::starting(language).to_owned();
        Self {
            language,
            picture: Picture::Down,
            attention: Attention::Normal,
            title: crate::window::title(mode).to_owned(),
            tooltip: state_line.clone(),
            state_line,
            alerts: Vec::new(),
            profiles: Vec::new(),
        }
    }
}

impl From<&TrayView> for Item {
    fn from(view: &TrayView) -> Self {
        let picture = match view.icon {
            TrayIcon::Live => Picture::Live,
            TrayIcon::Degraded => Picture::Degraded,
            TrayIcon::Down => Picture::Down,
            TrayIcon::Critical { count } => Picture::Critical { count },
        };
        let alerts = view.alerts.iter().take(ALERTS).map(|alert| {
            let (profile, target) = (alert.profile.clone(), alert.target.clone());
            (alert.text.clone(), Destination { profile, target })
        });
        let profiles = view.profiles.iter().map(|profile| {
            (profile.line.clone(), Destination::of(&profile.name, Target::Overview))
        });
        Self {
            language: view.language,
            picture,
            attention: view.attention,
            title: view.title.clone(),
            state_line: view.state_line.clone(),
            tooltip: view.tooltip.clone(),
            alerts: alerts.collect(),
            profiles: profiles.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_called_live_before_it_is() {
        let item = Item::starting(Language::English, &Mode::Demo);
        assert_eq!(item.picture, Picture::Down);
        assert_eq!(item.state_line, "Starting");
        assert_eq!(item.title, "VaultWatch DEMO");
    }

    #[test]
    fn what_is_critical_is_counted_and_attention_is_the_monitors_to_ask_for() {
        let view = |icon, attention| TrayView {
            language: Language::English,
            icon,
            attention,
            title: "VaultWatch".into(),
            state_line: "Live · 1 vault".into(),
            tooltip: "Live · 1 vault".into(),
            alerts: Vec::new(),
            profiles: Vec::new(),
        };
        let item = Item::from(&view(TrayIcon::Critical { count: 3 }, Attention::Normal));
        assert_eq!(
            (item.picture, item.attention),
            (Picture::Critical { count: 3 }, Attention::Normal)
        );
        let item = Item::from(&view(TrayIcon::Live, Attention::Needed));
        assert_eq!((item.picture, item.attention), (Picture::Live, Attention::Needed));
    }

    #[test]
    fn tomorrow_is_the_next_morning_where_the_person_is() {
        let left = |now: &str| {
            let now: Zoned = now.parse().unwrap();
            Snooze::UntilTomorrow.from(&now).as_secs() / 60
        };
        assert_eq!(left("2026-11-26T22:30[Europe/Berlin]"), 8 * 60 + 30);
        assert_eq!(left("2026-11-26T03:00[Europe/Berlin]"), 28 * 60);
        // The night that has an hour more, and the one that has an hour less.
        assert_eq!(left("2026-10-24T23:00[Europe/Berlin]"), 9 * 60);
        assert_eq!(left("2026-03-28T23:00[Europe/Berlin]"), 7 * 60);
    }
}
