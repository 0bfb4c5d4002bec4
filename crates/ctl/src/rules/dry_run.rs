use std::path::{Path, PathBuf};

use alerts::Condition;
use alerts::rule::{DryRun, Moment, Report, RuleBook};
use anyhow::bail;
use domain::{Level, UnixMillis};
use monitor::config::FeedArgs;
use serde_json::json;

use super::{line, past, plural, recording};
use crate::End;

#[derive(clap::Args)]
pub(super) struct DryRunArgs {
    /// The rule's name; all rules when it is left out
    rule: Option<String>,
    #[command(flatten)]
    feed: FeedArgs,
    /// A recording of `vaultwatchctl record` instead of the stored history
    #[arg(long, value_name = "FILE", conflicts_with_all = ["vaults"])]
    recording: Option<PathBuf>,
    #[command(flatten)]
    past: past::PastArgs,
    /// One JSON object per line
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: DryRunArgs) -> anyhow::Result<End> {
    let resolved = args.feed.resolve()?;
    let book = chosen(&resolved.rules, args.rule.as_deref())?;
    let mut run = DryRun::new(book);
    let end = match &args.recording {
        Some(path) => of_recording(path, &mut run)?,
        None => past::play(&args.past, &args.feed, &resolved.store_path, &mut run).await?,
    };
    report(&run.finish(end), args.json)?;
    Ok(End::AsAsked)
}

fn chosen(book: &RuleBook, rule: Option<&str>) -> anyhow::Result<RuleBook> {
    if book.is_empty() {
        bail!("no rules are configured; see docs/rules.md");
    }
    let Some(name) = rule else { return Ok(book.clone()) };
    let chosen = book.only(name);
    if chosen.is_empty() {
        let mut known: Vec<_> = book.rules().iter().map(|rule| rule.name()).collect();
        known.dedup();
        bail!("there is no rule `{name}`; there are {}", known.join(", "));
    }
    Ok(chosen)
}

fn of_recording(path: &Path, run: &mut DryRun) -> anyhow::Result<UnixMillis> {
    let (end, left) = recording::play(path, run)?;
    if left.encrypted > 0 {
        crate::remark(&format!("{} messages are encrypted and were left out.", left.encrypted));
    }
    if left.invalid > 0 {
        crate::remark(&format!(
            "{} messages could not be understood and were left out.",
            left.invalid
        ));
    }
    Ok(end)
}

fn report(report: &Report, json: bool) -> anyhow::Result<()> {
    for moment in &report.timeline {
        line(&if json { as_json(moment) } else { as_text(moment) })?;
    }
    let hidden = report.raised + report.worse > Report::LIMIT as u64;
    if hidden {
        crate::remark(&format!("Only the first {} entries are shown.", Report::LIMIT));
    }
    let (Some(from), Some(to)) = (report.from, report.to) else {
        return line(&if json {
            json!({"summary": true, "values": 0}).to_string()
        } else {
            "There is no history to play over.".to_owned()
        });
    };
    if json {
        return line(
            &json!({
                "summary": true, "from": from, "to": to, "values": report.values,
                "raised": report.raised, "worse": report.worse, "open": report.open,
            })
            .to_string(),
        );
    }
    let times = usize::try_from(report.raised).unwrap_or(usize::MAX);
    let values = usize::try_from(report.values).unwrap_or(usize::MAX);
    line(&format!(
        "It would have fired {} {} in {} ({} to {}; {} {}), and got worse {} {}. {} open at the end.",
        report.raised,
        plural(times, "time"),
        span(to.since(from)),
        time(from),
        time(to),
        report.values,
        plural(values, "value"),
        report.worse,
        plural(usize::try_from(report.worse).unwrap_or(usize::MAX), "time"),
        report.open,
    ))
}

fn as_text(moment: &Moment) -> String {
    match moment {
        Moment::Raised { at, level, title, .. } => {
            format!("{}  raised {:<8}  {title}", time(*at), word(*level))
        }
        Moment::Worse { at, level, title, .. } => {
            format!("{}  worse  {:<8}  {title}", time(*at), word(*level))
        }
        Moment::Over { at, raised, title, level, .. } => {
            let after = span(at.since(*raised));
            format!("{}  over   {:<8}  {title}, after {after}", time(*at), word(*level))
        }
    }
}

fn as_json(moment: &Moment) -> String {
    let (at, change, condition, level, title): (_, _, &Condition, _, _) = match moment {
        Moment::Raised { at, condition, level, title, .. } => {
            (at, "raised", condition, level, title)
        }
        Moment::Worse { at, condition, level, title } => (at, "worse", condition, level, title),
        Moment::Over { at, condition, level, title, .. } => (at, "over", condition, level, title),
    };
    json!({
        "at": at, "change": change, "condition": condition.to_string(), "vault": condition.vault,
        "severity": level, "title": title,
    })
    .to_string()
}

fn word(level: Level) -> String {
    level.word().to_lowercase()
}

/// In UTC: what is compared with a log is.
fn time(at: UnixMillis) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map_or_else(|_| at.to_string(), |time| time.strftime("%Y-%m-%d %H:%M:%SZ").to_string())
}

/// `14 s`, `14 min`, `3 h`, `7 days`.
fn span(time: std::time::Duration) -> String {
    match time.as_secs() {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7_199 => format!("{} min", seconds / 60),
        seconds @ 7_200..=172_799 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}
