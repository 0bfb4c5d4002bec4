use domain::view::{NotificationState, Target, Theme};

use crate::clock;
use crate::design::Icon;
use crate::live::Snooze;
use crate::session::Session;
use crate::shell::route;
use crate::words::{palette as say, rail};

/// Something the window can do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Command {
    pub(super) title: &'static str,
    /// Other words for it.
    pub(super) words: &'static str,
    pub(super) icon: Icon,
    pub(super) deed: Deed,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Deed {
    Go(Page),
    /// A part of the settings, by the id of its element.
    Section(&'static str),
    AcknowledgeAll,
    MarkAllRead,
    SnoozeAll(Snooze),
    Undo,
    Theme(Theme),
    TestCritical,
    Shortcuts,
}

/// A page without an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    Overview,
    Alerts,
    Markets,
    WhatIf,
    System,
    Settings,
    Rules,
    Welcome,
}

impl Page {
    fn target(self) -> Target {
        match self {
            Self::Overview => Target::Overview,
            Self::Alerts => Target::Alerts,
            Self::Markets => Target::Markets,
            Self::WhatIf => Target::WhatIf,
            Self::System => Target::System,
            Self::Settings => Target::Settings,
            Self::Rules => Target::Rules(None),
            Self::Welcome => Target::Welcome,
        }
    }
}

impl Command {
    /// What kind of thing it is.
    pub(super) fn kind(&self) -> &'static str {
        match self.deed {
            Deed::Go(_) => say::page(),
            Deed::Section(_) => say::settings(),
            _ => say::deed(),
        }
    }

    /// In test ids.
    pub(super) fn name(&self) -> &'static str {
        match self.deed {
            Deed::Go(Page::Overview) => "overview",
            Deed::Go(Page::Alerts) => "alerts",
            Deed::Go(Page::Markets) => "markets",
            Deed::Go(Page::WhatIf) => "what-if",
            Deed::Go(Page::System) => "system",
            Deed::Go(Page::Settings) => "settings",
            Deed::Go(Page::Rules) => "rules",
            Deed::Go(Page::Welcome) => "welcome",
            Deed::Section(id) => id,
            Deed::AcknowledgeAll => "ack-all",
            Deed::MarkAllRead => "read-all",
            Deed::SnoozeAll(snooze) => match snooze {
                Snooze::TenMinutes => "snooze-10m",
                Snooze::QuarterHour => "snooze-15m",
                Snooze::Hour => "snooze-1h",
                Snooze::Tomorrow => "snooze-tomorrow",
            },
            Deed::Undo => "undo",
            Deed::Theme(Theme::System) => "theme-system",
            Deed::Theme(Theme::Dark) => "theme-dark",
            Deed::Theme(Theme::Light) => "theme-light",
            Deed::TestCritical => "test",
            Deed::Shortcuts => "shortcuts",
        }
    }
}

impl Deed {
    pub(super) fn carry_out(self, session: &Session) {
        match self {
            Self::Go(page) => route::open(&page.target()),
            Self::Section(id) => {
                route::open(&Target::Settings);
                // Once the page is there.
                clock::soon(80, move || show(id));
            }
            Self::AcknowledgeAll => {
                let firing = session.live.read(|state| {
                    let all = state.inbox.all().iter();
                    let firing = all.filter(|one| one.state == NotificationState::Firing);
                    firing.map(|one| one.id).collect::<Vec<_>>()
                });
                session.acknowledge(&firing);
            }
            Self::MarkAllRead => session.mark_all_read(),
            Self::SnoozeAll(snooze) => session.snooze_all(snooze),
            Self::Undo => session.undo(),
            Self::Theme(theme) => session.set_theme(theme),
            Self::TestCritical => Self::Section("settings-proof").carry_out(session),
            // The frame's.
            Self::Shortcuts => {}
        }
    }
}

fn show(id: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(part) = document.and_then(|document| document.get_element_by_id(id)) {
        part.scroll_into_view();
    }
}

/// All of them, what is wanted most first.
pub(super) fn all() -> impl Iterator<Item = Command> {
    let go = |title, words, icon, page| Command { title, words, icon, deed: Deed::Go(page) };
    let section =
        |title, words, id| Command { title, words, icon: Icon::Settings, deed: Deed::Section(id) };
    let act = |title, words, icon, deed| Command { title, words, icon, deed };
    let snooze =
        |title, snooze| act(title, say::snooze_words(), Icon::Wait, Deed::SnoozeAll(snooze));
    let theme = |title, theme| act(title, say::theme_words(), Icon::Moon, Deed::Theme(theme));
    [
        act(
            say::acknowledge_all(),
            say::acknowledge_all_words(),
            Icon::Check,
            Deed::AcknowledgeAll,
        ),
        snooze(say::snooze_quarter(), Snooze::QuarterHour),
        snooze(say::snooze_hour(), Snooze::Hour),
        snooze(say::snooze_tomorrow(), Snooze::Tomorrow),
        go(rail::overview(), say::overview_words(), Icon::Overview, Page::Overview),
        go(rail::alerts(), say::alerts_words(), Icon::Bell, Page::Alerts),
        go(rail::what_if(), say::what_if_words(), Icon::WhatIf, Page::WhatIf),
        go(rail::markets(), say::markets_words(), Icon::Markets, Page::Markets),
        go(rail::system(), say::system_words(), Icon::System, Page::System),
        go(rail::settings(), say::settings_words(), Icon::Settings, Page::Settings),
        go(say::rules(), say::rules_words(), Icon::Settings, Page::Rules),
        go(say::connect(), say::connect_words(), Icon::Settings, Page::Welcome),
        act(say::test(), say::test_words(), Icon::Bell, Deed::TestCritical),
        act(say::undo(), say::undo_words(), Icon::Back, Deed::Undo),
        act(say::read_all(), say::read_all_words(), Icon::Check, Deed::MarkAllRead),
        theme(say::theme_dark(), Theme::Dark),
        theme(say::theme_light(), Theme::Light),
        theme(say::theme_system(), Theme::System),
        section(say::section_profiles(), say::section_profiles_words(), "settings-profiles"),
        section(say::section_alerts(), say::section_alerts_words(), "settings-alerts"),
        section(say::section_channels(), say::section_channels_words(), "settings-channels"),
        section(say::section_start(), say::section_start_words(), "settings-start"),
        section(say::section_toasts(), say::section_toasts_words(), "settings-toasts"),
        section(say::section_kept(), say::section_kept_words(), "settings-retention"),
        section(say::section_plugins(), say::section_plugins_words(), "settings-plugins"),
        section(say::section_keys(), say::section_keys_words(), "settings-keys"),
        act(say::shortcuts(), say::shortcuts_words(), Icon::Info, Deed::Shortcuts),
    ]
    .into_iter()
}
