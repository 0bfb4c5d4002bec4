//! The fuzz targets of `fuzz/`, one after the other.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::{
    command::{cargo, run},
    step::{note, step},
    tools, workspace,
};

/// Runs each target for `seconds`; the first crash ends it, its input kept under `fuzz/artifacts/`.
pub(crate) fn fuzz(seconds: u32, only: Option<&str>) -> Result<()> {
    tools::ensure(&tools::fuzz())?;
    let mut targets = targets()?;
    if let Some(only) = only {
        ensure!(targets.iter().any(|t| t == only), "no target `{only}`: {}", targets.join(", "));
        targets.retain(|target| target == only);
    }
    for target in targets {
        step(&format!("fuzzing {target} for {seconds} s"), || {
            let limit = format!("-max_total_time={seconds}");
            let mut command = cargo(&["fuzz", "run", "--sanitizer", "none"]);
            command.args([target.as_str(), "--", &limit]);
            // Coverage instrumentation is an unstable flag, and there is one toolchain: the stable one.
            run(command.env("RUSTC_BOOTSTRAP", "1"))
        })
        .with_context(|| {
            format!("reproduce it with `RUSTC_BOOTSTRAP=1 cargo fuzz run {target} fuzz/artifacts/{target}/…`")
        })?;
    }
    note("no crash");
    Ok(())
}

fn targets() -> Result<Vec<String>> {
    let folder = workspace::root().join("fuzz").join("fuzz_targets");
    let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let is_target = path.extension().is_some_and(|extension| extension == "rs");
            is_target.then(|| Some(path.file_stem()?.to_string_lossy().into_owned()))?
        })
        .collect();
    names.sort();
    Ok(names)
}
