//! Puts everything together, in this order: configuration, display, single instance, tray, watches, window. What one
//! watch is put together from is in [`watch`](crate::watch).

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::view::Mode;
use jiff::Zoned;
use monitor::config::{FeedArgs, FoundAll};
use monitor::{Clock as _, SystemClock};
use tauri::{App, AppHandle, Manager as _, RunEvent};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::alarm::Siren;
use crate::arguments::Arguments;
use crate::begun::Begun;
use crate::bridge::{self, StartAgain};
use crate::crash::{self, Run};
use crate::failure::Failure;
use crate::quit::{self, Running};
use crate::starts::{self, Starts, Wished};
use crate::tray::{OnRequest, Tray, TrayRequest};
use crate::watch::{self, Keeper, Watches};
use crate::window::{self, WindowKeeper};
use crate::{display, logging, machine, running};

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
    if runtime.block_on(running::hand_on()) {
        return Ok(ExitCode::SUCCESS);
    }
    let (keeper, requests) = WindowKeeper::new();
    // Before all else: it takes longest, and needs nothing of what is found here. It ends with the keeper where there is
    // to be no window after all.
    #[cfg(target_os = "linux")]
    if !arguments.hidden && !arguments.errands.want_a_running_one() {
        let _guard = runtime.enter();
        let token = window::Token::of_this_start();
        keeper.prepare();
        if let Some(token) = token {
            keeper.activate_with(token);
        }
    }
    let found = arguments.feed.resolve_all_or_last_good();
    // Nobody runs: what ends the start ends it here, before there is a toolkit to be taken down. Elsewhere only the
    // plug-in knows who runs, and whoever does is told whatever the configuration says.
    let found = if cfg!(target_os = "linux") {
        if arguments.errands.want_a_running_one() {
            return Err(Failure::NotRunning);
        }
        Ok(found?)
    } else {
        found
    };
    if let Err(no_display) = display::connect() {
        // What is wrong with the configuration can be mended from anywhere.
        return Err(found.err().map_or_else(|| no_display.into(), Failure::from));
    }
    tauri::async_runtime::set(runtime.handle().clone());
    let (starts, wished) = Starts::new();
    // From here on we are the only one: a second start ends within, and has told its wish even where the configuration
    // was broken meanwhile.
    let app = build(starts.clone())?;
    if arguments.errands.want_a_running_one() {
        return Err(Failure::NotRunning);
    }
    let found = found?;
    let logging = logging::start(&found.configured.places.log_dir);
    crash::report_panics(&found.configured.places.data_dir, logging.recent);
    app.manage(StartAgain::new(Arguments::again(&arguments.feed)));
    let composed = compose(&app, (&arguments.feed, found), keeper.clone(), requests, wished);
    runtime.block_on(composed)?;
    if let Some(wish) = arguments.wish() {
        starts.wish(wish);
    }
    #[cfg(not(target_os = "linux"))]
    let closed = keeper.clone();
    if arguments.hidden {
        runtime.spawn(show_without_tray(app.handle().clone(), keeper));
    } else {
        keeper.show();
    }
    #[cfg(feature = "updater")]
    runtime.spawn(crate::updates::look(app.handle().clone()));
    let handle = app.handle().clone();
    let code = app.run_return(move |_, event| match event {
        // The last window was closed: watching goes on. A code is there when we want to end ourselves.
        RunEvent::ExitRequested { api, code: None, .. } => api.prevent_exit(),
        #[cfg(not(target_os = "linux"))]
        RunEvent::WindowEvent { event, .. } => window::on_event(&closed, &event),
        // There a link is no argument, and a click on the dock no second start.
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => links(&starts, &urls),
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => starts.wish(TrayRequest::Open),
        _ => {}
    });
    window::write_memory(&handle);
    if let Some(run) = handle.try_state::<Run>() {
        run.end();
    }
    runtime.shutdown_timeout(FAREWELL);
    #[cfg(feature = "updater")]
    crate::updates::install(&handle);
    Ok(u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Follows what was clicked elsewhere.
#[cfg(target_os = "macos")]
fn links(starts: &Starts, urls: &[tauri::Url]) {
    for url in urls {
        let words = ["vaultwatch".to_owned(), url.to_string()];
        // Not the link itself: there may be anything in it.
        tracing::info!("a link was opened");
        if let Some(wish) = Arguments::wish_of(&words) {
            starts.wish(wish);
        }
    }
}

fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .thread_name("vaultwatch")
        .enable_all()
        .build()
}

