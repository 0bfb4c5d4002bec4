//! When a rule would have fired, as bars: one lane for each vault.

use domain::view::{DryRunView, MomentKind};
use domain::{Level, UnixMillis};

use crate::words::dry_run as say;

/// One condition over the time that was played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lane {
    /// The vault, or what the condition is called.
    pub(super) name: String,
    pub(super) bars: Vec<Bar>,
}

/// One level of one alert. In thousandths of the time that was played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bar {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) level: Level,
}

/// In the order in which they first fired.
pub(super) fn lanes(view: &DryRunView) -> Vec<Lane> {
    let mut lanes: Vec<(&str, Lane)> = Vec::new();
    let place = |at: UnixMillis| {
        let whole = (view.to.0 - view.from.0).max(1);
        ((at.0 - view.from.0) * 1_000 / whole).clamp(0, 1_000)
    };
    for moment in &view.moments {
        let known = lanes.iter().position(|(condition, _)| *condition == moment.condition);
        let lane = known.unwrap_or_else(|| {
            let vault = moment.vault.as_ref().map(ToString::to_string);
            let name = vault.unwrap_or_else(|| subject(&moment.condition));
            lanes.push((&moment.condition, Lane { name, bars: Vec::new() }));
            lanes.len() - 1
        });
        let bars = &mut lanes[lane].1.bars;
        let at = place(moment.at);
        match moment.what {
            MomentKind::Raised => bars.push(Bar { from: at, to: 1_000, level: moment.level }),
            MomentKind::Worse => {
                if let Some(last) = bars.last_mut() {
                    last.to = at;
                }
                bars.push(Bar { from: at, to: 1_000, level: moment.level });
            }
            MomentKind::Over => {
                if let Some(last) = bars.last_mut() {
                    last.to = at;
                }
            }
        }
    }
    lanes.into_iter().map(|(_, lane)| lane).collect()
}

/// `rule:depeg@1`: `Chain 1`; what is about no chain is about the platform.
fn subject(condition: &str) -> String {
    match condition.rsplit_once('@') {
        Some((_, chain)) => say::chain(chain),
        None => say::platform().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use domain::VaultId;
    use domain::view::MomentView;

    use super::*;

    fn moment(at: i64, what: MomentKind, level: Level, condition: &str) -> MomentView {
        let vault = condition.split_once(' ').and_then(|(_, id)| VaultId::new(id).ok());
        let condition = condition.to_owned();
        MomentView { at: UnixMillis(at), what, level, condition, vault, title: String::new() }
    }

    #[test]
    fn each_alert_is_a_bar_from_its_beginning_to_its_end() {
        use Level::{Critical, High};
        use MomentKind::{Over, Raised, Worse};
        let view = DryRunView {
            from: UnixMillis(1_000),
            to: UnixMillis(2_000),
            moments: vec![
                moment(1_100, Raised, High, "rule:r A"),
                moment(1_150, Raised, High, "rule:r@1"),
                moment(1_200, Worse, Critical, "rule:r A"),
                moment(1_300, Over, Critical, "rule:r A"),
                moment(1_900, Raised, High, "rule:r A"),
            ],
            ..DryRunView::default()
        };
        let bar = |from, to, level| Bar { from, to, level };
        assert_eq!(
            lanes(&view),
            [
                Lane {
                    name: "A".to_owned(),
                    bars: vec![bar(100, 200, High), bar(200, 300, Critical), bar(900, 1_000, High)]
                },
                Lane { name: "Chain 1".to_owned(), bars: vec![bar(150, 1_000, High)] },
            ]
        );
    }
}
