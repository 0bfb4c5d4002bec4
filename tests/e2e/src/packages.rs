//! Packages of this project, and the tools that put them into a clean system and take them out again.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::clean_root::{CleanRoot, from_xtask};
use crate::processes::Session;
use crate::rpm;

/// The kinds of packages there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Deb,
    Rpm,
}

impl Format {
    /// A package that `cargo xtask e2e` made.
    ///
    /// # Errors
    /// When it is not there.
    pub fn built(self, name: &str) -> Result<PathBuf> {
        let (ending, after_name) = match self {
            Self::Deb => ("deb", "_"),
            Self::Rpm => ("rpm", "-"),
        };
        let folder = from_xtask("VAULTWATCH_PACKAGES")?.join(ending);
        let is_it = |path: &PathBuf| {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            let rest = file.strip_prefix(name).and_then(|rest| rest.strip_prefix(after_name));
            // What follows is the version, and not more of another package's name.
            path.extension().is_some_and(|end| end == ending)
                && rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
        let mut found: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(is_it).collect();
        // One of an earlier version may lie beside it.
        found.sort_by_key(|path| path.metadata().and_then(|about| about.modified()).ok());
        found.pop().with_context(|| format!("no package {name} in {}", folder.display()))
    }

    /// The same package under another version and without the files below the folders `without`, which is how an earlier
    /// one is had before there is any.
    ///
    /// # Errors
    /// When it cannot be unpacked or packed.
    pub fn as_version(
        self,
        session: &Session,
        package: &Path,
        version: &str,
        without: &[&str],
    ) -> Result<PathBuf> {
        let folder = session.path("repacked");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir(&folder)?;
        match self {
            Self::Deb => deb_as_version(session, package, version, without, &folder),
            Self::Rpm => rpm::as_version(session, package, version, without, &folder),
        }
    }

    /// Makes the clean system one whose packages are of this kind.
    ///
    /// # Errors
    /// When it cannot become one.
    pub fn prepare(self, root: &CleanRoot) -> Result<()> {
        match self {
            Self::Deb => Ok(()),
            Self::Rpm => rpm::register_what_is_there(root),
        }
    }

    /// Installs a package from a file, or upgrades to it.
    ///
    /// # Errors
    /// When it asks for what is not there, or a script of its fails.
    pub fn install(self, root: &CleanRoot, package: &Path) -> Result<()> {
        let copy = root.carry(package)?;
        match self {
            // With what it asks for.
            Self::Deb => {
                root.answer("apt-get", &["--yes", "--no-install-recommends", "install", &copy])
            }
            Self::Rpm => rpm::rpm(root, &["--upgrade", &copy]),
        }
        .map(drop)
    }

    /// The version of a package that is installed, and all of it.
    ///
    /// # Errors
    /// When it is not.
    pub fn version(self, root: &CleanRoot, name: &str) -> Result<String> {
        match self {
            Self::Deb => {
                let format = ["-W", "-f", "${Version} ${Status}", name];
                let said = root.answer("dpkg-query", &format)?;
                let (version, status) = said.split_once(' ').context("no status")?;
                ensure!(status == "install ok installed", "{said}");
                Ok(version.to_owned())
            }
            Self::Rpm => {
                let said = rpm::rpm(root, &["--query", "--queryformat", "%{VERSION}\\n", name])?;
                // Two of them would be one that was not taken away by the upgrade.
                let version = said.trim_end();
                ensure!(!version.contains('\n'), "{said}");
                Ok(version.to_owned())
            }
        }
    }

    /// How what is on the disk differs from what the package has brought: sums, and with rpm owners, modes and times.
    ///
    /// # Errors
    /// When it is not installed; with rpm also when anything differs.
    pub fn verify(self, root: &CleanRoot, name: &str) -> Result<String> {
        match self {
            Self::Deb => root.answer("dpkg", &["--verify", name]),
            Self::Rpm => rpm::rpm(root, &["--verify", name]),
        }
    }

    /// The files that the package has brought, one in a line.
    ///
    /// # Errors
    /// When it is not installed.
    pub fn files(self, root: &CleanRoot, name: &str) -> Result<String> {
        match self {
            Self::Deb => root.answer("dpkg", &["-L", name]),
            Self::Rpm => rpm::rpm(root, &["--query", "--list", name]),
        }
    }

    /// Takes it out again.
    ///
    /// # Errors
    /// When it is not there, or a script of its fails.
    pub fn remove(self, root: &CleanRoot, name: &str) -> Result<()> {
        match self {
            Self::Deb => root.answer("apt-get", &["--yes", "remove", name]),
            Self::Rpm => rpm::rpm(root, &["--erase", name]),
        }
        .map(drop)
    }
}

fn deb_as_version(
    session: &Session,
    package: &Path,
    version: &str,
    without: &[&str],
    folder: &Path,
) -> Result<PathBuf> {
    let from = folder.to_string_lossy();
    session.answer("dpkg-deb", &["--raw-extract", &package.to_string_lossy(), &from])?;
    let control = folder.join("DEBIAN/control");
    let about = fs::read_to_string(&control)?;
    let lines = about.lines().map(|line| match line.starts_with("Version: ") {
        true => format!("Version: {version}\n"),
        false => format!("{line}\n"),
    });
    fs::write(&control, lines.collect::<String>())?;
    leave_out(folder, without)?;
    let sums = folder.join("DEBIAN/md5sums");
    let text = fs::read_to_string(&sums)?;
    let is_left_out = |line: &&str| {
        let path = line.split_once("  ").map(|(_, path)| format!("/{path}")).unwrap_or_default();
        without.iter().any(|place| Path::new(&path).starts_with(place))
    };
    let lines = text.lines().filter(|line| !is_left_out(line));
    fs::write(&sums, lines.map(|line| format!("{line}\n")).collect::<String>())?;
    let path = session.path("run").join(format!("earlier_{version}.deb"));
    let to = path.to_string_lossy();
    session.answer("dpkg-deb", &["--root-owner-group", "-Zgzip", "-z1", "--build", &from, &to])?;
    Ok(path)
}

/// Takes what lies at these places out of an unpacked package.
pub(crate) fn leave_out(folder: &Path, places: &[&str]) -> Result<()> {
    for place in places {
        let path = folder.join(place.trim_start_matches('/'));
        fs::remove_dir_all(&path).with_context(|| path.display().to_string())?;
    }
    Ok(())
}
