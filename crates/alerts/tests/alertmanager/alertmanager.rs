//! A real Alertmanager, of this test alone.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::receiver::{PATIENCE, Receiver};
use crate::script::{Alert, Severity, Side, Told};

/// The name that Debian gives it.
const PROGRAM: &str = "prometheus-alertmanager";

/// Its times, in units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) group_wait: u32,
    pub(crate) group_interval: u32,
    pub(crate) repeat_interval: u32,
    pub(crate) resolve_timeout: u32,
}

/// Longer than any test, in units.
pub(crate) const NEVER: u32 = 100_000;

pub(crate) const TIMES: Times =
    Times { group_wait: 1, group_interval: 1, repeat_interval: 5, resolve_timeout: NEVER };

#[derive(Debug)]
pub(crate) struct Alertmanager {
    receiver: Receiver,
    api: SendRequest<String>,
    host: String,
    began: Instant,
    /// When what fires began to.
    firing: BTreeMap<Alert, Timestamp>,
    _process: Child,
    _folder: TempDir,
}

impl Alertmanager {
    pub(crate) async fn start(times: Times) -> Self {
        let began = Instant::now();
        let receiver = Receiver::listen(began).await;
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("alertmanager.yml");
        std::fs::write(&config, configuration(times, receiver.address)).unwrap();
        let process = Command::new(PROGRAM)
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.path={}", folder.path().join("data").display()))
            .args(["--cluster.listen-address=", "--web.listen-address=127.0.0.1:0"])
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut process = process.unwrap_or_else(|error| {
            panic!("{PROGRAM} does not start ({error}): `cargo xtask setup` installs it")
        });
        let address = timeout(PATIENCE, listens(&mut process)).await;
        let address = address.expect("it says where it listens");
        let stream = TcpStream::connect(address).await.unwrap();
        let (api, connection) = handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let host = address.to_string();
        let firing = BTreeMap::new();
        Self { receiver, api, host, began, firing, _process: process, _folder: folder }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    async fn post(&mut self, path: &str, content: &Value) {
        let request = Request::post(path)
            .header(header::HOST, &self.host)
            .header(header::CONTENT_TYPE, "application/json")
            .body(content.to_string())
            .unwrap();
        self.api.ready().await.unwrap();
        let response = self.api.send_request(request).await.unwrap();
        let status = response.status();
        let said = to_bytes(Body::new(response.into_body()), 10_000).await.unwrap();
        assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&said));
    }

    /// `room` is what an alert says, and not which one it is.
    async fn send(&mut self, alerts: &[Alert], room: &str, ends: Option<Timestamp>) {
        let now = Timestamp::now();
        let content: Value = alerts
            .iter()
            .map(|alert| {
                let begins = *self.firing.entry(alert.clone()).or_insert(now);
                let (severity, cause) = match alert.severity {
                    Severity::Critical => ("critical", "WETH"),
                    Severity::High => ("high", "market risk"),
                };
                let mut content = json!({
                    "labels": {
                        "alertname": alert.to_string(),
                        "vault": alert.vault,
                        "severity": severity,
                        "cause": cause,
                    },
                    "annotations": { "room": room },
                    "startsAt": begins.to_string(),
                });
                if let Some(ends) = ends {
                    content["endsAt"] = ends.to_string().into();
                }
                content
            })
            .collect();
        self.post("/api/v2/alerts", &content).await;
    }
}

impl Side for Alertmanager {
    /// As short as leaves a busy machine the time to answer in between.
    const UNIT: Duration = Duration::from_millis(400);

    async fn fire(&mut self, alerts: &[Alert]) {
        self.send(alerts, "7 %", None).await;
    }

    async fn worsen(&mut self, alert: &Alert) {
        self.send(std::slice::from_ref(alert), "4 %", None).await;
    }

    async fn resolve(&mut self, alerts: &[Alert]) {
        self.send(alerts, "40 %", Some(Timestamp::now())).await;
        self.firing.retain(|alert, _| !alerts.contains(alert));
    }

    async fn silence(&mut self, vault: &str, units: u32) -> Duration {
        let (now, ends) = (Timestamp::now(), self.began.elapsed() + Self::UNIT * units);
        let content = json!({
            "matchers": [{ "name": "vault", "value": vault, "isRegex": false, "isEqual": true }],
            "startsAt": now.to_string(),
            "endsAt": (now + Self::UNIT * units).to_string(),
            "createdBy": "test",
            "comment": "put off",
        });
        self.post("/api/v2/silences", &content).await;
        ends
    }

    async fn until_told(&mut self, times: usize) {
        self.receiver.until(times).await;
    }

    async fn pass(&mut self, units: u32) {
        sleep(Self::UNIT * units).await;
    }

    fn told(&self) -> Vec<Told> {
        self.receiver.told()
    }
}

fn configuration(times: Times, receiver: SocketAddr) -> String {
    let millis = |units: u32| format!("{}ms", (Alertmanager::UNIT * units).as_millis());
    format!(
        r#"
global:
  resolve_timeout: {resolve_timeout}
route:
  receiver: test
  group_by: [cause]
  group_wait: {group_wait}
  group_interval: {group_interval}
  repeat_interval: {repeat_interval}
inhibit_rules:
  - source_matchers: ['severity="critical"']
    target_matchers: ['severity="high"']
    equal: [vault]
receivers:
  - name: test
    webhook_configs:
      - url: http://{receiver}/
        send_resolved: true
"#,
        resolve_timeout = millis(times.resolve_timeout),
        group_wait = millis(times.group_wait),
        group_interval = millis(times.group_interval),
        repeat_interval = millis(times.repeat_interval),
    )
}

/// Reads its log until it says where it listens; what it says after that is read, too, so that it never waits.
async fn listens(process: &mut Child) -> SocketAddr {
    let mut log = BufReader::new(process.stderr.take().expect("piped")).lines();
    while let Some(line) = log.next_line().await.unwrap() {
        // Of a test that fails, which one it was compared with is seen.
        eprintln!("{line}");
        if line.contains("Listening on")
            && let Some((_, address)) = line.rsplit_once("address=")
        {
            tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
            return address.trim().parse().unwrap();
        }
    }
    panic!("{PROGRAM} ended");
}
