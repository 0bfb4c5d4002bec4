//! A display, a session bus and a window manager of its own.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::Arc,
};

use anyhow::{Context, Result, ensure};

use crate::{
    patience::until,
    pixels::Pixels,
    processes::{Process, Session},
    windows::Windows,
};

/// Wide enough for the widest layout of the window.
const SCREEN: &str = "1600x1000x24";
/// The folder of the file in which the server keeps the pixels.
const PIXELS: &str = "pixels";

/// What every toolkit is told, whatever the display. Nothing about how it draws: that is as it is for a person.
const TOOLKITS: &[(&str, &str)] = &[("NO_AT_BRIDGE", "1"), ("GSETTINGS_BACKEND", "memory")];

/// The bare desktop. A tray, a panel or a notification service is there only when a test starts one.
#[derive(Debug)]
pub struct Desktop {
    session: Arc<Session>,
    bus_address: String,
}

impl Desktop {
    /// Starts display, bus and window manager, and returns when all three answer.
    ///
    /// # Errors
    /// When one of them is not installed or does not start.
    pub async fn start() -> Result<Self> {
        let desktop = Self::without_display()?;
        desktop.start_display().await?;
        Ok(desktop)
    }

    /// Starts a display with a window manager. Whatever is started from now on is shown there.
    ///
    /// # Errors
    /// When one of them is not installed or does not start.
    pub async fn start_display(&self) -> Result<()> {
        let display = start_display(&self.session)?;
        self.session.set_env("DISPLAY", &format!(":{display}"));
        self.session.set_env("GDK_BACKEND", "x11");
        let mut openbox = self.command("openbox");
        self.spawn("openbox", openbox.arg("--sm-disable"))?;
        // It announces itself before it can list windows.
        until("the window manager", async || Ok(self.windows().titled("").ok())).await.map(drop)
    }

    /// Ends the display, and with it everything that cannot be without one.
    ///
    /// # Errors
    /// When there is none.
    pub fn end_display(&self) -> Result<()> {
        ensure!(self.session.kill("Xvfb") > 0, "there is no display");
        // Another one keeps its pixels in the same place.
        Ok(fs::remove_dir_all(self.session.path(PIXELS))?)
    }

    /// Ends the session's bus, as the end of the session does.
    ///
    /// # Errors
    /// When there is none.
    pub fn end_bus(&self) -> Result<()> {
        ensure!(self.session.kill("dbus-daemon") > 0, "there is no bus");
        Ok(())
    }

    /// Starts a bus alone. A display is there only when a test starts one, and then it is not one of X.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn without_display() -> Result<Self> {
        Self::with_bus(Session::new()?)
    }

    fn with_bus(session: Arc<Session>) -> Result<Self> {
        let bus_address = start_bus(&session)?;
        session.set_env("DBUS_SESSION_BUS_ADDRESS", &bus_address);
        TOOLKITS.iter().for_each(|(name, value)| session.set_env(name, value));
        Ok(Self { session, bus_address })
    }

    /// The display's pixels as the server has them, at no cost to it.
    ///
    /// # Errors
    /// When the server keeps them in another form.
    pub fn pixels(&self) -> Result<Pixels> {
        Pixels::open(&self.session.path(PIXELS).join("Xvfb_screen0"))
    }

    /// The private home and its processes.
    #[must_use]
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// A command that runs on this desktop.
    #[must_use]
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        self.session.command(program)
    }

    /// # Errors
    /// When the program cannot be started.
    pub fn spawn(&self, name: &str, command: &mut Command) -> Result<Process> {
        self.session.spawn(name, command)
    }

    /// As [`Desktop::spawn`], with the input that `command` has.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn spawn_with_input(&self, name: &str, command: &mut Command) -> Result<Process> {
        self.session.spawn_with_input(name, command)
    }

    /// The windows on the display, as the window manager knows them.
    #[must_use]
    pub fn windows(&self) -> Windows {
        Windows::on(Arc::clone(&self.session))
    }

    /// A new connection to the session bus.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn bus(&self) -> Result<zbus::Connection> {
        Ok(zbus::connection::Builder::address(self.bus_address.as_str())?.build().await?)
    }

    /// A connection that serves `object` and then takes `name`. In this order and in one go: an object added to a
    /// connection that is up may miss the calls that its name brings at once.
    ///
    /// # Errors
    /// When the bus is gone or the name is taken.
    pub async fn serve(
        &self,
        name: &'static str,
        path: &'static str,
        object: impl zbus::object_server::Interface,
    ) -> Result<zbus::Connection> {
        let builder = zbus::connection::Builder::address(self.bus_address.as_str())?;
        Ok(builder.serve_at(path, object)?.name(name)?.build().await?)
    }

    /// Whether somebody on the bus answers to `name`.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn bus_name_is_owned(&self, name: &str) -> Result<bool> {
        let bus = self.bus().await?;
        let dbus = zbus::fdo::DBusProxy::new(&bus).await?;
        Ok(dbus.name_has_owner(name.try_into()?).await?)
    }
}

/// Lets the server choose a free display, so that tests can run side by side.
fn start_display(session: &Session) -> Result<u32> {
    let mut server = session.command("Xvfb");
    server.args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"]);
    let folder = session.path(PIXELS);
    fs::create_dir(&folder)?;
    server.arg("-fbdir").arg(folder);
    let line = first_line(&mut server, session, "xvfb")?;
    line.parse().with_context(|| format!("Xvfb answered {line:?} instead of a display"))
}

/// A bus that starts no service by itself but the settings daemon of the panel: what answers on it is what the test
/// started. The system's own configuration would bring up a notification service as soon as somebody notifies.
fn start_bus(session: &Session) -> Result<String> {
    let services = session.path("services");
    fs::create_dir(&services)?;
    let settings = "/usr/share/dbus-1/services/org.xfce.Xfconf.service";
    if fs::exists(settings)? {
        fs::copy(settings, services.join("org.xfce.Xfconf.service"))?;
    }
    let config = session.path("bus.conf");
    let text = format!(
        r#"<busconfig>
  <type>session</type>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
        session.path("run").join("bus").display(),
        services.display()
    );
    fs::write(&config, text)?;
    let mut daemon = session.command("dbus-daemon");
    daemon.args(["--nofork", "--print-address=1", "--config-file"]).arg(&config);
    first_line(&mut daemon, session, "dbus")
}

/// Starts a server and returns the first line it prints, which says that it is ready.
fn first_line(command: &mut Command, session: &Session, name: &str) -> Result<String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(session.log(name)?);
    let mut child =
        command.spawn().with_context(|| format!("cannot start {:?}", command.get_program()))?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut line)?;
    ensure!(!line.trim().is_empty(), "{name} ended before it was ready");
    Ok(line.trim().to_owned())
}
