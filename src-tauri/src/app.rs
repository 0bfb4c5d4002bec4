//! Puts everything together, in this order: configuration, display, the claim to be the only one, tray, watches, window. What one
//! watch is put together from is in [`watch`](crate::watch).

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::view::Mode;
use jiff::Zoned;
use monitor::config::{FeedArgs, FoundAll};
use monitor::{Clock as _, SystemClock};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::alarm::Siren;
use crate::arguments::Arguments;
use crate::begun::Begun;
use crate::crash::{self, Run};
use crate::failure::Failure;
use crate::host::{self, Host, Running};
use crate::parts::Parts;
use crate::starts::{self, Starts, Wished};
use crate::tray::{OnRequest, Tray, TrayRequest};
use crate::watch::{self, Keeper, Watches};
use crate::window::{self, Memory, WindowKeeper};
use crate::{display, logging, machine, quit};

/// One for the watch, one for everything else that goes on.
const WORKERS: usize = 2;
/// Left-over tasks are cut off after this long at the end.
const FAREWELL: Duration = Duration::from_millis(500);
/// A start with the session comes before the panel. A tray that is not there after this long will not come.
const TRAY_PATIENCE: Duration = Duration::from_secs(15);
const TRAY_POLL: Duration = Duration::from_secs(1);

/// Runs until it is quit.
///
/// # Errors
/// One variant of [`Failure`] for each thing that must be there and is not.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let runtime = runtime()?;
    if runtime.block_on(host::hand_on()) {
        return Ok(ExitCode::SUCCESS);
    }
    let (keeper, requests) = WindowKeeper::new();
    let shown = !arguments.hidden && !arguments.errands.want_a_running_one();
    let display = if shown { display::look() } else { Ok(()) };
    // Before all else: it takes longest, and needs nothing of what is found here. It ends with the keeper where there is
    // to be no window after all.
    #[cfg(target_os = "linux")]
    if shown && display.is_ok() {
        let _guard = runtime.enter();
        keeper.prepare();
        if let Some(token) = window::Token::of_this_start() {
            keeper.activate_with(token);
        }
    }
    let found = arguments.feed.resolve_all_or_last_good();
    // Nobody runs: what ends the start ends it here. Elsewhere only the plug-in knows who runs, and whoever does is told
    // whatever the configuration says.
    let found = if cfg!(target_os = "linux") {
        if arguments.errands.want_a_running_one() {
            return Err(Failure::NotRunning);
        }
        // First: what is wrong with the configuration can be mended from anywhere.
        let found = found?;
        display?;
        Ok(found)
    } else {
        found
    };
    let (starts, wished) = Starts::new();
    let Some(running) = Running::begin(&runtime, &starts, &keeper)? else {
        return Ok(ExitCode::SUCCESS);
    };
    if arguments.errands.want_a_running_one() {
        return Err(Failure::NotRunning);
    }
    let found = found?;
    let logging = logging::start(&found.configured.places.log_dir);
    crash::report_panics(&found.configured.places.data_dir, logging.recent);
    let host = running.host().clone();
    let feed = (&arguments.feed, found);
    let composed = compose(&host, feed, keeper.clone(), requests, wished);
    let Composed { memory, tray, run } = runtime.block_on(composed)?;
    if let Some(wish) = arguments.wish() {
        starts.wish(wish);
    }
    if arguments.hidden {
        runtime.spawn(show_without_tray(tray, keeper));
    } else {
        keeper.show();
    }
    let code = running.until_exit(&runtime);
    memory.write();
    run.end();
    runtime.shutdown_timeout(FAREWELL);
    host.farewell();
    Ok(ExitCode::from(code))
}

fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .thread_name("vaultwatch")
        .enable_all()
        .build()
}

/// What is left to be done with when it ends.
struct Composed {
    memory: Arc<Memory>,
    tray: Tray,
    run: Arc<Run>,
}

