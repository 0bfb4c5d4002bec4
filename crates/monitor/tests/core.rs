//! The core against a real socket, with a recording shell and a clock that can be moved.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::view::{
    FeedState, Freshness, Mode, NotificationId, NotificationState, Target, TickBatch, TickKind,
    WindowEvent,
};
use domain::{Level, UnixMillis, VaultId};
use futures_util::{SinkExt, StreamExt};
use monitor::{
    Clock, MonitorHandle, Options, OsNotification, Shell, TrayIcon, TrayView, Urgency, start,
};
use store::Store;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

/// Everything the core asks for, in order.
#[derive(Debug)]
enum Call {
    Window(WindowEvent),
    Tray(TrayView),
    Notify(OsNotification),
    Withdraw(NotificationId),
    ShowWindow,
    Tick(TickBatch),
}

struct Recorder(mpsc::UnboundedSender<Call>);

impl Recorder {
    fn note(&self, call: Call) {
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
}

/// The machine's clock plus whatever a test adds.
#[derive(Debug, Default)]
struct MovedClock(AtomicI64);

impl MovedClock {
    fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> UnixMillis {
        let real = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        UnixMillis(i64::try_from(real).unwrap() + self.0.load(Ordering::SeqCst))
    }
}

/// A monitor, the server it watches and what its shell was asked.
struct Watch {
    monitor: MonitorHandle,
    calls: mpsc::UnboundedReceiver<Call>,
    shell: Arc<Recorder>,
    clock: Arc<MovedClock>,
    server: mpsc::UnboundedSender<String>,
}

impl Watch {
    async fn start(mode: Mode, store: Store) -> Self {
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
        let (calls, recorded) = mpsc::unbounded_channel();
        let shell = Arc::new(Recorder(calls));
        let clock = Arc::new(MovedClock::default());
        let mut options = Options::new(mode, realtime::Options::new(url));
        options.clock = clock.clone();
        let monitor = start(options, store, shell.clone()).await.unwrap();
        let mut watch = Self { monitor, calls: recorded, shell, clock, server };
        watch
            .until("live", |call| match call {
                Call::Window(WindowEvent::Feed(feed)) if feed.state == FeedState::Live => Some(()),
                _ => None,
            })
            .await;
        watch
    }

