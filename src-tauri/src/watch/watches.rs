use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use domain::view::{
    Attached, Destination, FeedState, FeedView, Glimpse, Mode, Preferences, ProfileAnswer,
    ProfileFault, ProfileView, Target, TickBatch, TickKind, WindowEvent, WindowMessage,
};
use domain::{Language, UnixMillis};
use monitor::config::Configured;
use monitor::{Alarm, Clock as _, MonitorHandle, Standing, SystemClock, TickSink, TrayView};
use realtime::Network;
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc, oneshot};

use super::keeper::{Edit, Order};
use super::lineup::{Lineup, Sight};
use super::one::Watch;
use crate::alarm::Siren;
use crate::host::Host;
use crate::obstacles::Sense;
use crate::say;
use crate::tray::Tray;
use crate::window::{self, WindowKeeper};

/// Orders that may wait. Nobody clicks that fast.
const ORDERS: usize = 16;
/// The page is told of the profiles at most this often, however many alerts come at once.
const BETWEEN: Duration = Duration::from_millis(200);
/// A watch that is asked whether it knows a vault answers at once, or is busy.
const PATIENCE: Duration = Duration::from_secs(2);

/// All watches of the program: what the one tray icon, the one alarm and the one window show of them, and the way to each.
/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct Watches(Arc<Inner>);

struct Inner {
    host: Host,
    window: WindowKeeper,
    tray: OnceLock<Tray>,
    siren: Siren,
    lineup: Mutex<Lineup<Watch>>,
    surroundings: Mutex<Surroundings>,
    data_dir: PathBuf,
    orders: mpsc::Sender<Order>,
    changed: Notify,
    /// Clicks come from threads that are none of its own.
    runtime: Handle,
}

/// What a watch that begins later has to know.
#[derive(Debug, Default)]
struct Surroundings {
    network: Option<Network>,
    /// Why the alarm is not heard.
    unheard: Option<String>,
}

impl fmt::Debug for Watches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watches").finish_non_exhaustive()
    }
}

impl Watches {
    /// With whoever carries out what is asked of all of them.
    pub(super) fn new(
        host: Host,
        window: WindowKeeper,
        siren: Siren,
        data_dir: PathBuf,
    ) -> (Self, mpsc::Receiver<Order>) {
        let (orders, queue) = mpsc::channel(ORDERS);
        let inner = Inner {
            host,
            window,
            tray: OnceLock::new(),
            siren,
            lineup: Mutex::new(Lineup::speaking(say::systems_language())),
            surroundings: Mutex::default(),
            data_dir,
            orders,
            changed: Notify::new(),
            runtime: Handle::current(),
        };
        (Self(Arc::new(inner)), queue)
    }

    pub(super) fn host(&self) -> &Host {
        &self.0.host
    }

    pub(crate) fn show_window(&self) {
        self.0.window.show();
    }

    /// By this the desktop lets the window come to the front when it is shown next.
    #[cfg(target_os = "linux")]
    pub(crate) fn activate_with(&self, token: window::Token) {
        self.0.window.activate_with(token);
    }

    /// What is said of all of them in: as the first that is watched speaks, or spoke.
    pub(super) fn language(&self) -> Language {
        self.lineup().language()
    }

    /// Has a program show itself where the window is.
    #[cfg(target_os = "linux")]
    pub(crate) fn put_beside_the_window(&self, command: &mut std::process::Command) {
        self.0.window.display().set(command);
    }

    /// Whether closing the window is to quit.
    pub(crate) async fn close_quits(&self) -> bool {
        let lead = self.lineup().lead().map(|(_, watch)| watch.monitor.clone());
        let Some(lead) = lead else { return false };
        let looks = tokio::time::timeout(PATIENCE, lead.looks()).await;
        looks.ok().flatten().is_some_and(|(_, preferences)| preferences.close_quits)
    }

