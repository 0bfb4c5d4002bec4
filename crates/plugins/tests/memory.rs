//! What a call may take of the machine's memory, measured at the process: each test is one of its own.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use plugins::{ErrorKind, Limits, Plugin, VaultProtection};
use wire::{Message, UnixMillis};

/// The most memory this process has had so far, in MiB.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse::<usize>().unwrap() / 1_024
}

/// Ends with an error of that kind, by what it holds and not by how long it takes, and takes no more than that.
#[track_caller]
fn ends_small(source: &str) {
    let limits = Limits { time: Duration::from_secs(600), ..Limits::default() };
    let mut plugin = Plugin::load("p", source, limits).unwrap();
    let message = Message::new("note", &1, UnixMillis(5), None).unwrap();
    let before = peak();
    let report = plugin.on_message(&message, &VaultProtection, UnixMillis(1_000)).unwrap();
    let error = report.error.unwrap();
    let grown = peak() - before;
    assert_eq!(error.kind, ErrorKind::Size, "{error}, after {grown} MiB");
    assert!(grown <= 64, "{grown} MiB for one call");
}

#[test]
fn a_list_filled_by_its_indices() {
    ends_small(
        r#"fn on_message(msg) {
            let s = ""; s.pad(65000, 'x');
            let a = []; a.pad(8000, 0);
            for i in 0..8000 { a[i] = s + i; }
        }"#,
    );
}

#[test]
fn a_map_filled_by_its_keys() {
    ends_small(
        r#"fn on_message(msg) {
            let s = ""; s.pad(60000, 'x');
            let m = #{};
            for i in 0..100000 { m["k" + i] = s + i; }
        }"#,
    );
}

#[test]
fn many_copies_of_a_large_value() {
    let copies: String = (0..250).map(|i| format!("let v{i} = a;\n")).collect();
    ends_small(&format!("fn on_message(msg) {{ let a = []; a.pad(8000, 0); {copies} }}"));
}

#[test]
fn large_values_in_functions_that_call_each_other() {
    let copies: String = (0..60).map(|i| format!("let v{i} = a; v{i}[0] = n;\n")).collect();
    ends_small(&format!(
        "fn deeper(a, n) {{ {copies} if n > 0 {{ deeper(a, n - 1); }} }}
         fn on_message(msg) {{ let a = []; a.pad(8000, 0); deeper(a, 13); }}"
    ));
}

#[test]
fn what_is_kept_between_calls_counts() {
    ends_small(
        r#"fn on_message(msg) {
            let s = ""; s.pad(60000, 'x');
            this.all = [];
            this.all.pad(8000, 0);
            for i in 0..8000 { this.all[i] = s + i; }
        }"#,
    );
}

/// The interpreter goes over a value as deep as it is, and ran out of stack over this one.
#[test]
fn lists_within_lists() {
    ends_small("fn on_message(msg) { let a = []; loop { a = [a]; } }");
}

/// As large a message as there is, gone through and copied once, is well within it.
#[test]
fn a_large_message_is_no_trouble() {
    let prices: serde_json::Map<_, _> =
        (0..2_000).map(|i| (format!("TOKEN-{i}"), serde_json::json!(1.5))).collect();
    let data = serde_json::json!({"priceFeeds": prices});
    let message = Message::new("market_data_1", &data, UnixMillis(5), None).unwrap();
    assert!(message.data().len() > 32 * 1_024);
    let source = r#"fn on_message(msg) {
        let sum = 0.0;
        let seen = #{};
        for name in msg.data.priceFeeds.keys() { sum += msg.data.priceFeeds[name]; seen[name] = sum; }
        emit("sum", sum);
    }"#;
    let limits = Limits { time: Duration::from_secs(600), ..Limits::default() };
    let mut plugin = Plugin::load("p", source, limits).unwrap();
    let report = plugin.on_message(&message, &VaultProtection, UnixMillis(1_000)).unwrap();
    assert_eq!(report.error, None);
    assert_eq!(report.emitted[0].data(), b"3000.0");
}
