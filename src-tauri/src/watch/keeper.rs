//! Starts and ends watches: at the start, when somebody edits the settings' file, when the window's settings want it, and
//! when a watch has failed. One thing after the other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::view::{
    Mode, NewProfile, Preferences, ProfileAnswer, ProfileChange, ProfileRemains, Target,
};
use domain::{Language, Level};
use futures_util::future::join_all;
use monitor::config::{By, Configured, FeedArgs, FollowAll, FoundAll, News, Pen, Step, plan};
use monitor::settings::SettingsDesk;
use monitor::{Notice, Said, kept};
use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;

use super::one::{Screen, Shared, Watch};
use super::watches::Watches;
use crate::alarm::{Siren, Sound};
use crate::bridge::StartAgain;
use crate::call_out::Channels;
use crate::crash::Run;
use crate::failure::Failure;
use crate::host::Host;
use crate::notify::Veil;
use crate::say::notices as say;
use crate::window::WindowKeeper;

/// A watch that has failed is tried again after this long.
const RETRY: Duration = Duration::from_secs(30);

/// What is asked of all watches together.
pub(super) enum Order {
    Edit(Box<Edit>, oneshot::Sender<ProfileAnswer>),
    /// The others are to look as this one does.
    LookAlike(String),
    /// The program ends.
    End(oneshot::Sender<()>),
}

/// A change that somebody makes in the window's settings.
#[derive(Debug)]
pub(crate) enum Edit {
    Add(NewProfile),
    Rename { from: String, to: String },
    Change { name: String, change: ProfileChange },
    Remove { name: String, remains: ProfileRemains },
}

