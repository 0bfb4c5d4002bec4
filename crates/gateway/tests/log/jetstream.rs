use std::time::Duration;

use gateway::{Access, Gateway, Limits, LogOptions, Source};
use realtime::wire::control::ServerState;
use serde_json::{Value, json};

use crate::nats::Server;
use crate::program::{ANY, Plain, Program, request};
use crate::publisher::Publisher;
use crate::until;
use crate::watcher::Watcher;

#[tokio::test(flavor = "multi_thread")]
async fn a_client_killed_off_one_gateway_resumes_on_the_other() {
    let server = Server::start().await;
    let (a, b) = (Program::start(&server.url()), Program::start(&server.url()));
    a.ready().await;
    b.ready().await;
    let watcher = Watcher::start(vec![a.url(), b.url()]).await;
    let other = Watcher::start(vec![b.url()]).await;
    let publisher = Publisher::start(vec![a.port, b.port]);
    until("some were published", async || publisher.acknowledged() > 200).await;
    a.kill();
    let before = publisher.acknowledged();
    until("more were published", async || publisher.acknowledged() > before + 200).await;
    let account = publisher.finish().await;
    watcher.check(&account).await;
    // Who was on the other one all the time heard the same.
    other.check(&account).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nats_goes_away_and_comes_back() {
    let mut server = Server::start().await;
    let gateway = Program::start(&server.url());
    gateway.ready().await;
    let watcher = Watcher::start(vec![gateway.url()]).await;
    let publisher = Publisher::start(vec![gateway.port]);
    until("some were published", async || publisher.acknowledged() > 50).await;
    server.stop();
    until("clients are told", async || watcher.states().last() == Some(&ServerState::Degraded))
        .await;
    let health = request(gateway.port, "GET", "/healthz", "").await.unwrap();
    assert_eq!(health.0, 503, "{health:?}");
    let message = json!({"type": "other", "data": 1, "timestamp": 1, "id": "x"}).to_string();
    let refused = request(gateway.port, "POST", "/v1/publish", &message).await.unwrap();
    assert_eq!(refused.0, 503, "{refused:?}");
    assert!(watcher.is_connected());
    server.go_on().await;
    until("clients are told again", async || watcher.states().last() == Some(&ServerState::Ok))
        .await;
    gateway.ready().await;
    let before = publisher.acknowledged();
    until("more were published", async || publisher.acknowledged() > before + 50).await;
    assert!(watcher.is_connected());
    let account = publisher.finish().await;
    assert!(account.refused > 0);
    watcher.check(&account).await;
}

/// As `docs/gateway/log.md` tells: another log, which clients notice and go on with.
#[tokio::test(flavor = "multi_thread")]
async fn from_one_process_to_jetstream_clients_take_a_new_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let broker = format!("sqlite:{}", folder.path().join("log.db").display());
    let alone = Program::start(&broker);
    let watcher = Watcher::start(vec![alone.url()]).await;
    let state =
        json!({"type": "vault_update_A", "data": {"full": true, "ltv": 70.5}, "timestamp": 1});
    let note = json!({"type": "note", "data": 7, "timestamp": 1});
    let sent = |port: u16, message: Value| async move {
        let sent = request(port, "POST", "/v1/publish", &message.to_string()).await.unwrap();
        assert_eq!(sent.0, 200, "{sent:?}");
    };
    sent(alone.port, state.clone()).await;
    sent(alone.port, note.clone()).await;
    until("both", async || watcher.count() == 2).await;
    let port = alone.kill();
    let server = Server::start().await;
    let shared = Program::start_on(port, &["--broker", &server.url()]);
    shared.ready().await;
    until("a new snapshot", async || watcher.snapshots() == 2).await;
    // What is lost is told beside it, by another task.
    until("what is lost", async || !watcher.faults().is_empty()).await;
    assert!(watcher.faults()[0].contains("lost_events: None"), "{:?}", watcher.faults());
    sent(port, state).await;
    sent(port, note).await;
    until("both again", async || watcher.count() == 4).await;
    assert_eq!((watcher.offsets(), watcher.last()), (vec![1, 2, 1, 2], Some((2, 7))));
    assert_eq!(watcher.faults().len(), 1, "{:?}", watcher.faults());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_waits_for_nats_and_says_so() {
    let mut server = Server::start().await;
    server.stop();
    let gateway = Program::start(&server.url());
    until("it says what it waits for", async || {
        let health = request(gateway.port, "GET", "/healthz", "").await.unwrap();
        assert_eq!(health.0, 503, "{health:?}");
        health.1.contains("NATS")
    })
    .await;
    let message = json!({"type": "note", "data": 1, "timestamp": 1, "id": "x"}).to_string();
    let refused = request(gateway.port, "POST", "/v1/publish", &message).await.unwrap();
    assert_eq!(refused.0, 503, "{refused:?}");
    server.go_on().await;
    gateway.ready().await;
    let taken = request(gateway.port, "POST", "/v1/publish", &message).await.unwrap();
    assert_eq!(taken.0, 200, "{taken:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_gateway_knows_every_value_and_every_id() {
    let server = Server::start().await;
    let first = Program::start(&server.url());
    first.ready().await;
    let part = |id: &str, data: Value| {
        json!({"type": "vault_update_A.1", "data": data, "timestamp": 1, "id": id}).to_string()
    };
    let parts = [
        part("1", json!({"full": true, "ltv": 1.10, "x": 1})),
        part("2", json!({"ltv": 70.5})),
        part("3", json!({"y": null})),
    ];
    for text in &parts {
        assert_eq!(request(first.port, "POST", "/v1/publish", text).await.unwrap().0, 200);
    }
    first.kill();
    let second = Program::start(&server.url());
    second.ready().await;
    let values = second.plain_snapshot().await;
    assert_eq!(values.len(), 1);
    assert_eq!(values[0]["data"], json!({"full": true, "ltv": 70.5, "x": 1, "y": null}));
    let again = request(second.port, "POST", "/v1/publish", &parts[1]).await.unwrap();
    let answer: Value = serde_json::from_str(&again.1).unwrap();
    assert_eq!(answer["offsets"], json!([2, 2]), "stored once, by whichever gateway");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_outlive_the_messages_they_came_from() {
    let server = Server::start().await;
    let gateways = [Program::start(&server.url()), Program::start(&server.url())];
    for gateway in &gateways {
        gateway.ready().await;
    }
    for n in 0..300 {
        let ty = format!("vault_update_{}", n % 20);
        let data = json!({(format!("f{}", n % 30)): n});
        let text = json!({"type": ty, "data": data, "timestamp": n}).to_string();
        let sent = request(gateways[n % 2].port, "POST", "/v1/publish", &text).await.unwrap();
        assert_eq!(sent.0, 200);
    }
    // NATS acknowledges before either of them has read it back: for who has seen everything they catch up.
    let (_, welcome) = gateways[0].resume("none", 0).await;
    let epoch = welcome["epoch"].as_str().unwrap();
    for gateway in &gateways {
        assert_eq!(gateway.resume(epoch, 300).await.1["resumed"], true);
    }
    let before = sorted(gateways[0].plain_snapshot().await);
    assert_eq!(before.len(), 20);
    assert_eq!(before, sorted(gateways[1].plain_snapshot().await));
    let client = async_nats::connect(server.url()).await.unwrap();
    let context = async_nats::jetstream::new(client);
    let values = context.get_stream("VAULTWATCH_VALUES_default").await.unwrap();
    until("the values are kept", async || {
        let mark = values.get_last_raw_message_by_subject("vaultwatch-values.default.mark").await;
        mark.is_ok_and(|mark| {
            serde_json::from_slice::<Value>(&mark.payload).unwrap()["offset"] == 300
        })
    })
    .await;
    // As if their time were up.
    let log = context.get_stream("VAULTWATCH_default").await.unwrap();
    assert_eq!(log.purge().await.unwrap().purged, 300);
    let late = Program::start(&server.url());
    late.ready().await;
    assert_eq!(sorted(late.plain_snapshot().await), before);
    let text = json!({"type": "note", "data": "after", "timestamp": 1}).to_string();
    let mut client = gateways[0].plain().await;
    let answer = request(late.port, "POST", "/v1/publish", &text).await.unwrap();
    assert!(answer.1.contains("[301,301]"), "{answer:?}");
    while client.next().await["data"] != "after" {}
}

fn sorted(mut values: Vec<Value>) -> Vec<Value> {
    values.sort_by_key(|value| value["type"].to_string());
    values
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_client_does_not_hear_itself_but_others_on_any_gateway_do() {
    let server = Server::start().await;
    let (a, b) = (Program::start(&server.url()), Program::start(&server.url()));
    a.ready().await;
    b.ready().await;
    let mut own = a.plain().await;
    let (mut beside, mut elsewhere) = (a.plain().await, b.plain().await);
    own.say(&json!({"type": "note", "data": "mine", "timestamp": 1})).await;
    assert_eq!(beside.next().await["data"], "mine");
    assert_eq!(elsewhere.next().await["data"], "mine");
    elsewhere.say(&json!({"type": "note", "data": "theirs", "timestamp": 1})).await;
    assert_eq!(own.next().await["data"], "theirs", "and not its own before that");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_was_deleted_is_begun_anew_under_another_epoch() {
    let server = Server::start().await;
    let gateway = Program::start(&server.url());
    gateway.ready().await;
    let watcher = Watcher::start(vec![gateway.url()]).await;
    let mut plain = gateway.plain().await;
    let (mut session, _) = gateway.resume("none", 0).await;
    let client = async_nats::connect(server.url()).await.unwrap();
    let context = async_nats::jetstream::new(client);
    context.delete_stream("VAULTWATCH_default").await.unwrap();
    // The gateway notices when the feed ends, at the latest with the next missing heartbeat.
    until("a new snapshot", async || {
        let text = json!({"type": "note", "data": 1, "timestamp": 1, "id": "n"}).to_string();
        let _ = request(gateway.port, "POST", "/v1/publish", &text).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        watcher.snapshots() >= 2
    })
    .await;
    gateway.ready().await;
    // Everybody was told to come again.
    assert_eq!((plain.closed().await, session.closed().await), (1013, 1013));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_lost_its_end_is_another_log() {
    let mut server = Server::start().await;
    let gateway = Program::start(&server.url());
    gateway.ready().await;
    let note = async |n: u64| {
        let text = json!({"type": "note", "data": n, "timestamp": 1, "id": format!("n{n}")});
        let sent = request(gateway.port, "POST", "/v1/publish", &text.to_string()).await.unwrap();
        assert_eq!(sent.0, 200, "{sent:?}");
    };
    note(1).await;
    server.stop();
    server.save();
    server.go_on().await;
    gateway.ready().await;
    let watcher = Watcher::start(vec![gateway.url()]).await;
    for n in 2..=10 {
        note(n).await;
    }
    until("all of them", async || watcher.count() == 9).await;
    server.kill();
    server.lose();
    server.go_on().await;
    until("the client begins anew", async || watcher.snapshots() == 2).await;
    until("what is lost is told", async || !watcher.faults().is_empty()).await;
    gateway.ready().await;
    assert!(watcher.faults()[0].contains("lost_events: None"), "{:?}", watcher.faults());
    // Offset 2 once more, and news all the same.
    note(11).await;
    until("what comes from now on", async || watcher.last() == Some((2, 11))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_forgets_ids_too_soon_is_refused_with_the_remedy() {
    let server = Server::start().await;
    let client = async_nats::connect(server.url()).await.unwrap();
    let config = async_nats::jetstream::stream::Config {
        name: "VAULTWATCH_default".into(),
        subjects: vec!["vaultwatch.default.>".into()],
        duplicate_window: Duration::from_secs(60),
        allow_direct: true,
        ..Default::default()
    };
    async_nats::jetstream::new(client).create_stream(config).await.unwrap();
    let gateway = Program::start(&server.url());
    until("it says what is wrong", async || {
        let health = request(gateway.port, "GET", "/healthz", "").await.unwrap();
        assert_eq!(health.0, 503, "{health:?}");
        health.1.contains("--dupe-window=600s")
    })
    .await;
}

/// Whoever has the account may write there, and clients could neither read that nor get past it.
#[tokio::test(flavor = "multi_thread")]
async fn what_no_gateway_wrote_is_left_out_and_harms_nobody() {
    let server = Server::start().await;
    let gateway = Program::start(&server.url());
    gateway.ready().await;
    let watcher = Watcher::start(vec![gateway.url()]).await;
    let client = async_nats::connect(server.url()).await.unwrap();
    let context = async_nats::jetstream::new(client);
    let mut part = async_nats::HeaderMap::new();
    part.insert("Vaultwatch-Part", "fields");
    for payload in ["{}", "{oops", "text", ""] {
        let event = context.publish("vaultwatch.default.event.note", payload.into()).await;
        event.unwrap().await.unwrap();
        let state = "vaultwatch.default.state.vault_update_A";
        let state = context.publish_with_headers(state, part.clone(), payload.into()).await;
        state.unwrap().await.unwrap();
    }
    let note = json!({"type": "note", "data": 7, "timestamp": 1}).to_string();
    assert_eq!(request(gateway.port, "POST", "/v1/publish", &note).await.unwrap().0, 200);
    until("what was written by one", async || watcher.last() == Some((9, 7))).await;
    assert_eq!((watcher.count(), watcher.faults().len(), watcher.snapshots()), (1, 0, 1));
    assert!(gateway.plain_snapshot().await.is_empty());
    // Told of once, however many there are.
    assert_eq!(gateway.said().matches("no gateway wrote").count(), 1, "{}", gateway.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_stands_in_the_address_and_in_no_log() {
    let server = Server::with_login("desk", "p@ss").await;
    let url = server.url().replace("nats://", "nats://desk:p%40ss@");
    let gateway = Program::start_on(ANY, &["--broker", &url, "--log-level", "trace"]);
    gateway.ready().await;
    let said = gateway.said();
    assert!(said.contains("connected to NATS"));
    assert!(!said.contains("p@ss") && !said.contains("p%40ss"));
}

#[tokio::test(flavor = "multi_thread")]
async fn state_goes_when_its_time_is_up_and_its_value_and_events_stay() {
    let server = Server::start().await;
    let (listen, broker) = ("127.0.0.1:0".parse().unwrap(), server.url().parse().unwrap());
    let log = LogOptions { broker, state_age: Duration::from_secs(2), ..LogOptions::default() };
    let (access, limits) = (Access::open(), Limits::default());
    let gateway = Gateway::bind_on(listen, access, Source::Relay, limits, log).await.unwrap();
    let port = gateway.local_addr().port();
    until("the gateway is ready", async || {
        matches!(request(port, "GET", "/healthz", "").await, Some((200, _)))
    })
    .await;
    for (ty, data) in [("vault_update_A", json!({"ltv": 1})), ("note", json!(1))] {
        for timestamp in 1..=3 {
            let text = json!({"type": ty, "data": data, "timestamp": timestamp}).to_string();
            assert_eq!(request(port, "POST", "/v1/publish", &text).await.unwrap().0, 200);
        }
    }
    let client = async_nats::connect(server.url()).await.unwrap();
    let context = async_nats::jetstream::new(client);
    let stream = context.get_stream("VAULTWATCH_default").await.unwrap();
    let count = async || stream.get_info().await.unwrap().state.messages;
    assert_eq!(count().await, 6);
    until("the state is gone", async || count().await == 3).await;
    let left = stream.get_raw_message(4).await.unwrap();
    assert_eq!(left.subject.as_str(), "vaultwatch.default.event.note");
    let values = Plain::open(&gateway.url()).await.snapshot().await;
    assert!(values.len() == 1 && values[0]["data"]["ltv"] == 1, "{values:?}");
}
