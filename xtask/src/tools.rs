//! Tools that cargo and rustup install: which version, and how to tell whether it is there.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, bail};

use crate::{
    command::{answer, cargo, command, exists, run},
    step::{note, step},
    workspace,
};

pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Trunk 0.22 wants a newer compiler than this workspace.
const TRUNK: &str = "0.21.14";

/// A command-line program from the registry.
#[derive(Debug)]
pub(crate) struct Tool {
    package: &'static str,
    /// The arguments that make it print its version, program first.
    probe: &'static [&'static str],
    version: Version,
    lock: Lock,
}

#[derive(Debug)]
enum Version {
    Any,
    Exactly(String),
}

/// Which versions of its own dependencies a tool is built with.
#[derive(Debug, Clone, Copy)]
enum Lock {
    Published,
    Newest,
}

/// What building the window needs.
pub(crate) fn build() -> Result<Vec<Tool>> {
    Ok(vec![Tool {
        package: "wasm-bindgen-cli",
        probe: &["wasm-bindgen", "--version"],
        // The program and the library talk over a format that changes with every release.
        version: Version::Exactly(locked_version("wasm-bindgen")?),
        lock: Lock::Newest,
    }])
}

/// What serving the window to whoever works on it needs besides.
pub(crate) fn serve() -> Vec<Tool> {
    vec![Tool {
        package: "trunk",
        probe: &["trunk", "--version"],
        version: Version::Exactly(TRUNK.into()),
        lock: Lock::Published,
    }]
}

/// What checking the dependencies needs.
pub(crate) fn lint() -> Vec<Tool> {
    vec![Tool {
        package: "cargo-deny",
        probe: &["cargo-deny", "--version"],
        version: Version::Any,
        lock: Lock::Published,
    }]
}

/// What running the tests needs.
pub(crate) fn test() -> Vec<Tool> {
    vec![Tool {
        package: "cargo-nextest",
        probe: &["cargo-nextest", "nextest", "--version"],
        version: Version::Any,
        lock: Lock::Published,
    }]
}

/// What fuzzing needs.
pub(crate) fn fuzz() -> Vec<Tool> {
    vec![Tool {
        package: "cargo-fuzz",
        probe: &["cargo-fuzz", "--version"],
        version: Version::Any,
        lock: Lock::Published,
    }]
}

/// Installs those that are missing or of another version.
pub(crate) fn ensure(tools: &[Tool]) -> Result<()> {
    let mut installed_any = false;
    for tool in tools {
        match tool.present() {
            Some(version) if tool.version.accepts(&version) => {
                note(&format!("{} {version}: there", tool.package));
            }
            other => {
                tool.install(other.as_deref())?;
                installed_any = true;
            }
        }
    }
    if installed_any {
        // Shared by the tools while they are built, a waste of a gigabyte afterwards.
        let scratch = scratch();
        fs::remove_dir_all(&scratch)
            .with_context(|| format!("{} cannot be removed", scratch.display()))?;
    }
    Ok(())
}

/// Adds the compiler's standard library for the window.
pub(crate) fn ensure_wasm_target() -> Result<()> {
    let sysroot = answer(command("rustc").args(["--print", "sysroot"]))
        .context("`rustc --print sysroot` failed: is a Rust toolchain on PATH?")?;
    let library = PathBuf::from(sysroot.trim()).join("lib/rustlib").join(WASM);
    if library.exists() {
        note(&format!("{WASM}: there"));
        return Ok(());
    }
    if !exists("rustup") {
        bail!(
            "the standard library for {WASM} is missing, and without rustup it cannot be added from here: \
             install it with the package manager the compiler came from (Debian: libstd-rust-dev-wasm32)"
        );
    }
    step(&format!("adding the {WASM} target"), || {
        run(command("rustup").args(["target", "add", WASM]))
    })
}

/// Adds rustfmt and clippy, which rustup's minimal profile leaves out.
pub(crate) fn ensure_components() -> Result<()> {
    for component in ["rustfmt", "clippy"] {
        let subcommand = if component == "rustfmt" { "fmt" } else { component };
        if answer(&mut cargo(&[subcommand, "--version"])).is_some() {
            continue;
        }
        step(&format!("adding {component}"), || {
            run(command("rustup").args(["component", "add", component]))
        })?;
    }
    Ok(())
}

impl Tool {
    fn present(&self) -> Option<String> {
        let (program, args) = self.probe.split_first()?;
        let printed = answer(command(program).args(args))?;
        version_in(&printed).map(str::to_owned)
    }

    fn install(&self, present: Option<&str>) -> Result<()> {
        let wanted = match &self.version {
            Version::Any => "any version",
            Version::Exactly(version) => version,
        };
        let found = present.unwrap_or("none");
        let what = format!(
            "installing {} with cargo (wanted: {wanted}, found: {found}); this takes minutes, once",
            self.package
        );
        step(&what, || {
            let mut install = cargo(&["install", self.package, "--force"]);
            if let Version::Exactly(version) = &self.version {
                install.args(["--version", version]);
            }
            if let Lock::Published = self.lock {
                install.arg("--locked");
            }
            // One folder for all of them, so that common dependencies are built once and an interrupted
            // installation goes on where it stopped. They wait for files and for the compiler, not for the processor,
            // so the time goes into building them quickly rather than into making them quick.
            install.arg("--target-dir").arg(scratch()).envs([
                ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
                ("CARGO_PROFILE_RELEASE_LTO", "off"),
                ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
                ("CARGO_PROFILE_RELEASE_DEBUG", "false"),
            ]);
            // From outside the workspace, whose configuration is meant for the app.
            install.current_dir(std::env::temp_dir());
            run(&mut install)
        })?;
        match self.present() {
            Some(version) if self.version.accepts(&version) => Ok(()),
            found => bail!(
                "{} was installed, but `{}` answers with {}: another copy comes first on PATH, or cargo's bin \
                 folder (~/.cargo/bin) is not on it",
                self.package,
                self.probe.join(" "),
                found.as_deref().unwrap_or("nothing")
            ),
        }
    }
}

impl Version {
    fn accepts(&self, present: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(wanted) => present == wanted,
        }
    }
}

fn scratch() -> PathBuf {
    workspace::target().join("tools-build")
}

/// The first word of a program's answer that looks like a version: `trunk 0.21.14` gives `0.21.14`.
fn version_in(printed: &str) -> Option<&str> {
    printed
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.'))
}

fn locked_version(package: &str) -> Result<String> {
    let path = workspace::root().join("Cargo.lock");
    let lock =
        fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    version_in_lock(&lock, package)
        .map(str::to_owned)
        .with_context(|| format!("Cargo.lock names no {package}: does src-ui depend on it?"))
}

/// Cargo writes `name` and `version` of a package on two lines that follow each other.
fn version_in_lock<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let mut lines = lock.lines();
    lines.find(|line| line.strip_prefix("name = ").map(unquote) == Some(package))?;
    lines.next()?.strip_prefix("version = ").map(unquote)
}

fn unquote(text: &str) -> &str {
    text.trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_comes_from_the_package_of_exactly_that_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-shared\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in_lock(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(version_in_lock(lock, "wasm"), None);
    }

    #[test]
    fn version_is_found_in_what_the_tools_print() {
        assert_eq!(version_in("trunk 0.21.14\n"), Some("0.21.14"));
        assert_eq!(version_in("cargo-nextest 0.9.143 (60fa45f63 2026-08-04)"), Some("0.9.143"));
        assert_eq!(version_in("no version here"), None);
    }
}
