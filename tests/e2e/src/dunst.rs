//! The real dunst as notification service.

use std::{fs, sync::Arc};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    Desktop,
    patience::until,
    processes::{Process, Session},
};

#[derive(Debug)]
pub struct Dunst {
    pub process: Process,
    session: Arc<Session>,
}

/// What dunst remembers of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub app_name: String,
    pub summary: String,
    pub body: String,
}

impl Dunst {
    /// Starts it and returns when it answers on the bus.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub async fn start(desktop: &Desktop) -> Result<Self> {
        let config = desktop.session().path("config").join("dunstrc");
        // A frame in a colour that nothing else has, so that it can be found on the screen.
        let text = "[global]\nhistory_length = 100\n[urgency_critical]\nframe_color = \"#fe01fd\"\ntimeout = 0\n";
        fs::write(&config, text)?;
        let mut command = desktop.command("dunst");
        let process = desktop.spawn("dunst", command.arg("-conf").arg(&config))?;
        until("dunst on the bus", async || {
            let owned = desktop.bus_name_is_owned("org.freedesktop.Notifications").await?;
            Ok(owned.then_some(()))
        })
        .await?;
        Ok(Self { process, session: Arc::clone(desktop.session()) })
    }

    /// How many are on the screen.
    ///
    /// # Errors
    /// When dunst does not answer.
    pub fn on_screen(&self) -> Result<usize> {
        Ok(self.session.answer("dunstctl", &["count", "displayed"])?.trim().parse()?)
    }

    /// Clicks the notification on top, as a person does.
    ///
    /// # Errors
    /// When dunst does not answer.
    pub fn click(&self) -> Result<()> {
        self.session.answer("dunstctl", &["action", "0"]).map(drop)
    }

    /// Closes those on the screen and lists all it ever showed, the newest first.
    ///
    /// # Errors
    /// When dunst does not answer, or not as expected.
    pub fn close_and_list(&self) -> Result<Vec<Shown>> {
        self.session.answer("dunstctl", &["close-all"])?;
        let history: Value = serde_json::from_str(&self.session.answer("dunstctl", &["history"])?)?;
        let entries = history["data"][0].as_array().context("a history without entries")?;
        let text =
            |entry: &Value, key: &str| entry[key]["data"].as_str().unwrap_or_default().to_owned();
        let shown = |entry| Shown {
            app_name: text(entry, "appname"),
            summary: text(entry, "summary"),
            body: text(entry, "body"),
        };
        Ok(entries.iter().map(shown).collect())
    }
}

/// The frame of a critical notification: red, green, blue.
pub const CRITICAL_FRAME: [u8; 3] = [0xfe, 0x01, 0xfd];