    fn send(&self, ty: &str, data: &str) {
        let text = format!(r#"{{"type":"{ty}","data":{data},"timestamp":1}}"#);
        self.server.send(text).unwrap();
    }

    fn vault(&self, id: &str, ltv: &str) {
        self.send(
            &format!("vault_update_{id}"),
            &format!(r#"{{"ltv":{ltv},"liquidationThreshold":82.5,"maxLTV":80}}"#),
        );
    }

    /// The first call that fits; what comes before it is thrown away.
    async fn until<T>(&mut self, what: &str, fits: impl Fn(&Call) -> Option<T>) -> T {
        let search = async {
            loop {
                let call = self.calls.recv().await.expect("the monitor runs");
                if let Some(found) = fits(&call) {
                    return found;
                }
            }
        };
        let found = tokio::time::timeout(Duration::from_secs(30), search).await;
        found.unwrap_or_else(|_| panic!("waited for: {what}"))
    }

    async fn notified(&mut self) -> OsNotification {
        self.until("an OS notification", |call| match call {
            Call::Notify(notification) => Some(notification.clone()),
            _ => None,
        })
        .await
    }

    /// Everything asked until a message sent now has been dealt with.
    async fn settled(&mut self) -> Vec<Call> {
        self.send("system_status", r#"{"isRunning":true}"#);
        let mut calls = Vec::new();
        loop {
            let call = tokio::time::timeout(Duration::from_secs(30), self.calls.recv()).await;
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

    async fn attach(&self) -> domain::view::Attached {
        let shell = self.shell.clone();
        self.monitor.attach(Arc::new(move |batch| shell.note(Call::Tick(batch)))).await.unwrap()
    }

    async fn batch(&mut self) -> TickBatch {
        self.until("a batch", |call| match call {
            Call::Tick(batch) => Some(batch.clone()),
            _ => None,
        })
        .await
    }
}

fn notifications(calls: &[Call]) -> usize {
    calls.iter().filter(|call| matches!(call, Call::Notify(_))).count()
}

fn acme() -> Mode {
    Mode::Profile("acme".to_owned())
}

#[tokio::test]
async fn a_crossing_into_critical_is_stored_and_shown_once() {
    let store = Store::in_memory().unwrap();
    let mut watch = Watch::start(acme(), store.clone()).await;
    watch.vault("ETH-017", "60");
    watch.vault("ETH-017", "75.97");
    let shown = watch.notified().await;
    assert_eq!(
        (shown.urgency, shown.title.as_str()),
        (Urgency::Critical, "ETH-017: 7.9 % to liquidation")
    );
    assert_eq!(shown.target, Target::Vault(VaultId::new("ETH-017").unwrap()));
    let stored = store.notifications().await.unwrap();
    assert_eq!(stored.len(), 1, "stored before it was shown");
    assert_eq!(stored[0].delivery, store::Delivery::Wanted);
    watch.monitor.delivered(shown.id);
    watch.vault("ETH-017", "76.5");
    watch.vault("ETH-017", "77");
    assert_eq!(notifications(&watch.settled().await), 0, "the same condition");
    assert_eq!(store.notifications().await.unwrap()[0].delivery, store::Delivery::Done);
    assert_eq!(watch.monitor.notifications().await.len(), 1);
}

#[tokio::test]
async fn what_the_system_did_not_take_is_tried_again_and_told() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    watch.vault("A", "80");
    let first = watch.notified().await;
    watch.monitor.undelivered(first.id, "no notification service".to_owned());
    let told = watch
        .until("a banner", |call| match call {
            Call::Window(WindowEvent::NotificationsBlocked(Some(why))) => Some(why.clone()),
            _ => None,
        })
        .await;
    assert_eq!(told, "no notification service");
    watch.clock.advance(Duration::from_secs(10));
    let second = watch.notified().await;
    assert_eq!(second.id, first.id);
    watch.monitor.delivered(second.id);
    watch
        .until("the banner to go", |call| {
            matches!(call, Call::Window(WindowEvent::NotificationsBlocked(None))).then_some(())
        })
        .await;
    watch.clock.advance(Duration::from_secs(60));
    assert_eq!(notifications(&watch.settled().await), 0);
}

#[tokio::test]
async fn demo_data_wake_nobody_after_the_first_notification() {
    let mut watch = Watch::start(Mode::Demo, Store::in_memory().unwrap()).await;
    watch.vault("A", "80");
    assert_eq!(watch.notified().await.title, "DEMO A: 3.0 % to liquidation");
    watch.vault("B", "80");
    watch.vault("C", "81");
    assert_eq!(notifications(&watch.settled().await), 0);
    assert_eq!(watch.monitor.notifications().await.len(), 3, "the window has them all");
}

#[tokio::test]
async fn acknowledging_closes_the_systems_notification() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    watch.vault("A", "80");
    let shown = watch.notified().await;
    watch.monitor.delivered(shown.id);
    watch.monitor.acknowledge(shown.id);
    let withdrawn = watch.until("a withdrawal", |call| match call {
        Call::Withdraw(id) => Some(*id),
        _ => None,
    });
    assert_eq!(withdrawn.await, shown.id);
    let kept = watch.monitor.notifications().await;
    assert_eq!((kept[0].state, kept[0].read), (NotificationState::Acknowledged, true));
}

#[tokio::test]
async fn a_restart_neither_repeats_nor_forgets() {
    let store = Store::in_memory().unwrap();
    let mut watch = Watch::start(acme(), store.clone()).await;
    watch.vault("A", "80");
    watch.vault("B", "80");
    let told = watch.notified().await;
    let untold = watch.notified().await;
    watch.monitor.delivered(told.id);
    watch.monitor.shutdown().await;

    let mut watch = Watch::start(acme(), store).await;
    watch.vault("A", "80.1");
    watch.vault("B", "80.1");
    let mut calls = watch.settled().await;
    while notifications(&calls) == 0 {
        calls.push(watch.calls.recv().await.unwrap());
    }
    let again: Vec<_> = calls
        .iter()
        .filter_map(|call| match call {
            Call::Notify(notification) => Some(notification.id),
            _ => None,
        })
        .collect();
    assert_eq!(again, [untold.id], "only what nobody confirmed is shown again");
    assert_eq!(watch.monitor.notifications().await.len(), 2);
}

#[tokio::test]
async fn a_window_gets_everything_worst_first_and_one_batch_at_a_time() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    for n in 0..100 {
        watch.vault(&format!("V-{n:03}"), "40.12345678901234567");
    }
    watch.vault("WORST", "80");
    watch.settled().await;
    let attached = watch.attach().await;
    assert_eq!((attached.feed.state, attached.notifications.len()), (FeedState::Live, 1));
    let first = watch.batch().await;
    assert_eq!((first.seq, first.kind), (1, TickKind::Reset));
    assert_eq!(first.vaults[0].id.as_str(), "WORST");
    assert_eq!(first.totals.as_ref().unwrap().vaults, 101);
    let mut rows = first.vaults;
    let calls = watch.settled().await;
    assert!(!calls.iter().any(|call| matches!(call, Call::Tick(_))), "one in flight");
    let mut seq = first.seq;
    while rows.len() < 101 {
        watch.monitor.acknowledge_batch(seq);
        let batch = watch.batch().await;
        assert_eq!((batch.seq, batch.kind), (seq + 1, TickKind::Update));
        assert!(serde_json::to_string(&batch).unwrap().len() <= domain::view::BATCH_BYTES);
        seq = batch.seq;
        rows.extend(batch.vaults);
    }
    let row = rows.iter().find(|row| row.id.as_str() == "V-007").unwrap();
    assert_eq!(row.ltv.unwrap().to_string(), "40.12345678901234567", "every digit of the wire");
}

#[tokio::test]
async fn a_vaults_figures_reach_the_window_before_the_alert_about_it() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    watch.vault("A", "40");
    watch.settled().await;
    watch.attach().await;
    let first = watch.batch().await;
    assert_eq!(first.vaults.len(), 1);
    // Not acknowledged: the pump would have to wait.
    watch.vault("A", "80");
    let ahead = watch
        .until("row, then alert", |call| match call {
            Call::Tick(batch) => Some(batch.vaults[0].level),
            Call::Window(WindowEvent::Notification(_)) => panic!("the alert came first"),
            _ => None,
        })
        .await;
    assert_eq!(ahead, Some(Level::Critical));
}

#[tokio::test]
async fn values_go_stale_with_age_and_with_the_feed() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    watch.vault("A", "80");
    watch.settled().await;
    let a = || VaultId::new("A").unwrap();
    let freshness =
        async |watch: &Watch| watch.monitor.vault_detail(a()).await.unwrap().row.freshness;
    assert_eq!(freshness(&watch).await, Freshness::Live);
    watch.clock.advance(Duration::from_secs(61));
    let stale = |call: &Call| match call {
        Call::Tray(tray) if tray.state_line.contains("stale") => Some(()),
        _ => None,
    };
    watch.until("the tray to tell of it", stale).await;
    assert_eq!(freshness(&watch).await, Freshness::Stale);
    watch.vault("A", "81");
    watch.settled().await;
    assert_eq!(freshness(&watch).await, Freshness::Live);
}

#[tokio::test]
async fn a_closed_connection_is_told_and_comes_back() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    watch.server.send("close".to_owned()).unwrap();
    let state = |wanted: fn(&FeedState) -> bool| {
        move |call: &Call| match call {
            Call::Window(WindowEvent::Feed(feed)) if wanted(&feed.state) => Some(()),
            _ => None,
        }
    };
    watch.until("the loss", state(|s| matches!(s, FeedState::Retrying { .. }))).await;
    watch.until("the return", state(|s| *s == FeedState::Live)).await;
}

