//! Each limit ends the call with its own kind of error, and nothing else.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use plugins::{
    ErrorKind, Hook, Limits, Outcome, Plugin, PluginError, Refusal, Report, VaultProtection,
};
use wire::{Message, UnixMillis};

fn roomy() -> Limits {
    Limits { time: Duration::from_secs(600), ..Limits::default() }
}

fn load(source: &str) -> Result<Plugin, PluginError> {
    Plugin::load("p", source, roomy())
}

fn message() -> Message {
    Message::new("note", &serde_json::json!({"a": 1}), UnixMillis(5), Some("id-1")).unwrap()
}

fn call(plugin: &mut Plugin) -> Report {
    plugin.on_message(&message(), &VaultProtection, UnixMillis(1_000)).unwrap()
}

fn run(body: &str) -> Report {
    let report = call(&mut load(&format!("fn on_message(msg) {{\n{body}\n}}")).unwrap());
    assert_eq!(
        report.outcome == Outcome::Unchanged,
        report.error.is_some() || body.contains("fine")
    );
    report
}

#[track_caller]
fn fails(body: &str, kind: ErrorKind) -> PluginError {
    let error = run(body).error.unwrap();
    assert_eq!(error.kind, kind, "{error}");
    assert_eq!(error.hook, Some(Hook::OnMessage));
    error
}

#[test]
fn an_endless_loop_ends_at_the_same_operation_everywhere() {
    fails("let n = 0;\nloop { n += 1; }", ErrorKind::Operations);
    let counted = "this.n = 0; loop { this.n += 1; }";
    let source = format!("fn on_message(msg) {{ {counted} }} fn on_alert(a) {{ print(this.n) }}");
    let reached = || {
        let mut plugin = load(&source).unwrap();
        assert_eq!(call(&mut plugin).error.unwrap().kind, ErrorKind::Operations);
        plugin.on_alert(&alert(), UnixMillis(0)).unwrap().printed
    };
    assert_eq!(reached(), reached());
}

fn alert() -> plugins::AlertView {
    plugins::AlertView {
        stage: plugins::AlertStage::Raised,
        severity: domain::Level::High,
        condition: "feed".to_owned(),
        vault_id: None,
        chain_id: None,
        title: "t".to_owned(),
        message: "m".to_owned(),
        raised: UnixMillis(0),
        suppressed: 0,
    }
}

#[test]
fn time_is_the_backstop() {
    let limits =
        Limits { operations: u64::MAX, time: Duration::from_millis(5), ..Limits::default() };
    let mut plugin = Plugin::load("p", "fn on_message(msg) { loop { } }", limits).unwrap();
    assert_eq!(call(&mut plugin).error.unwrap().kind, ErrorKind::Time);
}

#[test]
fn depth_is_limited_before_the_stack_is() {
    let source = "fn f(x) { f(x) } fn on_message(msg) { f((((1)))) }";
    let error = call(&mut load(source).unwrap()).error.unwrap();
    assert_eq!(error.kind, ErrorKind::Depth);
    let brackets = format!("fn on_message(msg) {{ {}1{} }}", "(".repeat(5_000), ")".repeat(5_000));
    assert_eq!(load(&brackets).unwrap_err().kind, ErrorKind::Syntax);
    // As deep as is allowed, in both ways at once.
    let (open, close) = ("(".repeat(5), ")".repeat(5));
    let deep = format!(
        "fn f(n) {{ if n == 0 {{ 0 }} else {{ 1 + {open}f(n - 1){close} }} }} fn on_message(msg) {{ f(14); }}"
    );
    assert_eq!(call(&mut load(&deep).unwrap()).error, None);
}

