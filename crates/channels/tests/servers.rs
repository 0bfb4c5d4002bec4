//! Calls to real HTTP servers: that take, fail, hang, lead elsewhere, break off, are not there, and speak TLS.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use channels::{
    CallError, ChannelError, ChannelsEntry, Clock, DeadMan, Desk, Event, Kind, NoSecrets, Page,
    Reading, Report, Secret, SecretError, SecretStore, Settings,
};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(30);
const SECRET: &str = "a secret of sixteen bytes or more";
const AGENT: &str = "vaultwatch/test";

#[derive(Clone, Debug)]
struct Call {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// How a receiver answers.
#[derive(Clone, Copy, Debug)]
enum Manner {
    Takes,
    /// With this status so many times, and then it takes.
    Fails(u16, u32),
    Redirects,
}

/// Somebody who is called.
#[derive(Clone)]
struct Receiver {
    address: std::net::SocketAddr,
    calls: watch::Sender<Vec<Call>>,
    failed: Arc<AtomicU32>,
    manner: Manner,
}

impl Receiver {
    async fn start(manner: Manner) -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").await.unwrap(), manner)
    }

    fn listen(listener: TcpListener, manner: Manner) -> Self {
        let address = listener.local_addr().unwrap();
        let calls = watch::Sender::new(Vec::new());
        let receiver = Self { address, calls, failed: Arc::default(), manner };
        let router = Router::new().fallback(take).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        receiver
    }

    fn calls(&self) -> Vec<Call> {
        self.calls.borrow().clone()
    }

    async fn called(&self, times: usize) -> Vec<Call> {
        wait_for(&self.calls, |calls| calls.len() >= times).await
    }

    fn webhook(&self) -> String {
        format!("[webhook]\nurl = \"http://{}/hook?desk=1\"\n", self.address)
    }
}

async fn take(
    State(receiver): State<Receiver>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let call = Call { method, path: uri.to_string(), headers, body };
    receiver.calls.send_modify(|calls| calls.push(call));
    match receiver.manner {
        Manner::Takes => StatusCode::NO_CONTENT.into_response(),
        Manner::Fails(status, times) if receiver.failed.fetch_add(1, Ordering::SeqCst) < times => {
            StatusCode::from_u16(status).unwrap().into_response()
        }
        Manner::Fails(..) => StatusCode::OK.into_response(),
        Manner::Redirects => {
            let elsewhere = format!("http://{}/elsewhere", receiver.address);
            (StatusCode::TEMPORARY_REDIRECT, [("location", elsewhere)]).into_response()
        }
    }
}

/// What there is as soon as it fits.
async fn wait_for<T: Clone + std::fmt::Debug>(
    all: &watch::Sender<Vec<T>>,
    fits: impl Fn(&[T]) -> bool,
) -> Vec<T> {
    let mut changes = all.subscribe();
    let waited = timeout(PATIENCE, changes.wait_for(|all| fits(all))).await;
    let fitting = waited.unwrap_or_else(|_| panic!("in vain; there was {:?}", all.borrow()));
    fitting.unwrap().clone()
}

/// A keychain in the test's hands.
#[derive(Default)]
struct Kept {
    locked: AtomicBool,
}

impl SecretStore for Kept {
    fn read(&self, kind: Kind) -> BoxFuture<'_, Result<Option<Secret>, SecretError>> {
        let secret = match (self.locked.load(Ordering::SeqCst), kind) {
            (true, _) => Err(SecretError::Unavailable("the keychain is locked".into())),
            (false, Kind::Webhook) => Ok(Some(Secret::new(SECRET).unwrap())),
            (false, Kind::Ntfy) => Ok(Some(Secret::new("tk_kept").unwrap())),
        };
        Box::pin(std::future::ready(secret))
    }
}

fn settings(text: &str) -> Settings {
    let entry: ChannelsEntry = toml::from_str(text).unwrap();
    let path = std::path::Path::new("/nowhere/config.toml");
    entry.settings(&Reading { text, path }).unwrap()
}

async fn send(settings: &Settings, kind: Kind) -> Result<(), ChannelError> {
    let caller = settings.caller(AGENT).unwrap();
    settings.send(kind, &page(1), &caller, &Kept::default(), Clock::wall()).await
}

