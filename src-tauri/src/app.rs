//! Puts everything together, in this order: configuration, display, single instance, feed, store, monitor, tray,
//! window.

use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use domain::view::Mode;
use jiff::Zoned;
use monitor::config::{Follow, Resolved};
use monitor::rules::{RuleDesk, RulesPlace};
use monitor::{Clock as _, MonitorHandle, SystemClock};
use store::History;
use tauri::{App, AppHandle, Manager as _, RunEvent};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::alarm::{Siren, Sound};
use crate::arguments::Arguments;
use crate::bridge::{self, Bridge, StartAgain};
use crate::call_out::{CallOuts, Channels};
use crate::crash::{self, Run};
use crate::failure::Failure;
use crate::feed::Feed;
use crate::notify::{self, Veil, Wishes};
use crate::obstacles::{Obstacles, Sense};
use crate::quit::{self, Running};
use crate::starts::{self, Starts, Wished};
use crate::tray::{OnRequest, Tray, TrayRequest};
use crate::window::{self, WindowKeeper};
use crate::{display, logging, machine, outbox, running, storage};

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
    let found = arguments.feed.resolve_or_last_good();
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
    let (keeper, requests) = WindowKeeper::new();
    let (starts, wished) = Starts::new();
    // From here on we are the only one: a second start ends within, and has told its wish even where the configuration
    // was broken meanwhile.
    let app = build(starts.clone())?;
    if arguments.errands.want_a_running_one() {
        return Err(Failure::NotRunning);
    }
    let found = found?;
    let logging = logging::start(&found.resolved.log_dir);
    crash::report_panics(&found.resolved.data_dir, logging.recent);
    let follow = Follow::new(&arguments.feed, &found)?.keeping_last_good();
    let composed = compose(&app, (found.resolved, follow), keeper.clone(), requests, wished);
    runtime.block_on(composed)?;
    app.manage(StartAgain(arguments.again()));
    if let Some(wish) = arguments.wish() {
        starts.wish(wish);
    }
    if arguments.hidden {
        runtime.spawn(show_without_tray(app.handle().clone(), keeper.clone()));
    } else {
        keeper.show();
    }
    let handle = app.handle().clone();
    let code = app.run_return(move |app, event| match event {
        // The last window was closed: watching goes on. A code is there when we want to end ourselves.
        RunEvent::ExitRequested { api, code: None, .. } => api.prevent_exit(),
        RunEvent::WindowEvent { event, .. } => window::on_event(app, &keeper, &event),
        _ => {}
    });
    if let Some(run) = handle.try_state::<Run>() {
        run.end();
    }
    runtime.shutdown_timeout(FAREWELL);
    Ok(u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from))
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
        if let Some(wish) = wish {
            starts.wish(wish);
        }
    };
    tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(second_start))
        .plugin(tauri_plugin_notification::init())
        .invoke_handler(bridge::commands())
        .build(tauri::generate_context!())
}

