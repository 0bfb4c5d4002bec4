//! A stretch of a feed, played from memory, so that the window can be looked at and tested in a plain browser.
//!
//! Moments in the recording are written `"@-5000"`: milliseconds from the moment it is played. The page's query
//! chooses what is played: `?scene=waiting|connecting|unreachable|refused|lost|panic` and `?theme=dark|light`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use domain::view::{
    Attached, FeedState, FeedView, Freshness, NotificationId, NotificationState, NotificationView,
    Target, Theme, TickBatch, TickKind, VaultDetail, VaultRow, WindowEvent,
};
use domain::{UnixMillis, VaultId};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{Answer, Backend, BackendError, Sinks};
use crate::clock;

const RECORDING: &str = include_str!("recorded.json");
/// Milliseconds from one batch to the next.
const PACE: i32 = 900;

#[derive(Default)]
pub(super) struct Recorded {
    state: Rc<RefCell<State>>,
}

#[derive(Default)]
struct State {
    notifications: Vec<NotificationView>,
    rows: BTreeMap<String, VaultRow>,
}

#[derive(Deserialize)]
struct Recording<'a> {
    #[serde(borrow)]
    attached: &'a RawValue,
    first: &'a RawValue,
    batches: Vec<&'a RawValue>,
    details: BTreeMap<String, &'a RawValue>,
    /// Told after two seconds.
    news: Vec<&'a RawValue>,
}

/// What becomes of the connection in this playing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scene {
    Live,
    /// Connected, but no vault comes.
    Waiting,
    Connecting,
    /// Never connected.
    Unreachable,
    Refused,
    /// Lost after the first values.
    Lost,
    /// The window's own code fails after a second.
    Panic,
}

impl Backend for Recorded {
    fn attach(&self, sinks: Sinks) -> Answer<Attached> {
        let state = Rc::clone(&self.state);
        Box::pin(async move {
            let scene = scene();
            let mut attached: Attached = read(recording().attached)?;
            attached.feed.state = feed_state(scene);
            attached.theme = theme().unwrap_or(attached.theme);
            state.borrow_mut().notifications.clone_from(&attached.notifications);
            play(scene, &state, sinks, attached.feed.clone());
            Ok(attached)
        })
    }

    fn acknowledge_batch(&self, _seq: u64) -> Answer<()> {
        done()
    }

    fn vault_detail(&self, id: VaultId) -> Answer<Option<VaultDetail>> {
        let row = self.state.borrow().rows.get(id.as_str()).cloned();
        Box::pin(async move {
            let Some(row) = row else { return Ok(None) };
            let recording = recording();
            let Some(recorded) = recording.details.get(id.as_str()) else {
                return Ok(Some(sparse(row)));
            };
            let mut detail: VaultDetail = read(recorded)?;
            detail.row = row;
            Ok(Some(detail))
        })
    }

    fn notifications(&self) -> Answer<Vec<NotificationView>> {
        let all = self.state.borrow().notifications.clone();
        Box::pin(async move { Ok(all) })
    }

    fn mark_read(&self, id: NotificationId) -> Answer<()> {
        self.change(|one| one.read |= one.id == id)
    }

    fn mark_all_read(&self) -> Answer<()> {
        self.change(|one| one.read = true)
    }

    fn dismiss(&self, id: NotificationId) -> Answer<()> {
        self.state.borrow_mut().notifications.retain(|one| one.id != id);
        done()
    }

    fn acknowledge(&self, id: NotificationId) -> Answer<()> {
        self.change(|one| {
            if one.id == id {
                one.read = true;
                one.state = NotificationState::Acknowledged;
            }
        })
    }

    fn set_theme(&self, _theme: Theme) -> Answer<()> {
        done()
    }

    fn take_target(&self) -> Answer<Option<Target>> {
        Box::pin(async { Ok(None) })
    }

    fn export_diagnostics(&self) -> Answer<String> {
        Box::pin(async { Ok("/home/you/Downloads/vaultwatch-diagnostics.json".to_owned()) })
    }
}

impl Recorded {
    fn change(&self, change: impl Fn(&mut NotificationView)) -> Answer<()> {
        self.state.borrow_mut().notifications.iter_mut().for_each(change);
        done()
    }
}

fn done() -> Answer<()> {
    Box::pin(async { Ok(()) })
}

fn recording() -> Recording<'static> {
    serde_json::from_str(RECORDING).expect("the recording is part of this build")
}