#[tokio::test]
async fn invalid_messages_are_counted_named_and_bounded() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    for _ in 0..100 {
        watch.send("vault_update_A", r#"{"ltv":"high"}"#);
    }
    watch.server.send("{oops".to_owned()).unwrap();
    watch.settled().await;
    let feed = watch.attach().await.feed;
    assert_eq!(feed.invalid, 101);
    assert_eq!(feed.recent_invalid.len(), 2, "one report per kind and minute");
    assert!(feed.recent_invalid[1].reason.contains("data.ltv"), "{:?}", feed.recent_invalid);
    assert_eq!(feed.recent_invalid[1].more, 99);
    assert_eq!(feed.recent_invalid[0].sample, "{oops");
    assert_eq!(watch.monitor.statistics().await.vaults, 0, "nothing of them was applied");
}

#[tokio::test]
async fn diagnostics_bear_no_figures() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    watch.vault("SECRET-VAULT", "76.54321");
    watch.send("vault_update_SECRET-VAULT", r#"{"ltv":"76.54321 or so"}"#);
    watch.settled().await;
    let diagnostics = watch.monitor.diagnostics().await.unwrap();
    let text = serde_json::to_string(&diagnostics).unwrap();
    assert!(!text.contains("76.54321") && !text.contains("SECRET-VAULT"), "{text}");
    assert!(text.contains("data.ltv"), "the reason is told: {text}");
    assert_eq!((diagnostics.statistics.vaults, diagnostics.feed.invalid), (1, 1));
}

