//! Whether anything but the processor draws here.
//!
//! Where no graphics card is, WebKit composes each frame of the whole window with a library that plays one. Without
//! composing it paints only what has changed. That was cheaper while figures flashed by an animation; since they do
//! not, no difference was measured: `docs/decisions/0079`.

use std::fs;
use std::process::Command;

/// WebKit's own switch.
const WITHOUT_COMPOSING: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";

/// Has the process that shows the window paint in the way that is cheaper here. Whoever has set WebKit's switch already
/// knows better.
pub(super) fn choose(command: &mut Command) {
    if std::env::var_os(WITHOUT_COMPOSING).is_none() && !has_card("/dev/dri") {
        command.env(WITHOUT_COMPOSING, "1");
    }
}

/// Whether the folder of the kernel's graphics devices has one that draws.
fn has_card(folder: &str) -> bool {
    let devices = fs::read_dir(folder).into_iter().flatten().flatten();
    devices.into_iter().any(|device| device.file_name().to_string_lossy().starts_with("renderD"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_alone_draws_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        assert!(!has_card(&format!("{path}/none")));
        fs::write(folder.path().join("card0"), "").unwrap();
        assert!(!has_card(path));
        fs::write(folder.path().join("renderD128"), "").unwrap();
        assert!(has_card(path));
    }
}