fn page(id: i64) -> Page {
    Page {
        delivery: format!("d{id}").as_str().into(),
        event: Event::Unacknowledged,
        id,
        profile: "acme".into(),
        title: "ETH-017: 7.9 % to liquidation".into(),
        message: "WETH $1,936, liquidates $1,783. Repay 13,700 USDC → 15 %.".into(),
        severity: "CRITICAL".into(),
        vault: Some("ETH/017".into()),
        raised: wire::UnixMillis(1_763_800_000_000),
    }
}

#[tokio::test]
async fn a_webhook_gets_signed_json() {
    let receiver = Receiver::start(Manner::Takes).await;
    send(&settings(&receiver.webhook()), Kind::Webhook).await.unwrap();
    let call = &receiver.calls()[0];
    assert_eq!((call.method.as_str(), call.path.as_str()), ("POST", "/hook?desk=1"));
    assert_eq!(call.header("content-type"), "application/json");
    assert_eq!(call.header("user-agent"), AGENT);
    assert_eq!(call.header("vaultwatch-delivery"), "d1");
    let timestamp: i64 = call.header("vaultwatch-timestamp").parse().unwrap();
    assert!((0..30).contains(&(Clock::wall().0 / 1_000 - timestamp)));
    assert_eq!(call.header("vaultwatch-signature"), channels::sign(SECRET, timestamp, &call.body));
    assert_eq!(
        call.json(),
        json!({"event": "alert.unacknowledged", "delivery": "d1", "profile": "acme", "alert": {
            "id": 1, "title": "ETH-017: 7.9 % to liquidation", "severity": "CRITICAL", "vaultId": "ETH/017",
            "message": "WETH $1,936, liquidates $1,783. Repay 13,700 USDC → 15 %.", "raisedAt": 1_763_800_000_000_i64}})
    );
}

