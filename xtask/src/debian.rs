//! Packages of Debian and its relatives.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use crate::{
    command::{answer, command, exists, run},
    step::{note, step},
};

/// What compiling and linking the app needs.
pub(crate) const BUILD: &[&str] =
    &["build-essential", "libwebkit2gtk-4.1-dev", "librsvg2-dev", "pkg-config"];

/// What finds out of which packages the programs' shared libraries are, and makes packages for others.
pub(crate) const BUNDLE: &[&str] = &["dpkg-dev", "rpm"];

/// The browser for the tests of the window; the desktops the tests on the real binary run in, one of X and one of Wayland,
/// and what they look at them with; the Alertmanager that the alerts are compared with; what judges the files for the
/// desktop; what makes packages, and a clean system to install them in.
pub(crate) const TEST: &[&str] = &[
    "appstream",
    "chromium",
    "chromium-driver",
    "dbus",
    "dbus-x11",
    "desktop-file-utils",
    "dpkg-dev",
    "dunst",
    "fonts-inter",
    "foot",
    "gnome-keyring",
    "grim",
    "imagemagick",
    "mmdebstrap",
    "openbox",
    "prometheus-alertmanager",
    "python3-venv",
    "rpm",
    "strace",
    "sway",
    "tzdata",
    "webkit2gtk-driver",
    "wmctrl",
    "wtype",
    "x11-utils",
    "xfce4-panel",
    "xvfb",
];

/// Packages that start a service when installed, and its name. The tests start their own.
const SERVICES: &[(&str, &str)] = &[("prometheus-alertmanager", "prometheus-alertmanager.service")];

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
             Run this line, then try again:\n\n    {}sudo apt-get update && sudo apt-get install \
             --no-install-recommends -y {}\n",
            missing.len(),
            masking(&missing),
            missing.join(" ")
        );
    };
    step(&format!("installing Debian packages: {}", missing.join(" ")), || {
        // A single repository that is out of reach must not stop packages of the others.
        if let Err(error) = run(apt_get(privilege).arg("update")) {
            note(&format!("{error:#}; going on with the package lists there are"));
        }
        let services = services(&missing);
        if !services.is_empty() && has_systemd() {
            run(privileged(privilege, "systemctl").arg("mask").args(services))?;
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
    let mut apt = privileged(privilege, "env");
    apt.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]);
    apt
}

fn privileged(privilege: Privilege, program: &str) -> std::process::Command {
    match privilege {
        Privilege::Root => command(program),
        Privilege::Sudo => {
            let mut sudo = command("sudo");
            sudo.args(["-n", program]);
            sudo
        }
    }
}

/// Whether systemd runs this machine. In a container it does not: nothing is started there, and there is nothing to ask.
fn has_systemd() -> bool {
    std::path::Path::new("/run/systemd/system").is_dir()
}

/// The services that these packages would start. Masked before the package comes, a service is never started; one that
/// somebody has installed already is theirs, and left alone.
fn services(packages: &[&str]) -> Vec<&'static str> {
    let ours = SERVICES.iter().filter(|(package, _)| packages.contains(package));
    ours.map(|(_, service)| *service).collect()
}

/// The beginning of the line that a person runs.
fn masking(missing: &[&str]) -> String {
    let services = services(missing);
    if services.is_empty() || !has_systemd() {
        return String::new();
    }
    format!("sudo systemctl mask {} && ", services.join(" "))
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

    #[test]
    fn only_the_service_of_a_package_that_is_missing_is_kept_from_starting() {
        assert_eq!(services(&["xvfb", "dunst"]), [""; 0]);
        assert_eq!(
            services(&["xvfb", "prometheus-alertmanager"]),
            ["prometheus-alertmanager.service"]
        );
        assert!(SERVICES.iter().all(|(package, _)| TEST.contains(package)));
    }
}
