use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::error::{ProtocolError, SubProtocolError};
use tokio_tungstenite::tungstenite::handshake::client::{Request, Response, generate_request};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::handshake::machine::TryParse;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::http::{HeaderMap, StatusCode};

use super::rewound::Rewound;

/// Most bytes of an answer's head.
const HEAD_LIMIT: usize = 64 * 1024;

/// The client's side of the opening handshake. What follows on the stream are frames.
///
/// The library's own takes a server that selects none of the sub-protocols it was offered for a broken one. RFC 6455
/// (4.2.2) lets a server do that, and it is how one that speaks plain mode only answers.
pub(super) async fn handshake<S: AsyncRead + AsyncWrite + Unpin>(
    request: Request,
    mut stream: S,
) -> Result<(Rewound<S>, Response), WsError> {
    let offered = request.headers().get(SEC_WEBSOCKET_PROTOCOL).cloned();
    let (head, key) = generate_request(request)?;
    stream.write_all(&head).await?;
    stream.flush().await?;
    let mut received = Vec::with_capacity(1_024);
    let (size, response) = loop {
        if stream.read_buf(&mut received).await? == 0 {
            return Err(ProtocolError::HandshakeIncomplete.into());
        }
        match Response::try_parse(&received)? {
            Some(complete) => break complete,
            None if received.len() > HEAD_LIMIT => return Err(WsError::AttackAttempt),
            None => {}
        }
    };
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(WsError::Http(Box::new(response)));
    }
    let headers = response.headers();
    if !has_token(headers, "upgrade", "websocket") {
        return Err(ProtocolError::MissingUpgradeWebSocketHeader.into());
    }
    if !has_token(headers, "connection", "upgrade") {
        return Err(ProtocolError::MissingConnectionUpgradeHeader.into());
    }
    let accept = headers.get("sec-websocket-accept");
    if accept.is_none_or(|accept| accept.as_bytes() != derive_accept_key(key.as_bytes()).as_bytes())
    {
        return Err(ProtocolError::SecWebSocketAcceptKeyMismatch.into());
    }
    if let Some(selected) = headers.get(SEC_WEBSOCKET_PROTOCOL) {
        let fault = match &offered {
            None => Some(SubProtocolError::ServerSentSubProtocolNoneRequested),
            // One name is all that is ever offered.
            Some(offered) if offered != selected => Some(SubProtocolError::InvalidSubProtocol),
            Some(_) => None,
        };
        if let Some(fault) = fault {
            return Err(ProtocolError::SecWebSocketSubProtocolError(fault).into());
        }
    }
    Ok((Rewound::new(received.split_off(size), stream), response))
}

/// Whether a header that holds a list names this, in any case.
fn has_token(headers: &HeaderMap, name: &str, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|part| part.trim().eq_ignore_ascii_case(token))
}
