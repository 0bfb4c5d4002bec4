use std::fs;
use std::time::{Duration, Instant};

use gateway::{JwtOptions, Keys, Limits, NewToken};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::PATIENCE;
use super::guest::{Guest, Tokens, keyed};
use super::program::Program;

#[tokio::test]
async fn a_token_opens_its_tenant_and_no_other_whether_it_exists_or_not() {
    let tokens = Tokens::new();
    let (desk, rival) = (tokens.add("desk", "desk"), tokens.add("rival", "rival"));
    let gateway = tokens.gateway(Limits::default()).await;
    let guest = Guest::of(&gateway);
    assert_eq!(guest.refused().await, (401, None));
    assert_eq!(guest.clone().token(&"0".repeat(64)).refused().await.0, 401);
    let (guest, other) = (guest.clone().token(&desk), guest.token(&rival));
    let (mut client, welcome) = guest.live(json!({})).await;
    assert_eq!(welcome["tenant"], "desk");
    let (mut stranger, welcome) = other.live(json!({"tenant": "rival"})).await;
    assert_eq!(welcome["tenant"], "rival");
    // One that is in use, one that has a token, one that nobody has heard of: all the same.
    let mut answers = Vec::new();
    for name in ["rival", "default", "nobody"] {
        let mut client = guest.open().await;
        client.hello(json!({"tenant": name})).await;
        answers.push(client.closed().await);
        let head = format!("VaultWatch-Tenant: {name}\r\n");
        let message = r#"{"type":"note","data":1,"timestamp":1}"#;
        let answer = guest.request("POST /v1/publish", &head, message).await;
        assert_eq!((answer.status, answer.body.as_str()), (403, ""));
    }
    assert_eq!((answers[0].0, &answers[0].2), (4403, &Value::Null));
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    // Nothing of one is heard by the other: the first thing it hears is its own.
    assert_eq!(client.publish("1", "note", json!("secret")).await["type"], "ack");
    assert_eq!(
        guest.publish(&json!({"type": "note", "data": "x", "timestamp": 1})).await.status,
        200
    );
    let mut plain = other.clone().plain().open().await;
    let ack = stranger.publish("1", "note", json!("own")).await;
    assert_eq!(ack["data"]["offset"], 1);
    assert_eq!(plain.next().await["data"], "own");
}

#[tokio::test]
async fn rights_to_read_narrow_what_is_asked_for() {
    let tokens = Tokens::new();
    let all = tokens.add("all", "desk");
    let some = tokens.add_with("some", "desk", &["vault_update_A*", "note"], &[]);
    let gateway = tokens.gateway(Limits::default()).await;
    let (mut from, _) = Guest::of(&gateway).token(&all).live(json!({"topics": ["nothing"]})).await;
    for (id, vault) in [("1", "vault_update_A1"), ("2", "vault_update_B1")] {
        from.publish(id, vault, json!({"full": true, "ltv": 1})).await;
    }
    let guest = Guest::of(&gateway).token(&some);
    // Everything means everything that may be read.
    let (mut client, _) = guest.hello(json!({})).await;
    let snapshot = client.until("snapshot_end").await;
    assert_eq!((snapshot.len(), &snapshot[0]["type"]), (2, &json!("vault_update_A1")));
    // What may not be read at all is named, and the rest is given.
    let topics = json!({"topics": ["vault_update_*", "risk_alert", "secret*"]});
    let (mut asking, _) = guest.hello(topics).await;
    let begin = asking.until("snapshot_end").await;
    assert_eq!(begin[0]["data"]["code"], "forbidden");
    let message = begin[0]["data"]["message"].as_str().unwrap();
    assert!(message.ends_with("risk_alert, secret*"), "{message}");
    asking.send("subscribe", json!({"topics": ["note", "risk_alert"]})).await;
    let answer = asking.until("subscribed").await;
    assert_eq!(answer[0]["data"]["code"], "forbidden");
    assert_eq!(answer[1]["data"]["topics"], json!(["vault_update_A*", "note"]));
    asking.until("snapshot_end").await;
    let mut plain = guest.clone().plain().open().await;
    assert_eq!(plain.next().await["type"], "vault_update_A1");
    for (id, ty) in [("3", "risk_alert"), ("4", "vault_update_B1"), ("5", "secret"), ("6", "note")]
    {
        from.publish(id, ty, json!({"message": "x"})).await;
    }
    for client in [&mut client, &mut asking] {
        let live = client.next().await;
        assert_eq!((&live["type"], &live["offset"]), (&json!("note"), &json!(6)));
    }
    assert_eq!(plain.next().await["type"], "note");
    // What is let go is gone, and comes back with what may be read of it.
    asking.send("unsubscribe", json!({"topics": ["note"]})).await;
    assert_eq!(asking.next().await["data"]["topics"], json!(["vault_update_A*"]));
    // A replay holds no more than that, either.
    let resume = json!({"resume": {"epoch": Guest::of(&gateway).token(&all).hello(json!({})).await.1["epoch"], "offset": 0}});
    let (mut again, welcome) = guest.hello(resume).await;
    assert_eq!((&welcome["resumed"], &welcome["replay"]), (&json!(true), &json!(2)));
    assert_eq!(again.next().await["type"], "vault_update_A1");
    assert_eq!(again.next().await["type"], "note");
}

