//! The packages on a clean Debian: installed by `apt` or `rpm`, used as a person uses them, upgraded while they run, and
//! removed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use e2e::{
    Desktop, Page,
    app::TITLE,
    clean_root::CleanRoot,
    feed::Feed,
    fixtures::Vault,
    notifications::{CRITICAL, Notification, Notifications},
    packages::Format,
    patience::until,
    processes::Process,
    tray::{Host, Tray, TrayItem},
    webdriver::WebDriver,
    windows::WindowState,
};
use serde_json::Value;

/// What is to be installed as the version before.
const EARLIER: &str = "0.0.9";

/// Where the window's program is. Earlier versions did not have one.
const LIBEXEC: &str = "/usr/libexec/vaultwatch";

/// Where a person's own things are, by `docs/install.md`. Nothing else may be left in their home.
const OWN: &[&str] = &[
    "~/.config/vaultwatch",
    "~/.config/autostart",
    "~/.local/share/vaultwatch",
    "~/.local/share/app.vaultwatch.desktop",
    "~/.local/state/vaultwatch",
    "~/.cache/",
];

/// A clean system with packages of one kind, on a desktop with a tray, and a feed that its configuration names.
struct Machine {
    format: Format,
    desktop: Desktop,
    notifications: Notifications,
    _tray: Tray,
    feed: Feed,
    root: CleanRoot,
}

impl Machine {
    async fn new(format: Format) -> Result<Self> {
        let desktop = Desktop::start().await?;
        let notifications = Notifications::serve(&desktop).await?;
        let tray = Tray::serve(&desktop, Host::Present).await?;
        let feed = Feed::start().await?;
        let root = CleanRoot::on(&desktop).await?;
        format.prepare(&root)?;
        Ok(Self { format, desktop, notifications, _tray: tray, feed, root })
    }

    async fn wait_for_alert(&self, vault: &str) -> Result<()> {
        let about =
            |n: &Notification| n.summary.starts_with(vault) && n.urgency() == Some(CRITICAL);
        self.notifications.wait_for(&format!("the alert about {vault}"), about).await.map(drop)
    }

