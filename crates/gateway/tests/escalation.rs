//! Alerts beyond the desktop: a real gateway, real clients, and real HTTP servers that are called.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic, too")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use futures_util::{SinkExt, StreamExt};
use gateway::{Access, Alerts, EscalationError, Gateway, Source};
use ring::hmac;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const PATIENCE: Duration = Duration::from_secs(30);
const SECRET: &str = "a secret of sixteen bytes or more";

/// A client of `vaultwatch.v1`.
struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    async fn join(gateway: &Gateway, tenant: &str) -> Self {
        Self::at(&gateway.url(), tenant).await
    }

    async fn at(url: &str, tenant: &str) -> Self {
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "vaultwatch.v1".parse().unwrap());
        let (socket, _) = timeout(PATIENCE, connect_async(request)).await.unwrap().unwrap();
        let mut client = Self(socket);
        let data = json!({"client": "test/1", "tenant": tenant, "topics": ["*"], "compress": [], "resume": null});
        client.say(json!({"type": "hello", "data": data, "timestamp": 1})).await;
        client.until(|m| m["type"] == "snapshot_end").await;
        client
    }

    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn publish(&mut self, ty: &str, data: Value) {
        let id = format!("{:x}", fastrand::u64(..));
        self.say(json!({"type": ty, "data": data, "timestamp": now(), "id": id})).await;
        self.until(|m| m["type"] == "ack" && m["data"]["id"] == id.as_str()).await;
    }

    async fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let next = timeout(PATIENCE, self.0.next()).await.expect("a message in time");
            if let Message::Text(text) = next.unwrap().unwrap() {
                let message: Value = serde_json::from_str(&text).unwrap();
                if fits(&message) {
                    return message;
                }
            }
        }
    }
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.unwrap().as_millis()).unwrap()
}

/// One call as it came in.
#[derive(Clone, Debug)]
struct Call {
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// As the documentation says that a receiver does.
    fn is_signed(&self, secret: &str) -> bool {
        let signed = [self.header("vaultwatch-timestamp").as_bytes(), b".", &self.body].concat();
        let given = self.header("vaultwatch-signature").strip_prefix("sha256=").unwrap();
        let given: Vec<u8> = (0..given.len() / 2)
            .map(|at| u8::from_str_radix(&given[2 * at..2 * at + 2], 16).unwrap())
            .collect();
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        hmac::verify(&key, &signed, &given).is_ok()
    }
}

/// Somebody who is called.
struct Receiver {
    address: std::net::SocketAddr,
    calls: Arc<Mutex<Vec<Call>>>,
    /// How often it fails before it takes a call.
    failures: Arc<AtomicU32>,
    task: tokio::task::JoinHandle<()>,
}

impl Receiver {
    async fn start(failures: u32) -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").await.unwrap(), failures)
    }

    fn listen(listener: TcpListener, failures: u32) -> Self {
        let address = listener.local_addr().unwrap();
        let calls: Arc<Mutex<Vec<Call>>> = Arc::default();
        let failures = Arc::new(AtomicU32::new(failures));
        let state = (Arc::clone(&calls), Arc::clone(&failures));
        type Shared = (Arc<Mutex<Vec<Call>>>, Arc<AtomicU32>);
        let take = async |State((calls, failures)): State<Shared>,
                          uri: Uri,
                          headers: HeaderMap,
                          body: Bytes| {
            calls.lock().unwrap().push(Call { path: uri.to_string(), headers, body });
            let failed =
                failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
            if failed.is_ok() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::NO_CONTENT }
        };
        let router = Router::new().fallback(take).with_state(state);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, calls, failures, task }
    }

    fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    async fn called(&self, times: usize) -> Vec<Call> {
        let begun = Instant::now();
        while self.calls().len() < times {
            assert!(begun.elapsed() < PATIENCE, "{} calls", self.calls().len());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.calls()
    }
}

/// A gateway and the folder it keeps things in.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new(tenants: &str) -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        desk.write(tenants);
        desk
    }

    fn write(&self, tenants: &str) {
        let head = "state = \"escalation.db\"\nafter = \"300ms\"\ntimeout = \"500ms\"\n";
        std::fs::write(self.path(), format!("{head}{tenants}")).unwrap();
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("alerts.toml")
    }

    async fn gateway(&self) -> Gateway {
        let listen = "127.0.0.1:0".parse().unwrap();
        let gateway = Gateway::bind(listen, Access::open(), Source::Relay).await.unwrap();
        gateway.escalate(&Alerts::open(&self.path()).unwrap()).unwrap();
        gateway
    }
}

