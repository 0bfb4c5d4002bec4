//! Packages for Debian and its relatives, by `dpkg-deb`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::control::control;
use super::recipe::{Recipe, Scripts};
use super::release::Release;
use super::tree::{Entry, Tree};
use crate::command::{command, output};
use crate::workspace;

/// The folder within a tree that `dpkg-deb` takes for what the package says of itself.
const ABOUT: &str = "DEBIAN";

/// Makes the package in the folder `to`.
pub(crate) fn make(recipe: &Recipe, tree: &Tree, release: &Release, to: &Path) -> Result<PathBuf> {
    let entries = tree.entries()?;
    let about = tree.root().join(ABOUT);
    let package = to.join(file_name(recipe, release)?);
    let made = describe(recipe, tree, release, &about, &entries).and_then(|()| {
        tree.settle_scripts(&about, release.time())?;
        let mut tool = command("dpkg-deb");
        // Whoever makes it, it is root's. Several threads would cut what they compress into pieces, of which there are
        // more on a machine with more cores.
        tool.args(["--root-owner-group", "-Zxz", "-z9", "--build"]).arg(tree.root()).arg(&package);
        tool.env("SOURCE_DATE_EPOCH", release.epoch.to_string()).env("DPKG_DEB_THREADS_MAX", "1");
        output(&mut tool)
    });
    // The tree is for other formats as well.
    if about.exists() {
        fs::remove_dir_all(&about)?;
    }
    made?;
    Ok(package)
}

pub(crate) fn file_name(recipe: &Recipe, release: &Release) -> Result<String> {
    Ok(format!("{}_{}_{}.deb", recipe.name, release.sortable(), architecture()?))
}

fn architecture() -> Result<String> {
    Ok(output(command("dpkg").arg("--print-architecture"))?.trim().to_owned())
}

fn describe(
    recipe: &Recipe,
    tree: &Tree,
    release: &Release,
    about: &Path,
    entries: &[Entry],
) -> Result<()> {
    let libraries = libraries(recipe, tree)?;
    fs::create_dir_all(about)?;
    let text = control(recipe, release, &architecture()?, &libraries, entries);
    fs::write(about.join("control"), text)?;
    fs::write(about.join("md5sums"), sums(tree, entries)?)?;
    let Scripts { after_install, before_remove, after_remove } = &recipe.scripts;
    for (name, script) in
        [("postinst", after_install), ("prerm", before_remove), ("postrm", after_remove)]
    {
        if let Some(script) = script {
            fs::copy(workspace::root().join(script), about.join(name))
                .with_context(|| format!("{script} cannot be copied"))?;
        }
    }
    Ok(())
}

/// The packages that the programs' shared libraries come from, each with the least version that has all that is called.
/// Debian's own tool reads that from the programs, and from what the libraries' packages say of their symbols.
fn libraries(recipe: &Recipe, tree: &Tree) -> Result<Vec<String>> {
    let folder = workspace::target().join("tmp/packages/shared-libraries");
    fs::create_dir_all(folder.join("debian"))?;
    // It refuses to work beside no source package.
    let source = format!("Source: {0}\n\nPackage: {0}\nArchitecture: any\n", recipe.name);
    fs::write(folder.join("debian/control"), source)?;
    let mut tool = command("dpkg-shlibdeps");
    tool.current_dir(&folder).arg("-O");
    for program in recipe.programs {
        tool.arg(format!("-e{}{}", tree.root().display(), program.path()));
    }
    let said = output(&mut tool)?;
    named(&said).with_context(|| format!("dpkg-shlibdeps named no package: {said:?}"))
}

/// What stands in its answer, `shlibs:Depends=libc6 (>= 2.36), …`.
fn named(said: &str) -> Option<Vec<String>> {
    let list = said.lines().find_map(|line| line.strip_prefix("shlibs:Depends="))?;
    Some(list.split(", ").map(str::to_owned).collect())
}

/// What `dpkg --verify` compares with.
fn sums(tree: &Tree, entries: &[Entry]) -> Result<String> {
    let mut tool = command("md5sum");
    tool.current_dir(tree.root())
        .args(entries.iter().map(|entry| entry.path.trim_start_matches('/')));
    output(&mut tool)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_debians_tool_is_a_list() {
        let said = "shlibs:Depends=libc6 (>= 2.36), libgcc-s1 (>= 4.2)\n";
        assert_eq!(named(said).unwrap(), ["libc6 (>= 2.36)", "libgcc-s1 (>= 4.2)"]);
        assert_eq!(named("misc:Depends=x\n"), None);
    }
}
