//! What is in each package, and what is said of it.
//!
//! The app's is in `tauri.conf.json`, where Tauri's own tool looks for it as well. The gateway's is here: a server needs
//! no desktop, so it is a package of its own.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use super::desktop_entry;
use crate::workspace;

/// About the app, for software centers.
pub(crate) const METADATA: &str = "packaging/linux/app.vaultwatch.desktop.metainfo.xml";

/// Who answers for the packages.
pub(crate) const MAINTAINER: &str = "The VaultWatch developers";

/// Of the programs; what is linked into them has its own.
pub(crate) const LICENCE: &str = "MIT OR Apache-2.0";

#[derive(Debug)]
pub(crate) struct Recipe {
    /// The package's name.
    pub(crate) name: &'static str,
    /// One line, which does not begin with the name.
    pub(crate) summary: String,
    /// Paragraphs.
    pub(crate) description: Vec<String>,
    /// Where Debian's lists have it.
    pub(crate) section: &'static str,
    pub(crate) programs: &'static [Program],
    /// Path on the user's machine → where its text is taken from.
    pub(crate) files: BTreeMap<String, Source>,
    pub(crate) scripts: Scripts,
    pub(crate) debian: Needs,
    pub(crate) red_hat: Needs,
}

/// Where programs lie that people start.
const BIN: &str = "/usr/bin";

/// Where those lie that the app starts.
pub(crate) const LIBEXEC: &str = "/usr/libexec/vaultwatch";

/// A program of this workspace.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) binary: &'static str,
    /// By cargo's name.
    pub(crate) package: &'static str,
    /// On the user's machine.
    pub(crate) folder: &'static str,
}

impl Program {
    /// On the user's machine.
    pub(crate) fn path(&self) -> String {
        format!("{}/{}", self.folder, self.binary)
    }
}

/// Whether what lies there on the user's machine is run.
pub(crate) fn is_program(path: &str) -> bool {
    let folder = path.rsplit_once('/').map(|(folder, _)| folder);
    folder.is_some_and(|folder| [BIN, LIBEXEC].contains(&folder))
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A path in the repository.
    File(String),
    Text(String),
}

/// What runs as root on the user's machine: paths in the repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Scripts {
    pub(crate) after_install: Option<String>,
    pub(crate) before_remove: Option<String>,
    pub(crate) after_remove: Option<String>,
}

/// Other packages, beyond the shared libraries of the programs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// It does not work without.
    pub(crate) depends: Vec<String>,
    /// It can do more with.
    pub(crate) recommends: Vec<String>,
}

/// Every package there is.
pub(crate) fn all() -> Result<Vec<Recipe>> {
    Ok(vec![app()?, gateway()])
}

/// The app and the command line.
pub(crate) fn app() -> Result<Recipe> {
    let tauri = tauri()?;
    let bundle = &tauri["bundle"];
    let linux = &bundle["linux"]["deb"];
    let mut files = BTreeMap::new();
    for (path, source) in linux["files"].as_object().context("bundle.linux.deb.files")? {
        let source = source.as_str().context("a file's source is no text")?;
        files.insert(path.clone(), Source::File(source.to_owned()));
    }
    files.extend(icons(bundle)?);
    let entry = format!("/usr/share/applications/{}.desktop", text(&tauri, "productName")?);
    files.insert(entry, Source::Text(desktop_entry::fill(&tauri)?));
    let script = |name: &str| linux[name].as_str().map(str::to_owned);
    let summary = text(bundle, "shortDescription")?;
    Ok(Recipe {
        name: "vaultwatch",
        summary,
        description: paragraphs(&text(bundle, "longDescription")?),
        section: "misc",
        programs: &[
            Program { binary: "vaultwatch", package: "vaultwatch", folder: BIN },
            Program { binary: "vaultwatchctl", package: "vaultwatchctl", folder: BIN },
            Program { binary: "vaultwatch-window", package: "vaultwatch", folder: LIBEXEC },
        ],
        files,
        scripts: Scripts {
            after_install: script("postInstallScript"),
            before_remove: script("preRemoveScript"),
            after_remove: script("postRemoveScript"),
        },
        debian: needs(linux)?,
        red_hat: needs(&bundle["linux"]["rpm"])?,
    })
}

