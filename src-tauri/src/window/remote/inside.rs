//! The window's process: a page, and a socket to the watch. It knows no token, opens no file and no connection; what the
//! page asks, the watch does.

use std::collections::HashMap;
use std::io::{self, IsTerminal as _, Write};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use domain::view::WindowMessage;
use serde_json::value::{RawValue, to_raw_value};
use tauri::ipc::{
    Channel, Invoke, InvokeBody, InvokeResolver, InvokeResponseBody, JavaScriptChannelId,
};
use tauri::{App, AppHandle, Emitter as _, Manager as _, RunEvent, WebviewWindow};
use thiserror::Error;

use super::super::page::{self, LABEL, Whereabouts};
use super::activation::{self, Token};
use super::held::Held;
use super::messages::{Answer, FromWindow, ToWindow};
use super::{frame, unpacked};
use crate::display::NoDisplay;

/// Messages that may wait for the watch. It takes them at once, so a full queue means a page in a loop.
const WAITING: usize = 1_024;
/// Channels of the page that are remembered; it has one or two.
const CHANNELS: usize = 16;
/// A loop of events that does not end by itself is ended after this long.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why there is no window.
#[derive(Debug, Error)]
enum NoWindow {
    #[error("this is what VaultWatch starts to show its window; start `vaultwatch` instead")]
    StartedByHand,
    #[error(transparent)]
    NoDisplay(#[from] NoDisplay),
    #[error("the watch cannot be understood")]
    Watch(#[from] io::Error),
    #[error("the toolkit could not be started")]
    Tauri(#[from] tauri::Error),
}

/// Shows the window until it is closed, or the watch has ended.
pub(crate) fn run() -> ExitCode {
    match show() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be told when standard error is closed.
            let _ = writeln!(io::stderr(), "vaultwatch: {error}");
            ExitCode::FAILURE
        }
    }
}

fn show() -> Result<(), NoWindow> {
    let mut socket = own_end()?;
    // It has the name of the link that it was started by.
    let _ = std::fs::write("/proc/self/comm", "vaultwatch");
    let watch = Watch::behind(socket.try_clone()?)?;
    log_to(&watch);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("window")
        .enable_all()
        .build()?;
    tauri::async_runtime::set(runtime.handle().clone());
    let mut context = crate::context();
    unpacked::begin(&mut context);
    // Asked first, for Tauri panics where there is none.
    if gtk::init().is_err() {
        watch.tell(FromWindow::Ready);
        // A watch that ends meanwhile says why, and wants no window.
        return match frame::read_blocking::<ToWindow>(&mut socket)? {
            Some(_) => Err(NoDisplay.into()),
            None => Ok(()),
        };
    }
    let asked = watch.clone();
    let app =
        tauri::Builder::default().invoke_handler(move |invoke| asked.ask(invoke)).build(context)?;
    // The toolkit is up; there may be no window to be made any more.
    watch.tell(FromWindow::Ready);
    let Some(ToWindow::Make { making, token }) = frame::read_blocking(&mut socket)? else {
        return Ok(());
    };
    let whereabouts = Arc::new(Whereabouts::new(making.place));
    let held = Held::new();
    let loaded = held.clone();
    let window = page::build(app.handle(), &making, move |window| loaded.end(window))?;
    held.begin(&window)?;
    if let Some(token) = token
        && let Err(error) = activation::come_up_first(&window, token)
    {
        // It is there all the same, behind others perhaps.
        tracing::warn!(%error, "the window was not brought to the front");
    }
    drop(window);
    runtime.spawn(follow(app.handle().clone(), Arc::clone(&whereabouts), watch.clone()));
    let heard = Heard {
        app: app.handle().clone(),
        watch: watch.clone(),
        whereabouts: Arc::clone(&whereabouts),
        channels: Vec::new(),
    };
    thread::Builder::new().name("watch".to_owned()).spawn(move || heard.until_the_end(socket))?;
    turn(app, watch, whereabouts);
    Ok(())
}

/// The socket that the watch has given as standard input.
fn own_end() -> Result<UnixStream, NoWindow> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    // Of a terminal, a file or a pipe there is no peer.
    socket.peer_addr().map_err(|_| NoWindow::StartedByHand)?;
    Ok(socket)
}

