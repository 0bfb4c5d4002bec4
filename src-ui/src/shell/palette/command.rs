use domain::view::{NotificationState, Target, Theme};

use crate::clock;
use crate::design::Icon;
use crate::live::Snooze;
use crate::session::Session;
use crate::shell::route;

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
            Deed::Go(_) => "Page",
            Deed::Section(_) => "Settings",
            _ => "Do",
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
        |title, snooze| act(title, "silence mute quiet", Icon::Wait, Deed::SnoozeAll(snooze));
    let theme = |title, theme| act(title, "appearance colour", Icon::Moon, Deed::Theme(theme));
    [
        act("Acknowledge all alerts", "ack seen", Icon::Check, Deed::AcknowledgeAll),
        snooze("Snooze all for 15 minutes", Snooze::QuarterHour),
        snooze("Snooze all for an hour", Snooze::Hour),
        snooze("Snooze all until tomorrow", Snooze::Tomorrow),
        go("Overview", "table vaults home", Icon::Overview, Page::Overview),
        go("Alerts", "notifications center", Icon::Bell, Page::Alerts),
        go("What if", "shock stress crash portfolio price", Icon::WhatIf, Page::WhatIf),
        go("Markets", "prices gas", Icon::Markets, Page::Markets),
        go("System", "diagnostics connection log", Icon::System, Page::System),
        go("Settings", "preferences options", Icon::Settings, Page::Settings),
        go("Rules and policies", "own alerts", Icon::Settings, Page::Rules),
        go(
            "Connect a feed",
            "wizard welcome first profile add address",
            Icon::Settings,
            Page::Welcome,
        ),
        act(
            "Would an alert reach me?",
            "test critical proof sound",
            Icon::Bell,
            Deed::TestCritical,
        ),
        act("Take back what was done last", "undo", Icon::Back, Deed::Undo),
        act("Mark all alerts as read", "unread badge", Icon::Check, Deed::MarkAllRead),
        theme("Theme: dark", Theme::Dark),
        theme("Theme: light", Theme::Light),
        theme("Theme: as the system", Theme::System),
        section("Settings: profiles", "tenant add rename pause remove", "settings-profiles"),
        section("Settings: alerts", "quiet hours repeat sound digest amounts", "settings-alerts"),
        section("Settings: sound and channels", "webhook ntfy call alarm", "settings-channels"),
        section("Settings: start and window", "autostart tray close login", "settings-start"),
        section("Settings: toasts", "position dismiss", "settings-toasts"),
        section(
            "Settings: how long things are kept",
            "retention history disk",
            "settings-retention",
        ),
        section("Settings: plugins", "scripts rhai", "settings-plugins"),
        section("Settings: encryption keys", "keys keychain seal", "settings-keys"),
        act("Keyboard shortcuts", "keys help", Icon::Info, Deed::Shortcuts),
    ]
    .into_iter()
}
