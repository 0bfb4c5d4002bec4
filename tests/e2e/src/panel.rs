//! The real xfce4-panel, with its tray and nothing else on it.

use std::fs;

use anyhow::Result;

use crate::{
    Desktop,
    patience::until,
    processes::Process,
    tray::{Host, TrayState},
};

/// Its height on the screen, at the top.
pub const HEIGHT: usize = 40;

#[derive(Debug)]
pub struct Panel {
    pub process: Process,
}

impl Panel {
    /// Starts it and returns when it shows items.
    ///
    /// # Errors
    /// When it is not installed or never becomes a tray host.
    pub async fn start(desktop: &Desktop) -> Result<Self> {
        let folder = desktop.session().path("config").join("xfce4/xfconf/xfce-perchannel-xml");
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("xfce4-panel.xml"), settings())?;
        let mut command = desktop.command("xfce4-panel");
        let process = desktop
            .spawn("xfce4-panel", command.args(["--disable-wm-check", "--sm-client-disable"]))?;
        until("the panel as a tray host", async || {
            let host = TrayState::of(desktop).await.is_ok_and(|tray| tray.host == Host::Present);
            Ok(host.then_some(()))
        })
        .await?;
        Ok(Self { process })
    }
}

/// One panel over the whole upper edge. `configver` says that these are settings of the present kind; without it the
/// panel asks a question first.
fn settings() -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="{HEIGHT}"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"/>
  </property>
</channel>
"#
    )
}
