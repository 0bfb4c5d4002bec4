//! `export` as it is typed, on the databases of a profile that VaultWatch has open.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs::File;
use std::path::Path;
use std::process::{Command, Output};

use domain::sample::Sample;
use domain::view::{NotificationId, Origin};
use domain::{ChainId, Level, UnixMillis, Usd, Vault, VaultId};
use serde_json::Value;
use store::{AlertChange, AlertRecord, Batch, Fold, History, HistoryRetention, SeriesKey, Store};

const START: i64 = 1_763_554_320_000;
const MINUTE: i64 = 60_000;
/// Figures with more digits than a float has.
const ENVELOPE: &str =
    r#"{"type":"vault_update_ETH-017","data":{"ltv":75.9700000000000000001},"timestamp":7}"#;

fn command(home: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vaultwatchctl"));
    command.arg("export").args(words).arg("--data-dir").arg(home);
    for name in ["VAULTWATCH_WEBSOCKET_URL", "VAULTWATCH_PROFILE", "VAULTWATCH_TOKEN"] {
        command.env_remove(name);
    }
    command
}

fn export(home: &Path, words: &[&str]) -> Output {
    command(home, words).output().unwrap()
}

fn said(output: &[u8]) -> String {
    String::from_utf8(output.to_vec()).unwrap()
}

/// A profile `acme`, with a few things stored, open as by the app.
struct Profile {
    home: tempfile::TempDir,
    store: Store,
    history: History,
}

impl Profile {
    async fn open() -> Self {
        let home = tempfile::tempdir().unwrap();
        let config = "[profiles.acme]\nurl = \"wss://feed.example\"\n[profiles.globex]\nurl = \"wss://b.example\"\n";
        std::fs::write(home.path().join("config.toml"), config).unwrap();
        let path = home.path().join("profiles/acme/vaultwatch.db");
        let (store, _) = Store::open(&path).unwrap();
        let history = History::beside(&path, HistoryRetention::default()).unwrap();
        let record = |minute: i64, title: &str, change| AlertRecord {
            at: UnixMillis(START + minute * MINUTE),
            notification: NotificationId(1),
            incident: None,
            vault: VaultId::new("ETH-017").ok(),
            condition: "solvency ETH-017".into(),
            severity: Level::Critical,
            title: title.into(),
            message: "says \"now\", and\nmore".into(),
            change,
            evidence: Some(serde_json::json!({"room": "7.9"})),
            origin: (minute == 0).then(|| Origin::new(ENVELOPE.to_owned())),
        };
        let records = vec![
            record(0, "=HYPERLINK(\"http://x\")", AlertChange::Raised),
            record(
                1,
                "ETH-017: 7.9 %",
                AlertChange::Acknowledged { by: "-1+cmd|'/c calc'!A0".into() },
            ),
            record(2, "ETH-017 recovered", AlertChange::Resolved),
        ];
        store.commit(Batch { records, ..Batch::default() }).await.unwrap();
        for minute in 0..3 {
            let at = UnixMillis(START + minute * MINUTE);
            let mut vault = Vault::unknown(VaultId::new("ETH-017").unwrap());
            let patch = format!(r#"{{"ltv":"76.{minute}","liquidationThreshold":82.5}}"#);
            vault.apply(serde_json::from_str(&patch).unwrap());
            let mut fold = Fold::default();
            fold.add(SeriesKey::Vault(vault.id.clone()), &Sample::of(&vault), at);
            let price = SeriesKey::Price { chain: ChainId(1), token: "WETH".into() };
            fold.add(price, &Sample::of_price("1936.12".parse::<Usd>().unwrap()), at);
            history.record(fold.take(), at).unwrap().await.unwrap();
        }
        Self { home, store, history }
    }

    fn export(&self, words: &[&str]) -> Output {
        let mut all = words.to_vec();
        all.extend(["--profile", "acme"]);
        export(self.home.path(), &all)
    }
}

#[tokio::test]
async fn alerts_as_csv_are_quoted_and_calculate_nothing() {
    let profile = Profile::open().await;
    let output = profile.export(&["alerts"]);
    assert!(output.status.success(), "{}", said(&output.stderr));
    let csv = said(&output.stdout);
    let lines: Vec<_> = csv.split("\r\n").collect();
    assert!(lines[0].starts_with("time,at,change,severity,vault,title,message,by"), "{csv}");
    assert!(lines[1].starts_with(
        "2025-11-19T12:12:00Z,1763554320000,raised,CRITICAL,ETH-017,\"'=HYPERLINK(\"\"http://x\"\")\",\
         \"says \"\"now\"\", and\nmore\","
    ), "{csv}");
    assert!(lines[2].contains(",'-1+cmd|'/c calc'!A0,"), "{csv}");
    assert_eq!(lines.len(), 5, "{csv}");
    let later = profile.export(&[
        "alerts",
        "--since",
        "2025-11-19T12:13:00Z",
        "--until",
        "2025-11-19T12:14:00Z",
    ]);
    assert_eq!(said(&later.stdout).matches("acknowledged").count(), 1);
    assert_eq!(said(&later.stdout).split("\r\n").count(), 3);
    assert!(profile.store.notifications().await.unwrap().is_empty(), "the app goes on");
}

#[tokio::test]
async fn an_alert_is_exported_with_the_message_that_raised_it() {
    let profile = Profile::open().await;
    let output = profile.export(&["alerts", "--format", "json"]);
    assert!(output.status.success(), "{}", said(&output.stderr));
    let changes: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&changes[0]["change"], &changes[0]["raised_by"]),
        (&"raised".into(), &ENVELOPE.into())
    );
    assert_eq!(changes[0]["raised_by_bytes"], ENVELOPE.len());
    assert_eq!(
        (&changes[2]["raised_by"], &changes[2]["raised_by_bytes"]),
        (&Value::Null, &Value::Null)
    );
    let csv = said(&profile.export(&["alerts"]).stdout);
    let quoted = format!(",\"{}\",{},", ENVELOPE.replace('"', "\"\""), ENVELOPE.len());
    assert!(csv.contains(&quoted), "{csv}");
}

