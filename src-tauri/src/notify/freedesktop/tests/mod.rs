//! The notifier on a bus of its own, with services that answer, hang, refuse, end and come back.

mod life;
mod service;
mod start;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::Language;
use domain::view::{NotificationId, Target};
use monitor::config::HideAmounts;
use monitor::{OsNotification, Urgency, Veiled};
use tokio::sync::{mpsc, watch};
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

use super::super::{Notifier as _, Reaction, Tell, Told, Veil, Wishes};
use super::{Freedesktop, NAME, PATH};

const PATIENCE: Duration = Duration::from_secs(20);

/// A session bus on which nothing is but what the test starts, and a place for what the app keeps.
struct Bus {
    bus: proving::bus::Bus,
    folder: tempfile::TempDir,
}

impl Bus {
    fn start() -> Self {
        Self { bus: proving::bus::Bus::start(), folder: tempfile::tempdir().unwrap() }
    }

    async fn serve(&self, manner: Manner) -> Desktop {
        self.serve_what_can(&["actions", "body", "body-markup", "persistence"], manner).await
    }

    async fn serve_what_can(&self, skills: &'static [&'static str], manner: Manner) -> Desktop {
        let (manners, manner) = watch::channel(manner);
        let calls: Arc<Mutex<Vec<Call>>> = Arc::default();
        let kept = Arc::clone(&calls);
        let service = Service { skills, manner, calls: kept, last: 0, inhibited: false };
        let address = self.bus.address();
        let bus = zbus::connection::Builder::address(address.as_str()).unwrap();
        let bus = bus.serve_at(PATH, service).unwrap().name(NAME).unwrap().build().await.unwrap();
        Desktop { bus, manners, calls }
    }

    fn notify(&self) -> App {
        self.notify_through(Veil::new(HideAmounts::Never))
    }

    fn notify_through(&self, veil: Veil) -> App {
        let wishes = Wishes::default();
        let (told, inbox) = mpsc::unbounded_channel();
        let tell: Tell = Arc::new(move |news| {
            let _ = told.send(news);
        });
        let folder = Some(self.folder.path().to_owned());
        let notifier = Freedesktop::new(Some(self.bus.address()), folder, veil);
        let task = tokio::spawn(notifier.run(wishes.clone(), tell));
        App { wishes, inbox, task }
    }
}

impl Bus {
    /// Until what is kept for the next run are the service's numbers of just these.
    async fn wait_for_kept(&self, numbers: &[u32]) {
        let path = self.folder.path().join("on-screen.json");
        let kept = || -> Option<Vec<u32>> {
            let kept: serde_json::Value =
                serde_json::from_slice(&std::fs::read(&path).ok()?).ok()?;
            let shown = kept["shown"].as_array()?.iter();
            shown.map(|one| one["number"].as_u64()?.try_into().ok()).collect()
        };
        proving::patience::until("what is on the screen to be kept", async || {
            (kept()? == numbers).then_some(())
        })
        .await;
    }
}

/// How the service behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Answers,
    /// Until it is told otherwise.
    Hangs,
    Refuses,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Call {
    Notify {
        number: u32,
        replaces: u32,
        title: String,
        body: String,
        urgency: u8,
        quiet: bool,
        keys: Vec<String>,
    },
    Close(u32),
}