async fn compose(
    host: &Host,
    (args, found): (&FeedArgs, FoundAll),
    keeper: WindowKeeper,
    requests: window::Requests,
    wished: Wished,
) -> Result<Composed, Failure> {
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "starting");
    let data_dir = found.configured.places.data_dir.clone();
    let away = found.configured.away_after;
    let watched = watch::watched(&found.configured);
    let memory = window::remember(&data_dir);
    let (quit, quit_asked) = oneshot::channel();
    let begun = Arc::new(Begun::default());
    let on_request = on_tray_request(keeper.clone(), Arc::clone(&begun), quit);
    let mode = match found.configured.is_demo() {
        true => Mode::Demo,
        false => Mode::Profile(watched.clone().unwrap_or_default()),
    };
    let tray = Tray::start(host, &mode, Arc::clone(&on_request));
    let siren = Siren::default();
    let (mut watching, watches) =
        Keeper::new((host.clone(), keeper.clone()), args, found, siren.clone());
    watches.show_in(tray.clone());
    let started = SystemClock.now();
    let last = crash::previous(&data_dir);
    let notices = crash::notice(&data_dir, last.as_ref(), started, away);
    watching.begin(notices.into_iter().collect()).await?;
    let run = Arc::new(Run::begin(&data_dir, watched, started));
    tokio::spawn(Run::go_on(run.path()));
    for request in begun.begin(watches.clone()) {
        on_request(request);
    }
    tokio::spawn(starts::carry_out(wished, Arc::clone(&on_request)));
    tokio::spawn(machine::follow(watches.clone(), watching.veil().clone()));
    let sound = watching.sound().clone();
    let hearing = watches.clone();
    siren.start(sound.clone(), move |cause| hearing.unheard(cause));
    let parts = Parts {
        watches: watches.clone(),
        settings: Arc::new(watching.settings()),
        channels: watching.channels().clone(),
        sound,
        memory: Arc::clone(&memory),
        start_again: Arc::clone(watching.start_again()),
        #[cfg(not(target_os = "linux"))]
        host: host.clone(),
    };
    // Before the window, whose page asks for them.
    #[cfg(not(target_os = "linux"))]
    host.manage(parts.clone());
    tokio::spawn(watches.clone().tell_the_page());
    tokio::spawn(watching.run(Arc::clone(&run)));
    tokio::spawn(window::keep(parts, (tray.clone(), on_request), (keeper, requests)));
    tokio::spawn(quit::on_request(host.clone(), (watches, tray.clone()), quit_asked));
    Ok(Composed { memory, tray, run })
}

fn on_tray_request(
    keeper: WindowKeeper,
    begun: Arc<Begun<Watches, TrayRequest>>,
    quit: oneshot::Sender<()>,
) -> OnRequest {
    let quit = Mutex::new(Some(quit));
    let ask = move |request| match begun.or_keep(request) {
        Some((watches, TrayRequest::GoTo(destination))) => watches.open(destination),
        Some((watches, TrayRequest::SnoozeAll(snooze))) => {
            watches.snooze_all(SystemClock.now().plus(snooze.from(&Zoned::now())));
        }
        Some((watches, TrayRequest::TestCritical)) => watches.test_critical(),
        // Nothing that the watches are asked for; or they are, as soon as there are any.
        Some(_) | None => {}
    };
    Arc::new(move |request| match request {
        TrayRequest::Open => keeper.show(),
        #[cfg(target_os = "linux")]
        TrayRequest::Activation(token) => keeper.activate_with(token),
        #[cfg(target_os = "linux")]
        TrayRequest::Display(display) => keeper.be_on(display),
        TrayRequest::GoTo(_) | TrayRequest::SnoozeAll(_) | TrayRequest::TestCritical => {
            ask(request);
        }
        TrayRequest::Quit => {
            // Only the first click counts.
            if let Some(quit) = quit.lock().unwrap_or_else(PoisonError::into_inner).take() {
                let _ = quit.send(());
            }
        }
    })
}

/// Started hidden where no tray comes up, it would be out of reach.
async fn show_without_tray(tray: Tray, keeper: WindowKeeper) {
    let reachable = async {
        while !tray.is_reachable().await {
            tokio::time::sleep(TRAY_POLL).await;
        }
    };
    if tokio::time::timeout(TRAY_PATIENCE, reachable).await.is_err() && keeper.has_display() {
        tracing::warn!("started hidden, but nothing shows tray items: showing the window");
        keeper.show();
    }
}