#[tokio::test]
async fn rights_to_publish_hold_on_every_way_in() {
    let tokens = Tokens::new();
    let all = tokens.add("all", "desk");
    let some = tokens.add_with("some", "desk", &[], &["risk_alert", "vault_update_A*"]);
    let gateway = tokens.gateway(Limits::default()).await;
    let (mut watcher, _) = Guest::of(&gateway).token(&all).live(json!({})).await;
    let guest = Guest::of(&gateway).token(&some);
    let (mut client, _) = guest.live(json!({})).await;
    for (ty, data, answer) in [
        ("risk_alert", json!({"message": "x"}), "ack"),
        ("vault_update_A1", json!({}), "ack"),
        ("vault_update", json!({"vaultId": "A2"}), "ack"),
        ("vault_update", json!({"vaultId": "B2"}), "nack"),
        ("vault_update_B1", json!({}), "nack"),
        ("note", json!(1), "nack"),
    ] {
        let told = client.publish(&format!("{ty}{data}"), ty, data).await;
        assert_eq!(told["type"], answer, "{ty}: {told}");
        if answer == "nack" {
            assert_eq!(
                (&told["data"]["code"], &told["data"]["retryable"]),
                (&json!("forbidden"), &json!(false))
            );
        }
    }
    let envelope = |ty: &str| json!({"type": ty, "data": {}, "timestamp": 1});
    let body = json!([envelope("note"), envelope("vault_update_A3"), envelope("vault_update_B3")]);
    let answer = guest.publish(&body).await;
    assert_eq!((answer.status, &answer.json()["accepted"]), (200, &json!(1)));
    let rejected = &answer.json()["rejected"];
    for (at, index) in [(0, 0), (1, 2)] {
        let rejected = &rejected[at];
        assert_eq!(
            (&rejected["index"], &rejected["code"], &rejected["field"]),
            (&json!(index), &json!("forbidden"), &json!("type"))
        );
    }
    let mut plain = guest.clone().plain().open().await;
    plain.send("note", json!(2)).await;
    plain.send("vault_update_A4", json!({})).await;
    let mut heard = Vec::new();
    while heard.last().is_none_or(|ty| ty != "vault_update_A4") {
        heard.push(watcher.next().await["type"].as_str().unwrap().to_owned());
    }
    let expected =
        ["risk_alert", "vault_update_A1", "vault_update", "vault_update_A3", "vault_update_A4"];
    assert_eq!(heard, expected);
}

