//! Where the window is in this process: Tauri's loop of events. Written against Tauri's documentation and compiled for
//! Windows by hand, for there was no machine to run it on.

use tauri::{App, AppHandle, Manager as _, RunEvent};
use tokio::runtime::Runtime;

use crate::arguments::Arguments;
use crate::bridge;
use crate::failure::Failure;
use crate::parts::Parts;
use crate::starts::Starts;
#[cfg(target_os = "macos")]
use crate::tray::TrayRequest;
use crate::window::{self, WindowKeeper};

/// The way to what the application runs in. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Host(AppHandle);

impl Host {
    pub(crate) fn app(&self) -> &AppHandle {
        &self.0
    }

    /// What the page's commands reach from now on.
    pub(crate) fn manage(&self, parts: Parts) {
        self.0.manage(parts);
    }

    /// Has the application end with that code.
    pub(crate) fn exit(&self, code: u8) {
        self.0.exit(code.into());
    }

    /// There the plug-in lets go of its name with the process.
    pub(crate) fn leave(&self) {}

    /// The system ends what runs in a session that is over.
    pub(crate) async fn session_over(&self) {
        std::future::pending().await
    }

    /// The last thing that is done.
    pub(crate) fn farewell(&self) {
        #[cfg(feature = "updater")]
        crate::updates::install(&self.0);
    }
}

/// The application, from when it is the only one until it ends.
pub(crate) struct Running {
    app: App,
    host: Host,
    window: WindowKeeper,
    #[cfg(target_os = "macos")]
    starts: Starts,
}

impl Running {
    /// From here on we are the only one: a second start ends within.
    ///
    /// # Errors
    /// The toolkit cannot be started.
    pub(crate) fn begin(
        runtime: &Runtime,
        starts: &Starts,
        window: &WindowKeeper,
    ) -> Result<Option<Self>, Failure> {
        tauri::async_runtime::set(runtime.handle().clone());
        let later = starts.clone();
        let second_start = move |_: &AppHandle, words: Vec<String>, _folder: String| {
            let wish = Arguments::wish_of(&words);
            // Not its words: there may be a token in an address, and anything in a link.
            tracing::info!(?wish, "started a second time");
            if let Some(wish) = wish {
                later.wish(wish);
            }
        };
        let builder = tauri::Builder::default()
            .plugin(tauri_plugin_single_instance::init(second_start))
            .plugin(tauri_plugin_notification::init())
            .invoke_handler(bridge::commands());
        #[cfg(feature = "updater")]
        let builder = crate::updates::plug_in(builder);
        let app = builder.build(crate::context())?;
        let host = Host(app.handle().clone());
        Ok(Some(Self {
            app,
            host,
            window: window.clone(),
            #[cfg(target_os = "macos")]
            starts: starts.clone(),
        }))
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    /// Turns the loop of events; returns by which code the application is to end.
    pub(crate) fn until_exit(self, _runtime: &Runtime) -> u8 {
        #[cfg(feature = "updater")]
        _runtime.spawn(crate::updates::look(self.host.app().clone()));
        let window = self.window;
        #[cfg(target_os = "macos")]
        let starts = self.starts;
        let code = self.app.run_return(move |_, event| match event {
            // The last window was closed: watching goes on. A code is there when we want to end ourselves.
            RunEvent::ExitRequested { api, code: None, .. } => api.prevent_exit(),
            RunEvent::WindowEvent { event, .. } => window::on_event(&window, &event),
            // There a link is no argument, and a click on the dock no second start.
            #[cfg(target_os = "macos")]
            RunEvent::Opened { urls } => links(&starts, &urls),
            #[cfg(target_os = "macos")]
            RunEvent::Reopen { .. } => starts.wish(TrayRequest::Open),
            _ => {}
        });
        u8::try_from(code).unwrap_or(1)
    }
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