/// The program, whose log says when a file was read again. Killed when dropped.
struct Program {
    child: std::process::Child,
    log: PathBuf,
}

impl Program {
    fn start(desk: &Desk) -> Self {
        let log = desk.folder.path().join("log");
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_vaultwatch-gateway"));
        command.args(["--listen=127.0.0.1:0", "--alerts"]).arg(desk.path());
        let child = command.stderr(std::fs::File::create(&log).unwrap()).spawn().unwrap();
        Self { child, log }
    }

    /// The line in which it says this for the n-th time.
    async fn says(&self, what: &str, times: usize) -> String {
        let begun = Instant::now();
        loop {
            let said = std::fs::read_to_string(&self.log).unwrap();
            let mut lines = said.lines().filter(|line| line.contains(what));
            if let Some(line) = lines.nth(times - 1) {
                return line.to_owned();
            }
            assert!(begun.elapsed() < PATIENCE, "{what}: {said}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn url(&self) -> String {
        let line = self.says("listening on ", 1).await;
        line.split_once("listening on ").unwrap().1.to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn webhook(tenant: &str, receiver: &Receiver) -> String {
    format!(
        "[tenants.{tenant}.webhook]\nurl = \"http://{}/hook?desk=1\"\nsecret = \"{SECRET}\"\n",
        receiver.address
    )
}

fn alert() -> Value {
    json!({"id": "ra-1", "vaultId": "ETH-001", "severity": "CRITICAL", "category": "LTV",
        "title": "ETH-001: LTV 81 %", "message": "LTV is 81 %", "metadata": {"currentLTV": 81.10}})
}

#[tokio::test]
async fn nobody_looks_and_somebody_is_called_once() {
    let receiver = Receiver::start(0).await;
    let desk = Desk::new(&webhook("default", &receiver));
    let gateway = desk.gateway().await;
    let mut client = Client::join(&gateway, "default").await;
    let begun = Instant::now();
    client.publish("risk_alert", alert()).await;
    // Less than critical is nobody's business at night.
    client.publish("risk_alert", json!({"id": "ra-2", "severity": "HIGH", "message": "m"})).await;
    let calls = receiver.called(1).await;
    assert!(begun.elapsed() >= Duration::from_millis(300));
    let call = &calls[0];
    assert_eq!(call.path, "/hook?desk=1");
    assert_eq!(call.header("content-type"), "application/json");
    assert!(call.is_signed(SECRET) && !call.is_signed("another secret of sixteen bytes"));
    let age = now() / 1_000 - call.header("vaultwatch-timestamp").parse::<i64>().unwrap();
    assert!((0..30).contains(&age), "{age}");
    let body = call.json();
    assert_eq!(
        (&body["event"], &body["tenant"]),
        (&json!("risk_alert.unacknowledged"), &json!("default"))
    );
    assert_eq!(body["alert"], alert());
    assert_eq!(body["delivery"], call.header("vaultwatch-delivery"));
    // The desk sees that somebody was called.
    let told = client
        .until(|m| m["type"] == "alert_escalation" && m["data"]["action"] == "delivered")
        .await;
    assert_eq!(
        (&told["data"]["alertId"], &told["data"]["vaultId"]),
        (&json!("ra-1"), &json!("ETH-001"))
    );
    // The platform tells of it again, and of another one: only that one is news.
    client.publish("risk_alert", alert()).await;
    client.publish("risk_alert", json!({"id": "ra-3", "type": "CRITICAL", "message": "m"})).await;
    let calls = receiver.called(2).await;
    assert_eq!(calls[1].json()["alert"]["id"], "ra-3");
    let begun = Instant::now();
    while gateway.stats().escalated < 2 {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn what_one_client_acknowledges_the_other_sees_and_nobody_is_called() {
    let receiver = Receiver::start(0).await;
    let desk = Desk::new(&webhook("default", &receiver));
    let gateway = desk.gateway().await;
    let mut alice = Client::join(&gateway, "default").await;
    let mut bob = Client::join(&gateway, "default").await;
    alice.publish("risk_alert", alert()).await;
    bob.until(|m| m["type"] == "risk_alert").await;
    let state = json!({"alertId": "ra-1", "action": "ack", "by": "bob"});
    bob.publish("alert_state", state.clone()).await;
    let seen = alice.until(|m| m["type"] == "alert_state").await;
    assert_eq!(seen["data"], state);
    // By its vault, snoozed, resolved by the platform: each of them will do.
    alice
        .publish(
            "risk_alert",
            json!({"id": "b", "vaultId": "V", "severity": "CRITICAL", "message": "m"}),
        )
        .await;
    alice.publish("alert_state", json!({"vaultId": "V", "action": "snooze", "until": 9})).await;
    alice.publish("risk_alert", json!({"id": "c", "severity": "CRITICAL", "message": "m"})).await;
    alice
        .publish(
            "risk_alert",
            json!({"id": "c", "severity": "CRITICAL", "message": "m", "resolved": true}),
        )
        .await;
    // One that nobody acknowledges marks the time at which the others would have been called about.
    alice
        .publish("risk_alert", json!({"id": "mark", "severity": "CRITICAL", "message": "m"}))
        .await;
    let calls = receiver.called(1).await;
    assert_eq!(calls[0].json()["alert"]["id"], "mark");
    bob.until(|m| m["type"] == "alert_escalation" && m["data"]["action"] == "delivered").await;
    assert_eq!(receiver.calls().len(), 1);
}

#[tokio::test]
async fn a_receiver_that_fails_twice_is_called_a_third_time() {
    let receiver = Receiver::start(2).await;
    let desk = Desk::new(&webhook("default", &receiver));
    let gateway = desk.gateway().await;
    let mut client = Client::join(&gateway, "default").await;
    client.publish("risk_alert", alert()).await;
    client.until(|m| m["data"]["action"] == "delivered").await;
    let calls = receiver.calls();
    assert_eq!((calls.len(), receiver.failures.load(Ordering::SeqCst)), (3, 0));
    assert!(calls.iter().all(|call| call.is_signed(SECRET)));
    assert_eq!(calls[0].header("vaultwatch-delivery"), calls[2].header("vaultwatch-delivery"));
    let stats = gateway.stats();
    assert_eq!((stats.escalated, stats.escalation_failures), (1, 2));
}

#[tokio::test]
async fn a_receiver_that_hangs_holds_up_nobody_else() {
    let hanging = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = hanging.local_addr().unwrap();
    // Takes connections, and never says a word.
    let taken: Arc<AtomicU32> = Arc::default();
    let count = Arc::clone(&taken);
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = hanging.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            held.push(stream);
        }
    });
    let receiver = Receiver::start(0).await;
    let desk = Desk::new(&format!(
        "{}[tenants.slow.webhook]\nurl = \"http://{address}/\"\nsecret = \"{SECRET}\"\n",
        webhook("default", &receiver)
    ));
    let gateway = desk.gateway().await;
    let mut slow = Client::join(&gateway, "slow").await;
    slow.publish("risk_alert", alert()).await;
    let mut client = Client::join(&gateway, "default").await;
    client.publish("risk_alert", alert()).await;
    client.until(|m| m["data"]["action"] == "delivered").await;
    let begun = Instant::now();
    while taken.load(Ordering::SeqCst) < 2 {
        assert!(begun.elapsed() < PATIENCE, "it is not tried again");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // It ends with the gateway, whatever hangs.
    timeout(Duration::from_secs(10), gateway.shutdown()).await.unwrap();
}

#[tokio::test]
async fn what_a_restart_interrupts_goes_on_and_what_was_delivered_stays_so() {
    // A port at which nobody is yet.
    let reserved = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = reserved.local_addr().unwrap();
    drop(reserved);
    let desk = Desk::new(&format!(
        "[tenants.default.webhook]\nurl = \"http://{address}/\"\nsecret = \"{SECRET}\"\n"
    ));
    let gateway = desk.gateway().await;
    let mut client = Client::join(&gateway, "default").await;
    client.publish("risk_alert", alert()).await;
    let begun = Instant::now();
    while gateway.stats().escalation_failures == 0 {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    gateway.shutdown().await;

    let receiver = Receiver::listen(TcpListener::bind(address).await.unwrap(), 0);
    let gateway = desk.gateway().await;
    let calls = receiver.called(1).await;
    assert_eq!(calls[0].json()["alert"]["metadata"].to_string(), r#"{"currentLTV":81.1}"#);
    assert!(String::from_utf8_lossy(&calls[0].body).contains("\"ra-1\""));
    while gateway.stats().escalated == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    gateway.shutdown().await;

    // A third one has nothing left to do, though the platform tells of it once more.
    let gateway = desk.gateway().await;
    let mut client = Client::join(&gateway, "default").await;
    client.publish("risk_alert", alert()).await;
    client
        .publish("risk_alert", json!({"id": "mark", "severity": "CRITICAL", "message": "m"}))
        .await;
    let calls = receiver.called(2).await;
    assert_eq!(calls[1].json()["alert"]["id"], "mark");
    receiver.task.abort();
}

#[tokio::test]
async fn ntfy_gets_title_priority_and_click() {
    let receiver = Receiver::start(0).await;
    let desk = Desk::new(&format!(
        "[tenants.desk.ntfy]\nurl = \"http://{}/night-desk\"\ntoken = \"tk_1\"\npriority = 4\nclick = \"https://desk.example/v/{{vaultId}}\"\n",
        receiver.address
    ));
    let gateway = desk.gateway().await;
    let mut client = Client::join(&gateway, "desk").await;
    let mut data = alert();
    data["vaultId"] = "ETH/1".into();
    data["title"] = "ETH/1: über 81 %".into();
    client.publish("risk_alert", data).await;
    let calls = receiver.called(1).await;
    assert_eq!((calls[0].path.as_str(), calls[0].header("authorization")), ("/", "Bearer tk_1"));
    assert_eq!(
        calls[0].json(),
        json!({"topic": "night-desk", "title": "ETH/1: über 81 %", "message": "LTV is 81 %", "priority": 4,
            "tags": ["rotating_light"], "click": "https://desk.example/v/ETH%2F1"})
    );
}

#[tokio::test]
async fn one_tenant_s_alerts_are_not_another_s() {
    let receiver = Receiver::start(0).await;
    let desk = Desk::new(&webhook("a", &receiver));
    let gateway = desk.gateway().await;
    let mut other = Client::join(&gateway, "b").await;
    other.publish("risk_alert", alert()).await;
    let mut client = Client::join(&gateway, "a").await;
    // Nor does another tenant's acknowledgement count.
    client.publish("risk_alert", alert()).await;
    other.publish("alert_state", json!({"alertId": "ra-1", "action": "ack"})).await;
    client.until(|m| m["data"]["action"] == "delivered").await;
    let calls = receiver.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].json()["tenant"], "a");
}

fn critical(id: &str) -> Value {
    json!({"id": id, "severity": "CRITICAL", "message": "m"})
}

/// Of each call, which alert it was about.
fn alerts(calls: &[Call]) -> Vec<String> {
    calls.iter().map(|call| call.json()["alert"]["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn whom_to_call_is_read_again_when_it_changes_and_what_is_broken_changes_nothing() {
    let (first, second) = (Receiver::start(0).await, Receiver::start(0).await);
    let desk = Desk::new(&webhook("default", &first));
    let program = Program::start(&desk);
    let mut client = Client::at(&program.url().await, "default").await;
    client.publish("risk_alert", critical("1")).await;
    first.called(1).await;

    let secret = desk.folder.path().join("secret");
    std::fs::write(&secret, SECRET).unwrap();
    let hook = format!(
        "[tenants.default.webhook]\nurl = \"http://{}/hook\"\nsecret_file = \"secret\"\n",
        second.address
    );
    desk.write(&hook);
    let line = program.says("whom to call has changed", 1).await;
    assert!(line.contains("INFO") && line.contains("default"), "{line}");
    client.publish("risk_alert", critical("2")).await;
    assert!(second.called(1).await[0].is_signed(SECRET));

    // Not TOML; a value that makes no sense; another place for the ledger, while this one is in use.
    desk.write("[tenants.default");
    let line = program.says("is called still", 1).await;
    assert!(line.contains("WARN") && line.contains("alerts.toml"), "{line}");
    desk.write("[tenants.default.webhook]\nurl = \"http://elsewhere.example/\"\n");
    let line = program.says("is called still", 2).await;
    assert!(line.contains("line 5") && line.contains("webhook.url"), "{line}");
    std::fs::write(desk.path(), format!("state = \"other.db\"\n{hook}")).unwrap();
    let line = program.says("is called still", 3).await;
    assert!(line.contains("other.db") && line.contains("restart"), "{line}");
    client.publish("risk_alert", critical("3")).await;
    second.called(2).await;

    // What is mended counts, and so does a secret in a file of its own.
    let another = "another secret of sixteen bytes";
    std::fs::write(&secret, another).unwrap();
    desk.write(&hook);
    program.says("whom to call has changed", 2).await;
    client.publish("risk_alert", critical("4")).await;
    assert!(second.called(3).await[2].is_signed(another));

    // A tenant comes, another goes.
    desk.write(&webhook("risk", &first));
    program.says("whom to call has changed", 3).await;
    client.publish("risk_alert", critical("5")).await;
    let mut risk = Client::at(&program.url().await, "risk").await;
    risk.publish("risk_alert", critical("6")).await;
    first.called(2).await;
    // It comes back: nobody was called for it, and the alert still waits.
    desk.write(&format!("{hook}{}", webhook("risk", &first)));
    second.called(4).await;
    assert_eq!(alerts(&first.calls()), ["1", "6"], "each once");
    assert_eq!(alerts(&second.calls()), ["2", "3", "4", "5"], "each once");
}

/// Takes a call when it is let.
async fn held() -> (std::net::SocketAddr, Arc<tokio::sync::Semaphore>, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (let_go, calls) = (Arc::new(tokio::sync::Semaphore::new(0)), Arc::<AtomicU32>::default());
    let (gate, count) = (Arc::clone(&let_go), Arc::clone(&calls));
    let take = async move || {
        count.fetch_add(1, Ordering::SeqCst);
        let _ = gate.acquire().await.unwrap();
        StatusCode::NO_CONTENT
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(take)).await.unwrap() });
    (address, let_go, calls)
}

#[tokio::test]
async fn a_call_that_is_under_way_when_the_file_changes_is_not_made_again() {
    let (address, let_go, calls) = held().await;
    let second = Receiver::start(0).await;
    let hook =
        format!("[tenants.default.webhook]\nurl = \"http://{address}/\"\nsecret = \"{SECRET}\"\n");
    let desk = Desk::new("");
    // It may take its time.
    let text = format!("state = \"escalation.db\"\nafter = \"300ms\"\ntimeout = \"30s\"\n{hook}");
    std::fs::write(desk.path(), text).unwrap();
    let program = Program::start(&desk);
    let mut client = Client::at(&program.url().await, "default").await;
    client.publish("risk_alert", critical("under way")).await;
    let begun = Instant::now();
    while calls.load(Ordering::SeqCst) == 0 {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    desk.write(&webhook("default", &second));
    program.says("whom to call has changed", 1).await;
    client.publish("risk_alert", critical("after")).await;
    let_go.add_permits(9);
    assert_eq!(alerts(&second.called(1).await), ["after"]);
    client.until(|m| m["type"] == "alert_escalation" && m["data"]["alertId"] == "after").await;
    assert_eq!((calls.load(Ordering::SeqCst), alerts(&second.calls()).len()), (1, 1));
}

#[tokio::test]
async fn of_two_gateways_one_has_the_ledger() {
    let receiver = Receiver::start(0).await;
    let desk = Desk::new(&webhook("default", &receiver));
    let _gateway = desk.gateway().await;
    let listen = "127.0.0.1:0".parse().unwrap();
    let second = Gateway::bind(listen, Access::open(), Source::Relay).await.unwrap();
    let refused = second.escalate(&Alerts::open(&desk.path()).unwrap());
    assert!(matches!(refused, Err(EscalationError::Ledger { .. })), "{refused:?}");
}

/// Two that read one log, each with a ledger of its own, as two gateways on one broker do.
#[tokio::test]
async fn of_two_that_share_a_log_one_calls() {
    let receiver = Receiver::start(0).await;
    let (one, two) =
        (Desk::new(&webhook("default", &receiver)), Desk::new(&webhook("default", &receiver)));
    let gateway = one.gateway().await;
    gateway.escalate(&Alerts::open(&two.path()).unwrap()).unwrap();
    let mut client = Client::join(&gateway, "default").await;
    for n in 0..10 {
        let data = json!({"id": format!("ra-{n}"), "severity": "CRITICAL", "message": "m"});
        client.publish("risk_alert", data).await;
    }
    for _ in 0..10 {
        client.until(|m| m["data"]["action"] == "delivered").await;
    }
    let mut ids: Vec<String> =
        receiver.calls().iter().map(|call| call.json()["alert"]["id"].to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), receiver.calls().len()), (10, 10));
}

#[tokio::test]
async fn https_is_spoken_with_whom_the_named_authority_vouches_for() {
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
    let (sent, mut received) = tokio::sync::mpsc::channel(4);
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else {
                sent.send(None).await.unwrap();
                continue;
            };
            let mut text = String::new();
            let mut buffer = [0; 4_096];
            while !text.contains("\"ra-1\"") {
                let count = stream.read(&mut buffer).await.unwrap();
                text.push_str(&String::from_utf8_lossy(&buffer[..count]));
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
            sent.send(Some(text)).await.unwrap();
        }
    });
    let tenants = format!(
        "[tenants.default.webhook]\nurl = \"https://localhost:{port}/x\"\nsecret_file = \"secret\"\n"
    );
    for trusted in [false, true] {
        let desk = Desk::new(&tenants);
        std::fs::write(desk.folder.path().join("secret"), format!("{SECRET}\n")).unwrap();
        if trusted {
            std::fs::write(desk.folder.path().join("ca.pem"), issued.cert.pem()).unwrap();
            let text = std::fs::read_to_string(desk.path()).unwrap();
            std::fs::write(desk.path(), format!("ca_file = \"ca.pem\"\n{text}")).unwrap();
        }
        let gateway = desk.gateway().await;
        let mut client = Client::join(&gateway, "default").await;
        client.publish("risk_alert", alert()).await;
        let call = timeout(PATIENCE, received.recv()).await.unwrap().unwrap();
        assert_eq!(call.is_some(), trusted);
        if let Some(call) = call {
            assert!(call.starts_with("POST /x HTTP/1.1\r\n"), "{call}");
            assert!(call.to_lowercase().contains(&format!("host: localhost:{port}")), "{call}");
        }
        gateway.shutdown().await;
        while received.try_recv().is_ok() {}
    }
}

#[test]
fn a_configuration_that_makes_no_sense_is_named_with_line_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alerts.toml");
    let open = |text: &str| {
        std::fs::write(&path, format!("state = \"x.db\"\n{text}\n")).unwrap();
        Alerts::open(&path)
    };
    let check = |text: &str, line: usize, field: &str| match open(text) {
        Err(EscalationError::Invalid { line: at, field: named, reason, .. }) => {
            assert_eq!((at, named.as_str()), (line, field), "{reason}");
        }
        other => panic!("{text}: {other:?}"),
    };
    let hook = |lines: &str| format!("[tenants.a.webhook]\n{lines}");
    check("", 1, "tenants");
    check("after = \"1ms\"\n[tenants.a]", 2, "after");
    check("[tenants.a]", 2, "tenants.a");
    check(
        "[tenants.A.webhook]\nurl = \"https://x/\"\nsecret = \"0123456789abcdef\"",
        2,
        "tenants.A",
    );
    check(&hook("url = \"https://x/\""), 3, "webhook.secret");
    check(&hook("url = \"https://x/\"\nsecret = \"short\""), 4, "webhook.secret");
    check(
        &hook("url = \"https://x/\"\nsecret_env = \"VAULTWATCH_TEST_NO_SUCH_VARIABLE\""),
        4,
        "webhook.secret",
    );
    check(
        &hook("url = \"https://x/\"\nsecret = \"0123456789abcdef\"\nsecret_env = \"X\""),
        5,
        "webhook.secret",
    );
    check(&hook("url = \"http://x.example/\"\nsecret = \"0123456789abcdef\""), 3, "webhook.url");
    check(&hook("url = \"https://me:pw@x/\"\nsecret = \"0123456789abcdef\""), 3, "webhook.url");
    check(&hook("url = \"ftp://x/\"\nsecret = \"0123456789abcdef\""), 3, "webhook.url");
    let ntfy = |lines: &str| format!("[tenants.a.ntfy]\n{lines}");
    check(&ntfy("url = \"https://ntfy.sh/\""), 3, "ntfy.url");
    check(&ntfy("url = \"https://ntfy.sh/a/b\""), 3, "ntfy.url");
    check(&ntfy("url = \"https://ntfy.sh/a\"\npriority = 6"), 4, "ntfy.priority");
    check(&ntfy("url = \"https://ntfy.sh/a\"\nclick = \"nowhere\""), 4, "ntfy.click");
    let error = open(&hook("url = \"https://x/\"\nsecrt = \"0123456789abcdef\"")).unwrap_err();
    assert!(matches!(error, EscalationError::Toml { .. }));
    assert!(error.to_string().contains("line 4") && error.to_string().contains("secrt"), "{error}");
    let missing = open(&hook("url = \"https://x/\"\nsecret_file = \"nowhere\""));
    assert!(matches!(missing, Err(EscalationError::Io { .. })));
    let alerts =
        open(&hook("url = \"https://x/\"\nsecret = \"do not show this anywhere\"")).unwrap();
    assert!(!format!("{alerts:?}").contains("do not show"));
    let nowhere = Alerts::open(Path::new("/nowhere/alerts.toml"));
    assert!(matches!(nowhere, Err(EscalationError::Io { .. })));
}
