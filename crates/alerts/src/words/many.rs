//! Of many alerts in one: an incident, a summary, the daily list.

use std::fmt::Write;
use std::time::Duration;

use domain::text;
use domain::{Level, Percent, Usd};

use super::{count, shortened, span};
use crate::Cause;
use crate::prices::Fall;

/// What an incident adds up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sum {
    pub(crate) count: usize,
    pub(crate) level: Level,
    pub(crate) liquidated: usize,
    pub(crate) debt: Option<Usd>,
    pub(crate) cure: Option<Usd>,
    /// The name of the worst vault, and its room.
    pub(crate) worst: Option<(String, Option<Percent>)>,
}

/// `40 vaults critical, $18.2M debt` / `WETH −12.4 % in 8 min. Worst: ETH-017, 0.8 %. $1.3M restores 15 %. Open triage.`
pub(crate) fn incident(sum: &Sum, cause: &Cause, fall: Option<&Fall>) -> (String, String) {
    let level = sum.level.word().to_lowercase();
    let mut title = format!("{} {level}", count(sum.count, "vault"));
    if let Some(debt) = sum.debt {
        let _ = write!(title, ", {} debt", text::usd_compact(debt));
    }
    let mut body = match (fall, cause) {
        (Some(fall), _) => {
            format!("{} −{} % in {}. ", fall.token, text::percent(fall.by), span(fall.within))
        }
        (None, Cause::Token(token)) => format!("All hold {}. ", shortened(token, 20)),
        (None, Cause::Chain(chain)) => format!("All on {}. ", chain.name()),
    };
    if sum.liquidated > 0 {
        let _ = write!(body, "{} liquidated. ", sum.liquidated);
    }
    if let Some((name, room)) = &sum.worst {
        let _ = write!(body, "Worst: {}", shortened(name, 40));
        if let Some(room) = room {
            let _ = write!(body, ", {} %", text::room(*room));
        }
        body.push_str(". ");
    }
    if let Some(cure) = sum.cure.filter(|cure| !cure.0.is_zero()) {
        let _ = write!(body, "{} restores 15 %. ", text::usd_compact(cure));
    }
    body.push_str("Open triage.");
    (title, body)
}

/// `40 vaults recovered` / `WETH: critical for 14 min. Nothing to do.`
pub(crate) fn incident_over(
    total: usize,
    level: Level,
    cause: &Cause,
    lasted: Duration,
) -> (String, String) {
    let cause = match cause {
        Cause::Token(token) => shortened(token, 20),
        Cause::Chain(chain) => chain.name().into_owned(),
    };
    let title = format!("{} recovered", count(total, "vault"));
    (
        title,
        format!("{cause}: {} for {}. Nothing to do.", level.word().to_lowercase(), span(lasted)),
    )
}

/// `12 alerts, 9 critical` / `Worst: ETH-017: 0.8 % to liquidation. Open triage.`
pub(crate) fn summary(total: usize, critical: usize, worst: &str) -> (String, String) {
    let critical = if critical > 0 { format!(", {critical} critical") } else { String::new() };
    let title = format!("{}{critical}", count(total, "alert"));
    (title, format!("Worst: {}. Open triage.", shortened(worst, 80)))
}

/// `3 vaults to keep an eye on` / `A: 17.2 % to liquidation. B: …`
pub(crate) fn digest(titles: &[String]) -> (String, String) {
    const LISTED: usize = 5;
    let title = format!("{} to keep an eye on", count(titles.len(), "vault"));
    let mut body: Vec<_> = titles.iter().take(LISTED).map(|title| shortened(title, 60)).collect();
    if titles.len() > LISTED {
        body.push(format!("{} more", titles.len() - LISTED));
    }
    (title, format!("{}.", body.join(". ")))
}
