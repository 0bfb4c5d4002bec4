//! What becomes of the connection, and of the keys it waits for.

use domain::view::FeedState;
use domain::{Level, UnixMillis};
use realtime::{ConnectionState, Delivery, Event, Network, StateChange};

use super::{Core, WAITING_FOR_KEYS};
use crate::keys::News;
use crate::say::connection as say;
use crate::{Notice, Observed};

impl Core {
    pub(super) fn connect(&self) {
        if let Err(error) = self.connection.connect() {
            tracing::error!(%error, "cannot connect");
        }
    }

    /// The machine was asleep.
    pub(super) async fn awake(&mut self) {
        // First of all whether nobody watched for long: what comes in next is told otherwise then.
        self.look_at_the_time().await;
        if let Err(error) = self.connection.wake() {
            tracing::error!(%error, "the connection is not probed");
        }
        self.ask_anew();
    }

    /// The machine has a network, another one, or none.
    pub(super) fn network(&self, network: Network) {
        if let Err(error) = self.connection.network(network) {
            tracing::error!(%error, "the connection does not know of the network");
        }
        if network == Network::Up {
            self.ask_anew();
        }
    }

    /// What stood in the way has been mended.
    pub(super) fn ask_at_once(&self) {
        if let FeedState::NotGuarded { .. } | FeedState::Retrying { .. } = self.feed.state() {
            self.connect();
        }
    }

    /// A refusal for good may have been a captive portal's.
    fn ask_anew(&self) {
        // Without a time it was not the server that refused.
        if let FeedState::NotGuarded { retry_at: Some(_), .. } = self.feed.state() {
            self.connect();
        }
    }

    pub(super) async fn keys_are(&mut self, news: News) {
        match news {
            News::Here => self.connect(),
            News::NotYet(error) => {
                let cause = format!("{WAITING_FOR_KEYS}: {error}");
                self.feed_is(FeedState::Waiting { cause });
            }
            News::Overdue(error) => {
                let reason = error.to_string();
                self.notice(Notice::system(Level::High, |language| {
                    (say::unreadable(language), say::no_keys_how(language, &reason))
                }))
                .await;
                self.connect();
            }
            News::Late => {
                self.notice(Notice::system(Level::Low, |language| {
                    (say::readable(language), say::readable_how(language))
                }))
                .await;
            }
            News::Unusable(error) => {
                let cause = format!("the encryption keys cannot be used: {error}");
                let reason = error.to_string();
                self.notice(Notice::system(Level::Critical, |language| {
                    (say::keys_unusable(language), reason.clone())
                }))
                .await;
                // Asked again when the keychain holds something else.
                self.feed_is(FeedState::NotGuarded { cause, retry_at: None });
            }
        }
    }

    pub(super) async fn event(&mut self, event: Event) {
        if let Event::State(change) = &event
            && change.previous.is_connected()
        {
            self.catch_up().await;
        }
        let now = self.now();
        self.missed.event(&event, now);
        self.pulse.event(now);
        if let Some(notice) = Notice::of(&event) {
            self.notice(notice).await;
        }
        match event {
            Event::State(change) => self.state_changed(&change.current, Some(&change)),
            // Counted message by message, and told of by the tick.
            Event::Invalid { .. } => {}
            Event::Gap { from, to, recovered, .. } => {
                self.statistics.gaps += 1;
                tracing::warn!(from, to, recovered, "messages were missed");
                self.shell.observe(Observed::Gap { from, to, recovered });
            }
            other => {
                let json = self.connection.event_json(&other);
                tracing::info!(event = json, "connection");
                self.shell.observe(Observed::Connection { event: &other, json: &json });
                // States may be among what was missed: the present one is what counts.
                if let Event::Missed { .. } = other {
                    self.state_changed(&self.connection.state(), None);
                }
            }
        }
    }

    /// What came over a connection counts before its end does: whoever stops at the end has seen all of it. Only what
    /// was handed over by then, so that the end is told in time however much there was.
    async fn catch_up(&mut self) {
        for _ in 0..Delivery::WAITING {
            let Some(delivery) = self.messages.try_recv() else { return };
            self.deliver(delivery).await;
        }
    }

    fn state_changed(&mut self, state: &ConnectionState, change: Option<&StateChange>) {
        let now = self.now();
        if self.feed.note(state, change.map(|change| change.endpoint.to_string()), now) {
            self.feed_changed(now);
        }
        let (state, endpoint) = (self.feed.state(), self.feed.endpoint());
        self.shell.observe(Observed::State { state, endpoint, change });
    }

    fn feed_is(&mut self, state: FeedState) {
        let now = self.now();
        if self.feed.set(state, now) {
            self.feed_changed(now);
            let (state, endpoint) = (self.feed.state(), self.feed.endpoint());
            self.shell.observe(Observed::State { state, endpoint, change: None });
        }
    }

    pub(super) fn feed_changed(&mut self, now: UnixMillis) {
        match self.feed.state() {
            FeedState::Live => {
                self.engine.feed_back(now, &mut self.effects);
                self.set_feed_down(false, now);
            }
            FeedState::NotGuarded { cause, .. } => {
                tracing::error!(cause, "not guarded");
                self.shell.observe(Observed::Failed { cause });
                self.engine.feed_lost(now);
            }
            _ => self.engine.feed_lost(now),
        }
        if let Some(scripts) = &mut self.scripts {
            scripts.state_changed(self.feed.state(), self.feed.endpoint());
        }
        self.show_feed();
        self.show_tray();
    }

    /// Renews every value's age.
    pub(super) fn set_feed_down(&mut self, down: bool, now: UnixMillis) {
        self.board.set_feed_down(down);
        let aged = self.board.age(now);
        for id in aged.vaults {
            if let Some(entry) = self.board.entry_mut(&id) {
                self.window.vault_changed(entry);
            }
        }
        if aged.markets {
            self.window.market_changed();
        }
    }
}
