//! The window as a program of its own, seen from the watch, which starts it with a socket for its standard input that
//! nobody else has. What WebKit and the toolkit take for a window goes with it; should it fail, the watch does not
//! notice.

mod activation;
mod display;
mod engine;
mod frame;
mod held;
mod inside;
mod messages;
mod program;
mod unpacked;

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::view::WindowMessage;
use serde_json::value::{RawValue, to_raw_value};
use tokio::io::AsyncWriteExt as _;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::Child;
use tokio::sync::{Notify, Semaphore, mpsc, watch};

pub(crate) use activation::Token;
pub(crate) use display::Display;
pub(crate) use inside::run;
pub(crate) use messages::Answer;

use activation::Given;
use messages::{FromWindow, ToWindow};
use program::{NoProgram, Program};

use super::page::{Making, Shown};
use super::{Request, WindowKeeper};
use crate::bridge::calls::{self, Call, Outcome};
use crate::host::Host;
use crate::parts::Parts;

/// By its first word the toolkit names windows, and desktops find what belongs to them.
const APPLICATION: &str = "vaultwatch";
/// Messages that may wait for the window. One that takes none any more is closed.
const WAITING: usize = 4_096;
/// Commands of the page under way at once. A page that is in order never comes near.
const CALLS: usize = 256;
/// A window that was asked to close, or has let go of its socket, has ended after this long, or is ended.
const FAREWELL: Duration = Duration::from_secs(2);
/// A process that is not ready after this long is told what to show all the same.
const PATIENCE: Duration = Duration::from_secs(5);

/// The way to the window's process. Whatever is sent to one that is gone is gone, too.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    messages: mpsc::Sender<ToWindow>,
    hung: Arc<Notify>,
}

impl Link {
    /// On a channel that the page has opened.
    pub(crate) fn send_on(&self, id: u32, body: Box<RawValue>) {
        self.send(ToWindow::Channel { id, body });
    }