struct Service {
    skills: &'static [&'static str],
    manner: watch::Receiver<Manner>,
    calls: Arc<Mutex<Vec<Call>>>,
    last: u32,
    inhibited: bool,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[expect(clippy::too_many_arguments, reason = "the specification's method has as many")]
    async fn notify(
        &mut self,
        _app_name: String,
        replaces: u32,
        _icon: String,
        title: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> zbus::fdo::Result<u32> {
        let manner = *self.manner.wait_for(|manner| *manner != Manner::Hangs).await.unwrap();
        if manner == Manner::Refuses {
            return Err(zbus::fdo::Error::AccessDenied("not today".into()));
        }
        let number = if replaces == 0 {
            self.last += 1;
            self.last
        } else {
            replaces
        };
        let urgency = hints["urgency"].downcast_ref::<u8>().unwrap();
        let keys = actions.iter().step_by(2).cloned().collect();
        let quiet = hints.contains_key("suppress-sound");
        let call = Call::Notify { number, replaces, title, body, urgency, quiet, keys };
        self.calls.lock().unwrap().push(call);
        Ok(number)
    }

    async fn close_notification(
        &mut self,
        number: u32,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        self.calls.lock().unwrap().push(Call::Close(number));
        Ok(Self::notification_closed(&emitter, number, 3).await?)
    }

    fn get_capabilities(&self) -> Vec<String> {
        self.skills.iter().map(ToString::to_string).collect()
    }

    #[zbus(property)]
    fn inhibited(&self) -> bool {
        self.inhibited
    }

    #[zbus(property)]
    fn set_inhibited(&mut self, inhibited: bool) {
        self.inhibited = inhibited;
    }

    #[zbus(signal)]
    async fn action_invoked(
        emitter: &SignalEmitter<'_>,
        number: u32,
        key: &str,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn activation_token(
        emitter: &SignalEmitter<'_>,
        number: u32,
        token: &str,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_closed(
        emitter: &SignalEmitter<'_>,
        number: u32,
        reason: u32,
    ) -> zbus::Result<()>;
}

/// The service, from the test's side.
struct Desktop {
    bus: zbus::Connection,
    manners: watch::Sender<Manner>,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Desktop {
    fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    async fn called(&self, times: usize) -> Vec<Call> {
        let called = async {
            while self.calls().len() < times {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let called = tokio::time::timeout(PATIENCE, called).await;
        called.unwrap_or_else(|_| panic!("{:#?}", self.calls()));
        self.calls()
    }

    /// As a person does.
    async fn press(&self, number: u32, key: &str) {
        let service = self.bus.object_server().interface::<_, Service>(PATH).await.unwrap();
        Service::action_invoked(service.signal_emitter(), number, key).await.unwrap();
        Service::notification_closed(service.signal_emitter(), number, 2).await.unwrap();
    }

    /// As a service of the specification's version 1.2 tells of a click that is about to come.
    async fn give_token(&self, number: u32, token: &str) {
        let service = self.bus.object_server().interface::<_, Service>(PATH).await.unwrap();
        Service::activation_token(service.signal_emitter(), number, token).await.unwrap();
    }

    async fn inhibit(&self, inhibited: bool) {
        let service = self.bus.object_server().interface::<_, Service>(PATH).await.unwrap();
        service.get_mut().await.inhibited = inhibited;
    }

    /// As a crash does.
    async fn crash(self) -> Vec<Call> {
        let calls = self.calls();
        self.bus.close().await.unwrap();
        calls
    }
}

struct App {
    wishes: Wishes,
    inbox: mpsc::UnboundedReceiver<Told>,
    task: tokio::task::JoinHandle<()>,
}

impl App {
    fn show(&self, id: i64, title: &str) {
        self.wishes.show(notification(id, title, true));
    }

    /// What is to be on the screen at its start, all by that title.
    fn open(&self, ids: &[i64], title: &str) {
        let open = ids.iter().map(|id| notification(*id, title, false));
        self.wishes.reconcile(open.collect());
    }

    fn withdraw(&self, id: i64) {
        self.wishes.withdraw(NotificationId(id));
    }

    /// Without a word.
    async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    async fn told(&mut self) -> Told {
        tokio::time::timeout(PATIENCE, self.inbox.recv()).await.expect("something told").unwrap()
    }

    async fn delivered(&mut self) -> i64 {
        match self.told().await {
            Told::Delivered(id) => id.0,
            other => panic!("{other:?}"),
        }
    }

    async fn undelivered(&mut self) -> (i64, String) {
        match self.told().await {
            Told::Undelivered { id, error } => (id.0, error.to_string()),
            other => panic!("{other:?}"),
        }
    }

    async fn reaction(&mut self) -> Reaction {
        match self.told().await {
            Told::Reacted(reaction) => reaction,
            other => panic!("{other:?}"),
        }
    }
}

fn notification(id: i64, title: &str, sound: bool) -> OsNotification {
    OsNotification {
        id: NotificationId(id),
        urgency: Urgency::Critical,
        title: title.into(),
        body: "1 < 2".into(),
        veiled: Veiled { title: format!("veiled {title}"), body: "no figure".into() },
        target: Target::System,
        sound,
        language: Language::English,
    }
}

fn notify(number: u32, replaces: u32, title: &str) -> Call {
    let keys = ["default", "ack", "snooze"].map(String::from).to_vec();
    Call::Notify {
        number,
        replaces,
        title: title.into(),
        body: "1 &lt; 2".into(),
        urgency: 2,
        quiet: false,
        keys,
    }
}

fn veiled(number: u32, replaces: u32, title: &str, quiet: bool) -> Call {
    let keys = ["default", "ack", "snooze"].map(String::from).to_vec();
    let (title, body) = (format!("veiled {title}"), "no figure".to_owned());
    Call::Notify { number, replaces, title, body, urgency: 2, quiet, keys }
}

/// The same without a sound.
fn quietly(call: Call) -> Call {
    match call {
        Call::Notify { number, replaces, title, body, urgency, keys, .. } => {
            Call::Notify { number, replaces, title, body, urgency, quiet: true, keys }
        }
        close @ Call::Close(_) => close,
    }
}