/// The example in the documentation, run as its reader would run it.
#[tokio::test]
async fn the_documented_check_of_a_signature_works() {
    let receiver = Receiver::start(Manner::Takes).await;
    send(&settings(&receiver.webhook()), Kind::Webhook).await.unwrap();
    let call = &receiver.calls()[0];
    let docs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/notifications.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    let example = docs.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let script = format!(
        "{example}\nimport json, sys\ncall = json.load(sys.stdin)\nfor secret, body in \
         [(call['secret'], call['body']), ('another secret of sixteen bytes', call['body']), (call['secret'], call['body'] + ' ')]:\n    \
         print(is_ours(secret.encode(), call['headers'], body.encode()))\nold = dict(call['headers'])\n\
         old['VaultWatch-Timestamp'] = str(int(old['VaultWatch-Timestamp']) - 3600)\n\
         print(is_ours(call['secret'].encode(), old, call['body'].encode()))\n"
    );
    let input = json!({"secret": SECRET, "body": String::from_utf8_lossy(&call.body), "headers": {
        "VaultWatch-Timestamp": call.header("vaultwatch-timestamp"),
        "VaultWatch-Signature": call.header("vaultwatch-signature")}});
    let folder = tempfile::tempdir().unwrap();
    let (path, given) = (folder.path().join("check.py"), folder.path().join("call.json"));
    std::fs::write(&path, script).unwrap();
    std::fs::write(&given, input.to_string()).unwrap();
    let mut python = std::process::Command::new("python3");
    python.arg(&path).stdin(std::fs::File::open(&given).unwrap());
    let output = python.output().expect("Python 3 is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "True\nFalse\nFalse\nFalse\n");
}

#[tokio::test]
async fn ntfy_gets_title_text_and_token() {
    let receiver = Receiver::start(Manner::Takes).await;
    let settings = settings(&format!(
        "[ntfy]\nurl = \"http://{}/night-desk\"\npriority = 4\nclick = \"https://desk.example/v/{{vaultId}}\"\n",
        receiver.address
    ));
    send(&settings, Kind::Ntfy).await.unwrap();
    let caller = settings.caller(AGENT).unwrap();
    settings.send(Kind::Ntfy, &page(2), &caller, &NoSecrets, Clock::wall()).await.unwrap();
    let calls = receiver.calls();
    assert_eq!((calls[0].path.as_str(), calls[0].header("authorization")), ("/", "Bearer tk_kept"));
    assert_eq!(calls[1].header("authorization"), "", "many topics need none");
    assert_eq!(
        calls[0].json(),
        json!({"topic": "night-desk", "title": "ETH-017: 7.9 % to liquidation", "priority": 4,
            "message": "WETH $1,936, liquidates $1,783. Repay 13,700 USDC → 15 %.",
            "tags": ["rotating_light"], "click": "https://desk.example/v/ETH%2F017"})
    );
}

#[tokio::test]
async fn each_way_of_not_being_taken_is_told_apart() {
    let failing = Receiver::start(Manner::Fails(500, u32::MAX)).await;
    let error = send(&settings(&failing.webhook()), Kind::Webhook).await.unwrap_err();
    assert!(matches!(error, ChannelError::Call(CallError::Refused { status: 500, .. })), "{error}");

    let leading = Receiver::start(Manner::Redirects).await;
    let error = send(&settings(&leading.webhook()), Kind::Webhook).await.unwrap_err();
    assert!(matches!(error, ChannelError::Call(CallError::Refused { status: 307, .. })), "{error}");
    assert_eq!(leading.calls().len(), 1, "what is signed for one is not carried to another");

    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let hook = format!("[webhook]\nurl = \"http://{nobody}/\"\n");
    let error = send(&settings(&hook), Kind::Webhook).await.unwrap_err();
    assert!(matches!(error, ChannelError::Call(CallError::Connect(_))), "{error}");

    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hook =
        format!("timeout = 200\n[webhook]\nurl = \"http://{}/\"\n", silent.local_addr().unwrap());
    let error = send(&settings(&hook), Kind::Webhook).await.unwrap_err();
    assert!(matches!(error, ChannelError::Call(CallError::TimedOut(_))), "{error}");

    let breaking = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hook = format!("[webhook]\nurl = \"http://{}/\"\n", breaking.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = breaking.accept().await {
            drop(stream);
        }
    });
    let error = send(&settings(&hook), Kind::Webhook).await.unwrap_err();
    assert!(matches!(error, ChannelError::Call(CallError::Broken(_))), "{error}");

    let error = send(&settings(&hook), Kind::Ntfy).await.unwrap_err();
    assert!(matches!(error, ChannelError::NotConfigured(Kind::Ntfy)), "{error}");
    let unkept = settings(&hook);
    let caller = unkept.caller(AGENT).unwrap();
    let sent = unkept.send(Kind::Webhook, &page(1), &caller, &NoSecrets, Clock::wall()).await;
    let error = sent.unwrap_err();
    assert!(matches!(error, ChannelError::Secret(SecretError::Missing(Kind::Webhook))), "{error}");
}

