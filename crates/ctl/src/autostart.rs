//! `autostart`: whether the app is started with the session, and by what.

use std::io::{Write as _, stdout};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use autostart::{Autostart, How, Launch, Status, find_program};
use monitor::config::FeedArgs;

use crate::End;

#[derive(clap::Args)]
pub(crate) struct AutostartArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Start the app with the session, in the tray
    On(OnArgs),
    /// Start it no more; what runs now goes on
    Off,
    /// Tell what starts it, and what is wrong with that; exit code 1 if something is
    Status {
        /// The app, instead of the one that belongs to this program
        #[arg(long, value_name = "FILE")]
        program: Option<PathBuf>,
    },
}

#[derive(clap::Args)]
struct OnArgs {
    /// Linux: systemd (started again when it dies) or desktop-file [default: the kind that is there; else systemd where the
    /// desktop tells it of the session, desktop-file where not]
    #[arg(long)]
    how: Option<How>,
    /// The app, instead of the one that belongs to this program
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// The profile to watch [default: as without this command]
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// The folder for notifications and settings
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

pub(crate) fn run(args: AutostartArgs) -> anyhow::Result<End> {
    let autostart = Autostart::of_user()?;
    match args.command {
        Command::On(args) => {
            let program = program(args.program)?;
            let launch = launch(&program, args.profile, args.data_dir)?;
            autostart.on(args.how, &launch)?;
            tell(&autostart.status(Some(&program))?)
        }
        Command::Off => {
            autostart.off()?;
            tell(&autostart.status(None)?)
        }
        Command::Status { program: named } => {
            let here = named.map(full).transpose()?.or_else(find_program);
            tell(&autostart.status(here.as_deref())?)
        }
    }
}

fn program(named: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    match named {
        Some(path) => full(path),
        None => find_program().context(
            "there is no `vaultwatch` beside this program nor on the path; name it with --program",
        ),
    }
}

/// An entry is read from anywhere. A link stays one: it is how others change the version.
fn full(path: PathBuf) -> anyhow::Result<PathBuf> {
    let told = path.display().to_string();
    std::path::absolute(path).context(told)
}

/// What is to be watched is made sure of now, when somebody is there to be told.
fn launch(
    program: &Path,
    profile: Option<String>,
    data_dir: Option<PathBuf>,
) -> anyhow::Result<Launch> {
    let feed =
        FeedArgs { profile, data_dir: data_dir.map(full).transpose()?, ..FeedArgs::default() };
    feed.resolve().context("the app would not start")?;
    let mut args = Vec::new();
    if let Some(profile) = feed.profile {
        args.extend(["--profile".to_owned(), profile]);
    }
    if let Some(folder) = feed.data_dir {
        let folder = folder.into_os_string().into_string();
        let folder = folder.ok().context("the folder's name is no text")?;
        args.extend(["--data-dir".to_owned(), folder]);
    }
    Ok(Launch::new(program, &args)?)
}

/// What there is goes to standard output, what is wrong with it to standard error.
fn tell(status: &Status) -> anyhow::Result<End> {
    let mut out = stdout().lock();
    let mut line = |text: String| writeln!(out, "{text}").context("standard output");
    line(if status.is_on() { "on".to_owned() } else { "off".to_owned() })?;
    for entry in &status.entries {
        line(format!("by      {}: {}", entry.how, entry.place.display()))?;
        if let Some(launch) = &entry.launch {
            line(format!("starts  {launch}"))?;
        }
        if entry.how == How::Systemd {
            let runs = if entry.runs { "yes" } else { "no" };
            line(format!("runs    {runs} (systemctl --user status vaultwatch)"))?;
        }
    }
    for remark in &status.remarks {
        crate::remark(&format!("{remark}. {}", remark.remedy()));
    }
    Ok(if status.remarks.is_empty() { End::AsAsked } else { End::Wrong })
}