#[test]
fn sizes_are_limited() {
    fails(r#"let s = "x"; loop { s += s; }"#, ErrorKind::Size);
    fails("let a = []; loop { a.push(1); }", ErrorKind::Size);
    fails("let a = [0]; loop { a = [a, a]; }", ErrorKind::Size);
    let limits = Limits { entries: 1_000, ..roomy() };
    let source = "fn on_message(msg) { let m = #{}; for i in 0..99 { m = #{a: m, b: m}; } }";
    let error = call(&mut Plugin::load("p", source, limits).unwrap()).error.unwrap();
    assert_eq!(error.kind, ErrorKind::Size, "{error}");
    fails(r#"let s = "x"; s.pad(1000000000, "y")"#, ErrorKind::Size);
    let many: String = (0..300).map(|i| format!("let v{i} = {i};\n")).collect();
    fails(&many, ErrorKind::Size);
    let long = format!(r#"let s = ""; s.pad({}, 'x'); #{{data: [s, s]}}"#, 40 * 1024);
    fails(&long, ErrorKind::Size);
}

#[test]
fn there_are_no_files_no_modules_no_clock_and_no_eval() {
    for source in [
        r#"import "x" as x; fn on_message(msg) { }"#,
        r#"fn on_message(msg) { import "/etc/passwd" as x; }"#,
        r#"fn on_message(msg) { eval("1") }"#,
    ] {
        assert_eq!(load(source).unwrap_err().kind, ErrorKind::Syntax, "{source}");
    }
    for body in
        ["sleep(1)", "timestamp()", r#"open_file("x")"#, "exit()", "rand()", r#"parse_json("{}")"#]
    {
        let error = fails(body, ErrorKind::Script);
        assert!(error.message.contains("not found"), "{error}");
    }
}

#[test]
fn what_does_not_load_says_why_and_where() {
    let broken = load("fn on_message(msg) {\n  let x = ;\n}").unwrap_err();
    assert_eq!((broken.kind, broken.line), (ErrorKind::Syntax, Some(2)));
    assert_eq!(load("let x = 1;").unwrap_err().kind, ErrorKind::Syntax);
    assert_eq!(load("fn on_message() { }").unwrap_err().kind, ErrorKind::Syntax);
    assert_eq!(load("loop { } fn on_message(m) { }").unwrap_err().kind, ErrorKind::Operations);
    assert_eq!(load("let state = 5; fn on_message(m) { }").unwrap_err().kind, ErrorKind::State);
    assert_eq!(
        load(r#"const TOPICS = "a"; fn on_message(m) { }"#).unwrap_err().kind,
        ErrorKind::Script
    );
    assert_eq!(
        load(r#"const TOPICS = ["a*b"]; fn on_message(m) { }"#).unwrap_err().kind,
        ErrorKind::Script
    );
    let told = load(r#"emit("a", 1); fn on_message(m) { }"#).unwrap_err();
    assert_eq!(told.kind, ErrorKind::Script);
    for name in ["", "a b", "../x", &"x".repeat(65)] {
        let error = Plugin::load(name, "fn on_message(m) { }", roomy()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::File, "{name}");
    }
}

#[test]
fn an_error_names_the_innermost_line_and_is_short() {
    let source = "fn f(x) {\n  x.nothing_like_it();\n}\nfn on_message(msg) {\n  f(1);\n}";
    let error = call(&mut load(source).unwrap()).error.unwrap();
    assert_eq!((error.kind, error.line), (ErrorKind::Script, Some(2)));
    let novel = fails(r#"let s = ""; s.pad(60000, 'x'); throw s"#, ErrorKind::Script);
    assert!(novel.message.chars().count() <= 501);
}

#[test]
fn state_is_kept_bounded_and_begins_anew_when_it_is_spoilt() {
    let source = r#"
        let state = #{ n: 0 };
        fn on_message(msg) {
            this.n += 1;
            print(this.n);
            if this.n == 3 { this.list = []; for i in 0..5000 { this.list.push(i); } }
            if this.n == 2 && this.contains("again") { this.f = |x| x; }
        }
    "#;
    let mut plugin = load(source).unwrap();
    let printed: Vec<_> = (0..4)
        .map(|_| {
            let report = call(&mut plugin);
            (report.printed.join(""), report.error.map(|e| e.kind))
        })
        .collect();
    let expected = [("1", None), ("2", None), ("3", Some(ErrorKind::State)), ("1", None)];
    assert_eq!(printed, expected.map(|(n, e)| (n.to_owned(), e)));
    fails("this.f = |x| x;", ErrorKind::State);
    fails("this = 5;", ErrorKind::State);
}

#[test]
fn a_flood_is_cut() {
    let report = run("for i in 0..100 { print(i); } // fine");
    assert_eq!(report.printed.len(), 10);
    let report = run("let s = \"\"; s.pad(5000, 'ü'); print(s); debug(s); // fine");
    assert!(report.printed.iter().all(|line| line.chars().count() <= 501));

    let report = run(r#"for i in 0..100 { emit("custom", i); }"#);
    assert_eq!(report.emitted.len(), 16, "what was said before the failure stays said");
    assert_eq!(report.refused, [Refusal::Emit]);
    assert_eq!(report.error.unwrap().kind, ErrorKind::Script);

    let mut plugin = load(r#"fn on_message(m) { notify("HIGH", "t", "m"); }"#).unwrap();
    let mut told = |at: i64| {
        let report = plugin.on_message(&message(), &VaultProtection, UnixMillis(at)).unwrap();
        assert_eq!(report.error, None, "too many are no failure");
        assert_eq!(report.notifications.is_empty(), report.refused == [Refusal::Notification]);
        report.notifications.len()
    };
    assert_eq!((0..10).map(|i| told(1_000 + i)).sum::<usize>(), 6);
    assert_eq!(told(60_999), 0);
    assert_eq!(told(61_000), 1);
}
