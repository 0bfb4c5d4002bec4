//! Where things lie in the repository.

use std::{
    env,
    path::{Path, PathBuf},
};

/// The folder of the root `Cargo.toml`.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the root of the workspace")
}

/// Cargo's target folder, absolute; `CARGO_TARGET_DIR` moves it.
pub(crate) fn target() -> PathBuf {
    root().join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}
