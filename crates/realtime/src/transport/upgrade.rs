use std::sync::Arc;
use std::time::Duration;

use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::Response;
use tokio_tungstenite::tungstenite::http::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::metered::{Meter, Metered};
use super::{Dial, Socket};
use crate::{ConnectError, ConnectErrorKind, Endpoint, Options};

/// Dials an endpoint and upgrades the stream to a WebSocket.
pub(crate) async fn open(
    dial: Arc<dyn Dial>,
    endpoint: Endpoint,
    options: &Options,
    meter: Arc<Meter>,
) -> Result<Socket, ConnectError> {
    let stream = Metered::new(dial.dial(&endpoint).await?, meter);
    let request = request(&endpoint, options)?;
    let (socket, _) =
        client_async_with_config(request, stream, Some(config(options))).await.map_err(refusal)?;
    Ok(Socket::new(socket))
}

fn request(endpoint: &Endpoint, options: &Options) -> Result<Request, ConnectError> {
    let fault = |detail: String| ConnectError::new(ConnectErrorKind::Upgrade, detail);
    let mut request =
        endpoint.request_target().into_client_request().map_err(|e| fault(e.to_string()))?;
    if let Some(token) = &options.token {
        // Text that a header can carry, by validation of the options.
        let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
            .map_err(|e| fault(e.to_string()))?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
    }
    Ok(request)
}

fn config(options: &Options) -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(options.max_message_in))
        .max_frame_size(Some(options.max_message_in))
        // Every write is followed by a flush; gathering in between would gain nothing and counts against the limit.
        .write_buffer_size(0)
        .max_write_buffer_size(options.write_buffer)
}

fn refusal(error: WsError) -> ConnectError {
    match error {
        WsError::Http(response) => {
            let kind = ConnectErrorKind::Http { status: response.status().as_u16() };
            let detail = response.status().canonical_reason().unwrap_or("no reason given");
            ConnectError { retry_after: retry_after(&response), ..ConnectError::new(kind, detail) }
        }
        WsError::Io(error) => ConnectError::new(ConnectErrorKind::Tcp, error.to_string()),
        error => ConnectError::new(ConnectErrorKind::Upgrade, error.to_string()),
    }
}

/// `Retry-After` in seconds. Its other form, a date, depends on two clocks agreeing and is left to the back-off.
fn retry_after<T>(response: &Response<T>) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}
