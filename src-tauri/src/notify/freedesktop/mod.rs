//! `org.freedesktop.Notifications`, spoken to directly: Tauri's plugin sets neither urgency nor the number of the
//! notification to replace.
//!
//! One kept connection: some services close a notification when whoever sent it leaves the bus, and tell only it about
//! clicks. What is to be shown is [`Mirror`]'s to decide; here calls are made and signals read. A call is never given
//! up before the service is: one that hangs for half a minute shows in the end what it was given, once.

mod hush;
mod memory;
mod service;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use domain::view::NotificationId;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use monitor::OsNotification;
use tokio::time::{Instant, sleep_until, timeout};
use zbus::Message;

use self::hush::Hush;
use self::memory::{Left, Memory};
use self::service::Service;
use super::mirror::{Closing, Mirror, Past};
use super::wishes::{Wish, Wishes};
use super::{Notifier, NotifyError, PATIENCE, Reaction, Tell, Told, Veil};
use crate::window::Token;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// Without a session bus it is tried again after this long, or when something is to be shown.
const RETRY: Duration = Duration::from_secs(10);

/// The reasons of the signal `NotificationClosed`.
const EXPIRED: u32 = 1;
const DISMISSED: u32 = 2;

pub(super) struct Freedesktop {
    /// Of the bus; `None`: the session's.
    address: Option<String>,
    memory: Memory,
    mirror: Mirror,
    veil: Veil,
    /// By which the window may come to the front for the click on that notification, which comes after it.
    token: Option<(u32, Token)>,
    /// A button that was pressed on what no answer has told of yet: the click has overtaken the answer.
    early: Option<(u32, String)>,
    /// `None`: what an earlier run left on the screen was not looked at yet.
    past: Option<Past>,
    /// What is to be there of it, until it is known what it is.
    open: Option<Vec<OsNotification>>,
}

/// Why a connection is served no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct BusLost;

impl Freedesktop {
    /// In `folder` it is kept what is on the screen, for the next run.
    pub(super) fn new(address: Option<String>, folder: Option<PathBuf>, veil: Veil) -> Self {
        Self {
            address,
            memory: Memory::in_folder(folder),
            mirror: Mirror::default(),
            veil,
            token: None,
            early: None,
            past: None,
            open: None,
        }
    }
}

impl Notifier for Freedesktop {
    async fn run(mut self, wishes: Wishes, tell: Tell) {
        loop {
            match timeout(PATIENCE, Service::open(self.address.as_deref())).await {
                Ok(Ok(service)) => {
                    let BusLost = self.serve(service, &wishes, &tell).await;
                    tracing::warn!("the connection to the session bus is lost");
                    self.mirror.bus_lost(Instant::now());
                }
                Ok(Err(error)) => tracing::warn!(%error, "the session bus cannot be reached"),
                Err(_) => tracing::warn!("the session bus did not answer within {PATIENCE:?}"),
            }
            self.without_a_bus(&wishes, &tell).await;
        }
    }
}

impl Freedesktop {
    /// Nothing can be shown; says so of everything that is to be.
    async fn without_a_bus(&mut self, wishes: &Wishes, tell: &Tell) {
        for id in self.mirror.waiting() {
            tell(Told::Undelivered { id, error: NotifyError::NoBus });
        }
        // Either way the bus is tried again.
        if let Ok(wish) = timeout(RETRY, wishes.next()).await {
            let id = match &wish {
                Wish::Show(notification) => Some(notification.id),
                Wish::Withdraw(_) | Wish::Reconcile(_) | Wish::Clear => None,
            };
            self.take(wish);
            if let Some(id) = id {
                tell(Told::Undelivered { id, error: NotifyError::NoBus });
            }
        }
    }

    fn take(&mut self, wish: Wish) {
        match wish {
            Wish::Show(notification) => {
                self.forget(notification.id);
                self.mirror.want(notification, Instant::now());
            }
            Wish::Withdraw(id) => {
                self.forget(id);
                self.mirror.unwant(id);
            }
            Wish::Reconcile(open) => {
                self.open = Some(open);
                self.reconcile();
            }
            Wish::Clear => {
                self.open = None;
                self.mirror.clear();
                self.memory.clear();
            }
        }
    }

    /// Something has happened to it since the start.
    fn forget(&mut self, id: NotificationId) {
        if let Some(open) = &mut self.open {
            open.retain(|notification| notification.id != id);
        }
    }

    /// Takes up what an earlier run left on the screen, once.
    async fn take_up(&mut self, service: &Service) {
        let Some(Left { shown, past }) = self.memory.load(service).await else { return };
        for (notification, shown) in shown {
            self.mirror.restore(notification, shown);
        }
        self.past = Some(past);
        self.reconcile();
    }

