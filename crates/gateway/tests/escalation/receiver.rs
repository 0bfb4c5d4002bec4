//! Those who are called.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use ring::hmac;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::until;

/// One call as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// As the documentation says that a receiver does.
    pub(crate) fn is_signed(&self, secret: &str) -> bool {
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
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    pub(crate) calls: Arc<Mutex<Vec<Call>>>,
    /// How often it fails before it takes a call.
    pub(crate) failures: Arc<AtomicU32>,
    pub(crate) task: tokio::task::JoinHandle<()>,
}

impl Receiver {
    pub(crate) async fn start(failures: u32) -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").await.unwrap(), failures)
    }

    pub(crate) fn listen(listener: TcpListener, failures: u32) -> Self {
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

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    pub(crate) async fn called(&self, times: usize) -> Vec<Call> {
        until("somebody is called so often", || self.calls().len() >= times).await;
        self.calls()
    }
}

/// Takes a call when it is let.
pub(crate) async fn held() -> (SocketAddr, Arc<Semaphore>, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (let_go, calls) = (Arc::new(Semaphore::new(0)), Arc::<AtomicU32>::default());
    let (gate, count) = (Arc::clone(&let_go), Arc::clone(&calls));
    let take = async move || {
        count.fetch_add(1, Ordering::SeqCst);
        let _ = gate.acquire().await.unwrap();
        StatusCode::NO_CONTENT
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(take)).await.unwrap() });
    (address, let_go, calls)
}

/// Of each call, which alert it was about.
pub(crate) fn alerts(calls: &[Call]) -> Vec<String> {
    calls.iter().map(|call| call.json()["alert"]["id"].as_str().unwrap().to_owned()).collect()
}
