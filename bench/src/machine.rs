//! On what it was measured.

use std::fs;
use std::process::Command;

use serde::Serialize;

/// What a figure depends on beside the program. Nothing that names a person, a machine or a network.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    /// Of the measuring, in UTC.
    pub at: String,
    /// What was measured.
    pub commit: Option<String>,
    /// Whether files differed from it.
    pub changed: Option<bool>,
    pub version: &'static str,
    pub profile: &'static str,
    pub rustc: Option<String>,
    pub os: Option<String>,
    pub kernel: Option<String>,
    pub arch: &'static str,
    pub cpu: Option<String>,
    pub cores: usize,
    pub governor: Option<String>,
    pub virtual_machine: Option<bool>,
    pub memory_bytes: Option<u64>,
    /// What holds the files of the benchmarks that write some.
    pub file_system: Option<String>,
    /// Load average of the last minute when the measuring began: what else was going on.
    pub load: Option<f64>,
    pub node: Option<String>,
    pub python: Option<String>,
}

impl Machine {
    /// Looks at this one. What cannot be found out is left out.
    #[must_use]
    pub fn here() -> Self {
        let cpu_info = read("/proc/cpuinfo");
        let field = |name: &str| {
            let line = cpu_info.as_ref()?.lines().find(|line| line.starts_with(name))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        };
        let os_release = read("/etc/os-release");
        let os = os_release.as_ref().and_then(|text| {
            let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
            Some(name.trim_matches('"').to_owned())
        });
        let memory = read("/proc/meminfo").and_then(|text| {
            let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
            let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
            Some(kib * 1_024)
        });
        Self {
            at: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            commit: said("git", &["rev-parse", "HEAD"]),
            changed: said("git", &["status", "--porcelain", "--untracked-files=no"])
                .map(|text| !text.is_empty()),
            version: env!("CARGO_PKG_VERSION"),
            profile: if cfg!(debug_assertions) { "dev" } else { "release" },
            rustc: said("rustc", &["--version"]),
            os,
            kernel: read("/proc/sys/kernel/osrelease").map(|text| text.trim().to_owned()),
            arch: std::env::consts::ARCH,
            cpu: field("model name"),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            governor: read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
                .map(|text| text.trim().to_owned()),
            virtual_machine: field("flags")
                .map(|flags| flags.split(' ').any(|flag| flag == "hypervisor")),
            memory_bytes: memory,
            file_system: said("stat", &["-f", "-c", "%T", env!("CARGO_MANIFEST_DIR")]),
            load: read("/proc/loadavg").and_then(|text| text.split(' ').next()?.parse().ok()),
            node: said("node", &["--version"]),
            python: said("python3", &["--version"]),
        }
    }
}

/// Today's date in UTC, as folders of results begin.
#[must_use]
pub fn date() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// What a program prints, if it is there.
fn said(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
