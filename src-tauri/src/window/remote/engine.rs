//! What WebKit is told before it starts, by variables of its process: there is no other way to.
//!
//! Measured, and told in docs/decisions/0080. A WebKit that knows one of them no more passes it over.

use std::fs;
use std::process::Command;

/// Not its best compiler of WebAssembly, and the other one only for what is called again and again. Both run beside a page
/// that is to show something, and nothing is slower without them.
const COMPILERS: [(&str, &str); 2] =
    [("JSC_useOMGJIT", "0"), ("JSC_thresholdForBBQOptimizeAfterWarmUp", "15000")];
/// Where no graphics card is, WebKit starts a library that plays one, to compose what it has painted: the first frame is
/// there a good deal sooner without.
const WITHOUT_COMPOSING: (&str, &str) = ("WEBKIT_DISABLE_COMPOSITING_MODE", "1");
/// Where the kernel has the devices that draw.
const DEVICES: &str = "/dev/dri";

/// Has the process that shows the window start in the way that is quicker here. Whoever has set one of these looks for
/// something.
pub(super) fn choose(command: &mut Command) {
    let composing = (!has_card(DEVICES)).then_some(WITHOUT_COMPOSING);
    let chosen = COMPILERS.into_iter().chain(composing);
    command.envs(chosen.filter(|(name, _)| std::env::var_os(name).is_none()));
}

/// Whether a device in that folder draws; a screen alone does not.
fn has_card(folder: &str) -> bool {
    let devices = fs::read_dir(folder).into_iter().flatten().flatten();
    devices.into_iter().any(|device| device.file_name().to_string_lossy().starts_with("renderD"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_is_told_of_what_nobody_has_set() {
        let mut command = Command::new("window");
        choose(&mut command);
        for (name, value) in COMPILERS {
            let told = command.get_envs().find(|(told, _)| *told == name).and_then(|(_, to)| to);
            let set = std::env::var_os(name);
            assert_eq!(told.is_some(), set.is_none(), "{name}");
            assert!(told.is_none_or(|told| told == value), "{name}");
        }
    }

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