/// The gateway alone, with its unit and its user.
fn gateway() -> Recipe {
    let examples = "/usr/share/doc/vaultwatch-gateway/examples";
    let files = [
        (
            "/usr/lib/systemd/system/vaultwatch-gateway.service".to_owned(),
            "packaging/systemd/vaultwatch-gateway.service",
        ),
        (
            "/usr/lib/sysusers.d/vaultwatch-gateway.conf".to_owned(),
            "packaging/sysusers.d/vaultwatch-gateway.conf",
        ),
        (format!("{examples}/gateway.env"), "packaging/systemd/gateway.env"),
        (format!("{examples}/alerts.toml"), "packaging/systemd/alerts.toml"),
    ];
    let script = |name: &str| Some(format!("packaging/gateway/{name}.sh"));
    Recipe {
        name: "vaultwatch-gateway",
        summary: "Hands messages about credit vaults from publishers to watchers".into(),
        description: paragraphs(
            "A WebSocket server that keeps what publishers say in one ordered log, in memory, in SQLite or on NATS \
             JetStream, and hands it to VaultWatch on any number of desktops, which resume without loss.\n\n\
             It comes with a systemd unit, which is neither enabled nor started.",
        ),
        section: "net",
        programs: &[Program { binary: "vaultwatch-gateway", package: "gateway", folder: BIN }],
        files: files.map(|(path, source)| (path, Source::File(source.to_owned()))).into(),
        scripts: Scripts {
            after_install: script("after-install"),
            before_remove: script("before-remove"),
            after_remove: script("after-remove"),
        },
        debian: Needs {
            // Its user is made by the second, wherever it comes from.
            depends: [
                "ca-certificates",
                "systemd | systemd-standalone-sysusers | systemd-sysusers",
            ]
            .map(str::to_owned)
            .into(),
            recommends: Vec::new(),
        },
        red_hat: Needs {
            depends: ["ca-certificates", "systemd"].map(str::to_owned).into(),
            recommends: Vec::new(),
        },
    }
}

/// Tauri's configuration of the app.
pub(crate) fn tauri() -> Result<Value> {
    let text = fs::read_to_string(workspace::root().join("tauri.conf.json"))?;
    serde_json::from_str(&text).context("tauri.conf.json")
}

/// The text of that key.
pub(crate) fn text(value: &Value, key: &str) -> Result<String> {
    let text = value[key].as_str();
    Ok(text.with_context(|| format!("tauri.conf.json has no {key}"))?.to_owned())
}

/// The drawings of the app in each size, where desktops look for them.
fn icons(bundle: &Value) -> Result<BTreeMap<String, Source>> {
    let mut found = BTreeMap::new();
    let sources = bundle["icon"].as_array().context("bundle.icon")?.iter();
    for source in sources.filter_map(Value::as_str).filter(|path| path.ends_with(".png")) {
        let image = fs::read(workspace::root().join(source)).with_context(|| source.to_owned())?;
        let (width, height) = size(&image).with_context(|| format!("{source} is no PNG"))?;
        let path = format!("/usr/share/icons/hicolor/{width}x{height}/apps/vaultwatch.png");
        found.insert(path, Source::File(source.to_owned()));
    }
    Ok(found)
}

/// Width and height of a PNG, which stand behind its signature and the name of the first chunk.
fn size(png: &[u8]) -> Option<(u32, u32)> {
    let header = png.strip_prefix(b"\x89PNG\r\n\x1a\n")?.get(4..)?.strip_prefix(b"IHDR")?;
    let number = |at: usize| Some(u32::from_be_bytes(header.get(at..at + 4)?.try_into().ok()?));
    Some((number(0)?, number(4)?))
}

