//! What is stored, as files for other programs. Read from the profile's databases, also while VaultWatch runs.

mod alerts;
mod history;
mod moment;
mod output;
mod table;

use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::ValueEnum;
use domain::UnixMillis;
use monitor::config::FeedArgs;
use monitor::{Clock as _, SystemClock};

use crate::End;
use moment::Moment;
use output::Output;

#[derive(clap::Subcommand)]
pub(crate) enum ExportCommand {
    /// What became of every alert: raised, acknowledged, snoozed, delivered, resolved
    Alerts(alerts::AlertsArgs),
    /// Figures of vaults and prices over time: of each point the least, the most and the last
    History(history::HistoryArgs),
}

#[derive(clap::Args)]
struct ExportArgs {
    #[command(flatten)]
    feed: FeedArgs,
    /// Comma-separated values with a header, or a JSON array with one object per line
    #[arg(long, value_name = "FORMAT", default_value = "csv")]
    format: Format,
    /// From then on: 24h or 7d ago, a date (2026-11-25), or a time (2026-11-25T18:00:00Z)
    #[arg(long, value_name = "WHEN")]
    since: Option<Moment>,
    /// Before then; as for --since
    #[arg(long, value_name = "WHEN")]
    until: Option<Moment>,
    /// Into this file; without it to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the file if there is one
    #[arg(long, requires = "out")]
    force: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Json,
}

pub(crate) fn run(command: ExportCommand) -> anyhow::Result<End> {
    match command {
        ExportCommand::Alerts(args) => alerts::run(&args),
        ExportCommand::History(args) => history::run(&args),
    }
}

impl ExportArgs {
    /// The database of the profile.
    fn store_path(&self) -> anyhow::Result<PathBuf> {
        Ok(self.feed.resolve()?.store_path)
    }

    fn output(&self) -> anyhow::Result<Output> {
        Output::open(self.out.as_deref(), self.force)
    }

    /// Everything, where nothing is said.
    fn range(&self) -> anyhow::Result<Range<UnixMillis>> {
        let now = SystemClock.now();
        let at = |moment: &Option<Moment>, otherwise| {
            moment.as_ref().map_or(otherwise, |moment| moment.seen_from(now))
        };
        let (from, to) = (at(&self.since, UnixMillis(0)), at(&self.until, UnixMillis(i64::MAX)));
        if from >= to {
            bail!("--since is not before --until");
        }
        Ok(from..to)
    }
}

/// Told before anything is opened: what SQLite says of a file that is not there helps nobody.
fn must_exist(path: &Path) -> anyhow::Result<()> {
    if !path.exists() {
        bail!("nothing is stored for this profile yet ({})", path.display());
    }
    Ok(())
}

/// RFC 3339, in UTC; the plain number for a moment beyond the calendar.
fn rfc3339(at: UnixMillis) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map_or_else(|_| at.to_string(), |timestamp| timestamp.to_string())
}
