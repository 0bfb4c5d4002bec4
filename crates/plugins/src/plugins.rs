use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::time::Duration;

use realtime::{Middleware, Verdict};
use smol_str::SmolStr;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use wire::{Message, UnixMillis};

use crate::folder::{self, Stamp};
use crate::output::{Change, Output, Outputs, QUEUE};
use crate::status::PluginStatus;
use crate::{
    AlertView, Hook, Limits, Outcome, Plugin, Protection, Refusal, Report, StateView,
    VaultProtection,
};

/// How often [`Plugins::watch`] looks at the folder.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Where plugins lie and what they may.
#[derive(Clone)]
pub struct PluginOptions {
    /// `plugins` in the configuration folder. It need not exist.
    pub folder: PathBuf,
    pub limits: Limits,
    /// [`VaultProtection`] by default.
    pub protection: Arc<dyn Protection>,
    /// What time it is: for the rate of notifications, pauses, and the time of emitted messages.
    pub clock: Arc<dyn Fn() -> UnixMillis + Send + Sync>,
}

impl PluginOptions {
    #[must_use]
    pub fn new(folder: PathBuf, clock: Arc<dyn Fn() -> UnixMillis + Send + Sync>) -> Self {
        Self { folder, limits: Limits::default(), protection: Arc::new(VaultProtection), clock }
    }
}

impl fmt::Debug for PluginOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginOptions")
            .field("folder", &self.folder)
            .field("limits", &self.limits)
            .field("protection", &self.protection)
            .finish_non_exhaustive()
    }
}

/// The plugins of a folder, in the order of their files' names. Cheap to clone; all clones are one.
///
/// What one of them made of a message is what the next one sees. A hook runs where it is called, one call per plugin
/// at a time.
#[derive(Clone)]
pub struct Plugins(Arc<Shared>);

struct Shared {
    options: PluginOptions,
    slots: RwLock<Arc<[Arc<Slot>]>>,
    /// One look at the folder at a time, and what the last one complained of.
    look: Mutex<Option<Change>>,
    outputs: mpsc::Sender<Output>,
}

/// A file's place, which outlives its versions.
struct Slot {
    name: SmolStr,
    hosted: Mutex<Hosted>,
    lost: AtomicU64,
}

struct Hosted {
    plugin: Option<Plugin>,
    stamp: Stamp,
    status: PluginStatus,
}

impl Plugins {
    /// Reads the folder once. What came of it, and of everything later, arrives at the [`Outputs`].
    #[must_use]
    pub fn open(options: PluginOptions) -> (Self, Outputs) {
        let (outputs, receiver) = mpsc::channel(QUEUE);
        let slots = RwLock::new(Arc::from([]));
        let plugins = Self(Arc::new(Shared { options, slots, look: Mutex::new(None), outputs }));
        plugins.rescan();
        (plugins, Outputs(receiver))
    }