    fn version(&self) -> Result<String> {
        self.format.version(&self.root, "vaultwatch")
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

/// Whether the window's program has what it needs, is not taken for one that people start, and is the only one that
/// brings a toolkit along.
fn assert_window(root: &CleanRoot) -> Result<()> {
    let window = format!("{LIBEXEC}/vaultwatch-window");
    let about = root.answer("stat", &["--format=%A %U %G", LIBEXEC, &window])?;
    assert_eq!(about, "drwxr-xr-x root root\n-rwxr-xr-x root root\n");
    let libraries = root.answer("ldd", &[&window])?;
    assert!(libraries.contains("libwebkit2gtk") && !libraries.contains("not found"), "{libraries}");
    let alone = root.answer(&window, &[]).expect_err("it shows what a watch tells").to_string();
    assert!(alone.contains("start `vaultwatch` instead"), "{alone}");
    let libraries = root.answer("ldd", &["/usr/bin/vaultwatch"])?;
    assert!(!libraries.contains("gtk") && !libraries.contains("webkit"), "{libraries}");
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
async fn the_deb_is_installed_used_upgraded_and_removed() -> Result<()> {
    the_app_is_installed_used_upgraded_and_removed(Format::Deb).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rpm_is_installed_used_upgraded_and_removed() -> Result<()> {
    the_app_is_installed_used_upgraded_and_removed(Format::Rpm).await
}

async fn the_app_is_installed_used_upgraded_and_removed(format: Format) -> Result<()> {
    let machine = Machine::new(format).await?;
    let Machine { desktop, feed, root, .. } = &machine;
    let before = root.files()?;
    let package = format.built("vaultwatch")?;
    format.install(root, &format.as_version(desktop.session(), &package, EARLIER, &[])?)?;
    assert_eq!(machine.version()?, EARLIER);
    assert_usable(root, &["vaultwatch", "vaultwatchctl"])?;
    assert_window(root)?;
    assert_eq!(format.verify(root, "vaultwatch")?, "");
    let brought = format.files(root, "vaultwatch")?;
    assert!(brought.contains("/usr/share/doc/vaultwatch/sbom.cdx.json\n"), "{brought}");
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
    format.install(root, &package)?;
    assert_eq!(machine.version()?, env!("CARGO_PKG_VERSION"));
    feed.send_vault(&Vault::critical("WHILE-UPGRADED"))?;
    machine.wait_for_alert("WHILE-UPGRADED").await?;
    // Its window is of its own version, whatever lies there by now.
    item.activate().await?;
    let window = desktop.windows().wait_for(TITLE, WindowState::Shown).await?;
    desktop.windows().close(&window)?;
    desktop.windows().wait_for_none(TITLE).await?;
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
    format.remove(root, "vaultwatch")?;
    let after = root.files()?;
    let own: Vec<_> = OWN.iter().map(|place| place.replacen('~', root.home(), 1)).collect();
    assert_same(&before, &after, &own);
    assert!(after.contains(&written));
    let cache = "/usr/share/icons/hicolor/icon-theme.cache";
    assert!(root.answer("grep", &["-q", "vaultwatch", cache]).is_err(), "the icons are forgotten");
    if format == Format::Deb {
        root.answer("apt-get", &["--yes", "purge", "vaultwatch"])?;
        assert_same(&after, &root.files()?, &[]);
    }

    // And all is there again for who comes back.
    format.install(root, &package)?;
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
async fn an_upgrade_brings_the_program_that_an_earlier_version_did_not_have() -> Result<()> {
    for format in [Format::Deb, Format::Rpm] {
        let desktop = Desktop::without_display()?;
        let root = CleanRoot::on(&desktop).await?;
        format.prepare(&root)?;
        let before = root.files()?;
        let package = format.built("vaultwatch")?;
        let session = desktop.session();
        let earlier = format.as_version(session, &package, EARLIER, &[LIBEXEC])?;
        format.install(&root, &earlier)?;
        assert!(!root.files()?.contains(LIBEXEC), "{format:?}: it is not what this is about");
        assert_usable(&root, &["vaultwatchctl"])?;

        format.install(&root, &package)?;
        assert_eq!(format.version(&root, "vaultwatch")?, env!("CARGO_PKG_VERSION"));
        assert_eq!(format.verify(&root, "vaultwatch")?, "");
        assert_window(&root)?;
        format.remove(&root, "vaultwatch")?;
        assert_same(&before, &root.files()?, &[]);
    }
    Ok(())
}

#[test]
fn an_rpm_asks_for_the_libraries_of_each_of_its_programs_and_for_few_packages() {
    for (name, programs, packages) in [
        (
            "vaultwatch",
            &["bin/vaultwatch", "bin/vaultwatchctl", "libexec/vaultwatch/vaultwatch-window"][..],
            ["ca-certificates", "tzdata"],
        ),
        ("vaultwatch-gateway", &["bin/vaultwatch-gateway"], ["ca-certificates", "systemd"]),
    ] {
        let package = Format::Rpm.built(name).unwrap();
        let requires = said(Command::new("rpm").args(["-q", "-p", "--requires"]).arg(&package));
        let requires: BTreeSet<_> = requires.lines().map(str::trim).collect();
        let folder = tempfile::tempdir().unwrap();
        let unpack = r#"rpm2archive -n - <"$1" | tar -x -C "$2""#;
        said(Command::new("sh").args(["-c", unpack, "sh"]).arg(&package).arg(folder.path()));
        let mut needed = BTreeSet::new();
        for program in programs {
            let path = folder.path().join("usr").join(program);
            // What the loader will look for.
            let headers = said(Command::new("readelf").args(["--dynamic", "--wide"]).arg(path));
            let lines = headers.lines().filter(|line| line.contains("(NEEDED)"));
            let names = lines.filter_map(|line| line.split(['[', ']']).nth(1));
            let names: Vec<_> = names.map(str::to_owned).collect();
            assert!(names.iter().any(|name| name == "libc.so.6"), "{program}: {headers}");
            needed.extend(names);
        }
        let is_of = |relation: &str, library: &str| {
            relation.strip_prefix(library).is_some_and(|rest| rest.starts_with('('))
        };
        for library in &needed {
            let is_asked = requires.iter().any(|relation| is_of(relation, library));
            assert!(is_asked, "{name}: {library} is not in {requires:?}");
        }
        let mut others = requires;
        others.retain(|relation| {
            let is_library = needed.iter().any(|library| is_of(relation, library));
            let is_rpms = relation.starts_with("rpmlib(") || relation.starts_with("rtld(");
            !is_library && !is_rpms && *relation != "/bin/sh"
        });
        assert_eq!(others, packages.into(), "{name}: what is called alike everywhere");
    }
}

fn said(command: &mut Command) -> String {
    let output = command.output().expect("it is installed");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it prints text")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateways_deb_is_installed_without_a_desktop_and_removed() -> Result<()> {
    the_gateway_is_installed_without_a_desktop_and_removed(Format::Deb).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateways_rpm_is_installed_without_a_desktop_and_removed() -> Result<()> {
    the_gateway_is_installed_without_a_desktop_and_removed(Format::Rpm).await
}

async fn the_gateway_is_installed_without_a_desktop_and_removed(format: Format) -> Result<()> {
    let desktop = Desktop::without_display()?;
    let root = CleanRoot::on(&desktop).await?;
    format.prepare(&root)?;
    let before = root.files()?;
    format.install(&root, &format.built("vaultwatch-gateway")?)?;
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

    match format {
        Format::Deb => {
            root.answer("apt-get", &["--yes", "purge", "vaultwatch-gateway"]).map(drop)?;
        }
        Format::Rpm => format.remove(&root, "vaultwatch-gateway")?,
    }
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
        let package = Format::Deb.built(name).unwrap();
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
