//! `keys` in a session without a keychain, as a server or a container is one.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// With a session bus that is not there.
fn keys(args: &[&str], input: &str) -> Output {
    let home = tempfile::tempdir().unwrap();
    let bus = format!("unix:path={}", home.path().join("no-bus").display());
    let mut command = Command::new(env!("CARGO_BIN_EXE_vaultwatchctl"));
    command.arg("keys").args(args).env("DBUS_SESSION_BUS_ADDRESS", bus);
    command.env("XDG_RUNTIME_DIR", home.path()).env("HOME", home.path());
    command.env_remove("DISPLAY").env_remove("VAULTWATCH_PROFILE");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that reads nothing may have ended by now.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn without_a_keychain_nothing_is_made_and_what_to_do_is_said() {
    let key = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    for (args, input) in [
        (&["list"][..], ""),
        (&["generate"], ""),
        (&["rotate", "--kid", "k2"], ""),
        (&["activate", "k1"], ""),
        (&["import", "k1"], key),
        (&["export", "k1", "--reveal"], ""),
        (&["remove", "k1", "--yes"], ""),
    ] {
        let output = keys(args, input);
        let (out, err) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!(output.status.code(), Some(2), "{args:?}: {err}");
        assert_eq!(
            out, "",
            "{args:?}: the name of a key that was not saved would be taken for one"
        );
        assert!(!err.contains(key), "{args:?}: {err}");
        let clear =
            err.contains("no keychain is available") && err.contains("start a Secret Service");
        assert!(clear, "{args:?}: {err}");
    }
}

#[test]
fn a_key_is_not_printed_unless_that_is_asked_for() {
    let output = keys(&["export", "k1"], "");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    let output = keys(&["import", "k1"], "no key at all");
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(!err.contains("no key at all"), "{err}");
}
