//! The notifier on a bus of its own, with services that answer, hang, refuse, end and come back.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::view::{NotificationId, Target};
use monitor::config::HideAmounts;
use monitor::{OsNotification, Urgency, Veiled};
use tokio::sync::{mpsc, watch};
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

use super::super::{Notifier as _, Reaction, Tell, Told, Veil, Wishes};
use super::{Freedesktop, NAME, PATH};

const PATIENCE: Duration = Duration::from_secs(20);

/// A session bus on which nothing is but what the test starts.
struct Bus {
    daemon: Child,
    address: String,
    folder: tempfile::TempDir,
}

impl Bus {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("bus.conf");
        let text = format!(
            "<busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>\
             <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/>\
             <allow own=\"*\"/></policy></busconfig>",
            folder.path().join("bus").display()
        );
        std::fs::write(&config, text).unwrap();
        let mut daemon = Command::new("dbus-daemon")
            .args(["--nofork", "--print-address=1", "--config-file"])
            .arg(&config)
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is installed");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { daemon, address: address.trim().to_owned(), folder }
    }

    async fn serve(&self, manner: Manner) -> Desktop {
        let (manners, manner) = watch::channel(manner);
        let calls: Arc<Mutex<Vec<Call>>> = Arc::default();
        let service = Service { manner, calls: Arc::clone(&calls), last: 0, inhibited: false };
        let bus = zbus::connection::Builder::address(self.address.as_str()).unwrap();
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
        let notifier = Freedesktop::new(Some(self.address.clone()), folder, veil);
        let task = tokio::spawn(notifier.run(wishes.clone(), tell));
        App { wishes, inbox, task }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
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
        ["actions", "body", "body-markup", "persistence"].map(String::from).to_vec()
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
        self.wishes.show(OsNotification {
            id: NotificationId(id),
            urgency: Urgency::Critical,
            title: title.into(),
            body: "1 < 2".into(),
            veiled: Veiled { title: format!("veiled {title}"), body: "no figure".into() },
            target: Target::System,
            sound: true,
        });
    }

    fn withdraw(&self, id: i64) {
        self.wishes.withdraw(NotificationId(id));
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

#[tokio::test]
async fn raised_replaced_and_closed() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Answers).await;
    let mut app = bus.notify();
    app.show(3, "a");
    assert_eq!(app.delivered().await, 3);
    app.show(3, "b");
    assert_eq!(app.delivered().await, 3);
    app.withdraw(3);
    let calls = desktop.called(3).await;
    assert_eq!(calls, [notify(1, 0, "a"), notify(1, 1, "b"), Call::Close(1)]);
    // Nothing is left to be closed or clicked.
    app.withdraw(3);
    desktop.press(1, "ack").await;
    app.show(4, "fence");
    assert_eq!(app.delivered().await, 4);
}

#[tokio::test]
async fn each_button_does_what_it_says() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Answers).await;
    let mut app = bus.notify();
    for (id, key, wanted) in [
        (1, "default", Reaction::Opened(Target::System)),
        (2, "ack", Reaction::Acknowledged(NotificationId(2))),
        (3, "snooze", Reaction::Snoozed(NotificationId(3))),
    ] {
        app.show(id, "x");
        app.delivered().await;
        desktop.press(id as u32, key).await;
        assert_eq!(app.reaction().await, wanted);
    }
}

/// It gets one call for each, says nothing for a while, and then shows what is wanted by then.
#[tokio::test]
async fn a_service_that_hangs_loses_nothing_and_shows_nothing_twice() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Hangs).await;
    let mut app = bus.notify();
    app.show(1, "old");
    app.show(2, "over");
    let mut late = [app.undelivered().await, app.undelivered().await];
    late.sort();
    assert_eq!(late.each_ref().map(|(id, _)| *id), [1, 2]);
    assert!(late[0].1.contains("did not answer"), "{late:?}");
    // What goes on in the meantime.
    app.show(1, "old");
    app.show(1, "new");
    app.withdraw(2);
    desktop.manners.send_replace(Manner::Answers);
    assert_eq!(app.delivered().await, 1);
    let calls = desktop.called(4).await;
    let title = |call: &Call| match call {
        Call::Notify { title, replaces, .. } => format!("{title} {replaces}"),
        Call::Close(_) => "close".to_owned(),
    };
    let mut titles: Vec<_> = calls.iter().map(title).collect();
    titles[2..].sort();
    assert_eq!(titles[0], "old 0");
    assert_eq!(titles[1], "over 0");
    assert_eq!(titles[2], "close");
    assert!(titles[3].starts_with("new ") && titles[3] != "new 0", "{titles:?}");
}

#[tokio::test]
async fn one_that_refuses_is_believed_until_it_is_another() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Refuses).await;
    let mut app = bus.notify();
    app.show(1, "a");
    let (id, error) = app.undelivered().await;
    assert_eq!(id, 1);
    assert!(error.contains("refused") && error.contains("not today"), "{error}");
    desktop.crash().await;
    let desktop = bus.serve(Manner::Answers).await;
    assert_eq!(app.delivered().await, 1);
    assert_eq!(desktop.calls(), [notify(1, 0, "a")]);
}

#[tokio::test]
async fn a_service_that_restarts_shows_again_what_is_open() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Answers).await;
    let mut app = bus.notify();
    for (id, title) in [(1, "open"), (2, "put away"), (3, "acknowledged")] {
        app.show(id, title);
        assert_eq!(app.delivered().await, id);
    }
    desktop.press(2, "default").await;
    app.reaction().await;
    app.withdraw(3);
    desktop.called(4).await;
    desktop.crash().await;
    // While nobody is there it is tried once, in case somebody is to be started for it.
    let (id, _) = app.undelivered().await;
    assert_eq!(id, 1);
    let desktop = bus.serve(Manner::Answers).await;
    assert_eq!(app.delivered().await, 1);
    assert_eq!(desktop.calls(), [notify(1, 0, "open")]);
    desktop.press(1, "ack").await;
    assert_eq!(app.reaction().await, Reaction::Acknowledged(NotificationId(1)));
}

