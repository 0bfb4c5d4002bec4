//! The crates that are linked into the programs, and which of them needs which.
//!
//! Cargo resolves the features of all programs together when it builds them together; so they are asked about together,
//! with the words that build them. What runs only while compiling (build scripts, macros, tests) is not shipped.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::command::{cargo, output};
use crate::{build, tools, ui, workspace};

/// The window, which is a program of its own and part of the app.
const WINDOW: &str = "vaultwatch-ui";
const APP: &str = "vaultwatch";

/// Name and version.
pub(crate) type Key = (String, String);

/// What is known of a crate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Crate {
    /// An SPDX expression.
    pub(crate) licence: Option<String>,
    /// Relative to its folder; where it is not one of the usual names.
    pub(crate) licence_file: Option<String>,
    pub(crate) authors: Vec<String>,
    pub(crate) repository: Option<String>,
    /// Its source.
    pub(crate) folder: PathBuf,
    /// SHA-256 of what the registry has; `None` for ours.
    pub(crate) checksum: Option<String>,
    /// What it links in turn.
    pub(crate) needs: BTreeSet<Key>,
}

/// Crates and what they need.
#[derive(Debug, Default)]
pub(crate) struct Graph(BTreeMap<Key, Crate>);

impl Graph {
    /// What `cargo xtask build --release` links.
    pub(crate) fn of_the_release() -> Result<Self> {
        let mut edges = BTreeMap::new();
        let mut programs = cargo(&["tree", "--locked"]);
        programs.args(build::SHIPPED).args(["-e", "normal,no-proc-macro"]);
        programs.args(["--prefix", "depth", "--format", "{p}"]);
        collect(&output(&mut programs)?, &mut edges)?;
        let mut window = cargo(&["tree", "--locked", "-p", WINDOW, "--target", tools::WASM]);
        window.args(["--features", ui::SHIPPED]);
        window.args(["-e", "normal,no-proc-macro", "--prefix", "depth", "--format", "{p}"]);
        collect(&output(&mut window)?, &mut edges)?;

        let mut metadata =
            cargo(&["metadata", "--locked", "--all-features", "--format-version", "1"]);
        let metadata = serde_json::from_str(&output(&mut metadata)?)?;
        let lock = fs::read_to_string(workspace::root().join("Cargo.lock"))?;
        let mut known = described(&metadata, &checksums(&lock))?;
        let mut graph = Self::default();
        for (key, needs) in edges {
            let (name, version) = &key;
            let about = known.remove(&key);
            let about =
                about.with_context(|| format!("cargo knows nothing of {name} {version}"))?;
            graph.0.insert(key, Crate { needs, ..about });
        }
        graph.join_window()?;
        Ok(graph)
    }

    /// All that these packages of the workspace link, themselves included, in the order of their names.
    pub(crate) fn reachable(&self, roots: &[&str]) -> Vec<(&Key, &Crate)> {
        let mut wanted: Vec<&Key> =
            self.0.keys().filter(|(name, _)| roots.contains(&name.as_str())).collect();
        let mut found = BTreeMap::new();
        while let Some(key) = wanted.pop() {
            let Some(about) = self.0.get(key) else { continue };
            if found.insert(key, about).is_none() {
                wanted.extend(&about.needs);
            }
        }
        found.into_iter().collect()
    }

    /// The app carries the window as a file, of which cargo knows nothing.
    fn join_window(&mut self) -> Result<()> {
        let named = |name: &str| self.0.keys().find(|(found, _)| found == name).cloned();
        let (app, window) = (named(APP), named(WINDOW).context("no window is built")?);
        let app = app.and_then(|key| self.0.get_mut(&key)).context("no app is built")?;
        app.needs.insert(window);
        Ok(())
    }
}

/// Reads what `cargo tree` prints with its depths: a crate is followed by what it needs, one deeper. What was printed
/// before ends with a star, and its needs are not repeated.
fn collect(tree: &str, edges: &mut BTreeMap<Key, BTreeSet<Key>>) -> Result<()> {
    let mut above: Vec<Key> = Vec::new();
    for line in tree.lines().filter(|line| !line.trim().is_empty()) {
        let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (depth, text) = line.split_at(digits);
        let depth: usize = depth.parse().with_context(|| format!("no depth in {line:?}"))?;
        let mut words = text.split_whitespace();
        let key = words.next().zip(words.next().and_then(|word| word.strip_prefix('v')));
        let (name, version) = key.with_context(|| format!("no crate in {line:?}"))?;
        let key = (name.to_owned(), version.to_owned());
        ensure!(depth <= above.len(), "cargo tree jumps to depth {depth}: {line:?}");
        above.truncate(depth);
        edges.entry(key.clone()).or_default();
        if let Some(parent) = above.last() {
            edges.entry(parent.clone()).or_default().insert(key.clone());
        }
        above.push(key);
    }
    ensure!(!edges.is_empty(), "cargo tree printed nothing");
    Ok(())
}

