use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::PATIENCE;
use super::guest::{Client, Guest, Tokens};
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
    let status = program.ended().await;
    assert!(status.success(), "{status}: {}", program.said());
    // It says nine seconds; whoever would not let go would hold it for ever.
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

const HERD: usize = 1_000;
/// Longest that a client of a gateway that restarts is told to stay away.
const AWAY: Duration = Duration::from_secs(10);

/// A client that was told when to come back.
struct Told {
    at: Instant,
    retry: Duration,
    /// How far it had read.
    offset: u64,
}

/// Reads to the end.
async fn dismissed(mut client: Client<TcpStream>) -> Told {
    let mut offset = 0;
    let goodbye = loop {
        let message = client.next().await;
        match message["offset"].as_u64() {
            Some(told) => offset = told,
            None if message["type"] == "goodbye" => break message,
            None => {}
        }
    };
    let at = Instant::now();
    let retry = Duration::from_millis(goodbye["data"]["retryAfterMs"].as_u64().unwrap());
    assert_eq!(client.closed().await.0, 1012);
    Told { at, retry, offset }
}

/// Comes back when it was told to, again and again should nobody be there yet, and answers how long it was away and
/// what it was told first.
async fn back(guest: &Guest, epoch: &Value, told: Told) -> (Duration, Value) {
    let Told { at, retry, offset } = told;
    tokio::time::sleep_until((at + retry).into()).await;
    let mut client = loop {
        match guest.try_dial().await {
            Ok(stream) => break guest.upgrade(stream).await.unwrap(),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    };
    client.hello(json!({"resume": {"epoch": epoch, "offset": offset}})).await;
    let welcome = client.until("welcome").await.pop().unwrap();
    (at.elapsed(), welcome["data"].clone())
}

/// A process may have 1,024 files by itself, which are as many connections.
#[cfg(unix)]
fn allow_open_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
    assert!(limit.maximum.is_none_or(|most| most >= 2 * HERD as u64), "{limit:?}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_clients_come_back_from_a_restart_one_after_the_other() {
    allow_open_files();
    let folder = tempfile::tempdir().unwrap();
    let broker = format!("--broker=sqlite:{}", folder.path().join("log.db").display());
    let arguments = [broker.as_str(), "--max-connections=1100"];
    let mut program = Program::start(&arguments);
    let listen = program.address.to_string();
    let guest = Guest::at(program.address);
    let live = stream::iter(0..HERD).map(|_| guest.live(json!({}))).buffer_unordered(50);
    let live: Vec<_> = live.collect().await;
    let epoch = live[0].1["epoch"].clone();
    let note = json!([{"type": "note", "data": 1, "timestamp": 1}]);
    assert_eq!(guest.publish(&note).await.status, 200);

    let dismissed: Vec<_> =
        live.into_iter().map(|(client, _)| tokio::spawn(dismissed(client))).collect();
    program.terminate();
    let mut told = Vec::new();
    for client in dismissed {
        told.push(timeout(PATIENCE, client).await.expect("a goodbye").unwrap());
    }
    assert!(program.child.wait().unwrap().success(), "{}", program.said());
    assert!(told.iter().all(|told| told.offset == 1), "what was acknowledged comes first");
    let mut moments: Vec<Duration> = told.iter().map(|told| told.retry).collect();
    moments.sort_unstable();
    assert!(moments[HERD - 1] <= AWAY, "{:?}", moments[HERD - 1]);
    for from in &moments {
        let tenth = *from..*from + Duration::from_millis(100);
        let together = moments.iter().filter(|moment| tenth.contains(*moment)).count();
        assert!(together <= HERD / 50, "{together} of them from {from:?} on");
    }

    let again = Program::start_at(&listen, &arguments);
    assert_eq!(guest.publish(&note).await.status, 200);
    let returning: Vec<_> = told
        .into_iter()
        .map(|told| {
            let (guest, epoch) = (guest.clone(), epoch.clone());
            tokio::spawn(async move { back(&guest, &epoch, told).await })
        })
        .collect();
    let mut longest = Duration::ZERO;
    for client in returning {
        let (away, welcome) = timeout(PATIENCE, client).await.expect("a welcome").unwrap();
        assert_eq!((&welcome["resumed"], &welcome["replay"]), (&json!(true), &json!(1)));
        longest = longest.max(away);
    }
    // The time it was told, and what it takes to be greeted on a machine that does something else as well.
    assert!(longest < AWAY + PATIENCE, "{longest:?}: {}", again.said());
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
    while TcpStream::connect(address).await.is_ok() {}
    stream.write_all(message.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut answer);
    timeout(PATIENCE, read).await.expect("an answer").unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"accepted\":1"), "{answer}");
    ending.await.unwrap();
}
