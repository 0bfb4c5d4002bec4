//! `vaultwatchctl rules`: what the configuration's rules are, to whom they apply, and what they would have done.

mod dry_run;
mod explain;
mod past;
mod recording;

use std::io::Write;

use alerts::rule::{RuleBook, When};
use monitor::config::{ConfigError, FeedArgs, Resolved};
use serde_json::json;

use crate::End;

#[derive(clap::Args)]
pub(crate) struct RulesArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Say what is wrong with the rules of the configuration, with line, field and reason
    Check {
        #[command(flatten)]
        feed: FeedArgs,
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// List the rules, in the order of the file
    List {
        #[command(flatten)]
        feed: FeedArgs,
        /// One JSON object per rule
        #[arg(long)]
        json: bool,
    },
    /// Say which rules and which policy apply to a vault, and why
    Explain(explain::ExplainArgs),
    /// Play a rule over the past, and say when it would have fired
    DryRun(dry_run::DryRunArgs),
}

pub(crate) async fn run(args: RulesArgs) -> anyhow::Result<End> {
    match args.action {
        Action::Check { feed, json } => check(&feed, json),
        Action::List { feed, json } => list(&feed.resolve()?.rules, json),
        Action::Explain(args) => explain::run(args).await,
        Action::DryRun(args) => dry_run::run(args).await,
    }
}

fn check(feed: &FeedArgs, json: bool) -> anyhow::Result<End> {
    let faults = match feed.resolve() {
        Ok(Resolved { rules, config_path, .. }) => {
            let count = rules.rules().len();
            line(&if json {
                json!({"ok": true, "rules": count, "file": config_path}).to_string()
            } else {
                format!("ok    {count} {} in {}", plural(count, "rule"), config_path.display())
            })?;
            return Ok(End::AsAsked);
        }
        Err(ConfigError::Rules { faults, .. }) => faults,
        Err(error) => return Err(error.into()),
    };
    for fault in faults {
        line(&if json {
            json!({
                "ok": false,
                "line": fault.line,
                "rule": fault.error.name,
                "field": fault.error.field,
                "reason": fault.error.fault.to_string(),
            })
            .to_string()
        } else {
            format!("WRONG {fault}")
        })?;
    }
    Ok(End::Wrong)
}

fn list(book: &RuleBook, json: bool) -> anyhow::Result<End> {
    if book.is_empty() {
        crate::remark("No rules are configured.");
    }
    for rule in book.rules() {
        let levels = rule.ladder().steps().iter().map(|step| {
            let (level, enter, exit) = (step.level.word(), step.enter, step.exit);
            if json {
                String::new()
            } else {
                format!("{} {enter} (back at {exit})", level.to_lowercase())
            }
        });
        let when = match rule.ladder().when() {
            When::Above => "above",
            When::Below => "below",
        };
        line(&if json {
            let levels = rule.ladder().steps().iter().map(|step| {
                json!({
                    "severity": step.level,
                    "enter": step.enter.to_string(),
                    "exit": step.exit.to_string(),
                    "for": step.hold.map(|hold| hold.as_millis()),
                })
            });
            json!({
                "name": rule.name(),
                "metric": rule.metric().name(),
                "what": rule.quantity(),
                "when": when,
                "levels": levels.collect::<Vec<_>>(),
                "scope": rule.scope().words(),
                "enabled": rule.is_enabled(),
                "note": rule.note(),
            })
            .to_string()
        } else {
            let off = if rule.is_enabled() { "" } else { " [not enabled]" };
            let levels = levels.collect::<Vec<_>>().join(", ");
            format!(
                "{:<24} {} {when} {levels}; for {}{off}",
                rule.name(),
                rule.quantity(),
                rule.scope().words()
            )
        })?;
    }
    Ok(End::AsAsked)
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}

/// One line on standard output, which may be closed by whoever has seen enough.
fn line(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}") {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(e.into()),
        _ => Ok(()),
    }
}
