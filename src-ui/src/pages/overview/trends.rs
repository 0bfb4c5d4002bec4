use std::cell::Cell;
use std::rc::Rc;

use domain::view::{HistoryQuery, HistoryView, SeriesView};
use domain::{Figure, UnixMillis, VaultId};
use rust_decimal::prelude::ToPrimitive;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::clock;
use crate::live::{Column, Trend};
use crate::session::{Session, rest, use_session};

/// Milliseconds before the first one is asked for: whoever scrolls by is not served.
const LATER: i32 = 300;

/// Lets the trends of the vaults in view begin with what was recorded of their last hour. Shows nothing itself.
#[component]
pub(crate) fn Trends() -> Html {
    let session = use_session();
    use_effect_with((), move |()| {
        let (under_way, own) = (Rc::new(Cell::new(false)), session.clone());
        session.on_look(Rc::new(move || {
            if !under_way.replace(true) {
                let (under_way, session) = (Rc::clone(&under_way), own.clone());
                spawn_local(async move {
                    complete(&session).await;
                    under_way.set(false);
                });
            }
        }));
    });
    Html::default()
}

/// One vault after the other, as long as it is in view: nothing else waits for a line.
async fn complete(session: &Session) {
    rest(LATER).await;
    while let Some(id) = without_hour(session) {
        let (to, turn) = (clock::now(), session.live.read(|state| state.turn));
        let query = HistoryQuery {
            vault: id.clone(),
            figures: vec![Figure::Room],
            from: UnixMillis(to.0 - Trend::HOUR),
            to,
            points: Trend::SLOTS as u32,
        };
        let history = session.vault_history(query).await;
        if session.live.read(|state| state.turn) != turn {
            // Another profile is shown, and may have a vault of that name.
            continue;
        }
        // Without an answer it begins with this window.
        session.live.begin_trend(&id, history.map(|read| rooms(&read)).unwrap_or_default());
    }
}

/// The first in view whose last hour was not asked for. Where vaults are ordered by it, all of them are to have it.
fn without_hour(session: &Session) -> Option<VaultId> {
    let looked_at = session.looked_at();
    session.live.read(|state| {
        let ordered_by_it = state.view.sort.iter().any(|sort| sort.column == Column::Trend);
        let lacks =
            |id: &VaultId| state.board.vault(id).is_some_and(|entry| !entry.trend.is_complete());
        let in_view = looked_at.into_iter().find(lacks);
        in_view.or_else(|| {
            let mut others = state.board.vaults().filter(|_| ordered_by_it);
            others.find(|entry| !entry.trend.is_complete()).map(|entry| entry.row.id.clone())
        })
    })
}

fn rooms(history: &HistoryView) -> Vec<(UnixMillis, f64)> {
    let points = history.series.iter().filter_map(|series| match series {
        SeriesView::Room(points) => Some(points),
        _ => None,
    });
    points.flatten().filter_map(|point| Some((point.at, point.last.0.to_f64()?))).collect()
}
