//! One call: what is in it, and each way in which it is not taken.

use std::path::{Path, PathBuf};

use channels::{CallError, ChannelError, Clock, Kind, NoSecrets, SecretError};
use proving::port::Reserved;
use proving::tls::TlsReceiver;
use serde_json::json;
use tokio::net::TcpListener;

use crate::receiver::*;

#[tokio::test]
async fn a_webhook_gets_signed_json() {
    let receiver = Receiver::start(Manner::Takes).await;
    send(&settings(&receiver.webhook()), Kind::Webhook).await.unwrap();
    let call = &receiver.calls()[0];
    assert_eq!((call.method.as_str(), call.path.as_str()), ("POST", "/hook?desk=1"));
    assert_eq!(call.header("content-type"), "application/json");
    assert_eq!(call.header("user-agent"), AGENT);
    assert_eq!(call.header("vaultwatch-delivery"), "d1");
    let timestamp: i64 = call.header("vaultwatch-timestamp").parse().unwrap();
    assert!((0..30).contains(&(Clock::wall().0 / 1_000 - timestamp)));
    assert_eq!(call.header("vaultwatch-signature"), channels::sign(SECRET, timestamp, &call.body));
    assert_eq!(
        call.json(),
        json!({"event": "alert.unacknowledged", "delivery": "d1", "profile": "acme", "alert": {
            "id": 1, "title": "ETH-017: 7.9 % to liquidation", "severity": "CRITICAL", "vaultId": "ETH/017",
            "message": "WETH $1,936, liquidates $1,783. Repay 13,700 USDC → 15 %.", "raisedAt": 1_763_800_000_000_i64}})
    );
}