#[tokio::test]
async fn json_is_an_array_with_digits_kept() {
    let profile = Profile::open().await;
    let output = profile.export(&["history", "--format", "json"]);
    assert!(output.status.success(), "{}", said(&output.stderr));
    let points: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(points.len(), 6);
    let of_vault: Vec<_> = points.iter().filter(|point| point["vault"] == "ETH-017").collect();
    assert_eq!(of_vault[1]["ltv_last"], "76.1");
    assert_eq!(of_vault[1]["room_min"], "7.757575");
    assert_eq!(
        (&of_vault[1]["at"], &of_vault[1]["seconds"]),
        (&(START + MINUTE).into(), &60.into())
    );
    assert_eq!(of_vault[1]["price_last"], Value::Null);
    let price = points.iter().find(|point| point["token"] == "WETH").unwrap();
    assert_eq!((&price["chain"], &price["price_max"]), (&"1".into(), &"1936.12".into()));
    let one = profile.export(&[
        "history",
        "--vault",
        "ETH-017",
        "--format",
        "json",
        "--since",
        "2025-11-19T12:14:00Z",
    ]);
    assert_eq!(serde_json::from_slice::<Vec<Value>>(&one.stdout).unwrap().len(), 1);
    let nobody = profile.export(&["history", "--vault", "X", "--format", "json"]);
    assert_eq!(said(&nobody.stdout), "[\n]\n");
    assert_eq!(profile.history.statistics().points, 6, "the app goes on");
}

#[tokio::test]
async fn a_file_is_not_written_over_unless_it_is_asked_for() {
    let profile = Profile::open().await;
    let file = profile.home.path().join("alerts.csv");
    let name = file.to_str().unwrap();
    assert!(profile.export(&["alerts", "--out", name]).status.success());
    let first = std::fs::read(&file).unwrap();
    assert!(first.starts_with(b"time,"));
    std::fs::write(&file, "mine").unwrap();
    let refused = profile.export(&["alerts", "--out", name]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        said(&refused.stderr).contains("exists; --force replaces it"),
        "{}",
        said(&refused.stderr)
    );
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
    assert!(profile.export(&["alerts", "--out", name, "--force"]).status.success());
    assert_eq!(std::fs::read(&file).unwrap(), first);
    let nowhere = profile.home.path().join("no/such/folder.csv");
    let refused = profile.export(&["alerts", "--out", nowhere.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused.stderr).contains("no/such/folder.csv cannot be written"));
    let left: Vec<_> =
        std::fs::read_dir(profile.home.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "nothing unfinished is left: {left:?}");
}

#[tokio::test]
async fn what_is_wrong_is_said_in_a_sentence() {
    let profile = Profile::open().await;
    let check = |words: &[&str], expected: &str| {
        let output = export(profile.home.path(), words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        let error = said(&output.stderr);
        assert!(error.contains(expected), "{words:?}: {error}");
        assert!(output.stdout.is_empty());
    };
    check(&["alerts", "--profile", "acne"], "there is no profile `acne`");
    check(&["alerts", "--profile", "globex"], "nothing is stored for this profile yet");
    check(&["history", "--profile", "globex"], "nothing is stored for this profile yet");
    check(&["alerts"], "several profiles");
    check(&["alerts", "--profile", "acme", "--since", "tomorrow"], "give an age");
    check(&["alerts", "--profile", "acme", "--since", "1h", "--until", "2h"], "not before --until");
    check(&["alerts", "--profile", "acme", "--force"], "--out");
    assert!(!profile.home.path().join("profiles/globex").exists(), "looking makes nothing");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_told() {
    let profile = Profile::open().await;
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = command(profile.home.path(), &["alerts", "--profile", "acme"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output.stderr).contains("the disk is full"), "{}", said(&output.stderr));
}
