//! Who is called when nobody looks at the screen, and who is told that somebody watches at all.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use channels::{Clock, DeadMan, Desk, Event, Kind, Page, Settings};
use domain::view::{ChannelView, FeedState};
use monitor::{CallOut, CallOutKind, ChannelSecrets, MonitorHandle};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

const AGENT: &str = concat!("vaultwatch/", env!("CARGO_PKG_VERSION"));
/// Beside the profile's database.
const FILE: &str = "calls.json";
/// A watch that takes longer to say that it is live is not.
const PATIENCE: Duration = Duration::from_secs(10);

/// Takes the monitor's orders, from its first moment on. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct CallOuts {
    orders: mpsc::UnboundedSender<Order>,
}

#[derive(Debug)]
enum Order {
    Call(CallOut),
    /// How every alert stands at the start.
    Reconcile(Vec<CallOut>),
    /// Answered when what was ordered before is on disk.
    Kept(oneshot::Sender<()>),
}

/// The other end of [`CallOuts`].
#[derive(Debug)]
pub(crate) struct Orders(mpsc::UnboundedReceiver<Order>);

impl CallOuts {
    pub(crate) fn new() -> (Self, Orders) {
        // As many as there are critical alerts, and taken at once.
        let (orders, inbox) = mpsc::unbounded_channel();
        (Self { orders }, Orders(inbox))
    }

    pub(crate) fn order(&self, call: &CallOut) {
        // An error means that the app is ending.
        let _ = self.orders.send(Order::Call(call.clone()));
    }

    /// Has it looked at the start whether an order of before got lost.
    pub(crate) fn reconcile(&self, calls: &[CallOut]) {
        // An error means that the app is ending.
        let _ = self.orders.send(Order::Reconcile(calls.to_vec()));
    }

    /// Returns when everything that was ordered so far is on disk, where the next start takes it up.
    pub(crate) async fn kept(&self) {
        let (answer, answered) = oneshot::channel();
        if self.orders.send(Order::Kept(answer)).is_ok() {
            // An error means that nobody is called at all.
            let _ = answered.await;
        }
    }
}

/// The channels as the window sees them, and as it tries them.
#[derive(Clone, Debug)]
pub(crate) struct Channels {
    settings: Arc<watch::Sender<Arc<Settings>>>,
    profile: String,
    file: PathBuf,
}

impl Channels {
    pub(crate) fn new(settings: Settings, profile: String, store_path: &Path) -> Self {
        let file = store_path.with_file_name(FILE);
        Self { settings: Arc::new(watch::Sender::new(Arc::new(settings))), profile, file }
    }

    /// Others are to be called from now on, those included who still are to be.
    pub(crate) fn change(&self, settings: Settings) {
        self.settings.send_if_modified(|known| {
            let differs = **known != settings;
            *known = Arc::new(settings);
            differs
        });
    }

    fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.borrow())
    }

    /// Those that are configured, and what became of the last call by each.
    pub(crate) async fn list(&self) -> Vec<ChannelView> {
        let file = self.file.clone();
        let journal = tokio::task::spawn_blocking(move || Desk::journal_in(&file)).await;
        let journal = journal.ok().and_then(Result::ok).unwrap_or_default();
        let settings = self.settings();
        let view = |kind: Kind| {
            let last = journal.last(kind);
            Some(ChannelView {
                name: kind.name().to_owned(),
                target: settings.target(kind)?,
                called: last.map(|record| record.at),
                failure: last.and_then(|record| record.failure.clone()),
            })
        };
        let dead_man = settings.dead_man_target().map(|target| ChannelView {
            name: DEAD_MAN.to_owned(),
            target,
            called: None,
            failure: None,
        });
        Kind::ALL.into_iter().filter_map(view).chain(dead_man).collect()
    }

    /// Sends a test by that channel.
    ///
    /// # Errors
    /// A sentence on why nobody was reached.
    pub(crate) async fn test(&self, name: &str) -> Result<(), String> {
        let settings = self.settings();
        let for_caller = Arc::clone(&settings);
        let caller = tokio::task::spawn_blocking(move || for_caller.caller(AGENT)).await;
        let caller = caller.map_err(|panicked| panicked.to_string())?;
        let caller = caller.map_err(|error| error.to_string())?;
        if name == DEAD_MAN {
            let dead_man = settings.dead_man.as_ref();
            let dead_man = dead_man.ok_or_else(|| "no dead_man is configured".to_owned())?;
            let called = caller.call(dead_man.request()).await;
            return called.map_err(|error| error.to_string());
        }
        let kind: Kind = name.parse().map_err(|error: channels::UnknownKind| error.to_string())?;
        let (page, now) = (Page::test(&self.profile, Clock::wall()), Clock::wall());
        let sent = settings.send(kind, &page, &caller, &ChannelSecrets::default(), now).await;
        sent.map_err(|error| error.to_string())
    }

    /// Calls whom the monitor wants called, and says that it watches, on the current Tokio runtime, for as long as it
    /// does.
    pub(crate) fn start(&self, Orders(mut orders): Orders, monitor: MonitorHandle) {
        let channels = self.clone();
        tokio::spawn(async move {
            let mut changes = channels.settings.subscribe();
            loop {
                let settings = Arc::clone(&changes.borrow_and_update());
                let office = channels.open(&settings, &monitor).await;
                let desk = office.as_ref().map(|office| &office.desk);
                tokio::select! {
                    () = channels.serve(desk, &mut orders) => return,
                    // Its sender is ours.
                    _ = changes.changed() => tracing::info!("others are to be called from now on"),
                }
                if let Some(office) = office {
                    office.desk.kept().await;
                }
            }
        });
    }

    /// `None`: nobody is to be called, or can be.
    async fn open(&self, settings: &Settings, monitor: &MonitorHandle) -> Option<Office> {
        if settings.is_empty() {
            return None;
        }
        let (file, told, settings) = (self.file.clone(), monitor.clone(), settings.clone());
        let dead_man = settings.dead_man.clone();
        // Reads files and the system's certificates.
        let runtime = tokio::runtime::Handle::current();
        let opened = tokio::task::spawn_blocking(move || {
            let _runtime = runtime.enter();
            let report = move |report: channels::Report| {
                let id = domain::view::NotificationId(report.key);
                told.called(id, report.channel.name().to_owned(), report.result);
            };
            let caller = settings.caller(AGENT)?;
            let secrets = Arc::new(ChannelSecrets::default());
            Ok::<_, channels::DeskError>((
                Desk::open(settings, AGENT, file, secrets, report)?,
                caller,
            ))
        });
        match opened.await {
            Ok(Ok((desk, caller))) => {
                let mut pinging = JoinSet::new();
                if let Some(dead_man) = dead_man {
                    pinging.spawn(ping(dead_man, caller, monitor.clone()));
                }
                Some(Office { desk, _pinging: pinging })
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "nobody can be called");
                None
            }
            Err(panicked) => {
                tracing::error!(%panicked, "nobody can be called");
                None
            }
        }
    }

    /// Until nobody can order anything any more. Cancel safe.
    async fn serve(&self, desk: Option<&Desk>, orders: &mut mpsc::UnboundedReceiver<Order>) {
        while let Some(order) = orders.recv().await {
            match (order, desk) {
                (Order::Call(call), Some(desk)) => {
                    let page = self.page(call);
                    if page.event.is_end() {
                        desk.end(page);
                    } else {
                        desk.call(page);
                    }
                }
                (Order::Kept(answer), desk) => {
                    if let Some(desk) = desk {
                        desk.kept().await;
                    }
                    // Whoever asked may have stopped waiting.
                    let _ = answer.send(());
                }
                (Order::Reconcile(calls), Some(desk)) => {
                    desk.reconcile(calls.into_iter().map(|call| self.page(call)).collect());
                }
                (Order::Call(_) | Order::Reconcile(_), None) => {}
            }
        }
    }

    fn page(&self, call: CallOut) -> Page {
        let CallOut { id, kind, severity, vault, title, message, raised } = call;
        let now = Clock::wall();
        Page {
            // Another one for each time somebody is called about it.
            delivery: format!("{}-{id}-{now}", self.profile).into(),
            event: match kind {
                CallOutKind::Firing => Event::Unacknowledged,
                CallOutKind::Acknowledged => Event::Acknowledged,
                CallOutKind::Resolved => Event::Resolved,
            },
            id: id.0,
            profile: self.profile.clone(),
            title,
            message,
            severity: severity.word().to_uppercase().into(),
            vault: vault.map(|vault| vault.to_string()),
            raised,
        }
    }
}