/// The names of those that are to be watched; `None`: it is the demo, or nothing.
pub(crate) fn watched(configured: &Configured) -> Option<String> {
    let wanted = configured.profiles.iter().filter(|one| one.resolved().is_some());
    let names: Vec<_> = wanted.filter(|one| one.mode != Mode::Demo).map(|one| one.name()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Owns which profiles are watched.
pub(crate) struct Keeper {
    pub(super) watches: Watches,
    pub(super) configured: Configured,
    pub(super) follow: FollowAll,
    pub(super) shared: Shared,
    pub(super) start_again: Arc<StartAgain>,
    sound: Sound,
    /// Of the program, from when it has begun.
    run: Option<Arc<Run>>,
    orders: mpsc::Receiver<Order>,
    /// What is wrong with the settings' file, and who tells it.
    fault: Option<Said>,
    told_by: Option<String>,
    /// Why a watch could not be started, as far as it was told.
    failures: BTreeMap<String, String>,
}

impl Keeper {
    /// Of what a start has found. Nothing is watched yet.
    pub(crate) fn new(
        (host, window): (Host, WindowKeeper),
        args: &FeedArgs,
        found: FoundAll,
        siren: Siren,
    ) -> (Self, Watches) {
        let pen = Pen::default();
        let follow = FollowAll::new(args, &found, pen.clone());
        let configured = found.configured;
        let data_dir = configured.places.data_dir.clone();
        let (watches, orders) = Watches::new(host, window, siren, data_dir);
        let nowhere = kept::folder(&configured.places.data_dir, "none").join("none");
        let shared = Shared {
            pen,
            veil: Veil::new(configured.hide_amounts),
            channels: Channels::new(configured.channels.clone(), String::new(), &nowhere),
        };
        let sound = Sound::new(configured.sound.clone(), &configured.places.data_dir);
        let names: Vec<_> = configured.profiles.iter().map(|profile| profile.name()).collect();
        kept::recover(&configured.places.data_dir, &names);
        watches.configure(&configured);
        let keeper = Self {
            watches: watches.clone(),
            fault: follow.broken(),
            configured,
            follow,
            shared,
            start_again: Arc::new(StartAgain::like(args)),
            sound,
            run: None,
            orders,
            told_by: None,
            failures: BTreeMap::new(),
        };
        (keeper, watches)
    }

    pub(crate) fn sound(&self) -> &Sound {
        &self.sound
    }

    pub(crate) fn veil(&self) -> &Veil {
        &self.shared.veil
    }

    pub(crate) fn start_again(&self) -> &Arc<StartAgain> {
        &self.start_again
    }

    /// Who is called, of no profile.
    pub(crate) fn channels(&self) -> &Channels {
        &self.shared.channels
    }

    /// What changes the settings key by key, without coming in between here.
    pub(crate) fn settings(&self) -> SettingsDesk {
        SettingsDesk::new(self.configured.places.clone(), self.shared.pen.clone())
    }

    /// Starts all watches there are to be, side by side, and tells these notices.
    ///
    /// # Errors
    /// Why the first of them could not be started, where none could.
    pub(crate) async fn begin(&mut self, notices: Vec<Notice>) -> Result<(), Failure> {
        let names: Vec<_> = self
            .configured
            .profiles
            .iter()
            .filter(|profile| profile.resolved().is_some())
            .map(|profile| profile.name().to_owned())
            .collect();
        let started = join_all(names.iter().map(|name| self.try_to_start(name))).await;
        let mut first_failure = None;
        for (name, started) in names.into_iter().zip(started) {
            match started {
                Ok(watch) => self.watches.begun(&name, Arc::new(watch)),
                Err(failure) => {
                    self.failed(&name, &failure).await;
                    first_failure.get_or_insert(failure);
                }
            }
        }
        let any = self.watches.lineup().lead().is_some();
        if let (Some(failure), false) = (first_failure, any) {
            return Err(failure);
        }
        self.look_alike().await;
        for notice in notices {
            self.tell(notice).await;
        }
        self.tell_failures().await;
        self.tell_fault().await;
        if self.fault.is_none() {
            self.follow.keep_copy().await;
        }
        Ok(())
    }

    /// Does what is asked, until the program ends.
    pub(crate) async fn run(mut self, run: Arc<Run>) {
        self.run = Some(run);
        let mut retry = tokio::time::interval(RETRY);
        retry.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                order = self.orders.recv() => match order {
                    Some(Order::Edit(edit, answer)) => {
                        let done = self.edit(*edit).await;
                        // Whoever asked may have closed the window.
                        let _ = answer.send(done);
                    }
                    Some(Order::LookAlike(name)) => self.look_like(&name).await,
                    Some(Order::End(done)) => {
                        self.end().await;
                        let _ = done.send(());
                        return;
                    }
                    None => return,
                },
                news = self.follow.next() => self.news(news).await,
                _ = retry.tick() => self.retry().await,
            }
        }
    }

    async fn end(&mut self) {
        let all: Vec<_> =
            self.watches.lineup().watches().map(|(_, watch)| Arc::clone(watch)).collect();
        join_all(all.iter().map(|watch| watch.stop())).await;
    }

    async fn news(&mut self, news: News) {
        match news {
            News::Broken(said) => {
                let reason = said.message(Language::English);
                tracing::warn!(reason, "config.toml was changed, and does not count");
                self.fault = Some(said);
                self.tell_fault().await;
            }
            News::Edit { configured, by } => {
                let said = self.put_in_force(*configured).await;
                self.fault = None;
                self.tell_fault().await;
                if let (Some(said), By::Hand) = (said, by) {
                    let (severity, target) = (Level::Low, Target::Settings);
                    self.tell(Notice { severity, said, target }).await;
                }
                self.follow.keep_copy().await;
            }
        }
    }

    /// Has everything be as it is configured now. Returns what the person is told of it.
    pub(super) async fn put_in_force(&mut self, configured: Configured) -> Option<Said> {
        let (steps, said) = plan(&self.configured, &configured);
        tracing::info!(?steps, "other settings are put in force");
        self.configured = configured;
        self.shared.veil.wish(self.configured.hide_amounts);
        self.sound.change(self.configured.sound.clone());
        self.shared.channels.change(self.configured.channels.clone());
        self.watches.configure(&self.configured);
        if let Some(run) = &self.run {
            run.watches(watched(&self.configured));
        }
        let shown = self.watches.lineup().shown().to_owned();
        let mut page_anew = false;
        for step in steps {
            match step {
                Step::Stop(name) => {
                    page_anew |= name == shown;
                    self.stop(&name, Screen::Cleared).await;
                    if self.configured.get(&name).is_none() {
                        self.watches.lineup().forget(&name);
                    }
                }
                Step::Start(name) => {
                    page_anew |= name == shown;
                    self.start(&name).await;
                }
                Step::Restart(name) => {
                    page_anew |= name == shown;
                    self.stop(&name, Screen::Stays).await;
                    self.start(&name).await;
                }
                Step::Adjust(name, what) => {
                    let watch = self.watches.watch(Some(&name));
                    let resolved = self.configured.get(&name).and_then(|one| one.resolved());
                    if let (Some(watch), Some(resolved)) = (watch, resolved) {
                        watch.adjust(resolved, what).await;
                    }
                }
            }
        }
        // Once more: a watch that ended keeps no profile that is gone.
        self.watches.configure(&self.configured);
        self.failures.retain(|name, _| self.configured.get(name).is_some());
        if page_anew {
            self.watches.page_anew();
        }
        self.look_alike().await;
        self.tell_failures().await;
        said
    }

    pub(super) async fn start(&mut self, name: &str) {
        if self.watches.watch(Some(name)).is_some() {
            return;
        }
        self.watches.lineup().coming(name);
        match self.try_to_start(name).await {
            Ok(watch) => {
                self.failures.remove(name);
                self.watches.begun(name, Arc::new(watch));
            }
            Err(failure) => self.failed(name, &failure).await,
        }
    }

    /// Ends a watch, if it runs.
    pub(super) async fn stop(&self, name: &str, screen: Screen) {
        let watch = self.watches.lineup().take(name);
        if let Some(watch) = watch {
            watch.end(screen).await;
            tracing::info!(name, "a watch has ended");
        }
        self.watches.renew();
    }

    async fn try_to_start(&self, name: &str) -> Result<Watch, Failure> {
        let resolved = self.configured.get(name).and_then(|profile| profile.resolved());
        // Only those that are to be watched are asked for.
        let Some(resolved) = resolved else { return Err(Failure::NotRunning) };
        Watch::start(resolved.clone(), &self.watches, &self.shared).await
    }

    async fn failed(&mut self, name: &str, failure: &Failure) {
        let cause = failure.text();
        tracing::error!(name, cause, "a profile cannot be watched");
        self.watches.lineup().fail(name, cause);
        self.watches.renew();
    }

    /// Tries again what could not be watched, and begins anew what has failed.
    async fn retry(&mut self) {
        let ended: Vec<_> = {
            let lineup = self.watches.lineup();
            let ended = lineup.watches().filter(|(_, watch)| watch.monitor.has_ended());
            ended.map(|(name, _)| name.to_owned()).collect()
        };
        for name in &ended {
            tracing::error!(name, "a watch has failed; it is begun anew");
            self.stop(name, Screen::Stays).await;
            self.start(name).await;
            self.tell(Notice::system(Level::High, |language| {
                (say::watch_failed(language, name), say::watch_failed_how(language))
            }))
            .await;
        }
        let failed: Vec<_> = self.watches.lineup().failed().map(str::to_owned).collect();
        let failed: Vec<_> = failed
            .into_iter()
            .filter(|name| self.configured.get(name).is_some_and(|one| one.resolved().is_some()))
            .collect();
        let mut began = !ended.is_empty();
        for name in &failed {
            self.start(name).await;
            began |= self.watches.watch(Some(name)).is_some();
        }
        // One that fails again changes nothing of what is shown.
        if began {
            self.watches.page_anew();
        }
        if !(ended.is_empty() && failed.is_empty()) {
            self.look_alike().await;
            self.tell_fault().await;
            self.tell_failures().await;
        }
    }

    /// The window's looks are no profile's: whoever begins later takes them from who was there before.
    async fn look_alike(&self) {
        let lead = self.watches.lineup().lead().map(|(name, _)| name.to_owned());
        if let Some(lead) = lead {
            self.look_like(&lead).await;
        }
    }

    async fn look_like(&self, name: &str) {
        let (mut model, mut others) = (None, Vec::new());
        for (other, watch) in self.watches.lineup().watches() {
            match other == name {
                true => model = Some(watch.monitor.clone()),
                false => others.push(watch.monitor.clone()),
            }
        }
        let (Some(model), false) = (model, others.is_empty()) else { return };
        let Some((theme, preferences)) = model.looks().await else { return };
        for monitor in others {
            let Some((known, own)) = monitor.looks().await else { continue };
            if known != theme {
                monitor.set_theme(theme);
            }
            // What was seen of an absence is each one's.
            let wanted = Preferences { away_seen: own.away_seen, ..preferences.clone() };
            if own != wanted {
                monitor.set_preferences(wanted);
            }
        }
    }

    /// Tells the person something that is about no profile.
    pub(super) async fn tell(&self, notice: Notice) {
        let lead = self.watches.lineup().lead().map(|(_, watch)| watch.monitor.clone());
        if let Some(lead) = lead {
            // An error means that it has ended.
            let _ = lead.notice(notice).await;
        }
    }

    /// What is wrong with the file is told by one of them, by another when that one ends.
    async fn tell_fault(&mut self) {
        let lead = {
            let lineup = self.watches.lineup();
            lineup.lead().map(|(name, watch)| (name.to_owned(), watch.monitor.clone()))
        };
        let Some((name, monitor)) = lead else { return };
        if let Some(before) = self.told_by.replace(name.clone()).filter(|before| *before != name)
            && let Some(before) = self.watches.watch(Some(&before))
        {
            let _ = before.monitor.settings_are(None).await;
        }
        let _ = monitor.settings_are(self.fault.clone()).await;
    }

    /// Each cause once; the dead man is told of none, by silence.
    async fn tell_failures(&mut self) {
        let causes: Vec<_> = {
            let lineup = self.watches.lineup();
            let view = |name: &str| Some((name.to_owned(), lineup.view(name)?));
            lineup.failed().filter_map(view).collect()
        };
        self.shared.channels.lack(!causes.is_empty());
        for (name, view) in causes {
            let cause = view.state.cause().unwrap_or_default().to_owned();
            if self.failures.insert(name.clone(), cause.clone()) != Some(cause.clone()) {
                self.tell(Notice::system(Level::Critical, |language| {
                    (say::not_watched(language, &name), say::not_watched_how(language, &cause))
                }))
                .await;
            }
        }
    }
}
