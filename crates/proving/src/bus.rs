//! A D-Bus of a test's own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use zbus::Connection;

/// A bus on which nothing is but what the test serves; a program may take it for the system's or for its session's.
#[derive(Debug)]
pub struct Bus {
    folder: TempDir,
    daemon: Option<Child>,
}

impl Bus {
    /// # Panics
    /// There is no `dbus-daemon`.
    #[must_use]
    pub fn start() -> Self {
        let mut bus = Self::absent();
        bus.come();
        bus
    }

    /// An address where there is none yet.
    ///
    /// # Panics
    /// There is no room for a folder.
    #[must_use]
    pub fn absent() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), daemon: None }
    }

    #[must_use]
    pub fn address(&self) -> String {
        format!("unix:path={}", self.folder.path().join("bus").display())
    }

    /// It is there now, at the same address.
    ///
    /// # Panics
    /// There is no `dbus-daemon`.
    pub fn come(&mut self) {
        let config = self.folder.path().join("bus.conf");
        // With the words of a session's bus anybody may take any name.
        let text = format!(
            "<busconfig><type>session</type><listen>{}</listen><auth>EXTERNAL</auth><policy context=\"default\">\
             <allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/>\
             </policy></busconfig>",
            self.address()
        );
        std::fs::write(&config, text).unwrap();
        let mut daemon = Command::new("dbus-daemon")
            .args(["--nofork", "--print-address=1", "--config-file"])
            .arg(&config)
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is installed");
        let mut ready = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        assert!(!ready.is_empty(), "dbus-daemon has ended");
        self.daemon = Some(daemon);
    }

    /// It goes, as a crash does.
    ///
    /// # Panics
    /// It was not there.
    pub fn go(&mut self) {
        let mut daemon = self.daemon.take().expect("a bus that is there");
        daemon.kill().unwrap();
        daemon.wait().unwrap();
        let _ = std::fs::remove_file(self.folder.path().join("bus"));
    }

    /// A connection that is nobody in particular.
    ///
    /// # Panics
    /// The bus is not there.
    pub async fn connect(&self) -> Connection {
        let address = self.address();
        zbus::connection::Builder::address(address.as_str()).unwrap().build().await.unwrap()
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}