#[tokio::test]
async fn who_is_revoked_loses_the_connection_and_the_others_do_not() {
    let tokens = Tokens::new();
    let (keeps, loses) = (tokens.add("keeps", "desk"), tokens.add("loses", "desk"));
    let gateway = tokens.gateway(Limits::default()).await;
    let (mut stays, _) = Guest::of(&gateway).token(&keeps).live(json!({})).await;
    let guest = Guest::of(&gateway).token(&loses);
    let (mut goes, _) = guest.live(json!({})).await;
    let mut plain = guest.clone().plain().open().await;
    let mut silent = guest.open().await;
    tokens.file.revoke("loses").unwrap();
    for client in [&mut goes, &mut plain, &mut silent] {
        let (code, reason, _) = client.closed().await;
        assert_eq!((code, reason.as_str()), (4401, "the token was revoked"));
    }
    assert_eq!(guest.refused().await.0, 401);
    assert_eq!(guest.publish(&json!([])).await.status, 401);
    assert_eq!(stays.publish("1", "note", json!(1)).await["type"], "ack");
}

#[tokio::test]
async fn a_broken_file_leaves_in_force_what_was() {
    let tokens = Tokens::new();
    let first = tokens.add("first", "desk");
    let path = tokens.file.path();
    let program = Program::start(&["--tokens", path.to_str().unwrap()]);
    let guest = Guest::at(program.address).token(&first);
    let (mut client, _) = guest.live(json!({})).await;
    let good = fs::read_to_string(path).unwrap();
    let hash = "0".repeat(64);
    let wrong = format!("[[token]]\nname = \"x\"\nsha256 = \"{hash}\"\ntenant = \"A B\"");
    let broken = [
        ("", "is empty"),
        ("[[token]]\nname = ", "line 2"),
        (wrong.as_str(), "line 2: the token `x` has a tenant"),
    ];
    for (times, (text, told)) in (1..).zip(broken) {
        fs::write(path, text).unwrap();
        let line = program.says("tokens.toml", times + 1).await;
        assert!(line.contains("WARN") && line.contains(told), "{line}");
        program.says("the tokens that were read before stay in force", times).await;
        assert_eq!(client.publish("1", "note", json!(1)).await["type"], "ack", "{text:?}");
        assert!(guest.try_open().await.is_ok(), "{text:?}");
    }
    fs::remove_file(path).unwrap();
    fs::write(path, good).unwrap();
    program.says("tokens.toml has changed", 1).await;
    let second = tokens.add("second", "desk");
    program.says("tokens.toml has changed", 2).await;
    assert!(Guest::at(program.address).token(&second).try_open().await.is_ok());
    assert_eq!(client.publish("1", "note", json!(1)).await["type"], "ack");
}

