//! Power cuts under a gateway whose log is a SQLite file.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use gateway::{Access, Broker, Gateway, Limits, LogOptions, Source};
use proving::power_cut::{Honesty, Recording};
use serde_json::{Value, json};

use crate::program::{Plain, request};

const FOLDER: &str = "GATEWAY_POWER_FOLDER";
const PUBLISHERS: usize = 6;
const EACH: usize = 40;

async fn open(folder: &Path) -> Gateway {
    let log = LogOptions { broker: Broker::Sqlite(folder.join("log.db")), ..LogOptions::default() };
    let listen = "127.0.0.1:0".parse().unwrap();
    let limits = Limits::default();
    Gateway::bind_on(listen, Access::open(), Source::Relay, limits, log).await.unwrap()
}

/// Publishes under an id, and answers with the offset it has.
async fn publish(port: u16, id: &str) -> u64 {
    let data = "x".repeat(200 + id.len() * 97 % 2_000);
    let message = json!({"type": "note", "data": data, "timestamp": 1, "id": id}).to_string();
    let (status, body) = request(port, "POST", "/v1/publish", &message).await.unwrap();
    assert_eq!(status, 200, "{body}");
    serde_json::from_str::<Value>(&body).unwrap()["offsets"][0].as_u64().unwrap()
}

/// No test: the program whose machine loses its power. Run by hand it does nothing.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by the test beside it"]
async fn on_the_machine_without_power() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let gateway = open(Path::new(&folder)).await;
    let port = gateway.local_addr().port();
    let work = |publisher: usize| {
        tokio::spawn(async move {
            for n in 0..EACH {
                let id = format!("{publisher}-{n}");
                let offset = publish(port, &id).await;
                println!("stored {id} {offset}");
            }
        })
    };
    for publisher in (0..PUBLISHERS).map(work).collect::<Vec<_>>() {
        publisher.await.unwrap();
    }
}

fn record() -> Recording {
    let folder = tempfile::tempdir().unwrap();
    let recording = Recording::of(folder.path(), |wrapper| {
        let mut command = Command::new(wrapper[0]);
        command.args(&wrapper[1..]).arg(std::env::current_exe().unwrap());
        command.args([
            "--exact",
            "power::on_the_machine_without_power",
            "--ignored",
            "--nocapture",
        ]);
        command.env(FOLDER, folder.path()).stdin(Stdio::null()).stderr(Stdio::null());
        command
    });
    assert!(recording.len() > 200, "{} operations", recording.len());
    recording
}

/// What had been acknowledged: ids and their offsets.
fn acknowledged(said: &[&str]) -> BTreeMap<String, u64> {
    let told = said.iter().filter_map(|line| {
        let (id, offset) = line.strip_prefix("stored ")?.split_once(' ')?;
        Some((id.to_owned(), offset.parse().unwrap()))
    });
    told.collect()
}

/// What a log holds: ids and their offsets. None when there is no log to be had from this file.
async fn stored(gateway: &Gateway) -> BTreeMap<String, u64> {
    let (_, welcome) = Plain::session(&gateway.url(), "none", 0).await;
    let epoch = welcome["epoch"].as_str().unwrap();
    let (mut client, welcome) = Plain::session(&gateway.url(), epoch, 0).await;
    assert_eq!(welcome["resumed"], true, "{welcome}");
    let mut stored = BTreeMap::new();
    for _ in 0..welcome["replay"].as_u64().unwrap() {
        let message = client.next().await;
        let id = message["id"].as_str().unwrap().to_owned();
        let before = stored.insert(id, message["offset"].as_u64().unwrap());
        assert_eq!(before, None, "twice: {message}");
    }
    stored
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_power_cuts_lose_nothing_that_was_acknowledged_and_double_nothing() {
    let recording = record();
    let mut kept = 0;
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let at = fastrand::usize(..recording.len());
        let told = acknowledged(&recording.cut(at, Honesty::Syncs, folder.path()));
        let gateway = open(folder.path()).await;
        let stored = stored(&gateway).await;
        for (id, offset) in &told {
            assert_eq!(stored.get(id), Some(offset), "{id}, cut before operation {at}");
        }
        // Who was not answered sends again, and what had been answered is known, too.
        let port = gateway.local_addr().port();
        for (id, offset) in told.iter().take(5) {
            assert_eq!(publish(port, id).await, *offset);
        }
        kept += told.len();
    }
    assert!(kept > 20, "the cuts came after something was acknowledged");
}

/// Were the test blind, it would pass here, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_only_says_it_synced_is_found_out() {
    let recording = record();
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let at = fastrand::usize(recording.len() / 2..recording.len());
        let told = acknowledged(&recording.cut(at, Honesty::Lies, folder.path()));
        let log = LogOptions {
            broker: Broker::Sqlite(folder.path().join("log.db")),
            ..LogOptions::default()
        };
        let (listen, limits) = ("127.0.0.1:0".parse().unwrap(), Limits::default());
        let opened = Gateway::bind_on(listen, Access::open(), Source::Relay, limits, log).await;
        let Ok(gateway) = opened else { return };
        let stored = stored(&gateway).await;
        if told.iter().any(|(id, offset)| stored.get(id) != Some(offset)) {
            return;
        }
    }
    panic!("20 cuts on a lying disk and nothing was lost");
}