    /// Once both are known: what is there, and what is to be.
    fn reconcile(&mut self) {
        let Some(past) = self.past else { return };
        if let Some(open) = self.open.take() {
            self.mirror.reconcile(open, past, Instant::now());
            self.past = Some(Past::Known);
        }
    }

    async fn serve(&mut self, mut service: Service, wishes: &Wishes, tell: &Tell) -> BusLost {
        self.take_up(&service).await;
        self.mirror.service_came(Instant::now());
        let mut hush = Hush::watch(service.bus(), tell);
        let mut calls = FuturesUnordered::new();
        loop {
            self.mirror.turn(self.veil.face());
            while let Some(number) = self.mirror.stray() {
                service.close_stray(number);
            }
            while let Some(step) = self.mirror.next(Instant::now()) {
                calls.push(service.carry_out(step));
            }
            self.memory.keep(&service, self.mirror.on_screen());
            let wake = self.mirror.wake_at();
            tokio::select! {
                // Answers first: a signal names what an answer has made known. Then what somebody did: an acknowledged
                // alert need not be shown again.
                biased;
                Some((id, flight, answer)) = calls.next() => {
                    if let Some(told) = self.mirror.answered(id, flight, answer) {
                        tell(told);
                    }
                    if let Some((number, key)) = self.early.take()
                        && !self.pressed(number, &key, tell)
                        && !calls.is_empty()
                    {
                        self.early = Some((number, key));
                    }
                }
                signal = service.signals.next() => match signal {
                    Some(Ok(signal)) => {
                        if self.signal(&signal, &mut service, tell) == Some(Owner::Changed) {
                            hush.look_again();
                        }
                        // Without an answer to come it was another program's.
                        if calls.is_empty() {
                            self.early = None;
                        }
                    }
                    Some(Err(error)) => tracing::debug!(%error, "a signal could not be read"),
                    None => return BusLost,
                },
                () = at(wake) => {
                    for id in self.mirror.overdue(Instant::now()) {
                        tell(Told::Undelivered { id, error: NotifyError::TimedOut });
                    }
                }
                // Looked at above. Before what is to be shown: that is to have the right words at once.
                () = self.veil.turned(self.mirror.face()) => {}
                wish = wishes.next() => self.take(wish),
            }
        }
    }

    /// Tells what that button means. Whether it is one of ours.
    fn pressed(&mut self, number: u32, key: &str, tell: &Tell) -> bool {
        let Some(reaction) = self.mirror.reaction(number, key) else { return false };
        tracing::info!(?reaction, "somebody reacted to a notification");
        let token = self.token.take().filter(|(clicked, _)| *clicked == number);
        if let (Reaction::Opened(_), Some((_, token))) = (&reaction, token) {
            tell(Told::Activation(token));
        }
        tell(Told::Reacted(reaction));
        true
    }

    /// What a signal means for us; it may be about another program's notification.
    fn signal(&mut self, signal: &Message, service: &mut Service, tell: &Tell) -> Option<Owner> {
        let header = signal.header();
        let body = signal.body();
        match header.member()?.as_str() {
            "ActionInvoked" => {
                let (number, key) = body.deserialize::<(u32, String)>().ok()?;
                if !self.pressed(number, &key, tell) {
                    self.early = Some((number, key));
                }
            }
            "ActivationToken" => {
                let (number, token) = body.deserialize::<(u32, String)>().ok()?;
                self.token = Token::new(&token).map(|token| (number, token));
            }
            "NotificationClosed" => {
                let (number, reason) = body.deserialize::<(u32, u32)>().ok()?;
                let seen = matches!(reason, EXPIRED | DISMISSED);
                self.mirror.closed(number, if seen { Closing::Seen } else { Closing::Other });
            }
            "NameOwnerChanged" => {
                let (_name, old, new) = body.deserialize::<(String, String, String)>().ok()?;
                service.owner_changed(&new);
                // What it showed is gone with it. One that came up first was perhaps brought up by our own call, and
                // shows what we sent.
                if !old.is_empty() {
                    tracing::info!("the notification service is gone");
                    self.mirror.service_left(Instant::now());
                }
                if !new.is_empty() {
                    tracing::info!("a notification service is there");
                    self.mirror.service_came(Instant::now());
                }
                return Some(Owner::Changed);
            }
            _ => {}
        }
        None
    }
}

/// The service is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Changed,
}

async fn at(wake: Option<Instant>) {
    match wake {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