    fn send(&self, message: ToWindow) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.messages.try_send(message) {
            self.hung.notify_one();
        }
    }
}

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoWindow {
    #[error(transparent)]
    NoProgram(#[from] NoProgram),
    #[error("its process could not be started")]
    Process(#[from] io::Error),
}

/// The window there is, for whoever has something to tell it, and the process that is to be the next one.
#[derive(Clone, Debug, Default)]
pub(super) struct Current(Arc<Mutex<Windows>>);

#[derive(Debug, Default)]
struct Windows {
    link: Option<Link>,
    prepared: Option<Started>,
    /// What shows it, from when it was found.
    program: Option<Program>,
    /// Where the person was last, if that was elsewhere than at the start.
    display: Option<Display>,
    /// For the window that is shown next.
    given: Given,
}

impl Windows {
    fn start(&mut self) -> Result<Started, NoWindow> {
        let program = match self.program.take() {
            Some(program) => program,
            None => Program::find()?,
        };
        let display = self.display.as_ref().filter(|display| display.look().is_ok());
        Ok(Started::of(self.program.insert(program), display)?)
    }
}

impl Current {
    /// Opens what shows windows, before an update replaces it.
    pub(super) fn find_program(&self) {
        match Program::find() {
            Ok(program) => self.lock().program = Some(program),
            // It is looked for again when a window is wanted.
            Err(error) => tracing::warn!(%error, "there will be no window"),
        }
    }

    pub(super) fn prepare(&self) {
        let mut windows = self.lock();
        match windows.start() {
            Ok(started) => windows.prepared = Some(started),
            // It is tried again when a window is wanted, and told then.
            Err(error) => tracing::debug!(%error, "the window cannot be prepared"),
        }
    }

    pub(super) fn be_on(&self, display: Display) {
        self.lock().display = Some(display);
    }

    /// Where windows are shown, should there be a display at all.
    pub(super) fn display(&self) -> Display {
        let last = self.lock().display.clone().filter(|display| display.look().is_ok());
        last.unwrap_or_else(Display::of_this_start)
    }

    pub(super) fn has_display(&self) -> bool {
        self.display().look().is_ok()
    }

    pub(super) fn activate_with(&self, token: Token) {
        self.lock().given.put(token);
    }

    pub(super) fn tell(&self, _host: &Host, message: &WindowMessage) {
        let Some(link) = self.lock().link.clone() else { return };
        match to_raw_value(message) {
            Ok(message) => link.send(ToWindow::Message(message)),
            Err(error) => tracing::error!(%error, "an event cannot be written"),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Windows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A process that is about to be a window.
#[derive(Debug)]
struct Started {
    child: Child,
    socket: UnixStream,
}

impl Started {
    /// On the current Tokio runtime. The process ends with the handle on it.
    fn of(program: &Program, display: Option<&Display>) -> io::Result<Self> {
        let (ours, its) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let mut command = program.command();
        command.arg0(APPLICATION).stdin(OwnedFd::from(its));
        for (name, _) in std::env::vars_os() {
            if is_none_of_its_business(&name.to_string_lossy()) {
                command.env_remove(name);
            }
        }
        engine::choose(&mut command);
        if let Some(display) = display {
            display.set(&mut command);
        }
        let mut command = tokio::process::Command::from(command);
        let child = command.kill_on_drop(true).spawn()?;
        // With the command goes our copy of its end: without, its end would not be noticed.
        drop(command);
        Ok(Self { child, socket: UnixStream::from_std(ours)? })
    }
}

/// A window whose process is starting.
pub(super) struct Coming {
    window: Window,
    ready: Arc<Notify>,
}

impl Coming {
    pub(super) fn begin(parts: &Parts, keeper: &WindowKeeper) -> Result<Self, NoWindow> {
        let Started { child, socket } = {
            let mut windows = keeper.current.lock();
            match windows.prepared.take() {
                Some(started) => started,
                None => windows.start()?,
            }
        };
        let (messages, queue) = mpsc::channel(WAITING);
        let link = Link { messages, hung: Arc::default() };
        let (gone, told) = watch::channel(false);
        let ready = Arc::<Notify>::default();
        let served = Served {
            parts: parts.clone(),
            keeper: keeper.clone(),
            link: link.clone(),
            ready: Arc::clone(&ready),
        };
        tokio::spawn(served.until_gone(child, socket, queue, gone));
        let window = Window { current: keeper.current.clone(), link, gone: told };
        Ok(Self { window, ready })
    }

    /// Returns when the process waits for what it is to show, or has ended: what becomes of one that has ended, whoever
    /// serves it tells.
    pub(super) async fn ready(&mut self) {
        let Self { window, ready } = self;
        let ended = async {
            // An error means that nobody serves it, either.
            let _ = window.gone.wait_for(|gone| *gone).await;
        };
        let ready = async {
            tokio::select! {
                () = ready.notified() => {}
                () = ended => {}
            }
        };
        if tokio::time::timeout(PATIENCE, ready).await.is_err() {
            tracing::warn!("the window's process is not ready after {PATIENCE:?}");
        }
    }

    pub(super) fn show(self, making: Making) -> Result<Window, NoWindow> {
        let Self { window, .. } = self;
        let mut windows = window.current.lock();
        // One that nobody has asked for does not come to the front.
        let up = making.shown == Shown::Up;
        let token = up.then(|| windows.given.take()).flatten();
        window.link.send(ToWindow::Make { making: Box::new(making), token });
        // Not before: that message is the first.
        if window.is_there() {
            windows.link = Some(window.link.clone());
        }
        drop(windows);
        Ok(window)
    }
}

pub(super) struct Window {
    current: Current,
    link: Link,
    gone: watch::Receiver<bool>,
}

impl Window {
    pub(super) fn is_there(&self) -> bool {
        !*self.gone.borrow()
    }

    pub(super) fn bring_up(&self) {
        let token = self.current.lock().given.take();
        self.link.send(ToWindow::BringUp { token });
    }

    pub(super) fn minimise(&self) {
        self.link.send(ToWindow::Minimise);
    }

    /// Returns when its process has ended.
    pub(super) async fn close(&mut self) {
        self.link.send(ToWindow::Close);
        let gone = self.gone.wait_for(|gone| *gone);
        if tokio::time::timeout(FAREWELL, gone).await.is_err() {
            tracing::warn!("the window does not close: its process is ended");
            self.link.hung.notify_one();
            // It ends with whoever serves it; there is no other end.
            let _ = self.gone.wait_for(|gone| *gone).await;
        }
    }

    pub(super) fn close_if_minimised(&self) {
        self.link.send(ToWindow::CloseIfMinimised);
    }
}

/// One window's process and whoever does what its page asks.
struct Served {
    parts: Parts,
    keeper: WindowKeeper,
    link: Link,
    ready: Arc<Notify>,
}

impl Served {
    async fn until_gone(
        self,
        child: Child,
        socket: UnixStream,
        queue: mpsc::Receiver<ToWindow>,
        gone: watch::Sender<bool>,
    ) {
        let (reading, writing) = socket.into_split();
        let writer = tokio::spawn(write_all(writing, queue));
        let ended = tokio::select! {
            ended = self.serve(reading) => ended,
            () = self.link.hung.notified() => Err(io::Error::other("it takes nothing any more")),
        };
        match ended {
            // It has ended with something unread; by which code, is told below.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {}
            Err(error) => tracing::error!(%error, "the window's process is not in order"),
            Ok(()) => {}
        }
        // With the socket it ends by itself.
        writer.abort();
        match end(child).await {
            Ok(status) if status.success() => {}
            Ok(status) => {
                tracing::error!(%status, "the window's process has failed; the watch goes on");
            }
            Err(error) => tracing::error!(%error, "nothing is known of the window's process"),
        }
        {
            let mut windows = self.keeper.current.lock();
            windows.link = None;
            // Under the lock, for one that is gone must not become the current one.
            gone.send_replace(true);
        }
        self.keeper.ask(Request::Gone);
    }

    async fn serve(&self, mut reading: OwnedReadHalf) -> io::Result<()> {
        let calls = Arc::new(Semaphore::new(CALLS));
        while let Some(message) = frame::read(&mut reading).await? {
            match message {
                FromWindow::Ready => self.ready.notify_one(),
                FromWindow::Call { call, command, arguments } => {
                    self.call(call, &command, &arguments, &calls);
                }
                FromWindow::CloseWanted => self.keeper.ask(Request::Close),
                FromWindow::Placed(place) => self.parts.memory.set_place(place),
                FromWindow::Said(line) => tracing::warn!(line, "the window's process says"),
            }
        }
        Ok(())
    }

    /// What only tells something is done at once, so that it is done in the page's order.
    fn call(&self, number: u64, command: &str, arguments: &RawValue, calls: &Arc<Semaphore>) {
        let call = Call::new(self.parts.clone(), self.link.clone(), command, arguments);
        let outcome = match call {
            Ok(call) => calls::carry_out(call),
            Err(refused) => Outcome::Now(Answer::Refused(refused)),
        };
        let link = self.link.clone();
        match (outcome, Arc::clone(calls).try_acquire_owned()) {
            (Outcome::Now(answer), _) => link.send(ToWindow::Answer { call: number, answer }),
            (Outcome::Later(answer), Ok(permit)) => {
                tokio::spawn(async move {
                    link.send(ToWindow::Answer { call: number, answer: answer.await });
                    drop(permit);
                });
            }
            (Outcome::Later(_), Err(_)) => {
                let answer = Answer::Refused(calls::in_words("too much is asked at once"));
                link.send(ToWindow::Answer { call: number, answer });
            }
        }
    }
}

async fn write_all(mut writing: OwnedWriteHalf, mut queue: mpsc::Receiver<ToWindow>) {
    while let Some(message) = queue.recv().await {
        let written = match frame::of(&message) {
            Ok(bytes) => writing.write_all(&bytes).await,
            Err(error) => {
                tracing::error!(%error, "a message for the window is left out");
                continue;
            }
        };
        // It is gone; whoever reads from it tells.
        if written.is_err() {
            return;
        }
    }
}

/// Whether a variable of the environment says what nobody who draws windows needs to know. A token may be in one of any
/// name; these are the names that people give.
fn is_none_of_its_business(name: &str) -> bool {
    const SECRET: [&str; 6] = ["TOKEN", "SECRET", "PASSW", "CREDENTIAL", "API_KEY", "APIKEY"];
    let name = name.to_ascii_uppercase();
    // The token of this start is told by a message, so that no later window has it again.
    activation::VARIABLES.contains(&name.as_str())
        || name.starts_with("VAULTWATCH_")
        || SECRET.iter().any(|word| name.contains(word))
}

async fn end(mut child: Child) -> io::Result<ExitStatus> {
    if let Ok(status) = tokio::time::timeout(FAREWELL, child.wait()).await {
        return status;
    }
    child.start_kill()?;
    child.wait().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_told_of_the_desktop_and_of_no_secret() {
        for secret in ["VAULTWATCH_CONFIG", "ACME_TOKEN", "acme_token", "DB_PASSWORD", "MY_API_KEY"]
        {
            assert!(is_none_of_its_business(secret), "{secret}");
        }
        for needed in ["DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "LANG"] {
            assert!(!is_none_of_its_business(needed), "{needed}");
        }
    }

    #[test]
    fn the_token_of_the_first_start_is_not_that_of_every_window() {
        for used in activation::VARIABLES {
            assert!(is_none_of_its_business(used), "{used}");
        }
    }
}
