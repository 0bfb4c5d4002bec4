//! The display a window is to be on. The watch has none itself and outlives the one it was started on; a later start says
//! where the person is now.

use std::ffi::OsString;
use std::net::TcpStream;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::path::PathBuf;
use std::process::Command;

use crate::display::NoDisplay;

/// What leads to a display.
const VARIABLES: [&str; 3] = ["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY"];
/// How a later start hands one on: `--desktop-DISPLAY=:1`.
const WORD: &str = "--desktop-";
/// Longer than any that leads somewhere.
const LONGEST: usize = 4_096;
/// Of an X server's socket, before its number.
const X_SOCKET: &str = "/tmp/.X11-unix/X";

/// A display, by the variables of the environment that lead to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Display([Option<String>; VARIABLES.len()]);

impl Display {
    /// That of this start; perhaps none.
    pub(crate) fn of_this_start() -> Self {
        Self::among(|name| std::env::var(name).ok())
    }

    fn among(value: impl Fn(&str) -> Option<String>) -> Self {
        Self(VARIABLES.map(|name| value(name).filter(|value| is_sound(value))))
    }

    /// Arguments that a version that does not know them passes over.
    pub(crate) fn to_words(&self) -> Vec<String> {
        let known = VARIABLES.iter().zip(&self.0);
        known
            .filter_map(|(name, value)| Some(format!("{WORD}{name}={}", value.as_ref()?)))
            .collect()
    }

    /// That of a later start, as [`Display::to_words`] has put it among its words; `None`: it said nothing of one.
    pub(crate) fn of_words(words: &[String]) -> Option<Self> {
        let display = Self::among(|name| {
            let value = |word: &String| {
                Some(word.strip_prefix(WORD)?.strip_prefix(name)?.strip_prefix('=')?.to_owned())
            };
            words.iter().find_map(value)
        });
        (display != Self::default()).then_some(display)
    }

    /// Has a process be on this display and on no other.
    pub(crate) fn set(&self, command: &mut Command) {
        for (name, value) in VARIABLES.iter().zip(&self.0) {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
    }

    /// Whether somebody answers there. Whether a window may be shown, the toolkit finds out.
    ///
    /// # Errors
    /// [`NoDisplay`], also where one is named but does not answer.
    pub(crate) fn look(&self) -> Result<(), NoDisplay> {
        let [x, wayland, _] = &self.0;
        let answers =
            wayland.as_deref().is_some_and(wayland_answers) || x.as_deref().is_some_and(x_answers);
        if answers { Ok(()) } else { Err(NoDisplay) }
    }
}

/// It comes from whoever is on the session bus.
fn is_sound(value: &str) -> bool {
    !value.is_empty() && value.len() <= LONGEST && !value.contains(char::is_control)
}

fn wayland_answers(name: &str) -> bool {
    let folder = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).unwrap_or_default();
    // A name that is a path is taken as it is.
    UnixStream::connect(folder.join(name)).is_ok()
}

/// `:1`, `unix:1.0`, or `host:10.0` of an ssh that forwards.
fn x_answers(name: &str) -> bool {
    let Some((host, number)) = name.rsplit_once(':') else { return false };
    let number = number.split('.').next().unwrap_or_default();
    if !matches!(host, "" | "unix") {
        let port = number.parse().ok().and_then(|number: u16| 6_000_u16.checked_add(number));
        return port.is_some_and(|port| TcpStream::connect((host, port)).is_ok());
    }
    let path = OsString::from(format!("{X_SOCKET}{number}"));
    let nameless = SocketAddr::from_abstract_name(path.as_encoded_bytes());
    UnixStream::connect(&path).is_ok()
        || nameless.is_ok_and(|address| UnixStream::connect_addr(&address).is_ok())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::os::unix::net::UnixListener;

    use super::*;

    fn display(x: Option<&str>, wayland: Option<&str>) -> Display {
        Display([x.map(str::to_owned), wayland.map(str::to_owned), None])
    }

    #[test]
    fn a_later_start_hands_it_on_beside_its_words() {
        let here = display(Some(":1"), Some("wayland-0"));
        let mut words = vec!["vaultwatch".to_owned(), "--hidden".to_owned()];
        assert_eq!(Display::of_words(&words), None);
        words.extend(here.to_words());
        assert_eq!(words[2..], ["--desktop-DISPLAY=:1", "--desktop-WAYLAND_DISPLAY=wayland-0"]);
        assert_eq!(Display::of_words(&words), Some(here));
    }

    #[test]
    fn what_leads_nowhere_is_none() {
        let long = "x".repeat(LONGEST + 1);
        for value in ["", "a\nb", "a\0b", &long] {
            let words = [format!("{WORD}DISPLAY={value}")];
            assert_eq!(Display::of_words(&words), None, "{value:?}");
        }
        assert_eq!(Display::of_words(&["--desktop-PATH=/tmp".to_owned()]), None);
    }

    #[test]
    fn a_process_is_on_that_display_alone() {
        let mut command = Command::new("true");
        display(Some(":7"), None).set(&mut command);
        let env: Vec<_> = command.get_envs().collect();
        let set =
            |name: &str| env.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        assert_eq!(set("DISPLAY"), Some(Some(":7".as_ref())));
        assert_eq!(set("WAYLAND_DISPLAY"), Some(None));
        assert_eq!(set("XAUTHORITY"), Some(None));
    }

    #[test]
    fn it_is_there_where_somebody_listens() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("wayland-9");
        let path = socket.to_str().unwrap();
        assert!(display(None, Some(path)).look().is_err());
        let listener = UnixListener::bind(&socket).unwrap();
        assert!(display(None, Some(path)).look().is_ok());
        assert!(display(Some(":no"), Some(path)).look().is_ok(), "one of them is enough");
        drop(listener);
        assert!(display(None, Some(path)).look().is_err(), "a socket that nobody listens on");
        assert!(display(None, None).look().is_err());
        for nowhere in ["", "1", ":", ":no", "localhost:99999", "localhost:x"] {
            assert!(display(Some(nowhere), None).look().is_err(), "{nowhere:?}");
        }
    }

    #[test]
    fn one_that_is_forwarded_is_asked_by_its_port() {
        let forwarded = (10..60).find_map(|number| {
            let listener = TcpListener::bind(("localhost", 6_000 + number)).ok()?;
            Some((number, listener))
        });
        let (number, _listener) = forwarded.expect("one of fifty ports is free");
        assert!(display(Some(&format!("localhost:{number}.0")), None).look().is_ok());
    }
}
