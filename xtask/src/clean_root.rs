//! A Debian with nothing in it but what packages ask for, to install those into.
//!
//! It is made once, in the target folder, by `mmdebstrap`, from the same sources as this machine, and again when a package
//! asks for something else. The tests put an overlay over it, so it stays as it is.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::command::{answer, command, exists, output, run};
use crate::step::{note, step};
use crate::workspace;

/// What every desktop has, and a package is not to ask for: it opens links and keeps the list of who opens which.
const DESKTOP: &[&str] = &["desktop-file-utils", "xdg-utils"];

/// Whether this machine can have one.
///
/// # Errors
/// It says why not.
pub(crate) fn possible() -> Result<()> {
    ensure!(cfg!(target_os = "linux") && exists("dpkg"), "this is no Debian");
    let user = answer(command("id").arg("-u")).unwrap_or_default();
    ensure!(user.trim() == "0", "another system's root can be entered by root alone");
    // In a container it is often forbidden.
    let mount = "mount -t tmpfs none /mnt && cd /mnt && mkdir lower upper work all && \
                 mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work none all";
    let mut probe = command("unshare");
    probe.args(["--mount", "--pid", "--fork", "sh", "-c", mount]);
    ensure!(answer(&mut probe).is_some(), "this machine does not let mount an overlay");
    ensure!(exists("mmdebstrap"), "mmdebstrap is missing");
    Ok(())
}

/// Makes it, where it is not there for what `packages` ask for. Returns its folder.
pub(crate) fn ensure(packages: &[PathBuf]) -> Result<PathBuf> {
    let root = workspace::target().join("clean-debian");
    let stamp = workspace::target().join("clean-debian.stamp");
    let suite = suite()?;
    let wanted = wanted(packages)?;
    let made_for = format!("{suite}\n{wanted}\n");
    if root.is_dir() && fs::read_to_string(&stamp).is_ok_and(|made| made == made_for) {
        note("the clean Debian is there");
        return Ok(root);
    }
    step(&format!("making a clean Debian ({suite}); this takes minutes, once"), || {
        if stamp.exists() {
            fs::remove_file(&stamp)?;
        }
        if root.exists() {
            run(command("rm").args(["-rf", "--one-file-system"]).arg(&root))?;
        }
        run(&mut bootstrap(&suite, &root, &wanted)?)?;
        Ok(fs::write(&stamp, &made_for)?)
    })?;
    Ok(root)
}

/// The names of what the packages ask for, and of what every desktop has. Which versions are meant is asked when the
/// packages are installed.
fn wanted(packages: &[PathBuf]) -> Result<String> {
    let mut names: BTreeSet<String> = DESKTOP.iter().map(ToString::to_string).collect();
    for package in packages {
        let depends = output(command("dpkg-deb").arg("--field").arg(package).arg("Depends"))?;
        names.extend(preferred(&depends).map(str::to_owned));
    }
    Ok(names.into_iter().collect::<Vec<_>>().join(","))
}

/// Of each relation the first name: of several that will do it is the preferred one.
fn preferred(depends: &str) -> impl Iterator<Item = &str> {
    let relations = depends.split(',').map(str::trim).filter(|relation| !relation.is_empty());
    relations.filter_map(|relation| relation.split([' ', '|', '(', ':']).next())
}

/// This machine's release, by the name its packages' sources have.
fn suite() -> Result<String> {
    let about = fs::read_to_string("/etc/os-release")?;
    let name = about.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    Ok(name.context("/etc/os-release names no VERSION_CODENAME")?.trim_matches('"').to_owned())
}

fn bootstrap(suite: &str, root: &Path, wanted: &str) -> Result<Command> {
    let scratch = workspace::target().join("tmp");
    fs::create_dir_all(&scratch)?;
    // A proxy, or a mirror whose lists are older than they may be, is this machine's business, and the new one's, too.
    let settings = scratch.join("clean-debian.apt");
    let dump = output(command("apt-config").arg("dump"))?;
    fs::write(&settings, of_the_network(&dump))?;
    let sources = scratch.join("clean-debian.list");
    let mut targets = command("apt-get");
    targets.args(["indextargets", "Created-By: Packages", "--format"]);
    targets.arg("$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)");
    fs::write(&sources, sources_of(&answer(&mut targets).unwrap_or_default()))?;

    let mut tool = command("mmdebstrap");
    tool.args(["--mode=root", "--variant=minbase", "--skip=cleanup/apt/lists"]);
    tool.arg("--aptopt").arg(&settings);
    // It is thrown away when the machine fails meanwhile.
    tool.arg("--dpkgopt=force-unsafe-io");
    tool.arg(format!("--include={wanted}"));
    // What is installed in it by a test comes without a network.
    tool.arg("--customize-hook=rm -f \"$1/etc/resolv.conf\" \"$1/etc/hostname\"");
    tool.arg(suite).arg(root);
    if fs::metadata(&sources)?.len() > 0 {
        tool.arg(&sources);
    }
    Ok(tool)
}

/// Of this machine's settings of apt those about how it downloads, in the form in which they are read.
fn of_the_network(dump: &str) -> String {
    let wanted = ["Acquire::http", "Acquire::https", "Acquire::Check-", "Acquire::Retries"];
    let lines = dump.lines().filter(|line| wanted.iter().any(|start| line.starts_with(start)));
    lines.map(|line| format!("{line}\n")).collect()
}

/// The distribution's own sources among the lines of origin, address, release and component. Others' packages are no part
/// of a clean system.
fn sources_of(targets: &str) -> String {
    let mut lines: Vec<_> = targets.lines().filter_map(source).collect();
    lines.sort();
    lines.dedup();
    lines.concat()
}

fn source(target: &str) -> Option<String> {
    let mut fields = target.split('|').map(str::trim);
    let mut next = || fields.next();
    let (origin, address, release, component) = (next()?, next()?, next()?, next()?);
    let own = ["Debian", "Ubuntu"].contains(&origin);
    own.then(|| format!("deb {address} {release} {component}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_distributions_own_sources_are_taken() {
        let targets = "Debian|http://mirror.example/debian/|bookworm|main\n\
                       Debian|http://mirror.example/debian/|bookworm|main\n\
                       Debian|http://mirror.example/security/|bookworm-security|main\n\
                       Somebody|https://packages.example/|stable|main\nDebian|incomplete\n";
        assert_eq!(
            sources_of(targets),
            "deb http://mirror.example/debian/ bookworm main\n\
             deb http://mirror.example/security/ bookworm-security main\n"
        );
        assert_eq!(sources_of(""), "");
    }

    #[test]
    fn of_alternatives_the_first_is_taken_whatever_its_version() {
        let depends = "libc6 (>= 2.36), a | b (>= 1), python3:any,\n c\n";
        let names: Vec<_> = preferred(depends).collect();
        assert_eq!(names, ["libc6", "a", "python3", "c"]);
        assert_eq!(preferred("\n").count(), 0);
    }

    #[test]
    fn only_settings_of_downloads_are_taken() {
        let dump = "APT::NeverAutoRemove \"\";\nAcquire::http::Proxy \"http://p:3142\";\n\
                    Acquire::Check-Valid-Until \"false\";\nAcquire::GzipIndexes \"true\";\n\
                    DPkg::Post-Invoke:: \"rm -rf x\";\n";
        let expected =
            "Acquire::http::Proxy \"http://p:3142\";\nAcquire::Check-Valid-Until \"false\";\n";
        assert_eq!(of_the_network(dump), expected);
    }
}
