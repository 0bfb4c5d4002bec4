//! Plugins of a real folder: loaded, changed, broken, mended and gone; paused and counted.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use plugins::{Change, ErrorKind, FILE_LIMIT, Limits, Output, Outputs, PluginOptions, Plugins};
use realtime::{Middleware, Verdict};
use tempfile::TempDir;
use wire::{Message, UnixMillis};

struct Bench {
    folder: TempDir,
    clock: Arc<AtomicI64>,
    plugins: Plugins,
    outputs: Outputs,
}

impl Bench {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, source) in files {
            put(folder.path(), name, source);
        }
        let clock = Arc::new(AtomicI64::new(1_000_000));
        let now = clock.clone();
        let mut options = PluginOptions::new(
            folder.path().to_owned(),
            Arc::new(move || UnixMillis(now.load(Ordering::Relaxed))),
        );
        options.limits = Limits { time: Duration::from_secs(600), ..Limits::default() };
        let (plugins, outputs) = Plugins::open(options);
        Self { folder, clock, plugins, outputs }
    }

    fn put(&self, name: &str, source: &str) {
        put(self.folder.path(), name, source);
    }

    /// What became of the plugins since the last time, in short.
    fn changes(&mut self) -> Vec<String> {
        let short = |change: Change| match change {
            Change::Loaded { plugin } => format!("loaded {plugin}"),
            Change::Broken { plugin, kept, .. } => format!("broken {plugin}, kept: {kept}"),
            Change::Removed { plugin } => format!("removed {plugin}"),
            Change::Paused { plugin, until, .. } => format!("paused {plugin} until {until}"),
            Change::TooMany { files, limit } => format!("{files} files, {limit} read"),
            Change::Unreadable { .. } => "unreadable".to_owned(),
        };
        let outputs = std::iter::from_fn(|| self.outputs.try_recv());
        outputs
            .filter_map(|o| if let Output::Change(c) = o { Some(short(c)) } else { None })
            .collect()
    }
}

/// Of another length each time, because a test is faster than the clock of some file systems.
fn put(folder: &Path, name: &str, source: &str) {
    std::fs::write(folder.join(name), source).unwrap();
}

fn note() -> Message {
    Message::new("note", &serde_json::json!({"trail": ""}), UnixMillis(5), None).unwrap()
}

/// A plugin that leaves its mark on a message.
fn mark(mark: &str) -> String {
    format!("fn on_message(msg) {{ msg.data.trail += \"{mark}\"; msg }}")
}

fn trail(plugins: &Plugins) -> String {
    match plugins.inbound(&note()) {
        Verdict::Replace(message) => {
            let data: serde_json::Value = message.decode().unwrap();
            data["trail"].as_str().unwrap().to_owned()
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn plugins_run_in_the_order_of_their_names_and_follow_their_files() {
    let mut bench =
        Bench::new(&[("20-b.rhai", &mark("b")), ("10-a.rhai", &mark("a")), ("x.txt", "no")]);
    assert_eq!(bench.changes(), ["loaded 10-a", "loaded 20-b"]);
    assert_eq!(trail(&bench.plugins), "ab");

    bench.put("15-c.rhai", &mark("c"));
    bench.put("20-b.rhai", &mark("bee"));
    bench.plugins.rescan();
    assert_eq!(bench.changes(), ["loaded 15-c", "loaded 20-b"]);
    assert_eq!(trail(&bench.plugins), "acbee");

    std::fs::remove_file(bench.folder.path().join("10-a.rhai")).unwrap();
    bench.plugins.rescan();
    assert_eq!(bench.changes(), ["removed 10-a"]);
    assert_eq!(trail(&bench.plugins), "cbee");
    bench.plugins.rescan();
    assert_eq!(bench.changes(), [""; 0], "nothing changed, nothing told");
}

#[test]
fn a_broken_version_leaves_the_last_good_one_running() {
    let mut bench = Bench::new(&[("a.rhai", &mark("a")), ("bad.rhai", "fn on_message(")]);
    assert_eq!(bench.changes(), ["loaded a", "broken bad, kept: false"]);
    bench.put("a.rhai", "fn on_message(msg) {\n oh no");
    bench.plugins.rescan();
    assert_eq!(bench.changes(), ["broken a, kept: true"]);
    assert_eq!(trail(&bench.plugins), "a");
    let status = &bench.plugins.status()[0];
    assert_eq!(
        status.broken.as_ref().map(|e| (e.kind, e.line)),
        Some((ErrorKind::Syntax, Some(2)))
    );
    assert!(status.version.is_some());
    bench.put("a.rhai", &mark("mended"));
    bench.plugins.rescan();
    assert_eq!(bench.changes(), ["loaded a"]);
    assert_eq!(trail(&bench.plugins), "mended");
    assert_eq!(bench.plugins.status()[0].broken, None);
}

#[test]
fn files_are_limited_in_number_and_size() {
    let names: Vec<_> = (0..FILE_LIMIT + 1).map(|i| format!("p{i:03}.rhai")).collect();
    let source = "fn on_state(s) { }";
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), source)).collect();
    let mut bench = Bench::new(&files);
    assert_eq!(bench.changes()[0], format!("{} files, {FILE_LIMIT} read", FILE_LIMIT + 1));
    assert_eq!(bench.plugins.status().len(), FILE_LIMIT);
    bench.plugins.rescan();
    assert_eq!(bench.changes(), [""; 0], "told once");
    bench.put("p000.rhai", &format!("{source}{}", " ".repeat(300 * 1024)));
    bench.plugins.rescan();
    assert_eq!(bench.changes(), ["broken p000, kept: true"]);
    assert_eq!(bench.plugins.status()[0].broken.as_ref().unwrap().kind, ErrorKind::File);
}

