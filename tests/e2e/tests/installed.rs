//! The packages on a clean Debian: installed by `apt`, used as a person uses them, upgraded while they run, and removed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use e2e::{
    Desktop, Page,
    app::TITLE,
    clean_root::{self, CleanRoot},
    feed::Feed,
    fixtures::Vault,
    notifications::{CRITICAL, Notification, Notifications},
    patience::until,
    processes::Process,
    tray::{Host, Tray, TrayItem},
    webdriver::WebDriver,
    windows::WindowState,
};
use serde_json::Value;

/// What is to be installed as the version before.
const EARLIER: &str = "0.0.9";

/// Where a person's own things are, by `docs/install.md`. Nothing else may be left in their home.
const OWN: &[&str] = &[
    "~/.config/vaultwatch",
    "~/.config/autostart",
    "~/.local/share/vaultwatch",
    "~/.local/share/app.vaultwatch.desktop",
    "~/.local/state/vaultwatch",
    "~/.cache/",
];

/// A clean system on a desktop with a tray, and a feed that its configuration names.
struct Machine {
    desktop: Desktop,
    notifications: Notifications,
    _tray: Tray,
    feed: Feed,
    root: CleanRoot,
}

impl Machine {
    async fn new() -> Result<Self> {
        let desktop = Desktop::start().await?;
        let notifications = Notifications::serve(&desktop).await?;
        let tray = Tray::serve(&desktop, Host::Present).await?;
        let feed = Feed::start().await?;
        let root = CleanRoot::on(&desktop).await?;
        Ok(Self { desktop, notifications, _tray: tray, feed, root })
    }

    async fn wait_for_alert(&self, vault: &str) -> Result<()> {
        let about =
            |n: &Notification| n.summary.starts_with(vault) && n.urgency() == Some(CRITICAL);
        self.notifications.wait_for(&format!("the alert about {vault}"), about).await.map(drop)
    }

    fn version(&self) -> Result<String> {
        let said =
            self.root.answer("dpkg-query", &["-W", "-f", "${Version} ${Status}", "vaultwatch"])?;
        let (version, status) = said.split_once(' ').context("no status")?;
        anyhow::ensure!(status == "install ok installed", "{said}");
        Ok(version.to_owned())
    }

    /// The alerts that are kept, as a person asks for them.
    fn alerts(&self) -> Result<String> {
        self.root.answer("vaultwatchctl", &["export", "alerts", "--format", "csv"])
    }

    async fn quit(&self, mut running: Process) -> Result<()> {
        self.root.answer("vaultwatch", &["--quit"])?;
        let status = running.wait_for_exit().await?;
        anyhow::ensure!(status.success(), "{status}: {}", running.log());
        Ok(())
    }
}

/// Whether whatever a package may have brought can be used by anybody, and nothing it needs is missing.
fn assert_usable(root: &CleanRoot, programs: &[&str]) -> Result<()> {
    for program in programs {
        let path = format!("/usr/bin/{program}");
        let libraries = root.answer("ldd", &[&path])?;
        assert!(!libraries.contains("not found"), "{program}: {libraries}");
        let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", &path, "--version"];
        let said = root.answer("setpriv", &nobody)?;
        assert!(said.contains(env!("CARGO_PKG_VERSION")), "{program}: {said}");
    }
    Ok(())
}

