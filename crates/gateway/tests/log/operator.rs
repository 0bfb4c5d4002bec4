//! A NATS server that knows its accounts by signed tokens, and the credentials file that opens one.

use std::path::{Path, PathBuf};

use data_encoding::BASE64URL_NOPAD;
use nkeys::KeyPair;
use serde_json::{Value, json};

use crate::nats::Server;
use crate::program::{ANY, Program, request};
use crate::until;

/// A token of NATS: version 2 of <https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/jwt>.
fn token(issuer: &KeyPair, subject: &KeyPair, name: &str, nats: &Value) -> String {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let head = part(&json!({"typ": "JWT", "alg": "ed25519-nkey"}));
    let claims = part(&json!({
        "jti": name, "iat": 1_700_000_000, "name": name,
        "iss": issuer.public_key(), "sub": subject.public_key(), "nats": nats,
    }));
    let signed = format!("{head}.{claims}");
    let signature = issuer.sign(signed.as_bytes()).unwrap();
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature))
}

fn account(storage: i64) -> Value {
    let limits = json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true,
        "conn": -1, "leaf": -1, "mem_storage": storage, "disk_storage": storage,
        "streams": storage, "consumer": storage,
    });
    json!({"type": "account", "version": 2, "limits": limits})
}

/// The server, and the seed of the one user it lets in.
async fn server(credentials: &Path) -> (Server, String) {
    let (operator, system) = (KeyPair::new_operator(), KeyPair::new_account());
    let (desk, user) = (KeyPair::new_account(), KeyPair::new_user());
    let operators = token(&operator, &operator, "op", &json!({"type": "operator", "version": 2}));
    let accounts = [(&system, "sys", 0), (&desk, "desk", -1)].map(|(account_of, name, storage)| {
        let token = token(&operator, account_of, name, &account(storage));
        format!("{}: {token}", account_of.public_key())
    });
    let config = format!(
        "operator: {operators}\nsystem_account: {}\nresolver: MEMORY\nresolver_preload {{ {} }}",
        system.public_key(),
        accounts.join("\n"),
    );
    let rights = json!({
        "type": "user", "version": 2, "pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1,
    });
    let (user_token, seed) = (token(&desk, &user, "gateway", &rights), user.seed().unwrap());
    let text = format!(
        "-----BEGIN NATS USER JWT-----\n{user_token}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    );
    std::fs::write(credentials, text).unwrap();
    (Server::with(&config).await, seed)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credentials_file_opens_an_account_and_stands_in_no_log() {
    let folder = tempfile::tempdir().unwrap();
    let credentials: PathBuf = folder.path().join("gateway.creds");
    let (server, seed) = server(&credentials).await;
    let url = server.url();
    let start = |more: &[&str]| {
        let all = ["--broker", &url, "--log-level", "trace"];
        Program::start_on(ANY, &[&all[..], more].concat())
    };
    let stranger = start(&[]);
    until("it is told that it is not let in", async || {
        stranger.said().to_lowercase().contains("authorization")
    })
    .await;
    assert_eq!(request(stranger.port, "GET", "/healthz", "").await.unwrap().0, 503);
    let gateway = start(&["--nats-credentials", credentials.to_str().unwrap()]);
    gateway.ready().await;
    let note = json!({"type": "note", "data": 1, "timestamp": 1}).to_string();
    assert_eq!(request(gateway.port, "POST", "/v1/publish", &note).await.unwrap().0, 200);
    assert!(!gateway.said().contains(&seed));
}
