//! Recordings, played by a gateway to clients over real sockets.
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gateway::recording::{LineFault, Recording, RecordingError};
use gateway::{Access, Gateway, Repeat, Replay, Source, Speed};

use crate::plain::Plain;
use crate::published;

const HEADER: &str = r#"{"type":"recording","data":{"version":1,"url":"wss://feed.example/ws","startedAt":1700000000000,"topics":["*"]},"timestamp":1700000000000}"#;

fn file(folder: &Path, lines: &[&str]) -> std::path::PathBuf {
    let path = folder.join("test.ndjson");
    std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    path
}

async fn play(replay: Replay) -> Gateway {
    let listen = "127.0.0.1:0".parse().unwrap();
    Gateway::bind(listen, Access::open(), Source::Replay(replay)).await.unwrap()
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

#[tokio::test]
async fn a_recording_is_played_at_its_speed_with_the_moments_of_now() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(
        folder.path(),
        &[
            HEADER,
            r#"{"at":0,"type":"vault_update_A","data":{"full":true,"ltv":70.10,"updatedAt":1699999990000},"timestamp":1699999990000}"#,
            r#"{"at":10000,"type":"risk_alert","data":{"id":"r","message":"m","severity":"HIGH"},"timestamp":1700000009900,"id":"x"}"#,
            r#"{"at":20000,"type":"vault_update_A","data":{"ltv":75.00},"timestamp":1700000019900}"#,
        ],
    );
    let recording = Recording::open(&path).unwrap();
    assert_eq!((recording.messages, recording.length), (3, Duration::from_secs(20)));
    let (begun, started) = (Instant::now(), now());
    let gateway = play(Replay { speed: Speed::new(20).unwrap(), ..Replay::new(recording) }).await;
    let mut client = Plain::connect(&gateway.url()).await;
    let first = client.until(|m| m["type"] == "vault_update_A").await;
    assert_eq!(first["data"]["ltv"].to_string(), "70.1");
    // It was ten seconds old when the recording began: a twentieth of that.
    let before = first["timestamp"].as_i64().unwrap();
    assert!((started..=now()).contains(&(before + 500)), "{started} {before}");
    assert_eq!(first["data"]["updatedAt"], before);
    let alert = client.until(|m| m["type"] == "risk_alert").await;
    assert!(begun.elapsed() >= Duration::from_millis(500), "{:?}", begun.elapsed());
    // 19.9 s lay between the two.
    assert_eq!(alert["timestamp"].as_i64().unwrap() - before, 995);
    assert!(alert["id"].as_str().unwrap().ends_with("-1-x"));
    client.until(|m| m["data"]["ltv"] == 75.0).await;
    let took = begun.elapsed();
    // At its own speed it takes 20 s.
    assert!(took >= Duration::from_secs(1) && took < Duration::from_secs(19), "{took:?}");
}

#[tokio::test]
async fn a_thousand_times_as_fast_and_again_and_again_nothing_is_taken_for_a_duplicate() {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<String> = (0..200)
        .map(|n| {
            format!(
                r#"{{"at":{},"type":"note","data":{n},"timestamp":1700000000000,"id":"n{n}"}}"#,
                n * 500
            )
        })
        .collect();
    let mut all = vec![HEADER];
    all.extend(lines.iter().map(String::as_str));
    let recording = Recording::open(&file(folder.path(), &all)).unwrap();
    let speed = Speed::new(1_000).unwrap();
    let gateway = play(Replay { recording, speed, repeat: Repeat::Forever }).await;
    published(&gateway, 600).await;
    assert_eq!(gateway.stats().duplicates, 0);
}

#[tokio::test]
async fn lines_that_cannot_be_played_are_named_and_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let good = r#"{"at":1,"type":"note","data":1,"timestamp":1}"#;
    let path = file(
        folder.path(),
        &[
            HEADER,
            good,
            "nonsense",
            r#"{"type":"note","data":2,"timestamp":1}"#,
            "",
            r#"{"at":2,"type":"welcome","data":{},"timestamp":1}"#,
            good,
        ],
    );
    // Whoever recorded it was killed in the middle of a line.
    let mut text = std::fs::read(&path).unwrap();
    text.extend_from_slice(br#"{"at":3,"type":"no"#);
    std::fs::write(&path, text).unwrap();
    let recording = Recording::open(&path).unwrap();
    assert_eq!((recording.messages, recording.bad_lines), (3, 3));
    let lines: Vec<u64> = recording.bad.iter().map(|bad| bad.number).collect();
    assert_eq!(lines, [3, 4, 8]);
    assert!(matches!(recording.bad[0].fault, LineFault::Invalid(_)));
    assert_eq!(recording.bad[1].fault, LineFault::NoTime);
    assert_eq!(recording.bad[2].fault, LineFault::CutShort);
    let gateway = play(Replay::new(recording)).await;
    published(&gateway, 2).await;
    assert_eq!(gateway.stats().published, 2, "a control message is nothing to publish");
}

#[test]
fn what_is_no_recording_is_refused_by_kind() {
    let folder = tempfile::tempdir().unwrap();
    let open = |lines: &[&str]| Recording::open(&file(folder.path(), lines)).unwrap_err();
    let note = r#"{"at":1,"type":"note","data":1,"timestamp":1}"#;
    assert!(matches!(open(&[note]), RecordingError::NoHeader { .. }));
    assert!(matches!(open(&["x"]), RecordingError::NoHeader { .. }));
    let newer = HEADER.replace("\"version\":1", "\"version\":9");
    assert!(matches!(open(&[&newer, note]), RecordingError::Version { version: 9, .. }));
    assert!(matches!(open(&[HEADER]), RecordingError::Empty { .. }));
    let long =
        format!(r#"{{"at":1,"type":"note","data":"{}","timestamp":1}}"#, "x".repeat(2 << 20));
    let RecordingError::Empty { first, .. } = open(&[HEADER, &long]) else { panic!() };
    assert!(first.contains("line 2"), "{first}");
    let missing = Recording::open(Path::new("/nowhere"));
    assert!(matches!(missing, Err(RecordingError::Io { .. })));
}