/// The loop of events, on the main thread, until the window is gone.
fn turn(app: App, watch: Watch, whereabouts: Arc<Whereabouts>) {
    app.run_return(move |_, event| {
        let RunEvent::WindowEvent { event, .. } = event else { return };
        match event {
            tauri::WindowEvent::CloseRequested { api, .. } => {
                // It may be minimised instead; the watch knows.
                api.prevent_close();
                watch.tell(FromWindow::CloseWanted);
            }
            tauri::WindowEvent::Moved(_) | tauri::WindowEvent::Resized(_) => whereabouts.moved(),
            _ => {}
        }
    });
}

async fn follow(app: AppHandle, whereabouts: Arc<Whereabouts>, watch: Watch) {
    loop {
        whereabouts.rests().await;
        let Some(window) = app.get_webview_window(LABEL) else { return };
        if let Some(place) = whereabouts.look(&window) {
            watch.tell(FromWindow::Placed(place));
        }
    }
}

/// Whoever does what the page asks.
#[derive(Clone)]
struct Watch {
    messages: SyncSender<FromWindow>,
    waiting: Arc<Mutex<HashMap<u64, InvokeResolver<tauri::Wry>>>>,
    calls: Arc<AtomicU64>,
}

impl Watch {
    fn behind(mut socket: UnixStream) -> io::Result<Self> {
        let (messages, queue) = sync_channel::<FromWindow>(WAITING);
        let write = move || {
            for message in queue {
                match frame::write(&mut socket, &message) {
                    Err(error) if error.kind() != io::ErrorKind::InvalidData => return,
                    // One that is too long is left out.
                    _ => {}
                }
            }
        };
        thread::Builder::new().name("to the watch".to_owned()).spawn(write)?;
        Ok(Self { messages, waiting: Arc::default(), calls: Arc::default() })
    }