/// What `cargo metadata` says of each crate.
fn described(metadata: &Value, checksums: &BTreeMap<Key, String>) -> Result<BTreeMap<Key, Crate>> {
    let mut known = BTreeMap::new();
    for package in metadata["packages"].as_array().context("cargo metadata without packages")? {
        let text = |key: &str| package[key].as_str().map(str::to_owned);
        let name = text("name").context("a package without a name")?;
        let version = text("version").context("a package without a version")?;
        let manifest =
            PathBuf::from(text("manifest_path").context("a package without a manifest")?);
        let authors = package["authors"].as_array().into_iter().flatten();
        let key = (name, version);
        let about = Crate {
            // The slash is how crates wrote it before SPDX.
            licence: text("license").map(|licence| licence.replace('/', " OR ")),
            licence_file: text("license_file"),
            authors: authors.filter_map(Value::as_str).map(str::to_owned).collect(),
            repository: text("repository").filter(|url| url.starts_with("https://")),
            folder: manifest.parent().context("a manifest without a folder")?.to_owned(),
            checksum: checksums.get(&key).cloned(),
            needs: BTreeSet::new(),
        };
        known.insert(key, about);
    }
    Ok(known)
}

/// The checksums of a `Cargo.lock`.
fn checksums(lock: &str) -> BTreeMap<Key, String> {
    let entries = lock.split("[[package]]").skip(1);
    let value = |entry: &str, key: &str| {
        let line = entry.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "))?;
        Some(line.trim_matches('"').to_owned())
    };
    let entry = |entry: &str| {
        let key = (value(entry, "name")?, value(entry, "version")?);
        Some((key, value(entry, "checksum")?))
    };
    entries.filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TREE: &str = "0vaultwatch v0.1.0 (/x)\n1serde v1.0.1\n2serde_core v1.0.1\n1zstd v0.13.0\n\
                        2zstd-sys v2.0.15+zstd.1.5.7\n\n0gateway v0.1.0 (/x/crates/gateway)\n1serde v1.0.1 (*)\n";

    fn key(name: &str, version: &str) -> Key {
        (name.into(), version.into())
    }

    fn graph() -> Graph {
        let mut edges = BTreeMap::new();
        collect(TREE, &mut edges).unwrap();
        collect("0vaultwatch-ui v0.1.0 (/x/src-ui)\n1yew v0.23.0\n", &mut edges).unwrap();
        let crates =
            edges.into_iter().map(|(key, needs)| (key, Crate { needs, ..Crate::default() }));
        Graph(crates.collect())
    }

    fn names(found: &[(&Key, &Crate)]) -> Vec<String> {
        found.iter().map(|((name, _), _)| name.clone()).collect()
    }

    #[test]
    fn a_program_has_what_it_links_at_any_depth_and_no_more() {
        let mut graph = graph();
        graph.join_window().unwrap();
        // Its needs were printed under the other.
        assert_eq!(names(&graph.reachable(&["gateway"])), ["gateway", "serde", "serde_core"]);
        let app = names(&graph.reachable(&["vaultwatch"]));
        let expected =
            ["serde", "serde_core", "vaultwatch", "vaultwatch-ui", "yew", "zstd", "zstd-sys"];
        assert_eq!(app, expected);
        assert!(graph.0.contains_key(&key("zstd-sys", "2.0.15+zstd.1.5.7")));
    }

    #[test]
    fn a_tree_that_is_none_is_refused() {
        for text in ["", "serde v1.0.1\n", "0serde\n", "1serde v1.0.1\n", "0a v1.0.0\n2b v1.0.0\n"]
        {
            assert!(collect(text, &mut BTreeMap::new()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn of_each_crate_is_known_what_cargo_and_the_lock_say() {
        let metadata = json!({"packages": [{
            "name": "serde", "version": "1.0.1", "license": "MIT/Apache-2.0", "license_file": null,
            "authors": ["A <a@example.org>"], "repository": "https://example.org/serde",
            "manifest_path": "/registry/serde-1.0.1/Cargo.toml"
        }]});
        let lock = "version = 4\n\n[[package]]\nname = \"serde\"\nversion = \"1.0.1\"\nsource = \"registry\"\n\
                    checksum = \"00ff\"\n\n[[package]]\nname = \"ours\"\nversion = \"0.1.0\"\n";
        let known = described(&metadata, &checksums(lock)).unwrap();
        let serde = &known[&key("serde", "1.0.1")];
        assert_eq!(serde.licence.as_deref(), Some("MIT OR Apache-2.0"));
        assert_eq!(serde.checksum.as_deref(), Some("00ff"));
        assert_eq!(serde.folder, PathBuf::from("/registry/serde-1.0.1"));
        assert_eq!(checksums(lock).len(), 1);
    }
}
