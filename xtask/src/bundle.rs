//! Packages for Debian and Red Hat, made by the Tauri CLI.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    build,
    build::Profile,
    command,
    step::{note, step},
    workspace,
};

/// The CLI of the line the app is built with, prebuilt from npm: compiling it takes a quarter of an hour.
const TAURI_CLI: &str = "@tauri-apps/cli@2.12";

/// What is in the package beside the app, each a program of this workspace.
const PROGRAMS: &[&str] = &["vaultwatchctl", "vaultwatch-gateway"];

pub(crate) fn run() -> Result<()> {
    let npx = if cfg!(windows) { "npx.cmd" } else { "npx" };
    if !command::exists(npx) {
        bail!(
            "npx is missing, which brings the Tauri CLI: install Node.js (Debian: apt-get install npm)"
        );
    }
    build::build(Profile::Release)?;
    let release = workspace::target().join("release");
    step("bundling", || {
        let mut cli = command::command(npx);
        cli.args(["--yes", TAURI_CLI, "build", "--bundles", "deb,rpm"]);
        cli.args(["--config", &config(&release), "--features", "custom-protocol"]);
        command::run(&mut cli)
    })?;
    step("looking into the package", || {
        let deb = newest(&release.join("bundle/deb"), "deb")?;
        look_into(&deb)
    })
}

/// What goes over `tauri.conf.json`: the window is built already, and by a Trunk that is told to stay offline; and where
/// the other programs were built to is known only here.
fn config(release: &Path) -> String {
    let files = PROGRAMS.iter().map(|name| {
        // Rust and JSON quote the characters of paths alike.
        format!("\"/usr/bin/{name}\":{:?}", release.join(name))
    });
    let files = files.collect::<Vec<_>>().join(",");
    format!(
        r#"{{"build":{{"beforeBuildCommand":null}},"bundle":{{"linux":{{"deb":{{"files":{{{files}}}}},"rpm":{{"files":{{{files}}}}}}}}}}}"#
    )
}

/// What every package has to have: the bundler leaves out without a word what it is told under a wrong name.
const EXPECTED: &[&str] = &[
    "/usr/bin/vaultwatch",
    "/usr/bin/vaultwatchctl",
    "/usr/bin/vaultwatch-gateway",
    "/usr/share/applications/VaultWatch.desktop",
    "/usr/share/icons/hicolor/128x128/apps/vaultwatch.png",
    "/usr/share/icons/hicolor/scalable/apps/vaultwatch.svg",
    "/usr/share/metainfo/app.vaultwatch.desktop.metainfo.xml",
    "/usr/lib/systemd/system/vaultwatch-gateway.service",
    "/usr/lib/sysusers.d/vaultwatch-gateway.conf",
];

fn look_into(deb: &Path) -> Result<()> {
    let size = fs::metadata(deb)?.len();
    note(&format!("{:>6.1} MB  {}", size as f64 / 1e6, deb.display()));
    let listing = command::answer(command::command("dpkg-deb").arg("--contents").arg(deb));
    let Some(listing) = listing else {
        note("no dpkg-deb here: what is in it was not looked at");
        return Ok(());
    };
    let missing = missing(&listing);
    ensure!(missing.is_empty(), "the package lacks {}", missing.join(", "));
    Ok(())
}

/// What is not among the lines of a listing, which each end with a path; with or without the dot of an archive.
fn missing(listing: &str) -> Vec<&'static str> {
    let has = |path: &str| {
        listing.lines().filter_map(|line| line.split_whitespace().last()).any(|listed| {
            listed.trim_start_matches('.').trim_start_matches('/') == path.trim_start_matches('/')
        })
    };
    EXPECTED.iter().copied().filter(|path| !has(path)).collect()
}