#[tokio::test]
async fn changed_rights_hold_for_connections_that_stand() {
    let tokens = Tokens::new();
    let token = tokens.add_with("desk", "desk", &["note"], &["note"]);
    let gateway = tokens.gateway(Limits::default()).await;
    let guest = Guest::of(&gateway).token(&token);
    let (mut client, _) = guest.live(json!({})).await;
    assert_eq!(client.publish("1", "other", json!(1)).await["type"], "nack");
    let text = fs::read_to_string(tokens.file.path()).unwrap();
    fs::write(tokens.file.path(), text.replace("publish = [\"note\"]", "publish = [\"*\"]"))
        .unwrap();
    let mut n = 0;
    let in_place = async {
        while client.publish(&format!("p{n}"), "other", json!(1)).await["type"] == "nack" {
            n += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, in_place).await.expect("the new right comes in place");
    // What it is told would change in the middle of its log: that takes a new connection.
    let text = fs::read_to_string(tokens.file.path()).unwrap();
    fs::write(tokens.file.path(), text.replace("read = [\"note\"]", "read = [\"*\"]")).unwrap();
    let (code, reason, _) = client.closed().await;
    assert!(code == 4401 && reason.contains("connect again"), "{code} {reason}");
    assert!(guest.try_open().await.is_ok());
}

fn expiring(name: &str, tenant: &str, read: &str, millis: i64) -> NewToken {
    // To the second, as the file has it: always a little later than asked for.
    let at = (Timestamp::now().as_millisecond() + millis).div_euclid(1_000) + 1;
    NewToken {
        name: name.into(),
        tenant: tenant.into(),
        read: vec![read.into()],
        publish: vec!["*".into()],
        expires: Some(Timestamp::from_second(at).unwrap()),
        metrics: false,
    }
}

#[tokio::test]
async fn a_token_that_expires_ends_its_connection_unless_it_is_renewed() {
    let tokens = Tokens::new();
    // All of them have come, and are heard, before it expires.
    let short = expiring("short", "desk", "*", 5_000);
    let token = tokens.add_new(&short);
    let long = tokens.add_new(&expiring("long", "desk", "*", 3_600_000));
    let other = tokens.add_new(&expiring("other", "rival", "*", 3_600_000));
    let less = tokens.add_new(&expiring("less", "desk", "note", 3_600_000));
    let gateway = tokens.gateway(Limits::default()).await;
    let guest = Guest::of(&gateway).token(&token);
    let (mut ends, welcome) = guest.live(json!({})).await;
    let (mut renews, _) = guest.live(json!({})).await;
    let (mut strays, _) = guest.live(json!({})).await;
    let (mut shrinks, _) = guest.live(json!({})).await;
    let (mut guesses, _) = guest.live(json!({})).await;
    let expires = short.expires.unwrap().as_millisecond();
    assert_eq!(welcome["tokenExpiresAt"], expires);
    renews.send("auth", json!({"token": long})).await;
    let authorised = renews.next().await;
    assert_eq!(authorised["type"], "authorised");
    assert!(authorised["data"]["tokenExpiresAt"].as_i64().unwrap() > expires + 3_000_000);
    strays.send("auth", json!({"token": other})).await;
    assert_eq!(strays.closed().await.0, 4403);
    shrinks.send("auth", json!({"token": less})).await;
    assert_eq!(shrinks.closed().await.0, 4401);
    guesses.send("auth", json!({"token": "nonsense"})).await;
    assert_eq!(guesses.closed().await.0, 4401);
    let (code, reason, _) = ends.closed().await;
    assert_eq!((code, reason.as_str()), (4401, "the token has expired"));
    assert!(Timestamp::now().as_millisecond() >= expires, "not before its time");
    assert_eq!(guest.refused().await.0, 401);
    assert_eq!(renews.publish("1", "note", json!(1)).await["type"], "ack");
}

#[tokio::test]
async fn many_bad_tokens_slow_their_address_down() {
    let tokens = Tokens::new();
    let good = tokens.add("good", "desk");
    let gateway = tokens.gateway(Limits::default()).await;
    // Whoever takes longer than the second that there is to wait has waited: then another address tries.
    let mut from = 2;
    let (guest, bad) = loop {
        let guest = Guest::of(&gateway).from(from);
        let bad = guest.clone().token("guess");
        for _ in 0..4 {
            assert_eq!(bad.refused().await, (401, None));
        }
        let begun = Instant::now();
        assert_eq!(bad.refused().await, (401, None));
        let told = (bad.refused().await, bad.publish(&json!([])).await.retry_after);
        if begun.elapsed() < Duration::from_secs(1) {
            assert_eq!(told, ((429, Some(1)), Some(1)));
            break (guest, bad);
        }
        from += 1;
        assert!(from < 50, "a second is too short");
    };
    // Others are not slowed down, and neither is who has a good one.
    assert_eq!(Guest::of(&gateway).from(100).token("guess").refused().await.0, 401);
    assert!(guest.clone().token(&good).try_open().await.is_ok());
    // Without a token nobody guesses.
    assert_eq!(guest.refused().await.0, 401);
    let looked_at = async {
        loop {
            let begun = Instant::now();
            if bad.refused().await.0 != 429 {
                return begun;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let begun = timeout(PATIENCE, looked_at).await.expect("its time to come");
    // And the next one costs twice the time, of which nothing to speak of has passed.
    let told = bad.refused().await;
    assert!(told == (429, Some(2)) || begun.elapsed() > Duration::from_secs(1), "{told:?}");
}

/// Made with Python's `hmac`; expires in 2100. This one and the next say the same, signed by one secret and by another.
pub(crate) const JWT: &str = concat!(
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.",
    "eyJleHAiOjQxMDI0NDQ4MDAsInN1YiI6ImFkYSIsIm9yZyI6ImRlc2siLCJyZWFkIjpbIioiXSwicHVibGlzaCI6WyJub3RlIl19.",
    "_iedNM1mRkbSmewszdT6rsLlZI3Z_C3evoDEpNGpsX8",
);
pub(crate) const JWT_SECRET: &str = "a secret that everybody can read here\n";
const OTHER_JWT: &str = concat!(
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.",
    "eyJleHAiOjQxMDI0NDQ4MDAsInN1YiI6ImFkYSIsIm9yZyI6ImRlc2siLCJyZWFkIjpbIioiXSwicHVibGlzaCI6WyJub3RlIl19.",
    "EBMsCYYi_XYrLkPn-1stw8ckH074byxOoPGhywAF5zQ",
);
const OTHER_JWT_SECRET: &str = "another secret that everybody can read\n";

#[tokio::test]
async fn a_jwt_opens_its_tenant() {
    let tokens = Tokens::new();
    let key = tokens.folder.path().join("secret");
    fs::write(&key, JWT_SECRET).unwrap();
    let options = JwtOptions { key, tenant_claim: "org".into(), issuer: None, audience: None };
    let own = tokens.add("own", "desk");
    let keys = Keys::load(Some(tokens.file.clone()), Some(&options)).unwrap();
    let gateway = keyed(keys, Limits::default()).await;
    let guest = Guest::of(&gateway).token(JWT);
    let (mut client, welcome) = guest.live(json!({})).await;
    assert_eq!(
        (&welcome["tenant"], &welcome["tokenExpiresAt"]),
        (&json!("desk"), &json!(4_102_444_830_000_i64))
    );
    assert_eq!(client.publish("1", "note", json!(1)).await["type"], "ack");
    assert_eq!(client.publish("2", "risk_alert", json!({"message": "x"})).await["type"], "nack");
    let forged = JWT.replace("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", "eyJhbGciOiJub25lIn0");
    assert_eq!(Guest::of(&gateway).token(&forged).refused().await.0, 401);
    // The file of tokens opens beside it.
    assert!(Guest::of(&gateway).token(&own).try_open().await.is_ok());
}

#[tokio::test]
async fn a_new_key_for_jwts_is_taken_over_and_ends_what_the_old_one_let_in() {
    let tokens = Tokens::new();
    let key = tokens.folder.path().join("secret");
    fs::write(&key, JWT_SECRET).unwrap();
    let program = Program::start(&["--jwt-key", key.to_str().unwrap(), "--jwt-tenant-claim=org"]);
    let guest = Guest::at(program.address);
    let (before, after) = (guest.clone().token(JWT), guest.token(OTHER_JWT));
    let (mut client, _) = before.live(json!({})).await;
    assert_eq!(after.clone().refused().await.0, 401);
    // What is no key leaves in force what was.
    fs::write(&key, "short\n").unwrap();
    let line = program.says("stays in force", 1).await;
    assert!(line.contains("WARN") && line.contains("openssl rand"), "{line}");
    assert_eq!(client.publish("1", "note", json!(1)).await["type"], "ack");
    fs::write(&key, OTHER_JWT_SECRET).unwrap();
    assert_eq!(client.closed().await.0, 4401);
    assert_eq!(before.refused().await.0, 401);
    after.live(json!({})).await;
}