async fn compose(
    app: &App,
    (resolved, follow): (Resolved, Follow),
    keeper: WindowKeeper,
    requests: window::Requests,
    wished: Wished,
) -> Result<(), Failure> {
    let feed = Feed::open(resolved.feed).await?;
    let (store, store_notice) = storage::open(&resolved.store_path)?;
    let store = store.keeping(resolved.retention);
    tracing::info!(mode = ?feed.mode, version = env!("CARGO_PKG_VERSION"), "starting");
    let title = window::title(&feed.mode);
    let handle = app.handle();
    let (quit, quit_asked) = oneshot::channel();
    let watch = Arc::new(OnceLock::new());
    let on_request = on_tray_request(keeper.clone(), Arc::clone(&watch), quit);
    let tray = Tray::start(handle, &feed.mode, Arc::clone(&on_request));
    let (wishes, siren) = (Wishes::default(), Siren::default());
    let veil = Veil::new(resolved.hide_amounts);
    let (call_outs, orders) = CallOuts::new();
    let shell = Bridge {
        app: handle.clone(),
        window: keeper.clone(),
        tray: tray.clone(),
        wishes: wishes.clone(),
        siren: siren.clone(),
        call_outs: call_outs.clone(),
    };
    let mut options = monitor::Options::new(feed.mode, feed.connection);
    options.stages = feed.stages;
    options.keys = feed.keys;
    options.plugin_dir = Some(resolved.plugin_dir);
    // Watching goes on without; what becomes of opening it, the monitor tells.
    options.history = History::beside(&resolved.store_path, resolved.history)
        .inspect_err(|error| tracing::error!(%error, "there is no history"))
        .ok();
    options.rules = resolved.rules;
    options.policy = resolved.policy;
    options.notices.extend(store_notice);
    let started = SystemClock.now();
    let last = crash::previous(&resolved.data_dir);
    let away = options.policy.away_after;
    options.notices.extend(crash::notice(&resolved.data_dir, last.as_ref(), started, away));
    if let Mode::Profile(_) = options.mode {
        let (outbox, notice) = outbox::open(&resolved.store_path);
        options.persistence = outbox;
        options.notices.extend(notice);
    }
    let watched = match &options.mode {
        Mode::Demo => None,
        Mode::Profile(name) => Some(name.clone()),
    };
    let profile = match &options.mode {
        Mode::Demo => "demo".to_owned(),
        Mode::Profile(name) => name.clone(),
    };
    let rules = RulesPlace {
        config: resolved.config_path,
        profile: profile.clone(),
        history: History::path_beside(&resolved.store_path),
    };
    let sound = Sound::new(resolved.channels.sound.clone(), &resolved.data_dir);
    let channels = Channels::new(resolved.channels, profile, &resolved.store_path);
    let monitor = monitor::start(options, store, Arc::new(shell)).await?;
    let run = Run::begin(&resolved.data_dir, watched, started);
    tokio::spawn(Run::go_on(run.path()));
    app.manage(run);
    // Empty until now.
    let _ = watch.set(monitor.clone());
    tokio::spawn(starts::carry_out(wished, on_request));
    let obstacles = Obstacles::new(monitor.clone());
    let folder = resolved.store_path.parent().map(Path::to_owned).unwrap_or_default();
    let eyes = notify::Eyes { obstacles: obstacles.clone(), siren: siren.clone() };
    notify::start(handle, folder, (wishes, veil.clone()), monitor.clone(), eyes);
    tokio::spawn(machine::follow(monitor.clone(), veil.clone()));
    siren.start(sound.clone(), move |cause| obstacles.set(Sense::Hearing, cause));
    channels.start(orders, monitor.clone());
    let changed = {
        let (sound, channels) = (sound.clone(), channels.clone());
        move |resolved: Resolved| {
            veil.wish(resolved.hide_amounts);
            sound.change(resolved.channels.sound.clone());
            channels.change(resolved.channels);
        }
    };
    tokio::spawn(follow.run(monitor.clone(), changed, |_| {}));
    app.manage(sound);
    app.manage(channels);
    // Before the window, whose page asks for both.
    app.manage(monitor.clone());
    app.manage(RuleDesk::new(monitor.clone(), rules));
    app.manage(tray.clone());
    tokio::spawn(window::keep(handle.clone(), title, tray.clone(), requests));
    let running = Running { monitor, call_outs, tray, demo: feed.demo };
    tokio::spawn(quit::on_request(handle.clone(), running, quit_asked));
    Ok(())
}

fn on_tray_request(
    keeper: WindowKeeper,
    watch: Arc<OnceLock<MonitorHandle>>,
    quit: oneshot::Sender<()>,
) -> OnRequest {
    let quit = Mutex::new(Some(quit));
    let ask = move |what: &dyn Fn(&MonitorHandle)| match watch.get() {
        Some(watch) => what(watch),
        None => tracing::warn!("the watch has not begun yet"),
    };
    Arc::new(move |request| match request {
        TrayRequest::Open => keeper.show(),
        TrayRequest::GoTo(target) => ask(&|watch| watch.open(target.clone())),
        TrayRequest::SnoozeAll(snooze) => {
            let until = SystemClock.now().plus(snooze.from(&Zoned::now()));
            ask(&|watch| watch.snooze_all(until));
        }
        TrayRequest::TestCritical => ask(&MonitorHandle::test_critical),
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
