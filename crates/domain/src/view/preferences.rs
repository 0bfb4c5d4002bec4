use std::collections::BTreeMap;
use std::num::ParseIntError;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wire::UnixMillis;

use super::SavedViews;

/// What the person chose of the window's looks and manners; the theme, which is older, is kept on its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Preferences {
    pub toasts: Toasts,
    /// Names of the table's columns that are not shown. One that is not known any more is ignored.
    pub hidden_columns: Vec<SmolStr>,
    /// CSS pixels of columns that were given a width, by the column's name.
    pub column_widths: BTreeMap<SmolStr, u16>,
    /// Names of the table's columns as somebody put them in order; empty: as they are at first. One that is not known any
    /// more is ignored, one that is missing has its place behind the column it follows at first.
    pub column_order: Vec<SmolStr>,
    pub saved_views: SavedViews,
    /// The end of the last absence that was told and waved away.
    pub away_seen: Option<UnixMillis>,
    /// Somebody has chosen what to watch, or to look at the demo: the question is not asked again.
    pub welcomed: bool,
    /// Closing the window quits; else watching goes on from the tray.
    pub close_quits: bool,
    pub language: LanguageChoice,
}

/// In which language the window speaks, and alerts are told. Refusals, and why something failed, are English.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LanguageChoice {
    /// The system's, where it is known here; else English.
    #[default]
    #[serde(rename = "system")]
    System,
    #[serde(rename = "en")]
    English,
    #[serde(rename = "de")]
    German,
}

/// How notifications fly over the page. Dismissing one never removes it from the center.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Toasts {
    pub position: ToastPosition,
    /// Visible at once; more wait behind them.
    pub max_notifications: ToastLimit,
    /// Whether information and good news go by themselves. Critical alerts and errors never do.
    pub auto_dismiss: bool,
    pub dismiss_delay: ToastDelay,
}

impl Default for Toasts {
    fn default() -> Self {
        Self {
            position: ToastPosition::default(),
            max_notifications: ToastLimit::default(),
            auto_dismiss: true,
            dismiss_delay: ToastDelay::default(),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToastPosition {
    TopLeft,
    TopCenter,
    TopRight,
    BottomLeft,
    BottomCenter,
    #[default]
    BottomRight,
}

impl ToastPosition {
    /// In reading order.
    pub const ALL: [Self; 6] = [
        Self::TopLeft,
        Self::TopCenter,
        Self::TopRight,
        Self::BottomLeft,
        Self::BottomCenter,
        Self::BottomRight,
    ];
}

/// A setting is out of its range, or no whole number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from {least} to {most}")]
pub struct OutOfRange {
    least: u32,
    most: u32,
}

macro_rules! bounded {
    ($(#[$meta:meta])* $name:ident: $least:literal..=$most:literal, default $default:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "u32", into = "u32")]
        pub struct $name(u32);

        impl $name {
            pub const LEAST: u32 = $least;
            pub const MOST: u32 = $most;

            #[must_use]
            pub fn get(self) -> u32 {
                self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self($default)
            }
        }

        impl TryFrom<u32> for $name {
            type Error = OutOfRange;

            fn try_from(number: u32) -> Result<Self, OutOfRange> {
                if (Self::LEAST..=Self::MOST).contains(&number) {
                    Ok(Self(number))
                } else {
                    Err(OutOfRange { least: Self::LEAST, most: Self::MOST })
                }
            }
        }

        impl From<$name> for u32 {
            fn from(bounded: $name) -> Self {
                bounded.0
            }
        }

        impl FromStr for $name {
            type Err = OutOfRange;

            fn from_str(text: &str) -> Result<Self, OutOfRange> {
                let out_of_range =
                    |_: ParseIntError| OutOfRange { least: Self::LEAST, most: Self::MOST };
                text.trim().parse::<u32>().map_err(out_of_range)?.try_into()
            }
        }
    };
}

bounded! {
    /// Toasts visible at once, 1 to 20; 5 unless chosen.
    ToastLimit: 1..=20, default 5
}

bounded! {
    /// Milliseconds that a toast of information or good news stays, 1 s to 2 min; 5 s unless chosen.
    ToastDelay: 1_000..=120_000, default 5_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_the_documented_ones() {
        let json = serde_json::to_string(&Preferences::default()).unwrap();
        insta::assert_snapshot!(json, @r#"{"toasts":{"position":"bottom-right","maxNotifications":5,"autoDismiss":true,"dismissDelay":5000},"hiddenColumns":[],"columnWidths":{},"columnOrder":[],"savedViews":[],"awaySeen":null,"welcomed":false,"closeQuits":false,"language":"system"}"#);
        assert_eq!(serde_json::from_str::<Preferences>(&json).unwrap(), Preferences::default());
    }

    #[test]
    fn what_was_not_chosen_has_its_default_and_what_makes_no_sense_is_refused() {
        let read = |json: &str| serde_json::from_str::<Preferences>(json);
        let some = read(r#"{"toasts":{"position":"top-left"}}"#).unwrap();
        assert_eq!(some.toasts.position, ToastPosition::TopLeft);
        assert_eq!(some.toasts.max_notifications.get(), 5);
        assert!(some.column_order.is_empty());
        assert!(read(r#"{"toasts":{"maxNotifications":0}}"#).is_err());
        assert!(read(r#"{"toasts":{"dismissDelay":999}}"#).is_err());
        assert!(read(r#"{"toasts":{"position":"middle"}}"#).is_err());
    }

    #[test]
    fn a_field_says_its_range() {
        assert_eq!(" 20 ".parse::<ToastLimit>().unwrap().get(), 20);
        for text in ["", "0", "21", "-1", "2.5", "many"] {
            let refused = text.parse::<ToastLimit>().unwrap_err();
            assert_eq!(refused.to_string(), "must be a whole number from 1 to 20", "{text}");
        }
    }
}
