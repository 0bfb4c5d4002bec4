use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::PATIENCE;
use super::guest::{Guest, Tokens};
use super::program::Program;

#[cfg(unix)]
#[tokio::test]
async fn sigterm_says_goodbye_and_ends_in_time_whoever_does_not_read() {
    let tokens = Tokens::new();
    let token = tokens.add("desk", "desk");
    let path = tokens.file.path().to_str().unwrap();
    let mut program = Program::start(&["--tokens", path]);
    let guest = Guest::at(program.address).token(&token);
    // All kinds of clients that will not let go: two that do not read what is waiting for them, one that never said
    // hello, one in the middle of a head, and one in the middle of a body.
    let (_deaf, _) = guest.live(json!({})).await;
    let _plain = guest.clone().plain().open().await;
    let _mute = guest.open().await;
    let mut head = guest.dial().await;
    head.write_all(b"GET /ws HTTP/1.1\r\n").await.unwrap();
    let mut body = guest.dial().await;
    let post = format!(
        "POST /v1/publish HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: 9\r\n\r\n["
    );
    body.write_all(post.as_bytes()).await.unwrap();
    let (mut reads, _) = guest.live(json!({"topics": ["last"]})).await;
    let (mut from, _) = guest.live(json!({"topics": ["nothing"]})).await;
    // More than the buffers of a socket hold, less than makes a slow reader.
    for n in 0..30 {
        let filler = "x".repeat(200_000);
        assert_eq!(
            from.publish(&n.to_string(), "alert", json!({"message": filler})).await["type"],
            "ack"
        );
    }
    from.publish("last", "last", json!(1)).await;
    let begun = Instant::now();
    program.terminate();
    // What was acknowledged comes first.
    let end = reads.until("goodbye").await;
    assert_eq!((end.len(), &end[0]["type"]), (2, &json!("last")));
    let retry = end[1]["data"]["retryAfterMs"].as_u64().unwrap();
    assert!(retry <= 10_000, "{retry}");
    assert_eq!(reads.closed().await.0, 1012);
    let ended = async {
        loop {
            if let Some(status) = program.child.try_wait().unwrap() {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let status = timeout(PATIENCE, ended).await.expect("to end");
    assert!(status.success(), "{status}: {}", program.said());
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_publish_under_way_is_answered_before_the_end() {
    let tokens = Tokens::new();
    let token = tokens.add("desk", "desk");
    let gateway = tokens.gateway(gateway::Limits::default()).await;
    let mut stream = Guest::of(&gateway).dial().await;
    let message = r#"{"type":"note","data":1,"timestamp":1}"#;
    let head = format!(
        "POST /v1/publish HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n",
        message.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The gateway has begun to read it when there is one more connection; a session after it shows that.
    Guest::of(&gateway).token(&token).live(json!({})).await;
    let address = gateway.local_addr();
    let ending = tokio::spawn(gateway.shutdown());
    while tokio::net::TcpStream::connect(address).await.is_ok() {}
    stream.write_all(message.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut answer);
    timeout(PATIENCE, read).await.expect("an answer").unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"accepted\":1"), "{answer}");
    ending.await.unwrap();
}