/// What is on the disk that was not before, and the other way round.
fn assert_same(before: &BTreeSet<String>, after: &BTreeSet<String>, own: &[String]) {
    let is_own = |path: &&String| {
        // The folders above a person's own things as well.
        own.iter().any(|place| path.starts_with(place) || place.starts_with(&format!("{path}/")))
    };
    let left: Vec<_> = after.difference(before).filter(|path| !is_own(path)).collect();
    assert!(left.is_empty(), "left behind: {left:#?}");
    let gone: Vec<_> = before.difference(after).collect();
    assert!(gone.is_empty(), "taken along: {gone:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_is_installed_used_upgraded_and_removed() -> Result<()> {
    let machine = Machine::new().await?;
    let Machine { desktop, feed, root, .. } = &machine;
    let before = root.files()?;
    let package = clean_root::package("vaultwatch")?;
    root.install(&[&clean_root::as_version(desktop.session(), &package, EARLIER)?])?;
    assert_eq!(machine.version()?, EARLIER);
    assert_usable(root, &["vaultwatch", "vaultwatchctl"])?;
    assert_eq!(root.answer("dpkg", &["--verify", "vaultwatch"])?, "");
    assert!(
        root.answer("dpkg", &["-L", "vaultwatch"])?
            .contains("/usr/share/doc/vaultwatch/sbom.cdx.json\n")
    );
    // The caches know of it at once.
    root.answer("grep", &["-q", "vaultwatch", "/usr/share/icons/hicolor/icon-theme.cache"])?;
    let cache = root.read("/usr/share/applications/mimeinfo.cache")?;
    assert!(cache.contains("x-scheme-handler/vaultwatch=VaultWatch.desktop"), "{cache}");

    // Started as with the session: in the tray, without a window.
    let written = format!("{}/.config/vaultwatch/config.toml", root.home());
    let config = format!("[profiles.desk]\nurl = \"{}\"\n", feed.url());
    root.write(&written, &config)?;
    feed.greet_with(&[Vault::eth_017_high().envelope()]);
    let running = root.spawn("installed", "vaultwatch", &["--hidden"])?;
    feed.wait_for_connections(1).await?;
    let item = TrayItem::only(desktop).await?;
    assert!(item.title().await?.starts_with(TITLE));
    assert!(desktop.windows().titled(TITLE)?.is_empty());
    feed.send_vault(&Vault::eth_017_critical())?;
    machine.wait_for_alert("ETH-017").await?;
    item.activate().await?;
    let window = desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    desktop.windows().close(&window)?;
    desktop.windows().wait_for_none(TITLE).await?;

    // The newer one comes while the earlier one watches: that goes on, and what it kept is the newer one's.
    let kept = machine.alerts()?;
    assert!(kept.contains("ETH-017"), "{kept}");
    root.install(&[&package])?;
    assert_eq!(machine.version()?, env!("CARGO_PKG_VERSION"));
    feed.send_vault(&Vault::critical("WHILE-UPGRADED"))?;
    machine.wait_for_alert("WHILE-UPGRADED").await?;
    machine.quit(running).await?;
    let kept = machine.alerts()?;
    assert!(kept.contains("ETH-017") && kept.contains("WHILE-UPGRADED"), "{kept}");
    assert_eq!(root.read(&written)?, config);

    let page = drive(&machine).await?;
    page.click("notification-bell").await?;
    page.wait_text("notification-panel", "what came before", |text| text.contains("ETH-017"))
        .await?;
    // As a browser opens it: by the list of who opens what.
    root.answer("xdg-open", &["vaultwatch://vault/ETH-017"])?;
    page.wait_text("vault-detail", "the vault", |text| text.contains("1,783")).await?;
    root.answer("vaultwatchctl", &["autostart", "on", "--how=desktop-file"])?;
    root.answer("vaultwatch", &["--quit"])?;
    desktop.windows().wait_for_none(TITLE).await?;
    until("the end of the app", async || {
        Ok(root.answer("vaultwatch", &["--quit"]).is_err().then_some(()))
    })
    .await?;

    let kept = machine.alerts()?;
    root.answer("apt-get", &["--yes", "remove", "vaultwatch"])?;
    let after = root.files()?;
    let own: Vec<_> = OWN.iter().map(|place| place.replacen('~', root.home(), 1)).collect();
    assert_same(&before, &after, &own);
    assert!(after.contains(&written));
    let cache = "/usr/share/icons/hicolor/icon-theme.cache";
    assert!(root.answer("grep", &["-q", "vaultwatch", cache]).is_err(), "the icons are forgotten");
    root.answer("apt-get", &["--yes", "purge", "vaultwatch"])?;
    assert_same(&after, &root.files()?, &[]);

    // And all is there again for who comes back.
    root.install(&[&package])?;
    assert_eq!(machine.alerts()?, kept);
    Ok(())
}

/// Starts the installed app by hand, with its page driven.
async fn drive(machine: &Machine) -> Result<Page> {
    let launcher = machine.root.driven()?;
    let driver = WebDriver::start(&machine.desktop, &launcher.to_string_lossy(), &[], &[]).await?;
    let page = Page::of(&machine.desktop, driver, TITLE).await?;
    page.wait_for("vault-row-ETH-017").await?;
    Ok(page)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_is_installed_without_a_desktop_and_removed() -> Result<()> {
    let desktop = Desktop::start().await?;
    let root = CleanRoot::on(&desktop).await?;
    let before = root.files()?;
    root.install(&[&clean_root::package("vaultwatch-gateway")?])?;
    assert_usable(&root, &["vaultwatch-gateway"])?;
    let libraries = root.answer("ldd", &["/usr/bin/vaultwatch-gateway"])?;
    assert!(!libraries.contains("gtk") && !libraries.contains("webkit"), "{libraries}");
    let user = root.answer("getent", &["passwd", "vaultwatch-gateway"])?;
    assert!(user.contains(":/var/lib/vaultwatch-gateway:"), "{user}");
    assert!(root.answer("vaultwatchctl", &["--version"]).is_err(), "that is another package");
    for folder in ["/etc/systemd/system", "/etc/systemd/user"] {
        let wants = root.answer("find", &[folder, "-name", "vaultwatch*"]).unwrap_or_default();
        assert_eq!(wants, "", "nothing is enabled");
    }

    root.answer("apt-get", &["--yes", "purge", "vaultwatch-gateway"])?;
    assert_same(&before, &root.files()?, &[]);
    assert!(root.answer("getent", &["passwd", "vaultwatch-gateway"]).is_ok(), "it may have files");
    Ok(())
}

/// Says nothing where a file is a CycloneDX document, by a library of its authors.
const VALIDATE: &str = "import sys\n\
    from cyclonedx.schema import SchemaVersion\n\
    from cyclonedx.validation.json import JsonStrictValidator\n\
    fault = JsonStrictValidator(SchemaVersion.V1_5).validate_str(open(sys.argv[1]).read())\n\
    sys.exit(str(fault) if fault else 0)\n";

#[test]
fn the_bills_of_materials_are_valid_and_about_each_packages_programs() {
    let python = proving::python::with("cyclonedx-python-lib[json-validation]==11.12.0");
    for (name, has, lacks) in [
        // What runs while compiling is not shipped, and a server has no windows.
        ("vaultwatch", ["gtk", "yew", "sqlite"], ["serde_derive", "bindgen"]),
        ("vaultwatch-gateway", ["async-nats", "rusqlite", "sqlite"], ["serde_derive", "gtk"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let package = clean_root::package(name).unwrap();
        let mut unpack = Command::new("dpkg-deb");
        let unpacked = unpack.arg("--extract").arg(package).arg(folder.path()).status().unwrap();
        assert!(unpacked.success());
        let documents = folder.path().join("usr/share/doc").join(name);
        let bill = documents.join("sbom.cdx.json");
        let judged = Command::new(&python).args(["-c", VALIDATE]).arg(&bill).output().unwrap();
        assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stderr));

        let bill: Value = serde_json::from_str(&fs::read_to_string(bill).unwrap()).unwrap();
        let parts = bill["components"].as_array().unwrap();
        let is_in = |name: &str| parts.iter().any(|part| part["name"] == name);
        assert!(has.into_iter().all(is_in) && !lacks.into_iter().any(is_in), "{name}");
        // Whatever is listed has its licence beside it.
        let notice = fs::read_to_string(documents.join("third-party-licences.txt")).unwrap();
        for part in parts.iter().filter(|part| part["hashes"].is_array()) {
            let (name, version) =
                (part["name"].as_str().unwrap(), part["version"].as_str().unwrap());
            assert!(notice.contains(&format!("{name} {version}: ")), "{part}");
        }
    }
}

#[test]
fn the_documents_name_every_place_where_something_is_left() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/install.md");
    let text = fs::read_to_string(page).unwrap();
    for place in OWN {
        assert!(text.contains(place.trim_end_matches('/')), "{place}");
    }
}
