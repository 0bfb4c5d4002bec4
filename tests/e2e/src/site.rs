//! A folder on a web server of this machine.

use std::{
    net::SocketAddr,
    path::{Component, Path, PathBuf},
};

use anyhow::{Result, ensure};
use axum::{
    Router,
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::{net::TcpListener, task::JoinHandle};

/// The running server; it ends when dropped.
#[derive(Debug)]
pub struct Site {
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Site {
    /// Serves what is in `folder`, on a free loopback port.
    ///
    /// # Errors
    /// When there is no such folder, or no port.
    pub async fn serve(folder: PathBuf) -> Result<Self> {
        ensure!(folder.join("index.html").is_file(), "no page in {}", folder.display());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let app = Router::new().fallback(get(file)).with_state(folder);
        let serving = tokio::spawn(async move {
            // It ends with the test.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { address, serving })
    }

    /// The address of its page, with `rest` behind it: `?theme=dark#/alerts`.
    #[must_use]
    pub fn url(&self, rest: &str) -> String {
        format!("http://{}/{rest}", self.address)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn file(State(folder): State<PathBuf>, uri: Uri) -> Response {
    let path = match uri.path().trim_start_matches('/') {
        "" => Path::new("index.html"),
        path => Path::new(path),
    };
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    match tokio::fs::read(folder.join(path)).await {
        Ok(content) if inside => ([(header::CONTENT_TYPE, kind(path))], content).into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