#[tokio::test]
async fn tls_is_spoken_with_whom_a_named_authority_vouches_for() {
    let issued = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key =
        rustls::pki_types::PrivateKeyDer::try_from(issued.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![issued.cert.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut buffer = [0; 4_096];
            let _ = stream.read(&mut buffer).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, issued.cert.pem()).unwrap();
    let other = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let stranger = folder.path().join("stranger.pem");
    std::fs::write(&stranger, other.cert.pem()).unwrap();
    let hook = |ca: &std::path::Path| {
        format!("ca_file = \"{}\"\n[webhook]\nurl = \"https://localhost:{port}/x\"\n", ca.display())
    };
    let error = send(&settings(&hook(&stranger)), Kind::Webhook).await.unwrap_err();
    assert!(matches!(error, ChannelError::Call(CallError::Tls(_))), "{error}");
    send(&settings(&hook(&ca)), Kind::Webhook).await.unwrap();
    let nowhere = settings(&hook(&folder.path().join("nowhere.pem"))).caller(AGENT);
    assert!(matches!(nowhere, Err(channels::AuthorityError::Io { .. })));
}

/// A desk, where it keeps things, and what it told.
struct Office {
    desk: Desk,
    reports: watch::Sender<Vec<Report>>,
}

fn office(settings: Settings, file: &std::path::Path, secrets: Arc<dyn SecretStore>) -> Office {
    let reports = watch::Sender::new(Vec::new());
    let told = reports.clone();
    let report = move |report| told.send_modify(|reports| reports.push(report));
    let desk = Desk::open(settings, AGENT, file.to_owned(), secrets, report).unwrap();
    Office { desk, reports }
}

/// Who is still to be called, as the file has it.
fn kept_calls(file: &std::path::Path) -> String {
    let kept: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    kept["calls"]["calls"].to_string()
}

impl Office {
    async fn told(&self, fits: impl Fn(&[Report]) -> bool) {
        wait_for(&self.reports, fits).await;
    }
}

#[tokio::test]
async fn a_receiver_that_fails_is_called_again_until_it_takes_the_call() {
    let receiver = Receiver::start(Manner::Fails(503, 2)).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.json");
    let office = office(settings(&receiver.webhook()), &file, Arc::new(Kept::default()));
    office.desk.call(page(7));
    office.told(|reports| reports.iter().any(|r| r.key == 7 && r.result.is_ok())).await;
    let calls = receiver.calls();
    assert_eq!(calls.len(), 3);
    assert!(
        calls.iter().all(|call| call.header("vaultwatch-delivery") == "d7"),
        "it can be recognised"
    );
    let journal = office.desk.journal();
    // Whoever took it is told of its end.
    let over = Event::Resolved;
    office.desk.end(Page { event: over, delivery: "d7-over".into(), ..page(7) });
    let end = &receiver.called(4).await[3];
    assert_eq!(
        (end.json()["event"].as_str(), end.header("vaultwatch-delivery")),
        (Some("alert.resolved"), "d7-over")
    );
    let failures: Vec<_> = journal.records().map(|record| record.failure.clone()).collect();
    assert_eq!(failures.len(), 3);
    assert!(failures[0].as_ref().unwrap().contains("503") && failures[2].is_none());
    // It is recorded for others to read, too, before it is reported.
    office.told(|reports| reports.len() == 4).await;
    let recorded = office.desk.journal();
    assert_eq!((Desk::journal_in(&file).unwrap(), recorded.records().count()), (recorded, 4));
}

#[tokio::test]
async fn what_was_not_delivered_before_a_restart_is_after_it_and_once() {
    let reserved = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = reserved.local_addr().unwrap();
    drop(reserved);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deeper/calls.json");
    let hook = settings(&format!("[webhook]\nurl = \"http://{address}/\"\n"));
    let first = office(hook.clone(), &file, Arc::new(Kept::default()));
    first.desk.call(page(1));
    first.desk.call(page(2));
    first
        .told(|reports| reports.iter().any(|r| r.key == 1) && reports.iter().any(|r| r.key == 2))
        .await;
    first.desk.end(Page { event: Event::Acknowledged, ..page(1) });
    first.desk.kept().await;
    let kept = kept_calls(&file);
    assert!(!kept.contains("\"1\":") && kept.contains("\"2\":"), "{kept}");
    drop(first);

    let receiver = Receiver::listen(TcpListener::bind(address).await.unwrap(), Manner::Takes);
    let second = office(hook.clone(), &file, Arc::new(Kept::default()));
    second.told(|reports| reports.iter().any(|r| r.key == 2 && r.result.is_ok())).await;
    assert_eq!(receiver.called(1).await[0].json()["alert"]["id"], 2);
    assert!(!kept_calls(&file).contains("\"2\":"));
    drop(second);
    let third = office(hook, &file, Arc::new(Kept::default()));
    third.desk.call(page(3));
    third.told(|reports| reports.iter().any(|r| r.key == 3 && r.result.is_ok())).await;
    assert_eq!(receiver.calls().len(), 2, "what was delivered is not delivered again");
}

#[tokio::test]
async fn an_order_that_a_crash_swallowed_is_made_up_for_once() {
    let receiver = Receiver::start(Manner::Takes).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.json");
    let hook = settings(&receiver.webhook());
    // There is no file: whatever was to be in it, the crash came first.
    let first = office(hook.clone(), &file, Arc::new(Kept::default()));
    first.desk.reconcile(vec![page(1)]);
    first.told(|reports| reports.iter().any(|r| r.key == 1 && r.result.is_ok())).await;
    drop(first);
    let second = office(hook, &file, Arc::new(Kept::default()));
    second.desk.reconcile(vec![page(1)]);
    second.desk.end(Page { event: Event::Acknowledged, ..page(1) });
    let events = receiver
        .called(2)
        .await
        .iter()
        .map(|call| call.json()["event"].clone())
        .collect::<Vec<_>>();
    assert_eq!(events, ["alert.unacknowledged", "alert.acknowledged"], "once, and its end");
}

#[tokio::test]
async fn a_locked_keychain_delays_and_does_not_lose() {
    let receiver = Receiver::start(Manner::Takes).await;
    let folder = tempfile::tempdir().unwrap();
    let kept = Arc::new(Kept::default());
    kept.locked.store(true, Ordering::SeqCst);
    let secrets = Arc::clone(&kept);
    let office = office(settings(&receiver.webhook()), &folder.path().join("calls.json"), secrets);
    office.desk.call(page(1));
    office.told(|reports| reports.iter().any(|r| r.result.is_err())).await;
    assert_eq!(receiver.calls().len(), 0);
    kept.locked.store(false, Ordering::SeqCst);
    office.told(|reports| reports.iter().any(|r| r.result.is_ok())).await;
}

#[tokio::test]
async fn a_receiver_that_hangs_does_not_hold_up_another() {
    let hanging = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let receiver = Receiver::start(Manner::Takes).await;
    let folder = tempfile::tempdir().unwrap();
    let both = settings(&format!(
        "timeout = 20000\n[webhook]\nurl = \"http://{}/\"\n[ntfy]\nurl = \"http://{}/desk\"\n",
        hanging.local_addr().unwrap(),
        receiver.address
    ));
    let office = office(both, &folder.path().join("calls.json"), Arc::new(Kept::default()));
    for id in 0..3 {
        office.desk.call(page(id));
    }
    receiver.called(3).await;
}

#[tokio::test]
async fn a_damaged_file_keeps_nobody_from_being_called() {
    let receiver = Receiver::start(Manner::Takes).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.json");
    std::fs::write(&file, "{\"calls\": [").unwrap();
    let office = office(settings(&receiver.webhook()), &file, Arc::new(Kept::default()));
    office.desk.call(page(1));
    receiver.called(1).await;
}

#[tokio::test]
async fn the_dead_man_is_pinged_while_the_watch_is_live() {
    let receiver = Receiver::start(Manner::Fails(500, 1)).await;
    let url = format!("http://{}/ping/1", receiver.address).parse().unwrap();
    let dead_man = DeadMan { url, every: Duration::from_millis(20) };
    let live = Arc::new(AtomicBool::new(true));
    let (is_live, told) = (Arc::clone(&live), Arc::new(Mutex::new(Vec::new())));
    let (outcomes, asked) = (Arc::clone(&told), watch::Sender::new(0));
    let asking = asked.clone();
    let caller = Settings::default().caller(AGENT).unwrap();
    let pinging = tokio::spawn(async move {
        let alive = || {
            asking.send_modify(|asked| *asked += 1);
            std::future::ready(is_live.load(Ordering::SeqCst))
        };
        dead_man.ping(&caller, alive, |told| outcomes.lock().unwrap().push(told.is_ok())).await;
    });
    let calls = receiver.called(3).await;
    assert_eq!((calls[0].method.as_str(), calls[0].path.as_str()), ("GET", "/ping/1"));
    assert!(calls[0].body.is_empty());
    assert_eq!(told.lock().unwrap()[..2], [false, true], "a failed one is not the last");
    live.store(false, Ordering::SeqCst);
    let asked_again = async |times: u32| {
        let mut asked = asked.subscribe();
        let wanted = *asked.borrow() + times;
        timeout(PATIENCE, asked.wait_for(|asked| *asked >= wanted)).await.unwrap().unwrap();
    };
    // The one that was under way is over when it is asked the second time.
    asked_again(2).await;
    let before = receiver.calls().len();
    asked_again(5).await;
    assert_eq!(receiver.calls().len(), before, "no ping says that nothing is watched");
    pinging.abort();
}