    /// Looks at the folder every two seconds, on the current Tokio runtime, until the last clone is gone.
    pub fn watch(&self) -> JoinHandle<()> {
        let shared = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            let mut interval = tokio::time::interval(LOOK_EVERY);
            interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                interval.tick().await;
                let Some(plugins) = Weak::upgrade(&shared).map(Self) else { return };
                // A network folder may take its time.
                if tokio::task::spawn_blocking(move || plugins.rescan()).await.is_err() {
                    tracing::error!("reading the plugins' folder panicked");
                }
            }
        })
    }

    /// Loads what is new or changed in the folder and forgets what is gone. Blocks on the disk.
    pub fn rescan(&self) {
        let mut complaint = lock(&self.0.look);
        let listing = match folder::list(&self.0.options.folder) {
            Ok(listing) => listing,
            Err(error) => {
                let reason = format!("{}: {error}", self.0.options.folder.display());
                return self.complain(&mut complaint, Some(Change::Unreadable { reason }));
            }
        };
        let too_many = (listing.found > listing.files.len())
            .then_some(Change::TooMany { files: listing.found, limit: folder::FILE_LIMIT });
        self.complain(&mut complaint, too_many);
        let before = self.slots();
        let mut after = Vec::with_capacity(listing.files.len());
        for file in &listing.files {
            let known = before.iter().find(|slot| slot.name == file.name);
            let slot =
                known.cloned().unwrap_or_else(|| Arc::new(Slot::new(&file.name, &file.stamp)));
            let unread = known.is_none();
            if unread || lock(&slot.hosted).stamp != file.stamp {
                self.load(&slot, file);
            }
            after.push(slot);
        }
        for gone in before.iter().filter(|slot| !after.iter().any(|s| s.name == slot.name)) {
            self.tell(None, Output::Change(Change::Removed { plugin: gone.name.clone() }));
        }
        *self.0.slots.write().unwrap_or_else(PoisonError::into_inner) = after.into();
    }

    /// Tells of a trouble with the folder once.
    fn complain(&self, last: &mut Option<Change>, now: Option<Change>) {
        if *last != now {
            if let Some(change) = &now {
                self.tell(None, Output::Change(change.clone()));
            }
            *last = now;
        }
    }

    fn load(&self, slot: &Slot, file: &folder::File) {
        let limits = self.0.options.limits.clone();
        let loaded = folder::read(&file.path).and_then(|source| {
            Ok((folder::fingerprint(&source), Plugin::load(&file.name, &source, limits)?))
        });
        let plugin = slot.name.clone();
        let mut hosted = lock(&slot.hosted);
        hosted.stamp = file.stamp.clone();
        let change = match loaded {
            // Touched, or mended back to what runs.
            Ok((version, _)) if hosted.status.version.as_ref() == Some(&version) => {
                hosted.status.broken = None;
                return;
            }
            Ok((version, loaded)) => {
                let status = &mut hosted.status;
                status.version = Some(version);
                status.loaded_at = Some((self.0.options.clock)());
                status.hooks = loaded.hooks().to_vec();
                status.broken = None;
                status.failures_in_a_row = 0;
                status.paused_until = None;
                hosted.plugin = Some(loaded);
                Change::Loaded { plugin }
            }
            Err(error) => {
                hosted.status.broken = Some(error.clone());
                Change::Broken { plugin, error, kept: hosted.plugin.is_some() }
            }
        };
        drop(hosted);
        self.tell(Some(slot), Output::Change(change));
    }

    /// Shows a message to each plugin that wants it.
    #[must_use]
    pub fn on_message(&self, message: &Message) -> Verdict {
        let mut current: Option<Message> = None;
        for slot in self.slots().iter() {
            let seen = current.as_ref().unwrap_or(message);
            let outcome = self.with(slot, Hook::OnMessage, |plugin, status, now| {
                let report = plugin.on_message(seen, &*self.0.options.protection, now);
                status.unseen += u64::from(report.is_none() && plugin.wants(seen));
                report
            });
            match outcome {
                Outcome::Unchanged => {}
                Outcome::Changed(message) => current = Some(message),
                Outcome::Dropped => return Verdict::Drop,
            }
        }
        current.map_or(Verdict::Pass, Verdict::Replace)
    }

    /// Shows an alert to each plugin. To be called after it was stored and shown.
    pub fn on_alert(&self, alert: &AlertView) {
        for slot in self.slots().iter() {
            self.with(slot, Hook::OnAlert, |plugin, _, now| plugin.on_alert(alert, now));
        }
    }

    /// Shows the connection's state to each plugin.
    pub fn on_state(&self, state: &StateView) {
        for slot in self.slots().iter() {
            self.with(slot, Hook::OnState, |plugin, _, now| plugin.on_state(state, now));
        }
    }

    /// What each of them is and did, in their order.
    #[must_use]
    pub fn status(&self) -> Vec<PluginStatus> {
        self.slots().iter().map(|slot| slot.status()).collect()
    }

    fn slots(&self) -> Arc<[Arc<Slot>]> {
        self.0.slots.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs one hook of one plugin, unless it is paused, and books what came of it.
    fn with(
        &self,
        slot: &Slot,
        hook: Hook,
        call: impl FnOnce(&mut Plugin, &mut PluginStatus, UnixMillis) -> Option<Report>,
    ) -> Outcome {
        let mut hosted = lock(&slot.hosted);
        let Hosted { plugin, status, .. } = &mut *hosted;
        let Some(plugin) = plugin.as_mut().filter(|plugin| plugin.hooks().contains(&hook)) else {
            return Outcome::Unchanged;
        };
        let now = (self.0.options.clock)();
        let limits = &self.0.options.limits;
        if let Some(until) = status.paused_until {
            // Longer than a pause can be: the clock was set back.
            if now < until && until.since(now) <= limits.pause {
                return Outcome::Unchanged;
            }
            status.paused_until = None;
            status.failures_in_a_row = 0;
        }
        let Some(report) = call(plugin, status, now) else { return Outcome::Unchanged };
        let paused = book(status, &report, limits, now);
        drop(hosted);
        self.hand_on(slot, report, paused)
    }

    /// Not under the lock: a reader that looks at the status must not wait for the log.
    fn hand_on(&self, slot: &Slot, report: Report, paused: Option<Change>) -> Outcome {
        let plugin = slot.name.as_str();
        for line in &report.printed {
            tracing::info!(plugin, "{line}");
        }
        if let Some(error) = &report.error {
            tracing::debug!(plugin, %error, "a plugin's hook failed");
        }
        for message in report.emitted {
            self.tell(Some(slot), Output::Message(message));
        }
        for notification in report.notifications {
            self.tell(Some(slot), Output::Notification(notification));
        }
        if let Some(change) = paused {
            self.tell(Some(slot), Output::Change(change));
        }
        report.outcome
    }

    fn tell(&self, by: Option<&Slot>, output: Output) {
        match &output {
            Output::Change(Change::Loaded { plugin }) => tracing::info!(%plugin, "plugin loaded"),
            Output::Change(change) => tracing::warn!(?change, "plugins"),
            Output::Message(_) | Output::Notification(_) => {}
        }
        if self.0.outputs.try_send(output).is_err()
            && let Some(slot) = by
        {
            // Relaxed: a figure that leads to nothing.
            slot.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Counts what came of a call; a pause begins with the failure that is one too many.
fn book(
    status: &mut PluginStatus,
    report: &Report,
    limits: &Limits,
    now: UnixMillis,
) -> Option<Change> {
    status.calls += 1;
    match &report.outcome {
        Outcome::Unchanged => {}
        Outcome::Changed(_) => status.changed += 1,
        Outcome::Dropped => status.dropped += 1,
    }
    status.emitted += report.emitted.len() as u64;
    status.notified += report.notifications.len() as u64;
    for refusal in &report.refused {
        *match refusal {
            Refusal::Drop => &mut status.refused.drops,
            Refusal::Change(_) => &mut status.refused.changes,
            Refusal::Emit => &mut status.refused.emits,
            Refusal::Notification => &mut status.refused.notifications,
        } += 1;
    }
    let Some(error) = report.error.clone() else {
        status.failures_in_a_row = 0;
        return None;
    };
    *status.errors.entry(error.kind).or_default() += 1;
    status.last_error = Some(error.clone());
    status.failures_in_a_row += 1;
    (status.failures_in_a_row >= limits.failures).then(|| {
        let until = now.plus(limits.pause);
        status.paused_until = Some(until);
        Change::Paused { plugin: status.name.clone(), until, error }
    })
}

impl Slot {
    fn new(name: &str, stamp: &Stamp) -> Self {
        let name = SmolStr::new(name);
        let status = PluginStatus::new(name.clone());
        let hosted = Mutex::new(Hosted { plugin: None, stamp: stamp.clone(), status });
        Self { name, hosted, lost: AtomicU64::new(0) }
    }

    fn status(&self) -> PluginStatus {
        let mut status = lock(&self.hosted).status.clone();
        status.lost = self.lost.load(Ordering::Relaxed);
        status
    }
}

/// The interpreter's panics are caught within; what else might panic leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Plugins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slots = self.slots();
        f.debug_list().entries(slots.iter().map(|slot| &slot.name)).finish()
    }
}

impl Middleware for Plugins {
    fn name(&self) -> &str {
        "plugins"
    }

    fn inbound(&self, message: &Message) -> Verdict {
        self.on_message(message)
    }
}
