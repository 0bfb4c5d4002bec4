//! What a scenario's outages are to a client of `vaultwatch.v1`.

use std::path::Path;
use std::time::Instant;

use futures_util::{SinkExt, StreamExt};
use gateway::{Access, Gateway, Performance, Script, Source, Speed};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::plain::PATIENCE;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A session, and its welcome. It asks for everything, and is busy when the outage comes.
async fn join(gateway: &Gateway, resume: Value) -> (Socket, Value) {
    let begun = Instant::now();
    let mut socket = loop {
        let mut request = gateway.url().into_client_request().unwrap();
        let v1 = "vaultwatch.v1".parse().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", v1);
        match timeout(PATIENCE, connect_async(request)).await.unwrap() {
            Ok((socket, _)) => break socket,
            // Back from an outage in a moment.
            Err(error) => assert!(begun.elapsed() < PATIENCE, "{error}"),
        }
        tokio::task::yield_now().await;
    };
    let data = json!({"client": "test/1", "topics": ["*"], "compress": [], "resume": resume});
    let hello = json!({"type": "hello", "data": data, "timestamp": 1});
    socket.send(Message::text(hello.to_string())).await.unwrap();
    let welcome = next(&mut socket).await.expect("a welcome");
    (socket, serde_json::from_str::<Value>(welcome.to_text().unwrap()).unwrap()["data"].clone())
}

async fn next(socket: &mut Socket) -> Option<Message> {
    timeout(PATIENCE, socket.next()).await.expect("in time")?.ok()
}

/// All that is said until the connection is over.
async fn rest(mut socket: Socket) -> Vec<String> {
    let mut said = Vec::new();
    while let Some(message) = next(&mut socket).await {
        said.push(match message {
            Message::Text(text) if text.contains("\"goodbye\"") => "goodbye".to_owned(),
            Message::Close(frame) => format!("close {}", u16::from(frame.unwrap().code)),
            _ => continue,
        });
    }
    said
}

/// At this second of the scenario, and again and again for whoever comes late to the first time.
async fn play(at: u32, fault: &str) -> Gateway {
    let again = |n: u32| format!("[[fault]]\nat = \"{}s\"\nkind = \"{fault}\n", at + 60 * n);
    let faults: String = (0..10).map(again).collect();
    let text = format!("population = 300\nrate = 100\n{faults}");
    let script = Script::parse(&text, Path::new("test.toml")).unwrap();
    let performance = Performance { speed: Speed::new(10).unwrap(), ..Performance::new(script) };
    let listen = "127.0.0.1:0".parse().unwrap();
    Gateway::bind(listen, Access::open(), Source::Script(performance)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_is_without_a_word_and_a_restart_with_a_goodbye_and_both_are_resumed_from() {
    for (fault, last) in [("disconnect", &[][..]), ("restart", &["goodbye", "close 1012"])] {
        let gateway = play(5, &format!("{fault}\"")).await;
        let (socket, welcome) = join(&gateway, Value::Null).await;
        assert_eq!(rest(socket).await, last, "{fault}");
        let resume = json!({"epoch": welcome["epoch"], "offset": welcome["offset"]});
        let (_, again) = join(&gateway, resume).await;
        assert_eq!((&again["resumed"], &again["epoch"]), (&json!(true), &welcome["epoch"]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_frames_are_said_past_the_log() {
    let gateway = play(20, "malformed_frame\"\ncount = 2").await;
    let (mut socket, _) = join(&gateway, Value::Null).await;
    let (mut malformed, mut told) = (0, None);
    // And the positions before and behind them fit.
    while malformed < 2 || told.is_none() {
        let Some(Message::Text(text)) = next(&mut socket).await else { panic!("closed") };
        let Ok(message) = serde_json::from_str::<Value>(&text) else {
            malformed += 1;
            told = None;
            continue;
        };
        if let Some(prev) = message["prev"].as_u64() {
            assert!(told.is_none_or(|told| told == prev), "{message}");
            told = message["offset"].as_u64();
        }
    }
}