fn needs(format: &Value) -> Result<Needs> {
    let list = |key: &str| -> Result<Vec<String>> {
        let entries = format[key].as_array().into_iter().flatten();
        entries.map(|entry| Ok(entry.as_str().context("a package's name")?.to_owned())).collect()
    };
    Ok(Needs { depends: list("depends")?, recommends: list("recommends")? })
}

fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n").map(|paragraph| paragraph.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_take_the_same_from_tauris_configuration() {
        let tauri = tauri().unwrap();
        let linux = &tauri["bundle"]["linux"];
        let keys = ["desktopTemplate", "postInstallScript", "postRemoveScript", "files"];
        for key in keys {
            assert_eq!(linux["deb"][key], linux["rpm"][key], "{key}");
        }
        assert_eq!(MAINTAINER, tauri["bundle"]["publisher"]);
        assert_eq!(LICENCE, tauri["bundle"]["license"]);
    }

    #[test]
    fn what_a_recipe_names_is_there_once() {
        let mut paths = BTreeMap::new();
        for recipe in all().unwrap() {
            assert!(!recipe.summary.ends_with('.') && recipe.summary.len() < 80, "{recipe:?}");
            assert!(recipe.description.iter().all(|paragraph| !paragraph.contains('\n')));
            let Scripts { after_install, before_remove, after_remove } = &recipe.scripts;
            let scripts = [after_install, before_remove, after_remove].into_iter().flatten();
            let files = recipe.files.iter().filter_map(|(path, source)| match source {
                Source::File(source) => Some((path.clone(), source.clone())),
                Source::Text(_) => None,
            });
            for (path, source) in files {
                assert!(workspace::root().join(&source).is_file(), "{source}");
                assert!(path.starts_with("/usr/"), "{path}");
                assert_eq!(paths.insert(path, recipe.name), None, "in two packages");
            }
            for script in scripts {
                assert!(workspace::root().join(script).is_file(), "{script}");
            }
        }
    }

    #[test]
    fn what_people_start_is_on_their_path_and_the_window_is_not() {
        let paths: Vec<_> = app().unwrap().programs.iter().map(Program::path).collect();
        let window = "/usr/libexec/vaultwatch/vaultwatch-window";
        assert_eq!(paths, ["/usr/bin/vaultwatch", "/usr/bin/vaultwatchctl", window]);
        assert!(paths.iter().all(|path| is_program(path)));
        let entry = "/usr/share/applications/VaultWatch.desktop";
        for text in [entry, "/usr/bin", "/usr/bin/x/y", "/usr/libexec/other/x", "vaultwatch"] {
            assert!(!is_program(text), "{text}");
        }
    }

    #[test]
    fn an_icon_lies_where_its_size_belongs() {
        let app = app().unwrap();
        for size in ["32x32", "128x128", "256x256", "512x512"] {
            let path = format!("/usr/share/icons/hicolor/{size}/apps/vaultwatch.png");
            assert!(app.files.contains_key(&path), "{path}: {:?}", app.files.keys());
        }
        assert!(app.files.contains_key("/usr/share/icons/hicolor/scalable/apps/vaultwatch.svg"));
        assert_eq!(size(b"GIF89a"), None);
    }

    #[cfg(unix)]
    #[test]
    fn the_scripts_run_where_nothing_is_installed() {
        use std::process::Command;
        for recipe in all().unwrap() {
            let Scripts { after_install, before_remove, after_remove } = recipe.scripts;
            for script in [after_install, before_remove, after_remove].into_iter().flatten() {
                for word in ["configure", "upgrade", "remove", "purge", "0", "1"] {
                    // Without anything to call, so that nothing happens to this machine.
                    let mut shell = Command::new("/bin/sh");
                    shell
                        .env("PATH", "/nonexistent")
                        .arg(workspace::root().join(&script))
                        .arg(word);
                    let ran = shell.output().unwrap();
                    assert!(ran.status.success(), "{script} {word}: {ran:?}");
                }
            }
        }
    }
}
