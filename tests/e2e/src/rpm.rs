//! Packages of Red Hat's kind in a clean Debian. rpm is the machine's own, with the clean system for its root and the
//! database in there.
//!
//! Nothing is left unasked: what the clean system has is registered first, under the names by which such packages ask for
//! it, so that a package is refused when it asks for what is not there.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::clean_root::CleanRoot;
use crate::packages::leave_out;
use crate::processes::Session;

/// Debian's own is in a person's home.
const DATABASE: &str = "_dbpath /var/lib/rpm";

/// Prints what the libraries below `$1` are called by packages that ask for them; `$2` is the folder of rpm's own tools.
const LIBRARIES: &str =
    r#"find "$1/usr/lib" -name '*.so*' ! -type d | "$2/elfdeps" --provides | sort -u"#;

/// rpm on that system; what it prints.
pub(crate) fn rpm(root: &CleanRoot, args: &[&str]) -> Result<String> {
    let folder = root.folder().to_string_lossy();
    let mut words = vec!["--root", &*folder, "--define", DATABASE];
    words.extend(args);
    root.answer_from_outside("rpm", &words)
}

/// A folder that the others' package of folders brings, so that no other one owns it. Debian makes it when it is needed.
const FOLDER: &str = "/usr/share/metainfo";

/// Installs a package that stands for what the system has: its libraries, a shell, folders, and its own packages, some of
/// which are called alike.
pub(crate) fn register_what_is_there(root: &CleanRoot) -> Result<()> {
    let session = root.session();
    let tools = session.answer("rpm", &["--eval", "%{_rpmconfigdir}"])?;
    let folder = root.folder().to_string_lossy();
    let libraries = ["-c", LIBRARIES, "sh", &folder, tools.trim_end()];
    let libraries = root.answer_from_outside("sh", &libraries)?;
    let packages = root.answer("dpkg-query", &["-W", "-f", "${Package}\\n"])?;
    // The last is what every loader of the last twenty years can do; Red Hat's package of glibc says so of itself.
    let has = libraries.lines().chain(packages.lines()).chain(["/bin/sh", "rtld(GNU_HASH)"]);
    let has: String = has.map(|name| format!("Provides: {name}\n")).collect();
    let text = format!(
        "Name: clean-debian\nVersion: 1\nRelease: 1\nSummary: What is there already\nLicense: none\n\
         BuildArch: noarch\nAutoReqProv: no\n{has}\n%description\nNothing.\n\n\
         %install\nmkdir -p '%{{buildroot}}{FOLDER}'\n\n%files\n%dir {FOLDER}\n"
    );
    let package = build(session, "clean-debian", &text)?;
    rpm(root, &["--install", &root.carry(&package)?]).map(drop)
}

/// See [`Format::as_version`](crate::packages::Format::as_version); `folder` is an empty one.
pub(crate) fn as_version(
    session: &Session,
    package: &Path,
    version: &str,
    without: &[&str],
    folder: &Path,
) -> Result<PathBuf> {
    let file = package.to_string_lossy();
    let unpack = r#"rpm2archive -n - <"$1" | tar -x -C "$2""#;
    session.answer("sh", &["-c", unpack, "sh", &file, &folder.to_string_lossy()])?;
    leave_out(folder, without)?;
    let asked = |format: &str| -> Result<String> {
        session.answer("rpm", &["--query", "--package", "--queryformat", format, &file])
    };
    let name = asked("%{NAME}")?;
    let mut text = format!(
        "Name: {name}\nVersion: {version}\nRelease: 1\nSummary: An earlier one\nLicense: none\n\
         AutoReqProv: no\n\n%description\nNothing.\n\n%install\ncp -a '{}/.' '%{{buildroot}}'\n",
        folder.display()
    );
    for (section, tag) in [("post", "POSTIN"), ("preun", "PREUN"), ("postun", "POSTUN")] {
        let script = asked(&format!("%{{{tag}}}"))?;
        if script != "(none)" {
            text.push_str(&format!("\n%{section}\n{}\n", script.replace('%', "%%")));
        }
    }
    text.push_str("\n%files\n%defattr(-,root,root,-)\n");
    for line in asked("[%{FILEMODES:perms} %{FILENAMES}\\n]")?.lines() {
        let (mode, path) = line.split_once(' ').with_context(|| format!("cannot read {line:?}"))?;
        if without.iter().any(|place| Path::new(path).starts_with(place)) {
            continue;
        }
        let kind = if mode.starts_with('d') { "%dir " } else { "" };
        text.push_str(&format!("{kind}\"{}\"\n", path.replace('%', "%%")));
    }
    build(session, &name, &text)
}

/// Has `rpmbuild` make a package of a specification, as quickly as it can.
fn build(session: &Session, name: &str, specification: &str) -> Result<PathBuf> {
    let work = session.path("rpmbuild");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir(&work)?;
    let file = work.join(format!("{name}.spec"));
    fs::write(&file, specification)?;
    let (top, packages) = (format!("_topdir {}", work.display()), work.join("made"));
    let made = format!("_rpmdir {}", packages.display());
    let settings = [
        &*top,
        &made,
        "_build_name_fmt made.rpm",
        "_binary_payload w1.gzdio",
        "_build_id_links none",
        "debug_package %{nil}",
        "__os_install_post %{nil}",
    ];
    let file = file.to_string_lossy();
    let mut args = vec!["-bb", &*file];
    settings.iter().for_each(|setting| args.extend(["--define", setting]));
    session.answer("rpmbuild", &args)?;
    Ok(packages.join("made.rpm"))
}
