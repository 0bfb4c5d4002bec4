//! How connections begin and end.

use std::time::Duration;

use futures_util::StreamExt;
use gateway::{Access, Gateway, GatewayError, Limits, Source};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::{PATIENCE, close_code, connect, http, join, next, relay, relay_with, status, until};

#[tokio::test]
async fn a_port_that_is_taken_is_an_error() {
    let gateway = relay().await;
    let again = Gateway::bind(gateway.local_addr(), Access::open(), Source::Relay).await;
    assert!(matches!(again, Err(GatewayError::Bind { .. })), "{again:?}");
}

#[tokio::test]
async fn shutdown_closes_clients_with_1001() {
    let gateway = relay().await;
    let address = gateway.local_addr();
    let (mut one, mut two) = (join(&gateway).await, join(&gateway).await);
    let closed = async { (close_code(&mut one).await, close_code(&mut two).await) };
    let ((), codes) = tokio::join!(gateway.shutdown(), closed);
    assert_eq!(codes, (1001, 1001));
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn shutdown_does_not_wait_for_a_client_that_does_not_answer() {
    let gateway =
        relay_with(Limits { close: Duration::from_millis(50), ..Limits::default() }).await;
    let _deaf = join(&gateway).await;
    timeout(PATIENCE, gateway.shutdown()).await.expect("to end by itself");
}

#[tokio::test]
async fn dropping_a_gateway_stops_it() {
    let gateway = relay().await;
    let mut client = join(&gateway).await;
    drop(gateway);
    assert_eq!(close_code(&mut client).await, 1001);
}

#[tokio::test]
async fn connections_are_limited_and_slots_come_back() {
    let gateway = relay_with(Limits { connections: 1, ..Limits::default() }).await;
    let mut only = join(&gateway).await;
    assert_eq!(status(connect(&gateway.url(), &[]).await), 503);
    only.close(None).await.unwrap();
    while only.next().await.is_some() {}
    let again = async { while connect(&gateway.url(), &[]).await.is_err() {} };
    timeout(PATIENCE, again).await.expect("the slot to come back");
}

#[tokio::test]
async fn a_slow_upgrade_is_cut_off() {
    let gateway =
        relay_with(Limits { upgrade: Duration::from_millis(50), ..Limits::default() }).await;
    for head in ["", "GET /ws HTTP/1.1\r\nHost: x\r\n"] {
        let mut stream = TcpStream::connect(gateway.local_addr()).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        let _ = read.expect("the connection to be cut");
    }
}

#[tokio::test]
async fn a_silent_client_is_pinged_and_then_dropped() {
    let gateway =
        relay_with(Limits { silence: Duration::from_millis(700), ..Limits::default() }).await;
    // A client that is not read from answers no pings.
    let _dead = join(&gateway).await;
    until(|| gateway.stats(), |stats| stats.clients == 0).await;
    // One that is read from does, and stays: the heartbeat sent after many a silence is still answered.
    let mut alive = join(&gateway).await;
    for _ in 0..3 {
        assert!(matches!(next(&mut alive).await, Message::Ping(_)));
    }
    assert_eq!(gateway.stats().clients, 1);
}

#[tokio::test]
async fn plain_http_gets_a_word_of_help() {
    let gateway = relay().await;
    let address = gateway.local_addr().to_string();
    let health = http(&address, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(health.starts_with("HTTP/1.1 200") && health.ends_with("ok\n"), "{health}");
    let page = http(&address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(page.starts_with("HTTP/1.1 426") && page.contains("WebSocket client"), "{page}");
    let lost = http(&address, "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(lost.starts_with("HTTP/1.1 404"), "{lost}");
}
