//! Trends of the vaults in view begin with what was recorded of their last hour.

use domain::view::{HistoryQuery, HistoryView, SeriesView};
use domain::{Figure, UnixMillis, VaultId};
use rust_decimal::prelude::ToPrimitive;
use wasm_bindgen_futures::spawn_local;

use super::{Session, rest};
#[cfg(not(feature = "recorded"))]
use crate::backend::Backend as _;
use crate::clock;
use crate::live::Trend;

/// Milliseconds before the first one is asked for: what is seen first is there by then.
const LATER: i32 = 400;

impl Session {
    /// One vault after the other, as long as it is in view: nothing waits for a line.
    pub(super) fn complete_trends(&self) {
        if self.own.completing.replace(true) {
            return;
        }
        let session = self.clone();
        spawn_local(async move {
            rest(LATER).await;
            while let Some(id) = session.without_trend() {
                let to = clock::now();
                let query = HistoryQuery {
                    vault: id.clone(),
                    figures: vec![Figure::Room],
                    from: UnixMillis(to.0 - Trend::HOUR),
                    to,
                    points: Trend::SLOTS as u32,
                };
                let history = session.own.backend.vault_history(query).await;
                // Without an answer it begins with this window.
                session.live.begin_trend(&id, history.map(|read| rooms(&read)).unwrap_or_default());
            }
            session.own.completing.set(false);
        });
    }

    /// The first in view whose last hour was not asked for.
    fn without_trend(&self) -> Option<VaultId> {
        let looked_at = self.own.looked_at.borrow();
        self.live.read(|state| {
            let lacks = |id: &&VaultId| {
                state.board.vault(id).is_some_and(|entry| !entry.trend.is_complete())
            };
            looked_at.iter().find(lacks).cloned()
        })
    }
}

fn rooms(history: &HistoryView) -> Vec<(UnixMillis, f64)> {
    let points = history.series.iter().filter_map(|series| match series {
        SeriesView::Room(points) => Some(points),
        _ => None,
    });
    points.flatten().filter_map(|point| Some((point.at, point.last.0.to_f64()?))).collect()
}
