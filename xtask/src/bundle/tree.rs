//! A package as files: a folder that looks as `/` will, beside what is there already.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};

use super::programs;
use super::recipe::{LICENCE, MAINTAINER, Recipe, Source, is_program};
use super::release::Release;
use crate::workspace;

/// The files of one package, under one folder.
#[derive(Debug)]
pub(crate) struct Tree {
    root: PathBuf,
    /// Where the package's documents lie, as in `/usr/share/doc/vaultwatch`.
    documents: String,
}

/// One file of a tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    /// On the user's machine: it begins with `/`.
    pub(crate) path: String,
    /// In bytes.
    pub(crate) size: u64,
}

impl Tree {
    /// Makes it anew at `place`.
    pub(crate) fn plant(place: &Path, recipe: &Recipe, release: &Release) -> Result<Self> {
        if place.exists() {
            fs::remove_dir_all(place)?;
        }
        fs::create_dir_all(place)?;
        let documents = format!("/usr/share/doc/{}", recipe.name);
        let tree = Self { root: place.to_owned(), documents };
        for program in recipe.programs {
            tree.copy(&programs().join(program.binary), &program.path())?;
        }
        for (path, source) in &recipe.files {
            match source {
                Source::File(source) => tree.copy(&workspace::root().join(source), path)?,
                Source::Text(text) => tree.write(path, text)?,
            }
        }
        for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
            let source = workspace::root().join(name);
            tree.copy(&source, &format!("{}/{name}", tree.documents))?;
        }
        tree.document("copyright", &copyright(release)?)?;
        Ok(tree)
    }

    /// Adds a document of the package.
    pub(crate) fn document(&self, name: &str, text: &str) -> Result<()> {
        self.write(&format!("{}/{name}", self.documents), text)
    }

    /// Gives all of it the same time, and modes that do not depend on who made it. The last thing that is done to it.
    pub(crate) fn settle(&self, time: SystemTime) -> Result<()> {
        let mut paths = Vec::new();
        files_below(&self.root, &mut paths)?;
        for path in &paths {
            let mode = if is_program(&self.on_the_machine(path)?) { 0o755 } else { 0o644 };
            settle(path, mode, time)?;
        }
        let mut folders: Vec<&Path> =
            paths.iter().flat_map(|path| path.ancestors().skip(1)).collect();
        folders.retain(|folder| folder.starts_with(&self.root));
        folders.sort_unstable();
        folders.dedup();
        folders.into_iter().try_for_each(|folder| settle(folder, 0o755, time))
    }

    /// The same for what a package says of itself, where the scripts are run and the rest is read.
    pub(crate) fn settle_scripts(&self, about: &Path, time: SystemTime) -> Result<()> {
        let mut paths = Vec::new();
        files_below(about, &mut paths)?;
        for path in &paths {
            let is_text = ["control", "md5sums"].iter().any(|name| path.ends_with(name));
            settle(path, if is_text { 0o644 } else { 0o755 }, time)?;
        }
        // Making it has touched the folder it is in.
        [about, &self.root].into_iter().try_for_each(|folder| settle(folder, 0o755, time))
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// All files, in the order of their paths.
    pub(crate) fn entries(&self) -> Result<Vec<Entry>> {
        let mut paths = Vec::new();
        files_below(&self.root, &mut paths)?;
        let entry = |path: PathBuf| -> Result<Entry> {
            let size = fs::metadata(&path)?.len();
            Ok(Entry { path: self.on_the_machine(&path)?, size })
        };
        let mut entries = paths.into_iter().map(entry).collect::<Result<Vec<_>>>()?;
        entries.sort();
        Ok(entries)
    }

    fn copy(&self, source: &Path, path: &str) -> Result<()> {
        let to = self.place(path)?;
        fs::copy(source, to).with_context(|| format!("{} cannot be copied", source.display()))?;
        Ok(())
    }

    fn write(&self, path: &str, text: &str) -> Result<()> {
        Ok(fs::write(self.place(path)?, text)?)
    }

    /// Where the user's machine has what is here.
    fn on_the_machine(&self, path: &Path) -> Result<String> {
        let below = path.strip_prefix(&self.root)?.to_str().context("a path that is no text")?;
        Ok(format!("/{below}"))
    }

    fn place(&self, path: &str) -> Result<PathBuf> {
        let place = self.root.join(path.trim_start_matches('/'));
        fs::create_dir_all(place.parent().context("a file without a folder")?)?;
        Ok(place)
    }
}

