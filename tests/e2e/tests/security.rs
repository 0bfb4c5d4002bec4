//! What the threat model promises of the real binary: a script in the page reaches nothing, whatever a server sends is
//! text, and files are their owner's alone.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::{
    Desktop, Launch, Page,
    feed::Feed,
    fixtures::envelope,
    notifications::Notifications,
    patience::until,
    tray::{Host, Tray},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::{Error, client::IntoClientRequest as _};

/// Has the page ask the shell for something, and returns what it is told: `{"ok": …}` or `{"refused": …}` (an
/// `error` would be taken for the driver's own).
async fn invoke(page: &Page, command: &str, arguments: Value) -> Result<Value> {
    let script = "window.__answer = null; \
        window.__TAURI_INTERNALS__.invoke(arguments[0], arguments[1]).then(\
            ok => { window.__answer = { ok: ok ?? null } }, \
            error => { window.__answer = { refused: String(error?.message ?? error) } })";
    page.driver.script(script, &[json!(command), arguments]).await?;
    until(&format!("an answer to {command}"), async || {
        let answer = page.driver.script("return window.__answer", &[]).await?;
        Ok((!answer.is_null()).then_some(answer))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_script_calls_nothing_but_its_commands() -> Result<()> {
    let desktop = Desktop::start().await?;
    let notifications = Notifications::serve(&desktop).await?;
    let feed = Feed::start().await?;
    let page = Launch::feed(&feed.url()).drive(&desktop).await?;
    page.wait_for("nav-overview").await?;
    let allowed = invoke(&page, "notifications", json!({})).await?;
    assert!(
        allowed.get("ok").is_some_and(Value::is_array),
        "what is listed can be called: {allowed}"
    );

    let file = desktop.session().path("home").join("written");
    for (command, arguments) in [
        ("no_such_command", json!({})),
        ("plugin:event|emit", json!({"event": "quit", "payload": null})),
        ("plugin:event|emit_to", json!({"target": {"kind": "Any"}, "event": "quit"})),
        ("plugin:window|close", json!({"label": "main"})),
        ("plugin:window|create", json!({"options": {"label": "second"}})),
        (
            "plugin:webview|create_webview_window",
            json!({"options": {"label": "second", "url": "https://example.com"}}),
        ),
        ("plugin:webview|internal_toggle_devtools", json!({})),
        ("plugin:app|version", json!({})),
        ("plugin:path|resolve_directory", json!({"directory": 21})),
        ("plugin:resources|close", json!({"rid": 0})),
        ("plugin:image|from_path", json!({"path": "/etc/hostname"})),
        ("plugin:tray|new", json!({"options": {}})),
        ("plugin:notification|notify", json!({"options": {"title": "forged"}})),
        ("plugin:fs|write_text_file", json!({"path": file, "contents": "x"})),
        ("plugin:shell|execute", json!({"program": "touch", "args": [file]})),
        ("plugin:single-instance|destroy", json!({})),
    ] {
        let answer = invoke(&page, command, arguments).await?;
        assert!(answer.get("refused").is_some(), "{command}: {answer}");
    }
    // Arguments of another type than a command's reach none.
    for (command, arguments) in [
        ("acknowledge", json!({"ids": "all"})),
        ("export_notifications", json!({"format": "../../x", "ids": []})),
        ("vault_detail", json!({"id": {"$ne": null}})),
    ] {
        let answer = invoke(&page, command, arguments).await?;
        assert!(answer.get("refused").is_some(), "{command}: {answer}");
    }
    assert!(!file.exists());
    assert!(notifications.shown().is_empty(), "{:?}", notifications.shown());
    assert_eq!(desktop.windows().titled("VaultWatch")?.len(), 1);
    let global = page.driver.script("return typeof window.__TAURI__", &[]).await?;
    assert_eq!(global, "undefined");
    let frozen = page.driver.script("return Object.isFrozen(Object.prototype)", &[]).await?;
    assert_eq!(frozen, true);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_script_reaches_no_network_and_loads_no_code() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = Feed::start().await?;
    let page = Launch::feed(&feed.url()).drive(&desktop).await?;
    feed.wait_for_connections(1).await?;
    page.wait_for("nav-overview").await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let script = "window.__tried = []; window.__ran = []; const at = arguments[0], feed = arguments[1]; \
        const tried = name => window.__tried.push(name); \
        fetch('http://' + at + '/').then(() => window.__ran.push('fetch'), () => tried('fetch')); \
        const image = new Image(); \
        image.onload = () => window.__ran.push('image'); image.onerror = () => tried('image'); \
        image.src = 'http://' + at + '/x.png'; \
        const remote = document.createElement('script'); \
        remote.onload = () => window.__ran.push('script'); remote.onerror = () => tried('script'); \
        remote.src = 'http://' + at + '/x.js'; document.head.append(remote); \
        const inline = document.createElement('script'); \
        inline.textContent = \"window.__ran.push('inline')\"; document.head.append(inline); \
        const box = document.createElement('div'); \
        box.innerHTML = \"<img src=nowhere onerror=\\\"window.__ran.push('handler')\\\">\"; document.body.append(box); \
        try { new Function(\"window.__ran.push('function')\")() } catch { tried('function') } \
        try { const socket = new WebSocket(feed); \
              socket.onopen = () => window.__ran.push('socket'); socket.onerror = () => tried('socket') } \
        catch { tried('socket') } \
        try { window.open('http://' + at + '/') } catch {} \
        tried('all')";
    page.driver.script(script, &[json!(address), json!(feed.url())]).await?;
    until("every attempt to fail", async || {
        let tried = page.driver.script("return window.__tried", &[]).await?;
        let has =
            |name: &str| tried.as_array().is_some_and(|all| all.iter().any(|one| one == name));
        let all = ["fetch", "image", "script", "function", "socket", "all"];
        Ok(all.into_iter().all(has).then_some(()))
    })
    .await?;
    let ran = page.driver.script("return window.__ran", &[]).await?;
    assert_eq!(ran, json!([]), "nothing of it ran");
    let call = tokio::time::timeout(Duration::from_millis(300), listener.accept()).await;
    assert!(call.is_err(), "nobody was called: {call:?}");
    assert_eq!(feed.connections(), 1, "the shell's alone");

    // And it stays where it is.
    page.driver.script("location.href = 'http://' + arguments[0] + '/'", &[json!(address)]).await?;
    let call = tokio::time::timeout(Duration::from_millis(300), listener.accept()).await;
    assert!(call.is_err(), "it did not leave: {call:?}");
    page.wait_for("nav-overview").await?;
    Ok(())
}

/// Text that would do something in a page that took it for more.
const MARKUP: &str = r#"<b id="owned">bold</b><img src=x onerror="window.__owned=1"><script>window.__owned=1</script>"#;

fn hostile() -> Vec<String> {
    let long = "x".repeat(10_000);
    [MARKUP, "مرحبا \u{202e}gnp.exe\u{2066}", "🚨🏦💥 emoji", &long, "{{7*7}} ${7*7} %s %n"]
        .map(str::to_owned)
        .into()
}

/// Whether anything a server sent has become more than text.
async fn check(page: &Page, view: &str) -> Result<()> {
    let script = "return { owned: window.__owned ?? null, \
        elements: document.querySelectorAll('#owned, img[src=\"x\"]').length, \
        foreign: [...document.querySelectorAll('script')].filter(one => one.textContent.includes('__owned')).length, \
        wide: document.documentElement.scrollWidth - innerWidth }";
    let found = page.driver.script(script, &[]).await?;
    assert_eq!(found["owned"], Value::Null, "{view}: a script ran");
    assert_eq!(
        (&found["elements"], &found["foreign"]),
        (&json!(0), &json!(0)),
        "{view}: markup became elements"
    );
    assert!(found["wide"].as_i64() <= Some(0), "{view} is torn apart: {found}");
    Ok(())
}

async fn contains(page: &Page, what: &str) -> Result<()> {
    until(&format!("{what:?} on the page"), async || {
        let script = "return document.body.textContent.includes(arguments[0])";
        let there = page.driver.script(script, &[json!(what)]).await?;
        Ok((there == true).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_server_sends_is_text_in_every_view() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = Feed::start().await?;
    let page = Launch::feed(&feed.url()).drive(&desktop).await?;
    feed.wait_for_connections(1).await?;
    for (n, text) in hostile().into_iter().enumerate() {
        let id = format!("BAD-{n}");
        let holding = |usd: u32| json!({"token": text, "amount": "120", "valueUSD": usd});
        let vault = json!({
            "id": id, "agentId": text, "name": text, "chainId": 1, "status": "ACTIVE",
            "collateral": holding(232_320), "debt": holding(176_500), "ltv": 75.97, "maxLTV": 80,
            "liquidationThreshold": 82.5, "healthFactor": 1.086, "note": text,
        });
        feed.send_raw(&envelope(&format!("vault_update_{id}"), &vault.to_string()))?;
        let alert = json!({
            "id": text, "vaultId": id, "severity": "CRITICAL", "category": "MARKET_RISK",
            "title": text, "message": text, "metadata": {"threshold": "1", "x": text},
        });
        feed.send_raw(&envelope("risk_alert", &alert.to_string()))?;
        let mut feeds = serde_json::Map::new();
        feeds.insert(text.clone(), json!(1_936));
        let market = json!({
            "chainId": n + 1, "priceFeeds": feeds, "utilization": feeds, "gasPrice": "20",
        });
        feed.send_raw(&envelope("market_data", &market.to_string()))?;
        let status = json!({
            "isRunning": true, "performanceMetrics": {"uptime": text}, text.as_str(): text, "region": text,
        });
        feed.send_raw(&envelope("system_status", &status.to_string()))?;
        // What is no message at all is shown as it came.
        feed.send_raw(&text)?;
    }
    // The name itself is markup.
    let name = r#"<b id="owned">ID</b>"#;
    let vault = json!({"id": name, "chainId": 1, "ltv": 70, "liquidationThreshold": 82.5});
    feed.send_raw(&envelope(&format!("vault_update_{name}"), &vault.to_string())).ok();

    page.wait_for("vault-row-BAD-0").await?;
    page.wait_for("vault-row-BAD-4").await?;
    check(&page, "overview").await?;
    page.click("nav-alerts").await?;
    contains(&page, r#"<b id="owned">bold</b>"#).await?;
    check(&page, "alerts").await?;
    for view in ["markets", "system", "settings"] {
        page.click(&format!("nav-{view}")).await?;
        contains(&page, "").await?;
        check(&page, view).await?;
    }
    page.click("nav-overview").await?;
    page.click_until("vault-row-BAD-0", "vault-detail").await?;
    page.wait_for("vault-detail").await?;
    contains(&page, r#"<b id="owned">bold</b>"#).await?;
    check(&page, "vault").await
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_kept_is_its_owners_alone() -> Result<()> {
    let desktop = Desktop::start().await?;
    let _notifications = Notifications::serve(&desktop).await?;
    let feed = Feed::start().await?;
    let config = format!("[profiles.acme]\nurl = \"{}\"\n", feed.url());
    let _app = Launch::default().hidden().config(&config).run(&desktop)?;
    feed.wait_for_connections(1).await?;
    feed.send_vault(&e2e::fixtures::Vault::eth_017_critical())?;
    let data = desktop.session().path("app");
    let written = [
        "profiles/acme/vaultwatch.db",
        "profiles/acme/history.db",
        "last-run.json",
        "config.last-good.toml",
    ];
    until("all files", async || {
        Ok(written.iter().all(|name| data.join(name).is_file()).then_some(()))
    })
    .await?;
    let mut seen = Vec::new();
    // The folder itself and the configuration were made by the test.
    walk(&data, &mut |path, folder, mode| {
        let wanted = if folder { 0o700 } else { 0o600 };
        ensure!(path.ends_with("config.toml") || mode == wanted, "{} has {mode:o}", path.display());
        seen.push(path.to_owned());
        Ok(())
    })?;
    assert!(seen.iter().any(|path| path.ends_with("vaultwatch.db-wal")), "{seen:?}");
    assert!(seen.iter().any(|path| path.ends_with("logs/vaultwatch.log")), "{seen:?}");
    Ok(())
}

/// Another account of the machine, with a session of its own.
#[tokio::test(flavor = "multi_thread")]
async fn two_people_on_one_machine_have_one_each() -> Result<()> {
    let (mine, theirs) = (Desktop::start().await?, Desktop::start().await?);
    let (my_feed, their_feed) = (Feed::start().await?, Feed::start().await?);
    let my_launch = Launch::feed(&my_feed.url()).hidden();
    let mut my_app = my_launch.run(&mine)?;
    let mut their_app = Launch::feed(&their_feed.url()).hidden().run(&theirs)?;
    my_feed.wait_for_connections(1).await?;
    their_feed.wait_for_connections(1).await?;
    // What one of them ends is their own.
    let mut quit = Launch::feed(&my_feed.url()).arg("--quit").run(&mine)?;
    assert!(quit.process.wait_for_exit().await?.success());
    assert!(my_app.process.wait_for_exit().await?.success());
    assert!(their_app.process.is_running()?);
    let mut again = my_launch.run(&mine)?;
    my_feed.wait_for_connections(2).await?;
    assert!(again.process.is_running()?);
    assert_eq!(their_feed.connections(), 1);
    Ok(())
}

/// What the demo's own gateway tells another account, or a page in a browser, that has found its port.
#[tokio::test(flavor = "multi_thread")]
async fn the_port_on_loopback_opens_for_nobody_else() -> Result<()> {
    let desktop = Desktop::start().await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let app = Launch::demo().hidden().run(&desktop)?;
    let url = until("the demo's address", async || {
        let log = app.process.log();
        let url = log.split("url=\"").nth(1).and_then(|rest| rest.split('"').next());
        Ok(url.map(str::to_owned))
    })
    .await?;
    assert!(!url.contains("token"), "no token in a log: {url}");
    for header in
        [None, Some(("Authorization", "Bearer guessed")), Some(("Origin", "https://x.example"))]
    {
        let mut request = url.as_str().into_client_request()?;
        if let Some((name, value)) = header {
            request.headers_mut().insert(name, value.parse()?);
        }
        let refused = tokio_tungstenite::connect_async(request).await;
        let Err(Error::Http(response)) = refused else {
            panic!("{header:?} was let in: {refused:?}")
        };
        assert!([401, 403].contains(&response.status().as_u16()), "{header:?}: {response:?}");
    }
    Ok(())
}

/// Only root can be somebody else; elsewhere the modes, which the test above looks at, have to do.
#[tokio::test(flavor = "multi_thread")]
async fn another_account_reads_nothing_of_what_is_kept() -> Result<()> {
    let desktop = Desktop::start().await?;
    let session = desktop.session();
    if session.answer("id", &["-u"])?.trim() != "0" {
        return Ok(());
    }
    let feed = Feed::start().await?;
    feed.greet_with(&[e2e::fixtures::Vault::eth_017_critical().envelope()]);
    let config = format!("[profiles.acme]\nurl = \"{}\"\n", feed.url());
    let _app = Launch::default().hidden().config(&config).run(&desktop)?;
    feed.wait_for_connections(1).await?;
    let data = session.path("app");
    let written = data.join("profiles/acme/vaultwatch.db");
    until("the database", async || Ok(written.is_file().then_some(()))).await?;
    // The way there is open, as a home may be.
    for folder in [session.path(""), data.clone()] {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))?;
    }
    let as_nobody = |command: &[&str]| {
        let mut words = vec!["--reuid", "65534", "--regid", "65534", "--clear-groups"];
        words.extend(command);
        session.answer("setpriv", &words)
    };
    as_nobody(&["ls", &data.to_string_lossy()])?;
    let mut tried = 0;
    walk(&data, &mut |path, folder, _| {
        if !path.ends_with("config.toml") {
            let path = path.to_string_lossy();
            let look = if folder { "ls" } else { "cat" };
            ensure!(as_nobody(&[look, &path]).is_err(), "anybody reads {path}");
            tried += 1;
        }
        Ok(())
    })?;
    assert!(tried > 5, "{tried}");
    Ok(())
}

/// However much is logged, and whatever goes wrong meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_reaches_a_log_or_a_file() -> Result<()> {
    const SECRETS: [&str; 3] = ["s3cret-token", "s3cret-query", "s3cret-way"];
    let desktop = Desktop::start().await?;
    let _notifications = Notifications::serve(&desktop).await?;
    let mut feed = Feed::start().await?;
    feed.greet_with(&[e2e::fixtures::Vault::eth_017_critical().envelope()]);
    let config = format!(
        "[profiles.acme]\nurl = \"{}/?key=s3cret-query\"\ntoken = \"s3cret-token\"\n\
         [channels.ntfy]\nurl = \"http://127.0.0.1:9/s3cret-way\"\n",
        feed.url()
    );
    let launch = Launch::default().hidden().config(&config).env("VAULTWATCH_LOG", "trace");
    let mut app = launch.run(&desktop)?;
    feed.wait_for_connections(1).await?;
    feed.restart().await?;
    feed.wait_for_connections(2).await?;
    // Settings that do not count any more are told of, too.
    launch.clone().config(&format!("{config}wrong = 1\n")).run(&desktop)?;
    let log = desktop.session().path("app").join("logs/vaultwatch.log");
    let noticed = |text: &str| text.contains("does not count");
    let read = || std::fs::read_to_string(&log).unwrap_or_default();
    until("word of the broken settings", async || {
        let told = read();
        Ok((noticed(&told) || noticed(&app.process.log())).then_some(()))
    })
    .await?;
    let mut quit = Launch::default().arg("--quit").run(&desktop)?;
    quit.process.wait_for_exit().await?;
    app.process.wait_for_exit().await?;
    let mut looked = 0;
    for folder in ["app", "state", "data", "cache", "logs"] {
        walk(&desktop.session().path(folder), &mut |path, folder, _| {
            if folder || path.ends_with("config.toml") {
                return Ok(());
            }
            let bytes = std::fs::read(path)?;
            // A channel's address is a setting, without which the copy would be none.
            let copy = path.ends_with("config.last-good.toml");
            for secret in SECRETS.into_iter().take(if copy { 2 } else { 3 }) {
                let there = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
                ensure!(!there, "{secret} stands in {}", path.display());
            }
            looked += 1;
            Ok(())
        })?;
    }
    assert!(looked > 3, "{looked}");
    Ok(())
}

fn walk(folder: &Path, look: &mut impl FnMut(&Path, bool, u32) -> Result<()>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        // It may be gone by now: a database's log, or what was to take a file's place.
        let Ok(metadata) = entry.metadata() else { continue };
        look(&entry.path(), metadata.is_dir(), metadata.permissions().mode() & 0o777)?;
        if metadata.is_dir() {
            walk(&entry.path(), look)?;
        }
    }
    Ok(())
}
