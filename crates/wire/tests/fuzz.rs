//! The fuzz targets' own checks, without a fuzzer: on the inputs that are kept in `fuzz/corpus`, and on what is near them.
//! So a change that breaks a target, or what it found once, is noticed at once.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../../../fuzz/src/compressed.rs"]
mod compressed;
#[path = "../../../fuzz/src/control.rs"]
mod control;
#[path = "../../../fuzz/src/envelope.rs"]
mod envelope;

use std::path::{Path, PathBuf};

type Check = fn(&[u8]);

const TARGETS: [(&str, Check); 3] =
    [("compressed", compressed::check), ("control", control::check), ("envelope", envelope::check)];

fn folder(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz").join(of)
}

fn files(of: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> =
        std::fs::read_dir(folder(of)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_target_is_among_these() {
    let name = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let targets: Vec<_> = files("fuzz_targets").into_iter().map(name).collect();
    assert_eq!(targets, TARGETS.map(|(name, _)| name));
}

#[test]
fn what_is_kept_and_what_is_near_it_breaks_nothing() {
    for (target, check) in TARGETS {
        let mut inputs = files(&format!("corpus/{target}"));
        // What a run has found interesting is named by its hash: those who fuzz have thousands of them.
        inputs.retain(|path| path.file_name().unwrap().len() < 40);
        assert!(inputs.len() >= 3, "{target}");
        for path in inputs {
            let input = std::fs::read(&path).unwrap();
            check(&input);
            // Cut short anywhere, and with any one bit turned over; of what is long, in its first part.
            let near = input.len().min(512);
            for at in 0..near {
                check(&input[..at]);
                for bit in 0..8 {
                    let mut other = input.clone();
                    other[at] ^= 1 << bit;
                    check(&other);
                }
            }
        }
    }
}
