//! A real terminal of Wayland, foot, in which somebody works and follows a link by a key.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::Desktop;
use crate::patience::until;
use crate::processes::Process;
use crate::sway::Sway;

/// What the compositor calls it.
pub const TERMINAL: &str = "terminal";

/// Shows the links on the screen, each with a letter that follows it; there is one.
const SHOW_LINKS: &str = "F5";
const FOLLOW: &str = "a";
/// What a key leads to is there by then, or it led nowhere.
const LED: Duration = Duration::from_secs(5);

/// It is in front from when it is there, until something else comes there.
#[derive(Debug)]
pub struct Terminal {
    /// Where the program that it starts for a link leaves the link and the token.
    told: PathBuf,
    _process: Process,
}

/// A link that was followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    pub link: String,
    /// What the compositor has given for it (xdg-activation): by it a window may come to the front. Launchers, trays and
    /// notification services have theirs in the same way.
    pub token: String,
}

impl Terminal {
    /// Starts it with that link in it.
    ///
    /// # Errors
    /// When it is not installed or does not come up.
    pub async fn start(desktop: &Desktop, sway: &Sway, link: &str) -> Result<Self> {
        let session = desktop.session();
        let (told, opener) = (session.path("followed"), session.path("open-link"));
        // Under another name first, so that it is never read in part.
        let script = "#!/bin/sh\nprintf '%s\\n%s\\n' \"$2\" \"$XDG_ACTIVATION_TOKEN\" >\"$1.new\"\n\
                      mv \"$1.new\" \"$1\"\n";
        fs::write(&opener, script)?;
        fs::set_permissions(&opener, fs::Permissions::from_mode(0o700))?;
        let scheme = link.split(':').next().unwrap_or_default();
        let config = session.path("config").join("foot.ini");
        let text = format!(
            "[url]\nlaunch={} {} ${{url}}\nprotocols={scheme}\nlabel-letters={FOLLOW}\n\
             [key-bindings]\nshow-urls-launch={SHOW_LINKS}\n",
            opener.display(),
            told.display()
        );
        fs::write(&config, text)?;
        let mut command = session.command("foot");
        command.arg("--config").arg(&config).args(["--app-id", TERMINAL]);
        command.args(["sh", "-c", "echo \"$1\"; exec sleep infinity", "sh", link]);
        let process = session.spawn("terminal", &mut command)?;
        sway.wait_for(TERMINAL).await?;
        sway.focus(TERMINAL).await?;
        Ok(Self { told, _process: process })
    }

    /// Follows the link, as somebody does who works in the terminal.
    ///
    /// # Errors
    /// When nothing is started for it.
    pub async fn follow(&self, sway: &Sway) -> Result<Followed> {
        sway.focus(TERMINAL).await?;
        if self.told.exists() {
            fs::remove_file(&self.told)?;
        }
        let mut pressed: Option<Instant> = None;
        let text = until("the link to be followed", async || {
            // Keys that come before the link is there lead nowhere, so they are pressed again.
            if pressed.is_none_or(|pressed| pressed.elapsed() > LED) {
                sway.press(&["-k", SHOW_LINKS, FOLLOW])?;
                pressed = Some(Instant::now());
            }
            Ok(fs::read_to_string(&self.told).ok())
        })
        .await?;
        let (link, token) = text.trim_end().split_once('\n').context("no token")?;
        Ok(Followed { link: link.to_owned(), token: token.to_owned() })
    }
}
