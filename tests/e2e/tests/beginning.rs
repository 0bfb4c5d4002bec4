//! What is seen first, of the page as it is shipped, in a browser: a shell has put values into it and answers nothing.

use std::path::Path;

use anyhow::{Context, Result};
use e2e::patience::until;
use e2e::processes::Session;
use e2e::site::Site;
use e2e::webdriver::WebDriver;
use serde_json::{Value, json};

/// So many fill the window, and drawing them takes long enough for a browser to want a turn in between.
const VAULTS: usize = 40;
/// Notes of each frame, before it is painted, what is on the page.
const LOOK: &str = "window.seen = []; (function look() { \
    const rows = [...document.querySelectorAll('.row[id^=line-]')]; \
    const empty = rows.filter((row) => !row.querySelector('.c-room')?.textContent.includes('21.2')); \
    if (document.querySelector('main')) \
        seen.push({ theme: document.documentElement.dataset.theme, rows: rows.length, empty: empty.length, \
            top: rows[0]?.getBoundingClientRect().top, \
            later: !!document.querySelector('[data-testid=while-away]') }); \
    requestAnimationFrame(look); \
})();";

/// What the shell puts into a page, as it is told there.
fn first_frame(theme: &str) -> Value {
    let vault = |number: usize| {
        json!({
            "id": format!("M-{number:03}"), "name": null, "tokens": "WETH", "chainId": 1, "status": "ACTIVE",
            "level": "MEDIUM", "freshness": "live", "received": 0, "room": "21.2121212121",
            "health": { "kind": "factor", "value": "1.26923076923" }, "ltv": "65", "maxLtv": "80",
            "limit": { "kind": "liquidationThreshold", "value": "82.5" },
            "liquidationPrice": "1575.75757576", "collateral": "240000", "debt": "156000", "cure": null,
        })
    };
    let mode = json!({ "is": "profile", "profile": "default" });
    let attached = json!({
        "version": "0.1.0", "theme": theme,
        "preferences": {
            "toasts": { "position": "bottom-right", "maxNotifications": 5, "autoDismiss": true, "dismissDelay": 5000 },
            "hiddenColumns": [], "columnWidths": {}, "columnOrder": [], "savedViews": [], "awaySeen": null,
            "welcomed": true, "closeQuits": false, "language": "system",
        },
        "feed": {
            "state": { "is": "live" }, "mode": mode, "endpoint": "ws://127.0.0.1:3001/", "since": 0, "roundTrip": null,
            "messages": 40, "invalid": 0, "duplicates": 0, "lastMessage": 0, "recentInvalid": [],
        },
        "status": null, "notifications": [], "notificationsBlocked": null,
        "away": { "from": 0, "to": 60_000, "liquidated": 0, "critical": 1, "recovered": 1, "unanswered": 0 }, "target": null,
        "profiles": [],
    });
    let totals = json!({
        "vaults": VAULTS, "critical": 0, "high": 0, "medium": VAULTS, "low": 0, "unknown": 0, "stale": 0,
        "collateral": "9600000", "debt": "6240000", "debtAtRisk": "0", "cure": "0", "closest": ["M-000", "21.2121212121"],
    });
    let batch = json!({
        "seq": 0, "kind": "reset", "vaults": (0..VAULTS).map(vault).collect::<Vec<_>>(), "markets": [], "totals": totals,
    });
    json!({ "glimpse": { "at": 0, "attached": attached, "batch": batch }, "left": null })
}

/// A shell that has nothing to say but that. It is of this moment whenever the page begins.
fn shell(theme: &str) -> String {
    let frame = first_frame(theme);
    format!(
        "const frame = {frame}; frame.glimpse.at = Date.now(); \
         for (const vault of frame.glimpse.batch.vaults) vault.received = Date.now() - 1000; \
         Object.defineProperty(window, '__VAULTWATCH_FIRST_FRAME__', {{ value: JSON.stringify(frame) }}); \
         window.__TAURI_INTERNALS__ = {{ invoke: () => new Promise(() => {{}}), transformCallback: () => 1 }};"
    )
}

#[tokio::test]
async fn the_first_frame_has_every_row_where_it_stays_in_the_theme_that_is_wanted() -> Result<()> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src-ui/dist");
    let site = Site::serve(dist).await?;
    let session = Session::new()?;
    let driver = WebDriver::chromium(&session).await?;
    // A notice has one line there; in a narrow window it may turn out to have two.
    let wide = json!({ "width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": false });
    driver.browser_command("Emulation.setDeviceMetricsOverride", wide).await?;
    for (chosen, prefers, wanted) in
        [("system", "light", "light"), ("system", "dark", "dark"), ("dark", "light", "dark")]
    {
        driver.go("about:blank").await?;
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": prefers }] });
        driver.browser_command("Emulation.setEmulatedMedia", media).await?;
        let before = json!({ "source": format!("{}{LOOK}", shell(chosen)) });
        let added = driver.browser_command("Page.addScriptToEvaluateOnNewDocument", before).await?;
        driver.go(&site.url("")).await?;
        let seen = until("a frame with what the second program has", async || {
            let seen = driver.script("return window.seen", &[]).await?;
            let last = seen.as_array().and_then(|frames| frames.last());
            Ok(last.is_some_and(|frame| frame["later"] == true).then_some(seen))
        })
        .await?;
        driver.browser_command("Page.removeScriptToEvaluateOnNewDocument", added).await?;
        let frames = seen.as_array().context("no frames")?;
        assert_eq!(frames[0]["later"], false, "the second program is seen with the first: {seen}");
        for frame in frames {
            assert_eq!(frame["theme"], wanted, "{chosen} where {prefers} is preferred: {seen}");
            assert!(frame["rows"].as_u64() > Some(10) && frame["empty"] == 0, "{seen}");
            assert_eq!(frame["top"], frames[0]["top"], "the rows have moved: {seen}");
        }
    }
    Ok(())
}
