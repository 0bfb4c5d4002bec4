//! Looks into packages that were made, as those do who distribute them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::Format;
use super::recipe::is_program;
use super::tree::Tree;
use crate::command::{command, exists, output, run};
use crate::step::{note, step};
use crate::workspace;

/// Largest size of a package, in bytes (15 MB).
const LIMIT: u64 = 15_000_000;

/// What Debian's own check of packages complains about, and why that stays.
const NOT_FOLLOWED: &[(&str, &str)] = &[
    ("no-changelog", "what is new stands in the metadata for software centers"),
    ("no-manual-page", "every program tells its options with --help"),
    ("malformed-contact", "there is no address to write to"),
    ("maintainer-script-calls-systemctl", "the gateway's service is ended before its program goes"),
];

/// Whether all of the tree is in the package, root's, with its modes, and no more than may be downloaded.
pub(crate) fn look_into(package: &Path, format: Format, tree: &Tree) -> Result<()> {
    let size = fs::metadata(package)?.len();
    note(&format!("{:>6.1} MB  {}", size as f64 / 1e6, package.display()));
    ensure!(
        size <= LIMIT,
        "{} has {size} bytes, over the limit of {LIMIT}: look at the sizes of the programs above",
        package.display()
    );
    let listed = match format {
        Format::Deb => debian_listing(package)?,
        Format::Rpm => red_hat_listing(package)?,
    };
    let wanted = tree.entries()?.into_iter().map(|entry| Listed {
        mode: if is_program(&entry.path) { "-rwxr-xr-x" } else { "-rw-r--r--" }.to_owned(),
        owner: "root/root".to_owned(),
        path: entry.path,
    });
    let wanted: BTreeSet<_> = wanted.collect();
    let (missing, foreign): (Vec<_>, Vec<_>) =
        (wanted.difference(&listed).collect(), listed.difference(&wanted).collect());
    ensure!(
        missing.is_empty() && foreign.is_empty(),
        "{} differs from what was to be packed.\nmissing: {missing:?}\ntoo much: {foreign:?}",
        package.display()
    );
    judge(package, format, tree)
}

/// Makes the package again, elsewhere, and compares.
pub(crate) fn same_again(
    package: &Path,
    make: impl FnOnce(&Path) -> Result<PathBuf>,
) -> Result<()> {
    let elsewhere = workspace::target().join("tmp/packages/again");
    fs::create_dir_all(&elsewhere)?;
    let again = make(&elsewhere)?;
    let same = fs::read(package)? == fs::read(&again)?;
    ensure!(
        same,
        "{} and {} are of the same programs, but differ: compare them with diffoscope",
        package.display(),
        again.display()
    );
    Ok(fs::remove_file(again)?)
}

/// A file as a package lists it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Listed {
    path: String,
    /// As `ls` writes it.
    mode: String,
    owner: String,
}

fn debian_listing(package: &Path) -> Result<BTreeSet<Listed>> {
    let said = output(command("dpkg-deb").arg("--contents").arg(package))?;
    said.lines().filter_map(|line| debian_line(line).transpose()).collect()
}

/// A line such as `-rw-r--r-- root/root  11 2026-11-26 00:00 ./usr/share/x`. Folders are `None`.
fn debian_line(line: &str) -> Result<Option<Listed>> {
    let mut words = line.split_whitespace();
    let mut word = || words.next().with_context(|| format!("cannot read {line:?}"));
    let (mode, owner) = (word()?.to_owned(), word()?.to_owned());
    if mode.starts_with('d') {
        ensure!(
            mode == "drwxr-xr-x" && owner == "root/root",
            "a folder nobody can enter: {line:?}"
        );
        return Ok(None);
    }
    let (_, path) = line.split_once(" ./").with_context(|| format!("no path in {line:?}"))?;
    Ok(Some(Listed { path: format!("/{path}"), mode, owner }))
}

fn red_hat_listing(package: &Path) -> Result<BTreeSet<Listed>> {
    let format = "[%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} %{FILENAMES}\\n]";
    let said = output(command("rpm").args(["-qp", "--qf", format]).arg(package))?;
    let entry = |line: &str| -> Result<Option<Listed>> {
        let (mode, rest) = line.split_once(' ').with_context(|| format!("cannot read {line:?}"))?;
        let (owner, path) =
            rest.split_once(' ').with_context(|| format!("cannot read {line:?}"))?;
        let listed =
            Listed { path: path.to_owned(), mode: mode.to_owned(), owner: owner.to_owned() };
        Ok((!mode.starts_with('d')).then_some(listed))
    };
    said.lines().filter_map(|line| entry(line).transpose()).collect()
}

/// Those who know the rules: of menu entries, of metadata, of Debian.
fn judge(package: &Path, format: Format, tree: &Tree) -> Result<()> {
    for entry in tree.entries()? {
        let path = tree.root().join(entry.path.trim_start_matches('/'));
        if entry.path.ends_with(".desktop") {
            asked("desktop-file-validate", &[], &path)?;
        } else if entry.path.ends_with(".metainfo.xml") {
            asked("appstreamcli", &["validate", "--no-net"], &path)?;
        }
    }
    if format == Format::Deb && exists("lintian") {
        step("asking lintian", || {
            let tags: Vec<_> = NOT_FOLLOWED.iter().map(|(tag, _)| *tag).collect();
            let mut lintian = command("lintian");
            lintian.args(["--fail-on", "error", "--suppress-tags", &tags.join(",")]);
            // As root it says that it had better not be.
            run(lintian.arg("--allow-root").arg(package))
        })?;
    }
    Ok(())
}

fn asked(judge: &str, arguments: &[&str], path: &Path) -> Result<()> {
    if !exists(judge) {
        note(&format!("no {judge} here: {} was not judged", path.display()));
        return Ok(());
    }
    output(command(judge).args(arguments).arg(path)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_roots_or_has_another_mode_is_noticed() {
        let line = "-rw-r--r-- root/root        11 2026-11-26 00:00 ./usr/share/doc/a b";
        let listed = debian_line(line).unwrap().unwrap();
        assert_eq!(listed.path, "/usr/share/doc/a b");
        let other = debian_line(&line.replace("root/root", "anna/anna")).unwrap().unwrap();
        let private = debian_line(&line.replace("-rw-r--r--", "-rw-------")).unwrap().unwrap();
        assert!(other != listed && private != listed);

        let folder = "drwxr-xr-x root/root         0 2026-11-26 00:00 ./usr/share/";
        assert_eq!(debian_line(folder).unwrap(), None);
        assert!(debian_line(&folder.replace("drwxr-xr-x", "drwx------")).is_err());
        assert!(debian_line("nonsense").is_err());
    }

    #[test]
    fn a_package_that_changes_from_one_time_to_the_next_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let package = folder.path().join("a.deb");
        fs::write(&package, "one").unwrap();
        let make = |text: &'static str| {
            move |to: &Path| -> Result<PathBuf> {
                let again = to.join(format!("{}.deb", std::process::id()));
                fs::write(&again, text)?;
                Ok(again)
            }
        };
        same_again(&package, make("one")).unwrap();
        assert!(same_again(&package, make("other")).is_err());
    }
}
