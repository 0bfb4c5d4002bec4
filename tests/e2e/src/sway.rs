//! A real compositor of Wayland, sway, without a screen: what it shows is drawn into memory, and its keyboard is a
//! program. There is no X beside it.

use std::fs;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use rustix::process::getuid;
use serde_json::Value;

use crate::Desktop;
use crate::patience::until;
use crate::processes::{Process, Session};
use crate::screen::Screen;

/// As sway calls the first display in a folder of sockets that has none yet.
const DISPLAY: &str = "wayland-1";

/// Whoever shows a token of xdg-activation comes to the front, and a window that is new without one does not, as long as
/// there is another: so it is seen that it was the token.
const SETTINGS: &str = "\
xwayland disable
output * resolution 1600x1000
default_border none
focus_on_window_activation focus
no_focus [app_id=\".*\"]
";

/// How long the keyboard stays plugged in, in milliseconds: longer than a test may take.
const LIFE: &str = "600000";

/// The running compositor.
#[derive(Debug)]
pub struct Sway {
    session: Arc<Session>,
    _process: Process,
    _keyboard: Process,
}

/// A window at the moment it was listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    pub id: i64,
    /// By this the desktop finds the entry that belongs to it.
    pub app_id: String,
    pub title: String,
    pub focused: bool,
    /// Left and top edge, width and height, in pixels.
    pub place: [i64; 4],
}

impl Sway {
    /// Starts it on a desktop that has no display, and returns when it answers and has a keyboard.
    ///
    /// # Errors
    /// When something of it is not installed or does not start.
    pub async fn start(desktop: &Desktop) -> Result<Self> {
        let session = Arc::clone(desktop.session());
        let config = session.path("config").join("sway");
        fs::write(&config, SETTINGS)?;
        let run = session.path("run");
        session.set_env("SWAYSOCK", &run.join("sway").to_string_lossy());
        let mut command = compositor(&session);
        command.arg("--config").arg(&config);
        for (name, value) in [
            ("WLR_BACKENDS", "headless"),
            ("WLR_LIBINPUT_NO_DEVICES", "1"),
            ("WLR_RENDERER", "pixman"),
        ] {
            command.env(name, value);
        }
        let mut process = session.spawn("sway", &mut command)?;
        until("the compositor", async || {
            ensure!(process.is_running()?, "it has ended: {}", process.log());
            let answers = session.answer("swaymsg", &["--type", "get_version"]).is_ok();
            Ok((answers && run.join(DISPLAY).exists()).then_some(()))
        })
        .await?;
        session.set_env("WAYLAND_DISPLAY", DISPLAY);
        // Keys that are pressed come from a keyboard of their own, which comes and goes with them. This one is never
        // pressed: with it there is one all the time, as programs expect.
        let mut keyboard = session.command("wtype");
        let keyboard = session.spawn("keyboard", keyboard.args(["-s", LIFE]))?;
        until("the keyboard", async || {
            let inputs = session.answer("swaymsg", &["--raw", "--type", "get_inputs"])?;
            let inputs: Value = serde_json::from_str(&inputs)?;
            Ok(inputs.as_array().is_some_and(|inputs| !inputs.is_empty()).then_some(()))
        })
        .await?;
        Ok(Self { session, _process: process, _keyboard: keyboard })
    }

    /// All windows there are.
    ///
    /// # Errors
    /// When the compositor is gone.
    pub fn windows(&self) -> Result<Vec<Window>> {
        let tree = self.session.answer("swaymsg", &["--raw", "--type", "get_tree"])?;
        let mut windows = Vec::new();
        collect(&serde_json::from_str(&tree)?, &mut windows);
        Ok(windows)
    }

    /// Waits for the only window of that program.
    ///
    /// # Errors
    /// When there is none within [`crate::patience::PATIENCE`], or more than one.
    pub async fn wait_for(&self, app_id: &str) -> Result<Window> {
        let mut found = until(&format!("a window of {app_id:?}"), async || {
            let found = self.of(app_id)?;
            Ok((!found.is_empty()).then_some(found))
        })
        .await
        .with_context(|| format!("windows: {:?}", self.windows()))?;
        ensure!(found.len() == 1, "several windows: {found:?}");
        found.pop().context("no window")
    }