#[test]
fn a_folder_that_is_not_there_yet_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    let later = folder.path().join("plugins");
    let options = PluginOptions::new(later.clone(), Arc::new(|| UnixMillis(0)));
    let (plugins, _outputs) = Plugins::open(options);
    assert_eq!(plugins.inbound(&note()), Verdict::Pass);
    std::fs::create_dir(&later).unwrap();
    put(&later, "a.rhai", "fn on_message(m) { drop(); }");
    plugins.rescan();
    assert_eq!(plugins.inbound(&note()), Verdict::Drop);
}

#[test]
fn failures_are_counted_and_pause_a_plugin_for_a_minute() {
    let source = "let state = #{n: 0};\nfn on_message(msg) {\n this.n += 1;\n if this.n != 3 { throw \"no\" }\n}";
    let mut bench = Bench::new(&[("a.rhai", source), ("b.rhai", &mark("b"))]);
    let _ = bench.changes();
    for _ in 0..7 {
        assert_eq!(trail(&bench.plugins), "b", "the others go on");
    }
    let status = bench.plugins.status()[0].clone();
    assert_eq!((status.calls, status.failures_in_a_row), (7, 4), "the third call went well");
    assert_eq!(status.paused_until, None);
    assert_eq!(trail(&bench.plugins), "b");
    assert_eq!(bench.changes(), ["paused a until 1060000"]);
    let status = bench.plugins.status()[0].clone();
    assert_eq!(status.errors.get(&ErrorKind::Script), Some(&7));
    let error = status.last_error.unwrap();
    assert_eq!((error.line, error.hook.map(plugins::Hook::name)), (Some(4), Some("on_message")));

    bench.clock.store(1_059_999, Ordering::Relaxed);
    let _ = trail(&bench.plugins);
    assert_eq!(bench.plugins.status()[0].calls, 8, "paused");
    bench.clock.store(1_060_000, Ordering::Relaxed);
    let _ = trail(&bench.plugins);
    let status = bench.plugins.status()[0].clone();
    assert_eq!((status.calls, status.paused_until), (9, None), "not for ever");
}

#[test]
fn a_clock_that_is_set_back_does_not_prolong_a_pause() {
    let bench = Bench::new(&[("a.rhai", "fn on_message(msg) { throw 1 }")]);
    for _ in 0..9 {
        let _ = bench.plugins.inbound(&note());
    }
    assert_eq!(bench.plugins.status()[0].calls, 5);
    bench.clock.store(0, Ordering::Relaxed);
    let _ = bench.plugins.inbound(&note());
    assert_eq!(bench.plugins.status()[0].calls, 6);
}

#[test]
fn refusals_and_outputs_are_counted_and_shown() {
    let source =
        "fn on_message(msg) { notify(\"HIGH\", \"t\", \"m\"); emit(\"mine\", 1); drop(); }";
    let mut bench = Bench::new(&[("a.rhai", source)]);
    let data = serde_json::json!({"message": "m", "severity": "CRITICAL"});
    let critical = Message::new("risk_alert", &data, UnixMillis(5), None).unwrap();
    for _ in 0..8 {
        assert_eq!(bench.plugins.inbound(&critical), Verdict::Pass);
    }
    let status = bench.plugins.status()[0].clone();
    assert_eq!((status.refused.drops, status.refused.notifications), (8, 2));
    assert_eq!((status.emitted, status.notified, status.dropped, status.lost), (8, 6, 0, 0));
    let json = serde_json::to_value(&status).unwrap();
    assert_eq!(json["refused"]["drops"], 8);
    let outputs: Vec<_> = std::iter::from_fn(|| bench.outputs.try_recv()).collect();
    let messages = outputs.iter().filter(|o| matches!(o, Output::Message(m) if m.ty() == "mine"));
    let told = outputs.iter().filter(|o| matches!(o, Output::Notification(n) if n.title == "t"));
    assert_eq!((messages.count(), told.count()), (8, 6));
    // Nobody reads: bounded, and counted.
    for _ in 0..1_100 {
        let _ = bench.plugins.inbound(&critical);
    }
    assert_eq!(bench.plugins.status()[0].lost, 1_100 - 1_024);
}

#[tokio::test(start_paused = true)]
async fn a_watched_folder_is_read_again_and_the_watch_ends_with_the_last_clone() {
    let Bench { folder, plugins, mut outputs, .. } = Bench::new(&[]);
    let watch = plugins.watch();
    put(folder.path(), "a.rhai", &mark("a"));
    let loaded = outputs.recv().await;
    assert!(matches!(loaded, Some(Output::Change(Change::Loaded { .. }))), "{loaded:?}");
    drop(plugins);
    watch.await.unwrap();
    assert!(outputs.recv().await.is_none());
}
