//! Packages of Debian and its relatives.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use crate::{
    command::{answer, command, exists, run},
    step::{note, step},
};

/// What compiling and linking the app, and making its window small, needs.
pub(crate) const BUILD: &[&str] =
    &["binaryen", "build-essential", "libwebkit2gtk-4.1-dev", "librsvg2-dev", "pkg-config"];

/// The browser for the tests of the window; the desktop the tests on the real binary run in, and what they look at it
/// with.
pub(crate) const TEST: &[&str] = &[
    "chromium",
    "chromium-driver",
    "dbus",
    "dbus-x11",
    "dunst",
    "fonts-inter",
    "gnome-keyring",
    "imagemagick",
    "openbox",
    "python3-venv",
    "strace",
    "webkit2gtk-driver",
    "wmctrl",
    "x11-utils",
    "xfce4-panel",
    "xvfb",
];

/// Installs those of `wanted` that are missing, or fails with the line that would.
pub(crate) fn ensure(wanted: &[&str]) -> Result<()> {
    if !exists("dpkg-query") {
        note(
            "not a Debian system, so packages are not checked; by Debian's names these are needed:",
        );
        note(&format!("  {}", wanted.join(" ")));
        return Ok(());
    }
    let missing = missing(wanted);
    if missing.is_empty() {
        note(&format!("Debian packages: all {} are there", wanted.len()));
        return Ok(());
    }
    let Some(privilege) = privilege() else {
        bail!(
            "{} Debian package(s) are missing, and neither root nor password-less sudo is at hand to install them. \
             Run this line, then try again:\n\n    sudo apt-get update && sudo apt-get install \
             --no-install-recommends -y {}\n",
            missing.len(),
            missing.join(" ")
        );
    };
    step(&format!("installing Debian packages: {}", missing.join(" ")), || {
        // A single repository that is out of reach must not stop packages of the others.
        if let Err(error) = run(apt_get(privilege).arg("update")) {
            note(&format!("{error:#}; going on with the package lists there are"));
        }
        run(apt_get(privilege).args(["install", "--no-install-recommends", "-y"]).args(&missing))
    })
}

#[derive(Debug, Clone, Copy)]
enum Privilege {
    Root,
    Sudo,
}

fn privilege() -> Option<Privilege> {
    if answer(command("id").arg("-u"))?.trim() == "0" {
        return Some(Privilege::Root);
    }
    // `-n` fails where a password would be asked for.
    answer(command("sudo").args(["-n", "true"])).map(|_| Privilege::Sudo)
}

fn apt_get(privilege: Privilege) -> std::process::Command {
    // Through `env`, because sudo drops the variable.
    let quiet = ["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"];
    match privilege {
        Privilege::Root => {
            let mut apt = command("env");
            apt.args(quiet);
            apt
        }
        Privilege::Sudo => {
            let mut apt = command("sudo");
            apt.args(["-n", "env"]).args(quiet);
            apt
        }
    }
}

fn missing<'a>(wanted: &[&'a str]) -> Vec<&'a str> {
    // It fails when it has never heard of one of the names, but still lists the others: so no `answer` here.
    let output = command("dpkg-query")
        .args(["--show", "--showformat", "${Package} ${db:Status-Abbrev}\\n"])
        .args(wanted)
        .output();
    let listing =
        output.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    let installed = installed(&listing);
    wanted.iter().copied().filter(|package| !installed.contains(package)).collect()
}

/// The packages of a listing of name and status that are unpacked and configured.
fn installed(listing: &str) -> BTreeSet<&str> {
    let entries = listing.lines().filter_map(|line| line.split_once(' '));
    entries.filter(|(_, status)| status.trim() == "ii").map(|(package, _)| package).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_configured_packages_count_as_installed() {
        let listing = "xvfb ii \ndunst rc \nopenbox iU \npkg-config ii \n";
        assert_eq!(installed(listing), BTreeSet::from(["pkg-config", "xvfb"]));
    }
}
