//! A real HTTP server that takes what a channel sends, and keeps it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::{Router, routing::post};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::record::Record;

/// One request, as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub path: String,
    /// By lower-case name.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Request {
    /// # Errors
    /// When the body is no JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).context("the body is JSON")
    }

    /// A header's value, empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The field `event` or `title` of a JSON body, empty where there is none.
    #[must_use]
    pub fn field(&self, name: &str) -> String {
        let json = self.json().unwrap_or_default();
        json[name].as_str().unwrap_or_default().to_owned()
    }
}

/// The running server. Its `record` holds the requests in order.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    pub record: Record<Request>,
    statuses: Arc<Mutex<Vec<u16>>>,
    serving: JoinHandle<()>,
}

#[derive(Clone)]
struct Shared {
    record: Record<Request>,
    statuses: Arc<Mutex<Vec<u16>>>,
}

impl Receiver {
    /// Listens on a free loopback port and answers 200.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (record, statuses) = (Record::default(), Arc::default());
        let shared = Shared { record: record.clone(), statuses: Arc::clone(&statuses) };
        let app = Router::new().fallback(post(take)).with_state(shared);
        let serving = tokio::spawn(async move {
            // It ends with the test.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { address, record, statuses, serving })
    }

    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// Answers the next requests with these, one after the other.
    pub fn answer_with(&self, statuses: &[u16]) {
        let mut next = self.statuses.lock().expect("no one panics while holding it");
        next.extend(statuses.iter().rev());
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn take(
    State(shared): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let text = |value: &axum::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let headers = headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    shared.record.push(Request { path: uri.path().to_owned(), headers, body: body.to_vec() });
    let next = shared.statuses.lock().expect("no one panics while holding it").pop();
    next.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK)
}