    /// Waits until no window of that program is left.
    ///
    /// # Errors
    /// When there still is one after [`crate::patience::PATIENCE`].
    pub async fn wait_for_none(&self, app_id: &str) -> Result<()> {
        let what = format!("no window of {app_id:?}");
        until(&what, async || Ok(self.of(app_id)?.is_empty().then_some(()))).await
    }

    /// Waits until a window of that program has what is typed.
    ///
    /// # Errors
    /// When it has not within [`crate::patience::PATIENCE`].
    pub async fn wait_for_focus(&self, app_id: &str) -> Result<()> {
        let what = format!("a window of {app_id:?} in front");
        let focused = async || Ok(self.of(app_id)?.iter().any(|w| w.focused).then_some(()));
        until(&what, focused).await.with_context(|| format!("windows: {:?}", self.windows()))
    }

    /// Brings a program's window to the front, as a click on it does.
    ///
    /// # Errors
    /// When there is none.
    pub async fn focus(&self, app_id: &str) -> Result<()> {
        self.order(&format!("[app_id=\"{app_id}\"] focus"))?;
        self.wait_for_focus(app_id).await
    }

    /// Asks for the window to be closed, as its close button does.
    ///
    /// # Errors
    /// When it is gone.
    pub fn close(&self, window: &Window) -> Result<()> {
        self.order(&format!("[con_id={}] kill", window.id))
    }

    /// Presses keys, by their names or as text, in the window that is in front.
    ///
    /// # Errors
    /// When the compositor is gone.
    pub fn press(&self, keys: &[&str]) -> Result<()> {
        self.session.answer("wtype", keys).map(drop)
    }

    /// What of the window is to be seen, as a PNG.
    ///
    /// # Errors
    /// When it cannot be taken.
    pub fn picture(&self, window: &Window) -> Result<Vec<u8>> {
        let [x, y, width, height] = window.place;
        self.session.bytes("grim", &["-g", &format!("{x},{y} {width}x{height}"), "-"])
    }

    /// The same as pixels.
    ///
    /// # Errors
    /// As [`Sway::picture`].
    pub fn grab(&self, window: &Window) -> Result<Screen> {
        let file = self.session.path("picture.png");
        fs::write(&file, self.picture(window)?)?;
        Screen::open(&self.session, &file)
    }

    fn of(&self, app_id: &str) -> Result<Vec<Window>> {
        let mut windows = self.windows()?;
        windows.retain(|window| window.app_id == app_id);
        Ok(windows)
    }

    fn order(&self, order: &str) -> Result<()> {
        self.session.answer("swaymsg", &["--quiet", order]).map(drop)
    }
}

/// It refuses to be root. Where the tests are, it is somebody else in a namespace of its own, with the same rights on the
/// session's folder.
fn compositor(session: &Session) -> Command {
    if !getuid().is_root() {
        return session.command("sway");
    }
    let mut command = session.command("unshare");
    command.args(["--user", "--map-user=1000", "--map-group=1000", "sway"]);
    command
}

/// The windows below a node of sway's tree. Whatever else is in it belongs to no process.
fn collect(node: &Value, windows: &mut Vec<Window>) {
    if node["pid"].is_number() {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let number = |key: &str| node["rect"][key].as_i64().unwrap_or_default();
        windows.push(Window {
            id: node["id"].as_i64().unwrap_or_default(),
            app_id: text(&node["app_id"]),
            title: text(&node["name"]),
            focused: node["focused"] == true,
            place: ["x", "y", "width", "height"].map(number),
        });
    }
    for key in ["nodes", "floating_nodes"] {
        let below = node[key].as_array().into_iter().flatten();
        below.for_each(|node| collect(node, windows));
    }
}
