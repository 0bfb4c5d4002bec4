//! On a real compositor of Wayland, without an X server beside it.

use std::fs;

use anyhow::{Context, Result, ensure};
use e2e::{
    Desktop, Launch,
    app::{TITLE, binary},
    feed::Feed,
    fixtures::Vault,
    notifications::Notifications,
    patience::until,
    screen::Screen,
    screenshots::{self, Theme},
    sway::{Sway, Window},
    terminal::{TERMINAL, Terminal},
    tray::{Host, Tray, TrayItem},
    webdriver::WebDriver,
};
use serde_json::Value;

const LINK: &str = "vaultwatch://vault/ETH-017";

/// What the compositor calls the window: the desktop finds the entry in its menu by that.
const APP: &str = "vaultwatch";

/// Two pictures of the same page differ by a clock and what is blinking.
const SAME: f64 = 0.01;

/// Fewer colours than this are a window that has not been painted yet.
const PAINTED: usize = 8;

/// A session under Wayland with a tray, and a feed.
struct Machine {
    desktop: Desktop,
    sway: Sway,
    _tray: Tray,
    feed: Feed,
}

impl Machine {
    async fn new(vaults: &[Vault]) -> Result<Self> {
        let desktop = Desktop::without_display()?;
        let tray = Tray::serve(&desktop, Host::Present).await?;
        let sway = Sway::start(&desktop).await?;
        let feed = Feed::start().await?;
        feed.greet_with(&vaults.iter().map(Vault::envelope).collect::<Vec<_>>());
        Ok(Self { desktop, sway, _tray: tray, feed })
    }

    fn launch(&self) -> Launch {
        Launch::feed(&self.feed.url())
    }

    /// Starts it once more, and waits for that start's end.
    async fn start_again(&self, launch: Launch) -> Result<()> {
        let mut second = launch.run(&self.desktop)?;
        let status = second.process.wait_for_exit().await?;
        ensure!(status.success(), "{status}: {}", second.process.log());
        Ok(())
    }

    /// The window's pixels once they rest.
    async fn at_rest(&self, window: &Window) -> Result<Screen> {
        let mut last = self.sway.grab(window)?;
        until("a window that rests", async || {
            let next = self.sway.grab(window)?;
            let rests = next.difference(&last) < SAME / 3.0 && next.colors() >= PAINTED;
            last = next;
            Ok(rests.then(|| last.clone()))
        })
        .await
    }

