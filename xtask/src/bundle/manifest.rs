//! Updates where no package manager brings them: whether they are switched on, and what is told of a new version.
//!
//! They are off until `plugins.updater` in `tauri.conf.json` names a key and an address. On Linux they are never on:
//! there packages are brought by the package manager.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};

use super::release::Release;
use super::tree::files_below;

/// Where Tauri's tool looks for the key that signs.
const PRIVATE_KEY: &str = "TAURI_SIGNING_PRIVATE_KEY";

/// Updates that are switched on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Updates {
    /// The folder in which manifest and installers will lie, without the last slash.
    folder: String,
    /// The manifest's name in it.
    name: String,
}

impl Updates {
    /// What `tauri.conf.json` says; `None` when they are off.
    ///
    /// # Errors
    /// One of key and address is missing, or the address is not one of a file behind TLS.
    pub(crate) fn configured(tauri: &Value) -> Result<Option<Self>> {
        let updater = &tauri["plugins"]["updater"];
        let key = updater["pubkey"].as_str().unwrap_or_default();
        let addresses = updater["endpoints"].as_array().map(Vec::as_slice).unwrap_or_default();
        let address = match (key.is_empty(), addresses) {
            (true, []) => return Ok(None),
            (false, [address, ..]) => address.as_str().unwrap_or_default(),
            (true, _) => {
                bail!("plugins.updater in tauri.conf.json has an address but no pubkey")
            }
            (false, []) => {
                bail!("plugins.updater in tauri.conf.json has a pubkey but no address")
            }
        };
        let split = address.rsplit_once('/').filter(|(_, name)| name.ends_with(".json"));
        let (folder, name) = split.with_context(|| {
            format!("the address of the updates, {address}, is not one of a .json file")
        })?;
        ensure!(
            folder.starts_with("https://"),
            "the address of the updates is not https: {address}"
        );
        Ok(Some(Self { folder: folder.to_owned(), name: name.to_owned() }))
    }

    /// What makes Tauri's tool sign, laid over its configuration.
    ///
    /// # Errors
    /// There is no key to sign with.
    pub(crate) fn overlay(&self) -> Result<Value> {
        ensure!(
            env::var_os(PRIVATE_KEY).is_some(),
            "updates are switched on, but {PRIVATE_KEY} does not name the key that signs them: make one with \
             `npx @tauri-apps/cli signer generate`, and put its public half into plugins.updater.pubkey"
        );
        Ok(json!({ "bundle": { "createUpdaterArtifacts": true } }))
    }

    /// Writes the manifest of what lies signed in `bundles`, and returns its path.
    ///
    /// # Errors
    /// Nothing there is signed.
    pub(crate) fn write(&self, bundles: &Path, release: &Release) -> Result<PathBuf> {
        let mut files = Vec::new();
        files_below(bundles, &mut files)?;
        let mut signed = Vec::new();
        for path in files.iter().filter(|path| path.extension().is_some_and(|end| end == "sig")) {
            let installer = path.with_extension("");
            let name = installer.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if let Some(platform) = platform(&name) {
                signed.push((platform, name, fs::read_to_string(path)?.trim().to_owned()));
            }
        }
        ensure!(!signed.is_empty(), "nothing in {} is signed", bundles.display());
        let path = bundles.join(&self.name);
        fs::write(&path, format!("{:#}\n", self.manifest(release, &signed)))?;
        Ok(path)
    }

    /// The manifest: per platform, the address of the installer and its signature.
    fn manifest(&self, release: &Release, signed: &[(String, String, String)]) -> Value {
        let entry = |(platform, name, signature): &(String, String, String)| {
            let url = format!("{}/{}", self.folder, name.replace(' ', "%20"));
            (platform.clone(), json!({ "url": url, "signature": signature }))
        };
        json!({
            "version": release.version,
            "pub_date": format!("{}T00:00:00Z", release.day),
            "platforms": signed.iter().map(entry).collect::<Map<_, _>>(),
        })
    }
}

