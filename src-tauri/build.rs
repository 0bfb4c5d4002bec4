//! Generates the Tauri context's inputs: one permission per command, and a page to embed; and what the shell
//! tells people.

use std::{fs, io, path::Path};

/// The commands of the bridge. Each gets an `allow-…` permission that `capabilities/main.json` grants, so a command
/// that is registered but not listed here cannot be called from the page.
const COMMANDS: &[&str] = &[
    "attach",
    "acknowledge_batch",
    "look_at",
    "vault_detail",
    "explain",
    "notifications",
    "mark_read",
    "mark_all_read",
    "dismiss",
    "put_back",
    "acknowledge",
    "unacknowledge",
    "snooze",
    "unsnooze",
    "snooze_all",
    "false_alarm",
    "test_critical",
    "set_preferences",
    "alert_origin",
    "export_notifications",
    "set_theme",
    "report_panic",
    "take_target",
    "export_diagnostics",
    "autostart",
    "set_autostart",
    "channels",
    "test_channel",
    "test_sound",
    "vault_history",
    "open_explorer",
    "export_plot",
    "profiles",
    "add_profile",
    "rename_profile",
    "change_profile",
    "remove_profile",
    "profile_kept",
    "rules",
    "check_rules",
    "change_rules",
    "undo_rules",
    "dry_run_rule",
    "keep_view",
    "what_if",
    "find_vaults",
    "price_trends",
    "system",
    "connection_events",
    "check_address",
    "config",
    "change_config",
    "undo_config",
    "set_token",
    "keys",
    "import_key",
    "change_key",
];

/// Where the window is built, as in `tauri.conf.json`.
const DIST: &str = "src-ui/dist";
/// Of the package, which is the folder above.
const LOCALES: &str = "src-tauri/locales";

fn main() {
    ensure_page(Path::new(DIST)).expect("src-ui/dist can be written");
    // The macro that embeds the page does not follow its files, so a rebuilt window would otherwise not reach the
    // binary.
    println!("cargo:rerun-if-changed={DIST}");

    link_small();

    if let Err(fault) = compile_words() {
        eprintln!("{fault}");
        std::process::exit(1);
    }

    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo:warning={error:#}");
        std::process::exit(1);
    }
}

/// Compiles what the shell tells people, `locales/<language>/<room>.ftl`, to functions.
fn compile_words() -> Result<(), catalogue::Fault> {
    println!("cargo:rerun-if-changed={LOCALES}");
    let source = catalogue::compile(Path::new(LOCALES), catalogue::Style::Core)?;
    let folder = std::env::var_os("OUT_DIR").ok_or(catalogue::Fault::NoFolder)?;
    let path = Path::new(&folder).join("words.rs");
    fs::write(&path, source).map_err(|source| catalogue::Fault::Unwritable { path, source })
}

/// Packs relocations, of which a position-independent program with many tables of functions has most of a megabyte, and
/// keeps functions of the same code once. The loader has to know of the former: glibc 2.36.
fn link_small() {
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|set| set == value);
    if is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && is("PROFILE", "release")
    {
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        // There rustc brings a linker of its own, which knows this; elsewhere it is the system's.
        if is("CARGO_CFG_TARGET_ARCH", "x86_64") {
            println!("cargo:rustc-link-arg-bins=-Wl,--icf=all");
        }
    }
}

/// Tauri refuses to compile without the folder it embeds. A page that says so lets `cargo check` and the tests of
/// the shell work before the window was ever built, and goes with that.
fn ensure_page(dist: &Path) -> io::Result<()> {
    let page = dist.join("index.html");
    if page.exists() {
        return Ok(());
    }
    fs::create_dir_all(dist)?;
    fs::write(
        page,
        "<!doctype html><meta charset=utf-8><title>VaultWatch</title>\
         <p>The window was not built. Run <code>cargo xtask build</code>.</p>\n",
    )
}
