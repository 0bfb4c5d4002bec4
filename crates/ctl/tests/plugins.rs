//! `plugins` as a person runs it.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn plugins(args: &[&str], data_dir: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vaultwatchctl"));
    command.arg("plugins").args(args).env("VAULTWATCH_DATA_DIR", data_dir);
    command.output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn the_examples_are_written_once_and_never_over_what_is_there() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("plugins");
    let none = plugins(&["list"], home.path());
    assert!(String::from_utf8(none.stderr).unwrap().contains("No plugins in"));

    let installed = plugins(&["install-examples"], home.path());
    assert_eq!(installed.status.code(), Some(0));
    assert_eq!(out(&installed).matches(": written").count(), 2, "{}", out(&installed));
    let mine = "// mine\nfn on_message(message) { }\n";
    fs::write(folder.join("depeg-watch.rhai"), mine).unwrap();
    fs::remove_file(folder.join("alert-router.rhai")).unwrap();
    let again = plugins(&["install-examples"], home.path());
    assert_eq!(again.status.code(), Some(0));
    let told = out(&again);
    assert!(told.contains("depeg-watch.rhai: is there already, left as it is"), "{told}");
    assert!(told.contains("alert-router.rhai: written"), "{told}");
    assert_eq!(fs::read_to_string(folder.join("depeg-watch.rhai")).unwrap(), mine);
}

#[test]
fn the_list_says_what_each_is_and_which_are_broken() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("plugins");
    plugins(&["install-examples"], home.path());
    let good = plugins(&["list"], home.path());
    assert_eq!(good.status.code(), Some(0), "{}", out(&good));
    let lines: Vec<_> = out(&good).lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines.iter().all(|line| line.starts_with("ok    ") && line.contains("on_")),
        "{lines:?}"
    );

    fs::write(folder.join("wrong.rhai"), "fn on_message(message) {").unwrap();
    let bad = plugins(&["list"], home.path());
    assert_eq!(bad.status.code(), Some(1));
    assert!(out(&bad).lines().any(|line| line.starts_with("WRONG wrong ")), "{}", out(&bad));
    assert_eq!(out(&bad).lines().filter(|line| line.starts_with("ok")).count(), 2);
    let json = plugins(&["list", "--json"], home.path());
    assert_eq!(json.status.code(), Some(1));
    let rows: Vec<Value> =
        out(&json).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.iter().filter(|row| row["broken"].is_null()).count(), 2, "{rows:?}");
    let broken = rows.iter().find(|row| !row["broken"].is_null()).unwrap();
    assert_eq!(broken["name"], "wrong");
}

#[test]
fn a_script_is_checked_and_shown_recorded_messages() {
    let home = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = home.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let good =
        file("gate.rhai", "fn on_message(message) { if message.type == \"noise\" { drop() } }\n");
    let checked = plugins(&["check", &good], home.path());
    assert_eq!(checked.status.code(), Some(0), "{checked:?}");
    assert_eq!(out(&checked), "ok    gate has on_message\n");

    let broken = file("broken.rhai", "fn on_message(message) {\n  let x = ;\n}\n");
    let checked = plugins(&["check", &broken], home.path());
    assert_eq!(checked.status.code(), Some(1));
    assert!(out(&checked).starts_with("WRONG broken: "), "{}", out(&checked));
    let told: Value =
        serde_json::from_str(&out(&plugins(&["check", &broken, "--json"], home.path()))).unwrap();
    assert_eq!((&told["plugin"], &told["ok"]), (&"broken".into(), &false.into()));

    let replay = file(
        "recorded.ndjson",
        "{\"type\":\"noise\",\"data\":1,\"timestamp\":1}\n{\"type\":\"a\",\"data\":1,\"timestamp\":2}\nno message\n",
    );
    let played = plugins(&["check", &good, "--replay", &replay, "--json"], home.path());
    let rows: Vec<Value> =
        out(&played).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let summary = rows.last().unwrap();
    assert_eq!((&summary["messages"], &summary["invalid"]), (&2.into(), &1.into()), "{rows:?}");

    let absent = home.path().join("absent.rhai").display().to_string();
    let checked = plugins(&["check", &absent], home.path());
    assert_eq!(checked.status.code(), Some(2));
    assert!(String::from_utf8(checked.stderr).unwrap().contains("absent.rhai"));
}