    /// Where what is kept of each profile lies.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.0.data_dir.clone()
    }

    /// From now on the tray shows them.
    pub(crate) fn show_in(&self, tray: Tray) {
        let _ = self.0.tray.set(tray);
        self.renew();
    }

    pub(super) fn lineup(&self) -> MutexGuard<'_, Lineup<Watch>> {
        // Nothing that runs under the lock can leave it half done.
        self.0.lineup.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn configure(&self, configured: &Configured) {
        self.lineup().configure(configured);
        self.renew();
    }

    /// A watch runs: it is told what it has to know of the machine.
    pub(super) fn begun(&self, name: &str, watch: Arc<Watch>) {
        {
            let around = self.0.surroundings.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(Network::Down) = around.network {
                watch.monitor.network(Network::Down);
            }
            watch.obstacles.set(Sense::Hearing, around.unheard.clone());
        }
        self.lineup().set(name, watch);
        self.renew();
    }

    /// Shows in tray, alarm and window what has changed.
    pub(super) fn renew(&self) {
        let lineup = self.lineup();
        // Under the lock, so that what is shown last is what was said last.
        self.0.siren.set(lineup.alarm());
        if let (Some(tray), Some(view)) = (self.0.tray.get(), lineup.tray()) {
            tray.show(&view);
        }
        drop(lineup);
        self.0.changed.notify_one();
    }

    /// Tells the page of every change, until the program ends.
    pub(crate) async fn tell_the_page(self) {
        let mut told = Vec::new();
        loop {
            self.0.changed.notified().await;
            let views = self.views();
            if views != told {
                self.tell(None, WindowEvent::Profiles(views.clone()));
                told = views;
            }
            tokio::time::sleep(BETWEEN).await;
        }
    }

    fn tell(&self, profile: Option<&str>, event: WindowEvent) {
        let message = WindowMessage { profile: profile.map(str::to_owned), event };
        self.0.window.tell(&self.0.host, &message);
    }

    // What a watch says of itself.

    pub(crate) fn tray_of(&self, name: &str, tray: &TrayView) {
        self.lineup().say_tray(name, tray);
        self.renew();
    }

    pub(crate) fn standing_of(&self, name: &str, standing: &Standing) {
        self.lineup().say_standing(name, standing);
        self.renew();
    }

    pub(crate) fn alarm_of(&self, name: &str, alarm: Alarm) {
        self.lineup().say_alarm(name, alarm);
        self.renew();
    }

    pub(crate) fn sight_of(&self, name: &str, sight: Sight) {
        // With every notification, so only news are shown.
        let news = self.lineup().say_sight(name, sight);
        if news {
            self.renew();
        }
    }

    /// To the page, if it shows that profile.
    pub(crate) fn page_of(&self, name: &str, event: &WindowEvent) {
        if self.lineup().shown() == name {
            self.tell(Some(name), event.clone());
        }
    }

    /// What a notification of that profile begins with, where there are several.
    pub(crate) fn prefix(&self, name: &str) -> Option<String> {
        self.lineup().are_several().then(|| format!("{name}: "))
    }

    // What the page asks.

    /// The profile of that name, or the one that is shown; `None`: it is not watched.
    pub(crate) fn watch(&self, name: Option<&str>) -> Option<Arc<Watch>> {
        let lineup = self.lineup();
        lineup.watch(name.unwrap_or(lineup.shown())).cloned()
    }

    /// The same for what is of no profile: where that one is not watched, the first that is will do.
    pub(crate) fn watch_or_lead(&self, name: Option<&str>) -> Option<Arc<Watch>> {
        let lineup = self.lineup();
        let lead = || lineup.lead().map(|(_, watch)| watch);
        lineup.watch(name.unwrap_or(lineup.shown())).or_else(lead).cloned()
    }

    /// The name of the profile that the window shows.
    pub(crate) fn shown(&self) -> String {
        self.lineup().shown().to_owned()
    }

    pub(crate) fn views(&self) -> Vec<ProfileView> {
        self.lineup().views()
    }

    /// Shows a profile in the window, the one it showed last where none is named or that one is gone. Its ticks go to
    /// `sink`. `None`: the program ends.
    pub(crate) async fn attach(&self, name: Option<&str>, sink: TickSink) -> Option<Attached> {
        if let Some(name) = name {
            self.switch_to(name);
        }
        let shown = self.lineup().shown().to_owned();
        let attached = match self.watch(Some(&shown)) {
            Some(watch) => watch.monitor.attach(Arc::clone(&sink)).await,
            None => None,
        };
        let mut attached = match attached {
            Some(attached) => attached,
            None => self.unwatched(&shown, &sink).await?,
        };
        attached.profiles = self.views();
        Some(attached)
    }

    /// What the page would be shown now, for one that is about to be made.
    pub(crate) async fn glimpse(&self, most: usize) -> Option<Glimpse> {
        let mut glimpse = self.watch(None)?.monitor.glimpse(most).await?;
        glimpse.attached.profiles = self.views();
        Some(glimpse)
    }

    /// The window is gone.
    pub(crate) fn detach(&self) {
        for (_, watch) in self.lineup().watches() {
            watch.monitor.detach();
        }
    }

    /// What a page gets of a profile that nobody watches.
    async fn unwatched(&self, name: &str, sink: &TickSink) -> Option<Attached> {
        let (view, mode, lead) = {
            let lineup = self.lineup();
            let lead = lineup.lead().map(|(_, watch)| watch.monitor.clone());
            (lineup.view(name)?, lineup.mode(name)?.clone(), lead)
        };
        // The window looks as it does with any other.
        let looks = match lead {
            Some(lead) => lead.looks().await,
            None => None,
        };
        let (theme, preferences) = looks.unwrap_or_default();
        sink(TickBatch {
            seq: 1,
            kind: TickKind::Reset,
            vaults: Vec::new(),
            markets: Vec::new(),
            totals: None,
        });
        let cause = match view.state.cause() {
            Some(cause) => cause.to_owned(),
            None => "the profile is paused".to_owned(),
        };
        Some(Attached {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            theme,
            preferences,
            feed: FeedView {
                state: FeedState::NotGuarded { cause, retry_at: None },
                mode,
                endpoint: view.endpoint,
                since: SystemClock.now(),
                round_trip: None,
                messages: 0,
                invalid: 0,
                duplicates: 0,
                last_message: None,
                recent_invalid: Vec::new(),
            },
            status: None,
            notifications: Vec::new(),
            notifications_blocked: None,
            away: None,
            target: None,
            profiles: Vec::new(),
        })
    }

    /// Has the page show that profile; the one before is told that nobody looks any more.
    fn switch_to(&self, name: &str) {
        let before = {
            let mut lineup = self.lineup();
            let before = lineup.shown().to_owned();
            if before == name || !lineup.show(name) {
                return;
            }
            lineup.watch(&before).cloned()
        };
        if let Some(before) = before {
            before.monitor.detach();
        }
    }

    /// Has the page attach anew: to another profile, or to another watch of the same.
    pub(super) fn page_anew(&self) {
        let shown = self.lineup().shown().to_owned();
        self.tell(None, WindowEvent::Use(shown));
    }

    /// What the server of that profile has refused for good was mended.
    pub(crate) fn ask_anew(&self, name: &str) {
        if let Some(watch) = self.lineup().watch(name) {
            watch.monitor.ask_anew();
        }
    }

    /// Changes how the window looks: in that profile, and then in the others.
    pub(crate) fn prefer(&self, name: Option<&str>, preferences: Preferences) {
        let (model, watch) = {
            let lineup = self.lineup();
            let name = name.unwrap_or(lineup.shown());
            // The one that is shown may be paused.
            let model = lineup.watch(name).map(|watch| (name, watch)).or_else(|| lineup.lead());
            let Some((name, watch)) = model else { return };
            (name.to_owned(), Arc::clone(watch))
        };
        watch.monitor.set_preferences(preferences);
        // An error means that it is asked for already, many times, or that the program ends.
        let _ = self.0.orders.try_send(Order::LookAlike(model));
    }

    /// Asks for a change of the profiles; the answer comes when it is in force.
    pub(crate) async fn edit(&self, edit: Edit) -> ProfileAnswer {
        let (answer, answered) = oneshot::channel();
        let quitting = || ProfileAnswer::Refused(ProfileFault::general("VaultWatch is quitting"));
        if self.0.orders.send(Order::Edit(Box::new(edit), answer)).await.is_err() {
            return quitting();
        }
        answered.await.unwrap_or_else(|_| quitting())
    }

    /// Ends all of them in order. Returns when it is done.
    pub(crate) async fn end(&self) {
        let (done, ended) = oneshot::channel();
        if self.0.orders.send(Order::End(done)).await.is_ok() {
            // An error means that they have ended.
            let _ = ended.await;
        }
    }

    // What comes from the tray, the desktop and the machine.

    /// Brings the window up at that page, of the profile that has what is looked for. From any thread.
    pub(crate) fn open(&self, destination: Destination) {
        let this = self.clone();
        self.0.runtime.spawn(async move {
            let name = this.leads_to(&destination).await;
            let before = this.lineup().shown().to_owned();
            this.switch_to(&name);
            if before != name {
                this.page_anew();
            }
            match this.watch(Some(&name)) {
                Some(watch) => watch.monitor.open(destination.target),
                None => this.0.window.show(),
            }
        });
    }

    /// The profile that is named; else, of a vault, the one that knows it, the one that is shown before the others.
    async fn leads_to(&self, destination: &Destination) -> String {
        let (shown, mut all) = {
            let lineup = self.lineup();
            let shown = lineup.shown().to_owned();
            let named = destination.profile.as_deref();
            if let Some(named) = named.filter(|name| lineup.mode(name).is_some()) {
                return named.to_owned();
            }
            let of = |(name, watch): (&str, &Arc<Watch>)| (name.to_owned(), watch.monitor.clone());
            let all: Vec<(String, MonitorHandle)> = lineup.watches().map(of).collect();
            (shown, all)
        };
        let Target::Vault(id) = &destination.target else { return shown };
        all.sort_by_key(|(name, _)| *name != shown);
        for (name, monitor) in all {
            let asked = tokio::time::timeout(PATIENCE, monitor.has_vault(id.clone()));
            if asked.await.unwrap_or_default() {
                return name;
            }
        }
        shown
    }

    /// Puts off what is open in all of them.
    pub(crate) fn snooze_all(&self, until: UnixMillis) {
        self.each(|monitor| monitor.snooze_all(until));
    }

    /// In the profile that is shown, or the first that is watched.
    pub(crate) fn test_critical(&self) {
        match self.watch_or_lead(None) {
            Some(watch) => watch.monitor.test_critical(),
            None => tracing::warn!("nothing is watched, so there is nothing to test"),
        }
    }

    /// What the operating system says of the network.
    pub(crate) fn network(&self, network: Network) {
        let mut around = self.0.surroundings.lock().unwrap_or_else(PoisonError::into_inner);
        around.network = Some(network);
        drop(around);
        self.each(|monitor| monitor.network(network));
    }

    /// Why the alarm is not heard; `None`: it is.
    pub(crate) fn unheard(&self, cause: Option<String>) {
        let mut around = self.0.surroundings.lock().unwrap_or_else(PoisonError::into_inner);
        around.unheard.clone_from(&cause);
        drop(around);
        for (_, watch) in self.lineup().watches() {
            watch.obstacles.set(Sense::Hearing, cause.clone());
        }
    }

    /// All that run.
    pub(crate) fn each(&self, tell: impl Fn(&MonitorHandle)) {
        for (_, watch) in self.lineup().watches() {
            tell(&watch.monitor);
        }
    }

    /// What the window is called.
    pub(crate) fn title(&self) -> &'static str {
        let lineup = self.lineup();
        window::title(lineup.mode(lineup.shown()).unwrap_or(&Mode::Profile(String::new())))
    }
}
