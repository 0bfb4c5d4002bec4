//! A monitor at a real socket, with a recording shell and a clock that can be moved.

pub(crate) use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
pub(crate) use std::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) use domain::view::{
    FeedState, Freshness, Mode, NotificationId, NotificationState, Target, TickBatch, TickKind,
    WindowEvent,
};
pub(crate) use domain::{Level, UnixMillis, VaultId};
use futures_util::{SinkExt, StreamExt};
pub(crate) use monitor::{
    Alarm, CallOut, CallOutKind, Observed, Options, OsNotification, TrayIcon, TrayView, Urgency,
};
use monitor::{Clock, MonitorHandle, Shell, start};
pub(crate) use proving::patience::PATIENCE;
pub(crate) use store::Store;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

/// Everything the core asks for, in order.
#[derive(Debug)]
pub(crate) enum Call {
    Window(WindowEvent),
    Tray(TrayView),
    Notify(OsNotification),
    Withdraw(NotificationId),
    ShowWindow,
    Tick(TickBatch),
    Custom(wire::Message),
    /// The client's own word for its state, where it is one.
    State(FeedState, Option<serde_json::Value>),
    /// As it is printed.
    Connection(serde_json::Value),
    Failed(String),
    CallOut(CallOut),
    /// How every alert stands at the start.
    Reconcile(Vec<CallOut>),
    /// What is to be on the screen at the start.
    Screen(Vec<OsNotification>),
    Alarm(Alarm),
}

pub(crate) struct Recorder(mpsc::UnboundedSender<Call>);

impl Recorder {
    pub(crate) fn note(&self, call: Call) {
        let _ = self.0.send(call);
    }
}

impl Shell for Recorder {
    fn window(&self, event: &WindowEvent) {
        self.note(Call::Window(event.clone()));
    }
    fn tray(&self, tray: &TrayView) {
        self.note(Call::Tray(tray.clone()));
    }
    fn notify(&self, notification: &OsNotification) {
        self.note(Call::Notify(notification.clone()));
    }
    fn withdraw(&self, id: NotificationId) {
        self.note(Call::Withdraw(id));
    }
    fn show_window(&self) {
        self.note(Call::ShowWindow);
    }
    fn call_out(&self, call: &CallOut) {
        self.note(Call::CallOut(call.clone()));
    }
    fn reconcile_calls(&self, calls: &[CallOut]) {
        self.note(Call::Reconcile(calls.to_vec()));
    }
    fn reconcile_screen(&self, shown: &[OsNotification]) {
        self.note(Call::Screen(shown.to_vec()));
    }
    fn alarm(&self, alarm: Alarm) {
        self.note(Call::Alarm(alarm));
    }
    fn observe(&self, observed: Observed<'_>) {
        match observed {
            Observed::Custom(message) => self.note(Call::Custom(message.clone())),
            Observed::State { state, change, .. } => {
                let change = change.map(|change| serde_json::to_value(change).unwrap());
                self.note(Call::State(state.clone(), change));
            }
            Observed::Connection { json, .. } => {
                self.note(Call::Connection(serde_json::from_str(json).unwrap()));
            }
            Observed::Failed { cause } => self.note(Call::Failed(cause.to_owned())),
            _ => {}
        }
    }
}

/// The machine's clock plus whatever a test adds.
#[derive(Debug, Default)]
pub(crate) struct MovedClock(AtomicI64);

impl MovedClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> UnixMillis {
        let real = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        UnixMillis(i64::try_from(real).unwrap() + self.0.load(Ordering::SeqCst))
    }
}

/// A server of plain mode that sends what it is told to, from its first client on; `close` closes.
pub(crate) async fn plain_server() -> (String, mpsc::UnboundedSender<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let (server, mut to_send) = mpsc::unbounded_channel::<String>();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let mut socket = tokio_tungstenite::accept_async(socket).await.unwrap();
            loop {
                tokio::select! {
                    text = to_send.recv() => match text {
                        Some(text) if text == "close" => { let _ = socket.close(None).await; break; }
                        Some(text) => socket.send(Message::text(text)).await.unwrap(),
                        None => return,
                    },
                    got = socket.next() => if !matches!(got, Some(Ok(_))) { break },
                }
            }
        }
    });
    (url, server)
}

/// A monitor, the server it watches and what its shell was asked.
pub(crate) struct Watch {
    pub(crate) monitor: MonitorHandle,
    pub(crate) calls: mpsc::UnboundedReceiver<Call>,
    pub(crate) shell: Arc<Recorder>,
    pub(crate) clock: Arc<MovedClock>,
    pub(crate) server: mpsc::UnboundedSender<String>,
}