/// The example in the documentation, run as its reader would run it.
#[tokio::test]
async fn the_documented_check_of_a_signature_works() {
    let receiver = Receiver::start(Manner::Takes).await;
    send(&settings(&receiver.webhook()), Kind::Webhook).await.unwrap();
    let call = &receiver.calls()[0];
    let docs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/notifications.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    let example = docs.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let script = format!(
        "{example}\nimport json, sys\ncall = json.load(sys.stdin)\nfor secret, body in \
         [(call['secret'], call['body']), ('another secret of sixteen bytes', call['body']), (call['secret'], call['body'] + ' ')]:\n    \
         print(is_ours(secret.encode(), call['headers'], body.encode()))\nold = dict(call['headers'])\n\
         old['VaultWatch-Timestamp'] = str(int(old['VaultWatch-Timestamp']) - 3600)\n\
         print(is_ours(call['secret'].encode(), old, call['body'].encode()))\n"
    );
    let input = json!({"secret": SECRET, "body": String::from_utf8_lossy(&call.body), "headers": {
        "VaultWatch-Timestamp": call.header("vaultwatch-timestamp"),
        "VaultWatch-Signature": call.header("vaultwatch-signature")}});
    let folder = tempfile::tempdir().unwrap();
    let (path, given) = (folder.path().join("check.py"), folder.path().join("call.json"));
    std::fs::write(&path, script).unwrap();
    std::fs::write(&given, input.to_string()).unwrap();
    let mut python = std::process::Command::new("python3");
    python.arg(&path).stdin(std::fs::File::open(&given).unwrap());
    let output = python.output().expect("Python 3 is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "True\nFalse\nFalse\nFalse\n");
}

#[tokio::test]
async fn ntfy_gets_title_text_and_token() {
    let receiver = Receiver::start(Manner::Takes).await;
    let settings = settings(&format!(
        "[ntfy]\nurl = \"http://{}/night-desk\"\npriority = 4\nclick = \"https://desk.example/v/{{vaultId}}\"\n",
        receiver.address
    ));
    send(&settings, Kind::Ntfy).await.unwrap();
    let caller = settings.caller(AGENT).unwrap();
    settings.send(Kind::Ntfy, &page(2), &caller, &NoSecrets, Clock::wall()).await.unwrap();
    let calls = receiver.calls();
    assert_eq!((calls[0].path.as_str(), calls[0].header("authorization")), ("/", "Bearer tk_kept"));
    assert_eq!(calls[1].header("authorization"), "", "many topics need none");
    assert_eq!(
        calls[0].json(),
        json!({"topic": "night-desk", "title": "ETH-017: 7.9 % to liquidation", "priority": 4,
            "message": "WETH $1,936, liquidates $1,783. Repay 13,700 USDC → 15 %.",
            "tags": ["rotating_light"], "click": "https://desk.example/v/ETH%2F017"})
    );
}

#[tokio::test]
async fn each_way_of_not_being_taken_is_told_apart() {
    let failing = Receiver::start(Manner::Fails(500, u32::MAX)).await;
    let error = send(&settings(&failing.webhook()), Kind::Webhook).await.unwrap_err();
    assert!(matches!(error, ChannelError::Call(CallError::Refused { status: 500, .. })), "{error}");

    let leading = Receiver::start(Manner::Redirects).await;
    let error = send(&settings(&leading.webhook()), Kind::Webhook).await.unwrap_err();
    assert!(matches!(error, ChannelError::Call(CallError::Refused { status: 307, .. })), "{error}");
    assert_eq!(leading.calls().len(), 1, "what is signed for one is not carried to another");

    let nobody = Reserved::take();
    let hook = format!("[webhook]\nurl = \"http://{}/\"\n", nobody.address());
    let error = send(&settings(&hook), Kind::Webhook).await.unwrap_err();
    assert!(matches!(error, ChannelError::Call(CallError::Connect(_))), "{error}");

    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hook =
        format!("timeout = 200\n[webhook]\nurl = \"http://{}/\"\n", silent.local_addr().unwrap());
    let error = send(&settings(&hook), Kind::Webhook).await.unwrap_err();
    assert!(matches!(error, ChannelError::Call(CallError::TimedOut(_))), "{error}");

    let breaking = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hook = format!("[webhook]\nurl = \"http://{}/\"\n", breaking.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = breaking.accept().await {
            drop(stream);
        }
    });
    let error = send(&settings(&hook), Kind::Webhook).await.unwrap_err();
    assert!(matches!(error, ChannelError::Call(CallError::Broken(_))), "{error}");

    let error = send(&settings(&hook), Kind::Ntfy).await.unwrap_err();
    assert!(matches!(error, ChannelError::NotConfigured(Kind::Ntfy)), "{error}");
    let unkept = settings(&hook);
    let caller = unkept.caller(AGENT).unwrap();
    let sent = unkept.send(Kind::Webhook, &page(1), &caller, &NoSecrets, Clock::wall()).await;
    let error = sent.unwrap_err();
    assert!(matches!(error, ChannelError::Secret(SecretError::Missing(Kind::Webhook))), "{error}");
}

#[tokio::test]
async fn tls_is_spoken_with_whom_a_named_authority_vouches_for() {
    let (receiver, stranger) = (TlsReceiver::start().await, TlsReceiver::start().await);
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, receiver.certificate()).unwrap();
    let another = folder.path().join("another.pem");
    std::fs::write(&another, stranger.certificate()).unwrap();
    let hook = |ca: &Path| {
        let url = receiver.url("/x");
        format!("ca_file = \"{}\"\n[webhook]\nurl = \"{url}\"\n", ca.display())
    };
    let error = send(&settings(&hook(&another)), Kind::Webhook).await.unwrap_err();
    assert!(matches!(error, ChannelError::Call(CallError::Tls(_))), "{error}");
    send(&settings(&hook(&ca)), Kind::Webhook).await.unwrap();
    let nowhere = settings(&hook(&folder.path().join("nowhere.pem"))).caller(AGENT);
    assert!(matches!(nowhere, Err(channels::AuthorityError::Io { .. })));
}
