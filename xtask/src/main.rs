//! The developer commands of VaultWatch: `cargo xtask <command>`.
//!
//! Every command first makes sure of what it needs (see [`setup`]), says what it does, and does nothing twice.

mod bench;
mod build;
mod bundle;
mod clean_root;
mod command;
mod debian;
mod fuzz;
mod icon_containers;
mod icons;
mod launch;
mod lint;
mod nats;
mod setup;
mod step;
mod tests;
mod tools;
mod ui;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{build::Profile, bundle::Format, setup::Purpose};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "The developer commands of VaultWatch", version)]
struct Options {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Set up, build in release, and start the app; without a display, watch the demo feed in the terminal.
    Run {
        /// Arguments of the app, after `--`.
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Set up, then lint and run every test, the ones on the real binary included.
    Test,
    /// Run only the tests on the real binary.
    E2e {
        /// Arguments of nextest, after `--`: names of tests, for instance.
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Serve the window, playing its recording, to a browser; it is built anew with each change.
    Ui,
    /// Build the window and the three binaries.
    Build {
        /// Optimised, into `target/release`; fails when the app outgrows its limit.
        #[arg(long)]
        release: bool,
        /// The window alone, as it is packed into the app.
        #[arg(long, conflicts_with = "release")]
        only_window: bool,
    },
    /// Run the benchmarks, print each bar, and keep what was measured in `bench/results/`.
    Bench {
        /// Only these; then the results go to `target/tmp/results/`.
        names: Vec<String>,
    },
    /// Run the soak in full: random faults, a herd of clients, kills and power cuts, and the application through all that
    /// happens to it.
    Soak {
        /// For the application: an hour of this is more than a day of a desk.
        #[arg(long, default_value_t = 60)]
        minutes: u32,
        /// Leave out everything but the application.
        #[arg(long)]
        only_app: bool,
    },
    /// Feed random input to the parsers and look for a crash.
    Fuzz {
        /// For each target.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
        /// Only this one.
        target: Option<String>,
    },
    /// Render `icons/` from the drawings in `icons/src/`.
    Icons,
    /// Install what building and testing need, and nothing else.
    Setup,
    /// Check formatting, lints, licences and dependencies.
    Lint,
    /// Make packages: a .deb and an .rpm of app and gateway; installers on Windows and macOS.
    Bundle {
        /// Only these; Linux.
        formats: Vec<Format>,
    },
}

fn main() -> ExitCode {
    let outcome = match Options::parse().task {
        Task::Run { args } => launch::run(&args),
        Task::Test => tests::all(),
        Task::E2e { args } => tests::end_to_end(&args),
        Task::Ui => ui::serve(),
        Task::Build { only_window: true, .. } => build::window(),
        Task::Build { release, .. } => {
            build::build(if release { Profile::Release } else { Profile::Dev })
        }
        Task::Bench { names } => bench::bars(&names),
        Task::Soak { minutes, only_app } => bench::soak(minutes, only_app),
        Task::Fuzz { seconds, target } => fuzz::fuzz(seconds, target.as_deref()),
        Task::Icons => icons::render(),
        Task::Setup => setup::ensure(Purpose::Test),
        Task::Lint => lint::lint(),
        Task::Bundle { formats } => bundle::run(&formats),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
