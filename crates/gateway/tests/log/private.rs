//! What a gateway keeps is its owner's alone, from its first moment on.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use crate::program::{ANY, Program, request};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn log_ledger_and_their_folder_are_for_their_owner_alone() {
    let folder = TempDir::new().unwrap();
    let kept = folder.path().join("made/kept");
    let alerts = folder.path().join("alerts.toml");
    let text = "state = \"made/kept/escalation.db\"\n[tenants.default.webhook]\n\
                url = \"http://127.0.0.1:1/\"\nsecret = \"a secret of sixteen bytes or more\"\n";
    std::fs::write(&alerts, text).unwrap();
    let broker = format!("sqlite:{}", kept.join("log.db").display());
    let arguments = ["--broker", &broker, "--alerts", alerts.to_str().unwrap()];
    let gateway = Program::start_on(ANY, &arguments);
    gateway.ready().await;
    let note = json!({"type": "note", "data": 1, "timestamp": 1}).to_string();
    assert_eq!(request(gateway.port, "POST", "/v1/publish", &note).await.unwrap().0, 200);
    for made in [folder.path().join("made"), kept.clone()] {
        assert_eq!(mode(&made), 0o700, "{}", made.display());
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&kept).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    // While they are open the newest of it stands beside them; and who may open the lock may take it.
    for name in ["log.db", "log.db-wal", "log.db.lock", "escalation.db", "escalation.db-wal"] {
        assert!(names.iter().any(|there| there == name), "{name} in {names:?}");
    }
}