    /// Without waiting. Whether it will get there, as far as anybody knows.
    fn tell(&self, message: FromWindow) -> bool {
        match self.messages.try_send(message) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        }
    }

    /// Hands a command of the page on. Tauri has looked at whether the page may call it.
    fn ask(&self, invoke: Invoke) -> bool {
        let Invoke { message, resolver, .. } = invoke;
        let arguments = match message.payload() {
            InvokeBody::Json(arguments) => to_raw_value(arguments).ok(),
            InvokeBody::Raw(_) => None,
        };
        let Some(arguments) = arguments else {
            resolver.reject("arguments have to be JSON");
            return true;
        };
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        self.lock().insert(call, resolver);
        let command = message.command().to_owned();
        if !self.tell(FromWindow::Call { call, command, arguments })
            && let Some(resolver) = self.lock().remove(&call)
        {
            resolver.reject("VaultWatch does not answer");
        }
        true
    }

    fn answered(&self, call: u64, answer: Answer) {
        let Some(resolver) = self.lock().remove(&call) else { return };
        match answer {
            Answer::Done(value) => resolver.resolve(in_json(value)),
            Answer::Refused(reason) => resolver.reject(reason),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, InvokeResolver<tauri::Wry>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn in_json(value: Box<RawValue>) -> InvokeResponseBody {
    InvokeResponseBody::Json(String::from(Box::<str>::from(value)))
}

/// Does what the watch says.
struct Heard {
    app: AppHandle,
    watch: Watch,
    whereabouts: Arc<Whereabouts>,
    /// The page's own, by their numbers, the one that was used last at the end. A page that was loaded again has others.
    channels: Vec<(u32, Channel<InvokeResponseBody>)>,
}

impl Heard {
    fn until_the_end(mut self, mut socket: UnixStream) {
        loop {
            match frame::read_blocking(&mut socket) {
                Ok(Some(message)) => self.hear(message),
                Ok(None) => break,
                Err(error) => {
                    tracing::error!(%error, "the watch cannot be understood");
                    break;
                }
            }
        }
        // Without a watch nothing that the window shows is true.
        self.app.exit(0);
        thread::sleep(PATIENCE);
        std::process::exit(0);
    }

    fn hear(&mut self, message: ToWindow) {
        match message {
            ToWindow::Answer { call, answer } => self.watch.answered(call, answer),
            ToWindow::Channel { id, body } => self.on_channel(id, body),
            ToWindow::Message(message) => {
                self.told("what happened", |window| {
                    window.emit(WindowMessage::NAME, message.clone())
                });
            }
            ToWindow::BringUp { token } => {
                self.told("that it is wanted", |window| bring_up(window, token.clone()));
            }
            ToWindow::Minimise => self.told("that it is not wanted", WebviewWindow::minimize),
            ToWindow::Close => self.close(),
            ToWindow::CloseIfMinimised => {
                let window = self.app.get_webview_window(LABEL);
                if window.is_some_and(|window| window.is_minimized().unwrap_or(false)) {
                    self.close();
                }
            }
            ToWindow::Make { .. } => tracing::error!("there is a window already"),
        }
    }

    /// With the window goes the loop of events, and with that the process.
    fn close(&self) {
        let Some(window) = self.app.get_webview_window(LABEL) else { return };
        if let Some(place) = self.whereabouts.look(&window) {
            self.watch.tell(FromWindow::Placed(place));
        }
        self.told("that it is closed", WebviewWindow::destroy);
    }

    fn on_channel(&mut self, id: u32, body: Box<RawValue>) {
        let known = self.channels.iter().position(|(known, _)| *known == id);
        let known = known.map(|at| self.channels.remove(at).1);
        let Some(channel) = known.or_else(|| self.open(id)) else { return };
        if let Err(error) = channel.send(in_json(body)) {
            // The page is going, and the watch does not know yet.
            tracing::debug!(%error, id, "a message found no page");
        }
        // What is used last stays longest, and of values something is told all the time.
        if self.channels.len() >= CHANNELS {
            self.channels.remove(0);
        }
        self.channels.push((id, channel));
    }

    fn open(&self, id: u32) -> Option<Channel<InvokeResponseBody>> {
        let window = self.app.get_webview_window(LABEL)?;
        let id: JavaScriptChannelId = format!("__CHANNEL__:{id}").parse().ok()?;
        Some(id.channel_on(window.as_ref().clone()))
    }

    fn told(&self, what: &str, tell: impl Fn(&WebviewWindow) -> tauri::Result<()>) {
        let Some(window) = self.app.get_webview_window(LABEL) else { return };
        if let Err(error) = tell(&window) {
            tracing::warn!(%error, what, "the window was not told");
        }
    }
}

/// The toolkit's window is the main thread's, which does what it is given in order.
fn bring_up(window: &WebviewWindow, token: Option<Token>) -> tauri::Result<()> {
    if let Some(token) = token {
        let raised = window.clone();
        window.run_on_main_thread(move || come_up(&raised, &token))?;
    }
    page::bring_up(window)
}

/// Where it cannot, the window is there all the same, behind others perhaps.
fn come_up(window: &WebviewWindow, token: &Token) {
    if let Err(error) = activation::come_up(window, token) {
        tracing::warn!(%error, "the window was not brought to the front");
    }
}

/// Warnings go to the watch, which has a file for them; everything to standard error.
fn log_to(watch: &Watch) {
    use tracing_subscriber::filter::LevelFilter;
    use tracing_subscriber::fmt;
    use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
    use tracing_subscriber::util::SubscriberInitExt as _;

    let told = watch.clone();
    let lines = move || Lines { watch: told.clone(), line: Vec::new() };
    let to_watch = fmt::layer().with_ansi(false).without_time().with_writer(lines);
    let colours = io::stderr().is_terminal();
    let terminal = fmt::layer().with_ansi(colours).with_writer(io::stderr);
    tracing_subscriber::registry()
        .with(to_watch.with_filter(LevelFilter::WARN))
        .with(terminal.with_filter(LevelFilter::INFO))
        .init();
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(place, message, "the window's process panicked");
        default(panic);
    }));
}

/// One line of the log, told when it is whole.
struct Lines {
    watch: Watch,
    line: Vec<u8>,
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        let line = String::from_utf8_lossy(&self.line).trim().to_owned();
        if !line.is_empty() {
            self.watch.tell(FromWindow::Said(line));
        }
    }
}
