use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use ::plugins::{
    Change, Limits, Outcome, Output, Plugin, PluginOptions, Plugins, Report, VaultProtection,
};
use anyhow::{Context, bail};
use directories::ProjectDirs;
use realtime::wire::{Frame, Message, UnixMillis};
use serde_json::json;

use crate::End;

/// The examples as they are in the repository.
const EXAMPLES: [(&str, &str); 2] = [
    ("depeg-watch.rhai", include_str!("../../../plugins/depeg-watch.rhai")),
    ("alert-router.rhai", include_str!("../../../plugins/alert-router.rhai")),
];
/// Longest line of a recording, in bytes: the largest message a client takes.
const LINE_LIMIT: u64 = 16 * 1024 * 1024;

#[derive(clap::Args)]
pub(crate) struct PluginsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Load the plugins of the folder and say what they are
    List {
        #[command(flatten)]
        folder: FolderArgs,
        /// One JSON object per plugin
        #[arg(long)]
        json: bool,
    },
    /// Compile a plugin, and show what it would do to recorded messages
    Check {
        /// The plugin, NAME.rhai
        file: PathBuf,
        /// Messages to show it, one envelope per line; `-` is standard input
        #[arg(long, value_name = "FILE")]
        replay: Option<PathBuf>,
        /// One JSON object per message that it did something about
        #[arg(long)]
        json: bool,
    },
    /// Write the example plugins into the folder; files that are there already stay
    InstallExamples {
        #[command(flatten)]
        folder: FolderArgs,
    },
}

#[derive(clap::Args)]
struct FolderArgs {
    /// The folder of the plugins, instead of `plugins` beside config.toml
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Folder of data and configuration, as for `vaultwatch`
    #[arg(long, env = "VAULTWATCH_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl FolderArgs {
    /// Where the app looks, too.
    fn resolve(&self) -> anyhow::Result<PathBuf> {
        if let Some(folder) = &self.folder {
            return Ok(folder.clone());
        }
        if let Some(data_dir) = &self.data_dir {
            return Ok(data_dir.join("plugins"));
        }
        let dirs = ProjectDirs::from("app", "vaultwatch", "vaultwatch");
        let dirs = dirs.context("no home folder is known; name one with --folder")?;
        Ok(dirs.config_dir().join("plugins"))
    }
}

pub(crate) fn run(args: &PluginsArgs) -> anyhow::Result<End> {
    match &args.action {
        Action::List { folder, json } => list(&folder.resolve()?, *json),
        Action::Check { file, replay, json } => check(file, replay.as_deref(), *json),
        Action::InstallExamples { folder } => install(&folder.resolve()?),
    }
}

fn list(folder: &Path, json: bool) -> anyhow::Result<End> {
    let options = PluginOptions::new(folder.to_owned(), std::sync::Arc::new(|| UnixMillis(0)));
    let (plugins, mut outputs) = Plugins::open(options);
    let mut end = End::AsAsked;
    while let Some(output) = outputs.try_recv() {
        match output {
            Output::Change(Change::Unreadable { reason }) => bail!(reason),
            Output::Change(Change::TooMany { files, limit }) => {
                end = End::Wrong;
                crate::remark(&format!("{files} files, of which the first {limit} are read."));
            }
            _ => {}
        }
    }
    let all = plugins.status();
    if all.is_empty() {
        crate::remark(&format!("No plugins in {}.", folder.display()));
    }
    for status in all {
        if json {
            line(&serde_json::to_string(&status)?)?;
        } else if let Some(error) = &status.broken {
            line(&format!("WRONG {:<24} {error}", status.name))?;
        } else {
            let hooks: Vec<_> = status.hooks.iter().map(|hook| hook.name()).collect();
            line(&format!("ok    {:<24} {}", status.name, hooks.join(", ")))?;
        }
        if status.broken.is_some() {
            end = End::Wrong;
        }
    }
    Ok(end)
}

fn check(file: &Path, replay: Option<&Path>, json: bool) -> anyhow::Result<End> {
    let name = file.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
    let mut source = String::new();
    let read = File::open(file)
        .and_then(|f| f.take(::plugins::SIZE_LIMIT + 1).read_to_string(&mut source));
    read.with_context(|| file.display().to_string())?;
    if source.len() as u64 > ::plugins::SIZE_LIMIT {
        bail!("{} is larger than {} KiB", file.display(), ::plugins::SIZE_LIMIT / 1024);
    }
    let mut plugin = match Plugin::load(&name, &source, Limits::default()) {
        Ok(plugin) => plugin,
        Err(error) => {
            line(&if json {
                json!({"plugin": name, "ok": false, "error": error}).to_string()
            } else {
                format!("WRONG {name}: {error}")
            })?;
            return Ok(End::Wrong);
        }
    };
    let hooks: Vec<_> = plugin.hooks().iter().map(|hook| hook.name()).collect();
    line(&if json {
        json!({"plugin": name, "ok": true, "hooks": hooks}).to_string()
    } else {
        format!("ok    {name} has {}", hooks.join(", "))
    })?;
    match replay {
        None => Ok(End::AsAsked),
        Some(path) if path == Path::new("-") => play(&mut plugin, std::io::stdin().lock(), json),
        Some(path) => {
            let file = File::open(path).with_context(|| path.display().to_string())?;
            play(&mut plugin, BufReader::new(file), json)
        }
    }
}

