use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use domain::Language;
use domain::view::FeedState;
use monitor::config::{FeedArgs, Resolved};
use monitor::{MonitorHandle, Notice, Observed, Options, OsNotification, Shell};
use realtime::Topic;
use session::Event;
use store::{History, Store};
use tokio::sync::mpsc;

use crate::notify::Desktop;
use crate::printer::{Format, Printer};
use crate::source::Source;
use crate::{End, duration, kept, machine};

/// Of what is printed, whatever was chosen in the window of an app that kept it: scripts read it.
const LANGUAGE: Language = Language::English;

#[derive(clap::Args)]
pub(crate) struct WatchArgs {
    #[command(flatten)]
    feed: FeedArgs,
    /// Only messages of this type, or of all types with this prefix (vault_update_*); repeatable
    #[arg(long = "topic", value_name = "TOPIC", default_value = "*")]
    topics: Vec<Topic>,
    /// One JSON object per line
    #[arg(long)]
    json: bool,
    /// Only the summary at the end
    #[arg(long)]
    quiet: bool,
    /// Stop after this long: 500ms, 30s, 5m
    #[arg(long = "for", value_name = "TIME", value_parser = duration::parse)]
    time: Option<Duration>,
    /// End when the server closes, instead of reconnecting
    #[arg(long)]
    once: bool,
    /// Take the token from this environment variable
    #[arg(long, value_name = "VAR")]
    token_env: Option<String>,
    /// Print the connection's figures this often: 5s, 1m
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    stats_every: Option<Duration>,
    /// Also show critical alerts as desktop notifications
    #[arg(long)]
    notify: bool,
    /// Keep notifications and figures in this folder; without it they are forgotten at the end
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
}

/// Watches until told to stop, then prints the summary.
pub(crate) async fn run(args: WatchArgs) -> anyhow::Result<End> {
    let source = Source::open(&args.feed, args.token_env.as_deref()).await?;
    let (store, history) = match &args.store {
        Some(folder) => {
            let path = folder.join("vaultwatch.db");
            let store = kept::store(&path)?.keeping(source.retention);
            (store, Some(History::beside(&path, source.history)?))
        }
        None => (Store::in_memory()?, None),
    };
    let format = match (args.quiet, args.json) {
        (true, _) => Format::Quiet,
        (false, true) => Format::Json,
        (false, false) => Format::Text,
    };
    let (ended, mut endings) = mpsc::channel(4);
    let shell = Arc::new(Terminal {
        printer: Printer::new(format, args.json || args.quiet),
        desktop: args.notify.then(|| Desktop::new(source.hide_amounts)),
        once: args.once,
        connected: AtomicBool::new(false),
        ended,
    });
    let mut options = Options::new(source.mode.clone(), source.connection.clone());
    options.topics.clone_from(&args.topics);
    options.stages.clone_from(&source.stages);
    options.keys.clone_from(&source.keys);
    options.plugin_dir = Some(source.plugin_dir.clone());
    options.history = history;
    options.rules = source.rules.clone();
    options.policy = source.policy.clone();
    options.only_language = Some(LANGUAGE);
    let monitor = monitor::start(options, store, shell.clone()).await?;
    let told = |notice: &Notice| {
        let (title, message) = notice.said.clone().into_words(LANGUAGE);
        crate::remark(&format!("{title}: {message}"));
    };
    let changed = {
        let shell = shell.clone();
        move |resolved: Resolved| {
            if let Some(desktop) = &shell.desktop {
                desktop.hide_amounts(resolved.hide_amounts);
            }
        }
    };
    let following = source.file.run(monitor.clone(), changed, told);
    tokio::spawn(following);
    if let Some(desktop) = &shell.desktop {
        desktop.answer_to(monitor.clone());
    }
    let tell = |event| match event {
        Event::Asleep => monitor.asleep(),
        Event::Awake => monitor.awake(),
        Event::Network(network) => monitor.network(machine::network(network)),
        Event::Screen(screen) => {
            if let Some(desktop) = &shell.desktop {
                desktop.screen_is(screen.is_locked());
            }
        }
    };
    let end = tokio::select! {
        () = machine::follow(tell) => End::AsAsked,
        () = print_figures(&monitor, &shell.printer, args.stats_every) => End::AsAsked,
        ending = endings.recv() => ending.context("the monitor ended by itself")?,
        () = elapsed(args.time) => End::AsAsked,
        signal = interrupted() => signal.map(|()| End::AsAsked)?,
    };
    finish(&monitor, &shell.printer).await;
    Ok(end)
}

/// For as long as it watches, however quiet it is otherwise.
async fn print_figures(monitor: &MonitorHandle, printer: &Printer, every: Option<Duration>) {
    let Some(every) = every else { return std::future::pending().await };
    let start = tokio::time::Instant::now() + every;
    let mut due = tokio::time::interval_at(start, every.max(Duration::from_millis(100)));
    due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        due.tick().await;
        if let Some(diagnostics) = monitor.diagnostics().await {
            printer.figures(&diagnostics);
        }
    }
}

async fn finish(monitor: &MonitorHandle, printer: &Printer) {
    let statistics = monitor.statistics().await;
    monitor.shutdown().await;
    printer.summary(&statistics);
}

pub(crate) async fn elapsed(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}

/// Ctrl-C, or what a service manager sends.
pub(crate) async fn interrupted() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted?,
            _ = terminated.recv() => {}
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
}

/// The shell of a terminal: prints, and ends the watch when there is no more to see.
struct Terminal {
    printer: Printer,
    desktop: Option<Desktop>,
    once: bool,
    /// Whether there has been a connection yet.
    connected: AtomicBool,
    ended: mpsc::Sender<End>,
}

impl Shell for Terminal {
    fn observe(&self, observed: Observed<'_>) {
        if !self.printer.is_quiet() {
            self.printer.print(observed);
        }
        let end = match observed {
            Observed::Failed { cause } => {
                crate::remark(&format!("The connection failed for good: {cause}"));
                End::ConnectionFailed
            }
            Observed::State { state: FeedState::Live, .. } => {
                return self.connected.store(true, Ordering::Relaxed);
            }
            Observed::State { state: FeedState::Retrying { cause, .. }, .. } if self.once => {
                if self.connected.load(Ordering::Relaxed) {
                    End::AsAsked
                } else {
                    crate::remark(&format!("Not connected: {cause}"));
                    End::ConnectionFailed
                }
            }
            _ => return,
        };
        // Full: an end is on its way already.
        let _ = self.ended.try_send(end);
    }

    fn notify(&self, notification: &OsNotification) {
        if let Some(desktop) = &self.desktop {
            desktop.show(notification);
        }
    }
}
