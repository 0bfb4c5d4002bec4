//! `vaultwatchctl config`: the settings, by the code that the app reads them with.

mod show;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use monitor::config::{FeedArgs, faults};
use serde_json::json;

use crate::End;

#[derive(clap::Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the settings in force and where each comes from; secrets are not shown
    Show {
        #[command(flatten)]
        feed: FeedArgs,
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Print which file counts, and why
    Path {
        #[command(flatten)]
        feed: FeedArgs,
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Say everything that is wrong with a file, with line, column and a hint; exit 0: nothing, 1: something
    Validate {
        /// Instead of the file that counts
        file: Option<PathBuf>,
        #[command(flatten)]
        feed: FeedArgs,
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn run(command: &ConfigCommand) -> anyhow::Result<End> {
    match command {
        ConfigCommand::Show { feed, json } => show::run(feed, *json),
        ConfigCommand::Path { feed, json } => path(feed, *json),
        ConfigCommand::Validate { file, feed, json } => validate(file.as_deref(), feed, *json),
    }
}

fn path(feed: &FeedArgs, json: bool) -> anyhow::Result<End> {
    let places = feed.places()?;
    let exists = places.config.is_file();
    if json {
        let because = places.origin.to_string();
        line(&json!({
            "path": places.config, "exists": exists, "because": because,
            "dataDir": places.data_dir, "logDir": places.log_dir,
        }))?;
        return Ok(End::AsAsked);
    }
    line(&places.config.display())?;
    let is_there = if exists { "" } else { "; it is not there, so the defaults count" };
    // On standard error: the path alone is what a script wants.
    crate::remark(&format!("Because of {}{is_there}.", places.origin));
    Ok(End::AsAsked)
}

fn validate(file: Option<&Path>, feed: &FeedArgs, json: bool) -> anyhow::Result<End> {
    let path =
        file.map_or_else(|| Ok(feed.places()?.config), |file| anyhow::Ok(file.to_owned()))?;
    let (text, is_there) = match std::fs::read(&path) {
        Ok(bytes) => (bytes, true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && file.is_none() => {
            (Vec::new(), false)
        }
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    };
    let found = match std::str::from_utf8(&text) {
        Ok(text) => faults(text, &path, feed),
        Err(error) => vec![not_text(&text, error.valid_up_to())],
    };
    let end = if found.is_empty() { End::AsAsked } else { End::Wrong };
    if json {
        let ok = found.is_empty();
        line(&json!({"ok": ok, "path": path, "exists": is_there, "faults": found}))?;
        return Ok(end);
    }
    for fault in &found {
        line(&format!("WRONG {fault}"))?;
    }
    if found.is_empty() {
        let remark = if is_there { "" } else { " is not there: the defaults count" };
        line(&format!("ok    {}{remark}", path.display()))?;
    }
    Ok(end)
}

fn not_text(bytes: &[u8], at: usize) -> monitor::config::ConfigFault {
    let before = String::from_utf8_lossy(&bytes[..at]);
    monitor::config::ConfigFault {
        line: Some(1 + before.matches('\n').count()),
        column: Some(1 + before.rsplit('\n').next().unwrap_or_default().chars().count()),
        key: None,
        reason: "this is no text in UTF-8".to_owned(),
        hint: Some("save the file as UTF-8".to_owned()),
    }
}

/// A reader that is gone ends the program as any other error of its output.
fn line(text: &impl std::fmt::Display) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}
