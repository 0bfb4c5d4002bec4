//! How the app is started besides from a terminal: by links, by a menu's actions, with the session.

use anyhow::{Context, Result};
use e2e::{
    Desktop, Launch, Page,
    app::{TITLE, binary, start_again},
    feed::Feed,
    fixtures::Vault,
    notifications::{CRITICAL, Notifications},
    patience::until,
    tray::{Host, Tray, TrayItem},
    windows::WindowState,
};

const VAULT: &str = "vaultwatch://vault/ETH-017";

/// What a browser might be made to pass on.
const HOSTILE: &[&str] = &[
    "vaultwatch://vault/%00%0a",
    "vaultwatch://vault/ETH-017?acknowledge=1",
    "vaultwatch://vault/%3Cscript%3E/../../settings",
    "vaultwatch://quit",
    "vaultwatch:--quit",
    "vaultwatch://vault/%E2%80%AEx",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "",
];

/// A feed that tells of one critical vault.
async fn feed() -> Result<Feed> {
    let feed = Feed::start().await?;
    feed.greet_with(&[Vault::eth_017_critical().envelope()]);
    Ok(feed)
}

async fn wait_for_vault(page: &Page) -> Result<()> {
    let shown = |text: &str| text.contains("1,783");
    page.wait_text("vault-detail", "its liquidation price", shown).await.map(drop)
}

async fn wait_for_words(page: &Page, words: &str) -> Result<()> {
    until(words, async || {
        let text = page.driver.script("return document.body.innerText", &[]).await?;
        Ok(text.as_str().unwrap_or_default().contains(words).then_some(()))
    })
    .await
}

