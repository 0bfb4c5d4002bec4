use gateway::{Access, Gateway, Keys, Limits, LogOptions, NewToken, Source, Transport};
use proving::port::Reserved;
use serde_json::json;

use super::guest::{Guest, Tokens};

fn operator(tokens: &Tokens) -> String {
    tokens.add_new(&NewToken {
        name: "operator".into(),
        tenant: "ops".into(),
        read: Vec::new(),
        publish: Vec::new(),
        expires: None,
        metrics: true,
    })
}

#[tokio::test]
async fn the_figures_are_for_operators_and_health_is_for_everybody() {
    let tokens = Tokens::new();
    let (desk, operator) = (tokens.add("desk", "desk"), operator(&tokens));
    let gateway = tokens.gateway(Limits::default()).await;
    let guest = Guest::of(&gateway);
    let get = |guest: &Guest, path: &str| {
        let guest = guest.clone();
        let line = format!("GET {path}");
        async move { guest.request(&line, "", "").await }
    };
    let health = get(&guest, "/healthz").await;
    assert_eq!((health.status, health.body.as_str()), (200, "ok\n"));
    assert_eq!(get(&guest, "/metrics").await.status, 401);
    // They name tenants, which are nobody else's business.
    let refused = get(&guest.clone().token(&desk), "/metrics").await;
    assert!(refused.status == 403 && refused.body.contains("metrics = true"), "{refused:?}");

    let guest = guest.token(&desk);
    let (mut client, _) = guest.live(json!({})).await;
    let mut plain = guest.clone().plain().open().await;
    client.publish("1", "note", json!("a")).await;
    client.publish("2", "note", json!("b")).await;
    plain.until("note").await;
    plain.until("note").await;
    let mut stranger = guest.open().await;
    stranger.hello(json!({"tenant": "other"})).await;
    stranger.closed().await;

    let operator = Guest::of(&gateway).token(&operator);
    // The figures of a frame are added after it was sent, and who is leaving counts until the close is answered.
    let mut text = get(&operator, "/metrics").await.body;
    while !text.contains("delivered_total 4\n") || !text.contains("gateway_clients 2\n") {
        text = get(&operator, "/metrics").await.body;
    }
    for line in [
        "clients 2",
        "sessions 1",
        "published_total 2",
        "refused_total{reason=\"token\"} 1",
        "refused_total{reason=\"forbidden\"} 2",
        "refused_total{reason=\"rate\"} 0",
        "tenant_connections{tenant=\"desk\"} 2",
        "tenant_connections{tenant=\"default\"} 0",
        "log_head{tenant=\"desk\"} 2",
        "lag_messages{tenant=\"desk\"} 0",
        "queued_messages{tenant=\"desk\"} 0",
    ] {
        assert!(text.contains(&format!("vaultwatch_gateway_{line}\n")), "{line}: {text}");
    }
    let value = |name: &str| -> u64 {
        let line =
            text.lines().find_map(|line| line.strip_prefix(&format!("vaultwatch_gateway_{name} ")));
        line.unwrap_or_else(|| panic!("{name}: {text}")).parse().unwrap()
    };
    assert!(value("received_bytes_total") > 100 && value("sent_bytes_total") > 300);
    // Every series belongs to a family that says what it is, and no family is there twice.
    let mut families = Vec::new();
    for line in text.lines() {
        match line.strip_prefix("# TYPE ") {
            Some(family) => families.push(family.split(' ').next().unwrap().to_owned()),
            None if line.starts_with('#') => {}
            None => {
                let name = line.split(['{', ' ']).next().unwrap();
                assert_eq!(Some(name), families.last().map(String::as_str), "{line}");
            }
        }
    }
    let count = families.len();
    families.sort_unstable();
    families.dedup();
    assert_eq!(families.len(), count);
}

#[tokio::test]
async fn what_ails_a_log_is_told_to_its_tenant_and_to_operators_alone() {
    let tokens = Tokens::new();
    let (own, rival) = (tokens.add("own", "default"), tokens.add("rival", "rival"));
    let operator = operator(&tokens);
    // Nobody is there: the default tenant's log cannot be opened.
    let nobody = Reserved::take();
    let broker = format!("nats://{}", nobody.address()).parse().unwrap();
    let log = LogOptions { broker, ..LogOptions::default() };
    let keys = Keys::load(Some(tokens.file.clone()), None).unwrap();
    let transport = Transport::PlainOnLoopback;
    let access = Access::Keyed { keys, allow_origins: Vec::new(), transport };
    let (listen, limits) = ("127.0.0.1:0".parse().unwrap(), Limits::default());
    let gateway = Gateway::bind_on(listen, access, Source::Relay, limits, log).await.unwrap();
    let guest = Guest::of(&gateway);
    for token in [&own, &operator] {
        let guest = guest.clone().token(token);
        let mut told = guest.request("GET /healthz", "", "").await;
        while !told.body.contains("NATS") {
            assert!(told.status == 503 && told.body.starts_with("tenant `default`: "), "{told:?}");
            told = guest.request("GET /healthz", "", "").await;
        }
    }
    for guest in [guest.clone(), guest.clone().token(&rival)] {
        let told = guest.request("GET /healthz", "", "").await;
        assert_eq!((told.status, told.body.as_str()), (503, "a log takes nothing now\n"));
    }
    let wrong = guest.token("not-a-token").request("GET /healthz", "", "").await;
    assert_eq!(wrong.status, 401, "nobody finds out here which tokens there are");
}
