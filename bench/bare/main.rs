//! The least that a Tauri application can be, for the desktop's benchmarks to compare with: the toolkit and nothing else,
//! without a window, or with one that is painted in one colour.
//!
//! `bare-tauri` or `bare-tauri window`; it prints `ready` when its loop of events turns, and runs until it is killed.

#![expect(clippy::print_stdout, reason = "it tells who measures it")]

use tauri::{RunEvent, WebviewUrl, WebviewWindowBuilder};

fn main() -> tauri::Result<()> {
    let app = tauri::Builder::default().build(tauri::generate_context!("bare/tauri.conf.json"))?;
    if std::env::args().nth(1).as_deref() == Some("window") {
        WebviewWindowBuilder::new(&app, "main", WebviewUrl::App("index.html".into()))
            .title("Bare")
            .inner_size(1_280.0, 800.0)
            .build()?;
    }
    app.run_return(|_, event| match event {
        RunEvent::Ready => println!("ready"),
        RunEvent::ExitRequested { api, code: None, .. } => api.prevent_exit(),
        _ => {}
    });
    Ok(())
}