fn play(scene: Scene, state: &Rc<RefCell<State>>, sinks: Sinks, feed: FeedView) {
    if matches!(scene, Scene::Connecting | Scene::Unreachable | Scene::Refused) {
        return;
    }
    let empty = TickBatch {
        seq: 1,
        kind: TickKind::Reset,
        vaults: Vec::new(),
        markets: Vec::new(),
        totals: None,
    };
    let mut first = match scene {
        Scene::Waiting => empty,
        _ => read(recording().first).unwrap_or(empty),
    };
    if scene == Scene::Lost {
        for row in &mut first.vaults {
            row.freshness = Freshness::Stale;
        }
        if let Some(totals) = &mut first.totals {
            totals.stale = totals.vaults;
            (totals.critical, totals.high, totals.medium, totals.low) = (0, 0, 0, 0);
            totals.closest = None;
            (totals.debt_at_risk, totals.cure) = (domain::Usd::ZERO, domain::Usd::ZERO);
        }
    }
    let state = Rc::clone(state);
    let remember = move |rows: &[VaultRow]| {
        let rows = rows.iter().map(|row| (row.id.to_string(), row.clone()));
        state.borrow_mut().rows.extend(rows);
    };
    remember(&first.vaults);
    let (ticks, events) = (Rc::new(sinks.ticks), Rc::new(sinks.events));
    // Later, as from a shell: the answer to `attach` comes first.
    wasm_bindgen_futures::spawn_local({
        let ticks = Rc::clone(&ticks);
        async move { ticks(first) }
    });
    if scene == Scene::Panic {
        clock::every(1_000, || panic!("a panic that was asked for"));
    }
    if scene != Scene::Live {
        return;
    }
    let turn = RefCell::new(0usize);
    clock::every(PACE, move || {
        let recording = recording();
        let turn = turn.replace_with(|turn| *turn + 1);
        if let Some(Ok(batch)) =
            recording.batches.get(turn % recording.batches.len()).map(|raw| read::<TickBatch>(raw))
        {
            remember(&batch.vaults);
            ticks(batch);
        }
        if let Some(Ok(event)) =
            turn.checked_sub(1).and_then(|turn| recording.news.get(turn)).map(|raw| read(raw))
        {
            events(event);
        }
        if turn % 2 == 1 {
            let mut feed = feed.clone();
            feed.messages += 14 * turn as u64;
            feed.last_message = Some(clock::now());
            events(WindowEvent::Feed(feed));
        }
    });
}

/// A vault of which only the row was recorded.
fn sparse(row: VaultRow) -> VaultDetail {
    VaultDetail {
        verdict: "Room enough. Nothing to do.".to_owned(),
        agent_id: None,
        collateral: Vec::new(),
        debt: Vec::new(),
        measure: None,
        price: None,
        recomputed_ltv: None,
        reported_health_factor: None,
        cure: None,
        liquidation_protection: None,
        created_at: None,
        updated_at: None,
        last_risk_check: None,
        row,
    }
}

fn read<T: DeserializeOwned>(raw: &RawValue) -> Result<T, BackendError> {
    serde_json::from_str(&dated(raw.get(), clock::now())).map_err(|error| {
        BackendError::Unreadable { what: "the recording", reason: error.to_string() }
    })
}

/// The text with each `"@n"` replaced by the moment `n` milliseconds from now.
fn dated(text: &str, now: UnixMillis) -> String {
    let mut dated = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\"@") {
        let (offset, after) = after.split_once('"').unwrap_or((after, ""));
        dated.push_str(before);
        dated.push_str(&(now.0 + offset.parse::<i64>().unwrap_or(0)).to_string());
        rest = after;
    }
    dated.push_str(rest);
    dated
}

fn feed_state(scene: Scene) -> FeedState {
    let soon = clock::now().plus(Duration::from_secs(7));
    match scene {
        Scene::Live | Scene::Waiting | Scene::Panic => FeedState::Live,
        Scene::Connecting => FeedState::Connecting { attempt: 1 },
        Scene::Unreachable | Scene::Lost => FeedState::Retrying {
            attempt: 4,
            retry_at: soon,
            cause: "connection refused".to_owned(),
        },
        Scene::Refused => FeedState::NotGuarded {
            cause: "the token is not valid (401)".to_owned(),
            retry_at: Some(soon),
        },
    }
}

fn scene() -> Scene {
    match query("scene").as_deref() {
        Some("waiting") => Scene::Waiting,
        Some("connecting") => Scene::Connecting,
        Some("unreachable") => Scene::Unreachable,
        Some("refused") => Scene::Refused,
        Some("lost") => Scene::Lost,
        Some("panic") => Scene::Panic,
        _ => Scene::Live,
    }
}

fn theme() -> Option<Theme> {
    match query("theme")?.as_str() {
        "dark" => Some(Theme::Dark),
        "light" => Some(Theme::Light),
        _ => None,
    }
}

fn query(name: &str) -> Option<String> {
    let search = web_sys::window()?.location().search().ok()?;
    let pairs = search.trim_start_matches('?').split('&');
    pairs
        .filter_map(|pair| pair.split_once('='))
        .find(|pair| pair.0 == name)
        .map(|pair| pair.1.to_owned())
}
