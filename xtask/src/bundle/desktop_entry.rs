//! The entry in a desktop's menu, from the template that Tauri's own tool fills as well.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::recipe::text;
use crate::workspace;

/// Where Tauri's category `Finance` belongs by the menu specification.
const CATEGORIES: &str = "Office;Finance;";

/// The entry's text.
pub(crate) fn fill(tauri: &Value) -> Result<String> {
    let path = text(&tauri["bundle"]["linux"]["deb"], "desktopTemplate")?;
    let mut entry = fs::read_to_string(workspace::root().join(&path)).context(path)?;
    let program = text(tauri, "mainBinaryName")?;
    for (name, value) in [
        ("name", text(tauri, "productName")?),
        ("comment", text(&tauri["bundle"], "shortDescription")?),
        ("exec", program.clone()),
        ("icon", program),
        ("categories", CATEGORIES.to_owned()),
    ] {
        entry = entry.replace(&format!("{{{{{name}}}}}"), &value);
    }
    ensure!(!entry.contains("{{"), "the template of the desktop entry has an unknown variable");
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::process::Command;

    use super::*;
    use crate::bundle::recipe::{METADATA, tauri};

    #[test]
    fn the_desktop_file_is_one_and_every_action_is_there() {
        let text = fill(&tauri().unwrap()).unwrap();
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
        // Without it launchers give no token, by which alone the window may come to the front under Wayland.
        assert_eq!(entry["StartupNotify"], "true");
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
        let text = fs::read_to_string(workspace::root().join(METADATA)).unwrap();
        let tauri = tauri().unwrap();
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
        judge.args(["validate", "--no-net"]).arg(workspace::root().join(METADATA));
        let Ok(judged) = judge.output() else {
            eprintln!("no appstreamcli here: the metadata were not validated");
            return;
        };
        assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stdout));
    }
}
