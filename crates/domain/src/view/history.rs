use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wire::UnixMillis;

use crate::sample::Figure;
use crate::units::{HealthFactor, Percent, Usd, VaultId};

/// Figures of one vault over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryQuery {
    pub vault: VaultId,
    /// Which; empty: all of them.
    pub figures: Vec<Figure>,
    pub from: UnixMillis,
    /// Exclusively.
    pub to: UnixMillis,
    /// About as many points as can be shown: the resolution is the finest that needs no more.
    pub points: u32,
}

impl HistoryQuery {
    /// Most points of one answer: a day, minute by minute.
    pub const POINTS_LIMIT: u32 = 1_500;
}

/// The answer. What is not known has no point; of the running minute there is none yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryView {
    /// Seconds that one point stands for.
    pub step: u32,
    /// One for each figure that was asked for.
    pub series: Vec<SeriesView>,
}

/// One figure, in order of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SeriesView {
    Ltv(Vec<PointView<Percent>>),
    Limit(Vec<PointView<Percent>>),
    Room(Vec<PointView<Percent>>),
    Health(Vec<PointView<HealthFactor>>),
    Collateral(Vec<PointView<Usd>>),
    Debt(Vec<PointView<Usd>>),
    Price(Vec<PointView<Usd>>),
}

/// How a token's price went over the last day, for a line beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceTrend {
    pub token: SmolStr,
    /// Half hour by half hour, the oldest first, [`PriceTrend::POINTS`] in all: how far the price was from the first one
    /// known, in hundredths of a percent. `None`: it is not known.
    pub points: Vec<Option<i32>>,
}

impl PriceTrend {
    pub const POINTS: usize = 48;
    /// Most tokens of one question.
    pub const TOKENS: usize = 60;

    /// From the first price of the day to the last one, in hundredths of a percent.
    #[must_use]
    pub fn change(&self) -> Option<i32> {
        let known = self.points.iter().flatten().count();
        if known < 2 { None } else { self.points.iter().rev().flatten().next().copied() }
    }
}

/// What a figure was during one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PointView<T> {
    /// The beginning of the step.
    pub at: UnixMillis,
    pub min: T,
    pub max: T,
    pub last: T,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_read_back_as_it_was_written() {
        let percent = |text: &str| text.parse::<Percent>().unwrap();
        let point = PointView {
            at: UnixMillis(60_000),
            min: percent("7.878787"),
            max: percent("21"),
            last: percent("15.5"),
        };
        let view = HistoryView {
            step: 60,
            series: vec![SeriesView::Room(vec![point]), SeriesView::Price(Vec::new())],
        };
        let json = serde_json::to_string(&view).unwrap();
        insta::assert_snapshot!(json, @r#"{"step":60,"series":[{"room":[{"at":60000,"min":"7.878787","max":"21","last":"15.5"}]},{"price":[]}]}"#);
        assert_eq!(serde_json::from_str::<HistoryView>(&json).unwrap(), view);
    }
}
