//! Packages for Fedora, openSUSE and their relatives, by `rpmbuild`.
//!
//! What the programs' shared libraries are called differs from one of these to the next, so the package asks for the
//! libraries themselves (`libgtk-3.so.0()(64bit)`), which `rpmbuild` reads from the programs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::recipe::{LIBEXEC, LICENCE, MAINTAINER, Recipe};
use super::release::Release;
use super::tree::{Entry, Tree};
use crate::command::{command, output};
use crate::workspace;

/// What changes nothing about the programs, and makes the same package of the same tree: no stripping, no packages
/// with what was stripped, no name of the machine, no present time, one thread.
const SETTINGS: &[(&str, &str)] = &[
    ("debug_package", "%{nil}"),
    ("__os_install_post", "%{nil}"),
    ("_build_id_links", "none"),
    ("_buildhost", "localhost"),
    ("use_source_date_epoch_as_buildtime", "1"),
    ("clamp_mtime_to_source_date_epoch", "1"),
    ("_binary_payload", "w9.xzdio"),
    ("_build_name_fmt", "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm"),
];

/// Makes the package in the folder `to`.
pub(crate) fn make(recipe: &Recipe, tree: &Tree, release: &Release, to: &Path) -> Result<PathBuf> {
    let work = workspace::target().join("tmp/packages/rpmbuild");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;
    let spec = work.join(format!("{}.spec", recipe.name));
    fs::write(&spec, specification(recipe, tree.root(), release, &tree.entries()?)?)?;
    let mut tool = command("rpmbuild");
    tool.arg("-bb").arg(&spec).env("SOURCE_DATE_EPOCH", release.epoch.to_string());
    let folders = [("_topdir", work.as_path()), ("_rpmdir", to)];
    let folders = folders.map(|(name, path)| (name, path.display().to_string()));
    let settings = SETTINGS.iter().map(|(name, value)| (*name, (*value).to_owned()));
    for (name, value) in folders.into_iter().chain(settings) {
        tool.arg("--define").arg(format!("{name} {value}"));
    }
    output(&mut tool)?;
    let package = to.join(file_name(recipe, release)?);
    ensure!(package.is_file(), "rpmbuild left no {}", package.display());
    Ok(package)
}

pub(crate) fn file_name(recipe: &Recipe, release: &Release) -> Result<String> {
    let architecture = output(command("rpm").args(["--eval", "%{_target_cpu}"]))?;
    Ok(format!("{}-{}-1.{}.rpm", recipe.name, release.sortable(), architecture.trim()))
}

/// What `rpmbuild` is told.
fn specification(
    recipe: &Recipe,
    tree: &Path,
    release: &Release,
    entries: &[Entry],
) -> Result<String> {
    let relations = |tag: &str, list: &[String]| -> String {
        list.iter().map(|relation| format!("{tag}: {relation}\n")).collect()
    };
    let mut text = format!(
        "Name: {}\nVersion: {}\nRelease: 1\nSummary: {}\nLicense: {LICENCE}\nVendor: {MAINTAINER}\n{}{}\n\
         %description\n{}\n\n%install\ncp -a '{}/.' '%{{buildroot}}'\n",
        recipe.name,
        release.sortable(),
        recipe.summary,
        relations("Requires", &recipe.red_hat.depends),
        relations("Recommends", &recipe.red_hat.recommends),
        recipe.description.join("\n\n"),
        escaped(&tree.display().to_string()),
    );
    let scripts = &recipe.scripts;
    for (section, script) in [
        ("post", &scripts.after_install),
        ("preun", &scripts.before_remove),
        ("postun", &scripts.after_remove),
    ] {
        if let Some(script) = script {
            let body = fs::read_to_string(workspace::root().join(script))
                .with_context(|| script.clone())?;
            // Which shell runs it, rpm knows.
            let body = body.lines().filter(|line| !line.starts_with("#!"));
            let body = body.collect::<Vec<_>>().join("\n");
            text.push_str(&format!("\n%{section}\n{}\n", escaped(&body)));
        }
    }
    text.push_str("\n%files\n%defattr(-,root,root,-)\n");
    for entry in entries {
        text.push_str(&format!("\"{}\"\n", escaped(&entry.path)));
    }
    for folder in own_folders(recipe, entries) {
        text.push_str(&format!("%dir \"{}\"\n", escaped(&folder)));
    }
    Ok(text)
}

/// The folders that no other package brings, and that go with this one: those of its documents, and of the programs that
/// nobody starts by hand.
fn own_folders(recipe: &Recipe, entries: &[Entry]) -> BTreeSet<String> {
    let documents = format!("/usr/share/doc/{}", recipe.name);
    let folders = entries.iter().flat_map(|entry| Path::new(&entry.path).ancestors().skip(1));
    let own =
        folders.filter(|folder| folder.starts_with(&documents) || folder.starts_with(LIBEXEC));
    own.map(|folder| folder.display().to_string()).collect()
}

/// A text in which a percent sign is one.
fn escaped(text: &str) -> String {
    text.replace('%', "%%")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::recipe;

    #[test]
    fn every_file_and_script_is_in_the_specification() {
        for recipe in recipe::all().unwrap() {
            let mut entries: Vec<_> = recipe.files.keys().cloned().collect();
            entries.push("/usr/share/doc/100 % sure".into());
            let entries: Vec<_> = entries.into_iter().map(|path| Entry { path, size: 1 }).collect();
            let text =
                specification(&recipe, Path::new("/a b/tree"), &Release::example(), &entries)
                    .unwrap();
            assert!(text.contains("Version: 1.2.0~rc.1\n"), "{text}");
            assert!(text.contains("cp -a '/a b/tree/.' '%{buildroot}'\n"), "{text}");
            assert!(text.contains("\nRequires: ca-certificates\n"), "{text}");
            assert!(text.contains("\n%post\n") && text.contains("\n%postun\n"), "{text}");
            assert!(!text.contains("#!"), "{text}");
            let (_, files) = text.split_once("%files\n").unwrap();
            for path in recipe.files.keys() {
                assert!(files.contains(&format!("\"{path}\"\n")), "{path}");
            }
            assert!(files.contains("\"/usr/share/doc/100 %% sure\"\n"), "{files}");
        }
    }

    #[test]
    fn the_folders_of_its_own_go_with_the_package() {
        let recipe = recipe::app().unwrap();
        let entry = |path: &str| Entry { path: path.into(), size: 1 };
        let entries = [
            entry("/usr/bin/vaultwatch"),
            entry("/usr/libexec/vaultwatch/vaultwatch-window"),
            entry("/usr/share/doc/vaultwatch/copyright"),
            entry("/usr/share/doc/vaultwatch/examples/a"),
            entry("/usr/share/doc/vaultwatch-gateway/copyright"),
        ];
        let folders: Vec<_> = own_folders(&recipe, &entries).into_iter().collect();
        let documents = "/usr/share/doc/vaultwatch";
        assert_eq!(folders, [LIBEXEC, documents, &format!("{documents}/examples")]);
    }
}