#[tokio::test]
async fn a_click_waits_for_the_window() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    let target = Target::Vault(VaultId::new("A").unwrap());
    watch.monitor.open(target.clone());
    watch.until("the window", |call| matches!(call, Call::ShowWindow).then_some(())).await;
    assert_eq!(watch.attach().await.target, Some(target.clone()));
    assert_eq!(watch.attach().await.target, None, "once");
    watch.monitor.open(target.clone());
    let opened = watch.until("an event", |call| match call {
        Call::Window(WindowEvent::Open(target)) => Some(target.clone()),
        _ => None,
    });
    assert_eq!(opened.await, target);
}

#[tokio::test]
async fn the_tray_counts_what_is_critical() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    watch.vault("A", "80");
    watch.vault("B", "80");
    let count = |call: &Call| match call {
        Call::Tray(TrayView { icon: TrayIcon::Critical { count: 2 }, .. }) => Some(()),
        _ => None,
    };
    watch.until("two critical", count).await;
    watch.vault("A", "40");
    let count = |call: &Call| match call {
        Call::Tray(TrayView { icon: TrayIcon::Critical { count: 1 }, .. }) => Some(()),
        _ => None,
    };
    watch.until("one critical", count).await;
}

#[tokio::test]
async fn late_state_is_dropped_and_a_clock_step_is_applied() {
    let mut watch = Watch::start(acme(), Store::in_memory().unwrap()).await;
    let send = |at: i64, ltv: &str| {
        let text =
            format!(r#"{{"type":"vault_update_A","data":{{"ltv":{ltv}}},"timestamp":{at}}}"#);
        watch.server.send(text).unwrap();
    };
    send(100_000, "50");
    send(96_000, "51");
    send(50_000, "52");
    watch.settled().await;
    let statistics = watch.monitor.statistics().await;
    assert_eq!((statistics.late, statistics.clock_steps), (1, 1));
    let detail = watch.monitor.vault_detail(VaultId::new("A").unwrap()).await.unwrap();
    assert_eq!(detail.row.ltv.unwrap().to_string(), "52");
}