/// What a recording came to.
#[derive(Default)]
struct Tally {
    messages: u64,
    shown: u64,
    changed: u64,
    dropped: u64,
    emitted: u64,
    notified: u64,
    refused: u64,
    errors: u64,
    invalid: u64,
}

/// The time is that of the messages, so a recording always gives the same.
fn play(plugin: &mut Plugin, mut lines: impl BufRead, json: bool) -> anyhow::Result<End> {
    let mut tally = Tally::default();
    let mut number = 0_u64;
    loop {
        let mut text = Vec::new();
        if lines.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut text)? == 0 {
            break;
        }
        number += 1;
        if text.trim_ascii().is_empty() {
            continue;
        }
        let messages = match Frame::parse(text.into()) {
            Ok(Frame::Single(message)) => vec![Ok(message)],
            Ok(Frame::Batch(messages)) => messages,
            Err(invalid) => vec![Err(invalid)],
        };
        for message in messages {
            match message {
                Ok(message) => show(plugin, &message, number, json, &mut tally)?,
                Err(invalid) => {
                    tally.invalid += 1;
                    crate::remark(&format!("line {number} is no message: {invalid}"));
                }
            }
        }
    }
    line(&if json {
        json!({
            "summary": true, "messages": tally.messages, "shown": tally.shown, "changed": tally.changed,
            "dropped": tally.dropped, "emitted": tally.emitted, "notified": tally.notified,
            "refused": tally.refused, "errors": tally.errors, "invalid": tally.invalid,
        })
        .to_string()
    } else {
        format!(
            "{} messages, {} shown to it: {} changed, {} dropped, {} emitted, {} notifications, {} refused, {} errors, {} invalid lines",
            tally.messages,
            tally.shown,
            tally.changed,
            tally.dropped,
            tally.emitted,
            tally.notified,
            tally.refused,
            tally.errors,
            tally.invalid
        )
    })?;
    Ok(if tally.errors > 0 { End::Wrong } else { End::AsAsked })
}

fn show(
    plugin: &mut Plugin,
    message: &Message,
    number: u64,
    json: bool,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    tally.messages += 1;
    let Some(report) = plugin.on_message(message, &VaultProtection, message.timestamp) else {
        return Ok(());
    };
    tally.shown += 1;
    tally.changed += u64::from(matches!(report.outcome, Outcome::Changed(_)));
    tally.dropped += u64::from(report.outcome == Outcome::Dropped);
    tally.emitted += report.emitted.len() as u64;
    tally.notified += report.notifications.len() as u64;
    tally.refused += report.refused.len() as u64;
    tally.errors += u64::from(report.error.is_some());
    let deeds = deeds(&report);
    if deeds.is_empty() {
        return Ok(());
    }
    if json {
        return line(&json!({"line": number, "type": message.ty(), "did": deeds}).to_string());
    }
    deeds.iter().try_for_each(|deed| line(&format!("line {number} {}: {deed}", message.ty())))
}

/// What it did about one message, in words.
fn deeds(report: &Report) -> Vec<String> {
    let mut deeds: Vec<String> =
        report.printed.iter().map(|text| format!("prints {text}")).collect();
    match &report.outcome {
        Outcome::Unchanged => {}
        Outcome::Changed(message) => deeds.push(format!("changes it to {}", message.to_json())),
        Outcome::Dropped => deeds.push("drops it".to_owned()),
    }
    deeds.extend(report.emitted.iter().map(|message| format!("emits {}", message.to_json())));
    deeds.extend(
        report
            .notifications
            .iter()
            .map(|n| format!("notifies {}: {} / {}", n.severity, n.title, n.message)),
    );
    deeds.extend(report.refused.iter().map(|refusal| format!("is refused to {refusal}")));
    deeds.extend(report.error.iter().map(|error| format!("FAILS: {error}")));
    deeds
}

fn install(folder: &Path) -> anyhow::Result<End> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    for (name, source) in EXAMPLES {
        let path = folder.join(name);
        let told = match File::create_new(&path) {
            Ok(mut file) => {
                file.write_all(source.as_bytes()).with_context(|| path.display().to_string())?;
                "written"
            }
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
                "is there already, left as it is"
            }
            Err(e) => return Err(e).with_context(|| path.display().to_string()),
        };
        line(&format!("{}: {told}", path.display()))?;
    }
    Ok(End::AsAsked)
}

/// One line on standard output, which may be closed by whoever has seen enough.
fn line(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}") {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(e.into()),
        _ => Ok(()),
    }
}
