//! Somebody who is called, a keychain in the test's hands, and what is sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use channels::{
    ChannelError, ChannelsEntry, Clock, Event, Kind, Page, Reading, Secret, SecretError,
    SecretStore, Settings,
};
use futures_util::future::BoxFuture;
pub(crate) use proving::patience::PATIENCE;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

pub(crate) const SECRET: &str = "a secret of sixteen bytes or more";
pub(crate) const AGENT: &str = "vaultwatch/test";

#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// How a receiver answers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Manner {
    Takes,
    /// With this status so many times, and then it takes.
    Fails(u16, u32),
    Redirects,
}

/// Somebody who is called.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) address: std::net::SocketAddr,
    pub(crate) calls: watch::Sender<Vec<Call>>,
    failed: Arc<AtomicU32>,
    manner: Manner,
}

impl Receiver {
    pub(crate) async fn start(manner: Manner) -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").await.unwrap(), manner)
    }

    pub(crate) fn listen(listener: TcpListener, manner: Manner) -> Self {
        let address = listener.local_addr().unwrap();
        let calls = watch::Sender::new(Vec::new());
        let receiver = Self { address, calls, failed: Arc::default(), manner };
        let router = Router::new().fallback(take).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        receiver
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.borrow().clone()
    }

    pub(crate) async fn called(&self, times: usize) -> Vec<Call> {
        wait_for(&self.calls, |calls| calls.len() >= times).await
    }

    pub(crate) fn webhook(&self) -> String {
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
pub(crate) async fn wait_for<T: Clone + std::fmt::Debug>(
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
pub(crate) struct Kept {
    pub(crate) locked: AtomicBool,
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

pub(crate) fn settings(text: &str) -> Settings {
    let entry: ChannelsEntry = toml::from_str(text).unwrap();
    let path = std::path::Path::new("/nowhere/config.toml");
    entry.settings(&Reading { text, path }).unwrap()
}

pub(crate) async fn send(settings: &Settings, kind: Kind) -> Result<(), ChannelError> {
    let caller = settings.caller(AGENT).unwrap();
    settings.send(kind, &page(1), &caller, &Kept::default(), Clock::wall()).await
}

pub(crate) fn page(id: i64) -> Page {
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