/// Those who call, as long as the settings stay.
struct Office {
    desk: Desk,
    /// Ends with it.
    _pinging: JoinSet<()>,
}

/// As in the configuration.
pub(crate) const DEAD_MAN: &str = "dead_man";

/// Says once a minute that this machine watches, while it does: the core answers, and values arrive.
async fn ping(dead_man: DeadMan, caller: channels::Caller, monitor: MonitorHandle) {
    let live = || async {
        let asked = tokio::time::timeout(PATIENCE, monitor.diagnostics()).await;
        matches!(asked, Ok(Some(diagnostics)) if diagnostics.feed.state == FeedState::Live)
    };
    let told = |called: Result<(), channels::CallError>| {
        if let Err(error) = called {
            tracing::warn!(%error, "the dead-man ping was not taken");
        }
    };
    dead_man.ping(&caller, live, told).await;
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use channels::{Secret, WebhookSettings};
    use domain::Level;
    use domain::view::{Mode, NotificationId};
    use gateway::{Access, DemoOptions, EmbeddedGateway, Gateway, Limits, Source};
    use store::Store;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use wire::UnixMillis;

    use super::*;

    struct NoShell;
    impl monitor::Shell for NoShell {}

    async fn watch(url: &str, token: Option<&str>) -> MonitorHandle {
        let mut connection = realtime::Options::new(url);
        connection.token = token.map(|token| realtime::Secret::new(token.to_owned()));
        let options = monitor::Options::new(Mode::Profile("acme".into()), connection);
        let store = Store::in_memory().unwrap();
        monitor::start(options, store, Arc::new(NoShell)).await.unwrap()
    }

    /// Passes orders on, as the app's shell does.
    struct Orderly(CallOuts);
    impl monitor::Shell for Orderly {
        fn call_out(&self, call: &CallOut) {
            self.0.order(call);
        }
        fn reconcile_calls(&self, calls: &[CallOut]) {
            self.0.reconcile(calls);
        }
    }

    /// Of whom nothing comes any more once the order is given: the crash.
    struct Crashing(mpsc::UnboundedSender<CallOut>);
    impl monitor::Shell for Crashing {
        fn call_out(&self, call: &CallOut) {
            let _ = self.0.send(call.clone());
        }
    }

    /// A watch of which nobody is spared: other channels are told of a critical alert at once.
    async fn urgent(url: &str, database: &Path, shell: Arc<dyn monitor::Shell>) -> MonitorHandle {
        let mut options =
            monitor::Options::new(Mode::Profile("acme".into()), realtime::Options::new(url));
        options.policy.sound_after = Duration::ZERO;
        options.policy.call_out_after = Duration::ZERO;
        let (store, _) = Store::open(database).unwrap();
        monitor::start(options, store, shell).await.unwrap()
    }

    /// A server that takes everything; what it was sent.
    async fn receiver() -> (url::Url, Arc<Mutex<Vec<String>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/x", listener.local_addr().unwrap()).parse().unwrap();
        let calls: Arc<Mutex<Vec<String>>> = Arc::default();
        let taken = Arc::clone(&calls);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut call = String::new();
                let mut buffer = [0; 4_096];
                // A body in JSON ends with a brace, and a head without a body with an empty line.
                let complete = |call: &str| {
                    call.ends_with("}}") || call.starts_with("GET") && call.ends_with("\r\n\r\n")
                };
                while !complete(&call) {
                    let count = stream.read(&mut buffer).await.unwrap();
                    call.push_str(&String::from_utf8_lossy(&buffer[..count]));
                }
                stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
                taken.lock().unwrap().push(call);
            }
        });
        (url, calls)
    }

    async fn called(calls: &Mutex<Vec<String>>, times: usize) -> Vec<String> {
        let called = async {
            while calls.lock().unwrap().len() < times {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), called).await.expect("a call in time");
        calls.lock().unwrap().clone()
    }

    fn order(kind: CallOutKind) -> CallOut {
        CallOut {
            id: NotificationId(7),
            kind,
            severity: Level::Critical,
            vault: domain::VaultId::new("ETH-017").ok(),
            title: "ETH-017: 7.9 % to liquidation".into(),
            message: "Repay".into(),
            raised: UnixMillis(1_763_800_000_000),
        }
    }

    #[tokio::test]
    async fn an_order_reaches_the_receiver_and_its_end_too() {
        let folder = tempfile::tempdir().unwrap();
        let (url, calls) = receiver().await;
        let secret = Some(Secret::new("0123456789abcdef").unwrap());
        let webhook = Some(WebhookSettings { url, secret });
        let settings = Settings { webhook, ..Settings::default() };
        let channels = Channels::new(settings, "acme".into(), &folder.path().join("v.db"));
        let (call_outs, orders) = CallOuts::new();
        // Ordered before anybody can be called.
        call_outs.order(&order(CallOutKind::Firing));
        channels.start(orders, watch("ws://127.0.0.1:9", None).await);
        let first = called(&calls, 1).await.remove(0);
        assert!(first.contains("\"event\":\"alert.unacknowledged\""), "{first}");
        assert!(
            first.contains("\"severity\":\"CRITICAL\"")
                && first.contains("\"vaultId\":\"ETH-017\"")
        );
        call_outs.order(&order(CallOutKind::Acknowledged));
        let second = called(&calls, 2).await.remove(1);
        assert!(second.contains("\"event\":\"alert.acknowledged\""), "{second}");
        channels.test("webhook").await.unwrap();
        assert!(called(&calls, 3).await[2].contains("\"event\":\"test\""));
        assert!(channels.test("ntfy").await.unwrap_err().contains("no ntfy is configured"));
        assert!(channels.test("pigeon").await.unwrap_err().contains("no channel"));
        let list = channels.list().await;
        assert_eq!((list.len(), list[0].name.as_str()), (1, "webhook"));
        assert!(list[0].called.is_some() && list[0].failure.is_none());
    }

    #[tokio::test]
    async fn somebody_who_is_added_while_it_runs_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let (url, calls) = receiver().await;
        let channels =
            Channels::new(Settings::default(), "acme".into(), &folder.path().join("v.db"));
        let (call_outs, orders) = CallOuts::new();
        channels.start(orders, watch("ws://127.0.0.1:9", None).await);
        call_outs.order(&order(CallOutKind::Firing));
        call_outs.kept().await;
        let secret = Some(Secret::new("0123456789abcdef").unwrap());
        let webhook = Some(WebhookSettings { url, secret });
        channels.change(Settings { webhook, ..Settings::default() });
        assert_eq!(channels.list().await.len(), 1);
        let again = async {
            while calls.lock().unwrap().is_empty() {
                call_outs.order(&order(CallOutKind::Firing));
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), again).await.expect("a call in time");
        channels.change(Settings::default());
        assert!(channels.list().await.is_empty());
    }

    #[tokio::test]
    async fn what_was_ordered_before_the_end_is_taken_up_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let (url, calls) = receiver().await;
        let channels = |url: &str| {
            let secret = Some(Secret::new("0123456789abcdef").unwrap());
            let webhook = Some(WebhookSettings { url: url.parse().unwrap(), secret });
            let settings = Settings { webhook, ..Settings::default() };
            Channels::new(settings, "acme".into(), &folder.path().join("v.db"))
        };
        let (call_outs, orders) = CallOuts::new();
        // Nobody listens there.
        channels("http://127.0.0.1:9/x").start(orders, watch("ws://127.0.0.1:9", None).await);
        call_outs.order(&order(CallOutKind::Firing));
        call_outs.kept().await;
        drop(call_outs);
        let (_call_outs, orders) = CallOuts::new();
        channels(url.as_str()).start(orders, watch("ws://127.0.0.1:9", None).await);
        assert!(called(&calls, 1).await[0].contains("\"event\":\"alert.unacknowledged\""));
    }

    #[tokio::test]
    async fn a_crash_between_the_commit_and_the_order_leaves_nobody_uncalled() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("v.db");
        let (receiver, calls) = receiver().await;
        let secret = Some(Secret::new("0123456789abcdef").unwrap());
        let webhook = Some(WebhookSettings { url: receiver, secret });
        let channels =
            Channels::new(Settings { webhook, ..Settings::default() }, "acme".into(), &database);
        let listen = "127.0.0.1:0".parse().unwrap();
        let relay =
            Gateway::bind_with(listen, Access::open(), Source::Relay, Limits::default()).await;
        let relay = relay.unwrap();

        let (given, mut ordered) = mpsc::unbounded_channel();
        let first = urgent(&relay.url(), &database, Arc::new(Crashing(given))).await;
        let (publisher, _messages) =
            realtime::open(realtime::Options::new(relay.url()).validate().unwrap());
        publisher.connect().unwrap();
        publisher.connected().await.unwrap();
        let alert = serde_json::json!({
            "vaultId": "ETH-017", "severity": "CRITICAL", "category": "MARKET_RISK", "message": "Soon.",
        });
        let alert = wire::Message::new("risk_alert", &alert, UnixMillis(1), None).unwrap();
        let outcome = publisher.publish(alert).unwrap().await;
        assert!(matches!(outcome, realtime::Outcome::Acknowledged { .. }), "{outcome:?}");
        let order = ordered.recv().await.unwrap();
        assert_eq!(order.kind, CallOutKind::Firing);
        first.shutdown().await;
        assert!(!folder.path().join(FILE).exists(), "committed, and never ordered");

        let (call_outs, orders) = CallOuts::new();
        let second = urgent(&relay.url(), &database, Arc::new(Orderly(call_outs))).await;
        channels.start(orders, second.clone());
        let call = called(&calls, 1).await.remove(0);
        assert!(call.contains("\"event\":\"alert.unacknowledged\""), "{call}");
        assert!(call.contains("\"vaultId\":\"ETH-017\""), "{call}");
        // Not before it is on disk that it was taken.
        while channels.list().await[0].called.is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        second.shutdown().await;
        drop(second);

        // With the file, nobody is called about it a second time; and of its end whoever was called is told.
        let (call_outs, orders) = CallOuts::new();
        let third = urgent(&relay.url(), &database, Arc::new(Orderly(call_outs))).await;
        channels.start(orders, third.clone());
        third.acknowledge(vec![order.id]);
        let end = called(&calls, 2).await.remove(1);
        assert!(end.contains("\"event\":\"alert.acknowledged\""), "{end}");
        third.shutdown().await;
    }

    #[tokio::test]
    async fn where_nobody_is_called_there_is_nothing_to_wait_for() {
        let folder = tempfile::tempdir().unwrap();
        let (call_outs, orders) = CallOuts::new();
        let channels =
            Channels::new(Settings::default(), "acme".into(), &folder.path().join("v.db"));
        channels.start(orders, watch("ws://127.0.0.1:9", None).await);
        call_outs.kept().await;
    }

    #[tokio::test]
    async fn the_dead_man_hears_of_a_live_watch_and_of_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let (url, calls) = receiver().await;
        let dead_man = Some(DeadMan { url, every: Duration::from_millis(20) });
        let settings = Settings { dead_man, ..Settings::default() };
        let channels = Channels::new(settings, "acme".into(), &folder.path().join("v.db"));
        let (_call_outs, orders) = CallOuts::new();
        let offline = watch("ws://127.0.0.1:9", None).await;
        channels.start(orders, offline.clone());
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(calls.lock().unwrap().is_empty(), "nothing is watched");

        let demo = EmbeddedGateway::start(DemoOptions::default()).await.unwrap();
        let live = watch(&demo.url(), Some(demo.token())).await;
        let (_call_outs, orders) = CallOuts::new();
        channels.start(orders, live.clone());
        assert!(called(&calls, 2).await[0].starts_with("GET /x HTTP/1.1"));
        live.shutdown().await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        let before = calls.lock().unwrap().len();
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(calls.lock().unwrap().len(), before, "the watch has ended");
    }
}