fn build(starts: Starts) -> tauri::Result<App> {
    let second_start = move |_: &AppHandle, words: Vec<String>, _folder: String| {
        let wish = Arguments::wish_of(&words);
        // Not its words: there may be a token in an address, and anything in a link.
        tracing::info!(?wish, "started a second time");
        #[cfg(target_os = "linux")]
        if let (Some(TrayRequest::Open | TrayRequest::GoTo(_)), Some(token)) =
            (&wish, window::Token::of_words(&words))
        {
            starts.wish(TrayRequest::Activation(token));
        }
        if let Some(wish) = wish {
            starts.wish(wish);
        }
    };
    let builder = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(second_start))
        .plugin(tauri_plugin_notification::init())
        .invoke_handler(bridge::commands());
    #[cfg(feature = "updater")]
    let builder = crate::updates::plug_in(builder);
    builder.build(crate::context())
}

async fn compose(
    app: &App,
    (args, found): (&FeedArgs, FoundAll),
    keeper: WindowKeeper,
    requests: window::Requests,
    wished: Wished,
) -> Result<(), Failure> {
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "starting");
    let handle = app.handle();
    let data_dir = found.configured.places.data_dir.clone();
    let away = found.configured.away_after;
    let watched = watch::watched(&found.configured);
    window::remember(handle, &data_dir);
    let (quit, quit_asked) = oneshot::channel();
    let begun = Arc::new(Begun::default());
    let on_request = on_tray_request(keeper.clone(), Arc::clone(&begun), quit);
    let mode = match found.configured.is_demo() {
        true => Mode::Demo,
        false => Mode::Profile(watched.clone().unwrap_or_default()),
    };
    let tray = Tray::start(handle, &mode, Arc::clone(&on_request));
    let siren = Siren::default();
    let (mut watching, watches) =
        Keeper::new((handle.clone(), keeper.clone()), args, found, siren.clone());
    watches.show_in(tray.clone());
    let started = SystemClock.now();
    let last = crash::previous(&data_dir);
    let notices = crash::notice(&data_dir, last.as_ref(), started, away);
    watching.begin(notices.into_iter().collect()).await?;
    let run = Run::begin(&data_dir, watched, started);
    tokio::spawn(Run::go_on(run.path()));
    app.manage(run);
    for request in begun.begin(watches.clone()) {
        on_request(request);
    }
    tokio::spawn(starts::carry_out(wished, Arc::clone(&on_request)));
    tokio::spawn(machine::follow(watches.clone(), watching.veil().clone()));
    let sound = watching.sound().clone();
    let hearing = watches.clone();
    siren.start(sound.clone(), move |cause| hearing.unheard(cause));
    app.manage(sound);
    // Before the window, whose page asks for them.
    app.manage(watching.settings());
    app.manage(watching.channels().clone());
    app.manage(watches.clone());
    app.manage(tray.clone());
    tokio::spawn(watches.clone().tell_the_page());
    tokio::spawn(watching.run());
    tokio::spawn(window::keep(handle.clone(), (tray.clone(), on_request), (keeper, requests)));
    tokio::spawn(quit::on_request(handle.clone(), Running { watches, tray }, quit_asked));
    Ok(())
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
async fn show_without_tray(app: AppHandle, keeper: WindowKeeper) {
    let Some(tray) = app.try_state::<Tray>().map(|tray| tray.inner().clone()) else { return };
    let reachable = async {
        while !tray.is_reachable().await {
            tokio::time::sleep(TRAY_POLL).await;
        }
    };
    if tokio::time::timeout(TRAY_PATIENCE, reachable).await.is_err() {
        tracing::warn!("started hidden, but nothing shows tray items: showing the window");
        keeper.show();
    }
}
