//! Pages outside of the application, which the window cannot open itself.

use std::process::Stdio;
use std::time::Duration;

use domain::{ChainId, VaultId, explorer};
use tokio::process::Command;

use crate::parts::Parts;

/// What opens a page in the person's own browser, with the arguments that come before the address.
const OPENER: (&str, &[&str]) = if cfg!(windows) {
    // Unlike `start` it takes the address as it is, without a shell in between.
    ("rundll32", &["url.dll,FileProtocolHandler"])
} else if cfg!(target_os = "macos") {
    ("open", &[])
} else {
    ("xdg-open", &[])
};

/// How long it has for telling that it cannot. Some stay for as long as the browser they started.
const PATIENCE: Duration = Duration::from_secs(3);

/// Opens a vault on its chain's explorer. The address is made here, of what was checked: a page cannot have another one
/// opened.
#[tauri::command]
#[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "there is one desktop"))]
pub(super) async fn open_explorer(parts: Parts, id: VaultId, chain: ChainId) -> Result<(), String> {
    let page = address(&id, chain)?;
    let (program, arguments) = OPENER;
    let mut command = Command::new(program);
    command.args(arguments);
    #[cfg(target_os = "linux")]
    parts.watches.put_beside_the_window(command.as_std_mut());
    open(command, &page, PATIENCE).await
}

fn address(id: &VaultId, chain: ChainId) -> Result<String, String> {
    explorer::address_page(id, chain)
        .ok_or_else(|| format!("no explorer is known that shows {id} on {}", chain.name()))
}

async fn open(mut command: Command, page: &str, patience: Duration) -> Result<(), String> {
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    command.arg(page);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            format!("{name} is not installed, which opens pages (Debian: xdg-utils)")
        }
        _ => format!("{name} cannot be started: {error}"),
    })?;
    match tokio::time::timeout(patience, child.wait()).await {
        Ok(Ok(status)) if !status.success() => {
            Err(format!("{name} did not open {page}: {status}. Is there a browser?"))
        }
        Ok(Err(error)) => Err(format!("{name}: {error}")),
        // It is busy being a browser.
        Ok(Ok(_)) | Err(_) => Ok(()),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const PAGE: &str = "https://etherscan.io/address/0x00000000000000000000000000000000DeaDBeef";

    async fn opened(script: &str, patience: Duration) -> Result<(), String> {
        let mut command = Command::new("sh");
        command.args(["-c", script, "opener"]);
        open(command, PAGE, patience).await
    }

    #[tokio::test]
    async fn the_opener_gets_the_address_and_may_stay() {
        let patience = Duration::from_secs(20);
        opened(&format!("test \"$1\" = {PAGE}"), patience).await.unwrap();
        let failed = opened("exit 3", patience).await.unwrap_err();
        assert!(failed.contains(PAGE) && failed.contains("browser"), "{failed}");
        opened("sleep 5", Duration::from_millis(50)).await.unwrap();
    }

    #[tokio::test]
    async fn a_missing_opener_is_named_with_what_brings_it() {
        let nothing = open(Command::new("no-such-opener"), PAGE, PATIENCE).await.unwrap_err();
        assert!(nothing.contains("no-such-opener") && nothing.contains("xdg-utils"), "{nothing}");
    }

    #[test]
    fn what_has_no_explorer_is_refused() {
        let refused = address(&VaultId::new("ETH-017").unwrap(), ChainId(1));
        assert!(refused.unwrap_err().contains("ETH-017"));
    }
}