fn newest(folder: &Path, extension: &str) -> Result<PathBuf> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let files = entries.flatten().map(|entry| entry.path());
    let files = files.filter(|path| path.extension().is_some_and(|is| is == extension));
    files
        .max_by_key(|path| path.metadata().and_then(|about| about.modified()).ok())
        .with_context(|| format!("the bundler left no .{extension} in {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::process::Command;

    use serde_json::Value;

    use super::*;

    fn read(path: &str) -> String {
        fs::read_to_string(workspace::root().join(path)).unwrap()
    }

    fn tauri() -> Value {
        serde_json::from_str(&read("tauri.conf.json")).unwrap()
    }

    /// As the bundler fills the template.
    fn desktop_file() -> String {
        let tauri = tauri();
        let mut text = read("packaging/linux/vaultwatch.desktop.hbs");
        for (name, value) in [
            ("name", tauri["productName"].as_str().unwrap()),
            ("comment", tauri["bundle"]["shortDescription"].as_str().unwrap()),
            ("exec", tauri["mainBinaryName"].as_str().unwrap()),
            ("icon", tauri["mainBinaryName"].as_str().unwrap()),
            ("categories", "Office;Finance;"),
        ] {
            text = text.replace(&format!("{{{{{name}}}}}"), value);
        }
        assert!(!text.contains("{{"), "{text}");
        text
    }

    #[test]
    fn what_the_packages_take_is_there_and_both_take_the_same() {
        let linux = &tauri()["bundle"]["linux"];
        let (deb, rpm) = (&linux["deb"], &linux["rpm"]);
        for key in ["desktopTemplate", "postInstallScript", "preRemoveScript", "postRemoveScript"] {
            assert_eq!(deb[key], rpm[key], "{key}");
            assert!(workspace::root().join(deb[key].as_str().unwrap()).is_file(), "{key}");
        }
        assert_eq!(deb["files"], rpm["files"]);
        for (_, source) in deb["files"].as_object().unwrap() {
            assert!(workspace::root().join(source.as_str().unwrap()).is_file(), "{source}");
        }
    }

    #[test]
    fn what_is_laid_over_the_configuration_is_json_and_brings_the_programs() {
        let laid: Value = serde_json::from_str(&config(Path::new("/a \"b\"/release"))).unwrap();
        assert!(laid["build"]["beforeBuildCommand"].is_null());
        for kind in ["deb", "rpm"] {
            let files = &laid["bundle"]["linux"][kind]["files"];
            assert_eq!(files["/usr/bin/vaultwatchctl"], "/a \"b\"/release/vaultwatchctl");
        }
    }

    #[test]
    fn a_package_that_lacks_something_is_noticed() {
        let line = |path: &&str| format!("-rw-r--r-- 0/0 1 2026-11-26 12:00 .{path}\n");
        let whole: String = EXPECTED.iter().map(line).collect();
        assert_eq!(missing(&whole), [""; 0]);
        assert_eq!(missing(&whole.replace("./usr", "usr")), [""; 0]);
        let less: String = EXPECTED[1..].iter().map(line).collect();
        assert_eq!(missing(&less), ["/usr/bin/vaultwatch"]);
    }

    #[test]
    fn the_desktop_file_is_one_and_every_action_is_there() {
        let text = desktop_file();
        let mut groups: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
        let mut group = "";
        for line in text.lines().filter(|line| !line.is_empty()) {
            match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                Some(name) => group = name,
                None => {
                    let (key, value) = line.split_once('=').unwrap();
                    assert!(
                        groups.entry(group).or_default().insert(key, value).is_none(),
                        "{line}"
                    );
                }
            }
        }
        let entry = &groups["Desktop Entry"];
        assert_eq!(entry["Exec"], "vaultwatch %u");
        assert_eq!(entry["MimeType"], "x-scheme-handler/vaultwatch;");
        let actions: Vec<_> = entry["Actions"].split_terminator(';').collect();
        assert_eq!(actions.len() + 1, groups.len());
        for action in actions {
            let group = &groups[format!("Desktop Action {action}").as_str()];
            assert!(group["Exec"].starts_with("vaultwatch ") && !group["Name"].is_empty());
        }

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("VaultWatch.desktop");
        fs::write(&path, &text).unwrap();
        let Ok(judged) = Command::new("desktop-file-validate").arg(path).output() else {
            eprintln!("no desktop-file-validate here: the desktop file was not validated");
            return;
        };
        let said = String::from_utf8_lossy(&judged.stdout);
        assert!(judged.status.success() && said.is_empty(), "{said}");
    }

    #[test]
    fn the_metadata_are_valid_and_about_this_version_and_file() {
        const PATH: &str = "packaging/linux/app.vaultwatch.desktop.metainfo.xml";
        let text = read(PATH);
        let tauri = tauri();
        let product = tauri["productName"].as_str().unwrap();
        for part in [
            format!("<id>{}</id>", tauri["identifier"].as_str().unwrap()),
            format!("<launchable type=\"desktop-id\">{product}.desktop</launchable>"),
            format!("<summary>{}</summary>", tauri["bundle"]["shortDescription"].as_str().unwrap()),
            format!("<release version=\"{}\"", env!("CARGO_PKG_VERSION")),
        ] {
            assert!(text.contains(&part), "{part}");
        }
        let mut judge = Command::new("appstreamcli");
        judge.args(["validate", "--no-net"]).arg(workspace::root().join(PATH));
        let Ok(judged) = judge.output() else {
            eprintln!("no appstreamcli here: the metadata were not validated");
            return;
        };
        assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stdout));
    }

    #[cfg(unix)]
    #[test]
    fn the_scripts_run_where_nothing_is_installed() {
        for name in ["after-install", "before-remove", "after-remove"] {
            let path = workspace::root().join(format!("packaging/linux/{name}.sh"));
            for word in ["configure", "upgrade", "remove", "purge", "0", "1"] {
                // Without anything to call, so that nothing happens to this machine.
                let mut shell = Command::new("/bin/sh");
                shell.env("PATH", "/nonexistent").arg(&path).arg(word);
                let ran = shell.output().unwrap();
                assert!(ran.status.success(), "{name} {word}: {ran:?}");
            }
        }
    }
}