/// What the app calls the platform that an installer is for, by the installer's name.
fn platform(name: &str) -> Option<String> {
    let (system, bundle) = match name {
        name if name.ends_with("-setup.exe") => ("windows", "nsis"),
        name if name.ends_with(".msi") => ("windows", "msi"),
        name if name.ends_with(".app.tar.gz") => ("darwin", "app"),
        _ => return None,
    };
    // Of a bundle for macOS the name does not say it: it is made on the machine that it is for.
    let named = [("arm64", "aarch64"), ("aarch64", "aarch64"), ("x64", "x86_64")];
    let architecture = named.iter().find(|(word, _)| name.contains(word)).map(|(_, it)| *it);
    Some(format!("{system}-{}-{bundle}", architecture.unwrap_or(env::consts::ARCH)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tauri(key: &str, addresses: &[&str]) -> Value {
        json!({ "plugins": { "updater": { "pubkey": key, "endpoints": addresses } } })
    }

    #[test]
    fn updates_are_off_until_both_key_and_address_are_there() {
        let address = "https://updates.example/vaultwatch/latest.json";
        assert_eq!(Updates::configured(&tauri("", &[])).unwrap(), None);
        assert_eq!(Updates::configured(&json!({})).unwrap(), None);
        let on = Updates::configured(&tauri("RWQ…", &[address])).unwrap().unwrap();
        assert_eq!(on.folder, "https://updates.example/vaultwatch");
        assert_eq!(on.name, "latest.json");
        for (key, addresses) in [
            ("", &[address][..]),
            ("RWQ…", &[]),
            ("RWQ…", &["http://updates.example/latest.json"]),
            ("RWQ…", &["https://updates.example/"]),
        ] {
            assert!(Updates::configured(&tauri(key, addresses)).is_err(), "{key} {addresses:?}");
        }
    }

    #[test]
    fn what_is_committed_has_them_off() {
        let tauri = crate::bundle::recipe::tauri().unwrap();
        assert_eq!(Updates::configured(&tauri).unwrap(), None);
        assert_eq!(tauri["plugins"]["updater"]["requireSignedVersion"], true);
        assert!(tauri["bundle"]["createUpdaterArtifacts"].is_null());
    }

    #[test]
    fn the_manifest_tells_each_platform_where_and_by_whom() {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("nsis/VaultWatch_1.2.0_x64-setup.exe", "MZ"),
            ("nsis/VaultWatch_1.2.0_x64-setup.exe.sig", "c2lnbmVk\n"),
            ("msi/VaultWatch_1.2.0_arm64_en-US.msi.sig", "bXNp"),
            ("macos/VaultWatch.app.tar.gz.sig", "YXBw"),
            ("deb/vaultwatch_1.2.0_amd64.deb.sig", "ZGVi"),
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let address = "https://updates.example/v/latest.json";
        let updates = Updates::configured(&tauri("RWQ…", &[address])).unwrap().unwrap();
        let path = updates.write(folder.path(), &Release::example()).unwrap();
        assert_eq!(path, folder.path().join("latest.json"));
        let written: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(written["version"], "1.2.0-rc.1");
        assert_eq!(written["pub_date"], "2026-11-26T00:00:00Z");
        let platforms = written["platforms"].as_object().unwrap();
        assert_eq!(platforms.len(), 3, "packages are the package manager's: {platforms:?}");
        assert_eq!(
            platforms["windows-x86_64-nsis"],
            json!({
                "url": "https://updates.example/v/VaultWatch_1.2.0_x64-setup.exe",
                "signature": "c2lnbmVk"
            })
        );
        assert_eq!(platforms["windows-aarch64-msi"]["signature"], "bXNp");
        let empty = tempfile::tempdir().unwrap();
        assert!(updates.write(empty.path(), &Release::example()).is_err());
    }
}
