use std::path::Path;

use gateway::{Alerts, EscalationError};

#[test]
fn a_configuration_that_makes_no_sense_is_named_with_line_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alerts.toml");
    let open = |text: &str| {
        std::fs::write(&path, format!("state = \"x.db\"\n{text}\n")).unwrap();
        Alerts::open(&path)
    };
    let check = |text: &str, line: usize, field: &str| match open(text) {
        Err(EscalationError::Invalid { line: at, field: named, reason, .. }) => {
            assert_eq!((at, named.as_str()), (line, field), "{reason}");
        }
        other => panic!("{text}: {other:?}"),
    };
    let hook = |lines: &str| format!("[tenants.a.webhook]\n{lines}");
    check("", 1, "tenants");
    check("after = \"1ms\"\n[tenants.a]", 2, "after");
    check("[tenants.a]", 2, "tenants.a");
    check(
        "[tenants.A.webhook]\nurl = \"https://x/\"\nsecret = \"0123456789abcdef\"",
        2,
        "tenants.A",
    );
    check(&hook("url = \"https://x/\""), 3, "webhook.secret");
    check(&hook("url = \"https://x/\"\nsecret = \"short\""), 4, "webhook.secret");
    check(
        &hook("url = \"https://x/\"\nsecret_env = \"VAULTWATCH_TEST_NO_SUCH_VARIABLE\""),
        4,
        "webhook.secret",
    );
    check(
        &hook("url = \"https://x/\"\nsecret = \"0123456789abcdef\"\nsecret_env = \"X\""),
        5,
        "webhook.secret",
    );
    check(&hook("url = \"http://x.example/\"\nsecret = \"0123456789abcdef\""), 3, "webhook.url");
    check(&hook("url = \"https://me:pw@x/\"\nsecret = \"0123456789abcdef\""), 3, "webhook.url");
    check(&hook("url = \"ftp://x/\"\nsecret = \"0123456789abcdef\""), 3, "webhook.url");
    let ntfy = |lines: &str| format!("[tenants.a.ntfy]\n{lines}");
    check(&ntfy("url = \"https://ntfy.sh/\""), 3, "ntfy.url");
    check(&ntfy("url = \"https://ntfy.sh/a/b\""), 3, "ntfy.url");
    check(&ntfy("url = \"https://ntfy.sh/a\"\npriority = 6"), 4, "ntfy.priority");
    check(&ntfy("url = \"https://ntfy.sh/a\"\nclick = \"nowhere\""), 4, "ntfy.click");
    let error = open(&hook("url = \"https://x/\"\nsecrt = \"0123456789abcdef\"")).unwrap_err();
    assert!(matches!(error, EscalationError::Toml { .. }));
    assert!(error.to_string().contains("line 4") && error.to_string().contains("secrt"), "{error}");
    let missing = open(&hook("url = \"https://x/\"\nsecret_file = \"nowhere\""));
    assert!(matches!(missing, Err(EscalationError::Io { .. })));
    let alerts =
        open(&hook("url = \"https://x/\"\nsecret = \"do not show this anywhere\"")).unwrap();
    assert!(!format!("{alerts:?}").contains("do not show"));
    let nowhere = Alerts::open(Path::new("/nowhere/alerts.toml"));
    assert!(matches!(nowhere, Err(EscalationError::Io { .. })));
}