#[tokio::test]
async fn a_service_that_crashes_over_a_call_does_not_take_it_along() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Hangs).await;
    let mut app = bus.notify();
    app.show(1, "a");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(desktop.crash().await, []);
    let desktop = bus.serve(Manner::Answers).await;
    loop {
        match app.told().await {
            Told::Delivered(id) => break assert_eq!(id, NotificationId(1)),
            Told::Undelivered { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(desktop.calls(), [notify(1, 0, "a")]);
}

#[tokio::test]
async fn without_a_service_it_is_told_and_shown_when_one_comes() {
    let bus = Bus::start();
    let mut app = bus.notify();
    app.show(1, "a");
    let (id, error) = app.undelivered().await;
    assert_eq!((id, error.as_str()), (1, "no notification service is running"));
    let _desktop = bus.serve(Manner::Answers).await;
    assert_eq!(app.delivered().await, 1);
}

#[tokio::test]
async fn a_second_run_goes_on_with_what_the_first_left_on_the_screen() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Answers).await;
    let mut first = bus.notify();
    for id in [1, 2, 3] {
        first.show(id, "a");
        first.delivered().await;
    }
    let kept = bus.folder.path().join("on-screen.json");
    let all = |text: String| [1, 2, 3].iter().all(|n| text.contains(&format!("\"number\":{n}")));
    while !std::fs::read_to_string(&kept).is_ok_and(all) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // Killed.
    first.task.abort();
    let _ = first.task.await;

    let mut second = bus.notify();
    second.show(1, "b");
    assert_eq!(second.delivered().await, 1);
    second.withdraw(2);
    let calls = desktop.called(5).await;
    assert_eq!(calls[3..], [notify(1, 1, "b"), Call::Close(2)]);
    // A click on what only the first run has shown.
    desktop.press(3, "default").await;
    assert_eq!(second.reaction().await, Reaction::Opened(Target::System));
}

#[tokio::test]
async fn a_locked_screen_shows_no_amounts_and_what_was_there_is_changed_quietly() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Answers).await;
    let veil = Veil::new(HideAmounts::Locked);
    veil.screen_is(Some(false));
    let mut app = bus.notify_through(veil.clone());
    app.show(1, "a");
    assert_eq!(app.delivered().await, 1);
    veil.screen_is(Some(true));
    let calls = desktop.called(2).await;
    assert_eq!(calls, [notify(1, 0, "a"), veiled(1, 1, "a", true)]);
    app.show(3, "c");
    assert_eq!(app.delivered().await, 3);
    app.show(1, "worse");
    assert_eq!(app.delivered().await, 1);
    veil.screen_is(Some(false));
    let calls = desktop.called(6).await;
    assert_eq!(calls[2..4], [veiled(2, 0, "c", false), veiled(1, 1, "worse", false)]);
    let whole = |number, title| match notify(number, number, title) {
        Call::Notify { number, replaces, title, body, urgency, keys, .. } => {
            Call::Notify { number, replaces, title, body, urgency, quiet: true, keys }
        }
        Call::Close(_) => unreachable!("it is shown"),
    };
    assert_eq!(calls[4..], [whole(1, "worse"), whole(2, "c")]);
    // It is the same as before to whoever reacts.
    desktop.press(1, "ack").await;
    assert_eq!(app.reaction().await, Reaction::Acknowledged(NotificationId(1)));
}

#[tokio::test]
async fn do_not_disturb_is_told_and_its_end() {
    let bus = Bus::start();
    let desktop = bus.serve(Manner::Answers).await;
    desktop.inhibit(true).await;
    let mut app = bus.notify();
    let Told::Hushed(Some(cause)) = app.told().await else { panic!("it is on") };
    assert_eq!(cause, "Do Not Disturb is on");
    app.show(1, "a");
    assert_eq!(
        app.delivered().await,
        1,
        "it is shown all the same: it is for the desktop to decide"
    );
    desktop.crash().await;
    let (id, _) = app.undelivered().await;
    assert_eq!(id, 1);
    // Another service, which does not silence anything.
    let _desktop = bus.serve(Manner::Answers).await;
    let mut told = Vec::new();
    while !told.iter().any(|news| matches!(news, Told::Hushed(None))) {
        told.push(app.told().await);
    }
}

#[tokio::test]
async fn without_a_bus_everything_is_told_as_undelivered() {
    let wishes = Wishes::default();
    let (told, mut inbox) = mpsc::unbounded_channel();
    let tell: Tell = Arc::new(move |news| {
        let _ = told.send(news);
    });
    let nowhere = Some("unix:path=/nonexistent/bus".to_owned());
    let task = tokio::spawn({
        let veil = Veil::new(HideAmounts::Never);
        Freedesktop::new(nowhere, None, veil).run(wishes.clone(), tell)
    });
    wishes.show(OsNotification {
        id: NotificationId(1),
        urgency: Urgency::Critical,
        title: "a".into(),
        body: String::new(),
        veiled: Veiled::default(),
        target: Target::Alerts,
        sound: true,
    });
    let told = tokio::time::timeout(PATIENCE, inbox.recv()).await.unwrap();
    assert!(matches!(told, Some(Told::Undelivered { id: NotificationId(1), .. })), "{told:?}");
    task.abort();
}