    /// Waits until the page that is shown is that one, as the window itself has left it.
    async fn wait_for_page(&self, wanted: &str) -> Result<()> {
        let path = self.desktop.session().path("app").join("window.json");
        until(&format!("the page {wanted}"), async || {
            let Ok(text) = fs::read(&path) else { return Ok(None) };
            let kept: Value = serde_json::from_slice(&text)?;
            let left: Value = serde_json::from_str(kept["left"].as_str().unwrap_or("null"))?;
            Ok((left["page"] == wanted).then_some(()))
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_is_the_menus_entrys_and_shows_the_vaults() -> Result<()> {
    let machine = Machine::new(&[Vault::eth_017_high()]).await?;
    let Machine { desktop, sway, feed, .. } = &machine;
    let _app = machine.launch().run(desktop)?;
    let entry = include_str!("../../../packaging/linux/vaultwatch.desktop.hbs");
    let named = entry.lines().find_map(|line| line.strip_prefix("StartupWMClass="));
    assert_eq!(named, Some(APP));
    let window = sway.wait_for(APP).await?;
    assert!(window.title.contains(TITLE), "{window:?}");
    assert!(window.focused, "nothing else is there: {window:?}");
    assert_eq!(sway.windows()?.len(), 1);

    let one = machine.at_rest(&window).await?;
    for number in 0..10 {
        feed.send_vault(&Vault::calm(&format!("ARB-{number}")))?;
    }
    // Ten rows more take at least one part in a hundred of it.
    until("the rows of the new vaults", async || {
        Ok((sway.grab(&window)?.difference(&one) > SAME).then_some(()))
    })
    .await?;
    machine.at_rest(&window).await?;
    screenshots::save("wayland", Theme::Light, one.width(), &sway.picture(&window)?).map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_to_the_tray_it_leaves_no_process_and_a_second_start_brings_it_back() -> Result<()> {
    let machine = Machine::new(&[Vault::calm("ETH-017")]).await?;
    let Machine { desktop, sway, feed, .. } = &machine;
    let mut app = machine.launch().run(desktop)?;
    let window = sway.wait_for(APP).await?;
    let before = machine.at_rest(&window).await?;
    let item = TrayItem::only(desktop).await?;

    sway.close(&window)?;
    sway.wait_for_none(APP).await?;
    until("the end of all that belonged to the window", async || {
        let all = desktop.session().processes();
        let web = all.iter().any(|name| name.starts_with("WebKit"));
        Ok((!web && app.process.descendants().is_empty()).then_some(()))
    })
    .await?;
    assert!(app.process.is_running()? && item.is_registered(desktop).await?);

    machine.start_again(machine.launch()).await?;
    let window = sway.wait_for(APP).await?;
    let after = machine.at_rest(&window).await?;
    let difference = after.difference(&before);
    assert!(difference < SAME, "it shows another page: {difference}");
    sway.close(&window)?;
    sway.wait_for_none(APP).await?;
    item.activate().await?;
    sway.wait_for(APP).await?;
    assert_eq!(feed.connections(), 1, "the watch has not noticed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_the_vault_in_the_window_there_is() -> Result<()> {
    let machine = Machine::new(&[Vault::eth_017_critical()]).await?;
    let Machine { desktop, sway, feed, .. } = &machine;
    let page = drive(desktop, feed).await?;
    wait_for_text(&page, "vault-row-ETH-017", "ETH-017").await?;
    machine.start_again(machine.launch().arg(LINK)).await?;
    wait_for_text(&page, "vault-detail", "1,783").await?;
    assert_eq!(sway.windows()?.len(), 1);
    assert_eq!(feed.connections(), 1, "it is the same one");
    Ok(())
}

/// The terminal and the compositor alone: what the next test gives away is good for something, and another is each time.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_followed_in_a_terminal_brings_a_token() -> Result<()> {
    let desktop = Desktop::without_display()?;
    let sway = Sway::start(&desktop).await?;
    let terminal = Terminal::start(&desktop, &sway, LINK).await?;
    let (one, other) = (terminal.follow(&sway).await?, terminal.follow(&sway).await?);
    assert_eq!((one.link.as_str(), other.link.as_str()), (LINK, LINK));
    assert!(!one.token.is_empty() && one.token != other.token, "{one:?} {other:?}");
    let window = sway.wait_for(TERMINAL).await?;
    assert!(sway.grab(&window)?.colors() > 1, "the link is to be seen");
    sway.close(&window)?;
    sway.wait_for_none(TERMINAL).await
}

/// A permission of the compositor's goes the whole way: from the key that was pressed, over the second start, the tray or
/// the notification service, the watch and the window's process, to the window. Without one nothing takes the keyboard
/// from whoever types.
#[tokio::test(flavor = "multi_thread")]
async fn it_comes_to_the_front_by_a_token_and_not_without() -> Result<()> {
    let machine = Machine::new(&[Vault::eth_017_critical()]).await?;
    let Machine { desktop, sway, .. } = &machine;
    let notifications = Notifications::serve(desktop).await?;
    let _app = machine.launch().run(desktop)?;
    sway.wait_for(APP).await?;
    let item = TrayItem::only(desktop).await?;
    let about = |summary: &str| summary.starts_with("ETH-017");
    let alert = notifications.wait_for("the alert", |n| about(&n.summary)).await?;
    let terminal = Terminal::start(desktop, sway, LINK).await?;
    let is_in_front = |app_id: &str| -> Result<bool> {
        Ok(sway.windows()?.iter().any(|window| window.app_id == app_id && window.focused))
    };

    machine.start_again(machine.launch().arg("vaultwatch://settings")).await?;
    machine.wait_for_page("settings").await?;
    item.activate().await?;
    // Whatever that led to came before what comes next.
    machine.start_again(machine.launch().arg("vaultwatch://system")).await?;
    machine.wait_for_page("system").await?;
    assert!(is_in_front(TERMINAL)?, "{:?}", sway.windows()?);

    let followed = terminal.follow(sway).await?;
    assert_eq!(followed.link, LINK);
    let second = machine.launch().arg(&followed.link);
    machine.start_again(second.env("XDG_ACTIVATION_TOKEN", &followed.token)).await?;
    sway.wait_for_focus(APP).await?;

    item.activate_with(&terminal.follow(sway).await?.token).await?;
    sway.wait_for_focus(APP).await?;

    let token = terminal.follow(sway).await?.token;
    assert!(is_in_front(TERMINAL)?, "{:?}", sway.windows()?);
    notifications.give_token(alert.id, &token).await?;
    notifications.invoke_action(alert.id, "default").await?;
    sway.wait_for_focus(APP).await
}

/// The same for a window that is not there yet, whose process has to start first.
#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_is_made_for_a_token_is_in_front_and_one_without_is_not() -> Result<()> {
    let machine = Machine::new(&[Vault::eth_017_high()]).await?;
    let Machine { desktop, sway, .. } = &machine;
    let terminal = Terminal::start(desktop, sway, LINK).await?;
    let _app = machine.launch().hidden().run(desktop)?;
    let item = TrayItem::only(desktop).await?;

    item.activate().await?;
    let window = sway.wait_for(APP).await?;
    machine.at_rest(&window).await?;
    let windows = sway.windows()?;
    assert!(windows.iter().all(|window| window.focused == (window.app_id == TERMINAL)));
    sway.close(&window)?;
    sway.wait_for_none(APP).await?;

    item.activate_with(&terminal.follow(sway).await?.token).await?;
    sway.wait_for_focus(APP).await
}

/// Starts the app with its page driven. A [`Page`](e2e::Page) looks at its window by X.
async fn drive(desktop: &Desktop, feed: &Feed) -> Result<WebDriver> {
    let binary = binary("vaultwatch")?;
    let folder = desktop.session().path("app").to_string_lossy().into_owned();
    let args = ["--url".to_owned(), feed.url(), "--data-dir".to_owned(), folder];
    let env = ["TAURI_AUTOMATION", "TAURI_WEBVIEW_AUTOMATION"];
    let env = env.map(|name| (name.to_owned(), "true".to_owned()));
    WebDriver::start(desktop, &binary.to_string_lossy(), &args, &env).await
}

/// Waits until the element is there and has that in its text.
async fn wait_for_text(page: &WebDriver, test_id: &str, text: &str) -> Result<()> {
    let script = "return document.querySelector(arguments[0])?.innerText ?? ''";
    let selector = format!("[data-testid=\"{test_id}\"]");
    until(&format!("{test_id} with {text:?}"), async || {
        let shown = page.script(script, &[selector.as_str().into()]).await?;
        Ok(shown.as_str().context("no text")?.contains(text).then_some(()))
    })
    .await
}
