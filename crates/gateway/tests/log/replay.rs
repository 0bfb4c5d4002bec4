//! What a client that comes back is given, by a gateway that was not there when it happened.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::nats::Server;
use crate::program::{Plain, Program, request};
use crate::until;

/// Publishes events with these numbers.
async fn publish(gateway: &Program, numbers: std::ops::Range<u64>) {
    let lines: Vec<_> = numbers
        .map(|n| {
            json!({"type": "note", "data": n, "timestamp": 1, "id": n.to_string()}).to_string()
        })
        .collect();
    for chunk in lines.chunks(5_000) {
        let sent = request(gateway.port, "POST", "/v1/publish", &chunk.join("\n")).await.unwrap();
        assert_eq!(sent.0, 200, "{}", sent.1);
    }
}

/// The next messages are these, in order and without a gap.
async fn expect(client: &mut Plain, numbers: std::ops::Range<u64>) {
    let mut told = None;
    for n in numbers {
        let message = client.next().await;
        assert_eq!((&message["data"], &message["offset"]), (&json!(n), &json!(n + 1)), "{message}");
        if let Some(told) = told {
            assert_eq!(message["prev"], told, "{message}");
        }
        told = Some(message["offset"].clone());
    }
}

/// From a gateway that was started when all had happened.
async fn check(broker: &str) {
    let first = Program::start(broker);
    first.ready().await;
    publish(&first, 0..9_000).await;
    let (_, welcome) = first.resume("none", 0).await;
    let epoch = welcome["epoch"].as_str().unwrap().to_owned();
    first.kill();
    let second = Program::start(broker);
    second.ready().await;
    let (mut client, welcome) = second.resume(&epoch, 100).await;
    assert_eq!((&welcome["resumed"], &welcome["replay"]), (&json!(true), &json!(8_900)));
    expect(&mut client, 100..9_000).await;
    publish(&second, 9_000..12_000).await;
    expect(&mut client, 9_000..12_000).await;
    // More than is replayed: every event, and the state.
    let (mut client, welcome) = second.resume(&epoch, 100).await;
    assert_eq!(welcome["resumed"], false);
    expect(&mut client, 100..12_000).await;
    let end = client.next().await;
    let expected = json!({"offset": 12_000, "lostEvents": 0});
    assert_eq!((&end["type"], &end["data"]), (&json!("snapshot_end"), &expected));
    // Beyond its end is not of this log.
    let (_, welcome) = second.resume(&epoch, 12_001).await;
    assert_eq!(welcome["resumed"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_gives_what_was_missed() {
    let folder = TempDir::new().unwrap();
    check(&format!("sqlite:{}", folder.path().join("log.db").display())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nats_gives_what_was_missed() {
    let server = Server::start().await;
    check(&server.url()).await;
}

/// As much as one client is replayed a gateway has read in when it is ready, and no more: with that it needs nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_started_since_has_at_hand_what_is_replayed() {
    let mut server = Server::start().await;
    let first = Program::start(&server.url());
    first.ready().await;
    publish(&first, 0..12_000).await;
    let (_, welcome) = first.resume("none", 0).await;
    let epoch = welcome["epoch"].as_str().unwrap().to_owned();
    first.kill();
    let second = Program::start(&server.url());
    second.ready().await;
    server.stop();
    until("it knows that it is alone", async || {
        request(second.port, "GET", "/healthz", "").await.unwrap().0 == 503
    })
    .await;
    let (mut client, welcome) = second.resume(&epoch, 2_000).await;
    assert_eq!((&welcome["resumed"], &welcome["replay"]), (&json!(true), &json!(10_000)));
    expect(&mut client, 2_000..12_000).await;
    let told = client.next().await;
    assert_eq!((&told["type"], &told["data"]["state"]), (&json!("status"), &json!("degraded")));
    // Who misses one more would be given it from NATS, and comes again.
    let mut client = Plain::greeting(&second.url(), &[], &epoch, 1_999).await;
    assert_eq!(client.closed().await, 1013);
    server.go_on().await;
    second.ready().await;
    let (mut client, welcome) = second.resume(&epoch, 1_999).await;
    assert_eq!(welcome["resumed"], false, "more than is replayed");
    expect(&mut client, 1_999..12_000).await;
}

/// Messages so long that a thousand of them would not fit into memory, or into what NATS sends in a row.
async fn check_long(broker: &str) {
    let first = Program::start(broker);
    first.ready().await;
    let filler = "x".repeat(900_000);
    for n in 0..90 {
        let data = json!({"n": n, "filler": filler});
        let message = json!({"type": "note", "data": data, "timestamp": 1}).to_string();
        let sent = request(first.port, "POST", "/v1/publish", &message).await.unwrap();
        assert_eq!(sent.0, 200, "{}", sent.1);
    }
    let (_, welcome) = first.resume("none", 0).await;
    let epoch = welcome["epoch"].as_str().unwrap().to_owned();
    first.kill();
    let second = Program::start(broker);
    second.ready().await;
    let (mut client, welcome) = second.resume(&epoch, 85).await;
    assert_eq!((&welcome["resumed"], &welcome["replay"]), (&json!(true), &json!(5)));
    let numbered = async |client: &mut Plain, numbers: std::ops::Range<u64>| {
        for n in numbers {
            let message = client.next().await;
            assert_eq!((&message["data"]["n"], &message["offset"]), (&json!(n), &json!(n + 1)));
        }
    };
    numbered(&mut client, 85..90).await;
    // More than is replayed: every event, page by page.
    let (mut client, welcome) = second.resume(&epoch, 0).await;
    assert_eq!(welcome["resumed"], false);
    numbered(&mut client, 0..90).await;
    let end = client.next().await;
    assert_eq!(end["data"], json!({"offset": 90, "lostEvents": 0}));
}

#[tokio::test(flavor = "multi_thread")]
async fn long_messages_are_read_page_by_page_from_sqlite() {
    let folder = TempDir::new().unwrap();
    check_long(&format!("sqlite:{}", folder.path().join("log.db").display())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn long_messages_are_read_page_by_page_from_nats() {
    let server = Server::start().await;
    check_long(&server.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nats_does_not_retain_is_counted_by_whoever_saw_it() {
    let server = Server::start().await;
    let gateway = Program::start(&server.url());
    gateway.ready().await;
    publish(&gateway, 0..3_000).await;
    let (_, welcome) = gateway.resume("none", 0).await;
    let epoch = welcome["epoch"].as_str().unwrap();
    let client = async_nats::connect(server.url()).await.unwrap();
    let context = async_nats::jetstream::new(client);
    let log = context.get_stream("VAULTWATCH_default").await.unwrap();
    log.purge().sequence(501).await.unwrap();
    let late = Program::start(&server.url());
    late.ready().await;
    // The stream itself does not know how many it has removed.
    let (mut client, welcome) = late.resume(epoch, 100).await;
    assert_eq!(welcome["resumed"], false);
    expect(&mut client, 500..3_000).await;
    let end = client.next().await;
    assert_eq!(end["data"], json!({"offset": 3_000, "lostEvents": null}));
    let (mut client, welcome) = late.resume(epoch, 500).await;
    assert_eq!(welcome["resumed"], true, "of what was removed it had everything");
    expect(&mut client, 500..3_000).await;
    // Who has it at hand still gives it.
    let (mut client, welcome) = gateway.resume(epoch, 100).await;
    assert_eq!(welcome["resumed"], true);
    expect(&mut client, 100..3_000).await;
    publish(&gateway, 3_000..13_000).await;
    for (gateway, lost) in [(&gateway, json!(400)), (&late, Value::Null)] {
        let (mut client, welcome) = gateway.resume(epoch, 100).await;
        assert_eq!(welcome["resumed"], false);
        expect(&mut client, 500..13_000).await;
        let end = client.next().await;
        assert_eq!(end["data"], json!({"offset": 13_000, "lostEvents": lost}));
    }
}

/// Whoever asks for little is given it, however much else there was meanwhile: most of that is not at hand.
async fn check_few(broker: &str) {
    let gateway = Program::start(broker);
    gateway.ready().await;
    let (_, welcome) = gateway.resume("none", 0).await;
    let epoch = welcome["epoch"].as_str().unwrap();
    let rare = |n: u64| n.is_multiple_of(1_000);
    let lines: Vec<_> = (1..=13_000)
        .map(|n| {
            let ty = if rare(n) { "rare" } else { "vault_update_A" };
            json!({"type": ty, "data": {"n": n}, "timestamp": 1}).to_string()
        })
        .collect();
    for chunk in lines.chunks(5_000) {
        let sent = request(gateway.port, "POST", "/v1/publish", &chunk.join("\n")).await.unwrap();
        assert_eq!(sent.0, 200, "{}", sent.1);
    }
    // NATS acknowledges before the gateway has read it back: for who has seen everything it catches up.
    let (_, welcome) = gateway.resume(epoch, 13_000).await;
    assert_eq!((&welcome["resumed"], &welcome["replay"]), (&json!(true), &json!(0)));
    let last = json!({"type": "rare", "data": {"n": 0}, "timestamp": 1}).to_string();
    let (mut client, welcome) = Plain::session_of(&gateway.url(), &["rare"], epoch, 999).await;
    assert_eq!((&welcome["resumed"], &welcome["replay"]), (&json!(true), &json!(13)));
    assert_eq!(request(gateway.port, "POST", "/v1/publish", &last).await.unwrap().0, 200);
    let mut told = 999;
    for n in (1..=13_000).filter(|n| rare(*n)).chain([13_001]) {
        let message = client.next().await;
        assert_eq!((&message["offset"], &message["prev"]), (&json!(n), &json!(told)), "{message}");
        told = n;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_little_is_given_it_from_sqlite() {
    let folder = TempDir::new().unwrap();
    check_few(&format!("sqlite:{}", folder.path().join("log.db").display())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_little_is_given_it_from_nats() {
    let server = Server::start().await;
    check_few(&server.url()).await;
}

/// Then a gateway reads page by page.
#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_little_is_given_it_from_nats_that_has_no_more_consumers() {
    let server = Server::start().await;
    let client = async_nats::connect(server.url()).await.unwrap();
    let config = async_nats::jetstream::stream::Config {
        name: "VAULTWATCH_default".into(),
        subjects: vec!["vaultwatch.default.>".into()],
        duplicate_window: std::time::Duration::from_secs(600),
        allow_direct: true,
        // One reads for the gateway.
        max_consumers: 1,
        ..Default::default()
    };
    async_nats::jetstream::new(client).create_stream(config).await.unwrap();
    check_few(&server.url()).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_behind_catches_up_before_it_answers() {
    let server = Server::start().await;
    let (ahead, behind) = (Program::start(&server.url()), Program::start(&server.url()));
    ahead.ready().await;
    behind.ready().await;
    let (_, welcome) = ahead.resume("none", 0).await;
    let epoch = welcome["epoch"].as_str().unwrap();
    for n in 0..5 {
        behind.signal("STOP");
        publish(&ahead, 2_000 * n..2_000 * (n + 1)).await;
        // Its client comes from the other one and has everything.
        let resume = behind.resume(epoch, 2_000 * (n + 1));
        let go_on = async {
            tokio::task::yield_now().await;
            behind.signal("CONT");
        };
        let ((_, welcome), ()) = tokio::join!(resume, go_on);
        assert_eq!((&welcome["resumed"], &welcome["replay"]), (&json!(true), &json!(0)), "{n}");
    }
}
