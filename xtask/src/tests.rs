//! Every test there is.

use std::{env, fs, process::Command};

use anyhow::Result;

use crate::{
    build::{self, Profile},
    bundle,
    command::{answer, cargo, command, run},
    lint,
    setup::{self, Purpose},
    step::{note, step},
    tools, ui, workspace,
};

/// Sets up, lints, and runs the tests of the crates, the examples in their documentation, and those on the real
/// binary.
pub(crate) fn all() -> Result<()> {
    setup::ensure(Purpose::Test)?;
    lint::check()?;
    ui::build()?;
    step("testing the crates", || run(nextest("not package(e2e)").args(["--no-tests", "warn"])))?;
    in_the_browser()?;
    step("testing the examples in the documentation", || {
        // Of the whole workspace, too: the few crates that have some would be built a second time.
        run(&mut cargo(&["test", "--quiet", "--doc", "--workspace"]))
    })?;
    on_the_real_binary(&[])
}

/// The window in Chromium, against its recorded backend.
fn in_the_browser() -> Result<()> {
    step("testing the window in a browser", || {
        let mut tests = cargo(&[
            "test",
            "-p",
            "vaultwatch-ui",
            "--target",
            tools::WASM,
            "--features",
            "recorded",
            "--test",
            "window",
        ]);
        // Comes with wasm-bindgen's own program, in the version that the library wants.
        tests.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner");
        tests.env("CHROMEDRIVER", "/usr/bin/chromedriver").env("WASM_BINDGEN_TEST_TIMEOUT", "180");
        run(&mut tests)
    })
}

/// Sets up and runs only the tests on the real binary.
pub(crate) fn end_to_end(args: &[String]) -> Result<()> {
    setup::ensure(Purpose::Test)?;
    on_the_real_binary(args)
}

/// The tests themselves are built for development, which is quick; what they start is the release that users get.
fn on_the_real_binary(args: &[String]) -> Result<()> {
    build::binaries(Profile::Release)?;
    let binaries = workspace::target().join("release");
    let screenshots = workspace::target().join("screenshots");
    fs::create_dir_all(&screenshots)?;
    let window = ui::build_recorded()?;
    let installing = bundle::for_installing()?;
    step("testing the real binary", || {
        let mut filter = "package(e2e)".to_owned();
        if installing.is_none() {
            filter.push_str(" - binary(installed)");
        }
        if !compositor_may_start() {
            filter.push_str(" - binary(wayland)");
            note(
                "SKIPPED: the tests under Wayland: root may not be somebody else here (unshare --user)",
            );
        }
        let mut tests = nextest(&filter);
        // A developer's own settings must not reach the app under test.
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("VAULTWATCH_") {
                tests.env_remove(&name);
            }
        }
        tests.env("VAULTWATCH_BIN_DIR", &binaries).env("VAULTWATCH_SCREENSHOTS", &screenshots);
        tests.env("VAULTWATCH_UI_DIR", &window);
        if let Some((packages, root)) = &installing {
            tests.env("VAULTWATCH_PACKAGES", packages).env("VAULTWATCH_CLEAN_ROOT", root);
        }
        run(tests.args(args))
    })?;
    note(&format!("screenshots: {}", screenshots.display()));
    Ok(())
}

/// Sway refuses to be root, so that its tests make it somebody else; some containers do not let them.
fn compositor_may_start() -> bool {
    let user = answer(command("id").arg("-u"));
    let mut unshare = command("unshare");
    unshare.args(["--user", "--map-user=1000", "--map-group=1000", "true"]);
    user.is_some_and(|user| user.trim() != "0") || answer(&mut unshare).is_some()
}

/// Always the same selection of packages, the window's pure parts included, with the tests picked by a filter: selecting other packages would resolve
/// other features of their common dependencies, and build those a second time.
fn nextest(filter: &str) -> Command {
    cargo(&["nextest", "run", "--workspace", "-E", filter])
}