impl Watch {
    /// Live.
    pub(crate) async fn start(mode: Mode, store: Store) -> Self {
        Self::start_with(mode, store, |_| {}).await
    }

    /// Live, with other options.
    pub(crate) async fn start_with(
        mode: Mode,
        store: Store,
        change: impl FnOnce(&mut Options),
    ) -> Self {
        let mut watch = Self::begin(mode, store, change).await;
        watch.live().await;
        watch
    }

    /// Not connected yet.
    pub(crate) async fn begin(mode: Mode, store: Store, change: impl FnOnce(&mut Options)) -> Self {
        let (url, server) = plain_server().await;
        let (calls, recorded) = mpsc::unbounded_channel();
        let shell = Arc::new(Recorder(calls));
        let clock = Arc::new(MovedClock::default());
        let mut options = Options::new(mode, realtime::Options::new(url));
        options.clock = clock.clone();
        // Of what is medium the digest tells once a day: not while a test runs, whatever the time is, and wherever.
        options.policy.zone = jiff::tz::TimeZone::UTC;
        let hour = clock.now().0 / 3_600_000 % 24;
        options.policy.digest_hour = i8::try_from((hour + 12) % 24).unwrap();
        change(&mut options);
        let monitor = start(options, store, shell.clone()).await.unwrap();
        Self { monitor, calls: recorded, shell, clock, server }
    }

    pub(crate) async fn live(&mut self) {
        self.until("live", |call| match call {
            Call::Window(WindowEvent::Feed(feed)) if feed.state == FeedState::Live => Some(()),
            _ => None,
        })
        .await;
    }

    pub(crate) fn send(&self, ty: &str, data: &str) {
        let text = format!(r#"{{"type":"{ty}","data":{data},"timestamp":1}}"#);
        self.server.send(text).unwrap();
    }

    pub(crate) fn vault(&self, id: &str, ltv: &str) {
        self.send(
            &format!("vault_update_{id}"),
            &format!(r#"{{"ltv":{ltv},"liquidationThreshold":82.5,"maxLTV":80}}"#),
        );
    }

    /// The first call that fits; what comes before it is thrown away.
    pub(crate) async fn until<T>(&mut self, what: &str, fits: impl Fn(&Call) -> Option<T>) -> T {
        let search = async {
            loop {
                let call = self.calls.recv().await.expect("the monitor runs");
                if let Some(found) = fits(&call) {
                    return found;
                }
            }
        };
        let found = tokio::time::timeout(PATIENCE, search).await;
        found.unwrap_or_else(|_| panic!("waited for: {what}"))
    }

    pub(crate) async fn notified(&mut self) -> OsNotification {
        self.until("an OS notification", |call| match call {
            Call::Notify(notification) => Some(notification.clone()),
            _ => None,
        })
        .await
    }

    /// Everything asked until a message sent now has been dealt with.
    pub(crate) async fn settled(&mut self) -> Vec<Call> {
        self.send("system_status", r#"{"isRunning":true}"#);
        let mut calls = Vec::new();
        loop {
            let call = tokio::time::timeout(PATIENCE, self.calls.recv()).await;
            let call = call.expect("it settles").expect("the monitor runs");
            let done = matches!(call, Call::Window(WindowEvent::Status(_)));
            calls.push(call);
            if done {
                break;
            }
        }
        // The effects of a delivery are carried out after its last message; a command's turn comes after that.
        self.monitor.statistics().await;
        while let Ok(call) = self.calls.try_recv() {
            calls.push(call);
        }
        calls
    }

    pub(crate) async fn attach(&self) -> domain::view::Attached {
        let shell = self.shell.clone();
        self.monitor.attach(Arc::new(move |batch| shell.note(Call::Tick(batch)))).await.unwrap()
    }

    pub(crate) async fn batch(&mut self) -> TickBatch {
        self.until("a batch", |call| match call {
            Call::Tick(batch) => Some(batch.clone()),
            _ => None,
        })
        .await
    }

    /// A custom message of that type.
    pub(crate) async fn custom(&mut self, ty: &str) -> wire::Message {
        self.until(ty, |call| match call {
            Call::Custom(message) if message.ty() == ty => Some(message.clone()),
            _ => None,
        })
        .await
    }
}

pub(crate) fn notifications(calls: &[Call]) -> usize {
    calls.iter().filter(|call| matches!(call, Call::Notify(_))).count()
}

pub(crate) fn acme() -> Mode {
    Mode::Profile("acme".to_owned())
}
