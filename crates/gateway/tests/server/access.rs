//! Who gets in without a file of tokens: the app that has started a gateway, and the programs of this machine.

use gateway::{Access, DemoOptions, EmbeddedGateway, Gateway, GatewayError, Rate, Source};
use serde_json::Value;

use crate::{connect, http, loopback, next_json, relay, status, until};

#[tokio::test]
async fn a_new_client_gets_everything_first_and_then_what_changes() {
    let gateway = EmbeddedGateway::start(DemoOptions::default()).await.unwrap();
    let bearer = format!("Bearer {}", gateway.token());
    // Late enough that partial updates have been sent.
    until(|| gateway.stats(), |stats| stats.published > 230).await;
    let mut client = connect(&gateway.url(), &[("authorization", &bearer)]).await.unwrap();
    let mut types = std::collections::BTreeSet::new();
    for _ in 0..204 {
        let message = next_json(&mut client).await;
        assert_eq!(message["data"]["full"], true, "{message}");
        types.insert(message["type"].as_str().unwrap().to_owned());
    }
    assert_eq!(types.len(), 204);
    assert!(types.contains("system_status") && types.contains("vault_update_ETH-001"));
    for _ in 0..20 {
        let message = next_json(&mut client).await;
        if message["data"]["full"] == Value::Null {
            return gateway.shutdown().await;
        }
    }
    panic!("no partial update");
}

#[tokio::test]
async fn a_fast_demo_reaches_a_client() {
    let rate = Some(Rate::new(5_000).unwrap());
    let gateway =
        EmbeddedGateway::start(DemoOptions { rate, ..DemoOptions::default() }).await.unwrap();
    let bearer = format!("Bearer {}", gateway.token());
    let mut client = connect(&gateway.url(), &[("authorization", &bearer)]).await.unwrap();
    for _ in 0..10_000 {
        next_json(&mut client).await;
    }
}

#[tokio::test]
async fn the_embedded_gateway_opens_for_its_token_alone() {
    let gateway = EmbeddedGateway::start(DemoOptions::default()).await.unwrap();
    let url = gateway.url();
    let root = url.strip_suffix("ws").unwrap();
    let right = format!("Bearer {}", gateway.token());
    let wrong = format!("Bearer {}", "0".repeat(gateway.token().len()));
    for url in [url.as_str(), root] {
        assert_eq!(status(connect(url, &[]).await), 401);
        assert_eq!(status(connect(url, &[("authorization", &wrong)]).await), 401);
        assert_eq!(status(connect(url, &[("authorization", gateway.token())]).await), 401);
        let mut client = connect(url, &[("authorization", &right)]).await.unwrap();
        next_json(&mut client).await;
    }
    until(|| gateway.stats(), |stats| stats.refused == 6).await;
    // Nor is there anything else to be had without it.
    let address = url.strip_prefix("ws://").and_then(|rest| rest.strip_suffix("/ws")).unwrap();
    assert!(address.starts_with("127.0.0.1:"), "{address}");
    let note = r#"{"type":"risk_alert","data":{"message":"x"},"timestamp":1}"#;
    let head = |line: &str, more: &str| format!("{line} HTTP/1.1\r\nHost: x\r\n{more}\r\n");
    for (line, body) in [("GET /healthz", ""), ("GET /metrics", ""), ("POST /v1/publish", note)] {
        let length = format!("Content-Length: {}\r\n", body.len());
        // So many wrong ones are answered with 429 by now; the right one passes at any time.
        for (bearer, welcome) in [(None, false), (Some(&wrong), false), (Some(&right), true)] {
            let bearer = bearer.map(|bearer| format!("Authorization: {bearer}\r\n"));
            let more = length.clone() + &bearer.unwrap_or_default();
            let answer = http(address, &(head(line, &more) + body)).await;
            let expected: &[&str] = if welcome { &["200"] } else { &["401", "429"] };
            let told = answer.split(' ').nth(1).unwrap();
            assert!(expected.contains(&told), "{line}: {answer}");
        }
    }
}

#[tokio::test]
async fn the_embedded_gateway_answers_no_web_page() {
    let gateway = EmbeddedGateway::start(DemoOptions::default()).await.unwrap();
    let bearer = format!("Bearer {}", gateway.token());
    for origin in ["https://evil.example", "null", "tauri://localhost", "http://127.0.0.1"] {
        let headers = [("authorization", bearer.as_str()), ("origin", origin)];
        assert_eq!(status(connect(&gateway.url(), &headers).await), 403);
    }
    let address = gateway.url().replace("ws://", "").replace("/ws", "");
    let page = http(&address, "GET /healthz HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\n\r\n").await;
    assert!(page.starts_with("HTTP/1.1 403"), "{page}");
}

#[tokio::test]
async fn an_open_gateway_lets_in_the_listed_pages_only() {
    let access = Access::Open { allow_origins: vec!["https://desk.example".parse().unwrap()] };
    let gateway = Gateway::bind(loopback(), access, Source::Relay).await.unwrap();
    let url = gateway.url();
    assert_eq!(status(connect(&url, &[("origin", "https://evil.example")]).await), 403);
    assert_eq!(status(connect(&url, &[("origin", "null")]).await), 403);
    assert!(connect(&url, &[("origin", "https://desk.example")]).await.is_ok());
    assert!(connect(&url, &[]).await.is_ok());
    assert_eq!(
        status(connect(&relay().await.url(), &[("origin", "https://desk.example")]).await),
        403
    );
}

#[tokio::test]
async fn other_machines_are_not_served_in_the_open() {
    let listen = "0.0.0.0:0".parse().unwrap();
    let refused = Gateway::bind(listen, Access::open(), Source::Relay).await;
    assert!(matches!(refused, Err(GatewayError::NotLoopback { .. })), "{refused:?}");
}
