use yew::prelude::*;

/// Line icons on a grid of 24, drawn with the text's colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    Overview,
    Bell,
    Markets,
    System,
    Settings,
    Search,
    Sun,
    Moon,
    Close,
    Back,
    Check,
    Down,
    Up,
    Warning,
    Info,
    Offline,
    Wait,
    More,
    WhatIf,
    Plus,
    Minus,
    Whole,
    Save,
}

impl Icon {
    /// For the page that shows them.
    #[cfg(feature = "recorded")]
    pub(crate) const ALL: [Self; 23] = [
        Self::Overview,
        Self::Bell,
        Self::Markets,
        Self::System,
        Self::Settings,
        Self::Search,
        Self::Sun,
        Self::Moon,
        Self::Close,
        Self::Back,
        Self::Check,
        Self::Down,
        Self::Up,
        Self::Warning,
        Self::Info,
        Self::Offline,
        Self::Wait,
        Self::More,
        Self::WhatIf,
        Self::Plus,
        Self::Minus,
        Self::Whole,
        Self::Save,
    ];

    fn path(self) -> &'static str {
        match self {
            Self::Overview => "M4 6h16M4 12h16M4 18h10",
            Self::Bell => "M6 9.5a6 6 0 0 1 12 0c0 5.5 2 7 2 7H4s2-1.5 2-7M10 20h4",
            Self::Markets => "M3 17l5-6 4 4 8.5-9.500M15.500 5.500h5v5",
            Self::System => "M3 12h4l3 8 4-16 3 8h4",
            Self::Settings => {
                "M4 7h9M19 7h1M4 17h1M11 17h9M16 4.500a2.500 2.500 0 1 0 0 5a2.500 2.500 0 1 0 0-5M8 14.500a2.500 2.500 0 1 0 0 5a2.500 2.500 0 1 0 0-5"
            }
            Self::Search => {
                "M10.500 4a6.500 6.500 0 1 0 0 13a6.500 6.500 0 1 0 0-13M15.500 15.500L20 20"
            }
            Self::Sun => {
                "M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8M12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400"
            }
            Self::Moon => "M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z",
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::Back => "M19 12H5M11 6l-6 6 6 6",
            Self::Check => "M5 12.500l4.500 4.500L19 7.500",
            Self::Down => "M7 10l5 5 5-5",
            Self::Up => "M7 14l5-5 5 5",
            Self::Warning => "M12 4L2.500 20h19L12 4zM12 10v4.500M12 17.200v.100",
            Self::Info => {
                "M12 3.500a8.500 8.500 0 1 0 0 17a8.500 8.500 0 1 0 0-17M12 11v5M12 8v.100"
            }
            Self::Offline => {
                "M12 3.500a8.500 8.500 0 1 0 0 17a8.500 8.500 0 1 0 0-17M6.200 6.200l11.600 11.600"
            }
            // Rings as thin as their line: dots, however fine the line is drawn.
            Self::More => {
                "M5.500 11a1 1 0 1 0 0 2a1 1 0 1 0 0-2M12 11a1 1 0 1 0 0 2a1 1 0 1 0 0-2M18.500 11a1 1 0 1 0 0 2a1 1 0 1 0 0-2"
            }
            Self::WhatIf => {
                "M12 4v5M12 9L5.500 14.500V20M12 9l6.500 5.500V20M3 17.500L5.500 20 8 17.500M16 17.500l2.500 2.500 2.500-2.500"
            }
            Self::Plus => "M12 5.500v13M5.500 12h13",
            Self::Minus => "M5.500 12h13",
            Self::Whole => "M4 9V5.500h3.500M20 9V5.500h-3.500M4 15v3.500h3.500M20 15v3.500h-3.500",
            Self::Save => "M12 4v10M7.500 10l4.500 4.500 4.500-4.500M5 19.500h14",
            Self::Wait => "M12 3.500a8.500 8.500 0 1 0 0 17a8.500 8.500 0 1 0 0-17M12 7.500V12l3 2",
        }
    }

    pub(crate) fn html(self) -> Html {
        html! {
            <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d={self.path()} /></svg>
        }
    }
}

/// The mark of the application: a shield whose dial shows how far a loan is from liquidation.
pub(crate) fn mark() -> Html {
    html! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
            <path class="mark-plate" d="M16 2.500 28.500 6.200V16C28.500 23 23.500 27.500 16 29.800 8.500 27.500 3.500 23 3.500 16V6.200Z" />
            <g class="mark-dial">
                <path class="mark-ok" d="M10 21A7 7 0 0 1 14.800 10.700" />
                <path class="mark-critical" d="M17.200 10.700A7 7 0 0 1 22 21" />
            </g>
            <circle class="mark-hub" cx="16" cy="17.500" r="2.300" />
        </svg>
    }
}
