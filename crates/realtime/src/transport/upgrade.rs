use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::Response;
use tokio_tungstenite::tungstenite::http::header::{
    AUTHORIZATION, HeaderValue, LOCATION, RETRY_AFTER, SEC_WEBSOCKET_PROTOCOL,
};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use url::Url;

use super::handshake::handshake;
use super::metered::{Meter, Metered};
use super::phases::{ConnectPhase, Trace};
use super::rewound::Rewound;
use super::tls::explained;
use super::{Dial, Socket};
use crate::{ConnectError, ConnectErrorKind, Endpoint, Mode, Offer, Options, Secret};

/// Dials an endpoint and upgrades the stream to a WebSocket. Also tells which mode the server chose.
pub(crate) async fn open(
    dial: Arc<dyn Dial>,
    endpoint: Endpoint,
    options: &Options,
    offer: Option<&str>,
    token: Option<&Secret>,
    meter: Arc<Meter>,
) -> Result<(Socket, Mode), ConnectError> {
    let trace = Trace::default();
    let opening = async {
        let stream = dial.dial_traced(&endpoint, trace.clone()).await?;
        let stream = Metered::new(stream, Arc::clone(&meter));
        upgrade_offering(stream, &endpoint, options, offer, token, &trace).await
    };
    match opening.await {
        Ok((stream, mode)) => {
            meter.connected(trace.phases());
            Ok((Socket::new(stream, config(options)), mode))
        }
        Err(error) => Err(ConnectError { phases: Box::new(trace.phases()), ..error }),
    }
}

/// Upgrades a connected stream to a WebSocket, within `upgradeTimeout`. Also tells which mode the server chose.
///
/// # Errors
/// - [`ConnectErrorKind::Http`] when the server answers with another status than 101; redirects are named, not followed.
/// - [`ConnectErrorKind::Upgrade`] when its answer is none, [`ConnectErrorKind::Timeout`] when it does not come.
/// - [`ConnectErrorKind::Tcp`], [`ConnectErrorKind::Tls`] when the stream breaks.
pub async fn upgrade<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    endpoint: &Endpoint,
    options: &Options,
    token: Option<&Secret>,
    trace: &Trace,
) -> Result<(WebSocketStream<Rewound<S>>, Mode), ConnectError> {
    let offer = (options.protocol != Offer::Plain).then_some(wire::control::V1);
    let (stream, mode) = upgrade_offering(stream, endpoint, options, offer, token, trace).await?;
    let config = Some(config(options));
    Ok((WebSocketStream::from_raw_socket(stream, Role::Client, config).await, mode))
}

/// The same, offering this sub-protocol.
async fn upgrade_offering<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    endpoint: &Endpoint,
    options: &Options,
    offer: Option<&str>,
    token: Option<&Secret>,
    trace: &Trace,
) -> Result<(Rewound<S>, Mode), ConnectError> {
    let request = request(endpoint, offer, token)?;
    let shaking = async { handshake(request, stream).await.map_err(|e| refusal(e, endpoint)) };
    let (stream, response) =
        trace.step(ConnectPhase::Upgrade, options.upgrade_timeout, shaking).await?;
    let mode = match response.headers().get(SEC_WEBSOCKET_PROTOCOL) {
        Some(_) => Mode::V1,
        None => Mode::Plain,
    };
    Ok((stream, mode))
}

fn request(
    endpoint: &Endpoint,
    offer: Option<&str>,
    token: Option<&Secret>,
) -> Result<Request, ConnectError> {
    let fault = |detail: String| ConnectError::new(ConnectErrorKind::Upgrade, detail);
    let mut request =
        endpoint.request_target().into_client_request().map_err(|e| fault(e.to_string()))?;
    if let Some(token) = token {
        // Text that a header can carry, by validation of the options or of what was provided.
        let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
            .map_err(|e| fault(e.to_string()))?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
    }
    if let Some(name) = offer {
        let name = HeaderValue::from_str(name).map_err(|e| fault(e.to_string()))?;
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, name);
    }
    Ok(request)
}

/// Read at once, at most. The library clears as much before each read, and most reads bring one message: a large buffer
/// costs more than the system calls it saves. A message that is larger gets the room it needs.
const READ_BUFFER: usize = 16 * 1024;

fn config(options: &Options) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_message_size(Some(options.max_message_in))
        .max_frame_size(Some(options.max_message_in))
        // Every write is followed by a flush; gathering in between would gain nothing and counts against the limit.
        .write_buffer_size(0)
        .max_write_buffer_size(options.write_buffer)
}

fn refusal(error: WsError, endpoint: &Endpoint) -> ConnectError {
    match error {
        WsError::Http(response) => {
            let status = response.status();
            let kind = ConnectErrorKind::Http { status: status.as_u16() };
            let reason = status.canonical_reason().unwrap_or("no reason given");
            let detail = match redirect(&response) {
                Some(to) => {
                    format!("{reason}; it points to {to}, which is not followed: set `url`")
                }
                None => reason.to_owned(),
            };
            let retry_after = retry_after(&response, SystemTime::now());
            ConnectError { retry_after, ..ConnectError::new(kind, detail) }
        }
        WsError::Io(error) => explained(&error, endpoint)
            .unwrap_or_else(|| ConnectError::new(ConnectErrorKind::Tcp, error.to_string())),
        error => ConnectError::new(ConnectErrorKind::Upgrade, error.to_string()),
    }
}

/// Where a redirect points to, without what an address may hide: credentials, query and fragment.
fn redirect<T>(response: &Response<T>) -> Option<String> {
    if !response.status().is_redirection() {
        return None;
    }
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    let Ok(mut url) = Url::parse(location) else {
        return Some(location.split(['?', '#']).next().unwrap_or_default().to_owned());
    };
    url.set_query(None);
    url.set_fragment(None);
    // It fails only for an address that can have none.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    Some(url.to_string())
}

/// `Retry-After` in seconds or as a date (RFC 9110, 10.2.3). A date is as good as the two clocks agree; a hint is
/// clamped anyway.
fn retry_after<T>(response: &Response<T>, now: SystemTime) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    Some(at.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, name: &'static str, value: &str) -> Response<()> {
        Response::builder().status(status).header(name, value).body(()).unwrap()
    }

    #[test]
    fn retry_after_in_both_forms() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        for (value, seconds) in [
            ("120", Some(120)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            let hint = retry_after(&answer(503, "retry-after", value), now);
            assert_eq!(hint, seconds.map(Duration::from_secs), "{value}");
        }
    }

    #[test]
    fn a_redirect_is_named_without_its_secrets() {
        let to = |value| redirect(&answer(302, "location", value));
        let shown = to("https://me:hush@login.example/a?token=hush#hush");
        assert_eq!(shown.as_deref(), Some("https://login.example/a"));
        assert_eq!(to("/login?next=hush").as_deref(), Some("/login"));
        assert_eq!(redirect(&answer(503, "location", "/x")), None);
    }
}