/// All files below a folder.
pub(crate) fn files_below(folder: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            files_below(&path, into)?;
        } else {
            into.push(path);
        }
    }
    Ok(())
}

fn settle(path: &Path, mode: u32, time: SystemTime) -> Result<()> {
    set_mode(path, mode)?;
    Ok(File::open(path)?.set_modified(time)?)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(mode))?)
}

/// Packages with modes are made on Linux alone.
#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> Result<()> {
    Ok(())
}

/// Who holds the rights, in the form that Debian's tools read.
fn copyright(release: &Release) -> Result<String> {
    let mit = fs::read_to_string(workspace::root().join("LICENSE-MIT"))?;
    let (_, terms) = mit.split_once("\n\n").context("LICENSE-MIT begins otherwise")?;
    let (_, terms) = terms.split_once("\n\n").context("LICENSE-MIT begins otherwise")?;
    let indented = terms.trim().lines().map(|line| match line.is_empty() {
        true => " .\n".to_owned(),
        false => format!(" {line}\n"),
    });
    let year = release.day.split('-').next().unwrap_or_default();
    Ok(format!(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\
         Upstream-Name: VaultWatch\n\
         Upstream-Contact: {MAINTAINER}\n\
         Comment: {LICENCE}. What is linked into the programs is listed in sbom.cdx.json beside this file, and its\n \
         licences are in third-party-licences.txt.\n\
         \n\
         Files: *\n\
         Copyright: {year} The VaultWatch authors\n\
         License: Expat or Apache-2.0\n\
         \n\
         License: Expat\n{}\
         \n\
         License: Apache-2.0\n \
         The text is in LICENSE-APACHE beside this file; on Debian it is also in\n \
         /usr/share/common-licenses/Apache-2.0.\n",
        indented.collect::<String>()
    ))
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn modes_and_times_are_the_packages_own() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree { root: folder.path().join("tree"), documents: "/usr/share/doc/x".into() };
        tree.write("/usr/bin/program", "#!/bin/sh\n").unwrap();
        tree.write("/usr/libexec/vaultwatch/window", "#!/bin/sh\n").unwrap();
        tree.document("copyright", "mine").unwrap();
        let (program, text) =
            (tree.root.join("usr/bin/program"), tree.root.join("usr/share/doc/x/copyright"));
        fs::set_permissions(&text, Permissions::from_mode(0o600)).unwrap();
        fs::set_permissions(tree.root.join("usr/share"), Permissions::from_mode(0o700)).unwrap();

        let time = Release::example().time();
        tree.settle(time).unwrap();
        for (path, mode) in [
            (&program, 0o755),
            (&tree.root.join("usr/libexec/vaultwatch/window"), 0o755),
            (&text, 0o644),
            (&tree.root.join("usr/share"), 0o755),
            (&tree.root, 0o755),
        ] {
            let about = fs::metadata(path).unwrap();
            assert_eq!(about.permissions().mode() & 0o7777, mode, "{}", path.display());
            assert_eq!(about.modified().unwrap(), time, "{}", path.display());
        }
        let entries = tree.entries().unwrap();
        let paths: Vec<_> = entries.iter().map(|entry| (entry.path.as_str(), entry.size)).collect();
        let expected = [
            ("/usr/bin/program", 10),
            ("/usr/libexec/vaultwatch/window", 10),
            ("/usr/share/doc/x/copyright", 4),
        ];
        assert_eq!(paths, expected);
    }

    #[test]
    fn the_copyright_has_no_empty_line_within_a_licence() {
        let text = copyright(&Release::example()).unwrap();
        assert!(text.contains("Copyright: 2026 "), "{text}");
        let stanzas: Vec<_> = text.split("\n\n").collect();
        assert_eq!(stanzas.len(), 4, "{text}");
        assert!(stanzas[2].starts_with("License: Expat\n Permission is hereby granted"), "{text}");
        assert!(stanzas[2].contains("\n .\n"), "{text}");
    }
}
