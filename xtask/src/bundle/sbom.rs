//! The bill of materials of a package, as CycloneDX 1.5 in JSON: what is linked into its programs, from where, under
//! which licence, and what needs what. There is no serial number and no moment in it: the same package has the same.

use std::fs;

use serde_json::{Value, json};

use super::graph::{Crate, Key};
use super::recipe::{LICENCE, Recipe};
use super::release::Release;

/// The document's text.
pub(crate) fn cyclonedx(recipe: &Recipe, release: &Release, crates: &[(&Key, &Crate)]) -> String {
    let package = format!("{}@{}", recipe.name, release.version);
    let mut components = Vec::new();
    let mut dependencies = vec![json!({
        "ref": package,
        "dependsOn": roots(recipe, crates),
    })];
    for (key, about) in crates {
        components.push(component(key, about));
        let mut needs: Vec<String> = about.needs.iter().map(reference).collect();
        if let Some(part) = carried(key, about) {
            needs.push(part["bom-ref"].as_str().unwrap_or_default().to_owned());
            components.push(part);
        }
        dependencies.push(json!({ "ref": reference(key), "dependsOn": needs }));
    }
    let document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": format!("{}T00:00:00Z", release.day),
            "component": {
                "type": "application",
                "bom-ref": package,
                "name": recipe.name,
                "version": release.version,
                "description": recipe.summary,
                "licenses": [{ "expression": LICENCE }],
            },
        },
        "components": components,
        "dependencies": dependencies,
    });
    format!("{document:#}\n")
}

/// The crates that the programs are made of.
fn roots(recipe: &Recipe, crates: &[(&Key, &Crate)]) -> Vec<String> {
    let is_root = |name: &str| recipe.programs.iter().any(|program| program.package == name);
    crates.iter().filter(|((name, _), _)| is_root(name)).map(|(key, _)| reference(key)).collect()
}

fn component(key: &Key, about: &Crate) -> Value {
    let (name, version) = key;
    let mut component = json!({
        "type": "library",
        "bom-ref": reference(key),
        "name": name,
        "version": version,
    });
    if let Some(licence) = &about.licence {
        component["licenses"] = json!([{ "expression": licence }]);
    }
    if let Some(checksum) = &about.checksum {
        component["purl"] = json!(reference(key));
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    if let Some(repository) = &about.repository {
        component["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
    }
    component
}

/// A package URL. The plus sign of a version has another meaning there.
fn reference((name, version): &Key) -> String {
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}

/// What a crate carries in its source that is no crate, and is looked for in lists of vulnerabilities under its own name.
fn carried((name, version): &Key, about: &Crate) -> Option<Value> {
    let (part, of, licence) = match name.as_str() {
        "libsqlite3-sys" => {
            let header = fs::read_to_string(about.folder.join("sqlite3/sqlite3.h")).ok()?;
            let (_, rest) = header.split_once("#define SQLITE_VERSION ")?;
            ("sqlite", rest.split('"').nth(1)?.to_owned(), "blessing")
        }
        "zstd-sys" => ("zstd", version.split_once("+zstd.")?.1.to_owned(), "BSD-3-Clause"),
        _ => return None,
    };
    let purl = format!("pkg:generic/{part}@{of}");
    Some(json!({
        "type": "library",
        "bom-ref": purl,
        "name": part,
        "version": of,
        "purl": purl,
        "licenses": [{ "expression": licence }],
    }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::bundle::recipe;

    fn key(name: &str, version: &str) -> Key {
        (name.into(), version.into())
    }

    #[test]
    fn every_crate_is_named_with_its_origin_and_what_needs_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("sqlite3")).unwrap();
        let header = "/* … */\n#define SQLITE_VERSION        \"3.50.4\"\n";
        fs::write(folder.path().join("sqlite3/sqlite3.h"), header).unwrap();
        let (zstd, sqlite) =
            (key("zstd-sys", "2.0.15+zstd.1.5.7"), key("libsqlite3-sys", "0.37.0"));
        let app = Crate {
            licence: Some("MIT OR Apache-2.0".into()),
            needs: BTreeSet::from([zstd.clone(), sqlite.clone()]),
            ..Crate::default()
        };
        let foreign = Crate {
            licence: Some("MIT".into()),
            checksum: Some("00ff".into()),
            repository: Some("https://example.org".into()),
            folder: folder.path().to_owned(),
            ..Crate::default()
        };
        let name = key("vaultwatch", "0.1.0");
        let crates = [(&sqlite, &foreign), (&name, &app), (&zstd, &foreign)];
        let recipe = recipe::app().unwrap();
        let text = cyclonedx(&recipe, &Release::example(), &crates);
        assert_eq!(text, cyclonedx(&recipe, &Release::example(), &crates));
        let document: Value = serde_json::from_str(&text).unwrap();
        let components = document["components"].as_array().unwrap();
        let purl = |name: &str| {
            components.iter().find(|part| part["name"] == name).unwrap()["purl"].clone()
        };
        assert_eq!(purl("zstd-sys"), "pkg:cargo/zstd-sys@2.0.15%2Bzstd.1.5.7");
        assert_eq!(purl("zstd"), "pkg:generic/zstd@1.5.7");
        assert_eq!(purl("sqlite"), "pkg:generic/sqlite@3.50.4");
        assert!(purl("vaultwatch").is_null(), "it is in no registry");

        // Whoever is referred to is there, once.
        let mut references: Vec<_> =
            components.iter().map(|part| part["bom-ref"].as_str().unwrap()).collect();
        references.push("vaultwatch@1.2.0-rc.1");
        let unique: BTreeSet<_> = references.iter().collect();
        assert_eq!(unique.len(), references.len());
        for entry in document["dependencies"].as_array().unwrap() {
            assert!(references.contains(&entry["ref"].as_str().unwrap()), "{entry}");
            for need in entry["dependsOn"].as_array().unwrap() {
                assert!(references.contains(&need.as_str().unwrap()), "{entry}");
            }
        }
        let app = &document["dependencies"][0];
        assert_eq!(app["dependsOn"], json!(["pkg:cargo/vaultwatch@0.1.0"]));
    }
}