async fn address(page: &Page) -> Result<String> {
    let hash = page.driver.script("return location.hash", &[]).await?;
    Ok(hash.as_str().context("no text")?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_brings_the_running_one_to_the_vault_and_says_when_there_is_none() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = feed().await?;
    let launch = || Launch::feed(&feed.url());
    let page = launch().drive(&desktop).await?;
    page.wait_for("vault-row-ETH-017").await?;

    start_again(&desktop, launch().arg(VAULT)).await?;
    wait_for_vault(&page).await?;
    start_again(&desktop, launch().arg("vaultwatch://vault/NO%20SUCH")).await?;
    wait_for_words(&page, "No vault NO SUCH in this feed").await?;
    start_again(&desktop, launch().arg("vaultwatch://alert/1")).await?;
    page.wait_text("alert-page", "the alert", |text| text.contains("ETH-017")).await?;
    start_again(&desktop, launch().arg("vaultwatch://alert/4711")).await?;
    page.wait_text("alert-page", "that it is not there", |text| text.contains("No alert 4711"))
        .await?;
    // Whatever became of the configuration since: the running one is not affected, and nor is its link.
    start_again(&desktop, launch().arg(VAULT).config("broken = [")).await?;
    wait_for_vault(&page).await?;
    assert_eq!(desktop.windows().titled(TITLE)?.len(), 1);
    assert_eq!(feed.connections(), 1, "it is the same one");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_start_with_a_link_shows_the_vault() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = feed().await?;
    let page = Launch::feed(&feed.url()).arg(VAULT).drive(&desktop).await?;
    wait_for_vault(&page).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_link_shows_the_window_and_does_nothing_else() -> Result<()> {
    let desktop = Desktop::start().await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let feed = feed().await?;
    let page = Launch::feed(&feed.url()).drive(&desktop).await?;
    page.click("nav-system").await?;
    let before = address(&page).await?;
    for link in HOSTILE {
        start_again(&desktop, Launch::feed(&feed.url()).arg(link)).await?;
    }
    // What comes after them was done after them.
    start_again(&desktop, Launch::feed(&feed.url()).arg("vaultwatch://alert/1")).await?;
    page.wait_for("alert-page").await?;
    page.driver.script("history.back()", &[]).await?;
    until("the page before", async || Ok((address(&page).await? == before).then_some(()))).await?;
    assert_eq!(desktop.windows().titled(TITLE)?.len(), 1);
    assert_eq!(feed.connections(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_link_at_a_first_start_is_a_start() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = feed().await?;
    let mut app = Launch::feed(&feed.url()).arg(HOSTILE[0]).run(&desktop)?;
    desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    feed.wait_for_connections(1).await?;
    assert!(app.process.is_running()?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_actions_of_the_menu_are_done_by_the_running_one() -> Result<()> {
    let desktop = Desktop::start().await?;
    let notifications = Notifications::serve(&desktop).await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let feed = Feed::start().await?;
    let launch = |arg: &str| Launch::feed(&feed.url()).arg(arg);

    let mut nobody = launch("--quit").run(&desktop)?;
    assert_eq!(nobody.process.wait_for_exit().await?.code(), Some(1));
    assert!(nobody.process.log().contains("not running"), "{}", nobody.process.log());

    let mut app = launch("--hidden").run(&desktop)?;
    feed.wait_for_connections(1).await?;
    let item = TrayItem::only(&desktop).await?;
    start_again(&desktop, launch("--test-critical")).await?;
    notifications.wait_for("the test", |n| n.urgency() == Some(CRITICAL)).await?;
    wait_for_status(&item, "NeedsAttention").await?;
    start_again(&desktop, launch("--snooze-all")).await?;
    wait_for_status(&item, "Active").await?;
    assert!(desktop.windows().titled(TITLE)?.is_empty(), "nobody asked for the window");

    start_again(&desktop, launch("vaultwatch://alerts")).await?;
    let window = desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    // The desktop finds the entry that belongs to a window by this.
    let class = desktop.session().answer("xprop", &["-id", &window.id, "WM_CLASS"])?;
    let entry = include_str!("../../../packaging/linux/vaultwatch.desktop.hbs");
    let named = entry.lines().find_map(|line| line.strip_prefix("StartupWMClass="));
    assert!(class.contains(&format!("\"{}\"", named.context("no StartupWMClass")?)), "{class}");

    start_again(&desktop, launch("--quit")).await?;
    let status = app.process.wait_for_exit().await?;
    assert!(status.success(), "{status}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_while_one_quits_is_one_of_its_own() -> Result<()> {
    let desktop = Desktop::start().await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let feed = Feed::start().await?;
    let launch = || Launch::feed(&feed.url());
    let mut first = launch().arg("--hidden").run(&desktop)?;
    feed.wait_for_connections(1).await?;
    TrayItem::only(&desktop).await?;
    start_again(&desktop, launch().arg("--quit")).await?;
    let mut second = launch().run(&desktop)?;
    first.process.wait_for_exit().await?;
    feed.wait_for_connections(2).await?;
    desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    assert!(second.process.is_running()?, "{}", second.process.log());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_one_that_hangs_there_is_no_second_one_and_the_start_says_why() -> Result<()> {
    let desktop = Desktop::start().await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let feed = Feed::start().await?;
    let app = Launch::feed(&feed.url()).arg("--hidden").run(&desktop)?;
    feed.wait_for_connections(1).await?;
    TrayItem::only(&desktop).await?;
    app.process.freeze();
    let mut second = Launch::feed(&feed.url()).run(&desktop)?;
    assert_eq!(second.process.wait_for_exit().await?.code(), Some(1));
    let said = second.process.log();
    assert!(said.contains("does not answer") && said.contains("pkill"), "{said}");
    assert_eq!(feed.connections(), 1, "two would write the same files");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_autostart_writes_starts_it_in_the_tray() -> Result<()> {
    let desktop = Desktop::start().await?;
    let _tray = Tray::serve(&desktop, Host::Present).await?;
    let ctl = binary("vaultwatchctl")?;
    let ctl = ctl.to_str().context("a path that is no text")?;
    let said = desktop.session().answer(ctl, &["autostart", "on", "--how=desktop-file"])?;
    assert!(said.starts_with("on\n"), "{said}");

    // As a desktop does at the start of a session.
    let file = desktop.session().path("config").join("autostart/VaultWatch.desktop");
    let entry = std::fs::read_to_string(&file)?;
    let line = entry.lines().find_map(|line| line.strip_prefix("Exec=")).context("no Exec")?;
    let mut words = line.split(' ');
    let mut command = desktop.command(words.next().context("no program")?);
    let mut app = desktop.spawn("autostarted", command.args(words))?;
    let item = TrayItem::only(&desktop).await?;
    assert!(item.title().await?.starts_with(TITLE));
    assert!(app.is_running()? && desktop.windows().titled(TITLE)?.is_empty());

    let said = desktop.session().answer(ctl, &["autostart", "off"])?;
    assert_eq!((said.as_str(), file.exists()), ("off\n", false));
    assert!(app.is_running()?, "what runs goes on");
    Ok(())
}

async fn wait_for_status(item: &TrayItem, wanted: &str) -> Result<()> {
    until(&format!("a tray item that is {wanted}"), async || {
        Ok((item.status().await? == wanted).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_switch_in_the_settings_writes_the_entry_and_removes_it() -> Result<()> {
    let desktop = Desktop::start().await?;
    let feed = feed().await?;
    let page = Launch::feed(&feed.url()).drive(&desktop).await?;
    start_again(&desktop, Launch::feed(&feed.url()).arg("vaultwatch://settings")).await?;
    page.wait_for("settings").await?;
    let file = desktop.session().path("config").join("autostart/VaultWatch.desktop");
    let switch = "document.querySelector('[data-testid=autostart]').click()";

    page.driver.script(switch, &[]).await?;
    wait_for_words(&page, "a file in the desktop's autostart folder").await?;
    let entry = std::fs::read_to_string(&file)?;
    let app = desktop.session().path("app");
    assert!(entry.contains(&format!(" --hidden --data-dir {}\n", app.display())), "{entry}");
    page.driver.script(switch, &[]).await?;
    until("no entry", async || Ok((!file.exists()).then_some(()))).await?;
    wait_for_words(&page, "In the tray, without a window").await
}
