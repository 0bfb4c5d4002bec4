use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use domain::view::Mode;
use gateway::EmbeddedGateway;
use monitor::MonitorHandle;
use monitor::config::{Adjust, Pen, Resolved};
use monitor::rules::{RuleDesk, RulesPlace};
use realtime::Persistence;
use store::History;
use tokio::task::AbortHandle;

use super::watches::Watches;
use crate::bridge::Bridge;
use crate::call_out::{CallOuts, Channels};
use crate::failure::Failure;
use crate::feed::Feed;
use crate::notify::{self, Eyes, Veil, Wishes};
use crate::obstacles::Obstacles;
use crate::{outbox, say, storage};

/// The watch has this long to close its connection and to write what is unwritten.
const PATIENCE: Duration = Duration::from_secs(3);
/// And this long to let go of its files.
const LETTING_GO: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(10);
/// What the desktop shows is closed within this time.
const CLEARING: Duration = Duration::from_millis(500);

/// One profile under watch, with everything that is its own.
pub(crate) struct Watch {
    pub(crate) monitor: MonitorHandle,
    pub(crate) desk: RuleDesk,
    pub(crate) channels: Channels,
    pub(crate) obstacles: Obstacles,
    call_outs: CallOuts,
    wishes: Wishes,
    notifier: AbortHandle,
    outbox: Option<Weak<dyn Persistence>>,
    /// The demo market runs as long as its watch.
    _demo: Option<EmbeddedGateway>,
}

/// What all watches have in common.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    /// What the settings' file is written with.
    pub(super) pen: Pen,
    /// Whether notifications show amounts.
    pub(super) veil: Veil,
    /// Who is called; of no profile.
    pub(super) channels: Channels,
}

/// What becomes of a watch's notifications when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Screen {
    /// Another run goes on with them.
    Stays,
    /// Nobody would answer them.
    Cleared,
}

impl Watch {
    /// Begins to watch.
    ///
    /// # Errors
    /// Those variants of [`Failure`] that are about one profile.
    pub(super) async fn start(
        resolved: Resolved,
        watches: &Watches,
        Shared { pen, veil, channels }: &Shared,
    ) -> Result<Self, Failure> {
        let feed = Feed::open(resolved.feed).await?;
        let (store, store_notice) = storage::open(&resolved.store_path)?;
        let store = store.keeping(resolved.retention);
        let profile: Arc<str> = feed.mode.name().into();
        tracing::info!(%profile, mode = ?feed.mode, "a watch begins");
        let (call_outs, orders) = CallOuts::new();
        let wishes = Wishes::default();
        let shell = Bridge {
            watches: watches.clone(),
            profile: Arc::clone(&profile),
            wishes: wishes.clone(),
            call_outs: call_outs.clone(),
        };
        let mut options = monitor::Options::new(feed.mode, feed.connection);
        options.system_language = say::systems_language();
        options.stages = feed.stages;
        options.keys = feed.keys;
        options.plugin_dir = Some(resolved.plugin_dir);
        // Watching goes on without; what becomes of opening it, the monitor tells.
        options.history = History::beside(&resolved.store_path, resolved.history)
            .inspect_err(|error| tracing::error!(%error, %profile, "there is no history"))
            .ok();
        options.rules = resolved.rules;
        options.policy = resolved.policy;
        options.pen = pen.clone();
        options.notices.extend(store_notice);
        if let Mode::Profile(_) = options.mode {
            let (outbox, notice) = outbox::open(&resolved.store_path);
            options.persistence = outbox;
            options.notices.extend(notice);
        }
        let outbox = options.persistence.as_ref().map(Arc::downgrade);
        let rules = RulesPlace {
            config: resolved.config_path,
            profile: profile.to_string(),
            history: History::path_beside(&resolved.store_path),
        };
        let channels = channels.of_another(profile.to_string(), &resolved.store_path);
        let monitor = monitor::start(options, store, Arc::new(shell)).await?;
        let obstacles = Obstacles::new(monitor.clone());
        let folder = resolved.store_path.parent().map(Path::to_owned).unwrap_or_default();
        let eyes = Eyes {
            obstacles: obstacles.clone(),
            watches: watches.clone(),
            profile: Arc::clone(&profile),
        };
        let seen_by = (wishes.clone(), veil.clone());
        let notifier = notify::start(watches.host(), folder, seen_by, monitor.clone(), eyes);
        channels.start(orders, monitor.clone());
        let desk = RuleDesk::new(monitor.clone(), rules);
        Ok(Self {
            monitor,
            desk,
            channels,
            obstacles,
            call_outs,
            wishes,
            notifier,
            outbox,
            _demo: feed.demo,
        })
    }

    /// Goes on with other settings.
    pub(super) async fn adjust(&self, resolved: &Resolved, what: Adjust) {
        // Who is called is the same for all of them, and changed for all at once.
        let Adjust { rules, telling, retention, channels: _ } = what;
        // Each yields nothing where the watch has ended: then there is nothing to adjust.
        if telling {
            let _ = self.monitor.set_policy(resolved.policy.clone()).await;
        }
        if rules {
            let _ = self.monitor.set_rules(resolved.rules.clone()).await;
        }
        if retention {
            let _ = self.monitor.set_retention(resolved.retention).await;
        }
    }

    /// Closes the connection and writes what is unwritten.
    pub(super) async fn stop(&self) {
        if tokio::time::timeout(PATIENCE, self.monitor.shutdown()).await.is_err() {
            tracing::error!("the watch did not end within {PATIENCE:?}; going on all the same");
        }
        if tokio::time::timeout(PATIENCE, self.call_outs.kept()).await.is_err() {
            tracing::error!("whom to call was not written within {PATIENCE:?}");
        }
    }

    /// Stops, and lets go of everything, so that another watch can have it.
    pub(super) async fn end(self: Arc<Self>, screen: Screen) {
        self.stop().await;
        if screen == Screen::Cleared {
            self.wishes.clear();
            tokio::time::sleep(CLEARING).await;
        }
        self.notifier.abort();
        let (outbox, this) = (self.outbox.clone(), Arc::downgrade(&self));
        drop(self);
        // A command of the page may have it in its hands for a moment yet.
        let held = || {
            this.strong_count() > 0
                || outbox.as_ref().is_some_and(|outbox| outbox.strong_count() > 0)
        };
        let let_go = async {
            while held() {
                tokio::time::sleep(LOOK).await;
            }
        };
        if tokio::time::timeout(LETTING_GO, let_go).await.is_err() {
            tracing::warn!("a watch that has ended still has its files open");
        }
    }
}
